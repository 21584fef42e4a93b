//! What CargoTech sends, made into our own types at the edge. There are two shapes of a cargo (nested in captured
//! traffic, flat in the specification); both are read here and nowhere else is aware of them.
//!
//! A field of an unexpected type is as good as missing; a cargo without an id is left out; an answer that is no list
//! of cargos at all is an error.
use jiff::{
    ToSpan as _,
    civil::{Date, Time},
};
use serde_json::Value;

use crate::{
    cargo::{Cargo, CargoId, Contact, Extra, HIGHEST_PRICE_RUB, Kind, Money, Place, Shipper},
    phone,
    text::{cut, lines, one_line, without_html},
};

/// No list is longer: more is a number that went wrong.
const LONGEST_LIST: i64 = 10_000_000;
/// Half the way round the earth and back.
const LONGEST_ROAD_KM: i64 = 50_000;
/// A whole shipload of grain, which is offered in parts.
const HEAVIEST_KG: f64 = 1e8;
/// The same, as foam.
const LARGEST_M3: f64 = 1e6;
/// What JavaScript's numbers hold exactly, so that an id comes back as it went out.
const HIGHEST_ID: i64 = (1 << 53) - 1;
/// Before it nobody loads anything: such dates are what programs write for none.
const FIRST_YEAR: i16 = 2000;
/// Nobody loads later than so many years from now.
const YEARS_AHEAD: i32 = 2;

/// What a text of one line may have, in UTF-16 units: names, addresses, what is carried. Real ones have a third of it. Some stand in
/// messages, which Telegram bounds, and all are kept with a response.
const LINE: usize = 200;
/// The name of a city. A route is two of them.
const CITY: usize = 100;
/// A note: nobody reads more on a phone.
const NOTE: usize = 4000;
/// A number, or what stands in its place.
const NUMBER: usize = 60;
/// An address on the web.
const URL: usize = 2000;
/// A partner's own data, bytes of JSON.
const OBJECT: usize = 8192;
/// Entries of a list within a cargo: truck types, contacts, phones of one of them.
const MOST: usize = 30;

/// A page of the list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// How many rows it has, the unreadable ones included.
    pub rows: usize,
    /// The cargos of this page.
    pub cargos: Vec<Cargo>,
    /// How many there are in all, when CargoTech says.
    pub total: Option<i64>,
}

/// One entry of a dictionary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// CargoTech's id.
    pub id: i64,
    /// The name.
    pub name: String,
    /// The short name of a truck or load type.
    pub short_name: Option<String>,
    /// The type of a point, which a filter must repeat.
    pub kind: Option<i64>,
}

/// Reads an answer of `GET /v2/cargos/views`; `None` when it is no list of cargos.
pub fn page(answer: &Value, today: Date) -> Option<Page> {
    let items = answer.get("data").or_else(|| answer.get("items")).unwrap_or(answer).as_array()?;
    let cargos = items.iter().filter_map(|item| cargo(item, today)).collect::<Vec<_>>();
    if cargos.len() < items.len() {
        tracing::warn!(items = items.len(), read = cargos.len(), "CargoTech sent cargos that cannot be read");
        if cargos.is_empty() {
            return None;
        }
    }
    let total = answer.pointer("/meta/size").or_else(|| answer.get("total")).and_then(integer);
    Some(Page { rows: items.len(), cargos, total: total.filter(|total| (0..=LONGEST_LIST).contains(total)) })
}

/// Reads an answer of `GET /v1/carrier/cargos/{id}`; `None` when it is no cargo.
pub fn detail(answer: &Value, today: Date) -> Option<Cargo> {
    cargo(answer.get("data").unwrap_or(answer), today)
}

/// Reads a dictionary; `None` when it is none.
pub fn entries(answer: &Value) -> Option<Vec<Entry>> {
    let items = answer.get("data").unwrap_or(answer).as_array()?;
    let entries = items
        .iter()
        .filter_map(|item| {
            Some(Entry {
                id: integer(item.get("id")?).filter(|id| (0..=HIGHEST_ID).contains(id))?,
                name: line(item.get("name"))?,
                short_name: line(item.get("short_name")),
                kind: item.get("type").and_then(integer).filter(|kind| (0..=HIGHEST_ID).contains(kind)),
            })
        })
        .collect::<Vec<_>>();
    (entries.is_empty() == items.is_empty()).then_some(entries)
}

/// Reads the token of a login; `None` when there is none.
pub fn token(answer: &Value) -> Option<String> {
    text(answer.pointer("/data/token")).filter(|token| token.bytes().all(|b| b.is_ascii_graphic()))
}

fn cargo(item: &Value, today: Date) -> Option<Cargo> {
    let id = match item.get("id")? {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return None,
    };
    let id = CargoId::parse(&id)?.as_str().to_owned();
    let extra = item.get("extra").unwrap_or(&Value::Null);
    let nested = item.get("points").is_some();
    let shape = if nested { nested_fields(item, today) } else { flat_fields(item, today) };
    Some(Cargo {
        id,
        title: line(item.get("title")),
        weight_kg: positive(item.get("weight"), HEAVIEST_KG),
        volume_m3: positive(item.get("volume"), LARGEST_M3),
        note: text(extra.get("note"))
            .map(|note| cut(&lines(&without_html(&note)), NOTE))
            .filter(|note| !note.is_empty()),
        extra: Extra {
            external_inn: line(extra.get("external_inn")),
            custom_cargo_type: line(extra.get("custom_cargo_type")),
            krugoreis: flag(extra.get("krugoreis")),
            partial_load: flag(extra.get("partial_load")),
            note_valid: flag(extra.get("note_valid")),
            is_delete_from_archive: flag(extra.get("is_delete_from_archive")),
            // An address is shown as a link, so only one that is safe to follow.
            url: text(extra.get("url")).filter(|url| url.starts_with("https://") && url.len() <= URL),
            integrate: object(extra.get("integrate")),
            integrate_contacts: object(extra.get("integrate_contacts")),
        },
        ..shape
    })
}

/// Captured traffic: cities inside `points`, money in kopecks.
fn nested_fields(item: &Value, today: Date) -> Cargo {
    let kopecks = |name| item.get(name).and_then(number).map(f64::round).filter(|price| *price > 0.0);
    let price = kopecks("price_carrier").or_else(|| kopecks("price"));
    let end = |name| item.pointer(&format!("/points/{name}")).map(|end| point(end, today)).unwrap_or_default();
    let shipper = Shipper {
        name: line(item.pointer("/shipper/name")).or_else(|| line(item.pointer("/company/name"))),
        inn: line(item.pointer("/shipper/inn")),
    };
    Cargo {
        from: end("start"),
        to: end("finish"),
        distance_km: distance(item),
        price: price.and_then(sensible),
        truck_types: kinds(item.get("truck_types")),
        load_types: kinds(item.get("load_types")),
        cargo_type: line(item.pointer("/cargo_type/name")).or_else(|| line(item.pointer("/extra/custom_cargo_type"))),
        shipper: (shipper.name.is_some() || shipper.inn.is_some()).then_some(shipper),
        contacts: item.get("contacts").and_then(Value::as_array).map(|list| contacts(list)).unwrap_or_default(),
        ..Cargo::default()
    }
}

/// The specification: plain fields, money in rubles.
fn flat_fields(item: &Value, today: Date) -> Cargo {
    let end = |city: &str, address: &str, date: &str| Place {
        city: city_name(item.get(city)).unwrap_or_default(),
        address: line(item.get(address)),
        date: local_time(item.get(date), today),
        ..Place::default()
    };
    let price = item.get("price").and_then(number).map(|rubles| (rubles * 100.0).round());
    let contact = item.get("shipper_contact");
    let shipper = line(item.get("shipper_name"));
    Cargo {
        from: end("pickup_city", "pickup_address", "pickup_date"),
        to: end("delivery_city", "delivery_address", "delivery_date"),
        distance_km: distance(item),
        price: price.and_then(sensible),
        truck_types: kinds(item.get("truck_types")),
        load_types: kinds(item.get("load_types")),
        cargo_type: line(item.get("cargo_type")).or_else(|| line(item.pointer("/extra/custom_cargo_type"))),
        contacts: contact.and_then(phone).map(|phone| contact_of(shipper.clone(), &[phone])).into_iter().collect(),
        shipper: shipper.map(|name| Shipper { name: Some(name), inn: line(item.pointer("/extra/external_inn")) }),
        ..Cargo::default()
    }
}

fn point(point: &Value, today: Date) -> Place {
    Place {
        city: city_name(point.pointer("/city/name")).or_else(|| city_name(point.get("city"))).unwrap_or_default(),
        address: line(point.get("address")),
        date: local_time(point.get("first_date"), today),
        ..Place::default()
    }
}

/// A price that means something. A greater one is not replaced by another field's: what is promised to the carrier is then
/// not known.
fn sensible(kopecks: f64) -> Option<Money> {
    #[allow(clippy::cast_possible_truncation)] // a float to i64 saturates
    let kopecks = kopecks as i64;
    Money::from_kopecks(kopecks).filter(|price| price.kopecks() / 100 <= HIGHEST_PRICE_RUB)
}

fn distance(item: &Value) -> Option<i64> {
    item.get("distance").and_then(integer).filter(|km| (1..=LONGEST_ROAD_KM).contains(km))
}

fn contacts(list: &[Value]) -> Vec<Contact> {
    list.iter()
        .take(MOST)
        .map(|contact| {
            let several = contact.get("phones").and_then(Value::as_array).into_iter().flatten();
            let written: Vec<_> = several.chain(contact.get("phone")).take(MOST).filter_map(phone).collect();
            contact_of(line(contact.get("name")), &written)
        })
        .filter(|contact| contact.name.is_some() || !contact.phones.is_empty())
        .collect()
}

/// Whom to call. A field may hold several numbers, and the name of who answers.
fn contact_of(name: Option<String>, written: &[String]) -> Contact {
    let mut names: Vec<String> = name.into_iter().collect();
    let mut phones: Vec<String> = Vec::new();
    for written in written {
        let found = phone::find(written);
        if found.rest.contains(char::is_alphabetic) && !found.phones.is_empty() && !names.contains(&found.rest) {
            names.push(found.rest);
        }
        let readable = found.phones.iter().map(ToString::to_string);
        let as_written = found.phones.is_empty().then(|| cut(&one_line(written), NUMBER));
        for phone in readable.chain(as_written) {
            if !phone.is_empty() && !phones.contains(&phone) {
                phones.push(phone);
            }
        }
    }
    Contact { name: (!names.is_empty()).then(|| cut(&names.join(", "), LINE)), phones }
}

/// A phone is a text, a number, or an object around one.
fn phone(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(integer(value).map_or_else(|| number.to_string(), |number| number.to_string())),
        Value::Object(object) => object.get("phone").or_else(|| object.get("number")).and_then(phone),
        other => text(Some(other)).map(|text| cut(&without_html(&text), LINE)),
    }
}

fn kinds(list: Option<&Value>) -> Vec<Kind> {
    let list = list.and_then(Value::as_array).into_iter().flatten();
    let kind = |item: &Value| {
        let id = item.get("id").and_then(integer).and_then(|id| u32::try_from(id).ok());
        Some(Kind { id, name: line(item.get("name")).or_else(|| line(Some(item)))? })
    };
    list.filter_map(kind).take(MOST).collect()
}

/// Dates end in a false `Z`: they are the local clock time of the place. Midnight is a date without a time, and a date that
/// nobody loads on is none.
fn local_time(written: Option<&Value>, today: Date) -> Option<String> {
    let written = text(written)?;
    let (date, time) = written.split_once(['T', ' ']).unwrap_or((written.trim_end_matches(['Z', 'z']), ""));
    let date: Date = date.parse().ok()?;
    if date.year() < FIRST_YEAR || date > today.saturating_add(YEARS_AHEAD.years()) {
        return None;
    }
    let time = time.split(['.', '+', '-', 'Z', 'z']).next().unwrap_or_default().trim();
    match time.parse::<Time>() {
        Ok(time) if time != Time::midnight() => Some(format!("{date}T{}", time.strftime("%H:%M:%S"))),
        _ => Some(date.to_string()),
    }
}

fn text(value: Option<&Value>) -> Option<String> {
    let text = value?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// A text on one line. It was typed into the forms of many partners, and some hand on what their page made of it.
fn line(value: Option<&Value>) -> Option<String> {
    line_of(value, LINE)
}

fn city_name(value: Option<&Value>) -> Option<String> {
    line_of(value, CITY)
}

fn line_of(value: Option<&Value>, most: usize) -> Option<String> {
    let line = one_line(&without_html(&text(value)?));
    (!line.is_empty()).then(|| cut(&line, most))
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok()).filter(|number: &f64| number.is_finite())
}

fn positive(value: Option<&Value>, most: f64) -> Option<f64> {
    value.and_then(number).filter(|number| *number > 0.0 && *number <= most)
}

#[allow(clippy::cast_possible_truncation)] // a float to i64 saturates
fn integer(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| number(value).map(|number| number.round() as i64))
}

fn flag(value: Option<&Value>) -> bool {
    matches!(value, Some(Value::Bool(true))) || value.and_then(Value::as_i64) == Some(1)
}

fn object(value: Option<&Value>) -> Option<Value> {
    value.filter(|value| value.is_object() && value.to_string().len() <= OBJECT).cloned()
}

#[cfg(test)]
mod tests;
