//! Metrics of calls to CargoTech.
use crate::telemetry::Metric;

/// A login failed, or CargoTech rejected its new token.
pub const LOGIN_FAILED: Metric = Metric::count("CargoTechLoginFailed");
/// CargoTech answered 403.
pub const FORBIDDEN: Metric = Metric::count("CargoTechForbidden");
/// An attempt of a call failed.
pub const FAILED: Metric = Metric::count("CargoTechFailed");
/// CargoTech's response was unreadable.
pub const UNREADABLE: Metric = Metric::count("CargoTechUnreadable");
/// CargoTech answered 429.
pub const RATE_LIMITED: Metric = Metric::count("CargoTechRateLimited");
/// The product's own budget rejected a call.
pub const BUDGET_EXHAUSTED: Metric = Metric::count("CargoTechBudgetExhausted");
/// The daily check failed.
pub const CHECK_FAILED: Metric = Metric::count("CargoTechCheckFailed");
/// The duration of a call, successful or not.
pub const LATENCY: Metric = Metric::milliseconds("CargoTechLatency");
/// The age of the current login.
pub const TOKEN_AGE: Metric = Metric::seconds("CargoTechTokenAge");

/// All values.
pub const ALL: &[Metric] =
    &[LOGIN_FAILED, FORBIDDEN, FAILED, UNREADABLE, RATE_LIMITED, BUDGET_EXHAUSTED, CHECK_FAILED, LATENCY, TOKEN_AGE];
