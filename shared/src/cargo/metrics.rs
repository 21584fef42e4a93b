//! Metrics of the cache.
use crate::telemetry::Metric;

/// A cached answer was fresh.
pub const CACHE_HIT: Metric = Metric::count("CacheHit");
/// No cached answer could be used, so one was fetched.
pub const CACHE_MISS: Metric = Metric::count("CacheMiss");
/// A stale answer was served.
pub const CACHE_STALE: Metric = Metric::count("CacheStale");

/// All values.
pub const ALL: &[Metric] = &[CACHE_HIT, CACHE_MISS, CACHE_STALE];
