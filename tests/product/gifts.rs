//! Promo codes and access links.
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Driver, World};

/// A product whose admin is signed in.
async fn make(world: &World, admin: &Driver, body: Value) -> String {
    let answer = world.call(admin, Method::POST, "/api/admin/promo-codes", &body).await;
    assert_eq!(answer.status.as_u16(), 201, "{}", answer.body);
    answer.json()["promo_code"]["code"].as_str().unwrap().to_owned()
}

async fn redeem(world: &World, driver: &Driver, code: &str) -> tests::Answer {
    world.call(driver, Method::POST, "/api/promo-codes/redeem", &json!({ "code": code })).await
}

async fn ends_at(world: &World, driver: &Driver) -> String {
    world.get(driver, "/api/subscription").await.ok().json()["expires_at"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn only_an_admin_makes_codes_and_whoever_tries_is_written_down() {
    let (world, admin) = World::with_owner().await;
    let driver = world.driver().await;
    let body = json!({ "code": "ZIMA", "action": "extend", "days": 30, "max_uses": 5 });
    let refused = world.call(&driver, Method::POST, "/api/admin/promo-codes", &body).await;
    assert_eq!(refused.problem(), (403, "admin_only".into()));
    let row = world.rows("AUDIT#").await;
    assert!(row.iter().any(|row| row.to_string().contains("admin_access")), "{row:?}");
    assert_eq!(make(&world, &admin, body.clone()).await, "ZIMA");
    let again = world.call(&admin, Method::POST, "/api/admin/promo-codes", &body).await;
    assert_eq!(again.problem(), (409, "promo_code_exists".into()));
    let wrong = world.call(&admin, Method::POST, "/api/admin/promo-codes", &json!({ "days": 0 })).await;
    assert_eq!(wrong.problem(), (422, "validation_failed".into()));
}

#[tokio::test]
async fn a_code_extends_once_for_each_driver_however_it_is_typed() {
    let (world, admin) = World::with_owner().await;
    let driver = world.driver().await;
    let code = make(&world, &admin, json!({ "action": "extend", "days": 30, "max_uses": 5 })).await;
    let before = ends_at(&world, &driver).await;
    let typed = format!(" {}-{} ", &code[..4].to_lowercase(), &code[4..]);
    let given = redeem(&world, &driver, &typed).await.ok().json();
    assert_eq!((given["days_added"].as_i64(), given["subscription"]["source"].as_str()), (Some(30), Some("promo")));
    let after = ends_at(&world, &driver).await;
    assert!(after > before, "{before} {after}");
    assert_eq!(redeem(&world, &driver, &code).await.problem(), (409, "promo_code_repeated".into()));
    assert_eq!(ends_at(&world, &driver).await, after);
}

#[tokio::test]
async fn of_twenty_drivers_one_gets_the_last_use() {
    let (world, admin) = World::with_owner().await;
    let code = make(&world, &admin, json!({ "action": "extend", "days": 30, "max_uses": 1 })).await;
    let statuses = redeemed_by(&world, 20, &code).await;
    assert_eq!(statuses.iter().filter(|(status, _)| *status == 200).count(), 1, "{statuses:?}");
    assert!(
        statuses.iter().filter(|(status, _)| *status != 200).all(|(_, code)| code == "promo_code_used_up"),
        "{statuses:?}"
    );
    assert_eq!(world.rows(&format!("PROMO#{code}")).await.len(), 2, "the code and one use");
}

#[tokio::test]
async fn forty_drivers_at_once_all_get_a_code_of_many_uses() {
    let (world, admin) = World::with_owner().await;
    let code = make(&world, &admin, json!({ "action": "extend", "days": 30, "max_uses": 100 })).await;
    let statuses = redeemed_by(&world, 40, &code).await;
    assert!(statuses.iter().all(|(status, _)| *status == 200), "{statuses:?}");
    let rows = world.rows(&format!("PROMO#{code}")).await;
    assert_eq!(rows.len(), 41, "the code and forty uses");
    assert!(rows.iter().any(|row| row["uses"]["N"] == "40"), "each is counted");
}

/// So many drivers redeem a code at once: how each is answered.
async fn redeemed_by(world: &World, count: usize, code: &str) -> Vec<(u16, String)> {
    let drivers = world.drivers(count).await;
    join_all(drivers.iter().map(|driver| async move {
        for _ in 0..5 {
            let answer = redeem_as(world, driver, code, "tap").await;
            // A busy machine's store may be too slow; then the app repeats it.
            if answer.status.as_u16() != 503 {
                return answer.problem();
            }
        }
        (503, String::new())
    }))
    .await
}

/// Redeems under the client's own name for it.
async fn redeem_as(world: &World, driver: &Driver, code: &str, key: &str) -> tests::Answer {
    let bearer = format!("Bearer {}", driver.token);
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json"), ("idempotency-key", key)];
    world.send(Method::POST, "/api/promo-codes/redeem", &headers, json!({ "code": code }).to_string()).await
}

#[tokio::test]
async fn a_redemption_whose_answer_was_lost_is_answered_as_the_first() {
    let (world, admin) = World::with_owner().await;
    // The repeat meets a code that its own first try has used up.
    let code = make(&world, &admin, json!({ "action": "extend", "days": 30, "max_uses": 1 })).await;
    let driver = world.driver().await;
    let first = redeem_as(&world, &driver, &code, "tap").await.ok();
    let after = ends_at(&world, &driver).await;
    for _ in 0..8 {
        let again = redeem_as(&world, &driver, &code, "tap").await.ok();
        assert_eq!(again.json(), first.json());
        world.pass(1);
    }
    assert_eq!(redeem_as(&world, &driver, &code, "another").await.problem(), (409, "promo_code_repeated".into()));
    assert_eq!(ends_at(&world, &driver).await, after);
    let other = world.driver().await;
    assert_eq!(redeem_as(&world, &other, &code, "tap").await.problem(), (409, "promo_code_used_up".into()));
}

#[tokio::test]
async fn only_failures_are_counted_against_who_redeems() {
    let (world, admin) = World::with_owner().await;
    let driver = world.driver().await;
    for _ in 0..7 {
        let code = make(&world, &admin, json!({ "action": "extend", "days": 1, "max_uses": 1 })).await;
        redeem(&world, &driver, &code).await.ok();
    }
    let good = make(&world, &admin, json!({ "action": "extend", "days": 1, "max_uses": 1 })).await;
    let fault = json!({ "operation": "TransactWriteItems", "error": "InternalServerError" });
    for _ in 0..3 {
        world.sandbox("/store", json!({ "faults": [fault] })).await;
        assert_eq!(redeem(&world, &driver, &good).await.problem().0, 503, "that is the store's failure");
        world.send(Method::DELETE, "/_sandbox/store", &[], "").await;
        world.pass(1);
    }
    for _ in 0..4 {
        assert_eq!(redeem(&world, &driver, "NICHTS").await.problem(), (409, "promo_code_unknown".into()));
    }
    redeem(&world, &driver, &good).await.ok();
    assert_eq!(redeem(&world, &driver, "NICHTS").await.problem(), (409, "promo_code_unknown".into()));
    assert_eq!(redeem(&world, &driver, "NICHTS").await.problem(), (429, "rate_limited".into()));
}

#[tokio::test]
async fn a_trial_by_code_is_a_trial_and_who_came_without_one_is_not_new_again() {
    let (world, admin) = World::with_owner().await;
    world.set(json!({ "trial_days": 0 })).await;
    let driver = world.driver().await;
    let state = async |driver: &Driver| world.subscription(driver).await["state"].as_str().unwrap_or("").to_owned();
    assert_eq!(state(&driver).await, "none");
    world.set(json!({ "trial_days": 3 })).await;
    let driver = world.driver_called(driver.id).await;
    assert_eq!(state(&driver).await, "none", "they came when there was none");
    let new = world.driver().await;
    assert_eq!(state(&new).await, "trial");

    let code = make(&world, &admin, json!({ "action": "trial", "days": 5, "max_uses": 5 })).await;
    redeem(&world, &driver, &code).await.ok();
    let subscription = world.subscription(&driver).await;
    assert_eq!((&subscription["state"], &subscription["days_left"]), (&json!("trial"), &json!(5)));
    assert!(world.ledger(&driver).await[0].id.starts_with("promo-"), "the ledger says where it came from");
}

#[tokio::test]
async fn one_driver_who_taps_twenty_times_gets_it_once() {
    let (world, admin) = World::with_owner().await;
    let code = make(&world, &admin, json!({ "action": "extend", "days": 30, "max_uses": 50 })).await;
    let driver = world.driver().await;
    let answers = join_all((0..8).map(|_| redeem(&world, &driver, &code))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    let ledger = world.rows(&format!("DRIVER#{}", driver.id)).await;
    let entries = ledger.iter().filter(|row| row.to_string().contains("LEDGER#promo-")).count();
    assert_eq!(entries, 1, "{ledger:?}");
}

#[tokio::test]
async fn a_refusal_says_why_and_guessing_ends_after_five() {
    let (world, admin) = World::with_owner().await;
    let late = make(
        &world,
        &admin,
        json!({ "action": "extend", "days": 1, "max_uses": 1, "valid_until": shared::clock::rfc3339(world.now_ms() + 60_000) }),
    )
    .await;
    world.pass(120);
    let early = make(
        &world,
        &admin,
        json!({ "action": "extend", "days": 1, "max_uses": 1, "valid_from": "2999-01-01T00:00:00Z" }),
    )
    .await;
    let off = make(&world, &admin, json!({ "action": "extend", "days": 1, "max_uses": 1, "enabled": false })).await;
    let trial = make(&world, &admin, json!({ "action": "trial", "days": 1, "max_uses": 1 })).await;
    let driver = world.driver().await;
    for (code, why) in [
        (late.as_str(), "promo_code_over"),
        (&early, "promo_code_too_early"),
        (&off, "promo_code_unknown"),
        (&trial, "promo_code_not_for_subscribers"),
        ("НЕТ", "promo_code_unknown"),
    ] {
        world.pass(1);
        assert_eq!(redeem(&world, &driver, code).await.problem(), (409, why.into()));
    }
    let sixth = redeem(&world, &driver, "ZIMA").await;
    assert_eq!(sixth.problem(), (429, "rate_limited".into()));
    assert!(sixth.header("retry-after").parse::<i64>().unwrap() > 60);
    world.pass(3590);
    assert_eq!(redeem(&world, &driver, "ZIMA").await.problem(), (429, "rate_limited".into()), "not within the hour");
    world.pass(20);
    assert_eq!(redeem(&world, &driver, "ZIMA").await.problem(), (409, "promo_code_unknown".into()));

    let number = |row: &Value, name: &str| row[name]["N"].as_str()?.parse::<i64>().ok();
    let cache = world.table("cache").await;
    let buckets: Vec<_> = cache.iter().filter_map(|row| Some((number(row, "tat")?, number(row, "ttl")?))).collect();
    assert!(!buckets.is_empty());
    for (tat_ms, ttl_s) in buckets {
        assert!(ttl_s * 1000 >= tat_ms, "what is deleted before it is paid off lets more through: {tat_ms} {ttl_s}");
    }
}

async fn link(world: &World, driver: &Driver) -> String {
    let url = world.get(driver, "/api/me/access-link").await.ok().json()["url"].as_str().unwrap().to_owned();
    url.split_once("#/access/").expect("the token follows the #").1.to_owned()
}

async fn open(world: &World, token: &str) -> tests::Answer {
    let body = json!({ "access_token": token }).to_string();
    world.send(Method::POST, "/api/auth/access-token", &[("content-type", "application/json")], body).await
}

#[tokio::test]
async fn an_access_link_opens_the_app_until_it_is_revoked_and_administers_nothing() {
    let (world, admin) = World::with_owner().await;
    let token = link(&world, &admin).await;
    assert_eq!(link(&world, &admin).await, token, "it is the same whenever it is asked for");
    let opened = open(&world, &token).await.ok().json();
    let guest = Driver { id: admin.id, token: opened["session_token"].as_str().unwrap().to_owned() };
    world.get(&guest, "/api/cargos?limit=1").await.ok();
    assert_eq!(
        world.get(&admin, "/api/me").await.problem(),
        (401, "session_replaced".into()),
        "one session for a driver"
    );
    let body = json!({ "action": "extend", "days": 30, "max_uses": 5 });
    let refused = world.call(&guest, Method::POST, "/api/admin/promo-codes", &body).await;
    assert_eq!(refused.problem(), (403, "admin_only".into()));

    let back = world.driver_called(admin.id).await;
    let revoked = world.call(&back, Method::DELETE, "/api/me/access-link", &Value::Null).await;
    assert_eq!(revoked.status.as_u16(), 204);
    assert_eq!(open(&world, &token).await.problem(), (401, "access_token_invalid".into()));
    open(&world, &link(&world, &back).await).await.ok();
}

#[tokio::test]
async fn an_access_link_works_while_a_subscription_runs() {
    let world = World::start().await;
    let driver = world.driver().await;
    let token = link(&world, &driver).await;
    world.pass(4 * 86_400);
    assert_eq!(open(&world, &token).await.problem(), (402, "subscription_required".into()));
    let back = world.driver_called(driver.id).await;
    assert_eq!(world.get(&back, "/api/me/access-link").await.problem(), (402, "subscription_required".into()));
    for bad in ["", "x", &token[1..]] {
        assert!(matches!(open(&world, bad).await.status.as_u16(), 401 | 422), "{bad}");
    }
    // A sign-in from Telegram after one by a link is a sign-in like any other.
    let again = world.driver_called(driver.id).await;
    world.get(&again, "/api/me").await.ok();
}

#[tokio::test]
async fn admins_see_who_used_a_code_and_switch_it_off_at_once() {
    let (world, admin) = World::with_owner().await;
    let (first, second) = (world.driver().await, world.driver().await);
    let code = make(&world, &admin, json!({ "action": "extend", "days": 7, "max_uses": 10 })).await;
    world.call(&first, Method::POST, "/api/promo-codes/redeem", &json!({ "code": code })).await.ok();
    let off =
        world.call(&admin, Method::PUT, &format!("/api/admin/promo-codes/{code}"), &json!({ "enabled": false })).await;
    assert_eq!(off.ok().json()["promo_code"]["enabled"], false);
    let refused = world.call(&second, Method::POST, "/api/promo-codes/redeem", &json!({ "code": code })).await;
    assert_eq!(refused.problem(), (409, "promo_code_unknown".into()));

    let listed = world.get(&admin, "/api/admin/promo-codes").await.ok().json()["items"][0].clone();
    assert_eq!((&listed["code"], &listed["uses"], &listed["created_by"]), (&json!(code), &json!(1), &json!(admin.id)));
    let uses = world.get(&admin, &format!("/api/admin/promo-codes/{code}/uses")).await.ok().json();
    let drivers: Vec<_> = uses["items"].as_array().unwrap().iter().map(|used| used["driver_id"].clone()).collect();
    assert_eq!(drivers, [json!(first.id)]);
    let bad = world.call(&admin, Method::PUT, &format!("/api/admin/promo-codes/{code}"), &json!({ "days": 1 })).await;
    assert_eq!(bad.status, 422);
    let path = "/api/admin/promo-codes/NOBODY";
    assert_eq!(world.get(&admin, path).await.problem(), (404, "not_found".into()));
    assert_eq!(world.call(&admin, Method::PUT, path, &json!({ "enabled": true })).await.problem().0, 404);
}

#[tokio::test]
async fn a_code_whose_answer_was_lost_is_the_same_code_again() {
    let (world, admin) = World::with_owner().await;
    let body = json!({ "code": null, "action": "extend", "days": 7, "max_uses": 10 });
    let made = world.command(&admin, "promo-codes", "one", &body).await;
    assert_eq!(made.status, 201);
    let made = made.json();
    assert_eq!(world.command(&admin, "promo-codes", "one", &body).await.json(), made);
    let other = world.command(&admin, "promo-codes", "two", &body).await.json();
    assert_ne!(other["promo_code"]["code"], made["promo_code"]["code"]);
    assert_eq!(world.get(&admin, "/api/admin/promo-codes").await.ok().json()["items"].as_array().unwrap().len(), 2);
    let taken = json!({ "code": made["promo_code"]["code"], "action": "extend", "days": 1, "max_uses": 1 });
    assert_eq!(
        world.command(&admin, "promo-codes", "three", &taken).await.problem(),
        (409, "promo_code_exists".into())
    );
}

#[tokio::test]
async fn whoever_administers_is_told_so_at_the_sign_in() {
    let (world, admin) = World::with_owner().await;
    let roles = async |id: i64| {
        let init_data = world.init_data(json!({ "driver_id": id })).await;
        world.sign_in(&init_data, None).await.ok().json()["driver"]["roles"].clone()
    };
    world.pass(2);
    assert_eq!(roles(admin.id).await, json!(["owner"]));
    assert_eq!(roles(tests::new_driver_id()).await, json!([]));
}

#[tokio::test]
async fn a_trial_is_reminded_of_on_its_last_day_and_not_before() {
    let (world, admin) = World::with_owner().await;
    let now = world.get(&admin, "/api/admin/settings").await.ok().json()["version"].clone();
    let long = json!({ "version": now, "trial_days": 9 });
    world.call(&admin, Method::PUT, "/api/admin/settings", &long).await.ok();
    let driver = world.driver().await;
    let reminders = async || {
        let list = world.get(&admin, "/api/admin/deliveries?state=reminders&limit=50").await.ok().json();
        let all = list["items"].as_array().expect("a list").iter();
        let own = all.filter(|item| item["driver_id"] == driver.id && item["state"] == "waiting");
        let mut found: Vec<_> = own.map(|item| tests::text(&item["what"])).collect();
        found.sort();
        found
    };
    assert_eq!(reminders().await, ["reminder-0", "reminder-1"]);
}

#[tokio::test]
async fn a_code_that_cannot_work_is_refused_and_one_that_ended_can_be_prolonged() {
    let (world, admin) = World::with_owner().await;
    let past = shared::clock::rfc3339(world.now_ms() - 60_000);
    let body = json!({ "action": "extend", "days": 1, "max_uses": 1, "valid_until": past });
    let refused = world.call(&admin, Method::POST, "/api/admin/promo-codes", &body).await;
    assert_eq!(refused.problem(), (422, "validation_failed".into()));
    assert_eq!(refused.json()["errors"][0]["code"], "in_the_past");

    let soon = shared::clock::rfc3339(world.now_ms() + 60_000);
    let code = make(&world, &admin, json!({ "action": "extend", "days": 1, "max_uses": 1, "valid_until": soon })).await;
    let path = format!("/api/admin/promo-codes/{code}");
    let shown = async || world.get(&admin, &path).await.ok().json()["promo_code"].clone();
    assert_eq!(shown().await["state"], "works");
    world.pass(120);
    assert_eq!(shown().await["state"], "ended");
    let put = async |body: Value| world.call(&admin, Method::PUT, &path, &body).await;
    assert_eq!(put(json!({ "valid_until": past })).await.problem().0, 422);
    assert_eq!(put(json!({})).await.problem().0, 422);
    let later = shared::clock::rfc3339(world.now_ms() + 3_600_000);
    put(json!({ "valid_until": later })).await.ok();
    assert_eq!(shown().await["state"], "works");
    let driver = world.driver().await;
    redeem(&world, &driver, &code).await.ok();
    assert_eq!(shown().await["state"], "used_up");
    let other = world.driver().await;
    assert_eq!(redeem(&world, &other, &code).await.problem(), (409, "promo_code_used_up".into()));
    put(json!({ "max_uses": 2, "valid_until": null })).await.ok();
    redeem(&world, &other, &code).await.ok();
    assert_eq!(put(json!({ "max_uses": 1 })).await.problem().0, 422, "it was used more often");
    put(json!({ "enabled": false })).await.ok();
    let off = shown().await;
    assert_eq!(
        (&off["enabled"], &off["max_uses"], &off["uses"], &off["valid_until"]),
        (&json!(false), &json!(2), &json!(2), &Value::Null)
    );
    let changes = world.rows("AUDIT#").await;
    let of_code = |row: &&Value| row["kind"]["S"] == "promo_code" && row["before"].is_object();
    assert_eq!(changes.iter().filter(of_code).count(), 3, "each change is written down with what stood before");
    let own = make(&world, &admin, json!({ "action": "extend", "days": 1, "max_uses": 1 })).await;
    assert_eq!(redeem(&world, &admin, &own).await.problem(), (409, "promo_code_own".into()), "nobody gives themselves");
    world.pass(3601);
    assert_eq!(put(json!({ "max_uses": 101 })).await.problem(), (403, "sign_in_too_old".into()));
}
