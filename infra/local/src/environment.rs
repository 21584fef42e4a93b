//! Where the product's settings come from: the environment, then `.env`, then values that work on one machine.
use std::{cell::RefCell, collections::BTreeMap, path::Path};

use serde_json::{Value, json};
use shared::config::{Config, ConfigError};

use crate::{
    aws::sqs::queue_url,
    telegram::{bot::DISPATCH_CHAT, drivers::DRIVERS},
};

/// The variables that were set from outside.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    given: BTreeMap<String, String>,
}

/// The product's configuration, and the variables that say the same.
#[derive(Debug)]
pub struct Configured {
    /// As the functions take it.
    pub config: Config,
    /// The variables with which it was made.
    pub variables: BTreeMap<String, String>,
}

/// The variables that secrets come from.
const SECRETS: [&str; 8] = [
    "CARGOTECH_PHONE",
    "CARGOTECH_PASSWORD",
    "TELEGRAM_BOT_TOKEN",
    "TELEGRAM_WEBHOOK_SECRET",
    "YOOKASSA_SHOP_ID",
    "YOOKASSA_SECRET_KEY",
    "YOOKASSA_WEBHOOK_TOKEN",
    "SESSION_SECRET",
];

/// The login of the CargoTech sandbox.
pub const DEMO_CARGOTECH: (&str, &str) = ("+79000000001", "demo-password");
const DEMO_BOT_TOKEN: &str = "7000000001:local-demo-bot-token";
const DEMO_WEBHOOK_SECRET: &str = "local-demo-webhook-secret";
/// The number and the key of the sandbox's test shop.
const DEMO_SHOP: (&str, &str) = ("1000001", "test_local-demo-key-of-no-real-shop");
const DEMO_WEBHOOK_TOKEN: &str = "local-demo-yookassa-webhook-token";
const DEMO_ACCESS_KEY: &str = "local-demo-access-key-that-opens-nothing-real";
const DEMO_SESSION_SECRET: &str = "local-demo-session-key-that-signs-nothing-real";

impl Environment {
    /// Exactly these variables.
    pub fn new(given: BTreeMap<String, String>) -> Self {
        Self { given }
    }

    /// The process's own environment, and below it the file at `dotenv` if there is one.
    ///
    /// # Errors
    /// The file cannot be read. The message quotes nothing of it: it may hold a secret.
    pub fn of_process(dotenv: &Path) -> Result<Self, String> {
        let mut given = BTreeMap::new();
        match dotenvy::from_path_iter(dotenv) {
            Ok(lines) => {
                for line in lines {
                    let (name, value) = line.map_err(|_| ".env has a line that is not NAME=value".to_owned())?;
                    given.insert(name, value);
                }
            }
            Err(error) if error.not_found() => {}
            Err(_) => return Err(".env cannot be read".to_owned()),
        }
        given.extend(
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
        );
        Ok(Self { given })
    }

    /// The value of a variable that is set and not blank.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.given.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// Reads the configuration, with local values for what is not set.
    ///
    /// # Errors
    /// One message with everything that is wrong.
    pub fn configure(&self, port: u16) -> Result<Configured, ConfigError> {
        let variables = RefCell::new(BTreeMap::new());
        let config = Config::from_lookup(|name| {
            let value = self.get(name).map(str::to_owned).or_else(|| local_value(name, port))?;
            variables.borrow_mut().insert(name.to_owned(), value.clone());
            Some(value)
        })?;
        Ok(Configured { config, variables: variables.into_inner() })
    }

    /// The dispatchers' group of the bot's sandbox.
    pub fn dispatch_chat(&self) -> i64 {
        self.get("DISPATCH_CHAT_ID").and_then(|id| id.parse().ok()).filter(|id| *id < 0).unwrap_or(DISPATCH_CHAT)
    }

    /// The value of the secret `name`, when one of its variables is set or `is_needed`.
    pub fn secret(&self, name: &str, is_needed: bool) -> Option<Value> {
        let prefix = name.to_uppercase();
        let is_given = SECRETS.iter().any(|variable| variable.starts_with(&prefix) && self.get(variable).is_some());
        if !is_needed && !is_given {
            return None;
        }
        let value = |variable: &str, demo: &str| self.get(variable).unwrap_or(demo).to_owned();
        match name {
            "cargotech" => Some(json!({
                "phone": value("CARGOTECH_PHONE", DEMO_CARGOTECH.0),
                "password": value("CARGOTECH_PASSWORD", DEMO_CARGOTECH.1),
            })),
            "telegram" => Some(json!({
                "bot_token": value("TELEGRAM_BOT_TOKEN", DEMO_BOT_TOKEN),
                "webhook_secret": value("TELEGRAM_WEBHOOK_SECRET", DEMO_WEBHOOK_SECRET),
            })),
            "yookassa" => Some(json!({
                "shop_id": value("YOOKASSA_SHOP_ID", DEMO_SHOP.0),
                "secret_key": value("YOOKASSA_SECRET_KEY", DEMO_SHOP.1),
                "webhook_token": value("YOOKASSA_WEBHOOK_TOKEN", DEMO_WEBHOOK_TOKEN),
            })),
            "access" => Some(json!({"key": DEMO_ACCESS_KEY})),
            "session" => Some(json!({"current": value("SESSION_SECRET", DEMO_SESSION_SECRET), "previous": null})),
            _ => None,
        }
    }
}

/// What a variable is locally when nothing sets it. The rest has defaults of its own.
fn local_value(name: &str, port: u16) -> Option<String> {
    let value = match name {
        "APP_TABLE" => "app".to_owned(),
        "CACHE_TABLE" => "cache".to_owned(),
        "SECRETS_PREFIX" => "local".to_owned(),
        "WEBAPP_ORIGIN" => format!("http://127.0.0.1:{port}"),
        // The page with the phone frame opens the Mini App as the bot does, `?startapp=` included.
        "TELEGRAM_APP_URL" => format!("http://127.0.0.1:{port}/"),
        // The first of the demo drivers runs the place.
        "ADMIN_TELEGRAM_IDS" => DRIVERS[0].id.to_string(),
        "SUPPORT_URL" => "https://example.org/support".to_owned(),
        "CARGOTECH_BASE_URL" => format!("http://127.0.0.1:{port}/_cargotech"),
        "TELEGRAM_BASE_URL" => format!("http://127.0.0.1:{port}/_telegram"),
        "YOOKASSA_BASE_URL" => format!("http://127.0.0.1:{port}/_yookassa/v3/"),
        "DISPATCH_CHAT_ID" => DISPATCH_CHAT.to_string(),
        "NOTIFY_QUEUE_URL" => queue_url(&format!("http://127.0.0.1:{port}/_aws"), "NotifyQueue"),
        "NOTIFY_DEAD_LETTERS_URL" => queue_url(&format!("http://127.0.0.1:{port}/_aws"), "NotifyDeadLetters"),
        "SETTLE_DEAD_LETTERS_URL" => queue_url(&format!("http://127.0.0.1:{port}/_aws"), "SettleDeadLetters"),
        "SETTLE_QUEUE_URL" => queue_url(&format!("http://127.0.0.1:{port}/_aws"), "SettleQueue"),
        _ => return None,
    };
    Some(value)
}

/// A line that a shell reads back as it is.
pub fn shell_line(name: &str, value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+=,".contains(c);
    if !value.is_empty() && value.chars().all(is_plain) {
        format!("{name}={value}")
    } else {
        format!("{name}='{}'", value.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        Environment::new(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn nothing_has_to_be_set() {
        let configured = environment(&[]).configure(8080).expect("complete");
        assert_eq!(configured.config.webapp_origin, "http://127.0.0.1:8080");
        assert_eq!(configured.config.cargotech_base_url, "http://127.0.0.1:8080/_cargotech");
        assert_eq!(configured.variables["APP_TABLE"], "app");
        assert!(!configured.variables.contains_key("SESSION_TTL_S"));
    }

    #[test]
    fn what_is_set_wins_and_what_is_blank_does_not_count() {
        let configured = environment(&[("LIST_TTL_S", "7"), ("APP_TABLE", " ")]).configure(1).expect("complete");
        assert_eq!((configured.config.list_ttl_s, configured.config.app_table.as_str()), (7, "app"));
        assert_eq!(configured.variables["LIST_TTL_S"], "7");
        assert!(environment(&[("LIST_TTL_S", "x")]).configure(1).is_err());
    }

    #[test]
    fn a_secret_is_taken_from_its_variables_and_completed_with_demo_values() {
        let environment = environment(&[("CARGOTECH_PHONE", "+7900")]);
        let secret = environment.secret("cargotech", false).expect("a variable is set");
        assert_eq!(secret, json!({"phone": "+7900", "password": DEMO_CARGOTECH.1}));
        assert_eq!(environment.secret("yookassa", false), None);
        let shop = environment.secret("yookassa", true).expect("it is needed");
        assert_eq!((&shop["shop_id"], &shop["webhook_token"]), (&json!(DEMO_SHOP.0), &json!(DEMO_WEBHOOK_TOKEN)));
        assert_eq!(environment.secret("session", false), None);
        assert!(environment.secret("session", true).is_some());
    }

    #[test]
    fn a_shell_reads_back_what_was_printed() {
        assert_eq!(shell_line("A", "http://127.0.0.1:8080/_aws"), "A=http://127.0.0.1:8080/_aws");
        assert_eq!(shell_line("A", "it's $HOME"), r"A='it'\''s $HOME'");
        assert_eq!(shell_line("A", ""), "A=''");
    }

    #[test]
    fn a_broken_env_file_is_told_without_its_content() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join(".env");
        assert!(Environment::of_process(&file).is_ok(), "it need not be there");
        std::fs::write(&file, "A_LOCAL_TEST=1\nsecret stuff here\n").expect("written");
        let error = Environment::of_process(&file).expect_err("not NAME=value");
        assert!(!error.contains("stuff"), "{error}");
    }
}
