//! The sandbox asked over HTTP.

mod access;
mod cargos;
mod changes;
mod faults;
mod lists;
mod places;
mod wire;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tower::ServiceExt;

use super::catalog::{Cargo, Catalog, clock_in, road_km};
use super::cities::{CITIES, City};
use super::vocabulary::{CARGO_KINDS, TRUCK_TYPES};
use super::{Options, Sandbox, control, router};

/// Saturday, 21 November 2026, 09:15 UTC.
const NOW_MS: i64 = 1_795_252_500_000;
const NOW_MINUTE: i64 = NOW_MS / 60_000;
const PASSWORD: &str = "hunter2-secret";

struct Api {
    app: Router,
    clock: Arc<AtomicI64>,
    token: String,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }

    fn header(&self, name: &str) -> i64 {
        self.headers[name].to_str().expect("text").parse().expect("number")
    }
}

impl Api {
    /// A sandbox of seed 1 in which nobody is logged in.
    fn start() -> Api {
        let clock = Arc::new(AtomicI64::new(NOW_MS));
        let time = Arc::clone(&clock);
        let sandbox = Sandbox::new(Options {
            seed: 1,
            phone: "+7 999 000-00-00".to_owned(),
            password: PASSWORD.to_owned(),
            clock: Arc::new(move || time.load(Ordering::Relaxed)),
        });
        let app = Router::new().nest("/api", router(sandbox.clone())).nest("/control", control(sandbox));
        Api { app, clock, token: String::new() }
    }

    async fn logged_in() -> Api {
        let mut api = Api::start();
        api.token = api.log_in().await;
        api
    }

    async fn log_in(&self) -> String {
        let body = json!({"phone": "89990000000", "password": PASSWORD, "remember": true});
        let answer = self.send("POST", "/api/v1/auth/login", Some(body)).await;
        assert_eq!(answer.status, StatusCode::OK);
        answer.json()["data"]["token"].as_str().expect("a token").to_owned()
    }

    async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !self.token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let request = request.body(body).expect("a request");
        let response = self.app.clone().oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        // A closed connection has no body: here it shows as an empty one.
        let body = to_bytes(body, usize::MAX).await.unwrap_or_default().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send("GET", &format!("/api{path}"), None).await
    }

    async fn list(&self, query: &str) -> Value {
        let answer = self.get(&format!("/v2/cargos/views?{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}: {}", String::from_utf8_lossy(&answer.body));
        answer.json()
    }

    async fn size(&self, query: &str) -> u64 {
        self.list(&format!("limit=1&{query}")).await["meta"]["size"].as_u64().expect("size")
    }

    /// All pages of a list.
    async fn all(&self, query: &str) -> Vec<Value> {
        self.set(json!({"rate_limit_per_min": 10_000})).await;
        let mut all = Vec::new();
        loop {
            let page = self.list(&format!("{query}&include=contacts&limit=100&offset={}", all.len())).await;
            let items = page["data"].as_array().expect("a list").clone();
            if items.is_empty() {
                assert_eq!(page["meta"]["size"], all.len());
                return all;
            }
            all.extend(items);
        }
    }

    async fn detail(&self, id: u64) -> Value {
        let answer = self.get(&format!("/v1/carrier/cargos/{id}?source=1&include=contacts")).await;
        assert_eq!(answer.status, StatusCode::OK);
        answer.json()["data"].take()
    }

    async fn set(&self, settings: Value) -> Value {
        let answer = self.send("PUT", "/control", Some(settings)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", String::from_utf8_lossy(&answer.body));
        answer.json()
    }

    async fn shown(&self) -> Value {
        self.send("GET", "/control", None).await.json()
    }

    fn advance(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1_000, Ordering::Relaxed);
    }
}

fn id_of(cargo: &Value) -> u64 {
    let id = &cargo["id"];
    id.as_u64().or_else(|| id.as_str()?.parse().ok()).expect("an id")
}

fn kopecks(cargo: &Value) -> u64 {
    cargo["price_carrier"].as_u64().or(cargo["price"].as_u64()).unwrap_or(0)
}

fn city(name: &str) -> &'static City {
    CITIES.iter().find(|city| city.name == name).expect("a known city")
}

fn city_at<'a>(cargo: &'a Value, end: &str) -> &'a str {
    cargo["points"][end]["city"]["name"].as_str().expect("a city")
}

fn point(end: &str, city: &City) -> String {
    format!("filter[{end}_point_id]={}&filter[{end}_point_type]=2", city.id)
}
