//! What goes wrong with the Bot API, as tests tell it.
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::ApiError;
use crate::aws::sqs::{Times, times};

/// What goes wrong at present.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Faults {
    /// Every connection is closed without an answer, and nothing is done.
    pub down: bool,
    /// Every answer comes so much later.
    pub latency_ms: u64,
    /// Calls that fail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fail: Option<Fail>,
    /// Calls that are carried out, and whose answer is lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drop: Option<Drop>,
    /// Calls that are answered with ok and nothing in it, and of which nothing comes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hollow: Option<Drop>,
    /// Deliveries to the webhook that fail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lose_webhooks: Option<LoseWebhooks>,
    /// Whether the limits of messages hold.
    pub limits: bool,
}

impl Default for Faults {
    fn default() -> Self {
        Self { down: false, latency_ms: 0, fail: None, drop: None, hollow: None, lose_webhooks: None, limits: true }
    }
}

/// Calls that fail.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Fail {
    /// With this status.
    pub status: u16,
    /// So often; always without it.
    #[serde(default = "all", deserialize_with = "times")]
    pub times: Times,
    /// Only this method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// What a 429 asks for, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<i64>,
    /// In place of the status's usual text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Calls whose answer is lost or hollow.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Drop {
    /// So often; always without it.
    #[serde(default = "all", deserialize_with = "times")]
    pub times: Times,
    /// Only this method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
}

/// Deliveries that fail.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LoseWebhooks {
    /// So often; always without it.
    #[serde(default = "all", deserialize_with = "times")]
    pub times: Times,
    /// The webhook is called, and only its answer is lost: the update comes twice.
    #[serde(default)]
    pub after: bool,
}

fn all() -> Times {
    Times::All
}

/// What happens to one call.
pub struct Fate {
    /// Wait so long.
    pub latency: Duration,
    /// Do nothing and close.
    pub down: bool,
    /// Answer with this.
    pub error: Option<ApiError>,
    /// Do it and close.
    pub drop: bool,
    /// Do nothing and say ok.
    pub hollow: bool,
}

impl Faults {
    /// What happens to a call of `method`; a fault that strikes has one time less.
    pub fn fate(&mut self, method: &str) -> Fate {
        let mut fate = Fate {
            latency: Duration::from_millis(self.latency_ms),
            down: self.down,
            error: None,
            drop: false,
            hollow: false,
        };
        let is_meant = |own: &Option<String>| own.as_ref().is_none_or(|own| own.eq_ignore_ascii_case(method));
        if fate.down {
            return fate;
        }
        if let Some(fail) = self.fail.as_mut().filter(|fail| is_meant(&fail.method))
            && fail.times.strike()
        {
            fate.error = Some(fail.error());
            return fate;
        }
        if let Some(drop) = self.drop.as_mut().filter(|drop| is_meant(&drop.method)) {
            fate.drop = drop.times.strike();
        }
        if let Some(hollow) = self.hollow.as_mut().filter(|hollow| is_meant(&hollow.method)) {
            fate.hollow = hollow.times.strike();
        }
        fate
    }

    /// Whether a delivery fails, and if so, whether the webhook is called first.
    pub fn lose_webhook(&mut self) -> Option<bool> {
        let lose = self.lose_webhooks.as_mut()?;
        lose.times.strike().then_some(lose.after)
    }
}

impl Fail {
    fn error(&self) -> ApiError {
        let mut error = match self.status {
            429 => ApiError::too_many(self.retry_after.unwrap_or(1)),
            400 => ApiError::bad_request("chat not found"),
            403 => ApiError::new(403, "Forbidden: bot was blocked by the user"),
            401 => ApiError::new(401, "Unauthorized"),
            502 => ApiError::new(502, "Bad Gateway"),
            status => ApiError::new(status, "Internal Server Error"),
        };
        error.retry_after = error.retry_after.or(self.retry_after);
        if let Some(description) = &self.description {
            error.description.clone_from(description);
        }
        error
    }
}
