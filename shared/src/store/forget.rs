//! Rows whose time is over: those that name persons for no longer, and those of messages that are deleted. Both stand in the
//! index `due`.
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;

use ::store::{Attributes, Condition, Item, Key, Outcome, StoreError, Table, Update, n, s};

use outbox::ledger::FAILED;

use super::{
    Store,
    keys::{self},
    response,
};
use crate::{delivery::module::MESSAGE_MS, response::Response};

/// Profiles and responses are found in the index by this value of `due`, by when they may have to be forgotten.
pub(super) const FORGET: &str = "FORGET";
pub(super) use outbox::ledger::DELETE;

/// A row whose time seems to be over, as the index has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overdue {
    /// A response's or a message's id.
    pub id: Option<String>,
    key: Key,
    due: &'static str,
    due_at_ms: i64,
}

/// What the row is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// The driver of this id.
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

/// The row is due as `due` at this time.
fn due_as(due: &str, due_at_ms: i64) -> Condition {
    Condition::new("due = :due AND due_at = :due_at").value(":due", s(due)).value(":due_at", n(due_at_ms))
}

impl Store {
    /// Rows that may have to be forgotten by `now_ms`, in turns: of each driver the longest overdue first.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn overdue_persons(&self, now_ms: i64, limit: usize) -> Result<Vec<Overdue>, StoreError> {
        // One who responded to everything for a year holds up nobody else.
        Ok(read_overdue(&self.due_in_turns("overdue_persons", FORGET, now_ms, limit).await?, FORGET))
    }

    /// Rows of messages that are to be deleted by `now_ms`, the longest overdue first, and those of failed ones.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn overdue_messages(&self, now_ms: i64, limit: usize) -> Result<Vec<Overdue>, StoreError> {
        let (mut done, failed) = tokio::try_join!(
            self.overdue(DELETE, now_ms, limit),
            // These stand in the index by when they failed, for admins.
            self.overdue(FAILED, now_ms - MESSAGE_MS, limit)
        )?;
        done.extend(failed);
        Ok(done)
    }

    async fn overdue(&self, due: &'static str, by_ms: i64, limit: usize) -> Result<Vec<Overdue>, StoreError> {
        Ok(read_overdue(&self.due_places("overdue", due, by_ms, limit).await?, due))
    }

    /// Takes the row out of the way until `until_ms`, before anything is known of it; returns what it is about, or `None` when
    /// another was faster or it has changed.
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

    /// Says when a driver who was claimed until `claimed_ms` is looked at next, if nobody else has said so.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn postpone_forgetting(&self, driver_id: i64, claimed_ms: i64, due_at_ms: i64) -> Result<(), StoreError> {
        let key = keys::profile(driver_id);
        let update = Update::default().when(due_as(FORGET, claimed_ms)).set("due_at", n(due_at_ms));
        self.update("postpone_forgetting", &key, update).await.map(drop)
    }

    /// Deletes the row of a message, if it is still due as it was; `false` when it is not.
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
