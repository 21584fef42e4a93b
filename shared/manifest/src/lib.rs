//! What a module declares, as constant data. The product collects all modules in one table, and tests check it: each
//! row has a retention rule, each alarm's metric exists, and each permission has a role.
pub mod flags;
pub mod rights;

use flags::Flag;
use kernel::{secrets::Secret, telemetry::Metric};
use rights::Permission;
use store::{RowKind, audit::AuditKind};

/// The declarations of a module.
#[derive(Clone, Copy, Debug)]
pub struct Manifest {
    /// The module's name.
    pub name: &'static str,
    /// Retention rules of its rows.
    pub retention: &'static [Rule],
    /// Its audit kinds.
    pub audit: &'static [AuditKind],
    /// Its metrics.
    pub metrics: &'static [Metric],
    /// The permissions that its admin routes need.
    pub permissions: &'static [Permission],
    /// Its secrets.
    pub secrets: &'static [Secret],
    /// Its feature flags.
    pub flags: &'static [Flag],
}

impl Manifest {
    /// A module without declarations.
    pub const fn new(name: &'static str) -> Self {
        Self { name, retention: &[], audit: &[], metrics: &[], permissions: &[], secrets: &[], flags: &[] }
    }
}

/// How long a row is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// A number of days. The text says from when they count and what is deleted then.
    Days(i64, &'static str),
    /// Until the event that the text describes.
    Until(&'static str),
}

/// A retention rule for rows that are kept alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The row kinds it covers.
    pub kinds: &'static [RowKind],
    /// How long they are kept.
    pub kept: Kept,
    /// The reason for this period.
    pub why: &'static str,
}

impl Rule {
    /// The rule for short-lived rows of the cache table.
    pub const fn brief(kinds: &'static [RowKind]) -> Self {
        Self {
            kinds,
            kept: Kept::Until("hours to days, then DynamoDB deletes them by their `ttl`"),
            why: "the cache table may be lost at any time; drivers are ids in it",
        }
    }
}
