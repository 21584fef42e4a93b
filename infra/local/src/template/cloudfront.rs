//! CloudFront's behaviours: which paths get which headers.
use serde_json::Value as Json;

use super::{Behaviour, text};

pub(super) fn behaviours(distribution: &Json, resources: &serde_json::Map<String, Json>) -> Vec<Behaviour> {
    let headers = |behaviour: &Json| {
        let policy = behaviour["ResponseHeadersPolicyId"].as_str().and_then(|id| resources.get(id));
        policy.map(|policy| policy_headers(&policy["Properties"]["ResponseHeadersPolicyConfig"])).unwrap_or_default()
    };
    let mut behaviours: Vec<Behaviour> = distribution["CacheBehaviors"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|behaviour| {
            Some(Behaviour { pattern: text(&behaviour["PathPattern"])?, headers: headers(behaviour) })
        })
        .collect();
    behaviours.push(Behaviour { pattern: "*".to_owned(), headers: headers(&distribution["DefaultCacheBehavior"]) });
    behaviours
}

/// The headers of a `ResponseHeadersPolicy`, as CloudFront writes them.
fn policy_headers(policy: &Json) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            headers.push((name.to_owned(), value));
        }
    };
    let security = &policy["SecurityHeadersConfig"];
    add("content-security-policy", text(&security["ContentSecurityPolicy"]["ContentSecurityPolicy"]));
    add("x-content-type-options", security["ContentTypeOptions"].is_object().then(|| "nosniff".to_owned()));
    add("x-frame-options", text(&security["FrameOptions"]["FrameOption"]));
    add("referrer-policy", text(&security["ReferrerPolicy"]["ReferrerPolicy"]));
    let transport = &security["StrictTransportSecurity"];
    add(
        "strict-transport-security",
        transport["AccessControlMaxAgeSec"].as_i64().map(|seconds| {
            let flag = |name: &str, text: &'static str| {
                if transport[name].as_bool().unwrap_or(false) { text } else { "" }
            };
            format!(
                "max-age={seconds}{}{}",
                flag("IncludeSubdomains", "; includeSubDomains"),
                flag("Preload", "; preload")
            )
        }),
    );
    for item in policy["CustomHeadersConfig"]["Items"].as_array().into_iter().flatten() {
        if let Some(name) = item["Header"].as_str() {
            add(&name.to_lowercase(), text(&item["Value"]));
        }
    }
    headers
}

/// CloudFront's path patterns; the leading slash is optional.
pub(super) fn glob(pattern: &[u8], path: &[u8]) -> bool {
    like(pattern.strip_prefix(b"/").unwrap_or(pattern), path.strip_prefix(b"/").unwrap_or(path))
}

/// Whether a text is what a pattern says, in which `*` stands for any number of characters and `?` for one.
pub fn like(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|skipped| like(rest, &text[skipped..])),
        Some((b'?', rest)) => text.split_first().is_some_and(|(_, text)| like(rest, text)),
        Some((wanted, rest)) => text.split_first().is_some_and(|(found, text)| found == wanted && like(rest, text)),
    }
}
