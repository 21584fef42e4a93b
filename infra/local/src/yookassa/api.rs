//! API v3.

use axum::body::Bytes;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use axum::{Json, Router};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use super::answer::{Answer, ApiError};
use super::faults::Endpoint;
use super::settings::Repeats;
use super::{Sandbox, State as Everything, keys};
use crate::cargotech::hang_up;

const KEY: &str = "idempotence-key";

/// The paths of the API that are played: `/v3/payments…`, `/v3/refunds…`, `/v3/me`.
pub fn router(sandbox: Sandbox) -> Router {
    let guard = |endpoint: Endpoint, handler: MethodRouter<Sandbox>| {
        handler.layer(from_fn_with_state((sandbox.clone(), endpoint), gate))
    };
    let payments = guard(Endpoint::CreatePayment, post(create_payment));
    let refunds = guard(Endpoint::CreateRefund, post(create_refund));
    Router::new()
        .route("/v3/payments", payments.merge(guard(Endpoint::ListPayments, get(list_payments))))
        .route("/v3/payments/{id}", guard(Endpoint::GetPayment, get(get_payment)))
        .route("/v3/payments/{id}/capture", guard(Endpoint::CapturePayment, post(capture)))
        .route("/v3/payments/{id}/cancel", guard(Endpoint::CancelPayment, post(cancel)))
        .route("/v3/refunds", refunds.merge(guard(Endpoint::ListRefunds, get(list_refunds))))
        .route("/v3/refunds/{id}", guard(Endpoint::GetRefund, get(get_refund)))
        .route("/v3/me", guard(Endpoint::Me, get(me)))
        .fallback(async || ApiError::no_such_path().into_response())
        .with_state(sandbox)
}

/// What every request goes through: the faults that are set, and the shop's key.
async fn gate(State((sandbox, endpoint)): State<(Sandbox, Endpoint)>, request: Request, next: Next) -> Response {
    let key = request.headers().get(KEY).and_then(|key| key.to_str().ok()).map(str::to_owned);
    let count = |answer: &str| sandbox.with(|state, _| state.calls.count(endpoint, key.as_deref(), answer));
    let fate = sandbox.with(|state, _| state.mishaps.before(endpoint));
    let acts = fate.refusal.is_none() && fate.loss.is_none_or(|loss| loss.acted);
    let mut response = match fate.refusal {
        Some(error) => error.into_response(),
        None if !acts => StatusCode::NO_CONTENT.into_response(),
        None if is_the_shop(&sandbox, request.headers()) => next.run(request).await,
        None => ApiError::credentials().into_response(),
    };
    if let Some(loss) = fate.loss {
        count("lost");
        tokio::time::sleep(loss.after).await;
        return hang_up().into_response();
    }
    if acts && response.status().is_success() {
        let instead = sandbox.with(|state, _| state.mishaps.after(endpoint));
        response = instead.map_or(response, IntoResponse::into_response);
    }
    // Before the wait: the caller may not be there to its end.
    count(response.status().as_str());
    tokio::time::sleep(fate.latency).await;
    response
}

/// HTTP Basic, `shopId:secretKey`.
fn is_the_shop(sandbox: &Sandbox, headers: &HeaderMap) -> bool {
    let basic = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"));
    let sent = basic.and_then(|(_, text)| STANDARD.decode(text.trim()).ok());
    let expected = sandbox.with(|state, _| format!("{}:{}", state.shop.id, state.secret_key));
    sent.is_some_and(|sent| sent == expected.as_bytes())
}

/// Carries a POST out once for its idempotence key.
fn once(
    sandbox: &Sandbox,
    path: &str,
    headers: &HeaderMap,
    body: &Bytes,
    act: impl FnOnce(&mut Everything, i64, &Value) -> Result<Value, ApiError>,
) -> Response {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !body.is_empty() && kind.split(';').next().map(str::trim) != Some("application/json") {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    let answered = sandbox.with(|state, now_ms| {
        let key = keys::check(headers.get(KEY).and_then(|key| key.to_str().ok()))?;
        let body = match body.is_empty() {
            true => Value::Object(Map::new()),
            false => serde_json::from_slice(body).map_err(|_| ApiError::unreadable())?,
        };
        if let Some(answer) = state.keys.known(now_ms, key, path, &body)? {
            return Ok(repeated(state, answer));
        }
        // A refusal is kept as well: what is corrected is another request and needs another key.
        let answer = act(state, now_ms, &body).map_or_else(|error| error.answer(), Answer::from);
        state.keys.keep(now_ms, key, path, body, answer.clone());
        Ok(answer)
    });
    answered.unwrap_or_else(|error: ApiError| error.answer()).into_response()
}

fn repeated(state: &Everything, answer: Answer) -> Answer {
    let current = match state.shop.settings.repeats {
        Repeats::Current if answer.status.is_success() => answer.body["id"].as_str().and_then(|id| state.shop.any(id)),
        _ => None,
    };
    current.map_or(answer, Answer::from)
}

fn answer(result: Result<Value, ApiError>) -> Response {
    result.map_or_else(|error| error.answer(), Answer::from).into_response()
}

async fn create_payment(State(sandbox): State<Sandbox>, headers: HeaderMap, body: Bytes) -> Response {
    once(&sandbox, "/payments", &headers, &body, |state, now_ms, body| state.shop.create_payment(now_ms, body))
}

async fn get_payment(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Response {
    answer(sandbox.with(|state, _| state.shop.get_payment(&id)))
}

async fn list_payments(State(sandbox): State<Sandbox>, Query(pairs): Query<Vec<(String, String)>>) -> Response {
    answer(sandbox.with(|state, now_ms| state.shop.list_payments(now_ms, &pairs)))
}

async fn capture(State(sandbox): State<Sandbox>, Path(id): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    let path = format!("/payments/{id}/capture");
    once(&sandbox, &path, &headers, &body, |state, now_ms, body| state.shop.capture(now_ms, &id, body))
}

async fn cancel(State(sandbox): State<Sandbox>, Path(id): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    let path = format!("/payments/{id}/cancel");
    once(&sandbox, &path, &headers, &body, |state, _, _| state.shop.cancel(&id))
}

async fn create_refund(State(sandbox): State<Sandbox>, headers: HeaderMap, body: Bytes) -> Response {
    once(&sandbox, "/refunds", &headers, &body, |state, now_ms, body| state.shop.create_refund(now_ms, body))
}

async fn get_refund(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Response {
    answer(sandbox.with(|state, _| state.shop.get_refund(&id)))
}

async fn list_refunds(State(sandbox): State<Sandbox>, Query(pairs): Query<Vec<(String, String)>>) -> Response {
    answer(sandbox.with(|state, now_ms| state.shop.list_refunds(now_ms, &pairs)))
}

async fn me(State(sandbox): State<Sandbox>) -> Json<Value> {
    Json(sandbox.with(|state, _| {
        let fiscalization = match state.shop.settings.fiscalization {
            true => json!({"enabled": true, "provider": "avanpost"}),
            false => json!({"enabled": false}),
        };
        json!({
            "account_id": state.shop.id,
            "status": "enabled",
            "test": true,
            "fiscalization": fiscalization,
            "fiscalization_enabled": state.shop.settings.fiscalization,
            "payment_methods": ["bank_card"],
            "itn": "7700000000",
        })
    }))
}
