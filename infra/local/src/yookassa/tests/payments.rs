//! Payments: making, paying, capturing, canceling, and what runs out.

use super::*;

#[tokio::test]
async fn a_new_payment_waits_for_its_payer() {
    let api = Api::start();
    let payment = api.create().await;
    let id = id(&payment);
    assert_eq!(id.len(), 36);
    let expected = json!({
        "id": id,
        "status": "pending",
        "amount": {"value": "1299.00", "currency": "RUB"},
        "description": "Подписка на 3 месяца",
        "recipient": {"account_id": SHOP, "gateway_id": "1000002"},
        "created_at": "2026-11-21T09:15:00.000Z",
        "confirmation": {
            "type": "redirect",
            "return_url": BACK,
            "confirmation_url": format!("http://127.0.0.1:1/_yookassa/pay/{id}"),
        },
        "test": true,
        "paid": false,
        "refundable": false,
        "metadata": {"payment_id": "p1"},
    });
    assert_eq!(payment, expected);
    assert_eq!(api.payment(&id).await, expected);
}

#[tokio::test]
async fn a_paid_payment_shows_what_it_was_paid_with_and_what_comes_of_it() {
    let api = Api::start();
    let created = api.create().await;
    api.advance(61);
    let path = format!("/payments/{}/pay", id(&created));
    let paid = api.control("POST", &path, json!({"card": "5555 5555 5555 4477"})).await;
    assert_eq!(paid, api.payment(&id(&created)).await);
    assert_eq!((&paid["status"], &paid["paid"]), (&json!("succeeded"), &json!(true)));
    assert_eq!(paid["captured_at"], "2026-11-21T09:16:01.000Z");
    assert_eq!((&paid["refundable"], &paid["refunded_amount"]["value"]), (&json!(true), &json!("0.00")));
    assert_eq!(paid["income_amount"]["value"], "1243.53", "less 45.47 and 22 % of that");
    let card = &paid["payment_method"]["card"];
    assert_eq!(
        (&card["first6"], &card["last4"], &card["card_type"]),
        (&json!("555555"), &json!("4477"), &json!("MasterCard"))
    );
    assert_eq!((&card["expiry_year"], &card["expiry_month"]), (&json!("2030"), &json!("12")));
    assert_eq!(paid["payment_method"]["title"], "Bank card *4477");
    assert_eq!(paid["authorization_details"]["three_d_secure"]["applied"], true);
    assert_eq!(paid["authorization_details"]["rrn"].as_str().map(str::len), Some(12));
    for absent in ["confirmation", "expires_at", "cancellation_details", "receipt_registration"] {
        assert!(paid.get(absent).is_none(), "{absent}");
    }
}

#[tokio::test]
async fn every_declining_card_cancels_with_its_reason() {
    let api = Api::start();
    for (card, party, reason) in [
        ("5555555555554600", "payment_network", "insufficient_funds"),
        ("4839665499603842", "payment_network", "3d_secure_failed"),
        ("2201382000000054", "yoo_money", "country_forbidden"),
        ("4119098878796485", "yoo_money", "fraud_suspected"),
    ] {
        let id = id(&api.create().await);
        let declined = api.control("POST", &format!("/payments/{id}/pay"), json!({"card": card})).await;
        assert_eq!(declined["cancellation_details"], json!({"party": party, "reason": reason}));
        assert_eq!((&declined["status"], &declined["paid"]), (&json!("canceled"), &json!(false)));
        assert!(declined.get("captured_at").is_none() && declined.get("income_amount").is_none());
        assert_eq!(api.order("POST", &format!("/payments/{id}/pay"), Value::Null).await.status, 409, "final");
    }
    let id = id(&api.create().await);
    let refusal = json!({"card": "2200000000000004", "three_d_secure": false});
    let declined = api.control("POST", &format!("/payments/{id}/pay"), refusal).await;
    assert_eq!(declined["cancellation_details"]["reason"], "3d_secure_failed");
}

#[tokio::test]
async fn each_field_has_its_limits() {
    let api = Api::start();
    let long = |count: usize| json!("я".repeat(count));
    let notes = |count: usize| (0..count).map(|n| (n.to_string(), json!("a"))).collect::<Value>();
    for (pointer, value, parameter) in [
        ("/amount", Value::Null, "amount"),
        ("/amount", json!("1299.00"), "amount"),
        ("/amount/value", json!(1299), "amount.value"),
        ("/amount/value", json!("1299.0"), "amount.value"),
        ("/amount/value", json!("1,299.00"), "amount.value"),
        ("/amount/value", json!("0.99"), "amount.value"),
        ("/amount/value", json!("350000.01"), "amount.value"),
        ("/amount/currency", json!("USD"), "amount.currency"),
        ("/amount/currency", Value::Null, "amount.currency"),
        ("/capture", json!("true"), "capture"),
        ("/description", long(129), "description"),
        ("/description", json!(1), "description"),
        ("/metadata", notes(17), "metadata"),
        ("/metadata", json!([]), "metadata"),
        ("/metadata", json!({"a".repeat(33): "a"}), "metadata"),
        ("/metadata", json!({"a": "a".repeat(513)}), "metadata.a"),
        ("/metadata", json!({"a": 1}), "metadata.a"),
        ("/confirmation", Value::Null, "confirmation"),
        ("/confirmation/type", json!("link"), "confirmation.type"),
        ("/confirmation/type", Value::Null, "confirmation.type"),
        ("/confirmation/return_url", Value::Null, "confirmation.return_url"),
        ("/confirmation/return_url", json!(format!("https://a/{}", "a".repeat(2_039))), "confirmation.return_url"),
        ("/confirmation/return_url", json!("javascript:alert(1)"), "confirmation.return_url"),
        ("/confirmation/locale", json!("ru"), "confirmation.locale"),
        ("/confirmation/enforce", json!(1), "confirmation.enforce"),
        ("/client_ip", json!("somewhere"), "client_ip"),
        ("/merchant_customer_id", long(201), "merchant_customer_id"),
        ("/recipient", json!({}), "recipient.gateway_id"),
        ("/payment_method_data", json!({"type": "sbp"}), "payment_method_data.type"),
        ("/payment_method_id", json!("1"), "confirmation"),
        ("/payment_token", json!("1"), "payment_token"),
        ("/statements", json!([{"type": "payment_overview"}]), "statements[0].delivery_method"),
        ("/receipt", json!({"customer": {}}), "receipt.customer.email"),
        ("/captured", json!(true), "captured"),
    ] {
        let answer = api.post("/payments", &order_with(pointer, value.clone())).await;
        assert_eq!((answer.status, &answer.json()["parameter"]), (400, &json!(parameter)), "{pointer}: {value}");
    }
    let both = json!({"type": "bank_card"});
    let mut two_ways = order_with("/payment_method_data", both);
    two_ways["payment_token"] = json!("1");
    assert_eq!(api.post("/payments", &two_ways).await.json()["parameter"], "payment_method_id");
    let mut saved = order_with("/confirmation", Value::Null);
    saved["payment_method_id"] = json!("1");
    assert_eq!(api.post("/payments", &saved).await.json()["description"], "Payment method is not saved");
    let autopay = api.post("/payments", &order_with("/save_payment_method", json!(true))).await;
    assert_eq!((autopay.status, &autopay.json()["code"]), (403, &json!("forbidden")));
    assert_eq!(api.control("GET", "", Value::Null).await["payments"], 0);
}

#[tokio::test]
async fn what_just_fits_passes() {
    let api = Api::start();
    for (pointer, value) in [
        ("/amount/value", json!("1.00")),
        ("/amount/value", json!("350000.00")),
        ("/description", json!("я".repeat(128))),
        ("/metadata", json!({"a".repeat(32): "я".repeat(512), "b": null})),
        ("/confirmation/return_url", json!(format!("https://a/{}", "a".repeat(2_038)))),
        ("/confirmation/locale", json!("ru_RU")),
        ("/client_ip", json!("2a02:5180::1")),
        ("/merchant_customer_id", json!("a".repeat(200))),
        ("/payment_method_data", json!({"type": "bank_card"})),
        ("/save_payment_method", json!(false)),
        ("/recipient", json!({"gateway_id": "1"})),
        ("/description", Value::Null),
    ] {
        let answer = api.post("/payments", &order_with(pointer, value)).await;
        assert_eq!(answer.status, 200, "{pointer}: {}", answer.text());
    }
    let mut smallest = order();
    for left_out in ["description", "metadata", "capture"] {
        smallest.as_object_mut().expect("an object").remove(left_out);
    }
    let payment = api.post("/payments", &smallest).await.json();
    assert_eq!(payment["metadata"], json!({}));
    assert!(payment.get("description").is_none());
}

#[tokio::test]
async fn a_payment_is_only_held_unless_it_says_otherwise() {
    let api = Api::start();
    let payment = api.post("/payments", &order_with("/capture", Value::Null)).await.json();
    let path = format!("/payments/{}", id(&payment));
    let held = api.control("POST", &format!("{path}/pay"), Value::Null).await;
    assert_eq!((&held["status"], &held["paid"]), (&json!("waiting_for_capture"), &json!(true)));
    assert_eq!(held["expires_at"], "2026-11-28T09:15:00.000Z");
    assert!(held.get("captured_at").is_none() && held["refundable"] == json!(false));

    api.advance(5);
    let captured = api.post(&format!("{path}/capture"), &json!({})).await.json();
    assert_eq!(
        (&captured["status"], &captured["captured_at"]),
        (&json!("succeeded"), &json!("2026-11-21T09:15:05.000Z"))
    );
    assert!(captured.get("expires_at").is_none());
    for act in ["capture", "cancel"] {
        let again = api.post(&format!("{path}/{act}"), &json!({})).await;
        assert_eq!((again.status, &again.json()["code"]), (400, &json!("invalid_request")), "{act}");
    }
}

#[tokio::test]
async fn a_part_of_a_held_sum_can_be_captured() {
    let api = Api::start();
    let payment = api.post("/payments", &order_with("/capture", json!(false))).await.json();
    let path = format!("/payments/{}", id(&payment));
    api.control("POST", &format!("{path}/pay"), Value::Null).await;
    let part = |value: &str| json!({"amount": {"value": value, "currency": "RUB"}});
    let too_much = api.post(&format!("{path}/capture"), &part("1299.01")).await;
    assert_eq!((too_much.status, &too_much.json()["parameter"]), (400, &json!("amount.value")));
    let captured = api.post(&format!("{path}/capture"), &part("1000.00")).await.json();
    assert_eq!((&captured["status"], &captured["amount"]["value"]), (&json!("succeeded"), &json!("1000.00")));
}

#[tokio::test]
async fn only_a_held_sum_can_be_canceled() {
    let api = Api::start();
    let pending = id(&api.create().await);
    let answer = api.post(&format!("/payments/{pending}/cancel"), &json!({})).await;
    assert_eq!(
        (answer.status, &answer.json()["description"]),
        (400, &json!("You can not cancel payment with autocapture"))
    );

    let payment = api.post("/payments", &order_with("/capture", json!(false))).await.json();
    let path = format!("/payments/{}", id(&payment));
    assert_eq!(api.post(&format!("{path}/cancel"), &json!({})).await.status, 400, "nobody has paid");
    api.control("POST", &format!("{path}/pay"), Value::Null).await;
    // Its body may be empty altogether.
    let headers = [("authorization", &*api.authorization), ("idempotence-key", "empty")];
    let canceled = api.send("POST", &format!("/v3{path}/cancel"), &headers, String::new()).await;
    assert_eq!(canceled.status, 200);
    let details = json!({"party": "merchant", "reason": "canceled_by_merchant"});
    assert_eq!((&canceled.json()["status"], &canceled.json()["cancellation_details"]), (&json!("canceled"), &details));
    assert_eq!(api.post("/payments/none/cancel", &json!({})).await.status, 404);
}

#[tokio::test]
async fn a_payer_has_an_hour_and_a_shop_a_week() {
    let api = Api::start();
    let unpaid = id(&api.create().await);
    api.advance(3_599);
    assert_eq!(api.payment(&unpaid).await["status"], "pending");
    api.advance(1);
    let expired = api.payment(&unpaid).await;
    assert_eq!(expired["cancellation_details"], json!({"party": "yoo_money", "reason": "expired_on_confirmation"}));
    assert!(expired.get("confirmation").is_none());

    let held = id(&api.post("/payments", &order_with("/capture", json!(false))).await.json());
    api.advance(3_000);
    api.control("POST", &format!("/payments/{held}/pay"), Value::Null).await;
    api.advance(7 * 86_400 - 1);
    assert_eq!(api.payment(&held).await["status"], "waiting_for_capture");
    api.advance(1);
    let expired = api.payment(&held).await;
    assert_eq!(expired["cancellation_details"], json!({"party": "yoo_money", "reason": "expired_on_capture"}));

    let paid = id(&api.paid().await);
    api.advance(30 * 86_400);
    assert_eq!(api.payment(&paid).await["status"], "succeeded");
}

#[tokio::test]
async fn tests_can_end_a_payment_for_any_reason_and_hold_any_sum() {
    let api = Api::start();
    let first = id(&api.create().await);
    let expired = api.control("POST", &format!("/payments/{first}/expire"), Value::Null).await;
    assert_eq!(expired["cancellation_details"]["reason"], "expired_on_confirmation");
    assert_eq!(api.order("POST", &format!("/payments/{first}/expire"), Value::Null).await.status, 409);
    let second = id(&api.create().await);
    let reason = json!({"party": "yoo_money", "reason": "something_new"});
    let ended = api.control("POST", &format!("/payments/{second}/cancel"), reason.clone()).await;
    assert_eq!(ended["cancellation_details"], reason);
    api.control("PUT", "/settings", json!({"capture": "hold"})).await;
    assert_eq!(api.paid().await["status"], "waiting_for_capture", "although it was to be taken at once");
}
