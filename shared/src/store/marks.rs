//! Marks: cargos found gone, or with a price that differs from a list. A list that contradicts a mark is stale, so a
//! dead cargo is not shown for the rest of the list's five minutes.
//!
//! One small item, read together with a list: marking is rare, reading is not, and finding the lists that hold a cargo
//! would cost a write per cargo of every list.
use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use ::store::{Attributes, Item, StoreError, Update, n};

use super::{
    Store,
    keys::{self},
};

/// The most marks kept; new ones displace the oldest.
const MOST: usize = 200;
/// The most marks of one driver, so that nobody can displace the marks of others.
const MOST_OF_ONE: usize = 20;

/// The observed state of a cargo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Time in milliseconds.
    pub at_ms: i64,
    /// The driver who found it.
    pub by: i64,
    /// The price in kopecks, 0 for "on request"; `None` when the cargo is gone.
    pub price: Option<i64>,
}

/// All marks, by cargo id.
pub type Marks = HashMap<String, Mark>;

pub(super) fn read(item: &Item) -> Marks {
    let Some(marks) = item.get("marks").and_then(|value| value.as_m().ok()) else {
        return Marks::new();
    };
    marks
        .iter()
        .filter_map(|(id, value)| {
            let mark = value.as_m().ok()?;
            Some((id.clone(), Mark { at_ms: mark.number("at")?, by: mark.number("by")?, price: mark.number("price") }))
        })
        .collect()
}

impl Store {
    /// Stores the mark for `keep_ms`, the time a list may be fresh.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn mark_cargo(&self, id: &str, mark: Mark, keep_ms: i64) -> Result<(), StoreError> {
        let key = keys::cargo_marks();
        let mut marks = self.get("mark_cargo", &key).await?.map(|item| read(&item)).unwrap_or_default();
        marks.retain(|_, old| old.at_ms > mark.at_ms - keep_ms);
        let own = marks.values().filter(|old| old.by == mark.by).count();
        if own >= MOST_OF_ONE || marks.len() >= MOST {
            let room = marks.iter().filter(|(_, old)| own < MOST_OF_ONE || old.by == mark.by);
            let oldest = room.min_by_key(|(_, old)| old.at_ms).map(|(id, _)| id.clone());
            oldest.and_then(|oldest| marks.remove(&oldest));
        }
        marks.insert(id.to_owned(), mark);
        let value = |mark: &Mark| {
            let mut map = HashMap::from([("at".to_owned(), n(mark.at_ms)), ("by".to_owned(), n(mark.by))]);
            map.extend(mark.price.map(|price| ("price".to_owned(), n(price))));
            AttributeValue::M(map)
        };
        // The last writer wins. A mark lost to a concurrent write costs one more view of a dead card.
        let update = Update::default()
            .set("marks", AttributeValue::M(marks.iter().map(|(id, mark)| (id.clone(), value(mark))).collect()))
            .set("ttl", n((mark.at_ms + keep_ms) / 1000 + 3600));
        self.update("mark_cargo", &key, update).await.map(drop)
    }
}
