//! Which chat is the dispatchers': the configured group, or the supergroup that it has become. Telegram gives a group
//! another id when it becomes a supergroup, and tells so in both chats and to whoever writes to the old one.
use std::sync::atomic::{AtomicI64, Ordering};

use super::{address, update::Chat};
use crate::{address::Address, app::App, store::StoreError};

/// The dispatchers' chat as far as this process knows. A group moves once, so what is known stays true.
#[derive(Debug)]
pub struct DispatchChat(AtomicI64);

impl DispatchChat {
    /// The configured chat, until something else is known.
    pub fn new(configured: i64) -> Self {
        Self(AtomicI64::new(configured))
    }
}

impl App {
    /// The dispatchers' chat as far as this process knows: whoever writes to the group that it was is told where it is.
    pub fn dispatch_chat(&self) -> i64 {
        self.dispatch_chat.0.load(Ordering::Relaxed)
    }

    /// The dispatchers' chat for a message that stands there, or nowhere yet.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn dispatch_chat_beside(&self, at: Option<&Address>) -> Result<Address, StoreError> {
        let known = address::group(self.dispatch_chat());
        if at.is_none_or(|at| *at == known) {
            return Ok(known);
        }
        self.look_up_dispatch_chat().await.map(address::group)
    }

    /// Whether what happens in this chat happens among dispatchers. It does too in the group that their chat was.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn is_dispatch_chat(&self, chat: &Chat) -> Result<bool, StoreError> {
        let configured = self.config.dispatch_chat_id;
        if chat.id == configured || chat.id == self.dispatch_chat() {
            return Ok(true);
        }
        if chat.is_private() {
            return Ok(false);
        }
        Ok(self.look_up_dispatch_chat().await? == chat.id || self.store.moved_chat(chat.id).await? == Some(configured))
    }

    /// Notes that Telegram has given the group `from` the id `to`, if that is the dispatchers'.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn note_move(&self, from: i64, to: i64) -> Result<(), StoreError> {
        let configured = self.config.dispatch_chat_id;
        if from != configured && to != configured {
            return Ok(());
        }
        tracing::warn!(from, to, "the dispatchers' group has become a supergroup: configure its new id");
        self.store.put_moved_chat(from, to, self.clock.now_ms()).await?;
        self.dispatch_chat.0.store(to, Ordering::Relaxed);
        Ok(())
    }

    async fn look_up_dispatch_chat(&self) -> Result<i64, StoreError> {
        let configured = self.config.dispatch_chat_id;
        let now = self.store.moved_chat(configured).await?.unwrap_or(configured);
        self.dispatch_chat.0.store(now, Ordering::Relaxed);
        Ok(now)
    }
}
