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

fn store_with_an_index() -> Store {
    let mut table = table();
    table.definition["AttributeDefinitions"] = json!([
        {"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "due", "AttributeType": "S"},
    ]);
    table.definition["GlobalSecondaryIndexes"] = json!([{
        "IndexName": "due", "KeySchema": [{"AttributeName": "due", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }]);
    Store::open(None, [("app", &table)]).expect("a store")
}

#[test]
fn each_call_tells_what_it_does_with_which_items() {
    let store = store_with_an_index();
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
