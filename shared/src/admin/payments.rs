//! Admins' search for payments.
use tokio::time::{Duration, Instant};

use crate::{
    auth::admin::AdminSession,
    billing::{
        Billing,
        payment::{Payment, Status},
    },
    error::Error,
    request::RequestContext,
};

/// How long an admin waits for the provider.
const WAIT: Duration = Duration::from_secs(7);
/// The most days to add up.
const COUNTED_DAYS: usize = 92;
/// The most payments shown of one driver.
const MOST: usize = 500;

/// Selects payments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaymentFilter {
    /// With this status.
    pub status: Option<Status>,
    /// For this plan.
    pub plan: Option<String>,
    /// Of this driver.
    pub driver_id: Option<i64>,
    /// Ordered at or after this time, milliseconds.
    pub from_ms: Option<i64>,
    /// Ordered before this time, milliseconds.
    pub until_ms: Option<i64>,
    /// Paid at or after this time, milliseconds.
    pub paid_from_ms: Option<i64>,
    /// Paid before this time, milliseconds.
    pub paid_until_ms: Option<i64>,
    /// Of at least this amount, kopecks.
    pub from_kopecks: Option<i64>,
    /// Of at most this amount, kopecks.
    pub until_kopecks: Option<i64>,
    /// With this id, ours or the provider's.
    pub id: Option<String>,
}

impl PaymentFilter {
    /// The range of payment times, if requested.
    pub fn paid_ms(&self) -> Option<(Option<i64>, Option<i64>)> {
        (self.paid_from_ms.is_some() || self.paid_until_ms.is_some()).then_some((self.paid_from_ms, self.paid_until_ms))
    }

    /// Whether the payment matches.
    pub fn takes(&self, payment: &Payment) -> bool {
        let paid_at_ms = payment.paid_at_ms();
        self.status.is_none_or(|status| payment.status == status)
            && self.plan.as_ref().is_none_or(|plan| payment.purpose.id() == plan)
            && self.driver_id.is_none_or(|id| payment.driver_id == id)
            && self.from_ms.is_none_or(|from| payment.created_at_ms >= from)
            && self.until_ms.is_none_or(|until| payment.created_at_ms < until)
            && self.paid_from_ms.is_none_or(|from| paid_at_ms.is_some_and(|at| at >= from))
            && self.paid_until_ms.is_none_or(|until| paid_at_ms.is_some_and(|at| at < until))
            && self.from_kopecks.is_none_or(|from| payment.purpose.price_kopecks() >= from)
            && self.until_kopecks.is_none_or(|until| payment.purpose.price_kopecks() <= until)
    }
}

/// Totals of paid and refunded amounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PaymentTotals {
    /// The number of payments.
    pub count: i64,
    /// The amount paid, kopecks.
    pub paid_kopecks: i64,
    /// The amount refunded, kopecks.
    pub refunded_kopecks: i64,
}

/// A page of payments, newest first.
#[derive(Debug, Default)]
pub struct PaymentPage {
    /// The payments.
    pub items: Vec<Payment>,
    /// Cursor of the next page; `None` on the last page.
    pub cursor: Option<String>,
    /// The order time of the last payment searched, milliseconds. A page may end early.
    pub reached_ms: Option<i64>,
}

impl Billing<'_> {
    /// A page of payments that match the filter. The number of store calls is bounded: a page that ends early has a
    /// cursor.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn find_payments(
        &self,
        filter: &PaymentFilter,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<PaymentPage, Error> {
        if let Some(id) = &filter.id {
            let own = self.store.payment(id).await?;
            let found = match own {
                Some(payment) => Some(payment),
                None => match self.store.payment_of_provider(id).await? {
                    Some(id) => self.store.payment(&id).await?,
                    None => None,
                },
            };
            let items = found.into_iter().filter(|payment| filter.takes(payment)).collect();
            return Ok(PaymentPage { items, ..PaymentPage::default() });
        }
        match filter.driver_id {
            Some(driver_id) => self.payments_of(driver_id, filter).await,
            None => Ok(self.store.find_payments(filter, cursor, limit).await?),
        }
    }

    /// A driver's payments that match the filter, on one page: nobody has more than [`MOST`].
    async fn payments_of(&self, driver_id: i64, filter: &PaymentFilter) -> Result<PaymentPage, Error> {
        let mut items: Vec<Payment> = Vec::new();
        let mut from: Option<(i64, String)> = None;
        for _ in 0..MOST / 100 {
            let start = from.as_ref().map(|(at_ms, id)| (*at_ms, id.as_str()));
            let page = self.store.payments(driver_id, start, 100).await?;
            from = page.payments.last().map(|last| (last.created_at_ms, last.id.clone())).filter(|_| page.more);
            items.extend(page.payments.into_iter().filter(|payment| filter.takes(payment)));
            if from.is_none() {
                break;
            }
        }
        Ok(PaymentPage { items, ..PaymentPage::default() })
    }

    /// Totals of the filter's days from the counters, consistent with the list by payment day. `None` if the filter
    /// needs what the counters do not distinguish, or more than three months.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn payment_totals(&self, filter: &PaymentFilter) -> Result<Option<PaymentTotals>, Error> {
        let PaymentFilter { status, plan, driver_id, from_kopecks, until_kopecks, id, .. } = filter;
        let (from_ms, until_ms) = filter.paid_ms().unwrap_or((filter.from_ms, filter.until_ms));
        let is_counted = matches!(status, None | Some(Status::Succeeded))
            && (driver_id.is_none() && from_kopecks.is_none() && until_kopecks.is_none() && id.is_none());
        let Some(from_ms) = from_ms.filter(|_| is_counted) else { return Ok(None) };
        // The last instant of the last day.
        let until_ms = until_ms.map_or_else(|| self.clock.now_ms(), |until| until - 1);
        let days = usize::try_from((until_ms - from_ms).div_euclid(86_400_000) + 1).unwrap_or_default();
        if !(1..=COUNTED_DAYS).contains(&days) {
            return Ok(None);
        }
        let mut totals = PaymentTotals::default();
        for (name, count) in self.store.counts(until_ms, days).await?.iter().flat_map(|(_, counts)| counts) {
            let Some((what, of)) = name.split_once('.') else { continue };
            if plan.as_ref().is_some_and(|plan| plan != of) {
                continue;
            }
            match what {
                "paid" => totals.count += count,
                "revenue" => totals.paid_kopecks += count,
                "refunded" => totals.refunded_kopecks += count,
                _ => {}
            }
        }
        Ok(Some(totals))
    }

    /// The payment of any driver.
    ///
    /// # Errors
    /// It does not exist, or the store does not answer.
    pub async fn any_payment(&self, id: &str) -> Result<Payment, Error> {
        self.store.payment(id).await?.ok_or(Error::NotFound)
    }

    /// Checks a payment with the provider now, whatever its status, and updates our row.
    ///
    /// # Errors
    /// It does not exist, or the store does not answer.
    pub async fn recheck_payment(
        &self,
        admin: &AdminSession,
        id: &str,
        context: &RequestContext,
    ) -> Result<Payment, Error> {
        let payment = self.any_payment(id).await?;
        let before = payment.status;
        let deadline = context.deadline.min(Instant::now() + WAIT);
        Box::pin(self.look_at_payment(payment, deadline, context)).await?;
        let payment = self.any_payment(id).await?;
        let row = self.of_payment("rechecked", context).by(admin.actor()).about("payment", id);
        let row =
            row.fact("driver_id", payment.driver_id).fact("from", before.as_str()).fact("to", payment.status.as_str());
        crate::audit::write(self.store, row).await;
        Ok(payment)
    }
}
