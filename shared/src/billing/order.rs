//! Ordering: our own row first, with the exact request and its own id as the idempotence key; then YooKassa. Whatever is
//! lost on the way, the same order is found again, and the same request is made again.
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::time::{Duration, Instant};

use super::{
    payment::{Payment, Status, Step},
    plan::Plan,
    settings::{Receipts, Settings},
};
use crate::{
    app::App,
    audit::AuditRow,
    email::for_receipt,
    error::{Error, FieldError},
    request::RequestContext,
    store::{
        Key,
        billing::{Order, Ordered},
        bucket::{Rate, retry_after_s},
        keys,
        retry::{Tried, retry_on_change},
    },
    yookassa::{YookassaError, refused_field, wire::rubles},
};

/// How long a driver waits for YooKassa before being told that it is still being found out.
const WAIT: Duration = Duration::from_secs(8);
/// How often an order is tried if a concurrent one wins.
const TRIES: usize = 3;
/// How often YooKassa is asked for a driver's payments because they wait: nobody waits for two at once.
const ASKED_EVERY: Rate = Rate { interval_ms: 3000, burst: 1 };
/// Payments on a page.
const PAGE: i32 = 20;
/// How often a driver makes a new order. Each is a call to YooKassa, which stops all of us when there are too many, and a row
/// that is looked after for hours. Who corrects an address or tries other cards needs a few.
const ORDERS: Rate = Rate { interval_ms: 300_000, burst: 12 };
/// How often requests of a driver's orders are repeated because they wait: its first try has only just gone unanswered.
const REPEATED_EVERY: Rate = Rate { interval_ms: 30_000, burst: 1 };
/// A driver has an hour to pay; an order with less than this left is not offered again.
const OFFERED_MS: i64 = 50 * 60_000;
/// YooKassa forgets an idempotence key after 24 hours, and a repeat after that would be a second payment; half of that is
/// far enough away. From then on only its lists can tell of the order.
pub(super) const REPEATED_MS: i64 = 12 * 3_600_000;
/// When an order is looked after, if nobody does before: after the request to YooKassa has certainly ended.
const FIRST_LOOK_MS: i64 = 40_000;

/// What a driver orders.
#[derive(Clone, Debug, Default)]
pub struct OrderBody {
    /// The plan's id.
    pub plan: String,
    /// Where the receipt goes.
    pub email: Option<String>,
    /// Where YooKassa leads back to; the payment's id is added.
    pub return_url: String,
    /// The driver's address, for YooKassa's own checks.
    pub client_ip: Option<String>,
    /// The client's own name for this order, so that a repeat is the same.
    pub key: Option<String>,
}

impl App {
    /// Orders a plan. The answer is the payment; while it is [`Status::Created`] it is not known whether YooKassa has it.
    ///
    /// # Errors
    /// Payments are switched off, there is no such plan, an e-mail is needed, the driver orders too often, YooKassa refuses, or
    /// the store does not answer.
    pub async fn order(&self, driver_id: i64, body: OrderBody, context: &RequestContext) -> Result<Payment, Error> {
        let (settings, existing) = tokio::join!(self.store.settings(), self.store.last_order(driver_id, &body.plan));
        let settings = settings?;
        if !settings.payments_on {
            return Err(Error::PaymentsOff);
        }
        let plan = settings.plan(&body.plan).cloned().ok_or_else(|| {
            let known: Vec<_> = settings.plans.iter().map(|plan| plan.id.as_str()).collect();
            let message = format!("There is no such plan. There are {}.", known.join(", "));
            Error::Validation(vec![FieldError::new("plan", "unknown", message)])
        })?;
        let replaces = existing?;
        let shop_id = self.secrets.yookassa().await.ok().map(|shop| shop.shop_id);
        let id = &payment_id(driver_id, body.key.as_deref());
        let (plan, settings, shop_id, body) = (&plan, &settings, &shop_id, &body);
        // Retry if a concurrent order wins.
        retry_on_change("order", TRIES, replaces, |replaces: Option<String>| async move {
            if let Some(existing) = &replaces
                && let Some(payment) = self.store.payment(existing).await?
            {
                let new = |id: &str| self.new_payment(id, driver_id, plan.clone(), settings, shop_id.clone(), body);
                // An existing order is offered again only if the new one would be the same request. One that is not stays
                // payable at YooKassa until its hour is over; if both get paid, both count.
                let is_offered =
                    payment.id == *id || (self.is_offered(&payment) && is_like(&payment, &new(&payment.id)?));
                if is_offered {
                    return self.make_known(payment, false, context).await.map(Tried::Done);
                }
            }
            let payment = self.new_payment(id, driver_id, plan.clone(), settings, shop_id.clone(), body)?;
            let audit = AuditRow::new(context, payment.created_at_ms, "payment", "created").about("payment", id);
            let order = Order {
                payment: &payment,
                replaces: replaces.as_deref(),
                due_at_ms: payment.created_at_ms + FIRST_LOOK_MS,
                rate: ORDERS,
                audit: audit.fact("driver_id", driver_id).fact("plan", &plan.id),
            };
            match Box::pin(self.store.put_order(&order)).await? {
                Ordered::Done => self.make_known(payment, true, context).await.map(Tried::Done),
                Ordered::Repeated => {
                    let payment = self.store.payment(id).await?.ok_or(Error::StoreUnavailable)?;
                    if payment.plan.id != plan.id {
                        let message = "Was used for another plan. Each order has its own.";
                        return Err(Error::Validation(vec![FieldError::new("Idempotency-Key", "repeated", message)]));
                    }
                    self.make_known(payment, false, context).await.map(Tried::Done)
                }
                Ordered::Existing(other) => Ok(Tried::Changed(Some(other))),
                Ordered::TooOften(wait_ms) => Err(Error::RateLimited(retry_after_s(wait_ms))),
            }
        })
        .await
    }

    /// A driver's payment. While it is open YooKassa is asked, at most every three seconds.
    ///
    /// # Errors
    /// It is not this driver's, or the store does not answer.
    pub async fn payment_as_of_now(
        &self,
        driver_id: i64,
        id: &str,
        context: &RequestContext,
    ) -> Result<Payment, Error> {
        let own = |payment: Option<Payment>| payment.filter(|payment| payment.driver_id == driver_id);
        let payment = own(self.store.payment(id).await?).ok_or(Error::NotFound)?;
        if !payment.status.is_open() {
            return Ok(payment);
        }
        let (key, rate) = match payment.yookassa_id {
            None => (keys::payment_repeats(driver_id), REPEATED_EVERY),
            Some(_) => (keys::payment_checks(driver_id), ASKED_EVERY),
        };
        if !self.may_ask(&key, rate).await {
            return Ok(payment);
        }
        let deadline = context.deadline.min(Instant::now() + WAIT);
        match payment.yookassa_id.clone() {
            None => Box::pin(self.request_payment(payment, false, deadline, context)).await,
            Some(yookassa_id) => {
                Box::pin(self.settle_payment(&yookassa_id, deadline, context)).await?;
                own(self.store.payment(id).await?).ok_or(Error::NotFound)
            }
        }
    }

    /// Whether YooKassa may be asked for one of the driver whose bucket it is. When nobody can tell, the job will ask.
    async fn may_ask(&self, key: &Key, rate: Rate) -> bool {
        matches!(self.store.take(key, rate, self.clock.now_ms()).await, Ok(Ok(())))
    }

    /// Whether our shop at YooKassa is another by now than the one that the payment was ordered in.
    ///
    /// # Errors
    /// The secret cannot be had.
    pub(super) async fn is_of_another_shop(&self, payment: &Payment) -> Result<bool, Error> {
        let shop = self.secrets.yookassa().await.map_err(|error| Error::Internal(error.to_string()))?;
        Ok(payment.shop_id.as_ref().is_some_and(|id| *id != shop.shop_id))
    }

    /// A page of a driver's payments, newest first, and whether there are more.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn payments(&self, driver_id: i64, from: Option<(i64, &str)>) -> Result<(Vec<Payment>, bool), Error> {
        let page = self.store.payments(driver_id, from, PAGE).await?;
        Ok((page.payments, page.more))
    }

    /// Whether an order is still good to be paid.
    fn is_offered(&self, payment: &Payment) -> bool {
        let young = self.clock.now_ms() - payment.created_at_ms < OFFERED_MS;
        matches!(payment.status, Status::Created | Status::Pending) && young
    }

    /// Asks YooKassa for what is not known of an order, for as long as its driver waits.
    async fn make_known(&self, payment: Payment, is_first: bool, context: &RequestContext) -> Result<Payment, Error> {
        match payment.status {
            Status::Created => {}
            // A repeat is answered as the first was.
            Status::Refused => return Err(refusal(&payment)),
            _ => return Ok(payment),
        }
        // Impatient taps are not passed on; whoever has just stored the order asks in any case.
        if !is_first && !self.may_ask(&keys::payment_checks(payment.driver_id), ASKED_EVERY).await {
            return Ok(payment);
        }
        let deadline = context.deadline.min(Instant::now() + WAIT);
        match Box::pin(self.request_payment(payment, is_first, deadline, context)).await? {
            payment if payment.status == Status::Refused => Err(refusal(&payment)),
            payment => Ok(payment),
        }
    }

    /// Makes the request of an order, for the first time or again; returns the payment as it then stands. Only who has just
    /// stored the order knows that it is the first.
    ///
    /// # Errors
    /// The store does not answer.
    pub(super) async fn request_payment(
        &self,
        payment: Payment,
        is_first: bool,
        deadline: Instant,
        context: &RequestContext,
    ) -> Result<Payment, Error> {
        // Whoever asks, and however late: YooKassa forgets keys.
        if self.clock.now_ms() - payment.created_at_ms >= REPEATED_MS {
            let reason = "YooKassa never said that it has it";
            return self.close_payment(payment, Status::Lost, reason, context).await;
        }
        // In another shop the same key would be a second payment.
        if self.is_of_another_shop(&payment).await? {
            return Ok(payment);
        }
        match self.yookassa.create(&payment.id, &payment.body, deadline).await {
            Ok(observed) => Ok(self.settle_observed(payment, &observed, context).await?.payment),
            // It may have been done: the same request again will tell.
            Err(YookassaError::Unknown(_) | YookassaError::TooMany) => Ok(payment),
            // An earlier request may have been taken before the shop was refused.
            Err(YookassaError::Shop(_)) if !is_first => Ok(payment),
            Err(error @ (YookassaError::Shop(_) | YookassaError::Refused { .. } | YookassaError::NotFound)) => {
                self.close_payment(payment, Status::Refused, &error.to_string(), context).await
            }
        }
    }

    fn new_payment(
        &self,
        id: &str,
        driver_id: i64,
        plan: Plan,
        settings: &Settings,
        shop_id: Option<String>,
        body: &OrderBody,
    ) -> Result<Payment, Error> {
        let separator = if body.return_url.contains('?') { '&' } else { '?' };
        let mut request = json!({
            "amount": rubles(plan.price_kopecks),
            "capture": true,
            "description": format!("Подписка CargoTech, {}", plan.name),
            "metadata": { "payment_id": id },
        });
        if let Some(receipts) = &settings.receipts {
            let email = body.email.as_deref().ok_or_else(|| {
                let message = "The receipt needs an e-mail address, such as name@example.org.";
                Error::Validation(vec![FieldError::new("email", "missing", message)])
            })?;
            request["receipt"] = receipt(receipts, &plan, email);
        }
        let likeness = hex::encode(Sha256::digest(request.to_string()));
        // Where the driver is led back to is no part of what is ordered, or one order could be made as often as two ways back
        // take turns. Nor is the address, which changes on the road from tap to tap.
        request["confirmation"] = json!({
            "type": "redirect",
            "return_url": format!("{}{separator}startapp=payment_{id}", body.return_url),
        });
        if let Some(ip) = &body.client_ip {
            request["client_ip"] = json!(ip);
        }
        let now_ms = self.clock.now_ms();
        Ok(Payment {
            id: id.to_owned(),
            driver_id,
            plan,
            body: request.to_string(),
            likeness: Some(likeness),
            shop_id,
            missing_since_ms: None,
            status: Status::Created,
            version: 1,
            yookassa_id: None,
            confirmation_url: None,
            reason: None,
            receipt: None,
            answer: None,
            created_at_ms: now_ms,
            updated_at_ms: now_ms,
            history: vec![Step { status: Status::Created, at_ms: now_ms }],
            refunds: Vec::new(),
            asked_refunds: Vec::new(),
            pending_refunds: Vec::new(),
        })
    }
}

/// What YooKassa refuses of what somebody has typed.
pub(super) fn refused_by_yookassa(field: &'static str) -> FieldError {
    FieldError::new(field, "refused", "YooKassa does not take it for the receipt. Check it or send another.")
}

/// What the driver of a refused order is told: which field to look at, if that is why.
fn refusal(payment: &Payment) -> Error {
    match payment.reason.as_deref().and_then(refused_field) {
        Some(field) => Error::Validation(vec![refused_by_yookassa(field)]),
        None => Error::PaymentRefused,
    }
}

fn is_like(existing: &Payment, new: &Payment) -> bool {
    new.likeness.as_deref().is_some_and(|likeness| existing.is_like(likeness))
}

/// A receipt of one line: the plan, for the whole sum.
fn receipt(receipts: &Receipts, plan: &Plan, email: &str) -> serde_json::Value {
    let mut receipt = json!({
        "customer": { "email": for_receipt(email) },
        "items": [{
            "description": format!("Подписка CargoTech, {}", plan.name),
            "quantity": 1,
            "amount": rubles(plan.price_kopecks),
            "vat_code": receipts.vat_code,
            "payment_subject": receipts.payment_subject,
            "payment_mode": receipts.payment_mode,
            "measure": receipts.measure,
        }],
    });
    if let Some(code) = receipts.tax_system_code {
        receipt["tax_system_code"] = json!(code);
    }
    receipt
}

/// The id of an order: the driver's own name for it gives the same id each time.
fn payment_id(driver_id: i64, key: Option<&str>) -> String {
    match key {
        Some(key) => named_id("order", &driver_id.to_string(), key),
        None => uuid::Uuid::new_v4().to_string(),
    }
}

/// A UUID that is the same whenever the same `owner` uses the same `key` for the same kind of thing.
pub(crate) fn named_id(kind: &str, owner: &str, key: &str) -> String {
    let digest = Sha256::digest(format!("{kind}\n{owner}\n{key}"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_order_has_the_same_id_and_is_nobody_elses() {
        assert_eq!(payment_id(7, Some("a")), payment_id(7, Some("a")));
        assert_ne!(payment_id(7, Some("a")), payment_id(8, Some("a")));
        assert_ne!(payment_id(7, None), payment_id(7, None));
        assert!(payment_id(7, Some("a")).len() <= 64);
    }

    #[test]
    fn a_receipt_adds_up_to_the_payment() {
        let receipts = Receipts {
            vat_code: 1,
            tax_system_code: Some(2),
            payment_subject: "service".into(),
            payment_mode: "full_payment".into(),
            measure: "piece".into(),
        };
        let receipt = receipt(&receipts, &Plan::defaults()[1], "a@example.org");
        assert_eq!(receipt["items"][0]["amount"], json!({ "value": "1299.00", "currency": "RUB" }));
        assert_eq!((&receipt["items"][0]["quantity"], &receipt["tax_system_code"]), (&json!(1), &json!(2)));
    }
}
