//! Declarations of the CargoTech module: tokens, leases and the rate limit of calls.
use ::manifest::{Kept, Manifest, Rule};
use ::store::{RowKind, audit::AuditKind};

use super::metrics;
use crate::modules::Module;

/// The CargoTech token.
pub const CARGOTECH_TOKEN: RowKind = RowKind::cache("CargotechToken");
/// The lease for refreshing a document or logging in.
pub const LEASE: RowKind = RowKind::cache("Lease");
/// The rate limit and circuit breaker of calls to CargoTech.
pub const CARGOTECH_GATE: RowKind = RowKind::cache("CargotechGate");

/// A login succeeded or failed.
pub const LOGIN_AUDIT: AuditKind = AuditKind::new("cargotech_login");

const MANIFEST: Manifest = Manifest {
    retention: &[
        Rule::brief(&[CARGOTECH_TOKEN, LEASE]),
        Rule {
            kinds: &[CARGOTECH_GATE],
            kept: Kept::Until("for ever; the cache table may lose it"),
            why: "one row: a count of calls",
        },
    ],
    audit: &[LOGIN_AUDIT],
    secrets: &[super::secret::CARGOTECH],
    metrics: metrics::ALL,
    ..Manifest::new("cargotech")
};

/// The module.
pub const MODULE: Module = Module { jobs: &[super::jobs::CHECK_CARGOTECH], ..Module::new(MANIFEST) };
