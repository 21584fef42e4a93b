//! DynamoDB: the embedded store, called directly with the requests that the SDK sends, behind the layer of faults.
mod call;

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{
    Answer, REGION,
    faults::{Fault, Faults, Strike},
    roles::{Access, Caller},
    unknown_operation,
};
use crate::crashes::Crashes;
use crate::template::TableResource;
use call::{Call, json};
use dynoxide::{
    AttributeValue, Database, DynoxideError, Item,
    actions::{
        create_table::CreateTableRequest,
        describe_table::DescribeTableRequest,
        get_item::{GetItemRequest, GetItemResponse},
        update_time_to_live::{TimeToLiveSpecification, UpdateTimeToLiveRequest},
    },
    types::KeySchemaElement,
};

/// The tables of the product.
pub struct Store {
    database: Database,
    /// The names of the key attributes of each table and, as `table/index/name`, of each index.
    keys: BTreeMap<String, Vec<String>>,
    /// What tests switch on.
    pub faults: Faults,
    /// Invocations that tests cut off between two calls.
    pub crashes: Crashes,
    /// The version of an item before the last write, kept only while reads may be stale.
    versions: Mutex<HashMap<ItemKey, Option<Item>>>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

/// The table's name and the values of its key attributes.
type ItemKey = (String, Vec<String>);

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The embedded store refused.
    #[error("the store cannot be opened: {0}")]
    Store(#[from] DynoxideError),
    /// A table that is already there was made by another template.
    #[error(
        "the table {0} in the data directory differs from template.yaml. Start once with --reset (it deletes the local data)"
    )]
    Changed(String),
    /// The template describes a table that cannot be created.
    #[error("template.yaml: the table {0}: {1}")]
    Definition(String, String),
}

impl Store {
    /// Opens the database file, or one in memory, and creates the tables that are missing.
    ///
    /// # Errors
    /// The file cannot be opened, or holds tables of another shape.
    pub fn open<'a>(
        file: Option<&Path>,
        tables: impl IntoIterator<Item = (&'a str, &'a TableResource)>,
    ) -> Result<Self, OpenError> {
        let database = match file {
            Some(path) => Database::new(&path.to_string_lossy())?,
            None => Database::memory()?,
        };
        // Sets `synchronous` to NORMAL: with a write-ahead log that survives a crash of the process, and saves a flush
        // of the disk with every write.
        database.disable_bulk_loading()?;
        let mut keys = BTreeMap::new();
        for (name, table) in tables {
            keys.extend(create(&database, name, table)?);
        }
        Ok(Self { database, keys, faults: Faults::default(), crashes: Crashes::default(), versions: Mutex::default() })
    }

    /// Carries out an operation, whose request is JSON.
    pub async fn call(&self, caller: Caller<'_>, operation: &str, body: &[u8]) -> Answer {
        let call = match Call::parse(operation, body) {
            Some(Ok(call)) => call,
            Some(Err(error)) => return failure(&unreadable(&error)),
            None => return unknown_operation(),
        };
        if let Err(refusal) = caller.may(|| call.accesses(operation, &self.keys)) {
            return refusal;
        }
        let strike = self.faults.strike(operation, &call.tables());
        if strike == Strike::default() && !self.faults.keeps_versions() {
            // The common case, and short enough to run right here.
            return self.run(call, false);
        }
        tokio::time::sleep(strike.delay).await;
        let items = call.items();
        let lost = strike.error.is_some_and(|(_, after)| after) || strike.hang == Some(true);
        if lost {
            self.run(call, strike.stale);
        } else if strike.error.is_none() && strike.hang.is_none() {
            return self.run(call, strike.stale);
        }
        if strike.hang.is_some() {
            std::future::pending::<()>().await;
        }
        match strike.error {
            Some((error, _)) => error.answer(operation, items),
            None => unknown_operation(),
        }
    }

    /// Puts these faults in place of those before, and forgets what stale reads would have seen.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.faults.set(faults);
        self.versions().clear();
    }

    fn run(&self, call: Call, stale: bool) -> Answer {
        let answer = self.carry_out(call, stale);
        self.crashes.count();
        answer
    }

    fn carry_out(&self, call: Call, stale: bool) -> Answer {
        if !self.faults.keeps_versions() {
            return answer(call.run(&self.database));
        }
        if stale && call.is_read() {
            return answer(self.read_stale(call));
        }
        let before: Vec<_> = call.written(&self.keys).into_iter().map(|key| (self.current(&key), key)).collect();
        let result = call.run(&self.database);
        if result.is_ok() {
            let mut versions = self.versions();
            for (item, (key, _)) in before {
                versions.insert(key, item);
            }
        }
        answer(result)
    }

    /// A read that sees the version before the last one, where it is eventually consistent. Projections are not applied
    /// to an earlier version.
    fn read_stale(&self, call: Call) -> Result<String, DynoxideError> {
        let versions = self.versions();
        let earlier = |table: &str, item: &Item| versions.get(&self.key_of(table, item)?).cloned();
        match call {
            Call::GetItem(request) if request.consistent_read != Some(true) => {
                match earlier(&request.table_name, &request.key) {
                    Some(item) => json(&GetItemResponse { item, consumed_capacity: None }),
                    None => json(&self.database.get_item(request)?),
                }
            }
            Call::BatchGetItem(request) => {
                let eventual = request.request_items.iter().filter(|(_, wanted)| wanted.consistent_read != Some(true));
                let wanted: Vec<_> = eventual.map(|(table, wanted)| (table.clone(), wanted.keys.clone())).collect();
                let mut response = self.database.batch_get_item(request)?;
                for (table, keys) in &wanted {
                    let items = response.responses.entry(table.clone()).or_default();
                    for key in keys {
                        if let Some(item) = earlier(table, key) {
                            items.retain(|found| self.key_of(table, found) != self.key_of(table, key));
                            items.extend(item);
                        }
                    }
                }
                json(&response)
            }
            Call::Query(request) if request.consistent_read != Some(true) => {
                let table = request.table_name.clone();
                let mut response = self.database.query(request)?;
                let items = response.items.take().unwrap_or_default();
                let items: Vec<_> =
                    items.into_iter().filter_map(|item| earlier(&table, &item).unwrap_or(Some(item))).collect();
                response.count = items.len();
                response.items = Some(items);
                json(&response)
            }
            call => call.run(&self.database),
        }
    }

    fn current(&self, (key, values): &(ItemKey, Item)) -> Option<Item> {
        let request = GetItemRequest { table_name: key.0.clone(), key: values.clone(), ..GetItemRequest::default() };
        self.database.get_item(request).ok()?.item
    }

    fn key_of(&self, table: &str, item: &Item) -> Option<ItemKey> {
        item_key(&self.keys, table, item).map(|(key, _)| key)
    }

    fn versions(&self) -> MutexGuard<'_, HashMap<ItemKey, Option<Item>>> {
        self.versions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The ARN of a table, or of an index that is named `table/index/name`.
pub fn arn(name: &str) -> String {
    format!("arn:aws:dynamodb:{REGION}:000000000000:table/{name}")
}

/// Creates a table unless it is there, and returns the names of its key attributes and of its indexes'.
fn create(database: &Database, name: &str, table: &TableResource) -> Result<BTreeMap<String, Vec<String>>, OpenError> {
    let invalid = |error: &dyn std::fmt::Display| OpenError::Definition(name.to_owned(), error.to_string());
    let mut definition = table.definition.clone();
    definition["TableName"] = name.into();
    let request: CreateTableRequest = serde_json::from_value(definition).map_err(|error| invalid(&error))?;
    let names = |schema: &[KeySchemaElement]| schema.iter().map(|key| key.attribute_name.clone()).collect::<Vec<_>>();
    let keys = names(&request.key_schema);
    let mut indexes: Vec<_> =
        request.global_secondary_indexes.iter().flatten().map(|index| index.index_name.clone()).collect();
    let index_keys = request.global_secondary_indexes.iter().flatten();
    let mut all: BTreeMap<_, _> =
        index_keys.map(|index| (format!("{name}/index/{}", index.index_name), names(&index.key_schema))).collect();
    all.insert(name.to_owned(), keys.clone());
    match database.describe_table(DescribeTableRequest { table_name: name.to_owned() }) {
        Ok(found) => {
            let found = found.table;
            let found_keys = names(&found.key_schema);
            let mut found_indexes: Vec<_> =
                found.global_secondary_indexes.iter().flatten().map(|index| index.index_name.clone()).collect();
            indexes.sort();
            found_indexes.sort();
            if found_keys != keys || found_indexes != indexes {
                return Err(OpenError::Changed(name.to_owned()));
            }
        }
        Err(DynoxideError::ResourceNotFoundException(_)) => {
            database.create_table(request).map_err(|error| invalid(&error))?;
            if let Some(attribute_name) = table.time_to_live.clone() {
                // Recorded only: nothing sweeps, as on AWS where deletion lags by days and every read checks itself.
                database.update_time_to_live(UpdateTimeToLiveRequest {
                    table_name: name.to_owned(),
                    time_to_live_specification: TimeToLiveSpecification { attribute_name, enabled: true },
                })?;
            }
        }
        Err(error) => return Err(error.into()),
    }
    Ok(all)
}

fn item_key(keys: &BTreeMap<String, Vec<String>>, table: &str, item: &Item) -> Option<(ItemKey, Item)> {
    let names = keys.get(table)?;
    let key: Item = names.iter().map(|name| Some((name.clone(), item.get(name)?.clone()))).collect::<Option<_>>()?;
    let values = names.iter().filter_map(|name| key.get(name)).map(AttributeValue::to_string).collect();
    Some(((table.to_owned(), values), key))
}

fn answer(result: Result<String, DynoxideError>) -> Answer {
    match result {
        Ok(body) => Answer::ok(body),
        Err(error) => failure(&error),
    }
}

fn failure(error: &DynoxideError) -> Answer {
    Answer { status: error.status_code(), body: error.to_json() }
}

/// What DynamoDB says about a request that is not what the operation takes. The store's types mark a refusal that is a
/// validation with a prefix.
fn unreadable(error: &serde_json::Error) -> DynoxideError {
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
    match message.split_once(':') {
        Some(("VALIDATION" | "VALIDATION_REQUEST", rest)) => DynoxideError::ValidationException(rest.to_owned()),
        Some(("SERIALIZATION", rest)) => DynoxideError::SerializationException(rest.to_owned()),
        _ if error.is_data() => DynoxideError::ValidationException(message.to_owned()),
        _ => DynoxideError::SerializationException(String::new()),
    }
}

#[cfg(test)]
mod tests;
