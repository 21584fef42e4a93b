//! Lists.

use super::*;

async fn ids(api: &Api, path: &str) -> Vec<String> {
    let answer = api.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    let list = answer.json();
    assert_eq!(list["type"], "list");
    list["items"].as_array().expect("items").iter().map(id).collect()
}

#[tokio::test]
async fn pages_lead_from_the_newest_to_the_oldest_and_miss_nothing() {
    let api = Api::start();
    let mut made = Vec::new();
    for _ in 0..23 {
        made.push(id(&api.create().await));
    }
    made.reverse();
    let first = api.get("/payments").await.json();
    assert_eq!(first["items"].as_array().map(Vec::len), Some(10));
    let (mut found, mut cursor, mut pages) = (Vec::new(), None::<String>, 0);
    loop {
        let after = cursor.map_or_else(String::new, |cursor| format!("&cursor={cursor}"));
        let page = api.get(&format!("/payments?limit=7{after}")).await.json();
        found.extend(page["items"].as_array().expect("items").iter().map(id));
        pages += 1;
        // A payment that comes meanwhile moves no page.
        api.create().await;
        match page["next_cursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => break,
        }
    }
    assert_eq!((found, pages), (made, 4));
}

#[tokio::test]
async fn an_exact_last_page_has_no_cursor() {
    let api = Api::start();
    for _ in 0..10 {
        api.create().await;
    }
    assert!(api.get("/payments").await.json().get("next_cursor").is_none());
    assert!(api.get("/payments?limit=9").await.json()["next_cursor"].is_string());
    assert_eq!(ids(&api, "/payments?limit=100").await.len(), 10);
}

#[tokio::test]
async fn payments_are_filtered_by_time_and_status() {
    let api = Api::start();
    let first = id(&api.paid().await);
    api.advance(60);
    let second = id(&api.create().await);
    api.advance(60);
    let third = id(&api.create().await);
    api.control("POST", &format!("/payments/{second}/pay"), Value::Null).await;
    let at = "2026-11-21T09:16:00.000Z";
    for (query, expected) in [
        (format!("created_at.gte={at}"), vec![&third, &second]),
        (format!("created_at.gt={at}"), vec![&third]),
        (format!("created_at.lte={at}"), vec![&second, &first]),
        (format!("created_at.lt={at}"), vec![&first]),
        (format!("created_at.gte={at}&created_at.lt=2026-11-21T12:17:00%2B03:00"), vec![&second]),
        (format!("captured_at.gt={at}"), vec![&second]),
        (format!("captured_at.lte={at}"), vec![&first]),
        ("status=pending".to_owned(), vec![&third]),
        ("status=succeeded&limit=1".to_owned(), vec![&second]),
        ("payment_method=bank_card".to_owned(), vec![&second, &first]),
        ("payment_method=sbp".to_owned(), vec![]),
    ] {
        let expected: Vec<String> = expected.into_iter().cloned().collect();
        assert_eq!(ids(&api, &format!("/payments?{query}")).await, expected, "{query}");
    }
}

#[tokio::test]
async fn a_wrong_filter_is_refused_and_not_ignored() {
    let api = Api::start();
    for (query, parameter) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=ten", "limit"),
        ("cursor=none", "cursor"),
        ("status=paid", "status"),
        ("created_at.gte=today", "created_at.gte"),
        ("created_at=2026-11-21T09:16:00Z", "created_at"),
        ("metadata%5Bpayment_id%5D=p1", "metadata[payment_id]"),
        ("payment_id=1", "payment_id"),
    ] {
        let answer = api.get(&format!("/payments?{query}")).await;
        assert_eq!((answer.status, &answer.json()["parameter"]), (400, &json!(parameter)), "{query}");
    }
    assert_eq!(api.get("/refunds?captured_at.gte=2026-11-21T09:16:00Z").await.status, 400);
}

#[tokio::test]
async fn what_is_older_than_three_years_is_not_listed() {
    let api = Api::start();
    let old = id(&api.paid().await);
    api.advance(3 * 365 * 86_400);
    assert!(ids(&api, "/payments").await.is_empty());
    assert_eq!(api.payment(&old).await["status"], "succeeded");
}

#[tokio::test]
async fn refunds_are_listed_for_a_payment() {
    let api = Api::start();
    let (first, second) = (id(&api.paid().await), id(&api.paid().await));
    for payment in [&first, &second, &first] {
        api.control("POST", &format!("/payments/{payment}/refund"), json!({"value": "10.00"})).await;
        api.advance(1);
    }
    assert_eq!(ids(&api, "/refunds").await.len(), 3);
    assert_eq!(ids(&api, &format!("/refunds?payment_id={first}&status=succeeded")).await.len(), 2);
    assert_eq!(ids(&api, &format!("/refunds?payment_id={second}")).await.len(), 1);
    assert!(ids(&api, "/refunds?status=canceled").await.is_empty());
    assert_eq!(ids(&api, "/refunds?created_at.gte=2026-11-21T09:15:01.000Z").await.len(), 2);
}
