//! Where an item lives. Each module has typed constructors of its own keys in one place; this is what they make.
use aws_sdk_dynamodb::types::AttributeValue;

use crate::{Attributes as _, Item, s};

/// Which of the two tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// Durable: what a driver or an accountant would miss.
    App,
    /// May be lost at any time.
    Cache,
}

/// What a row is, and so in which table. Each module declares its own kinds, and how long rows of them are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowKind {
    name: &'static str,
    table: Table,
}

impl RowKind {
    /// A kind of the durable table.
    pub const fn app(name: &'static str) -> Self {
        Self { name, table: Table::App }
    }

    /// A kind of the table that may be lost at any time.
    pub const fn cache(name: &'static str) -> Self {
        Self { name, table: Table::Cache }
    }

    /// What documents call it.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// The table that it is in.
    pub const fn table(self) -> Table {
        self.table
    }
}

/// The key of one item.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The table it is in.
    pub table: Table,
    pk: String,
    sk: String,
}

/// The sort key of an item that is alone under its partition key.
const ALONE: &str = "-";
/// The partition of a driver's rows begins with it.
const OF_DRIVER: &str = "DRIVER#";

impl Key {
    /// The item under these keys.
    pub fn new(table: Table, pk: String, sk: impl Into<String>) -> Self {
        Self { table, pk, sk: sk.into() }
    }

    /// The item that is alone under its partition key.
    pub fn alone(table: Table, pk: String) -> Self {
        Self::new(table, pk, ALONE)
    }

    /// An item in the driver's own partition.
    pub fn of_driver(table: Table, driver_id: i64, sk: impl Into<String>) -> Self {
        Self::new(table, format!("{OF_DRIVER}{driver_id}"), sk)
    }

    /// The partition key, for a query.
    pub fn partition(&self) -> &str {
        &self.pk
    }

    /// As attributes of an item.
    pub fn attributes(&self) -> Item {
        Item::from([("pk".to_owned(), s(&self.pk)), ("sk".to_owned(), s(&self.sk))])
    }

    /// The key of a row of the durable table, as an index has it.
    pub fn of(item: &Item) -> Option<Self> {
        Some(Self { table: Table::App, pk: item.text("pk")?.to_owned(), sk: item.text("sk")?.to_owned() })
    }

    /// The driver in whose partition a row is.
    pub fn driver_of(item: &Item) -> Option<i64> {
        item.text("pk")?.strip_prefix(OF_DRIVER)?.parse().ok()
    }

    /// Whether it is the key of this item.
    pub fn is_of(&self, item: &Item) -> bool {
        let same = |name, value: &str| matches!(item.get(name), Some(AttributeValue::S(text)) if text == value);
        same("pk", &self.pk) && same("sk", &self.sk)
    }
}
