//! The conversion, and the tiles of the overview beside their lists, against a model that remembers everybody: days pass, drivers
//! come, pay, get money back, are given days and redeem codes, all of it repeated and at the same time.
//!
//! `CONVERSION_SEED` begins with another seed, `CONVERSION_STEPS` makes the run longer. A failure prints what was done.
use std::collections::BTreeMap;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use shared::clock::{moscow_day, moscow_midnight};
use tests::{
    Driver, World,
    model::setting,
    money::{CARD, DAY_S, Ordered},
    text,
};

const DAY_MS: i64 = DAY_S * 1000;
const TRIAL_DAYS: i64 = 3;
const PRICES: [(&str, i64); 2] = [("1m", 49_900), ("3m", 129_900)];

/// A driver, and what they have done.
struct Person {
    driver: Driver,
    /// The Moscow day on which the trial began.
    began: String,
    /// Kopecks that were paid and did not go back.
    kept: i64,
    gift: bool,
    promo: bool,
    /// What was paid, and how much of it did not go back.
    paid: Vec<(Ordered, i64)>,
}

/// The place of the admin among the people.
const ADMIN: usize = 0;

struct Model {
    world: World,
    owner: Driver,
    people: Vec<Person>,
    orders: usize,
    chance: u64,
    told: Vec<String>,
}

impl Drop for Model {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.told.join("\n"));
        }
    }
}

impl Model {
    async fn new(seed: u64) -> Self {
        let (world, owner) = World::with_owner().await;
        let code = json!({ "code": "MANY", "action": "extend", "days": 7, "max_uses": 1000 });
        let made = world.call(&owner, Method::POST, "/api/admin/promo-codes", &code).await;
        assert_eq!(made.status.as_u16(), 201, "{}", made.body);
        let began = moscow_day(world.now_ms());
        let admin = Person { driver: owner.clone(), began, kept: 0, gift: false, promo: false, paid: Vec::new() };
        Self { world, owner, people: vec![admin], orders: 0, chance: seed, told: Vec::new() }
    }

    /// SplitMix64: the same seed draws the same.
    fn below(&mut self, bound: usize) -> usize {
        self.chance = self.chance.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.chance;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound.max(1) as u64).unwrap()
    }

    async fn come(&mut self, count: usize) {
        let drivers = join_all((0..count).map(|_| self.world.driver())).await;
        let began = moscow_day(self.world.now_ms());
        self.people.extend(drivers.into_iter().map(|driver| Person {
            driver,
            began: began.clone(),
            kept: 0,
            gift: false,
            promo: false,
            paid: Vec::new(),
        }));
    }

    /// A session lasts a day.
    async fn sign_in(&mut self, place: usize) {
        let driver = self.world.driver_called(self.people[place].driver.id).await;
        if place == 0 {
            self.owner = driver.clone();
        }
        self.people[place].driver = driver;
    }

    /// Buys these plans at the same time; each payment is notified twice.
    async fn buy(&mut self, place: usize, plans: &[(&str, i64)]) {
        self.sign_in(place).await;
        let (world, driver) = (&self.world, &self.people[place].driver);
        world.sandbox("/yookassa/notifications", json!({ "double": 1 })).await;
        let mut orders = Vec::new();
        for (plan, price) in plans {
            orders.push((world.order(driver, plan).await, *price));
        }
        join_all(orders.iter().map(|(order, _)| world.pay(&order.yookassa_id, CARD))).await;
        for (order, _) in &orders {
            world.until_paid(driver, &order.id, "succeeded").await;
        }
        world.money_rests().await;
        let person = &mut self.people[place];
        person.kept += orders.iter().map(|(_, price)| price).sum::<i64>();
        self.orders += orders.len();
        person.paid.extend(orders);
    }

    /// Gives all or a part of a payment back.
    async fn give_back(&mut self, place: usize, all: bool) {
        let Some(at) = self.people[place].paid.iter().position(|(_, left)| *left > 0) else { return };
        let (order, left) = self.people[place].paid[at].clone();
        let kopecks = if all { left } else { (left / 3).max(1) };
        self.world.refund(&order.yookassa_id, Some(&format!("{}.{:02}", kopecks / 100, kopecks % 100))).await;
        self.world.money_rests().await;
        self.people[place].kept -= kopecks;
        self.people[place].paid[at].1 -= kopecks;
    }

    /// Days are given and a code is redeemed, each of it twice at the same time.
    async fn extend(&mut self, place: usize, gift: bool, promo: bool) {
        // Nobody gives themselves anything, or redeems a code of their own.
        let (gift, promo) = (gift && place != ADMIN, promo && place != ADMIN);
        self.sign_in(0).await;
        self.sign_in(place).await;
        let (world, owner, driver) = (&self.world, &self.owner, &self.people[place].driver);
        let path = format!("drivers/{}/subscription", driver.id);
        let key = format!("gift-{}", self.told.len());
        let body = json!({ "action": "gift", "days": 2, "reason": "за ожидание" });
        let give = async || {
            if gift {
                world.command(owner, &path, &key, &body).await.ok();
            }
        };
        let bearer = format!("Bearer {}", driver.token);
        let headers =
            [("authorization", bearer.as_str()), ("content-type", "application/json"), ("idempotency-key", "code")];
        let redeem = async || {
            if promo {
                let body = json!({ "code": "MANY" }).to_string();
                world.send(Method::POST, "/api/promo-codes/redeem", &headers, body).await.ok();
            }
        };
        tokio::join!(give(), redeem(), give(), redeem());
        self.people[place].gift |= gift;
        self.people[place].promo |= promo;
    }

    async fn step(&mut self) {
        let place = self.below(self.people.len());
        let what = self.below(100);
        self.told.push(format!("{} {what} {place}", moscow_day(self.world.now_ms())));
        match what {
            0..25 => {
                let count = 1 + self.below(3);
                self.come(count).await;
            }
            25..40 => self.buy(place, &PRICES[..1]).await,
            40..45 => self.buy(place, &PRICES).await,
            45..55 => self.give_back(place, what < 51).await,
            55..63 => self.extend(place, true, false).await,
            63..70 => self.extend(place, false, true).await,
            70..75 => self.extend(place, true, true).await,
            // Seven minutes, so that no hour of a later day is the very one of an earlier.
            _ => {
                let hours = [5, 11, 26, 80][self.below(4)];
                self.world.pass(hours * 3600 + 420);
                self.sign_in(0).await;
            }
        }
    }

    /// What the conversion should be of these days.
    fn expected(&self, days: &[String]) -> Value {
        let now_ms = self.world.now_ms();
        let mut counts =
            BTreeMap::from(["trials", "paid", "promo", "gift", "too_early", "too_early_paid"].map(|name| (name, 0)));
        let mut add = |name| *counts.entry(name).or_default() += 1;
        for person in self.people.iter().filter(|person| days.contains(&person.began)) {
            let is_early = moscow_midnight(&person.began).unwrap() + (TRIAL_DAYS + 1) * DAY_MS > now_ms;
            add(if is_early { "too_early" } else { "trials" });
            match (person.kept > 0, person.promo, person.gift) {
                (true, ..) => add(if is_early { "too_early_paid" } else { "paid" }),
                (_, true, _) if !is_early => add("promo"),
                (_, _, true) if !is_early => add("gift"),
                _ => {}
            }
        }
        json!(counts)
    }

    async fn check(&self) {
        for span in [7, 30] {
            let shown = self.world.ask(&self.owner, &format!("overview?days={span}")).await.ok().json();
            let days: Vec<_> = shown["days"].as_array().unwrap().iter().map(|day| text(&day["date"])).collect();
            assert_eq!(shown["totals"]["conversion"], self.expected(&days), "of {span} days");
            self.tiles(&shown, &days).await;
        }
    }

    /// Each tile beside the list that it leads to, and both beside the rows.
    async fn tiles(&self, shown: &Value, days: &[String]) {
        let (first, last) = (&days[0], &days[days.len() - 1]);
        let listed = async |path: String| self.world.all(&self.owner, &path).await;
        let count = async |path: String| i64::try_from(listed(path).await.len()).unwrap();
        let subscriptions = &shown["subscriptions"];
        for (tile, state) in [("paid", "active"), ("trial", "trial")] {
            assert_eq!(
                subscriptions[tile],
                count(format!("subscriptions?state={state}")).await,
                "{state}: {subscriptions}"
            );
            assert_eq!(subscriptions[tile], self.running(tile == "trial").await, "{state}, by the rows");
        }
        let totals = &shown["totals"];
        let new = count(format!("drivers?from={first}&until={last}")).await;
        let came = self.people.iter().filter(|person| days.contains(&person.began)).count();
        assert_eq!((&totals["drivers_new"], &json!(new)), (&json!(came), &json!(came)));
        let paid = format!("payments?paid_from={first}&paid_until={last}");
        let rows = listed(paid.clone()).await;
        let sum: f64 = rows.iter().map(|row| row["amount_rub"].as_f64().unwrap()).sum();
        assert_eq!((&totals["paid"], &totals["revenue_rub"]), (&json!(rows.len()), &json!(sum)));
        let page = self.world.ask(&self.owner, &paid).await.ok().json();
        assert_eq!(
            (&page["totals"]["count"], &page["totals"]["amount_rub"]),
            (&totals["paid"], &totals["revenue_rub"])
        );
        let failed = count(format!("deliveries?state=failed&from={first}&until={last}")).await;
        assert_eq!(totals["deliveries_failed"], failed);
    }

    /// How many subscriptions run now, by their rows.
    async fn running(&self, trial: bool) -> usize {
        let now_ms = self.world.now_ms();
        let rows = self.world.rows("DRIVER#").await;
        let runs = |row: &&Value| {
            let body: Value = serde_json::from_str(row["body"]["S"].as_str().unwrap_or_default()).unwrap_or_default();
            row["sk"]["S"] == "SUBSCRIPTION"
                && body["ends_at_ms"].as_i64() > Some(now_ms)
                && (body["source"] == "trial") == trial
        };
        rows.iter().filter(runs).count()
    }

    /// Makes all rows what they were before the conversion was counted.
    async fn forget_the_counts(&self) {
        let mut old = Vec::new();
        for mut row in self.world.table("app").await {
            let attributes = row.as_object_mut().unwrap();
            let (pk, sk) = (text(&attributes["pk"]["S"]), text(&attributes["sk"]["S"]));
            if sk == "SUBSCRIPTION" {
                let mut body: Value = serde_json::from_str(attributes["body"]["S"].as_str().unwrap()).unwrap();
                body.as_object_mut().unwrap().remove("past").expect("it is kept");
                attributes.insert("body".into(), json!({ "S": body.to_string() }));
                attributes.remove("kopecks");
            } else if sk.starts_with("LEDGER#") {
                for name in ["list", "listed_at", "plan"] {
                    attributes.remove(name);
                }
            } else if pk.starts_with("COUNT#") {
                attributes.retain(|name, _| !name.starts_with("cohort.") && !name.starts_with("trial_days."));
            } else {
                continue;
            }
            old.push(row);
        }
        self.world.insert(old).await;
    }
}

#[tokio::test]
async fn the_conversion_and_the_tiles_are_those_of_a_model_that_remembers_everybody() {
    let mut model = Model::new(setting("CONVERSION_SEED", 7)).await;
    model.come(4).await;
    // Whatever chance brings afterwards: one who pays twice and gets a part back, and another who gets back all of it.
    model.buy(1, &PRICES).await;
    model.give_back(1, false).await;
    model.extend(2, true, true).await;
    model.buy(2, &PRICES[..1]).await;
    model.give_back(2, true).await;
    model.world.pass(5 * DAY_S);
    model.sign_in(0).await;
    model.check().await;
    for _ in 0..setting("CONVERSION_STEPS", 30) {
        model.step().await;
        model.check().await;
    }
    let stages = model.people.iter().filter(|person| person.kept > 0).count();
    assert!(stages > 1 && model.orders > 3, "the run was too quiet to show anything");

    // Those from before it was counted are counted by the job, however often and at once it runs.
    model.forget_the_counts().await;
    let none = model.world.ask(&model.owner, "overview?days=90").await.ok().json()["totals"]["conversion"].clone();
    assert_eq!((&none["paid"], &none["gift"]), (&json!(0), &json!(0)), "{none}");
    // What is done to them before the job comes is counted by it as well.
    let place = model.people.len() - 1;
    model.buy(place, &PRICES[..1]).await;
    model.extend(1, true, true).await;
    join_all((0..3).map(|_| model.world.job("count-cohorts"))).await;
    model.check().await;
    model.world.job("count-cohorts").await;
    model.buy(1, &PRICES[..1]).await;
    model.check().await;
}

#[tokio::test]
async fn a_subscription_that_ended_today_and_one_that_ends_in_years_are_in_tile_and_list_alike() {
    let mut model = Model::new(1).await;
    model.come(2).await;
    let (owner, id) = (model.owner.clone(), model.people[1].driver.id);
    let gift = json!({ "action": "gift", "days": 1800, "reason": "за годы" });
    model.world.command(&owner, &format!("drivers/{id}/subscription"), "years", &gift).await.ok();
    model.people[1].gift = true;
    model.check().await;
    // The trials of the two others end at a quarter past noon; the day goes on.
    for (hours, trial) in [(71, 2), (2, 0), (9, 0)] {
        model.world.pass(hours * 3600);
        model.sign_in(0).await;
        let shown = model.world.ask(&model.owner, "overview").await.ok().json()["subscriptions"].clone();
        assert_eq!((&shown["trial"], &shown["paid"]), (&json!(trial), &json!(1)), "after {hours} hours more");
        assert_eq!(shown["ending_3_days"], trial, "what has ended does not end any more");
        model.check().await;
    }
}

#[tokio::test]
async fn a_message_that_is_sent_again_and_a_driver_who_is_deleted_leave_tile_and_list() {
    let mut model = Model::new(1).await;
    model.come(3).await;
    let world = &model.world;
    world.sandbox("/telegram/faults", json!({ "fail": { "status": 403, "method": "sendMessage" } })).await;
    world.pass(2 * DAY_S + 3600);
    world.job("deliver-due").await;
    world.settle().await;
    world.sandbox("/telegram/faults", json!({})).await;
    model.sign_in(0).await;
    model.check().await;
    let failed = model.world.all(&model.owner, "deliveries").await;
    assert!(failed.len() > 1, "reminders failed: {failed:?}");
    let id = text(&failed[0]["id"]);
    let again = json!({ "reason": "ещё раз" });
    model.world.command(&model.owner, &format!("deliveries/{id}/retry"), "a", &again).await.ok();
    model.world.settle().await;
    assert_eq!(model.world.all(&model.owner, "deliveries").await.len(), failed.len() - 1);
    model.check().await;

    let gone = model.people.pop().unwrap().driver.id;
    let said = json!({ "reason": "просит" });
    model.world.command(&model.owner, &format!("drivers/{gone}/delete"), "d", &said).await;
    let shown = model.world.ask(&model.owner, "overview").await.ok().json();
    let listed = model.world.all(&model.owner, "drivers").await.len();
    assert_eq!((&shown["totals"]["drivers_new"], listed), (&json!(3), 3));
    assert_eq!(shown["totals"]["conversion"]["too_early"], 4, "the trial was begun all the same");
}
