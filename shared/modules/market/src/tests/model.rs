use super::*;

#[test]
fn a_text_that_is_written_in_another_way_is_no_change() {
    let before = Cargo {
        title: Some("Мебель,  20 т".into()),
        from: Stop { city: "Москва".into(), ..Stop::default() },
        truck_types: vec![Kind { id: Some(1), name: "тент".into() }, Kind { id: Some(3), name: "реф".into() }],
        ..Cargo::default()
    };
    let mut after = before.clone();
    after.title = Some(" МЕБЕЛЬ, 20 т ".into());
    after.goods = Some(" ".into());
    after.from.city = "МОСКВА".into();
    after.truck_types.reverse();
    after.price = Money::from_kopecks(100);
    assert!(!before.differs_from(&after), "a price is a change of its own");
    let changes: [fn(&mut Cargo); 6] = [
        |cargo| cargo.title = Some("Мебель".into()),
        |cargo| cargo.truck_types.truncate(1),
        |cargo| cargo.weight_kg = NonZeroU32::new(1),
        |cargo| cargo.partial_load = true,
        |cargo| cargo.to.city = "Казань".into(),
        |cargo| cargo.from.when = Some(When { date: date(2026, 11, 25), minute: None }),
    ];
    for (at, change) in changes.iter().enumerate() {
        let mut changed = after.clone();
        change(&mut changed);
        assert!(before.differs_from(&changed), "{at}");
    }
}

#[test]
fn a_distance_that_is_not_told_is_estimated() {
    let at = |lat, lon| Stop { point: Point::new(lat, lon), ..Stop::default() };
    let mut cargo = Cargo { from: at(55.75, 37.62), to: at(55.79, 49.12), ..Cargo::default() };
    let estimate = cargo.distance().expect("an estimate");
    assert!((880..=910).contains(&estimate.km.get()) && estimate.is_estimated, "{estimate:?}");
    cargo.distance_km = NonZeroU32::new(815);
    assert_eq!(cargo.distance(), NonZeroU32::new(815).map(|km| Distance { km, is_estimated: false }));
    assert_eq!(Cargo { to: Stop::default(), distance_km: None, ..cargo }.distance(), None);
}

#[test]
fn there_is_no_point_beyond_the_poles() {
    for (lat, lon) in [(90.1, 0.0), (0.0, 180.1), (f64::NAN, 0.0), (0.0, f64::INFINITY)] {
        assert_eq!(Point::new(lat, lon), None);
    }
    assert!(Point::new(-90.0, 180.0).is_some());
}

proptest! {
    #[test]
    fn the_last_ten_changes_of_a_price_are_kept(prices in vec(price(), 0..30)) {
        let mut history = History::new(NOW_S, None);
        for (at, from) in prices.iter().enumerate() {
            history.price_changed(PriceChange { at_s: at as i64, from: *from });
        }
        let kept = prices.iter().enumerate().skip(prices.len().saturating_sub(10));
        let kept: Vec<_> = kept.map(|(at, from)| PriceChange { at_s: at as i64, from: *from }).collect();
        prop_assert_eq!(history.changes, kept);
    }
}
