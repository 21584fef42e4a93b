use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::cargo::card::Card;

const TODAY: Date = jiff::civil::date(2026, 11, 21);

fn detail(answer: &Value) -> Option<Cargo> {
    super::detail(answer, TODAY)
}

fn page(answer: &Value) -> Option<Page> {
    super::page(answer, TODAY)
}

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
    let kind = |id, name: &str| Kind { id: Some(id), name: name.to_owned() };
    assert_eq!((cargo.truck_types, cargo.load_types), (vec![kind(4, "тент")], vec![kind(1, "задняя")]));
    assert_eq!(cargo.contacts.len(), 2);
    assert_eq!(
        (&cargo.contacts[0].phones[..], &cargo.contacts[1].phones[..]),
        (&["+79000000001".to_owned()][..], &["+79000000002".to_owned()][..])
    );
    assert_eq!((cargo.note.as_deref(), cargo.extra.krugoreis, cargo.extra.partial_load), (Some("торг"), true, true));
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
fn every_text_is_read_as_it_was_meant_once() {
    let mut item = nested();
    item["points"]["start"]["city"]["name"] = json!("Орёл&nbsp;(Центр)");
    item["points"]["finish"]["address"] = json!("ул.&nbsp;Ленина,\r\n5<br>ворота\t2");
    item["shipper"]["name"] = json!("ООО &quot;Ромашка&quot; &amp; Ко");
    item["cargo_type"]["name"] = json!("&laquo;Мебель&raquo;");
    item["truck_types"] = json!([{ "name": "<b>тент</b>" }, "&#1088;еф"]);
    item["contacts"] = json!([{ "name": "О&#39;Коннор\u{202e}", "phone": "+7&nbsp;916&nbsp;123-45-67" }]);
    item["extra"]["note"] = json!("<p>5&nbsp;&lt;&nbsp;т&amp;quot;</p>\ttel:<br>\u{0}");
    let cargo = detail(&item).expect("a cargo");
    assert_eq!(
        (cargo.from.city.as_str(), cargo.to.address.as_deref()),
        ("Орёл (Центр)", Some("ул. Ленина, 5 ворота 2"))
    );
    assert_eq!(cargo.shipper.unwrap().name.as_deref(), Some("ООО \"Ромашка\" & Ко"));
    let kind = |name: &str| Kind { id: None, name: name.to_owned() };
    assert_eq!((cargo.cargo_type.as_deref(), cargo.truck_types), (Some("«Мебель»"), vec![kind("тент"), kind("реф")]));
    assert_eq!(cargo.contacts, [Contact { name: Some("О'Коннор".into()), phones: vec!["+79161234567".into()] }]);
    assert_eq!(cargo.note.as_deref(), Some("5 < т&quot;\n tel:"));
    let flat = detail(&json!({ "id": 1, "title": "Груз &laquo;А&raquo;", "shipper_name": "&quot;Б&quot;" })).unwrap();
    assert_eq!((flat.title.as_deref(), flat.shipper.unwrap().name.as_deref()), (Some("Груз «А»"), Some("\"Б\"")));
    let places = entries(&json!({ "data": [{ "id": 1, "name": "Нью&#8209;Йорк&nbsp;", "type": 2 }] })).unwrap();
    assert_eq!(places[0].name, "Нью\u{2011}Йорк");
}

#[test]
fn a_date_that_is_none_is_no_date() {
    let dated = |written: &str| {
        let nested =
            json!({ "id": 1, "points": { "start": { "first_date": written }, "finish": { "first_date": written } } });
        let flat = json!({ "id": 1, "pickup_date": written, "delivery_date": written });
        let [nested, flat] = [nested, flat].map(|item| detail(&item).expect("a cargo"));
        let dates = [nested.from.date, nested.to.date, flat.from.date, flat.to.date];
        assert!(dates.iter().all(|date| *date == dates[0]), "{written}: {dates:?}");
        dates[0].clone()
    };
    for none in [
        "0000-00-00",
        "0000-00-00 00:00:00",
        "-0001-11-30T00:00:00.000000Z",
        "1970-01-01",
        "1970-01-01T03:00:00Z",
        "1999-12-31",
        "2028-11-22",
        "9999-12-31T23:59:59Z",
        "2026-02-30",
        "2026-13-01",
        "завтра",
        "",
        "T08:30:00Z",
    ] {
        assert_eq!(dated(none), None, "{none}");
    }
    for (written, date) in [
        ("2026-11-25T08:30:00.000000Z", "2026-11-25T08:30:00"),
        ("2026-11-25T08:30", "2026-11-25T08:30:00"),
        ("2026-11-25 08:30:15+03:00", "2026-11-25T08:30:15"),
        ("2026-11-25T08:30:00-03:00", "2026-11-25T08:30:00"),
        ("2026-11-25T00:00:00Z", "2026-11-25"),
        ("2026-11-25T25:61:00Z", "2026-11-25"),
        ("2026-11-25Z", "2026-11-25"),
        ("2000-01-01", "2000-01-01"),
        ("2028-11-21", "2028-11-21"),
    ] {
        assert_eq!(dated(written).as_deref(), Some(date), "{written}");
    }
}

#[test]
fn what_is_beyond_sense_is_not_known() {
    for price in
        [json!(i64::MAX), json!(u64::MAX), json!(1e300), json!("9223372036854775807"), json!(10_000_000_000_i64)]
    {
        let nested = json!({ "id": 1, "points": {}, "price": 700, "price_carrier": price });
        assert_eq!(detail(&nested).expect("a cargo").price, None, "{price}: the other price is the shipper's");
        let flat = json!({ "id": 1, "price": price });
        assert_eq!(detail(&flat).expect("a cargo").price, None, "{price}");
    }
    let highest = json!({ "id": 1, "points": {}, "price_carrier": 9_999_999_900_i64 });
    assert_eq!(detail(&highest).unwrap().price.map(|price| price.kopecks() / 100), Some(HIGHEST_PRICE_RUB));
    let odd = json!({ "id": 1, "points": {}, "distance": i64::MAX, "weight": 1e300, "volume": f64::MAX });
    let odd = detail(&odd).expect("a cargo");
    assert_eq!((odd.distance_km, odd.weight_kg, odd.volume_m3), (None, None, None));
    assert_eq!(page(&json!({ "data": [], "total": i64::MAX })).unwrap().total, None);
    assert_eq!(entries(&json!({ "data": [{ "id": 1e300, "name": "x" }, { "id": 5, "name": "y" }] })).unwrap().len(), 1);
}

#[test]
fn a_field_of_a_phone_may_hold_two_and_a_name() {
    let contacts = |contact: Value| detail(&json!({ "id": 1, "points": {}, "contacts": [contact] })).unwrap().contacts;
    for (written, name, phones) in [
        (
            json!({ "phone": "8 916 123-45-67, 8 495 765-43-21 доб. 12" }),
            None,
            &["+79161234567", "+74957654321;ext=12"][..],
        ),
        (json!({ "phone": "998901234567" }), None, &["+998901234567"]),
        (json!({ "phone": 80_291_234_567_i64 }), None, &["+375291234567"]),
        (json!({ "phone": 79_161_234_567.0 }), None, &["+79161234567"]),
        (
            json!({ "phones": [{ "phone": 89_161_234_567_i64 }, { "number": "8 (916) 123-45-67" }] }),
            None,
            &["+79161234567"],
        ),
        (json!({ "name": "Сергей", "phone": "89161234567 Анна" }), Some("Сергей, Анна"), &["+79161234567"]),
        (json!({ "phone": "12-34-56\t(приёмная)" }), None, &["12-34-56 (приёмная)"]),
        (json!({ "phone": "+7 916 123-45-6" }), None, &["+7 916 123-45-6"]),
    ] {
        let expected =
            Contact { name: name.map(str::to_owned), phones: phones.iter().map(ToString::to_string).collect() };
        assert_eq!(contacts(written), [expected]);
    }
    let flat = json!({ "id": 1, "shipper_name": "ООО Ромашка", "shipper_contact": "Иванов Сергей, +7 900 000-36-17" });
    let flat = detail(&flat).unwrap().contacts;
    assert_eq!(
        flat[0],
        Contact {
            name: Some("ООО Ромашка, Иванов Сергей".into()), phones: vec!["+79000003617".into()]
        }
    );
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
            proptest::collection::hash_map(names, inner, 0..8).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn flat() -> Value {
    json!({
        "id": 72, "weight": 20000, "volume": 82.5, "distance": 815, "pickup_city": "Москва", "delivery_city": "Казань",
        "pickup_date": "2026-11-25", "price": 50000, "shipper_contact": 79_000_000_001_i64, "extra": {"partial_load": 1},
        "truck_types": [{"id": 4, "name": "тент"}],
    })
}

/// Every place of a document at which something stands.
fn places(value: &Value, at: &str, places: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, item)| self::places(item, &format!("{at}/{n}"), places))
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(name, item)| self::places(item, &format!("{at}/{name}"), places))
        }
        _ => {}
    }
    places.push(at.to_owned());
}

fn any_number() -> impl Strategy<Value = Value> {
    let odd = [
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(f64::MAX),
        json!(f64::MIN_POSITIVE),
        json!(-0.0),
        json!(0),
        json!(i64::MAX / 100),
        json!(i64::MAX / 100 + 1),
        json!(9_007_199_254_740_993_i64),
    ];
    prop_oneof![
        proptest::sample::select(odd.to_vec()),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_number_in_any_field_of_a_cargo_leaves_the_rest_of_the_page(
        number in any_number(), as_text in any::<bool>(), of_flat in any::<bool>(), place in any::<prop::sample::Index>(),
    ) {
        let good = [nested(), flat()];
        let mut odd = if of_flat { flat() } else { nested() };
        let mut known = Vec::new();
        places(&odd, "", &mut known);
        let at = place.get(&known);
        *odd.pointer_mut(at).expect("it is there") = if as_text { json!(number.to_string()) } else { number };
        let answer = json!({ "data": [good[0], odd, good[1]], "meta": { "size": 3 } });
        let read = page(&answer).expect("two are good").cargos;
        let rest = page(&json!({ "data": good })).expect("both are good").cargos;
        prop_assert_eq!((read.first(), read.last()), (rest.first(), rest.last()));
        for cargo in &read {
            let card = serde_json::to_value(Card::new(cargo.clone())).expect("it is written");
            prop_assert!(card["display"]["weight_volume"].as_str().expect("a text").len() < 60);
            let highest = f64::from(i32::try_from(HIGHEST_PRICE_RUB).expect("it fits")) + 1.0;
            for price in ["price_rub", "price_per_km_rub"] {
                prop_assert!(card[price].is_null() || card[price].as_f64().is_some_and(|price| 0.0 < price && price < highest), "{}", card);
            }
        }
    }

    #[test]
    fn any_number_in_any_field_of_a_dictionary_leaves_its_other_entries(
        number in any_number(), place in any::<prop::sample::Index>(),
    ) {
        let mut answer = json!({ "data": [{ "id": 1, "name": "Москва", "type": 2 }, { "id": 2, "name": "Казань", "type": 2 }] });
        let names = ["/data/0", "/data/0/id", "/data/0/name", "/data/0/type"];
        *answer.pointer_mut(names[place.index(names.len())]).expect("it is there") = number;
        let read = entries(&answer).expect("one is good");
        prop_assert_eq!(read.last().map(|entry| (entry.id, entry.name.as_str())), Some((2, "Казань")));
    }

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
