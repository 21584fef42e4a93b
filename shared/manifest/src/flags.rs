//! Feature flags: which features are paid, which are on, and for whom. Every request that depends on a flag reads it,
//! so changes take effect at once.
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use kernel::{body, body::Body as _, fault::FieldError, fields::Fields};

/// The most drivers that a flag may name, because nearly every request reads the row.
pub const MOST_DRIVERS: usize = 500;

/// A feature flag. Each module declares its own.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    name: &'static str,
    is_on_at_first: bool,
}

/// Flags are compared by name.
impl PartialEq for Flag {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Flag {}

impl Flag {
    /// A flag that is on by default.
    pub const fn on(name: &'static str) -> Self {
        Self { name, is_on_at_first: true }
    }

    /// A flag that is off by default.
    pub const fn off(name: &'static str) -> Self {
        Self { name, is_on_at_first: false }
    }

    /// Whether it is on by default.
    pub const fn is_on_at_first(self) -> bool {
        self.is_on_at_first
    }

    /// The name in the API and the store.
    pub const fn as_str(self) -> &'static str {
        self.name
    }
}

/// The drivers for whom a flag is on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "rule", content = "drivers", rename_all = "snake_case")]
pub enum FlagRule {
    /// For everybody.
    On,
    /// For nobody.
    Off,
    /// For these drivers only.
    Drivers(BTreeSet<i64>),
}

body! {
    /// A new rule for a flag.
    pub struct FlagBody {
        /// Rule: `on`, `off` or `drivers`.
        #[schema(value_type = String)]
        rule: Option<&'static str> = Fields::choice(&[("on", "on"), ("off", "off"), ("drivers", "drivers")]),
        /// Telegram ids of 1 to 500 drivers; only with the rule `drivers`.
        #[schema(value_type = Option<Vec<i64>>)]
        drivers: Option<BTreeSet<i64>> = drivers(),
        /// The version that the change is based on. If it is outdated, the change is refused with `settings_changed`.
        version: i64 = Fields::whole(0..=i64::MAX),
    }
}

fn drivers(fields: &mut Fields<'_>, name: &str) -> Option<BTreeSet<i64>> {
    let ids = fields.value(name)?.as_array();
    let ids = ids.and_then(|ids| ids.iter().map(|id| id.as_i64().filter(|id| *id > 0)).collect());
    let ids: BTreeSet<i64> = ids.unwrap_or_default();
    if ids.is_empty() || ids.len() > MOST_DRIVERS {
        fields.fail(name, "malformed", format!("Must be 1 to {MOST_DRIVERS} ids of drivers."));
    }
    Some(ids)
}

impl FlagRule {
    /// Parses an admin's change of a flag.
    ///
    /// # Errors
    /// Every fault, each with its field.
    pub fn parse(body: &Map<String, Value>) -> Result<(Self, i64), Vec<FieldError>> {
        let (FlagBody { rule, drivers, version }, mut fields) = FlagBody::begin(body);
        match (rule, &drivers) {
            (Some("drivers"), None) => fields.fail("drivers", "missing", "Name the drivers for whom it is on."),
            (Some("on" | "off"), Some(_)) => {
                fields.fail("drivers", "unknown", "Only allowed with the rule drivers.");
            }
            _ => {}
        }
        let rule = match rule {
            Some("on") => Self::On,
            Some("drivers") => Self::Drivers(drivers.unwrap_or_default()),
            _ => Self::Off,
        };
        fields.done((rule, version))
    }

    /// The name in the API.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::Drivers(_) => "drivers",
        }
    }

    /// The drivers it names.
    pub fn drivers(&self) -> Vec<i64> {
        match self {
            Self::Drivers(drivers) => drivers.iter().copied().collect(),
            Self::On | Self::Off => Vec::new(),
        }
    }
}

/// The rules that admins have set. Unknown names are kept and ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Flags(BTreeMap<String, FlagRule>);

impl Flags {
    /// The rule of the flag.
    pub fn rule(&self, flag: Flag) -> FlagRule {
        let first = || if flag.is_on_at_first { FlagRule::On } else { FlagRule::Off };
        self.0.get(flag.as_str()).cloned().unwrap_or_else(first)
    }

    /// Whether the flag is on for this driver.
    pub fn is_on(&self, flag: Flag, driver_id: i64) -> bool {
        match self.0.get(flag.as_str()) {
            Some(FlagRule::On) => true,
            Some(FlagRule::Off) => false,
            Some(FlagRule::Drivers(drivers)) => drivers.contains(&driver_id),
            None => flag.is_on_at_first,
        }
    }

    /// Sets the rule of the flag.
    #[must_use]
    pub fn with(mut self, flag: Flag, rule: FlagRule) -> Self {
        self.0.insert(flag.as_str().to_owned(), rule);
        self
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(body: Value) -> Result<(FlagRule, i64), Vec<FieldError>> {
        FlagRule::parse(body.as_object().unwrap())
    }

    #[test]
    fn a_flag_is_on_for_all_for_nobody_or_for_those_it_names() {
        let flag = Flag::on("app.respond");
        let flags = Flags::default();
        assert!(flags.is_on(flag, 7) && !flags.is_on(Flag::off("paid.list"), 7), "as the product begins");
        let only = flags.clone().with(flag, FlagRule::Drivers(BTreeSet::from([7])));
        assert!(only.is_on(flag, 7) && !only.is_on(flag, 8));
        assert!(!only.clone().with(flag, FlagRule::Off).is_on(flag, 7));
    }

    #[test]
    fn what_is_stored_comes_back_and_a_flag_of_another_version_means_nothing() {
        let flags = Flags::default().with(Flag::off("paid.list"), FlagRule::Drivers(BTreeSet::from([1, 2])));
        let flags = flags.with(Flag::on("app.promo_codes"), FlagRule::Off);
        let mut stored = serde_json::to_value(&flags).unwrap();
        assert_eq!(stored["paid.list"], json!({ "rule": "drivers", "drivers": [1, 2] }));
        assert_eq!(serde_json::from_value::<Flags>(stored.clone()).unwrap(), flags);
        stored["app.later"] = json!({ "rule": "on" });
        let later: Flags = serde_json::from_value(stored).unwrap();
        assert!(later.is_on(Flag::off("paid.list"), 1) && !later.is_on(Flag::on("app.promo_codes"), 1));
    }

    #[test]
    fn a_rule_names_drivers_where_it_needs_them_and_nowhere_else() {
        assert_eq!(parse(json!({ "rule": "on", "version": 3 })), Ok((FlagRule::On, 3)));
        let some = parse(json!({ "rule": "drivers", "drivers": [5, 5, 6], "version": 0 }));
        assert_eq!(some, Ok((FlagRule::Drivers(BTreeSet::from([5, 6])), 0)));
        let many: Vec<_> = (1..=501).collect();
        for wrong in [
            json!({ "rule": "drivers", "version": 0 }),
            json!({ "rule": "drivers", "drivers": [], "version": 0 }),
            json!({ "rule": "drivers", "drivers": [-1], "version": 0 }),
            json!({ "rule": "drivers", "drivers": many, "version": 0 }),
            json!({ "rule": "on", "drivers": [1], "version": 0 }),
            json!({ "rule": "perhaps", "version": 0 }),
            json!({ "rule": "off" }),
        ] {
            assert_eq!(parse(wrong.clone()).map_err(|errors| errors.len()), Err(1), "{wrong}");
        }
    }
}
