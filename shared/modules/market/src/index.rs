//! A snapshot in memory, with derived data for searches.
use std::{
    collections::{BTreeSet, HashMap},
    hash::Hash,
};

use kernel::money::Money;
use places::Position;

use crate::{
    columns::{Columns, NO_DAY},
    ledger::Ledger,
    model::{Open, estimated_km},
    rate::Rates,
    rows::{Rows, money},
    snapshot::{self, Contents, Head, Unreadable},
};

/// An open snapshot.
#[derive(Debug)]
pub struct Index {
    pub(crate) rows: Rows,
    /// Kilometres, estimated if CargoTech has no distance; zero if unknown.
    pub(crate) km: Vec<u32>,
    /// Kopecks; zero if unknown.
    pub(crate) per_km: Vec<u64>,
    /// The positions of the stops.
    pub(crate) positions: Vec<Option<Position>>,
    /// For each stop, the first one of the same town.
    pub(crate) towns: Vec<u32>,
    /// For each truck type and load type, the first of the same id: it may be spelt in several ways.
    pub(crate) types: Vec<u32>,
    /// All days of loading, in order.
    pub(crate) days: Vec<i32>,
    /// For each cargo, the index of its loading day.
    pub(crate) day_ranks: Vec<u32>,
    pub(crate) rates: Rates,
    version: u64,
    at_s: i64,
}

impl Index {
    /// Opens a snapshot.
    ///
    /// # Errors
    /// It is damaged or has another format.
    pub fn open(head: &Head, chunks: &[Vec<u8>]) -> Result<Self, Unreadable> {
        let (columns, _): (Columns, Ledger) = snapshot::open(Contents::Market, head, chunks)?;
        let rows = columns.checked()?;
        let positions: Vec<_> = rows.spots.iter().map(|spot| spot.point.map(|point| point.position())).collect();
        let km = distances(&rows, &positions);
        let per_km: Vec<_> = rows.kopecks.iter().zip(&km).map(|(kopecks, km)| per_km(*kopecks, *km)).collect();
        let rates = Rates::of(&rows, &positions, &km, &per_km);
        // A town is a settlement, whatever its name and exact place, or a name if the settlement is unknown.
        let towns = first_alike(rows.spots.iter().map(|spot| (spot.place, spot.place.is_none().then_some(spot.city))));
        let types = first_alike(rows.kinds.iter().map(|(id, name)| (*id, id.is_none().then_some(*name))));
        let (days, day_ranks) = ranked(&rows.from.days);
        let (version, at_s) = (head.version, head.at_s);
        Ok(Self { rows, km, per_km, positions, towns, types, days, day_ranks, rates, version, at_s })
    }

    /// The id of the snapshot.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// When the snapshot's sweep ended, Unix seconds.
    pub fn at_s(&self) -> i64 {
        self.at_s
    }

    /// The number of cargos.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no cargos.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether most cargos say which trucks they suit. One of CargoTech's two formats has no types.
    pub fn has_truck_types(&self) -> bool {
        self.is_most(self.rows.truck_sets.iter().filter(|set| !self.rows.sets[**set as usize].is_empty()).count())
    }

    /// Whether most cargos say when they are loaded. One of CargoTech's two formats has no dates.
    pub fn has_dates(&self) -> bool {
        self.is_most(self.rows.from.days.iter().filter(|day| **day != NO_DAY).count())
    }

    fn is_most(&self, cargos: usize) -> bool {
        cargos * 2 > self.len()
    }

    /// When the cargo with this id was last seen, Unix seconds, and its price.
    pub fn last_seen(&self, id: u64) -> Option<(i64, Option<Money>)> {
        let row = self.rows.ids.binary_search(&id).ok()?;
        Some((self.rows.last_seen_s[row], money(self.rows.kopecks[row])))
    }

    /// The cargo with this id.
    pub fn get(&self, id: u64) -> Option<Open> {
        self.rows.ids.binary_search(&id).ok().map(|row| self.rows.open(row))
    }
}

fn distances(rows: &Rows, positions: &[Option<Position>]) -> Vec<u32> {
    let estimate = |row: usize| {
        let [from, to] = [&rows.from, &rows.to].map(|ends| positions[ends.spots[row] as usize]);
        estimated_km(from?, to?).map(u32::from)
    };
    let told = rows.distance_km.iter().enumerate();
    told.map(|(row, km)| if *km > 0 { *km } else { estimate(row).unwrap_or(0) }).collect()
}

fn per_km(kopecks: u64, km: u32) -> u64 {
    money(kopecks).and_then(|price| price.per_km(km.into())).map_or(0, |price| price.kopecks().unsigned_abs())
}

/// The distinct values in order, and the index of each value among them.
fn ranked(days: &[i32]) -> (Vec<i32>, Vec<u32>) {
    let distinct: BTreeSet<_> = days.iter().copied().collect();
    let distinct: Vec<_> = distinct.into_iter().collect();
    let rank = |day: &i32| u32::try_from(distinct.partition_point(|known| known < day)).unwrap_or(u32::MAX);
    let ranks = days.iter().map(rank).collect();
    (distinct, ranks)
}

/// For each key, the index of the first one that equals it.
fn first_alike<K: Eq + Hash>(keys: impl Iterator<Item = K>) -> Vec<u32> {
    let mut first = HashMap::new();
    keys.zip(0..).map(|(key, at)| *first.entry(key).or_insert(at)).collect()
}
