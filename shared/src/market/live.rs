//! The market in an instance's memory: the newest snapshot, and the answers made from it.
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use ::market::{Haul, Head, Index, Open, Point, Rate, Unreadable};
use ::worth::Tariffs;
use jiff::civil::Date;
use tokio::time::{Duration, timeout};

use super::{convert, metrics, rows::Current};
use crate::{
    billing::settings::Settings,
    cargo::{
        CargoId, Money,
        cache::{etag, gzip_quickly},
        card::{Card, CardMarket},
        facets::Facets,
        filters::Filters,
        list::{CargoList, Source},
    },
    clock::{Clock, rfc3339},
    config::Config,
    store::{
        Store,
        document::{Document, MarketRead},
        marks::Marks,
    },
    telemetry,
    worth::truck::Truck,
};

/// How long an instance leaves a damaged or unreachable version alone.
const RETRY_MS: i64 = 5_000;
/// How long a request waits for a snapshot. It needs time to ask CargoTech after that.
const LOAD: Duration = Duration::from_secs(3);
/// How old a market may be that answers because CargoTech does not: as old as a cached list.
const LAST_RESORT_S: i64 = 86_400;
/// The answers kept per snapshot: a few megabytes.
const PAGES: usize = 256;

/// The market of this instance.
#[derive(Debug)]
pub struct LiveMarket {
    store: Store,
    clock: Clock,
    is_on: bool,
    max_age_s: i64,
    current: RwLock<Option<Arc<Snapshot>>>,
    /// Held by the request that loads a version. The last version that could not be loaded, and when, milliseconds.
    failed: tokio::sync::Mutex<Option<(u64, i64)>>,
}

/// Whether the market answers searches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarketState {
    /// It is switched off.
    Off,
    /// No sweep has ended yet.
    None,
    /// It does.
    Fresh,
    /// It is too old.
    Stale,
}

impl MarketState {
    /// The name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::None => "none",
            Self::Fresh => "fresh",
            Self::Stale => "stale",
        }
    }
}

/// An open snapshot.
#[derive(Debug)]
pub struct Snapshot {
    index: Index,
    has_types: bool,
    has_dates: bool,
    pages: Mutex<HashMap<Question, Arc<Document>>>,
}

/// Whose list it is: the costs that profits are worked out with. Drivers with equal costs share answers.
#[derive(Clone, Debug)]
pub struct Asker {
    /// The costs of the driver's truck.
    pub truck: ::worth::Truck,
    /// The settings, which have the tariffs.
    pub settings: Arc<Settings>,
    /// The day whose tariffs hold.
    pub day: Date,
}

/// What an answer depends on besides the snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Question {
    filters: Filters,
    /// The truck, the version of the settings and the day of a list; `None` for counts.
    rates: Option<(::worth::Truck, i64, Date)>,
    /// Cargos that drivers found gone, and prices that they found changed, since the snapshot: kopecks.
    news: Vec<(u64, Option<i64>)>,
}

impl LiveMarket {
    /// Nothing is loaded yet.
    pub fn new(config: &Config, store: Store, clock: Clock) -> Self {
        Self {
            store,
            clock,
            is_on: config.market_calls_per_min > 0,
            max_age_s: config.market_max_age_s,
            current: RwLock::default(),
            failed: tokio::sync::Mutex::default(),
        }
    }

    /// Whether the market is on.
    pub fn is_on(&self) -> bool {
        self.is_on
    }

    /// Whether it answers, by the row of the current snapshot.
    pub fn state(&self, current: Option<&Current>) -> MarketState {
        match current {
            _ if !self.is_on => MarketState::Off,
            None => MarketState::None,
            Some(current) if self.is_within(self.max_age_s, current.head.at_s) => MarketState::Fresh,
            Some(_) => MarketState::Stale,
        }
    }

    /// The snapshot to answer from; `None` if there is none, it is too old, or it does not know what the filters need.
    pub async fn snapshot(&self, read: &MarketRead, filters: &Filters) -> Option<Arc<Snapshot>> {
        let found = self.not_older_than(self.max_age_s, read, filters).await;
        telemetry::count(if found.is_some() { metrics::ANSWERED } else { metrics::PASSED });
        found
    }

    /// The snapshot to answer from when CargoTech does not answer, however old within a day.
    pub async fn last_resort(&self, read: &MarketRead, filters: &Filters) -> Option<Arc<Snapshot>> {
        self.not_older_than(LAST_RESORT_S, read, filters).await
    }

    /// The newest snapshot within a day, whatever it knows.
    pub async fn any(&self, read: &MarketRead) -> Option<Arc<Snapshot>> {
        if self.is_on { self.newest(read.current.as_ref()?, LAST_RESORT_S).await } else { None }
    }

    async fn not_older_than(&self, age_s: i64, read: &MarketRead, filters: &Filters) -> Option<Arc<Snapshot>> {
        let newest = self.newest(read.current.as_ref()?, age_s).await?;
        let needs_types = !filters.truck_types.is_empty() || !filters.load_types.is_empty();
        let needs_dates = filters.date_from.is_some() || filters.date_to.is_some();
        ((newest.has_types || !needs_types) && (newest.has_dates || !needs_dates)).then_some(newest)
    }

    /// The newest readable snapshot that is at most so many seconds old.
    async fn newest(&self, stored: &Current, age_s: i64) -> Option<Arc<Snapshot>> {
        if !self.is_within(age_s, stored.head.at_s) {
            return None;
        }
        if let Some(loaded) = self.loaded(age_s).filter(|loaded| loaded.index.version() == stored.head.version) {
            return Some(loaded);
        }
        // One request loads; the others use the version before, or wait if there is none.
        let mut failed = match (self.failed.try_lock(), self.loaded(age_s)) {
            (Ok(failed), _) => failed,
            (Err(_), Some(old)) => return Some(old),
            (Err(_), None) => self.failed.lock().await,
        };
        // Another request may have loaded it meanwhile, or a newer one.
        let old = self.loaded(age_s);
        if let Some(loaded) = old.as_ref().filter(|loaded| loaded.index.version() >= stored.head.version) {
            return Some(loaded.clone());
        }
        let now_ms = self.clock.now_ms();
        let gave_up = failed.is_some_and(|(version, at_ms)| {
            version == stored.head.version && (0..RETRY_MS).contains(&(now_ms - at_ms))
        });
        if !gave_up {
            if let Some(index) = self.load(&stored.head).await {
                return Some(self.keep(index));
            }
            *failed = Some((stored.head.version, now_ms));
            if let (None, Some(before)) = (&old, &stored.before)
                && self.is_within(age_s, before.at_s)
                && let Some(index) = self.load(before).await
            {
                return Some(self.keep(index));
            }
        }
        old
    }

    async fn load(&self, head: &Head) -> Option<Index> {
        let opened = if head.is_readable() {
            match timeout(LOAD, self.store.market_chunks(head)).await {
                Ok(Ok(chunks)) => Index::open(head, &chunks),
                Ok(Err(error)) => {
                    tracing::warn!(%error, version = head.version, "the market cannot be loaded");
                    return None;
                }
                Err(_) => {
                    tracing::warn!(version = head.version, "the market cannot be loaded in time");
                    return None;
                }
            }
        } else {
            Err(Unreadable::Format(head.format))
        };
        let read = opened.inspect_err(|error| {
            tracing::error!(%error, version = head.version, "a snapshot of the market cannot be read");
            telemetry::count(metrics::UNREADABLE);
        });
        read.ok()
    }

    fn keep(&self, index: Index) -> Arc<Snapshot> {
        let snapshot = Arc::new(Snapshot::new(index));
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(snapshot.clone());
        snapshot
    }

    /// The loaded snapshot, if it is young enough.
    fn loaded(&self, age_s: i64) -> Option<Arc<Snapshot>> {
        let loaded = self.current.read().unwrap_or_else(PoisonError::into_inner).clone();
        loaded.filter(|loaded| self.is_within(age_s, loaded.index.at_s()))
    }

    fn is_within(&self, age_s: i64, at_s: i64) -> bool {
        self.clock.now_ms() / 1000 - at_s <= age_s
    }
}

impl Asker {
    /// A driver with this truck, or with the assumed one.
    pub fn new(truck: Option<&Truck>, settings: Arc<Settings>, day: Date) -> Self {
        Self { truck: truck.map(Truck::rates).unwrap_or_default(), settings, day }
    }

    /// Their truck, which starts there.
    pub fn haul<'a>(&'a self, tariffs: &'a Tariffs, start: Option<Point>) -> Haul<'a> {
        Haul { truck: &self.truck, tariffs, day: self.day, start }
    }
}

impl Snapshot {
    /// Nothing has been asked of it yet.
    pub fn new(index: Index) -> Self {
        let (has_types, has_dates) = (index.has_truck_types(), index.has_dates());
        Self { index, has_types, has_dates, pages: Mutex::default() }
    }

    /// A page of the list.
    pub fn page(&self, filters: &Filters, marks: &Marks, asker: &Asker) -> Document {
        let rates = (asker.truck.clone(), asker.settings.version, asker.day);
        self.answer(filters, Some(rates), marks, |news| self.list(filters, news, asker))
    }

    /// The counts for the filters.
    pub fn facets(&self, filters: &Filters, marks: &Marks) -> Document {
        let filters = filters.without_page();
        self.answer(&filters, None, marks, |news| {
            let facets = self.index.facets(&self.in_market(&filters, news));
            to_bytes(&Facets::new(facets, rfc3339(self.index.at_s() * 1000)))
        })
    }

    /// The answer to a question, made once.
    fn answer(
        &self,
        filters: &Filters,
        rates: Option<(::worth::Truck, i64, Date)>,
        marks: &Marks,
        make: impl FnOnce(&[(u64, Option<i64>)]) -> Vec<u8>,
    ) -> Document {
        let question = Question { filters: filters.clone(), rates, news: self.news(marks) };
        let known = self.pages.lock().unwrap_or_else(PoisonError::into_inner).get(&question).cloned();
        let document = known.unwrap_or_else(|| {
            let json = make(&question.news);
            let body = gzip_quickly(&json);
            let document = Arc::new(Document {
                etag: etag(&body),
                body,
                locked_body: None,
                fetched_at_ms: self.index.at_s() * 1000,
                prices: Vec::new(),
            });
            let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
            if pages.len() >= PAGES {
                pages.clear();
            }
            pages.insert(question, document.clone());
            document
        });
        Document::clone(&document)
    }

    /// How many cargos have appeared since a time, Unix seconds.
    pub fn count_new(&self, filters: &Filters, marks: &Marks, since_s: i64) -> usize {
        let filters = self.in_market(filters, &self.news(marks));
        let since_s = filters.new_since_s.map_or(since_s, |own| own.max(since_s));
        self.index.count(&::market::Filters { new_since_s: Some(since_s), ..filters })
    }

    /// An open cargo at its newest price; `None` if it is not open.
    pub fn cargo(&self, id: &CargoId, marks: &Marks) -> Option<::market::Cargo> {
        self.open(id.as_str().parse().ok()?, &self.news(marks)).map(|open| open.cargo)
    }

    /// The card of one of its cargos for a truck.
    pub fn card(&self, open: Open, haul: &Haul<'_>) -> Card {
        let rate = self.index.rate(&open.cargo);
        let percent = rate.quartiles.and_then(|quartiles| quartiles.percent(&open.cargo));
        let market = percent.map(|percent| CardMarket { percent, count: rate.count });
        Card { market, ..convert::card(open, haul) }
    }

    /// What similar open cargos pay.
    pub fn rate(&self, cargo: &::market::Cargo) -> Rate {
        self.index.rate(cargo)
    }

    /// Chains of the cargos that match, each with its cargos; see the crate `chains`.
    pub fn chains(
        &self,
        filters: ::market::Filters,
        marks: &Marks,
        request: &::chains::Request<'_>,
    ) -> Vec<(::chains::Chain, Vec<Open>)> {
        let news = self.news(marks);
        // The price of a chain must be that of its cards.
        let without = news.iter().map(|(id, _)| *id).chain(filters.without);
        let routes = self.index.routes(&::market::Filters { without: without.collect(), ..filters });
        let found = ::chains::find(&routes, request).into_iter();
        let opened = found.map(|chain| {
            let cargos = chain.rides.iter().filter_map(|ride| self.open(ride.cargo_id, &news)).collect();
            (chain, cargos)
        });
        opened.collect()
    }

    fn open(&self, id: u64, news: &[(u64, Option<i64>)]) -> Option<Open> {
        let mut open = self.index.get(id)?;
        match news.iter().find(|(changed, _)| *changed == id) {
            Some((_, None)) => return None,
            Some((_, Some(price))) => open.cargo.price = Money::from_kopecks(*price),
            None => {}
        }
        Some(open)
    }

    /// The filters, without the cargos that are gone and those whose new price does not fit.
    fn in_market(&self, filters: &Filters, news: &[(u64, Option<i64>)]) -> ::market::Filters {
        let filters = filters.in_market();
        let fits =
            |id, price: Option<i64>| price.is_some_and(|price| self.index.fits_at(id, price.unsigned_abs(), &filters));
        let without = news.iter().filter(|(id, price)| !fits(*id, *price)).map(|(id, _)| *id).collect();
        ::market::Filters { without, ..filters }
    }

    fn list(&self, filters: &Filters, news: &[(u64, Option<i64>)], asker: &Asker) -> Vec<u8> {
        let in_market = self.in_market(filters, news);
        let tariffs = asker.settings.tariffs();
        let haul = asker.haul(&tariffs, filters.start());
        let mut found = self.index.search(&filters.page(&in_market, &haul));
        for open in &mut found.cargos {
            let price = news.iter().find(|(id, _)| *id == open.cargo.id).and_then(|(_, price)| *price);
            if let Some(price) = price {
                // It keeps its place until the next sweep.
                open.cargo.price = Money::from_kopecks(price);
            }
        }
        to_bytes(&CargoList {
            items: found.cargos.into_iter().map(|open| self.card(open, &haul)).collect(),
            total: i64::try_from(found.total).ok(),
            limit: filters.limit(),
            offset: filters.offset(),
            cursor: found.next.map(|cursor| cursor.text(filters.order())),
            fetched_at: rfc3339(self.index.at_s() * 1000),
            source: Source::Market,
        })
    }

    /// The marks that tell more than the snapshot: of its own cargos, since the sweep that last saw them.
    fn news(&self, marks: &Marks) -> Vec<(u64, Option<i64>)> {
        let news = marks.iter().filter_map(|(id, mark)| {
            let id = id.parse().ok()?;
            let (last_seen_s, price) = self.index.last_seen(id)?;
            let is_known = mark.price.is_some_and(|marked| marked == price.map_or(0, Money::kopecks));
            (mark.at_ms >= last_seen_s * 1000 && !is_known).then_some((id, mark.price))
        });
        let mut news: Vec<_> = news.collect();
        news.sort_unstable();
        news
    }
}

fn to_bytes(value: &impl serde::Serialize) -> Vec<u8> {
    // Our own types always serialise.
    serde_json::to_vec(value).unwrap_or_default()
}
