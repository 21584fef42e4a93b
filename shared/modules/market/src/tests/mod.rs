//! Markets at random, and what they are held against.
mod facets;
mod model;
mod rate;
mod route;
mod search;
mod snapshot;
mod sweep;

use std::{num::NonZeroU32, sync::LazyLock};

use jiff::{ToSpan as _, civil::date};
use kernel::money::Money;
use proptest::{collection::vec, option, prelude::*, sample::select};
use worth::{Tariffs, Truck};

use crate::*;

/// Sunday, noon.
const NOW_S: i64 = 1_800_000_000;

/// A market as a sweep finds it first, and the same as an index.
fn market_of(cargos: Vec<Open>) -> Market {
    let mut market = Market::default();
    market.open.extend(cargos.into_iter().map(|open| (open.cargo.id, open)));
    market
}

fn index_of(market: &Market) -> Index {
    let sealed = market.seal(7);
    Index::open(&sealed.head, &sealed.chunks).expect("a snapshot")
}

fn kind() -> impl Strategy<Value = Kind> {
    let name = |id: u32| ["тент", "рефрижератор", "бортовой", "трал", "изотерм"][id as usize].to_owned();
    (0u32..5).prop_map(move |id| Kind { id: (id != 4).then_some(id * 3), name: name(id) })
}

/// Some cities lie near each other, some have one name, some are nowhere.
fn stop() -> impl Strategy<Value = Stop> {
    let cities = [
        ("Москва", Some(524_901), Some((55.75, 37.62))),
        ("Химки", Some(550_280), Some((55.89, 37.44))),
        ("МОСКВА, склад", Some(524_901), Some((55.70, 37.50))),
        ("Казань", Some(551_487), Some((55.79, 49.12))),
        ("Киров", Some(548_408), Some((58.6, 49.66))),
        ("Киров", Some(548_410), Some((54.08, 34.31))),
        ("промзона", None, None),
        ("Анадырь", None, Some((64.73, 177.51))),
        ("", None, None),
    ];
    let when = option::weighted(0.9, (0i64..6, option::of(0u16..1440))).prop_map(|when| {
        when.map(|(days, minute)| When { date: date(2026, 11, 25).checked_add(days.days()).unwrap(), minute })
    });
    (select(cities.to_vec()), when).prop_map(|((city, place, point), when)| Stop {
        city: city.to_owned(),
        place,
        point: point.and_then(|(lat, lon)| Point::new(lat, lon)),
        when,
    })
}

fn few(most: u32, step: u32) -> impl Strategy<Value = Option<NonZeroU32>> {
    (0..most).prop_map(move |number| NonZeroU32::new(number * step))
}

fn price() -> impl Strategy<Value = Option<Money>> {
    (0i64..12).prop_map(|number| Money::from_kopecks(number * 2_500_000))
}

fn cargo() -> impl Strategy<Value = Cargo> {
    let text = option::of(select(vec!["Мебель", "Пиво, 20 т", ""]).prop_map(str::to_owned));
    let sizes = (few(5, 5_000), few(5, 20_000), few(6, 300), price());
    let kinds = (vec(kind(), 0..4), vec(kind(), 0..3), any::<bool>(), any::<bool>());
    (1u64..500, text.clone(), text, stop(), stop(), sizes, kinds).prop_map(
        |(id, title, goods, from, to, (weight_kg, volume_l, distance_km, price), kinds)| {
            let (truck_types, load_types, partial_load, round_trip) = kinds;
            let numbers = Cargo { weight_kg, volume_l, distance_km, price, ..Cargo::default() };
            let terms = Cargo { truck_types, load_types, partial_load, round_trip, ..numbers };
            Cargo { id, title, goods, from, to, ..terms }
        },
    )
}

fn open() -> impl Strategy<Value = Open> {
    let change = (0..5i64, price()).prop_map(|(at, from)| PriceChange { at_s: NOW_S + at * 60, from });
    let times = (0..4i64, 0..3i64).prop_map(|(first, last)| (NOW_S - first * 3600, NOW_S - last));
    (cargo(), times, price(), vec(change, 0..=10), 0u8..4).prop_map(
        |(cargo, (first_seen_s, last_seen_s), first_price, changes, missing)| Open {
            cargo,
            history: History { first_seen_s, last_seen_s, first_price, changes, missing },
        },
    )
}

fn market(most: usize) -> impl Strategy<Value = Market> {
    vec(open(), 0..most).prop_map(market_of)
}

fn range(step: u64) -> impl Strategy<Value = Option<Range>> {
    option::weighted(0.2, (0u64..4, 0u64..6))
        .prop_map(move |range| range.map(|(min, length)| Range { min: min * step, max: (min + length) * step }))
}

fn areas() -> impl Strategy<Value = Vec<Area>> {
    let place = select(vec![524_901, 548_410, 1]).prop_map(Area::Place);
    let around = (select(vec![(55.75, 37.62), (57.0, 49.0), (65.0, -179.0)]), select(vec![0, 15, 300, 20_100]))
        .prop_map(|((lat, lon), km)| Area::Around { point: Point::new(lat, lon).unwrap(), km });
    prop_oneof![3 => Just(Vec::new()), 2 => vec(prop_oneof![place, around], 1..4)]
}

fn filters() -> impl Strategy<Value = Filters> {
    let day = || option::weighted(0.2, (0i64..7).prop_map(|day| date(2026, 11, 24).checked_add(day.days()).unwrap()));
    let flag = || option::weighted(0.15, any::<bool>());
    let types = || prop_oneof![3 => Just(Vec::new()), 1 => vec(select(vec![0, 3, 6, 9, 12, 99]), 1..3)];
    let numbers = (range(5_000), range(20_000), range(300), range(5_000_000), range(10_000));
    let since = option::weighted(0.2, (0i64..5).prop_map(|hours| NOW_S - hours * 3600));
    let terms = (flag(), flag(), flag(), since, prop_oneof![3 => Just(Vec::new()), 1 => vec(1u64..500, 0..40)]);
    (areas(), areas(), day(), day(), numbers, types(), types(), terms).prop_map(
        |(from, to, date_from, date_to, numbers, truck_types, load_types, terms)| {
            let (weight_kg, volume_l, distance_km, price, price_per_km) = numbers;
            let (has_price, partial_load, round_trip, new_since_s, without) = terms;
            let route = Filters { from, to, date_from, date_to, truck_types, load_types, ..Filters::default() };
            let numbers = Filters { weight_kg, volume_l, distance_km, price, price_per_km, ..route };
            Filters { has_price, partial_load, round_trip, new_since_s, without, ..numbers }
        },
    )
}

/// A truck of Vladimir.
fn haul() -> Haul<'static> {
    static TRUCK: LazyLock<(Truck, Tariffs)> = LazyLock::new(Default::default);
    let (truck, tariffs) = &*TRUCK;
    Haul { truck, tariffs, day: date(2026, 11, 30), start: Point::new(56.13, 40.41) }
}

fn sort() -> impl Strategy<Value = Sort> {
    let point = Point::new(56.0, 40.0).unwrap();
    let all =
        [By::Relevance, By::Price, By::PricePerKm, By::Distance, By::Date, By::Newest, By::Deadhead(point), By::Profit];
    (select(all.to_vec()), any::<bool>()).prop_map(|(by, is_reversed)| Sort { by, is_reversed })
}
