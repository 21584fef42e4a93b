//! Settlements by name and by position.
use serde_json::Value;
use tests::World;

fn names(answer: &Value) -> Vec<&str> {
    answer["items"].as_array().expect("places").iter().filter_map(|item| item["name"].as_str()).collect()
}

#[tokio::test]
async fn a_driver_finds_a_place_by_what_they_type_and_by_where_they_are() {
    let world = World::start().await;
    let driver = world.driver().await;
    world.store_calls().await;
    let found = world.get(&driver, "/api/places?name=питер&limit=1").await.ok().json();
    assert_eq!(
        found["items"][0],
        serde_json::json!({
            "id": 498_817, "name": "Санкт-Петербург", "name_en": "Saint Petersburg", "near": null, "near_en": null, "country": "RU",
            "lat": 59.9386, "lon": 30.3141, "timezone": "Europe/Moscow",
        })
    );
    let calls: u64 = world.store_calls().await.values().sum();
    assert_eq!(calls, 1, "the session");
    for (typed, name) in [("rfpfym", "Казань"), ("масква", "Москва"), ("н.челны", "Набережные Челны")]
    {
        let found = world.get(&driver, &format!("/api/places?name={typed}")).await.ok().json();
        assert_eq!(names(&found).first(), Some(&name), "{typed}");
    }
    let found = world.get(&driver, "/api/places?name=кировск&limit=1").await.ok().json();
    assert_eq!((&found["items"][0]["near"], &found["items"][0]["near_en"]), (&"Мурманск".into(), &"Murmansk".into()));
    let near = world.get(&driver, "/api/places/nearest?lat=55.79&lon=49.12&limit=2").await.ok().json();
    assert_eq!((names(&near)[0], names(&near).len()), ("Казань", 2));
    let few = world.get(&driver, "/api/places/nearest?lat=-33.9&lon=151.2").await.ok().json();
    assert_eq!(names(&few), Vec::<&str>::new(), "nobody in Sydney is near Владивосток");
    let nothing = world.get(&driver, "/api/places?name=ъъъъъъ").await.ok().json();
    assert_eq!(names(&nothing), Vec::<&str>::new());
}

#[tokio::test]
async fn what_is_wrong_with_a_question_for_places_is_told_to_drivers_alone() {
    let world = World::start().await;
    let driver = world.driver().await;
    for (query, fields) in [
        ("places", vec!["name"]),
        ("places?name=", vec!["name"]),
        ("places?name=к&limit=0", vec!["limit"]),
        ("places?name=к&limit=x&q=1", vec!["limit", "q"]),
        ("places?name=к&name=м", vec!["name"]),
        ("places/nearest", vec!["lat", "lon"]),
        ("places/nearest?lat=91&lon=0", vec!["lat"]),
        ("places/nearest?lat=NaN&lon=1e999", vec!["lat", "lon"]),
    ] {
        let answer = world.get(&driver, &format!("/api/{query}")).await;
        assert_eq!(answer.problem(), (422, "validation_failed".into()), "{query}");
        let mut wrong: Vec<_> =
            answer.json()["errors"].as_array().unwrap().iter().map(|error| tests::text(&error["field"])).collect();
        wrong.sort_unstable();
        assert_eq!(wrong, fields, "{query}");
        let stranger = world.send(reqwest::Method::GET, &format!("/api/{query}"), &[], String::new()).await;
        assert_eq!(stranger.problem(), (401, "session_missing".into()), "{query}");
    }
}
