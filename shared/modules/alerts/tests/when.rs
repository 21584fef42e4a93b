//! Quiet hours, limits and digests, also where clocks change.
use alerts::{KEPT, Mode, Pace, Quiet, Told};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use proptest::{prelude::*, sample::select};

/// Moscow and its neighbours: with and without summer time, and with quarters of an hour.
const ZONES: [&str; 7] = [
    "Europe/Moscow",
    "Europe/Kyiv",
    "Europe/Chisinau",
    "Europe/Warsaw",
    "Asia/Almaty",
    "Asia/Vladivostok",
    "Asia/Kathmandu",
];

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).expect("a zone")
}

fn at(time: &str) -> Timestamp {
    time.parse().expect("a time")
}

fn at_once(zone_name: &str, quiet: Option<(i8, i8)>, per_hour: usize) -> Pace {
    let quiet = quiet.map(|(from, to)| Quiet { from, to });
    Pace { mode: Mode::Instant, quiet, per_hour, zone: zone(zone_name) }
}

fn digest(zone_name: &str, hour: i8) -> Pace {
    Pace { mode: Mode::Digest { hour }, quiet: None, per_hour: 10, zone: zone(zone_name) }
}

#[test]
fn quiet_hours_are_those_of_the_driver() {
    let due = |zone, quiet, now| at_once(zone, Some(quiet), 10).due(at(now), &[]).expect("a time").to_string();
    // 23:30 in Moscow waits until 7:00 there; in Vladivostok it is morning.
    assert_eq!(due("Europe/Moscow", (22, 7), "2026-11-30T20:30:00Z"), "2026-12-01T04:00:00Z");
    assert_eq!(due("Asia/Vladivostok", (22, 7), "2026-11-30T21:30:00Z"), "2026-11-30T21:30:00Z");
    assert_eq!(due("Europe/Moscow", (22, 7), "2026-12-01T03:59:59Z"), "2026-12-01T04:00:00Z");
    assert_eq!(due("Europe/Moscow", (22, 7), "2026-12-01T04:00:00Z"), "2026-12-01T04:00:00Z");
    assert_eq!(due("Europe/Moscow", (12, 14), "2026-12-01T09:15:00Z"), "2026-12-01T11:00:00Z");
    assert_eq!(due("Europe/Moscow", (9, 9), "2026-12-01T06:15:00Z"), "2026-12-01T06:15:00Z");
}

#[test]
fn clocks_that_change_make_a_night_longer_or_shorter() {
    let due = |now| at_once("Europe/Kyiv", Some((22, 7)), 10).due(at(now), &[]).expect("a time").to_string();
    // Summer time begins on 29 March 2026 at 3:00 and ends on 25 October at 4:00.
    assert_eq!(due("2026-03-28T21:00:00Z"), "2026-03-29T04:00:00Z");
    assert_eq!(due("2026-03-29T21:00:00Z"), "2026-03-30T04:00:00Z");
    assert_eq!(due("2026-10-24T20:00:00Z"), "2026-10-25T05:00:00Z");
    // The hour of the digest is skipped: it comes when the clock has skipped it.
    assert_eq!(digest("Europe/Kyiv", 3).due(at("2026-03-28T23:00:00Z"), &[]), Some(at("2026-03-29T01:00:00Z")));
    // The hour comes twice: the digest comes with the first.
    assert_eq!(digest("Europe/Kyiv", 3).due(at("2026-10-24T22:00:00Z"), &[]), Some(at("2026-10-25T00:00:00Z")));
}

#[test]
fn a_full_hour_waits_and_what_is_off_never_comes() {
    let now = at("2026-12-01T09:00:00Z");
    let sent = ["2026-12-01T08:10:00Z", "2026-12-01T08:30:00Z"].map(at);
    assert_eq!(at_once("Europe/Moscow", None, 3).due(now, &sent), Some(now));
    assert_eq!(at_once("Europe/Moscow", None, 2).due(now, &sent), Some(at("2026-12-01T09:10:00Z")));
    // The hour has room at 9:10, which is quiet.
    assert_eq!(at_once("Europe/Moscow", Some((12, 13)), 2).due(now, &sent), Some(at("2026-12-01T10:00:00Z")));
    assert_eq!(at_once("Europe/Moscow", None, 0).due(now, &sent), None);
    assert_eq!(Pace { mode: Mode::Off, ..digest("Europe/Moscow", 8) }.due(now, &sent), None);
}

proptest! {
    #[test]
    fn nobody_is_woken_or_told_too_often(
        name in select(ZONES.to_vec()), from in 0i8..24, to in 0i8..24, per_hour in 1usize..5,
        start in 1_770_000_000i64..1_800_000_000, steps in proptest::collection::vec(0i64..7_200, 1..60),
    ) {
        let pace = at_once(name, Some((from, to)), per_hour);
        let (mut now, mut sent) = (Timestamp::from_second(start).unwrap(), Vec::new());
        for step in steps {
            now += SignedDuration::from_secs(step);
            let due = pace.due(now, &sent).expect("a time");
            prop_assert!(due >= now);
            let hour = due.to_zoned(pace.zone.clone()).hour();
            let is_quiet = if from <= to { (from..to).contains(&hour) } else { hour >= from || hour < to };
            prop_assert!(!is_quiet, "{due} is {hour} o'clock there");
            let within = sent.iter().filter(|before| due.duration_since(**before) < SignedDuration::from_hours(1)).count();
            prop_assert!(within < per_hour);
            now = due;
            sent.push(due);
        }
    }

    #[test]
    fn a_digest_comes_at_its_hour_within_a_day(
        name in select(ZONES.to_vec()), hour in 0i8..24, now in 1_770_000_000i64..1_800_000_000,
    ) {
        let now = Timestamp::from_second(now).unwrap();
        let pace = digest(name, hour);
        let due = pace.due(now, &[]).expect("a time");
        prop_assert!(due >= now && due.duration_since(now) <= SignedDuration::from_hours(25));
        let there = due.to_zoned(pace.zone.clone());
        // Only where the hour is skipped it is another.
        prop_assert!(there.hour() == hour || there.hour() == hour + 1, "{there}");
        prop_assert_eq!(pace.due(due, &[]), Some(due), "the same one, when it is asked again");
    }

    #[test]
    fn a_cargo_is_told_once_and_again_only_when_it_pays_clearly_more(
        prices in proptest::collection::vec((0u64..40, 0i64..2_000_000), 0..200), price_rises: bool,
    ) {
        let mut told = Told::default();
        let mut last = std::collections::BTreeMap::new();
        for (id, kopecks) in prices {
            let expected = match last.get(&id) {
                None => true,
                Some(before) => price_rises && *before > 0 && kopecks as f64 >= *before as f64 * 1.05,
            };
            prop_assert_eq!(told.is_news(id, kopecks, price_rises), expected, "{} kopecks", kopecks);
            if expected {
                told.add(id, kopecks);
                last.insert(id, kopecks);
            }
        }
        prop_assert_eq!(told.len(), last.len());
    }
}

#[test]
fn the_oldest_are_forgotten() {
    let mut told = Told::default();
    for id in 0..=KEPT as u64 {
        told.add(id, 1);
    }
    assert_eq!((told.len(), told.is_empty()), (KEPT, false));
    assert!(told.is_news(0, 1, false) && !told.is_news(1, 1, false));
}
