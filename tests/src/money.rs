//! Money in tests: ordering, paying, what YooKassa's sandbox saw, and the ledger of a driver's subscription.
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use reqwest::Method;
use serde_json::{Value, json};

use crate::{Answer, Driver, World, text};

/// A card that pays.
pub const CARD: &str = "5555555555554444";
/// A card without money.
pub const POOR_CARD: &str = "5555555555554600";
/// A day, in seconds.
pub const DAY_S: i64 = 86_400;

/// How long a test waits for rest: much longer than it ever takes, because machines are busy.
const PATIENCE: Duration = Duration::from_secs(90);

/// An order that can be paid.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ordered {
    /// Our id.
    pub id: String,
    /// YooKassa's id.
    pub yookassa_id: String,
}

/// One entry of a driver's ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is for.
    pub id: String,
    /// When it was written, milliseconds.
    pub at_ms: i64,
    /// Granted above zero, revoked below.
    pub seconds: i64,
    /// The end after it, milliseconds.
    pub ends_at_ms: i64,
}

impl World {
    /// A product in which one driver may do what no driver alone would.
    pub async fn roomy() -> Self {
        Self::with(&[("RATE_LIMIT_PER_S", "1000")]).await
    }

    /// Orders a plan.
    pub async fn try_order(&self, driver: &Driver, plan: &str, key: Option<&str>) -> Answer {
        let bearer = format!("Bearer {}", driver.token);
        let mut headers = vec![("authorization", bearer.as_str()), ("content-type", "application/json")];
        headers.extend(key.map(|key| ("idempotency-key", key)));
        self.send(Method::POST, "/api/payments", &headers, json!({ "plan": plan }).to_string()).await
    }

    /// Orders a plan, which can then be paid.
    pub async fn order(&self, driver: &Driver, plan: &str) -> Ordered {
        let answer = self.try_order(driver, plan, None).await;
        assert_eq!(answer.status.as_u16(), 201, "{}", answer.body);
        ordered(&answer.json()["payment"])
    }

    /// A payment, as its driver sees it.
    pub async fn payment(&self, driver: &Driver, id: &str) -> Value {
        self.get(driver, &format!("/api/payments/{id}")).await.ok().json()["payment"].clone()
    }

    /// The driver's payments: the first page.
    pub async fn payments(&self, driver: &Driver) -> Vec<Value> {
        let answer = self.get(driver, "/api/payments").await.ok().json();
        answer["items"].as_array().cloned().expect("a list")
    }

    /// Waits until the payment has this status, without asking YooKassa.
    pub async fn until_paid(&self, driver: &Driver, id: &str, status: &str) {
        self.until(&format!("the payment is {status}"), async || {
            let payments = self.payments(driver).await;
            payments.iter().any(|payment| payment["id"] == id && payment["status"] == status).then_some(())
        })
        .await;
    }

    /// The driver's subscription.
    pub async fn subscription(&self, driver: &Driver) -> Value {
        self.get(driver, "/api/subscription").await.ok().json()
    }

    /// The payment page: pays with this card.
    pub async fn pay(&self, yookassa_id: &str, card: &str) -> Value {
        self.sandbox_post(&format!("/yookassa/payments/{yookassa_id}/pay"), json!({ "card": card })).await
    }

    /// YooKassa's cabinet: gives money back, all that is left if no sum is named. The refund's id.
    pub async fn refund(&self, yookassa_id: &str, value: Option<&str>) -> String {
        let path = format!("/yookassa/payments/{yookassa_id}/refund");
        text(&self.sandbox_post(&path, json!({ "value": value })).await["id"])
    }

    /// From now on notifications wait until they are released, or do not.
    pub async fn hold_notifications(&self, hold: bool) {
        self.sandbox("/yookassa/notifications", json!({ "hold": hold })).await;
    }

    /// A notification on a test's own account; the statuses that it was answered with.
    pub async fn notify(&self, order: Value) -> Vec<u64> {
        let answer = self.sandbox_post("/yookassa/notify", order).await;
        answer["statuses"].as_array().expect("statuses").iter().map(|status| status.as_u64().unwrap_or(0)).collect()
    }

    /// Sets what goes wrong at YooKassa, instead of what did.
    pub async fn yookassa_faults(&self, faults: Value) {
        self.sandbox("/yookassa/faults", faults).await;
    }

    /// How often YooKassa was asked for this: `create_payment`, `get_payment`, …
    pub async fn yookassa_calls(&self, endpoint: &str) -> u64 {
        self.look("/yookassa/calls").await["endpoints"][endpoint]["calls"].as_u64().unwrap_or(0)
    }

    /// Requests to create a payment, by their idempotence key.
    pub async fn creations(&self) -> BTreeMap<String, u64> {
        let calls = self.look("/yookassa/calls").await;
        let keys = calls["keys"].as_object().cloned().unwrap_or_default();
        let creations = keys.into_iter().filter(|(_, count)| count["endpoint"] == "create_payment");
        creations.map(|(key, count)| (key, count["calls"].as_u64().unwrap_or(0))).collect()
    }

    /// The payments that YooKassa has, as its sandbox lists them, oldest first.
    pub async fn at_yookassa(&self) -> Vec<Value> {
        self.look("/yookassa/payments").await["items"].as_array().cloned().expect("payments")
    }

    /// The rows of one partition of the durable table.
    pub async fn partition(&self, partition: &str) -> Vec<Value> {
        let headers = [("x-amz-target", "DynamoDB_20120810.Query"), ("content-type", "application/x-amz-json-1.0")];
        let query = json!({
            "TableName": "app",
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": { ":pk": { "S": partition } },
            "ConsistentRead": true,
        });
        // The store may be told to fail, and then fails here as well.
        self.until("the rows are read", async || {
            let answer = self.send(Method::POST, "/_aws", &headers, query.to_string()).await;
            answer.json()["Items"].as_array().cloned()
        })
        .await
    }

    /// Changes the stored payment behind the product's back; `None` makes its row one that cannot be read.
    pub async fn spoil_payment(&self, id: &str, change: Option<&(dyn Fn(&mut Value) + Sync)>) {
        let mut row = self.partition(&format!("PAYMENT#{id}")).await.remove(0);
        let mut body: Value = serde_json::from_str(row["body"]["S"].as_str().unwrap()).unwrap();
        match change {
            Some(change) => change(&mut body),
            None => body = json!({ "form": "of a version that we do not know" }),
        }
        row["body"] = json!({ "S": body.to_string() });
        self.put_row(&row).await;
    }

    /// The ledger of a driver's subscription, in the order of its entries: each begins where another ended.
    pub async fn ledger(&self, driver: &Driver) -> Vec<Entry> {
        let rows = self.partition(&format!("DRIVER#{}", driver.id)).await;
        let is_entry = |row: &&Value| row["sk"]["S"].as_str().is_some_and(|sk| sk.starts_with("LEDGER#"));
        let entry = |row: &Value| {
            let body: Value = serde_json::from_str(row["body"]["S"].as_str().unwrap()).unwrap();
            let number = |name: &str| body[name].as_i64().expect("a number");
            let (at_ms, seconds, ends_at_ms) = (number("at_ms"), number("seconds"), number("ends_at_ms"));
            Entry { id: text(&body["id"]), at_ms, seconds, ends_at_ms }
        };
        let mut entries: Vec<_> = rows.iter().filter(is_entry).map(entry).collect();
        entries.sort_by_key(|entry| entry.at_ms);
        entries
    }

    /// Sets what an admin would; what is not named is as the product begins, with one plan.
    pub async fn set(&self, settings: Value) {
        let mut all = json!({
            "payments_on": true,
            "plans": [{ "id": "1m", "name": "1 месяц", "days": 30, "price_kopecks": 49_900 }],
            "trial_days": 3,
            "flags": {},
            "receipts": null,
            "version": 1,
        });
        for (name, value) in settings.as_object().unwrap() {
            all[name] = value.clone();
        }
        let settings = self.partition("SETTINGS").await;
        let sort_key = settings.first().map_or(json!({ "S": "-" }), |row| row["sk"].clone());
        self.put_row(&json!({ "pk": { "S": "SETTINGS" }, "sk": sort_key, "body": { "S": all.to_string() } })).await;
    }

    /// Waits until no notification is on its way, and nothing of what came of them.
    ///
    /// What failed comes again only after a while; time passes for it.
    pub async fn money_rests(&self) {
        let started = Instant::now();
        let (mut same, mut before) = (0, Value::Null);
        loop {
            let notifications = self.look("/yookassa/notifications").await;
            let is_held = notifications["settings"]["hold"] == true;
            let on_its_way = |item: &&Value| {
                item["state"] == "under_way" || (!is_held && item["state"] == "waiting" && item["attempts"] == 0)
            };
            let going = notifications["items"].as_array().into_iter().flatten().filter(on_its_way).count();
            let queues = self.look("/queues").await;
            let mut queues = queues["queues"].as_array().into_iter().flatten();
            let queue = queues.find(|queue| queue["name"] == "SettleQueue").expect("the queue").clone();
            let count = |name: &str| queue[name].as_u64().unwrap_or(0);
            if going == 0 && count("waiting") + count("in_flight") + count("delayed") == 0 {
                return;
            }
            assert!(started.elapsed() < PATIENCE, "it never comes to rest: {queue}, {going} notifications");
            let now = json!([queue["counters"], going, queue["waiting"]]);
            same = if now == before { same + 1 } else { 0 };
            before = now;
            if same > 40 && going == 0 && count("waiting") == 0 {
                self.pass(361);
                same = 0;
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }
}

/// The ids of a payment that can be paid.
pub fn ordered(payment: &Value) -> Ordered {
    let url = payment["confirmation_url"].as_str().unwrap_or_else(|| panic!("it can be paid: {payment}"));
    Ordered { id: text(&payment["id"]), yookassa_id: url.rsplit('/').next().unwrap_or_default().to_owned() }
}
