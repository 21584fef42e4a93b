//! The process's one HTTP client for services outside AWS.
use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

/// No attempt of a call lasts longer; callers have deadlines of their own below it.
const ATTEMPT: Duration = Duration::from_secs(10);

/// The client, built when it is first needed: it reads the machine's whole trust store, and a cached answer does
/// without it.
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
            // An API has no reason to send us elsewhere, and a redirect would carry the token there.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent("cargotech-driver-webapp")
            .build()
            .inspect_err(|error| tracing::error!(%error, "the HTTP client cannot be built"))?;
        Ok(self.0.get_or_init(|| client))
    }
}
