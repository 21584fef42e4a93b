//! Declarations of the auth module: sign-ins, sessions, access links and roles.
use ::manifest::{Kept, Manifest, Rule, flags::Flag};
use ::store::{RowKind, audit::AuditKind};

use super::metrics;
use crate::modules::Module;

/// The single session of a driver.
pub const SESSION: RowKind = RowKind::app("Session");
/// An admin session, one per seat.
pub const ADMIN_SESSION: RowKind = RowKind::app("AdminSession");
/// The valid generation of an access link.
pub const ACCESS_GENERATION: RowKind = RowKind::app("AccessGeneration");
/// The role of an admin.
pub const ROLE: RowKind = RowKind::app("Role");
/// Rate of revocations of a driver's access link.
pub const REVOKING: RowKind = RowKind::cache("Revoking");
/// Rate of openings of a driver's access link.
pub const ACCESS_OPENINGS: RowKind = RowKind::cache("AccessOpenings");

/// An access link was opened, closed or revoked.
pub const ACCESS_LINK_AUDIT: AuditKind = AuditKind::of_drivers("access_link");
/// Someone lacked the permission for an admin route.
pub const ADMIN_ACCESS_AUDIT: AuditKind = AuditKind::new("admin_access");
/// A role was granted, changed or removed.
pub const ROLE_AUDIT: AuditKind = AuditKind::new("role");

/// Access links: showing them, and opening the app with one.
pub const ACCESS_LINK_FLAG: Flag = Flag::on("app.access_link");

const MANIFEST: Manifest = Manifest {
    retention: &[
        Rule {
            kinds: &[SESSION, ADMIN_SESSION],
            kept: Kept::Until(
                "replaced by the next; the driver's forgetting ends it and leaves when it was used and the hash of a launch",
            ),
            why: "a launch is good once",
        },
        Rule {
            kinds: &[ACCESS_GENERATION],
            kept: Kept::Until("for ever, under the driver's id"),
            why: "whoever is forgotten and comes back has no second trial, no old access link and no way around a block",
        },
        Rule {
            kinds: &[ROLE],
            kept: Kept::Until("as long as somebody administers; that it was taken stays, under their id"),
            why: "owners give and take it",
        },
        Rule::brief(&[REVOKING, ACCESS_OPENINGS]),
    ],
    audit: &[ACCESS_LINK_AUDIT, ADMIN_ACCESS_AUDIT, ROLE_AUDIT],
    secrets: &[super::secret::SESSION, super::secret::ACCESS, super::secret::EDGE],
    metrics: metrics::ALL,
    flags: &[ACCESS_LINK_FLAG],
    ..Manifest::new("auth")
};

/// The module.
pub const MODULE: Module = Module { messages: super::messages::ALL, ..Module::new(MANIFEST) };
