//! Columns that were checked: whatever row is read, there is one, and it is a cargo.
use std::num::NonZeroU32;

use jiff::{ToSpan as _, civil::Date};
use kernel::money::Money;

use crate::{
    columns::{Columns, Ends, FIRST_DAY, NO_DAY, PARTIAL_LOAD, ROUND_TRIP, day_of},
    model::{Cargo, History, Kind, Open, PriceChange, Stop, When},
};

/// More cargos than any market has; a sort key has so many bits for the row.
pub const MOST: usize = 1 << 24;
const MINUTES_A_DAY: u16 = 1440;

/// What is wrong with columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken(pub &'static str);

/// Columns that were checked.
#[derive(Debug)]
pub struct Rows {
    columns: Columns,
    /// Where the changes of each cargo begin.
    change_starts: Vec<u32>,
}

impl std::ops::Deref for Rows {
    type Target = Columns;

    fn deref(&self) -> &Columns {
        &self.columns
    }
}

impl Columns {
    /// Checks everything that reading a row relies on.
    pub fn checked(self) -> Result<Rows, Broken> {
        let holds = |is_so: bool, otherwise: &'static str| is_so.then_some(()).ok_or(Broken(otherwise));
        holds(self.ids.len() <= MOST, "too many cargos")?;
        holds(self.ids.is_sorted_by(|a, b| a < b), "ids out of order")?;
        holds(self.has_even_columns(), "columns of unequal length")?;
        holds(self.has_texts(), "texts")?;
        let texts = self.text_ends.len();
        holds(below(&self.titles, texts + 1) && below(&self.goods, texts + 1), "a text that is not there")?;
        holds(self.spots.iter().all(|spot| (spot.city as usize) < texts), "a city that is not there")?;
        holds(self.kinds.iter().all(|(_, name)| (*name as usize) < texts), "a type without a name")?;
        holds(self.sets.iter().all(|set| below(set, self.kinds.len())), "a type that is not there")?;
        holds(below(&self.truck_sets, self.sets.len()), "truck types that are not there")?;
        holds(below(&self.load_sets, self.sets.len()), "load types that are not there")?;
        for ends in [&self.from, &self.to] {
            holds(below(&ends.spots, self.spots.len()), "a stop that is not there")?;
            holds(ends.are_times(), "a time that is none")?;
        }
        for sums in [&self.kopecks, &self.first_kopecks, &self.kopecks_before] {
            holds(sums.iter().all(|sum| i64::try_from(*sum).is_ok()), "a price that is none")?;
        }
        let mut changes = 0;
        let starts = self.change_counts.iter().map(|count| {
            changes += u32::from(*count);
            changes - u32::from(*count)
        });
        let change_starts = starts.collect();
        let lengths = [self.changed_s.len(), self.kopecks_before.len()];
        holds(lengths.iter().all(|length| *length == changes as usize), "changes of no cargo")?;
        Ok(Rows { columns: self, change_starts })
    }

    fn has_even_columns(&self) -> bool {
        let (from, to) = (&self.from, &self.to);
        let of_numbers = [&self.weight_kg, &self.volume_l, &self.distance_km, &self.titles, &self.goods];
        let of_tables = [&self.truck_sets, &self.load_sets, &from.spots, &to.spots];
        let lengths = of_numbers.into_iter().chain(of_tables).map(Vec::len);
        let bytes = [&self.terms, &self.missing, &self.change_counts].map(Vec::len);
        let sums = [&self.kopecks, &self.first_kopecks].map(Vec::len);
        let times = [self.first_seen_s.len(), self.last_seen_s.len(), from.days.len(), to.days.len()];
        let minutes = [from.minutes.len(), to.minutes.len()];
        lengths.chain(bytes).chain(sums).chain(times).chain(minutes).all(|length| length == self.ids.len())
    }

    fn has_texts(&self) -> bool {
        self.text_ends.is_sorted()
            && self.text_ends.last().is_none_or(|end| *end as usize == self.text.len())
            && self.text_ends.iter().all(|end| self.text.is_char_boundary(*end as usize))
    }
}

impl Ends {
    fn are_times(&self) -> bool {
        let (first, last) = (day_of(Date::MIN), day_of(Date::MAX));
        let is_day = |day: i32| day == NO_DAY || (first..=last).contains(&day);
        self.days.iter().all(|day| is_day(*day)) && self.minutes.iter().all(|minute| *minute <= MINUTES_A_DAY)
    }
}

fn below(indices: &[u32], length: usize) -> bool {
    indices.iter().all(|index| (*index as usize) < length)
}

impl Rows {
    /// How many cargos there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// A text of the table.
    pub fn text(&self, index: u32) -> &str {
        let index = index as usize;
        let start = index.checked_sub(1).map_or(0, |before| self.text_ends[before] as usize);
        &self.text[start..self.text_ends[index] as usize]
    }

    /// The cargo of a row.
    pub fn open(&self, row: usize) -> Open {
        Open { cargo: self.cargo(row), history: self.history(row) }
    }

    fn cargo(&self, row: usize) -> Cargo {
        let text = |index: u32| index.checked_sub(1).map(|index| self.text(index).to_owned());
        Cargo {
            id: self.ids[row],
            title: text(self.titles[row]),
            goods: text(self.goods[row]),
            from: self.stop(&self.from, row),
            to: self.stop(&self.to, row),
            weight_kg: NonZeroU32::new(self.weight_kg[row]),
            volume_l: NonZeroU32::new(self.volume_l[row]),
            distance_km: NonZeroU32::new(self.distance_km[row]),
            price: money(self.kopecks[row]),
            truck_types: self.kinds_of(self.truck_sets[row]),
            load_types: self.kinds_of(self.load_sets[row]),
            partial_load: self.terms[row] & PARTIAL_LOAD != 0,
            round_trip: self.terms[row] & ROUND_TRIP != 0,
        }
    }

    fn stop(&self, ends: &Ends, row: usize) -> Stop {
        let spot = self.spots[ends.spots[row] as usize];
        let city = self.text(spot.city).to_owned();
        Stop { city, place: spot.place, point: spot.point, when: self.when(ends, row) }
    }

    /// The time at one end of a route.
    pub fn when(&self, ends: &Ends, row: usize) -> Option<When> {
        let minute = ends.minutes[row].checked_sub(1);
        date_of(ends.days[row]).map(|date| When { date, minute })
    }

    /// A type of the table.
    pub fn kind(&self, index: u32) -> Kind {
        let (id, name) = self.kinds[index as usize];
        Kind { id, name: self.text(name).to_owned() }
    }

    fn kinds_of(&self, set: u32) -> Vec<Kind> {
        self.sets[set as usize].iter().map(|kind| self.kind(*kind)).collect()
    }

    fn history(&self, row: usize) -> History {
        let start = self.change_starts[row] as usize;
        let changes = start..start + usize::from(self.change_counts[row]);
        let change = |at: usize| PriceChange { at_s: self.changed_s[at], from: money(self.kopecks_before[at]) };
        History {
            first_seen_s: self.first_seen_s[row],
            last_seen_s: self.last_seen_s[row],
            first_price: money(self.first_kopecks[row]),
            changes: changes.map(change).collect(),
            missing: self.missing[row],
        }
    }
}

/// The sum of so many kopecks, of which zero is none.
pub fn money(kopecks: u64) -> Option<Money> {
    i64::try_from(kopecks).ok().and_then(Money::from_kopecks)
}

/// The day of so many days since the first.
pub fn date_of(day: i32) -> Option<Date> {
    (day != NO_DAY).then(|| FIRST_DAY.checked_add(day.days()).ok()).flatten()
}
