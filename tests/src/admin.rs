//! Administration in tests: admins of every role, what they ask and order, and rows by the thousand.
use reqwest::Method;
use serde_json::{Value, json};

use crate::{Answer, Driver, World, new_driver_id, text};

/// Rows that one `BatchWriteItem` takes.
const BATCH: usize = 25;

impl World {
    /// A product whose owner is signed in, and in which one driver may do what no driver alone would.
    pub async fn with_owner() -> (Self, Driver) {
        let id = new_driver_id();
        let world = Self::with(&[("ADMIN_TELEGRAM_IDS", &id.to_string()), ("RATE_LIMIT_PER_S", "1000")]).await;
        let owner = world.driver_called(id).await;
        (world, owner)
    }

    /// A new driver who has this role, signed in.
    pub async fn admin(&self, role: &str) -> Driver {
        let driver = self.driver().await;
        let row = json!({ "pk": { "S": "ROLES" }, "sk": { "S": driver.id.to_string() }, "role": { "S": role } });
        self.insert(vec![row]).await;
        driver
    }

    /// A driver called so at Telegram, signed in.
    pub async fn driver_named(&self, id: i64, first: &str, last: Option<&str>, username: Option<&str>) -> Driver {
        let mut user = json!({ "id": id, "first_name": first });
        for (name, value) in [("last_name", last), ("username", username)] {
            if let Some(value) = value {
                user[name] = json!(value);
            }
        }
        let launch = json!({ "driver_id": id, "overrides": { "user": user } });
        let answer = self.sign_in(&self.init_data(launch).await, None).await.ok();
        Driver { id, token: text(&answer.json()["session_token"]) }
    }

    /// Puts rows into the durable table, as the store writes them.
    pub async fn insert(&self, rows: Vec<Value>) {
        let headers =
            [("x-amz-target", "DynamoDB_20120810.BatchWriteItem"), ("content-type", "application/x-amz-json-1.0")];
        for rows in rows.chunks(BATCH) {
            let puts: Vec<_> = rows.iter().map(|row| json!({ "PutRequest": { "Item": row } })).collect();
            let body = json!({ "RequestItems": { "app": puts } }).to_string();
            let answer = self.send(Method::POST, "/_aws", &headers, body).await.ok().json();
            assert!(answer["UnprocessedItems"].as_object().is_none_or(serde_json::Map::is_empty), "{answer}");
        }
    }

    /// What an admin asks: `GET /api/admin/{path}`.
    pub async fn ask(&self, admin: &Driver, path: &str) -> Answer {
        self.get(admin, &format!("/api/admin/{path}")).await
    }

    /// The items of a list of the admin API, all of its pages.
    pub async fn all(&self, admin: &Driver, path: &str) -> Vec<Value> {
        let (mut items, mut cursor) = (Vec::new(), String::new());
        let sign = if path.contains('?') { '&' } else { '?' };
        loop {
            let further = if cursor.is_empty() { String::new() } else { format!("{sign}cursor={cursor}") };
            let page = self.ask(admin, &format!("{path}{further}")).await.ok().json();
            items.extend(page["items"].as_array().cloned().expect("a list"));
            cursor = text(&page["cursor"]);
            if cursor.is_empty() {
                return items;
            }
        }
    }

    /// What an admin orders: `POST /api/admin/{path}`, with a key that tells a repeat.
    pub async fn command(&self, admin: &Driver, path: &str, key: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {}", admin.token);
        let headers =
            [("authorization", bearer.as_str()), ("content-type", "application/json"), ("idempotency-key", key)];
        self.send(Method::POST, &format!("/api/admin/{path}"), &headers, body.to_string()).await
    }

    /// Audit rows of this kind and outcome, as the store has them.
    pub async fn accounts(&self, kind: &str, outcome: &str) -> Vec<Value> {
        let mut rows = self.rows("AUDIT#").await;
        rows.retain(|row| row["kind"]["S"] == kind && row["outcome"]["S"] == outcome);
        rows
    }

    /// What the counters of all days have of this name.
    pub async fn counted(&self, name: &str) -> i64 {
        let rows = self.rows("COUNT#").await;
        rows.iter().filter_map(|row| row[name]["N"].as_str()?.parse::<i64>().ok()).sum()
    }
}
