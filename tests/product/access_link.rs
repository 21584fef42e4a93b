//! The access link when somebody else has it: what it opens, what it does not, and how its owner shuts it.
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Driver, World, text};

const DAY_S: i64 = 86_400;

/// The token of the driver's link.
async fn link(world: &World, driver: &Driver) -> String {
    let url = text(&world.get(driver, "/api/me/access-link").await.ok().json()["url"]);
    url.split_once("#/access/").expect("the token follows the #").1.to_owned()
}

async fn open(world: &World, token: &str) -> Answer {
    let body = json!({ "access_token": token }).to_string();
    world.send(Method::POST, "/api/auth/access-token", &[("content-type", "application/json")], body).await
}

/// Whoever has the link, signed in by it.
async fn guest(world: &World, driver: &Driver, token: &str) -> Driver {
    let opened = open(world, token).await.ok().json();
    Driver { id: driver.id, token: text(&opened["session_token"]) }
}

/// The messages to the driver that tell of an opening.
async fn told(world: &World, driver: &Driver) -> Vec<Value> {
    world.settle().await;
    let mut messages = world.messages(driver.id).await;
    messages.retain(|message| text(&message["text"]).contains("личной ссылке"));
    messages
}

fn button(message: &Value) -> Value {
    message["reply_markup"]["inline_keyboard"][0][0].clone()
}

const ENDED: fn() -> (u16, String) = || (401, "session_expired".into());

#[tokio::test]
async fn opening_is_limited_per_link_and_a_void_link_takes_nothing_from_the_good_one() {
    let world = World::start().await;
    let (driver, other) = (world.driver().await, world.driver().await);
    let void = link(&world, &driver).await;
    assert_eq!(world.call(&driver, Method::DELETE, "/api/me/access-link", &Value::Null).await.status, 204);
    let good = link(&world, &driver).await;
    for _ in 0..20 {
        assert_eq!(open(&world, &void).await.problem(), (401, "access_token_invalid".into()));
    }
    let mut opened = 0;
    let refused = loop {
        let answer = open(&world, &good).await;
        if answer.status != 200 {
            break answer;
        }
        opened += 1;
        assert!(opened < 20, "nothing limits it");
    };
    assert_eq!((refused.problem(), opened), ((429, "rate_limited".into()), 5));
    let wait_s: i64 = refused.header("retry-after").parse().expect("how long to wait");
    open(&world, &link(&world, &other).await).await.ok();
    world.pass(wait_s);
    open(&world, &good).await.ok();
    // Telegram's sign-in has no part in it.
    world.get(&world.driver_called(driver.id).await, "/api/me").await.ok();
}

#[tokio::test]
async fn a_session_by_a_link_changes_neither_link_nor_phone_nor_mail_and_deletes_nothing() {
    let (world, owner) = World::with_owner().await;
    let own = json!({ "phone": "+79161234567", "email": "own@example.org", "company": "ООО" });
    world.call(&owner, Method::PUT, "/api/me", &own).await.ok();
    let token = link(&world, &owner).await;
    let thief = guest(&world, &owner, &token).await;
    let refused = (403, "telegram_needed".to_owned());
    let revoked = world.call(&thief, Method::DELETE, "/api/me/access-link", &Value::Null).await;
    assert_eq!(revoked.problem(), refused);
    for change in [
        json!({ "phone": "+79990000000" }),
        json!({ "phone": null }),
        json!({ "email": "thief@example.org" }),
        json!({ "email": null, "company": "ИП" }),
    ] {
        assert_eq!(world.call(&thief, Method::PUT, "/api/me", &change).await.problem(), refused, "{change}");
    }
    let delete = world.command(&thief, &format!("drivers/{}/delete", owner.id), "-", &json!({ "reason": "r" })).await;
    assert_eq!(delete.problem(), (403, "admin_only".into()));
    // What locks nobody out is theirs to change, and what they send back as it was changes nothing.
    let harmless = json!({ "phone": "8 916 123-45-67", "email": "own@example.org", "company": "ИП" });
    let me = world.call(&thief, Method::PUT, "/api/me", &harmless).await.ok().json();
    assert_eq!((&me["company"], &me["phone"], &me["email"]), (&json!("ИП"), &own["phone"], &own["email"]));
    let back = world.driver_called(owner.id).await;
    assert_eq!(link(&world, &back).await, token, "the link is what it was");
    let changed = world.call(&back, Method::PUT, "/api/me", &json!({ "phone": "+79990000000" })).await.ok();
    assert_eq!(changed.json()["phone"], "+79990000000", "through Telegram it is the driver's own");
}

#[tokio::test]
async fn opening_tells_the_driver_who_shuts_the_link_with_one_press() {
    let world = World::start().await;
    let (driver, other) = (world.driver().await, world.driver().await);
    let token = link(&world, &driver).await;
    let thief = guest(&world, &driver, &token).await;
    assert_eq!(world.accounts("access_link", "opened").await.len(), 1);
    let messages = told(&world, &driver).await;
    let message = messages.first().expect("the driver is told");
    assert!(messages.len() == 1 && text(&message["text"]).contains("15 мая 2035, 12:15"), "{message}");
    assert_eq!(button(message)["text"], "🔒 Закрыть доступ");
    let (number, data) = (message["message_id"].as_i64().expect("a number"), text(&button(message)["callback_data"]));

    // Whoever else presses shuts no link but their own, and a forged press none.
    let strange = world.press_in(driver.id, other.id, number, &data).await;
    assert!(!text(&strange["text"]).contains("Доступ закрыт"), "{strange}");
    world.press_in(other.id, other.id, number, &data).await;
    for forged in ["x:7:1", "x:-1:1", "x:0", "x:0:1:2", "x::"] {
        let answer = world.press_in(driver.id, driver.id, number, forged).await;
        assert!(!text(&answer["text"]).contains("Доступ закрыт"), "{forged}: {answer}");
    }
    world.get(&thief, "/api/me").await.ok();

    let answer = world.press_in(driver.id, driver.id, number, &data).await;
    assert!(text(&answer["text"]).contains("Доступ закрыт"), "{answer}");
    assert_eq!(world.get(&thief, "/api/me").await.problem(), ENDED());
    assert_eq!(open(&world, &token).await.problem(), (401, "access_token_invalid".into()));
    let shut = world.until("the message says so", async || {
        let message = world.message(driver.id, number).await;
        text(&message["text"]).contains("закрыт").then_some(message)
    });
    assert_eq!(shut.await["reply_markup"], Value::Null, "there is nothing left to press");

    // The same press again shuts no newer link, and no session of Telegram's.
    let back = world.driver_called(driver.id).await;
    let newer = link(&world, &back).await;
    let again = world.press_in(driver.id, driver.id, number, &data).await;
    assert!(text(&again["text"]).contains("больше не действует"), "{again}");
    assert_eq!(world.accounts("access_link", "closed").await.len(), 2, "the other's own, and this one");
    world.get(&back, "/api/me").await.ok();
    guest(&world, &driver, &newer).await;
    assert_eq!(told(&world, &driver).await.len(), 2, "each opening is told");
}

#[tokio::test]
async fn of_many_openings_and_a_press_at_once_none_outlives_the_press() {
    let world = World::start().await;
    let driver = world.driver().await;
    let token = link(&world, &driver).await;
    guest(&world, &driver, &token).await;
    let message = told(&world, &driver).await.remove(0);
    let (number, data) = (message["message_id"].as_i64().expect("a number"), text(&button(&message)["callback_data"]));
    let openings = futures_util::future::join_all((0..3).map(|_| open(&world, &token)));
    let (opened, answer) = tokio::join!(openings, world.press_in(driver.id, driver.id, number, &data));
    assert!(text(&answer["text"]).contains("Доступ закрыт"), "{answer}");
    for answer in opened.into_iter().filter(|answer| answer.status == 200) {
        let thief = Driver { id: driver.id, token: text(&answer.json()["session_token"]) };
        assert_eq!(world.get(&thief, "/api/me").await.status, 401);
    }
    assert_eq!(open(&world, &token).await.problem(), (401, "access_token_invalid".into()));
}

#[tokio::test]
async fn admins_revoke_a_link_and_with_it_the_session_that_it_opened() {
    let (world, owner) = World::with_owner().await;
    let driver = world.driver().await;
    let token = link(&world, &driver).await;
    let thief = guest(&world, &driver, &token).await;
    let path = format!("drivers/{}/revoke-link", driver.id);
    let reason = json!({ "reason": "Ссылка утекла" });
    assert_eq!(world.command(&owner, &path, "-", &json!({})).await.status, 422);
    assert_eq!(world.command(&owner, &path, "-", &reason).await.status, 204);
    assert_eq!(world.get(&thief, "/api/me").await.problem(), ENDED());
    assert_eq!(open(&world, &token).await.problem(), (401, "access_token_invalid".into()));
    let rows = world.accounts("access_link", "revoked").await;
    let row = &rows[0];
    assert_eq!((rows.len(), &row["facts"]["M"]["reason"]["S"]), (1, &json!("Ссылка утекла")));
    assert_eq!(row["facts"]["M"]["driver_id"]["S"], json!(driver.id.to_string()));
    // Who is signed in through Telegram stays.
    let back = world.driver_called(driver.id).await;
    assert_eq!(world.command(&owner, &path, "-", &reason).await.status, 204);
    world.get(&back, "/api/me").await.ok();
    let nobody = world.command(&owner, "drivers/4242/revoke-link", "-", &reason).await;
    assert_eq!(nobody.problem(), (404, "not_found".into()));
}

#[tokio::test]
async fn ending_a_session_and_blocking_end_what_a_link_opened() {
    let (world, owner) = World::with_owner().await;
    let driver = world.driver().await;
    let token = link(&world, &driver).await;
    let thief = guest(&world, &driver, &token).await;
    let reason = json!({ "reason": "Потерян телефон" });
    let path = format!("drivers/{}/end-session", driver.id);
    for _ in 0..2 {
        assert_eq!(world.command(&owner, &path, "-", &reason).await.status, 204);
        assert_eq!(world.get(&thief, "/api/me").await.problem(), ENDED());
        assert_eq!(
            open(&world, &token).await.problem(),
            (401, "access_token_invalid".into()),
            "nobody comes back by it"
        );
    }

    let back = world.driver_called(driver.id).await;
    let token = link(&world, &back).await;
    let thief = guest(&world, &driver, &token).await;
    let block = |blocked: bool| json!({ "blocked": blocked, "reason": "r" });
    let path = format!("drivers/{}/block", driver.id);
    world.command(&owner, &path, "-", &block(true)).await.ok();
    for path in ["/api/me", "/api/payments", "/api/subscription"] {
        assert_eq!(world.get(&thief, path).await.problem(), ENDED(), "{path}");
    }
    assert_eq!(open(&world, &token).await.problem(), (403, "driver_blocked".into()));
    world.command(&owner, &path, "-", &block(false)).await.ok();
    assert_eq!(world.get(&thief, "/api/me").await.problem(), ENDED(), "it stays ended");
}

#[tokio::test]
async fn a_session_by_a_link_ends_with_the_subscription_and_lasts_as_long_as_that_does() {
    let (world, owner) = World::with_owner().await;
    let (driver, idle) = (world.driver().await, world.driver().await);
    let thief = guest(&world, &driver, &link(&world, &driver).await).await;
    let other = guest(&world, &idle, &link(&world, &idle).await).await;
    let gift = json!({ "action": "gift", "days": 2, "reason": "r" });
    world.command(&owner, &format!("drivers/{}/subscription", driver.id), "k", &gift).await.ok();
    // Used every half day, so that it does not end by itself; the trial of three days ends meanwhile.
    for _ in 0..9 {
        world.pass(DAY_S / 2);
        world.get(&thief, "/api/cargos?limit=1").await.ok();
        world.get(&other, "/api/dictionaries/weight-volumes").await;
    }
    assert_eq!(world.get(&other, "/api/dictionaries/weight-volumes").await.problem(), ENDED());
    world.pass(DAY_S / 2 + 60);
    for path in ["/api/cargos?limit=1", "/api/me", "/api/dictionaries/weight-volumes"] {
        assert_eq!(world.get(&thief, path).await.problem(), ENDED(), "{path}");
    }
    // Money that comes later opens no old session.
    let owner = world.driver_called(owner.id).await;
    world.command(&owner, &format!("drivers/{}/subscription", driver.id), "l", &gift).await.ok();
    assert_eq!(world.get(&thief, "/api/me").await.problem(), ENDED());

    // Taking days back ends it at once, and Telegram's session never.
    let back = world.driver_called(driver.id).await;
    let thief = guest(&world, &driver, &link(&world, &back).await).await;
    world.get(&thief, "/api/me").await.ok();
    let revoke = json!({ "action": "revoke", "days": 30, "reason": "r" });
    world.command(&owner, &format!("drivers/{}/subscription", driver.id), "m", &revoke).await.ok();
    assert_eq!(world.get(&thief, "/api/me").await.problem(), ENDED());
    let back = world.driver_called(driver.id).await;
    world.get(&back, "/api/me").await.ok();
}
