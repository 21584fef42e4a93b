//! The HTTP API in front of the functions: routes, events, limits and the gateway's own answers.
pub mod cors;
pub mod event;
pub mod routes;

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    body::Body,
    http::{HeaderValue, Method, Request, Response, StatusCode, header, request},
};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use lambda_http::{Adapter, Context, LambdaEvent, Service as _, request::LambdaRequest, service_fn};
use shared::clock::Clock;
use tokio_util::task::TaskTracker;

use crate::template::Template;
use cors::Cors;
use event::{Event, Received};
use routes::Routes;

/// Lambda's limit of a synchronous invocation's payload, either way: 6 MB and a little for the envelope.
pub const MAX_PAYLOAD: usize = 6 * 1024 * 1024 + 100;
/// The largest body that is read at all.
const MAX_BODY: usize = 6 * 1024 * 1024;
/// Request line and headers together.
pub const MAX_HEADERS: usize = 10_240;
/// The integration's timeout; it cannot be raised.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A function's code together with its memory, which no other function shares.
pub type Handler =
    Box<dyn Fn(lambda_http::Request) -> BoxFuture<'static, lambda_http::Response<lambda_http::Body>> + Send + Sync>;

/// A function that answers HTTP requests.
pub struct HttpFunction {
    /// Its name.
    pub name: String,
    /// Its code.
    pub handler: Handler,
    /// After this long Lambda ends an invocation.
    pub timeout: Duration,
}

/// The HTTP API.
pub struct Gateway {
    routes: Routes<Arc<HttpFunction>>,
    cors: Option<Cors>,
    clock: Clock,
    invocations: TaskTracker,
    timeout: Duration,
}

impl Gateway {
    /// Connects the template's routes with the functions.
    pub fn new(template: &Template, functions: &[Arc<HttpFunction>], clock: Clock, invocations: TaskTracker) -> Self {
        let routes = template.functions.iter().flat_map(|resource| {
            let function = functions.iter().find(|function| function.name == resource.name);
            resource
                .routes
                .iter()
                .filter_map(move |(method, path)| Some((method.clone(), path.clone(), function?.clone())))
        });
        Self {
            routes: Routes::new(routes),
            cors: template.cors.as_ref().map(Cors::new),
            clock,
            invocations,
            timeout: TIMEOUT,
        }
    }

    /// Answers a request that came from `source_ip`.
    pub async fn handle(&self, request: Request<Body>, source_ip: IpAddr) -> Response<Body> {
        let (parts, body) = request.into_parts();
        if header_bytes(&parts) > MAX_HEADERS {
            return message(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "Request Header Fields Too Large");
        }
        if let (Some(cors), &Method::OPTIONS) = (&self.cors, &parts.method) {
            return cors.preflight(&parts.headers);
        }
        let request_id = uuid::Uuid::new_v4().to_string();
        let mut response = self.invoke(&parts, body, source_ip, &request_id).await;
        if let Some(cors) = &self.cors {
            cors.apply(&parts.headers, response.headers_mut());
        }
        if let Ok(id) = HeaderValue::from_str(&request_id) {
            response.headers_mut().insert("apigw-requestid", id);
        }
        response
    }

    async fn invoke(&self, parts: &request::Parts, body: Body, source_ip: IpAddr, request_id: &str) -> Response<Body> {
        let Some(matched) = self.routes.find(parts.method.as_str(), parts.uri.path()) else {
            return message(StatusCode::NOT_FOUND, "Not Found");
        };
        let body = match read(body, &parts.headers).await {
            Ok(body) => body,
            Err(response) => return response,
        };
        let now_ms = self.clock.now_ms();
        let received =
            Received { route_key: matched.key, path_parameters: matched.parameters, source_ip, request_id, now_ms };
        let event = match serde_json::to_vec(&Event::new(parts, &body, received)) {
            Ok(event) if event.len() <= MAX_PAYLOAD => event,
            _ => return message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
        };
        // A task of its own: Lambda finishes an invocation whether or not the caller is still there.
        let invocation = self.invocations.spawn(run(matched.target.clone(), event, request_id.to_owned(), now_ms));
        let answer = match tokio::time::timeout(self.timeout, invocation).await {
            Err(_) => return message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
            // A panic ends the invocation, not the gateway.
            Ok(Err(_)) | Ok(Ok(None)) => None,
            Ok(Ok(Some(answer))) => event::answer(&answer, &parts.method),
        };
        answer.unwrap_or_else(|| message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"))
    }
}

/// One invocation: the event as JSON in, the answer as JSON out; None when the function failed, as Lambda sees it.
async fn run(function: Arc<HttpFunction>, event: Vec<u8>, request_id: String, now_ms: i64) -> Option<Vec<u8>> {
    let request = match serde_json::from_slice::<LambdaRequest>(&event) {
        Ok(request) => request,
        Err(error) => {
            tracing::error!(function = function.name, %error, "the event is not one of API Gateway");
            return None;
        }
    };
    let mut context = Context::default();
    context.request_id = request_id;
    context.deadline =
        u64::try_from(now_ms).unwrap_or_default() + u64::try_from(function.timeout.as_millis()).unwrap_or_default();
    let handler = |request| {
        let answer = (function.handler)(request);
        async { Ok::<_, std::convert::Infallible>(answer.await) }
    };
    let mut adapter = Adapter::from(service_fn(handler));
    let answer = match tokio::time::timeout(function.timeout, adapter.call(LambdaEvent::new(request, context))).await {
        Ok(Ok(answer)) => answer,
        Err(_) => {
            tracing::error!(function = function.name, "the invocation timed out after {:?}", function.timeout);
            return None;
        }
    };
    match serde_json::to_vec(&answer) {
        Ok(json) if json.len() <= MAX_PAYLOAD => Some(json),
        Ok(json) => {
            tracing::error!(function = function.name, bytes = json.len(), "the answer is larger than Lambda allows");
            None
        }
        Err(error) => {
            tracing::error!(function = function.name, %error, "the answer is not JSON");
            None
        }
    }
}

async fn read(body: Body, headers: &axum::http::HeaderMap) -> Result<Bytes, Response<Body>> {
    let too_large = || message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > MAX_BODY) {
        return Err(too_large());
    }
    match Limited::new(body, MAX_BODY).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
        Err(_) => Err(message(StatusCode::BAD_REQUEST, "Bad Request")),
    }
}

/// How many bytes request line and headers take on the wire.
fn header_bytes(request: &request::Parts) -> usize {
    let line = request.method.as_str().len() + request.uri.path_and_query().map_or(0, |path| path.as_str().len()) + 12;
    line + request.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum::<usize>()
}

/// The answer in place of that of an invocation which ended in the middle.
pub fn cut_off() -> lambda_http::Response<lambda_http::Body> {
    let mut response = lambda_http::Response::new(r#"{"message":"Internal Server Error"}"#.into());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}

/// An answer of the gateway itself.
pub fn message(status: StatusCode, message: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(format!(r#"{{"message":"{message}"}}"#)));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::template::{CorsConfiguration, FunctionResource};

    const PEER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    /// A gateway with one function for everything under `/api/`.
    fn gateway<F>(handler: impl Fn(lambda_http::Request) -> F + Send + Sync + 'static) -> Gateway
    where
        F: Future<Output = lambda_http::Response<lambda_http::Body>> + Send + 'static,
    {
        let template = Template {
            functions: vec![FunctionResource {
                name: "echo".to_owned(),
                timeout: Duration::from_secs(20),
                routes: vec![("ANY".to_owned(), "/api/{proxy+}".to_owned())],
                schedules: vec![],
                queues: vec![],
                statements: vec![],
            }],
            cors: Some(CorsConfiguration { allow_origins: vec!["http://a".to_owned()], ..Default::default() }),
            ..Template::default()
        };
        let function = HttpFunction {
            name: "echo".to_owned(),
            handler: Box::new(move |request| Box::pin(handler(request))),
            timeout: Duration::from_secs(20),
        };
        Gateway::new(&template, &[Arc::new(function)], Clock::system(), TaskTracker::new())
    }

    async fn echo(request: lambda_http::Request) -> lambda_http::Response<lambda_http::Body> {
        lambda_http::Response::new(request.into_body())
    }

    async fn text(response: Response<Body>) -> (u16, String) {
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    fn post(body: Vec<u8>) -> Request<Body> {
        Request::post("/api/x").header("content-type", "application/json").body(Body::from(body)).expect("a request")
    }

    #[tokio::test]
    async fn a_request_reaches_its_function_and_comes_back() {
        let response = gateway(echo).handle(post(b"{\"a\":1}".to_vec()), PEER).await;
        assert!(response.headers().contains_key("apigw-requestid"));
        assert_eq!(text(response).await, (200, "{\"a\":1}".to_owned()));
    }

    #[tokio::test]
    async fn an_unknown_route_is_the_gateways_own_404() {
        let request = Request::get("/other").body(Body::empty()).expect("a request");
        assert_eq!(
            text(gateway(echo).handle(request, PEER).await).await,
            (404, r#"{"message":"Not Found"}"#.to_owned())
        );
    }

    #[tokio::test]
    async fn six_megabytes_pass_and_one_byte_more_does_not() {
        let passed =
            gateway(|_| echo(lambda_http::Request::new("ok".into()))).handle(post(vec![b' '; MAX_BODY]), PEER).await;
        assert_eq!(passed.status(), 413, "with the envelope it is over Lambda's limit");
        let passed = gateway(|_| echo(lambda_http::Request::new("ok".into())))
            .handle(post(vec![b' '; MAX_BODY - 2_000]), PEER)
            .await;
        assert_eq!(passed.status(), 200);
        let refused = gateway(echo).handle(post(vec![b' '; MAX_BODY + 1]), PEER).await;
        assert_eq!(text(refused).await, (413, r#"{"message":"Request Entity Too Large"}"#.to_owned()));
    }

    #[tokio::test]
    async fn headers_above_the_limit_are_refused() {
        let request =
            |size| Request::get("/api/x").header("a", "x".repeat(size)).body(Body::empty()).expect("a request");
        assert_eq!(gateway(echo).handle(request(10_000), PEER).await.status(), 200);
        assert_eq!(gateway(echo).handle(request(10_240), PEER).await.status(), 431);
    }

    #[tokio::test]
    async fn an_answer_above_the_limit_and_a_panic_are_server_errors() {
        let large = |_| echo(lambda_http::Request::new("x".repeat(MAX_PAYLOAD).into()));
        let expected = (500, r#"{"message":"Internal Server Error"}"#.to_owned());
        assert_eq!(text(gateway(large).handle(post(vec![]), PEER).await).await, expected);
        let panics = |_| async { panic!("a bug") };
        assert_eq!(text(gateway(panics).handle(post(vec![]), PEER).await).await, expected);
    }

    #[tokio::test(start_paused = true)]
    async fn lambda_ends_a_function_at_its_timeout_and_the_gateway_a_request_at_its_own() {
        let never = |_| std::future::pending();
        let mut gateway = gateway(never);
        assert_eq!(gateway.handle(post(vec![]), PEER).await.status(), 500);
        gateway.timeout = Duration::from_secs(1);
        assert_eq!(
            text(gateway.handle(post(vec![]), PEER).await).await,
            (503, r#"{"message":"Service Unavailable"}"#.to_owned())
        );
    }

    #[tokio::test]
    async fn an_invocation_completes_although_the_caller_has_gone() {
        let (started, finished) = (Arc::new(tokio::sync::Notify::new()), Arc::new(AtomicUsize::new(0)));
        let gateway = {
            let (started, finished) = (started.clone(), finished.clone());
            gateway(move |request| {
                let (started, finished) = (started.clone(), finished.clone());
                async move {
                    started.notify_one();
                    tokio::task::yield_now().await;
                    finished.fetch_add(1, Ordering::SeqCst);
                    echo(request).await
                }
            })
        };
        tokio::select! {
            biased;
            () = started.notified() => {}
            _ = gateway.handle(post(vec![]), PEER) => panic!("the caller leaves first"),
        }
        gateway.invocations.close();
        gateway.invocations.wait().await;
        assert_eq!(finished.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_preflight_never_reaches_a_function() {
        let request = Request::options("/api/x").header("origin", "http://a").body(Body::empty()).expect("a request");
        let response = gateway(|_| async { panic!("not reached") }).handle(request, PEER).await;
        assert_eq!(response.status(), 204);
        assert_eq!(response.headers()["access-control-allow-origin"], "http://a");
    }
}
