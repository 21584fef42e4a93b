//! The bot in the drivers' chats, and its webhook.
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{DISPATCH_CHAT, DISPATCHERS, World, new_driver_id, text};

/// A message in a private chat, as Telegram tells of it; `number` is the update's own.
fn wrote(number: i64, who: i64, words: &str) -> Value {
    let person = json!({ "id": who, "is_bot": false, "first_name": "Пётр", "language_code": "ru" });
    let chat = json!({ "id": who, "type": "private", "first_name": "Пётр" });
    json!({ "update_id": number, "message": { "message_id": 7, "date": 1, "from": person, "chat": chat, "text": words } })
}

fn button(message: &Value) -> Value {
    message["reply_markup"]["inline_keyboard"][0][0].clone()
}

#[tokio::test]
async fn every_command_gets_its_answer_with_a_button_into_the_app() {
    let world = World::start().await;
    let responded = world.responded().await;
    let driver = responded.driver.id;
    let app = format!("{}/app/", world.address());
    let card = text(&world.message(DISPATCH_CHAT, responded.card).await["text"]);
    let route = card.lines().next().unwrap();
    for (words, said, page) in [
        ("/start", "Здравствуйте", String::new()),
        ("/start cargo_77", "Груз № 77", "?tgWebAppStartParam=cargo_77".to_owned()),
        ("/start responses", "Здравствуйте", "?tgWebAppStartParam=responses".to_owned()),
        ("/start cargo_<b>", "Здравствуйте", String::new()),
        ("/start что угодно", "Здравствуйте", String::new()),
        ("/help", "https://example.org/support", String::new()),
        ("/responses", route, "?tgWebAppStartParam=responses".to_owned()),
        ("/subscription", "Пробный период до 18 мая 2035, ", "?tgWebAppStartParam=subscription".to_owned()),
        ("/nothing", "только команды", String::new()),
        ("Привет", "только команды", String::new()),
    ] {
        world.pass(2);
        let before = world.messages(driver).await.len();
        world.write(driver, driver, words, None).await;
        world.settle().await;
        let messages = world.messages(driver).await;
        assert_eq!(messages.len(), before + 1, "{words} gets one answer");
        let answer = messages.last().unwrap();
        assert!(text(&answer["text"]).contains(said), "{words}: {answer}");
        assert_eq!(button(answer)["web_app"]["url"], json!(format!("{app}{page}")), "{words}");
    }
    let stranger = new_driver_id();
    for words in ["/start", "/responses"] {
        world.write(stranger, stranger, words, None).await;
        world.settle().await;
        world.pass(2);
    }
    assert!(world.texts(stranger).await[1].contains("Откликов пока нет"));
    assert!(world.rows(&format!("DRIVER#{stranger}")).await.is_empty(), "who only writes to the bot is not stored");
}

#[tokio::test]
async fn who_allows_the_bot_to_write_is_written_to_again_and_gets_no_lecture() {
    let world = World::start().await;
    let responded = world.responded().await;
    let driver = responded.driver.id;
    world.sandbox_post(&format!("/telegram/chats/{driver}/block"), json!({})).await;
    world.settle().await;
    world.sandbox_post(&format!("/telegram/chats/{driver}/unblock"), json!({})).await;
    world.settle().await;
    let left = json!({ "chat": { "id": driver, "type": "private" }, "new_chat_member": { "status": "kicked" } });
    world.webhook(&json!({ "update_id": new_driver_id(), "my_chat_member": left })).await;
    // What Telegram tells when a person lets the bot write to them from within the Mini App.
    let mut allowed = wrote(new_driver_id(), driver, "");
    let message = allowed["message"].as_object_mut().unwrap();
    message.remove("text");
    message.insert("write_access_allowed".to_owned(), json!({ "from_request": true }));
    let answer = world.webhook(&allowed).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (204, ""), "it was no question");
    world.press(DISPATCHERS[0], responded.card, &responded.button('a')).await;
    world.settle().await;
    assert!(world.texts(driver).await.last().unwrap().contains("Отклик принят"));
}

#[tokio::test]
async fn the_bot_speaks_english_to_those_whose_telegram_does() {
    let world = World::start().await;
    let english = 1_094_553_208;
    world.write(english, english, "/start", None).await;
    world.settle().await;
    let answer = world.messages(english).await.remove(0);
    assert!(text(&answer["text"]).starts_with("Hello!") && button(&answer)["text"] == "🚚 Open cargos", "{answer}");
}

#[tokio::test]
async fn in_groups_the_bot_says_only_what_it_is_asked() {
    let world = World::start().await;
    world.write(DISPATCH_CHAT, DISPATCHERS[0], "/help", None).await;
    world.write(DISPATCH_CHAT, DISPATCHERS[0], "/responses", None).await;
    world.write(DISPATCH_CHAT, DISPATCHERS[0], "Доброе утро", None).await;
    world.settle().await;
    let texts = world.texts(DISPATCH_CHAT).await;
    assert!(texts.len() == 1 && texts[0].contains("Сюда приходят отклики"), "{texts:?}");

    let foreign = |number, words: &str| {
        json!({ "update_id": number, "message": { "message_id": 1, "from": { "id": 5, "first_name": "Ю" },
            "chat": { "id": -1_009_999, "type": "group" }, "text": words } })
    };
    let answer = world.webhook(&foreign(new_driver_id(), "/start@cargotech_local_bot")).await.ok().json();
    assert_eq!((&answer["method"], &answer["chat_id"]), (&json!("sendMessage"), &json!(-1_009_999)));
    assert!(text(&answer["text"]).contains("-1009999"), "{answer}");
    assert!(answer.get("reply_markup").is_none(), "buttons that open the app are for private chats alone");
    let answer = world.webhook(&foreign(new_driver_id(), "/responses")).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (204, ""));
}

#[tokio::test]
async fn whoever_does_not_know_the_secret_is_refused_and_nothing_happens() {
    let world = World::start().await;
    let responded = world.responded().await;
    world.settle().await;
    let query = json!({ "id": "1", "from": { "id": DISPATCHERS[0], "first_name": "О" }, "data": responded.button('a'),
        "message": { "message_id": responded.card, "chat": { "id": DISPATCH_CHAT, "type": "supergroup" } } });
    let update = json!({ "update_id": new_driver_id(), "callback_query": query });
    world.store_calls().await;
    let longer = format!("{}x", tests::WEBHOOK_SECRET);
    for secret in ["", "wrong", &tests::WEBHOOK_SECRET[1..], &longer, &tests::WEBHOOK_SECRET.to_uppercase()] {
        let answer = world.webhook_with(secret, update.to_string()).await;
        assert_eq!(answer.problem(), (403, "forbidden".into()), "{secret:?}");
    }
    let without = world.send(Method::POST, "/_gateway/webhooks/telegram", &[], update.to_string()).await;
    assert_eq!(without.problem(), (403, "forbidden".into()));
    // The one audit row of this hour.
    let calls = world.store_calls().await;
    assert_eq!(calls.into_iter().collect::<Vec<_>>(), [("PutItem app".to_owned(), 1)], "a stranger costs no more");
    assert_eq!(world.response(&responded.driver, &responded.cargo).await["status"], "sent");

    let good = world.webhook(&update).await.ok().json();
    assert_eq!((&good["method"], &good["callback_query_id"]), (&json!("answerCallbackQuery"), &json!("1")));
    assert_eq!(world.response(&responded.driver, &responded.cargo).await["status"], "accepted");
}

#[tokio::test]
async fn an_update_that_comes_twice_is_acted_on_once() {
    let world = World::start().await;
    let driver = world.driver().await;
    let update = wrote(new_driver_id(), driver.id, "/start");
    let first = world.webhook(&update).await.ok();
    assert_eq!(first.json()["method"], "sendMessage");
    for _ in 0..2 {
        world.pass(2);
        let again = world.webhook(&update).await;
        assert_eq!((again.status.as_u16(), again.body.as_str()), (204, ""));
    }
    // Telegram itself repeats when the answer is lost; a lost answer's text is not said, but nothing is done twice.
    let responded = world.responded().await;
    world.sandbox("/telegram/faults", json!({ "lose_webhooks": { "times": 1, "after": true } })).await;
    world.press(DISPATCHERS[0], responded.card, &responded.button('a')).await;
    world.settle().await;
    assert_eq!(world.audited(&responded.id).await, ["queued by driver", "sent by system", "accepted by dispatcher"]);
    assert_eq!(world.messages(responded.driver.id).await.len(), 2);
}

#[tokio::test]
async fn what_cannot_be_read_is_put_aside_and_holds_nobody_up() {
    let world = World::start().await;
    let driver = world.driver().await;
    let broken = [
        "{".to_owned(),
        "[]".to_owned(),
        "null".to_owned(),
        String::new(),
        "{}".to_owned(),
        json!({ "update_id": "seven" }).to_string(),
        json!({ "update_id": 7, "message": "text" }).to_string(),
        json!({ "update_id": 8, "message": { "chat": {} } }).to_string(),
        json!({ "update_id": 9, "callback_query": { "from": null } }).to_string(),
        json!({ "update_id": 10, "my_chat_member": [] }).to_string(),
        "x".repeat(70_000),
    ];
    for (nth, body) in broken.iter().enumerate() {
        let answer = world.webhook_with(tests::WEBHOOK_SECRET, body.clone()).await;
        assert_eq!(answer.status.as_u16(), 204, "{body:.80}: {}", answer.body);
        let audited = world.rows("AUDIT#").await.iter().filter(|row| row["kind"]["S"] == "telegram_update").count();
        assert_eq!(audited, nth + 1, "it is on record: {body:.80}");
    }
    // What Telegram may send one day, and what has parts that nobody expected, is no trouble at all.
    for update in [
        json!({ "update_id": 1, "poll_answer": { "x": 1 } }),
        json!({ "update_id": 2, "edited_message": { "message_id": 1 } }),
        json!({ "update_id": 3, "message": { "message_id": 1, "chat": { "id": -5, "type": "channel" } } }),
        json!({ "update_id": 4, "message": { "message_id": 1, "chat": { "id": 5, "type": "private" }, "sticker": {} } }),
        json!({ "update_id": 5, "my_chat_member": { "chat": { "id": -5, "type": "group" }, "new_chat_member": { "status": "left" } } }),
    ] {
        assert_eq!(world.webhook(&update).await.status.as_u16(), 204, "{update}");
    }
    let audited = world.rows("AUDIT#").await.iter().filter(|row| row["kind"]["S"] == "telegram_update").count();
    assert_eq!(audited, broken.len());

    // A chat whose update was unreadable goes on with the next one.
    world.sandbox_post("/telegram/updates", json!({ "message": { "chat": { "id": driver.id }, "from": 5 } })).await;
    world.write(driver.id, driver.id, "/help", None).await;
    world.settle().await;
    assert_eq!(world.texts(driver.id).await.len(), 1);
}

#[tokio::test]
async fn without_the_store_telegram_is_asked_to_come_again_and_then_it_is_done_once() {
    let world = World::start().await;
    let responded = world.responded().await;
    world.settle().await;
    let query = json!({ "id": "1", "from": { "id": DISPATCHERS[0], "first_name": "О" }, "data": responded.button('a'),
        "message": { "message_id": responded.card, "chat": { "id": DISPATCH_CHAT, "type": "supergroup" } } });
    let update = json!({ "update_id": new_driver_id(), "callback_query": query });
    for fault in [json!({ "error": "ThrottlingException" }), json!({ "table": "app", "hang": true })] {
        world.sandbox("/store", json!({ "faults": [fault] })).await;
        assert_eq!(world.webhook(&update).await.problem(), (503, "store_unavailable".into()), "{fault}");
        world.send(Method::DELETE, "/_sandbox/store", &[], "").await;
        // Whoever met the trouble spares the store for a moment.
        tokio::time::sleep(std::time::Duration::from_millis(2100)).await;
    }
    assert_eq!(world.response(&responded.driver, &responded.cargo).await["status"], "sent");
    assert_eq!(world.webhook(&update).await.ok().json()["text"], "Готово: ✅ Принят");
    world.settle().await;
    assert_eq!(world.response(&responded.driver, &responded.cargo).await["status"], "accepted");
    assert_eq!(world.audited(&responded.id).await.len(), 3);
}

#[tokio::test]
async fn without_the_cache_presses_still_count() {
    let world = World::start().await;
    let responded = world.responded().await;
    world.settle().await;
    world.sandbox("/store", json!({ "faults": [{ "table": "cache", "error": "InternalServerError" }] })).await;
    let answer = world.press(DISPATCHERS[0], responded.card, &responded.button('a')).await;
    assert_eq!(answer["text"], "Готово: ✅ Принят");
}

#[tokio::test]
async fn a_flood_of_commands_is_answered_once_a_second_at_most() {
    let world = World::start().await;
    let driver = world.driver().await;
    world.send(Method::DELETE, "/_sandbox/telegram/calls", &[], "").await;
    // A busy machine takes its time, and each second may have its answer.
    let from = world.now_ms();
    let at_most = |so_far: i64| usize::try_from(2 + (so_far - from) / 1000).unwrap();
    // At once, as several functions would meet them; not in turn, as Telegram delivers one chat.
    let first = new_driver_id();
    for _ in 1..40 {
        new_driver_id();
    }
    let answers = join_all((0..40).map(|nth| {
        let update = wrote(first + nth, driver.id, "/help");
        let world = &world;
        async move { world.webhook(&update).await }
    }))
    .await;
    assert!(answers.iter().all(|answer| answer.status.is_success()));
    let said = answers.iter().filter(|answer| answer.json()["method"] == "sendMessage").count();
    assert!((1..=at_most(world.now_ms())).contains(&said), "{said} answers");

    world.pass(5);
    for _ in 0..20 {
        world.write(driver.id, driver.id, "/help", None).await;
    }
    world.settle().await;
    let texts = world.texts(driver.id).await;
    assert!((1..=at_most(world.now_ms()) - 5).contains(&texts.len()), "{texts:?}");
    let calls = world.look("/telegram/calls").await;
    assert!(calls["largest"]["private_chat_per_second"].as_u64().unwrap() <= 2, "{calls}");
    assert_eq!(calls["methods"]["sendMessage"]["errors"], json!({}), "{calls}");
}

#[tokio::test]
async fn a_panic_or_a_fault_of_one_update_leaves_the_next_alone() {
    let world = World::start().await;
    let driver = world.driver().await;
    let long = "я".repeat(4096);
    for words in
        [long.as_str(), "/start \u{0}", "/", "/@", "//", "/start cargo_99999999999999999999999", "\u{202e}/help"]
    {
        let answer = world.webhook(&wrote(new_driver_id(), driver.id, words)).await;
        assert!(answer.status.is_success(), "{words:.20}: {} {}", answer.status, answer.body);
        world.pass(2);
    }
    assert!(world.rows("AUDIT#").await.iter().all(|row| row["kind"]["S"] != "telegram_update"));
}
