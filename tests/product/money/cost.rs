//! What money costs the store.
use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::json;
use tests::{
    Driver, World,
    money::{CARD, Ordered},
    text,
};

use super::JOB;

/// The session of whoever asks.
const SESSION: (&str, u64) = ("UpdateItem app", 1);
/// Before each call of YooKassa, whether it asked to be left alone.
const ASKED: (&str, u64) = ("GetItem cache", 1);
/// A notification on record.
const NOTED: (&str, u64) = ("PutItem app", 1);

fn calls(expected: &[(&str, u64)]) -> BTreeMap<String, u64> {
    expected.iter().map(|(call, count)| ((*call).to_owned(), *count)).collect()
}

#[tokio::test]
async fn store_calls_of_money_are_these() {
    let world = World::roomy().await;
    world.hold_notifications(true).await;
    let driver = sign_ins(&world).await;
    what_is_on_sale(&world, &driver).await;
    let order = orders(&world, &driver).await;
    open_payments(&world, &driver, &order).await;
    notified(&world, &order).await;
    settled(&world, &driver, &order).await;

    world.job(JOB).await;
    fresh(&world).await;
    world.job(JOB).await;
    // And that it began and ended.
    let expected = calls(&[("Query app", 1), ("UpdateItem app", 2)]);
    assert_eq!(world.store_calls().await, expected, "the job with nothing to do");
}

/// Counts from here on, at rest.
async fn fresh(world: &World) {
    world.pass(5);
    world.store_calls().await;
}

/// A driver who has signed in for the first time; another comes back.
async fn sign_ins(world: &World) -> Driver {
    let launch = world.init_data(json!({ "driver_id": tests::new_driver_id() })).await;
    fresh(world).await;
    let answer = world.sign_in(&launch, None).await.ok().json();
    let driver =
        Driver { id: answer["driver"]["id"].as_i64().unwrap_or_default(), token: text(&answer["session_token"]) };
    // The session; what there is of the driver; then the profile, the visit, what they are found by and the trial at once.
    let expected = calls(&[("UpdateItem app", 1), ("BatchGetItem app", 1), ("TransactWriteItems app", 1)]);
    assert_eq!(world.store_calls().await, expected, "the first sign-in");

    let known = world.driver().await;
    world.pass(1);
    let launch = world.init_data(json!({ "driver_id": known.id })).await;
    fresh(world).await;
    world.sign_in(&launch, None).await.ok();
    let expected = calls(&[("UpdateItem app", 2), ("BatchGetItem app", 1)]);
    assert_eq!(world.store_calls().await, expected, "a later sign-in");
    driver
}

async fn what_is_on_sale(world: &World, driver: &Driver) {
    fresh(world).await;
    world.get(driver, "/api/plans").await.ok();
    assert_eq!(world.store_calls().await, calls(&[SESSION, ("GetItem app", 1)]), "plans: the settings");
    fresh(world).await;
    world.get(driver, "/api/subscription").await.ok();
    assert_eq!(
        world.store_calls().await,
        calls(&[SESSION, ("BatchGetItem app", 1)]),
        "the subscription with the settings"
    );
}

async fn orders(world: &World, driver: &Driver) -> Ordered {
    // The settings, what stands under the plan; the order with its place in the list, its audit row and one order less that the
    // driver may make; then what
    // YooKassa answered, with what its id means and the audit row.
    fresh(world).await;
    let order = world.order(driver, "1m").await;
    let ordered = [("TransactWriteItems app+cache", 1), ("TransactWriteItems app", 1)];
    let expected = calls(&[SESSION, ASKED, ("GetItem app", 2), ordered[0], ordered[1]]);
    assert_eq!(world.store_calls().await, expected, "a new order");
    fresh(world).await;
    assert_eq!(world.order(driver, "1m").await, order);
    // Also the payment that stands there.
    assert_eq!(world.store_calls().await, calls(&[SESSION, ("GetItem app", 3)]), "a repeated order");
    fresh(world).await;
    world.get(driver, "/api/payments").await.ok();
    let expected = calls(&[SESSION, ("Query app", 1), ("BatchGetItem app", 1)]);
    assert_eq!(world.store_calls().await, expected, "the list of payments");
    order
}

async fn open_payments(world: &World, driver: &Driver, order: &Ordered) {
    // The payment, whether YooKassa may be asked again, the payment that YooKassa's answer names, and how it then stands.
    let path = format!("/api/payments/{}", order.id);
    fresh(world).await;
    world.get(driver, &path).await.ok();
    let expected = calls(&[SESSION, ASKED, ("GetItem app", 3), ("UpdateItem cache", 1)]);
    assert_eq!(world.store_calls().await, expected, "an open payment");
    world.store_calls().await;
    world.get(driver, &path).await.ok();
    let expected = calls(&[SESSION, ("GetItem app", 1), ("UpdateItem cache", 1)]);
    assert_eq!(world.store_calls().await, expected, "an open payment once more within three seconds");
}

async fn notified(world: &World, order: &Ordered) {
    // Whether it is about one of ours, how often we were notified of it; then it goes into the queue and onto the record.
    world.sandbox("/queues", json!({ "lose": "all" })).await;
    fresh(world).await;
    let event = json!({ "object_id": order.yookassa_id, "event": "payment.succeeded" });
    world.notify(event.clone()).await;
    let expected = calls(&[("GetItem app", 1), ("UpdateItem cache", 1), NOTED]);
    assert_eq!(world.store_calls().await, expected, "a notification");
}

async fn settled(world: &World, driver: &Driver, order: &Ordered) {
    // The payment and the subscription; one transaction with the payment, the subscription, the ledger, the message and
    // the audit row.
    world.pay(&order.yookassa_id, CARD).await;
    world.send(Method::DELETE, "/_sandbox/queues", &[], "").await;
    // A minute later, so that it is not put off.
    let heard = ("UpdateItem cache", 1);
    world.pass(61);
    fresh(world).await;
    queued(world, &order.yookassa_id).await;
    let settled = world.store_calls().await;
    let expected = calls(&[NOTED, heard, ASKED, ("GetItem app", 3), ("TransactWriteItems app", 1)]);
    assert_eq!(settled, expected, "a payment that is settled");
    world.pass(61);
    fresh(world).await;
    queued(world, &order.yookassa_id).await;
    let expected = calls(&[NOTED, heard, ASKED, ("GetItem app", 2)]);
    assert_eq!(world.store_calls().await, expected, "a payment that was settled");
    fresh(world).await;
    world.get(driver, &format!("/api/payments/{}", order.id)).await.ok();
    assert_eq!(world.store_calls().await, calls(&[SESSION, ("GetItem app", 1)]), "a payment that is over");
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
