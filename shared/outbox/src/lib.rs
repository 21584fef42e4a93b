//! Outgoing messages. It knows no domain and no messenger.
pub mod class;
