use std::{cmp::Ordering, collections::BTreeSet};

use super::*;

/// The filters as a driver would check them, one cargo at a time.
pub fn admits(filters: &Filters, open: &Open) -> bool {
    let cargo = &open.cargo;
    let kopecks = cargo.price.map_or(0, |price| price.kopecks() as u64);
    let km = cargo.distance().map(|distance| distance.km.get());
    let holds = |range: Option<Range>, value: Option<u32>| {
        range.is_none_or(|range| value.is_some_and(|value| range.min <= value.into() && u64::from(value) <= range.max))
    };
    let day = cargo.from.when.map(|when| when.date);
    let has = |kinds: &[Kind], wanted: &[u32]| {
        wanted.is_empty() || kinds.iter().any(|kind| kind.id.is_some_and(|id| wanted.contains(&id)))
    };
    is_in(&filters.from, &cargo.from)
        && is_in(&filters.to, &cargo.to)
        && filters.date_from.is_none_or(|from| day.is_some_and(|day| day >= from))
        && filters.date_to.is_none_or(|to| day.is_some_and(|day| day <= to))
        && holds(filters.weight_kg, cargo.weight_kg.map(NonZeroU32::get))
        && holds(filters.volume_l, cargo.volume_l.map(NonZeroU32::get))
        && holds(filters.distance_km, km)
        && filters.price.is_none_or(|range| (range.min..=range.max).contains(&kopecks))
        && filters.price_per_km.is_none_or(|range| {
            km.is_some_and(|km| (range.min * u64::from(km)..=range.max * u64::from(km)).contains(&kopecks))
        })
        && filters.has_price.is_none_or(|wanted| cargo.price.is_some() == wanted)
        && has(&cargo.truck_types, &filters.truck_types)
        && has(&cargo.load_types, &filters.load_types)
        && filters.partial_load.is_none_or(|wanted| cargo.partial_load == wanted)
        && filters.round_trip.is_none_or(|wanted| cargo.round_trip == wanted)
        && filters.new_since_s.is_none_or(|since| open.history.first_seen_s > since)
        && !filters.without.contains(&cargo.id)
}

fn is_in(areas: &[Area], stop: &Stop) -> bool {
    let inside = |area: &Area| match area {
        Area::Place(place) => stop.place == Some(*place),
        Area::Around { point, km } => {
            stop.point.is_some_and(|at| at.position().km_to(point.position()) <= f64::from(*km))
        }
    };
    areas.is_empty() || areas.iter().any(inside)
}

/// What a cargo is sorted by; nothing if that is not known.
fn key(sort: Sort, filters: &Filters, open: &Open) -> Option<Vec<i64>> {
    let cargo = &open.cargo;
    let km = cargo.distance().map(|distance| i64::from(distance.km.get()));
    let newest = -open.history.first_seen_s;
    match sort.by {
        By::Price => Some(vec![cargo.price?.kopecks()]),
        By::PricePerKm => Some(vec![cargo.price?.per_km(km?)?.kopecks()]),
        By::Distance => Some(vec![km?]),
        By::Date => {
            let when = cargo.from.when?;
            let day = when.date.duration_since(date(1970, 1, 1)).as_hours();
            Some(vec![day, when.minute.map_or(-1, i64::from)])
        }
        By::Newest => Some(vec![newest]),
        By::Deadhead(point) => {
            let km = cargo.from.point?.position().km_to(point.position());
            Some(vec![(km * 1000.0).round() as i64])
        }
        By::Profit => Some(vec![haul().amounts(cargo).net()?]),
        By::Relevance => {
            let kms = filters.from.iter().filter_map(|area| match area {
                Area::Around { point, .. } => Some(cargo.from.point?.position().km_to(point.position())),
                Area::Place(_) => None,
            });
            let band = kms.map(|km| ((km / 25.0) as i64).min(63)).min().unwrap_or(0);
            Some(vec![cargo.price.is_none().into(), band, newest])
        }
    }
}

fn order(sort: Sort, filters: &Filters, a: &Open, b: &Open) -> Ordering {
    let turned = |order: Ordering| if sort.is_reversed { order.reverse() } else { order };
    let by_id = a.cargo.id.cmp(&b.cargo.id);
    let by_id = if matches!(sort.by, By::Newest | By::Relevance) { turned(by_id).reverse() } else { by_id };
    match (key(sort, filters, a), key(sort, filters, b)) {
        (Some(a), Some(b)) => turned(a.cmp(&b)).then(by_id),
        (a, b) => a.is_none().cmp(&b.is_none()).then(by_id),
    }
}

fn naive(market: &Market, filters: &Filters, sort: Sort) -> Vec<Open> {
    let mut found: Vec<_> = market.iter().filter(|open| admits(filters, open)).cloned().collect();
    found.sort_by(|a, b| order(sort, filters, a, b));
    found
}

/// All pages, one after the other; the market is `then` from the second page on.
fn pages(first: &Index, then: &Index, filters: &Filters, sort: Sort, limit: usize) -> Vec<Open> {
    let mut all = Vec::new();
    let haul = haul();
    let mut query = Query { filters, sort, haul: Some(&haul), after: None, skip: 0, limit };
    let mut found = first.search(&query);
    loop {
        assert!(found.cargos.len() <= limit);
        all.append(&mut found.cargos);
        let Some(next) = found.next else { return all };
        query.after = Cursor::parse(&next.text(sort), sort);
        assert_eq!(query.after, Some(next));
        found = then.search(&query);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn a_search_finds_what_a_driver_would_in_that_order(
        market in market(150), filters in filters(), sort in sort(), limit in 1usize..30, skip in 0usize..40,
    ) {
        let index = index_of(&market);
        let expected = naive(&market, &filters, sort);
        let found = index.search(&Query { filters: &filters, sort, haul: Some(&haul()), after: None, skip, limit });
        prop_assert_eq!(found.total, expected.len());
        let rest = &expected[skip.min(expected.len())..];
        prop_assert_eq!(found.next.is_some(), rest.len() > limit);
        prop_assert_eq!(&found.cargos, &rest[..limit.min(rest.len())]);
        prop_assert_eq!(pages(&index, &index, &filters, sort, limit), expected);
    }

    #[test]
    fn each_cargo_is_shown_once_while_the_market_changes(
        before in market(120), came in market(60), gone in vec(any::<prop::sample::Index>(), 0..40),
        sort in sort(), limit in 1usize..30,
    ) {
        let mut after = before.clone();
        for gone in gone.iter().filter(|_| !before.is_empty()) {
            let id = before.iter().nth(gone.index(before.len())).map(|open| open.cargo.id);
            id.map(|id| after.open.remove(&id));
        }
        for open in came.iter().filter(|open| before.get(open.cargo.id).is_none()) {
            after.open.insert(open.cargo.id, open.clone());
        }
        let shown = pages(&index_of(&before), &index_of(&after), &Filters::default(), sort, limit);
        let ids: Vec<_> = shown.iter().map(|open| open.cargo.id).collect();
        let once: BTreeSet<_> = ids.iter().copied().collect();
        prop_assert_eq!(once.len(), ids.len(), "a cargo is shown twice");
        for stays in before.iter().filter(|open| after.get(open.cargo.id).is_some()) {
            prop_assert!(once.contains(&stays.cargo.id), "a cargo is not shown");
        }
    }

    #[test]
    fn a_cursor_of_another_order_or_made_up_is_none(text in "(price|-price|newest)?\\.?[0-9a-f]{0,18}\\.?[0-9a-f]{0,18}") {
        let sort = Sort { by: By::Price, is_reversed: false };
        if let Some(cursor) = Cursor::parse(&text, sort) {
            prop_assert_eq!(cursor.text(sort), text);
            let index = index_of(&Market::default());
            let filters = Filters::default();
            prop_assert_eq!(index.search(&Query { filters: &filters, sort, haul: Some(&haul()), after: Some(cursor), skip: 0, limit: 5 }).total, 0);
        }
    }
}

#[test]
fn a_cursor_holds_for_one_order() {
    let cursor = Cursor { key: 5, id: u64::MAX };
    let [up, down] = [false, true].map(|is_reversed| Sort { by: By::Price, is_reversed });
    assert_eq!(Cursor::parse(&cursor.text(up), up), Some(cursor));
    assert_eq!(Cursor::parse(&cursor.text(up), down), None);
    for text in ["", "price", "price.5", "price..", "price.5.g", "price.05.1", "price.+5.1", "price.10000000000.1"] {
        assert_eq!(Cursor::parse(text, up), None, "{text}");
    }
}

#[test]
fn a_cursor_behind_everything_is_the_end() {
    let history = History::new(NOW_S, None);
    let index = index_of(&market_of(vec![Open { cargo: Cargo { id: 9, ..Cargo::default() }, history }]));
    for (name, sort) in
        [("newest", Sort { by: By::Newest, is_reversed: false }), ("date", Sort { by: By::Date, is_reversed: false })]
    {
        let after = Cursor::parse(&format!("{name}.ffffffffff.{:x}", if name == "date" { 9 } else { 0 }), sort);
        let found =
            index.search(&Query { filters: &Filters::default(), sort, haul: Some(&haul()), after, skip: 0, limit: 20 });
        assert_eq!((after.is_some(), found.total, found.cargos.len(), found.next), (true, 1, 0, None));
    }
}

#[test]
fn an_empty_market_answers() {
    let index = index_of(&Market::default());
    let sort = Sort { by: By::Relevance, is_reversed: false };
    let found = index.search(&Query {
        filters: &Filters::default(),
        sort,
        haul: Some(&haul()),
        after: None,
        skip: 0,
        limit: 20,
    });
    assert_eq!(found, Found { total: 0, cargos: Vec::new(), next: None });
}
