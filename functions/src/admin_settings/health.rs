//! Health of the product and its dependencies.
use serde::Serialize;
use shared::{
    admin::health::{Health, job_state},
    clock::rfc3339,
    queue::Depth,
    store::gate::{Breaker, Gate},
};
use utoipa::ToSchema;

use crate::{
    admin::Call,
    admin_settings::market::MarketView,
    http::{Answer, private_json},
};

/// The connection to CargoTech.
#[derive(Serialize, ToSchema)]
pub struct UpstreamView {
    /// State of the circuit breaker: `closed` (requests pass), `open` (none pass) or `half_open` (one probe passes).
    breaker: &'static str,
    /// Seconds since the last login; null without a token.
    token_age_s: Option<i64>,
    /// Share of the current request budget in use, percent.
    budget_used_percent: i64,
    /// The last daily check; null if it never ran.
    last_check: Option<CheckView>,
}

/// A check of CargoTech.
#[derive(Serialize, ToSchema)]
pub struct CheckView {
    at: String,
    ok: bool,
}

/// A queue.
#[derive(Serialize, ToSchema)]
pub struct QueueView {
    name: &'static str,
    /// Number of waiting messages; null if unknown.
    waiting: Option<i64>,
    /// Number of messages in flight; null if unknown.
    in_flight: Option<i64>,
    /// Number of dead letters; null if unknown.
    dead_letters: Option<i64>,
}

/// Age of the oldest waiting items, seconds; null if nothing waits.
#[derive(Serialize, ToSchema)]
pub struct OldestView {
    /// How long the oldest due message has been due.
    delivery_s: Option<i64>,
    /// How long the oldest open payment has been open.
    payment_s: Option<i64>,
}

/// A scheduled job.
#[derive(Serialize, ToSchema)]
pub struct JobView {
    name: &'static str,
    /// `ok`, `late` (the last success is older than twice the interval), `failed` or `never`.
    state: &'static str,
    /// Start of the last run, RFC 3339 in UTC; null if it never ran.
    last_started: Option<String>,
    /// End of the last successful run, RFC 3339 in UTC; null if there is none.
    last_ok: Option<String>,
    /// Error of the last run; null if it succeeded.
    last_error: Option<String>,
}

/// The age of a secret. Its value is never shown.
#[derive(Serialize, ToSchema)]
pub struct SecretView {
    name: &'static str,
    /// When it last changed, RFC 3339 in UTC; null if unknown.
    changed_at: Option<String>,
    /// Whether it is due for rotation.
    old: bool,
}

/// Health of the product and its dependencies. A value that cannot be read is null.
#[derive(Serialize, ToSchema)]
pub struct HealthView {
    cargotech: UpstreamView,
    market: MarketView,
    queues: Vec<QueueView>,
    oldest: OldestView,
    jobs: Vec<JobView>,
    secrets: Vec<SecretView>,
}

/// The name of the breaker state in the API.
pub fn breaker(gate: &Gate) -> &'static str {
    match gate.breaker {
        Breaker::Closed => "closed",
        Breaker::Open => "open",
        Breaker::HalfOpen => "half_open",
    }
}

impl HealthView {
    fn new(health: Health, now_ms: i64) -> Self {
        let check = health.jobs.iter().find(|(job, _)| job.name == "check-cargotech");
        let check = check.and_then(|(_, runs)| Some((runs.started_at_ms?, runs.error.is_none())));
        let queue = |depth: Depth| {
            let Depth { name, waiting, in_flight, dead_letters } = depth;
            QueueView { name, waiting, in_flight, dead_letters }
        };
        let jobs = health.jobs.into_iter().map(|(job, runs)| JobView {
            name: job.name,
            state: job_state(job.every_s, &runs, now_ms),
            last_started: runs.started_at_ms.map(rfc3339),
            last_ok: runs.ended_at_ms.map(rfc3339),
            last_error: runs.error,
        });
        let ages = health.ages;
        let secrets = ages.secrets.into_iter().map(|secret| SecretView {
            name: secret.name.as_str(),
            changed_at: secret.changed_at_ms.map(rfc3339),
            old: secret.is_old(),
        });
        Self {
            cargotech: UpstreamView {
                breaker: breaker(&health.gate),
                token_age_s: ages.token_s,
                budget_used_percent: health.gate.budget_used_percent,
                last_check: check.map(|(at_ms, ok)| CheckView { at: rfc3339(at_ms), ok }),
            },
            market: MarketView::new(health.market_state, health.market.as_ref()),
            queues: health.queues.into_iter().map(queue).collect(),
            oldest: OldestView { delivery_s: ages.delivery_s, payment_s: ages.payment_s },
            jobs: jobs.collect(),
            secrets: secrets.collect(),
        }
    }
}

/// Returns the health of the product and its dependencies.
#[utoipa::path(
    get, path = "/api/admin/health", tag = "admin", security(("session" = [])),
    responses((status = 200, body = HealthView))
)]
pub async fn show(call: Call<'_>) -> Answer {
    private_json(&HealthView::new(call.app.health().await?, call.app.clock.now_ms()))
}
