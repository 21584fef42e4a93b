//! Who may administer: drivers with a role, signed in through Telegram. The first owners are named by
//! `ADMIN_TELEGRAM_IDS`; they stay owners as long as they stand there, whatever the table says.
use super::{
    seat::Seat,
    session::{For, Session},
};
use crate::{
    app::App,
    audit::{self, Actor, AuditRow},
    auth::module,
    clock::Clock,
    error::{Conflict, Error},
    request::RequestContext,
    rights::{Permission, Role},
    store::Store,
};

/// How long after signing in an admin may do what is dangerous.
const FRESH_S: i64 = 3600;

/// A session of an admin who may do what the request asks for. Only the check makes one.
#[derive(Clone, Debug)]
pub struct AdminSession {
    session: Session,
    name: String,
    role: Role,
    signed_in_at_s: i64,
}

impl AdminSession {
    /// The admin's Telegram id.
    pub fn admin_id(&self) -> i64 {
        self.session.driver_id()
    }

    /// For the audit log.
    pub fn actor(&self) -> Actor {
        Actor { id: self.admin_id(), name: self.name.clone() }
    }

    /// Their role.
    pub fn role(&self) -> Role {
        self.role
    }

    /// When they signed in, seconds since 1970-01-01 UTC.
    pub fn signed_in_at_s(&self) -> i64 {
        self.signed_in_at_s
    }

    /// When they have to sign in again for what is dangerous, seconds since 1970-01-01 UTC.
    pub fn fresh_until_s(&self) -> i64 {
        self.signed_in_at_s + FRESH_S
    }

    /// Holds an admin to what nobody may do: change something of their own.
    ///
    /// # Errors
    /// It is their own.
    pub(crate) fn check_not_own(&self, driver_id: i64) -> Result<(), Error> {
        if driver_id == self.admin_id() { Err(Error::Conflict(Conflict::OwnAccount)) } else { Ok(()) }
    }
}

impl App {
    /// What somebody is whose row says this: the first owners are owners whatever it says.
    pub(crate) fn role_of(&self, id: i64, stored: Option<Role>) -> Option<Role> {
        if self.config.admin_telegram_ids.contains(&id) { Some(Role::Owner) } else { stored }
    }

    /// Checks that the caller is an admin who may do this; whoever may not is written down. Two store calls: the session's,
    /// and one read of role, sign-in and name.
    ///
    /// # Errors
    /// The session is not good, its driver has no such right, or signed in too long ago for what is dangerous.
    pub async fn check_admin(
        &self,
        bearer: Option<&str>,
        permission: Permission,
        context: &RequestContext,
    ) -> Result<AdminSession, Error> {
        let session = self.check_session_anywhere(bearer, For::Welcome).await?;
        let id = session.driver_id();
        // Anyone with an access link can use its session, so it never administers.
        let standing =
            if session.is_by_link() { None } else { Some(self.store.admin(id, Seat::of(session.id())).await?) };
        // A driver's own session knows of a block by itself.
        if standing.as_ref().is_some_and(|standing| standing.blocked) {
            return Err(Error::DriverBlocked);
        }
        let admin = standing.and_then(|standing| {
            let role = self.role_of(id, standing.role).filter(|role| role.may(permission))?;
            Some(AdminSession { session, name: standing.name, role, signed_in_at_s: standing.signed_in_at_s })
        });
        let refused = match admin {
            Some(admin) if permission.is_dangerous() && self.clock.now_s() > admin.fresh_until_s() => {
                Error::SignInTooOld
            }
            Some(admin) => return Ok(admin),
            None => Error::AdminOnly,
        };
        Err(self.refuse_admin(id, permission, refused, context).await)
    }

    /// Holds an admin to a further right, which the request shows to be needed.
    ///
    /// # Errors
    /// They have it not.
    pub async fn require(
        &self,
        admin: &AdminSession,
        permission: Permission,
        context: &RequestContext,
    ) -> Result<(), Error> {
        if admin.role().may(permission) {
            return Ok(());
        }
        Err(self.refuse_admin(admin.admin_id(), permission, Error::AdminOnly, context).await)
    }

    /// Requires a sign-in within the last hour, if the request itself turns out to be dangerous.
    ///
    /// # Errors
    /// They signed in too long ago.
    pub(crate) async fn require_fresh(
        &self,
        admin: &AdminSession,
        permission: Permission,
        context: &RequestContext,
    ) -> Result<(), Error> {
        require_fresh(&self.store, &self.clock, admin, permission, context).await
    }

    async fn refuse_admin(&self, id: i64, permission: Permission, refused: Error, context: &RequestContext) -> Error {
        refuse(&self.store, &self.clock, id, permission, refused, context).await
    }
}

/// Requires a sign-in within the last hour, if the request itself turns out to be dangerous.
///
/// # Errors
/// They signed in too long ago.
pub(crate) async fn require_fresh(
    store: &Store,
    clock: &Clock,
    admin: &AdminSession,
    permission: Permission,
    context: &RequestContext,
) -> Result<(), Error> {
    if clock.now_s() <= admin.fresh_until_s() {
        return Ok(());
    }
    Err(refuse(store, clock, admin.admin_id(), permission, Error::SignInTooOld, context).await)
}

/// Writes down who was refused what.
async fn refuse(
    store: &Store,
    clock: &Clock,
    id: i64,
    permission: Permission,
    refused: Error,
    context: &RequestContext,
) -> Error {
    let row = AuditRow::new(context, clock.now_ms(), module::ADMIN_ACCESS_AUDIT, refused.code());
    // One row an hour for each who tries: nobody fills the log.
    let row = row.once_an_hour(id, permission.as_str());
    audit::write(store, row.fact("driver_id", id).fact("permission", permission.as_str())).await;
    refused
}
