//! The operations that are carried out: each one's request, and what it touches.
use std::collections::BTreeMap;

use dynoxide::{
    AttributeValue, Database, DynoxideError, Item,
    actions::{
        batch_get_item::BatchGetItemRequest,
        batch_write_item::{BatchWriteItemRequest, WriteRequest},
        create_table::CreateTableRequest,
        delete_item::DeleteItemRequest,
        describe_table::DescribeTableRequest,
        describe_time_to_live::DescribeTimeToLiveRequest,
        get_item::GetItemRequest,
        list_tables::ListTablesRequest,
        put_item::PutItemRequest,
        query::QueryRequest,
        scan::ScanRequest,
        transact_get_items::TransactGetItemsRequest,
        transact_write_items::{TransactWriteItem, TransactWriteItemsRequest},
        update_item::UpdateItemRequest,
    },
};
use serde::{Serialize, de::DeserializeOwned};

use super::{Access, ItemKey, arn, item_key};

/// Declares the operations that are carried out, each with its request and the store's method.
macro_rules! calls {
    ($($operation:ident($request:ty) => $method:ident,)*) => {
        /// An operation with its request.
        pub(super) enum Call {
            $($operation($request),)*
        }

        impl Call {
            /// Reads a request; None for an operation that is not offered.
            pub(super) fn parse(operation: &str, body: &[u8]) -> Option<Result<Self, serde_json::Error>> {
                match operation {
                    $(stringify!($operation) => Some(read(body).map(Self::$operation)),)*
                    _ => None,
                }
            }

            pub(super) fn run(self, database: &Database) -> Result<String, DynoxideError> {
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
    pub(super) fn tables(&self) -> Vec<&str> {
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
    pub(super) fn accesses(&self, operation: &str, keys: &BTreeMap<String, Vec<String>>) -> Vec<Access> {
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

    pub(super) fn is_read(&self) -> bool {
        matches!(self, Self::GetItem(_) | Self::BatchGetItem(_) | Self::Query(_))
    }

    /// The number of items in a transaction.
    pub(super) fn items(&self) -> usize {
        match self {
            Self::TransactWriteItems(request) => request.transact_items.len(),
            _ => 1,
        }
    }

    /// The keys of the items that it writes.
    pub(super) fn written(&self, keys: &BTreeMap<String, Vec<String>>) -> Vec<(ItemKey, Item)> {
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

pub(super) fn json<T: Serialize>(value: &T) -> Result<String, DynoxideError> {
    serde_json::to_string(value).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}
