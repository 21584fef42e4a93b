//! Gifts that await an owner. A request moves from the list of open ones to the list of decided ones.
use std::collections::BTreeMap;

use ::store::{Condition, Item, StoreError, Transacted, Transaction, listed::Selection, n, s};

use super::{
    Store,
    billing::{body, json},
    keys::{self, List},
};
use crate::{admin::requests::GiftRequest, audit::AuditRow};

/// A page of requests, newest first.
#[derive(Debug, Default)]
pub struct RequestPage {
    /// The requests.
    pub items: Vec<GiftRequest>,
    /// First and last names of the receiving drivers.
    pub names: BTreeMap<i64, String>,
    /// Cursor of the next page; `None` on the last page.
    pub cursor: Option<String>,
}

fn item(request: &GiftRequest) -> Result<Item, StoreError> {
    let mut item = Item::from([
        ("body".to_owned(), s(json(request)?)),
        ("driver_id".to_owned(), n(request.driver_id)),
        ("is_decided".to_owned(), n(i64::from(request.decision.is_some()))),
    ]);
    let at_ms = request.decision.as_ref().map_or(request.asked_at_ms, |decision| decision.at_ms);
    item.extend(List::GiftRequests { decided: request.decision.is_some() }.place(at_ms, &request.id));
    Ok(item)
}

/// Adds the decision on an open request to the transaction of its effect.
pub(super) fn decide(transaction: Transaction, decided: &GiftRequest) -> Result<Transaction, StoreError> {
    let waits = Condition::new("is_decided = :no").value(":no", n(0));
    Ok(transaction.put("request", &keys::gift_request(decided.driver_id, &decided.id), item(decided)?, Some(waits)))
}

impl Store {
    /// Stores a request. If one with its id exists, returns that instead.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn put_gift_request(
        &self,
        request: &GiftRequest,
        audit: &AuditRow,
    ) -> Result<Option<GiftRequest>, StoreError> {
        let key = keys::gift_request(request.driver_id, &request.id);
        let (audit_key, audit) = audit.item()?;
        let transaction = Transaction::default().put("request", &key, item(request)?, Some(Condition::absent())).put(
            "audit",
            &audit_key,
            audit,
            Some(Condition::absent()),
        );
        match self.transact("put_gift_request", transaction).await? {
            Transacted::Done => Ok(None),
            Transacted::Refused(refused) => {
                let existing = refused.at("request").and_then(body);
                existing.map(Some).ok_or_else(|| StoreError::malformed("gift_request", "body"))
            }
        }
    }

    /// A request.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn gift_request(&self, driver_id: i64, id: &str) -> Result<Option<GiftRequest>, StoreError> {
        let Some(item) = self.get_now("gift_request", &keys::gift_request(driver_id, id)).await? else {
            return Ok(None);
        };
        body(&item).map(Some).ok_or_else(|| StoreError::malformed("gift_request", "body"))
    }

    /// Puts on record that a request was declined; `false` when it does not wait any more.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn decide_gift_request(&self, decided: &GiftRequest, audit: &AuditRow) -> Result<bool, StoreError> {
        let (audit_key, audit) = audit.item()?;
        let transaction = decide(Transaction::default(), decided)?;
        let transaction = transaction.put("audit", &audit_key, audit, Some(Condition::absent()));
        Ok(matches!(self.transact("decide_gift_request", transaction).await?, Transacted::Done))
    }

    /// A page of requests, the newest first, with the names of their drivers: one or two calls and those of a page.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn find_gift_requests(
        &self,
        decided: bool,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<RequestPage, StoreError> {
        let selection = Selection::newest(cursor, limit);
        let page = self.listed("gift_requests", &List::GiftRequests { decided }.name(), &selection).await?;
        let is_meant = |request: &GiftRequest| request.decision.is_some() == decided;
        let items: Vec<GiftRequest> = page.rows.iter().filter_map(body).filter(is_meant).collect();
        let mut ids: Vec<_> = items.iter().map(|request| request.driver_id).collect();
        ids.sort_unstable();
        ids.dedup();
        Ok(RequestPage { names: self.names(&ids).await?, items, cursor: page.cursor })
    }

    /// How many requests wait: a query.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn count_gift_requests(&self) -> Result<i64, StoreError> {
        let list = List::GiftRequests { decided: false };
        Ok(self.count_listed("count_gift_requests", &list.name(), None, None).await?.values().sum())
    }
}
