//! The way home: chains of open cargos after a given one, as the app shows them.
use ::chains::{Chain, RADIUS_KM, Request, Start};
use ::market::{Open, Point, Range};
use places::Places;
use serde::Serialize;
use utoipa::ToSchema;

use super::{truck::Truck, view::rub};
use crate::{
    app::App,
    cargo::{CargoId, card::Card},
    error::Error,
    request::RequestContext,
};

/// The most chains of an answer.
const MOST: usize = 10;

/// Chains of cargos, the best first.
#[derive(Serialize, ToSchema)]
pub struct ChainList {
    /// At most ten.
    items: Vec<ChainView>,
    /// When the truck is empty, local time at the unloading; null if the cargo has no day of loading, no distance or no
    /// known places. Then there are no chains.
    empty_at: Option<String>,
    /// Whether the chains lead to the home of the driver's truck.
    leads_home: bool,
}

/// Cargos that the truck can carry one after the other.
#[derive(Serialize, ToSchema)]
pub struct ChainView {
    /// One to four cargos in order.
    cargos: Vec<Card>,
    /// When each is loaded and unloaded, and the way to it.
    rides: Vec<RideView>,
    /// All empty kilometres, with the way home.
    deadhead_km: u32,
    /// From the last unloading to the home, kilometres; null without a home.
    home_km: Option<u32>,
    /// What the chain leaves, rubles.
    net_rub: f64,
    /// Rubles per day.
    per_day_rub: f64,
    /// Days from the first cargo's unloading to the end.
    days: f64,
}

/// A cargo of a chain on its way.
#[derive(Serialize, ToSchema)]
pub struct RideView {
    /// To its loading, kilometres.
    empty_km: u32,
    /// When its loading begins, local time such as `2026-11-25T08:30:00`.
    loading_at: String,
    /// When its unloading begins, local time.
    unloading_at: String,
}

impl App {
    /// The best chains of open cargos after a cargo, for the driver's truck and towards its home.
    ///
    /// # Errors
    /// The session is not good, the cargo is gone, or the market does not answer.
    pub async fn cargo_chains(
        &self,
        bearer: Option<&str>,
        id: &CargoId,
        radius_km: Option<u32>,
        context: &RequestContext,
    ) -> Result<ChainList, Error> {
        let (_, read) = self.market_for(bearer, context).await?;
        let read = read.ok_or(Error::MarketUnavailable)?;
        let snapshot = self.market.any(&read).await.ok_or(Error::MarketUnavailable)?;
        let cargo = snapshot.cargo(id, &read.marks).ok_or(Error::CargoGone)?;
        let asker = self.asker(&read);
        let tariffs = asker.settings.tariffs();
        let home = read.truck.as_ref().and_then(|truck| Places::all().get(truck.home_place_id()?));
        let home = home.and_then(|place| Point::new(place.lat, place.lon));
        let Some((start, empty_at)) = Start::after(&cargo) else {
            return Ok(ChainList { items: Vec::new(), empty_at: None, leads_home: home.is_some() });
        };
        let request = Request {
            start,
            home,
            radius_km: radius_km.unwrap_or(RADIUS_KM),
            truck: &asker.truck,
            tariffs: &tariffs,
            limit: MOST,
        };
        let found = snapshot.chains(fitting(read.truck.as_ref(), cargo.id), &read.marks, &request);
        let haul = asker.haul(&tariffs, None);
        let cards = |cargos: Vec<Open>| cargos.into_iter().map(|open| snapshot.card(open, &haul)).collect();
        let items = found.into_iter().map(|(chain, cargos)| view(chain, cards(cargos))).collect();
        Ok(ChainList { items, empty_at: Some(empty_at.to_string()), leads_home: home.is_some() })
    }
}

/// The filters of the cargos that the truck can carry, but the one that it carries already.
fn fitting(truck: Option<&Truck>, carried: u64) -> ::market::Filters {
    let at_most = |max: u64| Range { min: 0, max };
    ::market::Filters {
        truck_types: truck.map(|truck| truck.types().to_vec()).unwrap_or_default(),
        weight_kg: truck.and_then(Truck::capacity_kg).map(at_most),
        volume_l: truck.and_then(Truck::volume_l).map(at_most),
        without: vec![carried],
        ..::market::Filters::default()
    }
}

fn view(chain: Chain, cargos: Vec<Card>) -> ChainView {
    let Chain { rides, home_km, empty_km, net, days, per_day } = chain;
    ChainView {
        cargos,
        rides: rides
            .into_iter()
            .map(|ride| RideView {
                empty_km: ride.empty_km,
                loading_at: ride.loading.to_string(),
                unloading_at: ride.unloading.to_string(),
            })
            .collect(),
        deadhead_km: empty_km,
        home_km,
        net_rub: rub(net),
        per_day_rub: rub(per_day),
        days: f64::from(days) / 100.0,
    }
}
