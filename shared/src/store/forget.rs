//! Rows whose retention period has ended: personal data to remove and messages to delete. Both are in the index `due`.
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;

use ::store::{Attributes, Condition, Item, Key, Outcome, StoreError, Table, Update, n, s};

use outbox::ledger::FAILED;

use super::{
    Store,
    keys::{self},
    response,
};
use crate::{delivery::module::MESSAGE_MS, response::Response};

/// The `due` value of profiles and responses, with the time of the next check.
pub(super) const FORGET: &str = "FORGET";
pub(super) use outbox::ledger::DELETE;

/// A row whose retention period seems to have ended, from the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overdue {
    /// The id of a response or message.
    pub id: Option<String>,
    key: Key,
    due: &'static str,
    due_at_ms: i64,
}

/// The subject of the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// The driver with this id.
    Driver(i64),
    /// A response.
    Response(Box<Response>),
}

fn read_overdue(places: &[Item], due: &'static str) -> Vec<Overdue> {
    let id = |place: &Item| place.text("id").map(str::to_owned);
    let read =
        |place: &Item| Some(Overdue { id: id(place), key: Key::of(place)?, due, due_at_ms: place.number("due_at")? });
    places.iter().filter_map(read).collect()
}

/// The condition that the row is still due as `due` at this time.
fn due_as(due: &str, due_at_ms: i64) -> Condition {
    Condition::new("due = :due AND due_at = :due_at").value(":due", s(due)).value(":due_at", n(due_at_ms))
}

impl Store {
    /// Rows whose personal data may be due for removal by `now_ms`, in turns: for each driver the longest overdue
    /// first.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn overdue_persons(&self, now_ms: i64, limit: usize) -> Result<Vec<Overdue>, StoreError> {
        // A driver with very many responses must not delay the others.
        Ok(read_overdue(&self.due_in_turns("overdue_persons", FORGET, now_ms, limit).await?, FORGET))
    }

    /// Message rows to delete by `now_ms`, including failed messages, the longest overdue first.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn overdue_messages(&self, now_ms: i64, limit: usize) -> Result<Vec<Overdue>, StoreError> {
        let (mut done, failed) = tokio::try_join!(
            self.overdue(DELETE, now_ms, limit),
            // The index has failed messages under the time of failure, for admins.
            self.overdue(FAILED, now_ms - MESSAGE_MS, limit)
        )?;
        done.extend(failed);
        Ok(done)
    }

    async fn overdue(&self, due: &'static str, by_ms: i64, limit: usize) -> Result<Vec<Overdue>, StoreError> {
        Ok(read_overdue(&self.due_places("overdue", due, by_ms, limit).await?, due))
    }

    /// Hides the row until `until_ms`. Returns its subject, or `None` if another caller was faster or the row has
    /// changed.
    ///
    /// # Errors
    /// The store cannot be used, or the row cannot be read: then it does not stand in the way of others either.
    pub async fn claim_overdue(&self, overdue: &Overdue, until_ms: i64) -> Result<Option<Claimed>, StoreError> {
        let update = Update::default().when(due_as(overdue.due, overdue.due_at_ms)).set("due_at", n(until_ms));
        let Outcome::Done(item) = self.update("claim_overdue", &overdue.key, update).await? else { return Ok(None) };
        let driver_id = Key::driver_of(&item).filter(|id| keys::profile(*id).is_of(&item));
        if let Some(driver_id) = driver_id {
            return Ok(Some(Claimed::Driver(driver_id)));
        }
        let response = response::read(&item).ok_or_else(|| StoreError::malformed("claim_overdue", "body"))?;
        Ok(Some(Claimed::Response(Box::new(response))))
    }

    /// Sets the next check of a driver claimed until `claimed_ms`, unless someone else has set it.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn postpone_forgetting(&self, driver_id: i64, claimed_ms: i64, due_at_ms: i64) -> Result<(), StoreError> {
        let key = keys::profile(driver_id);
        let update = Update::default().when(due_as(FORGET, claimed_ms)).set("due_at", n(due_at_ms));
        self.update("postpone_forgetting", &key, update).await.map(drop)
    }

    /// Deletes a message's row if it is still due; `false` otherwise.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn delete_message_row(&self, overdue: &Overdue) -> Result<bool, StoreError> {
        let still_due = due_as(overdue.due, overdue.due_at_ms).build();
        let delete = self
            .client()
            .delete_item()
            .table_name(self.table(Table::App))
            .set_key(Some(overdue.key.attributes()))
            .set_condition_expression(still_due.condition)
            .set_expression_attribute_values(still_due.values);
        match self.call("delete_message_row", Table::App, delete.send()).await? {
            Ok(_) => Ok(true),
            Err(failed) => match failed.error.as_service_error() {
                Some(DeleteItemError::ConditionalCheckFailedException(_)) => Ok(false),
                _ => Err(failed.into()),
            },
        }
    }
}
