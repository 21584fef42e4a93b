//! The access token (FR-9): with it a driver opens the app in an ordinary browser when Telegram cannot be reached. It belongs
//! to the driver while a subscription or trial runs, follows from the driver and a generation number under a key of its
//! own, and is stored nowhere; a new generation revokes it.
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
    billing::subscription::State,
    error::Error,
    flags::Switch,
    request::RequestContext,
    store::session::SessionWrite,
    telemetry::{self, Metric},
};

/// Bytes of the signature that are kept: 128 bits are out of reach of guessing.
const SIGNATURE: usize = 16;
/// The driver and the generation.
const CONTENT: usize = 8 + 4;

/// The key of access tokens.
pub struct AccessKey(Hmac<Sha256>);

impl AccessKey {
    /// A key from its secret.
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

    /// Whose token this is, and of which generation; `None` when we did not make it.
    pub fn read(&self, token: &str) -> Option<(i64, u32)> {
        let bytes = URL_SAFE_NO_PAD.decode(token.trim()).ok().filter(|bytes| bytes.len() == CONTENT + SIGNATURE)?;
        let (content, signature) = bytes.split_at(CONTENT);
        self.0.clone().chain_update(content).verify_truncated_left(signature).ok()?;
        let driver_id = i64::from_be_bytes(content[..8].try_into().ok()?);
        Some((driver_id, u32::from_be_bytes(content[8..].try_into().ok()?)))
    }
}

impl App {
    /// The link with which the driver opens the app in a browser.
    ///
    /// # Errors
    /// No subscription runs, or the key or the store does not answer.
    pub async fn access_link(&self, session: &Session) -> Result<String, Error> {
        let driver_id = session.driver_id();
        let (key, generation, access) = tokio::join!(
            self.secrets.access_key(),
            self.store.access_generation(driver_id),
            self.store.access(driver_id)
        );
        let (key, access) = (key.map_err(|error| Error::Internal(error.to_string()))?, access?);
        access.check_switch(Switch::AccessLink)?;
        if !matches!(access.subscription.state(self.clock.now_ms()), State::Trial | State::Active) {
            return Err(Error::AccessEnded);
        }
        // After the `#`, so that it reaches no server's log.
        Ok(format!("{}/app/#/access/{}", self.config.webapp_origin, key.token(driver_id, generation?)))
    }

    /// Revokes the driver's link; the next one is another.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn revoke_access_link(&self, session: &Session, context: &RequestContext) -> Result<(), Error> {
        let audit = AuditRow::new(context, self.clock.now_ms(), "access_link", "revoked");
        let audit = audit.fact("driver_id", session.driver_id());
        Ok(self.store.revoke_access(session.driver_id(), &audit).await?)
    }

    /// Signs a driver in with an access token. Such a session administers nothing.
    ///
    /// # Errors
    /// The token is not good, no subscription runs, or the store does not answer.
    pub async fn sign_in_with_access_token(&self, token: &str) -> Result<SignedIn, Error> {
        let refused = |reason| {
            telemetry::count_by(Metric::SignInRefused, reason);
            Error::AccessTokenInvalid
        };
        let key = self.secrets.access_key().await.map_err(|error| Error::Internal(error.to_string()))?;
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
        access.check_switch(Switch::AccessLink)?;
        if access.blocked {
            return Err(Error::DriverBlocked);
        }
        let now_ms = self.clock.now_ms();
        if !matches!(access.subscription.state(now_ms), State::Trial | State::Active) {
            return Err(Error::AccessEnded);
        }
        let id = format!("{LINK_SESSION}{}", uuid::Uuid::new_v4().simple());
        let expires_at_s = now_ms.div_euclid(1000) + self.config.session_ttl_s;
        // Blocked in this moment.
        if let SessionWrite::Refused(_) = self.store.start_session_by_link(driver_id, &id, expires_at_s, now_ms).await?
        {
            return Err(Error::DriverBlocked);
        }
        let token = self.issue(driver_id, &id, expires_at_s).await?;
        telemetry::count_by(Metric::SignedIn, "access_link");
        // Whoever has the link administers nothing.
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
