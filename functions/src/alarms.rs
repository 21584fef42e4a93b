//! Forwards CloudWatch alarms to the operators' Telegram chat. It uses neither the store nor the queues, because alarms
//! may be about them. Alarms are also e-mailed separately, in case the bot is down.
use serde_json::Value;
use shared::{
    app::App,
    request::RequestContext,
    telegram::{BotError, screens::alarm, secret::TELEGRAM},
};
use tracing::Instrument as _;

use crate::{BoxFuture, Function, Trigger};

/// The function.
pub const FUNCTION: Function =
    Function { name: "alarms", secrets: &[TELEGRAM], trigger: Trigger::Topic(|app, event| handle(app, event)) };

/// Sends each message of the topic. If Telegram rejects one, the call fails and SNS retries.
pub fn handle(app: &App, event: Value) -> BoxFuture<'_, Result<(), String>> {
    let context = RequestContext::new(uuid::Uuid::new_v4().to_string());
    let span = tracing::info_span!("alarms", request_id = context.request_id);
    Box::pin(
        async move {
            let Some(chat_id) = app.config.operators_chat_id else {
                tracing::info!("there is no operators' chat");
                return Ok(());
            };
            for record in event["Records"].as_array().into_iter().flatten() {
                let text = alarm(record["Sns"]["Message"].as_str().unwrap_or_default());
                let mut message = serde_json::json!({ "chat_id": chat_id, "text": text, "parse_mode": "HTML" });
                let mut sent = app.telegram.call("sendMessage", &message, context.deadline).await;
                // The group has become a supergroup. Its new id is not stored, because the store may be down.
                if let Err(BotError::Moved(to)) = sent {
                    tracing::warn!(to, "the operators' group has become a supergroup: configure its new id");
                    message["chat_id"] = to.into();
                    sent = app.telegram.call("sendMessage", &message, context.deadline).await;
                }
                sent.map_err(|error| format!("Telegram did not take an alarm: {error}"))?;
            }
            Ok(())
        }
        .instrument(span),
    )
}
