//! Finds settlements by part of a name.
use std::{
    collections::{BTreeSet, HashMap},
    iter,
};

use crate::{
    Place,
    areas::Reading,
    cases::is_name_in_a_case,
    spelling::{TypingErrors, in_cyrillic, nicknamed, other_layout, plain},
};

/// A longer query is not a name.
const LONGEST: usize = 60;

/// A text with fewer letters is short.
const SHORT: usize = 6;

/// Countries of Russian-speaking drivers besides Russia.
const NEIGHBOURS: &[&str] = &["AM", "AZ", "BY", "GE", "KG", "KZ", "MD", "TJ", "TM", "UA", "UZ"];

/// Weights of a match, in tenths of a decade of inhabitants.
mod weight {
    /// An exact match.
    pub const WHOLE: f64 = 18.0;
    /// An exact match, but for the grammatical case.
    pub const CASE: f64 = 12.0;
    /// A prefix match.
    pub const BEGINNING: f64 = 6.0;
    /// Each word is a prefix: «мин воды», «н.челны».
    pub const WORDS: f64 = 2.0;
    /// A later word is a prefix: «челны».
    pub const LATER_WORD: f64 = -4.0;
    /// The match is a secondary name: an old one, or one in another language.
    pub const OTHER_NAME: f64 = -14.0;
    /// A name means rather a place in Russia than one of a neighbour, and its part hardly one farther abroad.
    pub const NEIGHBOUR: f64 = -5.0;
    pub const ABROAD: f64 = -25.0;
    /// A district is rather found by its city.
    pub const DISTRICT: f64 = -20.0;
    /// The place is in the area that was typed.
    pub const AREA: f64 = 30.0;
    /// What weighs as much is a city that fits as it was typed: nobody has misspelt another.
    pub const SURE: f64 = 60.0;
    /// The penalty per typing error, and in a short text, which is rather the beginning of another name.
    pub const ERROR: f64 = -20.0;
    pub const ERROR_IN_SHORT: f64 = -30.0;
}

/// The best weight of each place, by its index.
type Found = HashMap<usize, f64>;

/// The normalised names of all settlements.
#[derive(Debug)]
pub struct Index {
    /// In alphabetical order. Within a name, places displayed under it come first, and districts after settlements.
    names: Vec<Name>,
}

/// One name of a settlement. Its order is that of the fields.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    text: Box<str>,
    /// Whether it is not the display name.
    is_other: bool,
    is_of_district: bool,
    place: usize,
}

impl Index {
    pub fn new(places: &[Place]) -> Self {
        let called: HashMap<_, _> = places.iter().map(|place| (place.id, place.name)).collect();
        // A district that is called like its city is a second entry of it.
        let is_first = |place: &Place| place.city.is_none_or(|city| called.get(&city) != Some(&place.name));
        let mut names = Vec::new();
        for (at, place) in places.iter().enumerate().filter(|(_, place)| is_first(place)) {
            let shown = BTreeSet::from([place.name, place.name_en].map(plain));
            let others: BTreeSet<_> = place.names.split('|').map(plain).filter(|name| !shown.contains(name)).collect();
            let is_of_district = place.city.is_some();
            let name = |is_other| {
                move |text: String| Name { text: text.into_boxed_str(), is_other, is_of_district, place: at }
            };
            names.extend(shown.into_iter().map(name(false)).chain(others.into_iter().map(name(true))));
        }
        names.retain(|name| !name.text.is_empty());
        names.sort_unstable();
        names.shrink_to_fit();
        Self { names }
    }

    /// The matching places, the likeliest first. Tries the other keyboard layout and Latin letters if nothing matches,
    /// then without the words around a name and with typing errors if only villages do, and part of the words at last.
    pub fn find(&self, places: &[Place], typed: &str, limit: usize) -> Vec<usize> {
        let query = plain(typed);
        if query.is_empty() || query.chars().count() > LONGEST {
            return Vec::new();
        }
        // Letters of one keyboard layout are punctuation in the other.
        let others = [other_layout(typed.trim()).map(|other| plain(&other)), in_cyrillic(&query)];
        let others: Vec<_> = others.into_iter().flatten().filter(|other| !other.is_empty()).collect();
        let texts: Vec<_> = iter::once(&query).chain(&others).map(String::as_str).collect();
        let mut found = self.spelt(places, &texts);
        // «Красное Село» is no village of Красное.
        let unnamed = texts.iter().filter(|text| self.whole(text).is_empty());
        for reading in unnamed.flat_map(|text| Reading::of(text)) {
            if !is_sure(&found) {
                self.add_read(&mut found, places, &reading);
            }
        }
        if !is_sure(&found) {
            add(&mut found, self.misspelt(places, &query));
        }
        if found.is_empty() {
            found = self.understood_in_part(places, &query);
        }
        let weigh =
            |(at, weight): (usize, f64)| (at, weight + if places[at].city.is_some() { weight::DISTRICT } else { 0.0 });
        let mut found: Vec<_> = found.into_iter().map(weigh).collect();
        // Among equals, the table's order decides, so the result is stable.
        found.sort_by(|(a, weight), (b, other)| other.total_cmp(weight).then(a.cmp(b)));
        found.into_iter().take(limit).map(|(place, _)| place).collect()
    }

    /// The places with exactly this name, those displayed under it first.
    pub fn named_exactly(&self, name: &str) -> impl Iterator<Item = usize> {
        self.whole(&plain(name)).iter().map(|name| name.place)
    }

    /// The names that are exactly this text.
    fn whole(&self, text: &str) -> &[Name] {
        let from = self.names.partition_point(|name| *name.text < *text);
        let count = self.names[from..].partition_point(|name| *name.text == *text);
        &self.names[from..from + count]
    }

    /// The places whose name or nickname is one of the texts. A later text counts if the earlier ones mean only villages.
    fn spelt(&self, places: &[Place], texts: &[&str]) -> Found {
        let mut found = Found::new();
        for text in texts {
            if !is_sure(&found) {
                add(&mut found, self.weighed(places, |name| how_named(text, name)));
            }
        }
        if let Some(name) = texts.iter().find_map(|text| nicknamed(text)) {
            let named = self.whole(name).iter().filter(|name| !name.is_other);
            found.extend(named.map(|name| (name.place, weight::WHOLE + inhabitants(&places[name.place]))));
        }
        found
    }

    /// The places whose name is typed with errors.
    fn misspelt(&self, places: &[Place], query: &str) -> Found {
        let mut errors = TypingErrors::of(query);
        let penalty = if query.chars().count() < SHORT { weight::ERROR_IN_SHORT } else { weight::ERROR };
        self.weighed(places, |text| {
            let (errors, is_whole) = errors.up_to(text)?;
            let whole = if is_whole { weight::WHOLE } else { weight::BEGINNING };
            (errors > 0).then_some(whole + penalty * errors as f64)
        })
    }

    fn add_read(&self, found: &mut Found, places: &[Place], reading: &Reading) {
        // Who types an area alone means its cities, unless a place is called like it.
        if reading.name.is_empty() && !found.is_empty() {
            return;
        }
        let are_around = |place: &Place| reading.areas.iter().all(|area| area.has(place));
        let mut read = self.spelt(places, &[&reading.name]);
        // Only a name that is typed without errors may be of another area.
        if reading.name.is_empty() {
            read.retain(|at, _| are_around(&places[*at]));
        } else if !is_sure(&read) {
            let mut misspelt = self.misspelt(places, &reading.name);
            misspelt.retain(|at, _| are_around(&places[*at]));
            add(&mut read, misspelt);
        }
        let weigh =
            |(at, weight): (usize, f64)| (at, weight + if are_around(&places[at]) { weight::AREA } else { 0.0 });
        add(found, read.into_iter().map(weigh));
    }

    /// The places whose whole name is at the beginning or else at the end of a query that is not understood.
    fn understood_in_part(&self, places: &[Place], query: &str) -> Found {
        let spaces: Vec<_> = query.match_indices(' ').map(|(at, _)| at).collect();
        let beginnings = spaces.iter().rev().map(|at| &query[..*at]);
        let ends = spaces.iter().map(|at| &query[at + 1..]);
        let whole = |part: &str| {
            let mut found = Found::new();
            let weigh = |name: &Name| (name.place, weight::WHOLE + inhabitants(&places[name.place]) + otherness(name));
            add(&mut found, self.whole(part).iter().map(weigh));
            found
        };
        beginnings.chain(ends).map(whole).find(|found| !found.is_empty()).unwrap_or_default()
    }

    /// The best weight of each place with a name that `weigh` accepts, plus the weight of its inhabitants.
    fn weighed(&self, places: &[Place], mut weigh: impl FnMut(&str) -> Option<f64>) -> Found {
        let mut found = Found::new();
        for name in &self.names {
            if let Some(weight) = weigh(&name.text) {
                let place = &places[name.place];
                let farness = farness(place);
                // A whole name abroad is meant.
                let farness = if weight < weight::CASE { farness } else { farness.max(weight::NEIGHBOUR) };
                add(&mut found, [(name.place, weight + inhabitants(place) + otherness(name) + farness)]);
            }
        }
        found
    }
}

/// Adds places; of two weights the better counts.
fn add(found: &mut Found, others: impl IntoIterator<Item = (usize, f64)>) {
    for (at, weight) in others {
        found.entry(at).and_modify(|best| *best = best.max(weight)).or_insert(weight);
    }
}

fn is_sure(found: &Found) -> bool {
    found.values().any(|weight| *weight >= weight::SURE)
}

fn inhabitants(place: &Place) -> f64 {
    10.0 * f64::from(place.population + 100).log10()
}

fn otherness(name: &Name) -> f64 {
    if name.is_other { weight::OTHER_NAME } else { 0.0 }
}

fn farness(place: &Place) -> f64 {
    match place.country {
        "RU" => 0.0,
        country if NEIGHBOURS.contains(&country) => weight::NEIGHBOUR,
        _ => weight::ABROAD,
    }
}

fn how_named(query: &str, name: &str) -> Option<f64> {
    if let Some(rest) = name.strip_prefix(query) {
        return Some(if rest.is_empty() { weight::WHOLE } else { weight::BEGINNING });
    }
    if is_name_in_a_case(query, name) {
        return Some(weight::CASE);
    }
    let begins = |(typed, word): (&str, &str)| word.starts_with(typed);
    if query.contains(' ') {
        let are_fewer = query.split(' ').count() <= name.split(' ').count();
        return (are_fewer && query.split(' ').zip(name.split(' ')).all(begins)).then_some(weight::WORDS);
    }
    name.split(' ').skip(1).any(|word| word.starts_with(query)).then_some(weight::LATER_WORD)
}
