//! The responses of all drivers, as admins look through them, and how those who decide do.
use serde_json::{Value, json};
use tests::{DISPATCHERS, Driver, Responded, World, text};

const OLGA: i64 = DISPATCHERS[0];
const IGOR: i64 = DISPATCHERS[1];

async fn ids(world: &World, owner: &Driver, query: &str) -> Vec<String> {
    world.all(owner, &format!("responses{query}")).await.iter().map(|row| text(&row["id"])).collect()
}

#[tokio::test]
async fn responses_are_found_shown_and_counted_for_who_decided() {
    let (world, owner) = World::with_owner().await;
    let (first, second, third) = (world.responded().await, world.responded().await, world.responded().await);
    world.pass(90);
    world.press(OLGA, first.card, &first.button('a')).await;
    world.press(OLGA, second.card, &second.button('r')).await;
    world.settle().await;

    let newest = ids(&world, &owner, "").await;
    assert_eq!(newest, [third.id.clone(), second.id.clone(), first.id.clone()]);
    for (query, found) in [
        ("?status=accepted", vec![&first]),
        ("?status=sent", vec![&third]),
        ("?decided_by=dispatcher", vec![&second, &first]),
        ("?decided_by=shipper", vec![]),
    ] {
        assert_eq!(ids(&world, &owner, query).await, found.iter().map(|r| r.id.clone()).collect::<Vec<_>>(), "{query}");
    }
    assert_eq!(
        ids(&world, &owner, &format!("?decider_id={OLGA}&status=rejected")).await,
        std::slice::from_ref(&second.id)
    );
    assert_eq!(ids(&world, &owner, &format!("?decider_id={IGOR}")).await, Vec::<String>::new());
    assert_eq!(ids(&world, &owner, &format!("?driver_id={}", third.driver.id)).await, std::slice::from_ref(&third.id));
    assert_eq!(
        ids(&world, &owner, &format!("?cargo_id={}&status=accepted", first.cargo)).await,
        std::slice::from_ref(&first.id)
    );
    assert_eq!(ids(&world, &owner, "?until=2020-01-01").await, Vec::<String>::new());
    assert_eq!(ids(&world, &owner, "?cargo_id=1").await, Vec::<String>::new());
    let wrong = world.ask(&owner, "responses?status=lost&driver_id=x&decided_by=me&cargo_id=a").await;
    assert_eq!(wrong.problem(), (422, "validation_failed".into()));

    let Responded { id, driver, cargo, .. } = &first;
    let shown = world.ask(&owner, &format!("responses/{id}")).await.ok().json()["response"].clone();
    assert_eq!((&shown["cargo_id"], &shown["driver_id"]), (&json!(cargo), &json!(driver.id)));
    assert_eq!(shown["decided"]["by"], json!({ "kind": "dispatcher", "id": OLGA, "name": "Ольга Ветрова" }));
    let waited = shown["answered_after_s"].as_i64().expect("a time");
    assert!((90..1000).contains(&waited), "{waited}");
    assert_eq!(shown["phone"], world.get(driver, "/api/me").await.json()["phone"]);
    let history: Vec<_> = shown["history"].as_array().unwrap().iter().map(|step| text(&step["status"])).collect();
    assert_eq!(history, ["queued", "sent", "accepted"]);
    assert_eq!(world.ask(&owner, "responses/none").await.problem(), (404, "not_found".into()));

    // Igor rejects the third; then an admin takes the first acceptance back, which is no dispatcher's doing.
    world.press(IGOR, third.card, &third.button('r')).await;
    let undo = format!("drivers/{}/responses/{cargo}/undo", driver.id);
    world.command(&owner, &undo, "u", &json!({ "reason": "Ошибка" })).await.ok();
    let shown = world.ask(&owner, &format!("responses/{id}")).await.ok().json()["response"].clone();
    assert_eq!((&shown["undone"], &shown["decided"]["by"]["id"]), (&json!(true), &json!(owner.id)));
    let deciders = world.all(&owner, "deciders").await;
    let told = |row: &Value| {
        let numbers = ["accepted", "rejected", "undone", "accept_percent"].map(|name| row[name].as_i64());
        (row["id"].as_i64(), text(&row["name"]), numbers)
    };
    let told: Vec<_> = deciders.iter().map(told).collect();
    let olga = (Some(OLGA), "Ольга Ветрова".to_owned(), [Some(1), Some(1), Some(0), Some(50)]);
    assert_eq!(told[0], olga);
    assert_eq!((told[1].0, told[1].2), (Some(IGOR), [Some(0), Some(1), Some(0), Some(0)]));
    assert!(deciders[0]["answer_s"].as_i64().is_some_and(|s| s >= 90), "{deciders:?}");
    assert_eq!(told.len(), 2);
}

#[tokio::test]
async fn a_page_of_responses_reads_the_index_and_no_table() {
    let (world, owner) = World::with_owner().await;
    for _ in 0..3 {
        world.responded().await;
    }
    world.settle().await;
    world.pass(1);
    world.store_calls().await;
    assert_eq!(world.ask(&owner, "responses?status=sent").await.ok().json()["items"].as_array().map(Vec::len), Some(3));
    let calls = world.store_calls().await;
    let expected = [("BatchGetItem app", 2), ("Query app", 1), ("UpdateItem app", 1)];
    let expected: Vec<_> = expected.into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
    assert_eq!(calls.into_iter().collect::<Vec<_>>(), expected, "session and role are among them");
}
