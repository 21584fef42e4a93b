//! Cursors of the market list.
use crate::sort::{Sort, UNKNOWN};

/// The last cargo of a page. The next page starts after it, even if the cargo is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub(crate) key: u64,
    pub(crate) id: u64,
}

impl Cursor {
    /// The text form for a URL.
    pub fn text(self, sort: Sort) -> String {
        format!("{}.{:x}.{:x}", sort.name(), self.key, self.id)
    }

    /// Parses [`Cursor::text`]; `None` if it is malformed or belongs to another order.
    pub fn parse(text: &str, sort: Sort) -> Option<Self> {
        let (key, id) = text.strip_prefix(sort.name())?.strip_prefix('.')?.split_once('.')?;
        let number = |text: &str| u64::from_str_radix(text, 16).ok().filter(|number| format!("{number:x}") == text);
        Some(Self { key: number(key).filter(|key| *key <= UNKNOWN)?, id: number(id)? })
    }
}
