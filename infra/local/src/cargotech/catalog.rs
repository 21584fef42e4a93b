//! The cargos that are alive at a given minute, as a pure function of the seed.
//!
//! The catalog has a fixed number of slots. A slot holds one cargo at a time, and a new one every
//! period of its own, after a short gap; which cargo a slot holds follows from the seed, the slot and
//! the minute alone. A cargo's id is made of the minute in which it appeared and its slot, so ids grow
//! with time, are never given twice, and tell where the cargo came from.
//!
//! Only what somebody changes through the control routes is state.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fastrand::Rng;
use jiff::civil::{Date, DateTime, date};

use super::cities::{ARMENIA, AZERBAIJAN, CITIES, City, RUSSIA};
use super::companies::{COMPANIES, Company, company};
use super::vocabulary::{Body, CARGO_KINDS, load, truck};
use super::{mix, stream};

/// Enough that at least 6,000 cargos are alive in every minute, the gaps included.
const SLOTS: u64 = 7_000;

/// Ids of one minute: those of the slots, then those of cargos added by hand.
const IDS_PER_MINUTE: u64 = 8_192;

/// 2020-01-01T00:00Z in minutes since 1970: ids count minutes from here, which keeps them short.
const FIRST_MINUTE: i64 = 26_297_280;

/// No cargo lives longer.
const LONGEST_LIFE: i64 = 4 * 24 * 60;

/// The user of the shared login: the cargos of [`mode=my`](super::filters) are theirs.
pub const LOGIN_USER: u32 = 4_821;

/// What a cargo pays, in kopecks. Zero and nothing both mean "on request".
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Price {
    /// What the shipper pays.
    pub total: Option<u64>,
    /// What the carrier gets: the one that counts where there is one.
    pub carrier: Option<u64>,
}

impl Price {
    /// What counts for the carrier, in kopecks; 0 is "on request".
    pub fn effective(self) -> u64 {
        self.carrier.or(self.total).unwrap_or(0)
    }

    /// A price that gives the carrier so many kopecks; nothing is "on request".
    pub fn for_carrier(kopecks: Option<u64>) -> Price {
        Price { total: kopecks.map(|carrier| carrier + carrier / 14), carrier: kopecks }
    }
}

/// How a cargo is paid for; the notes speak of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Payment {
    /// By bank transfer, VAT included.
    WithVat,
    /// By bank transfer without VAT.
    WithoutVat,
    /// In cash.
    Cash,
}

/// One cargo. Everything that is only shown in its detail is made from `seed` when asked for.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Cargo {
    /// Numeric id, never reused.
    pub id: u64,
    /// Seed of all that is not stored here.
    pub seed: u64,
    /// Index of the loading city in [`CITIES`].
    pub from: usize,
    /// Index of the unloading city in [`CITIES`].
    pub to: usize,
    /// Kilometres by road.
    pub distance_km: u32,
    /// Kilograms.
    pub weight_kg: u32,
    /// Cubic metres.
    pub volume_m3: f64,
    /// Kopecks.
    pub price: Price,
    /// How it is paid for.
    pub payment: Payment,
    /// Index in [`CARGO_KINDS`].
    pub kind: usize,
    /// Bits of the truck types that will do.
    pub trucks: u32,
    /// Bits of the ways of loading.
    pub loads: u32,
    /// When it is loaded, by the clock of the loading city.
    pub load_at: DateTime,
    /// When it is unloaded, by the clock of the unloading city, if said.
    pub unload_at: Option<DateTime>,
    /// Index of the shipper, if known.
    pub shipper: Option<usize>,
    /// The user who entered it.
    pub owner: u32,
    /// Unix minute in which it appeared.
    pub created_minute: i64,
    /// The truck comes back loaded.
    pub round_trip: bool,
    /// Fills only a part of the truck.
    pub partial: bool,
    /// Its first contact has a telephone, which one in twelve lacks.
    pub has_phone: bool,
}

impl Cargo {
    /// The loading city.
    pub fn start(&self) -> &'static City {
        &CITIES[self.from]
    }

    /// The unloading city.
    pub fn finish(&self) -> &'static City {
        &CITIES[self.to]
    }

    /// A generator for one aspect of the cargo, always in the same state.
    pub fn rng(&self, aspect: u64) -> Rng {
        Rng::with_seed(mix([self.seed, aspect]))
    }
}

/// What the caller of [`Catalog::add`] fixes of a new cargo; the rest is made up.
#[derive(Default)]
pub struct Draft {
    /// Index of the loading city.
    pub from: Option<usize>,
    /// Index of the unloading city.
    pub to: Option<usize>,
    /// Kopecks; `Some(None)` is "on request".
    pub price: Option<Option<u64>>,
    /// Kilograms.
    pub weight_kg: Option<u32>,
    /// Cubic metres.
    pub volume_m3: Option<f64>,
    /// Day of loading.
    pub load_date: Option<Date>,
}

#[derive(Clone, Copy)]
enum Change {
    Removed,
    Price(Price),
}

/// What depends on the time of the last question and on what was changed by hand.
struct Live {
    /// What each slot held when last asked: spares making most cargos again every minute.
    slots: Vec<Option<Cargo>>,
    changes: HashMap<u64, Change>,
    added: Vec<Cargo>,
    /// Survives [`Catalog::reset`], so that no id is given twice.
    last_added: u64,
    current: Option<(i64, Arc<Vec<Cargo>>)>,
}

/// All cargos of the sandbox.
pub struct Catalog {
    seed: u64,
    /// Companies that give cargos.
    pub companies: Vec<Company>,
    /// Running sum of how much freight each city has.
    freight: Vec<f64>,
    live: Mutex<Live>,
}

impl Catalog {
    /// The catalog of this seed.
    pub fn new(seed: u64) -> Catalog {
        let mut sum = 0.0;
        let freight = CITIES.iter().map(|city| {
            sum += freight(city);
            sum
        });
        Catalog {
            seed,
            companies: (0..COMPANIES).map(|index| company(seed, index)).collect(),
            freight: freight.collect(),
            live: Mutex::new(Live {
                slots: vec![None; SLOTS as usize],
                changes: HashMap::new(),
                added: Vec::new(),
                last_added: 0,
                current: None,
            }),
        }
    }

    fn live(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The cargos alive in this Unix minute, newest first.
    pub fn at(&self, minute: i64) -> Arc<Vec<Cargo>> {
        let minute = clamp(minute);
        let mut live = self.live();
        if let Some((known, cargos)) = &live.current
            && *known == minute
        {
            return Arc::clone(cargos);
        }
        for slot in 0..SLOTS {
            let held = &mut live.slots[slot as usize];
            match self.birth(slot, minute) {
                Some(span) if held.is_some_and(|cargo| cargo.id == span.id) => {}
                span => *held = span.map(|span| self.make(&span, &Draft::default())),
            }
        }
        let Live { slots, changes, added, .. } = &*live;
        let mut cargos: Vec<Cargo> = slots
            .iter()
            .flatten()
            .chain(added)
            .filter_map(|cargo| match changes.get(&cargo.id) {
                Some(Change::Removed) => None,
                Some(Change::Price(price)) => Some(Cargo { price: *price, ..*cargo }),
                None => Some(*cargo),
            })
            .collect();
        cargos.sort_unstable_by_key(|cargo| std::cmp::Reverse(cargo.id));
        let cargos = Arc::new(cargos);
        live.current = Some((minute, Arc::clone(&cargos)));
        cargos
    }

    /// The cargo with this id, if it is alive in this minute.
    pub fn find(&self, id: u64, minute: i64) -> Option<Cargo> {
        let cargos = self.at(minute);
        let at = cargos.binary_search_by(|cargo| id.cmp(&cargo.id)).ok()?;
        Some(cargos[at])
    }

    /// Takes a cargo away for good. False when there is none.
    pub fn remove(&self, id: u64, minute: i64) -> bool {
        self.change(id, minute, Change::Removed)
    }

    /// Gives a cargo another price. False when there is no such cargo.
    pub fn set_price(&self, id: u64, minute: i64, price: Price) -> bool {
        self.change(id, minute, Change::Price(price))
    }

    fn change(&self, id: u64, minute: i64, change: Change) -> bool {
        let found = self.find(id, minute).is_some();
        if found {
            let mut live = self.live();
            live.changes.insert(id, change);
            live.current = None;
        }
        found
    }

    /// Adds a cargo, which stays until removed and can be called about.
    pub fn add(&self, minute: i64, draft: &Draft) -> Cargo {
        let minute = clamp(minute);
        let mut live = self.live();
        let first_of_minute = (minute - FIRST_MINUTE) as u64 * IDS_PER_MINUTE + SLOTS;
        live.last_added = first_of_minute.max(live.last_added + 1);
        let span = Span { id: live.last_added, from_minute: minute, to_minute: minute };
        let cargo = Cargo { has_phone: true, ..self.make(&span, draft) };
        live.added.push(cargo);
        live.current = None;
        cargo
    }

    /// Forgets everything changed by hand.
    pub fn reset(&self) {
        let mut live = self.live();
        live.changes.clear();
        live.added.clear();
        live.current = None;
    }

    /// The life of the cargo that a slot holds in this minute; nothing in the gap between two.
    fn birth(&self, slot: u64, minute: i64) -> Option<Span> {
        let mut rng = Rng::with_seed(mix([self.seed, stream::SLOT, slot]));
        let (period, gap) = match rng.u32(..100) {
            0..8 => {
                let period = rng.i64(24..90);
                (period, period / 4)
            }
            8..70 => (rng.i64(6 * 60..36 * 60), rng.i64(2..12)),
            _ => (rng.i64(36 * 60..LONGEST_LIFE), rng.i64(5..40)),
        };
        let age = (minute + rng.i64(..period)).rem_euclid(period);
        let from_minute = minute - age;
        (age < period - gap).then(|| Span {
            id: (from_minute - FIRST_MINUTE) as u64 * IDS_PER_MINUTE + slot,
            from_minute,
            to_minute: from_minute + period - gap,
        })
    }

    fn make(&self, span: &Span, draft: &Draft) -> Cargo {
        let seed = mix([self.seed, stream::CARGO, span.id]);
        let rng = &mut Rng::with_seed(seed);
        let (from, to) = self.route(rng, draft);
        let distance_km = road_km(self.seed, from, to);
        let (kind, body) = cargo_kind(rng);
        let class = truck_class(rng, body);
        let weight_kg = draft.weight_kg.unwrap_or_else(|| class.weight(rng));
        let volume_m3 = draft.volume_m3.unwrap_or_else(|| class.volume(rng));
        let trucks = trucks(rng, body, class.tonnes);
        let payment = match rng.u32(..100) {
            0..42 => Payment::WithVat,
            42..84 => Payment::WithoutVat,
            _ => Payment::Cash,
        };
        let partial = class.tonnes <= 5.0 && rng.u32(..100) < 30;
        let rate = Rate { class, body, payment, partial, from, to, distance_km };
        let price = match draft.price {
            Some(price) => Price::for_carrier(price),
            None => price(rng, &rate),
        };
        let load_at = load_at(rng, span, &CITIES[from], draft.load_date);
        let unload_at = (rng.u32(..100) < 88).then(|| unload_at(rng, load_at, from, to, distance_km));
        Cargo {
            id: span.id,
            seed,
            from,
            to,
            distance_km,
            weight_kg,
            volume_m3,
            price,
            payment,
            kind,
            trucks,
            loads: loads(rng, body),
            load_at,
            unload_at,
            // Squared, so that some companies have many cargos and most have few.
            shipper: (rng.u32(..100) < 95).then(|| {
                let skewed = rng.f64().powi(2);
                (skewed * self.companies.len() as f64) as usize
            }),
            owner: if rng.u32(..1_000) < 12 { LOGIN_USER } else { 5_000 + rng.u32(..300) },
            created_minute: span.from_minute,
            round_trip: rng.u32(..100) < 4,
            partial,
            has_phone: false,
        }
    }

    fn route(&self, rng: &mut Rng, draft: &Draft) -> (usize, usize) {
        let from = draft.from.unwrap_or_else(|| match draft.to {
            Some(to) => self.partner(rng, to),
            None => self.city(rng),
        });
        (from, draft.to.unwrap_or_else(|| self.partner(rng, from)))
    }

    fn city(&self, rng: &mut Rng) -> usize {
        let total = self.freight.last().copied().unwrap_or_default();
        let at = rng.f64() * total;
        self.freight.partition_point(|sum| *sum <= at).min(CITIES.len() - 1)
    }

    /// The other end of a route: large cities more than small ones, near ones more than far ones.
    fn partner(&self, rng: &mut Rng, of: usize) -> usize {
        loop {
            let other = self.city(rng);
            let (a, b) = (&CITIES[of], &CITIES[other]);
            let distance = a.distance_to(b);
            let closed_border =
                [a.country, b.country] == [ARMENIA, AZERBAIJAN] || [a.country, b.country] == [AZERBAIJAN, ARMENIA];
            if distance < 20.0 || closed_border {
                continue;
            }
            // This exchange is about Russia: routes that do not touch it are few.
            let abroad = if a.country != RUSSIA && b.country != RUSSIA { 0.25 } else { 1.0 };
            if rng.f64() < abroad / (1.0 + (distance / 900.0).powf(1.5)) {
                return other;
            }
        }
    }
}

// Before the first cargos' ids a clock stands still.
fn clamp(minute: i64) -> i64 {
    minute.max(FIRST_MINUTE + LONGEST_LIFE)
}

/// The life of one cargo, in Unix minutes.
struct Span {
    id: u64,
    from_minute: i64,
    to_minute: i64,
}

// Grows slower than the population: a village by a factory ships more per head than a capital.
fn freight(city: &City) -> f64 {
    let abroad = if city.country == RUSSIA { 1.0 } else { 0.3 };
    f64::from(city.population.max(30)).powf(0.85) * abroad
}

/// Kilometres by road: the great circle times how much the roads between these two cities wind.
pub fn road_km(seed: u64, from: usize, to: usize) -> u32 {
    let (a, b) = (&CITIES[from], &CITIES[to]);
    let pair = mix([seed, stream::ROAD, u64::from(a.id.min(b.id)), u64::from(a.id.max(b.id))]);
    let winding = 1.15 + 0.20 * (pair % 1_000) as f64 / 999.0;
    (a.distance_to(b) * winding).round().max(1.0) as u32
}

/// A class of truck by what it carries.
#[derive(Clone, Copy)]
struct Class {
    /// Payload, which the weight comes close to.
    tonnes: f64,
    lightest: f64,
    smallest_m3: f64,
    largest_m3: f64,
    /// Rubles per kilometre on a long haul.
    per_km: f64,
    /// Rubles for the shortest haul.
    at_least: f64,
}

impl Class {
    // Weights as people write them: hundreds of kilograms, and often the full payload.
    fn weight(&self, rng: &mut Rng) -> u32 {
        if self.tonnes >= 3.0 && rng.u32(..100) < 40 {
            return (self.tonnes * 1_000.0) as u32;
        }
        let tonnes = self.lightest + rng.f64() * (self.tonnes - self.lightest);
        let step = if self.tonnes > 3.0 { 100.0 } else { 50.0 };
        ((tonnes * 1_000.0 / step).round() * step).max(step) as u32
    }

    fn volume(&self, rng: &mut Rng) -> f64 {
        let volume = self.smallest_m3 + rng.f64() * (self.largest_m3 - self.smallest_m3);
        if rng.u32(..100) < 10 { (volume * 10.0).round() / 10.0 } else { volume.round() }
    }
}

const fn class(tonnes: f64, lightest: f64, volume: (f64, f64), per_km: f64, at_least: f64) -> Class {
    Class { tonnes, lightest, smallest_m3: volume.0, largest_m3: volume.1, per_km, at_least }
}

const PARCEL: Class = class(1.0, 0.2, (1.0, 8.0), 27.0, 4_500.0);
const VAN_1_5: Class = class(1.5, 0.7, (6.0, 9.0), 33.0, 6_000.0);
const VAN_3: Class = class(3.0, 1.6, (12.0, 16.0), 41.0, 9_000.0);
const TRUCK_5: Class = class(5.0, 3.1, (25.0, 36.0), 51.0, 12_000.0);
const TRUCK_7_5: Class = class(7.5, 5.1, (36.0, 45.0), 58.0, 14_000.0);
const TRUCK_10: Class = class(10.0, 7.6, (40.0, 54.0), 62.0, 17_000.0);
const TRUCK_15: Class = class(15.0, 10.5, (50.0, 65.0), 68.0, 20_000.0);
const SEMI_82: Class = class(20.0, 15.5, (82.0, 86.0), 74.0, 24_000.0);
const SEMI_92: Class = class(20.0, 14.0, (92.0, 92.0), 75.0, 24_000.0);
const SEMI_LONG: Class = class(20.0, 18.0, (60.0, 82.0), 76.0, 24_000.0);
const BULK: Class = class(27.0, 24.0, (30.0, 50.0), 80.0, 26_000.0);
const LOW_LOADER: Class = class(40.0, 12.0, (40.0, 90.0), 150.0, 45_000.0);
const BOX: Class = class(26.0, 18.0, (33.0, 76.0), 84.0, 28_000.0);
const TRAILER: Class = class(8.0, 6.5, (82.0, 92.0), 55.0, 18_000.0);
const TANK: Class = class(24.0, 20.0, (24.0, 35.0), 86.0, 28_000.0);

fn cargo_kind(rng: &mut Rng) -> (usize, Body) {
    let body = match rng.u32(..100) {
        0..58 => Body::Dry,
        58..70 => Body::Chilled,
        70..78 => Body::Frozen,
        78..90 => Body::Open,
        90..92 => Body::Grain,
        92..94 => Body::Loose,
        94 => Body::Scrap,
        95..97 => Body::Machine,
        97..99 => Body::Container,
        _ => {
            if rng.u32(..4) == 0 {
                Body::Trailer
            } else {
                Body::Liquid
            }
        }
    };
    let of_body = || CARGO_KINDS.iter().enumerate().filter(|(_, (_, needs))| *needs == body);
    let chosen = rng.usize(..of_body().count());
    (of_body().nth(chosen).map_or(0, |(index, _)| index), body)
}

fn truck_class(rng: &mut Rng, body: Body) -> Class {
    match body {
        Body::Grain | Body::Loose | Body::Scrap => BULK,
        Body::Machine => LOW_LOADER,
        Body::Container => BOX,
        Body::Liquid => TANK,
        Body::Trailer => TRAILER,
        Body::Open => match rng.u32(..100) {
            0..10 => TRUCK_5,
            10..25 => TRUCK_10,
            _ => SEMI_LONG,
        },
        Body::Dry | Body::Chilled | Body::Frozen => match rng.u32(..100) {
            0..9 => PARCEL,
            9..20 => VAN_1_5,
            20..30 => VAN_3,
            30..43 => TRUCK_5,
            43..48 => TRUCK_7_5,
            48..58 => TRUCK_10,
            58..62 => TRUCK_15,
            62..90 => SEMI_82,
            _ => SEMI_92,
        },
    }
}

fn trucks(rng: &mut Rng, body: Body, tonnes: f64) -> u32 {
    let chance = |rng: &mut Rng, percent: u32, types: u32| if rng.u32(..100) < percent { types } else { 0 };
    match body {
        Body::Dry if tonnes <= 5.0 => {
            let mask = chance(rng, 60, truck::TENT)
                | chance(rng, 35, truck::VAN)
                | chance(rng, 30, truck::METAL_VAN)
                | chance(rng, 15, truck::ISOTHERM);
            if mask == 0 { truck::TENT } else { mask }
        }
        Body::Dry => match rng.u32(..100) {
            0..18 => truck::ANY_CLOSED,
            18..24 => truck::ISOTHERM | truck::REFRIGERATOR | truck::VAN,
            _ => {
                truck::TENT
                    | chance(rng, 18, truck::ISOTHERM | truck::REFRIGERATOR)
                    | chance(rng, 8, truck::VAN)
                    | chance(rng, 5, truck::FLATBED)
            }
        },
        Body::Chilled => truck::REFRIGERATOR | chance(rng, 35, truck::ISOTHERM),
        Body::Frozen => truck::REFRIGERATOR,
        Body::Open => match rng.u32(..100) {
            0..8 => truck::CRANE,
            8..45 => truck::TENT | truck::FLATBED,
            _ => truck::FLATBED | truck::OPEN | chance(rng, 25, truck::TENT),
        },
        Body::Grain => truck::GRAIN | chance(rng, 40, truck::TIPPER),
        Body::Loose => truck::TIPPER,
        Body::Scrap => truck::SCRAP | chance(rng, 30, truck::TIPPER),
        Body::Machine => truck::LOW_LOADER,
        Body::Container => truck::CONTAINER_CHASSIS | chance(rng, 40, truck::CONTAINER),
        Body::Liquid => match rng.u32(..2) {
            0 => truck::TANK_20,
            _ => truck::TANK_40,
        },
        Body::Trailer => truck::TRACTOR,
    }
}

fn loads(rng: &mut Rng, body: Body) -> u32 {
    match body {
        Body::Dry => match rng.u32(..100) {
            0..62 => load::REAR,
            62..76 => load::REAR | load::SIDE,
            76..84 => load::SIDE,
            84..90 => load::REAR | load::SIDE | load::TOP,
            _ => load::UNCOVERED,
        },
        Body::Open => match rng.u32(..100) {
            0..45 => load::TOP,
            45..75 => load::TOP | load::SIDE,
            _ => load::UNCOVERED,
        },
        Body::Grain | Body::Loose | Body::Scrap | Body::Container | Body::Liquid => load::TOP,
        Body::Machine => load::RAMPS,
        Body::Chilled | Body::Frozen => load::REAR,
        // A trailer is coupled, not loaded.
        Body::Trailer => 0,
    }
}

/// What a price depends on.
struct Rate {
    class: Class,
    body: Body,
    payment: Payment,
    partial: bool,
    from: usize,
    to: usize,
    distance_km: u32,
}

impl Rate {
    // Rubles, before the market's noise.
    fn rubles(&self) -> f64 {
        let body = match self.body {
            Body::Chilled => 1.17,
            Body::Frozen => 1.22,
            _ => 1.0,
        };
        let payment = match self.payment {
            Payment::WithVat => 1.13,
            Payment::WithoutVat => 1.0,
            Payment::Cash => 0.97,
        };
        // Trucks crowd around the large cities: the way out of one is paid better than the way back.
        let pull = (freight(&CITIES[self.from]) / freight(&CITIES[self.to])).ln();
        let direction = (1.0 + 0.06 * pull).clamp(0.78, 1.28);
        let partial = if self.partial { 0.8 } else { 1.0 };
        let distance = f64::from(self.distance_km);
        let short_haul = 1.0 + 110.0 / (distance + 60.0);
        let haul = self.class.per_km * distance * short_haul * direction;
        haul.max(self.class.at_least) * body * payment * partial
    }
}

fn price(rng: &mut Rng, rate: &Rate) -> Price {
    match rng.u32(..100) {
        0..3 => {
            return Price { total: Some(0), carrier: Some(0) };
        }
        3..6 => {
            return Price { total: None, carrier: None };
        }
        6..8 => {
            return Price { total: None, carrier: Some(0) };
        }
        _ => {}
    }
    let rubles = rate.rubles() * (0.88 + 0.26 * rng.f64());
    let step = match rng.u32(..100) {
        0..10 => 100.0,
        _ if rubles < 50_000.0 => 500.0,
        _ => 1_000.0,
    };
    let kopecks = (rubles / step).round() as u64 * step as u64 * 100;
    match rng.u32(..100) {
        // The shipper's price alone.
        0..5 => Price { total: Some(kopecks), carrier: None },
        5..25 => Price { total: Some(kopecks), carrier: Some(kopecks) },
        _ => Price::for_carrier(Some(kopecks)),
    }
}

/// The clock time in `city` at a Unix minute.
pub fn clock_in(city: &City, minute: i64) -> DateTime {
    let epoch = date(1970, 1, 1).at(0, 0, 0, 0);
    let local = minute + city.utc_offset * 60;
    epoch.saturating_add(jiff::SignedDuration::from_mins(local))
}

fn days(days: i64) -> jiff::SignedDuration {
    jiff::SignedDuration::from_hours(days * 24)
}

/// When a cargo is loaded: after it disappears from the exchange, so that a date never lies behind.
fn load_at(rng: &mut Rng, span: &Span, city: &City, day: Option<Date>) -> DateTime {
    let hour = rng.i8(7..20);
    if let Some(day) = day {
        return day.at(hour, 0, 0, 0);
    }
    let gone = clock_in(city, span.to_minute);
    // No cargo lives longer than four days, so all are loaded within fourteen.
    let wait = match rng.u32(..100) {
        0..45 => 0,
        45..75 => 1,
        75..88 => 2,
        _ => rng.i64(3..10),
    };
    let day = gone.date().saturating_add(days(wait));
    let at = day.at(hour, if rng.u32(..5) == 0 { 30 } else { 0 }, 0, 0);
    if at > gone {
        return at;
    }
    // The hour has passed when the cargo goes: load within the hours left, or in the next morning.
    if gone.hour() < 22 {
        gone.date().at(gone.hour() + 1, 0, 0, 0)
    } else {
        gone.date().saturating_add(days(1)).at(hour, 0, 0, 0)
    }
}

/// When it arrives: 700 km a day, and nobody unloads at night.
fn unload_at(rng: &mut Rng, load_at: DateTime, from: usize, to: usize, distance_km: u32) -> DateTime {
    let shift = CITIES[to].utc_offset - CITIES[from].utc_offset;
    let driving = jiff::SignedDuration::from_hours(4 + i64::from(distance_km) * 24 / 700 + shift);
    let arrival = load_at.saturating_add(driving);
    let hour = rng.i8(8..18);
    let day = if arrival.hour() >= hour { arrival.date().saturating_add(days(1)) } else { arrival.date() };
    day.at(hour, 0, 0, 0)
}
