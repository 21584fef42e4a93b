//! What only a subscription opens.
use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    Answer, Driver, World,
    money::{CARD, DAY_S},
    text,
};

/// What is behind the lock of a cargo: its note, its phones, and the shipper's tax number.
fn secrets_of(detail: &Value) -> Vec<String> {
    let cargo = &detail["cargo"];
    let mut secrets = vec![text(&cargo["note"]), text(&cargo["shipper"]["inn"])];
    for contact in cargo["contacts"].as_array().into_iter().flatten() {
        secrets.extend(contact.as_object().into_iter().flatten().filter_map(|(name, value)| {
            let is_telling = name.contains("phone") || name.contains("name") || name.contains("mail");
            value.as_str().filter(|value| is_telling && value.len() > 3).map(str::to_owned)
        }));
    }
    secrets.retain(|secret| !secret.is_empty());
    secrets
}

#[tokio::test]
async fn what_a_subscription_covers_never_leaves_the_server_without_one() {
    let world = World::roomy().await;
    let payer = world.driver_with_phone().await;
    let order = world.order(&payer, "1m").await;
    world.pay(&order.yookassa_id, CARD).await;
    world.until_paid(&payer, &order.id, "succeeded").await;
    let driver = world.driver_with_phone().await;
    world.pass(3 * DAY_S + 1);
    let (payer, driver) = (world.driver_called(payer.id).await, world.driver_called(driver.id).await);
    assert_eq!(
        world.subscription(&driver).await["features"],
        json!({ "list": true, "detail": true, "contacts": false, "respond": false, "alerts": false })
    );
    assert_eq!(world.subscription(&payer).await["state"], "active");

    let etags = locked_details(&world, &payer, &driver).await;
    let bearers = [&driver, &payer].map(|driver| format!("Bearer {}", driver.token));
    let ask = async |who: usize, path: &str, etag: &str| {
        world
            .send(Method::GET, path, &[("authorization", &bearers[who]), ("if-none-match", etag)], "")
            .await
            .status
            .as_u16()
    };
    for (path, open, locked) in &etags {
        assert_eq!((ask(0, path, open).await, ask(1, path, locked).await), (200, 200), "no 304 across the lock");
        assert_eq!((ask(0, path, locked).await, ask(1, path, open).await), (304, 304));
    }

    phones_in_names_are_covered_too(&world, &payer, &driver).await;

    let (path, open, locked) = &etags[0];
    let cargo = path.rsplit('/').next().unwrap();
    may_not_respond(&world, &driver, cargo).await;

    // Paid: open with the next request.
    world.hold_notifications(true).await;
    let order = world.order(&driver, "1m").await;
    world.pay(&order.yookassa_id, CARD).await;
    assert_eq!(world.payment(&driver, &order.id).await["status"], "succeeded");
    assert_eq!(ask(0, path, locked).await, 200, "what was locked is not the same any more");
    assert_eq!(ask(0, path, open).await, 304);
    assert_eq!(world.get(&driver, path).await.ok().json()["locked"], json!([]));
    assert_eq!(world.respond(&driver, cargo, json!({})).await.status.as_u16(), 201);

    // Given back: locked with the next request.
    let refund = world.refund(&order.yookassa_id, None).await;
    world.notify(json!({ "object_id": refund, "event": "refund.succeeded" })).await;
    world.money_rests().await;
    assert_eq!(ask(0, path, open).await, 200);
    assert_eq!(world.get(&driver, path).await.ok().json()["locked"], json!(["contacts"]));
}

/// Looks at cargos as somebody with and as somebody without a subscription; each path with the tags of both.
async fn locked_details(world: &World, payer: &Driver, driver: &Driver) -> Vec<(String, String, String)> {
    let mut hidden = 0;
    let mut etags = Vec::new();
    for card in world.cargos(driver, 12).await {
        let id = text(&card["id"]);
        let path = format!("/api/cargos/{id}");
        // Whoever comes first fills the cache, and the lock is the same: fetched, cached, or without the cache.
        let early = world.get(driver, &path).await.ok();
        let open = world.get(payer, &path).await.ok();
        let cached = world.get(driver, &path).await.ok();
        world.sandbox("/store", json!({ "faults": [{ "table": "cache", "error": "InternalServerError" }] })).await;
        let without_cache = world.get(driver, &path).await.ok();
        world.send(Method::DELETE, "/_sandbox/store", &[], "").await;
        world.pass(3);
        let secrets = secrets_of(&open.json());
        assert!(open.json()["locked"] == json!([]) && open.json()["cargo"]["contacts"].is_array(), "{}", open.body);
        hidden += secrets.len();
        for locked in [&early, &cached, &without_cache] {
            says_nothing_of(&secrets, locked, &open);
        }
        assert_eq!(early.header("etag"), cached.header("etag"));
        etags.push((path, open.header("etag").to_owned(), cached.header("etag").to_owned()));
    }
    assert!(hidden > 24, "there is something to hide: {hidden}");
    etags
}

/// The answer without a subscription has none of the secrets that the other has.
fn says_nothing_of(secrets: &[String], locked: &Answer, open: &Answer) {
    let detail = locked.json();
    assert_eq!(detail["locked"], json!(["contacts"]));
    let cargo = &detail["cargo"];
    assert!(cargo["contacts"].is_null() && cargo["note"].is_null() && cargo["shipper"]["inn"].is_null(), "{cargo}");
    for secret in secrets {
        let written = json!(secret).to_string();
        assert!(!locked.body.contains(written.trim_matches('"')), "{secret} in {}", locked.body);
    }
    for (name, value) in cargo["extra"].as_object().into_iter().flatten() {
        let says_nothing = [Value::Null, json!([]), json!(false)].contains(value);
        assert!(["krugoreis", "partial_load"].contains(&name.as_str()) || says_nothing, "{name}: {value}");
    }
    assert_ne!(locked.header("etag"), open.header("etag"));
    let hidden = open.header("etag").trim_matches(|c| "W/\"".contains(c));
    assert!(!locked.header("etag").contains(hidden), "it says nothing of what is hidden");
}

/// A response is refused, and that is on record once.
async fn may_not_respond(world: &World, driver: &Driver, cargo: &str) {
    for body in [json!({}), json!({ "comment": "есть ремни" })] {
        let refused = world.respond(driver, cargo, body).await;
        assert_eq!(refused.problem(), (402, "subscription_required".into()), "{}", refused.body);
        assert_eq!(refused.json()["feature"], "respond");
    }
    assert!(world.rows("RESPONSE#").await.is_empty());
    let rows = world.rows("AUDIT#").await;
    let refusals: Vec<_> = rows.iter().filter(|row| row["kind"]["S"] == "access").collect();
    assert_eq!(refusals.len(), 1, "once an hour for a driver and a feature: {refusals:?}");
    let facts = &refusals[0]["facts"]["M"];
    assert_eq!((&facts["driver_id"]["S"], &facts["feature"]["S"]), (&json!(driver.id.to_string()), &json!("respond")));
}

#[tokio::test]
async fn a_cached_cargo_without_a_locked_form_is_fetched_anew() {
    let world = World::roomy().await;
    let driver = world.driver().await;
    let id = world.cargo(&driver).await;
    let path = format!("/api/cargos/{id}");
    world.get(&driver, &path).await.ok();
    let headers = [("x-amz-target", "DynamoDB_20120810.UpdateItem"), ("content-type", "application/x-amz-json-1.0")];
    let key = json!({ "pk": { "S": format!("DOCUMENT#CARGO#{id}") }, "sk": { "S": "-" } });
    let update = json!({ "TableName": "cache", "Key": key, "UpdateExpression": "REMOVE locked_body" });
    world.send(Method::POST, "/_aws", &headers, update.to_string()).await.ok();
    world.pass(5);
    let before = world.upstream_calls("detail").await;
    world.get(&driver, &path).await.ok();
    assert_eq!(world.upstream_calls("detail").await, before + 1);
    world.pass(5);
    world.get(&driver, &path).await.ok();
    assert_eq!(world.upstream_calls("detail").await, before + 1, "and is whole again");
}

/// Shippers write phones where everybody reads them.
async fn phones_in_names_are_covered_too(world: &World, payer: &Driver, driver: &Driver) {
    let id = text(&world.get(payer, "/api/cargos?limit=70").await.ok().json()["items"][69]["id"]);
    let told = json!({ "title": "Доски, тел. 8 (916) 123-45-67", "cargo_type": { "name": "доски +79161234567" },
        "truck_types": [{ "id": 1, "name": "тент 8 916 123-45-67" }],
        "points": { "start": { "city": { "name": "Казань 8 916 123-45-67" }, "address": "ул. Ленина, 5" } } });
    world.sandbox(&format!("/cargotech/cargos/{id}/sent"), told).await;
    let list = world.get(payer, "/api/cargos?limit=71").await.ok();
    assert!(list.body.contains("\"Доски\"") && !list.body.contains("123-45-67"), "{}", list.body);
    assert!(!list.body.contains("Ленина"), "an address belongs to the detail: {}", list.body);
    let path = format!("/api/cargos/{id}");
    let locked = world.get(driver, &path).await.ok();
    assert!(locked.body.contains("\"Доски\""), "{}", locked.body);
    assert!(!locked.body.contains("123-45-67") && !locked.body.contains("9161234567"), "{}", locked.body);
    let open = world.get(payer, &path).await.ok().json();
    assert_eq!(open["cargo"]["title"], "Доски, тел. 8 (916) 123-45-67");
}
