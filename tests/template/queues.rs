//! Queues: who puts messages in, and who takes them.
use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    Findings, at,
    document::{Template, strings},
    holds,
};

/// Each queue: who puts messages into it, and who takes them.
const QUEUES: &[(&str, &[&str], &str)] = &[
    (
        "NotifyQueue",
        &[
            "auth",
            "responses",
            "shipper",
            "telegram-webhook",
            "notify",
            "jobs",
            "payments",
            "settle",
            "admin-people",
            "admin-money",
        ],
        "notify",
    ),
    ("SettleQueue", &["yookassa-webhook"], "settle"),
];

/// Messages are lost by no fault of ours: the queue is encrypted, gives a message again only when its function has given up,
/// and keeps what fails; whoever may send or take does, and nobody else.
pub fn queues_fit_the_code(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    let (mut senders, mut takers) = (BTreeSet::new(), BTreeSet::new());
    for (id, function) in template.functions() {
        for statement in template.statements(id) {
            for action in strings(&statement["Action"]).into_iter().filter(|action| action.starts_with("sqs:")) {
                for on in strings(&statement["Resource"]) {
                    let queue = on.trim_end_matches(".Arn").to_owned();
                    match action {
                        "sqs:SendMessage" => senders.insert((queue, function.clone())),
                        "sqs:ReceiveMessage" => takers.insert((queue, function.clone())),
                        "sqs:DeleteMessage" | "sqs:ChangeMessageVisibility" | "sqs:GetQueueAttributes" => true,
                        other => {
                            findings.0.push(format!("{id}: allows {other}"));
                            true
                        }
                    };
                }
            }
        }
        let events = template.0["Resources"][id]["Properties"]["Events"].as_object();
        for (name, event) in events.into_iter().flatten().filter(|(_, event)| event["Type"] == "SQS") {
            let properties = &event["Properties"];
            let reports = strings(&properties["FunctionResponseTypes"]) == ["ReportBatchItemFailures"];
            findings.unless(reports, || format!("{id}: {name} gives a whole batch again for one failure"));
            let queue = properties["Queue"]["Fn::GetAtt"].as_str().and_then(|arn| arn.strip_suffix(".Arn"));
            let hidden = &template.0["Resources"][queue.unwrap_or_default()]["Properties"]["VisibilityTimeout"];
            let timeout = template.function(id, "Timeout").as_u64().unwrap_or(0);
            findings.unless(hidden.as_u64().is_some_and(|seconds| seconds >= 6 * timeout), || {
                format!("{id}: {name} sees a message again after {hidden} s, before its function has given up")
            });
        }
    }
    let own = |name: &str, function: &str| (name.to_owned(), function.to_owned());
    let given: BTreeSet<_> =
        QUEUES.iter().flat_map(|(name, by, _)| by.iter().map(|function| own(name, function))).collect();
    findings.unless(senders == given, || format!("messages are sent by {given:?}, and {senders:?} may"));
    let taken: BTreeSet<_> = QUEUES.iter().map(|(name, _, by)| own(name, by)).collect();
    findings.unless(takers == taken, || format!("messages are taken by {taken:?}, and {takers:?} may"));
    for (id, queue) in template.resources("AWS::SQS::Queue") {
        findings.unless(queue["SqsManagedSseEnabled"] == true, || format!("{id}: is not encrypted"));
        let is_last = template
            .resources("AWS::SQS::Queue")
            .into_iter()
            .any(|(_, other)| other["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"] == format!("{id}.Arn"));
        // Scheduler keeps what it could not deliver; tests/template/deployment.rs checks that.
        let is_last = is_last || id == "ScheduleDeadLetters";
        findings.unless(is_last || !queue["RedrivePolicy"].is_null(), || format!("{id}: what fails is lost"));
    }
    findings.0
}

/// A function that gives messages to the queue that it takes from is not stopped for it, and no other has that leave: its code
/// has to have a bound of its own (`LONGEST_CHAIN` in shared/src/delivery).
pub fn only_who_hints_at_itself_may_loop(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    for (id, name) in template.functions() {
        let is_looping = QUEUES.iter().any(|(_, senders, taker)| *taker == name && senders.contains(taker));
        let found = template.function(id, "RecursiveLoop");
        let wanted = if is_looping { json!("Allow") } else { Value::Null };
        findings.unless(*found == wanted, || format!("{id}: RecursiveLoop is {found}"));
    }
    findings.0
}

#[test]
fn hints_are_given_and_taken_by_those_who_should_and_are_not_lost() {
    const EVENT: &str = "/Resources/NotifyFunction/Properties/Events/Hints/Properties";
    const QUEUE: &str = "/Resources/NotifyQueue/Properties";
    const STATEMENTS: &str = "/Resources/ResponsesRole/Properties/Policies/0/PolicyDocument/Statement";
    holds(
        queues_fit_the_code,
        &[
            ("a sender too few", &|t| t.remove(&at(STATEMENTS, "6"))),
            ("a sender who may also take", &|t| t.add(&at(STATEMENTS, "6/Action"), "", json!("sqs:ReceiveMessage"))),
            ("another queue", &|t| {
                t.set(&at(STATEMENTS, "6/Resource/0"), json!({ "Fn::GetAtt": "NotifyDeadLetters.Arn" }));
            }),
            ("a batch that fails as a whole", &|t| t.remove(&at(EVENT, "FunctionResponseTypes"))),
            ("a message that is seen again too early", &|t| t.set(&at(QUEUE, "VisibilityTimeout"), json!(30))),
            ("a queue that loses what fails", &|t| t.remove(&at(QUEUE, "RedrivePolicy"))),
            ("a queue in clear", &|t| t.remove(&at(QUEUE, "SqsManagedSseEnabled"))),
        ],
    );
}

#[test]
fn only_a_function_that_hints_at_itself_may_call_itself_for_ever() {
    holds(
        only_who_hints_at_itself_may_loop,
        &[
            ("the guard of Lambda stops messages", &|t| t.remove("/Resources/NotifyFunction/Properties/RecursiveLoop")),
            ("another guard", &|t| t.set("/Resources/NotifyFunction/Properties/RecursiveLoop", json!("Terminate"))),
            ("leave for who needs none", &|t| {
                t.add("/Resources/SettleFunction/Properties", "RecursiveLoop", json!("Allow"));
            }),
        ],
    );
}
