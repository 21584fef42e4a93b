//! Ordering: once, again, with an answer that is lost, and refused.
use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    Driver, World,
    money::{CARD, DAY_S, POOR_CARD, ordered},
    text,
};

use super::{COMPARISON, HOUR_S, JOB, standing};

#[tokio::test]
async fn a_double_tap_a_repeat_and_a_crowd_of_orders_are_one_payment() {
    let world = World::roomy().await;
    let driver = world.driver().await;
    let first = world.try_order(&driver, "1m", Some("tap-1")).await;
    assert_eq!((first.status.as_u16(), first.header("cache-control")), (201, "no-store"), "{}", first.body);
    let payment = first.json()["payment"].clone();
    assert_eq!((&payment["status"], &payment["amount_rub"]), (&json!("pending"), &json!(499)));
    for key in [Some("tap-1"), None, Some("tap-2")] {
        let again = world.try_order(&driver, "1m", key).await;
        assert_eq!(again.status.as_u16(), 201, "{}", again.body);
        assert_eq!(again.json()["payment"], payment, "{key:?}");
    }
    let id = text(&payment["id"]);
    assert_eq!(world.creations().await, BTreeMap::from([(id, 1)]), "what is known is not asked for again");
    assert_eq!((world.payments(&driver).await.len(), world.at_yookassa().await.len()), (1, 1));

    for keys in [vec![None; 20], (0..20).map(|n| Some(format!("crowd-{n}"))).collect()] {
        let crowd = world.driver().await;
        let orders = join_all(keys.iter().map(|key| world.try_order(&crowd, "3m", key.as_deref()))).await;
        let ids: BTreeSet<_> = orders.iter().map(|order| text(&order.json()["payment"]["id"])).collect();
        assert!(orders.iter().all(|order| order.status.is_success()), "{orders:?}");
        assert_eq!(ids.len(), 1, "{ids:?}");
        assert_eq!(world.payments(&crowd).await.len(), 1);
    }
    assert_eq!((world.creations().await.len(), world.at_yookassa().await.len()), (3, 3), "one key for each driver");

    let other = world.order(&driver, "12m").await;
    assert_ne!(json!(other.id), payment["id"], "another plan is another payment");
    let stranger = world.driver().await;
    let own = world.try_order(&stranger, "1m", Some("tap-1")).await.json();
    assert_ne!(own["payment"]["id"], payment["id"], "a key is its driver's own");
    let foreign = world.get(&stranger, &format!("/api/payments/{}", other.id)).await;
    assert_eq!(foreign.problem(), (404, "not_found".into()));
}

#[tokio::test]
async fn a_payment_is_offered_again_while_it_lives() {
    let world = World::start().await;
    let driver = world.driver().await;
    let first = world.order(&driver, "1m").await;
    world.pass(49 * 60);
    assert_eq!(world.order(&driver, "1m").await, first);
    world.pass(2 * 60);
    let second = world.order(&driver, "1m").await;
    assert_ne!(second, first, "too little time would be left to pay");

    world.pay(&second.yookassa_id, POOR_CARD).await;
    world.until_paid(&driver, &second.id, "canceled").await;
    let declined = world.payment(&driver, &second.id).await;
    assert_eq!((&declined["reason"], &declined["confirmation_url"]), (&json!("insufficient_funds"), &Value::Null));
    let third = world.order(&driver, "1m").await;
    assert!(third != second && third != first);
    world.sandbox_post(&format!("/yookassa/payments/{}/expire", third.yookassa_id), json!({})).await;
    world.until_paid(&driver, &third.id, "canceled").await;
    assert_eq!(world.payment(&driver, &third.id).await["reason"], "expired_on_confirmation");
    let fourth = world.order(&driver, "1m").await;
    world.pay(&fourth.yookassa_id, CARD).await;
    world.until_paid(&driver, &fourth.id, "succeeded").await;
    assert_ne!(world.order(&driver, "1m").await, fourth, "what is paid is not offered");
    // The first one has run out by itself meanwhile, and a driver may still pay in its last minutes.
    world.pass(10 * 60);
    world.until_paid(&driver, &first.id, "canceled").await;
    assert_eq!(standing(&world, &driver).await.1, [3 * DAY_S, 30 * DAY_S]);
}

#[tokio::test]
async fn an_order_whose_answer_was_lost_is_found_again_by_the_same_request() {
    for fault in [
        json!({ "fail_after": { "endpoint": "create_payment", "times": 1 } }),
        json!({ "processing": { "endpoint": "create_payment", "times": 1 } }),
        json!({ "lose": { "endpoint": "create_payment", "times": 1, "acted": true } }),
        json!({ "lose": { "endpoint": "create_payment", "times": 1, "acted": false } }),
        json!({ "fail": { "endpoint": "create_payment", "times": 1 } }),
        json!({ "rate_limit": { "endpoint": "create_payment", "times": 1 } }),
    ] {
        let world = World::roomy().await;
        // By the driver who asks, by the driver who taps again, and by the job.
        for found_by in ["get", "post", "key", "job"] {
            let driver = world.driver().await;
            world.yookassa_faults(fault.clone()).await;
            let answer = world.try_order(&driver, "6m", Some("k")).await;
            assert_eq!(answer.status.as_u16(), 202, "{fault}: {}", answer.body);
            let payment = answer.json()["payment"].clone();
            assert_eq!((&payment["status"], &payment["confirmation_url"]), (&json!("created"), &Value::Null));
            let id = text(&payment["id"]);
            if fault["rate_limit"].is_object() {
                // Who is asked too often is left alone for a while.
                world.pass(10);
            }
            match found_by {
                "get" => drop(world.payment(&driver, &id).await),
                "post" => drop(world.try_order(&driver, "6m", None).await),
                "key" => drop(world.try_order(&driver, "6m", Some("k")).await),
                _ => {
                    world.pass(45);
                    world.job(JOB).await;
                }
            }
            let payments = world.payments(&driver).await;
            assert_eq!((payments.len(), &payments[0]["status"]), (1, &json!("pending")), "{fault} {found_by}");
            assert_eq!(world.creations().await[&id], 2, "{fault} {found_by}: the same key");
            let found = ordered(&payments[0]);
            world.pay(&found.yookassa_id, CARD).await;
            world.until_paid(&driver, &id, "succeeded").await;
        }
        let made = world.at_yookassa().await;
        assert_eq!(made.len(), 4, "{fault}: never a second payment");
    }
}

/// Orders, while YooKassa acts and gives no answer.
pub(super) async fn order_of_unknown_fate(world: &World, driver: &Driver) -> String {
    world.yookassa_faults(json!({ "fail_after": { "endpoint": "create_payment" } })).await;
    let answer = world.try_order(driver, "1m", None).await;
    assert_eq!(answer.status.as_u16(), 202, "{}", answer.body);
    text(&answer.json()["payment"]["id"])
}

#[tokio::test]
async fn after_twelve_hours_an_order_is_lost_and_the_comparison_still_finds_it() {
    let world = World::roomy().await;
    let driver = world.driver().await;
    world.hold_notifications(true).await;
    let id = order_of_unknown_fate(&world, &driver).await;
    let made = world.at_yookassa().await;
    world.pay(made[0]["object"]["id"].as_str().unwrap(), CARD).await;
    for _ in 0..5 {
        world.pass(2 * HOUR_S);
        world.job(JOB).await;
    }
    let driver = world.driver_called(driver.id).await;
    let asked = world.creations().await;
    assert!((2..=6).contains(&asked[&id]) && asked.len() == 1, "{asked:?}");
    world.pass(2 * HOUR_S + 60);
    world.job(JOB).await;
    assert_eq!(world.payments(&driver).await[0]["status"], "lost");
    assert_eq!(world.creations().await, asked, "it is not requested any more");
    world.yookassa_faults(json!({})).await;
    for _ in 0..3 {
        world.pass(60);
        world.job(JOB).await;
        world.payment(&driver, &id).await;
    }
    assert_eq!(world.creations().await, asked);

    world.job(COMPARISON).await;
    assert_eq!(world.payment(&driver, &id).await["status"], "succeeded");
    assert_eq!(standing(&world, &driver).await.1, [3 * DAY_S, 30 * DAY_S]);
    world.job(COMPARISON).await;
    assert_eq!(standing(&world, &driver).await.1, [3 * DAY_S, 30 * DAY_S], "once");
}

#[tokio::test]
async fn an_order_of_yesterday_is_never_requested_again_even_if_no_job_ran() {
    for by in ["get", "key", "post"] {
        let world = World::roomy().await;
        let driver = world.driver().await;
        world.yookassa_faults(json!({ "fail_after": { "endpoint": "create_payment" } })).await;
        let answer = world.try_order(&driver, "1m", Some("k")).await;
        let id = text(&answer.json()["payment"]["id"]);
        world.yookassa_faults(json!({})).await;
        // YooKassa has forgotten the key: the same request would be a second payment.
        world.pass(25 * HOUR_S);
        let driver = world.driver_called(driver.id).await;
        match by {
            "get" => drop(world.payment(&driver, &id).await),
            "key" => drop(world.try_order(&driver, "1m", Some("k")).await),
            _ => drop(world.try_order(&driver, "1m", None).await),
        }
        assert_eq!(world.creations().await[&id], 1, "{by}");
    }
}

#[tokio::test]
async fn a_shop_that_is_refused_is_told_as_our_fault_and_the_next_order_is_a_new_one() {
    let world = World::roomy().await;
    for fault in ["unauthorized", "forbidden"] {
        let driver = world.driver().await;
        world.yookassa_faults(json!({ fault: { "endpoint": "create_payment", "times": 1 } })).await;
        let refused = world.try_order(&driver, "1m", Some("k")).await;
        assert_eq!(refused.problem(), (502, "payment_refused".into()), "{fault}");
        let payments = world.payments(&driver).await;
        assert_eq!((payments.len(), &payments[0]["status"]), (1, &json!("refused")), "{fault}");
        assert!(!refused.body.contains("test_local"), "no key in an answer");
        world.order(&driver, "1m").await;
        assert_eq!(world.payments(&driver).await.len(), 2);
    }
}

#[tokio::test]
async fn an_order_that_was_refused_is_refused_again_when_it_is_repeated() {
    let world = World::start().await;
    let driver = world.driver().await;
    world.yookassa_faults(json!({ "forbidden": { "endpoint": "create_payment", "times": 1 } })).await;
    for _ in 0..2 {
        let refused = world.try_order(&driver, "1m", Some("k")).await;
        assert_eq!(refused.problem(), (502, "payment_refused".into()), "{}", refused.body);
    }
}

#[tokio::test]
async fn wrong_orders_are_told_with_all_their_fields_and_leave_nothing() {
    let world = World::roomy().await;
    let driver = world.driver().await;
    let unknown = world.try_order(&driver, "2m", None).await;
    assert_eq!(unknown.problem(), (422, "validation_failed".into()));
    assert_eq!(unknown.json()["errors"][0]["field"], "plan");
    let wrong = json!({ "email": "not an address", "return_to": "https://evil.example/" });
    let answer = world.call(&driver, Method::POST, "/api/payments", &wrong).await;
    assert_eq!(answer.problem(), (422, "validation_failed".into()));
    let errors = answer.json()["errors"].as_array().unwrap().clone();
    let fields: BTreeSet<_> = errors.iter().map(|error| text(&error["field"])).collect();
    assert_eq!(fields, BTreeSet::from(["plan", "email", "return_to"].map(str::to_owned)));
    for plan in [json!(1), json!([]), json!({}), Value::Null, json!("")] {
        let answer = world.call(&driver, Method::POST, "/api/payments", &json!({ "plan": plan })).await;
        assert_eq!(answer.problem(), (422, "validation_failed".into()), "{plan}");
    }
    let long = "k".repeat(65);
    assert_eq!(world.try_order(&driver, "1m", Some(&long)).await.problem(), (422, "validation_failed".into()));
    let stranger = world.send(Method::POST, "/api/payments", &[], r#"{"plan":"1m"}"#).await;
    assert_eq!(stranger.problem(), (401, "session_missing".into()));
    assert!(world.payments(&driver).await.is_empty() && world.creations().await.is_empty());
}

#[tokio::test]
async fn with_receipts_an_order_needs_an_address_and_its_receipt_adds_up() {
    let world = World::roomy().await;
    let driver = world.driver().await;
    let receipts = json!({ "vat_code": 1, "tax_system_code": 2, "payment_subject": "service", "payment_mode": "full_payment", "measure": "piece" });
    world.set(json!({ "receipts": receipts })).await;
    world.sandbox("/yookassa/settings", json!({ "fiscalization": true })).await;
    let missing = world.try_order(&driver, "1m", None).await;
    assert_eq!(missing.problem(), (422, "validation_failed".into()));
    assert_eq!(
        (&missing.json()["errors"][0]["field"], &missing.json()["errors"][0]["code"]),
        (&json!("email"), &json!("missing"))
    );
    assert!(world.creations().await.is_empty());
    let body = json!({ "plan": "1m", "email": " ivan@example.org ", "return_to": "browser" });
    let answer = world.call(&driver, Method::POST, "/api/payments", &body).await;
    assert_eq!(answer.status.as_u16(), 201, "{}", answer.body);
    let order = ordered(&answer.json()["payment"]);
    let request = world.at_yookassa().await[0]["request"].clone();
    assert_eq!(request["receipt"]["customer"]["email"], "ivan@example.org");
    assert_eq!(request["receipt"]["items"][0]["amount"], request["amount"]);
    let returns_to = text(&request["confirmation"]["return_url"]);
    assert!(returns_to.contains(&format!("payment_{}", order.id)), "{returns_to}");
    assert_eq!((&request["capture"], &request["metadata"]["payment_id"]), (&json!(true), &json!(order.id)));
    world.pay(&order.yookassa_id, CARD).await;
    world.until_paid(&driver, &order.id, "succeeded").await;
    assert_eq!(world.payment(&driver, &order.id).await["receipt"], "succeeded");
}
