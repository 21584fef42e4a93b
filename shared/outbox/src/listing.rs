//! The ledger as admins look at it, and messages that failed made to wait once more.
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
    /// What it says: see [`crate::kind::MessageKind::as_text`].
    pub what: String,
    /// Whom it concerns.
    pub person: PersonId,
    /// The cargo, if it is about one.
    pub cargo_id: Option<String>,
    /// `waiting`, `sent`, `skipped` or `failed`.
    pub state: String,
    /// Why it was skipped or failed, or what went wrong last.
    pub reason: Option<String>,
    /// How often its messenger was asked to take it.
    pub attempts: i64,
    /// When there was first something to say, milliseconds.
    pub created_at_ms: i64,
    /// When it last changed, milliseconds.
    pub updated_at_ms: i64,
    /// When it is to be sent, milliseconds, while it waits.
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
    /// Where the next page goes on; `None` when there is nothing more.
    pub cursor: Option<String>,
}

impl From<Page> for DeliveryPage {
    fn from(page: Page) -> Self {
        Self { items: page.rows.iter().filter_map(DeliveryRow::read).collect(), cursor: page.cursor }
    }
}

impl Ledger<'_> {
    /// A page of the messages that failed at or after the first instant and before the second (milliseconds), the latest first.
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

    /// A page of the messages of these classes that wait and that the filter takes: one class after another, and of each the
    /// first to be sent first.
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

    /// A page of the messages that concern a person, the newest first.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn of(&self, person: PersonId, cursor: Option<&str>, limit: usize) -> Result<DeliveryPage, StoreError> {
        let selection = Selection::newest(cursor, limit);
        Ok(self.engine.listed("deliveries", &list_of(person), &selection).await?.into())
    }

    /// How many messages failed at or after `from_ms` and before `until_ms` and still stand so.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn count_failed(&self, from_ms: i64, until_ms: i64) -> Result<i64, StoreError> {
        self.engine.count_due("failed_deliveries", FAILED, from_ms, until_ms).await
    }

    /// A message.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn get(&self, id: &str) -> Result<Option<DeliveryRow>, StoreError> {
        Ok(self.engine.get_now("delivery", &key(id)).await?.as_ref().and_then(DeliveryRow::read))
    }

    /// Makes a message that failed wait to be sent again, with these other writes; `false` when it has not failed.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn retry(&self, row: &DeliveryRow, now_ms: i64, with: Transaction) -> Result<bool, StoreError> {
        // What this version does not know is for the next one.
        let class = kind::parse(self.kinds.iter().copied(), &row.what).map_or(Class::News, |what| what.class());
        let again = rearmed(class, now_ms, now_ms).remove(&["last_error"]).when(has_status("failed"));
        let transaction = with.update("delivery", &key(&row.id), again);
        Ok(matches!(self.engine.transact("retry_delivery", transaction).await?, Transacted::Done))
    }
}
