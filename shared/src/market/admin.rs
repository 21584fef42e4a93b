//! What admins do with the market.
use serde_json::json;

use super::{module::ACCEPTED_AUDIT, rows::Current};
use crate::{
    app::App,
    audit::{self, AuditRow},
    auth::admin::AdminSession,
    body,
    error::{Conflict, Error},
    fields::Fields,
    request::RequestContext,
};

body! {
    /// The acceptance of a smaller market.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct AcceptedSizeBody {
        /// The number of cargos that the market may have become: `refused_size` of the market.
        size: i64 = Fields::whole(0..=i64::from(u32::MAX)),
    }
}

impl App {
    /// Accepts the size of the refused sweep.
    ///
    /// # Errors
    /// No sweep of this size was refused, or the store does not answer.
    pub async fn accept_market_size(
        &self,
        admin: &AdminSession,
        body: &AcceptedSizeBody,
        context: &RequestContext,
    ) -> Result<Current, Error> {
        let size = u32::try_from(body.size).unwrap_or(u32::MAX);
        if !self.store.accept_market_size(size).await? {
            return Err(Error::Conflict(Conflict::NoSweepRefused));
        }
        let current = self.store.market().await?.current.ok_or(Error::Conflict(Conflict::NoSweepRefused))?;
        let row = AuditRow::new(context, self.clock.now_ms(), ACCEPTED_AUDIT, "accepted").by(admin.actor());
        let cargos = |size: u32| json!({ "cargos": size });
        audit::write(&self.store, row.changing(cargos(current.head.cargos), cargos(size))).await;
        Ok(current)
    }
}
