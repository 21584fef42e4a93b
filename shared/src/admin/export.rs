//! Personal data of a driver who asks what is known of them (152-FZ, article 14).
use serde_json::Value;

use crate::{
    app::App,
    audit::{self, AuditRow},
    auth::admin::AdminSession,
    error::Error,
    request::RequestContext,
};

impl App {
    /// Everything that is stored of a driver. That it was asked for is written down.
    ///
    /// # Errors
    /// Nobody of that id ever signed in, or the store does not answer.
    pub async fn export_driver(
        &self,
        admin: &AdminSession,
        driver_id: i64,
        context: &RequestContext,
    ) -> Result<Value, Error> {
        let everything = self.store.everything_of(driver_id).await?;
        if everything["own"].as_array().is_none_or(Vec::is_empty) {
            return Err(Error::NotFound);
        }
        let row = AuditRow::new(context, self.clock.now_ms(), "driver", "exported").by(admin.actor());
        audit::write(&self.store, row.about("driver", driver_id).fact("driver_id", driver_id)).await;
        Ok(everything)
    }
}
