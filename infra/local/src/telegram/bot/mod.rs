//! The Bot API: chats that are kept in memory, Telegram's own rules and texts, and updates that reach the product's
//! webhook as Telegram delivers them.
//!
//! Messages are read as plain text or HTML; the other markup languages are not there.
pub mod chats;
pub mod control;
pub mod entities;
mod faults;
mod group;
pub mod keyboard;
pub mod limits;
mod methods;
mod trouble;
pub mod updates;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    body::Body,
    http::{Request, Response, StatusCode, header},
};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt as _, Limited};
use serde::Serialize;
use serde_json::{Map, Value, json};
use shared::clock::Clock;
use tokio::sync::Notify;

use crate::cargotech::hang_up;
use chats::Chats;
use faults::Faults;
use limits::Limits;
use updates::{Delivery, Outcome, Updates};

/// The dispatchers' group, unless the environment names another.
pub const DISPATCH_CHAT: i64 = -1_001_000_000_001;
/// A person has this long to be answered after a press; then the query is unknown.
const QUERY_S: i64 = 900;
/// How often the queues are looked at while something in them waits for its time. The clock may be moved meanwhile.
const POLL: Duration = Duration::from_millis(25);
/// Telegram waits so long for a webhook.
const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(60);
/// The largest request or webhook answer that is read.
const MAX_BODY: usize = 1024 * 1024;
/// The header that proves to the webhook that Telegram calls.
const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";

/// How the webhook is reached.
pub type Deliver = Arc<dyn Fn(Request<Body>) -> BoxFuture<'static, Response<Body>> + Send + Sync>;

/// The Bot API of one bot.
#[derive(Clone)]
pub struct Bot {
    inner: Arc<Inner>,
}

struct Inner {
    state: Mutex<State>,
    /// Something can be delivered.
    queued: Notify,
    /// A press was answered.
    answered: Notify,
    clock: Clock,
    token: String,
    group: i64,
}

struct State {
    chats: Chats,
    updates: Updates,
    limits: Limits,
    faults: Faults,
    queries: BTreeMap<String, Query>,
    calls: BTreeMap<String, Calls>,
    /// By scope and language.
    commands: BTreeMap<String, Value>,
    /// By chat; that of all others under 0.
    menu: BTreeMap<i64, Value>,
}

/// A press that waits for its answer.
#[derive(Debug, Default)]
struct Query {
    created_s: i64,
    answer: Option<Value>,
}

/// How often a method was called.
#[derive(Debug, Clone, Default, Serialize)]
struct Calls {
    calls: u64,
    ok: u64,
    errors: BTreeMap<String, u64>,
}

/// Why a call failed.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiError {
    /// The HTTP status as well.
    pub code: u16,
    /// As Telegram writes it.
    pub description: String,
    /// Seconds to wait.
    pub retry_after: Option<i64>,
    /// What the group has become.
    pub migrate_to_chat_id: Option<i64>,
}

impl ApiError {
    fn new(code: u16, description: &str) -> Self {
        Self { code, description: description.to_owned(), retry_after: None, migrate_to_chat_id: None }
    }

    /// 400
    pub fn bad_request(text: &str) -> Self {
        Self::new(400, &format!("Bad Request: {text}"))
    }

    /// 429
    pub fn too_many(retry_after: i64) -> Self {
        let description = format!("Too Many Requests: retry after {retry_after}");
        Self { retry_after: Some(retry_after), ..Self::new(429, &description) }
    }

    /// The group is a supergroup now.
    fn upgraded(to: i64) -> Self {
        let description = "Bad Request: group chat was upgraded to a supergroup chat";
        Self { migrate_to_chat_id: Some(to), ..Self::new(400, description) }
    }
}

impl fmt::Debug for Bot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bot")
    }
}

impl Bot {
    /// A bot with this token, the demo people and the dispatchers' group.
    pub fn new(token: String, group: i64, clock: Clock) -> Self {
        let now_s = clock.now_s();
        let state = State {
            chats: Chats::new(group, now_s),
            updates: Updates::new(now_s),
            limits: Limits::default(),
            faults: Faults::default(),
            queries: BTreeMap::new(),
            calls: BTreeMap::new(),
            commands: BTreeMap::new(),
            menu: BTreeMap::new(),
        };
        let (queued, answered) = (Notify::new(), Notify::new());
        Self { inner: Arc::new(Inner { state: Mutex::new(state), queued, answered, clock, token, group }) }
    }

    /// Answers a request to `/bot<token>/<method>`.
    pub async fn handle(&self, request: Request<Body>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().strip_prefix("/bot").and_then(|rest| rest.split_once('/'));
        let Some((token, method)) = path.filter(|(token, method)| !token.is_empty() && !method.is_empty()) else {
            return answer(Err(ApiError::new(404, "Not Found")));
        };
        let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
            return answer(Err(ApiError::new(413, "Request Entity Too Large")));
        };
        let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let parameters = parameters(parts.uri.query(), kind, &body.to_bytes());
        let fate = self.state().faults.fate(method);
        tokio::time::sleep(fate.latency).await;
        if fate.down {
            return Response::new(hang_up());
        }
        let result = match fate.error {
            Some(error) => Err(error),
            None if token.replace("%3A", ":") != self.inner.token => Err(ApiError::new(401, "Unauthorized")),
            None if fate.hollow => Ok(serde_json::json!({})),
            None => parameters.and_then(|parameters| self.call(method, &parameters)),
        };
        self.count(method, &result);
        if fate.drop {
            return Response::new(hang_up());
        }
        answer(result)
    }

    fn count(&self, method: &str, result: &Result<Value, ApiError>) {
        let mut state = self.state();
        let calls = state.calls.entry(method.to_owned()).or_default();
        calls.calls += 1;
        match result {
            Ok(_) => calls.ok += 1,
            Err(error) => *calls.errors.entry(error.code.to_string()).or_default() += 1,
        }
    }

    /// Delivers updates for as long as it is polled.
    pub async fn run(self, deliver: Deliver) {
        loop {
            let queued = self.inner.queued.notified();
            let due = self.state().updates.due(self.inner.clock.now_ms());
            for delivery in due {
                let (bot, deliver) = (self.clone(), deliver.clone());
                #[allow(clippy::disallowed_methods, reason = "chats do not wait for each other at Telegram")]
                tokio::spawn(async move { bot.deliver(delivery, deliver).await });
            }
            if self.state().updates.pending() == 0 {
                queued.await;
            } else {
                tokio::select! {
                    () = queued => {}
                    () = tokio::time::sleep(POLL) => {}
                }
            }
        }
    }

    async fn deliver(&self, delivery: Delivery, deliver: Deliver) {
        let lost = self.state().faults.lose_webhook();
        let mut result = match lost {
            Some(false) => Err(("Connection refused".to_owned(), None)),
            _ => self.call_webhook(&delivery, deliver).await,
        };
        if lost == Some(true) {
            result = Err(("Read timeout expired".to_owned(), None));
        }
        self.state().updates.finish(self.inner.clock.now_ms(), &delivery, result);
        self.inner.queued.notify_waiters();
    }

    /// One call of the webhook. What it answers with may be a call of a method, whose result nobody learns.
    async fn call_webhook(&self, delivery: &Delivery, deliver: Deliver) -> Outcome {
        let broken = |text: &str| (text.to_owned(), None);
        let path = delivery.url.split_once("://").map_or("/", |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
        let body = delivery.update.to_string();
        let mut request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::CONTENT_LENGTH, body.len());
        if let Some(secret) = &delivery.secret_token {
            request = request.header(SECRET_HEADER, secret);
        }
        let request = request.body(Body::from(body)).map_err(|_| broken("Wrong HTTP URL"))?;
        let response = tokio::time::timeout(WEBHOOK_TIMEOUT, deliver(request)).await;
        let (parts, body) = response.map_err(|_| broken("Read timeout expired"))?.into_parts();
        if !parts.status.is_success() {
            let retry_after = parts.headers.get(header::RETRY_AFTER).and_then(|wait| wait.to_str().ok()?.parse().ok());
            return Err((format!("Wrong response from the webhook: {}", parts.status), retry_after));
        }
        if let Ok(body) = Limited::new(body, MAX_BODY).collect().await {
            self.act_on_answer(&body.to_bytes());
        }
        Ok(parts.status.as_u16())
    }

    fn act_on_answer(&self, body: &[u8]) {
        let Ok(Value::Object(call)) = serde_json::from_slice(body) else {
            return;
        };
        let Some(method) = call.get("method").and_then(Value::as_str) else {
            return;
        };
        let name = method.to_lowercase();
        if name.starts_with("get") || ["setwebhook", "deletewebhook", "close", "logout"].contains(&name.as_str()) {
            return;
        }
        let result = self.call(method, &Parameters(call.clone()));
        self.count(method, &result);
        if let Err(error) = result {
            tracing::warn!(method, error.description, "the call in a webhook's answer failed");
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The bot as a `User`.
    fn user(&self) -> Value {
        let id = self.inner.token.split(':').next().and_then(|id| id.parse::<i64>().ok()).unwrap_or(1);
        json!({"id": id, "is_bot": true, "first_name": "CargoTech Driver", "username": "cargotech_local_bot"})
    }

    fn update(&self, state: &mut State, kind: &str, content: Value) -> Option<i64> {
        let id = state.updates.add(self.inner.clock.now_ms(), kind, content);
        self.inner.queued.notify_waiters();
        id
    }
}

fn answer(result: Result<Value, ApiError>) -> Response<Body> {
    let (status, body) = match result {
        Ok(result) => (200, json!({"ok": true, "result": result})),
        Err(error) => {
            let mut body = json!({"ok": false, "error_code": error.code, "description": error.description});
            if let Some(retry_after) = error.retry_after {
                body["parameters"] = json!({"retry_after": retry_after});
            }
            if let Some(chat_id) = error.migrate_to_chat_id {
                body["parameters"] = json!({"migrate_to_chat_id": chat_id});
            }
            (error.code, body)
        }
    };
    let mut response = Response::new(Body::from(Bytes::from(body.to_string())));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    response
}

/// The parameters of a call, however they were sent.
#[derive(Debug, Default)]
pub struct Parameters(Map<String, Value>);

impl Parameters {
    /// A value that may also come as JSON in a text.
    fn object(&self, name: &str) -> Value {
        match self.0.get(name) {
            Some(Value::String(text)) if text.is_empty() => Value::Null,
            Some(Value::String(text)) => serde_json::from_str(text).unwrap_or(Value::String(text.clone())),
            Some(value) => value.clone(),
            None => Value::Null,
        }
    }

    fn text(&self, name: &str) -> String {
        match self.0.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => String::new(),
            Some(other) => other.to_string(),
        }
    }

    fn integer(&self, name: &str) -> Option<i64> {
        match self.0.get(name)? {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_i64(),
        }
    }

    fn flag(&self, name: &str) -> bool {
        ["true", "1"].contains(&self.text(name).to_lowercase().as_str())
    }
}

fn parameters(query: Option<&str>, kind: &str, body: &[u8]) -> Result<Parameters, ApiError> {
    let mut parameters = Map::new();
    let mut add = |form: &[u8]| {
        for (name, value) in form_urlencoded::parse(form) {
            parameters.insert(name.into_owned(), Value::String(value.into_owned()));
        }
    };
    add(query.unwrap_or_default().as_bytes());
    if kind.starts_with("application/x-www-form-urlencoded") {
        add(body);
    } else if kind.starts_with("application/json") && !body.is_empty() {
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => parameters.extend(fields),
            _ => return Err(ApiError::bad_request("can't parse request parameters JSON object")),
        }
    }
    Ok(Parameters(parameters))
}

#[cfg(test)]
mod tests;
