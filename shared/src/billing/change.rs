//! Writes a change of a payment, together with its effect on the purchase, its message and its audit row.
use super::{
    Billing,
    messages::{DECLINED, REFUNDED, refund_subject},
    payment::{Payment, Status},
    purpose::Effect,
};
use crate::{
    audit::AuditRow,
    billing::{metrics, module},
    error::Error,
    queue::Hint,
    request::RequestContext,
    store::{
        billing::{Changed, PaymentWrite},
        retry::{Tried, retry_on_change},
    },
    telemetry,
};

/// Attempts if concurrent changes win.
pub(super) const TRIES: usize = 8;
/// Reasons for which no message is sent: the driver had left, or the product itself cancelled.
const SILENT_REASONS: [&str; 2] = ["expired_on_confirmation", "canceled_by_merchant"];

impl Billing<'_> {
    /// Closes a payment that the provider does not know, with one of our own statuses. Returns the current payment.
    ///
    /// # Errors
    /// The store does not answer.
    pub(super) async fn close_payment(
        &self,
        payment: Payment,
        status: Status,
        reason: &str,
        context: &RequestContext,
    ) -> Result<Payment, Error> {
        retry_on_change("close_payment", TRIES, payment, |before: Payment| async move {
            let Some(after) = before.closed(status, reason, self.clock.now_ms()) else {
                return Ok(Tried::Done(before));
            };
            let after = self.forgetting(after);
            match self.write_payment(&before, &after, None, self.of_payment(status.as_str(), context)).await? {
                Changed::Done => {
                    if status == Status::Lost {
                        tracing::error!(payment_id = after.id, reason, "a payment was given up");
                        telemetry::count_by(metrics::PAYMENT_LOST, "payment");
                    }
                    Ok(Tried::Done(after))
                }
                Changed::Again => {
                    let existing = self.store.payment(&before.id).await?;
                    Ok(Tried::Changed(existing.ok_or(Error::StoreUnavailable)?))
                }
            }
        })
        .await
    }

    /// Writes a change of a payment with its effect on the purchase and its audit row, and hints at its message.
    pub(super) async fn write_payment(
        &self,
        before: &Payment,
        after: &Payment,
        effect: Option<&dyn Effect>,
        audit: AuditRow,
    ) -> Result<Changed, Error> {
        let now_ms = audit.at_ms;
        let message = effect.map(|effect| match (effect.message(), after.refunds.last()) {
            (what, Some(refund)) if what == REFUNDED => (what, refund_subject(&after.id, &refund.id)),
            (what, _) => (what, after.id.clone()),
        });
        let is_declined = after.status == Status::Canceled
            && before.status != Status::Canceled
            && !after.reason.as_deref().is_some_and(|reason| SILENT_REASONS.contains(&reason));
        let message = message.or_else(|| is_declined.then(|| (DECLINED, after.id.clone())));
        let mut audit = audit
            .about("payment", &after.id)
            .fact("driver_id", after.driver_id)
            .fact("from", before.status.as_str())
            .fact("amount_kopecks", after.purpose.price_kopecks())
            .fact("refunded_kopecks", after.refunded_kopecks());
        if let Some(effect) = effect {
            audit = effect.audited(audit);
        }
        let write = PaymentWrite {
            before,
            after,
            message: message.as_ref().map(|(what, subject)| (*what, subject.as_str())),
            due_at_ms: after.is_watched(now_ms).then(|| after.look_after_change_ms(now_ms)),
            effect,
            audit,
        };
        let changed = Box::pin(self.store.write_payment(&write)).await?;
        if let (Changed::Done, Some((what, subject))) = (changed, &message) {
            self.queue.hint(Hint::new(&what.delivery_id(subject)), 0).await;
        }
        Ok(changed)
    }

    /// The payment, without personal data in requests that will not be repeated.
    pub(super) fn forgetting(&self, payment: Payment) -> Payment {
        payment.forgetting(|request| self.provider.without_person(request))
    }

    /// An audit row about a payment.
    pub(crate) fn of_payment(&self, outcome: &str, context: &RequestContext) -> AuditRow {
        AuditRow::new(context, self.clock.now_ms(), module::PAYMENT_AUDIT, outcome)
    }
}
