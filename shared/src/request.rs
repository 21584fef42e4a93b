//! What belongs to one request from its first to its last call.
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::time::{Duration, Instant};

/// Every route answers within this time, so that an app on a slow line hears from us before it gives up, and no
/// request outlives its function.
pub const ANSWER_WITHIN: Duration = Duration::from_millis(9500);
/// Of which this much may pass before the last call to the outside ends: what is left is for writing down what it
/// brought.
const WORK_WITHIN: Duration = Duration::from_secs(8);

/// From where a request came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// The address.
    pub address: Option<String>,
    /// What it says that it was made with.
    pub user_agent: Option<String>,
}

/// One request, or one run of a job.
#[derive(Debug)]
pub struct RequestContext {
    /// In every answer, log line, audit row and call to CargoTech.
    pub request_id: String,
    /// No call to the outside lasts longer than this.
    pub deadline: Instant,
    /// From where it came, when that is to be accounted for: what an admin does is, what a driver does is not.
    pub caller: Option<Caller>,
    upstream_calls: AtomicU32,
}

impl RequestContext {
    /// A request called `request_id` that arrives now.
    pub fn new(request_id: impl Into<String>) -> Self {
        Self {
            request_id: request_id.into(),
            deadline: Instant::now() + WORK_WITHIN,
            caller: None,
            upstream_calls: AtomicU32::new(0),
        }
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
