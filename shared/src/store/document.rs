//! Cached documents: CargoTech's data as the bytes that drivers receive.
use std::collections::HashMap;

use aws_sdk_dynamodb::{
    primitives::Blob,
    types::{AttributeValue, KeysAndAttributes, PutRequest, WriteRequest},
};

use ::store::{Attributes, Item, Key, StoreError, Table, lease::held, n, s};

use super::{
    Store, billing,
    keys::{self, DocumentName},
    lease::LeaseOutcome,
    marks::{self, Marks},
    profile, response,
};
use crate::{
    access::Access,
    market::rows::{Current, current},
    response::Response,
    worth::truck::Truck,
};

/// A cached response, without what varies per request (age, staleness).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The JSON, gzip-compressed.
    pub body: Vec<u8>,
    /// The variant for drivers with locked features, if there is one.
    pub locked_body: Option<Vec<u8>>,
    /// A weak entity tag of the JSON, quotes included.
    pub etag: String,
    /// When CargoTech was called, milliseconds.
    pub fetched_at_ms: i64,
    /// Cargo ids with prices in kopecks (0: on request), to compare with [`Marks`].
    pub prices: Vec<(String, i64)>,
}

impl Document {
    /// `None` also for an older cargo without the locked variant: what cannot be locked is not served.
    fn read(name: &DocumentName, mut item: Item) -> Option<Self> {
        let Some(AttributeValue::B(body)) = item.remove("body") else {
            return None;
        };
        let locked_body = match item.remove("locked_body") {
            Some(AttributeValue::B(body)) => Some(body.into_inner()),
            _ => None,
        };
        if locked_body.is_none() && name.has_locked_form() {
            return None;
        }
        let prices = item.text("prices").unwrap_or_default();
        Some(Self {
            body: body.into_inner(),
            locked_body,
            etag: item.text("etag")?.to_owned(),
            fetched_at_ms: item.number("fetched_at")?,
            prices: prices
                .split(' ')
                .filter_map(|pair| pair.split_once('='))
                .filter_map(|(id, price)| Some((id.to_owned(), price.parse().ok()?)))
                .collect(),
        })
    }

    fn attributes(&self, name: &DocumentName, ttl_s: i64) -> Item {
        let mut item = keys::document(name).attributes();
        item.insert("body".into(), AttributeValue::B(Blob::new(self.body.clone())));
        if let Some(body) = &self.locked_body {
            item.insert("locked_body".into(), AttributeValue::B(Blob::new(body.clone())));
        }
        item.insert("etag".into(), s(&self.etag));
        item.insert("fetched_at".into(), n(self.fetched_at_ms));
        item.insert("ttl".into(), n(ttl_s));
        if !self.prices.is_empty() {
            let prices = self.prices.iter().map(|(id, price)| format!("{id}={price}")).collect::<Vec<_>>();
            item.insert("prices".into(), s(prices.join(" ")));
        }
        item
    }
}

/// The result of one read of the cache.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cached {
    /// The document, of any age.
    pub document: Option<Document>,
    /// Marks of cargos, if requested.
    pub marks: Marks,
    /// The driver's access data, if requested.
    pub access: Option<Access>,
    /// The driver's own response to the cargo, if requested.
    pub response: Option<Response>,
    /// Whether the last holder of a lease that still blocks others failed, if requested.
    pub lease: Option<LeaseOutcome>,
}

/// The market's current snapshot and what concerns answers from it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MarketRead {
    /// The current snapshot.
    pub current: Option<Current>,
    /// Marks of cargos.
    pub marks: Marks,
    /// The driver's access data, if requested.
    pub access: Option<Access>,
    /// The driver's truck, if requested and described.
    pub truck: Option<Truck>,
}

/// The driver for whom something is read, and which rows of theirs besides their access data.
#[derive(Clone, Copy)]
struct Reader<'a> {
    driver_id: i64,
    /// Their response to this cargo.
    cargo_id: Option<&'a str>,
    /// Their truck.
    truck: bool,
}

/// The rows of one read.
struct Rows {
    items: Vec<Item>,
    access: Option<Access>,
    response: Option<Response>,
    truck: Option<Truck>,
}

impl Store {
    /// Reads a document and its marks in one call.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn document_and_marks(&self, name: &DocumentName) -> Result<Cached, StoreError> {
        self.cached(name, &keys::cargo_marks(), None, 0, false).await
    }

    /// Also reads the driver's access data and, for a cargo, their own response from the other table. Settings may be
    /// seconds old.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn document_for(
        &self,
        name: &DocumentName,
        driver_id: i64,
        cargo_id: Option<&str>,
        now_ms: i64,
    ) -> Result<Cached, StoreError> {
        let reader = Reader { driver_id, cargo_id, truck: false };
        self.cached(name, &keys::cargo_marks(), Some(reader), now_ms, false).await
    }

    /// Reads a document and its lease with strong consistency, to wait for the caller who fetches it.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn document_and_lease(&self, name: &DocumentName, now_ms: i64) -> Result<Cached, StoreError> {
        self.cached(name, &keys::lease(name.as_str()), None, now_ms, true).await
    }

    /// Reads only a document.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn document(&self, name: &DocumentName) -> Result<Cached, StoreError> {
        let item = self.get("document", &keys::document(name)).await?;
        Ok(Cached { document: item.and_then(|item| Document::read(name, item)), ..Cached::default() })
    }

    /// Reads the row of the market's current snapshot, the marks, the driver's access data and their truck in one call.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn market_for(&self, driver_id: i64, now_ms: i64) -> Result<MarketRead, StoreError> {
        self.market_read(Some(Reader { driver_id, cargo_id: None, truck: true }), now_ms).await
    }

    /// Reads the row of the market's current snapshot and the marks in one call.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn market_and_marks(&self) -> Result<MarketRead, StoreError> {
        self.market_read(None, 0).await
    }

    async fn market_read(&self, driver: Option<Reader<'_>>, now_ms: i64) -> Result<MarketRead, StoreError> {
        let [head, marks] = [keys::market_head(), keys::cargo_marks()];
        let Rows { items, access, truck, .. } = Box::pin(self.rows_for([&head, &marks], driver, now_ms, false)).await?;
        let of = |key: &Key| items.iter().find(|item| key.is_of(item));
        Ok(MarketRead {
            current: of(&head).and_then(current),
            marks: of(&marks).map(marks::read).unwrap_or_default(),
            access,
            truck,
        })
    }

    async fn cached(
        &self,
        name: &DocumentName,
        beside: &Key,
        driver: Option<Reader<'_>>,
        now_ms: i64,
        consistent: bool,
    ) -> Result<Cached, StoreError> {
        let document = keys::document(name);
        let Rows { items, access, response, .. } =
            Box::pin(self.rows_for([&document, beside], driver, now_ms, consistent)).await?;
        let mut cached = Cached { access, response, ..Cached::default() };
        for item in items {
            if document.is_of(&item) {
                cached.document = Document::read(name, item);
            } else if *beside == keys::cargo_marks() {
                cached.marks = marks::read(&item);
            } else if item.number("held_until").is_some_and(|until| until > now_ms) {
                cached.lease = Some(held(&item).into());
            }
        }
        Ok(cached)
    }

    /// Reads rows of the cache table, and for a driver their access data and response, in one call.
    async fn rows_for(
        &self,
        keys: [&Key; 2],
        driver: Option<Reader<'_>>,
        now_ms: i64,
        consistent: bool,
    ) -> Result<Rows, StoreError> {
        let keys = KeysAndAttributes::builder()
            .set_keys(Some(keys.map(Key::attributes).to_vec()))
            .consistent_read(consistent)
            .build()
            .map_err(|_| StoreError::malformed("document", "keys"))?;
        let mut get = self.client().batch_get_item().request_items(self.table(Table::Cache), keys);
        let response = driver.and_then(|reader| Some(keys::response(reader.driver_id, reader.cargo_id?)));
        let own_profile = driver.filter(|reader| reader.truck).map(|reader| keys::profile(reader.driver_id));
        let known = driver.and_then(|_| self.recent_settings(now_ms));
        if let Some(Reader { driver_id, .. }) = driver {
            let settings = known.is_none().then(keys::settings);
            let access = billing::own_access_keys(driver_id);
            let keys = access.iter().chain(&settings).chain(&response).chain(&own_profile).map(Key::attributes);
            let keys = KeysAndAttributes::builder()
                .set_keys(Some(keys.collect()))
                // A driver who has just paid or responded must see that at once.
                .consistent_read(true)
                .build()
                .map_err(|_| StoreError::malformed("document", "keys"))?;
            get = get.request_items(self.table(Table::App), keys);
        }
        let answer = self.call("document", Table::Cache, get.send()).await??;
        // Treat a row that DynamoDB left unprocessed as a cache miss. Never guess access data.
        if driver.is_some()
            && answer.unprocessed_keys().is_some_and(|tables| tables.contains_key(self.table(Table::App)))
        {
            return Err(StoreError::unprocessed("document"));
        }
        let mut tables = answer.responses.unwrap_or_default();
        let items = tables.remove(self.table(Table::Cache)).unwrap_or_default();
        let own = tables.remove(self.table(Table::App)).unwrap_or_default();
        let access = match (driver, known) {
            (None, _) => None,
            (Some(Reader { driver_id, .. }), Some(settings)) => Some(billing::access_under(settings, driver_id, &own)?),
            (Some(Reader { driver_id, .. }), None) => {
                let access = billing::access(driver_id, &own)?;
                self.remember_settings(access.settings.clone(), now_ms);
                Some(access)
            }
        };
        let row = |key: &Option<Key>| own.iter().find(|row| key.as_ref().is_some_and(|key| key.is_of(row)));
        let (response, truck) = (row(&response).and_then(response::read), row(&own_profile).and_then(profile::truck));
        Ok(Rows { items, access, response, truck })
    }

    /// Stores a document until `ttl_s` and releases its lease, in one call.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn put_document(&self, name: &DocumentName, document: &Document, ttl_s: i64) -> Result<(), StoreError> {
        let malformed = |_| StoreError::malformed("put_document", "item");
        let put = PutRequest::builder().set_item(Some(document.attributes(name, ttl_s))).build().map_err(malformed)?;
        let delete = aws_sdk_dynamodb::types::DeleteRequest::builder()
            .set_key(Some(keys::lease(name.as_str()).attributes()))
            .build()
            .map_err(malformed)?;
        let requests = vec![
            WriteRequest::builder().put_request(put).build(),
            WriteRequest::builder().delete_request(delete).build(),
        ];
        // Both are last-writer-wins: a later writer called CargoTech later, or within the same few seconds.
        let write = self
            .client()
            .batch_write_item()
            .set_request_items(Some(HashMap::from([(self.table(Table::Cache).to_owned(), requests)])));
        self.call("put_document", Table::Cache, write.send()).await??;
        Ok(())
    }

    /// Deletes a document known to be wrong.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn drop_document(&self, name: &DocumentName) -> Result<(), StoreError> {
        let key = keys::document(name);
        let delete = self.client().delete_item().table_name(self.table(key.table)).set_key(Some(key.attributes()));
        self.call("drop_document", key.table, delete.send()).await??;
        Ok(())
    }
}
