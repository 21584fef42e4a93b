//! What modules declare is in their manifests: whatever has a constant and stands in no manifest would have no retention rule,
//! no role or no place in the admin page.
use std::{collections::BTreeSet, fs, path::Path, process::Command};

use shared::modules::PRODUCT;

/// The sources of the product without their tests.
fn sources() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository");
    let listed = Command::new("git")
        .current_dir(root)
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "shared/*.rs", "functions/*.rs"])
        .output();
    let names = String::from_utf8(listed.expect("git runs").stdout).expect("names");
    let source = |name: &str| {
        // One that is deleted and not yet committed is listed too.
        let text = fs::read_to_string(root.join(name)).unwrap_or_default();
        text.split("#[cfg(test)]").next().unwrap_or_default().to_owned()
    };
    names.lines().map(source).collect()
}

/// The names with which these constructors are called in a source.
fn declared(source: &str, constructors: &[&str]) -> BTreeSet<String> {
    let calls = constructors.iter().flat_map(|constructor| source.split(constructor).skip(1));
    calls.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next()).map(str::to_owned).collect()
}

#[test]
fn whatever_a_module_declares_is_in_its_manifest() {
    let source = sources();
    let of = |constructors: &[&str]| declared(&source, constructors);
    let named = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect::<BTreeSet<_>>();
    let rows = PRODUCT.retention().flat_map(|(_, rule)| rule.kinds);
    assert_eq!(of(&["RowKind::app(", "RowKind::cache("]), named(rows.map(|kind| kind.name()).collect()));
    let kinds = ["AuditKind::new(", "AuditKind::of_drivers(", "AuditKind::of_drivers_when("];
    assert_eq!(of(&kinds), named(PRODUCT.audit_kinds().map(|kind| kind.name()).collect()));
    let counted = ["Metric::count(", "Metric::milliseconds(", "Metric::seconds("];
    let mut counted = of(&counted);
    // In days, which no constructor has.
    counted.insert("SecretAge".to_owned());
    assert_eq!(counted, named(PRODUCT.metrics().map(|metric| metric.name()).collect()));
    let rights = of(&["Permission::new(", "Permission::dangerous("]);
    assert_eq!(rights, named(PRODUCT.permissions().map(|permission| permission.as_str()).collect()));
    let secrets = of(&["Secret::new::<Self>(", "Secret::lasting::<Self>("]);
    assert_eq!(secrets, named(PRODUCT.secrets().map(|secret| secret.as_str()).collect()));
    assert_eq!(of(&["Flag::on(", "Flag::off("]), named(PRODUCT.flags().map(|flag| flag.as_str()).collect()));
}

#[test]
fn a_declaration_is_found_on_one_line_and_on_two() {
    let source = "A: Flag = Flag::on(\"a.b\"); B: Flag = Flag::on(\n    \"b.c\",\n); Flag::on(name)";
    assert_eq!(declared(source, &["Flag::on("]), BTreeSet::from(["a.b".to_owned(), "b.c".to_owned()]));
}
