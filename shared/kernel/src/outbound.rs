//! The process's HTTP client for services outside AWS.
use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use reqwest::StatusCode;
use tokio::time::{Instant, timeout_at};

use crate::request::count_upstream_call;

/// The longest an attempt may take. Callers set shorter deadlines of their own.
const ATTEMPT: Duration = Duration::from_secs(10);

/// The HTTP client, built on first use. Building reads the machine's whole trust store, which a cached answer does not
/// need.
#[derive(Clone, Default)]
pub struct Outbound(Arc<OnceLock<reqwest::Client>>);

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outbound")
    }
}

impl Outbound {
    /// The client.
    ///
    /// # Errors
    /// The TLS library cannot be set up.
    pub fn client(&self) -> Result<&reqwest::Client, reqwest::Error> {
        if let Some(client) = self.0.get() {
            return Ok(client);
        }
        let client = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(2))
            .timeout(ATTEMPT)
            .pool_idle_timeout(Duration::from_secs(60))
            // An API has no reason to redirect us, and a redirect would leak the token.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent("cargotech-driver-webapp")
            .build()
            .inspect_err(|error| tracing::error!(%error, "the HTTP client cannot be built"))?;
        Ok(self.0.get_or_init(|| client))
    }
}

/// Sends a request and reads the whole response by `deadline`, up to `most` bytes. Errors omit the URL because it may
/// contain a token.
///
/// # Errors
/// The response did not arrive in time, is too large, or the request failed.
pub async fn answer(
    request: reqwest::RequestBuilder,
    most: usize,
    deadline: Instant,
) -> Result<(StatusCode, Vec<u8>), &'static str> {
    count_upstream_call();
    let read = async {
        let mut response = request.send().await?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > most {
                return Ok(None);
            }
        }
        Ok(Some((response.status(), body)))
    };
    match timeout_at(deadline, read).await {
        Ok(Ok(Some(answer))) => Ok(answer),
        Ok(Ok(None)) => Err("its answer is too large"),
        Ok(Err(error)) => {
            let error: reqwest::Error = error;
            Err(if error.is_connect() { "it cannot be reached" } else { "the connection broke" })
        }
        Err(_) => Err("it does not answer in time"),
    }
}
