//! The one port: accepts connections and sends each request to the part that it is for.
use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, Response, StatusCode, Uri, header},
};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::{Local, StartError, front::site::plain, gateway, page, product::STOP, sandbox, slow_network::SlowNetwork};

/// Where the sandbox of CargoTech answers.
const CARGOTECH: &str = "/_cargotech";
/// Where the sandbox of the Bot API answers.
const TELEGRAM: &str = "/_telegram";
/// Where the sandbox of YooKassa answers.
pub const YOOKASSA: &str = "/_yookassa";
/// The API's own address, past CloudFront, as the internet could reach it.
const GATEWAY: &str = "/_gateway";

/// Opens the port on the loopback interface.
pub async fn listen(port: u16) -> Result<TcpListener, StartError> {
    TcpListener::bind(("127.0.0.1", port)).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => StartError::PortTaken(port),
        _ => StartError::Listen(port, error),
    })
}

/// Serves until it is told to stop.
pub struct Server {
    local: Arc<Local>,
    sandbox: axum::Router,
    cargotech: Option<axum::Router>,
    yookassa: Option<axum::Router>,
    stop: CancellationToken,
}

impl Server {
    /// A server of these parts.
    pub fn new(local: Arc<Local>, stop: CancellationToken) -> Arc<Self> {
        let sandbox = sandbox::router(local.clone());
        let cargotech = local.cargotech.clone().map(crate::cargotech::router);
        let yookassa = local.yookassa.clone().map(crate::yookassa::router);
        Arc::new(Self { local, sandbox, cargotech, yookassa, stop })
    }

    /// Accepts connections. When told to stop it closes idle ones, gives the others a second, and cuts off what is left.
    pub async fn run(self: Arc<Self>, listener: TcpListener) {
        let graceful = GracefulShutdown::new();
        let mut connections = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = self.stop.cancelled() => break,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, mostly: it passes when connections close.
                    tracing::warn!(%error, "a connection cannot be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            // Answers are small; waiting to fill a packet costs 40 ms each.
            let _ = stream.set_nodelay(true);
            let server = self.clone();
            let service = service_fn(move |request| {
                let server = server.clone();
                async move { Ok::<_, std::convert::Infallible>(server.handle(request, peer).await) }
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service);
            let connection = graceful.watch(connection);
            connections.spawn(async move {
                // A client that goes away is no event.
                let _ = connection.await;
            });
            while connections.try_join_next().is_some() {}
        }
        drop(listener);
        let _ = tokio::time::timeout(STOP, graceful.shutdown()).await;
        connections.shutdown().await;
    }

    async fn handle(&self, request: hyper::Request<Incoming>, peer: SocketAddr) -> Response<Body> {
        let request = request.map(Body::new);
        let path = request.uri().path();
        // What is only for this machine is not answered under another name: neither to a page elsewhere whose name server
        // gives it this machine's address, nor through a tunnel that lets a real phone in.
        if (path == "/" || path.starts_with("/_")) && !is_local_host(request.headers(), request.uri()) {
            return plain(StatusCode::MISDIRECTED_REQUEST, "This is for 127.0.0.1 only");
        }
        if is_under(path, "/_aws") {
            return self.local.aws.handle(request).await;
        }
        if SlowNetwork::is_asked_for(request.headers()) && is_of_the_app(path) {
            let network = &self.local.slow_network;
            network.round_trip().await;
            return network.slow_down(self.dispatch(request, peer).await).await;
        }
        self.dispatch(request, peer).await
    }

    async fn dispatch(&self, request: Request, peer: SocketAddr) -> Response<Body> {
        let path = request.uri().path();
        if path.starts_with("/api/") {
            return match self.local.functions.get() {
                Some(functions) => self.local.front.api(request, peer, &functions.gateway).await,
                None => gateway::message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
            };
        }
        if path.starts_with("/webhooks/") || is_under(path, GATEWAY) {
            // Past CloudFront: no header is added, and the peer is the real one.
            return match self.local.functions.get() {
                Some(functions) => functions.gateway.handle(without_prefix(request, GATEWAY), peer.ip()).await,
                None => gateway::message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
            };
        }
        if path == "/_sandbox/telegram/app/" {
            return crate::telegram::app::page(&self.local.front, "index.html");
        }
        // In the phone frame the app goes on to this page, and the client is around it as well.
        let is_framed = request.headers().get("sec-fetch-dest").is_some_and(|destination| destination == "iframe");
        if path == "/app/admin/" && is_framed {
            return crate::telegram::app::page(&self.local.front, "admin/index.html");
        }
        if is_under(path, "/app") {
            return self.local.front.file(&request);
        }
        if let Some(bot) = self.local.bot.as_ref().filter(|_| is_under(path, TELEGRAM)) {
            return bot.handle(without_prefix(request, TELEGRAM)).await;
        }
        let router = if is_under(path, CARGOTECH) {
            self.cargotech.clone().map(|router| (router, without_prefix(request, CARGOTECH)))
        } else if is_under(path, YOOKASSA) {
            self.yookassa.clone().map(|router| (router, without_prefix(request, YOOKASSA)))
        } else if is_under(path, "/_sandbox") {
            Some((self.sandbox.clone(), without_prefix(request, "/_sandbox")))
        } else {
            return page::answer(path).unwrap_or_else(not_found);
        };
        let Some((router, request)) = router else {
            return not_found();
        };
        match router.oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

fn not_found() -> Response<Body> {
    plain(StatusCode::NOT_FOUND, "Not found")
}

/// Whether `path` is `prefix` or below it.
fn is_under(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What the phone loads; the page around it stays quick.
fn is_of_the_app(path: &str) -> bool {
    path.starts_with("/api/") || is_under(path, "/app") || is_under(path, "/_sandbox/telegram/app")
}

fn without_prefix(mut request: Request, prefix: &str) -> Request {
    let uri = request.uri();
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let Some(rest) = path.strip_prefix(prefix) else {
        return request;
    };
    let rest = if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") };
    if let Ok(uri) = rest.parse::<Uri>() {
        *request.uri_mut() = uri;
    }
    request
}

fn is_local_host(headers: &HeaderMap, uri: &Uri) -> bool {
    let host =
        headers.get(header::HOST).and_then(|host| host.to_str().ok()).or(uri.authority().map(|host| host.as_str()));
    let Some(host) = host else { return true };
    let name = host
        .rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
        .map_or(host, |(name, _)| name);
    ["127.0.0.1", "localhost", "[::1]"].contains(&name)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_prefix_is_taken_off_and_the_query_stays() {
        let request =
            |uri: &str| without_prefix(Request::get(uri).body(Body::empty()).expect("a request"), "/_sandbox");
        assert_eq!(request("/_sandbox/store?x=1").uri(), "/store?x=1");
        assert_eq!(request("/_sandbox").uri(), "/");
        assert_eq!(request("/_sandbox?x=1").uri(), "/?x=1");
        assert_eq!(request("/webhooks/x").uri(), "/webhooks/x");
    }

    #[test]
    fn only_this_machines_own_names_are_answered() {
        let host = |host: &'static str| {
            let headers = HeaderMap::from_iter([(header::HOST, HeaderValue::from_static(host))]);
            is_local_host(&headers, &Uri::from_static("/"))
        };
        assert!(host("127.0.0.1:8080") && host("localhost") && host("[::1]:80"));
        assert!(!host("example.org") && !host("127.0.0.1.example.org:8080"));
    }

    #[test]
    fn a_prefix_ends_at_a_slash() {
        assert!(is_under("/app", "/app") && is_under("/app/x", "/app"));
        assert!(!is_under("/application", "/app"));
    }
}
