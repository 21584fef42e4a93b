//! Who is let in, and how errors look.

use super::*;

#[tokio::test]
async fn only_the_shops_own_key_is_let_in() {
    let mut api = Api::start();
    assert_eq!(api.get("/me").await.status, 200);
    for wrong in [
        String::new(),
        "Basic".to_owned(),
        "Basic !".to_owned(),
        format!("Bearer {}", STANDARD.encode(format!("{SHOP}:{SECRET}"))),
        format!("Basic {}", STANDARD.encode(format!("{SHOP}:other"))),
        format!("Basic {}", STANDARD.encode(SHOP)),
    ] {
        api.authorization = wrong.clone();
        let answer = api.post("/payments", &order()).await;
        let body = answer.json();
        assert_eq!((answer.status, &body["code"]), (401, &json!("invalid_credentials")), "{wrong}");
        assert_eq!((&body["type"], &body["parameter"]), (&json!("error"), &json!("Authorization")));
    }
    let state = api.control("GET", "", Value::Null).await;
    assert_eq!(state["payments"], 0);
}

#[tokio::test]
async fn an_error_says_what_it_is_about_and_has_an_id_of_its_own() {
    let api = Api::start();
    let wrong = order_with("/amount/value", json!("1299"));
    let answer = api.post("/payments", &wrong).await;
    let body = answer.json();
    assert_eq!(answer.status, 400);
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!((&body["type"], &body["code"]), (&json!("error"), &json!("invalid_request")));
    assert_eq!(body["parameter"], "amount.value");
    assert_eq!(body["id"].as_str().map(str::len), Some(36));
    assert!(body["description"].is_string() && body.get("retry_after").is_none());
    assert_ne!(api.post("/payments", &wrong).await.json()["id"], body["id"]);
}

#[tokio::test]
async fn what_is_not_there_is_404_and_the_wrong_way_to_ask_is_405_or_415() {
    let api = Api::start();
    for path in ["/payments/2419a771-000f-5000-9000-1edaf29243f2", "/refunds/1", "/receipts"] {
        let answer = api.get(path).await;
        assert_eq!((answer.status, &answer.json()["code"]), (404, &json!("not_found")), "{path}");
    }
    let headers = [("authorization", &*api.authorization), ("idempotence-key", "a")];
    assert_eq!(api.send("PUT", "/v3/payments", &headers, String::new()).await.status, 405);
    let form = [headers.as_slice(), &[("content-type", "application/x-www-form-urlencoded")]].concat();
    assert_eq!(api.send("POST", "/v3/payments", &form, "a=b".to_owned()).await.status, 415);
    let json = [headers.as_slice(), &[("content-type", "application/json; charset=utf-8")]].concat();
    let broken = api.send("POST", "/v3/payments", &json, "{".to_owned()).await;
    assert_eq!((broken.status, &broken.json()["code"]), (400, &json!("invalid_request")));
    assert_eq!(api.send("POST", "/v3/payments", &json, "[]".to_owned()).await.status, 400);
}

#[tokio::test]
async fn the_shop_tells_its_settings() {
    let api = Api::start();
    let me = api.get("/me").await.json();
    assert_eq!((&me["account_id"], &me["status"], &me["test"]), (&json!(SHOP), &json!("enabled"), &json!(true)));
    assert_eq!(me["fiscalization"], json!({"enabled": false}));
    api.control("PUT", "/settings", json!({"fiscalization": true})).await;
    assert_eq!(api.get("/me").await.json()["fiscalization"], json!({"enabled": true, "provider": "avanpost"}));
}

#[tokio::test]
async fn orders_that_are_not_understood_are_refused() {
    let api = Api::start();
    let payment = id(&api.create().await);
    for (method, path, body) in [
        ("PUT", "/settings", json!({"fiscalisation": true})),
        ("PUT", "/settings", json!({"refunds": "never"})),
        ("PUT", "/faults", json!({"fail": {"time": 1}})),
        ("PUT", "/faults", json!({"fail": {"endpoint": "pay"}})),
        ("PUT", "/notifications", json!({"speed": 0})),
        ("PUT", "/notifications", json!({"sped": 1})),
        ("POST", &*format!("/payments/{payment}/pay"), json!({"card": "4242424242424242"})),
        ("POST", &*format!("/payments/{payment}/cancel"), json!({})),
    ] {
        assert_eq!(api.order(method, path, body).await.status, 422, "{path}");
    }
    assert_eq!(api.order("POST", "/payments/none/expire", Value::Null).await.status, 404);
    assert_eq!(api.order("GET", "/refunds/none", Value::Null).await.status, 404);
    let no_webhook = api.order("POST", "/notify", json!({"body": {}})).await;
    assert_eq!(no_webhook.status, 503, "the product has no such route");
}

#[tokio::test]
async fn a_reset_forgets_everything() {
    let api = Api::start();
    api.control("PUT", "/settings", json!({"refunds": "cancel"})).await;
    api.control("PUT", "/faults", json!({"latency_ms": {"min": 1, "max": 2}})).await;
    let payment = api.paid().await;
    let state = api.control("POST", "/reset", Value::Null).await;
    assert_eq!((&state["payments"], &state["notifications_waiting"]), (&json!(0), &json!(0)));
    assert_eq!((&state["settings"]["refunds"], &state["faults"]["latency_ms"]), (&json!("succeed"), &json!(0)));
    assert_eq!(api.get(&format!("/payments/{}", id(&payment))).await.status, 404);
    assert_eq!(api.post_with("key-0", "/payments", &order_with("/capture", json!(false))).await.status, 200);
}
