use super::*;

#[tokio::test]
async fn without_a_live_token_nothing_is_told() {
    let mut api = Api::start();
    for token in ["", "12345|made-up"] {
        api.token = token.to_owned();
        for path in ["/v1/me", "/v2/cargos/views", "/v1/carrier/cargos/1", "/v1/dictionaries/points"] {
            let answer = api.get(path).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
            assert_eq!(answer.json(), json!({"message": "Unauthenticated."}));
        }
    }
}

#[tokio::test]
async fn several_tokens_live_until_they_are_killed() {
    let mut api = Api::logged_in().await;
    let first = api.token.clone();
    let second = api.log_in().await;
    assert_ne!(first, second);
    for token in [&first, &second] {
        api.token.clone_from(token);
        assert_eq!(api.get("/v1/me").await.status, StatusCode::OK);
    }
    assert_eq!(api.shown().await["live_tokens"], 2);
    assert_eq!(api.send("POST", "/control/kill-token", None).await.json(), json!({"killed": 2}));
    assert_eq!(api.get("/v1/me").await.status, StatusCode::UNAUTHORIZED);
    api.token = api.log_in().await;
    assert!(api.token != first && api.token != second);
    assert_eq!(api.get("/v1/me").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_bad_login_is_told_field_by_field() {
    let api = Api::start();
    for (body, fields) in [
        (json!({"phone": "+79990000000", "password": "wrong"}), vec!["phone"]),
        (json!({"phone": "+79990000001", "password": PASSWORD}), vec!["phone"]),
        (json!({"phone": "", "password": 5}), vec!["password", "phone"]),
        (json!({"phone": "+79990000000", "password": PASSWORD, "remember": "yes"}), vec!["remember"]),
        (json!([]), vec!["password", "phone"]),
    ] {
        let answer = api.send("POST", "/api/v1/auth/login", Some(body)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        let errors = answer.json()["errors"].take();
        assert_eq!(errors.as_object().expect("errors").keys().collect::<Vec<_>>(), fields);
    }
    assert_eq!(api.shown().await["counters"]["logins"], 0);
}

#[tokio::test]
async fn the_601st_request_of_a_minute_is_refused() {
    let api = Api::logged_in().await;
    for left in (0..599).rev() {
        let answer = api.get("/v1/me").await;
        assert_eq!((answer.header("x-ratelimit-limit"), answer.header("x-ratelimit-remaining")), (600, left));
    }
    api.advance(20);
    let answer = api.get("/v1/me").await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.header("x-ratelimit-reset-after"), 40);
    assert_eq!(answer.header("x-ratelimit-remaining"), 0);
    let body = json!({"phone": "+79990000000", "password": PASSWORD});
    let login = api.send("POST", "/api/v1/auth/login", Some(body)).await;
    assert_eq!(login.status, StatusCode::TOO_MANY_REQUESTS);
    let counters = api.shown().await["counters"].take();
    assert_eq!((&counters["window"]["count"], &counters["limited"]), (&json!(600), &json!(2)));
    assert_eq!(counters["max_in_60s"], 602);
    assert_eq!(counters["requests"]["me"], 600);
    api.advance(40);
    assert_eq!(api.get("/v1/me").await.status, StatusCode::OK);
}
