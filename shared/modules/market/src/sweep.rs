//! The walk through CargoTech's list. It goes on where it stopped, in another run too.
//!
//! Neither the size that CargoTech tells nor the length of a page decides where the list ends. A walk ends when a page
//! brings nothing new.
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    columns::Columns,
    gazetteer::Gazetteer,
    model::{Cargo, History, Open},
    snapshot::{self, Contents, Head, Sealed, Unreadable},
};

/// Offsets shift while rows come and go, so pages overlap by so many rows.
const OVERLAP: u32 = 5;
/// The list changes too much while a longer walk lasts.
const LONGEST_S: i64 = 600;

/// A page of CargoTech's list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// So many rows it had, those included that could not be read.
    pub rows: u32,
    /// The rows, in the order of the list.
    pub cargos: Vec<Cargo>,
}

/// How a walk goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The next page is wanted.
    More,
    /// The list has ended.
    Complete,
    /// The walk is worthless.
    Failed(Trouble),
}

/// What CargoTech does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// A page is empty where rows must be.
    Empty,
    /// Nothing of a page can be read.
    Unreadable,
    /// A full page has no row that the walk does not know.
    Repeated,
}

/// A walk through the list.
#[derive(Debug)]
pub struct Sweep {
    walk: Walk,
    found: BTreeMap<u64, Cargo>,
    gazetteer: Gazetteer,
}

/// Where a walk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Walk {
    started_s: i64,
    offset: u32,
    pages: u32,
    /// The page before had all rows that were asked for.
    was_full: bool,
    /// The id of the last row of the page before.
    last_id: Option<u64>,
    is_ordered: bool,
}

impl Sweep {
    /// So many rows are asked for.
    pub const LIMIT: u32 = 100;

    /// A walk that begins now.
    pub fn new(now_s: i64) -> Self {
        let walk = Walk { started_s: now_s, offset: 0, pages: 0, was_full: true, last_id: None, is_ordered: true };
        Self { walk, found: BTreeMap::new(), gazetteer: Gazetteer::default() }
    }

    /// Cursor of the next page.
    pub fn offset(&self) -> u32 {
        self.walk.offset
    }

    /// How many pages were taken.
    pub fn pages(&self) -> u32 {
        self.walk.pages
    }

    /// How many cargos were found.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Nothing was found.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Whether all rows came with ids that fall, the newest first. Then the head of the list alone tells what is new.
    pub fn is_ordered(&self) -> bool {
        self.walk.is_ordered
    }

    /// It has lasted so long that a new one is better.
    pub fn is_outdated(&self, now_s: i64) -> bool {
        now_s - self.walk.started_s > LONGEST_S
    }

    /// Takes the page at [`Sweep::offset`]. Of a row that is on two pages the later version counts.
    pub fn take(&mut self, page: Page) -> Progress {
        self.walk.pages += 1;
        let is_full = page.rows >= Self::LIMIT;
        if page.rows == 0 {
            let may_end = !self.walk.was_full && !self.found.is_empty();
            return if may_end { Progress::Complete } else { Progress::Failed(Trouble::Empty) };
        }
        if page.cargos.is_empty() {
            return Progress::Failed(Trouble::Unreadable);
        }
        self.note_order(&page.cargos);
        let before = self.found.len();
        for mut cargo in page.cargos {
            self.gazetteer.locate(&mut cargo);
            self.found.insert(cargo.id, cargo);
        }
        if self.found.len() == before {
            return if is_full { Progress::Failed(Trouble::Repeated) } else { Progress::Complete };
        }
        self.walk.was_full = is_full;
        self.walk.offset = self.walk.offset.saturating_add(page.rows.saturating_sub(OVERLAP).max(1));
        Progress::More
    }

    /// Rows that were inserted above show rows of the page before again, but never move a newer one down.
    fn note_order(&mut self, cargos: &[Cargo]) {
        let falls = cargos.is_sorted_by(|a, b| a.id > b.id);
        let last = cargos.last().map(|cargo| cargo.id);
        self.walk.is_ordered &= falls && self.walk.last_id.is_none_or(|before| last.is_some_and(|last| last <= before));
        self.walk.last_id = last;
    }

    pub(crate) fn into_found(self) -> (BTreeMap<u64, Cargo>, bool) {
        (self.found, self.walk.is_ordered)
    }

    /// Makes it into chunks, so that another run can go on.
    pub fn seal(&self, version: u64) -> Sealed {
        let history = History::new(self.walk.started_s, None);
        let rows: Vec<_> = self.found.values().map(|cargo| (cargo, &history)).collect();
        let columns = Columns::of(&rows);
        snapshot::seal(Contents::Sweep, version, self.walk.started_s, rows.len(), &(self.walk, columns))
    }

    /// Opens what [`Sweep::seal`] made.
    ///
    /// # Errors
    /// It is damaged, or of another format.
    pub fn open(head: &Head, chunks: &[Vec<u8>]) -> Result<Self, Unreadable> {
        let (walk, columns): (Walk, Columns) = snapshot::open(Contents::Sweep, head, chunks)?;
        let rows = columns.checked()?;
        let found = (0..rows.len()).map(|row| rows.open(row)).map(|Open { cargo, .. }| (cargo.id, cargo)).collect();
        Ok(Self { walk, found, gazetteer: Gazetteer::default() })
    }
}
