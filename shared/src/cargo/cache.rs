//! What CargoTech answered, kept as the bytes that drivers get, so that a search that many drivers make costs one call.
//!
//! A fresh document is served as it is. An old one is served at once too, but for the one caller who takes its lease:
//! that one refreshes it first, for a short while at most, because nothing can run after a Lambda's answer. What is not
//! there is fetched by one caller while the others wait for it. Without the store every caller asks CargoTech itself.
use std::{io::Write as _, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest as _, Sha256};
use tokio::time::{Instant, sleep, timeout};

use crate::{
    cargotech::{self, UpstreamError},
    clock::Clock,
    config::Config,
    error::{Error, FieldError},
    request::RequestContext,
    store::{
        Store, StoreError,
        bucket::{Rate, retry_after_s},
        document::{Cached, Document},
        keys::{DocumentName, Key},
        lease::LeaseOutcome,
        marks::Marks,
    },
    telemetry::{self, Metric},
};

/// The holder of the lease of an old document has this long before it, too, serves the old one.
const REFRESH: Duration = Duration::from_millis(1500);
/// How long one waits for the caller who fetches what is not there.
const WAIT: Duration = Duration::from_secs(3);
const POLL: Duration = Duration::from_millis(100);
/// Longer than a call with all its retries.
const LEASE_MS: i64 = 10_000;
/// After a failed fetch nobody tries again for this long. With the breaker's own pause it bounds how late a recovery is
/// noticed.
const AFTER_FAILURE_MS: i64 = 5_000;
/// A document older than this many of its lifetimes is no longer served at once: one would rather wait than be shown it.
const OLD_LIFETIMES: i64 = 6;
/// But while CargoTech is down it is better than nothing, for a day at least.
const KEPT_MS: i64 = 86_400_000;

/// How an answer came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// From the cache, within its time.
    Hit,
    /// From CargoTech, just now.
    Miss,
    /// From the cache, past its time.
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

/// An answer and what is to be said about it.
#[derive(Clone, Debug)]
pub struct Served {
    /// The bytes.
    pub document: Document,
    /// How it came about.
    pub freshness: Freshness,
    /// Whole seconds since CargoTech was asked.
    pub age_s: i64,
    /// It is old because CargoTech does not answer.
    pub upstream_down: bool,
}

/// What a fetch brought: the answer's JSON, and the cargos in it with their prices in kopecks.
#[derive(Debug, Default)]
pub struct Fetched {
    /// Without what varies per answer.
    pub json: Vec<u8>,
    /// See [`Document::prices`].
    pub prices: Vec<(String, i64)>,
}

/// Which document is wanted, by whom.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// Its name.
    pub name: &'a DocumentName,
    /// How long it is fresh, seconds.
    pub lifetime_s: i64,
    /// Who asks: each driver may cause so many calls to CargoTech and no more.
    pub driver_id: i64,
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
    /// A cache in the store.
    pub fn new(config: &Config, store: Store, clock: Clock) -> Self {
        Self { store, clock, misses: Rate::per_minute(config.misses_per_min) }
    }

    /// Serves the document, given what the cache read brought. `fetch` asks CargoTech, until the instant it is given.
    ///
    /// # Errors
    /// Nothing can be served; the error says why.
    pub async fn serve<F>(
        &self,
        wanted: &Wanted<'_>,
        read: Result<Cached, StoreError>,
        fetch: impl FnOnce(Instant) -> F,
    ) -> Result<Served, Error>
    where
        F: Future<Output = Result<Fetched, UpstreamError>>,
    {
        let Cached { document, marks, .. } = match read {
            Ok(cached) => cached,
            Err(error) => {
                tracing::warn!(%error, "the cache cannot be read; CargoTech is asked directly");
                let fetched = fetch(Instant::now() + cargotech::CALL).await;
                return match fetched {
                    Ok(fetched) => Ok(self.served(self.document(fetched), Freshness::Miss, false)),
                    Err(error) => Err(told(&error)),
                };
            }
        };
        let lifetime_ms = wanted.lifetime_s * 1000;
        let age_ms = |document: &Document| self.clock.now_ms() - document.fetched_at_ms;
        let (fresh, old) = match document {
            Some(document) if age_ms(&document) < lifetime_ms && !contradicts(&document, &marks) => {
                (Some(document), None)
            }
            other => (None, other),
        };
        if let Some(document) = fresh {
            return Ok(self.served(document, Freshness::Hit, false));
        }
        let quick = old.as_ref().is_some_and(|document| age_ms(document) < lifetime_ms * OLD_LIFETIMES);
        let since_ms = old.as_ref().map(|document| document.fetched_at_ms);
        match self.work(wanted, quick, since_ms, fetch).await {
            Ok(served) => Ok(served),
            Err(Refusal { error: error @ (Error::CargoGone | Error::Validation(_)), .. }) => Err(error),
            Err(Refusal { error, down }) => match old {
                Some(document) => Ok(self.served(document, Freshness::Stale, down)),
                None => Err(error),
            },
        }
    }

    /// Gets a new document: by fetching it, or by waiting for the caller who does.
    async fn work<F>(
        &self,
        wanted: &Wanted<'_>,
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
            match self.store.take_lease(lease, owner, self.clock.now_ms(), LEASE_MS).await {
                Ok(LeaseOutcome::Taken) | Err(_) => break,
                Ok(LeaseOutcome::Held { failed }) if failed || quick => {
                    return Err(Refusal { error: unavailable(AFTER_FAILURE_MS), down: failed });
                }
                Ok(LeaseOutcome::Held { .. }) => {}
            }
            // Someone is at it.
            loop {
                if Instant::now() >= give_up {
                    return Err(Refusal { error: unavailable(2000), down: true });
                }
                sleep(POLL).await;
                let Ok(cached) = self.store.document_and_lease(wanted.name, self.clock.now_ms()).await else {
                    break;
                };
                if let Some(document) = cached.document
                    && Some(document.fetched_at_ms) > since_ms
                {
                    return Ok(self.served(document, Freshness::Miss, false));
                }
                match cached.lease {
                    Some(LeaseOutcome::Held { failed: false }) => {}
                    Some(_) => {
                        return Err(Refusal { error: unavailable(AFTER_FAILURE_MS), down: true });
                    }
                    None => break,
                }
            }
        }
        self.fetch_with_lease(wanted, quick, fetch).await
    }

    async fn fetch_with_lease<F>(
        &self,
        wanted: &Wanted<'_>,
        quick: bool,
        fetch: impl FnOnce(Instant) -> F,
    ) -> Result<Served, Refusal>
    where
        F: Future<Output = Result<Fetched, UpstreamError>>,
    {
        let lease = wanted.name.as_str();
        let owner = &wanted.context.request_id;
        if let Ok(Err(wait_ms)) =
            self.store.take(&Key::misses(wanted.driver_id), self.misses, self.clock.now_ms()).await
        {
            self.note(self.store.release_lease(lease, owner).await);
            return Err(Refusal { error: Error::RateLimited(retry_after_s(wait_ms)), down: false });
        }
        let patience = if quick { REFRESH } else { cargotech::CALL };
        let result =
            timeout(patience, fetch(Instant::now() + patience)).await.unwrap_or(Err(UpstreamError::Unavailable {
                reason: "it does not answer in time",
                wait_ms: AFTER_FAILURE_MS,
            }));
        match result {
            Ok(fetched) => {
                let document = self.document(fetched);
                let kept_ms = KEPT_MS.max(wanted.lifetime_s * 1000 * (OLD_LIFETIMES + 1));
                let ttl_s = (document.fetched_at_ms + kept_ms) / 1000;
                self.note(self.store.put_document(wanted.name, &document, ttl_s).await);
                Ok(self.served(document, Freshness::Miss, false))
            }
            Err(error @ (UpstreamError::NotFound | UpstreamError::Refused(_))) => {
                self.note(self.store.release_lease(lease, owner).await);
                Err(Refusal { error: told(&error), down: false })
            }
            Err(error) => {
                tracing::warn!(%error, document = lease, "CargoTech gave no answer; the best cached one is served");
                self.note(self.store.fail_lease(lease, owner, self.clock.now_ms(), AFTER_FAILURE_MS).await);
                Err(Refusal { error: told(&error), down: true })
            }
        }
    }

    fn document(&self, fetched: Fetched) -> Document {
        let digest = Sha256::digest(&fetched.json);
        Document {
            // Weak, because the same answer goes out compressed and not.
            etag: format!("W/\"{}\"", URL_SAFE_NO_PAD.encode(&digest[..12])),
            body: gzip(&fetched.json),
            fetched_at_ms: self.clock.now_ms(),
            prices: fetched.prices,
        }
    }

    fn served(&self, document: Document, freshness: Freshness, upstream_down: bool) -> Served {
        telemetry::count(match freshness {
            Freshness::Hit => Metric::CacheHit,
            Freshness::Miss => Metric::CacheMiss,
            Freshness::Stale => Metric::CacheStale,
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

/// Nothing new can be had, and whether that is CargoTech's doing.
struct Refusal {
    error: Error,
    down: bool,
}

fn unavailable(wait_ms: i64) -> Error {
    Error::UpstreamUnavailable(retry_after_s(wait_ms))
}

/// What a driver is told of CargoTech's trouble.
fn told(error: &UpstreamError) -> Error {
    match error {
        UpstreamError::NotFound => Error::CargoGone,
        UpstreamError::Forbidden => Error::UpstreamForbidden,
        UpstreamError::Refused(_) => Error::Validation(vec![FieldError::new(
            "query",
            "refused",
            "CargoTech does not take this combination of filters. Change or clear some.",
        )]),
        // At most a minute: an app that is told to wait longer looks broken.
        UpstreamError::Unavailable { wait_ms, .. } => unavailable((*wait_ms).min(60_000)),
    }
}

/// Whether something newer is known of a cargo than the document says.
fn contradicts(document: &Document, marks: &Marks) -> bool {
    !marks.is_empty()
        && document.prices.iter().any(|(id, price)| {
            marks.get(id).is_some_and(|mark| mark.at_ms > document.fetched_at_ms && mark.price != Some(*price))
        })
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::best());
    // Writing to memory cannot fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// The JSON of a document, for a client that takes no gzip.
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
            etag: String::new(),
            fetched_at_ms: 1000,
            prices: vec![("1".into(), 500), ("2".into(), 0)],
        };
        let marked =
            |id: &str, at_ms, price| contradicts(&document, &Marks::from([(id.to_owned(), Mark { at_ms, price })]));
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
            prop_assert_eq!(gunzip(&gzip(&bytes)).unwrap(), bytes);
        }
    }
}
