//! Differences between the provider's records and ours: one row per difference, however often it is found.
use ::store::{
    Attributes, Condition, Item, Outcome, StoreError, Transacted, Transaction, Update, listed::Selection, n, s,
};

use super::{
    Store,
    keys::{self, List},
};
use crate::{
    audit::AuditRow,
    billing::difference::{Difference, Resolution, Subject},
};

/// Attempts if concurrent changes win.
const TRIES: usize = 3;

/// The result of recording a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordedDifference {
    /// It is new, or something else differs now.
    New,
    /// It is already known.
    Known,
}

/// The result of resolving a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// It was recorded.
    Done,
    /// A concurrent change won.
    Conflict,
}

/// A page of differences, newest first.
#[derive(Debug, Default)]
pub struct DifferencePage {
    /// The differences.
    pub items: Vec<Difference>,
    /// Cursor of the next page; `None` on the last page.
    pub cursor: Option<String>,
}

fn item(difference: &Difference) -> Result<Item, StoreError> {
    let mut item = Item::from([
        ("id".to_owned(), s(&difference.id)),
        ("what".to_owned(), s(difference.what.as_str())),
        ("yookassa_id".to_owned(), s(&difference.provider_id)),
        ("reason".to_owned(), s(&difference.reason)),
        ("found_at_ms".to_owned(), n(difference.found_at_ms)),
        ("seen_at_ms".to_owned(), n(difference.seen_at_ms)),
        ("met".to_owned(), n(difference.met)),
        ("version".to_owned(), n(difference.version)),
    ]);
    if let Some(payment_id) = &difference.payment_id {
        item.insert("payment_id".to_owned(), s(payment_id));
    }
    if let Some(resolution) = &difference.resolved {
        let json = serde_json::to_string(resolution).map_err(|_| StoreError::malformed("difference", "resolved"))?;
        item.insert("resolved".to_owned(), s(json));
    }
    let list = List::Differences { resolved: difference.resolved.is_some() };
    item.extend(list.place(difference.found_at_ms, &difference.id));
    Ok(item)
}

fn read(item: &Item) -> Option<Difference> {
    let text = |name: &str| item.text(name).map(str::to_owned);
    Some(Difference {
        id: text("id")?,
        what: if item.text("what")? == Subject::Refund.as_str() { Subject::Refund } else { Subject::Payment },
        provider_id: text("yookassa_id")?,
        payment_id: text("payment_id"),
        reason: text("reason")?,
        found_at_ms: item.number("found_at_ms")?,
        seen_at_ms: item.number("seen_at_ms")?,
        met: item.number("met").unwrap_or(1),
        resolved: item.text("resolved").and_then(|json| serde_json::from_str::<Resolution>(json).ok()),
        version: item.number("version")?,
    })
}

impl Store {
    /// Records a difference, with an audit row if it is new. A known one only updates its last sighting. A resolved one
    /// reopens when something else differs.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn put_difference(&self, met: &Difference, audit: &AuditRow) -> Result<RecordedDifference, StoreError> {
        let key = keys::difference(&met.id);
        for attempt in 0..TRIES {
            let update = Update::default()
                .when(Condition::new("reason = :reason").value(":reason", s(&met.reason)))
                .set("seen_at_ms", n(met.seen_at_ms))
                .increase_from(1, "met", 1);
            let existing = match self.update("put_difference", &key, update).await? {
                Outcome::Done(_) if attempt == 0 => return Ok(RecordedDifference::Known),
                // This may be our own write whose response was lost. Reporting twice is better than never.
                Outcome::Done(_) => return Ok(RecordedDifference::New),
                Outcome::Refused(existing) => read(&existing),
            };
            let (difference, same) = match existing {
                None => (met.clone(), Condition::absent()),
                Some(before) => {
                    let same = Condition::new("version = :version").value(":version", n(before.version));
                    (Difference { version: before.version + 1, found_at_ms: before.found_at_ms, ..met.clone() }, same)
                }
            };
            let (audit_key, audit) = audit.item()?;
            let transaction = Transaction::default().put("difference", &key, item(&difference)?, Some(same)).put(
                "audit",
                &audit_key,
                audit,
                Some(Condition::absent()),
            );
            if let Transacted::Done = self.transact("put_difference", transaction).await? {
                return Ok(RecordedDifference::New);
            }
        }
        // Several callers compete, and one of them has recorded it.
        Ok(RecordedDifference::New)
    }

    /// A difference.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn difference(&self, id: &str) -> Result<Option<Difference>, StoreError> {
        let Some(item) = self.get_now("difference", &keys::difference(id)).await? else { return Ok(None) };
        read(&item).map(Some).ok_or_else(|| StoreError::malformed("difference", "id"))
    }

    /// A page of differences, newest first.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn find_differences(
        &self,
        resolved: bool,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<DifferencePage, StoreError> {
        let selection = Selection::newest(cursor, limit);
        let page = self.listed("find_differences", &List::Differences { resolved }.name(), &selection).await?;
        let is_meant = |difference: &Difference| difference.resolved.is_some() == resolved;
        Ok(DifferencePage { items: page.rows.iter().filter_map(read).filter(is_meant).collect(), cursor: page.cursor })
    }

    /// Records the resolution of a difference, if it is still as read.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn resolve_difference(&self, after: &Difference, audit: &AuditRow) -> Result<Resolved, StoreError> {
        let same = Condition::new("version = :version").value(":version", n(after.version - 1));
        let (audit_key, audit) = audit.item()?;
        let transaction = Transaction::default()
            .put("difference", &keys::difference(&after.id), item(after)?, Some(same))
            .put("audit", &audit_key, audit, Some(Condition::absent()));
        Ok(match self.transact("resolve_difference", transaction).await? {
            Transacted::Done => Resolved::Done,
            // The response to our first attempt was lost.
            Transacted::Refused(refused) if refused.at("difference").and_then(read).as_ref() == Some(after) => {
                Resolved::Done
            }
            Transacted::Refused(_) => Resolved::Conflict,
        })
    }
}
