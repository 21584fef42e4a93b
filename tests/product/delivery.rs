//! Messages reach the chats whatever happens on the way, and no chat is flooded.
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{DISPATCH_CHAT, DISPATCHERS, Driver, World, money::CARD, text};

const OLGA: i64 = DISPATCHERS[0];
/// Room for what one driver alone would never do.
const ROOM: [(&str, &str); 2] = [("RATE_LIMIT_PER_S", "1000"), ("MISSES_PER_MIN", "6000")];

/// So many responses of one driver, all taken.
async fn responses(world: &World, driver: &Driver, count: usize) -> Vec<String> {
    let cargos = world.cargos(driver, count).await;
    join_all(cargos.iter().map(async |cargo| {
        let id = cargo["id"].as_str().unwrap();
        let (mut answer, mut good) = (world.respond(driver, id, json!({})).await, vec![201]);
        // A busy machine's store may be too slow; then the app repeats it, which may be the same response.
        for _ in 0..5 {
            if answer.status.as_u16() == 503 {
                (answer, good) = (world.respond(driver, id, json!({})).await, vec![200, 201]);
            }
        }
        assert!(good.contains(&answer.status.as_u16()), "{}", answer.body);
        text(&answer.json()["response"]["id"])
    }))
    .await
}

/// Every one of these responses has exactly one message in the dispatchers' chat, and there is nothing else.
async fn each_arrived_once(world: &World, responses: &[String]) {
    let messages = world.messages(DISPATCH_CHAT).await;
    for response in responses {
        let about = |message: &&Value| message["reply_markup"].to_string().contains(response.as_str());
        assert_eq!(messages.iter().filter(about).count(), 1, "{response}");
        assert_eq!(world.delivery(&format!("card-{response}")).await.0, "sent");
    }
    assert_eq!(messages.len(), responses.len());
}

async fn calls(world: &World) -> Value {
    world.look("/telegram/calls").await
}

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
