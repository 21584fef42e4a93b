//! The filters of `/v2/cargos/views`, parsed all at once and applied to one cargo.
//!
//! Where the facts about CargoTech leave a choice, the sandbox takes this one:
//! - a filter that it does not know, or one that is ill-formed, is refused with 422; an empty one is
//!   left out, as Laravel does;
//! - a well-formed id that is in no dictionary matches nothing;
//! - a point without a radius is the city alone; for a region or country it is all its cities; a
//!   radius is measured from the nearest of them;
//! - `start_date` means loaded on that day or later;
//! - a cargo fits a weight-volume pair when neither its weight nor its volume is above it;
//! - a price "on request" counts as 0.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::catalog::{Cargo, LOGIN_USER};
use super::cities::CITIES;
use super::companies::Company;
use super::points::cities_of;
use super::vocabulary::{LOAD_TYPES, TRUCK_TYPES, Term};

/// Field → what is wrong with it, in Laravel's words.
pub type Errors = BTreeMap<String, Vec<String>>;

/// What a list is asked for.
#[derive(Debug)]
pub struct Query {
    /// Which cargos.
    pub filters: Filters,
    /// `include=contacts` was given.
    pub contacts: bool,
    /// 1–100.
    pub limit: usize,
    /// How many to skip.
    pub offset: usize,
}

/// Which cargos are wanted. What is `None` does not matter.
#[derive(Default, Debug)]
pub struct Filters {
    // By index of the city: whether it will do.
    start: Option<Vec<bool>>,
    finish: Option<Vec<bool>>,
    start_date: Option<Date>,
    mine: bool,
    user: Option<u32>,
    capacity: Option<Capacity>,
    loads: Option<u32>,
    trucks: Option<u32>,
    distance_km: Option<Range>,
    price_kopecks: Option<Range>,
    kopecks_per_km: Option<Range>,
    owner_inn: Option<String>,
}

#[derive(Clone, Copy, Debug)]
struct Capacity {
    kilograms: f64,
    cubic_metres: f64,
}

#[derive(Clone, Copy, Debug)]
struct Range {
    min: u64,
    max: u64,
}

impl Range {
    fn holds(self, value: u64) -> bool {
        (self.min..=self.max).contains(&value)
    }

    fn times(self, factor: u32) -> Range {
        let factor = u64::from(factor);
        Range { min: self.min.saturating_mul(factor), max: self.max.saturating_mul(factor) }
    }
}

impl Filters {
    /// Whether a cargo is wanted.
    pub fn admit(&self, cargo: &Cargo, companies: &[Company]) -> bool {
        let price = cargo.price.effective();
        self.start.as_ref().is_none_or(|cities| cities[cargo.from])
            && self.finish.as_ref().is_none_or(|cities| cities[cargo.to])
            && self.start_date.is_none_or(|date| cargo.load_at.date() >= date)
            && (!self.mine || cargo.owner == LOGIN_USER)
            && self.user.is_none_or(|user| cargo.owner == user)
            && self.capacity.is_none_or(|capacity| {
                f64::from(cargo.weight_kg) <= capacity.kilograms && cargo.volume_m3 <= capacity.cubic_metres
            })
            && self.loads.is_none_or(|loads| cargo.loads & loads != 0)
            && self.trucks.is_none_or(|trucks| cargo.trucks & trucks != 0)
            && self.distance_km.is_none_or(|range| range.holds(cargo.distance_km.into()))
            && self.price_kopecks.is_none_or(|range| range.holds(price))
            && self.kopecks_per_km.is_none_or(|range| range.times(cargo.distance_km).holds(price))
            && self
                .owner_inn
                .as_ref()
                .is_none_or(|inn| cargo.shipper.is_some_and(|shipper| companies[shipper].inn == *inn))
    }
}

/// Reads a query string's pairs; all that is wrong is reported together.
pub fn parse(pairs: &[(String, String)]) -> Result<Query, Errors> {
    let mut fields = Fields::new(pairs);
    let query = Query {
        filters: Filters {
            start: fields.place("start"),
            finish: fields.place("finish"),
            start_date: fields.read("filter.start_date", "The :field is not a valid date.", iso_date),
            mine: fields.read("filter.mode", INVALID, |mode| match mode {
                "my" => Some(true),
                "all" => Some(false),
                _ => None,
            }) == Some(true),
            user: fields.read("filter.user_id", INTEGER, integer).filter(|user| *user != 0),
            capacity: fields.read("filter.wv", FORMAT, capacity),
            loads: fields.read("filter.load_types", FORMAT, |ids| terms(LOAD_TYPES, ids)),
            trucks: fields.read("filter.truck_types", FORMAT, |ids| terms(TRUCK_TYPES, ids)),
            distance_km: fields.read("filter.distance", FORMAT, range),
            price_kopecks: fields.read("filter.price", FORMAT, range),
            kopecks_per_km: fields.read("filter.price_per_km", FORMAT, range),
            owner_inn: fields.read("filter.owner_company", FORMAT, inn),
        },
        contacts: fields.contacts(),
        limit: fields.limit(),
        offset: fields.offset(),
    };
    fields.finish().map(|()| query)
}

const INTEGER: &str = "The :field must be an integer.";
const FORMAT: &str = "The :field format is invalid.";
const INVALID: &str = "The selected :field is invalid.";

/// The fields of a query string, each taken out once; what is left over at the end is unknown.
pub struct Fields<'a> {
    left: BTreeMap<String, &'a str>,
    errors: Errors,
}

impl<'a> Fields<'a> {
    /// Names `filter[wv]` as Laravel does, `filter.wv`; the last of repeated fields counts.
    pub fn new(pairs: &'a [(String, String)]) -> Fields<'a> {
        let left = pairs
            .iter()
            .map(|(name, value)| (name.replace('[', ".").replace(']', ""), value.trim()))
            .filter(|(_, value)| !value.is_empty())
            .collect();
        Fields { left, errors: Errors::new() }
    }

    fn refuse(&mut self, field: &str, message: &str) {
        let message = message.replace(":field", field);
        self.errors.entry(field.to_owned()).or_default().push(message);
    }

    fn take(&mut self, field: &str) -> Option<&'a str> {
        self.left.remove(field)
    }

    fn read<T>(&mut self, field: &str, message: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let text = self.take(field)?;
        let value = parse(text);
        if value.is_none() {
            self.refuse(field, message);
        }
        value
    }

    fn place(&mut self, end: &str) -> Option<Vec<bool>> {
        let [id_field, type_field, radius_field] =
            ["id", "type", "radius"].map(|part| format!("filter.{end}_point_{part}"));
        let has_id = self.left.contains_key(&id_field);
        let id = self.read(&id_field, INTEGER, integer);
        let kind = self.read(&type_field, INTEGER, integer);
        let radius = self.read(&radius_field, "The :field must be between 0 and 5000.", |text| {
            integer(text).filter(|radius| *radius <= 5_000)
        });
        if !has_id {
            for (field, given) in [(type_field, kind.is_some()), (radius_field, radius.is_some())] {
                if given {
                    self.refuse(&field, &format!("The :field needs {id_field}."));
                }
            }
            return None;
        }
        if kind.is_none() && !self.errors.contains_key(&type_field) {
            self.refuse(&type_field, &format!("The :field field is required when {id_field} is present."));
        }
        Some(around(kind?, id?, radius.unwrap_or(0)))
    }

    /// The `limit` of a page; 20 where it is left out.
    pub fn limit(&mut self) -> usize {
        let limit = self.read("limit", "The :field must be between 1 and 100.", |text| {
            integer(text).filter(|limit| (1..=100).contains(limit))
        });
        limit.unwrap_or(20) as usize
    }

    /// The `offset` of a page.
    pub fn offset(&mut self) -> usize {
        self.read("offset", INTEGER, integer).unwrap_or(0) as usize
    }

    /// A text of any form.
    pub fn text(&mut self, field: &str) -> &'a str {
        self.take(field).unwrap_or_default()
    }

    /// Whether `include` names the contacts.
    pub fn contacts(&mut self) -> bool {
        self.take("include").is_some_and(|include| include.split(',').any(|part| part == "contacts"))
    }

    /// All errors, those of unknown filters included. Laravel takes no notice of other unknown fields.
    pub fn finish(mut self) -> Result<(), Errors> {
        let unknown: Vec<String> = self.left.keys().filter(|name| name.starts_with("filter")).cloned().collect();
        for field in unknown {
            self.refuse(&field, "Requested filter `:field` is not allowed.");
        }
        if self.errors.is_empty() { Ok(()) } else { Err(self.errors) }
    }
}

/// Which cities are within `radius` km of the point.
fn around(kind: u32, id: u32, radius: u32) -> Vec<bool> {
    let mut inside = cities_of(kind, id);
    if radius > 0 {
        let centres: Vec<usize> = (0..CITIES.len()).filter(|city| inside[*city]).collect();
        for (city, included) in CITIES.iter().zip(&mut inside) {
            *included =
                *included || centres.iter().any(|centre| CITIES[*centre].distance_to(city) <= f64::from(radius));
        }
    }
    inside
}

fn integer(text: &str) -> Option<u32> {
    digits(text)?.parse().ok()
}

fn digits(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

fn iso_date(text: &str) -> Option<Date> {
    // The parser alone would take a time behind the date.
    (text.len() == 10).then(|| text.parse().ok()).flatten()
}

// `^\d+(\.\d+)?$`
fn decimal(text: &str) -> Option<f64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    digits(whole)?;
    digits(fraction)?;
    text.parse().ok()
}

fn capacity(text: &str) -> Option<Capacity> {
    let (tonnes, cubic_metres) = text.split_once('-')?;
    let (tonnes, cubic_metres) = (decimal(tonnes)?, decimal(cubic_metres)?);
    // 999 m3 is how "20 tonnes and more" is asked for.
    ((0.1..=1_000.0).contains(&tonnes) && (0.1..=999.0).contains(&cubic_metres))
        .then_some(Capacity { kilograms: tonnes * 1_000.0, cubic_metres })
}

fn terms(dictionary: &[Term], ids: &str) -> Option<u32> {
    ids.split(',').try_fold(0, |mask, id| {
        let id = integer(id)?;
        let bit = dictionary.iter().position(|term| term.id == id);
        Some(mask | bit.map_or(0, |bit| 1 << bit))
    })
}

fn range(text: &str) -> Option<Range> {
    let (min, max) = text.split_once(',')?;
    let range = Range { min: digits(min)?.parse().ok()?, max: digits(max)?.parse().ok()? };
    (range.min <= range.max).then_some(range)
}

fn inn(text: &str) -> Option<String> {
    digits(text).filter(|inn| matches!(inn.len(), 10 | 12)).map(str::to_owned)
}
