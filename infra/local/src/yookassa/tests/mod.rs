//! The sandbox asked over HTTP.

mod access;
mod faults;
mod keys;
mod lists;
mod notifications;
mod page;
mod payments;
mod receipts;
mod refunds;

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, Response, StatusCode};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use shared::clock::Clock;
use tokio::task::JoinHandle;
use tower::ServiceExt;

use super::{Deliver, Options, Sandbox, control, router};

/// Saturday, 21 November 2026, 09:15 UTC.
const NOW_MS: i64 = 1_795_252_500_000;
const SHOP: &str = "1000001";
const SECRET: &str = "test_secret";
const TOKEN: &str = "token of /the webhook";
const BACK: &str = "https://example.org/app/?payment=1";

struct Api {
    app: Router,
    sandbox: Sandbox,
    clock: Arc<AtomicI64>,
    authorization: String,
    keys: AtomicU64,
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Api {
    fn start() -> Api {
        let clock = Arc::new(AtomicI64::new(NOW_MS));
        let time = clock.clone();
        let sandbox = Sandbox::new(Options {
            shop_id: SHOP.to_owned(),
            secret_key: SECRET.to_owned(),
            webhook_token: TOKEN.to_owned(),
            base_url: "http://127.0.0.1:1/_yookassa".to_owned(),
            clock: Clock::new(move || time.load(Ordering::Relaxed)),
        });
        let app = router(sandbox.clone()).nest("/control", control::router(sandbox.clone()));
        let authorization = format!("Basic {}", STANDARD.encode(format!("{SHOP}:{SECRET}")));
        Api { app, sandbox, clock, authorization, keys: AtomicU64::new(0) }
    }

    fn advance(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1_000, Ordering::Relaxed);
    }

    async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: String) -> Answer {
        let request = Request::builder().method(method).uri(path);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let response = self.app.clone().oneshot(request.body(Body::from(body)).expect("a request")).await;
        let (parts, body) = response.expect("never fails").into_parts();
        match to_bytes(body, usize::MAX).await {
            Ok(body) => Answer { status: parts.status.as_u16(), headers: parts.headers, body: body.to_vec() },
            // A closed connection shows as a status that is none.
            Err(_) => Answer { status: 0, headers: HeaderMap::new(), body: Vec::new() },
        }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send("GET", &format!("/v3{path}"), &[("authorization", &self.authorization)], String::new()).await
    }

    async fn post_with(&self, key: &str, path: &str, body: &Value) -> Answer {
        let headers =
            [("authorization", &*self.authorization), ("content-type", "application/json"), ("idempotence-key", key)];
        self.send("POST", &format!("/v3{path}"), &headers, body.to_string()).await
    }

    /// With a new key.
    async fn post(&self, path: &str, body: &Value) -> Answer {
        let key = format!("key-{}", self.keys.fetch_add(1, Ordering::Relaxed));
        self.post_with(&key, path, body).await
    }

    /// A payment of 1299 ₽ that pays at once.
    async fn create(&self) -> Value {
        let answer = self.post("/payments", &order()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    async fn paid(&self) -> Value {
        let id = id(&self.create().await);
        self.control("POST", &format!("/payments/{id}/pay"), Value::Null).await
    }

    async fn payment(&self, id: &str) -> Value {
        self.get(&format!("/payments/{id}")).await.json()
    }

    async fn order(&self, method: &str, path: &str, body: Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send(method, &format!("/control{path}"), &[], body).await
    }

    /// What the control routes answer to something that is right.
    async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let answer = self.order(method, path, body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }
}

fn id(object: &Value) -> String {
    object["id"].as_str().expect("an id").to_owned()
}

fn order() -> Value {
    json!({
        "amount": {"value": "1299.00", "currency": "RUB"},
        "capture": true,
        "confirmation": {"type": "redirect", "return_url": BACK},
        "description": "Подписка на 3 месяца",
        "metadata": {"payment_id": "p1"},
    })
}

/// `order()` with another value at a pointer; null takes it out.
fn order_with(pointer: &str, value: Value) -> Value {
    let mut order = order();
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    order.pointer_mut(parent).expect("there")[name] = value;
    order
}

/// What a webhook got: `(from, path, body)`.
type Seen = Arc<Mutex<Vec<(String, String, Value)>>>;

/// A webhook that answers as `answer` says of each body.
fn webhook(api: &Api, answer: impl Fn(&Value) -> u16 + Send + Sync + 'static) -> (JoinHandle<()>, Seen) {
    let seen = Seen::default();
    let (kept, answer) = (seen.clone(), Arc::new(answer));
    let deliver: Deliver = Arc::new(move |request, peer| {
        let (kept, answer) = (kept.clone(), answer.clone());
        Box::pin(async move {
            let path = request.uri().path().to_owned();
            let body = to_bytes(request.into_body(), usize::MAX).await.expect("a body");
            let body: Value = serde_json::from_slice(&body).expect("JSON");
            let status = answer(&body);
            kept.lock().expect("no panic").push((peer.to_string(), path, body));
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::from_u16(status).expect("a status");
            response
        })
    });
    #[allow(clippy::disallowed_methods, reason = "the sandbox beside the test")]
    let running = tokio::spawn(api.sandbox.clone().run(deliver));
    (running, seen)
}

fn events(seen: &Seen) -> Vec<String> {
    let seen = seen.lock().expect("no panic");
    seen.iter().map(|(_, _, body)| body["event"].as_str().unwrap_or_default().to_owned()).collect()
}

async fn until(what: impl Fn() -> bool) {
    for _ in 0..400 {
        if what() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not happen");
}

/// Long enough for what must not happen.
async fn a_moment() {
    tokio::time::sleep(Duration::from_millis(120)).await;
}
