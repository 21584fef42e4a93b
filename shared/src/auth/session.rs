//! A driver's one session: made by a sign-in, checked on every request, ended by a logout or by the next sign-in.
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

/// A session that the check has found good for this request. Nothing else can make one.
#[derive(Clone, Debug)]
pub struct Session {
    driver_id: i64,
    id: String,
    expires_at_s: i64,
    issued_at_s: i64,
}

/// The ids of sessions that an access token opened begin with it.
pub(crate) const LINK_SESSION: &str = "link-";

impl Session {
    /// Whether an access token opened it.
    pub fn is_by_link(&self) -> bool {
        self.id.starts_with(LINK_SESSION)
    }

    /// Lets pass whom Telegram vouches for. A link may have leaked, so whoever came by it may do nothing that shuts its owner out.
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

/// What a good token names. It is no session yet.
#[derive(Debug)]
pub struct NamedSession {
    driver_id: i64,
    id: String,
    issued_at_s: i64,
}

/// Whom a route is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    /// Drivers who are not blocked.
    Welcome,
    /// All of them: a blocked one can still see who they are and what they paid, and sign out.
    Everybody,
    /// Those who administer: sessions of the admin page are good there alone, a driver's too.
    AdminPage,
}

impl NamedSession {
    /// The driver's Telegram id.
    pub fn driver_id(&self) -> i64 {
        self.driver_id
    }
}

/// A session token and how long the session lasts without use.
#[derive(Clone)]
pub struct IssuedToken {
    /// The JWT.
    pub token: String,
    /// When the session ends if it is not used, seconds since 1970-01-01 UTC.
    pub expires_at_s: i64,
}

/// A sign-in that was good.
#[derive(Clone)]
pub struct SignedIn {
    /// For the next requests.
    pub token: IssuedToken,
    /// The signed-in driver.
    pub profile: Profile,
    /// The driver's access.
    pub access: Access,
    /// What they are, if they administer.
    pub role: Option<Role>,
}

impl App {
    /// Signs a driver in with what Telegram launched the app with.
    ///
    /// A launch is good once. The same attempt (the same `attempt` key, because answers get lost on the road) is
    /// answered again for the same session, as long as that is the driver's current one.
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
        // Of this launch alone: whoever knows the key repeats no other by it.
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

    /// What Telegram launched the app with, if Telegram signed it, and lately.
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

    /// Keeps that the driver is here, and gives one who never had a subscription the trial, unless they had it in an earlier life
    /// here.
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
            // Whoever comes while there is no trial is not a new driver when there is one again.
            self.store.forgo_trial(user.id, now_ms).await?;
        }
        if let Some(trial) = trial
            && let Welcomed::Done(profile) = self.store.welcome(user, arrival, Some(&trial), now_ms).await?
        {
            return Ok((*profile, Access { subscription: trial.subscription, ..access.clone() }));
        }
        // There is no trial, they had it, or another sign-in gives it in this moment.
        let is_known = access.subscription.version != 0;
        let access = if is_known { access.clone() } else { self.store.access(user.id).await? };
        match self.store.welcome(user, arrival, None, now_ms).await {
            Ok(Welcomed::Done(profile)) => return Ok((*profile, access)),
            Ok(Welcomed::HadTrial) => {}
            Err(error) => tracing::warn!(%error, "a visit could not be counted; the next one is"),
        }
        Ok((self.store.put_user(user, now_ms.div_euclid(1000)).await?.profile, access))
    }

    /// The trial of a driver who never had a subscription, where there is one.
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

    /// Stores the session, or finds the one that this very attempt made before.
    async fn accept_launch(&self, new: &NewSession<'_>) -> Result<(String, i64), Error> {
        let mine = || (new.id.to_owned(), new.expires_at_s);
        let SessionWrite::Refused(row) = self.store.start_session(new).await? else {
            return Ok(mine());
        };
        // The answer to our own first try was lost, and the SDK tried again.
        let own = |row: &Option<SessionRow>| row.as_ref().is_some_and(|row| row.id.as_deref() == Some(new.id));
        if own(&row) {
            return Ok(mine());
        }
        let mut row = row.ok_or_else(|| Error::Internal("a session row has another form".into()))?;
        let known = |row: &SessionRow| row.init_data_hashes.iter().any(|hash| hash == new.init_data_hash);
        // Two launches may bear the same second; both are good, each once.
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

    /// Checks a request's token: signature, age, the stored session, and the driver's rate. One store call, two for a
    /// driver who is ahead of the rate.
    ///
    /// # Errors
    /// The session is not good, the driver is too fast, or the store does not answer.
    pub async fn check_session(&self, bearer: Option<&str>) -> Result<Session, Error> {
        let named = self.named_session(bearer).await?;
        self.use_session(named, For::Welcome).await
    }

    /// The same for what a blocked driver may see too.
    ///
    /// # Errors
    /// The session is not good, the driver is too fast, or the store does not answer.
    pub async fn check_any_session(&self, bearer: Option<&str>) -> Result<Session, Error> {
        let named = self.named_session(bearer).await?;
        self.use_session(named, For::Everybody).await
    }

    /// The same for what a session of the admin page may do too; of drivers, `whom` may.
    ///
    /// # Errors
    /// The session is not good, the driver is too fast, or the store does not answer.
    pub async fn check_session_anywhere(&self, bearer: Option<&str>, whom: For) -> Result<Session, Error> {
        let named = self.named_session(bearer).await?;
        let whom = if Seat::of(&named.id).is_some() { For::AdminPage } else { whom };
        self.use_session(named, whom).await
    }

    /// What a request's token names, without a store call: whether that is still the driver's session is for
    /// [`App::use_session`] to say.
    ///
    /// # Errors
    /// The token is missing, not one of ours, or too old.
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

    /// Checks the named session against the stored one, slides its expiry and takes the driver's rate. One that an access link
    /// opened ends with the subscription, which is read at the same time.
    ///
    /// # Errors
    /// The session is not good, the driver is too fast, or the store does not answer.
    pub async fn use_session(&self, named: NamedSession, whom: For) -> Result<Session, Error> {
        if named.id.starts_with(LINK_SESSION) {
            // On the heap: hardly any request is one of these.
            return Box::pin(self.use_link_session(named, whom)).await;
        }
        self.slide_session(named, whom).await
    }

    async fn use_link_session(&self, named: NamedSession, whom: For) -> Result<Session, Error> {
        let driver_id = named.driver_id;
        let subscription = async { self.store.subscription(driver_id).await.map_err(Error::from) };
        let (session, subscription) = tokio::try_join!(self.slide_session(named, whom), subscription)?;
        if subscription.is_running(self.clock.now_ms()) {
            return Ok(session);
        }
        // For good: a subscription that begins later opens no old session.
        self.store.end_session(driver_id, &session.id).await?;
        Err(Error::SessionExpired)
    }

    async fn slide_session(&self, named: NamedSession, whom: For) -> Result<Session, Error> {
        let NamedSession { driver_id, id, issued_at_s } = named;
        if Seat::of(&id).is_some() && whom != For::AdminPage {
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
        // Whoever got the old token today was counted then.
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
            // Refused: it has ended already, which is what was asked for.
            SessionWrite::Done | SessionWrite::Refused(_) => Ok(()),
        }
    }

    pub(super) async fn issue(&self, driver_id: i64, id: &str, expires_at_s: i64) -> Result<IssuedToken, Error> {
        let keys: TokenKeys = self.secrets.get().await.map_err(internal)?;
        let token = keys.issue(driver_id, id, self.clock.now_s()).map_err(internal)?;
        Ok(IssuedToken { token, expires_at_s })
    }
}

/// Why a session may not be used; or its `tat`, when it is only the rate.
fn why_refused(row: Option<&SessionRow>, sid: &str, now_s: i64, whom: For) -> Result<i64, Error> {
    match row {
        Some(row) if row.expires_at_s <= now_s => Err(Error::SessionExpired),
        Some(SessionRow { id: Some(id), .. }) if id != sid => Err(Error::SessionReplaced),
        Some(row) if row.id.is_some() && row.blocked && whom != For::Everybody => Err(Error::DriverBlocked),
        Some(row) if row.id.is_some() => Ok(row.tat_ms),
        _ => Err(Error::SessionExpired),
    }
}

fn internal(error: impl std::fmt::Display) -> Error {
    Error::Internal(error.to_string())
}
