//! The admins' view of outgoing messages, and retries of failed ones.
use crate::{
    app::App,
    audit::AuditRow,
    auth::admin::AdminSession,
    delivery::module,
    error::{Conflict, Error},
    queue::Hint,
    request::RequestContext,
    store::delivery::{Deliveries, DeliveryPage, DeliveryRow},
};

impl App {
    /// A page of messages.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn find_deliveries(
        &self,
        which: Deliveries,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<DeliveryPage, Error> {
        Ok(self.store.deliveries(which, cursor, limit).await?)
    }

    /// Retries a failed message.
    ///
    /// # Errors
    /// The message does not exist or has not failed, or the store does not answer.
    pub async fn retry_delivery(
        &self,
        admin: &AdminSession,
        id: &str,
        reason: &str,
        context: &RequestContext,
    ) -> Result<DeliveryRow, Error> {
        let before = self.store.outbox().get(id).await?.ok_or(Error::NotFound)?;
        let now_ms = self.clock.now_ms();
        let audit =
            AuditRow::new(context, now_ms, module::DELIVERY_AUDIT, "retried").by(admin.actor()).about("delivery", id);
        let audit = audit.fact("driver_id", before.person).fact("reason", reason);
        let audit = audit.fact("error", before.reason.as_deref().unwrap_or_default());
        if !self.store.retry_delivery(&before, now_ms, &audit).await? {
            return Err(Error::Conflict(Conflict::DeliveryNotFailed));
        }
        self.queue.hint(Hint::new(id), 0).await;
        Ok(DeliveryRow { state: "waiting".to_owned(), reason: None, updated_at_ms: now_ms, ..before })
    }
}
