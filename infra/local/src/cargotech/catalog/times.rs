//! When a cargo is loaded and arrives.
use fastrand::Rng;
use jiff::civil::{Date, DateTime, date};

use super::{
    super::cities::{CITIES, City},
    Span,
};

/// The clock time in `city` at a Unix minute.
pub fn clock_in(city: &City, minute: i64) -> DateTime {
    let epoch = date(1970, 1, 1).at(0, 0, 0, 0);
    let local = minute + city.utc_offset * 60;
    epoch.saturating_add(jiff::SignedDuration::from_mins(local))
}

fn days(days: i64) -> jiff::SignedDuration {
    jiff::SignedDuration::from_hours(days * 24)
}

/// When a cargo is loaded: after it disappears from the exchange, so that a date never lies behind.
pub(super) fn load_at(rng: &mut Rng, span: &Span, city: &City, day: Option<Date>) -> DateTime {
    let hour = rng.i8(7..20);
    if let Some(day) = day {
        return day.at(hour, 0, 0, 0);
    }
    let gone = clock_in(city, span.to_minute);
    // No cargo lives longer than four days, so all are loaded within fourteen.
    let wait = match rng.u32(..100) {
        0..45 => 0,
        45..75 => 1,
        75..88 => 2,
        _ => rng.i64(3..10),
    };
    let day = gone.date().saturating_add(days(wait));
    let at = day.at(hour, if rng.u32(..5) == 0 { 30 } else { 0 }, 0, 0);
    if at > gone {
        return at;
    }
    // The hour has passed when the cargo goes: load within the hours left, or in the next morning.
    if gone.hour() < 22 {
        gone.date().at(gone.hour() + 1, 0, 0, 0)
    } else {
        gone.date().saturating_add(days(1)).at(hour, 0, 0, 0)
    }
}

/// When it arrives: 700 km a day, and nobody unloads at night.
pub(super) fn unload_at(rng: &mut Rng, load_at: DateTime, from: usize, to: usize, distance_km: u32) -> DateTime {
    let shift = CITIES[to].utc_offset - CITIES[from].utc_offset;
    let driving = jiff::SignedDuration::from_hours(4 + i64::from(distance_km) * 24 / 700 + shift);
    let arrival = load_at.saturating_add(driving);
    let hour = rng.i8(8..18);
    let day = if arrival.hour() >= hour { arrival.date().saturating_add(days(1)) } else { arrival.date() };
    day.at(hour, 0, 0, 0)
}
