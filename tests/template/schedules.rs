//! What runs by the clock.
use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::modules::PRODUCT;

use crate::{Findings, at, document::Template, holds};

const EVENTS: &str = "/Resources/JobsFunction/Properties/Events";
const DAY_S: i64 = 86_400;

/// How often a schedule runs, seconds; whatever has hours or days of its own counts as daily.
fn every_s(expression: &str) -> Option<i64> {
    if expression.starts_with("cron(") {
        return Some(DAY_S);
    }
    let (count, unit) = expression.strip_prefix("rate(")?.strip_suffix(')')?.split_once(' ')?;
    let unit_s = match unit.trim_end_matches('s') {
        "minute" => 60,
        "hour" => 3_600,
        _ => return None,
    };
    Some(count.parse::<i64>().ok()? * unit_s)
}

/// Each job of a module has one schedule, as often as its module says, and no schedule names another job: health calls a job
/// late by what the module says.
fn schedules_fit_the_jobs(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    let functions = template.functions().into_iter();
    let events = functions
        .flat_map(|(id, _)| template.0["Resources"][id]["Properties"]["Events"].as_object().into_iter().flatten())
        .filter(|(_, event)| event["Type"] == "ScheduleV2");
    let mut scheduled = BTreeSet::new();
    for (id, event) in events {
        let input: Value = event["Properties"]["Input"]
            .as_str()
            .and_then(|input| serde_json::from_str(input).ok())
            .unwrap_or_default();
        let name = input["job"].as_str().unwrap_or_default();
        let Some(job) = PRODUCT.job(name) else {
            findings.0.push(format!("{id}: there is no job {name:?}"));
            continue;
        };
        findings.unless(scheduled.insert(job.name), || format!("{id}: {name} has another schedule"));
        let expression = event["Properties"]["ScheduleExpression"].as_str().unwrap_or_default();
        findings.unless(every_s(expression) == Some(job.every_s), || {
            format!("{id}: {expression} is not every {} seconds", job.every_s)
        });
    }
    for job in PRODUCT.jobs() {
        findings.unless(scheduled.contains(job.name), || format!("nothing runs {}", job.name));
    }
    findings.0
}

#[test]
fn every_job_runs_as_often_as_its_module_says() {
    holds(
        schedules_fit_the_jobs,
        &[
            ("a job that nothing runs", &|t| t.remove(&at(EVENTS, "DeliverDue"))),
            ("a market that nothing sweeps", &|t| t.remove("/Resources/MarketFunction/Properties/Events/SweepMarket")),
            ("a job that is not there", &|t| {
                t.set(&at(EVENTS, "DeliverDue/Properties/Input"), json!(r#"{"job":"deliver"}"#))
            }),
            ("two schedules", &|t| t.set(&at(EVENTS, "Watch/Properties/Input"), json!(r#"{"job":"forget"}"#))),
            ("too seldom", &|t| t.set(&at(EVENTS, "DeliverDue/Properties/ScheduleExpression"), json!("rate(1 hour)"))),
        ],
    );
}
