//! What admins set. Read with every request that depends on it, so that a change takes effect at once.
use serde::{Deserialize, Serialize};

use super::plan::Plan;
use crate::access::Paid;

/// How receipts are made out (54-FZ); YooKassa's names and numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipts {
    /// 1 to 12; 1 is without VAT.
    pub vat_code: u8,
    /// 1 to 6, where the till needs it.
    pub tax_system_code: Option<u8>,
    /// Such as `service`.
    pub payment_subject: String,
    /// Such as `full_payment`.
    pub payment_mode: String,
    /// Such as `piece`.
    pub measure: String,
}

/// The settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Whether drivers can pay.
    pub payments_on: bool,
    /// What they can buy.
    pub plans: Vec<Plan>,
    /// How long a new driver may use everything.
    pub trial_days: i64,
    /// Which features a subscription is needed for.
    #[serde(default)]
    pub paid: Paid,
    /// `None`: no receipts.
    pub receipts: Option<Receipts>,
    /// Counts changes.
    pub version: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            payments_on: true,
            plans: Plan::defaults(),
            trial_days: 3,
            paid: Paid::default(),
            receipts: None,
            version: 0,
        }
    }
}

impl Settings {
    /// The plan called `id`.
    pub fn plan(&self, id: &str) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.id == id)
    }
}
