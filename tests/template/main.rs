//! What cfn-lint cannot know about template.yaml: that it fits the code, and the rules that this project sets itself.
//! A check returns what is wrong, one line a finding. Each is also shown changed templates that it has to refuse, so none can
//! be blind.
mod data;
mod deployment;
mod document;
mod edge;
mod functions;
mod operation;
mod providers;
mod queues;
mod roles;
mod schedules;
mod watching;

use std::fs;

use document::{Template, root};

/// What is wrong with a template; empty when nothing is.
type Check = fn(&Template) -> Vec<String>;

/// A change that makes a template wrong.
type Damage<'a> = (&'a str, &'a dyn Fn(&mut Template));

/// The project's template passes, and every damaged copy of it fails.
fn holds(check: Check, damages: &[Damage]) {
    let template = Template::read();
    let problems = check(&template);
    assert!(problems.is_empty(), "template.yaml:\n  {}", problems.join("\n  "));
    for (what, damage) in damages {
        let mut damaged = template.clone();
        damage(&mut damaged);
        assert!(!check(&damaged).is_empty(), "the check does not see: {what}");
    }
}

/// `pointer` below `base`.
fn at(base: &str, pointer: &str) -> String {
    format!("{base}/{pointer}")
}

const AUTH: &str = "/Resources/AuthFunction/Properties";

const ME_STATEMENTS: &str = "/Resources/MeRole/Properties/Policies/0/PolicyDocument/Statement";

const API: &str = "/Resources/Api/Properties";

const SITE: &str = "/Resources/Distribution/Properties/DistributionConfig";

/// Collects findings.
#[derive(Default)]
pub struct Findings(pub Vec<String>);

impl Findings {
    /// Adds `finding` when something does not hold.
    pub fn unless(&mut self, holds: bool, finding: impl FnOnce() -> String) {
        if !holds {
            self.0.push(finding());
        }
    }
}

/// All Rust that the functions are made of.
pub fn source_text() -> String {
    let mut text = String::new();
    let mut folders = vec![root().join("shared"), root().join("functions")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the sources can be listed") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                text += &fs::read_to_string(path).expect("a source file can be read");
            }
        }
    }
    text
}
