//! How long a file may be.
use std::{path::Path, process::Command};

/// The most lines of a file.
const LONGEST: usize = 500;

/// Files that a program writes.
const GENERATED: &[&str] = &["static-site/src/api/schema.ts"];

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

/// What is too long.
fn too_long(files: &[(String, usize)]) -> Vec<String> {
    let long = files.iter().filter(|(_, lines)| *lines > LONGEST);
    long.map(|(name, lines)| format!("{name} has {lines} lines")).collect()
}

#[test]
fn no_file_is_too_long_to_read_at_once() {
    let files = lines_of_files();
    assert!(files.len() > 300, "git lists {} files", files.len());
    assert_eq!(too_long(&files), Vec::<String>::new());
}

#[test]
fn a_file_that_grows_beyond_the_limit_is_seen() {
    let files = [("a.rs", 501), ("b.rs", 500)].map(|(name, lines)| (name.to_owned(), lines));
    assert_eq!(too_long(&files), ["a.rs has 501 lines"]);
}
