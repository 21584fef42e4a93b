//! Visits are counted, each driver once a day.
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Driver, World, new_driver_id, text};

use super::calls;

#[tokio::test]
async fn a_driver_is_counted_once_a_day_and_a_second_sign_in_costs_no_call_more() {
    let world = World::start().await;
    let id = new_driver_id();
    let launch = async || world.init_data(json!({ "driver_id": id })).await;
    let sign_in = async |launch: String| {
        world.store_calls().await;
        world.sign_in(&launch, None).await.ok();
        world.store_calls().await
    };
    let first = sign_in(launch().await).await;
    let once = calls(&[("UpdateItem app", 1), ("BatchGetItem app", 1), ("TransactWriteItems app", 1)]);
    assert_eq!(first, once, "the session; who they are; the trial, and that they came");
    world.pass(1);
    let again = sign_in(launch().await).await;
    let ordinary = calls(&[("UpdateItem app", 2), ("BatchGetItem app", 1)]);
    assert_eq!(again, ordinary);
    assert_eq!((world.counted("drivers_new").await, world.counted("drivers_active").await), (1, 1));

    world.pass(86_400);
    let next_day = sign_in(launch().await).await;
    assert_eq!(next_day, once);
    assert_eq!((world.counted("drivers_new").await, world.counted("drivers_active").await), (1, 2));

    // An app that stays open renews its token once a day.
    let driver = world.driver_called(id).await;
    let refresh = async |driver: &Driver| {
        let answer = world.call(driver, Method::POST, "/api/auth/refresh", &Value::Null).await.ok();
        Driver { id, token: text(&answer.json()["session_token"]) }
    };
    world.store_calls().await;
    let driver = refresh(&driver).await;
    assert_eq!(world.store_calls().await, calls(&[("UpdateItem app", 1)]));
    assert_eq!(world.counted("drivers_active").await, 2);
    world.pass(12 * 3600);
    world.get(&driver, "/api/me").await.ok();
    world.pass(12 * 3600);
    let driver = refresh(&driver).await;
    refresh(&driver).await;
    assert_eq!((world.counted("drivers_new").await, world.counted("drivers_active").await), (1, 3));
}

#[tokio::test]
async fn twenty_sign_ins_at_once_are_one_visit_and_one_new_driver() {
    let world = World::start().await;
    let id = new_driver_id();
    let mut launches = Vec::new();
    for _ in 0..20 {
        launches.push(world.init_data(json!({ "driver_id": id })).await);
    }
    futures_util::future::join_all(launches.iter().map(|launch| world.sign_in(launch, None))).await;
    assert_eq!((world.counted("drivers_new").await, world.counted("drivers_active").await), (1, 1));
}

#[tokio::test]
async fn a_sign_in_does_not_fail_when_it_cannot_be_counted() {
    let world = World::start().await;
    let driver = world.driver().await;
    world.pass(86_400);
    let fault = json!({ "operation": "TransactWriteItems", "error": "ProvisionedThroughputExceededException" });
    world.sandbox("/store", json!({ "faults": [fault] })).await;
    let launch = world.init_data(json!({ "driver_id": driver.id })).await;
    world.sign_in(&launch, None).await.ok();
    assert_eq!(world.counted("drivers_active").await, 1);
    world.send(Method::DELETE, "/_sandbox/store", &[], "").await;
    world.driver_called(driver.id).await;
    assert_eq!(world.counted("drivers_active").await, 2, "the next sign-in counts it");
}
