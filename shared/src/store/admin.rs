//! Admin roles. A removed role keeps its row: nothing is deleted from this table.
use std::collections::{BTreeMap, BTreeSet};

use ::store::{Attributes, Condition, Item, Key, StoreError, Table, Transacted, Transaction, n, s};

use super::{
    Store,
    keys::{self},
};
use crate::{
    audit::{Actor, AuditRow},
    auth::seat::Seat,
    rights::Role,
};

/// The state of a possible admin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Their role, if they have one.
    pub role: Option<Role>,
    /// First and last name.
    pub name: String,
    /// When the session in question was opened through Telegram, seconds since 1970-01-01 UTC.
    pub signed_in_at_s: i64,
    /// Whether they are blocked.
    pub blocked: bool,
}

/// A granted role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenRole {
    /// The admin.
    pub admin_id: i64,
    /// Their role.
    pub role: Role,
    /// Who granted it, with their name at that time.
    pub given_by: Actor,
    /// Time in milliseconds since 1970-01-01 UTC.
    pub given_at_ms: i64,
}

/// A change of a role.
#[derive(Debug)]
pub struct RoleWrite<'a> {
    /// The person whose role changes.
    pub admin_id: i64,
    /// The role as read.
    pub before: Option<Role>,
    /// The new role; `None` removes it.
    pub after: Option<Role>,
    /// The admin who changes it.
    pub by: &'a Actor,
    /// Whether that admin must be an owner in the table at the moment of the write, because the configuration does not
    /// name them.
    pub by_the_table: bool,
    /// Data for the audit log.
    pub audit: AuditRow,
}

/// The result of a role change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleWritten {
    /// It succeeded.
    Done,
    /// The role has changed since it was read.
    Again,
    /// The admin is no longer an owner.
    NoOwner,
}

/// When a session was opened through Telegram, seconds. Older rows have only the launch time.
pub(super) fn signed_in_at_s(session: &Item) -> Option<i64> {
    session.number("signed_in_at").or_else(|| session.number("auth_date"))
}

pub(super) fn role(item: &Item) -> Option<Role> {
    Role::ALL.into_iter().find(|role| Some(role.as_str()) == item.text("role"))
}

impl Store {
    /// The current roles: one call.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn roles(&self) -> Result<Vec<GivenRole>, StoreError> {
        let query = self
            .client()
            .query()
            .table_name(self.table(Table::App))
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", s(keys::role(0).partition()))
            .consistent_read(true);
        let answer = self.call("roles", Table::App, query.send()).await??;
        let given = |item: &Item| {
            let given_by = Actor { id: item.number("given_by")?, name: item.text("given_by_name")?.to_owned() };
            let (admin_id, given_at_ms) = (item.text("sk")?.parse().ok()?, item.number("given_at_ms")?);
            Some(GivenRole { admin_id, role: role(item)?, given_by, given_at_ms })
        };
        Ok(answer.items.unwrap_or_default().iter().filter_map(given).collect())
    }

    /// First and last names of known drivers: one call per hundred.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn names(&self, ids: &[i64]) -> Result<BTreeMap<i64, String>, StoreError> {
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        // A batch read must not repeat a key.
        let ids: BTreeSet<_> = ids.iter().copied().collect();
        let rows = self.get_many("names", ids.iter().map(|id| keys::profile(*id).attributes()).collect()).await?;
        let name = |id: &i64| {
            let row = rows.iter().find(|row| keys::profile(*id).is_of(row))?;
            Some((*id, super::profile::read(*id, row)?.full_name()))
        };
        Ok(ids.iter().filter_map(name).collect())
    }

    /// Grants or removes a role, if both it and the granting admin's role are as expected.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn put_role(&self, write: &RoleWrite<'_>) -> Result<RoleWritten, StoreError> {
        let mut row = Item::from([
            ("given_by".to_owned(), n(write.by.id)),
            ("given_by_name".to_owned(), s(&write.by.name)),
            ("given_at_ms".to_owned(), n(write.audit.at_ms)),
        ]);
        row.extend(write.after.map(|role| ("role".to_owned(), s(role.as_str()))));
        let same = match write.before {
            None => Condition::new("attribute_not_exists(#role)"),
            Some(before) => Condition::new("#role = :before").value(":before", s(before.as_str())),
        };
        let (audit_key, audit) = write.audit.item()?;
        let mut transaction = Transaction::default()
            .put("role", &keys::role(write.admin_id), row, Some(same.name("#role", "role")))
            .put("audit", &audit_key, audit, Some(Condition::absent()));
        if write.by_the_table {
            let owner = Condition::new("#role = :owner").name("#role", "role");
            let owner = owner.value(":owner", s(Role::Owner.as_str()));
            transaction = transaction.check("owner", &keys::role(write.by.id), owner);
        }
        Ok(match self.transact("put_role", transaction).await? {
            Transacted::Done => RoleWritten::Done,
            Transacted::Refused(refused) if refused.at("owner").is_some() => RoleWritten::NoOwner,
            // The response to our first attempt was lost: only this write creates the audit row.
            Transacted::Refused(refused) if refused.at("audit").is_some() => RoleWritten::Done,
            Transacted::Refused(_) => RoleWritten::Again,
        })
    }

    /// The admin state of a driver, with their own session or an admin session: one call.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn admin(&self, id: i64, seat: Option<Seat>) -> Result<Standing, StoreError> {
        let (role_key, own, profile) = (keys::role(id), keys::session(id), keys::profile(id));
        let session = seat.map_or_else(|| own.clone(), |seat| keys::admin_session(id, seat));
        let keys = [&role_key, &own, &profile].into_iter().chain(seat.map(|_| &session));
        let rows = self.get_many("admin", keys.map(Key::attributes).collect()).await?;
        let row = |key: &Key| rows.iter().find(|row| key.is_of(row));
        let name = row(&profile).and_then(|row| super::profile::read(id, row)).map(|profile| profile.full_name());
        Ok(Standing {
            role: row(&role_key).and_then(role),
            name: name.unwrap_or_default(),
            signed_in_at_s: row(&session).and_then(signed_in_at_s).unwrap_or_default(),
            blocked: row(&own).is_some_and(|row| row.flag("blocked")),
        })
    }
}
