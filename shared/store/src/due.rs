//! What waits for its time: rows with `due` and `due_at` stand in a sparse index. Jobs take from it in turns, one row of
//! each driver, so that nobody waits behind all the rows of another.
use std::{collections::HashMap, hash::Hash};

use crate::{
    Attributes, Engine, Item, StoreError,
    key::{Key, Table},
    n, s,
};

/// The sparse index of what waits for its time: `due` says what it is, `due_at` when, in milliseconds.
pub const DUE: &str = "due";
/// So many rows are looked through to find whose turn it is. No driver can have as many: what makes rows is limited.
const LOOKED_THROUGH: usize = 5_000;
/// Rows that one call brings: a full page of DynamoDB's takes longer than a call may.
const PAGE: usize = 1_000;
/// So few are all begun at the same time, whoever they belong to.
const FEW: usize = 8;

impl Engine {
    /// The ids of rows that are due as `what` by `now_ms`, in turns: of each driver the longest due first.
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

    /// What the index has of the rows that are due as `what` by `now_ms`, in turns: of each driver the longest due first.
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

    /// What the index has of the rows that are due as `what` by `now_ms`, the longest due first.
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

    /// Whose rows these are, by the key where it says so, else by the row. `None` where a row says nothing of a driver.
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

/// At most `limit` of the rows, in rounds: one row of each owner in each, owners and their rows in the order that they had.
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
