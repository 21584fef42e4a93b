//! Receipts, when the shop has to make them.

use super::*;

async fn fiscal() -> Api {
    let api = Api::start();
    api.control("PUT", "/settings", json!({"fiscalization": true})).await;
    api
}

fn receipt(value: &str) -> Value {
    json!({
        "customer": {"email": "driver@example.org"},
        "items": [{
            "description": "Подписка на 3 месяца",
            "quantity": 1,
            "amount": {"value": value, "currency": "RUB"},
            "vat_code": 1,
            "measure": "piece",
            "payment_mode": "full_payment",
            "payment_subject": "service",
        }],
    })
}

fn order_with_receipt() -> Value {
    order_with("/receipt", receipt("1299.00"))
}

fn refused(answer: &Answer) {
    let body = answer.json();
    assert_eq!((answer.status, &body["code"], &body["parameter"]), (400, &json!("invalid_request"), &json!("receipt")));
}

#[tokio::test]
async fn a_payment_needs_a_receipt_of_its_own_sum() {
    let api = fiscal().await;
    refused(&api.post("/payments", &order()).await);
    refused(&api.post("/payments", &order_with("/receipt", receipt("1298.99"))).await);
    let payment = api.post("/payments", &order_with_receipt()).await.json();
    assert_eq!(payment["receipt_registration"], "pending");
    let paid = api.control("POST", &format!("/payments/{}/pay", id(&payment)), Value::Null).await;
    assert_eq!(paid["receipt_registration"], "succeeded");
    let shown = api.control("GET", &format!("/payments/{}", id(&payment)), Value::Null).await;
    assert_eq!(shown["request"]["receipt"], receipt("1299.00"), "tests see what was sent");
}

#[tokio::test]
async fn a_receipt_is_not_needed_when_receipts_are_off_but_must_be_right() {
    let api = Api::start();
    let payment = api.post("/payments", &order_with_receipt()).await.json();
    assert!(payment.get("receipt_registration").is_none());
    refused(&api.post("/payments", &order_with("/receipt", receipt("1.00"))).await);
}

#[tokio::test]
async fn registering_can_take_its_time_or_fail() {
    let api = fiscal().await;
    api.control("PUT", "/settings", json!({"receipts": "pending"})).await;
    let id = id(&api.post("/payments", &order_with_receipt()).await.json());
    let paid = api.control("POST", &format!("/payments/{id}/pay"), Value::Null).await;
    assert_eq!(paid["receipt_registration"], "pending");
    let failed = api.control("PUT", &format!("/receipts/{id}"), json!({"status": "canceled"})).await;
    assert_eq!((&failed["status"], &failed["receipt_registration"]), (&json!("succeeded"), &json!("canceled")));
    let without = Api::start();
    let payment = without.paid().await;
    let path = format!("/receipts/{}", payment["id"].as_str().expect("an id"));
    assert_eq!(without.order("PUT", &path, json!({"status": "canceled"})).await.status, 409);
}

#[tokio::test]
async fn a_partial_refund_needs_one_and_a_full_one_does_not() {
    let api = fiscal().await;
    let paid = async || {
        let payment = id(&api.post("/payments", &order_with_receipt()).await.json());
        api.control("POST", &format!("/payments/{payment}/pay"), Value::Null).await;
        payment
    };
    let refund =
        |payment: &str, value: &str| json!({"payment_id": payment, "amount": {"value": value, "currency": "RUB"}});
    let payment = paid().await;
    refused(&api.post("/refunds", &refund(&payment, "299.00")).await);
    let mut part = refund(&payment, "299.00");
    part["receipt"] = receipt("300.00");
    refused(&api.post("/refunds", &part).await);
    part["receipt"] = receipt("299.00");
    assert_eq!(api.post("/refunds", &part).await.json()["receipt_registration"], "succeeded");
    refused(&api.post("/refunds", &refund(&payment, "1000.00")).await);
    let whole = paid().await;
    assert_eq!(api.post("/refunds", &refund(&whole, "1299.00")).await.status, 200);
}

#[tokio::test]
async fn capturing_a_part_needs_a_receipt_of_that_part() {
    let api = fiscal().await;
    let mut held = order_with_receipt();
    held["capture"] = json!(false);
    let path = format!("/payments/{}", id(&api.post("/payments", &held).await.json()));
    api.control("POST", &format!("{path}/pay"), Value::Null).await;
    let mut part = json!({"amount": {"value": "1000.00", "currency": "RUB"}});
    refused(&api.post(&format!("{path}/capture"), &part).await);
    part["receipt"] = receipt("1000.00");
    assert_eq!(api.post(&format!("{path}/capture"), &part).await.json()["status"], "succeeded");
}
