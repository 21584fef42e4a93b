//! Exports a driver's personal data on request (152-FZ, article 14).
use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    admin,
    app::App,
    audit::{self, AuditRow},
    auth::admin::AdminSession,
    driver,
    error::Error,
    request::RequestContext,
};

impl App {
    /// Audits the export of a list: which list, its filters, and the number of rows. Search text is left out, because
    /// the log contains only ids.
    pub async fn account_for_file(
        &self,
        admin: &AdminSession,
        list: &str,
        filters: &[(String, String)],
        rows: usize,
        context: &RequestContext,
    ) {
        let row = AuditRow::new(context, self.clock.now_ms(), admin::module::EXPORTED_AUDIT, "ok")
            .by(admin.actor())
            .about("list", list);
        let told = |(name, value): &(String, String)| match name.as_str() {
            "format" | "sep" | "lang" | "cursor" | "limit" => None,
            "q" => Some("q=…".to_owned()),
            _ => Some(format!("{name}={value}")),
        };
        let filters: Vec<_> = filters.iter().filter_map(told).collect();
        let row = row.fact("filters", filters.join(" ")).fact("rows", rows);
        audit::write(&self.store, row).await;
    }

    /// First and last names of the known drivers and admins among these, for admins who may see drivers.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn names_for(&self, admin: &AdminSession, ids: &[i64]) -> Result<BTreeMap<i64, String>, Error> {
        if !admin.role().may(driver::module::SEE_DRIVERS) {
            return Ok(BTreeMap::new());
        }
        Ok(self.store.names(ids).await?)
    }

    /// Exports everything stored about a driver, and audits it.
    ///
    /// # Errors
    /// No one with this id ever signed in, or the store does not answer.
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
        let row =
            AuditRow::new(context, self.clock.now_ms(), driver::module::DRIVER_AUDIT, "exported").by(admin.actor());
        audit::write(&self.store, row.about("driver", driver_id).fact("driver_id", driver_id)).await;
        Ok(everything)
    }
}
