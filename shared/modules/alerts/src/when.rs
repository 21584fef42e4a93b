//! When a driver hears of new cargos.
use jiff::{SignedDuration, Timestamp, ToSpan as _, Zoned, tz::TimeZone};
use serde::{Deserialize, Serialize};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// How soon a driver hears of what a search finds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Never.
    #[default]
    Off,
    /// At once.
    Instant,
    /// Once a day.
    Digest {
        /// The hour of the driver's day, 0 to 23.
        hour: i8,
    },
}

/// Hours of the driver's day without messages, such as 22 to 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiet {
    /// The first hour, 0 to 23.
    pub from: i8,
    /// The hour that ends it, 0 to 23. The same as `from` means no hour at all.
    pub to: i8,
}

impl Quiet {
    fn holds(self, hour: i8) -> bool {
        if self.from <= self.to { (self.from..self.to).contains(&hour) } else { hour >= self.from || hour < self.to }
    }
}

/// How messages to a driver are spread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How soon.
    pub mode: Mode,
    /// Hours without messages at once. A digest comes at its hour all the same: the driver has chosen it.
    pub quiet: Option<Quiet>,
    /// The most messages within any hour.
    pub per_hour: usize,
    /// Where the driver is.
    pub zone: TimeZone,
}

impl Pace {
    /// When a message about something found now may be sent; `None`: never. `sent` has the times of the messages before,
    /// in order.
    pub fn due(&self, now: Timestamp, sent: &[Timestamp]) -> Option<Timestamp> {
        match self.mode {
            Mode::Off => None,
            Mode::Digest { hour } => Some(self.next(now, hour)),
            Mode::Instant => {
                let mut at = now;
                // Each wait may end in what the other forbids, but only once: nothing is sent meanwhile.
                loop {
                    let later = self.after_quiet(self.after_limit(at, sent)?);
                    if later == at {
                        return Some(at);
                    }
                    at = later;
                }
            }
        }
    }

    /// The first time at which the hour before has room; `None` if no message is allowed at all.
    fn after_limit(&self, at: Timestamp, sent: &[Timestamp]) -> Option<Timestamp> {
        let oldest_of_a_full_hour = sent.len().checked_sub(self.per_hour);
        match oldest_of_a_full_hour {
            Some(place) => Some(at.max(sent.get(place)?.saturating_add(HOUR).ok()?)),
            None => Some(at),
        }
    }

    /// The end of the quiet hours, if it is quiet.
    fn after_quiet(&self, at: Timestamp) -> Timestamp {
        match self.quiet {
            Some(quiet) if quiet.holds(at.to_zoned(self.zone.clone()).hour()) => self.next(at, quiet.to),
            _ => at,
        }
    }

    /// When it is this hour next: now only at its very beginning. Where clocks skip the hour, when they have skipped it.
    fn next(&self, now: Timestamp, hour: i8) -> Timestamp {
        let here: Zoned = now.to_zoned(self.zone.clone());
        let on =
            |day: jiff::civil::Date| day.at(hour, 0, 0, 0).to_zoned(self.zone.clone()).map(|at| at.timestamp()).ok();
        let days = [Some(here.date()), here.date().checked_add(1.day()).ok()];
        // The end of all dates is not reached.
        days.into_iter().flatten().filter_map(on).find(|at| *at >= now).unwrap_or(now)
    }
}
