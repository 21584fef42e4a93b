//! Several writes that happen together or not at all.
use std::{borrow::Cow, time::Duration};

use aws_sdk_dynamodb::{
    operation::transact_write_items::TransactWriteItemsError,
    types::{
        AttributeValue, CancellationReason, ConditionCheck, Put, ReturnValuesOnConditionCheckFailure,
        TransactWriteItem, Update,
    },
};
use tokio::time::sleep;

use super::{
    Item, Store, StoreError,
    keys::{Key, Table},
};

/// How often a transaction that met another one on the same item is tried.
const ATTEMPTS: u32 = 12;
/// The pause before the second attempt; each further one is twice as long, up to `LONGEST_PAUSE_MS`, and half of it is chance.
const PAUSE_MS: u64 = 25;
/// Many may want one item at once: a good cargo, the counters of a day. With it the last attempt is some four seconds after the first.
const LONGEST_PAUSE_MS: u64 = 500;

/// What a transaction met.
#[derive(Debug)]
pub(crate) enum Transacted {
    /// All of it was done.
    Done,
    /// Nothing was: a condition did not hold. For each write in turn, what stands at its key where its own condition
    /// failed: empty when nothing is there.
    Refused(Vec<Option<Item>>),
}

/// The writes of a transaction, in order.
#[derive(Debug, Default)]
pub(crate) struct Transaction(Vec<Result<TransactWriteItem, StoreError>>);

impl Transaction {
    /// Puts `item`, if `condition` holds for what is at its key.
    pub fn put(mut self, table: &str, key: &Key, item: Item, condition: Option<Condition>) -> Self {
        let put = Put::builder()
            .table_name(table)
            .set_item(Some(item.into_iter().chain(key.attributes()).collect()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .set_condition_expression(condition.as_ref().map(|condition| condition.expression.to_string()))
            .set_expression_attribute_names(condition.as_ref().and_then(Condition::names))
            .set_expression_attribute_values(condition.and_then(Condition::values))
            .build()
            .map(|put| TransactWriteItem::builder().put(put).build());
        self.0.push(put.map_err(|_| StoreError::malformed("transaction", "put")));
        self
    }

    /// Writes nothing, and holds everything else to the condition.
    pub fn check(mut self, table: &str, key: &Key, condition: Condition) -> Self {
        let check = ConditionCheck::builder()
            .table_name(table)
            .set_key(Some(key.attributes()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .condition_expression(condition.expression.clone())
            .set_expression_attribute_names(condition.names())
            .set_expression_attribute_values(condition.values())
            .build()
            .map(|check| TransactWriteItem::builder().condition_check(check).build());
        self.0.push(check.map_err(|_| StoreError::malformed("transaction", "check")));
        self
    }

    /// Updates the item at `key`.
    pub fn update(mut self, table: &str, key: &Key, expression: &str, condition: Condition) -> Self {
        let update = Update::builder()
            .table_name(table)
            .set_key(Some(key.attributes()))
            .update_expression(expression)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .set_condition_expression((!condition.expression.is_empty()).then(|| condition.expression.to_string()))
            .set_expression_attribute_names(condition.names())
            .set_expression_attribute_values(condition.values())
            .build()
            .map(|update| TransactWriteItem::builder().update(update).build());
        self.0.push(update.map_err(|_| StoreError::malformed("transaction", "update")));
        self
    }
}

/// A condition, with the names and values of its write's expressions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Condition {
    expression: Cow<'static, str>,
    names: Vec<(String, String)>,
    values: Vec<(String, AttributeValue)>,
}

impl Condition {
    pub fn new(expression: impl Into<Cow<'static, str>>) -> Self {
        Self { expression: expression.into(), ..Self::default() }
    }

    /// Nothing may be there yet.
    pub fn absent() -> Self {
        Self::new("attribute_not_exists(pk)")
    }

    /// The row is the one that was read with this version; 0 when there was none.
    pub fn version(version: i64) -> Self {
        match version {
            0 => Self::absent(),
            version => Self::new("version = :version").value(":version", AttributeValue::N(version.to_string())),
        }
    }

    pub fn name(mut self, placeholder: impl Into<String>, name: impl Into<String>) -> Self {
        self.names.push((placeholder.into(), name.into()));
        self
    }

    pub fn value(mut self, placeholder: impl Into<String>, value: AttributeValue) -> Self {
        self.values.push((placeholder.into(), value));
        self
    }

    fn names(&self) -> Option<std::collections::HashMap<String, String>> {
        Some(self.names.iter().cloned().collect()).filter(|names: &std::collections::HashMap<_, _>| !names.is_empty())
    }

    fn values(self) -> Option<Item> {
        Some(self.values.into_iter().collect()).filter(|values: &Item| !values.is_empty())
    }
}

impl Store {
    /// Does all of it or nothing. Who meets another transaction on the same item waits a moment and tries again.
    pub(crate) async fn transact(
        &self,
        operation: &'static str,
        transaction: Transaction,
    ) -> Result<Transacted, StoreError> {
        let items = transaction.0.into_iter().collect::<Result<Vec<_>, _>>()?;
        let mut attempt = 1;
        loop {
            let write = self.client.transact_write_items().set_transact_items(Some(items.clone()));
            let failed = match self.call(operation, Table::App, write.send()).await? {
                Ok(_) => return Ok(Transacted::Done),
                Err(failed) => failed,
            };
            let again = match failed.error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
                    let reasons = canceled.cancellation_reasons();
                    let is_refused = reasons.iter().any(|reason| reason.code() == Some("ConditionalCheckFailed"));
                    let meets_another = reasons.iter().any(|reason| reason.code() == Some("TransactionConflict"));
                    // Beside a conflict a refusal is only half of the answer: the other writes were not looked at.
                    if is_refused && (!meets_another || attempt == ATTEMPTS) {
                        return Ok(Transacted::Refused(reasons.iter().map(refused).collect()));
                    }
                    is_refused || reasons.iter().all(passes)
                }
                Some(TransactWriteItemsError::TransactionInProgressException(_)) => true,
                _ => false,
            };
            if !again || attempt == ATTEMPTS {
                return Err(failed.into());
            }
            let pause = (PAUSE_MS << (attempt - 1)).min(LONGEST_PAUSE_MS);
            let chance = u64::from(uuid::Uuid::new_v4().as_fields().0) % pause;
            sleep(Duration::from_millis(pause / 2 + chance)).await;
            attempt += 1;
        }
    }
}

fn refused(reason: &CancellationReason) -> Option<Item> {
    (reason.code() == Some("ConditionalCheckFailed")).then(|| reason.item().cloned().unwrap_or_default())
}

/// Whether it is something that passes by itself.
fn passes(reason: &CancellationReason) -> bool {
    matches!(
        reason.code(),
        None | Some("None" | "TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded")
    )
}
