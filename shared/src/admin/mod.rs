//! Admins' queries and actions. Rules live with their subjects; this module holds what only admins need.
pub mod audit;
pub mod deliveries;
pub mod drivers;
pub mod export;
pub mod health;
pub mod jobs;
pub mod module;
pub mod overview;
pub mod payments;
pub mod requests;
pub mod responses;
pub mod roles;
pub mod settings;
