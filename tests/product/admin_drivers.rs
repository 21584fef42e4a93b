//! Drivers, as admins find them, see them and change what they have.
use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Driver, World, new_driver_id, text};

fn ids(items: &[Value]) -> Vec<i64> {
    items.iter().map(|item| item["id"].as_i64().expect("an id")).collect()
}

async fn found(world: &World, admin: &Driver, sought: &str) -> Vec<i64> {
    let sought: String = url(sought);
    let mut found = ids(&world.all(admin, &format!("drivers?q={sought}")).await);
    found.sort_unstable();
    found
}

fn url(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn calls(expected: &[(&str, u64)]) -> BTreeMap<String, u64> {
    expected.iter().map(|(call, count)| ((*call).to_owned(), *count)).collect()
}

#[tokio::test]
async fn a_driver_is_found_by_id_name_username_and_phone_as_they_are_now() {
    let (world, owner) = World::with_owner().await;
    let (fedor, ivan, double) = (new_driver_id(), new_driver_id(), new_driver_id());
    let driver = world.driver_named(fedor, "Фёдор", Some("Иванов"), Some("Fedor_77")).await;
    world.driver_named(ivan, "Иван", Some("Петров"), None).await;
    world.driver_named(double, "Иван", Some("Иванов"), None).await;

    assert_eq!(found(&world, &owner, &fedor.to_string()).await, [fedor]);
    assert_eq!(found(&world, &owner, "@fedor").await, [fedor]);
    assert_eq!(found(&world, &owner, "ФЕДОР").await, [fedor]);
    assert_eq!(found(&world, &owner, "ива").await, [fedor, ivan, double], "first or last, each driver once");
    assert_eq!(found(&world, &owner, "иван пет").await, [ivan]);
    assert_eq!(found(&world, &owner, "иванова").await, [0i64; 0]);
    for nobody in ["@ivan", "1", "+79161234567", "#", "%"] {
        assert_eq!(found(&world, &owner, nobody).await, [0i64; 0], "{nobody}");
    }

    // A phone is found as soon as it is there, and no longer when it is another.
    let put = async |phone: Value| {
        world.call(&driver, Method::PUT, "/api/me", &json!({ "phone": phone })).await.ok();
    };
    put(json!("8 916 123-45-67")).await;
    assert_eq!(found(&world, &owner, "+7 (916) 123-45-67").await, [fedor]);
    assert_eq!(found(&world, &owner, "89161234567").await, [fedor]);
    assert_eq!(found(&world, &owner, "+791612").await, [fedor], "its beginning");
    put(json!("+79990001122")).await;
    assert_eq!(found(&world, &owner, "+79161234567").await, [0i64; 0]);
    assert_eq!(found(&world, &owner, "79990001122").await, [fedor]);
    put(Value::Null).await;
    assert_eq!(found(&world, &owner, "+79990001122").await, [0i64; 0]);

    // So is a name: Telegram tells a new one with the next sign-in.
    world.driver_named(fedor, "Teodor", None, Some("teo")).await;
    assert_eq!(found(&world, &owner, "федор").await, [0i64; 0]);
    assert_eq!(found(&world, &owner, "иванов").await, [double]);
    assert_eq!(found(&world, &owner, "@fedor").await, [0i64; 0]);
    assert_eq!(found(&world, &owner, "teo").await, [fedor]);
    assert_eq!(found(&world, &owner, "@TEO").await, [fedor]);

    let newest = ids(&world.all(&owner, "drivers").await);
    assert_eq!(newest.len(), 4, "each once: {newest:?}");
    assert!(newest.contains(&owner.id) && newest.contains(&double));
    let page = world.ask(&owner, &format!("drivers?q={ivan}&format=csv")).await.ok();
    let lines: Vec<_> = page.body.lines().collect();
    assert_eq!(lines.len(), 2, "{}", page.body);
    assert!(lines[1].contains(&format!("\"{ivan}\",\"Иван\",\"Петров\"")), "{}", page.body);
}

#[tokio::test]
async fn a_card_tells_all_of_a_driver_and_which_rule_decides() {
    let (world, owner) = World::with_owner().await;
    let driver = world.driver_with_phone().await;
    let cargo = world.cargo(&driver).await;
    let response = text(&world.respond(&driver, &cargo, json!({ "price_rub": 777 })).await.json()["response"]["id"]);
    let card = world.ask(&owner, &format!("drivers/{}", driver.id)).await.ok().json();
    assert_eq!(card["driver"]["id"], driver.id);
    assert_eq!((&card["driver"]["phone_confirmed"], &card["driver"]["blocked"]), (&json!(true), &json!(false)));
    assert_eq!((&card["block"], &card["driver"]["deleted_at"]), (&Value::Null, &Value::Null));
    assert_eq!(card["session"]["by_link"], false);
    assert!(card["session"]["signed_in_at"].is_string(), "{card}");
    assert_eq!((&card["subscription"]["state"], &card["subscription"]["days_left"]), (&json!("trial"), &json!(3)));
    let rules = |card: &Value| {
        let features = card["features"].as_array().cloned().expect("features");
        let rule = |feature: &Value| format!("{} {} {}", feature["feature"], feature["allowed"], feature["rule"]);
        features.iter().map(|feature| rule(feature).replace('"', "")).collect::<Vec<_>>()
    };
    let trial = ["list true free", "detail true free", "contacts true subscription", "respond true subscription"];
    assert_eq!(rules(&card), trial);
    let entry = &card["ledger"][0];
    assert_eq!((&entry["source"], &entry["days"], &entry["by"]), (&json!("trial"), &json!(3.0), &Value::Null));

    let responses = world.ask(&owner, &format!("drivers/{}/responses", driver.id)).await.ok().json();
    let item = &responses["items"][0];
    assert_eq!((text(&item["id"]), text(&item["cargo_id"])), (response, cargo));
    assert_eq!((&item["price_rub"], &responses["cursor"]), (&json!(777), &Value::Null));
    assert_eq!(responses["items"].as_array().unwrap().len(), 1);

    world.pass(4 * 86_400);
    let owner = world.driver_called(owner.id).await;
    let card = world.ask(&owner, &format!("drivers/{}", driver.id)).await.ok().json();
    assert_eq!(card["session"], Value::Null, "it has ended by itself");
    let late =
        ["list true free", "detail true free", "contacts false no_subscription", "respond false no_subscription"];
    assert_eq!(rules(&card), late);
    for nobody in ["1", "0", "-1", "x"] {
        assert_eq!(world.ask(&owner, &format!("drivers/{nobody}")).await.problem(), (404, "not_found".into()));
    }
}

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
    assert_eq!(first["TransactWriteItems app"], 2, "the trial, and that they came: {first:?}");
    world.pass(1);
    let again = sign_in(launch().await).await;
    let ordinary = calls(&[("UpdateItem app", 2), ("BatchGetItem app", 1)]);
    assert_eq!(again, ordinary);
    assert_eq!((world.counted("drivers_new").await, world.counted("drivers_active").await), (1, 1));

    world.pass(86_400);
    let next_day = sign_in(launch().await).await;
    assert_eq!(next_day["TransactWriteItems app"], 1);
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
