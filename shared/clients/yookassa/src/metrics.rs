//! What is counted of calls to YooKassa.
use kernel::telemetry::Metric;

/// YooKassa gave no answer.
pub const FAILED: Metric = Metric::count("YookassaFailed");
/// YooKassa refused our shop or its key.
pub const SHOP_REFUSED: Metric = Metric::count("YookassaShopRefused");
/// YooKassa refused a request of ours.
pub const REFUSED: Metric = Metric::count("YookassaRefused");
/// How long YooKassa took to answer, or not to.
pub const LATENCY: Metric = Metric::milliseconds("YookassaLatency");

/// All values.
pub const ALL: &[Metric] = &[FAILED, SHOP_REFUSED, REFUSED, LATENCY];
