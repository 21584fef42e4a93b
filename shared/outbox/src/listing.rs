//! The admins' view of the ledger, and retries of failed messages.
use kernel::person::PersonId;
use store::{
    Attributes, DUE, Item, StoreError, Transacted, Transaction,
    listed::{Filter, Page, Selection},
};

use crate::{
    class::Class,
    kind,
    ledger::{FAILED, Ledger, has_status, key, list_of, rearmed},
};

/// An outgoing message, as admins see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRow {
    /// The row's id.
    pub id: String,
    /// The kind of message: see [`crate::kind::MessageKind::as_text`].
    pub what: String,
    /// The person concerned.
    pub person: PersonId,
    /// The cargo, if any.
    pub cargo_id: Option<String>,
    /// `waiting`, `sent`, `skipped` or `failed`.
    pub state: String,
    /// Why it was skipped or failed, or the last error.
    pub reason: Option<String>,
    /// How often it was offered to its messenger.
    pub attempts: i64,
    /// When it was created, milliseconds.
    pub created_at_ms: i64,
    /// Time of the last change, milliseconds.
    pub updated_at_ms: i64,
    /// When a waiting message is due, milliseconds.
    pub due_at_ms: Option<i64>,
}

impl DeliveryRow {
    fn read(item: &Item) -> Option<Self> {
        let text = |name| item.text(name).map(str::to_owned);
        let created_at_ms = item.number("created_at")?;
        Some(Self {
            id: text("id")?,
            what: text("what")?,
            person: PersonId::new(item.number("driver_id")?),
            cargo_id: text("cargo_id").filter(|id| !id.is_empty()),
            state: text("status")?,
            reason: text("last_error"),
            attempts: item.number("attempts").unwrap_or_default(),
            created_at_ms,
            updated_at_ms: item.number("updated_at").unwrap_or(created_at_ms),
            due_at_ms: item.number("due_at").filter(|_| item.text(DUE).and_then(Class::of_due).is_some()),
        })
    }
}

/// A page of messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryPage {
    /// The messages.
    pub items: Vec<DeliveryRow>,
    /// Cursor of the next page; `None` on the last page.
    pub cursor: Option<String>,
}

impl From<Page> for DeliveryPage {
    fn from(page: Page) -> Self {
        Self { items: page.rows.iter().filter_map(DeliveryRow::read).collect(), cursor: page.cursor }
    }
}

impl Ledger<'_> {
    /// A page of failed messages, newest first, from the first instant up to but not including the second
    /// (milliseconds).
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn failed(
        &self,
        within: (Option<i64>, Option<i64>),
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<DeliveryPage, StoreError> {
        Ok(self.engine.due_rows("deliveries", FAILED, within, None, cursor, limit).await?.into())
    }

    /// A page of waiting messages of these classes that match the filter: one class after another, each in the order of
    /// sending.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn waiting(
        &self,
        classes: &[Class],
        filter: &Filter,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<DeliveryPage, StoreError> {
        let lists: Vec<_> = classes.iter().map(|class| class.due()).collect();
        Ok(self.engine.due_rows_of("deliveries", &lists, filter, cursor, limit).await?.into())
    }

    /// A page of messages that concern a person, newest first.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn of(&self, person: PersonId, cursor: Option<&str>, limit: usize) -> Result<DeliveryPage, StoreError> {
        let selection = Selection::newest(cursor, limit);
        Ok(self.engine.listed("deliveries", &list_of(person), &selection).await?.into())
    }

    /// Counts the messages that failed from `from_ms` up to but not including `until_ms` and have not been retried.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn count_failed(&self, from_ms: i64, until_ms: i64) -> Result<i64, StoreError> {
        self.engine.count_due("failed_deliveries", FAILED, from_ms, until_ms).await
    }

    /// The message with this id.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn get(&self, id: &str) -> Result<Option<DeliveryRow>, StoreError> {
        Ok(self.engine.get_now("delivery", &key(id)).await?.as_ref().and_then(DeliveryRow::read))
    }

    /// Retries a failed message in one transaction with these other writes; `false` when it has not failed.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn retry(&self, row: &DeliveryRow, now_ms: i64, with: Transaction) -> Result<bool, StoreError> {
        // Leave an unknown message to the next version.
        let class = kind::parse(self.kinds.iter().copied(), &row.what).map_or(Class::News, |what| what.class());
        let again = rearmed(class, now_ms, now_ms).remove(&["last_error"]).when(has_status("failed"));
        let transaction = with.update("delivery", &key(&row.id), again);
        Ok(matches!(self.engine.transact("retry_delivery", transaction).await?, Transacted::Done))
    }
}
