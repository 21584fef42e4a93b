//! The worth of a cargo as the app shows it.
use ::market::{Cargo, Rate};
use ::worth::{Name, Profit, Source, Trip};
use serde::Serialize;
use utoipa::ToSchema;

/// What a cargo is worth to the driver.
#[derive(Serialize, ToSchema)]
pub struct WorthView {
    /// What similar open cargos pay; null with fewer than eight of them, and for a cargo that is not in the market.
    pub market: Option<RateView>,
    /// What it leaves.
    pub profit: ProfitView,
    /// The least price, whole rubles, that brings the driver's goal per day; null without a goal or a distance.
    pub ask_rub: Option<i64>,
    /// The trip that it is worked out for.
    pub trip: TripView,
}

/// What similar open cargos pay: those with a way of the same band, loading near this one, for a truck of its family.
#[derive(Serialize, ToSchema)]
pub struct RateView {
    /// Rubles per kilometre: half of them pay less.
    pub median_per_km_rub: f64,
    /// A quarter pays less.
    pub p25: f64,
    /// Three quarters pay less.
    pub p75: f64,
    /// The number of similar cargos.
    pub count: usize,
    /// By how many percent this cargo is above the median; null without a price.
    pub percent: Option<i64>,
    /// How far their loading may be from this one, kilometres; null: anywhere, because too few are near.
    pub radius_km: Option<u32>,
    /// Whether all are for a truck of the same family.
    pub same_truck: bool,
}

impl RateView {
    /// The rate for a cargo; `None` without one.
    pub fn new(rate: &Rate, cargo: &Cargo) -> Option<Self> {
        let quartiles = rate.quartiles?;
        let rub = |kopecks: u64| rub(i64::try_from(kopecks).unwrap_or(i64::MAX));
        Some(Self {
            median_per_km_rub: rub(quartiles.median),
            p25: rub(quartiles.p25),
            p75: rub(quartiles.p75),
            count: rate.count,
            percent: quartiles.percent(cargo),
            radius_km: rate.scope.radius_km(),
            same_truck: rate.scope.is_of_family(),
        })
    }
}

/// The profit, term by term.
#[derive(Serialize, ToSchema)]
pub struct ProfitView {
    /// The sum of the terms, rubles; null without a price or a distance.
    pub net_rub: Option<f64>,
    /// Rubles per kilometre of the whole way.
    pub per_km_rub: Option<f64>,
    /// Rubles per day.
    pub per_day_rub: Option<f64>,
    /// The terms: the price, then the costs and taxes.
    pub terms: Vec<TermView>,
}

/// A term of the profit.
#[derive(Serialize, ToSchema)]
pub struct TermView {
    /// `price`, `fuel`, `fuel_empty`, `platon`, `tolls`, `wear`, `days`, `vat` or `tax`.
    pub name: &'static str,
    /// Rubles, negative for costs; null: not known, which is not zero.
    pub rub: Option<f64>,
    /// `cargo`, `driver`, `assumed`, or where its rate is published.
    pub source: String,
    /// Since when the rate holds, YYYY-MM-DD; null if it has no date.
    pub as_of: Option<String>,
    /// Whether the rate or the way is assumed.
    pub estimate: bool,
}

/// The trip with a cargo.
#[derive(Serialize, ToSchema)]
pub struct TripView {
    /// With the cargo, kilometres; null if not known.
    pub loaded_km: Option<u32>,
    /// To the loading, kilometres; null if it is not known where the truck is.
    pub empty_km: Option<u32>,
    /// Days, at least one; null without a distance.
    pub days: Option<f64>,
}

impl WorthView {
    /// The view of a trip's profit.
    pub fn new(trip: Trip, profit: Profit, ask_rub: Option<i64>) -> Self {
        let terms = profit.terms.into_iter().map(|term| TermView {
            name: name(term.name),
            rub: term.kopecks.map(rub),
            source: match term.source {
                Source::Cargo => "cargo".to_owned(),
                Source::Driver => "driver".to_owned(),
                Source::Assumed => "assumed".to_owned(),
                Source::Published(place) => place.into_owned(),
            },
            as_of: term.as_of.map(|day| day.to_string()),
            estimate: term.is_estimate,
        });
        Self {
            market: None,
            profit: ProfitView {
                net_rub: profit.net.map(rub),
                per_km_rub: profit.per_km.map(rub),
                per_day_rub: profit.per_day.map(rub),
                terms: terms.collect(),
            },
            ask_rub,
            trip: TripView {
                loaded_km: trip.loaded_km,
                empty_km: trip.empty_km,
                days: profit.days.map(|days| f64::from(days) / 100.0),
            },
        }
    }
}

fn name(name: Name) -> &'static str {
    match name {
        Name::Price => "price",
        Name::Fuel => "fuel",
        Name::FuelEmpty => "fuel_empty",
        Name::Platon => "platon",
        Name::Tolls => "tolls",
        Name::Wear => "wear",
        Name::Days => "days",
        Name::Vat => "vat",
        Name::Tax => "tax",
    }
}

#[allow(clippy::cast_precision_loss)] // sums of cargos are far below 2^53 kopecks
pub(super) fn rub(kopecks: i64) -> f64 {
    kopecks as f64 / 100.0
}
