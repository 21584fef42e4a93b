//! The rows of what is no crate of its own yet, through the engine of the crate [`store`]. One file per entity.
use std::{
    collections::HashSet,
    ops::Deref,
    sync::{Arc, Mutex},
};

use aws_types::SdkConfig;

pub mod admin;
pub mod audit;
pub mod billing;
pub mod chat;
mod cohort;
pub mod counters;
pub mod delivery;
pub mod differences;
pub mod document;
pub mod driver;
mod export;
pub mod forget;
pub mod gate;
pub mod job;
pub mod keys;
pub mod lease;
pub mod marks;
pub mod profile;
pub mod requests;
pub mod response;
pub mod rivals;
pub mod seat;
pub mod session;
pub mod token;
pub mod update;

use ::store::Engine;
pub use ::store::{Counts, Key, StoreError, bucket, is_cursor, retry};

use crate::config::Config;

/// The rows of both tables.
#[derive(Clone, Debug)]
pub struct Store {
    engine: Engine,
    /// Audit rows that stand for all of their hour and are there.
    hourly_rows: Arc<Mutex<HashSet<String>>>,
}

impl Store {
    /// Connects lazily; see [`Store::connect`].
    pub fn new(sdk: &SdkConfig, config: &Config) -> Self {
        let engine = Engine::new(sdk, &config.app_table, &config.cache_table);
        Self { engine, hourly_rows: Arc::default() }
    }

    /// Opens the connection, so that the first request does not pay for it.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn connect(&self) -> Result<(), StoreError> {
        self.warm(&keys::cargotech_gate()).await
    }
}

impl Deref for Store {
    type Target = Engine;

    fn deref(&self) -> &Engine {
        &self.engine
    }
}
