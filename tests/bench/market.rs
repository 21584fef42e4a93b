//! The market with as many cargos as CargoTech may have: how large a snapshot is, how long it takes to write and to open, and how
//! long searches take. All of it in this process, on one core.
use std::{
    collections::HashMap,
    hint::black_box,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use jiff::{Timestamp, civil::date, tz::TimeZone};
use local::cargotech::{Options, Sandbox};
use market::{Area, By, Cargo, Index, Market, Page, Point, Progress, Query, Range, Sort, Sweep};
use serde_json::Value;
use shared::{
    cargo::{self, Money, filters::Filters},
    cargotech::wire,
    market::{
        convert,
        live::{Asker, Snapshot},
    },
    store::marks::Marks,
};

use crate::{HEAP, Result, report::Figures};

/// CargoTech has 7,000 to 10,000 today.
pub const SIZES: &[usize] = &[7_000, 20_000, 50_000];
/// The first sweep is at this time, 2026-11-25 in the morning in Moscow.
const FROM_S: i64 = 1_795_582_800;
/// So many sweeps make a past of price changes, of new and of gone cargos.
const SWEEPS: i64 = 13;
const BETWEEN_S: i64 = 3600;
/// One of so many cargos has another price than before in each sweep.
const CHANGED_ONE_IN: u64 = 100;
/// One sandbox has at least so many cargos; more of other seeds make a larger market.
const OF_ONE_SEED: usize = 6_000;
/// More than there are sandboxes, so that no two give one id.
const MOST_SEEDS: u64 = 16;

/// What was measured at one size.
pub struct Sample {
    /// How many cargos there were.
    pub cargos: usize,
    /// Bytes in the store.
    pub stored: usize,
    /// In how many chunks.
    pub chunks: usize,
    /// A whole sweep taken page by page and merged, without CargoTech's own time.
    pub sweep: Duration,
    /// From the market to its chunks.
    pub seal: Figures,
    /// From the chunks to the index.
    pub open: Figures,
    /// Bytes of the open index.
    pub memory: usize,
    /// The most bytes while it was opened, the chunks not included.
    pub memory_peak: usize,
    /// Searches and counts, by name.
    pub queries: Vec<(&'static str, Figures)>,
}

/// Measures markets of these sizes; each figure is taken so many times.
pub fn measure(sizes: &[usize], times: usize) -> Result<Vec<Sample>> {
    sizes.iter().map(|size| sample(*size, times)).collect()
}

fn sample(size: usize, times: usize) -> Result<Sample> {
    let (market, sweep) = swept(size)?;
    let sealed = market.seal(1);
    let cargos = market.len();
    let seal = timed(times.min(20), || market.seal(1));
    drop(market);

    let before = HEAP.current_usage();
    HEAP.reset_peak_usage();
    let index = Index::open(&sealed.head, &sealed.chunks)?;
    let memory_peak = HEAP.peak_usage() - before;
    let memory = HEAP.current_usage() - before;
    let open = timed(times.min(50), || Index::open(&sealed.head, &sealed.chunks));

    let queries = queries().into_iter().map(|(name, filters, by, is_reversed)| {
        let query =
            Query { filters: &filters, sort: Sort { by, is_reversed }, haul: None, after: None, skip: 0, limit: 20 };
        (name, timed(times, || index.search(&query)))
    });
    let mut queries: Vec<_> = queries.collect();
    let (all, three) = (market::Filters::default(), three_filters());
    queries.push(("facets of everything", timed(times, || index.facets(&all))));
    queries.push(("facets, three filters", timed(times, || index.facets(&three))));
    queries.extend(pages(index, times)?);
    Ok(Sample {
        cargos,
        stored: sealed.chunks.iter().map(Vec::len).sum(),
        chunks: sealed.chunks.len(),
        sweep,
        seal,
        open,
        memory,
        memory_peak,
        queries,
    })
}

/// Whole answers, compressed as they are sent: to a question that nobody has asked before, and to one of before.
fn pages(index: Index, times: usize) -> Result<[(&'static str, Figures); 2]> {
    let today = Timestamp::from_second(FROM_S)?.to_zoned(TimeZone::UTC).date();
    let filters = |price: usize| {
        let pairs = [
            ("from_place_id", "524901".to_owned()),
            ("from_radius_km", "300".to_owned()),
            ("truck_types", "1,2".to_owned()),
            ("weight_volume", "15_20".to_owned()),
            ("sort", "-price_per_km".to_owned()),
            ("price_min", price.to_string()),
        ];
        Filters::parse(&pairs.map(|(name, value)| (name.to_owned(), value)), today)
    };
    let questions: std::result::Result<Vec<_>, _> = (1..=times + 1).map(filters).collect();
    let questions = questions.map_err(|errors| format!("{errors:?}"))?;
    let (snapshot, marks) = (Snapshot::new(index), Marks::new());
    let mut each = questions.iter();
    let asker = Asker::new(None, Arc::default(), date(2026, 11, 30));
    let fresh = timed(times, || each.next().map(|filters| snapshot.page(filters, &marks, &asker)));
    let known = timed(times, || snapshot.page(&questions[0], &marks, &asker));
    Ok([("page of 20, asked first", fresh), ("page of 20, asked again", known)])
}

/// As drivers ask.
fn queries() -> Vec<(&'static str, market::Filters, By, bool)> {
    let moscow = point(55.75, 37.62);
    let near_moscow =
        || market::Filters { from: vec![Area::Around { point: moscow, km: 100 }], ..market::Filters::default() };
    let priced = market::Filters {
        price_per_km: Some(Range { min: 4_000, max: u64::MAX }),
        has_price: Some(true),
        partial_load: Some(false),
        ..market::Filters::default()
    };
    let cities = [(59.94, 30.31), (56.84, 60.61), (55.79, 49.12), (47.23, 39.72)];
    let to = cities.iter().map(|(lat, lon)| Area::Around { point: point(*lat, *lon), km: 200 }).collect();
    vec![
        ("everything, newest", market::Filters::default(), By::Newest, false),
        ("everything, relevance", market::Filters::default(), By::Relevance, false),
        ("everything, −price per km", market::Filters::default(), By::PricePerKm, true),
        ("everything, deadhead", market::Filters::default(), By::Deadhead(moscow), false),
        ("100 km around Moscow, relevance", near_moscow(), By::Relevance, false),
        ("route, body, weight, −price per km", three_filters(), By::PricePerKm, true),
        ("price per km, price, whole truck, −price", priced, By::Price, true),
        ("to four cities, deadhead", market::Filters { to, ..market::Filters::default() }, By::Deadhead(moscow), false),
    ]
}

fn three_filters() -> market::Filters {
    market::Filters {
        from: vec![Area::Around { point: point(55.75, 37.62), km: 300 }],
        truck_types: vec![1, 2],
        weight_kg: Some(Range { min: 0, max: 20_000 }),
        ..market::Filters::default()
    }
}

fn point(lat: f64, lon: f64) -> Point {
    Point::new(lat, lon).expect("a point of the Earth")
}

fn timed<T>(times: usize, mut work: impl FnMut() -> T) -> Figures {
    black_box(work());
    let once = || {
        let begin = Instant::now();
        black_box(work());
        begin.elapsed()
    };
    Figures::of(std::iter::repeat_with(once).take(times).collect())
}

/// A market that was swept some times, and how long the last sweep took.
fn swept(size: usize) -> Result<(Market, Duration)> {
    let mut upstream = Upstream::new(size);
    let mut market = Market::default();
    let mut took = Duration::ZERO;
    for number in 0..SWEEPS {
        let now_s = FROM_S + number * BETWEEN_S;
        let mut pages = upstream.pages(now_s)?;
        let begin = Instant::now();
        let mut sweep = Sweep::new(now_s);
        while sweep.take(pages.next().unwrap_or_default()) == Progress::More {}
        market.conclude(sweep, now_s)?;
        took = begin.elapsed();
        let gone: Vec<_> = market.questions().collect();
        for id in gone {
            market.answer(id, market::Verdict::Gone, now_s);
        }
    }
    Ok((market, took))
}

/// CargoTech's sandboxes.
struct Upstream {
    sandboxes: Vec<Sandbox>,
    now_s: Arc<AtomicI64>,
    size: u64,
    /// How many cargos all sandboxes had first.
    first: Option<u64>,
}

impl Upstream {
    fn new(size: usize) -> Self {
        let now_s = Arc::new(AtomicI64::new(FROM_S));
        let seeds = size.div_ceil(OF_ONE_SEED) as u64;
        let sandbox = |seed| {
            let now_s = Arc::clone(&now_s);
            let clock = Arc::new(move || now_s.load(Ordering::Relaxed) * 1000);
            Sandbox::new(Options { seed, phone: String::new(), password: String::new(), clock })
        };
        Self { sandboxes: (0..seeds).map(sandbox).collect(), now_s, size: size as u64, first: None }
    }

    /// The list as it is at this time, the newest first.
    fn pages(&mut self, now_s: i64) -> Result<impl Iterator<Item = Page> + use<>> {
        self.now_s.store(now_s, Ordering::Relaxed);
        let today = Timestamp::from_second(now_s)?.to_zoned(TimeZone::UTC).date();
        let mut cargos = Vec::new();
        let lists: Vec<_> = self.sandboxes.iter().map(Sandbox::list).collect();
        for (seed, list) in (0..).zip(lists) {
            for cargo in wire::page(&list, today).ok_or("no list")?.cargos {
                let id = cargo.id.parse::<u64>()? * MOST_SEEDS + seed;
                cargos.extend(self.cargo(id, cargo, now_s));
            }
        }
        // The same ones in each sweep.
        let first = *self.first.get_or_insert(cargos.len() as u64);
        cargos.retain(|cargo| mixed(cargo.id) % first < self.size);
        cargos.sort_unstable_by_key(|cargo| std::cmp::Reverse(cargo.id));
        let step = (Sweep::LIMIT - 5) as usize;
        let starts = (0..cargos.len()).step_by(step);
        let page = move |start: usize| {
            let end = (start + Sweep::LIMIT as usize).min(cargos.len());
            let cargos = cargos[start..end].to_vec();
            Page { rows: u32::try_from(cargos.len()).unwrap_or(u32::MAX), cargos }
        };
        Ok(starts.map(page))
    }

    fn cargo(&self, id: u64, cargo: cargo::Cargo, now_s: i64) -> Option<Cargo> {
        let is_changed = (id + now_s.unsigned_abs() / 3600).is_multiple_of(CHANGED_ONE_IN);
        let percent = if is_changed { 95 } else { 100 };
        let price = cargo.price.and_then(|price| Money::from_kopecks(price.kopecks() * percent / 100));
        Some(Cargo { id, price, ..convert::listed(cargo)? })
    }
}

fn mixed(id: u64) -> u64 {
    id.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20
}

/// For a script.
pub fn json(samples: &[Sample]) -> Value {
    let sample = |sample: &Sample| {
        let queries: HashMap<_, _> = sample.queries.iter().map(|(name, figures)| (*name, figures.json())).collect();
        serde_json::json!({
            "cargos": sample.cargos,
            "stored_bytes": sample.stored,
            "chunks": sample.chunks,
            "sweep_ms": sample.sweep.as_secs_f64() * 1000.0,
            "seal": sample.seal.json(),
            "open": sample.open.json(),
            "memory_bytes": sample.memory,
            "memory_peak_bytes": sample.memory_peak,
            "queries": queries,
        })
    };
    samples.iter().map(sample).collect()
}
