//! YooKassa's API v3: create, ask, capture, refund. Each call that changes something has an idempotence key that is the
//! same for every repeat.
pub mod networks;
pub mod wire;

use std::fmt;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::time::{Duration, Instant};
use wire::Page;

use crate::{
    billing::{payment::Observed, refund::ObservedRefund},
    clock::Clock,
    config::Config,
    outbound::{self, Outbound},
    secrets::{SecretError, Secrets},
    store::Store,
    telemetry::{self, Metric},
};

/// YooKassa answers within 30 seconds, with 500 if it must; who has less time takes its silence for the same.
pub const CALL: Duration = Duration::from_secs(32);
/// No answer that we want is larger; a list has at most a hundred payments.
const MAX_ANSWER_BYTES: usize = 2 * 1024 * 1024;
/// How long YooKassa is left alone after it said that it is asked too often, unless it names a time: at least, at most, and
/// if it names none, milliseconds.
const PAUSE_MS: (i64, i64, i64) = (1_000, 300_000, 10_000);
/// How many a page of a list has, the most that YooKassa gives.
const PAGE: &str = "100";

/// Why YooKassa gave no answer that can be used. No text holds a key or a driver's data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum YookassaError {
    /// No answer in time, 500, 202, or what cannot be read: **it may have been done**. Only the same request under the
    /// same key, or a question, tells.
    #[error("unknown: {0}")]
    Unknown(&'static str),
    /// 429: asked too often; nothing was done.
    #[error("too many requests")]
    TooMany,
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

impl From<SecretError> for YookassaError {
    fn from(error: SecretError) -> Self {
        tracing::error!(%error, "YooKassa cannot be asked");
        Self::Unknown("there is no key")
    }
}

/// The client.
#[derive(Clone)]
pub struct Yookassa {
    http: Outbound,
    base_url: String,
    secrets: Secrets,
    store: Store,
    clock: Clock,
}

impl fmt::Debug for Yookassa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Yookassa").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

impl Yookassa {
    /// A client for the configured address.
    pub fn new(config: &Config, http: Outbound, store: Store, secrets: Secrets, clock: Clock) -> Self {
        Self { http, base_url: config.yookassa_base_url.clone(), secrets, store, clock }
    }

    /// Creates a payment. `body` is sent as it is, `key` is our own id of it.
    ///
    /// # Errors
    /// See [`YookassaError`].
    pub async fn create(&self, key: &str, body: &str, deadline: Instant) -> Result<Observed, YookassaError> {
        let answer = self.post("payments", key, body.to_owned(), deadline).await?;
        wire::payment(&answer).ok_or(YookassaError::Unknown("its answer has another form"))
    }

    /// A payment by YooKassa's id.
    ///
    /// # Errors
    /// See [`YookassaError`].
    pub async fn payment(&self, id: &str, deadline: Instant) -> Result<Observed, YookassaError> {
        let answer = self.get(&format!("payments/{id}"), &[], deadline).await?;
        wire::payment(&answer).ok_or(YookassaError::Unknown("its answer has another form"))
    }

    /// Takes the money that a payment holds.
    ///
    /// # Errors
    /// See [`YookassaError`].
    pub async fn capture(&self, id: &str, deadline: Instant) -> Result<Observed, YookassaError> {
        let answer =
            self.post(&format!("payments/{id}/capture"), &format!("capture-{id}"), "{}".to_owned(), deadline).await?;
        wire::payment(&answer).ok_or(YookassaError::Unknown("its answer has another form"))
    }

    /// Payments created since `since` (RFC 3339), newest first.
    ///
    /// # Errors
    /// See [`YookassaError`].
    pub async fn payments(
        &self,
        since: &str,
        cursor: Option<&str>,
        deadline: Instant,
    ) -> Result<Page<Observed>, YookassaError> {
        let answer = self.list("payments", &[("created_at.gte", since)], cursor, deadline).await?;
        wire::page(&answer, wire::payment).ok_or(YookassaError::Unknown("its answer has another form"))
    }

    /// Begins a refund. `key` is our own id of it.
    ///
    /// # Errors
    /// See [`YookassaError`].
    pub async fn begin_refund(
        &self,
        key: &str,
        body: &str,
        deadline: Instant,
    ) -> Result<ObservedRefund, YookassaError> {
        let answer = self.post("refunds", key, body.to_owned(), deadline).await?;
        wire::refund(&answer).ok_or(YookassaError::Unknown("its answer has another form"))
    }

    /// A refund by YooKassa's id.
    ///
    /// # Errors
    /// See [`YookassaError`].
    pub async fn refund(&self, id: &str, deadline: Instant) -> Result<ObservedRefund, YookassaError> {
        let answer = self.get(&format!("refunds/{id}"), &[], deadline).await?;
        wire::refund(&answer).ok_or(YookassaError::Unknown("its answer has another form"))
    }

    /// Refunds created since `since` (RFC 3339), newest first.
    ///
    /// # Errors
    /// See [`YookassaError`].
    pub async fn refunds(
        &self,
        since: &str,
        cursor: Option<&str>,
        deadline: Instant,
    ) -> Result<Page<ObservedRefund>, YookassaError> {
        let answer = self.list("refunds", &[("created_at.gte", since)], cursor, deadline).await?;
        wire::page(&answer, wire::refund).ok_or(YookassaError::Unknown("its answer has another form"))
    }

    /// The refunds of one payment; a hundred of them at most, which is more than anybody makes.
    ///
    /// # Errors
    /// See [`YookassaError`].
    pub async fn refunds_of(&self, payment_id: &str, deadline: Instant) -> Result<Vec<ObservedRefund>, YookassaError> {
        let answer = self.list("refunds", &[("payment_id", payment_id)], None, deadline).await?;
        let page = wire::page(&answer, wire::refund);
        page.map(|page| page.items).ok_or(YookassaError::Unknown("its answer has another form"))
    }

    /// Asks YooKassa whether this is a shop of its and this the shop's key.
    ///
    /// # Errors
    /// [`YookassaError::Shop`] when it is not; [`YookassaError::Unknown`] when YooKassa does not say.
    pub async fn check_shop(&self, shop_id: &str, secret_key: &str, deadline: Instant) -> Result<(), YookassaError> {
        // Not counted as trouble with our own shop: it is a question.
        let request = self.request(Method::GET, "me")?.basic_auth(shop_id, Some(secret_key));
        let answer = self.exchange(request, deadline).await?;
        if answer["account_id"].as_str() == Some(shop_id) { Ok(()) } else { Err(YookassaError::Shop(200)) }
    }

    async fn list(
        &self,
        path: &str,
        filters: &[(&str, &str)],
        cursor: Option<&str>,
        deadline: Instant,
    ) -> Result<Value, YookassaError> {
        let mut query = vec![("limit", PAGE)];
        query.extend(filters);
        query.extend(cursor.map(|cursor| ("cursor", cursor)));
        self.get(path, &query, deadline).await
    }

    async fn get(&self, path: &str, query: &[(&str, &str)], deadline: Instant) -> Result<Value, YookassaError> {
        let request = self.request(Method::GET, path)?.query(query);
        self.send(request, deadline).await
    }

    async fn post(&self, path: &str, key: &str, body: String, deadline: Instant) -> Result<Value, YookassaError> {
        let request = self.request(Method::POST, path)?;
        let request = request.header("Idempotence-Key", key).header("content-type", "application/json").body(body);
        self.send(request, deadline).await
    }

    fn request(&self, method: Method, path: &str) -> Result<reqwest::RequestBuilder, YookassaError> {
        let client = self.http.client().map_err(|_| YookassaError::Unknown("there is no HTTP client"))?;
        Ok(client.request(method, format!("{}/{path}", self.base_url)).timeout(CALL))
    }

    async fn exchange(&self, request: reqwest::RequestBuilder, deadline: Instant) -> Result<Value, YookassaError> {
        let started = Instant::now();
        let answer = outbound::answer(request, MAX_ANSWER_BYTES, deadline.min(started + CALL)).await;
        telemetry::yookassa(started.elapsed());
        let (status, body) = answer.map_err(YookassaError::Unknown)?;
        if status == StatusCode::TOO_MANY_REQUESTS {
            self.leave_alone(&body).await;
        }
        read(status, &body)
    }

    /// Whether YooKassa has asked one of us for a pause that still lasts. When the cache does not answer nobody knows.
    async fn is_left_alone(&self) -> bool {
        let until_ms = self.store.yookassa_pause().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "whether YooKassa is to be left alone cannot be read");
            0
        });
        self.clock.now_ms() < until_ms
    }

    async fn leave_alone(&self, answer: &[u8]) {
        let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
        let (least, most, usual) = PAUSE_MS;
        let pause_ms = answer["retry_after"].as_i64().unwrap_or(usual).clamp(least, most);
        if let Err(error) = self.store.pause_yookassa(self.clock.now_ms() + pause_ms).await {
            tracing::warn!(%error, "that YooKassa asks for a pause could not be noted");
        }
    }

    async fn send(&self, request: reqwest::RequestBuilder, deadline: Instant) -> Result<Value, YookassaError> {
        if self.is_left_alone().await {
            return Err(YookassaError::TooMany);
        }
        let shop = self.secrets.yookassa().await?;
        let again = request.try_clone();
        let mut result = self.exchange(request.basic_auth(&shop.shop_id, Some(&shop.secret_key)), deadline).await;
        // Who is refused has done nothing. An admin may have put another key in place after we last looked. In another shop
        // the same request would be another thing: whoever made it has to look at it anew.
        if let (Err(YookassaError::Shop(_)), Some(again)) = (&result, again) {
            let newer = self.secrets.yookassa_after_refusal().await?;
            if newer.shop_id == shop.shop_id && newer.secret_key != shop.secret_key {
                result = self.exchange(again.basic_auth(newer.shop_id, Some(newer.secret_key)), deadline).await;
            }
        }
        match &result {
            Err(YookassaError::Shop(status)) => {
                tracing::error!(status, "YooKassa refuses our shop or its key");
                telemetry::count(Metric::YookassaShopRefused);
            }
            Err(error @ (YookassaError::Unknown(_) | YookassaError::TooMany)) => {
                tracing::warn!(%error, "YooKassa gave no answer");
                telemetry::count(Metric::YookassaFailed);
            }
            Err(error @ YookassaError::Refused { .. }) if refused_field(&error.to_string()).is_some() => {
                tracing::warn!(%error, "YooKassa refuses what somebody has typed");
            }
            Err(error @ YookassaError::Refused { .. }) => {
                tracing::error!(%error, "YooKassa refuses a request");
                telemetry::count(Metric::YookassaRefused);
            }
            Ok(_) | Err(YookassaError::NotFound) => {}
        }
        result
    }
}

fn read(status: StatusCode, body: &[u8]) -> Result<Value, YookassaError> {
    let answer: Option<Value> = serde_json::from_slice(body).ok();
    match status {
        StatusCode::OK | StatusCode::CREATED => answer.ok_or(YookassaError::Unknown("its answer is no JSON")),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(YookassaError::Shop(status.as_u16())),
        StatusCode::NOT_FOUND => Err(YookassaError::NotFound),
        StatusCode::TOO_MANY_REQUESTS => Err(YookassaError::TooMany),
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
}
