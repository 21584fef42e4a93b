//! The job that detects silent failures.
use tokio::time::Duration;

use crate::{app::App, billing, cargotech, delivery, modules::Job, request::RequestContext, telegram, telemetry};

/// Measures the ages of things that grow old after a silent failure.
pub const WATCH: Job = Job { name: "watch", every_s: 300, run: |app, context| Box::pin(watch(app, context)) };

/// Measures the ages of things that grow old after a silent failure.
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

/// How recent Telegram's last reported error must be to count: twice the interval of the checks.
const RECENT_S: i64 = 600;

/// Asks Telegram for the state of the bot's webhook. A failed request is counted but not an error, so the rest is still
/// measured.
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
        // Telegram's text describes a status or a connection error and no person.
        let message = info["last_error_message"].as_str().unwrap_or_default();
        tracing::error!(message_of_telegram = message, "Telegram does not reach the bot's webhook");
        telemetry::count_by(telegram::metrics::BOT_WEBHOOK_FAILED, "unreached");
    }
}
