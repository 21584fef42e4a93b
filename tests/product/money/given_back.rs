//! Refunds from YooKassa's cabinet.
use serde_json::json;
use tests::{
    World,
    money::{CARD, DAY_S},
    text,
};

use super::{last_end, orders::order_of_unknown_fate, standing};

#[tokio::test]
async fn refunds_from_the_cabinet_take_days_back_in_proportion() {
    let world = World::roomy().await;
    let month = 30 * DAY_S;
    for (parts, expected) in [
        (vec![None], vec![-month]),
        (vec![Some("100.00")], vec![-(month * 10_000 / 49_900)]),
        // However it is divided, all of it takes back all.
        (
            vec![Some("0.01"), Some("166.33"), Some("166.33"), None],
            vec![
                -51,
                -(month * 16_634 / 49_900 - 51),
                -(month * 33_267 / 49_900 - month * 16_634 / 49_900),
                -(month - month * 33_267 / 49_900),
            ],
        ),
    ] {
        let driver = world.driver().await;
        let order = world.order(&driver, "1m").await;
        world.pay(&order.yookassa_id, CARD).await;
        world.until_paid(&driver, &order.id, "succeeded").await;
        for part in &parts {
            world.refund(&order.yookassa_id, *part).await;
            world.money_rests().await;
        }
        let (expires_at, seconds) = standing(&world, &driver).await;
        assert_eq!(seconds[..2], [3 * DAY_S, month]);
        assert_eq!(seconds[2..], expected[..], "{parts:?}");
        assert_eq!(expires_at, last_end(&world, &driver).await, "{parts:?}");
        let payment = world.payment(&driver, &order.id).await;
        assert_eq!(payment["status"], "succeeded", "a refund does not change that it was paid");
        let back = payment["refunded_rub"].as_f64().unwrap();
        assert!((back - if parts.last() == Some(&None) { 499.0 } else { 100.0 }).abs() < 0.001, "{payment}");
    }
}

#[tokio::test]
async fn a_refund_may_be_heard_of_before_its_payment_and_more_than_once() {
    let world = World::roomy().await;
    world.hold_notifications(true).await;
    let driver = world.driver().await;
    let order = world.order(&driver, "1m").await;
    world.pay(&order.yookassa_id, CARD).await;
    world.refund(&order.yookassa_id, Some("250.00")).await;
    world.refund(&order.yookassa_id, None).await;
    let sent = world.sandbox_post("/yookassa/notifications/release", json!({ "order": "reversed" })).await;
    assert_eq!(sent["sent"].as_array().unwrap().len(), 3);
    world.notify(json!({ "ids": [2, 1, 0, 1, 2], "times": 5, "at_once": true })).await;
    world.money_rests().await;
    let (expires_at, seconds) = standing(&world, &driver).await;
    assert_eq!((seconds.len(), seconds.iter().sum::<i64>()), (4, 3 * DAY_S), "{seconds:?}");
    assert_eq!(expires_at, last_end(&world, &driver).await);
}

#[tokio::test]
async fn a_refund_of_an_order_whose_fate_is_unknown_finds_its_payment() {
    let world = World::roomy().await;
    let driver = world.driver().await;
    world.hold_notifications(true).await;
    order_of_unknown_fate(&world, &driver).await;
    let yookassa_id = text(&world.at_yookassa().await[0]["object"]["id"]);
    world.pay(&yookassa_id, CARD).await;
    let refund = world.refund(&yookassa_id, None).await;
    world.notify(json!({ "object_id": refund, "event": "refund.succeeded" })).await;
    world.money_rests().await;
    assert_eq!(standing(&world, &driver).await.1, [3 * DAY_S, 30 * DAY_S, -30 * DAY_S]);
}

#[tokio::test]
async fn payments_and_refunds_at_once_all_count() {
    let world = World::roomy().await;
    let driver = world.driver().await;
    world.hold_notifications(true).await;
    let mut orders = Vec::new();
    for plan in ["1m", "3m", "6m", "12m"] {
        let order = world.order(&driver, plan).await;
        world.pay(&order.yookassa_id, CARD).await;
        orders.push(order);
    }
    world.refund(&orders[0].yookassa_id, None).await;
    world.refund(&orders[3].yookassa_id, Some("399.90")).await;
    // Six notifications for one subscription, together, each twice.
    world.notify(json!({ "ids": [0, 1, 2, 3, 4, 5], "times": 2, "at_once": true })).await;
    world.money_rests().await;
    let (expires_at, seconds) = standing(&world, &driver).await;
    let granted: i64 = seconds.iter().sum();
    let days = |days: i64| days * DAY_S;
    assert_eq!(granted, days(3) + days(90) + days(180) + days(365) - days(365) / 10, "{seconds:?}");
    assert_eq!(seconds.len(), 7);
    let ledger = world.ledger(&driver).await;
    let end = ledger.iter().map(|entry| entry.ends_at_ms).max().unwrap();
    assert!(ledger.iter().any(|entry| shared::clock::rfc3339(entry.ends_at_ms) == expires_at) && end > 0);
    let trial = ledger.iter().find(|entry| entry.id.starts_with("trial")).unwrap();
    assert_eq!(expires_at, shared::clock::rfc3339(trial.at_ms + granted * 1000), "it ran all the time");
}
