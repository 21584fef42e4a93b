//! Requests refunds from the provider, and checks their outcome.
use tokio::time::{Duration, Instant};

use super::{
    Billing,
    change::TRIES,
    order::{REPEATED_MS, named_id, why_closed},
    payment::Payment,
    provider::{NewRefund, ProviderRefund, Sum},
    refund::{AskedRefund, RefundOrder, RefundStatus},
    settle::Settled,
};
use crate::{
    auth::admin::AdminSession,
    billing::metrics,
    email,
    error::{Conflict, Error, FieldError},
    request::RequestContext,
    store::{
        billing::Changed,
        retry::{Tried, retry_on_change},
    },
    telemetry,
};

/// How long an admin waits for the provider before the refund is reported as pending.
const WAIT: Duration = Duration::from_secs(8);

impl Billing<'_> {
    /// Requests a refund from the provider. Returns the payment and our id of the refund. While it is
    /// [`RefundStatus::Created`], it is unknown whether the provider has it.
    ///
    /// # Errors
    /// The payment does not exist or is not paid, less than the amount is left, or the store does not answer.
    pub async fn ask_refund(
        &self,
        admin: &AdminSession,
        payment_id: &str,
        order: &RefundOrder,
        context: &RequestContext,
    ) -> Result<(Payment, AskedRefund), Error> {
        let id = &named_id("refund", payment_id, &order.key);
        let existing = self.store.payment(payment_id).await?.ok_or(Error::NotFound)?;
        admin.check_not_own(existing.driver_id)?;
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
            let after = before.with_requested_refund(asked.clone());
            let audit = self.of_payment("refund_asked", context).by(admin.actor());
            let audit = audit.fact("refund_id", id).fact("asked_kopecks", asked.amount_kopecks);
            let audit = audit.fact("reason", &asked.reason);
            match self.write_payment(&before, &after, None, audit).await? {
                Changed::Done => self.make_refund_known(after, asked, true, context).await.map(Tried::Done),
                Changed::Again => {
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
        let can_refund = self.provider.capabilities().refund;
        let provider_id = payment.provider_id.as_deref().filter(|_| left > 0 && can_refund);
        let provider_id = provider_id.ok_or(Error::Conflict(Conflict::NotRefundable))?;
        let amount_kopecks = order.amount_kopecks.unwrap_or(left);
        if amount_kopecks > left {
            let message = format!("At most {}.{:02} rubles are left of this payment.", left / 100, left % 100);
            return Err(Error::Validation(vec![FieldError::new("amount_rub", "out_of_range", message)]));
        }
        if self.is_of_another_shop(payment).await? {
            return Err(Error::Conflict(Conflict::OtherShop));
        }
        let mut refund = NewRefund {
            id,
            payment_id: provider_id,
            sum: Sum { minor: amount_kopecks, ..payment.purpose.sum() },
            is_part: amount_kopecks < payment.purpose.price_kopecks(),
            reason: &order.reason,
            email: None,
            ordered: &payment.body,
        };
        let email = match &order.email {
            None if self.provider.needs_receipt(&refund) => {
                let profile = self.store.profile(payment.driver_id).await?;
                // Some addresses predate the current validation.
                let known = profile.and_then(|profile| profile.email).filter(|address| email::email(address).is_ok());
                Some(known.ok_or_else(|| {
                    let message = "The receipt of a part needs an e-mail address, and the driver's profile has none.";
                    Error::Validation(vec![FieldError::new("email", "missing", message)])
                })?)
            }
            given => given.clone(),
        };
        refund.email = email.as_deref();
        let now_ms = self.clock.now_ms();
        Ok(AskedRefund {
            id: id.to_owned(),
            amount_kopecks,
            reason: order.reason.clone(),
            admin_id,
            body: self.provider.refund_request(&refund),
            status: RefundStatus::Created,
            provider_id: None,
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
            return self.answered(payment, asked);
        }
        let deadline = context.deadline.min(Instant::now() + WAIT);
        Box::pin(self.request_refund(&payment, &asked, is_first, deadline, context)).await?;
        let payment = self.store.payment(&payment.id).await?.ok_or(Error::StoreUnavailable)?;
        let asked = payment.asked_refund(&asked.id).cloned().ok_or(Error::StoreUnavailable)?;
        self.answered(payment, asked)
    }

    /// Sends the request of a refund, for the first time or again.
    async fn request_refund(
        &self,
        payment: &Payment,
        asked: &AskedRefund,
        is_first: bool,
        deadline: Instant,
        context: &RequestContext,
    ) -> Result<(), Error> {
        // Another account knows neither the key nor the payment, so its denial would prove nothing.
        if self.is_of_another_shop(payment).await? {
            return Ok(());
        }
        // Whoever asks, and however late: providers forget keys, and then only the list can tell.
        let is_old = self.clock.now_ms() - asked.asked_at_ms >= REPEATED_MS;
        if is_old || !(is_first || self.provider.capabilities().refund_keys) {
            return self.look_up_refund(payment, asked, is_old, (deadline, context)).await;
        }
        match self.provider.refund(&asked.id, &asked.body, deadline).await {
            Ok(observed) => {
                let observed = ProviderRefund { refund_id: Some(asked.id.clone()), ..observed };
                self.settle_refunded(&observed, deadline, context).await.map(drop)
            }
            Err(error) => match why_closed(error, is_first) {
                None => Ok(()),
                Some(reason) => self.close_refund(payment, &asked.id, RefundStatus::Refused, &reason, context).await,
            },
        }
    }

    /// Searches the provider's list of the payment's refunds. An old refund that is missing there was never accepted.
    async fn look_up_refund(
        &self,
        payment: &Payment,
        asked: &AskedRefund,
        is_old: bool,
        (deadline, context): (Instant, &RequestContext),
    ) -> Result<(), Error> {
        let provider_id = payment.provider_id.as_deref().unwrap_or_default();
        let Ok(refunds) = self.provider.refunds_of(provider_id, deadline).await else { return Ok(()) };
        match refunds.into_iter().find(|refund| refund.refund_id.as_ref() == Some(&asked.id)) {
            Some(observed) => self.settle_refunded(&observed, deadline, context).await.map(drop),
            None if !is_old => Ok(()),
            None => {
                let reason = format!("{} does not have it", self.provider.name());
                telemetry::count_by(metrics::PAYMENT_LOST, "refund");
                self.close_refund(payment, &asked.id, RefundStatus::Lost, &reason, context).await
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
            let after = self.forgetting(after);
            let outcome = if status == RefundStatus::Lost { "refund_lost" } else { "refund_refused" };
            let audit = self.of_payment(outcome, context).fact("refund_id", id).fact("reason", reason);
            match self.write_payment(&before, &after, None, audit).await? {
                Changed::Done => Ok(Tried::Done(())),
                Changed::Again => {
                    let existing = self.store.payment(&before.id).await?;
                    Ok(Tried::Changed(existing.ok_or(Error::StoreUnavailable)?))
                }
            }
        })
        .await
    }

    /// Checks the outcome of open refunds we requested. No notification reports a canceled one.
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
            match &asked.provider_id {
                None => self.request_refund(payment, asked, false, deadline, context).await?,
                Some(id) => {
                    let _: Settled = self.settle_refund(id, deadline, context).await?;
                }
            }
        }
        Ok(())
    }

    /// The error for the admin: the field at fault, if there is one.
    fn answered(&self, payment: Payment, asked: AskedRefund) -> Result<(Payment, AskedRefund), Error> {
        let refused = asked.cancellation.as_deref().filter(|_| asked.status == RefundStatus::Refused);
        match refused.and_then(|reason| self.provider.fault(reason)) {
            Some(fault) => Err(Error::Validation(vec![fault])),
            None => Ok((payment, asked)),
        }
    }
}
