//! What a driver's truck costs, as the driver gave it or as it is assumed.
use kernel::money::Money;

/// The costs of a truck: whole numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Costs {
    /// Diesel with a load, tenths of a litre a hundred kilometres.
    pub loaded: Option<u32>,
    /// Diesel without one, tenths of a litre a hundred kilometres.
    pub empty: Option<u32>,
    /// Diesel, kopecks a litre.
    pub litre: Option<u32>,
    /// Toll roads, kopecks a kilometre of the whole way.
    pub tolls: Option<u32>,
    /// Tyres, service and wear, kopecks a kilometre.
    pub wear: Option<u32>,
    /// Instalments, insurance, wages and parking, kopecks a day.
    pub day: Option<u32>,
    /// Kilometres a day.
    pub km_a_day: Option<u32>,
}

impl Costs {
    /// Those of a truck of 20 tonnes, where a driver gave nothing. Diesel has a tariff instead.
    pub const ASSUMED: Self = Self {
        loaded: Some(340),
        empty: Some(260),
        litre: None,
        tolls: Some(0),
        wear: Some(600),
        day: Some(500_000),
        km_a_day: Some(600),
    };
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

impl Truck {
    /// A cost as the driver gave it, else as it is assumed.
    pub(crate) fn cost(&self, of: impl Fn(&Costs) -> Option<u32>) -> Option<u32> {
        of(&self.costs).or_else(|| of(&Costs::ASSUMED))
    }
}
