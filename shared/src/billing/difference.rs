//! Differences between the provider's records and ours that no rule resolves. An admin looks into them.
use serde::{Deserialize, Serialize};

use super::Billing;
use crate::{
    audit::AuditRow,
    auth::admin::AdminSession,
    billing::module,
    clock::moscow_day,
    error::{Conflict, Error},
    request::RequestContext,
    store::differences::{DifferencePage, RecordedDifference, Resolved},
    telemetry::{self, Metric},
};

/// What a difference is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A payment.
    Payment,
    /// A refund.
    Refund,
}

impl Subject {
    /// The name in the API and the audit log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Refund => "refund",
        }
    }
}

/// The resolution of a difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// The admin's Telegram id.
    pub by: i64,
    /// The admin's name.
    pub name: String,
    /// What was done.
    pub note: String,
    /// Time in milliseconds.
    pub at_ms: i64,
}

/// A stored difference. There is one per object at the provider, however often it is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Derived from its subject.
    pub id: String,
    /// The subject.
    pub what: Subject,
    /// The provider's id, or ours if it has none.
    pub provider_id: String,
    /// Our payment, when there is one.
    pub payment_id: Option<String>,
    /// What differs.
    pub reason: String,
    /// When it was first found, milliseconds.
    pub found_at_ms: i64,
    /// When it was last found, milliseconds.
    pub seen_at_ms: i64,
    /// How often it was found.
    pub met: i64,
    /// The resolution, if any.
    pub resolved: Option<Resolution>,
    /// The version. Finding it again does not change it.
    pub version: i64,
}

impl Difference {
    /// A newly found difference.
    pub fn new(what: Subject, provider_id: &str, payment_id: Option<&str>, reason: &str, now_ms: i64) -> Self {
        Self {
            id: format!("{}-{provider_id}", what.as_str()),
            what,
            provider_id: provider_id.to_owned(),
            payment_id: payment_id.map(str::to_owned),
            reason: reason.to_owned(),
            found_at_ms: now_ms,
            seen_at_ms: now_ms,
            met: 1,
            resolved: None,
            version: 1,
        }
    }

    /// Merges all equal differences of its day into one with the first one's id, because anybody can invent ids.
    pub fn merged_by_day(self) -> Self {
        Self { id: format!("{}-of-{}", self.what.as_str(), moscow_day(self.found_at_ms)), ..self }
    }
}

/// A difference to record.
pub(super) struct NewDifference<'a> {
    what: Subject,
    provider_id: &'a str,
    payment_id: Option<&'a str>,
    reason: &'a str,
    metric: Metric,
}

impl<'a> NewDifference<'a> {
    pub(super) fn payment(provider_id: &'a str, payment_id: Option<&'a str>, reason: &'a str, metric: Metric) -> Self {
        Self { what: Subject::Payment, provider_id, payment_id, reason, metric }
    }

    pub(super) fn refund(provider_id: &'a str, payment_id: Option<&'a str>, reason: &'a str, metric: Metric) -> Self {
        Self { what: Subject::Refund, provider_id, payment_id, reason, metric }
    }
}

impl Billing<'_> {
    /// A page of open or of resolved differences, newest first.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn differences(
        &self,
        resolved: bool,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<DifferencePage, Error> {
        Ok(self.store.find_differences(resolved, cursor, limit).await?)
    }

    /// Marks a difference as resolved. It reopens if something else differs.
    ///
    /// # Errors
    /// There is no such difference, it is already resolved, or the store does not answer.
    pub async fn resolve_difference(
        &self,
        admin: &AdminSession,
        id: &str,
        note: &str,
        context: &RequestContext,
    ) -> Result<Difference, Error> {
        let before = self.store.difference(id).await?.ok_or(Error::NotFound)?;
        if before.resolved.is_some() {
            return Err(Error::Conflict(Conflict::DifferenceResolved));
        }
        let actor = admin.actor();
        let at_ms = self.clock.now_ms();
        let resolution = Resolution { by: actor.id, name: actor.name.clone(), note: note.to_owned(), at_ms };
        let audit =
            AuditRow::new(context, at_ms, module::DIFFERENCE_AUDIT, "resolved").by(actor).about("difference", id);
        let audit = audit.fact("reason", &before.reason).fact("note", note);
        let after = Difference { resolved: Some(resolution), version: before.version + 1, ..before };
        match self.store.resolve_difference(&after, &audit).await? {
            Resolved::Done => Ok(after),
            Resolved::Conflict => Err(Error::Conflict(Conflict::DifferenceResolved)),
        }
    }

    /// The reason for notifications about something the provider does not know. Only these can be forged.
    pub(super) fn forgeable_reason(&self) -> String {
        format!("not {}'s", self.provider.name())
    }

    /// Records a difference that fits no rule. However often it is found, it is one row, counted when it is new.
    pub(super) async fn record_difference(&self, new: &NewDifference<'_>, context: &RequestContext) {
        let NewDifference { what, provider_id, payment_id, reason, metric } = *new;
        let now_ms = self.clock.now_ms();
        let row = AuditRow::new(context, now_ms, module::SETTLEMENT_AUDIT, "put_aside");
        let row = row.fact("what", what.as_str()).fact("yookassa_id", provider_id).fact("reason", reason);
        let difference = Difference::new(what, provider_id, payment_id, reason, now_ms);
        let difference = if reason == self.forgeable_reason() { difference.merged_by_day() } else { difference };
        match self.store.put_difference(&difference, &row).await {
            Ok(RecordedDifference::Known) => {}
            Ok(RecordedDifference::New) => {
                tracing::error!(
                    what = what.as_str(),
                    provider_id,
                    reason,
                    "what the provider tells of does not fit our rows"
                );
                telemetry::count(metric);
            }
            Err(error) => {
                tracing::error!(%error, ?row, "what does not fit our rows could not be written down");
                telemetry::count(metric);
            }
        }
    }
}
