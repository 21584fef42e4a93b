//! Logs and metrics. Logs are JSON lines. Metrics are lines in CloudWatch's embedded metric format, so counting needs
//! no API call.
//!
//! A log message reads alone and names no person: ids and codes, never names, phones, tokens, bodies or addresses.
//! `error` is for what someone must act on.
use std::{fmt, sync::OnceLock, time::Duration};

use serde_json::json;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
};
use tracing_subscriber::{
    filter::Targets,
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::{Format, Json, JsonFields, Writer},
    },
    layer::SubscriberExt as _,
    registry::LookupSpan,
    util::SubscriberInitExt as _,
};

/// The target that separates metric lines from log lines.
pub const METRIC_TARGET: &str = "metric";
/// The product's own crates.
pub const OURS: [&str; 13] = [
    "alerts",
    "chains",
    "functions",
    "kernel",
    "local",
    "manifest",
    "market",
    "outbox",
    "places",
    "shared",
    "store",
    "worth",
    "yookassa",
];
/// The default namespace of metrics.
pub const DEFAULT_NAMESPACE: &str = "CargoTechDriver";
/// The default release of metrics.
pub const DEFAULT_RELEASE: &str = "none";
/// The configured metric namespace and release of this process.
static COUNTS: OnceLock<(String, String)> = OnceLock::new();

/// Sets the namespace and release of metrics. Only the first call takes effect.
pub fn count_in(namespace: &str, release: &str) {
    let _ = COUNTS.set((namespace.to_owned(), release.to_owned()));
}

/// A metric. Each module declares its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    name: &'static str,
    unit: &'static str,
}

impl Metric {
    /// A counter.
    pub const fn count(name: &'static str) -> Self {
        Self { name, unit: "Count" }
    }

    /// A duration, for [`took`].
    pub const fn milliseconds(name: &'static str) -> Self {
        Self { name, unit: "Milliseconds" }
    }

    /// An age, for [`measure`].
    pub const fn seconds(name: &'static str) -> Self {
        Self { name, unit: "Seconds" }
    }

    /// The name in CloudWatch.
    pub const fn name(self) -> &'static str {
        self.name
    }
}

/// A job succeeded.
pub const JOB_RAN: Metric = Metric::count("JobRan");
/// A job failed.
pub const JOB_FAILED: Metric = Metric::count("JobFailed");
/// A request failed with 5xx because of a fault of the product.
pub const REQUEST_FAILED: Metric = Metric::count("RequestFailed");
/// A request failed with 5xx because another service failed or an admin switched a feature off.
pub const REQUEST_FAILED_BY_OTHERS: Metric = Metric::count("RequestFailedByOthers");
/// A request was answered 403.
pub const REQUEST_FORBIDDEN: Metric = Metric::count("RequestForbidden");
/// A webhook call failed authentication.
pub const WEBHOOK_REFUSED: Metric = Metric::count("WebhookRefused");
/// The age of a secret in days.
pub const SECRET_AGE: Metric = Metric { name: "SecretAge", unit: "None" };

/// The metrics of requests, webhooks, jobs and secrets.
pub const ALL: &[Metric] =
    &[JOB_RAN, JOB_FAILED, REQUEST_FAILED, REQUEST_FAILED_BY_OTHERS, REQUEST_FORBIDDEN, WEBHOOK_REFUSED, SECRET_AGE];

/// Adds one to the metric.
pub fn count(metric: Metric) {
    emit(metric, 1.0, &[]);
}

/// Adds one to the metric, and one by reason. `reason` must come from a short, fixed list.
pub fn count_by(metric: Metric, reason: &str) {
    emit(metric, 1.0, &[("Reason", reason)]);
}

/// Counts a 5xx answer caused by a fault of the product, also by release, so that each update is judged by its own
/// faults.
pub fn request_failed(reason: &str) {
    let release = COUNTS.get().map_or(DEFAULT_RELEASE, |(_, release)| release);
    emit(REQUEST_FAILED, 1.0, &[("Reason", reason), ("Release", release)]);
}

/// Records a value in the metric's unit.
pub fn measure(metric: Metric, value: f64) {
    emit(metric, value, &[]);
}

/// Records a duration or an age in the metric's unit.
pub fn took(metric: Metric, time: Duration) {
    let seconds = time.as_secs_f64();
    emit(metric, if metric.unit == "Milliseconds" { seconds * 1000.0 } else { seconds }, &[]);
}

/// Records the age of a secret. `name` must come from a short, fixed list.
pub fn secret_age(name: &str, age: Duration) {
    emit(SECRET_AGE, age.as_secs_f64() / 86_400.0, &[("Reason", name)]);
}

fn emit(metric: Metric, value: f64, kinds: &[(&str, &str)]) {
    let Metric { name, unit } = metric;
    if !tracing::enabled!(target: METRIC_TARGET, tracing::Level::INFO) {
        return;
    }
    let at = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_millis());
    let namespace = COUNTS.get().map_or(DEFAULT_NAMESPACE, |(namespace, _)| namespace);
    // Alarms sum the metric without dimensions; people see the cause by Reason. Names and units are constants and need
    // no escaping, and the configuration rejects namespaces that would.
    let (mut dimensions, mut values) = ("[]".to_owned(), String::new());
    for (dimension, kind) in kinds {
        dimensions += &format!(r#",["{dimension}"]"#);
        values += &format!(r#","{dimension}":{}"#, json!(kind));
    }
    let line = format_args!(
        r#"{{"_aws":{{"Timestamp":{at},"CloudWatchMetrics":[{{"Namespace":"{namespace}","Dimensions":[{dimensions}],"Metrics":[{{"Name":"{name}","Unit":"{unit}"}}]}}]}},"{name}":{value}{values}}}"#
    );
    tracing::info!(target: METRIC_TARGET, line = %line);
}

/// Sets up JSON lines on standard output for a Lambda function.
pub fn init() {
    let level = std::env::var("LOG_LEVEL").unwrap_or_default();
    // Tests call this twice. The second call finds the output already set up.
    let _ = tracing_subscriber::registry().with(log_filter(&level)).with(lines()).try_init();
}

/// One layer for both kinds of lines, behind one filter, so that filtered lines cost almost nothing.
fn lines<S: Subscriber + for<'a> LookupSpan<'a>>() -> tracing_subscriber::fmt::Layer<S, JsonFields, Lines> {
    let lines = Lines(tracing_subscriber::fmt::format().json().flatten_event(true).with_span_list(false));
    tracing_subscriber::fmt::layer().fmt_fields(JsonFields::new()).event_format(lines)
}

/// What is logged: the product's crates at `LOG_LEVEL` (default `info`), all others at `info` at most, because an HTTP
/// client prints headers at `debug`.
pub fn log_filter(level: &str) -> Targets {
    let level = match level.to_ascii_lowercase().as_str() {
        "error" => LevelFilter::ERROR,
        "warn" => LevelFilter::WARN,
        "debug" => LevelFilter::DEBUG,
        "trace" => LevelFilter::TRACE,
        _ => LevelFilter::INFO,
    };
    Targets::new()
        .with_default(level.min(LevelFilter::INFO))
        .with_targets(OURS.map(|target| (target, level)))
        .with_target(METRIC_TARGET, LevelFilter::INFO)
}

/// Formats log lines, and passes metric lines through unchanged, as CloudWatch requires.
struct Lines(Format<Json>);

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        if event.metadata().target() != METRIC_TARGET {
            return self.0.format_event(context, writer, event);
        }
        let mut metric = MetricLine { writer: writer.by_ref(), result: Ok(()) };
        event.record(&mut metric);
        metric.result?;
        writeln!(writer)
    }
}

struct MetricLine<'a> {
    writer: Writer<'a>,
    result: fmt::Result,
}

impl Visit for MetricLine<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "line" {
            self.result = write!(self.writer, "{value:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use serde_json::Value;

    use super::*;

    /// Captures what `work` prints.
    fn printed(level: &str, work: impl FnOnce()) -> Vec<Value> {
        #[derive(Clone, Default)]
        struct Kept(Arc<Mutex<Vec<u8>>>);
        impl io::Write for Kept {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.lock().unwrap().extend_from_slice(bytes);
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let kept = Kept::default();
        let writer = kept.clone();
        let subscriber =
            tracing_subscriber::registry().with(log_filter(level)).with(lines().with_writer(move || writer.clone()));
        tracing::subscriber::with_default(subscriber, work);
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn a_metric_is_an_object_of_its_own() {
        let lines = printed("error", || {
            count(Metric::count("CacheHit"));
            count_by(Metric::count("SignInRefused"), "a \"reason\"");
            took(Metric::milliseconds("CargoTechLatency"), Duration::from_micros(1500));
            secret_age("session", Duration::from_secs(129_600));
            request_failed("internal");
        });
        let [hit, refused, took, old, failed] = &lines[..] else { panic!("{lines:?}") };
        let about = &hit["_aws"]["CloudWatchMetrics"][0];
        assert_eq!((&hit["CacheHit"], &about["Dimensions"]), (&json!(1), &json!([[]])));
        assert_eq!(about["Namespace"], DEFAULT_NAMESPACE);
        assert_eq!(about["Metrics"], json!([{ "Name": "CacheHit", "Unit": "Count" }]));
        assert!(hit["_aws"]["Timestamp"].as_u64().is_some_and(|at| at > 1_700_000_000_000));
        assert_eq!(refused["Reason"], "a \"reason\"");
        assert_eq!(refused["_aws"]["CloudWatchMetrics"][0]["Dimensions"], json!([[], ["Reason"]]));
        assert_eq!(
            (&took["CargoTechLatency"], took["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Unit"].as_str()),
            (&json!(1.5), Some("Milliseconds"))
        );
        assert_eq!((&old["SecretAge"], &old["Reason"]), (&json!(1.5), &json!("session")), "in days");
        assert_eq!((&failed["Reason"], &failed["Release"]), (&json!("internal"), &json!(DEFAULT_RELEASE)));
        assert_eq!(failed["_aws"]["CloudWatchMetrics"][0]["Dimensions"], json!([[], ["Reason"], ["Release"]]));
    }

    #[test]
    fn a_log_line_has_its_request_and_libraries_say_no_more_than_info() {
        let lines = printed("debug", || {
            let _entered = tracing::info_span!("request", request_id = "r1").entered();
            tracing::debug!(status = 200, "ours");
            tracing::debug!(target: "hyper::proto", "secret header");
            tracing::info!(target: "hyper::proto", "harmless");
        });
        let [ours, harmless] = &lines[..] else { panic!("{lines:?}") };
        assert_eq!((&ours["message"], &ours["status"], &ours["level"]), (&json!("ours"), &json!(200), &json!("DEBUG")));
        assert_eq!(ours["span"]["request_id"], "r1");
        assert_eq!(harmless["message"], "harmless");
        assert!(printed("", || tracing::debug!("more than info")).is_empty());
        assert!(printed("warn", || tracing::info!("more than a warning")).is_empty());
    }
}
