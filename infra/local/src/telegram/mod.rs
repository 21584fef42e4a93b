//! The sandbox of Telegram: people, their init data, a client that the Mini App runs in, and the Bot API with its chats.
pub mod app;
pub mod bot;
pub mod drivers;
pub mod init_data;
