//! The routes through which people and tests tell the sandbox what to do.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::api::{cargo_id, no_such_cargo, unprocessable};
use super::catalog::{Draft, Price};
use super::cities::CITIES;
use super::faults::{Input, error, whole};
use super::filters::Errors;
use super::sent::Sent;
use super::traffic::Traffic;
use super::{Sandbox, Settings};

/// The control routes, to be nested under a prefix.
///
/// - `GET /`: settings, counters, number of live tokens and cargos.
/// - `PUT /`: changes the settings that are given, all or none of them; answers as `GET /` does.
///   `latency_ms`: number or `{min, max}`; `fail`: `{status, times?, endpoint?, reset_after?}` or null;
///   `drop`: `{after_ms?, times?, endpoint?}` or null (the connection is closed without an answer);
///   `malformed`: `"broken_json" | "wrong_types" | "empty" | "empty_list"`, or `{kind, times?, endpoint?}`,
///   or null; `shape`: `"nested" | "flat" | "mixed"`; `omit_total`: bool; `spelling`: `"lenient" | "strict"` (a search for
///   cities tells `ё` from `е`); `rate_limit_per_min`: number.
/// - `POST /kill-token`: kills all tokens. `POST /reset`: settings, counters and cargos as at the start;
///   tokens stay.
/// - `POST /cargos/{id}/remove`, `PUT /cargos/{id}` `{price_rub}`; `POST /cargos` adds one:
///   `{from?, to?, price_rub?, weight_kg?, volume_m3?, load_date?}`, cities by id or name.
/// - `PUT /cargos/{id}/sent`: a merge patch (RFC 7396) of what is sent of this cargo from now on, whatever it is.
///
/// What is wrong with a body is told with 422, field by field.
pub fn control(sandbox: Sandbox) -> Router {
    Router::new()
        .route("/", get(show).put(change))
        .route("/kill-token", post(kill_token))
        .route("/reset", post(reset))
        .route("/cargos", post(add_cargo))
        .route("/cargos/{id}", put(change_cargo))
        .route("/cargos/{id}/sent", put(change_sent))
        .route("/cargos/{id}/remove", post(remove_cargo))
        .with_state(sandbox)
}

async fn show(State(sandbox): State<Sandbox>) -> Json<Value> {
    let cargos = sandbox.catalog().at(sandbox.minute()).len();
    let state = sandbox.state();
    Json(json!({
        "settings": state.settings,
        "counters": state.traffic.counters(sandbox.now_ms()),
        "live_tokens": state.tokens.count(),
        "cargos": cargos,
    }))
}

fn object(body: &[u8]) -> Result<Map<String, Value>, Errors> {
    serde_json::from_slice(body).map_err(|_| error("body", "must be a JSON object"))
}

async fn change(State(sandbox): State<Sandbox>, body: Bytes) -> Response {
    let changed = object(&body).and_then(|changes| {
        let state = &mut *sandbox.state();
        state.settings = state.settings.changed(&changes)?;
        Ok(())
    });
    match changed {
        Ok(()) => show(State(sandbox)).await.into_response(),
        Err(errors) => unprocessable(&errors),
    }
}

async fn kill_token(State(sandbox): State<Sandbox>) -> Json<Value> {
    Json(json!({"killed": sandbox.state().tokens.kill()}))
}

async fn reset(State(sandbox): State<Sandbox>) -> Json<Value> {
    {
        let state = &mut *sandbox.state();
        state.settings = Settings::default();
        state.traffic = Traffic::default();
        state.sent = Sent::default();
    }
    sandbox.catalog().reset();
    show(State(sandbox)).await
}

async fn remove_cargo(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Response {
    match cargo_id(&id).filter(|id| sandbox.catalog().remove(*id, sandbox.minute())) {
        Some(id) => Json(json!({"id": id})).into_response(),
        None => no_such_cargo(&id),
    }
}

async fn change_cargo(State(sandbox): State<Sandbox>, Path(id): Path<String>, body: Bytes) -> Response {
    let read = |body: Map<String, Value>| {
        let mut input = Input::new("", &body);
        input.only(&["price_rub"]);
        let price = input.required("price_rub", kopecks);
        input.finish().map(|()| Price::for_carrier(price.flatten()))
    };
    let price = match object(&body).and_then(read) {
        Ok(price) => price,
        Err(errors) => return unprocessable(&errors),
    };
    match cargo_id(&id).filter(|id| sandbox.catalog().set_price(*id, sandbox.minute(), price)) {
        Some(id) => Json(json!({"id": id})).into_response(),
        None => no_such_cargo(&id),
    }
}

async fn change_sent(State(sandbox): State<Sandbox>, Path(id): Path<String>, body: Bytes) -> Response {
    let patch = match object(&body) {
        Ok(patch) => patch,
        Err(errors) => return unprocessable(&errors),
    };
    match cargo_id(&id).filter(|id| sandbox.catalog().find(*id, sandbox.minute()).is_some()) {
        Some(id) => {
            sandbox.state().sent.patch(id, Value::Object(patch));
            Json(json!({"id": id})).into_response()
        }
        None => no_such_cargo(&id),
    }
}

async fn add_cargo(State(sandbox): State<Sandbox>, body: Bytes) -> Response {
    match object(&body).and_then(|body| draft(&body)) {
        Ok(draft) => {
            let cargo = sandbox.catalog().add(sandbox.minute(), &draft);
            (StatusCode::CREATED, Json(json!({"id": cargo.id}))).into_response()
        }
        Err(errors) => unprocessable(&errors),
    }
}

fn draft(body: &Map<String, Value>) -> Result<Draft, Errors> {
    let mut input = Input::new("", body);
    input.only(&["from", "to", "price_rub", "weight_kg", "volume_m3", "load_date"]);
    let draft = Draft {
        from: input.optional("from", city),
        to: input.optional("to", city),
        price: input.read("price_rub", kopecks),
        weight_kg: input
            .optional("weight_kg", |field, value| whole(field, value, 1, 1_000_000))
            .map(|weight| weight as u32),
        volume_m3: input.optional("volume_m3", |field, value| {
            value
                .as_f64()
                .filter(|volume| (0.1..=999.0).contains(volume))
                .ok_or_else(|| error(field, "must be a number from 0.1 to 999"))
        }),
        load_date: input.optional("load_date", |field, value| {
            value
                .as_str()
                .and_then(|text| text.parse::<Date>().ok())
                .ok_or_else(|| error(field, "must be a date, YYYY-MM-DD"))
        }),
    };
    input.finish().map(|()| draft)
}

fn city(field: &str, value: &Value) -> Result<usize, Errors> {
    CITIES
        .iter()
        .position(|city| value.as_u64() == Some(city.id.into()) || value.as_str() == Some(city.name))
        .ok_or_else(|| error(field, "must be the id or the name of a city of the sandbox"))
}

// Rubles with at most two decimals; null is "on request".
fn kopecks(field: &str, value: &Value) -> Result<Option<u64>, Errors> {
    if value.is_null() {
        return Ok(None);
    }
    value
        .as_f64()
        .map(|rubles| rubles * 100.0)
        .filter(|kopecks| (0.0..=1e10).contains(kopecks) && (kopecks - kopecks.round()).abs() < 1e-4)
        .map(|kopecks| Some(kopecks.round() as u64))
        .ok_or_else(|| error(field, "must be rubles from 0 to 100000000 with at most two decimals, or null"))
}
