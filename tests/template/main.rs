//! What cfn-lint cannot know about template.yaml: that it fits the code, and the rules that this project sets itself.
//! A check returns what is wrong. Each is also shown changed templates that it has to refuse, so none can be blind.
use std::process::Command;

use serde_json::{Value, json};

mod checks;
mod deployment;
mod document;
mod operation;
mod providers;

use document::Template;

/// What is wrong with a template; empty when nothing is.
type Check = fn(&Template) -> Vec<String>;
/// A change that makes a template wrong.
type Damage<'a> = (&'a str, &'a dyn Fn(&mut Template));

/// The project's template passes, and every damaged copy of it fails.
fn holds(check: Check, damages: &[Damage]) {
    let template = Template::read();
    let problems = check(&template);
    assert!(problems.is_empty(), "template.yaml:\n  {}", problems.join("\n  "));
    for (what, damage) in damages {
        let mut damaged = template.clone();
        damage(&mut damaged);
        assert!(!check(&damaged).is_empty(), "the check does not see: {what}");
    }
}

const AUTH: &str = "/Resources/AuthFunction/Properties";
const ME_STATEMENTS: &str = "/Resources/MeRole/Properties/Policies/0/PolicyDocument/Statement";
const API: &str = "/Resources/Api/Properties";
const HEADERS: &str = "/Resources/SiteHeaders/Properties/ResponseHeadersPolicyConfig/SecurityHeadersConfig";
const SITE: &str = "/Resources/Distribution/Properties/DistributionConfig";

/// `pointer` below `base`.
fn at(base: &str, pointer: &str) -> String {
    format!("{base}/{pointer}")
}

#[test]
fn every_function_of_the_template_has_a_module_and_a_binary_and_the_other_way_round() {
    holds(
        checks::functions_fit_the_code,
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
        checks::routes_are_plain,
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
        checks::functions_are_bounded,
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
fn every_function_has_a_role_of_its_own() {
    holds(
        checks::roles_are_not_shared,
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
        checks::no_wildcards,
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
        checks::secrets_fit_the_code,
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

/// The one statement that lets rows of the durable table be deleted.
const JOBS_DELETES: &str = "/Resources/JobsRole/Properties/Policies/0/PolicyDocument/Statement/5";
/// YooKassa's webhook writes audit rows and no other.
const WEBHOOK_PUTS: &str = "/Resources/YookassaWebhookRole/Properties/Policies/0/PolicyDocument/Statement/3";

#[test]
fn every_function_does_with_the_tables_what_its_code_does_and_nothing_else() {
    holds(
        checks::tables_fit_the_code,
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
        checks::the_audit_log_is_only_added_to,
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
fn hints_are_given_and_taken_by_those_who_should_and_are_not_lost() {
    const EVENT: &str = "/Resources/NotifyFunction/Properties/Events/Hints/Properties";
    const QUEUE: &str = "/Resources/NotifyQueue/Properties";
    const STATEMENTS: &str = "/Resources/ResponsesRole/Properties/Policies/0/PolicyDocument/Statement";
    holds(
        checks::queues_fit_the_code,
        &[
            ("a sender too few", &|t| t.remove(&at(STATEMENTS, "5"))),
            ("a sender who may also take", &|t| t.add(&at(STATEMENTS, "5/Action"), "", json!("sqs:ReceiveMessage"))),
            ("another queue", &|t| {
                t.set(&at(STATEMENTS, "5/Resource/0"), json!({ "Fn::GetAtt": "NotifyDeadLetters.Arn" }));
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
        checks::only_who_hints_at_itself_may_loop,
        &[
            ("the guard of Lambda stops messages", &|t| t.remove("/Resources/NotifyFunction/Properties/RecursiveLoop")),
            ("another guard", &|t| t.set("/Resources/NotifyFunction/Properties/RecursiveLoop", json!("Terminate"))),
            ("leave for who needs none", &|t| {
                t.add("/Resources/SettleFunction/Properties", "RecursiveLoop", json!("Allow"));
            }),
        ],
    );
}

#[test]
fn what_the_clock_starts_is_not_repeated_by_lambda() {
    const CONFIG: &str = "/Resources/JobsFunction/Properties/EventInvokeConfig";
    holds(
        checks::runs_by_the_clock_are_not_repeated,
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
        checks::requests_are_checked,
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
        checks::environment_holds_no_secret,
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
        checks::environment_fits_the_code,
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
fn every_table_is_encrypted_and_keyed_alike() {
    holds(
        checks::tables_are_encrypted,
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
        checks::tables_are_kept_as_long_as_they_should,
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
fn only_the_web_app_may_call_from_another_origin() {
    holds(
        checks::cors_is_narrow,
        &[
            ("every origin", &|t| t.set(&at(API, "CorsConfiguration/AllowOrigins/0"), json!("*"))),
            ("one origin more", &|t| {
                t.add(&at(API, "CorsConfiguration/AllowOrigins"), "", json!("https://example.org"));
            }),
            ("every header", &|t| t.set(&at(API, "CorsConfiguration/AllowHeaders/0"), json!("*"))),
            ("every method", &|t| t.set(&at(API, "CorsConfiguration/AllowMethods/0"), json!("*"))),
            ("the short form, which means every origin", &|t| t.set(&at(API, "CorsConfiguration"), json!(true))),
            ("cookies", &|t| t.add(&at(API, "CorsConfiguration"), "AllowCredentials", json!(true))),
            ("a wildcard as the default", &|t| t.set("/Parameters/WebappOrigin/Default", json!("*"))),
        ],
    );
}

#[test]
fn the_api_is_throttled_and_reports_bad_definitions() {
    holds(
        checks::api_is_throttled,
        &[
            ("no rate", &|t| t.remove(&at(API, "DefaultRouteSettings/ThrottlingRateLimit"))),
            ("no burst", &|t| t.remove(&at(API, "DefaultRouteSettings/ThrottlingBurstLimit"))),
            ("warnings passed over", &|t| t.remove(&at(API, "FailOnWarnings"))),
        ],
    );
}

#[test]
fn the_access_log_is_json_with_the_route_and_never_the_path() {
    let format = at(API, "AccessLogSettings/Format");
    holds(
        checks::access_log_keeps_paths_out,
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
        checks::logs_are_kept_for_a_stated_time,
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

#[test]
fn the_content_security_policy_is_strict_and_lets_telegram_frame_the_app() {
    let policy = at(HEADERS, "ContentSecurityPolicy/ContentSecurityPolicy");
    let instead = |from: &'static str, to: &'static str| {
        let policy = policy.clone();
        move |t: &mut Template| {
            let text = t.0.pointer(&policy).and_then(Value::as_str).expect("there is a policy").to_owned();
            assert!(text.contains(from), "{from}");
            t.set(&policy, json!(text.replace(from, to)));
        }
    };
    holds(
        checks::site_headers_are_strict,
        &[
            ("inline scripts", &instead("script-src 'self'", "script-src 'self' 'unsafe-inline'")),
            ("scripts of Telegram's host", &instead("script-src 'self'", "script-src 'self' https://telegram.org")),
            ("inline styles", &instead("style-src 'self'", "style-src 'self' 'unsafe-inline'")),
            ("calls to anywhere", &instead("connect-src 'self'", "connect-src *")),
            ("a wider default", &instead("default-src 'none'", "default-src 'self'")),
            ("no base", &instead("base-uri 'none'; ", "")),
            ("anybody's frames", &instead("frame-ancestors 'self'", "frame-ancestors *")),
            (
                "somebody else's frames",
                &instead("frame-ancestors 'self'", "frame-ancestors https://telegram.org.example"),
            ),
            ("no frame of Telegram", &instead(" https://web.telegram.org https://*.telegram.org", "")),
            ("a header that forbids Telegram's frame", &|t| {
                t.add(HEADERS, "FrameOptions", json!({ "FrameOption": "SAMEORIGIN", "Override": true }));
            }),
            ("a site that may overrule it", &|t| t.set(&at(HEADERS, "ContentSecurityPolicy/Override"), json!(false))),
            ("no HSTS", &|t| t.remove(&at(HEADERS, "StrictTransportSecurity"))),
            ("sniffing", &|t| t.remove(&at(HEADERS, "ContentTypeOptions"))),
            ("a page without these headers", &|t| t.remove(&at(SITE, "DefaultCacheBehavior/ResponseHeadersPolicyId"))),
        ],
    );
}

#[test]
fn cloudfront_finds_the_two_pages_and_leaves_every_other_path_alone() {
    let code = Template::read().0["Resources"]["SitePaths"]["Properties"]["FunctionCode"].clone();
    let code = code.as_str().expect("there is code");
    let asked = [
        ("/", "{}", "302 /app/"),
        ("/app", "{}", "302 /app/"),
        ("/app/admin", "{}", "302 /app/admin/"),
        ("/", "{tgWebAppStartParam:{value:'cargo_1'}}", "302 /app/?tgWebAppStartParam=cargo_1"),
        ("/app", "{a:{value:'1',multiValue:[{value:'1'},{value:'%20'}]},b:{value:''}}", "302 /app/?a=1&a=%20&b"),
        ("/app/", "{}", "/app/index.html"),
        ("/app/admin/", "{}", "/app/admin/index.html"),
        ("/app/assets/index.js", "{}", "/app/assets/index.js"),
        ("/app/cargos", "{}", "/app/cargos"),
    ];
    let mut script = code.to_owned();
    for (uri, query, _) in asked {
        script += &format!(
            "\nvar a = handler({{ request: {{ uri: '{uri}', querystring: {query} }} }});\n\
             console.log(a.statusCode ? a.statusCode + ' ' + a.headers.location.value : a.uri);"
        );
    }
    let node = Command::new("node").args(["--eval", &script]).output().expect("Node.js runs");
    assert!(node.status.success(), "{}", String::from_utf8_lossy(&node.stderr));
    let answers = String::from_utf8(node.stdout).expect("text");
    let wanted: Vec<_> = asked.iter().map(|(.., answer)| *answer).collect();
    assert_eq!(answers.lines().collect::<Vec<_>>(), wanted);
}

#[test]
fn the_bucket_of_the_site_answers_cloudfront_alone() {
    holds(
        checks::bucket_is_private,
        &[
            ("public access", &|t| {
                t.set(
                    "/Resources/SiteBucket/Properties/PublicAccessBlockConfiguration/BlockPublicPolicy",
                    json!(false),
                );
            }),
            ("every distribution", &|t| {
                t.remove("/Resources/SiteBucketPolicy/Properties/PolicyDocument/Statement/0/Condition")
            }),
            ("no encryption", &|t| t.remove("/Resources/SiteBucket/Properties/BucketEncryption")),
            ("files that go with the stack", &|t| t.remove("/Resources/SiteBucket/DeletionPolicy")),
            ("no access control", &|t| t.remove(&at(SITE, "Origins/0/OriginAccessControlId"))),
            ("plain http", &|t| t.set(&at(SITE, "DefaultCacheBehavior/ViewerProtocolPolicy"), json!("allow-all"))),
        ],
    );
}

#[test]
fn cloudfront_passes_the_api_through_and_keeps_nothing_of_it() {
    holds(
        checks::api_passes_through_the_edge,
        &[
            ("answers kept", &|t| {
                t.set(&at(SITE, "CacheBehaviors/0/CachePolicyId"), json!("658327ea-f89d-4fab-a63d-7e88639e58f6"));
            }),
            ("the Host header passed on", &|t| {
                t.set(
                    &at(SITE, "CacheBehaviors/0/OriginRequestPolicyId"),
                    json!("216adef6-5c7f-47e4-b989-5492eafa07d3"),
                );
            }),
            ("a method that does not get through", &|t| t.remove(&at(SITE, "CacheBehaviors/0/AllowedMethods/3"))),
            ("other paths", &|t| t.set(&at(SITE, "CacheBehaviors/0/PathPattern"), json!("/v1/*"))),
            ("an API over plain http", &|t| {
                t.set(&at(SITE, "Origins/1/CustomOriginConfig/OriginProtocolPolicy"), json!("match-viewer"));
            }),
            ("errors turned into pages", &|t| {
                let page = json!([{ "ErrorCode": 404, "ResponseCode": 200, "ResponsePagePath": "/app/index.html" }]);
                t.set(&at(SITE, "CustomErrorResponses"), page);
            }),
            ("one error turned into a page", &|t| {
                t.add(&at(SITE, "CustomErrorResponses/2"), "ResponsePagePath", json!("/app/index.html"));
            }),
            ("errors kept for others", &|t| t.remove(&at(SITE, "CustomErrorResponses"))),
            ("one error kept for others", &|t| t.remove(&at(SITE, "CustomErrorResponses/2/ErrorCachingMinTTL"))),
            ("404 kept for others", &|t| t.remove(&at(SITE, "CustomErrorResponses/0"))),
            ("501 kept for others", &|t| t.remove(&at(SITE, "CustomErrorResponses/4"))),
        ],
    );
}

#[test]
fn every_alarm_watches_a_metric_that_somebody_writes_and_tells_somebody() {
    let alarm = "/Resources/SignInRefusedAlarm/Properties";
    let share = "/Resources/CargoTechFailedAlarm/Properties";
    holds(
        checks::alarms_are_heard,
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
        checks::throttling_is_seen,
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
    holds(checks::secrets_get_old_as_the_code_says, &[("another age", &|t| t.set(threshold, json!(180)))]);
}

#[test]
fn every_alarm_has_a_runbook_and_every_runbook_an_alarm() {
    let described = "/Resources/SignInRefusedAlarm/Properties/AlarmDescription";
    holds(
        checks::alarms_have_runbooks,
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
        checks::dashboard_shows_what_is_written,
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

#[test]
fn every_parameter_is_described_bounded_and_used() {
    holds(
        checks::parameters_are_used,
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

const GLOBALS: &str = "/Globals/Function";
const DELIVER_DUE: &str = "/Resources/JobsFunction/Properties/Events/DeliverDue/Properties";

#[test]
fn an_update_is_shared_out_and_undone_by_alarms() {
    holds(
        deployment::updates_are_shared_out,
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
        deployment::concurrency_can_be_bounded,
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
        deployment::schedules_keep_what_fails,
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
        deployment::tables_have_a_fuse,
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
        deployment::costly_routes_are_throttled,
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
        deployment::the_edge_can_be_extended,
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
