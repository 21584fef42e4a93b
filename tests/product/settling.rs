//! What follows when YooKassa's lists and our rows do not agree, when YooKassa denies or refuses, and when a row is damaged.
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    Answer, Driver, World,
    money::{CARD, DAY_S, Ordered, POOR_CARD},
    new_driver_id, text,
};

const JOB: &str = "look-after-payments";
const COMPARISON: &str = "compare-payments";
const HOUR_S: i64 = 3600;
const MONTH_S: i64 = 30 * DAY_S;

/// A product whose admin is signed in.
async fn with_admin() -> (World, Driver) {
    let id = new_driver_id();
    let world = World::with(&[("ADMIN_TELEGRAM_IDS", &id.to_string()), ("RATE_LIMIT_PER_S", "1000")]).await;
    let admin = world.driver_called(id).await;
    (world, admin)
}

async fn paid(world: &World, driver: &Driver) -> Ordered {
    let order = world.order(driver, "1m").await;
    world.pay(&order.yookassa_id, CARD).await;
    world.until_paid(driver, &order.id, "succeeded").await;
    world.money_rests().await;
    order
}

/// Differences as admins see them: what, YooKassa's id, and what differs.
async fn differences(world: &World, admin: &Driver, resolved: bool) -> Vec<(String, String, String)> {
    let admin = world.driver_called(admin.id).await;
    let answer = world.get(&admin, &format!("/api/admin/differences?resolved={resolved}")).await.ok().json();
    let row = |item: &Value| (text(&item["what"]), text(&item["yookassa_id"]), text(&item["reason"]));
    answer["items"].as_array().expect("a list").iter().map(row).collect()
}

async fn put_aside(world: &World) -> usize {
    world.rows("AUDIT#").await.iter().filter(|row| row["outcome"]["S"] == "put_aside").count()
}

async fn seconds(world: &World, driver: &Driver) -> Vec<i64> {
    world.ledger(driver).await.iter().map(|entry| entry.seconds).collect()
}

/// Runs a job, which may fail.
async fn try_job(world: &World, job: &str) -> Answer {
    world.send(Method::POST, "/_sandbox/schedules/jobs", &[], json!({ "job": job }).to_string()).await
}

/// Somebody makes a payment in our shop by themselves, and it is paid.
async fn made_by_hand(world: &World, amount: &str) -> String {
    let body = json!({
        "amount": { "value": amount, "currency": "RUB" }, "capture": true,
        "confirmation": { "type": "redirect", "return_url": "https://shop.example/" },
    });
    // The sandbox's shop, which is no real one.
    let headers = [
        ("authorization", "Basic MTAwMDAwMTp0ZXN0X2xvY2FsLWRlbW8ta2V5LW9mLW5vLXJlYWwtc2hvcA=="),
        ("content-type", "application/json"),
        ("idempotence-key", amount),
    ];
    let made = world.send(Method::POST, "/_yookassa/v3/payments", &headers, body.to_string()).await.ok();
    let id = text(&made.json()["id"]);
    world.pay(&id, CARD).await;
    id
}

// The comparison.

#[tokio::test]
async fn what_differs_is_one_row_however_often_it_is_met_until_somebody_deals_with_it() {
    let (world, admin) = with_admin().await;
    world.hold_notifications(true).await;
    let foreign = made_by_hand(&world, "7.00").await;
    let difference = ("payment".to_owned(), foreign.clone(), "unknown".to_owned());
    for night in 1..=3 {
        world.job(COMPARISON).await;
        assert_eq!(differences(&world, &admin, false).await, std::slice::from_ref(&difference), "night {night}");
        assert_eq!(put_aside(&world).await, 1, "night {night}");
        world.pass(60);
    }
    let admin = world.driver_called(admin.id).await;
    let shown = world.get(&admin, "/api/admin/differences").await.ok().json()["items"][0].clone();
    assert!(shown["seen_at"].as_str() > shown["found_at"].as_str(), "{shown}");
    let path = format!("/api/admin/differences/{}/resolve", shown["id"].as_str().unwrap());
    let note = json!({ "note": "продажа по телефону" });
    let stranger = world.driver().await;
    assert_eq!(world.call(&stranger, Method::POST, &path, &note).await.problem(), (403, "admin_only".into()));
    let empty = world.call(&admin, Method::POST, &path, &json!({})).await;
    assert_eq!(empty.problem(), (422, "validation_failed".into()));
    let nothing = world.call(&admin, Method::POST, "/api/admin/differences/payment-x/resolve", &note).await;
    assert_eq!(nothing.problem(), (404, "not_found".into()));
    let resolved = world.call(&admin, Method::POST, &path, &note).await.ok().json();
    assert_eq!(resolved["difference"]["resolved"]["note"], "продажа по телефону");
    assert_eq!(resolved["difference"]["resolved"]["by"], admin.id);
    assert_eq!(world.call(&admin, Method::POST, &path, &note).await.problem(), (409, "difference_resolved".into()));
    assert_eq!(differences(&world, &admin, false).await, []);
    assert_eq!(differences(&world, &admin, true).await, std::slice::from_ref(&difference));

    // The same does not come back, something else does.
    world.job(COMPARISON).await;
    assert_eq!(differences(&world, &admin, false).await, []);
    let rows = world.rows("AUDIT#").await;
    let resolutions = rows.iter().filter(|row| row["kind"]["S"] == "difference").count();
    assert_eq!((resolutions, put_aside(&world).await), (1, 1));
}

#[tokio::test]
async fn what_was_found_counts_although_yookassa_fails_before_the_end() {
    let (world, admin) = with_admin().await;
    let driver = world.driver().await;
    world.hold_notifications(true).await;
    let order = world.order(&driver, "1m").await;
    world.pay(&order.yookassa_id, CARD).await;
    let foreign = made_by_hand(&world, "7.00").await;
    world.refund(&foreign, None).await;
    world.yookassa_faults(json!({ "fail": { "endpoint": "list_payments" } })).await;
    let answer = try_job(&world, COMPARISON).await;
    assert!(!answer.status.is_success(), "whoever runs it learns that it is not done: {}", answer.body);
    let found = differences(&world, &admin, false).await;
    assert_eq!(found, [("payment".to_owned(), foreign, "unknown".to_owned())]);
    // Two failures are waited out.
    world.yookassa_faults(json!({ "fail": { "endpoint": "list_payments", "times": 2 } })).await;
    world.job(COMPARISON).await;
    assert_eq!(seconds(&world, &driver).await, [3 * DAY_S, MONTH_S]);
}

#[tokio::test]
async fn ends_and_sums_that_contradict_each_other_are_told_and_change_nothing() {
    let (world, admin) = with_admin().await;
    let drivers = world.drivers(3).await;
    let mut orders = Vec::new();
    for driver in &drivers {
        orders.push(paid(&world, driver).await);
    }
    world.hold_notifications(true).await;
    let canceled = |body: &mut Value| body["status"] = json!("canceled");
    world.spoil_payment(&orders[0].id, Some(&canceled)).await;
    let refunded = |body: &mut Value| {
        body["refunds"] = json!([{ "id": "r", "amount_kopecks": 100, "seconds": 0, "at_ms": 1 }]);
    };
    world.spoil_payment(&orders[1].id, Some(&refunded)).await;
    world.job(COMPARISON).await;
    world.job(COMPARISON).await;
    let mut found = differences(&world, &admin, false).await;
    found.sort_by_key(|(_, id, _)| orders.iter().position(|order| order.yookassa_id == *id));
    let expected = [
        ("payment".to_owned(), orders[0].yookassa_id.clone(), "it is succeeded there".to_owned()),
        ("payment".to_owned(), orders[1].yookassa_id.clone(), "the sum that went back differs".to_owned()),
    ];
    assert_eq!(found, expected);
    for driver in &drivers {
        assert_eq!(seconds(&world, driver).await, [3 * DAY_S, MONTH_S]);
    }
}

#[tokio::test]
async fn a_paid_row_that_yookassa_does_not_have_is_told() {
    let (world, admin) = with_admin().await;
    let driver = world.driver().await;
    let order = paid(&world, &driver).await;
    world.job(COMPARISON).await;
    assert_eq!(differences(&world, &admin, false).await, []);
    world.sandbox_post("/yookassa/reset", json!({})).await;
    world.job(COMPARISON).await;
    let expected = ("payment".to_owned(), order.yookassa_id, "YooKassa does not have it".to_owned());
    assert_eq!(differences(&world, &admin, false).await, [expected]);
    assert_eq!(world.payments(&driver).await[0]["status"], "succeeded", "what was paid stays paid");
}

#[tokio::test]
async fn a_refund_that_waits_in_the_cabinet_is_remembered_and_asked_for() {
    for (outcome, taken) in [("succeeded", vec![3 * DAY_S, MONTH_S, -MONTH_S]), ("canceled", vec![3 * DAY_S, MONTH_S])]
    {
        let (world, admin) = with_admin().await;
        let driver = world.driver().await;
        let order = paid(&world, &driver).await;
        world.hold_notifications(true).await;
        world.sandbox("/yookassa/settings", json!({ "refunds": "pending" })).await;
        let refund = world.refund(&order.yookassa_id, None).await;
        world.job(COMPARISON).await;
        let path = format!("/api/admin/payments/{}", order.id);
        let shown = world.get(&admin, &path).await.ok().json();
        assert_eq!(shown["payment"]["refundable_rub"], Value::Null, "it is on its way: {shown}");
        world.sandbox_post(&format!("/yookassa/refunds/{refund}/settle"), json!({ "status": outcome })).await;
        world.pass(60);
        world.job(JOB).await;
        assert_eq!(seconds(&world, &driver).await, taken, "{outcome}");
        let asked = world.yookassa_calls("get_refund").await;
        world.pass(HOUR_S / 2);
        world.job(JOB).await;
        assert_eq!(world.yookassa_calls("get_refund").await, asked, "it has ended");
        assert_eq!(differences(&world, &admin, false).await, []);
    }
}

// What YooKassa denies.

#[tokio::test]
async fn a_payment_that_yookassa_denies_is_asked_for_again_and_lost_after_a_day() {
    let (world, admin) = with_admin().await;
    let driver = world.driver().await;
    world.hold_notifications(true).await;
    let order = world.order(&driver, "1m").await;
    world.sandbox_post("/yookassa/reset", json!({})).await;
    world.hold_notifications(true).await;
    let expected = ("payment".to_owned(), order.yookassa_id.clone(), "YooKassa does not have it".to_owned());
    for _ in 0..12 {
        world.pass(HOUR_S * 3 / 2);
        world.job(JOB).await;
    }
    assert_eq!(world.payments(&world.driver_called(driver.id).await).await[0]["status"], "pending");
    assert_eq!(differences(&world, &admin, false).await, [expected]);
    assert_eq!(put_aside(&world).await, 1);
    for _ in 0..5 {
        world.pass(HOUR_S * 3 / 2);
        world.job(JOB).await;
    }
    let driver = world.driver_called(driver.id).await;
    let payment = world.payments(&driver).await[0].clone();
    assert_eq!((&payment["status"], &payment["confirmation_url"]), (&json!("lost"), &Value::Null));
    let asked = world.yookassa_calls("get_payment").await;
    world.pass(2 * HOUR_S);
    world.job(JOB).await;
    assert_eq!(world.yookassa_calls("get_payment").await, asked, "it is given up");
    assert_eq!(world.creations().await.len(), 0, "and not ordered again");
}

#[tokio::test]
async fn a_payment_of_another_shop_waits_for_that_shop() {
    let (world, admin) = with_admin().await;
    let driver = world.driver().await;
    world.hold_notifications(true).await;
    let known = world.order(&driver, "1m").await;
    world.yookassa_faults(json!({ "fail": { "endpoint": "create_payment" } })).await;
    let unknown = text(&world.try_order(&driver, "3m", None).await.json()["payment"]["id"]);
    world.yookassa_faults(json!({})).await;
    let bought = world.driver().await;
    let done = world.order(&bought, "1m").await;
    world.pay(&done.yookassa_id, CARD).await;
    assert_eq!(world.payment(&bought, &done.id).await["status"], "succeeded");
    let moved = |body: &mut Value| body["shop_id"] = json!("another");
    for id in [&known.id, &unknown, &done.id] {
        world.spoil_payment(id, Some(&moved)).await;
    }
    let before = (world.creations().await, world.yookassa_calls("get_payment").await);
    for _ in 0..6 {
        world.pass(HOUR_S / 2);
        world.job(JOB).await;
    }
    assert_eq!(world.creations().await, before.0, "in this shop the same key would be a second payment");
    assert_eq!(world.yookassa_calls("get_payment").await, before.1, "what this shop says of it means nothing");
    let mut found = differences(&world, &admin, false).await;
    found.sort();
    let other = |id: &str| ("payment".to_owned(), id.to_owned(), "it is of another shop".to_owned());
    let mut expected = vec![other(&known.yookassa_id), other(&unknown)];
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(put_aside(&world).await, 2, "each is told once");

    let admin = world.driver_called(admin.id).await;
    let bearer = format!("Bearer {}", admin.token);
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json"), ("idempotency-key", "a")];
    let path = format!("/api/admin/payments/{}/refund", done.id);
    let refused = world.send(Method::POST, &path, &headers, r#"{"reason":"x"}"#).await;
    assert_eq!(refused.problem(), (409, "other_shop".into()));
    assert_eq!(world.yookassa_calls("create_refund").await, 0);
}

// Not asking too often.

#[tokio::test]
async fn impatient_taps_and_looks_are_not_passed_on() {
    let world = World::roomy().await;
    let driver = world.driver().await;
    world.yookassa_faults(json!({ "fail": { "endpoint": "create_payment" } })).await;
    let answer = world.try_order(&driver, "1m", None).await;
    assert_eq!(answer.status.as_u16(), 202, "{}", answer.body);
    let id = text(&answer.json()["payment"]["id"]);
    for _ in 0..10 {
        assert_eq!(world.try_order(&driver, "1m", None).await.status.as_u16(), 202);
    }
    assert_eq!(world.creations().await[&id], 2, "the first, and one more");
    world.pass(3);
    world.try_order(&driver, "1m", None).await;
    assert_eq!(world.creations().await[&id], 3);
    for _ in 0..9 {
        assert_eq!(world.payment(&driver, &id).await["status"], "created");
        world.pass(3);
    }
    assert_eq!(world.creations().await[&id], 4, "whoever looks repeats it every thirty seconds at most");
    world.pass(30);
    world.yookassa_faults(json!({})).await;
    assert_eq!(world.payment(&driver, &id).await["status"], "pending");
}

#[tokio::test]
async fn after_too_many_requests_nobody_asks_for_a_while() {
    for (retry_after, pause_s) in [(Value::Null, 10), (json!(45_000), 45)] {
        let world = World::roomy().await;
        let (first, second) = (world.driver().await, world.driver().await);
        let waiting = world.order(&second, "3m").await;
        world.hold_notifications(true).await;
        let mut fault = json!({ "endpoint": "create_payment", "times": 1 });
        if !retry_after.is_null() {
            fault["retry_after"] = retry_after;
        }
        world.yookassa_faults(json!({ "rate_limit": fault })).await;
        assert_eq!(world.try_order(&first, "1m", None).await.status.as_u16(), 202);
        let total = || async { world.look("/yookassa/calls").await["total"].as_u64() };
        let before = total().await;
        world.pass(pause_s - 4);
        assert_eq!(world.try_order(&second, "1m", None).await.status.as_u16(), 202, "found out later");
        assert_eq!(world.payment(&second, &waiting.id).await["status"], "pending");
        world.job(JOB).await;
        assert_eq!(total().await, before, "YooKassa is left alone");
        world.pass(6);
        assert_eq!(world.try_order(&second, "1m", None).await.status.as_u16(), 201);
    }
}

#[tokio::test]
async fn a_slow_yookassa_does_not_make_payments_wait_for_each_other() {
    let world = World::roomy().await;
    world.hold_notifications(true).await;
    let drivers = world.drivers(12).await;
    for driver in &drivers {
        let order = world.order(driver, "1m").await;
        world.pay(&order.yookassa_id, CARD).await;
    }
    world.yookassa_faults(json!({ "latency_ms": 2_000 })).await;
    world.pass(60);
    let started = Instant::now();
    world.job(JOB).await;
    // One after another it would be twice as long.
    assert!(started.elapsed() < Duration::from_secs(12), "{:?}", started.elapsed());
    for driver in &drivers {
        assert_eq!(world.payments(driver).await[0]["status"], "succeeded");
    }
}

// Damage.

#[tokio::test]
async fn a_row_that_cannot_be_read_stands_in_nobodys_way() {
    let (world, admin) = with_admin().await;
    world.hold_notifications(true).await;
    let driver = world.driver().await;
    let damaged = world.order(&driver, "3m").await;
    world.spoil_payment(&damaged.id, None).await;
    world.pass(1);
    let order = world.order(&driver, "1m").await;
    world.pay(&order.yookassa_id, CARD).await;
    world.pass(60);
    world.job(JOB).await;
    let payments = world.payments(&driver).await;
    assert_eq!(payments.len(), 1, "the others are shown");
    assert_eq!((&payments[0]["id"], &payments[0]["status"]), (&json!(order.id), &json!("succeeded")));
    let listed = world.get(&admin, "/api/admin/payments").await.ok().json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let row = world.partition(&format!("PAYMENT#{}", damaged.id)).await.remove(0);
    let due: i64 = row["due_at"]["N"].as_str().unwrap().parse().unwrap();
    world.store_calls().await;
    world.pass(60);
    world.job(JOB).await;
    let calls = world.store_calls().await;
    assert_eq!(calls.values().sum::<u64>(), 3, "one question, and that the job began and ended: {calls:?}");
    assert_eq!(world.partition(&format!("PAYMENT#{}", damaged.id)).await[0]["due_at"]["N"], json!(due.to_string()));
}

#[tokio::test]
async fn a_settlement_that_cannot_be_made_is_not_acknowledged() {
    let world = World::roomy().await;
    world.hold_notifications(true).await;
    let driver = world.driver().await;
    let order = world.order(&driver, "1m").await;
    world.pay(&order.yookassa_id, CARD).await;
    let row = world.partition(&format!("PAYMENT#{}", order.id)).await[0]["body"]["S"].clone();
    world.spoil_payment(&order.id, None).await;
    world.notify(json!({ "object_id": order.yookassa_id, "event": "payment.succeeded" })).await;
    let queue = async |count: &str| {
        let queues = world.look("/queues").await;
        let queues = queues["queues"].as_array().cloned().unwrap();
        queues.iter().find(|queue| queue["name"] == "SettleQueue").unwrap()[count].as_u64()
    };
    world.until("it has been tried", async || (world.yookassa_calls("get_payment").await > 0).then_some(())).await;
    world.until("it waits", async || (queue("in_flight").await == Some(1)).then_some(())).await;
    // Somebody mends the row.
    let mended: Value = serde_json::from_str(row.as_str().unwrap()).unwrap();
    let mend = move |body: &mut Value| body.clone_from(&mended);
    world.spoil_payment(&order.id, Some(&mend)).await;
    world.pass(361);
    world.until_paid(&driver, &order.id, "succeeded").await;
    assert_eq!(seconds(&world, &driver).await, [3 * DAY_S, MONTH_S]);
}

// What drivers are told.

#[tokio::test]
async fn a_declined_card_is_told_with_its_reason_and_an_abandoned_payment_is_not() {
    let world = World::roomy().await;
    let driver = world.driver().await;
    let order = world.order(&driver, "1m").await;
    world.pay(&order.yookassa_id, POOR_CARD).await;
    world.until_paid(&driver, &order.id, "canceled").await;
    world.money_rests().await;
    world.settle().await;
    let texts = world.texts(driver.id).await;
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(texts[0].contains("На карте не хватает денег") && texts[0].contains("499"), "{texts:?}");
    world.notify(json!({ "object_id": order.yookassa_id, "event": "payment.canceled", "times": 3 })).await;
    let left = world.order(&driver, "1m").await;
    world.sandbox_post(&format!("/yookassa/payments/{}/expire", left.yookassa_id), json!({})).await;
    world.until_paid(&driver, &left.id, "canceled").await;
    world.money_rests().await;
    world.settle().await;
    assert_eq!(world.texts(driver.id).await.len(), 1, "once, and nobody was at the other");
}

#[tokio::test]
async fn a_receipt_that_comes_late_is_asked_for() {
    let world = World::roomy().await;
    let driver = world.driver().await;
    let receipts = json!({ "vat_code": 1, "tax_system_code": 2, "payment_subject": "service", "payment_mode": "full_payment", "measure": "piece" });
    world.set(json!({ "receipts": receipts })).await;
    world.sandbox("/yookassa/settings", json!({ "fiscalization": true, "receipts": "pending" })).await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let body = json!({ "plan": "1m", "email": "ivan@example.org" });
        let answer = world.call(&driver, Method::POST, "/api/payments", &body).await;
        let order = tests::money::ordered(&answer.json()["payment"]);
        world.pay(&order.yookassa_id, CARD).await;
        world.until_paid(&driver, &order.id, "succeeded").await;
        ids.push(order);
    }
    world.money_rests().await;
    let receipt = async |order: &Ordered| {
        let driver = world.driver_called(driver.id).await;
        text(&world.payment(&driver, &order.id).await["receipt"])
    };
    assert_eq!(receipt(&ids[0]).await, "pending");
    world.sandbox(&format!("/yookassa/receipts/{}", ids[0].yookassa_id), json!({ "status": "succeeded" })).await;
    world.pass(150);
    world.job(JOB).await;
    assert_eq!((receipt(&ids[0]).await, receipt(&ids[1]).await), ("succeeded".to_owned(), "pending".to_owned()));
    let asked = world.yookassa_calls("get_payment").await;
    for _ in 0..8 {
        world.pass(DAY_S);
        world.job(JOB).await;
    }
    let more = world.yookassa_calls("get_payment").await - asked;
    assert!((3..=6).contains(&more), "daily, and not for ever: {more}");
    assert_eq!(seconds(&world, &driver).await, [3 * DAY_S, MONTH_S, MONTH_S]);
}

#[tokio::test]
async fn another_way_back_is_the_same_order() {
    let world = World::roomy().await;
    let driver = world.driver().await;
    let order = async |return_to: &str| {
        let body = json!({ "plan": "1m", "return_to": return_to });
        let answer = world.call(&driver, Method::POST, "/api/payments", &body).await;
        tests::money::ordered(&answer.json()["payment"])
    };
    let first = order("telegram").await;
    for return_to in ["browser", "telegram", "browser"] {
        assert_eq!(order(return_to).await, first, "{return_to}");
    }
    assert_eq!(world.at_yookassa().await.len(), 1);
}

#[tokio::test]
async fn another_address_for_the_receipt_is_another_order() {
    let world = World::roomy().await;
    let driver = world.driver().await;
    let receipts = json!({ "vat_code": 1, "tax_system_code": 2, "payment_subject": "service", "payment_mode": "full_payment", "measure": "piece" });
    world.set(json!({ "receipts": receipts })).await;
    let order = async |email: &str, return_to: &str| {
        let body = json!({ "plan": "1m", "email": email, "return_to": return_to });
        let answer = world.call(&driver, Method::POST, "/api/payments", &body).await;
        tests::money::ordered(&answer.json()["payment"])
    };
    let first = order("a@example.org", "telegram").await;
    assert_eq!(order("a@example.org", "telegram").await, first);
    let second = order("b@example.org", "telegram").await;
    assert_ne!(first, second);
    // If more than one gets paid, each counts.
    for order in [&first, &second] {
        world.pay(&order.yookassa_id, CARD).await;
        world.until_paid(&driver, &order.id, "succeeded").await;
    }
    assert_eq!(seconds(&world, &driver).await, [3 * DAY_S, MONTH_S, MONTH_S]);
}
