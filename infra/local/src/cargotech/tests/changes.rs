use super::*;

#[tokio::test]
async fn a_removed_cargo_is_gone_from_list_and_detail() {
    let api = Api::logged_in().await;
    let size = api.size("").await;
    let id = id_of(&api.list("limit=1").await["data"][0]);
    let remove = format!("/control/cargos/{id}/remove");
    assert_eq!(api.send("POST", &remove, None).await.status, StatusCode::OK);
    assert_eq!(api.size("").await, size - 1);
    assert_eq!(api.get(&format!("/v1/carrier/cargos/{id}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(api.send("POST", &remove, None).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_changed_price_is_seen_everywhere() {
    let api = Api::logged_in().await;
    let id = id_of(&api.list("limit=1").await["data"][0]);
    let path = format!("/control/cargos/{id}");
    for (rubles, carrier) in [(json!(51_234.5), json!(5_123_450)), (json!(0), json!(0)), (json!(null), json!(null))] {
        let answer = api.send("PUT", &path, Some(json!({"price_rub": rubles}))).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(api.detail(id).await["price_carrier"], carrier);
        assert_eq!(api.list("limit=1").await["data"][0]["price_carrier"], carrier);
    }
    for body in [json!({"price_rub": -1}), json!({"price_rub": 1.005}), json!({"price_rub": "5"}), json!({})] {
        let answer = api.send("PUT", &path, Some(body)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.json()["errors"]["price_rub"].is_array());
    }
    let missing = api.send("PUT", "/control/cargos/5", Some(json!({"price_rub": 1}))).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_added_cargo_is_the_newest_and_as_asked_for() {
    let api = Api::logged_in().await;
    let body = json!({"from": "Омск", "to": 551_487, "price_rub": 77_000, "weight_kg": 12_345,
                      "volume_m3": 33.3, "load_date": "2026-12-01"});
    let answer = api.send("POST", "/control/cargos", Some(body.clone())).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    let id = id_of(&answer.json());
    let cargo = api.list("limit=1").await["data"][0].take();
    assert_eq!(id_of(&cargo), id);
    assert_eq!((city_at(&cargo, "start"), city_at(&cargo, "finish")), ("Омск", "Казань"));
    assert_eq!((kopecks(&cargo), &cargo["weight"], &cargo["volume"]), (7_700_000, &json!(12_345), &json!(33.3)));
    assert!(cargo["points"]["start"]["first_date"].as_str().is_some_and(|date| date.starts_with("2026-12-01")));
    api.send("POST", "/control/reset", None).await;
    let again = id_of(&api.send("POST", "/control/cargos", Some(body)).await.json());
    assert!(again > id, "an id is never given twice");
    assert_eq!(api.send("POST", "/control/cargos", Some(json!({}))).await.status, StatusCode::CREATED);
    for (body, field) in [
        (json!({"from": "Атлантида"}), "from"),
        (json!({"weight_kg": 0}), "weight_kg"),
        (json!({"load_date": "завтра"}), "load_date"),
        (json!({"colour": "red"}), "colour"),
    ] {
        let answer = api.send("POST", "/control/cargos", Some(body)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.json()["errors"][field].is_array());
    }
}
