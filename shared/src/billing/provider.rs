//! The port of payment providers: what the rules of money ask of whoever takes it. An adapter implements it; the rules know
//! neither whose it is nor its protocol.
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
    /// ISO 4217, or the provider's own name of what it counts in.
    pub currency: String,
}

impl Sum {
    /// A sum in rubles.
    pub fn of_kopecks(kopecks: i64) -> Self {
        Self { minor: kopecks, currency: "RUB".to_owned() }
    }
}

/// What a provider can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// It notifies us of what happens.
    pub webhook: bool,
    /// It gives money back when we ask for it.
    pub refund: bool,
    /// It lists payments and refunds.
    pub list: bool,
    /// A payment that is opened again under the same key is the same payment.
    pub payment_keys: bool,
    /// A refund that is asked for again under the same key is the same refund.
    pub refund_keys: bool,
    /// It can take money again without the payer.
    pub recurring: bool,
}

/// Why a provider gave no answer that can be used. No text holds a key or personal data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// It could not be asked. Nothing was done; later it may be.
    #[error("{0}")]
    Unavailable(String),
    /// **It may have been done.** Only the same request under the same key, or a question, tells.
    #[error("unknown: {0}")]
    UnknownOutcome(&'static str),
    /// Nothing was done, and the same request will not succeed later. The reason is the provider's.
    #[error("{0}")]
    Refused(String),
    /// It does not take our account or its key. Nothing was done by this request.
    #[error("{0}")]
    NotConfigured(String),
    /// It is asked too often. Nothing was done.
    #[error("asked too often")]
    RateLimited {
        /// It may be asked again from then on, milliseconds since 1970-01-01 UTC.
        until_ms: i64,
    },
}

/// Where a payment stands at its provider.
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

/// A payment as its provider shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderPayment {
    /// The provider's id.
    pub id: String,
    /// Where it stands.
    pub state: ProviderState,
    /// What is paid.
    pub sum: Sum,
    /// The account that gets the money.
    pub account: String,
    /// Our own id of it, if the provider keeps it.
    pub payment_id: Option<String>,
    /// Where it can be paid, while pending.
    pub confirmation_url: Option<String>,
    /// Why it was canceled, in the provider's codes.
    pub cancellation: Option<String>,
    /// What became of the receipt: `pending`, `succeeded` or `canceled`.
    pub receipt: Option<String>,
    /// Whether no money moves.
    pub is_test: bool,
    /// How it was paid, in the provider's codes.
    pub method: Option<String>,
    /// How much of it went back, in the currency's smallest unit, as far as it says.
    pub refunded: i64,
    /// What of the answer can be shown to admins.
    pub answer: Value,
}

/// Where a refund stands at its provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderRefundState {
    /// The money is on its way.
    Pending,
    /// The money went back.
    Succeeded,
    /// The money stays with us.
    Canceled,
}

/// A refund as its provider shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderRefund {
    /// The provider's id.
    pub id: String,
    /// The provider's id of the payment.
    pub payment_id: String,
    /// Where it stands.
    pub state: ProviderRefundState,
    /// What goes back.
    pub sum: Sum,
    /// Why it was canceled, in the provider's codes.
    pub cancellation: Option<String>,
    /// Our own id of it, when we asked for it and the provider keeps it.
    pub refund_id: Option<String>,
}

/// A page of a provider's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderPage<T> {
    /// What could be read.
    pub items: Vec<T>,
    /// The ids of what could not be, empty where even that is wrong.
    pub unreadable: Vec<String>,
    /// Where the next page begins.
    pub cursor: Option<String>,
}

/// A payment that is to be opened.
#[derive(Clone, Debug)]
pub struct NewPayment<'a> {
    /// Our own id of it.
    pub id: &'a str,
    /// What is to be paid.
    pub sum: Sum,
    /// What is paid for, for the payer and the receipt.
    pub description: &'a str,
    /// How the receipt is made out and where it goes, if one is.
    pub receipt: Option<(&'a Receipts, &'a str)>,
    /// Where whoever has paid is led back to.
    pub return_url: &'a str,
    /// The address that the payer calls from, for the provider's own checks.
    pub payer_address: Option<&'a str>,
}

/// The request that opens a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentRequest {
    /// As it is kept and sent, however often.
    pub text: String,
    /// The same for every request that orders the same; it holds our id of the payment, so that nobody can tell from two of
    /// them that they are the same person's.
    pub likeness: String,
}

/// A refund that is to be asked for.
#[derive(Clone, Debug)]
pub struct NewRefund<'a> {
    /// Our own id of it.
    pub id: &'a str,
    /// The provider's id of the payment.
    pub payment_id: &'a str,
    /// What is to go back.
    pub sum: Sum,
    /// Whether it is less than the whole payment.
    pub is_part: bool,
    /// Why.
    pub reason: &'a str,
    /// Where its receipt goes, when it needs one.
    pub email: Option<&'a str>,
    /// The request that opened the payment.
    pub ordered: &'a str,
}

/// What a call to a provider comes to.
pub type Reply<'a, T> = BoxFuture<'a, Result<T, ProviderError>>;

/// Whoever takes money for us.
pub trait PaymentProvider: Send + Sync + fmt::Debug {
    /// What people call it.
    fn name(&self) -> &'static str;

    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// Within so much time it answers, or does not.
    fn answers_within(&self) -> Duration;

    /// The request that opens a payment. It is kept, because only the same request under the same key is a repeat.
    fn payment_request(&self, order: &NewPayment<'_>) -> PaymentRequest;

    /// The request for a refund; it is kept too.
    fn refund_request(&self, refund: &NewRefund<'_>) -> String;

    /// Whether a refund needs a receipt of its own, and so an address.
    fn needs_receipt(&self, refund: &NewRefund<'_>) -> bool;

    /// A request that is not made again, without what it says of the person; `None` when it says nothing.
    fn without_person(&self, request: &str) -> Option<String>;

    /// The field of ours that whoever filled it in can mend, out of the reason of a refusal.
    fn fault(&self, reason: &str) -> Option<FieldError>;

    /// Our account, to which payments belong from the first on.
    fn account(&self) -> Reply<'_, String>;

    /// Opens a payment; `key` is our own id of it.
    fn open<'a>(&'a self, key: &'a str, request: &'a str, deadline: Instant) -> Reply<'a, ProviderPayment>;

    /// A payment by the provider's id; `None` when it says that there is none.
    fn look<'a>(&'a self, id: &'a str, deadline: Instant) -> Reply<'a, Option<ProviderPayment>>;

    /// Takes the money that a payment holds.
    fn capture<'a>(&'a self, id: &'a str, deadline: Instant) -> Reply<'a, ProviderPayment>;

    /// Asks for a refund; `key` is our own id of it.
    fn refund<'a>(&'a self, key: &'a str, request: &'a str, deadline: Instant) -> Reply<'a, ProviderRefund>;

    /// A refund by the provider's id; `None` when it says that there is none.
    fn look_at_refund<'a>(&'a self, id: &'a str, deadline: Instant) -> Reply<'a, Option<ProviderRefund>>;

    /// Payments made since then, milliseconds since 1970-01-01 UTC.
    fn list_payments<'a>(
        &'a self,
        since_ms: i64,
        cursor: Option<&'a str>,
        deadline: Instant,
    ) -> Reply<'a, ProviderPage<ProviderPayment>>;

    /// Refunds made since then, milliseconds since 1970-01-01 UTC.
    fn list_refunds<'a>(
        &'a self,
        since_ms: i64,
        cursor: Option<&'a str>,
        deadline: Instant,
    ) -> Reply<'a, ProviderPage<ProviderRefund>>;

    /// All refunds of one payment.
    fn refunds_of<'a>(&'a self, payment_id: &'a str, deadline: Instant) -> Reply<'a, Vec<ProviderRefund>>;
}
