//! One module per Lambda function. Each has `handle`, a plain async fn over the product and a request or an event, and
//! a `FUNCTION` that says what it is called and what it needs; the binaries in `src/bin` only wire it to the runtime.
//!
//! A handler reads from top to bottom: who is it, what is asked, do it, answer.
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
pub mod me;
pub mod notify;
pub mod openapi;
pub mod payments;
pub mod places;
pub mod responses;
pub mod runtime;
pub mod settle;
pub mod shipper;
pub mod telegram_webhook;
pub mod yookassa_webhook;

/// A future of a handler.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
/// A handler of API Gateway's requests. It never fails: every error is an answer.
pub type HttpHandler = for<'a> fn(&'a App, Request) -> BoxFuture<'a, Response<Body>>;
/// A handler of single events: a schedule's, a topic's. One that fails is tried again.
pub type EventHandler = for<'a> fn(&'a App, Value) -> BoxFuture<'a, Result<(), String>>;

/// A handler of a queue's batches. It answers with the messages that failed, as SQS wants it.
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
    /// A topic of SNS that tells of what is broken, which the store may be.
    Topic(EventHandler),
}

impl Trigger {
    /// Whether the function has business with the store, so that the connection is opened at its start.
    pub fn opens_store(self) -> bool {
        !matches!(self, Self::Topic(_))
    }
}

/// One Lambda function.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Its name, and that of its binary.
    pub name: &'static str,
    /// What it reads from Secrets Manager at its start.
    pub secrets: &'static [Secret],
    /// What calls it.
    pub trigger: Trigger,
}

/// All functions: for whoever runs them all in one process, and for tests that compare them with template.yaml.
pub const FUNCTIONS: [Function; 18] = [
    auth::FUNCTION,
    me::FUNCTION,
    cargo_list::FUNCTION,
    cargo_detail::FUNCTION,
    dictionaries::FUNCTION,
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
    alarms::FUNCTION,
];
