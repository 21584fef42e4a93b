//! YooKassa's notifications: who may send them, and what is believed of them.
use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    World,
    money::{CARD, DAY_S, ordered},
    text,
};

use super::{COMPARISON, last_end, standing};

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
pub(super) async fn made_in_our_shop(world: &World, amount: &str, metadata: Value) -> String {
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
