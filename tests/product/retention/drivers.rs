//! Drivers who have not come for long are forgotten, and who is not.
use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    DISPATCH_CHAT, Driver, World,
    money::{CARD, DAY_S},
    new_driver_id, text,
};

use super::{HELD_S, IDLE_S, forget, is_known, profile, rows_with, stands};

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
