//! Runs a request from arrival to response: access through CloudFront, the time limit, the log line, and errors as
//! responses.
use std::sync::Arc;

use lambda_http::{
    Body, Request, RequestExt as _, Response,
    http::{HeaderValue, Method, header},
    request::RequestContext as Origin,
};
use shared::{
    app::App,
    auth::secret::OriginTokens,
    error::Error,
    request::{ANSWER_WITHIN, Trace},
    secrets::{KEPT_FROM_STRANGERS, SecretError},
    telemetry,
};
use subtle::{Choice, ConstantTimeEq};
use tokio::time::{Instant, timeout};
use tracing::Instrument as _;

use super::{
    Answer, Incoming,
    answer::{pack, takes_gzip},
    problem::problem,
};

/// How a request reaches the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Through CloudFront.
    Edge,
    /// Through CloudFront, to the admin functions. The audit log records the caller's origin.
    Admin,
    /// Directly to the API. The handler authenticates the caller.
    Webhook,
}

/// Serves a request through CloudFront.
pub async fn serve(
    app: &App,
    request: Request,
    handler: impl AsyncFnOnce(&App, &Incoming) -> Answer,
) -> Response<Body> {
    serve_from(Way::Edge, app, request, handler).await
}

/// Serves a request to the admin page.
pub async fn serve_admins(
    app: &App,
    request: Request,
    handler: impl AsyncFnOnce(&App, &Incoming) -> Answer,
) -> Response<Body> {
    serve_from(Way::Admin, app, request, handler).await
}

/// Serves a webhook, called directly at the API. The handler authenticates the caller.
pub async fn serve_webhook(
    app: &App,
    request: Request,
    handler: impl AsyncFnOnce(&App, &Incoming) -> Answer,
) -> Response<Body> {
    serve_from(Way::Webhook, app, request, handler).await
}

async fn serve_from(
    way: Way,
    app: &App,
    request: Request,
    handler: impl AsyncFnOnce(&App, &Incoming) -> Answer,
) -> Response<Body> {
    let started = Instant::now();
    let (request_id, route) = match request.request_context_ref() {
        Some(Origin::ApiGatewayV2(context)) => (context.request_id.clone(), context.route_key.clone()),
        _ => (None, None),
    };
    let request_id = request_id.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
    let route = route.unwrap_or_default();
    let span = tracing::info_span!("request", request_id, route);
    async {
        let mut incoming = Incoming::new(request, &request_id);
        if way == Way::Admin {
            incoming.name_caller();
        }
        let trace = Arc::new(Trace::default());
        let work = async {
            if way != Way::Webhook {
                admit(app, &incoming).await?;
            }
            handler(app, &incoming).await
        };
        // Boxed, because the future holds the handler's largest state and would be copied at each move. Outbound calls
        // end earlier, so only the store can take this long.
        let result = timeout(ANSWER_WITHIN, trace.follow(Box::pin(work))).await.unwrap_or(Err(Error::StoreUnavailable));
        let outcome = result.as_ref().map_or_else(Error::code, |_| "ok");
        if let Err(error) = &result {
            count_error(error);
        }
        let answer = result.unwrap_or_else(|error| problem(app, error, &request_id));
        let answer = finished(answer, &incoming, &request_id);
        tracing::info!(
            outcome,
            status = answer.status().as_u16(),
            duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            store_calls = trace.store_calls(),
            upstream_calls = trace.upstream_calls(),
            driver = trace.driver(),
            "answered"
        );
        answer
    }
    .instrument(span)
    .await
}

/// Adds what every response has: the request id, and compression if the caller accepts it.
fn finished(mut answer: Response<Body>, incoming: &Incoming, request_id: &str) -> Response<Body> {
    if let Ok(value) = HeaderValue::from_str(request_id) {
        answer.headers_mut().insert("x-request-id", value);
    }
    if takes_gzip(incoming.header(header::ACCEPT_ENCODING.as_str()).unwrap_or_default()) {
        pack(&mut answer);
    }
    if incoming.method() == Method::HEAD.as_str() {
        *answer.body_mut() = Body::Empty;
    }
    answer
}

/// Counts errors as the alarms distinguish them: our faults, others' faults, and forbidden requests.
fn count_error(error: &Error) {
    if let Error::Internal(reason) = error {
        tracing::error!(reason, "a request failed through a fault of ours");
    }
    match error.status() {
        403 => telemetry::count_by(telemetry::REQUEST_FORBIDDEN, error.code()),
        500.. if error.is_external() => telemetry::count_by(telemetry::REQUEST_FAILED_BY_OTHERS, error.code()),
        500.. => telemetry::request_failed(error.code()),
        _ => {}
    }
}

/// Admits requests through CloudFront, which adds a secret header.
async fn admit(app: &App, incoming: &Incoming) -> Result<(), Error> {
    let given = incoming.header_bytes("x-origin-token").unwrap_or_default();
    let internal = |error: SecretError| Error::Internal(error.to_string());
    if matches_origin_token(&app.secrets.get().await.map_err(internal)?, given) {
        return Ok(());
    }
    let tokens = app.secrets.get_within(KEPT_FROM_STRANGERS).await.map_err(internal)?;
    if matches_origin_token(&tokens, given) { Ok(()) } else { Err(Error::Forbidden) }
}

/// Compares with both tokens in constant time, so that the timing reveals nothing.
fn matches_origin_token(tokens: &OriginTokens, given: &[u8]) -> bool {
    let current = given.ct_eq(tokens.current.as_bytes());
    let previous = tokens.previous.as_ref().map_or(Choice::from(0), |token| given.ct_eq(token.as_bytes()));
    bool::from(current | previous)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cloudfront_is_known_by_its_token_and_by_the_one_before() {
        let rotated = OriginTokens { current: "n".repeat(48), previous: Some("o".repeat(48)) };
        for (given, known) in [("n", true), ("o", true), ("x", false)] {
            assert_eq!(matches_origin_token(&rotated, given.repeat(48).as_bytes()), known, "{given}");
        }
        let first = OriginTokens { current: "n".repeat(48), previous: None };
        assert!(matches_origin_token(&first, &[b'n'; 48]) && !matches_origin_token(&first, &[b'o'; 48]));
        assert!(
            !matches_origin_token(&first, b"")
                && !matches_origin_token(&rotated, b"")
                && !matches_origin_token(&rotated, &[b'n'; 47])
        );
    }
}
