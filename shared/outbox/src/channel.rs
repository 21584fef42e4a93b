//! What a messenger's client has to do.
use std::future::Future;

use kernel::address::{Address, MessageRef};
use store::bucket::Rate;
use tokio::time::Instant;

use crate::message::Message;

/// A messenger.
pub trait Channel {
    /// Whether the address is one of this messenger's.
    fn can_write(&self, to: &Address) -> bool;

    /// How often may be written.
    fn limits(&self, to: &Address) -> Limits;

    /// Sends a message.
    fn send(
        &self,
        to: &Address,
        message: &Message,
        deadline: Instant,
    ) -> impl Future<Output = Result<MessageRef, SendError>> + Send;

    /// Lets a message that was sent say something else.
    fn edit(
        &self,
        sent: &MessageRef,
        message: &Message,
        deadline: Instant,
    ) -> impl Future<Output = Result<(), SendError>> + Send;
}

/// How often may be written.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// To this chat.
    pub chat: Rate,
    /// To all chats together.
    pub all: Rate,
}

/// Why a message was not sent, or nobody knows whether it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The messenger wants us to wait, seconds.
    #[error("too many requests, wait {0} s")]
    TooMany(i64),
    /// The chat takes messages rarely: seconds to wait.
    #[error("the chat's slow mode asks to wait {0} s")]
    SlowMode(i64),
    /// It does not answer as it should. **The message may have been sent.**
    #[error("no answer: {0}")]
    Unknown(&'static str),
    /// The chat has another address now.
    #[error("the group is the supergroup {} now", .0.chat_id())]
    Moved(Address),
    /// The message says already what it should.
    #[error("refused: {0}")]
    Unchanged(String),
    /// The message that should be changed is not there any more, or cannot be changed.
    #[error("refused: {0}")]
    Gone(String),
    /// The person cannot be written to: they shut us out, or never let us in.
    #[error("refused: {0}")]
    Unreachable(String),
    /// Anything else, in the messenger's words. Whether the same may succeed later depends on the chat.
    #[error("refused: {0}")]
    Refused(String),
}
