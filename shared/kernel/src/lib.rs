//! What everything else stands on and what knows no domain: time, money, texts, phones, what is wrong with a request, and
//! calls to the outside.
pub mod address;
pub mod body;
pub mod clock;
pub mod email;
pub mod fault;
pub mod fields;
pub mod money;
pub mod outbound;
pub mod person;
pub mod phone;
pub mod request;
pub mod secrets;
pub mod telemetry;
pub mod text;
