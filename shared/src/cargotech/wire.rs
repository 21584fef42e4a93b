//! What CargoTech sends, made into our own types at the edge. There are two shapes of a cargo (nested in captured
//! traffic, flat in the specification); both are read here and nowhere else is aware of them.
//!
//! A field of an unexpected type is as good as missing; a cargo without an id is left out; an answer that is no list
//! of cargos at all is an error.
use serde_json::Value;

use crate::cargo::{Cargo, CargoId, Contact, Extra, Money, Place, Shipper};

/// A page of the list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
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
    /// What it is called.
    pub name: String,
    /// The short name of a truck or load type.
    pub short_name: Option<String>,
    /// The type of a point, which a filter must repeat.
    pub kind: Option<i64>,
}

/// Reads an answer of `GET /v2/cargos/views`; `None` when it is no list of cargos.
pub fn page(answer: &Value) -> Option<Page> {
    let items = answer.get("data").or_else(|| answer.get("items")).unwrap_or(answer).as_array()?;
    let cargos = items.iter().filter_map(cargo).collect::<Vec<_>>();
    if cargos.len() < items.len() {
        tracing::warn!(items = items.len(), read = cargos.len(), "CargoTech sent cargos that cannot be read");
        if cargos.is_empty() {
            return None;
        }
    }
    let total = answer.pointer("/meta/size").or_else(|| answer.get("total")).and_then(integer);
    Some(Page { cargos, total: total.filter(|total| *total >= 0) })
}

/// Reads an answer of `GET /v1/carrier/cargos/{id}`; `None` when it is no cargo.
pub fn detail(answer: &Value) -> Option<Cargo> {
    cargo(answer.get("data").unwrap_or(answer))
}

/// Reads a dictionary; `None` when it is none.
pub fn entries(answer: &Value) -> Option<Vec<Entry>> {
    let items = answer.get("data").unwrap_or(answer).as_array()?;
    let entries = items
        .iter()
        .filter_map(|item| {
            Some(Entry {
                id: integer(item.get("id")?)?,
                name: text(item.get("name"))?,
                short_name: text(item.get("short_name")),
                kind: item.get("type").and_then(integer),
            })
        })
        .collect::<Vec<_>>();
    (entries.is_empty() == items.is_empty()).then_some(entries)
}

/// Reads the token of a login; `None` when there is none.
pub fn token(answer: &Value) -> Option<String> {
    text(answer.pointer("/data/token")).filter(|token| token.bytes().all(|b| b.is_ascii_graphic()))
}

fn cargo(item: &Value) -> Option<Cargo> {
    let id = match item.get("id")? {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return None,
    };
    let id = CargoId::parse(&id)?.as_str().to_owned();
    let extra = item.get("extra").unwrap_or(&Value::Null);
    let nested = item.get("points").is_some();
    let shape = if nested { nested_fields(item) } else { flat_fields(item) };
    Some(Cargo {
        id,
        title: text(item.get("title")),
        weight_kg: positive(item.get("weight")),
        volume_m3: positive(item.get("volume")),
        note: text(extra.get("note")).map(|note| plain(&note)).filter(|note| !note.is_empty()),
        extra: Extra {
            external_inn: text(extra.get("external_inn")),
            custom_cargo_type: text(extra.get("custom_cargo_type")),
            krugoreis: flag(extra.get("krugoreis")),
            partial_load: flag(extra.get("partial_load")),
            note_valid: flag(extra.get("note_valid")),
            is_delete_from_archive: flag(extra.get("is_delete_from_archive")),
            // An address is shown as a link, so only one that is safe to follow.
            url: text(extra.get("url")).filter(|url| url.starts_with("https://")),
            integrate: object(extra.get("integrate")),
            integrate_contacts: object(extra.get("integrate_contacts")),
        },
        ..shape
    })
}

/// Captured traffic: cities inside `points`, money in kopecks.
fn nested_fields(item: &Value) -> Cargo {
    let kopecks = |name| item.get(name).and_then(number).map(f64::round).filter(|price| *price > 0.0);
    #[allow(clippy::cast_possible_truncation)] // a float to i64 saturates
    let price = kopecks("price_carrier").or_else(|| kopecks("price")).map(|kopecks| kopecks as i64);
    let end = |name| item.pointer(&format!("/points/{name}")).map(point).unwrap_or_default();
    let shipper = Shipper {
        name: text(item.pointer("/shipper/name")).or_else(|| text(item.pointer("/company/name"))),
        inn: text(item.pointer("/shipper/inn")),
    };
    Cargo {
        from: end("start"),
        to: end("finish"),
        distance_km: item.get("distance").and_then(integer).filter(|km| *km > 0),
        price: price.and_then(Money::from_kopecks),
        truck_types: names(item.get("truck_types")),
        load_types: names(item.get("load_types")),
        cargo_type: text(item.pointer("/cargo_type/name")).or_else(|| text(item.pointer("/extra/custom_cargo_type"))),
        shipper: (shipper.name.is_some() || shipper.inn.is_some()).then_some(shipper),
        contacts: item.get("contacts").and_then(Value::as_array).map(|list| contacts(list)).unwrap_or_default(),
        ..Cargo::default()
    }
}

/// The specification: plain fields, money in rubles.
fn flat_fields(item: &Value) -> Cargo {
    let end = |city: &str, address: &str| Place {
        city: text(item.get(city)).unwrap_or_default(),
        address: text(item.get(address)),
        date: None,
    };
    #[allow(clippy::cast_possible_truncation)] // a float to i64 saturates
    let price = item.get("price").and_then(number).map(|rubles| (rubles * 100.0).round() as i64);
    let contact = text(item.get("shipper_contact"));
    let shipper = text(item.get("shipper_name"));
    Cargo {
        from: Place { date: text(item.get("pickup_date")).map(local_time), ..end("pickup_city", "pickup_address") },
        to: Place { date: text(item.get("delivery_date")).map(local_time), ..end("delivery_city", "delivery_address") },
        distance_km: item.get("distance").and_then(integer).filter(|km| *km > 0),
        price: price.and_then(Money::from_kopecks),
        truck_types: names(item.get("truck_types")),
        load_types: names(item.get("load_types")),
        cargo_type: text(item.get("cargo_type")).or_else(|| text(item.pointer("/extra/custom_cargo_type"))),
        contacts: contact.map(|phone| Contact { name: shipper.clone(), phones: vec![phone] }).into_iter().collect(),
        shipper: shipper.map(|name| Shipper { name: Some(name), inn: text(item.pointer("/extra/external_inn")) }),
        ..Cargo::default()
    }
}

fn point(point: &Value) -> Place {
    Place {
        city: text(point.pointer("/city/name")).or_else(|| text(point.get("city"))).unwrap_or_default(),
        address: text(point.get("address")),
        date: text(point.get("first_date")).map(local_time),
    }
}

fn contacts(list: &[Value]) -> Vec<Contact> {
    list.iter()
        .map(|contact| {
            let mut phones = Vec::new();
            let several = contact.get("phones").and_then(Value::as_array).into_iter().flatten();
            for phone in several.chain(contact.get("phone")).filter_map(phone) {
                if !phones.contains(&phone) {
                    phones.push(phone);
                }
            }
            Contact { name: text(contact.get("name")), phones }
        })
        .filter(|contact| contact.name.is_some() || !contact.phones.is_empty())
        .collect()
}

/// A phone is a text, a number, or an object around one.
fn phone(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        Value::Object(object) => text(object.get("phone").or_else(|| object.get("number"))),
        other => text(Some(other)),
    }
}

fn names(list: Option<&Value>) -> Vec<String> {
    let list = list.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|item| text(item.get("name")).or_else(|| text(Some(item)))).collect()
}

/// Dates end in a false `Z`: they are the local clock time of the place. Midnight is a date without a time.
fn local_time(written: String) -> String {
    let text = written.trim_end_matches('Z');
    let Some((date, time)) = text.split_once(['T', ' ']) else {
        return text.to_owned();
    };
    let time = time.split(['.', '+']).next().unwrap_or(time);
    if matches!(time, "00:00" | "00:00:00") { date.to_owned() } else { format!("{date}T{time}") }
}

/// A note is typed into web forms of many partners, and some hand on what their page made of it.
fn plain(note: &str) -> String {
    let mut text = note.to_owned();
    for (markup, meant) in [
        ("\r\n", "\n"),
        ("<br>", "\n"),
        ("<br/>", "\n"),
        ("<br />", "\n"),
        ("&nbsp;", " "),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ] {
        text = text.replace(markup, meant);
    }
    text.trim().to_owned()
}

fn text(value: Option<&Value>) -> Option<String> {
    let text = value?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok()).filter(|number: &f64| number.is_finite())
}

fn positive(value: Option<&Value>) -> Option<f64> {
    value.and_then(number).filter(|number| *number > 0.0)
}

#[allow(clippy::cast_possible_truncation)] // a float to i64 saturates
fn integer(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| number(value).map(|number| number.round() as i64))
}

fn flag(value: Option<&Value>) -> bool {
    matches!(value, Some(Value::Bool(true))) || value.and_then(Value::as_i64) == Some(1)
}

fn object(value: Option<&Value>) -> Option<Value> {
    value.filter(|value| value.is_object()).cloned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn nested() -> Value {
        json!({
            "id": 71, "distance": 815, "weight": 20000, "volume": 82, "price": 6_000_000, "price_carrier": 5_000_000,
            "points": {
                "start": {"city": {"name": "Москва"}, "address": "ул. Лесная, 5", "first_date": "2026-11-25T08:30:00.000000Z"},
                "finish": {"city": {"name": "Казань"}, "first_date": "2026-11-27T00:00:00Z"},
            },
            "load_types": [{"id": 1, "name": "задняя", "short_name": "зад"}],
            "truck_types": [{"id": 4, "name": "тент", "short_name": "т"}],
            "shipper": {"name": "ООО Ромашка", "inn": "7707083893"}, "cargo_type": {"name": "Мебель"},
            "contacts": [
                {"type": "broker", "name": "Сергей", "phones": ["+79000000001", "+79000000001"]},
                {"type": "company", "phone": 79_000_000_002_i64}, {"type": "empty"},
            ],
            "extra": {"note": "торг", "external_inn": null, "custom_cargo_type": null, "integrate": {"a": 1},
                "is_delete_from_archive": false, "krugoreis": true, "partial_load": 1, "note_valid": true,
                "integrate_contacts": null, "url": "javascript:alert(1)"},
        })
    }

    #[test]
    fn the_nested_shape_counts_kopecks_and_prefers_the_carriers_price() {
        let cargo = detail(&json!({"data": nested()})).expect("a cargo");
        assert_eq!((cargo.id.as_str(), cargo.price.unwrap().kopecks()), ("71", 5_000_000));
        assert_eq!((cargo.weight_kg, cargo.volume_m3, cargo.distance_km), (Some(20_000.0), Some(82.0), Some(815)));
        assert_eq!(cargo.from.date.as_deref(), Some("2026-11-25T08:30:00"));
        assert_eq!(cargo.to.date.as_deref(), Some("2026-11-27"));
        assert_eq!((cargo.truck_types, cargo.load_types), (vec!["тент".to_owned()], vec!["задняя".to_owned()]));
        assert_eq!(cargo.contacts.len(), 2);
        assert_eq!(
            (&cargo.contacts[0].phones[..], &cargo.contacts[1].phones[..]),
            (&["+79000000001".to_owned()][..], &["79000000002".to_owned()][..])
        );
        assert_eq!(
            (cargo.note.as_deref(), cargo.extra.krugoreis, cargo.extra.partial_load),
            (Some("торг"), true, true)
        );
        assert_eq!((cargo.extra.url, cargo.extra.integrate), (None, Some(json!({"a": 1}))));
        assert_eq!(cargo.cargo_type.as_deref(), Some("Мебель"));
    }

    #[test]
    fn the_flat_shape_counts_rubles() {
        let cargo = detail(&json!({
            "id": "72", "title": "Мебель, 20 т", "weight": "20000", "volume": 82.5, "pickup_city": "Москва",
            "delivery_city": "Казань", "pickup_address": "", "price": 50000.5, "shipper_name": "ООО Ромашка",
            "shipper_contact": "+79000000001", "cargo_type": "Мебель", "extra": {"note": ""},
        }))
        .expect("a cargo");
        assert_eq!((cargo.id.as_str(), cargo.price.unwrap().kopecks()), ("72", 5_000_050));
        assert_eq!((cargo.from.city.as_str(), cargo.to.city.as_str(), cargo.from.address), ("Москва", "Казань", None));
        assert_eq!((cargo.title.as_deref(), cargo.note), (Some("Мебель, 20 т"), None));
        assert_eq!(cargo.contacts[0].phones, ["+79000000001"]);
    }

    #[test]
    fn zero_null_and_absent_prices_are_on_request() {
        for price in [json!(0), json!(null), json!("0"), json!(-5)] {
            for shape in [json!({"id": 1, "points": {}, "price": price}), json!({"id": 1, "price": price})] {
                assert_eq!(detail(&shape).expect("a cargo").price, None, "{shape}");
            }
        }
        let zero_for_the_carrier = json!({"id": 1, "points": {}, "price_carrier": 0, "price": 700});
        assert_eq!(detail(&zero_for_the_carrier).unwrap().price.unwrap().kopecks(), 700);
    }

    #[test]
    fn a_note_is_shown_as_it_was_meant() {
        let note = |text: &str| detail(&json!({"id": 1, "extra": {"note": text}})).expect("a cargo").note;
        assert_eq!(note("ООО &quot;Ромашка&quot;<br>торг\r\n").as_deref(), Some("ООО \"Ромашка\"\nторг"));
        assert_eq!(note("<br>"), None);
    }

    #[test]
    fn the_total_is_where_either_shape_has_it() {
        let total = |answer| page(&answer).expect("a page").total;
        assert_eq!(total(json!({"data": [], "meta": {"size": 5}})), Some(5));
        assert_eq!(total(json!({"data": [], "total": 6})), Some(6));
        assert_eq!(total(json!({"data": []})), None);
    }

    #[test]
    fn what_cannot_be_read_is_left_out_and_nothing_readable_is_an_error() {
        let mixed = page(&json!({"data": [nested(), {"id": "a/b"}, 5, {"points": {}}]})).expect("one is good");
        assert_eq!(mixed.cargos.len(), 1);
        for bad in [json!({"data": [1, 2]}), json!({"data": "x"}), json!(null), json!({"error": "x"})] {
            assert_eq!(page(&bad), None, "{bad}");
        }
        assert_eq!(entries(&json!({"data": [{"id": "x"}]})), None);
        assert_eq!(entries(&json!({"data": []})), Some(vec![]));
        assert_eq!(token(&json!({"data": {"token": "1|a\nb"}})), None);
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "\\PC{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 48, 6, |inner| {
            let names = "id|data|points|start|city|name|price|weight|extra|note|contacts|phones|meta|size|distance";
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::hash_map(names, inner, 0..8)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_answer_panics_and_no_price_is_zero(answer in any_json()) {
            let _ = entries(&answer);
            let _ = token(&answer);
            for cargo in detail(&answer).into_iter().chain(page(&answer).into_iter().flat_map(|page| page.cargos)) {
                prop_assert!(CargoId::parse(&cargo.id).is_some());
                prop_assert!(cargo.price.is_none_or(|price| price.kopecks() > 0));
            }
        }
    }
}
