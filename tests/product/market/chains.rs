//! The way home: what a truck can take after a cargo.
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::{Driver, World, text};

use super::{rest, swept};

/// A cargo from Moscow to Kazan with all that a plan needs.
async fn first(world: &World, driver: &Driver) -> String {
    let places = ["Москва", "Казань"];
    let mut ids = Vec::new();
    for name in places {
        ids.push(
            world.get(driver, &format!("/api/places?name={name}")).await.ok().json()["items"][0]["id"].to_string(),
        );
        rest(world);
    }
    let query = format!("/api/cargos?from_place_id={}&to_place_id={}&sort=date&limit=100", ids[0], ids[1]);
    let list = world.get(driver, &query).await.ok().json();
    let dated = list["items"].as_array().unwrap().iter().find(|card| card["from"]["date"].is_string());
    rest(world);
    text(&dated.expect("a cargo with a day")["id"])
}

async fn chains(world: &World, driver: &Driver, path: &str) -> Value {
    rest(world);
    world.get(driver, path).await.ok().json()
}

#[tokio::test]
async fn chains_follow_each_other_in_time_and_the_best_leave_the_most_a_day() {
    let (world, driver) = swept().await;
    let path = format!("/api/cargos/{}/chains", first(&world, &driver).await);
    world.store_calls().await;
    let found = chains(&world, &driver, &path).await;
    let calls = world.store_calls().await;
    assert_eq!(calls.values().sum::<u64>(), 2, "as a list: {calls:?}");
    let items = found["items"].as_array().unwrap();
    assert!(!items.is_empty() && items.len() <= 10, "{found}");
    let mut last_per_day = f64::INFINITY;
    for chain in items {
        let (cargos, rides) = (chain["cargos"].as_array().unwrap(), chain["rides"].as_array().unwrap());
        assert!((1..=4).contains(&cargos.len()) && cargos.len() == rides.len(), "{chain}");
        let (mut empty_at, mut deadhead_km) = (text(&found["empty_at"]), 0);
        for (cargo, ride) in cargos.iter().zip(rides) {
            let (loading_at, unloading_at) = (text(&ride["loading_at"]), text(&ride["unloading_at"]));
            // A day apart they may be in different zones.
            assert!(empty_at[..10] <= loading_at[..10] && loading_at[..10] <= unloading_at[..10], "{chain}");
            assert_eq!(loading_at[..10], text(&cargo["from"]["date"])[..10], "on its day: {chain}");
            let km = ride["empty_km"].as_u64().unwrap();
            assert!(km <= 188, "150 km as the crow flies are at most 188 by road: {chain}");
            (empty_at, deadhead_km) = (unloading_at, deadhead_km + km);
        }
        assert_eq!((&chain["deadhead_km"], &chain["home_km"]), (&json!(deadhead_km), &Value::Null));
        let (net, days) = (chain["net_rub"].as_f64().unwrap(), chain["days"].as_f64().unwrap());
        let per_day = chain["per_day_rub"].as_f64().unwrap();
        assert!(days >= 1.0 && (net / days - per_day).abs() < 0.01 && per_day <= last_per_day, "{chain}");
        last_per_day = per_day;
    }
    let near = chains(&world, &driver, &format!("{path}?radius_km=10")).await;
    for ride in near["items"].as_array().unwrap().iter().flat_map(|chain| chain["rides"].as_array().unwrap()) {
        assert!(ride["empty_km"].as_u64().unwrap() <= 13, "{ride}");
    }
}

#[tokio::test]
async fn chains_lead_home_and_suit_the_truck() {
    let (world, driver) = swept().await;
    let id = first(&world, &driver).await;
    let moscow = world.get(&driver, "/api/places?name=Москва").await.ok().json()["items"][0]["id"].clone();
    rest(&world);
    let truck = json!({ "truck": { "home_place_id": moscow, "capacity_kg": 10_000 } });
    world.call(&driver, Method::PUT, "/api/me", &truck).await.ok();
    let found = chains(&world, &driver, &format!("/api/cargos/{id}/chains?radius_km=300")).await;
    assert_eq!(found["leads_home"], true);
    let items = found["items"].as_array().unwrap();
    assert!(!items.is_empty(), "{found}");
    for chain in items {
        assert!(chain["home_km"].as_u64().expect("a way home") < 1_000, "nearer than Kazan: {chain}");
        for cargo in chain["cargos"].as_array().unwrap() {
            assert!(cargo["weight_kg"].as_f64().is_some_and(|kg| kg <= 10_000.0), "{cargo}");
        }
    }
}

#[tokio::test]
async fn of_a_cargo_that_is_gone_nothing_follows_and_a_radius_has_bounds() {
    let (world, driver) = swept().await;
    assert_eq!(world.get(&driver, "/api/cargos/99999999/chains").await.status, StatusCode::NOT_FOUND);
    for radius in ["5", "1001", "far"] {
        rest(&world);
        let refused = world.get(&driver, &format!("/api/cargos/1/chains?radius_km={radius}")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{radius}");
        assert_eq!(refused.json()["errors"][0]["field"], "radius_km");
    }
}
