//! Declarations of the market: a copy of CargoTech's open cargos.
use ::manifest::{
    Kept, Manifest, Rule,
    rights::{Permission, Role::Owner},
};
use ::store::{RowKind, audit::AuditKind};

use super::metrics;
use crate::modules::Module;

/// The head of the current snapshot.
pub const MARKET_HEAD: RowKind = RowKind::cache("MarketHead");
/// The head of an unfinished walk.
pub const MARKET_WALK: RowKind = RowKind::cache("MarketWalk");
/// A part of a snapshot or of a walk.
pub const MARKET_CHUNK: RowKind = RowKind::cache("MarketChunk");

/// An admin accepted a smaller market.
pub const ACCEPTED_AUDIT: AuditKind = AuditKind::new("market_size_accepted");

/// Accept a smaller market.
pub const ACCEPT_MARKET: Permission = Permission::dangerous("accept_market", &[Owner]);

const MANIFEST: Manifest = Manifest {
    retention: &[Rule {
        kinds: &[MARKET_HEAD, MARKET_WALK, MARKET_CHUNK],
        kept: Kept::Days(2, "after the sweep"),
        why: "open cargos of CargoTech, without contacts and notes",
    }],
    audit: &[ACCEPTED_AUDIT],
    metrics: metrics::ALL,
    permissions: &[ACCEPT_MARKET],
    ..Manifest::new("market")
};

/// The module.
pub const MODULE: Module = Module { jobs: &[super::sweep::SWEEP_MARKET], ..Module::new(MANIFEST) };
