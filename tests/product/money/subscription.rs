//! The trial, how a subscription extends, and what admins set.
use std::collections::BTreeSet;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use tests::{
    Driver, World,
    money::{CARD, DAY_S},
    text,
};

use super::standing;

#[tokio::test]
async fn a_new_driver_gets_the_trial_once() {
    let world = World::roomy().await;
    let id = tests::new_driver_id();
    let mut launches = Vec::new();
    for second in 0..8 {
        world.pass(i64::from(second > 0));
        launches.push(world.init_data(json!({ "driver_id": id })).await);
    }
    let answers = join_all(launches.iter().map(|launch| world.sign_in(launch, None))).await;
    let signed_in: Vec<_> = answers.iter().filter(|answer| answer.status.as_u16() == 200).collect();
    assert!(!signed_in.is_empty() && answers.iter().all(|answer| [200, 401].contains(&answer.status.as_u16())));
    for answer in signed_in {
        assert_eq!(answer.json()["subscription"]["state"], "trial", "{}", answer.body);
        assert_eq!(answer.json()["features"]["contacts"], true);
    }
    world.pass(1);
    let driver = world.driver_called(id).await;
    assert_eq!(standing(&world, &driver).await.1, [3 * DAY_S]);
    let subscription = world.subscription(&driver).await;
    assert_eq!((&subscription["state"], &subscription["days_left"]), (&json!("trial"), &json!(3)));

    world.pass(3 * DAY_S);
    let driver = world.driver_called(id).await;
    let subscription = world.subscription(&driver).await;
    assert_eq!((&subscription["state"], &subscription["days_left"]), (&json!("expired"), &json!(0)));
    assert_eq!(standing(&world, &driver).await.1, [3 * DAY_S], "not a second time");
}

#[tokio::test]
async fn a_first_sign_in_whose_store_fails_in_between_still_gives_one_trial() {
    for fault in [
        json!({ "operation": "TransactWriteItems", "error": "InternalServerError", "after": true, "times": 1 }),
        json!({ "operation": "TransactWriteItems", "error": "TransactionConflictException", "times": 1 }),
        json!({ "operation": "TransactWriteItems", "error": "InternalServerError", "times": 20 }),
    ] {
        let world = World::start().await;
        let id = tests::new_driver_id();
        world.sandbox("/store", json!({ "faults": [fault] })).await;
        let launch = world.init_data(json!({ "driver_id": id })).await;
        world.sign_in(&launch, Some("k")).await;
        world.send(Method::DELETE, "/_sandbox/store", &[], "").await;
        let answer = world.sign_in(&launch, Some("k")).await.ok().json();
        assert_eq!(answer["subscription"]["state"], "trial", "{fault}");
        let driver = Driver { id, token: text(&answer["session_token"]) };
        assert_eq!(standing(&world, &driver).await.1, [3 * DAY_S], "{fault}");
    }
}

#[tokio::test]
async fn a_subscription_extends_from_the_later_of_now_and_its_end() {
    let world = World::roomy().await;
    let driver = world.driver().await;
    let buy = async |driver: &Driver, plan: &str| {
        let order = world.order(driver, plan).await;
        world.pay(&order.yookassa_id, CARD).await;
        world.until_paid(driver, &order.id, "succeeded").await;
    };
    buy(&driver, "1m").await;
    buy(&driver, "1m").await;
    buy(&driver, "12m").await;
    let ledger = world.ledger(&driver).await;
    let trial = ledger.iter().find(|entry| entry.id.starts_with("trial")).unwrap();
    let end_ms = trial.at_ms + (3 + 30 + 30 + 365) * DAY_S * 1000;
    let subscription = world.subscription(&driver).await;
    assert_eq!(subscription["expires_at"], shared::clock::rfc3339(end_ms), "nothing is lost of what runs");
    assert_eq!((&subscription["state"], &subscription["source"]), (&json!("active"), &json!("payment")));
    assert_eq!(subscription["days_left"], 428);

    world.pass(500 * DAY_S);
    let driver = world.driver_called(driver.id).await;
    assert_eq!(world.subscription(&driver).await["state"], "expired");
    buy(&driver, "1m").await;
    let last = world.ledger(&driver).await.last().cloned().unwrap();
    assert_eq!(last.ends_at_ms, last.at_ms + 30 * DAY_S * 1000, "from now, not from then");
    assert_eq!(world.subscription(&driver).await["days_left"], 30);
}

#[tokio::test]
async fn what_admins_set_holds_at_once_and_an_old_price_for_what_was_ordered() {
    let world = World::roomy().await;
    let driver = world.driver().await;
    let old = world.order(&driver, "1m").await;
    let dearer = json!([{ "id": "1m", "name": "1 месяц", "days": 31, "price_kopecks": 59_900 }]);
    world.set(json!({ "plans": dearer })).await;
    assert_eq!(world.get(&driver, "/api/plans").await.ok().json()["items"][0]["price_rub"], 599);
    let new = world.order(&driver, "1m").await;
    assert_ne!(new, old, "the old price is not offered any more");
    assert_eq!(world.payment(&driver, &new.id).await["amount_rub"], 599);
    for order in [&old, &new] {
        world.pay(&order.yookassa_id, CARD).await;
        world.until_paid(&driver, &order.id, "succeeded").await;
    }
    assert_eq!(standing(&world, &driver).await.1, [3 * DAY_S, 30 * DAY_S, 31 * DAY_S], "each as it was offered");

    let open = world.order(&driver, "1m").await;
    world.set(json!({ "payments_on": false, "plans": dearer })).await;
    assert_eq!(world.try_order(&driver, "1m", None).await.problem(), (503, "payments_off".into()));
    assert_eq!(world.get(&driver, "/api/plans").await.ok().json()["payments"], false);
    world.pay(&open.yookassa_id, CARD).await;
    world.until_paid(&driver, &open.id, "succeeded").await;

    world
        .set(json!({ "flags": { "paid.list": { "rule": "on" }, "paid.detail": { "rule": "on" } }, "trial_days": 0 }))
        .await;
    let late = world.driver().await;
    assert_eq!(world.subscription(&late).await["state"], "none");
    for path in ["/api/cargos", "/api/cargos/1"] {
        let locked = world.get(&late, path).await;
        assert_eq!(locked.problem(), (402, "subscription_required".into()), "{path}");
    }
    let rows = world.rows("AUDIT#").await;
    let refused: BTreeSet<_> = rows
        .iter()
        .filter(|row| row["outcome"]["S"] == "subscription_required")
        .map(|row| text(&row["facts"]["M"]["feature"]["S"]))
        .collect();
    assert_eq!(refused, BTreeSet::from(["list", "detail"].map(str::to_owned)));
    world.get(&driver, "/api/cargos").await.ok();
}
