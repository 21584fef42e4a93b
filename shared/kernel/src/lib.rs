//! The base of all other crates, free of domain knowledge: time, money, texts, phones, request faults and outbound
//! calls.
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
