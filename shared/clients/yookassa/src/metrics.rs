//! Metrics of calls to YooKassa.
use kernel::telemetry::Metric;

/// YooKassa did not answer.
pub const FAILED: Metric = Metric::count("YookassaFailed");
/// YooKassa rejected the shop or its key.
pub const SHOP_REFUSED: Metric = Metric::count("YookassaShopRefused");
/// YooKassa rejected a request.
pub const REFUSED: Metric = Metric::count("YookassaRefused");
/// The duration of a call, successful or not.
pub const LATENCY: Metric = Metric::milliseconds("YookassaLatency");
