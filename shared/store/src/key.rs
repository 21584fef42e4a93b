//! The keys of items. Each module defines typed constructors for its keys in one place; they return this type.
use aws_sdk_dynamodb::types::AttributeValue;

use crate::{Attributes as _, Item, s};

/// One of the two tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// Durable data that a driver or an accountant would miss.
    App,
    /// Data that may be lost at any time.
    Cache,
}

/// The kind of a row, which determines its table. Each module declares its own kinds and their retention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowKind {
    name: &'static str,
    table: Table,
}

impl RowKind {
    /// A kind in the durable table.
    pub const fn app(name: &'static str) -> Self {
        Self { name, table: Table::App }
    }

    /// A kind in the cache table.
    pub const fn cache(name: &'static str) -> Self {
        Self { name, table: Table::Cache }
    }

    /// Its name in the documents.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// Its table.
    pub const fn table(self) -> Table {
        self.table
    }
}

/// The key of one item.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The item's table.
    pub table: Table,
    pk: String,
    sk: String,
}

/// The sort key of a partition's only item.
const ALONE: &str = "-";
/// The prefix of a driver's partition.
const OF_DRIVER: &str = "DRIVER#";

impl Key {
    /// The item with these keys.
    pub fn new(table: Table, pk: String, sk: impl Into<String>) -> Self {
        Self { table, pk, sk: sk.into() }
    }

    /// The only item of its partition.
    pub fn alone(table: Table, pk: String) -> Self {
        Self::new(table, pk, ALONE)
    }

    /// An item in the driver's partition.
    pub fn of_driver(table: Table, driver_id: i64, sk: impl Into<String>) -> Self {
        Self::new(table, format!("{OF_DRIVER}{driver_id}"), sk)
    }

    /// The partition key, for a query.
    pub fn partition(&self) -> &str {
        &self.pk
    }

    /// The key as attributes of an item.
    pub fn attributes(&self) -> Item {
        Item::from([("pk".to_owned(), s(&self.pk)), ("sk".to_owned(), s(&self.sk))])
    }

    /// The key of a durable row, from an index entry.
    pub fn of(item: &Item) -> Option<Self> {
        Some(Self { table: Table::App, pk: item.text("pk")?.to_owned(), sk: item.text("sk")?.to_owned() })
    }

    /// The driver whose partition holds the row.
    pub fn driver_of(item: &Item) -> Option<i64> {
        item.text("pk")?.strip_prefix(OF_DRIVER)?.parse().ok()
    }

    /// Whether it is the key of this item.
    pub fn is_of(&self, item: &Item) -> bool {
        let same = |name, value: &str| matches!(item.get(name), Some(AttributeValue::S(text)) if text == value);
        same("pk", &self.pk) && same("sk", &self.sk)
    }
}
