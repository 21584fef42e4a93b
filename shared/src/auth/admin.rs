//! Who may administer: drivers with a role, signed in through Telegram. `ADMIN_TELEGRAM_IDS` names the first owners.
//! They remain owners while listed there, whatever the table says.
use super::{
    seat::Seat,
    session::{Audience, Session},
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

/// How recent a sign-in must be for dangerous actions.
const FRESH_S: i64 = 3600;

/// The session of an admin with the required permission. Only the check creates it.
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

    /// The actor for the audit log.
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

    /// When the next dangerous action needs a new sign-in, seconds since 1970-01-01 UTC.
    pub fn fresh_until_s(&self) -> i64 {
        self.signed_in_at_s + FRESH_S
    }

    /// Checks that admins do not change anything of their own.
    ///
    /// # Errors
    /// It is their own.
    pub(crate) fn check_not_own(&self, driver_id: i64) -> Result<(), Error> {
        if driver_id == self.admin_id() { Err(Error::Conflict(Conflict::OwnAccount)) } else { Ok(()) }
    }
}

impl App {
    /// The effective role, given the stored one. Configured owners are always owners.
    pub(crate) fn role_of(&self, id: i64, stored: Option<Role>) -> Option<Role> {
        if self.config.admin_telegram_ids.contains(&id) { Some(Role::Owner) } else { stored }
    }

    /// Checks that the caller is an admin with this permission, and audits a refusal. Makes two store calls: the
    /// session's, and one read of role, sign-in and name.
    ///
    /// # Errors
    /// The session is invalid, the permission is missing, or the sign-in is too old for a dangerous action.
    pub async fn check_admin(
        &self,
        bearer: Option<&str>,
        permission: Permission,
        context: &RequestContext,
    ) -> Result<AdminSession, Error> {
        let session = self.check_session_anywhere(bearer, Audience::Unblocked).await?;
        let id = session.driver_id();
        // Anyone with an access link can use its session, so it never administers.
        let standing =
            if session.is_by_link() { None } else { Some(self.store.admin(id, Seat::of(session.id())).await?) };
        // A driver's own session already covers a block.
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

    /// Checks a further permission that the request turns out to need.
    ///
    /// # Errors
    /// The permission is missing.
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
    /// The sign-in is too old.
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
/// The sign-in is too old.
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

/// Audits a refused permission.
async fn refuse(
    store: &Store,
    clock: &Clock,
    id: i64,
    permission: Permission,
    refused: Error,
    context: &RequestContext,
) -> Error {
    let row = AuditRow::new(context, clock.now_ms(), module::ADMIN_ACCESS_AUDIT, refused.code());
    // At most one row an hour per person and permission, so that nobody fills the log.
    let row = row.once_an_hour(id, permission.as_str());
    audit::write(store, row.fact("driver_id", id).fact("permission", permission.as_str())).await;
    refused
}
