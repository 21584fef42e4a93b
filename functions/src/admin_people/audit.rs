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

/// Who did something.
#[derive(Serialize, ToSchema)]
pub struct ByView {
    /// `admin`, `dispatcher`, `shipper` or `driver`.
    kind: String,
    /// Telegram's id; null for a shipper.
    id: Option<i64>,
    /// As an admin was called then; else as they are called now, where that is known.
    name: Option<String>,
}

/// One thing that happened.
#[derive(Serialize, ToSchema)]
pub struct AuditView {
    id: String,
    at: String,
    /// Such as `refund`, `settings`, `admin_access`.
    kind: String,
    /// Such as `ok`, `changed`, `refused`.
    outcome: String,
    request_id: String,
    /// The admin who did it; null for what a driver or the product itself did.
    actor: Option<GiverView>,
    /// What it was done to, such as `payment/1c3f…`.
    target: Option<String>,
    /// Who decided, also where it was no admin; null for what the product itself did.
    by: Option<ByView>,
    /// Whom it concerns.
    driver_id: Option<i64>,
    /// First and last name, for whoever may see drivers.
    driver_name: Option<String>,
    address: Option<String>,
    user_agent: Option<String>,
    /// Further facts, each a name and a text.
    facts: BTreeMap<String, String>,
    #[schema(value_type = Option<Object>)]
    before: Option<Value>,
    #[schema(value_type = Option<Object>)]
    after: Option<Value>,
}

/// A page of the log, newest first.
#[derive(Serialize, ToSchema)]
pub struct AuditViews {
    items: Vec<AuditView>,
    /// For the next page; null when there is nothing more.
    cursor: Option<String>,
    /// How far back was looked: a page of few that fit may end before it is full.
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

/// Looks through the log. Without a first day it goes back 92 days. With `format=csv` the same rows as a file.
#[utoipa::path(
    get, path = "/api/admin/audit", tag = "admin", security(("session" = [])),
    params(
        ("kind" = Option<String>, Query), ("outcome" = Option<String>, Query), ("actor_id" = Option<i64>, Query),
        ("driver_id" = Option<i64>, Query),
        ("target" = Option<String>, Query, description = "What it begins with"),
        ("request_id" = Option<String>, Query, description = "Everything that this request led to, on one page; or the first 8 characters or more of it, or of a row's id"),
        ("people" = Option<String>, Query, description = "true: only what people did, not the product itself"),
        ("from" = Option<String>, Query, description = "The first day in Moscow, YYYY-MM-DD"),
        ("until" = Option<String>, Query, description = "The last day in Moscow, YYYY-MM-DD"),
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
