use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use super::{search::admits, *};

fn counted<K: Ord>(keys: impl Iterator<Item = K>) -> BTreeMap<K, u32> {
    let mut counts = BTreeMap::new();
    keys.for_each(|key| *counts.entry(key).or_default() += 1);
    counts
}

/// By settlement, else by name.
fn towns<'a>(stops: impl Iterator<Item = &'a Stop>) -> Vec<u32> {
    let of_places = counted(stops.map(|stop| (stop.place, stop.place.is_none().then(|| stop.city.clone()))));
    let nameless = (None, Some(String::new()));
    let mut counts: Vec<_> =
        of_places.into_iter().filter(|(town, _)| *town != nameless).map(|(_, count)| count).collect();
    counts.sort_unstable_by_key(|count| Reverse(*count));
    counts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn counts_are_those_of_the_cargos_that_pass(market in market(150), filters in filters()) {
        let facets = index_of(&market).facets(&filters);
        let cargos: Vec<_> = market.iter().filter(|open| admits(&filters, open)).map(|open| &open.cargo).collect();
        prop_assert_eq!(facets.total as usize, cargos.len());

        let type_of = |kind: &Kind| (kind.id, kind.id.is_none().then(|| kind.name.clone()));
        let kinds = cargos.iter().flat_map(|cargo| cargo.truck_types.iter().map(type_of).collect::<BTreeSet<_>>());
        prop_assert!(facets.truck_types.is_sorted_by_key(|(_, count)| Reverse(*count)));
        let types = facets.truck_types.iter().map(|(kind, count)| (type_of(kind), *count));
        prop_assert_eq!(types.collect::<BTreeMap<_, _>>(), counted(kinds));
        let terms = [cargos.iter().filter(|cargo| cargo.partial_load).count(), cargos.iter().filter(|cargo| cargo.round_trip).count()];
        prop_assert_eq!([facets.partial_load as usize, facets.round_trip as usize], terms);

        let days = cargos.iter().filter_map(|cargo| cargo.from.when).map(|when| when.date);
        prop_assert!(facets.days.is_sorted());
        prop_assert_eq!(facets.days.into_iter().collect::<BTreeMap<_, _>>(), counted(days));

        let on_request = cargos.iter().filter(|cargo| cargo.price.is_none()).count();
        prop_assert_eq!(facets.on_request as usize, on_request);
        let mut priced = 0;
        for (band, count) in facets.prices {
            let inside = |cargo: &&&Cargo| cargo.price.is_some_and(|price| {
                let kopecks = price.kopecks();
                i64::from(band.from_rub) * 100 <= kopecks && band.below_rub.is_none_or(|rub| kopecks < i64::from(rub) * 100)
            });
            prop_assert_eq!(cargos.iter().filter(inside).count(), count as usize, "{:?}", band);
            priced += count as usize;
        }
        prop_assert_eq!(priced + on_request, cargos.len());

        let counts = |towns: &[(Town, u32)]| towns.iter().map(|(_, count)| *count).collect::<Vec<_>>();
        prop_assert_eq!(counts(&facets.from), towns(cargos.iter().map(|cargo| &cargo.from)));
        prop_assert_eq!(counts(&facets.to), towns(cargos.iter().map(|cargo| &cargo.to)));
        for (town, count) in facets.from.iter().filter(|(town, _)| town.place.is_some()) {
            let of_it = cargos.iter().filter(|cargo| cargo.from.place == town.place).count();
            prop_assert_eq!(of_it, *count as usize);
        }
    }
}

#[test]
fn the_twenty_largest_towns_are_told() {
    let cargos = (1..=60u64).map(|id| {
        let from = Stop { city: format!("Город {:02}", id % 30), ..Stop::default() };
        let cargo = Cargo { id, from, ..Cargo::default() };
        Open { cargo, history: History::new(NOW_S, None) }
    });
    let facets = index_of(&market_of(cargos.collect())).facets(&Filters::default());
    assert_eq!((facets.from.len(), facets.from[0].1), (20, 2));
    assert_eq!(facets.from[0].0, Town { place: None, name: "Город 00".into() });
}
