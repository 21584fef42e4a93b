//! Declarations of the cargo module: cargos from CargoTech.
use ::manifest::{Manifest, Rule};
use ::store::RowKind;

use super::metrics;
use crate::modules::Module;

/// A cached document.
pub const DOCUMENT: RowKind = RowKind::cache("Document");
/// Cargos found gone or with a changed price.
pub const CARGO_MARKS: RowKind = RowKind::cache("CargoMarks");
/// Rate of a driver's searches that reached CargoTech.
pub const MISSES: RowKind = RowKind::cache("Misses");

const MANIFEST: Manifest = Manifest {
    retention: &[Rule::brief(&[DOCUMENT, CARGO_MARKS, MISSES])],
    metrics: metrics::ALL,
    ..Manifest::new("cargos")
};

/// The module.
pub const MODULE: Module = Module::new(MANIFEST);
