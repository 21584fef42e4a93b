//! The started product, as a browser and as the tests of the functions meet it.
use std::{collections::BTreeMap, path::Path};

use local::{Options, Product, Running, StartError};
use reqwest::{Client, Method, Response, StatusCode, redirect::Policy};
use serde_json::{Value, json};

async fn start() -> Running {
    Product::start(Options::default()).await.expect("the product starts")
}

async fn ask(running: &Running, method: Method, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> Response {
    let client = Client::builder().redirect(Policy::none()).build().expect("a client");
    let mut request = client.request(method, format!("{}{path}", running.url()));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if let Some(body) = body {
        request = request.json(&body);
    }
    request.send().await.expect("an answer")
}

async fn get(running: &Running, path: &str) -> Response {
    ask(running, Method::GET, path, &[], None).await
}

async fn sandbox(running: &Running, method: Method, path: &str, body: Option<Value>) -> Value {
    let response = ask(running, method, &format!("/_sandbox{path}"), &[], body).await;
    assert!(response.status().is_success(), "{path}: {}", response.status());
    response.json().await.expect("JSON")
}

/// Signs a demo driver in and returns the session's token.
async fn sign_in(running: &Running) -> String {
    let launch = sandbox(running, Method::POST, "/telegram/init-data", None).await;
    let body = json!({"init_data": launch["init_data"]});
    let response = ask(running, Method::POST, "/api/auth/telegram", &[], Some(body)).await;
    assert_eq!(response.status(), StatusCode::OK);
    let session: Value = response.json().await.expect("JSON");
    session["session_token"].as_str().expect("a token").to_owned()
}

async fn cargos(running: &Running, token: &str) -> StatusCode {
    let authorization = format!("Bearer {token}");
    ask(running, Method::GET, "/api/cargos", &[("authorization", &authorization)], None).await.status()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_signs_in_and_sees_cargos() {
    let running = start().await;
    let token = sign_in(&running).await;
    assert_eq!(cargos(&running, &token).await, StatusCode::OK);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_products_in_one_process_know_nothing_of_each_other() {
    let (one, other) = tokio::join!(start(), start());
    let token = sign_in(&one).await;
    sandbox(&one, Method::POST, "/clock", Some(json!({"advance_s": 3600}))).await;
    assert_eq!(sandbox(&other, Method::GET, "/clock", None).await["offset_s"], 0);
    assert_eq!(cargos(&other, &token).await, StatusCode::UNAUTHORIZED);
    one.stop().await;
    assert_eq!(get(&other, "/api/health").await.status(), StatusCode::OK);
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn data_outlives_a_start_until_it_is_reset() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = || Options { data_dir: Some(folder.path().to_owned()), ..Options::default() };
    let running = Product::start(options()).await.expect("started");
    let token = sign_in(&running).await;
    let second = Product::start(options()).await.expect_err("in use");
    assert!(matches!(second, StartError::DataDir(_)), "{second}");
    running.stop().await;

    let running = Product::start(options()).await.expect("started again");
    assert_eq!(cargos(&running, &token).await, StatusCode::OK);
    running.stop().await;

    let running = Product::start(Options { reset: true, ..options() }).await.expect("started afresh");
    assert_eq!(cargos(&running, &token).await, StatusCode::UNAUTHORIZED);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_start_says_why() {
    let running = start().await;
    let port = running.address().port();
    let taken = Product::start(Options { port, ..Options::default() }).await.expect_err("taken");
    assert!(taken.to_string().contains(&format!("port {port} is taken")), "{taken}");
    running.stop().await;

    let environment = BTreeMap::from([("LIST_TTL_S".to_owned(), "soon".to_owned())]);
    let bad = Options { environment: Some(environment), ..Options::default() };
    let error = Product::start(bad).await.expect_err("a bad value");
    assert!(error.to_string().contains("LIST_TTL_S"), "{error}");

    let missing = Options { template: Path::new("/none.yaml").to_owned(), ..Options::default() };
    let error = Product::start(missing).await.expect_err("no template");
    assert!(error.to_string().contains("none.yaml"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_answers_through_cloudfront_only() {
    let running = start().await;
    assert_eq!(get(&running, "/api/health").await.status(), StatusCode::OK);
    assert_eq!(get(&running, "/_gateway/api/health").await.status(), StatusCode::FORBIDDEN);
    let forged = [("x-origin-token", "guess"), ("cloudfront-viewer-address", "198.51.100.1:1")];
    let past = ask(&running, Method::GET, "/_gateway/api/health", &forged, None).await;
    assert_eq!(past.status(), StatusCode::FORBIDDEN);
    let through = ask(&running, Method::GET, "/api/health", &forged, None).await;
    assert_eq!(through.status(), StatusCode::OK, "the front puts its own header in the client's place");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_our_own_origin_may_read_answers() {
    let running = start().await;
    let own = running.url();
    let allowed = ask(&running, Method::OPTIONS, "/api/cargos", &[("origin", &own)], None).await;
    assert_eq!(allowed.status(), StatusCode::NO_CONTENT);
    assert_eq!(allowed.headers()["access-control-allow-origin"], own.as_str());
    let actual = ask(&running, Method::GET, "/api/health", &[("origin", &own)], None).await;
    assert_eq!(actual.headers()["access-control-allow-origin"], own.as_str());
    for method in [Method::OPTIONS, Method::GET] {
        let other = ask(&running, method, "/api/health", &[("origin", "https://example.org")], None).await;
        assert!(!other.headers().contains_key("access-control-allow-origin"));
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_paths_end_in_an_answer_of_the_product() {
    let running = start().await;
    let token = format!("Bearer {}", sign_in(&running).await);
    let long = format!("/api/cargos/{}", "x".repeat(9_000));
    for path in ["/api/cargos/%00", "/api/cargos/%zz", "/api/cargos/a%3Fb", "/api/cargos/%FF%FE", &long] {
        let response = ask(&running, Method::GET, path, &[("authorization", &token)], None).await;
        let kind = response.headers()["content-type"].clone();
        assert!(response.status().is_client_error(), "{path}: {}", response.status());
        assert_eq!(kind, "application/problem+json", "{path}");
    }
    let longer = format!("/api/cargos/{}", "x".repeat(10_240));
    assert_eq!(get(&running, &longer).await.status(), StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_for_this_machine_has_no_other_name() {
    let running = start().await;
    for path in ["/", "/_aws", "/_sandbox", "/_sandbox/telegram/app/", "/_cargotech/v1/me", "/_telegram/bot1:a/getMe"] {
        let response = ask(&running, Method::GET, path, &[("host", "example.org")], None).await;
        assert_eq!(response.status(), StatusCode::MISDIRECTED_REQUEST, "{path}");
    }
    // A tunnel lets a real phone in under another name.
    let response = ask(&running, Method::GET, "/api/health", &[("host", "example.org")], None).await;
    assert_eq!(response.status(), StatusCode::OK);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_cargotech_takes_the_place_of_the_sandbox() {
    let environment = BTreeMap::from([("CARGOTECH_BASE_URL".to_owned(), "http://127.0.0.1:9".to_owned())]);
    let options = Options { environment: Some(environment), ..Options::default() };
    let running = Product::start(options).await.expect("started");
    assert_eq!(get(&running, "/_cargotech/v1/me").await.status(), StatusCode::NOT_FOUND);
    assert_eq!(get(&running, "/_sandbox/cargotech").await.status(), StatusCode::NOT_FOUND);
    assert_eq!(sandbox(&running, Method::GET, "", None).await["cargotech"], false);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_who_opens_the_app_can_be_written_to() {
    let running = start().await;
    let bot = format!("/_telegram/bot{}", "7000000001:local-demo-bot-token");
    let message = json!({"chat_id": 4_200_000_001_i64, "text": "Здравствуйте"});
    let send = async || {
        let path = format!("{bot}/sendMessage");
        ask(&running, Method::POST, &path, &[], Some(message.clone())).await.status()
    };
    assert_eq!(send().await, StatusCode::BAD_REQUEST);
    sandbox(&running, Method::POST, "/telegram/init-data", Some(json!({"driver_id": 4_200_000_001_i64}))).await;
    assert_eq!(send().await, StatusCode::OK);
    let chat = sandbox(&running, Method::GET, "/telegram/chats/4200000001", None).await;
    assert_eq!(chat["messages"][0]["text"], "Здравствуйте");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_telegram_takes_the_place_of_the_sandbox() {
    let environment = BTreeMap::from([("TELEGRAM_BASE_URL".to_owned(), "http://127.0.0.1:9".to_owned())]);
    let options = Options { environment: Some(environment), ..Options::default() };
    let running = Product::start(options).await.expect("started");
    assert_eq!(get(&running, "/_telegram/bot1:a/getMe").await.status(), StatusCode::NOT_FOUND);
    assert_eq!(get(&running, "/_sandbox/telegram/chats").await.status(), StatusCode::NOT_FOUND);
    assert_eq!(sandbox(&running, Method::GET, "", None).await["telegram"], false);
    // Signing in needs nobody but us.
    sign_in(&running).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_does_not_wait_for_what_hangs() {
    let running = start().await;
    sandbox(&running, Method::PUT, "/store", Some(json!({"faults": [{"hang": true}]}))).await;
    let (client, url) = (Client::new(), running.aws_endpoint());
    #[allow(clippy::disallowed_methods, reason = "a client beside the test")]
    let hanging = tokio::spawn(async move {
        let body = r#"{"TableName":"app","Key":{"pk":{"S":"a"},"sk":{"S":"b"}}}"#;
        client.post(url).header("x-amz-target", "DynamoDB_20120810.GetItem").body(body).send().await
    });
    while sandbox(&running, Method::GET, "/store/counts", None).await["total"].as_u64() < Some(8) {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let started = std::time::Instant::now();
    running.stop().await;
    assert!(started.elapsed().as_secs() < 2, "{:?}", started.elapsed());
    assert!(hanging.await.expect("no panic").is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_orders_to_the_sandbox_are_refused() {
    let running = start().await;
    for (path, body) in [
        ("/store", json!({"faults": [{"eror": "x"}]})),
        ("/clock", json!({"offset": 1})),
        ("/queues", json!({"lose": "some"})),
        ("/telegram/faults", json!({"dwon": true})),
    ] {
        let response = ask(&running, Method::PUT, &format!("/_sandbox{path}"), &[], Some(body)).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{path}");
    }
    let none = ask(&running, Method::POST, "/_sandbox/schedules/none", &[], None).await;
    assert_eq!(none.status(), StatusCode::NOT_FOUND);
    running.stop().await;
}
