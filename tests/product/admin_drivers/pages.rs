//! What a page of a long list costs the store.
use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::{Driver, World};

use super::{calls, url};

/// What stands in an index of lists.
fn listed(name: &str, at: &str) -> (Value, Value) {
    (json!({ "S": name }), json!({ "S": at }))
}

fn number(number: i64) -> Value {
    json!({ "N": number.to_string() })
}

/// So many drivers: the number, the id, the key.
fn strangers(count: i64) -> impl Iterator<Item = (i64, i64, Value)> {
    (0..count).map(|at| (at, 6_000_000_000 + at, json!({ "S": format!("DRIVER#{}", 6_000_000_000 + at) })))
}

/// Rows of so many drivers as the store writes them, all called alike.
fn people(count: i64, now_ms: i64) -> Vec<Value> {
    let mut rows = Vec::new();
    for (at, id, pk) in strangers(count) {
        let created_s = now_ms / 1000 - at;
        let (list, listed_at) = listed("DRIVERS", &format!("{:0>14}#{id}", created_s * 1000));
        rows.push(json!({
            "pk": pk, "sk": { "S": "PROFILE" }, "first_name": { "S": "Толпа" }, "created_at": number(created_s),
            "seen_at": number(created_s), "list": list, "listed_at": listed_at,
        }));
        let (list, listed_at) = listed("FOUND#name", &format!("толпа#{id}"));
        rows.push(json!({
            "pk": pk, "sk": { "S": "FOUND#name" }, "driver_id": number(id), "list": list, "listed_at": listed_at,
        }));
    }
    rows
}

/// Such drivers with a subscription and a failed message each.
fn crowd(count: i64, now_ms: i64) -> Vec<Value> {
    let mut rows = people(count, now_ms);
    for (at, id, pk) in strangers(count) {
        // None ends while the test runs.
        let ends_at_ms = now_ms + (at + 60) * 60_000;
        let (list, listed_at) = listed("SUBSCRIPTIONS", &format!("{ends_at_ms:0>14}#{id}"));
        let body = json!({ "ends_at_ms": ends_at_ms, "source": "gift", "payments": 0, "version": 1 });
        rows.push(json!({
            "pk": pk, "sk": { "S": "SUBSCRIPTION" }, "driver_id": number(id), "state": { "S": "paid" },
            "version": number(1), "body": { "S": body.to_string() }, "list": list, "listed_at": listed_at,
        }));
        let delivery = format!("gift-{at}");
        rows.push(json!({
            "pk": { "S": format!("DELIVERY#{delivery}") }, "sk": { "S": "-" }, "id": { "S": delivery },
            "what": { "S": "gift" }, "driver_id": number(id), "cargo_id": { "S": "" }, "status": { "S": "failed" },
            "due": { "S": "FAILED" }, "due_at": number(now_ms - at), "created_at": number(now_ms - at),
            "attempts": number(1),
        }));
    }
    rows
}

/// The calls of the cheapest of three tries: a job that runs meanwhile is counted too, and it does not run each time.
async fn least_calls(world: &World, ask: impl AsyncFn()) -> BTreeMap<String, u64> {
    let mut least = BTreeMap::new();
    for _ in 0..3 {
        world.pass(1);
        world.store_calls().await;
        ask().await;
        let counted = world.store_calls().await;
        if least.is_empty() || counted.values().sum::<u64>() < least.values().sum() {
            least = counted;
        }
    }
    least
}

/// What one page costs besides the session and who the admin is: places in an index, and what stands there.
async fn page_costs(world: &World, owner: &Driver, path: &str, places: u64, reads: u64, page: usize) {
    let path = path.replace("тол", &url("тол")).replace("нету", &url("нету"));
    let expected = calls(&[("UpdateItem app", 1), ("BatchGetItem app", 1 + reads), ("Query app", places)]);
    let counted = least_calls(world, async || {
        let answer = world.ask(owner, &path).await.ok().json();
        assert_eq!(answer["items"].as_array().map(Vec::len), Some(page), "{path}");
    });
    assert_eq!(counted.await, expected, "{path}");
}

#[tokio::test]
async fn a_page_of_a_hundred_thousand_drivers_costs_what_one_of_three_thousand_does() {
    let (world, owner) = World::with_owner().await;
    world.insert(people(100_000, world.now_ms())).await;
    for (path, reads, page) in [
        ("drivers?limit=100", 3, 100),
        ("drivers?q=тол&limit=100", 3, 100),
        ("drivers?q=6000099999", 1, 1),
        ("drivers?q=нету", 0, 0),
    ] {
        page_costs(&world, &owner, path, 1, reads, page).await;
    }
}

#[tokio::test]
async fn a_page_costs_the_same_calls_however_long_the_list_is() {
    let (world, owner) = World::with_owner().await;
    let count = 3000;
    world.insert(crowd(count, world.now_ms())).await;
    for (path, places, reads, page) in [
        ("drivers", 1, 2, 50),
        ("drivers?limit=100", 1, 3, 100),
        ("drivers?q=тол&limit=100", 1, 3, 100),
        ("drivers?q=6000000007", 1, 1, 1),
        ("drivers?q=нету", 1, 0, 0),
        ("subscriptions?state=active&limit=100", 1, 2, 100),
        ("subscriptions?state=trial&limit=100", 1, 2, 1),
        ("deliveries?limit=100", 1, 2, 100),
        ("deliveries?driver_id=6000000007", 1, 0, 0),
    ] {
        page_costs(&world, &owner, path, places, reads, page).await;
    }
    let card = calls(&[("UpdateItem app", 1), ("BatchGetItem app", 2), ("Query app", 1)]);
    let counted = least_calls(&world, async || drop(world.ask(&owner, "drivers/6000000007").await.ok()));
    assert_eq!(counted.await, card, "the card");

    // Pages neither repeat nor leave out.
    for path in ["drivers?limit=100", "deliveries?limit=100", "subscriptions?state=active&limit=100"] {
        let items = world.all(&owner, path).await;
        let mut seen: Vec<_> = items.iter().map(|item| item.get("driver_id").unwrap_or(&item["id"]).as_i64()).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!((seen.len(), items.len()), (items.len(), items.len()), "{path}");
        assert!(i64::try_from(items.len()).unwrap() >= count, "{path}");
    }
    let csv = world.ask(&owner, "drivers?format=csv").await.ok();
    assert_eq!(csv.body.lines().count(), 1001, "a part of a thousand, and the headings");
    assert!(!csv.header("x-next-cursor").is_empty());
}
