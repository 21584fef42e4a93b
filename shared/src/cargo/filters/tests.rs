use jiff::civil::date;
use proptest::prelude::*;

use super::{upstream::plain, *};

fn parse(query: &str) -> Result<Filters, Vec<FieldError>> {
    let pairs = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect::<Vec<_>>();
    Filters::parse(&pairs, date(2026, 11, 21))
}

fn sent(query: &str) -> String {
    let query = parse(query).expect("good").query();
    query.iter().skip(3).map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

#[test]
fn nothing_asked_is_everything() {
    let query = parse("").expect("good").query();
    let expected =
        [("include", "contacts"), ("limit", "20"), ("offset", "0"), ("filter[mode]", "all"), ("filter[user_id]", "0")];
    assert_eq!(query, expected.map(|(name, value)| (name, value.to_owned())));
}

#[test]
fn every_filter_becomes_its_cargotech_parameter() {
    let all = "start_point_id=62&start_point_type=2&start_point_radius=50&finish_point_id=7&finish_point_type=2\
        &start_date=2026-11-25&mode=my&weight_volume=7.50-45&load_types=3,1,3&truck_types=2&price_min=1000\
        &price_per_km_min=40&distance_min=100&distance_max=900&owner_inn=7707083893&limit=100&offset=40";
    assert_eq!(
        sent(all),
        "filter[mode]=my&filter[user_id]=0&filter[start_point_id]=62&filter[start_point_type]=2\
         &filter[start_point_radius]=50&filter[finish_point_id]=7&filter[finish_point_type]=2\
         &filter[start_date]=2026-11-25&filter[wv]=7.5-45&filter[load_types]=1,3&filter[truck_types]=2\
         &filter[price]=100000,99999900&filter[price_per_km]=4000,99900&filter[distance]=100,900\
         &filter[owner_company]=7707083893"
    );
}

#[test]
fn the_seven_categories_are_those_of_the_specification() {
    for (id, pair) in
        [("1_3", "1-15"), ("3_5", "3-25"), ("5_10", "5-40"), ("10_15", "10-60"), ("15_20", "15-65"), ("20", "20-999")]
    {
        assert!(sent(&format!("weight_volume={id}")).ends_with(&format!("&filter[wv]={pair}")), "{id}");
    }
    assert!(!sent("weight_volume=any").contains("wv"));
}

#[test]
fn all_errors_come_together_each_with_its_field() {
    let errors = parse(
        "start_point_id=1&finish_point_radius=5&start_date=25.11.2026&mode=none&weight_volume=heavy&load_types=1;2\
         &price_min=9&price_max=8&price_per_km_min=-1&distance_max=10000&owner_inn=123&limit=101&offset=x&evil=1&limit=5",
    )
    .expect_err("bad");
    let fields = errors.iter().map(|e| (e.field.as_str(), e.code)).collect::<Vec<_>>();
    for expected in [
        ("start_point_type", "missing"),
        ("finish_point_id", "missing"),
        ("start_date", "malformed"),
        ("mode", "malformed"),
        ("weight_volume", "malformed"),
        ("load_types", "malformed"),
        ("price_min", "out_of_range"),
        ("price_per_km_min", "malformed"),
        ("distance_max", "out_of_range"),
        ("owner_inn", "malformed"),
        ("limit", "out_of_range"),
        ("limit", "repeated"),
        ("offset", "malformed"),
        ("evil", "unknown"),
    ] {
        assert!(fields.contains(&expected), "{expected:?} in {fields:?}");
    }
    assert_eq!(errors.len(), 14, "{fields:?}");
}

#[test]
fn a_date_may_be_today_anywhere_on_earth_but_not_last_week() {
    for (text, good) in [
        ("2026-11-20", true),
        ("2026-11-21", true),
        ("2027-11-21", true),
        ("2026-11-19", false),
        ("2027-11-22", false),
        ("2026-02-30", false),
    ] {
        assert_eq!(parse(&format!("start_date={text}")).is_ok(), good, "{text}");
    }
}

#[test]
fn searches_that_mean_the_same_share_one_query() {
    let same = [
        "load_types=1,2&price_min=0&start_point_id=5&start_point_type=2&start_point_radius=0",
        "start_point_type=2&start_point_id=5&load_types=2,1,1&weight_volume=any&mode=all&limit=20&offset=0",
        "start_point_id=005&start_point_type=2&load_types= 2 ,1&price_max=999999&owner_inn=",
    ];
    let queries = same.map(sent);
    assert!(queries.iter().all(|query| *query == queries[0]), "{queries:?}");
}

proptest! {
    #[test]
    fn a_free_pair_is_sent_as_cargotech_takes_it(tonnes in 10i64..=100_000, m3 in 10i64..=20_000) {
        let pair = format!("{}-{}", plain(tonnes), plain(m3));
        let sent = sent(&format!("weight_volume={pair}"));
        let wv = sent.rsplit_once("filter[wv]=").unwrap().1;
        prop_assert_eq!(wv, pair);
        let (t, m) = wv.split_once('-').unwrap();
        prop_assert!(t.parse::<f64>().is_ok() && m.parse::<f64>().is_ok());
    }

    #[test]
    fn whatever_comes_is_a_query_or_named_errors(
        pairs in proptest::collection::vec(("[a-z_]{1,20}|start_point_id|load_types|weight_volume", "\\PC{0,30}"), 0..8),
    ) {
        match Filters::parse(&pairs, date(2026, 11, 21)) {
            Ok(filters) => prop_assert!(!filters.query().iter().any(|(_, value)| value.contains(['&', '#', '\n']))),
            Err(errors) => prop_assert!(errors.iter().all(|e| !e.field.is_empty() && !e.message.is_empty())),
        }
    }

    #[test]
    fn the_order_of_the_query_does_not_matter(turn in 0usize..6) {
        let mut pairs = [("mode", "my"), ("load_types", "2,1"), ("limit", "5"), ("distance_min", "3"),
            ("start_point_id", "5"), ("start_point_type", "2")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let today = date(2026, 11, 21);
        let first = Filters::parse(&pairs, today).unwrap().query();
        pairs.rotate_left(turn);
        prop_assert_eq!(Filters::parse(&pairs, today).unwrap().query(), first);
    }
}

fn codes(query: &str) -> Vec<(String, &'static str)> {
    let errors = parse(query).expect_err("bad");
    errors.into_iter().map(|error| (error.field, error.code)).collect()
}

#[test]
fn the_market_takes_all_filters_in_its_own_units() {
    let all = "from_place_id=524901,498817&from_radius_km=50&to_place_id=551487&date_from=2026-11-25&date_to=2026-11-27\
        &weight_min_kg=500&volume_min_m3=7.5&weight_volume=10-40&load_types=3&truck_types=2&price_min=1000&price_per_km_min=40\
        &distance_max=900&has_price=true&partial_load=false&round_trip=true&new_since=2026-11-21T10:00:00Z";
    let filters = parse(all).expect("good").in_market();
    assert_eq!(filters.from.len(), 2);
    assert!(
        filters.from.iter().all(|area| matches!(area, ::market::Area::Around { km: 50, .. })),
        "{:?}",
        filters.from
    );
    assert_eq!(filters.to, [::market::Area::Place(551_487)]);
    assert_eq!((filters.date_from, filters.date_to), (Some(date(2026, 11, 25)), Some(date(2026, 11, 27))));
    let range = |min, max| Some(::market::Range { min, max });
    assert_eq!((filters.weight_kg, filters.volume_l), (range(500, 10_000), range(7_500, 40_000)));
    assert_eq!((filters.price, filters.price_per_km), (range(100_000, u64::MAX), range(4_000, u64::MAX)));
    assert_eq!(filters.distance_km, range(0, 900));
    assert_eq!((filters.has_price, filters.partial_load, filters.round_trip), (Some(true), Some(false), Some(true)));
    assert_eq!(filters.new_since_s, Some(1_795_255_200));
}

#[test]
fn any_volume_is_no_bound() {
    for query in ["weight_volume=20", "weight_volume=20-999"] {
        let filters = parse(query).expect("good").in_market();
        assert_eq!(filters.weight_kg, Some(::market::Range { min: 0, max: 20_000 }));
        assert_eq!(filters.volume_l, None);
    }
}

#[test]
fn what_only_the_market_can_answer_is_named() {
    let foreign = |query: &str| {
        let errors = parse(query).expect("good").foreign_to_cargotech();
        errors.into_iter().map(|error| error.field).collect::<Vec<_>>()
    };
    assert_eq!(
        foreign("from_place_id=524901&from_radius_km=9&date_from=2026-11-25&has_price=true&sort=-price"),
        [""; 0]
    );
    assert_eq!(
        foreign("from_place_id=524901&from_place_id=498817&date_to=2026-11-25&weight_max_kg=9&round_trip=true"),
        ["from_place_id", "date_to", "weight_max_kg", "round_trip"]
    );
    let cursor = "newest.fffffffff.7";
    assert_eq!(foreign(&format!("sort=newest&cursor={cursor}")), ["cursor"]);
}

#[test]
fn a_place_becomes_a_point_of_cargotech() {
    let filters = parse("from_place_id=524901&from_radius_km=50&has_price=true").expect("good");
    assert_eq!(filters.places().map(|place| place.map(|place| place.name)), [Some("Москва"), None]);
    let query = filters.with_points([Some((62, 2)), None]).expect("known").query();
    let query: Vec<_> = query.iter().skip(5).map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(
        query,
        [
            "filter[start_point_id]=62",
            "filter[start_point_type]=2",
            "filter[start_point_radius]=50",
            "filter[price]=1,99999900"
        ]
    );
    let unknown = filters.with_points([None, None]).expect_err("CargoTech does not know it");
    assert_eq!((unknown[0].field.as_str(), unknown[0].code), ("from_place_id", "unavailable"));
}

#[test]
fn the_new_filters_name_what_is_wrong() {
    for (query, field, code) in [
        ("from_place_id=1", "from_place_id", "malformed"),
        ("from_place_id=,,", "from_place_id", "malformed"),
        ("weight_volume=20-998", "weight_volume", "out_of_range"),
        ("from_place_id=524901&to_place_id=x", "to_place_id", "malformed"),
        ("to_radius_km=5", "to_place_id", "missing"),
        ("from_place_id=524901&from_radius_km=1001", "from_radius_km", "out_of_range"),
        ("from_place_id=524901&start_point_id=1&start_point_type=2", "start_point_id", "conflicting"),
        ("date_from=2026-11-25&date_to=2026-11-24", "date_from", "out_of_range"),
        ("weight_min_kg=9&weight_max_kg=8", "weight_min_kg", "out_of_range"),
        ("volume_max_m3=many", "volume_max_m3", "malformed"),
        ("volume_max_m3=10000", "volume_max_m3", "malformed"),
        ("has_price=yes", "has_price", "malformed"),
        ("new_since=yesterday", "new_since", "malformed"),
        ("sort=best", "sort", "malformed"),
        ("sort=deadhead", "sort", "missing"),
        ("sort=price&cursor=newest.0.1", "cursor", "malformed"),
        ("cursor=offset.100001", "cursor", "malformed"),
        ("cursor=offset.20&offset=20", "offset", "conflicting"),
        ("sort=price&sort=price", "sort", "repeated"),
    ] {
        assert_eq!(codes(query), [(field.to_owned(), code)], "{query}");
    }
}

#[test]
fn cargotech_s_pages_have_cursors_too() {
    let next = |query: &str, found, total| parse(query).expect("good").next_offset(found, total);
    assert_eq!(next("limit=20", 20, Some(21)), Some("offset.20".to_owned()));
    assert_eq!(next("limit=20", 20, Some(20)), None);
    assert_eq!(next("limit=20", 20, None), Some("offset.20".to_owned()));
    assert_eq!(next("limit=20", 19, None), None);
    assert_eq!(next("limit=20&cursor=offset.20", 20, Some(41)), Some("offset.40".to_owned()));
    assert_eq!(parse("cursor=offset.20").expect("good").offset(), 20);
}
