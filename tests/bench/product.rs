//! The running product that everything is measured against: `cargo dev`, on a port of its own and with data of its own.
use std::{
    collections::BTreeMap,
    fs::File,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use hyper::{Method, body::Bytes};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    time::sleep,
};

use crate::{
    Result,
    load::{Connection, Reply},
};

/// The start fills the sandbox.
const PATIENCE: Duration = Duration::from_secs(180);
/// Cached answers stay fresh for a whole run, so that all of them are cached, and one driver may ask as often as it takes.
pub const UNHINDERED: [(&str, &str); 4] =
    [("LIST_TTL_S", "86400"), ("DETAIL_TTL_S", "86400"), ("DICTIONARY_TTL_S", "86400"), ("RATE_LIMIT_PER_S", "1000")];

/// A started product. It ends when this is dropped.
pub struct Product {
    /// Where it listens.
    pub address: SocketAddr,
    /// With these variables a function started by hand talks to its store and its secrets.
    pub environment: BTreeMap<String, String>,
    connection: Connection,
    child: Child,
}

impl Product {
    /// Starts the binary at `program`, in the project's root, with its data under `folder` and these variables apart from
    /// the defaults.
    ///
    /// # Errors
    /// It ended, or did not answer in time.
    pub async fn start(program: &Path, root: &Path, folder: &Path, settings: &[(&str, &str)]) -> Result<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut child = Command::new(program)
            .current_dir(root)
            .args(["--port", &port.to_string(), "--reset", "--no-web-build", "--print-env", "--data-dir"])
            .arg(folder.join("data"))
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(folder.join("product.log"))?)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        let lines = Arc::new(Mutex::new(Vec::new()));
        let mut output = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        let kept = lines.clone();
        tokio::spawn(async move {
            // Read to the end, or the product would stand still with a full pipe.
            while let Ok(Some(line)) = output.next_line().await {
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        });
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = child.try_wait()? {
                return Err(format!("the product ended: {status}; see product.log").into());
            }
            let environment = variables(&lines.lock().unwrap_or_else(PoisonError::into_inner));
            if environment.contains_key("APP_TABLE") {
                // The lines come together, but perhaps not in one read.
                sleep(Duration::from_millis(200)).await;
                let environment = variables(&lines.lock().unwrap_or_else(PoisonError::into_inner));
                let connection = Connection::open(address).await?;
                return Ok(Self { address, environment, connection, child });
            }
            if Instant::now() > deadline {
                return Err("the product printed no environment; see product.log".into());
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Resident memory, KiB.
    ///
    /// # Errors
    /// It has ended.
    pub fn memory_kib(&self) -> Result<u64> {
        let id = self.child.id().ok_or("the product has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").trim().parse()?)
    }

    /// Asks the product as a browser would.
    ///
    /// # Errors
    /// No answer.
    pub async fn ask(
        &mut self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Reply> {
        let authorization = token.map(|token| format!("Bearer {token}"));
        let mut headers = vec![("accept-encoding", "gzip"), ("content-type", "application/json")];
        headers.extend(authorization.as_deref().map(|value| ("authorization", value)));
        let body = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        if self.connection.is_closed() {
            self.connection = Connection::open(self.address).await?;
        }
        self.connection.send(method, path, &headers, body).await
    }

    /// Init data of a driver, signed as Telegram signs it.
    ///
    /// # Errors
    /// No answer, or another one than expected.
    pub async fn init_data(&mut self, driver_id: i64) -> Result<String> {
        let launch = json!({ "driver_id": driver_id });
        let reply = self.ask(Method::POST, "/_sandbox/telegram/init-data", None, Some(&launch)).await?;
        text(&reply, "init_data")
    }

    /// Signs a driver in and returns the session's token.
    ///
    /// # Errors
    /// It was refused.
    pub async fn sign_in(&mut self, driver_id: i64) -> Result<String> {
        let init_data = self.init_data(driver_id).await?;
        let body = json!({ "init_data": init_data });
        let reply = self.ask(Method::POST, "/api/auth/telegram", None, Some(&body)).await?;
        text(&reply, "session_token")
    }

    /// What CloudFront proves itself with here, from the stand-in of Secrets Manager.
    ///
    /// # Errors
    /// No answer, or another one than expected.
    pub async fn origin_token(&mut self) -> Result<String> {
        let endpoint = self.environment.get("AWS_ENDPOINT_URL").ok_or("the product printed no AWS_ENDPOINT_URL")?;
        let path = endpoint.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| rest[at..].to_owned()));
        let prefix = self.environment.get("SECRETS_PREFIX").map_or("", String::as_str);
        let body = json!({ "SecretId": format!("{prefix}/edge") }).to_string();
        let headers =
            [("x-amz-target", "secretsmanager.GetSecretValue"), ("content-type", "application/x-amz-json-1.1")];
        let path = path.unwrap_or_else(|| "/".to_owned());
        let reply = self.connection.send(Method::POST, &path, &headers, body.into()).await?;
        let secret: Value = serde_json::from_str(&text(&reply, "SecretString")?)?;
        Ok(secret["origin_token"].as_str().ok_or("the edge secret has no origin_token")?.to_owned())
    }

    /// How often each operation of the store was called: by `BatchGetItem cache` and the like.
    ///
    /// # Errors
    /// No answer, or another one than expected.
    pub async fn store_calls(&mut self) -> Result<BTreeMap<String, u64>> {
        let reply = self.ask(Method::GET, "/_sandbox/store/counts", None, None).await?;
        let counts: Value = serde_json::from_slice(&reply.body)?;
        let counts = counts["calls"].as_array().ok_or("the store's counts have no list of calls")?;
        Ok(counts
            .iter()
            .map(|count| {
                let tables: Vec<_> =
                    count["tables"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                let operation = count["operation"].as_str().unwrap_or_default();
                (format!("{operation} {}", tables.join("+")), count["count"].as_u64().unwrap_or_default())
            })
            .collect())
    }
}

fn text(reply: &Reply, field: &str) -> Result<String> {
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    match body[field].as_str() {
        Some(text) if reply.status.is_success() => Ok(text.to_owned()),
        _ => Err(format!("{} instead of {field}: {}", reply.status, String::from_utf8_lossy(&reply.body)).into()),
    }
}

/// The `NAME=value` lines, as a shell would read them.
fn variables(lines: &[String]) -> BTreeMap<String, String> {
    lines
        .iter()
        .filter_map(|line| line.trim().trim_start_matches("export ").split_once('='))
        .filter(|(name, _)| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        })
        .map(|(name, value)| {
            let quoted = value.strip_prefix('\'').and_then(|value| value.strip_suffix('\''));
            (name.to_owned(), quoted.map_or_else(|| value.to_owned(), |inner| inner.replace(r"'\''", "'")))
        })
        .collect()
}
