//! Settling: what the provider itself says of a payment is brought into our rows, once, in whatever order it is learnt.
use std::{collections::BTreeSet, pin::pin};

use futures_util::StreamExt as _;
use tokio::time::{Duration, Instant, sleep};

use super::{
    difference::{Difference, Subject},
    payment::{Payment, Status},
    provider::{ProviderError, ProviderPage, ProviderPayment, ProviderRefund, ProviderRefundState},
    purpose::Effect,
};
use crate::{
    admin::payments::PaymentFilter,
    app::App,
    audit::AuditRow,
    delivery::{What, refund_subject},
    error::Error,
    request::RequestContext,
    store::{
        billing::{Changed, PaymentWrite},
        differences::Met,
        retry::{Tried, retry_on_change},
    },
    telemetry::{self, Metric},
};

/// Who meets a change reads again, so often at most.
const TRIES: usize = 8;
/// How far back the nightly comparison looks.
const COMPARED_MS: i64 = 3 * 86_400_000;
/// How often a page of the provider's lists is asked for, and the pause in between.
const PAGE_TRIES: usize = 3;
const PAGE_PAUSE: Duration = Duration::from_secs(1);
/// How many of our own rows the comparison reads at once.
const OWN_ROWS: usize = 100;
/// How many payments the job looks after at the same time.
const AT_ONCE: usize = 8;
/// For so long a payment that is being looked at is nobody else's, and one that cannot be read is in nobody's way.
const HELD_MS: i64 = 3_600_000;
/// How often a payment of an account that is no longer ours is looked at: nothing can be learnt of it until that is back.
const OTHER_SHOP_MS: i64 = 86_400_000;
/// After the provider has denied a payment for so long it is given up.
const DENIED_MS: i64 = 86_400_000;
/// The tax service has to have a receipt within three days.
const RECEIPT_LATE_MS: i64 = 3 * 86_400_000;
/// Reasons for which nobody has to be told that a payment ended: its driver was not at it, or it was our own doing.
const SILENT_REASONS: [&str; 2] = ["expired_on_confirmation", "canceled_by_merchant"];

/// What a notification led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Our rows say what the provider says.
    Done,
    /// It is none of ours, or does not fit it; told and put aside.
    Foreign,
    /// The provider gave no answer, or none that can be right: again later.
    Later,
}

/// What a comparison with the provider's lists found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Payments and refunds that the provider lists.
    pub listed: usize,
    /// Of which our rows were behind.
    pub repaired: usize,
    /// Which cannot be repaired by a rule, in either list.
    pub differing: usize,
    /// Whether everything was compared; otherwise the provider or the store failed, or the time was over.
    pub is_complete: bool,
}

/// A payment after something was observed of it.
pub(super) struct Brought {
    /// As it then stands.
    pub payment: Payment,
    /// Whether what was observed is this payment, and fits it; otherwise it was put aside.
    pub fits: bool,
}

impl App {
    /// Brings our rows to what the provider says of the payment that it calls `provider_id`.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn settle_payment(
        &self,
        provider_id: &str,
        deadline: Instant,
        context: &RequestContext,
    ) -> Result<Settled, Error> {
        match self.provider().look(provider_id, deadline).await {
            Ok(Some(observed)) => self.settle_known(&observed, deadline, context).await,
            Ok(None) => self.settle_denied(provider_id, context).await,
            Err(_) => Ok(Settled::Later),
        }
    }

    /// The provider says that it has no such payment. If it told us of it before, that cannot be the last word: our account
    /// may be another one by now.
    async fn settle_denied(&self, provider_id: &str, context: &RequestContext) -> Result<Settled, Error> {
        let own = match self.store.payment_of_provider(provider_id).await? {
            Some(id) => self.store.payment(&id).await?,
            None => None,
        };
        let Some(payment) = own else {
            let reason = self.made_up();
            let put_aside = PutAside::payment(provider_id, None, &reason, Metric::PaymentUnknown);
            self.put_aside(&put_aside, context).await;
            return Ok(Settled::Foreign);
        };
        let reason = format!("{} does not have it", self.provider().name());
        if self.is_of_another_shop(&payment).await? {
            self.tell_other_shop(&payment, context).await;
        } else {
            let own = Some(payment.id.as_str());
            let put_aside = PutAside::payment(provider_id, own, &reason, Metric::PaymentUnknown);
            self.put_aside(&put_aside, context).await;
        }
        let now_ms = self.clock.now_ms();
        if payment.missing_since_ms.is_some_and(|since| now_ms - since >= DENIED_MS) {
            self.close_payment(payment, Status::Lost, &reason, context).await?;
        } else if let Some(after) = payment.missed(now_ms) {
            // Somebody else's change is as good: the next look finds the same.
            self.write_payment(&payment, &after, None, self.of_payment("denied", context)).await?;
        }
        Ok(Settled::Later)
    }

    async fn tell_other_shop(&self, payment: &Payment, context: &RequestContext) {
        let id = payment.provider_id.as_deref().unwrap_or(&payment.id);
        let own = Some(payment.id.as_str());
        let put_aside = PutAside::payment(id, own, "it is of another shop", Metric::PaymentShopChanged);
        self.put_aside(&put_aside, context).await;
    }

    async fn settle_known(
        &self,
        observed: &ProviderPayment,
        deadline: Instant,
        context: &RequestContext,
    ) -> Result<Settled, Error> {
        let Some(payment) = self.payment_of(observed).await? else {
            let put_aside = PutAside::payment(&observed.id, None, "unknown", Metric::PaymentUnknown);
            self.put_aside(&put_aside, context).await;
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
            self.put_aside(&PutAside::payment(&observed.id, own, reason, Metric::PaymentMismatch), context).await;
            return Ok(Settled::Foreign);
        }
        if payment.status == Status::WaitingForCapture {
            // We always ask for it at once, so this is the provider's own doing; the money is taken all the same.
            match self.provider().capture(&observed.id, deadline).await {
                Ok(observed) => drop(self.settle_observed(payment, &observed, context).await?),
                Err(_) => return Ok(Settled::Later),
            }
        }
        Ok(Settled::Done)
    }

    /// What does not fit the order in what was observed.
    async fn mismatch(&self, payment: &Payment, observed: &ProviderPayment) -> Result<Option<String>, Error> {
        let mismatch = payment.check(observed, &self.account().await?).err();
        Ok(mismatch.map(|mismatch| mismatch.told(self.provider().name())))
    }

    async fn payment_of(&self, observed: &ProviderPayment) -> Result<Option<Payment>, Error> {
        let id = match &observed.payment_id {
            Some(id) => Some(id.clone()),
            None => self.store.payment_of_provider(&observed.id).await?,
        };
        match id {
            Some(id) => Ok(self.store.payment(&id).await?),
            None => Ok(None),
        }
    }

    /// Brings a payment to what was observed of it. What was observed need not be checked before: what does not fit the
    /// order changes nothing and is put aside.
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
            self.put_aside(&PutAside::payment(&observed.id, own, &mismatch, Metric::PaymentMismatch), context).await;
            return Ok(Brought { payment, fits: false });
        }
        retry_on_change("settle_payment", TRIES, payment, |before: Payment| async move {
            let now_ms = self.clock.now_ms();
            let Some(after) = before.observe(observed, now_ms) else {
                return Ok(Tried::Done(Brought { payment: before, fits: true }));
            };
            let after = self.forgetting(after);
            let effect = match after.is_paid_since(&before) {
                true => Some(after.purpose.paid(&self.store, &after, now_ms).await?),
                false => None,
            };
            let audit = self.of_payment(after.status.as_str(), context);
            match self.write_payment(&before, &after, effect.as_deref(), audit).await? {
                Changed::Done => {
                    if after.status != before.status {
                        telemetry::count_by(Metric::PaymentChanged, after.status.as_str());
                    }
                    let has_failed = |payment: &Payment| {
                        payment.status == Status::Succeeded && payment.receipt.as_deref() == Some("canceled")
                    };
                    if has_failed(&after) && !has_failed(&before) {
                        tracing::error!(payment_id = after.id, "the receipt of a payment was not registered");
                        telemetry::count_by(Metric::ReceiptFailed, "canceled");
                    }
                    Ok(Tried::Done(Brought { payment: after, fits: true }))
                }
                // Another settled it in between, and its row says so.
                Changed::Again => {
                    let existing = self.store.payment(&before.id).await?;
                    Ok(Tried::Changed(existing.ok_or(Error::StoreUnavailable)?))
                }
            }
        })
        .await
    }

    /// Brings our rows to what the provider says of the refund that it calls `id`.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn settle_refund(&self, id: &str, deadline: Instant, context: &RequestContext) -> Result<Settled, Error> {
        match self.provider().look_at_refund(id, deadline).await {
            Ok(Some(observed)) => self.settle_refunded(&observed, deadline, context).await,
            Ok(None) => {
                let reason = self.made_up();
                let put_aside = PutAside::refund(id, None, &reason, Metric::PaymentUnknown);
                self.put_aside(&put_aside, context).await;
                Ok(Settled::Foreign)
            }
            Err(_) => Ok(Settled::Later),
        }
    }

    /// Brings our rows to what was observed of a refund, whoever began it.
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
            // The payment's own notification may be on its way, or was never ours.
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
                // What was granted has to be on record before it is taken back.
                return Ok(match self.settle_payment(&observed.payment_id, deadline, context).await? {
                    Settled::Done => Tried::Changed(()),
                    other => Tried::Done(other),
                });
            }
            if observed.sum.currency != before.purpose.sum().currency
                || after.refunded_kopecks() > before.purpose.price_kopecks()
            {
                let own = Some(before.id.as_str());
                self.put_aside(&PutAside::refund(&observed.id, own, "the amount", Metric::PaymentMismatch), context)
                    .await;
                return Ok(Tried::Done(Settled::Foreign));
            }
            let effect = after.purpose.refunded(&self.store, &after, refund, now_ms).await?;
            self.write_payment(&before, &after, Some(&*effect), audit("refunded")).await.map(settled)
        })
        .await
    }

    /// Looks after a payment of which, or of whose refunds, something is still to be learnt: repeats requests that the
    /// provider may not have, asks for what it has.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn look_after_payment(&self, id: &str, deadline: Instant, context: &RequestContext) -> Result<(), Error> {
        let now_ms = self.clock.now_ms();
        // First, so that a look that is cut off is followed by another.
        let claimed = self.store.claim_due_payment(id, now_ms + HELD_MS).await;
        let payment = match claimed {
            Ok(Some(payment)) => payment,
            Ok(None) => return Ok(()),
            Err(error) => {
                if error.is_lasting() {
                    telemetry::count_by(Metric::PaymentUnreadable, "due");
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
            telemetry::count_by(Metric::ReceiptFailed, "pending");
        }
        if is_watched { self.look_at_payment(payment, deadline, context).await } else { Ok(()) }
    }

    /// Finds out what the provider says of a payment and of its refunds that have not ended.
    pub(crate) async fn look_at_payment(
        &self,
        payment: Payment,
        deadline: Instant,
        context: &RequestContext,
    ) -> Result<(), Error> {
        if self.is_of_another_shop(&payment).await? {
            self.tell_other_shop(&payment, context).await;
            // What this account would be told is known.
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

    /// Looks after the payments whose time has come: begins none after `until`, and gives each the whole time of a call to
    /// the provider. Returns how many.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn look_after_payments(&self, until: Instant, context: &RequestContext) -> Result<usize, Error> {
        let ids = self.store.due_payments(self.clock.now_ms(), 100).await?;
        let mut results = pin!(
            futures_util::stream::iter(ids)
                .take_while(|_| std::future::ready(Instant::now() < until))
                .map(|id| async move {
                    let deadline = Instant::now() + self.provider().answers_within();
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

    /// Compares the provider's payments and refunds of the last three days with our rows, and brings our rows to what it says.
    /// What no rule repairs is a [`Difference`] from then on, also when the comparison does not come to its end.
    pub async fn compare_payments(&self, until: Instant, context: &RequestContext) -> Compared {
        let since_ms = self.clock.now_ms() - COMPARED_MS;
        let mut compared = Compared::default();
        // Refunds first: this is the only way to learn of one whose notification was lost.
        let whole = async {
            self.compare_refunds(since_ms, until, &mut compared, context).await?;
            let listed = self.compare_listed(since_ms, until, &mut compared, context).await?;
            self.compare_own(since_ms, &listed, until, &mut compared, context).await
        };
        let result = whole.await;
        compared.is_complete = result.is_ok();
        if let Err(error) = result {
            tracing::error!(error = error.code(), "the comparison with the provider did not come to its end");
        }
        compared
    }

    async fn compare_refunds(
        &self,
        since_ms: i64,
        until: Instant,
        compared: &mut Compared,
        context: &RequestContext,
    ) -> Result<(), Error> {
        let mut cursor = None;
        loop {
            let from = cursor.as_deref();
            let page = patiently(until, || self.provider().list_refunds(since_ms, from, until)).await?;
            for id in &page.unreadable {
                compared.differing += 1;
                let put_aside = PutAside::refund(id, None, "it cannot be read", Metric::PaymentUnknown);
                self.put_aside(&put_aside, context).await;
            }
            for observed in page.items {
                compared.listed += 1;
                // One that cannot be dealt with does not hold up the others.
                match self.settle_refunded(&observed, until, context).await {
                    Ok(Settled::Done) => {}
                    Ok(Settled::Foreign | Settled::Later) | Err(_) => compared.differing += 1,
                }
            }
            cursor = page.cursor;
            if cursor.is_none() {
                return Ok(());
            }
        }
    }

    /// The payments that the provider lists; returns its ids of them.
    async fn compare_listed(
        &self,
        since_ms: i64,
        until: Instant,
        compared: &mut Compared,
        context: &RequestContext,
    ) -> Result<BTreeSet<String>, Error> {
        let mut listed = BTreeSet::new();
        let mut cursor = None;
        loop {
            let from = cursor.as_deref();
            let page = patiently(until, || self.provider().list_payments(since_ms, from, until)).await?;
            for id in &page.unreadable {
                compared.differing += 1;
                let put_aside = PutAside::payment(id, None, "it cannot be read", Metric::PaymentUnknown);
                self.put_aside(&put_aside, context).await;
            }
            for observed in page.items {
                compared.listed += 1;
                match self.compare_payment(&observed, until, context).await {
                    Ok(Some(repaired)) => compared.repaired += usize::from(repaired),
                    Ok(None) | Err(_) => compared.differing += 1,
                }
                listed.insert(observed.id);
            }
            cursor = page.cursor;
            if cursor.is_none() {
                return Ok(listed);
            }
        }
    }

    /// Our own rows that are paid, of which the provider lists nothing: it is asked for each of those by itself.
    async fn compare_own(
        &self,
        since_ms: i64,
        listed: &BTreeSet<String>,
        until: Instant,
        compared: &mut Compared,
        context: &RequestContext,
    ) -> Result<(), Error> {
        let filter =
            PaymentFilter { status: Some(Status::Succeeded), from_ms: Some(since_ms), ..PaymentFilter::default() };
        let mut cursor = None;
        loop {
            let page = self.store.find_payments(&filter, cursor.as_deref(), OWN_ROWS).await?;
            for payment in page.items {
                let Some(provider_id) = payment.provider_id.clone().filter(|id| !listed.contains(id)) else { continue };
                if Instant::now() >= until {
                    return Err(Error::UpstreamUnavailable(60));
                }
                // It may have been paid since the list was read.
                if self.is_of_another_shop(&payment).await?
                    || self.settle_payment(&provider_id, until, context).await? == Settled::Done
                {
                    continue;
                }
                compared.differing += 1;
            }
            cursor = page.cursor;
            if cursor.is_none() {
                return Ok(());
            }
        }
    }

    /// Whether our row was behind; `None` when it cannot be brought to what the provider says.
    async fn compare_payment(
        &self,
        observed: &ProviderPayment,
        until: Instant,
        context: &RequestContext,
    ) -> Result<Option<bool>, Error> {
        let before = self.payment_of(observed).await?.map(|payment| payment.status);
        match self.settle_known(observed, until, context).await? {
            Settled::Done => {
                let Some(after) = self.payment_of(observed).await? else { return Ok(None) };
                let status = after.status;
                match self.agrees_on_refunds(after, observed, until, context).await? {
                    true => Ok(Some(before != Some(status))),
                    false => Ok(None),
                }
            }
            Settled::Foreign | Settled::Later => Ok(None),
        }
    }

    /// Whether as much went back by our rows as by the provider's, after its refunds of this payment have been read once more.
    async fn agrees_on_refunds(
        &self,
        payment: Payment,
        observed: &ProviderPayment,
        until: Instant,
        context: &RequestContext,
    ) -> Result<bool, Error> {
        if payment.refunded_kopecks() == observed.refunded {
            return Ok(true);
        }
        let Ok(refunds) = self.provider().refunds_of(&observed.id, until).await else { return Ok(false) };
        let mut back = 0;
        for refund in refunds {
            self.settle_refunded(&refund, until, context).await?;
            back += if refund.state == ProviderRefundState::Succeeded { refund.sum.minor } else { 0 };
        }
        let payment = self.store.payment(&payment.id).await?.ok_or(Error::StoreUnavailable)?;
        if payment.refunded_kopecks() == back {
            return Ok(true);
        }
        let own = Some(payment.id.as_str());
        let put_aside = PutAside::payment(&observed.id, own, "the sum that went back differs", Metric::PaymentMismatch);
        self.put_aside(&put_aside, context).await;
        Ok(false)
    }

    /// Puts a payment of which the provider knows nothing into a status of our own; returns it as it then stands.
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
                        telemetry::count_by(Metric::PaymentLost, "payment");
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

    /// Writes a change of a payment, what it does to what is paid for, and what is to be accounted for, and hints at the
    /// message that it causes.
    pub(super) async fn write_payment(
        &self,
        before: &Payment,
        after: &Payment,
        effect: Option<&dyn Effect>,
        audit: AuditRow,
    ) -> Result<Changed, Error> {
        let now_ms = audit.at_ms;
        let message = effect.map(|effect| match (effect.message(), after.refunds.last()) {
            (What::Refunded, Some(refund)) => (What::Refunded, refund_subject(&after.id, &refund.id)),
            (what, _) => (what, after.id.clone()),
        });
        let is_declined = after.status == Status::Canceled
            && before.status != Status::Canceled
            && !after.reason.as_deref().is_some_and(|reason| SILENT_REASONS.contains(&reason));
        let message = message.or_else(|| is_declined.then(|| (What::Declined, after.id.clone())));
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
            self.hint(subject, &[*what]).await;
        }
        Ok(changed)
    }

    /// The payment, less what requests that are not made again say of the person.
    pub(super) fn forgetting(&self, payment: Payment) -> Payment {
        payment.forgetting(|request| self.provider().without_person(request))
    }

    /// What differs when we are notified of what the provider does not know: the only thing that anybody can make up.
    fn made_up(&self) -> String {
        format!("not {}'s", self.provider().name())
    }

    /// An audit row about a payment.
    pub(crate) fn of_payment(&self, outcome: &str, context: &RequestContext) -> AuditRow {
        AuditRow::new(context, self.clock.now_ms(), "payment", outcome)
    }

    /// Tells somebody of what fits no rule. It is one difference however often it is met, and counted when it is new.
    async fn put_aside(&self, put_aside: &PutAside<'_>, context: &RequestContext) {
        let PutAside { what, provider_id, payment_id, reason, metric } = *put_aside;
        let now_ms = self.clock.now_ms();
        let row = AuditRow::new(context, now_ms, "settlement", "put_aside");
        let row = row.fact("what", what.as_str()).fact("yookassa_id", provider_id).fact("reason", reason);
        let difference = Difference::new(what, provider_id, payment_id, reason, now_ms);
        let difference = if reason == self.made_up() { difference.of_day() } else { difference };
        match self.store.put_difference(&difference, &row).await {
            Ok(Met::Known) => {}
            Ok(Met::New) => {
                tracing::error!(
                    what = what.as_str(),
                    provider_id,
                    reason,
                    "what the provider tells of does not fit our rows"
                );
                telemetry::count(metric);
            }
            Err(error) => {
                tracing::error!(%error, ?row, "what does not fit our rows could not be written down");
                telemetry::count(metric);
            }
        }
    }
}

fn settled(changed: Changed) -> Tried<Settled> {
    match changed {
        Changed::Done => Tried::Done(Settled::Done),
        Changed::Again => Tried::Changed(()),
    }
}

/// What is to be put aside.
struct PutAside<'a> {
    what: Subject,
    provider_id: &'a str,
    payment_id: Option<&'a str>,
    reason: &'a str,
    metric: Metric,
}

impl<'a> PutAside<'a> {
    fn payment(provider_id: &'a str, payment_id: Option<&'a str>, reason: &'a str, metric: Metric) -> Self {
        Self { what: Subject::Payment, provider_id, payment_id, reason, metric }
    }

    fn refund(provider_id: &'a str, payment_id: Option<&'a str>, reason: &'a str, metric: Metric) -> Self {
        Self { what: Subject::Refund, provider_id, payment_id, reason, metric }
    }
}

/// A page of one of the provider's lists, asked for again when there is no answer and time is left.
async fn patiently<T, F>(until: Instant, ask: impl Fn() -> F) -> Result<ProviderPage<T>, Error>
where
    F: Future<Output = Result<ProviderPage<T>, ProviderError>>,
{
    for _ in 1..PAGE_TRIES {
        match ask().await {
            Ok(page) => return Ok(page),
            Err(_) if Instant::now() + PAGE_PAUSE < until => sleep(PAGE_PAUSE).await,
            Err(_) => break,
        }
    }
    if Instant::now() >= until {
        return Err(Error::UpstreamUnavailable(60));
    }
    ask().await.map_err(|_| Error::UpstreamUnavailable(60))
}
