//! Promo codes. Admins create them; each driver redeems a code at most once, up to the code's limit.
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use super::subscription::Subscription;
use crate::{
    body,
    body::Body as _,
    clock::rfc3339,
    error::{Error, FieldError},
    fields::Fields,
};

/// Unambiguous letters and digits: no I, L, O, 0, 1.
const ALPHABET: &[u8] = b"ABCDEFGHJKMNPQRSTUVWXYZ23456789";
/// Length of a generated code: 31 to the power of 10 codes make guessing hopeless.
const GENERATED: usize = 10;
/// How often a code can be redeemed.
const USES: std::ops::RangeInclusive<i64> = 1..=1_000_000;

/// The effect of a promo code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Extends the subscription.
    Extend,
    /// Gives a trial to a driver without an active subscription.
    Trial,
}

/// A stored code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromoCode {
    /// Upper case, no spaces.
    pub code: String,
    /// What it does.
    pub action: Action,
    /// Days that it gives.
    pub days: i64,
    /// How often it can be redeemed.
    pub max_uses: i64,
    /// How often it was redeemed. Counted apart from the rest, so that drivers do not conflict.
    #[serde(default, skip_serializing)]
    pub uses: i64,
    /// Start of validity, milliseconds.
    pub valid_from_ms: Option<i64>,
    /// End of validity, milliseconds.
    pub valid_until_ms: Option<i64>,
    /// Whether it can be redeemed at all. Stored apart from the rest, so that it applies to the very next use.
    #[serde(default, skip_serializing)]
    pub enabled: bool,
    /// The admin's idempotency key.
    #[serde(default)]
    pub key: Option<String>,
    /// Who made it.
    pub created_by: i64,
    /// Time in milliseconds.
    pub created_at_ms: i64,
}

body! {
    /// A new promo code.
    pub struct PromoCodeBody {
        /// 3 to 32 Latin letters and digits; null generates a code that is hard to guess and easy to read out.
        code: Option<String> = chosen(),
        action: Action = Fields::one_of(&[("extend", Action::Extend), ("trial", Action::Trial)]),
        /// Days that it gives, 1 to 3650.
        days: i64 = Fields::whole(1..=3650),
        /// Maximum number of redemptions.
        max_uses: i64 = Fields::whole(USES),
        /// Start of validity, RFC 3339; null for none.
        #[schema(value_type = Option<String>)]
        valid_from: Option<Milliseconds> = Fields::instant(),
        /// End of validity, RFC 3339; null for no end.
        #[schema(value_type = Option<String>)]
        valid_until: Option<Milliseconds> = Fields::instant(),
        /// Whether it can be redeemed; true by default.
        #[schema(value_type = Option<bool>)]
        enabled: bool = Fields::flag(Some(true)),
    }
}

/// An instant that the API writes by RFC 3339.
type Milliseconds = i64;

fn chosen(fields: &mut Fields<'_>, name: &str) -> Option<String> {
    let code = fields.value(name)?.as_str().and_then(normal);
    if code.is_none() {
        fields.fail(name, "malformed", "Must be 3 to 32 Latin letters and digits, or null to have one made.");
    }
    code
}

body! {
    /// A change of a promo code. Absent fields stay as they are.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct PromoChangeBody {
        enabled: Option<bool> = Fields::if_sent(|fields, name| fields.flag(name, None)),
        /// Maximum number of redemptions; at least the number so far.
        max_uses: Option<i64> = Fields::if_sent(|fields, name| fields.whole(name, USES)),
        /// End of validity; null for no end.
        #[schema(value_type = Option<String>)]
        valid_until: Option<Option<Milliseconds>> = Fields::if_sent(Fields::instant),
    }
}

/// A change of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PromoChange(PromoChangeBody);

impl PromoChange {
    /// Parses an admin's change.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its field.
    pub fn parse(body: &Map<String, Value>, now_ms: i64) -> Result<Self, Vec<FieldError>> {
        let (change, mut fields) = PromoChangeBody::begin(body);
        if PromoChangeBody::FIELDS.iter().all(|name| !body.contains_key(*name)) {
            fields.flag("enabled", None);
        }
        if change.valid_until.flatten().is_some_and(|until| until <= now_ms) {
            fields.fail("valid_until", "in_the_past", "Has passed: to end a code now, switch it off.");
        }
        fields.done(Self(change))
    }

    pub(super) fn applied(&self, before: &PromoCode) -> Result<PromoCode, Error> {
        let after = PromoCode {
            enabled: self.0.enabled.unwrap_or(before.enabled),
            max_uses: self.0.max_uses.unwrap_or(before.max_uses),
            valid_until_ms: self.0.valid_until.unwrap_or(before.valid_until_ms),
            ..before.clone()
        };
        let wrong =
            |field: &str, code, message: &str| Err(Error::Validation(vec![FieldError::new(field, code, message)]));
        if self.0.max_uses.is_some() && after.max_uses < after.uses {
            return wrong("max_uses", "out_of_range", "It was used more often already.");
        }
        if self.0.valid_until.is_some()
            && after.valid_from_ms.zip(after.valid_until_ms).is_some_and(|(from, until)| from >= until)
        {
            return wrong("valid_until", "out_of_range", "Must be after valid_from.");
        }
        Ok(after)
    }
}

impl PromoCode {
    /// Its changeable fields, for the audit log.
    pub(super) fn audit_json(&self) -> Value {
        json!({ "enabled": self.enabled, "max_uses": self.max_uses, "valid_until": Self::instant(self.valid_until_ms) })
    }

    /// Whether anybody can use it now: `works`, `off`, `early`, `ended` or `used_up`.
    pub fn state(&self, now_ms: i64) -> &'static str {
        if self.valid_until_ms.is_some_and(|until| until <= now_ms) {
            "ended"
        } else if self.uses >= self.max_uses {
            "used_up"
        } else if !self.enabled {
            "off"
        } else if self.valid_from_ms.is_some_and(|from| from > now_ms) {
            "early"
        } else {
            "works"
        }
    }
}

/// A driver's redemption and its result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromoUse {
    /// The idempotency key of the redemption.
    pub attempt: String,
    /// The subscription afterwards.
    pub subscription: Subscription,
    /// The days granted.
    pub days: i64,
}

/// Why a code cannot be redeemed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The code does not exist or is switched off. A guesser cannot tell which.
    Unknown,
    /// It is not valid yet.
    TooEarly,
    /// It is no longer valid.
    Over,
    /// It has reached its limit.
    UsedUp,
    /// The driver has already redeemed it.
    Repeated,
    /// It is only for drivers without a subscription.
    NotForSubscribers,
    /// The driver created it: nobody gives themselves anything.
    Own,
}

impl Refusal {
    /// The stable machine-readable code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "promo_code_unknown",
            Self::TooEarly => "promo_code_too_early",
            Self::Over => "promo_code_over",
            Self::UsedUp => "promo_code_used_up",
            Self::Repeated => "promo_code_repeated",
            Self::NotForSubscribers => "promo_code_not_for_subscribers",
            Self::Own => "promo_code_own",
        }
    }
}

/// Normalises a code: case, spaces and dashes do not matter. `None` unless it has 3 to 32 Latin letters and digits.
pub fn normal(text: &str) -> Option<String> {
    let code: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect::<String>().to_uppercase();
    let fits = (3..=32).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric());
    fits.then_some(code)
}

/// Generates a readable code that cannot be guessed without the seed.
fn generated(seed: &str) -> String {
    let bytes = (0u8..).flat_map(|round| Sha256::digest(format!("{seed}\n{round}")));
    // A modulo would favour some letters.
    let letters = bytes.map(|byte| usize::from(byte & 31)).filter(|at| *at < ALPHABET.len());
    letters.take(GENERATED).map(|at| char::from(ALPHABET[at])).collect()
}

impl PromoCode {
    /// Parses an admin's new code; `key` is the idempotency key.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its field.
    pub fn parse(
        body: &Map<String, Value>,
        key: Option<&str>,
        created_by: i64,
        now_ms: i64,
    ) -> Result<Self, Vec<FieldError>> {
        let (body, mut fields) = PromoCodeBody::begin(body);
        let (valid_from_ms, valid_until_ms) = (body.valid_from, body.valid_until);
        if valid_from_ms.zip(valid_until_ms).is_some_and(|(from, until)| from >= until) {
            fields.fail("valid_until", "out_of_range", "Must be after valid_from.");
        } else if valid_until_ms.is_some_and(|until| until <= now_ms) {
            fields.fail("valid_until", "in_the_past", "Has passed: the code could never be used.");
        }
        // A repeat must generate the same code.
        let seed = || key.map_or_else(|| uuid::Uuid::new_v4().to_string(), |key| format!("{created_by}\n{key}"));
        fields.done(Self {
            code: body.code.unwrap_or_else(|| generated(&seed())),
            action: body.action,
            days: body.days,
            max_uses: body.max_uses,
            uses: 0,
            valid_from_ms,
            valid_until_ms,
            enabled: body.enabled,
            key: key.map(str::to_owned),
            created_by,
            created_at_ms: now_ms,
        })
    }

    /// Checks whether it can be redeemed.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, has_subscription: bool, now_ms: i64) -> Result<(), Refusal> {
        if !self.enabled {
            return Err(Refusal::Unknown);
        }
        if self.valid_from_ms.is_some_and(|from| now_ms < from) {
            return Err(Refusal::TooEarly);
        }
        if self.valid_until_ms.is_some_and(|until| now_ms >= until) {
            return Err(Refusal::Over);
        }
        if self.uses >= self.max_uses {
            return Err(Refusal::UsedUp);
        }
        if self.action == Action::Trial && has_subscription {
            return Err(Refusal::NotForSubscribers);
        }
        Ok(())
    }

    /// Formats an instant for the API.
    pub fn instant(ms: Option<i64>) -> Option<String> {
        ms.map(rfc3339)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(body: Value) -> Result<PromoCode, Vec<FieldError>> {
        PromoCode::parse(body.as_object().unwrap(), None, 1, 1_000)
    }

    #[test]
    fn a_code_is_made_that_can_be_read_out() {
        let code = parse(json!({ "action": "extend", "days": 30, "max_uses": 5 })).expect("it is good");
        assert!(code.code.len() == 10 && code.code.bytes().all(|b| ALPHABET.contains(&b)), "{}", code.code);
        assert!(code.enabled && code.uses == 0);
        assert_eq!(normal(" zima-20 26 ").as_deref(), Some("ZIMA2026"));
        assert!(normal("зима").is_none() && normal("ab").is_none());
    }

    #[test]
    fn everything_wrong_with_a_code_is_told_at_once() {
        let errors = parse(json!({
            "code": "!", "action": "gift", "days": 0, "max_uses": "many", "valid_from": "soon", "enabled": 1, "x": 1,
        }))
        .expect_err("seven errors");
        assert_eq!(errors.len(), 7, "{errors:?}");
        let backwards = json!({ "action": "trial", "days": 3, "max_uses": 1,
            "valid_from": "2026-12-02T00:00:00Z", "valid_until": "2026-12-01T00:00:00Z" });
        assert_eq!(parse(backwards).expect_err("it ends before it begins")[0].field, "valid_until");
    }

    #[test]
    fn a_refusal_says_why() {
        let code = parse(json!({ "action": "trial", "days": 3, "max_uses": 1 })).unwrap();
        let refusal = |code: &PromoCode, runs| code.check(runs, 5_000).expect_err("refused");
        assert_eq!(refusal(&PromoCode { enabled: false, ..code.clone() }, false), Refusal::Unknown);
        assert_eq!(refusal(&PromoCode { valid_from_ms: Some(5_001), ..code.clone() }, false), Refusal::TooEarly);
        assert_eq!(refusal(&PromoCode { valid_until_ms: Some(5_000), ..code.clone() }, false), Refusal::Over);
        assert_eq!(refusal(&code, true), Refusal::NotForSubscribers);
        assert_eq!(code.check(false, 5_000), Ok(()), "the last use");
        assert_eq!(refusal(&PromoCode { uses: 1, ..code.clone() }, false), Refusal::UsedUp);
    }

    proptest! {
        #[test]
        fn case_spaces_and_dashes_do_not_matter(code in "[A-Z0-9]{3,32}", at in 0usize..3) {
            let spaced = format!("{} -{}", &code[..at], &code[at..]).to_lowercase();
            prop_assert_eq!(normal(&spaced), Some(code));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,60}") {
            let _ = normal(&text);
        }
    }
}
