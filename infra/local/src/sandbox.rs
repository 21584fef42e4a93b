//! `/_sandbox`: what people and tests tell the services around the product.
use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Local,
    aws::{faults::Fault, sqs},
    cargotech,
    crashes::Crash,
    opening::secret_field,
    telegram, yookassa,
};

/// The routes, without their prefix.
///
/// - `GET /`: what there is.
/// - `GET /clock` → `{offset_s, now}`; `PUT` `{offset_s}`; `POST` `{advance_s}`.
/// - `GET /store` → `{faults}`; `PUT` `{faults: [Fault]}` replaces them; `DELETE` ends them.
/// - `GET /store/counts` → `{total, calls: [{operation, tables, count}]}` since the last `DELETE`.
/// - `GET /crashes` → `{crashes}`; `PUT` `{crashes: [{function?, after_calls, times}]}` replaces what invocations are cut off
///   between two calls of the store (see [`crashes::Crash`](crate::crashes::Crash)).
/// - `GET /queues` → `{settings, queues: [{name, url, waiting, in_flight, delayed, dead, sent, counters, bodies}]}`; `PUT`
///   `{lose, double, delay_ms, refuse}` replaces what goes wrong (see [`aws::sqs::Settings`](crate::aws::sqs::Settings));
///   `DELETE` ends it. The SDK repeats a refused call, so a small number of refusals is not seen by the product.
/// - `GET /telegram/drivers`, `/telegram/dispatchers` → `{items}`; `POST /telegram/init-data` takes a
///   [`telegram::init_data::Launch`] → `{init_data}`.
/// - `/telegram/…`: see [`telegram::bot::control`]; absent when the product talks to the real one.
/// - `GET /schedules` → `{items: [{function, expressions}]}`; `POST /schedules/{function}` runs it, or the function of a
///   topic, with the body as its input if there is one → `{ok: true}`, or 500 `{ok: false, error}`; `PUT` `{enabled}` says
///   whether it also runs at its rate.
/// - `/cargotech/…`: see [`cargotech::control`]; absent when the product talks to the real one.
/// - `/yookassa/…`: see [`yookassa::control::router`]; absent when the product talks to the real one.
pub(crate) fn router(local: Arc<Local>) -> Router {
    let mut router = Router::new()
        .route("/", get(overview))
        .route("/clock", get(clock).put(set_clock).post(advance_clock))
        .route("/store", get(faults).put(set_faults).delete(end_faults))
        .route("/store/counts", get(counts).delete(reset_counts))
        .route("/crashes", get(crashes).put(set_crashes))
        .route("/queues", get(queues).put(set_queues).delete(end_queue_faults))
        .route("/telegram/drivers", get(drivers))
        .route("/telegram/dispatchers", get(dispatchers))
        .route("/telegram/init-data", post(init_data))
        .route("/schedules", get(schedules))
        .route("/schedules/{function}", post(run_schedule).put(enable_schedule))
        .with_state(local.clone());
    if let Some(sandbox) = local.cargotech.clone() {
        router = router.nest("/cargotech", cargotech::control(sandbox));
    }
    if let Some(bot) = local.bot.clone() {
        router = router.nest("/telegram", telegram::bot::control::router(bot));
    }
    if let Some(sandbox) = local.yookassa.clone() {
        router = router.nest("/yookassa", yookassa::control::router(sandbox));
    }
    router
}

/// What a request to the sandbox lacks.
fn unreadable(error: &dyn std::fmt::Display) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({"error": error.to_string()}))).into_response()
}

/// Reads a body; an empty one is an empty object.
fn read<T: for<'a> Deserialize<'a>>(body: &Bytes) -> Result<T, serde_json::Error> {
    serde_json::from_slice(if body.is_empty() { b"{}" } else { body })
}

async fn overview(State(local): State<Arc<Local>>) -> Json<Value> {
    Json(json!({
        "cargotech": local.cargotech.is_some(),
        "telegram": local.bot.is_some(),
        "yookassa": local.yookassa.is_some(),
        "web_app": local.front.site.page("index.html").is_some(),
    }))
}

async fn clock(State(local): State<Arc<Local>>) -> Json<Value> {
    let now = shared::clock::rfc3339(local.clock.clock().now_ms());
    Json(json!({"offset_s": local.clock.offset_s(), "now": now}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetClock {
    offset_s: i64,
}

async fn set_clock(State(local): State<Arc<Local>>, body: Bytes) -> Response {
    match read::<SetClock>(&body) {
        Ok(set) => {
            local.clock.set_offset_s(set.offset_s);
            clock(State(local)).await.into_response()
        }
        Err(error) => unreadable(&error),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AdvanceClock {
    advance_s: i64,
}

async fn advance_clock(State(local): State<Arc<Local>>, body: Bytes) -> Response {
    match read::<AdvanceClock>(&body) {
        Ok(advance) => {
            local.clock.advance_s(advance.advance_s);
            clock(State(local)).await.into_response()
        }
        Err(error) => unreadable(&error),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetFaults {
    faults: Vec<Fault>,
}

async fn faults(State(local): State<Arc<Local>>) -> Json<Value> {
    Json(json!({"faults": local.aws.store.faults.get()}))
}

async fn set_faults(State(local): State<Arc<Local>>, body: Bytes) -> Response {
    match read::<SetFaults>(&body) {
        Ok(set) => {
            local.aws.store.set_faults(set.faults);
            faults(State(local)).await.into_response()
        }
        Err(error) => unreadable(&error),
    }
}

async fn end_faults(State(local): State<Arc<Local>>) -> Json<Value> {
    local.aws.store.set_faults(Vec::new());
    faults(State(local)).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetCrashes {
    crashes: Vec<Crash>,
}

async fn crashes(State(local): State<Arc<Local>>) -> Json<Value> {
    Json(json!({"crashes": local.aws.store.crashes.get()}))
}

async fn set_crashes(State(local): State<Arc<Local>>, body: Bytes) -> Response {
    match read::<SetCrashes>(&body) {
        Ok(set) => {
            local.aws.store.crashes.set(set.crashes);
            crashes(State(local)).await.into_response()
        }
        Err(error) => unreadable(&error),
    }
}

async fn counts(State(local): State<Arc<Local>>) -> Json<Value> {
    let calls = local.aws.store.faults.counts();
    let total: u64 = calls.iter().map(|call| call.count).sum();
    Json(json!({"total": total, "calls": calls}))
}

async fn reset_counts(State(local): State<Arc<Local>>) -> Json<Value> {
    local.aws.store.faults.reset_counts();
    counts(State(local)).await
}

async fn drivers() -> Json<Value> {
    Json(json!({"items": telegram::drivers::DRIVERS}))
}

async fn dispatchers() -> Json<Value> {
    Json(json!({"items": telegram::drivers::DISPATCHERS}))
}

async fn queues(State(local): State<Arc<Local>>) -> Json<Value> {
    Json(local.aws.queues.overview())
}

async fn set_queues(State(local): State<Arc<Local>>, body: Bytes) -> Response {
    match read(&body) {
        Ok(settings) => {
            local.aws.queues.set_settings(settings);
            queues(State(local)).await.into_response()
        }
        Err(error) => unreadable(&error),
    }
}

async fn end_queue_faults(State(local): State<Arc<Local>>) -> Json<Value> {
    local.aws.queues.set_settings(sqs::Settings::default());
    queues(State(local)).await
}

async fn init_data(State(local): State<Arc<Local>>, body: Bytes) -> Response {
    match read::<telegram::init_data::Launch>(&body) {
        Ok(launch) => {
            if let Some(bot) = &local.bot {
                bot.meet(launch.driver_id.unwrap_or(telegram::drivers::DRIVERS[0].id));
            }
            let token = secret_field(&local.aws.secrets, &local.secrets_prefix, "telegram")("bot_token");
            Json(json!({"init_data": launch.sign(&token, local.clock.clock().now_s())})).into_response()
        }
        Err(error) => unreadable(&error),
    }
}

async fn schedules(State(local): State<Arc<Local>>) -> Json<Value> {
    let list = local.functions.get().map(|functions| functions.schedules.list()).unwrap_or_default();
    let item = |(function, expressions)| json!({"function": function, "expressions": expressions});
    Json(json!({"items": list.into_iter().map(item).collect::<Vec<_>>()}))
}

/// The body of `PUT /schedules/{function}`.
#[derive(Deserialize)]
struct Enabled {
    enabled: bool,
}

async fn enable_schedule(State(local): State<Arc<Local>>, Path(function): Path<String>, body: Bytes) -> Response {
    let Enabled { enabled } = match read(&body) {
        Ok(body) => body,
        Err(error) => return unreadable(&error),
    };
    match local.functions.get() {
        Some(functions) if functions.schedules.enable(&function, enabled) => {
            Json(json!({"enabled": enabled})).into_response()
        }
        Some(_) => (StatusCode::NOT_FOUND, Json(json!({"error": "no such scheduled function"}))).into_response(),
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

async fn run_schedule(State(local): State<Arc<Local>>, Path(function): Path<String>, body: Bytes) -> Response {
    let input = match (body.is_empty(), serde_json::from_slice(&body)) {
        (true, _) | (_, Ok(Value::Null)) => None,
        (false, Ok(input)) => Some(input),
        (false, Err(error)) => return unreadable(&error),
    };
    let Some(functions) = local.functions.get() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    match functions.schedules.run(&function, input).await {
        Some(Ok(())) => Json(json!({"ok": true})).into_response(),
        Some(Err(error)) => {
            (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({"ok": false, "error": error}))).into_response()
        }
        None => (StatusCode::NOT_FOUND, Json(json!({"error": "no such scheduled function"}))).into_response(),
    }
}
