//! What was measured, as Markdown for a person and as JSON for a script.
use std::{collections::BTreeMap, fmt::Write as _, path::Path, process::Command, time::Duration};

use serde_json::{Value, json};

use crate::{
    NOTHING, Result,
    load::Outcome,
    market::{self, Sample},
};

/// Percentiles of some samples.
#[derive(Clone, Copy)]
pub struct Figures {
    count: usize,
    p50: Duration,
    p95: Duration,
    p99: Duration,
    max: Duration,
}

impl Figures {
    /// Of samples in any order.
    pub fn of(mut samples: Vec<Duration>) -> Self {
        samples.sort_unstable();
        let at = |share: usize| match samples.len() {
            0 => Duration::ZERO,
            // The smallest sample that `share` percent of all are not above.
            length => samples[(length * share).div_ceil(100).clamp(1, length) - 1],
        };
        Self { count: samples.len(), p50: at(50), p95: at(95), p99: at(99), max: at(100) }
    }

    /// Count and percentiles as the cells of a table.
    pub fn row(&self) -> String {
        let cells = [self.p50, self.p95, self.p99, self.max].map(|duration| format!("{:.0}", ms(duration)));
        format!("{} | {} |", self.count, cells.join(" | "))
    }

    /// For a script.
    pub fn json(&self) -> Value {
        json!({
            "samples": self.count,
            "p50_ms": ms(self.p50),
            "p95_ms": ms(self.p95),
            "p99_ms": ms(self.p99),
            "max_ms": ms(self.max),
        })
    }
}

/// All figures of one run.
pub struct Report {
    conditions: BTreeMap<&'static str, String>,
    sizes: Vec<(String, usize, usize)>,
    starts: Vec<(String, Figures, Figures)>,
    warm: Vec<(String, Figures, Duration, u64)>,
    loads: Vec<(usize, Figures, Duration, BTreeMap<String, usize>)>,
    calls: Vec<(String, BTreeMap<String, u64>, usize)>,
    market: Vec<Sample>,
}

impl Report {
    /// An empty one, with the conditions of this machine.
    ///
    /// # Errors
    /// It is not Linux.
    pub fn new(root: &Path) -> Result<Self> {
        let said = |program: &str, arguments: &[&str]| {
            let output = Command::new(program).args(arguments).current_dir(root).output();
            output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
        };
        let processor = std::fs::read_to_string("/proc/cpuinfo")?
            .lines()
            .find_map(|line| line.strip_prefix("model name")?.split_once(':').map(|(_, name)| name.trim().to_owned()))
            .unwrap_or_default();
        let load = std::fs::read_to_string("/proc/loadavg")?;
        let changed = if said("git", &["status", "--porcelain"]).is_empty() { "" } else { ", with changes" };
        Ok(Self {
            conditions: BTreeMap::from([
                ("cores", std::thread::available_parallelism()?.to_string()),
                ("processor", format!("{processor} ({})", std::env::consts::ARCH)),
                ("load at the start", load.split(' ').next().unwrap_or_default().to_owned()),
                ("kernel", said("uname", &["-sr"])),
                ("compiler", said("rustc", &["--version"])),
                ("commit", said("git", &["rev-parse", "--short", "HEAD"]) + changed),
            ]),
            sizes: Vec::new(),
            starts: Vec::new(),
            warm: Vec::new(),
            loads: Vec::new(),
            calls: Vec::new(),
            market: Vec::new(),
        })
    }

    /// Bytes of a binary, as it is and deflated as in a zip file.
    pub fn size(&mut self, function: &str, plain: usize, zipped: usize) {
        self.sizes.push((function.to_owned(), plain, zipped));
    }

    /// From the start of the process to its first call for an event, and from there to its first answer.
    pub fn start(&mut self, function: &str, ready: Figures, first: Figures) {
        self.starts.push((function.to_owned(), ready, first));
    }

    /// Latency, processor time of one invocation, resident memory in KiB.
    pub fn warm(&mut self, route: &str, latency: Figures, cpu: Duration, memory_kib: u64) {
        self.warm.push((route.to_owned(), latency, cpu, memory_kib));
    }

    /// The cached list through the gateway.
    pub fn load(&mut self, connections: usize, outcome: Outcome) {
        self.loads.push((connections, Figures::of(outcome.latencies), outcome.took, outcome.answers));
    }

    /// Calls of the store that one request makes, and the bytes of its answer.
    pub fn store_calls(&mut self, route: &str, calls: BTreeMap<String, u64>, length: usize) {
        self.calls.push((route.to_owned(), calls, length));
    }

    /// The market in memory, at several sizes.
    pub fn market(&mut self, samples: Vec<Sample>) {
        self.market = samples;
    }

    /// Where and on what it was measured.
    pub fn conditions_markdown(&self) -> String {
        let conditions: Vec<_> = self.conditions.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        format!(
            "Conditions: {}. Store, secrets and CargoTech are stand-ins on the same machine, without TLS.\n\n",
            conditions.join("; ")
        )
    }

    /// For a person.
    pub fn markdown(&self) -> String {
        let mut text = self.conditions_markdown();
        self.starts_markdown(&mut text);
        self.warm_markdown(&mut text);
        self.loads_markdown(&mut text);
        self.calls_markdown(&mut text);
        self.market_markdown(&mut text);
        text.push_str("What they cost: tests/bench/cost.\n");
        text
    }

    fn starts_markdown(&self, text: &mut String) {
        table(
            text,
            "Start of a process",
            &[
                "function",
                "starts",
                "ready p50",
                "ready p95",
                "× do-nothing",
                "first answer p50",
                "first answer p95",
                "zipped",
            ],
            self.starts.iter().map(|(function, ready, first)| {
                let zipped = self.sizes.iter().find(|(name, ..)| name == function).map_or(0, |(.., zipped)| *zipped);
                vec![
                    function.clone(),
                    ready.count.to_string(),
                    shown(ready.p50),
                    shown(ready.p95),
                    format!("{:.1}", self.ratio(ready)),
                    shown(first.p50),
                    shown(first.p95),
                    format!("{:.2} MB", zipped as f64 / 1e6),
                ]
            }),
        );
    }

    fn warm_markdown(&self, text: &mut String) {
        table(
            text,
            "Warm invocations under the Runtime API emulator",
            &["route", "invocations", "p50", "p99", "own processor time", "memory"],
            self.warm.iter().map(|(route, latency, cpu, memory)| {
                vec![
                    format!("`{route}`"),
                    latency.count.to_string(),
                    shown(latency.p50),
                    shown(latency.p99),
                    shown(*cpu),
                    format!("{:.1} MB", *memory as f64 / 1024.0),
                ]
            }),
        );
    }

    fn loads_markdown(&self, text: &mut String) {
        table(
            text,
            "The cached list through the local gateway",
            &["connections", "requests", "a second", "p50", "p95", "p99", "answers"],
            self.loads.iter().map(|(connections, latency, took, answers)| {
                let answers: Vec<_> = answers.iter().map(|(kind, count)| format!("{kind}: {count}")).collect();
                vec![
                    connections.to_string(),
                    latency.count.to_string(),
                    format!("{:.0}", latency.count as f64 / took.as_secs_f64()),
                    shown(latency.p50),
                    shown(latency.p95),
                    shown(latency.p99),
                    answers.join(", "),
                ]
            }),
        );
    }

    fn calls_markdown(&self, text: &mut String) {
        table(
            text,
            "Store calls of one warm request",
            &["route", "calls", "answer"],
            self.calls.iter().map(|(route, calls, length)| {
                let listed: Vec<_> = calls.iter().map(|(operation, count)| format!("{count} {operation}")).collect();
                vec![
                    format!("`{route}`"),
                    if listed.is_empty() { "none".to_owned() } else { listed.join(", ") },
                    format!("{length} B"),
                ]
            }),
        );
    }

    fn market_markdown(&self, text: &mut String) {
        table(
            text,
            "The market in memory",
            &["cargos", "stored", "chunks", "sweep", "seal", "open p50", "open p95", "memory", "while it opens"],
            self.market.iter().map(|sample| {
                let mb = |bytes: usize| format!("{:.2} MB", bytes as f64 / 1e6);
                vec![
                    sample.cargos.to_string(),
                    mb(sample.stored),
                    sample.chunks.to_string(),
                    shown(sample.sweep),
                    shown(sample.seal.p50),
                    shown(sample.open.p50),
                    shown(sample.open.p95),
                    mb(sample.memory),
                    mb(sample.memory_peak),
                ]
            }),
        );
        let sizes = self.market.iter().map(|sample| format!("{} cargos, p50 (p95)", sample.cargos));
        let columns: Vec<_> = std::iter::once("search".to_owned()).chain(sizes).collect();
        let columns: Vec<_> = columns.iter().map(String::as_str).collect();
        let names = self.market.first().map(|sample| &sample.queries[..]).unwrap_or_default();
        table(
            text,
            "Searches of the market, 20 cargos each",
            &columns,
            names.iter().enumerate().map(|(at, (name, _))| {
                let times = self.market.iter().map(|sample| &sample.queries[at].1);
                let times = times.map(|figures| format!("{} ({})", in_us(figures.p50), in_us(figures.p95)));
                std::iter::once((*name).to_owned()).chain(times).collect()
            }),
        );
    }

    /// For a script.
    pub fn json(&self) -> Value {
        json!({
            "conditions": self.conditions,
            "sizes": self.sizes.iter().map(|(function, plain, zipped)| json!({
                "function": function, "bytes": plain, "zipped_bytes": zipped,
            })).collect::<Vec<_>>(),
            "starts": self.starts.iter().map(|(function, ready, first)| json!({
                "function": function,
                "ready": ready.json(),
                "times_do_nothing": self.ratio(ready),
                "first_answer": first.json(),
            })).collect::<Vec<_>>(),
            "warm": self.warm.iter().map(|(route, latency, cpu, memory)| json!({
                "route": route, "latency": latency.json(), "processor_ms": ms(*cpu), "memory_kib": memory,
            })).collect::<Vec<_>>(),
            "cached_list": self.loads.iter().map(|(connections, latency, took, answers)| json!({
                "connections": connections,
                "requests_per_second": latency.count as f64 / took.as_secs_f64(),
                "latency": latency.json(),
                "answers": answers,
            })).collect::<Vec<_>>(),
            "store": self.calls.iter().map(|(route, calls, length)| json!({
                "route": route,
                "calls": calls,
                "answer_bytes": length,
            })).collect::<Vec<_>>(),
            "market": market::json(&self.market),
        })
    }

    fn ratio(&self, ready: &Figures) -> f64 {
        let nothing = self.starts.iter().find(|(function, ..)| function == NOTHING);
        nothing.map_or(f64::NAN, |(_, nothing, _)| ready.p50.as_secs_f64() / nothing.p50.as_secs_f64())
    }
}

/// Nothing if it would have no row.
fn table(text: &mut String, title: &str, columns: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        return;
    }
    let _ = writeln!(text, "**{title}**\n\n| {} |\n|{}", columns.join(" | "), " --- |".repeat(columns.len()));
    for row in rows {
        let _ = writeln!(text, "| {} |", row.join(" | "));
    }
    text.push('\n');
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn in_us(duration: Duration) -> String {
    format!("{:.0} µs", duration.as_secs_f64() * 1e6)
}

fn shown(duration: Duration) -> String {
    let ms = ms(duration);
    if ms < 10.0 { format!("{ms:.2} ms") } else { format!("{ms:.1} ms") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_sample_that_so_many_are_not_above() {
        let of = |range: std::ops::RangeInclusive<u64>| Figures::of(range.rev().map(Duration::from_millis).collect());
        let hundred = of(1..=100);
        assert_eq!([hundred.p50, hundred.p95, hundred.p99, hundred.max].map(|d| d.as_millis()), [50, 95, 99, 100]);
        let three = of(1..=3);
        assert_eq!([three.p50, three.p95, three.p99, three.max].map(|d| d.as_millis()), [2, 3, 3, 3]);
        assert_eq!(Figures::of(Vec::new()).p50, Duration::ZERO);
    }
}
