//! Declarations of the Telegram module: the bot.
use ::manifest::{Kept, Manifest, Rule};
use ::store::{RowKind, audit::AuditKind};

use super::metrics;
use crate::modules::Module;

/// The new id of a group that became a supergroup.
pub const MOVED_CHAT: RowKind = RowKind::app("MovedChat");
/// A processed Telegram update.
pub const UPDATE: RowKind = RowKind::cache("Update");

/// An update failed.
pub const UPDATE_AUDIT: AuditKind = AuditKind::new("telegram_update");

const MANIFEST: Manifest = Manifest {
    retention: &[
        Rule { kinds: &[MOVED_CHAT], kept: Kept::Until("for ever"), why: "no person is in them" },
        Rule::brief(&[UPDATE]),
    ],
    audit: &[UPDATE_AUDIT],
    secrets: &[super::secret::TELEGRAM],
    metrics: metrics::ALL,
    ..Manifest::new("telegram")
};

/// The module.
pub const MODULE: Module = Module::new(MANIFEST);
