use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Driver, World};

async fn city(world: &World, driver: &Driver, name: &str) -> Value {
    let path = format!("/api/dictionaries/cities?q={name}");
    world.get(driver, &path).await.ok().json()["items"][0].clone()
}

#[tokio::test]
async fn a_driver_sees_cards_ready_to_read() {
    let world = World::start().await;
    let driver = world.driver().await;
    let answer = world.get(&driver, "/api/cargos").await.ok();
    let list = answer.json();
    let items = list["items"].as_array().unwrap();
    assert_eq!((items.len(), list["limit"].as_i64(), list["offset"].as_i64()), (20, Some(20), Some(0)));
    assert!(list["total"].as_i64().unwrap() >= 5000);
    for card in items {
        let display = &card["display"];
        assert!(display["route"].as_str().unwrap().contains(" → "), "{card}");
        let price = display["price"].as_str().unwrap();
        assert_eq!(card["price_rub"].is_null(), price == "по запросу", "{card}");
        assert!(price.ends_with(" ₽") || price == "по запросу", "{card}");
        assert!(!price.starts_with("0 "), "{card}");
        assert!(card["id"].is_string() && card["weight_kg"].as_f64().unwrap() >= 100.0, "{card}");
        assert!(card.get("note").is_none() && card.get("contacts").is_none(), "{card}");
        let date = card["from"]["date"].as_str().unwrap();
        assert!(!date.ends_with('Z'), "{date}");
    }
}

#[tokio::test]
async fn the_second_driver_gets_the_first_ones_answer_from_the_cache() {
    let world = World::start().await;
    let (one, two) = (world.driver().await, world.driver().await);
    let first = world.get(&one, "/api/cargos?limit=5&mode=all").await.ok();
    let second = world.get(&two, "/api/cargos?offset=0&limit=5").await.ok();
    assert_eq!((first.header("x-cargo-cache"), second.header("x-cargo-cache")), ("miss", "hit"));
    assert_eq!(first.body, second.body);
    assert_eq!(first.header("etag"), second.header("etag"));
    assert_eq!(world.upstream_calls("list").await, 1);
}

#[tokio::test]
async fn the_body_is_passed_on_compressed_and_304_saves_it() {
    let world = World::start().await;
    let driver = world.driver().await;
    let bearer = format!("Bearer {}", driver.token);
    let plain = world.get(&driver, "/api/cargos").await.ok();
    // The harness's own client would undo the compression unseen.
    let raw = reqwest::Client::builder().no_proxy().no_gzip().build().unwrap();
    let get = async |headers: &[(&str, &str)]| {
        let mut request = raw.get(format!("{}/api/cargos", world.address())).header("authorization", &bearer);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    };
    let packed = get(&[("accept-encoding", "gzip, br")]).await;
    assert_eq!(packed.headers()["content-encoding"], "gzip");
    assert_eq!(packed.headers()["vary"], "accept-encoding, authorization");
    assert_eq!(packed.headers()["cache-control"], "private, no-cache");
    let packed = packed.bytes().await.unwrap();
    assert!(packed.len() * 3 < plain.body.len(), "{} of {}", packed.len(), plain.body.len());
    assert_eq!(shared::cargo::cache::gunzip(&packed).unwrap(), plain.body.as_bytes());

    let etag = plain.header("etag").to_owned();
    let known = get(&[("if-none-match", &etag)]).await;
    assert_eq!((known.status().as_u16(), known.headers()["etag"].to_str().unwrap()), (304, etag.as_str()));
    assert!(known.bytes().await.unwrap().is_empty());
    assert_eq!(get(&[("if-none-match", "\"other\"")]).await.status().as_u16(), 200);
}

#[tokio::test]
async fn pages_follow_each_other_without_gaps() {
    let world = World::start().await;
    let driver = world.driver().await;
    let ids = async |query: &str| {
        let list = world.get(&driver, &format!("/api/cargos?{query}")).await.ok().json();
        list["items"].as_array().unwrap().iter().map(|card| card["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let whole = ids("limit=40").await;
    let mut parts = ids("limit=20").await;
    parts.extend(ids("limit=20&offset=20").await);
    assert_eq!(parts, whole);
    assert_eq!(whole.iter().collect::<BTreeSet<_>>().len(), 40);
    assert!(ids("limit=20&offset=99999").await.is_empty());
}

async fn entry_called(world: &World, driver: &Driver, dictionary: &str, name: &str) -> Value {
    let entries = world.get(driver, &format!("/api/dictionaries/{dictionary}")).await.ok().json();
    let entries = entries["items"].as_array().unwrap();
    entries.iter().find(|entry| entry["name"] == name).expect("the vocabulary has it").clone()
}

#[tokio::test]
async fn filters_find_what_they_say_and_nothing_else() {
    let world = World::with(&[("MISSES_PER_MIN", "6000"), ("RATE_LIMIT_PER_S", "1000")]).await;
    let driver = world.driver().await;
    let cards = async |query: &str| {
        let list = world.get(&driver, &format!("/api/cargos?limit=100&{query}")).await.ok().json();
        list["items"].as_array().unwrap().clone()
    };
    let moscow = city(&world, &driver, "москва").await;
    let (id, kind) = (&moscow["id"], &moscow["type"]);
    assert_eq!(moscow["name"], "Москва");

    let exact = cards(&format!("start_point_id={id}&start_point_type={kind}")).await;
    assert!(!exact.is_empty() && exact.iter().all(|card| card["from"]["city"] == "Москва"));
    let around = cards(&format!("start_point_id={id}&start_point_type={kind}&start_point_radius=100")).await;
    let cities = around.iter().filter_map(|card| card["from"]["city"].as_str()).collect::<BTreeSet<_>>();
    assert!(cities.len() > 1 && !cities.contains("Новосибирск") && !cities.contains("Казань"), "{cities:?}");
    let to = cards(&format!("finish_point_id={id}&finish_point_type={kind}")).await;
    assert!(!to.is_empty() && to.iter().all(|card| card["to"]["city"] == "Москва"));

    let number = |card: &Value, field: &str| card[field].as_f64();
    let light = cards("weight_volume=1_3").await;
    assert!(!light.is_empty() && light.iter().all(|card| number(card, "weight_kg").unwrap() <= 1000.0), "1-15");
    let free = cards("weight_volume=7.5-45").await;
    assert!(
        free.iter()
            .all(|card| number(card, "weight_kg").unwrap() <= 7500.0 && number(card, "volume_m3").unwrap() <= 45.0)
    );
    let priced = cards("price_min=30000&price_max=60000").await;
    assert!(
        !priced.is_empty()
            && priced.iter().all(|card| (30_000.0..=60_000.0).contains(&number(card, "price_rub").unwrap()))
    );
    let paid_well = cards("price_per_km_min=80").await;
    assert!(!paid_well.is_empty() && paid_well.iter().all(|card| number(card, "price_per_km_rub").unwrap() >= 79.5));
    let far = cards("distance_min=1000&distance_max=1500").await;
    assert!(
        !far.is_empty() && far.iter().all(|card| (1000.0..=1500.0).contains(&number(card, "distance_km").unwrap()))
    );
    let mine = cards("mode=my").await;
    assert!(!mine.is_empty() && mine != cards("").await, "the list without the filter is another");

    let reefer = entry_called(&world, &driver, "truck-types", "рефрижератор").await;
    let reefers = cards(&format!("truck_types={}", reefer["id"])).await;
    assert!(!reefers.is_empty());
    assert!(
        reefers
            .iter()
            .all(|card| { card["truck_types"].as_array().unwrap().contains(&json!("рефрижератор")) })
    );
    let side = entry_called(&world, &driver, "load-types", "боковая").await;
    let sides = cards(&format!("load_types={}", side["id"])).await;
    assert!(sides.iter().all(|card| { card["load_types"].as_array().unwrap().contains(&json!("боковая")) }));

    let together = cards(&format!(
        "start_point_id={id}&start_point_type={kind}&start_point_radius=300&truck_types={}&distance_max=2000",
        reefer["id"]
    ))
    .await;
    assert!(together.iter().all(|card| number(card, "distance_km").unwrap() <= 2000.0));
    assert!(together.len() <= reefers.len() || reefers.len() == 100);

    let tomorrow = jiff_date(&world, 3);
    let later = cards(&format!("start_date={tomorrow}")).await;
    assert!(!later.is_empty() && later.iter().all(|card| card["from"]["date"].as_str().unwrap() >= tomorrow.as_str()));
}

fn jiff_date(world: &World, days: i64) -> String {
    let at = world.now_ms() + days * 86_400_000;
    shared::clock::rfc3339(at)[..10].to_owned()
}

#[tokio::test]
async fn all_errors_of_a_query_come_together_and_cost_no_upstream_call() {
    let world = World::start().await;
    let driver = world.driver().await;
    let answer =
        world.get(&driver, "/api/cargos?mode=x&limit=0&evil=1&start_point_id=5&limit=3&price_min=%F0%9F%92%A9").await;
    assert_eq!(answer.problem(), (422, "validation_failed".into()));
    let body = answer.json();
    let fields =
        body["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect::<BTreeSet<_>>();
    assert_eq!(fields, BTreeSet::from(["mode", "limit", "evil", "start_point_type", "price_min"]));
    assert_eq!(world.upstream_calls("list").await, 0);
    let stranger = world.send(Method::GET, "/api/cargos?evil=1", &[], "").await;
    assert_eq!(stranger.problem(), (401, "session_missing".into()));
}

#[tokio::test]
async fn a_detail_tells_everything_and_is_cached_for_all() {
    let world = World::with(&[("RATE_LIMIT_PER_S", "1000"), ("MISSES_PER_MIN", "1000")]).await;
    let (one, two) = (world.driver().await, world.driver().await);
    let list = world.get(&one, "/api/cargos?limit=40").await.ok().json();
    let mut noted = 0;
    let mut phones = 0;
    for card in list["items"].as_array().unwrap() {
        let id = card["id"].as_str().unwrap();
        let answer = world.get(&one, &format!("/api/cargos/{id}")).await.ok();
        let cargo = &answer.json()["cargo"];
        assert_eq!(
            (&cargo["id"], &cargo["price_rub"], &cargo["from"]["city"]),
            (&card["id"], &card["price_rub"], &card["from"]["city"])
        );
        for field in [
            "krugoreis",
            "partial_load",
            "note_valid",
            "is_delete_from_archive",
            "url",
            "integrate",
            "integrate_contacts",
            "external_inn",
            "custom_cargo_type",
        ] {
            assert!(cargo["extra"].get(field).is_some(), "{field} in {cargo}");
        }
        let note = cargo["note"].as_str().unwrap_or_default();
        assert!(!note.contains("<br") && !note.contains("&quot;") && !note.contains('\r'), "{note}");
        noted += usize::from(!note.is_empty());
        phones += usize::from(
            cargo["contacts"].as_array().unwrap().iter().any(|c| !c["phones"].as_array().unwrap().is_empty()),
        );
        let again = world.get(&two, &format!("/api/cargos/{id}?seen_price_rub=1")).await.ok();
        assert_eq!((again.header("x-cargo-cache"), &again.body), ("hit", &answer.body));
    }
    assert!(noted > 20 && phones > 20, "{noted} notes, {phones} with phones");
    assert_eq!(world.upstream_calls("detail").await, 40);
}

#[tokio::test]
async fn a_cargo_that_is_gone_says_so_and_leaves_the_lists_that_show_it() {
    let world = World::start().await;
    let driver = world.driver().await;
    let list = world.get(&driver, "/api/cargos?limit=10").await.ok().json();
    let id = list["items"][3]["id"].as_str().unwrap().to_owned();
    world.sandbox_post(&format!("/cargotech/cargos/{id}/remove"), json!({})).await;
    let path = format!("/api/cargos/{id}");
    for _ in 0..3 {
        assert_eq!(world.get(&driver, &path).await.problem(), (404, "cargo_gone".into()));
    }
    assert_eq!(world.upstream_calls("detail").await, 1, "that it is gone is remembered");
    let again = world.get(&driver, "/api/cargos?limit=10").await.ok();
    assert_eq!(again.header("x-cargo-cache"), "miss");
    assert!(!again.body.contains(&id));
    assert_eq!(world.get(&driver, "/api/cargos?limit=10").await.header("x-cargo-cache"), "hit");
}

#[tokio::test]
async fn a_changed_price_seen_at_open_renews_the_lists_that_show_the_old_one() {
    let world = World::start().await;
    let driver = world.driver().await;
    let list = world.get(&driver, "/api/cargos?limit=5").await.ok().json();
    let card = list["items"].as_array().unwrap().iter().find(|card| !card["price_rub"].is_null()).unwrap();
    let (id, price) = (card["id"].as_str().unwrap(), card["price_rub"].as_f64().unwrap());
    world.sandbox(&format!("/cargotech/cargos/{id}"), json!({ "price_rub": price + 1500.0 })).await;
    assert_eq!(world.get(&driver, "/api/cargos?limit=5").await.header("x-cargo-cache"), "hit");
    let detail = world.get(&driver, &format!("/api/cargos/{id}?seen_price_rub={price}")).await.ok().json();
    assert_eq!(detail["cargo"]["price_rub"].as_f64(), Some(price + 1500.0));
    let renewed = world.get(&driver, "/api/cargos?limit=5").await.ok();
    assert_eq!(renewed.header("x-cargo-cache"), "miss");
    let wrongly_seen = world.get(&driver, &format!("/api/cargos/{id}?seen_price_rub=1")).await.ok();
    assert_eq!(wrongly_seen.header("x-cargo-cache"), "hit");
    assert_eq!(world.get(&driver, "/api/cargos?limit=5").await.header("x-cargo-cache"), "hit");
}

#[tokio::test]
async fn cities_complete_as_one_types_and_are_cached_for_a_day() {
    let world = World::start().await;
    let driver = world.driver().await;
    for typed in ["орёл", "ОРЕЛ", " орел"] {
        let items = world.get(&driver, &format!("/api/dictionaries/cities?q={typed}")).await.ok().json();
        assert_eq!(items["items"][0]["name"], "Орёл", "{typed}");
    }
    assert_eq!(world.upstream_calls("points").await, 2, "in both spellings");
    world.pass(86_000);
    world.get(&driver, "/api/dictionaries/cities?q=орёл").await.ok();
    assert_eq!(world.upstream_calls("points").await, 2);
    let everything = world.get(&driver, "/api/dictionaries/cities").await.ok().json();
    assert!(!everything["items"].as_array().unwrap().is_empty());
    let nothing = world.get(&driver, "/api/dictionaries/cities?q=ъъъъ").await.ok().json();
    assert_eq!(nothing["items"], json!([]));
    let categories = world.get(&driver, "/api/dictionaries/weight-volumes").await.ok().json();
    assert_eq!(categories["items"].as_array().unwrap().len(), 7);
}

#[tokio::test]
async fn both_wire_shapes_give_the_same_cards() {
    let world = World::start().await;
    let driver = world.driver().await;
    let nested = world.get(&driver, "/api/cargos?limit=100&mode=my").await.ok().json();
    for shape in ["flat", "mixed"] {
        world.sandbox("/cargotech", json!({ "shape": shape })).await;
        // This list changes little in five minutes, so the two overlap.
        world.pass(301);
        let list = world.get(&driver, "/api/cargos?limit=100&mode=my").await.ok().json();
        let items = list["items"].as_array().unwrap();
        assert_eq!(list["total"].as_u64().map(|total| total.min(100)), Some(items.len() as u64), "{shape}");
        let known = nested["items"].as_array().unwrap();
        let mut compared = 0;
        for card in items {
            let Some(before) = known.iter().find(|before| before["id"] == card["id"]) else {
                continue;
            };
            assert_eq!(
                (&card["price_rub"], &card["weight_kg"], &card["from"]["city"], &card["display"]["price"]),
                (&before["price_rub"], &before["weight_kg"], &before["from"]["city"], &before["display"]["price"]),
                "{shape}"
            );
            compared += 1;
        }
        let id = items[0]["id"].as_str().unwrap();
        let detail = world.get(&driver, &format!("/api/cargos/{id}")).await.ok().json();
        assert_eq!(detail["cargo"]["price_rub"], items[0]["price_rub"], "{shape}");
        assert!(compared > 0, "{shape}");
    }
}

#[tokio::test]
async fn without_a_total_the_list_says_so() {
    let world = World::start().await;
    let driver = world.driver().await;
    world.sandbox("/cargotech", json!({ "omit_total": true })).await;
    assert_eq!(world.get(&driver, "/api/cargos").await.ok().json()["total"], Value::Null);
}
