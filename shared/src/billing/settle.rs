//! Settling: what YooKassa itself says of a payment is brought into our rows, once, in whatever order it is learnt.
use tokio::time::Instant;

use super::{
    payment::{Mismatch, Observed, Payment, Status},
    refund::{ObservedRefund, RefundStatus},
    subscription::{Entry, Source, Subscription},
};
use crate::{
    app::App,
    audit::{self, AuditRow},
    clock::rfc3339,
    delivery::{What, refund_subject},
    error::Error,
    request::RequestContext,
    store::billing::{Changed, PaymentWrite},
    telemetry::{self, Metric},
    yookassa::YookassaError,
};

/// The shortest pause between two looks at a payment, and the longest.
const PAUSE_MS: (i64, i64) = (15_000, 1_800_000);
/// Who meets a change reads again, so often at most.
const TRIES: usize = 8;
/// How far back the nightly comparison looks.
const COMPARED_MS: i64 = 3 * 86_400_000;

/// What a notification led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Our rows say what YooKassa says.
    Done,
    /// It is none of ours, or does not fit it; told and put aside.
    Foreign,
    /// YooKassa gave no answer: again later.
    Later,
}

/// What a comparison with YooKassa's lists found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Payments and refunds that YooKassa lists.
    pub listed: usize,
    /// Of which our rows were behind.
    pub repaired: usize,
    /// Which cannot be repaired by a rule.
    pub differing: usize,
}

impl App {
    /// Brings our rows to what YooKassa says of the payment that it calls `yookassa_id`.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn settle_payment(
        &self,
        yookassa_id: &str,
        deadline: Instant,
        context: &RequestContext,
    ) -> Result<Settled, Error> {
        match self.yookassa.payment(yookassa_id, deadline).await {
            Ok(observed) => self.settle_known(&observed, deadline, context).await,
            Err(YookassaError::NotFound | YookassaError::Refused { .. }) => {
                self.put_aside("payment", yookassa_id, "not YooKassa's", context).await;
                Ok(Settled::Foreign)
            }
            Err(_) => Ok(Settled::Later),
        }
    }

    async fn settle_known(
        &self,
        observed: &Observed,
        deadline: Instant,
        context: &RequestContext,
    ) -> Result<Settled, Error> {
        let Some(payment) = self.payment_of(observed).await? else {
            telemetry::count(Metric::PaymentUnknown);
            self.put_aside("payment", &observed.id, "unknown", context).await;
            return Ok(Settled::Foreign);
        };
        if let Some(mismatch) = self.mismatch(&payment, observed).await? {
            self.put_aside("payment", &observed.id, mismatch.0, context).await;
            return Ok(Settled::Foreign);
        }
        let payment = self.settle_observed(payment, observed, context).await?;
        if payment.status == Status::WaitingForCapture {
            // We always ask for it at once, so this is YooKassa's own doing; the money is taken all the same.
            match self.yookassa.capture(&observed.id, deadline).await {
                Ok(observed) => drop(self.settle_observed(payment, &observed, context).await?),
                Err(_) => return Ok(Settled::Later),
            }
        }
        Ok(Settled::Done)
    }

    /// What does not fit the order in what was observed, told to whoever watches.
    async fn mismatch(&self, payment: &Payment, observed: &Observed) -> Result<Option<Mismatch>, Error> {
        let shop = self.secrets.yookassa().await.map_err(|error| Error::Internal(error.to_string()))?;
        let mismatch = payment.check(observed, &shop.shop_id).err();
        if let Some(mismatch) = mismatch {
            tracing::error!(%mismatch, payment_id = payment.id, "YooKassa shows another payment than was ordered");
            telemetry::count(Metric::PaymentMismatch);
        }
        Ok(mismatch)
    }

    async fn payment_of(&self, observed: &Observed) -> Result<Option<Payment>, Error> {
        let id = match &observed.payment_id {
            Some(id) => Some(id.clone()),
            None => self.store.payment_of_yookassa(&observed.id).await?,
        };
        match id {
            Some(id) => Ok(self.store.payment(&id).await?),
            None => Ok(None),
        }
    }

    /// Brings a payment to what was observed of it; returns it as it then stands. What was observed need not be checked
    /// before: what does not fit the order changes nothing.
    ///
    /// # Errors
    /// The store does not answer.
    pub(super) async fn settle_observed(
        &self,
        payment: Payment,
        observed: &Observed,
        context: &RequestContext,
    ) -> Result<Payment, Error> {
        if self.mismatch(&payment, observed).await?.is_some() {
            return Ok(payment);
        }
        let mut before = payment;
        for _ in 0..TRIES {
            let now_ms = self.clock.now_ms();
            let Some(after) = before.observe(observed, now_ms) else { return Ok(before) };
            let subscription = match after.is_paid_since(&before) {
                true => Some(self.store.subscription(before.driver_id).await?),
                false => None,
            };
            let granted = subscription.as_ref().map(|subscription| {
                let (next, entry) = subscription.grant(after.plan.seconds(), Source::Payment, &after.id, now_ms);
                (subscription, next, entry)
            });
            let change = granted.as_ref().map(|(before, after, entry)| (*before, after, entry));
            match self.write_payment(&before, &after, change, self.of_payment(after.status.as_str(), context)).await? {
                Changed::Done => {
                    if after.status != before.status {
                        telemetry::count_by(Metric::PaymentChanged, after.status.as_str());
                    }
                    return Ok(after);
                }
                // Entered: another settled it in between, and its row says so.
                Changed::Again | Changed::Entered => {
                    before = self.store.payment(&before.id).await?.ok_or(Error::StoreUnavailable)?;
                }
            }
        }
        Err(Error::StoreUnavailable)
    }

    /// Brings our rows to what YooKassa says of the refund that it calls `id`.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn settle_refund(&self, id: &str, deadline: Instant, context: &RequestContext) -> Result<Settled, Error> {
        match self.yookassa.refund(id, deadline).await {
            Ok(observed) => self.settle_refunded(&observed, deadline, context).await,
            Err(YookassaError::NotFound | YookassaError::Refused { .. }) => {
                self.put_aside("refund", id, "not YooKassa's", context).await;
                Ok(Settled::Foreign)
            }
            Err(_) => Ok(Settled::Later),
        }
    }

    /// Brings our rows to what was observed of a refund, whoever began it.
    pub(super) async fn settle_refunded(
        &self,
        observed: &ObservedRefund,
        deadline: Instant,
        context: &RequestContext,
    ) -> Result<Settled, Error> {
        let Some(id) = self.store.payment_of_yookassa(&observed.payment_id).await? else {
            if observed.status != RefundStatus::Succeeded {
                return Ok(Settled::Done);
            }
            // The payment's own notification may be on its way, or was never ours.
            return match self.settle_payment(&observed.payment_id, deadline, context).await? {
                Settled::Done if self.store.payment_of_yookassa(&observed.payment_id).await?.is_some() => {
                    Box::pin(self.settle_refunded(observed, deadline, context)).await
                }
                other => Ok(other),
            };
        };
        for _ in 0..TRIES {
            let before = self.store.payment(&id).await?.ok_or(Error::StoreUnavailable)?;
            let now_ms = self.clock.now_ms();
            let Some((after, seconds)) = before.observe_refund(observed, now_ms) else { return Ok(Settled::Done) };
            let audit = |outcome| self.of_payment(outcome, context).fact("yookassa_refund_id", &observed.id);
            if after.refunds.len() == before.refunds.len() {
                let outcome =
                    if observed.status == RefundStatus::Canceled { "refund_canceled" } else { "refund_pending" };
                match self.write_payment(&before, &after, None, audit(outcome)).await? {
                    Changed::Done => return Ok(Settled::Done),
                    Changed::Again | Changed::Entered => continue,
                }
            }
            if before.status != Status::Succeeded {
                // What was granted has to be on record before it is taken back.
                match self.settle_payment(&observed.payment_id, deadline, context).await? {
                    Settled::Done => continue,
                    other => return Ok(other),
                }
            }
            if observed.currency != "RUB" || after.refunded_kopecks() > before.plan.price_kopecks {
                telemetry::count(Metric::PaymentMismatch);
                self.put_aside("refund", &observed.id, "the amount", context).await;
                return Ok(Settled::Foreign);
            }
            let subscription = self.store.subscription(before.driver_id).await?;
            let (next, entry) = subscription.revoke(seconds, Source::Refund, &observed.id, now_ms);
            let change = Some((&subscription, &next, &entry));
            match self.write_payment(&before, &after, change, audit("refunded")).await? {
                Changed::Done => return Ok(Settled::Done),
                Changed::Again | Changed::Entered => {}
            }
        }
        Err(Error::StoreUnavailable)
    }

    /// Looks after a payment of which, or of whose refunds, something is still to be learnt: repeats requests that YooKassa
    /// may not have, asks for what it has.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn look_after_payment(&self, id: &str, deadline: Instant, context: &RequestContext) -> Result<(), Error> {
        let Some(payment) = self.store.payment(id).await? else { return Ok(()) };
        if !payment.is_watched() {
            return Ok(());
        }
        let age_ms = self.clock.now_ms() - payment.watched_since_ms();
        let next_look_ms = self.clock.now_ms() + (age_ms / 4).clamp(PAUSE_MS.0, PAUSE_MS.1);
        // First, so that a look that is cut off is followed by another.
        self.store.postpone_payment(&payment, next_look_ms).await?;
        self.look_at_payment(payment, deadline, context).await
    }

    /// Finds out what YooKassa says of a payment and of its refunds that have not ended.
    pub(crate) async fn look_at_payment(
        &self,
        payment: Payment,
        deadline: Instant,
        context: &RequestContext,
    ) -> Result<(), Error> {
        self.look_after_refunds(&payment, deadline, context).await?;
        match (&payment.yookassa_id, payment.status) {
            (None, Status::Created) => self.request_payment(payment, false, deadline, context).await.map(drop),
            (Some(yookassa_id), _) => {
                let yookassa_id = yookassa_id.clone();
                self.settle_payment(&yookassa_id, deadline, context).await.map(drop)
            }
            (None, _) => Ok(()),
        }
    }

    /// Looks after the payments whose time has come, until `until`. Returns how many.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn look_after_payments(&self, until: Instant, context: &RequestContext) -> Result<usize, Error> {
        let mut done = 0;
        for id in self.store.due_payments(self.clock.now_ms(), 100).await? {
            if Instant::now() >= until {
                break;
            }
            match Box::pin(self.look_after_payment(&id, until, context)).await {
                Ok(()) => done += 1,
                Err(error) => tracing::warn!(?error, payment_id = id, "a payment could not be looked after"),
            }
        }
        Ok(done)
    }

    /// Compares YooKassa's payments and refunds of the last three days with our rows, and brings our rows to what it says.
    ///
    /// # Errors
    /// The store or YooKassa does not answer.
    pub async fn compare_payments(&self, until: Instant, context: &RequestContext) -> Result<Compared, Error> {
        let since = rfc3339(self.clock.now_ms() - COMPARED_MS);
        let unavailable = |_| Error::UpstreamUnavailable(60);
        let mut compared = Compared::default();
        let mut cursor = None;
        // Refunds first: this is the only way to learn of one whose notification was lost.
        loop {
            let (page, next) = self.yookassa.refunds(&since, cursor.as_deref(), until).await.map_err(unavailable)?;
            for observed in page {
                compared.listed += 1;
                // One that cannot be dealt with does not hold up the others.
                match self.settle_refunded(&observed, until, context).await {
                    Ok(Settled::Done) => {}
                    Ok(Settled::Foreign | Settled::Later) | Err(_) => compared.differing += 1,
                }
            }
            cursor = next;
            if cursor.is_none() {
                break;
            }
        }
        loop {
            let (page, next) = self.yookassa.payments(&since, cursor.as_deref(), until).await.map_err(unavailable)?;
            for observed in page {
                compared.listed += 1;
                match self.compare_payment(&observed, until, context).await {
                    Ok(Some(repaired)) => compared.repaired += usize::from(repaired),
                    Ok(None) | Err(_) => compared.differing += 1,
                }
            }
            cursor = next;
            if cursor.is_none() {
                break;
            }
        }
        Ok(compared)
    }

    /// Whether our row was behind; `None` when it cannot be brought to what YooKassa says.
    async fn compare_payment(
        &self,
        observed: &Observed,
        until: Instant,
        context: &RequestContext,
    ) -> Result<Option<bool>, Error> {
        let before = self.payment_of(observed).await?.map(|payment| payment.status);
        match self.settle_known(observed, until, context).await? {
            Settled::Done => {
                let after = self.payment_of(observed).await?.map(|payment| payment.status);
                Ok(Some(before != after))
            }
            Settled::Foreign | Settled::Later => Ok(None),
        }
    }

    /// Puts a payment of which YooKassa knows nothing into a status of our own; returns it as it then stands.
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
        let mut before = payment;
        for _ in 0..TRIES {
            let Some(after) = before.closed(status, reason, self.clock.now_ms()) else { return Ok(before) };
            match self.write_payment(&before, &after, None, self.of_payment(status.as_str(), context)).await? {
                Changed::Done => return Ok(after),
                Changed::Again | Changed::Entered => {
                    before = self.store.payment(&before.id).await?.ok_or(Error::StoreUnavailable)?;
                }
            }
        }
        Err(Error::StoreUnavailable)
    }

    /// Writes a change of a payment, what it does to the subscription, and what is to be accounted for, and hints at the
    /// message that it causes.
    pub(super) async fn write_payment(
        &self,
        before: &Payment,
        after: &Payment,
        subscription: Option<(&Subscription, &Subscription, &Entry)>,
        audit: AuditRow,
    ) -> Result<Changed, Error> {
        let now_ms = audit.at_ms;
        let message = subscription.map(|(_, _, entry)| match after.refunds.last() {
            Some(refund) if entry.source == Source::Refund => (What::Refunded, refund_subject(&after.id, &refund.id)),
            _ => (What::Paid, after.id.clone()),
        });
        let mut audit = audit
            .about("payment", &after.id)
            .fact("driver_id", after.driver_id)
            .fact("from", before.status.as_str())
            .fact("amount_kopecks", after.plan.price_kopecks)
            .fact("refunded_kopecks", after.refunded_kopecks());
        if let Some((_, _, entry)) = subscription {
            audit = audit.fact("seconds", entry.seconds).fact("ledger", &entry.id);
        }
        let write = PaymentWrite {
            before,
            after,
            message: message.as_ref().map(|(what, subject)| (*what, subject.as_str())),
            due_at_ms: after.is_watched().then(|| now_ms + PAUSE_MS.0),
            subscription,
            audit,
        };
        let changed = Box::pin(self.store.write_payment(&write)).await?;
        if let (Changed::Done, Some((what, subject))) = (changed, &message) {
            self.hint(subject, &[*what]).await;
        }
        Ok(changed)
    }

    /// An audit row about a payment.
    pub(crate) fn of_payment(&self, outcome: &str, context: &RequestContext) -> AuditRow {
        AuditRow::new(context, self.clock.now_ms(), "payment", outcome)
    }

    async fn put_aside(&self, what: &str, id: &str, reason: &str, context: &RequestContext) {
        tracing::error!(what, id, reason, "what YooKassa tells of does not fit our rows");
        let row = AuditRow::new(context, self.clock.now_ms(), "settlement", "put_aside");
        audit::write(&self.store, row.fact("what", what).fact("yookassa_id", id).fact("reason", reason)).await;
    }
}
