//! Admins: their roles.
use super::{Attributes, Item, Store, StoreError, keys::Key};
use crate::auth::role::Role;

/// What stands of somebody who may be an admin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Their role, if they have one.
    pub role: Option<Role>,
    /// First and last name.
    pub name: String,
    /// When they last signed in through Telegram, seconds since 1970-01-01 UTC.
    pub signed_in_at_s: i64,
}

pub(super) fn role(item: &Item) -> Option<Role> {
    Role::ALL.into_iter().find(|role| Some(role.as_str()) == item.text("role"))
}

impl Store {
    /// What stands of the driver as an admin: one call.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn admin(&self, id: i64) -> Result<Standing, StoreError> {
        let (role_key, session, profile) = (Key::role(id), Key::session(id), Key::profile(id));
        let keys = [&role_key, &session, &profile];
        let rows = self.get_many("admin", keys.map(Key::attributes).to_vec()).await?;
        let row = |key: &Key| rows.iter().find(|row| key.is_of(row));
        let name = row(&profile).and_then(|row| super::profile::read(id, row)).map(|profile| profile.full_name());
        Ok(Standing {
            role: row(&role_key).and_then(role),
            name: name.unwrap_or_default(),
            signed_in_at_s: row(&session).and_then(|row| row.number("auth_date")).unwrap_or_default(),
        })
    }
}
