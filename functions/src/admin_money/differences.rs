//! Differences between YooKassa and our rows: the list, and marking one as resolved.
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

/// Maximum length of a note.
const NOTE: usize = 500;

/// The resolution of a difference.
#[derive(Serialize, ToSchema)]
pub struct ResolutionView {
    /// Telegram id of the admin.
    by: i64,
    name: String,
    /// What was done.
    note: String,
    at: String,
}

/// A difference between YooKassa and our rows that cannot be repaired automatically.
#[derive(Serialize, ToSchema)]
pub struct DifferenceView {
    id: String,
    /// Subject: `payment` or `refund`.
    what: &'static str,
    yookassa_id: String,
    /// Id of our payment; null if there is none.
    payment_id: Option<String>,
    /// What differs.
    reason: String,
    /// How often it was found. All ids unknown to YooKassa are one difference per day, with the first of these ids.
    met: i64,
    found_at: String,
    /// When it was last found.
    seen_at: String,
    resolved: Option<ResolutionView>,
}

/// A page of differences, newest first.
#[derive(Serialize, ToSchema)]
pub struct DifferenceRows {
    items: Vec<DifferenceView>,
    /// Cursor of the next page; null on the last page.
    cursor: Option<String>,
}

/// One difference.
#[derive(Serialize, ToSchema)]
pub struct OneDifference {
    difference: DifferenceView,
}

body! {
    /// The resolution of a difference.
    pub struct ResolveBody {
        /// What was done, for the record.
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

/// Lists open differences, or with `resolved=true` the resolved ones.
#[utoipa::path(
    get, path = "/api/admin/differences", tag = "admin", security(("session" = [])),
    params(
        ("resolved" = Option<String>, Query, description = "true or false; false by default"),
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

/// Marks a difference as resolved. It reopens if something else differs.
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
