//! Why a group takes no messages of the bot's, each in the words of Telegram's own server.
use serde::{Deserialize, Serialize};

use super::ApiError;

/// What is wrong with a group.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Trouble {
    /// Its topic was closed.
    TopicClosed,
    /// Its topic was deleted.
    TopicDeleted,
    /// There is no such topic.
    ThreadNotFound,
    /// Telegram has restricted it.
    ChatRestricted,
    /// The bot may not write there.
    NoRights,
    /// The bot may not write texts there.
    NotEnoughRights,
    /// Nobody but its administrators may write.
    WriteForbidden,
    /// The bot does not know it.
    PeerIdInvalid,
    /// It was made private, and the bot is not in it.
    ChannelPrivate,
    /// The bot has left it.
    NotAMember,
    /// It was deleted.
    Deleted,
    /// Each member waits so long between two messages, and the bot is no administrator.
    SlowMode {
        /// Seconds.
        seconds: i64,
    },
    /// Anything else.
    Other {
        /// The status.
        code: u16,
        /// Telegram's words.
        description: String,
    },
}

impl Trouble {
    /// The answer to whoever writes into the group; `slow_s` is what is left of the wait of its slow mode.
    pub fn error(&self, slow_s: i64) -> Option<ApiError> {
        let (code, text) = match self {
            Self::TopicClosed => (400, "Bad Request: TOPIC_CLOSED"),
            Self::TopicDeleted => (400, "Bad Request: TOPIC_DELETED"),
            Self::ThreadNotFound => (400, "Bad Request: message thread not found"),
            Self::ChatRestricted => (400, "Bad Request: CHAT_RESTRICTED"),
            Self::NoRights => (400, "Bad Request: have no rights to send a message"),
            Self::NotEnoughRights => (400, "Bad Request: not enough rights to send text messages to the chat"),
            Self::WriteForbidden => (400, "Bad Request: CHAT_WRITE_FORBIDDEN"),
            Self::PeerIdInvalid => (400, "Bad Request: PEER_ID_INVALID"),
            Self::ChannelPrivate => (400, "Bad Request: CHANNEL_PRIVATE"),
            Self::NotAMember => (403, "Forbidden: bot is not a member of the supergroup chat"),
            Self::Deleted => (403, "Forbidden: the group chat was deleted"),
            Self::SlowMode { .. } if slow_s <= 0 => return None,
            Self::SlowMode { .. } => return Some(ApiError::bad_request(&format!("SLOWMODE_WAIT_{slow_s}"))),
            Self::Other { code, description } => (*code, description.as_str()),
        };
        Some(ApiError::new(code, text))
    }
}
