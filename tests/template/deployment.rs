//! Checks of how updates, bursts and failures of delivery are dealt with. Each returns what is wrong, one line a finding.
use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    API, AUTH, Findings, SITE, at,
    document::{Template, listed, strings},
    holds,
    operation::is_called_by_users,
};

/// Routes that cost more than a read or are tried by strangers: each has a rate below the API's own.
const BOUNDED_ROUTES: &[&str] = &[
    "POST /api/auth/telegram",
    "POST /api/auth/access-token",
    "POST /api/payments",
    "POST /api/promo-codes/redeem",
    "POST /api/shipper/response",
    "POST /webhooks/telegram",
    "POST /webhooks/yookassa/{token}",
];

/// What an account lets all functions reserve together: its thousand less the hundred that Lambda keeps back.
const RESERVABLE: u64 = 900;

/// Callers reach a version of each function by an alias, and an update that fails is undone by alarms that exist.
pub fn updates_are_shared_out(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    for (id, _) in template.functions() {
        for (property, wanted) in [("AutoPublishAlias", json!("live")), ("AutoPublishAliasAllProperties", json!(true))]
        {
            let found = template.function(id, property);
            findings.unless(*found == wanted, || format!("{id}: {property} is {found}"));
        }
        // infra/deploy puts the parameters' values into the variables of Globals, so that a new value makes a version.
        let own = &template.0["Resources"][id]["Properties"]["Environment"];
        findings.unless(own.is_null(), || format!("{id}: a change of its own variables would not reach the alias"));
        // What nobody waits for has no canary, and what a function says is put over what Globals say.
        if !is_called_by_users(template, id) {
            let own = &template.0["Resources"][id]["Properties"]["DeploymentPreference"];
            findings.unless(*own == json!({ "Enabled": false }), || format!("{id}: is shared out, and nobody waits"));
            continue;
        }
        let preference = template.function(id, "DeploymentPreference");
        findings.unless(preference["Type"] == json!({ "Ref": "DeploymentStyle" }), || {
            format!("{id}: is updated by {}", preference["Type"])
        });
        // A way back is needed while an alarm is on, when CodeDeploy makes no deployment.
        findings.unless(preference["Enabled"] == json!({ "Ref": "GuardedUpdate" }), || {
            format!("{id}: cannot be brought back while an alarm is on: {}", preference["Enabled"])
        });
        let undone_by = listed(&preference["Alarms"]);
        findings.unless(!undone_by.is_empty(), || format!("{id}: no alarm undoes an update"));
        for alarm in undone_by {
            // By name: a reference would be a circle, from the alarm to the API to the alias and back.
            let known =
                template.resources("AWS::CloudWatch::Alarm").into_iter().any(|(_, own)| own["AlarmName"] == *alarm);
            findings.unless(known, || format!("{id}: no alarm is called {alarm}"));
        }
    }
    let styles = &template.0["Parameters"]["DeploymentStyle"];
    let allowed = strings(&styles["AllowedValues"]);
    findings.unless(styles["Default"].as_str().is_some_and(|style| style.starts_with("Canary")), || {
        "updates are not shared out unless somebody asks for it".to_owned()
    });
    findings.unless(allowed.contains(&"AllAtOnce"), || "an update cannot be made at once".to_owned());
    findings.unless(template.0["Parameters"]["GuardedUpdate"]["Default"] == "true", || {
        "updates are not guarded unless somebody asks for it".to_owned()
    });
    findings.0
}

/// No function is bounded unless somebody asks for it, and then no bound is impossible.
pub fn concurrency_can_be_bounded(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    let functions = template.functions();
    let wanted =
        json!({ "Fn::If": ["HasReservedConcurrency", { "Ref": "ReservedConcurrency" }, { "Ref": "AWS::NoValue" }] });
    for (id, _) in &functions {
        let bound = template.function(id, "ReservedConcurrentExecutions");
        findings.unless(*bound == wanted, || format!("{id}: reserves {bound}"));
    }
    let parameter = &template.0["Parameters"]["ReservedConcurrency"];
    findings.unless(parameter["Default"] == 0, || "functions are bounded by default".to_owned());
    let most_taken = functions
        .iter()
        .flat_map(|(id, _)| template.0["Resources"][*id]["Properties"]["Events"].as_object().into_iter().flatten())
        .filter_map(|(_, event)| event["Properties"]["ScalingConfig"]["MaximumConcurrency"].as_u64())
        .max()
        .unwrap_or(0);
    for bound in listed(&parameter["AllowedValues"]).into_iter().filter_map(Value::as_u64).filter(|bound| *bound > 0) {
        let together = bound * functions.len() as u64;
        findings.unless(together <= RESERVABLE, || {
            format!("{bound} for each function are {together}, too many for an account")
        });
        findings
            .unless(bound >= most_taken, || format!("{bound} are fewer than a queue may use, so it would be refused"));
    }
    findings.0
}

/// Two stacks live beside each other, and a call by the clock that could not be made is kept.
pub fn schedules_keep_what_fails(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    let mut names = BTreeSet::new();
    for (id, _) in template.functions() {
        let events = template.0["Resources"][id]["Properties"]["Events"].as_object();
        for (event, schedule) in events.into_iter().flatten().filter(|(_, event)| event["Type"] == "ScheduleV2") {
            let properties = &schedule["Properties"];
            // Unless it is named, SAM names it without the stack's name, and a second stack cannot be made.
            let name = properties["Name"]["Fn::Sub"].as_str().unwrap_or_default();
            findings.unless(name.starts_with("${AWS::StackName}-") && names.insert(name.to_owned()), || {
                format!("{event}: is called {name:?}")
            });
            let retry = &properties["RetryPolicy"];
            findings
                .unless(retry["MaximumEventAgeInSeconds"].is_u64() && retry["MaximumRetryAttempts"].is_u64(), || {
                    format!("{event}: is repeated for a day")
                });
            let kept = &properties["DeadLetterConfig"]["Arn"]["Fn::GetAtt"];
            findings.unless(kept == "ScheduleDeadLetters.Arn", || format!("{event}: what fails is lost"));
            let role = &properties["RoleArn"]["Fn::GetAtt"];
            findings.unless(role == "ScheduleRole.Arn", || format!("{event}: has the role {role}"));
        }
    }
    findings.unless(!names.is_empty(), || "there are no schedules".to_owned());
    let role = &template.0["Resources"]["ScheduleRole"]["Properties"];
    let allowed: Vec<_> = listed(&role["Policies"])
        .into_iter()
        .flat_map(|policy| listed(&policy["PolicyDocument"]["Statement"]))
        .map(|statement| (strings(&statement["Action"]), strings(&statement["Resource"])))
        .collect();
    let wanted = [
        (vec!["lambda:InvokeFunction"], vec!["${JobsFunction.Arn}:live", "${MarketFunction.Arn}:live"]),
        (vec!["sqs:SendMessage"], vec!["ScheduleDeadLetters.Arn"]),
    ];
    findings.unless(allowed == wanted, || format!("the schedules may {allowed:?}"));
    findings.0
}

/// A mistake that reads or writes without end is stopped before it costs.
pub fn tables_have_a_fuse(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    for (id, table) in template.resources("AWS::DynamoDB::Table") {
        for (property, parameter) in
            [("MaxReadRequestUnits", "TableReadsPerSecond"), ("MaxWriteRequestUnits", "TableWritesPerSecond")]
        {
            let bound = &table["OnDemandThroughput"][property];
            findings.unless(*bound == json!({ "Ref": parameter }), || format!("{id}: {property} is {bound}"));
            // A driver's request reads and writes a few units: the fuse must not be what stops them.
            let units = template.0["Parameters"][parameter]["Default"].as_u64().unwrap_or(0);
            let requests = template.0["Parameters"]["ApiRequestsPerSecond"]["Default"].as_u64().unwrap_or(u64::MAX);
            findings.unless(units >= 4 * requests, || format!("{parameter}: {units} stop what the API lets through"));
        }
    }
    findings.0
}

/// Routes that are worth a flood are bounded by themselves, below what the API lets through.
pub fn costly_routes_are_throttled(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    let settings = &template.0["Resources"]["Api"]["Properties"]["RouteSettings"];
    let most = template.0["Parameters"]["ApiRequestsPerSecond"]["Default"].as_u64().unwrap_or(0);
    let routes: BTreeSet<_> = template
        .functions()
        .iter()
        .flat_map(|(id, _)| template.routes(id))
        .map(|(method, path)| format!("{method} {path}"))
        .collect();
    let of_admins = routes.iter().map(String::as_str).filter(|route| route.contains(" /api/admin/"));
    for route in BOUNDED_ROUTES.iter().copied().chain(of_admins) {
        findings.unless(!settings[route].is_null(), || format!("{route}: has no rate of its own"));
    }
    for (route, bounds) in settings.as_object().into_iter().flatten() {
        // API Gateway refuses the whole stage for a route that it does not know.
        findings.unless(routes.contains(route), || format!("{route}: is no route"));
        let rate = bounds["ThrottlingRateLimit"].as_u64();
        findings.unless(rate.is_some_and(|rate| rate > 0 && rate < most), || format!("{route}: the rate is {rate:?}"));
        let burst = bounds["ThrottlingBurstLimit"].as_u64();
        findings.unless(burst.is_some() && burst >= rate, || format!("{route}: the burst is {burst:?}"));
    }
    findings.0
}

/// The site has its own name and a firewall when somebody asks for them, and sends its files compressed.
pub fn the_edge_can_be_extended(template: &Template) -> Vec<String> {
    let mut findings = Findings::default();
    let config = &template.0["Resources"]["Distribution"]["Properties"]["DistributionConfig"];
    let none = json!({ "Ref": "AWS::NoValue" });
    let firewall = json!({ "Fn::If": ["HasWebAcl", { "Ref": "WebAclArn" }, none] });
    findings.unless(config["WebACLId"] == firewall, || format!("the firewall is {}", config["WebACLId"]));
    for (property, condition) in [("Aliases", "HasCertificate"), ("ViewerCertificate", "HasCertificate")] {
        findings.unless(config[property]["Fn::If"][0] == condition, || format!("{property} is not optional"));
    }
    let tls = &config["ViewerCertificate"]["Fn::If"][1]["MinimumProtocolVersion"];
    findings.unless(tls == "TLSv1.2_2021", || format!("the site answers {tls}"));
    for name in ["ApiDomain", "ApiDomainMapping"] {
        let condition = &template.0["Resources"][name]["Condition"];
        findings.unless(condition == "HasApiDomain", || format!("{name} is made when {condition}"));
    }
    let api = &template.0["Resources"]["ApiDomain"]["Properties"]["DomainNameConfigurations"][0]["SecurityPolicy"];
    findings.unless(api == "TLS_1_2", || format!("the API's own name answers {api}"));
    for parameter in ["WebAclArn", "CertificateArn", "ApiDomainName", "ApiCertificateArn"] {
        let default = &template.0["Parameters"][parameter]["Default"];
        findings.unless(default == "", || format!("{parameter}: is {default} by default"));
    }
    let files = &config["DefaultCacheBehavior"];
    findings.unless(files["Compress"] == true, || "files are sent as they are".to_owned());
    // Under this managed policy (CachingOptimized) caches do as the files' own cache-control says.
    findings.unless(files["CachePolicyId"] == "658327ea-f89d-4fab-a63d-7e88639e58f6", || {
        format!("files are cached by {}", files["CachePolicyId"])
    });
    findings.0
}

const GLOBALS: &str = "/Globals/Function";

const DELIVER_DUE: &str = "/Resources/JobsFunction/Properties/Events/DeliverDue/Properties";

#[test]
fn an_update_is_shared_out_and_undone_by_alarms() {
    holds(
        updates_are_shared_out,
        &[
            ("no alias", &|t| t.remove(&at(GLOBALS, "AutoPublishAlias"))),
            ("a version by the code alone", &|t| t.set(&at(GLOBALS, "AutoPublishAliasAllProperties"), json!(false))),
            ("variables that are not pinned", &|t| t.add(AUTH, "Environment", json!({ "Variables": {} }))),
            ("a style of its own", &|t| t.set(&at(GLOBALS, "DeploymentPreference/Type"), json!("AllAtOnce"))),
            ("a canary that nobody calls", &|t| t.remove("/Resources/JobsFunction/Properties/DeploymentPreference")),
            ("no canary where users call", &|t| t.add(AUTH, "DeploymentPreference", json!({ "Enabled": false }))),
            ("an alarm that is not there", &|t| {
                t.set(&at(GLOBALS, "DeploymentPreference/Alarms/0"), json!({ "Fn::Sub": "${AWS::StackName}-gone" }));
            }),
            ("no alarm", &|t| t.set(&at(GLOBALS, "DeploymentPreference/Alarms"), json!([]))),
            ("no way around the alarms", &|t| t.remove(&at(GLOBALS, "DeploymentPreference/Enabled"))),
            ("not guarded by default", &|t| t.set("/Parameters/GuardedUpdate/Default", json!("false"))),
            ("at once by default", &|t| t.set("/Parameters/DeploymentStyle/Default", json!("AllAtOnce"))),
            ("never at once", &|t| t.remove("/Parameters/DeploymentStyle/AllowedValues/0")),
        ],
    );
}

#[test]
fn concurrency_is_bounded_only_when_asked_for_and_never_too_tightly() {
    holds(
        concurrency_can_be_bounded,
        &[
            ("always", &|t| t.set(&at(GLOBALS, "ReservedConcurrentExecutions"), json!(10))),
            ("one function otherwise", &|t| t.add(AUTH, "ReservedConcurrentExecutions", json!(1))),
            ("by default", &|t| t.set("/Parameters/ReservedConcurrency/Default", json!(10))),
            ("more than an account has", &|t| {
                t.add("/Parameters/ReservedConcurrency/AllowedValues", "", json!(100));
            }),
            ("fewer than a queue uses", &|t| t.add("/Parameters/ReservedConcurrency/AllowedValues", "", json!(5))),
        ],
    );
}

#[test]
fn a_call_by_the_clock_that_fails_is_kept_and_two_stacks_do_not_meet() {
    holds(
        schedules_keep_what_fails,
        &[
            ("a name that every stack has", &|t| t.remove(&at(DELIVER_DUE, "Name"))),
            ("one name for two", &|t| {
                t.set(&at(DELIVER_DUE, "Name"), json!({ "Fn::Sub": "${AWS::StackName}-expire-responses" }));
            }),
            ("no word on repeating", &|t| t.remove(&at(DELIVER_DUE, "RetryPolicy"))),
            ("nothing kept", &|t| t.remove(&at(DELIVER_DUE, "DeadLetterConfig"))),
            ("another role", &|t| t.set(&at(DELIVER_DUE, "RoleArn"), json!({ "Fn::GetAtt": "JobsRole.Arn" }))),
            ("a role that may call all", &|t| {
                let statement = "/Resources/ScheduleRole/Properties/Policies/0/PolicyDocument/Statement/0/Resource/0";
                t.set(statement, json!("*"));
            }),
            ("a role that cannot keep", &|t| {
                t.remove("/Resources/ScheduleRole/Properties/Policies/0/PolicyDocument/Statement/1");
            }),
        ],
    );
}

#[test]
fn tables_stop_what_would_cost_without_end() {
    let fuse = "/Resources/AppTable/Properties/OnDemandThroughput";
    holds(
        tables_have_a_fuse,
        &[
            ("no fuse", &|t| t.remove(fuse)),
            ("none for writes", &|t| t.remove(&at(fuse, "MaxWriteRequestUnits"))),
            ("none for the cache", &|t| t.remove("/Resources/CacheTable/Properties/OnDemandThroughput")),
            ("one that stops drivers", &|t| t.set("/Parameters/TableWritesPerSecond/Default", json!(100))),
        ],
    );
}

#[test]
fn routes_that_cost_have_a_rate_of_their_own() {
    let orders = at(API, "RouteSettings/POST ~1api~1payments");
    holds(
        costly_routes_are_throttled,
        &[
            ("none for orders", &|t| t.set(&orders, json!(null))),
            ("none at all", &|t| t.remove(&at(API, "RouteSettings"))),
            ("a burst alone", &|t| t.remove(&at(&orders, "ThrottlingRateLimit"))),
            ("more than the API's own", &|t| t.set(&at(&orders, "ThrottlingRateLimit"), json!(5000))),
            ("a burst below the rate", &|t| t.set(&at(&orders, "ThrottlingBurstLimit"), json!(1))),
            ("a route that is not there", &|t| {
                let bounds = json!({ "ThrottlingRateLimit": 1, "ThrottlingBurstLimit": 1 });
                t.add(&at(API, "RouteSettings"), "GET /api/payment", bounds);
            }),
        ],
    );
}

#[test]
fn the_edge_takes_a_name_and_a_firewall_and_compresses_files() {
    holds(
        the_edge_can_be_extended,
        &[
            ("no firewall to choose", &|t| t.remove(&at(SITE, "WebACLId"))),
            ("a firewall that everybody needs", &|t| t.set(&at(SITE, "WebACLId"), json!({ "Ref": "WebAclArn" }))),
            ("a firewall by default", &|t| t.set("/Parameters/WebAclArn/Default", json!("arn:aws:wafv2:x"))),
            ("a name that everybody needs", &|t| t.set(&at(SITE, "Aliases"), json!(["app.example.org"]))),
            ("old TLS", &|t| t.set(&at(SITE, "ViewerCertificate/Fn::If/1/MinimumProtocolVersion"), json!("TLSv1"))),
            ("an own name of the API that everybody needs", &|t| t.remove("/Resources/ApiDomain/Condition")),
            ("old TLS of the API", &|t| {
                let first = "/Resources/ApiDomain/Properties/DomainNameConfigurations/0/SecurityPolicy";
                t.set(first, json!("TLS_1_0"));
            }),
            ("files as they are", &|t| t.set(&at(SITE, "DefaultCacheBehavior/Compress"), json!(false))),
            ("files that no cache keeps", &|t| {
                let disabled = json!("4135ea2d-6df8-44a3-9df3-4b5a84be39ad");
                t.set(&at(SITE, "DefaultCacheBehavior/CachePolicyId"), disabled);
            }),
        ],
    );
}
