use super::*;

const EXTRA: [&str; 10] = [
    "custom_cargo_type",
    "external_inn",
    "integrate",
    "integrate_contacts",
    "is_delete_from_archive",
    "krugoreis",
    "note",
    "note_valid",
    "partial_load",
    "url",
];

#[tokio::test]
async fn a_list_has_the_nested_shape_with_its_traps() {
    let api = Api::logged_in().await;
    let all = api.all("").await;
    let count = |wanted: &dyn Fn(&Value) -> bool| all.iter().filter(|cargo| wanted(cargo)).count();
    assert!(count(&|cargo| cargo["id"].is_u64()) > count(&|cargo| cargo["id"].is_string()));
    assert!(count(&|cargo| cargo["id"].is_string()) > 100);
    assert!(count(&|cargo| cargo["price_carrier"].is_null() && cargo["price"].as_u64() > Some(0)) > 100);
    assert!(count(&|cargo| cargo["price_carrier"] == 0) > 100, "on request as zero");
    assert!(count(&|cargo| cargo["price_carrier"].is_null() && cargo["price"].is_null()) > 100);
    assert!(count(&|cargo| cargo["price_carrier"].as_u64() < cargo["price"].as_u64()) > 1_000);
    assert!(count(&|cargo| cargo["points"]["start"].get("address").is_none()) > 100);
    assert!(count(&|cargo| cargo["points"]["start"]["city"].get("type").is_none()) > 100);
    assert!(count(&|cargo| cargo["points"]["start"]["city"]["id"].is_string()) > 100);
    assert!(count(&|cargo| cargo["points"]["finish"]["first_date"].is_null()) > 100);
    assert!(count(&|cargo| cargo["volume"].is_f64()) > 100);
    for cargo in &all {
        assert!(cargo.get("extra").is_none() && !cargo.to_string().contains("\"note\""));
        let date = cargo["points"]["start"]["first_date"].as_str().expect("a date");
        assert!(date.ends_with('Z') && date.contains('T'));
        assert!(cargo["weight"].as_u64() >= Some(100), "kilograms");
        if kopecks(cargo) > 0 {
            assert!(kopecks(cargo) >= 100_000, "kopecks");
        }
        for contact in cargo["contacts"].as_array().expect("contacts") {
            assert!(contact["type"].is_string());
            assert!(contact.get("phone").is_none() || contact.get("phones").is_none());
        }
    }
    let contacts = |wanted: &dyn Fn(&Value) -> bool| {
        all.iter().flat_map(|cargo| cargo["contacts"].as_array().expect("contacts")).filter(|c| wanted(c)).count()
    };
    assert!(contacts(&|contact| contact["phone"].is_string()) > 1_000);
    assert!(contacts(&|contact| contact["phones"].as_array().is_some_and(|phones| phones.len() == 2)) > 100);
    assert!(contacts(&|contact| contact["phones"] == json!([])) > 10);
    assert!(contacts(&|contact| contact["name"].is_null()) > 100);
    assert!(count(&|cargo| cargo["contacts"] == json!([])) > 100);
    let without = api.list("limit=5").await;
    assert!(without["data"][0].get("contacts").is_none());
}

#[tokio::test]
async fn dates_are_the_clock_of_the_place_with_a_false_z() {
    let api = Api::logged_in().await;
    let from = point("start", city("Владивосток"));
    let cargos = api.all(&from).await;
    // 19:15 in Vladivostok: a date that was UTC would at times lie in its night.
    for cargo in cargos {
        let date = cargo["points"]["start"]["first_date"].as_str().expect("a date");
        let hour: u32 = date[11..13].parse().expect("an hour");
        assert!((7..24).contains(&hour), "{date}");
    }
}

#[tokio::test]
async fn a_detail_has_everything_and_notes_are_as_people_write_them() {
    let api = Api::logged_in().await;
    let all = api.all("").await;
    let mut kinds: HashMap<&str, u32> = HashMap::new();
    let mut texts = HashSet::new();
    for cargo in all.iter().step_by(10) {
        let detail = api.detail(id_of(cargo)).await;
        for field in ["distance", "weight", "price", "price_carrier", "points", "contacts"] {
            assert_eq!(detail[field], cargo[field]);
        }
        for field in ["shipper", "company", "cargo_type"] {
            assert!(detail.get(field).is_some());
        }
        let extra = detail["extra"].as_object().expect("extra");
        let mut fields: HashSet<&str> = extra.keys().map(String::as_str).collect();
        let kind = match extra.get("note") {
            None => "absent",
            Some(Value::Null) => "null",
            Some(Value::String(text)) if text.is_empty() => "empty",
            Some(Value::String(text)) => {
                texts.insert(text.clone());
                if text.contains('\n') { "lines" } else { "text" }
            }
            Some(other) => panic!("{other}"),
        };
        *kinds.entry(kind).or_default() += 1;
        fields.insert("note");
        assert_eq!(fields, HashSet::from(EXTRA));
    }
    for kind in ["absent", "null", "empty", "lines", "text"] {
        assert!(kinds.get(kind).is_some_and(|count| *count > 3), "{kinds:?}");
    }
    assert!(texts.len() > 400, "only {} different notes", texts.len());
    for word in ["НДС", "ремн", "выгрузк", "торг", "+7", "МКАД", "мед"] {
        assert!(texts.iter().any(|text| text.contains(word)), "no note has {word}");
    }
}

#[tokio::test]
async fn the_flat_shape_is_sent_on_demand() {
    let api = Api::logged_in().await;
    let nested = api.list("limit=50").await;
    api.set(json!({"shape": "flat"})).await;
    let flat = api.list("limit=50").await;
    assert!(flat.get("meta").is_none());
    assert_eq!((&flat["total"], &flat["limit"], &flat["offset"]), (&nested["meta"]["size"], &json!(50), &json!(0)));
    for (flat, nested) in
        flat["data"].as_array().expect("a list").iter().zip(nested["data"].as_array().expect("a list"))
    {
        assert_eq!(id_of(flat), id_of(nested));
        assert_eq!(flat["price"].as_f64().unwrap_or(0.0) * 100.0, kopecks(nested) as f64);
        assert_eq!(flat["pickup_city"], nested["points"]["start"]["city"]["name"]);
        assert!(flat.get("points").is_none() && flat["extra"].get("note").is_none());
        let detail = api.detail(id_of(flat)).await;
        assert_eq!(detail["extra"]["note_valid"], flat["extra"]["note_valid"]);
        for field in ["title", "weight", "volume", "delivery_city", "pickup_address", "cargo_type", "created_at"] {
            assert_eq!(detail[field], flat[field]);
        }
    }
    api.set(json!({"shape": "mixed"})).await;
    let mixed = api.list("limit=4").await;
    let flat: Vec<bool> =
        mixed["data"].as_array().expect("a list").iter().map(|cargo| cargo.get("pickup_city").is_some()).collect();
    assert_eq!(flat, [false, true, false, true]);
    api.set(json!({"shape": "nested", "omit_total": true})).await;
    assert_eq!(api.list("limit=1").await.as_object().map(|page| page.len()), Some(1));
}

#[tokio::test]
async fn dictionaries_have_ids_names_and_short_names() {
    let api = Api::logged_in().await;
    for path in ["truck_types", "load_types"] {
        let answer = api.get(&format!("/v1/dictionaries/{path}")).await.json();
        let items = answer["data"].as_array().expect("a list");
        assert!(items.iter().all(|item| item["name"].is_string() && item["short_name"].is_string()));
        assert!(items.iter().any(|item| item["id"].is_string()) && items.iter().any(|item| item["id"].is_u64()));
    }
    let points = api.get("/v1/dictionaries/points?filter[name]=%D0%9C%D0%BE%D1%81").await.json();
    assert_eq!(points["data"][0], json!({"id": 524_901, "name": "Москва", "type": 2}));
    assert_eq!(points["meta"]["offset"], 0);
    let all = api.get("/v1/dictionaries/points?filter[name]=&limit=2&offset=1").await.json();
    assert_eq!(all["data"].as_array().map(Vec::len), Some(2));
    assert!(all["meta"]["size"].as_u64() > Some(200));
    assert_eq!(api.get("/v1/dictionaries/points?limit=1000").await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_cargo_that_is_not_there_answers_as_laravel_does() {
    let api = Api::logged_in().await;
    for id in ["1", "0", "abc", "-5", "99999999999999999999999", "%D1%84", "007"] {
        let answer = api.get(&format!("/v1/carrier/cargos/{id}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert!(answer.json()["message"].is_string());
    }
    let id = id_of(&api.list("limit=1").await["data"][0]);
    api.advance(60 * 60 * 24 * 5);
    assert_eq!(api.get(&format!("/v1/carrier/cargos/{id}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(api.get("/v3/unknown").await.status, StatusCode::NOT_FOUND);
}
