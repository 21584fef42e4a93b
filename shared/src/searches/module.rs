//! Declarations of the searches module: searches that drivers have saved.
use ::manifest::{Kept, Manifest, Rule};
use ::store::RowKind;

use crate::modules::Module;

/// All saved searches of a driver.
pub const SEARCHES: RowKind = RowKind::app("Searches");

const MANIFEST: Manifest = Manifest {
    retention: &[Rule {
        kinds: &[SEARCHES],
        kept: Kept::Until("until the driver deletes them or is forgotten"),
        why: "they are the driver's own; a search names places, and no person",
    }],
    ..Manifest::new("searches")
};

/// The module.
pub const MODULE: Module = Module::new(MANIFEST);
