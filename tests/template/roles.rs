//! What each role may do: the tables, the secrets and the audit log.
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::{
    AUTH, Findings, ME_STATEMENTS, at,
    document::{Template, listed, strings},
    holds, source_text,
};

/// What each function does in which table, by the code in shared/src/store, and the partition keys it is held to; none
/// means all. Written down a second time on purpose: a policy grows by two edits that have to agree.
const TABLE_USES: &[(&str, &str, &[&str], &[&str])] = &[
    // A new driver's trial is a transaction. An access link has to be the good one when it is opened.
    ("auth", "AppTable", &["BatchGetItem", "ConditionCheckItem", "GetItem", "PutItem", "UpdateItem"], &[]),
    ("auth", "CacheTable", &["UpdateItem"], &["ACCESSOPENINGS#*"]),
    ("auth", "CacheTable", &["BatchGetItem"], &["CARGOTECH#MARKS", "DOCUMENT#LIST#*", "MARKET#CHUNK#*", "MARKET#HEAD"]),
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
    ("searches", "AppTable", &["BatchGetItem"], &[]),
    ("searches", "AppTable", &["PutItem"], &["AUDIT#*"]),
    ("searches", "AppTable", &["GetItem", "UpdateItem"], &["DRIVER#*"]),
    ("searches", "CacheTable", &["BatchGetItem"], &["CARGOTECH#MARKS", "MARKET#CHUNK#*", "MARKET#HEAD"]),
    ("searches", "CacheTable", &["GetItem"], &["CARGOTECH#GATE"]),
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
    // The state of the market, and that a smaller one is accepted.
    ("admin-settings", "CacheTable", &["GetItem"], &["CARGOTECH#GATE", "CARGOTECH#TOKEN", "MARKET#HEAD"]),
    ("admin-settings", "CacheTable", &["UpdateItem"], &["MARKET#HEAD", "YOOKASSA#PAUSE"]),
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
    // The audit of a login at CargoTech, and the run's own row.
    ("market", "AppTable", &["PutItem"], &["AUDIT#*"]),
    ("market", "AppTable", &["UpdateItem"], &["JOB#*"]),
    (
        "market",
        "CacheTable",
        &["GetItem", "UpdateItem"],
        &["CARGOTECH#GATE", "CARGOTECH#TOKEN", "LEASE#*", "MARKET#HEAD", "MARKET#WALK"],
    ),
    ("market", "CacheTable", &["BatchGetItem", "UpdateItem"], &["MARKET#CHUNK#*"]),
];

/// What else than reading a function may do with which secrets: one of them is changed by admins, and they see how old all are.
const SECRET_USES: &[(&str, &str, &[&str])] = &[
    ("admin-settings", "PutSecretValue", &["yookassa"]),
    ("admin-settings", "DescribeSecret", &["access", "cargotech", "edge", "session", "telegram", "yookassa"]),
    // Old ones raise an alarm.
    ("jobs", "DescribeSecret", &["access", "cargotech", "edge", "session", "telegram", "yookassa"]),
];

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

/// One of the two things that roles are forbidden rather than not allowed: to change or delete what the audit log holds.
fn audit_is_kept() -> Value {
    json!({
        "Effect": "Deny",
        "Action": ["dynamodb:DeleteItem", "dynamodb:UpdateItem"],
        "Resource": [{ "Fn::GetAtt": "AppTable.Arn" }],
        "Condition": { "ForAnyValue:StringLike": { "dynamodb:LeadingKeys": ["AUDIT#*"] } },
    })
}

/// And to write what lists are answered from.
fn market_is_kept() -> Value {
    json!({
        "Effect": "Deny",
        "Action": ["dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:UpdateItem"],
        "Resource": [{ "Fn::GetAtt": "CacheTable.Arn" }],
        "Condition": { "ForAnyValue:StringLike": { "dynamodb:LeadingKeys": ["MARKET#*"] } },
    })
}

/// Whether the statement lets rows of this table be written.
fn lets_write(statement: &Value, table: &str) -> bool {
    let writes = ["dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"];
    statement["Effect"] == "Allow"
        && strings(&statement["Resource"]).contains(&table)
        && strings(&statement["Action"]).iter().any(|action| writes.contains(action))
}

/// Whoever may write any row of the cache table may not write the market's.
pub fn the_market_is_written_by_its_function(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    for (id, _) in template.functions() {
        let statements = template.statements(id);
        let may_write = statements
            .iter()
            .any(|statement| statement["Condition"].is_null() && lets_write(statement, "CacheTable.Arn"));
        let is_held = statements.iter().any(|statement| **statement == market_is_kept());
        findings.unless(may_write == is_held, || format!("{id}: may write the market's rows, or is held for nothing"));
    }
    findings.0
}

/// Whoever writes to the durable table is forbidden to change the audit log in it. A policy cannot tell a row that is put
/// for the first time from one that is put over another: that is the code's own condition.
pub fn the_audit_log_is_only_added_to(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    for (id, _) in template.functions() {
        let statements = template.statements(id);
        let may_write = statements.iter().any(|statement| lets_write(statement, "AppTable.Arn"));
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
        let is_ban = |statement: &Value| *statement == audit_is_kept() || *statement == market_is_kept();
        for statement in statements.into_iter().filter(|statement| !is_ban(statement)) {
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
                // A key, or how keys begin, as a whole or put together of parts as `DOCUMENT#LIST#*` is.
                let part = |part: &str| code.contains(&format!("\"{part}#{{"));
                let is_known = match keys.strip_suffix("#*") {
                    Some(begin) => part(begin) || begin.split('#').all(part),
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

/// The secrets that each function declares in the code, by the function's name.
pub fn declared_secrets() -> BTreeMap<String, BTreeSet<String>> {
    functions::FUNCTIONS
        .iter()
        .map(|function| {
            let secrets = function.secrets.iter().map(|secret| secret.as_str().to_owned()).collect();
            (function.name.to_owned(), secrets)
        })
        .collect()
}

/// The one statement that lets rows of the durable table be deleted.
const JOBS_DELETES: &str = "/Resources/JobsRole/Properties/Policies/0/PolicyDocument/Statement/5";

/// YooKassa's webhook writes audit rows and no other.
const WEBHOOK_PUTS: &str = "/Resources/YookassaWebhookRole/Properties/Policies/0/PolicyDocument/Statement/3";

#[test]
fn every_function_has_a_role_of_its_own() {
    holds(
        roles_are_not_shared,
        &[
            ("two functions under one role", &|t| t.set(&at(AUTH, "Role"), json!({ "Fn::GetAtt": "MeRole.Arn" }))),
            ("a role that SAM makes", &|t| t.remove(&at(AUTH, "Role"))),
            ("a managed policy", &|t| {
                let policy = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
                t.add("/Resources/AuthRole/Properties", "ManagedPolicyArns", json!([policy]));
            }),
            ("a role that others may take", &|t| {
                let trust = "/Resources/AuthRole/Properties/AssumeRolePolicyDocument/Statement/0/Principal/Service";
                t.set(trust, json!("ec2.amazonaws.com"));
            }),
        ],
    );
}

#[test]
fn no_role_allows_more_than_it_names() {
    holds(
        no_wildcards,
        &[
            ("every action of a service", &|t| t.set(&at(ME_STATEMENTS, "3/Action/0"), json!("dynamodb:*"))),
            ("some actions of a service", &|t| t.set(&at(ME_STATEMENTS, "3/Action/0"), json!("dynamodb:Get*"))),
            ("every resource", &|t| t.set(&at(ME_STATEMENTS, "3/Resource"), json!("*"))),
            ("something forbidden instead of not allowed", &|t| t.set(&at(ME_STATEMENTS, "3/Effect"), json!("Deny"))),
            ("some resources", &|t| {
                t.set(
                    &at(ME_STATEMENTS, "2/Resource/0"),
                    json!({ "Fn::Sub": "arn:aws:secretsmanager:::secret:${X}/*" }),
                );
            }),
            ("all but some actions", &|t| t.add(&at(ME_STATEMENTS, "0"), "NotAction", json!(["iam:PassRole"]))),
            ("tracing and more for every resource", &|t| {
                t.add(&at(ME_STATEMENTS, "1/Action"), "", json!("dynamodb:GetItem"));
            }),
        ],
    );
}

#[test]
fn every_function_reads_the_secrets_that_its_code_declares_and_no_other() {
    holds(
        secrets_fit_the_code,
        &[
            ("a secret too many", &|t| t.add(&at(ME_STATEMENTS, "2/Resource"), "", json!({ "Ref": "TelegramSecret" }))),
            ("a secret too few", &|t| t.remove(&at(ME_STATEMENTS, "2/Resource/0"))),
            ("a secret under another name", &|t| {
                t.set("/Resources/EdgeSecret/Properties/Name", json!({ "Fn::Sub": "${SecretsPrefix}/border" }));
            }),
            ("a secret that may be written", &|t| {
                t.add(&at(ME_STATEMENTS, "2/Action"), "", json!("secretsmanager:PutSecretValue"));
            }),
            ("a secret that goes with the stack", &|t| t.remove("/Resources/SessionSecret/DeletionPolicy")),
            ("a secret that fails the next creation", &|t| {
                t.set("/Resources/SessionSecret/DeletionPolicy", json!("Retain"));
            }),
        ],
    );
}

#[test]
fn every_function_does_with_the_tables_what_its_code_does_and_nothing_else() {
    holds(
        tables_fit_the_code,
        &[
            ("an action too many", &|t| t.add(&at(ME_STATEMENTS, "3/Action"), "", json!("dynamodb:DeleteItem"))),
            ("an action too few", &|t| t.remove(&at(ME_STATEMENTS, "3/Action/0"))),
            ("the other table", &|t| {
                t.set(&at(ME_STATEMENTS, "3/Resource/0"), json!({ "Fn::GetAtt": "CacheTable.Arn" }));
            }),
            ("every item instead of one", &|t| t.remove(&at(ME_STATEMENTS, "4/Condition"))),
            ("an item that the code does not know", &|t| {
                let keys = "4/Condition/ForAllValues:StringEquals/dynamodb:LeadingKeys/0";
                t.set(&at(ME_STATEMENTS, keys), json!("CARGOTECH#DOOR"));
            }),
            ("another service", &|t| t.set(&at(ME_STATEMENTS, "3/Action/0"), json!("s3:GetObject"))),
            ("every row may be deleted", &|t| t.remove(&at(JOBS_DELETES, "Condition"))),
            ("every row may be written by who writes audit rows", &|t| t.remove(&at(WEBHOOK_PUTS, "Condition"))),
            ("audit rows may be deleted", &|t| {
                t.set(&at(JOBS_DELETES, "Condition/ForAllValues:StringLike/dynamodb:LeadingKeys/0"), json!("AUDIT#*"));
            }),
            ("keys that the code does not know", &|t| {
                t.set(&at(JOBS_DELETES, "Condition/ForAllValues:StringLike/dynamodb:LeadingKeys/0"), json!("*"));
            }),
        ],
    );
}

#[test]
fn nobody_who_writes_to_the_durable_table_changes_the_audit_log() {
    const KEPT: &str = "/Resources/YookassaWebhookRole/Properties/Policies/0/PolicyDocument/Statement/8";
    holds(
        the_audit_log_is_only_added_to,
        &[
            ("nothing forbidden", &|t| t.remove(KEPT)),
            ("another log", &|t| {
                t.set(&at(KEPT, "Condition/ForAnyValue:StringLike/dynamodb:LeadingKeys/0"), json!("LOG#*"));
            }),
            ("only deleting forbidden", &|t| t.remove(&at(KEPT, "Action/1"))),
            ("the other table", &|t| t.set(&at(KEPT, "Resource/0"), json!({ "Fn::GetAtt": "CacheTable.Arn" }))),
        ],
    );
}

#[test]
fn only_its_function_writes_the_market() {
    const LISTS: &str = "/Resources/CargoListRole/Properties/Policies/0/PolicyDocument/Statement";
    let ban = |t: &Template| {
        let statements = t.0.pointer(LISTS).and_then(Value::as_array).expect("statements");
        at(LISTS, &statements.iter().position(|statement| *statement == market_is_kept()).expect("a ban").to_string())
    };
    holds(
        the_market_is_written_by_its_function,
        &[
            ("nothing forbidden", &|t| {
                let ban = ban(t);
                t.remove(&ban);
            }),
            ("other rows", &|t| {
                let ban = ban(t);
                t.set(&at(&ban, "Condition/ForAnyValue:StringLike/dynamodb:LeadingKeys/0"), json!("DOCUMENT#*"));
            }),
        ],
    );
}
