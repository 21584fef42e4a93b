//! What Lambda does with the functions: it starts each with its own rights, and hands it what its trigger brings.
use std::{sync::Arc, time::Duration};

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use aws_types::SdkConfig;
use functions::{FUNCTIONS, Function, Trigger};
use futures_util::future::try_join_all;
use shared::{app::App, config::Config, modules::Modules};

use crate::{
    StartError,
    aws::{self, roles::access_key_id, sqs::QueueFunction},
    clock::MovableClock,
    crashes::Crashes,
    gateway::{self, HttpFunction},
    schedules::ScheduledFunction,
    template::Template,
};

/// Why an invocation has no result that a test had cut off.
const CUT_OFF: &str = "the invocation was cut off";

/// Starts all functions, in the order of `FUNCTIONS`.
pub(crate) async fn start_apps(
    config: &Config,
    modules: Modules,
    endpoint: &str,
    clock: &MovableClock,
) -> Result<Vec<App>, StartError> {
    try_join_all(FUNCTIONS.iter().map(|function| start(function, config, modules, endpoint, clock))).await
}

/// The functions that were started, by what calls them.
#[derive(Default)]
pub(crate) struct Lambdas {
    pub(crate) http: Vec<Arc<HttpFunction>>,
    pub(crate) scheduled: Vec<ScheduledFunction>,
    pub(crate) queued: Vec<Arc<QueueFunction>>,
}

impl Lambdas {
    /// Of the apps that [`start_apps`] has started.
    pub(crate) fn new(apps: Vec<App>, template: &Template, crashes: &Crashes) -> Self {
        let mut lambdas = Self::default();
        for (function, app) in FUNCTIONS.iter().zip(apps) {
            lambdas.add(function, Arc::new(app), template, crashes.clone());
        }
        lambdas
    }

    fn add(&mut self, function: &'static Function, app: Arc<App>, template: &Template, crashes: Crashes) {
        let name = function.name.to_owned();
        let resource = template.functions.iter().find(|resource| resource.name == name);
        let timeout = resource.map_or(Duration::from_secs(3), |resource| resource.timeout);
        match function.trigger {
            Trigger::Http(handler) => self.http.push(Arc::new(HttpFunction {
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
                self.scheduled.push(ScheduledFunction::new(name, timeout, template, move |input| {
                    let (app, crashes) = (app.clone(), crashes.clone());
                    Box::pin(async move {
                        let result = crashes.run(function.name, handler(&app, input)).await;
                        result.unwrap_or_else(|| Err(CUT_OFF.to_owned()))
                    })
                }));
            }
            Trigger::Queue(handler) => self.queued.push(Arc::new(QueueFunction {
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
}

async fn start(
    function: &'static Function,
    config: &Config,
    modules: Modules,
    endpoint: &str,
    clock: &MovableClock,
) -> Result<App, StartError> {
    let sdk = sdk_config(endpoint, &access_key_id(function.name));
    App::start(config.clone(), &sdk, clock.clock(), function.secrets, modules, function.trigger.opens_store())
        .await
        .map_err(|error| StartError::Function(function.name, error.to_string()))
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

pub(crate) fn aws_variables(endpoint: &str) -> [(String, String); 5] {
    [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_REGION", aws::REGION),
        ("AWS_ACCESS_KEY_ID", aws::ACCESS_KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", aws::SECRET_ACCESS_KEY),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
}
