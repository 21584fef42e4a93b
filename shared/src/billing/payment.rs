//! A payment: what was ordered, what its provider says of it, and what follows. It moves forward only.
//!
//! ```text
//! created ─▶ pending ─▶ waiting_for_capture ─▶ succeeded      (its refunds do not change that)
//!    │          └──────────────┴─────────────▶ canceled
//!    ├─▶ refused   the provider did not take the request
//!    └─▶ lost      nobody knows of it after 12 hours, or the provider denies it for 24; whatever it says later still counts
//! ```
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    provider::{ProviderPayment, ProviderState},
    purpose::Purpose,
    refund::{AskedRefund, PendingRefund, Refund, RefundStatus},
};

/// The status of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Stored here; not yet confirmed by the provider.
    Created,
    /// The driver can pay.
    Pending,
    /// The money is reserved, and its capture is pending.
    WaitingForCapture,
    /// Paid.
    Succeeded,
    /// Not paid, for good.
    Canceled,
    /// The provider refused the request.
    Refused,
    /// The provider did not confirm it for 12 hours, or denied having it for 24 hours.
    Lost,
}

impl Status {
    /// All values.
    pub const ALL: [Self; 7] = [
        Self::Created,
        Self::Pending,
        Self::WaitingForCapture,
        Self::Succeeded,
        Self::Canceled,
        Self::Refused,
        Self::Lost,
    ];

    /// The name in the API and the audit log.
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

    /// The rank of the status. A payment never moves to a lower rank.
    fn rank(self) -> u8 {
        match self {
            Self::Created => 0,
            // A later statement of the provider still counts.
            Self::Lost | Self::Refused => 1,
            Self::Pending => 2,
            Self::WaitingForCapture => 3,
            Self::Succeeded | Self::Canceled => 4,
        }
    }

    /// Whether the provider no longer changes it.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Succeeded | Self::Canceled)
    }

    /// Whether its outcome is still open.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Created | Self::Pending | Self::WaitingForCapture)
    }
}

impl From<ProviderState> for Status {
    fn from(state: ProviderState) -> Self {
        match state {
            ProviderState::Pending => Self::Pending,
            ProviderState::WaitingForCapture => Self::WaitingForCapture,
            ProviderState::Succeeded => Self::Succeeded,
            ProviderState::Canceled => Self::Canceled,
        }
    }
}

/// The shortest and the longest pause between two checks of a payment.
const PAUSE_MS: (i64, i64) = (15_000, 1_800_000);
/// The same while only the receipt is missing.
const RECEIPT_PAUSE_MS: (i64, i64) = (120_000, 86_400_000);
/// How long a receipt is awaited. The tax service must receive it within three days.
const RECEIPT_AWAITED_MS: i64 = 4 * 86_400_000;
/// A receipt that is not registered yet.
const RECEIPT_PENDING: &str = "pending";

/// The rank of a receipt's status, which never decreases.
fn receipt_rank(receipt: Option<&str>) -> u8 {
    match receipt {
        None => 0,
        Some(RECEIPT_PENDING) => 1,
        Some(_) => 2,
    }
}

/// A step of a payment's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The new status.
    pub status: Status,
    /// Time in milliseconds since 1970-01-01 UTC.
    pub at_ms: i64,
}

/// A stored payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// A UUID, also the idempotency key of the request.
    pub id: String,
    /// The driver's Telegram id.
    pub driver_id: i64,
    /// What it buys.
    #[serde(flatten)]
    pub purpose: Purpose,
    /// The exact request that opens it, so that a repeat is the same request. Once the provider has the order it is never
    /// repeated, and what it says of the person is taken out.
    pub body: String,
    /// Tells whether another order would be the same request: see [`Payment::is_like`].
    #[serde(default)]
    pub likeness: Option<String>,
    /// The provider account it was ordered with.
    #[serde(default)]
    pub shop_id: Option<String>,
    /// When the provider first reported it as unknown, milliseconds.
    #[serde(default)]
    pub missing_since_ms: Option<i64>,
    /// The current status.
    pub status: Status,
    /// The version, increased with each change.
    pub version: i64,
    /// The provider's id, if known.
    #[serde(rename = "yookassa_id")]
    pub provider_id: Option<String>,
    /// Where the driver pays.
    pub confirmation_url: Option<String>,
    /// Why it was canceled or refused, as the provider's code.
    pub reason: Option<String>,
    /// The status of the receipt.
    pub receipt: Option<String>,
    /// The provider's last answer that changed it, without the driver's data.
    #[serde(default)]
    pub answer: Option<Value>,
    /// When it was ordered, milliseconds.
    pub created_at_ms: i64,
    /// Time of the last change, milliseconds.
    pub updated_at_ms: i64,
    /// The status history, oldest first.
    pub history: Vec<Step>,
    /// A completed refund.
    pub refunds: Vec<Refund>,
    /// Refunds requested by admins, oldest first.
    #[serde(default)]
    pub asked_refunds: Vec<AskedRefund>,
    /// Open refunds started in the provider's dashboard. No notification reports them.
    #[serde(default)]
    pub pending_refunds: Vec<PendingRefund>,
}

/// How the provider's payment differs from the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// It has another payment id of ours, or none.
    PaymentId,
    /// The provider's id differs from the known one.
    ProviderId,
    /// The sum.
    Amount,
    /// The currency of the sum.
    Currency,
    /// The receiving account.
    Account,
}

impl Mismatch {
    /// The text for admins; `provider` is the display name.
    pub fn describe(self, provider: &str) -> String {
        match self {
            Self::PaymentId => "the payment id".to_owned(),
            Self::ProviderId => format!("{provider}'s id"),
            Self::Amount => "the amount".to_owned(),
            Self::Currency => "the currency".to_owned(),
            Self::Account => "the shop".to_owned(),
        }
    }
}

impl Payment {
    /// Checks that the provider's payment matches this one: its id, the amount, and the account it was ordered with, or
    /// `account` when that is unknown (contract 5.2).
    ///
    /// # Errors
    /// The mismatch.
    pub fn check(&self, observed: &ProviderPayment, account: &str) -> Result<(), Mismatch> {
        let differs = |what, same: bool| if same { Ok(()) } else { Err(what) };
        let sum = self.purpose.sum();
        differs(Mismatch::PaymentId, observed.payment_id.as_deref() == Some(&self.id))?;
        differs(Mismatch::ProviderId, self.provider_id.as_ref().is_none_or(|known| *known == observed.id))?;
        differs(Mismatch::Amount, observed.sum.minor == sum.minor)?;
        differs(Mismatch::Currency, observed.sum.currency == sum.currency)?;
        differs(Mismatch::Account, observed.account == self.shop_id.as_deref().unwrap_or(account))
    }

    /// The payment updated from a checked observation; `None` if nothing is new.
    pub fn observe(&self, observed: &ProviderPayment, now_ms: i64) -> Option<Self> {
        let mut next = self.clone();
        next.provider_id = Some(observed.id.clone());
        next.missing_since_ms = None;
        if receipt_rank(observed.receipt.as_deref()) > receipt_rank(self.receipt.as_deref()) {
            next.receipt.clone_from(&observed.receipt);
        }
        let status = Status::from(observed.state);
        if status.rank() > self.status.rank() {
            next.status = status;
            next.history.push(Step { status, at_ms: now_ms });
            next.reason.clone_from(&observed.cancellation);
        }
        next.confirmation_url = match next.status {
            Status::Pending => observed.confirmation_url.clone().or(next.confirmation_url),
            _ => None,
        };
        (next != *self).then(|| {
            let answer = Some(observed.answer.clone());
            Self { version: self.version + 1, updated_at_ms: now_ms, answer, ..next }
        })
    }

    /// The payment with a status we set ourselves: refused, or lost because the provider does not know it. `None` if it
    /// has progressed further.
    pub fn closed(&self, status: Status, reason: &str, now_ms: i64) -> Option<Self> {
        let is_denied = status == Status::Lost && self.missing_since_ms.is_some() && self.status.is_open();
        (self.status == Status::Created || is_denied).then(|| {
            let mut next = Self {
                status,
                reason: Some(reason.to_owned()),
                version: self.version + 1,
                updated_at_ms: now_ms,
                ..self.clone()
            };
            next.history.push(Step { status, at_ms: now_ms });
            next.confirmation_url = None;
            next
        })
    }

    /// The payment after the provider reported it as unknown; `None` if that is nothing new.
    pub fn missed(&self, now_ms: i64) -> Option<Self> {
        (self.status.is_open() && self.missing_since_ms.is_none()).then(|| Self {
            missing_since_ms: Some(now_ms),
            version: self.version + 1,
            updated_at_ms: now_ms,
            ..self.clone()
        })
    }

    /// Whether an order of this likeness would be the same request, apart from the return URL and the driver's address.
    /// The hash includes the payment's id, so two hashes do not reveal the same driver.
    pub fn is_like(&self, likeness: &str) -> bool {
        self.likeness.as_deref() == Some(likeness)
    }

    /// The payment without personal data in requests that will not be repeated. `without_person` removes it from one
    /// request.
    pub fn forgetting(mut self, without_person: impl Fn(&str) -> Option<String>) -> Self {
        if self.provider_id.is_some() || self.status != Status::Created {
            self.body = without_person(&self.body).unwrap_or(self.body);
        }
        for asked in &mut self.asked_refunds {
            if asked.provider_id.is_some() || asked.status != RefundStatus::Created {
                asked.body = without_person(&asked.body).unwrap_or_else(|| asked.body.clone());
            }
        }
        self
    }

    /// When it was paid, milliseconds.
    pub fn paid_at_ms(&self) -> Option<i64> {
        self.history.iter().find(|step| step.status == Status::Succeeded).map(|step| step.at_ms)
    }

    /// Whether a paid payment still lacks its final receipt.
    pub fn awaits_receipt(&self) -> bool {
        self.status == Status::Succeeded && self.receipt.as_deref() == Some(RECEIPT_PENDING)
    }

    /// Whether the outcome of the payment, a refund or its receipt is open. A receipt missing for days is reported and
    /// no longer checked.
    pub fn is_watched(&self, now_ms: i64) -> bool {
        let is_young = self.paid_at_ms().is_some_and(|paid| now_ms - paid < RECEIPT_AWAITED_MS);
        self.status.is_open() || self.has_open_refund() || (self.awaits_receipt() && is_young)
    }

    /// Whether a refund may be in progress.
    pub fn has_open_refund(&self) -> bool {
        !self.pending_refunds.is_empty() || self.asked_refunds.iter().any(|asked| asked.status.is_open())
    }

    /// When to check it after `now_ms`. The longer it waits, the longer the pause.
    pub fn next_look_ms(&self, now_ms: i64) -> i64 {
        let age_ms = now_ms - self.watched_since_ms();
        let (shortest, longest) =
            if self.status.is_open() || self.has_open_refund() { PAUSE_MS } else { RECEIPT_PAUSE_MS };
        now_ms + (age_ms / 4).clamp(shortest, longest)
    }

    /// When to check it after a change at `now_ms`: soon, unless only its receipt is missing.
    pub fn look_after_change_ms(&self, now_ms: i64) -> i64 {
        let is_money = self.status.is_open() || self.has_open_refund();
        if is_money { now_ms + PAUSE_MS.0 } else { self.next_look_ms(now_ms) }
    }

    /// When the open outcome began, milliseconds: at the order, the payment, or the last open refund.
    pub fn watched_since_ms(&self) -> i64 {
        let asked = self.asked_refunds.iter().filter(|asked| asked.status.is_open()).map(|asked| asked.asked_at_ms);
        let seen = self.pending_refunds.iter().map(|pending| pending.seen_at_ms);
        let refund = asked.chain(seen).max();
        refund.or(self.paid_at_ms()).unwrap_or(self.created_at_ms)
    }

    /// Whether the payment has just become paid and takes effect.
    pub fn is_paid_since(&self, before: &Self) -> bool {
        self.status == Status::Succeeded && before.status != Status::Succeeded
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::billing::{plan::Plan, provider::Sum};

    pub(in crate::billing) fn payment() -> Payment {
        Payment {
            id: "p1".into(),
            driver_id: 7,
            purpose: Purpose::Subscription(Plan::defaults().remove(0)),
            body: "{}".into(),
            likeness: None,
            shop_id: None,
            missing_since_ms: None,
            status: Status::Created,
            version: 1,
            provider_id: None,
            confirmation_url: None,
            reason: None,
            receipt: None,
            answer: None,
            created_at_ms: 1000,
            updated_at_ms: 1000,
            history: vec![Step { status: Status::Created, at_ms: 1000 }],
            refunds: Vec::new(),
            asked_refunds: Vec::new(),
            pending_refunds: Vec::new(),
        }
    }

    pub(in crate::billing) fn observed(state: ProviderState) -> ProviderPayment {
        ProviderPayment {
            id: "y1".into(),
            state,
            sum: Sum::of_kopecks(49_900),
            account: "shop".into(),
            payment_id: Some("p1".into()),
            confirmation_url: (state == ProviderState::Pending).then(|| "https://pay".into()),
            cancellation: (state == ProviderState::Canceled).then(|| "insufficient_funds".into()),
            receipt: None,
            is_test: true,
            method: None,
            refunded: 0,
            answer: serde_json::json!({ "id": "y1" }),
        }
    }

    #[test]
    fn another_payment_is_told_by_what_differs() {
        assert_eq!(payment().check(&observed(ProviderState::Succeeded), "shop"), Ok(()));
        let differs = |change: fn(&mut ProviderPayment)| {
            let mut other = observed(ProviderState::Succeeded);
            change(&mut other);
            payment().check(&other, "shop").expect_err("it differs")
        };
        assert_eq!(differs(|o| o.sum.minor = 100), Mismatch::Amount);
        assert_eq!(differs(|o| o.sum.currency = "USD".into()), Mismatch::Currency);
        assert_eq!(differs(|o| o.account = "other".into()), Mismatch::Account);
        assert_eq!(differs(|o| o.payment_id = None), Mismatch::PaymentId);
        let known = Payment { provider_id: Some("y0".into()), ..payment() };
        assert_eq!(known.check(&observed(ProviderState::Succeeded), "shop"), Err(Mismatch::ProviderId));
    }

    #[test]
    fn a_payment_belongs_to_the_shop_that_it_was_ordered_in() {
        let ordered = Payment { shop_id: Some("shop".into()), ..payment() };
        assert_eq!(ordered.check(&observed(ProviderState::Succeeded), "another by now"), Ok(()));
        let moved = Payment { shop_id: Some("old".into()), ..payment() };
        assert_eq!(moved.check(&observed(ProviderState::Succeeded), "shop"), Err(Mismatch::Account));
    }

    #[test]
    fn what_the_provider_has_is_not_kept_of_the_person() {
        let without_person = |request: &str| request.strip_suffix(" of a@example.org").map(str::to_owned);
        let ordered = Payment { body: "order of a@example.org".into(), ..payment() };
        assert_eq!(ordered.clone().forgetting(without_person), ordered, "it may have to be requested again");
        let known = ordered.observe(&observed(ProviderState::Pending), 2000).expect("news").forgetting(without_person);
        assert_eq!(known.body, "order");
        let lost = ordered.closed(Status::Lost, "unknown", 2000).expect("it was created").forgetting(without_person);
        assert_eq!(lost.body, known.body, "it is not requested any more either");
    }

    #[test]
    fn a_receipt_never_goes_back_and_is_waited_for_some_days() {
        let with = |receipt: Option<&str>| ProviderPayment {
            receipt: receipt.map(str::to_owned),
            ..observed(ProviderState::Succeeded)
        };
        let paid = payment().observe(&with(Some("pending")), 2000).expect("news");
        assert!(paid.is_watched(2000) && !paid.is_watched(2000 + RECEIPT_AWAITED_MS));
        assert!(paid.next_look_ms(2000) > 60_000, "the tax service is slow");
        let registered = paid.observe(&with(Some("succeeded")), 3000).expect("news");
        assert!(!registered.is_watched(3000));
        for late in [Some("pending"), Some("canceled"), None] {
            assert_eq!(registered.observe(&with(late), 4000), None, "{late:?}");
        }
    }

    #[test]
    fn a_payment_that_its_provider_denies_is_lost_and_may_be_found() {
        let pending = payment().observe(&observed(ProviderState::Pending), 2000).expect("news");
        assert_eq!(pending.closed(Status::Lost, "denied", 3000), None, "nobody denied it");
        let missed = pending.missed(3000).expect("news");
        assert_eq!(missed.missed(4000), None);
        assert_eq!(missed.observe(&observed(ProviderState::Pending), 4000).expect("news").missing_since_ms, None);
        let lost = missed.closed(Status::Lost, "denied", 5000).expect("it was denied");
        assert!(!lost.is_watched(5000) && lost.confirmation_url.is_none());
        assert!(lost.observe(&observed(ProviderState::Succeeded), 6000).expect("news").is_paid_since(&lost));
    }

    #[test]
    fn a_payment_that_was_lost_is_found_again() {
        let lost = payment().closed(Status::Lost, "unknown", 2000).expect("it was created");
        let found = lost.observe(&observed(ProviderState::Succeeded), 3000).expect("news");
        assert!(found.is_paid_since(&lost));
        assert_eq!(found.closed(Status::Lost, "unknown", 4000), None);
    }

    proptest! {
        #[test]
        fn whatever_is_observed_it_never_goes_back_and_is_paid_once(order in proptest::collection::vec(0usize..4, 0..30)) {
            let states = [
                ProviderState::Pending,
                ProviderState::WaitingForCapture,
                ProviderState::Succeeded,
                ProviderState::Canceled,
            ];
            let (mut payment, mut paid) = (payment(), 0);
            for (at, state) in order.into_iter().enumerate() {
                let now = 2000 + i64::try_from(at).unwrap();
                let Some(next) = payment.observe(&observed(states[state]), now) else { continue };
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
