//! Drivers, as admins find and see them.
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Driver, World, new_driver_id, text};

use super::{ids, url};

pub(super) async fn found(world: &World, admin: &Driver, sought: &str) -> Vec<i64> {
    let sought: String = url(sought);
    let mut found = ids(&world.all(admin, &format!("drivers?q={sought}")).await);
    found.sort_unstable();
    found
}

#[tokio::test]
async fn a_driver_is_found_by_id_name_username_and_phone_as_they_are_now() {
    let (world, owner) = World::with_owner().await;
    let (fedor, ivan, double) = (new_driver_id(), new_driver_id(), new_driver_id());
    let driver = world.driver_named(fedor, "Фёдор", Some("Иванов"), Some("Fedor_77")).await;
    world.driver_named(ivan, "Иван", Some("Петров"), None).await;
    world.driver_named(double, "Иван", Some("Иванов"), None).await;

    assert_eq!(found(&world, &owner, &fedor.to_string()).await, [fedor]);
    assert_eq!(found(&world, &owner, "@fedor").await, [fedor]);
    assert_eq!(found(&world, &owner, "ФЕДОР").await, [fedor]);
    assert_eq!(found(&world, &owner, "ива").await, [fedor, ivan, double], "first or last, each driver once");
    assert_eq!(found(&world, &owner, "иван пет").await, [ivan]);
    assert_eq!(found(&world, &owner, "иванова").await, [0i64; 0]);
    for nobody in ["@ivan", "1", "+79161234567", "#", "%"] {
        assert_eq!(found(&world, &owner, nobody).await, [0i64; 0], "{nobody}");
    }

    // A phone is found as soon as it is there, and no longer when it is another.
    let put = async |phone: Value| {
        world.call(&driver, Method::PUT, "/api/me", &json!({ "phone": phone })).await.ok();
    };
    put(json!("8 916 123-45-67")).await;
    assert_eq!(found(&world, &owner, "+7 (916) 123-45-67").await, [fedor]);
    assert_eq!(found(&world, &owner, "89161234567").await, [fedor]);
    for beginning in ["+791612", "8 916 12", "916 12", "\u{200e}+7 916\u{2011}12"] {
        assert_eq!(found(&world, &owner, beginning).await, [fedor], "{beginning}");
    }
    put(json!("8 029 123-45-67")).await;
    for typed in ["80291234567", "8 029 12", "+375 29 123-45-67", "375291"] {
        assert_eq!(found(&world, &owner, typed).await, [fedor], "{typed}");
    }
    put(json!("+79990001122")).await;
    assert_eq!(found(&world, &owner, "+79161234567").await, [0i64; 0]);
    assert_eq!(found(&world, &owner, "79990001122").await, [fedor]);
    put(Value::Null).await;
    assert_eq!(found(&world, &owner, "+79990001122").await, [0i64; 0]);

    // So is a name: Telegram tells a new one with the next sign-in.
    world.driver_named(fedor, "Teodor", None, Some("teo")).await;
    assert_eq!(found(&world, &owner, "федор").await, [0i64; 0]);
    assert_eq!(found(&world, &owner, "иванов").await, [double]);
    assert_eq!(found(&world, &owner, "@fedor").await, [0i64; 0]);
    assert_eq!(found(&world, &owner, "teo").await, [fedor]);
    assert_eq!(found(&world, &owner, "@TEO").await, [fedor]);

    // As they are told: a link, a name with an underscore, the last digits of a phone, the second half of a surname.
    let petr = new_driver_id();
    let driver = world.driver_named(petr, "Пётр", Some("Римский-Корсаков"), Some("petr_v")).await;
    world.call(&driver, Method::PUT, "/api/me", &json!({ "phone": "+79035554433" })).await.ok();
    for typed in ["petr_v", "t.me/petr_v", "https://t.me/petr_v", "4433", "554433", "55-44-33", "корсаков", "пётр корс"]
    {
        assert_eq!(found(&world, &owner, typed).await, [petr], "{typed}");
    }
    assert_eq!(found(&world, &owner, "433").await, [0i64; 0], "three digits are anybody's");
    assert_eq!(found(&world, &owner, "римский-корсаков").await, [petr], "once");

    let newest = ids(&world.all(&owner, "drivers").await);
    assert_eq!(newest.len(), 5, "each once: {newest:?}");
    assert!(newest.contains(&owner.id) && newest.contains(&double));
    let page = world.ask(&owner, &format!("drivers?q={ivan}&format=csv")).await.ok();
    let lines: Vec<_> = page.body.lines().collect();
    assert_eq!(lines.len(), 2, "{}", page.body);
    assert!(lines[1].contains(&format!("\"{ivan}\";\"Иван\";\"Петров\"")), "{}", page.body);
    let other = world.ask(&owner, &format!("drivers?q={ivan}&format=csv&sep=,&lang=en")).await.ok();
    assert!(other.body.starts_with("\u{feff}\"Telegram ID\",\"First name\","), "{}", other.body);
    let bad = world.ask(&owner, "drivers?format=csv&sep=tab&lang=de").await;
    assert_eq!(bad.problem(), (422, "validation_failed".into()), "{}", bad.body);
}

#[tokio::test]
async fn a_card_tells_all_of_a_driver_and_which_rule_decides() {
    let (world, owner) = World::with_owner().await;
    let driver = world.driver_with_phone().await;
    let cargo = world.cargo(&driver).await;
    let response = text(&world.respond(&driver, &cargo, json!({ "price_rub": 777 })).await.json()["response"]["id"]);
    let card = world.ask(&owner, &format!("drivers/{}", driver.id)).await.ok().json();
    assert_eq!(card["driver"]["id"], driver.id);
    assert_eq!((&card["driver"]["phone_confirmed"], &card["driver"]["blocked"]), (&json!(true), &json!(false)));
    assert_eq!((&card["block"], &card["driver"]["deleted_at"]), (&Value::Null, &Value::Null));
    assert_eq!(card["session"]["by_link"], false);
    assert!(card["session"]["signed_in_at"].is_string(), "{card}");
    assert_eq!((&card["subscription"]["state"], &card["subscription"]["days_left"]), (&json!("trial"), &json!(3)));
    let rules = |card: &Value| {
        let features = card["features"].as_array().cloned().expect("features");
        let rule = |feature: &Value| format!("{} {} {}", feature["feature"], feature["allowed"], feature["rule"]);
        features.iter().map(|feature| rule(feature).replace('"', "")).collect::<Vec<_>>()
    };
    let paid = |rule: &str| ["contacts", "respond", "alerts"].map(|feature| format!("{feature} {rule}"));
    let free = ["list true free", "detail true free"].map(str::to_owned);
    assert_eq!(rules(&card), [&free[..], &paid("true subscription")].concat());
    let entry = &card["ledger"][0];
    assert_eq!((&entry["source"], &entry["days"], &entry["by"]), (&json!("trial"), &json!(3.0), &Value::Null));

    let responses = world.ask(&owner, &format!("drivers/{}/responses", driver.id)).await.ok().json();
    let item = &responses["items"][0];
    assert_eq!((text(&item["id"]), text(&item["cargo_id"])), (response, cargo));
    assert_eq!((&item["price_rub"], &responses["cursor"]), (&json!(777), &Value::Null));
    assert_eq!(responses["items"].as_array().unwrap().len(), 1);

    world.pass(4 * 86_400);
    let owner = world.driver_called(owner.id).await;
    let card = world.ask(&owner, &format!("drivers/{}", driver.id)).await.ok().json();
    assert_eq!(card["session"], Value::Null, "it has ended by itself");
    assert_eq!(rules(&card), [&free[..], &paid("false no_subscription")].concat());
    for nobody in ["1", "0", "-1", "x"] {
        assert_eq!(world.ask(&owner, &format!("drivers/{nobody}")).await.problem(), (404, "not_found".into()));
    }
}
