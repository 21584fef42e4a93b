//! How the API is told to misbehave, and what of it strikes a request.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::answer::{Answer, ApiError, processing};
use crate::aws::sqs::{Times, times};

/// A call of the API, by the name that counters and faults use.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// `POST /v3/payments`
    CreatePayment,
    /// `GET /v3/payments`
    ListPayments,
    /// `GET /v3/payments/{id}`
    GetPayment,
    /// `POST /v3/payments/{id}/capture`
    CapturePayment,
    /// `POST /v3/payments/{id}/cancel`
    CancelPayment,
    /// `POST /v3/refunds`
    CreateRefund,
    /// `GET /v3/refunds`
    ListRefunds,
    /// `GET /v3/refunds/{id}`
    GetRefund,
    /// `GET /v3/me`
    Me,
}

/// When a fault strikes.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// So often; always without it.
    #[serde(default = "all", deserialize_with = "times")]
    times: Times,
    /// With this probability, drawn from the faults' seed; always without it.
    #[serde(default = "surely")]
    probability: f64,
    /// Only this call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    endpoint: Option<Endpoint>,
    /// Milliseconds, in the answers that may have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    /// For a lost answer: whether the request was carried out. It was, without it.
    #[serde(default = "yes")]
    acted: bool,
    /// For a lost answer: how long the caller waits for nothing until the connection is closed.
    #[serde(default)]
    after_ms: u64,
}

fn all() -> Times {
    Times::All
}

fn surely() -> f64 {
    1.0
}

fn yes() -> bool {
    true
}

/// How much later answers come: milliseconds, or a span of them.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Latency {
    /// Always so much.
    Exactly(u64),
    /// Something between.
    Between {
        /// At least.
        min: u64,
        /// At most.
        max: u64,
    },
}

/// What goes wrong at present. [`Default`] is a service in good health.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Faults {
    /// Of all that is drawn by chance.
    pub seed: u64,
    /// Requests are carried out at once, and answered so much later: who gives up waiting must take them for unknown.
    pub latency_ms: Latency,
    /// 500, and nothing was done.
    pub fail: Option<Fault>,
    /// 500, and it was done.
    pub fail_after: Option<Fault>,
    /// 202 as in older days, and it was done.
    pub processing: Option<Fault>,
    /// No answer.
    pub lose: Option<Fault>,
    /// 429
    pub rate_limit: Option<Fault>,
    /// 401
    pub unauthorized: Option<Fault>,
    /// 403
    pub forbidden: Option<Fault>,
}

impl Default for Faults {
    fn default() -> Self {
        Faults {
            seed: 1,
            latency_ms: Latency::Exactly(0),
            fail: None,
            fail_after: None,
            processing: None,
            lose: None,
            rate_limit: None,
            unauthorized: None,
            forbidden: None,
        }
    }
}

/// The faults, and the chance that they are drawn with.
#[derive(Debug)]
pub struct Mishaps {
    faults: Faults,
    chance: fastrand::Rng,
}

impl Default for Mishaps {
    fn default() -> Self {
        Mishaps::new(Faults::default())
    }
}

/// A connection that is closed without an answer.
#[derive(Clone, Copy, Debug)]
pub struct Loss {
    /// Whether the request is carried out before.
    pub acted: bool,
    /// When.
    pub after: Duration,
}

/// What is in store for one request.
#[derive(Debug)]
pub struct Fate {
    /// Answer so much later.
    pub latency: Duration,
    /// Do not answer.
    pub loss: Option<Loss>,
    /// Answer this and do nothing.
    pub refusal: Option<ApiError>,
}

impl Mishaps {
    /// Such faults, from the beginning.
    pub fn new(faults: Faults) -> Mishaps {
        let chance = fastrand::Rng::with_seed(faults.seed);
        Mishaps { faults, chance }
    }

    /// What goes wrong at present; a fault that has struck has fewer times left.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// What happens to a request before it is carried out. Only one fault strikes it.
    pub fn before(&mut self, endpoint: Endpoint) -> Fate {
        let Mishaps { faults, chance } = self;
        let latency = match faults.latency_ms {
            Latency::Exactly(milliseconds) => milliseconds,
            Latency::Between { min, max } => chance.u64(min..=max.max(min)),
        };
        let mut fate = Fate { latency: Duration::from_millis(latency), loss: None, refusal: None };
        if let Some(lose) = strike(&mut faults.lose, chance, endpoint) {
            fate.loss = Some(Loss { acted: lose.acted, after: Duration::from_millis(lose.after_ms) });
            return fate;
        }
        let refusals = [
            (&mut faults.rate_limit, ApiError::too_many as fn() -> ApiError),
            (&mut faults.unauthorized, ApiError::credentials),
            (&mut faults.forbidden, || ApiError::forbidden("The operation is not allowed to this store")),
            (&mut faults.fail, ApiError::internal),
        ];
        for (fault, error) in refusals {
            if let Some(fault) = strike(fault, chance, endpoint) {
                fate.refusal = Some(error().retry_after(fault.retry_after));
                break;
            }
        }
        fate
    }

    /// What the caller of a request that was carried out hears instead of the good answer.
    pub fn after(&mut self, endpoint: Endpoint) -> Option<Answer> {
        let Mishaps { faults, chance } = self;
        if let Some(fault) = strike(&mut faults.fail_after, chance, endpoint) {
            return Some(ApiError::internal().retry_after(fault.retry_after).answer());
        }
        strike(&mut faults.processing, chance, endpoint).map(|fault| processing(fault.retry_after))
    }
}

fn strike(fault: &mut Option<Fault>, chance: &mut fastrand::Rng, endpoint: Endpoint) -> Option<Fault> {
    let fault = fault.as_mut().filter(|fault| fault.endpoint.is_none_or(|only| only == endpoint))?;
    // Drawn also when it is sure, so that a change of the probability does not move all that comes after.
    let strikes = chance.f64() < fault.probability && fault.times.strike();
    strikes.then(|| fault.clone())
}
