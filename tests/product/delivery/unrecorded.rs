//! Messages that were sent and are not on record.
use reqwest::Method;
use serde_json::json;
use tests::{DISPATCH_CHAT, DISPATCHERS, Driver, World, money::CARD, text};

use super::{OLGA, each_arrived_once};

/// A response whose card is in the dispatchers' chat, which could not be put on record for this long.
async fn unrecorded(world: &World, seconds: u64) -> (Driver, String, String, i64) {
    let driver = world.driver_with_phone().await;
    let cargo = world.cargo(&driver).await;
    world.settle().await;
    world.sandbox("/queues", json!({ "delay_ms": 2000 })).await;
    let id = text(&world.respond(&driver, &cargo, json!({})).await.json()["response"]["id"]);
    let fault = json!({ "operation": "TransactWriteItems", "error": "InternalServerError" });
    world.sandbox("/store", json!({ "faults": [fault] })).await;
    world.pass(3);
    let card = world.card_of(&id).await;
    tokio::time::sleep(std::time::Duration::from_secs(seconds)).await;
    world.send(Method::DELETE, "/_sandbox/store", &[], "").await;
    world.send(Method::DELETE, "/_sandbox/queues", &[], "").await;
    (driver, cargo, id, card)
}

#[tokio::test]
async fn a_send_is_put_on_record_when_the_store_is_back_within_seconds() {
    let world = World::start().await;
    let (driver, cargo, id, _) = unrecorded(&world, 1).await;
    world.until_status(&driver, &cargo, "sent").await;
    world.pass(31);
    world.job("deliver-due").await;
    world.settle().await;
    each_arrived_once(&world, std::slice::from_ref(&id)).await;
    assert_eq!(world.audited(&id).await, ["queued by driver", "sent by system"]);
}

#[tokio::test]
async fn a_press_proves_that_a_message_is_there_of_which_there_is_no_record() {
    let world = World::start().await;
    let (driver, cargo, id, card) = unrecorded(&world, 14).await;
    assert_eq!(world.response(&driver, &cargo).await["status"], "queued");
    let answer = world.press(OLGA, card, &format!("a:{id}")).await;
    assert_eq!(answer["text"], "Готово: ✅ Принят");
    let history = world.response(&driver, &cargo).await["history"].clone();
    let steps = history.as_array().unwrap().iter().map(|step| text(&step["status"])).collect::<Vec<_>>();
    assert_eq!(steps, ["queued", "sent", "accepted"]);
    world.pass(31);
    world.job("deliver-due").await;
    world.settle().await;
    assert_eq!(world.delivery(&format!("card-{id}")).await.0, "sent");
    // The press told which message it is, so it is changed and not sent once more.
    let messages = world.messages(DISPATCH_CHAT).await;
    assert_eq!(messages.len(), 1);
    assert!(text(&messages[0]["text"]).contains("Принят"), "{messages:?}");
    assert_eq!(world.rows("RESPONSE#").await.len(), 1);
    assert_eq!(world.audited(&id).await, ["queued by driver", "accepted by dispatcher"]);
}

#[tokio::test]
async fn a_lost_answer_of_telegrams_is_the_one_case_in_which_a_message_may_come_twice() {
    let world = World::start().await;
    let driver = world.driver_with_phone().await;
    let cargo = world.cargo(&driver).await;
    world.settle().await;
    world.sandbox("/telegram/faults", json!({ "drop": { "times": 1, "method": "sendMessage" } })).await;
    let id = text(&world.respond(&driver, &cargo, json!({})).await.json()["response"]["id"]);
    world.settle().await;
    assert_eq!(world.messages(DISPATCH_CHAT).await.len(), 2);
    assert_eq!(world.rows("RESPONSE#").await.len(), 1);
    // Either message can be pressed, and only one press counts.
    let messages = world.messages(DISPATCH_CHAT).await;
    let numbers = messages.iter().map(|message| message["message_id"].as_i64().unwrap()).collect::<Vec<_>>();
    assert_eq!(world.press(OLGA, numbers[0], &format!("a:{id}")).await["text"], "Готово: ✅ Принят");
    let late = world.press(DISPATCHERS[1], numbers[1], &format!("r:{id}")).await;
    assert!(text(&late["text"]).starts_with("Уже решено"), "{late}");
    // An edit whose answer was lost changes the message once more into the same, which is no trouble.
    world.sandbox("/telegram/faults", json!({ "drop": { "times": 1, "method": "editMessageText" } })).await;
    world.press(OLGA, numbers[1], &format!("c:{id}")).await;
    world.settle().await;
    assert_eq!(world.delivery(&format!("card-{id}")).await.0, "sent");
    assert!(text(&world.message(DISPATCH_CHAT, numbers[1]).await["text"]).contains("Завершён"));
}

#[tokio::test]
async fn whoever_is_killed_between_sending_a_message_and_writing_it_down_sends_it_again_and_nobody_else_does() {
    // Before the message went out, and after.
    for (is_sent, messages) in [(false, 1), (true, 2)] {
        let world = World::roomy().await;
        let driver = world.driver().await;
        world.settle().await;
        let order = world.order(&driver, "1m").await;
        world.sandbox("/telegram/faults", json!({ "down": !is_sent })).await;
        world.sandbox("/queues", json!({ "lose": "all" })).await;
        world.hold_notifications(true).await;
        world.pay(&order.yookassa_id, CARD).await;
        world.pass(60);
        world.job("look-after-payments").await;
        let paid = format!("paid-{}", order.id);
        assert_eq!(world.delivery(&paid).await.0, "waiting");
        // Nothing that is to be written down at its end is, as if it had been killed.
        world
            .sandbox(
                "/store",
                json!({ "faults": [{ "operation": "TransactWriteItems", "error": "InternalServerError" }] }),
            )
            .await;
        world.job("deliver-due").await;
        world.send(Method::DELETE, "/_sandbox/store", &[], "").await;
        world.sandbox("/telegram/faults", json!({})).await;
        assert_eq!(world.messages(driver.id).await.len(), usize::from(is_sent));
        for _ in 0..3 {
            world.pass(31);
            world.job("deliver-due").await;
        }
        assert_eq!(world.messages(driver.id).await.len(), messages);
        assert_eq!(world.delivery(&paid).await.0, "sent");
        assert_eq!(world.ledger(&driver).await.len(), 2, "the money counts once");
    }
}
