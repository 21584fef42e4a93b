use super::*;

#[test]
fn there_are_enough_cities_and_each_is_there_once() {
    assert!(CITIES.len() >= 170);
    let ids: HashSet<_> = CITIES.iter().map(|city| city.id).collect();
    let names: HashSet<_> = CITIES.iter().map(|city| city.name).collect();
    assert_eq!((ids.len(), names.len()), (CITIES.len(), CITIES.len()));
    for city in CITIES {
        assert!((36.0..70.0).contains(&city.latitude) && (20.0..140.0).contains(&city.longitude), "{}", city.name);
    }
}

#[test]
fn distances_between_cities_are_the_true_ones() {
    for (from, to, km) in
        [("Москва", "Санкт-Петербург", 634.0), ("Екатеринбург", "Новосибирск", 1_399.0), ("Ташкент", "Алматы", 670.0)]
    {
        let distance = city(from).distance_to(city(to));
        assert!((distance - km).abs() < 12.0, "{from} — {to}: {distance}");
    }
}

#[test]
fn a_road_winds_the_same_way_in_both_directions() {
    for (from, to) in [(0, 50), (3, 120), (17, 200)] {
        let winding = f64::from(road_km(1, from, to)) / CITIES[from].distance_to(&CITIES[to]);
        assert!((1.14..1.36).contains(&winding));
        assert_eq!(road_km(1, from, to), road_km(1, to, from));
    }
}
