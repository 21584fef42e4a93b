//! Deletes expired data: inactive drivers, people in old responses, rows of old messages.
//!
//! A row is postponed before it is read, so an interrupted run resumes and an unreadable row blocks nothing. Expiry is
//! decided from the current state and is part of the write's condition, so a driver who returns meanwhile is not
//! deleted.
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

/// Drivers and responses per run.
const PERSONS: usize = 100;
/// The cards of a run's responses are edited within this time, before the next run. The dispatchers' chat takes 20
/// messages a minute, and more than half of that stays free.
const CARDS_MS: i64 = 12 * 60_000;
/// Message rows of each kind deleted per run.
const MESSAGES: usize = 1000;
/// Rows processed concurrently.
const AT_ONCE: usize = 8;
/// How long a row being processed is hidden from others. The next night resumes interrupted ones.
const HELD_MS: i64 = 12 * 3_600_000;
/// How often to check a driver who must be kept for an unknown time.
const LOOK_AGAIN_MS: i64 = 7 * 86_400_000;
/// Payments per read.
const PAYMENTS: i32 = 100;

/// The result of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Drivers and responses anonymised.
    pub persons: usize,
    /// Message rows deleted.
    pub messages: usize,
    /// Rows that failed.
    pub failed: usize,
}

impl Forgotten {
    /// Counts the successes. A failure is logged and does not block the others.
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
    /// Deletes expired data. Starts nothing after `until`.
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
        // A backlog of responses keeps the rows that lead to their cards.
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

    /// Deletes an inactive driver's data, and resumes an incomplete deletion, even if the driver has returned. Returns
    /// `true` when the driver is deleted.
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
                // Each page has the full time of a request.
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

    /// When the driver's data may be deleted, milliseconds. A time not after `now_ms` means now.
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

    /// Whether the outcome of one of the driver's payments or refunds is open. An unreadable payment counts as open.
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
