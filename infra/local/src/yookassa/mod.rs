//! The sandbox of YooKassa: API v3 of a test shop, its payment page, and the notifications that it sends. All of it is
//! kept in memory and lives by the movable clock: a restarted sandbox knows no earlier payment.

mod amount;
mod answer;
mod api;
mod cards;
pub mod control;
mod faults;
mod fields;
mod keys;
mod list;
mod notifications;
mod page;
mod payment;
mod receipt;
mod refund;
mod requests;
mod settings;
mod shop;
mod traffic;

#[cfg(test)]
mod tests;

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, header};
use futures_util::future::{BoxFuture, join_all};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use shared::clock::Clock;
use tokio::sync::Notify;

use faults::Mishaps;
use keys::Keys;
use notifications::{Delivery, Notifications};
use shop::Shop;
use traffic::Calls;

/// The route of the webhook, as the template writes it.
pub const WEBHOOK: &str = "/webhooks/yookassa/{token}";
/// How often the clock is looked at while something waits for its time. It may be moved meanwhile.
const POLL: Duration = Duration::from_millis(25);
/// How long the webhook may take. The documentation names no limit.
const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(30);
/// What may stand in a path as it is.
const IN_PATH: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How the webhook is reached from an address.
pub type Deliver = Arc<dyn Fn(Request<Body>, IpAddr) -> BoxFuture<'static, Response<Body>> + Send + Sync>;

/// What a sandbox is made from.
pub struct Options {
    /// The shop's number.
    pub shop_id: String,
    /// Its key.
    pub secret_key: String,
    /// The secret at the end of the webhook's address.
    pub webhook_token: String,
    /// Where the sandbox is reached, without a slash at its end: the payment pages are below it.
    pub base_url: String,
    /// What time it is.
    pub clock: Clock,
}

/// A YooKassa of one's own. Clones share their state.
#[derive(Clone)]
pub struct Sandbox {
    inner: Arc<Inner>,
}

struct Inner {
    webhook_token: String,
    clock: Clock,
    state: Mutex<State>,
    /// Something may have to be delivered.
    changed: Notify,
    deliver: OnceLock<Deliver>,
}

struct State {
    secret_key: String,
    shop: Shop,
    keys: Keys,
    mishaps: Mishaps,
    notifications: Notifications,
    calls: Calls,
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sandbox")
    }
}

/// The API under `/v3` and the payment pages under `/pay`.
pub fn router(sandbox: Sandbox) -> Router {
    api::router(sandbox.clone()).merge(page::router(sandbox))
}

impl Sandbox {
    /// A shop in which nobody has paid.
    pub fn new(options: Options) -> Sandbox {
        let Options { shop_id, secret_key, webhook_token, base_url, clock } = options;
        let state = State {
            secret_key,
            shop: Shop::new(shop_id, format!("{base_url}/pay")),
            keys: Keys::default(),
            mishaps: Mishaps::default(),
            notifications: Notifications::default(),
            calls: Calls::default(),
        };
        let (state, changed, deliver) = (Mutex::new(state), Notify::new(), OnceLock::new());
        Sandbox { inner: Arc::new(Inner { webhook_token, clock, state, changed, deliver }) }
    }

    /// Sends notifications for as long as it is polled.
    pub async fn run(self, deliver: Deliver) {
        // It is run once.
        let _ = self.inner.deliver.set(deliver);
        loop {
            let changed = self.inner.changed.notified();
            for delivery in self.with(|state, now_ms| state.notifications.due(now_ms)) {
                let sandbox = self.clone();
                #[allow(clippy::disallowed_methods, reason = "notifications do not wait for each other")]
                tokio::spawn(async move { sandbox.deliver(delivery).await });
            }
            let waits = self.with(|state, _| state.notifications.is_waiting() || state.shop.has_deadlines());
            if waits {
                let _ = tokio::time::timeout(POLL, changed).await;
            } else {
                changed.await;
            }
        }
    }

    /// Makes an attempt and returns what it was answered.
    async fn deliver(&self, delivery: Delivery) -> Vec<u16> {
        let copies = (0..delivery.copies).map(|_| self.send(&delivery.body, delivery.sender, None));
        let statuses: Vec<u16> = join_all(copies).await.into_iter().flatten().collect();
        self.with(|state, now_ms| state.notifications.finish(now_ms, &delivery, &statuses));
        self.inner.changed.notify_waiters();
        statuses
    }

    /// Posts a body to the webhook, and returns the status if there was one.
    async fn send(&self, body: &Value, sender: IpAddr, token: Option<&str>) -> Option<u16> {
        let deliver = self.inner.deliver.get()?;
        let token = token.unwrap_or(&self.inner.webhook_token);
        let path = WEBHOOK.replace("{token}", &utf8_percent_encode(token, &IN_PATH).to_string());
        let body = body.to_string();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::CONTENT_LENGTH, body.len())
            .body(Body::from(body))
            .ok()?;
        let response = tokio::time::timeout(WEBHOOK_TIMEOUT, deliver(request, sender)).await.ok()?;
        Some(response.status().as_u16())
    }

    /// Does something to the state at the present time: what ran out before has ended, and what happens now is told.
    fn with<T>(&self, act: impl FnOnce(&mut State, i64) -> T) -> T {
        let now_ms = self.inner.clock.now_ms();
        let state = &mut *self.state();
        state.shop.pass_time(now_ms);
        let result = act(state, now_ms);
        let events = state.shop.take_events();
        if !events.is_empty() {
            self.inner.changed.notify_waiters();
        }
        events.into_iter().for_each(|event| state.notifications.add(now_ms, event));
        result
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
