//! The cargo list: one shared response per search.
use serde::Serialize;
use tokio::{join, time::Instant};
use utoipa::ToSchema;

use super::{
    Cargo, Money,
    cache::{DocumentRequest, Fetched, Served},
    card::Card,
    filters::Filters,
};
use crate::{
    access::{Access, Feature},
    app::App,
    auth::session::Audience,
    cargotech::{Priority, UpstreamError},
    clock::rfc3339,
    error::Error,
    request::RequestContext,
    store::{StoreError, document::Cached, keys::DocumentName},
};

/// A page of cargos.
#[derive(Serialize, ToSchema)]
pub struct CargoList {
    /// The cargos of this page.
    pub items: Vec<Card>,
    /// Total number of matches; null if CargoTech does not report it. Then a page shorter than `limit` is the last.
    pub total: Option<i64>,
    /// `limit` of the request.
    pub limit: i64,
    /// `offset` of the request.
    pub offset: i64,
    /// When the data was fetched from CargoTech, RFC 3339 in UTC.
    pub fetched_at: String,
}

/// A cargo's price as marks and lists compare it: kopecks, 0 for "on request".
pub(super) fn compared_price(cargo: &Cargo) -> i64 {
    cargo.price.map_or(0, Money::kopecks)
}

impl App {
    /// The list for a driver. The session check and the cache read run concurrently: a cached list costs two store
    /// calls and one round trip.
    ///
    /// # Errors
    /// The session is not good, or nothing can be served.
    pub async fn cargo_list(
        &self,
        bearer: Option<&str>,
        filters: &Filters,
        context: &RequestContext,
    ) -> Result<Served, Error> {
        let query = filters.query();
        let name = document_name(&query);
        let named = self.named_session(bearer).await?;
        let driver_id = named.driver_id();
        let (session, read) = join!(
            self.use_session(named, Audience::Unblocked),
            self.store.document_for(&name, driver_id, None, self.clock.now_ms())
        );
        session?;
        let access = self.access_of(driver_id, &read).await?;
        if !access.allows(Feature::List, self.clock.now_ms()) {
            return Err(self.locked_out(driver_id, Feature::List, context).await);
        }
        let lifetime_s = self.config.list_ttl_s;
        let wanted = DocumentRequest { name: &name, lifetime_s, driver_id, priority: Priority::Browsing, context };
        let fetch = |deadline, priority| self.fetch_list(&query, filters, priority, context, deadline);
        self.documents.serve(&wanted, read, fetch).await
    }

    /// The list for a driver who is signing in, with their access data, to save the app its next request. Returns only
    /// fresh cached data, because sign-in does not wait for CargoTech.
    pub async fn cargo_list_at_hand(&self, access: &Access, filters: &Filters) -> Option<Served> {
        if !access.allows(Feature::List, self.clock.now_ms()) {
            return None;
        }
        match self.store.document_and_marks(&document_name(&filters.query())).await {
            Ok(cached) => self.documents.at_hand(cached, self.config.list_ttl_s),
            Err(error) => {
                tracing::warn!(%error, "the cache cannot be read; the list is asked for apart");
                None
            }
        }
    }

    async fn fetch_list(
        &self,
        query: &[(&'static str, String)],
        filters: &Filters,
        priority: Priority,
        context: &RequestContext,
        deadline: Instant,
    ) -> Result<Fetched, UpstreamError> {
        let asked_at_ms = self.clock.now_ms();
        let page = match self.cargotech.cargos(query, priority, context, deadline).await {
            // A list always exists: a 404 means that the URL is wrong.
            Err(UpstreamError::NotFound) => Err(UpstreamError::Unavailable { reason: "it has no list", wait_ms: 5000 }),
            other => other,
        }?;
        let list = CargoList {
            items: page.cargos.iter().map(Card::new).collect(),
            total: page.total,
            limit: filters.limit(),
            offset: filters.offset(),
            fetched_at: rfc3339(asked_at_ms),
        };
        let prices = page.cargos.iter().map(|cargo| (cargo.id.clone(), compared_price(cargo))).collect();
        Ok(Fetched { asked_at_ms, json: to_json(&list)?, locked_json: None, prices })
    }

    /// The driver's access data: from the read with the document, or from a separate read when the cache does not
    /// answer.
    ///
    /// # Errors
    /// The store does not answer.
    pub(super) async fn access_of(&self, driver_id: i64, read: &Result<Cached, StoreError>) -> Result<Access, Error> {
        match read {
            Ok(Cached { access: Some(access), .. }) => Ok(access.clone()),
            _ => Ok(self.store.access(driver_id).await?),
        }
    }
}

/// All drivers with the same search share its document.
fn document_name(query: &[(&'static str, String)]) -> DocumentName {
    DocumentName::list(&query.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&"))
}

/// Serialises our own types, which cannot fail.
pub(super) fn to_json(value: &impl Serialize) -> Result<Vec<u8>, UpstreamError> {
    serde_json::to_vec(value)
        .map_err(|_| UpstreamError::Unavailable { reason: "its answer cannot be written", wait_ms: 5000 })
}
