//! Billing: plans, payments and what they buy.
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

/// The rules of billing with their dependencies.
#[derive(Clone, Copy, Debug)]
pub struct Billing<'a> {
    /// Access to both tables.
    pub store: &'a Store,
    /// The clock.
    pub clock: &'a Clock,
    /// The payment provider.
    pub provider: &'a dyn PaymentProvider,
    /// The queue of message hints.
    pub queue: &'a Queue,
}

impl App {
    /// The rules of billing.
    pub fn billing(&self) -> Billing<'_> {
        Billing { store: &self.store, clock: &self.clock, provider: &self.yookassa, queue: &self.queue }
    }
}
