//! Exports everything stored about a driver, for those entitled to it.
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Map, Value, json};

use ::store::{Attributes, Item, StoreError, Table, listed::Selection, s};

use super::{
    Store,
    keys::{self, LISTED_PAYMENT},
};

/// The most rows of one kind in an export. No driver has more.
const MOST: usize = 2000;
/// Attributes left out: internal ones that say nothing of the driver, and secrets that would let a reader impersonate
/// them.
const LEFT_OUT: [&str; 12] = [
    "attempt",
    "claim",
    "due",
    "due_at",
    "init_data_hashes",
    "list",
    "listed_at",
    "pk",
    "session_id",
    "sk",
    "tat",
    "ttl",
];

impl Store {
    /// A driver's stored data: the rows under their id, their payments, and the audit rows that concern them.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn everything_of(&self, driver_id: i64) -> Result<Value, StoreError> {
        let own = self.partition_of(driver_id).await?;
        let listed = own.iter().filter(|row| row.text("sk").is_some_and(|sk| sk.starts_with(LISTED_PAYMENT)));
        let keys = listed.filter_map(|row| row.text("payment_id")).map(|id| keys::payment(id).attributes());
        let payments = self.get_many("export", keys.collect()).await?;
        let id = driver_id.to_string();
        let selection = Selection::newest(None, MOST);
        let audit = self.listed("export", &::store::audit::log::list_of(&id), &selection).await?;
        let all = |rows: &[Item]| rows.iter().map(shown).collect::<Vec<_>>();
        Ok(json!({ "driver_id": driver_id, "own": all(&own), "payments": all(&payments), "audit": all(&audit.rows) }))
    }

    async fn partition_of(&self, driver_id: i64) -> Result<Vec<Item>, StoreError> {
        let (mut rows, mut from) = (Vec::new(), None);
        while rows.len() < MOST {
            let query = self
                .client()
                .query()
                .table_name(self.table(Table::App))
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", s(keys::profile(driver_id).partition()))
                .set_exclusive_start_key(from.take())
                .consistent_read(true);
            let answer = self.call("export", Table::App, query.send()).await??;
            rows.extend(answer.items.unwrap_or_default());
            from = answer.last_evaluated_key;
            if from.is_none() {
                break;
            }
        }
        Ok(rows)
    }
}

/// A row as JSON under the name of its kind.
fn shown(row: &Item) -> Value {
    let mut fields: Map<String, Value> = row
        .iter()
        .filter(|(name, _)| !LEFT_OUT.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), json_of(value)))
        .collect();
    let kind = row.text("sk").and_then(|sk| sk.split('#').next()).filter(|kind| *kind != "-");
    let kind = kind.or_else(|| row.text("pk")?.split('#').next()).unwrap_or_default();
    fields.insert("row".to_owned(), json!(kind));
    Value::Object(fields)
}

fn json_of(value: &AttributeValue) -> Value {
    match value {
        // Bodies are JSON within a text.
        AttributeValue::S(text) if text.starts_with(['{', '[']) => {
            serde_json::from_str(text).unwrap_or_else(|_| json!(text))
        }
        AttributeValue::S(text) => json!(text),
        AttributeValue::N(number) => serde_json::from_str(number).unwrap_or_else(|_| json!(number)),
        AttributeValue::Bool(flag) => json!(flag),
        AttributeValue::Ss(texts) => json!(texts),
        AttributeValue::L(values) => values.iter().map(json_of).collect(),
        AttributeValue::M(fields) => {
            Value::Object(fields.iter().map(|(name, value)| (name.clone(), json_of(value))).collect())
        }
        _ => Value::Null,
    }
}
