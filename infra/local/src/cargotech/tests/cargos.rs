use super::*;

#[test]
fn the_same_seed_and_minute_give_the_same_cargos() {
    let (one, two, other) = (Catalog::new(7), Catalog::new(7), Catalog::new(8));
    // The first catalog has a past, the second has not.
    one.at(NOW_MINUTE - 3_000);
    assert_eq!(one.at(NOW_MINUTE), two.at(NOW_MINUTE));
    assert_ne!(one.at(NOW_MINUTE), other.at(NOW_MINUTE));
}

#[test]
fn at_least_six_thousand_are_alive_and_some_come_and_go_every_minute() {
    let catalog = Catalog::new(1);
    let ids = |minute| catalog.at(minute).iter().map(|cargo| cargo.id).collect::<HashSet<u64>>();
    let mut gone: HashSet<u64> = HashSet::new();
    let mut before = ids(NOW_MINUTE);
    for minute in NOW_MINUTE + 1..NOW_MINUTE + 90 {
        let now = ids(minute);
        assert!(now.len() >= 6_000, "{}", now.len());
        assert!(now.difference(&before).count() > 0 && before.difference(&now).count() > 0);
        gone.extend(before.difference(&now));
        assert!(gone.is_disjoint(&now), "an id came back");
        before = now;
    }
    assert!(ids(0).len() >= 6_000, "a clock that was never set");
    for day in 0..30 {
        assert!(ids(NOW_MINUTE + day * 1_447).len() >= 6_000);
    }
}

#[test]
fn a_cargo_does_not_change_while_it_lives() {
    let catalog = Catalog::new(1);
    let later: HashMap<u64, Cargo> = catalog.at(NOW_MINUTE + 60).iter().map(|cargo| (cargo.id, *cargo)).collect();
    let now = catalog.at(NOW_MINUTE);
    let living: Vec<_> = now.iter().filter(|cargo| later.contains_key(&cargo.id)).collect();
    assert!(living.len() > 5_000);
    assert!(living.into_iter().all(|cargo| later[&cargo.id] == *cargo));
}

#[test]
fn the_newest_come_first() {
    let cargos = Catalog::new(1).at(NOW_MINUTE);
    assert!(cargos.is_sorted_by(|a, b| a.id > b.id && a.created_minute >= b.created_minute));
    assert!(cargos.iter().all(|cargo| cargo.created_minute <= NOW_MINUTE));
}

#[test]
fn loading_lies_ahead_and_within_a_fortnight() {
    let catalog = Catalog::new(1);
    for minute in [NOW_MINUTE, NOW_MINUTE + 700, NOW_MINUTE + 1_400] {
        for cargo in catalog.at(minute).iter() {
            let now = clock_in(cargo.start(), minute);
            let days = (cargo.load_at.date() - now.date()).get_days();
            assert!(cargo.load_at > now && (0..=14).contains(&days), "{cargo:?} at {now}");
            if let Some(unload_at) = cargo.unload_at {
                assert!(unload_at.date() >= cargo.load_at.date());
            }
        }
    }
}

#[test]
fn prices_are_believable() {
    let cargos = Catalog::new(1).at(NOW_MINUTE);
    let on_request = cargos.iter().filter(|cargo| cargo.price.effective() == 0).count() as f64;
    assert!((0.06..0.11).contains(&(on_request / cargos.len() as f64)));
    let per_km = |wanted: &dyn Fn(&Cargo) -> bool| -> f64 {
        let rates: Vec<f64> = cargos
            .iter()
            .filter(|cargo| cargo.price.effective() > 0 && (400..2_500).contains(&cargo.distance_km) && wanted(cargo))
            .map(|cargo| cargo.price.effective() as f64 / 100.0 / f64::from(cargo.distance_km))
            .collect();
        assert!(rates.len() > 30);
        assert!(rates.iter().all(|rate| (12.0..350.0).contains(rate)));
        rates.iter().sum::<f64>() / rates.len() as f64
    };
    let tent = per_km(&|cargo| cargo.trucks == 1 && cargo.weight_kg >= 15_000);
    let reefer = per_km(&|cargo| cargo.trucks == 4 && cargo.weight_kg >= 15_000);
    let van = per_km(&|cargo| cargo.weight_kg <= 1_500);
    assert!(van < tent && tent < reefer, "{van} {tent} {reefer}");
    assert!((65.0..105.0).contains(&tent), "{tent}");
    for cargo in cargos.iter().filter(|cargo| cargo.distance_km < 60 && cargo.price.effective() > 0) {
        assert!(cargo.price.effective() >= 280_000, "too cheap to start the engine: {cargo:?}");
    }
}

#[test]
fn large_cities_have_most_of_the_freight() {
    let cargos = Catalog::new(1).at(NOW_MINUTE);
    let from = |name: &str| cargos.iter().filter(|cargo| cargo.start().name == name).count();
    assert!(from("Москва") > from("Санкт-Петербург"));
    assert!(from("Санкт-Петербург") > 2 * from("Новосибирск"));
    assert!(from("Новосибирск") > 5 * from("Кызыл").max(1));
    let used: HashSet<usize> = cargos.iter().flat_map(|cargo| [cargo.from, cargo.to]).collect();
    assert!(used.len() >= 170);
}

#[test]
fn every_truck_type_and_kind_of_cargo_occurs() {
    let cargos = Catalog::new(1).at(NOW_MINUTE);
    let trucks = cargos.iter().fold(0, |mask, cargo| mask | cargo.trucks);
    assert_eq!(trucks.count_ones() as usize, TRUCK_TYPES.len());
    let kinds: HashSet<usize> = cargos.iter().map(|cargo| cargo.kind).collect();
    assert_eq!(kinds.len(), CARGO_KINDS.len());
}
