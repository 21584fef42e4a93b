//! The audit log.
use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};
use shared::{
    audit::{
        AuditKind,
        log::{AuditFilter, KeptAudit},
    },
    clock::rfc3339,
};
use utoipa::ToSchema;

use crate::{
    admin::{
        Call, GiverView, columns,
        listing::{self, query},
    },
    http::Answer,
};

/// The person who acted.
#[derive(Serialize, ToSchema)]
pub struct ByView {
    /// Who acted: `admin`, `dispatcher`, `shipper` or `driver`.
    kind: String,
    /// Telegram id; null for a shipper.
    id: Option<i64>,
    /// An admin's name at the time, anyone else's current name; null if unknown.
    name: Option<String>,
}

/// An entry of the audit log.
#[derive(Serialize, ToSchema)]
pub struct AuditView {
    id: String,
    /// Time, RFC 3339 in UTC.
    at: String,
    /// Kind of the entry, such as `refund`, `settings` or `admin_access`.
    kind: String,
    /// Outcome, such as `ok`, `changed` or `refused`.
    outcome: String,
    /// Id of the request that caused it.
    request_id: String,
    /// The admin who acted; null if a driver or the product itself acted.
    actor: Option<GiverView>,
    /// Target of the action, such as `payment/1c3f…`.
    target: Option<String>,
    /// The person who acted, admin or not; null if the product itself acted.
    by: Option<ByView>,
    /// Telegram id of the driver it concerns.
    driver_id: Option<i64>,
    /// First and last name; null if unknown or if the caller may not see drivers.
    driver_name: Option<String>,
    address: Option<String>,
    user_agent: Option<String>,
    /// Further facts, as text by name.
    facts: BTreeMap<String, String>,
    #[schema(value_type = Option<Object>)]
    before: Option<Value>,
    #[schema(value_type = Option<Object>)]
    after: Option<Value>,
}

/// A page of the audit log, newest first.
#[derive(Serialize, ToSchema)]
pub struct AuditViews {
    items: Vec<AuditView>,
    /// Cursor of the next page; null on the last page.
    cursor: Option<String>,
    /// How far back the search went, RFC 3339 in UTC. When few entries match, a page may end before `limit`.
    reached: Option<String>,
}

fn by(row: &KeptAudit, kinds: &[AuditKind]) -> Option<ByView> {
    if let Some(actor) = &row.actor {
        let name = Some(actor.name.clone()).filter(|name| !name.is_empty());
        return Some(ByView { kind: "admin".to_owned(), id: Some(actor.id), name });
    }
    let kind = row.done_by(kinds)?;
    let id = if kind == "driver" { row.driver_id } else { row.facts.get("by_id").and_then(|id| id.parse().ok()) };
    Some(ByView { kind: kind.to_owned(), id, name: None })
}

impl AuditView {
    fn new(row: KeptAudit, kinds: &[AuditKind]) -> Self {
        Self {
            by: by(&row, kinds),
            driver_name: None,
            id: row.id,
            at: rfc3339(row.at_ms),
            kind: row.kind,
            outcome: row.outcome,
            request_id: row.request_id,
            actor: row.actor.map(GiverView::new),
            target: row.target,
            driver_id: row.driver_id,
            address: row.address,
            user_agent: row.user_agent,
            facts: row.facts,
            before: row.before,
            after: row.after,
        }
    }
}

/// Lists entries of the audit log, newest first.
///
/// Without `from` it goes back 92 days. `format=csv` returns the same rows as a file.
#[utoipa::path(
    get, path = "/api/admin/audit", tag = "admin", security(("session" = [])),
    params(
        ("kind" = Option<String>, Query, description = "Kind of the entry"),
        ("outcome" = Option<String>, Query, description = "Outcome of the entry"),
        ("actor_id" = Option<i64>, Query, description = "Telegram id of the admin who acted"),
        ("driver_id" = Option<i64>, Query, description = "Telegram id of the driver it concerns"),
        ("target" = Option<String>, Query, description = "Prefix of the target"),
        ("request_id" = Option<String>, Query, description = "A full request id lists everything it caused on one page. Otherwise at least the first 8 characters of a request id or of an entry's id"),
        ("people" = Option<String>, Query, description = "true lists only actions of people, not of the product itself"),
        ("from" = Option<String>, Query, description = "First day, YYYY-MM-DD, Moscow time"),
        ("until" = Option<String>, Query, description = "Last day, YYYY-MM-DD, Moscow time"),
        ("cursor" = Option<String>, Query), ("limit" = Option<i64>, Query), ("format" = Option<String>, Query), ("sep" = Option<String>, Query), ("lang" = Option<String>, Query),
    ),
    responses(
        (status = 200, body = AuditViews),
        (status = 422),
    )
)]
pub async fn list(call: Call<'_>) -> Answer {
    let kinds: Vec<_> = call.app.modules.audit_kinds().collect();
    let names = ["kind", "outcome", "actor_id", "driver_id", "target", "request_id", "people", "from", "until"];
    let (filter, paging) = query(call.incoming, &names, &["actor_id", "driver_id"], |fields| AuditFilter {
        kind: fields.text("kind", 60),
        outcome: fields.text("outcome", 60),
        actor_id: fields.value("actor_id").map(|_| fields.whole("actor_id", 1..=i64::MAX)),
        driver_id: fields.value("driver_id").map(|_| fields.whole("driver_id", 1..=i64::MAX)),
        target: fields.text("target", 200),
        request_id: fields.text("request_id", 100),
        people: fields
            .value("people")
            .and_then(|_| fields.choice("people", &[("true", true), ("false", false)]))
            .filter(|people| *people)
            .map(|_| kinds.clone()),
        from_ms: fields.day("from"),
        until_ms: fields.day("until").map(|midnight| midnight + 86_400_000),
    })?;
    let page = call.app.find_audit(&filter, paging.cursor.as_deref(), paging.limit).await?;
    let rows: Vec<_> = page.items.into_iter().map(|row| AuditView::new(row, &kinds)).collect();
    listing::answer(
        &call,
        &paging,
        (rows, &[("/driver_id", "/driver_name"), ("/by/id", "/by/name")]),
        page.cursor,
        columns::AUDIT,
        json!({ "reached": page.reached_ms.map(rfc3339) }),
    )
    .await
}
