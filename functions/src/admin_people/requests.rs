//! Gifts that wait for an owner's confirmation.
use serde::Serialize;
use serde_json::json;
use shared::{
    admin::{
        drivers::Wish,
        requests::{Decision, GiftRequest},
    },
    clock::rfc3339,
};
use utoipa::ToSchema;

use super::drivers::{ReasonBody, reason};
use crate::{
    admin::{
        Call, GiverView, columns,
        listing::{self, query},
    },
    http::{
        Answer,
        ids::{DriverId, GiftRequestId},
        private_json,
    },
};

/// An owner's decision on a request.
#[derive(Serialize, ToSchema)]
pub struct DecisionView {
    /// True if confirmed, false if declined.
    confirmed: bool,
    by: GiverView,
    at: String,
    /// Why it was declined; null if confirmed.
    reason: Option<String>,
}

/// A request for a gift that needs an owner's confirmation.
#[derive(Serialize, ToSchema)]
pub struct GiftRequestView {
    id: String,
    driver_id: i64,
    /// First and last name; null if unknown.
    driver_name: Option<String>,
    /// Days to give; null if `until` is set.
    days: Option<i64>,
    /// Requested last day of the subscription, YYYY-MM-DD, Moscow time; null if `days` is set.
    until: Option<String>,
    reason: String,
    asked_by: GiverView,
    asked_at: String,
    /// The owner's decision; null while the request waits.
    decision: Option<DecisionView>,
}

/// A page of requests, newest first.
#[derive(Serialize, ToSchema)]
pub struct GiftRequests {
    items: Vec<GiftRequestView>,
    /// Cursor of the next page; null on the last page.
    cursor: Option<String>,
}

/// One request.
#[derive(Serialize, ToSchema)]
pub struct OneGiftRequest {
    request: GiftRequestView,
}

impl GiftRequestView {
    /// The request, with the driver's name if known.
    pub fn new(request: GiftRequest, driver_name: Option<String>) -> Self {
        let (days, until) = match request.wish {
            Wish::Gift(seconds) | Wish::Revoke(seconds) => (Some(seconds / 86_400), None),
            // `until_ms` is the end of the last day.
            Wish::Extend(until_ms) => (None, Some(shared::clock::moscow_day(until_ms - 1))),
        };
        let decision = |Decision { confirmed, by, at_ms, reason }| DecisionView {
            confirmed,
            by: GiverView::new(by),
            at: rfc3339(at_ms),
            reason,
        };
        Self {
            id: request.id,
            driver_id: request.driver_id,
            driver_name: driver_name.filter(|name| !name.is_empty()),
            days,
            until,
            reason: request.reason,
            asked_by: GiverView::new(request.asked_by),
            asked_at: rfc3339(request.asked_at_ms),
            decision: request.decision.map(decision),
        }
    }
}

impl OneGiftRequest {
    /// One request.
    pub fn new(request: GiftRequest) -> Self {
        Self { request: GiftRequestView::new(request, None) }
    }
}

/// Lists requests that wait for an owner, or decided ones.
#[utoipa::path(
    get, path = "/api/admin/requests", tag = "admin", security(("session" = [])),
    params(
        ("decided" = Option<String>, Query, description = "true or false; false by default"),
        ("cursor" = Option<String>, Query), ("limit" = Option<i64>, Query), ("format" = Option<String>, Query), ("sep" = Option<String>, Query), ("lang" = Option<String>, Query),
    ),
    responses(
        (status = 200, body = GiftRequests),
        (status = 422),
    )
)]
pub async fn list(call: Call<'_>) -> Answer {
    let (decided, paging) = query(call.incoming, &["decided"], &[], |fields| {
        fields.value("decided").is_some() && fields.choice("decided", &[("true", true), ("false", false)]) == Some(true)
    })?;
    let mut page = call.app.gift_requests(decided, paging.cursor.as_deref(), paging.limit).await?;
    let names = &mut page.names;
    let view = |request: GiftRequest| {
        let name = names.get(&request.driver_id).cloned();
        GiftRequestView::new(request, name)
    };
    let rows: Vec<_> = page.items.into_iter().map(view).collect();
    listing::answer(&call, &paging, (rows, &[]), page.cursor, columns::REQUESTS, json!({})).await
}

/// Confirms a request and gives exactly what it asks for.
///
/// A repeat has no further effect.
#[utoipa::path(
    post, path = "/api/admin/drivers/{id}/requests/{request}/confirm", tag = "admin", security(("session" = [])),
    params(("id" = i64, Path), ("request" = String, Path)),
    responses(
        (status = 200, body = OneGiftRequest),
        (status = 404),
        (status = 409, description = "own_account, request_decided"),
        (status = 422, description = "validation_failed: the requested day has passed"),
    )
)]
pub async fn confirm(call: Call<'_>, id: DriverId, request: GiftRequestId) -> Answer {
    let context = &call.incoming.context;
    let request = Box::pin(call.app.confirm_request(&call.admin, id.0, request.as_str(), context)).await?;
    private_json(&OneGiftRequest::new(request))
}

/// Declines a request.
///
/// A repeat has no further effect.
#[utoipa::path(
    post, path = "/api/admin/drivers/{id}/requests/{request}/decline", tag = "admin", security(("session" = [])),
    params(("id" = i64, Path), ("request" = String, Path)), request_body = ReasonBody,
    responses(
        (status = 200, body = OneGiftRequest),
        (status = 404),
        (status = 409, description = "own_account, request_decided"),
    )
)]
pub async fn decline(call: Call<'_>, id: DriverId, request: GiftRequestId) -> Answer {
    let reason = reason(&call)?;
    let request =
        call.app.decline_request(&call.admin, id.0, request.as_str(), &reason, &call.incoming.context).await?;
    private_json(&OneGiftRequest::new(request))
}
