//! The access token (FR-9): it lets a driver open the app in an ordinary browser when Telegram is unreachable. It is
//! valid while a subscription or trial is active. It derives from the driver and a generation number under its own key,
//! and is not stored; a new generation revokes it.
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::{
    init_data::keyed,
    session::{LINK_SESSION, Session, SignedIn},
};
use crate::{
    app::App,
    audit::AuditRow,
    auth::{
        messages::{OPENED, opening_subject},
        metrics, module,
    },
    error::Error,
    request::RequestContext,
    store::{
        billing::Revocation,
        bucket::{Rate, retry_after_s},
        keys,
        session::{LinkOpened, LinkSession},
    },
    telegram::update::CloseAccess,
    telemetry,
};

/// Openings of one link: five at once, then one every ten minutes. The owner opens it now and then. Whoever it leaked
/// to must neither lock the owner out nor flood their chat.
const OPENINGS: Rate = Rate { interval_ms: 600_000, burst: 5 };

/// Bytes of the signature kept. 128 bits cannot be guessed.
const SIGNATURE: usize = 16;
/// The driver and the generation.
const CONTENT: usize = 8 + 4;

/// The key of access tokens.
pub struct AccessKey(Hmac<Sha256>);

impl AccessKey {
    /// Derives a key from its secret.
    pub fn new(secret: &str) -> Self {
        Self(keyed(secret.as_bytes()))
    }

    /// The token of this driver and generation, 38 characters of base64url.
    pub fn token(&self, driver_id: i64, generation: u32) -> String {
        let mut bytes = Vec::with_capacity(CONTENT + SIGNATURE);
        bytes.extend_from_slice(&driver_id.to_be_bytes());
        bytes.extend_from_slice(&generation.to_be_bytes());
        let signature = self.0.clone().chain_update(&bytes).finalize().into_bytes();
        bytes.extend_from_slice(&signature[..SIGNATURE]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The driver and generation of a token; `None` if it is invalid.
    pub fn read(&self, token: &str) -> Option<(i64, u32)> {
        let bytes = URL_SAFE_NO_PAD.decode(token.trim()).ok().filter(|bytes| bytes.len() == CONTENT + SIGNATURE)?;
        let (content, signature) = bytes.split_at(CONTENT);
        self.0.clone().chain_update(content).verify_truncated_left(signature).ok()?;
        let driver_id = i64::from_be_bytes(content[..8].try_into().ok()?);
        Some((driver_id, u32::from_be_bytes(content[8..].try_into().ok()?)))
    }
}

impl App {
    /// The link that opens the app in a browser.
    ///
    /// # Errors
    /// No subscription is active, or the key or the store is unavailable.
    pub async fn access_link(&self, session: &Session) -> Result<String, Error> {
        let driver_id = session.driver_id();
        let (key, generation, access) = tokio::join!(
            self.secrets.get::<AccessKey>(),
            self.store.access_generation(driver_id),
            self.store.access(driver_id)
        );
        let (key, access) = (key.map_err(|error| Error::Internal(error.to_string()))?, access?);
        access.check_switch(module::ACCESS_LINK_FLAG)?;
        if !access.subscription.is_running(self.clock.now_ms()) {
            return Err(Error::AccessEnded);
        }
        // After the `#`, so that it reaches no server's log.
        Ok(format!("{}/app/#/access/{}", self.config.webapp_origin, key.token(driver_id, generation?)))
    }

    /// Revokes the driver's link and ends the session it opened. The next link differs.
    ///
    /// # Errors
    /// This very session was opened by a link, or the store does not answer.
    pub async fn revoke_access_link(&self, session: &Session, context: &RequestContext) -> Result<(), Error> {
        session.check_by_telegram()?;
        let driver_id = session.driver_id();
        let audit = AuditRow::new(context, self.clock.now_ms(), module::ACCESS_LINK_AUDIT, "revoked")
            .fact("driver_id", driver_id);
        self.store.revoke_access(&Revocation { driver_id, generation: None, subject: None, audit }).await?;
        Ok(())
    }

    /// Voids the link whose opening was reported to the driver, and ends its session; `false` if it was already void.
    ///
    /// # Errors
    /// The store does not answer.
    pub(crate) async fn close_access(
        &self,
        driver_id: i64,
        close: CloseAccess,
        context: &RequestContext,
    ) -> Result<bool, Error> {
        let subject = opening_subject(driver_id, close.generation, close.at_ms);
        let audit = AuditRow::new(context, self.clock.now_ms(), module::ACCESS_LINK_AUDIT, "closed")
            .fact("driver_id", driver_id);
        let revoked = Revocation { driver_id, generation: Some(close.generation), subject: Some(&subject), audit };
        let is_closed = self.store.revoke_access(&revoked).await?;
        if is_closed {
            self.hint(&subject, &[OPENED]).await;
        }
        Ok(is_closed)
    }

    /// Signs a driver in with an access token and notifies them in the bot's chat. The session has no admin rights,
    /// cannot lock out the owner, and ends with the subscription.
    ///
    /// # Errors
    /// The token is invalid or used too often, no subscription is active, or the store does not answer.
    pub async fn sign_in_with_access_token(&self, token: &str, context: &RequestContext) -> Result<SignedIn, Error> {
        let refused = |reason| {
            telemetry::count_by(metrics::SIGN_IN_REFUSED, reason);
            Error::AccessTokenInvalid
        };
        let key = self.secrets.get::<AccessKey>().await.map_err(|error| Error::Internal(error.to_string()))?;
        let (driver_id, generation) = key.read(token).ok_or_else(|| refused("access_token"))?;
        let (current, profile, access) = tokio::join!(
            self.store.access_generation(driver_id),
            self.store.profile(driver_id),
            self.store.access(driver_id)
        );
        let (profile, access) = (profile?.ok_or_else(|| refused("access_token"))?, access?);
        if current? != generation {
            return Err(refused("access_token_revoked"));
        }
        access.check_switch(module::ACCESS_LINK_FLAG)?;
        if access.blocked {
            return Err(Error::DriverBlocked);
        }
        let now_ms = self.clock.now_ms();
        if !access.subscription.is_running(now_ms) {
            return Err(Error::AccessEnded);
        }
        // Only valid links take from the rate limit, so a void link cannot block the valid one.
        match self.store.take(&keys::access_openings(driver_id, generation), OPENINGS, now_ms).await {
            Ok(Err(wait_ms)) => return Err(Error::RateLimited(retry_after_s(wait_ms))),
            Ok(Ok(())) => {}
            Err(error) => tracing::warn!(%error, "how often an access link is opened cannot be counted"),
        }
        let id = format!("{LINK_SESSION}{}", uuid::Uuid::new_v4().simple());
        let expires_at_s = now_ms.div_euclid(1000) + self.config.session_ttl_s;
        let subject = opening_subject(driver_id, generation, now_ms);
        let audit = AuditRow::new(context, now_ms, module::ACCESS_LINK_AUDIT, "opened").fact("driver_id", driver_id);
        let new = LinkSession { driver_id, id: &id, expires_at_s, generation, subject: &subject, audit };
        match Box::pin(self.store.start_session_by_link(&new)).await? {
            LinkOpened::Done => self.hint(&subject, &[OPENED]).await,
            LinkOpened::Void => return Err(refused("access_token_revoked")),
            LinkOpened::Blocked => return Err(Error::DriverBlocked),
        }
        let token = self.issue(driver_id, &id, expires_at_s).await?;
        telemetry::count_by(metrics::SIGNED_IN, "access_link");
        // A link never gives admin rights.
        Ok(SignedIn { token, profile, access, role: None })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_token_says_whose_it_is_under_its_own_key_alone() {
        let key = AccessKey::new("one");
        let token = key.token(310_482_771, 2);
        assert_eq!((token.len(), key.read(&token)), (38, Some((310_482_771, 2))));
        assert_eq!(AccessKey::new("two").read(&token), None);
        assert_ne!(key.token(310_482_771, 3), token);
    }

    proptest! {
        #[test]
        fn a_changed_token_is_refused(at in 0usize..28, bit in 0u8..8) {
            let key = AccessKey::new("one");
            let mut bytes = URL_SAFE_NO_PAD.decode(key.token(7, 1)).unwrap();
            bytes[at] ^= 1 << bit;
            prop_assert_eq!(key.read(&URL_SAFE_NO_PAD.encode(bytes)), None);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,60}") {
            prop_assert_eq!(AccessKey::new("one").read(&text), None);
        }
    }
}
