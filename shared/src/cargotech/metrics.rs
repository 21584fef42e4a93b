//! What is counted of calls to CargoTech.
use crate::telemetry::Metric;

/// A login to CargoTech failed, or its fresh token was refused.
pub const LOGIN_FAILED: Metric = Metric::count("CargoTechLoginFailed");
/// CargoTech answered 403.
pub const FORBIDDEN: Metric = Metric::count("CargoTechForbidden");
/// An attempt of a call to CargoTech failed.
pub const FAILED: Metric = Metric::count("CargoTechFailed");
/// CargoTech answered what cannot be read.
pub const UNREADABLE: Metric = Metric::count("CargoTechUnreadable");
/// CargoTech answered 429.
pub const RATE_LIMITED: Metric = Metric::count("CargoTechRateLimited");
/// Our own budget refused a call.
pub const BUDGET_EXHAUSTED: Metric = Metric::count("CargoTechBudgetExhausted");
/// The daily check of CargoTech failed.
pub const CHECK_FAILED: Metric = Metric::count("CargoTechCheckFailed");
/// How long CargoTech took to answer, or not to.
pub const LATENCY: Metric = Metric::milliseconds("CargoTechLatency");
/// How long ago we logged in to CargoTech.
pub const TOKEN_AGE: Metric = Metric::seconds("CargoTechTokenAge");

/// All of them.
pub const ALL: &[Metric] =
    &[LOGIN_FAILED, FORBIDDEN, FAILED, UNREADABLE, RATE_LIMITED, BUDGET_EXHAUSTED, CHECK_FAILED, LATENCY, TOKEN_AGE];
