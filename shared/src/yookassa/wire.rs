//! YooKassa's JSON. Only `id`, `status` and `amount` can be relied on; fields and values that are not known are passed
//! over, because YooKassa adds both.
use serde_json::{Map, Value, json};

use crate::billing::{
    payment::{Observed, Status},
    refund::{ObservedRefund, RefundStatus},
};

/// A payment; `None` when it is none.
pub fn payment(value: &Value) -> Option<Observed> {
    let status = match value["status"].as_str()? {
        "pending" => Status::Pending,
        "waiting_for_capture" => Status::WaitingForCapture,
        "succeeded" => Status::Succeeded,
        "canceled" => Status::Canceled,
        _ => return None,
    };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let (amount_kopecks, currency) = amount(&value["amount"])?;
    Some(Observed {
        id: id(value)?,
        status,
        amount_kopecks,
        currency,
        shop_id: text(&value["recipient"]["account_id"]).unwrap_or_default(),
        payment_id: text(&value["metadata"]["payment_id"]),
        confirmation_url: text(&value["confirmation"]["confirmation_url"]).filter(|url| url.starts_with("http")),
        cancellation: text(&value["cancellation_details"]["reason"]),
        receipt: text(&value["receipt_registration"]),
        answer: shown(value),
        refunded_kopecks: amount(&value["refunded_amount"]).map_or(0, |(kopecks, _)| kopecks),
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
pub fn refund(value: &Value) -> Option<ObservedRefund> {
    let status = match value["status"].as_str()? {
        "pending" => RefundStatus::Pending,
        "succeeded" => RefundStatus::Succeeded,
        "canceled" => RefundStatus::Canceled,
        _ => return None,
    };
    let (amount_kopecks, currency) = amount(&value["amount"])?;
    Some(ObservedRefund {
        id: id(value)?,
        payment_id: value["payment_id"].as_str()?.to_owned(),
        status,
        amount_kopecks,
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
    /// Where the next page begins.
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

/// A sum as YooKassa wants it.
pub fn rubles(kopecks: i64) -> Value {
    json!({ "value": format!("{}.{:02}", kopecks / 100, kopecks % 100), "currency": "RUB" })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_payment_is_read_with_what_it_has() {
        let value = json!({
            "id": "22e12f66-000f-5000-8000-18db351245c7", "status": "pending", "paid": false, "new_field": [1],
            "amount": { "value": "1299.00", "currency": "RUB" }, "recipient": { "account_id": "100500", "gateway_id": "1" },
            "metadata": { "payment_id": "p1" },
            "confirmation": { "type": "redirect", "confirmation_url": "https://yoomoney.example/pay" },
        });
        let observed = payment(&value).expect("it is one");
        assert_eq!((observed.amount_kopecks, observed.shop_id.as_str()), (129_900, "100500"));
        assert_eq!(observed.answer["amount"]["value"], "1299.00");
        assert!(observed.answer.get("metadata").is_none() && observed.answer.get("new_field").is_none());
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
