//! The audit log as admins look through it.
use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Driver, World, new_driver_id, text};

async fn with_owner() -> (World, Driver) {
    let id = new_driver_id();
    let world = World::with(&[("ADMIN_TELEGRAM_IDS", &id.to_string()), ("RATE_LIMIT_PER_S", "1000")]).await;
    let owner = world.driver_called(id).await;
    (world, owner)
}

async fn set_trial(world: &World, owner: &Driver, days: i64) {
    let now = world.get(owner, "/api/admin/settings").await.ok().json()["version"].clone();
    let body = json!({ "version": now, "trial_days": days });
    world.call(owner, Method::PUT, "/api/admin/settings", &body).await.ok();
}

async fn audit(world: &World, owner: &Driver, query: &str) -> Value {
    world.get(owner, &format!("/api/admin/audit?{query}")).await.ok().json()
}

fn items(page: &Value) -> Vec<Value> {
    page["items"].as_array().cloned().expect("a list")
}

/// All pages.
async fn all(world: &World, owner: &Driver, query: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    for _ in 0..200 {
        let page = audit(world, owner, &format!("{query}{cursor}")).await;
        found.extend(items(&page));
        match page["cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
    panic!("it never ends");
}

#[tokio::test]
async fn pages_go_back_day_by_day_without_gap_or_repeat_while_rows_arrive() {
    let (world, mut owner) = with_owner().await;
    let mut days = 5;
    for _ in 0..4 {
        for _ in 0..3 {
            days += 1;
            set_trial(&world, &owner, days).await;
        }
        // Across a day on which nothing happens.
        world.pass(2 * 86_400);
        owner = world.driver_called(owner.id).await;
    }
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = audit(&world, &owner, &format!("kind=settings&limit=2{cursor}")).await;
        assert!(items(&page).len() <= 2);
        seen.extend(items(&page));
        // What arrives meanwhile is newer than what was shown.
        set_trial(&world, &owner, 90 - i64::try_from(seen.len()).unwrap()).await;
        match page["cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let trials: Vec<_> = seen.iter().map(|row| row["after"]["trial_days"].as_i64().unwrap()).collect();
    assert_eq!(trials, (6..=17).rev().collect::<Vec<_>>(), "newest first, each once");
    assert!(seen.windows(2).all(|pair| text(&pair[0]["at"]) >= text(&pair[1]["at"])));

    // Without a filter, and in pages of any size, it is the same.
    let whole: Vec<_> = all(&world, &owner, "limit=100").await.iter().map(|row| text(&row["id"])).collect();
    let small: Vec<_> = all(&world, &owner, "limit=3").await.iter().map(|row| text(&row["id"])).collect();
    assert_eq!(whole, small);
    assert_eq!(whole.iter().collect::<BTreeSet<_>>().len(), whole.len());
    assert!(whole.len() > 12);
}

#[tokio::test]
async fn filters_pick_and_a_page_stays_below_a_bound_of_store_calls() {
    let (world, owner) = with_owner().await;
    set_trial(&world, &owner, 5).await;
    let driver = world.driver().await;
    world.get(&driver, "/api/admin/payments").await;
    let count = async |query: &str| all(&world, &owner, query).await.len();
    assert_eq!(count("kind=settings").await, 1);
    assert_eq!(count("kind=settings&outcome=refused").await, 0);
    assert_eq!(count(&format!("actor_id={}", owner.id)).await, 1);
    assert_eq!(count("target=settings/").await, 1);
    assert_eq!(count(&format!("driver_id={}&kind=admin_access", driver.id)).await, 1);
    assert_eq!(count("kind=settings&until=2020-01-01&from=2019-12-30").await, 0);
    let refused = world.get(&owner, "/api/admin/audit?from=yesterday&nothing=1").await;
    assert_eq!(refused.problem(), (422, "validation_failed".into()));

    world.store_calls().await;
    let page = audit(&world, &owner, "kind=nothing").await;
    assert!(page["cursor"].is_string() && page["reached"].is_string(), "{page}");
    let calls = world.store_calls().await;
    assert_eq!(calls.get("Query app"), Some(&10), "{calls:?}");
    assert_eq!(calls.values().sum::<u64>(), 12, "and the session and the role: {calls:?}");
}

#[tokio::test]
async fn one_request_is_followed_through_everything_that_it_led_to() {
    let (world, owner) = with_owner().await;
    let driver = world.driver().await;
    let body = json!({ "version": 0, "trial_days": 9 });
    let changed = world.call(&owner, Method::PUT, "/api/admin/settings", &body).await.ok();
    let request = changed.header("x-request-id").to_owned();
    assert!(!request.is_empty());
    let trail = world
        .until("the index has it", async || {
            let page = audit(&world, &owner, &format!("request_id={request}")).await;
            items(&page).first().cloned()
        })
        .await;
    assert_eq!((&trail["kind"], &trail["request_id"]), (&json!("settings"), &json!(request)));
    assert_eq!(trail["actor"]["id"], owner.id);
    assert_eq!((&trail["before"], &trail["after"]), (&json!({ "trial_days": 3 }), &json!({ "trial_days": 9 })));
    assert_eq!(items(&audit(&world, &owner, "request_id=none").await).len(), 0);
    // The trial of a new driver is of the request that signed them in.
    let rows = items(&audit(&world, &owner, &format!("driver_id={}", driver.id)).await);
    assert_eq!((&rows[0]["kind"], &rows[0]["driver_id"]), (&json!("subscription"), &json!(driver.id)));
}

#[tokio::test]
async fn a_notification_is_followed_to_what_became_of_its_payment() {
    let (world, owner) = with_owner().await;
    let driver = world.driver().await;
    let order = world.order(&driver, "1m").await;
    world.pay(&order.yookassa_id, "5555555555554444").await;
    world.money_rests().await;
    let accepted = all(&world, &owner, "kind=webhook&outcome=accepted").await;
    let [accepted] = &accepted[..] else { panic!("{accepted:?}") };
    assert_eq!(accepted["target"], "webhook/yookassa");
    let trail = all(&world, &owner, &format!("request_id={}", text(&accepted["request_id"]))).await;
    let mut kinds: Vec<_> = trail.iter().map(|row| (text(&row["kind"]), text(&row["outcome"]))).collect();
    kinds.sort();
    assert_eq!(kinds, [("payment".to_owned(), "succeeded".to_owned()), ("webhook".to_owned(), "accepted".to_owned())]);
}

#[tokio::test]
async fn the_log_is_exported_and_what_a_spreadsheet_would_run_is_text() {
    let (world, owner) = with_owner().await;
    set_trial(&world, &owner, 11).await;
    let csv = world.get(&owner, "/api/admin/audit?format=csv&kind=settings").await.ok();
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    let lines: Vec<_> = csv.body.trim_end().split("\r\n").collect();
    assert!(lines[0].starts_with("\u{feff}\"Когда (МСК)\";\"Что\";\"Итог\";"), "{}", lines[0]);
    assert_eq!(lines.len(), 2);
    assert!(lines[1].contains(r#""{""trial_days"":11}""#), "{}", lines[1]);
}

#[tokio::test]
async fn a_call_of_a_webhook_that_proves_nothing_is_written_down_once_an_hour() {
    let (world, owner) = with_owner().await;
    for _ in 0..3 {
        assert_eq!(world.webhook_with("not-the-secret-of-the-webhook", "{}".to_owned()).await.status, 403);
        let path = "/_gateway/webhooks/yookassa/not-the-token";
        world.send(Method::POST, path, &[("content-type", "application/json")], "{}").await;
    }
    let rows = all(&world, &owner, "kind=webhook&outcome=refused").await;
    let mut targets: Vec<_> = rows.iter().map(|row| text(&row["target"])).collect();
    targets.sort();
    assert_eq!(targets, ["webhook/telegram", "webhook/yookassa"]);
    assert!(rows.iter().all(|row| row["address"].is_string()), "{rows:?}");
    world.pass(3600);
    world.webhook_with("not-the-secret-of-the-webhook", "{}".to_owned()).await;
    assert_eq!(all(&world, &owner, "kind=webhook").await.len(), 3);
}

#[tokio::test]
async fn no_route_of_the_administration_deletes_from_the_log() {
    let (world, owner) = with_owner().await;
    set_trial(&world, &owner, 11).await;
    let row = all(&world, &owner, "kind=settings").await[0].clone();
    for method in [Method::DELETE, Method::PUT, Method::POST] {
        for path in ["/api/admin/audit".to_owned(), format!("/api/admin/audit/{}", text(&row["id"]))] {
            assert_eq!(world.call(&owner, method.clone(), &path, &json!({})).await.status, 404, "{method} {path}");
        }
    }
    assert_eq!(all(&world, &owner, "kind=settings").await, [row]);
}
