//! Declarations of the admin module: the audit log, settings, flags and statistics.
use ::manifest::{
    Kept, Manifest, Rule,
    rights::{
        Permission,
        Role::{Marketing, Owner, Readonly, Support},
    },
};
use ::store::{RowKind, audit::AuditKind};

use crate::{modules::Module, telemetry};

/// Daily counters and month-end figures.
pub const COUNTER: RowKind = RowKind::app("Counter");
/// The last run of a job.
pub const JOB: RowKind = RowKind::app("Job");
/// Settings of the product.
pub const SETTINGS: RowKind = RowKind::app("Settings");

/// An admin exported a list.
pub const EXPORTED_AUDIT: AuditKind = AuditKind::new("export");
/// Settings were changed.
pub const SETTINGS_CHANGED_AUDIT: AuditKind = AuditKind::new("settings");
/// A flag was changed.
pub const FLAG_AUDIT: AuditKind = AuditKind::new("flag");
/// A webhook was called.
pub const WEBHOOK_AUDIT: AuditKind = AuditKind::new("webhook");

/// See statistics and the health of dependencies.
pub const SEE_OVERVIEW: Permission = Permission::new("see_overview", &[Owner, Support, Marketing, Readonly]);
/// Export lists and a driver's stored data as files.
pub const EXPORT: Permission = Permission::new("export", &[Owner, Support]);
/// Confirm or decline actions beyond the limit of a role.
pub const CONFIRM_REQUESTS: Permission = Permission::dangerous("confirm_requests", &[Owner]);
/// See settings and feature flags.
pub const SEE_SETTINGS: Permission = Permission::new("see_settings", &[Owner, Support, Readonly]);
/// Change settings.
pub const CHANGE_SETTINGS: Permission = Permission::new("change_settings", &[Owner]);
/// Change feature flags.
pub const CHANGE_FLAGS: Permission = Permission::dangerous("change_flags", &[Owner]);
/// See who is an admin.
pub const SEE_ROLES: Permission = Permission::new("see_roles", &[Owner, Readonly]);
/// Appoint and remove admins.
pub const CHANGE_ROLES: Permission = Permission::dangerous("change_roles", &[Owner]);
/// See the audit log.
pub const SEE_AUDIT: Permission = Permission::new("see_audit", &[Owner, Support, Readonly]);

const MANIFEST: Manifest = Manifest {
    retention: &[
        Rule {
            kinds: &[::store::audit::ROW],
            kept: Kept::Until("for ever; no function may delete them"),
            why: "who did what must be known; drivers are ids in it",
        },
        Rule { kinds: &[COUNTER, JOB, SETTINGS], kept: Kept::Until("for ever"), why: "no person is in them" },
    ],
    audit: &[EXPORTED_AUDIT, SETTINGS_CHANGED_AUDIT, FLAG_AUDIT, WEBHOOK_AUDIT],
    metrics: telemetry::ALL,
    permissions: &[
        SEE_OVERVIEW,
        EXPORT,
        CONFIRM_REQUESTS,
        SEE_SETTINGS,
        CHANGE_SETTINGS,
        CHANGE_FLAGS,
        SEE_ROLES,
        CHANGE_ROLES,
        SEE_AUDIT,
    ],
    ..Manifest::new("admin")
};

/// The module.
pub const MODULE: Module = Module { jobs: &[super::jobs::WATCH], ..Module::new(MANIFEST) };
