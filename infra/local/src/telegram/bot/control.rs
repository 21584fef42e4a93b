//! What people do in the chats, and what tests tell the Bot API.
use std::time::Duration;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{get, post, put},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Bot, Query,
    chats::Chat,
    entities,
    faults::Faults,
    group::{self, in_topic},
    keyboard::Markup,
};
use crate::telegram::init_data::sign_contact;

/// How long a press waits for its answer.
const PRESS: Duration = Duration::from_secs(30);

/// The control routes, to be nested under a prefix.
///
/// - `GET /chats` → `{revision, items}`; `GET /chats/{chat_id}` → the chat with its `messages`, each a `Message` of the Bot
///   API with `edited` and, if there is one, `keyboard` or `force_reply`.
/// - `POST /chats/{chat_id}/messages` `{from, text, reply_to_message_id, message_thread_id}` → `{message, update_id}`: a
///   person types. In the group the bot only learns of commands and of replies to itself.
/// - `POST /chats/{chat_id}/media` `{from, kind, caption, reply_to_message_id, message_thread_id}` → the same: a photo, a
///   sticker, a voice message.
/// - `PUT /chats/{chat_id}/trouble` `{kind}`, `DELETE`: why a group takes no messages of the bot's, see `Trouble`.
/// - `POST /chats/{chat_id}/migrate` `{to, silent}`: the group becomes the supergroup `to`.
/// - `POST /chats/{chat_id}/contact` `{from, phone, user_id}` → the same: a person shares a contact, the own one if nothing
///   else is said; `user_id: null` is a contact who is not on Telegram.
/// - `POST /press` `{chat_id, message_id, from, data}` → `{callback_query_id, update_id, answer}`: a press, also of what is
///   on no button; `answer` is null when none came within 5 s.
/// - `POST /chats/{chat_id}/block`, `/unblock`: a person blocks the bot, or a group removes it.
/// - `POST /requested-contact` `{driver_id}` → `{response}`: the signed contact that the app gets after sharing.
/// - `GET`, `PUT`, `DELETE /faults`: see `Faults`; `PUT` replaces them all.
/// - `GET`, `DELETE /calls` → `{methods: {name: {calls, ok, errors}}, largest}`.
/// - `POST /updates`: any JSON object is delivered as an update → `{update_id}`.
/// - `GET /webhook`: what waits, and the last deliveries. `GET /bot`: commands and menu button.
/// - `POST /reset`: empty chats, no faults, no counts, nothing waiting.
pub fn router(bot: Bot) -> Router {
    Router::new()
        .route("/chats", get(list))
        .route("/chats/{chat_id}", get(show))
        .route("/chats/{chat_id}/messages", post(write))
        .route("/chats/{chat_id}/contact", post(share_contact))
        .route("/chats/{chat_id}/block", post(block))
        .route("/chats/{chat_id}/unblock", post(unblock))
        .route("/press", post(press))
        .route("/requested-contact", post(requested_contact))
        .route("/faults", put(set_faults).get(faults).delete(end_faults))
        .route("/calls", get(calls).delete(reset_calls))
        .route("/updates", post(raw_update))
        .route("/webhook", get(webhook))
        .route("/bot", get(about))
        .route("/reset", post(reset))
        .merge(group::router())
        .with_state(bot)
}

pub(super) fn unreadable(error: &dyn std::fmt::Display) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({"error": error.to_string()}))).into_response()
}

pub(super) fn no_such_chat() -> Response {
    (StatusCode::NOT_FOUND, Json(json!({"error": "no such chat"}))).into_response()
}

/// Reads a body; an empty one is an empty object.
pub(super) fn read<T: for<'a> Deserialize<'a>>(body: &Bytes) -> Result<T, serde_json::Error> {
    serde_json::from_slice(if body.is_empty() { b"{}" } else { body })
}

async fn list(bot: State<Bot>) -> Json<Value> {
    let state = bot.state();
    let items: Vec<_> = state.chats.all().map(|chat| summary(&state.chats, chat)).collect();
    Json(json!({"revision": state.chats.revision, "items": items}))
}

fn summary(chats: &super::Chats, chat: &Chat) -> Value {
    let mut summary = chats.chat_json(chat.id);
    let person = |id: &i64| {
        let person = chats.person(*id)?;
        Some(json!({"id": id, "name": person.name(), "username": person.username, "phone": person.phone}))
    };
    let members = if chat.is_private() { vec![chat.id] } else { chat.members.clone() };
    summary["members"] = members.iter().filter_map(person).collect();
    summary["started"] = json!(chat.started);
    summary["blocked"] = json!(chat.blocked);
    summary["keyboard"] = chat.keyboard.clone();
    summary["message_count"] = json!(chat.messages.len());
    summary["last_message_id"] = json!(chat.messages.last().map(|message| message.id));
    summary
}

async fn show(bot: State<Bot>, Path(chat_id): Path<i64>) -> Response {
    let state = bot.state();
    let Some(chat) = state.chats.get(chat_id) else {
        return no_such_chat();
    };
    let message = |message: &super::chats::Message| {
        let mut shown = state.chats.message(chat_id, message.id).unwrap_or_default();
        shown["edited"] = json!(!message.fields["edit_date"].is_null());
        match &message.markup {
            Markup::Keyboard(markup) => shown["keyboard"] = markup.clone(),
            Markup::ForceReply(markup) => shown["force_reply"] = markup.clone(),
            _ => {}
        }
        shown
    };
    let mut shown = summary(&state.chats, chat);
    shown["messages"] = chat.messages.iter().map(message).collect();
    shown["revision"] = json!(state.chats.revision);
    Json(shown).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    from: Option<i64>,
    text: String,
    reply_to_message_id: Option<i64>,
    message_thread_id: Option<i64>,
}

async fn write(bot: State<Bot>, Path(chat_id): Path<i64>, body: Bytes) -> Response {
    let written: Written = match read(&body) {
        Ok(written) => written,
        Err(error) => return unreadable(&error),
    };
    if written.text.trim().is_empty() || entities::utf16_len(&written.text) > entities::MAX_TEXT {
        return unreadable(&"text must have 1 to 4096 characters");
    }
    let mut fields = json!({"text": written.text.trim()});
    let commands = entities::commands(written.text.trim());
    let is_start = written.text.split_whitespace().next().is_some_and(|word| word.eq_ignore_ascii_case("/start"));
    in_topic(&mut fields, written.message_thread_id);
    if !commands.is_empty() {
        fields["entities"] = Value::Array(commands);
    }
    bot.say(chat_id, written.from, fields, written.reply_to_message_id, is_start)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SharedContact {
    from: Option<i64>,
    phone: Option<String>,
    /// Absent: the person's own. Null: nobody on Telegram.
    #[serde(default, deserialize_with = "given")]
    user_id: Option<Option<i64>>,
}

#[allow(clippy::option_option)]
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<i64>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

async fn share_contact(bot: State<Bot>, Path(chat_id): Path<i64>, body: Bytes) -> Response {
    let shared: SharedContact = match read(&body) {
        Ok(shared) => shared,
        Err(error) => return unreadable(&error),
    };
    let from = shared.from.unwrap_or(chat_id);
    let user_id = shared.user_id.unwrap_or(Some(from));
    let contact = bot.contact(user_id, shared.phone);
    bot.say(chat_id, shared.from, json!({"contact": contact}), None, false)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Press {
    chat_id: i64,
    message_id: i64,
    from: i64,
    data: String,
}

async fn press(bot: State<Bot>, body: Bytes) -> Response {
    let press: Press = match read(&body) {
        Ok(press) => press,
        Err(error) => return unreadable(&error),
    };
    let (id, update_id) = {
        let (mut state, now_s) = (bot.state(), bot.inner.clock.now_s());
        if state.chats.get(press.chat_id).is_none() {
            return no_such_chat();
        }
        let id = fastrand::i64(1 << 60..i64::MAX).to_string();
        let from = state.chats.meet(press.from).user();
        let gone = || json!({"message_id": press.message_id, "chat": state.chats.chat_json(press.chat_id), "date": 0});
        let message = state.chats.message(press.chat_id, press.message_id).unwrap_or_else(gone);
        state.queries.retain(|_, query| now_s - query.created_s < super::QUERY_S);
        state.queries.insert(id.clone(), Query { created_s: now_s, answer: None });
        let callback = json!({
            "id": id,
            "from": from,
            "message": message,
            "chat_instance": (press.chat_id.wrapping_mul(7_919) ^ (1 << 61)).to_string(),
            "data": press.data,
        });
        (id, bot.update(&mut state, "callback_query", callback))
    };
    let answer = tokio::time::timeout(PRESS, bot.answer_to(&id)).await.ok();
    Json(json!({"callback_query_id": id, "update_id": update_id, "answer": answer})).into_response()
}

async fn block(bot: State<Bot>, Path(chat_id): Path<i64>) -> Response {
    bot.set_blocked(chat_id, true)
}

async fn unblock(bot: State<Bot>, Path(chat_id): Path<i64>) -> Response {
    bot.set_blocked(chat_id, false)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestedContact {
    driver_id: i64,
}

async fn requested_contact(bot: State<Bot>, body: Bytes) -> Response {
    match read::<RequestedContact>(&body) {
        Ok(requested) => {
            let contact = bot.contact(Some(requested.driver_id), None);
            let response = sign_contact(&contact, &bot.inner.token, bot.inner.clock.now_s());
            Json(json!({"response": response})).into_response()
        }
        Err(error) => unreadable(&error),
    }
}

async fn faults(bot: State<Bot>) -> Json<Value> {
    Json(json!(bot.state().faults))
}

async fn set_faults(bot: State<Bot>, body: Bytes) -> Response {
    match read::<Faults>(&body) {
        Ok(set) => {
            bot.state().faults = set;
            faults(bot).await.into_response()
        }
        Err(error) => unreadable(&error),
    }
}

async fn end_faults(bot: State<Bot>) -> Json<Value> {
    bot.state().faults = Faults::default();
    faults(bot).await
}

async fn calls(bot: State<Bot>) -> Json<Value> {
    let state = bot.state();
    Json(json!({"methods": state.calls, "largest": state.limits.largest()}))
}

async fn reset_calls(bot: State<Bot>) -> Json<Value> {
    {
        let mut state = bot.state();
        state.calls.clear();
        state.limits.reset_largest();
    }
    calls(bot).await
}

async fn raw_update(bot: State<Bot>, body: Bytes) -> Response {
    match serde_json::from_slice::<Value>(&body) {
        Ok(update) if update.is_object() => {
            let id = bot.state().updates.add_raw(bot.inner.clock.now_ms(), update);
            bot.inner.queued.notify_waiters();
            Json(json!({"update_id": id})).into_response()
        }
        _ => unreadable(&"an update is a JSON object"),
    }
}

async fn webhook(bot: State<Bot>) -> Json<Value> {
    Json(bot.state().updates.overview())
}

async fn about(bot: State<Bot>) -> Json<Value> {
    let state = bot.state();
    let menu: Vec<_> = state.menu.iter().map(|(chat, button)| json!({"chat_id": chat, "button": button})).collect();
    let commands: Vec<_> =
        state.commands.iter().map(|(scope, commands)| json!({"scope": scope, "commands": commands})).collect();
    Json(json!({"user": bot.user(), "dispatch_chat_id": bot.inner.group, "commands": commands, "menu": menu}))
}

async fn reset(bot: State<Bot>) -> Json<Value> {
    {
        let mut state = bot.state();
        state.chats.clear();
        state.updates.clear();
        state.faults = Faults::default();
        state.limits = super::Limits::default();
        state.calls.clear();
        state.queries.clear();
    }
    list(bot).await
}

impl Bot {
    /// A person opens the Mini App, which lets the bot write to a person whom nobody knew before.
    pub fn meet(&self, id: i64) {
        let mut state = self.state();
        if state.chats.person(id).is_none() {
            state.chats.meet(id);
            if let Some(chat) = state.chats.get_mut(id) {
                chat.started = true;
            }
        }
    }

    fn contact(&self, user_id: Option<i64>, phone: Option<String>) -> Value {
        let mut state = self.state();
        let person = user_id.map(|id| state.chats.meet(id).clone());
        let own_phone = person.as_ref().map_or("79990000000", |person| person.phone.as_str()).to_owned();
        let name = person.as_ref().map_or("Знакомый", |person| person.first_name.as_str());
        let mut contact = json!({"phone_number": phone.unwrap_or(own_phone), "first_name": name});
        if let Some(person) = person {
            if !person.last_name.is_empty() {
                contact["last_name"] = json!(person.last_name);
            }
            contact["user_id"] = json!(person.id);
        }
        contact
    }

    /// A person's message, and the update that the bot gets of it.
    pub(super) fn say(
        &self,
        chat_id: i64,
        from: Option<i64>,
        fields: Value,
        reply_to: Option<i64>,
        is_start: bool,
    ) -> Response {
        let mut state = self.state();
        if chat_id > 0 {
            state.chats.meet(chat_id);
        }
        let Some(chat) = state.chats.get(chat_id) else {
            return no_such_chat();
        };
        let Some(from) = from.or(chat.is_private().then_some(chat_id)) else {
            return unreadable(&"from is missing");
        };
        if chat.is_private() && from != chat_id {
            return unreadable(&"from must be the person whose chat it is");
        }
        if chat.blocked {
            let error = json!({"error": "the bot is blocked here"});
            return (StatusCode::CONFLICT, Json(error)).into_response();
        }
        let is_private = chat.is_private();
        let to_bot = reply_to.is_some_and(|id| chat.messages.iter().any(|message| message.id == id && message.is_ours));
        let is_command = fields["entities"][0]["type"] == "bot_command" && fields["entities"][0]["offset"] == 0;
        let user = state.chats.meet(from).user();
        if let (Some(topic), Some(chat)) = (fields["message_thread_id"].as_i64(), state.chats.get_mut(chat_id)) {
            chat.topics.insert(topic);
        }
        if is_private && let Some(chat) = state.chats.get_mut(chat_id) {
            chat.started = chat.started || is_start || fields["contact"].is_object();
            if chat.keyboard["one_time_keyboard"] == json!(true) {
                chat.keyboard = Value::Null;
            }
        }
        let now_s = self.inner.clock.now_s();
        let Some(message) = state.chats.post(chat_id, now_s, user, fields, Markup::None, reply_to) else {
            return no_such_chat();
        };
        // In a group a bot sees no more than this, unless its owner asked for everything.
        let is_seen = is_private || is_command || to_bot;
        let update_id = if is_seen { self.update(&mut state, "message", message.clone()) } else { None };
        Json(json!({"message": message, "update_id": update_id})).into_response()
    }

    /// Waits for the answer to a press.
    async fn answer_to(&self, id: &str) -> Value {
        loop {
            let answered = self.inner.answered.notified();
            if let Some(answer) = self.state().queries.get(id).and_then(|query| query.answer.clone()) {
                return answer;
            }
            answered.await;
        }
    }

    fn set_blocked(&self, chat_id: i64, blocked: bool) -> Response {
        let mut state = self.state();
        let Some(chat) = state.chats.get_mut(chat_id) else {
            return no_such_chat();
        };
        let was = chat.blocked;
        chat.blocked = blocked;
        chat.started = chat.started || !blocked;
        let (is_private, from) = (chat.is_private(), chat.members.first().copied().unwrap_or(chat_id));
        if was == blocked {
            return Json(json!({"blocked": blocked, "update_id": null})).into_response();
        }
        let member = |blocked| {
            let status = match (blocked, is_private) {
                (false, _) => "member",
                (true, true) => "kicked",
                (true, false) => "left",
            };
            let mut member = json!({"user": self.user(), "status": status});
            if status == "kicked" {
                member["until_date"] = json!(0);
            }
            member
        };
        let change = json!({
            "chat": state.chats.chat_json(chat_id),
            "from": state.chats.meet(from).user(),
            "date": self.inner.clock.now_s(),
            "old_chat_member": member(was),
            "new_chat_member": member(blocked),
        });
        let update_id = self.update(&mut state, "my_chat_member", change);
        Json(json!({"blocked": blocked, "update_id": update_id})).into_response()
    }
}
