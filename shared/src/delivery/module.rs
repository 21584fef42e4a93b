//! Outgoing messages. What the module declares.
use ::manifest::{
    Kept, Manifest, Rule,
    rights::{
        Permission,
        Role::{Owner, Support},
    },
};
use ::store::{RowKind, audit::AuditKind};

use super::metrics;
use crate::modules::Module;

/// Days after which the row of a message is deleted. More than a response is kept for: the row of its card knows where in the
/// dispatchers' chat there is something to be taken out.
pub const MESSAGE_DAYS: i64 = 400;
/// How long the row of a message is kept after the message was dealt with, milliseconds.
pub const MESSAGE_MS: i64 = MESSAGE_DAYS * 86_400_000;

/// One outgoing message.
pub const DELIVERY: RowKind = RowKind::app("Delivery");
/// The rate at which messages may go to a chat.
pub const SENDING: RowKind = RowKind::cache("Sending");

/// An admin had a message sent again.
pub const DELIVERY_AUDIT: AuditKind = AuditKind::new("delivery");

/// Try again to send messages that failed.
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
