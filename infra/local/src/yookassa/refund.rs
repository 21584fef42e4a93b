//! A refund, and the object that the API shows.

use serde_json::{Value, json};

use super::amount;
use super::list::Listed;
use super::payment::{Cancellation, time};
use super::settings::Registration;

/// Where a refund stands. The last two are final.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The money is on its way.
    Pending,
    /// It is there.
    Succeeded,
    /// It stays with the shop.
    Canceled,
}

impl Status {
    /// As the API writes it.
    pub fn name(self) -> &'static str {
        match self {
            Status::Pending => "pending",
            Status::Succeeded => "succeeded",
            Status::Canceled => "canceled",
        }
    }

    /// All names.
    pub const NAMES: [&str; 3] = ["pending", "succeeded", "canceled"];
}

/// A refund.
#[derive(Clone, Debug)]
pub struct Refund {
    /// 36 characters.
    pub id: String,
    /// What is refunded.
    pub payment_id: String,
    /// Where it stands.
    pub status: Status,
    /// How much.
    pub kopecks: i64,
    /// For the payer.
    pub description: Option<String>,
    /// For the shop.
    pub metadata: Value,
    /// The body that made it; null when it was begun in the cabinet.
    pub request: Value,
    /// In Unix milliseconds.
    pub created_ms: i64,
    /// Why it was canceled.
    pub cancellation: Option<Cancellation>,
    /// The state of its receipt, when there is one.
    pub receipt: Option<Registration>,
}

impl Listed for Refund {
    fn id(&self) -> &str {
        &self.id
    }

    fn created_ms(&self) -> i64 {
        self.created_ms
    }
}

impl Refund {
    /// The object of the API.
    pub fn object(&self) -> Value {
        let mut object = json!({
            "id": self.id,
            "payment_id": self.payment_id,
            "status": self.status.name(),
            "amount": amount::object(self.kopecks),
            "created_at": time(self.created_ms),
            "metadata": self.metadata,
        });
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                object[name] = value;
            }
        };
        set("description", self.description.as_ref().map(|text| json!(text)));
        set("cancellation_details", self.cancellation.as_ref().map(Cancellation::object));
        set("receipt_registration", self.receipt.map(|receipt| json!(receipt)));
        object
    }
}
