//! How functions are built, bounded, called and configured.
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use shared::config::Config;

use crate::{
    AUTH, Findings, SITE, at,
    document::{Template, listed, references, root, strings},
    edge::origin,
    holds,
    roles::declared_secrets,
};

/// Functions that answer without a session: one makes it, the other tells whether we are up.
const WITHOUT_SESSION: &[&str] = &["health"];

/// Functions that are called at the API's own address, past CloudFront, and the secret by which they know their callers.
const WEBHOOKS: &[(&str, &str)] = &[("telegram-webhook", "telegram"), ("yookassa-webhook", "yookassa")];

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

#[test]
fn every_function_of_the_template_has_a_module_and_a_binary_and_the_other_way_round() {
    holds(
        functions_fit_the_code,
        &[
            ("a function that the code does not have", &|t| {
                t.set(&at(AUTH, "CodeUri"), json!("target/lambda/authentication/"));
            }),
            ("code that is built elsewhere", &|t| t.set(&at(AUTH, "CodeUri"), json!("functions/auth/"))),
            ("a function of the code that is not deployed", &|t| t.remove("/Resources/MeFunction")),
        ],
    );
}

#[test]
fn every_route_is_a_literal_and_has_one_function() {
    holds(
        routes_are_plain,
        &[
            ("one route twice", &|t| {
                t.set("/Resources/MeFunction/Properties/Events/Get/Properties/Path", json!("/api/cargos"));
            }),
            ("a route outside /api", &|t| t.set(&at(AUTH, "Events/Logout/Properties/Path"), json!("/logout"))),
            ("a computed path", &|t| {
                t.set(&at(AUTH, "Events/Logout/Properties/Path"), json!({ "Fn::Sub": "/api/${Stage}" }));
            }),
            ("another API", &|t| t.remove(&at(AUTH, "Events/Logout/Properties/ApiId"))),
            ("a method that CORS does not let through", &|t| {
                t.set(&at(AUTH, "Events/Logout/Properties/Method"), json!("PATCH"));
            }),
        ],
    );
}

#[test]
fn every_function_says_its_memory_and_its_time_below_the_thirty_seconds_of_the_gateway() {
    holds(
        functions_are_bounded,
        &[
            ("no memory", &|t| t.remove(&at(AUTH, "MemorySize"))),
            ("no timeout", &|t| t.remove(&at(AUTH, "Timeout"))),
            ("the gateway gives up first", &|t| t.set(&at(AUTH, "Timeout"), json!(30))),
            ("another runtime", &|t| t.set("/Globals/Function/Runtime", json!("provided.al2"))),
            ("a fixed processor", &|t| t.set("/Globals/Function/Architectures", json!(["arm64"]))),
            ("no tracing", &|t| t.remove("/Globals/Function/Tracing")),
        ],
    );
}

#[test]
fn what_the_clock_starts_is_not_repeated_by_lambda() {
    const CONFIG: &str = "/Resources/JobsFunction/Properties/EventInvokeConfig";
    holds(
        runs_by_the_clock_are_not_repeated,
        &[
            ("nothing said", &|t| t.remove(CONFIG)),
            ("repeats", &|t| t.set(&at(CONFIG, "MaximumRetryAttempts"), json!(2))),
            ("runs of hours ago", &|t| t.set(&at(CONFIG, "MaximumEventAgeInSeconds"), json!(21_600))),
        ],
    );
}

#[test]
fn every_function_of_the_api_checks_where_a_request_comes_from_and_who_sent_it() {
    holds(
        requests_are_checked,
        &[
            ("an API function without the secret of the edge", &|t| {
                t.add(
                    "/Resources/JobsFunction/Properties/Events",
                    "Get",
                    json!({
                        "Type": "HttpApi",
                        "Properties": { "ApiId": { "Ref": "Api" }, "Method": "GET", "Path": "/api/jobs" },
                    }),
                );
            }),
            ("CloudFront does not send the secret", &|t| t.remove(&at(SITE, "Origins/1/OriginCustomHeaders"))),
            ("a secret that stands in the template", &|t| {
                t.set(&at(SITE, "Origins/1/OriginCustomHeaders/0/HeaderValue"), json!("abc"));
            }),
        ],
    );
}

#[test]
fn no_secret_is_in_an_environment_variable() {
    holds(
        environment_holds_no_secret,
        &[
            ("a resolved secret", &|t| {
                let value = json!("{{resolve:secretsmanager:cargotech:SecretString:password}}");
                t.set("/Globals/Function/Environment/Variables/SUPPORT_URL", value);
            }),
            ("a secret by its reference", &|t| {
                t.set("/Globals/Function/Environment/Variables/SUPPORT_URL", json!({ "Ref": "SessionSecret" }));
            }),
            ("a variable of one function", &|t| {
                t.add(AUTH, "Environment", json!({ "Variables": { "TELEGRAM_BOT_TOKEN": "1:a" } }));
            }),
            ("a parameter that has to be hidden", &|t| t.add("/Parameters/SupportUrl", "NoEcho", json!(true))),
        ],
    );
}

#[test]
fn the_environment_is_what_the_code_reads() {
    holds(
        environment_fits_the_code,
        &[
            ("a variable too few", &|t| t.remove("/Globals/Function/Environment/Variables/APP_TABLE")),
            ("a variable that nobody reads", &|t| {
                t.add("/Globals/Function/Environment/Variables", "LIST_TTL", json!("300"));
            }),
            ("a default that the code refuses", &|t| t.set("/Parameters/ListTtlSeconds/Default", json!(0))),
            ("a default other than the code's", &|t| t.set("/Parameters/ListTtlSeconds/Default", json!(60))),
        ],
    );
}

#[test]
fn every_parameter_is_described_bounded_and_used() {
    holds(
        parameters_are_used,
        &[
            ("a parameter that nobody uses", &|t| {
                t.add("/Parameters", "Stage", json!({ "Type": "String", "Description": "x", "AllowedValues": ["a"] }));
            }),
            ("a condition that nobody uses", &|t| {
                t.add("/Conditions", "IsProduction", json!({ "Fn::Equals": ["a", "a"] }));
            }),
            ("no description", &|t| t.remove("/Parameters/Architecture/Description")),
            ("any value", &|t| t.remove("/Parameters/Architecture/AllowedValues")),
            ("not shown in any group", &|t| {
                t.remove("/Metadata/AWS::CloudFormation::Interface/ParameterGroups/1/Parameters/0");
            }),
        ],
    );
}
