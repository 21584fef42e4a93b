//! Declarations of the driver module: profiles, search and deletion.
use ::manifest::{
    Kept, Manifest, Rule,
    rights::{
        Permission,
        Role::{Owner, Readonly, Support},
    },
};
use ::store::{RowKind, audit::AuditKind};

use crate::{clock::DAY_MS, modules::Module};

/// Days without a visit after which a driver's data is deleted.
const IDLE_DAYS: i64 = 730;
/// How long after the last visit a driver's data is deleted, milliseconds.
pub const IDLE_MS: i64 = IDLE_DAYS * DAY_MS;

/// A driver's identity and preferences.
pub const PROFILE: RowKind = RowKind::app("Profile");
/// Search index entries of a driver.
pub const FOUND: RowKind = RowKind::app("Found");

/// A driver was blocked, unblocked, exported or deleted.
pub const DRIVER_AUDIT: AuditKind = AuditKind::new("driver");

/// See drivers with their subscriptions, responses and messages.
pub const SEE_DRIVERS: Permission = Permission::new("see_drivers", &[Owner, Support, Readonly]);
/// Block and unblock drivers, end their sessions, revoke their links.
pub const BLOCK_DRIVERS: Permission = Permission::dangerous("block_drivers", &[Owner, Support]);
/// Delete a driver's data.
pub const DELETE_DRIVERS: Permission = Permission::dangerous("delete_drivers", &[Owner]);

const MANIFEST: Manifest = Manifest {
    retention: &[Rule {
        kinds: &[PROFILE, FOUND],
        kept: Kept::Days(
            IDLE_DAYS,
            "after the driver last opened the app; then they are forgotten as if an admin had deleted their data. Not while a \
             subscription runs, a payment or refund is open, or they administer",
        ),
        why: "nothing is done for who has gone; who comes back is new",
    }],
    audit: &[DRIVER_AUDIT],
    permissions: &[SEE_DRIVERS, BLOCK_DRIVERS, DELETE_DRIVERS],
    ..Manifest::new("persons")
};

/// The module.
pub const MODULE: Module = Module::new(MANIFEST);
