//! Drivers who block the bot.
use reqwest::Method;
use serde_json::json;
use tests::{DISPATCH_CHAT, World, text};

use super::{OLGA, ROOM, calls};

#[tokio::test]
async fn who_blocks_the_bot_is_not_written_to_until_they_let_it_in_again() {
    let world = World::start().await;
    let first = world.responded().await;
    let driver = &first.driver;
    let row = format!("DRIVER#{}", driver.id);
    let is_marked = async || {
        let rows = world.rows(&row).await;
        rows.iter().any(|row| row["sk"]["S"] == "PROFILE" && row["unreachable"]["BOOL"] == true)
    };
    world.settle().await;
    world.sandbox_post(&format!("/telegram/chats/{}/block", driver.id), json!({})).await;
    world.settle().await;
    assert!(is_marked().await, "my_chat_member says so");
    world.send(Method::DELETE, "/_sandbox/telegram/calls", &[], "").await;
    world.press(OLGA, first.card, &first.button('a')).await;
    world.settle().await;
    let (status, _, why) = world.delivery(&format!("notice-accepted-{}", first.id)).await;
    assert_eq!((status.as_str(), why.as_str()), ("skipped", "the driver has blocked the bot"));
    assert!(calls(&world).await["methods"]["sendMessage"].is_null(), "nothing was tried");

    world.sandbox_post(&format!("/telegram/chats/{}/unblock", driver.id), json!({})).await;
    world.settle().await;
    assert!(!is_marked().await);
    world.press(OLGA, first.card, &first.button('c')).await;
    world.settle().await;
    let texts = world.texts(driver.id).await;
    assert!(texts.len() == 2 && texts[1].contains("Перевозка завершена"), "{texts:?}");
}

#[tokio::test]
async fn a_403_marks_the_driver_once_and_a_start_lets_messages_through_again() {
    let world = World::with(&ROOM).await;
    let driver = world.driver_with_phone().await;
    let cargos = world.cargos(&driver, 3).await;
    let mut given = Vec::new();
    for cargo in &cargos {
        world.pass(5);
        given.push(world.responded_to(driver.clone(), text(&cargo["id"])).await);
    }
    world.settle().await;
    world.send(Method::DELETE, "/_sandbox/telegram/calls", &[], "").await;
    world.sandbox("/telegram/faults", json!({ "fail": { "status": 403, "method": "sendMessage" } })).await;
    world.press(OLGA, given[0].card, &given[0].button('a')).await;
    world.settle().await;
    let (status, attempts, why) = world.delivery(&format!("notice-accepted-{}", given[0].id)).await;
    assert_eq!((status.as_str(), attempts), ("failed", 1));
    assert!(why.contains("blocked"), "{why}");
    world.press(OLGA, given[1].card, &given[1].button('a')).await;
    world.settle().await;
    assert_eq!(world.delivery(&format!("notice-accepted-{}", given[1].id)).await.0, "skipped");
    assert_eq!(calls(&world).await["methods"]["sendMessage"]["calls"], 1);
    let shown = text(&world.message(DISPATCH_CHAT, given[1].card).await["text"]);
    assert!(shown.contains("Принят"), "the dispatchers' card is none of that: {shown}");

    world.sandbox("/telegram/faults", json!({})).await;
    world.write(driver.id, driver.id, "/start", None).await;
    world.settle().await;
    world.pass(5);
    world.press(OLGA, given[2].card, &given[2].button('a')).await;
    world.settle().await;
    assert!(world.texts(driver.id).await.last().unwrap().contains("Отклик принят"));
}
