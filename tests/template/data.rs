//! Tables and logs: how they are kept.
use std::collections::BTreeMap;

use serde_json::json;

use crate::{
    API, AUTH, Findings, ME_STATEMENTS, at,
    document::{Template, listed, strings},
    holds,
};

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

#[test]
fn every_table_is_encrypted_and_keyed_alike() {
    holds(
        tables_are_encrypted,
        &[
            ("no encryption", &|t| t.remove("/Resources/CacheTable/Properties/SSESpecification")),
            ("encryption switched off", &|t| {
                t.set("/Resources/AppTable/Properties/SSESpecification/SSEEnabled", json!(false));
            }),
            ("another key", &|t| {
                t.set("/Resources/AppTable/Properties/KeySchema/1/AttributeName", json!("created_at"));
            }),
            ("capacity to be guessed", &|t| t.remove("/Resources/AppTable/Properties/BillingMode")),
        ],
    );
}

#[test]
fn the_durable_table_can_be_brought_back_and_the_cache_empties_itself() {
    holds(
        tables_are_kept_as_long_as_they_should,
        &[
            ("no point-in-time recovery", &|t| {
                let recovery =
                    "/Resources/AppTable/Properties/PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled";
                t.set(recovery, json!(false));
            }),
            ("deletion allowed", &|t| t.remove("/Resources/AppTable/Properties/DeletionProtectionEnabled")),
            ("gone with the stack", &|t| t.set("/Resources/AppTable/DeletionPolicy", json!("Delete"))),
            ("gone when replaced", &|t| t.remove("/Resources/AppTable/UpdateReplacePolicy")),
            ("durable rows that expire", &|t| {
                let ttl = json!({ "AttributeName": "ttl", "Enabled": true });
                t.add("/Resources/AppTable/Properties", "TimeToLiveSpecification", ttl);
            }),
            ("a cache that only grows", &|t| t.remove("/Resources/CacheTable/Properties/TimeToLiveSpecification")),
        ],
    );
}

#[test]
fn the_access_log_is_json_with_the_route_and_never_the_path() {
    let format = at(API, "AccessLogSettings/Format");
    holds(
        access_log_keeps_paths_out,
        &[
            ("the path", &|t| t.set(&format, json!(r#"{"route":"$context.routeKey","path":"$context.path"}"#))),
            ("the raw path", &|t| {
                t.set(&format, json!(r#"{"route":"$context.routeKey","path":"${context.http.path}"}"#));
            }),
            ("the address of the driver", &|t| {
                t.set(&format, json!(r#"{"route":"$context.routeKey","ip":"$context.identity.sourceIp"}"#));
            }),
            ("no route", &|t| t.set(&format, json!(r#"{"requestId":"$context.requestId"}"#))),
            ("text", &|t| t.set(&format, json!("$context.routeKey $context.status"))),
            ("no log", &|t| t.remove(&at(API, "AccessLogSettings"))),
        ],
    );
}

#[test]
fn every_log_is_kept_for_a_stated_time() {
    holds(
        logs_are_kept_for_a_stated_time,
        &[
            ("kept for ever", &|t| t.remove("/Resources/AuthLogs/Properties/RetentionInDays")),
            ("a log of the API that is kept for ever", &|t| t.remove("/Resources/ApiLogs/Properties/RetentionInDays")),
            ("a log group that Lambda makes", &|t| t.remove(&at(AUTH, "LoggingConfig"))),
            ("a level below which Lambda drops lines", &|t| {
                t.set(&at(AUTH, "LoggingConfig/ApplicationLogLevel"), json!("INFO"));
            }),
            ("another function's log group", &|t| {
                t.set(&at(AUTH, "LoggingConfig/LogGroup"), json!({ "Ref": "MeLogs" }))
            }),
            ("a role that writes elsewhere", &|t| {
                t.set(&at(ME_STATEMENTS, "0/Resource/0"), json!({ "Fn::GetAtt": "AuthLogs.Arn" }));
            }),
        ],
    );
}
