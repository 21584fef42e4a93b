//! The rules of the CargoTech Driver WebApp. No function's `main` is here, and nothing knows HTTP's types.
pub mod access;
pub mod admin;
pub mod app;
pub mod auth;
pub mod aws;
pub mod billing;
pub mod cargo;
pub mod cargotech;
pub mod config;
pub mod delivery;
pub mod driver;
pub mod error;
pub mod market;
pub mod modules;
pub mod queue;
pub mod response;
pub mod retention;
pub mod searches;
pub mod store;
pub mod telegram;
pub mod worth;

pub use ::manifest::{flags, rights};
pub use ::store::audit;
pub use kernel::{address, body, clock, email, fields, outbound, person, phone, request, secrets, telemetry, text};
