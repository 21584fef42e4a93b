//! The shipper's page: one response, looked at and decided on with a link.
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, DISPATCH_CHAT, DISPATCHERS, Responded, World, text};

const OLGA: i64 = DISPATCHERS[0];

async fn look(world: &World, token: &str) -> Answer {
    world.send(Method::GET, "/api/shipper/response", &[("x-shipper-token", token)], "").await
}

async fn decide(world: &World, token: &str, body: Value) -> Answer {
    let headers = [("x-shipper-token", token), ("content-type", "application/json")];
    world.send(Method::POST, "/api/shipper/response", &headers, body.to_string()).await
}

/// The tokens of the links in the dispatchers' chat, the oldest first.
async fn links(world: &World) -> Vec<String> {
    let start = format!("{}/app/r/#", world.address());
    let token = |text: &String| Some(text.split_once(&start)?.1.split_whitespace().next()?.to_owned());
    world.texts(DISPATCH_CHAT).await.iter().filter_map(token).collect()
}

/// A response with a link for the shipper.
async fn linked(world: &World) -> (Responded, String) {
    let responded = world.responded_to_lasting().await;
    let answer = world.press(OLGA, responded.card, &responded.link_button(1)).await;
    assert_eq!(answer["text"], "Ссылка придёт следующим сообщением");
    world.settle().await;
    let links = links(world).await;
    assert_eq!(links.len(), 1, "{links:?}");
    (responded, links[0].clone())
}

#[tokio::test]
async fn a_shipper_sees_the_response_accepts_it_and_then_sees_the_phone() {
    let world = World::start().await;
    let (responded, token) = linked(&world).await;
    let phone = text(&world.get(&responded.driver, "/api/me").await.json()["phone"]);
    let card = world.message(DISPATCH_CHAT, responded.card).await;
    assert!(text(&card["text"]).contains("Ссылка для грузоотправителя выдана"), "{card}");
    assert_eq!(
        card["reply_markup"]["inline_keyboard"][1].as_array().unwrap().len(),
        2,
        "a new link, and taking it back"
    );

    let page = look(&world, &token).await.ok();
    let seen = page.json();
    assert_eq!((&seen["status"], &seen["driver"]["name"]), (&json!("sent"), &json!("Водитель")));
    assert_eq!((&seen["driver"]["phone"], &seen["cargo"]["id"]), (&Value::Null, &json!(responded.cargo)));
    assert!(
        !page.body.contains(phone.trim_start_matches('+')) && !page.body.contains(&responded.driver.id.to_string())
    );
    assert_eq!(page.header("cache-control"), "no-store");

    let accepted = decide(&world, &token, json!({ "decision": "accept" })).await.ok().json();
    assert_eq!((&accepted["status"], &accepted["driver"]["phone"]), (&json!("accepted"), &json!(phone)));
    let again = decide(&world, &token, json!({ "decision": "accept" })).await.ok().json();
    assert_eq!(again, accepted);
    assert_eq!(look(&world, &token).await.ok().json()["driver"]["phone"], json!(phone));
    let other = decide(&world, &token, json!({ "decision": "reject" })).await;
    assert_eq!(other.problem(), (409, "response_closed".into()));
    assert!(!other.body.contains("\"response\":"), "what the driver may see is not the shipper's business");

    world.settle().await;
    let card = world.message(DISPATCH_CHAT, responded.card).await;
    assert!(text(&card["text"]).contains("✅ Принят · грузоотправитель"), "{card}");
    let texts = world.texts(responded.driver.id).await;
    assert!(texts.len() == 2 && texts[1].contains("Отклик принят"), "{texts:?}");
    let late = world.press(OLGA, responded.card, &responded.button('r')).await;
    assert!(text(&late["text"]).starts_with("Уже решено: ✅ Принят · грузоотправитель"), "{late}");
    assert_eq!(
        world.audited(&responded.id).await,
        ["queued by driver", "sent by system", "link_made by dispatcher", "accepted by shipper"]
    );
}

#[tokio::test]
async fn a_shipper_declines_with_a_reason() {
    let world = World::start().await;
    let (responded, token) = linked(&world).await;
    let rejected = decide(&world, &token, json!({ "decision": "reject", "reason": "Уже <нашли>" })).await.ok().json();
    assert_eq!((&rejected["status"], &rejected["reason"]), (&json!("rejected"), &json!("Уже <нашли>")));
    assert_eq!(rejected["driver"]["phone"], Value::Null);
    world.settle().await;
    let texts = world.texts(responded.driver.id).await;
    assert!(texts.len() == 2 && texts[1].contains("Причина: Уже <нашли>"), "{texts:?}");
    let card = text(&world.message(DISPATCH_CHAT, responded.card).await["text"]);
    assert!(card.contains("❌ Отклонён · грузоотправитель") && card.contains("Причина: Уже <нашли>"), "{card}");
    assert_eq!(decide(&world, &token, json!({ "decision": "accept" })).await.problem().1, "response_closed");
}

#[tokio::test]
async fn wrong_decisions_are_named_and_decide_nothing() {
    let world = World::start().await;
    let (responded, token) = linked(&world).await;
    for (body, fields) in [
        (json!({}), vec!["decision"]),
        (json!({ "decision": "complete" }), vec!["decision"]),
        (json!({ "decision": true, "reason": "x".repeat(501) }), vec!["reason", "decision"]),
        (json!({ "decision": "reject", "reason": 5 }), vec!["reason"]),
    ] {
        let answer = decide(&world, &token, body.clone()).await;
        assert_eq!(answer.problem(), (422, "validation_failed".into()), "{body}");
        let errors = answer.json()["errors"].as_array().unwrap().clone();
        assert_eq!(errors.iter().map(|error| text(&error["field"])).collect::<Vec<_>>(), fields, "{body}");
    }
    assert_eq!(world.response(&responded.driver, &responded.cargo).await["status"], "sent");
}

#[tokio::test]
async fn of_many_decisions_at_once_one_counts() {
    let world = World::start().await;
    let (responded, token) = linked(&world).await;
    let shipper = join_all((0..8).map(|nth| {
        let decision = if nth % 2 == 0 { "accept" } else { "reject" };
        decide(&world, &token, json!({ "decision": decision }))
    }));
    let dispatchers = join_all((0..6_i64).map(|nth| {
        let letter = if nth % 2 == 0 { 'a' } else { 'r' };
        let (world, responded) = (&world, &responded);
        async move { world.press(400_000_100 + nth, responded.card, &responded.button(letter)).await }
    }));
    let (shipper, _) = tokio::join!(shipper, dispatchers);
    world.settle().await;
    let status = text(&world.response(&responded.driver, &responded.cargo).await["status"]);
    for (nth, answer) in shipper.iter().enumerate() {
        let same = (nth % 2 == 0) == (status == "accepted");
        assert_eq!(answer.status.as_u16(), if same { 200 } else { 409 }, "{}", answer.body);
    }
    assert_eq!(world.messages(responded.driver.id).await.len(), 2);
    assert_eq!(world.audited(&responded.id).await.len(), 4);
}

#[tokio::test]
async fn a_new_link_voids_the_old_one_and_a_revoked_one_is_void_at_once() {
    let world = World::start().await;
    let (responded, first) = linked(&world).await;
    world.press(OLGA, responded.card, &responded.link_button(2)).await;
    // The same press again, and the other dispatcher's, make no third one.
    for dispatcher in DISPATCHERS {
        let answer = world.press(dispatcher, responded.card, &responded.link_button(2)).await;
        assert_eq!(answer["text"], "Ссылка придёт следующим сообщением");
    }
    world.settle().await;
    assert_eq!(links(&world).await.len(), 1, "the old one is taken out of its message");
    let second = links(&world).await.pop().unwrap();
    assert_ne!(first, second);
    for answer in [look(&world, &first).await, decide(&world, &first, json!({ "decision": "accept" })).await] {
        assert_eq!(answer.problem(), (410, "link_expired".into()));
        assert!(!answer.body.contains("Водитель"), "{}", answer.body);
    }
    look(&world, &second).await.ok();

    let answer = world.press(DISPATCHERS[1], responded.card, &responded.button('u')).await;
    assert_eq!(answer["text"], "Ссылка больше не действует");
    for answer in [look(&world, &second).await, decide(&world, &second, json!({ "decision": "accept" })).await] {
        assert_eq!(answer.problem(), (410, "link_expired".into()));
    }
    world.settle().await;
    let card = text(&world.message(DISPATCH_CHAT, responded.card).await["text"]);
    assert!(!card.contains("Ссылка для грузоотправителя выдана"), "{card}");
    assert_eq!(links(&world).await, [""; 0], "nobody forwards what is void");
    assert_eq!(world.response(&responded.driver, &responded.cargo).await["status"], "sent");

    world.press(OLGA, responded.card, &responded.link_button(3)).await;
    world.settle().await;
    let third = links(&world).await.pop().unwrap();
    look(&world, &third).await.ok();
    assert_eq!(look(&world, &second).await.problem().0, 410);
}

#[tokio::test]
async fn a_link_is_good_until_the_response_expires_and_for_that_response_alone() {
    let world = World::with(&[("RESPONSE_TTL_S", "3600")]).await;
    let (responded, token) = linked(&world).await;
    for forged in ["", "x", "AAAA", &token[1..], &format!("{token}A"), &"A".repeat(59), &token.to_lowercase()] {
        let answer = look(&world, forged).await;
        assert_eq!(answer.problem(), (404, "link_invalid".into()), "{forged:?}");
    }
    let without = world.send(Method::GET, "/api/shipper/response", &[], "").await;
    assert_eq!(without.problem(), (404, "link_invalid".into()));
    assert_eq!(decide(&world, "x", json!({ "decision": "accept" })).await.problem().0, 404);
    // A session is no link, and a link no session.
    assert_eq!(look(&world, &responded.driver.token).await.problem().0, 404);
    let bearer = format!("Bearer {token}");
    assert_eq!(world.send(Method::GET, "/api/me", &[("authorization", &bearer)], "").await.status.as_u16(), 401);

    world.pass(3601);
    for answer in [look(&world, &token).await, decide(&world, &token, json!({ "decision": "accept" })).await] {
        assert_eq!(answer.problem(), (410, "link_expired".into()));
    }
    world.job("expire-responses").await;
    world.until_status(&responded.driver, &responded.cargo, "expired").await;
}

#[tokio::test]
async fn after_a_withdrawal_the_link_says_so_and_after_a_new_response_it_is_void() {
    let world = World::start().await;
    let (responded, token) = linked(&world).await;
    world.withdraw(&responded.driver, &responded.cargo).await.ok();
    assert_eq!(look(&world, &token).await.ok().json()["status"], "withdrawn");
    assert_eq!(decide(&world, &token, json!({ "decision": "accept" })).await.problem().1, "response_closed");
    let again = world.respond(&responded.driver, &responded.cargo, json!({})).await;
    assert_eq!(again.status.as_u16(), 201);
    assert_eq!(look(&world, &token).await.problem(), (410, "link_expired".into()));
    assert_eq!(decide(&world, &token, json!({ "decision": "accept" })).await.problem().0, 410);
}

#[tokio::test]
async fn who_uses_a_link_too_often_waits_and_nobody_else_does() {
    let world = World::start().await;
    let (_, token) = linked(&world).await;
    let responded = world.responded().await;
    world.press(OLGA, responded.card, &responded.link_button(1)).await;
    world.settle().await;
    let other = links(&world).await.pop().expect("a second link");
    assert_ne!(other, token);
    let mut refused = 0;
    for _ in 0..40 {
        let answer = look(&world, &token).await;
        if answer.status.as_u16() == 429 {
            assert_eq!(answer.problem().1, "rate_limited");
            assert!(answer.header("retry-after").parse::<i64>().unwrap() >= 1);
            refused += 1;
        }
    }
    assert!(refused >= 10, "{refused}");
    // While the one has to wait the other has not.
    for _ in 0..3 {
        look(&world, &other).await.ok();
    }
    world.pass(60);
    look(&world, &token).await.ok();
}

#[tokio::test]
async fn a_void_or_forged_link_takes_nothing_from_the_good_one() {
    let world = World::start().await;
    let (responded, void) = linked(&world).await;
    world.press(OLGA, responded.card, &responded.link_button(2)).await;
    world.settle().await;
    let good = links(&world).await.pop().expect("a new link");
    assert_ne!(good, void);
    let (start, end) = good.split_at(good.len() - 8);
    let forged = format!("{start}{}{}", if end.starts_with('A') { "B" } else { "A" }, &end[1..]);
    for _ in 0..60 {
        assert_eq!(look(&world, &void).await.problem(), (410, "link_expired".into()));
        assert_eq!(look(&world, &forged).await.problem(), (404, "link_invalid".into()));
    }
    look(&world, &good).await.ok();
    decide(&world, &good, json!({ "decision": "accept" })).await.ok();
}
