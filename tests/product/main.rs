//! The product as those see it who use it: through its addresses, running, with the world around it good and bad.
// A test fails by panicking, and may have servers of its own beside it.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::disallowed_methods)]

mod access_link;
mod admin_audit;
mod admin_drivers;
mod admin_export;
mod admin_limits;
mod admin_overview;
mod admin_payments;
mod admin_responses;
mod admin_rights;
mod admin_roles;
mod admin_session;
mod admin_settings;
mod alarms;
mod api_description;
mod bad_input;
mod booking;
mod booking_model;
mod bot;
mod cargos;
mod conversion;
mod counts;
mod decide;
mod delivery;
mod dispatch_chat;
mod fairness;
mod gifts;
mod https;
mod least_privilege;
mod me;
mod money;
mod money_model;
mod odd_data;
mod receipts;
mod refunds;
mod respond;
mod retention;
mod secrecy;
mod session;
mod settling;
mod shipper_link;
mod sign_in;
mod start;
mod store_trouble;
mod upstream_trouble;
