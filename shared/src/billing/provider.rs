//! The port of payment providers. An adapter implements it. The rules of billing know neither the provider nor its
//! protocol.
use std::fmt;

use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio::time::{Duration, Instant};

use super::settings::Receipts;
use crate::error::FieldError;

/// A sum of money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// In the currency's smallest unit: kopecks, tiyin, whole stars.
    pub minor: i64,
    /// ISO 4217, or the provider's own unit.
    pub currency: String,
}

impl Sum {
    /// A sum in rubles.
    pub fn of_kopecks(kopecks: i64) -> Self {
        Self { minor: kopecks, currency: "RUB".to_owned() }
    }
}

/// The abilities of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Sends notifications.
    pub webhook: bool,
    /// Refunds on request.
    pub refund: bool,
    /// Lists payments and refunds.
    pub list: bool,
    /// Supports idempotency keys for payments.
    pub payment_keys: bool,
    /// Supports idempotency keys for refunds.
    pub refund_keys: bool,
    /// Supports recurring payments.
    pub recurring: bool,
}

/// Why a call to the provider failed. Texts contain no keys and no personal data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// The provider is unavailable. Nothing was done; a later attempt may succeed.
    #[error("{0}")]
    Unavailable(String),
    /// **The operation may have succeeded.** Only a repeat under the same key, or a read, can tell.
    #[error("unknown: {0}")]
    UnknownOutcome(&'static str),
    /// Rejected for the provider's reason. Nothing was done, and a repeat will fail too.
    #[error("{0}")]
    Refused(String),
    /// The account or its key is invalid. Nothing was done by this request.
    #[error("{0}")]
    NotConfigured(String),
    /// The rate limit was hit. Nothing was done.
    #[error("asked too often")]
    RateLimited {
        /// When to retry, milliseconds since 1970-01-01 UTC.
        until_ms: i64,
    },
}

/// A payment's status at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderState {
    /// It can be paid.
    Pending,
    /// The money is held and has to be captured.
    WaitingForCapture,
    /// Paid.
    Succeeded,
    /// Not paid, and never will be.
    Canceled,
}

/// A payment as the provider reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderPayment {
    /// The provider's id.
    pub id: String,
    /// The current status.
    pub state: ProviderState,
    /// The amount.
    pub sum: Sum,
    /// The receiving account.
    pub account: String,
    /// Our id, if the provider keeps it.
    pub payment_id: Option<String>,
    /// Where it can be paid, while pending.
    pub confirmation_url: Option<String>,
    /// Why it was canceled, in the provider's codes.
    pub cancellation: Option<String>,
    /// The status of the receipt: `pending`, `succeeded` or `canceled`.
    pub receipt: Option<String>,
    /// Whether it is a test without money.
    pub is_test: bool,
    /// How it was paid, in the provider's codes.
    pub method: Option<String>,
    /// The refunded amount in the smallest unit, as far as reported.
    pub refunded: i64,
    /// The part of the answer that admins may see.
    pub answer: Value,
}

/// A refund's status at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderRefundState {
    /// The money is on its way.
    Pending,
    /// The money went back.
    Succeeded,
    /// The money stays with us.
    Canceled,
}

/// A refund as the provider reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderRefund {
    /// The provider's id.
    pub id: String,
    /// The provider's id of the payment.
    pub payment_id: String,
    /// The current status.
    pub state: ProviderRefundState,
    /// The amount refunded.
    pub sum: Sum,
    /// Why it was canceled, in the provider's codes.
    pub cancellation: Option<String>,
    /// Our id, if we requested it and the provider keeps it.
    pub refund_id: Option<String>,
}

/// A page of a provider's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderPage<T> {
    /// The readable items.
    pub items: Vec<T>,
    /// Ids of the unreadable items, empty if the id is unreadable too.
    pub unreadable: Vec<String>,
    /// Cursor of the next page.
    pub cursor: Option<String>,
}

/// A payment to create.
#[derive(Clone, Debug)]
pub struct NewPayment<'a> {
    /// Our id.
    pub id: &'a str,
    /// The amount.
    pub sum: Sum,
    /// What is bought, for the payer and the receipt.
    pub description: &'a str,
    /// The receipt's settings and its email address, if a receipt is needed.
    pub receipt: Option<(&'a Receipts, &'a str)>,
    /// Where the payer is redirected.
    pub return_url: &'a str,
    /// The payer's IP address, for the provider's checks.
    pub payer_address: Option<&'a str>,
}

/// The request that creates a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentRequest {
    /// The exact text, stored and sent unchanged on every attempt.
    pub text: String,
    /// The same for every equal order. Includes our payment id, so that two of them do not reveal the same person.
    pub likeness: String,
}

/// A refund to request.
#[derive(Clone, Debug)]
pub struct NewRefund<'a> {
    /// Our id.
    pub id: &'a str,
    /// The provider's id of the payment.
    pub payment_id: &'a str,
    /// The amount.
    pub sum: Sum,
    /// Whether it is a partial refund.
    pub is_part: bool,
    /// The reason.
    pub reason: &'a str,
    /// The email address for its receipt, if it needs one.
    pub email: Option<&'a str>,
    /// The request that created the payment.
    pub ordered: &'a str,
}

/// The result of a call to a provider.
pub type Reply<'a, T> = BoxFuture<'a, Result<T, ProviderError>>;

/// A payment provider.
pub trait PaymentProvider: Send + Sync + fmt::Debug {
    /// The display name.
    fn name(&self) -> &'static str;

    /// Its abilities.
    fn capabilities(&self) -> Capabilities;

    /// Its response timeout.
    fn answers_within(&self) -> Duration;

    /// Builds the request that creates a payment. It is stored, because only the same request under the same key is a
    /// repeat.
    fn payment_request(&self, order: &NewPayment<'_>) -> PaymentRequest;

    /// Builds the request for a refund, which is stored too.
    fn refund_request(&self, refund: &NewRefund<'_>) -> String;

    /// Whether a refund needs its own receipt, and so an address.
    fn needs_receipt(&self, refund: &NewRefund<'_>) -> bool;

    /// Removes personal data from a request that will not be repeated; `None` when there is none.
    fn without_person(&self, request: &str) -> Option<String>;

    /// The field that the caller can correct, from the reason of a rejection.
    fn fault(&self, reason: &str) -> Option<FieldError>;

    /// Our account, to which new payments belong.
    fn account(&self) -> Reply<'_, String>;

    /// Creates a payment; `key` is our id.
    fn open<'a>(&'a self, key: &'a str, request: &'a str, deadline: Instant) -> Reply<'a, ProviderPayment>;

    /// Reads a payment by the provider's id; `None` if it does not exist.
    fn look<'a>(&'a self, id: &'a str, deadline: Instant) -> Reply<'a, Option<ProviderPayment>>;

    /// Captures held money.
    fn capture<'a>(&'a self, id: &'a str, deadline: Instant) -> Reply<'a, ProviderPayment>;

    /// Requests a refund; `key` is our id.
    fn refund<'a>(&'a self, key: &'a str, request: &'a str, deadline: Instant) -> Reply<'a, ProviderRefund>;

    /// Reads a refund by the provider's id; `None` if it does not exist.
    fn look_at_refund<'a>(&'a self, id: &'a str, deadline: Instant) -> Reply<'a, Option<ProviderRefund>>;

    /// Payments created since this time, milliseconds since 1970-01-01 UTC.
    fn list_payments<'a>(
        &'a self,
        since_ms: i64,
        cursor: Option<&'a str>,
        deadline: Instant,
    ) -> Reply<'a, ProviderPage<ProviderPayment>>;

    /// Refunds created since this time, milliseconds since 1970-01-01 UTC.
    fn list_refunds<'a>(
        &'a self,
        since_ms: i64,
        cursor: Option<&'a str>,
        deadline: Instant,
    ) -> Reply<'a, ProviderPage<ProviderRefund>>;

    /// All refunds of one payment.
    fn refunds_of<'a>(&'a self, payment_id: &'a str, deadline: Instant) -> Reply<'a, Vec<ProviderRefund>>;
}
