//! What runs by the clock.
use serde_json::Value;
use shared::{
    admin::health::JOBS, app::App, billing, cargotech, delivery, request::RequestContext, retention::forget::Forgotten,
    secrets::SecretName, telegram, telemetry,
};
use tokio::time::{Duration, Instant};
use tracing::Instrument as _;

use crate::{BoxFuture, Function, Trigger};

/// The function.
pub const FUNCTION: Function = Function {
    name: "jobs",
    secrets: &[SecretName::Cargotech, SecretName::Session, SecretName::Telegram, SecretName::Yookassa],
    trigger: Trigger::Event(|app, event| handle(app, event)),
};

/// Runs the job that the schedule names: `{"job": "check-cargotech"}`.
pub fn handle(app: &App, event: Value) -> BoxFuture<'_, Result<(), String>> {
    let context = RequestContext::new(uuid::Uuid::new_v4().to_string());
    let job = event.get("job").and_then(Value::as_str).unwrap_or_default().to_owned();
    let span = tracing::info_span!("job", request_id = context.request_id, job);
    Box::pin(
        async move {
            let is_known = JOBS.contains(&job.as_str());
            if is_known {
                let noted = app.store.note_job_start(&job, app.clock.now_ms()).await;
                noted.unwrap_or_else(|error| tracing::warn!(%error, "that a job began could not be noted"));
            }
            let result = match job.as_str() {
                "check-cargotech" => check_cargotech(app, &context).await,
                "deliver-due" => deliver_due(app, &context).await,
                "look-after-payments" => look_after_payments(app, &context).await,
                "compare-payments" => compare_payments(app, &context).await,
                "expire-responses" => expire_responses(app, &context).await,
                "watch" => watch(app, &context).await,
                "forget" => forget(app, &context).await,
                "count-cohorts" => count_cohorts(app).await,
                other => Err(format!("there is no job {other:?}")),
            };
            if is_known {
                let noted = app.store.note_job_end(&job, result.as_ref().err().map(String::as_str), app.clock.now_ms());
                noted.await.unwrap_or_else(|error| tracing::warn!(%error, "how a job ended could not be noted"));
                telemetry::count_by(if result.is_ok() { telemetry::JOB_RAN } else { telemetry::JOB_FAILED }, &job);
            }
            result
        }
        .instrument(span),
    )
}

/// How long a run works; the next one goes on. Below the function's own time by the longest call.
const RUN: Duration = Duration::from_secs(12);

/// How long a comparison works: nearly all of the function's time, because nothing follows it.
const COMPARED: Duration = Duration::from_secs(48);

/// Says what a job has done. That there was nothing to do is no news: some run every minute, and the metric shows that they do.
fn tell(done: usize, what: &'static str) {
    if done > 0 {
        tracing::info!(done, "{what}");
    } else {
        tracing::debug!(done, "{what}");
    }
}

/// Sends what a lost hint left behind.
async fn deliver_due(app: &App, context: &RequestContext) -> Result<(), String> {
    let done = app.deliver_due(Instant::now() + RUN, context).await.map_err(|error| error.to_string())?;
    tell(done, "messages that were due were dealt with");
    Ok(())
}

/// Finds out what became of open payments, also when no notification ever comes.
async fn look_after_payments(app: &App, context: &RequestContext) -> Result<(), String> {
    let done = app
        .billing()
        .look_after_payments(Instant::now() + RUN, context)
        .await
        .map_err(|error| error.code().to_owned())?;
    tell(done, "open payments were looked after");
    Ok(())
}

/// Holds the provider's lists of the last three days against our rows.
async fn compare_payments(app: &App, context: &RequestContext) -> Result<(), String> {
    let compared = app.billing().compare_payments(Instant::now() + COMPARED, context).await;
    tracing::info!(?compared, "payments were compared with the provider's lists");
    if compared.differing > 0 {
        telemetry::count(billing::metrics::PAYMENTS_DIFFER);
    }
    if compared.is_complete {
        return Ok(());
    }
    // Whoever called it calls it again.
    telemetry::count(billing::metrics::COMPARISON_INCOMPLETE);
    Err("the comparison did not come to its end".to_owned())
}

/// Lets responses expire that nobody decided on in time.
async fn expire_responses(app: &App, context: &RequestContext) -> Result<(), String> {
    let expired = app.expire_responses(Instant::now() + RUN, context).await.map_err(|error| error.code().to_owned())?;
    tell(expired, "responses whose time was over have expired");
    Ok(())
}

/// Measures what gets old when something fails without a word.
async fn watch(app: &App, context: &RequestContext) -> Result<(), String> {
    watch_bot(app, context).await;
    let age = |seconds: i64| Duration::from_secs(u64::try_from(seconds).unwrap_or_default());
    let ages = app.ages().await.map_err(|error| error.code().to_owned())?;
    telemetry::took(billing::metrics::OLDEST_UNSETTLED, age(ages.payment_s.unwrap_or_default()));
    telemetry::took(delivery::metrics::OLDEST_DUE, age(ages.delivery_s.unwrap_or_default()));
    if let Some(token_s) = ages.token_s {
        telemetry::took(cargotech::metrics::TOKEN_AGE, age(token_s));
    }
    for secret in &ages.secrets {
        if let Some(age_s) = secret.age_s.filter(|_| secret.name.gets_old()) {
            telemetry::secret_age(secret.name.as_str(), age(age_s));
        }
    }
    if ages.secrets.iter().any(|secret| secret.age_s.is_none()) {
        return Err("the age of a secret is not known".to_owned());
    }
    Ok(())
}

/// How old the last failure that Telegram tells of may be to count: twice the time between two looks.
const RECENT_S: i64 = 600;

/// Asks Telegram how the bot's webhook is. That Telegram does not answer is counted too, and fails nothing: the rest is
/// measured all the same.
async fn watch_bot(app: &App, context: &RequestContext) {
    let info = match app.telegram.call("getWebhookInfo", &serde_json::json!({}), context.deadline).await {
        Ok(info) => info,
        Err(error) => {
            tracing::warn!(%error, "Telegram does not tell how the webhook is");
            return telemetry::count_by(telegram::metrics::BOT_WEBHOOK_FAILED, "unanswered");
        }
    };
    let pending = info["pending_update_count"].as_u64().and_then(|count| u32::try_from(count).ok());
    telemetry::measure(telegram::metrics::BOT_PENDING_UPDATES, f64::from(pending.unwrap_or_default()));
    let failed_s = info["last_error_date"].as_i64().map(|at_s| app.clock.now_ms().div_euclid(1000) - at_s);
    if info["url"].as_str().is_none_or(str::is_empty) {
        tracing::error!("the bot has no webhook");
        telemetry::count_by(telegram::metrics::BOT_WEBHOOK_FAILED, "unset");
    } else if failed_s.is_some_and(|age_s| age_s < RECENT_S) {
        // Telegram's words name a status or a fault of the connection, and no person.
        let message = info["last_error_message"].as_str().unwrap_or_default();
        tracing::error!(message_of_telegram = message, "Telegram does not reach the bot's webhook");
        telemetry::count_by(telegram::metrics::BOT_WEBHOOK_FAILED, "unreached");
    }
}

/// Forgets drivers who have gone, persons in old responses and rows of old messages.
async fn forget(app: &App, context: &RequestContext) -> Result<(), String> {
    let forgotten = app.forget(Instant::now() + RUN, context).await.map_err(|error| error.code().to_owned())?;
    if forgotten == Forgotten::default() {
        tracing::debug!("there was nothing to be forgotten");
    } else {
        tracing::info!(?forgotten, "what is not to be kept any longer was forgotten");
    }
    // The others are dealt with all the same; somebody has to look at these.
    if forgotten.failed > 0 { Err(format!("{} rows could not be forgotten", forgotten.failed)) } else { Ok(()) }
}

/// Counts drivers from before the conversion was counted by the day on which trials began. What is left is for the next night.
async fn count_cohorts(app: &App) -> Result<(), String> {
    let counted =
        app.billing().count_cohorts(Instant::now() + COMPARED).await.map_err(|error| error.code().to_owned())?;
    tracing::debug!(?counted, "drivers from before the conversion was counted were counted");
    Ok(())
}

/// Asks CargoTech whether our token is alive, as every day (contract 1.4): a broken login is found before drivers do.
async fn check_cargotech(app: &App, context: &RequestContext) -> Result<(), String> {
    match app.cargotech.check(context, context.deadline).await {
        Ok(()) => {
            tracing::info!("CargoTech knows us");
            Ok(())
        }
        Err(error) => {
            tracing::error!(%error, "the daily check of CargoTech failed");
            telemetry::count(cargotech::metrics::CHECK_FAILED);
            Err(error.to_string())
        }
    }
}
