//! The nightly comparison with the provider's lists.
use std::collections::BTreeSet;

use tokio::time::{Duration, Instant, sleep};

use super::{
    Billing,
    difference::NewDifference,
    payment::{Payment, Status},
    provider::{ProviderError, ProviderPage, ProviderPayment, ProviderRefundState},
    settle::Settled,
};
use crate::{admin::payments::PaymentFilter, billing::metrics, error::Error, request::RequestContext};

/// How far back the nightly comparison looks.
const COMPARED_MS: i64 = 3 * 86_400_000;
/// Attempts per page of the provider's lists, with a pause in between.
const PAGE_TRIES: usize = 3;
const PAGE_PAUSE: Duration = Duration::from_secs(1);
/// How many of our rows the comparison reads at once.
const OWN_ROWS: usize = 100;

/// The result of a comparison.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Payments and refunds that the provider lists.
    pub listed: usize,
    /// Those whose rows were behind and are repaired.
    pub repaired: usize,
    /// Those in either list that no rule can repair.
    pub differing: usize,
    /// Whether everything was compared. Otherwise the provider or the store failed, or the time ran out.
    pub is_complete: bool,
}

impl Billing<'_> {
    /// Compares the provider's payments and refunds of the last three days with our rows, and updates our rows. What no
    /// rule repairs becomes a [`Difference`](super::difference::Difference), even if the comparison does not finish.
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
            let page = patiently(until, || self.provider.list_refunds(since_ms, from, until)).await?;
            for id in &page.unreadable {
                compared.differing += 1;
                let difference = NewDifference::refund(id, None, "it cannot be read", metrics::PAYMENT_UNKNOWN);
                self.record_difference(&difference, context).await;
            }
            for observed in page.items {
                compared.listed += 1;
                // One failure does not block the others.
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

    /// Compares the payments that the provider lists. Returns its ids of them.
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
            let page = patiently(until, || self.provider.list_payments(since_ms, from, until)).await?;
            for id in &page.unreadable {
                compared.differing += 1;
                let difference = NewDifference::payment(id, None, "it cannot be read", metrics::PAYMENT_UNKNOWN);
                self.record_difference(&difference, context).await;
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

    /// Checks our paid payments that the provider does not list, one request each.
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
                // It may have been paid after the list was read.
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

    /// Whether our row was behind; `None` when it cannot be updated to the provider's state.
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

    /// Whether both sides agree on the refunded amount, after reading the provider's refunds of this payment again.
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
        let Ok(refunds) = self.provider.refunds_of(&observed.id, until).await else { return Ok(false) };
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
        let difference =
            NewDifference::payment(&observed.id, own, "the sum that went back differs", metrics::PAYMENT_MISMATCH);
        self.record_difference(&difference, context).await;
        Ok(false)
    }
}

/// Reads a page of the provider's list. Retries a failure while time is left.
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
