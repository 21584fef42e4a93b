//! The sandbox of Telegram, as far as signing in needs it: drivers, their init data, and a client that the Mini App runs in.
pub mod app;
pub mod drivers;
pub mod init_data;
