//! How often a driver revokes their access link. Each time leaves a row in the audit log, which is kept for ever.
use super::session::Session;
use crate::{
    app::App,
    error::Error,
    store::{
        bucket::{Rate, retry_after_s},
        keys,
    },
};

/// Ten at once, and one a minute.
const REVOCATIONS: Rate = Rate { interval_ms: 60_000, burst: 10 };

impl App {
    /// Takes one of the driver's revocations.
    ///
    /// # Errors
    /// There were too many.
    pub async fn take_revocation(&self, session: &Session) -> Result<(), Error> {
        match self.store.take(&keys::revoking(session.driver_id()), REVOCATIONS, self.clock.now_ms()).await {
            Ok(Err(wait_ms)) => Err(Error::RateLimited(retry_after_s(wait_ms))),
            Ok(Ok(())) => Ok(()),
            // Whoever has to close a leaked link can, whatever becomes of the cache.
            Err(error) => {
                tracing::warn!(%error, "how often a driver revokes the access link cannot be counted");
                Ok(())
            }
        }
    }
}
