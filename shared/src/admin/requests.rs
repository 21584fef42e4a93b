//! Gifts beyond a role's limit, which an owner confirms or declines. A request is a pending order. Once confirmed, it
//! is executed as ordered, in the transaction that records the decision.
use serde::{Deserialize, Serialize};

use super::drivers::{SubscriptionOrder, Wish, subscription_json};
use crate::{
    app::App,
    audit::{Actor, AuditRow},
    auth::admin::AdminSession,
    billing::{
        messages::GIFT,
        module,
        plan::DAY_S,
        subscription::{Entry, Source, Subscription},
    },
    error::{Conflict, Error, FieldError},
    request::RequestContext,
    rights::Role,
    store::{
        requests::RequestPage,
        retry::{Tried, retry_on_change},
    },
};

/// A larger gift needs a sign-in within the last hour.
const FRESH_ABOVE_S: i64 = 30 * DAY_S;
/// The period of the monthly limit on gifts.
const MONTH_MS: i64 = 30 * 86_400_000;
/// Attempts if concurrent changes win.
const TRIES: usize = 8;

/// An owner's decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Confirmed; declined otherwise.
    pub confirmed: bool,
    /// The owner.
    pub by: Actor,
    /// Time in milliseconds.
    pub at_ms: i64,
    /// The reason to decline.
    pub reason: Option<String>,
}

/// A gift that waits for an owner, or waited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GiftRequest {
    /// The id of the order, so that the gift is the same whoever executes it.
    pub id: String,
    /// The driver.
    pub driver_id: i64,
    /// The request.
    pub wish: Wish,
    /// The reason.
    pub reason: String,
    /// The admin who wants to give it.
    pub asked_by: Actor,
    /// Time in milliseconds.
    pub asked_at_ms: i64,
    /// The decision; `None` while it is open.
    pub decision: Option<Decision>,
}

impl GiftRequest {
    fn decided(&self, confirmed: bool, by: Actor, at_ms: i64, reason: Option<String>) -> Self {
        Self { decision: Some(Decision { confirmed, by, at_ms, reason }), ..self.clone() }
    }
}

/// The result of an order.
#[derive(Clone, Debug)]
pub enum Ordered {
    /// It succeeded. Holds the subscription and the seconds granted, or negative seconds taken back.
    Done(Subscription, i64),
    /// An owner has to confirm it.
    Asked(GiftRequest),
}

/// Seconds granted by admins since `from_ms`.
fn given_since(ledger: &[Entry], from_ms: i64) -> i64 {
    let gifts = ledger.iter().filter(|entry| entry.source == Source::Gift && entry.at_ms > from_ms);
    gifts.map(|entry| entry.seconds).sum()
}

/// A role's own limit. An owner confirms what exceeds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct GiftLimit {
    /// Days per gift.
    at_once_days: i64,
    /// Days per driver and month, by all admins together.
    month_days: i64,
}

/// The role's limit; `None` is unlimited.
fn gift_limit(role: Role) -> Option<GiftLimit> {
    match role {
        Role::Owner => None,
        Role::Support | Role::Marketing | Role::Readonly => Some(GiftLimit { at_once_days: 30, month_days: 90 }),
    }
}

impl App {
    /// Whether the gift is within the role's limit. The ledger is read after the subscription whose version guards the
    /// write, so no gift can be missed.
    pub(super) async fn may_give(
        &self,
        admin: &AdminSession,
        driver_id: i64,
        seconds: i64,
        context: &RequestContext,
    ) -> Result<bool, Error> {
        if seconds <= 0 {
            return Ok(true);
        }
        if let Some(GiftLimit { at_once_days, month_days }) = gift_limit(admin.role()) {
            let month_ago_ms = self.clock.now_ms() - MONTH_MS;
            let is_over = seconds > at_once_days * DAY_S
                || given_since(&self.store.ledger(driver_id).await?, month_ago_ms) + seconds > month_days * DAY_S;
            if is_over {
                return Ok(false);
            }
        }
        if seconds > FRESH_ABOVE_S {
            self.require_fresh(admin, module::CHANGE_SUBSCRIPTIONS, context).await?;
        }
        Ok(true)
    }

    /// Submits the order to the owners. Idempotent by its key.
    pub(super) async fn ask_owner(
        &self,
        admin: &AdminSession,
        driver_id: i64,
        order: &SubscriptionOrder,
        id: &str,
        context: &RequestContext,
    ) -> Result<Ordered, Error> {
        let request = GiftRequest {
            id: id.to_owned(),
            driver_id,
            wish: order.wish,
            reason: order.reason.clone(),
            asked_by: admin.actor(),
            asked_at_ms: self.clock.now_ms(),
            decision: None,
        };
        let audit = self.of_request(&request, "asked", admin.actor(), context);
        match self.store.put_gift_request(&request, &audit).await? {
            None => Ok(Ordered::Asked(request)),
            Some(standing) if standing.wish == request.wish && standing.reason == request.reason => {
                Ok(Ordered::Asked(standing))
            }
            Some(_) => {
                let message = "Was used for another order. Each order has its own.";
                Err(Error::Validation(vec![FieldError::new("Idempotency-Key", "repeated", message)]))
            }
        }
    }

    fn of_request(&self, request: &GiftRequest, outcome: &str, by: Actor, context: &RequestContext) -> AuditRow {
        let row = AuditRow::new(context, self.clock.now_ms(), module::GIFT_REQUEST_AUDIT, outcome).by(by);
        let row = row.about("driver", request.driver_id).fact("driver_id", request.driver_id);
        row.fact("request", &request.id).fact("asked_by", request.asked_by.id).fact("reason", &request.reason)
    }

    /// A page of open or of decided requests.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn gift_requests(&self, decided: bool, cursor: Option<&str>, limit: usize) -> Result<RequestPage, Error> {
        Ok(self.store.find_gift_requests(decided, cursor, limit).await?)
    }

    /// The request, unless the person deciding is its author or its recipient.
    async fn decidable(&self, admin: &AdminSession, driver_id: i64, id: &str) -> Result<GiftRequest, Error> {
        admin.check_not_own(driver_id)?;
        let request = self.store.gift_request(driver_id, id).await?.ok_or(Error::NotFound)?;
        admin.check_not_own(request.asked_by.id)?;
        Ok(request)
    }

    /// Confirms a request and executes it. Idempotent.
    ///
    /// # Errors
    /// The request or driver does not exist, it was declined, it is the admin's own, or the store does not answer.
    pub async fn confirm_request(
        &self,
        admin: &AdminSession,
        driver_id: i64,
        id: &str,
        context: &RequestContext,
    ) -> Result<GiftRequest, Error> {
        retry_on_change("confirm_request", TRIES, (), |()| async move {
            let request = self.decidable(admin, driver_id, id).await?;
            match &request.decision {
                Some(decision) if decision.confirmed => return Ok(Tried::Done(request)),
                Some(_) => return Err(Error::Conflict(Conflict::RequestDecided)),
                None => {}
            }
            let holder = self.store.holder(driver_id, &[]).await?;
            if !holder.is_known {
                return Err(Error::NotFound);
            }
            let (before, now_ms) = (holder.subscription, self.clock.now_ms());
            let order = SubscriptionOrder { wish: request.wish, reason: request.reason.clone(), key: String::new() };
            let (after, entry) = order.change(&before, id, now_ms)?;
            let entry = entry.by(request.asked_by.clone(), &request.reason);
            let decided = request.decided(true, admin.actor(), now_ms, None);
            let audit = self.of_request(&request, "confirmed", admin.actor(), context);
            let audit =
                audit.fact("seconds", entry.seconds).changing(subscription_json(&before), subscription_json(&after));
            let change = (&before, &after, &entry);
            let write = self.store.change_subscription(driver_id, change, Some(id), Some(&decided), &audit);
            if Box::pin(write).await? {
                self.hint(id, &[GIFT]).await;
                return Ok(Tried::Done(decided));
            }
            Ok(Tried::Changed(()))
        })
        .await
    }

    /// Declines a request. Idempotent.
    ///
    /// # Errors
    /// The request does not exist, it was confirmed, it is the admin's own, or the store does not answer.
    pub async fn decline_request(
        &self,
        admin: &AdminSession,
        driver_id: i64,
        id: &str,
        reason: &str,
        context: &RequestContext,
    ) -> Result<GiftRequest, Error> {
        retry_on_change("decline_request", TRIES, (), |()| async move {
            let request = self.decidable(admin, driver_id, id).await?;
            match &request.decision {
                Some(decision) if !decision.confirmed => return Ok(Tried::Done(request)),
                Some(_) => return Err(Error::Conflict(Conflict::RequestDecided)),
                None => {}
            }
            let decided = request.decided(false, admin.actor(), self.clock.now_ms(), Some(reason.to_owned()));
            let audit = self.of_request(&request, "declined", admin.actor(), context).fact("declined_for", reason);
            if self.store.decide_gift_request(&decided, &audit).await? {
                return Ok(Tried::Done(decided));
            }
            Ok(Tried::Changed(()))
        })
        .await
    }
}
