use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Driver, World, text};

const LIST: &str = "/api/cargos";

/// A world with one list cached and grown old.
async fn with_an_old_list() -> (World, Driver, String) {
    let world = World::with(&[("RATE_LIMIT_PER_S", "1000")]).await;
    let driver = world.driver().await;
    let body = world.get(&driver, LIST).await.ok().body;
    world.pass(301);
    (world, driver, body)
}

#[tokio::test]
async fn every_kind_of_outage_gives_the_cached_list_with_its_age() {
    for trouble in [
        json!({ "fail": { "status": 500 } }),
        json!({ "fail": { "status": 503 } }),
        json!({ "fail": { "status": 429, "reset_after": 30 } }),
        json!({ "fail": { "status": 403 } }),
        json!({ "drop": {} }),
        json!({ "latency_ms": 20_000 }),
        json!({ "malformed": "broken_json" }),
        json!({ "malformed": "wrong_types" }),
        json!({ "malformed": "empty" }),
    ] {
        let (world, driver, body) = with_an_old_list().await;
        world.sandbox("/cargotech", trouble.clone()).await;
        let started = Instant::now();
        let answer = world.get(&driver, LIST).await.ok();
        assert!(started.elapsed() < Duration::from_secs(10), "{trouble}");
        assert_eq!(
            (answer.header("x-cargo-cache"), answer.header("x-cargo-upstream")),
            ("stale", "unavailable"),
            "{trouble}"
        );
        assert!(answer.header("age").parse::<i64>().unwrap() >= 301, "{trouble}");
        assert_eq!(answer.body, body, "{trouble}");
    }
}

#[tokio::test]
async fn with_nothing_cached_an_outage_is_a_503_that_says_when_to_come_back() {
    for (trouble, expected) in [
        (json!({ "fail": { "status": 500 } }), (503, "upstream_unavailable")),
        (json!({ "fail": { "status": 429, "reset_after": 30 } }), (503, "upstream_unavailable")),
        (json!({ "malformed": "wrong_types" }), (503, "upstream_unavailable")),
        (json!({ "drop": {} }), (503, "upstream_unavailable")),
        (json!({ "latency_ms": 20_000 }), (503, "upstream_unavailable")),
        (json!({ "fail": { "status": 403 } }), (502, "upstream_forbidden")),
    ] {
        let world = World::start().await;
        let driver = world.driver().await;
        world.sandbox("/cargotech", trouble.clone()).await;
        let started = Instant::now();
        let answer = world.get(&driver, LIST).await;
        assert!(started.elapsed() < Duration::from_secs(10), "{trouble} took {:?}", started.elapsed());
        assert_eq!(answer.problem(), (expected.0, expected.1.into()), "{trouble}");
        if expected.0 == 503 {
            assert!((1..=60).contains(&answer.header("retry-after").parse::<i64>().unwrap()), "{trouble}");
        } else {
            assert!(answer.json()["detail"].as_str().unwrap().contains("обратитесь в поддержку"));
        }
    }
}

#[tokio::test]
async fn an_empty_list_is_an_answer_and_not_an_outage() {
    let world = World::start().await;
    let driver = world.driver().await;
    world.sandbox("/cargotech", json!({ "malformed": "empty_list" })).await;
    let answer = world.get(&driver, LIST).await.ok();
    assert_eq!((answer.json()["items"].clone(), answer.header("x-cargo-upstream")), (json!([]), ""));
}

#[tokio::test]
async fn recovery_is_noticed_within_fifteen_seconds() {
    let (world, driver, _) = with_an_old_list().await;
    world.sandbox("/cargotech", json!({ "fail": { "status": 500 } })).await;
    // Enough failures to open the breaker, on several searches.
    for limit in 1..4 {
        assert_eq!(world.get(&driver, &format!("{LIST}?limit={limit}")).await.status.as_u16(), 503);
    }
    assert_eq!(world.get(&driver, LIST).await.header("x-cargo-upstream"), "unavailable");
    assert_eq!(world.get(&driver, "/api/health").await.json()["cargotech"], "unavailable");
    let before = world.look("/cargotech").await["counters"]["requests_total"].as_u64().unwrap();
    for limit in 4..14 {
        assert_eq!(world.get(&driver, &format!("{LIST}?limit={limit}")).await.status.as_u16(), 503);
    }
    let after = world.look("/cargotech").await["counters"]["requests_total"].as_u64().unwrap();
    assert!(after - before <= 1, "an open breaker asks next to nothing: {}", after - before);

    world.sandbox("/cargotech", json!({ "fail": null })).await;
    world.pass(15);
    assert_eq!(world.get(&driver, LIST).await.ok().header("x-cargo-cache"), "miss");
    assert_eq!(world.get(&driver, "/api/health").await.json()["cargotech"], "ok");
}

/// Opens the breaker on searches that nothing is cached for, and lets CargoTech be well again.
async fn after_an_outage() -> (World, Driver) {
    let world = World::with(&[("RATE_LIMIT_PER_S", "1000")]).await;
    let driver = world.driver().await;
    world.get(&driver, LIST).await.ok();
    world.sandbox("/cargotech", json!({ "fail": { "status": 500 } })).await;
    for limit in 1..4 {
        assert_eq!(world.get(&driver, &format!("{LIST}?limit={limit}")).await.status.as_u16(), 503);
    }
    assert_eq!(world.get(&driver, "/api/health").await.json()["cargotech"], "unavailable");
    world.sandbox("/cargotech", json!({ "fail": null })).await;
    (world, driver)
}

#[tokio::test]
async fn a_token_that_died_during_an_outage_does_not_keep_the_breaker_open() {
    let (world, driver) = after_an_outage().await;
    world.sandbox_post("/cargotech/kill-token", json!({})).await;
    world.pass(6);
    assert_eq!(world.get(&driver, "/api/cargos?limit=50").await.ok().header("x-cargo-cache"), "miss");
    assert_eq!(world.upstream_calls("login").await, 2);
}

#[tokio::test]
async fn whoever_tries_first_after_an_outage_may_meet_a_cargo_that_is_gone() {
    let (world, driver) = after_an_outage().await;
    world.pass(6);
    assert_eq!(world.get(&driver, "/api/cargos/99999999999").await.problem(), (404, "cargo_gone".into()));
    world.get(&driver, "/api/cargos?limit=50").await.ok();
}

#[tokio::test]
async fn a_success_does_not_end_the_pause_that_cargotech_asked_another_for() {
    let world = World::with(&[("RATE_LIMIT_PER_S", "1000")]).await;
    let driver = world.driver().await;
    world.get(&driver, LIST).await.ok();
    let list = world.get(&driver, LIST).await.ok().json();
    let id = list["items"][0]["id"].as_str().unwrap();
    // One failure is on record, so the next success has something to clear.
    world.sandbox("/cargotech", json!({ "malformed": { "kind": "broken_json", "times": 1 } })).await;
    assert_eq!(world.get(&driver, "/api/cargos?limit=2").await.status.as_u16(), 503);
    world.sandbox("/cargotech", json!({ "latency_ms": 700 })).await;
    let path = format!("/api/cargos/{id}");
    let slow_success = world.get(&driver, &path);
    let paused = async {
        while world.upstream_calls("detail").await == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let fault =
            json!({ "latency_ms": 0, "fail": { "status": 429, "endpoint": "list", "times": 1, "reset_after": 60 } });
        world.sandbox("/cargotech", fault).await;
        world.get(&driver, "/api/cargos?limit=3").await
    };
    let (success, paused) = tokio::join!(slow_success, paused);
    success.ok();
    assert_eq!(paused.problem(), (503, "upstream_unavailable".into()));
    let before = world.look("/cargotech").await["counters"]["requests_total"].clone();
    assert_eq!(world.get(&driver, "/api/cargos?limit=4").await.status.as_u16(), 503);
    assert_eq!(world.look("/cargotech").await["counters"]["requests_total"], before, "the pause was not kept");
    world.pass(61);
    world.get(&driver, "/api/cargos?limit=4").await.ok();
}

#[tokio::test]
async fn drivers_who_open_one_gone_cargo_together_cost_one_call_and_all_learn_that_it_is_gone() {
    let world = World::start().await;
    world.get(&world.driver().await, LIST).await.ok();
    world.sandbox("/cargotech", json!({ "latency_ms": 200 })).await;
    let drivers = world.drivers(15).await;
    let answers =
        futures_util::future::join_all(drivers.iter().map(|driver| world.get(driver, "/api/cargos/99999999999"))).await;
    assert!(answers.iter().all(|answer| answer.problem() == (404, "cargo_gone".into())), "{answers:?}");
    assert_eq!(world.upstream_calls("detail").await, 1);
}

#[tokio::test]
async fn a_token_that_is_refused_fresh_does_not_make_every_search_a_login() {
    let world = World::with(&[("RATE_LIMIT_PER_S", "1000")]).await;
    let driver = world.driver().await;
    world.sandbox("/cargotech", json!({ "fail": { "status": 401, "endpoint": "list" } })).await;
    for limit in 1..=12 {
        assert_eq!(world.get(&driver, &format!("{LIST}?limit={limit}")).await.status.as_u16(), 503);
    }
    let logins = world.upstream_calls("login").await;
    assert!(logins <= 6, "{logins} logins");
}

#[tokio::test]
async fn an_answer_that_its_api_does_not_promise_is_an_outage_and_not_the_drivers_fault() {
    for status in [400, 405, 408, 422] {
        let (world, driver, body) = with_an_old_list().await;
        world.sandbox("/cargotech", json!({ "fail": { "status": status, "endpoint": "list" } })).await;
        let answer = world.get(&driver, LIST).await.ok();
        assert_eq!((answer.header("x-cargo-cache"), answer.body.as_str()), ("stale", body.as_str()), "{status}");
        let fresh = world.get(&driver, "/api/cargos?limit=7").await;
        let expected =
            if matches!(status, 400 | 422) { (422, "validation_failed") } else { (503, "upstream_unavailable") };
        assert_eq!(fresh.problem(), (expected.0, expected.1.into()), "{status}");
    }
}

#[tokio::test]
async fn a_list_older_than_a_day_is_no_answer_any_more() {
    let world = World::start().await;
    let driver = world.driver().await;
    world.get(&driver, LIST).await.ok();
    world.pass(2 * 86_400);
    let driver = world.driver_called(driver.id).await;
    world.sandbox("/cargotech", json!({ "fail": { "status": 500 } })).await;
    assert_eq!(world.get(&driver, LIST).await.problem(), (503, "upstream_unavailable".into()));
}

#[tokio::test]
async fn a_refresh_that_is_cut_off_leaves_nobody_waiting_for_it() {
    let (world, driver, _) = with_an_old_list().await;
    world.sandbox_post("/cargotech/kill-token", json!({})).await;
    // Slower than a refresh may take with a login in it, and well within what a driver waits for a new list.
    world.sandbox("/cargotech", json!({ "latency_ms": 900 })).await;
    assert_eq!(world.get(&driver, LIST).await.ok().header("x-cargo-cache"), "stale");
    world.pass(6);
    let started = Instant::now();
    world.get(&driver, "/api/cargos?limit=9").await.ok();
    assert!(started.elapsed() < Duration::from_secs(7), "{:?}", started.elapsed());
    assert!(audit_rows(&world, "cargotech_login").await.len() as u64 >= world.upstream_calls("login").await);
}

#[tokio::test]
async fn a_short_fault_is_retried_unseen() {
    let world = World::start().await;
    let driver = world.driver().await;
    world.sandbox("/cargotech", json!({ "fail": { "status": 503, "times": 2, "endpoint": "list" } })).await;
    let answer = world.get(&driver, LIST).await.ok();
    assert_eq!(answer.header("x-cargo-cache"), "miss");
    assert_eq!(world.upstream_calls("list").await, 3);
}

#[tokio::test]
async fn a_429_is_waited_for_when_there_is_time() {
    let world = World::start().await;
    let driver = world.driver().await;
    let fault = json!({ "fail": { "status": 429, "times": 1, "endpoint": "list", "reset_after": 1 } });
    world.sandbox("/cargotech", fault).await;
    world.get(&driver, LIST).await.ok();
    assert_eq!(world.upstream_calls("list").await, 2);
}

#[tokio::test]
async fn a_dead_token_is_replaced_once_and_the_request_repeated() {
    let world = World::start().await;
    let driver = world.driver().await;
    world.get(&driver, LIST).await.ok();
    world.sandbox_post("/cargotech/kill-token", json!({})).await;
    world.get(&driver, "/api/cargos?limit=7").await.ok();
    assert_eq!(world.upstream_calls("login").await, 2);
    assert_eq!(world.upstream_calls("list").await, 3);
}

#[tokio::test]
async fn many_functions_that_need_a_token_log_in_once() {
    let world = World::with(&[("RATE_LIMIT_PER_S", "1000")]).await;
    let driver = world.driver().await;
    world.sandbox("/cargotech", json!({ "latency_ms": 150 })).await;
    for (round, paths) in [
        ["/api/cargos", "/api/cargos?limit=3", "/api/dictionaries/truck-types", "/api/dictionaries/cities?q=к"],
        ["/api/cargos?limit=4", "/api/cargos?limit=5", "/api/dictionaries/load-types", "/api/dictionaries/cities?q=м"],
    ]
    .into_iter()
    .enumerate()
    {
        let answers = futures_util::future::join_all(paths.iter().map(|path| world.get(&driver, path))).await;
        assert!(answers.iter().all(|answer| answer.status.as_u16() == 200), "{answers:?}");
        assert_eq!(world.upstream_calls("login").await, round as u64 + 1);
        world.sandbox_post("/cargotech/kill-token", json!({})).await;
    }
}

#[tokio::test]
async fn concurrent_misses_of_one_search_cost_one_call() {
    let world = World::start().await;
    world.get(&world.driver().await, "/api/cargos?limit=1").await.ok();
    world.sandbox("/cargotech", json!({ "latency_ms": 200 })).await;
    let drivers = world.drivers(25).await;
    let answers = futures_util::future::join_all(drivers.iter().map(|driver| world.get(driver, LIST))).await;
    let first = &answers[0].body;
    assert!(answers.iter().all(|answer| answer.status.as_u16() == 200 && answer.body == *first));
    assert_eq!(world.upstream_calls("list").await, 2, "the one before, and one for all");
}

#[tokio::test]
async fn an_old_list_is_served_at_once_to_all_but_the_one_who_renews_it() {
    let (world, driver, old) = with_an_old_list().await;
    let others = world.drivers(8).await;
    world.sandbox("/cargotech", json!({ "latency_ms": 600 })).await;
    let renewing = world.get(&driver, LIST);
    let waiting = async {
        while world.upstream_calls("list").await < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        futures_util::future::join_all(others.iter().map(|other| world.get(other, LIST))).await
    };
    let (renewed, served) = tokio::join!(renewing, waiting);
    assert_eq!(renewed.ok().header("x-cargo-cache"), "miss");
    for answer in &served {
        assert_eq!((answer.header("x-cargo-cache"), answer.header("x-cargo-upstream")), ("stale", ""));
        assert_eq!(answer.body, old);
    }
    assert_eq!(world.upstream_calls("list").await, 2);
}

#[tokio::test]
async fn a_refused_login_is_asked_for_seldom_and_audited() {
    let world = World::with(&[("RATE_LIMIT_PER_S", "1000")]).await;
    let driver = world.driver().await;
    world.sandbox("/cargotech", json!({ "fail": { "status": 422, "endpoint": "login" } })).await;
    for limit in 1..=10 {
        assert_eq!(
            world.get(&driver, &format!("{LIST}?limit={limit}")).await.problem(),
            (503, "upstream_unavailable".into())
        );
    }
    assert_eq!(world.upstream_calls("login").await, 1, "who is refused does not hammer at the door");
    world.sandbox("/cargotech", json!({ "fail": null })).await;
    world.pass(15);
    world.get(&driver, LIST).await.ok();
    let rows = audit_rows(&world, "cargotech_login").await;
    let outcomes = rows.iter().map(|row| row["outcome"]["S"].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(outcomes, ["422", "ok"]);
    assert!(rows.iter().all(|row| { row["request_id"]["S"].as_str().is_some_and(|id| !id.is_empty()) }));
}

/// Audit rows of a kind, oldest first, read from the store itself.
async fn audit_rows(world: &World, kind: &str) -> Vec<Value> {
    let mut rows = world.rows("AUDIT#").await;
    rows.retain(|row| row["kind"]["S"] == kind);
    rows.sort_by_key(|row| row["sk"]["S"].as_str().unwrap().to_owned());
    rows
}

#[tokio::test]
async fn all_drivers_together_stay_within_the_budget() {
    let world =
        World::with(&[("RATE_LIMIT_PER_S", "1000"), ("CARGOTECH_BUDGET_PER_MIN", "50"), ("MISSES_PER_MIN", "6000")])
            .await;
    let driver = world.driver().await;
    let mut refused = 0;
    for limit in 1..=100 {
        let answer = world.get(&driver, &format!("{LIST}?limit={limit}")).await;
        refused += u32::from(answer.status.as_u16() == 503);
    }
    let seen = world.look("/cargotech").await["counters"]["max_in_60s"].as_u64().unwrap();
    assert!(seen <= 50 && refused > 0, "{seen} requests, {refused} refused");
}

#[tokio::test]
async fn part_of_the_budget_is_kept_for_those_who_open_a_cargo() {
    let world =
        World::with(&[("RATE_LIMIT_PER_S", "1000"), ("CARGOTECH_BUDGET_PER_MIN", "100"), ("MISSES_PER_MIN", "6000")])
            .await;
    let driver = world.driver().await;
    let list = world.get(&driver, LIST).await.ok().json();
    let id = list["items"][0]["id"].as_str().unwrap();
    for limit in 1..=100 {
        if world.get(&driver, &format!("{LIST}?limit={limit}")).await.status.as_u16() == 503 {
            world.get(&driver, &format!("/api/cargos/{id}")).await.ok();
            return;
        }
    }
    panic!("lists never used up their share");
}

#[tokio::test]
async fn the_last_of_the_budget_is_kept_for_those_who_respond() {
    let settings = [("RATE_LIMIT_PER_S", "1000"), ("CARGOTECH_BUDGET_PER_MIN", "100"), ("MISSES_PER_MIN", "6000")];
    let world = World::with(&settings).await;
    let driver = world.driver().await;
    let list = world.get(&driver, "/api/cargos?limit=100").await.ok().json();
    let ids: Vec<_> = list["items"].as_array().unwrap().iter().map(|card| text(&card["id"])).collect();
    for id in &ids {
        if world.get(&driver, &format!("/api/cargos/{id}")).await.status.as_u16() == 503 {
            let offer = json!({ "phone": "+79161234567", "name": "Водитель" });
            let answer = world.call(&driver, Method::POST, &format!("/api/cargos/{id}/responses"), &offer).await;
            assert_eq!(answer.status.as_u16(), 201, "{}", answer.body);
            return;
        }
    }
    panic!("opened cargos never used up their share");
}

#[tokio::test]
async fn what_is_there_is_renewed_with_what_new_searches_leave_of_the_budget() {
    // Two at once, then one in three seconds; of these two a driver may cause both, if the one that is not asked is not counted.
    let settings = [("RATE_LIMIT_PER_S", "1000"), ("CARGOTECH_BUDGET_PER_MIN", "20"), ("MISSES_PER_MIN", "4")];
    let world = World::with(&settings).await;
    let driver = world.driver().await;
    let before = world.get(&driver, LIST).await.ok();
    world.pass(301);
    world.get(&driver, &format!("{LIST}?limit=1")).await.ok();
    let asked = world.upstream_calls("list").await;
    for _ in 0..2 {
        let old = world.get(&driver, LIST).await.ok();
        assert_eq!((old.header("x-cargo-cache"), &old.body), ("stale", &before.body));
        assert_eq!(old.header("x-cargo-upstream"), "", "CargoTech is not down");
    }
    assert_eq!(world.upstream_calls("list").await, asked);
    assert_eq!(world.get(&driver, &format!("{LIST}?limit=2")).await.ok().header("x-cargo-cache"), "miss");
    world.pass(60);
    assert_eq!(world.get(&driver, LIST).await.ok().header("x-cargo-cache"), "miss", "with time there is enough again");
}

#[tokio::test]
async fn an_opened_cargo_that_is_too_old_to_be_shown_at_once_comes_before_lists() {
    let world = World::with(&[("RATE_LIMIT_PER_S", "1000"), ("CARGOTECH_BUDGET_PER_MIN", "20")]).await;
    let driver = world.driver().await;
    let path = format!("/api/cargos/{}", world.lasting_cargo().await);
    world.pass(60);
    world.get(&driver, &path).await.ok();
    for (age_s, expected) in [(901, "stale"), (6 * 900, "miss")] {
        world.pass(age_s);
        world.get(&driver, &format!("{LIST}?limit={}", age_s % 100 + 1)).await.ok();
        assert_eq!(world.get(&driver, &path).await.ok().header("x-cargo-cache"), expected, "{age_s}");
    }
}

#[tokio::test]
async fn who_knows_that_the_budget_is_used_up_does_not_ask_for_it_again() {
    let limits = [("RATE_LIMIT_PER_S", "1000"), ("MISSES_PER_MIN", "6000"), ("CARGOTECH_BUDGET_PER_MIN", "20")];
    let world = World::with(&limits).await;
    let driver = world.driver().await;
    let searches = [3, 4].map(|limit| format!("{LIST}?limit={limit}"));
    for search in &searches {
        world.pass(60);
        world.get(&driver, search).await.ok();
    }
    world.pass(301);
    world.get(&driver, LIST).await.ok();
    let mut updates = Vec::new();
    for search in &searches {
        world.store_calls().await;
        assert_eq!(world.get(&driver, search).await.ok().header("x-cargo-cache"), "stale");
        updates.push(world.store_calls().await["UpdateItem cache"]);
    }
    assert_eq!(updates[1], updates[0] - 1, "the gate is asked once: {updates:?}");
}

#[tokio::test]
async fn one_driver_cannot_use_up_what_belongs_to_all() {
    let world = World::with(&[("RATE_LIMIT_PER_S", "1000"), ("MISSES_PER_MIN", "20")]).await;
    let (greedy, modest) = (world.driver().await, world.driver().await);
    let mut limited = 0;
    for limit in 1..=40 {
        let answer = world.get(&greedy, &format!("{LIST}?limit={limit}")).await;
        if answer.status.as_u16() == 429 {
            assert!(answer.header("retry-after").parse::<i64>().unwrap() >= 1);
            limited += 1;
        }
    }
    assert!(limited >= 15, "{limited} of 40 were limited");
    assert!(world.upstream_calls("list").await <= 25);
    world.get(&modest, "/api/cargos?limit=99").await.ok();
    world.get(&greedy, "/api/cargos?limit=1").await.ok();
}

#[tokio::test]
async fn the_daily_check_finds_a_dead_token_and_replaces_it() {
    let world = World::start().await;
    let job = json!({ "job": "check-cargotech" });
    assert_eq!(world.sandbox_post("/schedules/jobs", job.clone()).await["ok"], true);
    world.sandbox_post("/cargotech/kill-token", json!({})).await;
    assert_eq!(world.sandbox_post("/schedules/jobs", job.clone()).await["ok"], true);
    assert_eq!((world.upstream_calls("me").await, world.upstream_calls("login").await), (3, 2));
    world.sandbox("/cargotech", json!({ "fail": { "status": 403 } })).await;
    let failed = world.send(Method::POST, "/_sandbox/schedules/jobs", &[], job.to_string()).await;
    assert_eq!(failed.status.as_u16(), 500);
}
