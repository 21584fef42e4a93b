//! Cargos as CargoTech answered. What the module declares.
use ::manifest::{Manifest, Rule};
use ::store::RowKind;

use super::metrics;
use crate::modules::Module;

/// A cached document.
pub const DOCUMENT: RowKind = RowKind::cache("Document");
/// Cargos seen gone or with another price.
pub const CARGO_MARKS: RowKind = RowKind::cache("CargoMarks");
/// How many searches of a driver went to CargoTech lately.
pub const MISSES: RowKind = RowKind::cache("Misses");

const MANIFEST: Manifest = Manifest {
    retention: &[Rule::brief(&[DOCUMENT, CARGO_MARKS, MISSES])],
    metrics: metrics::ALL,
    ..Manifest::new("cargos")
};

/// The module.
pub const MODULE: Module = Module::new(MANIFEST);
