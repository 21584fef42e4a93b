//! What plans need of a cargo, in minutes since 1970-01-01 UTC.
use std::collections::HashMap;

use jiff::civil::{DateTime, date};
use kernel::money::Money;
use market::{End, Route, When};
use places::{Place, Places};

use crate::driver::{Driver, driving};

/// Loading and unloading take this long, minutes.
const HANDLING: i64 = 60;
const A_DAY: i64 = 1_440;
/// Hours ahead of UTC where the settlement is unknown: Moscow's.
const HOURS_AHEAD: i64 = 3;

/// A cargo that can be planned.
#[derive(Clone, Copy, Debug)]
pub struct Leg {
    pub route: Route,
    /// Zero without a price.
    pub kopecks: i64,
    pub loading: Window,
    pub unloading: Window,
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
    /// `None` without a day of loading.
    pub fn of(route: Route, clocks: &mut Clocks) -> Option<Self> {
        route.from.when?;
        let (loading, unloading) = (Window::of(&route.from, clocks), Window::of(&route.to, clocks));
        Some(Self { route, kopecks: route.price.map_or(0, Money::kopecks), loading, unloading })
    }

    /// Carries the cargo. Returns when loading and unloading begin; `None` if it is too late for one of them.
    pub fn carry(&self, driver: &mut Driver, empty_km: u32) -> Option<(i64, i64)> {
        driver.drive(empty_km);
        let loading = self.loading.pass(driver)?;
        driver.drive(self.route.km.get());
        let unloading = self.unloading.pass(driver)?;
        Some((loading, unloading))
    }

    /// A moment before which nobody ends with the cargo.
    pub fn earliest_end(&self, driver: &Driver, empty_km: u32) -> i64 {
        let loading = (driver.now + driving(empty_km)).max(self.loading.first);
        loading + HANDLING + driving(self.route.km.get()) + HANDLING
    }
}
