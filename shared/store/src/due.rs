//! Due rows: rows with `due` and `due_at` appear in a sparse index. Jobs take one row of each driver in turn, so that
//! no driver waits behind all the rows of another.
use std::{collections::HashMap, hash::Hash};

use crate::{
    Attributes, Engine, Item, StoreError,
    key::{Key, Table},
    n, s,
};

/// The sparse index of due rows. `due` is the kind of work, `due_at` the time in milliseconds.
pub const DUE: &str = "due";
/// The most rows examined to choose the next turns. Rate limits keep any one driver far below it.
const LOOKED_THROUGH: usize = 5_000;
/// Rows per call. A full DynamoDB page takes longer than a call may.
const PAGE: usize = 1_000;
/// Up to this many rows are started at once, whoever they belong to.
const FEW: usize = 8;

impl Engine {
    /// The ids of rows due as `what` by `now_ms`, in turns: for each driver the longest overdue first.
    pub async fn due(
        &self,
        operation: &'static str,
        what: &str,
        now_ms: i64,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        let places = self.due_in_turns(operation, what, now_ms, limit).await?;
        Ok(places.iter().filter_map(|item| item.text("id").map(str::to_owned)).collect())
    }

    /// The index entries of rows due as `what` by `now_ms`, in turns: for each driver the longest overdue first.
    pub async fn due_in_turns(
        &self,
        operation: &'static str,
        what: &str,
        now_ms: i64,
        limit: usize,
    ) -> Result<Vec<Item>, StoreError> {
        let places = self.due_places(operation, what, now_ms, LOOKED_THROUGH).await?;
        if places.len() <= FEW.min(limit) {
            return Ok(places);
        }
        let owners = self.owners(operation, &places).await?;
        Ok(in_turns(owners.into_iter().zip(places), limit))
    }

    /// The index entries of rows due as `what` by `now_ms`, the longest overdue first.
    pub async fn due_places(
        &self,
        operation: &'static str,
        what: &str,
        now_ms: i64,
        limit: usize,
    ) -> Result<Vec<Item>, StoreError> {
        let mut places: Vec<Item> = Vec::new();
        let mut from = None;
        while places.len() < limit {
            let query = self
                .client
                .query()
                .table_name(self.table(Table::App))
                .index_name(DUE)
                .key_condition_expression("due = :due AND due_at <= :now")
                .expression_attribute_values(":due", s(what))
                .expression_attribute_values(":now", n(now_ms))
                .set_exclusive_start_key(from.take())
                .limit(i32::try_from((limit - places.len()).min(PAGE)).unwrap_or(i32::MAX));
            let answer = self.call(operation, Table::App, query.send()).await??;
            places.extend(answer.items.unwrap_or_default());
            from = answer.last_evaluated_key;
            if from.is_none() {
                break;
            }
        }
        Ok(places)
    }

    /// The owner of each row, from its key if possible, else from the row itself. `None` if the row names no driver.
    async fn owners(&self, operation: &'static str, places: &[Item]) -> Result<Vec<Option<i64>>, StoreError> {
        let named: Vec<_> = places.iter().map(Key::driver_of).collect();
        let keys = places.iter().zip(&named).filter(|(_, driver)| driver.is_none());
        let keys: Vec<_> = keys.filter_map(|(place, _)| Some(Key::of(place)?.attributes())).collect();
        let rows = self.get_many_of(operation, keys, "pk, sk, driver_id").await?;
        let place_of = |item: &Item| Some((item.text("pk")?.to_owned(), item.text("sk")?.to_owned()));
        let found: HashMap<_, _> =
            rows.iter().filter_map(|row| Some((place_of(row)?, row.number("driver_id")?))).collect();
        let looked_up = |place: &Item| found.get(&place_of(place)?).copied();
        Ok(places.iter().zip(named).map(|(place, driver)| driver.or_else(|| looked_up(place))).collect())
    }
}

/// At most `limit` rows, round-robin by owner. Owners and the rows of each keep their order.
fn in_turns<O: Eq + Hash, T>(rows: impl Iterator<Item = (O, T)>, limit: usize) -> Vec<T> {
    let mut rounds: HashMap<O, usize> = HashMap::new();
    let round_of = |(owner, row)| {
        let round = rounds.entry(owner).or_default();
        *round += 1;
        (*round, row)
    };
    let mut rows: Vec<_> = rows.map(round_of).collect();
    rows.sort_by_key(|(round, _)| *round);
    rows.into_iter().take(limit).map(|(_, row)| row).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_has_a_turn_before_anybody_has_another() {
        let rows = [(1, "a1"), (1, "a2"), (1, "a3"), (2, "b1"), (3, "c1"), (2, "b2")];
        assert_eq!(in_turns(rows.into_iter(), 10), ["a1", "b1", "c1", "a2", "b2", "a3"]);
        assert_eq!(in_turns(rows.into_iter(), 2), ["a1", "b1"]);
    }

    proptest! {
        #[test]
        fn however_many_rows_another_has_the_first_of_each_is_among_as_many_as_there_are_drivers(
            owners in proptest::collection::vec(0u8..6, 1..300),
        ) {
            let drivers = owners.iter().collect::<std::collections::HashSet<_>>().len();
            let first = in_turns(owners.iter().map(|owner| (owner, owner)), drivers);
            prop_assert_eq!(first.iter().collect::<std::collections::HashSet<_>>().len(), drivers);
            let all = in_turns(owners.iter().map(|owner| (owner, owner)), usize::MAX);
            prop_assert_eq!(all.len(), owners.len());
        }
    }
}
