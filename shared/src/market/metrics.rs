//! Metrics of the market.
use crate::telemetry::Metric;

/// Time since the start of the last accepted sweep; zero while the market is off.
pub const AGE: Metric = Metric::seconds("MarketAge");
/// Cargos after an accepted sweep.
pub const SIZE: Metric = Metric::count("MarketSize");
/// New cargos of an accepted sweep.
pub const NEW: Metric = Metric::count("MarketNew");
/// Changed cargos of an accepted sweep.
pub const CHANGED: Metric = Metric::count("MarketChanged");
/// Removed cargos of an accepted sweep.
pub const GONE: Metric = Metric::count("MarketGone");
/// Whether CargoTech's list was ordered: one or zero per accepted sweep.
pub const ORDERED: Metric = Metric::count("MarketOrdered");
/// From a walk's start to its acceptance.
pub const SWEEP_TOOK: Metric = Metric::seconds("SweepTook");
/// A sweep was too short to be believed.
pub const SWEEP_REFUSED: Metric = Metric::count("SweepRefused");
/// A sweep stopped because of a page, or because CargoTech does not answer.
pub const SWEEP_FAILED: Metric = Metric::count("SweepFailed");
/// An answer came from the market.
pub const ANSWERED: Metric = Metric::count("MarketAnswered");
/// The market is on and could not answer.
pub const PASSED: Metric = Metric::count("MarketPassed");
/// A stored snapshot is damaged or incomplete.
pub const UNREADABLE: Metric = Metric::count("SnapshotUnreadable");

/// All values.
pub const ALL: &[Metric] =
    &[AGE, SIZE, NEW, CHANGED, GONE, ORDERED, SWEEP_TOOK, SWEEP_REFUSED, SWEEP_FAILED, ANSWERED, PASSED, UNREADABLE];
