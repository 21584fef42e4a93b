//! Declarations of the response module: responses to cargos and decisions on them.
use ::manifest::{
    Kept, Manifest, Rule,
    flags::Flag,
    rights::{
        Permission,
        Role::{Owner, Support},
    },
};
use ::store::{RowKind, audit::AuditKind};

use super::metrics;
use crate::{clock::DAY_MS, delivery::module::MESSAGE_DAYS, modules::Module};

/// Days after which a closed response is anonymised.
const RESPONSE_DAYS: i64 = 365;
/// How long after its last change a response names people, milliseconds.
pub const RESPONSE_MS: i64 = RESPONSE_DAYS * DAY_MS;

/// A response.
pub const RESPONSE: RowKind = RowKind::app("Response");
/// An entry of the driver's response list.
pub const LISTED_RESPONSE: RowKind = RowKind::app("ListedResponse");
/// Maps a response id to its driver.
pub const RESPONSE_ID: RowKind = RowKind::app("ResponseId");
/// The open and accepted responses to a cargo.
pub const CARGO_RESPONSES: RowKind = RowKind::app("CargoResponses");
/// Maps a message in the dispatchers' chat to its response.
pub const DISPATCH_MESSAGE: RowKind = RowKind::app("DispatchMessage");
/// Rate of a driver's responses.
pub const RESPONDING: RowKind = RowKind::cache("Responding");
/// Rate of uses of a shipper's link.
pub const LINK_USES: RowKind = RowKind::cache("LinkUses");

/// A response changed status, or its link was used.
pub const RESPONSE_AUDIT: AuditKind = AuditKind::new("response");

/// Undo an acceptance.
pub const UNDO_ACCEPTANCES: Permission = Permission::new("undo_acceptances", &[Owner, Support]);

/// Responding to cargos. Existing responses are still decided when it is off.
pub const RESPOND: Flag = Flag::on("app.respond");
/// The shipper's page for this driver's responses.
pub const SHIPPER_LINK: Flag = Flag::on("app.shipper_link");

const MANIFEST: Manifest = Manifest {
    retention: &[
        Rule {
            kinds: &[RESPONSE],
            kept: Kept::Days(
                RESPONSE_DAYS,
                "after it last changed, if it is not open; then the driver's name, phone and comment, the reason and the \
             dispatchers' names are taken out of it and of its messages in their chat. Which driver's id, cargo, price and dates stay",
            ),
            why: "disputes about a cargo come up within a year; the driver's list and the numbers need the facts alone",
        },
        Rule {
            kinds: &[LISTED_RESPONSE, RESPONSE_ID, CARGO_RESPONSES],
            kept: Kept::Until("kept, as the facts of the response are"),
            why: "they lead to it, in ids",
        },
        Rule {
            kinds: &[DISPATCH_MESSAGE],
            kept: Kept::Days(MESSAGE_DAYS, "after the message was sent, skipped or failed; then the row is deleted"),
            why: "nothing goes out twice; longer than a response, whose card has to be found",
        },
        Rule::brief(&[RESPONDING, LINK_USES]),
    ],
    audit: &[RESPONSE_AUDIT],
    metrics: metrics::ALL,
    permissions: &[UNDO_ACCEPTANCES],
    flags: &[RESPOND, SHIPPER_LINK],
    ..Manifest::new("responses")
};

/// The module.
pub const MODULE: Module =
    Module { manifest: MANIFEST, messages: super::messages::ALL, jobs: &[super::jobs::EXPIRE_RESPONSES] };
