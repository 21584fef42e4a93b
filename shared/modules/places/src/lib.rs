//! Settlements, found by name as drivers type it, and by coordinates.
//!
//! The data come from GeoNames (CC BY 4.0); see `data/places.tsv`. They are parsed once per process, on first use.
mod find;
mod position;
mod spelling;

use std::sync::OnceLock;

use find::Index;
pub use position::Position;

/// A settlement.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// GeoNames' id.
    pub id: u32,
    /// What it is called in Russian.
    pub name: &'static str,
    /// What it is called in Latin letters.
    pub name_en: &'static str,
    /// The nearest large city, for a name that several places have.
    pub near: Option<&'static str>,
    /// ISO 3166-1 alpha-2.
    pub country: &'static str,
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
}

/// All known settlements.
#[derive(Debug)]
pub struct Places {
    places: Vec<Place>,
    /// The indices of the settlements in the order of their ids.
    by_id: Vec<usize>,
    index: Index,
}

impl Places {
    /// The settlements.
    pub fn all() -> &'static Self {
        static ALL: OnceLock<Places> = OnceLock::new();
        ALL.get_or_init(|| Self::read(include_str!("../data/places.tsv")))
    }

    /// The settlement with this id.
    pub fn get(&self, id: u32) -> Option<&Place> {
        self.by_id.binary_search_by_key(&id, |at| self.places[*at].id).ok().map(|at| &self.places[self.by_id[at]])
    }

    /// At most `limit` settlements that match `name`, the likeliest first.
    pub fn find(&self, name: &str, limit: usize) -> Vec<&Place> {
        self.index.find(&self.places, name, limit).into_iter().map(|at| &self.places[at]).collect()
    }

    /// All settlements with exactly this name: those displayed under it first, the most populous first among these.
    /// Ignores letter case, ё and hyphens.
    pub fn named(&self, name: &str) -> Vec<&Place> {
        self.index.named_exactly(name).map(|at| &self.places[at]).collect()
    }

    /// The Latin name of [`Place::near`].
    pub fn near_en(&self, place: &Place) -> Option<&'static str> {
        self.named(place.near?).first().map(|near| near.name_en)
    }

    /// The `limit` settlements nearest to a point, the nearest first.
    pub fn nearest(&self, lat: f64, lon: f64, limit: usize) -> Vec<&Place> {
        let here = Position::new(lat, lon);
        let mut near: Vec<_> = self.places.iter().map(|place| (here.km_to(place.position()), place)).collect();
        near.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        near.into_iter().take(limit).map(|(_, place)| place).collect()
    }

    /// Parses the table. Skips malformed lines; a test ensures that there are none.
    fn read(table: &'static str) -> Self {
        let lines = table.lines().filter(|line| !line.starts_with('#')).skip(1);
        let rows: Vec<_> = lines.filter_map(Row::read).collect();
        let index = Index::new(&rows);
        let places: Vec<_> = rows.into_iter().map(|row| row.place).collect();
        let mut by_id: Vec<_> = (0..places.len()).collect();
        by_id.sort_unstable_by_key(|at| places[*at].id);
        Self { places, by_id, index }
    }
}

/// A line of the table.
struct Row {
    place: Place,
    /// All its names.
    names: &'static str,
}

impl Row {
    fn read(line: &'static str) -> Option<Self> {
        let columns: Vec<_> = line.split('\t').collect();
        let [id, lat, lon, country, _, timezone, population, name, name_en, near, names] = columns[..] else {
            return None;
        };
        let place = Place {
            id: id.parse().ok()?,
            name,
            name_en,
            near: Some(near).filter(|near| !near.is_empty()),
            country,
            lat: lat.parse().ok()?,
            lon: lon.parse().ok()?,
            timezone,
            population: population.parse().ok()?,
        };
        Some(Self { place, names })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_a_place_and_stands_once() {
        let lines = include_str!("../data/places.tsv").lines().filter(|line| !line.starts_with('#')).count() - 1;
        let places = &Places::all().places;
        assert_eq!(places.len(), lines);
        let ids: std::collections::BTreeSet<_> = places.iter().map(|place| place.id).collect();
        assert_eq!(ids.len(), lines);
        assert!(ids.iter().all(|id| Places::all().get(*id).is_some_and(|place| place.id == *id)));
        assert_eq!(Places::all().get(1), None);
        for place in places {
            assert_eq!(Places::all().near_en(place).is_some(), place.near.is_some(), "{place:?}");
            assert!((-90.0..=90.0).contains(&place.lat) && (-180.0..=180.0).contains(&place.lon), "{place:?}");
            assert!(place.country.len() == 2 && place.timezone.contains('/') && !place.name.is_empty(), "{place:?}");
        }
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
    fn a_name_in_full_has_its_places_and_no_others() {
        let named = |name: &str| Places::all().named(name);
        assert_eq!(named("набережные челны")[0].name, "Набережные Челны");
        assert_eq!(named("Орел")[0].name, "Орёл");
        assert_eq!(named("Астана")[0].id, named("Нур-Султан")[0].id);
        assert!(named("Мааасква").is_empty() && named("Набережные").is_empty() && named("").is_empty());
        let several = named("Киров");
        assert!(several.len() > 1 && several[0].population > several[1].population, "{several:?}");
    }

    #[test]
    fn who_stands_in_a_town_is_in_it() {
        let names = |lat, lon| Places::all().nearest(lat, lon, 3).iter().map(|place| place.name).collect::<Vec<_>>();
        assert_eq!(names(55.79, 49.12)[0], "Казань");
        assert_eq!(names(53.2, 50.15)[0], "Самара");
        assert_eq!(names(55.79, 49.12).len(), 3);
    }
}
