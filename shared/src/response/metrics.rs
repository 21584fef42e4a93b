//! Metrics of responses.
use crate::telemetry::Metric;

/// A response changed status.
pub const RESPONSE_CHANGED: Metric = Metric::count("ResponseChanged");

/// All values.
pub const ALL: &[Metric] = &[RESPONSE_CHANGED];
