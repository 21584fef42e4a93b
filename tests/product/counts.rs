//! Every route has a fixed number of store calls. These are the numbers.
use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};
use tests::World;

fn calls(expected: &[(&str, u64)]) -> BTreeMap<String, u64> {
    expected.iter().map(|(call, count)| ((*call).to_owned(), *count)).collect()
}

#[tokio::test]
async fn store_calls_per_route_are_these() {
    let world = World::start().await;
    let driver = world.driver().await;
    world.pass(1);
    world.store_calls().await;

    let session = ("UpdateItem app", 1);
    let list = "/api/cargos?limit=5";
    let first = world.get(&driver, list).await.ok().json();
    let miss = world.store_calls().await;
    // Session, the first login (token read twice, lease taken and given back, token kept, audited), the lease of the
    // list, a second look at it, this driver's misses, the gate for login and list, the list kept and its lease given back.
    let expected = calls(&[
        session,
        ("BatchGetItem cache", 2),
        ("BatchWriteItem cache", 1),
        ("GetItem cache", 2),
        ("PutItem app", 1),
        ("UpdateItem cache", 8),
    ]);
    assert_eq!(miss, expected, "the first list of all");

    world.pass(1);
    world.get(&driver, list).await.ok();
    assert_eq!(world.store_calls().await, calls(&[session, ("BatchGetItem cache", 1)]), "a cached list");

    world.pass(1);
    world.get(&driver, "/api/cargos?limit=6").await.ok();
    let expected = calls(&[session, ("BatchGetItem cache", 2), ("UpdateItem cache", 3), ("BatchWriteItem cache", 1)]);
    assert_eq!(world.store_calls().await, expected, "a list that is fetched");

    let id = first["items"][0]["id"].as_str().unwrap();
    let detail = format!("/api/cargos/{id}");
    world.pass(1);
    world.get(&driver, &detail).await.ok();
    world.store_calls().await;
    world.pass(1);
    world.get(&driver, &detail).await.ok();
    assert_eq!(world.store_calls().await, calls(&[session, ("BatchGetItem cache", 1)]), "a cached detail");

    let cities = "/api/dictionaries/cities?q=мос";
    world.pass(1);
    world.get(&driver, cities).await.ok();
    world.store_calls().await;
    world.pass(1);
    world.get(&driver, cities).await.ok();
    assert_eq!(world.store_calls().await, calls(&[session, ("GetItem cache", 1)]), "a cached dictionary");

    for (method, path, body, expected) in [
        (Method::GET, "/api/dictionaries/weight-volumes", Value::Null, calls(&[session])),
        (Method::GET, "/api/me", Value::Null, calls(&[session, ("GetItem app", 1)])),
        (Method::PUT, "/api/me", json!({ "company": "ООО" }), calls(&[("UpdateItem app", 2), ("GetItem app", 1)])),
        (Method::POST, "/api/auth/refresh", Value::Null, calls(&[session])),
        (Method::GET, "/api/health", Value::Null, calls(&[("GetItem cache", 1)])),
        (Method::POST, "/api/auth/logout", Value::Null, calls(&[("UpdateItem app", 2)])),
    ] {
        world.pass(1);
        let answer = world.call(&driver, method, path, &body).await;
        assert!(answer.status.is_success(), "{path}");
        assert_eq!(world.store_calls().await, expected, "{path}");
    }

    let launch = world.init_data(json!({ "driver_id": tests::new_driver_id() })).await;
    world.store_calls().await;
    world.sign_in(&launch, None).await.ok();
    assert_eq!(world.store_calls().await, calls(&[("UpdateItem app", 2)]), "a sign-in");
}

#[tokio::test]
async fn a_driver_ahead_of_the_rate_costs_one_call_more_and_no_third() {
    let world = World::start().await;
    let driver = world.driver().await;
    world.pass(1);
    world.get(&driver, "/api/auth/nothing").await;
    world.store_calls().await;
    futures_util::future::join_all((0..5).map(|_| world.get(&driver, "/api/dictionaries/weight-volumes"))).await;
    let calls = world.store_calls().await["UpdateItem app"];
    assert!((5..=10).contains(&calls), "{calls}");
}
