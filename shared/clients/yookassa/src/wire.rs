//! YooKassa's JSON. Only `id`, `status` and `amount` can be relied on; fields and values that are not known are passed
//! over, because YooKassa adds both.
use serde_json::{Map, Value, json};

/// Where a payment stands at YooKassa.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentStatus {
    /// It can be paid.
    Pending,
    /// The money is held.
    WaitingForCapture,
    /// Paid.
    Succeeded,
    /// Not paid, and never will be.
    Canceled,
}

/// Where a refund stands at YooKassa.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundStatus {
    /// The money is on its way.
    Pending,
    /// The money went back.
    Succeeded,
    /// The money stays with the shop.
    Canceled,
}

/// A payment as YooKassa shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// YooKassa's id.
    pub id: String,
    /// The current status.
    pub status: PaymentStatus,
    /// Kopecks.
    pub kopecks: i64,
    /// `RUB`.
    pub currency: String,
    /// The shop that gets the money.
    pub shop_id: String,
    /// Our own id, from the metadata.
    pub payment_id: Option<String>,
    /// Where it can be paid, while pending.
    pub confirmation_url: Option<String>,
    /// Why it was canceled.
    pub cancellation: Option<String>,
    /// The status of the receipt: `pending`, `succeeded` or `canceled`.
    pub receipt: Option<String>,
    /// Whether it is of a test shop: no money moves.
    pub is_test: bool,
    /// How it was paid: `bank_card`, `sbp` and others.
    pub method: Option<String>,
    /// Kopecks that went back, as far as it says.
    pub refunded_kopecks: i64,
    /// What of the object can be shown to admins.
    pub shown: Value,
}

/// A refund as YooKassa shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// YooKassa's id.
    pub id: String,
    /// YooKassa's id of the payment.
    pub payment_id: String,
    /// The current status.
    pub status: RefundStatus,
    /// Kopecks.
    pub kopecks: i64,
    /// `RUB`.
    pub currency: String,
    /// Why it was canceled.
    pub cancellation: Option<String>,
    /// Our own id, from the metadata, when we asked for it.
    pub refund_id: Option<String>,
}

/// A payment; `None` when it is none.
pub fn payment(value: &Value) -> Option<Payment> {
    let status = match value["status"].as_str()? {
        "pending" => PaymentStatus::Pending,
        "waiting_for_capture" => PaymentStatus::WaitingForCapture,
        "succeeded" => PaymentStatus::Succeeded,
        "canceled" => PaymentStatus::Canceled,
        _ => return None,
    };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let (kopecks, currency) = amount(&value["amount"])?;
    Some(Payment {
        id: id(value)?,
        status,
        kopecks,
        currency,
        shop_id: text(&value["recipient"]["account_id"]).unwrap_or_default(),
        payment_id: text(&value["metadata"]["payment_id"]),
        confirmation_url: text(&value["confirmation"]["confirmation_url"]).filter(|url| url.starts_with("http")),
        cancellation: text(&value["cancellation_details"]["reason"]),
        receipt: text(&value["receipt_registration"]),
        is_test: value["test"].as_bool().unwrap_or_default(),
        method: text(&value["payment_method"]["type"]),
        refunded_kopecks: amount(&value["refunded_amount"]).map_or(0, |(kopecks, _)| kopecks),
        shown: shown(value),
    })
}

/// What of a payment's object says how it stands, and nothing of who paid or with which card.
fn shown(value: &Value) -> Value {
    let names = [
        "id",
        "status",
        "paid",
        "refundable",
        "test",
        "amount",
        "income_amount",
        "refunded_amount",
        "created_at",
        "captured_at",
        "expires_at",
        "cancellation_details",
        "receipt_registration",
    ];
    let mut shown: Map<String, Value> =
        names.iter().filter_map(|name| Some(((*name).to_owned(), value.get(*name)?.clone()))).collect();
    if let Some(method) = value["payment_method"]["type"].as_str() {
        shown.insert("payment_method".to_owned(), json!({ "type": method }));
    }
    Value::Object(shown)
}

/// A refund; `None` when it is none.
pub fn refund(value: &Value) -> Option<Refund> {
    let status = match value["status"].as_str()? {
        "pending" => RefundStatus::Pending,
        "succeeded" => RefundStatus::Succeeded,
        "canceled" => RefundStatus::Canceled,
        _ => return None,
    };
    let (kopecks, currency) = amount(&value["amount"])?;
    Some(Refund {
        id: id(value)?,
        payment_id: value["payment_id"].as_str()?.to_owned(),
        status,
        kopecks,
        currency,
        cancellation: value["cancellation_details"]["reason"].as_str().map(str::to_owned),
        refund_id: value["metadata"]["refund_id"].as_str().map(str::to_owned),
    })
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// What could be read.
    pub items: Vec<T>,
    /// The ids of what could not be, empty where even that is wrong.
    pub unreadable: Vec<String>,
    /// Cursor of the next page.
    pub cursor: Option<String>,
}

/// A page of a list; `None` when it is none.
pub fn page<T>(value: &Value, read: impl Fn(&Value) -> Option<T>) -> Option<Page<T>> {
    let mut page = Page { items: Vec::new(), unreadable: Vec::new(), cursor: None };
    for item in value["items"].as_array()? {
        match read(item) {
            Some(item) => page.items.push(item),
            None => page.unreadable.push(id(item).unwrap_or_default()),
        }
    }
    page.cursor = value["next_cursor"].as_str().map(str::to_owned);
    Some(page)
}

fn id(value: &Value) -> Option<String> {
    value["id"].as_str().filter(|id| is_id(id)).map(str::to_owned)
}

/// Whether it can be part of an address: what a stranger sends as an id is.
pub fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// `{"value": "499.00", "currency": "RUB"}` in kopecks. YooKassa writes sums as texts; a number may have lost something on
/// its way and is no sum.
fn amount(value: &Value) -> Option<(i64, String)> {
    let text = value["value"].as_str()?;
    let (rubles, kopecks) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(rubles) || rubles.len() > 12 || kopecks.len() > 2 || !(kopecks.is_empty() || digits(kopecks)) {
        return None;
    }
    let kopecks: i64 = format!("{kopecks:0<2}").parse().ok()?;
    let sum = rubles.parse::<i64>().ok()? * 100 + kopecks;
    Some((sum, value["currency"].as_str().unwrap_or_default().to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::request::rubles;

    #[test]
    fn a_payment_is_read_with_what_it_has() {
        let value = json!({
            "id": "22e12f66-000f-5000-8000-18db351245c7", "status": "pending", "paid": false, "new_field": [1],
            "test": true, "payment_method": { "type": "sbp" },
            "amount": { "value": "1299.00", "currency": "RUB" }, "recipient": { "account_id": "100500", "gateway_id": "1" },
            "metadata": { "payment_id": "p1" },
            "confirmation": { "type": "redirect", "confirmation_url": "https://yoomoney.example/pay" },
        });
        let observed = payment(&value).expect("it is one");
        assert_eq!((observed.kopecks, observed.shop_id.as_str()), (129_900, "100500"));
        assert_eq!(observed.shown["amount"]["value"], "1299.00");
        assert!(observed.shown.get("metadata").is_none() && observed.shown.get("new_field").is_none());
        assert!(observed.is_test && observed.method.as_deref() == Some("sbp"));
        assert_eq!(observed.confirmation_url.as_deref(), Some("https://yoomoney.example/pay"));
        assert_eq!(payment(&json!({ "id": "x", "status": "new_status", "amount": { "value": "1.00" } })), None);
        assert_eq!(payment(&json!({ "id": "../x", "status": "pending", "amount": { "value": "1.00" } })), None);
    }

    #[test]
    fn what_cannot_be_read_in_a_list_is_told() {
        let good = json!({ "id": "a", "status": "pending", "amount": { "value": "1.00", "currency": "RUB" } });
        let odd = json!({ "id": "b", "status": "frozen", "amount": { "value": "1.00", "currency": "RUB" } });
        let list = json!({ "type": "list", "items": [good, odd, {}], "next_cursor": "c" });
        let read = page(&list, payment).expect("a page");
        assert_eq!((read.items.len(), read.cursor.as_deref()), (1, Some("c")));
        assert_eq!(read.unreadable, ["b", ""]);
        assert_eq!(page(&json!({ "items": {} }), payment), None);
    }

    proptest! {
        #[test]
        fn sums_come_back(kopecks in 0i64..100_000_000_000) {
            prop_assert_eq!(amount(&rubles(kopecks)), Some((kopecks, "RUB".to_owned())));
        }

        #[test]
        fn a_number_is_no_sum(kopecks in any::<f64>(), rubles in any::<i64>()) {
            for value in [json!(kopecks), json!(rubles), json!(499), json!(null), json!(["499.00"])] {
                prop_assert_eq!(amount(&json!({ "value": value, "currency": "RUB" })), None);
            }
        }

        #[test]
        fn no_sum_panics(text in "\\PC{0,20}") {
            let _ = amount(&json!({ "value": text }));
        }
    }
}
