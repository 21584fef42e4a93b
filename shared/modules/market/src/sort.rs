//! Sort orders of cargos.
use crate::{
    columns::NO_DAY,
    filters::{Area, Filters},
    index::Index,
    model::Point,
};

/// An order. What it goes by is not known of some cargos: they come last, whichever the direction. Cargos with equal keys
/// come by ascending id; those of [`By::Newest`] and [`By::Relevance`] by descending id, which is the newer first, and the
/// other way round when reversed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sort {
    /// The sort criterion.
    pub by: By,
    /// Whether the order is reversed.
    pub is_reversed: bool,
}

/// The sort criterion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum By {
    /// With a price first, then the nearest to where the search begins in steps of 25 km, then the newest.
    Relevance,
    /// The lowest price first.
    Price,
    /// The lowest price per kilometre first.
    PricePerKm,
    /// The shortest route first, estimated if CargoTech has no distance.
    Distance,
    /// The earliest loading first.
    Date,
    /// The most recently first seen first.
    Newest,
    /// The nearest to this point first.
    Deadhead(Point),
    /// The lowest profit first.
    Profit,
}

impl Sort {
    /// The name in URLs.
    pub fn name(self) -> &'static str {
        match (self.by, self.is_reversed) {
            (By::Relevance, false) => "relevance",
            (By::Relevance, true) => "-relevance",
            (By::Price, false) => "price",
            (By::Price, true) => "-price",
            (By::PricePerKm, false) => "price_per_km",
            (By::PricePerKm, true) => "-price_per_km",
            (By::Distance, false) => "distance",
            (By::Distance, true) => "-distance",
            (By::Date, false) => "date",
            (By::Date, true) => "-date",
            (By::Newest, false) => "newest",
            (By::Newest, true) => "-newest",
            (By::Deadhead(_), false) => "deadhead",
            (By::Deadhead(_), true) => "-deadhead",
            (By::Profit, false) => "profit",
            (By::Profit, true) => "-profit",
        }
    }

    /// Whether the higher of two ids comes first.
    pub(crate) fn has_falling_ids(self) -> bool {
        matches!(self.by, By::Newest | By::Relevance) && !self.is_reversed
    }

    /// A key in the direction of the order.
    pub(crate) fn directed(self, key: u64) -> u64 {
        if self.is_reversed && key < UNKNOWN { UNKNOWN - 1 - key } else { key }
    }
}

/// The key of an unknown value, above all other keys.
pub(crate) const UNKNOWN: u64 = (1 << 40) - 1;
/// No day of a year with four digits is farther from the first.
const FARTHEST_DAY: i64 = 1 << 23;
/// And one for a day without a time.
const MINUTES_A_DAY: u64 = 1441;
/// Later than any time of a sweep.
const LATEST_S: i64 = 1 << 32;
/// Drivers do not distinguish smaller distances.
const BAND_KM: f64 = 25.0;
const LAST_BAND: u64 = 63;

/// Zero means unknown.
pub(crate) fn known(value: u64) -> u64 {
    if value == 0 { UNKNOWN } else { value.min(UNKNOWN - 1) }
}

/// A signed sum.
pub(crate) fn signed(kopecks: Option<i64>) -> u64 {
    /// More than any cargo costs.
    const MOST: i64 = 1 << 38;
    kopecks.map_or(UNKNOWN, |kopecks| (kopecks.clamp(-MOST, MOST - 1) + MOST).unsigned_abs())
}

pub(crate) fn newest(first_seen_s: i64) -> u64 {
    (LATEST_S - first_seen_s.clamp(0, LATEST_S)).unsigned_abs()
}

pub(crate) fn date(day: i32, minute: u16) -> u64 {
    if day == NO_DAY {
        return UNKNOWN;
    }
    let day = (i64::from(day) + FARTHEST_DAY).unsigned_abs();
    day * MINUTES_A_DAY + u64::from(minute)
}

pub(crate) fn relevance(has_price: bool, band: u64, first_seen_s: i64) -> u64 {
    u64::from(!has_price) << 39 | band << 33 | newest(first_seen_s)
}

impl Index {
    /// Metres from a point to each spot.
    pub(crate) fn deadheads(&self, point: Point) -> Vec<u64> {
        let here = point.position();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // at most half of the equator
        let metres = |km: f64| (km * 1000.0).round() as u64;
        let spots = self.positions.iter();
        spots.map(|spot| spot.map_or(UNKNOWN, |position| metres(position.km_to(here)))).collect()
    }

    /// The distance of each stop from the nearest area where the search starts, in bands.
    pub(crate) fn bands(&self, filters: &Filters) -> Vec<u64> {
        let middles: Vec<_> = filters
            .from
            .iter()
            .filter_map(|area| match area {
                Area::Around { point, .. } => Some(point.position()),
                Area::Place(_) => None,
            })
            .collect();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // at most half of the equator
        let band = |km: f64| ((km / BAND_KM) as u64).min(LAST_BAND);
        let spots = self.positions.iter();
        spots
            .map(|spot| {
                let bands = spot.iter().flat_map(|spot| middles.iter().map(|middle| band(spot.km_to(*middle))));
                bands.min().unwrap_or(0)
            })
            .collect()
    }
}
