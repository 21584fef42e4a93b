//! DynamoDB: two tables, conditional writes, transactions, pages of indexes, buckets, leases, counters. It knows no entity
//! and no rule of the product.
//!
//! An answer of the store that a rule depends on (a condition failed, and this is the existing item) is a value of the
//! method's own type. [`StoreError`] is only for a store that cannot be used.
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

/// How long one call to the store may take, retries included; the store answers in single-digit milliseconds, and a
/// driver who waits longer is better served past the cache.
pub const STORE_TIMEOUT: Duration = Duration::from_millis(1500);
/// How long one attempt of a call to the store may take.
pub const STORE_ATTEMPT_TIMEOUT: Duration = Duration::from_millis(700);

/// A call to the store failed. The text is for the log; it names the operation and the kind of failure.
#[derive(Clone, Debug, thiserror::Error)]
#[error("store: {operation}: {reason}")]
pub struct StoreError {
    operation: &'static str,
    reason: String,
    kind: Failure,
}

/// What a failure is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failure {
    /// The store does not answer just now.
    Unavailable,
    /// The store answers, and others changed the same items at every try.
    Contended,
    /// What is stored: the same call will fail again.
    Lasting,
    /// The cursor that the caller sent.
    Cursor,
}

impl StoreError {
    /// An item that does not have the form that we write.
    pub fn malformed(operation: &'static str, attribute: &str) -> Self {
        Self { operation, reason: format!("{attribute} is missing or has another type"), kind: Failure::Lasting }
    }

    /// DynamoDB did not get to all of it.
    pub fn unprocessed(operation: &'static str) -> Self {
        Self { operation, reason: "it left keys unprocessed".into(), kind: Failure::Unavailable }
    }

    /// Others changed the same items at every try.
    pub fn contended(operation: &'static str) -> Self {
        Self { operation, reason: "others changed it at every try".into(), kind: Failure::Contended }
    }

    /// A cursor that is none of this list's.
    pub fn foreign_cursor(operation: &'static str) -> Self {
        Self { operation, reason: "the cursor is of another list".into(), kind: Failure::Cursor }
    }

    /// Whether the same call would fail again.
    pub fn is_lasting(&self) -> bool {
        self.kind == Failure::Lasting
    }

    /// Whether the store answers and others won every time.
    pub fn is_contended(&self) -> bool {
        self.kind == Failure::Contended
    }

    /// Whether the caller sent a cursor that is none of this list's.
    pub fn is_about_cursor(&self) -> bool {
        self.kind == Failure::Cursor
    }
}

/// The attributes of an item, by their names.
pub type Item = HashMap<String, AttributeValue>;

/// Both tables, and the connection to them.
#[derive(Clone, Debug)]
pub struct Engine {
    client: Client,
    app_table: String,
    cache_table: String,
    cache_rests_until: Arc<Mutex<Instant>>,
    /// Audit rows that stand for all of their hour and are there.
    hourly_rows: Arc<Mutex<HashSet<String>>>,
}

/// Calls of one read that are made at the same time: all of a long one would wait for each other.
const CALLS_AT_ONCE: usize = 8;
/// Keys that one call takes.
const BATCH: usize = 100;
/// After the cache did not answer, it is left alone for this long, and answers come from CargoTech.
const CACHE_REST: Duration = Duration::from_secs(2);

/// What became of a conditional update.
#[derive(Debug)]
pub enum Outcome {
    /// It was written; the item as it is now, where that was asked for.
    Done(Item),
    /// The condition failed; the existing item, empty when there is none.
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
            // It would act after seconds; an attempt has less.
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

    /// Opens the connection by reading this item, so that the first request does not pay for it.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn warm(&self, key: &Key) -> Result<(), StoreError> {
        self.get("warm", key).await.map(drop)
    }

    /// The SDK's client, for calls of a form of their own; they go through [`Engine::call`].
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// What a table is called here.
    pub fn table(&self, table: Table) -> &str {
        match table {
            Table::App => &self.app_table,
            Table::Cache => &self.cache_table,
        }
    }

    /// Reads an item, as it was lately.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn get(&self, operation: &'static str, key: &Key) -> Result<Option<Item>, StoreError> {
        let get = self.client.get_item().table_name(self.table(key.table)).set_key(Some(key.attributes()));
        Ok(self.call(operation, key.table, get.send()).await??.item)
    }

    /// Reads what was last written, because something is decided on it.
    pub async fn get_now(&self, operation: &'static str, key: &Key) -> Result<Option<Item>, StoreError> {
        let get = self
            .client
            .get_item()
            .table_name(self.table(key.table))
            .set_key(Some(key.attributes()))
            .consistent_read(true);
        Ok(self.call(operation, key.table, get.send()).await??.item)
    }

    /// The rows of a driver's own list whose sort keys begin with `prefix`, newest first, from `from` on (that one excluded),
    /// and whether there are more. As they were last written: who has just done something wants to see it.
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

    /// Reads many rows of the durable table, as they were last written, in no order: one call for each hundred.
    pub async fn get_many(&self, operation: &'static str, keys: Vec<Item>) -> Result<Vec<Item>, StoreError> {
        let calls = keys.chunks(BATCH).map(|keys| self.get_hundred(operation, keys.to_vec(), None));
        Ok(futures_util::future::try_join_all(calls).await?.into_iter().flatten().collect())
    }

    /// The same, but of each row only these attributes.
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

    /// What DynamoDB leaves unprocessed is asked for again; a page is small, so that is rare.
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

    /// Makes one call, unless its table has just failed to answer: then who comes next need not wait for it too.
    /// The inner error is the service's own, for those who can tell what it means.
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

    /// Updates an item, and returns the new one.
    pub async fn update(&self, operation: &'static str, key: &Key, update: Update) -> Result<Outcome, StoreError> {
        self.update_returning(ReturnValue::AllNew, operation, key, update).await
    }

    /// Updates an item, and returns of it what is asked for.
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

/// A call that the service or the network failed.
pub struct Failed<E, R> {
    operation: &'static str,
    /// What the SDK says.
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

/// A text as an attribute.
pub fn s(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number as an attribute.
pub fn n(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// Reads attributes of an item that has them, and says so when it does not.
pub trait Attributes {
    /// A text.
    fn text(&self, name: &str) -> Option<&str>;
    /// A whole number.
    fn number(&self, name: &str) -> Option<i64>;
    /// Whether it is there and true.
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
