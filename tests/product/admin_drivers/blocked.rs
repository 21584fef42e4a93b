//! Drivers who are blocked, thrown out or deleted.
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Driver, World, new_driver_id, text};

use super::{
    DAY_S,
    days::{gift, order},
    found::found,
};

/// A blocked driver is refused everything but to see why.
async fn nothing_is_open(world: &World, driver: &Driver, cargo: &str) {
    for (method, path, body) in [
        (Method::GET, "/api/cargos".to_owned(), Value::Null),
        (Method::GET, format!("/api/cargos/{cargo}"), Value::Null),
        (Method::POST, format!("/api/cargos/{cargo}/responses"), json!({})),
        (Method::DELETE, format!("/api/cargos/{cargo}/responses"), Value::Null),
        (Method::GET, "/api/responses".to_owned(), Value::Null),
        (Method::GET, "/api/dictionaries/cities?q=мос".to_owned(), Value::Null),
        (Method::GET, "/api/dictionaries/weight-volumes".to_owned(), Value::Null),
        (Method::PUT, "/api/me".to_owned(), json!({ "company": "x" })),
        (Method::GET, "/api/me/access-link".to_owned(), Value::Null),
        (Method::DELETE, "/api/me/access-link".to_owned(), Value::Null),
        (Method::GET, "/api/plans".to_owned(), Value::Null),
        (Method::POST, "/api/payments".to_owned(), json!({ "plan": "1m" })),
        (Method::POST, "/api/promo-codes/redeem".to_owned(), json!({ "code": "ZIMA" })),
        (Method::POST, "/api/auth/refresh".to_owned(), Value::Null),
    ] {
        let answer = world.call(driver, method.clone(), &path, &body).await;
        assert_eq!(answer.problem(), (403, "driver_blocked".into()), "{method} {path}");
    }
    for path in ["/api/me", "/api/payments", "/api/subscription"] {
        world.get(driver, path).await.ok();
    }
    let subscription = world.subscription(driver).await;
    assert_eq!(subscription["blocked"], true);
    assert!(subscription["features"].as_object().unwrap().values().all(|allowed| *allowed == false));
}

#[tokio::test]
async fn a_blocked_driver_may_nothing_but_see_why_until_they_are_let_in_again() {
    let (world, owner) = World::with_owner().await;
    let driver = world.driver_with_phone().await;
    let cargo = world.cargo(&driver).await;
    let link = text(&world.get(&driver, "/api/me/access-link").await.ok().json()["url"]);
    let token = link.split_once("#/access/").expect("a link").1.to_owned();
    let path = format!("drivers/{}/block", driver.id);
    let block = |blocked: bool| json!({ "blocked": blocked, "reason": "Обзванивает грузовладельцев" });
    let answer = world.command(&owner, &path, "-", &block(true)).await.ok().json();
    assert_eq!(
        (&answer["block"]["by"], &answer["block"]["reason"]),
        (&json!(owner.id), &json!("Обзванивает грузовладельцев"))
    );
    world.command(&owner, &path, "-", &block(true)).await.ok();
    assert_eq!(world.accounts("driver", "blocked").await.len(), 1, "twice the same is once");

    nothing_is_open(&world, &driver, &cargo).await;
    let back = world.driver_called(driver.id).await;
    nothing_is_open(&world, &back, &cargo).await;
    let body = json!({ "access_token": token }).to_string();
    let by_link = async || {
        let headers = [("content-type", "application/json")];
        world.send(Method::POST, "/api/auth/access-token", &headers, body.clone()).await
    };
    assert_eq!(by_link().await.problem(), (403, "driver_blocked".into()));
    assert_eq!(world.rows("PAYMENT#").await.len(), 0);
    let card = world.ask(&owner, &format!("drivers/{}", driver.id)).await.ok().json();
    assert_eq!((&card["driver"]["blocked"], &card["features"][0]["rule"]), (&json!(true), &json!("blocked")));

    let answer = world.command(&owner, &path, "-", &block(false)).await.ok().json();
    assert_eq!(answer["block"], Value::Null);
    world.get(&back, "/api/cargos").await.ok();
    assert_eq!(world.subscription(&back).await["blocked"], false);
    by_link().await.ok();
    assert_eq!(world.accounts("driver", "unblocked").await.len(), 1);
    // A blocked driver can sign out.
    let last = world.driver_called(driver.id).await;
    world.command(&owner, &path, "-", &block(true)).await.ok();
    assert_eq!(world.call(&last, Method::POST, "/api/auth/logout", &Value::Null).await.status.as_u16(), 204);
    assert_eq!(world.get(&last, "/api/me").await.problem(), (401, "session_expired".into()));
}

#[tokio::test]
async fn admins_are_not_blocked_deleted_or_thrown_out_while_they_are_admins() {
    let (world, owner) = World::with_owner().await;
    let support = world.admin("support").await;
    for target in [owner.id, support.id] {
        for (command, body) in [
            ("block", json!({ "blocked": true, "reason": "r" })),
            ("end-session", json!({ "reason": "r" })),
            ("delete", json!({ "reason": "r" })),
        ] {
            let answer = world.command(&owner, &format!("drivers/{target}/{command}"), "-", &body).await;
            assert_eq!(answer.problem(), (409, "driver_is_admin".into()), "{command}");
        }
    }
    world.get(&support, "/api/me").await.ok();
}

#[tokio::test]
async fn a_session_is_ended_at_once() {
    let (world, owner) = World::with_owner().await;
    let driver = world.driver().await;
    let path = format!("drivers/{}/end-session", driver.id);
    for outcome in ["session_ended", "session_over"] {
        let answer = world.command(&owner, &path, "-", &json!({ "reason": "Потерян телефон" })).await;
        assert_eq!(answer.status.as_u16(), 204);
        assert_eq!(world.accounts("driver", outcome).await.len(), 1);
        assert_eq!(world.get(&driver, "/api/me").await.problem(), (401, "session_expired".into()));
    }
    world.driver_called(driver.id).await;
}

#[tokio::test]
async fn what_is_known_of_a_driver_is_deleted_but_for_what_the_law_wants() {
    let (world, owner) = World::with_owner().await;
    let id = new_driver_id();
    world.driver_named(id, "Аристарх", Some("Невидимов"), Some("aristarch")).await;
    let driver = world.driver_named(id, "Аристарх", Some("Невидимов"), Some("aristarch")).await;
    let about = json!({ "phone": "+79995551122", "company": "ООО Незримое", "email": "aristarch@example.org" });
    world.call(&driver, Method::PUT, "/api/me", &about).await.ok();
    let paid = world.order(&driver, "1m").await;
    world.pay(&paid.yookassa_id, tests::money::CARD).await;
    world.until_paid(&driver, &paid.id, "succeeded").await;
    let cargos = world.cargos(&driver, 3).await;
    let responded = world.responded_to(driver.clone(), text(&cargos[0]["id"])).await;
    for cargo in &cargos[1..] {
        let comment = json!({ "comment": "Звоните Аристарху" });
        assert_eq!(world.respond(&driver, &text(&cargo["id"]), comment).await.status.as_u16(), 201);
    }
    let link = text(&world.get(&driver, "/api/me/access-link").await.ok().json()["url"]);
    let ledger = world.ledger(&driver).await;

    let path = format!("drivers/{id}/delete");
    let reason = json!({ "reason": "По заявлению" });
    let answer = world.command(&owner, &path, "-", &reason).await.ok().json();
    assert_eq!((&answer["done"], &answer["driver"]["first_name"]), (&json!(true), &json!("")));
    assert!(answer["driver"]["deleted_at"].is_string());
    assert_eq!(world.accounts("driver", "deleted").await.len(), 1);
    world.command(&owner, &path, "-", &reason).await.ok();
    assert_eq!(world.accounts("driver", "deleted").await.len(), 1, "it is done");

    // Nothing of them is anywhere but in payments.
    world.settle().await;
    let rows = world.rows("").await;
    for word in ["Аристарх", "Невидимов", "aristarch", "79995551122", "Незримое"] {
        let left: Vec<_> =
            rows.iter().filter(|row| row.to_string().to_lowercase().contains(&word.to_lowercase())).collect();
        let others: Vec<_> =
            left.iter().filter(|row| !row["pk"]["S"].as_str().is_some_and(|pk| pk.starts_with("PAYMENT#"))).collect();
        assert!(others.is_empty(), "{word}: {others:?}");
    }
    for sought in ["аристарх", "@aristarch", "+79995551122"] {
        assert_eq!(found(&world, &owner, sought).await, [0i64; 0], "{sought}");
    }
    assert_eq!(found(&world, &owner, &id.to_string()).await, [id], "that there was one is known by the id");
    assert_eq!(world.get(&driver, "/api/me").await.problem(), (401, "session_expired".into()));
    let card = text(&world.message(tests::DISPATCH_CHAT, responded.card).await["text"]);
    assert!(card.contains("Данные водителя удалены") && !card.contains("+7999"), "{card}");
    assert_eq!(world.ledger(&driver).await, ledger, "the ledger stays");
    assert_eq!(world.all(&owner, &format!("payments?driver_id={id}")).await.len(), 1);
    let token = link.split_once("#/access/").unwrap().1;
    let opened = async || {
        let body = json!({ "access_token": token }).to_string();
        world.send(Method::POST, "/api/auth/access-token", &[("content-type", "application/json")], body).await
    };
    assert_eq!(opened().await.problem(), (401, "access_token_invalid".into()));
    let gift = order(&world, &owner, id, "k", &gift(3)).await;
    assert_eq!(gift.problem(), (404, "not_found".into()), "nobody is there to be given anything");

    // Who comes back is new, and has what was paid, but no second trial.
    world.pass(60 * DAY_S);
    let owner = world.driver_called(owner.id).await;
    let back = world.driver_named(id, "Пётр", None, None).await;
    assert_eq!(world.get(&back, "/api/me").await.ok().json()["phone"], Value::Null);
    assert_eq!(world.subscription(&back).await["state"], "expired");
    assert_eq!(world.ledger(&back).await, ledger);
    assert_eq!(opened().await.problem(), (401, "access_token_invalid".into()), "the old link is void");
    let card = world.ask(&owner, &format!("drivers/{id}")).await.ok().json();
    assert_eq!((&card["driver"]["deleted_at"], &card["driver"]["first_name"]), (&Value::Null, &json!("Пётр")));
}

#[tokio::test]
async fn after_a_deletion_no_message_in_the_dispatchers_chat_names_the_driver() {
    let (world, owner) = World::with_owner().await;
    let driver = world.driver_named(new_driver_id(), "Аристарх", None, None).await;
    world.call(&driver, Method::PUT, "/api/me", &json!({ "phone": "+79995551122" })).await.ok();
    let cargo = world.cargo(&driver).await;
    for _ in 0..2 {
        world.withdraw(&driver, &cargo).await;
        world.settle().await;
        let responded = world.responded_to(driver.clone(), cargo.clone()).await;
        world.press(tests::DISPATCHERS[0], responded.card, &responded.link_button(1)).await;
        world.settle().await;
    }
    let naming = async || world.texts_with(tests::DISPATCH_CHAT, &["Аристарх", "5551122"]).await;
    assert_eq!(naming().await.len(), 2, "the card that stands, and its link");
    world.command(&owner, &format!("drivers/{}/delete", driver.id), "-", &json!({ "reason": "r" })).await.ok();
    world.settle().await;
    assert_eq!(naming().await, [""; 0]);
    assert_eq!(world.messages(tests::DISPATCH_CHAT).await.len(), 4);
}

#[tokio::test]
async fn a_driver_who_never_paid_gets_no_second_trial_after_the_data_was_deleted() {
    let (world, owner) = World::with_owner().await;
    let driver = world.driver().await;
    world.command(&owner, &format!("drivers/{}/delete", driver.id), "-", &json!({ "reason": "r" })).await.ok();
    world.pass(4 * DAY_S);
    let back = world.driver_called(driver.id).await;
    assert_eq!(world.subscription(&back).await["state"], "expired");
    assert_eq!(world.ledger(&back).await.len(), 1);
}

#[tokio::test]
async fn more_responses_than_one_call_clears_are_cleared_by_the_next() {
    let (world, owner) = World::with_owner().await;
    let given = world.responded().await;
    let rows = world.rows(&format!("DRIVER#{}", given.driver.id)).await;
    let response = rows.iter().find(|row| row["id"]["S"] == given.id.as_str()).expect("the response").clone();
    let mut copies = Vec::new();
    for at in 1..=120 {
        let mut body: Value = serde_json::from_str(response["body"]["S"].as_str().unwrap()).unwrap();
        let cargo = format!("9{at:0>6}");
        let created = body["created_at_ms"].as_i64().unwrap() - at;
        body["cargo"]["id"] = json!(cargo);
        body["created_at_ms"] = json!(created);
        body["status"] = json!("rejected");
        let mut row = response.clone();
        row["sk"]["S"] = json!(format!("RESPONSE#{cargo:0>20}"));
        row["body"]["S"] = json!(body.to_string());
        row.as_object_mut().unwrap().remove("due");
        let place = json!({ "pk": response["pk"], "sk": { "S": format!("RESPONDED#{created:0>14}#{cargo:0>20}") }, "cargo_id": { "S": cargo } });
        copies.extend([row, place]);
    }
    world.insert(copies).await;
    let path = format!("drivers/{}/delete", given.driver.id);
    let mut done = Vec::new();
    for _ in 0..3 {
        done.push(world.command(&owner, &path, "-", &json!({ "reason": "r" })).await.ok().json()["done"].clone());
    }
    assert_eq!(done, [json!(false), json!(false), json!(true)]);
    let rows = world.rows(&format!("DRIVER#{}", given.driver.id)).await;
    assert!(!json!(rows).to_string().contains("+7"), "no phone is left");
}
