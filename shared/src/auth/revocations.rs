//! The rate limit for revoking an access link. Each revocation leaves an audit row, which is kept forever.
use super::session::Session;
use crate::{
    app::App,
    error::Error,
    store::{
        bucket::{Rate, retry_after_s},
        keys,
    },
};

/// Ten at once, then one a minute.
const REVOCATIONS: Rate = Rate { interval_ms: 60_000, burst: 10 };

impl App {
    /// Takes one of the driver's revocations.
    ///
    /// # Errors
    /// The limit is hit.
    pub async fn take_revocation(&self, session: &Session) -> Result<(), Error> {
        match self.store.take(&keys::revoking(session.driver_id()), REVOCATIONS, self.clock.now_ms()).await {
            Ok(Err(wait_ms)) => Err(Error::RateLimited(retry_after_s(wait_ms))),
            Ok(Ok(())) => Ok(()),
            // If the cache is down, allow it: a leaked link must be closed.
            Err(error) => {
                tracing::warn!(%error, "how often a driver revokes the access link cannot be counted");
                Ok(())
            }
        }
    }
}
