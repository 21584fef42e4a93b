//! A Lambda Runtime API for one function: the four calls that a custom runtime makes, and a process under it. The
//! benchmark measures release binaries with it, and tests start functions as Lambda does.
//!
//! What is measured starts and ends at this side of the socket, so it holds the runtime's own work and one loopback
//! round trip, as on AWS.
use std::{
    collections::BTreeMap,
    convert::Infallible,
    fs::File,
    path::Path,
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use http_body_util::{BodyExt as _, Full};
use hyper::{
    Method, Request, Response, StatusCode, body::Bytes, body::Incoming, server::conn::http1, service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpListener,
    process::{Child, Command},
    sync::{Mutex, mpsc},
    task::JoinHandle,
    time::timeout,
};

/// Any failure: a benchmark and a test have nobody to handle one.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Longer than any invocation may take: a function that is silent for so long has failed.
const PATIENCE: Duration = Duration::from_secs(35);
/// The prefix of all paths, by the documentation of the Runtime API.
const VERSION: &str = "/2018-06-01/runtime";

/// What came back from an invocation.
pub struct Answer {
    /// From the moment the event was handed out to the moment its answer had arrived.
    pub took: Duration,
    /// What the function returned.
    pub body: Bytes,
}

/// A running function under a Runtime API of its own. It ends when this is dropped.
pub struct Function {
    child: Child,
    server: JoinHandle<()>,
    events: mpsc::Sender<Bytes>,
    asked: mpsc::UnboundedReceiver<Instant>,
    answers: mpsc::UnboundedReceiver<Posted>,
    idle: bool,
    started: Instant,
}

struct Posted {
    at: Instant,
    kind: &'static str,
    body: Bytes,
}

/// The server's side of the channels.
struct Api {
    events: Mutex<mpsc::Receiver<Bytes>>,
    asked: mpsc::UnboundedSender<Instant>,
    answers: mpsc::UnboundedSender<Posted>,
}

impl Function {
    /// Starts the binary at `program` with `environment` and nothing of our own; what it prints is added to the file
    /// `log`.
    ///
    /// # Errors
    /// No port, or no such program.
    pub async fn start(program: &Path, environment: &BTreeMap<String, String>, log: &Path) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (events, to_hand_out) = mpsc::channel(1);
        let (asked_sender, asked) = mpsc::unbounded_channel();
        let (answer_sender, answers) = mpsc::unbounded_channel();
        let api = Arc::new(Api { events: Mutex::new(to_hand_out), asked: asked_sender, answers: answer_sender });
        let server = tokio::spawn(serve(listener, api));

        let name = program.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let output = File::options().create(true).append(true).open(log)?;
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(environment)
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", &name)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}"))
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "emulator")
            .env("_HANDLER", "bootstrap")
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .kill_on_drop(true);
        let started = Instant::now();
        let child = command.spawn().map_err(|error| format!("{}: {error}", program.display()))?;
        Ok(Self { child, server, events, asked, answers, idle: false, started })
    }

    /// Waits until the function asks for its first event: from process start to ready.
    ///
    /// # Errors
    /// It ended or reported that it cannot start.
    pub async fn ready(&mut self) -> Result<Duration> {
        let at = self.wait_until_it_asks().await?;
        Ok(at.duration_since(self.started))
    }

    /// Hands out one event and waits for its answer.
    ///
    /// # Errors
    /// The function failed, ended or kept silent.
    pub async fn invoke(&mut self, event: Bytes) -> Result<Answer> {
        if !self.idle {
            self.wait_until_it_asks().await?;
        }
        self.idle = false;
        let handed_out = Instant::now();
        self.events.send(event).await?;
        let posted = timeout(PATIENCE, self.answers.recv()).await?.ok_or("the Runtime API is gone")?;
        if posted.kind != "response" {
            return Err(format!("{}: {}", posted.kind, String::from_utf8_lossy(&posted.body)).into());
        }
        Ok(Answer { took: posted.at.duration_since(handed_out), body: posted.body })
    }

    /// User and system time of the process until now.
    ///
    /// # Errors
    /// The process has ended.
    pub fn cpu_time(&self) -> Result<Duration> {
        let id = self.child.id().ok_or("the function has ended")?;
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
        // The name stands in brackets and may hold spaces; utime and stime are the 14th and 15th field, in ticks of
        // the fixed 100 a second that Linux tells its programs.
        let fields: Vec<_> = stat.rsplit_once(')').ok_or("no stat")?.1.split_whitespace().collect();
        let ticks: u64 = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
        Ok(Duration::from_millis(ticks * 10))
    }

    /// Resident memory in KiB.
    ///
    /// # Errors
    /// The process has ended.
    pub fn memory_kib(&self) -> Result<u64> {
        let id = self.child.id().ok_or("the function has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("no VmRSS")?;
        Ok(line.split_whitespace().nth(1).unwrap_or_default().parse()?)
    }

    /// Ends the process and waits for its end, so that it takes no time from what is measured next.
    ///
    /// # Errors
    /// It cannot be ended.
    pub async fn stop(mut self) -> Result<()> {
        self.child.kill().await?;
        Ok(())
    }

    async fn wait_until_it_asks(&mut self) -> Result<Instant> {
        tokio::select! {
            at = timeout(PATIENCE, self.asked.recv()) => {
                self.idle = true;
                Ok(at?.ok_or("the Runtime API is gone")?)
            }
            Some(posted) = self.answers.recv() => {
                Err(format!("{}: {}", posted.kind, String::from_utf8_lossy(&posted.body)).into())
            }
            status = self.child.wait() => Err(format!("the function ended: {}", status?).into()),
        }
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(listener: TcpListener, api: Arc<Api>) {
    while let Ok((stream, _)) = listener.accept().await {
        // Otherwise an answer waits for the acknowledgement of its own headers.
        if stream.set_nodelay(true).is_err() {
            continue;
        }
        let api = api.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| respond(api.clone(), request));
            // An error is a function that went away in the middle of a call, which the caller finds out by itself.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn respond(api: Arc<Api>, request: Request<Incoming>) -> std::result::Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().strip_prefix(VERSION).unwrap_or_default().to_owned();
    if request.method() == Method::GET && path == "/invocation/next" {
        // Nobody listens once the function is being stopped.
        let _ = api.asked.send(Instant::now());
        let event = api.events.lock().await.recv().await;
        return Ok(event.map_or_else(|| plain(StatusCode::GONE), hand_out));
    }
    let at = Instant::now();
    let kind = match path.rsplit('/').next() {
        Some("response") => "response",
        Some("error") if path == "/init/error" => "start failed",
        Some("error") => "invocation failed",
        _ => return Ok(plain(StatusCode::NOT_FOUND)),
    };
    let body = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let at = if body.is_empty() { at } else { Instant::now() };
    let _ = api.answers.send(Posted { at, kind, body });
    Ok(plain(StatusCode::ACCEPTED))
}

fn hand_out(event: Bytes) -> Response<Full<Bytes>> {
    let deadline = SystemTime::now() + Duration::from_secs(30);
    let deadline_ms = deadline.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    Response::builder()
        .header("content-type", "application/json")
        .header("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
        .header("lambda-runtime-deadline-ms", deadline_ms.to_string())
        .header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-central-1:123456789012:function:emulated")
        .header("lambda-runtime-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0")
        .body(Full::new(event))
        .unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR))
}

fn plain(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::new()));
    *response.status_mut() = status;
    response
}
