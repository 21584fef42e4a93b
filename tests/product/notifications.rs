//! Notifications that somebody makes up who knows the secret path and calls from one of YooKassa's networks.
use reqwest::Method;
use serde_json::{Value, json};
use tests::{World, money::CARD, new_driver_id};

fn made_up(number: usize) -> Value {
    let id = format!("22e12f66-000f-5000-8000-{number:012}");
    json!({ "body": { "event": "payment.succeeded", "object": { "id": id } } })
}

#[tokio::test]
async fn made_up_notifications_are_asked_for_at_most_sixty_times_a_minute() {
    let admin = new_driver_id();
    let world = World::with(&[("ADMIN_TELEGRAM_IDS", &admin.to_string()), ("RATE_LIMIT_PER_S", "1000")]).await;
    let (admin, driver) = (world.driver_called(admin).await, world.driver().await);
    let order = world.order(&driver, "1m").await;
    let began_ms = world.now_ms();
    let (mut taken, mut refused) = (0, 0);
    for round in 0..6 {
        for number in 0..30 {
            match world.notify(made_up(100 * round + number)).await.as_slice() {
                [200] => taken += 1,
                // YooKassa itself would send it again.
                [429] => refused += 1,
                other => panic!("{other:?}"),
            }
        }
        world.pass(8);
    }
    let seconds = (world.now_ms() - began_ms) / 1000;
    // Twenty at once, and forty more in each minute.
    assert!(taken >= 40 && taken <= 21 + seconds * 40 / 60, "{taken} in {seconds} s");
    assert_eq!(taken + refused, 180);

    // Meanwhile who pays has what they paid for.
    world.pay(&order.yookassa_id, CARD).await;
    world.until_paid(&driver, &order.id, "succeeded").await;
    world.money_rests().await;
    let asked = i64::try_from(world.yookassa_calls("get_payment").await).unwrap();
    assert!(asked <= taken + 2, "{asked} for {taken}");

    // They are one difference, which says how many they are.
    let admin = world.driver_called(admin.id).await;
    let found = world.get(&admin, "/api/admin/differences").await.ok().json()["items"].clone();
    assert_eq!(found.as_array().map(Vec::len), Some(1), "{found}");
    assert_eq!((&found[0]["reason"], &found[0]["met"]), (&json!("not YooKassa's"), &json!(taken)));
    let rows = world.rows("AUDIT#").await;
    assert_eq!(rows.iter().filter(|row| row["outcome"]["S"] == "put_aside").count(), 1);
    assert_eq!(world.rows("DIFFERENCE#").await.len(), 1);

    // When somebody has dealt with it, another day has another.
    let path = format!("/api/admin/differences/{}/resolve", found[0]["id"].as_str().unwrap());
    world.call(&admin, Method::POST, &path, &json!({ "note": "адрес сменён" })).await.ok();
    world.pass(86_400);
    world.notify(made_up(1000)).await;
    world.money_rests().await;
    assert_eq!(world.rows("DIFFERENCE#").await.len(), 2);
}

#[tokio::test]
async fn repeats_of_one_notification_are_asked_for_once_a_minute() {
    let world = World::roomy().await;
    let driver = world.driver().await;
    world.hold_notifications(true).await;
    let order = world.order(&driver, "1m").await;
    let asked = async |times: u64| {
        let reached = async || (world.yookassa_calls("get_payment").await >= times).then_some(());
        world.until("YooKassa is asked", reached).await;
        assert_eq!(world.yookassa_calls("get_payment").await, times);
    };
    let tell = async |times: u64| {
        let event = json!({ "object_id": order.yookassa_id, "event": "payment.succeeded", "times": times });
        assert!(world.notify(event).await.iter().all(|status| *status == 200));
    };
    tell(10).await;
    asked(1).await;
    // What is told within the minute is not lost: it may be the news.
    world.pay(&order.yookassa_id, CARD).await;
    tell(10).await;
    world.pass(61);
    asked(2).await;
    world.until_paid(&driver, &order.id, "succeeded").await;
    world.money_rests().await;
    assert_eq!(world.yookassa_calls("get_payment").await, 2);
    world.pass(180);
    tell(1).await;
    asked(3).await;
}
