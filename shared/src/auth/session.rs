//! A driver's single session: created by a sign-in, checked on every request, ended by a logout or the next sign-in.
use crate::{
    access::Access,
    app::App,
    audit::AuditRow,
    auth::{
        init_data::{InitData, InitDataError, InitDataKey, User},
        metrics,
        seat::Seat,
        secret::token_keys_for,
        token::{TokenError, TokenKeys},
    },
    billing::{module, plan::DAY_S, subscription::Source},
    clock::moscow_day,
    driver::Profile,
    error::Error,
    request::{RequestContext, note_driver},
    rights::Role,
    store::{
        billing::Trial,
        bucket::{Rate, retry_after_s},
        profile::{Arrival, Welcomed},
        session::{NewSession, SessionRow, SessionWrite, Use},
    },
    telemetry,
};

/// A session validated for this request. Only the check creates it.
#[derive(Clone, Debug)]
pub struct Session {
    driver_id: i64,
    id: String,
    expires_at_s: i64,
    issued_at_s: i64,
}

/// The prefix of ids of sessions opened by an access token.
pub(crate) const LINK_SESSION: &str = "link-";

impl Session {
    /// Whether an access token opened it.
    pub fn is_by_link(&self) -> bool {
        self.id.starts_with(LINK_SESSION)
    }

    /// Requires a session opened through Telegram. An access link may leak, so its session must not be able to lock out
    /// the owner.
    ///
    /// # Errors
    /// An access link opened the session.
    pub fn check_by_telegram(&self) -> Result<(), Error> {
        if self.is_by_link() { Err(Error::TelegramNeeded) } else { Ok(()) }
    }

    /// The driver's Telegram id.
    pub fn driver_id(&self) -> i64 {
        self.driver_id
    }

    /// Its id.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }
}

/// The session named by a valid token. It is not validated yet.
#[derive(Debug)]
pub struct NamedSession {
    driver_id: i64,
    id: String,
    issued_at_s: i64,
}

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Drivers who are not blocked.
    Unblocked,
    /// All drivers. A blocked driver can still see their profile and payments, and sign out.
    AllDrivers,
    /// Admins. Sessions of the admin page are valid only there. A driver's session is valid too.
    AdminPage,
}

impl NamedSession {
    /// The driver's Telegram id.
    pub fn driver_id(&self) -> i64 {
        self.driver_id
    }
}

/// A session token with its expiry.
#[derive(Clone)]
pub struct IssuedToken {
    /// The JWT.
    pub token: String,
    /// When the session expires unless it is used, seconds since 1970-01-01 UTC.
    pub expires_at_s: i64,
}

/// A successful sign-in.
#[derive(Clone)]
pub struct SignedIn {
    /// The token for further requests.
    pub token: IssuedToken,
    /// The signed-in driver.
    pub profile: Profile,
    /// The driver's access.
    pub access: Access,
    /// The admin role, if any.
    pub role: Option<Role>,
}

impl App {
    /// Signs a driver in with the app's launch data.
    ///
    /// A launch can be used once. A repeat of the same attempt (the same `attempt` key, because responses get lost)
    /// returns the same session while it is the driver's current one.
    ///
    /// # Errors
    /// The launch is not good, or the store does not answer.
    pub async fn sign_in(
        &self,
        init_data: &str,
        hash: Option<&str>,
        attempt: Option<&str>,
        context: &RequestContext,
    ) -> Result<SignedIn, Error> {
        let now_ms = self.clock.now_ms();
        let data = self.checked_launch(init_data, hash, now_ms).await?;
        let id = uuid::Uuid::new_v4().simple().to_string();
        // Bound to this launch, so that knowing the key does not allow repeating another.
        let attempt = attempt.map(|key| format!("{}#{key}", data.hash));
        let new = NewSession {
            driver_id: data.user.id,
            id: &id,
            expires_at_s: now_ms.div_euclid(1000) + self.config.session_ttl_s,
            auth_date: data.auth_date,
            init_data_hash: &data.hash,
            attempt: attempt.as_deref(),
            now_ms,
        };
        let arrival = async { self.store.arrival(data.user.id).await.map_err(Error::from) };
        let ((id, expires_at_s), arrival) = tokio::try_join!(self.accept_launch(&new), arrival)?;
        let (profile, access) = Box::pin(self.welcome(&data.user, &arrival, now_ms, context)).await?;
        let token = self.issue(data.user.id, &id, expires_at_s).await?;
        let role = self.role_of(data.user.id, arrival.role);
        telemetry::count_by(metrics::SIGNED_IN, "telegram");
        Ok(SignedIn { token, profile, access, role })
    }

    /// The launch data, if Telegram signed it recently.
    pub(super) async fn checked_launch(
        &self,
        init_data: &str,
        hash: Option<&str>,
        now_ms: i64,
    ) -> Result<InitData, Error> {
        let key: InitDataKey = self.secrets.get().await.map_err(internal)?;
        InitData::check(init_data, hash, &key, self.config.init_data_max_age_s, now_ms.div_euclid(1000)).map_err(
            |reason| {
                telemetry::count_by(metrics::SIGN_IN_REFUSED, &reason.to_string());
                tracing::warn!(%reason, "init data was refused");
                match reason {
                    InitDataError::Expired => Error::InitDataExpired,
                    _ => Error::InitDataInvalid,
                }
            },
        )
    }

    /// Records the visit, and grants a trial to a driver who never had a subscription or a trial, even under a deleted
    /// profile.
    async fn welcome(
        &self,
        user: &User,
        arrival: &Arrival,
        now_ms: i64,
        context: &RequestContext,
    ) -> Result<(Profile, Access), Error> {
        let access = &arrival.access;
        let trial = self.trial_of(access, now_ms, context);
        if access.subscription.version == 0 && trial.is_none() {
            // A driver who arrives while no trial is offered is not new when one is offered again.
            self.store.forgo_trial(user.id, now_ms).await?;
        }
        if let Some(trial) = trial
            && let Welcomed::Done(profile) = self.store.welcome(user, arrival, Some(&trial), now_ms).await?
        {
            return Ok((*profile, Access { subscription: trial.subscription, ..access.clone() }));
        }
        // There is no trial, they already had it, or a concurrent sign-in grants it.
        let is_known = access.subscription.version != 0;
        let access = if is_known { access.clone() } else { self.store.access(user.id).await? };
        match self.store.welcome(user, arrival, None, now_ms).await {
            Ok(Welcomed::Done(profile)) => return Ok((*profile, access)),
            Ok(Welcomed::HadTrial) => {}
            Err(error) => tracing::warn!(%error, "a visit could not be counted; the next one is"),
        }
        Ok((self.store.put_user(user, now_ms.div_euclid(1000)).await?.profile, access))
    }

    /// The trial for a driver who never had a subscription, if one is offered.
    fn trial_of(&self, access: &Access, now_ms: i64, context: &RequestContext) -> Option<Trial> {
        let seconds = access.settings.trial_days * DAY_S;
        if access.subscription.version != 0 || seconds <= 0 {
            return None;
        }
        let driver_id = access.driver_id;
        let (subscription, entry) = access.subscription.grant(seconds, Source::Trial, &driver_id.to_string(), now_ms);
        let audit = AuditRow::new(context, now_ms, module::SUBSCRIPTION_AUDIT, "trial");
        Some(Trial { subscription, entry, audit: audit.fact("driver_id", driver_id).fact("seconds", seconds) })
    }

    /// Stores the session, or returns the one from an earlier try of the same attempt.
    async fn accept_launch(&self, new: &NewSession<'_>) -> Result<(String, i64), Error> {
        let mine = || (new.id.to_owned(), new.expires_at_s);
        let SessionWrite::Refused(row) = self.store.start_session(new).await? else {
            return Ok(mine());
        };
        // The response to our first attempt was lost, and the SDK retried.
        let own = |row: &Option<SessionRow>| row.as_ref().is_some_and(|row| row.id.as_deref() == Some(new.id));
        if own(&row) {
            return Ok(mine());
        }
        let mut row = row.ok_or_else(|| Error::Internal("a session row has another form".into()))?;
        let known = |row: &SessionRow| row.init_data_hashes.iter().any(|hash| hash == new.init_data_hash);
        // Two launches may have the same second. Both are valid, once each.
        if row.auth_date == new.auth_date && !known(&row) {
            match self.store.start_session_in_same_second(new).await? {
                SessionWrite::Done => return Ok(mine()),
                SessionWrite::Refused(newer) if own(&newer) => return Ok(mine()),
                SessionWrite::Refused(newer) => row = newer.unwrap_or(row),
            }
        }
        let same_attempt = new.attempt.is_some() && row.attempt.as_deref() == new.attempt && known(&row);
        match row.id {
            Some(id) if same_attempt && row.expires_at_s > new.now_ms.div_euclid(1000) => Ok((id, row.expires_at_s)),
            _ => {
                telemetry::count_by(metrics::SIGN_IN_REFUSED, "replayed");
                Err(Error::InitDataReplayed)
            }
        }
    }

    /// Validates a request's token: signature, age, stored session, and the driver's rate limit. One store call, or two
    /// for a driver ahead of the rate.
    ///
    /// # Errors
    /// The session is invalid, the rate limit is hit, or the store does not answer.
    pub async fn check_session(&self, bearer: Option<&str>) -> Result<Session, Error> {
        let named = self.named_session(bearer).await?;
        self.use_session(named, Audience::Unblocked).await
    }

    /// Like [`App::check_session`], but allows blocked drivers.
    ///
    /// # Errors
    /// The session is invalid, the rate limit is hit, or the store does not answer.
    pub async fn check_any_session(&self, bearer: Option<&str>) -> Result<Session, Error> {
        let named = self.named_session(bearer).await?;
        self.use_session(named, Audience::AllDrivers).await
    }

    /// Like [`App::check_session`], but allows sessions of the admin page too. `whom` says which drivers.
    ///
    /// # Errors
    /// The session is invalid, the rate limit is hit, or the store does not answer.
    pub async fn check_session_anywhere(&self, bearer: Option<&str>, whom: Audience) -> Result<Session, Error> {
        let named = self.named_session(bearer).await?;
        let whom = if Seat::of(&named.id).is_some() { Audience::AdminPage } else { whom };
        self.use_session(named, whom).await
    }

    /// The session that a token names, without a store call. [`App::use_session`] validates it.
    ///
    /// # Errors
    /// The token is missing, invalid or expired.
    pub async fn named_session(&self, bearer: Option<&str>) -> Result<NamedSession, Error> {
        let token = bearer.ok_or(Error::SessionMissing)?;
        let keys = token_keys_for(&self.secrets, token).await.map_err(internal)?;
        let (driver_id, claims) = keys.read(token, self.clock.now_s()).map_err(|error| match error {
            TokenError::Foreign => Error::SessionMissing,
            TokenError::Expired => Error::SessionExpired,
        })?;
        note_driver(keys.pseudonym(driver_id));
        Ok(NamedSession { driver_id, id: claims.sid, issued_at_s: claims.iat })
    }

    /// Validates the session against the stored one, extends its expiry, and takes from the driver's rate limit. A
    /// session opened by an access link ends with the subscription, which is read at the same time.
    ///
    /// # Errors
    /// The session is invalid, the rate limit is hit, or the store does not answer.
    pub async fn use_session(&self, named: NamedSession, whom: Audience) -> Result<Session, Error> {
        if named.id.starts_with(LINK_SESSION) {
            // Boxed, because such requests are rare.
            return Box::pin(self.use_link_session(named, whom)).await;
        }
        self.slide_session(named, whom).await
    }

    async fn use_link_session(&self, named: NamedSession, whom: Audience) -> Result<Session, Error> {
        let driver_id = named.driver_id;
        let subscription = async { self.store.subscription(driver_id).await.map_err(Error::from) };
        let (session, subscription) = tokio::try_join!(self.slide_session(named, whom), subscription)?;
        if subscription.is_running(self.clock.now_ms()) {
            return Ok(session);
        }
        // Permanently: a later subscription does not reopen an old session.
        self.store.end_session(driver_id, &session.id).await?;
        Err(Error::SessionExpired)
    }

    async fn slide_session(&self, named: NamedSession, whom: Audience) -> Result<Session, Error> {
        let NamedSession { driver_id, id, issued_at_s } = named;
        if Seat::of(&id).is_some() && whom != Audience::AdminPage {
            return Err(Error::SessionMissing);
        }
        let now_ms = self.clock.now_ms();
        let now_s = now_ms.div_euclid(1000);
        let rate = Rate::per_second(self.config.rate_limit_per_s);
        let expires_at_s = now_s + self.config.session_ttl_s;
        let used = Use { driver_id, session_id: &id, now_ms, expires_at_s, rate, whom };
        let good = || Session { driver_id, id: id.clone(), expires_at_s, issued_at_s };
        let SessionWrite::Refused(row) = self.store.use_session(&used).await? else {
            return Ok(good());
        };
        let tat_ms = why_refused(row.as_ref(), &id, now_s, whom)?;
        let ahead_ms = rate.believable(tat_ms, now_ms);
        rate.take(ahead_ms, now_ms).map_err(|wait_ms| Error::RateLimited(retry_after_s(wait_ms)))?;
        match self.store.use_session_in_burst(&used, rate.in_burst(rate.burst, tat_ms, now_ms)).await? {
            SessionWrite::Done => Ok(good()),
            SessionWrite::Refused(row) => {
                let ahead_ms = why_refused(row.as_ref(), &id, now_s, whom)?;
                Err(Error::RateLimited(retry_after_s(ahead_ms - rate.limit_ms(now_ms))))
            }
        }
    }

    /// A new token for the same session, signed with the current key.
    ///
    /// # Errors
    /// The signing key cannot be read.
    pub async fn refresh(&self, session: &Session) -> Result<IssuedToken, Error> {
        let now_ms = self.clock.now_ms();
        // A token issued today means the visit is already counted.
        if moscow_day(session.issued_at_s * 1000) != moscow_day(now_ms)
            && let Err(error) = self.store.count_visit(session.driver_id, now_ms).await
        {
            tracing::warn!(%error, "a visit could not be counted");
        }
        self.issue(session.driver_id, &session.id, session.expires_at_s).await
    }

    /// Ends the session at once.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn sign_out(&self, session: &Session) -> Result<(), Error> {
        match self.store.end_session(session.driver_id, &session.id).await? {
            // A failed condition means the session has already ended.
            SessionWrite::Done | SessionWrite::Refused(_) => Ok(()),
        }
    }

    pub(super) async fn issue(&self, driver_id: i64, id: &str, expires_at_s: i64) -> Result<IssuedToken, Error> {
        let keys: TokenKeys = self.secrets.get().await.map_err(internal)?;
        let token = keys.issue(driver_id, id, self.clock.now_s()).map_err(internal)?;
        Ok(IssuedToken { token, expires_at_s })
    }
}

/// Why a session is invalid, or its `tat` if only the rate limit is hit.
fn why_refused(row: Option<&SessionRow>, sid: &str, now_s: i64, whom: Audience) -> Result<i64, Error> {
    match row {
        Some(row) if row.expires_at_s <= now_s => Err(Error::SessionExpired),
        Some(SessionRow { id: Some(id), .. }) if id != sid => Err(Error::SessionReplaced),
        Some(row) if row.id.is_some() && row.blocked && whom != Audience::AllDrivers => Err(Error::DriverBlocked),
        Some(row) if row.id.is_some() => Ok(row.tat_ms),
        _ => Err(Error::SessionExpired),
    }
}

fn internal(error: impl std::fmt::Display) -> Error {
    Error::Internal(error.to_string())
}
