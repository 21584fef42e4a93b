//! YooKassa's API v3: create, read, capture, refund. Every change has an idempotence key, the same for all its repeats.
//! Each call names its shop.
pub mod metrics;
pub mod networks;
pub mod request;
pub mod wire;

use std::fmt;

use kernel::{
    outbound::{self, Outbound},
    telemetry,
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::time::{Duration, Instant};

use crate::request::Request;

/// YooKassa answers within 30 seconds, at worst with 500. A caller with less time treats silence as a 500.
pub const CALL: Duration = Duration::from_secs(32);
/// The largest response we accept. A list has at most a hundred payments.
const MAX_ANSWER_BYTES: usize = 2 * 1024 * 1024;
/// The pause after a 429, milliseconds: minimum, maximum, and the default if YooKassa names none.
const PAUSE_MS: (i64, i64, i64) = (1_000, 300_000, 10_000);

/// Why a call to YooKassa failed. Texts contain no keys and no driver's data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum YookassaError {
    /// No answer in time, 500, 202, or an unreadable response: **the operation may have succeeded**. Only a repeat
    /// under the same key, or a read, can tell.
    #[error("unknown: {0}")]
    Unknown(&'static str),
    /// 429: the rate limit was hit, and nothing was done. Holds the milliseconds until the next call.
    #[error("too many requests")]
    TooMany(i64),
    /// 401 or 403: the shop or its key is invalid.
    #[error("the shop is refused: {0}")]
    Shop(u16),
    /// 404: the object does not exist in this shop.
    #[error("not found")]
    NotFound,
    /// 400 and similar: nothing was done, and a repeat will fail too.
    #[error("refused: {code} {parameter}")]
    Refused {
        /// YooKassa's code, such as `invalid_request`.
        code: String,
        /// The parameter it names.
        parameter: String,
    },
}

/// The field of ours that the caller can correct, from the stored reason of a rejection.
pub fn refused_field(reason: &str) -> Option<&'static str> {
    match reason.rsplit(' ').next()? {
        // Our receipts contain only the customer's email.
        "receipt.customer" | "receipt.customer.email" => Some("email"),
        "receipt.customer.phone" => Some("phone"),
        _ => None,
    }
}

/// A YooKassa shop. Hidden from debug output.
#[derive(Clone, PartialEq, Eq)]
pub struct Shop {
    /// The shop's number, as text.
    pub id: String,
    /// Its key.
    pub key: String,
}

/// The client.
#[derive(Clone)]
pub struct Client {
    http: Outbound,
    base_url: String,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

impl Client {
    /// Creates a client for this URL.
    pub fn new(http: Outbound, base_url: &str) -> Self {
        Self { http, base_url: base_url.to_owned() }
    }

    /// Sends a request for this shop.
    ///
    /// # Errors
    /// See [`YookassaError`].
    pub async fn send(&self, request: &Request, shop: &Shop, deadline: Instant) -> Result<Value, YookassaError> {
        let client = self.http.client().map_err(|_| YookassaError::Unknown("there is no HTTP client"))?;
        let call = request.on(client, &self.base_url).timeout(CALL).basic_auth(&shop.id, Some(&shop.key));
        let started = Instant::now();
        let answer = outbound::answer(call, MAX_ANSWER_BYTES, deadline.min(started + CALL)).await;
        telemetry::took(metrics::LATENCY, started.elapsed());
        let (status, body) = answer.map_err(YookassaError::Unknown)?;
        read(status, &body)
    }

    /// Checks with YooKassa whether the shop and its key are valid.
    ///
    /// # Errors
    /// [`YookassaError::Shop`] when it is not; [`YookassaError::Unknown`] when YooKassa does not say.
    pub async fn check(&self, shop: &Shop, deadline: Instant) -> Result<(), YookassaError> {
        let answer = self.send(&Request::me(), shop, deadline).await?;
        if answer["account_id"].as_str() == Some(&shop.id) { Ok(()) } else { Err(YookassaError::Shop(200)) }
    }
}

fn read(status: StatusCode, body: &[u8]) -> Result<Value, YookassaError> {
    let answer: Option<Value> = serde_json::from_slice(body).ok();
    match status {
        StatusCode::OK | StatusCode::CREATED => answer.ok_or(YookassaError::Unknown("its answer is no JSON")),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(YookassaError::Shop(status.as_u16())),
        StatusCode::NOT_FOUND => Err(YookassaError::NotFound),
        StatusCode::TOO_MANY_REQUESTS => {
            let (least, most, usual) = PAUSE_MS;
            let pause_ms = answer.and_then(|answer| answer["retry_after"].as_i64()).unwrap_or(usual);
            Err(YookassaError::TooMany(pause_ms.clamp(least, most)))
        }
        status if status.is_client_error() => {
            let answer = answer.unwrap_or_else(|| json!({}));
            let text = |name: &str| answer[name].as_str().unwrap_or_default().chars().take(60).collect();
            Err(YookassaError::Refused { code: text("code"), parameter: text("parameter") })
        }
        // 202 means "processing" in older versions; a 5xx may have had an effect.
        _ => Err(YookassaError::Unknown("it answers neither yes nor no")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_leads_to_the_field_that_it_is_about() {
        let field = |parameter: &str| {
            let body = json!({ "code": "invalid_request", "parameter": parameter }).to_string();
            refused_field(&read(StatusCode::BAD_REQUEST, body.as_bytes()).expect_err("a refusal").to_string())
        };
        assert_eq!(field("receipt.customer.email"), Some("email"));
        assert_eq!(field("receipt.customer.phone"), Some("phone"));
        assert_eq!(field("receipt.customer"), Some("email"));
        for other in ["receipt", "receipt.items[0].amount", "amount", ""] {
            assert_eq!(field(other), None, "{other}");
        }
    }

    #[test]
    fn a_pause_is_as_long_as_it_asks_for_within_bounds() {
        let pause = |body: &str| read(StatusCode::TOO_MANY_REQUESTS, body.as_bytes()).expect_err("a refusal");
        assert_eq!(pause(r#"{"retry_after":2500}"#), YookassaError::TooMany(2_500));
        assert_eq!(pause(r#"{"retry_after":1}"#), YookassaError::TooMany(1_000));
        assert_eq!(pause(r#"{"retry_after":9999999}"#), YookassaError::TooMany(300_000));
        assert_eq!(pause("no JSON"), YookassaError::TooMany(10_000));
    }
}
