//! The audit log: what somebody may have to account for, told in ids. A row is written once, under the condition that nothing
//! is there, and no function may change or delete it.
use serde::{Deserialize, Serialize};
use serde_json::Value;

use kernel::request::RequestContext;

use crate::{Engine, RowKind};

pub mod log;

/// Where audit rows are.
pub const ROW: RowKind = RowKind::app("Audit");

/// What kind of thing an audit row tells of. Each module declares its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditKind {
    name: &'static str,
    by_drivers: Option<ByDrivers>,
}

/// Which rows of a kind tell what drivers did themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ByDrivers {
    All,
    EndedSo(&'static str),
}

impl AuditKind {
    /// A kind that tells what admins or the product did, or whoever its fact `by` names.
    pub const fn new(name: &'static str) -> Self {
        Self { name, by_drivers: None }
    }

    /// A kind that tells what drivers did, unless the row names an admin.
    pub const fn of_drivers(name: &'static str) -> Self {
        Self { name, by_drivers: Some(ByDrivers::All) }
    }

    /// A kind whose rows tell what drivers did when they ended so.
    pub const fn of_drivers_when(name: &'static str, outcome: &'static str) -> Self {
        Self { name, by_drivers: Some(ByDrivers::EndedSo(outcome)) }
    }

    /// As rows have it, such as `cargotech_login`.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// With which outcome its rows tell what drivers did: `Some(None)` is any.
    fn outcome_by_drivers(self) -> Option<Option<&'static str>> {
        self.by_drivers.map(|by| match by {
            ByDrivers::All => None,
            ByDrivers::EndedSo(outcome) => Some(outcome),
        })
    }
}

/// The admin who did it, called as they were called then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Telegram's id.
    pub id: i64,
    /// First and last name.
    pub name: String,
}

/// One thing that happened and that somebody may ask about later. It holds no secrets, and of drivers nothing but ids.
#[derive(Clone, Debug)]
pub struct AuditRow {
    /// Unique among the rows.
    pub id: String,
    /// When, milliseconds since 1970-01-01 UTC.
    pub at_ms: i64,
    /// What kind of thing.
    pub kind: AuditKind,
    /// How it ended, such as `ok`.
    pub outcome: String,
    /// The request that it belongs to.
    pub request_id: String,
    /// The address that an admin's request came from.
    pub address: Option<String>,
    /// What an admin's request says that it was made with.
    pub user_agent: Option<String>,
    /// Who did it, when it was an admin.
    pub actor: Option<Actor>,
    /// What it was done to, such as `payment/1c3f…`.
    pub target: Option<String>,
    /// Further facts, each a name and a text. `driver_id` is whom it concerns.
    pub facts: Vec<(&'static str, String)>,
    /// What stood there before, and what stands there now.
    pub change: Option<(Value, Value)>,
    /// One row stands for all of its hour.
    pub is_hourly: bool,
}

impl AuditRow {
    /// That something of this kind ended so at `at_ms`.
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

    /// With a further fact.
    pub fn fact(mut self, name: &'static str, value: impl ToString) -> Self {
        self.facts.push((name, value.to_string()));
        self
    }

    /// Done by this admin.
    pub fn by(mut self, actor: Actor) -> Self {
        self.actor = Some(actor);
        self
    }

    /// Done to the thing of this kind that is called so.
    pub fn about(mut self, kind: &str, id: impl std::fmt::Display) -> Self {
        self.target = Some(format!("{kind}/{id}"));
        self
    }

    /// With what stood there before and what stands there now.
    pub fn changing(mut self, before: Value, after: Value) -> Self {
        self.change = Some((before, after));
        self
    }

    /// Counted once an hour for the same `who` and `what`: the row's place is then the same, and whoever comes second writes
    /// nothing.
    pub fn once_an_hour(mut self, who: i64, what: &str) -> Self {
        self.at_ms -= self.at_ms.rem_euclid(HOUR_MS);
        self.id = format!("{who}-{what}");
        self.is_hourly = true;
        self
    }

    /// The driver whom it concerns.
    pub fn driver_id(&self) -> Option<&str> {
        self.facts.iter().find(|(name, _)| *name == "driver_id").map(|(_, id)| id.as_str())
    }
}

const HOUR_MS: i64 = 3_600_000;

/// Writes one row. A store that refuses it is logged, with the row, and does not stop what is being audited.
pub async fn write(store: &Engine, row: AuditRow) {
    if let Err(error) = store.put_audit(&row).await {
        tracing::error!(%error, ?row, "an audit row could not be stored");
    }
}
