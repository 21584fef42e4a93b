//! The API of CargoTech.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::catalog::LOGIN_USER;
use super::faults::{Drop, Endpoint, Fail, Fault, Malformed, hang_up};
use super::filters::{Errors, Fields, parse};
use super::traffic::Allowance;
use super::vocabulary::{LOAD_TYPES, TRUCK_TYPES};
use super::wire::{self, Page};
use super::{Sandbox, mix, phone_digits, stream};

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET_AFTER: HeaderName = HeaderName::from_static("x-ratelimit-reset-after");

/// The API, to be nested under a prefix: `POST /v1/auth/login`, `GET /v1/me`, `/v2/cargos/views`,
/// `/v1/carrier/cargos/{id}`, `/v1/dictionaries/{points, truck_types, load_types}`.
pub fn router(sandbox: Sandbox) -> Router {
    let guard = |endpoint: Endpoint, handler: MethodRouter<Sandbox>| {
        handler.layer(from_fn_with_state((sandbox.clone(), endpoint), gate))
    };
    Router::new()
        .route("/v1/auth/login", guard(Endpoint::Login, post(login)))
        .route("/v1/me", guard(Endpoint::Me, get(me)))
        .route("/v2/cargos/views", guard(Endpoint::List, get(list)))
        .route("/v1/carrier/cargos/{id}", guard(Endpoint::Detail, get(detail)))
        .route("/v1/dictionaries/points", guard(Endpoint::Points, get(points)))
        .route("/v1/dictionaries/truck_types", guard(Endpoint::TruckTypes, get(truck_types)))
        .route("/v1/dictionaries/load_types", guard(Endpoint::LoadTypes, get(load_types)))
        .fallback(async || message(StatusCode::NOT_FOUND, "The route could not be found."))
        .with_state(sandbox)
}

/// What is in store for one request.
struct Fate {
    latency: Duration,
    drop: Option<Drop>,
    fail: Option<Fail>,
    malformed: Option<Malformed>,
    limit: u32,
    allowance: Allowance,
}

fn fate(sandbox: &Sandbox, endpoint: Endpoint) -> Fate {
    let now_ms = sandbox.now_ms();
    let state = &mut *sandbox.state();
    let limit = state.settings.rate_limit_per_min;
    let latency = state.settings.latency_ms;
    let drop = Fault::strike(&mut state.settings.drop, endpoint);
    // A dropped request does not use up the other faults' times.
    let fail = if drop.is_some() { None } else { Fault::strike(&mut state.settings.fail, endpoint) };
    let malformed = if drop.is_some() || fail.is_some() { None } else { state.settings.spoil(endpoint) };
    Fate {
        latency: Duration::from_millis(fastrand::u64(latency.min..=latency.max)),
        drop,
        fail,
        malformed,
        limit,
        allowance: state.traffic.admit(endpoint, now_ms, limit),
    }
}

/// What every request goes through: the faults that are set, the rate limit, the token.
async fn gate(State((sandbox, endpoint)): State<(Sandbox, Endpoint)>, request: Request, next: Next) -> Response {
    let fate = fate(&sandbox, endpoint);
    if !fate.latency.is_zero() {
        tokio::time::sleep(fate.latency).await;
    }
    if let Some(drop) = fate.drop {
        tokio::time::sleep(drop.after()).await;
        return hang_up().into_response();
    }
    let mut response = if let Some(fail) = fate.fail {
        failure(&fail)
    } else if let Some(seconds) = fate.allowance.reset_after {
        too_many(seconds)
    } else if endpoint == Endpoint::Login || authenticated(&sandbox, request.headers()) {
        next.run(request).await
    } else {
        unauthenticated()
    };
    response.headers_mut().insert(LIMIT, fate.limit.into());
    response.headers_mut().insert(REMAINING, fate.allowance.remaining.into());
    match fate.malformed {
        Some(malformed) if response.status().is_success() => spoiled(response, &malformed).await,
        _ => response,
    }
}

async fn spoiled(response: Response, malformed: &Malformed) -> Response {
    let (mut parts, body) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    let good = to_bytes(body, usize::MAX).await.unwrap_or_default();
    Response::from_parts(parts, Body::from(malformed.spoil(&good)))
}

fn authenticated(sandbox: &Sandbox, headers: &HeaderMap) -> bool {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    bearer.is_some_and(|(_, token)| sandbox.state().tokens.knows(token.trim()))
}

fn message(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({"message": message}))).into_response()
}

fn unauthenticated() -> Response {
    message(StatusCode::UNAUTHORIZED, "Unauthenticated.")
}

fn too_many(reset_after: i64) -> Response {
    let mut response = message(StatusCode::TOO_MANY_REQUESTS, "Too Many Attempts.");
    response.headers_mut().insert(RESET_AFTER, HeaderValue::from(reset_after));
    response
}

/// A refusal of what was sent, as Laravel words it.
pub fn unprocessable(errors: &Errors) -> Response {
    let first = errors.values().flatten().next().cloned().unwrap_or_default();
    let body = json!({"message": first, "errors": errors});
    (StatusCode::UNPROCESSABLE_ENTITY, Json(body)).into_response()
}

fn failure(fail: &Fail) -> Response {
    let status = StatusCode::from_u16(fail.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match status {
        StatusCode::UNAUTHORIZED => unauthenticated(),
        StatusCode::FORBIDDEN => (status, Json(json!({"error": "Account suspended"}))).into_response(),
        StatusCode::UNPROCESSABLE_ENTITY => {
            unprocessable(&Errors::from([("sandbox".to_owned(), vec!["The given data was invalid.".to_owned()])]))
        }
        StatusCode::TOO_MANY_REQUESTS => too_many(fail.reset_after.into()),
        StatusCode::INTERNAL_SERVER_ERROR => message(status, "Server Error"),
        // What stands before the application answers these, and not in JSON.
        StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => {
            let reason = status.canonical_reason().unwrap_or_default();
            let page = format!("<html><head><title>{status}</title></head><body><h1>{reason}</h1></body></html>");
            (status, [(header::CONTENT_TYPE, "text/html")], page).into_response()
        }
        _ => message(status, status.canonical_reason().unwrap_or("Error")),
    }
}

async fn login(State(sandbox): State<Sandbox>, body: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let mut errors = Errors::new();
    for field in ["phone", "password"] {
        let problem = match &body[field] {
            Value::Null => "field is required.",
            Value::String(text) if text.is_empty() => "field is required.",
            Value::String(_) => continue,
            _ => "field must be a string.",
        };
        errors.insert(field.to_owned(), vec![format!("The {field} {problem}")]);
    }
    if !matches!(body["remember"], Value::Null | Value::Bool(_)) {
        errors.insert("remember".to_owned(), vec!["The remember field must be true or false.".to_owned()]);
    }
    if !errors.is_empty() {
        return unprocessable(&errors);
    }
    let known = body["phone"].as_str().map(phone_digits).as_ref() == Some(&sandbox.inner.phone)
        && body["password"].as_str() == Some(&sandbox.inner.password);
    if !known {
        let problem = "These credentials do not match our records.".to_owned();
        return unprocessable(&Errors::from([("phone".to_owned(), vec![problem])]));
    }
    // The time is in it so that a restarted sandbox does not know the tokens of the one before.
    let seed = mix([sandbox.inner.seed, stream::TOKEN, sandbox.now_ms().cast_unsigned()]);
    let state = &mut *sandbox.state();
    state.traffic.logged_in();
    Json(json!({"data": {"token": state.tokens.issue(seed)}})).into_response()
}

async fn me() -> Response {
    Json(json!({"data": {"id": LOGIN_USER, "name": "Демо Перевозчик", "role": "carrier"}})).into_response()
}

async fn list(State(sandbox): State<Sandbox>, Query(pairs): Query<Vec<(String, String)>>) -> Response {
    let query = match parse(&pairs) {
        Ok(query) => query,
        Err(errors) => return unprocessable(&errors),
    };
    let catalog = sandbox.catalog();
    let alive = catalog.at(sandbox.minute());
    let mut total = 0;
    let mut cargos = Vec::with_capacity(query.limit);
    for cargo in alive.iter().filter(|cargo| query.filters.admit(cargo, &catalog.companies)) {
        if total >= query.offset && cargos.len() < query.limit {
            cargos.push(cargo);
        }
        total += 1;
    }
    let (shape, with_total) = {
        let settings = &sandbox.state().settings;
        (settings.shape, !settings.omit_total)
    };
    let page = Page { cargos, total, limit: query.limit, offset: query.offset, contacts: query.contacts };
    sandbox.state().sent.answer(wire::list(catalog, &page, shape, with_total))
}

async fn detail(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Response {
    let found = cargo_id(&id).and_then(|id| sandbox.catalog().find(id, sandbox.minute()));
    let Some(cargo) = found else {
        return no_such_cargo(&id);
    };
    let contacts = Fields::new(&pairs).contacts();
    let shape = sandbox.state().settings.shape;
    sandbox.state().sent.answer(wire::detail(sandbox.catalog(), &cargo, shape, contacts))
}

/// The number that an id in a path stands for.
pub fn cargo_id(id: &str) -> Option<u64> {
    // The parser alone would take `+5` and `007`.
    id.parse().ok().filter(|number: &u64| number.to_string() == id)
}

/// What Laravel says of a model that is not there.
pub fn no_such_cargo(id: &str) -> Response {
    message(StatusCode::NOT_FOUND, &format!("No query results for model [App\\Models\\Cargo] {id}"))
}

async fn points(State(sandbox): State<Sandbox>, Query(pairs): Query<Vec<(String, String)>>) -> Response {
    let mut fields = Fields::new(&pairs);
    let name = fields.text("filter.name");
    let (limit, offset) = (fields.limit(), fields.offset());
    match fields.finish() {
        Ok(()) => {
            let spelling = sandbox.state().settings.spelling;
            Json(wire::points(&super::points::search(name, spelling), limit, offset)).into_response()
        }
        Err(errors) => unprocessable(&errors),
    }
}

async fn truck_types() -> Response {
    Json(json!({"data": wire::dictionary(TRUCK_TYPES)})).into_response()
}

async fn load_types() -> Response {
    Json(json!({"data": wire::dictionary(LOAD_TYPES)})).into_response()
}
