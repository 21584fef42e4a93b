//! What an admin may not do alone, not any more, or not for themselves.
use serde_json::{Value, json};
use tests::{Answer, Driver, World, text};

const CARD: &str = "5555555555554444";

fn gift(days: i64) -> Value {
    json!({ "action": "gift", "days": days, "reason": "Сбой" })
}

async fn put(world: &World, admin: &Driver, path: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {}", admin.token);
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    world.send(reqwest::Method::PUT, &format!("/api/admin/{path}"), &headers, body.to_string()).await
}

/// Seconds that the ledger says admins gave.
async fn given(world: &World, owner: &Driver, driver: &Driver) -> f64 {
    let card = world.ask(owner, &format!("drivers/{}", driver.id)).await.ok().json();
    let entries = card["ledger"].as_array().cloned().expect("a ledger");
    entries.iter().filter(|entry| entry["source"] == "gift").filter_map(|entry| entry["days"].as_f64()).sum()
}

#[tokio::test]
async fn much_at_once_needs_a_sign_in_of_the_last_hour() {
    let (world, owner) = World::with_owner().await;
    let driver = world.driver().await;
    let before = world.ask(&owner, "settings").await.ok().json();
    let version = before["version"].as_i64().expect("a version");
    world.pass(3601);
    let path = format!("drivers/{}/subscription", driver.id);
    let old = (403, "sign_in_too_old".to_owned());
    assert_eq!(world.command(&owner, &path, "a", &gift(31)).await.problem(), old);
    let in_forty_days = shared::clock::moscow_day(world.now_ms() + 40 * 86_400_000);
    let until = json!({ "action": "extend", "until": in_forty_days, "reason": "r" });
    assert_eq!(world.command(&owner, &path, "b", &until).await.problem(), old);
    world.command(&owner, &path, "c", &gift(30)).await.ok();
    let revoke = json!({ "action": "revoke", "days": 31, "reason": "r" });
    world.command(&owner, &path, "d", &revoke).await.ok();

    let code = |days, uses| json!({ "action": "extend", "days": days, "max_uses": uses });
    assert_eq!(world.command(&owner, "promo-codes", "e", &code(31, 1)).await.problem(), old);
    assert_eq!(world.command(&owner, "promo-codes", "f", &code(30, 101)).await.problem(), old);
    assert_eq!(world.command(&owner, "promo-codes", "g", &code(30, 100)).await.status, 201);

    let mut plans = before["settings"]["plans"].clone();
    let same = json!({ "version": version, "plans": plans });
    put(&world, &owner, "settings", &same).await.ok();
    plans[0]["price_rub"] = json!(1);
    assert_eq!(put(&world, &owner, "settings", &json!({ "version": version, "plans": plans })).await.problem(), old);
    let contact = json!({ "version": version, "support_contact": "@elsewhere" });
    assert_eq!(put(&world, &owner, "settings", &contact).await.problem(), old);
    put(&world, &owner, "settings", &json!({ "version": version, "trial_days": 5 })).await.ok();
    let flag = json!({ "version": version + 1, "rule": "off" });
    assert_eq!(put(&world, &owner, "flags/paid.contacts", &flag).await.problem(), old);
    let block = json!({ "blocked": true, "reason": "r" });
    assert_eq!(world.command(&owner, &format!("drivers/{}/block", driver.id), "h", &block).await.problem(), old);
}

#[tokio::test]
async fn nobody_gives_themselves_anything() {
    let (world, owner) = World::with_owner().await;
    let own = (409, "own_account".to_owned());
    let path = format!("drivers/{}/subscription", owner.id);
    for order in [gift(1), json!({ "action": "revoke", "days": 1, "reason": "r" })] {
        assert_eq!(world.command(&owner, &path, "a", &order).await.problem(), own);
    }
    let order = world.order(&owner, "1m").await;
    world.pay(&order.yookassa_id, CARD).await;
    world.until_paid(&owner, &order.id, "succeeded").await;
    let refund = world.command(&owner, &format!("payments/{}/refund", order.id), "b", &json!({ "reason": "r" })).await;
    assert_eq!(refund.problem(), own);
    let undo = format!("drivers/{}/responses/1/undo", owner.id);
    assert_eq!(world.command(&owner, &undo, "c", &json!({ "reason": "r" })).await.problem(), own);
    assert!((given(&world, &owner, &owner).await - 0.0).abs() < f64::EPSILON);
}

#[tokio::test]
async fn support_gives_thirty_days_at_once_and_ninety_a_month_and_no_more_however_many_try() {
    let (world, owner) = World::with_owner().await;
    let (support, other, driver) = (world.admin("support").await, world.admin("support").await, world.driver().await);
    let path = format!("drivers/{}/subscription", driver.id);
    let orders = (0..8).map(|turn| {
        let (admin, world, path) = (if turn % 2 == 0 { &support } else { &other }, &world, &path);
        async move { world.command(admin, path, &format!("g{turn}"), &gift(30)).await.status.as_u16() }
    });
    let mut met = futures_util::future::join_all(orders).await;
    met.sort_unstable();
    assert_eq!(met, [200, 200, 200, 202, 202, 202, 202, 202], "three times thirty, the rest waits for an owner");
    assert!((given(&world, &owner, &driver).await - 90.0).abs() < 0.01);
    assert_eq!(world.all(&owner, "requests").await.len(), 5);
    // An owner gives as much as they like, and a month later support does again.
    world.command(&owner, &path, "o", &gift(30)).await.ok();
    world.pass(30 * 86_400 + 60);
    let support = world.driver_called(support.id).await;
    world.command(&support, &path, "later", &gift(30)).await.ok();
}

#[tokio::test]
async fn what_an_owner_confirms_is_given_once_and_what_they_decline_never() {
    let (world, owner) = World::with_owner().await;
    let (support, driver) = (world.admin("support").await, world.driver().await);
    let path = format!("drivers/{}/subscription", driver.id);
    let asked = world.command(&support, &path, "a", &gift(60)).await;
    assert_eq!(asked.status, 202);
    let id = text(&asked.json()["request"]["id"]);
    let again = world.command(&support, &path, "a", &gift(60)).await;
    assert_eq!((again.status.as_u16(), text(&again.json()["request"]["id"])), (202, id.clone()), "one request");
    assert_eq!(world.command(&support, &path, "a", &gift(61)).await.problem(), (422, "validation_failed".into()));
    let refused = world.command(&support, &path, "b", &gift(45)).await.json();
    let refused = text(&refused["request"]["id"]);
    assert!((given(&world, &owner, &driver).await - 0.0).abs() < f64::EPSILON, "nothing is given before");

    let waiting = world.all(&owner, "requests").await;
    assert_eq!(waiting.len(), 2);
    assert_eq!(waiting[1]["asked_by"]["id"], support.id);
    assert_eq!((&waiting[1]["days"], &waiting[1]["decision"]), (&json!(60), &Value::Null));
    let at = |id: &str, what: &str| format!("drivers/{}/requests/{id}/{what}", driver.id);
    let reason = json!({ "reason": "Много" });
    let by_support = world.command(&support, &at(&id, "confirm"), "c", &json!({})).await;
    assert_eq!(by_support.problem(), (403, "admin_only".into()));

    // Twenty presses, and some of them say no: one decision, and what it says.
    let presses = (0..20).map(|turn| {
        let (world, owner, what) = (&world, &owner, if turn % 4 == 3 { "decline" } else { "confirm" });
        let (path, body) = (at(&id, what), if what == "decline" { reason.clone() } else { json!({}) });
        async move { (what, world.command(owner, &path, "p", &body).await.status.as_u16()) }
    });
    let met = futures_util::future::join_all(presses).await;
    let done: std::collections::BTreeSet<_> =
        met.iter().filter(|(_, status)| *status == 200).map(|(what, _)| *what).collect();
    assert_eq!(done.len(), 1, "one decision: {met:?}");
    assert!(met.iter().all(|(_, status)| [200, 409].contains(status)), "{met:?}");
    let days = if done.contains("confirm") { 60.0 } else { 0.0 };
    assert!((given(&world, &owner, &driver).await - days).abs() < 0.01);

    world.command(&owner, &at(&refused, "decline"), "d", &reason).await.ok();
    let late = world.command(&owner, &at(&refused, "confirm"), "e", &json!({})).await;
    assert_eq!(late.problem(), (409, "request_decided".into()));
    assert!((given(&world, &owner, &driver).await - days).abs() < 0.01);
    assert!(world.all(&owner, "requests").await.is_empty());
    let decided = world.all(&owner, "requests?decided=true").await;
    assert_eq!((decided.len(), &decided[0]["decision"]["by"]["id"]), (2, &json!(owner.id)));
    assert_eq!(world.accounts("gift_request", "declined").await.len(), if days > 0.0 { 1 } else { 2 });
}
