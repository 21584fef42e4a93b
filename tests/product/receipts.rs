//! Where receipts go: addresses that mail cannot go to are refused, by us or by YooKassa, and whoever typed one is led to it.
use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    Answer, Driver, World,
    money::{CARD, ordered},
};

/// An address that only YooKassa knows to be none.
const REFUSED_THERE: &str = "ivan@nowhere.invalid";

async fn with_receipts() -> (World, Driver) {
    let (world, owner) = World::with_owner().await;
    let receipts = json!({
        "vat_code": 1, "tax_system_code": 2, "payment_subject": "service", "payment_mode": "full_payment", "measure": "piece",
    });
    world.set(json!({ "receipts": receipts })).await;
    world.sandbox("/yookassa/settings", json!({ "fiscalization": true })).await;
    (world, owner)
}

async fn order(world: &World, driver: &Driver, email: &str, key: &str) -> Answer {
    let bearer = format!("Bearer {}", driver.token);
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json"), ("idempotency-key", key)];
    let body = json!({ "plan": "1m", "email": email });
    world.send(Method::POST, "/api/payments", &headers, body.to_string()).await
}

/// That an answer is about the address, and how.
fn is_about_the_address(answer: &Answer, code: &str) {
    assert_eq!(answer.problem(), (422, "validation_failed".into()), "{}", answer.body);
    let errors = answer.json()["errors"].clone();
    let told = (&errors[0]["field"], &errors[0]["code"], errors.as_array().map(Vec::len));
    assert_eq!(told, (&json!("email"), &json!(code), Some(1)), "{errors}");
}

#[tokio::test]
async fn an_address_that_mail_cannot_go_to_never_reaches_yookassa() {
    let (world, _) = with_receipts().await;
    let driver = world.driver().await;
    for (place, address) in
        ["иван@mail.ru", "ivаn@mail.ru", "a..b@mail.ru", "a@mail", "a b@mail.ru", "a@-mail.ru"].iter().enumerate()
    {
        is_about_the_address(&order(&world, &driver, address, &format!("k{place}")).await, "malformed");
        let profile = world.call(&driver, Method::PUT, "/api/me", &json!({ "email": address })).await;
        is_about_the_address(&profile, "malformed");
    }
    assert!(world.creations().await.is_empty());
    assert_eq!(world.get(&driver, "/api/me").await.json()["driver"]["email"], Value::Null);
}

#[tokio::test]
async fn a_domain_in_cyrillic_goes_to_yookassa_as_machines_write_it() {
    let (world, _) = with_receipts().await;
    let driver = world.driver().await;
    let answer = order(&world, &driver, "ivan@почта.рф", "k").await;
    assert_eq!(answer.status.as_u16(), 201, "{}", answer.body);
    assert_eq!(world.at_yookassa().await[0]["request"]["receipt"]["customer"]["email"], "ivan@xn--80a1acny.xn--p1ai");
}

#[tokio::test]
async fn an_address_that_yookassa_refuses_is_told_by_its_field_and_another_one_pays() {
    let (world, owner) = with_receipts().await;
    let driver = world.driver().await;
    // A repeat is answered as the first, and asks for nothing.
    for _ in 0..2 {
        is_about_the_address(&order(&world, &driver, REFUSED_THERE, "first").await, "refused");
    }
    assert_eq!(world.creations().await.values().sum::<u64>(), 1);
    let refused = world.all(&owner, "payments").await;
    assert_eq!((refused.len(), &refused[0]["status"]), (1, &json!("refused")));
    assert_eq!(refused[0]["reason"], "refused: invalid_request receipt.customer.email");
    let answer = order(&world, &driver, "ivan@mail.ru", "second").await;
    assert_eq!(answer.status.as_u16(), 201, "{}", answer.body);
    let paid = ordered(&answer.json()["payment"]);
    world.pay(&paid.yookassa_id, CARD).await;
    world.until_paid(&driver, &paid.id, "succeeded").await;
}

#[tokio::test]
async fn another_refusal_of_yookassas_stays_our_own_trouble() {
    let (world, _) = with_receipts().await;
    let driver = world.driver().await;
    world.set(json!({ "receipts": Value::Null })).await;
    let answer = order(&world, &driver, "ivan@mail.ru", "k").await;
    assert_eq!(answer.problem(), (502, "payment_refused".into()));
}

#[tokio::test]
async fn an_admin_who_gives_a_part_back_is_led_to_the_address_as_well() {
    let (world, owner) = with_receipts().await;
    let driver = world.driver().await;
    let paid = ordered(&order(&world, &driver, "ivan@mail.ru", "k").await.json()["payment"]);
    world.pay(&paid.yookassa_id, CARD).await;
    world.until_paid(&driver, &paid.id, "succeeded").await;
    let path = format!("payments/{}/refund", paid.id);
    let back = |email: &str| json!({ "amount_rub": 100, "reason": "просит", "email": email });
    for _ in 0..2 {
        is_about_the_address(&world.command(&owner, &path, "a", &back(REFUSED_THERE)).await, "refused");
    }
    is_about_the_address(&world.command(&owner, &path, "b", &back("иван@mail.ru")).await, "malformed");
    let answer = world.command(&owner, &path, "c", &back("petr@mail.ru")).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["refund"]["status"]),
        (201, &json!("succeeded")),
        "{}",
        answer.body
    );
}
