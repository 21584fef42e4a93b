//! Init data signed as Telegram signs it. Written apart from the check in `shared`, so that two implementations have to
//! agree on every rule.
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::Sha256;

use super::drivers::{self, Driver};

/// What `encodeURIComponent` leaves as it is.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// What a launch shall look like.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Launch {
    /// One of the demo drivers; the first without it. Any other id is a person made up on the spot.
    pub driver_id: Option<i64>,
    /// When Telegram signed it, seconds since 1970-01-01 UTC; now without it.
    pub auth_date: Option<i64>,
    /// How long ago Telegram signed it, seconds.
    pub age_s: Option<i64>,
    /// The deep link's parameter; such a launch has no `query_id`.
    pub start_param: Option<String>,
    /// The language of the person's Telegram.
    pub language_code: Option<String>,
    /// Fields to set (text) or leave out (null) before the signature is made; `hash` is put in after it.
    pub overrides: Map<String, Value>,
}

impl Launch {
    /// The init data of this launch, signed with the bot's token.
    pub fn sign(&self, bot_token: &str, now_s: i64) -> String {
        let auth_date = self.auth_date.unwrap_or(now_s - self.age_s.unwrap_or(0));
        let mut fields = Vec::new();
        let mut add = |name: &str, value: String| fields.push((name.to_owned(), value));
        match &self.start_param {
            Some(start_param) => {
                add("user", self.user());
                add("chat_instance", format!("-{}", 10_u64.pow(18) + u64::from(random::<4>()[0])));
                add("chat_type", "private".to_owned());
                add("start_param", start_param.clone());
            }
            None => {
                add("query_id", format!("AA{}", URL_SAFE_NO_PAD.encode(random::<16>())));
                add("user", self.user());
            }
        }
        add("auth_date", auth_date.to_string());
        // The bot's check takes it as it is; only who checks without the token's help reads it.
        add("signature", URL_SAFE_NO_PAD.encode(random::<64>()));
        for (name, value) in self.overrides.iter().filter(|(name, _)| *name != "hash") {
            set(&mut fields, name, value);
        }
        let hash = hash(&fields, bot_token);
        fields.push(("hash".to_owned(), hash));
        if let Some(value) = self.overrides.get("hash") {
            set(&mut fields, "hash", value);
        }
        query(&fields)
    }

    /// The user as Telegram writes it: compact, non-ASCII as it is, slashes escaped.
    fn user(&self) -> String {
        let id = self.driver_id.unwrap_or(drivers::DRIVERS[0].id);
        let unknown = Driver {
            id,
            first_name: "Водитель",
            last_name: "",
            username: None,
            language_code: "ru",
            is_premium: false,
            phone: "",
        };
        let driver = drivers::find(id).unwrap_or(&unknown);
        let text = |value: &str| json!(value).to_string();
        let mut user = format!(
            r#"{{"id":{},"first_name":{},"last_name":{}"#,
            driver.id,
            text(driver.first_name),
            text(driver.last_name)
        );
        if let Some(username) = driver.username {
            user.push_str(&format!(r#","username":{}"#, text(username)));
        }
        let language = self.language_code.as_deref().unwrap_or(driver.language_code);
        user.push_str(&format!(r#","language_code":{}"#, text(language)));
        if driver.is_premium {
            user.push_str(r#","is_premium":true"#);
        }
        user.push_str(r#","allows_write_to_pm":true"#);
        let photo = format!(r"https:\/\/t.me\/i\/userpic\/320\/{}.svg", driver.username.unwrap_or("none"));
        user + &format!(r#","photo_url":"{photo}"}}"#)
    }
}

/// A contact that a person has shared, as the app gets it: signed like init data.
pub fn sign_contact(contact: &Value, bot_token: &str, now_s: i64) -> String {
    let fields = [("contact", contact.to_string()), ("auth_date", now_s.to_string())];
    let mut fields: Vec<_> = fields.map(|(name, value)| (name.to_owned(), value)).into();
    let hash = hash(&fields, bot_token);
    fields.push(("hash".to_owned(), hash));
    query(&fields)
}

fn query(fields: &[(String, String)]) -> String {
    let encode = |text: &str| utf8_percent_encode(text, COMPONENT).to_string();
    let pairs: Vec<_> = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

fn set(fields: &mut Vec<(String, String)>, name: &str, value: &Value) {
    let value = match value {
        Value::Null => {
            fields.retain(|(own, _)| own != name);
            return;
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match fields.iter_mut().find(|(own, _)| own == name) {
        Some((_, own)) => *own = value,
        None => fields.push((name.to_owned(), value)),
    }
}

fn hash(fields: &[(String, String)], bot_token: &str) -> String {
    let mut fields: Vec<_> = fields.iter().collect();
    fields.sort_by(|(a, _), (b, _)| a.cmp(b));
    let lines: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let secret = hmac(b"WebAppData", bot_token.as_bytes());
    hex::encode(hmac(&secret, lines.join("\n").as_bytes()))
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        unreachable!("HMAC takes keys of any length");
    };
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fastrand::fill(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use shared::auth::init_data::{InitData, InitDataKey};

    use super::*;

    const TOKEN: &str = "7000000001:local-demo-bot-token";

    #[test]
    fn the_products_own_check_accepts_every_driver() {
        for driver in &drivers::DRIVERS {
            for start_param in [None, Some("cargo_12".to_owned())] {
                let launch = Launch { driver_id: Some(driver.id), start_param, ..Launch::default() };
                let signed = launch.sign(TOKEN, 1_800_000_000);
                let checked = InitData::check(&signed, None, &InitDataKey::new(TOKEN), 300, 1_800_000_000);
                let checked = checked.unwrap_or_else(|error| panic!("{error}: {signed}"));
                assert_eq!(checked.user.id, driver.id);
                assert_eq!(checked.user.first_name, driver.first_name);
                assert_eq!(checked.auth_date, 1_800_000_000);
            }
        }
    }

    #[test]
    fn a_known_launch_has_the_known_hash() {
        // Made with Python's hmac from the documented rules.
        let fields = [("query_id", "AA"), ("auth_date", "1"), ("signature", ""), ("user", r#"{"id":1}"#)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(hash(&fields, "1:a"), "01e5579a892b0db99d1c2b210326be2d376e002c8f68428963e5f0dd1edce353");
    }

    #[test]
    fn overrides_are_signed_and_a_hash_is_not() {
        let overrides = json!({"user": null, "extra": "1"});
        let launch = Launch { overrides: overrides.as_object().cloned().unwrap_or_default(), ..Launch::default() };
        let signed = launch.sign(TOKEN, 10);
        assert!(!signed.contains("user=") && signed.contains("extra=1"), "{signed}");
        let overrides = json!({"hash": "0"}).as_object().cloned().unwrap_or_default();
        assert!(Launch { overrides, ..Launch::default() }.sign(TOKEN, 10).ends_with("&hash=0"));
    }

    #[test]
    fn two_launches_in_one_second_differ() {
        assert_ne!(Launch::default().sign(TOKEN, 10), Launch::default().sign(TOKEN, 10));
    }

    #[test]
    fn age_and_date_are_as_asked() {
        let signed = Launch { age_s: Some(600), ..Launch::default() }.sign(TOKEN, 1_000);
        assert!(signed.contains("auth_date=400&"), "{signed}");
        let signed = Launch { auth_date: Some(7), ..Launch::default() }.sign(TOKEN, 1_000);
        assert!(signed.contains("auth_date=7&"), "{signed}");
    }
}
