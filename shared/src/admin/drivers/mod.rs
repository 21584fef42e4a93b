//! Admins' search for drivers and their actions on them.
mod order;
mod search;

pub use order::{SubscriptionBody, SubscriptionOrder, Wish};
pub use search::DriverFilter;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::requests::Ordered;
use crate::{
    app::App,
    audit::AuditRow,
    auth::{self, admin::AdminSession},
    billing::{
        self,
        messages::GIFT,
        order::named_id,
        subscription::{Entry, State, Subscription},
    },
    clock::rfc3339,
    driver::{self, Block},
    error::{Conflict, Error, FieldError},
    request::RequestContext,
    response::{
        Actor, Response,
        act::Account,
        messages::{BLOCK, CARD},
    },
    store::{
        billing::Revocation,
        driver::{DriverCard, Forget, SubscriptionPage},
        response::{ListedResponse, ResponsePage, ResponseWrite, Written},
        retry::{Tried, retry_on_change},
    },
};

/// The longest reason.
const LONGEST_REASON: usize = 250;
/// Attempts if concurrent changes win.
const TRIES: usize = 8;
/// Responses of a deleted driver cleared per call.
const CLEARED_AT_ONCE: i32 = 50;

/// Responses on a page.
const RESPONSES: i32 = 20;

/// Selects subscriptions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SubscriptionFilter {
    /// In this state.
    pub state: Option<State>,
    /// Ending at or after this time, milliseconds.
    pub from_ms: Option<i64>,
    /// Ending before this time, milliseconds.
    pub until_ms: Option<i64>,
}

pub(super) fn subscription_json(subscription: &Subscription) -> Value {
    json!({ "expires_at": subscription.ends_at_ms.map(rfc3339), "source": subscription.source })
}

impl App {
    fn of_driver(
        &self,
        driver_id: i64,
        outcome: &str,
        reason: &str,
        admin: &AdminSession,
        context: &RequestContext,
    ) -> AuditRow {
        let row = AuditRow::new(context, self.clock.now_ms(), driver::module::DRIVER_AUDIT, outcome).by(admin.actor());
        row.about("driver", driver_id).fact("driver_id", driver_id).fact("reason", reason)
    }

    /// Grants subscription days or takes them back. Idempotent by the order's key. An order beyond the role's limit
    /// becomes a request for an owner to confirm.
    ///
    /// # Errors
    /// The driver does not exist or is the admin, nothing is left to take back, the key was used for another order, the
    /// sign-in is too old for that many days, or the store does not answer.
    pub async fn order_subscription(
        &self,
        admin: &AdminSession,
        driver_id: i64,
        order: &SubscriptionOrder,
        context: &RequestContext,
    ) -> Result<Ordered, Error> {
        admin.check_not_own(driver_id)?;
        let id = named_id("subscription", &driver_id.to_string(), &order.key);
        let (id, entries) = (&id, &["gift", "revocation"].map(|source| format!("{source}-{id}")));
        retry_on_change("order_subscription", TRIES, (), |()| async move {
            let holder = self.store.holder(driver_id, entries).await?;
            if let Some(entry) = holder.entries.first() {
                if !order.made(entry) {
                    let message = "Was used for another order. Each order has its own.";
                    return Err(Error::Validation(vec![FieldError::new("Idempotency-Key", "repeated", message)]));
                }
                return Ok(Tried::Done(Ordered::Done(holder.subscription, entry.seconds)));
            }
            if !holder.is_known {
                return Err(Error::NotFound);
            }
            let (before, now_ms) = (holder.subscription, self.clock.now_ms());
            let (after, entry) = order.change(&before, id, now_ms)?;
            if !self.may_give(admin, driver_id, entry.seconds, context).await? {
                return self.ask_owner(admin, driver_id, order, id, context).await.map(Tried::Done);
            }
            let entry = entry.by(admin.actor(), &order.reason);
            let outcome = match order.wish {
                Wish::Gift(_) => "gift",
                Wish::Extend(_) => "extended",
                Wish::Revoke(_) => "revoked",
            };
            let audit = AuditRow::new(context, now_ms, billing::module::SUBSCRIPTION_AUDIT, outcome).by(admin.actor());
            let audit = audit.about("driver", driver_id).fact("driver_id", driver_id).fact("seconds", entry.seconds);
            let audit =
                audit.fact("reason", &order.reason).changing(subscription_json(&before), subscription_json(&after));
            let message = (entry.seconds > 0).then_some(id.as_str());
            let change = (&before, &after, &entry);
            if Box::pin(self.store.change_subscription(driver_id, change, message, None, &audit)).await? {
                if message.is_some() {
                    self.hint(id, &[GIFT]).await;
                }
                return Ok(Tried::Done(Ordered::Done(after, entry.seconds)));
            }
            Ok(Tried::Changed(()))
        })
        .await
    }

    /// A driver who is not an admin, so that actions on them are allowed.
    async fn manageable(&self, driver_id: i64) -> Result<DriverCard, Error> {
        let card = self.store.driver_card(driver_id).await?.ok_or(Error::NotFound)?;
        if card.role.is_some() || self.config.admin_telegram_ids.contains(&driver_id) {
            return Err(Error::Conflict(Conflict::DriverIsAdmin));
        }
        Ok(card)
    }

    /// Blocks or unblocks a driver. Idempotent.
    ///
    /// # Errors
    /// The driver does not exist or is an admin, or the store does not answer.
    pub async fn block_driver(
        &self,
        admin: &AdminSession,
        driver_id: i64,
        blocked: bool,
        reason: &str,
        context: &RequestContext,
    ) -> Result<Block, Error> {
        retry_on_change("block_driver", TRIES, (), |()| async move {
            let card = self.manageable(driver_id).await?;
            let by_link = card.session.is_some_and(|session| session.by_link);
            let before = card.row.block;
            if before.blocked == blocked {
                return Ok(Tried::Done(before));
            }
            let actor = admin.actor();
            let after = Block {
                blocked,
                reason: reason.to_owned(),
                by: actor.id,
                name: actor.name,
                at_ms: self.clock.now_ms(),
                version: before.version + 1,
            };
            let outcome = if blocked { "blocked" } else { "unblocked" };
            let audit = self.of_driver(driver_id, outcome, reason, admin, context);
            let audit = audit.changing(json!({ "blocked": before.blocked }), json!({ "blocked": blocked }));
            if self.store.write_block(driver_id, (&before, &after), by_link, &audit).await? {
                self.hint(&driver_id.to_string(), &[BLOCK]).await;
                return Ok(Tried::Done(after));
            }
            Ok(Tried::Changed(()))
        })
        .await
    }

    /// Ends a driver's session at once and voids their access link.
    ///
    /// # Errors
    /// The driver does not exist or is an admin, or the store does not answer.
    pub async fn end_session_of(
        &self,
        admin: &AdminSession,
        driver_id: i64,
        reason: &str,
        context: &RequestContext,
    ) -> Result<(), Error> {
        self.manageable(driver_id).await?;
        // The first attempt's conflict shows whether a session is active.
        retry_on_change("end_session_of", TRIES, true, |runs| async move {
            let outcome = if runs { "session_ended" } else { "session_over" };
            let audit = self.of_driver(driver_id, outcome, reason, admin, context);
            let is_ended = self.store.end_any_session(driver_id, runs, &audit).await?;
            Ok(if is_ended { Tried::Done(()) } else { Tried::Changed(!runs) })
        })
        .await
    }

    /// Voids a driver's access link and ends the session it opened. Allowed for admins too: they lose nothing.
    ///
    /// # Errors
    /// The driver does not exist, or the store does not answer.
    pub async fn revoke_link_of(
        &self,
        admin: &AdminSession,
        driver_id: i64,
        reason: &str,
        context: &RequestContext,
    ) -> Result<(), Error> {
        self.store.profile(driver_id).await?.ok_or(Error::NotFound)?;
        let audit =
            AuditRow::new(context, self.clock.now_ms(), auth::module::ACCESS_LINK_AUDIT, "revoked").by(admin.actor());
        let audit = audit.about("driver", driver_id).fact("driver_id", driver_id).fact("reason", reason);
        self.store.revoke_access(&Revocation { driver_id, generation: None, subject: None, audit }).await?;
        Ok(())
    }

    /// Deletes a driver's data, except what the law requires to keep: payments, the ledger and the audit log, which
    /// refer to the driver by id. A used trial stays recorded too. Returns the driver and whether the deletion is
    /// complete. One call clears a limited number of responses; a repeat continues.
    ///
    /// # Errors
    /// The driver does not exist or is an admin, or the store does not answer.
    pub async fn delete_driver(
        &self,
        admin: &AdminSession,
        driver_id: i64,
        reason: &str,
        context: &RequestContext,
    ) -> Result<(DriverCard, bool), Error> {
        retry_on_change("delete_driver", TRIES, (), |()| async move {
            let card = self.manageable(driver_id).await?;
            if card.row.deleted_at_ms.is_some() {
                let done = self.clear_responses(&card, 0, context).await?;
                return Ok(Tried::Done((card, done)));
            }
            let audit = self.of_driver(driver_id, "deleted", reason, admin, context);
            self.store.forget_driver(&card, Forget::Always, &audit).await?;
            Ok(Tried::Changed(()))
        })
        .await
    }

    /// Clears the next responses that a driver gave before their data was deleted. Their cards follow within this many
    /// milliseconds. Returns `true` when none are left.
    ///
    /// # Errors
    /// The store does not answer.
    pub(crate) async fn clear_responses(
        &self,
        card: &DriverCard,
        within_ms: i64,
        context: &RequestContext,
    ) -> Result<bool, Error> {
        let Some(from) = &card.clear_from else { return Ok(true) };
        let page = self.store.responses(card.row.profile.id, Some(from), CLEARED_AT_ONCE).await?;
        for response in page.items {
            let forget = |response: &Response| response.forgotten(self.clock.now_ms());
            let is_over = Instant::now() > context.deadline;
            if is_over || self.clear_response(response, forget, within_ms, context).await?.is_none() {
                return Ok(false);
            }
        }
        let is_noted = self.store.note_cleared(card, from, page.next.as_ref()).await?;
        Ok(is_noted && page.next.is_none())
    }

    /// Removes personal data from a response with `forget`, and within this many milliseconds from its messages in the
    /// dispatchers' chat. Returns whether there was anything to remove; `None` if concurrent changes always win.
    ///
    /// # Errors
    /// The store does not answer.
    pub(crate) async fn clear_response(
        &self,
        response: Response,
        forget: impl Fn(&Response) -> Option<Response>,
        within_ms: i64,
        context: &RequestContext,
    ) -> Result<Option<bool>, Error> {
        let mut before = response;
        for _ in 0..TRIES {
            let Some(after) = forget(&before) else { return Ok(Some(false)) };
            let account = Account::of(&after, "forgotten", &Actor::System);
            let messages: Vec<_> = [CARD].into_iter().chain(before.shown_link()).collect();
            let write = ResponseWrite {
                before: Some(&before),
                after: &after,
                messages: &messages,
                holds: &[],
                seen: None,
                within_ms,
                audit: account.row(self.clock.now_ms(), context),
            };
            match Box::pin(self.store.write_response(&write)).await? {
                Written::Done => {
                    if within_ms == 0 {
                        self.hint(&after.id, &messages).await;
                    }
                    return Ok(Some(true));
                }
                Written::Refused(Some(found)) if found.id == before.id => before = *found,
                // The driver has responded again, after the deletion.
                Written::Refused(_) | Written::Chosen(_) | Written::Blocked => return Ok(Some(false)),
            }
        }
        Ok(None)
    }

    /// A page of subscriptions.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn find_subscriptions(
        &self,
        filter: &SubscriptionFilter,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<SubscriptionPage, Error> {
        Ok(self.store.find_subscriptions(filter, self.clock.now_ms(), cursor, limit).await?)
    }

    /// A driver's full data, with the subscription's ledger newest first.
    ///
    /// # Errors
    /// No one with this id ever signed in, or the store does not answer.
    pub async fn driver(&self, driver_id: i64) -> Result<(DriverCard, Vec<Entry>), Error> {
        let (card, ledger) = tokio::try_join!(self.store.driver_card(driver_id), self.store.ledger(driver_id))?;
        let mut ledger = ledger;
        ledger.reverse();
        Ok((card.ok_or(Error::NotFound)?, ledger))
    }

    /// A page of a driver's responses, newest first.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn responses_of(&self, driver_id: i64, from: Option<&ListedResponse>) -> Result<ResponsePage, Error> {
        Ok(self.store.responses(driver_id, from, RESPONSES).await?)
    }
}

#[cfg(test)]
mod tests;
