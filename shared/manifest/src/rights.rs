//! Admin roles and the permissions that routes need.
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The role of an admin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// May do everything.
    Owner,
    /// Supports drivers: sees and corrects their subscriptions, payments and messages.
    Support,
    /// Creates promo codes and sees the key figures, but no drivers.
    Marketing,
    /// Sees everything and changes nothing.
    Readonly,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 4] = [Self::Owner, Self::Support, Self::Marketing, Self::Readonly];

    /// The name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Support => "support",
            Self::Marketing => "marketing",
            Self::Readonly => "readonly",
        }
    }

    /// Whether the role has this permission.
    pub fn may(self, permission: Permission) -> bool {
        permission.roles.contains(&self)
    }
}

/// A permission for routes of the admin API. Each module declares its own.
#[derive(Clone, Copy, Debug)]
pub struct Permission {
    name: &'static str,
    roles: &'static [Role],
    is_dangerous: bool,
}

/// Permissions are compared by name.
impl PartialEq for Permission {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Permission {}

impl Permission {
    /// A permission of these roles.
    pub const fn new(name: &'static str, roles: &'static [Role]) -> Self {
        Self { name, roles, is_dangerous: false }
    }

    /// A permission that also needs a sign-in within the last hour, so that an unattended unlocked phone cannot move
    /// money.
    pub const fn dangerous(name: &'static str, roles: &'static [Role]) -> Self {
        Self { name, roles, is_dangerous: true }
    }

    /// Whether it needs a sign-in within the last hour.
    pub const fn is_dangerous(self) -> bool {
        self.is_dangerous
    }

    /// The name in the API and the audit log.
    pub const fn as_str(self) -> &'static str {
        self.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_may_do_what_names_it() {
        let see = Permission::new("see", &[Role::Owner, Role::Readonly]);
        assert!(Role::Owner.may(see) && Role::Readonly.may(see) && !Role::Support.may(see));
        assert!(!see.is_dangerous() && Permission::dangerous("give", &[Role::Owner]).is_dangerous());
    }

    #[test]
    fn a_role_is_called_the_same_in_json_and_in_the_log() {
        for role in Role::ALL {
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
        }
    }
}
