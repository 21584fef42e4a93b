//! Messages to drivers that failed.
use serde_json::json;
use tests::{World, text};

use super::days::{gift, order};

#[tokio::test]
async fn a_message_that_failed_is_seen_counted_and_sent_once_more() {
    let (world, owner) = World::with_owner().await;
    let driver = world.driver_with_phone().await;
    world.settle().await;
    world.sandbox("/telegram/faults", json!({ "fail": { "status": 400, "method": "sendMessage" } })).await;
    order(&world, &owner, driver.id, "a", &gift(5)).await.ok();
    let failed = world
        .until("it has failed", async || {
            let items = world.all(&owner, "deliveries").await;
            items.first().cloned()
        })
        .await;
    assert_eq!(
        (&failed["what"], &failed["state"], &failed["driver_id"]),
        (&json!("gift"), &json!("failed"), &json!(driver.id))
    );
    assert!(text(&failed["reason"]).contains("chat not found"), "{failed}");
    assert_eq!(world.counted("deliveries_failed").await, 1);
    let own = world.all(&owner, &format!("deliveries?driver_id={}&limit=1", driver.id)).await;
    assert!(own.iter().any(|item| item["id"] == failed["id"]), "{own:?}");
    let waiting = world.all(&owner, "deliveries?state=waiting&limit=2").await;
    assert!(waiting.iter().all(|item| !text(&item["what"]).starts_with("reminder")), "{waiting:?}");
    // Those of the end that the gift has moved are gone, though their rows wait.
    let mut reminders = world.all(&owner, "deliveries?state=reminders&limit=2").await;
    reminders.retain(|item| item["driver_id"] == driver.id);
    let whats: Vec<_> = reminders.iter().map(|item| text(&item["what"])).collect();
    assert_eq!(whats, ["reminder-3", "reminder-1", "reminder-0"], "in the order in which they are sent");
    assert!(reminders.iter().all(|item| item["due_at"].is_string() && item["overdue"] == false), "{reminders:?}");

    world.sandbox("/telegram/faults", json!({})).await;
    // Whoever writes to the bot can be written to.
    world.write(driver.id, driver.id, "/help", None).await;
    world.settle().await;
    let path = format!("deliveries/{}/retry", text(&failed["id"]));
    let reason = json!({ "reason": "Починили" });
    let retries = (0..20).map(|_| world.command(&owner, &path, "-", &reason));
    let answers = futures_util::future::join_all(retries).await;
    assert_eq!(answers.iter().filter(|answer| answer.status.as_u16() == 200).count(), 1);
    for answer in answers.iter().filter(|answer| answer.status.as_u16() != 200) {
        assert_eq!(answer.problem(), (409, "delivery_not_failed".into()));
    }
    assert_eq!(world.accounts("delivery", "retried").await.len(), 1);
    world.settle().await;
    let told = world.texts(driver.id).await;
    assert_eq!(told.iter().filter(|text| text.contains("Вам продлили")).count(), 1, "{told:?}");
    assert_eq!(world.all(&owner, "deliveries").await.len(), 0);
    let again = world.command(&owner, &path, "-", &reason).await;
    assert_eq!(again.problem(), (409, "delivery_not_failed".into()), "it was sent");
    let nobody = world.command(&owner, "deliveries/none/retry", "-", &reason).await;
    assert_eq!(nobody.problem(), (404, "not_found".into()));
}
