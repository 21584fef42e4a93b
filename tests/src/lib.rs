//! The harness of the black-box tests: a whole product on a free port, and drivers who are signed in to it.
//!
//! Tests read as sentences; what they say of the product they see through its own addresses.
// A harness fails by panicking, and has servers of its own.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::missing_panics_doc, clippy::disallowed_methods)]

pub mod admin;
pub mod emulator;
pub mod money;

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use local::{Options, Product, Running, aws::roles::RefusedCalls};
use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::{Value, json};

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

    /// A product with these variables set.
    pub async fn with(variables: &[(&str, &str)]) -> Self {
        let environment =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<BTreeMap<_, _>>();
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

    /// A response to a cargo.
    pub async fn respond(&self, driver: &Driver, cargo: &str, body: Value) -> Answer {
        self.call(driver, Method::POST, &format!("/api/cargos/{cargo}/responses"), &body).await
    }

    /// Takes a response back.
    pub async fn withdraw(&self, driver: &Driver, cargo: &str) -> Answer {
        self.call(driver, Method::DELETE, &format!("/api/cargos/{cargo}/responses"), &Value::Null).await
    }

    /// A new driver's response to a cargo, and its card in the dispatchers' chat.
    pub async fn responded(&self) -> Responded {
        let driver = self.driver_with_phone().await;
        let cargo = self.cargo(&driver).await;
        self.responded_to(driver, cargo).await
    }

    /// A new driver's response to a cargo that stays.
    pub async fn responded_to_lasting(&self) -> Responded {
        let (driver, cargo) = (self.driver_with_phone().await, self.lasting_cargo().await);
        self.responded_to(driver, cargo).await
    }

    /// The driver's response to the cargo, and its card.
    pub async fn responded_to(&self, driver: Driver, cargo: String) -> Responded {
        let answer = self.respond(&driver, &cargo, json!({})).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        let id = text(&answer.json()["response"]["id"]);
        let card = self.card_of(&id).await;
        self.until_status(&driver, &cargo, "sent").await;
        Responded { driver, cargo, id, card }
    }

    /// The card of an open response, as soon as it is in the dispatchers' chat: the id of its message.
    pub async fn card_of(&self, response: &str) -> i64 {
        self.until("the card is in the dispatchers' chat", async || {
            let messages = self.messages(DISPATCH_CHAT).await;
            let card = messages.iter().find(|message| message["reply_markup"].to_string().contains(response))?;
            card["message_id"].as_i64()
        })
        .await
    }

    /// The messages of a chat that the bot wrote, the oldest first.
    pub async fn messages(&self, chat: i64) -> Vec<Value> {
        let chat = self.look(&format!("/telegram/chats/{chat}")).await;
        let messages = chat["messages"].as_array().cloned().unwrap_or_default();
        messages.into_iter().filter(|message| message["from"]["is_bot"] == true).collect()
    }

    /// The texts of these messages.
    pub async fn texts(&self, chat: i64) -> Vec<String> {
        self.messages(chat).await.iter().map(|message| text(&message["text"])).collect()
    }

    /// Those of them in which one of these words stands.
    pub async fn texts_with(&self, chat: i64, words: &[&str]) -> Vec<String> {
        let mut texts = self.texts(chat).await;
        texts.retain(|text| words.iter().any(|word| text.contains(word)));
        texts
    }

    /// A message of the bot's.
    pub async fn message(&self, chat: i64, id: i64) -> Value {
        let messages = self.messages(chat).await;
        messages.into_iter().find(|message| message["message_id"] == id).expect("the message is there")
    }

    /// A press of what stands in `data`; what the person then sees.
    pub async fn press(&self, dispatcher: i64, card: i64, data: &str) -> Value {
        self.press_in(DISPATCH_CHAT, dispatcher, card, data).await
    }

    /// The same in any chat.
    pub async fn press_in(&self, chat: i64, from: i64, message: i64, data: &str) -> Value {
        let press = json!({ "chat_id": chat, "message_id": message, "from": from, "data": data });
        self.sandbox_post("/telegram/press", press).await["answer"].clone()
    }

    /// Somebody writes into a chat. The number of Telegram's update, if the bot learns of it.
    pub async fn write(&self, chat: i64, from: i64, words: &str, reply_to: Option<i64>) -> Option<i64> {
        let message = json!({ "from": from, "text": words, "reply_to_message_id": reply_to });
        self.sandbox_post(&format!("/telegram/chats/{chat}/messages"), message).await["update_id"].as_i64()
    }

    /// Calls the bot's webhook as Telegram does.
    pub async fn webhook(&self, update: &Value) -> Answer {
        self.webhook_with(WEBHOOK_SECRET, update.to_string()).await
    }

    /// Calls the bot's webhook with this secret and this body.
    pub async fn webhook_with(&self, secret: &str, body: String) -> Answer {
        let headers = [("x-telegram-bot-api-secret-token", secret), ("content-type", "application/json")];
        self.send(Method::POST, "/_gateway/webhooks/telegram", &headers, body).await
    }

    /// Runs a job.
    pub async fn job(&self, name: &str) {
        self.sandbox_post("/schedules/jobs", json!({ "job": name })).await;
    }

    /// The driver's own view of their response to a cargo.
    pub async fn response(&self, driver: &Driver, cargo: &str) -> Value {
        self.get(driver, &format!("/api/cargos/{cargo}")).await.ok().json()["response"].clone()
    }

    /// Waits until the response has this status.
    pub async fn until_status(&self, driver: &Driver, cargo: &str, status: &str) {
        self.until(status, async || {
            let answer = self.get(driver, "/api/responses").await;
            let items = answer.json()["items"].as_array().cloned().unwrap_or_default();
            items.iter().any(|item| item["cargo_id"] == cargo && item["status"] == status).then_some(())
        })
        .await;
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

    /// The rows of the durable table whose partition begins so: for what no address shows, such as the audit log.
    pub async fn rows(&self, partition: &str) -> Vec<Value> {
        let begins = |item: &Value| item["pk"]["S"].as_str().is_some_and(|pk| pk.starts_with(partition));
        self.table("app").await.into_iter().filter(begins).collect()
    }

    /// All rows of a table: `app`, which is the durable one, or `cache`.
    pub async fn table(&self, name: &str) -> Vec<Value> {
        let headers = [("x-amz-target", "DynamoDB_20120810.Scan"), ("content-type", "application/x-amz-json-1.0")];
        let answer = self.send(Method::POST, "/_aws", &headers, json!({ "TableName": name }).to_string()).await;
        answer.json()["Items"].as_array().cloned().expect("rows")
    }

    /// Puts a row into the durable table behind the product's back.
    pub async fn put_row(&self, row: &Value) {
        let headers = [("x-amz-target", "DynamoDB_20120810.PutItem"), ("content-type", "application/x-amz-json-1.0")];
        let put = json!({ "TableName": "app", "Item": row });
        self.send(Method::POST, "/_aws", &headers, put.to_string()).await.ok();
    }

    /// The row of an outgoing message: its status, how often it was tried, and why it failed.
    pub async fn delivery(&self, id: &str) -> (String, u64, String) {
        let rows = self.rows(&format!("DELIVERY#{id}")).await;
        let row = rows.first().expect("the delivery's row");
        let attempts = row["attempts"]["N"].as_str().and_then(|number| number.parse().ok()).unwrap_or(0);
        (text(&row["status"]["S"]), attempts, text(&row["last_error"]["S"]))
    }

    /// What was accounted for of a response, in the order of time.
    pub async fn audited(&self, response: &str) -> Vec<String> {
        let mut rows = self.rows("AUDIT#").await;
        rows.retain(|row| row["facts"]["M"]["response_id"]["S"] == response);
        // Two steps may fall into one millisecond.
        let order = ["queued", "sent"];
        let place = |row: &Value| order.iter().position(|step| row["outcome"]["S"] == *step).unwrap_or(order.len());
        rows.sort_by_key(|row| (text(&row["at_ms"]["N"]), place(row)));
        rows.iter()
            .map(|row| format!("{} by {}", text(&row["outcome"]["S"]), text(&row["facts"]["M"]["by"]["S"])))
            .collect()
    }
}

/// A response that the dispatchers have.
#[derive(Clone, Debug)]
pub struct Responded {
    /// Whose.
    pub driver: Driver,
    /// To which cargo.
    pub cargo: String,
    /// Its id.
    pub id: String,
    /// The message in the dispatchers' chat.
    pub card: i64,
}

impl Responded {
    /// What the button says that stands for this letter: `a`ccept, `r`eject, `c`omplete, `u`nlink.
    pub fn button(&self, letter: char) -> String {
        format!("{letter}:{}", self.id)
    }

    /// What the button says that makes the link of this number.
    pub fn link_button(&self, number: u32) -> String {
        format!("l:{}:{number}", self.id)
    }
}

/// A text in an answer.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
