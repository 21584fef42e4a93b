//! The session token: a JWT that names a session. The stored row decides whether that session is still valid, so logout
//! and replacement take effect at once.
use std::fmt;

use hmac::{Hmac, Mac};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::init_data::keyed;

/// A token is valid for at most 30 days, which limits how long a retired signing key is needed.
pub const TOKEN_TTL_S: i64 = 30 * 86_400;

/// The claims of a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The driver's Telegram id, in decimal, as `sub` is a string by RFC 7519.
    pub sub: String,
    /// The session's id.
    pub sid: String,
    /// Issued at, seconds since 1970-01-01 UTC.
    pub iat: i64,
    /// The expiry, seconds since 1970-01-01 UTC.
    pub exp: i64,
}

/// The current signing key and the previous one, which is accepted during a rotation.
#[derive(Clone)]
pub struct TokenKeys {
    current: Key,
    previous: Option<Key>,
}

#[derive(Clone)]
struct Key {
    id: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
    links: Hmac<Sha256>,
}

impl Key {
    fn new(secret: &str) -> Self {
        Self {
            // A separate key, so that a signature for one purpose is invalid for the other.
            links: keyed(&keyed(secret.as_bytes()).chain_update(b"shipper-link").finalize().into_bytes()),
            // Derived from the key, so it needs no configuration.
            id: hex::encode(&Sha256::digest(secret.as_bytes())[..4]),
            encoding: EncodingKey::from_secret(secret.as_bytes()),
            decoding: DecodingKey::from_secret(secret.as_bytes()),
        }
    }
}

impl fmt::Debug for TokenKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKeys")
    }
}

impl TokenKeys {
    /// Keys from their secrets.
    pub fn new(current: &str, previous: Option<&str>) -> Self {
        Self { current: Key::new(current), previous: previous.map(Key::new) }
    }

    /// A new token for the session `sid` of the driver.
    ///
    /// # Errors
    /// Never in practice: the claims are plain text and numbers.
    pub fn issue(&self, driver_id: i64, sid: &str, now_s: i64) -> Result<String, jsonwebtoken::errors::Error> {
        let header = Header { kid: Some(self.current.id.clone()), ..Header::new(Algorithm::HS256) };
        let claims = Claims { sub: driver_id.to_string(), sid: sid.to_owned(), iat: now_s, exp: now_s + TOKEN_TTL_S };
        jsonwebtoken::encode(&header, &claims, &self.current.encoding)
    }

    /// A driver's pseudonym in logs. It is stable while the key is, and cannot be reversed without the key.
    pub fn pseudonym(&self, driver_id: i64) -> String {
        let name = self.current.links.clone().chain_update(b"log").chain_update(driver_id.to_be_bytes());
        hex::encode(&name.finalize().into_bytes()[..6])
    }

    /// Signs the content of a shipper's link with the current key.
    pub fn sign_link(&self, content: &[u8]) -> [u8; 32] {
        self.current.links.clone().chain_update(content).finalize().into_bytes().into()
    }

    /// Whether one of the keys signed the content. The signature may be truncated.
    pub fn has_signed_link(&self, content: &[u8], signature: &[u8]) -> bool {
        let mut keys = [Some(&self.current), self.previous.as_ref()].into_iter().flatten();
        keys.any(|key| key.links.clone().chain_update(content).verify_truncated_left(signature).is_ok())
    }

    /// Whether the token names one of these keys. It may still be forged.
    pub fn has_key_for(&self, token: &str) -> bool {
        self.key_of(token).is_some()
    }

    fn key_of(&self, token: &str) -> Option<&Key> {
        let kid = jsonwebtoken::decode_header(token).ok()?.kid?;
        [Some(&self.current), self.previous.as_ref()].into_iter().flatten().find(|key| key.id == kid)
    }

    /// Parses a token signed with one of our keys.
    ///
    /// # Errors
    /// It is invalid or expired.
    pub fn read(&self, token: &str, now_s: i64) -> Result<(i64, Claims), TokenError> {
        let key = self.key_of(token).ok_or(TokenError::Foreign)?;
        let mut rules = Validation::new(Algorithm::HS256);
        // The library would use the machine's clock; ours is passed in.
        rules.validate_exp = false;
        let token = jsonwebtoken::decode::<Claims>(token, &key.decoding, &rules).map_err(|_| TokenError::Foreign)?;
        let claims = token.claims;
        let driver_id = claims.sub.parse().ok().filter(|id| *id > 0).ok_or(TokenError::Foreign)?;
        if now_s < claims.exp { Ok((driver_id, claims)) } else { Err(TokenError::Expired) }
    }
}

/// Why a token is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// None of our keys signed it.
    Foreign,
    /// It is older than thirty days.
    Expired,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: i64 = 1_700_000_000;

    #[test]
    fn a_token_is_good_for_thirty_days() {
        let keys = TokenKeys::new("one", None);
        let token = keys.issue(42, "s1", NOW).unwrap();
        let (driver, claims) = keys.read(&token, NOW + TOKEN_TTL_S - 1).expect("still good");
        assert_eq!((driver, claims.sid.as_str()), (42, "s1"));
        assert_eq!(keys.read(&token, NOW + TOKEN_TTL_S), Err(TokenError::Expired));
    }

    #[test]
    fn the_previous_key_is_accepted_and_a_retired_one_is_not() {
        let token = TokenKeys::new("one", None).issue(42, "s1", NOW).unwrap();
        assert!(TokenKeys::new("two", Some("one")).read(&token, NOW).is_ok());
        assert!(TokenKeys::new("three", Some("two")).read(&token, NOW).is_err());
        let unsigned = format!("{}.", token.rsplit_once('.').unwrap().0);
        assert!(TokenKeys::new("one", None).read(&unsigned, NOW).is_err());
    }

    #[test]
    fn a_token_signed_by_our_key_in_another_way_is_refused() {
        let keys = TokenKeys::new("one", None);
        let (_, claims) = keys.read(&keys.issue(42, "s1", NOW).unwrap(), NOW).unwrap();
        for algorithm in [Algorithm::HS384, Algorithm::HS512] {
            let header = Header { kid: Some(keys.current.id.clone()), ..Header::new(algorithm) };
            let token = jsonwebtoken::encode(&header, &claims, &keys.current.encoding).unwrap();
            assert_eq!(keys.read(&token, NOW), Err(TokenError::Foreign), "{algorithm:?}");
        }
    }

    proptest! {
        #[test]
        fn a_changed_token_is_refused(at in any::<prop::sample::Index>(), to in "[A-Za-z0-9_-]") {
            let keys = TokenKeys::new("one", None);
            let token = keys.issue(42, "s1", NOW).unwrap();
            // The last digit of a base64 part carries unused bits, so a change of it may be none.
            let at = at.index(token.len() - 1);
            prop_assume!(token[at..=at] != to && &token[at..=at] != "." && !token[at + 1..].starts_with('.'));
            let changed = format!("{}{to}{}", &token[..at], &token[at + 1..]);
            prop_assert!(keys.read(&changed, NOW).is_err());
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,120}") {
            prop_assert!(TokenKeys::new("one", None).read(&text, NOW).is_err());
        }
    }
}
