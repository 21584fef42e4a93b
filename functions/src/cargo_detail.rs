//! One cargo.
use lambda_http::{Body, Request, Response};
use shared::{
    app::App,
    auth::secret::{EDGE, SESSION},
    cargo::{CargoId, detail::CargoDetail},
    cargotech::secret::CARGOTECH,
    error::{Error, FieldError},
};

use crate::{
    BoxFuture, Function, Trigger,
    http::{Answer, Incoming, document, serve},
};

/// The function.
pub const FUNCTION: Function = Function {
    name: "cargo-detail",
    secrets: &[SESSION, CARGOTECH, EDGE],
    trigger: Trigger::Http(|app, request| handle(app, request)),
};

/// Serves `GET /api/cargos/{id}`.
pub fn handle(app: &App, request: Request) -> BoxFuture<'_, Response<Body>> {
    Box::pin(serve(app, request, async |app, incoming| detail(app, incoming).await))
}

/// Returns all details of a cargo.
#[utoipa::path(
    get, path = "/api/cargos/{id}", tag = "cargos", security(("session" = [])),
    params(
        ("id" = String, Path, description = "CargoTech's id of the cargo, 1 to 20 digits"),
        ("seen_price_rub" = Option<f64>, Query, description = "Price in the caller's list, rubles; 0 for \"on request\". If it has changed, cached lists with the old price are refreshed"),
        ("If-None-Match" = Option<String>, Header, description = "ETag of the caller's copy"),
    ),
    responses(
        (status = 200, body = CargoDetail, headers(
            ("ETag" = String),
            ("Age" = i64, description = "Seconds since the data was fetched from CargoTech"),
            ("X-Cargo-Cache" = String, description = "hit, miss or stale"),
            ("X-Cargo-Upstream" = String, description = "unavailable: CargoTech does not answer; this is the cached copy"),
        )),
        (status = 304, description = "The caller's copy is current"),
        (status = 402, description = "subscription_required, with feature"),
        (status = 403, description = "driver_blocked"),
        (status = 404, description = "cargo_gone, not_found"),
        (status = 502, description = "upstream_forbidden"),
        (status = 503, description = "upstream_unavailable, store_unavailable"),
    )
)]
pub async fn detail(app: &App, incoming: &Incoming) -> Answer {
    let id: CargoId = incoming.told_to_drivers(app, incoming.id("id")).await?;
    let seen_price = incoming.only_parameter("seen_price_rub");
    let seen_price = seen_price.and_then(|text| text.as_deref().map(kopecks).transpose());
    let seen_price = incoming.told_to_drivers(app, seen_price).await?;
    let served = app.cargo_detail(incoming.bearer(), &id, seen_price, &incoming.context).await?;
    document(incoming, served)
}

/// Parses rubles with at most two decimals into kopecks.
fn kopecks(text: &str) -> Result<i64, Error> {
    let rubles = text.parse::<f64>().ok().filter(|rubles| (0.0..=1e9).contains(rubles));
    let rubles = rubles.ok_or_else(|| {
        Error::Validation(vec![FieldError::new("seen_price_rub", "malformed", "Must be rubles, such as 50000.")])
    })?;
    #[allow(clippy::cast_possible_truncation)] // at most 1e11
    let kopecks = (rubles * 100.0).round() as i64;
    Ok(kopecks)
}
