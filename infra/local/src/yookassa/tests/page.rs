//! The payment page, as a browser without scripts meets it.

use super::*;

const FORM: &str = "application/x-www-form-urlencoded";

fn path(payment: &Value) -> String {
    format!("/pay/{}", id(payment))
}

async fn open(api: &Api, path: &str) -> Answer {
    api.send("GET", path, &[], String::new()).await
}

async fn press(api: &Api, path: &str, action: &str, card: &str) -> Answer {
    let body = format!("card={card}&expiry=12%2F30&csc=123&action={action}");
    api.send("POST", path, &[("content-type", FORM)], body).await
}

#[tokio::test]
async fn it_says_what_it_is_and_what_is_paid() {
    let api = Api::start();
    let payment = api.post("/payments", &order_with("/description", json!("<b>Подписка</b>"))).await.json();
    let page = open(&api, &path(&payment)).await;
    assert_eq!((page.status, &page.headers["content-type"]), (200, &"text/html; charset=utf-8".parse().expect("text")));
    let html = page.text();
    assert!(html.contains("Песочница ЮKassa.") && html.contains("деньги не списываются"));
    assert!(html.contains("Заплатить 1\u{a0}299\u{a0}₽"));
    assert!(html.contains("&lt;b&gt;Подписка&lt;/b&gt;") && !html.contains("<b>Подписка"));
    assert!(html.contains(r#"href="https://example.org/app/?payment=1">Вернуться в магазин"#));
    assert_eq!(html.matches("?card=").count(), 50, "each test card is a link");
    assert!(!html.contains("<script"));
    assert_eq!(open(&api, "/pay/none").await.status, 404);
    // Being asked for changes nothing.
    assert_eq!(api.payment(&id(&payment)).await["status"], "pending");
}

#[tokio::test]
async fn a_link_fills_the_form_in() {
    let api = Api::start();
    let payment = api.create().await;
    let page = open(&api, &format!("{}?card=4111111111111111&expiry=12/30&csc=123", path(&payment))).await.text();
    assert!(page.contains(r#"name="card" value="4111111111111111""#));
    assert!(page.contains(r#"name="expiry" value="12/30""#) && page.contains(r#"name="csc" value="123""#));
    let evil = open(&api, &format!("{}?card=%22%3E%3Cscript%3E", path(&payment))).await.text();
    assert!(evil.contains("&quot;&gt;&lt;script&gt;") && !evil.contains("<script>"));
}

#[tokio::test]
async fn paying_leads_back_to_the_shop_with_nothing_added() {
    let api = Api::start();
    for (card, status) in [("4111111111111111", "succeeded"), ("5555555555554600", "canceled")] {
        let payment = api.create().await;
        let answer = press(&api, &path(&payment), "pay", card).await;
        assert_eq!((answer.status, answer.headers["location"].as_bytes()), (303, BACK.as_bytes()));
        assert_eq!(api.payment(&id(&payment)).await["status"], status);
        let again = press(&api, &path(&payment), "pay", "4111111111111111").await;
        assert_eq!(again.status, 409);
        assert_eq!(api.payment(&id(&payment)).await["status"], status);
        let page = open(&api, &path(&payment)).await.text();
        assert!(!page.contains("<form") && page.contains("Вернуться в магазин"));
    }
}

#[tokio::test]
async fn a_card_may_ask_for_a_confirmation() {
    let api = Api::start();
    let (accepted, refused) = (api.create().await, api.create().await);
    for payment in [&accepted, &refused] {
        let asked = press(&api, &path(payment), "pay", "5555555555554477").await;
        assert_eq!(asked.status, 200);
        assert!(asked.text().contains("3-D Secure") && asked.text().contains(r#"value="5555555555554477""#));
        assert_eq!(api.payment(&id(payment)).await["status"], "pending");
    }
    assert_eq!(press(&api, &path(&accepted), "confirm", "5555555555554477").await.status, 303);
    assert_eq!(press(&api, &path(&refused), "refuse", "5555555555554477").await.status, 303);
    assert_eq!(api.payment(&id(&accepted)).await["status"], "succeeded");
    let declined = api.payment(&id(&refused)).await;
    assert_eq!(declined["cancellation_details"]["reason"], "3d_secure_failed");
}

#[tokio::test]
async fn what_is_typed_wrong_is_said_and_costs_nothing() {
    let api = Api::start();
    let payment = api.create().await;
    for (body, said) in [
        ("card=4242424242424242&expiry=12/30&csc=123&action=pay", "не тестовая карта"),
        ("card=4111111111111111&expiry=10/26&csc=123&action=pay", "в будущем"),
        ("card=4111111111111111&expiry=1&csc=123&action=pay", "пишется так"),
        ("card=4111111111111111&expiry=11/26&csc=12&action=pay", "три цифры"),
        ("card=370000000000002&expiry=11/26&csc=123&action=pay", "четыре"),
    ] {
        let answer = api.send("POST", &path(&payment), &[("content-type", FORM)], body.to_owned()).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains(said), "{body}");
    }
    assert_eq!(api.payment(&id(&payment)).await["status"], "pending");
    let body = "card=3700+0000+0000+002&expiry=11+%2F+2026&csc=1234&action=pay".to_owned();
    assert_eq!(api.send("POST", &path(&payment), &[("content-type", FORM)], body).await.status, 303);
    assert_eq!(api.payment(&id(&payment)).await["payment_method"]["card"]["expiry_month"], "11");
}

#[tokio::test]
async fn its_time_can_be_let_run_out() {
    let api = Api::start();
    let payment = api.create().await;
    assert_eq!(press(&api, &path(&payment), "expire", "").await.status, 303);
    let expired = api.payment(&id(&payment)).await;
    assert_eq!(expired["cancellation_details"]["reason"], "expired_on_confirmation");
    let late = api.create().await;
    api.advance(3_600);
    assert!(open(&api, &path(&late)).await.text().contains("Платёж отменён"));
}

#[tokio::test]
async fn a_sum_that_is_only_held_is_said_to_be() {
    let api = Api::start();
    let payment = api.post("/payments", &order_with("/capture", json!(false))).await.json();
    assert!(open(&api, &path(&payment)).await.text().contains("Двухстадийный платёж"));
    press(&api, &path(&payment), "pay", "2202474301322987").await;
    assert_eq!(api.payment(&id(&payment)).await["status"], "waiting_for_capture");
    assert!(open(&api, &path(&payment)).await.text().contains("ждёт списания магазином"));
}
