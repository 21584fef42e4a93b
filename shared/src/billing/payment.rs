//! A payment: what was ordered, what YooKassa says of it, and what follows. It moves forward only.
//!
//! ```text
//! created ─▶ pending ─▶ waiting_for_capture ─▶ succeeded      (its refunds do not change that)
//!    │          └──────────────┴─────────────▶ canceled
//!    ├─▶ refused   YooKassa did not take the request
//!    └─▶ lost      nobody knows of it after 12 hours; whatever YooKassa says later still counts
//! ```
use serde::{Deserialize, Serialize};

use super::plan::Plan;

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Ours alone: whether YooKassa has it is not known.
    Created,
    /// The driver can pay.
    Pending,
    /// The money is held; we shall take it.
    WaitingForCapture,
    /// Paid.
    Succeeded,
    /// Not paid, and never will be.
    Canceled,
    /// YooKassa did not take the request.
    Refused,
    /// YooKassa was asked for 12 hours and never said that it has it.
    Lost,
}

impl Status {
    /// How far it is. Nothing moves to a lower number.
    fn rank(self) -> u8 {
        match self {
            Self::Created => 0,
            // What YooKassa says of it later is news.
            Self::Lost | Self::Refused => 1,
            Self::Pending => 2,
            Self::WaitingForCapture => 3,
            Self::Succeeded | Self::Canceled => 4,
        }
    }

    /// Whether something is still to be learnt of it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Created | Self::Pending | Self::WaitingForCapture)
    }
}

/// What YooKassa says of a payment, as it answers for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// YooKassa's id.
    pub id: String,
    /// Never [`Status::Created`], [`Status::Refused`] or [`Status::Lost`].
    pub status: Status,
    /// Kopecks.
    pub amount_kopecks: i64,
    /// `RUB`.
    pub currency: String,
    /// The shop that gets the money.
    pub shop_id: String,
    /// Our own id, from the metadata.
    pub payment_id: Option<String>,
    /// Where the driver pays, while pending.
    pub confirmation_url: Option<String>,
    /// Why it was canceled.
    pub cancellation: Option<String>,
    /// What became of the receipt: `pending`, `succeeded` or `canceled`.
    pub receipt: Option<String>,
}

/// What YooKassa says of a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedRefund {
    /// YooKassa's id.
    pub id: String,
    /// YooKassa's id of the payment.
    pub payment_id: String,
    /// `pending`, `succeeded` or `canceled`.
    pub status: String,
    /// Kopecks.
    pub amount_kopecks: i64,
    /// `RUB`.
    pub currency: String,
    /// Why it was canceled.
    pub cancellation: Option<String>,
}

/// A step of a payment's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The status that it came to.
    pub status: Status,
    /// When, milliseconds since 1970-01-01 UTC.
    pub at_ms: i64,
}

/// Money that went back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// YooKassa's id.
    pub id: String,
    /// Kopecks.
    pub amount_kopecks: i64,
    /// Seconds of the subscription that were taken back with it.
    pub seconds: i64,
    /// When we learnt of it, milliseconds.
    pub at_ms: i64,
}

/// A payment as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// A UUID; also the idempotence key of its creation at YooKassa.
    pub id: String,
    /// Telegram's id of the driver.
    pub driver_id: i64,
    /// What is bought, as it was offered.
    pub plan: Plan,
    /// The exact body of the request, so that a repeat is the same request.
    pub body: String,
    /// Where it stands.
    pub status: Status,
    /// Counts changes.
    pub version: i64,
    /// YooKassa's id, when it is known.
    pub yookassa_id: Option<String>,
    /// Where the driver pays.
    pub confirmation_url: Option<String>,
    /// Why it was canceled or refused, in YooKassa's codes.
    pub reason: Option<String>,
    /// What became of the receipt.
    pub receipt: Option<String>,
    /// When it was ordered, milliseconds.
    pub created_at_ms: i64,
    /// When it last changed, milliseconds.
    pub updated_at_ms: i64,
    /// What happened, oldest first.
    pub history: Vec<Step>,
    /// Money that went back.
    pub refunds: Vec<Refund>,
}

/// YooKassa's payment is not the one that was ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} differs")]
pub struct Mismatch(pub &'static str);

impl Payment {
    /// Checks that what YooKassa shows is this payment: its own id, the sum and the shop (contract 5.2).
    ///
    /// # Errors
    /// What differs.
    pub fn check(&self, observed: &Observed, shop_id: &str) -> Result<(), Mismatch> {
        let differs = |what, same: bool| if same { Ok(()) } else { Err(Mismatch(what)) };
        differs("the payment id", observed.payment_id.as_deref() == Some(&self.id))?;
        differs("YooKassa's id", self.yookassa_id.as_ref().is_none_or(|known| *known == observed.id))?;
        differs("the amount", observed.amount_kopecks == self.plan.price_kopecks)?;
        differs("the currency", observed.currency == "RUB")?;
        differs("the shop", observed.shop_id == shop_id)
    }

    /// The payment after what was observed, which has been checked; `None` when that is nothing new.
    pub fn observe(&self, observed: &Observed, now_ms: i64) -> Option<Self> {
        let mut next = self.clone();
        next.yookassa_id = Some(observed.id.clone());
        if observed.receipt.is_some() {
            next.receipt.clone_from(&observed.receipt);
        }
        if observed.status.rank() > self.status.rank() {
            next.status = observed.status;
            next.history.push(Step { status: observed.status, at_ms: now_ms });
            next.reason.clone_from(&observed.cancellation);
        }
        next.confirmation_url = match next.status {
            Status::Pending => observed.confirmation_url.clone().or(next.confirmation_url),
            _ => None,
        };
        (next != *self).then(|| Self { version: self.version + 1, updated_at_ms: now_ms, ..next })
    }

    /// The payment in a status that we ourselves put it into: refused or lost. `None` when it has come further.
    pub fn closed(&self, status: Status, reason: &str, now_ms: i64) -> Option<Self> {
        (self.status == Status::Created).then(|| {
            let mut next = Self {
                status,
                reason: Some(reason.to_owned()),
                version: self.version + 1,
                updated_at_ms: now_ms,
                ..self.clone()
            };
            next.history.push(Step { status, at_ms: now_ms });
            next
        })
    }

    /// Whether the payment has just become a paid one: then its seconds are granted.
    pub fn is_paid_since(&self, before: &Self) -> bool {
        self.status == Status::Succeeded && before.status != Status::Succeeded
    }

    /// The payment after a refund that YooKassa carried out, and the seconds to be taken back for it: in proportion, so
    /// that the whole sum takes back all that was granted, whatever the parts were. `None` when it is known.
    pub fn refund(&self, observed: &ObservedRefund, now_ms: i64) -> Option<(Self, i64)> {
        if observed.status != "succeeded" || self.refunds.iter().any(|refund| refund.id == observed.id) {
            return None;
        }
        let before = self.refunded_kopecks();
        let after = (before + observed.amount_kopecks).min(self.plan.price_kopecks);
        let revoked = |kopecks: i64| {
            let share =
                i128::from(self.plan.seconds()) * i128::from(kopecks) / i128::from(self.plan.price_kopecks.max(1));
            i64::try_from(share).unwrap_or(i64::MAX)
        };
        let seconds = revoked(after) - revoked(before);
        let mut next = Self { version: self.version + 1, updated_at_ms: now_ms, ..self.clone() };
        let refund =
            Refund { id: observed.id.clone(), amount_kopecks: observed.amount_kopecks, seconds, at_ms: now_ms };
        next.refunds.push(refund);
        Some((next, seconds))
    }

    /// Kopecks that went back.
    pub fn refunded_kopecks(&self) -> i64 {
        self.refunds.iter().map(|refund| refund.amount_kopecks).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn payment() -> Payment {
        Payment {
            id: "p1".into(),
            driver_id: 7,
            plan: Plan::defaults().remove(0),
            body: "{}".into(),
            status: Status::Created,
            version: 1,
            yookassa_id: None,
            confirmation_url: None,
            reason: None,
            receipt: None,
            created_at_ms: 1000,
            updated_at_ms: 1000,
            history: vec![Step { status: Status::Created, at_ms: 1000 }],
            refunds: Vec::new(),
        }
    }

    fn observed(status: Status) -> Observed {
        Observed {
            id: "y1".into(),
            status,
            amount_kopecks: 49_900,
            currency: "RUB".into(),
            shop_id: "shop".into(),
            payment_id: Some("p1".into()),
            confirmation_url: (status == Status::Pending).then(|| "https://pay".into()),
            cancellation: (status == Status::Canceled).then(|| "insufficient_funds".into()),
            receipt: None,
        }
    }

    fn refund(id: &str, amount_kopecks: i64) -> ObservedRefund {
        ObservedRefund {
            id: id.into(),
            payment_id: "y1".into(),
            status: "succeeded".into(),
            amount_kopecks,
            currency: "RUB".into(),
            cancellation: None,
        }
    }

    #[test]
    fn another_payment_is_told_by_what_differs() {
        assert_eq!(payment().check(&observed(Status::Succeeded), "shop"), Ok(()));
        let differs = |change: fn(&mut Observed)| {
            let mut other = observed(Status::Succeeded);
            change(&mut other);
            payment().check(&other, "shop").expect_err("it differs").0
        };
        assert_eq!(differs(|o| o.amount_kopecks = 100), "the amount");
        assert_eq!(differs(|o| o.currency = "USD".into()), "the currency");
        assert_eq!(differs(|o| o.shop_id = "other".into()), "the shop");
        assert_eq!(differs(|o| o.payment_id = None), "the payment id");
        let known = Payment { yookassa_id: Some("y0".into()), ..payment() };
        assert_eq!(known.check(&observed(Status::Succeeded), "shop"), Err(Mismatch("YooKassa's id")));
    }

    #[test]
    fn a_payment_that_was_lost_is_found_again() {
        let lost = payment().closed(Status::Lost, "unknown", 2000).expect("it was created");
        let found = lost.observe(&observed(Status::Succeeded), 3000).expect("news");
        assert!(found.is_paid_since(&lost));
        assert_eq!(found.closed(Status::Lost, "unknown", 4000), None);
    }

    #[test]
    fn refunds_in_parts_take_back_all_that_was_granted() {
        let paid = payment().observe(&observed(Status::Succeeded), 2000).unwrap();
        let (first, a) = paid.refund(&refund("r1", 10_000), 3000).unwrap();
        assert!(first.refund(&refund("r1", 10_000), 3000).is_none(), "the same refund again");
        let (second, b) = first.refund(&refund("r2", 39_900), 3000).unwrap();
        assert_eq!((a + b, second.refunded_kopecks()), (paid.plan.seconds(), 49_900));
    }

    proptest! {
        #[test]
        fn whatever_is_observed_it_never_goes_back_and_is_paid_once(order in proptest::collection::vec(0usize..4, 0..30)) {
            let statuses = [Status::Pending, Status::WaitingForCapture, Status::Succeeded, Status::Canceled];
            let (mut payment, mut paid) = (payment(), 0);
            for (at, status) in order.into_iter().enumerate() {
                let now = 2000 + i64::try_from(at).unwrap();
                let Some(next) = payment.observe(&observed(statuses[status]), now) else { continue };
                prop_assert!(next.status.rank() >= payment.status.rank());
                prop_assert_eq!(next.version, payment.version + 1);
                paid += i32::from(next.is_paid_since(&payment));
                payment = next;
            }
            prop_assert!(paid <= 1);
            prop_assert_eq!(paid == 1, payment.status == Status::Succeeded);
        }

        #[test]
        fn any_parts_take_back_in_proportion(parts in proptest::collection::vec(1i64..20_000, 1..30)) {
            let mut payment = payment().observe(&observed(Status::Succeeded), 2000).unwrap();
            let (mut rest, mut taken) = (49_900, 0);
            for (at, part) in parts.into_iter().enumerate() {
                let part = part.min(rest);
                if part == 0 { break }
                rest -= part;
                let (next, seconds) = payment.refund(&refund(&at.to_string(), part), 3000).unwrap();
                prop_assert!(seconds >= 0);
                taken += seconds;
                payment = next;
            }
            prop_assert_eq!(taken, payment.plan.seconds() * (49_900 - rest) / 49_900);
        }
    }
}
