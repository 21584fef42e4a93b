//! The routes through which people and tests tell the sandbox what to do.

use std::net::IpAddr;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use futures_util::future::join_all;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::amount::kopecks;
use super::cards;
use super::faults::{Faults, Mishaps};
use super::keys::Keys;
use super::notifications::{self, Notifications, SENDERS};
use super::payment::{Cancellation, Payment, UsedCard};
use super::refund::Refund;
use super::settings::{Registration, changed};
use super::shop::{Refusal, Shop};
use super::traffic::Calls;
use super::{Sandbox, page};

/// The control routes, to be nested under a prefix.
///
/// - `GET /`: settings, faults, how notifications travel, and how much of everything there is.
/// - `PUT /settings`: changes those that are given. `fiscalization`: bool, receipts are demanded; `receipts`:
///   `"succeeded" | "pending" | "canceled"`, what becomes of them; `refunds`: `"succeed" | "pending" | "cancel"`;
///   `capture`: `"as_asked" | "hold" | "at_once"`, whatever the payment's `capture` says; `repeats`:
///   `"original" | "current"`, what a repeated key is answered.
/// - `GET`, `PUT`, `DELETE /faults`; `PUT` replaces them all: `{seed, latency_ms (number or {min, max}), fail, fail_after,
///   processing, lose, rate_limit, unauthorized, forbidden}`, each of these `{times?, probability?, endpoint?,
///   retry_after?}`, `lose` also `{acted?, after_ms?}`. See `Faults`.
/// - `GET`, `DELETE /calls` → `{total, endpoints: {name: {calls, answers}}, keys: {key: {endpoint, calls, answers}}}`; an
///   answer is a status or `lost`.
/// - `GET /payments`, `/refunds` → `{items: [{object, request, …}]}`, oldest first; `GET /payments/{id}`, `/refunds/{id}`.
/// - `POST /payments/{id}/pay` `{card?, three_d_secure?}`: what the payment page does, with a card that pays if none is
///   named; `three_d_secure: false` refuses to confirm. `/expire`: its time is over. `/cancel` `{party, reason}`: it ends
///   for any reason. `/refund` `{value?, description?}`: a refund begun in the cabinet, of all that is left if no `value`
///   such as `"100.00"` is given. All answer with the object; 409 when it has ended already.
/// - `POST /refunds/{id}/settle` `{status: "succeeded" | "canceled", party?, reason?}`: ends one that is pending.
/// - `PUT /receipts/{id}` `{status}`: the receipt of a payment or refund becomes this.
/// - `GET /notifications` → `{settings, waiting, items, history}`; `PUT` changes `{speed, lose, double, hold}`.
///   `POST /notifications/release` `{ids?, order?: "made" | "reversed" | "shuffled", seed?}` sends those that wait, held
///   ones too, one after another → `{sent: [{id, statuses}]}`.
/// - `POST /notify` sends on its own account, and nothing is repeated: `{ids: [0, 0, 3]}` sends these notifications again,
///   old snapshots in any order; `{object_id, event}` one of the object as it is now; `{body}` anything at all. With
///   `source_ip`, `token`, `times`, and `at_once` for all at the same time instead of one after another
///   → `{statuses}`, null where there was no answer.
/// - `POST /reset`: as at the start.
///
/// What is wrong with a body is told with 422; 503 when something is to be sent and the product has no webhook.
pub fn router(sandbox: Sandbox) -> Router {
    Router::new()
        .route("/", get(show))
        .route("/settings", put(set_settings))
        .route("/key", put(set_key))
        .route("/faults", get(faults).put(set_faults).delete(end_faults))
        .route("/calls", get(calls).delete(reset_calls))
        .route("/payments", get(payments))
        .route("/payments/{id}", get(payment))
        .route("/payments/{id}/pay", post(pay))
        .route("/payments/{id}/expire", post(expire))
        .route("/payments/{id}/cancel", post(cancel))
        .route("/payments/{id}/refund", post(refund_payment))
        .route("/refunds", get(refunds))
        .route("/refunds/{id}", get(refund))
        .route("/refunds/{id}/settle", post(settle))
        .route("/receipts/{id}", put(set_receipt))
        .route("/notifications", get(list_notifications).put(set_notifications))
        .route("/notifications/release", post(release))
        .route("/notify", post(notify))
        .route("/reset", post(reset))
        .with_state(sandbox)
}

/// What is wrong with an order.
struct Refused {
    status: StatusCode,
    error: String,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.status, Json(json!({"error": self.error}))).into_response()
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unknown => Refused { status: StatusCode::NOT_FOUND, error: "no such object".to_owned() },
            Refusal::Status(status) => Refused { status: StatusCode::CONFLICT, error: format!("it is {status}") },
            Refusal::Amount => unreadable(&"value must be from 0.01 to what is left"),
        }
    }
}

impl From<serde_json::Error> for Refused {
    fn from(error: serde_json::Error) -> Self {
        unreadable(&error)
    }
}

fn unreadable(error: &dyn std::fmt::Display) -> Refused {
    Refused { status: StatusCode::UNPROCESSABLE_ENTITY, error: error.to_string() }
}

/// Reads a body; an empty one is an empty object.
fn read<T: for<'a> Deserialize<'a>>(body: &Bytes) -> Result<T, Refused> {
    Ok(serde_json::from_slice(if body.is_empty() { b"{}" } else { body })?)
}

/// An answer, or the refusal in its place.
type Answered = Result<Json<Value>, Refused>;

async fn show(State(sandbox): State<Sandbox>) -> Json<Value> {
    Json(sandbox.with(|state, _| {
        json!({
            "shop_id": state.shop.id,
            "settings": state.shop.settings,
            "faults": state.mishaps.faults(),
            "notifications": state.notifications.settings(),
            "payments": state.shop.payments().len(),
            "refunds": state.shop.refunds().len(),
            "notifications_waiting": state.notifications.waiting().len(),
            "has_webhook": sandbox.inner.deliver.get().is_some(),
        })
    }))
}

async fn set_settings(State(sandbox): State<Sandbox>, body: Bytes) -> Answered {
    let changes: Map<String, Value> = read(&body)?;
    sandbox.with(|state, _| {
        state.shop.settings = changed(&state.shop.settings, changes)?;
        Ok(Json(json!(state.shop.settings)))
    })
}

async fn faults(State(sandbox): State<Sandbox>) -> Json<Value> {
    Json(sandbox.with(|state, _| json!(state.mishaps.faults())))
}

async fn set_faults(State(sandbox): State<Sandbox>, body: Bytes) -> Answered {
    let set: Faults = read(&body)?;
    sandbox.with(|state, _| state.mishaps = Mishaps::new(set));
    Ok(faults(State(sandbox)).await)
}

async fn end_faults(State(sandbox): State<Sandbox>) -> Json<Value> {
    sandbox.with(|state, _| state.mishaps = Mishaps::default());
    faults(State(sandbox)).await
}

async fn calls(State(sandbox): State<Sandbox>) -> Json<Value> {
    Json(sandbox.with(|state, _| json!(state.calls)))
}

async fn reset_calls(State(sandbox): State<Sandbox>) -> Json<Value> {
    sandbox.with(|state, _| state.calls = Calls::default());
    calls(State(sandbox)).await
}

fn payment_item(shop: &Shop, notifications: &Notifications, payment: &Payment) -> Value {
    json!({
        "object": shop.object(payment),
        "request": payment.request,
        "confirmation_url": shop.page_of(payment),
        "notifications": notifications.about(&payment.id),
    })
}

fn refund_item(notifications: &Notifications, refund: &Refund) -> Value {
    json!({
        "object": refund.object(),
        "request": refund.request,
        "in_cabinet": refund.request.is_null(),
        "notifications": notifications.about(&refund.id),
    })
}

async fn payments(State(sandbox): State<Sandbox>) -> Json<Value> {
    Json(sandbox.with(|state, _| {
        let item = |payment: &Payment| payment_item(&state.shop, &state.notifications, payment);
        json!({"items": state.shop.payments().iter().map(item).collect::<Vec<_>>()})
    }))
}

async fn payment(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Answered {
    sandbox.with(|state, _| {
        let payment = state.shop.payment(&id).ok_or(Refusal::Unknown)?;
        Ok(Json(payment_item(&state.shop, &state.notifications, payment)))
    })
}

async fn refunds(State(sandbox): State<Sandbox>) -> Json<Value> {
    Json(sandbox.with(|state, _| {
        let item = |refund: &Refund| refund_item(&state.notifications, refund);
        json!({"items": state.shop.refunds().iter().map(item).collect::<Vec<_>>()})
    }))
}

async fn refund(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Answered {
    sandbox.with(|state, _| {
        let refund = state.shop.refund(&id).ok_or(Refusal::Unknown)?;
        Ok(Json(refund_item(&state.notifications, refund)))
    })
}

/// Changes an object and answers with what it is then.
fn change(sandbox: &Sandbox, id: &str, act: impl FnOnce(&mut Shop, i64) -> Result<(), Refusal>) -> Answered {
    sandbox.with(|state, now_ms| {
        act(&mut state.shop, now_ms)?;
        Ok(Json(json!(state.shop.any(id))))
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pay {
    #[serde(default = "paying_card")]
    card: String,
    #[serde(default = "confirms")]
    three_d_secure: bool,
}

fn paying_card() -> String {
    "5555555555554444".to_owned()
}

fn confirms() -> bool {
    true
}

async fn pay(State(sandbox): State<Sandbox>, Path(id): Path<String>, body: Bytes) -> Answered {
    let pay: Pay = read(&body)?;
    let card = cards::find(&pay.card).ok_or_else(|| unreadable(&"card must be one of the test cards"))?;
    change(&sandbox, &id, |shop, now_ms| {
        let used = UsedCard { card, expiry: page::far_expiry(now_ms) };
        shop.pay(now_ms, &id, used, pay.three_d_secure)
    })
}

async fn expire(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Answered {
    change(&sandbox, &id, |shop, _| shop.expire(&id))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cancel {
    party: String,
    reason: String,
}

async fn cancel(State(sandbox): State<Sandbox>, Path(id): Path<String>, body: Bytes) -> Answered {
    let cancel: Cancel = read(&body)?;
    change(&sandbox, &id, |shop, _| shop.end(&id, Cancellation::by(&cancel.party, &cancel.reason)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefundPayment {
    value: Option<String>,
    description: Option<String>,
}

async fn refund_payment(State(sandbox): State<Sandbox>, Path(id): Path<String>, body: Bytes) -> Answered {
    let asked: RefundPayment = read(&body)?;
    let sum = asked.value.map(|value| kopecks(&value).ok_or(Refusal::Amount)).transpose()?;
    sandbox.with(|state, now_ms| Ok(Json(state.shop.refund_in_cabinet(now_ms, &id, sum, asked.description)?)))
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Succeeded,
    Canceled,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settle {
    status: Outcome,
    party: Option<String>,
    reason: Option<String>,
}

async fn settle(State(sandbox): State<Sandbox>, Path(id): Path<String>, body: Bytes) -> Answered {
    let settle: Settle = read(&body)?;
    let party = settle.party.as_deref().unwrap_or("refund_network");
    let reason = settle.reason.as_deref().unwrap_or("general_decline");
    let outcome = match settle.status {
        Outcome::Succeeded => Ok(()),
        Outcome::Canceled => Err(Cancellation::by(party, reason)),
    };
    change(&sandbox, &id, |shop, _| shop.settle_refund(&id, outcome))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetReceipt {
    status: Registration,
}

async fn set_receipt(State(sandbox): State<Sandbox>, Path(id): Path<String>, body: Bytes) -> Answered {
    let set: SetReceipt = read(&body)?;
    change(&sandbox, &id, |shop, _| shop.set_receipt(&id, set.status))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetKey {
    secret_key: String,
}

/// The cabinet makes another key; the one before is good no longer.
async fn set_key(State(sandbox): State<Sandbox>, body: Bytes) -> Answered {
    let set: SetKey = read(&body)?;
    sandbox.with(|state, _| state.secret_key = set.secret_key);
    Ok(Json(json!({})))
}

async fn list_notifications(State(sandbox): State<Sandbox>) -> Json<Value> {
    Json(sandbox.with(|state, _| state.notifications.overview()))
}

async fn set_notifications(State(sandbox): State<Sandbox>, body: Bytes) -> Answered {
    let changes: Map<String, Value> = read(&body)?;
    let answer = sandbox.with(|state, _| {
        let settings: notifications::Settings = changed(state.notifications.settings(), changes)?;
        if !(settings.speed.is_finite() && settings.speed > 0.0) {
            return Err(unreadable(&"speed must be a number above 0"));
        }
        let answer = json!(settings);
        state.notifications.set(settings);
        Ok(Json(answer))
    });
    // What was held may go out now.
    sandbox.inner.changed.notify_waiters();
    answer
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Order {
    #[default]
    Made,
    Reversed,
    Shuffled,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Release {
    ids: Option<Vec<usize>>,
    #[serde(default)]
    order: Order,
    #[serde(default)]
    seed: u64,
}

async fn release(State(sandbox): State<Sandbox>, body: Bytes) -> Answered {
    let release: Release = read(&body)?;
    needs_webhook(&sandbox)?;
    let mut ids = release.ids.unwrap_or_else(|| sandbox.with(|state, _| state.notifications.waiting()));
    match release.order {
        Order::Made => {}
        Order::Reversed => ids.reverse(),
        Order::Shuffled => fastrand::Rng::with_seed(release.seed).shuffle(&mut ids),
    }
    let mut sent = Vec::new();
    for id in ids {
        if let Some(delivery) = sandbox.with(|state, _| state.notifications.begin(id)) {
            sent.push(json!({"id": id, "statuses": sandbox.deliver(delivery).await}));
        }
    }
    Ok(Json(json!({"sent": sent})))
}

fn needs_webhook(sandbox: &Sandbox) -> Result<(), Refused> {
    let error = "the product has no webhook for YooKassa".to_owned();
    let refused = Refused { status: StatusCode::SERVICE_UNAVAILABLE, error };
    sandbox.inner.deliver.get().map(|_| ()).ok_or(refused)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Notify {
    ids: Option<Vec<usize>>,
    object_id: Option<String>,
    event: Option<String>,
    body: Option<Value>,
    source_ip: Option<IpAddr>,
    token: Option<String>,
    #[serde(default = "one")]
    times: usize,
    #[serde(default)]
    at_once: bool,
}

fn one() -> usize {
    1
}

async fn notify(State(sandbox): State<Sandbox>, body: Bytes) -> Answered {
    let notify: Notify = read(&body)?;
    needs_webhook(&sandbox)?;
    let bodies = sandbox.with(|state, _| match &notify {
        Notify { ids: Some(ids), object_id: None, event: None, body: None, .. } => {
            ids.iter().map(|id| state.notifications.body(*id).cloned()).collect::<Option<Vec<_>>>()
        }
        Notify { object_id: Some(id), event: Some(event), ids: None, body: None, .. } => {
            state.shop.any(id).map(|object| vec![notifications::body(event, &object)])
        }
        Notify { body: Some(body), ids: None, object_id: None, event: None, .. } => Some(vec![body.clone()]),
        _ => Some(Vec::new()),
    });
    let bodies = bodies.ok_or(Refusal::Unknown)?;
    if bodies.is_empty() {
        return Err(unreadable(&"either ids, or object_id and event, or body is needed"));
    }
    let sender = notify.source_ip.unwrap_or(SENDERS[0]);
    let all = (0..notify.times).flat_map(|_| &bodies).map(|body| sandbox.send(body, sender, notify.token.as_deref()));
    let statuses = if notify.at_once {
        join_all(all).await
    } else {
        let mut statuses = Vec::new();
        for one in all {
            statuses.push(one.await);
        }
        statuses
    };
    Ok(Json(json!({"statuses": statuses})))
}

async fn reset(State(sandbox): State<Sandbox>) -> Json<Value> {
    sandbox.with(|state, _| {
        state.shop.reset();
        state.keys = Keys::default();
        state.mishaps = Mishaps::default();
        state.notifications = Notifications::default();
        state.calls = Calls::default();
    });
    show(State(sandbox)).await
}
