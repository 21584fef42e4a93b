//! What one driver makes is limited, and holds up nobody else.
use std::{cell::Cell, collections::BTreeSet, time::Instant};

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, DISPATCH_CHAT, Driver, World, money::CARD, text};

/// New orders that a driver may make at once.
const ORDERS: usize = 12;

/// An order that is unlike any other of the driver's: its receipt goes to an address of its own.
async fn order(world: &World, driver: &Driver, address: usize) -> Answer {
    let body = json!({ "plan": "1m", "email": format!("a{address}@example.org") });
    world.call(driver, Method::POST, "/api/payments", &body).await
}

/// So many rows like this one, due long ago, each under a key and an id of its own.
async fn crowd(world: &World, row: &Value, count: usize, change: impl Fn(&mut Value, &str)) {
    let rows = (0..count).map(|at| {
        let mut copy = row.clone();
        copy["due_at"] = json!({ "N": at.to_string() });
        change(&mut copy, &format!("00000000-0000-4000-8000-{at:012}"));
        copy
    });
    for row in rows {
        world.put_row(&row).await;
    }
}

#[tokio::test]
async fn one_driver_makes_few_orders_and_asks_for_few_of_them() {
    let world = World::roomy().await;
    let (driver, other) = (world.driver().await, world.driver().await);
    let receipts =
        json!({ "vat_code": 1, "payment_subject": "service", "payment_mode": "full_payment", "measure": "piece" });
    world.set(json!({ "receipts": receipts })).await;
    let mut made = Vec::new();
    for address in 0..3 * ORDERS {
        let answer = order(&world, &driver, address).await;
        match answer.status.as_u16() {
            201 => made.push(text(&answer.json()["payment"]["id"])),
            _ => {
                assert_eq!(answer.problem(), (429, "rate_limited".into()), "{}", answer.body);
                assert!(answer.header("retry-after").parse::<u64>().unwrap() > 60, "{:?}", answer.headers);
            }
        }
    }
    assert_eq!(made.len(), ORDERS);
    assert_eq!((world.payments(&driver).await.len(), world.at_yookassa().await.len()), (ORDERS, ORDERS));
    // The last one is still there to be paid, and nobody else is held up.
    assert_eq!(text(&order(&world, &driver, ORDERS - 1).await.json()["payment"]["id"]), made[ORDERS - 1]);
    assert_eq!(order(&world, &other, 0).await.status.as_u16(), 201);

    // However many of them are asked for, YooKassa is asked once in three seconds.
    let before = world.yookassa_calls("get_payment").await;
    join_all(made.iter().map(|id| world.payment(&driver, id))).await;
    let asked = world.yookassa_calls("get_payment").await - before;
    assert!((1..=4).contains(&asked), "{asked}");

    world.pass(301);
    assert_eq!(order(&world, &driver, 100).await.status.as_u16(), 201);
    assert_eq!(order(&world, &driver, 101).await.status.as_u16(), 429);
}

#[tokio::test]
async fn orders_that_are_repeated_or_refused_take_nothing() {
    let world = World::roomy().await;
    let driver = world.driver().await;
    for _ in 0..2 * ORDERS {
        assert_eq!(world.try_order(&driver, "1m", Some("k")).await.status.as_u16(), 201);
        assert_eq!(world.try_order(&driver, "2m", None).await.status.as_u16(), 422);
    }
    // Without the cache nobody counts, and orders are made all the same.
    world.sandbox("/store", json!({ "faults": [{ "table": "cache", "error": "ThrottlingException" }] })).await;
    let made = world.try_order(&driver, "3m", None).await;
    assert!(made.status.is_success(), "{}", made.body);
}

#[tokio::test]
async fn many_payments_of_one_driver_delay_the_look_after_anothers_by_no_run() {
    let world = World::roomy().await;
    let (many, one) = (world.driver().await, world.driver().await);
    let of_many = world.order(&many, "1m").await;
    let row = world.partition(&format!("PAYMENT#{}", of_many.id)).await.remove(0);
    crowd(&world, &row, 400, |row, id| {
        let mut body: Value = serde_json::from_str(row["body"]["S"].as_str().unwrap()).unwrap();
        (row["pk"], row["id"], body["id"]) = (json!({ "S": format!("PAYMENT#{id}") }), json!({ "S": id }), json!(id));
        row["body"] = json!({ "S": body.to_string() });
    })
    .await;
    // The notification of the other's is lost.
    world.hold_notifications(true).await;
    let order = world.order(&one, "1m").await;
    world.pay(&order.yookassa_id, CARD).await;
    world.pass(60);
    world.job("look-after-payments").await;
    assert_eq!(world.payments(&one).await[0]["status"], "succeeded");
}

#[tokio::test]
async fn many_messages_of_one_driver_delay_anothers_by_no_run() {
    let world = World::start().await;
    let (many, one) = (world.driver_with_phone().await, world.driver_with_phone().await);
    let cargos = world.cargos(&one, 2).await;
    world.settle().await;
    world.sandbox("/queues", json!({ "lose": "all" })).await;
    let responded = world.respond(&many, &text(&cargos[0]["id"]), json!({})).await.json();
    let row = world.rows(&format!("DELIVERY#card-{}", text(&responded["response"]["id"]))).await.remove(0);
    crowd(&world, &row, 400, |row, id| {
        let delivery = format!("card-{id}");
        (row["pk"], row["id"]) = (json!({ "S": format!("DELIVERY#{delivery}") }), json!({ "S": delivery }));
        row["subject_id"] = json!({ "S": id });
    })
    .await;
    let responded = world.respond(&one, &text(&cargos[1]["id"]), json!({})).await.json();
    let id = text(&responded["response"]["id"]);
    world.pass(60);
    world.job("deliver-due").await;
    assert_eq!(world.delivery(&format!("card-{id}")).await.0, "sent");
    world.card_of(&id).await;
}

#[tokio::test]
async fn many_responses_of_one_driver_delay_the_end_of_anothers_by_no_run() {
    let world = World::start().await;
    let (many, one) = (world.driver_with_phone().await, world.driver_with_phone().await);
    let cargos = world.cargos(&one, 2).await;
    world.respond(&many, &text(&cargos[0]["id"]), json!({})).await;
    let own = format!("DRIVER#{}", many.id);
    let rows = world.partition(&own).await;
    let row = rows.iter().find(|row| row["due"]["S"] == "RESPONSE").expect("it is open").clone();
    crowd(&world, &row, 400, |row, id| {
        (row["sk"], row["id"]) = (json!({ "S": format!("RESPONSE#{id}") }), json!({ "S": id }));
    })
    .await;
    let cargo = text(&cargos[1]["id"]);
    world.respond(&one, &cargo, json!({})).await;
    world.settle().await;
    world.pass(3 * 86_400);
    world.job("expire-responses").await;
    let one = world.driver_called(one.id).await;
    let responses = world.get(&one, "/api/responses").await.ok().json();
    assert_eq!(responses["items"][0]["status"], "expired");
}

#[tokio::test]
async fn cards_of_one_driver_leave_the_dispatchers_chat_to_others() {
    let world = World::roomy().await;
    let (many, one) = (world.driver_with_phone().await, world.driver_with_phone().await);
    let cargos = world.cargos(&one, 31).await;
    let respond = async |driver: &Driver, at: usize| {
        let answer = world.respond(driver, &text(&cargos[at]["id"]), json!({})).await;
        assert_eq!(answer.status.as_u16(), 201, "{}", answer.body);
        text(&answer.json()["response"]["id"])
    };
    let began = Instant::now();
    let mut of_many = BTreeSet::new();
    for at in 0..30 {
        of_many.insert(respond(&many, at).await);
    }
    let id = respond(&one, 30).await;
    let is_about = |message: &Value, id: &str| message["reply_markup"].to_string().contains(id);
    let passed_s = Cell::new(0);
    let before = Cell::new(None);
    world
        .until("all cards are there", async || {
            world.pass(2);
            passed_s.set(passed_s.get() + 2);
            let messages = world.messages(DISPATCH_CHAT).await;
            let cards = of_many.iter().filter(|id| messages.iter().any(|message| is_about(message, id))).count();
            // Eight at once and one every six seconds, of the twenty a minute that the chat takes.
            let most = 9 + (passed_s.get() + began.elapsed().as_secs()) / 6;
            assert!(cards as u64 <= most, "{cards} cards of one driver, of at most {most}");
            let is_there = messages.iter().any(|message| is_about(message, &id));
            before.set(before.get().or(is_there.then_some(cards)));
            (cards == of_many.len()).then_some(())
        })
        .await;
    let before = before.get();
    assert!(before.is_some_and(|cards| cards <= 12), "{before:?} cards of one driver came before the other's");
}

#[tokio::test]
async fn an_access_link_is_revoked_a_few_times_a_minute_at_most() {
    let world = World::roomy().await;
    let driver = world.driver().await;
    let revoke =
        async || world.call(&driver, Method::DELETE, "/api/me/access-link", &Value::Null).await.status.as_u16();
    let mut done = 0;
    for _ in 0..30 {
        match revoke().await {
            204 => done += 1,
            other => assert_eq!(other, 429),
        }
    }
    assert!((10..=12).contains(&done), "{done}");
    let rows = world.rows("AUDIT#").await;
    assert_eq!(rows.iter().filter(|row| row["kind"]["S"] == "access_link").count(), done);
    world.pass(61);
    assert_eq!(revoke().await, 204);
}
