//! Retention: [`forget`] deletes what does not expire by itself. Each module declares how long its rows are kept;
//! `docs/retention.md` shows that for the data protection officer.
pub mod forget;
pub mod module;
