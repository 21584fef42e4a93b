//! Telegram's calls: what drivers write to the bot and what dispatchers press.
//!
//! Telegram repeats a call until it is answered with 2xx, and holds back everything else of that chat meanwhile, for up
//! to a day. So whatever would fail again is put aside, told, and acknowledged; only trouble that passes is answered with
//! an error.
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

/// An update of Telegram's. The answer may hold a method for Telegram to execute.
#[utoipa::path(
    post, path = "/webhooks/telegram", tag = "webhooks", request_body = Object,
    params(("X-Telegram-Bot-Api-Secret-Token" = String, Header, description = "What setWebhook was told")),
    responses(
        (status = 200, description = "Dealt with, and a method to execute", body = Object),
        (status = 204, description = "Dealt with"),
        (status = 403, description = "forbidden: not Telegram"),
        (status = 503, description = "store_unavailable: to be repeated"),
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
    // Without the cache an update may be dealt with twice, which changes nothing twice.
    match app.store.knows_update(update_id).await {
        Ok(true) => return Ok(no_content()),
        Ok(false) => {}
        Err(error) => tracing::warn!(%error, "whether an update was dealt with before is not known"),
    }
    let answer = match caught(app.act_on_update(update, context)).await {
        Some(Ok(answer)) => answer,
        // It passes: Telegram comes again.
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

/// Lets in who knows the secret that only Telegram was told.
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

/// Records an update that would fail again, and acknowledges it: nothing else of its chat comes before that.
async fn record_poisoned(app: &App, update_id: Option<i64>, reason: &str, context: &RequestContext) {
    telemetry::count_by(telegram::metrics::UPDATE_POISONED, reason);
    tracing::error!(update_id, reason, "an update of Telegram's was put aside");
    let update_id = update_id.map_or_else(|| "unknown".to_owned(), |id| id.to_string());
    let row = AuditRow::new(context, app.clock.now_ms(), telegram::module::UPDATE_AUDIT, reason);
    audit::write(&app.store, row.fact("update_id", update_id)).await;
}

/// What the work comes to; `None` when it panics. The panic itself is logged by the runtime's own hook.
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
