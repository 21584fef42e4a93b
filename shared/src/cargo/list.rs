//! The cargo list: one shared response per search.
use serde::Serialize;
use tokio::{join, time::Instant};
use utoipa::ToSchema;

use super::{
    Cargo, Money,
    cache::{DocumentRequest, Fetched, Freshness, Served},
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
    market::live::Asker,
    request::RequestContext,
    store::{
        StoreError,
        document::{Cached, MarketRead},
        keys::DocumentName,
    },
    worth::truck::Truck,
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
    /// `offset` of the request; 0 with a cursor.
    pub offset: i64,
    /// `cursor` of the next page; null on the last.
    pub cursor: Option<String>,
    /// When the data was fetched from CargoTech, RFC 3339 in UTC.
    pub fetched_at: String,
    /// Who answered, as in `X-Cargo-Source`.
    pub source: Source,
}

/// A cargo's price as marks and lists compare it: kopecks, 0 for "on request".
pub(super) fn compared_price(cargo: &Cargo) -> i64 {
    cargo.price.map_or(0, Money::kopecks)
}

/// Who answered a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The market.
    Market,
    /// CargoTech, or the cache of its answers.
    CargoTech,
}

impl Source {
    /// The value of `X-Cargo-Source`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Market => "market",
            Self::CargoTech => "cargotech",
        }
    }
}

impl App {
    /// The list for a driver. The session check and the read of the market or the cache run concurrently: a list costs
    /// two store calls and one round trip.
    ///
    /// # Errors
    /// The session is not good, or nothing can be served.
    pub async fn cargo_list(
        &self,
        bearer: Option<&str>,
        filters: &Filters,
        context: &RequestContext,
    ) -> Result<(Served, Source), Error> {
        if !self.market.is_on() || filters.needs_cargotech() {
            let served = Box::pin(self.list_of_cargotech(bearer, filters, context)).await?;
            return Ok((served, Source::CargoTech));
        }
        let (driver_id, read) = self.market_for(bearer, context).await?;
        if let Some(read) = &read
            && let Some(snapshot) = self.market.snapshot(read, filters).await
        {
            let document = snapshot.page(filters, &read.marks, &self.asker(read));
            return Ok((self.documents.hit(document), Source::Market));
        }
        // Too old, but perhaps the newest that there is.
        let too_old = async |upstream_down| {
            let read = read.as_ref()?;
            let snapshot = self.market.last_resort(read, filters).await?;
            Some(self.documents.last_resort(snapshot.page(filters, &read.marks, &self.asker(read)), upstream_down))
        };
        // Only the market can go on with a list of its own.
        if filters.is_page_of_market()
            && let Some(old) = Box::pin(too_old(false)).await
        {
            return Ok((old, Source::Market));
        }
        let foreign = filters.foreign_to_cargotech();
        if !foreign.is_empty() && read.as_ref().is_none_or(|read| read.current.is_none()) {
            return Err(Error::Validation(foreign));
        }
        // Asked although it cannot apply them all: if it answers, the app asks for the same list next.
        let served = Box::pin(self.loose_list_of_cargotech(driver_id, filters, context)).await;
        let stale = match &served {
            Ok(Served { freshness: Freshness::Stale, age_s, upstream_down, .. }) => Some((*age_s, *upstream_down)),
            Err(Error::UpstreamUnavailable(_) | Error::UpstreamForbidden) => Some((i64::MAX, true)),
            Ok(_) | Err(_) => None,
        };
        if let Some((age_s, upstream_down)) = stale
            && let Some(old) = Box::pin(too_old(upstream_down)).await
            && (old.age_s < age_s || !foreign.is_empty())
        {
            return Ok((old, Source::Market));
        }
        if foreign.is_empty() { Ok((served?, Source::CargoTech)) } else { Err(Error::Validation(foreign)) }
    }

    /// The counts for filters, from the market.
    ///
    /// # Errors
    /// The session is not good, or the market cannot answer.
    pub async fn cargo_facets(
        &self,
        bearer: Option<&str>,
        filters: &Filters,
        context: &RequestContext,
    ) -> Result<Served, Error> {
        let (_, read) = self.market_for(bearer, context).await?;
        let foreign = filters.foreign_to_market();
        if !foreign.is_empty() {
            return Err(Error::Validation(foreign));
        }
        let read = read.filter(|_| self.market.is_on()).ok_or(Error::MarketUnavailable)?;
        let snapshot = self.market.snapshot(&read, filters).await.ok_or(Error::MarketUnavailable)?;
        Ok(self.documents.hit(snapshot.facets(filters, &read.marks)))
    }

    /// What the market needs for a driver who may see the list; `None` if the cache does not answer.
    pub(crate) async fn market_for(
        &self,
        bearer: Option<&str>,
        context: &RequestContext,
    ) -> Result<(i64, Option<MarketRead>), Error> {
        let read = async |driver_id| self.market_read_for(driver_id).await;
        self.read_for(bearer, context, read, |read| read.as_ref()?.access.as_ref()).await
    }

    /// What the market needs for a driver; `None` if the cache does not answer.
    pub(crate) async fn market_read_for(&self, driver_id: i64) -> Option<MarketRead> {
        let read = self.store.market_for(driver_id, self.clock.now_ms()).await;
        read.inspect_err(|error| tracing::warn!(%error, "the market cannot be read")).ok()
    }

    /// The driver for whom the market was read. Without their access data nothing of theirs is known.
    pub(crate) fn asker(&self, read: &MarketRead) -> Asker {
        let settings = read.access.as_ref().map(|access| access.settings.clone()).unwrap_or_default();
        Asker::new(read.truck.as_ref(), settings, self.today())
    }

    /// Checks the session and the access of a driver, and reads what the list needs in the same round trip. `access`
    /// finds the driver's access data in it.
    pub(crate) async fn read_for<R>(
        &self,
        bearer: Option<&str>,
        context: &RequestContext,
        read: impl AsyncFnOnce(i64) -> R,
        access: impl FnOnce(&R) -> Option<&Access>,
    ) -> Result<(i64, R), Error> {
        let named = self.named_session(bearer).await?;
        let driver_id = named.driver_id();
        let (session, read) = join!(self.use_session(named, Audience::Unblocked), read(driver_id));
        session?;
        let access = self.access_of(driver_id, access(&read)).await?;
        self.check_list_access(driver_id, &access, context).await?;
        Ok((driver_id, read))
    }

    async fn check_list_access(&self, driver_id: i64, access: &Access, context: &RequestContext) -> Result<(), Error> {
        if access.allows(Feature::List, self.clock.now_ms()) {
            return Ok(());
        }
        Err(self.locked_out(driver_id, Feature::List, context).await)
    }

    /// The list by CargoTech for a driver whose session is not checked yet.
    async fn list_of_cargotech(
        &self,
        bearer: Option<&str>,
        filters: &Filters,
        context: &RequestContext,
    ) -> Result<Served, Error> {
        // CargoTech's points of settlements are not known before another read.
        let name = (filters.places() == [None, None]).then(|| document_name(&filters.query()));
        let read = async |driver_id| {
            let name = name.as_ref()?;
            Some(self.store.document_for(name, driver_id, None, self.clock.now_ms()).await)
        };
        let (driver_id, read) =
            self.read_for(bearer, context, read, |read| read.as_ref()?.as_ref().ok()?.access.as_ref()).await?;
        match name.zip(read) {
            Some((name, read)) if filters.foreign_to_cargotech().is_empty() => {
                self.serve_list(driver_id, &name, filters, read, context).await
            }
            // Boxed, as below: the rare slow path should not enlarge the future of the fast one.
            _ => Box::pin(self.list_of_cargotech_for(driver_id, filters, context)).await,
        }
    }

    /// The list by CargoTech for a driver who may see it.
    async fn list_of_cargotech_for(
        &self,
        driver_id: i64,
        filters: &Filters,
        context: &RequestContext,
    ) -> Result<Served, Error> {
        let foreign = filters.foreign_to_cargotech();
        if !foreign.is_empty() {
            return Err(Error::Validation(foreign));
        }
        self.loose_list_of_cargotech(driver_id, filters, context).await
    }

    /// The list by those filters that CargoTech has.
    async fn loose_list_of_cargotech(
        &self,
        driver_id: i64,
        filters: &Filters,
        context: &RequestContext,
    ) -> Result<Served, Error> {
        let mut points = [None; 2];
        for (point, place) in points.iter_mut().zip(filters.places()) {
            if let Some(place) = place {
                *point = Box::pin(self.cargotech_point(driver_id, place.name, context)).await?;
            }
        }
        let filters = filters.with_points(points).map_err(Error::Validation)?;
        let name = document_name(&filters.query());
        let read = self.store.document_and_marks(&name).await;
        self.serve_list(driver_id, &name, &filters, read, context).await
    }

    async fn serve_list(
        &self,
        driver_id: i64,
        name: &DocumentName,
        filters: &Filters,
        read: Result<Cached, StoreError>,
        context: &RequestContext,
    ) -> Result<Served, Error> {
        let lifetime_s = self.config.list_ttl_s;
        let wanted = DocumentRequest { name, lifetime_s, driver_id, priority: Priority::Browsing, context };
        let query = filters.query();
        let fetch = |deadline, priority| self.fetch_list(&query, filters, priority, context, deadline);
        self.documents.serve(&wanted, read, fetch).await
    }

    /// The list for a driver who is signing in, with their access data and truck, to save the app its next request.
    /// Returns only data at hand, because sign-in does not wait for CargoTech.
    pub async fn cargo_list_at_hand(
        &self,
        access: &Access,
        truck: Option<&Truck>,
        filters: &Filters,
    ) -> Option<Served> {
        if !access.allows(Feature::List, self.clock.now_ms()) {
            return None;
        }
        let unreadable = |error: &StoreError| {
            tracing::warn!(%error, "the cache cannot be read; the list is asked for apart");
        };
        if self.market.is_on() && !filters.needs_cargotech() {
            let read = self.store.market_and_marks().await.inspect_err(unreadable).ok()?;
            let snapshot = self.market.snapshot(&read, filters).await?;
            let asker = Asker::new(truck, access.settings.clone(), self.today());
            return Some(self.documents.hit(snapshot.page(filters, &read.marks, &asker)));
        }
        if !filters.foreign_to_cargotech().is_empty() || filters.places() != [None, None] {
            return None;
        }
        let read = self.store.document_and_marks(&document_name(&filters.query())).await;
        self.documents.at_hand(read.inspect_err(unreadable).ok()?, self.config.list_ttl_s)
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
        let prices = page.cargos.iter().map(|cargo| (cargo.id.clone(), compared_price(cargo))).collect();
        let list = CargoList {
            items: page.cargos.into_iter().map(|cargo| Card::new(cargo.for_list().located())).collect(),
            total: page.total,
            limit: filters.limit(),
            offset: filters.offset(),
            cursor: filters.next_offset(page.rows, page.total),
            fetched_at: rfc3339(asked_at_ms),
            source: Source::CargoTech,
        };
        Ok(Fetched { asked_at_ms, json: to_json(&list)?, locked_json: None, prices })
    }

    /// The driver's access data: from the read with the document, or from a separate read when the cache does not
    /// answer.
    ///
    /// # Errors
    /// The store does not answer.
    pub(super) async fn access_of(&self, driver_id: i64, read: Option<&Access>) -> Result<Access, Error> {
        match read {
            Some(access) => Ok(access.clone()),
            None => Ok(self.store.access(driver_id).await?),
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
