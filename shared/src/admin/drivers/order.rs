//! Admins' orders to change a subscription.
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::LONGEST_REASON;
use crate::{
    billing::{
        plan::DAY_S,
        subscription::{Entry, Source, Subscription},
    },
    body,
    body::Body as _,
    error::{Conflict, Error, FieldError},
    fields::Fields,
};

/// The most days in one order, as for a promo code.
const DAYS: std::ops::RangeInclusive<i64> = 1..=3650;
/// How far ahead all gifts together may extend a subscription: five years.
const FARTHEST_MS: i64 = 1826 * DAY_S * 1000;

/// The change an admin wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// Extend by this many seconds.
    Gift(i64),
    /// Extend until this instant, milliseconds.
    Extend(i64),
    /// Shorten by this many seconds, at most to zero.
    Revoke(i64),
}

body! {
    /// A change of a subscription.
    pub struct SubscriptionBody {
        /// Action: `gift`, `extend` or `revoke`.
        #[schema(value_type = String)]
        action: Option<Action> =
            Fields::choice(&[("gift", Action::Gift), ("extend", Action::Extend), ("revoke", Action::Revoke)]),
        /// Days to give, or to take back as far as days are left: 1 to 3650.
        days: Option<i64> = Fields::if_given(|fields, name| fields.whole(name, DAYS)),
        /// Last day of the extended subscription, YYYY-MM-DD, Moscow time.
        #[schema(value_type = Option<String>)]
        until: Option<i64> = Fields::day(),
        /// Reason; at most 250 characters.
        reason: String = Fields::required_text(LONGEST_REASON),
    }
}

/// What a change of a subscription does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    Gift,
    Extend,
    Revoke,
}

/// An admin's order to change a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriptionOrder {
    /// The request.
    pub wish: Wish,
    /// The reason.
    pub reason: String,
    /// The admin's idempotency key.
    pub key: String,
}

impl SubscriptionOrder {
    /// Parses an admin's request.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its field.
    pub fn parse(body: &Map<String, Value>, key: &str) -> Result<Self, Vec<FieldError>> {
        let (SubscriptionBody { action, days, until, reason }, mut fields) = SubscriptionBody::begin(body);
        let unwanted = if action == Some(Action::Extend) { "days" } else { "until" };
        if action.is_some() && fields.value(unwanted).is_some() {
            fields.fail(unwanted, "unknown", "Does not belong to this action.");
        }
        let wish = if action == Some(Action::Extend) {
            if fields.value("until").is_none() {
                fields.fail("until", "missing", "Must be a date such as 2026-12-31.");
            }
            Wish::Extend(until.unwrap_or_default() + DAY_S * 1000)
        } else {
            if fields.value("days").is_none() {
                fields.whole("days", DAYS);
            }
            let seconds = days.unwrap_or_default() * DAY_S;
            if action == Some(Action::Revoke) { Wish::Revoke(seconds) } else { Wish::Gift(seconds) }
        };
        fields.done(Self { wish, reason, key: key.to_owned() })
    }

    /// Whether this order created the entry.
    pub(super) fn made(&self, entry: &Entry) -> bool {
        let fits = match self.wish {
            Wish::Gift(seconds) => entry.source == Source::Gift && entry.seconds == seconds,
            Wish::Extend(until_ms) => {
                entry.source == Source::Gift && (0..1000).contains(&(until_ms - entry.ends_at_ms))
            }
            Wish::Revoke(seconds) => entry.source == Source::Revocation && -entry.seconds <= seconds,
        };
        fits && entry.reason.as_ref() == Some(&self.reason)
    }

    /// The new subscription and its ledger entry.
    pub(in crate::admin) fn change(
        &self,
        subscription: &Subscription,
        id: &str,
        now_ms: i64,
    ) -> Result<(Subscription, Entry), Error> {
        let end_ms = subscription.ends_at_ms.map_or(now_ms, |end| end.max(now_ms));
        // Rounded to the second, as in the ledger. Less than a second left counts as none.
        let left_s = (end_ms - now_ms + 999).div_euclid(1000);
        let out_of_range = |field, message| Error::Validation(vec![FieldError::new(field, "out_of_range", message)]);
        match self.wish {
            Wish::Gift(seconds) if end_ms + seconds * 1000 > now_ms + FARTHEST_MS => {
                Err(out_of_range("days", "Must not take the subscription further than five years from now."))
            }
            Wish::Gift(seconds) => Ok(subscription.grant(seconds, Source::Gift, id, now_ms)),
            Wish::Extend(until_ms) => {
                let seconds = (until_ms - end_ms).div_euclid(1000);
                if seconds <= 0 || until_ms > now_ms + FARTHEST_MS {
                    let message = "Must be later than the present end, and within five years.";
                    return Err(out_of_range("until", message));
                }
                Ok(subscription.grant(seconds, Source::Gift, id, now_ms))
            }
            Wish::Revoke(_) if left_s == 0 => Err(Error::Conflict(Conflict::SubscriptionEnded)),
            Wish::Revoke(seconds) => Ok(subscription.revoke(seconds.min(left_s), Source::Revocation, id, now_ms)),
        }
    }
}
