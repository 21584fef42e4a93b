//! How the market follows CargoTech.
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Driver, World, text};

use super::{cargotech, head, ids, rest, source, sweep, swept, with};

async fn removed(world: &World, id: &str) {
    world.sandbox_post(&format!("/cargotech/cargos/{id}/remove"), Value::Null).await;
}

/// The card of a cargo of the list that only it and few others match.
async fn card(world: &World, driver: &Driver, id: &str) -> Option<Value> {
    rest(world);
    let answer = world.get(driver, "/api/cargos?weight_min_kg=999000&limit=100").await.ok();
    assert_eq!(source(&answer), "market");
    answer.json()["items"].as_array().unwrap().iter().find(|card| card["id"] == id).cloned()
}

#[tokio::test]
async fn what_is_new_changed_or_gone_is_known_after_the_next_sweeps() {
    let (world, driver) = swept().await;
    let draft = json!({ "from": "Москва", "to": "Казань", "price_rub": 50_000, "weight_kg": 999_000 });
    let id = world.sandbox_post("/cargotech/cargos", draft).await["id"].to_string();
    assert_eq!(card(&world, &driver, &id).await, None);
    sweep(&world).await;
    let new = card(&world, &driver, &id).await.expect("a new cargo");
    assert_eq!((&new["price_rub"], &new["price_change"]), (&json!(50_000), &Value::Null));
    assert_eq!(new["from"]["city"], "Москва");
    let first_seen = new["first_seen_at"].clone();

    world.pass(5);
    world.sandbox(&format!("/cargotech/cargos/{id}"), json!({ "price_rub": 60_000 })).await;
    sweep(&world).await;
    let changed = card(&world, &driver, &id).await.expect("the cargo");
    assert_eq!((&changed["price_rub"], &changed["price_change"]["from_rub"]), (&json!(60_000), &json!(50_000)));
    assert_eq!(changed["first_seen_at"], first_seen);

    removed(&world, &id).await;
    sweep(&world).await;
    assert!(card(&world, &driver, &id).await.is_some(), "one sweep may have missed it");
    let details = world.upstream_calls("detail").await;
    sweep(&world).await;
    assert_eq!(card(&world, &driver, &id).await, None);
    assert_eq!(world.upstream_calls("detail").await, details + 1, "CargoTech was asked once");
}

#[tokio::test]
async fn a_price_that_a_driver_found_changed_counts_for_the_filters_at_once() {
    let (world, driver) = swept().await;
    let search = "/api/cargos?price_min=50000&price_max=60000&limit=5";
    let list = world.get(&driver, search).await.ok().json();
    let total = list["total"].as_u64().unwrap();
    let [dearer, open] = [0, 1].map(|at| list["items"][at].clone());
    for (card, price) in [(&dearer, json!(90_000)), (&open, Value::Null)] {
        let id = text(&card["id"]);
        world.sandbox(&format!("/cargotech/cargos/{id}"), json!({ "price_rub": price })).await;
        rest(&world);
        world.get(&driver, &format!("/api/cargos/{id}?seen_price_rub={}", card["price_rub"])).await.ok();
    }
    let after = world.get(&driver, search).await.ok().json();
    let left = ids(&after);
    assert!([&dearer, &open].iter().all(|card| !left.contains(&text(&card["id"]).parse().unwrap())), "{after}");
    assert_eq!(after["total"].as_u64(), Some(total - 2));
    rest(&world);
    let facets = world.get(&driver, &search.replace("cargos", "cargos/facets")).await.ok().json();
    assert_eq!(facets["total"].as_u64(), Some(total - 2));
}

#[tokio::test]
async fn hundreds_that_are_gone_leave_with_the_second_sweep_though_calls_are_left_for_a_few() {
    // A sweep takes about 75.
    let world = with(&[("MARKET_CALLS_PER_MIN", "90")]).await;
    sweep(&world).await;
    let driver = world.driver().await;
    let first = ids(&world.get(&driver, "/api/cargos?limit=80&sort=price").await.ok().json());
    for id in &first {
        removed(&world, &id.to_string()).await;
    }
    for _ in 0..2 {
        sweep(&world).await;
    }
    rest(&world);
    let left = ids(&world.get(&driver, "/api/cargos?limit=80&sort=price").await.ok().json());
    assert!(first.iter().all(|id| !left.contains(id)), "{first:?} {left:?}");
}

#[tokio::test]
async fn a_cargo_that_a_driver_found_gone_leaves_the_list_at_once() {
    let (world, driver) = swept().await;
    let draft = json!({ "from": "Москва", "to": "Казань", "price_rub": 50_000, "weight_kg": 999_000 });
    let id = world.sandbox_post("/cargotech/cargos", draft).await["id"].to_string();
    sweep(&world).await;
    assert!(card(&world, &driver, &id).await.is_some());
    world.pass(5);
    removed(&world, &id).await;
    assert_eq!(world.get(&driver, &format!("/api/cargos/{id}")).await.status, 404);
    assert_eq!(card(&world, &driver, &id).await, None);
    for sweeps in 1..3 {
        sweep(&world).await;
        assert_eq!(card(&world, &driver, &id).await, None, "nor after {sweeps} sweeps");
    }
}

#[tokio::test]
async fn two_runs_at_once_sweep_one_after_the_other() {
    let world = with(&[]).await;
    let pages = world.upstream_calls("list").await;
    sweep(&world).await;
    let one = world.upstream_calls("list").await - pages;
    tokio::join!(sweep(&world), sweep(&world));
    let three = world.upstream_calls("list").await - pages;
    assert!((3 * one - 6..=3 * one + 6).contains(&three), "{one} {three}");
    let driver = world.driver().await;
    let answer = world.get(&driver, "/api/cargos").await.ok();
    assert_eq!(source(&answer), "market");
    assert_eq!(text(&head(&world).await["head"]["M"]["cargos"]["N"]), answer.json()["total"].to_string());
}

#[tokio::test]
async fn a_walk_that_does_not_fit_one_run_goes_on_in_the_next() {
    let world = with(&[("MARKET_CALLS_PER_MIN", "30")]).await;
    let driver = world.driver().await;
    let mut runs = 0;
    loop {
        sweep(&world).await;
        runs += 1;
        rest(&world);
        let answer = world.get(&driver, "/api/cargos").await.ok();
        if source(&answer) == "market" {
            let total = answer.json()["total"].as_u64().unwrap();
            assert!(total >= 5_000 && runs == (total.div_ceil(95) + 1).div_ceil(28), "{total} in {runs} runs");
            break;
        }
        assert!(runs < 10);
    }
    assert_eq!(walk(&world).await, None, "the walk is over");
}

#[tokio::test]
async fn switched_off_everything_is_asked_of_cargotech() {
    let world = World::start().await;
    sweep(&world).await;
    let driver = world.driver().await;
    assert_eq!(world.upstream_calls("list").await, 0);
    let answer = world.get(&driver, "/api/cargos?sort=-price").await.ok();
    assert_eq!(source(&answer), "cargotech");
    assert_eq!(answer.json()["cursor"], "offset.20");
    rest(&world);
    let next = world.get(&driver, "/api/cargos?cursor=offset.20").await.ok().json();
    assert_eq!(next["offset"], 20);

    let moscow = world.get(&driver, "/api/places?name=Москва").await.ok().json()["items"][0]["id"].clone();
    rest(&world);
    let from = world.get(&driver, &format!("/api/cargos?from_place_id={moscow}")).await.ok().json();
    let items = from["items"].as_array().unwrap();
    assert!(!items.is_empty() && items.iter().all(|card| card["from"]["city"] == "Москва"), "{from}");
    rest(&world);
    let foreign = world.get(&driver, "/api/cargos?partial_load=true&has_price=false").await;
    assert_eq!(foreign.problem(), (422, "validation_failed".to_owned()));
    let errors = foreign.json()["errors"].clone();
    assert_eq!((&errors[0]["field"], &errors[0]["code"]), (&json!("has_price"), &json!("unavailable")));
    let facets = world.get(&driver, "/api/cargos/facets").await;
    assert_eq!(facets.problem(), (503, "market_unavailable".to_owned()));
}

#[tokio::test]
async fn a_driver_who_signs_in_gets_their_list_from_the_market() {
    let (world, driver) = swept().await;
    let calls = world.upstream_calls("list").await;
    let init_data = world.init_data(json!({ "driver_id": driver.id })).await;
    let body = json!({ "init_data": init_data, "search": "sort=-price&limit=3" });
    let headers = [("content-type", "application/json")];
    let answer = world.send(Method::POST, "/api/auth/telegram", &headers, body.to_string()).await.ok().json();
    let list = answer.to_string();
    assert!(list.contains("first_seen_at") && list.contains("price_per_km_rub"), "{answer}");
    assert_eq!(world.upstream_calls("list").await, calls);
}

#[tokio::test]
async fn what_a_driver_has_not_paid_for_stays_on_the_server() {
    let (world, driver) = swept().await;
    for path in ["/api/cargos", "/api/cargos/facets"] {
        let stranger = world.send(Method::GET, path, &[], "").await;
        assert_eq!(stranger.problem(), (401, "session_missing".to_owned()), "{path}");
        rest(&world);
        world.get(&driver, path).await.ok();
    }
    let etag = world.get(&driver, "/api/cargos").await.ok().header("etag").to_owned();
    world.set(json!({ "flags": { "paid.list": { "rule": "on" } }, "trial_days": 0 })).await;
    // Instances keep settings for some seconds.
    world.pass(10);
    let driver = world.driver().await;
    let bearer = format!("Bearer {}", driver.token);
    for path in ["/api/cargos", "/api/cargos?sort=-price", "/api/cargos/facets"] {
        rest(&world);
        let headers = [("authorization", bearer.as_str()), ("if-none-match", etag.as_str())];
        let locked = world.send(Method::GET, path, &headers, "").await;
        assert_eq!(locked.problem(), (402, "subscription_required".to_owned()), "{path}");
        assert!(!locked.body.contains("first_seen_at") && !locked.body.contains("truck_types"), "{}", locked.body);
    }
}

#[tokio::test]
async fn of_two_sweeps_without_a_lease_one_wins_and_the_market_stays_whole() {
    let (world, driver) = swept().await;
    cargotech(&world, json!({ "latency_ms": 10 })).await;
    let late = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        world.delete_cached("LEASE#market").await;
        sweep(&world).await;
    };
    tokio::join!(sweep(&world), late);
    rest(&world);
    let answer = world.get(&driver, "/api/cargos?limit=1").await.ok();
    assert_eq!(source(&answer), "market");
    let row = head(&world).await;
    assert_eq!(row["version"], row["head"]["M"]["version"]);
    assert_eq!(text(&row["head"]["M"]["cargos"]["N"]), answer.json()["total"].to_string());
    sweep(&world).await;
    rest(&world);
    assert_eq!(source(&world.get(&driver, "/api/cargos?limit=1").await.ok()), "market");
}

#[tokio::test]
async fn a_walk_that_is_already_in_the_market_is_not_taken_again() {
    let world = with(&[("MARKET_CALLS_PER_MIN", "60")]).await;
    sweep(&world).await;
    let walk = walk(&world).await.expect("an unfinished walk");
    sweep(&world).await;
    world.put_cached(&walk).await;
    let before = world.upstream_calls("list").await;
    sweep(&world).await;
    assert!(world.upstream_calls("list").await - before > 50, "a new walk starts");
}

async fn walk(world: &World) -> Option<Value> {
    let rows = world.table("cache").await;
    rows.into_iter().find(|row| row["pk"]["S"] == "MARKET#WALK" && !row["head"].is_null())
}
