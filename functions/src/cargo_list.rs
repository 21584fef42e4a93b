//! The list of cargos.
use lambda_http::{Body, Request, Response, http::HeaderValue};
use places::{Place, Places};
use shared::{
    app::App,
    auth::secret::{EDGE, SESSION},
    cargo::{
        CargoId,
        facets::Facets,
        filters::{self, Filters, Form},
        list::CargoList,
    },
    cargotech::secret::CARGOTECH,
    error::{Error, FieldError},
    worth::{chains::ChainList, view::WorthView},
};
use utoipa::{
    IntoParams,
    openapi::{
        ArrayBuilder, ObjectBuilder, RefOr, Schema, Type,
        path::{Parameter, ParameterBuilder, ParameterIn},
    },
};

use crate::{
    BoxFuture, Function, Trigger,
    http::{Answer, Incoming, document, private_json, serve},
};

/// The function.
pub const FUNCTION: Function = Function {
    name: "cargo-list",
    secrets: &[SESSION, CARGOTECH, EDGE],
    trigger: Trigger::Http(|app, request| handle(app, request)),
};

/// Serves its routes.
pub fn handle(app: &App, request: Request) -> BoxFuture<'_, Response<Body>> {
    Box::pin(serve(app, request, async |app, incoming| match incoming.route() {
        "GET /api/cargos" => list(app, incoming).await,
        "GET /api/cargos/facets" => facets(app, incoming).await,
        "GET /api/cargos/{id}/worth" => worth(app, incoming).await,
        "GET /api/cargos/{id}/chains" => chains(app, incoming).await,
        _ => Err(Error::NotFound),
    }))
}

/// The query parameters, described from their table.
struct Parameters;

impl IntoParams for Parameters {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let described = |parameter: &filters::Parameter| {
            let schema = |kind: Type| ObjectBuilder::new().schema_type(kind);
            let schema: RefOr<Schema> = match parameter.form {
                Form::Number => schema(Type::Integer).into(),
                Form::Decimal => schema(Type::Number).into(),
                Form::Truth => schema(Type::Boolean).into(),
                Form::Text => schema(Type::String).into(),
                Form::Numbers => ArrayBuilder::new().items(schema(Type::Integer)).into(),
            };
            ParameterBuilder::new()
                .name(parameter.name)
                .parameter_in(ParameterIn::Query)
                .description(Some(parameter.description))
                .schema(Some(schema))
                .build()
        };
        filters::PARAMETERS.iter().map(described).collect()
    }
}

/// Lists cargos that match the filters.
///
/// The market answers, or CargoTech: `X-Cargo-Source` says which.
#[utoipa::path(
    get, path = "/api/cargos", tag = "cargos", security(("session" = [])),
    params(Parameters, ("If-None-Match" = Option<String>, Header, description = "ETag of the caller's copy")),
    responses(
        (status = 200, body = CargoList, headers(
            ("ETag" = String),
            ("Age" = i64, description = "Seconds since the data was fetched from CargoTech"),
            ("X-Cargo-Source" = String, description = "market or cargotech"),
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
    let filters = read_filters(app, incoming).await?;
    let (served, source) = app.cargo_list(incoming.bearer(), &filters, &incoming.context).await?;
    let mut answer = document(incoming, served)?;
    answer.headers_mut().insert("x-cargo-source", HeaderValue::from_static(source.as_str()));
    Ok(answer)
}

/// Counts cargos that match the filters by type, place, price and day.
#[utoipa::path(
    get, path = "/api/cargos/facets", tag = "cargos", security(("session" = [])),
    params(Parameters, ("If-None-Match" = Option<String>, Header, description = "ETag of the caller's copy")),
    responses(
        (status = 200, body = Facets, headers(
            ("ETag" = String),
            ("Age" = i64, description = "Seconds since the data was fetched from CargoTech"),
        )),
        (status = 304, description = "The caller's copy is current"),
        (status = 402, description = "subscription_required, with feature"),
        (status = 403, description = "driver_blocked"),
        (status = 422),
        (status = 503, description = "market_unavailable, store_unavailable"),
    )
)]
pub async fn facets(app: &App, incoming: &Incoming) -> Answer {
    let filters = read_filters(app, incoming).await?;
    document(incoming, app.cargo_facets(incoming.bearer(), &filters, &incoming.context).await?)
}

/// Returns what a cargo leaves the driver, term by term.
///
/// The costs are those of the driver's truck in `/api/me`. An assumed truck of 20 tonnes stands in for what it does not
/// say; such terms are marked as estimates. The terms sum up to `net_rub` to the kopeck.
#[utoipa::path(
    get, path = "/api/cargos/{id}/worth", tag = "cargos", security(("session" = [])),
    params(
        ("id" = String, Path, description = "CargoTech's id of the cargo, 1 to 20 digits"),
        ("from_place_id" = Option<u32>, Query, description = "Where the truck is: `id` from /api/places; without it, the way to the loading is not known"),
    ),
    responses(
        (status = 200, body = WorthView),
        (status = 402, description = "subscription_required, with feature"),
        (status = 403, description = "driver_blocked"),
        (status = 404, description = "cargo_gone"),
        (status = 422),
        (status = 503, description = "store_unavailable"),
    )
)]
pub async fn worth(app: &App, incoming: &Incoming) -> Answer {
    let read = incoming.id::<CargoId>("id").and_then(|id| Ok((id, incoming.only_parameter("from_place_id")?)));
    let read = read.and_then(|(id, start)| Ok((id, start.map(|start| settlement(&start)).transpose()?)));
    let (id, start) = incoming.told_to_drivers(app, read).await?;
    private_json(&app.cargo_worth(incoming.bearer(), &id, start, &incoming.context).await?)
}

/// Finds chains of one to four open cargos to take after a cargo, the best first.
///
/// They fit in time, suit the driver's truck in `/api/me` and lead to its home, if it has one. The best leave the most per
/// day.
#[utoipa::path(
    get, path = "/api/cargos/{id}/chains", tag = "cargos", security(("session" = [])),
    params(
        ("id" = String, Path, description = "CargoTech's id of the cargo, 1 to 20 digits"),
        ("radius_km" = Option<u32>, Query, description = "How far each loading may be, kilometres: 10 to 1000; 150 by default"),
    ),
    responses(
        (status = 200, body = ChainList),
        (status = 402, description = "subscription_required, with feature"),
        (status = 403, description = "driver_blocked"),
        (status = 404, description = "cargo_gone"),
        (status = 422),
        (status = 503, description = "market_unavailable, store_unavailable"),
    )
)]
pub async fn chains(app: &App, incoming: &Incoming) -> Answer {
    let read = incoming.id::<CargoId>("id").and_then(|id| Ok((id, incoming.only_parameter("radius_km")?)));
    let read = read.and_then(|(id, km)| Ok((id, km.map(|km| radius(&km)).transpose()?)));
    let (id, radius_km) = incoming.told_to_drivers(app, read).await?;
    private_json(&app.cargo_chains(incoming.bearer(), &id, radius_km, &incoming.context).await?)
}

fn radius(km: &str) -> Result<u32, Error> {
    km.parse().ok().filter(|km| (10..=1000).contains(km)).ok_or_else(|| {
        let remedy = "Must be a whole number from 10 to 1000.";
        Error::Validation(vec![FieldError::new("radius_km", "out_of_range", remedy)])
    })
}

fn settlement(id: &str) -> Result<&'static Place, Error> {
    id.parse().ok().and_then(|id| Places::all().get(id)).ok_or_else(|| {
        let remedy = "There is no such settlement. Send an id from /api/places.";
        Error::Validation(vec![FieldError::new("from_place_id", "unknown", remedy)])
    })
}

async fn read_filters(app: &App, incoming: &Incoming) -> Result<Filters, Error> {
    let filters = Filters::parse(&incoming.query(), app.today()).map_err(Error::Validation);
    incoming.told_to_drivers(app, filters).await
}
