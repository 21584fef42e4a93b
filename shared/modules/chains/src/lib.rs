//! The way home: chains of one to four open cargos that a truck can carry one after the other.
//!
//! # Rules
//! - A truck drives 70 km/h on average. A driver drives at most 4.5 hours without a break of 45 minutes, and 9 hours
//!   without 11 hours of rest (order of the Ministry of Transport No. 424). At the start, the driver has rested. Waiting
//!   counts as a break or as rest if it is long enough.
//! - Loading takes an hour, unloading too. Each begins on its day, and at its time if the cargo has one. A truck that is
//!   early waits, one that is late does not get the cargo. An unloading without a day is at any time.
//! - Times are local to the settlement of the stop, or Moscow's if the settlement is unknown.
//! - Empty kilometres are estimated: 1.25 times the great circle.
//! - A chain leaves what one trip would leave (crate `worth`) that has the prices and the kilometres of all its cargos. It
//!   lasts from the start to the end of the last unloading, at least a day, in hundredths of a day rounded up.
//! - With a home, the last unloading must be nearer to it than the start, and the empty way home counts: its costs and
//!   its time.
//! - A cargo without a price, a distance, a day of loading or the location of an end is left out.
//!
//! # Order
//! Chains come by what they leave a day; equal ones with fewer cargos first, then by ids. Not all chains of a market can be
//! tried: of those with one cargo, the first [`BREADTH`] in this order are continued by a second, of these the
//! first by a third, and so on. What is found is the first of all that were tried.
//!
//! This crate performs no I/O: the routes and the time are passed in.
mod chain;
mod driver;
mod first;
mod leg;
mod search;

pub use chain::{Chain, Ride};
pub use search::{BREADTH, Request, Start, find};

/// How far a loading may be, kilometres along the great circle, if the driver does not say.
pub const RADIUS_KM: u32 = 150;
/// The most cargos in a chain.
pub const LONGEST: usize = 4;
