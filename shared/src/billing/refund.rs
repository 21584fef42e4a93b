//! Money that goes back. An admin asks for it, or somebody begins it in YooKassa's cabinet; either way it counts once, and
//! only when YooKassa says that it has succeeded. The days that were bought are taken back in proportion.
//!
//! ```text
//! created ─▶ pending ─▶ succeeded | canceled
//!    ├─▶ refused   YooKassa did not take the request
//!    └─▶ lost      it was asked for 12 hours, and YooKassa's list does not have it
//! ```
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::time::{Duration, Instant};

use super::{
    order::{REPEATED_MS, named_id, refused_by_yookassa},
    payment::{Payment, Status},
    settle::Settled,
};
use crate::{
    app::App,
    auth::admin::AdminSession,
    body,
    body::Body as _,
    email::{self, for_receipt},
    error::{Conflict, Error, FieldError},
    fields::Fields,
    request::RequestContext,
    store::{
        billing::Changed,
        retry::{Tried, retry_on_change},
    },
    telemetry::{self, Metric},
    yookassa::{YookassaError, refused_field, wire::rubles},
};

/// How long an admin waits for YooKassa before being told that it is still being found out.
const WAIT: Duration = Duration::from_secs(8);
/// Who meets a change reads again, so often at most.
const TRIES: usize = 8;
/// The longest reason: YooKassa's own limit of a refund's description.
const REASON: usize = 250;

/// Where a refund that we asked for stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    /// Ours alone: whether YooKassa has it is not known.
    Created,
    /// YooKassa has it; the money is on its way.
    Pending,
    /// The money went back.
    Succeeded,
    /// The money stays with us.
    Canceled,
    /// YooKassa did not take the request.
    Refused,
    /// YooKassa does not have it.
    Lost,
}

impl RefundStatus {
    /// Whether something is still to be learnt of it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Created | Self::Pending)
    }

    /// As the API and the audit log write it.
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

/// What YooKassa says of a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedRefund {
    /// YooKassa's id.
    pub id: String,
    /// YooKassa's id of the payment.
    pub payment_id: String,
    /// Never [`RefundStatus::Created`], [`RefundStatus::Refused`] or [`RefundStatus::Lost`].
    pub status: RefundStatus,
    /// Kopecks.
    pub amount_kopecks: i64,
    /// `RUB`.
    pub currency: String,
    /// Why it was canceled.
    pub cancellation: Option<String>,
    /// Our own id, from the metadata, when we asked for it.
    pub refund_id: Option<String>,
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

/// A refund that somebody began in YooKassa's cabinet and that has not ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingRefund {
    /// YooKassa's id.
    pub id: String,
    /// Kopecks.
    pub amount_kopecks: i64,
    /// When we learnt of it, milliseconds.
    pub seen_at_ms: i64,
}

/// A refund that an admin asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedRefund {
    /// A UUID; also the idempotence key of the request.
    pub id: String,
    /// Kopecks.
    pub amount_kopecks: i64,
    /// Why, for the driver and the books.
    pub reason: String,
    /// Telegram's id of the admin.
    pub admin_id: i64,
    /// The exact body of the request, so that a repeat is the same request. Once YooKassa has it, the e-mail is taken out.
    pub body: String,
    /// Where it stands.
    pub status: RefundStatus,
    /// YooKassa's id, when it is known.
    pub yookassa_id: Option<String>,
    /// Why it was canceled or refused, in YooKassa's codes.
    pub cancellation: Option<String>,
    /// When it was asked for, milliseconds since 1970-01-01 UTC.
    pub asked_at_ms: i64,
    /// When it last changed, milliseconds.
    pub updated_at_ms: i64,
}

body! {
    /// What a refund takes.
    pub struct RefundBody {
        /// Rubles; null is all that is left.
        #[schema(value_type = Option<f64>)]
        amount_rub: Option<i64> = Fields::rubles(),
        /// At most 250 characters; the driver's bank may show it.
        reason: String = Fields::required_text(REASON),
        /// Where the receipt of a part goes; null is the address of the driver's profile.
        email: Option<String> = address(),
    }
}

fn address(fields: &mut Fields<'_>, name: &str) -> Option<String> {
    let address = fields.text(name, 254)?;
    email::email(&address).map_err(|(code, message)| fields.fail(name, code, message)).ok()
}

/// What an admin asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundOrder {
    /// Kopecks; `None` is all that is left.
    pub amount_kopecks: Option<i64>,
    /// Why.
    pub reason: String,
    /// Where the receipt of a part goes; `None` is the address of the driver's profile.
    pub email: Option<String>,
    /// The admin's own name for it, so that a repeat is the same.
    pub key: String,
}

impl RefundOrder {
    /// Reads what an admin asks for; `key` is the request's `Idempotency-Key`.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its field.
    pub fn parse(body: &Map<String, Value>, key: &str) -> Result<Self, Vec<FieldError>> {
        let RefundBody { amount_rub, reason, email } = RefundBody::parse(body)?;
        Ok(Self { amount_kopecks: amount_rub, reason, email, key: key.to_owned() })
    }
}

impl AskedRefund {
    /// Takes out of the request where the receipt goes: it is not made again.
    fn forget_person(&mut self) {
        let Ok(mut request) = serde_json::from_str::<Value>(&self.body) else { return };
        let receipt = request.get_mut("receipt").and_then(Value::as_object_mut);
        if receipt.and_then(|receipt| receipt.remove("customer")).is_some() {
            self.body = request.to_string();
        }
    }
}

impl Payment {
    /// Kopecks that went back.
    pub fn refunded_kopecks(&self) -> i64 {
        self.refunds.iter().map(|refund| refund.amount_kopecks).sum()
    }

    /// Kopecks that can still be asked for: what was paid, less what went back and what is on its way back.
    pub fn refundable_kopecks(&self) -> i64 {
        if self.status != Status::Succeeded {
            return 0;
        }
        let asked = self.asked_refunds.iter().filter(|asked| asked.status.is_open()).map(|asked| asked.amount_kopecks);
        let begun = self.pending_refunds.iter().map(|pending| pending.amount_kopecks);
        self.plan.price_kopecks - self.refunded_kopecks() - asked.chain(begun).sum::<i64>()
    }

    /// The refund that was asked for under this id of ours.
    pub fn asked_refund(&self, id: &str) -> Option<&AskedRefund> {
        self.asked_refunds.iter().find(|asked| asked.id == id)
    }

    /// The payment with one more refund asked for.
    fn with_asked(&self, asked: AskedRefund) -> Self {
        let mut next = Self { version: self.version + 1, updated_at_ms: asked.asked_at_ms, ..self.clone() };
        next.asked_refunds.push(asked);
        next
    }

    /// The receipt of the payment's request, when a refund of so much needs one of its own: a part does; for the whole sum
    /// YooKassa takes the payment's.
    fn receipt_of_part(&self, amount_kopecks: i64) -> Option<Value> {
        let ordered: Value = serde_json::from_str(&self.body).unwrap_or_default();
        let mut receipt = ordered.get("receipt").filter(|receipt| receipt.is_object())?.clone();
        receipt["items"][0]["amount"] = rubles(amount_kopecks);
        (amount_kopecks < self.plan.price_kopecks).then_some(receipt)
    }

    /// The request for a refund; `email` is where its receipt goes, when it needs one.
    fn refund_request(
        &self,
        yookassa_id: &str,
        id: &str,
        amount_kopecks: i64,
        reason: &str,
        email: Option<&str>,
    ) -> String {
        let mut request = json!({
            "payment_id": yookassa_id,
            "amount": rubles(amount_kopecks),
            "description": reason,
            "metadata": { "refund_id": id },
        });
        if let Some(mut receipt) = self.receipt_of_part(amount_kopecks) {
            receipt["customer"] = json!({ "email": email.map(for_receipt) });
            request["receipt"] = receipt;
        }
        request.to_string()
    }

    /// The payment after what YooKassa says of a refund, and the seconds to be taken back for it: in proportion, so that
    /// the whole sum takes back all that was granted, whatever the parts were. `None` when it is nothing new.
    pub fn observe_refund(&self, observed: &ObservedRefund, now_ms: i64) -> Option<(Self, i64)> {
        let mut next = self.clone();
        let is_known = next.asked_refunds.iter().any(|asked| asked.yookassa_id.as_ref() == Some(&observed.id));
        let is_meant = |asked: &&mut AskedRefund| match is_known {
            true => asked.yookassa_id.as_ref() == Some(&observed.id),
            false => asked.yookassa_id.is_none() && observed.refund_id.as_ref() == Some(&asked.id),
        };
        if let Some(asked) = next.asked_refunds.iter_mut().find(is_meant) {
            asked.yookassa_id = Some(observed.id.clone());
            asked.forget_person();
            // What has ended stays as it ended; that we gave it up is no end of YooKassa's.
            let is_over = matches!(asked.status, RefundStatus::Succeeded | RefundStatus::Canceled);
            if !is_over && asked.status != observed.status {
                asked.status = observed.status;
                asked.cancellation.clone_from(&observed.cancellation);
                asked.updated_at_ms = now_ms;
            }
        } else if observed.status == RefundStatus::Pending
            && next.pending_refunds.iter().all(|pending| pending.id != observed.id)
            && next.refunds.iter().all(|refund| refund.id != observed.id)
        {
            let (id, amount_kopecks) = (observed.id.clone(), observed.amount_kopecks);
            next.pending_refunds.push(PendingRefund { id, amount_kopecks, seen_at_ms: now_ms });
        }
        if observed.status != RefundStatus::Pending {
            next.pending_refunds.retain(|pending| pending.id != observed.id);
        }
        let mut seconds = 0;
        if observed.status == RefundStatus::Succeeded && self.refunds.iter().all(|refund| refund.id != observed.id) {
            let before = self.refunded_kopecks();
            let after = (before + observed.amount_kopecks).min(self.plan.price_kopecks);
            seconds = self.share(after) - self.share(before);
            let (id, amount_kopecks) = (observed.id.clone(), observed.amount_kopecks);
            next.refunds.push(Refund { id, amount_kopecks, seconds, at_ms: now_ms });
        }
        (next != *self).then(|| (Self { version: self.version + 1, updated_at_ms: now_ms, ..next }, seconds))
    }

    /// The seconds that so much of the price bought.
    fn share(&self, kopecks: i64) -> i64 {
        let price = i128::from(self.plan.price_kopecks.max(1));
        i64::try_from(i128::from(self.plan.seconds()) * i128::from(kopecks) / price).unwrap_or(i64::MAX)
    }

    /// The payment with a refund in a status that we ourselves put it into: refused or lost. `None` when it has come
    /// further.
    fn with_closed_refund(&self, id: &str, status: RefundStatus, reason: &str, now_ms: i64) -> Option<Self> {
        let mut next = Self { version: self.version + 1, updated_at_ms: now_ms, ..self.clone() };
        let asked = next.asked_refunds.iter_mut().find(|asked| asked.id == id)?;
        if asked.status != RefundStatus::Created {
            return None;
        }
        asked.status = status;
        asked.forget_person();
        asked.cancellation = Some(reason.to_owned());
        asked.updated_at_ms = now_ms;
        Some(next)
    }
}

impl App {
    /// Asks YooKassa to give money back. The answer is the payment and our id of the refund; while that is
    /// [`RefundStatus::Created`] it is not known whether YooKassa has it.
    ///
    /// # Errors
    /// There is no such payment, it is not paid, less is left of it, or the store does not answer.
    pub async fn ask_refund(
        &self,
        admin: &AdminSession,
        payment_id: &str,
        order: &RefundOrder,
        context: &RequestContext,
    ) -> Result<(Payment, AskedRefund), Error> {
        let id = &named_id("refund", payment_id, &order.key);
        let existing = self.store.payment(payment_id).await?.ok_or(Error::NotFound)?;
        self.check_not_own(admin, existing.driver_id)?;
        retry_on_change("order_refund", TRIES, existing, |before: Payment| async move {
            if let Some(asked) = before.asked_refund(id) {
                if asked.reason != order.reason || order.amount_kopecks.is_some_and(|sum| sum != asked.amount_kopecks) {
                    let message = "Was used for another refund. Each refund has its own.";
                    return Err(Error::Validation(vec![FieldError::new("Idempotency-Key", "repeated", message)]));
                }
                let asked = asked.clone();
                return self.make_refund_known(before, asked, false, context).await.map(Tried::Done);
            }
            let asked = self.new_refund(&before, id, admin.admin_id(), order).await?;
            let after = before.with_asked(asked.clone());
            let audit = self.of_payment("refund_asked", context).by(admin.actor());
            let audit = audit.fact("refund_id", id).fact("asked_kopecks", asked.amount_kopecks);
            let audit = audit.fact("reason", &asked.reason);
            match self.write_payment(&before, &after, None, audit).await? {
                Changed::Done => self.make_refund_known(after, asked, true, context).await.map(Tried::Done),
                Changed::Again | Changed::AlreadyRecorded => {
                    let existing = self.store.payment(payment_id).await?;
                    Ok(Tried::Changed(existing.ok_or(Error::StoreUnavailable)?))
                }
            }
        })
        .await
    }

    async fn new_refund(
        &self,
        payment: &Payment,
        id: &str,
        admin_id: i64,
        order: &RefundOrder,
    ) -> Result<AskedRefund, Error> {
        let left = payment.refundable_kopecks();
        let yookassa_id = payment.yookassa_id.as_deref().filter(|_| left > 0);
        let yookassa_id = yookassa_id.ok_or(Error::Conflict(Conflict::NotRefundable))?;
        let amount_kopecks = order.amount_kopecks.unwrap_or(left);
        if amount_kopecks > left {
            let message = format!("At most {}.{:02} rubles are left of this payment.", left / 100, left % 100);
            return Err(Error::Validation(vec![FieldError::new("amount_rub", "out_of_range", message)]));
        }
        if self.is_of_another_shop(payment).await? {
            return Err(Error::Conflict(Conflict::OtherShop));
        }
        let email = match &order.email {
            None if payment.receipt_of_part(amount_kopecks).is_some() => {
                let profile = self.store.profile(payment.driver_id).await?;
                // Some are from before addresses were checked as they are now.
                let known = profile.and_then(|profile| profile.email).filter(|address| email::email(address).is_ok());
                Some(known.ok_or_else(|| {
                    let message = "The receipt of a part needs an e-mail address, and the driver's profile has none.";
                    Error::Validation(vec![FieldError::new("email", "missing", message)])
                })?)
            }
            given => given.clone(),
        };
        let now_ms = self.clock.now_ms();
        Ok(AskedRefund {
            id: id.to_owned(),
            amount_kopecks,
            reason: order.reason.clone(),
            admin_id,
            body: payment.refund_request(yookassa_id, id, amount_kopecks, &order.reason, email.as_deref()),
            status: RefundStatus::Created,
            yookassa_id: None,
            cancellation: None,
            asked_at_ms: now_ms,
            updated_at_ms: now_ms,
        })
    }

    async fn make_refund_known(
        &self,
        payment: Payment,
        asked: AskedRefund,
        is_first: bool,
        context: &RequestContext,
    ) -> Result<(Payment, AskedRefund), Error> {
        if asked.status != RefundStatus::Created {
            return answered(payment, asked);
        }
        let deadline = context.deadline.min(Instant::now() + WAIT);
        Box::pin(self.request_refund(&payment, &asked, is_first, deadline, context)).await?;
        let payment = self.store.payment(&payment.id).await?.ok_or(Error::StoreUnavailable)?;
        let asked = payment.asked_refund(&asked.id).cloned().ok_or(Error::StoreUnavailable)?;
        answered(payment, asked)
    }

    /// Makes the request for a refund, for the first time or again.
    async fn request_refund(
        &self,
        payment: &Payment,
        asked: &AskedRefund,
        is_first: bool,
        deadline: Instant,
        context: &RequestContext,
    ) -> Result<(), Error> {
        // Another shop knows neither the key nor the payment, and its no would say nothing.
        if self.is_of_another_shop(payment).await? {
            return Ok(());
        }
        // Whoever asks, and however late: YooKassa forgets keys, and then only its list tells.
        if self.clock.now_ms() - asked.asked_at_ms >= REPEATED_MS {
            return self.look_up_refund(payment, asked, deadline, context).await;
        }
        match self.yookassa.begin_refund(&asked.id, &asked.body, deadline).await {
            Ok(observed) => {
                let observed = ObservedRefund { refund_id: Some(asked.id.clone()), ..observed };
                self.settle_refunded(&observed, deadline, context).await.map(drop)
            }
            Err(YookassaError::Unknown(_) | YookassaError::TooMany) => Ok(()),
            // An earlier request may have been taken before the shop was refused.
            Err(YookassaError::Shop(_)) if !is_first => Ok(()),
            Err(error @ (YookassaError::Shop(_) | YookassaError::Refused { .. } | YookassaError::NotFound)) => {
                self.close_refund(payment, &asked.id, RefundStatus::Refused, &error.to_string(), context).await
            }
        }
    }

    /// Looks for a refund in YooKassa's list of the payment's refunds; what is not there was never taken.
    async fn look_up_refund(
        &self,
        payment: &Payment,
        asked: &AskedRefund,
        deadline: Instant,
        context: &RequestContext,
    ) -> Result<(), Error> {
        let yookassa_id = payment.yookassa_id.as_deref().unwrap_or_default();
        let Ok(refunds) = self.yookassa.refunds_of(yookassa_id, deadline).await else { return Ok(()) };
        match refunds.into_iter().find(|refund| refund.refund_id.as_ref() == Some(&asked.id)) {
            Some(observed) => self.settle_refunded(&observed, deadline, context).await.map(drop),
            None => {
                let reason = "YooKassa does not have it";
                telemetry::count_by(Metric::PaymentLost, "refund");
                self.close_refund(payment, &asked.id, RefundStatus::Lost, reason, context).await
            }
        }
    }

    async fn close_refund(
        &self,
        payment: &Payment,
        id: &str,
        status: RefundStatus,
        reason: &str,
        context: &RequestContext,
    ) -> Result<(), Error> {
        retry_on_change("close_refund", TRIES, payment.clone(), |before: Payment| async move {
            let Some(after) = before.with_closed_refund(id, status, reason, self.clock.now_ms()) else {
                return Ok(Tried::Done(()));
            };
            let outcome = if status == RefundStatus::Lost { "refund_lost" } else { "refund_refused" };
            let audit = self.of_payment(outcome, context).fact("refund_id", id).fact("reason", reason);
            match self.write_payment(&before, &after, None, audit).await? {
                Changed::Done => Ok(Tried::Done(())),
                Changed::Again | Changed::AlreadyRecorded => {
                    let existing = self.store.payment(&before.id).await?;
                    Ok(Tried::Changed(existing.ok_or(Error::StoreUnavailable)?))
                }
            }
        })
        .await
    }

    /// Finds out what became of the refunds that were asked for and have not ended: no notification tells of one that
    /// was canceled.
    ///
    /// # Errors
    /// The store does not answer.
    pub(super) async fn look_after_refunds(
        &self,
        payment: &Payment,
        deadline: Instant,
        context: &RequestContext,
    ) -> Result<(), Error> {
        for pending in &payment.pending_refunds {
            let _: Settled = self.settle_refund(&pending.id, deadline, context).await?;
        }
        for asked in payment.asked_refunds.iter().filter(|asked| asked.status.is_open()) {
            match &asked.yookassa_id {
                None => self.request_refund(payment, asked, false, deadline, context).await?,
                Some(id) => {
                    let _: Settled = self.settle_refund(id, deadline, context).await?;
                }
            }
        }
        Ok(())
    }
}

/// What the admin is told: which field to look at, if YooKassa refuses what stands in it.
fn answered(payment: Payment, asked: AskedRefund) -> Result<(Payment, AskedRefund), Error> {
    let refused =
        asked.cancellation.as_deref().filter(|_| asked.status == RefundStatus::Refused).and_then(refused_field);
    match refused {
        Some(field) => Err(Error::Validation(vec![refused_by_yookassa(field)])),
        None => Ok((payment, asked)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::billing::payment::tests::{observed, payment};

    fn refund(id: &str, amount_kopecks: i64) -> ObservedRefund {
        ObservedRefund {
            id: id.into(),
            payment_id: "y1".into(),
            status: RefundStatus::Succeeded,
            amount_kopecks,
            currency: "RUB".into(),
            cancellation: None,
            refund_id: None,
        }
    }

    fn paid() -> Payment {
        payment().observe(&observed(Status::Succeeded), 2000).unwrap()
    }

    fn asked(id: &str, amount_kopecks: i64) -> AskedRefund {
        AskedRefund {
            id: id.into(),
            amount_kopecks,
            reason: "he asked".into(),
            admin_id: 1,
            body: "{}".into(),
            status: RefundStatus::Created,
            yookassa_id: None,
            cancellation: None,
            asked_at_ms: 2500,
            updated_at_ms: 2500,
        }
    }

    #[test]
    fn refunds_in_parts_take_back_all_that_was_granted() {
        let paid = paid();
        let (first, a) = paid.observe_refund(&refund("r1", 10_000), 3000).unwrap();
        assert!(first.observe_refund(&refund("r1", 10_000), 3000).is_none(), "the same refund again");
        let (second, b) = first.observe_refund(&refund("r2", 39_900), 3000).unwrap();
        assert_eq!((a + b, second.refunded_kopecks()), (paid.plan.seconds(), 49_900));
    }

    #[test]
    fn what_is_under_way_cannot_be_asked_for_again() {
        let paid = paid().with_asked(asked("a", 30_000));
        assert_eq!(paid.refundable_kopecks(), 19_900);
        let canceled = ObservedRefund {
            status: RefundStatus::Canceled,
            cancellation: Some("insufficient_funds".into()),
            refund_id: Some("a".into()),
            ..refund("r1", 30_000)
        };
        let (after, seconds) = paid.observe_refund(&canceled, 3000).unwrap();
        assert_eq!((after.refundable_kopecks(), seconds, after.is_watched(3000)), (49_900, 0, false));
        assert_eq!(after.asked_refund("a").unwrap().cancellation.as_deref(), Some("insufficient_funds"));
        assert!(after.observe_refund(&refund("r1", 30_000), 4000).is_some(), "money that went back always counts");
    }

    #[test]
    fn a_refund_that_was_given_up_is_found_again() {
        let paid = paid().with_asked(asked("a", 49_900));
        let lost = paid.with_closed_refund("a", RefundStatus::Lost, "not there", 3000).unwrap();
        assert!(!lost.is_watched(3000));
        let found = ObservedRefund { refund_id: Some("a".into()), ..refund("r1", 49_900) };
        let (after, seconds) = lost.observe_refund(&found, 4000).unwrap();
        assert_eq!((after.asked_refund("a").unwrap().status, seconds), (RefundStatus::Succeeded, paid.plan.seconds()));
        assert!(after.with_closed_refund("a", RefundStatus::Lost, "late", 5000).is_none());
    }

    #[test]
    fn a_part_carries_a_receipt_of_its_own_and_the_whole_needs_none() {
        let body = json!({ "receipt": { "items": [{ "amount": rubles(49_900), "quantity": 1 }] } });
        let paid = Payment { body: body.to_string(), ..paid() };
        let request = |sum| {
            let request = paid.refund_request("y1", "a", sum, "why", Some("a@example.org"));
            serde_json::from_str::<Value>(&request).unwrap()
        };
        assert_eq!(request(10_000)["receipt"]["items"][0]["amount"]["value"], "100.00");
        assert_eq!(request(10_000)["receipt"]["customer"]["email"], "a@example.org");
        assert!(request(49_900).get("receipt").is_none());
        assert_eq!(request(49_900)["metadata"]["refund_id"], "a");
    }

    #[test]
    fn a_refund_of_the_cabinet_is_remembered_until_it_ends() {
        let pending = ObservedRefund { status: RefundStatus::Pending, ..refund("r1", 20_000) };
        let (seen, seconds) = paid().observe_refund(&pending, 3000).unwrap();
        assert_eq!((seen.refundable_kopecks(), seconds, seen.is_watched(3000)), (29_900, 0, true));
        assert!(seen.observe_refund(&pending, 4000).is_none());
        let (done, _) = seen.observe_refund(&refund("r1", 20_000), 5000).unwrap();
        assert_eq!((done.refundable_kopecks(), done.is_watched(5000)), (29_900, false));
        let canceled = ObservedRefund { status: RefundStatus::Canceled, ..pending };
        let (kept, _) = seen.observe_refund(&canceled, 5000).unwrap();
        assert_eq!((kept.refundable_kopecks(), kept.is_watched(5000)), (49_900, false));
    }

    #[test]
    fn the_address_of_a_receipt_is_kept_only_until_yookassa_has_it() {
        let body = json!({ "receipt": { "customer": { "email": "a@example.org" }, "items": [] } }).to_string();
        let paid = paid().with_asked(AskedRefund { body, ..asked("a", 10_000) });
        let pending =
            ObservedRefund { status: RefundStatus::Pending, refund_id: Some("a".into()), ..refund("r1", 10_000) };
        let (known, _) = paid.observe_refund(&pending, 3000).unwrap();
        assert_eq!(known.asked_refund("a").unwrap().body, r#"{"receipt":{"items":[]}}"#);
        assert!(known.pending_refunds.is_empty(), "it is our own");
    }

    proptest! {
        #[test]
        fn any_parts_take_back_in_proportion(parts in proptest::collection::vec(1i64..20_000, 1..30)) {
            let mut payment = paid();
            let (mut rest, mut taken) = (49_900, 0);
            for (at, part) in parts.into_iter().enumerate() {
                let part = part.min(rest);
                if part == 0 { break }
                rest -= part;
                let (next, seconds) = payment.observe_refund(&refund(&at.to_string(), part), 3000).unwrap();
                prop_assert!(seconds >= 0);
                taken += seconds;
                payment = next;
            }
            prop_assert_eq!(taken, payment.plan.seconds() * (49_900 - rest) / 49_900);
        }
    }
}
