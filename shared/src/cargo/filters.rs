//! The filters of the cargo list: validated together and converted to CargoTech's parameters.
//!
//! Equivalent searches produce the same query, so they share one cached list.
use std::collections::BTreeSet;

use jiff::{ToSpan, civil::Date};

use crate::error::FieldError;

/// The list's query, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Filters {
    start_point: Option<Point>,
    finish_point: Option<Point>,
    start_date: Option<Date>,
    my: bool,
    weight_volume: Option<WeightVolume>,
    load_types: BTreeSet<u32>,
    truck_types: BTreeSet<u32>,
    price: Option<Range>,
    price_per_km_min: Option<i64>,
    distance: Option<Range>,
    owner_inn: Option<String>,
    limit: i64,
    offset: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Point {
    id: i64,
    kind: i64,
    radius_km: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    min: i64,
    max: i64,
}

/// A pair of tonnes and cubic metres in CargoTech's format: `7.5-45`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct WeightVolume(String);

/// The categories a driver picks from: our id, CargoTech's pair, and what they are called. The pairs are fixed by the
/// specification, section 3.1.
pub const CATEGORIES: [(&str, Option<&str>, &str); 7] = [
    ("1_3", Some("1-15"), "до 1 т, до 15 м³"),
    ("3_5", Some("3-25"), "до 3 т, до 25 м³"),
    ("5_10", Some("5-40"), "до 5 т, до 40 м³"),
    ("10_15", Some("10-60"), "до 10 т, до 60 м³"),
    ("15_20", Some("15-65"), "до 15 т, до 65 м³"),
    ("20", Some("20-999"), "до 20 т, объём любой"),
    ("any", None, "Любой"),
];

/// The largest values that CargoTech's own client sends: 999 999 ₽, 999 ₽/km, 9999 km.
const MAX_PRICE_RUB: i64 = 999_999;
const MAX_PRICE_PER_KM_RUB: i64 = 999;
const MAX_DISTANCE_KM: i64 = 9_999;
/// A larger radius covers a country.
const MAX_RADIUS_KM: i64 = 1_000;
/// CargoTech never had as many cargos; further pages only cost its budget.
const MAX_OFFSET: i64 = 100_000;
/// How many types of one kind may be chosen; the dictionaries have fewer.
const MAX_TYPES: usize = 50;

/// The allowed query parameters of the list.
pub const NAMES: [&str; 19] = [
    "start_point_id",
    "start_point_type",
    "start_point_radius",
    "finish_point_id",
    "finish_point_type",
    "finish_point_radius",
    "start_date",
    "mode",
    "weight_volume",
    "load_types",
    "truck_types",
    "price_min",
    "price_max",
    "price_per_km_min",
    "distance_min",
    "distance_max",
    "owner_inn",
    "limit",
    "offset",
];

impl Filters {
    /// Parses a query: decoded names and values in any order. `today` is the date in UTC.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its field.
    pub fn parse(pairs: &[(String, String)], today: Date) -> Result<Self, Vec<FieldError>> {
        let mut query = Query { pairs, errors: Vec::new() };
        query.check_names();
        let start_point = query.point("start_point");
        let finish_point = query.point("finish_point");
        let filters = Self {
            start_point,
            finish_point,
            start_date: query.date("start_date", today),
            my: query.mode("mode"),
            weight_volume: query.weight_volume("weight_volume"),
            load_types: query.ids("load_types"),
            truck_types: query.ids("truck_types"),
            price: query.range("price_min", "price_max", MAX_PRICE_RUB),
            price_per_km_min: query.number("price_per_km_min", 0, MAX_PRICE_PER_KM_RUB).filter(|min| *min > 0),
            distance: query.range("distance_min", "distance_max", MAX_DISTANCE_KM),
            owner_inn: query.inn("owner_inn"),
            limit: query.number("limit", 1, 100).unwrap_or(20),
            offset: query.number("offset", 0, MAX_OFFSET).unwrap_or(0),
        };
        if query.errors.is_empty() { Ok(filters) } else { Err(query.errors) }
    }

    /// The exact parameters of `GET /v2/cargos/views` in a fixed order, without missing filters. Both the query sent
    /// and the name of the cached list.
    pub fn query(&self) -> Vec<(&'static str, String)> {
        let mut query = vec![
            ("include", "contacts".to_owned()),
            ("limit", self.limit.to_string()),
            ("offset", self.offset.to_string()),
            ("filter[mode]", if self.my { "my" } else { "all" }.to_owned()),
            ("filter[user_id]", "0".to_owned()),
        ];
        let points = [
            (&self.start_point, ["filter[start_point_id]", "filter[start_point_type]", "filter[start_point_radius]"]),
            (
                &self.finish_point,
                ["filter[finish_point_id]", "filter[finish_point_type]", "filter[finish_point_radius]"],
            ),
        ];
        for (point, [id, kind, radius]) in points {
            if let Some(point) = point {
                query.push((id, point.id.to_string()));
                query.push((kind, point.kind.to_string()));
                query.extend(point.radius_km.map(|km| (radius, km.to_string())));
            }
        }
        query.extend(self.start_date.map(|date| ("filter[start_date]", date.to_string())));
        query.extend(self.weight_volume.as_ref().map(|pair| ("filter[wv]", pair.0.clone())));
        for (name, ids) in [("filter[load_types]", &self.load_types), ("filter[truck_types]", &self.truck_types)] {
            if !ids.is_empty() {
                query.push((name, ids.iter().map(u32::to_string).collect::<Vec<_>>().join(",")));
            }
        }
        // CargoTech counts money in kopecks.
        query.extend(self.price.map(|price| ("filter[price]", format!("{},{}", price.min * 100, price.max * 100))));
        query.extend(
            self.price_per_km_min
                .map(|min| ("filter[price_per_km]", format!("{},{}", min * 100, MAX_PRICE_PER_KM_RUB * 100))),
        );
        query.extend(self.distance.map(|km| ("filter[distance]", format!("{},{}", km.min, km.max))));
        query.extend(self.owner_inn.as_ref().map(|inn| ("filter[owner_company]", inn.clone())));
        query
    }

    /// The page size.
    pub fn limit(&self) -> i64 {
        self.limit
    }

    /// The number of cargos before this page.
    pub fn offset(&self) -> i64 {
        self.offset
    }
}

struct Query<'a> {
    pairs: &'a [(String, String)],
    errors: Vec<FieldError>,
}

impl Query<'_> {
    fn error(&mut self, field: &str, code: &'static str, message: impl Into<String>) {
        self.errors.push(FieldError::new(field, code, message));
    }

    fn check_names(&mut self) {
        let mut seen = BTreeSet::new();
        for (name, _) in self.pairs {
            if !NAMES.contains(&name.as_str()) {
                self.error(name, "unknown", format!("There is no such filter. The filters are {}.", NAMES.join(", ")));
            } else if !seen.insert(name) {
                self.error(name, "repeated", "Send each filter once; several ids go into one, separated by commas.");
            }
        }
    }

    /// The value of a filter; empty counts as missing.
    fn value(&self, name: &str) -> Option<String> {
        self.pairs
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.trim().to_owned())
            .filter(|v| !v.is_empty())
    }

    fn number(&mut self, name: &str, min: i64, max: i64) -> Option<i64> {
        let value = self.value(name)?;
        let number = value.bytes().all(|b| b.is_ascii_digit()).then(|| value.parse::<i64>().unwrap_or(i64::MAX));
        match number {
            Some(number) if (min..=max).contains(&number) => Some(number),
            Some(_) => {
                self.error(name, "out_of_range", format!("Must be from {min} to {max}."));
                None
            }
            None => {
                self.error(name, "malformed", format!("Must be a whole number from {min} to {max}."));
                None
            }
        }
    }

    fn point(&mut self, prefix: &str) -> Option<Point> {
        let [id_name, kind_name, radius_name] = ["id", "type", "radius"].map(|part| format!("{prefix}_{part}"));
        let id = self.number(&id_name, 1, i64::from(u32::MAX));
        let kind = self.number(&kind_name, 0, 1_000);
        let radius_km = self.number(&radius_name, 0, MAX_RADIUS_KM);
        match (self.value(&id_name), self.value(&kind_name)) {
            (Some(_), None) => self.error(&kind_name, "missing", format!("Send the type that came with {id_name}.")),
            (None, Some(_)) => self.error(&id_name, "missing", format!("{kind_name} means nothing without {id_name}.")),
            (None, None) if self.value(&radius_name).is_some() => {
                self.error(&id_name, "missing", format!("{radius_name} means nothing without {id_name}."));
            }
            _ => {}
        }
        Some(Point { id: id?, kind: kind?, radius_km: radius_km.filter(|km| *km > 0) })
    }

    fn date(&mut self, name: &str, today: Date) -> Option<Date> {
        let value = self.value(name)?;
        let date = (value.len() == 10).then(|| value.parse::<Date>().ok()).flatten();
        let Some(date) = date else {
            self.error(name, "malformed", "Must be a date such as 2026-11-25.");
            return None;
        };
        // Yesterday in UTC may still be today in Kaliningrad, and tomorrow may already be today in Kamchatka.
        let earliest = today.checked_sub(1.day()).unwrap_or(today);
        let latest = today.checked_add(1.year()).unwrap_or(today);
        if date < earliest || date > latest {
            self.error(name, "out_of_range", "Must be from today to a year from now.");
            return None;
        }
        Some(date)
    }

    fn mode(&mut self, name: &str) -> bool {
        match self.value(name).as_deref() {
            None | Some("all") => false,
            Some("my") => true,
            Some(_) => {
                self.error(name, "malformed", "Must be my or all.");
                false
            }
        }
    }

    fn weight_volume(&mut self, name: &str) -> Option<WeightVolume> {
        let value = self.value(name)?;
        if let Some((_, pair, _)) = CATEGORIES.iter().find(|(id, ..)| *id == value) {
            return pair.map(|pair| WeightVolume(pair.to_owned()));
        }
        let Some((tonnes, m3)) = value.split_once('-').and_then(|(t, m)| Some((hundredths(t)?, hundredths(m)?))) else {
            let ids = CATEGORIES.map(|(id, ..)| id).join(", ");
            self.error(name, "malformed", format!("Must be one of {ids}, or tonnes and cubic metres such as 7.5-45."));
            return None;
        };
        if !(10..=100_000).contains(&tonnes) || !(10..=20_000).contains(&m3) {
            self.error(name, "out_of_range", "Must be from 0.1 to 1000 tonnes and from 0.1 to 200 cubic metres.");
            return None;
        }
        Some(WeightVolume(format!("{}-{}", plain(tonnes), plain(m3))))
    }

    fn ids(&mut self, name: &str) -> BTreeSet<u32> {
        let Some(value) = self.value(name) else {
            return BTreeSet::new();
        };
        let ids = value
            .split(',')
            .map(|id| id.trim().parse::<u32>().ok().filter(|id| *id > 0 && !value.contains('+')))
            .collect::<Option<BTreeSet<_>>>();
        match ids {
            Some(ids) if ids.len() <= MAX_TYPES => ids,
            Some(_) => {
                self.error(name, "out_of_range", format!("At most {MAX_TYPES} ids."));
                BTreeSet::new()
            }
            None => {
                self.error(name, "malformed", "Must be ids from the dictionary, separated by commas: 1,2,3.");
                BTreeSet::new()
            }
        }
    }

    fn range(&mut self, min_name: &str, max_name: &str, most: i64) -> Option<Range> {
        let min = self.number(min_name, 0, most);
        let max = self.number(max_name, 0, most);
        let range = Range { min: min.unwrap_or(0), max: max.unwrap_or(most) };
        if range.min > range.max {
            self.error(min_name, "out_of_range", format!("Must not be above {max_name}."));
        }
        (range != Range { min: 0, max: most }).then_some(range)
    }

    fn inn(&mut self, name: &str) -> Option<String> {
        let value = self.value(name)?;
        if matches!(value.len(), 10 | 12) && value.bytes().all(|b| b.is_ascii_digit()) {
            return Some(value);
        }
        self.error(name, "malformed", "Must be 10 or 12 digits.");
        None
    }
}

/// A decimal with at most two places, in hundredths.
fn hundredths(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole, 4) || !digits(part, 2) {
        return None;
    }
    let part = part.parse::<i64>().ok()? * if part.len() == 1 { 10 } else { 1 };
    Some(whole.parse::<i64>().ok()? * 100 + part)
}

fn plain(hundredths: i64) -> String {
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

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
        let expected = [
            ("include", "contacts"),
            ("limit", "20"),
            ("offset", "0"),
            ("filter[mode]", "all"),
            ("filter[user_id]", "0"),
        ];
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
        for (id, pair) in [
            ("1_3", "1-15"),
            ("3_5", "3-25"),
            ("5_10", "5-40"),
            ("10_15", "10-60"),
            ("15_20", "15-65"),
            ("20", "20-999"),
        ] {
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
}
