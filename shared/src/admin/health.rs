//! The health of the product and its dependencies.
use crate::{
    app::App,
    error::Error,
    market::{
        live::MarketState,
        rows::{Current, Stored},
    },
    modules::Job,
    queue::Depth,
    secrets::{OLD_DAYS, Secret},
    store::{gate::Gate, job::JobRuns},
};

/// The state of a job: `ok`, `failed` in its last run, `late` if its last success is older than twice its interval, or
/// `never` if there was none.
pub fn job_state(every_s: i64, runs: &JobRuns, now_ms: i64) -> &'static str {
    match (&runs.error, runs.ended_at_ms) {
        (Some(_), _) => "failed",
        (None, None) => "never",
        (None, Some(ended)) if now_ms - ended > 2 * every_s * 1000 => "late",
        (None, Some(_)) => "ok",
    }
}

/// How far back open payments are searched. The provider keeps none open for longer. Only one of a former shop can stay
/// open, and that is reported separately.
const OPEN_MS: i64 = 7 * 86_400_000;

/// The state of everything.
#[derive(Debug)]
pub struct Health {
    /// The rate limit and circuit breaker of calls to CargoTech.
    pub gate: Gate,
    /// Whether the market answers searches.
    pub market_state: MarketState,
    /// Its current snapshot; `None` if it cannot be read, too.
    pub market: Option<Current>,
    /// The queues.
    pub queues: [Depth; 2],
    /// The jobs and their runs.
    pub jobs: Vec<(&'static Job, JobRuns)>,
    /// Ages of things that grow old after a silent failure.
    pub ages: Ages,
}

/// Ages of things that grow old after a silent failure.
#[derive(Debug)]
pub struct Ages {
    /// The age of the CargoTech login, seconds; `None` without a token.
    pub token_s: Option<i64>,
    /// How long the oldest due message has waited, seconds.
    pub delivery_s: Option<i64>,
    /// How long the oldest open payment has been open, seconds, however often it is checked.
    pub payment_s: Option<i64>,
    /// The secrets.
    pub secrets: Vec<SecretAge>,
}

/// The age of a secret.
#[derive(Clone, Copy, Debug)]
pub struct SecretAge {
    /// The secret.
    pub name: Secret,
    /// When it last changed, milliseconds; `None` if unknown.
    pub changed_at_ms: Option<i64>,
    /// Its age, seconds.
    pub age_s: Option<i64>,
}

impl SecretAge {
    /// Whether it is due for rotation.
    pub fn is_old(&self) -> bool {
        self.name.gets_old() && self.age_s.is_some_and(|age| age > OLD_DAYS * 86_400)
    }
}

impl App {
    /// The state of everything. Makes six store calls (more only for very many payments), four to queues and six to
    /// secrets, all concurrently.
    ///
    /// # Errors
    /// The store does not answer. Other failures leave their values empty.
    pub async fn health(&self) -> Result<Health, Error> {
        let jobs: Vec<_> = self.modules.jobs().collect();
        let names: Vec<_> = jobs.iter().map(|job| job.name).collect();
        let (gate, market, runs, queues, ages) = tokio::join!(
            self.store.gate(self.cargotech.rate(), self.clock.now_ms()),
            self.store.market(),
            self.store.job_runs(&names),
            self.queue.depths(),
            self.ages(),
        );
        let market = market.unwrap_or_else(|error| {
            tracing::warn!(%error, "the state of the market is not known");
            Stored::default()
        });
        Ok(Health {
            gate: gate?,
            market_state: self.market.state(market.current.as_ref()),
            market: market.current,
            queues,
            jobs: jobs.into_iter().zip(runs?).collect(),
            ages: ages?,
        })
    }

    /// The ages. Makes seven store calls (more only for very many payments) and six to secrets, all concurrently.
    ///
    /// # Errors
    /// The store does not answer. An unreadable secret's age stays empty.
    pub async fn ages(&self) -> Result<Ages, Error> {
        let now_ms = self.clock.now_ms();
        let since = |at_ms: i64| (now_ms - at_ms).div_euclid(1000);
        let secrets = futures_util::future::join_all(self.modules.secrets().map(|name| async move {
            let changed = self.secrets.changed_at_ms(name).await;
            let changed = changed.inspect_err(|error| tracing::warn!(%error, "a secret's age is not known"));
            let changed_at_ms = changed.ok().flatten();
            SecretAge { name, changed_at_ms, age_s: changed_at_ms.map(since) }
        }));
        let outbox = self.store.outbox();
        let (token, delivery, payment, secrets) = tokio::join!(
            self.store.cargotech_token_ends(),
            outbox.oldest(now_ms),
            self.store.oldest_open_payment(now_ms - OPEN_MS),
            secrets,
        );
        Ok(Ages {
            token_s: token?.filter(|ends| *ends > now_ms).map(|ends| since(ends) + self.config.cargotech_token_ttl_s),
            delivery_s: delivery?.map(since),
            payment_s: payment?.map(since),
            secrets,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modules::PRODUCT;

    #[test]
    fn a_job_is_well_while_its_last_success_is_younger_than_twice_its_interval() {
        let runs = |ended, error: Option<&str>| JobRuns {
            started_at_ms: ended,
            ended_at_ms: ended,
            error: error.map(str::to_owned),
        };
        let now_ms = 1_000_000_000;
        for (job, minutes, state) in [
            ("watch", 9, "ok"),
            ("watch", 11, "late"),
            ("deliver-due", 1, "ok"),
            ("deliver-due", 3, "late"),
            ("forget", 47 * 60, "ok"),
            ("forget", 49 * 60, "late"),
        ] {
            let every_s = PRODUCT.job(job).expect("a job").every_s;
            assert_eq!(
                job_state(every_s, &runs(Some(now_ms - minutes * 60_000), None), now_ms),
                state,
                "{job} {minutes}"
            );
        }
        assert_eq!(job_state(300, &runs(Some(now_ms), Some("no answer")), now_ms), "failed");
        assert_eq!(job_state(300, &runs(None, None), now_ms), "never");
    }
}
