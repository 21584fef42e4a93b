//! Sends the messages that the queue hints at. The message's row decides whether to send, so a duplicate, late or
//! superfluous hint is harmless.
use serde_json::{Value, json};
use shared::{app::App, auth::secret::SESSION, queue::Hint, request::RequestContext, telegram::secret::TELEGRAM};
use tracing::Instrument as _;

use crate::{BoxFuture, Function, Trigger};

/// The function.
pub const FUNCTION: Function = Function {
    name: "notify",
    secrets: &[TELEGRAM, SESSION],
    trigger: Trigger::Queue(|app, event| handle(app, event)),
};

/// Processes a batch of hints. Returns those for SQS to retry: those for which the store failed.
pub fn handle(app: &App, event: Value) -> BoxFuture<'_, Value> {
    Box::pin(async move {
        let mut failures = Vec::new();
        for record in event["Records"].as_array().into_iter().flatten() {
            let hint = Hint::parse(record["body"].as_str().unwrap_or_default());
            let message_id = record["messageId"].as_str().unwrap_or_default();
            let context = RequestContext::new(message_id);
            let span = tracing::info_span!("notify", request_id = context.request_id, delivery = hint.id);
            let result = Box::pin(app.deliver(hint, &context)).instrument(span).await;
            match result {
                Ok(delivered) => tracing::info!(delivery = hint.id, outcome = ?delivered, "a hint was dealt with"),
                Err(error) => {
                    tracing::warn!(%error, delivery = hint.id, "a hint could not be dealt with");
                    failures.push(json!({ "itemIdentifier": message_id }));
                }
            }
        }
        json!({ "batchItemFailures": failures })
    })
}
