use reqwest::Method;
use serde_json::json;
use tests::World;

#[tokio::test]
async fn a_body_that_is_no_json_object_is_a_400_and_a_huge_one_a_413() {
    let world = World::start().await;
    let driver = world.driver().await;
    let bearer = format!("Bearer {}", driver.token);
    for path in ["/api/auth/telegram", "/api/me"] {
        let method = if path == "/api/me" { Method::PUT } else { Method::POST };
        for body in ["", "{", "[]", "null", "\"x\"", "init_data=1", "{\"a\":1}}"] {
            let answer = world.send(method.clone(), path, &[("authorization", &bearer)], body).await;
            assert_eq!(answer.problem(), (400, "invalid_json".into()), "{path} {body}");
        }
        let huge = json!({ "init_data": "x".repeat(70_000) }).to_string();
        assert_eq!(
            world.send(method, path, &[("authorization", &bearer)], huge).await.problem(),
            (413, "body_too_large".into())
        );
    }
    let binary = world
        .send(Method::POST, "/api/auth/telegram", &[("content-type", "application/octet-stream")], vec![0xff, 0xfe, 0])
        .await;
    assert_eq!(binary.problem(), (400, "invalid_json".into()));
}

#[tokio::test]
async fn a_sign_in_without_its_field_or_with_a_bad_key_names_it() {
    let world = World::start().await;
    for (body, key, field) in [
        (json!({}), None, "init_data"),
        (json!({ "init_data": "" }), None, "init_data"),
        (json!({ "init_data": 5 }), None, "init_data"),
        (json!({ "init_data": "a=b", "hash": [] }), None, "hash"),
        (json!({ "init_data": "a=b" }), Some("with space"), "Idempotency-Key"),
        (json!({ "init_data": "a=b" }), Some("ключ"), "Idempotency-Key"),
        (json!({ "init_data": "a=b" }), Some(&*"k".repeat(65)), "Idempotency-Key"),
    ] {
        let headers = key.map(|key| ("idempotency-key", key));
        let answer = world.send(Method::POST, "/api/auth/telegram", headers.as_slice(), body.to_string()).await;
        assert_eq!(answer.problem(), (422, "validation_failed".into()), "{body}");
        assert_eq!(answer.json()["errors"][0]["field"], field, "{body}");
    }
}

#[tokio::test]
async fn strange_ids_and_addresses_are_404_and_reach_nobody() {
    let world = World::with(&[("RATE_LIMIT_PER_S", "1000")]).await;
    let driver = world.driver().await;
    let long = "9".repeat(9000);
    for id in [
        "a",
        "0",
        "01",
        "-1",
        "1.5",
        "1%2F2",
        "..%2F..%2Fv1%2Fme",
        "%00",
        "%D1%8F",
        "1%20",
        "%F0%9F%9A%9A",
        "1%0d%0aX:y",
        "%E2%80%AE1",
        "123456789012345678901",
        &long,
    ] {
        let answer = world.get(&driver, &format!("/api/cargos/{id}")).await;
        assert_eq!(answer.problem(), (404, "not_found".into()), "{id:.40}");
    }
    for path in [
        "/api/cargos/1?evil=1",
        "/api/cargos/1?seen_price_rub=x",
        "/api/cargos/1?seen_price_rub=1&seen_price_rub=2",
        "/api/dictionaries/cities?q=1&q=2",
        "/api/dictionaries/cities?x=1",
    ] {
        assert_eq!(world.get(&driver, path).await.problem(), (422, "validation_failed".into()), "{path}");
    }
    let long_city = format!("/api/dictionaries/cities?q={}", "я".repeat(61));
    assert_eq!(world.get(&driver, &long_city).await.problem().0, 422);
    assert_eq!(world.get(&driver, "/api/nothing").await.status.as_u16(), 404);
    assert_eq!(world.call(&driver, Method::DELETE, "/api/cargos", &json!(null)).await.status.as_u16(), 404);
    assert_eq!(world.look("/cargotech").await["counters"]["requests_total"], 0);
}

#[tokio::test]
async fn odd_headers_break_nothing() {
    let world = World::start().await;
    let driver = world.driver().await;
    let bearer = format!("bearer  {}", driver.token);
    for (name, value) in [
        ("if-none-match", "W/\"a\", \"b\", *"),
        ("accept-encoding", ";;q=,gzip;q=x"),
        ("x-request-id", "evil"),
        ("accept-language", "яя"),
        ("cookie", "a=b; c=\"d\""),
    ] {
        let answer = world.send(Method::GET, "/api/cargos", &[("authorization", &bearer), (name, value)], "").await;
        assert!([200, 304].contains(&answer.status.as_u16()), "{name}: {} {}", answer.status, answer.body);
        assert_ne!(answer.header("x-request-id"), "evil");
    }
}

#[tokio::test]
async fn only_the_apps_own_origin_may_call_across_origins() {
    let world = World::start().await;
    let preflight = async |origin: &str| {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "GET"),
            ("access-control-request-headers", "authorization"),
        ];
        world.send(Method::OPTIONS, "/api/cargos", &headers, "").await
    };
    let own = preflight(world.address()).await;
    assert_eq!(own.header("access-control-allow-origin"), world.address());
    let foreign = preflight("https://evil.example").await;
    assert_eq!(foreign.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn a_422_names_twenty_faults_at_most_and_sends_little_of_what_came_back() {
    let world = World::with(&[("RATE_LIMIT_PER_S", "1000")]).await;
    let driver = world.driver_with_phone().await;
    let cargo = world.cargo(&driver).await;
    let few = |answer: &tests::Answer, what: &str| {
        assert_eq!(answer.problem(), (422, "validation_failed".into()), "{what}: {}", answer.body);
        let errors = answer.json()["errors"].as_array().cloned().expect("faults");
        assert_eq!(errors.len(), 20, "{what}");
        assert!(answer.body.len() < 16 * 1024, "{what}: {} bytes", answer.body.len());
        let names = errors.iter().map(|error| serde_json::to_string(&error["field"]).unwrap().len() - 2);
        assert!(names.sum::<usize>() <= 1024, "{what}");
        errors
    };
    let query: String = (0..2500).map(|number| format!("&a{number}")).collect();
    few(&world.get(&driver, &format!("/api/cargos?{}", &query[1..9000])).await, "a query");
    for name in ["имя-которое-никто-не-знает-и-которое-очень-длинное-", "\u{1}\u{2}\"\\\"\u{3}", "x"]
    {
        let body: serde_json::Map<_, _> =
            (0..100).map(|number| (name.repeat(3) + &number.to_string(), json!(1))).collect();
        let mut body = serde_json::Value::Object(body);
        let path = format!("/api/cargos/{cargo}/responses");
        few(&world.call(&driver, Method::POST, &path, &body).await, name);
        few(&world.call(&driver, Method::PUT, "/api/me", &body).await, name);
        // What can be mended is among them.
        body["phone"] = json!("nobody's");
        let errors = few(&world.call(&driver, Method::POST, &path, &body).await, name);
        assert_eq!(errors[0]["field"], "phone");
    }
}
