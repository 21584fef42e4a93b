//! One open cargo as the market knows it. It has no contacts, no address beyond the city and no note.
use std::num::NonZeroU32;

use jiff::civil::Date;
use kernel::money::Money;
use places::Position;
use serde::{Deserialize, Serialize};

/// Roads are longer than the great circle by about so much.
const WINDING: f64 = 1.25;
/// The last so many changes of a price are kept.
const CHANGES_KEPT: usize = 10;

/// What CargoTech's list tells of a cargo.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cargo {
    /// CargoTech's id.
    pub id: u64,
    /// The name.
    pub title: Option<String>,
    /// The cargo's contents.
    pub goods: Option<String>,
    /// The loading place.
    pub from: Stop,
    /// The unloading place.
    pub to: Stop,
    /// Kilograms.
    pub weight_kg: Option<NonZeroU32>,
    /// Litres, of which a cubic metre has a thousand.
    pub volume_l: Option<NonZeroU32>,
    /// By road, as CargoTech says.
    pub distance_km: Option<NonZeroU32>,
    /// `None`: on request.
    pub price: Option<Money>,
    /// The trucks that will do.
    pub truck_types: Vec<Kind>,
    /// The ways it can be loaded.
    pub load_types: Vec<Kind>,
    /// Part of a truck is enough.
    pub partial_load: bool,
    /// The truck comes back loaded.
    pub round_trip: bool,
}

/// One end of the route.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stop {
    /// The city, as CargoTech writes it; empty if it does not say.
    pub city: String,
    /// The settlement of the crate `places`.
    pub place: Option<u32>,
    /// The location.
    pub point: Option<Point>,
    /// By the clock there.
    pub when: Option<When>,
}

/// A point of the Earth, in hundred-thousandths of a degree: a metre.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Point {
    pub(crate) lat: i32,
    pub(crate) lon: i32,
}

impl Point {
    const PER_DEGREE: f64 = 1e5;

    /// So many degrees north and east; `None` if there is no such point.
    pub fn new(lat: f64, lon: f64) -> Option<Self> {
        let is_one = (-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon);
        #[allow(clippy::cast_possible_truncation)] // the largest is 18 million
        let scaled = |degrees: f64| (degrees * Self::PER_DEGREE).round() as i32;
        is_one.then(|| Self { lat: scaled(lat), lon: scaled(lon) })
    }

    /// The same for calculating.
    pub fn position(self) -> Position {
        Position::new(f64::from(self.lat) / Self::PER_DEGREE, f64::from(self.lon) / Self::PER_DEGREE)
    }
}

/// A day, and the time of day if it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    /// The day.
    pub date: Date,
    /// Minutes since its midnight, below 1440.
    pub minute: Option<u16>,
}

/// A truck type or a load type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind {
    /// By CargoTech's dictionary, if the list tells it.
    pub id: Option<u32>,
    /// The name.
    pub name: String,
}

/// How far a cargo goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Distance {
    /// Kilometres.
    pub km: NonZeroU32,
    /// From the great circle, because CargoTech does not tell.
    pub is_estimated: bool,
}

impl Cargo {
    /// CargoTech's distance, else an estimate from where the ends are.
    pub fn distance(&self) -> Option<Distance> {
        if let Some(km) = self.distance_km {
            return Some(Distance { km, is_estimated: false });
        }
        let (from, to) = (self.from.point?, self.to.point?);
        estimated_km(from.position(), to.position()).map(|km| Distance { km, is_estimated: true })
    }

    /// Whether another version of the cargo tells something else than this one: a price is not counted, nor how texts are
    /// written, nor the settlements that we find for its cities.
    pub(crate) fn differs_from(&self, other: &Self) -> bool {
        fn plain(text: &str) -> String {
            text.split_whitespace().flat_map(|word| [word, " "]).collect::<String>().to_lowercase()
        }
        let text = |text: &Option<String>| text.as_deref().map(plain).filter(|text| !text.is_empty());
        let stop = |stop: &Stop| (plain(&stop.city), stop.when);
        let kinds = |kinds: &[Kind]| {
            let mut kinds: Vec<_> = kinds.iter().map(|kind| (kind.id, plain(&kind.name))).collect();
            kinds.sort_unstable();
            kinds.dedup();
            kinds
        };
        let numbers = |cargo: &Self| (cargo.weight_kg, cargo.volume_l, cargo.distance_km);
        let terms = |cargo: &Self| (cargo.partial_load, cargo.round_trip);
        numbers(self) != numbers(other)
            || terms(self) != terms(other)
            || stop(&self.from) != stop(&other.from)
            || stop(&self.to) != stop(&other.to)
            || kinds(&self.truck_types) != kinds(&other.truck_types)
            || kinds(&self.load_types) != kinds(&other.load_types)
            || text(&self.title) != text(&other.title)
            || text(&self.goods) != text(&other.goods)
    }
}

/// Kilometres by road between two points, about; `None` within a city.
pub(crate) fn estimated_km(from: Position, to: Position) -> Option<NonZeroU32> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // at most half of the equator
    NonZeroU32::new((from.km_to(to) * WINDING).round() as u32)
}

/// A cargo with what the market remembers of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// What CargoTech's list told last.
    pub cargo: Cargo,
    /// What happened to it.
    pub history: History,
}

/// What happened to a cargo. Times are Unix seconds, each that of an accepted sweep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// The first sweep that had it.
    pub first_seen_s: i64,
    /// The last sweep that had it.
    pub last_seen_s: i64,
    /// What it paid then.
    pub first_price: Option<Money>,
    /// The last ten changes of its price, the oldest first.
    pub changes: Vec<PriceChange>,
    /// So many sweeps in a row did not have it.
    pub missing: u8,
}

/// A change of a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceChange {
    /// The sweep that saw it.
    pub at_s: i64,
    /// The price before.
    pub from: Option<Money>,
}

impl History {
    /// That of a cargo seen for the first time.
    pub(crate) fn new(now_s: i64, price: Option<Money>) -> Self {
        Self { first_seen_s: now_s, last_seen_s: now_s, first_price: price, changes: Vec::new(), missing: 0 }
    }

    pub(crate) fn price_changed(&mut self, change: PriceChange) {
        if self.changes.len() >= CHANGES_KEPT {
            self.changes.drain(..=self.changes.len() - CHANGES_KEPT);
        }
        self.changes.push(change);
    }
}
