//! Every route has a fixed number of store calls. These are the numbers.
use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};
use tests::{DISPATCH_CHAT, DISPATCHERS, Driver, World, text};

/// The session of whoever asks.
const SESSION: (&str, u64) = ("UpdateItem app", 1);

fn calls(expected: &[(&str, u64)]) -> BTreeMap<String, u64> {
    expected.iter().map(|(call, count)| ((*call).to_owned(), *count)).collect()
}

#[tokio::test]
async fn store_calls_per_route_are_these() {
    // Half a second for each call to CargoTech, so that the list, which comes right after the login, has to wait its turn.
    let world = World::with(&[("CARGOTECH_BUDGET_PER_MIN", "120")]).await;
    let driver = world.driver().await;
    world.pass(1);
    world.store_calls().await;

    lists_and_cargos(&world, &driver).await;
    for (method, path, body, expected) in [
        (Method::GET, "/api/dictionaries/weight-volumes", Value::Null, calls(&[SESSION])),
        // The profile, and the settings for whom to turn to.
        (Method::GET, "/api/me", Value::Null, calls(&[SESSION, ("GetItem app", 2)])),
        (Method::PUT, "/api/me", json!({ "company": "ООО" }), calls(&[("UpdateItem app", 2), ("GetItem app", 2)])),
        (Method::POST, "/api/auth/refresh", Value::Null, calls(&[SESSION])),
        (Method::GET, "/api/health", Value::Null, calls(&[("GetItem cache", 1), ("UpdateItem app", 1)])),
        (Method::POST, "/api/auth/logout", Value::Null, calls(&[("UpdateItem app", 2)])),
    ] {
        world.pass(1);
        let answer = world.call(&driver, method, path, &body).await;
        assert!(answer.status.is_success(), "{path}");
        assert_eq!(world.store_calls().await, expected, "{path}");
    }
    sign_ins(&world).await;
}

async fn lists_and_cargos(world: &World, driver: &Driver) {
    let list = "/api/cargos?limit=5";
    let first = world.get(driver, list).await.ok().json();
    let miss = world.store_calls().await;
    // Session, the first login (token read twice, lease taken and given back, token kept, audited), the lease of the
    // list (read together with what decides about access), a second look at it, this driver's misses, the gate for login and list, the list kept and its lease given back.
    let expected = calls(&[
        SESSION,
        ("BatchGetItem app+cache", 1),
        ("BatchGetItem cache", 1),
        ("BatchWriteItem cache", 1),
        ("GetItem cache", 2),
        ("PutItem app", 1),
        ("UpdateItem cache", 8),
    ]);
    assert_eq!(miss, expected, "the first list of all");

    world.pass(1);
    world.get(driver, list).await.ok();
    assert_eq!(world.store_calls().await, calls(&[SESSION, ("BatchGetItem app+cache", 1)]), "a cached list");

    world.pass(1);
    world.get(driver, "/api/cargos?limit=6").await.ok();
    let expected = calls(&[
        SESSION,
        ("BatchGetItem app+cache", 1),
        ("BatchGetItem cache", 1),
        ("UpdateItem cache", 3),
        ("BatchWriteItem cache", 1),
    ]);
    assert_eq!(world.store_calls().await, expected, "a list that is fetched");

    let id = first["items"][0]["id"].as_str().unwrap();
    let detail = format!("/api/cargos/{id}");
    world.pass(1);
    world.get(driver, &detail).await.ok();
    world.store_calls().await;
    world.pass(1);
    world.get(driver, &detail).await.ok();
    // One read for the cached cargo, the marks of changed ones, the driver's access and own response, from both tables.
    let detail_calls = calls(&[SESSION, ("BatchGetItem app+cache", 1)]);
    assert_eq!(world.store_calls().await, detail_calls, "a cached detail");

    let cities = "/api/dictionaries/cities?q=мос";
    world.pass(1);
    world.get(driver, cities).await.ok();
    world.store_calls().await;
    world.pass(1);
    world.get(driver, cities).await.ok();
    assert_eq!(world.store_calls().await, calls(&[SESSION, ("GetItem cache", 1)]), "a cached dictionary");
}

async fn sign_ins(world: &World) {
    let who = json!({ "driver_id": tests::new_driver_id() });
    let launch = world.init_data(who.clone()).await;
    world.store_calls().await;
    world.sign_in(&launch, None).await.ok();
    // The session, what there is of them, and all that a new driver brings: who they are, what they are found by, that they came
    // today, and the trial.
    let expected = calls(&[("UpdateItem app", 1), ("BatchGetItem app", 1), ("TransactWriteItems app", 1)]);
    assert_eq!(world.store_calls().await, expected, "the sign-in of a new driver");

    for (passed_s, kept) in
        [(3600, &[("UpdateItem app", 2)][..]), (86_400, &[("UpdateItem app", 1), ("TransactWriteItems app", 1)])]
    {
        world.pass(passed_s);
        let launch = world.init_data(who.clone()).await;
        world.store_calls().await;
        world.sign_in(&launch, None).await.ok();
        let mut expected = calls(kept);
        expected.insert("BatchGetItem app".to_owned(), 1);
        assert_eq!(world.store_calls().await, expected, "a sign-in {passed_s} s later");
    }

    world.pass(1);
    let body = json!({ "init_data": world.init_data(who.clone()).await, "search": "limit=20" }).to_string();
    world.store_calls().await;
    world.send(Method::POST, "/api/auth/telegram", &[("content-type", "application/json")], body).await.ok();
    let expected = calls(&[("UpdateItem app", 2), ("BatchGetItem app", 1), ("BatchGetItem cache", 1)]);
    assert_eq!(world.store_calls().await, expected, "a sign-in with the search that comes next");
}

#[tokio::test]
async fn a_link_costs_one_call_more_with_each_request_and_a_transaction_to_open() {
    let world = World::start().await;
    let driver = world.driver().await;
    let url = text(&world.get(&driver, "/api/me/access-link").await.ok().json()["url"]);
    let body = json!({ "access_token": url.split_once("#/access/").unwrap().1 }).to_string();
    world.sandbox("/queues", json!({ "lose": "all" })).await;
    world.store_calls().await;
    let headers = [("content-type", "application/json")];
    let opened = world.send(Method::POST, "/api/auth/access-token", &headers, body).await.ok().json();
    // The generation, the profile, what decides about access; how often it was opened; session, message and audit.
    let opening = [("GetItem app", 2), ("BatchGetItem app", 1), ("UpdateItem cache", 1), ("TransactWriteItems app", 1)];
    assert_eq!(world.store_calls().await, calls(&opening), "opening");
    let guest = Driver { id: driver.id, token: text(&opened["session_token"]) };
    world.pass(1);
    world.get(&guest, "/api/dictionaries/weight-volumes").await.ok();
    // The session, and whether a subscription runs.
    assert_eq!(world.store_calls().await, calls(&[("UpdateItem app", 1), ("GetItem app", 1)]), "a request");
}

#[tokio::test]
async fn a_driver_ahead_of_the_rate_costs_one_call_more_and_no_third() {
    let world = World::start().await;
    let driver = world.driver().await;
    world.pass(1);
    world.get(&driver, "/api/auth/nothing").await;
    world.store_calls().await;
    futures_util::future::join_all((0..5).map(|_| world.get(&driver, "/api/dictionaries/weight-volumes"))).await;
    let calls = world.store_calls().await["UpdateItem app"];
    assert!((5..=10).contains(&calls), "{calls}");
}

/// Hands `notify` a hint, as SQS would, and waits until it is dealt with.
async fn hint(world: &World, delivery: &str) {
    let queues = world.look("/queues").await;
    let queue =
        queues["queues"].as_array().unwrap().iter().find(|queue| queue["name"] == "NotifyQueue").unwrap().clone();
    let headers = [("x-amz-target", "AmazonSQS.SendMessage"), ("content-type", "application/x-amz-json-1.0")];
    let body = json!({ "QueueUrl": queue["url"], "MessageBody": delivery });
    world.send(Method::POST, "/_aws", &headers, body.to_string()).await.ok();
    world.settle().await;
}

#[tokio::test]
async fn store_calls_of_a_response_from_the_first_tap_to_the_last_message_are_these() {
    let world = World::start().await;
    let driver = world.driver_with_phone().await;
    let cargos = world.cargos(&driver, 2).await;
    let (id, other) = (text(&cargos[0]["id"]), text(&cargos[1]["id"]));
    for cargo in [&id, &other] {
        world.get(&driver, &format!("/api/cargos/{cargo}")).await.ok();
    }
    world.settle().await;
    own_hints(&world, true).await;
    let response = responded(&world, &driver, &id).await;
    card_sent(&world, &response).await;
    let card = world.card_of(&response).await;
    let link = link_made(&world, card, &response).await;
    decided_by_link(&world, &link).await;
    decision_told(&world, &response).await;
    too_late(&world, &driver, card, &response).await;
    withdrawn(&world, &driver, &other).await;
}

/// The product's own hints are lost, so that each step is counted by itself.
async fn own_hints(world: &World, lost: bool) {
    world.sandbox("/queues", json!({ "lose": if lost { json!("all") } else { json!(0) } })).await;
}

/// Lets every bucket be full again, and counts afresh.
async fn fresh(world: &World) {
    world.pass(5);
    world.store_calls().await;
}

fn of_card(rates: u64) -> BTreeMap<String, u64> {
    calls(&[SESSION, ("BatchGetItem app", 1), ("UpdateItem cache", rates), ("TransactWriteItems app", 1)])
}

/// The id of a new response to the cargo.
async fn responded(world: &World, driver: &Driver, id: &str) -> String {
    // The profile, what stands there and the access in one read; how often the driver responds, the cargo as it was seen moments ago with its
    // marks; then one transaction with the response, its place in the list, what its id means, the outgoing message and the audit row.
    fresh(world).await;
    let given = world.respond(driver, id, json!({})).await;
    assert_eq!(given.status.as_u16(), 201);
    let expected = calls(&[
        SESSION,
        ("BatchGetItem app", 1),
        ("UpdateItem cache", 1),
        ("BatchGetItem cache", 1),
        ("TransactWriteItems app", 1),
    ]);
    assert_eq!(world.store_calls().await, expected, "a new response");

    fresh(world).await;
    world.respond(driver, id, json!({})).await.ok();
    assert_eq!(world.store_calls().await, calls(&[SESSION, ("BatchGetItem app", 1)]), "a repeated response");

    fresh(world).await;
    world.get(driver, &format!("/api/cargos/{id}")).await.ok();
    let expected = calls(&[SESSION, ("BatchGetItem app+cache", 1)]);
    assert_eq!(world.store_calls().await, expected, "a cargo with the driver's own response costs no call more");

    // The places in the list, then the responses themselves.
    fresh(world).await;
    world.get(driver, "/api/responses").await.ok();
    let expected = calls(&[SESSION, ("Query app", 1), ("BatchGetItem app", 1)]);
    assert_eq!(world.store_calls().await, expected, "the list of responses");
    text(&given.json()["response"]["id"])
}

async fn card_sent(world: &World, response: &str) {
    // The claim; the response as it stands, the others to its cargo and whether its driver is blocked in one read; the rates of
    // the driver's new cards, of the chat and of the bot; then one transaction with the message's row, what the message is about, the response's step to
    // "sent" and its audit row.
    own_hints(world, false).await;
    fresh(world).await;
    hint(world, &format!("card-{response}")).await;
    assert_eq!(world.store_calls().await, of_card(3), "a card that is sent");

    fresh(world).await;
    hint(world, &format!("card-{response}")).await;
    assert_eq!(world.store_calls().await, calls(&[("UpdateItem app", 1)]), "a hint for what was sent");
}

/// The link's token.
async fn link_made(world: &World, card: i64, response: &str) -> String {
    // Whether the update is known, what the response's id means, the response; one transaction; the update is remembered.
    own_hints(world, true).await;
    let pressed =
        calls(&[("GetItem cache", 1), ("GetItem app", 2), ("TransactWriteItems app", 1), ("UpdateItem cache", 1)]);
    fresh(world).await;
    world.press(DISPATCHERS[0], card, &format!("l:{response}:1")).await;
    assert_eq!(world.store_calls().await, pressed, "a press that makes a link");
    fresh(world).await;
    own_hints(world, false).await;
    hint(world, &format!("link-1-{response}")).await;
    let delivered = calls(&[SESSION, ("GetItem app", 1), ("UpdateItem cache", 2), ("TransactWriteItems app", 1)]);
    assert_eq!(world.store_calls().await, delivered, "a link that is sent");
    let start = format!("{}/app/r/#", world.address());
    let link = world
        .texts(DISPATCH_CHAT)
        .await
        .iter()
        .find_map(|words| Some(words.split_once(&start)?.1.split_whitespace().next()?.to_owned()));
    link.unwrap()
}

async fn decided_by_link(world: &World, link: &str) {
    let link = [("x-shipper-token", link)];
    // How often the link is used, what the response's id means; then the response, whether its driver is blocked and whether
    // links are switched on.
    fresh(world).await;
    world.send(Method::GET, "/api/shipper/response", &link, "").await.ok();
    let looked = calls(&[("UpdateItem cache", 1), ("GetItem app", 1), ("BatchGetItem app", 1)]);
    assert_eq!(world.store_calls().await, looked, "the shipper's page");
    own_hints(world, true).await;
    fresh(world).await;
    world.send(Method::POST, "/api/shipper/response", &link, r#"{"decision":"accept"}"#).await.ok();
    let decided =
        calls(&[("UpdateItem cache", 1), ("GetItem app", 1), ("BatchGetItem app", 1), ("TransactWriteItems app", 1)]);
    assert_eq!(world.store_calls().await, decided, "the shipper's decision");
    fresh(world).await;
    world.send(Method::POST, "/api/shipper/response", &link, r#"{"decision":"accept"}"#).await.ok();
    assert_eq!(world.store_calls().await, looked, "the shipper's decision once more");
}

async fn decision_told(world: &World, response: &str) {
    own_hints(world, false).await;
    fresh(world).await;
    hint(world, &format!("card-{response}")).await;
    assert_eq!(world.store_calls().await, of_card(2), "a card that is edited");
    // For the driver's own chat also who the driver is.
    fresh(world).await;
    hint(world, &format!("notice-accepted-{response}")).await;
    let expected = calls(&[SESSION, ("GetItem app", 2), ("UpdateItem cache", 2), ("TransactWriteItems app", 1)]);
    assert_eq!(world.store_calls().await, expected, "a notice for the driver");
}

async fn too_late(world: &World, driver: &Driver, card: i64, response: &str) {
    own_hints(world, true).await;
    fresh(world).await;
    world.press(DISPATCHERS[0], card, &format!("r:{response}")).await;
    let expected = calls(&[("GetItem cache", 1), ("GetItem app", 2), ("UpdateItem cache", 1)]);
    assert_eq!(world.store_calls().await, expected, "a press that comes too late");
    // A command: whether the update is known, that the driver can be written to, the rates of the chat and of the bot, the
    // update is remembered; and for this one whom to turn to.
    fresh(world).await;
    world.write(driver.id, driver.id, "/help", None).await;
    world.settle().await;
    let expected = calls(&[("GetItem cache", 1), ("GetItem app", 1), ("UpdateItem app", 1), ("UpdateItem cache", 3)]);
    assert_eq!(world.store_calls().await, expected, "a command");
}

async fn withdrawn(world: &World, driver: &Driver, other: &str) {
    world.respond(driver, other, json!({})).await;
    fresh(world).await;
    world.withdraw(driver, other).await.ok();
    let expected = calls(&[SESSION, ("GetItem app", 1), ("TransactWriteItems app", 1)]);
    assert_eq!(world.store_calls().await, expected, "a withdrawal");
    fresh(world).await;
    world.withdraw(driver, other).await.ok();
    assert_eq!(world.store_calls().await, calls(&[SESSION, ("GetItem app", 1)]), "a withdrawal once more");

    // Each class of messages is a list. Old data is three: persons, messages, and messages that failed.
    for (job, lists) in [("deliver-due", 5), ("expire-responses", 1), ("forget", 3)] {
        world.job(job).await;
        world.settle().await;
        fresh(world).await;
        world.job(job).await;
        // Its beginning and its end are noted.
        assert_eq!(
            world.store_calls().await,
            calls(&[("Query app", lists), ("UpdateItem app", 2)]),
            "{job} with nothing to do"
        );
    }
    fresh(world).await;
    world.job("watch").await;
    let expected = calls(&[("GetItem cache", 1), ("Query app", 6), ("UpdateItem app", 2)]);
    assert_eq!(
        world.store_calls().await,
        expected,
        "the token, what is due in each class and what is open are measured"
    );
}
