//! The two wire shapes of a cargo, with the traps that captured traffic has:
//! - ids are numbers in most answers and strings in some;
//! - the nested shape's prices are kopecks, the flat one's rubles;
//! - dates are local clock time with a `Z` that is not true;
//! - a contact has either `phone` or `phones`, or none;
//! - the note is only in the detail.

use fastrand::Rng;
use jiff::civil::DateTime;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::catalog::{Cargo, Catalog};
use super::cities::City;
use super::companies::{Person, person};
use super::notes::{Note, note};
use super::points::{CITY, Point};
use super::stream;
use super::vocabulary::{CARGO_KINDS, LOAD_TYPES, TRUCK_TYPES, Term, selected};

/// Which wire shape cargos are sent in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// As in captured traffic.
    Nested,
    /// As in the specification.
    Flat,
    /// Both by turns.
    Mixed,
}

/// One page of a list.
pub struct Page<'a> {
    /// Its cargos.
    pub cargos: Vec<&'a Cargo>,
    /// How many there are on all pages.
    pub total: usize,
    /// As asked for.
    pub limit: usize,
    /// As asked for.
    pub offset: usize,
    /// Whether contacts were asked for.
    pub contacts: bool,
}

/// An id that is a number or a string of digits.
#[derive(Serialize)]
#[serde(untagged)]
enum Id {
    Number(u64),
    Text(String),
}

impl Id {
    fn new(id: u64, as_text: bool) -> Id {
        if as_text { Id::Text(id.to_string()) } else { Id::Number(id) }
    }
}

// PHP writes a whole number without its fraction.
fn volume<S: Serializer>(volume: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if volume.fract() == 0.0 { serializer.serialize_u64(*volume as u64) } else { serializer.serialize_f64(*volume) }
}

#[derive(Serialize)]
struct Nested<'a> {
    id: Id,
    distance: u32,
    weight: u32,
    #[serde(serialize_with = "volume")]
    volume: f64,
    price: Option<u64>,
    price_carrier: Option<u64>,
    points: Points,
    load_types: Vec<Named>,
    truck_types: Vec<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contacts: Option<Vec<Contact>>,
    #[serde(flatten)]
    detail: Option<NestedDetail<'a>>,
}

/// What only the detail has.
#[derive(Serialize)]
struct NestedDetail<'a> {
    shipper: Option<Shipper<'a>>,
    company: Option<CompanyName<'a>>,
    cargo_type: Option<CargoType>,
    extra: Extra,
}

#[derive(Serialize)]
struct Shipper<'a> {
    name: &'a str,
    inn: &'a str,
}

#[derive(Serialize)]
struct CompanyName<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct CargoType {
    name: &'static str,
}

#[derive(Serialize)]
struct Points {
    start: Stop,
    finish: Stop,
}

#[derive(Serialize)]
struct Stop {
    city: StopCity,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    first_date: Option<String>,
}

#[derive(Serialize)]
struct StopCity {
    id: Id,
    name: &'static str,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<u32>,
}

/// An entry of the truck types or load types dictionary.
#[derive(Serialize)]
pub struct Named {
    id: Id,
    name: &'static str,
    short_name: &'static str,
}

#[derive(Serialize)]
struct Contact {
    #[serde(rename = "type")]
    kind: &'static str,
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phones: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Extra {
    // Absent, null or a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<Option<String>>,
    external_inn: Option<String>,
    custom_cargo_type: Option<&'static str>,
    integrate: Option<Value>,
    is_delete_from_archive: bool,
    krugoreis: bool,
    partial_load: bool,
    note_valid: bool,
    integrate_contacts: Option<Value>,
    url: Option<String>,
}

#[derive(Serialize)]
struct Flat<'a> {
    id: Id,
    title: String,
    weight: u32,
    #[serde(serialize_with = "volume")]
    volume: f64,
    pickup_city: &'static str,
    delivery_city: &'static str,
    pickup_address: Option<String>,
    delivery_address: Option<String>,
    price: Option<f64>,
    shipper_name: Option<&'a str>,
    shipper_contact: Option<String>,
    cargo_type: &'static str,
    created_at: String,
    extra: Extra,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Item<'a> {
    Nested(Box<Nested<'a>>),
    Flat(Box<Flat<'a>>),
}

#[derive(Serialize)]
struct List<'a> {
    data: Vec<Item<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<Meta>,
    #[serde(flatten)]
    total: Option<Total>,
}

#[derive(Serialize)]
struct Meta {
    limit: usize,
    offset: usize,
    size: usize,
}

#[derive(Serialize)]
struct Total {
    total: usize,
    limit: usize,
    offset: usize,
}

/// The answer of a list. With `with_total` off nothing tells how many cargos there are.
pub fn list(catalog: &Catalog, page: &Page<'_>, shape: Shape, with_total: bool) -> impl Serialize {
    let &Page { total, limit, offset, contacts, .. } = page;
    let data = page.cargos.iter().enumerate().map(|(index, cargo)| {
        if shape == Shape::Flat || shape == Shape::Mixed && (offset + index) % 2 == 1 {
            Item::Flat(Box::new(flat(catalog, cargo, false)))
        } else {
            Item::Nested(Box::new(nested(cargo, contacts, None)))
        }
    });
    let flat = shape == Shape::Flat;
    List {
        data: data.collect(),
        meta: (with_total && !flat).then_some(Meta { limit, offset, size: total }),
        total: (with_total && flat).then_some(Total { total, limit, offset }),
    }
}

#[derive(Serialize)]
struct Detail<'a> {
    data: Item<'a>,
}

/// The answer of a detail. In the mixed shape cargos with an odd id are flat.
pub fn detail(catalog: &Catalog, cargo: &Cargo, shape: Shape, contacts: bool) -> impl Serialize {
    let is_flat = shape == Shape::Flat || shape == Shape::Mixed && cargo.id % 2 == 1;
    let data = if is_flat {
        Item::Flat(Box::new(flat(catalog, cargo, true)))
    } else {
        Item::Nested(Box::new(nested(cargo, contacts, Some(nested_detail(catalog, cargo)))))
    };
    Detail { data }
}

fn nested<'a>(cargo: &Cargo, contacts: bool, detail: Option<NestedDetail<'a>>) -> Nested<'a> {
    Nested {
        // The list and the detail do not agree on which ids are strings.
        id: Id::new(cargo.id, cargo.seed.is_multiple_of(if detail.is_some() { 7 } else { 11 })),
        distance: cargo.distance_km,
        weight: cargo.weight_kg,
        volume: cargo.volume_m3,
        price: cargo.price.total,
        price_carrier: cargo.price.carrier,
        points: Points {
            start: stop(cargo, cargo.start(), Some(cargo.load_at), stream::START),
            finish: stop(cargo, cargo.finish(), cargo.unload_at, stream::FINISH),
        },
        load_types: dictionary(selected(LOAD_TYPES, cargo.loads)),
        truck_types: dictionary(selected(TRUCK_TYPES, cargo.trucks)),
        contacts: contacts.then(|| contact_list(cargo)),
        detail,
    }
}

fn nested_detail<'a>(catalog: &'a Catalog, cargo: &Cargo) -> NestedDetail<'a> {
    let rng = &mut cargo.rng(stream::COMPANY);
    let shipper = cargo.shipper.map(|shipper| &catalog.companies[shipper]);
    let forwarder = &catalog.companies[rng.usize(..catalog.companies.len())];
    NestedDetail {
        shipper: shipper.map(|shipper| Shipper { name: &shipper.name, inn: &shipper.inn }),
        company: match rng.u32(..10) {
            0 => None,
            1..=4 => Some(CompanyName { name: &forwarder.name }),
            _ => shipper.map(|shipper| CompanyName { name: &shipper.name }),
        },
        cargo_type: (rng.u32(..20) > 0).then_some(CargoType { name: CARGO_KINDS[cargo.kind].0 }),
        extra: extra(cargo, true),
    }
}

fn flat<'a>(catalog: &'a Catalog, cargo: &Cargo, in_detail: bool) -> Flat<'a> {
    let people = people(cargo);
    Flat {
        id: Id::new(cargo.id, cargo.seed.is_multiple_of(11)),
        title: format!("{}, {} — {}", CARGO_KINDS[cargo.kind].0, cargo.start().name, cargo.finish().name),
        weight: cargo.weight_kg,
        volume: cargo.volume_m3,
        pickup_city: cargo.start().name,
        delivery_city: cargo.finish().name,
        pickup_address: address(&mut cargo.rng(stream::START)),
        delivery_address: address(&mut cargo.rng(stream::FINISH)),
        price: cargo.price.carrier.or(cargo.price.total).map(|kopecks| kopecks as f64 / 100.0),
        shipper_name: cargo.shipper.map(|shipper| catalog.companies[shipper].name.as_str()),
        shipper_contact: people.first().map(|person| format!("{}, {}", person.full_name, person.phone(5))),
        cargo_type: CARGO_KINDS[cargo.kind].0,
        created_at: false_zulu(created_at(cargo), true),
        extra: extra(cargo, in_detail),
    }
}

fn created_at(cargo: &Cargo) -> DateTime {
    super::catalog::clock_in(cargo.start(), cargo.created_minute)
}

/// Local clock time as CargoTech writes it: marked as UTC, which it is not.
fn false_zulu(at: DateTime, with_fraction: bool) -> String {
    let fraction = if with_fraction { ".000000" } else { "" };
    format!("{at}{fraction}Z")
}

fn stop(cargo: &Cargo, city: &'static City, at: Option<DateTime>, aspect: u64) -> Stop {
    Stop {
        city: StopCity {
            id: Id::new(city.id.into(), (cargo.seed ^ aspect).is_multiple_of(13)),
            name: city.name,
            kind: (!(cargo.seed ^ aspect).is_multiple_of(5)).then_some(CITY),
        },
        address: address(&mut cargo.rng(aspect)),
        first_date: at.map(|at| false_zulu(at, !cargo.seed.is_multiple_of(8))),
    }
}

const STREETS: &[&str] = &[
    "ул. Промышленная",
    "ул. Складская",
    "ул. Заводская",
    "ул. Ленина",
    "пр-т Мира",
    "ул. Индустриальная",
    "Северное шоссе",
    "ул. Элеваторная",
    "ул. 50 лет Октября",
    "Объездная дорога",
];
const SITES: &[&str] = &[
    "промзона Северная",
    "логопарк «Восток»",
    "РЦ №3",
    "склад у ж/д станции",
    "терминал, ворота 14",
    "база Сельхозтехника",
];

fn address(rng: &mut Rng) -> Option<String> {
    let street = STREETS[rng.usize(..STREETS.len())];
    let site = SITES[rng.usize(..SITES.len())];
    let house = rng.u32(1..180);
    match rng.u32(..10) {
        0..3 => None,
        3..7 => Some(format!("{street}, {house}")),
        7 => Some(format!("{street}, д. {house}, стр. {}", 1 + house % 6)),
        8 => Some(site.to_owned()),
        _ => Some(format!("{site}, {street} {house}")),
    }
}

/// Entries as they are sent; one id of each dictionary is a string.
pub fn dictionary<'a>(terms: impl IntoIterator<Item = &'a Term>) -> Vec<Named> {
    let named = |term: &'a Term| Named {
        id: Id::new(term.id.into(), term.id == 2),
        name: term.name,
        short_name: term.short_name,
    };
    terms.into_iter().map(named).collect()
}

/// The answer of the points dictionary.
pub fn points(found: &[&Point], limit: usize, offset: usize) -> Value {
    let data: Vec<Value> = found
        .iter()
        .skip(offset)
        .take(limit)
        .map(
            |point| json!({"id": Id::new(point.id.into(), point.id % 17 == 0), "name": point.name, "type": point.kind}),
        )
        .collect();
    json!({"data": data, "meta": {"limit": limit, "offset": offset, "size": found.len()}})
}

// The same people in the list, the detail and the note.
fn people(cargo: &Cargo) -> Vec<Person> {
    let rng = &mut cargo.rng(stream::PEOPLE);
    let count = match rng.u32(..100) {
        0..4 => usize::from(cargo.has_phone),
        4..64 => 1,
        64..92 => 2,
        _ => 3,
    };
    (0..count).map(|_| person(rng)).collect()
}

fn contact_list(cargo: &Cargo) -> Vec<Contact> {
    let rng = &mut cargo.rng(stream::CONTACT);
    people(cargo)
        .into_iter()
        .map(|person| {
            let kind = ["broker", "company", "broker", "manager", "external"][rng.usize(..5)];
            let style = rng.u32(..12);
            let (phone, phones) = match rng.u32(..100) {
                0..56 => (Some(person.phone(style)), None),
                56..80 => (None, Some(vec![person.phone(style)])),
                // The same number twice, written in two ways.
                80..90 => (None, Some(vec![person.phone(style), person.phone(style + 5)])),
                90..95 => (None, Some(vec![person.phone(style), super::companies::person(rng).phone(0)])),
                95..97 if !cargo.has_phone => (None, Some(Vec::new())),
                _ if !cargo.has_phone => (None, None),
                _ => (Some(person.phone(style)), None),
            };
            let name = (rng.u32(..100) < 92).then(|| person.full_name.clone());
            Contact { kind, name, phone, phones }
        })
        .collect()
}

fn extra(cargo: &Cargo, in_detail: bool) -> Extra {
    let rng = &mut cargo.rng(stream::EXTRA);
    let note = note(cargo, people(cargo).first());
    let partner = rng.u32(..100) < 40;
    let number = rng.u32(100_000..999_999);
    Extra {
        note_valid: matches!(&note, Note::Text(text) if !text.is_empty()),
        note: match note {
            // Never in a list, of either shape.
            _ if !in_detail => None,
            Note::Absent => None,
            Note::Null => Some(None),
            Note::Text(text) => Some(Some(text)),
        },
        external_inn: (partner && rng.u32(..2) == 0).then(|| super::companies::company(cargo.seed, 0).inn),
        custom_cargo_type: (rng.u32(..100) < 12).then(|| CARGO_KINDS[cargo.kind].0),
        integrate: partner.then(|| json!({"name": "cargomart", "external_id": format!("CM-{number}")})),
        is_delete_from_archive: rng.u32(..100) < 3,
        krugoreis: cargo.round_trip,
        partial_load: cargo.partial,
        integrate_contacts: (partner && rng.u32(..3) == 0).then(|| {
            let person = person(rng);
            json!({"name": person.full_name, "phone": person.phone(0)})
        }),
        // A reserved name: nobody's demo opens a real order.
        url: partner.then(|| format!("https://cargomart.example/orders/{number}")),
    }
}
