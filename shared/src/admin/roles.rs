//! Granting and removing roles. Nobody changes their own role, so an owner always remains. Configured owners are fixed.
use serde_json::json;

use crate::{
    app::App,
    audit::{Actor, AuditRow},
    auth::{admin::AdminSession, module},
    error::{Conflict, Error},
    request::RequestContext,
    rights::Role,
    store::{
        admin::{GivenRole, RoleWrite, RoleWritten},
        retry::{Tried, retry_on_change},
    },
};

/// Attempts if concurrent changes win.
const ATTEMPTS: usize = 4;

/// A person with a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admin {
    /// Telegram user id.
    pub id: i64,
    /// First and last name; empty if they never opened the app.
    pub name: String,
    /// Their role.
    pub role: Role,
    /// Who granted it and when, milliseconds; `None` for configured owners.
    pub given: Option<(Actor, i64)>,
}

impl Admin {
    fn new(name: Option<String>, given: GivenRole) -> Self {
        let GivenRole { admin_id, role, given_by, given_at_ms } = given;
        Self { id: admin_id, name: name.unwrap_or_default(), role, given: Some((given_by, given_at_ms)) }
    }
}

impl App {
    /// All people with a role, configured owners first: two store calls.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn admins(&self) -> Result<Vec<Admin>, Error> {
        let configured = &self.config.admin_telegram_ids;
        let mut given = self.store.roles().await?;
        given.retain(|role| !configured.contains(&role.admin_id));
        given.sort_by_key(|role| role.admin_id);
        let ids: Vec<_> = configured.iter().copied().chain(given.iter().map(|role| role.admin_id)).collect();
        let mut names = self.store.names(&ids).await?;
        let mut admins: Vec<_> = configured
            .iter()
            .map(|id| Admin { id: *id, name: names.remove(id).unwrap_or_default(), role: Role::Owner, given: None })
            .collect();
        admins.extend(given.into_iter().map(|role| Admin::new(names.remove(&role.admin_id), role)));
        Ok(admins)
    }

    /// Grants a role to a person who has opened the app, replacing an existing one.
    ///
    /// # Errors
    /// It is the admin's own or a configured role, the person has never opened the app, the admin is no longer an
    /// owner, or the store does not answer.
    pub async fn give_role(
        &self,
        admin: &AdminSession,
        to: i64,
        role: Role,
        context: &RequestContext,
    ) -> Result<Admin, Error> {
        self.check_changeable(admin, to)?;
        let name = self.store.names(&[to]).await?.remove(&to).ok_or(Error::NotFound)?;
        let given = self.change_role(admin, to, Some(role), context).await?;
        Ok(Admin { id: to, name, role, given })
    }

    /// Removes a role.
    ///
    /// # Errors
    /// It is the admin's own or a configured role, the person has none, the admin is no longer an owner, or the store
    /// does not answer.
    pub async fn take_role(&self, admin: &AdminSession, from: i64, context: &RequestContext) -> Result<(), Error> {
        self.check_changeable(admin, from)?;
        self.change_role(admin, from, None, context).await.map(drop)
    }

    fn check_changeable(&self, admin: &AdminSession, id: i64) -> Result<(), Error> {
        if id == admin.admin_id() {
            return Err(Error::Conflict(Conflict::OwnRole));
        }
        if self.config.admin_telegram_ids.contains(&id) {
            return Err(Error::Conflict(Conflict::ConfiguredRole));
        }
        Ok(())
    }

    /// Who granted the resulting role, and when.
    async fn change_role(
        &self,
        admin: &AdminSession,
        admin_id: i64,
        after: Option<Role>,
        context: &RequestContext,
    ) -> Result<Option<(Actor, i64)>, Error> {
        let by = &admin.actor();
        retry_on_change("change_role", ATTEMPTS, (), |()| async move {
            let existing = self.store.roles().await?.into_iter().find(|role| role.admin_id == admin_id);
            let before = existing.as_ref().map(|role| role.role);
            match (before, after) {
                (None, None) => return Err(Error::NotFound),
                (before, after) if before == after => {
                    return Ok(Tried::Done(existing.map(|role| (role.given_by, role.given_at_ms))));
                }
                _ => {}
            }
            let now_ms = self.clock.now_ms();
            let outcome = if after.is_some() { "given" } else { "taken" };
            let shown = |role: Option<Role>| json!({ "role": role });
            let audit =
                AuditRow::new(context, now_ms, module::ROLE_AUDIT, outcome).by(by.clone()).about("role", admin_id);
            let audit = audit.fact("driver_id", admin_id).changing(shown(before), shown(after));
            let by_the_table = !self.config.admin_telegram_ids.contains(&by.id);
            let write = RoleWrite { admin_id, before, after, by, by_the_table, audit };
            match self.store.put_role(&write).await? {
                RoleWritten::Done => Ok(Tried::Done(Some((by.clone(), now_ms)))),
                RoleWritten::NoOwner => Err(Error::AdminOnly),
                RoleWritten::Again => Ok(Tried::Changed(())),
            }
        })
        .await
    }
}
