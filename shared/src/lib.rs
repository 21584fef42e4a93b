//! The rules of the CargoTech Driver WebApp. No function's `main` is here, and nothing knows HTTP's types.
pub mod app;
pub mod audit;
pub mod auth;
pub mod aws;
pub mod cargo;
pub mod cargotech;
pub mod clock;
pub mod config;
pub mod driver;
pub mod error;
pub mod request;
pub mod secrets;
pub mod store;
pub mod telemetry;
