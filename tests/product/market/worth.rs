//! What a cargo leaves a driver: the terms, the truck, the order by profit.
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::{Answer, Driver, World, text};

use super::{cargotech, down, ids, rest, source, sweep, swept, with};

/// Moscow to Kazan, for 90,000 rubles.
async fn a_cargo(world: &World) -> String {
    let cargo = json!({ "from": "Москва", "to": "Казань", "price_rub": 90_000 });
    let id = world.sandbox_post("/cargotech/cargos", cargo).await["id"].to_string();
    sweep(world).await;
    id
}

async fn set_truck(world: &World, driver: &Driver, truck: Value) -> Answer {
    rest(world);
    world.call(driver, Method::PUT, "/api/me", &json!({ "truck": truck })).await
}

async fn worth(world: &World, driver: &Driver, id: &str, query: &str) -> Value {
    rest(world);
    world.get(driver, &format!("/api/cargos/{id}/worth{query}")).await.ok().json()
}

/// The terms that are known, in rubles.
fn known(worth: &Value) -> Vec<(String, f64)> {
    let terms = worth["profit"]["terms"].as_array().expect("terms").iter();
    terms.filter_map(|term| Some((text(&term["name"]), term["rub"].as_f64()?))).collect()
}

fn sum(worth: &Value) -> i64 {
    known(worth).iter().map(|(_, rub)| (rub * 100.0).round() as i64).sum()
}

fn net(worth: &Value) -> i64 {
    (worth["profit"]["net_rub"].as_f64().expect("a profit") * 100.0).round() as i64
}

#[tokio::test]
async fn the_terms_sum_up_to_the_profit_and_say_where_they_come_from() {
    let (world, driver) = swept().await;
    let id = a_cargo(&world).await;
    let assumed = worth(&world, &driver, &id, "").await;
    assert_eq!(net(&assumed), sum(&assumed));
    let costs: Vec<_> = known(&assumed).into_iter().map(|(name, _)| name).collect();
    assert_eq!(costs, ["price", "fuel", "platon", "tolls", "wear", "days"], "no taxes without a regime");
    assert_eq!((&assumed["ask_rub"], &assumed["trip"]["empty_km"]), (&Value::Null, &Value::Null));
    for term in assumed["profit"]["terms"].as_array().unwrap() {
        assert_eq!(term["estimate"], json!(term["name"] != "price"), "{term}");
    }

    let truck = json!({ "loaded_l_per_100km": 30, "empty_l_per_100km": 25, "diesel_rub_per_l": 70, "tolls_rub_per_km": 1,
        "wear_rub_per_km": 5, "fixed_rub_per_day": 4000, "km_per_day": 500, "platon": false, "tax": "npd",
        "goal_rub_per_day": 10_000 });
    let me = set_truck(&world, &driver, truck.clone()).await.ok().json();
    assert_eq!(me["truck"]["diesel_rub_per_l"], 70.0);
    let moscow = world.get(&driver, "/api/places?name=Москва").await.ok().json()["items"][0]["id"].clone();
    let own = worth(&world, &driver, &id, &format!("?from_place_id={moscow}")).await;
    let km = own["trip"]["loaded_km"].as_f64().expect("a distance");
    assert!((700.0..900.0).contains(&km), "{km}");
    let days = (km / 5.0).round() / 100.0;
    let costs = 21.0 * km + km + 5.0 * km + days * 4_000.0;
    let expected = [
        ("price", 90_000.0),
        ("fuel", -21.0 * km),
        ("fuel_empty", 0.0),
        ("platon", 0.0),
        ("tolls", -km),
        ("wear", -5.0 * km),
        ("days", -days * 4_000.0),
        ("vat", 0.0),
        ("tax", -5_400.0),
    ];
    assert_eq!(known(&own), expected.map(|(name, rub)| (name.to_owned(), (rub * 100.0).round() / 100.0)));
    assert_eq!((net(&own), sum(&own)), (net(&own), ((84_600.0 - costs) * 100.0).round() as i64));
    assert_eq!((&own["trip"]["empty_km"], own["trip"]["days"].as_f64()), (&json!(0), Some(days)));
    let per_day = |price: f64| (price * 0.94 - costs) / days;
    let ask = own["ask_rub"].as_f64().expect("a price");
    assert!(per_day(ask) >= 9_999.99 && per_day(ask - 1.0) < 10_000.0, "{ask}");
    assert!(own["profit"]["terms"].as_array().unwrap().iter().all(|term| term["estimate"] == false));

    let on_card = |list: Value| {
        let items = list["items"].as_array().unwrap().clone();
        items.into_iter().find(|card| card["id"] == id).expect("the cargo")["profit"].clone()
    };
    rest(&world);
    let listed = format!("/api/cargos?from_place_id={moscow}&sort=newest&price_min=90000&price_max=90000");
    let card = on_card(world.get(&driver, &listed).await.ok().json());
    let rounded = |rub: &Value| rub.as_f64().unwrap().round() as i64;
    let (net_rub, per_day_rub) = (rounded(&own["profit"]["net_rub"]), rounded(&own["profit"]["per_day_rub"]));
    assert_eq!(card, json!({ "net_rub": net_rub, "per_day_rub": per_day_rub }));
    let other = world.driver().await;
    let assumed_card = on_card(world.get(&other, &listed).await.ok().json());
    assert_ne!(card, assumed_card, "another driver's truck has no part in it");
}

#[tokio::test]
async fn the_order_by_profit_is_that_of_the_drivers_truck() {
    let (world, driver) = swept().await;
    let net = |card: &Value| card["profit"]["net_rub"].as_i64();
    let list = world.get(&driver, "/api/cargos?sort=-profit&limit=100").await.ok();
    assert_eq!(source(&list), "market");
    let (list, mut seen) = (list.json(), Vec::new());
    seen.extend(list["items"].as_array().unwrap().iter().map(net));
    assert!(seen.iter().all(Option::is_some) && seen.is_sorted_by(|one, other| one >= other), "{seen:?}");
    rest(&world);
    let cursor = text(&list["cursor"]);
    let next = world.get(&driver, &format!("/api/cargos?sort=-profit&limit=100&cursor={cursor}")).await.ok().json();
    assert!(net(&next["items"][0]) <= *seen.last().unwrap());
    assert!(ids(&next).iter().all(|id| !ids(&list).contains(id)));
    set_truck(&world, &driver, json!({ "fixed_rub_per_day": 60_000, "km_per_day": 300 })).await.ok();
    rest(&world);
    let slow = world.get(&driver, "/api/cargos?sort=-profit&limit=100").await.ok().json();
    assert_ne!(ids(&slow), ids(&list), "dear days make long ways bad ones");
}

#[tokio::test]
async fn a_truck_that_cannot_be_changes_nothing_and_null_forgets_it() {
    let (world, driver) = swept().await;
    set_truck(&world, &driver, json!({ "tax": "npd" })).await.ok();
    let refused = set_truck(&world, &driver, json!({ "tax": "envd", "km_per_day": 5 })).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for field in ["truck.tax", "truck.km_per_day"] {
        assert!(refused.body.contains(field), "{}", refused.body);
    }
    rest(&world);
    assert_eq!(world.get(&driver, "/api/me").await.ok().json()["truck"]["tax"], "npd");
    assert_eq!(set_truck(&world, &driver, Value::Null).await.ok().json()["truck"], Value::Null);
}

#[tokio::test]
async fn a_cargo_that_is_gone_is_worth_nothing_and_one_that_was_opened_still_is_without_the_market() {
    let (world, driver) = swept().await;
    let unknown = world.get(&driver, "/api/cargos/99999999/worth").await;
    assert_eq!((unknown.status, text(&unknown.json()["code"])), (StatusCode::NOT_FOUND, "cargo_gone".to_owned()));
    rest(&world);
    let nowhere = world.get(&driver, "/api/cargos/1/worth?from_place_id=7").await;
    assert_eq!(nowhere.status, StatusCode::UNPROCESSABLE_ENTITY);

    let world = with(&[("MARKET_CALLS_PER_MIN", "0")]).await;
    let driver = world.driver().await;
    let id =
        text(&world.get(&driver, "/api/cargos?price_min=10000&distance_min=100").await.ok().json()["items"][0]["id"]);
    rest(&world);
    let path = format!("/api/cargos/{id}/worth");
    assert_eq!(world.get(&driver, &path).await.status, StatusCode::NOT_FOUND, "nobody has opened it");
    world.get(&driver, &format!("/api/cargos/{id}")).await.ok();
    cargotech(&world, down()).await;
    let worth = worth(&world, &driver, &id, "").await;
    assert_eq!(net(&worth), sum(&worth));
}
