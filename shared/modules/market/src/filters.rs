//! The filters of a search.
use jiff::civil::Date;

use crate::{
    columns::{NO_DAY, PARTIAL_LOAD, ROUND_TRIP, day_of},
    index::Index,
    matches::Matches,
    model::Point,
};

/// The filters of a search. A cargo must match all of them. If the filtered property is unknown, the cargo does not
/// match, except that a price on request counts as zero, as in CargoTech.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filters {
    /// Loading in one of these areas, if any.
    pub from: Vec<Area>,
    /// Unloading in one of these areas, if any.
    pub to: Vec<Area>,
    /// Loading on or after this day.
    pub date_from: Option<Date>,
    /// Loading on or before this day.
    pub date_to: Option<Date>,
    /// Kilograms.
    pub weight_kg: Option<Range>,
    /// Litres.
    pub volume_l: Option<Range>,
    /// Kilometres, estimated if CargoTech has no distance.
    pub distance_km: Option<Range>,
    /// Kopecks.
    pub price: Option<Range>,
    /// Kopecks per kilometre.
    pub price_per_km: Option<Range>,
    /// Whether it has a price.
    pub has_price: Option<bool>,
    /// Suitable for one of these trucks, if any.
    pub truck_types: Vec<u32>,
    /// Loadable in one of these ways, if any.
    pub load_types: Vec<u32>,
    /// Whether a part of a truck is enough.
    pub partial_load: Option<bool>,
    /// Whether the truck comes back loaded.
    pub round_trip: Option<bool>,
    /// First seen after this time, Unix seconds.
    pub new_since_s: Option<i64>,
    /// Excludes these cargos.
    pub without: Vec<u64>,
}

/// An area in which a cargo starts or ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Area {
    /// A settlement.
    Place(u32),
    /// A circle.
    Around {
        /// The centre.
        point: Point,
        /// The radius along the great circle.
        km: u32,
    },
}

/// An inclusive range of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The lower bound.
    pub min: u64,
    /// The upper bound.
    pub max: u64,
}

// Inlined, because these run for every row, and a call costs more than the comparison.
impl Range {
    #[inline]
    pub(crate) fn holds(self, value: u64) -> bool {
        (self.min..=self.max).contains(&value)
    }

    /// Zero means unknown and is in no range.
    #[inline]
    fn holds_known(self, value: u32) -> bool {
        value > 0 && self.holds(value.into())
    }

    #[inline]
    fn holds_per(self, sum: u64, km: u32) -> bool {
        let of_all = |per_km: u64| per_km.saturating_mul(km.into());
        km > 0 && of_all(self.min) <= sum && (self.max == u64::MAX || sum <= of_all(self.max))
    }
}

impl Index {
    /// The rows that match all filters.
    pub(crate) fn matches(&self, filters: &Filters) -> Matches {
        let rows = &self.rows;
        let mut matches = Matches::all(rows.len());
        self.keep_route(filters, &mut matches);
        self.keep_types(filters, &mut matches);
        keep_prices(filters, &rows.kopecks, &self.km, &mut matches);
        let numbers =
            [(&rows.weight_kg, filters.weight_kg), (&rows.volume_l, filters.volume_l), (&self.km, filters.distance_km)];
        for (column, range) in numbers {
            if let Some(range) = range {
                matches.keep(column, |value| range.holds_known(value));
            }
        }
        for (term, wanted) in [(PARTIAL_LOAD, filters.partial_load), (ROUND_TRIP, filters.round_trip)] {
            if let Some(wanted) = wanted {
                matches.keep(&rows.terms, |terms| (terms & term != 0) == wanted);
            }
        }
        if let Some(since_s) = filters.new_since_s {
            matches.keep(&rows.first_seen_s, |seen_s| seen_s > since_s);
        }
        for id in &filters.without {
            if let Ok(row) = rows.ids.binary_search(id) {
                matches.remove(row);
            }
        }
        matches
    }

    fn keep_route(&self, filters: &Filters, matches: &mut Matches) {
        let rows = &self.rows;
        for (ends, areas) in [(&rows.from, &filters.from), (&rows.to, &filters.to)] {
            if !areas.is_empty() {
                let inside = self.spots_within(areas);
                matches.keep(&ends.spots, |spot| inside[spot as usize]);
            }
        }
        if filters.date_from.is_some() || filters.date_to.is_some() {
            let wanted = filters.date_from.map_or(NO_DAY + 1, day_of)..=filters.date_to.map_or(i32::MAX, day_of);
            matches.keep(&rows.from.days, |day| wanted.contains(&day));
        }
    }

    /// Whether each stop is in one of the areas.
    fn spots_within(&self, areas: &[Area]) -> Vec<bool> {
        let mut inside = vec![false; self.positions.len()];
        for area in areas {
            match *area {
                Area::Place(place) => {
                    for (inside, spot) in inside.iter_mut().zip(&self.rows.spots) {
                        *inside |= spot.place == Some(place);
                    }
                }
                Area::Around { point, km } => {
                    let middle = point.position();
                    for (inside, position) in inside.iter_mut().zip(&self.positions) {
                        *inside |= position.is_some_and(|position| position.km_to(middle) <= km.into());
                    }
                }
            }
        }
        inside
    }

    fn keep_types(&self, filters: &Filters, matches: &mut Matches) {
        let rows = &self.rows;
        for (column, wanted) in [(&rows.truck_sets, &filters.truck_types), (&rows.load_sets, &filters.load_types)] {
            if !wanted.is_empty() {
                let is_wanted = |kind: &u32| rows.kinds[*kind as usize].0.is_some_and(|id| wanted.contains(&id));
                let fits: Vec<_> = rows.sets.iter().map(|set| set.iter().any(is_wanted)).collect();
                matches.keep(column, |set| fits[set as usize]);
            }
        }
    }

    /// Whether a cargo would match the filters of prices at another price: kopecks, 0 for "on request".
    pub fn fits_at(&self, id: u64, kopecks: u64, filters: &Filters) -> bool {
        let km = self.rows.ids.binary_search(&id).map_or(0, |row| self.km[row]);
        let mut alone = Matches::all(1);
        keep_prices(filters, &[kopecks], &[km], &mut alone);
        alone.count() == 1
    }
}

fn keep_prices(filters: &Filters, kopecks: &[u64], km: &[u32], matches: &mut Matches) {
    if let Some(range) = filters.price {
        matches.keep(kopecks, |kopecks| range.holds(kopecks));
    }
    if let Some(wanted) = filters.has_price {
        matches.keep(kopecks, |kopecks| (kopecks > 0) == wanted);
    }
    if let Some(range) = filters.price_per_km {
        matches.keep_both(kopecks, km, |kopecks, km| range.holds_per(kopecks, km));
    }
}
