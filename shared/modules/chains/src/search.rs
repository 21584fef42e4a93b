//! The search for chains.
use std::{cmp::Reverse, collections::HashMap, num::NonZeroU32, ops::Range};

use jiff::{
    ToSpan as _,
    civil::{Date, DateTime, date},
};
use kernel::money::Money;
use market::{Cargo, End, Point, Route};
use places::Position;
use worth::{Tariffs, Trip, Truck, work_out_over};

use crate::{
    LONGEST,
    bound::Bound,
    chain::{Chain, Plan},
    driver::{Driver, least_minutes},
    first::First,
    leg::{Clocks, Leg},
};

/// How many chains of each length are continued.
pub const BREADTH: usize = 500;
const A_DAY: i64 = 1_440;

/// Where and when a truck is empty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Start {
    /// The location.
    pub point: Point,
    /// Unix seconds.
    pub at_s: i64,
}

impl Start {
    /// After a cargo that the truck loads as early as it can, and the local time then. `None` if the cargo has no
    /// distance, no day of loading or no location of an end, or if the truck would be late for the unloading.
    pub fn after(cargo: &Cargo) -> Option<(Self, DateTime)> {
        let leg = Leg::of(Route::of(cargo)?, &mut Clocks::default())?;
        let mut driver = Driver::rested(leg.loading.first);
        leg.carry(&mut driver)?;
        let start = Self { point: leg.route.to.point, at_s: driver.now * 60 };
        Some((start, leg.unloading.local(driver.now)))
    }
}

/// What a driver asks for.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Where and when the truck is empty.
    pub start: Start,
    /// The driver's home.
    pub home: Option<Point>,
    /// How far each loading may be, kilometres along the great circle; see [`crate::RADIUS_KM`].
    pub radius_km: u32,
    /// The truck and its costs.
    pub truck: &'a Truck,
    /// The tariffs, of which those of the first day hold.
    pub tariffs: &'a Tariffs,
    /// How many chains are wanted.
    pub limit: usize,
}

/// Finds the best chains by the rules and in the order of this crate. All routes count: whether the truck suits a cargo,
/// and which cargo it has just carried, is for the filters of [`market::Index::routes`].
pub fn find(routes: &[Route], request: &Request<'_>) -> Vec<Chain> {
    let search = Search::new(routes, request);
    let start = request.start.point;
    let mut near = HashMap::new();
    let mut found = First::new(request.limit);
    let mut plans = vec![Plan::begin(Driver::rested(search.begin))];
    for length in 1..=LONGEST {
        let mut longer = First::new(if length < LONGEST { BREADTH } else { 0 });
        for plan in &plans {
            let point = plan.steps().last().map_or(start, |step| search.legs[step.leg].route.to.point);
            let near = near.entry(point).or_insert_with(|| search.near(point));
            search.prolong(plan, near, &mut longer, &mut found);
        }
        plans = longer.sorted();
    }
    found.sorted().iter().map(|plan| plan.told(&search.legs)).collect()
}

struct Search<'a> {
    request: &'a Request<'a>,
    /// In the order of the spots; at one spot by the end of the window.
    legs: Vec<Leg>,
    /// From south to north.
    spots: Vec<Spot>,
    /// For each leg, the way home after it.
    homes: Vec<Home>,
    bound: Bound,
    /// Minutes since 1970-01-01 UTC.
    begin: i64,
    day: Date,
}

/// The way home.
struct Home {
    /// `None` without a home.
    km: Option<u32>,
    least_minutes: i64,
    /// Whether it is shorter than from the start, if there is a home.
    is_nearer: bool,
}

impl Home {
    /// After a leg, to a home with so many kilometres from the start.
    fn after(leg: &Leg, home: Option<(Position, u32)>) -> Self {
        let Some((home, from_start)) = home else { return Self { km: None, least_minutes: 0, is_nearer: true } };
        let km = leg.route.to.road_km_to(home);
        Self { km: Some(km), least_minutes: least_minutes(km), is_nearer: km < from_start }
    }
}

/// A place of loading with its cargos.
struct Spot {
    from: End,
    legs: Range<usize>,
}

/// The cargos of a place of loading, and the way to it.
struct Near {
    legs: Range<usize>,
    empty_km: u32,
}

impl<'a> Search<'a> {
    fn new(routes: &[Route], request: &'a Request<'a>) -> Self {
        // Rounded up to the minute.
        let begin = -(-request.start.at_s).div_euclid(60);
        let mut clocks = Clocks::default();
        let priced = routes.iter().filter(|route| route.price.is_some());
        let mut legs: Vec<_> = priced.filter_map(|route| Leg::of(*route, &mut clocks)).collect();
        legs.sort_by_cached_key(|leg| (leg.route.from.point, leg.loading.last));
        let day = date(1970, 1, 1).saturating_add(begin.div_euclid(A_DAY).days());
        let mut end = 0;
        let spots = legs.chunk_by(|leg, next| leg.route.from.point == next.route.from.point).map(|of_spot| {
            let start = end;
            end += of_spot.len();
            Spot { from: of_spot[0].route.from, legs: start..end }
        });
        let spots = spots.collect();
        let from_start = |home: Point| home.road_km_to(request.start.point).map_or(0, NonZeroU32::get);
        let home = request.home.map(|home| (home.position(), from_start(home)));
        let homes = legs.iter().map(|leg| Home::after(leg, home)).collect();
        let bound = Bound::of(&legs, request, day);
        Self { request, legs, spots, homes, bound, begin, day }
    }

    /// The places of loading near a point.
    fn near(&self, point: Point) -> Vec<Near> {
        let (here, radius_km) = (point.position(), self.request.radius_km);
        let circle = here.circle(radius_km.into());
        let first = self.spots.partition_point(|spot| spot.from.point.is_south_of(point, radius_km));
        let beside = self.spots[first..].iter().take_while(|spot| !point.is_south_of(spot.from.point, radius_km));
        let near = beside.filter(|spot| circle.holds(spot.from.position));
        near.map(|spot| Near { legs: spot.legs.clone(), empty_km: spot.from.road_km_to(here) }).collect()
    }

    /// Tries each cargo at the end of a plan.
    fn prolong(&self, plan: &Plan, near: &[Near], longer: &mut First<Plan>, found: &mut First<Plan>) {
        for Near { legs, empty_km } in near {
            let mut driver = plan.driver;
            driver.drive(*empty_km);
            let here = &self.legs[legs.clone()];
            let late = here.partition_point(|leg| leg.loading.last < driver.now);
            for (at, leg) in (legs.start + late..).zip(&here[late..]) {
                if plan.steps().iter().any(|step| step.leg == at) {
                    continue;
                }
                let most = plan.most + self.bound.legs[at];
                let home = &self.homes[at];
                let days = self.days(leg.earliest_end(&driver) + home.least_minutes);
                let per_day = self.bound.per_day(most, plan.empty_km + empty_km + home.km.unwrap_or(0), days);
                let may_hold = |first: &First<Plan>| first.may_hold(|bound| per_day >= bound.rank.per_day.0);
                let is_promising = may_hold(longer) || home.is_nearer && may_hold(found);
                if !is_promising {
                    continue;
                }
                let Some(mut plan) = plan.with(at, leg, *empty_km, driver) else { continue };
                plan.most = most;
                self.judge(&mut plan, home);
                debug_assert!(plan.rank.per_day.0 <= per_day, "{plan:?}");
                longer.push(plan);
                if home.is_nearer {
                    found.push(plan);
                }
            }
        }
    }

    /// Works out what a plan leaves if it ends with this way home.
    fn judge(&self, plan: &mut Plan, home: &Home) {
        let mut driver = plan.driver;
        plan.home_km = home.km;
        driver.drive(home.km.unwrap_or(0));
        plan.days = self.days(driver.now);
        let trip = Trip {
            price: Money::from_kopecks(plan.kopecks),
            loaded_km: Some(plan.loaded_km),
            empty_km: Some(plan.empty_km + home.km.unwrap_or(0)),
        };
        let amounts = work_out_over(trip, plan.days, self.request.truck, self.request.tariffs, self.day);
        // A price and a distance are known.
        plan.net = amounts.net().unwrap_or(0);
        plan.rank.per_day = Reverse(amounts.per_day().unwrap_or(0));
    }

    /// Hundredths of a day from the start to a moment, rounded up, at least a day.
    fn days(&self, moment: i64) -> u32 {
        let hundredths = ((moment - self.begin) * 100 + A_DAY - 1) / A_DAY;
        u32::try_from(hundredths).unwrap_or(u32::MAX).max(100)
    }
}
