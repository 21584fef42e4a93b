//! Money: plans, payments and what they buy.
pub mod payment;
pub mod plan;
pub mod subscription;
