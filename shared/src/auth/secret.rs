//! Secrets of authentication: keys of tokens and links, and CloudFront's origin token.
use serde::Deserialize;

use super::{access_token::AccessKey, token::TokenKeys};
use crate::secrets::{Form, KEPT_FROM_STRANGERS, Secret, SecretError, Secrets, json};

/// `{current, previous}`: the signing keys of session tokens.
pub const SESSION: Secret = TokenKeys::SECRET;
/// `{key}`: the key that derives access tokens. Changing it revokes all of them.
pub const ACCESS: Secret = AccessKey::SECRET;
/// `{origin_token, previous}`: the header CloudFront adds, so that nobody can bypass it.
pub const EDGE: Secret = OriginTokens::SECRET;

#[derive(Deserialize)]
struct SessionSecret {
    current: String,
    previous: Option<String>,
}

/// At least 32 bytes each (RFC 7518, section 3.2).
impl Form for TokenKeys {
    const SECRET: Secret = Secret::new::<Self>("session");

    fn read(text: &str) -> Result<Self, &'static str> {
        let secret: SessionSecret = json(text)?;
        let previous = secret.previous.as_deref().filter(|key| !key.is_empty());
        if secret.current.len() < 32 || previous.is_some_and(|key| key.len() < 32) {
            return Err("must have keys of at least 32 bytes");
        }
        Ok(Self::new(&secret.current, previous))
    }
}

/// The keys for this session token. If another instance signed it with a newer key, the keys are read again, so that a
/// rotation signs nobody out.
///
/// # Errors
/// They are unavailable or malformed.
pub async fn token_keys_for(secrets: &Secrets, token: &str) -> Result<TokenKeys, SecretError> {
    let keys: TokenKeys = secrets.get().await?;
    if keys.has_key_for(token) { Ok(keys) } else { secrets.get_within(KEPT_FROM_STRANGERS).await }
}

#[derive(Deserialize)]
struct AccessSecret {
    key: String,
}

impl Form for AccessKey {
    const SECRET: Secret = Secret::lasting::<Self>("access");

    fn read(text: &str) -> Result<Self, &'static str> {
        let secret: AccessSecret = json(text)?;
        if secret.key.len() < 32 { Err("must have a key of at least 32 bytes") } else { Ok(Self::new(&secret.key)) }
    }
}

#[derive(Deserialize)]
struct EdgeSecret {
    origin_token: String,
    previous: Option<String>,
}

/// The tokens by which CloudFront identifies itself.
pub struct OriginTokens {
    /// The token after the next deployment.
    pub current: String,
    /// The token until then. Some edge locations use it a little longer.
    pub previous: Option<String>,
}

impl Form for OriginTokens {
    const SECRET: Secret = Secret::new::<Self>("edge");

    fn read(text: &str) -> Result<Self, &'static str> {
        let EdgeSecret { origin_token: current, previous } = json(text)?;
        let previous = previous.filter(|token| !token.is_empty());
        if current.len() < 16 || previous.as_ref().is_some_and(|token| token.len() < 16) {
            return Err("must have an origin_token of at least 16 bytes");
        }
        Ok(Self { current, previous })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        auth::init_data::{InitDataKey, User},
        store::token::CargotechToken,
        telegram::update::{Contact, Sender},
    };

    const HIDDEN: &str = "nobody-is-to-read-this";

    #[test]
    fn secrets_are_not_shown() {
        let person = json!({ "id": 5, "first_name": HIDDEN, "last_name": HIDDEN, "username": HIDDEN });
        let user: User = serde_json::from_value(person.clone()).expect("a user");
        let sender: Sender = serde_json::from_value(person).expect("a sender");
        let contact: Contact = serde_json::from_value(json!({ "phone_number": HIDDEN })).expect("a contact");
        let shown = [
            format!("{:?}", CargotechToken::new(HIDDEN.to_owned(), 1)),
            format!("{:?}", InitDataKey::new(HIDDEN)),
            format!("{:?}", TokenKeys::new(HIDDEN, Some(HIDDEN))),
            format!("{user:?} {sender:?} {contact:?}"),
        ];
        for text in shown {
            assert!(!text.contains(HIDDEN), "{text}");
        }
    }
}
