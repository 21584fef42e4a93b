//! The time of a driver.

/// Kilometres an hour, on average.
const SPEED: i64 = 70;
/// The longest drive without a break, minutes.
const STRETCH: i64 = 270;
const BREAK: i64 = 45;
/// The longest drive without a rest, minutes.
const SHIFT: i64 = 540;
const REST: i64 = 660;

/// Minutes of driving, without breaks and rests.
pub fn driving(km: u32) -> i64 {
    (i64::from(km) * 60 + SPEED - 1) / SPEED
}

/// A driver at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Driver {
    /// Minutes since 1970-01-01 UTC.
    pub now: i64,
    /// Minutes driven since the last break.
    since_break: i64,
    /// Minutes driven since the last rest.
    since_rest: i64,
}

impl Driver {
    /// One who has rested.
    pub fn rested(now: i64) -> Self {
        Self { now, since_break: 0, since_rest: 0 }
    }

    /// Drives, with the breaks and rests that are due on the way.
    pub fn drive(&mut self, km: u32) {
        let mut left = driving(km);
        while left > 0 {
            if self.since_rest == SHIFT {
                self.stand_until(self.now + REST);
            } else if self.since_break == STRETCH {
                self.stand_until(self.now + BREAK);
            }
            let stretch = left.min(STRETCH - self.since_break).min(SHIFT - self.since_rest);
            self.now += stretch;
            self.since_break += stretch;
            self.since_rest += stretch;
            left -= stretch;
        }
    }

    /// Loads or unloads, which is neither driving nor a break.
    pub fn work(&mut self, minutes: i64) {
        self.now += minutes;
    }

    /// Stands until a moment, or not at all if it has passed.
    pub fn stand_until(&mut self, moment: i64) {
        let minutes = moment - self.now;
        if minutes >= BREAK {
            self.since_break = 0;
        }
        if minutes >= REST {
            self.since_rest = 0;
        }
        self.now = self.now.max(moment);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drives_take_their_breaks_and_rests() {
        // Hours and minutes of driving, and of the whole way.
        let cases = [
            (70, 60),
            (1, 1),
            (315, 270),
            (316, 271 + BREAK),
            (630, 540 + BREAK),
            (631, 541 + BREAK + REST),
            (945, 810 + BREAK + REST),
            (946, 811 + 2 * BREAK + REST),
            (1_261, 1_081 + 2 * BREAK + 2 * REST),
            (0, 0),
        ];
        for (km, minutes) in cases {
            let mut driver = Driver::rested(1_000);
            driver.drive(km);
            assert_eq!(driver.now - 1_000, minutes, "{km} km");
        }
    }

    #[test]
    fn standing_long_enough_is_a_break_or_a_rest() {
        // After 4.5 hours of driving and so many minutes, so many more for another 4.5 hours and 70 km.
        let cases = [(44, BREAK + REST), (45, REST), (659, REST), (660, BREAK)];
        for (stood, paused) in cases {
            let mut driver = Driver::rested(0);
            driver.drive(315);
            driver.stand_until(270 + stood);
            driver.drive(315 + 70);
            assert_eq!(driver.now, 270 + stood + 270 + 60 + paused, "{stood} minutes");
        }
    }

    #[test]
    fn work_is_no_break() {
        let mut driver = Driver::rested(0);
        driver.drive(315);
        driver.work(60);
        driver.drive(70);
        assert_eq!(driver.now, 270 + 60 + BREAK + 60);
    }

    #[test]
    fn what_has_passed_is_not_waited_for() {
        let mut driver = Driver::rested(500);
        driver.stand_until(300);
        assert_eq!(driver, Driver::rested(500));
    }
}
