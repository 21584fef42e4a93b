//! Decides whether a driver may use a feature now, and if not, why. No other code decides this.
pub mod module;

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    audit::{self, AuditRow},
    billing::{settings::Settings, subscription::Subscription},
    error::Error,
    flags::Flag,
    request::RequestContext,
    response,
};

/// A feature that can require a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// The list of cargos.
    List,
    /// The details of a cargo.
    Detail,
    /// Contacts, the note, the shipper's tax number and most of `extra`.
    Contacts,
    /// Responding.
    Respond,
    /// Alerts, and more than one saved search.
    Alerts,
}

impl Feature {
    /// The flag that makes the feature paid.
    fn paid(self) -> Flag {
        match self {
            Self::List => module::PAID_LIST,
            Self::Detail => module::PAID_DETAIL,
            Self::Contacts => module::PAID_CONTACTS,
            Self::Respond => module::PAID_RESPOND,
            Self::Alerts => module::PAID_ALERTS,
        }
    }

    /// All features.
    pub const ALL: [Self; 5] = [Self::List, Self::Detail, Self::Contacts, Self::Respond, Self::Alerts];

    /// The name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Detail => "detail",
            Self::Contacts => "contacts",
            Self::Respond => "respond",
            Self::Alerts => "alerts",
        }
    }
}

/// The data that decides about a driver's access, read once per request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// The driver.
    pub driver_id: i64,
    /// The end of their paid access.
    pub subscription: Subscription,
    /// The settings.
    pub settings: Arc<Settings>,
    /// An admin has blocked the driver.
    pub blocked: bool,
}

/// Why a driver may or may not use a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The driver is blocked.
    Blocked,
    /// The feature is switched off for the driver.
    Flag,
    /// The feature is free for everyone.
    Free,
    /// The driver has an active subscription or trial.
    Subscription,
    /// The feature is paid, and the driver has no active subscription.
    NoSubscription,
}

impl Rule {
    /// Whether the rule allows the feature.
    pub fn allows(self) -> bool {
        matches!(self, Self::Free | Self::Subscription)
    }
}

impl Access {
    /// Whether the driver may use the feature at `now_ms`. Ignores switches; see [`Access::check_switch`].
    pub fn allows(&self, feature: Feature, now_ms: i64) -> bool {
        self.paid_rule(feature, now_ms).allows()
    }

    /// The rule that decides about the feature at `now_ms`, including switches.
    pub fn rule(&self, feature: Feature, now_ms: i64) -> Rule {
        let is_off = feature == Feature::Respond && self.check_switch(response::module::RESPOND).is_err();
        if is_off && !self.blocked { Rule::Flag } else { self.paid_rule(feature, now_ms) }
    }

    fn paid_rule(&self, feature: Feature, now_ms: i64) -> Rule {
        let runs = self.subscription.is_running(now_ms);
        match (self.blocked, self.settings.flags.is_on(feature.paid(), self.driver_id), runs) {
            (true, ..) => Rule::Blocked,
            (_, false, _) => Rule::Free,
            (_, true, true) => Rule::Subscription,
            (_, true, false) => Rule::NoSubscription,
        }
    }

    /// Checks that the switch is on for the driver.
    ///
    /// # Errors
    /// It is off.
    pub fn check_switch(&self, switch: Flag) -> Result<(), Error> {
        if self.settings.flags.is_on(switch, self.driver_id) { Ok(()) } else { Err(Error::FeatureOff) }
    }

    /// The features the driver may not use at `now_ms`.
    pub fn locked(&self, now_ms: i64) -> Vec<Feature> {
        Feature::ALL.into_iter().filter(|feature| !self.allows(*feature, now_ms)).collect()
    }
}

impl App {
    /// The error for a missing subscription. Audited once per driver, feature and hour.
    pub(crate) async fn locked_out(&self, driver_id: i64, feature: Feature, context: &RequestContext) -> Error {
        let row = AuditRow::new(context, self.clock.now_ms(), module::ACCESS_AUDIT, "subscription_required");
        let row = row.once_an_hour(driver_id, feature.as_str());
        audit::write(&self.store, row.fact("driver_id", driver_id).fact("feature", feature.as_str())).await;
        Error::SubscriptionRequired(feature)
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
        assert_eq!(nobody.locked(1_000), [Feature::Contacts, Feature::Respond, Feature::Alerts]);
        let (subscription, _) = Subscription::default().grant(10, Source::Trial, "7", 1_000);
        let driver = Access { subscription, ..Access::default() };
        assert!(driver.locked(10_999).is_empty(), "while it runs");
        assert_eq!(driver.locked(11_000), [Feature::Contacts, Feature::Respond, Feature::Alerts], "to the millisecond");
    }

    #[test]
    fn the_rule_that_decides_is_told_and_who_is_blocked_may_nothing() {
        let (subscription, _) = Subscription::default().grant(10, Source::Trial, "7", 1_000);
        let mut access = Access { subscription, ..Access::default() };
        assert_eq!(access.rule(Feature::List, 2_000), Rule::Free);
        assert_eq!(access.rule(Feature::Contacts, 2_000), Rule::Subscription);
        assert_eq!(access.rule(Feature::Contacts, 11_000), Rule::NoSubscription);
        access.blocked = true;
        assert!(Feature::ALL.iter().all(|feature| access.rule(*feature, 2_000) == Rule::Blocked));
        assert_eq!(access.locked(2_000), Feature::ALL);
    }

    #[test]
    fn flags_decide_what_is_paid() {
        let mut access = Access::default();
        let rules = [FlagRule::On, FlagRule::On, FlagRule::Off, FlagRule::Off, FlagRule::Off];
        for (feature, rule) in Feature::ALL.into_iter().zip(rules) {
            access.settings = Arc::new(Settings::clone(&access.settings).with_flag(feature.paid(), rule));
        }
        assert_eq!(access.locked(1_000), [Feature::List, Feature::Detail]);
        let only = FlagRule::Drivers(BTreeSet::from([7]));
        access.settings = Arc::new(Settings::clone(&access.settings).with_flag(module::PAID_LIST, only));
        assert_eq!(access.locked(1_000), [Feature::Detail]);
        assert_eq!(Access { driver_id: 7, ..access }.locked(1_000), [Feature::List, Feature::Detail]);
    }
}
