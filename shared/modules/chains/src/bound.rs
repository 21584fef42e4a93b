//! What a plan leaves at most, before it is worked out.
//!
//! All terms of a trip but one tax are proportional to its price, its kilometres or its days, but for their rounding.
use jiff::civil::Date;
use kernel::money::Money;
use worth::{Name, TERMS, Trip, work_out_over};

use crate::{leg::Leg, search::Request};

/// Kopecks: half of one for each term, of a plan and of its part.
const ROUNDED: i64 = TERMS.len() as i64;
/// The empty way whose costs are worked out.
const EMPTY_KM: u32 = 1_000;

/// The parts of the bound.
#[derive(Debug)]
pub struct Bound {
    /// What each leg adds at most, kopecks.
    pub legs: Vec<i64>,
    /// What [`EMPTY_KM`] cost at least, kopecks.
    empty: i64,
    /// What a day costs, kopecks.
    day: i64,
}

impl Bound {
    /// For these legs on a day.
    pub fn of(legs: &[Leg], request: &Request<'_>, day: Date) -> Self {
        let of = |kopecks: i64, loaded_km: u32, empty_km: u32, days: u32| {
            let price = Money::from_kopecks(kopecks);
            let trip = Trip { price, loaded_km: Some(loaded_km), empty_km: Some(empty_km) };
            let amounts = work_out_over(trip, days, request.truck, request.tariffs, day);
            let terms = TERMS.iter().zip(amounts.terms).filter(|(name, _)| **name != Name::Tax);
            terms.filter_map(|(_, kopecks)| kopecks).sum::<i64>() + ROUNDED
        };
        Self {
            legs: legs.iter().map(|leg| of(leg.kopecks, leg.route.km.get(), 0, 0)).collect(),
            // Without a price, the VAT in the diesel would not be deducted.
            empty: -of(1, 0, EMPTY_KM, 0),
            day: -of(1, 0, 0, 100),
        }
    }

    /// Kopecks a day at most, of a plan whose legs add this, with so many empty kilometres and at least so many hundredths
    /// of a day.
    pub fn per_day(&self, legs: i64, empty_km: u32, days: u32) -> i64 {
        let net = legs - self.empty * i64::from(empty_km) / i64::from(EMPTY_KM) + 1;
        net.max(0) * 100 / i64::from(days) + 1 - self.day
    }
}
