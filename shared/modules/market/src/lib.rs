//! The market: all open cargos of CargoTech, kept up to date by sweeps and searched in memory.
//!
//! [`Sweep`] walks CargoTech's list page by page. [`Market::conclude`] compares what it found with what is known, and says
//! what is new, changed, missing. [`Market::seal`] makes a snapshot of it, in chunks that fit a row of the store. [`Index`]
//! opens one and answers searches from it.
//!
//! Nothing here calls anything: the time, the pages and the chunks are passed in.
mod columns;
mod cursor;
mod facets;
mod filters;
mod gazetteer;
mod index;
mod least;
mod ledger;
mod matches;
mod merge;
mod model;
mod rows;
mod search;
mod snapshot;
mod sort;
mod sweep;

pub use cursor::Cursor;
pub use facets::{Facets, PriceBand, Town};
pub use filters::{Area, Filters, Range};
pub use index::Index;
pub use ledger::Market;
pub use merge::{Changes, Refused, Verdict};
pub use model::{Cargo, Distance, History, Kind, Open, Point, PriceChange, Stop, When};
pub use search::{Found, Query};
pub use snapshot::{CHUNK_BYTES, Head, Sealed, Unreadable};
pub use sort::{By, Sort};
pub use sweep::{Page, Progress, Sweep, Trouble};

#[cfg(test)]
mod tests;
