//! The filters of the cargo list: validated together, for the market and for CargoTech.
//!
//! Equivalent searches are equal, so they share one cached answer.
use std::collections::BTreeSet;

use jiff::civil::Date;

mod kept;
mod market;
mod parameters;
mod query;
#[cfg(test)]
mod tests;
mod upstream;

use crate::error::FieldError;
pub use kept::kept;
pub use parameters::{Form, PARAMETERS, Parameter};
use query::{Query, hundredths};

/// The list's query, checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Filters {
    start_point: Option<Point>,
    finish_point: Option<Point>,
    /// Loading in or near one of these settlements.
    pub from: Option<Near>,
    /// Unloading in or near one of these settlements.
    pub to: Option<Near>,
    /// Loading on or after this day.
    pub date_from: Option<Date>,
    /// Loading on or before this day.
    pub date_to: Option<Date>,
    my: bool,
    /// At most this weight and volume.
    pub weight_volume: Option<WeightVolume>,
    /// Kilograms.
    pub weight_kg: Bounds,
    /// Litres.
    pub volume_l: Bounds,
    /// Suitable loading types.
    pub load_types: BTreeSet<u32>,
    /// Suitable truck types.
    pub truck_types: BTreeSet<u32>,
    /// Rubles.
    pub price: Option<Range>,
    /// Rubles.
    pub price_per_km_min: Option<i64>,
    /// Kilometres.
    pub distance: Option<Range>,
    /// Whether it has a price.
    pub has_price: Option<bool>,
    /// Whether part of a truck is enough.
    pub partial_load: Option<bool>,
    /// Whether the truck returns loaded.
    pub round_trip: Option<bool>,
    /// First seen after this time, Unix seconds.
    pub new_since_s: Option<i64>,
    owner_inn: Option<String>,
    /// One of [`SORTS`] and whether it is reversed; `None` for the usual order.
    pub sort: Option<(&'static str, bool)>,
    limit: i64,
    at: At,
}

/// A place in CargoTech's dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Point {
    id: i64,
    kind: i64,
    radius_km: Option<i64>,
}

/// Settlements and the distance from them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Near {
    /// Ids of the settlements, in the driver's order.
    pub places: Vec<u32>,
    /// Kilometres; `None` for the settlements alone.
    pub radius_km: Option<i64>,
}

/// A range of numbers, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Range {
    /// The lower end.
    pub min: i64,
    /// The upper end; `None` if there is none.
    pub max: Option<i64>,
}

/// The two ends of a range, each if given.
pub type Bounds = (Option<u64>, Option<u64>);

/// Where a page starts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum At {
    /// After so many cargos.
    Offset(i64),
    /// Where the page before ended, in the market.
    Cursor(String),
}

impl At {
    /// What cursors of CargoTech's pages begin with.
    const OFFSET: &'static str = "offset.";
}

/// A pair of tonnes and cubic metres, in hundredths. CargoTech writes it `7.5-45`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WeightVolume {
    /// Hundredths of a tonne.
    pub tonnes: i64,
    /// Hundredths of a cubic metre.
    pub m3: i64,
}

impl WeightVolume {
    /// This volume means any.
    pub const ANY_M3: i64 = 99_900;

    fn parse(text: &str) -> Option<Self> {
        let (tonnes, m3) = text.split_once('-')?;
        Some(Self { tonnes: hundredths(tonnes)?, m3: hundredths(m3)? })
    }
}

/// The categories a driver picks from: our id, CargoTech's pair, and what they are called. The pairs are fixed by the
/// specification, section 3.1.
pub const CATEGORIES: [(&str, Option<&str>, &str); 7] = [
    ("1_3", Some("1-15"), "до 1 т, до 15 м³"),
    ("3_5", Some("3-25"), "до 3 т, до 25 м³"),
    ("5_10", Some("5-40"), "до 5 т, до 40 м³"),
    ("10_15", Some("10-60"), "до 10 т, до 60 м³"),
    ("15_20", Some("15-65"), "до 15 т, до 65 м³"),
    ("20", Some("20-999"), "до 20 т, объём любой"),
    ("any", None, "Любой"),
];

/// The largest values that CargoTech's own client sends: 999 999 ₽, 999 ₽/km, 9999 km.
const MAX_PRICE_RUB: i64 = 999_999;
const MAX_PRICE_PER_KM_RUB: i64 = 999;
const MAX_DISTANCE_KM: i64 = 9_999;
/// A larger radius covers a country.
const MAX_RADIUS_KM: i64 = 1_000;
/// CargoTech never had as many cargos; further pages only cost its budget.
const MAX_OFFSET: i64 = 100_000;
/// How many types of one kind may be chosen; the dictionaries have fewer.
const MAX_TYPES: usize = 50;

/// The most places of one end.
const MAX_PLACES: usize = 10;
/// A whole shipload.
const MAX_WEIGHT_KG: i64 = 100_000_000;
/// The same, as foam.
const MAX_VOLUME_M3: i64 = 9_999;

/// The orders of the list.
pub const SORTS: [&str; 8] = ["relevance", "price", "price_per_km", "distance", "date", "newest", "deadhead", "profit"];

impl Filters {
    /// Parses a query: decoded names and values in any order. `today` is the date in UTC.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its field.
    pub fn parse(pairs: &[(String, String)], today: Date) -> Result<Self, Vec<FieldError>> {
        let mut query = Query { pairs, errors: Vec::new() };
        query.check_names();
        let filters = Self {
            start_point: query.point("start_point"),
            finish_point: query.point("finish_point"),
            from: query.places("from"),
            to: query.places("to"),
            // The same under its older name.
            date_from: query.date("date_from", today).max(query.date("start_date", today)),
            date_to: query.date("date_to", today),
            my: query.mode("mode"),
            weight_volume: query.weight_volume("weight_volume"),
            weight_kg: query.bounds(["weight_min_kg", "weight_max_kg"], |query, name| {
                query.number(name, 0, MAX_WEIGHT_KG).map(i64::unsigned_abs)
            }),
            volume_l: query.bounds(["volume_min_m3", "volume_max_m3"], |query, name| query.litres(name, MAX_VOLUME_M3)),
            load_types: query.ids("load_types"),
            truck_types: query.ids("truck_types"),
            price: query.range("price_min", "price_max", MAX_PRICE_RUB),
            price_per_km_min: query.number("price_per_km_min", 0, MAX_PRICE_PER_KM_RUB).filter(|min| *min > 0),
            distance: query.range("distance_min", "distance_max", MAX_DISTANCE_KM),
            has_price: query.truth("has_price"),
            partial_load: query.truth("partial_load"),
            round_trip: query.truth("round_trip"),
            new_since_s: query.time_s("new_since"),
            owner_inn: query.inn("owner_inn"),
            sort: query.sort("sort"),
            limit: query.number("limit", 1, 100).unwrap_or(20),
            at: query.at(),
        };
        filters.check_together(&mut query);
        if query.errors.is_empty() { Ok(filters) } else { Err(query.errors) }
    }

    /// Finds what is wrong only together.
    fn check_together(&self, query: &mut Query<'_>) {
        if let (Some(from), Some(to)) = (self.date_from, self.date_to)
            && from > to
        {
            query.error("date_from", "out_of_range", "Must not be after date_to.");
        }
        let ends = [
            ("start_point_id", &self.start_point, "from_place_id", &self.from),
            ("finish_point_id", &self.finish_point, "to_place_id", &self.to),
        ];
        for (point_name, point, place_name, near) in ends {
            if point.is_some() && near.is_some() {
                query.error(point_name, "conflicting", format!("Send either {point_name} or {place_name}."));
            }
        }
        if self.sort.is_some_and(|(by, _)| by == "deadhead")
            && self.from.is_none()
            && query.value("from_place_id").is_none()
        {
            query.error("sort", "missing", "The order deadhead is by the distance from from_place_id. Send it too.");
        }
        if let At::Cursor(cursor) = &self.at
            && self.after(cursor).is_none()
        {
            query.errors.push(FieldError::cursor());
        }
    }

    /// Whether only CargoTech can answer: the market knows neither its points nor who owns a cargo.
    pub fn needs_cargotech(&self) -> bool {
        !self.foreign_to_market().is_empty()
    }

    /// The filters that the market cannot apply, each with what to do about it.
    pub fn foreign_to_market(&self) -> Vec<FieldError> {
        let foreign = [
            ("mode", self.my),
            ("owner_inn", self.owner_inn.is_some()),
            ("start_point_id", self.start_point.is_some()),
            ("finish_point_id", self.finish_point.is_some()),
        ];
        let unavailable = |name| {
            FieldError::new(name, "unavailable", "Only CargoTech knows this, and it does not count. Leave it out.")
        };
        foreign.into_iter().filter(|(_, given)| *given).map(|(name, _)| unavailable(name)).collect()
    }

    /// The same filters, whatever the page and the order.
    #[must_use]
    pub fn without_page(&self) -> Self {
        Self { sort: None, limit: 1, at: At::Offset(0), ..self.clone() }
    }

    /// The page size.
    pub fn limit(&self) -> i64 {
        self.limit
    }

    /// The number of cargos before this page; 0 if a cursor says where it starts.
    pub fn offset(&self) -> i64 {
        match self.at {
            At::Offset(offset) => offset,
            At::Cursor(_) => 0,
        }
    }
}
