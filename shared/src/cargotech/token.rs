//! The shared login. A caller without a token takes a lease, logs in and stores the token; the others wait for it.
use std::{sync::PoisonError, time::Duration};

use reqwest::{Method, StatusCode};
use tokio::time::{Instant, sleep};

use super::{Answer, BACKOFF_MS, Call, Cargotech, Priority, UpstreamError, login_body, wire};
use crate::{
    audit::{self, AuditRow},
    cargotech::{metrics, module},
    store::{
        keys,
        lease::{Failure, LeaseOutcome},
        token::CargotechToken,
    },
    telemetry,
};

const LEASE: &str = "CARGOTECH-LOGIN";
/// Longer than a login with all its retries.
const LEASE_MS: i64 = 10_000;
/// The pause after a failed login: wrong credentials do not improve within seconds.
const AFTER_FAILURE_MS: i64 = 5_000;
const POLL: Duration = Duration::from_millis(100);

impl Cargotech {
    /// A token that CargoTech has not rejected yet.
    pub(super) async fn token(
        &self,
        refused: Option<&CargotechToken>,
        call: &Call<'_>,
    ) -> Result<CargotechToken, UpstreamError> {
        if let Some(refused) = refused {
            tracing::warn!("CargoTech refused the token; a new login follows");
            self.drop_own(refused);
            self.note(self.store.forget_cargotech_token(refused).await);
        }
        let usable = |token: &CargotechToken| refused != Some(token) && token.expires_at_ms > self.clock.now_ms();
        let own = self.token.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(token) = own.filter(usable) {
            return Ok(token);
        }
        match self.store.cargotech_token().await {
            Ok(stored) => {
                if let Some(token) = stored.filter(usable) {
                    return Ok(self.keep(token));
                }
            }
            Err(error) => {
                tracing::warn!(%error, "the shared token cannot be read; this instance logs in for itself");
                return self.log_in(call).await.map(|token| self.keep(token));
            }
        }
        Box::pin(self.log_in_once_for_all(usable, call)).await.map(|token| self.keep(token))
    }

    fn drop_own(&self, refused: &CargotechToken) {
        let mut own = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        own.take_if(|own| own == refused);
    }

    fn keep(&self, token: CargotechToken) -> CargotechToken {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
        token
    }

    /// Pauses logins: CargoTech rejects its own new tokens, so every search would log in again.
    pub(super) async fn pause_logins(&self, call: &Call<'_>) {
        let (owner, now_ms) = (&call.context.request_id, self.clock.now_ms());
        if let Ok(LeaseOutcome::Taken) = self.store.lease(LEASE, owner, None, now_ms, LEASE_MS).await {
            self.note(
                self.store
                    .fail_lease(&keys::lease(LEASE), owner, Failure::Down.as_str(), now_ms, AFTER_FAILURE_MS)
                    .await,
            );
        }
    }

    async fn log_in_once_for_all(
        &self,
        usable: impl Fn(&CargotechToken) -> bool,
        call: &Call<'_>,
    ) -> Result<CargotechToken, UpstreamError> {
        let owner = &call.context.request_id;
        loop {
            match self.store.lease(LEASE, owner, None, self.clock.now_ms(), LEASE_MS).await {
                Ok(LeaseOutcome::Taken) => break,
                Ok(LeaseOutcome::Held { failure: Some(_) }) => {
                    return Err(UpstreamError::unavailable("the login failed"));
                }
                Ok(LeaseOutcome::Held { failure: None }) => {
                    if Instant::now() + POLL >= call.deadline {
                        return Err(UpstreamError::unavailable("the login takes long"));
                    }
                    sleep(POLL).await;
                }
                Err(_) => return self.log_in(call).await,
            }
            if let Ok(Some(token)) = self.store.cargotech_token().await
                && usable(&token)
            {
                return Ok(token);
            }
        }
        // Another caller may have finished between our read and our lease.
        if let Ok(Some(token)) = self.store.cargotech_token().await
            && usable(&token)
        {
            self.note(self.store.release_lease(&keys::lease(LEASE), owner).await);
            return Ok(token);
        }
        let result = self.log_in(call).await;
        match &result {
            Ok(token) => {
                self.note(self.store.put_cargotech_token(token).await);
                self.note(self.store.release_lease(&keys::lease(LEASE), owner).await);
            }
            Err(_) => {
                self.note(
                    self.store
                        .fail_lease(
                            &keys::lease(LEASE),
                            owner,
                            Failure::Down.as_str(),
                            self.clock.now_ms(),
                            AFTER_FAILURE_MS,
                        )
                        .await,
                );
            }
        }
        result
    }

    /// The login itself. Every attempt is audited.
    async fn log_in(&self, call: &Call<'_>) -> Result<CargotechToken, UpstreamError> {
        let credentials = self.secrets.get().await.map_err(|error| {
            tracing::error!(%error, "CargoTech's credentials cannot be read");
            UpstreamError::unavailable("its credentials cannot be read")
        })?;
        let mut backoff = BACKOFF_MS.iter();
        loop {
            let recovering = self.pass(Priority::Acting).await?;
            let request = self
                .http()?
                .request(Method::POST, format!("{}/v1/auth/login", self.base_url))
                .json(&login_body(&credentials));
            let started = Instant::now();
            let answer = self.attempt(request, call, recovering).await;
            let token = match &answer {
                Answer::Ok(value) => wire::token(value),
                _ => None,
            };
            let outcome = match &answer {
                _ if token.is_some() => "ok".to_owned(),
                Answer::Ok(_) | Answer::Garbled => "unreadable".to_owned(),
                Answer::Status(status) => status.as_u16().to_string(),
                Answer::TooMany { .. } => "429".to_owned(),
                Answer::Failed(_) | Answer::CutOff => "no_answer".to_owned(),
            };
            let row = AuditRow::new(call.context, self.clock.now_ms(), module::LOGIN_AUDIT, outcome);
            audit::write(&self.store, row.fact("duration_ms", started.elapsed().as_millis())).await;
            if let Some(secret) = token {
                tracing::info!("logged in to CargoTech");
                return Ok(CargotechToken::new(secret, self.clock.now_ms() + self.token_ttl_ms));
            }
            match answer {
                Answer::Status(StatusCode::UNPROCESSABLE_ENTITY | StatusCode::UNAUTHORIZED) => {
                    telemetry::count(metrics::LOGIN_FAILED);
                    tracing::warn!("CargoTech does not know the phone and password that we have for it");
                    return Err(UpstreamError::unavailable("it refuses our login"));
                }
                Answer::Ok(_) => {
                    telemetry::count(metrics::LOGIN_FAILED);
                    return Err(self.unreadable());
                }
                other => self.not_answered(other, call, &mut backoff).await?,
            }
        }
    }
}
