//! One module per Lambda function. Each has `handle`, an async function that takes the app and a request or event, and a
//! `FUNCTION` with its name and what it needs. The binaries in `src/bin` only connect it to the runtime.
//!
//! A handler reads from top to bottom: authenticate, parse, act, respond.
use std::pin::Pin;

use lambda_http::{Body, Request, Response};
use serde_json::Value;
use shared::{app::App, secrets::Secret};

pub mod admin;
pub mod admin_money;
pub mod admin_people;
pub mod admin_settings;
pub mod alarms;
pub mod auth;
pub mod cargo_detail;
pub mod cargo_list;
pub mod dictionaries;
pub mod health;
pub mod http;
pub mod jobs;
pub mod market;
pub mod me;
pub mod notify;
pub mod openapi;
pub mod payments;
pub mod places;
pub mod responses;
pub mod runtime;
pub mod searches;
pub mod settle;
pub mod shipper;
pub mod telegram_webhook;
pub mod yookassa_webhook;

/// A future of a handler.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
/// A handler of HTTP requests. It never fails: every error becomes a response.
pub type HttpHandler = for<'a> fn(&'a App, Request) -> BoxFuture<'a, Response<Body>>;
/// A handler of single events from a schedule or a topic. A failed event is retried.
pub type EventHandler = for<'a> fn(&'a App, Value) -> BoxFuture<'a, Result<(), String>>;

/// A handler of a queue's batches. Returns the failed messages in SQS's format.
pub type QueueHandler = for<'a> fn(&'a App, Value) -> BoxFuture<'a, Value>;

/// What calls a function.
#[derive(Clone, Copy, Debug)]
pub enum Trigger {
    /// Routes of the HTTP API.
    Http(HttpHandler),
    /// An SQS queue.
    Queue(QueueHandler),
    /// EventBridge Scheduler.
    Event(EventHandler),
    /// An SNS topic that reports failures. The store itself may be down.
    Topic(EventHandler),
}

impl Trigger {
    /// Whether the function uses the store, so that its connection opens at startup.
    pub fn opens_store(self) -> bool {
        !matches!(self, Self::Topic(_))
    }
}

/// One Lambda function.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Its name and the name of its binary.
    pub name: &'static str,
    /// The secrets it reads at startup.
    pub secrets: &'static [Secret],
    /// What calls it.
    pub trigger: Trigger,
}

/// All functions, to run them in one process and to compare them with template.yaml in tests.
pub const FUNCTIONS: [Function; 20] = [
    auth::FUNCTION,
    me::FUNCTION,
    cargo_list::FUNCTION,
    cargo_detail::FUNCTION,
    dictionaries::FUNCTION,
    searches::FUNCTION,
    responses::FUNCTION,
    shipper::FUNCTION,
    telegram_webhook::FUNCTION,
    notify::FUNCTION,
    payments::FUNCTION,
    yookassa_webhook::FUNCTION,
    settle::FUNCTION,
    admin_people::FUNCTION,
    admin_money::FUNCTION,
    admin_settings::FUNCTION,
    health::FUNCTION,
    jobs::FUNCTION,
    market::FUNCTION,
    alarms::FUNCTION,
];
