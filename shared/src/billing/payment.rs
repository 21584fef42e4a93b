//! A payment: what was ordered, what YooKassa says of it, and what follows. It moves forward only.
//!
//! ```text
//! created ─▶ pending ─▶ waiting_for_capture ─▶ succeeded      (its refunds do not change that)
//!    │          └──────────────┴─────────────▶ canceled
//!    ├─▶ refused   YooKassa did not take the request
//!    └─▶ lost      nobody knows of it after 12 hours; whatever YooKassa says later still counts
//! ```
use serde::{Deserialize, Serialize};

use super::{
    plan::Plan,
    refund::{AskedRefund, Refund},
};

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
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Created,
        Self::Pending,
        Self::WaitingForCapture,
        Self::Succeeded,
        Self::Canceled,
        Self::Refused,
        Self::Lost,
    ];

    /// As the API and the audit log write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Pending => "pending",
            Self::WaitingForCapture => "waiting_for_capture",
            Self::Succeeded => "succeeded",
            Self::Canceled => "canceled",
            Self::Refused => "refused",
            Self::Lost => "lost",
        }
    }

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

/// A step of a payment's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The status that it came to.
    pub status: Status,
    /// When, milliseconds since 1970-01-01 UTC.
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
    /// Refunds that admins asked for, oldest first.
    pub asked_refunds: Vec<AskedRefund>,
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

    /// Whether something is still to be learnt of it or of one of its refunds.
    pub fn is_watched(&self) -> bool {
        self.status.is_open() || self.asked_refunds.iter().any(|asked| asked.status.is_open())
    }

    /// Since when something is to be learnt of it, milliseconds: since it was ordered, or the last open refund was asked for.
    pub fn watched_since_ms(&self) -> i64 {
        let open = self.asked_refunds.iter().filter(|asked| asked.status.is_open());
        open.map(|asked| asked.asked_at_ms).max().unwrap_or(self.created_at_ms)
    }

    /// Whether the payment has just become a paid one: then its seconds are granted.
    pub fn is_paid_since(&self, before: &Self) -> bool {
        self.status == Status::Succeeded && before.status != Status::Succeeded
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(in crate::billing) fn payment() -> Payment {
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
            asked_refunds: Vec::new(),
        }
    }

    pub(in crate::billing) fn observed(status: Status) -> Observed {
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
    }
}
