//! Functions do what template.yaml gives them a right to, and nothing else: locally as on AWS.
use local::{Options, Product, project_root};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::World;

/// The options of a product whose template is changed in one place of one role, and the folder that holds it.
fn with_role(role: &str, from: &str, to: &str) -> (Options, TempDir) {
    let text = std::fs::read_to_string(project_root().join("template.yaml")).unwrap();
    let at = text.find(&format!("\n  {role}:\n")).expect("the role");
    let from_at = at + text[at..].find(from).expect("the right");
    let changed = format!("{}{to}{}", &text[..from_at], &text[from_at + from.len()..]);
    let folder = tempfile::tempdir().unwrap();
    let template = folder.path().join("template.yaml");
    std::fs::write(&template, changed).unwrap();
    (Options { template, ..Options::default() }, folder)
}

/// A call of the store, signed with an access key.
async fn store_call(world: &World, key: &str, operation: &str, request: Value) -> (u16, Value) {
    let target = format!("DynamoDB_20120810.{operation}");
    let signature = format!("AWS4-HMAC-SHA256 Credential={key}/20260101/eu-central-1/dynamodb/aws4_request");
    let headers = [("x-amz-target", target.as_str()), ("authorization", &signature)];
    let answer = world.send(reqwest::Method::POST, "/_aws", &headers, request.to_string()).await;
    (answer.status.as_u16(), answer.json())
}

#[tokio::test]
async fn a_function_without_a_right_is_refused_and_the_others_are_not() {
    let (options, _folder) = with_role("ResponsesRole", "                  - dynamodb:Query\n", "");
    let world = World::of(options).await;
    let driver = world.driver().await;
    world.get(&driver, "/api/cargos").await.ok();
    assert_eq!(world.get(&driver, "/api/responses").await.status.as_u16(), 503);
    let refused = world.running().refused_calls().take();
    assert!(!refused.is_empty());
    for call in refused {
        assert!(call.contains("responses") && call.contains("dynamodb:Query") && call.contains("table/app"), "{call}");
    }
}

#[tokio::test]
async fn a_role_opens_the_items_that_it_names_and_a_key_of_no_function_opens_all() {
    let world = World::start().await;
    let get = |pk: &str| json!({"TableName": "cache", "Key": {"pk": {"S": pk}, "sk": {"S": "-"}}});
    for pk in ["CARGOTECH#GATE", "CARGOTECH#TOKEN"] {
        assert_eq!(store_call(&world, "local", "GetItem", get(pk)).await.0, 200, "{pk}");
    }
    assert_eq!(store_call(&world, "function-health", "GetItem", get("CARGOTECH#GATE")).await.0, 200);
    let put = json!({"TableName": "cache", "Item": {"pk": {"S": "CARGOTECH#GATE"}, "sk": {"S": "-"}}});
    for (operation, request) in [("GetItem", get("CARGOTECH#TOKEN")), ("PutItem", put)] {
        let (status, error) = store_call(&world, "function-health", operation, request).await;
        assert_eq!(
            (status, error["__type"].as_str()),
            (400, Some("com.amazon.coral.service#AccessDeniedException")),
            "{operation} {error}"
        );
    }
    assert_eq!(world.running().refused_calls().take().len(), 2);
}

#[tokio::test]
async fn rows_of_the_audit_log_are_written_and_never_changed() {
    let world = World::start().await;
    for (key, allowed) in [("DRIVER#1", true), ("AUDIT#1", false)] {
        let request = json!({
            "TableName": "app", "Key": {"pk": {"S": key}, "sk": {"S": "-"}}, "UpdateExpression": "SET note = :note",
            "ExpressionAttributeValues": {":note": {"S": "x"}},
        });
        let (status, error) = store_call(&world, "function-admin-people", "UpdateItem", request.clone()).await;
        assert_eq!(status == 200, allowed, "{key} {error}");
        let mut part = request;
        part["ExpressionAttributeValues"][":note"]["S"] = "y".into();
        let (status, error) = store_call(
            &world,
            "function-admin-people",
            "TransactWriteItems",
            json!({"TransactItems": [{"Update": part}]}),
        )
        .await;
        assert_eq!(status == 200, allowed, "{key} in a transaction: {error}");
    }
    let refused = world.running().refused_calls().take();
    assert!(refused.len() == 2 && refused.iter().all(|call| call.contains("explicit deny")), "{refused:?}");
}

#[tokio::test]
async fn a_role_that_cannot_work_or_cannot_be_understood_stops_the_start() {
    for (role, from, to, told) in [
        ("NotifyRole", "sqs:ReceiveMessage", "sqs:ListQueues", "sqs:ReceiveMessage"),
        ("AuthRole", "- !Ref EdgeSecret", "- !Ref AccessSecret", "local/edge"),
        ("JobsRole", "ForAllValues:StringLike", "ForAllValues:StringNotLike", "StringNotLike is not understood"),
        ("JobsRole", "!GetAtt CacheTable.Arn", "!GetAtt CachedTable.Arn", "CachedTable.Arn"),
    ] {
        let (options, _folder) = with_role(role, from, to);
        let error = Product::start(options).await.expect_err(told).to_string();
        assert!(error.contains(told), "{error}");
    }
}
