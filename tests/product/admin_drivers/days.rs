//! Days that admins give and take back.
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Driver, World, text};

use super::DAY_S;

pub(super) fn gift(days: i64) -> Value {
    json!({ "action": "gift", "days": days, "reason": "За терпение" })
}

pub(super) async fn order(world: &World, admin: &Driver, driver: i64, key: &str, body: &Value) -> tests::Answer {
    world.command(admin, &format!("drivers/{driver}/subscription"), key, body).await
}

#[tokio::test]
async fn days_are_given_once_however_often_the_order_comes() {
    let (world, owner) = World::with_owner().await;
    let driver = world.driver_with_phone().await;
    let orders = (0..20).map(|_| async { order(&world, &owner, driver.id, "one", &gift(5)).await.ok().json() });
    let answers = futures_util::future::join_all(orders).await;
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(answers[0]["seconds"], 5 * DAY_S);
    assert_eq!(
        (&answers[0]["subscription"]["state"], &answers[0]["subscription"]["days_left"]),
        (&json!("active"), &json!(8))
    );
    let ledger = world.ledger(&driver).await;
    assert_eq!(ledger.iter().map(|entry| entry.seconds).collect::<Vec<_>>(), [3 * DAY_S, 5 * DAY_S]);
    let audited = world.accounts("subscription", "gift").await;
    assert_eq!(audited.len(), 1);
    assert_eq!(audited[0]["actor_id"]["N"], owner.id.to_string());
    assert_eq!(audited[0]["facts"]["M"]["reason"]["S"], "За терпение");

    // The driver is told once, and the card says who did it.
    world.settle().await;
    let told = world.texts(driver.id).await;
    assert_eq!(told.iter().filter(|text| text.contains("Вам продлили подписку")).count(), 1, "{told:?}");
    let card = world.ask(&owner, &format!("drivers/{}", driver.id)).await.ok().json();
    let entry = &card["ledger"][0];
    assert_eq!((&entry["source"], &entry["reason"]), (&json!("gift"), &json!("За терпение")));
    assert_eq!((&entry["by"], &entry["days"]), (&json!(owner.id), &json!(5.0)));
    assert!(!text(&entry["name"]).is_empty());

    // The key is that order's alone; another key is another gift.
    let other = order(&world, &owner, driver.id, "one", &gift(6)).await;
    assert_eq!(other.problem(), (422, "validation_failed".into()));
    order(&world, &owner, driver.id, "two", &gift(5)).await.ok();
    assert_eq!(world.ledger(&driver).await.len(), 3);
    let nobody = order(&world, &owner, 1, "three", &gift(5)).await;
    assert_eq!(nobody.problem(), (404, "not_found".into()));
    let keyless =
        world.call(&owner, Method::POST, &format!("/api/admin/drivers/{}/subscription", driver.id), &gift(1)).await;
    assert_eq!(keyless.problem(), (422, "validation_failed".into()));
    assert_eq!(world.ledger(&driver).await.len(), 3, "and nothing else happened");
}

#[tokio::test]
async fn a_subscription_is_extended_to_the_end_of_a_day_and_taken_back_as_far_as_it_goes() {
    let (world, owner) = World::with_owner().await;
    let driver = world.driver_with_phone().await;
    let extend = |until: &str| json!({ "action": "extend", "until": until, "reason": "r" });
    let day = |days: i64| shared::clock::moscow_day(world.now_ms() + days * DAY_S * 1000);
    let early = order(&world, &owner, driver.id, "a", &extend(&day(2))).await;
    assert_eq!(early.problem(), (422, "validation_failed".into()));
    let extended = order(&world, &owner, driver.id, "b", &extend(&day(10))).await.ok().json();
    let expires_at = text(&extended["subscription"]["expires_at"]);
    assert!(expires_at.ends_with("T20:59:59Z") || expires_at.ends_with("T21:00:00Z"), "{expires_at}");
    assert_eq!(order(&world, &owner, driver.id, "b", &extend(&day(10))).await.ok().json(), extended, "a repeat");

    let revoke = |days: i64| json!({ "action": "revoke", "days": days, "reason": "Ошибка" });
    let some = order(&world, &owner, driver.id, "c", &revoke(2)).await.ok().json();
    assert_eq!(some["seconds"], -2 * DAY_S);
    world.settle().await;
    let told = world.texts(driver.id).await.len();
    let rest = order(&world, &owner, driver.id, "d", &revoke(3000)).await.ok().json();
    assert_eq!(rest["subscription"]["state"], "expired");
    assert_eq!(order(&world, &owner, driver.id, "d", &revoke(3000)).await.ok().json()["seconds"], rest["seconds"]);
    let nothing = order(&world, &owner, driver.id, "e", &revoke(1)).await;
    assert_eq!(nothing.problem(), (409, "subscription_ended".into()));
    let sum: i64 = world.ledger(&driver).await.iter().map(|entry| entry.seconds).sum();
    assert!((0..300).contains(&sum), "no more than the moments since the trial began: {sum}");
    assert_eq!(world.subscription(&driver).await["features"]["contacts"], false, "at once");
    world.settle().await;
    assert_eq!(world.texts(driver.id).await.len(), told, "nobody is told of what is taken");
}

#[tokio::test]
async fn gifts_and_revocations_at_once_are_all_in_the_ledger() {
    let (world, owner) = World::with_owner().await;
    let driver = world.driver().await;
    let orders = (0..8).map(|at| {
        let (world, owner) = (&world, &owner);
        async move {
            let body = if at % 2 == 0 { gift(4) } else { json!({ "action": "revoke", "days": 1, "reason": "r" }) };
            order(world, owner, driver.id, &format!("k{at}"), &body).await.ok();
        }
    });
    futures_util::future::join_all(orders).await;
    let ledger = world.ledger(&driver).await;
    assert_eq!(ledger.len(), 9);
    let sum: i64 = ledger.iter().map(|entry| entry.seconds).sum();
    assert_eq!(sum, (3 + 4 * 4 - 4) * DAY_S);
    assert_eq!(world.subscription(&driver).await["days_left"], 15);
}

#[tokio::test]
async fn subscriptions_are_listed_by_their_end_and_state() {
    let (world, owner) = World::with_owner().await;
    let (first, second, third) = (world.driver().await, world.driver().await, world.driver().await);
    order(&world, &owner, second.id, "a", &gift(10)).await.ok();
    order(&world, &owner, third.id, "b", &gift(5)).await.ok();
    order(&world, &owner, third.id, "c", &json!({ "action": "revoke", "days": 100, "reason": "r" })).await.ok();
    let of = async |query: &str| -> Vec<i64> {
        let items = world.all(&owner, &format!("subscriptions?{query}")).await;
        items.iter().map(|item| item["driver_id"].as_i64().unwrap()).collect()
    };
    let mut trials = of("state=trial").await;
    trials.sort_unstable();
    let mut expected = vec![owner.id, first.id];
    expected.sort_unstable();
    assert_eq!(trials, expected);
    assert_eq!(of("state=active").await, [second.id]);
    assert_eq!(of("state=expired").await, [third.id]);
    let all = of("limit=1").await;
    assert_eq!((all.len(), all[0], all[3]), (4, second.id, third.id), "the last to end first");
    let day = |days: i64| shared::clock::moscow_day(world.now_ms() + days * DAY_S * 1000);
    assert_eq!(of(&format!("from={}&until={}", day(13), day(13))).await, [second.id]);
    assert_eq!(of(&format!("state=trial&from={}", day(4))).await, [0i64; 0]);
    world.pass(4 * DAY_S);
    let owner = world.driver_called(owner.id).await;
    assert_eq!(world.all(&owner, "subscriptions?state=trial").await.len(), 0);
    assert_eq!(world.all(&owner, "subscriptions?state=expired").await.len(), 3);
    let row = &world.all(&owner, "subscriptions?state=active").await[0];
    assert_eq!((&row["source"], &row["days_left"], &row["payments"]), (&json!("gift"), &json!(9), &json!(0)));
}
