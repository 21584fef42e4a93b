//! What belongs to one request from its first to its last call.
use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU32, Ordering},
};

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
}

impl RequestContext {
    /// A request called `request_id` that arrives now.
    pub fn new(request_id: impl Into<String>) -> Self {
        Self { request_id: request_id.into(), deadline: Instant::now() + WORK_WITHIN, caller: None }
    }
}

/// What a request cost and who made it, for its log line.
#[derive(Debug, Default)]
pub struct Trace {
    store_calls: AtomicU32,
    upstream_calls: AtomicU32,
    driver: OnceLock<String>,
}

tokio::task_local! {
    static TRACE: Arc<Trace>;
}

impl Trace {
    /// Does `work`, and notes in the trace what it does.
    pub async fn follow<F: Future>(self: &Arc<Self>, work: F) -> F::Output {
        TRACE.scope(self.clone(), work).await
    }

    /// Calls to the store.
    pub fn store_calls(&self) -> u32 {
        self.store_calls.load(Ordering::Relaxed)
    }

    /// Calls to services outside AWS.
    pub fn upstream_calls(&self) -> u32 {
        self.upstream_calls.load(Ordering::Relaxed)
    }

    /// Who made the request, by a name that only we can make of the driver's id.
    pub fn driver(&self) -> Option<&str> {
        self.driver.get().map(String::as_str)
    }
}

/// One call to the store was made.
pub fn count_store_call() {
    let _ = TRACE.try_with(|trace| trace.store_calls.fetch_add(1, Ordering::Relaxed));
}

/// One call to a service outside AWS was made.
pub fn count_upstream_call() {
    let _ = TRACE.try_with(|trace| trace.upstream_calls.fetch_add(1, Ordering::Relaxed));
}

/// The request is of the driver whom we call so in logs.
pub fn note_driver(name: String) {
    let _ = TRACE.try_with(|trace| trace.driver.set(name));
}
