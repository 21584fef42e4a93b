//! Audit rows: written once, under a condition that nothing is there, and never changed or deleted.
use aws_sdk_dynamodb::types::AttributeValue;

use super::{Item, Store, StoreError, keys::Key, n, s};

/// One thing that happened and that somebody may ask about later. It holds ids, no names and no secrets.
#[derive(Clone, Debug)]
pub struct AuditRow<'a> {
    /// Unique among the rows.
    pub id: &'a str,
    /// When, milliseconds since 1970-01-01 UTC.
    pub at_ms: i64,
    /// What kind of thing, such as `cargotech_login`.
    pub kind: &'a str,
    /// How it ended, such as `ok`.
    pub outcome: &'a str,
    /// The request that it belongs to.
    pub request_id: &'a str,
    /// Further facts, each a name and a text.
    pub facts: &'a [(&'a str, String)],
}

impl AuditRow<'_> {
    /// Where it goes, and what is there then.
    pub(super) fn item(&self) -> Result<(Key, Item), StoreError> {
        let at = jiff::Timestamp::from_millisecond(self.at_ms)
            .map_err(|_| StoreError::malformed("put_audit", "at_ms"))?
            .to_string();
        let facts = self.facts.iter().map(|(name, value)| ((*name).to_owned(), s(value))).collect();
        let item = [
            ("at_ms", n(self.at_ms)),
            ("kind", s(self.kind)),
            ("outcome", s(self.outcome)),
            ("request_id", s(self.request_id)),
            ("facts", AttributeValue::M(facts)),
        ];
        let key = Key::audit(at.get(..10).unwrap_or_default(), &at, self.id);
        Ok((key, item.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()))
    }
}

impl Store {
    /// Writes the row.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn put_audit(&self, row: &AuditRow<'_>) -> Result<(), StoreError> {
        let (key, item) = row.item()?;
        let put = self
            .client
            .put_item()
            .table_name(self.table(key.table))
            .set_item(Some(item.into_iter().chain(key.attributes()).collect()))
            .condition_expression("attribute_not_exists(pk)");
        self.call("put_audit", key.table, put.send()).await??;
        Ok(())
    }
}
