//! What is not kept for ever: [`forget`] carries out what does not happen by itself. Each module declares how long its rows are
//! kept; `docs/retention.md` is that for whoever answers for personal data.
pub mod forget;
pub mod module;
