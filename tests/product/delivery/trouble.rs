//! Telegram, the queue or a chat fails: every message arrives once.
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use tests::{DISPATCH_CHAT, World, text};

use super::{OLGA, ROOM, calls, each_arrived_once, responses};

#[tokio::test]
async fn with_telegram_down_for_a_minute_every_response_arrives_once() {
    for down in [json!({ "down": true }), json!({ "fail": { "status": 502 } }), json!({ "fail": { "status": 401 } })] {
        let world = World::with(&ROOM).await;
        let driver = world.driver_with_phone().await;
        world.settle().await;
        world.sandbox("/telegram/faults", down.clone()).await;
        let given = responses(&world, &driver, 5).await;
        for _ in 0..12 {
            world.pass(5);
            tokio::time::sleep(std::time::Duration::from_millis(60)).await;
        }
        assert!(world.messages(DISPATCH_CHAT).await.is_empty());
        let list = world.get(&driver, "/api/responses").await.ok().json();
        assert!(list["items"].as_array().unwrap().iter().all(|item| item["status"] == "queued"), "{down}");
        world.sandbox("/telegram/faults", json!({})).await;
        world.settle().await;
        world.pass(60);
        world.job("deliver-due").await;
        world.settle().await;
        each_arrived_once(&world, &given).await;
        let list = world.get(&driver, "/api/responses").await.ok().json();
        assert!(list["items"].as_array().unwrap().iter().all(|item| item["status"] == "sent"), "{down}");
    }
}

#[tokio::test]
async fn a_pause_that_telegram_asks_for_is_kept_by_all_messages_of_the_chat() {
    let world = World::with(&ROOM).await;
    let driver = world.driver_with_phone().await;
    world.settle().await;
    world.send(Method::DELETE, "/_sandbox/telegram/calls", &[], "").await;
    world
        .sandbox("/telegram/faults", json!({ "fail": { "status": 429, "retry_after": 300, "method": "sendMessage" } }))
        .await;
    let given = responses(&world, &driver, 6).await;
    world
        .until("the pause is asked for", async || {
            (calls(&world).await["methods"]["sendMessage"]["errors"]["429"].as_u64() >= Some(1)).then_some(())
        })
        .await;
    // The bucket lets four at once through; nobody knocks again before the time is over.
    for _ in 0..14 {
        world.pass(20);
        tokio::time::sleep(std::time::Duration::from_millis(80)).await;
    }
    let refused = calls(&world).await["methods"]["sendMessage"]["errors"]["429"].as_u64().unwrap();
    assert!(refused <= 4, "{refused} messages were tried during the pause");
    world.sandbox("/telegram/faults", json!({})).await;
    for _ in 0..4 {
        world.pass(60);
        world.job("deliver-due").await;
        world.settle().await;
    }
    each_arrived_once(&world, &given).await;
}

#[tokio::test]
async fn a_storm_of_429_ends_with_every_message_there_once() {
    let world = World::with(&ROOM).await;
    let driver = world.driver_with_phone().await;
    world.settle().await;
    let storm = json!({ "fail": { "status": 429, "retry_after": 3, "times": 12, "method": "sendMessage" } });
    world.sandbox("/telegram/faults", storm).await;
    let given = responses(&world, &driver, 6).await;
    world.settle().await;
    each_arrived_once(&world, &given).await;
}

#[tokio::test]
async fn the_job_finds_what_a_queue_refused_or_lost() {
    for trouble in [json!({ "refuse": "all" }), json!({ "lose": "all" })] {
        let world = World::with(&ROOM).await;
        let driver = world.driver_with_phone().await;
        world.settle().await;
        world.sandbox("/queues", trouble.clone()).await;
        let given = responses(&world, &driver, 3).await;
        world.send(Method::DELETE, "/_sandbox/queues", &[], "").await;
        world.settle().await;
        assert!(world.messages(DISPATCH_CHAT).await.is_empty(), "{trouble}");
        for _ in 0..3 {
            world.job("deliver-due").await;
            world.settle().await;
        }
        each_arrived_once(&world, &given).await;
    }
}

#[tokio::test]
async fn hints_that_come_twice_or_late_send_nothing_twice() {
    let world = World::with(&ROOM).await;
    let driver = world.driver_with_phone().await;
    world.settle().await;
    world.sandbox("/queues", json!({ "double": true, "delay_ms": 3000 })).await;
    let given = responses(&world, &driver, 4).await;
    // The job does not wait for the hints.
    join_all((0..3).map(|_| world.job("deliver-due"))).await;
    world.settle().await;
    each_arrived_once(&world, &given).await;
}

#[tokio::test]
async fn a_dispatchers_chat_that_is_not_there_is_waited_for() {
    for status in [400, 403] {
        let world = World::start().await;
        let driver = world.driver_with_phone().await;
        let cargo = world.cargo(&driver).await;
        world.settle().await;
        world.sandbox("/telegram/faults", json!({ "fail": { "status": status, "method": "sendMessage" } })).await;
        let id = text(&world.respond(&driver, &cargo, json!({})).await.json()["response"]["id"]);
        world.settle().await;
        assert_eq!(world.delivery(&format!("card-{id}")).await.0, "waiting");
        world.sandbox("/telegram/faults", json!({})).await;
        world.pass(400);
        world.job("deliver-due").await;
        world.settle().await;
        each_arrived_once(&world, &[id]).await;
    }
}

#[tokio::test]
async fn a_function_that_dies_between_commit_and_send_holds_nothing_up_for_long() {
    let world = World::start().await;
    let driver = world.driver_with_phone().await;
    let cargo = world.cargo(&driver).await;
    world.settle().await;
    // The hint's function gets its claim and then no further answer of the store's: it ends without having sent.
    world.sandbox("/queues", json!({ "delay_ms": 2000 })).await;
    let answer = world.respond(&driver, &cargo, json!({})).await;
    let id = text(&answer.json()["response"]["id"]);
    let faults = json!([
        { "table": "app", "operation": "UpdateItem", "error": "InternalServerError", "after": true },
        { "table": "app", "operation": "GetItem", "error": "InternalServerError" },
    ]);
    world.sandbox("/store", json!({ "faults": faults })).await;
    world.pass(3);
    world
        .until("the function has its claim", async || {
            let rows = world.rows(&format!("DELIVERY#card-{id}")).await;
            rows[0].get("claim").map(|_| ())
        })
        .await;
    world
        .until("the hint failed", async || {
            let queues = world.look("/queues").await;
            let queue = queues["queues"].as_array()?.iter().find(|queue| queue["name"] == "NotifyQueue")?.clone();
            (queue["waiting"] == 0 && queue["in_flight"] == 1).then_some(())
        })
        .await;
    // It runs on for as long as the store's time limits let it.
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    world.send(Method::DELETE, "/_sandbox/store", &[], "").await;
    world.send(Method::DELETE, "/_sandbox/queues", &[], "").await;
    world.job("deliver-due").await;
    assert!(world.messages(DISPATCH_CHAT).await.is_empty(), "somebody may still be at it");
    world.pass(31);
    world.job("deliver-due").await;
    let card = world.card_of(&id).await;
    world.settle().await;
    assert!(card > 0);
    each_arrived_once(&world, &[id]).await;
    assert_eq!(world.response(&driver, &cargo).await["status"], "sent");
}

#[tokio::test]
async fn a_card_that_somebody_deleted_is_sent_anew_when_there_is_something_to_say() {
    let world = World::start().await;
    let responded = world.responded().await;
    world.settle().await;
    let method = format!(
        "/_telegram/bot7000000001:local-demo-bot-token/deleteMessage?chat_id={DISPATCH_CHAT}&message_id={}",
        responded.card
    );
    world.send(Method::POST, &method, &[], "").await.ok();
    assert!(world.messages(DISPATCH_CHAT).await.is_empty());
    world.press(OLGA, responded.card, &responded.button('a')).await;
    world.settle().await;
    let row = world.rows(&format!("DELIVERY#card-{}", responded.id)).await;
    let messages = world.messages(DISPATCH_CHAT).await;
    assert_eq!(messages.len(), 1, "{row:?}");
    assert!(text(&messages[0]["text"]).contains("Принят"), "{messages:?}");
}

#[tokio::test]
async fn an_answer_without_the_messages_number_is_given_up_like_any_other() {
    let world = World::with(&ROOM).await;
    let responded = world.responded_to_lasting().await;
    world.settle().await;
    world.sandbox("/telegram/faults", json!({ "hollow": { "method": "sendMessage" } })).await;
    world.press(OLGA, responded.card, &responded.button('a')).await;
    world.settle().await;
    let notice = format!("notice-accepted-{}", responded.id);
    assert_eq!(world.delivery(&notice).await.0, "waiting");
    world.pass(2 * 86_400 + 600);
    world.job("deliver-due").await;
    world.settle().await;
    let (status, _, reason) = world.delivery(&notice).await;
    assert_eq!(status, "failed", "{reason}");
    assert!(reason.contains("message_id"), "{reason}");
}
