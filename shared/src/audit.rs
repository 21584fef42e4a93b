//! The audit log: what somebody may have to account for, told in ids.
use crate::{
    clock::Clock,
    request::RequestContext,
    store::{Store, audit::AuditRow},
};

/// Writes one row. A store that refuses it is logged, with the row, and does not stop what is being audited.
pub async fn write(
    store: &Store,
    clock: &Clock,
    context: &RequestContext,
    kind: &str,
    outcome: &str,
    facts: &[(&str, String)],
) {
    let id = uuid::Uuid::new_v4().to_string();
    let row = AuditRow { id: &id, at_ms: clock.now_ms(), kind, outcome, request_id: &context.request_id, facts };
    if let Err(error) = store.put_audit(&row).await {
        tracing::error!(%error, ?row, "an audit row could not be stored");
    }
}
