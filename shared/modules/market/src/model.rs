//! An open cargo in the market. It has no contacts, no address beyond the city, and no note.
use std::num::NonZeroU32;

use jiff::civil::Date;
use kernel::money::Money;
use places::Position;
use serde::{Deserialize, Serialize};

/// The average ratio of road to great-circle distance.
const WINDING: f64 = 1.25;
/// The most price changes kept.
const CHANGES_KEPT: usize = 10;

/// A cargo's data from CargoTech's list.
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
    /// Litres: a thousand per cubic metre.
    pub volume_l: Option<NonZeroU32>,
    /// The road distance from CargoTech.
    pub distance_km: Option<NonZeroU32>,
    /// The price; `None` means on request.
    pub price: Option<Money>,
    /// Suitable trucks.
    pub truck_types: Vec<Kind>,
    /// Suitable loading types.
    pub load_types: Vec<Kind>,
    /// Whether part of a truck is enough.
    pub partial_load: bool,
    /// Whether the truck returns loaded.
    pub round_trip: bool,
}

/// One end of the route.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stop {
    /// The city in CargoTech's spelling; empty if unknown.
    pub city: String,
    /// The settlement of the crate `places`.
    pub place: Option<u32>,
    /// The location.
    pub point: Option<Point>,
    /// Local time there.
    pub when: Option<When>,
}

/// A point on Earth, in hundred-thousandths of a degree (about a metre).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Point {
    pub(crate) lat: i32,
    pub(crate) lon: i32,
}

impl Point {
    const PER_DEGREE: f64 = 1e5;

    /// The point at these degrees north and east; `None` if out of range.
    pub fn new(lat: f64, lon: f64) -> Option<Self> {
        let is_one = (-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon);
        #[allow(clippy::cast_possible_truncation)] // the largest is 18 million
        let scaled = |degrees: f64| (degrees * Self::PER_DEGREE).round() as i32;
        is_one.then(|| Self { lat: scaled(lat), lon: scaled(lon) })
    }

    /// The estimated distance by road in kilometres; `None` within a city.
    pub fn road_km_to(self, other: Self) -> Option<NonZeroU32> {
        estimated_km(self.position(), other.position())
    }

    /// Whether it lies farther south than any point within so many kilometres of another.
    pub fn is_south_of(self, other: Self, km: u32) -> bool {
        /// A degree of latitude has more kilometres everywhere.
        const KM_A_DEGREE: f64 = 111.0;
        f64::from(other.lat - self.lat) / Self::PER_DEGREE > f64::from(km) / KM_A_DEGREE
    }

    /// The position for calculations.
    pub fn position(self) -> Position {
        Position::new(f64::from(self.lat) / Self::PER_DEGREE, f64::from(self.lon) / Self::PER_DEGREE)
    }
}

/// A day, with the time of day if known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    /// The day.
    pub date: Date,
    /// Minutes since midnight, below 1440.
    pub minute: Option<u16>,
}

/// A truck type or a load type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind {
    /// CargoTech's id, if the list has it.
    pub id: Option<u32>,
    /// The name.
    pub name: String,
}

/// The length of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Distance {
    /// Kilometres.
    pub km: NonZeroU32,
    /// Whether it is estimated from the great circle, because CargoTech has no distance.
    pub is_estimated: bool,
}

impl Cargo {
    /// CargoTech's distance, or an estimate from the coordinates.
    pub fn distance(&self) -> Option<Distance> {
        if let Some(km) = self.distance_km {
            return Some(Distance { km, is_estimated: false });
        }
        let (from, to) = (self.from.point?, self.to.point?);
        from.road_km_to(to).map(|km| Distance { km, is_estimated: true })
    }

    /// Whether another version of the cargo differs. Ignores prices, spelling, and the settlements derived from city
    /// names.
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

/// The estimated road distance between two points in kilometres; `None` within a city.
pub(crate) fn estimated_km(from: Position, to: Position) -> Option<NonZeroU32> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // at most half of the equator
    NonZeroU32::new((from.km_to(to) * WINDING).round() as u32)
}

/// A cargo with its history in the market.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// The latest data from CargoTech's list.
    pub cargo: Cargo,
    /// The cargo's history.
    pub history: History,
}

/// The history of a cargo. Times are Unix seconds of accepted sweeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// The first sweep with the cargo; 0 if that was the first of all, which does not tell when the cargo came.
    pub first_seen_s: i64,
    /// The last sweep with the cargo.
    pub last_seen_s: i64,
    /// The price at first.
    pub first_price: Option<Money>,
    /// The last ten price changes, oldest first.
    pub changes: Vec<PriceChange>,
    /// Consecutive sweeps without the cargo.
    pub missing: u8,
}

/// A price change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceChange {
    /// The sweep that found it.
    pub at_s: i64,
    /// The previous price.
    pub from: Option<Money>,
}

impl History {
    /// The history of a new cargo.
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
