//! Checks of what whoever operates the product relies on: what an update is judged by, what counts as our fault, what is told of
//! costs and copies, and that what is written for them is true. Each returns what is wrong, one line a finding.
use std::{collections::BTreeSet, fs};

use serde_json::{Value, json};

use crate::{
    Damage, Findings, at,
    document::{Template, listed, root, strings},
    holds, source_text,
    watching::alarms,
};

/// The alarms that undo an update.
const GUARDS: [(&str, &str); 3] = [
    ("NewVersionFailsAlarm", "new-version-fails"),
    ("NewVersionCrashesAlarm", "new-version-crashes"),
    ("NewAdminVersionCrashesAlarm", "new-admin-version-crashes"),
];
/// Those of them that count crashes: one adds up ten metrics at most.
const CRASHES: [&str; 2] = ["NewVersionCrashesAlarm", "NewAdminVersionCrashesAlarm"];

/// Whether drivers and admins call a function: it has a route that the web app uses.
pub fn is_called_by_users(template: &Template, function: &str) -> bool {
    template.routes(function).iter().any(|(_, path)| path.starts_with("/api/"))
}

/// An update is undone for what its own version does wrong, counted, and for nothing else.
fn updates_are_judged_by_themselves(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    let wanted: Vec<_> =
        GUARDS.iter().map(|(_, name)| json!({ "Fn::Sub": format!("${{AWS::StackName}}-{name}") })).collect();
    let undone_by = &template.0["Globals"]["Function"]["DeploymentPreference"]["Alarms"];
    findings.unless(*undone_by == json!(wanted), || format!("an update is undone by {undone_by}"));
    for (id, name) in GUARDS {
        let alarm = &template.0["Resources"][id]["Properties"];
        let called = &alarm["AlarmName"];
        findings.unless(*called == json!({ "Fn::Sub": format!("${{AWS::StackName}}-{name}") }), || {
            format!("{id}: is called {called}")
        });
        // A share of few calls is large; a count is not.
        let least = alarm["Threshold"].as_u64();
        findings.unless(least.is_some_and(|least| least >= 2), || format!("{id}: goes off at {least:?}"));
    }
    let fails = &template.0["Resources"]["NewVersionFailsAlarm"]["Properties"];
    let of = json!([{ "Name": "Release", "Value": { "Ref": "Release" } }]);
    findings.unless(fails["MetricName"] == "RequestFailed" && fails["Dimensions"] == of, || {
        format!("the answers of another than the new release are counted: {}", fails["Dimensions"])
    });
    let crashes = CRASHES.map(|id| &template.0["Resources"][id]["Properties"]["Metrics"]);
    let metrics = crashes.iter().flat_map(|crashes| listed(crashes));
    let watched: BTreeSet<_> = metrics.map(|one| one["MetricStat"]["Metric"].to_string()).collect();
    for (id, _) in template.functions() {
        let metric = json!({
            "Namespace": "AWS/Lambda",
            "MetricName": "Errors",
            "Dimensions": [
                { "Name": "FunctionName", "Value": { "Ref": id } },
                { "Name": "Resource", "Value": { "Fn::Sub": format!("${{{id}}}:live") } },
                { "Name": "ExecutedVersion", "Value": { "Fn::GetAtt": format!("{id}.Version.Version") } },
            ],
        });
        let (is_watched, is_called) = (watched.contains(&metric.to_string()), is_called_by_users(template, id));
        findings.unless(is_watched == is_called, || format!("{id}: crashes are watched: {is_watched}"));
    }
    for crashes in crashes {
        let sum = strings(&crashes[0]["Expression"]).join(" ");
        for id in listed(crashes).into_iter().skip(1).filter_map(|one| one["Id"].as_str()) {
            findings.unless(sum.contains(&format!("FILL({id}, 0)")), || format!("{id}: is not in the sum {sum:?}"));
        }
    }
    findings.0
}

#[test]
fn an_update_is_undone_for_its_own_failures_and_for_no_other() {
    let guard = "/Resources/NewVersionCrashesAlarm/Properties";
    holds(
        updates_are_judged_by_themselves,
        &[
            ("the share of all 5xx", &|t| {
                let name = json!({ "Fn::Sub": "${AWS::StackName}-burn-last-five-minutes" });
                t.set("/Globals/Function/DeploymentPreference/Alarms/0", name);
            }),
            ("the answers of every release", &|t| t.remove("/Resources/NewVersionFailsAlarm/Properties/Dimensions")),
            ("one failure", &|t| t.set("/Resources/NewVersionFailsAlarm/Properties/Threshold", json!(0))),
            ("one crash", &|t| t.set(&at(guard, "Threshold"), json!(0))),
            ("the version before too", &|t| t.remove(&at(guard, "Metrics/1/MetricStat/Metric/Dimensions/2"))),
            ("a function that nobody watches", &|t| t.remove(&at(guard, "Metrics/3"))),
            ("a function of the admin page that nobody watches", &|t| {
                t.remove("/Resources/NewAdminVersionCrashesAlarm/Properties/Metrics/2");
            }),
            ("one that is not in the sum", &|t| t.set(&at(guard, "Metrics/0/Expression"), json!("FILL(auth, 0)"))),
            ("a name that the update does not know", &|t| t.remove(&at(guard, "AlarmName"))),
        ],
    );
}

/// Lambda makes no version that is like the last one, so a release is part of its versions and takes them along.
fn releases_can_come_back(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    for (id, _) in template.functions() {
        let kept = template.function(id, "VersionDeletionPolicy");
        findings.unless(kept == "Delete", || format!("{id}: a version that an undone update made stays: {kept}"));
    }
    let release = &template.0["Globals"]["Function"]["Environment"]["Variables"]["RELEASE"];
    findings.unless(*release == json!({ "Ref": "Release" }), || format!("two releases may be one version: {release}"));
    findings.0
}

#[test]
fn an_update_that_was_undone_can_be_made_again() {
    holds(
        releases_can_come_back,
        &[
            ("versions that stay", &|t| t.remove("/Globals/Function/VersionDeletionPolicy")),
            ("versions that one function keeps", &|t| {
                t.add("/Resources/MeFunction/Properties", "VersionDeletionPolicy", json!("Retain"));
            }),
            ("releases that look alike", &|t| t.remove("/Globals/Function/Environment/Variables/RELEASE")),
        ],
    );
}

/// What fails because others do is no part of the objective, and has an alarm of its own.
fn availability_is_our_own(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    let mut own = 0;
    for (id, alarm) in template.resources("AWS::CloudWatch::Alarm") {
        let metrics = listed(&alarm["Metrics"]);
        let names: Vec<_> = metrics.iter().map(|one| one["MetricStat"]["Metric"]["MetricName"].clone()).collect();
        let period = |name: &str| {
            let of = metrics.iter().find(|one| one["MetricStat"]["Metric"]["MetricName"] == name);
            of.map(|one| &one["MetricStat"]["Period"])
        };
        if !names.iter().chain([&alarm["MetricName"]]).any(|name| name == "5xx") {
            continue;
        }
        own += 1;
        let expression = strings(&metrics.first().map_or(Value::Null, |one| one["Expression"].clone())).join(" ");
        let taken_off = expression.contains("100 * (errors - FILL(others, 0)) / requests");
        let in_step = period("RequestFailedByOthers").is_some() && period("RequestFailedByOthers") == period("5xx");
        findings.unless(taken_off && in_step, || format!("{id}: counts what others fail at: {expression:?}"));
    }
    findings.unless(own > 0, || "nothing watches what fails".to_owned());
    let others = &template.0["Resources"]["DependenciesFailedAlarm"]["Properties"]["Metrics"];
    findings.unless(others.to_string().contains("RequestFailedByOthers"), || {
        "nothing watches what fails because of others".to_owned()
    });
    findings.0
}

#[test]
fn what_others_fail_at_is_no_part_of_the_objective_and_is_told() {
    let burn = "/Resources/BurnLastHourAlarm/Properties/Metrics";
    holds(
        availability_is_our_own,
        &[
            ("all 5xx", &|t| t.set(&at(burn, "0/Expression"), json!("100 * errors / requests"))),
            ("others that are not there", &|t| t.remove(&at(burn, "2"))),
            ("others of another time", &|t| t.set(&at(burn, "2/MetricStat/Period"), json!(60))),
            ("nobody told of others", &|t| t.remove("/Resources/DependenciesFailedAlarm")),
        ],
    );
}

/// Costs are told where alarms are, and copies go to another account when one is named.
fn costs_and_copies_are_looked_after(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    let resources = &template.0["Resources"];
    let budget = &resources["MonthlyBudget"]["Properties"];
    findings.unless(budget["Budget"]["BudgetLimit"]["Amount"] == json!({ "Ref": "MonthlyBudgetDollars" }), || {
        "there is no budget".to_owned()
    });
    let told: Vec<_> = listed(&budget["NotificationsWithSubscribers"])
        .into_iter()
        .filter(|one| one["Subscribers"][0]["Address"]["Ref"] == "AlarmTopic")
        .map(|one| one["Notification"]["NotificationType"].clone())
        .collect();
    findings.unless(told == ["ACTUAL", "FORECASTED"], || format!("of costs is told: {told:?}"));
    let may: Vec<_> =
        strings(&resources["AlarmTopicPolicy"]["Properties"]["PolicyDocument"]["Statement"][0]["Principal"]);
    findings.unless(may == ["budgets.amazonaws.com", "cloudwatch.amazonaws.com"], || {
        format!("the topic takes messages of {may:?}")
    });
    let plan = &resources["BackupPlan"];
    let rule = &plan["Properties"]["BackupPlan"]["BackupPlanRule"][0];
    let to = &rule["CopyActions"][0]["DestinationBackupVaultArn"];
    findings.unless(*to == json!({ "Ref": "BackupVaultArn" }), || format!("copies go to {to}"));
    let kept = rule["CopyActions"][0]["Lifecycle"]["DeleteAfterDays"].as_u64();
    findings.unless(kept.is_some_and(|days| days >= 35), || format!("copies are kept for {kept:?} days"));
    let of = &resources["BackupSelection"]["Properties"]["BackupSelection"]["Resources"];
    findings.unless(*of == json!([{ "Fn::GetAtt": "AppTable.Arn" }]), || format!("copied is {of}"));
    for id in ["BackupVault", "BackupPlan", "BackupSelection", "BackupRole"] {
        findings.unless(resources[id]["Condition"] == "HasBackupVault", || format!("{id}: is made without a vault"));
    }
    findings.0
}

#[test]
fn costs_are_told_and_copies_leave_the_account() {
    holds(
        costs_and_copies_are_looked_after,
        &[
            ("no budget", &|t| t.remove("/Resources/MonthlyBudget")),
            ("no forecast", &|t| t.remove("/Resources/MonthlyBudget/Properties/NotificationsWithSubscribers/1")),
            ("a topic that takes nothing of budgets", &|t| {
                t.remove("/Resources/AlarmTopicPolicy/Properties/PolicyDocument/Statement/0/Principal/Service/0");
            }),
            ("copies that stay", &|t| {
                t.remove("/Resources/BackupPlan/Properties/BackupPlan/BackupPlanRule/0/CopyActions");
            }),
            ("another table", &|t| {
                let of = "/Resources/BackupSelection/Properties/BackupSelection/Resources/0";
                t.set(of, json!({ "Fn::GetAtt": "CacheTable.Arn" }));
            }),
        ],
    );
}

/// What AWS has in us-east-1 alone: logs of CloudFront that tell of nobody and end, and the age of the site's certificate.
fn the_edge_is_watched(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    let resources = &template.0["Resources"];
    let fields = strings(&resources["AccessLogDelivery"]["Properties"]["RecordFields"]);
    findings
        .unless(fields.contains(&"cs-uri-stem") && fields.contains(&"sc-status"), || "the logs say nothing".to_owned());
    for field in fields {
        let telling = ["query", "Cookie", "Referer", "c-ip", "forwarded", "User-Agent"];
        findings.unless(!telling.iter().any(|part| field.contains(part)), || format!("the logs hold {field}"));
    }
    let ends = &resources["AccessLogs"]["Properties"]["RetentionInDays"];
    findings.unless(*ends == json!({ "Ref": "LogRetentionDays" }), || format!("the logs are kept for {ends}"));
    let alarm = &resources["SiteCertificateOldAlarm"];
    let told = alarm["Properties"]["AlarmActions"][0]["Ref"] == "AlarmTopic";
    findings.unless(told && alarm["Condition"] == "HasCertificate", || "nobody is told of the certificate".to_owned());
    let listeners = template.resources("AWS::SNS::Subscription").len();
    findings.unless(listeners == 2, || format!("{listeners} are told"));
    let runbook = alarm["Properties"]["AlarmDescription"].as_str().unwrap_or_default();
    findings.unless(runbook.contains("Runbook: docs/runbooks/SiteCertificateOld.md"), || "no runbook".to_owned());
    findings.0
}

#[test]
fn logs_of_the_edge_tell_of_nobody_and_end() {
    let edge = Template::of("infra/edge.yaml");
    assert!(the_edge_is_watched(&edge).is_empty(), "{:?}", the_edge_is_watched(&edge));
    let damages: [Damage; 4] = [
        ("queries", &|t| t.add("/Resources/AccessLogDelivery/Properties/RecordFields", "", json!("cs-uri-query"))),
        ("addresses", &|t| t.add("/Resources/AccessLogDelivery/Properties/RecordFields", "", json!("c-ip"))),
        ("for ever", &|t| t.remove("/Resources/AccessLogs/Properties/RetentionInDays")),
        ("nobody told", &|t| t.remove("/Resources/SiteCertificateOldAlarm/Properties/AlarmActions")),
    ];
    for (what, damage) in damages {
        let mut damaged = edge.clone();
        damage(&mut damaged);
        assert!(!the_edge_is_watched(&damaged).is_empty(), "the check does not see: {what}");
    }
}

/// The table in docs/functions.md has each function with each of its routes, and nothing else.
#[test]
fn the_table_of_functions_is_complete() {
    let template = Template::read();
    let text = fs::read_to_string(root().join("docs/functions.md")).expect("it can be read");
    let table = text.split("| function | trigger | work |").nth(1).and_then(|rest| rest.split("\n\n").next());
    let rows: BTreeSet<(String, BTreeSet<String>)> = table
        .expect("the table is there")
        .lines()
        .filter_map(|line| {
            let mut cells = line.trim_matches('|').split(" | ");
            let name = cells.next()?.trim().strip_prefix('`')?.strip_suffix('`')?;
            Some((name.to_owned(), cells.next()?.trim().split(", ").map(str::to_owned).collect()))
        })
        .collect();
    let deployed: BTreeSet<(String, BTreeSet<String>)> = template
        .functions()
        .into_iter()
        .map(|(id, name)| {
            let routes: Vec<_> =
                template.routes(id).iter().map(|(method, path)| format!("`{method} {path}`")).collect();
            let events = template.0["Resources"][id]["Properties"]["Events"].to_string();
            let other = [("\"SQS\"", "SQS"), ("\"ScheduleV2\"", "EventBridge Scheduler"), ("\"SNS\"", "SNS")];
            let other = other.iter().filter(|(kind, _)| events.contains(kind)).map(|(_, word)| (*word).to_owned());
            (name, routes.into_iter().chain(other).collect())
        })
        .collect();
    assert_eq!(rows, deployed);
}

/// What one of our log lines can have: its message, and the names of its fields.
struct LogLines {
    messages: BTreeSet<String>,
    fields: BTreeSet<String>,
}

impl LogLines {
    /// Read from the code: every call of a macro of `tracing`.
    fn of_the_code() -> Self {
        let code = source_text();
        let mut lines = Self { messages: BTreeSet::new(), fields: BTreeSet::new() };
        for kind in ["error!(", "warn!(", "info!(", "debug!("] {
            for rest in code.split(&format!("tracing::{kind}")).skip(1) {
                let call = rest.split(");").next().unwrap_or_default().replace("\\\n", "");
                let quoted: Vec<_> = call.split('"').collect();
                lines.messages.extend(quoted.iter().skip(1).step_by(2).map(|text| (*text).to_owned()));
                lines.add_fields(&quoted.iter().step_by(2).copied().collect::<String>());
            }
        }
        for span in code.split("info_span!(").skip(1) {
            let call = span.split(");").next().unwrap_or_default();
            let names = call.split(',').map(|field| field.split(['=', '.']).next().unwrap_or_default().trim());
            lines.fields.extend(names.filter(|name| !name.starts_with('"')).map(|name| format!("span.{name}")));
        }
        lines
    }

    fn add_fields(&mut self, call: &str) {
        for field in call.split(',') {
            let name = field.split('=').next().unwrap_or_default().trim().trim_start_matches(['%', '?']);
            let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            self.fields.extend(is_name.then(|| name.to_owned()));
        }
    }

    /// What is wrong with a query: a message that no line has, a field that none has.
    fn faults(&self, query: &str) -> Vec<String> {
        /// What Lambda and the Rust runtime print themselves; it is in no field of ours, only in `@message`.
        const NOT_OURS: [&str; 2] = ["Task timed out", "panicked"];
        let mut faults = Vec::new();
        let mut plain = String::new();
        for (number, part) in query.split('/').enumerate() {
            let before = plain.trim_end();
            if number % 2 == 0 {
                plain.push_str(part);
                continue;
            }
            if !before.ends_with("message like") {
                continue;
            }
            let foreign = before.ends_with("@message like");
            for text in part.split('|') {
                let known = self.messages.iter().any(|message| message.contains(text));
                if !(known || foreign && NOT_OURS.contains(&text)) {
                    faults.push(format!("no line has {text:?} in its message"));
                }
            }
        }
        let quoted: Vec<_> = plain.split('"').collect();
        for pair in quoted.chunks(2) {
            let [before, text] = pair else { continue };
            let is_message = before.trim_end().ends_with(['[', '=', ',']) && self.is_about_message(&quoted, text);
            if is_message && !self.messages.contains(*text) {
                faults.push(format!("no line has the message {text:?}"));
            }
        }
        let words = quoted.iter().step_by(2).copied().collect::<Vec<_>>().join(" ");
        faults.extend(self.unknown_words(&words));
        faults
    }

    /// Whether a quoted text stands for a message: in a list, or after `message =`.
    fn is_about_message(&self, quoted: &[&str], text: &str) -> bool {
        let Some(at) = quoted.iter().position(|part| *part == text) else { return false };
        let before = quoted[..at].iter().step_by(2).copied().collect::<String>();
        let last = before.rsplit(['|', '(']).next().unwrap_or_default();
        let name = last.split(" or ").last().unwrap_or_default().split(" and ").last().unwrap_or_default();
        name.trim().trim_start_matches("filter").trim().starts_with("message")
    }

    fn unknown_words(&self, words: &str) -> Vec<String> {
        const LANGUAGE: [&str; 22] = [
            "filter", "stats", "fields", "sort", "limit", "by", "and", "or", "not", "in", "like", "as", "count", "sum",
            "avg", "max", "min", "pct", "bin", "m", "desc", "parse",
        ];
        let mut named = BTreeSet::new();
        let unknown = |word: &&str| {
            let known = self.fields.contains(*word)
                || LANGUAGE.contains(word)
                || word.starts_with('@')
                || ["message", "level"].contains(word)
                || word.chars().all(|c| c.is_ascii_digit());
            !known
        };
        let tokens: Vec<_> = words
            .split(|c: char| !(c.is_ascii_alphanumeric() || "._@".contains(c)))
            .filter(|word| !word.is_empty())
            .collect();
        for pair in tokens.windows(2) {
            if pair[0] == "as" {
                named.insert(pair[1]);
            }
        }
        tokens
            .iter()
            .filter(|word| !named.contains(**word) && unknown(word))
            .filter(|word| !word.trim_end_matches(['m', 's', 'h']).chars().all(|c| c.is_ascii_digit()))
            .map(|word| format!("no line has the field {word:?}"))
            .collect()
    }
}

/// The queries of a runbook for Logs Insights.
fn queries(runbook: &str) -> Vec<String> {
    let blocks = runbook.split("```").skip(1).step_by(2).map(|block| block.trim().to_owned());
    blocks.filter(|block| block.starts_with("filter") || block.starts_with("fields")).collect()
}

#[test]
fn queries_of_the_runbooks_find_lines_that_the_code_writes() {
    let lines = LogLines::of_the_code();
    let (mut seen, mut faults) = (0, Vec::new());
    for entry in fs::read_dir(root().join("docs/runbooks")).expect("the runbooks can be listed") {
        let path = entry.expect("an entry").path();
        let text = fs::read_to_string(&path).expect("a runbook can be read");
        for query in queries(&text) {
            seen += 1;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            faults.extend(lines.faults(&query).into_iter().map(|fault| format!("{name}: {fault}")));
        }
    }
    assert!(seen > 30, "{seen} queries were found");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    for bad in [
        "filter message = \"answers\"",
        "filter message in [\"answered\", \"no such line\"]",
        "filter message like /no such line/",
        "filter message like /Task timed out/",
        "filter message = \"answered\" and state >= 500",
        "filter message = \"answered\" | stats count() by span.path",
    ] {
        assert!(!lines.faults(bad).is_empty(), "not seen: {bad}");
    }
}

/// What is told but once, and what can be left out by a parameter, is no part of the dashboard.
#[test]
fn alarms_that_may_be_left_out_are_few() {
    let template = Template::read();
    let left_out: Vec<_> = alarms(&template)
        .into_iter()
        .map(|(id, _)| id)
        .filter(|id| !template.0["Resources"][*id]["Condition"].is_null())
        .collect();
    assert_eq!(left_out, ["ApiCertificateOldAlarm"]);
}

/// What a tag means can change; a digest cannot.
#[test]
fn the_workflow_names_actions_and_images_by_digest() {
    let text = fs::read_to_string(root().join(".github/workflows/ci.yml")).expect("the workflow can be read");
    let named = |key: &str| {
        let lines = text.lines().filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix(key));
        lines.map(|value| value.split_whitespace().next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let is_hex = |digest: &str, length| digest.len() == length && digest.chars().all(|c| c.is_ascii_hexdigit());
    let actions = named("uses:");
    assert!(!actions.is_empty(), "no action is used");
    for action in actions {
        assert!(action.split_once('@').is_some_and(|(_, digest)| is_hex(digest, 40)), "{action}");
    }
    let images = named("container:").into_iter().chain(named("image:")).collect::<Vec<_>>();
    assert!(!images.is_empty(), "no image is used");
    for image in images {
        assert!(image.split_once("@sha256:").is_some_and(|(_, digest)| is_hex(digest, 64)), "{image}");
    }
}
