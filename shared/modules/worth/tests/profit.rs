//! The profit of a trip: examples that a driver can work out on paper, and what holds for all trips.
use jiff::civil::{Date, date};
use kernel::money::Money;
use proptest::prelude::*;
use worth::{Costs, Name, Source, TERMS, Tariffs, Tax, Trip, Truck, ask_rub, profit, work_out, work_out_over};

const DAY: Date = date(2026, 11, 30);

fn rub(rubles: i64) -> Option<Money> {
    Money::from_kopecks(rubles * 100)
}

/// What a trip leaves: its terms in rubles in their order, and the profit.
fn worked_out(trip: Trip, truck: &Truck) -> (Vec<Option<f64>>, Option<f64>) {
    let rubles = |kopecks: i64| kopecks as f64 / 100.0;
    let profit = profit(trip, truck, &Tariffs::default(), DAY);
    (profit.terms.iter().map(|term| term.kopecks.map(rubles)).collect(), profit.net.map(rubles))
}

/// Moscow to Kazan for an entrepreneur with 20 tonnes. 815 km × 34 l/100 km = 277.1 l, 35 km × 26 l/100 km = 9.1 l, each
/// 75.21 ₽; 850 km × 5.15 ₽ Платон and 6 ₽ wear; 850 km of 600 km a day are 1.42 days of 5,000 ₽; 6 % of 90,000 ₽.
#[test]
fn an_entrepreneur_with_six_percent_of_income() {
    let truck = Truck { platon: Some(true), tax: Some(Tax::UsnIncome { vat: 0 }), ..Truck::default() };
    let trip = Trip { price: rub(90_000), loaded_km: Some(815), empty_km: Some(35) };
    let known = [90_000.0, -20_840.69, -684.41, -4_377.5, 0.0, -5_100.0, -7_100.0, 0.0, -5_400.0];
    assert_eq!(worked_out(trip, &truck), (known.map(Some).to_vec(), Some(46_497.4)));
    let shown = profit(trip, &truck, &Tariffs::default(), DAY);
    assert_eq!((shown.per_km, shown.per_day), (Some(5_470), Some(3_274_465)), "850 km, 1.42 days");
}

/// A self-employed driver with a van: no Платон. 120 km × 13 l/100 km = 15.6 l of 70 ₽; the trip takes a day of 1,500 ₽.
#[test]
fn a_self_employed_driver_with_a_van() {
    let costs =
        Costs { loaded: Some(130), litre: Some(7_000), wear: Some(400), day: Some(150_000), ..Costs::default() };
    let truck = Truck { costs, platon: Some(false), tax: Some(Tax::Npd), ..Truck::default() };
    let trip = Trip { price: rub(9_000), loaded_km: Some(120), empty_km: None };
    let (terms, net) = worked_out(trip, &truck);
    let known = [
        Some(9_000.0),
        Some(-1_092.0),
        None,
        Some(0.0),
        Some(0.0),
        Some(-480.0),
        Some(-1_500.0),
        Some(0.0),
        Some(-540.0),
    ];
    assert_eq!((terms, net), (known.to_vec(), Some(5_388.0)));
}

/// A company with ОСНО. VAT: 122,000 × 22/122 = 22,000 ₽, less 24,400 × 22/122 = 4,400 ₽ in the diesel. Profit tax: 25 % of
/// 100,000 − (24,400 − 4,400) − 10,000 tolls − 6,000 wear − 14,000 days = 50,000 ₽.
#[test]
fn a_company_with_vat() {
    let costs = Costs {
        loaded: Some(305),
        empty: Some(305),
        litre: Some(8_000),
        tolls: Some(1_000),
        wear: Some(600),
        day: Some(700_000),
        km_a_day: Some(500),
    };
    let truck = Truck { costs, platon: Some(false), tax: Some(Tax::Osno), goal_a_day: None };
    let trip = Trip { price: rub(122_000), loaded_km: Some(1_000), empty_km: Some(0) };
    let known = [122_000.0, -24_400.0, 0.0, 0.0, -10_000.0, -6_000.0, -14_000.0, -17_600.0, -12_500.0];
    assert_eq!(worked_out(trip, &truck), (known.map(Some).to_vec(), Some(37_500.0)));
}

/// Two cargos of 40,000 and 20,000 ₽ with 800 and 300 km, 100 km apart, in two and a half days of 5,000 ₽.
#[test]
fn a_chain_pays_for_its_days_once() {
    let truck = Truck { platon: Some(false), tax: Some(Tax::Npd), ..Truck::default() };
    let trip = Trip { price: rub(60_000), loaded_km: Some(1_100), empty_km: Some(100) };
    let planned = work_out_over(trip, 250, &truck, &Tariffs::default(), DAY);
    let fuel = [-1_100 * 34 * 7_521 / 100, -100 * 26 * 7_521 / 100];
    let terms = [6_000_000, fuel[0], fuel[1], 0, 0, -1_200 * 600, -1_250_000, 0, -360_000];
    assert_eq!(planned.terms, terms.map(Some));
    assert_eq!(planned.per_day(), planned.net().map(|net| (net * 100 + 125) / 250));
}

#[test]
fn what_is_not_known_is_not_zero() {
    let truck = Truck::default();
    let on_request = worked_out(Trip { price: None, loaded_km: Some(500), empty_km: Some(10) }, &truck);
    assert_eq!((on_request.0[0], on_request.0[7], on_request.0[8], on_request.1), (None, None, None, None));
    assert!(on_request.0[1..7].iter().all(Option::is_some), "what it costs is known");
    let somewhere = worked_out(Trip { price: rub(5_000), loaded_km: None, empty_km: None }, &truck);
    assert_eq!((somewhere.0[1], somewhere.0[3], somewhere.0[6], somewhere.1), (None, None, None, None));
}

#[test]
fn each_term_says_where_it_comes_from() {
    let trip = Trip { price: rub(90_000), loaded_km: Some(815), empty_km: Some(35) };
    let terms = profit(trip, &Truck::default(), &Tariffs::default(), DAY).terms;
    let platon = &terms[3];
    assert_eq!((platon.name, platon.as_of, platon.is_estimate), (Name::Platon, Some(date(2026, 3, 1)), true));
    assert!(matches!(&platon.source, Source::Published(source) if source.contains("0,75")), "{platon:?}");
    assert!(terms[1..].iter().all(|term| term.is_estimate), "the truck is assumed");
    let before = profit(trip, &Truck::default(), &Tariffs::default(), date(2026, 2, 28)).terms;
    assert_eq!(before[3].kopecks, Some(-850 * 334), "the tariff of the day");
    let long_ago = profit(trip, &Truck::default(), &Tariffs::default(), date(2020, 1, 1)).terms;
    assert_eq!((long_ago[1].kopecks, long_ago[3].kopecks), (None, None), "no tariff is known");
}

fn any_tax() -> impl Strategy<Value = Tax> {
    let vat = prop_oneof![Just(0u8), Just(5), Just(7)];
    let usn = (vat, any::<bool>())
        .prop_map(|(vat, of_profit)| if of_profit { Tax::UsnProfit { vat } } else { Tax::UsnIncome { vat } });
    prop_oneof![Just(Tax::Npd), Just(Tax::Patent), Just(Tax::Osno), usn]
}

prop_compose! {
    fn any_truck()(
        loaded in proptest::option::of(0u32..2_000),
        litre in proptest::option::of(1u32..50_000),
        wear in proptest::option::of(0u32..50_000),
        day in proptest::option::of(0u32..20_000_000),
        km_a_day in proptest::option::of(1u32..2_000),
        platon in any::<Option<bool>>(),
        tax in proptest::option::of(any_tax()),
        goal in 1i64..20_000_000,
    ) -> Truck {
        let costs = Costs { loaded, empty: None, litre, tolls: None, wear, day, km_a_day };
        Truck { costs, platon, tax, goal_a_day: Money::from_kopecks(goal) }
    }
}

prop_compose! {
    fn any_trip()(
        kopecks in proptest::option::of(1i64..9_999_999_900),
        loaded_km in proptest::option::of(0u32..20_000),
        empty_km in proptest::option::of(0u32..2_000),
    ) -> Trip {
        Trip { price: kopecks.and_then(Money::from_kopecks), loaded_km, empty_km }
    }
}

proptest! {
    #[test]
    fn the_profit_is_the_sum_of_its_terms(trip in any_trip(), truck in any_truck()) {
        let profit = profit(trip, &truck, &Tariffs::default(), DAY);
        prop_assert_eq!(profit.terms.iter().map(|term| term.name).collect::<Vec<_>>(), TERMS.to_vec());
        let sum: i64 = profit.terms.iter().filter_map(|term| term.kopecks).sum();
        prop_assert_eq!(profit.net.is_some(), trip.price.is_some() && trip.loaded_km.is_some());
        prop_assert!(profit.net.is_none_or(|net| net == sum));
        let amounts = work_out(trip, &truck, &Tariffs::default(), DAY);
        prop_assert_eq!(amounts.net(), profit.net, "the order goes by what is shown");
    }

    #[test]
    fn a_trip_over_its_own_days_is_the_trip(trip in any_trip(), truck in any_truck()) {
        let amounts = work_out(trip, &truck, &Tariffs::default(), DAY);
        if let Some(days) = amounts.days {
            prop_assert_eq!(work_out_over(trip, days, &truck, &Tariffs::default(), DAY), amounts);
        }
    }

    #[test]
    fn a_higher_price_never_leaves_less(trip in any_trip(), truck in any_truck(), more in 1i64..1_000) {
        let net = |kopecks| {
            let trip = Trip { price: Money::from_kopecks(kopecks), ..trip };
            work_out(trip, &truck, &Tariffs::default(), DAY).net()
        };
        let price = trip.price.map_or(1, Money::kopecks);
        prop_assert!(net(price + more) >= net(price));
    }

    #[test]
    fn a_longer_way_never_leaves_more(trip in any_trip(), truck in any_truck(), more in 1u32..500) {
        let net = |trip| work_out(trip, &truck, &Tariffs::default(), DAY).net();
        let longer = Trip { loaded_km: trip.loaded_km.map(|km| km + more), ..trip };
        prop_assert!(net(longer) <= net(trip));
    }

    #[test]
    fn the_price_to_ask_is_the_least_that_brings_the_goal(trip in any_trip(), truck in any_truck()) {
        let a_day = |rubles: i64| profit(Trip { price: rub(rubles), ..trip }, &truck, &Tariffs::default(), DAY).per_day;
        let goal = truck.goal_a_day.map(Money::kopecks);
        match ask_rub(trip, &truck, &Tariffs::default(), DAY) {
            Some(asked) => prop_assert!(a_day(asked) >= goal && (asked == 1 || a_day(asked - 1) < goal)),
            None => prop_assert!(trip.loaded_km.is_none() || a_day(99_999_999) < goal),
        }
    }
}
