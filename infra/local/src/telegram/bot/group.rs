//! What happens to groups: trouble, and becoming a supergroup; and messages that are no text.
use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{post, put},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Bot,
    control::{no_such_chat, read, unreadable},
    keyboard::Markup,
    trouble::Trouble,
};

/// What a message may be besides text.
const MEDIA: [&str; 8] = ["photo", "sticker", "voice", "video", "video_note", "document", "animation", "audio"];

pub fn router() -> Router<Bot> {
    Router::new()
        .route("/chats/{chat_id}/trouble", put(set_trouble).delete(end_trouble))
        .route("/chats/{chat_id}/migrate", post(migrate))
        .route("/chats/{chat_id}/media", post(send_media))
}

async fn set_trouble(bot: State<Bot>, Path(chat_id): Path<i64>, body: Bytes) -> Response {
    match read::<Trouble>(&body) {
        Ok(trouble) => bot.put_trouble(chat_id, Some(trouble)),
        Err(error) => unreadable(&error),
    }
}

async fn end_trouble(bot: State<Bot>, Path(chat_id): Path<i64>) -> Response {
    bot.put_trouble(chat_id, None)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Migrate {
    to: i64,
    /// Telegram's own notices of it get lost.
    #[serde(default)]
    silent: bool,
}

async fn migrate(bot: State<Bot>, Path(chat_id): Path<i64>, body: Bytes) -> Response {
    let migrate: Migrate = match read(&body) {
        Ok(migrate) => migrate,
        Err(error) => return unreadable(&error),
    };
    let mut state = bot.state();
    if !state.chats.migrate(chat_id, migrate.to) {
        return no_such_chat();
    }
    let now_s = bot.inner.clock.now_s();
    let from = state.chats.get(chat_id).and_then(|chat| chat.members.first().copied()).unwrap_or_default();
    let user = state.chats.meet(from).user();
    for (chat, notice) in
        [(chat_id, json!({"migrate_to_chat_id": migrate.to})), (migrate.to, json!({"migrate_from_chat_id": chat_id}))]
    {
        let posted = state.chats.post(chat, now_s, user.clone(), notice, Markup::None, None);
        if let Some(message) = posted.filter(|_| !migrate.silent) {
            bot.update(&mut state, "message", message);
        }
    }
    Json(json!({"chat_id": migrate.to})).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Media {
    from: Option<i64>,
    kind: String,
    caption: Option<String>,
    reply_to_message_id: Option<i64>,
    message_thread_id: Option<i64>,
}

async fn send_media(bot: State<Bot>, Path(chat_id): Path<i64>, body: Bytes) -> Response {
    let media: Media = match read(&body) {
        Ok(media) => media,
        Err(error) => return unreadable(&error),
    };
    if !MEDIA.contains(&media.kind.as_str()) {
        return unreadable(&format!("kind must be one of {MEDIA:?}"));
    }
    let file = json!({"file_id": "AgAD", "file_unique_id": "Qw", "file_size": 1000});
    let mut fields = json!({});
    fields[&media.kind] = if media.kind == "photo" { json!([file]) } else { file };
    if let Some(caption) = media.caption {
        fields["caption"] = json!(caption);
    }
    in_topic(&mut fields, media.message_thread_id);
    bot.say(chat_id, media.from, fields, media.reply_to_message_id, false)
}

/// Puts a message into a topic of a forum.
pub fn in_topic(fields: &mut Value, topic: Option<i64>) {
    if let Some(topic) = topic {
        fields["message_thread_id"] = json!(topic);
        fields["is_topic_message"] = json!(true);
    }
}

impl Bot {
    fn put_trouble(&self, chat_id: i64, trouble: Option<Trouble>) -> Response {
        let mut state = self.state();
        match state.chats.get_mut(chat_id) {
            Some(chat) => {
                chat.trouble.clone_from(&trouble);
                (StatusCode::OK, Json(json!({"trouble": trouble}))).into_response()
            }
            None => no_such_chat(),
        }
    }
}
