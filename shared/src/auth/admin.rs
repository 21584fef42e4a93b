//! Who may administer. The first owners are named by `ADMIN_TELEGRAM_IDS`.
use super::session::Session;
use crate::{app::App, audit, error::Error, request::RequestContext};

/// A session of somebody who may administer. Only the check makes one.
#[derive(Clone, Debug)]
pub struct AdminSession {
    session: Session,
}

impl AdminSession {
    /// Telegram's id of the admin.
    pub fn admin_id(&self) -> i64 {
        self.session.driver_id()
    }
}

impl App {
    /// Checks that the caller is signed in and may administer; whoever may not is written down.
    ///
    /// # Errors
    /// The session is not good, or not an admin's.
    pub async fn check_admin(&self, bearer: Option<&str>, context: &RequestContext) -> Result<AdminSession, Error> {
        let session = self.check_session(bearer).await?;
        // What a link opens, whoever has the link can open.
        if !session.is_by_link() && self.config.admin_telegram_ids.contains(&session.driver_id()) {
            return Ok(AdminSession { session });
        }
        let facts = [("driver_id", session.driver_id().to_string())];
        audit::write(&self.store, &self.clock, context, "admin_access", "refused", &facts).await;
        Err(Error::AdminOnly)
    }
}
