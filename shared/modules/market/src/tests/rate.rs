use super::*;
use crate::families::of_kinds;

const SCOPES: [Scope; 4] = [Scope::Near, Scope::Region, Scope::AnyTruck, Scope::Everywhere];

fn band(km: u32) -> usize {
    [100, 300, 700, 1500].iter().filter(|edge| km >= **edge).count()
}

fn is_similar(scope: Scope, cargo: &Cargo, other: &Cargo) -> bool {
    let km = |cargo: &Cargo| cargo.distance().map(|distance| distance.km.get());
    let shares_family = of_kinds(&cargo.truck_types) & of_kinds(&other.truck_types) != 0;
    let apart = cargo.from.point.zip(other.from.point).map(|(a, b)| a.position().km_to(b.position()));
    let is_within = |radius: f64| apart.is_some_and(|km| km <= radius);
    let is_there = match scope {
        Scope::Near => shares_family && is_within(150.0),
        Scope::Region => shares_family && is_within(400.0),
        Scope::AnyTruck => is_within(400.0),
        Scope::Everywhere => true,
    };
    is_there && cargo.id != other.id && km(cargo).is_some() && km(cargo).map(band) == km(other).map(band)
}

/// The definition, with everything sorted and nothing looked up.
fn naive(market: &Market, cargo: &Cargo, scope: Scope) -> Rate {
    let similar = market.iter().map(|open| &open.cargo).filter(|other| is_similar(scope, cargo, other));
    let per_km = |other: &Cargo| other.price?.per_km(other.distance()?.km.get().into());
    let mut rates: Vec<_> = similar.filter_map(per_km).map(|rate| rate.kopecks() as u64).collect();
    rates.sort_unstable();
    let quartile = |quarter: usize| {
        let (at, rest) = ((rates.len() - 1) * quarter / 4, ((rates.len() - 1) * quarter % 4) as u64);
        let next = rates[(at + 1).min(rates.len() - 1)];
        (rates[at] * (4 - rest) + next * rest + 2) / 4
    };
    let all = |_| Quartiles { p25: quartile(1), median: quartile(2), p75: quartile(3) };
    Rate { scope, count: rates.len(), quartiles: (rates.len() >= 8).then_some(()).map(all) }
}

fn renumbered(market: &Market) -> Market {
    let turned =
        |open: &Open| Open { cargo: Cargo { id: 1_000 - open.cargo.id, ..open.cargo.clone() }, ..open.clone() };
    market_of(market.iter().map(turned).collect())
}

proptest! {
    #[test]
    fn the_rate_is_that_of_the_first_scope_with_enough_cargos(market in market(250), stranger in cargo()) {
        let index = index_of(&market);
        for cargo in market.iter().map(|open| &open.cargo).take(30).chain([&stranger]) {
            let scopes = SCOPES.map(|scope| naive(&market, cargo, scope));
            let expected = scopes.iter().find(|rate| rate.quartiles.is_some()).unwrap_or(&scopes[3]);
            let rate = index.rate(cargo);
            prop_assert_eq!(&rate, expected);
            prop_assert!(rate.quartiles.is_none_or(|rates| rates.p25 <= rates.median && rates.median <= rates.p75));
        }
    }

    #[test]
    fn more_cargos_never_widen_the_scope(market in market(150), more in vec(open(), 0..60), cargo in cargo()) {
        let before = index_of(&market).rate(&cargo);
        let added = more.into_iter().filter(|open| market.get(open.cargo.id).is_none());
        let larger = market_of(market.iter().cloned().chain(added).collect());
        let after = index_of(&larger).rate(&cargo);
        prop_assert!(after.scope < before.scope || after.scope == before.scope && after.count >= before.count);
    }

    #[test]
    fn the_order_of_the_rows_changes_nothing(market in market(150), cargo in cargo()) {
        let stranger = Cargo { id: 5_000, ..cargo };
        prop_assert_eq!(index_of(&market).rate(&stranger), index_of(&renumbered(&market)).rate(&stranger));
    }
}

fn cargo_of(id: u64, rub: i64, km: u32) -> Cargo {
    Cargo {
        id,
        price: Money::from_kopecks(rub * 100),
        distance_km: NonZeroU32::new(km),
        from: Stop { point: Point::new(55.75, 37.62), ..Stop::default() },
        ..Cargo::default()
    }
}

fn rate_of(cargos: impl Iterator<Item = Cargo>, cargo: &Cargo) -> Rate {
    let open = |cargo: Cargo| Open { history: History::new(NOW_S, cargo.price), cargo };
    index_of(&market_of(cargos.map(open).collect())).rate(cargo)
}

#[test]
fn eight_others_are_enough_and_seven_are_not() {
    // 10, 20, … rubles a kilometre.
    let cargos = |count: u64| (1..=count).map(|id| cargo_of(id, id as i64 * 5_000, 500));
    let seven = rate_of(cargos(8), &cargo_of(8, 1, 500));
    assert_eq!(seven, Rate { scope: Scope::Everywhere, count: 7, quartiles: None });
    let eight = rate_of(cargos(9), &cargo_of(9, 1, 500));
    let quartiles = Quartiles { p25: 2_750, median: 4_500, p75: 6_250 };
    assert_eq!(eight, Rate { scope: Scope::Near, count: 8, quartiles: Some(quartiles) });
    assert_eq!(rate_of(cargos(9), &cargo_of(9, 1, 700)).count, 0, "another band");
}

#[test]
fn a_cargo_is_compared_with_the_median() {
    let quartiles = Quartiles { p25: 4_000, median: 5_000, p75: 6_000 };
    let percent = |rub| quartiles.percent(&cargo_of(1, rub, 1_000));
    let cases = [(56_000, 12), (50_000, 0), (50_240, 0), (50_250, 1), (44_000, -12), (49_750, -1), (150_000, 200)];
    for (rub, more) in cases {
        assert_eq!(percent(rub), Some(more), "{rub} ₽");
    }
    assert_eq!(percent(0), None);
}
