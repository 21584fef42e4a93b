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
mod page;
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
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::Duration,
};

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use aws_types::SdkConfig;
use axum::http::HeaderValue;
use functions::{FUNCTIONS, Function, Trigger};
use futures_util::future::try_join_all;
use serde_json::Value;
use shared::{app::App, telegram::update::ALLOWED_UPDATES};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use aws::{
    Aws,
    dynamodb::Store,
    roles::{RefusedCalls, Roles, access_key_id},
    secrets::SecretsManager,
    sqs::{QueueFunction, Queues},
};
use clock::MovableClock;
use data_dir::DataDir;
use environment::Environment;
use front::{Front, site::Site};
use gateway::{Gateway, HttpFunction};
use schedules::{ScheduledFunction, Schedules};
use server::Server;
use slow_network::SlowNetwork;
use telegram::bot::{Bot, Deliver};
use template::Template;

/// How long a stop waits for what is under way.
const STOP: Duration = Duration::from_millis(800);
/// One of the addresses that Telegram calls webhooks from.
const TELEGRAM: IpAddr = IpAddr::V4(Ipv4Addr::new(149, 154, 167, 220));
/// The route of the bot's webhook.
const WEBHOOK: &str = "/webhooks/telegram";

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

/// The product.
#[derive(Debug)]
pub struct Product;

/// A product that runs. Dropping it stops it without waiting.
pub struct Running {
    address: SocketAddr,
    variables: BTreeMap<String, String>,
    stop: CancellationToken,
    tasks: TaskTracker,
    invocations: TaskTracker,
    local: Arc<Local>,
    _data_dir: Option<DataDir>,
}

/// Why an invocation has no result that a test had cut off.
const CUT_OFF: &str = "the invocation was cut off";

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

impl Product {
    /// Starts everything and returns when requests are served.
    ///
    /// # Errors
    /// Something is missing or wrong; see [`StartError`].
    pub async fn start(options: Options) -> Result<Running, StartError> {
        let environment = match options.environment {
            Some(variables) => Environment::new(variables),
            None => Environment::of_process(&project_root().join(".env")).map_err(StartError::DotEnv)?,
        };
        let mut template = Template::read(&options.template)?;
        for resource in &template.functions {
            if !FUNCTIONS.iter().any(|function| function.name == resource.name) {
                return Err(StartError::UnknownFunction(resource.name.clone()));
            }
        }
        let listener = server::listen(options.port).await?;
        let address = listener.local_addr().map_err(|error| StartError::Listen(options.port, error))?;
        let configured = environment.configure(address.port())?;
        let config = configured.config;
        template.set_webapp_origin(&config.webapp_origin);

        let data_dir = options.data_dir.map(|path| DataDir::open(&path, options.reset)).transpose()?;
        let clock = data_dir.as_ref().map(|dir| MovableClock::kept_in(&dir.clock())).unwrap_or_default();
        if let Some(starts_at_ms) = options.starts_at_ms
            && clock.offset_s() == 0
        {
            clock.set_offset_s((starts_at_ms - clock.clock().now_ms()).div_euclid(1000));
        }
        let secrets = open_secrets(data_dir.as_ref(), &environment, &config.secrets_prefix, &clock)
            .map_err(StartError::Secrets)?;
        let edge = secrets.get(&format!("{}/edge", config.secrets_prefix)).unwrap_or_default();
        let tables = [("AppTable", config.app_table.as_str()), ("CacheTable", config.cache_table.as_str())];
        let store = open_store(data_dir.as_ref(), &template, &tables)?;
        let functions = FUNCTIONS.iter().map(|function| function.name);
        let roles = Roles::new(&template, functions, &tables, &config.secrets_prefix)?;
        let cargotech =
            environment.get("CARGOTECH_BASE_URL").is_none().then(|| open_cargotech(&secrets, &config, &clock));
        let bot = environment.get("TELEGRAM_BASE_URL").is_none().then(|| {
            let token = secret_field(&secrets, &config.secrets_prefix, "telegram")("bot_token");
            Bot::new(token, environment.dispatch_chat(), clock.clock())
        });
        let yookassa =
            environment.get("YOOKASSA_BASE_URL").is_none().then(|| open_yookassa(&secrets, &config, &clock, address));
        let endpoint = aws_endpoint(address);
        let queues = Queues::new(&template.queues, &endpoint, clock.clock());

        let site = Site::new(options.web_dir);
        let local = Arc::new(Local {
            aws: Aws { store, secrets, queues: queues.clone(), roles },
            front: Front::new(site, template.clone(), origin_token(&edge)),
            clock: clock.clone(),
            slow_network: SlowNetwork::default(),
            secrets_prefix: config.secrets_prefix.clone(),
            cargotech,
            bot: bot.clone(),
            yookassa: yookassa.clone(),
            functions: OnceLock::new(),
        });
        let (stop, tasks, invocations) = (CancellationToken::new(), TaskTracker::new(), TaskTracker::new());
        let mut running = Running {
            address,
            variables: configured.variables,
            stop: stop.clone(),
            tasks: tasks.clone(),
            invocations: invocations.clone(),
            local: local.clone(),
            _data_dir: data_dir,
        };
        let server = Server::new(local.clone(), stop.clone());
        tasks.spawn(server.run(listener));

        running.variables.extend(aws_variables(&endpoint));
        let starting = FUNCTIONS.iter().map(|function| start(function, &config, &endpoint, &clock));
        let apps = try_join_all(starting).await?;
        let timeout = |name: &str| {
            let resource = template.functions.iter().find(|resource| resource.name == name);
            resource.map_or(Duration::from_secs(3), |resource| resource.timeout)
        };
        let (mut http, mut scheduled, mut queued) = (Vec::new(), Vec::new(), Vec::new());
        for (function, app) in FUNCTIONS.iter().zip(apps) {
            let (name, timeout, app) = (function.name.to_owned(), timeout(function.name), Arc::new(app));
            let crashes = local.aws.store.crashes.clone();
            match function.trigger {
                Trigger::Http(handler) => http.push(Arc::new(HttpFunction {
                    name,
                    timeout,
                    handler: Box::new(move |request| {
                        let (app, crashes) = (app.clone(), crashes.clone());
                        Box::pin(async move {
                            let answer = crashes.run(function.name, handler(&app, request)).await;
                            answer.unwrap_or_else(gateway::cut_off)
                        })
                    }),
                })),
                Trigger::Event(handler) | Trigger::Topic(handler) => {
                    scheduled.push(ScheduledFunction::new(name, timeout, &template, move |input| {
                        let (app, crashes) = (app.clone(), crashes.clone());
                        Box::pin(async move {
                            let result = crashes.run(function.name, handler(&app, input)).await;
                            result.unwrap_or_else(|| Err(CUT_OFF.to_owned()))
                        })
                    }))
                }
                Trigger::Queue(handler) => queued.push(Arc::new(QueueFunction {
                    name,
                    timeout,
                    run: Box::new(move |event| {
                        let (app, crashes) = (app.clone(), crashes.clone());
                        Box::pin(async move {
                            let answer = crashes.run(function.name, handler(&app, event)).await;
                            answer.ok_or_else(|| CUT_OFF.to_owned())
                        })
                    }),
                })),
            }
        }
        let schedules = Schedules::new(scheduled, invocations.clone());
        for run in schedules.run_all() {
            let stop = stop.clone();
            tasks.spawn(async move { stop.run_until_cancelled(run).await });
        }
        for function in queued {
            let resource = template.functions.iter().find(|resource| resource.name == function.name);
            for event in resource.into_iter().flat_map(|resource| &resource.queues) {
                let caller = local.aws.roles.function(&function.name);
                caller.may(|| aws::sqs::polling(&event.queue)).map_err(|refusal| StartError::Polling(refusal.body))?;
                let (stop, queues, invocations) = (stop.clone(), queues.clone(), invocations.clone());
                let consumer = queues.consume(event.clone(), function.clone(), invocations);
                tasks.spawn(async move { stop.run_until_cancelled(consumer).await });
            }
        }
        let gateway = Gateway::new(&template, &http, clock.clock(), invocations);
        // Nobody else sets it.
        let _ = local.functions.set(Functions { gateway, schedules });
        let has_route = |route: &str| {
            template.functions.iter().flat_map(|function| &function.routes).any(|(_, path)| path == route)
        };
        if let Some(yookassa) = yookassa.filter(|_| has_route(yookassa::WEBHOOK)) {
            let (stop, run) = (stop.clone(), yookassa.run(from_internet(&local)));
            tasks.spawn(async move { stop.run_until_cancelled(run).await });
        }
        if let Some(bot) = bot {
            if has_route(WEBHOOK) {
                let secret = secret_field(&local.aws.secrets, &config.secrets_prefix, "telegram")("webhook_secret");
                bot.set_webhook_to(
                    &format!("https://{}{WEBHOOK}", gateway::event::API_DOMAIN),
                    &secret,
                    &ALLOWED_UPDATES,
                )
                .map_err(StartError::Webhook)?;
            }
            tasks.spawn(async move { stop.run_until_cancelled(bot.run(from_telegram(&local))).await });
        }
        Ok(running)
    }
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of the page with the phone frame, `http://127.0.0.1:8080`; no slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The AWS endpoint that the functions talk to.
    pub fn aws_endpoint(&self) -> String {
        aws_endpoint(self.address)
    }

    /// The environment with which a Lambda binary started by hand talks to the same store and secrets.
    pub fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// The calls that template.yaml gives no right to.
    pub fn refused_calls(&self) -> RefusedCalls {
        self.local.aws.roles.refused()
    }

    /// The clock, to be moved ahead.
    pub fn clock(&self) -> &MovableClock {
        &self.local.clock
    }

    /// Stops: no new requests, a moment for those under way, then the rest is cut off.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.invocations.close();
        let finished = async { tokio::join!(self.tasks.wait(), self.invocations.wait()) };
        // What still runs after this long waits for something that will not come.
        let _ = tokio::time::timeout(STOP + Duration::from_millis(200), finished).await;
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn aws_endpoint(address: SocketAddr) -> String {
    format!("http://{address}/_aws")
}

/// How Telegram reaches the webhook.
fn from_telegram(local: &Arc<Local>) -> Deliver {
    let deliver = from_internet(local);
    Arc::new(move |request| deliver(request, TELEGRAM))
}

/// How the internet reaches a webhook: by the API's own domain, past CloudFront.
fn from_internet(local: &Arc<Local>) -> yookassa::Deliver {
    let local = Arc::downgrade(local);
    Arc::new(move |request, peer| {
        let local = local.upgrade();
        Box::pin(async move {
            match local.as_ref().and_then(|local| local.functions.get()) {
                Some(functions) => functions.gateway.handle(request, peer).await,
                None => gateway::message(axum::http::StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
            }
        })
    })
}

async fn start(
    function: &'static Function,
    config: &shared::config::Config,
    endpoint: &str,
    clock: &MovableClock,
) -> Result<App, StartError> {
    let sdk = sdk_config(endpoint, &access_key_id(function.name));
    App::start(config.clone(), &sdk, clock.clock(), function.secrets, function.trigger.opens_store())
        .await
        .map_err(|error| StartError::Function(function.name, error.to_string()))
}

fn open_secrets(
    data_dir: Option<&DataDir>,
    environment: &Environment,
    prefix: &str,
    clock: &MovableClock,
) -> std::io::Result<SecretsManager> {
    let secrets = SecretsManager::open(data_dir.map(DataDir::secrets).as_deref(), clock.clock())?;
    for name in ["cargotech", "telegram", "yookassa", "session", "access"] {
        let id = format!("{prefix}/{name}");
        if let Some(value) = environment.secret(name, secrets.get(&id).is_none()) {
            secrets.provide(&id, &value.to_string());
        }
    }
    let edge = format!("{prefix}/edge");
    if secrets.get(&edge).is_none() {
        let token = uuid::Uuid::new_v4().simple().to_string();
        secrets.put(&edge, &serde_json::json!({"origin_token": token}).to_string())?;
    }
    Ok(secrets)
}

fn open_store(
    data_dir: Option<&DataDir>,
    template: &Template,
    tables: &[(&'static str, &str)],
) -> Result<Store, StartError> {
    let resource = |&(id, name): &(&'static str, _)| {
        template.tables.get(id).map(|table| (name, table)).ok_or(StartError::MissingTable(id))
    };
    let tables = tables.iter().map(resource).collect::<Result<Vec<_>, _>>()?;
    Ok(Store::open(data_dir.map(DataDir::store).as_deref(), tables)?)
}

fn open_cargotech(
    secrets: &SecretsManager,
    config: &shared::config::Config,
    clock: &MovableClock,
) -> cargotech::Sandbox {
    let login = secret_field(secrets, &config.secrets_prefix, "cargotech");
    let clock = clock.clock();
    cargotech::Sandbox::new(cargotech::Options {
        seed: 1,
        phone: login("phone"),
        password: login("password"),
        clock: Arc::new(move || clock.now_ms()),
    })
}

fn open_yookassa(
    secrets: &SecretsManager,
    config: &shared::config::Config,
    clock: &MovableClock,
    address: SocketAddr,
) -> yookassa::Sandbox {
    let shop = secret_field(secrets, &config.secrets_prefix, "yookassa");
    yookassa::Sandbox::new(yookassa::Options {
        shop_id: shop("shop_id"),
        secret_key: shop("secret_key"),
        webhook_token: shop("webhook_token"),
        base_url: format!("http://{address}{}", server::YOOKASSA),
        clock: clock.clock(),
    })
}

/// Reads fields of a secret that is a JSON object.
pub(crate) fn secret_field(secrets: &SecretsManager, prefix: &str, name: &str) -> impl Fn(&str) -> String + use<> {
    let secret = secrets.get(&format!("{prefix}/{name}")).unwrap_or_default();
    let secret: Value = serde_json::from_str(&secret).unwrap_or_default();
    move |field| secret[field].as_str().unwrap_or_default().to_owned()
}

fn origin_token(edge: &str) -> HeaderValue {
    let secret: Value = serde_json::from_str(edge).unwrap_or_default();
    let token = secret["origin_token"].as_str().unwrap_or_default();
    HeaderValue::from_str(token).unwrap_or(HeaderValue::from_static(""))
}

/// The SDK's configuration for the local endpoint. Nothing of the machine's own AWS settings is read.
fn sdk_config(endpoint: &str, access_key_id: &str) -> SdkConfig {
    let credentials = Credentials::new(access_key_id, aws::SECRET_ACCESS_KEY, None, None, "local");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static(aws::REGION))
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build()
}

fn aws_variables(endpoint: &str) -> [(String, String); 5] {
    [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_REGION", aws::REGION),
        ("AWS_ACCESS_KEY_ID", aws::ACCESS_KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", aws::SECRET_ACCESS_KEY),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
}
