//! Faults of the store that tests switch on, and the count of its calls. The embedded store itself never throttles, never
//! conflicts and never reads stale.
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Answer;

/// What goes wrong, with which calls, and how often.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fault {
    /// Only calls that touch this table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// Only this operation, `UpdateItem` for example.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Answers this much later.
    pub delay_ms: u64,
    /// Fails with this error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<StoreError>,
    /// Never answers; the caller's timeout ends the call.
    pub hang: bool,
    /// The call takes effect before it fails or hangs: only its answer is lost.
    pub after: bool,
    /// An eventually consistent read answers with the version before the last one written since this was switched on.
    pub stale: bool,
    /// How often it still strikes; None for as long as it is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// Strikes with this probability, 1 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// Where the random numbers for `probability` start; the same seed strikes the same calls.
    pub seed: u64,
}

/// The errors that a call can fail with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum StoreError {
    /// 400, retried by the SDK.
    ThrottlingException,
    /// 400, retried by the SDK.
    ProvisionedThroughputExceededException,
    /// 400; `TransactWriteItems` reports it inside a `TransactionCanceledException`.
    TransactionConflictException,
    /// 500, retried by the SDK.
    InternalServerError,
}

impl StoreError {
    /// The error as DynamoDB writes it; `items` is the number of items in a transaction.
    pub fn answer(self, operation: &str, items: usize) -> Answer {
        let service = |name: &str| format!("com.amazonaws.dynamodb.v20120810#{name}");
        match self {
            Self::ThrottlingException => Answer::error(
                400,
                "com.amazon.coral.availability#ThrottlingException",
                "Rate of requests exceeds the allowed throughput.",
            ),
            Self::ProvisionedThroughputExceededException => Answer::error(
                400,
                &service("ProvisionedThroughputExceededException"),
                "The level of configured provisioned throughput for the table was exceeded. Consider increasing your \
                 provisioning level with the UpdateTable API.",
            ),
            Self::TransactionConflictException if operation == "TransactWriteItems" => {
                let codes: Vec<_> =
                    (0..items.max(1)).map(|item| if item == 0 { "TransactionConflict" } else { "None" }).collect();
                let reasons: Vec<_> = codes
                    .iter()
                    .map(|code| match *code {
                        "None" => json!({"Code": code}),
                        _ => {
                            json!({"Code": code, "Message": "Transaction is ongoing for the item"})
                        }
                    })
                    .collect();
                let message = format!(
                    "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
                    codes.join(", ")
                );
                let body = json!({
                    "__type": service("TransactionCanceledException"),
                    "Message": message,
                    "CancellationReasons": reasons,
                });
                Answer { status: 400, body: body.to_string() }
            }
            Self::TransactionConflictException => {
                Answer::error(400, &service("TransactionConflictException"), "Transaction is ongoing for the item")
            }
            Self::InternalServerError => Answer::error(500, &service("InternalServerError"), "Internal server error"),
        }
    }
}

/// What one call has to suffer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Strike {
    /// Waits first.
    pub delay: Duration,
    /// Fails; the flag says whether the call takes effect before.
    pub error: Option<(StoreError, bool)>,
    /// Never answers; the flag says whether the call takes effect before.
    pub hang: Option<bool>,
    /// Reads the version before the last.
    pub stale: bool,
}

/// The calls of one operation on one set of tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Count {
    /// `BatchGetItem` and the like.
    pub operation: String,
    /// The tables that each of the calls touched.
    pub tables: Vec<String>,
    /// How many calls.
    pub count: u64,
}

/// The switched-on faults and the counters of one store.
#[derive(Debug, Default)]
pub struct Faults {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    faults: Vec<Fault>,
    counts: BTreeMap<(String, Vec<String>), u64>,
}

impl Faults {
    /// Puts these faults in place of those before.
    pub fn set(&self, faults: Vec<Fault>) {
        self.state().faults = faults;
    }

    /// The faults that are on, with the times that are left.
    pub fn get(&self) -> Vec<Fault> {
        self.state().faults.clone()
    }

    /// Whether any read may be stale, so that earlier versions have to be kept.
    pub fn keeps_versions(&self) -> bool {
        self.state().faults.iter().any(|fault| fault.stale)
    }

    /// Counts a call and says what happens to it.
    pub fn strike(&self, operation: &str, tables: &[&str]) -> Strike {
        let mut state = self.state();
        let key = (operation.to_owned(), tables.iter().map(|&table| table.to_owned()).collect());
        *state.counts.entry(key).or_default() += 1;
        let mut strike = Strike::default();
        for fault in &mut state.faults {
            let concerns = fault.operation.as_deref().is_none_or(|wanted| wanted == operation)
                && fault.table.as_deref().is_none_or(|wanted| tables.contains(&wanted));
            if !concerns || fault.times == Some(0) || !hits(fault) {
                continue;
            }
            if let Some(times) = &mut fault.times {
                *times -= 1;
            }
            strike.delay += Duration::from_millis(fault.delay_ms);
            strike.stale |= fault.stale;
            strike.error = strike.error.or(fault.error.map(|error| (error, fault.after)));
            strike.hang = strike.hang.or(fault.hang.then_some(fault.after));
        }
        strike
    }

    /// The calls since the last reset.
    pub fn counts(&self) -> Vec<Count> {
        let count = |((operation, tables), count): (&(String, Vec<String>), &u64)| Count {
            operation: operation.clone(),
            tables: tables.clone(),
            count: *count,
        };
        self.state().counts.iter().map(count).collect()
    }

    /// Starts counting afresh.
    pub fn reset_counts(&self) {
        self.state().counts.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Draws whether a fault with a probability strikes this time.
fn hits(fault: &mut Fault) -> bool {
    let Some(probability) = fault.probability else {
        return true;
    };
    // SplitMix64: small, and the same everywhere for the same seed.
    fault.seed = fault.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = fault.seed;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    #[allow(clippy::cast_precision_loss)]
    let drawn = (mixed >> 11) as f64 / (1_u64 << 53) as f64;
    drawn < probability
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_concerns_its_table_and_operation_and_ends_after_its_times() {
        let faults = Faults::default();
        faults.set(vec![Fault {
            table: Some("app".to_owned()),
            operation: Some("UpdateItem".to_owned()),
            error: Some(StoreError::ThrottlingException),
            times: Some(1),
            ..Fault::default()
        }]);
        assert_eq!(faults.strike("UpdateItem", &["cache"]), Strike::default());
        assert_eq!(faults.strike("GetItem", &["app"]), Strike::default());
        assert!(faults.strike("UpdateItem", &["app"]).error.is_some());
        assert_eq!(faults.strike("UpdateItem", &["app"]), Strike::default());
        assert_eq!(faults.get()[0].times, Some(0));
    }

    #[test]
    fn a_probability_strikes_about_as_often_and_the_same_way_for_a_seed() {
        let run = |seed| {
            let faults = Faults::default();
            faults.set(vec![Fault { probability: Some(0.3), seed, delay_ms: 1, ..Fault::default() }]);
            (0..1000).map(|_| faults.strike("GetItem", &["app"]).delay.as_millis()).collect::<Vec<_>>()
        };
        let hits = run(7).iter().filter(|delay| **delay > 0).count();
        assert!((250..350).contains(&hits), "{hits}");
        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
    }

    #[test]
    fn calls_are_counted_by_operation_and_tables() {
        let faults = Faults::default();
        faults.strike("BatchGetItem", &["app", "cache"]);
        faults.strike("BatchGetItem", &["app", "cache"]);
        faults.strike("UpdateItem", &["app"]);
        let counts = faults.counts();
        assert_eq!(counts.len(), 2);
        assert_eq!((counts[0].tables.join(","), counts[0].count), ("app,cache".to_owned(), 2));
        faults.reset_counts();
        assert!(faults.counts().is_empty());
    }

    #[test]
    fn a_conflict_in_a_transaction_has_one_reason_for_each_item() {
        let answer = StoreError::TransactionConflictException.answer("TransactWriteItems", 2);
        assert!(answer.body.contains("TransactionCanceledException"), "{}", answer.body);
        assert!(answer.body.contains("[TransactionConflict, None]"), "{}", answer.body);
    }

    #[test]
    fn an_unknown_setting_is_refused() {
        assert!(serde_json::from_str::<Fault>(r#"{"eror":"ThrottlingException"}"#).is_err());
        assert!(serde_json::from_str::<Fault>(r#"{"error":"Oops"}"#).is_err());
    }
}
