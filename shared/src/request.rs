//! What belongs to one request from its first to its last call.
use std::sync::atomic::{AtomicU32, Ordering};

/// One request, or one run of a job.
#[derive(Debug, Default)]
pub struct RequestContext {
    /// In every answer, log line, audit row and call to CargoTech.
    pub request_id: String,
    upstream_calls: AtomicU32,
}

impl RequestContext {
    /// A request called `request_id`.
    pub fn new(request_id: impl Into<String>) -> Self {
        Self { request_id: request_id.into(), upstream_calls: AtomicU32::new(0) }
    }

    /// One call to CargoTech was made for it.
    pub fn count_upstream_call(&self) {
        self.upstream_calls.fetch_add(1, Ordering::Relaxed);
    }

    /// How many calls to CargoTech it took.
    pub fn upstream_calls(&self) -> u32 {
        self.upstream_calls.load(Ordering::Relaxed)
    }
}
