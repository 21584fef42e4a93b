//! What a driver's truck costs, as the driver gave it or as it is assumed.
use kernel::money::Money;

/// A cost of a truck.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cost {
    /// Diesel with a load, tenths of a litre a hundred kilometres.
    Loaded,
    /// Diesel without one, tenths of a litre a hundred kilometres.
    Empty,
    /// Diesel, kopecks a litre.
    Litre,
    /// Toll roads, kopecks a kilometre of the whole way.
    Tolls,
    /// Tyres, service and wear, kopecks a kilometre.
    Wear,
    /// Instalments, insurance, wages and parking, kopecks a day.
    Day,
    /// Kilometres a day.
    KmADay,
}

/// Whole numbers, one for each [`Cost`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Costs {
    /// See [`Cost::Loaded`].
    pub loaded: Option<u32>,
    /// See [`Cost::Empty`].
    pub empty: Option<u32>,
    /// See [`Cost::Litre`].
    pub litre: Option<u32>,
    /// See [`Cost::Tolls`].
    pub tolls: Option<u32>,
    /// See [`Cost::Wear`].
    pub wear: Option<u32>,
    /// See [`Cost::Day`].
    pub day: Option<u32>,
    /// See [`Cost::KmADay`].
    pub km_a_day: Option<u32>,
}

/// How a driver is taxed. The price of a cargo includes VAT where the driver pays it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tax {
    /// Самозанятый: 6 % of what a company pays.
    Npd,
    /// A patent: nothing for a trip.
    Patent,
    /// УСН «доходы»: 6 % of the price without VAT.
    UsnIncome {
        /// 0, 5 or 7 percent of VAT.
        vat: u8,
    },
    /// УСН «доходы минус расходы»: 15 % of what is left.
    UsnProfit {
        /// 0, 5 or 7 percent of VAT.
        vat: u8,
    },
    /// ОСНО of a company: the general VAT without that of diesel, and the tax on profit.
    Osno,
}

/// A truck and its driver.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Truck {
    /// What the driver gave.
    pub costs: Costs,
    /// Whether it pays Платон: above 12 tonnes with its trailer.
    pub platon: Option<bool>,
    /// `None`: not known.
    pub tax: Option<Tax>,
    /// What a day should bring.
    pub goal_a_day: Option<Money>,
}

/// A truck of 20 tonnes, where a driver gave nothing.
const ASSUMED: [(Cost, u32); 6] = [
    (Cost::Loaded, 340),
    (Cost::Empty, 260),
    (Cost::Tolls, 0),
    (Cost::Wear, 600),
    (Cost::Day, 500_000),
    (Cost::KmADay, 600),
];

impl Truck {
    /// A cost, and whether the driver gave it. `None` for diesel, which has a tariff.
    pub fn cost(&self, cost: Cost) -> Option<(u32, bool)> {
        let costs = &self.costs;
        let own = match cost {
            Cost::Loaded => costs.loaded,
            Cost::Empty => costs.empty,
            Cost::Litre => costs.litre,
            Cost::Tolls => costs.tolls,
            Cost::Wear => costs.wear,
            Cost::Day => costs.day,
            Cost::KmADay => costs.km_a_day,
        };
        let assumed = || ASSUMED.iter().find(|(known, _)| *known == cost).map(|(_, value)| (*value, false));
        own.map(|value| (value, true)).or_else(assumed)
    }
}
