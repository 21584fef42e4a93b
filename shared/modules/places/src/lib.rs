//! Settlements, found by name as drivers type it, and by coordinates.
//!
//! The data come from GeoNames (CC BY 4.0); see `data/places.tsv` and the tables beside it that amend it. They are parsed
//! once per process, on first use.
mod areas;
mod cases;
mod find;
mod position;
mod spelling;
mod table;
mod zones;

use std::{collections::HashSet, sync::OnceLock};

use find::Index;
pub use position::{Circle, Position};

/// The radius of a settlement is about this many kilometres times the square root of its inhabitants: 14 km for Moscow.
const REACH_KM: f64 = 0.0045;
/// Nobody says of a place beyond that they are near it.
const FARTHEST_KM: f64 = 200.0;

/// A settlement.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// GeoNames' id.
    pub id: u32,
    /// What it is called in Russian.
    pub name: &'static str,
    /// What it is called in Latin letters.
    pub name_en: &'static str,
    /// ISO 3166-1 alpha-2.
    pub country: &'static str,
    /// GeoNames' code of the region.
    region: &'static str,
    /// The table's name of a large city or its district near it, for a name that several places have.
    near: Option<&'static str>,
    /// All its names, separated by `|`.
    names: &'static str,
    /// The id of the city that this is a district of.
    city: Option<u32>,
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
    /// By the IANA time zone database.
    pub timezone: &'static str,
    /// The population.
    pub population: u32,
}

impl Place {
    /// The location.
    pub fn position(&self) -> Position {
        Position::new(self.lat, self.lon)
    }

    /// How many hours the clocks are ahead of UTC in winter. Few zones outside Russia have one more in summer.
    pub fn hours_ahead(&self) -> Option<i64> {
        zones::hours_ahead(self.timezone)
    }
}

/// All known settlements.
#[derive(Debug)]
pub struct Places {
    places: Vec<Place>,
    /// The indices of the settlements in the order of their ids.
    by_id: Vec<usize>,
    /// Built when a name is first looked up: a list of cargos needs ids alone.
    index: OnceLock<Index>,
}

impl Places {
    /// The settlements.
    pub fn all() -> &'static Self {
        static ALL: OnceLock<Places> = OnceLock::new();
        ALL.get_or_init(Self::read)
    }

    fn read() -> Self {
        let places = table::places();
        let mut by_id: Vec<_> = (0..places.len()).collect();
        by_id.sort_unstable_by_key(|at| places[*at].id);
        Self { places, by_id, index: OnceLock::new() }
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::new(&self.places))
    }

    /// The settlement with this id.
    pub fn get(&self, id: u32) -> Option<&Place> {
        self.by_id.binary_search_by_key(&id, |at| self.places[*at].id).ok().map(|at| &self.places[self.by_id[at]])
    }

    /// At most `limit` settlements that match `name`, the likeliest first.
    pub fn find(&self, name: &str, limit: usize) -> Vec<&Place> {
        self.index().find(&self.places, name, limit).into_iter().map(|at| &self.places[at]).collect()
    }

    /// All settlements with exactly this name: those displayed under it first, the most populous first among these, but
    /// districts of cities after settlements. Ignores letter case, ё and hyphens.
    pub fn named(&self, name: &str) -> Vec<&Place> {
        self.index().named_exactly(name).map(|at| &self.places[at]).collect()
    }

    /// The large city near a place whose name other places have too; of a district, its city.
    pub fn near<'a>(&'a self, place: &'a Place) -> Option<&'a Place> {
        let near = if place.city.is_some() { Some(place) } else { self.largest_named(place.near?) };
        near.map(|near| self.settlement(near))
    }

    /// The `limit` settlements nearest to a point within 200 km, the nearest first. A settlement is as near as its edge,
    /// a city as its nearest district, which is not listed itself.
    pub fn nearest(&self, lat: f64, lon: f64, limit: usize) -> Vec<&Place> {
        let here = Position::new(lat, lon);
        let to_edge = |place: &Place| here.km_to(place.position()) - REACH_KM * f64::from(place.population).sqrt();
        let near = self.places.iter().map(|place| (to_edge(place), self.settlement(place)));
        let mut near: Vec<_> = near.filter(|(km, _)| *km <= FARTHEST_KM).collect();
        near.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        let mut listed = HashSet::new();
        near.into_iter().map(|(_, place)| place).filter(|place| listed.insert(place.id)).take(limit).collect()
    }

    /// The city of a district; any other place is a settlement itself.
    fn settlement<'a>(&'a self, place: &'a Place) -> &'a Place {
        place.city.and_then(|city| self.get(city)).unwrap_or(place)
    }

    fn largest_named(&self, name: &str) -> Option<&Place> {
        self.named(name).into_iter().max_by_key(|place| place.population)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_has_its_id_and_the_city_near_it() {
        let places = &Places::all().places;
        assert!(places.iter().all(|place| Places::all().get(place.id) == Some(place)));
        assert_eq!(Places::all().get(1), None);
        for place in places {
            let has_near = place.near.is_some() || place.city.is_some();
            assert_eq!(Places::all().near(place).is_some(), has_near, "{place:?}");
        }
    }

    #[test]
    fn every_place_has_clocks_that_go_with_the_sun() {
        for place in &Places::all().places {
            let ahead = place.hours_ahead().unwrap_or_else(|| panic!("{place:?}"));
            let of_sun = (ahead as f64 - place.lon / 15.0 + 12.0).rem_euclid(24.0) - 12.0;
            assert!((-1.5..3.7).contains(&of_sun), "{place:?}");
        }
        let cities = ["Калининград", "Москва", "Самара", "Пермь", "Омск", "Томск", "Иркутск", "Чита", "Хабаровск"];
        let ahead = |name: &&str| Places::all().named(name)[0].hours_ahead();
        assert!(cities.iter().map(ahead).eq((2..=10).map(Some)));
    }

    #[test]
    fn distances_are_those_of_the_map() {
        let places = Places::all();
        let of = |name: &str| places.find(name, 1)[0].position();
        for (from, to, km) in [("Москва", "Санкт-Петербург", 634.0), ("Москва", "Владивосток", 6_418.0)]
        {
            let found = of(from).km_to(of(to));
            assert!((found - km).abs() < km * 0.005, "{from} {to}: {found}");
        }
        let at = Position::new;
        assert_eq!(at(55.0, 37.0).km_to(at(55.0, 37.0)), 0.0);
        assert!((at(0.0, 0.0).km_to(at(0.0, 180.0)) - 20_015.1).abs() < 0.1);
        // Across the date line, not around the Earth.
        assert!(at(65.0, 179.9).km_to(at(65.0, -179.9)) < 10.0);
    }

    #[test]
    fn a_circle_holds_what_is_no_farther_than_its_radius() {
        let (moscow, tver) = (Position::new(55.75, 37.62), Position::new(56.86, 35.9));
        let km = moscow.km_to(tver);
        for (radius, is_inside) in [(km - 0.01, false), (km + 0.01, true), (30_000.0, true)] {
            assert_eq!(moscow.circle(radius).holds(tver), is_inside, "{radius} km");
        }
        assert!(moscow.circle(0.0).holds(moscow));
    }

    #[test]
    fn nothing_is_near_what_is_far_from_all() {
        for (lat, lon) in [(90.0, 0.0), (0.0, 0.0), (48.86, 2.35), (35.7, 139.7)] {
            assert_eq!(Places::all().nearest(lat, lon, 3), Vec::<&Place>::new(), "{lat} {lon}");
        }
    }

    #[test]
    fn a_name_in_full_has_its_places_and_no_others() {
        let named = |name: &str| Places::all().named(name);
        assert_eq!(named("набережные челны")[0].name, "Набережные Челны");
        assert_eq!(named("Орел")[0].name, "Орёл");
        assert_eq!(named("Астана")[0].id, named("Нур-Султан")[0].id);
        assert!(named("Мааасква").is_empty() && named("Набережные").is_empty() && named("").is_empty());
        let several = named("Киров");
        assert!(several.len() > 1 && several[0].population > several[1].population, "{several:?}");
    }
}
