//! Reads a query's parameters one by one and collects everything that is wrong.
use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan, civil::Date};
use places::Places;

use super::{
    At, Bounds, CATEGORIES, MAX_OFFSET, MAX_PLACES, MAX_RADIUS_KM, MAX_TYPES, Near, Point, Range, SORTS, WeightVolume,
    parameters::{Form, PARAMETERS, parameter_called},
};
use crate::error::FieldError;

/// The year in which the product began: nothing is older.
const FIRST_YEAR: i16 = 2025;

/// A query while it is read.
pub(super) struct Query<'a> {
    pub(super) pairs: &'a [(String, String)],
    pub(super) errors: Vec<FieldError>,
}

impl Query<'_> {
    pub(super) fn error(&mut self, field: &str, code: &'static str, message: impl Into<String>) {
        self.errors.push(FieldError::new(field, code, message));
    }

    pub(super) fn check_names(&mut self) {
        let mut seen = BTreeSet::new();
        for (name, _) in self.pairs {
            match parameter_called(name) {
                None => {
                    let names = PARAMETERS.map(|parameter| parameter.name).join(", ");
                    self.error(name, "unknown", format!("There is no such filter. The filters are {names}."));
                }
                Some(parameter) if !seen.insert(name) && parameter.form != Form::Numbers => {
                    self.error(
                        name,
                        "repeated",
                        "Send each filter once; several ids go into one, separated by commas.",
                    );
                }
                Some(_) => {}
            }
        }
    }

    /// The value of a filter; empty counts as missing.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        self.pairs
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.trim().to_owned())
            .filter(|v| !v.is_empty())
    }

    pub(super) fn number(&mut self, name: &str, min: i64, max: i64) -> Option<i64> {
        let value = self.value(name)?;
        let number = value.bytes().all(|b| b.is_ascii_digit()).then(|| value.parse::<i64>().unwrap_or(i64::MAX));
        match number {
            Some(number) if (min..=max).contains(&number) => Some(number),
            Some(_) => {
                self.error(name, "out_of_range", format!("Must be from {min} to {max}."));
                None
            }
            None => {
                self.error(name, "malformed", format!("Must be a whole number from {min} to {max}."));
                None
            }
        }
    }

    pub(super) fn point(&mut self, prefix: &str) -> Option<Point> {
        let [id_name, kind_name, radius_name] = ["id", "type", "radius"].map(|part| format!("{prefix}_{part}"));
        let id = self.number(&id_name, 1, i64::from(u32::MAX));
        let kind = self.number(&kind_name, 0, 1_000);
        let radius_km = self.number(&radius_name, 0, MAX_RADIUS_KM);
        match (self.value(&id_name), self.value(&kind_name)) {
            (Some(_), None) => self.error(&kind_name, "missing", format!("Send the type that came with {id_name}.")),
            (None, Some(_)) => self.error(&id_name, "missing", format!("{kind_name} means nothing without {id_name}.")),
            (None, None) if self.value(&radius_name).is_some() => {
                self.error(&id_name, "missing", format!("{radius_name} means nothing without {id_name}."));
            }
            _ => {}
        }
        Some(Point { id: id?, kind: kind?, radius_km: radius_km.filter(|km| *km > 0) })
    }

    /// Settlements, with the radius around all of them.
    pub(super) fn places(&mut self, end: &str) -> Option<Near> {
        let [id_name, radius_name] = ["place_id", "radius_km"].map(|part| format!("{end}_{part}"));
        let pairs = self.pairs;
        let given = pairs.iter().filter(|(name, _)| *name == id_name).flat_map(|(_, value)| value.split(','));
        let ids: Vec<_> = given.map(str::trim).filter(|id| !id.is_empty()).collect();
        let radius_km = self.number(&radius_name, 0, MAX_RADIUS_KM).filter(|km| *km > 0);
        if ids.is_empty() && self.value(&id_name).is_some() {
            self.error(&id_name, "malformed", "Must be ids from GET /api/places.");
            return None;
        }
        if ids.is_empty() && self.value(&radius_name).is_some() {
            self.error(&id_name, "missing", format!("{radius_name} means nothing without {id_name}."));
        }
        if ids.len() > MAX_PLACES {
            self.error(&id_name, "out_of_range", format!("At most {MAX_PLACES} places."));
            return None;
        }
        let mut places = Vec::new();
        for id in ids {
            let Some(place) = id.parse().ok().and_then(|id| Places::all().get(id)) else {
                self.error(&id_name, "malformed", "Must be ids from GET /api/places.");
                return None;
            };
            if !places.contains(&place.id) {
                places.push(place.id);
            }
        }
        (!places.is_empty()).then_some(Near { places, radius_km })
    }

    pub(super) fn truth(&mut self, name: &str) -> Option<bool> {
        match self.value(name)?.as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                self.error(name, "malformed", "Must be true or false.");
                None
            }
        }
    }

    /// A time in Unix seconds.
    pub(super) fn time_s(&mut self, name: &str) -> Option<i64> {
        let time = self.value(name)?.parse::<Timestamp>().ok();
        let first = Date::constant(FIRST_YEAR, 1, 1);
        let is_sensible = |time: &Timestamp| time.to_zoned(jiff::tz::TimeZone::UTC).date() >= first;
        if time.is_none() {
            self.error(name, "malformed", "Must be a time such as 2026-11-25T08:30:00Z.");
        }
        // Everything is newer than an earlier time.
        time.filter(is_sensible).map(Timestamp::as_second)
    }

    /// The name of an order and whether it is reversed.
    pub(super) fn sort(&mut self, name: &str) -> Option<(&'static str, bool)> {
        let value = self.value(name)?;
        let (plain, is_reversed) = value.strip_prefix('-').map_or((value.as_str(), false), |plain| (plain, true));
        let known = SORTS.into_iter().find(|sort| *sort == plain);
        if known.is_none() {
            let sorts = SORTS.join(", ");
            self.error(name, "malformed", format!("Must be one of {sorts}, with - in front to reverse it."));
        }
        known.map(|sort| (sort, is_reversed))
    }

    /// Litres, from cubic metres with at most two decimals.
    pub(super) fn litres(&mut self, name: &str, most_m3: i64) -> Option<u64> {
        let value = self.value(name)?;
        match hundredths(&value) {
            Some(m3) if m3 <= most_m3 * 100 => u64::try_from(m3 * 10).ok(),
            Some(_) => {
                self.error(name, "out_of_range", format!("Must be from 0 to {most_m3}."));
                None
            }
            None => {
                self.error(name, "malformed", "Must be cubic metres with at most two decimals, such as 45 or 7.5.");
                None
            }
        }
    }

    /// Where the page starts.
    pub(super) fn at(&mut self) -> At {
        let offset = self.number("offset", 0, MAX_OFFSET);
        let Some(cursor) = self.value("cursor") else { return At::Offset(offset.unwrap_or(0)) };
        if offset.is_some() {
            self.error("offset", "conflicting", "Send either cursor or offset.");
        }
        match cursor.strip_prefix(At::OFFSET) {
            Some(offset) => match offset.parse() {
                Ok(offset) if (0..=MAX_OFFSET).contains(&offset) && !cursor.contains('+') => At::Offset(offset),
                _ => {
                    self.errors.push(FieldError::cursor());
                    At::Offset(0)
                }
            },
            None => At::Cursor(cursor),
        }
    }

    pub(super) fn date(&mut self, name: &str, today: Date) -> Option<Date> {
        let value = self.value(name)?;
        let date = (value.len() == 10).then(|| value.parse::<Date>().ok()).flatten();
        let Some(date) = date else {
            self.error(name, "malformed", "Must be a date such as 2026-11-25.");
            return None;
        };
        // Yesterday in UTC may still be today in Kaliningrad, and tomorrow may already be today in Kamchatka.
        let earliest = today.checked_sub(1.day()).unwrap_or(today);
        let latest = today.checked_add(1.year()).unwrap_or(today);
        if date < earliest || date > latest {
            self.error(name, "out_of_range", "Must be from today to a year from now.");
            return None;
        }
        Some(date)
    }

    pub(super) fn mode(&mut self, name: &str) -> bool {
        match self.value(name).as_deref() {
            None | Some("all") => false,
            Some("my") => true,
            Some(_) => {
                self.error(name, "malformed", "Must be my or all.");
                false
            }
        }
    }

    pub(super) fn weight_volume(&mut self, name: &str) -> Option<WeightVolume> {
        let value = self.value(name)?;
        if let Some((_, pair, _)) = CATEGORIES.iter().find(|(id, ..)| *id == value) {
            return pair.and_then(WeightVolume::parse);
        }
        let Some(pair) = WeightVolume::parse(&value) else {
            let ids = CATEGORIES.map(|(id, ..)| id).join(", ");
            self.error(name, "malformed", format!("Must be one of {ids}, or tonnes and cubic metres such as 7.5-45."));
            return None;
        };
        let is_volume = (10..=20_000).contains(&pair.m3) || pair.m3 == WeightVolume::ANY_M3;
        if !(10..=100_000).contains(&pair.tonnes) || !is_volume {
            let message =
                "Must be from 0.1 to 1000 tonnes and from 0.1 to 200 cubic metres, or 999, which is any volume.";
            self.error(name, "out_of_range", message);
            return None;
        }
        Some(pair)
    }

    pub(super) fn ids(&mut self, name: &str) -> BTreeSet<u32> {
        let Some(value) = self.value(name) else {
            return BTreeSet::new();
        };
        let ids = value
            .split(',')
            .map(|id| id.trim().parse::<u32>().ok().filter(|id| *id > 0 && !value.contains('+')))
            .collect::<Option<BTreeSet<_>>>();
        match ids {
            Some(ids) if ids.len() <= MAX_TYPES => ids,
            Some(_) => {
                self.error(name, "out_of_range", format!("At most {MAX_TYPES} ids."));
                BTreeSet::new()
            }
            None => {
                self.error(name, "malformed", "Must be ids from the dictionary, separated by commas: 1,2,3.");
                BTreeSet::new()
            }
        }
    }

    pub(super) fn range(&mut self, min_name: &str, max_name: &str, most: i64) -> Option<Range> {
        let min = self.number(min_name, 0, most);
        let max = self.number(max_name, 0, most);
        // The largest number means any.
        let range = Range { min: min.unwrap_or(0), max: max.filter(|max| *max < most) };
        if max.is_some_and(|max| range.min > max) {
            self.error(min_name, "out_of_range", format!("Must not be above {max_name}."));
        }
        (range != Range { min: 0, max: None }).then_some(range)
    }

    /// Both ends of a range, each read by `read`.
    pub(super) fn bounds(
        &mut self,
        [min_name, max_name]: [&str; 2],
        read: impl Fn(&mut Self, &str) -> Option<u64>,
    ) -> Bounds {
        let (min, max) = (read(self, min_name), read(self, max_name));
        if min.zip(max).is_some_and(|(min, max)| min > max) {
            self.error(min_name, "out_of_range", format!("Must not be above {max_name}."));
        }
        (min.filter(|min| *min > 0), max)
    }

    pub(super) fn inn(&mut self, name: &str) -> Option<String> {
        let value = self.value(name)?;
        if matches!(value.len(), 10 | 12) && value.bytes().all(|b| b.is_ascii_digit()) {
            return Some(value);
        }
        self.error(name, "malformed", "Must be 10 or 12 digits.");
        None
    }
}

/// A decimal with at most two places, in hundredths.
pub(super) fn hundredths(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole, 4) || !digits(part, 2) {
        return None;
    }
    let part = part.parse::<i64>().ok()? * if part.len() == 1 { 10 } else { 1 };
    Some(whole.parse::<i64>().ok()? * 100 + part)
}
