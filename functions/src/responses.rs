//! A driver's own responses to cargos.
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use lambda_http::{
    Body, Request, Response,
    http::{HeaderValue, StatusCode, header},
};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use shared::{
    app::App,
    auth::secret::{EDGE, SESSION},
    body::Body as _,
    cargo::CargoId,
    cargotech::secret::CARGOTECH,
    error::Error,
    response::{respond::RespondBody, view::ResponseView},
    store::response::ListedResponse,
};
use utoipa::ToSchema;

use crate::{
    BoxFuture, Function, Trigger,
    http::{Answer, Incoming, matches, not_modified, private_json, private_json_of, serve},
};

/// The function.
pub const FUNCTION: Function = Function {
    name: "responses",
    secrets: &[SESSION, CARGOTECH, EDGE],
    trigger: Trigger::Http(|app, request| handle(app, request)),
};

/// The response after a change.
#[derive(Serialize, ToSchema)]
pub struct Responded {
    response: ResponseView,
}

/// A page of responses, newest first.
#[derive(Serialize, ToSchema)]
pub struct ResponseList {
    items: Vec<ResponseView>,
    /// Cursor of the next page; null on the last page.
    cursor: Option<String>,
}

/// Serves the routes for responses.
pub fn handle(app: &App, request: Request) -> BoxFuture<'_, Response<Body>> {
    Box::pin(serve(app, request, async |app, incoming| match incoming.route() {
        "POST /api/cargos/{id}/responses" => respond(app, incoming).await,
        "DELETE /api/cargos/{id}/responses" => withdraw(app, incoming).await,
        "GET /api/responses" => list(app, incoming).await,
        _ => Err(Error::NotFound),
    }))
}

/// Responds to a cargo.
///
/// A driver has at most one response per cargo, however often it is sent.
#[utoipa::path(
    post, path = "/api/cargos/{id}/responses", tag = "responses", security(("session" = [])),
    params(
        ("id" = String, Path, description = "CargoTech's id of the cargo, 1 to 20 digits"),
        ("Idempotency-Key" = Option<String>, Header, description = "Identifies the response; send the same key with a retry. 1 to 64 visible ASCII characters"),
    ),
    request_body = RespondBody,
    responses(
        (status = 201, body = Responded),
        (status = 200, description = "The response already existed: an equal one, or the one created with this key, whatever its status now", body = Responded),
        (status = 402, description = "subscription_required, with feature"),
        (status = 403, description = "driver_blocked, feature_off"),
        (status = 409, description = "cargo_gone, cargo_changed (with price_rub), response_exists (with response)"),
        (status = 503, description = "upstream_unavailable, store_unavailable"),
    )
)]
pub async fn respond(app: &App, incoming: &Incoming) -> Answer {
    let session = incoming.session(app).await?;
    let id: CargoId = incoming.id("id")?;
    let body = incoming.body(RespondBody::parse)?;
    let attempt = incoming.idempotency_key()?;
    let responded = app.respond(session.driver_id(), &id, (body, attempt), &incoming.context).await?;
    let status = if responded.repeated { StatusCode::OK } else { StatusCode::CREATED };
    private_json_of(status, &Responded { response: ResponseView::new(&responded.response) })
}

/// Withdraws the response to a cargo, as long as it is undecided.
#[utoipa::path(
    delete, path = "/api/cargos/{id}/responses", tag = "responses", security(("session" = [])),
    params(("id" = String, Path, description = "CargoTech's id of the cargo, 1 to 20 digits")),
    responses(
        (status = 200, body = Responded),
        (status = 403, description = "driver_blocked"),
        (status = 404, description = "not_found"),
        (status = 409, description = "response_closed (with response)"),
    )
)]
pub async fn withdraw(app: &App, incoming: &Incoming) -> Answer {
    let session = incoming.session(app).await?;
    let id: CargoId = incoming.id("id")?;
    let response = app.withdraw(session.driver_id(), id.as_str(), &incoming.context).await?;
    private_json(&Responded { response: ResponseView::new(&response) })
}

/// Lists the driver's responses, newest first.
#[utoipa::path(
    get, path = "/api/responses", tag = "responses", security(("session" = [])),
    params(
        ("cursor" = Option<String>, Query, description = "Cursor of the previous page"),
        ("If-None-Match" = Option<String>, Header, description = "ETag of the caller's copy"),
    ),
    responses(
        (status = 200, body = ResponseList, headers(("ETag" = String))),
        (status = 304, description = "The caller's copy is current"),
        (status = 403, description = "driver_blocked"),
        (status = 422),
    )
)]
pub async fn list(app: &App, incoming: &Incoming) -> Answer {
    let session = incoming.session(app).await?;
    let from = incoming.cursor(read_cursor)?;
    let page = app.responses(session.driver_id(), from.as_ref()).await?;
    let list = ResponseList {
        items: page.items.iter().map(ResponseView::new).collect(),
        cursor: page.next.as_ref().map(cursor),
    };
    let mut answer = private_json(&list)?;
    let digest = Sha256::digest(answer.body().as_ref());
    let etag = format!("W/\"{}\"", URL_SAFE_NO_PAD.encode(&digest[..12]));
    // The app polls every few seconds while a response is open.
    if incoming.header(header::IF_NONE_MATCH.as_str()).is_some_and(|tags| matches(tags, &etag)) {
        answer = not_modified("private, no-cache");
    }
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        answer.headers_mut().insert(header::ETAG, etag);
    }
    Ok(answer)
}

/// Encodes the start of the next page as an opaque cursor.
pub(crate) fn cursor(at: &ListedResponse) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}.{}", at.created_at_ms, at.cargo_id))
}

/// Decodes a cursor from a client.
pub(crate) fn read_cursor(text: &str) -> Option<ListedResponse> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (at, cargo_id) = std::str::from_utf8(&bytes).ok()?.split_once('.')?;
    let cargo_id = CargoId::parse(cargo_id)?.as_str().to_owned();
    Some(ListedResponse { created_at_ms: at.parse().ok().filter(|at| *at >= 0)?, cargo_id })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_and_anything_else_is_told() {
        let at = ListedResponse { created_at_ms: 1_800_000_000_000, cargo_id: "77".into() };
        assert_eq!(read_cursor(&cursor(&at)).unwrap(), at);
        for text in ["", "x", "MTIz", &URL_SAFE_NO_PAD.encode("-1.7"), &URL_SAFE_NO_PAD.encode("1.x")] {
            assert!(read_cursor(text).is_none(), "{text}");
        }
    }
}
