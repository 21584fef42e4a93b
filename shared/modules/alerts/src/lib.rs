//! Of which cargos a driver hears, and when: once of each cargo, again only when it pays clearly more, never in quiet
//! hours, and not too often.
//!
//! This crate performs no I/O: the time and what the driver has heard are passed in.
mod told;
mod when;

pub use told::{KEPT, Told};
pub use when::{Mode, Pace, Quiet};
