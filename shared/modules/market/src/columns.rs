//! Cargos in columnar form, as stored in a snapshot and read by searches.
//!
//! A column has one value per cargo, ordered by id. Texts, stops and type sets are stored once. Unknown numbers are
//! zero unless noted otherwise.
use std::{collections::HashMap, hash::Hash};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::model::{Cargo, History, Kind, Point, Stop, When};

/// The day of a stop without a date.
pub const NO_DAY: i32 = i32::MIN;
/// The flag in [`Columns::terms`] that part of a truck is enough.
pub const PARTIAL_LOAD: u8 = 1;
/// The flag in [`Columns::terms`] that the truck returns loaded.
pub const ROUND_TRIP: u8 = 2;
/// Days are counted from here.
pub const FIRST_DAY: Date = jiff::civil::date(1970, 1, 1);

/// The columns.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Columns {
    /// All texts, concatenated.
    pub text: String,
    /// The end of each text.
    #[serde(with = "delta")]
    pub text_ends: Vec<u32>,
    pub spots: Vec<Spot>,
    pub kinds: Vec<(Option<u32>, u32)>,
    /// Indices of kinds.
    pub sets: Vec<Vec<u32>>,

    #[serde(with = "delta")]
    pub ids: Vec<u64>,
    /// Indices of texts, plus one.
    pub titles: Vec<u32>,
    /// Indices of texts, plus one.
    pub goods: Vec<u32>,
    pub from: Ends,
    pub to: Ends,
    pub weight_kg: Vec<u32>,
    pub volume_l: Vec<u32>,
    /// As reported by CargoTech.
    pub distance_km: Vec<u32>,
    pub kopecks: Vec<u64>,
    /// Indices of sets.
    pub truck_sets: Vec<u32>,
    /// Indices of sets.
    pub load_sets: Vec<u32>,
    pub terms: Vec<u8>,
    #[serde(with = "delta")]
    pub first_seen_s: Vec<i64>,
    #[serde(with = "delta")]
    pub last_seen_s: Vec<i64>,
    pub first_kopecks: Vec<u64>,
    pub missing: Vec<u8>,
    /// How many entries of the next two columns belong to the cargo.
    pub change_counts: Vec<u8>,
    #[serde(with = "delta")]
    pub changed_s: Vec<i64>,
    pub kopecks_before: Vec<u64>,
}

/// One end of all routes.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Ends {
    /// Indices of spots.
    pub spots: Vec<u32>,
    /// Since [`FIRST_DAY`].
    #[serde(with = "delta")]
    pub days: Vec<i32>,
    /// Minutes of the day, plus one.
    pub minutes: Vec<u16>,
}

/// The coordinates of stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Spot {
    /// A text's index.
    pub city: u32,
    pub place: Option<u32>,
    pub point: Option<Point>,
}

/// Days since [`FIRST_DAY`].
pub fn day_of(date: Date) -> i32 {
    i32::try_from(date.duration_since(FIRST_DAY).as_hours() / 24).unwrap_or(NO_DAY)
}

impl Columns {
    /// For cargos with ascending ids.
    pub fn of(cargos: &[(&Cargo, &History)]) -> Self {
        let mut building = Building::default();
        for (cargo, history) in cargos {
            building.add(cargo);
            building.columns.remember(history);
        }
        building.columns
    }

    fn remember(&mut self, history: &History) {
        self.first_seen_s.push(history.first_seen_s);
        self.last_seen_s.push(history.last_seen_s);
        self.first_kopecks.push(kopecks(history.first_price));
        self.missing.push(history.missing);
        // A history keeps at most ten.
        self.change_counts.push(u8::try_from(history.changes.len()).unwrap_or(u8::MAX));
        for change in history.changes.iter().take(u8::MAX.into()) {
            self.changed_s.push(change.at_s);
            self.kopecks_before.push(kopecks(change.from));
        }
    }
}

fn kopecks(price: Option<kernel::money::Money>) -> u64 {
    price.map_or(0, |price| price.kopecks().unsigned_abs())
}

/// Columns being built, with the values seen so far.
#[derive(Default)]
struct Building {
    columns: Columns,
    texts: HashMap<String, u32>,
    spots: HashMap<Spot, u32>,
    kinds: HashMap<Kind, u32>,
    sets: HashMap<Vec<u32>, u32>,
}

impl Building {
    fn add(&mut self, cargo: &Cargo) {
        let titles = self.optional_text(cargo.title.as_deref());
        let goods = self.optional_text(cargo.goods.as_deref());
        let [from, to] = [&cargo.from, &cargo.to].map(|stop| self.spot(stop));
        let [truck_set, load_set] = [&cargo.truck_types, &cargo.load_types].map(|kinds| self.set(kinds));
        let columns = &mut self.columns;
        columns.ids.push(cargo.id);
        columns.titles.push(titles);
        columns.goods.push(goods);
        columns.from.push(from, cargo.from.when);
        columns.to.push(to, cargo.to.when);
        columns.weight_kg.push(cargo.weight_kg.map_or(0, Into::into));
        columns.volume_l.push(cargo.volume_l.map_or(0, Into::into));
        columns.distance_km.push(cargo.distance_km.map_or(0, Into::into));
        columns.kopecks.push(kopecks(cargo.price));
        columns.truck_sets.push(truck_set);
        columns.load_sets.push(load_set);
        let terms = [(cargo.partial_load, PARTIAL_LOAD), (cargo.round_trip, ROUND_TRIP)];
        columns.terms.push(terms.iter().filter(|(is_set, _)| *is_set).map(|(_, bit)| bit).sum());
    }

    fn optional_text(&mut self, text: Option<&str>) -> u32 {
        text.map_or(0, |text| self.text(text) + 1)
    }

    fn text(&mut self, text: &str) -> u32 {
        if let Some(known) = self.texts.get(text) {
            return *known;
        }
        self.columns.text.push_str(text);
        let end = index(self.columns.text.len());
        intern(&mut self.texts, text.to_owned(), &mut self.columns.text_ends, |_| end)
    }

    fn spot(&mut self, stop: &Stop) -> u32 {
        let spot = Spot { city: self.text(&stop.city), place: stop.place, point: stop.point };
        intern(&mut self.spots, spot, &mut self.columns.spots, |spot| *spot)
    }

    fn set(&mut self, kinds: &[Kind]) -> u32 {
        let kinds = kinds.iter().map(|kind| {
            let name = self.text(&kind.name);
            intern(&mut self.kinds, kind.clone(), &mut self.columns.kinds, |kind| (kind.id, name))
        });
        let set: Vec<_> = kinds.collect();
        intern(&mut self.sets, set, &mut self.columns.sets, Vec::clone)
    }
}

impl Ends {
    fn push(&mut self, spot: u32, when: Option<When>) {
        self.spots.push(spot);
        self.days.push(when.map_or(NO_DAY, |when| day_of(when.date)));
        self.minutes.push(when.and_then(|when| when.minute).map_or(0, |minute| minute.saturating_add(1)));
    }
}

/// The index of a value in its table. Adds it if it is missing.
fn intern<T: Hash + Eq, U>(
    known: &mut HashMap<T, u32>,
    value: T,
    table: &mut Vec<U>,
    row: impl FnOnce(&T) -> U,
) -> u32 {
    *known.entry(value).or_insert_with_key(|value| {
        table.push(row(value));
        index(table.len() - 1)
    })
}

/// Tables and texts of a market stay far below four billion.
fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Delta-encodes the numbers.
mod delta {
    use serde::{Deserialize, Deserializer, Serializer};

    pub trait Number: Copy + Default {
        fn minus(self, other: Self) -> i64;
        fn plus(self, step: i64) -> Self;
    }

    macro_rules! numbers {
        ($($number:ty),*) => {$(
            #[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, clippy::cast_sign_loss, clippy::cast_lossless)]
            impl Number for $number {
                fn minus(self, other: Self) -> i64 {
                    (self as i64).wrapping_sub(other as i64)
                }

                fn plus(self, step: i64) -> Self {
                    (self as i64).wrapping_add(step) as Self
                }
            }
        )*};
    }
    numbers!(u32, i32, u64, i64);

    pub fn serialize<S: Serializer, T: Number>(numbers: &[T], serializer: S) -> Result<S::Ok, S::Error> {
        let before = std::iter::once(T::default()).chain(numbers.iter().copied());
        let steps: Vec<_> = numbers.iter().zip(before).map(|(number, before)| number.minus(before)).collect();
        serializer.collect_seq(steps)
    }

    pub fn deserialize<'de, D: Deserializer<'de>, T: Number>(deserializer: D) -> Result<Vec<T>, D::Error> {
        let steps = Vec::<i64>::deserialize(deserializer)?;
        let mut number = T::default();
        let numbers = steps.into_iter().map(|step| {
            number = number.plus(step);
            number
        });
        Ok(numbers.collect())
    }
}
