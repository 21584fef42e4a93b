//! What stood in the table before is still what it was: a table written by earlier code, read by today's.
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, BEGINS_MS, DISPATCH_CHAT, DISPATCHERS, Driver, World, text};

/// A product that finds the table of `fixtures/app_table.json`, at the instant when that was copied, and the copy's head.
async fn old_world() -> (World, Value) {
    let mut copy: Value = serde_json::from_str(include_str!("fixtures/app_table.json")).unwrap();
    let owner = OWNER.to_string();
    let world = World::with(&[("ADMIN_TELEGRAM_IDS", &owner), ("RATE_LIMIT_PER_S", "1000")]).await;
    world.insert(copy["rows"].take().as_array().cloned().unwrap()).await;
    for driver in [OWNER, ARKADY, VERA, BORIS] {
        world.write(driver, driver, "/start", None).await;
    }
    // They stay reachable, and none of what greets them counts.
    world.settle().await;
    let ahead_s = BEGINS_MS / 1000 + copy["passed_s"].as_i64().unwrap() - world.now_ms() / 1000;
    world.pass(ahead_s.max(0));
    (world, copy)
}

const OWNER: i64 = 7_000_000_001;
const SUPPORT: i64 = 7_000_000_002;
const ARKADY: i64 = 7_000_000_011;
const VERA: i64 = 7_000_000_012;
const BORIS: i64 = 7_000_000_013;

/// Somebody whose session was opened by earlier code.
fn with_session(id: i64, copy: &Value, name: &str) -> Driver {
    Driver { id, token: text(&copy[name]) }
}

async fn shipper(world: &World, method: Method, copy: &Value, body: &str) -> Answer {
    let token = text(&copy["shippers_link"]);
    let headers = [("x-shipper-token", token.as_str()), ("content-type", "application/json")];
    world.send(method, "/api/shipper/response", &headers, body.to_owned()).await
}

#[tokio::test]
async fn drivers_of_an_old_table_find_what_they_left() {
    let (world, copy) = old_world().await;
    let arkady = with_session(ARKADY, &copy, "session_of_arkady");
    let me = world.get(&arkady, "/api/me").await.ok().json();
    assert_eq!((&me["first_name"], &me["company"]), (&json!("Аркадий"), &json!("ООО Пример")));
    assert_eq!((&me["phone_confirmed"], &me["email"]), (&json!(true), &json!("arkady@example.org")));
    let responses = world.get(&arkady, "/api/responses").await.ok().json();
    let statuses: Vec<_> = responses["items"].as_array().unwrap().iter().map(|item| text(&item["status"])).collect();
    assert_eq!(statuses, ["sent", "rejected", "completed"]);
    assert_eq!(responses["items"][1]["reason"], "Машина не подошла");
    let subscription = world.subscription(&arkady).await;
    assert_eq!(subscription["state"], "active", "{subscription}");
    let payments = world.payments(&arkady).await;
    assert_eq!((payments.len(), &payments[0]["status"]), (1, &json!("succeeded")));
    assert_eq!(payments[0]["refunded_rub"], 100, "{}", payments[0]);
    let sources: Vec<_> = world.ledger(&arkady).await.iter().map(|entry| entry.seconds > 0).collect();
    assert_eq!(sources, [true, true, true, false], "the trial, the promo code, the payment and the refund");
    let again = world.call(&arkady, Method::POST, "/api/promo-codes/redeem", &json!({ "code": "OLDWINTER" })).await;
    assert_eq!(again.problem(), (409, "promo_code_repeated".into()));
    assert!(world.get(&arkady, "/api/me/access-link").await.ok().body.contains(&text(&copy["access_link_of_arkady"])));

    // A session by a link, and a new sign-in, which gives no second trial.
    let vera = with_session(VERA, &copy, "session_of_vera_by_link");
    world.get(&vera, "/api/me").await.ok();
    let refused = world.call(&vera, Method::DELETE, "/api/me/access-link", &Value::Null).await;
    assert_eq!(refused.problem(), (403, "telegram_needed".into()));
    let declined = world.payments(&vera).await;
    assert_eq!(declined[0]["status"], "canceled", "{declined:?}");
    let before = world.ledger(&vera).await;
    world.driver_called(VERA).await;
    assert_eq!(world.get(&vera, "/api/me").await.problem(), (401, "session_replaced".into()));
    assert_eq!(world.ledger(&vera).await, before);
}

#[tokio::test]
async fn the_shippers_link_of_an_old_table_still_decides() {
    let (world, copy) = old_world().await;
    let arkady = with_session(ARKADY, &copy, "session_of_arkady");
    assert_eq!(shipper(&world, Method::GET, &copy, "").await.ok().json()["status"], "sent");
    shipper(&world, Method::POST, &copy, r#"{"decision":"accept"}"#).await.ok();
    world.settle().await;
    let responses = world.get(&arkady, "/api/responses").await.ok().json();
    assert_eq!(responses["items"][0]["status"], "accepted");
    assert_eq!(world.texts_with(ARKADY, &["Отклик принят"]).await.len(), 1);
}

#[tokio::test]
async fn admins_see_an_old_table_and_act_on_it() {
    let (world, copy) = old_world().await;
    let owner = with_session(OWNER, &copy, "session_of_the_owner");
    let support = with_session(SUPPORT, &copy, "session_of_support");
    assert_eq!(world.ask(&support, "me").await.ok().json()["role"], "support");
    assert_eq!(world.all(&owner, "drivers").await.len(), 5);
    let found = world.all(&owner, "drivers?q=%D1%80%D0%B5%D0%B9%D1%81%D0%BE%D0%B2").await;
    assert_eq!(found[0]["id"], ARKADY, "by the surname: {found:?}");
    let card = world.ask(&owner, &format!("drivers/{BORIS}")).await.ok().json();
    assert_eq!((&card["driver"]["blocked"], &card["block"]["reason"]), (&json!(true), &json!("проверка")));
    assert_eq!(world.all(&owner, "payments").await.len(), 2);
    assert_eq!(world.all(&owner, "responses").await.len(), 6);
    assert_eq!(world.all(&owner, "promo-codes").await[0]["uses"], 1);
    assert_eq!(world.ask(&owner, "settings").await.ok().json()["settings"]["support_contact"], "@fixture_help");
    let flags = world.ask(&owner, "flags").await.ok().json();
    let flag =
        flags["items"].as_array().unwrap().iter().find(|flag| flag["flag"] == "app.access_link").unwrap().clone();
    assert_eq!((&flag["rule"], &flag["drivers"]), (&json!("drivers"), &json!([ARKADY, VERA])));
    let blocked = world.all(&owner, "audit?kind=driver&outcome=blocked").await;
    assert_eq!(blocked.len(), 1, "{blocked:?}");

    let failed = world.all(&owner, "deliveries").await;
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert_eq!((&failed[0]["driver_id"], &failed[0]["state"]), (&json!(BORIS), &json!("failed")));
    let waiting = world.all(&owner, "deliveries?state=waiting").await;
    let mut waiting: Vec<_> = waiting.iter().map(|row| text(&row["what"])).collect();
    waiting.sort_unstable();
    assert_eq!(waiting, ["card", "card", "gift", "notice-accepted"]);
    let reminders = world.all(&owner, "deliveries?state=reminders").await;
    assert_eq!(reminders.len(), 12, "{reminders:?}");

    // What is new waits by its class, behind what is more urgent, and pages of any length have all of it once.
    world.sandbox("/queues", json!({ "lose": "all" })).await;
    let gift = json!({ "action": "gift", "days": 1, "reason": "за переезд" });
    world.command(&owner, &format!("drivers/{ARKADY}/subscription"), "g", &gift).await.ok();
    for limit in 1..=6 {
        let page = world.all(&owner, &format!("deliveries?state=waiting&limit={limit}")).await;
        assert_eq!(
            (page.len(), &page[4]["driver_id"], &page[4]["what"]),
            (5, &json!(ARKADY), &json!("gift")),
            "{page:?}"
        );
    }
    world.sandbox("/queues", json!({})).await;

    let id = text(&failed[0]["id"]);
    world.command(&owner, &format!("deliveries/{id}/retry"), "k", &json!({ "reason": "ещё раз" })).await.ok();
    world.settle().await;
    assert_ne!(world.delivery(&id).await.0, "failed");
}

#[tokio::test]
async fn what_waits_in_an_old_table_is_sent_once() {
    let (world, copy) = old_world().await;
    for _ in 0..3 {
        world.job("deliver-due").await;
        world.settle().await;
        world.pass(60);
    }
    for (words, count) in [("Отклик принят", 1), ("Вам продлили", 1)] {
        assert_eq!(world.texts_with(VERA, &[words]).await.len(), count, "{words}: {:?}", world.texts(VERA).await);
    }
    let vera = with_session(VERA, &copy, "session_of_vera_by_link");
    let responses = world.get(&vera, "/api/responses").await.ok().json();
    let newest = &responses["items"][0];
    assert_eq!(newest["status"], "sent", "{responses}");
    let cards = world.messages(DISPATCH_CHAT).await;
    let newest_card: Vec<_> =
        cards.iter().filter(|card| card.to_string().contains(newest["id"].as_str().unwrap())).collect();
    assert_eq!(newest_card.len(), 1, "{cards:?}");
    // A press on a card of today's decides on a response of then.
    let accept = format!("a:{}", text(&newest["id"]));
    let card = newest_card[0]["message_id"].as_i64().unwrap();
    assert_eq!(world.press(DISPATCHERS[0], card, &accept).await["text"], "Готово: ✅ Принят");

    // Its reminders come when their time comes, once each, and those of ends that have moved do not.
    world.pass(11 * 86_400);
    for _ in 0..3 {
        world.pass(86_400);
        world.job("deliver-due").await;
        world.settle().await;
    }
    let ends = "29 мая 2035";
    let told = world.texts_with(VERA, &[ends]).await;
    assert_eq!(told.len(), 4, "the gift, three days, one, and none: {told:?}");
}
