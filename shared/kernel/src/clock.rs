//! The clock, passed in as a value so that tests can move it.
use std::{
    fmt,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

/// A day, seconds.
pub const DAY_S: i64 = 86_400;
/// A day, milliseconds.
pub const DAY_MS: i64 = DAY_S * 1_000;

/// Tells the time. Lambda functions use [`Clock::system`]. The local product can move it ahead.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> i64 + Send + Sync>);

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self::new(|| {
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
        })
    }

    /// A custom clock: `now` returns milliseconds since 1970-01-01 UTC.
    pub fn new(now: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Milliseconds since 1970-01-01 UTC.
    pub fn now_ms(&self) -> i64 {
        (self.0)()
    }

    /// Seconds since 1970-01-01 UTC.
    pub fn now_s(&self) -> i64 {
        self.now_ms().div_euclid(1000)
    }

    /// Today's date in UTC.
    pub fn today(&self) -> jiff::civil::Date {
        jiff::Timestamp::from_millisecond(self.now_ms())
            .map(|now| now.to_zoned(jiff::tz::TimeZone::UTC).date())
            .unwrap_or_default()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// Formats an instant as RFC 3339 in UTC, to the second. Every time in the API has this form, except a cargo's own
/// date.
pub fn rfc3339(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms - ms.rem_euclid(1000)).map_or_else(|_| String::new(), |t| t.to_string())
}

/// The date in Moscow (UTC+3 since 2014). The operators count by this day.
pub fn moscow_day(ms: i64) -> String {
    rfc3339(ms + MOSCOW_MS).get(..10).unwrap_or_default().to_owned()
}

/// Converts an RFC 3339 instant to Moscow time: `2026-11-29 11:03:13`.
pub fn moscow_clock(at: &str) -> Option<String> {
    let ms = at.parse::<jiff::Timestamp>().ok()?.as_millisecond() + MOSCOW_MS;
    Some(rfc3339(ms).get(..19)?.replace('T', " "))
}

/// The last `days` days in Moscow, up to and including the day of `until_ms`.
pub fn moscow_days(until_ms: i64, days: usize) -> Vec<String> {
    let back = |days: usize| i64::try_from(days).unwrap_or_default() * DAY_MS;
    (0..days).rev().map(|day| moscow_day(until_ms - back(day))).collect()
}

/// The start of a date (`YYYY-MM-DD`) in Moscow, milliseconds.
pub fn moscow_midnight(day: &str) -> Option<i64> {
    let at = format!("{day}T00:00:00Z").parse::<jiff::Timestamp>().ok().filter(|_| day.len() == 10)?;
    Some(at.as_millisecond() - MOSCOW_MS)
}

const MOSCOW_MS: i64 = 3 * 3_600_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_in_moscow() {
        let midnight = moscow_midnight("2026-03-01").expect("a date");
        assert_eq!(rfc3339(midnight), "2026-02-28T21:00:00Z");
        assert_eq!((moscow_day(midnight - 1), moscow_day(midnight)), ("2026-02-28".into(), "2026-03-01".into()));
        assert_eq!(moscow_days(midnight, 2), ["2026-02-28", "2026-03-01"]);
        assert_eq!(moscow_midnight("yesterday"), None);
    }
}
