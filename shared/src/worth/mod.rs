//! What a cargo is worth to a driver: their truck, and the profit as it is shown.
pub mod chains;
pub mod tariffs;
pub mod truck;
pub mod view;

use ::market::{Cargo, Point};
use places::Places;
use serde_json::Value;

use crate::{
    app::App,
    cargo::{CargoId, Money, cache::gunzip},
    error::Error,
    request::RequestContext,
    store::{StoreError, document::Document, keys::DocumentName},
};
use view::{RateView, WorthView};

impl App {
    /// What a cargo is worth to the driver whose truck stands at a settlement.
    ///
    /// # Errors
    /// The session is not good, the cargo is gone, or the store does not answer.
    pub async fn cargo_worth(
        &self,
        bearer: Option<&str>,
        id: &CargoId,
        start: Option<&places::Place>,
        context: &RequestContext,
    ) -> Result<WorthView, Error> {
        let (_, read) = self.market_for(bearer, context).await?;
        let read = read.ok_or_else(|| StoreError::unprocessed("worth"))?;
        let snapshot = self.market.any(&read).await;
        let listed = snapshot.as_ref().and_then(|snapshot| Some((snapshot, snapshot.cargo(id, &read.marks)?)));
        let (rate, cargo) = match listed {
            Some((snapshot, cargo)) => (Some(snapshot.rate(&cargo)), cargo),
            None => (None, self.opened_cargo(id).await?.ok_or(Error::CargoGone)?),
        };
        let asker = self.asker(&read);
        let tariffs = asker.settings.tariffs();
        let trip = cargo.trip(start.and_then(|place| Point::new(place.lat, place.lon)));
        let profit = ::worth::profit(trip, &asker.truck, &tariffs, asker.day);
        let ask_rub = ::worth::ask_rub(trip, &asker.truck, &tariffs, asker.day);
        let market = rate.and_then(|rate| RateView::new(&rate, &cargo));
        Ok(WorthView { market, ..WorthView::new(trip, profit, ask_rub) })
    }

    /// A cargo that the market does not have, as somebody opened it last.
    async fn opened_cargo(&self, id: &CargoId) -> Result<Option<Cargo>, Error> {
        let cached = self.store.document(&DocumentName::cargo(id.as_str())).await?;
        Ok(cached.document.as_ref().and_then(cargo_in))
    }
}

/// What a trip needs of the detail of a cargo.
fn cargo_in(detail: &Document) -> Option<Cargo> {
    let detail: Value = serde_json::from_slice(&gunzip(&detail.body).ok()?).ok()?;
    let cargo = &detail["cargo"];
    let id = |value: &Value| value.as_u64().and_then(|id| u32::try_from(id).ok());
    #[allow(clippy::cast_possible_truncation)] // at most a hundred million rubles
    let kopecks = |rub: f64| (rub * 100.0).round() as i64;
    let mut found = Cargo {
        price: cargo["price_rub"].as_f64().and_then(|rub| Money::from_kopecks(kopecks(rub))),
        distance_km: id(&cargo["distance_km"]).and_then(std::num::NonZeroU32::new),
        ..Cargo::default()
    };
    for (stop, end) in [(&mut found.from, &cargo["from"]), (&mut found.to, &cargo["to"])] {
        let place = id(&end["place_id"]).and_then(|id| Places::all().get(id));
        stop.point = place.and_then(|place| Point::new(place.lat, place.lon));
    }
    Some(found)
}
