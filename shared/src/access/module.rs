//! Declarations of the access module: what a driver may use, and why not.
use ::manifest::{Kept, Manifest, Rule, flags::Flag};
use ::store::{RowKind, audit::AuditKind};

use crate::modules::Module;

/// The block of a driver.
pub const BLOCK: RowKind = RowKind::app("Block");

/// A driver lacked the subscription for a feature.
pub const ACCESS_AUDIT: AuditKind = AuditKind::new("access");

/// The list of cargos needs a subscription.
pub const PAID_LIST: Flag = Flag::off("paid.list");
/// A cargo needs a subscription.
pub const PAID_DETAIL: Flag = Flag::off("paid.detail");
/// Contacts need a subscription.
pub const PAID_CONTACTS: Flag = Flag::on("paid.contacts");
/// Responding needs a subscription.
pub const PAID_RESPOND: Flag = Flag::on("paid.respond");
/// Alerts, and more than one saved search, need a subscription.
pub const PAID_ALERTS: Flag = Flag::on("paid.alerts");

const MANIFEST: Manifest = Manifest {
    retention: &[Rule {
        kinds: &[BLOCK],
        kept: Kept::Until("for ever, under the driver's id"),
        why: "whoever is forgotten and comes back has no second trial, no old access link and no way around a block",
    }],
    audit: &[ACCESS_AUDIT],
    flags: &[PAID_LIST, PAID_DETAIL, PAID_CONTACTS, PAID_RESPOND, PAID_ALERTS],
    ..Manifest::new("access")
};

/// The module.
pub const MODULE: Module = Module::new(MANIFEST);
