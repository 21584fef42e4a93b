//! The client of CargoTech's API, with one login, one request budget and one circuit breaker for all drivers.
//!
//! Every call passes the budget and the breaker, carries the token, and ends by its deadline. A driver never waits for
//! a retry that cannot finish in time.
use std::{
    fmt,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout_at};

pub mod jobs;
pub mod metrics;
pub mod module;
mod priority;
pub mod secret;
mod token;
pub mod wire;

use crate::{
    cargo::{Cargo, CargoId},
    clock::Clock,
    config::Config,
    outbound::Outbound,
    request::{RequestContext, count_upstream_call},
    secrets::Secrets,
    store::{Store, bucket::Rate, gate::Pass, token::CargotechToken},
    telemetry,
};
pub use priority::Priority;
use wire::{Entry, Page};

/// The longest attempt.
const ATTEMPT: Duration = Duration::from_secs(4);
/// The longest call with all attempts.
pub const CALL: Duration = Duration::from_secs(8);
/// Pauses before retries after 5xx and network errors, milliseconds. Up to a quarter is added at random, so that
/// instances that failed together do not retry together.
const BACKOFF_MS: [u64; 3] = [500, 1500, 3000];
/// The shortest time for a response. A retry with less time left is skipped.
const SHORTEST_ANSWER: Duration = Duration::from_millis(400);
/// The largest plausible response for a list of a hundred cargos.
const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;
/// The `Retry-After` when nothing better is known.
const UNKNOWN_WAIT_MS: i64 = 5_000;

/// Why a call to CargoTech failed. Never contains credentials, tokens or URLs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    /// CargoTech is down, slow or paused, or rejects our login. Holds the milliseconds until a retry makes sense.
    #[error("CargoTech is unavailable: {reason}")]
    Unavailable {
        /// For the log.
        reason: &'static str,
        /// Milliseconds.
        wait_ms: i64,
    },
    /// No call was made: this minute's budget is used up or reserved for others.
    #[error("our budget of calls to CargoTech has none left for this one")]
    OverBudget {
        /// Milliseconds.
        wait_ms: i64,
    },
    /// Our account is closed.
    #[error("CargoTech has closed our account")]
    Forbidden,
    /// The cargo does not exist.
    #[error("CargoTech does not have it")]
    NotFound,
    /// CargoTech rejects the query.
    #[error("CargoTech refused the query with {0}")]
    Refused(u16),
}

impl UpstreamError {
    fn unavailable(reason: &'static str) -> Self {
        Self::Unavailable { reason, wait_ms: UNKNOWN_WAIT_MS }
    }
}

/// CargoTech's limit of requests as its headers tell it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allowance {
    /// Requests a minute.
    pub limit: Option<i64>,
    /// Those left in this minute.
    pub remaining: Option<i64>,
}

/// The client, with one connection pool.
pub struct Cargotech {
    http: Outbound,
    base_url: String,
    store: Store,
    secrets: Secrets,
    clock: Clock,
    rate: Rate,
    token_ttl_ms: i64,
    /// The last used token, so that a warm instance need not read it from the store.
    token: Mutex<Option<CargotechToken>>,
    /// The `tat` of this instance's own budget, used while the shared one is unreachable.
    own_tat_ms: Mutex<i64>,
    /// When the shared budget has room again for each priority, milliseconds.
    refused_until_ms: [AtomicI64; 5],
    /// What CargoTech's last answer said about its own limit.
    allowance: Mutex<Allowance>,
}

impl fmt::Debug for Cargotech {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cargotech").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

impl Cargotech {
    /// Creates a client for the configured URL.
    pub fn new(config: &Config, http: Outbound, store: Store, secrets: Secrets, clock: Clock) -> Self {
        Self {
            http,
            base_url: config.cargotech_base_url.clone(),
            store,
            secrets,
            clock,
            rate: Rate::at_most_per_minute(config.cargotech_budget_per_min - config.market_calls_per_min),
            token_ttl_ms: config.cargotech_token_ttl_s * 1000,
            token: Mutex::new(None),
            own_tat_ms: Mutex::new(0),
            refused_until_ms: Default::default(),
            allowance: Mutex::default(),
        }
    }

    /// A page of the list.
    ///
    /// # Errors
    /// See [`UpstreamError`].
    pub async fn cargos(
        &self,
        query: &[(&'static str, String)],
        priority: Priority,
        context: &RequestContext,
        deadline: Instant,
    ) -> Result<Page, UpstreamError> {
        let call = Call { path: "/v2/cargos/views", query, priority, context, deadline };
        wire::page(&self.get(&call).await?, self.clock.today()).ok_or_else(|| self.unreadable())
    }

    /// A cargo's detail.
    ///
    /// # Errors
    /// See [`UpstreamError`].
    pub async fn cargo(
        &self,
        id: &CargoId,
        priority: Priority,
        context: &RequestContext,
        deadline: Instant,
    ) -> Result<Cargo, UpstreamError> {
        let path = format!("/v1/carrier/cargos/{}", id.as_str());
        let query = [("source", "1".to_owned()), ("include", "contacts".to_owned())];
        let call = Call { path: &path, query: &query, priority, context, deadline };
        wire::detail(&self.get_known(&call).await?, self.clock.today()).ok_or_else(|| self.unreadable())
    }

    /// A dictionary: `points` (with names that contain the text), `truck_types` or `load_types`.
    ///
    /// # Errors
    /// See [`UpstreamError`].
    pub async fn dictionary(
        &self,
        name: &str,
        text: Option<&str>,
        priority: Priority,
        context: &RequestContext,
        deadline: Instant,
    ) -> Result<Vec<Entry>, UpstreamError> {
        let path = format!("/v1/dictionaries/{name}");
        let query = text.map(|text| ("filter[name]", text.to_owned()));
        let call = Call { path: &path, query: query.as_slice(), priority, context, deadline };
        wire::entries(&self.get_known(&call).await?).ok_or_else(|| self.unreadable())
    }

    /// Checks the token and logs in again if it is invalid. The daily check.
    ///
    /// # Errors
    /// See [`UpstreamError`].
    pub async fn check(&self, context: &RequestContext, deadline: Instant) -> Result<(), UpstreamError> {
        let call = Call { path: "/v1/me", query: &[], priority: Priority::Acting, context, deadline };
        self.get(&call).await.map(drop)
    }

    fn http(&self) -> Result<&reqwest::Client, UpstreamError> {
        self.http.client().map_err(|_| UpstreamError::unavailable("there is no HTTP client"))
    }

    fn unreadable(&self) -> UpstreamError {
        telemetry::count(metrics::UNREADABLE);
        UpstreamError::unavailable("its answer has another form")
    }

    /// A call without parameters from the driver, so its rejection is not the driver's fault.
    async fn get_known(&self, call: &Call<'_>) -> Result<Value, UpstreamError> {
        self.get(call).await.map_err(|error| match error {
            UpstreamError::Refused(_) => UpstreamError::unavailable("it refuses a query that it should know"),
            other => other,
        })
    }

    /// One call with retries, login and error handling.
    async fn get(&self, call: &Call<'_>) -> Result<Value, UpstreamError> {
        // Boxed: a login is rare and should not enlarge every call's future.
        let mut token = Box::pin(self.token(None, call)).await?;
        let mut logged_in_again = false;
        let mut backoff = BACKOFF_MS.iter();
        loop {
            let recovering = self.pass(call.priority).await?;
            let request = self
                .http()?
                .request(Method::GET, format!("{}{}", self.base_url, call.path))
                .query(call.query)
                .bearer_auth(token.secret());
            match self.attempt(request, call, recovering).await {
                Answer::Ok(value) => return Ok(value),
                Answer::Status(StatusCode::UNAUTHORIZED) if !logged_in_again => {
                    logged_in_again = true;
                    token = Box::pin(self.token(Some(&token), call)).await?;
                }
                Answer::Status(StatusCode::UNAUTHORIZED) => {
                    tracing::error!("CargoTech refuses a token that it has just given");
                    telemetry::count(metrics::LOGIN_FAILED);
                    self.pause_logins(call).await;
                    return Err(UpstreamError::unavailable("it refuses a fresh token"));
                }
                Answer::Status(StatusCode::NOT_FOUND | StatusCode::GONE) => {
                    return Err(UpstreamError::NotFound);
                }
                other => self.not_answered(other, call, &mut backoff).await?,
            }
        }
    }

    /// Handles a failed attempt. Waits and returns if a retry makes sense.
    async fn not_answered(
        &self,
        answer: Answer,
        call: &Call<'_>,
        backoff: &mut std::slice::Iter<'_, u64>,
    ) -> Result<(), UpstreamError> {
        let reason = match answer {
            Answer::Status(StatusCode::FORBIDDEN) => {
                tracing::error!("CargoTech has closed our account: it answers 403");
                telemetry::count(metrics::FORBIDDEN);
                return Err(UpstreamError::Forbidden);
            }
            Answer::TooMany { wait_ms } => {
                telemetry::count(metrics::RATE_LIMITED);
                self.note(self.store.pause_gate(self.clock.now_ms() + wait_ms).await);
                return call.wait(wait_ms, "it asks for a pause").await;
            }
            Answer::Status(status) if !status.is_server_error() => {
                tracing::warn!(status = status.as_u16(), path = call.path, "CargoTech refused a query");
                return Err(match status {
                    StatusCode::UNPROCESSABLE_ENTITY | StatusCode::BAD_REQUEST => {
                        UpstreamError::Refused(status.as_u16())
                    }
                    _ => UpstreamError::unavailable("it answers what its API does not promise"),
                });
            }
            // We gave up waiting, which is too little evidence to open the breaker.
            Answer::CutOff => {
                let reason = "it does not answer in time";
                tracing::warn!(reason, "a call to CargoTech failed");
                telemetry::count(metrics::FAILED);
                return Err(UpstreamError::unavailable(reason));
            }
            Answer::Status(_) => "it answers 5xx",
            Answer::Failed(reason) => reason,
            // A complete response that is not JSON will not improve within seconds.
            Answer::Garbled | Answer::Ok(_) => {
                if call.priority != Priority::Sweeping {
                    self.note(self.store.record_failure(self.clock.now_ms()).await);
                }
                return Err(self.unreadable());
            }
        };
        tracing::warn!(reason, "a call to CargoTech failed");
        telemetry::count(metrics::FAILED);
        // The sweep counts its calls and tries again itself. One bad page must not close the gate to drivers.
        if call.priority == Priority::Sweeping {
            return Err(UpstreamError::unavailable(reason));
        }
        self.note(self.store.record_failure(self.clock.now_ms()).await);
        let Some(wait_ms) = backoff.next() else {
            return Err(UpstreamError::unavailable(reason));
        };
        let jitter = uuid::Uuid::new_v4().as_u128() % (u128::from(*wait_ms) / 4);
        call.wait(i64::try_from(u128::from(*wait_ms) + jitter).unwrap_or(UNKNOWN_WAIT_MS), reason).await
    }

    /// Passes the budget and the breaker. Returns whether to record a success.
    async fn pass(&self, priority: Priority) -> Result<bool, UpstreamError> {
        let now_ms = self.clock.now_ms();
        // Other instances only reduce the budget, so one that knows of a pause need not ask. The budget is a single
        // item and would be throttled.
        let known_ms = &self.refused_until_ms[priority as usize];
        let wait_ms = known_ms.load(Ordering::Relaxed) - now_ms;
        if wait_ms > 0 {
            return Err(over_budget(priority, wait_ms));
        }
        let reserve = match priority {
            Priority::Renewing => self.rate.burst * 3 / 5,
            Priority::Browsing => self.rate.burst / 5,
            Priority::Opening => self.rate.burst / 10,
            Priority::Acting | Priority::Sweeping => 0,
        };
        let passed = match priority {
            // The sweep counts its own calls, and drivers' rate is without them.
            Priority::Sweeping => self.store.pass_gate_uncounted(now_ms).await,
            _ => self.store.pass_gate(self.rate, reserve, now_ms).await,
        };
        match passed {
            Ok(Pass::Go { recovering }) => Ok(recovering),
            Ok(Pass::Closed { wait_ms }) => Err(UpstreamError::Unavailable { reason: "the breaker is open", wait_ms }),
            Ok(Pass::Exhausted { wait_ms }) => {
                known_ms.store(now_ms + wait_ms, Ordering::Relaxed);
                Err(over_budget(priority, wait_ms))
            }
            Err(error) => {
                tracing::warn!(%error, "the shared request budget cannot be read; this instance uses its own");
                self.pass_alone(now_ms)
            }
        }
    }

    /// While the shared budget cannot be reached, every instance takes a fiftieth of it, and a few at once. More than fifty
    /// busy instances exceed it; then CargoTech's own 429 is what holds them.
    fn pass_alone(&self, now_ms: i64) -> Result<bool, UpstreamError> {
        let own = Rate { interval_ms: self.rate.interval_ms * 50, burst: (self.rate.burst / 10).max(2) };
        let mut tat = self.own_tat_ms.lock().unwrap_or_else(PoisonError::into_inner);
        match own.take(own.believable(*tat, now_ms), now_ms) {
            Ok(next) => {
                *tat = next;
                Ok(false)
            }
            Err(wait_ms) => Err(UpstreamError::OverBudget { wait_ms }),
        }
    }

    /// One attempt. Whatever CargoTech says but 429 and 5xx, it is back, and the breaker must know that before anything
    /// else is asked: a login for the next attempt has to pass the gate too.
    async fn attempt(&self, request: reqwest::RequestBuilder, call: &Call<'_>, recovering: bool) -> Answer {
        let answer = self.send(request, call).await;
        let alive = match &answer {
            Answer::Ok(_) => true,
            Answer::Status(status) => !status.is_server_error(),
            Answer::TooMany { .. } | Answer::Failed(_) | Answer::CutOff | Answer::Garbled => false,
        };
        if recovering && alive {
            self.note(self.store.record_recovery().await);
        }
        answer
    }

    /// Sends a request and reads the answer whole, in time.
    async fn send(&self, request: reqwest::RequestBuilder, call: &Call<'_>) -> Answer {
        let request =
            request.header(header::ACCEPT, "application/json").header("x-request-id", &call.context.request_id);
        let started = Instant::now();
        let deadline = call.deadline.min(started + ATTEMPT);
        let answer = match timeout_at(deadline, read(request)).await {
            Ok(Ok((answer, allowance))) => {
                *self.allowance.lock().unwrap_or_else(PoisonError::into_inner) = allowance;
                answer
            }
            Ok(Err(error)) => {
                Answer::Failed(if error.is_connect() { "it cannot be reached" } else { "the connection broke" })
            }
            Err(_) if deadline < started + ATTEMPT => Answer::CutOff,
            Err(_) => Answer::Failed("it does not answer in time"),
        };
        count_upstream_call();
        telemetry::took(metrics::LATENCY, started.elapsed());
        answer
    }

    /// The budget of requests.
    pub fn rate(&self) -> Rate {
        self.rate
    }

    /// CargoTech's limit as its last answer told it.
    pub fn allowance(&self) -> Allowance {
        *self.allowance.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The store is an aid here, never a reason to fail a call that CargoTech answered.
    fn note(&self, result: Result<(), crate::store::StoreError>) {
        if let Err(error) = result {
            tracing::warn!(%error, "what CargoTech's gate should know could not be stored");
        }
    }
}

/// One call and how long it may take.
struct Call<'a> {
    path: &'a str,
    query: &'a [(&'static str, String)],
    priority: Priority,
    context: &'a RequestContext,
    deadline: Instant,
}

impl Call<'_> {
    /// Waits if there is time for it and for an answer after it.
    async fn wait(&self, wait_ms: i64, reason: &'static str) -> Result<(), UpstreamError> {
        let until = Instant::now() + Duration::from_millis(u64::try_from(wait_ms).unwrap_or(0));
        if until + SHORTEST_ANSWER >= self.deadline {
            return Err(UpstreamError::Unavailable { reason, wait_ms: wait_ms.max(1000) });
        }
        sleep(until - Instant::now()).await;
        Ok(())
    }
}

/// What one attempt brought.
enum Answer {
    Ok(Value),
    Status(StatusCode),
    TooMany { wait_ms: i64 },
    Failed(&'static str),
    CutOff,
    Garbled,
}

fn over_budget(priority: Priority, wait_ms: i64) -> UpstreamError {
    // Who is served something old is not refused.
    if priority != Priority::Renewing {
        telemetry::count(metrics::BUDGET_EXHAUSTED);
    }
    UpstreamError::OverBudget { wait_ms }
}

async fn read(request: reqwest::RequestBuilder) -> Result<(Answer, Allowance), reqwest::Error> {
    let response = request.send().await.map_err(reqwest::Error::without_url)?;
    let number = |name| response.headers().get(name).and_then(|value| value.to_str().ok()?.parse().ok());
    let allowance = Allowance { limit: number("x-ratelimit-limit"), remaining: number("x-ratelimit-remaining") };
    Ok((answer_of(response).await?, allowance))
}

async fn answer_of(mut response: reqwest::Response) -> Result<Answer, reqwest::Error> {
    let status = response.status();
    if status == StatusCode::TOO_MANY_REQUESTS {
        let seconds =
            response.headers().get("x-ratelimit-reset-after").and_then(|value| value.to_str().ok()?.parse().ok());
        return Ok(Answer::TooMany { wait_ms: seconds.unwrap_or(5_i64).clamp(1, 120) * 1000 });
    }
    if !status.is_success() {
        return Ok(Answer::Status(status));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(reqwest::Error::without_url)? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_ANSWER_BYTES {
            return Ok(Answer::Garbled);
        }
    }
    Ok(serde_json::from_slice(&body).map_or(Answer::Garbled, Answer::Ok))
}

fn login_body(credentials: &secret::Credentials) -> Value {
    json!({ "phone": credentials.phone, "password": credentials.password, "remember": true })
}
