//! The context of one request, from its first call to its last.
use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU32, Ordering},
};

use tokio::time::{Duration, Instant};

/// Every route answers within this time: before an app on a slow line gives up, and before the function times out.
pub const ANSWER_WITHIN: Duration = Duration::from_millis(9500);
/// The part of that time for outbound calls. The rest is for storing their results.
const WORK_WITHIN: Duration = Duration::from_secs(8);

/// The origin of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// The IP address.
    pub address: Option<String>,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
}

/// One request, or one run of a job.
#[derive(Debug)]
pub struct RequestContext {
    /// Appears in every response, log line, audit row and call to CargoTech.
    pub request_id: String,
    /// The deadline of every outbound call.
    pub deadline: Instant,
    /// The origin, if the audit log needs it: set for admins' requests, not for drivers'.
    pub caller: Option<Caller>,
}

impl RequestContext {
    /// A request with the id `request_id` that starts now.
    pub fn new(request_id: impl Into<String>) -> Self {
        Self { request_id: request_id.into(), deadline: Instant::now() + WORK_WITHIN, caller: None }
    }
}

/// The cost of a request and its driver, for the log line.
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
    /// Runs `work` and records its calls in the trace.
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

    /// The driver's pseudonym. Only the product can derive it from the driver's id.
    pub fn driver(&self) -> Option<&str> {
        self.driver.get().map(String::as_str)
    }
}

/// Counts one call to the store.
pub fn count_store_call() {
    let _ = TRACE.try_with(|trace| trace.store_calls.fetch_add(1, Ordering::Relaxed));
}

/// Counts one call to a service outside AWS.
pub fn count_upstream_call() {
    let _ = TRACE.try_with(|trace| trace.upstream_calls.fetch_add(1, Ordering::Relaxed));
}

/// Records the driver's pseudonym for the log.
pub fn note_driver(name: String) {
    let _ = TRACE.try_with(|trace| trace.driver.set(name));
}
