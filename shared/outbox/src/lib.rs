//! Outgoing messages: their kinds and classes, their ledger, and what a messenger's client has to do. It knows no domain and
//! no messenger.
pub mod channel;
pub mod class;
pub mod kind;
pub mod ledger;
pub mod listing;
pub mod message;
