//! What CloudFront and the gateway let through.
use std::collections::BTreeMap;
use std::process::Command;

use serde_json::{Value, json};

use crate::{
    API, Findings, SITE, at,
    document::{Template, listed, references, strings},
    holds,
};

/// What CloudFront keeps for ten seconds by itself, whatever the policy of the path says ("How CloudFront processes HTTP 4xx
/// and 5xx status codes from your origin"). It keeps 400, 403, 412 and 415 only where the origin says for how long, and no
/// error of ours does.
const KEPT_BY_CLOUDFRONT: [u16; 8] = [404, 405, 414, 500, 501, 502, 503, 504];

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

/// CloudFront's behaviours, the default one last.
fn behaviours(template: &Template) -> Vec<&Value> {
    let config = &template.0["Resources"]["Distribution"]["Properties"]["DistributionConfig"];
    let mut behaviours = listed(&config["CacheBehaviors"]);
    behaviours.push(&config["DefaultCacheBehavior"]);
    behaviours
}

/// One of CloudFront's origins, by its id.
pub fn origin<'a>(template: &'a Template, id: &str) -> Option<&'a Value> {
    let config = &template.0["Resources"]["Distribution"]["Properties"]["DistributionConfig"];
    listed(&config["Origins"]).into_iter().find(|origin| origin["Id"] == id)
}

const HEADERS: &str = "/Resources/SiteHeaders/Properties/ResponseHeadersPolicyConfig/SecurityHeadersConfig";

#[test]
fn only_the_web_app_may_call_from_another_origin() {
    holds(
        cors_is_narrow,
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
        api_is_throttled,
        &[
            ("no rate", &|t| t.remove(&at(API, "DefaultRouteSettings/ThrottlingRateLimit"))),
            ("no burst", &|t| t.remove(&at(API, "DefaultRouteSettings/ThrottlingBurstLimit"))),
            ("warnings passed over", &|t| t.remove(&at(API, "FailOnWarnings"))),
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
        site_headers_are_strict,
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
fn the_bucket_of_the_site_answers_cloudfront_alone() {
    holds(
        bucket_is_private,
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
        api_passes_through_the_edge,
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
