//! The rules of the CargoTech Driver WebApp.
pub mod app;
pub mod clock;
pub mod config;
