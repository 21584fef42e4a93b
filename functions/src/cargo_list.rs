//! The list of cargos.
use lambda_http::{Body, Request, Response, http::HeaderValue};
use shared::{
    app::App,
    auth::secret::{EDGE, SESSION},
    cargo::{
        facets::Facets,
        filters::{self, Filters, Form},
        list::CargoList,
    },
    cargotech::secret::CARGOTECH,
    error::Error,
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
    http::{Answer, Incoming, document, serve},
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

async fn read_filters(app: &App, incoming: &Incoming) -> Result<Filters, Error> {
    let filters = Filters::parse(&incoming.query(), app.today()).map_err(Error::Validation);
    incoming.told_to_drivers(app, filters).await
}
