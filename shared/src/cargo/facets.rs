//! Counts of cargos by property, for the filters' form.
use serde::Serialize;
use utoipa::ToSchema;

/// The counts for filters.
#[derive(Serialize, ToSchema)]
pub struct Facets {
    /// All matching cargos.
    pub total: u32,
    /// By truck type, the most frequent first. A cargo counts for each suitable type.
    pub truck_types: Vec<TypeFacet>,
    /// By place of loading: the twenty most frequent.
    pub from: Vec<PlaceFacet>,
    /// By place of unloading: the twenty most frequent.
    pub to: Vec<PlaceFacet>,
    /// By price, the lowest first.
    pub price: Vec<PriceFacet>,
    /// With the price on request.
    pub on_request: u32,
    /// By day of loading.
    pub days: Vec<DayFacet>,
    /// For which part of a truck is enough. CargoTech's list may not say it of any cargo.
    pub partial_load: u32,
    /// Round trips. CargoTech's list may not say it of any cargo.
    pub round_trip: u32,
    /// When the data was fetched from CargoTech, RFC 3339 in UTC.
    pub fetched_at: String,
}

/// The cargos for a truck type.
#[derive(Serialize, ToSchema)]
pub struct TypeFacet {
    /// Value for `truck_types`; null if unknown.
    pub id: Option<u32>,
    /// Name in Russian.
    pub name: String,
    /// Matching cargos.
    pub count: u32,
}

/// The cargos of a place.
#[derive(Serialize, ToSchema)]
pub struct PlaceFacet {
    /// Value for `from_place_id` and `to_place_id`; null if the place is not known.
    pub place_id: Option<u32>,
    /// Name in Russian.
    pub name: String,
    /// Matching cargos.
    pub count: u32,
}

/// The cargos of a price band.
#[derive(Serialize, ToSchema)]
pub struct PriceFacet {
    /// The lowest price, rubles.
    pub from_rub: u32,
    /// Below this price, rubles; null for the highest band.
    pub below_rub: Option<u32>,
    /// Matching cargos.
    pub count: u32,
}

/// The cargos of a day.
#[derive(Serialize, ToSchema)]
pub struct DayFacet {
    /// The day of loading, `2026-11-25`.
    pub date: String,
    /// Matching cargos.
    pub count: u32,
}

impl Facets {
    /// The market's counts, from data of that time.
    pub fn new(facets: ::market::Facets, fetched_at: String) -> Self {
        let places = |towns: Vec<(::market::Town, u32)>| {
            let place =
                |(town, count): (::market::Town, u32)| PlaceFacet { place_id: town.place, name: town.name, count };
            towns.into_iter().map(place).collect()
        };
        let kind = |(kind, count): (::market::Kind, u32)| TypeFacet { id: kind.id, name: kind.name, count };
        let band = |(band, count): (::market::PriceBand, u32)| PriceFacet {
            from_rub: band.from_rub,
            below_rub: band.below_rub,
            count,
        };
        Self {
            total: facets.total,
            truck_types: facets.truck_types.into_iter().map(kind).collect(),
            from: places(facets.from),
            to: places(facets.to),
            price: facets.prices.into_iter().map(band).collect(),
            on_request: facets.on_request,
            days: facets.days.into_iter().map(|(date, count)| DayFacet { date: date.to_string(), count }).collect(),
            partial_load: facets.partial_load,
            round_trip: facets.round_trip,
            fetched_at,
        }
    }
}
