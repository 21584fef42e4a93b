//! Secrets Manager. Secrets are read at startup and cached for five minutes, so a rotation reaches warm instances
//! without a deploy and requests rarely wait. Nothing here implements printing.
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
use serde::de::DeserializeOwned;
use tokio::time::timeout;

/// How long a value is cached. AWS's own caching extension uses the same limit.
const KEPT: Duration = Duration::from_secs(300);
/// How long startup waits for a secret.
const FIRST_READ: Duration = Duration::from_secs(4);
/// How long a request waits to refresh a cached secret.
const REREAD: Duration = Duration::from_millis(500);
/// After a failed refresh, the cached value is used for this long.
const REREAD_PAUSE: Duration = Duration::from_secs(30);

/// An unknown token triggers a refresh at most this often, because anybody can make up tokens.
pub const KEPT_FROM_STRANGERS: Duration = Duration::from_secs(5);

/// The age in days at which a secret is due for rotation (docs/runbooks/rotate-secrets.md).
pub const OLD_DAYS: i64 = 365;

/// A secret, `<prefix>/<name>` in Secrets Manager. Each module declares its own.
#[derive(Clone, Copy, Debug)]
pub struct Secret {
    name: &'static str,
    gets_old: bool,
    check: fn(&str) -> Result<(), &'static str>,
}

impl Secret {
    /// A secret with this name and the form `T`.
    pub const fn new<T: Form>(name: &'static str) -> Self {
        Self { name, gets_old: true, check: check::<T> }
    }

    /// A secret that is rotated only after a leak.
    pub const fn lasting<T: Form>(name: &'static str) -> Self {
        Self { name, gets_old: false, check: check::<T> }
    }

    /// Whether it is rotated regularly.
    pub const fn gets_old(self) -> bool {
        self.gets_old
    }

    /// The name without the prefix.
    pub const fn as_str(self) -> &'static str {
        self.name
    }
}

/// The parsed form of a secret.
pub trait Form: Sized {
    /// The secret.
    const SECRET: Secret;

    /// Parses it.
    ///
    /// # Errors
    /// What is wrong with it. Never quotes the secret.
    fn read(text: &str) -> Result<Self, &'static str>;
}

fn check<T: Form>(text: &str) -> Result<(), &'static str> {
    T::read(text).map(drop)
}

/// Parses a secret stored as JSON.
///
/// # Errors
/// It has another form. The parser's own message is dropped because it would quote the secret.
pub fn json<T: DeserializeOwned>(text: &str) -> Result<T, &'static str> {
    serde_json::from_str(text).map_err(|_| "does not have the documented form")
}

/// A secret is unavailable or malformed. The text never contains any part of it.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the secret {name} {problem}")]
pub struct SecretError {
    name: String,
    problem: String,
}

/// A cached value and when it was read.
type Kept = (Instant, Arc<str>);

/// The secrets of this process.
#[derive(Clone)]
pub struct Secrets {
    client: Client,
    prefix: String,
    kept: Arc<Mutex<HashMap<&'static str, Kept>>>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets")
    }
}

impl Secrets {
    /// Creates the client without reading; see [`Secrets::load`].
    pub fn new(sdk: &SdkConfig, prefix: &str) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .operation_attempt_timeout(Duration::from_secs(2))
            .operation_timeout(Duration::from_secs(4))
            .build();
        let conf = aws_sdk_secretsmanager::config::Builder::from(sdk)
            .timeout_config(timeouts)
            // Stalled-stream protection acts after seconds; an attempt takes less.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        Self { client: Client::from_conf(conf), prefix: prefix.to_owned(), kept: Arc::default() }
    }

    /// Reads a secret and checks its form.
    ///
    /// # Errors
    /// It is unavailable or malformed.
    pub async fn load(&self, secret: Secret) -> Result<(), SecretError> {
        let text = self.text(secret, KEPT).await?;
        (secret.check)(&text).map_err(|problem| self.error(secret, problem))
    }

    /// Returns the parsed secret.
    ///
    /// # Errors
    /// It is unavailable or malformed.
    pub async fn get<T: Form>(&self) -> Result<T, SecretError> {
        self.get_within(KEPT).await
    }

    /// Like [`Secrets::get`], but refreshes a value older than `age`. Use it when the secret may have changed.
    ///
    /// # Errors
    /// As [`Secrets::get`].
    pub async fn get_within<T: Form>(&self, age: Duration) -> Result<T, SecretError> {
        let text = self.text(T::SECRET, age).await?;
        T::read(&text).map_err(|problem| self.error(T::SECRET, problem))
    }

    /// Stores a new value. This process uses it at once, others within five minutes.
    ///
    /// # Errors
    /// Secrets Manager did not accept it.
    pub async fn put<T: Form>(&self, text: String) -> Result<(), SecretError> {
        let text: Arc<str> = text.into();
        let put = self.client.put_secret_value().secret_id(self.id(T::SECRET)).secret_string(&*text);
        match timeout(FIRST_READ, put.send()).await {
            Ok(Ok(_)) => {
                self.keep(T::SECRET, Instant::now(), text);
                Ok(())
            }
            Ok(Err(error)) if error.as_service_error().is_some() => Err(self.error(T::SECRET, "cannot be written")),
            _ => Err(self.error(T::SECRET, "cannot be reached")),
        }
    }

    /// When the secret last changed, milliseconds since 1970-01-01 UTC.
    ///
    /// # Errors
    /// The secret cannot be described.
    pub async fn changed_at_ms(&self, secret: Secret) -> Result<Option<i64>, SecretError> {
        let look = self.client.describe_secret().secret_id(self.id(secret));
        match timeout(FIRST_READ, look.send()).await {
            Ok(Ok(answer)) => Ok(answer.last_changed_date().and_then(|at| at.to_millis().ok())),
            _ => Err(self.error(secret, "cannot be looked at")),
        }
    }

    async fn text(&self, secret: Secret, age: Duration) -> Result<Arc<str>, SecretError> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(secret.name).cloned();
        if let Some((read_at, text)) = &kept
            && read_at.elapsed() < age
        {
            return Ok(text.clone());
        }
        let read = self.client.get_secret_value().secret_id(self.id(secret)).send();
        // With a value at hand, a refresh need not take long.
        let patience = if kept.is_some() { REREAD } else { FIRST_READ };
        let problem = match timeout(patience, read).await {
            Ok(Ok(answer)) => {
                let text: Arc<str> = answer.secret_string().unwrap_or_default().into();
                self.keep(secret, Instant::now(), text.clone());
                return Ok(text);
            }
            Ok(Err(error)) if error.as_service_error().is_some() => "cannot be read",
            _ => "cannot be reached",
        };
        let Some((read_at, text)) = kept else { return Err(self.error(secret, problem)) };
        tracing::warn!(secret = secret.name, problem, "the secret is not read again; the last value is used");
        // Retry only after a pause; otherwise every request would wait for a service that does not respond.
        self.keep(secret, (Instant::now() + REREAD_PAUSE).checked_sub(KEPT).unwrap_or(read_at), text.clone());
        Ok(text)
    }

    fn id(&self, secret: Secret) -> String {
        format!("{}/{}", self.prefix, secret.name)
    }

    fn keep(&self, secret: Secret, read_at: Instant, text: Arc<str>) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).insert(secret.name, (read_at, text));
    }

    fn error(&self, secret: Secret, problem: &str) -> SecretError {
        SecretError { name: self.id(secret), problem: problem.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_secretsmanager::config::{BehaviorVersion, Region};

    use super::*;

    const HIDDEN: &str = "nobody-is-to-read-this";

    struct Word;

    impl Form for Word {
        const SECRET: Secret = Secret::new::<Self>("word");

        fn read(text: &str) -> Result<Self, &'static str> {
            json::<String>(text).map(|_| Self)
        }
    }

    #[test]
    fn no_value_and_no_fault_of_one_is_shown() {
        let sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .build();
        let secrets = Secrets::new(&sdk, "prefix");
        secrets.keep(Word::SECRET, Instant::now(), HIDDEN.into());
        assert!(!format!("{secrets:?}").contains(HIDDEN));
        assert_eq!(check::<Word>(HIDDEN), Err("does not have the documented form"));
        assert_eq!(check::<Word>("\"a word\""), Ok(()));
    }
}
