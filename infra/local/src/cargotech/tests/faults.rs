use super::*;

#[tokio::test]
async fn a_failure_lasts_as_often_as_told_and_only_there() {
    let api = Api::logged_in().await;
    api.set(json!({"fail": {"status": 503, "times": 2, "endpoint": "list"}})).await;
    assert_eq!(api.get("/v1/me").await.status, StatusCode::OK);
    for status in [503, 503, 200, 200] {
        assert_eq!(api.get("/v2/cargos/views").await.status, status);
    }
    assert_eq!(api.shown().await["settings"]["fail"], Value::Null);
    api.set(json!({"fail": {"status": 429, "reset_after": 7}})).await;
    let answer = api.get("/v1/me").await;
    assert_eq!((answer.status.as_u16(), answer.header("x-ratelimit-reset-after")), (429, 7));
    api.set(json!({"fail": {"status": 403, "endpoint": "login"}})).await;
    let body = json!({"phone": "+79990000000", "password": PASSWORD});
    let answer = api.send("POST", "/api/v1/auth/login", Some(body)).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (403, json!({"error": "Account suspended"})));
    for status in 400..=599 {
        api.set(json!({"fail": {"status": status}})).await;
        assert_eq!(api.get("/v1/me").await.status, status);
    }
    api.set(json!({"fail": null})).await;
    assert_eq!(api.get("/v1/me").await.status, StatusCode::OK);
}

#[tokio::test]
async fn it_can_be_slow() {
    let api = Api::logged_in().await;
    let waited = async |api: &Api| {
        let start = Instant::now();
        api.get("/v1/me").await;
        start.elapsed()
    };
    api.set(json!({"latency_ms": 80})).await;
    assert!(waited(&api).await >= Duration::from_millis(80));
    api.set(json!({"latency_ms": {"min": 10, "max": 20}})).await;
    for _ in 0..5 {
        assert!(waited(&api).await >= Duration::from_millis(10));
    }
    let shown = api.set(json!({"latency_ms": 0})).await;
    assert_eq!(shown["settings"]["latency_ms"], json!({"min": 0, "max": 0}));
}

#[tokio::test]
async fn a_good_answer_can_be_spoiled() {
    let api = Api::logged_in().await;
    let list = "/v2/cargos/views?limit=3";
    api.set(json!({"malformed": "broken_json"})).await;
    let answer = api.get(list).await;
    assert!(answer.status == StatusCode::OK && serde_json::from_slice::<Value>(&answer.body).is_err());
    assert!(!answer.body.is_empty());
    assert!(api.get("/v1/me").await.json()["data"].is_object(), "sign-in is spared");
    api.set(json!({"malformed": "empty"})).await;
    assert!(api.get(list).await.body.is_empty());
    api.set(json!({"malformed": {"kind": "wrong_types", "times": 1}})).await;
    let confused = api.get(list).await.json();
    assert!(confused["data"].is_object() && confused["meta"]["size"].is_string());
    assert!(api.get(list).await.json()["data"].is_array(), "once only");
    api.set(json!({"malformed": "empty_list"})).await;
    assert_eq!(api.get(list).await.json(), json!({"data": [], "meta": {"size": 0}}));
    api.set(json!({"malformed": {"kind": "broken_json", "endpoint": "login"}})).await;
    let body = json!({"phone": "+79990000000", "password": PASSWORD});
    let answer = api.send("POST", "/api/v1/auth/login", Some(body)).await;
    assert!(serde_json::from_slice::<Value>(&answer.body).is_err());
    api.set(json!({"malformed": null})).await;
    assert!(api.get(list).await.json()["data"].is_array());
}

#[tokio::test]
async fn a_dropped_connection_ends_without_a_byte() {
    let api = Api::logged_in().await;
    api.set(json!({"drop": {"after_ms": 50, "times": 1}})).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    #[allow(clippy::disallowed_methods, reason = "a server beside the test")]
    let server = tokio::spawn(axum::serve(listener, api.app.clone()).into_future());
    let ask = async || {
        let mut socket = tokio::net::TcpStream::connect(address).await.expect("a connection");
        let request = "GET /api/v1/me HTTP/1.1\r\nHost: cargotech\r\nConnection: close\r\n\r\n";
        socket.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = Vec::new();
        // Closed or reset: both are no answer.
        let _ = socket.read_to_end(&mut answer).await;
        answer
    };
    let start = Instant::now();
    assert_eq!(ask().await, b"");
    assert!(start.elapsed() >= Duration::from_millis(50));
    assert!(ask().await.starts_with(b"HTTP/1.1 401"));
    server.abort();
}

#[tokio::test]
async fn wrong_settings_are_named_and_none_is_taken() {
    let api = Api::logged_in().await;
    let before = api.shown().await["settings"].take();
    for (settings, field) in [
        (json!({"latency_ms": -1}), "latency_ms"),
        (json!({"latency_ms": {"min": 5, "max": 1}}), "latency_ms.max"),
        (json!({"latency_ms": {"min": 5}}), "latency_ms.max"),
        (json!({"fail": {}}), "fail.status"),
        (json!({"fail": {"status": 200}}), "fail.status"),
        (json!({"fail": {"status": 500, "times": 0}}), "fail.times"),
        (json!({"fail": {"status": 500, "endpoint": "lists"}}), "fail.endpoint"),
        (json!({"fail": {"status": 500, "time": 1}}), "fail.time"),
        (json!({"fail": 500}), "fail"),
        (json!({"drop": true}), "drop"),
        (json!({"drop": {"after_ms": "1"}}), "drop.after_ms"),
        (json!({"malformed": "sideways"}), "malformed.kind"),
        (json!({"shape": "round", "latency_ms": 100}), "shape"),
        (json!({"omit_total": 1}), "omit_total"),
        (json!({"rate_limit_per_min": 0}), "rate_limit_per_min"),
        (json!({"lattency_ms": 5}), "lattency_ms"),
        (json!([1]), "body"),
    ] {
        let answer = api.send("PUT", "/control", Some(settings.clone())).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{settings}");
        let answer = answer.json();
        let fields: Vec<&String> = answer["errors"].as_object().expect("errors").keys().collect();
        assert_eq!(fields, [field], "{settings}");
        assert!(answer["message"].as_str().is_some_and(|text| text.contains(field)), "{answer}");
    }
    assert_eq!(api.shown().await["settings"], before);
}

#[tokio::test]
async fn a_reset_forgets_all_but_the_tokens() {
    let api = Api::logged_in().await;
    let before = api.list("limit=100").await;
    let id = id_of(&before["data"][0]);
    api.send("POST", &format!("/control/cargos/{id}/remove"), None).await;
    api.set(json!({"shape": "flat", "fail": {"status": 500}, "rate_limit_per_min": 5})).await;
    let shown = api.send("POST", "/control/reset", None).await.json();
    assert_eq!(shown["settings"], Api::start().shown().await["settings"]);
    assert_eq!((&shown["counters"]["requests_total"], &shown["live_tokens"]), (&json!(0), &json!(1)));
    assert_eq!(api.list("limit=100").await, before);
}

#[tokio::test]
async fn the_control_page_shows_no_secret() {
    let api = Api::logged_in().await;
    let shown = api.shown().await.to_string();
    assert!(!shown.contains(PASSWORD) && !shown.contains("9990000000") && !shown.contains(&api.token));
}
