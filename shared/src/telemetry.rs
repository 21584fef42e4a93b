//! Logs and metrics. Logs are JSON lines; metrics are lines in CloudWatch's embedded metric format, so that counting
//! costs no call.
//!
//! A log message reads alone and names no person: ids and codes, never names, phones, tokens, bodies or addresses.
//! `error` is for what someone must act on.
use std::{fmt, io::Write as _, time::Duration};

use serde_json::json;
use tracing::{Event, Subscriber, field::Visit};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::filter_fn,
    layer::{Context, SubscriberExt as _},
    util::SubscriberInitExt as _,
};

/// The target of metric lines, told apart from log lines by it.
pub const METRIC_TARGET: &str = "metric";
/// The namespace of all metrics.
pub const NAMESPACE: &str = "CargoTechDriver";

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// A sign-in was refused because of its init data.
    SignInRefused,
    /// A login to CargoTech failed, or its fresh token was refused.
    UpstreamLoginFailed,
    /// CargoTech answered 403.
    UpstreamForbidden,
    /// An attempt of a call to CargoTech failed.
    UpstreamFailed,
    /// CargoTech answered what cannot be read.
    UpstreamUnreadable,
    /// CargoTech answered 429.
    UpstreamRateLimited,
    /// Our own budget refused a call.
    UpstreamBudgetExhausted,
    /// A cached answer was fresh.
    CacheHit,
    /// An answer was fetched.
    CacheMiss,
    /// An old answer was served.
    CacheStale,
    /// The daily check of CargoTech failed.
    UpstreamCheckFailed,
}

impl Metric {
    /// The name in CloudWatch.
    pub fn name(self) -> &'static str {
        match self {
            Self::SignInRefused => "SignInRefused",
            Self::UpstreamLoginFailed => "CargoTechLoginFailed",
            Self::UpstreamForbidden => "CargoTechForbidden",
            Self::UpstreamFailed => "CargoTechFailed",
            Self::UpstreamUnreadable => "CargoTechUnreadable",
            Self::UpstreamRateLimited => "CargoTechRateLimited",
            Self::UpstreamBudgetExhausted => "CargoTechBudgetExhausted",
            Self::CacheHit => "CacheHit",
            Self::CacheMiss => "CacheMiss",
            Self::CacheStale => "CacheStale",
            Self::UpstreamCheckFailed => "CargoTechCheckFailed",
        }
    }
}

/// Counts one.
pub fn count(metric: Metric) {
    emit(metric.name(), "Count", 1.0, None);
}

/// Counts one, and also one of its kind: `reason` must come from a short, fixed list.
pub fn count_by(metric: Metric, reason: &str) {
    emit(metric.name(), "Count", 1.0, Some(reason));
}

/// How long CargoTech took to answer, or not to.
pub fn upstream(took: Duration) {
    emit("CargoTechLatency", "Milliseconds", took.as_secs_f64() * 1000.0, None);
}

fn emit(name: &str, unit: &str, value: f64, reason: Option<&str>) {
    if !tracing::enabled!(target: METRIC_TARGET, tracing::Level::INFO) {
        return;
    }
    // With no dimension a metric can be summed by an alarm; with Reason a person sees the cause.
    let dimensions = if reason.is_some() { json!([[], ["Reason"]]) } else { json!([[]]) };
    let at = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_millis());
    let mut line = json!({
        "_aws": {
            "Timestamp": u64::try_from(at).unwrap_or(0),
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": dimensions,
                "Metrics": [{ "Name": name, "Unit": unit }],
            }],
        },
        name: value,
    });
    if let Some(reason) = reason {
        line["Reason"] = json!(reason);
    }
    tracing::info!(target: METRIC_TARGET, line = %line);
}

/// What may be logged: ours at the level that `LOG_LEVEL` says (`info`), everyone else's at `info` at most, because
/// `debug` of an HTTP client prints headers.
fn filter(level: &str) -> EnvFilter {
    let level = match level.to_ascii_lowercase().as_str() {
        level @ ("error" | "warn" | "debug" | "trace") => level.to_owned(),
        _ => "info".to_owned(),
    };
    let others = if matches!(level.as_str(), "debug" | "trace") { "info" } else { level.as_str() };
    EnvFilter::new(format!("{others},shared={level},functions={level},local={level},{METRIC_TARGET}=info"))
}

/// Sets up a Lambda function's output: JSON lines on standard output.
pub fn init() {
    let level = std::env::var("LOG_LEVEL").unwrap_or_default();
    let logs = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_filter(filter_fn(|metadata| metadata.target() != METRIC_TARGET));
    // A second call, as tests make it, finds the output set up.
    let _ = tracing_subscriber::registry().with(filter(&level)).with(logs).with(MetricLines).try_init();
}

/// The filter of [`init`], for a process with an output of its own.
pub fn log_filter(level: &str) -> EnvFilter {
    filter(level)
}

/// Prints metric lines as they are: CloudWatch wants the object itself.
pub struct MetricLines;

impl<S: Subscriber> Layer<S> for MetricLines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        struct Line(Option<String>);
        impl Visit for Line {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn fmt::Debug) {
                if field.name() == "line" {
                    self.0 = Some(format!("{value:?}"));
                }
            }
        }
        if event.metadata().target() == METRIC_TARGET {
            let mut line = Line(None);
            event.record(&mut line);
            if let Line(Some(line)) = line {
                // There is nobody to tell when standard output is gone.
                let _ = writeln!(std::io::stdout(), "{line}");
            }
        }
    }
}
