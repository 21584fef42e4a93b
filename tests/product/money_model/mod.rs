//! A model of money against the running product: whatever is tapped, lost, doubled, reordered, forged and refused in
//! between, and wherever an invocation is cut off, what drivers have in the end is what YooKassa says that they paid and got
//! back, what they redeemed, and the trial.
//!
//! `MONEY_SEED` begins with another seed, `MONEY_RUNS` makes more runs, `MONEY_STEPS` makes them longer. A failure prints
//! its seed and what was done.
mod agreement;
mod steps;

use std::{collections::BTreeSet, fmt::Write as _, sync::Mutex};

use futures_util::future::{LocalBoxFuture, join_all};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    Answer, Driver, World,
    model::{Chance, Told, setting},
    new_driver_id, text,
};

use self::steps::{Step, draw};

const PLANS: [(&str, i64, i64); 4] =
    [("1m", 30, 49_900), ("3m", 90, 129_900), ("6m", 180, 239_900), ("12m", 365, 399_900)];
const HOUR_S: i64 = 3600;
/// Promo codes that give something, and the days.
const CODES: [(&str, i64); 2] = [("MANY", 7), ("FEW", 30)];

struct Model {
    world: World,
    admin: Driver,
    drivers: Vec<Driver>,
    /// What an admin wanted to give: to whom, and how many days, which is also the name of the order.
    gifts: Mutex<BTreeSet<(usize, i64)>>,
}

impl Model {
    /// A request to the sandbox which may be refused, because there is nothing to do it to.
    async fn control(&self, method: Method, path: &str, body: &Value) {
        self.world.send(method, &format!("/_sandbox{path}"), &[], body.to_string()).await;
    }

    /// The same order each time.
    async fn give(&self, driver: usize, days: i64) -> Answer {
        let path = format!("drivers/{}/subscription", self.drivers[driver].id);
        let body = json!({ "action": "gift", "days": days, "reason": "за ожидание" });
        self.world.command(&self.admin, &path, &format!("gift-{days}"), &body).await
    }

    async fn of_yookassa(&self, number: usize, statuses: &[&str]) -> Option<Value> {
        let mut made = self.world.at_yookassa().await;
        made.retain(|item| item["object"]["status"].as_str().is_some_and(|status| statuses.contains(&status)));
        if made.is_empty() { None } else { Some(made.swap_remove(number % made.len())["object"].clone()) }
    }

    async fn act(&self, step: &Step) {
        match step {
            Step::Order { .. } | Step::Look { .. } | Step::Redeem { .. } => self.as_driver(step).await,
            Step::Gift { .. } | Step::Ask { .. } => self.as_admin(step).await,
            Step::Pay { .. }
            | Step::Expire { .. }
            | Step::Refund { .. }
            | Step::Release { .. }
            | Step::Again { .. }
            | Step::Forged { .. } => self.as_yookassa(step).await,
            Step::Job(job) => self.control(Method::POST, "/schedules/jobs", &json!({ "job": job })).await,
            Step::Notifications(settings) => self.control(Method::PUT, "/yookassa/notifications", settings).await,
            Step::Yookassa(faults) => self.control(Method::PUT, "/yookassa/faults", faults).await,
            Step::Store(faults) => self.control(Method::PUT, "/store", faults).await,
            Step::Queues(settings) => self.control(Method::PUT, "/queues", settings).await,
            Step::Crashes(crashes) => self.control(Method::PUT, "/crashes", crashes).await,
            Step::Pass(seconds) => self.world.pass(*seconds),
            Step::Night(_) => {}
        }
    }

    async fn as_driver(&self, step: &Step) {
        let world = &self.world;
        match step {
            Step::Order { driver, plan, key } => {
                let answer = world.try_order(&self.drivers[*driver], plan, key.as_deref()).await;
                // A key that was used for another plan is refused.
                let is_other = key.is_some() && answer.status.as_u16() == 422;
                // 500: the invocation was cut off.
                assert!(is_other || [201, 202, 500, 502, 503].contains(&answer.status.as_u16()), "{}", answer.body);
            }
            Step::Look { driver, payment } => {
                let driver = &self.drivers[*driver];
                let payments = world.get(driver, "/api/payments").await.json();
                let Some(payments) = payments["items"].as_array().filter(|payments| !payments.is_empty()) else {
                    return;
                };
                let id = text(&payments[payment % payments.len()]["id"]);
                let answer = world.get(driver, &format!("/api/payments/{id}")).await;
                assert!([200, 500, 503].contains(&answer.status.as_u16()), "{}", answer.body);
            }
            Step::Redeem { driver, code, key } => {
                let bearer = format!("Bearer {}", self.drivers[*driver].token);
                let mut headers = vec![("authorization", bearer.as_str()), ("content-type", "application/json")];
                headers.extend(key.as_deref().map(|key| ("idempotency-key", key)));
                let body = json!({ "code": code }).to_string();
                let answer = world.send(Method::POST, "/api/promo-codes/redeem", &headers, body).await;
                assert!([200, 409, 429, 500, 503].contains(&answer.status.as_u16()), "{}", answer.body);
            }
            _ => unreachable!("{step:?} is no driver's"),
        }
    }

    async fn as_admin(&self, step: &Step) {
        match step {
            Step::Gift { driver, days } => {
                self.gifts.lock().unwrap().insert((*driver, *days));
                let answer = self.give(*driver, *days).await;
                // An order that was not made is made at the end.
                assert!([200, 500, 503].contains(&answer.status.as_u16()), "{}", answer.body);
            }
            Step::Ask { payment, amount, key } => {
                let Some(object) = self.of_yookassa(*payment, &["succeeded", "pending"]).await else { return };
                let path = format!("/api/admin/payments/{}/refund", text(&object["metadata"]["payment_id"]));
                let bearer = format!("Bearer {}", self.admin.token);
                let headers = [
                    ("authorization", bearer.as_str()),
                    ("content-type", "application/json"),
                    ("idempotency-key", key.as_str()),
                ];
                let amount = amount.map(|rubles| rubles.parse::<f64>().unwrap());
                let body = json!({ "amount_rub": amount, "reason": "передумал" }).to_string();
                let answer = self.world.send(Method::POST, &path, &headers, body).await;
                assert!([201, 202, 403, 409, 422, 500, 503].contains(&answer.status.as_u16()), "{}", answer.body);
            }
            _ => unreachable!("{step:?} is no admin's"),
        }
    }

    async fn as_yookassa(&self, step: &Step) {
        match step {
            Step::Pay { payment, card } => {
                let Some(object) = self.of_yookassa(*payment, &["pending"]).await else { return };
                let path = format!("/yookassa/payments/{}/pay", text(&object["id"]));
                self.control(Method::POST, &path, &json!({ "card": card })).await;
            }
            Step::Expire { payment } => {
                let Some(object) = self.of_yookassa(*payment, &["pending"]).await else { return };
                let path = format!("/yookassa/payments/{}/expire", text(&object["id"]));
                self.control(Method::POST, &path, &json!({})).await;
            }
            Step::Refund { payment, value } => {
                let Some(object) = self.of_yookassa(*payment, &["succeeded"]).await else { return };
                let path = format!("/yookassa/payments/{}/refund", text(&object["id"]));
                self.control(Method::POST, &path, &json!({ "value": value })).await;
            }
            Step::Release { order, seed } => {
                let release = json!({ "order": order, "seed": seed });
                self.control(Method::POST, "/yookassa/notifications/release", &release).await;
            }
            Step::Again { notification, times } => {
                let all = self.world.look("/yookassa/notifications").await;
                let count = all["items"].as_array().map_or(0, Vec::len);
                let again = json!({ "ids": [notification % count.max(1)], "times": times, "at_once": true });
                self.control(Method::POST, "/yookassa/notify", &again).await;
            }
            Step::Forged { payment, event } => {
                let Some(mut object) = self.of_yookassa(*payment, &["pending", "canceled", "succeeded"]).await else {
                    return;
                };
                object["status"] = json!(event.rsplit('.').next());
                object["paid"] = json!(true);
                object["amount"] = json!({ "value": "1.00", "currency": "RUB" });
                let forged = json!({ "body": { "type": "notification", "event": event, "object": object } });
                self.control(Method::POST, "/yookassa/notify", &forged).await;
            }
            _ => unreachable!("{step:?} is not YooKassa's"),
        }
    }

    /// Nothing goes wrong from now on.
    async fn calm(&self) {
        self.control(Method::DELETE, "/store", &Value::Null).await;
        self.control(Method::PUT, "/crashes", &json!({ "crashes": [] })).await;
        self.control(Method::DELETE, "/queues", &Value::Null).await;
        self.control(Method::DELETE, "/yookassa/faults", &Value::Null).await;
    }

    /// Much time passes: what the product does every minute and every night is done, and sessions end.
    async fn night(&mut self, seconds: i64, with_jobs: bool) {
        self.calm().await;
        self.world.pass(seconds);
        if with_jobs {
            self.world.job("look-after-payments").await;
            self.world.job("compare-payments").await;
        }
        for driver in &mut self.drivers {
            *driver = self.world.driver_called(driver.id).await;
        }
        self.admin = self.world.driver_called(self.admin.id).await;
    }

    /// Everything comes to its end.
    async fn end(&mut self) {
        self.calm().await;
        let settings = json!({ "hold": false, "lose": 0, "double": 0 });
        self.control(Method::PUT, "/yookassa/notifications", &settings).await;
        self.world.money_rests().await;
        for _ in 0..2 {
            // What is not paid by now runs out.
            self.night(2 * HOUR_S, true).await;
            self.world.money_rests().await;
        }
        // An admin who was not answered asks again.
        let gifts = self.gifts.lock().unwrap().clone();
        for (driver, days) in gifts {
            self.give(driver, days).await.ok();
        }
        // What was never known to YooKassa is lost.
        for _ in 0..2 {
            self.night(7 * HOUR_S, true).await;
        }
        self.world.money_rests().await;
    }
}

fn run(seed: u64, steps: usize) -> LocalBoxFuture<'static, ()> {
    Box::pin(async move {
        let id = new_driver_id();
        let world = World::with(&[("ADMIN_TELEGRAM_IDS", &id.to_string()), ("RATE_LIMIT_PER_S", "1000")]).await;
        let admin = world.driver_called(id).await;
        let late = json!(shared::clock::rfc3339(world.now_ms() + 60_000));
        for (code, days, max_uses, until) in
            [("MANY", 7, 100, Value::Null), ("FEW", 30, 1, Value::Null), ("LATE", 7, 100, late)]
        {
            let body =
                json!({ "code": code, "action": "extend", "days": days, "max_uses": max_uses, "valid_until": until });
            let made = world.call(&admin, Method::POST, "/api/admin/promo-codes", &body).await;
            assert_eq!(made.status.as_u16(), 201, "{}", made.body);
        }
        // By now it is over.
        world.pass(120);
        let drivers = world.drivers(3).await;
        let mut model = Model { world, admin, drivers, gifts: Mutex::default() };
        let mut chance = Chance(seed);
        let mut told = Told::new("MONEY_SEED", seed);
        let mut done = 0;
        while done < steps {
            // Up to four things happen at once.
            let batch: Vec<_> = (0..=chance.below(4)).map(|_| draw(&mut chance, model.drivers.len())).collect();
            let _ = writeln!(told.done, "{batch:?}");
            join_all(batch.iter().map(|step| Box::pin(model.act(step)))).await;
            if let Some(seconds) = batch.iter().find_map(|step| if let Step::Night(s) = step { Some(*s) } else { None })
            {
                // Some nights the jobs do not run.
                model.night(seconds, chance.below(3) > 0).await;
            }
            done += batch.len();
            if chance.below(8) == 0 {
                model.grants_only_what_is_paid().await;
            }
        }
        model.end().await;
        model.agrees().await;
        model.world.stop().await;
    })
}

#[tokio::test]
async fn whatever_happens_drivers_have_what_they_paid_for() {
    let (first, runs, steps) = (setting("MONEY_SEED", 1), setting("MONEY_RUNS", 3), setting("MONEY_STEPS", 100));
    for seed in first..first + runs {
        run(seed, usize::try_from(steps).unwrap()).await;
    }
}
