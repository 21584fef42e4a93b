//! The layout of the repository: what may use what of the crates of the workspace, and how long a file may be.
mod declared;
mod sizes;

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use serde_json::Value;

/// Each crate and the crates of the workspace that it may use. What tests alone use counts too.
const DIRECTIONS: &[(&str, &[&str])] = &[
    ("kernel", &[]),
    ("store", &["kernel"]),
    ("manifest", &["kernel", "store"]),
    ("places", &[]),
    ("alerts", &[]),
    ("worth", &["kernel"]),
    ("market", &["kernel", "places", "worth"]),
    ("chains", &["kernel", "market", "places", "worth"]),
    ("outbox", &["kernel", "store"]),
    ("yookassa", &["kernel"]),
    ("shared", &["chains", "kernel", "manifest", "market", "outbox", "places", "store", "worth", "yookassa"]),
    ("functions", &["places", "shared"]),
    ("local", &["functions", "shared"]),
    ("bot", &["local", "shared"]),
    ("tests", &["functions", "local", "manifest", "market", "outbox", "shared", "store"]),
];

type Uses = BTreeMap<String, BTreeSet<String>>;

/// The crates of the workspace, as cargo reads them, and what each uses of the others.
fn workspace() -> Uses {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline", "--locked"])
        .output()
        .expect("cargo runs");
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let metadata: Value = serde_json::from_slice(&metadata.stdout).expect("JSON");
    let crates = metadata["packages"].as_array().expect("the crates");
    let name = |of: &Value| of["name"].as_str().expect("a name").to_owned();
    let ours: BTreeSet<String> = crates.iter().map(name).collect();
    let used = |package: &Value| {
        let used = package["dependencies"].as_array().expect("what it uses").iter().map(name);
        used.filter(|used| ours.contains(used)).collect()
    };
    crates.iter().map(|package| (name(package), used(package))).collect()
}

/// What stands against the table; empty when nothing does.
fn strays(uses: &Uses) -> Vec<String> {
    let allowed: BTreeMap<_, _> = DIRECTIONS.iter().copied().collect();
    let unknown = uses.keys().filter(|name| !allowed.contains_key(name.as_str()));
    let gone = allowed.keys().filter(|name| !uses.contains_key(**name));
    let wrong = uses.iter().flat_map(|(name, used)| {
        let may = allowed.get(name.as_str()).copied().unwrap_or_default();
        used.iter().filter(|used| !may.contains(&used.as_str())).map(move |used| format!("{name} uses {used}"))
    });
    let idle = uses.iter().flat_map(|(name, used)| {
        let may = allowed.get(name.as_str()).copied().unwrap_or_default();
        may.iter().filter(|may| !used.contains(**may)).map(move |may| format!("{name} does not use {may}"))
    });
    unknown
        .map(|name| format!("{name} is not in the table"))
        .chain(gone.map(|name| format!("{name} is no crate")))
        .chain(wrong)
        .chain(idle)
        .collect()
}

#[test]
fn the_log_knows_the_crates_of_the_product() {
    let programs_of_tests = ["bot", "tests"];
    let crates: Vec<_> = workspace().into_keys().filter(|name| !programs_of_tests.contains(&name.as_str())).collect();
    assert_eq!(crates, shared::telemetry::OURS);
}

#[test]
fn crates_use_what_lies_below_them_and_nothing_else() {
    assert_eq!(strays(&workspace()), Vec::<String>::new());
}

#[test]
fn a_crate_that_reaches_up_aside_or_is_unknown_is_seen() {
    let mut uses = workspace();
    uses.get_mut("kernel").expect("the kernel").insert("store".to_owned());
    uses.get_mut("store").expect("the store").remove("kernel");
    uses.insert("stray".to_owned(), BTreeSet::from(["shared".to_owned()]));
    let found = ["stray is not in the table", "kernel uses store", "stray uses shared", "store does not use kernel"];
    assert_eq!(strays(&uses), found);
}
