//! The harness of the black-box tests: a whole product on a free port, and drivers who are signed in to it.
//!
//! Tests read as sentences; what they say of the product they see through its own addresses.
// A harness fails by panicking, and has servers of its own.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::missing_panics_doc, clippy::disallowed_methods)]

pub mod admin;
mod chats;
pub mod emulator;
pub mod model;
pub mod money;
mod responses;
mod rows;

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

pub use local::Options;
use local::{Product, Running, aws::roles::RefusedCalls};
use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::{Value, json};

pub use responses::Responded;

/// A product that runs for one test.
pub struct World {
    running: Running,
    http: reqwest::Client,
    address: String,
    _rights: Rights,
}

/// Fails the test at its end when a function did what template.yaml gives it no right to. Some get along without the
/// answer, and nothing else would show it.
struct Rights(RefusedCalls);

impl Drop for Rights {
    fn drop(&mut self) {
        let refused = self.0.take();
        if refused.is_empty() {
            return;
        }
        eprintln!("template.yaml does not give a right: {refused:#?}");
        assert!(std::thread::panicking(), "a function did what its role does not allow");
    }
}

/// A driver who is signed in.
#[derive(Clone, Debug)]
pub struct Driver {
    /// Telegram's id.
    pub id: i64,
    /// The session token.
    pub token: String,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: String,
}

impl Answer {
    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// A header as text, empty when it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Status and problem code, for one comparison: `(401, "session_missing")`.
    pub fn problem(&self) -> (u16, String) {
        (self.status.as_u16(), self.json()["code"].as_str().unwrap_or_default().to_owned())
    }

    /// Fails unless the answer is 200.
    pub fn ok(self) -> Self {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        self
    }
}

/// The dispatchers' chat.
pub const DISPATCH_CHAT: i64 = local::telegram::bot::DISPATCH_CHAT;
/// The dispatchers who are in it.
pub const DISPATCHERS: [i64; 2] =
    [local::telegram::drivers::DISPATCHERS[0].id, local::telegram::drivers::DISPATCHERS[1].id];
/// What Telegram proves itself with locally.
pub const WEBHOOK_SECRET: &str = "local-demo-webhook-secret";

/// When the product of every test begins: Tuesday, 15 May 2035, 12:15:10 in Moscow. The sandbox's cargos follow from the
/// minute, so a test meets the same ones in every run; short tests end before the next minute.
pub const BEGINS_MS: i64 = 2_062_833_310_000;

/// How long a test waits for what must come: much longer than it ever takes, because machines are busy.
const PATIENCE: Duration = Duration::from_secs(90);

/// Telegram ids of drivers that tests make up.
static NEXT_DRIVER: AtomicU64 = AtomicU64::new(5_000_000_000);

/// An id that no other driver of this run has; beyond 32 bits, as Telegram's are.
pub fn new_driver_id() -> i64 {
    i64::try_from(NEXT_DRIVER.fetch_add(1, Ordering::Relaxed)).unwrap()
}

impl World {
    /// A product with default settings.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// A product with these variables set. The market is off unless they say otherwise, because its sweeps would be among
    /// the calls that tests count.
    pub async fn with(variables: &[(&str, &str)]) -> Self {
        let off = [("MARKET_CALLS_PER_MIN", "0")];
        let environment = off
            .iter()
            .chain(variables)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect::<BTreeMap<_, _>>();
        Self::of(Options { environment: Some(environment), ..Options::default() }).await
    }

    /// A product with these options.
    pub async fn of(options: Options) -> Self {
        let options = Options { starts_at_ms: Some(BEGINS_MS), ..options };
        let running = Product::start(options).await.expect("the product starts");
        let address = running.url();
        let rights = Rights(running.refused_calls());
        Self { running, http: reqwest::Client::builder().no_proxy().build().unwrap(), address, _rights: rights }
    }

    /// Where it listens, without a slash at its end.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The running product.
    pub fn running(&self) -> &Running {
        &self.running
    }

    /// Stops it, as Ctrl-C does.
    pub async fn stop(self) {
        self.running.stop().await;
    }

    /// Its time, in Unix milliseconds.
    pub fn now_ms(&self) -> i64 {
        self.running.clock().clock().now_ms()
    }

    /// Moves its clock ahead.
    pub fn pass(&self, seconds: i64) {
        self.running.clock().advance_s(seconds);
    }

    /// Any request.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> Answer {
        self.try_send(method, path, headers, body).await.expect("an answer")
    }

    /// Any request, which may get no answer.
    ///
    /// # Errors
    /// The connection broke.
    pub async fn try_send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> Result<Answer, reqwest::Error> {
        let mut request = self.http.request(method, format!("{}{path}", self.address)).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        // Byte for byte: `text()` would drop the mark in front of a file.
        let body = String::from_utf8_lossy(&response.bytes().await?).into_owned();
        Ok(Answer { status, headers, body })
    }

    /// A request of a driver's.
    pub async fn call(&self, driver: &Driver, method: Method, path: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {}", driver.token);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send(method, path, &[("authorization", &bearer), ("content-type", "application/json")], body).await
    }

    /// A driver's GET.
    pub async fn get(&self, driver: &Driver, path: &str) -> Answer {
        self.call(driver, Method::GET, path, &Value::Null).await
    }

    /// Tells a sandbox or the store's fault layer something: `PUT /_sandbox{path}`.
    pub async fn sandbox(&self, path: &str, body: Value) -> Value {
        let answer = self.send(Method::PUT, &format!("/_sandbox{path}"), &[], body.to_string()).await;
        assert!(answer.status.is_success(), "{} {}", answer.status, answer.body);
        answer.json()
    }

    /// `POST /_sandbox{path}`.
    pub async fn sandbox_post(&self, path: &str, body: Value) -> Value {
        let answer = self.send(Method::POST, &format!("/_sandbox{path}"), &[], body.to_string()).await;
        assert!(answer.status.is_success(), "{} {}", answer.status, answer.body);
        answer.json()
    }

    /// `GET /_sandbox{path}`.
    pub async fn look(&self, path: &str) -> Value {
        self.send(Method::GET, &format!("/_sandbox{path}"), &[], "").await.json()
    }

    /// How often the sandbox of CargoTech was asked for `endpoint`: `login`, `me`, `list`, `detail`, `points`, …
    pub async fn upstream_calls(&self, endpoint: &str) -> u64 {
        self.look("/cargotech").await["counters"]["requests"][endpoint].as_u64().unwrap_or(0)
    }

    /// Store calls since the last time this was asked, as `{"UpdateItem app": 1}`.
    pub async fn store_calls(&self) -> BTreeMap<String, u64> {
        let counts = self.look("/store/counts").await;
        self.send(Method::DELETE, "/_sandbox/store/counts", &[], "").await;
        let call = |call: &Value| {
            let tables = call["tables"].as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>();
            (
                format!("{} {}", call["operation"].as_str().unwrap_or_default(), tables.join("+")),
                call["count"].as_u64().unwrap_or(0),
            )
        };
        counts["calls"].as_array().into_iter().flatten().map(call).collect()
    }

    /// Init data as Telegram would sign it; `launch` as `POST /_sandbox/telegram/init-data` takes it.
    pub async fn init_data(&self, launch: Value) -> String {
        self.sandbox_post("/telegram/init-data", launch).await["init_data"].as_str().expect("init data").to_owned()
    }

    /// A sign-in.
    pub async fn sign_in(&self, init_data: &str, attempt: Option<&str>) -> Answer {
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(attempt.map(|key| ("idempotency-key", key)));
        self.send(Method::POST, "/api/auth/telegram", &headers, json!({ "init_data": init_data }).to_string()).await
    }

    /// A new driver, signed in.
    pub async fn driver(&self) -> Driver {
        self.driver_called(new_driver_id()).await
    }

    /// So many new drivers, signed in one after another.
    pub async fn drivers(&self, count: usize) -> Vec<Driver> {
        let mut drivers = Vec::new();
        for _ in 0..count {
            drivers.push(self.driver().await);
        }
        drivers
    }

    /// The driver with this id, signed in anew.
    pub async fn driver_called(&self, id: i64) -> Driver {
        let init_data = self.init_data(json!({ "driver_id": id })).await;
        let answer = self.sign_in(&init_data, None).await.ok();
        Driver { id, token: answer.json()["session_token"].as_str().expect("a token").to_owned() }
    }

    /// A new driver, signed in, whose phone the bot has confirmed.
    pub async fn driver_with_phone(&self) -> Driver {
        let driver = self.driver().await;
        self.sandbox_post(&format!("/telegram/chats/{}/contact", driver.id), json!({})).await;
        self.until("the phone is confirmed", async || {
            let me = self.get(&driver, "/api/me").await.json();
            (me["phone_confirmed"] == true).then_some(())
        })
        .await;
        driver
    }

    /// So many cargos with a price, as the list shows them.
    pub async fn cargos(&self, driver: &Driver, count: usize) -> Vec<Value> {
        let list = self.get(driver, "/api/cargos?limit=100").await.ok().json();
        let priced = list["items"].as_array().expect("a list").iter().filter(|card| !card["price_rub"].is_null());
        let cargos: Vec<_> = priced.take(count).cloned().collect();
        assert_eq!(cargos.len(), count);
        cargos
    }

    /// The id of a cargo that has a price.
    pub async fn cargo(&self, driver: &Driver) -> String {
        text(&self.cargos(driver, 1).await[0]["id"])
    }

    /// The id of a new cargo that stays, where those of the list go with the hours.
    pub async fn lasting_cargo(&self) -> String {
        self.sandbox_post("/cargotech/cargos", json!({ "price_rub": 90_000 })).await["id"].to_string()
    }

    /// Runs a job.
    pub async fn job(&self, name: &str) {
        self.sandbox_post("/schedules/jobs", json!({ "job": name })).await;
    }

    /// Waits until `look` finds something.
    pub async fn until<T>(&self, what: &str, look: impl AsyncFn() -> Option<T>) -> T {
        let started = Instant::now();
        loop {
            if let Some(found) = look().await {
                return found;
            }
            assert!(started.elapsed() < PATIENCE, "it never came to this: {what}");
            tokio::time::sleep(Duration::from_millis(120)).await;
        }
    }

    /// Waits until nothing is on its way any more: no hint, no update. Time passes meanwhile when all that is left waits
    /// for its time, such as messages beyond a chat's rate.
    pub async fn settle(&self) {
        let started = Instant::now();
        let mut same = 0;
        let mut before = Value::Null;
        loop {
            // Updates first: one that is dealt with between the two looks has left its hint in the queue by the second.
            let updates = self.look("/telegram/webhook").await["pending"].as_u64().unwrap_or(0);
            let queues = self.look("/queues").await;
            let queue = queues["queues"]
                .as_array()
                .and_then(|queues| queues.iter().find(|queue| queue["name"] == "NotifyQueue"));
            let queue = queue.expect("the queue of hints").clone();
            let count = |name: &str| queue[name].as_u64().unwrap_or(0);
            if count("waiting") + count("in_flight") + count("delayed") + updates == 0 {
                return;
            }
            assert!(started.elapsed() < PATIENCE, "it never comes to rest: {queue} and {updates} updates");
            let now = json!([queue["counters"], updates]);
            same = if now == before { same + 1 } else { 0 };
            before = now;
            // Time must not run while something is being sent: its claim would end.
            if (count("waiting") + count("in_flight") + updates == 0 && count("delayed") > 0) || same > 60 {
                self.pass(1);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// A text in an answer.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
