//! Gifts that an owner has to confirm.
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

/// What an owner said to a request.
#[derive(Serialize, ToSchema)]
pub struct DecisionView {
    /// Confirmed; declined otherwise.
    confirmed: bool,
    by: GiverView,
    at: String,
    /// Why it was declined.
    reason: Option<String>,
}

/// A gift that waits for an owner, or waited.
#[derive(Serialize, ToSchema)]
pub struct GiftRequestView {
    id: String,
    driver_id: i64,
    /// First and last name; null when nobody knows them any more.
    driver_name: Option<String>,
    /// Days that shall be given.
    days: Option<i64>,
    /// Or until when, in Moscow's day, the subscription shall last.
    until: Option<String>,
    reason: String,
    asked_by: GiverView,
    asked_at: String,
    /// Null while it waits.
    decision: Option<DecisionView>,
}

/// A page of requests, the newest first.
#[derive(Serialize, ToSchema)]
pub struct GiftRequests {
    items: Vec<GiftRequestView>,
    /// For the next page; null when there is nothing more.
    cursor: Option<String>,
}

/// One request.
#[derive(Serialize, ToSchema)]
pub struct OneGiftRequest {
    request: GiftRequestView,
}

impl GiftRequestView {
    /// The request; its driver's name where it is known.
    pub fn new(request: GiftRequest, driver_name: Option<String>) -> Self {
        let (days, until) = match request.wish {
            Wish::Gift(seconds) | Wish::Revoke(seconds) => (Some(seconds / 86_400), None),
            // The instant is that at which the day is over.
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

/// Requests that wait for an owner; or those that were decided.
#[utoipa::path(
    get, path = "/api/admin/requests", tag = "admin", security(("session" = [])),
    params(
        ("decided" = Option<String>, Query, description = "true or false (as it is)"),
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

/// Gives what was asked for, as it was asked for. Twice the same is done once.
#[utoipa::path(
    post, path = "/api/admin/drivers/{id}/requests/{request}/confirm", tag = "admin", security(("session" = [])),
    params(("id" = i64, Path), ("request" = String, Path)),
    responses(
        (status = 200, body = OneGiftRequest),
        (status = 404),
        (status = 409, description = "own_account, request_decided"),
        (status = 422, description = "validation_failed: the day has passed"),
    )
)]
pub async fn confirm(call: Call<'_>, id: DriverId, request: GiftRequestId) -> Answer {
    let context = &call.incoming.context;
    let request = Box::pin(call.app.confirm_request(&call.admin, id.0, request.as_str(), context)).await?;
    private_json(&OneGiftRequest::new(request))
}

/// Says no to a request. Twice the same is done once.
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
