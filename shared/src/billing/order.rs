//! Orders. We store a row with the exact request first, with its id as the idempotency key, and then call the provider.
//! After any failure, the same order is found and the same request repeated.
use sha2::{Digest as _, Sha256};
use tokio::time::{Duration, Instant};

use super::{
    Billing,
    payment::{Payment, Status, Step},
    provider::{NewPayment, ProviderError},
    purpose::Purpose,
    settings::Settings,
};
use crate::{
    audit::AuditRow,
    billing::module,
    error::{Error, FieldError},
    request::RequestContext,
    store::{
        Key,
        billing::{Order, Ordered},
        bucket::{Rate, retry_after_s},
        keys,
        retry::{Tried, retry_on_change},
    },
};

/// How long a driver waits for the provider before the payment is reported as pending.
const WAIT: Duration = Duration::from_secs(8);
/// How often an order is tried if a concurrent one wins.
const TRIES: usize = 3;
/// How often a waiting driver's payments are checked with the provider.
const ASKED_EVERY: Rate = Rate { interval_ms: 3000, burst: 1 };
/// Payments per page.
const PAGE: i32 = 20;
/// The rate of a driver's new orders. Each makes a call to the provider, which blocks all of us when there are too
/// many, and a row that is checked for hours. Correcting an address or trying other cards takes a few.
const ORDERS: Rate = Rate { interval_ms: 300_000, burst: 12 };
/// How often a waiting driver's order requests are repeated.
const REPEATED_EVERY: Rate = Rate { interval_ms: 30_000, burst: 1 };
/// A driver has an hour to pay. An order with less than this left is not offered again.
const OFFERED_MS: i64 = 50 * 60_000;
/// Providers forget an idempotency key after 24 hours, and a later repeat would be a second payment. Half of that is a
/// safe limit. After that, only the provider's lists show the order.
pub(super) const REPEATED_MS: i64 = 12 * 3_600_000;
/// When an order is first checked by the job: after the request to the provider has certainly ended.
const FIRST_LOOK_MS: i64 = 40_000;

/// A driver's order.
#[derive(Clone, Debug, Default)]
pub struct OrderBody {
    /// The id of the plan.
    pub plan: String,
    /// The email address for the receipt.
    pub email: Option<String>,
    /// Where the provider redirects the driver. The payment's id is appended.
    pub return_url: String,
    /// The driver's IP address, for the provider's checks.
    pub client_ip: Option<String>,
    /// The client's idempotency key.
    pub key: Option<String>,
}

impl Billing<'_> {
    /// Orders a plan and returns the payment. While it is [`Status::Created`], it is unknown whether the provider has
    /// it.
    ///
    /// # Errors
    /// Payments are off, the plan does not exist, an email is required, the driver orders too often, the provider
    /// rejects the order, or the store does not answer.
    pub async fn order(&self, driver_id: i64, body: OrderBody, context: &RequestContext) -> Result<Payment, Error> {
        let (settings, existing) = tokio::join!(self.store.settings(), self.store.last_order(driver_id, &body.plan));
        let settings = settings?;
        if !settings.payments_on {
            return Err(Error::PaymentsOff);
        }
        let purpose = settings.plan(&body.plan).cloned().map(Purpose::Subscription).ok_or_else(|| {
            let known: Vec<_> = settings.plans.iter().map(|plan| plan.id.as_str()).collect();
            let message = format!("There is no such plan. There are {}.", known.join(", "));
            Error::Validation(vec![FieldError::new("plan", "unknown", message)])
        })?;
        let replaces = existing?;
        let shop_id = self.provider.account().await.ok();
        let id = &payment_id(driver_id, body.key.as_deref());
        let (purpose, settings, shop_id, body) = (&purpose, &settings, &shop_id, &body);
        // Retry if a concurrent order wins.
        retry_on_change("order", TRIES, replaces, |replaces: Option<String>| async move {
            if let Some(existing) = &replaces
                && let Some(payment) = self.store.payment(existing).await?
            {
                let new = |id: &str| self.new_payment(id, driver_id, purpose.clone(), settings, shop_id.clone(), body);
                // Offer an existing order again only if the new request would be the same. Otherwise the old one stays
                // payable for its hour; if both are paid, both count.
                let is_offered =
                    payment.id == *id || (self.is_offered(&payment) && is_like(&payment, &new(&payment.id)?));
                if is_offered {
                    return self.make_known(payment, false, context).await.map(Tried::Done);
                }
            }
            let payment = self.new_payment(id, driver_id, purpose.clone(), settings, shop_id.clone(), body)?;
            let audit =
                AuditRow::new(context, payment.created_at_ms, module::PAYMENT_AUDIT, "created").about("payment", id);
            let order = Order {
                payment: &payment,
                replaces: replaces.as_deref(),
                due_at_ms: payment.created_at_ms + FIRST_LOOK_MS,
                rate: ORDERS,
                audit: audit.fact("driver_id", driver_id).fact("plan", purpose.id()),
            };
            match Box::pin(self.store.put_order(&order)).await? {
                Ordered::Done => self.make_known(payment, true, context).await.map(Tried::Done),
                Ordered::Repeated => {
                    let payment = self.store.payment(id).await?.ok_or(Error::StoreUnavailable)?;
                    if payment.purpose.id() != purpose.id() {
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

    /// A driver's payment. An open one is checked with the provider, at most every three seconds.
    ///
    /// # Errors
    /// It belongs to another driver, or the store does not answer.
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
        let (key, rate) = match payment.provider_id {
            None => (keys::payment_repeats(driver_id), REPEATED_EVERY),
            Some(_) => (keys::payment_checks(driver_id), ASKED_EVERY),
        };
        if !self.may_ask(&key, rate).await {
            return Ok(payment);
        }
        let deadline = context.deadline.min(Instant::now() + WAIT);
        match payment.provider_id.clone() {
            None => Box::pin(self.request_payment(payment, false, deadline, context)).await,
            Some(provider_id) => {
                Box::pin(self.settle_payment(&provider_id, deadline, context)).await?;
                own(self.store.payment(id).await?).ok_or(Error::NotFound)
            }
        }
    }

    /// Takes from the rate limit for asking the provider. If the limit is unavailable, the job asks later.
    async fn may_ask(&self, key: &Key, rate: Rate) -> bool {
        matches!(self.store.take(key, rate, self.clock.now_ms()).await, Ok(Ok(())))
    }

    /// Our account at the provider.
    ///
    /// # Errors
    /// It is unavailable.
    pub(super) async fn account(&self) -> Result<String, Error> {
        self.provider.account().await.map_err(|error| Error::Internal(error.to_string()))
    }

    /// Whether the payment was ordered with an account other than the current one.
    ///
    /// # Errors
    /// The account is unavailable.
    pub(super) async fn is_of_another_shop(&self, payment: &Payment) -> Result<bool, Error> {
        let account = self.account().await?;
        Ok(payment.shop_id.as_ref().is_some_and(|id| *id != account))
    }

    /// A page of a driver's payments, newest first, and whether there are more.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn payments(&self, driver_id: i64, from: Option<(i64, &str)>) -> Result<(Vec<Payment>, bool), Error> {
        let page = self.store.payments(driver_id, from, PAGE).await?;
        Ok((page.payments, page.more))
    }

    /// Whether an order may still be paid.
    fn is_offered(&self, payment: &Payment) -> bool {
        let young = self.clock.now_ms() - payment.created_at_ms < OFFERED_MS;
        matches!(payment.status, Status::Created | Status::Pending) && young
    }

    /// Asks the provider for the unknown state of an order while its driver waits.
    async fn make_known(&self, payment: Payment, is_first: bool, context: &RequestContext) -> Result<Payment, Error> {
        match payment.status {
            Status::Created => {}
            // A repeat gets the same answer as the first request.
            Status::Refused => return Err(self.refusal(&payment)),
            _ => return Ok(payment),
        }
        // Rate-limit impatient taps, but always ask for a new order.
        if !is_first && !self.may_ask(&keys::payment_checks(payment.driver_id), ASKED_EVERY).await {
            return Ok(payment);
        }
        let deadline = context.deadline.min(Instant::now() + WAIT);
        match Box::pin(self.request_payment(payment, is_first, deadline, context)).await? {
            payment if payment.status == Status::Refused => Err(self.refusal(&payment)),
            payment => Ok(payment),
        }
    }

    /// Sends the request of an order, for the first time or again. Returns the current payment. Only the caller that
    /// has just stored the order may pass `is_first`.
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
        // Whoever asks, and however late: providers forget idempotency keys.
        if self.clock.now_ms() - payment.created_at_ms >= REPEATED_MS {
            let reason = format!("{} never said that it has it", self.provider.name());
            return self.close_payment(payment, Status::Lost, &reason, context).await;
        }
        let is_repeatable = is_first || self.provider.capabilities().payment_keys;
        // With another account, the same key would create a second payment.
        if !is_repeatable || self.is_of_another_shop(&payment).await? {
            return Ok(payment);
        }
        match self.provider.open(&payment.id, &payment.body, deadline).await {
            Ok(observed) => Ok(self.settle_observed(payment, &observed, context).await?.payment),
            Err(error) => match why_closed(error, is_first) {
                None => Ok(payment),
                Some(reason) => self.close_payment(payment, Status::Refused, &reason, context).await,
            },
        }
    }

    /// The error for a rejected order: the field at fault, if there is one.
    fn refusal(&self, payment: &Payment) -> Error {
        match payment.reason.as_deref().and_then(|reason| self.provider.fault(reason)) {
            Some(fault) => Error::Validation(vec![fault]),
            None => Error::PaymentRefused,
        }
    }

    fn new_payment(
        &self,
        id: &str,
        driver_id: i64,
        purpose: Purpose,
        settings: &Settings,
        shop_id: Option<String>,
        body: &OrderBody,
    ) -> Result<Payment, Error> {
        let separator = if body.return_url.contains('?') { '&' } else { '?' };
        let return_url = format!("{}{separator}startapp=payment_{id}", body.return_url);
        let description = purpose.description();
        let receipt = match &settings.receipts {
            None => None,
            Some(receipts) => Some((receipts, body.email.as_deref().ok_or_else(no_email)?)),
        };
        let request = self.provider.payment_request(&NewPayment {
            id,
            sum: purpose.sum(),
            description: &description,
            receipt,
            return_url: &return_url,
            payer_address: body.client_ip.as_deref(),
        });
        let now_ms = self.clock.now_ms();
        Ok(Payment {
            id: id.to_owned(),
            driver_id,
            purpose,
            body: request.text,
            likeness: Some(request.likeness),
            shop_id,
            missing_since_ms: None,
            status: Status::Created,
            version: 1,
            provider_id: None,
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

fn no_email() -> Error {
    let message = "The receipt needs an e-mail address, such as name@example.org.";
    Error::Validation(vec![FieldError::new("email", "missing", message)])
}

/// Why a request has failed for good; `None` while its outcome is open and a repeat can tell.
pub(super) fn why_closed(error: ProviderError, is_first: bool) -> Option<String> {
    match error {
        ProviderError::Unavailable(_) | ProviderError::UnknownOutcome(_) | ProviderError::RateLimited { .. } => None,
        // An earlier request may have succeeded before the account was rejected.
        ProviderError::NotConfigured(_) if !is_first => None,
        ProviderError::NotConfigured(reason) | ProviderError::Refused(reason) => Some(reason),
    }
}

fn is_like(existing: &Payment, new: &Payment) -> bool {
    new.likeness.as_deref().is_some_and(|likeness| existing.is_like(likeness))
}

/// The id of an order. The same driver and key always give the same id.
fn payment_id(driver_id: i64, key: Option<&str>) -> String {
    match key {
        Some(key) => named_id("order", &driver_id.to_string(), key),
        None => uuid::Uuid::new_v4().to_string(),
    }
}

/// A UUID derived from the kind, owner and key.
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
    fn only_what_was_certainly_not_done_is_closed() {
        let shop = || ProviderError::NotConfigured("the shop is refused: 401".into());
        assert_eq!(why_closed(ProviderError::Refused("no".into()), false).as_deref(), Some("no"));
        assert_eq!(why_closed(shop(), true).as_deref(), Some("the shop is refused: 401"));
        assert_eq!(why_closed(shop(), false), None, "an earlier request may have been taken");
        for open in [
            ProviderError::UnknownOutcome("500"),
            ProviderError::Unavailable("no key".into()),
            ProviderError::RateLimited { until_ms: 1 },
        ] {
            assert_eq!(why_closed(open, true), None);
        }
    }
}
