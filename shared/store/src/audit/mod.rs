//! The audit log: actions that someone may have to account for, recorded by id. A row is written once, with a condition
//! that it does not exist. No function may change or delete it.
use serde::{Deserialize, Serialize};
use serde_json::Value;

use kernel::request::RequestContext;

use crate::{Engine, RowKind};

pub mod log;

/// The row kind of audit rows.
pub const ROW: RowKind = RowKind::app("Audit");

/// The kind of an audit row. Each module declares its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditKind {
    name: &'static str,
    by_drivers: Option<ByDrivers>,
}

/// Which rows of a kind record drivers' own actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ByDrivers {
    All,
    EndedSo(&'static str),
}

impl AuditKind {
    /// A kind for actions of admins or the product, or of whoever the fact `by` names.
    pub const fn new(name: &'static str) -> Self {
        Self { name, by_drivers: None }
    }

    /// A kind for actions of drivers, unless the row names an admin.
    pub const fn of_drivers(name: &'static str) -> Self {
        Self { name, by_drivers: Some(ByDrivers::All) }
    }

    /// A kind whose rows record a driver's action if they have this outcome.
    pub const fn of_drivers_when(name: &'static str, outcome: &'static str) -> Self {
        Self { name, by_drivers: Some(ByDrivers::EndedSo(outcome)) }
    }

    /// The stored name, such as `cargotech_login`.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// The outcome that marks a driver's action. `Some(None)` means any outcome.
    fn outcome_by_drivers(self) -> Option<Option<&'static str>> {
        self.by_drivers.map(|by| match by {
            ByDrivers::All => None,
            ByDrivers::EndedSo(outcome) => Some(outcome),
        })
    }
}

/// The admin who acted, with their name at that time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Telegram user id.
    pub id: i64,
    /// First and last name.
    pub name: String,
}

/// An event that someone may ask about later. It contains no secrets, and only ids of drivers.
#[derive(Clone, Debug)]
pub struct AuditRow {
    /// Unique among the rows.
    pub id: String,
    /// When it happened, milliseconds since 1970-01-01 UTC.
    pub at_ms: i64,
    /// The audit kind.
    pub kind: AuditKind,
    /// The outcome, such as `ok`.
    pub outcome: String,
    /// The request that caused it.
    pub request_id: String,
    /// The IP address of an admin's request.
    pub address: Option<String>,
    /// The `User-Agent` header of an admin's request.
    pub user_agent: Option<String>,
    /// The admin who did it, if any.
    pub actor: Option<Actor>,
    /// The target, such as `payment/1c3f…`.
    pub target: Option<String>,
    /// Further facts, as names and values. `driver_id` is the driver concerned.
    pub facts: Vec<(&'static str, String)>,
    /// The values before and after the change.
    pub change: Option<(Value, Value)>,
    /// Whether one row represents all events of its hour.
    pub is_hourly: bool,
}

impl AuditRow {
    /// An event of this kind at `at_ms` with this outcome.
    pub fn new(context: &RequestContext, at_ms: i64, kind: AuditKind, outcome: impl Into<String>) -> Self {
        let caller = context.caller.as_ref();
        Self {
            id: uuid::Uuid::new_v4().to_string(),
            at_ms,
            kind,
            outcome: outcome.into(),
            request_id: context.request_id.clone(),
            address: caller.and_then(|caller| caller.address.clone()),
            user_agent: caller.and_then(|caller| caller.user_agent.clone()),
            actor: None,
            target: None,
            facts: Vec::new(),
            change: None,
            is_hourly: false,
        }
    }

    /// Adds a fact.
    pub fn fact(mut self, name: &'static str, value: impl ToString) -> Self {
        self.facts.push((name, value.to_string()));
        self
    }

    /// Sets the admin who did it.
    pub fn by(mut self, actor: Actor) -> Self {
        self.actor = Some(actor);
        self
    }

    /// Sets the target by kind and id.
    pub fn about(mut self, kind: &str, id: impl std::fmt::Display) -> Self {
        self.target = Some(format!("{kind}/{id}"));
        self
    }

    /// Sets the values before and after the change.
    pub fn changing(mut self, before: Value, after: Value) -> Self {
        self.change = Some((before, after));
        self
    }

    /// Records at most one row an hour for the same `who` and `what`. Their rows share a key, so later ones are not
    /// written.
    pub fn once_an_hour(mut self, who: i64, what: &str) -> Self {
        self.at_ms -= self.at_ms.rem_euclid(HOUR_MS);
        self.id = format!("{who}-{what}");
        self.is_hourly = true;
        self
    }

    /// The driver concerned.
    pub fn driver_id(&self) -> Option<&str> {
        self.facts.iter().find(|(name, _)| *name == "driver_id").map(|(_, id)| id.as_str())
    }
}

const HOUR_MS: i64 = 3_600_000;

/// Writes an audit row. If the store fails, the row is logged instead, and the audited action continues.
pub async fn write(store: &Engine, row: AuditRow) {
    if let Err(error) = store.put_audit(&row).await {
        tracing::error!(%error, ?row, "an audit row could not be stored");
    }
}
