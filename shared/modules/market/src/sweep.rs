//! The walk through CargoTech's list. It can continue in another run.
//!
//! Neither CargoTech's total nor the length of a page marks the end of the list. A walk ends when its last rows or two
//! pages bring nothing new.
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    columns::Columns,
    gazetteer::Gazetteer,
    model::{Cargo, History, Open},
    snapshot::{self, Contents, Head, Sealed, Unreadable},
};

/// Rows by which pages overlap, because offsets shift while rows come and go.
const OVERLAP: u32 = 5;
/// The longest walk. The list changes too much during a longer one.
const LONGEST_S: i64 = 600;

/// A page of CargoTech's list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The number of rows, including unreadable ones.
    pub rows: u32,
    /// The rows, in the order of the list.
    pub cargos: Vec<Cargo>,
}

/// The state of a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It needs the next page.
    More,
    /// The list has ended.
    Complete,
    /// It is useless.
    Failed(Trouble),
}

/// An error in CargoTech's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// A page is empty where rows must exist.
    Empty,
    /// No row of a page is readable.
    Unreadable,
    /// Full pages bring nothing new.
    Repeated,
}

/// A walk through the list.
#[derive(Debug)]
pub struct Sweep {
    walk: Walk,
    found: BTreeMap<u64, Cargo>,
    gazetteer: Gazetteer,
}

/// The position of the walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Walk {
    started_s: i64,
    offset: u32,
    pages: u32,
    /// Whether the previous page was full.
    was_full: bool,
    /// Whether the previous page brought nothing new.
    was_known: bool,
    /// The id of the last row of the previous page.
    last_id: Option<u64>,
    is_ordered: bool,
}

impl Sweep {
    /// The page size.
    pub const LIMIT: u32 = 100;

    /// Starts a walk.
    pub fn new(now_s: i64) -> Self {
        let walk = Walk {
            started_s: now_s,
            offset: 0,
            pages: 0,
            was_full: true,
            was_known: false,
            last_id: None,
            is_ordered: true,
        };
        Self { walk, found: BTreeMap::new(), gazetteer: Gazetteer::default() }
    }

    /// When it started, Unix seconds.
    pub fn started_s(&self) -> i64 {
        self.walk.started_s
    }

    /// The offset of the next page.
    pub fn offset(&self) -> u32 {
        self.walk.offset
    }

    /// The offsets of the next `most` pages if they are full, so that they can be read at once. One after a shorter page,
    /// because the list may end there.
    pub fn offsets(&self, most: u32) -> impl Iterator<Item = u32> + use<> {
        let (first, count) = (self.walk.offset, if self.walk.was_full { most } else { most.min(1) });
        (0..count).map(move |page| first.saturating_add(page.saturating_mul(Self::LIMIT - OVERLAP)))
    }

    /// The number of pages read.
    pub fn pages(&self) -> u32 {
        self.walk.pages
    }

    /// The number of cargos found.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Whether all ids were descending, newest first. Then the head of the list alone shows what is new.
    pub fn is_ordered(&self) -> bool {
        self.walk.is_ordered
    }

    /// Whether it has lasted so long that a new walk is better.
    pub fn is_outdated(&self, now_s: i64) -> bool {
        now_s - self.walk.started_s > LONGEST_S
    }

    /// Adds the page at [`Sweep::offset`]. If a row is on two pages, the later version wins.
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
        // One page may be known because a page's worth of rows was inserted above it.
        let is_known = self.found.len() == before;
        if is_known && (self.walk.was_known || page.rows <= OVERLAP) {
            return if is_full { Progress::Failed(Trouble::Repeated) } else { Progress::Complete };
        }
        self.walk.was_known = is_known;
        self.walk.was_full = is_full;
        self.walk.offset = self.walk.offset.saturating_add(page.rows.saturating_sub(OVERLAP).max(1));
        Progress::More
    }

    /// Rows inserted above repeat rows of the previous page, but never move a newer one down.
    fn note_order(&mut self, cargos: &[Cargo]) {
        let falls = cargos.is_sorted_by(|a, b| a.id > b.id);
        let last = cargos.last().map(|cargo| cargo.id);
        self.walk.is_ordered &= falls && self.walk.last_id.is_none_or(|before| last.is_some_and(|last| last <= before));
        self.walk.last_id = last;
    }

    pub(crate) fn into_found(self) -> (BTreeMap<u64, Cargo>, bool) {
        (self.found, self.walk.is_ordered)
    }

    /// Encodes the walk into chunks, so that another run can continue it.
    pub fn seal(&self, version: u64) -> Sealed {
        let history = History::new(self.walk.started_s, None);
        let rows: Vec<_> = self.found.values().map(|cargo| (cargo, &history)).collect();
        let columns = Columns::of(&rows);
        snapshot::seal(Contents::Sweep, version, self.walk.started_s, rows.len(), &(self.walk, columns))
    }

    /// Opens the output of [`Sweep::seal`].
    ///
    /// # Errors
    /// It is damaged or has another format.
    pub fn open(head: &Head, chunks: &[Vec<u8>]) -> Result<Self, Unreadable> {
        let (walk, columns): (Walk, Columns) = snapshot::open(Contents::Sweep, head, chunks)?;
        let rows = columns.checked()?;
        let found = (0..rows.len()).map(|row| rows.open(row)).map(|Open { cargo, .. }| (cargo.id, cargo)).collect();
        Ok(Self { walk, found, gazetteer: Gazetteer::default() })
    }
}
