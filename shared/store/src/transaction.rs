//! Transactions: several writes that succeed or fail together. A failure names the conditions that failed.
use std::time::Duration;

use aws_sdk_dynamodb::{
    error::BuildError,
    operation::transact_write_items::TransactWriteItemsError,
    types::{self, CancellationReason, ConditionCheck, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem},
};
use tokio::time::sleep;

use crate::{
    Engine, Item, StoreError,
    expression::{Condition, Expressions, Update},
    key::{Key, Table},
};

/// Attempts of a transaction that conflicts with another one.
const ATTEMPTS: u32 = 12;
/// The pause before the second attempt. Each later pause doubles, up to `LONGEST_PAUSE_MS`, and half of it is random.
const PAUSE_MS: u64 = 25;
/// Many may write one item at once, such as a popular cargo or a day's counters. The last attempt starts about four
/// seconds after the first.
const LONGEST_PAUSE_MS: u64 = 500;

/// The result of a transaction.
#[derive(Debug)]
pub enum Transacted {
    /// All of it was written.
    Done,
    /// A condition failed, so nothing was written.
    Refused(Refused),
}

/// The writes whose conditions failed, by name, each with the existing item, empty if there is none.
#[derive(Debug)]
pub struct Refused(Vec<(&'static str, Item)>);

impl Refused {
    /// DynamoDB returns one reason per write, in order.
    fn new(names: &[&'static str], reasons: &[CancellationReason]) -> Self {
        let failed = names.iter().zip(reasons).filter(|(_, reason)| is_refusal(reason));
        Self(failed.map(|(name, reason)| (*name, reason.item().cloned().unwrap_or_default())).collect())
    }

    /// The existing item at the key of the write with this name; `None` when its condition did not fail.
    pub fn at(&self, name: &str) -> Option<&Item> {
        self.0.iter().find(|(failed, _)| *failed == name).map(|(_, existing)| existing)
    }
}

/// The writes of a transaction, in order.
#[derive(Clone, Debug, Default)]
pub struct Transaction(Vec<Write>);

/// One write of a transaction.
#[derive(Clone, Debug)]
struct Write {
    name: &'static str,
    key: Key,
    action: Action,
}

/// The kind of write.
#[derive(Clone, Debug)]
enum Action {
    Put(Item, Condition),
    Check(Condition),
    Update(Update),
}

impl Transaction {
    /// Puts `item` if `condition` holds for the existing item.
    pub fn put(self, name: &'static str, key: &Key, item: Item, condition: Option<Condition>) -> Self {
        self.with(name, key, Action::Put(item, condition.unwrap_or_default()))
    }

    /// Writes nothing, but fails the transaction unless the condition holds.
    pub fn check(self, name: &'static str, key: &Key, condition: Condition) -> Self {
        self.with(name, key, Action::Check(condition))
    }

    /// Updates the item at `key`.
    pub fn update(self, name: &'static str, key: &Key, update: Update) -> Self {
        self.with(name, key, Action::Update(update))
    }

    /// The number of writes.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    fn with(mut self, name: &'static str, key: &Key, action: Action) -> Self {
        self.0.push(Write { name, key: key.clone(), action });
        self
    }
}

impl Write {
    /// The write in the SDK's form.
    fn into_item(self, table: &str) -> Result<TransactWriteItem, BuildError> {
        let existing = ReturnValuesOnConditionCheckFailure::AllOld;
        let key = self.key.attributes();
        let item = TransactWriteItem::builder();
        let item = match self.action {
            Action::Put(row, condition) => {
                let Expressions { condition, names, values, .. } = condition.build();
                let put = Put::builder()
                    .table_name(table)
                    .set_item(Some(row.into_iter().chain(key).collect()))
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(existing);
                item.put(put.build()?)
            }
            Action::Check(condition) => {
                let Expressions { condition, names, values, .. } = condition.build();
                let check = ConditionCheck::builder()
                    .table_name(table)
                    .set_key(Some(key))
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(existing);
                item.condition_check(check.build()?)
            }
            Action::Update(update) => {
                let Expressions { update, condition, names, values } = update.build();
                let update = types::Update::builder()
                    .table_name(table)
                    .set_key(Some(key))
                    .update_expression(update)
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(existing);
                item.update(update.build()?)
            }
        };
        Ok(item.build())
    }
}

impl Engine {
    /// Executes the transaction. Retries after a pause if it conflicts with another transaction.
    pub async fn transact(&self, operation: &'static str, transaction: Transaction) -> Result<Transacted, StoreError> {
        let names: Vec<_> = transaction.0.iter().map(|write| write.name).collect();
        let built = |write: Write| {
            let (name, table) = (write.name, self.table(write.key.table));
            write.into_item(table).map_err(|_| StoreError::malformed(operation, name))
        };
        let items = transaction.0.into_iter().map(built).collect::<Result<Vec<_>, _>>()?;
        let mut attempt = 1;
        loop {
            let write = self.client.transact_write_items().set_transact_items(Some(items.clone()));
            let failed = match self.call(operation, Table::App, write.send()).await? {
                Ok(_) => return Ok(Transacted::Done),
                Err(failed) => failed,
            };
            let (again, is_contended) = match failed.error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
                    let reasons = canceled.cancellation_reasons();
                    let is_refused = reasons.iter().any(is_refusal);
                    let meets_another = reasons.iter().any(|reason| reason.code() == Some("TransactionConflict"));
                    // Alongside a conflict, a failed condition is only half of the answer: DynamoDB did not check the
                    // other writes.
                    if is_refused && (!meets_another || attempt == ATTEMPTS) {
                        return Ok(Transacted::Refused(Refused::new(&names, reasons)));
                    }
                    (is_refused || reasons.iter().all(passes), meets_another)
                }
                Some(TransactWriteItemsError::TransactionInProgressException(_)) => (true, true),
                _ => (false, false),
            };
            if !again {
                return Err(failed.into());
            }
            if attempt == ATTEMPTS {
                return Err(if is_contended { StoreError::contended(operation) } else { failed.into() });
            }
            let pause = (PAUSE_MS << (attempt - 1)).min(LONGEST_PAUSE_MS);
            let chance = u64::from(uuid::Uuid::new_v4().as_fields().0) % pause;
            sleep(Duration::from_millis(pause / 2 + chance)).await;
            attempt += 1;
        }
    }
}

fn is_refusal(reason: &CancellationReason) -> bool {
    reason.code() == Some("ConditionalCheckFailed")
}

/// Whether the reason is transient.
fn passes(reason: &CancellationReason) -> bool {
    matches!(
        reason.code(),
        None | Some("None" | "TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{n, s};

    fn alone(pk: &str) -> Key {
        Key::alone(Table::App, pk.to_owned())
    }

    fn session() -> Key {
        Key::of_driver(Table::App, 7, "SESSION")
    }

    fn reason(code: &str, existing: Option<Item>) -> CancellationReason {
        CancellationReason::builder().code(code).set_item(existing).build()
    }

    #[test]
    fn a_refusal_tells_which_writes_failed_and_what_exists_there() {
        let row = Item::from([("id".to_owned(), s("a"))]);
        let names = ["payment", "audit", "ledger", "counter", "counter"];
        let reasons = [
            reason("None", None),
            reason("ConditionalCheckFailed", None),
            reason("ConditionalCheckFailed", Some(row.clone())),
            reason("None", None),
            reason("TransactionConflict", None),
        ];
        let refused = Refused::new(&names, &reasons);
        assert_eq!(refused.at("payment"), None);
        assert_eq!(refused.at("audit"), Some(&Item::new()), "nothing exists there, and its condition failed");
        assert_eq!(refused.at("ledger"), Some(&row));
        assert_eq!(refused.at("counter"), None, "a conflict is no refusal");
        assert_eq!(refused.at("subscription"), None);
    }

    #[test]
    fn a_name_that_several_writes_share_is_that_of_the_first_that_failed() {
        let row = |id: &str| Item::from([("id".to_owned(), s(id))]);
        let failed = |id| reason("ConditionalCheckFailed", Some(row(id)));
        let refused = Refused::new(&["entry", "entry", "entry"], &[reason("None", None), failed("b"), failed("c")]);
        assert_eq!(refused.at("entry"), Some(&row("b")));
    }

    #[test]
    fn writes_keep_their_order_and_each_is_built_for_its_own_key() {
        let payment = alone("PAYMENT#p");
        let transaction = Transaction::default()
            .put("payment", &payment, Item::from([("version".to_owned(), n(2))]), None)
            .check("session", &session(), Condition::new("session_id = :id").value(":id", s("p")))
            .update("bucket", &Key::alone(Table::Cache, "ORDERING#7".to_owned()), Update::default().set("tat", n(5)));
        let names: Vec<_> = transaction.0.iter().map(|write| (write.name, write.key.table)).collect();
        assert_eq!(names, [("payment", Table::App), ("session", Table::App), ("bucket", Table::Cache)]);

        let items: Vec<_> = transaction.0.into_iter().map(|write| write.into_item("t").unwrap()).collect();
        let put = items[0].put().unwrap();
        assert_eq!((put.table_name(), put.condition_expression()), ("t", None));
        assert_eq!(put.item().get("pk"), payment.attributes().get("pk"));
        assert_eq!(put.item().get("version"), Some(&n(2)));
        assert_eq!(put.return_values_on_condition_check_failure(), Some(&ReturnValuesOnConditionCheckFailure::AllOld));
        let check = items[1].condition_check().unwrap();
        assert_eq!((check.key(), check.condition_expression()), (&session().attributes(), "session_id = :id"));
        assert_eq!(check.expression_attribute_values().map(Item::len), Some(1));
        let update = items[2].update().unwrap();
        assert_eq!((update.update_expression(), update.condition_expression()), ("SET #u0 = :u0", None));
        assert_eq!(update.expression_attribute_values(), Some(&Item::from([(":u0".to_owned(), n(5))])));
    }

    #[test]
    fn a_check_without_a_condition_is_none() {
        let check = Transaction::default().check("session", &session(), Condition::default());
        assert!(check.0.into_iter().all(|write| write.into_item("t").is_err()));
    }
}
