//! Rows of entities without a crate of their own, on top of the crate [`store`]. One file per entity.
use std::{
    ops::Deref,
    sync::{Arc, Mutex, PoisonError},
};

use aws_types::SdkConfig;

pub mod admin;
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
mod searches;
pub mod seat;
pub mod session;
pub mod token;
pub mod update;

use ::store::Engine;
pub use ::store::{Counts, Key, StoreError, bucket, is_cursor, retry};

use outbox::kind::Kind;

use crate::{billing::settings::Settings, config::Config, modules::Modules};

type RecentSettings = Option<(i64, Arc<Settings>)>;

/// The rows of both tables.
#[derive(Clone, Debug)]
pub struct Store {
    engine: Engine,
    /// The message kinds.
    kinds: Arc<[&'static Kind]>,
    /// The settings and when they were read, milliseconds.
    recent_settings: Arc<Mutex<RecentSettings>>,
}

/// How long settings are reused across lists and cargos. One row serves all drivers, and DynamoDB limits reads of an
/// item to about three thousand a second.
const SETTINGS_KEPT_MS: i64 = 5_000;

impl Store {
    /// Connects lazily; see [`Store::connect`].
    pub fn new(sdk: &SdkConfig, config: &Config, modules: Modules) -> Self {
        let engine = Engine::new(sdk, &config.app_table, &config.cache_table);
        Self { engine, kinds: modules.kinds().collect(), recent_settings: Arc::default() }
    }

    /// Opens the connection, so that the first request does not wait for it.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn connect(&self) -> Result<(), StoreError> {
        self.warm(&keys::cargotech_gate()).await
    }

    /// The settings, if read within the last seconds.
    fn recent_settings(&self, now_ms: i64) -> Option<Arc<Settings>> {
        let recent = self.recent_settings.lock().unwrap_or_else(PoisonError::into_inner);
        let (read_at_ms, settings) = recent.as_ref()?;
        // The clock may go back.
        (0..SETTINGS_KEPT_MS).contains(&(now_ms - read_at_ms)).then(|| settings.clone())
    }

    fn remember_settings(&self, settings: Arc<Settings>, now_ms: i64) {
        *self.recent_settings.lock().unwrap_or_else(PoisonError::into_inner) = Some((now_ms, settings));
    }
}

impl Deref for Store {
    type Target = Engine;

    fn deref(&self) -> &Engine {
        &self.engine
    }
}
