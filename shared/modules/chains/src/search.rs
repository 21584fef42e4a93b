//! The search for chains.
use std::{cmp::Reverse, collections::HashMap, ops::Range};

use jiff::{
    ToSpan as _,
    civil::{Date, DateTime, date},
};
use kernel::money::Money;
use market::{Cargo, Point, Route};
use places::Position;
use worth::{Name, TERMS, Tariffs, Trip, Truck, work_out_over};

use crate::{
    LONGEST,
    chain::{Chain, Plan},
    driver::Driver,
    first::First,
    leg::{Clocks, Leg},
};

/// How many chains of each length are continued.
pub const BREADTH: usize = 300;
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
    /// After a cargo that the truck loads as early as it can, and the local time then; `None` if the cargo has no distance, no day of loading or
    /// no location of an end, or if the truck would be late for the unloading.
    pub fn after(cargo: &Cargo) -> Option<(Self, DateTime)> {
        let leg = Leg::of(Route::of(cargo)?, &mut Clocks::default())?;
        let mut driver = Driver::rested(leg.loading.first);
        leg.carry(&mut driver, 0)?;
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

/// Finds the best chains by the rules and in the order of this crate.
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
    /// By place of loading, from south to north; at one place by the end of the window.
    legs: Vec<Leg>,
    /// More than each leg adds to what any plan leaves, kopecks.
    most: Vec<i64>,
    home: Option<Position>,
    /// From the start to the home, kilometres.
    start_home_km: Option<u32>,
    /// Minutes since 1970-01-01 UTC.
    begin: i64,
    day: Date,
}

/// The cargos of one place of loading, and the way to it.
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
        let home = request.home.map(Point::position);
        let start_home_km = request.home.map(|home| home.road_km_to(request.start.point).map_or(0, Into::into));
        let day = date(1970, 1, 1).saturating_add(begin.div_euclid(A_DAY).days());
        let most = legs.iter().map(|leg| most(leg, request, day)).collect();
        Self { request, legs, most, home, start_home_km, begin, day }
    }

    /// The cargos with a loading near a point.
    fn near(&self, point: Point) -> Vec<Near> {
        let (here, radius_km) = (point.position(), self.request.radius_km);
        let circle = here.circle(radius_km.into());
        let mut first = self.legs.partition_point(|leg| leg.route.from.point.is_south_of(point, radius_km));
        let mut near = Vec::new();
        for legs in self.legs[first..].chunk_by(|leg, next| leg.route.from.point == next.route.from.point) {
            let from = legs[0].route.from;
            if point.is_south_of(from.point, radius_km) {
                break;
            }
            if circle.holds(from.position) {
                near.push(Near { legs: first..first + legs.len(), empty_km: from.road_km_to(here) });
            }
            first += legs.len();
        }
        near
    }

    /// Tries each cargo at the end of a plan.
    fn prolong(&self, plan: &Plan, near: &[Near], longer: &mut First<Plan>, found: &mut First<Plan>) {
        for Near { legs, empty_km } in near {
            let here = &self.legs[legs.clone()];
            let late = here.partition_point(|leg| leg.loading.last < plan.driver.now);
            for (at, leg) in (legs.start + late..).zip(&here[late..]) {
                if plan.steps().iter().any(|step| step.leg == at) {
                    continue;
                }
                let most = plan.most + self.most[at];
                let days = self.days(leg.earliest_end(&plan.driver, *empty_km));
                let per_day = most.max(0) * 100 / i64::from(days);
                let may_hold = |first: &First<Plan>| first.may_hold(|bound| per_day >= bound.rank.per_day.0);
                if !may_hold(longer) && !may_hold(found) {
                    continue;
                }
                let Some(mut plan) = plan.with(at, leg, *empty_km) else { continue };
                plan.most = most;
                let is_nearer_home = self.judge(&mut plan, leg);
                debug_assert!(plan.rank.per_day.0 <= per_day, "{plan:?}");
                longer.push(plan);
                if is_nearer_home {
                    found.push(plan);
                }
            }
        }
    }

    /// Works out what a plan leaves if it ends with this cargo. Returns whether it ends nearer to the home than it began.
    fn judge(&self, plan: &mut Plan, last: &Leg) -> bool {
        let mut driver = plan.driver;
        plan.home_km = self.home.map(|home| last.route.to.road_km_to(home));
        driver.drive(plan.home_km.unwrap_or(0));
        plan.days = self.days(driver.now);
        let trip = Trip {
            price: Money::from_kopecks(plan.kopecks),
            loaded_km: Some(plan.loaded_km),
            empty_km: Some(plan.empty_km + plan.home_km.unwrap_or(0)),
        };
        let amounts = work_out_over(trip, plan.days, self.request.truck, self.request.tariffs, self.day);
        // A price and a distance are known.
        plan.net = amounts.net().unwrap_or(0);
        plan.rank.per_day = Reverse(amounts.per_day().unwrap_or(0));
        plan.home_km.zip(self.start_home_km).is_none_or(|(end, start)| end < start)
    }

    /// Hundredths of a day from the start to a moment, rounded up, at least a day.
    fn days(&self, moment: i64) -> u32 {
        let hundredths = ((moment - self.begin) * 100 + A_DAY - 1) / A_DAY;
        u32::try_from(hundredths).unwrap_or(u32::MAX).max(100)
    }
}

/// What a leg leaves without days, empty kilometres and the tax that depends on them. All other terms of a plan are the
/// sums of those of its legs, but for their rounding.
fn most(leg: &Leg, request: &Request<'_>, day: Date) -> i64 {
    /// Kopecks: half of one for each term, of the plan and of the leg.
    const ROUNDED: i64 = TERMS.len() as i64;
    let (price, loaded_km) = (Money::from_kopecks(leg.kopecks), Some(leg.route.km.get()));
    let trip = Trip { price, loaded_km, empty_km: None };
    let amounts = work_out_over(trip, 0, request.truck, request.tariffs, day);
    let terms = TERMS.iter().zip(amounts.terms).filter(|(name, _)| **name != Name::Tax);
    terms.filter_map(|(_, kopecks)| kopecks).sum::<i64>() + ROUNDED
}
