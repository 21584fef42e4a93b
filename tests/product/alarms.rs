//! Alarms in the operators' chat.
use reqwest::Method;
use serde_json::{Value, json};
use tests::{DISPATCH_CHAT, World};

const OPERATORS: i64 = 7_001_002;

/// A message of the topic, as SNS hands it to a function.
fn event(state: &str) -> Value {
    let message = json!({
        "AlarmName": "ct-SignInRefused", "AlarmDescription": "Somebody is trying.", "NewStateValue": state,
        "OldStateValue": "OK", "NewStateReason": "Threshold Crossed: 1 datapoint [12.0] was greater than 10.",
        "StateChangeTime": "2026-11-21T08:00:00.000+0000", "Region": "EU (Frankfurt)",
    });
    json!({ "Records": [{ "EventSource": "aws:sns", "EventVersion": "1.0", "Sns": {
        "Type": "Notification", "MessageId": "m1", "Subject": "ALARM", "Message": message.to_string(),
    } }] })
}

async fn told(world: &World, state: &str) -> u16 {
    let answer = world.send(Method::POST, "/_sandbox/schedules/alarms", &[], event(state).to_string()).await;
    answer.status.as_u16()
}

#[tokio::test]
async fn an_alarm_comes_to_the_operators_also_when_the_store_is_down() {
    let world = World::with(&[("OPERATORS_CHAT_ID", &OPERATORS.to_string())]).await;
    world.init_data(json!({ "driver_id": OPERATORS })).await;
    world.sandbox("/store", json!({ "faults": [{ "error": "InternalServerError" }] })).await;
    assert_eq!(told(&world, "ALARM").await, 200);
    assert_eq!(told(&world, "OK").await, 200);
    let texts = world.texts(OPERATORS).await;
    let [alarm, over] = &texts[..] else { panic!("{texts:?}") };
    assert!(alarm.starts_with("🔴 ct-SignInRefused") && alarm.contains("Somebody is trying."), "{alarm}");
    assert!(over.starts_with("🟢 ct-SignInRefused"), "{over}");
}

#[tokio::test]
async fn what_telegram_does_not_take_is_left_for_sns_to_try_again() {
    let world = World::with(&[("OPERATORS_CHAT_ID", &OPERATORS.to_string())]).await;
    // Nobody has met the bot there, so Telegram refuses.
    assert_eq!(told(&world, "ALARM").await, 500);
    world.init_data(json!({ "driver_id": OPERATORS })).await;
    assert_eq!(told(&world, "ALARM").await, 200);
    assert_eq!(world.texts(OPERATORS).await.len(), 1);
}

#[tokio::test]
async fn an_operators_group_that_becomes_a_supergroup_is_still_told() {
    let (group, supergroup) = (-4001_i64, -1_001_000_004_001_i64);
    let id = group.to_string();
    let world = World::with(&[("DISPATCH_CHAT_ID", &id), ("OPERATORS_CHAT_ID", &id)]).await;
    let migrate = json!({ "to": supergroup, "silent": true });
    world.sandbox_post(&format!("/telegram/chats/{group}/migrate"), migrate).await;
    assert_eq!(told(&world, "ALARM").await, 200);
    assert!(world.texts(supergroup).await[0].starts_with("🔴 ct-SignInRefused"));
}

#[tokio::test]
async fn without_a_chat_an_alarm_is_for_the_mail_alone() {
    let world = World::start().await;
    assert_eq!(told(&world, "ALARM").await, 200);
    assert!(world.texts(DISPATCH_CHAT).await.is_empty());
}
