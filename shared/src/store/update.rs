//! Updates of Telegram's that have been dealt with: Telegram repeats what it got no answer to.
use ::store::{StoreError, Update, n};

use super::{
    Store,
    keys::{self},
};

/// Telegram gives up on an update after a day.
const KEPT_S: i64 = 2 * 86_400;

impl Store {
    /// Whether the update was dealt with before.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn knows_update(&self, update_id: i64) -> Result<bool, StoreError> {
        Ok(self.get("knows_update", &keys::update(update_id)).await?.is_some())
    }

    /// Remembers that the update was dealt with.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn remember_update(&self, update_id: i64, now_s: i64) -> Result<(), StoreError> {
        let update = Update::default().set("ttl", n(now_s + KEPT_S));
        self.update("remember_update", &keys::update(update_id), update).await.map(drop)
    }
}
