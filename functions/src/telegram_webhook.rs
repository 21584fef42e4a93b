//! Telegram's webhook: drivers' messages to the bot and dispatchers' button presses.
//!
//! Telegram retries an update for up to a day until it gets a 2xx, and holds back the rest of that chat meanwhile. So
//! an update that would fail again is audited and acknowledged. Only transient errors are returned.
use std::{panic::AssertUnwindSafe, pin::pin, task::Poll};

use lambda_http::{Body, Request, Response};
use serde_json::Value;
use shared::{
    admin,
    app::App,
    audit::{self, AuditRow},
    error::Error,
    request::RequestContext,
    telegram::{
        self,
        chat::not_done,
        secret::{self, TELEGRAM},
        update::Update,
    },
    telemetry,
};
use subtle::ConstantTimeEq;

use crate::{
    BoxFuture, Function, Trigger,
    http::{Answer, Incoming, no_content, private_json, serve_webhook},
};

/// The function.
pub const FUNCTION: Function = Function {
    name: "telegram-webhook",
    secrets: &[TELEGRAM],
    trigger: Trigger::Http(|app, request| handle(app, request)),
};

/// Serves `POST /webhooks/telegram`.
pub fn handle(app: &App, request: Request) -> BoxFuture<'_, Response<Body>> {
    Box::pin(serve_webhook(app, request, async |app, incoming| update(app, incoming).await))
}

/// Receives an update from Telegram.
///
/// The response may contain a method for Telegram to execute.
#[utoipa::path(
    post, path = "/webhooks/telegram", tag = "webhooks", request_body = Object,
    params(("X-Telegram-Bot-Api-Secret-Token" = String, Header, description = "The secret token passed to setWebhook")),
    responses(
        (status = 200, description = "Processed; the body is a method to execute", body = Object),
        (status = 204, description = "Processed"),
        (status = 403, description = "forbidden: the secret token is wrong"),
        (status = 503, description = "store_unavailable: retry"),
    )
)]
pub async fn update(app: &App, incoming: &Incoming) -> Answer {
    admit(app, incoming).await?;
    let context = &incoming.context;
    let update = match incoming.json().map(|body| serde_json::from_value::<Update>(Value::Object(body))) {
        Ok(Ok(update)) => update,
        _ => {
            record_poisoned(app, None, "unreadable", context).await;
            return Ok(no_content());
        }
    };
    let update_id = update.update_id;
    let press = update.callback_query.as_ref().map(|query| query.id.clone());
    // If the store does not answer, an update may be processed twice. That is safe: processing is idempotent.
    match app.store.knows_update(update_id).await {
        Ok(true) => return Ok(no_content()),
        Ok(false) => {}
        Err(error) => tracing::warn!(%error, "whether an update was dealt with before is not known"),
    }
    let answer = match caught(app.act_on_update(update, context)).await {
        Some(Ok(answer)) => answer,
        // Transient: Telegram retries.
        Some(Err(error @ (Error::StoreUnavailable | Error::Contended))) => return Err(error),
        Some(Err(error)) => {
            tracing::error!(?error, update_id, "an update failed");
            record_poisoned(app, Some(update_id), error.code(), context).await;
            press.map(|id| not_done(&id))
        }
        None => {
            record_poisoned(app, Some(update_id), "panic", context).await;
            press.map(|id| not_done(&id))
        }
    };
    if let Err(error) = app.store.remember_update(update_id, app.clock.now_s()).await {
        tracing::warn!(%error, "that an update was dealt with could not be noted");
    }
    answer.map_or_else(|| Ok(no_content()), |answer| private_json(&answer))
}

/// Admits callers that know the secret shared with Telegram.
async fn admit(app: &App, incoming: &Incoming) -> Result<(), Error> {
    let secret::WebhookSecret(expected) =
        app.secrets.get().await.map_err(|error| Error::Internal(error.to_string()))?;
    let given = incoming.header_bytes("x-telegram-bot-api-secret-token").unwrap_or_default();
    if bool::from(given.ct_eq(expected.as_bytes())) {
        return Ok(());
    }
    telemetry::count_by(telemetry::WEBHOOK_REFUSED, "telegram");
    tracing::warn!("a call of the bot's webhook did not prove that it is Telegram's");
    let what = format!("telegram-{}", incoming.source_ip().unwrap_or_default());
    let row = AuditRow::new(&incoming.context, app.clock.now_ms(), admin::module::WEBHOOK_AUDIT, "refused")
        .about("webhook", "telegram");
    audit::write(&app.store, AuditRow { address: incoming.source_ip(), ..row.once_an_hour(0, &what) }).await;
    Err(Error::Forbidden)
}

/// Audits an update that would fail again. The caller acknowledges it, because it would block the rest of its chat.
async fn record_poisoned(app: &App, update_id: Option<i64>, reason: &str, context: &RequestContext) {
    telemetry::count_by(telegram::metrics::UPDATE_POISONED, reason);
    tracing::error!(update_id, reason, "an update of Telegram's was put aside");
    let update_id = update_id.map_or_else(|| "unknown".to_owned(), |id| id.to_string());
    let row = AuditRow::new(context, app.clock.now_ms(), telegram::module::UPDATE_AUDIT, reason);
    audit::write(&app.store, row.fact("update_id", update_id)).await;
}

/// The result of the work; `None` if it panics. The panic hook of the runtime logs the panic.
async fn caught<T>(work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    std::future::poll_fn(|context| match std::panic::catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
        Ok(poll) => poll.map(Some),
        Err(_) => Poll::Ready(None),
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_caught() {
        assert_eq!(caught(async { 7 }).await, Some(7));
        let fails = async { if std::hint::black_box(true) { panic!("on purpose") } else { 7 } };
        assert_eq!(caught(fails).await, None);
    }
}
