//! The dispatchers' chat in trouble: whatever Telegram answers about it, cards wait and arrive; and what people write there.
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{DISPATCH_CHAT, DISPATCHERS, Driver, Responded, World, text};

const OLGA: i64 = DISPATCHERS[0];
const IGOR: i64 = DISPATCHERS[1];
const DAY_S: i64 = 86_400;
/// Room for what one driver alone would never do.
const ROOM: [(&str, &str); 2] = [("RATE_LIMIT_PER_S", "1000"), ("MISSES_PER_MIN", "6000")];
/// A basic group, and the supergroup that it becomes.
const GROUP: i64 = -4001;
const SUPERGROUP: i64 = -1_001_000_004_001;

async fn respond(world: &World, driver: &Driver, cargo: &str) -> String {
    let answer = world.respond(driver, cargo, json!({})).await;
    assert_eq!(answer.status.as_u16(), 201, "{}", answer.body);
    text(&answer.json()["response"]["id"])
}

async fn trouble(world: &World, trouble: &Value) {
    world.sandbox(&format!("/telegram/chats/{DISPATCH_CHAT}/trouble"), trouble.clone()).await;
}

async fn end_trouble(world: &World) {
    world.send(Method::DELETE, &format!("/_sandbox/telegram/chats/{DISPATCH_CHAT}/trouble"), &[], "").await.ok();
}

/// Lets time pass, and the job of every minute come by, until none of these cards waits.
async fn until_sent(world: &World, responses: &[String]) {
    for _ in 0..40 {
        let cards = join_all(responses.iter().map(async |id| world.delivery(&format!("card-{id}")).await.0)).await;
        assert!(cards.iter().all(|status| status != "failed"), "{cards:?}");
        if cards.iter().all(|status| status == "sent") {
            return;
        }
        world.pass(60);
        world.job("deliver-due").await;
        world.settle().await;
    }
    panic!("they do not arrive");
}

async fn cards_about(world: &World, chat: i64, response: &str) -> usize {
    let messages = world.messages(chat).await;
    messages.iter().filter(|message| message["reply_markup"].to_string().contains(response)).count()
}

#[tokio::test]
async fn no_answer_about_the_dispatchers_chat_is_final() {
    let world = World::with(&ROOM).await;
    let driver = world.driver_with_phone().await;
    let kinds = [
        json!({ "kind": "topic_closed" }),
        json!({ "kind": "topic_deleted" }),
        json!({ "kind": "thread_not_found" }),
        json!({ "kind": "chat_restricted" }),
        json!({ "kind": "no_rights" }),
        json!({ "kind": "not_enough_rights" }),
        json!({ "kind": "write_forbidden" }),
        json!({ "kind": "peer_id_invalid" }),
        json!({ "kind": "channel_private" }),
        json!({ "kind": "not_a_member" }),
        json!({ "kind": "deleted" }),
        json!({ "kind": "other", "code": 400, "description": "Bad Request: SOMETHING_NEW" }),
        json!({ "kind": "other", "code": 400, "description": "Bad Request: can't parse entities" }),
        json!({ "kind": "other", "code": 403, "description": "Forbidden: something new" }),
    ];
    let cargos = world.cargos(&driver, kinds.len()).await;
    world.settle().await;
    let mut given = Vec::new();
    for (kind, cargo) in kinds.iter().zip(&cargos) {
        trouble(&world, kind).await;
        let id = respond(&world, &driver, &text(&cargo["id"])).await;
        world.settle().await;
        let (status, attempts, why) = world.delivery(&format!("card-{id}")).await;
        assert!(status == "waiting" && attempts > 0 && !why.is_empty(), "{kind}: {status} {attempts} {why}");
        given.push(id);
    }
    assert!(world.messages(DISPATCH_CHAT).await.is_empty());
    end_trouble(&world).await;
    until_sent(&world, &given).await;
    for id in &given {
        assert_eq!(cards_about(&world, DISPATCH_CHAT, id).await, 1, "{id}");
    }
}

#[tokio::test]
async fn an_edit_of_a_card_waits_for_the_chat_as_well() {
    let world = World::start().await;
    let responded = world.responded().await;
    world.settle().await;
    trouble(&world, &json!({ "kind": "topic_closed" })).await;
    world.press(OLGA, responded.card, &responded.button('a')).await;
    world.settle().await;
    assert_eq!(world.delivery(&format!("card-{}", responded.id)).await.0, "waiting");
    end_trouble(&world).await;
    until_sent(&world, std::slice::from_ref(&responded.id)).await;
    assert!(text(&world.message(DISPATCH_CHAT, responded.card).await["text"]).contains("Принят"));
}

#[tokio::test]
async fn in_slow_mode_each_card_waits_as_long_as_telegram_says_and_arrives_once() {
    let world = World::with(&ROOM).await;
    let driver = world.driver_with_phone().await;
    let cargos = world.cargos(&driver, 5).await;
    world.settle().await;
    trouble(&world, &json!({ "kind": "slow_mode", "seconds": 30 })).await;
    world.send(Method::DELETE, "/_sandbox/telegram/calls", &[], "").await;
    let mut given = Vec::new();
    for cargo in &cargos {
        given.push(respond(&world, &driver, &text(&cargo["id"])).await);
    }
    until_sent(&world, &given).await;
    for id in &given {
        assert_eq!(cards_about(&world, DISPATCH_CHAT, id).await, 1, "{id}");
    }
    let calls = world.look("/telegram/calls").await;
    let refused = calls["methods"]["sendMessage"]["errors"]["400"].as_u64().unwrap_or(0);
    // The bucket lets four at once through before the first of them learns of the slow mode.
    assert!(refused <= 12, "{refused} tries in vain: {calls}");
}

#[tokio::test]
async fn a_chat_that_works_again_after_hours_gets_all_cards_and_never_more_than_twenty_a_minute() {
    let world = World::with(&ROOM).await;
    // New cards of one driver leave room to those of others.
    let mut drivers = Vec::new();
    for _ in 0..6 {
        drivers.push(world.driver_with_phone().await);
    }
    let cargos = world.cargos(&drivers[0], 24).await;
    world.settle().await;
    trouble(&world, &json!({ "kind": "no_rights" })).await;
    // For hours only the job comes by: led by hints, so many cards would be tried very often at first.
    world.sandbox("/queues", json!({ "lose": "all" })).await;
    let mut given = Vec::new();
    for (nth, cargo) in cargos.iter().enumerate() {
        given.push(respond(&world, &drivers[nth % drivers.len()], &text(&cargo["id"])).await);
    }
    world.settle().await;
    for _ in 0..6 {
        world.pass(3000);
        world.job("deliver-due").await;
        world.settle().await;
    }
    assert!(world.messages(DISPATCH_CHAT).await.is_empty());
    world.pass(400);
    world.send(Method::DELETE, "/_sandbox/queues", &[], "").await;
    end_trouble(&world).await;
    world.send(Method::DELETE, "/_sandbox/telegram/calls", &[], "").await;
    until_sent(&world, &given).await;
    for id in &given {
        assert_eq!(cards_about(&world, DISPATCH_CHAT, id).await, 1, "{id}");
    }
    let calls = world.look("/telegram/calls").await;
    assert_eq!(calls["methods"]["sendMessage"]["errors"], json!({}), "Telegram never had to say 429: {calls}");
    assert!(calls["largest"]["group_per_minute"].as_u64().unwrap() <= 20, "{calls}");
}

#[tokio::test]
async fn who_was_held_up_has_the_whole_time_to_be_decided_on() {
    let world = World::start().await;
    let driver = world.driver_with_phone().await;
    let cargo = world.lasting_cargo().await;
    world.settle().await;
    trouble(&world, &json!({ "kind": "topic_closed" })).await;
    let id = respond(&world, &driver, &cargo).await;
    world.settle().await;
    world.pass(2 * DAY_S - 600);
    world.job("expire-responses").await;
    end_trouble(&world).await;
    until_sent(&world, std::slice::from_ref(&id)).await;
    // Two days and more after the driver's tap, and less than an hour after the dispatchers have the card.
    world.pass(3000);
    world.job("expire-responses").await;
    let card = world.card_of(&id).await;
    assert_eq!(world.press(OLGA, card, &format!("a:{id}")).await["text"], "Готово: ✅ Принят");
}

#[tokio::test]
async fn a_chat_that_is_back_after_days_is_told_of_those_who_waited_in_vain() {
    let world = World::start().await;
    let driver = world.driver_with_phone().await;
    let cargos = world.cargos(&driver, 2).await;
    world.settle().await;
    trouble(&world, &json!({ "kind": "chat_restricted" })).await;
    let id = respond(&world, &driver, &text(&cargos[0]["id"])).await;
    let withdrawn = respond(&world, &driver, &text(&cargos[1]["id"])).await;
    world.withdraw(&driver, &text(&cargos[1]["id"])).await.ok();
    world.settle().await;
    for _ in 0..5 {
        world.pass(DAY_S);
        world.job("expire-responses").await;
        world.job("deliver-due").await;
        world.settle().await;
    }
    assert!(world.texts(driver.id).await.iter().any(|text| text.contains("Отклик истёк")));
    assert_eq!(world.delivery(&format!("card-{id}")).await.0, "waiting");
    end_trouble(&world).await;
    until_sent(&world, &[id]).await;
    let messages = world.messages(DISPATCH_CHAT).await;
    assert_eq!(messages.len(), 1, "who took the response back is none of them: {messages:?}");
    let said = text(&messages[0]["text"]);
    assert!(said.contains("⌛ Истёк") && said.contains("подтверждён"), "whom to call: {said}");
    assert!(messages[0].get("reply_markup").is_none());
    assert_eq!(world.delivery(&format!("card-{withdrawn}")).await.0, "skipped");
}

#[tokio::test]
async fn a_drivers_chat_that_refuses_ends_the_message_at_once_and_admins_see_it() {
    let (world, owner) = World::with_owner().await;
    let responded = world.responded().await;
    world.settle().await;
    world.send(Method::DELETE, "/_sandbox/telegram/calls", &[], "").await;
    let refusal = "Bad Request: SOMETHING_NEW";
    let fault = json!({ "fail": { "status": 400, "method": "sendMessage", "description": refusal } });
    world.sandbox("/telegram/faults", fault).await;
    world.press(OLGA, responded.card, &responded.button('a')).await;
    world.settle().await;
    let (status, attempts, why) = world.delivery(&format!("notice-accepted-{}", responded.id)).await;
    assert_eq!((status.as_str(), attempts), ("failed", 1));
    assert!(why.contains(refusal), "{why}");
    let shown = world.all(&owner, "deliveries").await;
    assert!(shown.len() == 1 && text(&shown[0]["reason"]).contains(refusal), "{shown:?}");
    world.pass(600);
    world.job("deliver-due").await;
    world.settle().await;
    assert_eq!(world.look("/telegram/calls").await["methods"]["sendMessage"]["calls"], 1);
    let profile = world.rows(&format!("DRIVER#{}", responded.driver.id)).await;
    assert!(profile.iter().all(|row| row["unreachable"]["BOOL"] != true), "it says nothing about the driver");
}

#[tokio::test]
async fn a_chain_of_hints_ends_and_the_job_takes_over() {
    let world = World::start().await;
    let driver = world.driver_with_phone().await;
    let cargo = world.cargo(&driver).await;
    world.settle().await;
    let sent = async || {
        let queues = world.look("/queues").await["queues"].as_array().unwrap().clone();
        queues.iter().find(|queue| queue["name"] == "NotifyQueue").unwrap()["sent"].as_u64().unwrap()
    };
    let before = sent().await;
    let busy = json!({ "fail": { "status": 429, "retry_after": 1, "method": "sendMessage" } });
    world.sandbox("/telegram/faults", busy).await;
    let id = respond(&world, &driver, &cargo).await;
    world.settle().await;
    let hints = sent().await - before;
    assert!((2..=60).contains(&hints), "{hints} hints");
    world.sandbox("/telegram/faults", json!({})).await;
    until_sent(&world, &[id]).await;
}

/// A world whose dispatchers are in a basic group.
async fn in_a_group() -> World {
    let group = GROUP.to_string();
    World::with(&[("DISPATCH_CHAT_ID", &group)]).await
}

async fn card_in(world: &World, chat: i64, response: &str) -> i64 {
    world
        .until("the card is there", async || {
            let messages = world.messages(chat).await;
            let card = messages.iter().find(|message| message["reply_markup"].to_string().contains(response))?;
            card["message_id"].as_i64()
        })
        .await
}

async fn migrate(world: &World, silent: bool) {
    let to = json!({ "to": SUPERGROUP, "silent": silent });
    world.sandbox_post(&format!("/telegram/chats/{GROUP}/migrate"), to).await;
    world.settle().await;
}

#[tokio::test]
async fn a_group_that_becomes_a_supergroup_goes_on_under_its_new_id() {
    for silent in [true, false] {
        let world = in_a_group().await;
        let driver = world.driver_with_phone().await;
        let cargos = world.cargos(&driver, 3).await;
        let old = respond(&world, &driver, &text(&cargos[0]["id"])).await;
        let old_card = card_in(&world, GROUP, &old).await;
        world.settle().await;
        migrate(&world, silent).await;
        if !silent {
            let pressed = world.press_in(SUPERGROUP, OLGA, 1, &format!("l:{old}:1")).await;
            assert_eq!(pressed["text"], "Ссылка придёт следующим сообщением", "Telegram has told of it");
            world.settle().await;
        }
        let new = respond(&world, &driver, &text(&cargos[1]["id"])).await;
        let card = card_in(&world, SUPERGROUP, &new).await;
        world.settle().await;
        assert_eq!(world.press_in(SUPERGROUP, OLGA, card, &format!("r:{new}")).await["text"], "Готово: ❌ Отклонён");
        let reply = json!({ "from": IGOR, "text": "Далеко", "reply_to_message_id": card });
        world.sandbox_post(&format!("/telegram/chats/{SUPERGROUP}/messages"), reply).await;
        world.settle().await;
        assert_eq!(world.response(&driver, &text(&cargos[1]["id"])).await["reason"], "Далеко");
        // What stands in the old group is pressed there, and what comes of it is said in the new one.
        assert_eq!(world.press_in(GROUP, OLGA, old_card, &format!("a:{old}")).await["text"], "Готово: ✅ Принят");
        world.settle().await;
        let said = world.texts(SUPERGROUP).await;
        assert!(said.iter().any(|text| text.contains("✅ Принят")), "{said:?}");
        // The notices and the presses of other groups are worth nothing.
        let third = respond(&world, &driver, &text(&cargos[2]["id"])).await;
        card_in(&world, SUPERGROUP, &third).await;
        let forged = json!({ "update_id": tests::new_driver_id(), "callback_query": {
            "id": "1", "from": { "id": 5, "first_name": "Ю" }, "data": format!("a:{third}"),
            "message": { "message_id": 1, "chat": { "id": -1_009_999, "type": "supergroup" } } } });
        assert_eq!(world.webhook(&forged).await.ok().json()["text"], "Этого отклика больше нет");
    }
}

#[tokio::test]
async fn a_group_of_strangers_that_migrates_is_none_of_ours() {
    let world = World::start().await;
    let responded = world.responded().await;
    let notice = json!({ "update_id": tests::new_driver_id(), "message": { "message_id": 1, "date": 1,
        "from": { "id": 5, "first_name": "Ю" }, "chat": { "id": -77, "type": "group" }, "migrate_to_chat_id": -1_000_000_000_077_i64 } });
    assert_eq!(world.webhook(&notice).await.status.as_u16(), 204);
    let press = json!({ "update_id": tests::new_driver_id(), "callback_query": {
        "id": "1", "from": { "id": 5, "first_name": "Ю" }, "data": responded.button('a'),
        "message": { "message_id": 1, "chat": { "id": -1_000_000_000_077_i64, "type": "supergroup" } } } });
    assert_eq!(world.webhook(&press).await.ok().json()["text"], "Этого отклика больше нет");
    assert_eq!(world.response(&responded.driver, &responded.cargo).await["status"], "sent");
}

#[tokio::test]
async fn an_answer_goes_into_the_topic_of_the_question() {
    let world = World::start().await;
    let driver = world.driver().await;
    let ask = |topic: Value| json!({ "from": OLGA, "text": "/HELP", "message_thread_id": topic });
    for (chat, from) in [(DISPATCH_CHAT, OLGA), (driver.id, driver.id)] {
        for topic in [json!(7), Value::Null] {
            let mut question = ask(topic.clone());
            question["from"] = json!(from);
            world.sandbox_post(&format!("/telegram/chats/{chat}/messages"), question).await;
            world.settle().await;
            let answer = world.messages(chat).await.last().cloned().expect("an answer");
            assert_eq!(answer["message_thread_id"], topic, "{answer}");
            world.pass(5);
        }
    }
}

#[tokio::test]
async fn a_command_is_known_in_any_case() {
    let world = World::start().await;
    let driver = world.driver().await;
    for (words, said) in [
        ("/START", "Здравствуйте"),
        ("/Start@CargoTech_local_bot", "Здравствуйте"),
        ("/Start cargo_77", "Груз № 77"),
        ("/Responses", "Откликов пока нет"),
        ("/HELP", "Как это работает"),
    ] {
        world.write(driver.id, driver.id, words, None).await;
        world.settle().await;
        let answer = world.texts(driver.id).await.last().cloned().unwrap_or_default();
        assert!(answer.contains(said), "{words}: {answer}");
        world.pass(2);
    }
}

/// A rejected response whose reason nobody has given.
async fn rejected(world: &World) -> Responded {
    let responded = world.responded().await;
    world.press(OLGA, responded.card, &responded.button('r')).await;
    world.settle().await;
    responded
}

async fn send_media(world: &World, kind: &str, caption: Option<&str>, to: i64, topic: Option<i64>) {
    let media = json!({ "from": IGOR, "kind": kind, "caption": caption, "reply_to_message_id": to, "message_thread_id": topic });
    world.sandbox_post(&format!("/telegram/chats/{DISPATCH_CHAT}/media"), media).await;
    world.settle().await;
    world.pass(5);
}

#[tokio::test]
async fn a_caption_is_a_reason_and_what_has_no_words_is_told_that_words_are_needed() {
    let world = World::start().await;
    let open = world.responded().await;
    send_media(&world, "photo", None, open.card, None).await;
    let one = rejected(&world).await;
    let hints = async || world.texts_with(DISPATCH_CHAT, &["текстом"]).await.len();
    assert_eq!(hints().await, 0, "a picture below an open response is talk");
    for (kind, topic) in [("sticker", None), ("voice", None), ("photo", Some(9))] {
        let before = hints().await;
        send_media(&world, kind, None, one.card, topic).await;
        assert_eq!(hints().await, before + 1, "{kind}");
        let hint = world.messages(DISPATCH_CHAT).await.last().cloned().unwrap();
        assert_eq!(hint["message_thread_id"], json!(topic), "{hint}");
        assert_eq!(hint["reply_to_message"]["from"]["id"], IGOR, "to whom it is said: {hint}");
    }
    assert_eq!(world.response(&one.driver, &one.cargo).await["reason"], Value::Null);
    send_media(&world, "photo", Some("Кузов не подходит"), one.card, None).await;
    assert_eq!(world.response(&one.driver, &one.cargo).await["reason"], "Кузов не подходит");
    send_media(&world, "sticker", None, one.card, None).await;
    assert_eq!(hints().await, 3, "a reason is there");
}

#[tokio::test]
async fn who_gives_a_second_reason_is_told_whose_stands() {
    let world = World::start().await;
    let one = rejected(&world).await;
    world.write(DISPATCH_CHAT, OLGA, "Нужен <реф>", Some(one.card)).await;
    world.settle().await;
    world.pass(5);
    let theirs = world.write(DISPATCH_CHAT, IGOR, "Другая машина ближе", Some(one.card)).await;
    assert!(theirs.is_some());
    world.settle().await;
    let answer = world.messages(DISPATCH_CHAT).await.last().cloned().unwrap();
    let said = text(&answer["text"]);
    assert!(said.contains("Ольга Ветрова") && said.contains("Нужен <реф>"), "{said}");
    assert_eq!(answer["reply_to_message"]["text"], "Другая машина ближе");
    assert_eq!(world.response(&one.driver, &one.cargo).await["reason"], "Нужен <реф>");
    let explained = world.audited(&one.id).await;
    assert_eq!(explained.iter().filter(|row| row.starts_with("explained")).count(), 1, "{explained:?}");
}

#[tokio::test]
async fn of_many_reasons_at_once_one_stands_and_the_others_are_told() {
    let world = World::start().await;
    let one = rejected(&world).await;
    // The group takes some answers at once after a quiet minute.
    world.pass(60);
    let reply = |number: i64, who: i64| {
        json!({ "update_id": number, "message": { "message_id": 900 + who, "date": 1, "from": { "id": who, "first_name": format!("Д{who}") },
            "chat": { "id": DISPATCH_CHAT, "type": "supergroup" }, "text": format!("Причина {who}"),
            "reply_to_message": { "message_id": one.card } } })
    };
    let answers = join_all((1..=4).map(|who| {
        let (update, world) = (reply(tests::new_driver_id(), who), &world);
        async move { world.webhook(&update).await }
    }))
    .await;
    let reason = text(&world.response(&one.driver, &one.cargo).await["reason"]);
    let winner = reason.trim_start_matches("Причина ").to_owned();
    let told: Vec<_> = answers.iter().filter(|answer| answer.status.as_u16() == 200).collect();
    assert_eq!(told.len(), 3, "{answers:?}");
    assert!(told.iter().all(|answer| text(&answer.json()["text"]).contains(&format!("Д{winner}"))), "{told:?}");
    // The same update again, after its first answer was lost, is no second reason.
    let again = reply(tests::new_driver_id(), winner.parse().unwrap());
    assert_eq!(world.webhook(&again).await.status.as_u16(), 204);
}
