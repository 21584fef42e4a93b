//! The profit of a trip, term by term.
use std::borrow::Cow;

use jiff::civil::Date;
use kernel::money::Money;

use crate::{
    tariffs::{Tariff, Tariffs},
    truck::{Costs, Tax, Truck},
};

/// What is known of a trip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trip {
    /// What is paid; `None`: on request.
    pub price: Option<Money>,
    /// With the cargo, kilometres.
    pub loaded_km: Option<u32>,
    /// To the loading, kilometres.
    pub empty_km: Option<u32>,
}

/// A term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Name {
    /// The price of the cargo.
    Price,
    /// Diesel for the way with the cargo.
    Fuel,
    /// Diesel for the way to the loading.
    FuelEmpty,
    /// Платон on the whole way.
    Platon,
    /// Toll roads on the whole way.
    Tolls,
    /// Tyres, service and wear on the whole way.
    Wear,
    /// The costs of the days.
    Days,
    /// VAT in the price, less that in the diesel.
    Vat,
    /// The tax on income or profit.
    Tax,
}

/// The terms in the order in which they are shown.
pub const TERMS: [Name; 9] =
    [Name::Price, Name::Fuel, Name::FuelEmpty, Name::Platon, Name::Tolls, Name::Wear, Name::Days, Name::Vat, Name::Tax];

/// Where a term comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The cargo.
    Cargo,
    /// What the driver gave.
    Driver,
    /// An assumed truck.
    Assumed,
    /// A law or a publication.
    Published(Cow<'static, str>),
}

/// A term with all that is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Which one.
    pub name: Name,
    /// Signed kopecks: what is earned is positive. `None`: not known, which is not zero.
    pub kopecks: Option<i64>,
    /// Where its rate comes from.
    pub source: Source,
    /// Since when the rate holds; `None` if it has no day.
    pub as_of: Option<Date>,
    /// Whether the rate or the way is assumed.
    pub is_estimate: bool,
}

/// The profit of a trip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profit {
    /// The terms in the order of [`TERMS`].
    pub terms: Vec<Term>,
    /// Kopecks; `None` without a price or a distance.
    pub net: Option<i64>,
    /// Kopecks a kilometre of the whole way.
    pub per_km: Option<i64>,
    /// Kopecks a day.
    pub per_day: Option<i64>,
    /// Hundredths of a day; `None` without a distance.
    pub days: Option<u32>,
}

/// The amounts of a trip in kopecks, in the order of [`TERMS`]; see [`Term::kopecks`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amounts {
    /// Each term.
    pub terms: [Option<i64>; TERMS.len()],
    /// Hundredths of a day; `None` without a distance.
    pub days: Option<u32>,
}

impl Amounts {
    /// The sum of the known terms; `None` without a price or a distance.
    pub fn net(&self) -> Option<i64> {
        let [price, fuel, ..] = self.terms;
        price.and(fuel).map(|_| self.terms.iter().flatten().sum())
    }

    /// Kopecks a day; `None` without a price or a distance.
    pub fn per_day(&self) -> Option<i64> {
        Some(divided(self.net()? * 100, self.days?.into()))
    }
}

/// Works out a trip on a day. Allocates nothing, so that all cargos of the market can be ordered by it.
pub fn work_out(trip: Trip, truck: &Truck, tariffs: &Tariffs, day: Date) -> Amounts {
    let km_a_day = truck.cost(|costs| costs.km_a_day);
    let days = way_km(trip).zip(km_a_day).map(|(km, a_day)| rounded(km * 100, i64::from(a_day).max(1)).max(100));
    over_days(trip, days.and_then(|days| u32::try_from(days).ok()), truck, tariffs, day)
}

/// Works out a trip that takes so many hundredths of a day, such as a chain of cargos: its price and its kilometres are
/// the sums of theirs, and its days, like the limit of a tax, count once.
pub fn work_out_over(trip: Trip, days: u32, truck: &Truck, tariffs: &Tariffs, day: Date) -> Amounts {
    over_days(trip, Some(days), truck, tariffs, day)
}

/// Kilometres. Without the way to the loading, the costs are those of the way with the cargo.
fn way_km(trip: Trip) -> Option<i64> {
    trip.loaded_km.map(|km| i64::from(km) + trip.empty_km.map_or(0, i64::from))
}

fn over_days(trip: Trip, days: Option<u32>, truck: &Truck, tariffs: &Tariffs, day: Date) -> Amounts {
    let rate = |of: fn(&Costs) -> Option<u32>| truck.cost(of).map(i64::from);
    let on = |tariffs: &[Tariff]| Tariffs::on(tariffs, day).map(|tariff| i64::from(tariff.value));
    let (loaded_km, empty_km) = (trip.loaded_km.map(i64::from), trip.empty_km.map(i64::from));
    let way_km = way_km(trip);
    let litre = rate(|costs| costs.litre).or_else(|| on(&tariffs.diesel));
    // Tenths of a litre a hundred kilometres.
    let fuel = |km: Option<i64>, burns: Option<i64>| Some(rounded(km? * burns? * litre?, 1_000));
    let a_km = |rate: Option<i64>| Some(way_km? * rate?);
    let platon = match truck.platon {
        Some(false) => way_km.map(|_| 0),
        Some(true) | None => a_km(on(&tariffs.platon)),
    };
    let costs = [
        fuel(loaded_km, rate(|costs| costs.loaded)),
        fuel(empty_km, rate(|costs| costs.empty)),
        platon,
        a_km(rate(|costs| costs.tolls)),
        a_km(rate(|costs| costs.wear)),
        days.zip(rate(|costs| costs.day)).map(|(days, rate)| rounded(i64::from(days) * rate, 100)),
    ];
    let price = trip.price.map(Money::kopecks);
    let (vat, profit_tax) = (on(&tariffs.vat), on(&tariffs.profit_tax));
    let taxes = price.zip(truck.tax).and_then(|(price, tax)| {
        let burnt = costs[0].unwrap_or(0) + costs[1].unwrap_or(0);
        let spent: i64 = costs.iter().flatten().sum();
        taxes(tax, price, burnt, spent, vat, profit_tax)
    });
    let less = |cost: Option<i64>| cost.map(|cost| -cost);
    let [fuel, fuel_empty, platon, tolls, wear, of_days] = costs.map(less);
    let (vat, tax) = taxes.map_or((None, None), |(vat, tax)| (Some(-vat), Some(-tax)));
    Amounts { terms: [price, fuel, fuel_empty, platon, tolls, wear, of_days, vat, tax], days }
}

/// VAT and the other tax, kopecks; `None` if a rate of theirs is not known.
fn taxes(
    tax: Tax,
    price: i64,
    burnt: i64,
    spent: i64,
    general: Option<i64>,
    profit_tax: Option<i64>,
) -> Option<(i64, i64)> {
    let within = |sum: i64, percent: i64| rounded(sum * percent, 100 + percent);
    Some(match tax {
        Tax::Npd => (0, rounded(price * 6, 100)),
        Tax::Patent => (0, 0),
        Tax::UsnIncome { vat } => {
            let vat = within(price, vat.into());
            (vat, rounded((price - vat) * 6, 100))
        }
        Tax::UsnProfit { vat } => {
            let vat = within(price, vat.into());
            (vat, rounded((price - vat - spent).max(0) * 15, 100))
        }
        Tax::Osno => {
            let (general, profit_tax) = (general?, profit_tax?);
            let paid = within(burnt, general);
            let vat = within(price, general) - paid;
            // The costs count without the VAT that was deducted.
            let left = price - vat - spent;
            (vat, rounded(left.max(0) * profit_tax, 100))
        }
    })
}

/// The profit of a trip on a day, as it is shown.
pub fn profit(trip: Trip, truck: &Truck, tariffs: &Tariffs, day: Date) -> Profit {
    let amounts = work_out(trip, truck, tariffs, day);
    let terms = TERMS.iter().zip(amounts.terms);
    Profit {
        terms: terms.map(|(name, kopecks)| term(*name, kopecks, truck, tariffs, day)).collect(),
        net: amounts.net(),
        per_km: amounts.net().zip(way_km(trip)).filter(|(_, km)| *km > 0).map(|(net, km)| divided(net, km)),
        per_day: amounts.per_day(),
        days: amounts.days,
    }
}

fn term(name: Name, kopecks: Option<i64>, truck: &Truck, tariffs: &Tariffs, day: Date) -> Term {
    let plain = |source, is_estimate| Term { name, kopecks, source, as_of: None, is_estimate };
    let published = |tariff: Option<&Tariff>, is_estimate| match tariff {
        Some(tariff) => Term {
            as_of: Some(tariff.from),
            ..plain(Source::Published(tariff.source.clone()), is_estimate || tariff.is_estimate)
        },
        None => plain(Source::Assumed, true),
    };
    let of_truck = |own: Option<u32>| match own {
        Some(_) => plain(Source::Driver, false),
        None => plain(Source::Assumed, true),
    };
    let costs = &truck.costs;
    match name {
        Name::Price => plain(Source::Cargo, false),
        Name::Fuel | Name::FuelEmpty => {
            let burns = of_truck(if name == Name::Fuel { costs.loaded } else { costs.empty });
            match costs.litre {
                Some(_) => burns,
                None => published(Tariffs::on(&tariffs.diesel, day), true),
            }
        }
        Name::Platon if truck.platon == Some(false) => plain(Source::Driver, false),
        // How much of the way are federal roads is not known.
        Name::Platon => published(Tariffs::on(&tariffs.platon, day), true),
        Name::Tolls => of_truck(costs.tolls),
        Name::Wear => of_truck(costs.wear),
        Name::Days => of_truck(costs.day),
        Name::Vat | Name::Tax if truck.tax.is_some() => plain(Source::Driver, false),
        Name::Vat | Name::Tax => plain(Source::Assumed, true),
    }
}

/// The least price in whole rubles that brings the driver's goal a day; `None` without a goal or a distance.
pub fn ask_rub(trip: Trip, truck: &Truck, tariffs: &Tariffs, day: Date) -> Option<i64> {
    /// More than any cargo brings.
    const MOST_RUB: i64 = 99_999_999;
    let goal = truck.goal_a_day?.kopecks();
    let is_enough = |rub: i64| {
        let price = Money::from_kopecks(rub * 100);
        let amounts = work_out(Trip { price, ..trip }, truck, tariffs, day);
        amounts.per_day().is_some_and(|a_day| a_day >= goal)
    };
    // The profit never falls when the price rises.
    let (mut low, mut high) = (1, MOST_RUB);
    if !is_enough(high) {
        return None;
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if is_enough(middle) { high = middle } else { low = middle + 1 }
    }
    Some(low)
}

/// A sum that is not negative, divided and rounded half up.
fn rounded(sum: i64, by: i64) -> i64 {
    (sum + by / 2) / by
}

/// A signed sum, divided and rounded half away from zero.
fn divided(sum: i64, by: i64) -> i64 {
    sum.signum() * rounded(sum.abs(), by)
}
