//! The rate of the market: what similar open cargos pay a kilometre.
//!
//! Cargos count if they have a price and a distance, told or estimated.
use places::Position;

use crate::{
    families::{self, Families},
    index::Index,
    model::{Cargo, Point},
    rows::Rows,
};

/// With fewer cargos, a median says nothing.
const LEAST: usize = 8;
/// Where a band of distances begins, kilometres. A short way pays more a kilometre than a long one.
const BAND_EDGES_KM: [u32; 4] = [100, 300, 700, 1500];
const BANDS: usize = BAND_EDGES_KM.len() + 1;

/// Which cargos are similar to a given one. All have a way of the same band: below 100, 300, 700 or 1,500 km, or longer.
/// Each scope includes the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// For a truck of the same family, loading within 150 km.
    Near,
    /// For a truck of the same family, loading within 400 km.
    Region,
    /// For any truck, loading within 400 km.
    AnyTruck,
    /// For any truck, loading anywhere.
    Everywhere,
}

impl Scope {
    /// How far the loading may be, kilometres along the great circle; `None`: anywhere.
    pub fn radius_km(self) -> Option<u32> {
        match self {
            Self::Near => Some(150),
            Self::Region | Self::AnyTruck => Some(400),
            Self::Everywhere => None,
        }
    }

    /// Whether it takes a truck of the same family.
    pub fn is_of_family(self) -> bool {
        matches!(self, Self::Near | Self::Region)
    }
}

/// What similar cargos pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The narrowest scope with at least eight cargos, else the widest.
    pub scope: Scope,
    /// How many cargos it has, without the given one.
    pub count: usize,
    /// `None` with fewer than eight cargos.
    pub quartiles: Option<Quartiles>,
}

/// Kopecks a kilometre. Between two cargos they are interpolated, and rounded half up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quartiles {
    /// A quarter pays less.
    pub p25: u64,
    /// Half pay less.
    pub median: u64,
    /// Three quarters pay less.
    pub p75: u64,
}

impl Quartiles {
    /// Of a number of values, by a function from a rank to the value that has it.
    fn of(count: usize, mut value: impl FnMut(usize) -> u64) -> Self {
        let mut quartile = |quarters: usize| {
            let (below, rest) = ((count - 1) * quarters / 4, (count - 1) * quarters % 4);
            let low = value(below);
            if rest == 0 { low } else { low + ((value(below + 1) - low) * rest as u64 + 2) / 4 }
        };
        Self { p25: quartile(1), median: quartile(2), p75: quartile(3) }
    }

    /// By how many percent a cargo pays more than the median, rounded half away from zero; negative if it pays less.
    /// `None` without a price or a distance.
    pub fn percent(&self, cargo: &Cargo) -> Option<i64> {
        let pays = cargo.price?.per_km(cargo.distance()?.km.get().into())?.kopecks();
        let median = i64::try_from(self.median).ok()?;
        let more = pays.checked_sub(median)?.checked_mul(100)?;
        Some(more.signum() * ((more.abs() + median / 2) / median))
    }
}

/// The cargos that count, by band.
#[derive(Debug)]
pub struct Rates([Band; BANDS]);

#[derive(Debug, Default)]
struct Band {
    /// The cargos with a known place of loading, from south to north.
    placed: Vec<Placed>,
    /// The rates of all cargos in ascending order.
    ordered: Vec<u64>,
}

#[derive(Clone, Copy, Debug)]
struct Placed {
    point: Point,
    position: Position,
    row: u32,
    families: Families,
    per_km: u64,
}

impl Rates {
    /// Of cargos with these positions of spots, distances and rates; zero if unknown.
    pub fn of(rows: &Rows, positions: &[Option<Position>], km: &[u32], per_km: &[u64]) -> Self {
        let of_kinds: Vec<_> = rows.kinds.iter().map(|(_, name)| families::of_name(rows.text(*name))).collect();
        let of_set = |set: &Vec<u32>| families::of_all(set.iter().map(|kind| of_kinds[*kind as usize]));
        let of_sets: Vec<_> = rows.sets.iter().map(of_set).collect();
        let mut bands: [Band; BANDS] = Default::default();
        for ((row, km), per_km) in (0..).zip(km).zip(per_km).filter(|(_, per_km)| **per_km > 0) {
            let band = &mut bands[band_of(*km)];
            band.ordered.push(*per_km);
            let (at, spot) = (row as usize, rows.from.spots[row as usize] as usize);
            if let Some((point, position)) = rows.spots[spot].point.zip(positions[spot]) {
                let families = of_sets[rows.truck_sets[at] as usize];
                band.placed.push(Placed { point, position, row, families, per_km: *per_km });
            }
        }
        for band in &mut bands {
            band.placed.sort_unstable_by_key(|placed| placed.point);
            band.ordered.sort_unstable();
        }
        Self(bands)
    }
}

fn band_of(km: u32) -> usize {
    BAND_EDGES_KM.partition_point(|edge| *edge <= km)
}

impl Index {
    /// What open cargos similar to this one pay a kilometre. The cargo itself does not count, whether the index has it or
    /// not. A cargo without a distance has none similar to it.
    pub fn rate(&self, cargo: &Cargo) -> Rate {
        let Some(distance) = cargo.distance() else {
            return Rate { scope: Scope::Everywhere, count: 0, quartiles: None };
        };
        let band = band_of(distance.km.get());
        let own = self.rows.ids.binary_search(&cargo.id).ok();
        let families = families::of_kinds(&cargo.truck_types);
        for scope in [Scope::Near, Scope::Region, Scope::AnyTruck] {
            let mut rates = self.rates_near(cargo, band, own, scope, families);
            if rates.len() >= LEAST {
                let quartiles = Quartiles::of(rates.len(), |rank| *rates.select_nth_unstable(rank).1);
                return Rate { scope, count: rates.len(), quartiles: Some(quartiles) };
            }
        }
        self.rate_everywhere(band, own)
    }

    /// The rates of a scope with a radius, in no order.
    fn rates_near(&self, cargo: &Cargo, band: usize, own: Option<usize>, scope: Scope, families: Families) -> Vec<u64> {
        let (Some(point), Some(radius_km)) = (cargo.from.point, scope.radius_km()) else { return Vec::new() };
        let circle = point.position().circle(radius_km.into());
        let wanted = if scope.is_of_family() { families } else { Families::MAX };
        let placed = &self.rates.0[band].placed;
        let first = placed.partition_point(|other| other.point.is_south_of(point, radius_km));
        let beside = placed[first..].iter().take_while(|other| !point.is_south_of(other.point, radius_km));
        let is_similar = |other: &&Placed| {
            other.families & wanted != 0 && circle.holds(other.position) && own != Some(other.row as usize)
        };
        beside.filter(is_similar).map(|other| other.per_km).collect()
    }

    fn rate_everywhere(&self, band: usize, own: Option<usize>) -> Rate {
        let ordered = &self.rates.0[band].ordered;
        let own = own.filter(|row| self.per_km[*row] > 0 && band_of(self.km[*row]) == band);
        let left_out = own.map(|row| ordered.partition_point(|rate| *rate < self.per_km[row]));
        let count = ordered.len() - usize::from(own.is_some());
        let value = |at: usize| ordered[at + usize::from(left_out.is_some_and(|left_out| left_out <= at))];
        let quartiles = (count >= LEAST).then(|| Quartiles::of(count, value));
        Rate { scope: Scope::Everywhere, count, quartiles }
    }
}
