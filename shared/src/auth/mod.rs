//! Authentication: Telegram's signed init data, sessions, and their tokens.
pub mod access_token;
pub mod admin;
pub mod init_data;
pub mod messages;
pub mod metrics;
pub mod module;
mod revocations;
pub mod seat;
pub mod secret;
pub mod session;
pub mod token;
