use std::sync::atomic::{AtomicUsize, Ordering};

use axum::response::IntoResponse as _;
use tower::ServiceExt as _;

use super::*;
use crate::{
    clock::MovableClock,
    telegram::drivers::{DISPATCHERS, DRIVERS},
};

const TOKEN: &str = "7000000001:local-demo-bot-token";
const DRIVER: i64 = DRIVERS[0].id;
const DISPATCHER: i64 = DISPATCHERS[0].id;

fn bot() -> (Bot, MovableClock) {
    let clock = MovableClock::default();
    (Bot::new(TOKEN.to_owned(), DISPATCH_CHAT, clock.clock()), clock)
}

fn call(bot: &Bot, method: &str, parameters: Value) -> Result<Value, String> {
    let Value::Object(parameters) = parameters else { panic!("an object") };
    bot.call(method, &Parameters(parameters)).map_err(|error| error.description)
}

fn send(bot: &Bot, chat: i64, text: &str) -> Result<Value, String> {
    call(bot, "sendMessage", json!({"chat_id": chat, "text": text}))
}

/// A call over HTTP.
async fn http(bot: &Bot, path: &str, kind: &str, body: &str) -> (u16, Value) {
    let request =
        Request::post(path).header("content-type", kind).body(Body::from(body.to_owned())).expect("a request");
    let (parts, body) = bot.handle(request).await.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    (parts.status.as_u16(), serde_json::from_slice(&body).expect("JSON"))
}

/// A call of the control routes.
async fn control(bot: &Bot, method: &str, path: &str, body: Value) -> (u16, Value) {
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    let request = Request::builder().method(method).uri(path).body(body).expect("a request");
    let response = control::router(bot.clone()).oneshot(request).await.expect("never fails").into_response();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    (parts.status.as_u16(), serde_json::from_slice(&body).expect("JSON"))
}

/// A webhook that keeps what it gets and answers as `answer` says.
fn webhook(
    bot: &Bot,
    answer: impl Fn(&Value) -> (u16, Value) + Send + Sync + 'static,
) -> (tokio::task::JoinHandle<()>, Arc<Mutex<Vec<Value>>>) {
    bot.set_webhook_to("https://a/webhooks/telegram", "secret", &["message", "callback_query", "my_chat_member"])
        .expect("taken");
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (kept, answer) = (seen.clone(), Arc::new(answer));
    let deliver: Deliver = Arc::new(move |request| {
        let (kept, answer) = (kept.clone(), answer.clone());
        Box::pin(async move {
            assert_eq!(request.uri(), "/webhooks/telegram");
            assert_eq!(request.headers()["x-telegram-bot-api-secret-token"], "secret");
            let body = request.into_body().collect().await.expect("a body").to_bytes();
            let update: Value = serde_json::from_slice(&body).expect("JSON");
            let (status, body) = answer(&update);
            kept.lock().expect("no panic").push(update);
            let mut response = Response::new(Body::from(body.to_string()));
            *response.status_mut() = StatusCode::from_u16(status).expect("a status");
            response
        })
    });
    #[allow(clippy::disallowed_methods, reason = "the bot beside the test")]
    let running = tokio::spawn(bot.clone().run(deliver));
    (running, seen)
}

async fn until(what: impl Fn() -> bool) {
    for _ in 0..400 {
        if what() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not happen");
}

#[tokio::test]
async fn it_answers_in_telegrams_envelope_to_json_forms_and_queries() {
    let (bot, _) = bot();
    let (status, me) = http(&bot, &format!("/bot{TOKEN}/getMe"), "", "").await;
    assert_eq!((status, &me["ok"], &me["result"]["id"]), (200, &json!(true), &json!(7_000_000_001_i64)));
    let wrong = http(&bot, "/bot1:x/getMe", "", "").await;
    assert_eq!(wrong, (401, json!({"ok": false, "error_code": 401, "description": "Unauthorized"})));
    assert_eq!(http(&bot, &format!("/bot{TOKEN}/flyToMoon"), "", "").await.0, 404);

    let path = format!("/bot{TOKEN}/sendmessage?chat_id={DRIVER}");
    let form = "text=a%20b&reply_markup=%7B%22inline_keyboard%22%3A%5B%5B%7B%22text%22%3A%22x%22%2C%22callback_data%22%3A%22y%22%7D%5D%5D%7D";
    let (status, sent) = http(&bot, &path, "application/x-www-form-urlencoded", form).await;
    assert_eq!((status, &sent["result"]["text"]), (200, &json!("a b")));
    assert_eq!(sent["result"]["reply_markup"]["inline_keyboard"][0][0]["callback_data"], "y");
    assert_eq!(sent["result"]["chat"]["type"], "private");
    let (status, sent) = http(&bot, &path, "application/json", r#"{"text":"c"}"#).await;
    assert_eq!((status, &sent["result"]["text"]), (200, &json!("c")));
    assert_eq!(http(&bot, &path, "application/json", "{").await.0, 400);
}

#[test]
fn what_cannot_be_sent_is_refused_in_telegrams_words() {
    let (bot, _) = bot();
    let refused = |chat: i64, text: &str| send(&bot, chat, text).expect_err("refused");
    assert_eq!(refused(1, "a"), "Bad Request: chat not found");
    assert_eq!(refused(DRIVER, " "), "Bad Request: message text is empty");
    assert_eq!(refused(DRIVER, &"🚛".repeat(2049)), "Bad Request: message is too long");
    assert!(send(&bot, DRIVER, &"🚛".repeat(2048)).is_ok());
    assert_eq!(refused(DISPATCHER, "a"), "Forbidden: bot can't initiate conversation with a user");
    let html = json!({"chat_id": DRIVER, "text": "<b>a", "parse_mode": "HTML"});
    assert!(call(&bot, "sendMessage", html).expect_err("refused").starts_with("Bad Request: can't parse entities: "));
    let reply = json!({"chat_id": DRIVER, "text": "a", "reply_parameters": {"message_id": 1}});
    assert_eq!(call(&bot, "sendMessage", reply), Err("Bad Request: message to be replied not found".to_owned()));
}

#[tokio::test]
async fn who_blocks_the_bot_is_out_of_reach_until_it_is_unblocked() {
    let (bot, _) = bot();
    let (task, seen) = webhook(&bot, |_| (200, json!({})));
    control(&bot, "POST", &format!("/chats/{DRIVER}/block"), Value::Null).await;
    assert_eq!(send(&bot, DRIVER, "a"), Err("Forbidden: bot was blocked by the user".to_owned()));
    let typed = control(&bot, "POST", &format!("/chats/{DRIVER}/messages"), json!({"text": "a"})).await;
    assert_eq!(typed.0, 409);
    control(&bot, "POST", &format!("/chats/{DRIVER}/unblock"), Value::Null).await;
    assert!(send(&bot, DRIVER, "a").is_ok());
    until(|| seen.lock().expect("no panic").len() == 2).await;
    let statuses: Vec<_> = seen
        .lock()
        .expect("no panic")
        .iter()
        .map(|update| update["my_chat_member"]["new_chat_member"]["status"].clone())
        .collect();
    assert_eq!(statuses, ["kicked", "member"]);
    task.abort();
}

#[test]
fn an_edit_changes_only_what_is_ours_and_differs() {
    let (bot, clock) = bot();
    let keyboard = json!({"inline_keyboard": [[{"text": "Принять", "callback_data": "a"}]]});
    let sent = call(&bot, "sendMessage", json!({"chat_id": DISPATCH_CHAT, "text": "one", "reply_markup": keyboard}))
        .expect("sent");
    let id = &sent["message_id"];
    let edit = |text: &str, markup: &Value| {
        let edit = json!({"chat_id": DISPATCH_CHAT, "message_id": id, "text": text, "reply_markup": markup});
        call(&bot, "editMessageText", edit)
    };
    let same = edit("one", &keyboard).expect_err("the same");
    assert!(same.starts_with("Bad Request: message is not modified: specified new message content"), "{same}");
    clock.advance_s(60);
    let edited = edit("two", &Value::Null).expect("edited");
    assert_eq!(edited["edit_date"].as_i64().expect("a date") - edited["date"].as_i64().expect("a date"), 60);
    assert!(edited.get("reply_markup").is_none(), "an edit without a keyboard takes it away");
    assert!(edit("two", &Value::Null).expect_err("the same").contains("not modified"));
    let markup = json!({"chat_id": DISPATCH_CHAT, "message_id": id, "reply_markup": keyboard});
    assert!(call(&bot, "editMessageReplyMarkup", markup.clone()).is_ok());
    assert!(call(&bot, "editMessageReplyMarkup", markup).expect_err("the same").contains("not modified"));
    let none = json!({"chat_id": DISPATCH_CHAT, "message_id": 1, "text": "a"});
    assert_eq!(call(&bot, "editMessageText", none), Err("Bad Request: message to edit not found".to_owned()));
    let delete = json!({"chat_id": DISPATCH_CHAT, "message_id": id});
    assert_eq!(call(&bot, "deleteMessage", delete.clone()), Ok(json!(true)));
    assert_eq!(call(&bot, "deleteMessage", delete), Err("Bad Request: message to delete not found".to_owned()));
}

#[tokio::test]
async fn a_storm_is_answered_with_429_and_counted() {
    let (bot, clock) = bot();
    let path = format!("/bot{TOKEN}/sendMessage");
    let body = json!({"chat_id": DRIVER, "text": "a"}).to_string();
    for _ in 0..3 {
        assert_eq!(http(&bot, &path, "application/json", &body).await.0, 200);
    }
    let (status, refused) = http(&bot, &path, "application/json", &body).await;
    assert_eq!(status, 429);
    assert_eq!(refused["description"], "Too Many Requests: retry after 1");
    assert_eq!(refused["parameters"]["retry_after"], 1);
    clock.advance_s(1);
    assert_eq!(http(&bot, &path, "application/json", &body).await.0, 200);
    let (_, calls) = control(&bot, "GET", "/calls", Value::Null).await;
    assert_eq!(calls["methods"]["sendMessage"], json!({"calls": 5, "ok": 4, "errors": {"429": 1}}));
    assert_eq!(calls["largest"]["private_chat_per_second"], 4);
}

#[tokio::test]
async fn it_fails_hangs_up_and_loses_answers_as_told() {
    let (bot, _) = bot();
    let path = format!("/bot{TOKEN}/sendMessage");
    let body = json!({"chat_id": DRIVER, "text": "a"}).to_string();
    let fail = json!({"fail": {"status": 429, "times": 1, "retry_after": 7, "method": "sendMessage"}});
    control(&bot, "PUT", "/faults", fail).await;
    assert_eq!(http(&bot, &format!("/bot{TOKEN}/getMe"), "", "").await.0, 200);
    let (status, failed) = http(&bot, &path, "application/json", &body).await;
    assert_eq!((status, &failed["parameters"]["retry_after"]), (429, &json!(7)));
    assert_eq!(http(&bot, &path, "application/json", &body).await.0, 200);
    for (faults, messages) in [(json!({"drop": {"times": 1}}), 2), (json!({"down": true}), 2)] {
        control(&bot, "PUT", "/faults", faults).await;
        let request = Request::post(&path).header("content-type", "application/json").body(Body::from(body.clone()));
        let response = bot.handle(request.expect("a request")).await;
        assert!(response.into_body().collect().await.is_err(), "no answer");
        let (_, chat) = control(&bot, "GET", &format!("/chats/{DRIVER}"), Value::Null).await;
        assert_eq!(chat["messages"].as_array().map(Vec::len), Some(messages));
    }
    assert_eq!(control(&bot, "PUT", "/faults", json!({"dwon": true})).await.0, 422);
    assert_eq!(control(&bot, "DELETE", "/faults", Value::Null).await.1["limits"], true);
}

#[tokio::test]
async fn what_a_person_types_reaches_the_webhook_in_order() {
    let (bot, _) = bot();
    let fails = AtomicUsize::new(0);
    let (task, seen) =
        webhook(&bot, move |_| (if fails.fetch_add(1, Ordering::SeqCst) == 0 { 500 } else { 200 }, json!({})));
    for text in ["/start cargo_1", "two"] {
        control(&bot, "POST", &format!("/chats/{DRIVER}/messages"), json!({"text": text})).await;
    }
    until(|| seen.lock().expect("no panic").len() == 3).await;
    let seen = seen.lock().expect("no panic").clone();
    assert_eq!(seen[0], seen[1], "repeated at once, before the next one");
    assert_eq!(seen[0]["message"]["entities"][0], json!({"type": "bot_command", "offset": 0, "length": 6}));
    assert_eq!(seen[2]["message"]["text"], "two");
    assert_eq!(seen[2]["update_id"].as_i64(), seen[0]["update_id"].as_i64().map(|id| id + 1));
    let (_, info) = control(&bot, "GET", "/webhook", Value::Null).await;
    assert_eq!(info["last_error_message"], "Wrong response from the webhook: 500 Internal Server Error");
    assert_eq!(info["history"].as_array().map(Vec::len), Some(3));
    task.abort();
}

#[tokio::test]
async fn in_the_group_the_bot_hears_only_what_is_meant_for_it() {
    let (bot, _) = bot();
    let asked = call(
        &bot,
        "sendMessage",
        json!({"chat_id": DISPATCH_CHAT, "text": "Почему?", "reply_markup": {"force_reply": true}}),
    )
    .expect("sent");
    let (_task, _) = webhook(&bot, |_| (200, json!({})));
    let path = format!("/chats/{DISPATCH_CHAT}/messages");
    let chat = control(&bot, "POST", &path, json!({"from": DISPATCHER, "text": "Привет"})).await.1;
    assert!(chat["update_id"].is_null());
    let reply = json!({"from": DISPATCHER, "text": "Дорого", "reply_to_message_id": asked["message_id"]});
    let reply = control(&bot, "POST", &path, reply).await.1;
    assert!(reply["update_id"].is_i64());
    assert_eq!(reply["message"]["reply_to_message"]["text"], "Почему?");
    assert!(control(&bot, "POST", &path, json!({"from": DISPATCHER, "text": "/help"})).await.1["update_id"].is_i64());
    let (_, shown) = control(&bot, "GET", &format!("/chats/{DISPATCH_CHAT}"), Value::Null).await;
    assert_eq!(shown["messages"][0]["force_reply"]["force_reply"], true);
    assert_eq!(shown["members"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_press_waits_for_its_answer_which_may_be_the_webhooks_own() {
    let (bot, clock) = bot();
    let answer = |update: &Value| {
        let id = &update["callback_query"]["id"];
        let answer =
            json!({"method": "answerCallbackQuery", "callback_query_id": id, "text": "Готово", "show_alert": true});
        (200, answer)
    };
    let (task, seen) = webhook(&bot, answer);
    let sent = send(&bot, DISPATCH_CHAT, "a").expect("sent");
    let press =
        json!({"chat_id": DISPATCH_CHAT, "message_id": sent["message_id"], "from": DISPATCHER, "data": "forged"});
    let (_, pressed) = control(&bot, "POST", "/press", press).await;
    assert_eq!(pressed["answer"]["text"], "Готово");
    let update = seen.lock().expect("no panic")[0].clone();
    assert_eq!(update["callback_query"]["data"], "forged");
    assert_eq!(update["callback_query"]["message"]["chat"]["id"], DISPATCH_CHAT);
    assert_eq!(update["callback_query"]["from"]["id"], DISPATCHER);

    let again = json!({"callback_query_id": pressed["callback_query_id"]});
    assert_eq!(call(&bot, "answerCallbackQuery", again.clone()), Ok(json!(true)));
    clock.advance_s(900);
    let old = call(&bot, "answerCallbackQuery", again).expect_err("too old");
    assert_eq!(old, "Bad Request: query is too old and response timeout expired or query ID is invalid");
    let long = json!({"callback_query_id": "1", "text": "a".repeat(201)});
    assert_eq!(call(&bot, "answerCallbackQuery", long), Err("Bad Request: MESSAGE_TOO_LONG".to_owned()));
    task.abort();
}

#[tokio::test]
async fn a_webhooks_answer_may_send_but_not_ask() {
    let (bot, _) = bot();
    let (task, seen) = webhook(&bot, |update| match update["message"]["text"].as_str() {
        Some("send") => (200, json!({"method": "sendMessage", "chat_id": DRIVER, "text": "sent"})),
        _ => (200, json!({"method": "deleteWebhook"})),
    });
    for text in ["send", "delete"] {
        control(&bot, "POST", &format!("/chats/{DRIVER}/messages"), json!({"text": text})).await;
    }
    until(|| seen.lock().expect("no panic").len() == 2 && bot.state().updates.pending() == 0).await;
    let (_, chat) = control(&bot, "GET", &format!("/chats/{DRIVER}"), Value::Null).await;
    let texts: Vec<_> =
        chat["messages"].as_array().into_iter().flatten().map(|message| message["text"].clone()).collect();
    assert!(texts.contains(&json!("sent")), "{texts:?}");
    assert!(!bot.state().updates.webhook.url.is_empty());
    task.abort();
}

#[tokio::test]
async fn a_lost_answer_of_the_webhook_brings_the_update_twice() {
    let (bot, _) = bot();
    control(&bot, "PUT", "/faults", json!({"lose_webhooks": {"times": 1, "after": true}})).await;
    let (task, seen) = webhook(&bot, |_| (200, json!({})));
    let raw = control(&bot, "POST", "/updates", json!({"message": {"chat": "no chat"}, "x": 1})).await.1;
    until(|| seen.lock().expect("no panic").len() == 2).await;
    assert!(seen.lock().expect("no panic").iter().all(|update| update["update_id"] == raw["update_id"]));
    assert_eq!(control(&bot, "POST", "/updates", json!([1])).await.0, 422);
    task.abort();
}

#[tokio::test]
async fn a_contact_says_whose_it_is_and_the_app_gets_it_signed() {
    let (bot, _) = bot();
    let path = format!("/chats/{DRIVER}/contact");
    let own = control(&bot, "POST", &path, json!({})).await.1;
    assert_eq!(own["message"]["contact"]["user_id"], DRIVER);
    assert_eq!(own["message"]["contact"]["phone_number"], DRIVERS[0].phone);
    let other = control(&bot, "POST", &path, json!({"user_id": DISPATCHER, "phone": "7900"})).await.1;
    assert_eq!(
        (&other["message"]["contact"]["user_id"], &other["message"]["from"]["id"]),
        (&json!(DISPATCHER), &json!(DRIVER))
    );
    let nobody = control(&bot, "POST", &path, json!({"user_id": null})).await.1;
    assert!(nobody["message"]["contact"].get("user_id").is_none());
    let (_, signed) = control(&bot, "POST", "/requested-contact", json!({"driver_id": DRIVER})).await;
    assert!(signed["response"].as_str().is_some_and(|text| text.starts_with("contact=%7B") && text.contains("&hash=")));
}

#[test]
fn the_webhook_commands_and_the_menu_are_checked_and_kept() {
    let (bot, _) = bot();
    let set = |extra: Value| {
        let mut webhook = json!({"url": "https://a/b"});
        for (name, value) in extra.as_object().into_iter().flatten() {
            webhook[name] = value.clone();
        }
        call(&bot, "setWebhook", webhook)
    };
    assert_eq!(
        set(json!({"secret_token": "a b"})),
        Err("Bad Request: secret token contains unallowed characters".to_owned())
    );
    assert!(set(json!({"url": "http://example.org/"})).is_err());
    assert_eq!(
        set(json!({"secret_token": "a", "allowed_updates": ["message"], "max_connections": 5})),
        Ok(json!(true))
    );
    assert_eq!(set(json!({"secret_token": "a"})), Ok(json!(true)), "the kinds stay as they were");
    let info = call(&bot, "getWebhookInfo", json!({})).expect("info");
    assert_eq!((&info["allowed_updates"], &info["max_connections"]), (&json!(["message"]), &json!(40)));
    assert_eq!(call(&bot, "deleteWebhook", json!({})), Ok(json!(true)));
    assert_eq!(call(&bot, "getWebhookInfo", json!({})).expect("info")["url"], "");

    let commands = json!([{"command": "help", "description": "Помощь"}]);
    assert_eq!(call(&bot, "setMyCommands", json!({"commands": commands})), Ok(json!(true)));
    assert_eq!(call(&bot, "getMyCommands", json!({})), Ok(commands));
    let bad = json!({"commands": [{"command": "Help", "description": "a"}]});
    assert_eq!(call(&bot, "setMyCommands", bad), Err("Bad Request: BOT_COMMAND_INVALID".to_owned()));

    let menu = json!({"type": "web_app", "text": "Грузы", "web_app": {"url": "https://a/"}});
    assert_eq!(call(&bot, "setChatMenuButton", json!({"menu_button": menu})), Ok(json!(true)));
    assert_eq!(call(&bot, "getChatMenuButton", json!({"chat_id": DRIVER})), Ok(menu));
}

#[tokio::test]
async fn opening_the_app_lets_the_bot_write_and_a_reset_empties_the_chats() {
    let (bot, _) = bot();
    bot.meet(77);
    assert!(send(&bot, 77, "a").is_ok());
    bot.meet(DISPATCHER);
    assert!(send(&bot, DISPATCHER, "a").is_err(), "known, and never started it");
    control(&bot, "POST", "/reset", Value::Null).await;
    let (_, chats) = control(&bot, "GET", "/chats", Value::Null).await;
    assert!(chats["items"].as_array().expect("chats").iter().all(|chat| chat["message_count"] == 0));
}

#[tokio::test]
async fn a_group_in_trouble_takes_no_message_until_it_is_over() {
    let (bot, clock) = bot();
    let first = send(&bot, DISPATCH_CHAT, "a").expect("sent");
    let path = format!("/chats/{DISPATCH_CHAT}/trouble");
    for (kind, said) in [
        ("topic_closed", "Bad Request: TOPIC_CLOSED"),
        ("topic_deleted", "Bad Request: TOPIC_DELETED"),
        ("thread_not_found", "Bad Request: message thread not found"),
        ("chat_restricted", "Bad Request: CHAT_RESTRICTED"),
        ("no_rights", "Bad Request: have no rights to send a message"),
        ("not_enough_rights", "Bad Request: not enough rights to send text messages to the chat"),
        ("write_forbidden", "Bad Request: CHAT_WRITE_FORBIDDEN"),
        ("peer_id_invalid", "Bad Request: PEER_ID_INVALID"),
        ("channel_private", "Bad Request: CHANNEL_PRIVATE"),
        ("not_a_member", "Forbidden: bot is not a member of the supergroup chat"),
        ("deleted", "Forbidden: the group chat was deleted"),
    ] {
        control(&bot, "PUT", &path, json!({ "kind": kind })).await;
        assert_eq!(send(&bot, DISPATCH_CHAT, "b"), Err(said.to_owned()), "{kind}");
        let edit = json!({"chat_id": DISPATCH_CHAT, "message_id": first["message_id"], "text": "c"});
        assert_eq!(call(&bot, "editMessageText", edit), Err(said.to_owned()), "{kind}");
    }
    assert!(send(&bot, DRIVER, "a").is_ok(), "other chats go on");
    control(&bot, "PUT", &path, json!({"kind": "slow_mode", "seconds": 30})).await;
    assert!(send(&bot, DISPATCH_CHAT, "b").is_ok());
    clock.advance_s(10);
    assert_eq!(send(&bot, DISPATCH_CHAT, "c"), Err("Bad Request: SLOWMODE_WAIT_20".to_owned()));
    clock.advance_s(20);
    assert!(send(&bot, DISPATCH_CHAT, "c").is_ok());
    assert_eq!(control(&bot, "PUT", &path, json!({"kind": "unknown"})).await.0, 422);
    control(&bot, "DELETE", &path, Value::Null).await;
    assert!(send(&bot, DISPATCH_CHAT, "d").is_ok());
}

#[tokio::test]
async fn a_group_that_was_upgraded_says_what_it_is_now_and_a_topic_is_written_to_by_its_number() {
    let clock = MovableClock::default();
    let bot = Bot::new(TOKEN.to_owned(), -4001, clock.clock());
    let (task, seen) = webhook(&bot, |_| (200, json!({})));
    assert_eq!(bot.state().chats.chat_json(-4001)["type"], "group");
    control(&bot, "POST", "/chats/-4001/migrate", json!({"to": -1_001_000_004_001_i64})).await;
    let body = json!({"chat_id": -4001, "text": "a"}).to_string();
    let (status, moved) = http(&bot, &format!("/bot{TOKEN}/sendMessage"), "application/json", &body).await;
    assert_eq!((status, &moved["parameters"]["migrate_to_chat_id"]), (400, &json!(-1_001_000_004_001_i64)));
    assert_eq!(moved["description"], "Bad Request: group chat was upgraded to a supergroup chat");
    assert!(send(&bot, -1_001_000_004_001, "a").is_ok());
    until(|| seen.lock().expect("no panic").len() == 2).await;
    let told = seen.lock().expect("no panic").clone();
    assert!(told.iter().any(|update| update["message"]["migrate_to_chat_id"] == -1_001_000_004_001_i64));
    assert!(told.iter().any(|update| update["message"]["migrate_from_chat_id"] == -4001));

    let topic = |id: i64| json!({"chat_id": -1_001_000_004_001_i64, "text": "a", "message_thread_id": id});
    assert_eq!(call(&bot, "sendMessage", topic(7)), Err("Bad Request: message thread not found".to_owned()));
    let path = "/chats/-1001000004001/media";
    let photo = json!({"from": DISPATCHER, "kind": "photo", "caption": "b", "message_thread_id": 7});
    let photo = control(&bot, "POST", path, photo).await.1;
    assert_eq!((&photo["message"]["caption"], &photo["message"]["is_topic_message"]), (&json!("b"), &json!(true)));
    assert_eq!(call(&bot, "sendMessage", topic(7)).expect("sent")["message_thread_id"], 7);
    task.abort();
}
