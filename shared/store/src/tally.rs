//! Daily counters. They are updated in the same transactions as the data, so nothing is counted twice or lost. Shards
//! keep those transactions from contending.
use std::collections::BTreeMap;

use kernel::clock::moscow_day;

use crate::{Engine, Item, Key, StoreError, Table, Transaction, Update, n, s};

/// Shards per partition.
const SHARDS: i64 = 16;

/// Increments to add to the counters with a transaction.
#[derive(Debug, Default)]
pub struct Tally(BTreeMap<(String, i64), BTreeMap<String, i64>>);

impl Tally {
    /// Adds `by` to `name` on the Moscow day of `at_ms`, in the driver's shard.
    pub fn count(&mut self, driver_id: i64, at_ms: i64, name: impl Into<String>, by: i64) {
        self.add(moscow_day(at_ms), driver_id, name, by);
    }

    /// Adds `by` to `name` in this partition, in the driver's shard.
    pub fn add(&mut self, partition: String, driver_id: i64, name: impl Into<String>, by: i64) {
        *self.0.entry((partition, driver_id.rem_euclid(SHARDS))).or_default().entry(name.into()).or_default() += by;
    }

    /// The increments as partition, name and number, without zeros.
    pub fn sums(&self) -> impl Iterator<Item = (&str, &str, i64)> {
        self.0.iter().flat_map(|((partition, _), counts)| {
            counts.iter().filter(|(_, by)| **by != 0).map(|(name, by)| (partition.as_str(), name.as_str(), *by))
        })
    }
}

impl Transaction {
    /// Adds the increments to the transaction: one write per item, because a transaction may write each item only once.
    pub fn tally(mut self, tally: Tally) -> Self {
        for ((partition, shard), counts) in tally.0 {
            let counts = counts.into_iter().filter(|(_, by)| *by != 0);
            let update = counts.fold(Update::default(), |update, (name, by)| update.add(name, n(by)));
            if !update.is_empty() {
                self = self.update("counter", &key(&partition, shard), update);
            }
        }
        self
    }
}

/// Counts of one partition, by name.
pub type Counts = BTreeMap<String, i64>;

impl Engine {
    /// The counts of these partitions, without empty ones. Makes one read per hundred items.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn counters(
        &self,
        operation: &'static str,
        partitions: &[String],
    ) -> Result<BTreeMap<String, Counts>, StoreError> {
        let keys = partitions.iter().flat_map(|partition| (0..SHARDS).map(|shard| key(partition, shard)));
        let rows = self.get_many(operation, keys.map(|key| key.attributes()).collect()).await?;
        let mut found: BTreeMap<String, Counts> = BTreeMap::new();
        for row in &rows {
            let of = partitions.iter().find(|partition| row.get("pk") == Some(&s(key(partition, 0).partition())));
            let Some(partition) = of else { continue };
            let counts = found.entry(partition.clone()).or_default();
            for (name, count) in numbers(row) {
                *counts.entry(name).or_default() += count;
            }
        }
        Ok(found)
    }
}

/// The key of one shard of a partition.
fn key(partition: &str, shard: i64) -> Key {
    Key::new(Table::App, format!("COUNT#{partition}"), format!("{shard:0>2}"))
}

fn numbers(row: &Item) -> impl Iterator<Item = (String, i64)> + '_ {
    row.iter().filter_map(|(name, value)| Some((name.clone(), value.as_n().ok()?.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_in_one_partition_is_one_write_and_what_comes_to_nothing_is_none() {
        let written = |tally: Tally| Transaction::default().tally(tally).len();
        let mut tally = Tally::default();
        tally.add("ENDS#2026-01".into(), 7, "paid-07", 1);
        tally.add("ENDS#2026-01".into(), 7 + SHARDS, "trial-04", -1);
        assert_eq!(written(tally), 1);
        let mut nothing = Tally::default();
        nothing.count(7, 0, "paid", 1);
        nothing.count(7, 0, "paid", -1);
        assert_eq!(nothing.sums().count(), 0);
        assert_eq!(written(nothing), 0);
    }
}
