//! The list of cargos.
use lambda_http::{Body, Request, Response};
use shared::{
    app::App,
    auth::secret::{EDGE, SESSION},
    cargo::{filters::Filters, list::CargoList},
    cargotech::secret::CARGOTECH,
    error::Error,
};

use crate::{
    BoxFuture, Function, Trigger,
    http::{Answer, Incoming, document, serve},
};

/// The function.
pub const FUNCTION: Function = Function {
    name: "cargo-list",
    secrets: &[SESSION, CARGOTECH, EDGE],
    trigger: Trigger::Http(|app, request| handle(app, request)),
};

/// Serves `GET /api/cargos`.
pub fn handle(app: &App, request: Request) -> BoxFuture<'_, Response<Body>> {
    Box::pin(serve(app, request, async |app, incoming| list(app, incoming).await))
}

/// Lists cargos that match the filters, in CargoTech's order.
#[utoipa::path(
    get, path = "/api/cargos", tag = "cargos", security(("session" = [])),
    params(
        ("start_point_id" = Option<i64>, Query, description = "Loading place: `id` from the cities dictionary"),
        ("start_point_type" = Option<i64>, Query, description = "`type` from the cities dictionary, for start_point_id"),
        ("start_point_radius" = Option<i64>, Query, description = "Kilometres, 0 to 1000"),
        ("finish_point_id" = Option<i64>, Query, description = "Unloading place: `id` from the cities dictionary"),
        ("finish_point_type" = Option<i64>, Query, description = "`type` from the cities dictionary, for finish_point_id"),
        ("finish_point_radius" = Option<i64>, Query, description = "Kilometres, 0 to 1000"),
        ("start_date" = Option<String>, Query, description = "Loading date, YYYY-MM-DD, from today to a year from now"),
        ("mode" = Option<String>, Query, description = "my or all; all by default"),
        ("weight_volume" = Option<String>, Query, description = "1_3, 3_5, 5_10, 10_15, 15_20, 20, any, or tonnes-m3 such as 7.5-45"),
        ("load_types" = Option<String>, Query, description = "Ids from the load types dictionary, comma-separated"),
        ("truck_types" = Option<String>, Query, description = "Ids from the truck types dictionary, comma-separated"),
        ("price_min" = Option<i64>, Query, description = "Rubles, 0 to 999999"),
        ("price_max" = Option<i64>, Query, description = "Rubles, 0 to 999999"),
        ("price_per_km_min" = Option<i64>, Query, description = "Rubles per kilometre, 0 to 999"),
        ("distance_min" = Option<i64>, Query, description = "Kilometres, 0 to 9999"),
        ("distance_max" = Option<i64>, Query, description = "Kilometres, 0 to 9999"),
        ("owner_inn" = Option<String>, Query, description = "The shipper's tax number (INN), 10 or 12 digits"),
        ("limit" = Option<i64>, Query, description = "1 to 100; 20 by default"),
        ("offset" = Option<i64>, Query, description = "0 or more; 0 by default"),
        ("If-None-Match" = Option<String>, Header, description = "ETag of the caller's copy"),
    ),
    responses(
        (status = 200, body = CargoList, headers(
            ("ETag" = String),
            ("Age" = i64, description = "Seconds since the data was fetched from CargoTech"),
            ("X-Cargo-Cache" = String, description = "hit, miss or stale"),
            ("X-Cargo-Upstream" = String, description = "unavailable: CargoTech does not answer; this is the cached copy"),
        )),
        (status = 304, description = "The caller's copy is current"),
        (status = 402, description = "subscription_required, with feature"),
        (status = 403, description = "driver_blocked"),
        (status = 422),
        (status = 502, description = "upstream_forbidden"),
        (status = 503, description = "upstream_unavailable, store_unavailable"),
    )
)]
pub async fn list(app: &App, incoming: &Incoming) -> Answer {
    let filters = Filters::parse(&incoming.query(), app.today()).map_err(Error::Validation);
    let filters = incoming.told_to_drivers(app, filters).await?;
    let served = app.cargo_list(incoming.bearer(), &filters, &incoming.context).await?;
    document(incoming, served)
}
