//! Money that goes back. An admin asks for it, or somebody begins it in the provider's cabinet; either way it counts once,
//! and only when the provider says that it has succeeded. The days that were bought are taken back in proportion.
//!
//! ```text
//! created ─▶ pending ─▶ succeeded | canceled
//!    ├─▶ refused   the provider did not take the request
//!    └─▶ lost      it was asked for 12 hours, and the provider's list does not have it
//! ```
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    payment::{Payment, Status},
    provider::{ProviderRefund, ProviderRefundState},
};
use crate::{body, body::Body as _, email, error::FieldError, fields::Fields};

/// The longest reason, limited by the provider's description of a refund.
const REASON: usize = 250;

/// Where a refund that we asked for stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    /// Stored here; not yet confirmed by the provider.
    Created,
    /// The provider has it, and the money is on its way.
    Pending,
    /// The money was refunded.
    Succeeded,
    /// The refund was canceled, and the money stays here.
    Canceled,
    /// The provider refused the request.
    Refused,
    /// The provider does not have it.
    Lost,
}

impl RefundStatus {
    /// Whether its outcome is still open.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Created | Self::Pending)
    }

    /// The name in the API and the audit log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Canceled => "canceled",
            Self::Refused => "refused",
            Self::Lost => "lost",
        }
    }
}

impl From<ProviderRefundState> for RefundStatus {
    fn from(state: ProviderRefundState) -> Self {
        match state {
            ProviderRefundState::Pending => Self::Pending,
            ProviderRefundState::Succeeded => Self::Succeeded,
            ProviderRefundState::Canceled => Self::Canceled,
        }
    }
}

/// A completed refund.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// The provider's id.
    pub id: String,
    /// Kopecks.
    pub amount_kopecks: i64,
    /// Subscription seconds taken back with it.
    pub seconds: i64,
    /// When we learnt of it, milliseconds.
    pub at_ms: i64,
}

/// An open refund started in the provider's dashboard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingRefund {
    /// The provider's id.
    pub id: String,
    /// Kopecks.
    pub amount_kopecks: i64,
    /// When we learnt of it, milliseconds.
    pub seen_at_ms: i64,
}

/// A refund requested by an admin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedRefund {
    /// A UUID, also the idempotency key of the request.
    pub id: String,
    /// Kopecks.
    pub amount_kopecks: i64,
    /// The reason, for the driver and the books.
    pub reason: String,
    /// The admin's Telegram id.
    pub admin_id: i64,
    /// The exact request, for identical repeats. The email is removed once the provider has it.
    pub body: String,
    /// The current status.
    pub status: RefundStatus,
    /// The provider's id, if known.
    #[serde(rename = "yookassa_id")]
    pub provider_id: Option<String>,
    /// Why it was canceled or refused, as the provider's code.
    pub cancellation: Option<String>,
    /// When it was requested, milliseconds since 1970-01-01 UTC.
    pub asked_at_ms: i64,
    /// Time of the last change, milliseconds.
    pub updated_at_ms: i64,
}

body! {
    /// A refund of a payment.
    pub struct RefundBody {
        /// Amount, rubles; null refunds all that is left.
        #[schema(value_type = Option<f64>)]
        amount_rub: Option<i64> = Fields::rubles(),
        /// Reason, at most 250 characters; the driver's bank may show it.
        reason: String = Fields::required_text(REASON),
        /// E-mail for the receipt of a partial refund; null uses the address in the driver's profile.
        email: Option<String> = address(),
    }
}

fn address(fields: &mut Fields<'_>, name: &str) -> Option<String> {
    let address = fields.text(name, 254)?;
    email::email(&address).map_err(|(code, message)| fields.fail(name, code, message)).ok()
}

/// An admin's request for a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundOrder {
    /// Kopecks; `None` refunds all that is left.
    pub amount_kopecks: Option<i64>,
    /// The reason.
    pub reason: String,
    /// The email address for the receipt of a partial refund; `None` means the profile's address.
    pub email: Option<String>,
    /// The admin's idempotency key.
    pub key: String,
}

impl RefundOrder {
    /// Parses an admin's request; `key` is its `Idempotency-Key`.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its field.
    pub fn parse(body: &Map<String, Value>, key: &str) -> Result<Self, Vec<FieldError>> {
        let RefundBody { amount_rub, reason, email } = RefundBody::parse(body)?;
        Ok(Self { amount_kopecks: amount_rub, reason, email, key: key.to_owned() })
    }
}

impl Payment {
    /// The refunded amount in kopecks.
    pub fn refunded_kopecks(&self) -> i64 {
        self.refunds.iter().map(|refund| refund.amount_kopecks).sum()
    }

    /// The refundable amount in kopecks: what was paid, less completed and open refunds.
    pub fn refundable_kopecks(&self) -> i64 {
        if self.status != Status::Succeeded {
            return 0;
        }
        let asked = self.asked_refunds.iter().filter(|asked| asked.status.is_open()).map(|asked| asked.amount_kopecks);
        let begun = self.pending_refunds.iter().map(|pending| pending.amount_kopecks);
        self.purpose.price_kopecks() - self.refunded_kopecks() - asked.chain(begun).sum::<i64>()
    }

    /// The requested refund with this id.
    pub fn asked_refund(&self, id: &str) -> Option<&AskedRefund> {
        self.asked_refunds.iter().find(|asked| asked.id == id)
    }

    /// The payment with another requested refund.
    pub(super) fn with_requested_refund(&self, asked: AskedRefund) -> Self {
        let mut next = Self { version: self.version + 1, updated_at_ms: asked.asked_at_ms, ..self.clone() };
        next.asked_refunds.push(asked);
        next
    }

    /// The payment updated from a refund observed at the provider; `None` if nothing is new. Seconds are taken back in
    /// proportion, so a full refund takes back everything granted, whatever the parts.
    pub fn observe_refund(&self, observed: &ProviderRefund, now_ms: i64) -> Option<Self> {
        let mut next = self.clone();
        let (status, amount_kopecks) = (RefundStatus::from(observed.state), observed.sum.minor);
        let is_known = next.asked_refunds.iter().any(|asked| asked.provider_id.as_ref() == Some(&observed.id));
        let is_meant = |asked: &&mut AskedRefund| match is_known {
            true => asked.provider_id.as_ref() == Some(&observed.id),
            false => asked.provider_id.is_none() && observed.refund_id.as_ref() == Some(&asked.id),
        };
        if let Some(asked) = next.asked_refunds.iter_mut().find(is_meant) {
            asked.provider_id = Some(observed.id.clone());
            // A final status stays. A status that we set ourselves is not final at the provider.
            let is_over = matches!(asked.status, RefundStatus::Succeeded | RefundStatus::Canceled);
            if !is_over && asked.status != status {
                asked.status = status;
                asked.cancellation.clone_from(&observed.cancellation);
                asked.updated_at_ms = now_ms;
            }
        } else if status == RefundStatus::Pending
            && next.pending_refunds.iter().all(|pending| pending.id != observed.id)
            && next.refunds.iter().all(|refund| refund.id != observed.id)
        {
            next.pending_refunds.push(PendingRefund { id: observed.id.clone(), amount_kopecks, seen_at_ms: now_ms });
        }
        if status != RefundStatus::Pending {
            next.pending_refunds.retain(|pending| pending.id != observed.id);
        }
        if status == RefundStatus::Succeeded && self.refunds.iter().all(|refund| refund.id != observed.id) {
            let before = self.refunded_kopecks();
            let after = (before + amount_kopecks).min(self.purpose.price_kopecks());
            let seconds = self.purpose.seconds_for(after) - self.purpose.seconds_for(before);
            next.refunds.push(Refund { id: observed.id.clone(), amount_kopecks, seconds, at_ms: now_ms });
        }
        (next != *self).then(|| Self { version: self.version + 1, updated_at_ms: now_ms, ..next })
    }

    /// The payment with a refund whose status we set ourselves: refused or lost. `None` if it has progressed further.
    pub(super) fn with_closed_refund(&self, id: &str, status: RefundStatus, reason: &str, now_ms: i64) -> Option<Self> {
        let mut next = Self { version: self.version + 1, updated_at_ms: now_ms, ..self.clone() };
        let asked = next.asked_refunds.iter_mut().find(|asked| asked.id == id)?;
        if asked.status != RefundStatus::Created {
            return None;
        }
        asked.status = status;
        asked.cancellation = Some(reason.to_owned());
        asked.updated_at_ms = now_ms;
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::billing::payment::tests::{observed, payment};
    use crate::billing::provider::{ProviderState, Sum};

    fn refund(id: &str, amount_kopecks: i64) -> ProviderRefund {
        ProviderRefund {
            id: id.into(),
            payment_id: "y1".into(),
            state: ProviderRefundState::Succeeded,
            sum: Sum::of_kopecks(amount_kopecks),
            cancellation: None,
            refund_id: None,
        }
    }

    /// Seconds taken back so far.
    fn taken(payment: &Payment) -> i64 {
        payment.refunds.iter().map(|refund| refund.seconds).sum()
    }

    fn paid() -> Payment {
        payment().observe(&observed(ProviderState::Succeeded), 2000).unwrap()
    }

    fn asked(id: &str, amount_kopecks: i64) -> AskedRefund {
        AskedRefund {
            id: id.into(),
            amount_kopecks,
            reason: "he asked".into(),
            admin_id: 1,
            body: "{}".into(),
            status: RefundStatus::Created,
            provider_id: None,
            cancellation: None,
            asked_at_ms: 2500,
            updated_at_ms: 2500,
        }
    }

    #[test]
    fn refunds_in_parts_take_back_all_that_was_granted() {
        let paid = paid();
        let first = paid.observe_refund(&refund("r1", 10_000), 3000).unwrap();
        assert!(first.observe_refund(&refund("r1", 10_000), 3000).is_none(), "the same refund again");
        let second = first.observe_refund(&refund("r2", 39_900), 3000).unwrap();
        assert_eq!((taken(&second), second.refunded_kopecks()), (paid.purpose.seconds_for(49_900), 49_900));
    }

    #[test]
    fn what_is_under_way_cannot_be_asked_for_again() {
        let paid = paid().with_requested_refund(asked("a", 30_000));
        assert_eq!(paid.refundable_kopecks(), 19_900);
        let canceled = ProviderRefund {
            state: ProviderRefundState::Canceled,
            cancellation: Some("insufficient_funds".into()),
            refund_id: Some("a".into()),
            ..refund("r1", 30_000)
        };
        let after = paid.observe_refund(&canceled, 3000).unwrap();
        assert_eq!((after.refundable_kopecks(), taken(&after), after.is_watched(3000)), (49_900, 0, false));
        assert_eq!(after.asked_refund("a").unwrap().cancellation.as_deref(), Some("insufficient_funds"));
        assert!(after.observe_refund(&refund("r1", 30_000), 4000).is_some(), "money that went back always counts");
    }

    #[test]
    fn a_refund_that_was_given_up_is_found_again() {
        let paid = paid().with_requested_refund(asked("a", 49_900));
        let lost = paid.with_closed_refund("a", RefundStatus::Lost, "not there", 3000).unwrap();
        assert!(!lost.is_watched(3000));
        let found = ProviderRefund { refund_id: Some("a".into()), ..refund("r1", 49_900) };
        let after = lost.observe_refund(&found, 4000).unwrap();
        assert_eq!(
            (after.asked_refund("a").unwrap().status, taken(&after)),
            (RefundStatus::Succeeded, paid.purpose.seconds_for(49_900))
        );
        assert!(after.with_closed_refund("a", RefundStatus::Lost, "late", 5000).is_none());
    }

    #[test]
    fn a_refund_of_the_cabinet_is_remembered_until_it_ends() {
        let pending = ProviderRefund { state: ProviderRefundState::Pending, ..refund("r1", 20_000) };
        let seen = paid().observe_refund(&pending, 3000).unwrap();
        assert_eq!((seen.refundable_kopecks(), taken(&seen), seen.is_watched(3000)), (29_900, 0, true));
        assert!(seen.observe_refund(&pending, 4000).is_none());
        let done = seen.observe_refund(&refund("r1", 20_000), 5000).unwrap();
        assert_eq!((done.refundable_kopecks(), done.is_watched(5000)), (29_900, false));
        let canceled = ProviderRefund { state: ProviderRefundState::Canceled, ..pending };
        let kept = seen.observe_refund(&canceled, 5000).unwrap();
        assert_eq!((kept.refundable_kopecks(), kept.is_watched(5000)), (49_900, false));
    }

    #[test]
    fn the_address_of_a_receipt_is_kept_only_until_the_provider_has_it() {
        let without_person = |request: &str| request.strip_suffix(" of a@example.org").map(str::to_owned);
        let paid =
            paid().with_requested_refund(AskedRefund { body: "refund of a@example.org".into(), ..asked("a", 10_000) });
        assert_eq!(paid.clone().forgetting(without_person), paid, "it may have to be requested again");
        let pending =
            ProviderRefund { state: ProviderRefundState::Pending, refund_id: Some("a".into()), ..refund("r1", 10_000) };
        let known = paid.observe_refund(&pending, 3000).unwrap();
        assert_eq!(known.clone().forgetting(without_person).asked_refund("a").unwrap().body, "refund");
        assert!(known.pending_refunds.is_empty(), "it is our own");
        let lost = paid.with_closed_refund("a", RefundStatus::Lost, "not there", 3000).unwrap();
        assert_eq!(lost.forgetting(without_person).asked_refund("a").unwrap().body, "refund");
    }

    proptest! {
        #[test]
        fn any_parts_take_back_in_proportion(parts in proptest::collection::vec(1i64..20_000, 1..30)) {
            let mut payment = paid();
            let mut rest = 49_900;
            for (at, part) in parts.into_iter().enumerate() {
                let part = part.min(rest);
                if part == 0 { break }
                rest -= part;
                payment = payment.observe_refund(&refund(&at.to_string(), part), 3000).unwrap();
                prop_assert!(payment.refunds.last().unwrap().seconds >= 0);
            }
            prop_assert_eq!(taken(&payment), payment.purpose.seconds_for(49_900) * (49_900 - rest) / 49_900);
        }
    }
}
