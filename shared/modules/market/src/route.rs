//! The routes of cargos, from which plans are made.
use std::num::NonZeroU32;

use kernel::money::Money;
use places::Position;

use crate::{
    columns::Ends,
    filters::Filters,
    index::Index,
    model::{Cargo, Point, Stop, When, estimated_km},
    rows::money,
};

/// The route of a cargo, without texts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Route {
    /// CargoTech's id of the cargo.
    pub id: u64,
    /// Where it is loaded.
    pub from: End,
    /// Where it is unloaded.
    pub to: End,
    /// Kilometres, estimated if CargoTech has no distance.
    pub km: NonZeroU32,
    /// The price; `None` means on request.
    pub price: Option<Money>,
}

/// One end of a route.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct End {
    /// The location.
    pub point: Point,
    /// The same for calculations.
    pub position: Position,
    /// The settlement of the crate `places`.
    pub place: Option<u32>,
    /// Local time there.
    pub when: Option<When>,
}

impl End {
    fn of(stop: &Stop) -> Option<Self> {
        let point = stop.point?;
        Some(Self { point, position: point.position(), place: stop.place, when: stop.when })
    }

    /// The estimated distance by road to a position, kilometres; 0 within a city.
    pub fn road_km_to(&self, position: Position) -> u32 {
        estimated_km(self.position, position).map_or(0, NonZeroU32::get)
    }
}

impl Route {
    /// The route of a cargo; `None` if the location of an end or the distance is unknown.
    pub fn of(cargo: &Cargo) -> Option<Self> {
        let km = cargo.distance()?.km;
        Some(Self { id: cargo.id, from: End::of(&cargo.from)?, to: End::of(&cargo.to)?, km, price: cargo.price })
    }
}

impl Index {
    /// The routes of the cargos that match the filters, by id; see [`Route::of`].
    pub fn routes(&self, filters: &Filters) -> Vec<Route> {
        let mut routes = Vec::new();
        self.matches(filters).rising(|row| routes.extend(self.route(row)));
        routes
    }

    fn route(&self, row: usize) -> Option<Route> {
        let rows = &self.rows;
        let end = |ends: &Ends| {
            let spot = ends.spots[row] as usize;
            let (point, position) = rows.spots[spot].point.zip(self.positions[spot])?;
            Some(End { point, position, place: rows.spots[spot].place, when: rows.when(ends, row) })
        };
        let (from, to) = (end(&rows.from)?, end(&rows.to)?);
        Some(Route { id: rows.ids[row], from, to, km: NonZeroU32::new(self.km[row])?, price: money(rows.kopecks[row]) })
    }
}
