//! One request for every route that can be asked again and again, as API Gateway hands it to the function. The template stays
//! the only list of routes: one that stands there and not here, or the other way round, ends the benchmark.
use std::{collections::BTreeSet, path::Path};

use hyper::body::Bytes;
use serde_json::{Map, Value, json};

use crate::Result;

/// What is asked of a route.
#[derive(Clone)]
pub struct Route {
    /// The name of the function's binary.
    pub function: &'static str,
    /// As API Gateway names it: `GET /api/cargos/{id}`.
    pub key: &'static str,
    /// The path that is asked for, with its query.
    pub path: String,
    /// Who asks.
    pub who: Who,
    /// The body, where it is the same every time.
    pub body: Option<Value>,
}

/// Who asks for a route.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Nobody who is known.
    Anyone,
    /// A driver.
    Driver,
    /// An owner, who is a driver as well.
    Owner,
    /// Somebody without what the route asks for: the function is started and refuses, and nothing more is measured.
    Stranger,
}

impl Route {
    /// The function and the route.
    fn title(&self) -> String {
        format!("{}: {}", self.function, self.key)
    }

    /// The method. The administration's one route takes any.
    pub fn method(&self) -> &'static str {
        self.key.split(' ').next().filter(|method| *method != "ANY").unwrap_or("GET")
    }

    /// Whether a token is sent.
    pub fn is_signed_in(&self) -> bool {
        matches!(self.who, Who::Driver | Who::Owner)
    }

    /// The event that API Gateway makes of a request; `token` is the driver's, `origin_token` CloudFront's.
    pub fn event(&self, token: Option<&str>, origin_token: &str, body: Option<&Value>) -> Bytes {
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let mut headers = json!({
            "accept": "application/json",
            "accept-encoding": "gzip, deflate, br",
            "cloudfront-viewer-address": "198.51.100.7:46532",
            "content-type": "application/json",
            "host": "local.execute-api.eu-central-1.amazonaws.com",
            "user-agent": "Mozilla/5.0 (Linux; Android 11; SM-A125F) AppleWebKit/537.36 Telegram-Android/11.2",
            "x-forwarded-for": "198.51.100.7, 203.0.113.1",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
            "x-origin-token": origin_token,
        });
        if let Some(token) = token.filter(|_| self.is_signed_in()) {
            headers["authorization"] = json!(format!("Bearer {token}"));
        }
        let mut event = json!({
            "version": "2.0",
            "routeKey": self.key,
            "rawPath": path,
            "rawQueryString": query,
            "headers": headers,
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "local",
                "domainName": "local.execute-api.eu-central-1.amazonaws.com",
                "domainPrefix": "local",
                "http": {
                    "method": self.method(),
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "203.0.113.1",
                    "userAgent": "Mozilla/5.0",
                },
                "requestId": "LV7fzho-PHcEJPw=",
                "routeKey": self.key,
                "stage": "$default",
                "time": "21/Apr/2026:15:08:21 +0000",
                "timeEpoch": 1_776_784_101_067_u64,
            },
            "isBase64Encoded": false,
        });
        if !query.is_empty() {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            event["queryStringParameters"] = pairs.map(|(name, value)| (name.to_owned(), json!(value))).collect();
        }
        if let Some((_, name)) = self.key.split_once('{') {
            let name = name.trim_end_matches('}').trim_end_matches('+');
            let start = self.key.find('{').unwrap_or_default() - self.key.find('/').unwrap_or_default();
            event["pathParameters"] = json!({ name: path[start..] });
        }
        if let Some(body) = body.or(self.body.as_ref()) {
            event["body"] = json!(body.to_string());
        }
        event.to_string().into()
    }
}

/// The list that is asked for: a search as a driver makes it.
pub const LIST: &str = "/api/cargos?mode=all&weight_volume=15_20&limit=20";
/// The route whose every request needs init data of its own.
pub const SIGN_IN: &str = "POST /api/auth/telegram";
/// The route whose every request ends a session.
pub const SIGN_OUT: &str = "POST /api/auth/logout";

/// The routes that are measured; `cargo_id` is one that exists.
pub fn all(cargo_id: &str) -> Vec<Route> {
    let route =
        |function, key, path: &str| Route { function, key, path: path.to_owned(), who: Who::Driver, body: None };
    let by = |who, function, key, path: &str| Route { who, ..route(function, key, path) };
    vec![
        by(Who::Anyone, "auth", SIGN_IN, "/api/auth/telegram"),
        route("auth", "POST /api/auth/refresh", "/api/auth/refresh"),
        route("auth", SIGN_OUT, "/api/auth/logout"),
        route("me", "GET /api/me", "/api/me"),
        Route { body: Some(json!({ "company": "ООО «Путь»" })), ..route("me", "PUT /api/me", "/api/me") },
        route("me", "GET /api/subscription", "/api/subscription"),
        route("me", "GET /api/plans", "/api/plans"),
        route("cargo-list", "GET /api/cargos", LIST),
        route("cargo-list", "GET /api/cargos/facets", "/api/cargos/facets?weight_volume=15_20"),
        route("cargo-detail", "GET /api/cargos/{id}", &format!("/api/cargos/{cargo_id}")),
        route("searches", "GET /api/searches", "/api/searches"),
        route("responses", "GET /api/responses", "/api/responses"),
        route("payments", "GET /api/payments", "/api/payments"),
        route("dictionaries", "GET /api/dictionaries/cities", "/api/dictionaries/cities?q=%D0%9C%D0%BE%D1%81"),
        route("dictionaries", "GET /api/places", "/api/places?name=%D0%BC%D0%B0%D1%81%D0%BA%D0%B2%D0%B0"),
        route("dictionaries", "GET /api/places/nearest", "/api/places/nearest?lat=55.75&lon=37.62&limit=1"),
        route("dictionaries", "GET /api/dictionaries/truck-types", "/api/dictionaries/truck-types"),
        route("dictionaries", "GET /api/dictionaries/load-types", "/api/dictionaries/load-types"),
        route("dictionaries", "GET /api/dictionaries/weight-volumes", "/api/dictionaries/weight-volumes"),
        by(Who::Owner, "admin-people", "GET /api/admin/drivers", "/api/admin/drivers"),
        by(Who::Owner, "admin-money", "GET /api/admin/payments", "/api/admin/payments"),
        by(Who::Owner, "admin-settings", "GET /api/admin/settings", "/api/admin/settings"),
        by(Who::Anyone, "health", "GET /api/health", "/api/health"),
        by(Who::Anyone, "health", "HEAD /api/health", "/api/health"),
        by(Who::Stranger, "shipper", "GET /api/shipper/response", "/api/shipper/response"),
        by(Who::Stranger, "telegram-webhook", "POST /webhooks/telegram", "/webhooks/telegram"),
        by(Who::Stranger, "yookassa-webhook", "POST /webhooks/yookassa/{token}", "/webhooks/yookassa/none"),
    ]
}

/// The routes whose every request needs something made for it: a link, an order, a code, a cargo that nobody has responded to, a
/// saved search, the market. Their store calls are counted in `tests/product`, and `--journeys` measures responses and orders.
const NEED_THEIR_OWN: [&str; 17] = [
    "auth: POST /api/auth/access-token",
    "auth: POST /api/auth/admin",
    "cargo-list: GET /api/cargos/{id}/chains",
    "cargo-list: GET /api/cargos/{id}/worth",
    "me: GET /api/me/access-link",
    "me: DELETE /api/me/access-link",
    "payments: GET /api/payments/{id}",
    "payments: POST /api/payments",
    "payments: POST /api/promo-codes/redeem",
    "responses: DELETE /api/cargos/{id}/responses",
    "responses: POST /api/cargos/{id}/responses",
    "searches: DELETE /api/searches/{id}",
    "searches: GET /api/searches/{id}",
    "searches: POST /api/searches",
    "searches: POST /api/searches/{id}/opened",
    "searches: PUT /api/searches/{id}",
    "shipper: POST /api/shipper/response",
];

/// Functions that no request reaches, with an event as they get it.
pub const WITHOUT_ROUTES: [(&str, &str); 5] = [
    ("jobs", r#"{"job":"check-cargotech"}"#),
    ("market", r#"{"job":"sweep-market"}"#),
    ("notify", r#"{"Records":[]}"#),
    ("settle", r#"{"Records":[]}"#),
    ("alarms", r#"{"Records":[]}"#),
];

/// Compares [`all`] with template.yaml. Of the admin page's many routes one of each function is measured.
///
/// # Errors
/// They differ, or the template cannot be read.
pub fn compare(routes: &[Route], template: &Path) -> Result<()> {
    let template: yaml_serde::Value = yaml_serde::from_str(&std::fs::read_to_string(template)?)?;
    let mut deployed = BTreeSet::new();
    for (_, resource) in template["Resources"].as_mapping().into_iter().flatten() {
        let code = resource["Properties"]["CodeUri"].as_str().unwrap_or_default();
        let function = code.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        for (_, event) in resource["Properties"]["Events"].as_mapping().into_iter().flatten() {
            if event["Type"] == "HttpApi" {
                let text = |name: &str| event["Properties"][name].as_str().unwrap_or_default().to_owned();
                let route = format!("{function}: {} {}", text("Method"), text("Path"));
                if !function.starts_with("admin-") || routes.iter().any(|measured| measured.title() == route) {
                    deployed.insert(route);
                }
            }
        }
    }
    let measured = routes.iter().map(Route::title);
    let measured: BTreeSet<_> = measured.chain(NEED_THEIR_OWN.map(str::to_owned)).collect();
    if deployed == measured {
        return Ok(());
    }
    let missing: Vec<_> = deployed.symmetric_difference(&measured).collect();
    Err(format!("template.yaml and the benchmark differ in {missing:?}").into())
}

/// What a route's answer is made of, for one that went wrong.
///
/// # Errors
/// It is not the answer of a function behind API Gateway, or not a success.
pub fn body_length(answer: &[u8]) -> Result<usize> {
    let answer: Map<String, Value> = serde_json::from_slice(answer)?;
    let body = answer.get("body").and_then(Value::as_str).unwrap_or_default();
    match answer.get("statusCode").and_then(Value::as_u64) {
        Some(200..=299) if answer["isBase64Encoded"] == true => Ok(body.len() / 4 * 3),
        Some(200..=299) => Ok(body.len()),
        status => Err(format!("status {status:?}: {body}").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_of_the_template_is_measured_or_named() {
        let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
        compare(&all("1"), &template).expect("the same routes");
    }
}
