//! The state of the market between two sweeps.
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    columns::Columns,
    model::Open,
    snapshot::{self, Contents, Head, Sealed, Unreadable},
};

/// All open cargos, and the data for judging sweeps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Market {
    pub(crate) open: BTreeMap<u64, Open>,
    pub(crate) ledger: Ledger,
}

/// The state besides the cargos.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ledger {
    /// When the last accepted sweep ended, Unix seconds.
    pub swept_s: i64,
    /// How many cargos it found; `None` before the first sweep.
    pub accepted: Option<u32>,
    /// Whether the list was ordered.
    pub is_ordered: bool,
    /// Recently removed cargos. One that returns is not new.
    pub departed: BTreeMap<u64, Departed>,
}

/// A removed cargo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Departed {
    pub first_seen_s: i64,
    pub at_s: i64,
}

impl Market {
    /// All cargos, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Open> {
        self.open.values()
    }

    /// The cargo with this id.
    pub fn get(&self, id: u64) -> Option<&Open> {
        self.open.get(&id)
    }

    /// The number of cargos.
    pub fn len(&self) -> usize {
        self.open.len()
    }

    /// Whether there are no cargos.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// When the last accepted sweep ended, Unix seconds; `None` before the first.
    pub fn swept_s(&self) -> Option<i64> {
        self.ledger.accepted.map(|_| self.ledger.swept_s)
    }

    /// Whether that sweep's list was ordered.
    pub fn is_ordered(&self) -> bool {
        self.ledger.is_ordered
    }

    /// Creates a snapshot.
    pub fn seal(&self, version: u64) -> Sealed {
        let rows: Vec<_> = self.open.values().map(|open| (&open.cargo, &open.history)).collect();
        let columns = Columns::of(&rows);
        snapshot::seal(Contents::Market, version, self.ledger.swept_s, rows.len(), &(columns, &self.ledger))
    }

    /// Opens a snapshot.
    ///
    /// # Errors
    /// It is damaged or has another format.
    pub fn open(head: &Head, chunks: &[Vec<u8>]) -> Result<Self, Unreadable> {
        let (columns, ledger): (Columns, Ledger) = snapshot::open(Contents::Market, head, chunks)?;
        let rows = columns.checked()?;
        let open = (0..rows.len()).map(|row| rows.open(row)).map(|open| (open.cargo.id, open)).collect();
        Ok(Self { open, ledger })
    }
}
