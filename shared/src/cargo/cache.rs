//! The cache of CargoTech's data, stored as the bytes that drivers receive, so that many equal searches cost one call.
//!
//! A fresh document is served as is. A stale one is served at once too, except to the caller who takes its lease. That
//! caller refreshes it first, within a short time, because nothing runs after a Lambda's response. A missing document
//! is fetched by one caller while the others wait. Without the store, every caller asks CargoTech directly.
use std::{cell::RefCell, io::Write as _, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use flate2::{Compress, Compression, FlushCompress, Status, write::GzEncoder};
use sha2::{Digest as _, Sha256};
use tokio::{
    join,
    time::{Instant, sleep, timeout_at},
};

use crate::{
    cargo::metrics,
    cargotech::{self, Priority, UpstreamError},
    clock::Clock,
    config::Config,
    error::{Error, FieldError},
    request::RequestContext,
    store::{
        Store, StoreError,
        bucket::{Rate, retry_after_s},
        document::{Cached, Document},
        keys::{self, DocumentName},
        lease::{Failure, LeaseOutcome},
        marks::Marks,
    },
    telemetry,
};

/// How long the lease holder of a stale document may try to refresh it before serving it stale.
const REFRESH: Duration = Duration::from_millis(1500);
/// How long to wait for the caller who fetches a missing document.
const WAIT: Duration = Duration::from_secs(3);
const POLL: Duration = Duration::from_millis(100);
/// Longer than a call with all its retries.
const LEASE_MS: i64 = 10_000;
/// The pause after a failed fetch. Together with the breaker's pause it limits how late a recovery is noticed.
const AFTER_FAILURE_MS: i64 = 5_000;
/// A refusal by CargoTech (the cargo is gone, the search is invalid) is cached for a minute.
const AFTER_REFUSAL_MS: i64 = 60_000;
/// How long an interrupted fetch has to record its result.
const GRACE: Duration = Duration::from_secs(1);
/// A document older than this many lifetimes is not served at once: waiting is better.
const OLD_LIFETIMES: i64 = 6;
/// While CargoTech is down, old documents are served for at least a day.
const KEPT_MS: i64 = 86_400_000;

/// Where a response came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// The cache, fresh.
    Hit,
    /// CargoTech, just now.
    Miss,
    /// The cache, stale.
    Stale,
}

impl Freshness {
    /// The value of `X-Cargo-Cache`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Miss => "miss",
            Self::Stale => "stale",
        }
    }
}

/// A response with its metadata.
#[derive(Clone, Debug)]
pub struct Served {
    /// The document.
    pub document: Document,
    /// Where it came from.
    pub freshness: Freshness,
    /// Whole seconds since CargoTech was called.
    pub age_s: i64,
    /// It is stale because CargoTech does not answer.
    pub upstream_down: bool,
}

/// The result of a fetch: the JSON, and the cargos in it with their prices in kopecks.
#[derive(Debug)]
pub struct Fetched {
    /// When CargoTech was called, milliseconds.
    pub asked_at_ms: i64,
    /// The JSON without what varies per response.
    pub json: Vec<u8>,
    /// The variant for drivers with locked features, if there is one.
    pub locked_json: Option<Vec<u8>>,
    /// See [`Document::prices`].
    pub prices: Vec<(String, i64)>,
}

/// A request for a document.
#[derive(Debug)]
pub struct DocumentRequest<'a> {
    /// Its name.
    pub name: &'a DocumentName,
    /// How long the document is fresh, seconds.
    pub lifetime_s: i64,
    /// The driver, whose calls to CargoTech are rate-limited.
    pub driver_id: i64,
    /// The call's priority in the budget when no stale document exists.
    pub priority: Priority,
    /// The request.
    pub context: &'a RequestContext,
}

/// The cache and its rules.
#[derive(Debug)]
pub struct Documents {
    store: Store,
    clock: Clock,
    misses: Rate,
}

impl Documents {
    /// Creates a cache in the store.
    pub fn new(config: &Config, store: Store, clock: Clock) -> Self {
        Self { store, clock, misses: Rate::per_minute(config.misses_per_min) }
    }

    /// Serves the document, given the result of the cache read. `fetch` calls CargoTech with the given deadline and
    /// priority.
    ///
    /// # Errors
    /// Nothing can be served; the error says why.
    pub async fn serve<F>(
        &self,
        wanted: &DocumentRequest<'_>,
        read: Result<Cached, StoreError>,
        fetch: impl FnOnce(Instant, Priority) -> F,
    ) -> Result<Served, Error>
    where
        F: Future<Output = Result<Fetched, UpstreamError>>,
    {
        let Cached { document, marks, .. } = match read {
            Ok(cached) => cached,
            Err(error) => {
                tracing::warn!(%error, "the cache cannot be read; CargoTech is asked directly");
                return match Box::pin(fetch(wanted.deadline(cargotech::CALL), wanted.priority)).await {
                    Ok(fetched) => Ok(self.served(document_of(fetched), Freshness::Miss, false)),
                    Err(error) => Err(Refusal::of(&error).error),
                };
            }
        };
        let lifetime_ms = wanted.lifetime_s * 1000;
        let age_ms = |document: &Document| self.clock.now_ms() - document.fetched_at_ms;
        let since_ms = document.as_ref().map(|document| document.fetched_at_ms);
        let old = match document {
            Some(document) if self.is_fresh(&document, &marks, wanted.lifetime_s) => {
                return Ok(self.served(document, Freshness::Hit, false));
            }
            // The store deletes expired items late, so one may still exist.
            other => other.filter(|document| age_ms(document) < wanted.kept_ms()),
        };
        let quick = old.as_ref().is_some_and(|document| age_ms(document) < lifetime_ms * OLD_LIFETIMES);
        let priority = if old.is_some() { wanted.priority.renewing(quick) } else { wanted.priority };
        let fetch = |deadline| fetch(deadline, priority);
        // Boxed, because the rare slow path should not enlarge the future of the fast one.
        match Box::pin(self.work(wanted, quick, since_ms, fetch)).await {
            Ok(served) => Ok(served),
            Err(Refusal { error: Error::CargoGone, .. }) => Err(Error::CargoGone),
            Err(Refusal { error, down }) => match old {
                Some(document) => Ok(self.served(document, Freshness::Stale, down)),
                None => Err(error),
            },
        }
    }

    /// The document if it is cached and fresh, for callers who do not wait for CargoTech.
    pub fn at_hand(&self, Cached { document, marks, .. }: Cached, lifetime_s: i64) -> Option<Served> {
        let document = document.filter(|document| self.is_fresh(document, &marks, lifetime_s))?;
        Some(self.served(document, Freshness::Hit, false))
    }

    /// A document that was made from data at hand.
    pub fn hit(&self, document: Document) -> Served {
        self.served(document, Freshness::Hit, false)
    }

    /// A document that was made from old data at hand, because there is nothing newer.
    pub fn last_resort(&self, document: Document, upstream_down: bool) -> Served {
        self.served(document, Freshness::Stale, upstream_down)
    }

    fn is_fresh(&self, document: &Document, marks: &Marks, lifetime_s: i64) -> bool {
        self.clock.now_ms() - document.fetched_at_ms < lifetime_s * 1000 && !contradicts(document, marks)
    }

    /// Gets a new document: fetches it, or waits for the caller who does.
    async fn work<F>(
        &self,
        wanted: &DocumentRequest<'_>,
        quick: bool,
        since_ms: Option<i64>,
        fetch: impl FnOnce(Instant) -> F,
    ) -> Result<Served, Refusal>
    where
        F: Future<Output = Result<Fetched, UpstreamError>>,
    {
        let lease = wanted.name.as_str();
        let owner = &wanted.context.request_id;
        let give_up = Instant::now() + WAIT;
        loop {
            match self.store.lease(lease, owner, wanted.no_obstacle(), self.clock.now_ms(), LEASE_MS).await {
                Ok(LeaseOutcome::Taken) | Err(_) => break,
                Ok(LeaseOutcome::Held { failure: Some(failure) }) => return Err(Refusal::after(failure)),
                Ok(LeaseOutcome::Held { failure: None }) if quick => {
                    return Err(Refusal { error: unavailable(AFTER_FAILURE_MS), down: false });
                }
                Ok(LeaseOutcome::Held { failure: None }) => {}
            }
            // Another caller fetches it.
            loop {
                if Instant::now() >= give_up {
                    return Err(Refusal { error: unavailable(2000), down: true });
                }
                sleep(POLL).await;
                let Ok(cached) = self.store.document_and_lease(wanted.name, self.clock.now_ms()).await else {
                    break;
                };
                if let Some(document) = newer(cached.document, since_ms) {
                    return Ok(self.served(document, Freshness::Miss, false));
                }
                match cached.lease {
                    Some(LeaseOutcome::Held { failure }) if failure.is_some() && failure == wanted.no_obstacle() => {
                        break;
                    }
                    Some(LeaseOutcome::Held { failure: Some(failure) }) => return Err(Refusal::after(failure)),
                    Some(_) => {}
                    None => break,
                }
            }
        }
        self.fetch_with_lease(wanted, quick, since_ms, fetch).await
    }

    async fn fetch_with_lease<F>(
        &self,
        wanted: &DocumentRequest<'_>,
        quick: bool,
        since_ms: Option<i64>,
        fetch: impl FnOnce(Instant) -> F,
    ) -> Result<Served, Refusal>
    where
        F: Future<Output = Result<Fetched, UpstreamError>>,
    {
        let lease = wanted.name.as_str();
        let owner = &wanted.context.request_id;
        let now_ms = self.clock.now_ms();
        // Another caller may have finished between our read and our lease.
        let misses = keys::misses(wanted.driver_id);
        let (again, allowed) =
            join!(self.store.document_and_lease(wanted.name, now_ms), self.store.take(&misses, self.misses, now_ms),);
        if let Some(document) = again.ok().and_then(|cached| newer(cached.document, since_ms)) {
            self.note(self.store.release_lease(&keys::lease(lease), owner).await);
            return Ok(self.served(document, Freshness::Miss, false));
        }
        if let Ok(Err(wait_ms)) = allowed {
            self.note(self.store.release_lease(&keys::lease(lease), owner).await);
            return Err(Refusal { error: Error::RateLimited(retry_after_s(wait_ms)), down: false });
        }
        // The fetch itself ends by the deadline. It is not cancelled there, because it must still record its result.
        let deadline = wanted.deadline(if quick { REFRESH } else { cargotech::CALL });
        let cut_off = UpstreamError::Unavailable { reason: "it does not answer in time", wait_ms: AFTER_FAILURE_MS };
        match timeout_at(deadline + GRACE, Box::pin(fetch(deadline))).await.unwrap_or(Err(cut_off)) {
            Ok(fetched) => {
                let document = document_of(fetched);
                let ttl_s = (document.fetched_at_ms + wanted.kept_ms()) / 1000;
                self.note(self.store.put_document(wanted.name, &document, ttl_s).await);
                Ok(self.served(document, Freshness::Miss, false))
            }
            Err(error) => {
                let failure = failure(&error);
                if failure == Failure::OverBudget {
                    // No call was made, so the driver's limit is not charged.
                    self.note(self.store.give_back(&misses, self.misses).await);
                }
                let for_ms = match failure {
                    // The budget has already counted it.
                    Failure::OverBudget => AFTER_FAILURE_MS,
                    Failure::Down | Failure::Forbidden => {
                        tracing::warn!(%error, document = lease, "CargoTech gave no answer; the best cached one is served");
                        AFTER_FAILURE_MS
                    }
                    Failure::Gone | Failure::Refused => AFTER_REFUSAL_MS,
                };
                self.note(
                    self.store
                        .fail_lease(&keys::lease(lease), owner, failure.as_str(), self.clock.now_ms(), for_ms)
                        .await,
                );
                Err(Refusal::of(&error))
            }
        }
    }

    fn served(&self, document: Document, freshness: Freshness, upstream_down: bool) -> Served {
        telemetry::count(match freshness {
            Freshness::Hit => metrics::CACHE_HIT,
            Freshness::Miss => metrics::CACHE_MISS,
            Freshness::Stale => metrics::CACHE_STALE,
        });
        let age_s = ((self.clock.now_ms() - document.fetched_at_ms) / 1000).max(0);
        Served { document, freshness, age_s, upstream_down }
    }

    fn note(&self, result: Result<(), StoreError>) {
        if let Err(error) = result {
            tracing::warn!(%error, "the cache could not be written");
        }
    }
}

impl DocumentRequest<'_> {
    /// The deadline of work: after `patience`, or earlier if the response is due.
    fn deadline(&self, patience: Duration) -> Instant {
        self.context.deadline.min(Instant::now() + patience)
    }

    /// Another caller's failure that does not apply to this one: budget reserved from others is available for actions.
    fn no_obstacle(&self) -> Option<Failure> {
        (self.priority == Priority::Acting).then_some(Failure::OverBudget)
    }

    /// How long it is kept.
    fn kept_ms(&self) -> i64 {
        KEPT_MS.max(self.lifetime_s * 1000 * (OLD_LIFETIMES + 1))
    }
}

/// Why no new document is available, and whether CargoTech is the cause.
struct Refusal {
    error: Error,
    down: bool,
}

impl Refusal {
    /// For the caller who called CargoTech.
    fn of(error: &UpstreamError) -> Self {
        match error {
            // At most a minute: an app that asks for longer looks broken.
            UpstreamError::Unavailable { wait_ms, .. } => {
                Self { error: unavailable((*wait_ms).min(60_000)), down: true }
            }
            UpstreamError::OverBudget { wait_ms } => Self { error: unavailable((*wait_ms).min(60_000)), down: false },
            other => Self::after(failure(other)),
        }
    }

    /// For callers with the same request.
    fn after(failure: Failure) -> Self {
        let error = match failure {
            Failure::Down | Failure::OverBudget => unavailable(AFTER_FAILURE_MS),
            Failure::Forbidden => Error::UpstreamForbidden,
            Failure::Gone => Error::CargoGone,
            Failure::Refused => Error::Validation(vec![FieldError::new(
                "query",
                "refused",
                "CargoTech does not take this combination of filters. Change or clear some.",
            )]),
        };
        Self { error, down: failure != Failure::OverBudget }
    }
}

fn failure(error: &UpstreamError) -> Failure {
    match error {
        UpstreamError::Unavailable { .. } => Failure::Down,
        UpstreamError::OverBudget { .. } => Failure::OverBudget,
        UpstreamError::Forbidden => Failure::Forbidden,
        UpstreamError::NotFound => Failure::Gone,
        UpstreamError::Refused(_) => Failure::Refused,
    }
}

fn unavailable(wait_ms: i64) -> Error {
    Error::UpstreamUnavailable(retry_after_s(wait_ms))
}

fn newer(document: Option<Document>, since_ms: Option<i64>) -> Option<Document> {
    document.filter(|document| Some(document.fetched_at_ms) > since_ms)
}

/// A weak entity tag of these bytes, because the response is sent both compressed and plain.
pub(crate) fn etag(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    format!("W/\"{}\"", URL_SAFE_NO_PAD.encode(&digest[..12]))
}

fn document_of(fetched: Fetched) -> Document {
    Document {
        etag: etag(&fetched.json),
        body: gzip(&fetched.json),
        locked_body: fetched.locked_json.as_deref().map(gzip),
        fetched_at_ms: fetched.asked_at_ms,
        prices: fetched.prices,
    }
}

/// Whether a mark about a cargo is newer than the document.
fn contradicts(document: &Document, marks: &Marks) -> bool {
    !marks.is_empty()
        && document.prices.iter().any(|(id, price)| {
            marks.get(id).is_some_and(|mark| mark.at_ms > document.fetched_at_ms && mark.price != Some(*price))
        })
}

/// Compresses bytes for `Content-Encoding: gzip`, for a document that is sent many times.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::best());
    // Writing to memory cannot fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// Compresses bytes for `Content-Encoding: gzip`, for an answer that may be sent only once.
pub fn gzip_quickly(bytes: &[u8]) -> Vec<u8> {
    const WINDOW_BITS: u8 = 15;
    thread_local! {
        /// Its tables are larger than an answer, and new ones would be cleared for each.
        static COMPRESSOR: RefCell<Compress> = RefCell::new(Compress::new_gzip(Compression::fast(), WINDOW_BITS));
    }
    COMPRESSOR.with_borrow_mut(|compressor| {
        compressor.reset();
        let mut body = Vec::with_capacity(bytes.len() / 4 + 64);
        loop {
            let read = usize::try_from(compressor.total_in()).unwrap_or(usize::MAX);
            let left = bytes.get(read..).unwrap_or_default();
            match compressor.compress_vec(left, &mut body, FlushCompress::Finish) {
                Ok(Status::StreamEnd) => return body,
                // It is full.
                Ok(Status::Ok | Status::BufError) => body.reserve(bytes.len() / 4 + 64),
                // Not in memory and with a fresh state.
                Err(_) => return gzip(bytes),
            }
        }
    })
}

/// Decompresses a document for a client without gzip support.
///
/// # Errors
/// The stored bytes are damaged.
pub fn gunzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut decoder = flate2::write::GzDecoder::new(Vec::new());
    decoder.write_all(bytes)?;
    decoder.finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::store::marks::Mark;

    #[test]
    fn only_newer_knowledge_that_differs_makes_a_list_stale() {
        let document = Document {
            body: Vec::new(),
            locked_body: None,
            etag: String::new(),
            fetched_at_ms: 1000,
            prices: vec![("1".into(), 500), ("2".into(), 0)],
        };
        let marked = |id: &str, at_ms, price| {
            contradicts(&document, &Marks::from([(id.to_owned(), Mark { at_ms, price, by: 1 })]))
        };
        assert!(marked("1", 1001, None), "gone");
        assert!(marked("1", 1001, Some(600)), "another price");
        assert!(marked("2", 1001, Some(600)), "a price where there was none");
        assert!(!marked("1", 1001, Some(500)), "the same price");
        assert!(!marked("1", 1000, None), "the list is newer");
        assert!(!marked("3", 1001, None), "not in the list");
    }

    proptest! {
        #[test]
        fn what_is_compressed_comes_back(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            prop_assert_eq!(gunzip(&gzip_quickly(&bytes)).unwrap(), bytes.clone());
            prop_assert_eq!(gunzip(&gzip(&bytes)).unwrap(), bytes);
        }
    }
}
