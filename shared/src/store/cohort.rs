//! Conversion data for rows older than the conversion counters. A job adds it once per driver.
use ::store::{
    Attributes, Condition, StoreError, Tally, Transacted, Transaction, Update,
    listed::{Filter, Selection},
};

use super::{
    Store,
    billing::{paid_place, subscription_item},
    counters::{self, TRIAL_DAYS},
    keys::{self, List},
};
use crate::billing::{
    payment::Payment,
    plan::DAY_S,
    subscription::{Entry, Source, Subscription},
};

/// The most payments added to the list of paid ones in one transaction. No driver has had as many.
const MOST_PAYMENTS: usize = 80;

impl Store {
    /// A page of drivers whose subscription lacks its history, and the cursor of the next page.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn uncounted_drivers(
        &self,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<i64>, Option<String>), StoreError> {
        let selection = Selection {
            filter: Filter::default().and_without("kopecks").some(),
            cursor: cursor.map(str::to_owned),
            limit,
            ..Selection::default()
        };
        let page = self.places_in("uncounted_drivers", &List::Subscriptions.name(), &selection).await?;
        Ok((page.rows.iter().filter_map(|place| place.number("driver_id")).collect(), page.cursor))
    }

    /// Records the history of a subscription, counts it on the day of the trial, and adds the driver's payments to the
    /// list of paid ones; `false` if the subscription has changed since it was read.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn put_past(
        &self,
        driver_id: i64,
        (before, after): (&Subscription, &Subscription),
        ledger: &[Entry],
        payments: &[Payment],
    ) -> Result<bool, StoreError> {
        let mut tally = Tally::default();
        counters::moved(&mut tally, driver_id, before, after);
        if let Some(trial) = ledger.iter().find(|entry| entry.source == Source::Trial) {
            tally.count(driver_id, trial.at_ms, format!("{TRIAL_DAYS}{}", trial.seconds / DAY_S), 1);
        }
        let row = subscription_item(driver_id, after)?;
        let same = Condition::version(before.version);
        let mut transaction =
            Transaction::default().put("subscription", &keys::subscription(driver_id), row, Some(same));
        for payment in payments.iter().take(MOST_PAYMENTS) {
            let id = format!("payment-{}", payment.id);
            let Some(entry) = ledger.iter().find(|entry| entry.id == id) else { continue };
            let place = paid_place(payment, entry.at_ms);
            let there = Update::default().when(Condition::new("attribute_exists(pk)"));
            let update = place.into_iter().fold(there, |update, (name, value)| update.set(name, value));
            transaction = transaction.update("ledger", &keys::ledger_entry(driver_id, &id), update);
        }
        Ok(matches!(self.transact("put_past", transaction.tally(tally)).await?, Transacted::Done))
    }
}
