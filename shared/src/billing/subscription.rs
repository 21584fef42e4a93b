//! A driver's subscription: its end, and the ledger that explains it. Every change of the end is one entry of granted
//! or revoked seconds. An entry's id derives from its cause, so nothing counts twice.
use serde::{Deserialize, Serialize};

use crate::audit::Actor;

/// The source of a ledger entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A payment.
    Payment,
    /// A promo code.
    Promo,
    /// The trial of a new driver.
    Trial,
    /// An admin's gift.
    Gift,
    /// A refund.
    Refund,
    /// An admin's revocation of days.
    Revocation,
}

/// One entry of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// `<source>-<reference>`, unique, so that it is written only once.
    pub id: String,
    /// When it was written, milliseconds since 1970-01-01 UTC.
    pub at_ms: i64,
    /// Granted if positive, revoked if negative.
    pub seconds: i64,
    /// The source.
    pub source: Source,
    /// The end of the subscription afterwards, milliseconds.
    pub ends_at_ms: i64,
    /// The admin's reason, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The admin who did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Actor>,
}

impl Entry {
    /// The entry with its admin and reason.
    pub fn by(self, actor: Actor, reason: &str) -> Self {
        Self { reason: Some(reason.to_owned()), by: Some(actor), ..self }
    }
}

/// The stage that a driver reached after the trial. The last one in this order counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Only the trial.
    Trial,
    /// An admin granted days.
    Gift,
    /// A promo code granted days.
    Promo,
    /// The driver paid, and not everything was refunded.
    Paid,
}

/// The history after a trial, for counting conversions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// When the trial began, milliseconds; `None` without one.
    pub trial_at_ms: Option<i64>,
    /// Payments less refunds, kopecks.
    pub kept_kopecks: i64,
    /// Whether an admin ever granted days.
    pub gift: bool,
    /// Whether a promo code ever granted days.
    pub promo: bool,
}

impl Past {
    /// Builds the history from the whole ledger and the net amount of its payments.
    pub fn of(ledger: &[Entry], kept_kopecks: i64) -> Self {
        ledger
            .iter()
            .fold(Self { kept_kopecks, ..Self::default() }, |past, entry| past.after(entry.source, entry.at_ms))
    }

    /// The history with another entry.
    fn after(self, source: Source, at_ms: i64) -> Self {
        match source {
            Source::Trial => Self { trial_at_ms: self.trial_at_ms.or(Some(at_ms)), ..self },
            Source::Gift => Self { gift: true, ..self },
            Source::Promo => Self { promo: true, ..self },
            Source::Payment | Source::Refund | Source::Revocation => self,
        }
    }

    /// The stage reached so far. A fully refunded driver has not paid.
    pub fn stage(&self) -> Stage {
        match self {
            Self { kept_kopecks: 1.., .. } => Stage::Paid,
            Self { promo: true, .. } => Stage::Promo,
            Self { gift: true, .. } => Stage::Gift,
            _ => Stage::Trial,
        }
    }
}

/// A stored subscription.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// Its end, milliseconds; `None` if there never was one.
    pub ends_at_ms: Option<i64>,
    /// The source of the last grant.
    pub source: Option<Source>,
    /// How many payments have extended it.
    #[serde(default)]
    pub payments: u32,
    /// The history for conversions; `None` in an older row until the job has counted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub past: Option<Past>,
    /// The version. Every write requires that the stored version is the one read.
    pub version: i64,
}

/// A change of a driver's subscription.
#[derive(Clone, Debug)]
pub struct Change {
    /// The driver's Telegram id.
    pub driver_id: i64,
    /// The subscription as read.
    pub before: Subscription,
    /// The new subscription.
    pub after: Subscription,
    /// The ledger entry.
    pub entry: Entry,
}

/// The state of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// There never was one.
    None,
    /// The trial is active.
    Trial,
    /// It is active: paid, redeemed or granted.
    Active,
    /// It has ended.
    Expired,
}

impl Subscription {
    /// The state at `now_ms`.
    pub fn state(&self, now_ms: i64) -> State {
        match (self.ends_at_ms, self.source) {
            (None, _) => State::None,
            (Some(end), _) if end <= now_ms => State::Expired,
            (_, Some(Source::Trial)) => State::Trial,
            _ => State::Active,
        }
    }

    /// Whether it is active at `now_ms`, paid or not.
    pub fn is_running(&self, now_ms: i64) -> bool {
        matches!(self.state(now_ms), State::Trial | State::Active)
    }

    /// The subscription extended by `seconds`, from now or its end, whichever is later (contract 5.3), and the ledger
    /// entry.
    pub fn grant(&self, seconds: i64, source: Source, reference: &str, now_ms: i64) -> (Self, Entry) {
        let from_ms = self.ends_at_ms.map_or(now_ms, |end| end.max(now_ms));
        self.entered(from_ms + seconds * 1000, seconds, source, reference, now_ms)
    }

    /// The subscription shortened by `seconds`, and the ledger entry. It may end in the past, if more days were used
    /// than remain paid. Those are not taken from the next grant: a driver who pays for 30 days gets 30 days, as the
    /// receipt says. Used days that were refunded are the company's loss, accepted with the refund, and not a debt.
    pub fn revoke(&self, seconds: i64, source: Source, reference: &str, now_ms: i64) -> (Self, Entry) {
        let end_ms = self.ends_at_ms.unwrap_or(now_ms) - seconds * 1000;
        self.entered(end_ms, -seconds, source, reference, now_ms)
    }

    /// The subscription after a change that added these kopecks, or refunded them if negative.
    pub fn with_money(self, kopecks: i64) -> Self {
        let past = self.past.map(|past| Past { kept_kopecks: past.kept_kopecks + kopecks, ..past });
        Self { past, ..self }
    }

    fn entered(&self, ends_at_ms: i64, seconds: i64, source: Source, reference: &str, now_ms: i64) -> (Self, Entry) {
        let name = serde_json::to_value(source).ok().and_then(|name| name.as_str().map(str::to_owned));
        let id = format!("{}-{reference}", name.unwrap_or_default());
        let next = Self {
            ends_at_ms: Some(ends_at_ms),
            // A refund does not change the source of the rest.
            source: if seconds > 0 { Some(source) } else { self.source },
            payments: self.payments + u32::from(source == Source::Payment),
            // The first entry starts the history; older ones are for the job.
            past: if self.version == 0 { Some(Past::default()) } else { self.past }
                .map(|past| past.after(source, now_ms)),
            version: self.version + 1,
        };
        (next, Entry { id, at_ms: now_ms, seconds, source, ends_at_ms, reason: None, by: None })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY_MS: i64 = 86_400_000;

    #[test]
    fn it_extends_from_the_later_of_now_and_its_end() {
        let now = 1_000 * DAY_MS;
        let (trial, entry) = Subscription::default().grant(3 * 86_400, Source::Trial, "7", now);
        assert_eq!(
            (trial.state(now), trial.ends_at_ms, entry.id.as_str()),
            (State::Trial, Some(now + 3 * DAY_MS), "trial-7")
        );
        let (paid, _) = trial.grant(30 * 86_400, Source::Payment, "p", now + DAY_MS);
        assert_eq!((paid.state(now), paid.ends_at_ms), (State::Active, Some(now + 33 * DAY_MS)));
        let late = now + 100 * DAY_MS;
        assert_eq!(paid.state(late), State::Expired);
        let (again, _) = paid.grant(30 * 86_400, Source::Payment, "q", late);
        assert_eq!(again.ends_at_ms, Some(late + 30 * DAY_MS));
    }

    #[test]
    fn what_is_refunded_is_taken_back_and_may_lie_in_the_past() {
        let now = 1_000 * DAY_MS;
        let (paid, _) = Subscription::default().grant(30 * 86_400, Source::Payment, "p", now);
        let (back, entry) = paid.revoke(30 * 86_400, Source::Refund, "r", now + 10 * DAY_MS);
        assert_eq!((back.state(now + 10 * DAY_MS), entry.seconds), (State::Expired, -30 * 86_400));
        assert_eq!(back.ends_at_ms, Some(now));
    }

    #[test]
    fn who_got_all_of_the_money_back_has_not_paid_and_gifts_and_codes_are_no_money() {
        let now = 1_000 * DAY_MS;
        let stage = |subscription: &Subscription| subscription.past.expect("it is kept").stage();
        let (trial, _) = Subscription::default().grant(3 * 86_400, Source::Trial, "7", now);
        assert_eq!((stage(&trial), trial.past.unwrap().trial_at_ms), (Stage::Trial, Some(now)));
        let (given, _) = trial.grant(86_400, Source::Gift, "g", now + DAY_MS);
        assert_eq!(stage(&given), Stage::Gift);
        let (redeemed, _) = given.grant(86_400, Source::Promo, "c", now + DAY_MS);
        assert_eq!(stage(&redeemed), Stage::Promo);
        let (paid, _) = redeemed.grant(30 * 86_400, Source::Payment, "p", now + DAY_MS);
        let paid = paid.with_money(49_900);
        assert_eq!((stage(&paid), paid.past.unwrap().trial_at_ms), (Stage::Paid, Some(now)));
        let part = paid.revoke(86_400, Source::Refund, "r", now + DAY_MS).0.with_money(-49_800);
        assert_eq!(stage(&part), Stage::Paid, "a ruble stayed");
        let all = part.revoke(86_400, Source::Refund, "s", now + DAY_MS).0.with_money(-100);
        assert_eq!(stage(&all), Stage::Promo);
        // An older row is not counted until the job has read its ledger.
        let old = Subscription { past: None, ..paid };
        assert_eq!(old.grant(86_400, Source::Gift, "h", now).0.with_money(5).past, None);
    }

    proptest! {
        #[test]
        fn the_past_is_that_of_the_ledger(changes in proptest::collection::vec((0usize..5, 1i64..1000), 1..20)) {
            let (mut subscription, mut ledger, mut kept) = (Subscription::default(), Vec::new(), 0);
            for (place, (kind, kopecks)) in changes.into_iter().enumerate() {
                let source = [Source::Trial, Source::Gift, Source::Promo, Source::Payment, Source::Refund][kind];
                let money = match source { Source::Payment => kopecks, Source::Refund => -kopecks.min(kept), _ => 0 };
                let at = 1_000 * DAY_MS + i64::try_from(place).unwrap();
                let (next, entry) = match source {
                    Source::Refund => subscription.revoke(1, source, &place.to_string(), at),
                    _ => subscription.grant(1, source, &place.to_string(), at),
                };
                kept += money;
                subscription = next.with_money(money);
                ledger.push(entry);
            }
            prop_assert_eq!(subscription.past, Some(Past::of(&ledger, kept)));
        }

        #[test]
        fn while_it_runs_the_end_is_the_sum_of_the_ledger(changes in proptest::collection::vec(-20i64..60, 1..40)) {
            let now = 1_000 * DAY_MS;
            let (mut subscription, first) = Subscription::default().grant(10_000 * 86_400, Source::Gift, "0", now);
            let mut sum = first.seconds;
            for (at, days) in changes.into_iter().enumerate() {
                let (next, entry) = if days >= 0 {
                    subscription.grant(days * 86_400, Source::Promo, &at.to_string(), now)
                } else {
                    subscription.revoke(-days * 86_400, Source::Refund, &at.to_string(), now)
                };
                sum += entry.seconds;
                prop_assert_eq!(next.version, subscription.version + 1);
                subscription = next;
            }
            prop_assert_eq!(subscription.ends_at_ms, Some(now + sum * 1000));
        }
    }
}
