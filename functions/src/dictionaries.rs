//! Dictionaries for the filters.
use lambda_http::{Body, Request, Response};
use shared::{
    app::App,
    auth::secret::{EDGE, SESSION},
    cargo::dictionaries::{City, CityText, Dictionary, Items, TypeEntry, WeightVolume, weight_volumes},
    cargotech::secret::CARGOTECH,
    error::Error,
};

use crate::{
    BoxFuture, Function, Trigger,
    http::{Answer, Incoming, document, private_json, serve},
    places,
};

/// The function.
pub const FUNCTION: Function = Function {
    name: "dictionaries",
    secrets: &[SESSION, CARGOTECH, EDGE],
    trigger: Trigger::Http(|app, request| handle(app, request)),
};

/// Serves the routes of `/api/dictionaries` and `/api/places`.
pub fn handle(app: &App, request: Request) -> BoxFuture<'_, Response<Body>> {
    Box::pin(serve(app, request, async |app, incoming| match incoming.route() {
        "GET /api/dictionaries/cities" => cities(app, incoming).await,
        "GET /api/dictionaries/truck-types" => truck_types(app, incoming).await,
        "GET /api/dictionaries/load-types" => load_types(app, incoming).await,
        "GET /api/dictionaries/weight-volumes" => weight_volume_categories(app, incoming).await,
        "GET /api/places" => places::find(app, incoming).await,
        "GET /api/places/nearest" => places::nearest(app, incoming).await,
        _ => Err(Error::NotFound),
    }))
}

/// Lists cities whose names contain the text, in CargoTech's order.
#[utoipa::path(
    get, path = "/api/dictionaries/cities", tag = "dictionaries", security(("session" = [])),
    params(("q" = Option<String>, Query, description = "The text typed so far, at most 60 characters")),
    responses(
        (status = 200, body = Items<City>),
        (status = 403, description = "driver_blocked"),
        (status = 422),
        (status = 503),
    )
)]
pub async fn cities(app: &App, incoming: &Incoming) -> Answer {
    let text = incoming
        .only_parameter("q")
        .and_then(|text| CityText::parse(&text.unwrap_or_default()).map_err(Error::Validation));
    let text = incoming.told_to_drivers(app, text).await?;
    cached(app, incoming, &Dictionary::Cities(text)).await
}

/// Lists truck types.
#[utoipa::path(
    get, path = "/api/dictionaries/truck-types", tag = "dictionaries", security(("session" = [])),
    responses(
        (status = 200, body = Items<TypeEntry>),
        (status = 403, description = "driver_blocked"),
        (status = 503),
    )
)]
pub async fn truck_types(app: &App, incoming: &Incoming) -> Answer {
    cached(app, incoming, &Dictionary::TruckTypes).await
}

/// Lists load types.
#[utoipa::path(
    get, path = "/api/dictionaries/load-types", tag = "dictionaries", security(("session" = [])),
    responses(
        (status = 200, body = Items<TypeEntry>),
        (status = 403, description = "driver_blocked"),
        (status = 503),
    )
)]
pub async fn load_types(app: &App, incoming: &Incoming) -> Answer {
    cached(app, incoming, &Dictionary::LoadTypes).await
}

/// Lists categories of weight and volume.
#[utoipa::path(
    get, path = "/api/dictionaries/weight-volumes", tag = "dictionaries", security(("session" = [])),
    responses(
        (status = 200, body = Items<WeightVolume>),
        (status = 403, description = "driver_blocked"),
    )
)]
pub async fn weight_volume_categories(app: &App, incoming: &Incoming) -> Answer {
    incoming.session(app).await?;
    private_json(&weight_volumes())
}

async fn cached(app: &App, incoming: &Incoming, dictionary: &Dictionary) -> Answer {
    let served = app.dictionary(incoming.bearer(), dictionary, &incoming.context).await?;
    document(incoming, served)
}
