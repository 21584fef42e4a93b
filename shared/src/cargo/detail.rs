//! The detail of a cargo.
use std::mem;

use serde::Serialize;
use tokio::{join, time::Instant};
use utoipa::ToSchema;

use super::{
    Cargo, CargoId, Contact, Extra, Shipper,
    cache::{DocumentRequest, Fetched, Freshness, Served, etag, gunzip, gzip},
    card::Card,
    list::{compared_price, to_json},
};
use crate::{
    access::Feature,
    app::App,
    auth::session::Audience,
    cargotech::{Priority, UpstreamError},
    clock::rfc3339,
    error::Error,
    request::RequestContext,
    response::{Response, view::ResponseView},
    store::{StoreError, document::Cached, keys::DocumentName, marks::Mark},
};

/// A cargo and what concerns the caller.
#[derive(Serialize, ToSchema)]
pub struct CargoDetail {
    /// The caller's own response to the cargo; null if there is none.
    // First, and null in the cached document that all drivers share, so that it can be inserted without parsing.
    pub response: Option<ResponseView>,
    /// True if the caller may respond again: the response was rejected in favour of another driver, who no longer has
    /// the cargo. Otherwise absent.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub freed: bool,
    /// Features that a subscription would unlock. Their fields are null or empty in `cargo`.
    pub locked: Vec<Feature>,
    /// The cargo.
    pub cargo: DetailedCargo,
    /// When the data was fetched from CargoTech, RFC 3339 in UTC.
    pub fetched_at: String,
}

/// A cargo with all its details.
#[derive(Serialize, ToSchema)]
pub struct DetailedCargo {
    /// The fields of the cargo in the list.
    #[serde(flatten)]
    pub card: Card,
    /// The shipper's comment; null if there is none or it is locked.
    pub note: Option<String>,
    /// What is carried; null if unknown.
    pub cargo_type: Option<String>,
    /// The shipper; null if unknown.
    pub shipper: Option<Shipper>,
    /// Contacts; null if they are locked.
    pub contacts: Option<Vec<Contact>>,
    /// Additional fields.
    pub extra: Extra,
}

impl CargoDetail {
    fn new(mut cargo: Cargo, fetched_at: String) -> Self {
        Self {
            response: None,
            freed: false,
            locked: Vec::new(),
            cargo: DetailedCargo {
                note: cargo.note.take(),
                cargo_type: cargo.cargo_type.clone(),
                shipper: cargo.shipper.take(),
                contacts: Some(mem::take(&mut cargo.contacts)),
                extra: mem::take(&mut cargo.extra),
                card: Card::new(cargo.located()),
            },
            fetched_at,
        }
    }

    /// Removes what [`Feature::Contacts`] covers.
    fn lock(&mut self) {
        self.locked = vec![Feature::Contacts];
        let cargo = &mut self.cargo;
        cargo.note = None;
        cargo.contacts = None;
        if let Some(shipper) = &mut cargo.shipper {
            shipper.inn = None;
        }
        cargo.extra =
            Extra { krugoreis: cargo.extra.krugoreis, partial_load: cargo.extra.partial_load, ..Extra::default() };
    }
}

impl App {
    /// The detail of a cargo for a driver. `seen_price` is the price in the driver's list, in kopecks, 0 for "on
    /// request".
    ///
    /// # Errors
    /// The session is not good, the cargo is gone, or nothing can be served.
    pub async fn cargo_detail(
        &self,
        bearer: Option<&str>,
        id: &CargoId,
        seen_price: Option<i64>,
        context: &RequestContext,
    ) -> Result<Served, Error> {
        let named = self.named_session(bearer).await?;
        let driver_id = named.driver_id();
        let name = DocumentName::cargo(id.as_str());
        let (session, read) = join!(
            self.use_session(named, Audience::Unblocked),
            self.store.document_for(&name, driver_id, Some(id.as_str()), self.clock.now_ms())
        );
        session?;
        let access = self.access_of(driver_id, read.as_ref().ok().and_then(|read| read.access.as_ref())).await?;
        let now_ms = self.clock.now_ms();
        // Check access before any response, including 304.
        if !access.allows(Feature::Detail, now_ms) {
            return Err(self.locked_out(driver_id, Feature::Detail, context).await);
        }
        // Without the cache, read the response separately from its own table.
        let response = match &read {
            Ok(cached) => cached.response.clone(),
            Err(_) => self.store.response(driver_id, id.as_str()).await?,
        };
        let lifetime_s = self.config.detail_ttl_s;
        let wanted = DocumentRequest { name: &name, lifetime_s, driver_id, priority: Priority::Opening, context };
        let mut served = self.serve_cargo(id, seen_price, &wanted, read).await?;
        if !access.allows(Feature::Contacts, now_ms) {
            served = locked(served)?;
        }
        match response {
            Some(response) => {
                let freed = self.is_freed(Some(&response)).await.unwrap_or_else(|error| {
                    tracing::warn!(%error, "whether a cargo is free again cannot be read");
                    false
                });
                with_response(served, &response, freed)
            }
            None => Ok(served),
        }
    }

    /// A cargo at most `lifetime_s` seconds old, for a driver who acts on it.
    pub(crate) async fn look_up_cargo(
        &self,
        driver_id: i64,
        id: &CargoId,
        seen_price: Option<i64>,
        lifetime_s: i64,
        context: &RequestContext,
    ) -> Result<Served, Error> {
        let name = DocumentName::cargo(id.as_str());
        let read = self.store.document_and_marks(&name).await;
        let wanted = DocumentRequest { name: &name, lifetime_s, driver_id, priority: Priority::Acting, context };
        self.serve_cargo(id, seen_price, &wanted, read).await
    }

    async fn serve_cargo(
        &self,
        id: &CargoId,
        seen_price: Option<i64>,
        wanted: &DocumentRequest<'_>,
        read: Result<Cached, StoreError>,
    ) -> Result<Served, Error> {
        let now_ms = self.clock.now_ms();
        let keep_ms = self.config.list_ttl_s * 1000;
        if let Ok(Cached { marks, .. }) = &read
            && marks.get(id.as_str()).is_some_and(|mark| mark.price.is_none() && now_ms - mark.at_ms < keep_ms)
        {
            // A caller asked for it within the last minutes, and it was gone.
            return Err(Error::CargoGone);
        }
        let price_of = |served: &crate::store::document::Document| served.prices.first().map(|(_, price)| *price);
        let before = read.as_ref().ok().and_then(|cached| price_of(cached.document.as_ref()?));
        let context = wanted.context;
        let fetch = |deadline, priority| Box::pin(self.fetch_detail(id, priority, context, deadline));
        let result = self.documents.serve(wanted, read, fetch).await;
        // Marks lists with different data as stale.
        let mark = |price| Mark { at_ms: self.clock.now_ms(), price, by: wanted.driver_id };
        match &result {
            Err(Error::CargoGone) => {
                let (dropped, marked) = join!(
                    self.store.drop_document(wanted.name),
                    self.store.mark_cargo(id.as_str(), mark(None), keep_ms)
                );
                if let Err(error) = dropped.and(marked) {
                    tracing::warn!(%error, "that a cargo is gone could not be noted");
                }
            }
            Ok(served) if served.freshness == Freshness::Miss => {
                let price = price_of(&served.document);
                let changed = |known: Option<i64>| known.is_some() && known != price;
                if (changed(before) || changed(seen_price))
                    && let Err(error) = self.store.mark_cargo(id.as_str(), mark(price), keep_ms).await
                {
                    tracing::warn!(%error, "that a price has changed could not be noted");
                }
            }
            _ => {}
        }
        result
    }

    async fn fetch_detail(
        &self,
        id: &CargoId,
        priority: Priority,
        context: &RequestContext,
        deadline: Instant,
    ) -> Result<Fetched, UpstreamError> {
        let asked_at_ms = self.clock.now_ms();
        let cargo = self.cargotech.cargo(id, priority, context, deadline).await?;
        let prices = vec![(cargo.id.clone(), compared_price(&cargo))];
        let mut locked = CargoDetail::new(cargo.clone().without_phones(), rfc3339(asked_at_ms));
        locked.lock();
        let json = to_json(&CargoDetail::new(cargo, rfc3339(asked_at_ms)))?;
        Ok(Fetched { asked_at_ms, json, locked_json: Some(to_json(&locked)?), prices })
    }
}

/// The document as drivers with locked contacts see it.
fn locked(mut served: Served) -> Result<Served, Error> {
    let body = served.document.locked_body.take();
    served.document.body = body.ok_or_else(|| Error::Internal("a cached cargo has no locked form".to_owned()))?;
    // The tag covers only the sent bytes. A tag of the whole document would reveal changes of the hidden part.
    served.document.etag = etag(&served.document.body);
    Ok(served)
}

/// Inserts the caller's own response into the shared document.
fn with_response(mut served: Served, response: &Response, freed: bool) -> Result<Served, Error> {
    const NONE: &[u8] = b"{\"response\":null";
    let damaged = || Error::Internal("a cached cargo is damaged".to_owned());
    let shared = gunzip(&served.document.body).map_err(|_| damaged())?;
    let rest = shared.strip_prefix(NONE).ok_or_else(damaged)?;
    let own = serde_json::to_vec(&ResponseView::new(response)).map_err(|_| damaged())?;
    let told: &[u8] = if freed { b",\"freed\":true" } else { b"" };
    served.document.body = gzip(&[b"{\"response\":".as_slice(), &own, told, rest].concat());
    let version = format!("-{}-{}{}\"", response.id, response.version, if freed { "-freed" } else { "" });
    served.document.etag = format!("{}{version}", served.document.etag.trim_end_matches('"'));
    Ok(served)
}
