//! What plans need of a cargo, in minutes since 1970-01-01 UTC.
use std::collections::HashMap;

use jiff::civil::{DateTime, date};
use kernel::money::Money;
use market::{End, Route, When};
use places::{Place, Places};

use crate::driver::{Driver, least_minutes};

/// Loading and unloading take this long, minutes.
const HANDLING: i64 = 60;
const A_DAY: i64 = 1_440;
/// Hours ahead of UTC where the settlement is unknown: Moscow's.
const HOURS_AHEAD: i64 = 3;

/// Half of the equator. A plan counts the breaks of a way one by one.
const LONGEST_KM: u32 = 20_000;
/// A hundred million rubles.
const MOST_KOPECKS: i64 = 10_000_000_000;

/// A cargo that can be planned.
#[derive(Clone, Copy, Debug)]
pub struct Leg {
    pub route: Route,
    /// Zero without a price.
    pub kopecks: i64,
    pub loading: Window,
    pub unloading: Window,
    /// What a driver who has rested needs for the way.
    least_minutes: i64,
}

/// When something may begin.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub first: i64,
    pub last: i64,
    /// Local time less UTC, minutes.
    ahead: i64,
}

/// The clocks of settlements, each looked up once.
#[derive(Debug, Default)]
pub struct Clocks {
    /// Local time less UTC, minutes.
    ahead: HashMap<u32, i64>,
}

impl Clocks {
    fn ahead(&mut self, place: Option<u32>) -> i64 {
        let look_up = |id| 60 * Places::all().get(id).and_then(Place::hours_ahead).unwrap_or(HOURS_AHEAD);
        place.map_or(60 * HOURS_AHEAD, |id| *self.ahead.entry(id).or_insert_with(|| look_up(id)))
    }
}

impl Window {
    fn of(end: &End, clocks: &mut Clocks) -> Self {
        let ahead = clocks.ahead(end.place);
        let (first, last) = match end.when {
            None => (0, i64::MAX),
            Some(When { date: day, minute }) => {
                let midnight = day.duration_since(date(1970, 1, 1)).as_mins() - ahead;
                match minute.map(i64::from) {
                    Some(minute) => (midnight + minute, midnight + minute),
                    None => (midnight, midnight + A_DAY),
                }
            }
        };
        Self { first, last, ahead }
    }

    /// The local time of a moment.
    pub fn local(&self, moment: i64) -> DateTime {
        let since = jiff::SignedDuration::from_mins(moment + self.ahead);
        date(1970, 1, 1).at(0, 0, 0, 0).saturating_add(since)
    }

    /// Waits for the window and works in it. Returns when the work begins; `None` if it is too late.
    fn pass(&self, driver: &mut Driver) -> Option<i64> {
        if driver.now > self.last {
            return None;
        }
        driver.stand_until(self.first);
        let begins = driver.now;
        driver.work(HANDLING);
        Some(begins)
    }
}

impl Leg {
    /// `None` without a day of loading, and for a way that is longer than any road or a price that no cargo has.
    pub fn of(route: Route, clocks: &mut Clocks) -> Option<Self> {
        route.from.when?;
        if route.km.get() > LONGEST_KM || route.price.is_some_and(|price| price.kopecks() > MOST_KOPECKS) {
            return None;
        }
        let (loading, unloading) = (Window::of(&route.from, clocks), Window::of(&route.to, clocks));
        let kopecks = route.price.map_or(0, Money::kopecks);
        Some(Self { route, kopecks, loading, unloading, least_minutes: least_minutes(route.km.get()) })
    }

    /// Carries the cargo from where it is loaded. Returns when loading and unloading begin; `None` if it is too late for
    /// one of them.
    pub fn carry(&self, driver: &mut Driver) -> Option<(i64, i64)> {
        let loading = self.loading.pass(driver)?;
        driver.drive(self.route.km.get());
        let unloading = self.unloading.pass(driver)?;
        Some((loading, unloading))
    }

    /// When the unloading ends at the earliest for a driver who is where the cargo is loaded.
    pub fn earliest_end(&self, driver: &Driver) -> i64 {
        let unloading = driver.now.max(self.loading.first) + HANDLING + self.least_minutes;
        unloading.max(self.unloading.first) + HANDLING
    }
}
