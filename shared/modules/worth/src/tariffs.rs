//! What the state and the market charge, each since a day.
use std::borrow::Cow;

use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

/// A value that holds from a day until the next one of its kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tariff {
    /// The first day.
    pub from: Date,
    /// In the unit of its kind.
    pub value: u32,
    /// Where it is published.
    pub source: Cow<'static, str>,
    /// Whether the exact value is not confirmed.
    pub is_estimate: bool,
}

/// The tariffs, each kind in the order of days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tariffs {
    /// Платон, for a truck above 12 tonnes on a federal road, kopecks a kilometre.
    pub platon: Vec<Tariff>,
    /// Diesel, kopecks a litre.
    pub diesel: Vec<Tariff>,
    /// The general rate of VAT, percent.
    pub vat: Vec<Tariff>,
    /// The tax on the profit of a company, percent.
    pub profit_tax: Vec<Tariff>,
}

impl Tariffs {
    /// What holds on a day; `None` before the first.
    pub fn on(tariffs: &[Tariff], day: Date) -> Option<&Tariff> {
        tariffs.iter().rfind(|tariff| tariff.from <= day)
    }
}

impl Default for Tariffs {
    /// The known ones.
    fn default() -> Self {
        let confirmed = |from, value, source| Tariff { from, value, source: Cow::Borrowed(source), is_estimate: false };
        let estimate = |from, value, source| Tariff { is_estimate: true, ..confirmed(from, value, source) };
        Self {
            platon: vec![
                confirmed(date(2025, 2, 1), 334, "постановление Правительства РФ № 504"),
                estimate(date(2026, 3, 1), 515, "3,73 ₽ × 0,75 × индекс цен"),
            ],
            diesel: vec![estimate(date(2025, 11, 24), 7_521, "Росстат, средняя цена по России")],
            vat: vec![
                confirmed(date(2019, 1, 1), 20, "статья 164 НК РФ"),
                confirmed(date(2026, 1, 1), 22, "статья 164 НК РФ"),
            ],
            profit_tax: vec![confirmed(date(2025, 1, 1), 25, "статья 284 НК РФ")],
        }
    }
}
