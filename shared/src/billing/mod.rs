//! Money: plans, payments and what they buy.
pub mod cohort;
pub mod difference;
pub mod notification;
pub mod order;
pub mod payment;
pub mod plan;
pub mod promo_code;
pub mod provider;
pub mod purpose;
pub mod refund;
pub mod settings;
pub mod settle;
pub mod subscription;
pub mod yookassa;

use self::provider::PaymentProvider;
use crate::app::App;

impl App {
    /// Whoever takes money for us.
    pub fn provider(&self) -> &dyn PaymentProvider {
        &self.yookassa
    }
}
