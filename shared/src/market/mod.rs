//! The market in the product: the function that sweeps CargoTech's list, the stored snapshots, and the answers from
//! them. The rules are in the crate [`market`].
pub mod admin;
pub mod convert;
pub mod live;
pub mod metrics;
pub mod module;
pub mod rows;
pub mod sweep;
