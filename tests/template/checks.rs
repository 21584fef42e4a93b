//! The checks. Each returns what is wrong, one line a finding.
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    fs,
};

use serde_json::{Value, json};
use shared::config::Config;

use crate::document::{Template, listed, references, root, strings};

/// What each function does in which table, by the code in shared/src/store, and the partition keys it is held to; none
/// means all. Written down a second time on purpose: a policy grows by two edits that have to agree.
const TABLE_USES: &[(&str, &str, &[&str], &[&str])] = &[
    // A new driver's trial is a transaction. An access link has to be the good one when it is opened.
    ("auth", "AppTable", &["BatchGetItem", "ConditionCheckItem", "GetItem", "PutItem", "UpdateItem"], &[]),
    ("auth", "CacheTable", &["UpdateItem"], &["ACCESSOPENINGS#*"]),
    ("auth", "CacheTable", &["BatchGetItem"], &["CARGOTECH#MARKS", "DOCUMENT#LIST#*"]),
    // A link that is revoked ends the session that it opened, if it did.
    ("me", "AppTable", &["BatchGetItem", "ConditionCheckItem", "GetItem", "PutItem", "UpdateItem"], &[]),
    // The session's update, the subscription that a session by a link ends with, and the audit of a login at CargoTech by whoever makes it.
    ("cargo-list", "AppTable", &["BatchGetItem"], &[]),
    ("cargo-list", "AppTable", &["PutItem"], &["AUDIT#*"]),
    ("cargo-list", "AppTable", &["GetItem", "UpdateItem"], &["DRIVER#*"]),
    // The driver's own response, beside the cached cargo and by itself when the cache does not answer.
    ("cargo-detail", "AppTable", &["BatchGetItem", "GetItem"], &[]),
    ("cargo-detail", "AppTable", &["PutItem"], &["AUDIT#*"]),
    ("cargo-detail", "AppTable", &["UpdateItem"], &["DRIVER#*"]),
    ("dictionaries", "AppTable", &["PutItem"], &["AUDIT#*"]),
    ("dictionaries", "AppTable", &["GetItem", "UpdateItem"], &["DRIVER#*"]),
    // Transactions need the rights of the writes in them. Nobody may delete but rows of messages: the audit log is in this
    // table.
    ("responses", "AppTable", &["BatchGetItem", "GetItem", "PutItem", "Query", "UpdateItem"], &[]),
    ("shipper", "AppTable", &["BatchGetItem", "ConditionCheckItem", "GetItem", "PutItem", "UpdateItem"], &[]),
    (
        "telegram-webhook",
        "AppTable",
        &["BatchGetItem", "ConditionCheckItem", "GetItem", "PutItem", "Query", "UpdateItem"],
        &[],
    ),
    ("notify", "AppTable", &["BatchGetItem", "GetItem", "PutItem", "Query", "UpdateItem"], &[]),
    // A session that is ended must not have been opened meanwhile.
    (
        "admin-people",
        "AppTable",
        &["BatchGetItem", "ConditionCheckItem", "GetItem", "PutItem", "Query", "UpdateItem"],
        &[],
    ),
    ("admin-people", "AppTable/index/listed", &["Query"], &[]),
    ("admin-people", "AppTable/index/request", &["Query"], &[]),
    ("admin-people", "AppTable/index/due", &["Query"], &[]),
    ("admin-money", "AppTable", &["BatchGetItem", "GetItem", "PutItem", "Query", "UpdateItem"], &[]),
    ("admin-money", "AppTable/index/listed", &["Query"], &[]),
    ("admin-money", "AppTable/index/due", &["Query"], &[]),
    // Who gives a role must still be an owner when it is written.
    (
        "admin-settings",
        "AppTable",
        &["BatchGetItem", "ConditionCheckItem", "GetItem", "PutItem", "Query", "UpdateItem"],
        &[],
    ),
    ("admin-settings", "AppTable/index/listed", &["Query"], &[]),
    ("admin-settings", "AppTable/index/due", &["Query"], &[]),
    ("payments", "AppTable", &["BatchGetItem", "GetItem", "PutItem", "Query", "UpdateItem"], &[]),
    // The audit of a notification and whether it is about one of our payments; everything else is for settle.
    ("yookassa-webhook", "AppTable", &["PutItem"], &["AUDIT#*"]),
    ("yookassa-webhook", "AppTable", &["GetItem"], &["YOOKASSA#*"]),
    ("settle", "AppTable", &["GetItem", "PutItem", "UpdateItem"], &[]),
    // Whoever is forgotten must have got nothing meanwhile.
    ("jobs", "AppTable", &["BatchGetItem", "ConditionCheckItem", "GetItem", "PutItem", "Query", "UpdateItem"], &[]),
    ("jobs", "AppTable", &["DeleteItem"], &["DELIVERY#*", "MESSAGE#*"]),
    ("jobs", "AppTable/index/due", &["Query"], &[]),
    // Our paid payments, to be held against YooKassa's list.
    ("jobs", "AppTable/index/listed", &["Query"], &[]),
    // The connection is opened by reading the gate before CargoTech; these have no other business in the cache.
    ("auth", "CacheTable", &["GetItem"], &["CARGOTECH#GATE"]),
    ("me", "CacheTable", &["GetItem"], &["CARGOTECH#GATE"]),
    ("me", "CacheTable", &["UpdateItem"], &["REVOKING#*"]),
    ("health", "CacheTable", &["GetItem"], &["CARGOTECH#GATE"]),
    // A write that never holds, to see whether there are any.
    ("health", "AppTable", &["UpdateItem"], &["JOB#HEALTH"]),
    ("admin-people", "CacheTable", &["GetItem"], &["CARGOTECH#GATE"]),
    // Whether YooKassa asked to be left alone.
    ("admin-money", "CacheTable", &["GetItem"], &["CARGOTECH#GATE", "YOOKASSA#PAUSE"]),
    ("admin-money", "CacheTable", &["UpdateItem"], &["YOOKASSA#PAUSE"]),
    ("admin-settings", "CacheTable", &["GetItem"], &["CARGOTECH#GATE", "CARGOTECH#TOKEN"]),
    ("admin-settings", "CacheTable", &["UpdateItem"], &["YOOKASSA#PAUSE"]),
    ("yookassa-webhook", "CacheTable", &["GetItem"], &["CARGOTECH#GATE"]),
    ("yookassa-webhook", "CacheTable", &["UpdateItem"], &["SETTLING#*"]),
    ("settle", "CacheTable", &["GetItem"], &["CARGOTECH#GATE", "YOOKASSA#PAUSE"]),
    ("settle", "CacheTable", &["UpdateItem"], &["YOOKASSA#PAUSE"]),
    // How often YooKassa is asked for one payment.
    ("payments", "CacheTable", &["GetItem", "UpdateItem"], &[]),
    ("cargo-list", "CacheTable", &["BatchGetItem", "BatchWriteItem", "GetItem", "UpdateItem"], &[]),
    // A detail that is gone is dropped at once.
    ("cargo-detail", "CacheTable", &["BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "UpdateItem"], &[]),
    ("dictionaries", "CacheTable", &["BatchGetItem", "BatchWriteItem", "GetItem", "UpdateItem"], &[]),
    ("responses", "CacheTable", &["BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "UpdateItem"], &[]),
    // How often a link is used, which updates are known, whose turn it is to be written to.
    ("shipper", "CacheTable", &["GetItem", "UpdateItem"], &[]),
    ("telegram-webhook", "CacheTable", &["GetItem", "UpdateItem"], &[]),
    ("notify", "CacheTable", &["GetItem", "UpdateItem"], &[]),
    ("jobs", "CacheTable", &["GetItem", "UpdateItem"], &[]),
];

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

/// What else than reading a function may do with which secrets: one of them is changed by admins, and they see how old all are.
const SECRET_USES: &[(&str, &str, &[&str])] = &[
    ("admin-settings", "PutSecretValue", &["yookassa"]),
    ("admin-settings", "DescribeSecret", &["access", "cargotech", "edge", "session", "telegram", "yookassa"]),
    // Old ones raise an alarm.
    ("jobs", "DescribeSecret", &["access", "cargotech", "edge", "session", "telegram", "yookassa"]),
];

/// Functions that answer without a session: one makes it, the other tells whether we are up.
const WITHOUT_SESSION: &[&str] = &["health"];

/// Functions that are called at the API's own address, past CloudFront, and the secret by which they know their callers.
const WEBHOOKS: &[(&str, &str)] = &[("telegram-webhook", "telegram"), ("yookassa-webhook", "yookassa")];

/// What CloudFront keeps for ten seconds by itself, whatever the policy of the path says ("How CloudFront processes HTTP 4xx
/// and 5xx status codes from your origin"). It keeps 400, 403, 412 and 415 only where the origin says for how long, and no
/// error of ours does.
const KEPT_BY_CLOUDFRONT: [u16; 8] = [404, 405, 414, 500, 501, 502, 503, 504];

/// Collects findings.
#[derive(Default)]
pub struct Findings(pub Vec<String>);

impl Findings {
    /// Adds `finding` when something does not hold.
    pub fn unless(&mut self, holds: bool, finding: impl FnOnce() -> String) {
        if !holds {
            self.0.push(finding());
        }
    }
}

/// Every function is built from a binary and a module of the code, and all of the code is deployed.
pub fn functions_fit_the_code(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    let declared: BTreeSet<_> = declared_secrets().into_keys().collect();
    let deployed: BTreeSet<_> = template.functions().into_iter().map(|(_, name)| name).collect();
    for (id, name) in template.functions() {
        let code = template.function(id, "CodeUri");
        findings.unless(*code == format!("target/lambda/{name}/"), || format!("{id}: CodeUri is {code}"));
        let source = root().join("functions/src");
        let module = name.replace('-', "_");
        let is_module =
            source.join(&module).with_extension("rs").exists() || source.join(&module).join("mod.rs").exists();
        findings.unless(is_module, || format!("{id}: functions/src has no module {module}"));
        findings.unless(source.join("bin").join(&name).with_extension("rs").exists(), || {
            format!("{id}: functions/src/bin has no {name}.rs")
        });
    }
    findings.unless(declared == deployed, || format!("the code has {declared:?}, the template {deployed:?}"));
    findings.0
}

/// Paths and methods can be read without CloudFormation, and each pair of them belongs to one function.
pub fn routes_are_plain(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    let mut owners = BTreeMap::new();
    let cors = strings(&template.0["Resources"]["Api"]["Properties"]["CorsConfiguration"]["AllowMethods"]);
    for (id, name) in template.functions() {
        for (method, path) in template.routes(id) {
            let is_webhook = WEBHOOKS.iter().any(|(webhook, _)| *webhook == name);
            let place = if is_webhook { "/webhooks/" } else { "/api/" };
            findings.unless(path.starts_with(place), || format!("{id}: {path:?} is not below {place}"));
            // A function that takes any method says itself which it has.
            // HEAD needs no leave of CORS.
            findings.unless(["ANY", "HEAD"].contains(&method) || cors.contains(&method), || {
                format!("{id}: CORS does not let {method} {path} through")
            });
            if let Some(other) = owners.insert((method, path), id) {
                findings.0.push(format!("{method} {path} belongs to {other} and to {id}"));
            }
        }
        let events = template.0["Resources"][id]["Properties"]["Events"].as_object();
        for (name, event) in events.into_iter().flatten().filter(|(_, event)| event["Type"] == "HttpApi") {
            let api = &event["Properties"]["ApiId"]["Ref"];
            findings.unless(api == "Api", || format!("{id}: {name} is not a route of our API"));
        }
    }
    findings.0
}

/// Nothing about how a function runs is left to a default.
pub fn functions_are_bounded(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    for (id, _) in template.functions() {
        let memory = template.function(id, "MemorySize").as_u64();
        findings.unless(memory.is_some_and(|mb| (128..=1769).contains(&mb)), || format!("{id}: memory is {memory:?}"));
        let timeout = template.function(id, "Timeout").as_u64();
        // API Gateway gives up after 30 seconds; nobody waits for the others.
        let longest = if template.routes(id).is_empty() { 61 } else { 30 };
        findings.unless(timeout.is_some_and(|s| (1..longest).contains(&s)), || format!("{id}: timeout is {timeout:?}"));
        for (property, wanted) in [
            ("Runtime", "\"provided.al2023\""),
            ("Handler", "\"bootstrap\""),
            ("Architectures", r#"[{"Ref":"Architecture"}]"#),
            ("Tracing", "\"Active\""),
        ] {
            let found = template.function(id, property).to_string();
            findings.unless(found == wanted, || format!("{id}: {property} is {found}"));
        }
    }
    findings.0
}

/// One role for each function, which only Lambda may take, with statements of its own alone.
pub fn roles_are_not_shared(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    let mut owners = BTreeMap::new();
    for (id, _) in template.functions() {
        let Some(role) = template.role(id) else {
            findings.0.push(format!("{id}: names no role of this template"));
            continue;
        };
        if let Some(other) = owners.insert(role, id) {
            findings.0.push(format!("{role} is the role of {other} and of {id}"));
        }
        let properties = &template.0["Resources"][role]["Properties"];
        findings.unless(properties["ManagedPolicyArns"].is_null(), || format!("{role}: has a managed policy"));
        let trusted: Vec<_> = listed(&properties["AssumeRolePolicyDocument"]["Statement"])
            .into_iter()
            .map(|statement| statement["Principal"].to_string())
            .collect();
        findings.unless(trusted == [r#"{"Service":"lambda.amazonaws.com"}"#], || format!("{role}: trusts {trusted:?}"));
    }
    findings.0
}

/// The one thing that roles are forbidden rather than not allowed: to change or delete what the audit log holds.
fn audit_is_kept() -> Value {
    json!({
        "Effect": "Deny",
        "Action": ["dynamodb:DeleteItem", "dynamodb:UpdateItem"],
        "Resource": [{ "Fn::GetAtt": "AppTable.Arn" }],
        "Condition": { "ForAnyValue:StringLike": { "dynamodb:LeadingKeys": ["AUDIT#*"] } },
    })
}

/// Whoever writes to the durable table is forbidden to change the audit log in it. A policy cannot tell a row that is put
/// for the first time from one that is put over another: that is the code's own condition.
pub fn the_audit_log_is_only_added_to(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    let writes = ["dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"];
    for (id, _) in template.functions() {
        let statements = template.statements(id);
        let may_write = statements.iter().any(|statement| {
            statement["Effect"] == "Allow"
                && strings(&statement["Resource"]).contains(&"AppTable.Arn")
                && strings(&statement["Action"]).iter().any(|action| writes.contains(action))
        });
        let is_held = statements.iter().any(|statement| **statement == audit_is_kept());
        findings.unless(!may_write || is_held, || format!("{id}: may change rows of the audit log"));
    }
    findings.0
}

/// Actions and resources are listed. Tracing alone has no resources to list.
pub fn no_wildcards(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    for (id, _) in template.functions() {
        let statements = template.statements(id);
        findings.unless(!statements.is_empty(), || format!("{id}: no statements"));
        for statement in statements.into_iter().filter(|statement| **statement != audit_is_kept()) {
            let actions = strings(&statement["Action"]);
            let resources = listed(&statement["Resource"]);
            findings.unless(statement["Effect"] == "Allow" && !actions.is_empty() && !resources.is_empty(), || {
                format!("{id}: {statement} does not list what it allows")
            });
            for inverted in ["NotAction", "NotResource", "Principal"] {
                findings.unless(statement[inverted].is_null(), || format!("{id}: {inverted} in {statement}"));
            }
            for action in &actions {
                findings.unless(!action.contains(['*', '?']), || format!("{id}: allows {action}"));
            }
            let only_tracing = actions.iter().all(|action| action.starts_with("xray:Put"));
            for resource in resources {
                let wide = strings(resource).iter().any(|text| text.contains(['*', '?']));
                findings.unless(!wide || only_tracing, || format!("{id}: {actions:?} on {resource}"));
            }
        }
    }
    findings.0
}

/// Policies name the secrets that the code declares, under the names by which it reads them.
pub fn secrets_fit_the_code(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    let mut names = BTreeMap::new();
    for (id, properties) in template.resources("AWS::SecretsManager::Secret") {
        let name = properties["Name"]["Fn::Sub"].as_str().and_then(|name| name.strip_prefix("${SecretsPrefix}/"));
        findings.unless(name.is_some(), || format!("{id}: is not called ${{SecretsPrefix}}/<name>"));
        names.insert(id, name.unwrap_or_default());
        // Its name is fixed, so what a failed creation leaves behind would fail the next.
        for (policy, wanted) in [("DeletionPolicy", "RetainExceptOnCreate"), ("UpdateReplacePolicy", "Retain")] {
            let found = &template.0["Resources"][id][policy];
            findings.unless(found == wanted, || format!("{id}: {policy} is {found}"));
        }
    }
    let declared = declared_secrets();
    for (id, function) in template.functions() {
        let mut allowed = BTreeSet::new();
        for statement in template.statements(id) {
            let actions = strings(&statement["Action"]);
            for action in actions.iter().filter_map(|action| action.strip_prefix("secretsmanager:")) {
                for resource in listed(&statement["Resource"]) {
                    let name = resource["Ref"].as_str().and_then(|secret| names.get(secret));
                    findings.unless(name.is_some(), || format!("{id}: {resource} is no secret of this template"));
                    allowed.extend(name.map(|name| (action.to_owned(), (*name).to_owned())));
                }
            }
        }
        let read = declared.get(&function).cloned().unwrap_or_default();
        let mut wanted: BTreeSet<_> = read.into_iter().map(|name| ("GetSecretValue".to_owned(), name)).collect();
        for (_, action, names) in SECRET_USES.iter().filter(|(user, ..)| *user == function) {
            wanted.extend(names.iter().map(|name| ((*action).to_owned(), (*name).to_owned())));
        }
        findings.unless(wanted == allowed, || format!("{id}: the code does {wanted:?}, the policy allows {allowed:?}"));
    }
    findings.0
}

/// Policies name what the code does in each table; every other statement is about logs, tracing and secrets.
pub fn tables_fit_the_code(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    let code = source_text();
    for (id, function) in template.functions() {
        let mut allowed = BTreeSet::new();
        for statement in template.statements(id).into_iter().filter(|statement| statement["Effect"] == "Allow") {
            let condition = &statement["Condition"];
            let mut held_to = strings(&condition["ForAllValues:StringEquals"]["dynamodb:LeadingKeys"]);
            let like = strings(&condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]);
            findings.unless(condition.is_null() || !held_to.is_empty() || !like.is_empty(), || {
                format!("{id}: an unknown condition {condition}")
            });
            for key in &held_to {
                findings.unless(code.contains(&format!("\"{key}\"")), || format!("{id}: no code has the key {key}"));
            }
            for keys in &like {
                // A key, or how keys begin: `DOCUMENT#LIST#*` is put together of two parts.
                let part = |part: &str| code.contains(&format!("\"{part}#{{"));
                let is_known = match keys.strip_suffix("#*") {
                    Some(begin) => begin.split('#').all(part),
                    None => code.contains(&format!("\"{keys}\"")),
                };
                findings.unless(is_known, || format!("{id}: no code has keys that begin like {keys}"));
            }
            held_to.extend(like);
            for action in strings(&statement["Action"]) {
                let (service, operation) = action.split_once(':').unwrap_or_default();
                match service {
                    "dynamodb" => {
                        for resource in listed(&statement["Resource"]) {
                            let table = resource["Fn::GetAtt"].as_str().and_then(|arn| arn.strip_suffix(".Arn"));
                            let index =
                                resource["Fn::Sub"].as_str().map(|arn| arn.replace("${AppTable.Arn}", "AppTable"));
                            let place = table.map(str::to_owned).or(index).unwrap_or_default();
                            allowed.insert((place, operation, held_to.clone()));
                        }
                    }
                    "logs" | "xray" | "secretsmanager" | "sqs" => {}
                    _ => findings.0.push(format!("{id}: allows {action}")),
                }
            }
        }
        let wanted: BTreeSet<_> = TABLE_USES
            .iter()
            .filter(|(user, ..)| *user == function)
            .flat_map(|(_, table, operations, keys)| {
                operations.iter().map(|operation| ((*table).to_owned(), *operation, keys.to_vec()))
            })
            .collect();
        findings.unless(wanted == allowed, || format!("{id}: the code does {wanted:?}, the policy allows {allowed:?}"));
    }
    findings.0
}

/// Whoever serves the API can tell CloudFront from a caller who goes past it, and one driver from another.
pub fn requests_are_checked(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    let declared = declared_secrets();
    for (id, function) in template.functions() {
        if template.routes(id).is_empty() {
            continue;
        }
        let has = |secret: &str| declared.get(&function).is_some_and(|secrets| secrets.contains(secret));
        if let Some((_, secret)) = WEBHOOKS.iter().find(|(webhook, _)| *webhook == function) {
            findings.unless(has(secret), || format!("{id}: serves a webhook without the secret of its callers"));
            continue;
        }
        findings.unless(has("edge"), || format!("{id}: serves the API without the secret of the edge"));
        findings.unless(has("session") || WITHOUT_SESSION.contains(&function.as_str()), || {
            format!("{id}: serves the API without the keys of sessions")
        });
    }
    let headers = origin(template, "api").map(|origin| &origin["OriginCustomHeaders"]);
    let token = listed(headers.unwrap_or(&Value::Null))
        .into_iter()
        .find(|header| header["HeaderName"] == "x-origin-token")
        .and_then(|header| header["HeaderValue"]["Fn::Sub"].as_str());
    let wanted = "{{resolve:secretsmanager:${EdgeSecret}:SecretString:origin_token}}";
    findings.unless(token == Some(wanted), || format!("CloudFront sends {token:?} to the API as x-origin-token"));
    findings.0
}

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

/// Lambda repeats nothing that the clock starts: the next run does the same work.
pub fn runs_by_the_clock_are_not_repeated(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    for (id, _) in template.functions() {
        let events = template.0["Resources"][id]["Properties"]["Events"].as_object();
        if !events.into_iter().flatten().any(|(_, event)| event["Type"] == "ScheduleV2") {
            continue;
        }
        let config = template.function(id, "EventInvokeConfig");
        findings.unless(config["MaximumRetryAttempts"] == 0, || format!("{id}: a run that failed is repeated"));
        let age = config["MaximumEventAgeInSeconds"].as_u64();
        findings.unless(age.is_some_and(|seconds| seconds <= 300), || format!("{id}: old runs are kept for {age:?} s"));
    }
    findings.0
}

/// Secrets are read at run time, by name. A parameter that has to be hidden would be one that is passed on.
pub fn environment_holds_no_secret(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    let secrets: BTreeSet<_> =
        template.resources("AWS::SecretsManager::Secret").into_iter().map(|(id, _)| id.to_owned()).collect();
    let mut environments = vec![("Globals", &template.0["Globals"]["Function"]["Environment"]["Variables"])];
    for (id, properties) in template.resources("AWS::Serverless::Function") {
        environments.push((id, &properties["Environment"]["Variables"]));
    }
    for (owner, variables) in environments {
        for (name, value) in variables.as_object().into_iter().flatten() {
            let resolved = strings(value).iter().any(|text| text.contains("{{resolve:"));
            let referred = references(value).iter().any(|name| secrets.contains(name));
            findings.unless(!resolved && !referred, || format!("{owner}: {name} holds a secret"));
            let telling = ["PASSWORD", "BOT_TOKEN", "WEBHOOK_SECRET", "SECRET_KEY", "ORIGIN_TOKEN", "PHONE"];
            findings.unless(!telling.iter().any(|part| name.contains(part)), || {
                format!("{owner}: {name} is called like a secret")
            });
        }
    }
    for (name, parameter) in template.section("Parameters") {
        findings.unless(parameter["NoEcho"].is_null(), || format!("{name}: a secret is no parameter"));
    }
    findings.0
}

/// The functions get every variable that they read and no other, with the defaults of the code.
pub fn environment_fits_the_code(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    let asked = RefCell::new(BTreeSet::new());
    // It fails for want of values; the names it asked for are what counts.
    let _ = Config::from_lookup(|name| {
        asked.borrow_mut().insert(name.to_owned());
        None
    });
    let variables = &template.0["Globals"]["Function"]["Environment"]["Variables"];
    let set: BTreeSet<_> = variables.as_object().into_iter().flat_map(|map| map.keys().cloned()).collect();
    let mut asked = asked.into_inner();
    // The one variable that is read before the configuration is, so that a bad one can be logged.
    asked.insert("LOG_LEVEL".to_owned());
    findings.unless(asked == set, || {
        let missing: Vec<_> = asked.difference(&set).collect();
        let idle: Vec<_> = set.difference(&asked).collect();
        format!("not set: {missing:?}; set and never read: {idle:?}")
    });

    let made_up = |name: &str| match name {
        "APP_TABLE" | "CACHE_TABLE" | "SECRETS_PREFIX" => Some("x".to_owned()),
        "TELEGRAM_APP_URL" => Some("https://t.me/bot/app".to_owned()),
        "DISPATCH_CHAT_ID" => Some("-1001".to_owned()),
        "NOTIFY_QUEUE_URL" => Some("https://sqs.example.org/1/notify".to_owned()),
        "NOTIFY_DEAD_LETTERS_URL" | "SETTLE_DEAD_LETTERS_URL" => Some("https://sqs.example.org/1/dead".to_owned()),
        "SETTLE_QUEUE_URL" => Some("https://sqs.example.org/1/settle".to_owned()),
        "SUPPORT_URL" => Some("https://t.me/support".to_owned()),
        _ => None,
    };
    let by_the_template = Config::from_lookup(|name| {
        made_up(name).or_else(|| {
            let parameter = variables[name]["Ref"].as_str()?;
            match &template.0["Parameters"][parameter]["Default"] {
                Value::String(text) => Some(text.clone()),
                Value::Null => None,
                number => Some(number.to_string()),
            }
        })
    });
    match (by_the_template, Config::from_lookup(made_up)) {
        (Ok(ours), Ok(theirs)) => {
            let (ours, theirs) = (format!("{ours:?}"), format!("{theirs:?}"));
            findings.unless(ours == theirs, || format!("the template's defaults are {ours}, the code's {theirs}"));
        }
        (Err(error), _) | (_, Err(error)) => findings.0.push(error.to_string()),
    }
    findings.0
}

/// Both tables are encrypted, paid by use, and have the keys that the code writes.
pub fn tables_are_encrypted(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    let tables = template.resources("AWS::DynamoDB::Table");
    findings.unless(!tables.is_empty(), || "there are no tables".to_owned());
    for (id, table) in tables {
        findings.unless(table["SSESpecification"]["SSEEnabled"] == true, || format!("{id}: is not encrypted"));
        findings.unless(table["BillingMode"] == "PAY_PER_REQUEST", || format!("{id}: is not paid by use"));
        let keys: Vec<_> = listed(&table["KeySchema"])
            .into_iter()
            .map(|key| (key["AttributeName"].as_str().unwrap_or_default(), key["KeyType"].as_str().unwrap_or_default()))
            .collect();
        findings.unless(keys == [("pk", "HASH"), ("sk", "RANGE")], || format!("{id}: has the keys {keys:?}"));
    }
    findings.0
}

/// The durable table outlives mistakes and the stack itself; the cache forgets.
pub fn tables_are_kept_as_long_as_they_should(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    let app = &template.0["Resources"]["AppTable"];
    let properties = &app["Properties"];
    let recovery = &properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"];
    findings.unless(*recovery == true, || "AppTable: no point-in-time recovery".to_owned());
    findings.unless(properties["DeletionProtectionEnabled"] == true, || "AppTable: can be deleted".to_owned());
    findings.unless(properties["TimeToLiveSpecification"].is_null(), || "AppTable: rows expire".to_owned());
    for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
        findings.unless(app[policy] == "Retain", || format!("AppTable: {policy} is not Retain"));
    }
    let ttl = &template.0["Resources"]["CacheTable"]["Properties"]["TimeToLiveSpecification"];
    findings.unless(ttl["AttributeName"] == "ttl" && ttl["Enabled"] == true, || {
        format!("CacheTable: time to live is {ttl}")
    });
    findings.0
}

/// The API answers one other origin: its own web app's.
pub fn cors_is_narrow(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    let cors = &template.0["Resources"]["Api"]["Properties"]["CorsConfiguration"];
    let origins = cors["AllowOrigins"].to_string();
    findings.unless(origins == r#"[{"Ref":"WebappOrigin"}]"#, || format!("CORS allows {origins}"));
    findings.unless(cors["AllowCredentials"].is_null(), || "CORS allows cookies, and there are none".to_owned());
    for list in ["AllowMethods", "AllowHeaders", "ExposeHeaders"] {
        let values = strings(&cors[list]);
        findings.unless(!values.is_empty() && !values.contains(&"*"), || format!("CORS: {list} is {values:?}"));
    }
    let default = &template.0["Parameters"]["WebappOrigin"]["Default"];
    let is_origin = default.as_str().is_some_and(|origin| origin.starts_with("https://") && !origin.contains('*'));
    findings.unless(is_origin, || format!("WebappOrigin: the default {default} is no origin"));
    findings.0
}

/// A flood is cut off before it costs.
pub fn api_is_throttled(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    let api = &template.0["Resources"]["Api"]["Properties"];
    for limit in ["ThrottlingRateLimit", "ThrottlingBurstLimit"] {
        findings.unless(!api["DefaultRouteSettings"][limit].is_null(), || format!("the API has no {limit}"));
    }
    findings.unless(api["FailOnWarnings"] == true, || "the API passes over warnings".to_owned());
    findings.0
}

/// Access logs say which route was taken, not what was asked for.
pub fn access_log_keeps_paths_out(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    let settings = &template.0["Resources"]["Api"]["Properties"]["AccessLogSettings"];
    findings.unless(!settings["DestinationArn"].is_null(), || "the API keeps no access log".to_owned());
    let format = settings["Format"].as_str().unwrap_or_default();
    let fields: BTreeMap<String, String> = serde_json::from_str(format).unwrap_or_default();
    findings.unless(!fields.is_empty(), || format!("the access log is not JSON: {format}"));
    findings.unless(fields.values().any(|field| field == "$context.routeKey"), || {
        "the access log does not say which route".to_owned()
    });
    // What was asked for, and who asked: paths, queries, addresses, browsers.
    for (name, field) in &fields {
        let known = field.strip_prefix("$context.").is_some_and(|field| {
            let word = |part: &str| field.to_ascii_lowercase().contains(part);
            !["path", "query", "uri", "identity", "http.", "header", "domain"].iter().any(|part| word(part))
        });
        findings.unless(known, || format!("the access log must not hold {name}: {field}"));
    }
    findings.0
}

/// Every log group ends, and every function writes to its own and no other.
pub fn logs_are_kept_for_a_stated_time(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    for (id, group) in template.resources("AWS::Logs::LogGroup") {
        findings.unless(!group["RetentionInDays"].is_null(), || format!("{id}: is kept for ever"));
    }
    let mut owners = BTreeMap::new();
    for (id, _) in template.functions() {
        let logging = template.function(id, "LoggingConfig");
        findings.unless(logging["LogFormat"] == "JSON", || format!("{id}: does not log JSON"));
        // Otherwise Lambda drops what is below info, and LOG_LEVEL cannot bring it back.
        findings
            .unless(logging["ApplicationLogLevel"] == "TRACE", || format!("{id}: Lambda drops lines by their level"));
        let Some(group) = logging["LogGroup"]["Ref"].as_str() else {
            findings.0.push(format!("{id}: names no log group"));
            continue;
        };
        findings.unless(template.0["Resources"][group]["Type"] == "AWS::Logs::LogGroup", || {
            format!("{id}: {group} is no log group")
        });
        if let Some(other) = owners.insert(group, id) {
            findings.0.push(format!("{group} is the log of {other} and of {id}"));
        }
        let writable: Vec<_> = template
            .statements(id)
            .into_iter()
            .filter(|statement| strings(&statement["Action"]).iter().any(|action| action.starts_with("logs:")))
            .flat_map(|statement| strings(&statement["Resource"]))
            .collect();
        findings.unless(writable == [format!("{group}.Arn")], || format!("{id}: may write to {writable:?}"));
    }
    findings.0
}

/// Nothing but the site's own files runs, and only Telegram may show the app in a frame.
pub fn site_headers_are_strict(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    let config = &template.0["Resources"]["SiteHeaders"]["Properties"]["ResponseHeadersPolicyConfig"];
    let security = &config["SecurityHeadersConfig"];
    let policy = security["ContentSecurityPolicy"]["ContentSecurityPolicy"].as_str().unwrap_or_default();
    let directives: BTreeMap<_, Vec<_>> = policy
        .split(';')
        .filter_map(|directive| directive.trim().split_once(' '))
        .map(|(name, sources)| (name, sources.split_whitespace().collect()))
        .collect();
    for name in ["default-src", "base-uri", "form-action"] {
        let sources = directives.get(name);
        findings
            .unless(sources.is_some_and(|sources| *sources == ["'none'"]), || format!("CSP: {name} is {sources:?}"));
    }
    for (name, sources) in &directives {
        let allowed: &[&str] = match *name {
            "frame-ancestors" => &["'self'", "https://web.telegram.org", "https://*.telegram.org"],
            "img-src" => &["'self'", "data:"],
            _ => &["'self'", "'none'"],
        };
        for source in sources {
            findings.unless(allowed.contains(source), || format!("CSP: {name} allows {source}"));
        }
    }
    let framed = directives.get("frame-ancestors").is_some_and(|hosts| hosts.contains(&"https://web.telegram.org"));
    findings.unless(framed, || "CSP: Telegram may not show the app in a frame".to_owned());
    findings.unless(security["FrameOptions"].is_null(), || "X-Frame-Options forbids Telegram's frame".to_owned());
    let hsts = security["StrictTransportSecurity"]["AccessControlMaxAgeSec"].as_u64();
    findings.unless(hsts.is_some_and(|seconds| seconds >= 31_536_000), || format!("HSTS lasts {hsts:?}"));
    for header in ["ContentSecurityPolicy", "ContentTypeOptions", "ReferrerPolicy", "StrictTransportSecurity"] {
        findings.unless(security[header]["Override"] == true, || format!("{header} is missing or can be overruled"));
    }
    let permissions = listed(&config["CustomHeadersConfig"]["Items"]);
    findings.unless(permissions.iter().any(|item| item["Header"] == "permissions-policy"), || {
        "there is no permissions-policy".to_owned()
    });
    for behaviour in behaviours(template) {
        findings.unless(behaviour["ResponseHeadersPolicyId"]["Ref"] == "SiteHeaders", || {
            format!("the behaviour for {} has no headers policy", behaviour["PathPattern"])
        });
    }
    findings.0
}

/// The files of the site are read through CloudFront or not at all, and always over TLS.
pub fn bucket_is_private(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    for (id, bucket) in template.resources("AWS::S3::Bucket") {
        for block in ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"] {
            let set = bucket["PublicAccessBlockConfiguration"][block] == true;
            findings.unless(set, || format!("{id}: {block} is not set"));
        }
        // Its files outlive the stack; a bucket that a failed creation leaves has none.
        let kept = &template.0["Resources"][id]["DeletionPolicy"];
        findings.unless(kept == "RetainExceptOnCreate", || format!("{id}: DeletionPolicy is {kept}"));
        findings.unless(!bucket["BucketEncryption"].is_null(), || format!("{id}: is not encrypted"));
    }
    for (id, policy) in template.resources("AWS::S3::BucketPolicy") {
        let statements = listed(&policy["PolicyDocument"]["Statement"]);
        for statement in statements.into_iter().filter(|statement| statement["Effect"] == "Allow") {
            let ours = references(&statement["Condition"]["StringEquals"]["AWS:SourceArn"]);
            let narrow = statement["Principal"]["Service"] == "cloudfront.amazonaws.com"
                && ours.iter().any(|name| name == "Distribution");
            findings.unless(narrow, || format!("{id}: lets others than our distribution read: {statement}"));
        }
    }
    let site = origin(template, "site");
    findings.unless(site.is_some_and(|origin| !origin["OriginAccessControlId"].is_null()), || {
        "CloudFront reads the bucket without signing".to_owned()
    });
    for behaviour in behaviours(template) {
        let protocol = &behaviour["ViewerProtocolPolicy"];
        findings.unless(*protocol == "redirect-to-https" || *protocol == "https-only", || {
            format!("CloudFront serves {protocol}")
        });
    }
    findings.0
}

/// `/api/*` reaches the functions as it was asked, and its answers are nobody else's.
pub fn api_passes_through_the_edge(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    let Some(api) = behaviours(template).into_iter().find(|behaviour| behaviour["PathPattern"] == "/api/*") else {
        return vec!["CloudFront has no behaviour for /api/*".to_owned()];
    };
    for (what, property, wanted) in [
        ("the API's origin", "TargetOriginId", "api"),
        ("the managed policy CachingDisabled", "CachePolicyId", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"),
        (
            "the managed policy AllViewerExceptHostHeader",
            "OriginRequestPolicyId",
            "b689b0a8-53d0-40ab-baf2-68738e2966ac",
        ),
    ] {
        findings.unless(api[property] == wanted, || format!("/api/*: {property} is not {what}"));
    }
    let passed = strings(&api["AllowedMethods"]);
    for (id, _) in template.functions() {
        for (method, path) in template.routes(id) {
            let passes = method == "ANY" || passed.contains(&method);
            findings.unless(passes, || format!("CloudFront does not pass {method} {path}"));
        }
    }
    let protocol = origin(template, "api").map(|origin| &origin["CustomOriginConfig"]["OriginProtocolPolicy"]);
    findings.unless(protocol.is_some_and(|protocol| protocol == "https-only"), || {
        format!("the API is asked by {protocol:?}")
    });
    let errors =
        listed(&template.0["Resources"]["Distribution"]["Properties"]["DistributionConfig"]["CustomErrorResponses"]);
    for code in KEPT_BY_CLOUDFRONT {
        let kept = errors.iter().find(|error| error["ErrorCode"] == code).map(|error| &error["ErrorCachingMinTTL"]);
        findings.unless(kept.is_some_and(|seconds| *seconds == 0), || format!("CloudFront keeps {code} for {kept:?}"));
    }
    for page in errors.iter().filter(|error| !error["ResponsePagePath"].is_null() || !error["ResponseCode"].is_null()) {
        findings.0.push(format!("an error of the API would become a page: {page}"));
    }
    findings.0
}

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
    let code = fs::read_to_string(root().join("shared/src/telemetry.rs")).expect("the telemetry can be read");
    let code = code.split("#[cfg(test)]").next().unwrap_or_default();
    ["=> \"", "emit(\""]
        .iter()
        .flat_map(|before| code.split(before).skip(1).filter_map(|rest| rest.split('"').next()))
        .map(str::to_owned)
        .collect()
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

/// A parameter that is not used, explained, shown or bounded is a trap for whoever deploys.
pub fn parameters_are_used(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    let mut used = BTreeSet::new();
    for section in ["Globals", "Conditions", "Resources", "Outputs"] {
        used.extend(references(&template.0[section]));
    }
    let shown = strings(&template.0["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]);
    for (name, parameter) in template.section("Parameters") {
        findings.unless(used.contains(name), || format!("{name}: is not used"));
        findings.unless(parameter["Description"].is_string(), || format!("{name}: is not described"));
        findings.unless(shown.contains(&name.as_str()), || format!("{name}: is in no group"));
        let bounded = ["AllowedValues", "AllowedPattern", "MaxValue"].iter().any(|bound| !parameter[*bound].is_null());
        findings.unless(bounded, || format!("{name}: takes any value"));
    }
    for name in template.section("Conditions").keys() {
        let sections = ["Globals", "Resources", "Outputs"];
        let users: Vec<_> = sections.iter().flat_map(|section| references(&template.0[*section])).collect();
        findings.unless(users.contains(name), || format!("{name}: is not used"));
    }
    findings.0
}

/// The secrets that each function declares in the code, by the function's name.
fn declared_secrets() -> BTreeMap<String, BTreeSet<String>> {
    functions::FUNCTIONS
        .iter()
        .map(|function| {
            let secrets = function.secrets.iter().map(|secret| secret.as_str().to_owned()).collect();
            (function.name.to_owned(), secrets)
        })
        .collect()
}

/// CloudFront's behaviours, the default one last.
fn behaviours(template: &Template) -> Vec<&Value> {
    let config = &template.0["Resources"]["Distribution"]["Properties"]["DistributionConfig"];
    let mut behaviours = listed(&config["CacheBehaviors"]);
    behaviours.push(&config["DefaultCacheBehavior"]);
    behaviours
}

/// One of CloudFront's origins, by its id.
fn origin<'a>(template: &'a Template, id: &str) -> Option<&'a Value> {
    let config = &template.0["Resources"]["Distribution"]["Properties"]["DistributionConfig"];
    listed(&config["Origins"]).into_iter().find(|origin| origin["Id"] == id)
}

/// All Rust that the functions are made of.
pub fn source_text() -> String {
    let mut text = String::new();
    let mut folders = vec![root().join("shared/src"), root().join("functions/src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the sources can be listed") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                text += &fs::read_to_string(path).expect("a source file can be read");
            }
        }
    }
    text
}
