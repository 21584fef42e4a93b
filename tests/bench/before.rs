//! The list of this commit and of one before it, in one run: the processor time of an invocation, and how many requests a
//! second the local gateway serves. Both were built with the same profile; they take turns.
use std::{collections::BTreeMap, fmt::Write as _, path::Path, sync::Arc, time::Duration};

use serde_json::{Value, json};

use crate::{
    Amounts, DRIVERS, FIRST_DRIVER, Places, Result,
    load::{self, Load},
    product::{Product, UNHINDERED},
    report::Report,
    routes::{self, Route, Who},
};
use tests::emulator::Function;

/// As many connections as architecture.md's goals are for.
const CONNECTIONS: usize = 32;
/// How often they take turns.
const ROUNDS: usize = 3;
/// Settlements where a search begins: Moscow, Saint Petersburg, Yekaterinburg, Kazan, Rostov-on-Don, Nizhny Novgorod.
const FROM: [u32; 6] = [524_901, 498_817, 1_486_209, 551_487, 501_175, 520_555];

/// A product and its drivers.
struct Side {
    product: Product,
    tokens: Arc<Vec<String>>,
    origin_token: String,
}

/// A kind of request of one of the products.
struct Kind<'a> {
    name: &'static str,
    side: &'a Side,
    paths: Arc<[String]>,
    processor: Duration,
    a_second: Vec<f64>,
    answers: BTreeMap<String, usize>,
}

/// Measures the list of the checkout `before`, whose functions and `local` are built like ours, and our own.
///
/// # Errors
/// One of them is not there or does not answer.
pub async fn measure(places: &Places, amounts: &Amounts, before: &Path) -> Result<(String, Value)> {
    let own = places.product.parent().ok_or("the product has no folder")?;
    let other = before.join("target/quick-release");
    let old = Side::start(&other, before, &places.output.join("before")).await?;
    let new = Side::start(own, &places.root, &places.output.join("now")).await?;
    let same: Arc<[String]> = Arc::new([routes::LIST.to_owned()]);
    let kind = |name, side, paths: &Arc<[String]>| Kind {
        name,
        side,
        paths: paths.clone(),
        processor: Duration::ZERO,
        a_second: Vec::new(),
        answers: BTreeMap::new(),
    };
    let other_searches = searches(amounts.load.requests * ROUNDS + amounts.warm * 2);
    let mut kinds = [
        kind("before, cached", &old, &same),
        kind("now, asked again", &new, &same),
        kind("now, asked first", &new, &other_searches),
    ];
    for (kind, folder) in kinds.iter_mut().zip([other.as_path(), own, own]) {
        kind.invoke(folder, &places.output, amounts.warm).await?;
    }
    for _ in 0..ROUNDS {
        for kind in &mut kinds {
            kind.load(amounts.load).await?;
        }
    }
    let report = Report::new(&places.root)?;
    let mut text = report.conditions_markdown();
    text.push_str(
        "| list | own processor time | requests a second at 32 connections | answers |\n| --- | --- | --- | --- |\n",
    );
    for kind in &kinds {
        let answers: Vec<_> = kind.answers.iter().map(|(kind, count)| format!("{kind}: {count}")).collect();
        let (ms, a_second) = (kind.processor.as_secs_f64() * 1000.0, kind.median());
        let _ = writeln!(text, "| {} | {ms:.3} ms | {a_second:.0} | {} |", kind.name, answers.join(", "));
    }
    let figures = kinds.iter().map(|kind| {
        json!({
            "list": kind.name,
            "processor_ms": kind.processor.as_secs_f64() * 1000.0,
            "requests_per_second": kind.a_second,
            "answers": kind.answers,
        })
    });
    Ok((text, figures.collect()))
}

impl Side {
    async fn start(programs: &Path, root: &Path, folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let mut product = Product::start(&programs.join("local"), root, folder, &UNHINDERED).await?;
        let mut tokens = Vec::new();
        for driver in 0..DRIVERS {
            tokens.push(product.sign_in(FIRST_DRIVER + driver).await?);
        }
        // The first one fills the cache.
        product.ask("GET".parse()?, routes::LIST, Some(&tokens[0]), None).await?;
        let origin_token = product.origin_token().await?;
        Ok(Self { product, tokens: Arc::new(tokens), origin_token })
    }
}

impl Kind<'_> {
    /// One process under the Runtime API.
    async fn invoke(&mut self, programs: &Path, output: &Path, times: usize) -> Result<()> {
        let log = output.join("cargo-list.log");
        let mut process = Function::start(&programs.join("cargo-list"), &self.side.product.environment, &log).await?;
        let mut cpu = Duration::ZERO;
        for number in 0..times * 2 {
            if number == times {
                cpu = process.cpu_time()?;
            }
            let path = self.paths[number % self.paths.len()].clone();
            let key = "GET /api/cargos";
            let route = Route { function: "cargo-list", key, path, who: Who::Driver, body: None };
            let token = &self.side.tokens[number % self.side.tokens.len()];
            let answer = process.invoke(route.event(Some(token), &self.side.origin_token, None)).await?;
            routes::body_length(&answer.body).map_err(|error| format!("{}: {error}", self.name))?;
        }
        self.processor = (process.cpu_time()? - cpu) / u32::try_from(times)?;
        process.stop().await
    }

    async fn load(&mut self, load: Load) -> Result<()> {
        let load = Load { connections: CONNECTIONS, ..load };
        // Each round has searches of its own, from the end, which the process above has not seen.
        let count = self.paths.len() / ROUNDS;
        let round = self.a_second.len();
        let paths = if count == 0 { self.paths.clone() } else { self.paths[count * round..][..count].into() };
        let outcome = load::drive(self.side.product.address, &paths, &self.side.tokens, load).await?;
        #[allow(clippy::cast_precision_loss)] // far below 2^53
        self.a_second.push(outcome.latencies.len() as f64 / outcome.took.as_secs_f64());
        for (kind, count) in outcome.answers {
            *self.answers.entry(kind).or_default() += count;
        }
        Ok(())
    }

    /// Of the rounds.
    fn median(&self) -> f64 {
        let mut sorted = self.a_second.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or_default()
    }
}

/// So many searches as drivers make them, each of which is a new one.
fn searches(count: usize) -> Arc<[String]> {
    let search = |number: usize| {
        let from = FROM[number % FROM.len()];
        let sort = ["-price_per_km", "newest", "-price"][number % 3];
        format!(
            "/api/cargos?weight_volume=15_20&truck_types=1,2&from_place_id={from}&from_radius_km=300&price_min={}&sort={sort}&limit=20",
            number + 1
        )
    };
    (0..count).map(search).collect()
}
