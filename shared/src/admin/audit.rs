//! The audit log as admins look through it.
use std::collections::BTreeMap;

use serde_json::Value;

use crate::{app::App, audit::Actor, error::Error};

/// How many characters of an id lists show.
const SHOWN: usize = 8;

/// Which rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Of this kind.
    pub kind: Option<String>,
    /// That ended so.
    pub outcome: Option<String>,
    /// Done by this admin.
    pub actor_id: Option<i64>,
    /// That concern this driver.
    pub driver_id: Option<i64>,
    /// Done to what begins so: `payment/` is any payment.
    pub target: Option<String>,
    /// That this request led to; or a request or a row whose id begins so.
    pub request_id: Option<String>,
    /// That people did, not the product itself.
    pub people: bool,
    /// At or after it, milliseconds.
    pub from_ms: Option<i64>,
    /// Before it, milliseconds.
    pub until_ms: Option<i64>,
}

impl AuditFilter {
    /// Whether the row is among them.
    pub fn takes(&self, row: &KeptAudit) -> bool {
        self.kind.as_ref().is_none_or(|kind| row.kind == *kind)
            && self.outcome.as_ref().is_none_or(|outcome| row.outcome == *outcome)
            && self.actor_id.is_none_or(|id| row.actor.as_ref().is_some_and(|actor| actor.id == id))
            && self.driver_id.is_none_or(|id| row.driver_id == Some(id))
            && self.target.as_ref().is_none_or(|target| row.target.as_ref().is_some_and(|is| is.starts_with(target)))
            && self.request_id.as_ref().is_none_or(|id| row.request_id.starts_with(id) || row.id.starts_with(id))
            && (!self.people || row.is_by_people())
            && self.from_ms.is_none_or(|from| row.at_ms >= from)
            && self.until_ms.is_none_or(|until| row.at_ms < until)
    }
}

/// A row of the log, as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptAudit {
    /// Unique among the rows.
    pub id: String,
    /// When, milliseconds since 1970-01-01 UTC.
    pub at_ms: i64,
    /// What kind of thing.
    pub kind: String,
    /// How it ended.
    pub outcome: String,
    /// The request that it belongs to.
    pub request_id: String,
    /// The admin who did it.
    pub actor: Option<Actor>,
    /// What it was done to.
    pub target: Option<String>,
    /// Whom it concerns.
    pub driver_id: Option<i64>,
    /// The address that an admin's request came from.
    pub address: Option<String>,
    /// What it says that it was made with.
    pub user_agent: Option<String>,
    /// Further facts.
    pub facts: BTreeMap<String, String>,
    /// What stood there before.
    pub before: Option<Value>,
    /// What stood there after.
    pub after: Option<Value>,
}

/// What drivers alone do: rows of these kinds and outcomes; without an outcome any.
pub(crate) const BY_DRIVERS: [(&str, Option<&str>); 3] =
    [("access_link", None), ("payment", Some("created")), ("promo_code", Some("redeemed"))];

impl KeptAudit {
    /// Who did it, when it was no admin: `dispatcher`, `shipper`, `driver`.
    pub fn done_by(&self) -> Option<&str> {
        let is_drivers = |(kind, outcome): &(&str, Option<&str>)| {
            self.kind == *kind && outcome.is_none_or(|outcome| self.outcome == outcome)
        };
        let by = self.facts.get("by").map(String::as_str).filter(|by| *by != "system");
        by.or_else(|| BY_DRIVERS.iter().any(is_drivers).then_some("driver"))
    }

    /// Whether somebody did it, not the product itself.
    pub fn is_by_people(&self) -> bool {
        self.actor.is_some() || self.done_by().is_some()
    }
}

/// A page of the log, the newest first.
#[derive(Debug, Default)]
pub struct AuditPage {
    /// The rows.
    pub items: Vec<KeptAudit>,
    /// Where the next page goes on; `None` when there is nothing more.
    pub cursor: Option<String>,
    /// How far back was looked, milliseconds: a page of few that fit may end before it is full.
    pub reached_ms: Option<i64>,
}

impl App {
    /// A page of the log. By request or by driver it takes two or six store calls, else at most
    /// ten, and one more by the beginning of an id.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn find_audit(
        &self,
        filter: &AuditFilter,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<AuditPage, Error> {
        if let (Some(request_id), None) = (&filter.request_id, cursor) {
            let mut items = self.store.audit_of_request(request_id).await?;
            items.retain(|row| filter.takes(row));
            // The list shows the first characters alone: by those the log is looked through.
            if !items.is_empty() || request_id.len() < SHOWN {
                return Ok(AuditPage { items, ..AuditPage::default() });
            }
        }
        match filter.driver_id {
            Some(driver_id) => Ok(self.store.audit_of_driver(driver_id, filter, cursor, limit).await?),
            None => Ok(self.store.audit(filter, cursor, limit, self.clock.now_ms()).await?),
        }
    }
}
