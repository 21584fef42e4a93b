//! Notifications, delivered to a webhook.

use super::*;

#[tokio::test]
async fn each_event_is_told_with_its_object_from_a_known_network() {
    let api = Api::start();
    let (task, seen) = webhook(&api, |_| 200);
    let paid = api.paid().await;
    let held = id(&api.post("/payments", &order_with("/capture", json!(false))).await.json());
    api.control("POST", &format!("/payments/{held}/pay"), Value::Null).await;
    api.post(&format!("/payments/{held}/cancel"), &json!({})).await;
    let refund = api.control("POST", &format!("/payments/{}/refund", id(&paid)), Value::Null).await;
    until(|| seen.lock().expect("no panic").len() == 4).await;
    let mut told = events(&seen);
    told.sort();
    assert_eq!(told, ["payment.canceled", "payment.succeeded", "payment.waiting_for_capture", "refund.succeeded"]);
    for (from, path, body) in seen.lock().expect("no panic").iter() {
        assert_eq!(path, "/webhooks/yookassa/token%20of%20%2Fthe%20webhook");
        assert_eq!(body["type"], "notification");
        assert!(super::super::notifications::SENDERS.iter().any(|sender| sender.to_string() == *from), "{from}");
        match body["event"].as_str() {
            Some("payment.succeeded") => assert_eq!(body["object"], paid),
            Some("refund.succeeded") => assert_eq!(body["object"], refund),
            _ => assert_eq!(body["object"]["id"], held.as_str()),
        }
    }
    task.abort();
}

#[tokio::test]
async fn there_is_no_event_of_a_new_payment_or_a_canceled_refund() {
    let api = Api::start();
    let (task, seen) = webhook(&api, |_| 200);
    api.control("PUT", "/settings", json!({"refunds": "cancel"})).await;
    let payment = id(&api.paid().await);
    api.control("POST", &format!("/payments/{payment}/refund"), Value::Null).await;
    api.create().await;
    until(|| !seen.lock().expect("no panic").is_empty()).await;
    a_moment().await;
    assert_eq!(events(&seen), ["payment.succeeded"]);
    task.abort();
}

#[tokio::test]
async fn a_payment_that_runs_out_is_told_without_being_asked_for() {
    let api = Api::start();
    let (task, seen) = webhook(&api, |_| 200);
    api.create().await;
    api.advance(3_600);
    until(|| events(&seen) == ["payment.canceled"]).await;
    task.abort();
}

#[tokio::test]
async fn what_is_not_answered_200_comes_again_with_its_old_content() {
    let api = Api::start();
    let (task, seen) = webhook(&api, |_| 204);
    let payment = api.post("/payments", &order_with("/capture", json!(false))).await.json();
    let path = format!("/payments/{}", id(&payment));
    api.control("POST", &format!("{path}/pay"), Value::Null).await;
    until(|| seen.lock().expect("no panic").len() == 1).await;
    api.post(&format!("{path}/capture"), &json!({})).await;
    until(|| seen.lock().expect("no panic").len() == 2).await;
    a_moment().await;
    assert_eq!(seen.lock().expect("no panic").len(), 2, "not before its time");
    api.advance(10);
    until(|| seen.lock().expect("no panic").len() == 4).await;
    assert_eq!(events(&seen).iter().filter(|event| *event == "payment.waiting_for_capture").count(), 2);
    let overview = api.control("GET", "/notifications", Value::Null).await;
    assert_eq!((&overview["items"][0]["attempts"], &overview["waiting"]), (&json!(2), &json!(2)));
    task.abort();
}

#[tokio::test]
async fn they_can_be_lost_doubled_and_sped_up() {
    let api = Api::start();
    let (task, seen) = webhook(&api, |_| 200);
    api.control("PUT", "/notifications", json!({"double": 1})).await;
    api.paid().await;
    until(|| seen.lock().expect("no panic").len() == 2).await;
    api.control("PUT", "/notifications", json!({"lose": 1})).await;
    api.paid().await;
    a_moment().await;
    assert_eq!(seen.lock().expect("no panic").len(), 2);
    api.control("PUT", "/notifications", json!({"lose": 1, "speed": 1_000})).await;
    api.paid().await;
    a_moment().await;
    api.advance(1);
    until(|| seen.lock().expect("no panic").len() == 3).await;
    let overview = api.control("GET", "/notifications", Value::Null).await;
    assert_eq!(overview["history"][1]["statuses"], json!([]), "it did not arrive");
    task.abort();
}

#[tokio::test]
async fn held_ones_are_released_in_any_order() {
    let api = Api::start();
    let (task, seen) = webhook(&api, |_| 200);
    api.control("PUT", "/notifications", json!({"hold": true})).await;
    let payment = api.post("/payments", &order_with("/capture", json!(false))).await.json();
    let path = format!("/payments/{}", id(&payment));
    api.control("POST", &format!("{path}/pay"), Value::Null).await;
    api.post(&format!("{path}/capture"), &json!({})).await;
    api.control("POST", &format!("{path}/refund"), Value::Null).await;
    a_moment().await;
    assert!(events(&seen).is_empty());
    let sent = api.control("POST", "/notifications/release", json!({"order": "reversed"})).await;
    assert_eq!(sent["sent"][0], json!({"id": 2, "statuses": [200]}));
    assert_eq!(events(&seen), ["refund.succeeded", "payment.succeeded", "payment.waiting_for_capture"]);
    let shown = api.control("GET", &path, Value::Null).await;
    assert_eq!(shown["notifications"], json!([0, 1]));

    api.paid().await;
    api.control("PUT", "/notifications", json!({"hold": false})).await;
    until(|| seen.lock().expect("no panic").len() == 4).await;
    task.abort();
}

#[tokio::test]
async fn any_notification_can_be_sent_on_its_own_account() {
    let api = Api::start();
    let (task, seen) = webhook(&api, |body| if body["object"].is_object() { 200 } else { 400 });
    let paid = id(&api.paid().await);
    let pending = id(&api.create().await);
    until(|| seen.lock().expect("no panic").len() == 1).await;
    // Again, and many at once.
    let sent = api.control("POST", "/notify", json!({"ids": [0, 0]})).await;
    assert_eq!(sent, json!({"statuses": [200, 200]}));
    let sent = api.control("POST", "/notify", json!({"ids": [0], "times": 50, "at_once": true})).await;
    assert_eq!(sent["statuses"].as_array().map(Vec::len), Some(50));
    assert_eq!(seen.lock().expect("no panic").len(), 53);
    // A lie about a true object.
    api.control("POST", "/notify", json!({"object_id": pending, "event": "payment.succeeded"})).await;
    let last = seen.lock().expect("no panic").last().cloned().expect("one");
    assert_eq!((&last.2["event"], &last.2["object"]["status"]), (&json!("payment.succeeded"), &json!("pending")));
    // Anything, from anywhere, with any token.
    let forged = json!({"body": {"x": 1}, "source_ip": "198.51.100.7", "token": "guess"});
    assert_eq!(api.control("POST", "/notify", forged).await, json!({"statuses": [400]}));
    let last = seen.lock().expect("no panic").last().cloned().expect("one");
    assert_eq!(last, ("198.51.100.7".to_owned(), "/webhooks/yookassa/guess".to_owned(), json!({"x": 1})));
    assert_eq!(api.payment(&paid).await["status"], "succeeded");
    for wrong in [json!({}), json!({"ids": [0], "body": {}}), json!({"object_id": paid})] {
        assert_eq!(api.order("POST", "/notify", wrong).await.status, 422);
    }
    assert_eq!(api.order("POST", "/notify", json!({"ids": [99]})).await.status, 404);
    task.abort();
}
