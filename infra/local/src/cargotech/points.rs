//! The places of the points dictionary: cities, regions and countries, and the search among them.

use std::sync::LazyLock;

use serde::Serialize;

use super::cities::{CITIES, COUNTRIES, REGIONS};

/// `type` of a country.
pub const COUNTRY: u32 = 1;
/// `type` of a city.
pub const CITY: u32 = 2;
/// `type` of a region.
pub const REGION: u32 = 3;

/// An entry of the dictionary. Its id means something only with its type.
pub struct Point {
    /// Id among the points of its type.
    pub id: u32,
    /// Russian name.
    pub name: &'static str,
    /// [`COUNTRY`], [`CITY`] or [`REGION`].
    pub kind: u32,
    population: u32,
    // The name as it is searched.
    folded: String,
}

// Cities first, large ones before small ones.
static POINTS: LazyLock<Vec<Point>> = LazyLock::new(|| {
    let point = |kind, id, name| {
        let inside = cities_of(kind, id);
        let population = CITIES.iter().zip(inside).filter(|(_, inside)| *inside).map(|(city, _)| city.population).sum();
        Point { id, name, kind, population, folded: fold(name) }
    };
    let mut points: Vec<Point> = CITIES.iter().map(|city| point(CITY, city.id, city.name)).collect();
    points.extend(REGIONS.iter().map(|(id, name)| point(REGION, *id, name)));
    points.extend(COUNTRIES.iter().map(|(id, name)| point(COUNTRY, *id, name)));
    points.sort_by_key(|point| (point.kind != CITY, std::cmp::Reverse(point.population)));
    points
});

/// By index of the city: whether it is the point, or lies in it.
pub fn cities_of(kind: u32, id: u32) -> Vec<bool> {
    CITIES
        .iter()
        .map(|city| match kind {
            CITY => city.id == id,
            REGION => city.region == id && id != 0,
            COUNTRY => city.country == id,
            _ => false,
        })
        .collect()
}

// Case, ё and hyphens do not matter to somebody who types on a phone.
fn fold(name: &str) -> String {
    name.trim().to_lowercase().replace('ё', "е").replace('-', " ")
}

/// Whether a search tells `ё` from `е`. What CargoTech does is not known.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Spelling {
    /// Both are the same letter.
    Lenient,
    /// They are two.
    Strict,
}

/// The points whose name holds `name`: first those that begin with it, then those with a word that
/// does, then the others. All points for an empty name.
pub fn search(name: &str, spelling: Spelling) -> Vec<&'static Point> {
    let wanted = fold(name);
    let later_word = format!(" {wanted}");
    let mut found: Vec<(u8, &Point)> = POINTS
        .iter()
        .filter_map(|point| {
            let rank = if point.folded.starts_with(&wanted) {
                0
            } else if point.folded.contains(&later_word) {
                1
            } else if point.folded.contains(&wanted) {
                2
            } else {
                return None;
            };
            Some((rank, point))
        })
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    let typed = name.trim().to_lowercase().replace('-', " ");
    let spelled = |point: &Point| point.name.to_lowercase().replace('-', " ").contains(&typed);
    let points = found.into_iter().map(|(_, point)| point);
    points.filter(|point| spelling == Spelling::Lenient || spelled(point)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(name: &str) -> Vec<&'static str> {
        search(name, Spelling::Lenient).into_iter().map(|point| point.name).collect()
    }

    #[test]
    fn a_prefix_comes_first_and_large_cities_before_small_ones() {
        assert_eq!(names("мо")[0], "Москва");
        assert_eq!(names("новгород")[0], "Новгородская область");
        assert!(names("новгород").contains(&"Нижний Новгород"));
        assert_eq!(names("ростов на")[0], "Ростов-на-Дону");
    }

    #[test]
    fn yo_and_case_do_not_matter() {
        assert_eq!(names("орел"), names("Орёл"));
        assert_eq!(names("ОРЁЛ")[0], "Орёл");
        let strict = |name| search(name, Spelling::Strict).into_iter().map(|point| point.name).collect::<Vec<_>>();
        assert_eq!((strict("ОРЁЛ")[0], strict("ростов на")[0]), ("Орёл", "Ростов-на-Дону"));
        assert!(!strict("орел").contains(&"Орёл") && !strict("орёл").contains(&"Орловская область"));
    }

    #[test]
    fn nothing_and_one_letter_are_accepted() {
        assert_eq!(search("", Spelling::Lenient).len(), CITIES.len() + REGIONS.len() + COUNTRIES.len());
        assert!(names("м").len() > 5);
        assert!(search("нет такого города", Spelling::Lenient).is_empty());
    }

    #[test]
    fn a_region_and_a_country_may_share_an_id_and_hold_different_cities() {
        let inside = |kind| -> Vec<&str> {
            CITIES.iter().zip(cities_of(kind, 31)).filter(|(_, inside)| *inside).map(|(city, _)| city.name).collect()
        };
        assert!(inside(REGION).contains(&"Белгород"));
        assert!(inside(COUNTRY).contains(&"Баку"));
    }
}
