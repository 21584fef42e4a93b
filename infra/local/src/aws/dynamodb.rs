//! DynamoDB: the embedded store, called directly with the requests that the SDK sends, behind the layer of faults.
use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use dynoxide::{
    AttributeValue, Database, DynoxideError, Item,
    actions::{
        batch_get_item::BatchGetItemRequest,
        batch_write_item::{BatchWriteItemRequest, WriteRequest},
        create_table::CreateTableRequest,
        delete_item::DeleteItemRequest,
        describe_table::DescribeTableRequest,
        describe_time_to_live::DescribeTimeToLiveRequest,
        get_item::{GetItemRequest, GetItemResponse},
        list_tables::ListTablesRequest,
        put_item::PutItemRequest,
        query::QueryRequest,
        scan::ScanRequest,
        transact_get_items::TransactGetItemsRequest,
        transact_write_items::{TransactWriteItem, TransactWriteItemsRequest},
        update_item::UpdateItemRequest,
        update_time_to_live::{TimeToLiveSpecification, UpdateTimeToLiveRequest},
    },
    types::KeySchemaElement,
};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    Answer, REGION,
    faults::{Fault, Faults, Strike},
    roles::{Access, Caller},
    unknown_operation,
};
use crate::crashes::Crashes;
use crate::template::TableResource;

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

/// Declares the operations that are carried out, each with its request and the store's method.
macro_rules! calls {
    ($($operation:ident($request:ty) => $method:ident,)*) => {
        /// An operation with its request.
        enum Call {
            $($operation($request),)*
        }

        impl Call {
            /// Reads a request; None for an operation that is not offered.
            fn parse(operation: &str, body: &[u8]) -> Option<Result<Self, serde_json::Error>> {
                match operation {
                    $(stringify!($operation) => Some(read(body).map(Self::$operation)),)*
                    _ => None,
                }
            }

            fn run(self, database: &Database) -> Result<String, DynoxideError> {
                match self {
                    $(Self::$operation(request) => database.$method(request).and_then(|response| json(&response)),)*
                }
            }
        }
    };
}

calls! {
    BatchGetItem(BatchGetItemRequest) => batch_get_item,
    BatchWriteItem(BatchWriteItemRequest) => batch_write_item,
    CreateTable(CreateTableRequest) => create_table,
    DeleteItem(DeleteItemRequest) => delete_item,
    DescribeTable(DescribeTableRequest) => describe_table,
    DescribeTimeToLive(DescribeTimeToLiveRequest) => describe_time_to_live,
    GetItem(GetItemRequest) => get_item,
    ListTables(ListTablesRequest) => list_tables,
    PutItem(PutItemRequest) => put_item,
    Query(QueryRequest) => query,
    Scan(ScanRequest) => scan,
    TransactGetItems(TransactGetItemsRequest) => transact_get_items,
    TransactWriteItems(TransactWriteItemsRequest) => transact_write_items,
    UpdateItem(UpdateItemRequest) => update_item,
}

impl Call {
    /// The tables it touches, each once, in order.
    fn tables(&self) -> Vec<&str> {
        let mut tables: Vec<&str> = match self {
            Self::BatchGetItem(request) => request.request_items.keys().map(String::as_str).collect(),
            Self::BatchWriteItem(request) => request.request_items.keys().map(String::as_str).collect(),
            Self::CreateTable(request) => vec![&request.table_name],
            Self::DeleteItem(request) => vec![&request.table_name],
            Self::DescribeTable(request) => vec![&request.table_name],
            Self::DescribeTimeToLive(request) => vec![&request.table_name],
            Self::GetItem(request) => vec![&request.table_name],
            Self::ListTables(_) => vec![],
            Self::PutItem(request) => vec![&request.table_name],
            Self::Query(request) => vec![&request.table_name],
            Self::Scan(request) => vec![&request.table_name],
            Self::TransactGetItems(request) => {
                request.transact_items.iter().map(|item| item.get.table_name.as_str()).collect()
            }
            Self::TransactWriteItems(request) => {
                request.transact_items.iter().filter_map(member).map(|(_, table, _)| table).collect()
            }
            Self::UpdateItem(request) => vec![&request.table_name],
        };
        tables.sort_unstable();
        tables.dedup();
        tables
    }

    /// What it does with which tables, indexes and items. The members of a transaction need the rights that they need
    /// alone.
    fn accesses(&self, operation: &str, keys: &BTreeMap<String, Vec<String>>) -> Vec<Access> {
        let access = |operation: &str, name: &str, items: &[&Item]| {
            let partition = keys.get(name).and_then(|names| names.first());
            let leading_key = |item: &&Item| item.get(partition?).map(key_text);
            Access {
                leading_keys: items.iter().filter_map(leading_key).collect(),
                ..Access::new(format!("dynamodb:{operation}"), arn(name))
            }
        };
        let name = |table: &str, index: Option<&String>| {
            index.map_or_else(|| table.to_owned(), |index| format!("{table}/index/{index}"))
        };
        match self {
            Self::BatchGetItem(request) => {
                let tables = request.request_items.iter();
                tables
                    .map(|(table, wanted)| access(operation, table, &wanted.keys.iter().collect::<Vec<_>>()))
                    .collect()
            }
            Self::BatchWriteItem(request) => {
                let tables = request.request_items.iter();
                tables
                    .map(|(table, writes)| {
                        access(operation, table, &writes.iter().filter_map(batched).collect::<Vec<_>>())
                    })
                    .collect()
            }
            Self::CreateTable(request) => vec![access(operation, &request.table_name, &[])],
            Self::DeleteItem(request) => vec![access(operation, &request.table_name, &[&request.key])],
            Self::DescribeTable(request) => vec![access(operation, &request.table_name, &[])],
            Self::DescribeTimeToLive(request) => vec![access(operation, &request.table_name, &[])],
            Self::GetItem(request) => vec![access(operation, &request.table_name, &[&request.key])],
            Self::ListTables(_) => vec![Access::new("dynamodb:ListTables", "*")],
            Self::PutItem(request) => vec![access(operation, &request.table_name, &[&request.item])],
            Self::Query(request) => {
                let name = name(&request.table_name, request.index_name.as_ref());
                let mut query = access(operation, &name, &[]);
                let partition = keys.get(&name).and_then(|names| names.first());
                query.leading_keys.extend(partition.and_then(|partition| queried(request, partition)));
                vec![query]
            }
            Self::Scan(request) => {
                vec![access(operation, &name(&request.table_name, request.index_name.as_ref()), &[])]
            }
            Self::TransactGetItems(request) => {
                let gets = request.transact_items.iter().map(|item| &item.get);
                gets.map(|get| access("GetItem", &get.table_name, &[&get.key])).collect()
            }
            Self::TransactWriteItems(request) => {
                let members = request.transact_items.iter().filter_map(member);
                members.map(|(operation, table, item)| access(operation, table, &[item])).collect()
            }
            Self::UpdateItem(request) => vec![access(operation, &request.table_name, &[&request.key])],
        }
    }

    fn is_read(&self) -> bool {
        matches!(self, Self::GetItem(_) | Self::BatchGetItem(_) | Self::Query(_))
    }

    /// The number of items in a transaction.
    fn items(&self) -> usize {
        match self {
            Self::TransactWriteItems(request) => request.transact_items.len(),
            _ => 1,
        }
    }

    /// The keys of the items that it writes.
    fn written(&self, keys: &BTreeMap<String, Vec<String>>) -> Vec<(ItemKey, Item)> {
        let key = |table: &str, item: &Item| item_key(keys, table, item);
        match self {
            Self::PutItem(request) => key(&request.table_name, &request.item).into_iter().collect(),
            Self::UpdateItem(request) => key(&request.table_name, &request.key).into_iter().collect(),
            Self::DeleteItem(request) => key(&request.table_name, &request.key).into_iter().collect(),
            Self::BatchWriteItem(request) => request
                .request_items
                .iter()
                .flat_map(|(table, writes)| writes.iter().map(move |write| (table, write)))
                .filter_map(|(table, write)| key(table, batched(write)?))
                .collect(),
            Self::TransactWriteItems(request) => {
                let members = request.transact_items.iter().filter_map(member);
                let written = members.filter(|(operation, _, _)| *operation != "ConditionCheckItem");
                written.filter_map(|(_, table, item)| key(table, item)).collect()
            }
            _ => vec![],
        }
    }
}

/// The item or key in one part of a batch of writes.
fn batched(write: &WriteRequest) -> Option<&Item> {
    let put = write.put_request.as_ref().map(|put| &put.item);
    put.or(write.delete_request.as_ref().map(|delete| &delete.key))
}

/// What one part of a transaction is when it stands alone, its table, and its item or key.
fn member(item: &TransactWriteItem) -> Option<(&'static str, &str, &Item)> {
    let put = item.put.as_ref().map(|put| ("PutItem", &*put.table_name, &put.item));
    let update = item.update.as_ref().map(|update| ("UpdateItem", &*update.table_name, &update.key));
    let delete = item.delete.as_ref().map(|delete| ("DeleteItem", &*delete.table_name, &delete.key));
    let check = item.condition_check.as_ref().map(|check| ("ConditionCheckItem", &*check.table_name, &check.key));
    put.or(update).or(delete).or(check)
}

fn key_text(value: &AttributeValue) -> String {
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The partition key that a query asks for, whose attribute is `partition`: DynamoDB takes it by `=` only.
fn queried(request: &QueryRequest, partition: &str) -> Option<String> {
    let expression = request.key_condition_expression.as_ref()?.replace(['(', ')'], " ");
    let values = request.expression_attribute_values.as_ref()?;
    let names = request.expression_attribute_names.as_ref();
    expression.replace(" and ", " AND ").split(" AND ").find_map(|term| {
        let (name, value) = term.split_once('=')?;
        let name = name.trim();
        let name = names.and_then(|names| names.get(name)).map_or(name, String::as_str);
        (name == partition).then(|| values.get(value.trim()).map(key_text))?
    })
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, serde_json::Error> {
    serde_json::from_slice(body)
}

fn json<T: Serialize>(value: &T) -> Result<String, DynoxideError> {
    serde_json::to_string(value).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
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
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::aws::faults::StoreError;

    fn table() -> TableResource {
        TableResource {
            definition: json!({
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                "BillingMode": "PAY_PER_REQUEST",
            }),
            time_to_live: Some("ttl".to_owned()),
        }
    }

    fn store() -> Store {
        Store::open(None, [("app", &table())]).expect("a store")
    }

    async fn call(store: &Store, operation: &str, request: Value) -> (u16, Value) {
        let answer = store.call(Caller::Free, operation, request.to_string().as_bytes()).await;
        (answer.status, serde_json::from_str(&answer.body).expect("JSON"))
    }

    async fn put(store: &Store, value: &str) -> (u16, Value) {
        call(store, "PutItem", json!({"TableName": "app", "Item": {"pk": {"S": "a"}, "v": {"S": value}}})).await
    }

    async fn get(store: &Store, consistent: bool) -> Value {
        let request = json!({"TableName": "app", "Key": {"pk": {"S": "a"}}, "ConsistentRead": consistent});
        call(store, "GetItem", request).await.1["Item"]["v"]["S"].clone()
    }

    #[tokio::test]
    async fn items_are_written_and_read() {
        let store = store();
        assert_eq!(put(&store, "1").await.0, 200);
        assert_eq!(get(&store, false).await, "1");
        let (_, ttl) = call(&store, "DescribeTimeToLive", json!({"TableName": "app"})).await;
        assert_eq!(ttl["TimeToLiveDescription"]["AttributeName"], "ttl");
    }

    #[tokio::test]
    async fn a_failed_condition_carries_the_old_item() {
        let store = store();
        put(&store, "1").await;
        let request = json!({
            "TableName": "app", "Item": {"pk": {"S": "a"}}, "ConditionExpression": "attribute_not_exists(pk)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        });
        let (status, error) = call(&store, "PutItem", request).await;
        assert_eq!(status, 400);
        assert_eq!(error["__type"], "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException");
        assert_eq!(error["Item"]["v"]["S"], "1");
    }

    #[tokio::test]
    async fn what_dynamodb_would_refuse_is_refused() {
        let store = store();
        let (status, error) = call(&store, "GetItem", json!({"TableName": "none", "Key": {"pk": {"S": "a"}}})).await;
        assert_eq!(status, 400);
        assert_eq!(error["__type"], "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException");
        let (_, error) = call(&store, "GetItem", json!({"Key": {"pk": {"S": "a"}}})).await;
        assert_eq!(error["__type"], "com.amazon.coral.validate#ValidationException");
        let answer = store.call(Caller::Free, "GetItem", b"not json").await;
        assert!(answer.body.contains("SerializationException"), "{}", answer.body);
        let (_, error) = call(&store, "CreateBackup", json!({})).await;
        assert_eq!(error["__type"], "com.amazon.coral.service#UnknownOperationException");
    }

    #[test]
    fn each_call_tells_what_it_does_with_which_items() {
        let mut table = table();
        table.definition["AttributeDefinitions"] = json!([
            {"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "due", "AttributeType": "S"},
        ]);
        table.definition["GlobalSecondaryIndexes"] = json!([{
            "IndexName": "due", "KeySchema": [{"AttributeName": "due", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }]);
        let store = Store::open(None, [("app", &table)]).expect("a store");
        let key = |value: &str| json!({"pk": {"S": value}});
        let item = |field: &str, value: &str| json!({"TableName": "app", field: key(value)});
        let update = json!({"TableName": "app", "Key": key("u"), "UpdateExpression": "SET v = :v"});
        let check = json!({"TableName": "app", "Key": key("c"), "ConditionExpression": "attribute_exists(pk)"});
        let query = |index: Option<&str>, condition: &str| {
            json!({
                "TableName": "app", "IndexName": index, "KeyConditionExpression": condition,
                "ExpressionAttributeNames": {"#key": "due"},
                "ExpressionAttributeValues": {":a": {"S": "A"}, ":b": {"S": "B"}},
            })
        };
        for (operation, request, wanted) in [
            ("GetItem", item("Key", "a"), &[("GetItem", "app", "a")][..]),
            ("PutItem", item("Item", "a"), &[("PutItem", "app", "a")]),
            (
                "BatchGetItem",
                json!({"RequestItems": {"app": {"Keys": [key("a"), key("b")]}}}),
                &[("BatchGetItem", "app", "a b")],
            ),
            (
                "BatchWriteItem",
                json!({"RequestItems": {"app": [
                    {"PutRequest": {"Item": key("a")}}, {"DeleteRequest": {"Key": key("b")}},
                ]}}),
                &[("BatchWriteItem", "app", "a b")],
            ),
            (
                "TransactWriteItems",
                json!({"TransactItems": [
                    {"Put": item("Item", "p")}, {"Update": update}, {"Delete": item("Key", "d")},
                    {"ConditionCheck": check},
                ]}),
                &[
                    ("PutItem", "app", "p"),
                    ("UpdateItem", "app", "u"),
                    ("DeleteItem", "app", "d"),
                    ("ConditionCheckItem", "app", "c"),
                ],
            ),
            ("TransactGetItems", json!({"TransactItems": [{"Get": item("Key", "a")}]}), &[("GetItem", "app", "a")]),
            ("Query", query(None, "pk = :a and sk BETWEEN :b AND :b"), &[("Query", "app", "A")]),
            ("Query", query(Some("due"), "(sk > :b) AND (#key = :a)"), &[("Query", "app/index/due", "A")]),
            ("Scan", json!({"TableName": "app", "IndexName": "due"}), &[("Scan", "app/index/due", "")]),
        ] {
            let call = Call::parse(operation, request.to_string().as_bytes()).expect("offered").expect("readable");
            let accesses = call.accesses(operation, &store.keys);
            let found: Vec<_> = accesses
                .iter()
                .map(|access| (access.action.clone(), access.resource.clone(), access.leading_keys.join(" ")))
                .collect();
            let wanted: Vec<_> = wanted
                .iter()
                .map(|(action, name, keys)| (format!("dynamodb:{action}"), arn(name), (*keys).to_owned()))
                .collect();
            assert_eq!(found, wanted, "{request}");
        }
    }

    #[tokio::test]
    async fn a_fault_strikes_before_or_after_the_call_takes_effect() {
        let store = store();
        let fault = |after| {
            let error = Some(StoreError::InternalServerError);
            vec![Fault { operation: Some("PutItem".to_owned()), error, after, times: Some(1), ..Fault::default() }]
        };
        store.set_faults(fault(false));
        assert_eq!(put(&store, "1").await.0, 500);
        assert_eq!(get(&store, true).await, Value::Null);
        store.set_faults(fault(true));
        assert_eq!(put(&store, "2").await.0, 500);
        assert_eq!(get(&store, true).await, "2");
    }

    #[tokio::test]
    async fn a_stale_read_sees_the_version_before() {
        let store = store();
        put(&store, "1").await;
        store.set_faults(vec![Fault { stale: true, ..Fault::default() }]);
        assert_eq!(get(&store, false).await, "1", "nothing was written yet");
        put(&store, "2").await;
        assert_eq!((get(&store, false).await, get(&store, true).await), (json!("1"), json!("2")));
        let batch = json!({"RequestItems": {"app": {"Keys": [{"pk": {"S": "a"}}]}}});
        let (_, answer) = call(&store, "BatchGetItem", batch).await;
        assert_eq!(answer["Responses"]["app"][0]["v"]["S"], "1");
        let query = json!({
            "TableName": "app", "KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": "a"}},
        });
        let (_, answer) = call(&store, "Query", query).await;
        assert_eq!(answer["Items"][0]["v"]["S"], "1");
        store.set_faults(vec![]);
        assert_eq!(get(&store, false).await, "2");
    }

    #[tokio::test(start_paused = true)]
    async fn a_hanging_call_never_answers() {
        let store = store();
        store.set_faults(vec![Fault { hang: true, ..Fault::default() }]);
        let waited = tokio::time::timeout(std::time::Duration::from_secs(60), get(&store, false)).await;
        assert!(waited.is_err());
    }

    #[test]
    fn data_stays_in_its_file_and_another_shape_is_noticed() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("store.db");
        drop(Store::open(Some(&file), [("app", &table())]).expect("a new store"));
        drop(Store::open(Some(&file), [("app", &table())]).expect("the same store"));
        let mut other = table();
        other.definition["KeySchema"][0]["AttributeName"] = json!("id");
        other.definition["AttributeDefinitions"][0]["AttributeName"] = json!("id");
        let error = Store::open(Some(&file), [("app", &other)]).expect_err("another key");
        assert!(error.to_string().contains("--reset"), "{error}");
    }
}
