//! The interface of a messenger's client.
use std::future::Future;

use kernel::address::{Address, MessageRef};
use store::bucket::Rate;
use tokio::time::Instant;

use crate::message::Message;

/// A messenger.
pub trait Channel {
    /// Whether the address belongs to this messenger.
    fn can_write(&self, to: &Address) -> bool;

    /// The rate limits for this address.
    fn limits(&self, to: &Address) -> Limits;

    /// Sends a message.
    fn send(
        &self,
        to: &Address,
        message: &Message,
        deadline: Instant,
    ) -> impl Future<Output = Result<MessageRef, SendError>> + Send;

    /// Edits a sent message.
    fn edit(
        &self,
        sent: &MessageRef,
        message: &Message,
        deadline: Instant,
    ) -> impl Future<Output = Result<(), SendError>> + Send;
}

/// Rate limits of a messenger.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For this chat.
    pub chat: Rate,
    /// For all chats together.
    pub all: Rate,
}

/// Why a message was not sent, or why the result is unknown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The messenger's rate limit was hit; seconds to wait.
    #[error("too many requests, wait {0} s")]
    TooMany(i64),
    /// The chat is in slow mode; seconds to wait.
    #[error("the chat's slow mode asks to wait {0} s")]
    SlowMode(i64),
    /// The messenger did not answer as expected. **The message may have been sent.**
    #[error("no answer: {0}")]
    Unknown(&'static str),
    /// The chat has a new address.
    #[error("the group is the supergroup {} now", .0.chat_id())]
    Moved(Address),
    /// The message already has this content.
    #[error("refused: {0}")]
    Unchanged(String),
    /// The message to edit no longer exists or cannot be edited.
    #[error("refused: {0}")]
    Gone(String),
    /// The person cannot be reached: they blocked the bot or never started it.
    #[error("refused: {0}")]
    Unreachable(String),
    /// Any other error, in the messenger's words. Whether a retry can succeed depends on the chat.
    #[error("refused: {0}")]
    Refused(String),
}
