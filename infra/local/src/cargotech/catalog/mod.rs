//! The cargos that are alive at a given minute, as a pure function of the seed.
//!
//! The catalog has a fixed number of slots. A slot holds one cargo at a time, and a new one every
//! period of its own, after a short gap; which cargo a slot holds follows from the seed, the slot and
//! the minute alone. A cargo's id is made of the minute in which it appeared and its slot, so ids grow
//! with time, are never given twice, and tell where the cargo came from.
//!
//! Only what somebody changes through the control routes is state.

mod prices;
mod times;
mod trucks;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fastrand::Rng;
use jiff::civil::{Date, DateTime};

use super::cities::{ARMENIA, AZERBAIJAN, CITIES, City, RUSSIA};
use super::companies::{COMPANIES, Company, company};
use super::{mix, stream};
use prices::{Rate, price};
pub use times::clock_in;
use times::{load_at, unload_at};
use trucks::{cargo_kind, loads, truck_class, trucks};

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
