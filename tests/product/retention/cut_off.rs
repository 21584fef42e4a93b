//! Whatever is cut off is finished later.
use reqwest::Method;
use serde_json::json;
use tests::{DISPATCH_CHAT, Driver, World, money::DAY_S, new_driver_id, text};

use super::{HELD_S, IDLE_S, forget, is_known, profile, rows_with, stands, try_to_forget};

#[tokio::test]
async fn whatever_is_cut_off_comes_to_the_same_end() {
    let (world, _) = World::with_owner().await;
    let mut ids = Vec::new();
    let mut responses = Vec::new();
    for _ in 0..8 {
        let driver = world.driver_with_phone().await;
        for cargo in world.cargos(&driver, 2).await {
            let answer = world.respond(&driver, &text(&cargo["id"]), json!({})).await;
            responses.push(text(&answer.json()["response"]["id"]));
        }
        ids.push(driver.id);
    }
    world.settle().await;
    world.pass(IDLE_S + DAY_S);
    let mut cut = 0;
    for after_calls in 3..27 {
        let crash = json!({ "function": "jobs", "after_calls": after_calls, "times": 1 });
        world.sandbox("/crashes", json!({ "crashes": [crash] })).await;
        cut += u32::from(!try_to_forget(&world).await);
        world.pass(HELD_S);
    }
    world.sandbox("/crashes", json!({ "crashes": [] })).await;
    assert!(cut > 5, "it was cut off {cut} times");
    for _ in 0..2 {
        forget(&world).await;
        world.pass(HELD_S);
    }
    for id in &ids {
        let rows = json!(world.partition(&format!("DRIVER#{id}")).await).to_string();
        assert!(!rows.contains("+7") && !is_known(&world, *id).await, "{rows}");
        assert!(profile(&world, *id).await.get("due").is_none());
    }
    assert_eq!(world.accounts("driver", "deleted").await.len(), ids.len(), "each once");
    for id in &responses {
        let told = world.audited(id).await;
        assert_eq!(told.iter().filter(|step| step.starts_with("withdrawn")).count(), 0, "{told:?}");
        assert_eq!(told.iter().filter(|step| *step == "forgotten by system").count(), 1, "{told:?}");
    }
    assert_eq!(world.counted("responses.withdrawn").await, i64::try_from(responses.len()).unwrap());
}

#[tokio::test]
async fn a_deletion_by_an_admin_that_was_cut_off_is_finished_by_the_job() {
    let (world, owner) = World::with_owner().await;
    let responded = world.responded().await;
    let crash = json!({ "function": "admin-people", "after_calls": 5, "times": 1 });
    world.sandbox("/crashes", json!({ "crashes": [crash] })).await;
    let path = format!("drivers/{}/delete", responded.driver.id);
    world.command(&owner, &path, "-", &json!({ "reason": "r" })).await;
    assert!(!is_known(&world, responded.driver.id).await, "it had begun");
    let of_driver = || async { json!(world.partition(&format!("DRIVER#{}", responded.driver.id)).await).to_string() };
    assert!(of_driver().await.contains("+7"), "but the response still has the phone");
    forget(&world).await;
    assert!(!of_driver().await.contains("+7"));
    assert_eq!(world.accounts("driver", "deleted").await.len(), 1);
}

/// A driver whose deletion was cut off before their response was cleared, and who has come back as somebody else and responded to
/// another cargo.
async fn returned(world: &World, owner: &Driver) -> (Driver, [tests::Responded; 2]) {
    let driver = world.driver_named(new_driver_id(), "Аристарх", None, None).await;
    let phone = async |driver: &Driver, phone: &str| {
        world.call(driver, Method::PUT, "/api/me", &json!({ "phone": phone })).await.ok();
    };
    phone(&driver, "+79995551122").await;
    let cargos = world.cargos(&driver, 2).await;
    let old = world.responded_to(driver.clone(), text(&cargos[0]["id"])).await;
    world.settle().await;
    let crash = json!({ "function": "admin-people", "after_calls": 5, "times": 1 });
    world.sandbox("/crashes", json!({ "crashes": [crash] })).await;
    world.command(owner, &format!("drivers/{}/delete", driver.id), "-", &json!({ "reason": "r" })).await;
    assert!(!is_known(world, driver.id).await, "it had begun");
    let driver = world.driver_named(driver.id, "Пётр", None, None).await;
    phone(&driver, "+79997773344").await;
    let new = world.responded_to(driver.clone(), text(&cargos[1]["id"])).await;
    world.settle().await;
    assert!(!rows_with(world, &["79995551122"]).await.is_empty(), "the old response still has the phone");
    (driver, [old, new])
}

#[tokio::test]
async fn a_deletion_that_was_cut_off_is_finished_also_when_the_driver_has_come_back() {
    let (world, owner) = World::with_owner().await;
    let (driver, [old, new]) = returned(&world, &owner).await;
    forget(&world).await;
    let named = rows_with(&world, &["79995551122", "Аристарх"]).await;
    assert!(named.is_empty(), "{named:?}");
    let card = text(&world.message(DISPATCH_CHAT, old.card).await["text"]);
    assert!(card.contains("Данные водителя удалены") && !card.contains("+7999"), "{card}");
    assert_eq!(world.audited(&old.id).await.last().map(String::as_str), Some("forgotten by system"));
    assert_eq!(
        world.audited(&new.id).await.last().map(String::as_str),
        Some("sent by system"),
        "it is of who came back"
    );
    assert!(text(&world.message(DISPATCH_CHAT, new.card).await["text"]).contains("+79997773344"));
    assert_eq!(world.get(&driver, "/api/me").await.ok().json()["phone"], "+79997773344");
    assert_eq!(world.accounts("driver", "deleted").await.len(), 1);

    let before = stands(&world).await;
    world.pass(HELD_S);
    forget(&world).await;
    assert_eq!(stands(&world).await, before, "once");
    world.pass(IDLE_S + DAY_S);
    forget(&world).await;
    assert!(!is_known(&world, driver.id).await, "who came back is forgotten like anybody");
}

#[tokio::test]
async fn an_admin_deletes_who_came_back_after_a_deletion_that_was_cut_off() {
    let (world, owner) = World::with_owner().await;
    let (driver, _) = returned(&world, &owner).await;
    let path = format!("drivers/{}/delete", driver.id);
    let done = world.command(&owner, &path, "-", &json!({ "reason": "r" })).await.ok().json()["done"].clone();
    assert_eq!(done, true);
    let named = rows_with(&world, &["79995551122", "79997773344", "Аристарх", "Пётр"]).await;
    assert!(named.is_empty(), "{named:?}");
    assert!(profile(&world, driver.id).await.get("due").is_none(), "nothing is left to be done");
    assert_eq!(world.accounts("driver", "deleted").await.len(), 2);
}
