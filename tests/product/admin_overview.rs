//! The numbers of the product, and how everything is.
use serde_json::{Value, json};
use tests::{
    Driver, World,
    money::{CARD, DAY_S},
    new_driver_id, text,
};

async fn with_owner() -> (World, Driver) {
    let id = new_driver_id();
    let world = World::with(&[("ADMIN_TELEGRAM_IDS", &id.to_string()), ("RATE_LIMIT_PER_S", "1000")]).await;
    let owner = world.driver_called(id).await;
    (world, owner)
}

async fn overview(world: &World, owner: &Driver, query: &str) -> Value {
    world.get(owner, &format!("/api/admin/overview{query}")).await.ok().json()
}

#[tokio::test]
async fn the_numbers_are_those_of_what_happened() {
    let (world, owner) = with_owner().await;
    let driver = world.driver().await;
    let response = world.responded().await;
    let order = world.order(&driver, "3m").await;
    world.pay(&order.yookassa_id, CARD).await;
    world.until_paid(&driver, &order.id, "succeeded").await;
    world.refund(&order.yookassa_id, Some("299.00")).await;
    world
        .until("the refund is counted", async || {
            (overview(&world, &owner, "").await["totals"]["refunds"] == 1).then_some(())
        })
        .await;
    let shown = overview(&world, &owner, "").await;
    let days = shown["days"].as_array().expect("days");
    assert_eq!(days.len(), 30);
    let today = &days[29];
    assert_eq!((&today["trials"], &today["drivers_new"]), (&json!(3), &json!(3)), "{today}");
    assert_eq!((&today["paid"], &today["revenue_rub"]), (&json!({ "3m": 1 }), &json!({ "3m": 1299.0 })));
    assert_eq!((&today["refunds"], &today["refunded_rub"], &today["came"]), (&json!(1), &json!(299.0), &Value::Null));
    assert_eq!((&today["payments"]["created"], &today["payments"]["succeeded"]), (&json!(1), &json!(1)));
    assert_eq!((&today["responses"]["queued"], &today["responses"]["sent"]), (&json!(1), &json!(1)), "{}", response.id);
    assert!(days[..29].iter().all(|day| day["trials"] == 0 && day["paid"] == json!({})));
    assert_eq!(shown["totals"]["revenue_rub"], 1299.0);
    let early = json!({ "trials": 0, "paid": 0, "promo": 0, "gift": 0, "too_early": 3, "too_early_paid": 1 });
    assert_eq!(shown["totals"]["conversion"], early, "their trials run");
    // Two trials of three days; and the one who paid.
    let running = &shown["subscriptions"];
    assert_eq!((&running["trial"], &running["paid"]), (&json!(2), &json!(1)), "{running}");
    assert_eq!((&running["ending_3_days"], &running["ending_7_days"]), (&json!(0), &json!(2)), "{running}");
    assert_eq!(running["by_day"].as_array().map(Vec::len), Some(30));
    assert_eq!(running["by_day"][3]["trial"], 2, "{running}");
    assert_eq!((&shown["upstream"]["state"], &shown["plans"][0]["id"]), (&json!("ok"), &json!("1m")));

    world.pass(DAY_S);
    let owner = world.driver_called(owner.id).await;
    let tomorrow = overview(&world, &owner, "?days=2").await;
    assert_eq!(tomorrow["days"].as_array().map(Vec::len), Some(2));
    assert_eq!(tomorrow["days"][0], *today, "yesterday is as it was");
    assert_eq!(tomorrow["days"][1]["paid"], json!({}));
    for wrong in ["?days=0", "?days=91", "?days=x", "?from=1"] {
        let answer = world.get(&owner, &format!("/api/admin/overview{wrong}")).await;
        assert_eq!(answer.problem(), (422, "validation_failed".into()), "{wrong}");
    }
}

#[tokio::test]
async fn an_overview_takes_the_same_few_calls_whatever_there_is() {
    let (world, owner) = with_owner().await;
    // Besides: new drivers, failed messages, requests that wait, and subscriptions that end later today and in years, out of the indexes.
    for (days, reads) in [("?days=30", 5 + 4 + 1), ("?days=90", 15 + 4 + 1)] {
        world.pass(1);
        world.store_calls().await;
        overview(&world, &owner, days).await;
        let calls = world.store_calls().await;
        let expected = [
            ("BatchGetItem app", reads),
            ("GetItem app", 1),
            ("GetItem cache", 1),
            ("Query app", 5),
            ("UpdateItem app", 1),
        ];
        let expected: Vec<_> = expected.into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
        assert_eq!(
            calls.into_iter().collect::<Vec<_>>(),
            expected,
            "{days}: the last two are the session and the role"
        );
    }
}

#[tokio::test]
async fn health_tells_of_jobs_queues_secrets_and_of_cargotech() {
    let (world, owner) = with_owner().await;
    let health = async || world.get(&owner, "/api/admin/health").await.ok().json();
    let first = health().await;
    assert_eq!(first["cargotech"]["breaker"], "closed");
    assert_eq!((&first["cargotech"]["last_check"], &first["oldest"]["delivery_s"]), (&Value::Null, &Value::Null));
    let names = |list: &Value| list.as_array().unwrap().iter().map(|item| text(&item["name"])).collect::<Vec<_>>();
    assert_eq!(names(&first["secrets"]), ["cargotech", "yookassa", "session", "access", "edge", "telegram"]);
    assert!(first["secrets"].as_array().unwrap().iter().all(|secret| secret["changed_at"].is_string()), "{first}");
    assert!(!first.to_string().contains("demo-password"));
    // As many as the template has schedules, and each is one that runs.
    let schedules = world.look("/schedules").await;
    let expressions =
        schedules["items"].as_array().unwrap().iter().map(|item| item["expressions"].as_array().unwrap().len());
    assert_eq!(names(&first["jobs"]).len(), expressions.sum::<usize>());
    for job in names(&first["jobs"]) {
        world.job(&job).await;
    }
    let ran = health().await;
    assert!(ran["jobs"].as_array().unwrap().iter().all(|job| job["last_ok"].is_string()), "{ran}");

    let checked = health().await;
    assert_eq!(checked["cargotech"]["last_check"]["ok"], true, "{checked}");
    assert!(checked["cargotech"]["token_age_s"].as_i64().is_some_and(|age| (0..60).contains(&age)), "{checked}");
    world.sandbox("/cargotech", json!({ "fail": { "status": 500 } })).await;
    world.pass(60);
    world.sandbox_post("/cargotech/kill-token", json!({})).await;
    let headers = [("content-type", "application/json")];
    world.send(reqwest::Method::POST, "/_sandbox/schedules/jobs", &headers, r#"{"job":"check-cargotech"}"#).await;
    let failed = health().await;
    let job = failed["jobs"].as_array().unwrap().iter().find(|job| job["name"] == "check-cargotech").unwrap();
    assert!(job["last_error"].is_string() && job["last_ok"].is_string(), "{job}");
    assert_eq!(failed["cargotech"]["last_check"]["ok"], false);
    world.sandbox("/cargotech", json!({ "fail": null })).await;

    // A hint that is lost leaves a message behind that is due.
    world.sandbox("/queues", json!({ "lose": "all" })).await;
    let driver = world.driver_with_phone().await;
    let cargo = world.cargo(&driver).await;
    assert_eq!(world.respond(&driver, &cargo, json!({})).await.status, 201);
    world.pass(20);
    let late = health().await;
    assert!(late["oldest"]["delivery_s"].as_i64().is_some_and(|age| age >= 10), "{late}");
    let queues: Vec<_> = names(&late["queues"]);
    assert_eq!(queues, ["notify", "settle"]);
    assert_eq!(late["queues"][0]["dead_letters"], 0);
}

#[tokio::test]
async fn health_tells_how_long_a_payment_is_open_however_often_it_is_asked_for() {
    let (world, owner) = with_owner().await;
    let oldest = async || world.get(&owner, "/api/admin/health").await.ok().json()["oldest"]["payment_s"].as_i64();
    assert_eq!(oldest().await, None);
    let driver = world.driver_with_phone().await;
    world.order(&driver, "1m").await;
    world.pass(40 * 60);
    world.order(&driver, "3m").await;
    // Whoever has to look after it has done so in this moment, and learnt nothing.
    world.job("look-after-payments").await;
    assert!(oldest().await.is_some_and(|age| (2400..2460).contains(&age)), "{:?}", oldest().await);
    // YooKassa ends the older one, and then the younger one is the oldest.
    world.pass(40 * 60);
    world.job("look-after-payments").await;
    assert!(oldest().await.is_some_and(|age| (2400..2460).contains(&age)), "{:?}", oldest().await);
    world.pass(40 * 60);
    world.job("look-after-payments").await;
    assert_eq!(oldest().await, None);
}

#[tokio::test]
async fn health_calls_a_secret_old_that_was_not_changed_for_a_year() {
    let (world, owner) = with_owner().await;
    let old = async |owner: &Driver| {
        let health = world.get(owner, "/api/admin/health").await.ok().json();
        let secrets = health["secrets"].as_array().unwrap().clone();
        secrets.iter().filter(|secret| secret["old"] == true).map(|secret| text(&secret["name"])).collect::<Vec<_>>()
    };
    assert!(old(&owner).await.is_empty());
    world.pass(366 * DAY_S);
    // All but the key of the drivers' links, which is changed only when it leaked.
    let owner = world.driver_called(owner.id).await;
    assert_eq!(old(&owner).await, ["cargotech", "yookassa", "session", "edge", "telegram"]);
}
