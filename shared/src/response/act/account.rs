//! Audit rows of changes to a response.
use super::super::{Actor, Response, rivals::Rivals};
use crate::{audit::AuditRow, request::RequestContext, response::module};

/// The audit data of a change.
#[derive(Debug)]
pub struct Account {
    outcome: &'static str,
    facts: Vec<(&'static str, String)>,
}

impl Account {
    /// The change from `before` to `after`.
    pub fn of_step(before: &Response, after: &Response, by: &Actor) -> Self {
        Self::of_change(before, after, after.status.as_str(), by)
    }

    pub(super) fn of_change(before: &Response, after: &Response, outcome: &'static str, by: &Actor) -> Self {
        let mut account = Self::of(after, outcome, by);
        account.facts.push(("from", before.status.as_str().to_owned()));
        // A decision that proved the delivery makes two steps.
        let through = after.history.len().checked_sub(2).and_then(|at| after.history.get(at));
        if after.history.len() > before.history.len() + 1
            && let Some(step) = through
        {
            account.facts.push(("through", step.status.as_str().to_owned()));
        }
        account
    }

    /// An event of the response.
    pub fn of(response: &Response, outcome: &'static str, by: &Actor) -> Self {
        let mut facts = vec![
            ("response_id", response.id.clone()),
            ("driver_id", response.driver_id.to_string()),
            ("cargo_id", response.cargo.id.clone()),
            ("by", by.as_str().to_owned()),
        ];
        if let Actor::Dispatcher { id, .. } | Actor::Admin { id } = by {
            facts.push(("by_id", id.to_string()));
        }
        Self { outcome, facts }
    }

    /// Adds the rivals that the person saw when deciding.
    pub(super) fn beside(mut self, rivals: &Rivals) -> Self {
        let ids: Vec<_> = rivals.chosen.iter().map(|rival| rival.id.as_str()).collect();
        self.facts.push(("beside", ids.join(" ")));
        self
    }

    /// The audit row.
    pub fn row(&self, now_ms: i64, context: &RequestContext) -> AuditRow {
        let row = AuditRow::new(context, now_ms, module::RESPONSE_AUDIT, self.outcome);
        let id = self.facts.iter().find(|(name, _)| *name == "response_id").map_or("", |(_, id)| id.as_str());
        let row = row.about("response", id);
        self.facts.iter().fold(row, |row, (name, value)| row.fact(name, value))
    }
}
