//! Results without notifications: by the driver, the job and the comparison.
use futures_util::future::join_all;
use serde_json::json;
use tests::{
    World,
    money::{CARD, DAY_S, POOR_CARD},
};

use super::{COMPARISON, JOB, standing, webhook::made_in_our_shop};

#[tokio::test]
async fn without_any_notification_the_driver_the_job_and_the_comparison_find_out() {
    let world = World::roomy().await;
    world.hold_notifications(true).await;
    for found_by in ["get", "job", "comparison"] {
        for (card, status) in [(CARD, "succeeded"), (POOR_CARD, "canceled")] {
            let driver = world.driver().await;
            let order = world.order(&driver, "1m").await;
            world.pay(&order.yookassa_id, card).await;
            assert_eq!(world.payments(&driver).await[0]["status"], "pending", "nobody has told us");
            match found_by {
                "get" => assert_eq!(world.payment(&driver, &order.id).await["status"], status),
                "job" => {
                    world.pass(45);
                    world.job(JOB).await;
                }
                _ => world.job(COMPARISON).await,
            }
            assert_eq!(world.payments(&driver).await[0]["status"], status, "{found_by}");
            let granted = if status == "succeeded" { vec![3 * DAY_S, 30 * DAY_S] } else { vec![3 * DAY_S] };
            assert_eq!(standing(&world, &driver).await.1, granted, "{found_by}");
        }
    }
    // And what comes late changes nothing.
    world.hold_notifications(false).await;
    world.money_rests().await;
    let ledgers = world.rows("DRIVER#").await;
    let entries =
        ledgers.iter().filter(|row| row["sk"]["S"].as_str().is_some_and(|sk| sk.starts_with("LEDGER#payment")));
    assert_eq!(entries.count(), 3);
}

#[tokio::test]
async fn a_driver_who_waits_makes_us_ask_every_three_seconds_at_most() {
    let world = World::roomy().await;
    let driver = world.driver().await;
    let order = world.order(&driver, "1m").await;
    world.hold_notifications(true).await;
    let path = format!("/api/payments/{}", order.id);
    let asked = async || world.yookassa_calls("get_payment").await;
    join_all((0..20).map(|_| world.get(&driver, &path))).await;
    let first = asked().await;
    assert!((1..=2).contains(&first), "{first}");
    for round in 1..=4 {
        world.pass(3);
        for _ in 0..3 {
            world.payment(&driver, &order.id).await;
        }
        assert!((first + round..=first + round + 1).contains(&asked().await), "{round}");
    }
    world.pay(&order.yookassa_id, CARD).await;
    world.pass(3);
    assert_eq!(world.payment(&driver, &order.id).await["status"], "succeeded");
    let last = asked().await;
    world.pass(60);
    assert_eq!(world.payment(&driver, &order.id).await["status"], "succeeded");
    assert_eq!(asked().await, last, "what is over is not asked for");

    // When YooKassa does not answer, what we know is shown.
    let other = world.order(&driver, "3m").await;
    world.yookassa_faults(json!({ "fail": {} })).await;
    assert_eq!(world.payment(&driver, &other.id).await["status"], "pending");
}

#[tokio::test]
async fn the_comparison_reads_every_page() {
    let world = World::roomy().await;
    world.hold_notifications(true).await;
    let driver = world.driver().await;
    let order = world.order(&driver, "1m").await;
    world.pay(&order.yookassa_id, CARD).await;
    let refund = world.refund(&order.yookassa_id, Some("100.00")).await;
    assert!(!refund.is_empty());
    // Newer ones come first.
    for number in 0..105 {
        made_in_our_shop(&world, "2.00", json!({ "payment_id": format!("other-{number}") })).await;
    }
    world.job(COMPARISON).await;
    assert_eq!(world.yookassa_calls("list_payments").await, 2);
    let taken = 30 * DAY_S * 10_000 / 49_900;
    assert_eq!(standing(&world, &driver).await.1, [3 * DAY_S, 30 * DAY_S, -taken]);
}
