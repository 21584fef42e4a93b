//! Responses as their driver sees them.
use reqwest::Method;
use serde_json::{Value, json};
use tests::{DISPATCHERS, World, text};

use super::ROOM;

#[tokio::test]
async fn responses_are_listed_newest_first_page_by_page_and_304_saves_what_is_known() {
    let world = World::with(&ROOM).await;
    let driver = world.driver_with_phone().await;
    let cargos = world.cargos(&driver, 23).await;
    let mut given = Vec::new();
    for cargo in &cargos {
        let id = text(&cargo["id"]);
        assert_eq!(world.respond(&driver, &id, json!({})).await.status.as_u16(), 201);
        given.insert(0, id);
        world.pass(1);
    }
    let ids =
        |page: &Value| page["items"].as_array().unwrap().iter().map(|item| text(&item["cargo_id"])).collect::<Vec<_>>();
    let first = world.get(&driver, "/api/responses").await.ok().json();
    let cursor = text(&first["cursor"]);
    assert_eq!(ids(&first), given[..20]);
    let second = world.get(&driver, &format!("/api/responses?cursor={cursor}")).await.ok().json();
    assert_eq!((ids(&second), &second["cursor"]), (given[20..].to_vec(), &Value::Null));
    for bad in ["x", "MTIz", "", "LTEuNw"] {
        let answer = world.get(&driver, &format!("/api/responses?cursor={bad}")).await;
        assert_eq!(answer.problem(), (422, "validation_failed".into()), "{bad:?}");
    }
    assert_eq!(world.get(&driver, "/api/responses?limit=5").await.problem().0, 422);
    let other = world.driver().await;
    assert_eq!(world.get(&other, "/api/responses").await.ok().json(), json!({ "items": [], "cursor": null }));
    // Somebody else's cursor opens nothing of theirs.
    let foreign = world.get(&other, &format!("/api/responses?cursor={cursor}")).await.ok().json();
    assert_eq!(foreign["items"], json!([]));

    world.settle().await;
    let bearer = format!("Bearer {}", driver.token);
    let ask = async |tag: &str| {
        let headers = [("authorization", bearer.as_str()), ("if-none-match", tag)];
        world.send(Method::GET, "/api/responses", &headers, "").await
    };
    let etag = ask("none").await.ok().header("etag").to_owned();
    let known = ask(&etag).await;
    assert_eq!((known.status.as_u16(), known.body.as_str(), known.header("etag")), (304, "", etag.as_str()));
    assert_eq!(known.header("cache-control"), "private, no-cache");
    world.withdraw(&driver, &given[0]).await.ok();
    let changed = ask(&etag).await.ok();
    assert_ne!(changed.header("etag"), etag);
    assert_eq!(changed.json()["items"][0]["status"], "withdrawn");
}

#[tokio::test]
async fn a_cargo_shows_the_drivers_own_response_and_nobody_elses() {
    let world = World::start().await;
    let (driver, other) = (world.driver_with_phone().await, world.driver().await);
    let id = world.cargo(&driver).await;
    let path = format!("/api/cargos/{id}");
    let before = world.get(&driver, &path).await.ok();
    assert_eq!(before.json()["response"], Value::Null);
    let responded = world.responded_to(driver.clone(), id.clone()).await;
    world.settle().await;

    let after = world.get(&driver, &path).await.ok();
    assert_eq!(after.json()["response"]["id"], json!(responded.id));
    assert_ne!(after.header("etag"), before.header("etag"));
    assert_eq!(after.json()["cargo"], before.json()["cargo"]);
    let foreign = world.get(&other, &path).await.ok();
    assert_eq!(foreign.json()["response"], Value::Null);
    assert!(!foreign.body.contains(&responded.id));

    let bearer = format!("Bearer {}", driver.token);
    let ask = async |tag: &str| {
        let headers = [("authorization", bearer.as_str()), ("if-none-match", tag)];
        world.send(Method::GET, &path, &headers, "").await
    };
    let etag = after.header("etag").to_owned();
    assert_eq!(ask(&etag).await.status.as_u16(), 304);
    assert_eq!(ask(before.header("etag")).await.status.as_u16(), 200, "what is known is without the response");
    world.press(DISPATCHERS[0], responded.card, &responded.button('a')).await;
    let accepted = ask(&etag).await.ok();
    assert_eq!(accepted.json()["response"]["status"], "accepted");
    // The cargo's own contact may bear any name, so only the response is searched.
    let response = accepted.json()["response"].to_string();
    assert!(!response.contains("Ольга"), "who decided is not the driver's business: {response}");
    let history = accepted.json()["response"]["history"].clone();
    let steps =
        history.as_array().unwrap().iter().map(|step| format!("{} by {}", text(&step["status"]), text(&step["by"])));
    assert_eq!(steps.collect::<Vec<_>>(), ["queued by driver", "sent by system", "accepted by dispatcher"]);
    assert_eq!(world.get(&other, &path).await.header("etag"), foreign.header("etag"), "the shared document stays");
}

#[tokio::test]
async fn without_the_cache_a_cargo_still_shows_the_response() {
    let world = World::start().await;
    let responded = world.responded().await;
    world.settle().await;
    world.sandbox("/store", json!({ "faults": [{ "table": "cache", "error": "InternalServerError" }] })).await;
    let shown = world.response(&responded.driver, &responded.cargo).await;
    assert_eq!((&shown["id"], &shown["status"]), (&json!(responded.id), &json!("sent")));
}
