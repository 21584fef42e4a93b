//! Responses that are given: once, with a phone, to what is there.
use std::collections::BTreeSet;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{DISPATCH_CHAT, World, text};

use super::ROOM;

#[tokio::test]
async fn a_response_is_taken_once_and_an_equal_one_is_the_same() {
    let world = World::start().await;
    let driver = world.driver_with_phone().await;
    let cargo = world.cargos(&driver, 1).await.remove(0);
    let id = text(&cargo["id"]);
    let offer = json!({ "comment": "есть <ремни>", "price_rub": 55_000.5, "seen_price_rub": cargo["price_rub"] });

    let first = world.respond(&driver, &id, offer.clone()).await;
    assert_eq!((first.status.as_u16(), first.header("cache-control")), (201, "no-store"), "{}", first.body);
    let response = first.json()["response"].clone();
    assert_eq!((&response["status"], &response["cargo_id"]), (&json!("queued"), &json!(id)));
    assert_eq!(response["offer"]["phone_confirmed"], true);
    assert_eq!(response["offer"]["comment"], "есть <ремни>");
    assert_eq!(response["offer"]["price_rub"], 55_000.5);
    assert_eq!(response["cargo"]["route"], cargo["display"]["route"]);
    assert_eq!(response["history"].as_array().unwrap().len(), 1);

    let again = world.respond(&driver, &id, offer.clone()).await.ok().json();
    assert_eq!(again["response"]["id"], response["id"]);
    let other = world.respond(&driver, &id, json!({ "comment": "другой" })).await;
    assert_eq!(other.problem(), (409, "response_exists".into()));
    assert_eq!(other.json()["response"]["id"], response["id"]);

    let card = world.card_of(response["id"].as_str().unwrap()).await;
    world.until_status(&driver, &id, "sent").await;
    world.settle().await;
    let sent = world.respond(&driver, &id, offer).await.ok().json();
    assert_eq!((&sent["response"]["id"], &sent["response"]["status"]), (&response["id"], &json!("sent")));
    let cards = world.messages(DISPATCH_CHAT).await;
    assert_eq!(cards.len(), 1, "one response is one message");
    let shown = world.message(DISPATCH_CHAT, card).await;
    let plain = |words: &str| words.replace(['\u{a0}', '\u{202f}'], " ");
    let said = plain(shown["text"].as_str().unwrap());
    for part in [
        cargo["display"]["route"].as_str().unwrap(),
        cargo["display"]["price"].as_str().unwrap(),
        response["offer"]["phone"].as_str().unwrap(),
        "подтверждён",
        "Водитель",
        "Комментарий: есть <ремни>",
        "Цена водителя: 55 000,50 ₽",
        "Ждёт ответа",
    ] {
        assert!(said.contains(&plain(part)), "{part:?} is not in {said:?}");
    }
    assert!(shown["entities"].to_string().contains(&format!("startapp=cargo_{id}")), "the card links to the cargo");
    assert_eq!(
        world.audited(response["id"].as_str().unwrap()).await,
        ["queued by driver", "sent by system"],
        "each change is accounted for once"
    );
}

#[tokio::test]
async fn without_a_phone_nothing_is_sent_and_wrong_fields_are_named_together() {
    let world = World::start().await;
    let driver = world.driver().await;
    let id = world.cargo(&driver).await;
    let missing = world.respond(&driver, &id, json!({})).await;
    assert_eq!(missing.problem(), (422, "validation_failed".into()));
    assert_eq!(missing.json()["errors"][0]["field"], "phone");
    assert_eq!(missing.json()["errors"][0]["code"], "missing");

    let wrong = json!({ "phone": "12", "name": "x".repeat(101), "comment": "x".repeat(501), "price_rub": 0, "seen_price_rub": -1, "status": "accepted" });
    let answer = world.respond(&driver, &id, wrong).await;
    assert_eq!(answer.problem(), (422, "validation_failed".into()));
    let errors = answer.json()["errors"].as_array().unwrap().clone();
    let fields = errors.iter().map(|error| text(&error["field"])).collect::<BTreeSet<_>>();
    let expected = ["phone", "name", "comment", "price_rub", "seen_price_rub", "status"].map(str::to_owned);
    assert_eq!(fields, BTreeSet::from(expected));

    for strange in ["abc", "0x10", "123456789012345678901", "%20"] {
        assert_eq!(world.respond(&driver, strange, json!({ "phone": "+79161234567" })).await.status.as_u16(), 404);
    }
    let stranger = world.send(Method::POST, &format!("/api/cargos/{id}/responses"), &[], "{}").await;
    assert_eq!(stranger.problem(), (401, "session_missing".into()));
    world.settle().await;
    assert!(world.messages(DISPATCH_CHAT).await.is_empty() && world.rows("RESPONSE#").await.is_empty());

    let typed = world.respond(&driver, &id, json!({ "phone": "8 (916) 123-45-67", "name": "Иван" })).await;
    assert_eq!(typed.status.as_u16(), 201);
    let offer = typed.json()["response"]["offer"].clone();
    assert_eq!((&offer["phone"], &offer["phone_confirmed"]), (&json!("+79161234567"), &json!(false)));
    let card = world.card_of(typed.json()["response"]["id"].as_str().unwrap()).await;
    assert!(text(&world.message(DISPATCH_CHAT, card).await["text"]).contains("+79161234567 — не подтверждён"));
}

#[tokio::test]
async fn only_the_contact_that_a_driver_shares_with_the_bot_confirms_a_phone() {
    let world = World::start().await;
    let driver = world.driver().await;
    let chat = format!("/telegram/chats/{}/contact", driver.id);
    let other = tests::new_driver_id();
    for (foreign, said) in [
        (json!({ "user_id": other, "phone": "79161112233" }), "чужой контакт"),
        (json!({ "user_id": null, "phone": "79161112233" }), "чужой контакт"),
        (json!({ "phone": "112" }), "не получается прочитать"),
    ] {
        world.sandbox_post(&chat, foreign.clone()).await;
        world.settle().await;
        let texts = world.texts(driver.id).await;
        assert!(texts.last().is_some_and(|text| text.contains(said)), "{foreign}: {texts:?}");
        let me = world.get(&driver, "/api/me").await.ok().json();
        assert_eq!((&me["phone"], &me["phone_confirmed"]), (&Value::Null, &json!(false)), "{foreign}");
        world.pass(2);
    }
    // Typed into the app it is taken, but proves nothing.
    let typed = json!({ "phone": "+79160000001" });
    let me = world.call(&driver, Method::PUT, "/api/me", &typed).await.ok().json();
    assert_eq!(me["phone_confirmed"], false);
    assert_eq!(
        world.call(&driver, Method::PUT, "/api/me", &json!({ "phone_confirmed": true })).await.status.as_u16(),
        422
    );

    world.sandbox_post(&chat, json!({ "phone": "79160000002" })).await;
    world.settle().await;
    let me = world.get(&driver, "/api/me").await.ok().json();
    assert_eq!((&me["phone"], &me["phone_confirmed"]), (&json!("+79160000002"), &json!(true)));
    // Another number typed over it is not confirmed; the confirmed one typed again still is.
    let me = world.call(&driver, Method::PUT, "/api/me", &json!({ "company": "ИП" })).await.ok().json();
    assert_eq!(me["phone_confirmed"], true);
    let me = world.call(&driver, Method::PUT, "/api/me", &typed).await.ok().json();
    assert_eq!(me["phone_confirmed"], false);

    // Whom the product does not know, the bot sends to the app first.
    let stranger = tests::new_driver_id();
    world.sandbox_post(&format!("/telegram/chats/{stranger}/contact"), json!({})).await;
    world.settle().await;
    assert!(world.texts(stranger).await[0].contains("Сначала откройте приложение"));
    assert!(world.rows(&format!("DRIVER#{stranger}")).await.is_empty());
}

#[tokio::test]
async fn another_phone_than_the_confirmed_one_is_not_confirmed_in_a_response() {
    let world = World::start().await;
    let driver = world.driver_with_phone().await;
    let id = world.cargo(&driver).await;
    let answer = world.respond(&driver, &id, json!({ "phone": "+79169999999" })).await;
    assert_eq!(answer.json()["response"]["offer"]["phone_confirmed"], false);
}

#[tokio::test]
async fn a_repeat_is_a_repeat_also_when_the_bot_confirmed_the_phone_in_between() {
    let world = World::start().await;
    let driver = world.driver().await;
    let id = world.cargo(&driver).await;
    let body = json!({ "phone": "+79163334455" });
    let first = world.respond(&driver, &id, body.clone()).await;
    assert_eq!(first.status.as_u16(), 201);
    // The contact that the driver shared reaches the bot while the app has lost the answer.
    let contact = json!({ "phone": "79163334455" });
    world.sandbox_post(&format!("/telegram/chats/{}/contact", driver.id), contact).await;
    world.settle().await;
    let again = world.respond(&driver, &id, body).await.ok();
    assert_eq!(again.json()["response"]["id"], first.json()["response"]["id"]);
}

#[tokio::test]
async fn a_cargo_that_is_gone_takes_no_response() {
    let world = World::start().await;
    let driver = world.driver_with_phone().await;
    let id = world.cargo(&driver).await;
    world.get(&driver, &format!("/api/cargos/{id}")).await.ok();
    world.sandbox_post(&format!("/cargotech/cargos/{id}/remove"), json!({})).await;
    // What was seen of it a moment ago is good enough for some seconds.
    world.pass(11);
    for _ in 0..2 {
        assert_eq!(world.respond(&driver, &id, json!({})).await.problem(), (409, "cargo_gone".into()));
    }
    world.settle().await;
    assert!(world.messages(DISPATCH_CHAT).await.is_empty());
    assert!(world.rows("RESPONSE#").await.is_empty() && world.rows("DELIVERY#card").await.is_empty());
    assert_eq!(world.get(&driver, "/api/responses").await.ok().json()["items"], json!([]));
    let list = world.get(&driver, "/api/cargos?limit=100").await.ok();
    assert!(!list.body.contains(&format!("\"{id}\"")), "the lists that show it are renewed");
}

#[tokio::test]
async fn a_changed_price_is_told_and_then_confirmed() {
    let world = World::start().await;
    let driver = world.driver_with_phone().await;
    let cargo = world.cargos(&driver, 1).await.remove(0);
    let (id, seen) = (text(&cargo["id"]), cargo["price_rub"].as_f64().unwrap());
    world.get(&driver, &format!("/api/cargos/{id}")).await.ok();
    world.pass(11);
    world.sandbox(&format!("/cargotech/cargos/{id}"), json!({ "price_rub": seen + 1500.0 })).await;
    let changed = world.respond(&driver, &id, json!({ "seen_price_rub": seen })).await;
    assert_eq!(changed.problem(), (409, "cargo_changed".into()));
    let price = changed.json()["price_rub"].clone();
    assert_eq!(price.as_f64(), Some(seen + 1500.0));
    world.settle().await;
    assert!(world.messages(DISPATCH_CHAT).await.is_empty() && world.rows("DELIVERY#card").await.is_empty());

    let confirmed = world.respond(&driver, &id, json!({ "seen_price_rub": price })).await;
    assert_eq!(confirmed.status.as_u16(), 201, "{}", confirmed.body);
    assert_eq!(confirmed.json()["response"]["cargo"]["price_rub"].as_f64(), Some(seen + 1500.0));
    // Who repeats it with an old price still gets the response that is there.
    let repeated = world.respond(&driver, &id, json!({ "seen_price_rub": seen })).await.ok();
    assert_eq!(repeated.json()["response"]["id"], confirmed.json()["response"]["id"]);
}

#[tokio::test]
async fn with_cargotech_down_a_response_to_a_known_cargo_is_taken() {
    let world = World::start().await;
    let driver = world.driver_with_phone().await;
    let cargos = world.cargos(&driver, 2).await;
    let (known, unknown) = (text(&cargos[0]["id"]), text(&cargos[1]["id"]));
    world.get(&driver, &format!("/api/cargos/{known}")).await.ok();
    world.pass(60);
    world.sandbox("/cargotech", json!({ "fail": { "status": 503 } })).await;
    let answer = world.respond(&driver, &known, json!({ "seen_price_rub": cargos[0]["price_rub"] })).await;
    assert_eq!(answer.status.as_u16(), 201, "{}", answer.body);
    world.card_of(answer.json()["response"]["id"].as_str().unwrap()).await;
    let refused = world.respond(&driver, &unknown, json!({})).await;
    assert_eq!(refused.problem(), (503, "upstream_unavailable".into()));
    world.settle().await;
    assert_eq!(world.messages(DISPATCH_CHAT).await.len(), 1);
}

#[tokio::test]
async fn fifty_simultaneous_taps_are_one_response_also_while_the_store_is_in_trouble() {
    for faults in [
        json!([]),
        json!([{ "operation": "TransactWriteItems", "error": "TransactionConflictException", "times": 20, "probability": 0.7, "seed": 7 }]),
        json!([{ "operation": "TransactWriteItems", "error": "TransactionConflictException", "after": true, "times": 3 }]),
        json!([{ "operation": "TransactWriteItems", "error": "InternalServerError", "after": true, "times": 1 }]),
        json!([{ "operation": "TransactWriteItems", "error": "InternalServerError", "after": true, "times": 3 }]),
        json!([{ "table": "app", "error": "ThrottlingException", "probability": 0.1, "seed": 3, "times": 40 }]),
    ] {
        let world = World::with(&ROOM).await;
        let driver = world.driver_with_phone().await;
        let id = world.cargo(&driver).await;
        world.sandbox("/store", json!({ "faults": faults })).await;
        let taps = join_all((0..50).map(|_| world.respond(&driver, &id, json!({ "comment": "беру" })))).await;
        world.send(Method::DELETE, "/_sandbox/store", &[], "").await;
        let statuses = taps.iter().map(|tap| tap.status.as_u16()).collect::<Vec<_>>();
        let good = taps.iter().filter(|tap| tap.status.is_success());
        let ids = good.map(|tap| text(&tap.json()["response"]["id"])).collect::<BTreeSet<_>>();
        assert_eq!(ids.len(), 1, "{faults}: {statuses:?}");
        assert!(statuses.iter().all(|status| [200, 201, 503].contains(status)), "{faults}: {statuses:?}");
        let created = statuses.iter().filter(|status| **status == 201).count();
        // Only whoever got no answer from the store may have stored it without knowing. A busy machine's may be too slow too.
        let unsure = statuses.contains(&503);
        if faults == json!([]) && !unsure {
            assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 49, "{statuses:?}");
        }
        assert!(created == 1 || (created == 0 && unsure), "{faults}: {statuses:?}");
        if created == 0 {
            world.job("deliver-due").await;
        }
        let response = ids.into_iter().next().unwrap();
        world.card_of(&response).await;
        world.settle().await;
        assert_eq!(world.messages(DISPATCH_CHAT).await.len(), 1, "{faults}");
        assert_eq!(world.rows("RESPONSE#").await.len(), 1, "{faults}");
        assert_eq!(world.rows("DELIVERY#card").await.len(), 1, "{faults}");
        assert_eq!(world.audited(&response).await, ["queued by driver", "sent by system"], "{faults}");
        assert_eq!(world.get(&driver, "/api/responses").await.json()["items"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_response_that_is_sent_again_under_its_key_is_not_given_anew_whatever_became_of_it() {
    let world = World::start().await;
    let driver = world.driver_with_phone().await;
    let cargo = world.cargo(&driver).await;
    let path = format!("/api/cargos/{cargo}/responses");
    let bearer = format!("Bearer {}", driver.token);
    let sent = async |key: &str| {
        let headers =
            [("authorization", bearer.as_str()), ("content-type", "application/json"), ("idempotency-key", key)];
        world.send(Method::POST, &path, &headers, "{}").await
    };

    let first = sent("one").await;
    assert_eq!(first.status.as_u16(), 201, "{}", first.body);
    let response = first.json()["response"].clone();
    world.withdraw(&driver, &cargo).await.ok();
    // A phone that never got the answer sends it again when it has a network.
    let again = sent("one").await.ok().json();
    assert_eq!((&again["response"]["id"], &again["response"]["status"]), (&response["id"], &json!("withdrawn")));
    let list = world.get(&driver, "/api/responses").await.ok().json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);

    let anew = sent("two").await;
    assert_eq!(anew.status.as_u16(), 201, "{}", anew.body);
    assert_ne!(anew.json()["response"]["id"], response["id"]);
    let long = "k".repeat(65);
    assert_eq!(sent(&long).await.problem(), (422, "validation_failed".into()));
}
