//! DynamoDB access: two tables, conditional writes, transactions, index pages, buckets, leases and counters. It
//! contains no entities and no business rules.
//!
//! An outcome that a rule depends on, such as a failed condition with the existing item, is a value in the method's
//! return type. [`StoreError`] means only that the store is unusable.
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use aws_sdk_dynamodb::{
    Client,
    config::{StalledStreamProtectionConfig, retry::RetryConfig, timeout::TimeoutConfig},
    error::{ProvideErrorMetadata, SdkError},
    operation::update_item::UpdateItemError,
    types::{AttributeValue, KeysAndAttributes, ReturnValue, ReturnValuesOnConditionCheckFailure},
};
use aws_types::SdkConfig;

pub mod audit;
pub mod bucket;
mod cursor;
mod due;
mod expression;
mod key;
pub mod lease;
pub mod listed;
pub mod retry;
mod tally;
mod transaction;

pub use cursor::{Cursor, Place, is_cursor};
pub use due::DUE;
pub use expression::{Condition, Update};
pub use key::{Key, RowKind, Table};
pub use tally::{Counts, Tally};
pub use transaction::{Refused, Transacted, Transaction};

use expression::Expressions;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use kernel::request::count_store_call;

/// How long one call to the store may take, retries included. The store answers in single-digit milliseconds; a driver
/// who waits longer is better served without the cache.
pub const STORE_TIMEOUT: Duration = Duration::from_millis(1500);
/// How long one attempt of a call to the store may take.
pub const STORE_ATTEMPT_TIMEOUT: Duration = Duration::from_millis(700);

/// A failed call to the store. The text is for the log and names the operation and the kind of failure.
#[derive(Clone, Debug, thiserror::Error)]
#[error("store: {operation}: {reason}")]
pub struct StoreError {
    operation: &'static str,
    reason: String,
    kind: Failure,
}

/// The kind of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failure {
    /// The store is temporarily unavailable.
    Unavailable,
    /// Concurrent changes won every attempt.
    Contended,
    /// The stored data is at fault, so the same call will fail again.
    Lasting,
    /// The caller's cursor is invalid.
    Cursor,
}

impl StoreError {
    /// An item that does not have the expected form.
    pub fn malformed(operation: &'static str, attribute: &str) -> Self {
        Self { operation, reason: format!("{attribute} is missing or has another type"), kind: Failure::Lasting }
    }

    /// DynamoDB left part of a batch unprocessed.
    pub fn unprocessed(operation: &'static str) -> Self {
        Self { operation, reason: "it left keys unprocessed".into(), kind: Failure::Unavailable }
    }

    /// Concurrent changes won every attempt.
    pub fn contended(operation: &'static str) -> Self {
        Self { operation, reason: "others changed it at every try".into(), kind: Failure::Contended }
    }

    /// A cursor that does not belong to this list.
    pub fn foreign_cursor(operation: &'static str) -> Self {
        Self { operation, reason: "the cursor is of another list".into(), kind: Failure::Cursor }
    }

    /// Whether the same call would fail again.
    pub fn is_lasting(&self) -> bool {
        self.kind == Failure::Lasting
    }

    /// Whether the store works, but concurrent changes won every attempt.
    pub fn is_contended(&self) -> bool {
        self.kind == Failure::Contended
    }

    /// Whether the caller's cursor does not belong to this list.
    pub fn is_about_cursor(&self) -> bool {
        self.kind == Failure::Cursor
    }
}

/// The attributes of an item, by name.
pub type Item = HashMap<String, AttributeValue>;

/// Both tables, and the connection to them.
#[derive(Clone, Debug)]
pub struct Engine {
    client: Client,
    app_table: String,
    cache_table: String,
    cache_rests_until: Arc<Mutex<Instant>>,
    /// Hourly audit rows already written.
    hourly_rows: Arc<Mutex<HashSet<String>>>,
}

/// Concurrent calls within one read. More would only wait for each other.
const CALLS_AT_ONCE: usize = 8;
/// Keys per call.
const BATCH: usize = 100;
/// After the cache fails to respond, it is skipped for this long, and data comes from CargoTech.
const CACHE_REST: Duration = Duration::from_secs(2);

/// The result of a conditional update.
#[derive(Debug)]
pub enum Outcome {
    /// It was written. Holds the new item, if requested.
    Done(Item),
    /// The condition failed. Holds the existing item, empty if there is none.
    Refused(Item),
}

impl Engine {
    /// Connects lazily; see [`Engine::warm`].
    pub fn new(sdk: &SdkConfig, app_table: &str, cache_table: &str) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_millis(500))
            .operation_attempt_timeout(STORE_ATTEMPT_TIMEOUT)
            .operation_timeout(STORE_TIMEOUT)
            .build();
        let conf = aws_sdk_dynamodb::config::Builder::from(sdk)
            .timeout_config(timeouts)
            // Stalled-stream protection acts after seconds; an attempt takes less.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .retry_config(RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(40)))
            .build();
        Self {
            client: Client::from_conf(conf),
            app_table: app_table.to_owned(),
            cache_table: cache_table.to_owned(),
            cache_rests_until: Arc::new(Mutex::new(Instant::now())),
            hourly_rows: Arc::default(),
        }
    }

    /// Opens the connection by reading this item, so that the first request does not wait for it.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn warm(&self, key: &Key) -> Result<(), StoreError> {
        self.get("warm", key).await.map(drop)
    }

    /// The SDK's client, for special calls. Make them through [`Engine::call`].
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The configured name of a table.
    pub fn table(&self, table: Table) -> &str {
        match table {
            Table::App => &self.app_table,
            Table::Cache => &self.cache_table,
        }
    }

    /// Reads an item with eventual consistency.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn get(&self, operation: &'static str, key: &Key) -> Result<Option<Item>, StoreError> {
        let get = self.client.get_item().table_name(self.table(key.table)).set_key(Some(key.attributes()));
        Ok(self.call(operation, key.table, get.send()).await??.item)
    }

    /// Reads an item with strong consistency, for a decision that depends on it.
    pub async fn get_now(&self, operation: &'static str, key: &Key) -> Result<Option<Item>, StoreError> {
        let get = self
            .client
            .get_item()
            .table_name(self.table(key.table))
            .set_key(Some(key.attributes()))
            .consistent_read(true);
        Ok(self.call(operation, key.table, get.send()).await??.item)
    }

    /// The rows of a driver's own list whose sort keys begin with `prefix`, newest first, starting after `from`, and
    /// whether there are more. Strongly consistent, so drivers see what they have just done.
    pub async fn places(
        &self,
        operation: &'static str,
        driver_id: i64,
        prefix: &str,
        from: Option<&Key>,
        limit: i32,
    ) -> Result<(Vec<Item>, bool), StoreError> {
        let query = self
            .client
            .query()
            .table_name(self.table(Table::App))
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", s(Key::of_driver(Table::App, driver_id, "").partition()))
            .expression_attribute_values(":prefix", s(prefix))
            .set_exclusive_start_key(from.map(Key::attributes))
            .scan_index_forward(false)
            .consistent_read(true)
            .limit(limit);
        let answer = self.call(operation, Table::App, query.send()).await??;
        Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key.is_some()))
    }

    /// Reads many rows of the durable table with strong consistency, in no particular order. Makes one call per hundred
    /// rows.
    pub async fn get_many(&self, operation: &'static str, keys: Vec<Item>) -> Result<Vec<Item>, StoreError> {
        let calls = keys.chunks(BATCH).map(|keys| self.get_hundred(operation, keys.to_vec(), None));
        Ok(futures_util::future::try_join_all(calls).await?.into_iter().flatten().collect())
    }

    /// Like [`Engine::get_many`], but reads only these attributes.
    pub async fn get_many_of(
        &self,
        operation: &'static str,
        keys: Vec<Item>,
        attributes: &str,
    ) -> Result<Vec<Item>, StoreError> {
        let calls = keys.chunks(BATCH).map(|keys| self.get_hundred(operation, keys.to_vec(), Some(attributes)));
        let calls: Vec<_> = calls.collect();
        let found: Vec<Vec<Item>> = stream::iter(calls).buffered(CALLS_AT_ONCE).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// Retries keys that DynamoDB left unprocessed. Pages are small, so that is rare.
    async fn get_hundred(
        &self,
        operation: &'static str,
        keys: Vec<Item>,
        attributes: Option<&str>,
    ) -> Result<Vec<Item>, StoreError> {
        let mut found = Vec::new();
        let mut wanted = Some(keys);
        for _ in 0..3 {
            let Some(keys) = wanted.take() else { break };
            let keys = KeysAndAttributes::builder()
                .set_keys(Some(keys))
                .set_projection_expression(attributes.map(str::to_owned))
                .consistent_read(true)
                .build()
                .map_err(|_| StoreError::malformed(operation, "keys"))?;
            let table = self.table(Table::App);
            let get = self.client.batch_get_item().request_items(table, keys);
            let answer = self.call(operation, Table::App, get.send()).await??;
            found.extend(answer.responses.and_then(|mut tables| tables.remove(table)).unwrap_or_default());
            wanted = answer.unprocessed_keys.and_then(|mut tables| tables.remove(table)).map(|left| left.keys);
        }
        match wanted {
            None => Ok(found),
            Some(_) => Err(StoreError::unprocessed(operation)),
        }
    }

    /// Makes one call, unless its table has just failed to respond: later callers need not wait for it too. The inner
    /// error is the service's own, for callers that can interpret it.
    pub async fn call<T, E: ProvideErrorMetadata, R>(
        &self,
        operation: &'static str,
        table: Table,
        call: impl Future<Output = Result<T, SdkError<E, R>>>,
    ) -> Result<Result<T, Failed<E, R>>, StoreError> {
        if table == Table::Cache
            && Instant::now() < *self.cache_rests_until.lock().unwrap_or_else(PoisonError::into_inner)
        {
            let reason = "it did not answer a moment ago".into();
            return Err(StoreError { operation, reason, kind: Failure::Unavailable });
        }
        count_store_call();
        let result = call.await;
        if let Err(SdkError::TimeoutError(_) | SdkError::DispatchFailure(_)) = &result
            && table == Table::Cache
        {
            *self.cache_rests_until.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now() + CACHE_REST;
        }
        Ok(result.map_err(|error| Failed { operation, error }))
    }

    /// Updates an item and returns the new one.
    pub async fn update(&self, operation: &'static str, key: &Key, update: Update) -> Result<Outcome, StoreError> {
        self.update_returning(ReturnValue::AllNew, operation, key, update).await
    }

    /// Updates an item and returns the requested part of it.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn update_returning(
        &self,
        returned: ReturnValue,
        operation: &'static str,
        key: &Key,
        update: Update,
    ) -> Result<Outcome, StoreError> {
        let Expressions { update, condition, names, values } = update.build();
        let update = self
            .client
            .update_item()
            .table_name(self.table(key.table))
            .set_key(Some(key.attributes()))
            .update_expression(update)
            .set_condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .return_values(returned)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match self.call(operation, key.table, update.send()).await? {
            Ok(answer) => Ok(Outcome::Done(answer.attributes.unwrap_or_default())),
            Err(failed) => match failed.error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                    Ok(Outcome::Refused(refused.item.clone().unwrap_or_default()))
                }
                _ => Err(failed.into()),
            },
        }
    }
}

/// A call that failed in the service or the network.
pub struct Failed<E, R> {
    operation: &'static str,
    /// The SDK's error.
    pub error: SdkError<E, R>,
}

impl<E: ProvideErrorMetadata, R> From<Failed<E, R>> for StoreError {
    fn from(failed: Failed<E, R>) -> Self {
        let reason = match &failed.error {
            SdkError::TimeoutError(_) => "timed out",
            SdkError::DispatchFailure(failure) if failure.is_timeout() => "timed out",
            SdkError::DispatchFailure(_) => "could not be reached",
            SdkError::ServiceError(service) => service.err().code().unwrap_or("refused"),
            _ => "failed",
        };
        let kind = if reason == "ValidationException" { Failure::Lasting } else { Failure::Unavailable };
        Self { operation: failed.operation, reason: reason.to_owned(), kind }
    }
}

/// A text attribute.
pub fn s(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number attribute.
pub fn n(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// Typed access to the attributes of an item.
pub trait Attributes {
    /// A text.
    fn text(&self, name: &str) -> Option<&str>;
    /// A whole number.
    fn number(&self, name: &str) -> Option<i64>;
    /// Whether the attribute exists and is true.
    fn flag(&self, name: &str) -> bool;
}

impl Attributes for Item {
    fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_s().ok().map(String::as_str)
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.get(name)?.as_n().ok()?.parse().ok()
    }

    fn flag(&self, name: &str) -> bool {
        self.get(name).and_then(|value| value.as_bool().ok()).copied().unwrap_or(false)
    }
}
