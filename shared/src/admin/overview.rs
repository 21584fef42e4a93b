//! Statistics of the product, from the counters.
use crate::{
    app::App,
    billing::plan::Plan,
    clock::{moscow_day, moscow_midnight},
    error::Error,
    store::{Counts, counters::Ends, gate::Gate},
};

/// One day, milliseconds.
const DAY_MS: i64 = 86_400_000;

/// The statistics.
#[derive(Debug)]
pub struct Overview {
    /// The counts of each Moscow day, ending today.
    pub days: Vec<(String, Counts)>,
    /// Drivers who first signed in on these days, as in the list of drivers.
    pub new_drivers: i64,
    /// Messages that failed on these days and were not retried, as in the list of messages.
    pub failed_deliveries: i64,
    /// Subscription ends by day.
    pub ends: Ends,
    /// The current plans.
    pub plans: Vec<Plan>,
    /// The current length of a trial in days.
    pub trial_days: i64,
    /// Requests that await an owner.
    pub requests: i64,
    /// The rate limit and circuit breaker of calls to CargoTech.
    pub gate: Gate,
}

impl App {
    /// The statistics of the last `days` days. Makes sixteen concurrent store calls for thirty days and twenty-six for
    /// ninety.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn overview(&self, days: usize) -> Result<Overview, Error> {
        let now_ms = self.clock.now_ms();
        let tomorrow_ms = moscow_midnight(&moscow_day(now_ms)).unwrap_or(now_ms) + DAY_MS;
        let from_ms = tomorrow_ms - i64::try_from(days).unwrap_or_default() * DAY_MS;
        let outbox = self.store.outbox();
        let (counts, new_drivers, failed_deliveries, ends, settings, requests, gate) = tokio::join!(
            self.store.counts(now_ms, days),
            self.store.count_new_drivers(from_ms, tomorrow_ms),
            outbox.count_failed(from_ms, tomorrow_ms),
            self.store.ends(now_ms),
            self.store.settings(),
            self.store.count_gift_requests(),
            self.store.gate(self.cargotech.rate(), now_ms)
        );
        let settings = settings?;
        Ok(Overview {
            days: counts?,
            new_drivers: new_drivers?,
            failed_deliveries: failed_deliveries?,
            ends: ends?,
            plans: settings.plans,
            trial_days: settings.trial_days,
            requests: requests?,
            gate: gate?,
        })
    }
}
