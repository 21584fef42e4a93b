//! Settling: applies the provider's state of a payment to our rows, once, in whatever order it arrives.
use tokio::time::Instant;

use super::{
    Billing,
    change::TRIES,
    difference::NewDifference,
    payment::{Payment, Status},
    provider::{ProviderPayment, ProviderRefund, ProviderRefundState},
};
use crate::{
    billing::metrics,
    error::Error,
    request::RequestContext,
    store::{
        billing::Changed,
        retry::{Tried, retry_on_change},
    },
    telemetry,
};

/// How long the provider must deny a payment before it is abandoned.
const DENIED_MS: i64 = 86_400_000;
/// The result of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Our rows match the provider.
    Done,
    /// It is unknown or does not match. It was reported and set aside.
    Foreign,
    /// The provider did not answer or its answer is implausible: retry later.
    Later,
}

/// A payment after an observation.
pub(super) struct Brought {
    /// The current payment.
    pub payment: Payment,
    /// Whether the observation matches this payment; otherwise it was set aside.
    pub fits: bool,
}

impl Billing<'_> {
    /// Updates our rows from the provider's payment `provider_id`.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn settle_payment(
        &self,
        provider_id: &str,
        deadline: Instant,
        context: &RequestContext,
    ) -> Result<Settled, Error> {
        match self.provider.look(provider_id, deadline).await {
            Ok(Some(observed)) => self.settle_known(&observed, deadline, context).await,
            Ok(None) => self.settle_denied(provider_id, context).await,
            Err(_) => Ok(Settled::Later),
        }
    }

    /// The provider denies the payment. If it reported it before, that is not final: our account may have changed.
    pub(super) async fn settle_denied(&self, provider_id: &str, context: &RequestContext) -> Result<Settled, Error> {
        let own = match self.store.payment_of_provider(provider_id).await? {
            Some(id) => self.store.payment(&id).await?,
            None => None,
        };
        let Some(payment) = own else {
            let reason = self.forgeable_reason();
            let difference = NewDifference::payment(provider_id, None, &reason, metrics::PAYMENT_UNKNOWN);
            self.record_difference(&difference, context).await;
            return Ok(Settled::Foreign);
        };
        let reason = format!("{} does not have it", self.provider.name());
        if self.is_of_another_shop(&payment).await? {
            self.tell_other_shop(&payment, context).await;
        } else {
            let own = Some(payment.id.as_str());
            let difference = NewDifference::payment(provider_id, own, &reason, metrics::PAYMENT_UNKNOWN);
            self.record_difference(&difference, context).await;
        }
        let now_ms = self.clock.now_ms();
        if payment.missing_since_ms.is_some_and(|since| now_ms - since >= DENIED_MS) {
            self.close_payment(payment, Status::Lost, &reason, context).await?;
        } else if let Some(after) = payment.missed(now_ms) {
            // A concurrent change is fine: the next check finds the same.
            self.write_payment(&payment, &after, None, self.of_payment("denied", context)).await?;
        }
        Ok(Settled::Later)
    }

    pub(super) async fn tell_other_shop(&self, payment: &Payment, context: &RequestContext) {
        let id = payment.provider_id.as_deref().unwrap_or(&payment.id);
        let own = Some(payment.id.as_str());
        let difference = NewDifference::payment(id, own, "it is of another shop", metrics::PAYMENT_SHOP_CHANGED);
        self.record_difference(&difference, context).await;
    }

    pub(super) async fn settle_known(
        &self,
        observed: &ProviderPayment,
        deadline: Instant,
        context: &RequestContext,
    ) -> Result<Settled, Error> {
        let Some(payment) = self.payment_of(observed).await? else {
            let difference = NewDifference::payment(&observed.id, None, "unknown", metrics::PAYMENT_UNKNOWN);
            self.record_difference(&difference, context).await;
            return Ok(Settled::Foreign);
        };
        let brought = self.settle_observed(payment, observed, context).await?;
        if !brought.fits {
            return Ok(Settled::Foreign);
        }
        let payment = brought.payment;
        let status = Status::from(observed.state);
        if payment.status.is_over() && status.is_over() && payment.status != status {
            let reason = match status {
                Status::Canceled => "it is canceled there",
                _ => "it is succeeded there",
            };
            let own = Some(payment.id.as_str());
            self.record_difference(
                &NewDifference::payment(&observed.id, own, reason, metrics::PAYMENT_MISMATCH),
                context,
            )
            .await;
            return Ok(Settled::Foreign);
        }
        if payment.status == Status::WaitingForCapture {
            // We always request capture, so this is the provider's decision; the money is captured anyway.
            match self.provider.capture(&observed.id, deadline).await {
                Ok(observed) => drop(self.settle_observed(payment, &observed, context).await?),
                Err(_) => return Ok(Settled::Later),
            }
        }
        Ok(Settled::Done)
    }

    /// How the observation differs from the order.
    async fn mismatch(&self, payment: &Payment, observed: &ProviderPayment) -> Result<Option<String>, Error> {
        let mismatch = payment.check(observed, &self.account().await?).err();
        Ok(mismatch.map(|mismatch| mismatch.describe(self.provider.name())))
    }

    pub(super) async fn payment_of(&self, observed: &ProviderPayment) -> Result<Option<Payment>, Error> {
        let id = match &observed.payment_id {
            Some(id) => Some(id.clone()),
            None => self.store.payment_of_provider(&observed.id).await?,
        };
        match id {
            Some(id) => Ok(self.store.payment(&id).await?),
            None => Ok(None),
        }
    }

    /// Applies an observation to a payment. It need not be checked before: a mismatch changes nothing and is set aside.
    ///
    /// # Errors
    /// The store does not answer.
    pub(super) async fn settle_observed(
        &self,
        payment: Payment,
        observed: &ProviderPayment,
        context: &RequestContext,
    ) -> Result<Brought, Error> {
        if let Some(mismatch) = self.mismatch(&payment, observed).await? {
            let own = Some(payment.id.as_str());
            self.record_difference(
                &NewDifference::payment(&observed.id, own, &mismatch, metrics::PAYMENT_MISMATCH),
                context,
            )
            .await;
            return Ok(Brought { payment, fits: false });
        }
        retry_on_change("settle_payment", TRIES, payment, |before: Payment| async move {
            let now_ms = self.clock.now_ms();
            let Some(after) = before.observe(observed, now_ms) else {
                return Ok(Tried::Done(Brought { payment: before, fits: true }));
            };
            let after = self.forgetting(after);
            let effect = match after.is_paid_since(&before) {
                true => Some(after.purpose.paid(self.store, &after, now_ms).await?),
                false => None,
            };
            let audit = self.of_payment(after.status.as_str(), context);
            match self.write_payment(&before, &after, effect.as_deref(), audit).await? {
                Changed::Done => {
                    if after.status != before.status {
                        telemetry::count_by(metrics::PAYMENT_CHANGED, after.status.as_str());
                    }
                    let has_failed = |payment: &Payment| {
                        payment.status == Status::Succeeded && payment.receipt.as_deref() == Some("canceled")
                    };
                    if has_failed(&after) && !has_failed(&before) {
                        tracing::error!(payment_id = after.id, "the receipt of a payment was not registered");
                        telemetry::count_by(metrics::RECEIPT_FAILED, "canceled");
                    }
                    Ok(Tried::Done(Brought { payment: after, fits: true }))
                }
                // Another caller settled it meanwhile, as its row shows.
                Changed::Again => {
                    let existing = self.store.payment(&before.id).await?;
                    Ok(Tried::Changed(existing.ok_or(Error::StoreUnavailable)?))
                }
            }
        })
        .await
    }

    /// Updates our rows from the provider's refund `id`.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn settle_refund(&self, id: &str, deadline: Instant, context: &RequestContext) -> Result<Settled, Error> {
        match self.provider.look_at_refund(id, deadline).await {
            Ok(Some(observed)) => self.settle_refunded(&observed, deadline, context).await,
            Ok(None) => {
                let reason = self.forgeable_reason();
                let difference = NewDifference::refund(id, None, &reason, metrics::PAYMENT_UNKNOWN);
                self.record_difference(&difference, context).await;
                Ok(Settled::Foreign)
            }
            Err(_) => Ok(Settled::Later),
        }
    }

    /// Applies an observation of a refund, whoever started it.
    pub(super) async fn settle_refunded(
        &self,
        observed: &ProviderRefund,
        deadline: Instant,
        context: &RequestContext,
    ) -> Result<Settled, Error> {
        let Some(id) = self.store.payment_of_provider(&observed.payment_id).await? else {
            if observed.state != ProviderRefundState::Succeeded {
                return Ok(Settled::Done);
            }
            // The payment's own notification may be on its way, or the payment is not ours.
            return match self.settle_payment(&observed.payment_id, deadline, context).await? {
                Settled::Done if self.store.payment_of_provider(&observed.payment_id).await?.is_some() => {
                    Box::pin(self.settle_refunded(observed, deadline, context)).await
                }
                other => Ok(other),
            };
        };
        let id = &id;
        retry_on_change("settle_refund", TRIES, (), |()| async move {
            let before = self.store.payment(id).await?.ok_or(Error::StoreUnavailable)?;
            let now_ms = self.clock.now_ms();
            let Some(after) = before.observe_refund(observed, now_ms) else {
                return Ok(Tried::Done(Settled::Done));
            };
            let after = self.forgetting(after);
            let audit = |outcome| self.of_payment(outcome, context).fact("yookassa_refund_id", &observed.id);
            let Some(refund) = after.refunds.get(before.refunds.len()) else {
                let is_canceled = observed.state == ProviderRefundState::Canceled;
                let outcome = if is_canceled { "refund_canceled" } else { "refund_pending" };
                return self.write_payment(&before, &after, None, audit(outcome)).await.map(settled);
            };
            if before.status != Status::Succeeded {
                // A grant must be recorded before it is taken back.
                return Ok(match self.settle_payment(&observed.payment_id, deadline, context).await? {
                    Settled::Done => Tried::Changed(()),
                    other => Tried::Done(other),
                });
            }
            if observed.sum.currency != before.purpose.sum().currency
                || after.refunded_kopecks() > before.purpose.price_kopecks()
            {
                let own = Some(before.id.as_str());
                self.record_difference(
                    &NewDifference::refund(&observed.id, own, "the amount", metrics::PAYMENT_MISMATCH),
                    context,
                )
                .await;
                return Ok(Tried::Done(Settled::Foreign));
            }
            let effect = after.purpose.refunded(self.store, &after, refund, now_ms).await?;
            self.write_payment(&before, &after, Some(&*effect), audit("refunded")).await.map(settled)
        })
        .await
    }
}

fn settled(changed: Changed) -> Tried<Settled> {
    match changed {
        Changed::Done => Tried::Done(Settled::Done),
        Changed::Again => Tried::Changed(()),
    }
}
