//! How the shop is set up in the cabinet, as far as it matters here.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The state of a receipt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    /// The tax service has not got it yet.
    Pending,
    /// It is registered.
    #[default]
    Succeeded,
    /// It could not be.
    Canceled,
}

/// What becomes of a refund.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Refunds {
    /// The money is back at once.
    #[default]
    Succeed,
    /// It waits until somebody settles it.
    Pending,
    /// It is refused.
    Cancel,
}

/// What becomes of a paid sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Capture {
    /// As the payment's `capture` says.
    #[default]
    AsAsked,
    /// It is held, whatever was asked for.
    Hold,
    /// It is taken, whatever was asked for.
    AtOnce,
}

/// What a repeated request with a known idempotence key is answered with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeats {
    /// The first answer, word for word.
    #[default]
    Original,
    /// The object as it is by now.
    Current,
}

/// The settings. [`Default`] is a new test shop.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Whether YooKassa makes the receipts, and so demands them.
    pub fiscalization: bool,
    /// How registering them ends.
    pub receipts: Registration,
    /// What becomes of refunds.
    pub refunds: Refunds,
    /// What becomes of paid sums.
    pub capture: Capture,
    /// The documentation says "the original result", and in another place that a repeat tells of progress.
    pub repeats: Repeats,
}

/// `current` with the fields of `changes` instead.
pub fn changed<T: Serialize + for<'a> Deserialize<'a>>(
    current: &T,
    changes: Map<String, Value>,
) -> Result<T, serde_json::Error> {
    let mut fields = json!(current);
    for (name, value) in changes {
        fields[name] = value;
    }
    serde_json::from_value(fields)
}
