//! Settling: what YooKassa itself says of a payment is brought into our rows, once, in whatever order it is learnt.
use tokio::time::Instant;

use super::{
    payment::{Mismatch, Observed, ObservedRefund, Payment, Status},
    subscription::Source,
};
use crate::{
    app::App,
    clock::rfc3339,
    delivery::What,
    error::Error,
    request::RequestContext,
    store::{
        audit::AuditRow,
        billing::{Changed, PaymentWrite},
    },
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
            match self.write(&before, &after, change, after.status, context).await? {
                Changed::Done => {
                    if after.status != before.status {
                        telemetry::count_by(Metric::PaymentChanged, status_name(after.status));
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

    async fn settle_refunded(
        &self,
        observed: &ObservedRefund,
        deadline: Instant,
        context: &RequestContext,
    ) -> Result<Settled, Error> {
        if observed.status != "succeeded" {
            return Ok(Settled::Done);
        }
        let Some(id) = self.store.payment_of_yookassa(&observed.payment_id).await? else {
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
            if before.status != Status::Succeeded {
                // What was granted has to be on record before it is taken back.
                match self.settle_payment(&observed.payment_id, deadline, context).await? {
                    Settled::Done => continue,
                    other => return Ok(other),
                }
            }
            if observed.currency != "RUB"
                || before.refunded_kopecks() + observed.amount_kopecks > before.plan.price_kopecks
            {
                let known = before.refunds.iter().any(|refund| refund.id == observed.id);
                if !known {
                    telemetry::count(Metric::PaymentMismatch);
                    self.put_aside("refund", &observed.id, "the amount", context).await;
                }
                return Ok(if known { Settled::Done } else { Settled::Foreign });
            }
            let now_ms = self.clock.now_ms();
            let Some((after, seconds)) = before.refund(observed, now_ms) else { return Ok(Settled::Done) };
            let subscription = self.store.subscription(before.driver_id).await?;
            let (next, entry) = subscription.revoke(seconds, Source::Refund, &observed.id, now_ms);
            let change = Some((&subscription, &next, &entry));
            match self.write(&before, &after, change, Status::Succeeded, context).await? {
                Changed::Done => return Ok(Settled::Done),
                Changed::Again | Changed::Entered => {}
            }
        }
        Err(Error::StoreUnavailable)
    }

    /// Looks after an open payment: repeats the request of one that YooKassa may not have, asks for one that it has.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn look_after_payment(&self, id: &str, deadline: Instant, context: &RequestContext) -> Result<(), Error> {
        let Some(payment) = self.store.payment(id).await? else { return Ok(()) };
        let age_ms = self.clock.now_ms() - payment.created_at_ms;
        let next_look_ms = self.clock.now_ms() + (age_ms / 4).clamp(PAUSE_MS.0, PAUSE_MS.1);
        if payment.status.is_open() {
            // First, so that a look that is cut off is followed by another.
            self.store.postpone_payment(&payment, next_look_ms).await?;
        }
        match (&payment.yookassa_id, payment.status) {
            (None, Status::Created) => self.request_payment(payment, deadline, context).await.map(drop),
            (Some(yookassa_id), status) if status.is_open() => {
                let yookassa_id = yookassa_id.clone();
                self.settle_payment(&yookassa_id, deadline, context).await.map(drop)
            }
            _ => Ok(()),
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
            match self.write(&before, &after, None, status, context).await? {
                Changed::Done => return Ok(after),
                Changed::Again | Changed::Entered => {
                    before = self.store.payment(&before.id).await?.ok_or(Error::StoreUnavailable)?;
                }
            }
        }
        Err(Error::StoreUnavailable)
    }

    async fn write(
        &self,
        before: &Payment,
        after: &Payment,
        subscription: Option<(
            &super::subscription::Subscription,
            &super::subscription::Subscription,
            &super::subscription::Entry,
        )>,
        status: Status,
        context: &RequestContext,
    ) -> Result<Changed, Error> {
        let now_ms = self.clock.now_ms();
        let audit_id = uuid::Uuid::new_v4().to_string();
        let messages: &[What] = match subscription {
            Some((_, _, entry)) if entry.source == Source::Refund => &[What::Refunded],
            Some(_) => &[What::Paid],
            None => &[],
        };
        let mut facts = vec![
            ("payment_id", after.id.clone()),
            ("driver_id", after.driver_id.to_string()),
            ("from", status_name(before.status).to_owned()),
            ("amount_kopecks", after.plan.price_kopecks.to_string()),
            ("refunded_kopecks", after.refunded_kopecks().to_string()),
        ];
        if let Some((_, _, entry)) = subscription {
            facts.push(("seconds", entry.seconds.to_string()));
            facts.push(("ledger", entry.id.clone()));
        }
        let write = PaymentWrite {
            before,
            after,
            messages,
            due_at_ms: after.status.is_open().then(|| now_ms + PAUSE_MS.0),
            subscription,
            audit: AuditRow {
                id: &audit_id,
                at_ms: now_ms,
                kind: "payment",
                outcome: status_name(status),
                request_id: &context.request_id,
                facts: &facts,
            },
        };
        let changed = Box::pin(self.store.write_payment(&write)).await?;
        if changed == Changed::Done {
            self.hint(&after.id, messages).await;
        }
        Ok(changed)
    }

    async fn put_aside(&self, what: &str, id: &str, reason: &str, context: &RequestContext) {
        tracing::error!(what, id, reason, "what YooKassa tells of does not fit our rows");
        let facts = [("what", what.to_owned()), ("yookassa_id", id.to_owned()), ("reason", reason.to_owned())];
        crate::audit::write(&self.store, &self.clock, context, "settlement", "put_aside", &facts).await;
    }
}

/// As the API and the audit log write it.
pub fn status_name(status: Status) -> &'static str {
    match status {
        Status::Created => "created",
        Status::Pending => "pending",
        Status::WaitingForCapture => "waiting_for_capture",
        Status::Succeeded => "succeeded",
        Status::Canceled => "canceled",
        Status::Refused => "refused",
        Status::Lost => "lost",
    }
}
