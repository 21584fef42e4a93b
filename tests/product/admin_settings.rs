//! What admins set: settings, flags, and the shop at YooKassa.
use futures_util::future::join;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Driver, World, money::CARD, new_driver_id, text};

/// A product whose owner is signed in.
async fn with_owner() -> (World, Driver) {
    let id = new_driver_id();
    let world = World::with(&[("ADMIN_TELEGRAM_IDS", &id.to_string()), ("RATE_LIMIT_PER_S", "1000")]).await;
    let owner = world.driver_called(id).await;
    (world, owner)
}

async fn put(world: &World, admin: &Driver, path: &str, body: Value) -> Answer {
    world.call(admin, Method::PUT, &format!("/api/admin/{path}"), &body).await
}

async fn settings(world: &World, admin: &Driver) -> Value {
    world.get(admin, "/api/admin/settings").await.ok().json()
}

async fn set_flag(world: &World, admin: &Driver, flag: &str, rule: Value) {
    let version = world.get(admin, "/api/admin/flags").await.ok().json()["version"].clone();
    let mut body = rule;
    body["version"] = version;
    put(world, admin, &format!("flags/{flag}"), body).await.ok();
}

/// The audit rows of this kind.
async fn audited(world: &World, kind: &str) -> Vec<Value> {
    let mut rows = world.rows("AUDIT#").await;
    rows.retain(|row| row["kind"]["S"] == kind);
    rows
}

#[tokio::test]
async fn settings_hold_at_once_and_each_change_shows_old_and_new() {
    let (world, owner) = with_owner().await;
    let driver = world.driver().await;
    let first = settings(&world, &owner).await;
    assert_eq!((&first["version"], &first["settings"]["trial_days"]), (&json!(0), &json!(3)));
    assert_eq!(first["settings"]["plans"][0], json!({ "id": "1m", "name": "1 месяц", "days": 30, "price_rub": 499 }));
    assert_eq!(first["settings"]["response_expiry_hours"], 48);
    assert_eq!(first["settings"]["support_contact"], "https://example.org/support");
    assert_eq!(first["yookassa"]["shop_id"], "1000001");

    let plans = json!([{ "id": "2w", "name": "Две недели", "days": 14, "price_rub": 299.5 }]);
    let receipts = json!({ "vat_code": 1, "tax_system_code": 2, "payment_subject": "service",
        "payment_mode": "full_payment", "measure": "piece" });
    let change = json!({ "version": 0, "plans": plans, "trial_days": 7, "receipts": receipts,
        "response_expiry_hours": 2, "support_contact": "@cargo_help" });
    let changed = put(&world, &owner, "settings", change.clone()).await.ok().json();
    assert_eq!(changed["version"], 1);
    for (name, value) in change.as_object().unwrap().iter().filter(|(name, _)| *name != "version") {
        assert_eq!(&changed["settings"][name], value, "{name}");
    }
    assert_eq!(settings(&world, &owner).await, changed, "it is read as it was answered");

    let shown = world.get(&driver, "/api/plans").await.ok().json();
    assert_eq!((&shown["items"][0]["price_rub"], &shown["email_needed"]), (&json!(299.5), &json!(true)));
    let links = world.get(&driver, "/api/me").await.ok().json()["links"].clone();
    assert_eq!(
        (&links["support_url"], &links["support_contact"]),
        (&json!("https://t.me/cargo_help"), &json!("@cargo_help"))
    );
    let late = world.driver().await;
    assert_eq!(world.subscription(&late).await["days_left"], 7, "a new driver has the new trial");

    let rows = audited(&world, "settings").await;
    assert_eq!(rows.len(), 1);
    let (before, after) = (text(&rows[0]["before"]["S"]), text(&rows[0]["after"]["S"]));
    assert!(before.contains("\"trial_days\":3") && after.contains("\"trial_days\":7"), "{before} {after}");
    assert!(!after.contains("payments_on"), "what stayed is not in it: {after}");
    assert_eq!(rows[0]["actor_id"]["N"], owner.id.to_string());

    // The same again changes nothing, and leaves no trace.
    let mut same = change;
    same["version"] = json!(1);
    assert_eq!(put(&world, &owner, "settings", same).await.ok().json()["version"], 1);
    assert_eq!(audited(&world, "settings").await.len(), 1);
}

#[tokio::test]
async fn a_response_expires_after_what_was_set_when_it_was_given() {
    let (world, owner) = with_owner().await;
    put(&world, &owner, "settings", json!({ "version": 0, "response_expiry_hours": 2 })).await.ok();
    let early = world.responded_to_lasting().await;
    put(&world, &owner, "settings", json!({ "version": 1, "response_expiry_hours": 168 })).await.ok();
    let late = world.responded_to_lasting().await;
    world.pass(2 * 3600 + 60);
    world.job("expire-responses").await;
    world.until_status(&early.driver, &early.cargo, "expired").await;
    world.until_status(&late.driver, &late.cargo, "sent").await;
}

#[tokio::test]
async fn of_two_admins_who_save_at_once_one_is_told() {
    let (world, owner) = with_owner().await;
    let change = |days: i64| json!({ "version": 0, "trial_days": days });
    let (one, other) =
        join(put(&world, &owner, "settings", change(10)), put(&world, &owner, "settings", change(20))).await;
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let refused = if one.status == 409 { &one } else { &other };
    assert_eq!(refused.problem(), (409, "settings_changed".into()));
    let kept = if one.status == 200 { 10 } else { 20 };
    let now = settings(&world, &owner).await;
    assert_eq!((&now["settings"]["trial_days"], &now["version"]), (&json!(kept), &json!(1)));
    assert_eq!(audited(&world, "settings").await.len(), 1, "who was refused changed nothing");
    // Flags and settings are one row: an old version of the one is an old version of the other.
    let old = put(&world, &owner, "flags/app.respond", json!({ "rule": "off", "version": 0 })).await;
    assert_eq!(old.problem(), (409, "settings_changed".into()));
}

#[tokio::test]
async fn wrong_settings_are_refused_whole() {
    let (world, owner) = with_owner().await;
    let before = settings(&world, &owner).await;
    let wrong =
        json!({ "version": 0, "trial_days": 5, "plans": [], "support_contact": "javascript:alert(1)", "paid": {} });
    let refused = put(&world, &owner, "settings", wrong).await;
    assert_eq!(refused.problem(), (422, "validation_failed".into()));
    let fields: Vec<_> = refused.json()["errors"].as_array().unwrap().iter().map(|e| text(&e["field"])).collect();
    assert_eq!(fields, ["plans", "support_contact", "paid"]);
    assert_eq!(settings(&world, &owner).await, before);
    assert_eq!(put(&world, &owner, "flags/app.nothing", json!({ "rule": "on", "version": 0 })).await.status, 404);
    let driver = world.driver().await;
    for path in ["settings", "settings/yookassa", "flags/app.respond"] {
        let refused = put(&world, &driver, path, json!({ "version": 0, "trial_days": 90, "rule": "off" })).await;
        assert_eq!(refused.problem(), (403, "admin_only".into()), "{path}");
    }
    assert_eq!(settings(&world, &owner).await, before);
}

#[tokio::test]
async fn a_flag_holds_with_the_next_request_and_for_whom_it_names() {
    let (world, owner) = with_owner().await;
    let (driver, other) = (world.driver_with_phone().await, world.driver_with_phone().await);
    let cargo = world.cargo(&driver).await;
    let flags = async |driver: &Driver| {
        let on = world.subscription(driver).await["flags"].clone();
        on.as_array().unwrap().iter().map(text).collect::<Vec<_>>()
    };
    let all = world.get(&owner, "/api/admin/flags").await.ok().json();
    let item = |name: &str| all["items"].as_array().unwrap().iter().find(|item| item["flag"] == name).cloned();
    assert_eq!(item("paid.list"), Some(json!({ "flag": "paid.list", "rule": "off", "drivers": [], "default": "off" })));
    assert!(flags(&driver).await.contains(&"app.respond".to_owned()));

    set_flag(&world, &owner, "app.respond", json!({ "rule": "drivers", "drivers": [other.id] })).await;
    assert_eq!(world.respond(&driver, &cargo, json!({})).await.problem(), (403, "feature_off".into()));
    assert!(!flags(&driver).await.contains(&"app.respond".to_owned()));
    assert!(flags(&other).await.contains(&"app.respond".to_owned()));
    assert_eq!(world.respond(&other, &cargo, json!({})).await.status, 201);
    set_flag(&world, &owner, "app.respond", json!({ "rule": "on" })).await;
    assert_eq!(world.respond(&driver, &cargo, json!({})).await.status, 201);

    set_flag(&world, &owner, "app.promo_codes", json!({ "rule": "off" })).await;
    let redeem = world.call(&driver, Method::POST, "/api/promo-codes/redeem", &json!({ "code": "ZIMA" })).await;
    assert_eq!(redeem.problem(), (403, "feature_off".into()));

    let link = text(&world.get(&driver, "/api/me/access-link").await.ok().json()["url"]);
    let token = link.rsplit('/').next().unwrap().to_owned();
    set_flag(&world, &owner, "app.access_link", json!({ "rule": "off" })).await;
    assert_eq!(world.get(&driver, "/api/me/access-link").await.problem(), (403, "feature_off".into()));
    let body = json!({ "access_token": token }).to_string();
    let opened =
        world.send(Method::POST, "/api/auth/access-token", &[("content-type", "application/json")], body).await;
    assert_eq!(opened.problem(), (403, "feature_off".into()));

    set_flag(&world, &owner, "paid.list", json!({ "rule": "drivers", "drivers": [driver.id] })).await;
    world.pass(4 * 86_400);
    let (driver, other) = (world.driver_called(driver.id).await, world.driver_called(other.id).await);
    assert_eq!(world.get(&driver, "/api/cargos").await.problem(), (402, "subscription_required".into()));
    world.get(&other, "/api/cargos").await.ok();
    assert_eq!(world.subscription(&driver).await["features"]["list"], false);

    let rows = audited(&world, "flag").await;
    assert_eq!(rows.len(), 5);
    let named = rows.iter().find(|row| row["target"]["S"] == "flag/paid.list").expect("its row");
    assert_eq!(text(&named["before"]["S"]), r#"{"drivers":[],"rule":"off"}"#);
    assert_eq!(text(&named["after"]["S"]), format!(r#"{{"drivers":[{}],"rule":"drivers"}}"#, driver.id));
}

#[tokio::test]
async fn lists_read_the_settings_once_in_five_seconds_and_responses_each_time() {
    let (world, owner) = with_owner().await;
    let cargo = world.lasting_cargo().await;
    let id = world.driver().await.id;
    world.pass(4 * 86_400);
    let (driver, owner) = (world.driver_called(id).await, world.driver_called(owner.id).await);
    world.get(&driver, "/api/cargos").await.ok();
    set_flag(&world, &owner, "paid.list", json!({ "rule": "on" })).await;
    set_flag(&world, &owner, "app.respond", json!({ "rule": "off" })).await;
    world.pass(4);
    world.get(&driver, "/api/cargos").await.ok();
    assert_eq!(world.respond(&driver, &cargo, json!({})).await.problem(), (403, "feature_off".into()));
    world.pass(1);
    assert_eq!(world.get(&driver, "/api/cargos").await.problem(), (402, "subscription_required".into()));
}

#[tokio::test]
async fn a_shippers_page_can_be_switched_off() {
    let (world, owner) = with_owner().await;
    let response = world.responded().await;
    world.press(tests::DISPATCHERS[0], response.card, &response.link_button(1)).await;
    let link = world
        .until("the link is written", async || {
            let texts = world.texts(tests::DISPATCH_CHAT).await;
            texts.iter().find_map(|text| text.split("/app/r/#").nth(1).map(str::to_owned))
        })
        .await;
    let token: String = link.chars().take(59).collect();
    let look = async || world.send(Method::GET, "/api/shipper/response", &[("x-shipper-token", &token)], "").await;
    look().await.ok();
    set_flag(&world, &owner, "app.shipper_link", json!({ "rule": "off" })).await;
    assert_eq!(look().await.problem(), (403, "feature_off".into()));
    set_flag(&world, &owner, "app.shipper_link", json!({ "rule": "on" })).await;
    look().await.ok();
}

#[tokio::test]
async fn settings_that_cannot_be_read_sell_nothing_and_give_nothing_away() {
    let (world, owner) = with_owner().await;
    let driver = world.driver().await;
    let headers = [("x-amz-target", "DynamoDB_20120810.PutItem"), ("content-type", "application/x-amz-json-1.0")];
    let item = json!({ "pk": { "S": "SETTINGS" }, "sk": { "S": "-" }, "body": { "S": "{\"plans\": 7}" } });
    world.send(Method::POST, "/_aws", &headers, json!({ "TableName": "app", "Item": item }).to_string()).await.ok();
    for path in ["/api/cargos", "/api/plans", "/api/subscription"] {
        assert_eq!(world.get(&driver, path).await.problem(), (500, "internal".into()), "{path}");
    }
    assert_eq!(world.try_order(&driver, "1m", None).await.problem(), (500, "internal".into()));
    assert!(world.at_yookassa().await.is_empty());
    // Whoever mends it can still sign what they do: the rest of the administration stands.
    world.get(&owner, "/api/admin/payments").await.ok();
}

/// What Secrets Manager has of our shop.
async fn secret(world: &World) -> Value {
    let headers = [("x-amz-target", "secretsmanager.GetSecretValue"), ("content-type", "application/x-amz-json-1.1")];
    let answer = world.send(Method::POST, "/_aws", &headers, r#"{"SecretId":"local/yookassa"}"#).await.ok();
    serde_json::from_str(answer.json()["SecretString"].as_str().expect("a secret")).expect("JSON")
}

#[tokio::test]
async fn another_key_is_tried_at_yookassa_kept_at_once_and_never_shown() {
    const KEY: &str = "live_another-key-of-the-shop";
    let (world, owner) = with_owner().await;
    let driver = world.driver().await;
    let order = world.order(&driver, "1m").await;
    let change = |key: &str| json!({ "shop_id": "1000001", "secret_key": key });
    let before = secret(&world).await;

    let refused = put(&world, &owner, "settings/yookassa", change(KEY)).await;
    assert_eq!(refused.problem(), (422, "validation_failed".into()));
    assert_eq!(
        (&refused.json()["errors"][0]["field"], &refused.json()["errors"][0]["code"]),
        (&json!("secret_key"), &json!("refused"))
    );
    world.sandbox("/yookassa/key", json!({ "secret_key": KEY })).await;
    let other_shop = json!({ "shop_id": "1000002", "secret_key": KEY });
    assert_eq!(put(&world, &owner, "settings/yookassa", other_shop).await.status, 422);
    world.yookassa_faults(json!({ "fail": { "endpoint": "me" } })).await;
    let silent = put(&world, &owner, "settings/yookassa", change(KEY)).await;
    world.send(Method::DELETE, "/_sandbox/yookassa/faults", &[], "").await;
    assert_eq!(silent.problem(), (503, "upstream_unavailable".into()));
    assert_eq!(secret(&world).await, before, "nothing was kept");

    let kept = put(&world, &owner, "settings/yookassa", change(KEY)).await.ok();
    let after = secret(&world).await;
    assert_eq!((&after["secret_key"], &after["webhook_token"]), (&json!(KEY), &before["webhook_token"]));
    let shown = settings(&world, &owner).await;
    assert_eq!(kept.json()["yookassa"], shown["yookassa"]);
    assert_eq!(shown["yookassa"]["shop_id"], "1000001");
    // Others have the old key until YooKassa refuses it.
    world.pay(&order.yookassa_id, CARD).await;
    world.until_paid(&driver, &order.id, "succeeded").await;
    world.order(&driver, "3m").await;
    let told = world.notify(json!({ "object_id": order.yookassa_id, "event": "payment.succeeded" })).await;
    assert_eq!(told, [200], "the webhook's address is as it was");

    for answer in [&refused, &silent, &kept] {
        assert!(!answer.body.contains(KEY));
    }
    let rows = world.rows("").await;
    assert!(!json!(rows).to_string().contains(KEY), "no row holds it");
    let outcomes: Vec<_> =
        audited(&world, "yookassa_shop").await.iter().map(|row| text(&row["outcome"]["S"])).collect();
    for (outcome, count) in [("refused", 2), ("not_checked", 1), ("checked", 1), ("changed", 1)] {
        assert_eq!(outcomes.iter().filter(|is| *is == outcome).count(), count, "{outcome} in {outcomes:?}");
    }
}

#[tokio::test]
async fn a_key_is_changed_only_by_who_has_just_signed_in() {
    let (world, owner) = with_owner().await;
    world.pass(3601);
    let body = json!({ "shop_id": "1000001", "secret_key": "test_local-demo-key-of-no-real-shop" });
    assert_eq!(put(&world, &owner, "settings/yookassa", body.clone()).await.problem(), (403, "sign_in_too_old".into()));
    put(&world, &owner, "settings", json!({ "version": 0, "trial_days": 4 })).await.ok();
    let owner = world.driver_called(owner.id).await;
    put(&world, &owner, "settings/yookassa", body).await.ok();
}
