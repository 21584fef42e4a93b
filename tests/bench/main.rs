//! The benchmark: starts of the release binaries, warm invocations, the cached list under load, store calls and what a
//! million requests cost, sizes. It reports and asserts nothing about time: that would be a test of the machine.
//!
//! `tests/bench/run` builds what is needed and starts this.
#![allow(clippy::print_stdout, reason = "the report is what this program is for")]
#![allow(clippy::disallowed_methods, reason = "no Lambda freezes this program")]
use std::{collections::BTreeMap, fs, path::PathBuf, sync::Arc, time::Duration};

use flate2::{Compression, write::DeflateEncoder};
use hyper::{Method, body::Bytes};
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};

mod before;
mod journeys;
mod load;
mod market;
mod product;
mod report;
mod routes;

use journeys::Journeys;
use load::Load;
use product::Product;
use report::{Figures, Report};
use routes::{Route, Who};
use tests::emulator::Function;

#[global_allocator]
static HEAP: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

/// Any failure: the benchmark has nobody to handle one.
type Error = Box<dyn std::error::Error + Send + Sync>;
/// Most functions here.
type Result<T> = std::result::Result<T, Error>;

/// The function that does nothing.
const NOTHING: &str = "do-nothing";
/// So many drivers share the load: at ten requests a second each, more than the gateway can serve.
const DRIVERS: i64 = 512;
/// Their Telegram ids start here; nobody else of the product has such.
const FIRST_DRIVER: i64 = 8_000_000_000;

/// The demo driver who is an owner.
const OWNER: i64 = 310_482_771;

/// How much is measured.
struct Amounts {
    starts: usize,
    warm: usize,
    /// Sign-ins and sign-outs, of which each needs a driver of its own.
    launches: i64,
    load: Load,
    /// Sizes of the market.
    markets: &'static [usize],
    /// Searches of each kind in it.
    searches: usize,
}

const FULL: Amounts = Amounts {
    starts: 60,
    warm: 1000,
    launches: 300,
    load: Load { connections: 0, requests: 60_000, time: Duration::from_secs(10) },
    markets: market::SIZES,
    searches: 1000,
};
const QUICK: Amounts = Amounts {
    starts: 5,
    warm: 50,
    launches: 20,
    load: Load { connections: 0, requests: 1000, time: Duration::from_secs(2) },
    markets: &[7_000],
    searches: 20,
};

/// Where everything is.
struct Places {
    root: PathBuf,
    binaries: PathBuf,
    product: PathBuf,
    output: PathBuf,
}

impl Places {
    /// The function that does nothing is an example of the package of the others.
    fn binary(&self, function: &str) -> PathBuf {
        if function == NOTHING { self.binaries.join("examples") } else { self.binaries.clone() }.join(function)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let mut places = Places {
        binaries: root.join("target/release"),
        product: root.join("target/quick-release/local"),
        output: root.join("target/bench"),
        root,
    };
    let mut amounts = FULL;
    let mut journeys = None;
    let mut before = None;
    let mut is_market_alone = false;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().map(PathBuf::from).ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--binaries" => places.binaries = value()?,
            "--product" => places.product = value()?,
            "--output" => places.output = value()?,
            "--quick" => amounts = QUICK,
            "--market" => is_market_alone = true,
            "--before" => before = Some(value()?),
            "--journeys" => {
                let mut number = || value()?.to_string_lossy().parse::<u64>().map_err(Error::from);
                let (drivers, minutes) = (i64::try_from(number()?)?, number()?);
                journeys = Some(Journeys { drivers, time: Duration::from_secs(minutes * 60) });
            }
            _ => return Err(format!("unknown option {argument}").into()),
        }
    }
    fs::create_dir_all(&places.output)?;
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    // Dropping what is being measured ends the processes that were started for it.
    let work = async {
        let (name, text, json) = match (journeys, before) {
            (Some(journeys), _) => {
                let (text, json) = journeys::measure(&places, journeys).await?;
                ("journeys.json", text, json)
            }
            (None, Some(before)) => {
                let (text, json) = before::measure(&places, &amounts, &before).await?;
                ("before.json", text, json)
            }
            (None, None) if is_market_alone => {
                let mut report = Report::new(&places.root)?;
                report.market(market::measure(amounts.markets, amounts.searches)?);
                ("market.json", report.markdown(), report.json())
            }
            (None, None) => {
                let report = measure(&places, &amounts).await?;
                ("figures.json", report.markdown(), report.json())
            }
        };
        println!("{text}");
        Ok(fs::write(places.output.join(name), format!("{json:#}\n"))?)
    };
    tokio::select! {
        done = work => done,
        _ = terminated.recv() => Err("terminated".into()),
        _ = interrupted.recv() => Err("interrupted".into()),
    }
}

async fn measure(places: &Places, amounts: &Amounts) -> Result<Report> {
    let mut report = Report::new(&places.root)?;
    report.market(market::measure(amounts.markets, amounts.searches)?);
    let mut product = Product::start(&places.product, &places.root, &places.output, &product::UNHINDERED).await?;
    let origin_token = product.origin_token().await?;
    let mut tokens = Vec::new();
    for driver in 0..DRIVERS {
        tokens.push(product.sign_in(FIRST_DRIVER + driver).await?);
    }
    let owner = product.sign_in(OWNER).await?;
    let list = product.ask(Method::GET, routes::LIST, Some(&tokens[0]), None).await?;
    let routes = routes::all(&first_cargo(&list.body)?);
    routes::compare(&routes, &places.root.join("template.yaml"))?;
    let mut bench =
        Bench { places, amounts, product, origin_token, tokens, owner, next_driver: FIRST_DRIVER + DRIVERS };

    bench.count_store_calls(&routes, &mut report).await?;
    bench.measure_sizes(&routes, &mut report)?;
    bench.measure_starts(&routes, &mut report).await?;
    bench.measure_warm(&routes, &mut report).await?;
    bench.measure_load(&mut report).await?;
    Ok(report)
}

struct Bench<'a> {
    places: &'a Places,
    amounts: &'a Amounts,
    product: Product,
    origin_token: String,
    tokens: Vec<String>,
    owner: String,
    next_driver: i64,
}

impl Bench<'_> {
    /// Through the gateway, each route twice: the first request fills the caches, the second is counted.
    async fn count_store_calls(&mut self, routes: &[Route], report: &mut Report) -> Result<()> {
        for route in routes.iter().filter(|route| route.who != Who::Stranger) {
            let mut calls = BTreeMap::new();
            let mut length = 0;
            for _ in 0..2 {
                let (token, body) = self.prepare(route).await?;
                let before = self.product.store_calls().await?;
                let method = route.method().parse()?;
                let body = body.or(route.body.clone());
                let token = token.as_deref().filter(|_| route.is_signed_in());
                let reply = self.product.ask(method, &route.path, token, body.as_ref()).await?;
                if !reply.status.is_success() {
                    return Err(format!("{}: {} {:?}", route.key, reply.status, reply.body).into());
                }
                length = reply.body.len();
                calls = self.product.store_calls().await?;
                for (operation, count) in before {
                    calls.entry(operation).and_modify(|now| *now -= count);
                }
                calls.retain(|_, count| *count > 0);
            }
            report.store_calls(route.key, calls, length);
        }
        Ok(())
    }

    fn measure_sizes(&self, routes: &[Route], report: &mut Report) -> Result<()> {
        for function in functions(routes) {
            let binary = fs::read(self.places.binary(function))?;
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
            std::io::Write::write_all(&mut encoder, &binary)?;
            report.size(function, binary.len(), encoder.finish()?.len());
        }
        Ok(())
    }

    /// All binaries in turn, over and over, so that what else the machine does falls on each alike.
    async fn measure_starts(&mut self, routes: &[Route], report: &mut Report) -> Result<()> {
        let functions = functions(routes);
        let mut ready = BTreeMap::<_, Vec<_>>::new();
        let mut first = BTreeMap::<_, Vec<_>>::new();
        // The first round only brings the binaries into the page cache.
        for round in 0..=self.amounts.starts {
            for &function in &functions {
                let event = self.first_event(function, routes).await?;
                let mut process = self.start(function).await?;
                let took = process.ready().await?;
                let answer = process.invoke(event).await.map_err(|error| format!("{function}: {error}"))?;
                if routes.iter().any(|route| route.function == function && route.who != Who::Stranger) {
                    routes::body_length(&answer.body).map_err(|error| format!("{function}: {error}"))?;
                }
                process.stop().await?;
                if round > 0 {
                    ready.entry(function).or_default().push(took);
                    first.entry(function).or_default().push(answer.took);
                }
            }
        }
        for function in functions {
            let of =
                |samples: &mut BTreeMap<&str, Vec<Duration>>| Figures::of(samples.remove(function).unwrap_or_default());
            report.start(function, of(&mut ready), of(&mut first));
        }
        Ok(())
    }

    /// One process for each route; drivers take turns, so that nobody meets the limit.
    async fn measure_warm(&mut self, routes: &[Route], report: &mut Report) -> Result<()> {
        for route in routes.iter().filter(|route| route.who != Who::Stranger) {
            let is_launch = [routes::SIGN_IN, routes::SIGN_OUT].contains(&route.key);
            let count = if is_launch { usize::try_from(self.amounts.launches)? } else { self.amounts.warm };
            let mut events = Vec::new();
            for number in 0..count + count / 10 {
                let (token, body) = match is_launch {
                    true => self.prepare(route).await?,
                    false if route.who == Who::Owner => (Some(self.owner.clone()), None),
                    false => (Some(self.tokens[number % self.tokens.len()].clone()), None),
                };
                events.push(route.event(token.as_deref(), &self.origin_token, body.as_ref()));
            }
            let mut process = self.start(route.function).await?;
            let measured = events.split_off(count / 10);
            for event in events {
                process.invoke(event).await.map_err(|error| format!("{}: {error}", route.key))?;
            }
            let cpu = process.cpu_time()?;
            let mut samples = Vec::new();
            for event in measured {
                let answer = process.invoke(event).await.map_err(|error| format!("{}: {error}", route.key))?;
                routes::body_length(&answer.body).map_err(|error| format!("{}: {error}", route.key))?;
                samples.push(answer.took);
            }
            let cpu = (process.cpu_time()? - cpu) / u32::try_from(count)?;
            report.warm(route.key, Figures::of(samples), cpu, process.memory_kib()?);
            process.stop().await?;
        }
        Ok(())
    }

    async fn measure_load(&mut self, report: &mut Report) -> Result<()> {
        let tokens = Arc::new(std::mem::take(&mut self.tokens));
        let warm_up = Load { connections: 8, requests: 500, time: Duration::from_secs(2) };
        let list: Arc<[String]> = Arc::new([routes::LIST.to_owned()]);
        load::drive(self.product.address, &list, &tokens, warm_up).await?;
        for connections in [1, 32, 256] {
            let load = Load { connections, ..self.amounts.load };
            report.load(connections, load::drive(self.product.address, &list, &tokens, load).await?);
        }
        Ok(())
    }

    /// The token and the body of one request; a sign-in and a sign-out need a driver that nobody used before.
    async fn prepare(&mut self, route: &Route) -> Result<(Option<String>, Option<Value>)> {
        match route.key {
            routes::SIGN_IN => {
                self.next_driver += 1;
                let init_data = self.product.init_data(self.next_driver).await?;
                Ok((None, Some(json!({ "init_data": init_data }))))
            }
            routes::SIGN_OUT => {
                self.next_driver += 1;
                Ok((Some(self.product.sign_in(self.next_driver).await?), None))
            }
            _ if route.who == Who::Owner => Ok((Some(self.owner.clone()), None)),
            // Another driver each time, or one would meet the limit.
            _ => {
                self.tokens.rotate_left(1);
                Ok((Some(self.tokens[0].clone()), None))
            }
        }
    }

    async fn first_event(&mut self, function: &str, routes: &[Route]) -> Result<Bytes> {
        if let Some(route) = routes.iter().find(|route| route.function == function) {
            let (token, body) = self.prepare(route).await?;
            return Ok(route.event(token.as_deref(), &self.origin_token, body.as_ref()));
        }
        let event = routes::WITHOUT_ROUTES.iter().find(|(name, _)| *name == function).map_or("{}", |(_, event)| event);
        Ok(Bytes::from_static(event.as_bytes()))
    }

    async fn start(&self, function: &str) -> Result<Function> {
        let log = self.places.output.join(format!("{function}.log"));
        let mut environment = self.product.environment.clone();
        if function == "market" {
            // Its work takes half a minute, most of it CargoTech's. It starts the same without.
            environment.insert("MARKET_CALLS_PER_MIN".to_owned(), "0".to_owned());
        }
        Function::start(&self.places.binary(function), &environment, &log).await
    }
}

/// Every binary, the one that does nothing first.
fn functions(routes: &[Route]) -> Vec<&'static str> {
    let mut functions = vec![NOTHING];
    functions.extend(routes.iter().map(|route| route.function));
    functions.extend(routes::WITHOUT_ROUTES.map(|(name, _)| name));
    functions.dedup();
    functions
}

/// The id of the first cargo of a list, which is compressed.
fn first_cargo(body: &[u8]) -> Result<String> {
    let list: Value = serde_json::from_reader(flate2::read::GzDecoder::new(body))?;
    match &list["items"][0]["id"] {
        Value::String(id) => Ok(id.clone()),
        Value::Number(id) => Ok(id.to_string()),
        _ => Err("the list is empty".into()),
    }
}
