//! Dispatchers decide on responses, and drivers learn of it.
use std::collections::BTreeSet;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{DISPATCH_CHAT, DISPATCHERS, Responded, World, text};

const OLGA: i64 = DISPATCHERS[0];
const IGOR: i64 = DISPATCHERS[1];

/// The last message of a chat, when all has come to rest.
async fn last(world: &World, chat: i64) -> Value {
    world.settle().await;
    world.messages(chat).await.last().cloned().expect("a message")
}

/// The message must have one button, which opens this cargo in the app.
fn opens(world: &World, message: &Value, cargo: &str) {
    let keyboard = &message["reply_markup"]["inline_keyboard"];
    let url = text(&keyboard[0][0]["web_app"]["url"]);
    assert_eq!(url, format!("{}/app/?tgWebAppStartParam=cargo_{cargo}", world.address()), "{message}");
    assert_eq!(keyboard.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_response_is_accepted_and_completed_and_the_driver_hears_of_both() {
    let world = World::start().await;
    let responded = world.responded().await;
    let Responded { driver, cargo, card, .. } = &responded;
    let early = world.press(OLGA, *card, &responded.button('c')).await;
    assert_eq!((&early["show_alert"], text(&early["text"]).contains("Ждёт ответа")), (&json!(true), true), "{early}");
    assert_eq!(world.response(driver, cargo).await["status"], "sent", "what is not accepted cannot be complete");

    let done = world.press(OLGA, *card, &responded.button('a')).await;
    assert_eq!((&done["text"], &done["show_alert"]), (&json!("Готово: ✅ Принят"), &json!(false)));
    let notice = last(&world, driver.id).await;
    let phone = text(&world.get(driver, "/api/me").await.json()["phone"]);
    assert!(text(&notice["text"]).contains("Отклик принят") && text(&notice["text"]).contains(&phone), "{notice}");
    opens(&world, &notice, cargo);
    let shown = world.message(DISPATCH_CHAT, *card).await;
    let said = text(&shown["text"]);
    assert!(said.contains("✅ Принят · Ольга Ветрова, ") && said.contains(" МСК"), "{said}");
    let buttons = shown["reply_markup"]["inline_keyboard"].as_array().unwrap().clone();
    let complete = json!([{ "text": "🏁 Завершить", "callback_data": responded.button('c') }]);
    let undo = json!([{ "text": "↩️ Отменить принятие", "callback_data": responded.button('n') }]);
    assert_eq!(buttons, [complete, undo]);

    // The same press again, as when its answer was lost; somebody else is told who decided.
    assert_eq!(world.press(OLGA, *card, &responded.button('a')).await["text"], "Готово: ✅ Принят");
    let late = world.press(IGOR, *card, &responded.button('r')).await;
    assert!(text(&late["text"]).starts_with("Уже решено: ✅ Принят · Ольга Ветрова"), "{late}");
    assert_eq!(late["show_alert"], true);

    world.press(IGOR, *card, &responded.button('c')).await;
    let notice = last(&world, driver.id).await;
    assert!(text(&notice["text"]).contains("Перевозка завершена"), "{notice}");
    opens(&world, &notice, cargo);
    let shown = world.message(DISPATCH_CHAT, *card).await;
    assert!(text(&shown["text"]).contains("🏁 Завершён · Игорь, ") && shown.get("reply_markup").is_none(), "{shown}");
    for data in [responded.button('a'), responded.button('r'), responded.button('c'), responded.link_button(1)] {
        let late = world.press(OLGA, *card, &data).await;
        assert!(text(&late["text"]).starts_with("Уже решено: 🏁 Завершён · Игорь"), "{late}");
    }
    world.settle().await;
    assert_eq!(world.response(driver, cargo).await["status"], "completed");
    // The contact's confirmation, accepted, completed: each once.
    assert_eq!(world.messages(driver.id).await.len(), 3);
    assert_eq!(world.messages(DISPATCH_CHAT).await.len(), 1);
    assert_eq!(
        world.audited(&responded.id).await,
        ["queued by driver", "sent by system", "accepted by dispatcher", "completed by dispatcher"]
    );
}

#[tokio::test]
async fn of_twenty_dispatchers_who_press_at_once_one_wins_and_the_others_are_told() {
    let world = World::start().await;
    let responded = world.responded().await;
    world.settle().await;
    let presses = join_all((0..20_i64).map(async |nth| {
        let letter = if nth % 2 == 0 { 'a' } else { 'r' };
        let who = 400_000_000 + nth;
        (letter, world.press(who, responded.card, &responded.button(letter)).await)
    }))
    .await;
    let won = presses.iter().filter(|(_, answer)| text(&answer["text"]).starts_with("Готово")).collect::<Vec<_>>();
    assert_eq!(won.len(), 1, "{presses:?}");
    let told = presses.iter().filter(|(_, answer)| text(&answer["text"]).starts_with("Уже решено: ")).count();
    assert_eq!(told, 19, "{presses:?}");
    let status = if won[0].0 == 'a' { "accepted" } else { "rejected" };
    world.settle().await;
    assert_eq!(world.response(&responded.driver, &responded.cargo).await["status"], status);
    assert_eq!(world.messages(responded.driver.id).await.len(), 2, "the contact's confirmation, and one notice");
    assert_eq!(world.messages(DISPATCH_CHAT).await.len(), 1);
    let audited = world.audited(&responded.id).await;
    assert_eq!(audited, ["queued by driver", "sent by system", &format!("{status} by dispatcher")]);
}

#[tokio::test]
async fn twenty_dispatchers_decide_once_also_while_transactions_conflict() {
    let world = World::start().await;
    let responded = world.responded().await;
    world.settle().await;
    let fault = json!({ "operation": "TransactWriteItems", "error": "TransactionConflictException", "times": 30, "probability": 0.5, "seed": 5 });
    world.sandbox("/store", json!({ "faults": [fault] })).await;
    join_all((0..20_i64).map(|nth| {
        let letter = if nth % 2 == 0 { 'a' } else { 'r' };
        let (world, responded) = (&world, &responded);
        async move { world.press(400_000_000 + nth, responded.card, &responded.button(letter)).await }
    }))
    .await;
    world.send(Method::DELETE, "/_sandbox/store", &[], "").await;
    world.settle().await;
    assert_eq!(world.audited(&responded.id).await.len(), 3);
    assert_eq!(world.messages(responded.driver.id).await.len(), 2);
}

#[tokio::test]
async fn a_press_from_elsewhere_or_with_forged_data_changes_nothing() {
    let world = World::start().await;
    let responded = world.responded().await;
    let Responded { driver, cargo, card, .. } = &responded;
    world.settle().await;
    let calls = world.look("/telegram/calls").await["methods"]["editMessageText"].clone();
    // The driver's own chat is not the dispatchers'.
    let own = world.messages(driver.id).await[0]["message_id"].as_i64().unwrap();
    let answer = world.press_in(driver.id, driver.id, own, &responded.button('a')).await;
    assert_eq!((&answer["text"], &answer["show_alert"]), (&json!("Этого отклика больше нет"), &json!(true)));
    let unknown = "00000000-0000-4000-8000-000000000000";
    for data in [
        format!("a:{unknown}"),
        format!("a:{}:1", responded.id),
        format!("l:{}", responded.id),
        format!("l:{}:-1", responded.id),
        format!("x:{}", responded.id),
        format!("a{}", responded.id),
        format!("a: {}", responded.id),
        "a:".to_owned(),
        "a:' OR 1=1".to_owned(),
        "нечто".to_owned(),
    ] {
        let answer = world.press(OLGA, *card, &data).await;
        assert_eq!(answer["text"], "Этого отклика больше нет", "{data}");
    }
    // A press without the message that it belongs to, as Telegram sends it for very old ones, and one in a foreign group.
    for message in [Value::Null, json!({ "chat": { "id": -1_009_999, "type": "supergroup" }, "message_id": card })] {
        let query = json!({ "id": "1", "from": { "id": OLGA, "first_name": "Ольга" }, "message": message, "data": responded.button('a') });
        let number = new_update_id();
        let answer = world.webhook(&json!({ "update_id": number, "callback_query": query })).await.ok();
        assert_eq!(answer.json()["text"], "Этого отклика больше нет");
    }
    world.settle().await;
    assert_eq!(world.response(driver, cargo).await["status"], "sent");
    assert_eq!(world.look("/telegram/calls").await["methods"]["editMessageText"], calls);
    assert_eq!(world.messages(driver.id).await.len(), 1);
    assert_eq!(world.audited(&responded.id).await, ["queued by driver", "sent by system"]);
}

#[tokio::test]
async fn the_reason_for_a_rejection_is_a_reply_to_the_card() {
    let world = World::start().await;
    let responded = world.responded().await;
    let Responded { driver, cargo, card, .. } = &responded;
    // Talk below an open response is no reason.
    world.write(DISPATCH_CHAT, OLGA, "Кто возьмёт?", Some(*card)).await;
    world.press(OLGA, *card, &responded.button('r')).await;
    let notice = last(&world, driver.id).await;
    assert!(
        text(&notice["text"]).contains("Отклик отклонён") && !text(&notice["text"]).contains("Причина"),
        "{notice}"
    );
    opens(&world, &notice, cargo);
    let shown = text(&world.message(DISPATCH_CHAT, *card).await["text"]);
    assert!(shown.contains("❌ Отклонён · Ольга Ветрова") && shown.contains("ответьте на это сообщение"), "{shown}");

    world.pass(10);
    world.write(DISPATCH_CHAT, IGOR, "Нужен <рефрижератор> & тент", Some(*card)).await;
    let notice = last(&world, driver.id).await;
    assert!(text(&notice["text"]).contains("Причина: Нужен <рефрижератор> & тент"), "{notice}");
    opens(&world, &notice, cargo);
    let shown = text(&world.message(DISPATCH_CHAT, *card).await["text"]);
    assert!(shown.contains("Причина: Нужен <рефрижератор> & тент") && !shown.contains("ответьте на это"), "{shown}");
    let response = world.response(driver, cargo).await;
    assert_eq!((&response["status"], &response["reason"]), (&json!("rejected"), &json!("Нужен <рефрижератор> & тент")));

    // A reason is given once; what is written without a reply, or below another message, is none.
    world.write(DISPATCH_CHAT, OLGA, "Другая причина", Some(*card)).await;
    world.write(DISPATCH_CHAT, OLGA, "Просто так", None).await;
    world.settle().await;
    assert_eq!(world.response(driver, cargo).await["reason"], "Нужен <рефрижератор> & тент");
    assert_eq!(world.messages(driver.id).await.len(), 3, "the contact's confirmation, the rejection, the reason");
    let said = world.texts(DISPATCH_CHAT).await;
    assert!(said.len() == 2 && said[1].contains("Причина уже указана"), "{said:?}");
    assert_eq!(
        world.audited(&responded.id).await,
        ["queued by driver", "sent by system", "rejected by dispatcher", "explained by dispatcher"]
    );
}

#[tokio::test]
async fn a_reason_that_is_given_before_the_driver_was_told_is_told_once() {
    let world = World::start().await;
    let responded = world.responded().await;
    world.settle().await;
    world.sandbox("/queues", json!({ "lose": "all" })).await;
    world.press(OLGA, responded.card, &responded.button('r')).await;
    world.write(DISPATCH_CHAT, OLGA, "Нужен рефрижератор", Some(responded.card)).await;
    world.settle().await;
    world.send(Method::DELETE, "/_sandbox/queues", &[], "").await;
    for _ in 0..3 {
        world.pass(5);
        world.job("deliver-due").await;
        world.settle().await;
    }
    let texts = world.texts(responded.driver.id).await;
    assert_eq!(texts.iter().filter(|text| text.contains("Нужен рефрижератор")).count(), 1, "{texts:?}");
}

#[tokio::test]
async fn a_reply_from_outside_the_dispatchers_chat_is_no_reason() {
    let world = World::start().await;
    let responded = world.responded().await;
    world.press(OLGA, responded.card, &responded.button('r')).await;
    let message = json!({
        "message_id": 1, "from": { "id": responded.driver.id, "first_name": "В" }, "chat": { "id": -1_009_999, "type": "group" },
        "text": "Потому", "reply_to_message": { "message_id": responded.card }
    });
    let answer = world.webhook(&json!({ "update_id": new_update_id(), "message": message })).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (204, ""));
    assert_eq!(world.response(&responded.driver, &responded.cargo).await["reason"], Value::Null);
}

#[tokio::test]
async fn a_response_expires_once_when_nobody_decides_and_the_driver_is_told() {
    let world = World::with(&[("RESPONSE_TTL_S", "3600")]).await;
    let (open, decided) = (world.responded().await, world.responded().await);
    world.press(OLGA, decided.card, &decided.button('a')).await;
    world.settle().await;
    world.pass(3000);
    world.job("expire-responses").await;
    // The cargo itself may be gone by now; the driver's list knows the response all the same.
    let status =
        async |one: &Responded| text(&world.get(&one.driver, "/api/responses").await.ok().json()["items"][0]["status"]);
    assert_eq!(status(&open).await, "sent", "its time is not over");
    world.pass(700);
    for _ in 0..2 {
        world.job("expire-responses").await;
    }
    let notice = last(&world, open.driver.id).await;
    assert!(text(&notice["text"]).contains("Отклик истёк"), "{notice}");
    opens(&world, &notice, &open.cargo);
    assert_eq!(status(&open).await, "expired");
    let shown = world.message(DISPATCH_CHAT, open.card).await;
    assert!(text(&shown["text"]).contains("⌛ Истёк · автоматически"), "{shown}");
    assert!(shown.get("reply_markup").is_none());
    let late = world.press(OLGA, open.card, &open.button('a')).await;
    assert!(text(&late["text"]).starts_with("Уже решено: ⌛ Истёк · автоматически"), "{late}");
    assert_eq!(world.withdraw(&open.driver, &open.cargo).await.problem(), (409, "response_closed".into()));
    world.settle().await;
    assert_eq!(world.messages(open.driver.id).await.len(), 2);
    assert_eq!(world.audited(&open.id).await, ["queued by driver", "sent by system", "expired by system"]);
    assert_eq!(status(&decided).await, "accepted");
}

#[tokio::test]
async fn what_never_reached_the_dispatchers_expires_too() {
    let world = World::with(&[("RESPONSE_TTL_S", "3600")]).await;
    let driver = world.driver_with_phone().await;
    let cargo = world.lasting_cargo().await;
    world.sandbox("/telegram/faults", json!({ "fail": { "status": 400, "method": "sendMessage" } })).await;
    world.respond(&driver, &cargo, json!({})).await;
    world.settle().await;
    assert_eq!(world.response(&driver, &cargo).await["status"], "queued");
    world.sandbox("/telegram/faults", json!({})).await;
    world.pass(3601);
    world.job("expire-responses").await;
    let notice = last(&world, driver.id).await;
    assert!(text(&notice["text"]).contains("Отклик истёк"), "{notice}");
    world.until_status(&driver, &cargo, "expired").await;
}

#[tokio::test]
async fn many_overdue_responses_expire_in_one_run() {
    let world =
        World::with(&[("RESPONSE_TTL_S", "3600"), ("RATE_LIMIT_PER_S", "1000"), ("MISSES_PER_MIN", "6000")]).await;
    let driver = world.driver_with_phone().await;
    world.sandbox("/queues", json!({ "lose": "all" })).await;
    for cargo in world.cargos(&driver, 30).await {
        assert_eq!(world.respond(&driver, &text(&cargo["id"]), json!({})).await.status.as_u16(), 201);
    }
    world.pass(3601);
    world.job("expire-responses").await;
    let list = world.get(&driver, "/api/responses").await.ok().json();
    let statuses = list["items"].as_array().unwrap().iter().map(|item| text(&item["status"])).collect::<BTreeSet<_>>();
    assert_eq!(statuses, BTreeSet::from(["expired".to_owned()]));
}

/// A number that no update of this run has.
fn new_update_id() -> i64 {
    tests::new_driver_id()
}
