//! Checks payments with an unknown outcome, in case no notification arrives.
use std::pin::pin;

use futures_util::StreamExt as _;
use tokio::time::Instant;

use super::{
    Billing,
    payment::{Payment, Status},
};
use crate::{billing::metrics, error::Error, request::RequestContext, telemetry};

/// Payments that the job checks concurrently.
const AT_ONCE: usize = 8;
/// How long a payment being checked is hidden from others. An unreadable one is out of the way for as long.
const HELD_MS: i64 = 3_600_000;
/// How often a payment of a former account is checked. Nothing can be learnt until that account returns.
const OTHER_SHOP_MS: i64 = 86_400_000;
/// The tax service must receive a receipt within three days.
const RECEIPT_LATE_MS: i64 = 3 * 86_400_000;

impl Billing<'_> {
    /// Checks an open payment and its refunds: repeats requests that the provider may not have, and reads those it has.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn look_after_payment(&self, id: &str, deadline: Instant, context: &RequestContext) -> Result<(), Error> {
        let now_ms = self.clock.now_ms();
        // Claim first, so that another check follows an interrupted one.
        let claimed = self.store.claim_due_payment(id, now_ms + HELD_MS).await;
        let payment = match claimed {
            Ok(Some(payment)) => payment,
            Ok(None) => return Ok(()),
            Err(error) => {
                if error.is_lasting() {
                    telemetry::count_by(metrics::PAYMENT_UNREADABLE, "due");
                }
                return Err(error.into());
            }
        };
        let is_of_another_shop = self.is_of_another_shop(&payment).await?;
        let next_look_ms = if is_of_another_shop { now_ms + OTHER_SHOP_MS } else { payment.next_look_ms(now_ms) };
        let is_watched = payment.is_watched(now_ms);
        self.store.postpone_payment(&payment, is_watched.then_some(next_look_ms)).await?;
        if payment.awaits_receipt() && payment.paid_at_ms().is_some_and(|paid| now_ms - paid >= RECEIPT_LATE_MS) {
            tracing::error!(payment_id = payment.id, "the receipt of a payment has not come for days");
            telemetry::count_by(metrics::RECEIPT_FAILED, "pending");
        }
        if is_watched { self.look_at_payment(payment, deadline, context).await } else { Ok(()) }
    }

    /// Reads the provider's state of a payment and its open refunds.
    pub(crate) async fn look_at_payment(
        &self,
        payment: Payment,
        deadline: Instant,
        context: &RequestContext,
    ) -> Result<(), Error> {
        if self.is_of_another_shop(&payment).await? {
            self.tell_other_shop(&payment, context).await;
            // The current account would answer that it does not know the payment.
            return match &payment.provider_id {
                Some(provider_id) => self.settle_denied(provider_id, context).await.map(drop),
                None => self.request_payment(payment, false, deadline, context).await.map(drop),
            };
        }
        self.look_after_refunds(&payment, deadline, context).await?;
        match (&payment.provider_id, payment.status) {
            (None, Status::Created) => self.request_payment(payment, false, deadline, context).await.map(drop),
            (Some(provider_id), _) => {
                let provider_id = provider_id.clone();
                self.settle_payment(&provider_id, deadline, context).await.map(drop)
            }
            (None, _) => Ok(()),
        }
    }

    /// Checks due payments. Starts none after `until`, and gives each the full time of a call to the provider. Returns
    /// how many.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn look_after_payments(&self, until: Instant, context: &RequestContext) -> Result<usize, Error> {
        let ids = self.store.due_payments(self.clock.now_ms(), 100).await?;
        let mut results = pin!(
            futures_util::stream::iter(ids)
                .take_while(|_| std::future::ready(Instant::now() < until))
                .map(|id| async move {
                    let deadline = Instant::now() + self.provider.answers_within();
                    let result = Box::pin(self.look_after_payment(&id, deadline, context)).await;
                    (id, result)
                })
                .buffer_unordered(AT_ONCE)
        );
        let mut done = 0;
        while let Some((payment_id, result)) = results.next().await {
            match result {
                Ok(()) => done += 1,
                Err(error) => tracing::error!(?error, payment_id, "a payment could not be looked after"),
            }
        }
        Ok(done)
    }
}
