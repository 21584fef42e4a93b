//! Declarations of the retention module: the deletion of expired data.
use ::manifest::Manifest;
use tokio::time::Instant;

use super::forget::Forgotten;
use crate::{
    app::App,
    clock::DAY_S,
    modules::{Job, Module, RUN},
    request::RequestContext,
};

/// Deletes data whose retention period has ended.
pub const FORGET: Job = Job { name: "forget", every_s: DAY_S, run: |app, context| Box::pin(forget(app, context)) };

/// The module.
pub const MODULE: Module = Module { jobs: &[FORGET], ..Module::new(Manifest::new("retention")) };

/// Deletes inactive drivers, personal data in old responses, and rows of old messages.
async fn forget(app: &App, context: &RequestContext) -> Result<(), String> {
    let forgotten = app.forget(Instant::now() + RUN, context).await.map_err(|error| error.code().to_owned())?;
    if forgotten == Forgotten::default() {
        tracing::debug!("there was nothing to be forgotten");
    } else {
        tracing::info!(?forgotten, "what is not to be kept any longer was forgotten");
    }
    // The rest was processed; someone has to look at the failed rows.
    if forgotten.failed > 0 { Err(format!("{} rows could not be forgotten", forgotten.failed)) } else { Ok(()) }
}
