//! Configuration from the environment, read once at startup. An invalid value stops the start with one message.
use std::fmt;

use ::yookassa::networks::{self, Network};

use crate::{telegram, telemetry};

/// The configuration. Secrets are never part of it; see [`crate::secrets`].
#[derive(Clone, Debug)]
pub struct Config {
    /// `APP_TABLE`: the durable DynamoDB table.
    pub app_table: String,
    /// `CACHE_TABLE`: the DynamoDB table that may be lost at any time.
    pub cache_table: String,
    /// `SECRETS_PREFIX`: secrets are named `<prefix>/<name>`.
    pub secrets_prefix: String,
    /// `METRICS_NAMESPACE`: the namespace of metrics in CloudWatch, one per stack.
    pub metrics_namespace: String,
    /// `RELEASE`: this release, for metrics.
    pub release: String,
    /// `WEBAPP_ORIGIN`: the origin of the web app, `https://app.cargotech.pro`.
    pub webapp_origin: String,
    /// `TELEGRAM_APP_URL`: the link that opens the Mini App from the bot. `?startapp=` is appended.
    pub telegram_app_url: String,
    /// `SUPPORT_URL`: where drivers can contact support.
    pub support_url: String,
    /// `CARGOTECH_BASE_URL`, without a trailing slash.
    pub cargotech_base_url: String,
    /// `TELEGRAM_BASE_URL`: the Bot API, without a trailing slash.
    pub telegram_base_url: String,
    /// `DISPATCH_CHAT_ID`: the group whose members decide on responses.
    pub dispatch_chat_id: i64,
    /// `OPERATORS_CHAT_ID`: the person or group that receives alarms.
    pub operators_chat_id: Option<i64>,
    /// `NOTIFY_QUEUE_URL`: the SQS queue of hints to send messages.
    pub notify_queue_url: String,
    /// `NOTIFY_DEAD_LETTERS_URL`: the dead-letter queue of hints.
    pub notify_dead_letters_url: String,
    /// `SETTLE_DEAD_LETTERS_URL`: the dead-letter queue of YooKassa's notifications.
    pub settle_dead_letters_url: String,
    /// `ADMIN_TELEGRAM_IDS`: the Telegram ids of the first owners.
    pub admin_telegram_ids: Vec<i64>,
    /// `YOOKASSA_BASE_URL`: YooKassa's API, without a trailing slash.
    pub yookassa_base_url: String,
    /// `SETTLE_QUEUE_URL`: the SQS queue of YooKassa's notifications.
    pub settle_queue_url: String,
    /// `YOOKASSA_ALLOWED_NETWORKS`: the networks of YooKassa's notifications.
    pub yookassa_networks: Vec<Network>,
    /// `INIT_DATA_MAX_AGE_S`: the maximum age of init data at sign-in.
    pub init_data_max_age_s: i64,
    /// `SESSION_TTL_S`: how long a session lasts without use.
    pub session_ttl_s: i64,
    /// `RATE_LIMIT_PER_S`: requests per second and driver, with a burst of the same number.
    pub rate_limit_per_s: i64,
    /// `MISSES_PER_MIN`: searches per minute and driver that may reach CargoTech.
    pub misses_per_min: i64,
    /// `CARGOTECH_TOKEN_CACHE_TTL`, seconds.
    pub cargotech_token_ttl_s: i64,
    /// `CARGOTECH_BUDGET_PER_MIN`: requests per minute of all drivers and the market's sweep together.
    pub cargotech_budget_per_min: i64,
    /// `MARKET_CALLS_PER_MIN`: the part of these requests that the market's sweep takes, at most half of them; 0 switches
    /// the market off.
    pub market_calls_per_min: i64,
    /// `MARKET_MAX_AGE_S`: CargoTech answers searches when the market is older.
    pub market_max_age_s: i64,
    /// `LIST_TTL_S`: how long a list is fresh.
    pub list_ttl_s: i64,
    /// `DETAIL_TTL_S`: how long a cargo's detail is fresh.
    pub detail_ttl_s: i64,
    /// `DICTIONARY_TTL_S`: how long cities and types are fresh.
    pub dictionary_ttl_s: i64,
    /// `RESPONSE_TTL_S`: how long a response waits for a decision before it expires.
    pub response_ttl_s: i64,
}

/// One message that lists every missing or invalid variable and what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError(String);

impl ConfigError {
    pub(crate) fn new(message: String) -> Self {
        Self(message)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads the process environment.
    ///
    /// # Errors
    /// One message with all faults.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// Reads the variables through `lookup`.
    ///
    /// # Errors
    /// One message with all faults.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut reader = Reader { lookup: &lookup, problems: Vec::new() };
        let mut config = Self {
            app_table: reader.text("APP_TABLE", None),
            cache_table: reader.text("CACHE_TABLE", None),
            secrets_prefix: reader.text("SECRETS_PREFIX", None),
            metrics_namespace: reader.namespace("METRICS_NAMESPACE"),
            release: reader.text("RELEASE", Some(telemetry::DEFAULT_RELEASE)),
            webapp_origin: reader.url("WEBAPP_ORIGIN", Some("https://app.cargotech.pro")),
            telegram_app_url: reader.url("TELEGRAM_APP_URL", None),
            support_url: reader.url("SUPPORT_URL", None),
            cargotech_base_url: reader.url("CARGOTECH_BASE_URL", Some("https://api.cargotech.pro")),
            telegram_base_url: reader.url("TELEGRAM_BASE_URL", Some("https://api.telegram.org")),
            dispatch_chat_id: reader.group("DISPATCH_CHAT_ID"),
            operators_chat_id: reader.chat("OPERATORS_CHAT_ID"),
            notify_queue_url: reader.url("NOTIFY_QUEUE_URL", None),
            notify_dead_letters_url: reader.url("NOTIFY_DEAD_LETTERS_URL", None),
            settle_dead_letters_url: reader.url("SETTLE_DEAD_LETTERS_URL", None),
            admin_telegram_ids: reader.ids("ADMIN_TELEGRAM_IDS"),
            yookassa_base_url: reader.url("YOOKASSA_BASE_URL", Some("https://api.yookassa.ru/v3")),
            settle_queue_url: reader.url("SETTLE_QUEUE_URL", None),
            yookassa_networks: reader.networks("YOOKASSA_ALLOWED_NETWORKS"),
            init_data_max_age_s: reader.positive("INIT_DATA_MAX_AGE_S", 300),
            session_ttl_s: reader.positive("SESSION_TTL_S", 86_400),
            rate_limit_per_s: reader.positive("RATE_LIMIT_PER_S", 10),
            misses_per_min: reader.positive("MISSES_PER_MIN", 60),
            cargotech_token_ttl_s: reader.positive("CARGOTECH_TOKEN_CACHE_TTL", 86_400),
            cargotech_budget_per_min: reader.positive("CARGOTECH_BUDGET_PER_MIN", 600),
            market_calls_per_min: reader.number("MARKET_CALLS_PER_MIN", 0, 120),
            market_max_age_s: reader.positive("MARKET_MAX_AGE_S", 600),
            list_ttl_s: reader.positive("LIST_TTL_S", 300),
            detail_ttl_s: reader.positive("DETAIL_TTL_S", 900),
            dictionary_ttl_s: reader.positive("DICTIONARY_TTL_S", 86_400),
            response_ttl_s: reader.positive("RESPONSE_TTL_S", 172_800),
        };
        // Who lowers the budget need not think of its parts.
        config.market_calls_per_min = config.market_calls_per_min.min(config.cargotech_budget_per_min / 2);
        if reader.problems.is_empty() {
            Ok(config)
        } else {
            Err(ConfigError(format!("Bad configuration: {}.", reader.problems.join("; "))))
        }
    }
}

struct Reader<'a, F> {
    lookup: &'a F,
    problems: Vec<String>,
}

impl<F: Fn(&str) -> Option<String>> Reader<'_, F> {
    fn text(&mut self, name: &str, default: Option<&str>) -> String {
        match (self.lookup)(name).filter(|value| !value.trim().is_empty()).or_else(|| default.map(str::to_owned)) {
            Some(value) => value.trim().to_owned(),
            None => {
                self.problems.push(format!("{name} is not set"));
                String::new()
            }
        }
    }

    fn url(&mut self, name: &str, default: Option<&str>) -> String {
        let value = self.text(name, default);
        let rest = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://"));
        if !value.is_empty() && rest.is_none_or(|rest| rest.is_empty() || rest.starts_with('/')) {
            self.problems.push(format!("{name} must be an address such as https://example.org, not {value:?}"));
        }
        value.trim_end_matches('/').to_owned()
    }

    /// A valid CloudWatch namespace.
    fn namespace(&mut self, name: &str) -> String {
        let value = self.text(name, Some(telemetry::DEFAULT_NAMESPACE));
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-/#".contains(c);
        if value.len() > 255 || value.starts_with("AWS/") || !value.chars().all(is_plain) {
            self.problems.push(format!("{name} must be a namespace such as CargoTechDriver/staging, not {value:?}"));
        }
        value
    }

    /// Ids separated by commas; none if unset.
    fn ids(&mut self, name: &str) -> Vec<i64> {
        let value = (self.lookup)(name).unwrap_or_default();
        let parts = value.split(',').map(str::trim).filter(|part| !part.is_empty());
        let ids: Option<Vec<i64>> = parts.map(|part| part.parse().ok().filter(|id| *id > 0)).collect();
        ids.unwrap_or_else(|| {
            self.problems.push(format!("{name} must be Telegram ids such as 123456789,987654321, not {value:?}"));
            Vec::new()
        })
    }

    fn networks(&mut self, name: &str) -> Vec<Network> {
        let value = self.text(name, Some(networks::DOCUMENTED));
        networks::parse(&value).unwrap_or_else(|_| {
            self.problems.push(format!("{name} must be networks such as 185.71.76.0/27,2a02:5180::/32, not {value:?}"));
            Vec::new()
        })
    }

    /// A Telegram group.
    fn group(&mut self, name: &str) -> i64 {
        let value = self.text(name, None);
        match value.parse::<i64>() {
            Ok(id) if !telegram::address::of_number(id).is_private() => id,
            _ if value.is_empty() => 0,
            _ => {
                self.problems.push(format!("{name} must be the id of a group, such as -1001234567890, not {value:?}"));
                0
            }
        }
    }

    fn chat(&mut self, name: &str) -> Option<i64> {
        let value = (self.lookup)(name).filter(|value| !value.trim().is_empty())?;
        let id = value.trim().parse::<i64>().ok().filter(|id| *id != 0);
        if id.is_none() {
            self.problems.push(format!("{name} must be the id of a chat, such as -1001234567890, not {value:?}"));
        }
        id
    }

    fn positive(&mut self, name: &str, default: i64) -> i64 {
        self.number(name, 1, default)
    }

    fn number(&mut self, name: &str, min: i64, default: i64) -> i64 {
        let Some(value) = (self.lookup)(name).filter(|value| !value.trim().is_empty()) else {
            return default;
        };
        // Ten digits cover over three hundred years of seconds, and no product of two of them overflows.
        match value.trim().parse::<i64>() {
            Ok(number) if (min..=9_999_999_999).contains(&number) => number,
            _ => {
                self.problems.push(format!("{name} must be a whole number of at least {min}, not {value:?}"));
                default
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(extra: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let base = [
            ("APP_TABLE", "app"),
            ("CACHE_TABLE", "cache"),
            ("SECRETS_PREFIX", "dev"),
            ("TELEGRAM_APP_URL", "https://t.me/bot/app"),
            ("SUPPORT_URL", "https://t.me/support"),
            ("DISPATCH_CHAT_ID", "-1001"),
            ("NOTIFY_QUEUE_URL", "https://sqs.example.org/1/notify"),
            ("SETTLE_QUEUE_URL", "https://sqs.example.org/1/settle"),
            ("NOTIFY_DEAD_LETTERS_URL", "https://sqs.example.org/1/notify-dead"),
            ("SETTLE_DEAD_LETTERS_URL", "https://sqs.example.org/1/settle-dead"),
        ];
        Config::from_lookup(|name| {
            extra.iter().chain(&base).find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_documented_defaults_apply() {
        let config = with(&[]).expect("complete");
        assert_eq!(config.webapp_origin, "https://app.cargotech.pro");
        assert_eq!(config.cargotech_base_url, "https://api.cargotech.pro");
        assert_eq!(config.metrics_namespace, "CargoTechDriver");
        assert_eq!((config.init_data_max_age_s, config.session_ttl_s), (300, 86_400));
        assert_eq!((config.list_ttl_s, config.detail_ttl_s, config.dictionary_ttl_s), (300, 900, 86_400));
        assert_eq!((config.market_calls_per_min, config.market_max_age_s), (120, 600));
        let lowered = with(&[("CARGOTECH_BUDGET_PER_MIN", "100")]).expect("complete");
        assert_eq!(lowered.market_calls_per_min, 50, "at most half of the budget");
        assert_eq!(with(&[("MARKET_CALLS_PER_MIN", "0")]).expect("off").market_calls_per_min, 0);
        assert_eq!((config.cargotech_budget_per_min, config.rate_limit_per_s, config.misses_per_min), (600, 10, 60));
    }

    #[test]
    fn one_message_names_everything_that_is_wrong() {
        let error = with(&[
            ("APP_TABLE", " "),
            ("SESSION_TTL_S", "-1"),
            ("LIST_TTL_S", "soon"),
            ("CARGOTECH_BASE_URL", "cargotech"),
            ("DISPATCH_CHAT_ID", "1001"),
            ("YOOKASSA_ALLOWED_NETWORKS", "everywhere"),
            ("ADMIN_TELEGRAM_IDS", "12,me"),
            ("METRICS_NAMESPACE", "Cargo\"Tech"),
            ("MARKET_CALLS_PER_MIN", "-1"),
        ])
        .expect_err("nine problems")
        .to_string();
        for name in [
            "APP_TABLE",
            "SESSION_TTL_S",
            "LIST_TTL_S",
            "CARGOTECH_BASE_URL",
            "DISPATCH_CHAT_ID",
            "YOOKASSA_ALLOWED_NETWORKS",
            "ADMIN_TELEGRAM_IDS",
            "METRICS_NAMESPACE",
            "MARKET_CALLS_PER_MIN",
        ] {
            assert!(error.contains(name), "{error}");
        }
    }

    #[test]
    fn a_slash_at_the_end_of_an_address_does_not_matter() {
        let config = with(&[("CARGOTECH_BASE_URL", "http://127.0.0.1:1/x/")]).expect("complete");
        assert_eq!(config.cargotech_base_url, "http://127.0.0.1:1/x");
    }
}
