//! Reads the tables of settlements.
use std::{cmp::Reverse, collections::HashMap};

use crate::Place;

/// A correction of a settlement's display name, and maybe more.
struct Correction {
    name: &'static str,
    near: Option<&'static str>,
    population: Option<u32>,
}

/// The settlements of `data/places.tsv` and `data/additions.tsv`, the most populous first, as `data/corrections.tsv` and
/// `data/districts.tsv` amend them. Skips malformed lines; tests ensure that there are none.
pub fn places() -> Vec<Place> {
    let corrections: HashMap<_, _> = lines(CORRECTIONS).filter_map(correction).collect();
    let districts: HashMap<_, _> = lines(DISTRICTS).filter_map(district).collect();
    let mut places: Vec<_> = lines(PLACES).chain(lines(ADDITIONS)).filter_map(place).collect();
    for place in &mut places {
        place.city = districts.get(&place.id).copied();
        if let Some(correction) = corrections.get(&place.id) {
            place.name = correction.name;
            place.near = correction.near.or(place.near);
            place.population = correction.population.unwrap_or(place.population);
        }
    }
    places.sort_by_key(|place| Reverse(place.population));
    places
}

const PLACES: &str = include_str!("../data/places.tsv");
const ADDITIONS: &str = include_str!("../data/additions.tsv");
const CORRECTIONS: &str = include_str!("../data/corrections.tsv");
const DISTRICTS: &str = include_str!("../data/districts.tsv");

/// The lines of a table below its header, without comments.
fn lines(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.starts_with('#')).skip(1)
}

fn columns<const COUNT: usize>(line: &'static str) -> Option<[&'static str; COUNT]> {
    line.split('\t').collect::<Vec<_>>().try_into().ok()
}

fn given(text: &'static str) -> Option<&'static str> {
    Some(text).filter(|text| !text.is_empty())
}

fn place(line: &'static str) -> Option<Place> {
    let [id, lat, lon, country, region, timezone, population, name, name_en, near, names] = columns(line)?;
    Some(Place {
        id: id.parse().ok()?,
        name,
        name_en,
        country,
        region,
        near: given(near),
        names,
        city: None,
        lat: lat.parse().ok()?,
        lon: lon.parse().ok()?,
        timezone,
        population: population.parse().ok()?,
    })
}

fn correction(line: &'static str) -> Option<(u32, Correction)> {
    let [id, _, name, near, population] = columns(line)?;
    Some((id.parse().ok()?, Correction { name, near: given(near), population: population.parse().ok() }))
}

fn district(line: &'static str) -> Option<(u32, u32)> {
    let [id, city, ..] = columns::<4>(line)?;
    Some((id.parse().ok()?, city.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Rows of the table before anything amends them.
    fn originals() -> BTreeMap<u32, Place> {
        lines(PLACES).chain(lines(ADDITIONS)).filter_map(place).map(|place| (place.id, place)).collect()
    }

    #[test]
    fn every_line_is_a_place_and_stands_once() {
        let originals = originals();
        assert_eq!(originals.len(), lines(PLACES).chain(lines(ADDITIONS)).count());
        for place in originals.values() {
            assert!((-90.0..=90.0).contains(&place.lat) && (-180.0..=180.0).contains(&place.lon), "{place:?}");
            assert!(place.country.len() == 2 && place.timezone.contains('/') && !place.name.is_empty(), "{place:?}");
        }
    }

    #[test]
    fn every_correction_still_corrects_something() {
        let originals = originals();
        let corrections: BTreeMap<_, _> = lines(CORRECTIONS).filter_map(correction).collect();
        assert_eq!(corrections.len(), lines(CORRECTIONS).count());
        for line in lines(CORRECTIONS) {
            let [id, name, corrected, near, population] = columns(line).unwrap();
            assert_eq!(originals[&id.parse().unwrap()].name, name, "{line}");
            assert!(corrected != name || !near.is_empty() || population.parse::<u32>().is_ok(), "{line}");
        }
    }

    #[test]
    fn every_district_is_in_a_city_around_it() {
        let originals = originals();
        let districts: BTreeMap<_, _> = lines(DISTRICTS).filter_map(district).collect();
        assert_eq!(districts.len(), lines(DISTRICTS).count());
        for (id, city) in &districts {
            let (district, city) = (&originals[id], &originals[city]);
            assert!(district.position().km_to(city.position()) < 23.5, "{district:?}");
            assert!(district.country == city.country && !districts.contains_key(&city.id), "{district:?}");
        }
    }
}
