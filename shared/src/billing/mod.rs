//! Money: plans, payments and what they buy.
mod change;
pub mod cohort;
pub mod comparison;
pub mod difference;
pub mod jobs;
mod look;
pub mod messages;
pub mod metrics;
pub mod module;
pub mod notification;
pub mod order;
pub mod payment;
pub mod plan;
pub mod promo_code;
mod promo_codes;
pub mod provider;
pub mod purpose;
mod redemption;
pub mod refund;
mod refunding;
pub mod settings;
pub mod settle;
pub mod subscription;
pub mod yookassa;

use self::provider::PaymentProvider;
use crate::{app::App, clock::Clock, queue::Queue, store::Store};

/// The rules of money, over what they need.
#[derive(Clone, Copy, Debug)]
pub struct Billing<'a> {
    /// Both tables.
    pub store: &'a Store,
    /// The time.
    pub clock: &'a Clock,
    /// Whoever takes money for us.
    pub provider: &'a dyn PaymentProvider,
    /// Where hints of messages go.
    pub queue: &'a Queue,
}

impl App {
    /// The rules of money.
    pub fn billing(&self) -> Billing<'_> {
        Billing { store: &self.store, clock: &self.clock, provider: &self.yookassa, queue: &self.queue }
    }
}
