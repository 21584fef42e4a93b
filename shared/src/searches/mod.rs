//! Searches that a driver has saved, and how many cargos are new in each.
pub mod module;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use tokio::join;
use utoipa::ToSchema;

use crate::{
    access::Feature,
    app::App,
    auth::session::Session,
    body,
    body::Body as _,
    cargo::filters::{Filters, SORTS, kept},
    clock::rfc3339,
    error::{Conflict, Error, FieldError},
    fields::Fields,
    request::RequestContext,
    store::document::MarketRead,
};

/// The most saved searches of a driver.
pub const MOST: usize = 20;
/// The saved searches of a driver without [`Feature::Alerts`].
const FREE: usize = 1;
/// The most letters of a name.
const LONGEST_NAME: usize = 60;

/// A saved search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    /// Its id, unique for the driver.
    pub id: String,
    /// What the driver calls it.
    pub name: String,
    /// The list's query, without a page.
    pub filters: Map<String, Value>,
    /// When it was saved, milliseconds.
    pub created_at_ms: i64,
    /// When the driver last opened it, milliseconds.
    pub opened_at_ms: i64,
}

/// The saved searches of a driver, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Searches {
    /// At most [`MOST`].
    pub all: Vec<Search>,
    /// The version, increased with each change.
    #[serde(skip)]
    pub version: i64,
}

/// A saved search in the API.
#[derive(Serialize, ToSchema)]
pub struct SearchView {
    /// Id of the search.
    id: String,
    name: String,
    /// Query parameters of `GET /api/cargos`, and the names of their places.
    #[schema(value_type = Object)]
    filters: Map<String, Value>,
    /// `sort` of `GET /api/cargos`; null for the usual order.
    sort: Option<String>,
    /// Cargos that have appeared since the driver last opened it; null if the market cannot tell.
    new_count: Option<usize>,
    /// When the driver last opened it, RFC 3339 in UTC.
    opened_at: String,
    /// Whether its filters can find anything: false after its last day of loading.
    is_current: bool,
}

body! {
    /// A search to save.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct SearchBody {
        /// Name, at most 60 characters.
        name: String = Fields::required_text(LONGEST_NAME),
        /// Query parameters of `GET /api/cargos`, without a page.
        #[schema(value_type = Object)]
        filters: Option<Value> = Fields::sent(),
        /// `sort` of `GET /api/cargos`; null for the usual order.
        sort: Option<String> = Fields::text(20),
    }
}

/// A search that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    name: String,
    filters: Map<String, Value>,
}

impl Wanted {
    /// Checks a search. `today` is the date in UTC.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its field.
    pub fn parse(body: &Map<String, Value>, today: jiff::civil::Date) -> Result<Self, Vec<FieldError>> {
        let (SearchBody { name, filters, sort }, mut fields) = SearchBody::begin(body);
        let mut errors = Vec::new();
        let mut filters = match kept("filters", &filters.unwrap_or_default(), today, &mut errors) {
            Some(Some(Value::Object(filters))) => filters,
            Some(_) => {
                errors.push(FieldError::new("filters", "missing", "Must be an object of the list's parameters."));
                Map::new()
            }
            None => Map::new(),
        };
        fields.take_over(errors);
        if let Some(sort) = sort {
            if SORTS.contains(&sort.strip_prefix('-').unwrap_or(&sort)) {
                filters.insert("sort".to_owned(), Value::String(sort));
            } else {
                fields.fail(
                    "sort",
                    "malformed",
                    format!("Must be one of {}, or one with - in front.", SORTS.join(", ")),
                );
            }
        }
        fields.done(Self { name, filters })
    }
}

impl Searches {
    /// Adds a search.
    ///
    /// # Errors
    /// There are too many.
    fn add(&mut self, id: &str, wanted: Wanted, now_ms: i64) -> Result<(), Error> {
        if self.all.len() >= MOST {
            return Err(Error::Conflict(Conflict::TooManySearches));
        }
        let Wanted { name, filters } = wanted;
        self.all.push(Search { id: id.to_owned(), name, filters, created_at_ms: now_ms, opened_at_ms: now_ms });
        Ok(())
    }

    /// The search with this id.
    ///
    /// # Errors
    /// There is none.
    fn get_mut(&mut self, id: &str) -> Result<&mut Search, Error> {
        self.all.iter_mut().find(|search| search.id == id).ok_or(Error::NotFound)
    }
}

impl App {
    /// The driver's saved searches with what is new in each. Reads the market too.
    ///
    /// # Errors
    /// The session is not good, or the store does not answer.
    pub async fn saved_searches(
        &self,
        bearer: Option<&str>,
        context: &RequestContext,
    ) -> Result<Vec<SearchView>, Error> {
        let read = async |driver_id| join!(self.market_read_for(driver_id), self.store.searches(driver_id));
        let (_, (read, searches)) =
            self.read_for(bearer, context, read, |(read, _)| read.as_ref()?.access.as_ref()).await?;
        Ok(self.search_views(read.as_ref(), searches?.all).await)
    }

    /// One of the driver's saved searches.
    ///
    /// # Errors
    /// There is none with this id, or the store does not answer.
    pub async fn saved_search(
        &self,
        bearer: Option<&str>,
        id: &str,
        context: &RequestContext,
    ) -> Result<SearchView, Error> {
        let searches = self.saved_searches(bearer, context).await?;
        searches.into_iter().find(|search| search.id == id).ok_or(Error::NotFound)
    }

    /// Saves a search. An attempt that is repeated under its key saves one: then the second part is true.
    ///
    /// # Errors
    /// There are too many, more need a subscription, or the store does not answer.
    pub async fn save_search(
        &self,
        session: &Session,
        wanted: &Wanted,
        attempt: Option<&str>,
        context: &RequestContext,
    ) -> Result<(SearchView, bool), Error> {
        let (driver_id, now_ms) = (session.driver_id(), self.clock.now_ms());
        let id = id_of(driver_id, attempt);
        let access = self.store.access(driver_id).await?;
        let may_have_more = access.allows(Feature::Alerts, now_ms);
        let saved = self
            .store
            .change_searches(driver_id, |searches| {
                if searches.all.iter().any(|search| search.id == id) {
                    return Ok(false);
                }
                if searches.all.len() >= FREE && !may_have_more {
                    return Err(Error::SubscriptionRequired(Feature::Alerts));
                }
                searches.add(&id, wanted.clone(), now_ms)?;
                Ok(true)
            })
            .await;
        let (searches, is_new) = match saved {
            Err(Error::SubscriptionRequired(feature)) => {
                return Err(self.locked_out(driver_id, feature, context).await);
            }
            other => other?,
        };
        let search = searches.all.into_iter().find(|search| search.id == id).ok_or(Error::NotFound)?;
        Ok((self.view_of(driver_id, search).await?, !is_new))
    }

    /// Changes a saved search.
    ///
    /// # Errors
    /// There is none with this id, or the store does not answer.
    pub async fn change_search(&self, session: &Session, id: &str, wanted: &Wanted) -> Result<SearchView, Error> {
        let change = |searches: &mut Searches| {
            let search = searches.get_mut(id)?;
            let Wanted { name, filters } = wanted.clone();
            let is_other = (&search.name, &search.filters) != (&name, &filters);
            (search.name, search.filters) = (name, filters);
            Ok(is_other)
        };
        let (mut searches, _) = self.store.change_searches(session.driver_id(), change).await?;
        let search = searches.get_mut(id)?.clone();
        self.view_of(session.driver_id(), search).await
    }

    /// Notes that the driver has seen what a saved search finds now.
    ///
    /// # Errors
    /// There is none with this id, or the store does not answer.
    pub async fn open_search(&self, session: &Session, id: &str) -> Result<(), Error> {
        let now_ms = self.clock.now_ms();
        let change = |searches: &mut Searches| {
            let search = searches.get_mut(id)?;
            let is_later = now_ms > search.opened_at_ms;
            search.opened_at_ms = search.opened_at_ms.max(now_ms);
            Ok(is_later)
        };
        self.store.change_searches(session.driver_id(), change).await.map(drop)
    }

    /// Deletes a saved search.
    ///
    /// # Errors
    /// There is none with this id, or the store does not answer.
    pub async fn delete_search(&self, session: &Session, id: &str) -> Result<(), Error> {
        let change = |searches: &mut Searches| {
            searches.get_mut(id)?;
            searches.all.retain(|search| search.id != id);
            Ok(true)
        };
        self.store.change_searches(session.driver_id(), change).await.map(drop)
    }

    async fn view_of(&self, driver_id: i64, search: Search) -> Result<SearchView, Error> {
        let read = self.market_read_for(driver_id).await;
        self.search_views(read.as_ref(), vec![search]).await.pop().ok_or(Error::NotFound)
    }

    async fn search_views(&self, read: Option<&MarketRead>, searches: Vec<Search>) -> Vec<SearchView> {
        let today = self.today();
        let mut views = Vec::with_capacity(searches.len());
        for search in searches {
            let filters = Filters::of_kept(&search.filters, today).ok();
            let new_count = match (read, &filters) {
                (Some(read), Some(filters)) if !filters.needs_cargotech() => {
                    let snapshot = self.market.snapshot(read, filters).await;
                    snapshot.map(|snapshot| snapshot.count_new(filters, &read.marks, search.opened_at_ms / 1000))
                }
                _ => None,
            };
            views.push(SearchView::new(search, new_count, filters.is_some()));
        }
        views
    }
}

impl SearchView {
    fn new(search: Search, new_count: Option<usize>, is_current: bool) -> Self {
        let Search { id, name, mut filters, opened_at_ms, .. } = search;
        let sort = filters.remove("sort").and_then(|sort| sort.as_str().map(str::to_owned));
        Self { id, name, filters, sort, new_count, opened_at: rfc3339(opened_at_ms), is_current }
    }
}

/// The id of a new search: that of an attempt is the same whenever it is repeated.
fn id_of(driver_id: i64, attempt: Option<&str>) -> String {
    let unique = attempt.map_or_else(|| uuid::Uuid::new_v4().to_string(), |key| format!("{driver_id} {key}"));
    hex::encode(&Sha256::digest(unique)[..6])
}
