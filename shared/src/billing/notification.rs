//! Rate limits for notifications. They are unsigned, so anyone who knows the URL could trigger endless requests to the
//! provider until it blocks us. Limited notifications are delayed or sent again, never lost: a repeat waits for its
//! turn, and the provider resends what is rejected.
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

/// How often notifications about one object trigger a request: at once, and once more after a minute.
const SAME: Rate = Rate { interval_ms: 60_000, burst: 2 };
/// Requests per minute for ids that match none of our payments.
const UNKNOWN_A_MINUTE: i64 = 60;
/// How many of those at once.
const UNKNOWN_AT_ONCE: i64 = 20;

/// How to handle a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotificationPlan {
    /// Ask the provider after this many milliseconds.
    Ask(i64),
    /// A request for the same object is already scheduled and covers this one.
    Pending,
}

impl Billing<'_> {
    /// Decides when to ask the provider about a notification.
    ///
    /// # Errors
    /// Too many notifications about unknown objects: the provider must send it again.
    pub async fn plan_notification(&self, settlement: &Settlement) -> Result<NotificationPlan, Error> {
        // If the rate limit fails, handle the notification anyway: money matters more.
        self.try_to_plan(settlement).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "how often we are notified cannot be counted");
            Ok(NotificationPlan::Ask(0))
        })
    }

    async fn try_to_plan(&self, settlement: &Settlement) -> Result<Result<NotificationPlan, Error>, StoreError> {
        let now_ms = self.clock.now_ms();
        let is_known = match settlement {
            Settlement::Payment(id) => self.store.payment_of_provider(id).await?.is_some(),
            // Only the provider knows its refunds.
            Settlement::Refund(_) => false,
        };
        let (unknown, rate) =
            (keys::unknown_settlements(), Rate::at_most_per_minute_with(UNKNOWN_A_MINUTE, UNKNOWN_AT_ONCE));
        // Check the limit first, so that a rejected notification writes no row.
        if !is_known && let Err(wait_ms) = self.store.take(&unknown, rate, now_ms).await? {
            tracing::error!("too many notifications tell of what none of our payments is");
            telemetry::count(metrics::PAYMENT_UNKNOWN);
            return Ok(Err(Error::RateLimited(retry_after_s(wait_ms))));
        }
        let place = self.store.take_place(&keys::settling(&settlement.name()), SAME, now_ms).await?;
        if place.is_err() && !is_known {
            self.store.give_back(&unknown, rate).await?;
        }
        Ok(Ok(place.map_or(NotificationPlan::Pending, NotificationPlan::Ask)))
    }
}
