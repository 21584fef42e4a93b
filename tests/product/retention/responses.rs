//! Responses name nobody after a year, and their cards neither.
use reqwest::Method;
use serde_json::{Value, json};
use tests::{DISPATCH_CHAT, World, money::DAY_S, new_driver_id, text};

use super::{HELD_S, OLGA, forget, response_row, stands};

#[tokio::test]
async fn after_a_year_a_response_names_nobody_and_its_facts_stay() {
    let (world, owner) = World::with_owner().await;
    let (rejected, accepted, given_anew) = (world.responded().await, world.responded().await, world.responded().await);
    world.press(OLGA, rejected.card, &rejected.button('r')).await;
    world.write(DISPATCH_CHAT, OLGA, "Аристарху далеко", Some(rejected.card)).await;
    world.press(OLGA, accepted.card, &accepted.button('a')).await;
    world.withdraw(&given_anew.driver, &given_anew.cargo).await.ok();
    let anew = world.respond(&given_anew.driver, &given_anew.cargo, json!({})).await.json();
    let anew = response_row(&world, given_anew.driver.id, &text(&anew["response"]["id"])).await;
    assert_eq!(anew["due"]["S"], "RESPONSE", "it waits for a decision again");
    world.settle().await;
    let phone = text(&world.get(&rejected.driver, "/api/me").await.ok().json()["phone"]);
    let row = async |of: &tests::Responded| response_row(&world, of.driver.id, &of.id).await.to_string();

    world.pass(300 * DAY_S);
    world.press(OLGA, accepted.card, &accepted.button('c')).await;
    world.pass(64 * DAY_S);
    forget(&world).await;
    assert!(row(&rejected).await.contains(&phone), "a day is left");
    world.pass(2 * DAY_S);
    let counted = world.counted("responses.rejected").await;
    forget(&world).await;

    let stands_now = row(&rejected).await;
    for word in [phone.as_str(), "Ольга", "Аристарху"] {
        assert!(!stands_now.contains(word), "{word}: {stands_now}");
    }
    assert!(row(&accepted).await.contains("Ольга"), "it was completed two months ago");
    let card = text(&world.message(DISPATCH_CHAT, rejected.card).await["text"]);
    assert!(card.contains("Отклонён · диспетчер") && card.contains("Данные водителя удалены"), "{card}");
    assert!(!card.contains(&phone) && !card.contains("Аристарху"), "{card}");
    let told = world.audited(&rejected.id).await;
    let expected = ["queued by driver", "sent by system", "rejected by dispatcher", "explained by dispatcher"];
    assert_eq!(told, [expected.as_slice(), &["forgotten by system"]].concat());

    // The driver and admins see what it was; the profile is as it was, because two years are not over.
    let driver = world.driver_called(rejected.driver.id).await;
    let shown = world.get(&driver, "/api/responses").await.ok().json()["items"][0].clone();
    assert_eq!(
        (&shown["status"], &shown["reason"], &shown["offer"]["phone"]),
        (&json!("rejected"), &Value::Null, &json!(""))
    );
    assert_eq!(text(&shown["cargo_id"]), rejected.cargo);
    assert_eq!(world.get(&driver, "/api/me").await.ok().json()["phone"], phone);
    let owner = world.driver_called(owner.id).await;
    let listed = world.ask(&owner, &format!("drivers/{}/responses", driver.id)).await.ok().json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(world.counted("responses.rejected").await, counted);

    let before = stands(&world).await;
    world.pass(HELD_S);
    forget(&world).await;
    assert_eq!(stands(&world).await, before, "once");
}

#[tokio::test]
async fn after_a_year_no_message_in_the_dispatchers_chat_names_the_driver() {
    let world = World::with(&[("RESPONSE_TTL_S", "3600")]).await;
    let driver = world.driver_named(new_driver_id(), "Аристарх", None, None).await;
    world.call(&driver, Method::PUT, "/api/me", &json!({ "phone": "+79995551122" })).await.ok();
    let cargo = world.lasting_cargo().await;
    let link = async |of: &tests::Responded, number| {
        world.press(OLGA, of.card, &of.link_button(number)).await;
        world.settle().await;
    };
    let expired = world.responded_to(driver.clone(), cargo.clone()).await;
    link(&expired, 1).await;
    world.pass(3601);
    world.job("expire-responses").await;
    world.settle().await;
    let accepted = world.responded_to(driver, cargo).await;
    for number in [1, 2] {
        link(&accepted, number).await;
    }
    world.press(OLGA, accepted.card, &accepted.button('a')).await;
    world.settle().await;
    let naming = async || world.texts_with(DISPATCH_CHAT, &["Аристарх", "5551122"]).await;
    assert_eq!(naming().await.len(), 2, "the new card and its link, which the shipper may still ask for");
    assert_eq!(world.messages(DISPATCH_CHAT).await.len(), 5);
    world.pass(366 * DAY_S);
    forget(&world).await;
    assert_eq!(naming().await, [""; 0]);
    assert_eq!(world.messages(DISPATCH_CHAT).await.len(), 5, "messages are changed, none is sent anew");
}

#[tokio::test]
async fn a_card_that_somebody_deleted_does_not_come_back_to_say_that_nobody_is_in_it() {
    let world = World::start().await;
    let responded = world.responded().await;
    world.press(OLGA, responded.card, &responded.button('r')).await;
    world.settle().await;
    let method = format!(
        "/_telegram/bot7000000001:local-demo-bot-token/deleteMessage?chat_id={DISPATCH_CHAT}&message_id={}",
        responded.card
    );
    world.send(Method::POST, &method, &[], "").await.ok();
    let messages = world.messages(DISPATCH_CHAT).await.len();
    world.pass(366 * DAY_S);
    forget(&world).await;
    assert_eq!(world.audited(&responded.id).await.last().map(String::as_str), Some("forgotten by system"));
    assert_eq!(world.messages(DISPATCH_CHAT).await.len(), messages);
}

#[tokio::test]
async fn a_card_in_a_chat_that_was_the_dispatchers_before_is_not_sent_to_todays() {
    let world = World::start().await;
    let responded = world.responded().await;
    world.press(OLGA, responded.card, &responded.button('r')).await;
    world.settle().await;
    let mut row = world.partition(&format!("DELIVERY#card-{}", responded.id)).await.remove(0);
    row["chat_id"] = json!({ "N": "-1009" });
    world.insert(vec![row]).await;
    let messages = world.messages(DISPATCH_CHAT).await.len();
    world.pass(366 * DAY_S);
    forget(&world).await;
    assert_eq!(world.audited(&responded.id).await.last().map(String::as_str), Some("forgotten by system"));
    assert_eq!(world.messages(DISPATCH_CHAT).await.len(), messages);
}
