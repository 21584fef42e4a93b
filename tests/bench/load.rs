//! A load generator: some connections that are kept, each asking again as soon as it was answered. Bounded in count and
//! time, and for this machine only.
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use http_body_util::{BodyExt as _, Full};
use hyper::{
    Method, Request, StatusCode,
    body::{Bytes, Incoming},
    client::conn::http1::{self, SendRequest},
    header::HeaderMap,
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::Result;

/// An answer, read to its end.
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as sent, so possibly compressed.
    pub body: Bytes,
}

/// One kept connection.
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

impl Connection {
    /// Connects to a port of this machine.
    ///
    /// # Errors
    /// Nobody listens, or the address is not this machine's.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        if !address.ip().is_loopback() {
            return Err(format!("{address} is not this machine").into());
        }
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { sender, host: address.to_string() })
    }

    /// Whether the other side has closed it, as servers do with what is idle.
    pub fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// Asks and reads the whole answer.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn send(&mut self, method: Method, path: &str, headers: &[(&str, &str)], body: Bytes) -> Result<Reply> {
        let mut request = Request::builder().method(method).uri(path).header("host", &self.host);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.sender.ready().await?;
        let response: hyper::Response<Incoming> = self.sender.send_request(request.body(Full::new(body))?).await?;
        let (parts, body) = response.into_parts();
        Ok(Reply { status: parts.status, headers: parts.headers, body: body.collect().await?.to_bytes() })
    }
}

/// How much to ask.
#[derive(Clone, Copy)]
pub struct Load {
    /// Connections at once.
    pub connections: usize,
    /// At most so many requests in all.
    pub requests: usize,
    /// At most for so long.
    pub time: Duration,
}

/// What came of it.
#[derive(Default)]
pub struct Outcome {
    /// From the first request to the last answer.
    pub took: Duration,
    /// Of each request, unordered.
    pub latencies: Vec<Duration>,
    /// How many answers had which status, which `x-cargo-cache` and which `x-cargo-source`.
    pub answers: BTreeMap<String, usize>,
}

/// Asks one path after another, as one driver after another, so that each stays below its own limit.
///
/// # Errors
/// A connection broke.
pub async fn drive(
    address: SocketAddr,
    paths: &Arc<[String]>,
    tokens: &Arc<Vec<String>>,
    load: Load,
) -> Result<Outcome> {
    let mut connections = Vec::new();
    for _ in 0..load.connections {
        connections.push(Connection::open(address).await?);
    }
    let next = Arc::new(AtomicUsize::new(0));
    let started = Instant::now();
    let mut workers = Vec::new();
    for mut connection in connections {
        let (next, tokens, paths) = (next.clone(), tokens.clone(), paths.clone());
        workers.push(tokio::spawn(async move {
            let mut own = Outcome::default();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= load.requests || started.elapsed() >= load.time {
                    return Ok::<_, crate::Error>(own);
                }
                let authorization = format!("Bearer {}", tokens[number % tokens.len()]);
                let headers = [("authorization", authorization.as_str()), ("accept-encoding", "gzip")];
                let asked = Instant::now();
                let reply = connection.send(Method::GET, &paths[number % paths.len()], &headers, Bytes::new()).await?;
                own.latencies.push(asked.elapsed());
                let said = |name: &str| reply.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("-");
                let kind = format!("{} {} {}", reply.status.as_u16(), said("x-cargo-cache"), said("x-cargo-source"));
                *own.answers.entry(kind).or_default() += 1;
            }
        }));
    }
    let mut outcome = Outcome::default();
    for worker in workers {
        let own = worker.await??;
        outcome.latencies.extend(own.latencies);
        for (kind, count) in own.answers {
            *outcome.answers.entry(kind).or_default() += count;
        }
    }
    outcome.took = started.elapsed();
    Ok(outcome)
}
