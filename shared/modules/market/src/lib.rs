//! The market: all open cargos of CargoTech, updated by sweeps and searched in memory.
//!
//! [`Sweep`] reads CargoTech's list page by page. [`Market::conclude`] compares the result with the known state and
//! reports new, changed and missing cargos. [`Market::seal`] creates a snapshot in chunks that fit a row of the store.
//! [`Index`] opens a snapshot and answers searches.
//!
//! This crate performs no I/O: the time, the pages and the chunks are passed in.
mod columns;
mod cursor;
mod facets;
mod families;
mod filters;
mod gazetteer;
mod haul;
mod index;
mod least;
mod ledger;
mod matches;
mod merge;
mod model;
mod rate;
mod route;
mod rows;
mod search;
mod snapshot;
mod sort;
mod sweep;

pub use cursor::Cursor;
pub use facets::{Facets, PriceBand, Town};
pub use filters::{Area, Filters, Range};
pub use haul::Haul;
pub use index::Index;
pub use ledger::Market;
pub use merge::{Changes, Refused, Verdict};
pub use model::{Cargo, Distance, History, Kind, Open, Point, PriceChange, Stop, When};
pub use rate::{Quartiles, Rate, Scope};
pub use route::{End, Route};
pub use search::{Found, Query};
pub use snapshot::{CHUNK_BYTES, Head, Sealed, Unreadable};
pub use sort::{By, Sort};
pub use sweep::{Page, Progress, Sweep, Trouble};

#[cfg(test)]
mod tests;
