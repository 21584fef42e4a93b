//! Rows of the store, for what no address shows.
use reqwest::Method;
use serde_json::{Value, json};

use crate::{World, text};

impl World {
    /// The rows of the durable table whose partition begins so: for what no address shows, such as the audit log.
    pub async fn rows(&self, partition: &str) -> Vec<Value> {
        let begins = |item: &Value| item["pk"]["S"].as_str().is_some_and(|pk| pk.starts_with(partition));
        self.table("app").await.into_iter().filter(begins).collect()
    }

    /// All rows of a table: `app`, which is the durable one, or `cache`.
    pub async fn table(&self, name: &str) -> Vec<Value> {
        let answer = self.dynamo("Scan", &json!({ "TableName": name })).await;
        answer["Items"].as_array().cloned().expect("rows")
    }

    /// Puts a row into the durable table behind the product's back.
    pub async fn put_row(&self, row: &Value) {
        self.dynamo("PutItem", &json!({ "TableName": "app", "Item": row })).await;
    }

    /// Puts a row into the cache table.
    pub async fn put_cached(&self, row: &Value) {
        self.dynamo("PutItem", &json!({ "TableName": "cache", "Item": row })).await;
    }

    /// Deletes the rows of the cache table whose partition begins so.
    pub async fn delete_cached(&self, partition: &str) {
        for row in self.table("cache").await {
            if row["pk"]["S"].as_str().is_some_and(|pk| pk.starts_with(partition)) {
                let key = json!({ "pk": row["pk"], "sk": row["sk"] });
                self.dynamo("DeleteItem", &json!({ "TableName": "cache", "Key": key })).await;
            }
        }
    }

    async fn dynamo(&self, operation: &str, body: &Value) -> Value {
        let target = format!("DynamoDB_20120810.{operation}");
        let headers = [("x-amz-target", target.as_str()), ("content-type", "application/x-amz-json-1.0")];
        self.send(Method::POST, "/_aws", &headers, body.to_string()).await.ok().json()
    }

    /// The row of an outgoing message: its status, how often it was tried, and why it failed.
    pub async fn delivery(&self, id: &str) -> (String, u64, String) {
        let rows = self.rows(&format!("DELIVERY#{id}")).await;
        let row = rows.first().expect("the delivery's row");
        let attempts = row["attempts"]["N"].as_str().and_then(|number| number.parse().ok()).unwrap_or(0);
        (text(&row["status"]["S"]), attempts, text(&row["last_error"]["S"]))
    }

    /// What was accounted for of a response, in the order of time.
    pub async fn audited(&self, response: &str) -> Vec<String> {
        let mut rows = self.rows("AUDIT#").await;
        rows.retain(|row| row["facts"]["M"]["response_id"]["S"] == response);
        // Two steps may fall into one millisecond.
        let order = ["queued", "sent"];
        let place = |row: &Value| order.iter().position(|step| row["outcome"]["S"] == *step).unwrap_or(order.len());
        rows.sort_by_key(|row| (text(&row["at_ms"]["N"]), place(row)));
        rows.iter()
            .map(|row| format!("{} by {}", text(&row["outcome"]["S"]), text(&row["facts"]["M"]["by"]["S"])))
            .collect()
    }
}
