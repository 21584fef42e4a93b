//! Sessions of the admin page, separate from the driver's. An admin can be signed in on a phone and at a desk at once,
//! and in the app as well. Each seat has one session; a new sign-in replaces it.
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::session::{Session, SignedIn};
use crate::{
    access::Access,
    app::App,
    audit::{self, AuditRow},
    auth::{metrics, module},
    error::Error,
    request::RequestContext,
    store::session::NewSession,
    telemetry,
};

/// The device that the admin page is open on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Seat {
    /// A phone or a tablet.
    Phone,
    /// A computer.
    Desk,
}

/// The prefix of ids of admin sessions, followed by their seat.
const PREFIX: &str = "admin-";

impl Seat {
    /// All values.
    pub const ALL: [Self; 2] = [Self::Phone, Self::Desk];

    /// The name in the API and in keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Desk => "desk",
        }
    }

    /// The seat of this session; `None` for a driver's session.
    pub fn of(session_id: &str) -> Option<Self> {
        let rest = session_id.strip_prefix(PREFIX)?;
        Self::ALL.into_iter().find(|seat| rest.strip_prefix(seat.as_str()).is_some_and(|rest| rest.starts_with('-')))
    }

    fn new_id(self) -> String {
        format!("{PREFIX}{}-{}", self.as_str(), uuid::Uuid::new_v4().simple())
    }
}

impl App {
    /// Signs an admin in to the admin page only, with the app's launch data. The launch is used up as by any sign-in;
    /// the driver's session stays.
    ///
    /// # Errors
    /// The launch is invalid, the person is not an admin, or the store does not answer.
    pub async fn sign_in_to_admin(
        &self,
        init_data: &str,
        hash: Option<&str>,
        attempt: Option<&str>,
        seat: Seat,
        context: &RequestContext,
    ) -> Result<SignedIn, Error> {
        let now_ms = self.clock.now_ms();
        let data = self.checked_launch(init_data, hash, now_ms).await?;
        let access = self.access_of_admin(data.user.id, context).await?;
        let id = seat.new_id();
        let new = NewSession {
            driver_id: data.user.id,
            id: &id,
            expires_at_s: now_ms.div_euclid(1000) + self.config.session_ttl_s,
            auth_date: data.auth_date,
            init_data_hash: &data.hash,
            attempt,
            now_ms,
        };
        let (id, expires_at_s) = self.accept_admin_launch(&new, seat).await?;
        let visitor = self.store.put_user(&data.user, now_ms.div_euclid(1000)).await?;
        if let Err(error) = self.store.keep_record(&visitor, now_ms).await {
            tracing::warn!(%error, "a visit could not be counted; the next one is");
        }
        let token = self.issue(data.user.id, &id, expires_at_s).await?;
        telemetry::count_by(metrics::SIGNED_IN, "admin");
        let (access, role) = access;
        Ok(SignedIn { token, profile: visitor.profile, access, role: Some(role) })
    }

    /// Opens the admin page for an admin signed in to the app through Telegram, with the same sign-in time.
    ///
    /// # Errors
    /// They are not an admin, their session has ended, or the store does not answer.
    pub async fn open_admin(&self, session: &Session, seat: Seat, context: &RequestContext) -> Result<SignedIn, Error> {
        let driver_id = session.driver_id();
        if session.is_by_link() {
            // Anyone with an access link can use its session, so it never administers.
            return Err(self.refuse_entry(driver_id, context).await);
        }
        let (access, role) = self.access_of_admin(driver_id, context).await?;
        let profile = self.store.profile(driver_id).await?.ok_or(Error::AdminOnly)?;
        let (id, now_ms) = (seat.new_id(), self.clock.now_ms());
        let expires_at_s = now_ms.div_euclid(1000) + self.config.session_ttl_s;
        let signed_in_at_s = self.store.admin(driver_id, None).await?.signed_in_at_s;
        let opened = self.store.open_admin_session(session, (&id, seat), expires_at_s, signed_in_at_s, now_ms);
        if !opened.await? {
            return Err(Error::SessionReplaced);
        }
        let token = self.issue(driver_id, &id, expires_at_s).await?;
        Ok(SignedIn { token, profile, access, role: Some(role) })
    }

    async fn access_of_admin(
        &self,
        driver_id: i64,
        context: &RequestContext,
    ) -> Result<(Access, crate::rights::Role), Error> {
        let (access, role) = self.store.access_and_role(driver_id).await?;
        if access.blocked {
            return Err(Error::DriverBlocked);
        }
        match self.role_of(driver_id, role) {
            Some(role) => Ok((access, role)),
            None => Err(self.refuse_entry(driver_id, context).await),
        }
    }

    async fn refuse_entry(&self, driver_id: i64, context: &RequestContext) -> Error {
        let row = AuditRow::new(context, self.clock.now_ms(), module::ADMIN_ACCESS_AUDIT, Error::AdminOnly.code());
        let row = row.once_an_hour(driver_id, "sign_in");
        audit::write(&self.store, row.fact("driver_id", driver_id).fact("permission", "sign_in")).await;
        Error::AdminOnly
    }

    /// Stores the session, or returns the one from an earlier try of the same attempt.
    async fn accept_admin_launch(&self, new: &NewSession<'_>, seat: Seat) -> Result<(String, i64), Error> {
        for same_second in [false, true] {
            if self.store.start_admin_session(new, seat, same_second).await? {
                return Ok((new.id.to_owned(), new.expires_at_s));
            }
        }
        let stands = self.store.admin_session(new.driver_id, seat).await?;
        let is_own = |row: &crate::store::session::SessionRow| {
            let knows = row.init_data_hashes.iter().any(|hash| hash == new.init_data_hash);
            let same_attempt = new.attempt.is_some() && row.attempt.as_deref() == new.attempt && knows;
            // Or the response to our own first attempt was lost.
            row.id.as_deref() == Some(new.id) || (same_attempt && row.expires_at_s > new.now_ms.div_euclid(1000))
        };
        match stands.filter(is_own).and_then(|row| Some((row.id?, row.expires_at_s))) {
            Some(made) => Ok(made),
            None => {
                telemetry::count_by(metrics::SIGN_IN_REFUSED, "replayed");
                Err(Error::InitDataReplayed)
            }
        }
    }
}
