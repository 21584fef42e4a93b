//! The table of the product's modules, and lookups across all of them.
use std::{fmt, pin::Pin};

use kernel::{secrets::Secret, telemetry::Metric};
use manifest::{
    Manifest, Rule,
    flags::{Flag, Flags},
    rights::Permission,
};
use outbox::kind::{Kind, MessageKind};
use store::audit::AuditKind;
use tokio::time::Duration;

use crate::{
    access, admin,
    app::App,
    auth, billing, cargo, cargotech,
    delivery::{self, kinds::Rendering},
    driver, market,
    request::RequestContext,
    response, retention, searches, telegram,
};

/// A module: its declarations, messages and jobs.
#[derive(Debug)]
pub struct Module {
    /// Its declarations.
    pub manifest: Manifest,
    /// Its messages.
    pub messages: &'static [Rendering],
    /// Its scheduled jobs.
    pub jobs: &'static [Job],
}

impl Module {
    /// A module without messages and jobs.
    pub const fn new(manifest: Manifest) -> Self {
        Self { manifest, messages: &[], jobs: &[] }
    }
}

/// A scheduled job.
pub struct Job {
    /// Its name in the schedule.
    pub name: &'static str,
    /// How often it runs, seconds. Nightly jobs run once a day.
    pub every_s: i64,
    /// Runs it. The text of an error is for the log and for admins.
    pub run: for<'a> fn(&'a App, &'a RequestContext) -> JobRun<'a>,
}

/// A run of a job.
pub type JobRun<'a> = Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>>;

/// How long a run works before the next one continues. The function's timeout minus the longest call.
pub(crate) const RUN: Duration = Duration::from_secs(12);
/// How long a run works if no other continues it: nearly the function's whole timeout.
pub(crate) const LONG_RUN: Duration = Duration::from_secs(48);

/// Logs what a job has done. A run without work is not logged, because some jobs run every minute and the metric shows
/// that they run.
pub(crate) fn log_done(done: usize, what: &'static str) {
    if done > 0 {
        tracing::info!(done, "{what}");
    } else {
        tracing::debug!(done, "{what}");
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A set of modules.
#[derive(Clone, Copy, Debug)]
pub struct Modules(pub &'static [&'static Module]);

/// All modules of the product.
pub const PRODUCT: Modules = Modules(&[
    &driver::module::MODULE,
    &access::module::MODULE,
    &cargo::module::MODULE,
    &cargotech::module::MODULE,
    &market::module::MODULE,
    &searches::module::MODULE,
    &response::module::MODULE,
    &delivery::module::MODULE,
    &billing::module::MODULE,
    &auth::module::MODULE,
    &telegram::module::MODULE,
    &retention::module::MODULE,
    &admin::module::MODULE,
]);

impl Modules {
    fn manifests(self) -> impl Iterator<Item = &'static Manifest> {
        self.0.iter().map(|module| &module.manifest)
    }

    /// All flags.
    pub fn flags(self) -> impl Iterator<Item = Flag> {
        self.manifests().flat_map(|manifest| manifest.flags).copied()
    }

    /// The flag with this name.
    pub fn flag(self, name: &str) -> Option<Flag> {
        self.flags().find(|flag| flag.as_str() == name)
    }

    /// The flags that are on for this driver.
    pub fn flags_on_for(self, rules: &Flags, driver_id: i64) -> Vec<&'static str> {
        self.flags().filter(|flag| rules.is_on(*flag, driver_id)).map(Flag::as_str).collect()
    }

    /// The permissions for admin routes.
    pub fn permissions(self) -> impl Iterator<Item = Permission> {
        self.manifests().flat_map(|manifest| manifest.permissions).copied()
    }

    /// The retention rules, each with the name of its module.
    pub fn retention(self) -> impl Iterator<Item = (&'static str, &'static Rule)> {
        self.manifests().flat_map(|manifest| manifest.retention.iter().map(|rule| (manifest.name, rule)))
    }

    /// All metrics.
    pub fn metrics(self) -> impl Iterator<Item = Metric> {
        self.manifests().flat_map(|manifest| manifest.metrics).copied()
    }

    /// All secrets.
    pub fn secrets(self) -> impl Iterator<Item = Secret> {
        self.manifests().flat_map(|manifest| manifest.secrets).copied()
    }

    /// All audit kinds.
    pub fn audit_kinds(self) -> impl Iterator<Item = AuditKind> {
        self.manifests().flat_map(|manifest| manifest.audit).copied()
    }

    /// All jobs.
    pub fn jobs(self) -> impl Iterator<Item = &'static Job> {
        self.0.iter().flat_map(|module| module.jobs)
    }

    /// The job with this name.
    pub fn job(self, name: &str) -> Option<&'static Job> {
        self.jobs().find(|job| job.name == name)
    }

    /// All message kinds.
    pub fn kinds(self) -> impl Iterator<Item = &'static Kind> {
        self.0.iter().flat_map(|module| module.messages).map(|rendering| rendering.kind)
    }

    /// The rendering of the message; `None` for a kind of another version.
    pub fn rendering(self, what: MessageKind) -> Option<&'static Rendering> {
        self.0.iter().flat_map(|module| module.messages).find(|rendering| what.is(rendering.kind))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use manifest::{Kept, rights::Role};

    use super::*;

    /// Names that occur more than once.
    fn repeated<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
        let mut counts = BTreeMap::new();
        names.into_iter().for_each(|name| *counts.entry(name).or_insert(0) += 1);
        counts.into_iter().filter(|(_, count)| *count > 1).map(|(name, _)| name).collect()
    }

    #[test]
    fn no_name_stands_for_two_things() {
        let none = Vec::<&str>::new();
        assert_eq!(repeated(PRODUCT.manifests().map(|manifest| manifest.name)), none);
        assert_eq!(
            repeated(PRODUCT.retention().flat_map(|(_, rule)| rule.kinds).map(|kind| kind.name())),
            none,
            "one rule for each row"
        );
        assert_eq!(repeated(PRODUCT.audit_kinds().map(|kind| kind.name())), none);
        assert_eq!(repeated(PRODUCT.permissions().map(Permission::as_str)), none);
        assert_eq!(repeated(PRODUCT.flags().map(Flag::as_str)), none);
        assert_eq!(repeated(PRODUCT.metrics().map(Metric::name)), none);
        assert_eq!(repeated(PRODUCT.kinds().map(|kind| kind.name)), none);
        assert_eq!(repeated(PRODUCT.secrets().map(Secret::as_str)), none);
        assert_eq!(repeated(PRODUCT.jobs().map(|job| job.name)), none);
        assert_eq!(repeated(["a", "b", "a"]), ["a"]);
    }

    #[test]
    fn the_owner_may_do_everything_and_who_only_reads_changes_nothing() {
        for permission in PRODUCT.permissions() {
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
        let rows: Vec<_> = PRODUCT.retention().map(row).collect();
        let document = include_str!("../../docs/retention.md");
        let written: Vec<_> = document.lines().filter(|line| line.starts_with("| `")).collect();
        assert_eq!(written, rows, "docs/retention.md");
    }
}
