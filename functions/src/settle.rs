//! Settles payments and refunds: updates them to the state that the provider reports.
use serde_json::{Value, json};
use shared::{
    app::App,
    billing::{self, settle::Settled, yookassa},
    error::Error,
    queue::Settlement,
    request::RequestContext,
    telemetry,
};
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::{BoxFuture, Function, Trigger};

/// The function.
pub const FUNCTION: Function =
    Function { name: "settle", secrets: &[yookassa::SECRET], trigger: Trigger::Queue(|app, event| handle(app, event)) };

/// Processes a batch. A message is retried, and finally becomes a dead letter, if it is unreadable or if the provider
/// or the store fails.
pub fn handle(app: &App, event: Value) -> BoxFuture<'_, Value> {
    Box::pin(async move {
        let mut failures = Vec::new();
        for record in event["Records"].as_array().into_iter().flatten() {
            let message_id = record["messageId"].as_str().unwrap_or_default();
            let queued = Settlement::parse(record["body"].as_str().unwrap_or_default());
            // Log and audit under the request that queued the message.
            let context =
                RequestContext::new(queued.as_ref().and_then(|(_, request_id)| *request_id).unwrap_or(message_id));
            let span = tracing::info_span!("settle", request_id = context.request_id, message_id);
            let done = settle(app, queued.map(|(settlement, _)| settlement), &context).instrument(span).await;
            if !done {
                failures.push(json!({ "itemIdentifier": message_id }));
            }
        }
        json!({ "batchItemFailures": failures })
    })
}

async fn settle(app: &App, settlement: Option<Settlement>, context: &RequestContext) -> bool {
    let Some(settlement) = settlement else {
        tracing::error!("a message of the queue has another form");
        telemetry::count_by(billing::metrics::PAYMENT_UNREADABLE, "message");
        return false;
    };
    let deadline = Instant::now() + app.billing().provider.answers_within();
    let settled = match &settlement {
        Settlement::Payment(id) => Box::pin(app.billing().settle_payment(id, deadline, context)).await,
        Settlement::Refund(id) => Box::pin(app.billing().settle_refund(id, deadline, context)).await,
    };
    match settled {
        Ok(Settled::Done | Settled::Foreign) => true,
        Ok(Settled::Later) => false,
        // It may fail until a bug is fixed and must still be settled then, so it ends as a dead letter.
        Err(Error::Internal(reason)) => {
            tracing::error!(reason, "a settlement failed through a fault of ours");
            telemetry::count_by(billing::metrics::PAYMENT_UNREADABLE, "settlement");
            false
        }
        Err(error) => {
            tracing::warn!(?error, "a settlement comes again");
            false
        }
    }
}
