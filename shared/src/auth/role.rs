//! Roles of admins, and what each may do: the one table of it.
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an admin is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// May do everything.
    Owner,
    /// Answers drivers: sees and mends their subscriptions, payments and messages.
    Support,
    /// Makes promo codes and sees the numbers, but no driver.
    Marketing,
    /// Sees everything and changes nothing.
    Readonly,
}

/// How much of a subscription a role gives alone; an owner confirms what is beyond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GiftLimit {
    /// Days in one gift.
    pub at_once_days: i64,
    /// Days that one driver is given in a month, by whomever.
    pub month_days: i64,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Owner, Self::Support, Self::Marketing, Self::Readonly];

    /// As the API writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Support => "support",
            Self::Marketing => "marketing",
            Self::Readonly => "readonly",
        }
    }

    /// How much it gives alone; `None` is as much as it likes.
    pub fn gift_limit(self) -> Option<GiftLimit> {
        match self {
            Self::Owner => None,
            Self::Support | Self::Marketing | Self::Readonly => Some(GiftLimit { at_once_days: 30, month_days: 90 }),
        }
    }

    /// Whether it may do this.
    pub fn may(self, permission: Permission) -> bool {
        permission.roles().contains(&self)
    }

    /// All that it may do.
    pub fn permissions(self) -> Vec<Permission> {
        Permission::ALL.into_iter().filter(|permission| self.may(*permission)).collect()
    }
}

/// What a route of the admin API needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// The numbers of the product, and the health of what it depends on.
    SeeOverview,
    /// Payments and what differs from the provider's.
    SeePayments,
    /// Ask the provider for a payment again; say that a difference has been dealt with.
    RecheckPayments,
    /// Give money back.
    Refund,
    /// Drivers, their subscriptions, responses and messages.
    SeeDrivers,
    /// Give days and take them back.
    ChangeSubscriptions,
    /// Take lists and all that is stored of a driver away as files.
    Export,
    /// Confirm or decline what is beyond the limit of a role.
    ConfirmRequests,
    /// Block and unblock drivers, end their sessions, revoke their links.
    BlockDrivers,
    /// Take back that a response was accepted.
    UndoAcceptances,
    /// Delete what is known of a driver.
    DeleteDrivers,
    /// Try again to send messages that failed.
    RetryDeliveries,
    /// Promo codes and who used them.
    SeePromoCodes,
    /// Make promo codes and switch them on and off.
    ChangePromoCodes,
    /// Settings and feature flags.
    SeeSettings,
    /// Change settings.
    ChangeSettings,
    /// Change feature flags.
    ChangeFlags,
    /// Change our account at the payment provider and its key.
    ChangeSecrets,
    /// Who is an admin.
    SeeRoles,
    /// Make admins, and unmake them.
    ChangeRoles,
    /// The audit log.
    SeeAudit,
}

impl Permission {
    /// All of them.
    pub const ALL: [Self; 21] = [
        Self::SeeOverview,
        Self::SeePayments,
        Self::RecheckPayments,
        Self::Refund,
        Self::SeeDrivers,
        Self::ChangeSubscriptions,
        Self::Export,
        Self::ConfirmRequests,
        Self::BlockDrivers,
        Self::UndoAcceptances,
        Self::DeleteDrivers,
        Self::RetryDeliveries,
        Self::SeePromoCodes,
        Self::ChangePromoCodes,
        Self::SeeSettings,
        Self::ChangeSettings,
        Self::ChangeFlags,
        Self::ChangeSecrets,
        Self::SeeRoles,
        Self::ChangeRoles,
        Self::SeeAudit,
    ];

    fn roles(self) -> &'static [Role] {
        use Role::{Marketing, Owner, Readonly, Support};
        match self {
            Self::SeeOverview | Self::SeePromoCodes => &[Owner, Support, Marketing, Readonly],
            Self::SeePayments | Self::SeeDrivers | Self::SeeAudit => &[Owner, Support, Readonly],
            Self::RecheckPayments
            | Self::Refund
            | Self::ChangeSubscriptions
            | Self::BlockDrivers
            | Self::UndoAcceptances
            | Self::Export
            | Self::RetryDeliveries => &[Owner, Support],
            Self::ChangePromoCodes => &[Owner, Marketing],
            Self::SeeSettings => &[Owner, Support, Readonly],
            Self::SeeRoles => &[Owner, Readonly],
            Self::ConfirmRequests
            | Self::DeleteDrivers
            | Self::ChangeSettings
            | Self::ChangeFlags
            | Self::ChangeSecrets
            | Self::ChangeRoles => &[Owner],
        }
    }

    /// Whether whoever does it must have signed in within the last hour: a phone that lies about unlocked shall not give
    /// money away.
    pub fn is_dangerous(self) -> bool {
        matches!(
            self,
            Self::Refund
                | Self::ConfirmRequests
                | Self::BlockDrivers
                | Self::ChangeFlags
                | Self::ChangeRoles
                | Self::ChangeSecrets
                | Self::DeleteDrivers
        )
    }

    /// As the API and the audit log write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SeeOverview => "see_overview",
            Self::SeePayments => "see_payments",
            Self::RecheckPayments => "recheck_payments",
            Self::Refund => "refund",
            Self::SeeDrivers => "see_drivers",
            Self::ChangeSubscriptions => "change_subscriptions",
            Self::Export => "export",
            Self::ConfirmRequests => "confirm_requests",
            Self::BlockDrivers => "block_drivers",
            Self::UndoAcceptances => "undo_acceptances",
            Self::DeleteDrivers => "delete_drivers",
            Self::RetryDeliveries => "retry_deliveries",
            Self::SeePromoCodes => "see_promo_codes",
            Self::ChangePromoCodes => "change_promo_codes",
            Self::SeeSettings => "see_settings",
            Self::ChangeSettings => "change_settings",
            Self::ChangeFlags => "change_flags",
            Self::ChangeSecrets => "change_secrets",
            Self::SeeRoles => "see_roles",
            Self::ChangeRoles => "change_roles",
            Self::SeeAudit => "see_audit",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_may_do_everything_and_who_only_reads_changes_nothing() {
        for permission in Permission::ALL {
            assert!(Role::Owner.may(permission));
            assert!(!Role::Readonly.may(permission) || permission.as_str().starts_with("see_"), "{permission:?}");
        }
        assert!(!Role::Marketing.may(Permission::SeeDrivers), "who sells sees nobody");
    }

    #[test]
    fn names_are_the_same_in_json_and_in_the_log() {
        for permission in Permission::ALL {
            assert_eq!(serde_json::to_value(permission).unwrap(), permission.as_str());
        }
        for role in Role::ALL {
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
        }
    }
}
