//! The whole product on one machine, in one process, on one port: the functions behind a gateway and a CloudFront of their
//! own, the store, the secrets, and sandboxes of the services around it. Nothing here is linked into a function.
//!
//! Several products can run in one process, each with its own data: nothing is global.
pub mod aws;
pub mod cargotech;
pub mod cli;
pub mod clock;
pub mod crashes;
pub mod data_dir;
pub mod environment;
pub mod front;
pub mod gateway;
mod lambda;
mod opening;
mod page;
mod product;
mod sandbox;
mod schedules;
mod server;
pub mod slow_network;
pub mod telegram;
pub mod template;
pub mod web_build;
pub mod yookassa;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use aws::Aws;
use clock::MovableClock;
use front::Front;
use gateway::Gateway;
pub use product::{Product, Running};
use schedules::Schedules;
use shared::modules::{Modules, PRODUCT};
use slow_network::SlowNetwork;
use telegram::bot::Bot;

/// What a product is started with.
#[derive(Debug, Clone)]
pub struct Options {
    /// The port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// Where data is kept; None keeps it in memory.
    pub data_dir: Option<PathBuf>,
    /// Deletes the data of earlier starts first.
    pub reset: bool,
    /// Where the clock begins, in Unix milliseconds, unless the kept data have a clock of their own. None: at the machine's.
    pub starts_at_ms: Option<i64>,
    /// The variables that the product sees. None: those of the process, and below them `.env` in the project's folder.
    pub environment: Option<BTreeMap<String, String>>,
    /// The built web app.
    pub web_dir: PathBuf,
    /// The SAM template.
    pub template: PathBuf,
    /// The modules of the product.
    pub modules: Modules,
}

impl Default for Options {
    /// In memory, on a free port, with nothing set from outside.
    fn default() -> Self {
        let root = project_root();
        Self {
            port: 0,
            data_dir: None,
            reset: false,
            starts_at_ms: None,
            environment: Some(BTreeMap::new()),
            web_dir: root.join("static-site/dist"),
            template: root.join("template.yaml"),
            modules: PRODUCT,
        }
    }
}

/// The folder of the project, where this package was built.
pub fn project_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new(".")).to_owned()
}

/// Why a product does not start. Each is one message for a person.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another program listens there.
    #[error("port {0} is taken by another program. Stop it, or choose another with --port")]
    PortTaken(u16),
    /// The port cannot be listened on.
    #[error("port {0} cannot be used: {1}")]
    Listen(u16, std::io::Error),
    /// A variable is bad.
    #[error("{0}")]
    Config(#[from] shared::config::ConfigError),
    /// `.env` cannot be read.
    #[error("{0}")]
    DotEnv(String),
    /// The template cannot be used.
    #[error("{0}")]
    Template(#[from] template::TemplateError),
    /// The template and the code disagree.
    #[error("template.yaml names the function {0:?}, which is not in functions::FUNCTIONS")]
    UnknownFunction(String),
    /// The template lacks a table.
    #[error("template.yaml has no {0}")]
    MissingTable(&'static str),
    /// A role does not let Lambda take messages for its function.
    #[error("template.yaml: {0}")]
    Polling(String),
    /// The data directory cannot be used.
    #[error("{0}")]
    DataDir(#[from] data_dir::DataDirError),
    /// The store cannot be opened.
    #[error("{0}")]
    Store(#[from] aws::dynamodb::OpenError),
    /// The secrets cannot be read or kept.
    #[error("the secrets cannot be kept: {0}")]
    Secrets(std::io::Error),
    /// The bot's sandbox does not take the webhook.
    #[error("the webhook's secret, TELEGRAM_WEBHOOK_SECRET: {0}")]
    Webhook(String),
    /// A function does not start.
    #[error("the function {0}: {1}")]
    Function(&'static str, String),
}

/// All that the one port serves.
pub(crate) struct Local {
    aws: Aws,
    front: Front,
    clock: MovableClock,
    slow_network: SlowNetwork,
    secrets_prefix: String,
    cargotech: Option<cargotech::Sandbox>,
    bot: Option<Bot>,
    yookassa: Option<yookassa::Sandbox>,
    functions: OnceLock<Functions>,
}

/// What exists only once the AWS endpoint answers, because the functions talk to it when they start.
pub(crate) struct Functions {
    gateway: Gateway,
    schedules: Schedules,
}
