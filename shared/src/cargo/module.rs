//! Cargos as CargoTech answered. What the module declares.
use ::manifest::{Manifest, Rule};
use ::store::RowKind;

use super::metrics;

/// A cached document.
pub const DOCUMENT: RowKind = RowKind::cache("Document");
/// Cargos seen gone or with another price.
pub const CARGO_MARKS: RowKind = RowKind::cache("CargoMarks");
/// How many searches of a driver went to CargoTech lately.
pub const MISSES: RowKind = RowKind::cache("Misses");

/// The manifest.
pub const MANIFEST: Manifest = Manifest {
    retention: &[Rule::brief(&[DOCUMENT, CARGO_MARKS, MISSES])],
    metrics: metrics::ALL,
    ..Manifest::new("cargos")
};
