//! Telegram as a channel of outgoing messages.
use kernel::address::{Address, MessageRef};
use outbox::{
    channel::{Channel, Limits, SendError},
    message::{Button, Message},
};
use serde_json::{Value, json};
use store::bucket::Rate;
use tokio::time::Instant;

use super::{BotError, Telegram, address};

// Telegram's limits (from its FAQ for bots) with a little slack, because a turn is taken before the message arrives: 30
// messages a second in total, one a second per private chat, 20 a minute per group.

/// No burst, because it would add to the rate of the busiest second.
const ALL: Rate = Rate { interval_ms: 36, burst: 1 };
/// Per private chat.
const PRIVATE_CHAT: Rate = Rate { interval_ms: 1050, burst: 1 };
/// Messages a minute per group.
const GROUP_PER_MINUTE: i64 = 19;
/// The burst of a group: a press causes a message and an edit, and dispatchers wait for both.
const GROUP_BURST: i64 = 4;

/// Parameters of `sendMessage`.
pub fn parameters(to: &Address, message: &Message) -> Value {
    let mut parameters = json!({
        "chat_id": address::number(to),
        "text": message.text,
        "parse_mode": "HTML",
        "link_preview_options": { "is_disabled": true },
    });
    if let Some(topic) = address::thread(to) {
        parameters["message_thread_id"] = json!(topic);
    }
    if !message.rows.is_empty() {
        let rows: Vec<Vec<Value>> = message.rows.iter().map(|row| row.iter().map(button).collect()).collect();
        parameters["reply_markup"] = json!({ "inline_keyboard": rows });
    }
    parameters
}

fn button(button: &Button) -> Value {
    match button {
        Button::Page { label, url } => json!({ "text": label, "web_app": { "url": url } }),
        Button::Copy { label, copied } => json!({ "text": label, "copy_text": { "text": copied } }),
        Button::Act { label, action } => json!({ "text": label, "callback_data": action.data() }),
    }
}

impl Channel for Telegram {
    fn can_write(&self, to: &Address) -> bool {
        address::number(to).is_some()
    }

    fn limits(&self, to: &Address) -> Limits {
        let group = || Rate::at_most_per_minute_with(GROUP_PER_MINUTE, GROUP_BURST);
        Limits { chat: if to.is_private() { PRIVATE_CHAT } else { group() }, all: ALL }
    }

    async fn send(&self, to: &Address, message: &Message, deadline: Instant) -> Result<MessageRef, SendError> {
        let sent = self.call("sendMessage", &parameters(to, message), deadline).await?;
        let id = sent["message_id"].as_i64().ok_or(SendError::Unknown("its answer has no message_id"))?;
        Ok(MessageRef { at: to.clone(), id: id.to_string() })
    }

    async fn edit(&self, sent: &MessageRef, message: &Message, deadline: Instant) -> Result<(), SendError> {
        let mut edit = parameters(&sent.at, message);
        edit["message_id"] = json!(sent.id.parse::<i64>().ok());
        self.call("editMessageText", &edit, deadline).await?;
        Ok(())
    }
}

impl From<BotError> for SendError {
    fn from(error: BotError) -> Self {
        let (unchanged, gone, unreachable) = (error.is_unchanged(), error.is_message_gone(), error.is_unreachable());
        match error {
            BotError::TooMany(seconds) => Self::TooMany(seconds),
            BotError::SlowMode(seconds) => Self::SlowMode(seconds),
            BotError::Unknown(reason) => Self::Unknown(reason),
            BotError::Moved(chat_id) => Self::Moved(address::group(chat_id)),
            BotError::Refused { description, .. } if unchanged => Self::Unchanged(description),
            BotError::Refused { description, .. } if gone => Self::Gone(description),
            BotError::Refused { description, .. } if unreachable => Self::Unreachable(description),
            BotError::Refused { description, .. } => Self::Refused(description),
        }
    }
}
