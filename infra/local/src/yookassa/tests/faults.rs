//! What goes wrong when it is told to.

use super::*;

async fn payments(api: &Api) -> u64 {
    api.control("GET", "", Value::Null).await["payments"].as_u64().expect("a number")
}

#[tokio::test]
async fn a_500_is_before_or_after_the_deed_and_a_repeat_finds_out() {
    let api = Api::start();
    api.control("PUT", "/faults", json!({"fail": {"times": 1}})).await;
    let failed = api.post_with("a", "/payments", &order()).await;
    assert_eq!((failed.status, &failed.json()["code"]), (500, &json!("internal_server_error")));
    assert_eq!(payments(&api).await, 0);
    assert_eq!(api.post_with("a", "/payments", &order()).await.status, 200);

    api.control("PUT", "/faults", json!({"fail_after": {"times": 1, "endpoint": "create_payment"}})).await;
    assert_eq!(api.get("/payments").await.status, 200, "another call");
    assert_eq!(api.post_with("b", "/payments", &order()).await.status, 500);
    assert_eq!(payments(&api).await, 2);
    assert_eq!(api.post_with("b", "/payments", &order()).await.status, 200);
    assert_eq!(payments(&api).await, 2, "the same one");
}

#[tokio::test]
async fn an_answer_is_lost_after_the_deed_or_the_deed_with_it() {
    let api = Api::start();
    api.control("PUT", "/faults", json!({"lose": {"times": 1}})).await;
    assert_eq!(api.post_with("a", "/payments", &order()).await.status, 0);
    assert_eq!(payments(&api).await, 1);
    assert_eq!(api.post_with("a", "/payments", &order()).await.status, 200);
    api.control("PUT", "/faults", json!({"lose": {"acted": false, "after_ms": 30}})).await;
    let started = std::time::Instant::now();
    assert_eq!(api.post_with("b", "/payments", &order()).await.status, 0);
    assert!(started.elapsed().as_millis() >= 30);
    assert_eq!(payments(&api).await, 1);
}

#[tokio::test]
async fn the_old_202_means_that_nobody_knows_yet() {
    let api = Api::start();
    api.control("PUT", "/faults", json!({"processing": {"times": 2, "retry_after": 7}})).await;
    for _ in 0..2 {
        let answer = api.post_with("a", "/payments", &order()).await;
        assert_eq!((answer.status, &answer.json()["type"]), (202, &json!("processing")));
        assert_eq!(answer.json()["retry_after"], 7);
    }
    assert_eq!(api.post_with("a", "/payments", &order()).await.json()["status"], "pending");
    assert_eq!(payments(&api).await, 1);
}

#[tokio::test]
async fn refusals_have_their_codes_and_leave_the_key_free() {
    let api = Api::start();
    for (fault, status, code) in [
        ("rate_limit", 429, "too_many_requests"),
        ("unauthorized", 401, "invalid_credentials"),
        ("forbidden", 403, "forbidden"),
    ] {
        api.control("PUT", "/faults", json!({fault: {"times": 1, "retry_after": 500}})).await;
        let answer = api.post_with(fault, "/payments", &order()).await;
        let body = answer.json();
        assert_eq!((answer.status, &body["code"], &body["retry_after"]), (status, &json!(code), &json!(500)));
        assert_eq!(api.post_with(fault, "/payments", &order()).await.status, 200);
    }
}

#[tokio::test]
async fn a_slow_answer_is_of_something_done_at_once() {
    let api = Api::start();
    api.control("PUT", "/faults", json!({"latency_ms": 60_000})).await;
    let order = order();
    assert!(tokio::time::timeout(Duration::from_millis(100), api.post("/payments", &order)).await.is_err());
    assert_eq!(payments(&api).await, 1);
    let calls = api.control("GET", "/calls", Value::Null).await;
    assert_eq!(calls["endpoints"]["create_payment"]["answers"], json!({"200": 1}));
}

#[tokio::test]
async fn chance_follows_from_the_seed() {
    let api = Api::start();
    let draw = async |seed: u64| {
        let faults = json!({"seed": seed, "fail": {"probability": 0.5}});
        api.control("PUT", "/faults", faults).await;
        let mut statuses = Vec::new();
        for _ in 0..40 {
            statuses.push(api.get("/me").await.status);
        }
        statuses
    };
    let first = draw(7).await;
    assert!(first.contains(&200) && first.contains(&500));
    assert_eq!(draw(7).await, first);
    assert_ne!(draw(8).await, first);
    api.control("DELETE", "/faults", Value::Null).await;
    assert_eq!(api.get("/me").await.status, 200);
}

#[tokio::test]
async fn requests_are_counted_by_call_and_by_key() {
    let api = Api::start();
    api.control("PUT", "/faults", json!({"lose": {"times": 1}})).await;
    for _ in 0..3 {
        api.post_with("a", "/payments", &order()).await;
    }
    api.get("/payments/none").await;
    let calls = api.control("GET", "/calls", Value::Null).await;
    assert_eq!(calls["total"], 4);
    assert_eq!(calls["endpoints"]["create_payment"], json!({"calls": 3, "answers": {"200": 2, "lost": 1}}));
    assert_eq!(calls["endpoints"]["get_payment"]["answers"], json!({"404": 1}));
    assert_eq!(calls["keys"]["a"]["calls"], 3);
    assert_eq!(api.control("DELETE", "/calls", Value::Null).await["total"], 0);
}
