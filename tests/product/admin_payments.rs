//! Payments as admins look for them.
use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    Driver, World,
    money::{CARD, POOR_CARD},
    text,
};

/// A payment's row as the store writes it, ordered at that instant by one of many drivers.
fn row(number: usize, at_ms: i64) -> Value {
    let id = format!("00000000-0000-4000-8000-{number:012}");
    let (plan, kopecks, status) = match number % 10 {
        0 => ("3m", 129_900, "canceled"),
        1 => ("12m", 399_900, "succeeded"),
        _ => ("1m", 49_900, "succeeded"),
    };
    let driver_id = 7_000_000_000_usize + number % 5000;
    let body = json!({
        "id": id, "driver_id": driver_id, "plan": { "id": plan, "name": "План", "days": 30, "price_kopecks": kopecks },
        "body": "{}", "status": status, "version": 3, "yookassa_id": format!("y-{number}"), "confirmation_url": null,
        "reason": null, "receipt": null, "created_at_ms": at_ms, "updated_at_ms": at_ms,
        "history": [{ "status": status, "at_ms": at_ms }], "refunds": [], "asked_refunds": [],
    });
    json!({
        "pk": { "S": format!("PAYMENT#{id}") }, "sk": { "S": "-" }, "id": { "S": id }, "body": { "S": body.to_string() },
        "version": { "N": "3" }, "driver_id": { "N": driver_id.to_string() }, "state": { "S": status },
        "plan": { "S": plan }, "kopecks": { "N": kopecks.to_string() },
        "list": { "S": "PAYMENTS" }, "listed_at": { "S": format!("{at_ms:014}#{id}") },
    })
}

async fn page(world: &World, owner: &Driver, query: &str) -> Value {
    // The stand-in reads a hundred thousand rows on a busy machine; it may take longer than a call to DynamoDB may.
    for _ in 0..20 {
        world.pass(1);
        let answer = world.ask(owner, &format!("payments?{query}")).await;
        if answer.status != 503 {
            return answer.ok().json();
        }
        world.store_calls().await;
    }
    panic!("the store never answers {query}");
}

#[tokio::test]
async fn a_page_of_a_hundred_thousand_payments_costs_no_more_calls_than_one_of_a_hundred() {
    let (world, owner) = World::with_owner().await;
    let (count, now_ms) = (100_000, world.now_ms());
    let rows: Vec<_> = (0..count).map(|number| row(number, now_ms - 1000 * i64::try_from(number).unwrap())).collect();
    world.insert(rows).await;
    for (query, most, full) in [
        ("limit=100", 1, true),
        ("limit=100&status=succeeded", 5, true),
        ("limit=100&plan=12m", 5, true),
        ("limit=100&amount_from=4000", 5, false),
    ] {
        // A job that runs meanwhile is counted too; it does not run each time.
        let (mut found, mut calls) = (Value::Null, std::collections::BTreeMap::new());
        for _ in 0..3 {
            world.store_calls().await;
            found = page(&world, &owner, query).await;
            let counted = world.store_calls().await;
            if calls.is_empty() || counted.values().sum::<u64>() < calls.values().sum() {
                calls = counted;
            }
        }
        assert!(calls["Query app"] <= most, "{query}: {calls:?}");
        assert!(calls.get("BatchGetItem app").is_some_and(|reads| *reads <= 3), "{query}: {calls:?}");
        assert!(calls.keys().all(|call| !call.starts_with("Scan")), "{query}: {calls:?}");
        assert_eq!(found["items"].as_array().unwrap().len() == 100, full, "{query}");
        if !full {
            // Nothing fits; whoever asks is told how far it was looked, and can go on.
            assert!(found["cursor"].is_string() && found["reached"].is_string(), "{query}: {found}");
        }
    }
    let driver = page(&world, &owner, "driver_id=7000000007").await;
    assert!(driver["items"].as_array().unwrap().is_empty(), "a driver's own list is made by orders alone");
    let one = page(&world, &owner, "id=00000000-0000-4000-8000-000000099999").await;
    assert_eq!(one["items"][0]["yookassa_id"], "y-99999");
}

#[tokio::test]
async fn pages_follow_each_other_while_rows_arrive_and_a_file_has_them_all() {
    let (world, owner) = World::with_owner().await;
    let now_ms = world.now_ms();
    world.insert((0..1205).map(|number| row(number, now_ms - 1000 * i64::try_from(number).unwrap())).collect()).await;
    let (mut seen, mut cursor) = (BTreeSet::new(), String::new());
    let mut arrived = 0;
    loop {
        let found = page(&world, &owner, &format!("limit=100{cursor}")).await;
        for item in found["items"].as_array().unwrap() {
            assert!(seen.insert(text(&item["id"])), "no payment comes twice: {item}");
        }
        // Another one arrives at the head of the list, which has been passed.
        world.insert(vec![row(5000 + arrived, now_ms + 1000)]).await;
        arrived += 1;
        match found["cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 1205);

    let first = world.ask(&owner, "payments?format=csv").await.ok();
    assert!(first.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    let next = first.headers["x-next-cursor"].to_str().unwrap().to_owned();
    let second = world.ask(&owner, &format!("payments?format=csv&cursor={next}")).await.ok();
    assert!(!second.headers.contains_key("x-next-cursor"));
    let file = first.body.clone() + &second.body;
    assert!(!second.body.starts_with('\u{feff}'), "one mark in a file");
    let lines: Vec<_> = file.strip_prefix('\u{feff}').expect("the mark of UTF-8").lines().collect();
    assert_eq!(lines.len(), 1205 + arrived + 1, "all rows and one line of headings");
    assert!(
        lines[0].starts_with("\"Платёж\";\"Водитель, ID\"") && lines[1].contains("\"49900") | lines[1].contains("499")
    );

    let bad = world.ask(&owner, "payments?cursor=made-up&status=paid&from=yesterday&limit=1000").await;
    assert_eq!(bad.status, 422);
    let fields: BTreeSet<_> =
        bad.json()["errors"].as_array().unwrap().iter().map(|error| text(&error["field"])).collect();
    assert_eq!(fields.iter().map(String::as_str).collect::<Vec<_>>(), ["cursor", "from", "limit", "status"]);
}

#[tokio::test]
async fn a_payment_is_found_by_everything_that_is_known_of_it_and_shown_without_the_person() {
    let (world, owner) = World::with_owner().await;
    let (paid, other) = (world.driver().await, world.driver().await);
    let order = world.order(&paid, "3m").await;
    world.pay(&order.yookassa_id, CARD).await;
    world.until_paid(&paid, &order.id, "succeeded").await;
    let declined = world.order(&other, "1m").await;
    world.pay(&declined.yookassa_id, POOR_CARD).await;
    world.until_paid(&other, &declined.id, "canceled").await;

    for (query, found) in [
        (format!("id={}", order.id), vec![&order.id]),
        (format!("id={}", order.yookassa_id), vec![&order.id]),
        (format!("driver_id={}", paid.id), vec![&order.id]),
        (format!("driver_id={}&status=canceled", paid.id), vec![]),
        ("status=canceled".to_owned(), vec![&declined.id]),
        ("plan=3m".to_owned(), vec![&order.id]),
        ("amount_until=500".to_owned(), vec![&declined.id]),
        (String::new(), vec![&declined.id, &order.id]),
    ] {
        let items = page(&world, &owner, &query).await["items"].clone();
        let ids: Vec<_> = items.as_array().unwrap().iter().map(|item| text(&item["id"])).collect();
        assert_eq!(ids.iter().collect::<Vec<_>>(), found, "{query}");
    }
    let totals = page(&world, &owner, "from=2026-01-01").await["totals"].clone();
    assert_eq!(totals, Value::Null, "more days than are added up");
    let day = shared::clock::moscow_day(world.now_ms());
    let totals = page(&world, &owner, &format!("from={day}")).await["totals"].clone();
    assert_eq!(totals, json!({ "count": 1, "amount_rub": 1299.0, "refunded_rub": 0.0 }));

    let detail = world.ask(&owner, &format!("payments/{}", order.id)).await.ok().json()["payment"].clone();
    assert_eq!(detail["refundable_rub"], 1299);
    let steps: Vec<_> = detail["history"].as_array().unwrap().iter().map(|step| text(&step["status"])).collect();
    assert_eq!(steps, ["created", "pending", "succeeded"]);
    assert_eq!(detail["request"]["metadata"]["payment_id"], json!(order.id));
    assert_eq!(
        (&detail["answer"]["id"], &detail["answer"]["status"]),
        (&json!(order.yookassa_id), &json!("succeeded"))
    );
    assert!(!detail["answer"].to_string().contains("card\":"), "nothing of the card: {detail}");
    assert!(!detail.to_string().contains("client_ip") && !detail.to_string().contains("email"), "{detail}");
    assert_eq!(world.ask(&owner, "payments/unknown").await.problem(), (404, "not_found".into()));
}

#[tokio::test]
async fn a_recheck_brings_what_no_notification_told_and_is_written_down() {
    let (world, owner) = World::with_owner().await;
    let driver = world.driver().await;
    world.hold_notifications(true).await;
    let order = world.order(&driver, "1m").await;
    world.pay(&order.yookassa_id, CARD).await;
    let path = format!("/api/admin/payments/{}/recheck", order.id);
    let payment = world.call(&owner, Method::POST, &path, &Value::Null).await.ok().json()["payment"].clone();
    assert_eq!(payment["status"], "succeeded");
    assert_eq!(world.subscription(&driver).await["state"], "active");
    let again = world.call(&owner, Method::POST, &path, &Value::Null).await.ok().json()["payment"].clone();
    assert_eq!(again["history"], payment["history"], "nothing new");
    assert_eq!(world.accounts("payment", "rechecked").await.len(), 2);
    assert_eq!(world.ledger(&driver).await.len(), 2, "the trial, and the payment once");
}
