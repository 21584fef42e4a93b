//! The modules of the product: the one table.
use std::sync::LazyLock;

use kernel::telemetry::Metric;
use manifest::{
    Manifest, Rule,
    flags::{Flag, Flags},
    rights::Permission,
};
use store::audit::AuditKind;

use crate::{access, admin, auth, billing, cargo, cargotech, delivery, driver, response, telegram};

/// All modules.
pub const MODULES: &[Manifest] = &[
    driver::module::MANIFEST,
    access::module::MANIFEST,
    cargo::module::MANIFEST,
    cargotech::module::MANIFEST,
    response::module::MANIFEST,
    delivery::module::MANIFEST,
    billing::module::MANIFEST,
    auth::module::MANIFEST,
    telegram::module::MANIFEST,
    admin::module::MANIFEST,
];

/// The flag of this name.
pub fn flag(name: &str) -> Option<Flag> {
    flags().find(|flag| flag.as_str() == name)
}

/// All flags.
pub fn flags() -> impl Iterator<Item = Flag> {
    MODULES.iter().flat_map(|module| module.flags).copied()
}

/// What routes for admins may need.
pub fn permissions() -> impl Iterator<Item = Permission> {
    MODULES.iter().flat_map(|module| module.permissions).copied()
}

/// How long rows are kept, each rule with the name of its module.
pub fn retention() -> impl Iterator<Item = (&'static str, &'static Rule)> {
    MODULES.iter().flat_map(|module| module.retention.iter().map(|rule| (module.name, rule)))
}

/// What is counted and measured.
pub fn metrics() -> impl Iterator<Item = Metric> {
    MODULES.iter().flat_map(|module| module.metrics).chain(yookassa::metrics::ALL).copied()
}

/// The kinds of audit rows.
pub fn audit_kinds() -> &'static [AuditKind] {
    static KINDS: LazyLock<Vec<AuditKind>> =
        LazyLock::new(|| MODULES.iter().flat_map(|module| module.audit).copied().collect());
    &KINDS
}

/// The flags that are on for this driver.
pub fn flags_on_for(flags_set: &Flags, driver_id: i64) -> Vec<&'static str> {
    flags().filter(|flag| flags_set.is_on(*flag, driver_id)).map(Flag::as_str).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use manifest::{Kept, rights::Role};

    use super::*;

    /// What stands for more than one thing.
    fn repeated<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
        let mut counts = BTreeMap::new();
        names.into_iter().for_each(|name| *counts.entry(name).or_insert(0) += 1);
        counts.into_iter().filter(|(_, count)| *count > 1).map(|(name, _)| name).collect()
    }

    #[test]
    fn no_name_stands_for_two_things() {
        let none = Vec::<&str>::new();
        assert_eq!(repeated(MODULES.iter().map(|module| module.name)), none);
        assert_eq!(
            repeated(retention().flat_map(|(_, rule)| rule.kinds).map(|kind| kind.name())),
            none,
            "one rule for each row"
        );
        assert_eq!(repeated(audit_kinds().iter().map(|kind| kind.name())), none);
        assert_eq!(repeated(permissions().map(Permission::as_str)), none);
        assert_eq!(repeated(flags().map(Flag::as_str)), none);
        assert_eq!(repeated(metrics().map(Metric::name)), none);
        assert_eq!(repeated(["a", "b", "a"]), ["a"]);
    }

    #[test]
    fn the_owner_may_do_everything_and_who_only_reads_changes_nothing() {
        for permission in permissions() {
            assert!(Role::Owner.may(permission));
            assert!(!Role::Readonly.may(permission) || permission.as_str().starts_with("see_"), "{permission:?}");
        }
        assert!(!Role::Marketing.may(driver::module::SEE_DRIVERS), "who sells sees nobody");
    }

    #[test]
    fn the_document_says_how_long_rows_are_kept() {
        let row = |(module, rule): (&str, &Rule)| {
            let kinds: Vec<_> = rule.kinds.iter().map(|kind| format!("`{}`", kind.name())).collect();
            let kept = match rule.kept {
                Kept::Days(days, what) => format!("{days} days {what}"),
                Kept::Until(what) => what.to_owned(),
            };
            format!("| {} | {module} | {kept} | {} |", kinds.join(", "), rule.why)
        };
        let rows: Vec<_> = retention().map(row).collect();
        let document = include_str!("../../docs/retention.md");
        let written: Vec<_> = document.lines().filter(|line| line.starts_with("| `")).collect();
        assert_eq!(written, rows, "docs/retention.md");
    }
}
