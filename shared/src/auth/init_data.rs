//! Telegram's init data: the launch data of a Mini App, signed with the bot's token.
//!
//! The rules are those of the Mini Apps page, "Validating data received via the Mini App": the check string is every
//! received field but `hash`, decoded once, as `key=value`, sorted by key and joined by line feeds; the secret is
//! `HMAC_SHA256(key = "WebAppData", message = bot token)`. The page is silent on `signature`; real launches prove that
//! it is part of the check string. Fields are never listed here, so that new ones keep validating.
use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::text::{cut, one_line};

/// The longest accepted init data. Real ones have about 700 bytes.
const MAX_BYTES: usize = 8 * 1024;
/// How far Telegram's clock may be ahead of ours, in seconds.
const MAX_FUTURE_S: i64 = 90;

/// Why init data was rejected. The text is for logs and counters and never contains the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum InitDataError {
    /// Over 8 KiB.
    #[error("too_long")]
    TooLong,
    /// Not a query string of `key=value` fields in UTF-8 without line feeds.
    #[error("malformed")]
    Malformed,
    /// A field occurs twice.
    #[error("duplicate_field")]
    DuplicateField,
    /// There is no `hash`, neither in the data nor separate.
    #[error("hash_missing")]
    HashMissing,
    /// The hash is not 64 lower-case hex digits, or the two given hashes differ.
    #[error("hash_malformed")]
    HashMalformed,
    /// Not signed with this bot's token.
    #[error("hash_mismatch")]
    HashMismatch,
    /// `auth_date` is missing or not a whole number.
    #[error("auth_date_invalid")]
    AuthDateInvalid,
    /// Older than the maximum age.
    #[error("expired")]
    Expired,
    /// Dated more than 90 seconds ahead of our clock.
    #[error("future")]
    Future,
    /// There is no `user` with a numeric id, so no person launched the app.
    #[error("user_invalid")]
    UserInvalid,
}

/// A launch verified by Telegram's signature.
#[derive(Clone, Debug)]
pub struct InitData {
    /// Its hash, 64 lower-case hex digits. It identifies a repeated launch.
    pub hash: String,
    /// When Telegram signed it, seconds since 1970-01-01 UTC.
    pub auth_date: i64,
    /// The person who launched the app.
    pub user: User,
}

/// The person who launched the app, as Telegram describes them.
#[derive(Clone, Deserialize)]
pub struct User {
    /// Telegram's id, up to 52 bits.
    pub id: i64,
    /// Never empty in Telegram.
    #[serde(default, deserialize_with = "name")]
    pub first_name: String,
    /// Absent or empty if the person has none.
    #[serde(default, deserialize_with = "empty_as_none")]
    pub last_name: Option<String>,
    /// Without the `@`.
    #[serde(default, deserialize_with = "empty_as_none")]
    pub username: Option<String>,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names are personal data and must not reach the log.
        f.debug_struct("User").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The longest name, in UTF-16 units: Telegram's limit.
pub(crate) const NAME: usize = 64;

/// A name on one line. People choose their own names, and dispatchers read cards line by line.
fn visible(name: &str) -> Option<String> {
    Some(cut(&one_line(name), NAME)).filter(|name| !name.is_empty())
}

fn name<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    // Some names contain only invisible characters.
    Ok(visible(&String::deserialize(deserializer)?).unwrap_or_else(|| "—".to_owned()))
}

fn empty_as_none<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.and_then(|text| visible(&text)))
}

/// The key for validating init data. It derives from the bot's token and does not reveal it.
#[derive(Clone)]
pub struct InitDataKey(Hmac<Sha256>);

impl InitDataKey {
    /// Derives the key from the bot's token.
    pub fn new(bot_token: &str) -> Self {
        let secret = keyed(b"WebAppData").chain_update(bot_token).finalize().into_bytes();
        Self(keyed(&secret))
    }
}

impl fmt::Debug for InitDataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InitDataKey")
    }
}

pub(super) fn keyed(key: &[u8]) -> Hmac<Sha256> {
    // HMAC accepts keys of any length, so this cannot fail.
    #[allow(clippy::expect_used)]
    Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length")
}

impl InitData {
    /// Validates `raw`, the init data as the app received it, and returns its content.
    ///
    /// `hash` may come apart from it; if both are there they must agree. `max_age_s` counts to the second: a launch
    /// that is exactly that old is still good.
    ///
    /// # Errors
    /// The first rule that it breaks. The signature is checked before anything that the fields say is believed.
    pub fn check(
        raw: &str,
        hash: Option<&str>,
        key: &InitDataKey,
        max_age_s: i64,
        now_s: i64,
    ) -> Result<Self, InitDataError> {
        if raw.len() > MAX_BYTES {
            return Err(InitDataError::TooLong);
        }
        let mut fields = raw.split('&').map(field).collect::<Result<Vec<_>, _>>()?;
        fields.sort_unstable();
        if fields.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err(InitDataError::DuplicateField);
        }

        let inside = fields.iter().position(|(name, _)| name == "hash").map(|at| fields.remove(at).1);
        let hash = match (inside.as_deref(), hash) {
            (Some(inside), Some(apart)) if inside != apart => {
                return Err(InitDataError::HashMalformed);
            }
            (Some(hash), _) | (None, Some(hash)) => hash,
            (None, None) => return Err(InitDataError::HashMissing),
        };
        if hash.len() != 64 || !hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(InitDataError::HashMalformed);
        }

        let check_string = fields.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("\n");
        let expected = hex::encode(key.0.clone().chain_update(check_string).finalize().into_bytes());
        if !bool::from(expected.as_bytes().ct_eq(hash.as_bytes())) {
            return Err(InitDataError::HashMismatch);
        }

        let value = |wanted: &str| fields.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        let auth_date = value("auth_date")
            .filter(|text| text.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|text| text.parse::<i64>().ok())
            .ok_or(InitDataError::AuthDateInvalid)?;
        if auth_date.saturating_sub(now_s) > MAX_FUTURE_S {
            return Err(InitDataError::Future);
        }
        if now_s.saturating_sub(auth_date) > max_age_s {
            return Err(InitDataError::Expired);
        }
        let user = value("user")
            .and_then(|json| serde_json::from_str::<User>(json).ok())
            .filter(|user| user.id > 0)
            .ok_or(InitDataError::UserInvalid)?;
        Ok(Self { hash: hash.to_owned(), auth_date, user })
    }
}

/// Splits `key=value` and decodes both once, as a form does: `+` is a space, then `%XX`.
fn field(pair: &str) -> Result<(String, String), InitDataError> {
    let (name, value) = pair.split_once('=').ok_or(InitDataError::Malformed)?;
    let (name, value) = (decode(name)?, decode(value)?);
    // Line feeds separate the fields of the check string. One inside a field would make it ambiguous.
    let is_ambiguous = name.contains('\n') || value.contains('\n');
    if name.is_empty() || is_ambiguous { Err(InitDataError::Malformed) } else { Ok((name, value)) }
}

fn decode(text: &str) -> Result<String, InitDataError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        bytes.push(match first {
            b'+' => b' ',
            b'%' => {
                let [high, low, tail @ ..] = tail else {
                    return Err(InitDataError::Malformed);
                };
                rest = tail;
                hex_digit(*high)? << 4 | hex_digit(*low)?
            }
            other => *other,
        });
    }
    String::from_utf8(bytes).map_err(|_| InitDataError::Malformed)
}

fn hex_digit(digit: u8) -> Result<u8, InitDataError> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok()).ok_or(InitDataError::Malformed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TOKEN: &str = "42:TEST";
    const NOW: i64 = 1_700_000_000;
    const USER: &str = r#"{"id":42,"first_name":"Артём","last_name":"","photo_url":"https:\/\/t.me\/a.svg"}"#;

    fn encode(text: &str) -> String {
        text.bytes()
            .map(|b| match b {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => char::from(b).to_string(),
                b' ' => "+".to_owned(),
                other => format!("%{other:02X}"),
            })
            .collect()
    }

    /// Signs `fields` as Telegram does and returns the query string without its hash, and the hash.
    fn sign(fields: &[(&str, &str)]) -> (String, String) {
        let mut sorted = fields.to_vec();
        sorted.sort_unstable();
        let check = sorted.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("\n");
        let hash = hex::encode(InitDataKey::new(TOKEN).0.chain_update(check).finalize().into_bytes());
        let query = fields.iter().map(|(k, v)| format!("{}={}", encode(k), encode(v))).collect::<Vec<_>>().join("&");
        (query, hash)
    }

    fn check(raw: &str) -> Result<InitData, InitDataError> {
        InitData::check(raw, None, &InitDataKey::new(TOKEN), 300, NOW)
    }

    fn signed(fields: &[(&str, &str)]) -> Result<InitData, InitDataError> {
        let (query, hash) = sign(fields);
        check(&format!("{query}&hash={hash}"))
    }

    fn dated(auth_date: &str) -> Result<InitData, InitDataError> {
        signed(&[("auth_date", auth_date), ("user", USER)])
    }

    #[test]
    fn a_signed_launch_is_accepted_wherever_its_hash_stands() {
        let now = NOW.to_string();
        let fields = [("auth_date", now.as_str()), ("query_id", "1"), ("signature", ""), ("user", USER)];
        let (query, hash) = sign(&fields);
        for raw in [format!("{query}&hash={hash}"), format!("hash={hash}&{query}")] {
            let data = check(&raw).expect("signed");
            assert_eq!((data.user.id, data.user.first_name.as_str(), data.user.last_name), (42, "Артём", None));
            assert_eq!((data.auth_date, data.hash), (NOW, hash.clone()));
        }
        let apart = InitData::check(&query, Some(&hash), &InitDataKey::new(TOKEN), 300, NOW);
        assert_eq!(apart.expect("the hash may come apart").user.id, 42);
    }

    #[test]
    fn age_is_counted_to_the_second_and_little_future_is_allowed() {
        assert!(dated(&(NOW - 300).to_string()).is_ok());
        assert_eq!(dated(&(NOW - 301).to_string()).unwrap_err(), InitDataError::Expired);
        assert!(dated(&(NOW + 90).to_string()).is_ok());
        assert_eq!(dated(&(NOW + 91).to_string()).unwrap_err(), InitDataError::Future);
        for bad in ["", "-1", "+1", "1e9", "99999999999999999999"] {
            assert_eq!(dated(bad).unwrap_err(), InitDataError::AuthDateInvalid, "{bad}");
        }
    }

    #[test]
    fn a_name_is_one_line_of_what_telegram_allows_and_turns_nothing_round() {
        let now = NOW.to_string();
        let called = |first: &str, last: &str| {
            let user = serde_json::json!({ "id": 42, "first_name": first, "last_name": last }).to_string();
            let data = signed(&[("auth_date", &now), ("user", &user)]).expect("signed");
            (data.user.first_name, data.user.last_name)
        };
        assert_eq!(called("Иван\n✅\u{202e} Принят", "\u{2067}"), ("Иван ✅ Принят".into(), None));
        assert_eq!(called("\u{200f}\u{2028}", "Петров\u{2029}"), ("—".into(), Some("Петров".into())));
        let (first, last) = called(&"🚛".repeat(200), &"я".repeat(65));
        assert_eq!((first.encode_utf16().count(), last.map(|last| last.chars().count())), (63, Some(64)));
    }

    #[test]
    fn what_is_not_a_launch_by_a_person_is_refused() {
        let now = NOW.to_string();
        let with_user = |user| signed(&[("auth_date", &now), ("user", user)]).unwrap_err();
        assert_eq!(signed(&[("auth_date", &now)]).unwrap_err(), InitDataError::UserInvalid);
        for bad in ["", "{}", "[]", r#"{"id":"42"}"#, r#"{"id":-1}"#, r#"{"id":4.5}"#] {
            assert_eq!(with_user(bad), InitDataError::UserInvalid, "{bad}");
        }
        let contact = r#"{"user_id":42,"phone_number":"79160000000"}"#;
        assert_eq!(signed(&[("auth_date", &now), ("contact", contact)]).unwrap_err(), InitDataError::UserInvalid);
    }

    #[test]
    fn malformed_data_is_refused_with_its_reason() {
        let hash = "0".repeat(64);
        for (raw, expected) in [
            (String::new(), InitDataError::Malformed),
            ("test&foo=bar=baz".into(), InitDataError::Malformed),
            ("=1".into(), InitDataError::Malformed),
            ("a=%F".into(), InitDataError::Malformed),
            ("a=%G0".into(), InitDataError::Malformed),
            ("a=%FF".into(), InitDataError::Malformed),
            ("a=1%0Ab=2".into(), InitDataError::Malformed),
            ("a%0Ab=2".into(), InitDataError::Malformed),
            ("a=1&b=2".into(), InitDataError::HashMissing),
            (format!("a=1&a=1&hash={hash}"), InitDataError::DuplicateField),
            (format!("a=1&hash={hash}&hash={hash}"), InitDataError::DuplicateField),
            ("a=1&hash=abc".into(), InitDataError::HashMalformed),
            (format!("a=1&hash={}", "A".repeat(64)), InitDataError::HashMalformed),
            (format!("a=1&hash={hash}"), InitDataError::HashMismatch),
            (format!("a={}", "1".repeat(9000)), InitDataError::TooLong),
        ] {
            assert_eq!(check(&raw).unwrap_err(), expected, "{raw}");
        }
        let two = InitData::check(&format!("a=1&hash={hash}"), Some("1"), &InitDataKey::new(TOKEN), 300, NOW);
        assert_eq!(two.unwrap_err(), InitDataError::HashMalformed);
    }

    #[test]
    fn a_line_feed_makes_two_fields_of_one_and_is_refused_however_it_is_signed() {
        let now = NOW.to_string();
        for (name, value) in [("query_id", "1\nstart_param=x"), ("query_id\nx", "1"), ("start_param", "\n")] {
            let launch = signed(&[("auth_date", &now), ("user", USER), (name, value)]);
            assert_eq!(launch.unwrap_err(), InitDataError::Malformed, "{name:?} {value:?}");
        }
        // The same string is signed by one field more.
        let (query, hash) = sign(&[("auth_date", &now), ("start_param", "x"), ("user", USER)]);
        assert!(check(&format!("{query}&hash={hash}")).is_ok());
        let joined = format!("auth_date={now}%0Astart_param%3Dx&user={}&hash={hash}", encode(USER));
        assert_eq!(check(&joined).unwrap_err(), InitDataError::Malformed);
    }

    #[test]
    fn leaving_the_signature_out_of_the_check_string_breaks_it() {
        let now = NOW.to_string();
        let (query, _) = sign(&[("auth_date", &now), ("signature", "abc"), ("user", USER)]);
        let (_, hash_without) = sign(&[("auth_date", &now), ("user", USER)]);
        assert_eq!(check(&format!("{query}&hash={hash_without}")).unwrap_err(), InitDataError::HashMismatch);
    }

    proptest! {
        #[test]
        fn any_fields_in_any_order_validate_once_signed(
            mut extra in proptest::collection::btree_map("[a-z_]{1,12}", "\\PC{0,40}", 0..6),
            seed in any::<u64>(),
        ) {
            for own in ["hash", "user", "auth_date"] { extra.remove(own); }
            let now = NOW.to_string();
            let mut fields: Vec<(&str, &str)> = extra.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
            fields.extend([("user", USER), ("auth_date", &now)]);
            let turn = usize::try_from(seed % fields.len() as u64).unwrap();
            fields.rotate_left(turn);
            prop_assert!(signed(&fields).is_ok());
        }

        #[test]
        fn one_changed_byte_of_the_query_is_noticed(at in any::<prop::sample::Index>(), to in 0x21u8..0x7f) {
            let now = NOW.to_string();
            let (query, hash) = sign(&[("auth_date", &now), ("user", USER)]);
            let mut bytes = query.clone().into_bytes();
            let at = at.index(bytes.len());
            prop_assume!(bytes[at] != to);
            bytes[at] = to;
            let changed = String::from_utf8(bytes).unwrap();
            // The same value may be written in two ways (`%2f`, `%2F`), and that is no change.
            let value = |raw: &str| raw.split('&').map(field).collect::<Result<Vec<_>, _>>();
            prop_assume!(value(&changed) != value(&query));
            let raw = format!("{changed}&hash={hash}");
            prop_assert!(check(&raw).is_err());
        }

        #[test]
        fn no_input_panics(raw in "\\PC{0,200}") {
            let _ = check(&raw);
        }
    }
}
