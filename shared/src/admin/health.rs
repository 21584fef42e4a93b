//! How the product and what it depends on are.
use crate::{
    app::App,
    error::Error,
    queue::Depth,
    secrets::SecretName,
    store::{gate::Gate, job::JobRuns},
};

/// The jobs that run by the clock.
pub const JOBS: [&str; 5] =
    ["check-cargotech", "deliver-due", "look-after-payments", "compare-payments", "expire-responses"];

/// How everything is.
#[derive(Debug)]
pub struct Health {
    /// The gate before CargoTech.
    pub gate: Gate,
    /// How long ago we logged in to CargoTech, seconds; `None` when we have no token.
    pub token_age_s: Option<i64>,
    /// The queues.
    pub queues: [Depth; 2],
    /// For how long the oldest message that is due has been, seconds.
    pub oldest_delivery_s: Option<i64>,
    /// For how long the oldest payment that is to be looked after has been, seconds.
    pub oldest_payment_s: Option<i64>,
    /// The jobs and their runs.
    pub jobs: Vec<(&'static str, JobRuns)>,
    /// The secrets and when each was last changed, milliseconds.
    pub secrets: Vec<(SecretName, Option<i64>)>,
}

impl App {
    /// How everything is: five store calls, four of queues, six of secrets, all at once.
    ///
    /// # Errors
    /// The store does not answer. What else does not answer is left open.
    pub async fn health(&self) -> Result<Health, Error> {
        let now_ms = self.clock.now_ms();
        let secrets = futures_util::future::join_all(SecretName::ALL.map(|name| async move {
            let changed = self.secrets.changed_at_ms(name).await;
            (name, changed.inspect_err(|error| tracing::warn!(%error, "a secret's age is not known")).ok().flatten())
        }));
        let (gate, token, runs, delivery, payment, queues, secrets) = tokio::join!(
            self.store.gate(self.cargotech.rate(), now_ms),
            self.store.cargotech_token_ends(),
            self.store.job_runs(&JOBS),
            self.store.oldest_delivery(now_ms),
            self.store.oldest_payment(now_ms),
            self.queue.depths(),
            secrets,
        );
        let since = |at_ms: i64| (now_ms - at_ms).div_euclid(1000);
        Ok(Health {
            gate: gate?,
            token_age_s: token?
                .filter(|ends| *ends > now_ms)
                .map(|ends| since(ends) + self.config.cargotech_token_ttl_s),
            queues,
            oldest_delivery_s: delivery?.map(since),
            oldest_payment_s: payment?.map(since),
            jobs: JOBS.into_iter().zip(runs?).collect(),
            secrets,
        })
    }
}
