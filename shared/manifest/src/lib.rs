//! What a module declares about itself, as constant data. The product puts the modules together in one table, and tests walk
//! it: each row has a retention rule, each metric of an alarm is counted, each right has a role.
pub mod flags;
pub mod rights;

use flags::Flag;
use kernel::{secrets::Secret, telemetry::Metric};
use rights::Permission;
use store::{RowKind, audit::AuditKind};

/// What a module declares.
#[derive(Clone, Copy, Debug)]
pub struct Manifest {
    /// What the module is called.
    pub name: &'static str,
    /// Its rows, and how long they are kept.
    pub retention: &'static [Rule],
    /// The kinds of its audit rows.
    pub audit: &'static [AuditKind],
    /// What it counts and measures.
    pub metrics: &'static [Metric],
    /// What its routes for admins need.
    pub permissions: &'static [Permission],
    /// Its secrets.
    pub secrets: &'static [Secret],
    /// What of it can be switched.
    pub flags: &'static [Flag],
}

impl Manifest {
    /// A module that declares nothing yet.
    pub const fn new(name: &'static str) -> Self {
        Self { name, retention: &[], audit: &[], metrics: &[], permissions: &[], secrets: &[], flags: &[] }
    }
}

/// How long something is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// So many days, counted from what the text says; it also says what goes then.
    Days(i64, &'static str),
    /// As the text says.
    Until(&'static str),
}

/// A retention rule for rows that are kept alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What it is about.
    pub kinds: &'static [RowKind],
    /// How long they are kept.
    pub kept: Kept,
    /// Why so long.
    pub why: &'static str,
}

impl Rule {
    /// The rule of rows that are in the cache table for a short time.
    pub const fn brief(kinds: &'static [RowKind]) -> Self {
        Self {
            kinds,
            kept: Kept::Until("hours to days, then DynamoDB deletes them by their `ttl`"),
            why: "the cache table may be lost at any time; drivers are ids in it",
        }
    }
}
