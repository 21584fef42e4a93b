//! Finds settlements by part of a name.
use std::collections::{BTreeSet, HashMap};

use crate::{
    Place,
    spelling::{nicknamed, other_layout, plain, typing_errors},
    table::Row,
};

/// A longer query is not a name.
const LONGEST: usize = 60;
/// The shortest text searched with a typing error. A second error needs twice the length.
const LONG_ENOUGH: usize = 4;

/// Weights of a match, in tenths of a decade of inhabitants.
mod weight {
    /// An exact match.
    pub const WHOLE: f64 = 18.0;
    /// A prefix match.
    pub const BEGINNING: f64 = 6.0;
    /// Each word is a prefix: «мин воды», «н.челны».
    pub const WORDS: f64 = 2.0;
    /// A later word is a prefix: «челны».
    pub const LATER_WORD: f64 = -4.0;
    /// The match is a secondary name: an old one, or one in another language.
    pub const OTHER_NAME: f64 = -14.0;
    /// What weighs as much is a city that fits as it was typed: nobody has misspelt another.
    pub const SURE: f64 = 60.0;
    /// The penalty per typing error.
    pub const ERROR: f64 = -20.0;
}

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
    pub fn new(rows: &[Row]) -> Self {
        let mut names = Vec::new();
        for (at, Row { place, names: all }) in rows.iter().enumerate() {
            let shown = BTreeSet::from([place.name, place.name_en].map(plain));
            let others: BTreeSet<_> = all.split('|').map(plain).filter(|name| !shown.contains(name)).collect();
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

    /// The matching places, the likeliest first. Tries the other keyboard layout if nothing matches, and typing errors
    /// if only villages match.
    pub fn find(&self, places: &[Place], typed: &str, limit: usize) -> Vec<usize> {
        let query = plain(typed);
        if query.is_empty() || query.chars().count() > LONGEST {
            return Vec::new();
        }
        // Letters of one keyboard layout are punctuation in the other.
        let other = other_layout(typed.trim()).map(|other| plain(&other)).filter(|other| !other.is_empty());
        let nickname = nicknamed(&query).or_else(|| nicknamed(other.as_deref()?));
        let mut found = self.named(places, nickname.unwrap_or(&query));
        if found.is_empty()
            && let Some(other) = &other
        {
            found = self.named(places, other);
        }
        if !found.values().any(|weight| *weight >= weight::SURE) {
            for (place, weight) in self.misspelt(places, &query) {
                found.entry(place).or_insert(weight);
            }
        }
        let mut found: Vec<_> = found.into_iter().collect();
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

    fn named(&self, places: &[Place], query: &str) -> HashMap<usize, f64> {
        self.weighed(places, |name| how_named(query, name))
    }

    fn misspelt(&self, places: &[Place], query: &str) -> HashMap<usize, f64> {
        let typed: Vec<char> = query.chars().collect();
        let most = (typed.len() / LONG_ENOUGH).min(2);
        let mut name = Vec::new();
        self.weighed(places, |text| {
            name.clear();
            name.extend(text.chars());
            let errors = typing_errors(&typed, &name, most).filter(|errors| *errors > 0)?;
            let whole = if name.len() <= typed.len() + 1 { weight::WHOLE } else { weight::BEGINNING };
            Some(whole + weight::ERROR * errors as f64)
        })
    }

    /// The best weight of each place with a name that `weigh` accepts, plus the weight of its inhabitants.
    fn weighed(&self, places: &[Place], mut weigh: impl FnMut(&str) -> Option<f64>) -> HashMap<usize, f64> {
        let mut found: HashMap<usize, f64> = HashMap::new();
        for name in &self.names {
            if let Some(weight) = weigh(&name.text) {
                let weight = weight + if name.is_other { weight::OTHER_NAME } else { 0.0 };
                let weight = weight + 10.0 * f64::from(places[name.place].population + 100).log10();
                found.entry(name.place).and_modify(|best| *best = best.max(weight)).or_insert(weight);
            }
        }
        found
    }
}

fn how_named(query: &str, name: &str) -> Option<f64> {
    if let Some(rest) = name.strip_prefix(query) {
        return Some(if rest.is_empty() { weight::WHOLE } else { weight::BEGINNING });
    }
    let begins = |(typed, word): (&str, &str)| word.starts_with(typed);
    if query.contains(' ') {
        let are_fewer = query.split(' ').count() <= name.split(' ').count();
        return (are_fewer && query.split(' ').zip(name.split(' ')).all(begins)).then_some(weight::WORDS);
    }
    name.split(' ').skip(1).any(|word| word.starts_with(query)).then_some(weight::LATER_WORD)
}
