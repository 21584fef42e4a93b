//! Responses that are withdrawn.
use reqwest::Method;
use serde_json::json;
use tests::{DISPATCH_CHAT, DISPATCHERS, World, text};

use super::ROOM;

#[tokio::test]
async fn a_response_is_withdrawn_once_and_can_be_given_anew() {
    let world = World::start().await;
    let first = world.responded().await;
    let (driver, cargo) = (&first.driver, &first.cargo);
    for _ in 0..2 {
        let withdrawn = world.withdraw(driver, cargo).await.ok().json();
        assert_eq!(
            (&withdrawn["response"]["id"], &withdrawn["response"]["status"]),
            (&json!(first.id), &json!("withdrawn"))
        );
    }
    world.settle().await;
    let card = world.message(DISPATCH_CHAT, first.card).await;
    assert!(text(&card["text"]).contains("Отозван"), "{card}");
    assert!(card.get("reply_markup").is_none(), "nothing is left to press: {card}");
    let late = world.press(DISPATCHERS[0], first.card, &first.button('a')).await;
    assert!(text(&late["text"]).contains("Отозван"), "{late}");
    assert_eq!(world.response(driver, cargo).await["status"], "withdrawn");

    world.pass(5);
    let second = world.responded_to(driver.clone(), cargo.clone()).await;
    assert!(second.id != first.id && second.card != first.card);
    world.settle().await;
    let old = world.message(DISPATCH_CHAT, first.card).await;
    assert!(text(&old["text"]).contains("откликнулся заново") && old.get("reply_markup").is_none(), "{old}");
    assert!(!text(&old["text"]).contains('+'), "only the new card can be found when the driver is forgotten: {old}");
    let late = world.press(DISPATCHERS[0], first.card, &first.button('a')).await;
    assert_eq!(late["text"], "Этого отклика больше нет");
    assert_eq!(world.response(driver, cargo).await["status"], "sent", "a press on the old card changes nothing");
    let list = world.get(driver, "/api/responses").await.ok().json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
    assert_eq!(list["items"][0]["id"], json!(second.id));
    assert_eq!(world.audited(&first.id).await, ["queued by driver", "sent by system", "withdrawn by driver"]);
    // Only the contact's confirmation: who takes a response back knows it.
    assert_eq!(world.texts(driver.id).await.len(), 1);
}

#[tokio::test]
async fn the_old_card_is_void_also_when_the_driver_responds_anew_before_it_was_edited() {
    let world = World::start().await;
    let first = world.responded().await;
    world.settle().await;
    world.sandbox("/telegram/faults", json!({ "down": true })).await;
    world.withdraw(&first.driver, &first.cargo).await.ok();
    let again = world.respond(&first.driver, &first.cargo, json!({})).await;
    assert_eq!(again.status.as_u16(), 201);
    world.sandbox("/telegram/faults", json!({})).await;
    world.settle().await;
    let new = world.card_of(again.json()["response"]["id"].as_str().unwrap()).await;
    world.settle().await;
    let old = world.message(DISPATCH_CHAT, first.card).await;
    assert!(text(&old["text"]).contains("откликнулся заново") && old.get("reply_markup").is_none(), "{old}");
    assert_ne!(new, first.card);
    assert_eq!(world.messages(DISPATCH_CHAT).await.len(), 2);
}

#[tokio::test]
async fn what_was_decided_cannot_be_withdrawn_and_what_is_not_there_neither() {
    let world = World::start().await;
    let responded = world.responded().await;
    let (driver, cargo) = (&responded.driver, &responded.cargo);
    world.press(DISPATCHERS[1], responded.card, &responded.button('a')).await;
    let refused = world.withdraw(driver, cargo).await;
    assert_eq!(refused.problem(), (409, "response_closed".into()));
    assert_eq!(refused.json()["response"]["status"], "accepted");
    assert_eq!(world.response(driver, cargo).await["status"], "accepted");
    let again = world.respond(driver, cargo, json!({ "comment": "ещё раз" })).await;
    assert_eq!(again.problem(), (409, "response_exists".into()));

    let other = text(&world.cargos(driver, 2).await[1]["id"]);
    assert_eq!(world.withdraw(driver, &other).await.problem(), (404, "not_found".into()));
    let stranger = world.driver().await;
    assert_eq!(world.withdraw(&stranger, cargo).await.problem(), (404, "not_found".into()));
}

#[tokio::test]
async fn a_response_that_is_withdrawn_before_it_was_sent_reaches_nobody() {
    let world = World::start().await;
    let driver = world.driver_with_phone().await;
    let id = world.cargo(&driver).await;
    world.sandbox("/queues", json!({ "lose": "all" })).await;
    let response = world.respond(&driver, &id, json!({})).await.json()["response"]["id"].clone();
    world.withdraw(&driver, &id).await.ok();
    world.send(Method::DELETE, "/_sandbox/queues", &[], "").await;
    world.job("deliver-due").await;
    world.settle().await;
    assert!(world.messages(DISPATCH_CHAT).await.is_empty());
    let (status, _, why) = world.delivery(&format!("card-{}", response.as_str().unwrap())).await;
    assert_eq!((status.as_str(), why.as_str()), ("skipped", "it was over before it was sent"));
}

#[tokio::test]
async fn a_withdrawal_and_a_decision_at_once_leave_one_of_them() {
    let world = World::with(&ROOM).await;
    for _ in 0..5 {
        world.pass(10);
        let responded = world.responded().await;
        let (driver, cargo, button) = (&responded.driver, &responded.cargo, responded.button('a'));
        let (withdrawn, pressed) =
            tokio::join!(world.withdraw(driver, cargo), world.press(DISPATCHERS[0], responded.card, &button));
        world.settle().await;
        let status = text(&world.response(driver, cargo).await["status"]);
        let said = text(&pressed["text"]);
        match withdrawn.status.as_u16() {
            200 => assert!(status == "withdrawn" && said.contains("Отозван"), "{status} {said}"),
            409 => assert!(status == "accepted" && said.contains("Принят"), "{status} {said}"),
            other => panic!("{other}"),
        }
        let card = text(&world.message(DISPATCH_CHAT, responded.card).await["text"]);
        assert!(card.contains(if status == "accepted" { "Принят" } else { "Отозван" }), "{card}");
    }
}
