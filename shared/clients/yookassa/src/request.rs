//! Requests to YooKassa.
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Map, Value, json};

/// The page size of lists, YooKassa's maximum.
const PAGE: &str = "100";

/// A request that can be repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    path: String,
    query: Vec<(&'static str, String)>,
    /// The idempotence key and the body of a change.
    change: Option<(String, String)>,
}

impl Request {
    /// Creates a payment. `body` is sent unchanged.
    pub fn create_payment(key: &str, body: &str) -> Self {
        Self::post("payments".to_owned(), key.to_owned(), body)
    }

    /// Reads a payment by id.
    pub fn payment(id: &str) -> Self {
        Self::get(format!("payments/{id}"), Vec::new())
    }

    /// Captures held money.
    pub fn capture(id: &str) -> Self {
        Self::post(format!("payments/{id}/capture"), format!("capture-{id}"), "{}")
    }

    /// Payments created since `since` (RFC 3339), newest first.
    pub fn payments(since: &str, cursor: Option<&str>) -> Self {
        Self::list("payments", ("created_at.gte", since), cursor)
    }

    /// Creates a refund. `body` is sent unchanged.
    pub fn create_refund(key: &str, body: &str) -> Self {
        Self::post("refunds".to_owned(), key.to_owned(), body)
    }

    /// Reads a refund by id.
    pub fn refund(id: &str) -> Self {
        Self::get(format!("refunds/{id}"), Vec::new())
    }

    /// Refunds created since `since` (RFC 3339), newest first.
    pub fn refunds(since: &str, cursor: Option<&str>) -> Self {
        Self::list("refunds", ("created_at.gte", since), cursor)
    }

    /// The refunds of one payment, at most a hundred, which is more than anyone makes.
    pub fn refunds_of(payment_id: &str) -> Self {
        Self::list("refunds", ("payment_id", payment_id), None)
    }

    /// The shop that calls.
    pub fn me() -> Self {
        Self::get("me".to_owned(), Vec::new())
    }

    fn list(path: &str, (name, value): (&'static str, &str), cursor: Option<&str>) -> Self {
        let mut query = vec![("limit", PAGE.to_owned()), (name, value.to_owned())];
        query.extend(cursor.map(|cursor| ("cursor", cursor.to_owned())));
        Self::get(path.to_owned(), query)
    }

    fn get(path: String, query: Vec<(&'static str, String)>) -> Self {
        Self { path, query, change: None }
    }

    fn post(path: String, key: String, body: &str) -> Self {
        Self { path, query: Vec::new(), change: Some((key, body.to_owned())) }
    }

    pub(crate) fn on(&self, client: &Client, base_url: &str) -> RequestBuilder {
        let address = format!("{base_url}/{}", self.path);
        match &self.change {
            None => client.request(Method::GET, address).query(&self.query),
            Some((key, body)) => {
                let request = client.request(Method::POST, address).header("Idempotence-Key", key);
                request.header("content-type", "application/json").body(body.clone())
            }
        }
    }
}

/// An amount in YooKassa's format.
pub fn rubles(kopecks: i64) -> Value {
    json!({ "value": format!("{}.{:02}", kopecks / 100, kopecks % 100), "currency": "RUB" })
}

/// The settings of a single-line receipt (54-FZ).
#[derive(Clone, Copy, Debug)]
pub struct Receipt<'a> {
    /// The email address of the receipt.
    pub email: &'a str,
    /// 1 to 12; 1 is without VAT.
    pub vat_code: u8,
    /// 1 to 6, where the till needs it.
    pub tax_system_code: Option<u8>,
    /// Such as `service`.
    pub payment_subject: &'a str,
    /// Such as `full_payment`.
    pub payment_mode: &'a str,
    /// Such as `piece`.
    pub measure: &'a str,
}

/// A payment to create.
#[derive(Clone, Copy, Debug)]
pub struct NewPayment<'a> {
    /// Our id.
    pub id: &'a str,
    /// The amount, captured as soon as it is paid.
    pub kopecks: i64,
    /// What is bought.
    pub description: &'a str,
    /// The receipt, if needed.
    pub receipt: Option<Receipt<'a>>,
    /// Where the payer is redirected.
    pub return_url: &'a str,
    /// The payer's IP address.
    pub client_ip: Option<&'a str>,
}

impl NewPayment<'_> {
    /// Tells equal orders: two orders with the same value are the same. It excludes the return URL, or alternating URLs
    /// would create new orders, and the payer's IP address, which changes on the road.
    pub fn order(&self) -> Value {
        let mut order = json!({
            "amount": rubles(self.kopecks),
            "capture": true,
            "description": self.description,
            "metadata": { "payment_id": self.id },
        });
        if let Some(receipt) = &self.receipt {
            order["receipt"] = receipt.of(self.description, self.kopecks);
        }
        order
    }

    /// Builds the request.
    pub fn body(&self) -> String {
        let mut body = self.order();
        body["confirmation"] = json!({ "type": "redirect", "return_url": self.return_url });
        if let Some(ip) = self.client_ip {
            body["client_ip"] = json!(ip);
        }
        body.to_string()
    }
}

impl Receipt<'_> {
    /// A single-line receipt for the whole amount.
    fn of(&self, description: &str, kopecks: i64) -> Value {
        let mut receipt = json!({
            "customer": { "email": self.email },
            "items": [{
                "description": description,
                "quantity": 1,
                "amount": rubles(kopecks),
                "vat_code": self.vat_code,
                "payment_subject": self.payment_subject,
                "payment_mode": self.payment_mode,
                "measure": self.measure,
            }],
        });
        if let Some(code) = self.tax_system_code {
            receipt["tax_system_code"] = json!(code);
        }
        receipt
    }
}

/// A refund to create.
#[derive(Clone, Copy, Debug)]
pub struct NewRefund<'a> {
    /// Our id.
    pub id: &'a str,
    /// YooKassa's id of the payment.
    pub payment_id: &'a str,
    /// The amount.
    pub kopecks: i64,
    /// Whether it is a partial refund, which needs its own receipt. For a full refund YooKassa uses the payment's.
    pub is_part: bool,
    /// The reason.
    pub description: &'a str,
    /// The email address for its receipt, if it needs one.
    pub email: Option<&'a str>,
    /// The request of the payment.
    pub ordered: &'a str,
}

impl NewRefund<'_> {
    /// Whether it needs a receipt, and so an address.
    pub fn needs_receipt(&self) -> bool {
        self.receipt().is_some()
    }

    fn receipt(&self) -> Option<Value> {
        let ordered: Value = serde_json::from_str(self.ordered).unwrap_or_default();
        let mut receipt = ordered.get("receipt").filter(|receipt| receipt.is_object())?.clone();
        receipt["items"][0]["amount"] = rubles(self.kopecks);
        self.is_part.then_some(receipt)
    }

    /// The request.
    pub fn body(&self) -> String {
        let mut body = json!({
            "payment_id": self.payment_id,
            "amount": rubles(self.kopecks),
            "description": self.description,
            "metadata": { "refund_id": self.id },
        });
        if let Some(mut receipt) = self.receipt() {
            receipt["customer"] = json!({ "email": self.email });
            body["receipt"] = receipt;
        }
        body.to_string()
    }
}

/// A request without what it says of the person; `None` when it says nothing. The lines of the receipt stay: a refund needs
/// them.
pub fn without_person(body: &str) -> Option<String> {
    let mut request: Map<String, Value> = serde_json::from_str(body).ok()?;
    let address = request.remove("client_ip");
    let customer = request.get_mut("receipt").and_then(|receipt| receipt.as_object_mut()?.remove("customer"));
    (address.is_some() || customer.is_some()).then(|| Value::Object(request).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_adds_up_to_the_payment() {
        let receipt = Receipt {
            email: "a@example.org",
            vat_code: 1,
            tax_system_code: Some(2),
            payment_subject: "service",
            payment_mode: "full_payment",
            measure: "piece",
        };
        let receipt = receipt.of("3 месяца", 129_900);
        assert_eq!(receipt["items"][0]["amount"], json!({ "value": "1299.00", "currency": "RUB" }));
        assert_eq!((&receipt["items"][0]["quantity"], &receipt["tax_system_code"]), (&json!(1), &json!(2)));
    }

    #[test]
    fn the_way_back_and_the_address_are_no_part_of_what_is_ordered() {
        let order = NewPayment {
            id: "p1",
            kopecks: 49_900,
            description: "1 месяц",
            receipt: None,
            return_url: "https://a.example",
            client_ip: None,
        };
        let other = NewPayment { return_url: "https://b.example", client_ip: Some("203.0.113.7"), ..order };
        assert_eq!(order.order(), other.order());
        assert_ne!(order.body(), other.body());
        assert_ne!(order.order(), NewPayment { kopecks: 50_000, ..order }.order());
    }

    #[test]
    fn a_part_carries_a_receipt_of_its_own_and_the_whole_needs_none() {
        let ordered = json!({ "receipt": { "items": [{ "amount": rubles(49_900), "quantity": 1 }] } }).to_string();
        let request = |kopecks, is_part| {
            let refund = NewRefund {
                id: "a",
                payment_id: "y1",
                kopecks,
                is_part,
                description: "why",
                email: Some("a@example.org"),
                ordered: &ordered,
            };
            assert_eq!(refund.needs_receipt(), is_part);
            serde_json::from_str::<Value>(&refund.body()).unwrap()
        };
        assert_eq!(request(10_000, true)["receipt"]["items"][0]["amount"]["value"], "100.00");
        assert_eq!(request(10_000, true)["receipt"]["customer"]["email"], "a@example.org");
        assert!(request(49_900, false).get("receipt").is_none());
        assert_eq!(request(49_900, false)["metadata"]["refund_id"], "a");
    }

    #[test]
    fn what_is_said_of_the_person_can_be_taken_out() {
        let body =
            r#"{"client_ip":"203.0.113.7","receipt":{"customer":{"email":"a@example.org"},"items":[{"quantity":1}]}}"#;
        let kept = r#"{"receipt":{"items":[{"quantity":1}]}}"#;
        assert_eq!(without_person(body).as_deref(), Some(kept));
        assert_eq!(without_person(kept), None, "nothing is left to be taken out");
        let refund = json!({ "receipt": { "customer": { "email": "a@example.org" }, "items": [] } }).to_string();
        assert_eq!(without_person(&refund).as_deref(), Some(r#"{"receipt":{"items":[]}}"#));
    }
}
