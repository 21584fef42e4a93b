//! Plans that drivers can buy.
use serde::{Deserialize, Serialize};

pub use crate::clock::DAY_S;

/// A plan. A payment keeps its own copy, so an offered price stays valid for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Short, stable: `1m`.
    pub id: String,
    /// `1 месяц`.
    pub name: String,
    /// Its duration.
    pub days: i64,
    /// Kopecks.
    pub price_kopecks: i64,
}

impl Plan {
    /// The plans of the specification (contract 5.1), used until an admin sets others.
    pub fn defaults() -> Vec<Self> {
        [
            ("1m", "1 месяц", 30, 499),
            ("3m", "3 месяца", 90, 1299),
            ("6m", "6 месяцев", 180, 2399),
            ("12m", "12 месяцев", 365, 3999),
        ]
        .into_iter()
        .map(|(id, name, days, rubles)| Self {
            id: id.to_owned(),
            name: name.to_owned(),
            days,
            price_kopecks: rubles * 100,
        })
        .collect()
    }

    /// The granted time, seconds.
    pub fn seconds(&self) -> i64 {
        self.days * DAY_S
    }

    /// The price per day in kopecks, rounded up so that nobody pays more than shown.
    pub fn price_per_day_kopecks(&self) -> i64 {
        (self.price_kopecks + self.days - 1) / self.days.max(1)
    }

    /// The saving compared with `dearest` for the same days, in whole percent rounded down.
    pub fn saving_percent(&self, dearest: &Self) -> i64 {
        let full = dearest.price_kopecks * self.days;
        let paid = self.price_kopecks * dearest.days;
        if full > paid { (full - paid) * 100 / full } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plans_of_the_specification_get_cheaper_by_the_day() {
        let plans = Plan::defaults();
        let per_day: Vec<_> = plans.iter().map(Plan::price_per_day_kopecks).collect();
        assert_eq!(per_day, [1664, 1444, 1333, 1096]);
        let savings: Vec<_> = plans.iter().map(|plan| plan.saving_percent(&plans[0])).collect();
        assert_eq!(savings, [0, 13, 19, 34]);
        assert_eq!(plans[3].seconds(), 365 * 86_400);
    }
}
