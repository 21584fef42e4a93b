//! Answers from the market are CargoTech's own, in any order, without a call.
use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use jiff::civil::date;
use local::environment::DEMO_CARGOTECH;
use reqwest::Method;
use serde_json::{Value, json};
use shared::cargo::filters::Filters;
use tests::{Driver, World, text};

use super::{ids, rest, source, sweep, swept, with};

#[tokio::test]
async fn lists_come_from_the_market_without_a_call_and_with_two_store_calls() {
    let (world, driver) = swept().await;
    world.get(&driver, "/api/cargos?limit=1").await.ok();
    let before = world.upstream_calls("list").await;
    for query in ["", "?sort=-price", "?sort=-price", "?price_min=50000&sort=newest&limit=50"] {
        rest(&world);
        world.store_calls().await;
        let answer = world.get(&driver, &format!("/api/cargos{query}")).await.ok();
        assert_eq!((source(&answer), answer.header("x-cargo-cache")), ("market", "hit"));
        let calls = [("UpdateItem app", 1), ("BatchGetItem app+cache", 1)];
        let calls: BTreeMap<_, _> = calls.map(|(call, count)| (call.to_owned(), count)).into();
        assert_eq!(world.store_calls().await, calls, "{query}");
        let list = answer.json();
        assert!(
            list["items"].as_array().is_some_and(|items| items.iter().all(|card| card.get("first_seen_at").is_some()))
        );
    }
    assert_eq!(world.upstream_calls("list").await, before);
}

#[tokio::test]
async fn a_cursor_shows_each_cargo_once_in_its_order() {
    let (world, driver) = swept().await;
    let query = "/api/cargos?price_min=150000&sort=-price&limit=100";
    let (mut seen, mut prices, mut next) = (BTreeSet::new(), Vec::new(), String::new());
    let total = loop {
        rest(&world);
        let list = world.get(&driver, &format!("{query}{next}")).await.ok().json();
        for card in list["items"].as_array().unwrap() {
            assert!(seen.insert(card["id"].to_string()), "{card} twice");
            prices.push(card["price_rub"].as_f64().unwrap());
        }
        match list["cursor"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break list["total"].as_u64().unwrap(),
        }
    };
    assert!(total > 100, "{total}");
    assert_eq!(seen.len() as u64, total);
    assert!(prices.is_sorted_by(|one, other| one >= other));
    let by_offset = world.get(&driver, "/api/cargos?price_min=150000&sort=-price&limit=5&offset=3").await.ok().json();
    assert_eq!(by_offset["items"][0]["price_rub"].as_f64(), Some(prices[3]));
}

#[tokio::test]
async fn a_card_says_which_settlements_it_joins_and_how_far_the_first_is() {
    let (world, driver) = swept().await;
    let moscow = world.get(&driver, "/api/places?name=Москва").await.ok().json()["items"][0]["id"].clone();
    rest(&world);
    let around = format!("/api/cargos?from_place_id={moscow}&from_radius_km=300&limit=100");
    let list = world.get(&driver, &around).await.ok().json();
    let (inside, outside): (Vec<_>, Vec<_>) =
        list["items"].as_array().unwrap().iter().partition(|card| card["from"]["place_id"] == moscow);
    assert!(!inside.is_empty() && !outside.is_empty(), "{list}");
    for card in &inside {
        assert_eq!((&card["from"]["city_en"], &card["deadhead_km"]), (&json!("Moscow"), &Value::Null), "{card}");
    }
    for card in &outside {
        let km = card["deadhead_km"].as_f64().expect("a distance");
        assert!((1.0..=375.0).contains(&km), "300 km as the crow flies are at most 375 by road: {card}");
    }
    rest(&world);
    let everywhere = world.get(&driver, "/api/cargos?sort=price").await.ok().json();
    assert!(everywhere["items"].as_array().unwrap().iter().all(|card| card["deadhead_km"].is_null()));
    let id = text(&inside[0]["id"]);
    let opened = world.get(&driver, &format!("/api/cargos/{id}")).await.ok().json();
    for end in ["from", "to"] {
        for field in ["place_id", "city_en"] {
            assert_eq!(opened["cargo"][end][field], inside[0][end][field], "the opened cargo says the same");
        }
    }
}

#[tokio::test]
async fn facets_count_what_the_list_finds() {
    let (world, driver) = swept().await;
    let filters = "price_min=30000&distance_max=1500";
    let facets = world.get(&driver, &format!("/api/cargos/facets?{filters}")).await.ok().json();
    let total = async |more: String| {
        rest(&world);
        let list = world.get(&driver, &format!("/api/cargos?limit=1&{filters}{more}")).await.ok().json();
        list["total"].as_u64().unwrap()
    };
    assert_eq!(facets["total"].as_u64(), Some(total(String::new()).await));
    let counted = |list: &str| facets[list].as_array().unwrap().iter().take(4).cloned().collect::<Vec<_>>();
    for (list, parameter, field) in
        [("truck_types", "truck_types", "id"), ("from", "from_place_id", "place_id"), ("to", "to_place_id", "place_id")]
    {
        for entry in counted(list) {
            let found = total(format!("&{parameter}={}", entry[field])).await;
            assert_eq!(entry["count"].as_u64(), Some(found), "{list} {entry}");
        }
    }
    for day in counted("days") {
        let date = day["date"].as_str().unwrap();
        assert_eq!(day["count"].as_u64(), Some(total(format!("&date_from={date}&date_to={date}")).await), "{day}");
    }
    let banded: u64 = facets["price"].as_array().unwrap().iter().map(|band| band["count"].as_u64().unwrap()).sum();
    assert_eq!(banded + facets["on_request"].as_u64().unwrap(), facets["total"].as_u64().unwrap());
}

/// CargoTech's own answers, without the product between.
struct CargoTech<'a> {
    world: &'a World,
    token: String,
}

impl CargoTech<'_> {
    async fn of(world: &World) -> CargoTech<'_> {
        let login = json!({ "phone": DEMO_CARGOTECH.0, "password": DEMO_CARGOTECH.1, "remember": true });
        let headers = [("content-type", "application/json")];
        let answer = world.send(Method::POST, "/_cargotech/v1/auth/login", &headers, login.to_string()).await.ok();
        CargoTech { world, token: format!("Bearer {}", answer.json()["data"]["token"].as_str().unwrap()) }
    }

    async fn get(&self, path: &str) -> Value {
        let headers = [("authorization", self.token.as_str())];
        self.world.send(Method::GET, &format!("/_cargotech{path}"), &headers, "").await.ok().json()
    }

    /// How many cargos it finds for the list's query, and the first hundred.
    async fn list(&self, query: &str) -> (u64, BTreeSet<u64>) {
        let pairs: Vec<_> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let filters = Filters::parse(&pairs, date(2035, 5, 15)).expect("good");
        let sent: Vec<_> = filters.query().into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        let list = self.get(&format!("/v2/cargos/views?{}", sent.join("&"))).await;
        let id = |cargo: &Value| number(&cargo["id"]);
        let ids = list["data"].as_array().expect("cargos").iter().map(id).collect();
        (list["meta"]["size"].as_u64().expect("a total"), ids)
    }
}

/// An id that may be a text.
fn number(value: &Value) -> u64 {
    value.to_string().trim_matches('"').parse().expect("a number")
}

/// Cities with their id in the market, and id and type at CargoTech.
async fn cities(world: &World, driver: &Driver, cargotech: &CargoTech<'_>) -> Vec<(u64, u64, u64)> {
    let mut cities = Vec::new();
    for name in ["Москва", "Казань", "Самара", "Екатеринбург", "Новосибирск", "Воронеж"]
    {
        let place =
            world.get(driver, &format!("/api/places?name={name}&limit=1")).await.ok().json()["items"][0].clone();
        let found = cargotech.get(&format!("/v1/dictionaries/points?filter[name]={name}")).await;
        let points = found["data"].as_array().unwrap();
        let point = points.iter().find(|point| point["name"] == name).expect("the same city");
        cities.push((number(&place["id"]), number(&point["id"]), number(&point["type"])));
    }
    cities
}

/// One query twice: for the market, and for CargoTech.
fn random_query(rng: &mut Rng, cities: &[(u64, u64, u64)]) -> (String, String) {
    let (mut market, mut cargotech) = (vec!["limit=100".to_owned()], vec!["limit=100".to_owned()]);
    for (end, point) in [("from", "start_point"), ("to", "finish_point")] {
        if rng.u8(..3) > 0 {
            continue;
        }
        let (place, id, kind) = cities[rng.usize(..cities.len())];
        market.push(format!("{end}_place_id={place}"));
        cargotech.push(format!("{point}_id={id}&{point}_type={kind}"));
        let radius = [0, 100, 300][rng.usize(..3)];
        if radius > 0 {
            market.push(format!("{end}_radius_km={radius}"));
            cargotech.push(format!("{point}_radius={radius}"));
        }
    }
    let types =
        |rng: &mut Rng, most| (0..rng.usize(1..4)).map(|_| rng.u32(1..most).to_string()).collect::<Vec<_>>().join(",");
    let category = ["3_5", "10_15", "20", "7.5-45"][rng.usize(..4)];
    let has_price = ["", "&has_price=true"][rng.usize(..2)];
    let (trucks, loads) = (types(rng, 18), types(rng, 6));
    let filters = [
        format!("weight_volume={category}"),
        format!("price_min={}&price_max={}{has_price}", rng.u32(..60_000), rng.u32(60_000..200_000)),
        // CargoTech's own largest price per kilometre leaves out the shortest ways.
        format!("distance_min=200&price_per_km_min={}", rng.u32(1..80)),
        format!("date_from=2035-05-{}", rng.u32(15..20)),
        format!("truck_types={trucks}"),
        format!("load_types={loads}"),
    ];
    for filter in filters {
        if rng.u8(..4) == 0 {
            market.push(filter.clone());
            cargotech.push(filter);
        }
    }
    (market.join("&"), cargotech.join("&"))
}

#[tokio::test]
async fn the_market_finds_what_cargotech_finds() {
    let world = with(&[("RATE_LIMIT_PER_S", "1000")]).await;
    sweep(&world).await;
    let driver = world.driver().await;
    let cargotech = CargoTech::of(&world).await;
    let cities = cities(&world, &driver, &cargotech).await;
    let mut rng = Rng::with_seed(15);
    let mut found_some = 0;
    for _ in 0..300 {
        let (market, query) = random_query(&mut rng, &cities);
        let ours = world.get(&driver, &format!("/api/cargos?{market}")).await.ok();
        assert_eq!(source(&ours), "market");
        let (total, first) = cargotech.list(&query).await;
        assert_eq!(ours.json()["total"].as_u64(), Some(total), "{market} | {query}");
        if total <= 100 {
            assert_eq!(ids(&ours.json()).into_iter().collect::<BTreeSet<_>>(), first, "{market} | {query}");
        }
        found_some += u32::from(total > 0);
    }
    assert!(found_some > 200, "{found_some}");
}

#[tokio::test]
async fn filters_that_the_list_has_no_data_for_go_to_cargotech() {
    let world = with(&[]).await;
    super::cargotech(&world, json!({ "shape": "flat" })).await;
    sweep(&world).await;
    let driver = world.driver().await;
    assert_eq!(source(&world.get(&driver, "/api/cargos?price_min=1").await.ok()), "market");
    let trucks = world.get(&driver, "/api/cargos?truck_types=2").await.ok();
    assert_eq!(source(&trucks), "cargotech");
    assert!(trucks.json()["total"].as_u64() > Some(100));
    let days = world.get(&driver, "/api/cargos?date_from=2035-05-17").await.ok();
    assert_eq!(source(&days), "cargotech");
    assert!(days.json()["total"].as_u64() > Some(100));
}

#[tokio::test]
async fn a_type_in_another_spelling_is_counted_with_the_usual_one() {
    let (world, driver) = swept().await;
    let facets = async || {
        rest(&world);
        world.get(&driver, "/api/cargos/facets").await.ok().json()["truck_types"].clone()
    };
    let before = facets().await;
    let id = text(&world.get(&driver, "/api/cargos?limit=1").await.ok().json()["items"][0]["id"]);
    let usual = &before[0];
    let told = json!({ "truck_types": [{ "id": usual["id"], "name": "Иначе названный" }] });
    world.sandbox(&format!("/cargotech/cargos/{id}/sent"), told).await;
    sweep(&world).await;
    let after = facets().await;
    let of_type: Vec<_> = after.as_array().unwrap().iter().filter(|kind| kind["id"] == usual["id"]).collect();
    assert_eq!(of_type.len(), 1, "{after}");
    assert_eq!(of_type[0]["name"], usual["name"]);
    let found = world.get(&driver, &format!("/api/cargos?truck_types={}&limit=1", usual["id"])).await.ok().json();
    assert_eq!(found["total"], of_type[0]["count"]);
}
