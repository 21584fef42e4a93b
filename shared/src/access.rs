//! May this driver use this feature now, and if not, why: the one place that says it.
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    billing::{
        settings::Settings,
        subscription::{State, Subscription},
    },
    error::Error,
    flags::{Flag, Switch},
};

/// What a subscription can be needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// The list of cargos.
    List,
    /// A cargo.
    Detail,
    /// Whom to call, the note, the shipper's tax number and most of `extra`.
    Contacts,
    /// Responding.
    Respond,
}

impl Feature {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::List, Self::Detail, Self::Contacts, Self::Respond];

    /// As the API writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Detail => "detail",
            Self::Contacts => "contacts",
            Self::Respond => "respond",
        }
    }
}

/// What decides about a driver's access, as it was read for one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Whose it is.
    pub driver_id: i64,
    /// Until when they have paid.
    pub subscription: Subscription,
    /// What admins set.
    pub settings: Settings,
}

impl Access {
    /// Whether the driver may use the feature at `now_ms`.
    pub fn allows(&self, feature: Feature, now_ms: i64) -> bool {
        let runs = matches!(self.subscription.state(now_ms), State::Trial | State::Active);
        runs || !self.settings.flags.is_on(Flag::Paid(feature), self.driver_id)
    }

    /// Lets pass what is switched on for the driver.
    ///
    /// # Errors
    /// It is switched off.
    pub fn check_switch(&self, switch: Switch) -> Result<(), Error> {
        if self.settings.flags.is_on(Flag::App(switch), self.driver_id) { Ok(()) } else { Err(Error::FeatureOff) }
    }

    /// What the driver may not use at `now_ms`.
    pub fn locked(&self, now_ms: i64) -> Vec<Feature> {
        Feature::ALL.into_iter().filter(|feature| !self.allows(*feature, now_ms)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{billing::subscription::Source, flags::FlagRule};

    #[test]
    fn what_is_not_paid_is_open_to_all_and_the_rest_to_who_has_a_subscription() {
        let nobody = Access::default();
        assert_eq!(nobody.locked(1_000), [Feature::Contacts, Feature::Respond]);
        let (subscription, _) = Subscription::default().grant(10, Source::Trial, "7", 1_000);
        let driver = Access { subscription, ..Access::default() };
        assert!(driver.locked(10_999).is_empty(), "while it runs");
        assert_eq!(driver.locked(11_000), [Feature::Contacts, Feature::Respond], "to the millisecond");
    }

    #[test]
    fn flags_decide_what_is_paid() {
        let mut access = Access::default();
        for (feature, rule) in Feature::ALL.into_iter().zip([FlagRule::On, FlagRule::On, FlagRule::Off, FlagRule::Off])
        {
            access.settings = access.settings.with_flag(Flag::Paid(feature), rule);
        }
        assert_eq!(access.locked(1_000), [Feature::List, Feature::Detail]);
        let only = FlagRule::Drivers(BTreeSet::from([7]));
        access.settings = access.settings.with_flag(Flag::Paid(Feature::List), only);
        assert_eq!(access.locked(1_000), [Feature::Detail]);
        assert_eq!(Access { driver_id: 7, ..access }.locked(1_000), [Feature::List, Feature::Detail]);
    }
}
