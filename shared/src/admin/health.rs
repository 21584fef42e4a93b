//! How the product and what it depends on are.
use crate::{
    app::App,
    error::Error,
    modules::Job,
    queue::Depth,
    secrets::{OLD_DAYS, Secret},
    store::{gate::Gate, job::JobRuns},
};

/// How a job is: `ok`, `failed` with its last run, `late` when its last success is older than twice its interval, or `never` when
/// there was none.
pub fn job_state(every_s: i64, runs: &JobRuns, now_ms: i64) -> &'static str {
    match (&runs.error, runs.ended_at_ms) {
        (Some(_), _) => "failed",
        (None, None) => "never",
        (None, Some(ended)) if now_ms - ended > 2 * every_s * 1000 => "late",
        (None, Some(_)) => "ok",
    }
}

/// How far back payments are looked for that are open. The provider itself holds none open for longer; only one of a shop
/// that is no longer ours can stay so, which is told by itself.
const OPEN_MS: i64 = 7 * 86_400_000;

/// How everything is.
#[derive(Debug)]
pub struct Health {
    /// The rate limit and circuit breaker of calls to CargoTech.
    pub gate: Gate,
    /// The queues.
    pub queues: [Depth; 2],
    /// The jobs and their runs.
    pub jobs: Vec<(&'static Job, JobRuns)>,
    /// How old is what gets old.
    pub ages: Ages,
}

/// How old is what gets old when something fails without a word.
#[derive(Debug)]
pub struct Ages {
    /// How long ago we logged in to CargoTech, seconds; `None` when we have no token.
    pub token_s: Option<i64>,
    /// For how long the oldest message that is due has been, seconds.
    pub delivery_s: Option<i64>,
    /// For how long the oldest payment has been open, seconds, however often it is asked for.
    pub payment_s: Option<i64>,
    /// The secrets.
    pub secrets: Vec<SecretAge>,
}

/// How old a secret is.
#[derive(Clone, Copy, Debug)]
pub struct SecretAge {
    /// Which.
    pub name: Secret,
    /// When it was last changed, milliseconds; `None` when that is not known.
    pub changed_at_ms: Option<i64>,
    /// How long ago that was, seconds.
    pub age_s: Option<i64>,
}

impl SecretAge {
    /// Whether it should be changed.
    pub fn is_old(&self) -> bool {
        self.name.gets_old() && self.age_s.is_some_and(|age| age > OLD_DAYS * 86_400)
    }
}

impl App {
    /// How everything is: five store calls and more only for very many payments, four of queues, six of secrets, all at
    /// once.
    ///
    /// # Errors
    /// The store does not answer. What else does not answer is left open.
    pub async fn health(&self) -> Result<Health, Error> {
        let jobs: Vec<_> = self.modules.jobs().collect();
        let names: Vec<_> = jobs.iter().map(|job| job.name).collect();
        let (gate, runs, queues, ages) = tokio::join!(
            self.store.gate(self.cargotech.rate(), self.clock.now_ms()),
            self.store.job_runs(&names),
            self.queue.depths(),
            self.ages(),
        );
        Ok(Health { gate: gate?, queues, jobs: jobs.into_iter().zip(runs?).collect(), ages: ages? })
    }

    /// How old is what gets old: seven store calls and more only for very many payments, six of secrets, all at once.
    ///
    /// # Errors
    /// The store does not answer. The age of a secret that cannot be looked at is left open.
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
