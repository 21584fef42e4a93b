//! What is known of a driver, for the driver who asks.
use reqwest::Method;
use serde_json::{Value, json};
use tests::{World, money::CARD, new_driver_id};

#[tokio::test]
async fn a_driver_who_asks_gets_all_that_is_known_and_nothing_that_opens_a_session() {
    let owner_id = new_driver_id();
    let world = World::with(&[("ADMIN_TELEGRAM_IDS", &owner_id.to_string()), ("RATE_LIMIT_PER_S", "1000")]).await;
    let owner = world.driver_called(owner_id).await;
    let driver = world.driver_with_phone().await;
    world.call(&driver, Method::PUT, "/api/me", &json!({ "company": "ООО Рейс" })).await.ok();
    let responded = world.responded_to(driver.clone(), world.cargo(&driver).await).await;
    let order = world.order(&driver, "1m").await;
    world.pay(&order.yookassa_id, CARD).await;
    world.until_paid(&driver, &order.id, "succeeded").await;

    let path = format!("/api/admin/drivers/{}/export", driver.id);
    let answer = world.get(&owner, &path).await.ok();
    assert!(answer.headers["content-disposition"].to_str().unwrap().contains("attachment"));
    let everything = answer.json();
    let rows = |part: &str, kind: &str| -> Vec<Value> {
        let rows = everything[part].as_array().expect("rows");
        rows.iter().filter(|row| row["row"] == kind).cloned().collect()
    };
    assert_eq!(rows("own", "PROFILE")[0]["company"], "ООО Рейс");
    assert_eq!(rows("own", "RESPONSE")[0]["id"], json!(responded.id));
    assert_eq!(rows("own", "LEDGER").len(), 2, "the trial and the payment");
    assert_eq!(rows("payments", "PAYMENT")[0]["body"]["id"], json!(order.id));
    assert!(!rows("audit", "AUDIT").is_empty() || !everything["audit"].as_array().unwrap().is_empty());
    let session = &rows("own", "SESSION")[0];
    assert!(session.get("session_id").is_none() && session.get("init_data_hashes").is_none(), "{session}");

    let after = world.get(&owner, &path).await.ok().json();
    assert!(after["audit"].to_string().contains("exported"), "that it was asked for is written down");
    let nobody = world.get(&owner, &format!("/api/admin/drivers/{}/export", new_driver_id())).await;
    assert_eq!(nobody.problem(), (404, "not_found".into()));
}
