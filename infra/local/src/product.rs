//! The product from its start to its end.
use std::{
    collections::BTreeMap,
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::http::StatusCode;
use functions::FUNCTIONS;
use shared::{config::Config, telegram::update::ALLOWED_UPDATES};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Functions, Local, Options, StartError,
    aws::{
        Aws,
        roles::{RefusedCalls, Roles},
        sqs::{self, QueueFunction, Queues},
    },
    clock::MovableClock,
    data_dir::DataDir,
    environment::Environment,
    front::{Front, site::Site},
    gateway::{self, Gateway},
    lambda::{Lambdas, aws_variables, start_apps},
    opening::{
        open_bot, open_cargotech, open_clock, open_secrets, open_store, open_yookassa, origin_token, secret_field,
    },
    project_root,
    schedules::Schedules,
    server::{self, Server},
    slow_network::SlowNetwork,
    telegram::bot::Deliver,
    template::Template,
    yookassa,
};

/// How long a stop waits for what is under way.
pub(crate) const STOP: Duration = Duration::from_millis(800);
/// One of the addresses that Telegram calls webhooks from.
const TELEGRAM: IpAddr = IpAddr::V4(Ipv4Addr::new(149, 154, 167, 220));
/// The route of the bot's webhook.
const WEBHOOK: &str = "/webhooks/telegram";

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

impl Product {
    /// Starts everything and returns when requests are served.
    ///
    /// # Errors
    /// Something is missing or wrong; see [`StartError`].
    pub async fn start(options: Options) -> Result<Running, StartError> {
        let modules = options.modules;
        let environment = match options.environment.clone() {
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

        let mut running = Running::open(options, &environment, &config, &template, address)?;
        let server = Server::new(running.local.clone(), running.stop.clone());
        running.tasks.spawn(server.run(listener));

        let endpoint = aws_endpoint(address);
        running.variables = configured.variables;
        running.variables.extend(aws_variables(&endpoint));
        let apps = start_apps(&config, modules, &endpoint, &running.local.clock).await?;
        let lambdas = Lambdas::new(apps, &template, &running.local.aws.store.crashes);
        let schedules = Schedules::new(lambdas.scheduled, running.invocations.clone());
        for run in schedules.run_all() {
            running.spawn(run);
        }
        running.take_messages(lambdas.queued, &template)?;
        let gateway = Gateway::new(&template, &lambdas.http, running.local.clock.clock(), running.invocations.clone());
        // Nobody else sets it.
        let _ = running.local.functions.set(Functions { gateway, schedules });
        running.call_webhooks(&config, &template)?;
        Ok(running)
    }
}

impl Running {
    /// Opens what the functions talk to. Nothing runs yet.
    fn open(
        options: Options,
        environment: &Environment,
        config: &Config,
        template: &Template,
        address: SocketAddr,
    ) -> Result<Self, StartError> {
        let data_dir = options.data_dir.map(|path| DataDir::open(&path, options.reset)).transpose()?;
        let clock = open_clock(data_dir.as_ref(), options.starts_at_ms);
        let secrets = open_secrets(data_dir.as_ref(), environment, &config.secrets_prefix, &clock)
            .map_err(StartError::Secrets)?;
        let edge = secrets.get(&format!("{}/edge", config.secrets_prefix)).unwrap_or_default();
        let tables = [("AppTable", config.app_table.as_str()), ("CacheTable", config.cache_table.as_str())];
        let store = open_store(data_dir.as_ref(), template, &tables)?;
        let names = FUNCTIONS.iter().map(|function| function.name);
        let roles = Roles::new(template, names, &tables, &config.secrets_prefix)?;
        let is_local = |base_url: &str| environment.get(base_url).is_none();
        let local = Local {
            cargotech: is_local("CARGOTECH_BASE_URL").then(|| open_cargotech(&secrets, config, &clock)),
            bot: is_local("TELEGRAM_BASE_URL").then(|| open_bot(&secrets, config, environment, &clock)),
            yookassa: is_local("YOOKASSA_BASE_URL").then(|| open_yookassa(&secrets, config, &clock, address)),
            aws: Aws {
                store,
                secrets,
                queues: Queues::new(&template.queues, &aws_endpoint(address), clock.clock()),
                roles,
            },
            front: Front::new(Site::new(options.web_dir), template.clone(), origin_token(&edge)),
            clock,
            slow_network: SlowNetwork::default(),
            secrets_prefix: config.secrets_prefix.clone(),
            functions: OnceLock::new(),
        };
        Ok(Self {
            address,
            variables: BTreeMap::new(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            invocations: TaskTracker::new(),
            local: Arc::new(local),
            _data_dir: data_dir,
        })
    }

    /// Runs something until the product stops.
    fn spawn(&self, run: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move { stop.run_until_cancelled(run).await });
    }

    /// Has Lambda take messages from queues for functions.
    fn take_messages(&self, functions: Vec<Arc<QueueFunction>>, template: &Template) -> Result<(), StartError> {
        let aws = &self.local.aws;
        for function in functions {
            let resource = template.functions.iter().find(|resource| resource.name == function.name);
            for event in resource.into_iter().flat_map(|resource| &resource.queues) {
                let caller = aws.roles.function(&function.name);
                caller.may(|| sqs::polling(&event.queue)).map_err(|refusal| StartError::Polling(refusal.body))?;
                self.spawn(aws.queues.clone().consume(event.clone(), function.clone(), self.invocations.clone()));
            }
        }
        Ok(())
    }

    /// Has the sandboxes call the webhooks that the template has.
    fn call_webhooks(&self, config: &Config, template: &Template) -> Result<(), StartError> {
        let local = &self.local;
        let has_route = |route: &str| {
            template.functions.iter().flat_map(|function| &function.routes).any(|(_, path)| path == route)
        };
        if let Some(yookassa) = local.yookassa.clone().filter(|_| has_route(yookassa::WEBHOOK)) {
            self.spawn(yookassa.run(from_internet(local)));
        }
        if let Some(bot) = local.bot.clone() {
            if has_route(WEBHOOK) {
                let secret = secret_field(&local.aws.secrets, &config.secrets_prefix, "telegram")("webhook_secret");
                let url = format!("https://{}{WEBHOOK}", gateway::event::API_DOMAIN);
                bot.set_webhook_to(&url, &secret, &ALLOWED_UPDATES).map_err(StartError::Webhook)?;
            }
            self.spawn(bot.run(from_telegram(local)));
        }
        Ok(())
    }

    /// Runs a scheduled function now. It goes on when nobody waits any more.
    pub async fn run_now(&self, function: &'static str) {
        if let Some(functions) = self.local.functions.get() {
            // A failure is logged, and its schedule runs it again.
            let _ = functions.schedules.run(function, None).await;
        }
    }

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
                None => gateway::message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
            }
        })
    })
}
