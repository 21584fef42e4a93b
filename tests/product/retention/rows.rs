//! Rows of messages, and rows that cannot be read.
use std::collections::BTreeSet;

use serde_json::json;
use tests::{World, money::DAY_S, text};

use super::{HELD_S, IDLE_S, OLGA, forget, is_known, response_row, stands, try_to_forget};

#[tokio::test]
async fn a_payment_that_cannot_be_read_keeps_its_driver() {
    let world = World::start().await;
    world.hold_notifications(true).await;
    let driver = world.driver().await;
    let order = world.order(&driver, "1m").await;
    world.spoil_payment(&order.id, None).await;
    world.pass(IDLE_S + DAY_S);
    forget(&world).await;
    assert!(is_known(&world, driver.id).await);
}

#[tokio::test]
async fn rows_of_messages_are_deleted_after_their_time_and_nothing_else_is() {
    let (world, owner) = World::with_owner().await;
    let responded = world.responded().await;
    world.press(OLGA, responded.card, &responded.button('r')).await;
    world.settle().await;
    world.sandbox("/telegram/faults", json!({ "fail": { "status": 400, "method": "sendMessage" } })).await;
    let gift = json!({ "action": "gift", "days": 600, "reason": "r" });
    world.command(&owner, &format!("drivers/{}/subscription", responded.driver.id), "k", &gift).await.ok();
    world.until("it has failed", async || (!world.all(&owner, "deliveries").await.is_empty()).then_some(())).await;
    world.sandbox("/telegram/faults", json!({})).await;
    let rows = async |begin: &str| world.rows(begin).await.len();
    let status = async |wanted: &str| {
        let rows = world.rows("DELIVERY#").await;
        rows.iter().filter(|row| row["status"]["S"] == wanted).count()
    };
    assert!(status("sent").await >= 2 && status("failed").await == 1 && rows("MESSAGE#").await == 1);
    let waiting = status("waiting").await;
    assert!(waiting > 0, "reminders");

    world.pass(366 * DAY_S);
    forget(&world).await;
    world.pass(33 * DAY_S);
    forget(&world).await;
    assert!(rows("MESSAGE#").await == 1 && status("failed").await == 1, "a day is left");
    let is_of_message = |pk: &str| pk.starts_with("DELIVERY#") || pk.starts_with("MESSAGE#");
    let mut kept = stands(&world).await;
    kept.retain(|(pk, _), _| !is_of_message(pk));
    world.pass(2 * DAY_S);
    forget(&world).await;
    assert_eq!((rows("MESSAGE#").await, status("failed").await), (0, 0));
    // The card was edited a month ago, when the response was forgotten.
    let left = world.rows("DELIVERY#").await;
    let what: BTreeSet<_> = left.iter().map(|row| text(&row["what"]["S"])).collect();
    assert!(what.contains("card") && !what.contains("notice-rejected"), "{what:?}");
    let mut all = stands(&world).await;
    all.retain(|(pk, _), _| !is_of_message(pk));
    assert_eq!(all, kept, "nothing else is touched");
    let owner = world.driver_called(owner.id).await;
    assert_eq!(world.all(&owner, "deliveries").await.len(), 0);
    assert_eq!(world.counted("deliveries_failed").await, 1);
    world.pass(400 * DAY_S);
    forget(&world).await;
    let left = world.rows("DELIVERY#").await;
    assert!(left.iter().all(|row| row["what"]["S"] != "card"), "{left:?}");
}

#[tokio::test]
async fn what_cannot_be_read_is_told_and_holds_up_nobody() {
    let (world, _) = World::with_owner().await;
    let (broken, sound) = (world.responded().await, world.responded().await);
    for one in [&broken, &sound] {
        world.press(OLGA, one.card, &one.button('r')).await;
        world.settle().await;
        world.pass(60);
    }
    let mut row = response_row(&world, broken.driver.id, &broken.id).await;
    row["body"] = json!({ "S": "of a version that we do not know" });
    world.insert(vec![row]).await;
    world.pass(366 * DAY_S);
    assert!(!try_to_forget(&world).await, "somebody has to look at it");
    assert_eq!(world.audited(&sound.id).await.last().map(String::as_str), Some("forgotten by system"));
    assert!(try_to_forget(&world).await, "it is out of the way");
    world.pass(HELD_S);
    assert!(!try_to_forget(&world).await, "and not forgotten");
}
