//! YooKassa's webhook. Notifications are unsigned, so only the object's kind and id are used. They are queued, and the
//! object itself is read from YooKassa's API.
use std::net::IpAddr;

use lambda_http::{Body, Request, Response};
use serde_json::Value;
use shared::{
    admin::module,
    app::App,
    audit::{self, AuditRow},
    billing::{
        self,
        notification::NotificationPlan,
        yookassa::{self, is_id},
    },
    error::Error,
    queue::Settlement,
    telemetry,
};
use subtle::ConstantTimeEq;

use crate::{
    BoxFuture, Function, Trigger,
    http::{Answer, Incoming, private_json, serve_webhook},
};

/// The function.
pub const FUNCTION: Function = Function {
    name: "yookassa-webhook",
    secrets: &[yookassa::SECRET],
    trigger: Trigger::Http(|app, request| handle(app, request)),
};

/// Serves `POST /webhooks/yookassa/{token}`.
pub fn handle(app: &App, request: Request) -> BoxFuture<'_, Response<Body>> {
    Box::pin(serve_webhook(app, request, async |app, incoming| notification(app, incoming).await))
}

/// Receives a notification from YooKassa. 200 means that it is queued.
#[utoipa::path(
    post, path = "/webhooks/yookassa/{token}", tag = "webhooks", request_body = Object,
    params(("token" = String, Path, description = "The secret part of the webhook URL configured at YooKassa")),
    responses(
        (status = 200, description = "Queued", body = Object),
        (status = 400, description = "invalid_json"),
        (status = 403, description = "forbidden: the token or the network is wrong"),
        (status = 413, description = "body_too_large"),
        (status = 429, description = "rate_limited: too many notifications about unknown objects; retry"),
        (status = 500, description = "internal: not queued; retry"),
    )
)]
pub async fn notification(app: &App, incoming: &Incoming) -> Answer {
    admit(app, incoming).await?;
    let body = incoming.json()?;
    let event: String = body.get("event").and_then(Value::as_str).unwrap_or_default().chars().take(40).collect();
    let object = body.get("object").cloned().unwrap_or_default();
    let id = object["id"].as_str().filter(|id| is_id(id));
    let settlement = match (event.as_str(), id) {
        ("payment.succeeded" | "payment.canceled" | "payment.waiting_for_capture", Some(id)) => {
            Some(Settlement::Payment(id.to_owned()))
        }
        ("refund.succeeded", Some(id)) => Some(Settlement::Refund(id.to_owned())),
        // Acknowledged, because a retry would be the same.
        _ => None,
    };
    let decided = |outcome| {
        let row = AuditRow::new(&incoming.context, app.clock.now_ms(), module::WEBHOOK_AUDIT, outcome)
            .about("webhook", "yookassa");
        AuditRow { address: incoming.source_ip(), ..row.fact("event", &event) }
    };
    match settlement {
        Some(settlement) => {
            if let NotificationPlan::Ask(after_ms) = app.billing().plan_notification(&settlement).await? {
                let queued = app.queue.settle(&settlement, &incoming.context.request_id, after_ms).await;
                queued.map_err(|error| Error::Internal(format!("a notification could not be queued: {error}")))?;
                audit::write(&app.store, decided("accepted").fact("yookassa_id", settlement.provider_id())).await;
            }
        }
        None => {
            tracing::error!(event, "a notification of YooKassa's is of an unknown kind");
            telemetry::count(billing::metrics::PAYMENT_UNKNOWN);
            audit::write(&app.store, decided("unknown_event").once_an_hour(0, "yookassa-unknown-event")).await;
        }
    }
    private_json(&serde_json::json!({}))
}

/// Admits callers that know the token and call from YooKassa's networks.
async fn admit(app: &App, incoming: &Incoming) -> Result<(), Error> {
    let shop: yookassa::YookassaShop = app.secrets.get().await.map_err(|error| Error::Internal(error.to_string()))?;
    let given = incoming.path_parameter("token").unwrap_or_default();
    let knows = bool::from(given.as_bytes().ct_eq(shop.webhook_token.as_bytes()));
    let address: Option<IpAddr> = incoming.source_ip().and_then(|address| address.parse().ok());
    let is_near = address.is_some_and(|address| app.config.yookassa_networks.iter().any(|n| n.contains(address)));
    if knows && is_near {
        return Ok(());
    }
    telemetry::count_by(telemetry::WEBHOOK_REFUSED, "yookassa");
    if knows {
        // Either YooKassa uses a network missing from the configuration, or the token has leaked.
        telemetry::count(billing::metrics::WEBHOOK_FOREIGN_NETWORK);
    }
    tracing::warn!(
        knows_token = knows,
        from_known_network = is_near,
        "a notification did not prove that it is YooKassa's"
    );
    let what =
        format!("yookassa-{}-{}", if knows { "network" } else { "token" }, incoming.source_ip().unwrap_or_default());
    let row = AuditRow::new(&incoming.context, app.clock.now_ms(), module::WEBHOOK_AUDIT, "refused")
        .about("webhook", "yookassa");
    let row = row.fact("knows_token", knows).fact("from_known_network", is_near);
    audit::write(&app.store, AuditRow { address: incoming.source_ip(), ..row.once_an_hour(0, &what) }).await;
    Err(Error::Forbidden)
}
