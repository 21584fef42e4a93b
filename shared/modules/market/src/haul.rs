//! The profit of the cargos for one truck.
use jiff::civil::Date;
use kernel::money::Money;
use worth::{Amounts, Tariffs, Trip, Truck};

use crate::{
    index::Index,
    model::{Cargo, Point, estimated_km},
    rows::money,
};

/// A truck that looks for a load.
#[derive(Clone, Debug)]
pub struct Haul<'a> {
    /// The truck.
    pub truck: &'a Truck,
    /// What the state and the market charge.
    pub tariffs: &'a Tariffs,
    /// The day whose tariffs hold.
    pub day: Date,
    /// Where the truck is, if known.
    pub start: Option<Point>,
}

impl Haul<'_> {
    /// What a cargo brings.
    pub fn amounts(&self, cargo: &Cargo) -> Amounts {
        self.work_out(cargo.trip(self.start))
    }

    fn work_out(&self, trip: Trip) -> Amounts {
        worth::work_out(trip, self.truck, self.tariffs, self.day)
    }
}

impl Cargo {
    /// The trip of a truck from `start`. The way to the loading is not known unless both ends of it are.
    pub fn trip(&self, start: Option<Point>) -> Trip {
        let empty_km = start.zip(self.from.point).map(|(start, loading)| whole(start.road_km_to(loading)));
        Trip { price: self.price, loaded_km: self.distance().map(|distance| distance.km.get()), empty_km }
    }
}

/// No distance is one within a city.
fn whole(km: Option<std::num::NonZeroU32>) -> u32 {
    km.map_or(0, std::num::NonZeroU32::get)
}

impl Index {
    /// The profits of all cargos by row, kopecks, without reading the cargos. Equal to [`Haul::amounts`] of each.
    pub(crate) fn profits<'a>(&'a self, haul: &'a Haul<'_>) -> impl Fn(usize) -> Option<i64> + 'a {
        let start = haul.start.map(Point::position);
        let to_spot = |spot: &Option<places::Position>| Some(whole(estimated_km(start?, (*spot)?)));
        let empty_km: Vec<_> = self.positions.iter().map(to_spot).collect();
        move |row| {
            let price: Option<Money> = money(self.rows.kopecks[row]);
            let loaded_km = Some(self.km[row]).filter(|km| *km > 0);
            haul.work_out(Trip { price, loaded_km, empty_km: empty_km[self.rows.from.spots[row] as usize] }).net()
        }
    }
}
