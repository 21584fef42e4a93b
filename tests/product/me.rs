use reqwest::Method;
use serde_json::{Value, json};
use tests::{World, text};

#[tokio::test]
async fn a_profile_is_changed_field_by_field_and_survives_the_next_sign_in() {
    let world = World::start().await;
    let driver = world.driver().await;
    let change = json!({ "phone": "8 916 123-45-67", "company": "ИП Морозов", "email": "a@example.org",
        "preferences": { "filters": { "truck_types": [1, 2], "price_min": "30000" }, "language": "en" } });
    let changed = world.call(&driver, Method::PUT, "/api/me", &change).await.ok().json();
    assert_eq!(changed["phone"], "+79161234567");
    assert_eq!(changed["preferences"]["filters"], json!({ "truck_types": "1,2", "price_min": "30000" }));
    assert_eq!(world.get(&driver, "/api/me").await.ok().json(), changed);

    let cleared = world.call(&driver, Method::PUT, "/api/me", &json!({ "phone": null })).await.ok().json();
    assert_eq!((&cleared["phone"], &cleared["company"]), (&Value::Null, &json!("ИП Морозов")));

    world.pass(1);
    let init_data = world.init_data(json!({ "driver_id": driver.id })).await;
    let again = world.sign_in(&init_data, None).await.ok().json();
    assert_eq!(again["driver"]["preferences"]["language"], "en");
    assert_eq!(again["driver"]["email"], "a@example.org");
}

#[tokio::test]
async fn wrong_fields_are_all_named_and_nothing_is_changed() {
    let world = World::start().await;
    let driver = world.driver().await;
    let before = world.get(&driver, "/api/me").await.ok().json();
    let change = json!({ "phone": "12", "company": "ООО", "email": "@", "roles": ["owner"],
        "preferences": { "filters": { "mode": "x" }, "language": "de" } });
    let answer = world.call(&driver, Method::PUT, "/api/me", &change).await;
    assert_eq!(answer.problem(), (422, "validation_failed".into()));
    let fields = answer.json()["errors"].as_array().unwrap().iter().map(|e| e["field"].clone()).collect::<Vec<_>>();
    for field in ["phone", "email", "roles", "preferences.filters.mode", "preferences.language"] {
        assert!(fields.contains(&json!(field)), "{field} in {fields:?}");
    }
    assert_eq!(world.get(&driver, "/api/me").await.ok().json(), before);
}

#[tokio::test]
async fn two_drivers_never_see_each_others_profile() {
    let world = World::start().await;
    let (one, two) = (world.driver().await, world.driver().await);
    let own = [
        json!({ "company": "ООО Один", "phone": "+79160000001", "email": "one@example.org" }),
        json!({ "company": "ООО Два", "phone": "+79160000002", "email": "two@example.org" }),
    ];
    for (driver, body) in [&one, &two].into_iter().zip(&own) {
        world.call(driver, Method::PUT, "/api/me", body).await.ok();
    }
    for (driver, [mine, theirs]) in [(&one, [&own[0], &own[1]]), (&two, [&own[1], &own[0]])] {
        let answer = world.get(driver, "/api/me").await.ok();
        let seen = answer.json();
        assert_eq!(seen["id"].as_i64(), Some(driver.id));
        for (field, value) in mine.as_object().expect("fields") {
            assert_eq!(&seen[field], value);
            assert!(!answer.body.contains(&text(&theirs[field])), "{field} of the other: {}", answer.body);
        }
    }
}
