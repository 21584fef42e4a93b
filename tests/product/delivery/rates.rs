//! The rates of chats and of the bot.
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{DISPATCH_CHAT, World, text};

use super::{ROOM, calls, each_arrived_once, responses};

#[tokio::test]
async fn forty_responses_at_once_all_arrive_and_the_group_never_sees_more_than_twenty_a_minute() {
    let world = World::with(&ROOM).await;
    let driver = world.driver_with_phone().await;
    world.settle().await;
    world.send(Method::DELETE, "/_sandbox/telegram/calls", &[], "").await;
    let given = responses(&world, &driver, 40).await;
    world.settle().await;
    // A hint that the queue took too long to take is made up for by the job.
    world.pass(60);
    world.job("deliver-due").await;
    world.settle().await;
    each_arrived_once(&world, &given).await;
    let calls = calls(&world).await;
    assert_eq!(calls["methods"]["sendMessage"]["errors"], json!({}), "Telegram never had to say 429: {calls}");
    assert_eq!(calls["methods"]["sendMessage"]["calls"], 40);
    assert!(calls["largest"]["group_per_minute"].as_u64().unwrap() <= 20, "{calls}");
}

#[tokio::test]
async fn who_waited_long_for_their_turn_is_tried_again_soon_after_the_first_failure() {
    let world = World::with(&ROOM).await;
    let driver = world.driver_with_phone().await;
    world.settle().await;
    let given = responses(&world, &driver, 20).await;
    let waited = world
        .until("one has waited for its turn some times", async || {
            world.pass(1);
            let rows = world.rows("DELIVERY#card-").await;
            let often = |row: &&Value| row["status"]["S"] == "waiting" && number(&row["waits"]) >= 3;
            rows.iter().find(often).map(|row| text(&row["id"]["S"]))
        })
        .await;
    world.sandbox("/telegram/faults", json!({ "fail": { "status": 502, "method": "sendMessage" } })).await;
    let (due_at, now) = world
        .until("it fails", async || {
            world.pass(1);
            let row = world.rows(&format!("DELIVERY#{waited}")).await.remove(0);
            assert_eq!(row["status"]["S"], "waiting", "it was sent before it could fail");
            let now = world.now_ms();
            (row.get("last_error").is_some() && row.get("claim").is_none()).then(|| (number(&row["due_at"]), now))
        })
        .await;
    assert!(due_at - now <= 4000, "its first failure costs it {} s", (due_at - now) / 1000);
    world.sandbox("/telegram/faults", json!({})).await;
    world.settle().await;
    world.pass(400);
    world.job("deliver-due").await;
    world.settle().await;
    each_arrived_once(&world, &given).await;
}

fn number(value: &Value) -> i64 {
    value["N"].as_str().and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[tokio::test]
async fn many_drivers_are_told_at_once_and_the_bot_stays_below_thirty_a_second() {
    let world = World::with(&ROOM).await;
    let drivers = world.drivers(40).await;
    world.sandbox("/queues", json!({ "lose": "all" })).await;
    let mut ids = Vec::new();
    for driver in &drivers {
        // Each has a cargo of their own: of those who want the same one is accepted.
        let cargo = world.lasting_cargo().await;
        let answer = world.respond(driver, &cargo, json!({ "phone": "+79160000001" })).await;
        assert_eq!(answer.status.as_u16(), 201, "{}", answer.body);
        ids.push(text(&answer.json()["response"]["id"]));
    }
    world.send(Method::DELETE, "/_sandbox/telegram/calls", &[], "").await;
    world.send(Method::DELETE, "/_sandbox/queues", &[], "").await;
    let presses = ids.iter().enumerate().map(|(nth, id)| {
        let world = &world;
        async move { world.press(400_000_200 + i64::try_from(nth).unwrap(), 1, &format!("a:{id}")).await }
    });
    join_all(presses).await;
    world.settle().await;
    for driver in &drivers {
        assert_eq!(world.messages(driver.id).await.len(), 1);
    }
    let calls = calls(&world).await;
    assert_eq!(calls["methods"]["sendMessage"]["errors"], json!({}), "{calls}");
    assert!(calls["largest"]["per_second"].as_u64().unwrap() <= 30, "{calls}");
    assert!(calls["largest"]["private_chat_per_second"].as_u64().unwrap() <= 1, "{calls}");
}

#[tokio::test]
async fn three_news_for_one_driver_come_one_a_second() {
    let world = World::with(&ROOM).await;
    let driver = world.driver_with_phone().await;
    let mut given = Vec::new();
    for cargo in world.cargos(&driver, 4).await {
        world.pass(5);
        given.push(world.responded_to(driver.clone(), text(&cargo["id"])).await);
    }
    world.settle().await;
    world.send(Method::DELETE, "/_sandbox/telegram/calls", &[], "").await;
    join_all(given.iter().enumerate().map(|(nth, one)| {
        let world = &world;
        async move { world.press(400_000_300 + i64::try_from(nth).unwrap(), one.card, &one.button('a')).await }
    }))
    .await;
    world.settle().await;
    assert_eq!(world.messages(driver.id).await.len(), 5);
    let calls = calls(&world).await;
    assert!(calls["largest"]["private_chat_per_second"].as_u64().unwrap() <= 2, "{calls}");
    assert_eq!(calls["methods"]["sendMessage"]["errors"], json!({}), "{calls}");
}

#[tokio::test]
async fn an_absurd_pause_closes_a_chat_for_ten_minutes_at_most() {
    let world = World::with(&ROOM).await;
    let driver = world.driver_with_phone().await;
    world.settle().await;
    let absurd =
        json!({ "fail": { "status": 429, "retry_after": 4_000_000_000_i64, "times": 1, "method": "sendMessage" } });
    world.sandbox("/telegram/faults", absurd).await;
    let given = responses(&world, &driver, 1).await;
    world.settle().await;
    assert!(world.messages(DISPATCH_CHAT).await.is_empty());
    world.pass(590);
    world.job("deliver-due").await;
    world.settle().await;
    assert!(world.messages(DISPATCH_CHAT).await.is_empty(), "it asked for a pause");
    world.pass(11);
    world.job("deliver-due").await;
    world.settle().await;
    each_arrived_once(&world, &given).await;
}
