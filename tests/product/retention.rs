//! What is not kept for ever: drivers who have gone, persons in old responses, rows of old messages.
use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    DISPATCH_CHAT, DISPATCHERS, Driver, World,
    money::{CARD, DAY_S},
    new_driver_id, text,
};

const OLGA: i64 = DISPATCHERS[0];
/// A driver who has not come for longer is forgotten.
const IDLE_S: i64 = 730 * DAY_S;
/// What a run has put off comes back after this.
const HELD_S: i64 = 12 * 3600 + 1;

async fn forget(world: &World) {
    world.job("forget").await;
    // Cards are edited within a quarter of an hour.
    world.pass(15 * 60);
    // What waits for its time is sent now rather than whenever the clock comes by.
    world.job("deliver-due").await;
    world.settle().await;
}

/// Runs the job, which may fail; whether it did not.
async fn try_to_forget(world: &World) -> bool {
    let job = json!({ "job": "forget" }).to_string();
    world.send(Method::POST, "/_sandbox/schedules/jobs", &[], job).await.status.is_success()
}

/// All rows by their keys, but those that say when jobs ran.
async fn stands(world: &World) -> BTreeMap<(String, String), Value> {
    let key = |row: &Value| (text(&row["pk"]["S"]), text(&row["sk"]["S"]));
    let rows = world.rows("").await.into_iter().map(|row| (key(&row), row));
    rows.filter(|((pk, _), _)| !pk.starts_with("JOB#")).collect()
}

/// Rows that have one of these words.
async fn rows_with(world: &World, words: &[&str]) -> Vec<Value> {
    let mut rows = world.rows("").await;
    rows.retain(|row| words.iter().any(|word| row.to_string().to_lowercase().contains(&word.to_lowercase())));
    rows
}

async fn profile(world: &World, driver_id: i64) -> Value {
    let rows = world.partition(&format!("DRIVER#{driver_id}")).await;
    rows.into_iter().find(|row| row["sk"]["S"] == "PROFILE").expect("a profile")
}

async fn is_known(world: &World, driver_id: i64) -> bool {
    profile(world, driver_id).await.get("first_name").is_some()
}

/// Rows of a response: its own, and those of its messages.
async fn response_row(world: &World, driver_id: i64, id: &str) -> Value {
    let rows = world.partition(&format!("DRIVER#{driver_id}")).await;
    rows.into_iter().find(|row| row["id"]["S"] == id).expect("the response")
}

#[tokio::test]
async fn a_driver_who_has_not_come_for_two_years_is_forgotten() {
    let (world, owner) = World::with_owner().await;
    let id = new_driver_id();
    let driver = world.driver_named(id, "Аристарх", Some("Невидимов"), Some("aristarch")).await;
    let about = json!({ "phone": "+79995551122", "company": "ООО Незримое", "email": "aristarch@example.org" });
    world.call(&driver, Method::PUT, "/api/me", &about).await.ok();
    let paid = world.order(&driver, "1m").await;
    world.pay(&paid.yookassa_id, CARD).await;
    world.until_paid(&driver, &paid.id, "succeeded").await;
    let cargo = world.cargo(&driver).await;
    let responded = world.responded_to(driver.clone(), cargo).await;
    let ledger = world.ledger(&driver).await;
    world.settle().await;

    world.pass(IDLE_S - DAY_S);
    world.job("expire-responses").await;
    forget(&world).await;
    assert!(is_known(&world, id).await, "a day is left");
    world.pass(2 * DAY_S);
    let owner = world.driver_called(owner.id).await;
    let drivers = world.all(&owner, "drivers").await.len();
    forget(&world).await;

    let words = ["Аристарх", "Невидимов", "aristarch", "79995551122", "Незримое"];
    let left = rows_with(&world, &words).await;
    let is_payment = |row: &&Value| text(&row["pk"]["S"]).starts_with("PAYMENT#");
    assert_eq!(left.iter().filter(|row| !is_payment(row)).count(), 0, "{left:?}");
    let audited = world.accounts("driver", "deleted").await;
    assert_eq!(audited.len(), 1);
    assert_eq!((&audited[0]["facts"]["M"]["by"]["S"], audited[0].get("actor_id")), (&json!("system"), None));
    assert_eq!(world.audited(&responded.id).await.last().map(String::as_str), Some("forgotten by system"));
    let card = text(&world.message(DISPATCH_CHAT, responded.card).await["text"]);
    assert!(card.contains("Данные водителя удалены") && !card.contains("+7999"), "{card}");
    assert_eq!(world.counted("responses.expired").await, 1, "what happened stays counted");

    // Money stays, and so does what an admin's deletion leaves.
    assert_eq!(world.ledger(&driver).await, ledger);
    assert_eq!(world.all(&owner, &format!("payments?driver_id={id}")).await.len(), 1);
    assert_eq!(world.all(&owner, "drivers").await.len(), drivers - 1);
    let shown = world.ask(&owner, &format!("drivers/{id}")).await.ok().json();
    assert!(shown["driver"]["deleted_at"].is_string() && shown["driver"]["first_name"] == "", "{shown}");
    assert!(profile(&world, id).await.get("due").is_none(), "nothing is left to be done");

    let before = stands(&world).await;
    world.pass(HELD_S);
    forget(&world).await;
    assert_eq!(stands(&world).await, before, "another run changes nothing");

    // Who comes back is new, and can be forgotten again.
    let back = world.driver_named(id, "Пётр", None, None).await;
    assert_eq!(world.get(&back, "/api/me").await.ok().json()["phone"], Value::Null);
    assert_eq!(world.ledger(&back).await, ledger, "and has no second trial");
    world.pass(IDLE_S + DAY_S);
    forget(&world).await;
    assert!(!is_known(&world, id).await);
    assert_eq!(world.accounts("driver", "deleted").await.len(), 2);
}

#[tokio::test]
async fn who_has_access_an_open_payment_or_a_role_is_kept_for_as_long() {
    let (world, owner) = World::with_owner().await;
    let (gifted, paying, nobody) = (world.driver().await, world.driver().await, world.driver().await);
    let (support, former) = (world.admin("support").await, world.driver().await);
    let taken = json!({ "pk": { "S": "ROLES" }, "sk": { "S": former.id.to_string() } });
    world.insert(vec![taken]).await;
    let gift = json!({ "action": "gift", "days": 800, "reason": "r" });
    world.command(&owner, &format!("drivers/{}/subscription", gifted.id), "k", &gift).await.ok();
    let order = world.order(&paying, "1m").await;
    // Nobody learns what became of it.
    world.yookassa_faults(json!({ "fail": {} })).await;
    world.settle().await;

    world.pass(IDLE_S + DAY_S);
    forget(&world).await;
    for kept in [gifted.id, paying.id, support.id, owner.id] {
        assert!(is_known(&world, kept).await, "{kept}");
    }
    for gone in [nobody.id, former.id] {
        assert!(!is_known(&world, gone).await, "nothing keeps {gone}");
    }

    // Within a week the driver is looked at again, whether the payment has come to its end or not.
    world.pass(8 * DAY_S);
    forget(&world).await;
    assert!(is_known(&world, paying.id).await, "it is still open");
    world.send(Method::DELETE, "/_sandbox/yookassa/faults", &[], "").await;
    world.job("look-after-payments").await;
    world.pass(8 * DAY_S);
    forget(&world).await;
    assert!(!is_known(&world, paying.id).await);
    let payments = world.rows(&format!("PAYMENT#{}", order.id)).await;
    assert_eq!((payments.len(), is_known(&world, gifted.id).await), (1, true));

    // The gift ends 803 days after it began.
    world.pass(60 * DAY_S);
    forget(&world).await;
    assert!(!is_known(&world, gifted.id).await);
    assert!(is_known(&world, support.id).await && is_known(&world, owner.id).await);
    assert_eq!(world.accounts("driver", "deleted").await.len(), 4);
}

#[tokio::test]
async fn who_comes_back_in_time_keeps_everything_however_they_come() {
    let (world, owner) = World::with_owner().await;
    let (by_launch, by_link) = (world.driver_with_phone().await, world.driver_with_phone().await);
    // The link works while a subscription runs: for a day more than the driver stays away.
    let gift = json!({ "action": "gift", "days": 727, "reason": "r" });
    world.command(&owner, &format!("drivers/{}/subscription", by_link.id), "k", &gift).await.ok();
    let link = text(&world.get(&by_link, "/api/me/access-link").await.ok().json()["url"]);
    let token = json!({ "access_token": link.split_once("#/access/").expect("a link").1 }).to_string();
    world.pass(IDLE_S - DAY_S);
    world.driver_called(by_launch.id).await;
    world.send(Method::POST, "/api/auth/access-token", &[("content-type", "application/json")], token).await.ok();
    world.pass(10 * DAY_S);
    for _ in 0..2 {
        forget(&world).await;
    }
    for driver in [&by_launch, &by_link] {
        assert!(profile(&world, driver.id).await.get("phone").is_some(), "{}", driver.id);
    }
    // Their two years begin anew.
    world.pass(IDLE_S - 12 * DAY_S);
    forget(&world).await;
    assert!(is_known(&world, by_launch.id).await && is_known(&world, by_link.id).await);
    world.pass(3 * DAY_S);
    forget(&world).await;
    assert!(!is_known(&world, by_launch.id).await && !is_known(&world, by_link.id).await);
}

/// For so long the job's transaction is held up: less than an attempt of a call may take.
const HOLD: Duration = Duration::from_millis(600);

/// Whether the driver is known after something happened while the job, which had read them, was about to forget them; `None` when
/// it happened too late for that.
async fn is_known_after(what: &str) -> Option<bool> {
    let (world, owner) = World::with_owner().await;
    let driver = world.driver().await;
    world.pass(IDLE_S + DAY_S);
    let owner = world.driver_called(owner.id).await;
    let launch = world.init_data(json!({ "driver_id": driver.id })).await;
    let fault = json!({ "operation": "TransactWriteItems", "delay_ms": HOLD.as_millis(), "times": 1 });
    world.sandbox("/store", json!({ "faults": [fault] })).await;
    let happens = async {
        // The transaction has come, after the look before, and is not carried out yet.
        let looked_at = Cell::new(Instant::now());
        let not_before = world.until("the job forgets the driver", async || {
            let before = looked_at.replace(Instant::now());
            (world.look("/store").await["faults"][0]["times"] == 0).then_some(before)
        });
        let not_before = not_before.await;
        match what {
            "a sign-in" => drop(world.sign_in(&launch, None).await.ok()),
            "a gift" => {
                let gift = json!({ "action": "gift", "days": 3, "reason": "r" });
                world.command(&owner, &format!("drivers/{}/subscription", driver.id), "k", &gift).await;
            }
            _ => {
                let crash = json!({ "function": "auth", "after_calls": 1, "times": 1 });
                world.sandbox("/crashes", json!({ "crashes": [crash] })).await;
                world.sign_in(&launch, None).await;
            }
        }
        not_before.elapsed() < HOLD
    };
    let ((), in_time) = tokio::join!(world.job("forget"), happens);
    world.send(Method::DELETE, "/_sandbox/store", &[], "").await;
    if !in_time {
        return None;
    }
    assert_eq!(world.accounts("subscription", "gift").await.len(), usize::from(what == "a gift"));
    assert_eq!(world.accounts("driver", "deleted").await.len(), 0, "{what}");
    Some(is_known(&world, driver.id).await)
}

#[tokio::test]
async fn between_the_look_and_the_forgetting_anything_that_happens_keeps_the_driver() {
    for what in ["a sign-in", "a sign-in that is cut off", "a gift"] {
        let mut known = None;
        // A busy machine may take longer than the hold.
        for _ in 0..20 {
            known = is_known_after(what).await;
            if known.is_some() {
                break;
            }
        }
        assert_eq!(known, Some(true), "{what}");
    }
}

#[tokio::test]
async fn a_driver_who_signs_in_while_the_job_runs_stays_signed_in() {
    let world = World::roomy().await;
    let ids: Vec<_> = (0..24).map(|_| new_driver_id()).collect();
    join_all(ids.iter().map(|id| world.driver_called(*id))).await;
    world.pass(IDLE_S + DAY_S);
    let sign_ins = async {
        let mut drivers: Vec<Driver> = Vec::new();
        for id in &ids {
            drivers.push(world.driver_called(*id).await);
        }
        drivers
    };
    let jobs = async { join_all((0..3).map(|_| world.job("forget"))).await };
    let (drivers, _) = tokio::join!(sign_ins, jobs);
    world.pass(HELD_S);
    forget(&world).await;
    for driver in &drivers {
        world.get(driver, "/api/me").await.ok();
        assert!(is_known(&world, driver.id).await, "whoever was forgotten before is new");
    }
    let mut deleted: Vec<_> =
        world.accounts("driver", "deleted").await.iter().map(|row| row["target"].to_string()).collect();
    deleted.sort_unstable();
    let count = deleted.len();
    deleted.dedup();
    assert_eq!(deleted.len(), count, "nobody is forgotten twice");
}

#[tokio::test]
async fn whatever_is_cut_off_comes_to_the_same_end() {
    let (world, _) = World::with_owner().await;
    let mut ids = Vec::new();
    let mut responses = Vec::new();
    for _ in 0..8 {
        let driver = world.driver_with_phone().await;
        for cargo in world.cargos(&driver, 2).await {
            let answer = world.respond(&driver, &text(&cargo["id"]), json!({})).await;
            responses.push(text(&answer.json()["response"]["id"]));
        }
        ids.push(driver.id);
    }
    world.settle().await;
    world.pass(IDLE_S + DAY_S);
    let mut cut = 0;
    for after_calls in 3..27 {
        let crash = json!({ "function": "jobs", "after_calls": after_calls, "times": 1 });
        world.sandbox("/crashes", json!({ "crashes": [crash] })).await;
        cut += u32::from(!try_to_forget(&world).await);
        world.pass(HELD_S);
    }
    world.sandbox("/crashes", json!({ "crashes": [] })).await;
    assert!(cut > 5, "it was cut off {cut} times");
    for _ in 0..2 {
        forget(&world).await;
        world.pass(HELD_S);
    }
    for id in &ids {
        let rows = json!(world.partition(&format!("DRIVER#{id}")).await).to_string();
        assert!(!rows.contains("+7") && !is_known(&world, *id).await, "{rows}");
        assert!(profile(&world, *id).await.get("due").is_none());
    }
    assert_eq!(world.accounts("driver", "deleted").await.len(), ids.len(), "each once");
    for id in &responses {
        let told = world.audited(id).await;
        assert_eq!(told.iter().filter(|step| step.starts_with("withdrawn")).count(), 0, "{told:?}");
        assert_eq!(told.iter().filter(|step| *step == "forgotten by system").count(), 1, "{told:?}");
    }
    assert_eq!(world.counted("responses.withdrawn").await, i64::try_from(responses.len()).unwrap());
}

#[tokio::test]
async fn a_deletion_by_an_admin_that_was_cut_off_is_finished_by_the_job() {
    let (world, owner) = World::with_owner().await;
    let responded = world.responded().await;
    let crash = json!({ "function": "admin-people", "after_calls": 5, "times": 1 });
    world.sandbox("/crashes", json!({ "crashes": [crash] })).await;
    let path = format!("drivers/{}/delete", responded.driver.id);
    world.command(&owner, &path, "-", &json!({ "reason": "r" })).await;
    assert!(!is_known(&world, responded.driver.id).await, "it had begun");
    let of_driver = || async { json!(world.partition(&format!("DRIVER#{}", responded.driver.id)).await).to_string() };
    assert!(of_driver().await.contains("+7"), "but the response still has the phone");
    forget(&world).await;
    assert!(!of_driver().await.contains("+7"));
    assert_eq!(world.accounts("driver", "deleted").await.len(), 1);
}

/// A driver whose deletion was cut off before their response was cleared, and who has come back as somebody else and responded to
/// another cargo.
async fn returned(world: &World, owner: &Driver) -> (Driver, [tests::Responded; 2]) {
    let driver = world.driver_named(new_driver_id(), "Аристарх", None, None).await;
    let phone = async |driver: &Driver, phone: &str| {
        world.call(driver, Method::PUT, "/api/me", &json!({ "phone": phone })).await.ok();
    };
    phone(&driver, "+79995551122").await;
    let cargos = world.cargos(&driver, 2).await;
    let old = world.responded_to(driver.clone(), text(&cargos[0]["id"])).await;
    world.settle().await;
    let crash = json!({ "function": "admin-people", "after_calls": 5, "times": 1 });
    world.sandbox("/crashes", json!({ "crashes": [crash] })).await;
    world.command(owner, &format!("drivers/{}/delete", driver.id), "-", &json!({ "reason": "r" })).await;
    assert!(!is_known(world, driver.id).await, "it had begun");
    let driver = world.driver_named(driver.id, "Пётр", None, None).await;
    phone(&driver, "+79997773344").await;
    let new = world.responded_to(driver.clone(), text(&cargos[1]["id"])).await;
    world.settle().await;
    assert!(!rows_with(world, &["79995551122"]).await.is_empty(), "the old response still has the phone");
    (driver, [old, new])
}

#[tokio::test]
async fn a_deletion_that_was_cut_off_is_finished_also_when_the_driver_has_come_back() {
    let (world, owner) = World::with_owner().await;
    let (driver, [old, new]) = returned(&world, &owner).await;
    forget(&world).await;
    let named = rows_with(&world, &["79995551122", "Аристарх"]).await;
    assert!(named.is_empty(), "{named:?}");
    let card = text(&world.message(DISPATCH_CHAT, old.card).await["text"]);
    assert!(card.contains("Данные водителя удалены") && !card.contains("+7999"), "{card}");
    assert_eq!(world.audited(&old.id).await.last().map(String::as_str), Some("forgotten by system"));
    assert_eq!(
        world.audited(&new.id).await.last().map(String::as_str),
        Some("sent by system"),
        "it is of who came back"
    );
    assert!(text(&world.message(DISPATCH_CHAT, new.card).await["text"]).contains("+79997773344"));
    assert_eq!(world.get(&driver, "/api/me").await.ok().json()["phone"], "+79997773344");
    assert_eq!(world.accounts("driver", "deleted").await.len(), 1);

    let before = stands(&world).await;
    world.pass(HELD_S);
    forget(&world).await;
    assert_eq!(stands(&world).await, before, "once");
    world.pass(IDLE_S + DAY_S);
    forget(&world).await;
    assert!(!is_known(&world, driver.id).await, "who came back is forgotten like anybody");
}

#[tokio::test]
async fn an_admin_deletes_who_came_back_after_a_deletion_that_was_cut_off() {
    let (world, owner) = World::with_owner().await;
    let (driver, _) = returned(&world, &owner).await;
    let path = format!("drivers/{}/delete", driver.id);
    let done = world.command(&owner, &path, "-", &json!({ "reason": "r" })).await.ok().json()["done"].clone();
    assert_eq!(done, true);
    let named = rows_with(&world, &["79995551122", "79997773344", "Аристарх", "Пётр"]).await;
    assert!(named.is_empty(), "{named:?}");
    assert!(profile(&world, driver.id).await.get("due").is_none(), "nothing is left to be done");
    assert_eq!(world.accounts("driver", "deleted").await.len(), 2);
}

#[tokio::test]
async fn after_a_year_a_response_names_nobody_and_its_facts_stay() {
    let (world, owner) = World::with_owner().await;
    let (rejected, accepted, given_anew) = (world.responded().await, world.responded().await, world.responded().await);
    world.press(OLGA, rejected.card, &rejected.button('r')).await;
    world.write(DISPATCH_CHAT, OLGA, "Аристарху далеко", Some(rejected.card)).await;
    world.press(OLGA, accepted.card, &accepted.button('a')).await;
    world.withdraw(&given_anew.driver, &given_anew.cargo).await.ok();
    let anew = world.respond(&given_anew.driver, &given_anew.cargo, json!({})).await.json();
    let anew = response_row(&world, given_anew.driver.id, &text(&anew["response"]["id"])).await;
    assert_eq!(anew["due"]["S"], "RESPONSE", "it waits for a decision again");
    world.settle().await;
    let phone = text(&world.get(&rejected.driver, "/api/me").await.ok().json()["phone"]);
    let row = async |of: &tests::Responded| response_row(&world, of.driver.id, &of.id).await.to_string();

    world.pass(300 * DAY_S);
    world.press(OLGA, accepted.card, &accepted.button('c')).await;
    world.pass(64 * DAY_S);
    forget(&world).await;
    assert!(row(&rejected).await.contains(&phone), "a day is left");
    world.pass(2 * DAY_S);
    let counted = world.counted("responses.rejected").await;
    forget(&world).await;

    let stands_now = row(&rejected).await;
    for word in [phone.as_str(), "Ольга", "Аристарху"] {
        assert!(!stands_now.contains(word), "{word}: {stands_now}");
    }
    assert!(row(&accepted).await.contains("Ольга"), "it was completed two months ago");
    let card = text(&world.message(DISPATCH_CHAT, rejected.card).await["text"]);
    assert!(card.contains("Отклонён · диспетчер") && card.contains("Данные водителя удалены"), "{card}");
    assert!(!card.contains(&phone) && !card.contains("Аристарху"), "{card}");
    let told = world.audited(&rejected.id).await;
    let expected = ["queued by driver", "sent by system", "rejected by dispatcher", "explained by dispatcher"];
    assert_eq!(told, [expected.as_slice(), &["forgotten by system"]].concat());

    // The driver and admins see what it was; the profile is as it was, because two years are not over.
    let driver = world.driver_called(rejected.driver.id).await;
    let shown = world.get(&driver, "/api/responses").await.ok().json()["items"][0].clone();
    assert_eq!(
        (&shown["status"], &shown["reason"], &shown["offer"]["phone"]),
        (&json!("rejected"), &Value::Null, &json!(""))
    );
    assert_eq!(text(&shown["cargo_id"]), rejected.cargo);
    assert_eq!(world.get(&driver, "/api/me").await.ok().json()["phone"], phone);
    let owner = world.driver_called(owner.id).await;
    let listed = world.ask(&owner, &format!("drivers/{}/responses", driver.id)).await.ok().json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(world.counted("responses.rejected").await, counted);

    let before = stands(&world).await;
    world.pass(HELD_S);
    forget(&world).await;
    assert_eq!(stands(&world).await, before, "once");
}

#[tokio::test]
async fn after_a_year_no_message_in_the_dispatchers_chat_names_the_driver() {
    let world = World::with(&[("RESPONSE_TTL_S", "3600")]).await;
    let driver = world.driver_named(new_driver_id(), "Аристарх", None, None).await;
    world.call(&driver, Method::PUT, "/api/me", &json!({ "phone": "+79995551122" })).await.ok();
    let cargo = world.lasting_cargo().await;
    let link = async |of: &tests::Responded, number| {
        world.press(OLGA, of.card, &of.link_button(number)).await;
        world.settle().await;
    };
    let expired = world.responded_to(driver.clone(), cargo.clone()).await;
    link(&expired, 1).await;
    world.pass(3601);
    world.job("expire-responses").await;
    world.settle().await;
    let accepted = world.responded_to(driver, cargo).await;
    for number in [1, 2] {
        link(&accepted, number).await;
    }
    world.press(OLGA, accepted.card, &accepted.button('a')).await;
    world.settle().await;
    let naming = async || world.texts_with(DISPATCH_CHAT, &["Аристарх", "5551122"]).await;
    assert_eq!(naming().await.len(), 2, "the new card and its link, which the shipper may still ask for");
    assert_eq!(world.messages(DISPATCH_CHAT).await.len(), 5);
    world.pass(366 * DAY_S);
    forget(&world).await;
    assert_eq!(naming().await, [""; 0]);
    assert_eq!(world.messages(DISPATCH_CHAT).await.len(), 5, "messages are changed, none is sent anew");
}

#[tokio::test]
async fn a_card_that_somebody_deleted_does_not_come_back_to_say_that_nobody_is_in_it() {
    let world = World::start().await;
    let responded = world.responded().await;
    world.press(OLGA, responded.card, &responded.button('r')).await;
    world.settle().await;
    let method = format!(
        "/_telegram/bot7000000001:local-demo-bot-token/deleteMessage?chat_id={DISPATCH_CHAT}&message_id={}",
        responded.card
    );
    world.send(Method::POST, &method, &[], "").await.ok();
    let messages = world.messages(DISPATCH_CHAT).await.len();
    world.pass(366 * DAY_S);
    forget(&world).await;
    assert_eq!(world.audited(&responded.id).await.last().map(String::as_str), Some("forgotten by system"));
    assert_eq!(world.messages(DISPATCH_CHAT).await.len(), messages);
}

#[tokio::test]
async fn a_card_in_a_chat_that_was_the_dispatchers_before_is_not_sent_to_todays() {
    let world = World::start().await;
    let responded = world.responded().await;
    world.press(OLGA, responded.card, &responded.button('r')).await;
    world.settle().await;
    let mut row = world.partition(&format!("DELIVERY#card-{}", responded.id)).await.remove(0);
    row["chat_id"] = json!({ "N": "-1009" });
    world.insert(vec![row]).await;
    let messages = world.messages(DISPATCH_CHAT).await.len();
    world.pass(366 * DAY_S);
    forget(&world).await;
    assert_eq!(world.audited(&responded.id).await.last().map(String::as_str), Some("forgotten by system"));
    assert_eq!(world.messages(DISPATCH_CHAT).await.len(), messages);
}

#[tokio::test]
async fn a_payment_that_cannot_be_read_keeps_its_driver() {
    let world = World::start().await;
    world.hold_notifications(true).await;
    let driver = world.driver().await;
    let order = world.order(&driver, "1m").await;
    world.spoil_payment(&order.id, None).await;
    world.pass(IDLE_S + DAY_S);
    forget(&world).await;
    assert!(is_known(&world, driver.id).await);
}

#[tokio::test]
async fn rows_of_messages_are_deleted_after_their_time_and_nothing_else_is() {
    let (world, owner) = World::with_owner().await;
    let responded = world.responded().await;
    world.press(OLGA, responded.card, &responded.button('r')).await;
    world.settle().await;
    world.sandbox("/telegram/faults", json!({ "fail": { "status": 400, "method": "sendMessage" } })).await;
    let gift = json!({ "action": "gift", "days": 600, "reason": "r" });
    world.command(&owner, &format!("drivers/{}/subscription", responded.driver.id), "k", &gift).await.ok();
    world.until("it has failed", async || (!world.all(&owner, "deliveries").await.is_empty()).then_some(())).await;
    world.sandbox("/telegram/faults", json!({})).await;
    let rows = async |begin: &str| world.rows(begin).await.len();
    let status = async |wanted: &str| {
        let rows = world.rows("DELIVERY#").await;
        rows.iter().filter(|row| row["status"]["S"] == wanted).count()
    };
    assert!(status("sent").await >= 2 && status("failed").await == 1 && rows("MESSAGE#").await == 1);
    let waiting = status("waiting").await;
    assert!(waiting > 0, "reminders");

    world.pass(366 * DAY_S);
    forget(&world).await;
    world.pass(33 * DAY_S);
    forget(&world).await;
    assert!(rows("MESSAGE#").await == 1 && status("failed").await == 1, "a day is left");
    let is_of_message = |pk: &str| pk.starts_with("DELIVERY#") || pk.starts_with("MESSAGE#");
    let mut kept = stands(&world).await;
    kept.retain(|(pk, _), _| !is_of_message(pk));
    world.pass(2 * DAY_S);
    forget(&world).await;
    assert_eq!((rows("MESSAGE#").await, status("failed").await), (0, 0));
    // The card was edited a month ago, when the response was forgotten.
    let left = world.rows("DELIVERY#").await;
    let what: BTreeSet<_> = left.iter().map(|row| text(&row["what"]["S"])).collect();
    assert!(what.contains("card") && !what.contains("notice-rejected"), "{what:?}");
    let mut all = stands(&world).await;
    all.retain(|(pk, _), _| !is_of_message(pk));
    assert_eq!(all, kept, "nothing else is touched");
    let owner = world.driver_called(owner.id).await;
    assert_eq!(world.all(&owner, "deliveries").await.len(), 0);
    assert_eq!(world.counted("deliveries_failed").await, 1);
    world.pass(400 * DAY_S);
    forget(&world).await;
    let left = world.rows("DELIVERY#").await;
    assert!(left.iter().all(|row| row["what"]["S"] != "card"), "{left:?}");
}

#[tokio::test]
async fn what_cannot_be_read_is_told_and_holds_up_nobody() {
    let (world, _) = World::with_owner().await;
    let (broken, sound) = (world.responded().await, world.responded().await);
    for one in [&broken, &sound] {
        world.press(OLGA, one.card, &one.button('r')).await;
        world.settle().await;
        world.pass(60);
    }
    let mut row = response_row(&world, broken.driver.id, &broken.id).await;
    row["body"] = json!({ "S": "of a version that we do not know" });
    world.insert(vec![row]).await;
    world.pass(366 * DAY_S);
    assert!(!try_to_forget(&world).await, "somebody has to look at it");
    assert_eq!(world.audited(&sound.id).await.last().map(String::as_str), Some("forgotten by system"));
    assert!(try_to_forget(&world).await, "it is out of the way");
    world.pass(HELD_S);
    assert!(!try_to_forget(&world).await, "and not forgotten");
}
