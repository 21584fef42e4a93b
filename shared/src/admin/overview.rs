//! The numbers of the product, from the counters.
use crate::{
    app::App,
    billing::plan::Plan,
    error::Error,
    store::{counters::Counts, gate::Gate},
};

/// The numbers.
#[derive(Debug)]
pub struct Overview {
    /// The counts of each Moscow day, the last is today.
    pub days: Vec<(String, Counts)>,
    /// How many subscriptions end on each Moscow day from today on: of a trial, and others.
    pub ends: Vec<(String, i64, i64)>,
    /// The plans that are offered now.
    pub plans: Vec<Plan>,
    /// The gate before CargoTech.
    pub gate: Gate,
}

impl App {
    /// The numbers of so many days. For thirty it takes eleven store calls, for ninety twenty-one, all at once.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn overview(&self, days: usize) -> Result<Overview, Error> {
        let now_ms = self.clock.now_ms();
        let (counts, ends, settings, gate) = tokio::join!(
            self.store.counts(now_ms, days),
            self.store.ends(now_ms),
            self.store.settings(),
            self.store.gate(self.cargotech.rate(), now_ms)
        );
        Ok(Overview { days: counts?, ends: ends?, plans: settings?.plans, gate: gate? })
    }
}
