//! Audit rows: written once, under a condition that nothing is there, and never changed or deleted.
use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    Item, Store, StoreError,
    keys::{Key, List},
    n, s,
};
use crate::audit::AuditRow;

impl AuditRow {
    /// Where it goes, and what is there then.
    pub(super) fn item(&self) -> Result<(Key, Item), StoreError> {
        let at = jiff::Timestamp::from_millisecond(self.at_ms)
            .map_err(|_| StoreError::malformed("put_audit", "at_ms"))?
            .to_string();
        let facts = self.facts.iter().map(|(name, value)| ((*name).to_owned(), s(value))).collect();
        let mut item = Item::from([
            ("id".to_owned(), s(&self.id)),
            ("at_ms".to_owned(), n(self.at_ms)),
            ("kind".to_owned(), s(self.kind)),
            ("outcome".to_owned(), s(&self.outcome)),
            ("request_id".to_owned(), s(&self.request_id)),
            ("facts".to_owned(), AttributeValue::M(facts)),
        ]);
        let texts = [("address", &self.address), ("user_agent", &self.user_agent), ("target", &self.target)];
        item.extend(texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), s(text.as_ref()?)))));
        if let Some(actor) = &self.actor {
            item.insert("actor_id".to_owned(), n(actor.id));
            item.insert("actor_name".to_owned(), s(&actor.name));
        }
        if let Some((before, after)) = &self.change {
            item.insert("before".to_owned(), s(before.to_string()));
            item.insert("after".to_owned(), s(after.to_string()));
        }
        if let Some(driver_id) = self.driver_id() {
            item.extend(List::AuditOfDriver(driver_id).place(self.at_ms, &self.id));
        }
        let key = Key::audit(at.get(..10).unwrap_or_default(), &at, &self.id);
        Ok((key, item))
    }
}

impl Store {
    /// Writes the row.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn put_audit(&self, row: &AuditRow) -> Result<(), StoreError> {
        let (key, item) = row.item()?;
        let put = self
            .client
            .put_item()
            .table_name(self.table(key.table))
            .set_item(Some(item.into_iter().chain(key.attributes()).collect()))
            .condition_expression("attribute_not_exists(pk)");
        match self.call("put_audit", key.table, put.send()).await? {
            Ok(_) => Ok(()),
            // It is there: a row that is written once an hour, or the answer to our own first try was lost.
            Err(failed)
                if failed.error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) =>
            {
                Ok(())
            }
            Err(failed) => Err(failed.into()),
        }
    }
}
