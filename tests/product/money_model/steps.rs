//! What may be done, and go wrong, drawn by chance.
use serde_json::{Value, json};
use tests::{
    model::Chance,
    money::{CARD, POOR_CARD},
};

use super::{HOUR_S, PLANS};

/// What somebody does, or what goes wrong from now on. Objects are meant by a number that is taken modulo how many
/// there are.
#[derive(Clone, Debug)]
pub(super) enum Step {
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

pub(super) fn draw(chance: &mut Chance, drivers: usize) -> Step {
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
