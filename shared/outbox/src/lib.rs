//! Outgoing messages: kinds, priority classes, the ledger, and the interface of a messenger's client. It knows no
//! domain and no messenger.
pub mod channel;
pub mod class;
pub mod kind;
pub mod ledger;
pub mod listing;
pub mod message;
