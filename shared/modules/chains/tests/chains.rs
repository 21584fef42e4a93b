//! Chains of random small markets against a model that tries everything, and the rules of time by example.
use std::{cmp::Reverse, num::NonZeroU32};

use chains::{BREADTH, Chain, LONGEST, RADIUS_KM, Request, Ride, Start, find};
use jiff::{
    SignedDuration,
    civil::{Date, DateTime, date},
};
use kernel::money::Money;
use market::{Cargo, Distance, Point, Route, Stop, When};
use places::Places;
use proptest::{collection::vec, option, prelude::*, sample::select};
use worth::{Costs, Tariffs, Tax, Trip, Truck, work_out_over};

/// Monday.
const DAY: Date = date(2026, 11, 30);
const EPOCH: DateTime = date(1970, 1, 1).at(0, 0, 0, 0);
/// Some lie within 150 km of each other, and they have three time zones.
const CITIES: [&str; 8] = ["Москва", "Подольск", "Тула", "Рязань", "Казань", "Самара", "Тольятти", "Уфа"];

fn minutes(time: DateTime) -> i64 {
    time.duration_since(EPOCH).as_mins()
}

fn stop(city: &str, when: Option<When>) -> Stop {
    let place = Places::all().named(city)[0];
    Stop { city: city.to_owned(), place: Some(place.id), point: Point::new(place.lat, place.lon), when }
}

fn point(city: &str) -> Point {
    stop(city, None).point.expect("a known place")
}

/// The local time in a city as Unix seconds.
fn at(city: &str, time: DateTime) -> i64 {
    (minutes(time) - 60 * Places::all().named(city)[0].hours_ahead().expect("a known zone")) * 60
}

/// The model: what a chain is by the rules, minute by minute.
struct Model<'a> {
    cargos: &'a [Cargo],
    request: &'a Request<'a>,
}

/// A driver who looks at the clock every minute.
#[derive(Clone, Copy)]
struct Clock {
    now: i64,
    since_break: i64,
    since_rest: i64,
}

impl Clock {
    fn drive(&mut self, km: u32) {
        for _ in 0..(i64::from(km) * 60 + 69) / 70 {
            if self.since_rest >= 9 * 60 {
                self.stand(11 * 60);
            } else if self.since_break >= 270 {
                self.stand(45);
            }
            self.now += 1;
            self.since_break += 1;
            self.since_rest += 1;
        }
    }

    fn stand(&mut self, minutes: i64) {
        self.now += minutes;
        self.since_break = if minutes >= 45 { 0 } else { self.since_break };
        self.since_rest = if minutes >= 11 * 60 { 0 } else { self.since_rest };
    }

    /// Works for an hour at a stop. Returns the local time when that begins.
    fn work(&mut self, stop: &Stop) -> Option<DateTime> {
        let ahead = Places::all().get(stop.place?)?.hours_ahead()? * 60;
        if let Some(When { date, minute }) = stop.when {
            let midnight = minutes(date.at(0, 0, 0, 0)) - ahead;
            let first = midnight + i64::from(minute.unwrap_or(0));
            let last = midnight + minute.map_or(24 * 60, i64::from);
            if self.now > last {
                return None;
            }
            self.stand((first - self.now).max(0));
        }
        let begins = EPOCH.checked_add(SignedDuration::from_mins(self.now + ahead)).expect("a time");
        self.now += 60;
        Some(begins)
    }
}

fn road_km(from: Point, to: Point) -> u32 {
    (from.position().km_to(to.position()) * 1.25).round() as u32
}

impl Model<'_> {
    /// The chain of these cargos, and whether it ends nearer to the home than it began; `None` if it is not possible.
    fn chain(&self, ids: &[usize]) -> Option<(Chain, bool)> {
        let Request { start, home, truck, tariffs, .. } = *self.request;
        let begin = (start.at_s + 59).div_euclid(60);
        let mut clock = Clock { now: begin, since_break: 0, since_rest: 0 };
        let (mut here, mut rides, mut kopecks, mut loaded_km, mut empty_km) = (start.point, Vec::new(), 0, 0, 0);
        for id in ids {
            let cargo = &self.cargos[*id];
            let (from, to) = (cargo.from.point?, cargo.to.point?);
            let (price, Distance { km, .. }) = (cargo.price?, cargo.distance()?);
            if cargo.from.when.is_none() || here.position().km_to(from.position()) > self.request.radius_km.into() {
                return None;
            }
            clock.drive(road_km(here, from));
            let loading = clock.work(&cargo.from)?;
            clock.drive(km.get());
            let unloading = clock.work(&cargo.to)?;
            rides.push(Ride { cargo_id: cargo.id, empty_km: road_km(here, from), loading, unloading });
            (kopecks, loaded_km, empty_km) =
                (kopecks + price.kopecks(), loaded_km + km.get(), empty_km + road_km(here, from));
            here = to;
        }
        let home_km = home.map(|home| road_km(here, home));
        clock.drive(home_km.unwrap_or(0));
        empty_km += home_km.unwrap_or(0);
        let days = ((clock.now - begin) as f64 / 14.4 - 1e-9).ceil().max(100.0) as u32;
        let trip = Trip { price: Money::from_kopecks(kopecks), loaded_km: Some(loaded_km), empty_km: Some(empty_km) };
        let amounts = work_out_over(trip, days, truck, tariffs, DAY);
        let (net, per_day) = (amounts.net()?, amounts.per_day()?);
        let is_nearer = home.is_none_or(|home| road_km(here, home) < road_km(start.point, home));
        Some((Chain { rides, home_km, empty_km, net, days, per_day }, is_nearer))
    }

    /// The first chains, if of each length so many are continued.
    fn find(&self, breadth: usize) -> Vec<Chain> {
        let mut found = Vec::new();
        let mut shorter = vec![Vec::new()];
        for _ in 0..LONGEST {
            let longer = shorter.iter().flat_map(|ids: &Vec<usize>| {
                let others = (0..self.cargos.len()).filter(|id| !ids.contains(id));
                others.map(|id| [ids.clone(), vec![id]].concat()).collect::<Vec<_>>()
            });
            let mut possible: Vec<_> = longer.filter_map(|ids| Some((self.chain(&ids)?, ids))).collect();
            possible.sort_by_key(|((chain, _), _)| rank(chain));
            found.extend(possible.iter().filter(|((_, is_nearer), _)| *is_nearer).map(|((chain, _), _)| chain.clone()));
            possible.truncate(breadth);
            shorter = possible.into_iter().map(|(_, ids)| ids).collect();
        }
        found.sort_by_key(rank);
        found.truncate(self.request.limit);
        found
    }
}

fn rank(chain: &Chain) -> (Reverse<i64>, usize, Vec<u64>) {
    (Reverse(chain.per_day), chain.rides.len(), chain.rides.iter().map(|ride| ride.cargo_id).collect())
}

fn found(cargos: &[Cargo], request: &Request<'_>) -> Vec<Chain> {
    find(&cargos.iter().filter_map(Route::of).collect::<Vec<_>>(), request)
}

fn when(known: f64) -> impl Strategy<Value = Option<When>> {
    let minute = option::weighted(0.3, (0u16..48).prop_map(|half| half * 30));
    let when = (0i32..6, minute).prop_map(|(days, minute)| When {
        date: DAY.checked_add(jiff::Span::new().days(days)).expect("a day"),
        minute,
    });
    option::weighted(known, when)
}

fn cargos(count: impl Into<proptest::collection::SizeRange>) -> impl Strategy<Value = Vec<Cargo>> {
    let city = || select(CITIES.to_vec());
    let price = option::weighted(0.95, (1i64..12).prop_map(|step| step * 1_000_000));
    let told_km = option::weighted(0.5, (1u32..1_000).prop_map(|km| NonZeroU32::new(km).expect("one or more")));
    let cargo = (city(), city(), when(0.95), when(0.3), price, told_km).prop_map(
        |(from, to, loading, unloading, price, distance_km)| Cargo {
            from: stop(from, loading),
            to: stop(to, unloading),
            price: price.and_then(Money::from_kopecks),
            distance_km,
            ..Cargo::default()
        },
    );
    let numbered = |(id, cargo)| Cargo { id, ..cargo };
    vec(cargo, count).prop_map(move |cargos| (1..).zip(cargos).map(numbered).collect())
}

fn truck() -> impl Strategy<Value = Truck> {
    let tax = option::of(select(vec![Tax::Npd, Tax::UsnIncome { vat: 5 }, Tax::UsnProfit { vat: 7 }, Tax::Osno]));
    (tax, option::of(0u32..2_000_000)).prop_map(|(tax, day)| Truck {
        costs: Costs { day, ..Costs::default() },
        tax,
        ..Truck::default()
    })
}

fn start() -> impl Strategy<Value = Start> {
    (select(CITIES.to_vec()), 0i64..2 * 86_400)
        .prop_map(|(city, later_s)| Start {
            point: point(city), at_s: at("Москва", DAY.at(0, 0, 0, 0)) + later_s
        })
}

fn home() -> impl Strategy<Value = Option<Point>> {
    option::of(select(CITIES.to_vec()).prop_map(point))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn all_chains_of_a_small_market_are_tried(
        cargos in cargos(0..=7), start in start(), home in home(), truck in truck(),
        radius_km in select(vec![RADIUS_KM, 1_500]), limit in 0usize..12,
    ) {
        let tariffs = Tariffs::default();
        let request = Request { start, home, radius_km, truck: &truck, tariffs: &tariffs, limit };
        let model = Model { cargos: &cargos, request: &request };
        prop_assert_eq!(found(&cargos, &request), model.find(usize::MAX));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// There are about a thousand chains of three of these.
    #[test]
    fn of_a_larger_market_the_best_are_continued(
        cargos in cargos(20..=20), start in start(), home in home(), truck in truck(), limit in select(vec![10, 1_000]),
    ) {
        let any_time = |stop: Stop| Stop { when: stop.when.map(|when| When { minute: None, ..when }), ..stop };
        let patient = |cargo: Cargo| Cargo {
            from: any_time(cargo.from),
            to: Stop { when: None, ..cargo.to },
            ..cargo
        };
        let cargos: Vec<_> = cargos.into_iter().map(patient).collect();
        let tariffs = Tariffs::default();
        let request = Request { start, home, radius_km: 1_500, truck: &truck, tariffs: &tariffs, limit };
        let model = Model { cargos: &cargos, request: &request };
        prop_assert_eq!(found(&cargos, &request), model.find(BREADTH));
    }
}

fn on(day: i8, time: Option<(u16, u16)>) -> Option<When> {
    Some(When { date: date(2026, 12, day), minute: time.map(|(hours, minutes)| hours * 60 + minutes) })
}

fn cargo(loading: Option<When>, km: u32, to: &str, unloading: Option<When>) -> Cargo {
    Cargo {
        id: 1,
        from: stop("Москва", loading),
        to: stop(to, unloading),
        distance_km: NonZeroU32::new(km),
        price: Money::from_kopecks(5_000_000),
        ..Cargo::default()
    }
}

/// What becomes of a cargo for a truck that is empty in Moscow at 8 o'clock on the first of December.
fn ride(cargo: Cargo) -> Option<(DateTime, DateTime, u32)> {
    let start = Start { point: point("Москва"), at_s: at("Москва", date(2026, 12, 1).at(8, 0, 0, 0)) };
    let (truck, tariffs) = (Truck::default(), Tariffs::default());
    let request = Request { start, home: None, radius_km: RADIUS_KM, truck: &truck, tariffs: &tariffs, limit: 10 };
    let chain = found(&[cargo], &request).pop()?;
    let [Ride { loading, unloading, .. }] = chain.rides[..] else { panic!("{chain:?}") };
    Some((loading, unloading, chain.days))
}

#[test]
fn a_cargo_is_carried_in_its_time_or_not_at_all() {
    let first = |hour, minute| date(2026, 12, 1).at(hour, minute, 0, 0);
    let later = |day, hour, minute| date(2026, 12, day).at(hour, minute, 0, 0);
    let today = on(1, None);
    let cases = [
        ("at once", cargo(today, 315, "Казань", None), Some((first(8, 0), first(13, 30), 100))),
        ("a break", cargo(today, 316, "Казань", None), Some((first(8, 0), first(14, 16), 100))),
        ("a rest", cargo(today, 700, "Казань", None), Some((first(8, 0), later(2, 6, 45), 100))),
        ("another day", cargo(today, 770, "Казань", None), Some((first(8, 0), later(2, 7, 45), 104))),
        ("other clocks", cargo(today, 315, "Самара", None), Some((first(8, 0), first(14, 30), 100))),
        ("waiting", cargo(on(1, Some((10, 0))), 315, "Казань", None), Some((first(10, 0), first(15, 30), 100))),
        ("a day's wait", cargo(on(2, None), 70, "Казань", None), Some((later(2, 0, 0), later(2, 2, 0), 100))),
        ("just in time", cargo(on(1, Some((8, 0))), 315, "Казань", None), Some((first(8, 0), first(13, 30), 100))),
        ("too late", cargo(on(1, Some((7, 59))), 315, "Казань", None), None),
        ("yesterday", cargo(Some(When { date: DAY, minute: None }), 315, "Казань", None), None),
        ("no day", cargo(None, 315, "Казань", None), None),
        (
            "unloaded in time",
            cargo(today, 315, "Казань", on(1, Some((13, 30)))),
            Some((first(8, 0), first(13, 30), 100)),
        ),
        ("unloaded too late", cargo(today, 315, "Казань", on(1, Some((13, 29)))), None),
        (
            "in other clocks",
            cargo(today, 315, "Самара", on(1, Some((14, 30)))),
            Some((first(8, 0), first(14, 30), 100)),
        ),
        ("waiting there", cargo(today, 315, "Казань", on(3, Some((10, 0)))), Some((first(8, 0), later(3, 10, 0), 213))),
    ];
    for (name, cargo, expected) in cases {
        assert_eq!(ride(cargo), expected, "{name}");
    }
}

#[test]
fn a_truck_is_empty_when_its_cargo_is_unloaded() {
    let empty = |cargo: Cargo| Start::after(&cargo).map(|(start, local)| (start.point, start.at_s, local));
    let there = |time: DateTime| Some((point("Самара"), at("Самара", time), time));
    let in_time = cargo(on(1, Some((8, 0))), 315, "Самара", None);
    assert_eq!(empty(in_time.clone()), there(date(2026, 12, 1).at(15, 30, 0, 0)));
    assert_eq!(empty(Cargo { price: None, ..in_time.clone() }), empty(in_time), "whatever it pays");
    let kept_waiting = cargo(on(1, None), 315, "Самара", on(2, Some((9, 0))));
    assert_eq!(empty(kept_waiting), there(date(2026, 12, 2).at(10, 0, 0, 0)));
    assert_eq!(empty(cargo(on(1, Some((8, 0))), 315, "Самара", on(1, Some((9, 0))))), None);
}
