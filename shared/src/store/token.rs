//! CargoTech's token, one for all functions.
use std::fmt;

use ::store::{Attributes, Condition, StoreError, Update, n, s};

use super::{
    Store,
    keys::{self},
};

/// A bearer token of CargoTech's. It shows in no log and no debug output.
#[derive(Clone, PartialEq, Eq)]
pub struct CargotechToken {
    secret: String,
    /// When it is due for a new login, milliseconds.
    pub expires_at_ms: i64,
}

impl CargotechToken {
    /// A token that is trusted until `expires_at_ms`.
    pub fn new(secret: String, expires_at_ms: i64) -> Self {
        Self { secret, expires_at_ms }
    }

    /// The token itself, for the `Authorization` header alone.
    pub fn secret(&self) -> &str {
        &self.secret
    }
}

impl fmt::Debug for CargotechToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CargotechToken").field("expires_at_ms", &self.expires_at_ms).finish_non_exhaustive()
    }
}

impl Store {
    /// The stored token, also an expired one.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn cargotech_token(&self) -> Result<Option<CargotechToken>, StoreError> {
        let Some(item) = self.get("cargotech_token", &keys::cargotech_token()).await? else {
            return Ok(None);
        };
        Ok(item
            .text("token")
            .zip(item.number("expires_at_ms"))
            .map(|(secret, expires)| CargotechToken::new(secret.to_owned(), expires)))
    }

    /// When the stored token is due for a new login, milliseconds; the token itself is not read.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn cargotech_token_ends(&self) -> Result<Option<i64>, StoreError> {
        let key = keys::cargotech_token();
        let get = self.client().get_item().table_name(self.table(key.table)).set_key(Some(key.attributes()));
        let get = get.projection_expression("expires_at_ms");
        let item = self.call("cargotech_token_ends", key.table, get.send()).await??.item;
        Ok(item.and_then(|item| item.number("expires_at_ms")))
    }

    /// Keeps a fresh token.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn put_cargotech_token(&self, token: &CargotechToken) -> Result<(), StoreError> {
        let update = Update::default()
            .set("token", s(token.secret()))
            .set("expires_at_ms", n(token.expires_at_ms))
            .set("ttl", n(token.expires_at_ms / 1000));
        self.update("put_cargotech_token", &keys::cargotech_token(), update).await.map(drop)
    }

    /// Forgets the token that was refused, and no other: a newer one may have taken its place.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn forget_cargotech_token(&self, refused: &CargotechToken) -> Result<(), StoreError> {
        let same = Condition::new("#token = :refused").name("#token", "token").value(":refused", s(refused.secret()));
        let update = Update::default().when(same).remove(&["token"]);
        self.update("forget_cargotech_token", &keys::cargotech_token(), update).await.map(drop)
    }
}
