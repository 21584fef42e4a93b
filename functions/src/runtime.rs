//! The Lambda runtime around a function.
use std::convert::Infallible;

use lambda_http::{Adapter, Error, service_fn};
use lambda_runtime::{LambdaEvent, Runtime};
use shared::{app::App, aws, clock::Clock, config::Config, modules::PRODUCT, telemetry};

use crate::{Function, Trigger};

/// Starts `function` and serves its events until Lambda stops it.
///
/// One event is served at a time, so one thread is enough.
///
/// # Errors
/// The start fails, with one message that says why, or the runtime API is gone.
#[tokio::main(flavor = "current_thread")]
pub async fn run(function: &Function) -> Result<(), Error> {
    telemetry::init();
    let app = match start(function).await {
        Ok(app) => app,
        Err(error) => {
            tracing::error!(%error, function = function.name, "the function cannot start");
            return Err(error);
        }
    };
    let app = &app;
    match function.trigger {
        Trigger::Http(handle) => {
            let serve = async |request| Ok::<_, Infallible>(handle(app, request).await);
            // Not `lambda_http::run`, which would add its own span around ours.
            Runtime::new(Adapter::from(service_fn(serve))).run().await
        }
        Trigger::Queue(handle) => {
            let serve =
                async |event: LambdaEvent<serde_json::Value>| Ok::<_, Infallible>(handle(app, event.payload).await);
            lambda_runtime::run(service_fn(serve)).await
        }
        Trigger::Event(handle) | Trigger::Topic(handle) => {
            let serve = async |event: LambdaEvent<serde_json::Value>| handle(app, event.payload).await;
            lambda_runtime::run(service_fn(serve)).await
        }
    }
}

async fn start(function: &Function) -> Result<App, Error> {
    let config = Config::from_env()?;
    let sdk = aws::config_from_env()?;
    Ok(App::start(config, &sdk, Clock::system(), function.secrets, PRODUCT, function.trigger.opens_store()).await?)
}
