//! The scheduled walk through CargoTech's list.
use std::time::Duration;

use ::market::{Changes, Market, Page, Progress, Sweep, Verdict};
use ::store::{StoreError, lease::Lease};
use futures_util::future::join_all;
use tokio::time::{Instant, sleep};

use super::{
    convert, metrics,
    rows::{Current, Report, Stored},
};
use crate::{
    app::App,
    cargo::CargoId,
    cargotech::{self, Priority, UpstreamError},
    modules::Job,
    request::RequestContext,
    store::keys,
    telemetry,
};

/// Sweeps the market.
pub const SWEEP_MARKET: Job =
    Job { name: "sweep-market", every_s: 60, run: |app, context| Box::pin(sweep_market(app, context)) };

/// How long a run begins calls: with the last one it ends within 50 seconds, well before the function times out.
const RUN: Duration = Duration::from_secs(42);
/// The lease outlives the function.
const LEASE_MS: i64 = 65_000;
/// The name of the lease.
const LEASE: &str = "market";
/// So many calls in a row fail before a run gives up.
const MOST_FAILURES: u32 = 3;
/// After how long a page that cannot be right is read again, milliseconds.
const WRONG_PAGE_WAIT_MS: i64 = 1_000;
/// So many answers speak for the cargos that no call is left for.
const FEWEST_GONE: i64 = 5;
/// One of so many calls is kept for cargos that the list has lost.
const KEPT_ONE_IN: i64 = 12;
/// So many pages are asked for at once: CargoTech answers in half a second, and one after another would not use up the
/// calls of a minute.
const PAGES_AT_ONCE: u32 = 3;
/// How often a run looks whether the one before has ended.
const POLL: Duration = Duration::from_millis(250);

async fn sweep_market(app: &App, context: &RequestContext) -> Result<(), String> {
    if app.config.market_calls_per_min == 0 {
        telemetry::measure(metrics::AGE, 0.0);
        return Ok(());
    }
    let run = Run { app, context, until: Instant::now() + RUN };
    let Some(()) = run.take_lease().await.map_err(|error| error.to_string())? else {
        tracing::warn!("another run still sweeps");
        return Ok(());
    };
    let result = run.work().await.map_err(|error| error.to_string());
    let released = app.store.release_lease(&keys::lease(LEASE), &context.request_id).await;
    released.unwrap_or_else(|error| tracing::warn!(%error, "the lease of the sweep stays until it expires"));
    result
}

/// One run of the job.
struct Run<'a> {
    app: &'a App,
    context: &'a RequestContext,
    until: Instant,
}

/// How a run's walk ended.
enum Walked {
    /// The list is read.
    Complete(Box<Sweep>),
    /// The next run continues.
    Paused(Box<Sweep>),
    /// It is useless.
    Failed,
}

impl Run<'_> {
    /// Waits for the run before. `None` if it does not end in time.
    async fn take_lease(&self) -> Result<Option<()>, StoreError> {
        let key = keys::lease(LEASE);
        loop {
            let now_ms = self.app.clock.now_ms();
            let owner = &self.context.request_id;
            if self.app.store.take_lease(&key, owner, None, now_ms, LEASE_MS).await? == Lease::Taken {
                return Ok(Some(()));
            }
            if Instant::now() + POLL >= self.until {
                return Ok(None);
            }
            sleep(POLL).await;
        }
    }

    async fn work(&self) -> Result<(), StoreError> {
        let (store, now_s) = (&self.app.store, self.now_s());
        let stored = store.market().await?;
        let swept_s = stored.current.as_ref().map(|current| current.head.at_s);
        let stored_walk = store.market_walk().await?;
        let walk = match &stored_walk {
            Some(head) => Sweep::open(head, &store.market_chunks(head).await?)
                .inspect_err(|error| tracing::warn!(%error, "an unfinished walk cannot be read; a new one starts"))
                .ok()
                // One that is not younger than the market is already in it.
                .filter(|walk| !walk.is_outdated(now_s) && swept_s.is_none_or(|swept_s| walk.started_s() > swept_s)),
            None => None,
        };
        let mut calls = self.app.config.market_calls_per_min;
        let walked = self.walk(walk.unwrap_or_else(|| Sweep::new(now_s)), &mut calls).await;
        if !matches!(walked, Walked::Complete(_)) {
            self.measure_age(swept_s);
        }
        match walked {
            Walked::Paused(sweep) if sweep.pages() > 0 => {
                return store.put_market_walk(&sweep.seal(self.version(&stored)), self.now_s()).await;
            }
            Walked::Paused(_) => return Ok(()),
            Walked::Failed => telemetry::count(metrics::SWEEP_FAILED),
            Walked::Complete(sweep) => self.conclude(*sweep, &mut calls).await?,
        }
        if stored_walk.is_some() {
            store.end_market_walk(self.now_s()).await?;
        }
        Ok(())
    }

    /// Reads pages until the list ends, or the calls or the time of this run.
    async fn walk(&self, mut sweep: Sweep, calls: &mut i64) -> Walked {
        let kept = *calls / KEPT_ONE_IN;
        let mut failures = 0;
        while *calls > kept && Instant::now() < self.until && failures < MOST_FAILURES {
            let most = u32::try_from(*calls - kept).unwrap_or(u32::MAX).min(PAGES_AT_ONCE);
            let offsets: Vec<_> = sweep.offsets(most).collect();
            *calls -= count(offsets.len());
            let pages = join_all(offsets.iter().map(|offset| self.page(*offset))).await;
            for (offset, page) in offsets.into_iter().zip(pages) {
                // After a failure, or a shorter page than expected, the others are not the next ones.
                if offset != sweep.offset() {
                    continue;
                }
                let page = match page {
                    Ok(page) => page,
                    Err(UpstreamError::Unavailable { wait_ms, .. } | UpstreamError::OverBudget { wait_ms }) => {
                        failures += 1;
                        tracing::warn!(offset, "the sweep waits for CargoTech");
                        telemetry::count(metrics::SWEEP_FAILED);
                        self.wait(wait_ms).await;
                        continue;
                    }
                    Err(error) => {
                        tracing::error!(%error, "CargoTech does not hand over its list");
                        return Walked::Failed;
                    }
                };
                match sweep.take(page) {
                    Progress::More => failures = 0,
                    Progress::Complete => return Walked::Complete(Box::new(sweep)),
                    Progress::Failed(trouble) => {
                        failures += 1;
                        tracing::warn!(?trouble, offset, "a page of CargoTech's list cannot be right");
                        if failures >= MOST_FAILURES {
                            return Walked::Failed;
                        }
                        telemetry::count(metrics::SWEEP_FAILED);
                        self.wait(WRONG_PAGE_WAIT_MS).await;
                    }
                }
            }
        }
        Walked::Paused(Box::new(sweep))
    }

    async fn page(&self, offset: u32) -> Result<Page, UpstreamError> {
        let query = [
            ("limit", Sweep::LIMIT.to_string()),
            ("offset", offset.to_string()),
            ("filter[mode]", "all".to_owned()),
            ("filter[user_id]", "0".to_owned()),
        ];
        let deadline = Instant::now() + cargotech::CALL;
        let page = self.app.cargotech.cargos(&query, Priority::Sweeping, self.context, deadline).await?;
        let rows = u32::try_from(page.rows).unwrap_or(u32::MAX);
        Ok(Page { rows, cargos: page.cargos.into_iter().filter_map(convert::listed).collect() })
    }

    /// Merges a complete sweep and publishes the result. The market is as old as the walk's start.
    async fn conclude(&self, sweep: Sweep, calls: &mut i64) -> Result<(), StoreError> {
        // An admin may have accepted a smaller market since the run began.
        let stored = self.app.store.market().await?;
        let current = stored.current.as_ref();
        let mut market = self.known(current).await?;
        if let Some(size) = current.and_then(|current| current.accepted) {
            market.accept(size);
        }
        let (started_s, pages, is_ordered) = (sweep.started_s(), sweep.pages().into(), sweep.is_ordered());
        let changes = match market.conclude(sweep, started_s) {
            Ok(changes) => changes,
            Err(refused) => {
                tracing::error!(%refused, "a sweep is too short to be believed");
                telemetry::count(metrics::SWEEP_REFUSED);
                self.measure_age(market.swept_s());
                return self.app.store.refuse_market_size(refused.found, &stored).await;
            }
        };
        let gone = count(changes.gone.len()) + self.ask_about_missing(&mut market, calls).await;
        let now_s = self.now_s();
        let report = Report {
            new: count(changes.new.len()),
            changed: count(changed(&changes)),
            gone,
            is_ordered,
            took_s: now_s - started_s,
            pages,
        };
        let sealed = market.seal(self.version(&stored));
        if !self.app.store.publish_market(&sealed, &stored, &report, now_s).await? {
            tracing::warn!("another run has published meanwhile; this sweep is dropped");
            return Ok(());
        }
        self.measure(&market, &report);
        self.measure_age(market.swept_s());
        Ok(())
    }

    /// The market as it is stored: the current snapshot, else the one before. New if there is neither.
    async fn known(&self, current: Option<&Current>) -> Result<Market, StoreError> {
        let heads = [current.map(|current| &current.head), current.and_then(|current| current.before.as_ref())];
        for head in heads.into_iter().flatten() {
            match Market::open(head, &self.app.store.market_chunks(head).await?) {
                Ok(market) => return Ok(market),
                Err(error) => {
                    tracing::error!(%error, version = head.version, "a snapshot of the market cannot be read");
                    telemetry::count(metrics::UNREADABLE);
                }
            }
        }
        Ok(Market::default())
    }

    /// Asks CargoTech about cargos that its list has lost, while calls and time are left. Returns how many are gone.
    async fn ask_about_missing(&self, market: &mut Market, calls: &mut i64) -> i64 {
        let mut questions: Vec<_> = market.questions().collect();
        // Not always the same first, because some may have no answer.
        let first = usize::try_from(self.now_s()).unwrap_or(0) % questions.len().max(1);
        questions.rotate_left(first);
        let (mut gone, mut failures, mut open) = (0, 0, 0);
        for id in questions {
            if *calls <= 0 || Instant::now() >= self.until || failures >= MOST_FAILURES {
                break;
            }
            *calls -= 1;
            let Some(cargo_id) = CargoId::parse(&id.to_string()) else { continue };
            let deadline = Instant::now() + cargotech::CALL;
            let verdict = match self.app.cargotech.cargo(&cargo_id, Priority::Sweeping, self.context, deadline).await {
                Ok(_) => {
                    open += 1;
                    Verdict::StillOpen
                }
                Err(UpstreamError::NotFound) => Verdict::Gone,
                Err(error) => {
                    tracing::warn!(%error, "a missing cargo is asked about later");
                    failures += 1;
                    continue;
                }
            };
            gone += i64::from(market.answer(id, verdict, self.now_s()).is_some());
        }
        // After an outage hundreds are missing. Where CargoTech has none of those it was asked about, it has not the
        // others either.
        if gone >= FEWEST_GONE && open == 0 && failures == 0 {
            let rest = market.questions().collect::<Vec<_>>();
            gone += rest
                .into_iter()
                .map(|id| i64::from(market.answer(id, Verdict::Gone, self.now_s()).is_some()))
                .sum::<i64>();
        }
        gone
    }

    fn measure(&self, market: &Market, report: &Report) {
        #[allow(clippy::cast_precision_loss)] // far below 2^53
        let measure = |metric, value: i64| telemetry::measure(metric, value as f64);
        measure(metrics::SIZE, count(market.len()));
        measure(metrics::NEW, report.new);
        measure(metrics::CHANGED, report.changed);
        measure(metrics::GONE, report.gone);
        measure(metrics::ORDERED, report.is_ordered.into());
        telemetry::took(metrics::SWEEP_TOOK, Duration::from_secs(report.took_s.unsigned_abs()));
        let allowance = self.app.cargotech.allowance();
        tracing::info!(
            cargos = market.len(),
            new = report.new,
            changed = report.changed,
            gone = report.gone,
            ordered = report.is_ordered,
            pages = report.pages,
            took_s = report.took_s,
            rate_limit = allowance.limit,
            rate_remaining = allowance.remaining,
            "the market is swept"
        );
    }

    /// Without a market, the age is unknown and the alarm for missing data rings.
    fn measure_age(&self, swept_s: Option<i64>) {
        if let Some(swept_s) = swept_s {
            let age_s = (self.now_s() - swept_s).max(0);
            telemetry::took(metrics::AGE, Duration::from_secs(age_s.unsigned_abs()));
        }
    }

    async fn wait(&self, wait_ms: i64) {
        let pause = Duration::from_millis(u64::try_from(wait_ms).unwrap_or(0).max(100));
        tokio::time::sleep_until(self.until.min(Instant::now() + pause)).await;
    }

    /// Larger than all before, also after the clock went back. Two runs never have the same.
    fn version(&self, stored: &Stored) -> u64 {
        let salt = uuid::Uuid::new_v4().as_u64_pair().0 & 0xfff;
        let version = self.app.clock.now_ms().unsigned_abs() << 12 | salt;
        version.max(stored.version.unwrap_or(0) + 1)
    }

    fn now_s(&self) -> i64 {
        self.app.clock.now_ms() / 1000
    }
}

/// Cargos with another price or another change, each once.
fn changed(changes: &Changes) -> usize {
    let both = changes.changed.iter().filter(|id| changes.price_changed.binary_search(id).is_ok()).count();
    changes.price_changed.len() + changes.changed.len() - both
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
