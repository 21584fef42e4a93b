//! How long a file may be.
use std::{path::Path, process::Command};

/// The most lines of a file.
const LONGEST: usize = 500;

/// Files that a program writes.
const GENERATED: &[&str] = &["static-site/src/api/schema.ts"];

/// Files that are longer as yet, and the most that each may have. A limit only ever shrinks; a file that has become short
/// leaves the table.
const STILL_LONG: &[(&str, usize)] = &[
    ("tests/template/checks.rs", 1171),
    ("tests/template/main.rs", 803),
];

/// The tracked files of the languages that people write here, with their lines.
fn lines_of_files() -> Vec<(String, usize)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository");
    let listed = Command::new("git").current_dir(root).args(["ls-files", "*.rs", "*.ts", "*.tsx"]).output();
    let listed = listed.expect("git runs");
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let names = String::from_utf8(listed.stdout).expect("names");
    let lines = |name: &str| {
        // One that is deleted and not yet committed is listed too.
        let text = std::fs::read_to_string(root.join(name)).ok()?;
        Some((name.to_owned(), text.lines().count()))
    };
    names.lines().filter(|name| !GENERATED.contains(name)).filter_map(lines).collect()
}

/// What is too long, and what stands in the table for nothing.
fn wrong(files: &[(String, usize)], still_long: &[(&str, usize)]) -> Vec<String> {
    let limit = |name: &str| still_long.iter().find(|(known, _)| *known == name).map_or(LONGEST, |(_, most)| *most);
    let long = files.iter().filter(|(name, lines)| *lines > limit(name));
    let short = still_long.iter().filter(|(name, _)| {
        let found = files.iter().find(|(known, _)| known == name);
        found.is_none_or(|(_, lines)| *lines <= LONGEST)
    });
    long.map(|(name, lines)| format!("{name} has {lines} lines"))
        .chain(short.map(|(name, _)| format!("{name} need not be in the table")))
        .collect()
}

#[test]
fn no_file_is_too_long_to_read_at_once() {
    let files = lines_of_files();
    assert!(files.len() > 300, "git lists {} files", files.len());
    assert_eq!(wrong(&files, STILL_LONG), Vec::<String>::new());
}

#[test]
fn a_file_that_grows_and_a_limit_that_is_not_needed_are_seen() {
    let files =
        [("a.rs", 501), ("b.rs", 500), ("c.rs", 601), ("d.rs", 400)].map(|(name, lines)| (name.to_owned(), lines));
    let found = wrong(&files, &[("c.rs", 600), ("d.rs", 700), ("e.rs", 700)]);
    let expected =
        ["a.rs has 501 lines", "c.rs has 601 lines", "d.rs need not be in the table", "e.rs need not be in the table"];
    assert_eq!(found, expected);
}
