//! Refunds.

use super::*;

fn back(payment: &str, value: &str) -> Value {
    json!({"payment_id": payment, "amount": {"value": value, "currency": "RUB"}, "description": "Не подошло"})
}

#[tokio::test]
async fn a_refund_lowers_what_is_left_and_leaves_the_status_alone() {
    let api = Api::start();
    let payment = id(&api.paid().await);
    let refund = api.post("/refunds", &back(&payment, "299.00")).await.json();
    let expected = json!({
        "id": id(&refund),
        "payment_id": payment,
        "status": "succeeded",
        "amount": {"value": "299.00", "currency": "RUB"},
        "created_at": "2026-11-21T09:15:00.000Z",
        "description": "Не подошло",
        "metadata": {},
    });
    assert_eq!(refund, expected);
    assert_eq!(api.get(&format!("/refunds/{}", id(&refund))).await.json(), expected);
    let after = api.payment(&payment).await;
    assert_eq!((&after["status"], &after["refunded_amount"]["value"]), (&json!("succeeded"), &json!("299.00")));
    assert_eq!((&after["refundable"], &after["amount"]["value"]), (&json!(true), &json!("1299.00")));

    let too_much = api.post("/refunds", &back(&payment, "1000.01")).await;
    assert_eq!((too_much.status, &too_much.json()["parameter"]), (400, &json!("amount.value")));
    assert_eq!(api.post("/refunds", &back(&payment, "1000.00")).await.status, 200);
    let after = api.payment(&payment).await;
    assert_eq!((&after["refundable"], &after["refunded_amount"]["value"]), (&json!(false), &json!("1299.00")));
    assert_eq!(api.post("/refunds", &back(&payment, "0.01")).await.status, 400);
}

#[tokio::test]
async fn only_money_that_was_taken_can_be_given_back() {
    let api = Api::start();
    let pending = id(&api.create().await);
    let held = id(&api.post("/payments", &order_with("/capture", json!(false))).await.json());
    api.control("POST", &format!("/payments/{held}/pay"), Value::Null).await;
    let canceled = id(&api.create().await);
    api.control("POST", &format!("/payments/{canceled}/expire"), Value::Null).await;
    let unknown = "2419a771-000f-5000-9000-1edaf29243f2".to_owned();
    for payment in [pending, held, canceled, unknown] {
        let answer = api.post("/refunds", &back(&payment, "1.00")).await;
        assert_eq!((answer.status, &answer.json()["parameter"]), (400, &json!("payment_id")), "{payment}");
    }
    let old = id(&api.paid().await);
    api.advance(3 * 365 * 86_400);
    assert_eq!(api.post("/refunds", &back(&old, "1.00")).await.json()["parameter"], "payment_id");
}

#[tokio::test]
async fn a_refund_has_its_own_key_and_its_own_limits() {
    let api = Api::start();
    let payment = id(&api.paid().await);
    let first = api.post_with("r", "/refunds", &back(&payment, "100.00")).await.json();
    assert_eq!(api.post_with("r", "/refunds", &back(&payment, "100.00")).await.json(), first);
    assert_eq!(api.payment(&payment).await["refunded_amount"]["value"], "100.00");
    assert_eq!(api.post_with("r", "/refunds", &back(&payment, "100.01")).await.json()["parameter"], "Idempotence-Key");
    for (field, value, parameter) in [
        ("description", json!("я".repeat(251)), "description"),
        ("amount", Value::Null, "amount"),
        ("amount", json!({"value": "0.00", "currency": "RUB"}), "amount.value"),
        ("metadata", json!({"a": 1}), "metadata.a"),
        ("payment_id", Value::Null, "payment_id"),
        ("reason", json!("a"), "reason"),
    ] {
        let mut wrong = back(&payment, "1.00");
        wrong[field] = value;
        let answer = api.post("/refunds", &wrong).await;
        assert_eq!((answer.status, &answer.json()["parameter"]), (400, &json!(parameter)), "{field}");
    }
}

#[tokio::test]
async fn a_pending_refund_holds_its_sum_until_it_is_settled() {
    let api = Api::start();
    api.control("PUT", "/settings", json!({"refunds": "pending"})).await;
    let payment = id(&api.paid().await);
    let refund = api.post("/refunds", &back(&payment, "1299.00")).await.json();
    assert_eq!(refund["status"], "pending");
    let waiting = api.payment(&payment).await;
    assert_eq!((&waiting["refunded_amount"]["value"], &waiting["refundable"]), (&json!("0.00"), &json!(false)));
    assert_eq!(api.post("/refunds", &back(&payment, "1.00")).await.status, 400);

    let settle = format!("/refunds/{}/settle", id(&refund));
    let reason = json!({"status": "canceled", "party": "refund_network", "reason": "rejected_by_payee"});
    let canceled = api.control("POST", &settle, reason).await;
    let details = json!({"party": "refund_network", "reason": "rejected_by_payee"});
    assert_eq!((&canceled["status"], &canceled["cancellation_details"]), (&json!("canceled"), &details));
    assert_eq!(api.order("POST", &settle, json!({"status": "succeeded"})).await.status, 409, "final");
    assert_eq!(api.payment(&payment).await["refundable"], true);

    let refund = api.post("/refunds", &back(&payment, "99.00")).await.json();
    api.control("POST", &format!("/refunds/{}/settle", id(&refund)), json!({"status": "succeeded"})).await;
    assert_eq!(api.payment(&payment).await["refunded_amount"]["value"], "99.00");
}

#[tokio::test]
async fn a_refund_may_be_refused() {
    let api = Api::start();
    api.control("PUT", "/settings", json!({"refunds": "cancel"})).await;
    let payment = id(&api.paid().await);
    let refund = api.post("/refunds", &back(&payment, "100.00")).await.json();
    assert_eq!(refund["status"], "canceled");
    assert_eq!(refund["cancellation_details"], json!({"party": "yoo_money", "reason": "insufficient_funds"}));
    assert_eq!(api.payment(&payment).await["refunded_amount"]["value"], "0.00");
}

#[tokio::test]
async fn a_refund_can_begin_in_the_cabinet() {
    let api = Api::start();
    let payment = id(&api.paid().await);
    let path = format!("/payments/{payment}/refund");
    let part = api.control("POST", &path, json!({"value": "299.00"})).await;
    assert_eq!((&part["status"], &part["payment_id"]), (&json!("succeeded"), &json!(payment)));
    assert_eq!(api.order("POST", &path, json!({"value": "1000.01"})).await.status, 422);
    let rest = api.control("POST", &path, Value::Null).await;
    assert_eq!(rest["amount"]["value"], "1000.00");
    let all = api.control("GET", "/refunds", Value::Null).await;
    assert!(all["items"].as_array().expect("items").iter().all(|item| item["in_cabinet"] == json!(true)));
    assert_eq!(api.get("/refunds").await.json()["items"].as_array().map(Vec::len), Some(2));
}
