//! Secrets Manager: read at the start, kept for five minutes, so that a rotation reaches a warm instance without a
//! deploy and a request seldom waits for it. Nothing in here can be printed.
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use aws_sdk_secretsmanager::{
    Client,
    config::{StalledStreamProtectionConfig, timeout::TimeoutConfig},
};
use aws_types::SdkConfig;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;
use tokio::time::timeout;

use crate::auth::{access_token::AccessKey, init_data::InitDataKey, token::TokenKeys};

/// How long a value is believed. AWS's own caching extension has the same limit.
const KEPT: Duration = Duration::from_secs(300);
/// How long a start waits for a secret.
const FIRST_READ: Duration = Duration::from_secs(4);
/// How long a request waits for a newer value of one that it has.
const REREAD: Duration = Duration::from_millis(500);
/// After that failed, the value at hand is good for this long.
const REREAD_PAUSE: Duration = Duration::from_secs(30);

/// A token that we do not know makes us look again, but no more often than this: anybody can make up such tokens.
const KEPT_FROM_STRANGERS: Duration = Duration::from_secs(5);

/// After so many days a secret should be changed (docs/runbooks/rotate-secrets.md).
pub const OLD_DAYS: i64 = 365;

/// One of the secrets, `<prefix>/<name>` in Secrets Manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecretName {
    /// `{phone, password}` of the one CargoTech login.
    Cargotech,
    /// `{bot_token, webhook_secret}`.
    Telegram,
    /// `{current, previous}`: the keys that session tokens are signed with.
    Session,
    /// `{shop_id, secret_key, webhook_token}` of our shop at YooKassa.
    Yookassa,
    /// `{key}`: what access tokens are derived with.
    Access,
    /// `{origin_token, previous}`: what CloudFront adds to a request, so that nobody goes around it.
    Edge,
}

impl SecretName {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Cargotech, Self::Telegram, Self::Session, Self::Yookassa, Self::Access, Self::Edge];

    /// Whether it is changed although it did not leak. The key of access links is not: every link would end with it.
    pub fn gets_old(self) -> bool {
        self != Self::Access
    }

    /// The name without its prefix.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cargotech => "cargotech",
            Self::Telegram => "telegram",
            Self::Session => "session",
            Self::Yookassa => "yookassa",
            Self::Access => "access",
            Self::Edge => "edge",
        }
    }
}

/// A secret cannot be had, or is not what it should be. The text never holds any of it.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the secret {name} {problem}")]
pub struct SecretError {
    name: String,
    problem: String,
}

/// The one CargoTech login.
#[derive(Deserialize)]
pub struct CargotechCredentials {
    /// As CargoTech wants it.
    pub phone: String,
    /// In clear.
    pub password: String,
}

#[derive(Deserialize)]
struct AccessSecret {
    key: String,
}

/// Our shop at YooKassa.
#[derive(Deserialize)]
pub struct YookassaShop {
    /// The shop's number, as text.
    pub shop_id: String,
    /// Its key.
    pub secret_key: String,
    /// The part of the webhook's address that only YooKassa was told.
    pub webhook_token: String,
}

#[derive(Deserialize)]
struct TelegramSecret {
    bot_token: String,
    #[serde(default)]
    webhook_secret: String,
}

#[derive(Deserialize)]
struct SessionSecret {
    current: String,
    previous: Option<String>,
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

/// When a value was read, and the value.
type Kept = (Instant, Arc<str>);

/// The secrets of this process.
#[derive(Clone)]
pub struct Secrets {
    client: Client,
    prefix: String,
    kept: Arc<Mutex<HashMap<SecretName, Kept>>>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets")
    }
}

impl Secrets {
    /// Reads nothing yet; see [`Secrets::load`].
    pub fn new(sdk: &SdkConfig, prefix: &str) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .operation_attempt_timeout(Duration::from_secs(2))
            .operation_timeout(Duration::from_secs(4))
            .build();
        let conf = aws_sdk_secretsmanager::config::Builder::from(sdk)
            .timeout_config(timeouts)
            // It would act after seconds; an attempt has less.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        Self { client: Client::from_conf(conf), prefix: prefix.to_owned(), kept: Arc::default() }
    }

    /// Reads one and checks that it has its form.
    ///
    /// # Errors
    /// It cannot be had, or has another form.
    pub async fn load(&self, name: SecretName) -> Result<(), SecretError> {
        match name {
            SecretName::Cargotech => self.cargotech().await.map(drop),
            SecretName::Telegram => self.init_data_key().await.map(drop),
            SecretName::Session => self.token_keys().await.map(drop),
            SecretName::Yookassa => self.yookassa().await.map(drop),
            SecretName::Access => self.access_key().await.map(drop),
            SecretName::Edge => self.origin_tokens().await.map(drop),
        }
    }

    /// The CargoTech login.
    ///
    /// # Errors
    /// It cannot be had, or has another form.
    pub async fn cargotech(&self) -> Result<CargotechCredentials, SecretError> {
        let secret: CargotechCredentials = self.read(SecretName::Cargotech, KEPT).await?;
        if secret.phone.is_empty() || secret.password.is_empty() {
            return Err(self.error(SecretName::Cargotech, "must have a phone and a password"));
        }
        Ok(secret)
    }

    /// The key that init data is checked with.
    ///
    /// # Errors
    /// It cannot be had, or the bot token is not `<digits>:<anything not empty>`.
    pub async fn init_data_key(&self) -> Result<InitDataKey, SecretError> {
        Ok(InitDataKey::new(&self.bot_token().await?))
    }

    /// The bot's token.
    ///
    /// # Errors
    /// It cannot be had, or is not `<digits>:<anything not empty>`.
    pub async fn bot_token(&self) -> Result<String, SecretError> {
        let token = self.read::<TelegramSecret>(SecretName::Telegram, KEPT).await?.bot_token;
        match token.split_once(':') {
            Some((id, rest)) if !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()) && !rest.is_empty() => {
                Ok(token)
            }
            _ => Err(self.error(SecretName::Telegram, "must have a bot_token such as 12345:ABC")),
        }
    }

    /// What Telegram proves itself with when it calls the webhook.
    ///
    /// # Errors
    /// It cannot be had, or is not what Telegram's `setWebhook` takes (1 to 256 of `A-Z a-z 0-9 _ -`), or can be guessed.
    pub async fn webhook_secret(&self) -> Result<String, SecretError> {
        let secret = self.read::<TelegramSecret>(SecretName::Telegram, KEPT).await?.webhook_secret;
        let plain = secret.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        if plain && (16..=256).contains(&secret.len()) {
            Ok(secret)
        } else {
            Err(self.error(SecretName::Telegram, "must have a webhook_secret of 16 to 256 of A-Z a-z 0-9 _ -"))
        }
    }

    /// The key of access tokens. To change it revokes all of them.
    ///
    /// # Errors
    /// It cannot be had, or is shorter than 32 bytes.
    pub async fn access_key(&self) -> Result<AccessKey, SecretError> {
        let secret: AccessSecret = self.read(SecretName::Access, KEPT).await?;
        if secret.key.len() < 32 {
            return Err(self.error(SecretName::Access, "must have a key of at least 32 bytes"));
        }
        Ok(AccessKey::new(&secret.key))
    }

    /// Our shop at YooKassa.
    ///
    /// # Errors
    /// It cannot be had, has no shop or key, or a webhook token that can be guessed.
    pub async fn yookassa(&self) -> Result<YookassaShop, SecretError> {
        self.yookassa_read_within(KEPT).await
    }

    /// Our shop after YooKassa has refused it: looked at anew.
    ///
    /// # Errors
    /// As [`Secrets::yookassa`].
    pub async fn yookassa_after_refusal(&self) -> Result<YookassaShop, SecretError> {
        self.yookassa_read_within(Duration::ZERO).await
    }

    async fn yookassa_read_within(&self, age: Duration) -> Result<YookassaShop, SecretError> {
        let shop: YookassaShop = self.read(SecretName::Yookassa, age).await?;
        if shop.shop_id.is_empty() || shop.secret_key.is_empty() || shop.webhook_token.len() < 16 {
            let form = "must have a shop_id, a secret_key and a webhook_token of at least 16 bytes";
            return Err(self.error(SecretName::Yookassa, form));
        }
        Ok(shop)
    }

    /// Puts another shop and key in the place of ours; the part of the webhook's address stays. This process has them at
    /// once, every other when YooKassa refuses the old ones, and in any case within five minutes.
    ///
    /// # Errors
    /// What stands there cannot be read, or the new value was not taken.
    pub async fn put_yookassa(&self, shop_id: &str, secret_key: &str) -> Result<(), SecretError> {
        let name = SecretName::Yookassa;
        let shop = self.yookassa_read_within(Duration::ZERO).await?;
        let text = json!({ "shop_id": shop_id, "secret_key": secret_key, "webhook_token": shop.webhook_token });
        let text: Arc<str> = text.to_string().into();
        let put = self.client.put_secret_value().secret_id(self.id(name)).secret_string(&*text);
        match timeout(FIRST_READ, put.send()).await {
            Ok(Ok(_)) => {
                self.keep(name, Instant::now(), text);
                Ok(())
            }
            Ok(Err(error)) if error.as_service_error().is_some() => Err(self.error(name, "cannot be written")),
            _ => Err(self.error(name, "cannot be reached")),
        }
    }

    /// When the secret was last changed, milliseconds since 1970-01-01 UTC.
    ///
    /// # Errors
    /// It cannot be looked at.
    pub async fn changed_at_ms(&self, name: SecretName) -> Result<Option<i64>, SecretError> {
        let look = self.client.describe_secret().secret_id(self.id(name));
        match timeout(FIRST_READ, look.send()).await {
            Ok(Ok(answer)) => Ok(answer.last_changed_date().and_then(|at| at.to_millis().ok())),
            _ => Err(self.error(name, "cannot be looked at")),
        }
    }

    /// The keys of session tokens.
    ///
    /// # Errors
    /// They cannot be had, or are shorter than 32 bytes (RFC 7518, section 3.2).
    pub async fn token_keys(&self) -> Result<TokenKeys, SecretError> {
        self.token_keys_read_within(KEPT).await
    }

    async fn token_keys_read_within(&self, age: Duration) -> Result<TokenKeys, SecretError> {
        let secret: SessionSecret = self.read(SecretName::Session, age).await?;
        let previous = secret.previous.as_deref().filter(|key| !key.is_empty());
        if secret.current.len() < 32 || previous.is_some_and(|key| key.len() < 32) {
            return Err(self.error(SecretName::Session, "must have keys of at least 32 bytes"));
        }
        Ok(TokenKeys::new(&secret.current, previous))
    }

    /// The keys of session tokens for this token. Another instance may have signed it with a key that was put in place
    /// after we last looked, and that must not sign anybody out.
    ///
    /// # Errors
    /// As [`Secrets::token_keys`].
    pub async fn token_keys_for(&self, token: &str) -> Result<TokenKeys, SecretError> {
        let keys = self.token_keys().await?;
        if keys.know(token) { Ok(keys) } else { self.token_keys_read_within(KEPT_FROM_STRANGERS).await }
    }

    /// What CloudFront proves itself with.
    ///
    /// # Errors
    /// It cannot be had, or is shorter than 16 bytes.
    pub async fn origin_tokens(&self) -> Result<OriginTokens, SecretError> {
        self.origin_tokens_read_within(KEPT).await
    }

    /// The same for a request that proved nothing: CloudFront may have a token that was put in place after we last looked.
    ///
    /// # Errors
    /// As [`Secrets::origin_tokens`].
    pub async fn origin_tokens_after_refusal(&self) -> Result<OriginTokens, SecretError> {
        self.origin_tokens_read_within(KEPT_FROM_STRANGERS).await
    }

    async fn origin_tokens_read_within(&self, age: Duration) -> Result<OriginTokens, SecretError> {
        let EdgeSecret { origin_token: current, previous } = self.read(SecretName::Edge, age).await?;
        let previous = previous.filter(|token| !token.is_empty());
        if current.len() < 16 || previous.as_ref().is_some_and(|token| token.len() < 16) {
            return Err(self.error(SecretName::Edge, "must have an origin_token of at least 16 bytes"));
        }
        Ok(OriginTokens { current, previous })
    }

    async fn read<T: DeserializeOwned>(&self, name: SecretName, age: Duration) -> Result<T, SecretError> {
        let text = self.text(name, age).await?;
        // The parser's own message would quote what it stumbled over.
        serde_json::from_str(&text).map_err(|_| self.error(name, "does not have the documented form"))
    }

    async fn text(&self, name: SecretName, age: Duration) -> Result<Arc<str>, SecretError> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&name).cloned();
        if let Some((read_at, text)) = &kept
            && read_at.elapsed() < age
        {
            return Ok(text.clone());
        }
        let read = self.client.get_secret_value().secret_id(self.id(name)).send();
        // Who has a value need not wait long for a newer one.
        let patience = if kept.is_some() { REREAD } else { FIRST_READ };
        let problem = match timeout(patience, read).await {
            Ok(Ok(answer)) => {
                let text: Arc<str> = answer.secret_string().unwrap_or_default().into();
                self.keep(name, Instant::now(), text.clone());
                return Ok(text);
            }
            Ok(Err(error)) if error.as_service_error().is_some() => "cannot be read",
            _ => "cannot be reached",
        };
        let Some((read_at, text)) = kept else { return Err(self.error(name, problem)) };
        tracing::warn!(secret = name.as_str(), problem, "the secret is not read again; the last value is used");
        // Asked for again only after a while, or each request would wait for what does not answer.
        self.keep(name, (Instant::now() + REREAD_PAUSE).checked_sub(KEPT).unwrap_or(read_at), text.clone());
        Ok(text)
    }

    fn id(&self, name: SecretName) -> String {
        format!("{}/{}", self.prefix, name.as_str())
    }

    fn keep(&self, name: SecretName, read_at: Instant, text: Arc<str>) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).insert(name, (read_at, text));
    }

    fn error(&self, name: SecretName, problem: &str) -> SecretError {
        SecretError { name: self.id(name), problem: problem.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_secretsmanager::config::{BehaviorVersion, Region};
    use serde_json::json;

    use super::*;
    use crate::{
        auth::init_data::User,
        store::token::CargotechToken,
        telegram::update::{Contact, Sender},
    };

    const HIDDEN: &str = "nobody-is-to-read-this";

    #[test]
    fn secrets_are_not_shown() {
        let sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .build();
        let secrets = Secrets::new(&sdk, "prefix");
        secrets.keep(SecretName::Yookassa, Instant::now(), HIDDEN.into());
        let person = json!({ "id": 5, "first_name": HIDDEN, "last_name": HIDDEN, "username": HIDDEN });
        let user: User = serde_json::from_value(person.clone()).expect("a user");
        let sender: Sender = serde_json::from_value(person).expect("a sender");
        let contact: Contact = serde_json::from_value(json!({ "phone_number": HIDDEN })).expect("a contact");
        let shown = [
            format!("{secrets:?}"),
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
