//! A model of money against the running product: whatever is tapped, lost, doubled, reordered, forged and refused in
//! between, and wherever an invocation is cut off, what drivers have in the end is what YooKassa says that they paid and got
//! back, what they redeemed, and the trial.
//!
//! `MONEY_SEED` begins with another seed, `MONEY_RUNS` makes more runs, `MONEY_STEPS` makes them longer. A failure prints
//! its seed and what was done.
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::Mutex,
};

use futures_util::future::{LocalBoxFuture, join_all};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    Answer, Driver, World,
    money::{CARD, DAY_S, Entry, POOR_CARD},
    new_driver_id, text,
};

const PLANS: [(&str, i64, i64); 4] =
    [("1m", 30, 49_900), ("3m", 90, 129_900), ("6m", 180, 239_900), ("12m", 365, 399_900)];
const HOUR_S: i64 = 3600;
/// Promo codes that give something, and the days.
const CODES: [(&str, i64); 2] = [("MANY", 7), ("FEW", 30)];

/// SplitMix64: the same seed draws the same.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound.max(1) as u64).unwrap()
    }

    fn of<T: Clone>(&mut self, things: &[T]) -> T {
        things[self.below(things.len())].clone()
    }
}

/// What somebody does, or what goes wrong from now on. Objects are meant by a number that is taken modulo how many
/// there are.
#[derive(Clone, Debug)]
enum Step {
    Order { driver: usize, plan: &'static str, key: Option<String> },
    Look { driver: usize, payment: usize },
    Gift { driver: usize, days: i64 },
    Pay { payment: usize, card: &'static str },
    Expire { payment: usize },
    Refund { payment: usize, value: Option<String> },
    Release { order: &'static str, seed: usize },
    Again { notification: usize, times: usize },
    Forged { payment: usize, event: &'static str },
    Job(&'static str),
    Notifications(Value),
    Yookassa(Value),
    Store(Value),
    Queues(Value),
    Crashes(Value),
    Redeem { driver: usize, code: &'static str, key: Option<String> },
    Ask { payment: usize, amount: Option<&'static str>, key: String },
    Pass(i64),
    Night(i64),
}

fn draw(chance: &mut Chance, drivers: usize) -> Step {
    let any = chance.below(1 << 20);
    match chance.below(100) {
        0..14 => {
            let key = (chance.below(3) == 0).then(|| format!("key-{}", chance.below(4)));
            Step::Order { driver: any % drivers, plan: chance.of(&PLANS).0, key }
        }
        14..16 => Step::Gift { driver: any % drivers, days: 1 + i64::try_from(chance.below(4)).unwrap() },
        16..22 => Step::Look { driver: any % drivers, payment: chance.below(50) },
        22..36 => Step::Pay { payment: any, card: chance.of(&[CARD, CARD, CARD, POOR_CARD]) },
        36..39 => Step::Expire { payment: any },
        39..43 => {
            let key = (chance.below(3) == 0).then(|| format!("code-{}", chance.below(2)));
            Step::Redeem { driver: any % drivers, code: chance.of(&["MANY", "FEW", "LATE", "NONE"]), key }
        }
        43..48 => {
            let amount = chance.of(&[None, Some("0.01"), Some("99.99"), Some("499")]);
            Step::Ask { payment: any, amount, key: format!("back-{}", chance.below(3)) }
        }
        48..55 => {
            let value = chance.of(&[None, Some("0.01"), Some("33.33"), Some("100.00"), Some("499.00")]);
            Step::Refund { payment: any, value: value.map(str::to_owned) }
        }
        55..60 => Step::Release { order: chance.of(&["made", "reversed", "shuffled"]), seed: any },
        60..66 => Step::Again { notification: any, times: 1 + chance.below(5) },
        66..70 => {
            let event = ["payment.succeeded", "payment.canceled", "payment.waiting_for_capture", "refund.succeeded"];
            Step::Forged { payment: any, event: chance.of(&event) }
        }
        70..76 => Step::Job("look-after-payments"),
        76..78 => Step::Job("compare-payments"),
        78..81 => Step::Notifications(
            json!({ "hold": chance.below(2) == 0, "lose": chance.below(3), "double": chance.below(3) }),
        ),
        81..85 => Step::Yookassa(mishap(chance)),
        85..89 => Step::Store(json!({ "faults": store_faults(chance) })),
        89..92 => Step::Queues(
            json!({ "lose": chance.below(3), "double": chance.below(2) == 0, "refuse": chance.of(&[0, 0, 20]) }),
        ),
        92..94 => Step::Crashes(crashes(chance)),
        94..98 => Step::Pass(chance.of(&[1, 3, 20, 60, 600])),
        _ => Step::Night(chance.of(&[1, 3, 11]) * HOUR_S),
    }
}

/// YooKassa fails now and then, in all its ways.
fn mishap(chance: &mut Chance) -> Value {
    let kind = chance.of(&["fail", "fail_after", "processing", "lose", "rate_limit", "forbidden", ""]);
    if kind.is_empty() {
        return json!({});
    }
    let mut faults = json!({ "seed": chance.below(1000) });
    faults[kind] = json!({ "probability": 0.5, "times": 1 + chance.below(12) });
    if kind == "forbidden" {
        faults[kind]["endpoint"] = json!("create_payment");
    }
    if kind == "lose" {
        faults[kind]["acted"] = json!(chance.below(2) == 0);
    }
    faults
}

/// Some of the next invocations end in the middle.
fn crashes(chance: &mut Chance) -> Value {
    let functions = [Value::Null, json!("settle"), json!("payments"), json!("jobs"), json!("admin-money")];
    let crash = |chance: &mut Chance| {
        let (after_calls, times) = (1 + chance.below(9), 1 + chance.below(4));
        json!({ "function": chance.of(&functions), "after_calls": after_calls, "times": times })
    };
    json!({ "crashes": (0..chance.below(3)).map(|_| crash(chance)).collect::<Vec<_>>() })
}

/// The store fails now and then, in all its ways.
fn store_faults(chance: &mut Chance) -> Vec<Value> {
    let fault = |chance: &mut Chance| {
        let seed = chance.below(1000);
        chance.of(&[
            json!({ "operation": "TransactWriteItems", "error": "TransactionConflictException", "probability": 0.4, "times": 12, "seed": seed }),
            json!({ "table": "app", "error": "ThrottlingException", "probability": 0.3, "times": 12, "seed": seed }),
            json!({ "operation": "TransactWriteItems", "error": "InternalServerError", "after": true, "probability": 0.5, "times": 8, "seed": seed }),
            json!({ "operation": "TransactWriteItems", "error": "InternalServerError", "after": true, "times": 6 }),
            json!({ "operation": "UpdateItem", "error": "InternalServerError", "after": true, "probability": 0.3, "times": 8, "seed": seed }),
            json!({ "table": "cache", "error": "InternalServerError", "times": 20 }),
        ])
    };
    (0..chance.below(3)).map(|_| fault(chance)).collect()
}

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
                let all = world.look("/yookassa/notifications").await;
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
            Step::Job(job) => self.control(Method::POST, "/schedules/jobs", &json!({ "job": job })).await,
            Step::Notifications(settings) => {
                self.control(Method::PUT, "/yookassa/notifications", settings).await;
            }
            Step::Yookassa(faults) => self.control(Method::PUT, "/yookassa/faults", faults).await,
            Step::Store(faults) => self.control(Method::PUT, "/store", faults).await,
            Step::Queues(settings) => self.control(Method::PUT, "/queues", settings).await,
            Step::Crashes(crashes) => self.control(Method::PUT, "/crashes", crashes).await,
            Step::Redeem { driver, code, key } => {
                let bearer = format!("Bearer {}", self.drivers[*driver].token);
                let mut headers = vec![("authorization", bearer.as_str()), ("content-type", "application/json")];
                headers.extend(key.as_deref().map(|key| ("idempotency-key", key)));
                let body = json!({ "code": code }).to_string();
                let answer = world.send(Method::POST, "/api/promo-codes/redeem", &headers, body).await;
                assert!([200, 409, 429, 500, 503].contains(&answer.status.as_u16()), "{}", answer.body);
            }
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
                let answer = world.send(Method::POST, &path, &headers, body).await;
                assert!([201, 202, 403, 409, 422, 500, 503].contains(&answer.status.as_u16()), "{}", answer.body);
            }
            Step::Pass(seconds) => world.pass(*seconds),
            Step::Night(_) => {}
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

    /// All of a driver's payments, by our id.
    async fn payments(&self, driver: &Driver) -> BTreeMap<String, Value> {
        let (mut payments, mut cursor) = (BTreeMap::new(), String::new());
        loop {
            let page = self.world.get(driver, &format!("/api/payments{cursor}")).await.ok().json();
            for payment in page["items"].as_array().unwrap() {
                payments.insert(text(&payment["id"]), payment.clone());
            }
            match page["cursor"].as_str() {
                Some(next) => cursor = format!("?cursor={next}"),
                None => return payments,
            }
        }
    }

    /// At any time: nothing was granted that was not paid, and nothing twice.
    async fn grants_only_what_is_paid(&self) {
        for driver in &self.drivers {
            let ledger = self.world.ledger(driver).await;
            // After the ledger: YooKassa knew of each before we did.
            let made = self.world.at_yookassa().await;
            for entry in &ledger {
                let Some(id) = entry.id.strip_prefix("payment-") else { continue };
                let is_paid = |item: &&Value| item["object"]["status"] == "succeeded";
                let paid = made.iter().filter(is_paid).any(|item| item["object"]["metadata"]["payment_id"] == id);
                assert!(paid, "{id} was never paid");
            }
        }
    }

    /// At the end: our rows are what YooKassa says, and the subscription is what follows from it.
    async fn agrees(&self) {
        let made = self.world.at_yookassa().await;
        let refunds = self.world.look("/yookassa/refunds").await["items"].as_array().cloned().unwrap();
        let named: BTreeSet<_> = made.iter().map(|item| text(&item["object"]["metadata"]["payment_id"])).collect();
        assert_eq!(named.len(), made.len(), "one payment at YooKassa for each of ours");
        let mut known = BTreeSet::new();
        let gifts = self.gifts.lock().unwrap().clone();
        for (place, driver) in self.drivers.iter().enumerate() {
            let ours = self.payments(driver).await;
            let mut expected = BTreeMap::from([(format!("trial-{}", driver.id), 3 * DAY_S)]);
            let mut returned = BTreeMap::new();
            for (id, payment) in &ours {
                known.insert(id.clone());
                let plan = PLANS.into_iter().find(|plan| payment["plan"] == plan.0).unwrap();
                let theirs = made.iter().map(|item| &item["object"]).find(|o| o["metadata"]["payment_id"] == json!(id));
                let Some(theirs) = theirs else {
                    assert!(payment["status"] == "lost" || payment["status"] == "refused", "YooKassa has no {payment}");
                    continue;
                };
                assert_eq!(payment["status"], theirs["status"], "{payment} and {theirs}");
                if theirs["status"] != "succeeded" {
                    continue;
                }
                let seconds = plan.1 * DAY_S;
                expected.insert(format!("payment-{id}"), seconds);
                let own: Vec<_> = refunds
                    .iter()
                    .map(|item| &item["object"])
                    .filter(|refund| refund["payment_id"] == theirs["id"] && refund["status"] == "succeeded")
                    .collect();
                let back: i64 = own.iter().map(|refund| kopecks(&refund["amount"]["value"])).sum();
                let shown = payment["refunded_rub"].as_f64().unwrap_or(0.0);
                #[allow(clippy::cast_precision_loss)] // far below what a float can hold
                let differs = (shown * 100.0 - back as f64).abs() > 0.5;
                assert!(!differs, "{payment}: {back} kopecks went back");
                let ids: BTreeSet<_> = own.iter().map(|refund| format!("refund-{}", text(&refund["id"]))).collect();
                returned.insert(ids, seconds * back / plan.2);
            }
            for (code, days) in CODES {
                let uses = self.world.partition(&format!("PROMO#{code}")).await;
                let mark = json!({ "S": format!("DRIVER#{}", driver.id) });
                if uses.iter().any(|row| row["sk"] == mark) {
                    expected.insert(format!("promo-{code}"), days * DAY_S);
                }
            }
            let ledger = self.world.ledger(driver).await;
            let entered: BTreeMap<_, _> = ledger.iter().map(|entry| (entry.id.clone(), entry.seconds)).collect();
            assert_eq!(entered.len(), ledger.len());
            let given = entered.iter().filter(|(id, _)| id.starts_with("gift-"));
            expected.extend(given.clone().map(|(id, seconds)| (id.clone(), *seconds)));
            let mut given: Vec<_> = given.map(|(_, seconds)| *seconds).collect();
            given.sort_unstable();
            let wanted: Vec<_> = gifts.iter().filter(|(to, _)| *to == place).map(|(_, days)| days * DAY_S).collect();
            assert_eq!(given, wanted, "each gift once, to driver {}", driver.id);
            for (ids, seconds) in returned {
                let taken: i64 = ids.iter().map(|id| -entered.get(id).copied().unwrap_or(0)).sum();
                assert_eq!(taken, seconds, "refunds {ids:?} of driver {}", driver.id);
                expected.extend(ids.into_iter().map(|id| (id.clone(), entered.get(&id).copied().unwrap_or(0))));
            }
            assert_eq!(entered, expected, "the ledger of driver {}", driver.id);
            let end_ms = follow(None, &ledger).unwrap_or_else(|| panic!("no order of it makes sense: {ledger:?}"));
            let shown = self.world.subscription(driver).await;
            assert_eq!(shown["expires_at"], shared::clock::rfc3339(end_ms), "{ledger:?}");
        }
        for (code, _) in CODES {
            let rows = self.world.partition(&format!("PROMO#{code}")).await;
            let of = |name: &str| rows.iter().find_map(|row| row[name]["N"].as_str()?.parse::<usize>().ok()).unwrap();
            assert_eq!(of("uses"), rows.len() - 1, "each use of {code} is a driver's");
            assert!(of("uses") <= of("max_uses"));
        }
        for item in &made {
            let price = kopecks(&item["object"]["amount"]["value"]);
            let back = refunds
                .iter()
                .map(|item| &item["object"])
                .filter(|refund| refund["payment_id"] == item["object"]["id"] && refund["status"] == "succeeded");
            assert!(back.map(|refund| kopecks(&refund["amount"]["value"])).sum::<i64>() <= price);
        }
        let keys: BTreeSet<_> = refunds.iter().map(|item| text(&item["object"]["metadata"]["refund_id"])).collect();
        let ours = refunds.iter().filter(|item| item["in_cabinet"] == false).count();
        let named_by_us = keys.iter().filter(|id| !id.is_empty()).count();
        assert_eq!(named_by_us, ours, "one refund at YooKassa for each that was asked for");
        assert!(named.is_subset(&known), "each payment at YooKassa is a driver's");
        let paid = made.iter().filter(|item| item["object"]["status"] == "succeeded").count();
        eprintln!("{} orders, {} at YooKassa, {paid} paid, {} refunds", known.len(), made.len(), refunds.len());
    }
}

/// The end that these entries lead to, by the rule itself: a grant counts from the later of now and the end, a refund
/// takes back from the end. Entries of one millisecond may have been made in any order.
fn follow(end_ms: Option<i64>, entries: &[Entry]) -> Option<i64> {
    let Some(first) = entries.first() else { return end_ms };
    for (place, entry) in entries.iter().enumerate().take_while(|(_, entry)| entry.at_ms == first.at_ms) {
        let from_ms = if entry.seconds > 0 {
            end_ms.map_or(entry.at_ms, |end| end.max(entry.at_ms))
        } else {
            end_ms.unwrap_or(entry.at_ms)
        };
        let next_ms = from_ms + entry.seconds * 1000;
        let mut rest = entries.to_vec();
        rest.remove(place);
        if next_ms == entry.ends_at_ms
            && let Some(end_ms) = follow(Some(next_ms), &rest)
        {
            return Some(end_ms);
        }
    }
    None
}

fn kopecks(value: &Value) -> i64 {
    value.as_str().unwrap().replace('.', "").parse().unwrap()
}

/// What was done, printed when a check fails.
struct Told {
    seed: u64,
    done: String,
}

impl Drop for Told {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("MONEY_SEED={}\n{}", self.seed, self.done);
        }
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
        let mut told = Told { seed, done: String::new() };
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

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

#[tokio::test]
async fn whatever_happens_drivers_have_what_they_paid_for() {
    let (first, runs, steps) = (setting("MONEY_SEED", 1), setting("MONEY_RUNS", 3), setting("MONEY_STEPS", 100));
    for seed in first..first + runs {
        run(seed, usize::try_from(steps).unwrap()).await;
    }
}
