//! Chains, as they are found and as they are told.
use std::cmp::Reverse;

use jiff::civil::DateTime;

use crate::{LONGEST, driver::Driver, leg::Leg};

/// Cargos that a truck carries one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// One for each cargo, in order.
    pub rides: Vec<Ride>,
    /// From the last unloading to the driver's home, kilometres; `None` without a home.
    pub home_km: Option<u32>,
    /// All empty kilometres, with the way home.
    pub empty_km: u32,
    /// What the chain leaves, kopecks.
    pub net: i64,
    /// Hundredths of a day, with the way home.
    pub days: u32,
    /// Kopecks a day.
    pub per_day: i64,
}

/// A cargo of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ride {
    /// CargoTech's id of the cargo.
    pub cargo_id: u64,
    /// To its loading, kilometres.
    pub empty_km: u32,
    /// When its loading begins, local time.
    pub loading: DateTime,
    /// When its unloading begins, local time.
    pub unloading: DateTime,
}

/// A chain while it grows. Plans are ordered by their rank, which their cargos determine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Plan {
    pub rank: Rank,
    /// The first ones, as many as there are cargos.
    pub steps: [Step; LONGEST],
    /// After the last unloading.
    pub driver: Driver,
    pub kopecks: i64,
    /// More than it leaves, kopecks.
    pub most: i64,
    pub loaded_km: u32,
    /// Without the way home.
    pub empty_km: u32,
    pub home_km: Option<u32>,
    pub net: i64,
    pub days: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    pub per_day: Reverse<i64>,
    pub cargos: usize,
    pub ids: [u64; LONGEST],
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// The index of the leg.
    pub leg: usize,
    pub empty_km: u32,
    /// When they begin, minutes since 1970-01-01 UTC.
    pub loading: i64,
    pub unloading: i64,
}

impl Plan {
    /// No cargo yet.
    pub fn begin(driver: Driver) -> Self {
        Self {
            rank: Rank { per_day: Reverse(0), cargos: 0, ids: [0; LONGEST] },
            steps: [Step::default(); LONGEST],
            driver,
            kopecks: 0,
            most: 0,
            loaded_km: 0,
            empty_km: 0,
            home_km: None,
            net: 0,
            days: 0,
        }
    }

    pub fn steps(&self) -> &[Step] {
        &self.steps[..self.rank.cargos]
    }

    /// Adds a cargo and the time that it takes; what the plan leaves is still that without it. `None` if the truck is too
    /// late.
    pub fn with(&self, at: usize, leg: &Leg, empty_km: u32) -> Option<Self> {
        let mut plan = *self;
        let (loading, unloading) = leg.carry(&mut plan.driver, empty_km)?;
        plan.steps[self.rank.cargos] = Step { leg: at, empty_km, loading, unloading };
        plan.rank.ids[self.rank.cargos] = leg.route.id;
        plan.rank.cargos += 1;
        plan.kopecks += leg.kopecks;
        plan.loaded_km += leg.route.km.get();
        plan.empty_km += empty_km;
        Some(plan)
    }

    pub fn told(&self, legs: &[Leg]) -> Chain {
        let ride = |step: &Step| {
            let leg = &legs[step.leg];
            Ride {
                cargo_id: leg.route.id,
                empty_km: step.empty_km,
                loading: leg.loading.local(step.loading),
                unloading: leg.unloading.local(step.unloading),
            }
        };
        Chain {
            rides: self.steps().iter().map(ride).collect(),
            home_km: self.home_km,
            empty_km: self.empty_km + self.home_km.unwrap_or(0),
            net: self.net,
            days: self.days,
            per_day: self.rank.per_day.0,
        }
    }
}
