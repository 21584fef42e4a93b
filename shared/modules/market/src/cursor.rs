//! Where a list goes on.
use crate::sort::{Sort, UNKNOWN};

/// The last cargo of a page. The next page begins behind it, whether it is still there or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub(crate) key: u64,
    pub(crate) id: u64,
}

impl Cursor {
    /// As text, for an address.
    pub fn text(self, sort: Sort) -> String {
        format!("{}.{:x}.{:x}", sort.name(), self.key, self.id)
    }

    /// Reads [`Cursor::text`]; `None` if it is none, or of a list in another order.
    pub fn parse(text: &str, sort: Sort) -> Option<Self> {
        let (key, id) = text.strip_prefix(sort.name())?.strip_prefix('.')?.split_once('.')?;
        let number = |text: &str| u64::from_str_radix(text, 16).ok().filter(|number| format!("{number:x}") == text);
        Some(Self { key: number(key).filter(|key| *key <= UNKNOWN)?, id: number(id)? })
    }
}
