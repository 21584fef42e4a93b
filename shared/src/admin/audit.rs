//! The admins' view of the audit log.
use ::store::audit::log::{AuditFilter, AuditPage};

use crate::{app::App, error::Error};

/// The length of the id prefix shown in lists.
const SHOWN: usize = 8;

impl App {
    /// A page of the log. By request or by driver it takes two or six store calls, else at most
    /// ten, and one more by the beginning of an id.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn find_audit(
        &self,
        filter: &AuditFilter,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<AuditPage, Error> {
        if let (Some(request_id), None) = (&filter.request_id, cursor) {
            let mut items = self.store.audit_of_request(request_id).await?;
            items.retain(|row| filter.takes(row));
            // The list shows id prefixes, so the log can be searched by them.
            if !items.is_empty() || request_id.len() < SHOWN {
                return Ok(AuditPage { items, ..AuditPage::default() });
            }
        }
        match filter.driver_id {
            Some(driver_id) => Ok(self.store.audit_of_driver(driver_id, filter, cursor, limit).await?),
            None => Ok(self.store.audit(filter, cursor, limit, self.clock.now_ms()).await?),
        }
    }
}
