//! Builds the web app when its sources are newer than what was built.
use std::{
    io,
    path::{Path, PathBuf},
    process::Stdio,
    time::SystemTime,
};

use tokio::process::Command;

/// What is built from: everything in the folder but these.
const NOT_SOURCES: [&str; 3] = ["node_modules", "dist", "coverage"];
/// npm's own record of what it installed.
const INSTALLED: &str = "node_modules/.package-lock.json";

/// Why the web app cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// There is no npm.
    #[error(
        "the web app has to be built, and `npm` is not on the PATH. Install Node.js 20.19 or newer, then start again"
    )]
    NoNpm,
    /// npm could not be started.
    #[error("`npm` cannot be started: {0}")]
    Npm(io::Error),
    /// A step failed; npm has said why.
    #[error("`npm {0}` failed in {1}")]
    Failed(&'static str, PathBuf),
}

/// A step of the build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// `npm ci`
    Install,
    /// `npm run build`
    Build,
}

impl Step {
    fn command(self) -> &'static str {
        match self {
            Self::Install => "ci",
            Self::Build => "run build",
        }
    }
}

/// What has to be done in the folder of the web app.
pub fn steps(folder: &Path) -> Vec<Step> {
    let mut steps = Vec::new();
    if changed_at(&folder.join("package-lock.json")) > changed_at(&folder.join(INSTALLED)) {
        steps.push(Step::Install);
    }
    if newest(folder) > changed_at(&folder.join("dist/index.html")) {
        steps.push(Step::Build);
    }
    // What is built does not need what it was built with.
    if steps == [Step::Install] { Vec::new() } else { steps }
}

/// Does what has to be done; npm's own output shows the progress.
///
/// # Errors
/// npm is missing or fails.
pub async fn run(folder: &Path, progress: impl Fn(Step)) -> Result<(), BuildError> {
    for step in steps(folder) {
        progress(step);
        let status = Command::new("npm")
            .args(step.command().split(' '))
            .current_dir(folder)
            .stdin(Stdio::null())
            // Standard output is for the environment that --print-env prints.
            .stdout(io::stderr())
            .kill_on_drop(true)
            .status()
            .await
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => BuildError::NoNpm,
                _ => BuildError::Npm(error),
            })?;
        if !status.success() {
            return Err(BuildError::Failed(step.command(), folder.to_owned()));
        }
    }
    Ok(())
}

/// None for a file that is not there, which is older than any.
fn changed_at(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

/// When the newest source was changed.
fn newest(folder: &Path) -> Option<SystemTime> {
    let entries = std::fs::read_dir(folder).ok()?;
    entries
        .flatten()
        .filter(|entry| {
            entry.file_name().to_str().is_some_and(|name| !NOT_SOURCES.contains(&name) && !is_unrelated(name))
        })
        .filter_map(|entry| match entry.file_type().ok()? {
            kind if kind.is_dir() => newest(&entry.path()),
            kind if kind.is_file() => changed_at(&entry.path()),
            _ => None,
        })
        .max()
}

/// Tests and hidden files are not part of the build.
fn is_unrelated(name: &str) -> bool {
    name.starts_with('.') || name.contains(".test.")
}

#[cfg(test)]
mod tests {
    use std::{fs::File, time::Duration};

    use super::*;

    fn folder(files: &[(&str, u64)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, seconds) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            let file = File::create(&path).expect("a file");
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000 + seconds)).expect("a time");
        }
        folder
    }

    const ALL: [(&str, u64); 4] =
        [("package-lock.json", 1), (INSTALLED, 2), ("src/main.tsx", 3), ("dist/index.html", 4)];

    #[test]
    fn a_fresh_clone_is_installed_and_built() {
        assert_eq!(steps(folder(&[ALL[0], ALL[2]]).path()), [Step::Install, Step::Build]);
    }

    #[test]
    fn what_is_built_is_left_alone() {
        assert_eq!(steps(folder(&ALL).path()), []);
        assert_eq!(steps(folder(&[ALL[0], ALL[2], ALL[3]]).path()), [], "dist alone is enough to run");
        assert_eq!(steps(folder(&[ALL[0], ALL[1], ALL[2], ALL[3], ("src/a.test.ts", 9)]).path()), []);
        assert_eq!(steps(folder(&[ALL[0], ALL[1], ALL[2], ALL[3], ("node_modules/a/a.js", 9)]).path()), []);
    }

    #[test]
    fn a_changed_source_is_built_and_a_changed_lock_file_installed() {
        assert_eq!(steps(folder(&[ALL[0], ALL[1], ("src/main.tsx", 9), ALL[3]]).path()), [Step::Build]);
        let changed = folder(&[("package-lock.json", 9), ALL[1], ALL[2], ALL[3]]);
        assert_eq!(steps(changed.path()), [Step::Install, Step::Build]);
    }
}
