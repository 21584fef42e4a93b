//! Alarms, runbooks and the dashboard.
use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use crate::{
    Findings, at,
    document::{Template, listed, references, root},
    holds, source_text,
};

/// Of AWS's own metrics, those that this project looks at: namespace, name, dimensions.
const AWS_METRICS: &[(&str, &str, &[&str])] = &[
    ("AWS/ApiGateway", "4xx", &["ApiId"]),
    ("AWS/ApiGateway", "5xx", &["ApiId"]),
    ("AWS/ApiGateway", "Count", &["ApiId"]),
    ("AWS/ApiGateway", "Latency", &["ApiId"]),
    ("AWS/DynamoDB", "ConsumedReadCapacityUnits", &["TableName"]),
    ("AWS/DynamoDB", "ConsumedWriteCapacityUnits", &["TableName"]),
    ("AWS/DynamoDB", "ReadThrottleEvents", &["TableName"]),
    ("AWS/DynamoDB", "WriteThrottleEvents", &["TableName"]),
    // An index refuses by itself, and is not in the numbers of its table.
    ("AWS/DynamoDB", "ReadThrottleEvents", &["TableName", "GlobalSecondaryIndexName"]),
    ("AWS/DynamoDB", "WriteThrottleEvents", &["TableName", "GlobalSecondaryIndexName"]),
    // Of all functions together: what runs out is the account's.
    ("AWS/Lambda", "ConcurrentExecutions", &[]),
    ("AWS/Lambda", "Throttles", &[]),
    ("AWS/Lambda", "Duration", &["FunctionName"]),
    ("AWS/CertificateManager", "DaysToExpiry", &["CertificateArn"]),
    ("AWS/Lambda", "Errors", &["FunctionName"]),
    ("AWS/Lambda", "Errors", &["FunctionName", "Resource", "ExecutedVersion"]),
    ("AWS/Lambda", "Invocations", &["FunctionName"]),
    ("AWS/SQS", "ApproximateAgeOfOldestMessage", &["QueueName"]),
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible", &["QueueName"]),
];

/// The names of the metrics that the code writes.
fn written_metrics() -> BTreeSet<String> {
    shared::modules::PRODUCT.metrics().map(|metric| metric.name().to_owned()).collect()
}

/// A metric as an alarm or the dashboard names it.
struct Watched {
    namespace: String,
    name: String,
    dimensions: Vec<(String, String)>,
}

/// Who writes metrics: our functions, in their namespace, and AWS.
struct Writers {
    namespace: String,
    written: BTreeSet<String>,
    code: String,
}

impl Writers {
    fn of(template: &Template) -> Self {
        let namespace = &template.0["Globals"]["Function"]["Environment"]["Variables"]["METRICS_NAMESPACE"];
        Self { namespace: pattern(namespace), written: written_metrics(), code: source_text() }
    }
}

/// A text, or the pattern by which CloudFormation makes it.
fn pattern(value: &Value) -> String {
    value["Fn::Sub"].as_str().or(value.as_str()).unwrap_or_default().to_owned()
}

impl Watched {
    /// Whether nobody writes it; then why.
    fn problem(&self, writers: &Writers) -> Option<String> {
        let Self { namespace, name, dimensions } = self;
        let Writers { namespace: ours, written, code } = writers;
        let names: Vec<_> = dimensions.iter().map(|(name, _)| name.as_str()).collect();
        if namespace == ours {
            let kind_is_written = match &dimensions[..] {
                [] => true,
                [(dimension, kind)] if dimension == "Release" => kind == r#"{"Ref":"Release"}"#,
                [(dimension, kind)] => dimension == "Reason" && code.contains(&format!("\"{kind}\"")),
                _ => false,
            };
            let known = written.contains(name) && kind_is_written;
            return (!known).then(|| format!("no code writes the metric {name} {dimensions:?}"));
        }
        let known = AWS_METRICS.iter().any(|of| (of.0, of.1, of.2) == (namespace.as_str(), name.as_str(), &names[..]));
        (!known).then(|| format!("{namespace} {name} {names:?} is not in AWS_METRICS"))
    }

    /// As an alarm writes it.
    fn of_alarm(metric: &Value) -> Self {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let dimensions = listed(&metric["Dimensions"]);
        Self {
            namespace: pattern(&metric["Namespace"]),
            name: text(&metric["MetricName"]),
            dimensions: dimensions.iter().map(|one| (text(&one["Name"]), text(&one["Value"]))).collect(),
        }
    }

    /// All that an alarm looks at.
    fn all_of_alarm(alarm: &Value) -> Vec<Self> {
        match &alarm["Metrics"] {
            Value::Null if alarm["MetricName"].is_null() => Vec::new(),
            Value::Null => vec![Self::of_alarm(alarm)],
            metrics => listed(metrics)
                .into_iter()
                .map(|one| &one["MetricStat"]["Metric"])
                .filter(|one| !one.is_null())
                .map(Self::of_alarm)
                .collect(),
        }
    }
}

/// All alarms: logical id and properties.
pub fn alarms(template: &Template) -> Vec<(&str, &Value)> {
    let mut alarms = template.resources("AWS::CloudWatch::Alarm");
    alarms.extend(template.resources("AWS::CloudWatch::CompositeAlarm"));
    alarms
}

/// An alarm that waits for a metric nobody writes, or that nobody hears, is worse than none.
pub fn alarms_are_heard(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    let writers = Writers::of(template);
    findings.unless(writers.namespace.contains("${AWS::StackName}"), || {
        "two stacks in one account would share their alarms".to_owned()
    });
    findings.unless(!alarms(template).is_empty(), || "there are no alarms".to_owned());
    let composed: Vec<_> = template
        .resources("AWS::CloudWatch::CompositeAlarm")
        .into_iter()
        .flat_map(|(_, alarm)| references(&alarm["AlarmRule"]))
        .collect();
    for (id, alarm) in alarms(template) {
        let told = listed(&alarm["AlarmActions"]).into_iter().any(|action| action["Ref"] == "AlarmTopic");
        findings.unless(told || composed.iter().any(|part| part == id), || format!("{id}: tells nobody"));
        findings.unless(alarm["AlarmDescription"].is_string(), || format!("{id}: does not say what it means"));
    }
    for (id, alarm) in template.resources("AWS::CloudWatch::Alarm") {
        let watched = Watched::all_of_alarm(alarm);
        // CloudWatch takes ten.
        findings.unless((1..=10).contains(&watched.len()), || format!("{id}: watches {} metrics", watched.len()));
        for problem in watched.iter().filter_map(|metric| metric.problem(&writers)) {
            findings.0.push(format!("{id}: {problem}"));
        }
        // No data means that nothing happened, except where that is what the alarm is there to tell.
        let silence = alarm["ComparisonOperator"].as_str().is_some_and(|operator| operator.starts_with("LessThan"));
        let missing = if silence { "breaching" } else { "notBreaching" };
        findings.unless(alarm["TreatMissingData"] == missing, || format!("{id}: missing data have to be {missing}"));
    }
    findings.0
}

/// Alarms look at all that can refuse: each table and each index, reads and writes.
pub fn throttling_is_seen(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    let seen: BTreeSet<_> = template
        .resources("AWS::CloudWatch::Alarm")
        .into_iter()
        .flat_map(|(_, alarm)| Watched::all_of_alarm(alarm))
        .map(|metric| (metric.name, metric.dimensions.into_iter().map(|(_, value)| value).collect::<Vec<_>>()))
        .collect();
    for (id, table) in template.resources("AWS::DynamoDB::Table") {
        let table_name = format!("{{\"Ref\":\"{id}\"}}");
        let indexes = listed(&table["GlobalSecondaryIndexes"]).into_iter().map(|index| pattern(&index["IndexName"]));
        let mut places = vec![vec![table_name.clone()]];
        places.extend(indexes.map(|index| vec![table_name.clone(), index]));
        for place in places {
            for metric in ["ReadThrottleEvents", "WriteThrottleEvents"] {
                let is_seen = seen.contains(&(metric.to_owned(), place.clone()));
                findings.unless(is_seen, || format!("no alarm watches {metric} of {place:?}"));
            }
        }
    }
    findings.0
}

/// An alarm and the code agree on when a secret is old.
pub fn secrets_get_old_as_the_code_says(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    let threshold = &template.0["Resources"]["SecretOldAlarm"]["Properties"]["Threshold"];
    findings.unless(threshold.as_i64() == Some(shared::secrets::OLD_DAYS), || {
        format!("SecretOldAlarm: waits for {threshold} days, the code for {}", shared::secrets::OLD_DAYS)
    });
    findings.0
}

/// Whoever is woken by an alarm finds in it where it says what to do; and what is written there belongs to an alarm, or
/// stands in the list of the procedures that people start by themselves.
pub fn alarms_have_runbooks(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    let folder = root().join("docs/runbooks");
    let rehearsals = fs::read_to_string(root().join("tests/rehearse")).unwrap_or_default();
    let ours = Writers::of(template).namespace;
    let mut named = BTreeSet::new();
    let ours_of = |alarm: &Value| {
        let watched = Watched::all_of_alarm(alarm).into_iter().filter(|metric| metric.namespace == ours);
        watched.map(|metric| (metric.name, metric.dimensions)).collect::<BTreeSet<_>>()
    };
    // A metric that several alarms look at is brought about once.
    let rehearsed: BTreeSet<_> = alarms(template)
        .into_iter()
        .filter(|(id, _)| rehearsals.contains(&format!("\ndef {}(world):\n", id.trim_end_matches("Alarm"))))
        .flat_map(|(_, alarm)| ours_of(alarm))
        .collect();
    // Of the alarm that another template has.
    let edge = Template::of("infra/edge.yaml");
    for (id, alarm) in alarms(template).into_iter().chain(alarms(&edge)) {
        findings
            .unless(ours_of(alarm).is_subset(&rehearsed), || format!("{id}: tests/rehearse does not bring it about"));
        let description = alarm["AlarmDescription"].as_str().unwrap_or_default();
        let runbook = description.split_once("Runbook: docs/runbooks/").map_or("", |(_, file)| file.trim());
        findings.unless(runbook.ends_with(".md") && folder.join(runbook).is_file(), || {
            format!(
                "{id}: its description ends with no \"Runbook: docs/runbooks/<name>.md\" that exists: {description}"
            )
        });
        let own = format!("{}.md", id.trim_end_matches("Alarm"));
        let told = !alarm["AlarmActions"].is_null();
        findings.unless(!told || runbook == own, || format!("{id}: its runbook should be {own}"));
        named.insert(runbook.to_owned());
    }
    let index = fs::read_to_string(folder.join("README.md")).unwrap_or_default();
    for entry in fs::read_dir(&folder).expect("the runbooks can be listed") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        if name == "README.md" {
            continue;
        }
        findings.unless(index.contains(&format!("({name})")), || format!("{name}: is not in docs/runbooks/README.md"));
        let text = fs::read_to_string(folder.join(&name)).expect("a runbook can be read");
        let without = index.split_once("## Without an alarm").map_or("", |(_, rest)| rest);
        findings.unless(named.contains(&name) || without.contains(&format!("({name})")), || {
            format!("{name}: is the runbook of no alarm")
        });
        for part in ["## What it means", "## Look", "## Do", "## Rehearse"] {
            findings.unless(text.contains(part), || format!("{name}: has no {part:?}"));
        }
    }
    findings.0
}

/// The dashboard shows metrics that somebody writes, and every alarm that tells somebody.
pub fn dashboard_shows_what_is_written(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    let writers = Writers::of(template);
    let dashboards = template.resources("AWS::CloudWatch::Dashboard");
    findings.unless(!dashboards.is_empty(), || "there is no dashboard".to_owned());
    for (id, dashboard) in dashboards {
        let text = dashboard["DashboardBody"]["Fn::Sub"].as_str().unwrap_or_default();
        let Ok(body) = serde_json::from_str::<Value>(text) else {
            findings.0.push(format!("{id}: is not JSON"));
            continue;
        };
        for widget in listed(&body["widgets"]) {
            let title = &widget["properties"]["title"];
            for metric in listed(&widget["properties"]["metrics"]) {
                let mut parts: Vec<_> =
                    listed(metric).into_iter().map_while(|part| part.as_str().map(str::to_owned)).collect();
                let expression = metric[0]["expression"].as_str().unwrap_or_default();
                if expression.starts_with("SEARCH") {
                    let quoted = |before| expression.split(before).nth(1)?.split('"').next().map(str::to_owned);
                    parts = ["{\"", "MetricName=\""].into_iter().filter_map(quoted).collect();
                }
                let [namespace, name, dimensions @ ..] = &parts[..] else {
                    findings.unless(metric[0]["expression"].is_string(), || format!("{title}: {metric} is no metric"));
                    continue;
                };
                let dimensions = dimensions.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
                let watched = Watched { namespace: namespace.clone(), name: name.clone(), dimensions };
                findings.0.extend(watched.problem(&writers).map(|problem| format!("{title}: {problem}")));
            }
        }
        // One that is not always there cannot be named in it.
        let there = |id: &str| template.0["Resources"][id]["Condition"].is_null();
        let shown = |id: &str, alarm: &Value| !alarm["AlarmActions"].is_null() && there(id);
        for (alarm, _) in alarms(template).into_iter().filter(|(id, alarm)| shown(id, alarm)) {
            findings.unless(text.contains(&format!("${{{alarm}.Arn}}")), || format!("{id}: does not show {alarm}"));
        }
    }
    findings.0
}

#[test]
fn every_alarm_watches_a_metric_that_somebody_writes_and_tells_somebody() {
    let alarm = "/Resources/SignInRefusedAlarm/Properties";
    let share = "/Resources/CargoTechFailedAlarm/Properties";
    holds(
        alarms_are_heard,
        &[
            ("a metric that nobody writes", &|t| t.set(&at(alarm, "MetricName"), json!("SignInDeclined"))),
            ("a metric that nobody writes, in a sum", &|t| {
                t.set(&at(share, "Metrics/1/MetricStat/Metric/MetricName"), json!("CargoTechFalied"));
            }),
            ("the metrics of every stack", &|t| t.set(&at(alarm, "Namespace"), json!("CargoTechDriver"))),
            ("functions that count for every stack", &|t| {
                let variables = "/Globals/Function/Environment/Variables";
                t.set(&format!("{variables}/METRICS_NAMESPACE"), json!("CargoTechDriver"));
            }),
            ("more metrics than CloudWatch takes", &|t| {
                let metrics = "/Resources/IndexThrottledAlarm/Properties/Metrics";
                let one = t.0.pointer(&at(metrics, "1")).expect("a metric").clone();
                (0..5).for_each(|_| t.add(metrics, "", one.clone()));
            }),
            ("a job that nobody runs", &|t| {
                t.set("/Resources/WatchSilentAlarm/Properties/Dimensions/0/Value", json!("guard"));
            }),
            ("a dimension that nobody writes", &|t| {
                t.add(alarm, "Dimensions", json!([{ "Name": "Stage", "Value": "production" }]));
            }),
            ("a metric that AWS does not have", &|t| {
                t.set("/Resources/NotifyDeadLettersAlarm/Properties/MetricName", json!("NumberOfDeadLetters"));
            }),
            ("nobody told", &|t| t.remove(&at(alarm, "AlarmActions"))),
            ("a part of nothing", &|t| {
                t.set(
                    "/Resources/AvailabilityFastBurnAlarm/Properties/AlarmRule",
                    json!({ "Fn::Sub": "ALARM(\"${BurnLastHourAlarm}\")" }),
                );
            }),
            ("a quiet night that counts as an alarm", &|t| t.remove(&at(alarm, "TreatMissingData"))),
            ("a silence that counts as rest", &|t| {
                t.set("/Resources/JobsSilentAlarm/Properties/TreatMissingData", json!("notBreaching"));
            }),
            ("a drop of which silence is no part", &|t| {
                t.set("/Resources/TrafficDroppedAlarm/Properties/TreatMissingData", json!("notBreaching"));
            }),
            ("no word on what it means", &|t| t.remove(&at(alarm, "AlarmDescription"))),
        ],
    );
}

#[test]
fn every_table_and_every_index_is_watched_for_what_it_refuses() {
    let indexes = "/Resources/IndexThrottledAlarm/Properties/Metrics";
    holds(
        throttling_is_seen,
        &[
            ("a table that nobody watches", &|t| t.remove("/Resources/StoreThrottledAlarm")),
            ("writes to an index", &|t| t.remove(&at(indexes, "2"))),
            ("an index that was added", &|t| {
                let places = "/Resources/AppTable/Properties/GlobalSecondaryIndexes";
                let mut more = t.0.pointer(&at(places, "0")).expect("an index").clone();
                more["IndexName"] = json!("more");
                t.add(places, "", more);
            }),
        ],
    );
}

#[test]
fn a_secret_is_old_by_one_rule() {
    let threshold = "/Resources/SecretOldAlarm/Properties/Threshold";
    holds(secrets_get_old_as_the_code_says, &[("another age", &|t| t.set(threshold, json!(180)))]);
}

#[test]
fn every_alarm_has_a_runbook_and_every_runbook_an_alarm() {
    let described = "/Resources/SignInRefusedAlarm/Properties/AlarmDescription";
    holds(
        alarms_have_runbooks,
        &[
            ("no runbook", &|t| t.set(described, json!("More than ten sign-ins a minute were refused."))),
            ("a runbook that is not there", &|t| t.set(described, json!("Refused. Runbook: docs/runbooks/Sign.md"))),
            ("another alarm's runbook", &|t| t.set(described, json!("Refused. Runbook: docs/runbooks/ApiSlow.md"))),
            ("a runbook without its alarm", &|t| t.remove("/Resources/ApiSlowAlarm")),
            ("an alarm that nobody rehearses", &|t| {
                // As a part of another, it may have that one's runbook.
                let mut part = t.0["Resources"]["BurnLastHourAlarm"].clone();
                part["Properties"]["Metrics"][1]["MetricStat"]["Metric"]["Namespace"] =
                    json!({ "Fn::Sub": "CargoTechDriver/${AWS::StackName}" });
                t.add("/Resources", "DriversUnhappyAlarm", part);
            }),
        ],
    );
}

#[test]
fn the_dashboard_shows_metrics_that_somebody_writes_and_every_alarm() {
    let body = "/Resources/Dashboard/Properties/DashboardBody/Fn::Sub";
    let instead = |from: &'static str, to: &'static str| {
        move |t: &mut Template| {
            let text = t.0.pointer(body).and_then(Value::as_str).expect("there is a dashboard").to_owned();
            assert!(text.contains(from), "{from}");
            t.set(body, json!(text.replace(from, to)));
        }
    };
    holds(
        dashboard_shows_what_is_written,
        &[
            ("a metric that nobody writes", &instead("\"PaymentMismatch\"", "\"PaymentDifferent\"")),
            ("a kind that nobody writes", &instead("\"Reason\", \"succeeded\"", "\"Reason\", \"paid_twice\"")),
            ("a search for what nobody writes", &instead("=\\\"SignInRefused\\\"", "=\\\"SignIn\\\"")),
            (
                "a search in all stacks",
                &instead("{\\\"CargoTechDriver/${AWS::StackName}\\\"", "{\\\"CargoTechDriver\\\""),
            ),
            ("a metric that AWS does not have", &instead("\"5xx\"", "\"5XXError\"")),
            ("an alarm that is not shown", &instead("${SignInRefusedAlarm.Arn}", "${ApiSlowAlarm.Arn}")),
            ("what CloudWatch cannot read", &instead("\"widgets\": [", "\"widgets\": [,")),
        ],
    );
}
