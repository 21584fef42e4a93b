use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use tests::{World, text};

#[tokio::test]
async fn without_the_cache_lists_come_from_cargotech_itself() {
    for fault in
        [json!({ "table": "cache", "error": "InternalServerError" }), json!({ "table": "cache", "hang": true })]
    {
        let world = World::start().await;
        let driver = world.driver().await;
        world.sandbox("/store", json!({ "faults": [fault] })).await;
        for _ in 0..2 {
            let started = Instant::now();
            let answer = world.get(&driver, "/api/cargos").await.ok();
            assert!(started.elapsed() < Duration::from_secs(10), "{fault}: {:?}", started.elapsed());
            assert_eq!(answer.header("x-cargo-cache"), "miss", "{fault}");
        }
        world.send(Method::DELETE, "/_sandbox/store", &[], "").await;
        tokio::time::sleep(Duration::from_millis(2100)).await;
        world.get(&driver, "/api/cargos").await.ok();
        assert_eq!(
            world.get(&driver, "/api/cargos").await.header("x-cargo-cache"),
            "hit",
            "{fault}: it recovers by itself"
        );
    }
}

#[tokio::test]
async fn without_the_store_everything_says_so_quickly_and_recovers_by_itself() {
    for fault in [json!({ "error": "ThrottlingException" }), json!({ "hang": true })] {
        let world = World::start().await;
        let driver = world.driver().await;
        let launch = world.init_data(json!({ "driver_id": tests::new_driver_id() })).await;
        world.sandbox("/store", json!({ "faults": [fault] })).await;
        for (method, path, body) in [
            (Method::GET, "/api/cargos", Value::Null),
            (Method::GET, "/api/me", Value::Null),
            (Method::PUT, "/api/me", json!({ "company": "ООО Ромашка" })),
            (Method::POST, "/api/auth/logout", Value::Null),
        ] {
            let started = Instant::now();
            let answer = world.call(&driver, method, path, &body).await;
            assert!(started.elapsed() < Duration::from_secs(10));
            assert_eq!(answer.problem(), (503, "store_unavailable".into()), "{path} {fault}");
            assert!(answer.header("retry-after").parse::<i64>().unwrap() >= 1);
        }
        assert_eq!(world.sign_in(&launch, Some("k")).await.problem(), (503, "store_unavailable".into()));
        assert_eq!(world.get(&driver, "/api/health").await.ok().json()["store"], "unavailable");

        world.send(Method::DELETE, "/_sandbox/store", &[], "").await;
        tokio::time::sleep(Duration::from_millis(2100)).await;
        world.get(&driver, "/api/cargos").await.ok();
        world.sign_in(&launch, Some("k")).await.ok();
        assert_eq!(world.get(&driver, "/api/health").await.ok().json()["store"], "ok");
    }
}

#[tokio::test]
async fn health_is_degraded_when_nothing_can_be_written_and_says_so_with_200() {
    let world = World::start().await;
    let health = async || world.send(Method::GET, "/api/health", &[], "").await.ok().json();
    let told = |health: &Value| (text(&health["status"]), text(&health["store"]), text(&health["cargotech"]));
    let said = |status: &str, store: &str, cargotech: &str| (status.into(), store.into(), cargotech.into());
    assert_eq!(told(&health().await), said("ok", "ok", "ok"));
    for (table, operation) in [("app", Some("UpdateItem")), ("app", None)] {
        let fault = json!({ "table": table, "operation": operation, "error": "InternalServerError" });
        world.sandbox("/store", json!({ "faults": [fault] })).await;
        assert_eq!(told(&health().await), said("degraded", "unwritable", "ok"), "{table} {operation:?}");
        world.send(Method::DELETE, "/_sandbox/store", &[], "").await;
        assert_eq!(told(&health().await), said("ok", "ok", "ok"));
    }
    world.sandbox("/store", json!({ "faults": [{ "error": "InternalServerError" }] })).await;
    assert_eq!(told(&health().await), said("degraded", "unavailable", "unknown"));
    let head = world.send(Method::HEAD, "/api/health", &[], "").await;
    assert_eq!(head.status.as_u16(), 200, "a monitor that only pings goes on");
}

#[tokio::test]
async fn a_store_that_throttles_for_a_moment_is_asked_again() {
    let world = World::start().await;
    let driver = world.driver().await;
    for error in ["ThrottlingException", "InternalServerError", "ProvisionedThroughputExceededException"] {
        world.sandbox("/store", json!({ "faults": [{ "error": error, "times": 1 }] })).await;
        world.get(&driver, "/api/me").await.ok();
    }
}

#[tokio::test]
async fn a_sign_in_whose_write_lost_its_answer_is_not_lost() {
    let world = World::start().await;
    let launch = world.init_data(json!({ "driver_id": tests::new_driver_id() })).await;
    let fault =
        json!({ "table": "app", "operation": "UpdateItem", "error": "InternalServerError", "after": true, "times": 1 });
    world.sandbox("/store", json!({ "faults": [fault] })).await;
    let answer = world.sign_in(&launch, Some("k")).await;
    // The SDK repeats the write, meets its own first try, and the attempt's key tells so.
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.body);
    world.sign_in(&launch, Some("k")).await.ok();
    let driver = tests::Driver { id: 0, token: answer.json()["session_token"].as_str().unwrap().to_owned() };
    world.get(&driver, "/api/me").await.ok();
}

#[tokio::test]
async fn a_sign_in_without_a_key_survives_a_lost_answer_of_the_store_too() {
    let world = World::start().await;
    let launch = world.init_data(json!({ "driver_id": tests::new_driver_id() })).await;
    let fault =
        json!({ "table": "app", "operation": "UpdateItem", "error": "InternalServerError", "after": true, "times": 1 });
    world.sandbox("/store", json!({ "faults": [fault] })).await;
    world.sign_in(&launch, None).await.ok();
    assert_eq!(world.sign_in(&launch, None).await.problem(), (401, "init_data_replayed".into()));
}

#[tokio::test]
async fn a_lost_answer_to_a_lease_makes_nobody_wait_for_themselves() {
    let world = World::start().await;
    let driver = world.driver().await;
    world.get(&driver, "/api/cargos").await.ok();
    for nth in 0..4 {
        // One after the other, each write of a miss loses its answer.
        let mut faults = vec![json!({ "table": "cache", "operation": "UpdateItem", "delay_ms": 0, "times": nth })];
        faults.retain(|_| nth > 0);
        faults.push(json!({ "table": "cache", "operation": "UpdateItem", "error": "InternalServerError", "after": true, "times": 1 }));
        world.sandbox("/store", json!({ "faults": faults })).await;
        let started = Instant::now();
        let answer = world.get(&driver, &format!("/api/cargos?limit={}", nth + 1)).await.ok();
        assert_eq!(answer.header("x-cargo-cache"), "miss");
        assert!(started.elapsed() < Duration::from_millis(2500), "{nth}: {:?}", started.elapsed());
        world.send(Method::DELETE, "/_sandbox/store", &[], "").await;
    }
}

#[tokio::test]
async fn a_slow_store_slows_and_does_not_break() {
    let world = World::start().await;
    let driver = world.driver().await;
    world.sandbox("/store", json!({ "faults": [{ "delay_ms": 150 }] })).await;
    world.get(&driver, "/api/cargos").await.ok();
    assert_eq!(world.get(&driver, "/api/cargos").await.ok().header("x-cargo-cache"), "hit");
}
