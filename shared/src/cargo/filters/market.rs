//! The filters as the market takes them.
use ::market::{Area, By, Cursor, Haul, Point, Query, Range, Sort};
use places::Places;

use super::{At, Bounds, Filters, Near, WeightVolume};

impl Filters {
    /// The filters in the market's form.
    pub fn in_market(&self) -> ::market::Filters {
        let (mut weight_kg, mut volume_l) = (self.weight_kg, self.volume_l);
        if let Some(pair) = self.weight_volume {
            // A hundredth of a tonne is ten kilograms, one of a cubic metre ten litres.
            weight_kg.1 = at_most(weight_kg.1, pair.tonnes * 10);
            if pair.m3 < WeightVolume::ANY_M3 {
                volume_l.1 = at_most(volume_l.1, pair.m3 * 10);
            }
        }
        ::market::Filters {
            from: areas(self.from.as_ref()),
            to: areas(self.to.as_ref()),
            date_from: self.date_from,
            date_to: self.date_to,
            weight_kg: range(weight_kg),
            volume_l: range(volume_l),
            distance_km: self.distance.map(|km| times(km, 1)),
            price: self.price.map(|rub| times(rub, 100)),
            price_per_km: self.price_per_km_min.map(|min| times(super::Range { min, max: None }, 100)),
            has_price: self.has_price,
            truck_types: self.truck_types.iter().copied().collect(),
            load_types: self.load_types.iter().copied().collect(),
            partial_load: self.partial_load,
            round_trip: self.round_trip,
            new_since_s: self.new_since_s,
            without: Vec::new(),
        }
    }

    /// The page of the market that is asked for, for a truck.
    pub fn page<'a>(&self, filters: &'a ::market::Filters, haul: &'a Haul<'a>) -> Query<'a> {
        let count = |number: i64| usize::try_from(number).unwrap_or(0);
        let after = match &self.at {
            At::Cursor(cursor) => self.after(cursor),
            At::Offset(_) => None,
        };
        let (skip, limit) = (count(self.offset()), count(self.limit));
        Query { filters, sort: self.order(), haul: Some(haul), after, skip, limit }
    }

    /// The order of the list.
    pub fn order(&self) -> Sort {
        let (name, is_reversed) = self.sort.unwrap_or(("relevance", false));
        let by = match name {
            "price" => By::Price,
            "price_per_km" => By::PricePerKm,
            "distance" => By::Distance,
            "date" => By::Date,
            "newest" => By::Newest,
            "profit" => By::Profit,
            "deadhead" => self.here().map_or(By::Relevance, By::Deadhead),
            _ => By::Relevance,
        };
        Sort { by, is_reversed }
    }

    pub(super) fn after(&self, cursor: &str) -> Option<Cursor> {
        Cursor::parse(cursor, self.order())
    }

    /// Where the search starts, if it is one settlement.
    pub fn start(&self) -> Option<Point> {
        let is_one = self.from.as_ref().is_some_and(|from| from.places.len() == 1);
        self.here().filter(|_| is_one)
    }

    /// Where the driver is: at the first place of loading.
    fn here(&self) -> Option<Point> {
        let place = Places::all().get(*self.from.as_ref()?.places.first()?)?;
        Point::new(place.lat, place.lon)
    }
}

fn areas(near: Option<&Near>) -> Vec<Area> {
    let Some(Near { places, radius_km }) = near else { return Vec::new() };
    let area = |id: &u32| {
        let place = Places::all().get(*id)?;
        let km = radius_km.and_then(|km| u32::try_from(km).ok());
        match (km, Point::new(place.lat, place.lon)) {
            (Some(km), Some(point)) => Some(Area::Around { point, km }),
            _ => Some(Area::Place(*id)),
        }
    };
    places.iter().filter_map(area).collect()
}

fn at_most(max: Option<u64>, other: i64) -> Option<u64> {
    let other = other.unsigned_abs();
    Some(max.map_or(other, |max| max.min(other)))
}

fn range((min, max): Bounds) -> Option<Range> {
    (min.is_some() || max.is_some()).then(|| Range { min: min.unwrap_or(0), max: max.unwrap_or(u64::MAX) })
}

fn times(range: super::Range, factor: u64) -> Range {
    let max = range.max.map_or(u64::MAX, |max| max.unsigned_abs() * factor);
    Range { min: range.min.unsigned_abs() * factor, max }
}
