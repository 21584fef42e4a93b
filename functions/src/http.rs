//! HTTP on this side of the rules: what a request says, what an answer looks like, and what every route shares.
use std::sync::Arc;

use lambda_http::{
    Body, Request, RequestExt as _, Response,
    http::{HeaderValue, Method, StatusCode, header},
    request::RequestContext as Origin,
};
use serde::Serialize;
use serde_json::{Map, Value};
use shared::{
    access::Feature,
    app::App,
    cargo::{
        Money,
        cache::{Served, gunzip, gzip},
    },
    error::{Conflict, Error, FieldError, told},
    request::{ANSWER_WITHIN, RequestContext, Trace},
    response::view::ResponseView,
    secrets::{OriginTokens, SecretError},
    telemetry::{self, Metric},
};
use subtle::{Choice, ConstantTimeEq};
use tokio::time::{Instant, timeout};
use tracing::Instrument as _;
use utoipa::ToSchema;

/// No body of this API comes near it.
const MAX_BODY_BYTES: usize = 64 * 1024;
/// What is shorter fits into the packet that its headers go in.
const WORTH_PACKING_BYTES: usize = 1000;

/// A request on its way through a handler.
#[derive(Debug)]
pub struct Incoming {
    request: Request,
    /// Its id and its counts.
    pub context: RequestContext,
}

/// `application/problem+json` (RFC 9457).
#[derive(Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the title is the status, the code says more.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What went wrong and what the caller can do.
    detail: &'static str,
    /// Stable, for programs.
    code: &'static str,
    /// The request, for support.
    request_id: String,
    /// For `validation_failed`: what is wrong, each with its field; of very many the first twenty.
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Vec<FieldError>>,
    /// For `subscription_required`: what it is needed for.
    #[serde(skip_serializing_if = "Option::is_none")]
    feature: Option<Feature>,
    /// For `cargo_changed`: the price now, rubles; null is "on request".
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    price_rub: Option<Option<Money>>,
    /// For `response_exists` and `response_closed`: the driver's own response as it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<ResponseView>,
    /// For `cargo_taken`: what the drivers are called who were accepted; empty for one whose data was deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted: Option<Vec<String>>,
    /// For `cargo_taken`: to be sent back by whoever accepts one more.
    #[serde(skip_serializing_if = "Option::is_none")]
    choices: Option<i64>,
    /// For 401: the link that opens the app from the bot.
    #[serde(skip_serializing_if = "Option::is_none")]
    app_url: Option<String>,
}

/// Serves one request: the front door, the time limit, the log line, and errors as answers.
pub async fn serve<'a, F>(
    app: &'a App,
    request: Request,
    handler: impl FnOnce(&'a App, Incoming) -> F,
) -> Response<Body>
where
    F: Future<Output = (Incoming, Result<Response<Body>, Error>)>,
{
    let admitted = async |request: &Request| admit(app, request).await;
    serve_admitted(app, request, admitted, handler).await
}

/// The same for a webhook, which is called at the API's own address: who calls it proves themselves to the handler.
pub async fn serve_webhook<'a, F>(
    app: &'a App,
    request: Request,
    handler: impl FnOnce(&'a App, Incoming) -> F,
) -> Response<Body>
where
    F: Future<Output = (Incoming, Result<Response<Body>, Error>)>,
{
    serve_admitted(app, request, async |_: &Request| Ok(()), handler).await
}

async fn serve_admitted<'a, F>(
    app: &'a App,
    request: Request,
    admit: impl AsyncFnOnce(&Request) -> Result<(), Error>,
    handler: impl FnOnce(&'a App, Incoming) -> F,
) -> Response<Body>
where
    F: Future<Output = (Incoming, Result<Response<Body>, Error>)>,
{
    let started = Instant::now();
    let (request_id, route) = match request.request_context_ref() {
        Some(Origin::ApiGatewayV2(context)) => (context.request_id.clone(), context.route_key.clone()),
        _ => (None, None),
    };
    let request_id = request_id.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
    let route = route.unwrap_or_default();
    let span = tracing::info_span!("request", request_id, route);
    async {
        let is_head = request.method() == Method::HEAD;
        let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
        let packs = accepted.is_some_and(takes_gzip);
        let incoming = Incoming { request, context: RequestContext::new(request_id.as_str()) };
        let work = async {
            match admit(&incoming.request).await {
                Ok(()) => handler(app, incoming).await,
                Err(error) => (incoming, Err(error)),
            }
        };
        // Boxed, because it has room for the longest way through the handler, and would be moved from hand to hand.
        let trace = Arc::new(Trace::default());
        let result = match timeout(ANSWER_WITHIN, trace.follow(Box::pin(work))).await {
            Ok((_, result)) => result,
            // Calls to the outside end earlier, so what takes this long is the store.
            Err(_) => Err(Error::StoreUnavailable),
        };
        let outcome = result.as_ref().map_or_else(Error::code, |_| "ok");
        if let Err(error) = &result {
            tell(error);
        }
        let mut response = result.unwrap_or_else(|error| problem(app, error, &request_id));
        if let Ok(value) = HeaderValue::from_str(&request_id) {
            response.headers_mut().insert("x-request-id", value);
        }
        if packs {
            pack(&mut response);
        }
        if is_head {
            *response.body_mut() = Body::Empty;
        }
        tracing::info!(
            outcome,
            status = response.status().as_u16(),
            duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            store_calls = trace.store_calls(),
            upstream_calls = trace.upstream_calls(),
            driver = trace.driver(),
            "answered"
        );
        response
    }
    .instrument(span)
    .await
}

/// Counts what the alarms tell apart: what fails through us, what fails through others, and who is not let in.
fn tell(error: &Error) {
    if let Error::Internal(reason) = error {
        tracing::error!(reason, "a request failed through a fault of ours");
    }
    match error.status() {
        403 => telemetry::count_by(Metric::RequestForbidden, error.code()),
        500.. if error.is_of_others() => telemetry::count_by(Metric::RequestFailedByOthers, error.code()),
        500.. => telemetry::request_failed(error.code()),
        _ => {}
    }
}

/// Lets in what comes through CloudFront: it adds a secret header, and nobody else knows it.
async fn admit(app: &App, request: &Request) -> Result<(), Error> {
    let given = request.headers().get("x-origin-token").map(HeaderValue::as_bytes).unwrap_or_default();
    let internal = |error: SecretError| Error::Internal(error.to_string());
    if know(&app.secrets.origin_tokens().await.map_err(internal)?, given) {
        return Ok(());
    }
    let tokens = app.secrets.origin_tokens_after_refusal().await.map_err(internal)?;
    if know(&tokens, given) { Ok(()) } else { Err(Error::Forbidden) }
}

/// Compared with both, each in constant time: how long it takes tells nothing of either.
fn know(tokens: &OriginTokens, given: &[u8]) -> bool {
    let current = given.ct_eq(tokens.current.as_bytes());
    let previous = tokens.previous.as_ref().map_or(Choice::from(0), |token| given.ct_eq(token.as_bytes()));
    bool::from(current | previous)
}

impl Incoming {
    /// The route as template.yaml has it, such as `GET /api/me`.
    pub fn route(&self) -> &str {
        match self.request.request_context_ref() {
            Some(Origin::ApiGatewayV2(context)) => context.route_key.as_deref().unwrap_or_default(),
            _ => "",
        }
    }

    /// The session token.
    pub fn bearer(&self) -> Option<&str> {
        let value = self.header(header::AUTHORIZATION.as_str())?;
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()).filter(|token| !token.is_empty())
    }

    /// A header as it came.
    pub fn header_bytes(&self, name: &str) -> Option<&[u8]> {
        Some(self.request.headers().get(name)?.as_bytes())
    }

    /// A header that is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.headers().get(name)?.to_str().ok()
    }

    /// The address that the request came from, as the platform saw it; that is CloudFront's for what came through it.
    pub fn source_ip(&self) -> Option<String> {
        match self.request.request_context_ref() {
            Some(Origin::ApiGatewayV2(context)) => context.http.source_ip.clone(),
            _ => None,
        }
    }

    /// The viewer's address, as CloudFront tells it: it is believed because only CloudFront gets this far.
    pub fn viewer_address(&self) -> Option<String> {
        viewer_address(self.header("cloudfront-viewer-address"))
    }

    /// The method.
    pub fn method(&self) -> &str {
        self.request.method().as_str()
    }

    /// The path as it was asked for.
    pub fn path(&self) -> &str {
        self.request.uri().path()
    }

    /// A part of the path.
    pub fn path_parameter(&self, name: &str) -> Option<&str> {
        self.request.path_parameters_ref()?.first(name)
    }

    /// The query, decoded, in its order.
    pub fn query(&self) -> Vec<(String, String)> {
        query(self.request.uri().query().unwrap_or_default())
    }

    /// The one parameter that the route knows, if it is there.
    ///
    /// # Errors
    /// Another parameter, or the same one twice.
    pub fn only_parameter(&self, name: &str) -> Result<Option<String>, Error> {
        let query = self.query();
        let errors = query
            .iter()
            .enumerate()
            .filter_map(|(at, (given, _))| {
                if given != name {
                    Some(FieldError::new(
                        given.as_str(),
                        "unknown",
                        format!("There is no such parameter. There is {name}."),
                    ))
                } else if query[..at].iter().any(|(earlier, _)| earlier == name) {
                    Some(FieldError::new(name, "repeated", "Send it once."))
                } else {
                    None
                }
            })
            .collect::<Vec<_>>();
        if errors.is_empty() {
            Ok(query.into_iter().next().map(|(_, value)| value))
        } else {
            Err(Error::Validation(errors))
        }
    }

    /// The body, a JSON object.
    ///
    /// # Errors
    /// It is too large, or no JSON object.
    pub fn json(&self) -> Result<Map<String, Value>, Error> {
        let body: &[u8] = self.request.body();
        if body.len() > MAX_BODY_BYTES {
            return Err(Error::BodyTooLarge);
        }
        serde_json::from_slice(body).map_err(|_| Error::InvalidJson)
    }
}

/// The names and values of a query, decoded.
pub fn query(query: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(query.as_bytes()).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// An answer that nobody may keep: it has a token or personal data in it.
///
/// # Errors
/// Never in practice: our types can all be written.
pub fn private_json(value: &impl Serialize) -> Result<Response<Body>, Error> {
    let body = serde_json::to_string(value).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(response(StatusCode::OK, "application/json", "no-store", Body::from(body)))
}

/// An answer without a body.
pub fn no_content() -> Response<Body> {
    let mut response = response(StatusCode::NO_CONTENT, "application/json", "no-store", Body::Empty);
    response.headers_mut().remove(header::CONTENT_TYPE);
    response
}

fn response(status: StatusCode, content_type: &'static str, cache: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}

/// A cached document as an answer: the stored bytes as they are, or 304 when the caller has them. What varies (age,
/// staleness) is in the headers.
///
/// # Errors
/// The stored bytes are damaged and the caller takes no gzip.
pub fn document(incoming: &Incoming, served: Served) -> Result<Response<Body>, Error> {
    let document = served.document;
    let known = incoming.header(header::IF_NONE_MATCH.as_str()).is_some_and(|tags| matches(tags, &document.etag));
    let mut answer = if known {
        not_modified("private, no-cache")
    } else if takes_gzip(incoming.header(header::ACCEPT_ENCODING.as_str()).unwrap_or_default()) {
        let body = Body::from(document.body);
        let mut answer = response(StatusCode::OK, "application/json", "private, no-cache", body);
        answer.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        answer
    } else {
        let json = gunzip(&document.body).ok().and_then(|json| String::from_utf8(json).ok());
        let json = json.ok_or_else(|| Error::Internal("a cached document is damaged".into()))?;
        response(StatusCode::OK, "application/json", "private, no-cache", Body::from(json))
    };
    let headers = answer.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding, authorization"));
    headers.insert("x-cargo-cache", HeaderValue::from_static(served.freshness.as_str()));
    headers.insert(header::AGE, HeaderValue::from(served.age_s));
    if let Ok(etag) = HeaderValue::from_str(&document.etag) {
        headers.insert(header::ETAG, etag);
    }
    if served.upstream_down {
        headers.insert("x-cargo-upstream", HeaderValue::from_static("unavailable"));
    }
    Ok(answer)
}

/// The caller has it.
pub fn not_modified(cache: &'static str) -> Response<Body> {
    let mut answer = response(StatusCode::NOT_MODIFIED, "application/json", cache, Body::Empty);
    answer.headers_mut().remove(header::CONTENT_TYPE);
    answer
}

/// Weak comparison (RFC 9110, section 13.1.2): how a tag was marked does not matter.
pub fn matches(tags: &str, etag: &str) -> bool {
    let plain = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    tags.trim() == "*" || tags.split(',').any(|tag| plain(tag) == plain(etag))
}

/// Compresses JSON that is worth it: CloudFront compresses only what it may keep.
fn pack(response: &mut Response<Body>) {
    let Body::Text(text) = response.body() else { return };
    let is_json = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().ends_with(b"json"));
    if !is_json || text.len() < WORTH_PACKING_BYTES {
        return;
    }
    *response.body_mut() = Body::Binary(gzip(text.as_bytes()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    headers.entry(header::VARY).or_insert(HeaderValue::from_static("accept-encoding"));
}

fn takes_gzip(accepted: &str) -> bool {
    accepted.split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let refused = weight.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()) == Some(0.0);
        matches!(name.trim().to_ascii_lowercase().as_str(), "gzip" | "*") && !refused
    })
}

fn problem(app: &App, error: Error, request_id: &str) -> Response<Body> {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let (detail, code, retry_after_s) = (error.detail(), error.code(), error.retry_after_s());
    let body = Problem {
        kind: "about:blank",
        title: status.canonical_reason().unwrap_or("Error"),
        status: status.as_u16(),
        detail,
        code,
        request_id: request_id.to_owned(),
        errors: if let Error::Validation(errors) = &error { Some(told(errors)) } else { None },
        feature: match &error {
            Error::SubscriptionRequired(feature) => Some(*feature),
            _ => None,
        },
        price_rub: match &error {
            Error::Conflict(Conflict::CargoChanged { price_kopecks }) => Some(Money::from_kopecks(*price_kopecks)),
            _ => None,
        },
        response: match &error {
            Error::Conflict(Conflict::ResponseExists(response) | Conflict::ResponseClosed(Some(response))) => {
                Some(ResponseView::new(response))
            }
            _ => None,
        },
        accepted: match &error {
            Error::Conflict(Conflict::CargoTaken { names, .. }) => Some(names.clone()),
            _ => None,
        },
        choices: match &error {
            Error::Conflict(Conflict::CargoTaken { choices, .. }) => Some(*choices),
            _ => None,
        },
        app_url: (status == StatusCode::UNAUTHORIZED).then(|| app.config.telegram_app_url.clone()),
    };
    let body = serde_json::to_string(&body).unwrap_or_default();
    let mut answer = response(status, "application/problem+json", "no-store", Body::from(body));
    if let Some(seconds) = retry_after_s {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    answer
}

/// CloudFront's `address:port` of the viewer.
fn viewer_address(header: Option<&str>) -> Option<String> {
    let (address, _port) = header?.rsplit_once(':')?;
    let address: std::net::IpAddr = address.trim_matches(['[', ']']).parse().ok()?;
    Some(address.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cloudfront_is_known_by_its_token_and_by_the_one_before() {
        let rotated = OriginTokens { current: "n".repeat(48), previous: Some("o".repeat(48)) };
        for (given, known) in [("n", true), ("o", true), ("x", false)] {
            assert_eq!(know(&rotated, given.repeat(48).as_bytes()), known, "{given}");
        }
        let first = OriginTokens { current: "n".repeat(48), previous: None };
        assert!(know(&first, &[b'n'; 48]) && !know(&first, &[b'o'; 48]));
        assert!(!know(&first, b"") && !know(&rotated, b"") && !know(&rotated, &[b'n'; 47]));
    }

    #[test]
    fn gzip_is_sent_only_to_those_who_take_it() {
        for accepted in ["gzip", "gzip, deflate, br", "br;q=1.0, GZIP;q=0.5", "*"] {
            assert!(takes_gzip(accepted), "{accepted}");
        }
        for accepted in ["", "br", "gzip;q=0", "identity"] {
            assert!(!takes_gzip(accepted), "{accepted}");
        }
    }

    #[test]
    fn entity_tags_are_compared_weakly() {
        for tags in ["W/\"a\"", "\"a\"", "\"b\", W/\"a\"", "*"] {
            assert!(matches(tags, "W/\"a\""), "{tags}");
        }
        assert!(!matches("\"b\"", "W/\"a\"") && !matches("", "W/\"a\""));
    }

    #[test]
    fn the_viewers_address_is_read_in_both_forms() {
        assert_eq!(viewer_address(Some("203.0.113.7:4711")).as_deref(), Some("203.0.113.7"));
        assert_eq!(viewer_address(Some("2001:db8:0:0:0:0:0:1:443")).as_deref(), Some("2001:db8::1"));
        assert_eq!(viewer_address(Some("somewhere:1")), None);
        assert_eq!(viewer_address(None), None);
    }
}
