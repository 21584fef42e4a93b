//! What YooKassa tells of and our rows do not: looking through it, and saying that it has been dealt with.
use serde::Serialize;
use serde_json::json;
use shared::{
    billing::difference::{Difference, Resolution, Subject},
    body,
    body::Body as _,
    clock::rfc3339,
    fields::Fields,
};
use utoipa::ToSchema;

use crate::{
    admin::{
        Call, columns,
        listing::{self, query},
    },
    http::{Answer, ids::DifferenceId, private_json},
};

/// The longest note.
const NOTE: usize = 500;

/// That somebody has dealt with a difference.
#[derive(Serialize, ToSchema)]
pub struct ResolutionView {
    /// Telegram's id of the admin.
    by: i64,
    name: String,
    /// What was done.
    note: String,
    at: String,
}

/// A difference between YooKassa and our rows that no rule repairs.
#[derive(Serialize, ToSchema)]
pub struct DifferenceView {
    id: String,
    /// `payment` or `refund`.
    what: &'static str,
    yookassa_id: String,
    /// Our payment, when there is one.
    payment_id: Option<String>,
    /// What differs.
    reason: String,
    /// How often it was met. Ids that YooKassa does not know are one difference a day, which has the first of them.
    met: i64,
    found_at: String,
    /// When it was last met.
    seen_at: String,
    resolved: Option<ResolutionView>,
}

/// A page of differences, newest first.
#[derive(Serialize, ToSchema)]
pub struct DifferenceRows {
    items: Vec<DifferenceView>,
    /// For the next page; null when there is nothing more.
    cursor: Option<String>,
}

/// One difference.
#[derive(Serialize, ToSchema)]
pub struct OneDifference {
    difference: DifferenceView,
}

body! {
    /// What is said of a difference that has been dealt with.
    pub struct ResolveBody {
        /// What was done, for whoever asks later.
        note: String = Fields::required_text(NOTE),
    }
}

impl DifferenceView {
    fn new(difference: Difference) -> Self {
        let resolved = |Resolution { by, name, note, at_ms }| ResolutionView { by, name, note, at: rfc3339(at_ms) };
        Self {
            id: difference.id,
            what: Subject::as_str(difference.what),
            yookassa_id: difference.provider_id,
            payment_id: difference.payment_id,
            reason: difference.reason,
            met: difference.met,
            found_at: rfc3339(difference.found_at_ms),
            seen_at: rfc3339(difference.seen_at_ms),
            resolved: difference.resolved.map(resolved),
        }
    }
}

/// Looks through the differences: those that are open, or with `resolved=true` those that have been dealt with.
#[utoipa::path(
    get, path = "/api/admin/differences", tag = "admin", security(("session" = [])),
    params(
        ("resolved" = Option<String>, Query, description = "true or false (as it is)"),
        ("cursor" = Option<String>, Query), ("limit" = Option<i64>, Query), ("format" = Option<String>, Query), ("sep" = Option<String>, Query), ("lang" = Option<String>, Query),
    ),
    responses(
        (status = 200, body = DifferenceRows),
        (status = 422),
    )
)]
pub async fn list(call: Call<'_>) -> Answer {
    let (resolved, paging) = query(call.incoming, &["resolved"], &[], |fields| {
        fields.value("resolved").is_some()
            && fields.choice("resolved", &[("true", true), ("false", false)]) == Some(true)
    })?;
    let page = call.app.billing().differences(resolved, paging.cursor.as_deref(), paging.limit).await?;
    let rows: Vec<_> = page.items.into_iter().map(DifferenceView::new).collect();
    listing::answer(&call, &paging, (rows, &[]), page.cursor, columns::DIFFERENCES, json!({})).await
}

/// Says that a difference has been dealt with. It comes back when something else is found to differ.
#[utoipa::path(
    post, path = "/api/admin/differences/{id}/resolve", tag = "admin", security(("session" = [])),
    params(("id" = String, Path)), request_body = ResolveBody,
    responses(
        (status = 200, body = OneDifference),
        (status = 404),
        (status = 409, description = "difference_resolved"),
    )
)]
pub async fn resolve(call: Call<'_>, id: DifferenceId) -> Answer {
    let ResolveBody { note } = call.incoming.body(ResolveBody::parse)?;
    let difference =
        call.app.billing().resolve_difference(&call.admin, id.as_str(), &note, &call.incoming.context).await?;
    private_json(&OneDifference { difference: DifferenceView::new(difference) })
}
