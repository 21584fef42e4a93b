//! Forgetting by the clock: drivers who have gone, persons in old responses, rows of old messages.
//!
//! A row is put off before it is read, so that what is cut off is taken up again and what cannot be read stands in nobody's way.
//! Whether its time is over is decided anew by what stands there, and is part of the write: who comes back in between is not
//! forgotten.
use std::pin::pin;

use futures_util::StreamExt as _;
use tokio::time::Instant;

use crate::{
    app::App,
    audit::AuditRow,
    driver::module::{self, IDLE_MS},
    error::Error,
    request::RequestContext,
    response::{Response, module::RESPONSE_MS},
    store::{
        driver::{DriverCard, Forget},
        forget::{Claimed, Overdue},
    },
};

/// Drivers and responses of one run.
const PERSONS: usize = 100;
/// The cards of a run's responses are edited within this time, which ends before the next run: the dispatchers' chat takes 20
/// messages a minute, and more than half of that is left for what happens meanwhile.
const CARDS_MS: i64 = 12 * 60_000;
/// Rows of messages that one run deletes of each sort.
const MESSAGES: usize = 1000;
/// How many rows are dealt with at the same time.
const AT_ONCE: usize = 8;
/// For so long a row that is being dealt with is nobody else's; the next night finds what was cut off.
const HELD_MS: i64 = 12 * 3_600_000;
/// How often it is looked whether what keeps a driver is over, when nobody can say when it will be.
const LOOK_AGAIN_MS: i64 = 7 * 86_400_000;
/// Payments that are read at once.
const PAYMENTS: i32 = 100;

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Drivers and responses that name nobody any more.
    pub persons: usize,
    /// Rows of messages that were deleted.
    pub messages: usize,
    /// What could not be dealt with.
    pub failed: usize,
}

impl Forgotten {
    /// How many were done: one that could not be dealt with is told and does not hold up the others.
    fn done(&mut self, overdue: &Overdue, result: Result<bool, Error>) -> usize {
        let done = result.unwrap_or_else(|error| {
            self.failed += 1;
            tracing::error!(?error, id = overdue.id, "a row could not be forgotten; another run tries again");
            false
        });
        usize::from(done)
    }
}

impl App {
    /// Forgets whose time is over: begins with none after `until`.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn forget(&self, until: Instant, context: &RequestContext) -> Result<Forgotten, Error> {
        let now_ms = self.clock.now_ms();
        let (persons, messages) = tokio::try_join!(
            self.store.overdue_persons(now_ms, PERSONS),
            self.store.overdue_messages(now_ms, MESSAGES)
        )?;
        let mut forgotten = Forgotten::default();
        // Who is behind with responses keeps the rows that lead to their cards.
        let messages = if persons.len() < PERSONS { messages } else { Vec::new() };
        let in_time = || std::future::ready(Instant::now() < until);
        let mut results = pin!(
            futures_util::stream::iter(persons)
                .take_while(|_| in_time())
                .map(|overdue| async move {
                    let result = Box::pin(self.forget_overdue(&overdue, until, context)).await;
                    (overdue, result)
                })
                .buffer_unordered(AT_ONCE)
        );
        while let Some((overdue, result)) = results.next().await {
            forgotten.persons += forgotten.done(&overdue, result);
        }
        let mut results = pin!(
            futures_util::stream::iter(messages)
                .take_while(|_| in_time())
                .map(|overdue| async move {
                    let result = self.store.delete_message_row(&overdue).await;
                    (overdue, result.map_err(Error::from))
                })
                .buffer_unordered(AT_ONCE)
        );
        while let Some((overdue, result)) = results.next().await {
            forgotten.messages += forgotten.done(&overdue, result);
        }
        Ok(forgotten)
    }

    async fn forget_overdue(&self, overdue: &Overdue, until: Instant, context: &RequestContext) -> Result<bool, Error> {
        let held_until_ms = self.clock.now_ms() + HELD_MS;
        match self.store.claim_overdue(overdue, held_until_ms).await? {
            None => Ok(false),
            Some(Claimed::Driver(driver_id)) => self.forget_if_idle(driver_id, held_until_ms, until, context).await,
            Some(Claimed::Response(response)) => {
                let forget = |response: &Response| response.without_persons(self.clock.now_ms() - RESPONSE_MS);
                Ok(self.clear_response(*response, forget, CARDS_MS, context).await? == Some(true))
            }
        }
    }

    /// Forgets a driver who has gone, and goes on with a deletion that did not come to its end, also when the driver has come back;
    /// `true` when the driver is forgotten.
    async fn forget_if_idle(
        &self,
        driver_id: i64,
        held_until_ms: i64,
        until: Instant,
        context: &RequestContext,
    ) -> Result<bool, Error> {
        loop {
            let Some(card) = self.store.driver_card(driver_id).await? else { return Ok(false) };
            let is_deleted = card.row.deleted_at_ms.is_some();
            if card.clear_from.is_some() {
                if Instant::now() >= until {
                    return Ok(false);
                }
                // Each page has the whole time of a request.
                let own = RequestContext::new(context.request_id.as_str());
                if self.clear_responses(&card, CARDS_MS, &own).await? && is_deleted {
                    return Ok(true);
                }
                continue;
            }
            if is_deleted {
                return Ok(false);
            }
            let now_ms = self.clock.now_ms();
            let kept_until_ms = self.kept_until_ms(&card, now_ms).await?;
            if kept_until_ms > now_ms {
                self.store.postpone_forgetting(driver_id, held_until_ms, kept_until_ms).await?;
                return Ok(false);
            }
            let audit = AuditRow::new(context, now_ms, module::DRIVER_AUDIT, "deleted").about("driver", driver_id);
            let audit = audit.fact("driver_id", driver_id).fact("by", "system").fact("reason", "idle");
            if !self.store.forget_driver(&card, Forget::Idle, &audit).await? {
                return Ok(false);
            }
        }
    }

    /// Until when nothing of the driver may be forgotten, milliseconds; it is over when that is not after `now_ms`.
    async fn kept_until_ms(&self, card: &DriverCard, now_ms: i64) -> Result<i64, Error> {
        let driver_id = card.row.profile.id;
        let subscribed_ms = card.row.subscription.ends_at_ms.unwrap_or_default();
        let kept_until_ms = (card.last_visit_ms() + IDLE_MS).max(subscribed_ms);
        if kept_until_ms > now_ms {
            return Ok(kept_until_ms);
        }
        let is_admin = card.role.is_some() || self.config.admin_telegram_ids.contains(&driver_id);
        let is_kept = is_admin || self.has_open_payment(driver_id, now_ms).await?;
        Ok(if is_kept { now_ms + LOOK_AGAIN_MS } else { kept_until_ms })
    }

    /// Whether something is still to be learnt of a payment of the driver's, or of a refund. A payment that cannot be read may be
    /// such a one.
    async fn has_open_payment(&self, driver_id: i64, now_ms: i64) -> Result<bool, Error> {
        let mut from: Option<(i64, String)> = None;
        loop {
            let after = from.as_ref().map(|(at_ms, id)| (*at_ms, id.as_str()));
            let found = self.store.payments(driver_id, after, PAYMENTS).await?;
            if found.unreadable > 0 || found.payments.iter().any(|payment| payment.is_watched(now_ms)) {
                return Ok(true);
            }
            from = found.payments.last().map(|payment| (payment.created_at_ms, payment.id.clone()));
            if !found.more || from.is_none() {
                return Ok(false);
            }
        }
    }
}
