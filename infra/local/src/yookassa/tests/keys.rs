//! Idempotence keys.

use super::*;

fn duplicated(answer: &Answer) {
    let body = answer.json();
    assert_eq!((answer.status, &body["code"]), (400, &json!("invalid_request")));
    assert_eq!(body["description"], "Idempotence key duplicated");
    assert_eq!(body["parameter"], "Idempotence-Key");
}

#[tokio::test]
async fn the_same_request_makes_one_payment_and_is_answered_as_the_first_time() {
    let api = Api::start();
    let first = api.post_with("a", "/payments", &order()).await.json();
    api.control("POST", &format!("/payments/{}/pay", id(&first)), Value::Null).await;
    assert_eq!(api.post_with("a", "/payments", &order()).await.json(), first, "the original result");
    api.control("PUT", "/settings", json!({"repeats": "current"})).await;
    assert_eq!(api.post_with("a", "/payments", &order()).await.json()["status"], "succeeded");
    assert_ne!(api.post_with("b", "/payments", &order()).await.json()["id"], first["id"]);
    assert_eq!(api.control("GET", "", Value::Null).await["payments"], 2);
}

#[tokio::test]
async fn a_key_belongs_to_one_request() {
    let api = Api::start();
    let payment = api.post_with("a", "/payments", &order()).await.json();
    duplicated(&api.post_with("a", "/payments", &order_with("/amount/value", json!("1299.01"))).await);
    duplicated(&api.post_with("a", &format!("/payments/{}/capture", id(&payment)), &json!({})).await);
    duplicated(&api.post_with("a", "/refunds", &order()).await);
    assert_eq!(api.control("GET", "", Value::Null).await["payments"], 1);
}

#[tokio::test]
async fn the_order_of_fields_is_no_difference() {
    let api = Api::start();
    let body = order().to_string();
    let amount = r#""amount":{"currency":"RUB","value":"1299.00"}"#;
    assert!(body.contains(amount));
    let turned = body.replace(amount, r#""amount": {"value": "1299.00", "currency": "RUB"}"#);
    let headers =
        [("authorization", &*api.authorization), ("content-type", "application/json"), ("idempotence-key", "a")];
    let first = api.send("POST", "/v3/payments", &headers, body).await.json();
    assert_eq!(api.send("POST", "/v3/payments", &headers, turned).await.json(), first);
}

#[tokio::test]
async fn a_key_is_kept_for_a_day_from_its_first_request() {
    let api = Api::start();
    let first = api.post_with("a", "/payments", &order()).await.json();
    api.advance(86_399);
    assert_eq!(api.post_with("a", "/payments", &order()).await.json()["id"], first["id"]);
    api.advance(1);
    assert_ne!(api.post_with("a", "/payments", &order()).await.json()["id"], first["id"], "a second payment");
    api.advance(86_400);
    assert_eq!(api.post_with("a", "/payments", &order_with("/amount/value", json!("5.00"))).await.status, 200);
}

#[tokio::test]
async fn a_key_is_needed_and_has_its_form() {
    let api = Api::start();
    for (key, description) in [
        ("", "Idempotence key is empty"),
        (&*"a".repeat(65), "Idempotence key is too long"),
        ("a b", "Idempotence key has illegal characters"),
        ("a{b", "Idempotence key has illegal characters"),
    ] {
        let body = api.post_with(key, "/payments", &order()).await.json();
        assert_eq!((&body["description"], &body["parameter"]), (&json!(description), &json!("Idempotence-Key")));
    }
    let headers = [("authorization", &*api.authorization), ("content-type", "application/json")];
    let without = api.send("POST", "/v3/payments", &headers, order().to_string()).await;
    assert_eq!((without.status, &without.json()["description"]), (400, &json!("Idempotence key is empty")));
    let uuid = "0b0c5f0e-8d3c-4b7e-9a55-1f6f6c3f9d10";
    for key in [uuid, &"a".repeat(64), "A+b-c_d.9"] {
        assert_eq!(api.post_with(key, "/payments", &order()).await.status, 200, "{key}");
    }
}

#[tokio::test]
async fn a_refusal_is_repeated_too_and_a_correction_needs_another_key() {
    let api = Api::start();
    let wrong = order_with("/amount/value", json!("0.50"));
    let first = api.post_with("a", "/payments", &wrong).await;
    assert_eq!(first.status, 400);
    assert_eq!(api.post_with("a", "/payments", &wrong).await.json(), first.json());
    duplicated(&api.post_with("a", "/payments", &order()).await);
    assert_eq!(api.post_with("b", "/payments", &order()).await.status, 200);
}
