//! Finds the dispatchers' chat: the configured group or its supergroup. When a group becomes a supergroup, Telegram
//! assigns a new id. It announces that in both chats, and to clients that write to the old one.
use std::sync::atomic::{AtomicI64, Ordering};

use super::{address, update::Chat};
use crate::{address::Address, app::App, store::StoreError};

/// The dispatchers' chat as known to this process. A group migrates at most once, so the knowledge stays valid.
#[derive(Debug)]
pub struct DispatchChat(AtomicI64);

impl DispatchChat {
    /// The configured chat, until a migration is known.
    pub fn new(configured: i64) -> Self {
        Self(AtomicI64::new(configured))
    }
}

impl App {
    /// The known dispatchers' chat. Telegram tells writers to the old group its new id.
    pub fn dispatch_chat(&self) -> i64 {
        self.dispatch_chat.0.load(Ordering::Relaxed)
    }

    /// The dispatchers' chat for a message at this address, or a new message.
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

    /// Whether this is the dispatchers' chat or the group it was before.
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

    /// Records that the group `from` became `to`, if it is the dispatchers' chat.
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
