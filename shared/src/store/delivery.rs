//! The outbox's ledger in our table, and its links to other rows.
use std::collections::BTreeSet;

use ::store::{Condition, StoreError, Transaction, listed::Filter};
pub use outbox::listing::{DeliveryPage, DeliveryRow};
use outbox::{
    class::Class,
    kind::MessageKind,
    ledger::{Ledger, Product, Subject},
};

use super::{Store, billing::body, keys};
use crate::{
    address::MessageRef,
    audit::AuditRow,
    billing::{
        messages::{reminder, reminder_subject},
        subscription::Subscription,
    },
    delivery::module::MESSAGE_MS,
    person::PersonId,
    telegram::address,
};

const PRODUCT: Product = Product { address: address::of_number, kept_ms: MESSAGE_MS };

/// Selects messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deliveries {
    /// Failed from the first instant up to but not including the second (milliseconds), newest first.
    Failed(Option<i64>, Option<i64>),
    /// Waiting, without reminders: the most urgent class first, each in the order of sending.
    Waiting,
    /// Waiting reminders of a subscription's end, in the order of sending. Those older than classes come last.
    Reminders,
    /// All messages of this driver, newest first.
    Of(i64),
}

impl Store {
    /// The ledger of outgoing messages.
    pub fn outbox(&self) -> Ledger<'_> {
        Ledger::new(self, PRODUCT, &self.kinds)
    }

    /// A page of messages: one query per class it reaches, and one read.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn deliveries(
        &self,
        which: Deliveries,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<DeliveryPage, StoreError> {
        let is_reminder = |is: bool| Filter::default().and_beginning("id", "reminder-", is);
        match which {
            Deliveries::Failed(from_ms, until_ms) => self.outbox().failed((from_ms, until_ms), cursor, limit).await,
            Deliveries::Waiting => self.outbox().waiting(&Class::ALL, &is_reminder(false), cursor, limit).await,
            Deliveries::Reminders => {
                let classes = [reminder(0).class(), Class::Decision];
                let mut page = self.outbox().waiting(&classes, &is_reminder(true), cursor, limit).await?;
                self.drop_obsolete(&mut page.items).await?;
                Ok(page)
            }
            Deliveries::Of(driver_id) => self.outbox().of(PersonId::new(driver_id), cursor, limit).await,
        }
    }

    /// Drops reminders of an end date that has changed: they will not be sent.
    async fn drop_obsolete(&self, reminders: &mut Vec<DeliveryRow>) -> Result<(), StoreError> {
        let ids: BTreeSet<_> = reminders.iter().map(|row| row.person.number()).collect();
        let keys = ids.iter().map(|id| keys::subscription(*id).attributes()).collect();
        let rows = self.get_many("deliveries", keys).await?;
        let ends = |id: i64| {
            let row = rows.iter().find(|row| keys::subscription(id).is_of(row))?;
            body::<Subscription>(row)?.ends_at_ms
        };
        reminders.retain(|row| {
            let id = row.person.number();
            ends(id).is_some_and(|end| row.id.ends_with(&reminder_subject(id, end)))
        });
        Ok(())
    }

    /// Retries a failed message; `false` if it has not failed.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn retry_delivery(&self, row: &DeliveryRow, now_ms: i64, audit: &AuditRow) -> Result<bool, StoreError> {
        let (audit_key, audit) = audit.item()?;
        let with = Transaction::default().put("audit", &audit_key, audit, Some(Condition::absent()));
        self.outbox().retry(row, now_ms, with).await
    }

    /// Adds to a transaction that `what` is to be sent about the subject now. A message sent before is edited.
    pub fn arm_delivery(
        &self,
        transaction: Transaction,
        what: MessageKind,
        subject: &Subject<'_>,
        now_ms: i64,
    ) -> Transaction {
        self.arm_delivery_at(transaction, what, subject, None, now_ms, now_ms)
    }

    /// Like [`Self::arm_delivery`], for sending at `due_at_ms`.
    pub(super) fn arm_delivery_at(
        &self,
        transaction: Transaction,
        what: MessageKind,
        subject: &Subject<'_>,
        seen: Option<&MessageRef>,
        now_ms: i64,
        due_at_ms: i64,
    ) -> Transaction {
        PRODUCT.arm(transaction, what, subject, seen, now_ms, due_at_ms)
    }
}

#[cfg(test)]
mod tests {
    use ::store::{Item, n};

    use super::*;

    #[test]
    fn where_a_message_stands_is_stored_as_before_or_as_its_address() {
        for (at, id, name) in [
            (address::private(5_000_000_001), "7", "chat_id"),
            (address::group(-1001), "7", "chat_id"),
            (address::topic(-1001, 9), "7", "address"),
            (address::group(-1001), "mid.7", "chat_id"),
        ] {
            let message = MessageRef { at, id: id.to_owned() };
            let attributes = PRODUCT.message_attributes(&message);
            let item: Item = attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            assert!(item.contains_key(name), "{item:?}");
            assert_eq!(PRODUCT.read_message(&item), Some(message));
        }
    }

    #[test]
    fn rows_of_before_have_telegrams_numbers() {
        let row = Item::from([("chat_id".to_owned(), n(-1001)), ("message_id".to_owned(), n(7))]);
        let message = MessageRef { at: address::group(-1001), id: "7".into() };
        assert_eq!(PRODUCT.read_message(&row), Some(message));
        assert_eq!(PRODUCT.read_message(&Item::from([("chat_id".to_owned(), n(-1001))])), None);
    }
}
