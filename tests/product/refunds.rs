//! Money that goes back on an admin's order: once, never more than was paid, and whatever YooKassa answers or does not.
use std::collections::BTreeSet;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    Answer, Driver, World,
    money::{CARD, DAY_S, Ordered},
    new_driver_id, text,
};

const JOB: &str = "look-after-payments";
const COMPARISON: &str = "compare-payments";
const HOUR_S: i64 = 3600;
const MONTH_S: i64 = 30 * DAY_S;

/// A product with two admins, and a driver who has paid for a month.
struct Paid {
    world: World,
    admin: Driver,
    other_admin: Driver,
    driver: Driver,
    order: Ordered,
}

impl Paid {
    async fn new() -> Self {
        let (first, second) = (new_driver_id(), new_driver_id());
        let admins = format!("{first},{second}");
        let world = World::with(&[("ADMIN_TELEGRAM_IDS", &admins), ("RATE_LIMIT_PER_S", "1000")]).await;
        let (admin, other_admin) = (world.driver_called(first).await, world.driver_called(second).await);
        let driver = world.driver().await;
        let order = pay(&world, &driver, "1m").await;
        Self { world, admin, other_admin, driver, order }
    }

    async fn refund(&self, key: &str, amount: Value) -> Answer {
        refund(&self.world, &self.admin, &self.order.id, key, amount).await
    }

    async fn refund_of(&self, order: &Ordered, key: &str, mut body: Value) -> Answer {
        let bearer = format!("Bearer {}", self.admin.token);
        let headers =
            [("authorization", bearer.as_str()), ("content-type", "application/json"), ("idempotency-key", key)];
        body["reason"] = json!("передумал");
        let path = format!("/api/admin/payments/{}/refund", order.id);
        self.world.send(Method::POST, &path, &headers, body.to_string()).await
    }

    /// Seconds of the driver's ledger after the trial and the payment.
    async fn taken(&self) -> Vec<i64> {
        let ledger = self.world.ledger(&self.driver).await;
        ledger.iter().filter(|entry| entry.seconds < 0).map(|entry| entry.seconds).collect()
    }

    /// What YooKassa has of refunds: `(kopecks, status)`.
    async fn at_yookassa(&self) -> Vec<(String, String)> {
        let items = self.world.look("/yookassa/refunds").await["items"].as_array().cloned().expect("refunds");
        items.iter().map(|item| (text(&item["object"]["amount"]["value"]), text(&item["object"]["status"]))).collect()
    }

    /// The payment as admins see it.
    async fn shown(&self) -> Value {
        let path = format!("/api/admin/payments/{}", self.order.id);
        self.world.get(&self.admin, &path).await.ok().json()["payment"].clone()
    }

    async fn job(&self) {
        self.world.pass(60);
        self.world.job(JOB).await;
    }

    async fn fail(&self, fault: &str, times: Value) {
        self.world.yookassa_faults(json!({ fault: { "endpoint": "create_refund", "times": times } })).await;
    }
}

async fn pay(world: &World, driver: &Driver, plan: &str) -> Ordered {
    let order = world.order(driver, plan).await;
    world.pay(&order.yookassa_id, CARD).await;
    world.until_paid(driver, &order.id, "succeeded").await;
    world.money_rests().await;
    order
}

async fn refund(world: &World, admin: &Driver, payment: &str, key: &str, amount: Value) -> Answer {
    let bearer = format!("Bearer {}", admin.token);
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json"), ("idempotency-key", key)];
    let body = json!({ "amount_rub": amount, "reason": "передумал" });
    world.send(Method::POST, &format!("/api/admin/payments/{payment}/refund"), &headers, body.to_string()).await
}

fn is(answer: &Answer, status: u16, refund: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
    assert_eq!(answer.json()["refund"]["status"], refund, "{}", answer.body);
}

#[tokio::test]
async fn all_of_it_goes_back_once_and_takes_all_days_back() {
    let paid = Paid::new().await;
    let answer = paid.refund("a", Value::Null).await;
    is(&answer, 201, "succeeded");
    assert_eq!(answer.json()["refund"]["amount_rub"], 499);
    assert_eq!(answer.json()["payment"]["refundable_rub"], Value::Null, "{}", answer.body);
    for _ in 0..3 {
        let again = paid.refund("a", Value::Null).await;
        is(&again, 201, "succeeded");
        assert_eq!(again.json()["refund"], answer.json()["refund"]);
    }
    assert_eq!(paid.refund("b", Value::Null).await.problem(), (409, "not_refundable".into()));
    paid.world.money_rests().await;
    paid.job().await;
    paid.world.job(COMPARISON).await;
    assert_eq!(paid.at_yookassa().await, [("499.00".to_owned(), "succeeded".to_owned())]);
    assert_eq!(paid.world.yookassa_calls("create_refund").await, 1);
    assert_eq!(paid.taken().await, [-MONTH_S]);
    assert_eq!(paid.world.payment(&paid.driver, &paid.order.id).await["status"], "succeeded");
    paid.world.settle().await;
    let texts = paid.world.texts(paid.driver.id).await;
    assert_eq!(texts.iter().filter(|text| text.contains("499")).count(), 2, "the payment and the refund: {texts:?}");
    let rows = paid.world.rows("AUDIT#").await;
    let asked: Vec<_> = rows.iter().filter(|row| row["outcome"]["S"] == "refund_asked").collect();
    assert_eq!(asked.len(), 1, "once");
    assert_eq!(asked[0]["actor_id"]["N"], json!(paid.admin.id.to_string()));
    assert_eq!(asked[0]["facts"]["M"]["reason"]["S"], "передумал");
}

#[tokio::test]
async fn parts_go_back_until_nothing_is_left() {
    let paid = Paid::new().await;
    is(&paid.refund("a", json!(100)).await, 201, "succeeded");
    is(&paid.refund("b", json!(33.33)).await, 201, "succeeded");
    let other = paid.refund("b", json!(33.34)).await;
    assert_eq!(other.problem(), (422, "validation_failed".into()));
    assert_eq!(other.json()["errors"][0]["field"], "Idempotency-Key");
    let too_much = paid.refund("c", json!(365.68)).await;
    assert_eq!(too_much.problem(), (422, "validation_failed".into()));
    assert_eq!(too_much.json()["errors"][0]["field"], "amount_rub");
    assert!(too_much.json()["errors"][0]["message"].as_str().unwrap().contains("365.67"), "{}", too_much.body);
    assert_eq!(paid.at_yookassa().await.len(), 2, "what is refused is not asked for");
    is(&paid.refund("c", Value::Null).await, 201, "succeeded");
    assert_eq!(paid.refund("d", json!(0.01)).await.problem(), (409, "not_refundable".into()));
    let taken = paid.taken().await;
    assert_eq!((taken.len(), taken.iter().sum::<i64>()), (3, -MONTH_S), "{taken:?}");
    paid.world.money_rests().await;
    paid.world.settle().await;
    let texts = paid.world.texts(paid.driver.id).await;
    assert_eq!(texts.len(), 4, "one for the payment, one for each refund: {texts:?}");
}

#[tokio::test]
async fn what_is_wrong_with_an_order_to_refund_is_told_and_nothing_is_done() {
    let paid = Paid::new().await;
    let path = format!("/api/admin/payments/{}/refund", paid.order.id);
    let answer = paid.world.call(&paid.admin, Method::POST, &path, &json!({ "reason": "x" })).await;
    assert_eq!(answer.problem(), (422, "validation_failed".into()), "there is no key");
    for amount in [json!(0), json!(-1), json!(0.001), json!("1,5"), json!([1])] {
        assert_eq!(paid.refund("a", amount.clone()).await.problem(), (422, "validation_failed".into()), "{amount}");
    }
    assert_eq!(
        refund(&paid.world, &paid.admin, "no-such-payment", "a", Value::Null).await.problem(),
        (404, "not_found".into())
    );
    let stranger = refund(&paid.world, &paid.driver, &paid.order.id, "a", Value::Null).await;
    assert_eq!(stranger.problem(), (403, "admin_only".into()));
    let open = paid.world.order(&paid.driver, "3m").await;
    let unpaid = refund(&paid.world, &paid.admin, &open.id, "a", Value::Null).await;
    assert_eq!(unpaid.problem(), (409, "not_refundable".into()));
    paid.world.pass(HOUR_S + 1);
    assert_eq!(paid.refund("a", Value::Null).await.problem(), (403, "sign_in_too_old".into()));
    assert_eq!(paid.world.yookassa_calls("create_refund").await, 0);
    let rows = paid.world.rows("AUDIT#").await;
    assert!(rows.iter().any(|row| row["outcome"]["S"] == "sign_in_too_old"), "it is on record");
    assert!(rows.iter().all(|row| row["outcome"]["S"] != "refund_asked"));
    assert_eq!(paid.shown().await["asked_refunds"], json!([]));

    let admin = paid.world.driver_called(paid.admin.id).await;
    is(&refund(&paid.world, &admin, &paid.order.id, "a", Value::Null).await, 201, "succeeded");
}

#[tokio::test]
async fn a_part_carries_a_receipt_when_the_payment_had_one() {
    let paid = Paid::new().await;
    let receipts = json!({ "vat_code": 1, "tax_system_code": 2, "payment_subject": "service", "payment_mode": "full_payment", "measure": "piece" });
    paid.world.set(json!({ "receipts": receipts })).await;
    paid.world.sandbox("/yookassa/settings", json!({ "fiscalization": true })).await;
    let driver = paid.world.driver().await;
    let body = json!({ "plan": "1m", "email": "ivan@example.org" });
    let answer = paid.world.call(&driver, Method::POST, "/api/payments", &body).await;
    assert_eq!(answer.status.as_u16(), 201, "{}", answer.body);
    let order = tests::money::ordered(&answer.json()["payment"]);
    paid.world.pay(&order.yookassa_id, CARD).await;
    paid.world.until_paid(&driver, &order.id, "succeeded").await;

    // What was sent to YooKassa is kept without the person, so where the receipt goes has to be found out.
    let row = paid.world.rows(&format!("PAYMENT#{}", order.id)).await[0].to_string();
    assert!(row.contains("vat_code") && !row.contains("ivan@example.org") && !row.contains("client_ip"), "{row}");
    let nowhere = refund(&paid.world, &paid.admin, &order.id, "a", json!(100)).await;
    assert_eq!(nowhere.problem(), (422, "validation_failed".into()));
    assert_eq!(nowhere.json()["errors"][0]["field"], "email");
    assert!(paid.at_yookassa().await.is_empty());
    let given = paid.refund_of(&order, "given", json!({ "amount_rub": 50, "email": "petr@example.org" })).await;
    is(&given, 201, "succeeded");
    let made = paid.world.look("/yookassa/refunds").await["items"][0]["request"].clone();
    assert_eq!(made["receipt"]["customer"]["email"], "petr@example.org");
    let body = json!({ "email": "ivan@example.org" });
    paid.world.call(&driver, Method::PUT, "/api/me", &body).await.ok();

    is(&refund(&paid.world, &paid.admin, &order.id, "a", json!(100)).await, 201, "succeeded");
    let row = paid.world.rows(&format!("PAYMENT#{}", order.id)).await[0].to_string();
    assert!(!row.contains("@example.org"), "{row}");
    let made = paid.world.look("/yookassa/refunds").await["items"][1]["request"].clone();
    assert_eq!(made["receipt"]["items"][0]["amount"]["value"], "100.00", "{made}");
    assert_eq!(made["receipt"]["customer"]["email"], "ivan@example.org");
    is(&refund(&paid.world, &paid.admin, &order.id, "b", Value::Null).await, 201, "succeeded");
    let made = paid.world.look("/yookassa/refunds").await["items"].as_array().unwrap().len();
    assert_eq!(made, 3);
}

#[tokio::test]
async fn a_refund_without_an_answer_is_found_out_by_the_same_request() {
    for (fault, calls) in [("fail_after", 2), ("lose", 2), ("fail", 2), ("processing", 2), ("rate_limit", 2)] {
        for found_by in ["job", "repeat"] {
            let paid = Paid::new().await;
            paid.world.hold_notifications(true).await;
            paid.fail(fault, json!(1)).await;
            is(&paid.refund("a", json!(100)).await, 202, "created");
            assert!(paid.taken().await.is_empty(), "{fault}: nothing is known yet");
            if found_by == "job" {
                paid.job().await;
            } else {
                // Who is asked too often is left alone for a while.
                paid.world.pass(if fault == "rate_limit" { 10 } else { 0 });
                is(&paid.refund("a", json!(100)).await, 201, "succeeded");
            }
            assert_eq!(paid.at_yookassa().await.len(), 1, "{fault} {found_by}");
            assert_eq!(paid.world.yookassa_calls("create_refund").await, calls, "{fault} {found_by}");
            assert_eq!(paid.taken().await, [-(MONTH_S * 10_000 / 49_900)], "{fault} {found_by}");
            assert_eq!(paid.shown().await["asked_refunds"][0]["status"], "succeeded");
            paid.world.hold_notifications(false).await;
            paid.world.money_rests().await;
            paid.job().await;
            assert_eq!(paid.taken().await.len(), 1, "once: {fault} {found_by}");
        }
    }
}

#[tokio::test]
async fn a_refund_that_is_on_its_way_is_asked_for_until_it_ends() {
    for (outcome, taken) in [("succeeded", vec![-MONTH_S]), ("canceled", vec![])] {
        let paid = Paid::new().await;
        paid.world.hold_notifications(true).await;
        paid.world.sandbox("/yookassa/settings", json!({ "refunds": "pending" })).await;
        is(&paid.refund("a", Value::Null).await, 201, "pending");
        assert_eq!(paid.refund("b", json!(1)).await.problem(), (409, "not_refundable".into()), "it is on its way");
        for _ in 0..3 {
            paid.job().await;
        }
        assert!(paid.taken().await.is_empty(), "nothing went back yet");
        assert!(paid.world.yookassa_calls("get_refund").await >= 2);
        let id = text(&paid.shown().await["asked_refunds"][0]["yookassa_id"]);
        paid.world.sandbox_post(&format!("/yookassa/refunds/{id}/settle"), json!({ "status": outcome })).await;
        paid.world.pass(600);
        paid.job().await;
        let shown = paid.shown().await;
        assert_eq!(shown["asked_refunds"][0]["status"], outcome);
        assert_eq!(paid.taken().await, taken, "{outcome}");
        let asked = paid.world.yookassa_calls("get_refund").await;
        paid.world.pass(HOUR_S / 2);
        paid.job().await;
        assert_eq!(paid.world.yookassa_calls("get_refund").await, asked, "what has ended is not asked for");
        if outcome == "canceled" {
            assert_eq!(shown["asked_refunds"][0]["cancellation"], "general_decline");
            paid.world.sandbox("/yookassa/settings", json!({ "refunds": "succeed" })).await;
            is(&refund(&paid.world, &paid.admin, &paid.order.id, "c", Value::Null).await, 201, "succeeded");
        }
        paid.world.hold_notifications(false).await;
        paid.world.money_rests().await;
        assert_eq!(paid.taken().await, [-MONTH_S], "{outcome}: once");
        paid.world.settle().await;
        let texts = paid.world.texts(paid.driver.id).await;
        assert_eq!(texts.len(), 2, "the payment and one refund: {texts:?}");
    }
}

#[tokio::test]
async fn two_admins_at_once_never_give_back_more_than_was_paid() {
    let paid = Paid::new().await;
    let (world, id) = (&paid.world, &paid.order.id);
    let admins = [&paid.admin, &paid.other_admin];
    let orders = (0..12).map(|number| {
        let key = format!("key-{number}");
        async move { refund(world, admins[number % 2], id, &key, json!(150)).await }
    });
    let answers = join_all(orders).await;
    let done = answers.iter().filter(|answer| answer.status.as_u16() == 201).count();
    assert_eq!(done, 3, "{:?}", answers.iter().map(Answer::problem).collect::<Vec<_>>());
    assert!(answers.iter().all(|answer| [201, 422].contains(&answer.status.as_u16())), "{answers:?}");
    let back = paid.at_yookassa().await;
    assert_eq!(back.len(), 3, "{back:?}");
    world.money_rests().await;
    assert_eq!(paid.taken().await.iter().sum::<i64>(), -(MONTH_S * 45_000 / 49_900));

    // The same order from both, twelve times: one refund. A key belongs to the payment, not to who sends it.
    let orders = (0..12).map(|number| async move { refund(world, admins[number % 2], id, "same", json!(49)).await });
    let answers = join_all(orders).await;
    assert!(answers.iter().all(|answer| [201, 202].contains(&answer.status.as_u16())), "{answers:?}");
    let ids: BTreeSet<_> = answers.iter().map(|answer| text(&answer.json()["refund"]["id"])).collect();
    assert_eq!((ids.len(), paid.at_yookassa().await.len()), (1, 4));
    world.money_rests().await;
    assert_eq!(paid.taken().await.iter().sum::<i64>(), -MONTH_S);
}

#[tokio::test]
async fn in_the_cabinet_and_by_us_at_once_never_more_than_the_price_goes_back() {
    for first in ["cabinet", "ours"] {
        let paid = Paid::new().await;
        paid.world.hold_notifications(true).await;
        if first == "cabinet" {
            paid.world.refund(&paid.order.yookassa_id, Some("400.00")).await;
            // We have not heard of it, and YooKassa refuses.
            is(&paid.refund("a", Value::Null).await, 201, "refused");
        } else {
            let path = format!("/_sandbox/yookassa/payments/{}/refund", paid.order.yookassa_id);
            let body = json!({ "value": "400.00" }).to_string();
            let cabinet = paid.world.send(Method::POST, &path, &[], body);
            let (ours, _) = tokio::join!(paid.refund("a", json!(300)), cabinet);
            assert_eq!(ours.status.as_u16(), 201, "{}", ours.body);
        }
        paid.world.hold_notifications(false).await;
        paid.world.money_rests().await;
        paid.world.job(COMPARISON).await;
        let back = paid.at_yookassa().await;
        assert_eq!(back.len(), 1, "{back:?}");
        let kopecks: i64 = back[0].0.replace('.', "").parse().unwrap();
        assert_eq!(paid.taken().await, [-(MONTH_S * kopecks / 49_900)]);
        // What is left can still go back.
        is(&paid.refund("rest", Value::Null).await, 201, "succeeded");
        assert_eq!(paid.taken().await.iter().sum::<i64>(), -MONTH_S);
    }
}

#[tokio::test]
async fn a_payment_and_a_refund_at_once_both_count() {
    let paid = Paid::new().await;
    paid.world.hold_notifications(true).await;
    let next = paid.world.order(&paid.driver, "3m").await;
    paid.world.pay(&next.yookassa_id, CARD).await;
    let path = format!("/api/payments/{}", next.id);
    let (back, found) = tokio::join!(paid.refund("a", Value::Null), paid.world.get(&paid.driver, &path));
    assert!([201, 202].contains(&back.status.as_u16()), "{}", back.body);
    assert!(found.status.is_success());
    paid.world.hold_notifications(false).await;
    paid.world.money_rests().await;
    paid.job().await;
    let ledger = paid.world.ledger(&paid.driver).await;
    assert_eq!(ledger.iter().map(|entry| entry.seconds).sum::<i64>(), (3 + 90) * DAY_S, "{ledger:?}");
    assert_eq!(ledger.len(), 4);
    let ends = ledger[0].at_ms + (3 + 90) * DAY_S * 1000;
    assert_eq!(paid.world.subscription(&paid.driver).await["expires_at"], shared::clock::rfc3339(ends));
}

#[tokio::test]
async fn after_twelve_hours_yookassas_list_tells_what_became_of_a_refund() {
    for (fault, status) in [("fail_after", "succeeded"), ("fail", "lost")] {
        let paid = Paid::new().await;
        paid.world.hold_notifications(true).await;
        paid.fail(fault, json!("all")).await;
        is(&paid.refund("a", Value::Null).await, 202, "created");
        for _ in 0..3 {
            paid.world.pass(3 * HOUR_S);
            paid.world.job(JOB).await;
        }
        let calls = paid.world.yookassa_calls("create_refund").await;
        assert!(calls >= 3, "{calls}");
        paid.world.pass(4 * HOUR_S);
        paid.world.job(JOB).await;
        assert_eq!(paid.world.yookassa_calls("create_refund").await, calls, "{fault}: not requested any more");
        let admin = paid.world.driver_called(paid.admin.id).await;
        let path = format!("/api/admin/payments/{}", paid.order.id);
        let shown = paid.world.get(&admin, &path).await.ok().json()["payment"].clone();
        assert_eq!(shown["asked_refunds"][0]["status"], status, "{fault}");
        let taken = if status == "lost" { vec![] } else { vec![-MONTH_S] };
        assert_eq!(paid.taken().await, taken, "{fault}");
        paid.world.yookassa_faults(json!({})).await;
        if status == "lost" {
            let again = refund(&paid.world, &admin, &paid.order.id, "a", Value::Null).await;
            is(&again, 201, "lost");
            is(&refund(&paid.world, &admin, &paid.order.id, "b", Value::Null).await, 201, "succeeded");
        }
        assert_eq!(paid.at_yookassa().await.len(), 1, "{fault}");
        paid.world.hold_notifications(false).await;
        paid.world.money_rests().await;
        assert_eq!(paid.taken().await, [-MONTH_S], "{fault}");
    }
}

#[tokio::test]
async fn while_yookassas_list_cannot_be_read_a_refund_is_not_given_up() {
    let paid = Paid::new().await;
    paid.world.hold_notifications(true).await;
    paid.fail("fail_after", json!(1)).await;
    is(&paid.refund("a", Value::Null).await, 202, "created");
    paid.world.yookassa_faults(json!({ "fail": {} })).await;
    paid.world.pass(13 * HOUR_S);
    paid.world.job(JOB).await;
    assert!(paid.taken().await.is_empty());
    paid.world.yookassa_faults(json!({})).await;
    paid.world.pass(HOUR_S);
    paid.world.job(JOB).await;
    assert_eq!(paid.taken().await, [-MONTH_S]);
    assert_eq!(paid.at_yookassa().await.len(), 1);
}
