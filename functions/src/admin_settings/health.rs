//! How the product and what it depends on are.
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
    http::{Answer, private_json},
};

/// The way to CargoTech.
#[derive(Serialize, ToSchema)]
pub struct UpstreamView {
    /// `closed` (requests pass), `open` (none does) or `half_open` (one may try).
    breaker: &'static str,
    /// How long ago we logged in; null when we have no token.
    token_age_s: Option<i64>,
    /// How much of the budget of this moment is used up.
    budget_used_percent: i64,
    /// The daily check; null when it never ran.
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
    waiting: Option<i64>,
    in_flight: Option<i64>,
    dead_letters: Option<i64>,
}

/// What has waited for the longest, seconds; null when nothing waits.
#[derive(Serialize, ToSchema)]
pub struct OldestView {
    /// For how long a message has been due.
    delivery_s: Option<i64>,
    /// For how long a payment has been open.
    payment_s: Option<i64>,
}

/// A job.
#[derive(Serialize, ToSchema)]
pub struct JobView {
    name: &'static str,
    /// `ok`, `late` (its last success is older than twice its interval), `failed` or `never`.
    state: &'static str,
    last_started: Option<String>,
    last_ok: Option<String>,
    /// Why its last run failed; null when it did not.
    last_error: Option<String>,
}

/// A secret, of which nothing is shown but its age.
#[derive(Serialize, ToSchema)]
pub struct SecretView {
    name: &'static str,
    changed_at: Option<String>,
    /// It should be changed.
    old: bool,
}

/// How everything is. What does not say how it is, is null.
#[derive(Serialize, ToSchema)]
pub struct HealthView {
    cargotech: UpstreamView,
    queues: Vec<QueueView>,
    oldest: OldestView,
    jobs: Vec<JobView>,
    secrets: Vec<SecretView>,
}

/// The breaker, as the API writes it.
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
            queues: health.queues.into_iter().map(queue).collect(),
            oldest: OldestView { delivery_s: ages.delivery_s, payment_s: ages.payment_s },
            jobs: jobs.collect(),
            secrets: secrets.collect(),
        }
    }
}

/// How the product and what it depends on are.
#[utoipa::path(
    get, path = "/api/admin/health", tag = "admin", security(("session" = [])),
    responses((status = 200, body = HealthView))
)]
pub async fn show(call: Call<'_>) -> Answer {
    private_json(&HealthView::new(call.app.health().await?, call.app.clock.now_ms()))
}
