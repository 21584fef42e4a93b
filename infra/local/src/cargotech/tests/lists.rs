use super::*;

#[tokio::test]
async fn pages_hold_every_cargo_once() {
    let api = Api::logged_in().await;
    let all = api.all("filter[mode]=all&filter[user_id]=0").await;
    let ids: HashSet<u64> = all.iter().map(id_of).collect();
    assert!(all.len() >= 6_000 && ids.len() == all.len());
    assert!(all.iter().map(id_of).is_sorted_by(|a, b| a > b));
    let page = api.list("limit=3&offset=10").await;
    assert_eq!(page["meta"], json!({"limit": 3, "offset": 10, "size": all.len()}));
    assert_eq!(id_of(&page["data"][0]), id_of(&all[10]));
    assert_eq!(api.list("").await["data"].as_array().map(Vec::len), Some(20));
    assert_eq!(api.list("offset=1000000").await["data"], json!([]));
}

#[tokio::test]
async fn the_radius_is_measured_over_the_ground() {
    let api = Api::logged_in().await;
    let (moscow, all) = (city("Москва"), api.all("").await);
    let query = point("start", moscow);
    assert!(api.all(&query).await.iter().all(|cargo| city_at(cargo, "start") == "Москва"));
    for (end, radius) in [("start", 50), ("finish", 300)] {
        let query = format!("{}&filter[{end}_point_radius]={radius}", point(end, moscow));
        let near = |cargo: &&Value| moscow.distance_to(city(city_at(cargo, end))) <= f64::from(radius);
        let expected: Vec<u64> = all.iter().filter(near).map(id_of).collect();
        let found: Vec<u64> = api.all(&query).await.iter().map(id_of).collect();
        assert!(!expected.is_empty() && expected.len() < all.len());
        assert_eq!(found, expected);
    }
    let route = format!("{}&{}", point("start", moscow), point("finish", city("Казань")));
    for cargo in api.all(&route).await {
        assert_eq!((city_at(&cargo, "start"), city_at(&cargo, "finish")), ("Москва", "Казань"));
    }
}

#[tokio::test]
async fn regions_and_countries_are_points_and_an_id_needs_its_type() {
    let api = Api::logged_in().await;
    let at = |kind: u32| format!("filter[start_point_id]=31&filter[start_point_type]={kind}");
    for cargo in api.all(&at(3)).await {
        assert_eq!(city(city_at(&cargo, "start")).region, 31);
    }
    for cargo in api.all(&at(1)).await {
        assert_eq!(city(city_at(&cargo, "start")).country, 31);
    }
    assert!(api.size(&at(1)).await > 0 && api.size(&at(3)).await > 0);
    assert_eq!(api.size(&at(2)).await, 0);
}

/// Asks for a filter and compares with all cargos that `wanted` picks.
async fn check(api: &Api, all: &[Value], query: &str, wanted: impl Fn(&Value) -> bool) {
    let expected: Vec<u64> = all.iter().filter(|cargo| wanted(cargo)).map(id_of).collect();
    let found: Vec<u64> = api.all(query).await.iter().map(id_of).collect();
    assert!(!expected.is_empty() && expected.len() < all.len(), "{query} does not tell cargos apart");
    assert_eq!(found, expected, "{query}");
}

fn has_type(cargo: &Value, field: &str, ids: &[u64]) -> bool {
    let types = cargo[field].as_array().expect("types");
    types.iter().any(|term| ids.contains(&id_of(term)))
}

#[tokio::test]
async fn every_filter_picks_exactly_its_cargos() {
    let api = Api::logged_in().await;
    let all = api.all("").await;
    for (pair, kilograms, cubic_metres) in [
        ("1-15", 1_000.0, 15.0),
        ("3-25", 3_000.0, 25.0),
        ("5-40", 5_000.0, 40.0),
        ("10-60", 10_000.0, 60.0),
        ("15-65", 15_000.0, 65.0),
        ("20-999", 20_000.0, 999.0),
        ("7.5-45", 7_500.0, 45.0),
    ] {
        check(&api, &all, &format!("filter[wv]={pair}"), |cargo| {
            cargo["weight"].as_f64() <= Some(kilograms) && cargo["volume"].as_f64() <= Some(cubic_metres)
        })
        .await;
    }
    check(&api, &all, "filter[start_date]=2026-11-24", |cargo| {
        cargo["points"]["start"]["first_date"].as_str() >= Some("2026-11-24")
    })
    .await;
    check(&api, &all, "filter[truck_types]=3,29", |cargo| has_type(cargo, "truck_types", &[3, 29])).await;
    check(&api, &all, "filter[load_types]=2", |cargo| has_type(cargo, "load_types", &[2])).await;
    check(&api, &all, "filter[distance]=300,700", |cargo| {
        (300..=700).contains(&cargo["distance"].as_u64().expect("km"))
    })
    .await;
    check(&api, &all, "filter[price]=5000000,9000000", |cargo| (5_000_000..=9_000_000).contains(&kopecks(cargo))).await;
    check(&api, &all, "filter[price_per_km]=9000,99900", |cargo| {
        kopecks(cargo) >= 9_000 * cargo["distance"].as_u64().expect("km")
            && kopecks(cargo) <= 99_900 * cargo["distance"].as_u64().expect("km")
    })
    .await;
    check(&api, &all, "filter%5Bdistance%5D=0,500&filter%5Btruck_types%5D=3&filter%5Bwv%5D=20-86", |cargo| {
        has_type(cargo, "truck_types", &[3])
            && cargo["distance"].as_u64() <= Some(500)
            && cargo["weight"].as_u64() <= Some(20_000)
            && cargo["volume"].as_f64() <= Some(86.0)
    })
    .await;
    assert_eq!(api.size("filter[price]=0,999999900&filter[distance]=0,99999").await, all.len() as u64);
    assert_eq!(api.size("filter[truck_types]=9999").await, 0);
    assert_eq!(api.size("filter[wv]=&filter[truck_types]=").await, all.len() as u64, "empty is left out");
}

#[tokio::test]
async fn my_cargos_are_a_few_and_always_the_same() {
    let api = Api::logged_in().await;
    let mine = api.size("filter[mode]=my&filter[user_id]=0").await;
    assert!((10..300).contains(&mine));
    let user = api.get("/v1/me").await.json()["data"]["id"].clone();
    assert_eq!(api.size(&format!("filter[mode]=all&filter[user_id]={user}")).await, mine);
    assert_eq!(api.size("filter[user_id]=1").await, 0);
}

#[tokio::test]
async fn the_owner_filter_finds_a_companys_cargos() {
    let api = Api::logged_in().await;
    let first = api.list("limit=20").await;
    for cargo in first["data"].as_array().expect("a list") {
        let Some(inn) = api.detail(id_of(cargo)).await["shipper"]["inn"].as_str().map(str::to_owned) else {
            continue;
        };
        let found = api.all(&format!("filter[owner_company]={inn}")).await;
        assert!(found.iter().any(|other| id_of(other) == id_of(cargo)));
        for other in found.iter().take(3) {
            assert_eq!(api.detail(id_of(other)).await["shipper"]["inn"], inn);
        }
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_query_is_told_together() {
    let api = Api::logged_in().await;
    for (query, field) in [
        ("filter[wv]=20", "filter.wv"),
        ("filter[wv]=20-", "filter.wv"),
        ("filter[wv]=1e1-20", "filter.wv"),
        ("filter[wv]=0-20", "filter.wv"),
        ("filter[wv]=1001-20", "filter.wv"),
        ("filter[wv]=5-1000", "filter.wv"),
        ("filter[start_date]=24.11.2026", "filter.start_date"),
        ("filter[start_date]=2026-11-24T00:00", "filter.start_date"),
        ("filter[start_date]=2026-02-30", "filter.start_date"),
        ("filter[mode]=mine", "filter.mode"),
        ("filter[user_id]=-1", "filter.user_id"),
        ("filter[truck_types]=1,,2", "filter.truck_types"),
        ("filter[load_types]=зад", "filter.load_types"),
        ("filter[distance]=10", "filter.distance"),
        ("filter[price]=9,1", "filter.price"),
        ("filter[price_per_km]=1.5,9", "filter.price_per_km"),
        ("filter[owner_company]=123", "filter.owner_company"),
        ("filter[start_point_id]=524901", "filter.start_point_type"),
        ("filter[start_point_id]=x&filter[start_point_type]=2", "filter.start_point_id"),
        ("filter[finish_point_type]=2", "filter.finish_point_type"),
        ("filter[finish_point_radius]=50", "filter.finish_point_radius"),
        ("filter[colour]=red", "filter.colour"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("offset=-1", "offset"),
    ] {
        let answer = api.get(&format!("/v2/cargos/views?{query}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        let errors = answer.json()["errors"].take();
        let fields: Vec<&String> = errors.as_object().expect("errors").keys().collect();
        assert_eq!(fields, [field], "{query}");
        assert!(errors[field][0].as_str().is_some_and(|text| text.contains(field)), "{errors}");
    }
    let answer = api.get("/v2/cargos/views?filter[wv]=x&filter[mode]=y&limit=z").await.json();
    assert_eq!(answer["errors"].as_object().map(serde_json::Map::len), Some(3));
    assert!(answer["message"].is_string());
    assert_eq!(api.get("/v2/cargos/views?page=2&include=x").await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_a_list_costs_is_small_beside_a_network() {
    let api = Api::logged_in().await;
    let query = format!("{}&filter[start_point_radius]=300&limit=20", point("start", city("Москва")));
    api.list(&query).await;
    let start = Instant::now();
    for _ in 0..20 {
        api.list(&query).await;
    }
    // Generous: without optimisation, on a busy machine.
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}
