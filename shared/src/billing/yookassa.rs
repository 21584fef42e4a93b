//! The YooKassa adapter: implements the port with YooKassa's client and our shop's secret.
use std::fmt;

pub use ::yookassa::wire::is_id;
use ::yookassa::{
    Client, Shop, YookassaError, metrics, refused_field,
    request::{self, Request},
    wire,
};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::time::{Duration, Instant};

use super::provider::{
    Capabilities, NewPayment, NewRefund, PaymentProvider, PaymentRequest, ProviderError, ProviderPage, ProviderPayment,
    ProviderRefund, ProviderRefundState, ProviderState, Reply, Sum,
};
use crate::{
    clock::{Clock, rfc3339},
    config::Config,
    email::for_receipt,
    error::FieldError,
    outbound::Outbound,
    secrets::{Form, Secret, SecretError, Secrets, json},
    store::Store,
    telemetry,
};

const OTHER_FORM: ProviderError = ProviderError::UnknownOutcome("its answer has another form");

/// `{shop_id, secret_key, webhook_token}` of our shop.
pub const SECRET: Secret = YookassaShop::SECRET;

/// Our YooKassa shop.
#[derive(Deserialize)]
pub struct YookassaShop {
    /// The shop id, as text.
    pub shop_id: String,
    /// Its key.
    pub secret_key: String,
    /// The secret part of the webhook's URL, known only to YooKassa.
    pub webhook_token: String,
}

impl Form for YookassaShop {
    const SECRET: Secret = Secret::new::<Self>("yookassa");

    fn read(text: &str) -> Result<Self, &'static str> {
        let shop: Self = json(text)?;
        if shop.shop_id.is_empty() || shop.secret_key.is_empty() || shop.webhook_token.len() < 16 {
            return Err("must have a shop_id, a secret_key and a webhook_token of at least 16 bytes");
        }
        Ok(shop)
    }
}

/// Replaces the shop and key; the secret part of the webhook's URL stays. This process uses them at once, others when
/// YooKassa rejects the old ones, and within five minutes at the latest.
///
/// # Errors
/// The stored secret is unreadable, or the new value was not accepted.
pub async fn put_shop(secrets: &Secrets, shop_id: &str, secret_key: &str) -> Result<(), SecretError> {
    let shop: YookassaShop = secrets.get_within(Duration::ZERO).await?;
    let text = serde_json::json!({ "shop_id": shop_id, "secret_key": secret_key, "webhook_token": shop.webhook_token });
    secrets.put::<YookassaShop>(text.to_string()).await
}

/// YooKassa with our shop.
#[derive(Clone)]
pub struct Yookassa {
    client: Client,
    secrets: Secrets,
    store: Store,
    clock: Clock,
}

impl fmt::Debug for Yookassa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Yookassa").field(&self.client).finish()
    }
}

impl Yookassa {
    /// Creates a client for the configured URL.
    pub fn new(config: &Config, http: Outbound, store: Store, secrets: Secrets, clock: Clock) -> Self {
        Self { client: Client::new(http, &config.yookassa_base_url), secrets, store, clock }
    }

    /// Asks YooKassa whether this is a shop of its and this the shop's key.
    ///
    /// # Errors
    /// [`ProviderError::NotConfigured`] or [`ProviderError::Refused`] when it is not; otherwise YooKassa does not say.
    pub async fn check_shop(&self, shop_id: &str, secret_key: &str, deadline: Instant) -> Result<(), ProviderError> {
        // Not counted as a failure of our own shop, because it only checks another one.
        let shop = Shop { id: shop_id.to_owned(), key: secret_key.to_owned() };
        let checked = self.client.check(&shop, deadline).await;
        self.note_pause(&checked).await;
        checked.map_err(|error| self.provider_error(error))
    }

    /// YooKassa's response; `None` if the object does not exist.
    async fn ask(&self, request: &Request, deadline: Instant) -> Result<Option<Value>, ProviderError> {
        let until_ms = self.paused_until_ms().await;
        if self.clock.now_ms() < until_ms {
            return Err(ProviderError::RateLimited { until_ms });
        }
        let shop = known(self.secrets.get().await)?;
        let mut result = self.send(request, &shop, deadline).await;
        // A rejected request has done nothing, and an admin may have replaced the key since we last read it. In another
        // shop the same request would have another effect, so the caller has to decide again.
        if let Err(YookassaError::Shop(_)) = result {
            let newer = known(self.secrets.get_within(Duration::ZERO).await)?;
            if newer.id == shop.id && newer.key != shop.key {
                result = self.send(request, &newer, deadline).await;
            }
        }
        count(&result);
        match result {
            Ok(answer) => Ok(Some(answer)),
            Err(YookassaError::NotFound) => Ok(None),
            Err(error) => Err(self.provider_error(error)),
        }
    }

    /// YooKassa's response about an object that must exist.
    async fn answer(&self, request: &Request, deadline: Instant) -> Result<Value, ProviderError> {
        let refused = || ProviderError::Refused(YookassaError::NotFound.to_string());
        self.ask(request, deadline).await?.ok_or_else(refused)
    }

    /// YooKassa's response about an object that may not exist. A refusal to say counts as a no.
    async fn find<T>(
        &self,
        request: &Request,
        read: impl Fn(&Value) -> Option<T>,
        deadline: Instant,
    ) -> Result<Option<T>, ProviderError> {
        match self.ask(request, deadline).await {
            Ok(Some(answer)) => read(&answer).map(Some).ok_or(OTHER_FORM),
            Ok(None) | Err(ProviderError::Refused(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn list<W, T>(
        &self,
        request: &Request,
        read: impl Fn(&Value) -> Option<W>,
        deadline: Instant,
    ) -> Result<ProviderPage<T>, ProviderError>
    where
        T: From<W>,
    {
        let answer = self.answer(request, deadline).await?;
        let page = wire::page(&answer, read).ok_or(OTHER_FORM)?;
        let items = page.items.into_iter().map(T::from).collect();
        Ok(ProviderPage { items, unreadable: page.unreadable, cursor: page.cursor })
    }

    async fn send(&self, request: &Request, shop: &Shop, deadline: Instant) -> Result<Value, YookassaError> {
        let result = self.client.send(request, shop, deadline).await;
        self.note_pause(&result).await;
        result
    }

    /// When the pause ends that YooKassa asked of any instance. Unknown if the cache does not answer.
    async fn paused_until_ms(&self) -> i64 {
        self.store.provider_pause().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "whether YooKassa is to be left alone cannot be read");
            0
        })
    }

    async fn note_pause<T>(&self, result: &Result<T, YookassaError>) {
        let Err(YookassaError::TooMany(pause_ms)) = result else { return };
        if let Err(error) = self.store.pause_provider(self.clock.now_ms() + pause_ms).await {
            tracing::warn!(%error, "that YooKassa asks for a pause could not be noted");
        }
    }

    fn provider_error(&self, error: YookassaError) -> ProviderError {
        match error {
            YookassaError::Unknown(reason) => ProviderError::UnknownOutcome(reason),
            YookassaError::TooMany(pause_ms) => ProviderError::RateLimited { until_ms: self.clock.now_ms() + pause_ms },
            YookassaError::Shop(_) => ProviderError::NotConfigured(error.to_string()),
            YookassaError::NotFound | YookassaError::Refused { .. } => ProviderError::Refused(error.to_string()),
        }
    }
}

fn known(shop: Result<YookassaShop, SecretError>) -> Result<Shop, ProviderError> {
    let shop = shop.map_err(|error| {
        tracing::error!(%error, "YooKassa cannot be asked");
        ProviderError::Unavailable(error.to_string())
    })?;
    Ok(Shop { id: shop.shop_id, key: shop.secret_key })
}

fn count(result: &Result<Value, YookassaError>) {
    match result {
        Err(YookassaError::Shop(status)) => {
            tracing::error!(status, "YooKassa refuses our shop or its key");
            telemetry::count(metrics::SHOP_REFUSED);
        }
        Err(error @ (YookassaError::Unknown(_) | YookassaError::TooMany(_))) => {
            tracing::warn!(%error, "YooKassa gave no answer");
            telemetry::count(metrics::FAILED);
        }
        Err(error @ YookassaError::Refused { .. }) if refused_field(&error.to_string()).is_some() => {
            tracing::warn!(%error, "YooKassa refuses what somebody has typed");
        }
        Err(error @ YookassaError::Refused { .. }) => {
            tracing::error!(%error, "YooKassa refuses a request");
            telemetry::count(metrics::REFUSED);
        }
        Ok(_) | Err(YookassaError::NotFound) => {}
    }
}

impl From<wire::Payment> for ProviderPayment {
    fn from(payment: wire::Payment) -> Self {
        Self {
            id: payment.id,
            state: match payment.status {
                wire::PaymentStatus::Pending => ProviderState::Pending,
                wire::PaymentStatus::WaitingForCapture => ProviderState::WaitingForCapture,
                wire::PaymentStatus::Succeeded => ProviderState::Succeeded,
                wire::PaymentStatus::Canceled => ProviderState::Canceled,
            },
            sum: Sum { minor: payment.kopecks, currency: payment.currency },
            account: payment.shop_id,
            payment_id: payment.payment_id,
            confirmation_url: payment.confirmation_url,
            cancellation: payment.cancellation,
            receipt: payment.receipt,
            is_test: payment.is_test,
            method: payment.method,
            refunded: payment.refunded_kopecks,
            answer: payment.shown,
        }
    }
}

impl From<wire::Refund> for ProviderRefund {
    fn from(refund: wire::Refund) -> Self {
        Self {
            id: refund.id,
            payment_id: refund.payment_id,
            state: match refund.status {
                wire::RefundStatus::Pending => ProviderRefundState::Pending,
                wire::RefundStatus::Succeeded => ProviderRefundState::Succeeded,
                wire::RefundStatus::Canceled => ProviderRefundState::Canceled,
            },
            sum: Sum { minor: refund.kopecks, currency: refund.currency },
            cancellation: refund.cancellation,
            refund_id: refund.refund_id,
        }
    }
}

fn with_refund<T>(refund: &NewRefund<'_>, with: impl FnOnce(&request::NewRefund<'_>) -> T) -> T {
    let email = refund.email.map(for_receipt);
    with(&request::NewRefund {
        id: refund.id,
        payment_id: refund.payment_id,
        kopecks: refund.sum.minor,
        is_part: refund.is_part,
        description: refund.reason,
        email: email.as_deref(),
        ordered: refund.ordered,
    })
}

impl PaymentProvider for Yookassa {
    fn name(&self) -> &'static str {
        "YooKassa"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            webhook: true,
            refund: true,
            list: true,
            payment_keys: true,
            refund_keys: true,
            recurring: false,
        }
    }

    fn answers_within(&self) -> Duration {
        ::yookassa::CALL
    }

    fn payment_request(&self, order: &NewPayment<'_>) -> PaymentRequest {
        let email = order.receipt.map(|(_, email)| for_receipt(email));
        let receipt = order.receipt.zip(email.as_deref()).map(|((receipts, _), email)| request::Receipt {
            email,
            vat_code: receipts.vat_code,
            tax_system_code: receipts.tax_system_code,
            payment_subject: &receipts.payment_subject,
            payment_mode: &receipts.payment_mode,
            measure: &receipts.measure,
        });
        let payment = request::NewPayment {
            id: order.id,
            kopecks: order.sum.minor,
            description: order.description,
            receipt,
            return_url: order.return_url,
            client_ip: order.payer_address,
        };
        let likeness = hex::encode(Sha256::digest(payment.order().to_string()));
        PaymentRequest { text: payment.body(), likeness }
    }

    fn refund_request(&self, refund: &NewRefund<'_>) -> String {
        with_refund(refund, |refund| refund.body())
    }

    fn needs_receipt(&self, refund: &NewRefund<'_>) -> bool {
        with_refund(refund, |refund| refund.needs_receipt())
    }

    fn without_person(&self, request: &str) -> Option<String> {
        request::without_person(request)
    }

    fn fault(&self, reason: &str) -> Option<FieldError> {
        let message = "YooKassa does not take it for the receipt. Check it or send another.";
        refused_field(reason).map(|field| FieldError::new(field, "refused", message))
    }

    fn account(&self) -> Reply<'_, String> {
        Box::pin(async {
            let shop = self.secrets.get::<YookassaShop>().await;
            shop.map(|shop| shop.shop_id).map_err(|error| ProviderError::Unavailable(error.to_string()))
        })
    }

    fn open<'a>(&'a self, key: &'a str, request: &'a str, deadline: Instant) -> Reply<'a, ProviderPayment> {
        Box::pin(async move {
            let answer = self.answer(&Request::create_payment(key, request), deadline).await?;
            wire::payment(&answer).map(Into::into).ok_or(OTHER_FORM)
        })
    }

    fn look<'a>(&'a self, id: &'a str, deadline: Instant) -> Reply<'a, Option<ProviderPayment>> {
        Box::pin(async move { Ok(self.find(&Request::payment(id), wire::payment, deadline).await?.map(Into::into)) })
    }

    fn capture<'a>(&'a self, id: &'a str, deadline: Instant) -> Reply<'a, ProviderPayment> {
        Box::pin(async move {
            let answer = self.answer(&Request::capture(id), deadline).await?;
            wire::payment(&answer).map(Into::into).ok_or(OTHER_FORM)
        })
    }

    fn refund<'a>(&'a self, key: &'a str, request: &'a str, deadline: Instant) -> Reply<'a, ProviderRefund> {
        Box::pin(async move {
            let answer = self.answer(&Request::create_refund(key, request), deadline).await?;
            wire::refund(&answer).map(Into::into).ok_or(OTHER_FORM)
        })
    }

    fn look_at_refund<'a>(&'a self, id: &'a str, deadline: Instant) -> Reply<'a, Option<ProviderRefund>> {
        Box::pin(async move { Ok(self.find(&Request::refund(id), wire::refund, deadline).await?.map(Into::into)) })
    }

    fn list_payments<'a>(
        &'a self,
        since_ms: i64,
        cursor: Option<&'a str>,
        deadline: Instant,
    ) -> Reply<'a, ProviderPage<ProviderPayment>> {
        Box::pin(
            async move { self.list(&Request::payments(&rfc3339(since_ms), cursor), wire::payment, deadline).await },
        )
    }

    fn list_refunds<'a>(
        &'a self,
        since_ms: i64,
        cursor: Option<&'a str>,
        deadline: Instant,
    ) -> Reply<'a, ProviderPage<ProviderRefund>> {
        Box::pin(async move { self.list(&Request::refunds(&rfc3339(since_ms), cursor), wire::refund, deadline).await })
    }

    fn refunds_of<'a>(&'a self, payment_id: &'a str, deadline: Instant) -> Reply<'a, Vec<ProviderRefund>> {
        Box::pin(async move {
            let page = self.list(&Request::refunds_of(payment_id), wire::refund, deadline).await?;
            Ok(page.items)
        })
    }
}
