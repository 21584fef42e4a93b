//! Money: ordering, notifications, results without them, refunds, the trial, what is locked, and what it costs the store.
use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    Driver, World,
    money::{CARD, DAY_S, POOR_CARD, ordered},
    text,
};

const JOB: &str = "look-after-payments";
const COMPARISON: &str = "compare-payments";
const HOUR_S: i64 = 3600;

/// Until when the driver has paid, and how much was granted and taken back, in the order of the ledger.
async fn standing(world: &World, driver: &Driver) -> (String, Vec<i64>) {
    let ledger = world.ledger(driver).await;
    (text(&world.subscription(driver).await["expires_at"]), ledger.iter().map(|entry| entry.seconds).collect())
}

/// The end that the ledger's last entry names, as the API writes it.
async fn last_end(world: &World, driver: &Driver) -> String {
    shared::clock::rfc3339(world.ledger(driver).await.last().expect("an entry").ends_at_ms)
}

// Ordering.

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
async fn order_of_unknown_fate(world: &World, driver: &Driver) -> String {
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

// Notifications.

#[tokio::test]
async fn only_yookassa_itself_gets_through_the_webhook() {
    let world = World::roomy().await;
    let driver = world.driver().await;
    let order = world.order(&driver, "1m").await;
    world.hold_notifications(true).await;
    world.pay(&order.yookassa_id, CARD).await;
    let event = json!({ "object_id": order.yookassa_id, "event": "payment.succeeded" });
    let with = |field: &str, value: Value| {
        let mut event = event.clone();
        event[field] = value;
        event
    };
    for token in ["guess", "", "local-demo-yookassa-webhook-toke", "local-demo-yookassa-webhook-token2"] {
        let statuses = world.notify(with("token", json!(token))).await;
        assert!([[403], [404]].contains(&[statuses[0]]), "{token:?}: {statuses:?}");
    }
    for address in ["203.0.113.7", "185.71.76.32", "77.75.153.128", "77.75.156.12", "2a02:5181::1", "::1", "127.0.0.1"]
    {
        assert_eq!(world.notify(with("source_ip", json!(address))).await, [403], "{address}");
    }
    // Past CloudFront and with any header, the address is the connection's own.
    let path = "/_gateway/webhooks/yookassa/local-demo-yookassa-webhook-token";
    let headers = [("x-forwarded-for", "185.71.76.5"), ("content-type", "application/json")];
    let forged = world.send(Method::POST, path, &headers, event.to_string()).await;
    assert_eq!(forged.status.as_u16(), 403, "{}", forged.body);
    world.money_rests().await;
    assert_eq!(world.payments(&driver).await[0]["status"], "pending", "nobody was let in");
    assert_eq!(world.yookassa_calls("get_payment").await, 0);

    for address in ["185.71.76.5", "185.71.77.31", "77.75.153.127", "77.75.154.200", "77.75.156.11", "77.75.156.35"] {
        assert_eq!(world.notify(with("source_ip", json!(address))).await, [200], "{address}");
    }
    assert_eq!(world.notify(with("source_ip", json!("2a02:5180:0:1509::7"))).await, [200]);
    world.until_paid(&driver, &order.id, "succeeded").await;
    world.money_rests().await;
    assert_eq!(standing(&world, &driver).await.1, [3 * DAY_S, 30 * DAY_S]);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_or_put_on_record_and_never_acted_on() {
    let world = World::roomy().await;
    let too_large = json!({ "body": { "event": "payment.succeeded", "object": { "id": "x".repeat(70 * 1024) } } });
    assert_eq!(world.notify(too_large).await, [413]);
    for body in [json!([]), json!("payment.succeeded"), json!(5)] {
        assert_eq!(world.notify(json!({ "body": body })).await, [400], "{body}");
    }
    let unknown = [
        json!({ "event": "deal.closed", "object": { "id": "22e12f66-000f-5000-8000-18db351245c7" } }),
        json!({ "event": "payment.succeeded", "object": {} }),
        json!({ "event": "payment.succeeded", "object": { "id": "../refunds" } }),
        json!({ "event": "payment.succeeded", "object": { "id": 7 } }),
        json!({ "event": "payment.succeeded", "object": [] }),
        json!({ "event": ["payment.succeeded"] }),
        json!({}),
    ];
    for body in &unknown {
        assert_eq!(world.notify(json!({ "body": body })).await, [200], "{body}");
    }
    world.money_rests().await;
    let rows = world.rows("AUDIT#").await;
    let recorded = rows.iter().filter(|row| row["outcome"]["S"] == "unknown_event").count();
    assert_eq!(recorded, 1, "that it happened is on record, once an hour");
    assert_eq!(world.look("/yookassa/calls").await["total"], 0, "and YooKassa is not asked");

    // Of objects that are none of ours YooKassa is asked once, and that is all.
    for event in ["payment.succeeded", "refund.succeeded"] {
        let body = json!({ "event": event, "object": { "id": "22e12f66-000f-5000-8000-18db351245c7" } });
        assert_eq!(world.notify(json!({ "body": body })).await, [200]);
    }
    world.money_rests().await;
    let rows = world.rows("AUDIT#").await;
    assert_eq!(rows.iter().filter(|row| row["outcome"]["S"] == "put_aside").count(), 2);
    assert_eq!(
        rows.iter().filter(|row| row["outcome"]["S"] == "accepted").count(),
        2,
        "what was taken is on record too"
    );
    let asked = (world.yookassa_calls("get_payment").await, world.yookassa_calls("get_refund").await);
    assert_eq!(asked, (1, 1));
}

#[tokio::test]
async fn what_cannot_be_queued_is_to_be_repeated() {
    let world = World::roomy().await;
    let driver = world.driver().await;
    let order = world.order(&driver, "1m").await;
    world.hold_notifications(true).await;
    world.pay(&order.yookassa_id, CARD).await;
    world.sandbox("/queues", json!({ "refuse": "all" })).await;
    let event = json!({ "object_id": order.yookassa_id, "event": "payment.succeeded" });
    assert_eq!(world.notify(event.clone()).await, [500]);
    world.send(Method::DELETE, "/_sandbox/queues", &[], "").await;
    // YooKassa comes again by itself, and is asked when the minute of the first time is over.
    world.hold_notifications(false).await;
    world.money_rests().await;
    world.until_paid(&driver, &order.id, "succeeded").await;
}

#[tokio::test]
async fn duplicates_and_stale_and_forged_notifications_change_nothing() {
    let world = World::roomy().await;
    let driver = world.driver().await;
    world.hold_notifications(true).await;
    let order = world.order(&driver, "1m").await;

    // It says that it is paid; YooKassa says that it is not.
    let mut forged = world.at_yookassa().await[0]["object"].clone();
    forged["status"] = json!("succeeded");
    forged["paid"] = json!(true);
    let forged = json!({ "body": { "type": "notification", "event": "payment.succeeded", "object": forged } });
    assert_eq!(world.notify(forged.clone()).await, [200]);
    for event in ["payment.canceled", "payment.waiting_for_capture"] {
        world.notify(json!({ "object_id": order.yookassa_id, "event": event })).await;
    }
    world.money_rests().await;
    assert_eq!(world.payments(&driver).await[0]["status"], "pending");
    assert_eq!(standing(&world, &driver).await.1, [3 * DAY_S]);

    world.pass(61);
    world.pay(&order.yookassa_id, CARD).await;
    let event = json!({ "object_id": order.yookassa_id, "event": "payment.succeeded", "times": 100, "at_once": true });
    // One that a busy machine could not queue is answered with 500, and would come again.
    let statuses = world.notify(event).await;
    assert!(statuses.len() == 100 && statuses.contains(&200), "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 500].contains(status)), "{statuses:?}");
    world.until_paid(&driver, &order.id, "succeeded").await;
    for event in ["payment.canceled", "payment.waiting_for_capture", "refund.succeeded"] {
        assert_eq!(world.notify(json!({ "object_id": order.yookassa_id, "event": event })).await, [200]);
    }
    world.sandbox_post("/yookassa/notifications/release", json!({ "order": "reversed" })).await;
    world.notify(json!({ "ids": [0, 0, 0], "at_once": true })).await;
    world.money_rests().await;
    let (expires_at, seconds) = standing(&world, &driver).await;
    assert_eq!(seconds, [3 * DAY_S, 30 * DAY_S], "once");
    assert_eq!(expires_at, last_end(&world, &driver).await);
    assert_eq!(world.payment(&driver, &order.id).await["status"], "succeeded");
    world.settle().await;
    let texts = world.texts(driver.id).await;
    assert_eq!(texts.len(), 1, "the driver is told once: {texts:?}");
}

/// Somebody makes a payment in our shop by themselves.
async fn made_in_our_shop(world: &World, amount: &str, metadata: Value) -> String {
    let body = json!({
        "amount": { "value": amount, "currency": "RUB" },
        "capture": true,
        "confirmation": { "type": "redirect", "return_url": "https://shop.example/" },
        "metadata": metadata,
    });
    // The sandbox's shop, which is no real one.
    let basic = "Basic MTAwMDAwMTp0ZXN0X2xvY2FsLWRlbW8ta2V5LW9mLW5vLXJlYWwtc2hvcA==";
    let key = format!("by-hand-{amount}-{}", metadata["payment_id"].as_str().unwrap_or_default());
    let headers = [
        ("authorization", basic),
        ("content-type", "application/json"),
        ("idempotence-key", &key[..key.len().min(64)]),
    ];
    let made = world.send(Method::POST, "/_yookassa/v3/payments", &headers, body.to_string()).await.ok();
    text(&made.json()["id"])
}

#[tokio::test]
async fn another_sum_and_another_payment_under_our_name_grant_nothing() {
    let world = World::roomy().await;
    let driver = world.driver().await;
    let order = world.order(&driver, "12m").await;
    let name = json!({ "payment_id": order.id });
    let cheap = made_in_our_shop(&world, "1.00", name.clone()).await;
    let twin = made_in_our_shop(&world, "3999.00", name).await;
    let nameless = made_in_our_shop(&world, "3999.00", json!({})).await;
    let foreign = made_in_our_shop(&world, "499.00", json!({ "payment_id": "no-such-payment" })).await;
    for id in [&cheap, &twin, &nameless, &foreign] {
        world.pay(id, CARD).await;
    }
    world.money_rests().await;
    world.job(COMPARISON).await;
    for id in [&cheap, &twin, &nameless, &foreign] {
        world.refund(id, None).await;
    }
    world.money_rests().await;
    world.job(COMPARISON).await;
    assert_eq!(standing(&world, &driver).await.1, [3 * DAY_S]);
    assert_eq!(world.payments(&driver).await[0]["status"], "pending");
    world.pay(&order.yookassa_id, CARD).await;
    world.until_paid(&driver, &order.id, "succeeded").await;
    assert_eq!(standing(&world, &driver).await.1, [3 * DAY_S, 365 * DAY_S]);
}

#[tokio::test]
async fn an_order_of_unknown_fate_is_not_taken_over_by_another_sum() {
    let world = World::roomy().await;
    let driver = world.driver().await;
    world.yookassa_faults(json!({ "lose": { "endpoint": "create_payment", "times": 1, "acted": false } })).await;
    let answer = world.try_order(&driver, "12m", None).await;
    assert_eq!(answer.status.as_u16(), 202);
    let id = text(&answer.json()["payment"]["id"]);
    let cheap = made_in_our_shop(&world, "1.00", json!({ "payment_id": id })).await;
    world.pay(&cheap, CARD).await;
    world.money_rests().await;
    world.job(COMPARISON).await;
    assert_eq!(world.payments(&driver).await[0]["status"], "created");
    let payment = world.payment(&driver, &id).await;
    assert_eq!(payment["status"], "pending", "{payment}");
    assert_ne!(ordered(&payment).yookassa_id, cheap);
    assert_eq!(standing(&world, &driver).await.1, [3 * DAY_S]);
}

#[tokio::test]
async fn a_slow_yookassa_does_not_make_the_webhook_slow() {
    let world = World::roomy().await;
    let driver = world.driver().await;
    let order = world.order(&driver, "1m").await;
    world.hold_notifications(true).await;
    world.pay(&order.yookassa_id, CARD).await;
    world.yookassa_faults(json!({ "latency_ms": 30_000 })).await;
    let event = json!({ "object_id": order.yookassa_id, "event": "payment.succeeded", "times": 20, "at_once": true });
    let statuses = world.notify(event).await;
    assert!(statuses.contains(&200) && statuses.iter().all(|status| [200, 500].contains(status)), "{statuses:?}");
    // All were answered while YooKassa still held its first answer: nothing of it has been settled.
    assert_eq!(world.payments(&driver).await[0]["status"], "pending");
    // And the driver who comes when it is well again does not wait for those.
    world.yookassa_faults(json!({})).await;
    assert_eq!(world.payment(&driver, &order.id).await["status"], "succeeded");
    assert_eq!(standing(&world, &driver).await.1, [3 * DAY_S, 30 * DAY_S]);
}

#[tokio::test]
async fn money_that_yookassa_only_holds_is_taken() {
    let world = World::roomy().await;
    let driver = world.driver().await;
    world.sandbox("/yookassa/settings", json!({ "capture": "hold" })).await;
    world.yookassa_faults(json!({ "fail_after": { "endpoint": "capture_payment", "times": 1 } })).await;
    let order = world.order(&driver, "1m").await;
    world.pay(&order.yookassa_id, CARD).await;
    // The second notification waits for the minute of the first to be over.
    world.money_rests().await;
    world.until_paid(&driver, &order.id, "succeeded").await;
    world.money_rests().await;
    assert_eq!(standing(&world, &driver).await.1, [3 * DAY_S, 30 * DAY_S]);
    assert_eq!(world.at_yookassa().await[0]["object"]["status"], "succeeded");
}

// Without notifications.

#[tokio::test]
async fn without_any_notification_the_driver_the_job_and_the_comparison_find_out() {
    let world = World::roomy().await;
    world.hold_notifications(true).await;
    for found_by in ["get", "job", "comparison"] {
        for (card, status) in [(CARD, "succeeded"), (POOR_CARD, "canceled")] {
            let driver = world.driver().await;
            let order = world.order(&driver, "1m").await;
            world.pay(&order.yookassa_id, card).await;
            assert_eq!(world.payments(&driver).await[0]["status"], "pending", "nobody has told us");
            match found_by {
                "get" => assert_eq!(world.payment(&driver, &order.id).await["status"], status),
                "job" => {
                    world.pass(45);
                    world.job(JOB).await;
                }
                _ => world.job(COMPARISON).await,
            }
            assert_eq!(world.payments(&driver).await[0]["status"], status, "{found_by}");
            let granted = if status == "succeeded" { vec![3 * DAY_S, 30 * DAY_S] } else { vec![3 * DAY_S] };
            assert_eq!(standing(&world, &driver).await.1, granted, "{found_by}");
        }
    }
    // And what comes late changes nothing.
    world.hold_notifications(false).await;
    world.money_rests().await;
    let ledgers = world.rows("DRIVER#").await;
    let entries =
        ledgers.iter().filter(|row| row["sk"]["S"].as_str().is_some_and(|sk| sk.starts_with("LEDGER#payment")));
    assert_eq!(entries.count(), 3);
}

#[tokio::test]
async fn a_driver_who_waits_makes_us_ask_every_three_seconds_at_most() {
    let world = World::roomy().await;
    let driver = world.driver().await;
    let order = world.order(&driver, "1m").await;
    world.hold_notifications(true).await;
    let path = format!("/api/payments/{}", order.id);
    let asked = async || world.yookassa_calls("get_payment").await;
    join_all((0..20).map(|_| world.get(&driver, &path))).await;
    let first = asked().await;
    assert!((1..=2).contains(&first), "{first}");
    for round in 1..=4 {
        world.pass(3);
        for _ in 0..3 {
            world.payment(&driver, &order.id).await;
        }
        assert!((first + round..=first + round + 1).contains(&asked().await), "{round}");
    }
    world.pay(&order.yookassa_id, CARD).await;
    world.pass(3);
    assert_eq!(world.payment(&driver, &order.id).await["status"], "succeeded");
    let last = asked().await;
    world.pass(60);
    assert_eq!(world.payment(&driver, &order.id).await["status"], "succeeded");
    assert_eq!(asked().await, last, "what is over is not asked for");

    // When YooKassa does not answer, what we know is shown.
    let other = world.order(&driver, "3m").await;
    world.yookassa_faults(json!({ "fail": {} })).await;
    assert_eq!(world.payment(&driver, &other.id).await["status"], "pending");
}

#[tokio::test]
async fn the_comparison_reads_every_page() {
    let world = World::roomy().await;
    world.hold_notifications(true).await;
    let driver = world.driver().await;
    let order = world.order(&driver, "1m").await;
    world.pay(&order.yookassa_id, CARD).await;
    let refund = world.refund(&order.yookassa_id, Some("100.00")).await;
    assert!(!refund.is_empty());
    // Newer ones come first.
    for number in 0..105 {
        made_in_our_shop(&world, "2.00", json!({ "payment_id": format!("other-{number}") })).await;
    }
    world.job(COMPARISON).await;
    assert_eq!(world.yookassa_calls("list_payments").await, 2);
    let taken = 30 * DAY_S * 10_000 / 49_900;
    assert_eq!(standing(&world, &driver).await.1, [3 * DAY_S, 30 * DAY_S, -taken]);
}

// Refunds.

#[tokio::test]
async fn refunds_from_the_cabinet_take_days_back_in_proportion() {
    let world = World::roomy().await;
    let month = 30 * DAY_S;
    for (parts, expected) in [
        (vec![None], vec![-month]),
        (vec![Some("100.00")], vec![-(month * 10_000 / 49_900)]),
        // However it is divided, all of it takes back all.
        (
            vec![Some("0.01"), Some("166.33"), Some("166.33"), None],
            vec![
                -51,
                -(month * 16_634 / 49_900 - 51),
                -(month * 33_267 / 49_900 - month * 16_634 / 49_900),
                -(month - month * 33_267 / 49_900),
            ],
        ),
    ] {
        let driver = world.driver().await;
        let order = world.order(&driver, "1m").await;
        world.pay(&order.yookassa_id, CARD).await;
        world.until_paid(&driver, &order.id, "succeeded").await;
        for part in &parts {
            world.refund(&order.yookassa_id, *part).await;
            world.money_rests().await;
        }
        let (expires_at, seconds) = standing(&world, &driver).await;
        assert_eq!(seconds[..2], [3 * DAY_S, month]);
        assert_eq!(seconds[2..], expected[..], "{parts:?}");
        assert_eq!(expires_at, last_end(&world, &driver).await, "{parts:?}");
        let payment = world.payment(&driver, &order.id).await;
        assert_eq!(payment["status"], "succeeded", "a refund does not change that it was paid");
        let back = payment["refunded_rub"].as_f64().unwrap();
        assert!((back - if parts.last() == Some(&None) { 499.0 } else { 100.0 }).abs() < 0.001, "{payment}");
    }
}

#[tokio::test]
async fn a_refund_may_be_heard_of_before_its_payment_and_more_than_once() {
    let world = World::roomy().await;
    world.hold_notifications(true).await;
    let driver = world.driver().await;
    let order = world.order(&driver, "1m").await;
    world.pay(&order.yookassa_id, CARD).await;
    world.refund(&order.yookassa_id, Some("250.00")).await;
    world.refund(&order.yookassa_id, None).await;
    let sent = world.sandbox_post("/yookassa/notifications/release", json!({ "order": "reversed" })).await;
    assert_eq!(sent["sent"].as_array().unwrap().len(), 3);
    world.notify(json!({ "ids": [2, 1, 0, 1, 2], "times": 5, "at_once": true })).await;
    world.money_rests().await;
    let (expires_at, seconds) = standing(&world, &driver).await;
    assert_eq!((seconds.len(), seconds.iter().sum::<i64>()), (4, 3 * DAY_S), "{seconds:?}");
    assert_eq!(expires_at, last_end(&world, &driver).await);
}

#[tokio::test]
async fn a_refund_of_an_order_whose_fate_is_unknown_finds_its_payment() {
    let world = World::roomy().await;
    let driver = world.driver().await;
    world.hold_notifications(true).await;
    order_of_unknown_fate(&world, &driver).await;
    let yookassa_id = text(&world.at_yookassa().await[0]["object"]["id"]);
    world.pay(&yookassa_id, CARD).await;
    let refund = world.refund(&yookassa_id, None).await;
    world.notify(json!({ "object_id": refund, "event": "refund.succeeded" })).await;
    world.money_rests().await;
    assert_eq!(standing(&world, &driver).await.1, [3 * DAY_S, 30 * DAY_S, -30 * DAY_S]);
}

#[tokio::test]
async fn payments_and_refunds_at_once_all_count() {
    let world = World::roomy().await;
    let driver = world.driver().await;
    world.hold_notifications(true).await;
    let mut orders = Vec::new();
    for plan in ["1m", "3m", "6m", "12m"] {
        let order = world.order(&driver, plan).await;
        world.pay(&order.yookassa_id, CARD).await;
        orders.push(order);
    }
    world.refund(&orders[0].yookassa_id, None).await;
    world.refund(&orders[3].yookassa_id, Some("399.90")).await;
    // Six notifications for one subscription, together, each twice.
    world.notify(json!({ "ids": [0, 1, 2, 3, 4, 5], "times": 2, "at_once": true })).await;
    world.money_rests().await;
    let (expires_at, seconds) = standing(&world, &driver).await;
    let granted: i64 = seconds.iter().sum();
    let days = |days: i64| days * DAY_S;
    assert_eq!(granted, days(3) + days(90) + days(180) + days(365) - days(365) / 10, "{seconds:?}");
    assert_eq!(seconds.len(), 7);
    let ledger = world.ledger(&driver).await;
    let end = ledger.iter().map(|entry| entry.ends_at_ms).max().unwrap();
    assert!(ledger.iter().any(|entry| shared::clock::rfc3339(entry.ends_at_ms) == expires_at) && end > 0);
    let trial = ledger.iter().find(|entry| entry.id.starts_with("trial")).unwrap();
    assert_eq!(expires_at, shared::clock::rfc3339(trial.at_ms + granted * 1000), "it ran all the time");
}

// The trial and what is locked.

#[tokio::test]
async fn a_new_driver_gets_the_trial_once() {
    let world = World::roomy().await;
    let id = tests::new_driver_id();
    let mut launches = Vec::new();
    for second in 0..8 {
        world.pass(i64::from(second > 0));
        launches.push(world.init_data(json!({ "driver_id": id })).await);
    }
    let answers = join_all(launches.iter().map(|launch| world.sign_in(launch, None))).await;
    let signed_in: Vec<_> = answers.iter().filter(|answer| answer.status.as_u16() == 200).collect();
    assert!(!signed_in.is_empty() && answers.iter().all(|answer| [200, 401].contains(&answer.status.as_u16())));
    for answer in signed_in {
        assert_eq!(answer.json()["subscription"]["state"], "trial", "{}", answer.body);
        assert_eq!(answer.json()["features"]["contacts"], true);
    }
    world.pass(1);
    let driver = world.driver_called(id).await;
    assert_eq!(standing(&world, &driver).await.1, [3 * DAY_S]);
    let subscription = world.subscription(&driver).await;
    assert_eq!((&subscription["state"], &subscription["days_left"]), (&json!("trial"), &json!(3)));

    world.pass(3 * DAY_S);
    let driver = world.driver_called(id).await;
    let subscription = world.subscription(&driver).await;
    assert_eq!((&subscription["state"], &subscription["days_left"]), (&json!("expired"), &json!(0)));
    assert_eq!(standing(&world, &driver).await.1, [3 * DAY_S], "not a second time");
}

#[tokio::test]
async fn a_first_sign_in_whose_store_fails_in_between_still_gives_one_trial() {
    for fault in [
        json!({ "operation": "TransactWriteItems", "error": "InternalServerError", "after": true, "times": 1 }),
        json!({ "operation": "TransactWriteItems", "error": "TransactionConflictException", "times": 1 }),
        json!({ "operation": "TransactWriteItems", "error": "InternalServerError", "times": 20 }),
    ] {
        let world = World::start().await;
        let id = tests::new_driver_id();
        world.sandbox("/store", json!({ "faults": [fault] })).await;
        let launch = world.init_data(json!({ "driver_id": id })).await;
        world.sign_in(&launch, Some("k")).await;
        world.send(Method::DELETE, "/_sandbox/store", &[], "").await;
        let answer = world.sign_in(&launch, Some("k")).await.ok().json();
        assert_eq!(answer["subscription"]["state"], "trial", "{fault}");
        let driver = Driver { id, token: text(&answer["session_token"]) };
        assert_eq!(standing(&world, &driver).await.1, [3 * DAY_S], "{fault}");
    }
}

#[tokio::test]
async fn a_subscription_extends_from_the_later_of_now_and_its_end() {
    let world = World::roomy().await;
    let driver = world.driver().await;
    let buy = async |driver: &Driver, plan: &str| {
        let order = world.order(driver, plan).await;
        world.pay(&order.yookassa_id, CARD).await;
        world.until_paid(driver, &order.id, "succeeded").await;
    };
    buy(&driver, "1m").await;
    buy(&driver, "1m").await;
    buy(&driver, "12m").await;
    let ledger = world.ledger(&driver).await;
    let trial = ledger.iter().find(|entry| entry.id.starts_with("trial")).unwrap();
    let end_ms = trial.at_ms + (3 + 30 + 30 + 365) * DAY_S * 1000;
    let subscription = world.subscription(&driver).await;
    assert_eq!(subscription["expires_at"], shared::clock::rfc3339(end_ms), "nothing is lost of what runs");
    assert_eq!((&subscription["state"], &subscription["source"]), (&json!("active"), &json!("payment")));
    assert_eq!(subscription["days_left"], 428);

    world.pass(500 * DAY_S);
    let driver = world.driver_called(driver.id).await;
    assert_eq!(world.subscription(&driver).await["state"], "expired");
    buy(&driver, "1m").await;
    let last = world.ledger(&driver).await.last().cloned().unwrap();
    assert_eq!(last.ends_at_ms, last.at_ms + 30 * DAY_S * 1000, "from now, not from then");
    assert_eq!(world.subscription(&driver).await["days_left"], 30);
}

/// What is behind the lock of a cargo: its note, its phones, and the shipper's tax number.
fn secrets_of(detail: &Value) -> Vec<String> {
    let cargo = &detail["cargo"];
    let mut secrets = vec![text(&cargo["note"]), text(&cargo["shipper"]["inn"])];
    for contact in cargo["contacts"].as_array().into_iter().flatten() {
        secrets.extend(contact.as_object().into_iter().flatten().filter_map(|(name, value)| {
            let is_telling = name.contains("phone") || name.contains("name") || name.contains("mail");
            value.as_str().filter(|value| is_telling && value.len() > 3).map(str::to_owned)
        }));
    }
    secrets.retain(|secret| !secret.is_empty());
    secrets
}

#[tokio::test]
async fn what_a_subscription_covers_never_leaves_the_server_without_one() {
    let world = World::roomy().await;
    let payer = world.driver_with_phone().await;
    let order = world.order(&payer, "1m").await;
    world.pay(&order.yookassa_id, CARD).await;
    world.until_paid(&payer, &order.id, "succeeded").await;
    let driver = world.driver_with_phone().await;
    world.pass(3 * DAY_S + 1);
    let (payer, driver) = (world.driver_called(payer.id).await, world.driver_called(driver.id).await);
    assert_eq!(
        world.subscription(&driver).await["features"],
        json!({ "list": true, "detail": true, "contacts": false, "respond": false })
    );
    assert_eq!(world.subscription(&payer).await["state"], "active");

    let mut hidden = 0;
    let mut etags = Vec::new();
    for card in world.cargos(&driver, 12).await {
        let id = text(&card["id"]);
        let path = format!("/api/cargos/{id}");
        // Whoever comes first fills the cache, and the lock is the same: fetched, cached, or without the cache.
        let early = world.get(&driver, &path).await.ok();
        let open = world.get(&payer, &path).await.ok();
        let cached = world.get(&driver, &path).await.ok();
        world.sandbox("/store", json!({ "faults": [{ "table": "cache", "error": "InternalServerError" }] })).await;
        let without_cache = world.get(&driver, &path).await.ok();
        world.send(Method::DELETE, "/_sandbox/store", &[], "").await;
        world.pass(3);
        let secrets = secrets_of(&open.json());
        assert!(open.json()["locked"] == json!([]) && open.json()["cargo"]["contacts"].is_array(), "{}", open.body);
        hidden += secrets.len();
        for locked in [&early, &cached, &without_cache] {
            let detail = locked.json();
            assert_eq!(detail["locked"], json!(["contacts"]));
            let cargo = &detail["cargo"];
            assert!(
                cargo["contacts"].is_null() && cargo["note"].is_null() && cargo["shipper"]["inn"].is_null(),
                "{cargo}"
            );
            for secret in &secrets {
                let written = json!(secret).to_string();
                assert!(!locked.body.contains(written.trim_matches('"')), "{secret} in {}", locked.body);
            }
            for (name, value) in cargo["extra"].as_object().into_iter().flatten() {
                let says_nothing = [Value::Null, json!([]), json!(false)].contains(value);
                assert!(["krugoreis", "partial_load"].contains(&name.as_str()) || says_nothing, "{name}: {value}");
            }
            assert_ne!(locked.header("etag"), open.header("etag"));
            let hidden = open.header("etag").trim_matches(|c| "W/\"".contains(c));
            assert!(!locked.header("etag").contains(hidden), "it says nothing of what is hidden");
        }
        assert_eq!(early.header("etag"), cached.header("etag"));
        etags.push((path, open.header("etag").to_owned(), cached.header("etag").to_owned()));
    }
    assert!(hidden > 24, "there is something to hide: {hidden}");

    let bearers = [&driver, &payer].map(|driver| format!("Bearer {}", driver.token));
    let ask = async |who: usize, path: &str, etag: &str| {
        world
            .send(Method::GET, path, &[("authorization", &bearers[who]), ("if-none-match", etag)], "")
            .await
            .status
            .as_u16()
    };
    for (path, open, locked) in &etags {
        assert_eq!((ask(0, path, open).await, ask(1, path, locked).await), (200, 200), "no 304 across the lock");
        assert_eq!((ask(0, path, locked).await, ask(1, path, open).await), (304, 304));
    }

    let (path, open, locked) = &etags[0];
    let cargo = path.rsplit('/').next().unwrap();
    for body in [json!({}), json!({ "comment": "есть ремни" })] {
        let refused = world.respond(&driver, cargo, body).await;
        assert_eq!(refused.problem(), (402, "subscription_required".into()), "{}", refused.body);
        assert_eq!(refused.json()["feature"], "respond");
    }
    assert!(world.rows("RESPONSE#").await.is_empty());
    let rows = world.rows("AUDIT#").await;
    let refusals: Vec<_> = rows.iter().filter(|row| row["kind"]["S"] == "access").collect();
    assert_eq!(refusals.len(), 1, "once an hour for a driver and a feature: {refusals:?}");
    let facts = &refusals[0]["facts"]["M"];
    assert_eq!((&facts["driver_id"]["S"], &facts["feature"]["S"]), (&json!(driver.id.to_string()), &json!("respond")));

    // Paid: open with the next request.
    world.hold_notifications(true).await;
    let order = world.order(&driver, "1m").await;
    world.pay(&order.yookassa_id, CARD).await;
    assert_eq!(world.payment(&driver, &order.id).await["status"], "succeeded");
    assert_eq!(ask(0, path, locked).await, 200, "what was locked is not the same any more");
    assert_eq!(ask(0, path, open).await, 304);
    assert_eq!(world.get(&driver, path).await.ok().json()["locked"], json!([]));
    assert_eq!(world.respond(&driver, cargo, json!({})).await.status.as_u16(), 201);

    // Given back: locked with the next request.
    let refund = world.refund(&order.yookassa_id, None).await;
    world.notify(json!({ "object_id": refund, "event": "refund.succeeded" })).await;
    world.money_rests().await;
    assert_eq!(ask(0, path, open).await, 200);
    assert_eq!(world.get(&driver, path).await.ok().json()["locked"], json!(["contacts"]));
}

// What it costs.

fn calls(expected: &[(&str, u64)]) -> BTreeMap<String, u64> {
    expected.iter().map(|(call, count)| ((*call).to_owned(), *count)).collect()
}

#[tokio::test]
async fn store_calls_of_money_are_these() {
    let world = World::roomy().await;
    world.hold_notifications(true).await;
    let session = ("UpdateItem app", 1);
    let fresh = async || {
        world.pass(5);
        world.store_calls().await;
    };

    let launch = world.init_data(json!({ "driver_id": tests::new_driver_id() })).await;
    fresh().await;
    let answer = world.sign_in(&launch, None).await.ok().json();
    let driver =
        Driver { id: answer["driver"]["id"].as_i64().unwrap_or_default(), token: text(&answer["session_token"]) };
    // The session; what there is of the driver; then the profile, the visit, what they are found by and the trial at once.
    let expected = calls(&[("UpdateItem app", 1), ("BatchGetItem app", 1), ("TransactWriteItems app", 1)]);
    assert_eq!(world.store_calls().await, expected, "the first sign-in");

    let known = world.driver().await;
    world.pass(1);
    let launch = world.init_data(json!({ "driver_id": known.id })).await;
    fresh().await;
    world.sign_in(&launch, None).await.ok();
    let expected = calls(&[("UpdateItem app", 2), ("BatchGetItem app", 1)]);
    assert_eq!(world.store_calls().await, expected, "a later sign-in");

    fresh().await;
    world.get(&driver, "/api/plans").await.ok();
    assert_eq!(world.store_calls().await, calls(&[session, ("GetItem app", 1)]), "plans: the settings");
    fresh().await;
    world.get(&driver, "/api/subscription").await.ok();
    assert_eq!(
        world.store_calls().await,
        calls(&[session, ("BatchGetItem app", 1)]),
        "the subscription with the settings"
    );

    // Before each call of YooKassa, whether it asked to be left alone.
    let asked = ("GetItem cache", 1);
    // The settings, what stands under the plan; the order with its place in the list, its audit row and one order less that the
    // driver may make; then what
    // YooKassa answered, with what its id means and the audit row.
    fresh().await;
    let order = world.order(&driver, "1m").await;
    let ordered = [("TransactWriteItems app+cache", 1), ("TransactWriteItems app", 1)];
    let expected = calls(&[session, asked, ("GetItem app", 2), ordered[0], ordered[1]]);
    assert_eq!(world.store_calls().await, expected, "a new order");
    fresh().await;
    assert_eq!(world.order(&driver, "1m").await, order);
    // Also the payment that stands there.
    assert_eq!(world.store_calls().await, calls(&[session, ("GetItem app", 3)]), "a repeated order");
    fresh().await;
    world.get(&driver, "/api/payments").await.ok();
    let expected = calls(&[session, ("Query app", 1), ("BatchGetItem app", 1)]);
    assert_eq!(world.store_calls().await, expected, "the list of payments");

    // The payment, whether YooKassa may be asked again, the payment that YooKassa's answer names, and how it then stands.
    let path = format!("/api/payments/{}", order.id);
    fresh().await;
    world.get(&driver, &path).await.ok();
    let expected = calls(&[session, asked, ("GetItem app", 3), ("UpdateItem cache", 1)]);
    assert_eq!(world.store_calls().await, expected, "an open payment");
    world.store_calls().await;
    world.get(&driver, &path).await.ok();
    let expected = calls(&[session, ("GetItem app", 1), ("UpdateItem cache", 1)]);
    assert_eq!(world.store_calls().await, expected, "an open payment once more within three seconds");

    // Whether it is about one of ours, how often we were notified of it; then it goes into the queue and onto the record.
    world.sandbox("/queues", json!({ "lose": "all" })).await;
    fresh().await;
    let event = json!({ "object_id": order.yookassa_id, "event": "payment.succeeded" });
    world.notify(event.clone()).await;
    let noted = ("PutItem app", 1);
    let expected = calls(&[("GetItem app", 1), ("UpdateItem cache", 1), noted]);
    assert_eq!(world.store_calls().await, expected, "a notification");

    // The payment and the subscription; one transaction with the payment, the subscription, the ledger, the message and
    // the audit row.
    world.pay(&order.yookassa_id, CARD).await;
    world.send(Method::DELETE, "/_sandbox/queues", &[], "").await;
    // A minute later, so that it is not put off.
    let heard = ("UpdateItem cache", 1);
    world.pass(61);
    fresh().await;
    queued(&world, &order.yookassa_id).await;
    let settled = world.store_calls().await;
    let expected = calls(&[noted, heard, asked, ("GetItem app", 3), ("TransactWriteItems app", 1)]);
    assert_eq!(settled, expected, "a payment that is settled");
    world.pass(61);
    fresh().await;
    queued(&world, &order.yookassa_id).await;
    let expected = calls(&[noted, heard, asked, ("GetItem app", 2)]);
    assert_eq!(world.store_calls().await, expected, "a payment that was settled");
    fresh().await;
    world.get(&driver, &path).await.ok();
    assert_eq!(world.store_calls().await, calls(&[session, ("GetItem app", 1)]), "a payment that is over");

    world.job(JOB).await;
    fresh().await;
    world.job(JOB).await;
    // And that it began and ended.
    let expected = calls(&[("Query app", 1), ("UpdateItem app", 2)]);
    assert_eq!(world.store_calls().await, expected, "the job with nothing to do");
}

/// Hands `settle` a payment, as SQS would, with all the hints that it gives lost, and waits until it is dealt with.
async fn queued(world: &World, yookassa_id: &str) {
    // It waits until no other message can follow it.
    world.sandbox("/queues", json!({ "delay_ms": 5_000 })).await;
    world.notify(json!({ "object_id": yookassa_id, "event": "payment.succeeded" })).await;
    world.sandbox("/queues", json!({ "lose": "all" })).await;
    world.pass(6);
    world.money_rests().await;
    world.send(Method::DELETE, "/_sandbox/queues", &[], "").await;
}

// What admins set.

#[tokio::test]
async fn what_admins_set_holds_at_once_and_an_old_price_for_what_was_ordered() {
    let world = World::roomy().await;
    let driver = world.driver().await;
    let old = world.order(&driver, "1m").await;
    let dearer = json!([{ "id": "1m", "name": "1 месяц", "days": 31, "price_kopecks": 59_900 }]);
    world.set(json!({ "plans": dearer })).await;
    assert_eq!(world.get(&driver, "/api/plans").await.ok().json()["items"][0]["price_rub"], 599);
    let new = world.order(&driver, "1m").await;
    assert_ne!(new, old, "the old price is not offered any more");
    assert_eq!(world.payment(&driver, &new.id).await["amount_rub"], 599);
    for order in [&old, &new] {
        world.pay(&order.yookassa_id, CARD).await;
        world.until_paid(&driver, &order.id, "succeeded").await;
    }
    assert_eq!(standing(&world, &driver).await.1, [3 * DAY_S, 30 * DAY_S, 31 * DAY_S], "each as it was offered");

    let open = world.order(&driver, "1m").await;
    world.set(json!({ "payments_on": false, "plans": dearer })).await;
    assert_eq!(world.try_order(&driver, "1m", None).await.problem(), (503, "payments_off".into()));
    assert_eq!(world.get(&driver, "/api/plans").await.ok().json()["payments"], false);
    world.pay(&open.yookassa_id, CARD).await;
    world.until_paid(&driver, &open.id, "succeeded").await;

    world
        .set(json!({ "flags": { "paid.list": { "rule": "on" }, "paid.detail": { "rule": "on" } }, "trial_days": 0 }))
        .await;
    let late = world.driver().await;
    assert_eq!(world.subscription(&late).await["state"], "none");
    for path in ["/api/cargos", "/api/cargos/1"] {
        let locked = world.get(&late, path).await;
        assert_eq!(locked.problem(), (402, "subscription_required".into()), "{path}");
    }
    let rows = world.rows("AUDIT#").await;
    let refused: BTreeSet<_> = rows
        .iter()
        .filter(|row| row["outcome"]["S"] == "subscription_required")
        .map(|row| text(&row["facts"]["M"]["feature"]["S"]))
        .collect();
    assert_eq!(refused, BTreeSet::from(["list", "detail"].map(str::to_owned)));
    world.get(&driver, "/api/cargos").await.ok();
}

#[tokio::test]
async fn a_cached_cargo_without_a_locked_form_is_fetched_anew() {
    let world = World::roomy().await;
    let driver = world.driver().await;
    let id = world.cargo(&driver).await;
    let path = format!("/api/cargos/{id}");
    world.get(&driver, &path).await.ok();
    let headers = [("x-amz-target", "DynamoDB_20120810.UpdateItem"), ("content-type", "application/x-amz-json-1.0")];
    let key = json!({ "pk": { "S": format!("DOCUMENT#CARGO#{id}") }, "sk": { "S": "-" } });
    let update = json!({ "TableName": "cache", "Key": key, "UpdateExpression": "REMOVE locked_body" });
    world.send(Method::POST, "/_aws", &headers, update.to_string()).await.ok();
    world.pass(5);
    let before = world.upstream_calls("detail").await;
    world.get(&driver, &path).await.ok();
    assert_eq!(world.upstream_calls("detail").await, before + 1);
    world.pass(5);
    world.get(&driver, &path).await.ok();
    assert_eq!(world.upstream_calls("detail").await, before + 1, "and is whole again");
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

#[tokio::test]
async fn whatever_is_posted_to_the_webhook_is_answered() {
    let world = World::with(&[("YOOKASSA_ALLOWED_NETWORKS", "127.0.0.0/8,::1")]).await;
    let path = "/_gateway/webhooks/yookassa/local-demo-yookassa-webhook-token";
    let nested = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
    for body in ["", "not json", "{", "null", "[]", "\"\"", "{\"event\":\"payment.succeeded\",}", &nested] {
        let answer = world.send(Method::POST, path, &[("content-type", "application/json")], body.to_owned()).await;
        assert_eq!(answer.problem(), (400, "invalid_json".into()), "{}", &body[..body.len().min(40)]);
    }
    let answer = world.send(Method::POST, path, &[], vec![0xff, 0xfe, 0x00]).await;
    assert_eq!(answer.status.as_u16(), 400);
    // YooKassa's documented networks are others here.
    assert_eq!(world.notify(json!({ "body": { "event": "x" } })).await, [403]);
}
