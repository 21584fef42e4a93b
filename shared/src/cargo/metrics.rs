//! What is counted of cached answers.
use crate::telemetry::Metric;

/// A cached answer was fresh.
pub const CACHE_HIT: Metric = Metric::count("CacheHit");
/// An answer was fetched.
pub const CACHE_MISS: Metric = Metric::count("CacheMiss");
/// An old answer was served.
pub const CACHE_STALE: Metric = Metric::count("CacheStale");

/// All of them.
pub const ALL: &[Metric] = &[CACHE_HIT, CACHE_MISS, CACHE_STALE];
