//! Facets: counts of a search's cargos by property.
use std::cmp::Reverse;

use jiff::civil::Date;

use crate::{
    columns::{PARTIAL_LOAD, ROUND_TRIP},
    filters::Filters,
    index::Index,
    model::Kind,
    rows::date_of,
};

/// The most towns counted per end.
const TOWNS: usize = 20;
/// Lower bounds of the price bands, rubles.
const BANDS_RUB: [u32; 6] = [0, 20_000, 50_000, 100_000, 150_000, 250_000];

/// Counts of the cargos that match the filters. Zero counts are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// All values.
    pub total: u32,
    /// By truck type, the most frequent first. A cargo counts for each suitable type.
    pub truck_types: Vec<(Kind, u32)>,
    /// By town of loading, the twenty most frequent.
    pub from: Vec<(Town, u32)>,
    /// By town of unloading, the twenty most frequent.
    pub to: Vec<(Town, u32)>,
    /// By price, the lowest first.
    pub prices: Vec<(PriceBand, u32)>,
    /// With the price on request.
    pub on_request: u32,
    /// By day of loading.
    pub days: Vec<(Date, u32)>,
    /// For which part of a truck is enough.
    pub partial_load: u32,
    /// With a load for the way back.
    pub round_trip: u32,
}

/// A town.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Town {
    /// The settlement of the crate `places`, if known.
    pub place: Option<u32>,
    /// The name in CargoTech.
    pub name: String,
}

/// Prices from `from_rub` up to but not including `below_rub`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceBand {
    /// Rubles.
    pub from_rub: u32,
    /// Rubles; `None` for the highest band.
    pub below_rub: Option<u32>,
}

impl Index {
    /// Counts the cargos that match the filters.
    pub fn facets(&self, filters: &Filters) -> Facets {
        let rows = &self.rows;
        let matches = self.matches(filters);
        let mut sets = vec![0; rows.sets.len()];
        let mut from = vec![0; self.towns.len()];
        let mut to = vec![0; self.towns.len()];
        let mut days = vec![0; self.days.len()];
        let mut bands = [0; BANDS_RUB.len()];
        let (mut on_request, mut partial_load, mut round_trip) = (0, 0, 0);
        matches.rising(|row| {
            partial_load += u32::from(rows.terms[row] & PARTIAL_LOAD != 0);
            round_trip += u32::from(rows.terms[row] & ROUND_TRIP != 0);
            sets[rows.truck_sets[row] as usize] += 1;
            from[self.towns[rows.from.spots[row] as usize] as usize] += 1;
            to[self.towns[rows.to.spots[row] as usize] as usize] += 1;
            days[self.day_ranks[row] as usize] += 1;
            match rows.kopecks[row] {
                0 => on_request += 1,
                kopecks => bands[band_of(kopecks)] += 1,
            }
        });
        let days = self.days.iter().zip(days).filter(|(_, count)| *count > 0);
        Facets {
            total: u32::try_from(matches.count()).unwrap_or(u32::MAX),
            truck_types: self.truck_types(&sets),
            from: self.largest(&from),
            to: self.largest(&to),
            prices: bands.into_iter().enumerate().filter(|(_, count)| *count > 0).map(band).collect(),
            on_request,
            days: days.filter_map(|(day, count)| Some((date_of(*day)?, count))).collect(),
            partial_load,
            round_trip,
        }
    }

    fn truck_types(&self, sets: &[u32]) -> Vec<(Kind, u32)> {
        let mut counts = vec![0; self.types.len()];
        let mut spelt = vec![0; self.types.len()];
        for (set, count) in self.rows.sets.iter().zip(sets) {
            for (at, kind) in set.iter().enumerate() {
                spelt[*kind as usize] += *count;
                let type_of = |kind: &u32| self.types[*kind as usize] as usize;
                let is_repeated = set[..at].iter().any(|other| type_of(other) == type_of(kind));
                counts[type_of(kind)] += if is_repeated { 0 } else { *count };
            }
        }
        // Under the name that most cargos have.
        let mut usual = self.types.clone();
        for (kind, first) in (0..).zip(&self.types) {
            let best = &mut usual[*first as usize];
            if spelt[kind as usize] > spelt[*best as usize] {
                *best = kind;
            }
        }
        let counted = usual.into_iter().zip(counts).filter(|(_, count)| *count > 0);
        let mut types: Vec<_> = counted.map(|(kind, count)| (self.rows.kind(kind), count)).collect();
        types.sort_unstable_by(|(a, count), (b, other)| other.cmp(count).then_with(|| a.cmp(b)));
        types
    }

    fn largest(&self, counts: &[u32]) -> Vec<(Town, u32)> {
        let mut spots: Vec<_> = counts.iter().enumerate().filter(|(_, count)| **count > 0).collect();
        let name = |spot: usize| self.rows.text(self.rows.spots[spot].city);
        spots.sort_unstable_by_key(|(spot, count)| (Reverse(**count), name(*spot), *spot));
        let town = |spot: usize| Town { place: self.rows.spots[spot].place, name: name(spot).to_owned() };
        let named = spots.into_iter().filter(|(spot, _)| !name(*spot).is_empty());
        named.take(TOWNS).map(|(spot, count)| (town(spot), *count)).collect()
    }
}

fn band_of(kopecks: u64) -> usize {
    BANDS_RUB.iter().skip(1).map(|from| usize::from(u64::from(*from) * 100 <= kopecks)).sum()
}

fn band((at, count): (usize, u32)) -> (PriceBand, u32) {
    (PriceBand { from_rub: BANDS_RUB[at], below_rub: BANDS_RUB.get(at + 1).copied() }, count)
}
