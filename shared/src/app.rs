//! The application state, built once per process.
use aws_types::SdkConfig;
use futures_util::future::join_all;
use tokio::{
    join,
    time::{Duration, timeout},
};

use crate::{
    billing::yookassa::Yookassa,
    cargo::cache::Documents,
    cargotech::Cargotech,
    clock::Clock,
    config::Config,
    market::live::LiveMarket,
    modules::Modules,
    outbound::Outbound,
    queue::Queue,
    secrets::{Secret, SecretError, Secrets},
    store::Store,
    telegram::{Telegram, dispatch::DispatchChat},
    telemetry,
};

/// The product. Its methods are the rules, each in the module of its subject.
#[derive(Debug)]
pub struct App {
    /// The configuration.
    pub config: Config,
    /// The clock.
    pub clock: Clock,
    /// The modules.
    pub modules: Modules,
    /// Access to both tables.
    pub store: Store,
    /// Secrets Manager.
    pub secrets: Secrets,
    /// The CargoTech client.
    pub cargotech: Cargotech,
    /// The cache of CargoTech's data.
    pub documents: Documents,
    /// The copy of CargoTech's open cargos.
    pub market: LiveMarket,
    /// The bot.
    pub telegram: Telegram,
    /// Which chat belongs to the dispatchers.
    pub dispatch_chat: DispatchChat,
    /// The payment provider.
    pub yookassa: Yookassa,
    /// The queue of hints to send messages.
    pub queue: Queue,
}

/// Why the function cannot start, in one message.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A secret is missing or malformed.
    #[error("cannot start: {0}")]
    Secret(#[from] SecretError),
}

impl App {
    /// Builds the product. Reads `secrets` and, if `opens_store`, opens the store's connection at the same time, so
    /// that the first request does not wait for them. The store may be down; the secrets are required.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start(
        config: Config,
        sdk: &SdkConfig,
        clock: Clock,
        secrets: &[Secret],
        modules: Modules,
        opens_store: bool,
    ) -> Result<Self, StartError> {
        telemetry::count_in(&config.metrics_namespace, &config.release);
        let store = Store::new(sdk, &config, modules);
        let vault = Secrets::new(sdk, &config.secrets_prefix);
        let http = Outbound::default();
        let telegram = Telegram::new(&config, http.clone(), vault.clone());
        let yookassa = Yookassa::new(&config, http.clone(), store.clone(), vault.clone(), clock.clone());
        let queue = Queue::new(sdk, &config);
        let cargotech = Cargotech::new(&config, http, store.clone(), vault.clone(), clock.clone());
        let market = LiveMarket::new(&config, store.clone(), clock.clone());
        let documents = Documents::new(&config, store.clone(), clock.clone());
        // In the order of the names, so that a failed start always reports the same secret.
        let loads = join_all(secrets.iter().map(|secret| vault.load(*secret)));
        let warm = async {
            if opens_store && !matches!(timeout(Duration::from_secs(2), store.connect()).await, Ok(Ok(()))) {
                tracing::warn!("the store did not answer at the start");
            }
        };
        let (loaded, ()) = join!(loads, warm);
        loaded.into_iter().collect::<Result<(), _>>()?;
        let dispatch_chat = DispatchChat::new(config.dispatch_chat_id);
        Ok(Self {
            config,
            clock,
            modules,
            store,
            secrets: vault,
            cargotech,
            documents,
            market,
            telegram,
            dispatch_chat,
            yookassa,
            queue,
        })
    }

    /// Today's date in UTC.
    pub fn today(&self) -> jiff::civil::Date {
        self.clock.today()
    }
}
