//! The secrets of sign-ins: keys of tokens and links, and what CloudFront proves itself with.
use serde::Deserialize;

use super::{access_token::AccessKey, token::TokenKeys};
use crate::secrets::{Form, KEPT_FROM_STRANGERS, Secret, SecretError, Secrets, json};

/// `{current, previous}`: the keys that session tokens are signed with.
pub const SESSION: Secret = TokenKeys::SECRET;
/// `{key}`: what access tokens are derived with. To change it revokes all of them.
pub const ACCESS: Secret = AccessKey::SECRET;
/// `{origin_token, previous}`: what CloudFront adds to a request, so that nobody goes around it.
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

/// The keys of session tokens for this token. Another instance may have signed it with a key that was put in place after we
/// last looked, and that must not sign anybody out.
///
/// # Errors
/// They cannot be had, or have another form.
pub async fn token_keys_for(secrets: &Secrets, token: &str) -> Result<TokenKeys, SecretError> {
    let keys: TokenKeys = secrets.get().await?;
    if keys.know(token) { Ok(keys) } else { secrets.get_within(KEPT_FROM_STRANGERS).await }
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

/// What CloudFront proves itself with.
pub struct OriginTokens {
    /// What it has after the next deployment.
    pub current: String,
    /// What it has until then, and at some of its edges a little longer.
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
