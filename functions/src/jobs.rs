//! Scheduled jobs.
use serde_json::Value;
use shared::{
    app::App, auth::secret::SESSION, billing::yookassa, cargotech::secret::CARGOTECH, request::RequestContext,
    telegram::secret::TELEGRAM, telemetry,
};
use tracing::Instrument as _;

use crate::{BoxFuture, Function, Trigger};

/// The function.
pub const FUNCTION: Function = Function {
    name: "jobs",
    secrets: &[CARGOTECH, SESSION, TELEGRAM, yookassa::SECRET],
    trigger: Trigger::Event(|app, event| handle(app, event)),
};

/// Runs the job named in the event: `{"job": "check-cargotech"}`.
pub fn handle(app: &App, event: Value) -> BoxFuture<'_, Result<(), String>> {
    let context = RequestContext::new(uuid::Uuid::new_v4().to_string());
    let job = event.get("job").and_then(Value::as_str).unwrap_or_default().to_owned();
    let span = tracing::info_span!("job", request_id = context.request_id, job);
    Box::pin(
        async move {
            let Some(known) = app.modules.job(&job) else { return Err(format!("there is no job {job:?}")) };
            let noted = app.store.note_job_start(&job, app.clock.now_ms()).await;
            noted.unwrap_or_else(|error| tracing::warn!(%error, "that a job began could not be noted"));
            let result = (known.run)(app, &context).await;
            let noted = app.store.note_job_end(&job, result.as_ref().err().map(String::as_str), app.clock.now_ms());
            noted.await.unwrap_or_else(|error| tracing::warn!(%error, "how a job ended could not be noted"));
            telemetry::count_by(if result.is_ok() { telemetry::JOB_RAN } else { telemetry::JOB_FAILED }, &job);
            result
        }
        .instrument(span),
    )
}
