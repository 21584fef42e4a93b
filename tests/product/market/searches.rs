//! Saved searches: kept, changed, counted, and never too many.
use std::collections::BTreeSet;

use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::{Answer, Driver, World, text};

use super::{rest, sweep, with};

const DAY_S: i64 = 86_400;

/// A product in which a driver may ask as often as a test does.
async fn roomy() -> (World, Driver) {
    let world = with(&[("RATE_LIMIT_PER_S", "100")]).await;
    sweep(&world).await;
    let driver = world.driver().await;
    (world, driver)
}

async fn save(world: &World, driver: &Driver, search: Value) -> Answer {
    world.call(driver, Method::POST, "/api/searches", &search).await
}

async fn all(world: &World, driver: &Driver) -> Vec<Value> {
    let list = world.get(driver, "/api/searches").await.ok().json();
    list["items"].as_array().expect("items").clone()
}

async fn place(world: &World, driver: &Driver, name: &str) -> Value {
    world.get(driver, &format!("/api/places?name={name}")).await.ok().json()["items"][0]["id"].clone()
}

#[tokio::test]
async fn a_search_is_saved_listed_changed_and_deleted() {
    let (world, driver) = roomy().await;
    let moscow = place(&world, &driver, "Москва").await;
    let filters = json!({ "from_place_id": moscow, "from_radius_km": 100, "truck_types": [1, 2], "from_place_name": "Москва",
        "limit": 50 });
    let saved = save(&world, &driver, json!({ "name": " Москва +100 ", "filters": filters, "sort": "-price" })).await;
    assert_eq!(saved.status, StatusCode::CREATED, "{}", saved.body);
    let search = saved.json()["search"].clone();
    let kept = json!({ "from_place_id": moscow.to_string(), "from_radius_km": "100", "truck_types": "1,2",
        "from_place_name": "Москва" });
    assert_eq!(
        (&search["name"], &search["filters"], &search["sort"]),
        (&json!("Москва +100"), &kept, &json!("-price"))
    );
    assert_eq!((&search["new_count"], &search["is_current"]), (&json!(0), &json!(true)));
    assert_eq!(all(&world, &driver).await, std::slice::from_ref(&search));
    let path = format!("/api/searches/{}", text(&search["id"]));
    assert_eq!(world.get(&driver, &path).await.ok().json()["search"], search);

    let other = world.driver().await;
    assert_eq!(all(&world, &other).await, [] as [Value; 0]);
    for method in [Method::GET, Method::DELETE] {
        assert_eq!(world.call(&other, method, &path, &Value::Null).await.status, StatusCode::NOT_FOUND);
    }
    let change = json!({ "name": "Всё", "filters": {} });
    assert_eq!(world.call(&other, Method::PUT, &path, &change).await.status, StatusCode::NOT_FOUND);
    let changed = world.call(&driver, Method::PUT, &path, &change).await.ok().json()["search"].clone();
    assert_eq!((&changed["name"], &changed["filters"], &changed["sort"]), (&json!("Всё"), &json!({}), &Value::Null));
    assert_eq!((&changed["id"], all(&world, &driver).await), (&search["id"], vec![changed.clone()]));
    let deleted = world.call(&driver, Method::DELETE, &path, &Value::Null).await;
    assert_eq!((deleted.status, all(&world, &driver).await.len()), (StatusCode::NO_CONTENT, 0));
    assert_eq!(world.call(&driver, Method::DELETE, &path, &Value::Null).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn each_counts_what_has_come_since_it_was_opened() {
    let (world, driver) = roomy().await;
    let (moscow, kazan) = (place(&world, &driver, "Москва").await, place(&world, &driver, "Казань").await);
    let search =
        |name: &str, from: &Value| json!({ "name": name, "filters": { "from_place_id": from, "price_min": 777_000 } });
    for (name, from) in [("Москва", &moscow), ("Казань", &kazan)] {
        assert_eq!(save(&world, &driver, search(name, from)).await.status, StatusCode::CREATED);
    }
    let counts = async || {
        let all = all(&world, &driver).await;
        all.iter().map(|search| search["new_count"].as_u64().expect("a count")).collect::<Vec<_>>()
    };
    assert_eq!(counts().await, [0, 0]);
    world.pass(60);
    for price in [777_100, 777_200] {
        world.sandbox_post("/cargotech/cargos", json!({ "from": "Москва", "to": "Пермь", "price_rub": price })).await;
    }
    sweep(&world).await;
    assert_eq!(counts().await, [2, 0]);
    world.pass(60);
    let id = text(&all(&world, &driver).await[0]["id"]);
    let opened = world.call(&driver, Method::POST, &format!("/api/searches/{id}/opened"), &Value::Null).await;
    assert_eq!((opened.status, counts().await), (StatusCode::NO_CONTENT, vec![0, 0]));
    world.store_calls().await;
    counts().await;
    let calls = world.store_calls().await;
    assert_eq!(calls.values().sum::<u64>(), 3, "the session, the market, the searches: {calls:?}");
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_field_and_nothing_is_kept() {
    let (world, driver) = roomy().await;
    let faulty = [
        (json!({}), &["name", "filters"][..]),
        (
            json!({ "name": "я".repeat(61), "filters": { "colour": 1 }, "sort": "best" }),
            &["name", "filters.colour", "sort"],
        ),
        (json!({ "name": "Даром", "filters": { "price_min": -1 } }), &["filters.price_min"]),
        (json!({ "name": "Всё", "filters": [] }), &["filters"]),
        (json!({ "name": "Всё", "filters": {}, "loud": true }), &["loud"]),
    ];
    for (search, fields) in faulty {
        let refused = save(&world, &driver, search.clone()).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{search}");
        let errors = refused.json()["errors"].clone();
        let told: BTreeSet<_> = errors.as_array().unwrap().iter().map(|error| text(&error["field"])).collect();
        assert_eq!(told, fields.iter().map(|field| (*field).to_owned()).collect(), "{search}");
    }
    assert_eq!(all(&world, &driver).await.len(), 0);
}

#[tokio::test]
async fn of_many_saved_at_once_each_is_kept_once_and_never_more_than_twenty() {
    let (world, driver) = roomy().await;
    let bearer = format!("Bearer {}", driver.token);
    let attempt = async |number: usize, key: &str| {
        let search = json!({ "name": format!("Поиск {number}"), "filters": {} }).to_string();
        let headers =
            [("authorization", bearer.as_str()), ("content-type", "application/json"), ("idempotency-key", key)];
        // Whoever meets others too often is told to try again.
        loop {
            let answer = world.send(Method::POST, "/api/searches", &headers, search.clone()).await;
            if answer.status != StatusCode::SERVICE_UNAVAILABLE {
                return answer.status.as_u16();
            }
        }
    };
    let same = join_all((0..5).map(|_| attempt(0, "same"))).await;
    assert_eq!(
        (same.iter().filter(|status| **status == 201).count(), same.iter().filter(|status| **status == 200).count()),
        (1, 4)
    );
    let keys: Vec<_> = (1..25).map(|number| format!("key-{number}")).collect();
    let statuses = join_all(keys.iter().enumerate().map(|(number, key)| attempt(number, key))).await;
    let count = |wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!((count(201), count(409)), (19, 5), "{statuses:?}");
    let names: BTreeSet<_> = all(&world, &driver).await.iter().map(|search| text(&search["id"])).collect();
    assert_eq!(names.len(), 20);
}

#[tokio::test]
async fn without_a_subscription_one_search_is_free() {
    let (world, driver) = roomy().await;
    let search = json!({ "name": "Всё", "filters": {} });
    for _ in 0..2 {
        assert_eq!(save(&world, &driver, search.clone()).await.status, StatusCode::CREATED, "while the trial runs");
    }
    world.pass(3 * DAY_S + 1);
    let driver = world.driver_called(driver.id).await;
    let refused = save(&world, &driver, search.clone()).await;
    assert_eq!((refused.status, text(&refused.json()["feature"])), (StatusCode::PAYMENT_REQUIRED, "alerts".to_owned()));
    assert_eq!(all(&world, &driver).await.len(), 2, "what was saved stays");
    for search in all(&world, &driver).await {
        rest(&world);
        world.call(&driver, Method::DELETE, &format!("/api/searches/{}", text(&search["id"])), &Value::Null).await;
    }
    assert_eq!(save(&world, &driver, search).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_day_that_has_passed_finds_nothing_and_says_so() {
    let (world, driver) = roomy().await;
    let day = jiff::Timestamp::from_millisecond(world.now_ms()).unwrap().to_zoned(jiff::tz::TimeZone::UTC).date();
    let search = json!({ "name": "Сегодня", "filters": { "date_from": day.to_string(), "date_to": day.to_string() } });
    assert_eq!(save(&world, &driver, search).await.status, StatusCode::CREATED);
    world.pass(2 * DAY_S);
    let driver = world.driver_called(driver.id).await;
    let late = &all(&world, &driver).await[0];
    assert_eq!((&late["is_current"], &late["new_count"]), (&json!(false), &Value::Null));
}
