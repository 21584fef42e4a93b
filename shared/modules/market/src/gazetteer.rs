//! Assigns settlements to stops.
use std::collections::HashMap;

use places::{Place, Places};

use crate::model::{Cargo, Point, Stop};

/// The largest distance of a stop from its settlement. Beyond it, another settlement of that name is meant.
const FARTHEST_KM: f64 = 50.0;

/// Finds settlements by city name, looking up each name once.
#[derive(Debug, Default)]
pub struct Gazetteer {
    known: HashMap<String, Vec<&'static Place>>,
}

impl Gazetteer {
    /// Assigns a settlement to both stops by city name: the nearest to their coordinates, or without coordinates the
    /// most populous, whose coordinates they take.
    pub fn locate(&mut self, cargo: &mut Cargo) {
        for stop in [&mut cargo.from, &mut cargo.to] {
            self.locate_stop(stop);
        }
    }

    fn locate_stop(&mut self, stop: &mut Stop) {
        if stop.place.is_some() || stop.city.is_empty() {
            return;
        }
        if !self.known.contains_key(&stop.city) {
            self.known.insert(stop.city.clone(), Places::all().named(&stop.city));
        }
        let namesakes = self.known.get(&stop.city).into_iter().flatten();
        let Some(point) = stop.point else {
            let place = namesakes.into_iter().next();
            stop.place = place.map(|place| place.id);
            stop.point = place.and_then(|place| Point::new(place.lat, place.lon));
            return;
        };
        let by_distance = namesakes.map(|place| (place.position().km_to(point.position()), place));
        let nearest = by_distance.min_by(|(km, _), (other, _)| km.total_cmp(other));
        stop.place = nearest.filter(|(km, _)| *km <= FARTHEST_KM).map(|(_, place)| place.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn located(city: &str, point: Option<(f64, f64)>) -> Stop {
        let point = point.and_then(|(lat, lon)| Point::new(lat, lon));
        let from = Stop { city: city.to_owned(), point, ..Stop::default() };
        let mut cargo = Cargo { from, ..Cargo::default() };
        Gazetteer::default().locate(&mut cargo);
        cargo.from
    }

    #[test]
    fn a_stop_without_a_point_is_in_the_largest_city_of_its_name() {
        let kirov = located("Киров", None);
        let found = Places::all().nearest(58.6, 49.66, 1)[0];
        assert_eq!((kirov.place, kirov.point), (Some(found.id), Point::new(found.lat, found.lon)));
    }

    #[test]
    fn a_point_tells_cities_of_one_name_apart() {
        let of_kaluga = Some((54.08, 34.31));
        let kirov = located("Киров", of_kaluga);
        assert_ne!(kirov.place, located("Киров", None).place);
        assert_eq!(kirov.point, of_kaluga.and_then(|(lat, lon)| Point::new(lat, lon)), "its own point stays");
        assert_eq!(located("Казань", of_kaluga).place, None, "nothing of that name is near");
    }

    #[test]
    fn what_nobody_knows_has_no_settlement() {
        for city in ["", "Мааасква", "промзона Северная"] {
            assert_eq!((located(city, None).place, located(city, None).point), (None, None), "{city}");
        }
    }
}
