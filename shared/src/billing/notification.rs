//! What notifications may cost. Nobody signs them, so whoever knows the address could let us ask the provider without end, and it
//! would stop answering. What is told here is put off or told once more, and never lost: a repeat waits for its turn, and what
//! is refused the provider sends again.
use super::Billing;
use crate::{
    billing::metrics,
    error::Error,
    queue::Settlement,
    store::{
        StoreError,
        bucket::{Rate, retry_after_s},
        keys,
    },
    telemetry,
};

/// How often the provider is asked for the same thing because of notifications: at once, and once more when the minute is over.
const SAME: Rate = Rate { interval_ms: 60_000, burst: 2 };
/// Ids that none of our payments has: so many a minute are asked for.
const UNKNOWN_A_MINUTE: i64 = 60;
/// Of which so many at once.
const UNKNOWN_AT_ONCE: i64 = 20;

/// What is done about a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The provider is asked after so many milliseconds.
    Ask(i64),
    /// It will be asked for this very thing soon, which tells this too.
    Pending,
}

impl Billing<'_> {
    /// Decides when the provider is asked for what it notified us of.
    ///
    /// # Errors
    /// Too many things are told of that none of our payments is: to be told again later.
    pub async fn hear(&self, settlement: &Settlement) -> Result<Heard, Error> {
        // A notification of money is not lost because nobody can count.
        self.try_to_hear(settlement).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "how often we are notified cannot be counted");
            Ok(Heard::Ask(0))
        })
    }

    async fn try_to_hear(&self, settlement: &Settlement) -> Result<Result<Heard, Error>, StoreError> {
        let now_ms = self.clock.now_ms();
        let is_known = match settlement {
            Settlement::Payment(id) => self.store.payment_of_provider(id).await?.is_some(),
            // Which refunds there are only the provider says.
            Settlement::Refund(_) => false,
        };
        let (unknown, rate) =
            (keys::unknown_settlements(), Rate::at_most_per_minute_with(UNKNOWN_A_MINUTE, UNKNOWN_AT_ONCE));
        // First, so that no row is written for what is refused.
        if !is_known && let Err(wait_ms) = self.store.take(&unknown, rate, now_ms).await? {
            tracing::error!("too many notifications tell of what none of our payments is");
            telemetry::count(metrics::PAYMENT_UNKNOWN);
            return Ok(Err(Error::RateLimited(retry_after_s(wait_ms))));
        }
        let place = self.store.take_place(&keys::settling(&settlement.name()), SAME, now_ms).await?;
        if place.is_err() && !is_known {
            self.store.give_back(&unknown, rate).await?;
        }
        Ok(Ok(place.map_or(Heard::Pending, Heard::Ask)))
    }
}
