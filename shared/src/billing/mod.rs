//! Money: plans, payments and what they buy.
pub mod cohort;
pub mod difference;
pub mod notification;
pub mod order;
pub mod payment;
pub mod plan;
pub mod promo_code;
pub mod refund;
pub mod settings;
pub mod settle;
pub mod subscription;
