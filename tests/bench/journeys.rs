//! Drivers at once, each on the whole way: sign in, look for cargos with filters, open some, respond to a few, pay now and
//! then. CargoTech answers as slowly as in life. What is measured is what a driver waits; nothing is asserted about time.
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use flate2::read::GzDecoder;
use hyper::{Method, body::Bytes};
use serde_json::{Value, json};
use tokio::{
    sync::Mutex,
    time::{sleep, sleep_until},
};

use crate::{
    FIRST_DRIVER, Places, Result,
    load::{Connection, Reply},
    product::Product,
    report::{Figures, Report},
};

/// How much is done.
#[derive(Clone, Copy)]
pub struct Journeys {
    /// Drivers at once.
    pub drivers: i64,
    /// For how long.
    pub time: Duration,
}

/// CargoTech's answers take so long, milliseconds.
const LATENCY: (u64, u64) = (150, 800);
/// Searches that drivers make; the first ones are made most.
const SEARCHES: usize = 40;
/// All come within this time. They find an empty cache, and what a thousand drivers open in the first half minute is more than
/// CargoTech answers in a minute.
const ARRIVAL: Duration = Duration::from_secs(120);
/// A card that pays at YooKassa's sandbox.
const CARD: &str = "5555555555554444";

/// SplitMix64: the same driver draws the same.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }

    /// Small numbers are drawn most, as by Zipf's law with exponent 1.
    fn favourite(&mut self, bound: usize) -> usize {
        let weights: Vec<u64> = (1..=bound as u64).map(|rank| 1_000_000 / rank).collect();
        let mut place = self.below(weights.iter().sum());
        weights
            .iter()
            .position(|weight| {
                let is_here = place < *weight;
                place = place.saturating_sub(*weight);
                is_here
            })
            .unwrap_or(0)
    }

    async fn think(&mut self, seconds: (u64, u64)) {
        sleep(Duration::from_millis(seconds.0 * 1000 + self.below((seconds.1 - seconds.0) * 1000))).await;
    }
}

/// What came of it.
#[derive(Default)]
struct Seen {
    latencies: BTreeMap<&'static str, Vec<Duration>>,
    answers: BTreeMap<String, usize>,
    cache: BTreeMap<String, usize>,
    paid: usize,
    /// When the product last had no answer, since the start.
    last_failure: Duration,
}

struct Driver {
    id: i64,
    address: SocketAddr,
    connection: Connection,
    started: Instant,
    token: String,
    chance: Chance,
    seen: Seen,
}

impl Driver {
    async fn ask(&mut self, step: &'static str, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
        let authorization = format!("Bearer {}", self.token);
        let mut headers = vec![("accept-encoding", "gzip"), ("content-type", "application/json")];
        if !self.token.is_empty() {
            headers.push(("authorization", &authorization));
        }
        let body = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        if self.connection.is_closed() {
            self.connection = Connection::open(self.address).await?;
        }
        let asked = Instant::now();
        let reply = self.connection.send(method, path, &headers, body).await?;
        self.seen.latencies.entry(step).or_default().push(asked.elapsed());
        let value = json_of(&reply);
        let outcome = match value["code"].as_str() {
            Some(code) if !reply.status.is_success() => format!("{step} {} {code}", reply.status.as_u16()),
            _ => format!("{step} {}", reply.status.as_u16()),
        };
        *self.seen.answers.entry(outcome).or_default() += 1;
        if reply.status.is_server_error() {
            self.seen.last_failure = self.started.elapsed();
        }
        if let Some(cache) = reply.headers.get("x-cargo-cache").and_then(|value| value.to_str().ok()) {
            *self.seen.cache.entry(format!("{step} {cache}")).or_default() += 1;
        }
        Ok(value)
    }

    async fn travel(&mut self, searches: &[String], until: tokio::time::Instant) -> Result<()> {
        let launch = self
            .ask("sandbox", Method::POST, "/_sandbox/telegram/init-data", Some(json!({ "driver_id": self.id })))
            .await?;
        let signed_in = self
            .ask("sign in", Method::POST, "/api/auth/telegram", Some(json!({ "init_data": launch["init_data"] })))
            .await?;
        signed_in["session_token"].as_str().unwrap_or_default().clone_into(&mut self.token);
        while tokio::time::Instant::now() < until {
            let search = &searches[self.chance.favourite(searches.len())];
            let list = self.ask("list", Method::GET, search, None).await?;
            let cargos: Vec<_> =
                list["items"].as_array().into_iter().flatten().map(|card| card["id"].clone()).collect();
            self.chance.think((3, 8)).await;
            for _ in 0..self.chance.below(4) {
                if cargos.is_empty() {
                    break;
                }
                let id = cargos[self.chance.favourite(cargos.len())].to_string();
                let id = id.trim_matches('"');
                self.ask("detail", Method::GET, &format!("/api/cargos/{id}"), None).await?;
                self.chance.think((4, 12)).await;
                if self.chance.below(100) < 6 {
                    let offer = json!({ "phone": "+79161234567", "name": "Водитель" });
                    self.ask("respond", Method::POST, &format!("/api/cargos/{id}/responses"), Some(offer)).await?;
                    self.chance.think((2, 4)).await;
                }
            }
            if self.chance.below(100) < 2 {
                self.pay().await?;
            }
        }
        Ok(())
    }

    async fn pay(&mut self) -> Result<()> {
        let order = self.ask("order", Method::POST, "/api/payments", Some(json!({ "plan": "1m" }))).await?;
        let payment = &order["payment"];
        let url = payment["confirmation_url"].as_str().unwrap_or_default();
        let (Some(id), Some(at_yookassa)) =
            (payment["id"].as_str(), url.rsplit('/').next().filter(|id| !id.is_empty()))
        else {
            return Ok(());
        };
        let path = format!("/_sandbox/yookassa/payments/{at_yookassa}/pay");
        self.ask("sandbox", Method::POST, &path, Some(json!({ "card": CARD }))).await?;
        for _ in 0..20 {
            let paid = self.ask("payment", Method::GET, &format!("/api/payments/{id}"), None).await?;
            if paid["payment"]["status"] == "succeeded" {
                self.seen.paid += 1;
                return Ok(());
            }
            sleep(Duration::from_secs(1)).await;
        }
        *self.seen.answers.entry("payment never came".to_owned()).or_default() += 1;
        Ok(())
    }
}

/// Does it, and returns the report as Markdown and as JSON.
///
/// # Errors
/// The product does not start, or a connection breaks.
pub async fn measure(places: &Places, journeys: Journeys) -> Result<(String, Value)> {
    let conditions = Report::new(&places.root)?;
    let mut product = Product::start(&places.product, &places.root, &places.output, &[]).await?;
    let slow = json!({ "latency_ms": { "min": LATENCY.0, "max": LATENCY.1 } });
    product.ask(Method::PUT, "/_sandbox/cargotech", None, Some(&slow)).await?;
    let searches = Arc::new(searches(&mut product).await?);
    let (started, until) = (Instant::now(), tokio::time::Instant::now() + journeys.time);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let mut workers = Vec::new();
    for number in 0..journeys.drivers {
        let (searches, seen, address) = (searches.clone(), seen.clone(), product.address);
        workers.push(tokio::spawn(async move {
            let driver = journey(address, FIRST_DRIVER + number, &searches, started, until).await;
            seen.lock().await.push(driver);
        }));
    }
    let mut memory = Vec::new();
    while tokio::time::Instant::now() < until {
        memory.push(product.memory_kib()?);
        sleep_until(until.min(tokio::time::Instant::now() + Duration::from_secs(10))).await;
    }
    for worker in workers {
        worker.await?;
    }
    let mut all = Seen::default();
    let mut broken = 0;
    for driver in std::mem::take(&mut *seen.lock().await) {
        let Ok(own) = driver else {
            broken += 1;
            continue;
        };
        for (step, latencies) in own.latencies {
            all.latencies.entry(step).or_default().extend(latencies);
        }
        for (into, from) in [(&mut all.answers, own.answers), (&mut all.cache, own.cache)] {
            for (kind, count) in from {
                *into.entry(kind).or_default() += count;
            }
        }
        all.paid += own.paid;
        all.last_failure = all.last_failure.max(own.last_failure);
    }
    let upstream = json_of(&product.ask(Method::GET, "/_sandbox/cargotech", None, None).await?);
    Ok(told(&conditions, journeys, all, broken, &memory, &upstream["counters"]))
}

async fn journey(
    address: SocketAddr,
    id: i64,
    searches: &[String],
    started: Instant,
    until: tokio::time::Instant,
) -> Result<Seen> {
    let mut chance = Chance(id.unsigned_abs());
    let wait = chance.below(u64::try_from(ARRIVAL.as_millis())?);
    sleep(Duration::from_millis(wait)).await;
    let connection = Connection::open(address).await?;
    let mut driver = Driver { id, address, connection, started, token: String::new(), chance, seen: Seen::default() };
    driver.travel(searches, until).await?;
    Ok(driver.seen)
}

/// Searches between the cities that the product itself suggests.
async fn searches(product: &mut Product) -> Result<Vec<String>> {
    let token = product.sign_in(FIRST_DRIVER - 1).await?;
    let mut cities = Vec::new();
    for text in ["Мо", "Ка", "Са", "Ни", "Но", "Ро", "Пе", "Во"] {
        let path = format!(
            "/api/dictionaries/cities?q={}",
            text.bytes().fold(String::new(), |mut query, byte| {
                let _ = write!(query, "%{byte:02X}");
                query
            })
        );
        let found = json_of(&product.ask(Method::GET, &path, Some(&token), None).await?);
        cities.extend(found["items"].as_array().into_iter().flatten().take(4).cloned());
    }
    let mut chance = Chance(1);
    let mut searches = vec!["/api/cargos".to_owned()];
    while searches.len() < SEARCHES && !cities.is_empty() {
        let mut path = "/api/cargos?".to_owned();
        let city = &cities[usize::try_from(chance.below(cities.len() as u64))?];
        let _ = write!(path, "start_point_id={}&start_point_type={}", city["id"], city["type"]);
        if chance.below(2) == 0 {
            let _ = write!(path, "&start_point_radius={}", 50 * (1 + chance.below(4)));
        }
        if chance.below(3) == 0 {
            let _ = write!(
                path,
                "&weight_volume={}",
                ["1_3", "3_5", "5_10", "15_20", "20"][usize::try_from(chance.below(5))?]
            );
        }
        if !searches.contains(&path) {
            searches.push(path);
        }
    }
    Ok(searches)
}

fn json_of(reply: &Reply) -> Value {
    let is_gzip = reply.headers.get("content-encoding").is_some_and(|coding| coding == "gzip");
    let value = if is_gzip {
        serde_json::from_reader(GzDecoder::new(&reply.body[..])).ok()
    } else {
        serde_json::from_slice(&reply.body).ok()
    };
    value.unwrap_or_default()
}

fn told(
    conditions: &Report,
    journeys: Journeys,
    seen: Seen,
    broken: usize,
    memory: &[u64],
    upstream: &Value,
) -> (String, Value) {
    let steps: BTreeMap<_, _> = seen
        .latencies
        .into_iter()
        .filter(|(step, _)| *step != "sandbox")
        .map(|(step, latencies)| (step, Figures::of(latencies)))
        .collect();
    let requests: usize =
        seen.answers.iter().filter(|(kind, _)| !kind.starts_with("sandbox")).map(|(_, count)| count).sum();
    let mut text = format!(
        "# {} drivers at once, {} minutes\n\n{}\n| step | requests | p50 ms | p95 ms | p99 ms | longest ms |\n|---|---:|---:|---:|---:|---:|\n",
        journeys.drivers,
        journeys.time.as_secs() / 60,
        conditions.conditions_markdown(),
    );
    for (step, figures) in &steps {
        let _ = writeln!(text, "| {step} | {}", figures.row());
    }
    let _ = writeln!(
        text,
        "\n{requests} requests, {} a second; {broken} drivers lost their connection; {} payments were paid and seen.",
        requests as u64 / journeys.time.as_secs().max(1),
        seen.paid
    );
    let _ = writeln!(
        text,
        "\nAnswers: {:?}; the last failure came after {} s.\n\nCache: {:?}\n\nCargoTech was asked: {upstream}",
        seen.answers,
        seen.last_failure.as_secs(),
        seen.cache
    );
    let _ = writeln!(
        text,
        "\nMemory of the product, MiB: first {} last {} most {}",
        memory.first().unwrap_or(&0) / 1024,
        memory.last().unwrap_or(&0) / 1024,
        memory.iter().max().unwrap_or(&0) / 1024
    );
    let json = json!({
        "conditions": conditions.json()["conditions"],
        "drivers": journeys.drivers,
        "seconds": journeys.time.as_secs(),
        "steps": steps.iter().map(|(step, figures)| ((*step).to_owned(), figures.json())).collect::<serde_json::Map<_, _>>(),
        "answers": seen.answers,
        "cache": seen.cache,
        "paid": seen.paid,
        "last_failure_s": seen.last_failure.as_secs(),
        "broken": broken,
        "memory_kib": memory,
        "cargotech": upstream,
    });
    (text, json)
}
