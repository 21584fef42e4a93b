//! Subscriptions and their ledger.
use ::store::{Condition, Item, StoreError, Table, Tally, Transaction, Update, n, s};

use outbox::ledger::Subject;

use super::{body, json};
use crate::{
    audit::AuditRow,
    billing::{
        messages::{REMINDERS, reminder, reminder_subject},
        payment::Payment,
        plan::DAY_S,
        subscription::{Entry, Source, Subscription},
    },
    person::PersonId,
    store::{
        Store,
        counters::{self, TRIAL_DAYS},
        keys::{self, List},
    },
};

/// What the index `listed` stores about a subscription besides its end: whether it is a trial.
pub(in crate::store) fn kind(subscription: &Subscription) -> &'static str {
    if subscription.source == Some(Source::Trial) { "trial" } else { "paid" }
}

/// The row of a subscription. If its history is counted it has `kopecks`, so the index shows which are not.
pub(in crate::store) fn subscription_item(driver_id: i64, subscription: &Subscription) -> Result<Item, StoreError> {
    let mut item = Item::from([
        ("body".to_owned(), s(json(subscription)?)),
        ("version".to_owned(), n(subscription.version)),
        ("driver_id".to_owned(), n(driver_id)),
        ("state".to_owned(), s(kind(subscription))),
    ]);
    if let Some(past) = subscription.past {
        item.insert("kopecks".to_owned(), n(past.kept_kopecks));
    }
    item.extend(List::Subscriptions.place(subscription.ends_at_ms.unwrap_or_default(), &driver_id.to_string()));
    Ok(item)
}

/// Attributes that put a payment's ledger entry into the list of paid ones.
pub(in crate::store) fn paid_place(payment: &Payment, at_ms: i64) -> Item {
    let mut item = Item::from([("plan".to_owned(), s(payment.purpose.id()))]);
    item.extend(List::Paid.place(at_ms, &payment.id));
    item
}

/// The trial of a new driver.
#[derive(Debug)]
pub struct Trial {
    /// The new subscription.
    pub subscription: Subscription,
    /// The ledger entry.
    pub entry: Entry,
    /// Data for the audit log.
    pub audit: AuditRow,
}

impl Store {
    /// Records that the driver can never have a trial, as if they had had it. Idempotent.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn forgo_trial(&self, driver_id: i64, at_ms: i64) -> Result<(), StoreError> {
        let key = keys::trial(driver_id);
        let update = Update::default().when(Condition::absent()).set("at_ms", n(at_ms));
        self.update("forgo_trial", &key, update).await.map(drop)
    }

    /// Adds a new driver's trial to a transaction, once in a lifetime. If they have had it, the condition of `trial`,
    /// `ledger` or `subscription` fails.
    pub(in crate::store) fn trial_writes(
        &self,
        transaction: Transaction,
        tally: &mut Tally,
        driver_id: i64,
        trial: &Trial,
    ) -> Result<Transaction, StoreError> {
        let Trial { subscription, entry, audit } = trial;
        let (audit_key, audit) = audit.item()?;
        let marker = Item::from([("at_ms".to_owned(), n(entry.at_ms))]);
        let transaction = transaction.put("trial", &keys::trial(driver_id), marker, Some(Condition::absent()));
        tally.count(driver_id, entry.at_ms, "trials", 1);
        tally.count(driver_id, entry.at_ms, format!("{TRIAL_DAYS}{}", entry.seconds / DAY_S), 1);
        let change = (&Subscription::default(), subscription, entry);
        let transaction = self.grant_writes(transaction, tally, driver_id, change, None)?;
        Ok(transaction.put("audit", &audit_key, audit, Some(Condition::absent())))
    }

    /// Adds a change of a subscription to a transaction: the ledger entry, the subscription as read and as changed, and
    /// the payment that causes it, if any.
    pub(crate) fn grant_writes(
        &self,
        transaction: Transaction,
        tally: &mut Tally,
        driver_id: i64,
        (before, after, entry): (&Subscription, &Subscription, &Entry),
        paid: Option<&Payment>,
    ) -> Result<Transaction, StoreError> {
        counters::moved(tally, driver_id, before, after);
        let key = keys::ledger_entry(driver_id, &entry.id);
        let mut row = Item::from([("body".to_owned(), s(json(entry)?))]);
        row.extend(
            paid.filter(|_| entry.source == Source::Payment)
                .map(|paid| paid_place(paid, entry.at_ms))
                .unwrap_or_default(),
        );
        let transaction = transaction.put("ledger", &key, row, Some(Condition::absent()));
        let same = Condition::version(before.version);
        let row = subscription_item(driver_id, after)?;
        let mut transaction = transaction.put("subscription", &keys::subscription(driver_id), row, Some(same));
        // Each end date has its own reminders. Reminders of the old end find another end and are not sent.
        let ends_at_ms = after.ends_at_ms.unwrap_or_default();
        let subject_id = reminder_subject(driver_id, ends_at_ms);
        let subject = Subject { person: PersonId::new(driver_id), cargo_id: "", id: &subject_id };
        for days in REMINDERS {
            // Trials get no reminder before their last day.
            if days > 1 && after.source == Some(Source::Trial) {
                continue;
            }
            let due_at_ms = ends_at_ms - i64::from(days) * DAY_S * 1000;
            if due_at_ms > entry.at_ms {
                let what = reminder(days);
                transaction = self.arm_delivery_at(transaction, what, &subject, None, entry.at_ms, due_at_ms);
            }
        }
        Ok(transaction)
    }

    /// The driver's subscription; an empty one if there never was one.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn subscription(&self, driver_id: i64) -> Result<Subscription, StoreError> {
        match self.get_now("subscription", &keys::subscription(driver_id)).await? {
            Some(item) => body(&item).ok_or_else(|| StoreError::malformed("subscription", "body")),
            None => Ok(Subscription::default()),
        }
    }

    /// The ledger of a driver's subscription, oldest first.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn ledger(&self, driver_id: i64) -> Result<Vec<Entry>, StoreError> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut from = None;
        loop {
            let query = self
                .client()
                .query()
                .table_name(self.table(Table::App))
                .key_condition_expression("pk = :pk AND begins_with(sk, :ledger)")
                .expression_attribute_values(":pk", s(keys::profile(driver_id).partition()))
                .expression_attribute_values(":ledger", s("LEDGER#"))
                .set_exclusive_start_key(from)
                .consistent_read(true);
            let answer = self.call("ledger", Table::App, query.send()).await??;
            entries.extend(answer.items.unwrap_or_default().iter().filter_map(body));
            from = answer.last_evaluated_key;
            if from.is_none() {
                break;
            }
        }
        entries.sort_by(|a, b| (a.at_ms, &a.id).cmp(&(b.at_ms, &b.id)));
        Ok(entries)
    }
}
