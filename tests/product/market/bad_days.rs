//! What the market does when CargoTech or the store does not do as it should.
use serde_json::{Value, json};
use tests::{Driver, World, text};

use super::{cargotech, down, head, rest, source, sweep, swept, with};

async fn market_of(world: &World, owner: &Driver) -> Value {
    rest(world);
    world.get(owner, "/api/admin/health").await.ok().json()["market"].clone()
}

#[tokio::test]
async fn an_hour_without_cargotech_ages_the_market_and_one_sweep_heals_it() {
    let (world, driver) = swept().await;
    cargotech(&world, down()).await;
    sweep(&world).await;
    world.pass(300);
    let answer = world.get(&driver, "/api/cargos").await.ok();
    assert_eq!(source(&answer), "market");
    assert!(answer.header("age").parse::<i64>().unwrap() >= 300, "it says how old it is");
    world.pass(400);
    let stale = world.get(&driver, "/api/cargos").await.ok();
    assert_eq!((source(&stale), stale.header("x-cargo-cache")), ("market", "stale"), "the best that there is");
    assert!(stale.header("age").parse::<i64>().unwrap() >= 700);
    let next = format!("/api/cargos?cursor={}", text(&stale.json()["cursor"]));
    let next = world.get(&driver, &next).await.ok();
    assert_eq!((source(&next), next.header("x-cargo-cache")), ("market", "stale"), "and its next page");
    assert_ne!(super::ids(&next.json()), super::ids(&stale.json()));
    rest(&world);
    let only_market = world.get(&driver, "/api/cargos?partial_load=true&sort=-price").await.ok();
    assert_eq!((source(&only_market), only_market.header("x-cargo-cache")), ("market", "stale"));
    assert!(super::ids(&only_market.json()) != super::ids(&stale.json()), "in its order and with its filters");
    rest(&world);
    let facets = world.get(&driver, "/api/cargos/facets").await;
    assert_eq!(facets.problem(), (503, "market_unavailable".to_owned()));
    world.pass(2_900);
    cargotech(&world, json!({ "fail": null })).await;
    let refused = world.get(&driver, "/api/cargos?partial_load=true").await;
    assert_eq!(refused.problem(), (422, "validation_failed".to_owned()), "CargoTech's newer list has no such filter");
    assert_eq!(source(&world.get(&driver, "/api/cargos").await.ok()), "cargotech");
    sweep(&world).await;
    let healed = world.get(&driver, "/api/cargos").await.ok();
    assert_eq!(source(&healed), "market");
    assert!(healed.header("age").parse::<i64>().unwrap() < 60);
}

#[tokio::test]
async fn pages_that_fail_or_lie_about_the_total_do_not_stop_a_sweep() {
    let world = with(&[]).await;
    let driver = world.driver().await;
    cargotech(&world, json!({ "omit_total": true })).await;
    for fault in [
        json!({ "fail": { "status": 429, "times": 1, "endpoint": "list", "reset_after": 1 } }),
        json!({ "fail": { "status": 500, "times": 1, "endpoint": "list" } }),
        json!({ "malformed": { "kind": "broken_json", "times": 1, "endpoint": "list" } }),
        json!({ "malformed": { "kind": "empty_list", "times": 2, "endpoint": "list" } }),
    ] {
        cargotech(&world, fault.clone()).await;
        sweep(&world).await;
        rest(&world);
        let answer = world.get(&driver, "/api/cargos").await.ok();
        assert_eq!(source(&answer), "market", "{fault}");
        assert!(answer.header("age").parse::<i64>().unwrap() < 30, "{fault}");
    }
    // The list is whole all the same.
    let cargos = world.look("/cargotech").await["cargos"].as_u64().unwrap();
    let total = world.get(&driver, "/api/cargos?limit=2").await.ok().json()["total"].as_u64().unwrap();
    assert!(total.abs_diff(cargos) < 20, "{total} of {cargos}");
}

#[tokio::test]
async fn an_empty_list_empties_nothing() {
    let (world, driver) = swept().await;
    let before = world.get(&driver, "/api/cargos?limit=1").await.ok().json()["total"].clone();
    for kind in ["empty_list", "empty", "wrong_types"] {
        cargotech(&world, json!({ "malformed": { "kind": kind, "endpoint": "list" } })).await;
        sweep(&world).await;
        cargotech(&world, json!({ "malformed": null })).await;
        rest(&world);
        let answer = world.get(&driver, "/api/cargos?limit=1").await.ok();
        assert_eq!((source(&answer), &answer.json()["total"]), ("market", &before), "{kind}");
    }
}

#[tokio::test]
async fn a_short_list_is_believed_only_when_an_owner_says_so() {
    let world = with(&[("RATE_LIMIT_PER_S", "1000"), ("ADMIN_TELEGRAM_IDS", "900000000")]).await;
    let owner = world.driver_named(900_000_000, "Ольга", None, None).await;
    let accept = async |size: u64| {
        let body = json!({ "size": size });
        world.command(&owner, "market/accept", &format!("accept-{size}"), &body).await
    };
    sweep(&world).await;
    assert_eq!(accept(10).await.problem(), (409, "no_sweep_refused".to_owned()));
    let total = async || {
        let answer = world.get(&owner, "/api/cargos?limit=1").await.ok();
        assert_eq!(source(&answer), "market");
        answer.json()["total"].as_u64().unwrap()
    };
    let before = total().await;
    let ids = world.get(&owner, "/api/cargos?limit=100").await.ok();
    assert_eq!(super::ids(&ids.json()).len(), 100);
    let mut cursor = String::new();
    for _ in 0..before * 33 / 10_000 {
        let list = world.get(&owner, &format!("/api/cargos?limit=100{cursor}")).await.ok().json();
        for id in super::ids(&list) {
            world.sandbox_post(&format!("/cargotech/cargos/{id}/remove"), Value::Null).await;
        }
        cursor = format!("&cursor={}", list["cursor"].as_str().expect("more"));
    }
    for _ in 0..3 {
        sweep(&world).await;
    }
    assert_eq!(total().await, before, "nothing is removed");
    let market = market_of(&world, &owner).await;
    let refused = market["refused_size"].as_u64().expect("a refused size");
    assert!(refused * 100 < before * 70 && market["accepted"] == false, "{market}");

    let other = accept(refused + 1).await.problem();
    assert_eq!(other, (409, "no_sweep_refused".to_owned()), "another size than the refused one");
    assert_eq!(accept(refused).await.ok().json()["accepted"], true);
    sweep(&world).await;
    let market = market_of(&world, &owner).await;
    assert_eq!((&market["refused_size"], &market["accepted"]), (&Value::Null, &json!(false)), "{market}");
    sweep(&world).await;
    assert!(total().await < before, "the missing ones leave as CargoTech confirms them");
    assert_eq!(world.rows("AUDIT#").await.iter().filter(|row| row["kind"]["S"] == "market_size_accepted").count(), 1);
}

#[tokio::test]
async fn a_damaged_snapshot_is_never_answered_from() {
    let world = with(&[]).await;
    sweep(&world).await;
    let first = text(&head(&world).await["head"]["M"]["version"]["N"]);
    world.pass(5);
    sweep(&world).await;
    let second = text(&head(&world).await["head"]["M"]["version"]["N"]);
    assert_ne!(first, second);
    let chunk = |version: &str| format!("MARKET#CHUNK#{version}#");

    // One byte is another.
    let mut rows = world.table("cache").await;
    rows.retain(|row| row["pk"]["S"].as_str().is_some_and(|pk| pk.starts_with(&chunk(&second))));
    let mut row = rows.remove(0);
    let bytes = row["bytes"]["B"].as_str().unwrap().to_owned();
    let first = if bytes.starts_with('A') { "B" } else { "A" };
    let damaged = format!("{first}{}", &bytes[1..]);
    row["bytes"]["B"] = json!(damaged);
    world.put_cached(&row).await;
    let driver = world.driver().await;
    let answer = world.get(&driver, "/api/cargos").await.ok();
    assert_eq!(source(&answer), "market");
    assert!(answer.header("age").parse::<i64>().unwrap() >= 5, "the version before is whole");

    // Neither is there.
    world.delete_cached("MARKET#CHUNK#").await;
    let stopped = with(&[]).await;
    sweep(&stopped).await;
    stopped.delete_cached("MARKET#CHUNK#").await;
    let other = stopped.driver().await;
    assert_eq!(source(&stopped.get(&other, "/api/cargos").await.ok()), "cargotech");
    stopped.pass(6);
    sweep(&stopped).await;
    let healed = stopped.get(&other, "/api/cargos").await.ok();
    assert_eq!(source(&healed), "market");
    let news = stopped.get(&other, "/api/cargos?new_since=2035-05-15T00:00:00Z&limit=1").await.ok().json();
    assert_eq!(news["total"], 0, "a new baseline, of which nobody knows what is new");
}

#[tokio::test]
async fn without_its_newest_head_the_market_goes_on_from_the_one_before() {
    let (world, driver) = swept().await;
    world.pass(5);
    sweep(&world).await;
    for damaged in [json!({ "M": { "format": { "N": "1" } } }), json!({ "S": "head" })] {
        let mut row = head(&world).await;
        row["head"] = damaged.clone();
        world.put_cached(&row).await;
        assert_eq!(source(&world.get(&driver, "/api/cargos").await.ok()), "market", "{damaged}");
        world.pass(5);
        sweep(&world).await;
        assert_ne!(head(&world).await["head"], damaged, "a sweep heals it");
        let news = world.get(&driver, "/api/cargos?new_since=2035-05-15T09:15:12Z&limit=1").await.ok().json();
        assert!(news["total"].as_u64() < Some(100), "its cargos have their history: {news}");
        rest(&world);
    }
}

#[tokio::test]
async fn readers_go_on_when_a_newer_release_writes_another_format() {
    let (world, driver) = swept().await;
    let before = world.get(&driver, "/api/cargos?limit=3").await.ok();
    let mut row = head(&world).await;
    row["head"]["M"]["format"] = json!({ "N": "99" });
    row["head"]["M"]["version"] = json!({ "N": "9000000000000000" });
    row["version"] = json!({ "N": "9000000000000000" });
    world.put_cached(&row).await;
    rest(&world);
    let after = world.get(&driver, "/api/cargos?limit=3").await.ok();
    assert_eq!((source(&after), &after.body), ("market", &before.body));
}

#[tokio::test]
async fn without_the_cache_table_the_list_comes_from_cargotech() {
    let (world, driver) = swept().await;
    world.sandbox("/store", json!({ "faults": [{ "table": "cache", "error": "InternalServerError" }] })).await;
    assert_eq!(source(&world.get(&driver, "/api/cargos").await.ok()), "cargotech");
}

#[tokio::test]
async fn sweeps_leave_drivers_their_share_of_the_calls() {
    let world = with(&[("CARGOTECH_BUDGET_PER_MIN", "100"), ("MARKET_CALLS_PER_MIN", "48")]).await;
    let driver = world.driver().await;
    for _ in 0..3 {
        sweep(&world).await;
    }
    // Four of 48 are kept for cargos that the list has lost. The second run needs 29, and asks for two pages at once with its
    // last one; the third begins the next walk.
    assert_eq!(world.upstream_calls("list").await, 44 + 31 + 44, "each run within its calls");
    let answer = world.get(&driver, "/api/cargos?mode=my").await.ok();
    assert_eq!((source(&answer), answer.header("x-cargo-cache")), ("cargotech", "miss"));
}

#[tokio::test]
async fn a_list_that_always_fails_closes_the_gate_to_nobody() {
    let (world, driver) = swept().await;
    let id = super::ids(&world.get(&driver, "/api/cargos?limit=1").await.ok().json())[0];
    cargotech(&world, json!({ "fail": { "status": 500, "endpoint": "list" } })).await;
    sweep(&world).await;
    rest(&world);
    let cargo = world.get(&driver, &format!("/api/cargos/{id}")).await.ok();
    assert_eq!(cargo.header("x-cargo-cache"), "miss", "opened at CargoTech");
}
