//! The bodies of requests, read and checked.

use std::net::IpAddr;

use serde_json::{Map, Value};

use super::amount::{self, CARD_LIMITS};
use super::answer::ApiError;
use super::fields::Fields;
use super::receipt;

/// A payment to be made.
#[derive(Clone, Debug)]
pub struct NewPayment {
    /// What it costs.
    pub kopecks: i64,
    /// For the payer.
    pub description: Option<String>,
    /// For the shop.
    pub metadata: Map<String, Value>,
    /// Whether the money is taken at once. If it is not said, it is only held.
    pub capture: bool,
    /// Where the payer comes back to.
    pub return_url: String,
    /// Whether 3-D Secure was asked for.
    pub enforce: Option<bool>,
    /// The shop's name for the payer.
    pub merchant_customer_id: Option<String>,
}

impl NewPayment {
    /// Reads the body of `POST /payments`.
    pub fn read(body: &Value, fiscalization: bool) -> Result<NewPayment, ApiError> {
        let known = [
            "amount",
            "capture",
            "client_ip",
            "confirmation",
            "description",
            "merchant_customer_id",
            "metadata",
            "payment_method_data",
            "payment_method_id",
            "payment_token",
            "receipt",
            "recipient",
            "save_payment_method",
            "statements",
        ];
        let fields = Fields::of_body(body, &known)?;
        let kopecks = fields.required("amount", fields.amount("amount")?)?;
        if !CARD_LIMITS.contains(&kopecks) {
            let (least, most) = (amount::value(*CARD_LIMITS.start()), amount::value(*CARD_LIMITS.end()));
            return Err(fields.error("amount.value", &format!("must be from {least} to {most}")));
        }
        payment_method(&fields)?;
        let (return_url, enforce) = confirmation(&fields)?;
        let client_ip = fields.text("client_ip", 0..=usize::MAX)?;
        if client_ip.is_some_and(|address| address.parse::<IpAddr>().is_err()) {
            return Err(fields.error("client_ip", "must be an IPv4 or IPv6 address"));
        }
        if let Some(recipient) = fields.object("recipient", &["gateway_id"])? {
            recipient.required("gateway_id", recipient.text("gateway_id", 1..=usize::MAX)?)?;
        }
        statements(&fields)?;
        receipt::check(&fields, kopecks, fiscalization, true)?;
        Ok(NewPayment {
            kopecks,
            description: fields.text("description", 0..=128)?.map(str::to_owned),
            metadata: fields.metadata()?,
            capture: fields.flag("capture")?.unwrap_or(false),
            return_url,
            enforce,
            merchant_customer_id: fields.text("merchant_customer_id", 1..=200)?.map(str::to_owned),
        })
    }
}

/// How it is paid is chosen on the payment page; what a request may say of it beforehand is little.
fn payment_method(fields: &Fields<'_>) -> Result<(), ApiError> {
    let ways = ["payment_method_data", "payment_method_id", "payment_token"];
    if ways.iter().filter(|way| fields.get(way).is_some()).count() > 1 {
        let description = "Only one of payment_method_data, payment_method_id and payment_token may be given";
        return Err(fields.error("payment_method_id", description));
    }
    if fields.text("payment_method_id", 0..=usize::MAX)?.is_some() {
        // Nothing is ever saved here, so no id is that of a saved method.
        return Err(match fields.get("confirmation") {
            Some(_) => fields.error("confirmation", "Confirmation must be null when using payment_method_id"),
            None => fields.error("payment_method_id", "Payment method is not saved"),
        });
    }
    if fields.get("payment_token").is_some() {
        return Err(fields.error("payment_token", "Payment token not found"));
    }
    if let Some(method) = fields.object("payment_method_data", &["type"])? {
        let kind = method.required("type", method.text("type", 1..=usize::MAX)?)?;
        if kind != "bank_card" {
            return Err(method.error("type", "This shop takes bank_card only"));
        }
    }
    if fields.flag("save_payment_method")? == Some(true) {
        // As in a live shop without the manager's approval.
        return Err(ApiError::forbidden("This store can't make recurring payments. Contact the YooMoney manager"));
    }
    Ok(())
}

fn confirmation(fields: &Fields<'_>) -> Result<(String, Option<bool>), ApiError> {
    let known = ["type", "return_url", "enforce", "locale"];
    let confirmation = fields.required("confirmation", fields.object("confirmation", &known)?)?;
    let kinds = ["redirect", "embedded", "qr", "external", "mobile_application"];
    let kind = confirmation.required("type", confirmation.choice("type", &kinds)?)?;
    if kind != "redirect" {
        return Err(confirmation.error("type", "The sandbox has the confirmation redirect only"));
    }
    confirmation.choice("locale", &["ru_RU", "en_US"])?;
    let url = confirmation.required("return_url", confirmation.text("return_url", 1..=2048)?)?;
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    if !is_web || url.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(confirmation.error("return_url", "must be a web address"));
    }
    Ok((url.to_owned(), confirmation.flag("enforce")?))
}

fn statements(fields: &Fields<'_>) -> Result<(), ApiError> {
    for (index, statement) in fields.list("statements")?.into_iter().flatten().enumerate() {
        let statement = Fields::new(format!("statements[{index}]"), statement, &["type", "delivery_method"])?;
        statement.required("type", statement.choice("type", &["payment_overview"])?)?;
        let method = statement.object("delivery_method", &["type", "email"])?;
        let method = statement.required("delivery_method", method)?;
        method.required("type", method.choice("type", &["email"])?)?;
        method.required("email", method.text("email", 3..=254)?)?;
    }
    Ok(())
}

/// How much of a held sum is taken; nothing: all.
pub fn capture(body: &Value, held: i64, fiscalization: bool) -> Result<i64, ApiError> {
    let fields = Fields::of_body(body, &["amount", "receipt"])?;
    let kopecks = fields.amount("amount")?.unwrap_or(held);
    if !(1..=held).contains(&kopecks) {
        return Err(fields.error("amount.value", &format!("must be from 0.01 to {}", amount::value(held))));
    }
    // The receipt of the payment fits as long as the sum is the same.
    receipt::check(&fields, kopecks, fiscalization, kopecks < held)?;
    Ok(kopecks)
}

/// Money to be given back.
#[derive(Debug)]
pub struct NewRefund {
    /// How much.
    pub kopecks: i64,
    /// Why, for the payer.
    pub description: Option<String>,
    /// For the shop.
    pub metadata: Map<String, Value>,
}

/// The payment that the body of `POST /refunds` is about.
pub fn refunded_payment(body: &Value) -> Result<&str, ApiError> {
    let known = ["payment_id", "amount", "description", "receipt", "metadata"];
    let fields = Fields::of_body(body, &known)?;
    fields.required("payment_id", fields.text("payment_id", 36..=36)?)
}

impl NewRefund {
    /// Reads the rest of that body. A payment of `paid` kopecks has `rest` left.
    pub fn read(body: &Value, paid: i64, rest: i64, fiscalization: bool) -> Result<NewRefund, ApiError> {
        let fields = Fields::of_body(body, &["payment_id", "amount", "description", "receipt", "metadata"])?;
        let kopecks = fields.required("amount", fields.amount("amount")?)?;
        if !(1..=rest).contains(&kopecks) {
            return Err(fields.error("amount.value", &format!("must be from 0.01 to {}", amount::value(rest))));
        }
        // A full refund repeats the payment's own receipt.
        receipt::check(&fields, kopecks, fiscalization, kopecks < paid)?;
        Ok(NewRefund {
            kopecks,
            description: fields.text("description", 0..=250)?.map(str::to_owned),
            metadata: fields.metadata()?,
        })
    }
}
