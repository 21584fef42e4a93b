//! Declarations of the delivery module: outgoing messages.
use ::manifest::{
    Kept, Manifest, Rule,
    rights::{
        Permission,
        Role::{Owner, Support},
    },
};
use ::store::{RowKind, audit::AuditKind};

use super::metrics;
use crate::{clock::DAY_MS, modules::Module};

/// Days after which a message's row is deleted. Longer than for a response, because the row of a card locates the
/// message in the dispatchers' chat that must be cleared.
pub const MESSAGE_DAYS: i64 = 400;
/// How long the row of a finished message is kept, milliseconds.
pub const MESSAGE_MS: i64 = MESSAGE_DAYS * DAY_MS;

/// One outgoing message.
pub const DELIVERY: RowKind = RowKind::app("Delivery");
/// The sending rate of a chat.
pub const SENDING: RowKind = RowKind::cache("Sending");

/// An admin retried a message.
pub const DELIVERY_AUDIT: AuditKind = AuditKind::new("delivery");

/// Retry failed messages.
pub const RETRY_DELIVERIES: Permission = Permission::new("retry_deliveries", &[Owner, Support]);

const MANIFEST: Manifest = Manifest {
    retention: &[
        Rule {
            kinds: &[DELIVERY],
            kept: Kept::Days(MESSAGE_DAYS, "after the message was sent, skipped or failed; then the row is deleted"),
            why: "nothing goes out twice; longer than a response, whose card has to be found",
        },
        Rule::brief(&[SENDING]),
    ],
    audit: &[DELIVERY_AUDIT],
    metrics: metrics::ALL,
    permissions: &[RETRY_DELIVERIES],
    ..Manifest::new("delivery")
};

/// The module.
pub const MODULE: Module = Module { jobs: &[super::jobs::DELIVER_DUE], ..Module::new(MANIFEST) };
