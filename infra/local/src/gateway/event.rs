//! An HTTP request as the event that API Gateway hands to a function (payload format 2.0), and the function's answer
//! back as HTTP. Both cross over as JSON text, so a function sees nothing that it would not see on AWS.
use std::{borrow::Cow, collections::BTreeMap, net::IpAddr};

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Method, Response, StatusCode, Version, header, request},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use super::routes::decode;

const ACCOUNT_ID: &str = "000000000000";
const API_ID: &str = "local";

/// The API's own domain. CloudFront sends it as `Host`, because it forwards all headers but that one.
pub const API_DOMAIN: &str = "local.execute-api.eu-central-1.amazonaws.com";

/// The event, payload format 2.0.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event<'a> {
    version: &'static str,
    route_key: &'a str,
    raw_path: String,
    raw_query_string: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<String>,
    headers: BTreeMap<&'a str, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    query_string_parameters: BTreeMap<String, String>,
    request_context: RequestContext<'a>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    path_parameters: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Cow<'a, str>>,
    is_base64_encoded: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'a> {
    account_id: &'static str,
    api_id: &'static str,
    domain_name: &'static str,
    domain_prefix: &'static str,
    http: Http<'a>,
    request_id: &'a str,
    route_key: &'a str,
    stage: &'static str,
    time: String,
    time_epoch: i64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Http<'a> {
    method: &'a str,
    path: String,
    protocol: &'static str,
    source_ip: String,
    user_agent: &'a str,
}

/// What an event is made of besides the request itself.
#[derive(Debug)]
pub struct Received<'a> {
    /// The route that was found.
    pub route_key: &'a str,
    /// The decoded path parameters.
    pub path_parameters: BTreeMap<String, String>,
    /// Who connected to the API.
    pub source_ip: IpAddr,
    /// The gateway's id of the request.
    pub request_id: &'a str,
    /// When it arrived, milliseconds since 1970-01-01 UTC.
    pub now_ms: i64,
}

impl<'a> Event<'a> {
    /// Makes the event of a request.
    pub fn new(request: &'a request::Parts, body: &'a [u8], received: Received<'a>) -> Self {
        let path = decode(request.uri.path());
        let query = request.uri.query().unwrap_or_default();
        let (body, is_base64_encoded) = encode_body(request, body);
        Self {
            version: "2.0",
            route_key: received.route_key,
            raw_path: path.clone(),
            raw_query_string: query,
            cookies: cookies(request),
            headers: headers(request, received.source_ip),
            query_string_parameters: query_parameters(query),
            request_context: RequestContext {
                account_id: ACCOUNT_ID,
                api_id: API_ID,
                domain_name: API_DOMAIN,
                domain_prefix: API_ID,
                http: Http {
                    method: request.method.as_str(),
                    path,
                    protocol: if request.version == Version::HTTP_10 { "HTTP/1.0" } else { "HTTP/1.1" },
                    source_ip: received.source_ip.to_string(),
                    user_agent: request
                        .headers
                        .get(header::USER_AGENT)
                        .and_then(|v| v.to_str().ok())
                        .unwrap_or_default(),
                },
                request_id: received.request_id,
                route_key: received.route_key,
                stage: "$default",
                time: clf_time(received.now_ms),
                time_epoch: received.now_ms,
            },
            path_parameters: received.path_parameters,
            body,
            is_base64_encoded,
        }
    }
}

/// Lower-case names, repeated headers joined with commas; cookies have a field of their own.
fn headers(request: &request::Parts, source_ip: IpAddr) -> BTreeMap<&str, String> {
    let mut headers: BTreeMap<&str, String> = BTreeMap::new();
    for (name, value) in &request.headers {
        if name == header::COOKIE || is_hop_by_hop(name) {
            continue;
        }
        let value = String::from_utf8_lossy(value.as_bytes());
        headers
            .entry(name.as_str())
            .and_modify(|joined| {
                joined.push(',');
                joined.push_str(&value);
            })
            .or_insert_with(|| value.into_owned());
    }
    headers.insert("host", API_DOMAIN.to_owned());
    // The gateway adds the peer that it saw to the list that the request came with.
    let forwarded = headers.remove("x-forwarded-for");
    let forwarded = forwarded.map_or_else(|| source_ip.to_string(), |list| format!("{list}, {source_ip}"));
    headers.insert("x-forwarded-for", forwarded);
    headers.insert("x-forwarded-port", "443".to_owned());
    headers.insert("x-forwarded-proto", "https".to_owned());
    headers
}

/// Headers that are about one connection and never reach the function.
fn is_hop_by_hop(name: &HeaderName) -> bool {
    [header::CONNECTION, header::TE, header::TRAILER, header::TRANSFER_ENCODING, header::UPGRADE, header::EXPECT]
        .contains(name)
        || name == "keep-alive"
}

fn cookies(request: &request::Parts) -> Vec<String> {
    request
        .headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .map(|cookie| cookie.trim().to_owned())
        .filter(|cookie| !cookie.is_empty())
        .collect()
}

/// Decoded, a repeated name's values joined with commas.
fn query_parameters(query: &str) -> BTreeMap<String, String> {
    let mut parameters: BTreeMap<String, String> = BTreeMap::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = decode(&value.replace('+', " "));
        parameters
            .entry(decode(&name.replace('+', " ")))
            .and_modify(|joined| {
                joined.push(',');
                joined.push_str(&value);
            })
            .or_insert(value);
    }
    parameters
}

/// Text stays text, everything else is base64; what is text is told by the type alone, a form is not.
fn encode_body<'a>(request: &request::Parts, body: &'a [u8]) -> (Option<Cow<'a, str>>, bool) {
    if body.is_empty() {
        return (None, false);
    }
    let kind = request.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_text = kind.starts_with("text/")
        || ["application/json", "application/javascript", "application/xml"].contains(&kind.as_str())
        || kind.ends_with("+json")
        || kind.ends_with("+xml");
    if is_text
        && !request.headers.contains_key(header::CONTENT_ENCODING)
        && let Ok(text) = std::str::from_utf8(body)
    {
        return (Some(Cow::Borrowed(text)), false);
    }
    (Some(Cow::Owned(STANDARD.encode(body))), true)
}

/// `12/Mar/2020:19:03:58 +0000`
fn clf_time(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .map(|time| time.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string())
        .unwrap_or_default()
}

/// A function's answer, payload format 2.0.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    multi_value_headers: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    cookies: Vec<String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

/// Turns a function's answer into HTTP; None for an answer that the gateway cannot read.
pub fn answer(json: &[u8], method: &Method) -> Option<Response<Body>> {
    let answer: Answer = serde_json::from_slice(json).ok()?;
    let body = match answer.body {
        Some(body) if answer.is_base64_encoded => STANDARD.decode(body).ok()?,
        body => body.unwrap_or_default().into_bytes(),
    };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(answer.status_code).ok()?;
    let single = answer.headers.into_iter();
    let repeated = answer.multi_value_headers.into_iter();
    let cookies = answer.cookies.into_iter().map(|cookie| ("set-cookie".to_owned(), cookie));
    let all = single
        .chain(repeated.flat_map(|(name, values)| values.into_iter().map(move |value| (name.clone(), value))))
        .chain(cookies);
    for (name, value) in all {
        let name: HeaderName = name.parse().ok()?;
        if !is_hop_by_hop(&name) && name != header::CONTENT_LENGTH {
            response.headers_mut().append(name, HeaderValue::from_bytes(value.as_bytes()).ok()?);
        }
    }
    if !body.is_empty() && !response.headers().contains_key(header::CONTENT_TYPE) {
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain;charset=UTF-8"));
    }
    if method == Method::HEAD {
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    } else {
        *response.body_mut() = Body::from(body);
    }
    Some(response)
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use lambda_http::{RequestExt as _, request::LambdaRequest};
    use serde_json::{Value, json};

    use super::*;

    fn event(request: Request<Vec<u8>>) -> Value {
        let (parts, body) = request.into_parts();
        let received = Received {
            route_key: "POST /api/cargos/{id}",
            path_parameters: BTreeMap::from([("id".to_owned(), "a b".to_owned())]),
            source_ip: IpAddr::from([203, 0, 113, 9]),
            request_id: "LV7fzho-PHcEJPw=",
            now_ms: 1_587_481_701_067,
        };
        serde_json::to_value(Event::new(&parts, &body, received)).expect("JSON")
    }

    #[test]
    fn the_event_has_the_official_shape() {
        let event = event(
            Request::post("/api/cargos/a%20b?mode=my&mode=all&q=%D0%9C+1&empty")
                .header("Host", "127.0.0.1:8080")
                .header("User-Agent", "curl/7.58.0")
                .header("Header2", "value1")
                .header("Header2", "value2")
                .header("Cookie", "cookie1; cookie2=x")
                .header("Connection", "keep-alive")
                .header("Content-Type", "application/json; charset=utf-8")
                .body(b"{\"a\": 1}".to_vec())
                .expect("a request"),
        );
        let expected = json!({
            "version": "2.0",
            "routeKey": "POST /api/cargos/{id}",
            "rawPath": "/api/cargos/a b",
            "rawQueryString": "mode=my&mode=all&q=%D0%9C+1&empty",
            "cookies": ["cookie1", "cookie2=x"],
            "headers": {
                "content-type": "application/json; charset=utf-8",
                "header2": "value1,value2",
                "host": API_DOMAIN,
                "user-agent": "curl/7.58.0",
                "x-forwarded-for": "203.0.113.9",
                "x-forwarded-port": "443",
                "x-forwarded-proto": "https"
            },
            "queryStringParameters": {"mode": "my,all", "q": "М 1", "empty": ""},
            "requestContext": {
                "accountId": "000000000000",
                "apiId": "local",
                "domainName": API_DOMAIN,
                "domainPrefix": "local",
                "http": {
                    "method": "POST",
                    "path": "/api/cargos/a b",
                    "protocol": "HTTP/1.1",
                    "sourceIp": "203.0.113.9",
                    "userAgent": "curl/7.58.0"
                },
                "requestId": "LV7fzho-PHcEJPw=",
                "routeKey": "POST /api/cargos/{id}",
                "stage": "$default",
                "time": "21/Apr/2020:15:08:21 +0000",
                "timeEpoch": 1_587_481_701_067_i64
            },
            "pathParameters": {"id": "a b"},
            "body": "{\"a\": 1}",
            "isBase64Encoded": false
        });
        assert_eq!(event, expected);
    }

    #[test]
    fn an_empty_request_leaves_out_what_aws_leaves_out() {
        let event = event(Request::get("/api/cargos/1").body(Vec::new()).expect("a request"));
        for absent in ["cookies", "queryStringParameters", "body"] {
            assert!(event.get(absent).is_none(), "{absent}");
        }
        assert_eq!(event["rawQueryString"], "");
        assert_eq!(event["isBase64Encoded"], false);
    }

    #[test]
    fn what_is_not_text_by_its_type_is_base64() {
        for (kind, body, encoded) in [
            ("application/json", "{}".as_bytes(), false),
            ("application/problem+json", b"{}", false),
            ("text/plain", "ё".as_bytes(), false),
            ("text/plain", b"\xff\xfe", true),
            ("application/x-www-form-urlencoded", b"a=1", true),
            ("application/octet-stream", b"abc", true),
        ] {
            let request = Request::post("/").header("content-type", kind).body(body.to_vec()).expect("a request");
            let event = event(request);
            assert_eq!(event["isBase64Encoded"], encoded, "{kind}");
            if encoded {
                assert_eq!(event["body"], STANDARD.encode(body), "{kind}");
            }
        }
    }

    #[test]
    fn a_function_reads_the_event_as_it_does_on_aws() {
        let request = Request::post("/api/cargos/a%20b?mode=my&mode=all")
            .header("content-type", "application/octet-stream")
            .header("cookie", "a=1")
            .body(vec![1, 2, 255])
            .expect("a request");
        let json = event(request).to_string();
        let request: lambda_http::Request = serde_json::from_str::<LambdaRequest>(&json).expect("an event").into();
        assert_eq!(request.body().as_ref(), [1, 2, 255]);
        assert_eq!(request.path_parameters().first("id"), Some("a b"));
        assert_eq!(request.query_string_parameters().all("mode"), Some(vec!["my", "all"]));
        assert_eq!(request.raw_http_path(), "/api/cargos/a b");
        assert_eq!(request.headers()["cookie"], "a=1");
        assert_eq!(request.uri().host(), Some(API_DOMAIN));
    }

    #[tokio::test]
    async fn an_answer_keeps_status_headers_cookies_and_bytes() {
        let json = json!({
            "statusCode": 201,
            "headers": {"x-one": "1", "content-length": "999", "connection": "close"},
            "multiValueHeaders": {"x-many": ["a", "b"]},
            "cookies": ["a=1; HttpOnly", "b=2"],
            "body": STANDARD.encode([0, 159, 146, 150]),
            "isBase64Encoded": true
        });
        let response = answer(json.to_string().as_bytes(), &Method::GET).expect("an answer");
        assert_eq!(response.status(), StatusCode::CREATED);
        assert_eq!(response.headers().get_all("x-many").iter().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
        assert!(!response.headers().contains_key("connection"));
        assert_eq!(response.headers()["content-type"], "text/plain;charset=UTF-8");
        let body = axum::body::to_bytes(response.into_body(), 100).await.expect("a body");
        assert_eq!(body.as_ref(), [0, 159, 146, 150]);
    }

    #[test]
    fn an_answer_that_is_none_is_refused() {
        for json in ["null", "{}", r#"{"statusCode":99}"#, r#"{"statusCode":200,"body":"*","isBase64Encoded":true}"#] {
            assert!(answer(json.as_bytes(), &Method::GET).is_none(), "{json}");
        }
    }
}
