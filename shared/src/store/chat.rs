//! Migrated groups: Telegram assigns a new id when a group becomes a supergroup.
use ::store::{Attributes as _, StoreError, Update, n};

use super::{
    Store,
    keys::{self},
};

impl Store {
    /// The supergroup that replaced this group.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn moved_chat(&self, chat_id: i64) -> Result<Option<i64>, StoreError> {
        let item = self.get_now("moved_chat", &keys::moved_chat(chat_id)).await?;
        Ok(item.and_then(|item| item.number("moved_to")))
    }

    /// Records the supergroup that replaced a group.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn put_moved_chat(&self, from: i64, to: i64, now_ms: i64) -> Result<(), StoreError> {
        let key = keys::moved_chat(from);
        let update = Update::default().set("moved_to", n(to)).set("updated_at", n(now_ms));
        self.update("put_moved_chat", &key, update).await.map(drop)
    }
}
