//! A driver's saved searches.
use lambda_http::{Body, Request, Response, http::StatusCode};
use serde::Serialize;
use shared::{
    app::App,
    auth::secret::{EDGE, SESSION},
    error::Error,
    searches::{SearchBody, SearchView, Wanted},
};
use utoipa::ToSchema;

use crate::{
    BoxFuture, Function, Trigger,
    http::{Answer, Incoming, ids::SearchId, no_content, private_json, private_json_of, serve},
};

/// The function.
pub const FUNCTION: Function = Function {
    name: "searches",
    secrets: &[SESSION, EDGE],
    trigger: Trigger::Http(|app, request| handle(app, request)),
};

/// The driver's saved searches, oldest first.
#[derive(Serialize, ToSchema)]
pub struct SearchList {
    items: Vec<SearchView>,
}

/// A saved search.
#[derive(Serialize, ToSchema)]
pub struct OneSearch {
    search: SearchView,
}

/// Serves the routes for saved searches.
pub fn handle(app: &App, request: Request) -> BoxFuture<'_, Response<Body>> {
    Box::pin(serve(app, request, async |app, incoming| match incoming.route() {
        "GET /api/searches" => list(app, incoming).await,
        "POST /api/searches" => save(app, incoming).await,
        "GET /api/searches/{id}" => show(app, incoming).await,
        "PUT /api/searches/{id}" => change(app, incoming).await,
        "DELETE /api/searches/{id}" => delete(app, incoming).await,
        "POST /api/searches/{id}/opened" => opened(app, incoming).await,
        _ => Err(Error::NotFound),
    }))
}

/// Lists the driver's saved searches, with the number of new cargos in each.
#[utoipa::path(
    get, path = "/api/searches", tag = "searches", security(("session" = [])),
    responses(
        (status = 200, body = SearchList),
        (status = 402, description = "subscription_required, with feature"),
        (status = 403, description = "driver_blocked"),
    )
)]
pub async fn list(app: &App, incoming: &Incoming) -> Answer {
    private_json(&SearchList { items: app.saved_searches(incoming.bearer(), &incoming.context).await? })
}

/// Saves a search.
///
/// A driver has at most 20; more than one needs a subscription, unless the flag paid.alerts is off.
#[utoipa::path(
    post, path = "/api/searches", tag = "searches", security(("session" = [])), request_body = SearchBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Identifies the search; send the same key with a retry. 1 to 64 visible ASCII characters")),
    responses(
        (status = 201, body = OneSearch),
        (status = 200, description = "The search was already saved with this key", body = OneSearch),
        (status = 402, description = "subscription_required, with feature"),
        (status = 403, description = "driver_blocked"),
        (status = 409, description = "too_many_searches"),
    )
)]
pub async fn save(app: &App, incoming: &Incoming) -> Answer {
    let session = incoming.session(app).await?;
    let wanted = incoming.body(|body| Wanted::parse(body, app.today()))?;
    let attempt = incoming.idempotency_key()?;
    let (search, is_repeated) = app.save_search(&session, &wanted, attempt, &incoming.context).await?;
    let status = if is_repeated { StatusCode::OK } else { StatusCode::CREATED };
    private_json_of(status, &OneSearch { search })
}

/// Returns a saved search.
#[utoipa::path(
    get, path = "/api/searches/{id}", tag = "searches", security(("session" = [])),
    params(("id" = String, Path, description = "Id of the search")),
    responses(
        (status = 200, body = OneSearch),
        (status = 402, description = "subscription_required, with feature"),
        (status = 403, description = "driver_blocked"),
        (status = 404, description = "not_found"),
    )
)]
pub async fn show(app: &App, incoming: &Incoming) -> Answer {
    let id: SearchId = incoming.told_to_drivers(app, incoming.id("id")).await?;
    private_json(&OneSearch { search: app.saved_search(incoming.bearer(), id.as_str(), &incoming.context).await? })
}

/// Replaces the name and the filters of a saved search.
#[utoipa::path(
    put, path = "/api/searches/{id}", tag = "searches", security(("session" = [])), request_body = SearchBody,
    params(("id" = String, Path, description = "Id of the search")),
    responses(
        (status = 200, body = OneSearch),
        (status = 403, description = "driver_blocked"),
        (status = 404, description = "not_found"),
    )
)]
pub async fn change(app: &App, incoming: &Incoming) -> Answer {
    let session = incoming.session(app).await?;
    let id: SearchId = incoming.id("id")?;
    let wanted = incoming.body(|body| Wanted::parse(body, app.today()))?;
    private_json(&OneSearch { search: app.change_search(&session, id.as_str(), &wanted).await? })
}

/// Deletes a saved search.
#[utoipa::path(
    delete, path = "/api/searches/{id}", tag = "searches", security(("session" = [])),
    params(("id" = String, Path, description = "Id of the search")),
    responses(
        (status = 204),
        (status = 403, description = "driver_blocked"),
        (status = 404, description = "not_found"),
    )
)]
pub async fn delete(app: &App, incoming: &Incoming) -> Answer {
    let session = incoming.session(app).await?;
    let id: SearchId = incoming.id("id")?;
    app.delete_search(&session, id.as_str()).await?;
    Ok(no_content())
}

/// Notes that the driver has seen what a saved search finds.
#[utoipa::path(
    post, path = "/api/searches/{id}/opened", tag = "searches", security(("session" = [])),
    params(("id" = String, Path, description = "Id of the search")),
    responses(
        (status = 204),
        (status = 403, description = "driver_blocked"),
        (status = 404, description = "not_found"),
    )
)]
pub async fn opened(app: &App, incoming: &Incoming) -> Answer {
    let session = incoming.session(app).await?;
    let id: SearchId = incoming.id("id")?;
    app.open_search(&session, id.as_str()).await?;
    Ok(no_content())
}
