//! YooKassa's API v3: create, ask, capture, refund. Each call that changes something has an idempotence key that is the
//! same for every repeat. Which shop calls is said with each call.
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

/// YooKassa answers within 30 seconds, with 500 if it must; who has less time takes its silence for the same.
pub const CALL: Duration = Duration::from_secs(32);
/// No answer that we want is larger; a list has at most a hundred payments.
const MAX_ANSWER_BYTES: usize = 2 * 1024 * 1024;
/// How long YooKassa is left alone after it said that it is asked too often, unless it names a time: at least, at most, and
/// if it names none, milliseconds.
const PAUSE_MS: (i64, i64, i64) = (1_000, 300_000, 10_000);

/// Why YooKassa gave no answer that can be used. No text holds a key or a driver's data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum YookassaError {
    /// No answer in time, 500, 202, or what cannot be read: **it may have been done**. Only the same request under the
    /// same key, or a question, tells.
    #[error("unknown: {0}")]
    Unknown(&'static str),
    /// 429: asked too often; nothing was done. So many milliseconds are to pass before the next call.
    #[error("too many requests")]
    TooMany(i64),
    /// 401 or 403: our shop or its key.
    #[error("the shop is refused: {0}")]
    Shop(u16),
    /// 404: there is no such object in this shop.
    #[error("not found")]
    NotFound,
    /// 400 and the like: nothing was done, and the same request will not succeed later.
    #[error("refused: {code} {parameter}")]
    Refused {
        /// YooKassa's code, such as `invalid_request`.
        code: String,
        /// The parameter that it names.
        parameter: String,
    },
}

/// The field of ours in which stands what YooKassa refuses, out of the reason that is kept of a refusal: whoever filled it in can
/// mend it.
pub fn refused_field(reason: &str) -> Option<&'static str> {
    match reason.rsplit(' ').next()? {
        // Of the customer our receipts name the address alone.
        "receipt.customer" | "receipt.customer.email" => Some("email"),
        "receipt.customer.phone" => Some("phone"),
        _ => None,
    }
}

/// A shop at YooKassa. It shows in no debug output.
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
    /// A client for this address.
    pub fn new(http: Outbound, base_url: &str) -> Self {
        Self { http, base_url: base_url.to_owned() }
    }

    /// Makes a request as this shop.
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

    /// Asks YooKassa whether this is a shop of its and this the shop's key.
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
        // 202 is "processing" of older versions; 5xx may have acted.
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
