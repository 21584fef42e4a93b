//! Outgoing messages: failed, waiting, or all of one driver.
use serde::Serialize;
use serde_json::json;
use shared::{
    clock::rfc3339,
    store::delivery::{Deliveries, DeliveryRow},
};
use utoipa::ToSchema;

use super::drivers::{ReasonBody, reason};
use crate::{
    admin::{
        Call, columns,
        listing::{self, query},
    },
    http::{Answer, ids::DeliveryId, private_json},
};

/// A message to a driver or to the dispatchers.
#[derive(Serialize, ToSchema)]
pub struct DeliveryView {
    id: String,
    /// Kind of the message, such as `card` (in the dispatchers' chat), `notice-accepted`, `reason`, `link-1`, `paid`,
    /// `refunded`, `gift` or `reminder-3`. `others` and `block` send nothing themselves but queue other messages.
    what: String,
    /// Telegram id of the driver it concerns.
    driver_id: i64,
    /// First and last name; null if unknown or if the caller may not see drivers.
    driver_name: Option<String>,
    cargo_id: Option<String>,
    /// State: `waiting`, `sent`, `skipped` or `failed`.
    state: String,
    /// Why it was skipped or failed, or the last error; null if none.
    reason: Option<String>,
    /// Number of attempts to send it.
    attempts: i64,
    created_at: String,
    updated_at: String,
    /// When it is due, RFC 3339 in UTC; null unless it waits.
    due_at: Option<String>,
    /// Whether it has been due for more than a minute.
    overdue: bool,
}

/// A page of messages.
#[derive(Serialize, ToSchema)]
pub struct DeliveryRows {
    items: Vec<DeliveryView>,
    /// Cursor of the next page; null on the last page.
    cursor: Option<String>,
}

/// One message.
#[derive(Serialize, ToSchema)]
pub struct OneDelivery {
    delivery: DeliveryView,
}

impl DeliveryView {
    fn new(row: &DeliveryRow, now_ms: i64) -> Self {
        Self {
            id: row.id.clone(),
            what: row.what.clone(),
            driver_id: row.person.number(),
            driver_name: None,
            cargo_id: row.cargo_id.clone(),
            state: row.state.clone(),
            reason: row.reason.clone(),
            attempts: row.attempts,
            created_at: rfc3339(row.created_at_ms),
            updated_at: rfc3339(row.updated_at_ms),
            due_at: row.due_at_ms.map(rfc3339),
            overdue: row.due_at_ms.is_some_and(|due| due + 60_000 < now_ms),
        }
    }
}

/// Lists messages.
///
/// Failed ones come latest first, waiting ones earliest due first, and those of one driver newest first.
#[utoipa::path(
    get, path = "/api/admin/deliveries", tag = "admin", security(("session" = [])),
    params(
        ("state" = Option<String>, Query, description = "failed (the default), waiting (without reminders) or reminders; not with driver_id"),
        ("driver_id" = Option<i64>, Query, description = "Lists all messages of this driver"),
        ("from" = Option<String>, Query, description = "First day of the failure, YYYY-MM-DD, Moscow time; only with failed"),
        ("until" = Option<String>, Query, description = "Last day of the failure; only with failed"),
        ("cursor" = Option<String>, Query), ("limit" = Option<i64>, Query), ("format" = Option<String>, Query), ("sep" = Option<String>, Query), ("lang" = Option<String>, Query),
    ),
    responses(
        (status = 200, body = DeliveryRows),
        (status = 422),
    )
)]
pub async fn list(call: Call<'_>) -> Answer {
    let (which, paging) = query(call.incoming, &["state", "driver_id", "from", "until"], &["driver_id"], |fields| {
        let (from_ms, until_ms) = (fields.day("from"), fields.day("until").map(|midnight| midnight + 86_400_000));
        let failed = Deliveries::Failed(from_ms, until_ms);
        let states = [("failed", failed), ("waiting", Deliveries::Waiting), ("reminders", Deliveries::Reminders)];
        let state = fields.value("state").and_then(|_| fields.choice("state", &states));
        let driver_id = fields.value("driver_id").map(|_| fields.whole("driver_id", 1..=i64::MAX));
        if state.is_some() && driver_id.is_some() {
            fields.fail("state", "unknown", "Cannot be combined with driver_id.");
        }
        let which = driver_id.map(Deliveries::Of).or(state).unwrap_or(failed);
        for name in ["from", "until"] {
            if which != failed && fields.value(name).is_some() {
                fields.fail(name, "unknown", "Only allowed with failed messages.");
            }
        }
        which
    })?;
    let page = call.app.find_deliveries(which, paging.cursor.as_deref(), paging.limit).await?;
    let now_ms = call.app.clock.now_ms();
    let rows: Vec<_> = page.items.iter().map(|row| DeliveryView::new(row, now_ms)).collect();
    listing::answer(&call, &paging, (rows, listing::DRIVER), page.cursor, columns::DELIVERIES, json!({})).await
}

/// Retries a failed message.
#[utoipa::path(
    post, path = "/api/admin/deliveries/{id}/retry", tag = "admin", security(("session" = [])),
    request_body = ReasonBody, params(("id" = String, Path)),
    responses(
        (status = 200, body = OneDelivery),
        (status = 404),
        (status = 409, description = "delivery_not_failed"),
    )
)]
pub async fn retry(call: Call<'_>, id: DeliveryId) -> Answer {
    let reason = reason(&call)?;
    let row = call.app.retry_delivery(&call.admin, id.as_str(), &reason, &call.incoming.context).await?;
    private_json(&OneDelivery { delivery: DeliveryView::new(&row, call.app.clock.now_ms()) })
}
