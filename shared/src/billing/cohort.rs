//! Conversion by the day a trial began. Payments and refunds count in their own transaction (`store/counters.rs`). This
//! job counts drivers from before that.
use tokio::time::Instant;

use super::{
    Billing,
    payment::{Payment, Status},
    subscription::{Past, Subscription},
};
use crate::{
    error::Error,
    store::retry::{Tried, retry_on_change},
};

/// Drivers per page.
const PAGE: usize = 100;
/// Attempts if concurrent changes win.
const TRIES: usize = 4;

/// The result of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Drivers counted.
    pub drivers: usize,
    /// Whether all are counted; otherwise the next run continues.
    pub is_complete: bool,
}

impl Billing<'_> {
    /// Counts the drivers whose subscription predates the conversion counters, from their ledgers and payments. Starts
    /// none after `until`.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn count_cohorts(&self, until: Instant) -> Result<Counted, Error> {
        let mut counted = Counted::default();
        let mut cursor = None;
        loop {
            let (drivers, next) = self.store.uncounted_drivers(cursor.as_deref(), PAGE).await?;
            for driver_id in drivers {
                if Instant::now() >= until {
                    return Ok(counted);
                }
                counted.drivers += usize::from(self.count_past(driver_id).await?);
            }
            cursor = next;
            if cursor.is_none() {
                return Ok(Counted { is_complete: true, ..counted });
            }
        }
    }

    /// Whether the driver still had to be counted.
    async fn count_past(&self, driver_id: i64) -> Result<bool, Error> {
        retry_on_change("count_past", TRIES, (), |()| async move {
            // Read first: any newer entry then makes the write fail, because each entry has its own version.
            let before = self.store.subscription(driver_id).await?;
            if before.past.is_some() || before.version == 0 {
                return Ok(Tried::Done(false));
            }
            let ledger = self.store.ledger(driver_id).await?;
            let payments = match before.payments {
                0 => Vec::new(),
                _ => self.paid_payments(driver_id).await?,
            };
            let kept =
                payments.iter().map(|payment| payment.purpose.price_kopecks() - payment.refunded_kopecks()).sum();
            let past = Some(Past::of(&ledger, kept));
            let after = Subscription { past, version: before.version + 1, ..before.clone() };
            let is_written = self.store.put_past(driver_id, (&before, &after), &ledger, &payments).await?;
            Ok(if is_written { Tried::Done(true) } else { Tried::Changed(()) })
        })
        .await
    }

    async fn paid_payments(&self, driver_id: i64) -> Result<Vec<Payment>, Error> {
        let mut paid = Vec::new();
        let mut from: Option<(i64, String)> = None;
        loop {
            let start = from.as_ref().map(|(at_ms, id)| (*at_ms, id.as_str()));
            let page = self.store.payments(driver_id, start, 100).await?;
            from = page.payments.last().map(|last| (last.created_at_ms, last.id.clone())).filter(|_| page.more);
            paid.extend(page.payments.into_iter().filter(|payment| payment.status == Status::Succeeded));
            if from.is_none() {
                return Ok(paid);
            }
        }
    }
}
