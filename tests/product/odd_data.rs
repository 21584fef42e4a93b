//! What people type and what partners' programs send: odd phones, dates that are none, sums beyond sense, HTML, two
//! spellings.
use reqwest::Method;
use serde_json::{Value, json};
use tests::{DISPATCH_CHAT, World, text};

#[tokio::test]
async fn one_odd_cargo_takes_no_list_down_and_is_shown_without_what_makes_no_sense() {
    let world = World::start().await;
    let driver = world.driver_with_phone().await;
    let before = world.get(&driver, "/api/cargos?limit=5").await.ok().json();
    let items = before["items"].as_array().unwrap();
    let id = text(&items[2]["id"]);
    let date = "0000-00-00 00:00:00";
    let odd = json!({
        "distance": i64::MAX, "weight": 1e300, "price": i64::MAX, "price_carrier": i64::MAX,
        "points": { "start": { "first_date": date, "city": { "name": "Орёл &laquo;Центр&raquo;" } },
            "finish": { "first_date": "-0001-11-30T00:00:00.000000Z" } },
        "shipper": { "name": "ООО &quot;Ромашка&quot;", "inn": "7707083893" },
        "contacts": [{ "name": "Сергей", "phone": "8 916 123-45-67, 8 495 765-43-21 доб. 12" }, { "phone": "998901234567" }],
        "extra": { "note": "торг&nbsp;&amp; <b>без НДС</b><br>\t8 029 123-45-67\r\n" },
    });
    world.sandbox(&format!("/cargotech/cargos/{id}/sent"), odd).await;
    // Another search, which is not cached.
    let after = world.get(&driver, "/api/cargos?limit=6").await.ok().json();
    let card = after["items"].as_array().unwrap().iter().find(|card| card["id"] == id).expect("it is in the list");
    assert_eq!((&card["from"]["date"], &card["to"]["date"]), (&Value::Null, &Value::Null));
    assert_eq!((&card["price_rub"], &card["price_per_km_rub"]), (&Value::Null, &Value::Null));
    assert_eq!((&card["distance_km"], &card["weight_kg"]), (&Value::Null, &Value::Null));
    assert_eq!((&card["display"]["price"], &card["from"]["city"]), (&json!("по запросу"), &json!("Орёл «Центр»")));
    for other in [&items[1], &items[3]] {
        assert!(after["items"].as_array().unwrap().contains(other), "the rest of the page is as it was");
    }

    let cargo = world.get(&driver, &format!("/api/cargos/{id}")).await.ok().json()["cargo"].clone();
    assert_eq!((&cargo["from"]["date"], &cargo["price_rub"]), (&Value::Null, &Value::Null));
    assert_eq!(cargo["shipper"]["name"], "ООО \"Ромашка\"");
    assert_eq!(cargo["note"], "торг & без НДС\n 8 029 123-45-67");
    let phones = |contact: usize| cargo["contacts"][contact]["phones"].clone();
    assert_eq!(phones(0), json!(["+79161234567", "+74957654321;ext=12"]));
    assert_eq!((phones(1), &cargo["contacts"][0]["name"]), (json!(["+998901234567"]), &json!("Сергей")));

    let answer = world.respond(&driver, &id, json!({ "seen_price_rub": 0 })).await;
    assert_eq!(answer.status.as_u16(), 201, "{}", answer.body);
    let response = answer.json()["response"].clone();
    assert_eq!((&response["cargo"]["from_date"], &response["cargo"]["price_rub"]), (&Value::Null, &Value::Null));
    let card = world.card_of(&text(&response["id"])).await;
    let said = text(&world.message(DISPATCH_CHAT, card).await["text"]);
    assert!(said.contains("Орёл «Центр»") && said.contains("по запросу") && !said.contains("00.00"), "{said}");
}

#[tokio::test]
async fn a_text_of_any_length_in_any_field_reaches_the_dispatchers_and_imitates_nothing() {
    let world = World::start().await;
    let forged = "✅ Принят · Анна";
    let name = format!("Иван\u{202e}\n{forged}\u{2028}{}", "🚛".repeat(100));
    let driver = world.driver_named(tests::new_driver_id(), &name, Some(&name), None).await;
    let me = world.get(&driver, "/api/me").await.ok().json();
    for field in ["first_name", "last_name"] {
        let kept = text(&me[field]);
        assert!(kept.encode_utf16().count() <= 64 && !kept.contains(['\n', '\u{2028}', '\u{202e}']), "{kept:?}");
    }
    world.call(&driver, Method::PUT, "/api/me", &json!({ "phone": "+79161234567" })).await.ok();
    let id = text(&world.cargos(&driver, 1).await[0]["id"]);
    let long = "Ж\u{202e}".repeat(4000);
    let odd = json!({
        "title": null, "cargo_type": { "name": long }, "shipper": { "name": long, "inn": long },
        "points": { "start": { "city": { "name": long }, "address": long }, "finish": { "city": { "name": long } } },
        "contacts": [{ "name": long, "phone": long }], "truck_types": [{ "name": long }], "load_types": [{ "name": long }],
        "extra": { "note": long, "external_inn": long, "custom_cargo_type": long, "url": format!("https://x/{long}"),
            "integrate": { "a": long }, "integrate_contacts": { "a": long } },
    });
    world.sandbox(&format!("/cargotech/cargos/{id}/sent"), odd).await;
    let cargo = world.get(&driver, &format!("/api/cargos/{id}?seen_price_rub=1")).await.ok().json()["cargo"].clone();
    assert!(cargo.to_string().chars().count() < 12_000, "{}", cargo.to_string().len());
    assert!(!cargo.to_string().contains('\u{202e}'));
    let comment = format!("{}\n{forged}\n\u{202e}{}", "🚛".repeat(200), "ы".repeat(200));
    let answer = world.respond(&driver, &id, json!({ "comment": comment })).await;
    assert_eq!(answer.status.as_u16(), 201, "{}", answer.body);
    let card = world.card_of(&text(&answer.json()["response"]["id"])).await;
    let said = text(&world.message(DISPATCH_CHAT, card).await["text"]);
    assert!(said.lines().all(|line| !line.starts_with(forged)) && !said.contains('\u{202e}'), "{said}");
}

#[tokio::test]
async fn a_phone_is_understood_alike_wherever_it_is_given() {
    let world = World::start().await;
    let driver = world.driver().await;
    // Slowly enough for the limit of changes.
    let typed = async |phone: &str| {
        world.pass(10);
        world.call(&driver, Method::PUT, "/api/me", &json!({ "phone": phone })).await
    };
    for (phone, kept) in [
        ("8 029 123-45-67", "+375291234567"),
        ("\u{200e}\u{202a}8\u{a0}916 123\u{2011}45\u{2013}67\u{202c}\u{2060}", "+79161234567"),
        ("998901234567", "+998901234567"),
        ("810 375 29 123-45-67", "+375291234567"),
        ("+7 (8) 916 123-45-67", "+79161234567"),
    ] {
        assert_eq!(typed(phone).await.ok().json()["phone"], kept, "{phone}");
    }
    for phone in ["+7 916 123-45-6", "+7 916 123-45-678", "+70291234567", "+888 0123 4567", "89161234567 доб. 12"] {
        assert_eq!(typed(phone).await.problem(), (422, "validation_failed".into()), "{phone}");
    }
    let id = world.cargo(&driver).await;
    let short = world.respond(&driver, &id, json!({ "phone": "+7 916 123-45-6" })).await;
    assert_eq!(short.json()["errors"][0]["field"], "phone");
    let answer = world.respond(&driver, &id, json!({ "phone": "8 029 123-45-67" })).await;
    assert_eq!(answer.json()["response"]["offer"]["phone"], "+375291234567");
}

#[tokio::test]
async fn a_shared_contact_is_confirmed_only_if_it_can_be_called() {
    let world = World::start().await;
    for (told, kept) in
        [("89161234567", "+79161234567"), ("+998901234567", "+998901234567"), ("4915123456789", "+4915123456789")]
    {
        let driver = world.driver().await;
        world.sandbox_post(&format!("/telegram/chats/{}/contact", driver.id), json!({ "phone": told })).await;
        world.settle().await;
        let me = world.get(&driver, "/api/me").await.ok().json();
        assert_eq!((&me["phone"], &me["phone_confirmed"]), (&json!(kept), &json!(true)), "{told}");
    }
    for (told, said) in
        [("+88801234567", "анонимный номер"), ("88801234567", "анонимный номер"), ("7916123456", "не получается")]
    {
        let driver = world.driver().await;
        world.sandbox_post(&format!("/telegram/chats/{}/contact", driver.id), json!({ "phone": told })).await;
        world.settle().await;
        let texts = world.texts(driver.id).await;
        assert!(texts.last().is_some_and(|text| text.contains(said)), "{told}: {texts:?}");
        let me = world.get(&driver, "/api/me").await.ok().json();
        assert_eq!((&me["phone"], &me["phone_confirmed"]), (&Value::Null, &json!(false)), "{told}");
    }
}

/// A driver whose row says so of their phone, as rules before numbering plans wrote it.
async fn kept_before(world: &World, driver: i64, phone: &str) {
    let update = json!({
        "TableName": "app",
        "Key": { "pk": { "S": format!("DRIVER#{driver}") }, "sk": { "S": "PROFILE" } },
        "UpdateExpression": "SET phone = :phone, phone_confirmed = :yes",
        "ExpressionAttributeValues": { ":phone": { "S": phone }, ":yes": { "BOOL": true } },
    });
    let headers = [("x-amz-target", "DynamoDB_20120810.UpdateItem"), ("content-type", "application/x-amz-json-1.0")];
    world.send(Method::POST, "/_aws", &headers, update.to_string()).await.ok();
}

#[tokio::test]
async fn phones_that_were_kept_before_stay_readable() {
    let world = World::start().await;
    for (before, phone, confirmed) in [
        ("+79161234567", "+79161234567", true),
        ("+70291234567", "+375291234567", true),
        ("+7916123456", "+7916123456", false),
        ("+88801234567", "+88801234567", false),
    ] {
        let driver = world.driver().await;
        kept_before(&world, driver.id, before).await;
        let me = world.get(&driver, "/api/me").await.ok().json();
        assert_eq!((&me["phone"], &me["phone_confirmed"]), (&json!(phone), &json!(confirmed)), "{before}");
    }
}

#[tokio::test]
async fn cities_are_asked_for_in_both_spellings_where_they_differ() {
    let world = World::start().await;
    let driver = world.driver().await;
    world.sandbox("/cargotech", json!({ "spelling": "strict" })).await;
    let names = async |typed: &str| {
        let found = world.get(&driver, &format!("/api/dictionaries/cities?q={typed}")).await.ok().json();
        found["items"].as_array().unwrap().iter().map(|city| text(&city["name"])).collect::<Vec<_>>()
    };
    for typed in ["орел", "Орёл", "ОРЕЛ"] {
        assert_eq!(names(typed).await.first().map(String::as_str), Some("Орёл"), "{typed}");
    }
    assert_eq!(world.upstream_calls("points").await, 2, "both spellings, once for all ways to type it");
    assert_eq!(names("вышний волочек").await, ["Вышний Волочёк"]);
    assert_eq!(world.upstream_calls("points").await, 4);
    assert!(names("москв").await.contains(&"Москва".to_owned()));
    assert!(names("пенз").await.contains(&"Пенза".to_owned()));
    assert_eq!(world.upstream_calls("points").await, 6, "there is one spelling of these");

    world.sandbox("/cargotech", json!({ "spelling": "lenient" })).await;
    let found = names("щеки").await;
    let lenient = names("могилев").await;
    assert_eq!(lenient.iter().filter(|name| *name == "Могилёв").count(), 1, "{lenient:?} {found:?}");
}

#[tokio::test]
async fn control_characters_in_what_people_write_are_put_in_form() {
    let world = World::start().await;
    let driver = world.driver_with_phone().await;
    let change = json!({ "company": "ИП\tМорозов\r\n" });
    assert_eq!(world.call(&driver, Method::PUT, "/api/me", &change).await.ok().json()["company"], "ИП Морозов");
    let id = world.cargo(&driver).await;
    let offer = json!({ "name": "Иван\tИванов", "comment": "\tтент\t13,6\r\nвыезд в 8\u{0}:00\u{7f}\r\n" });
    let answer = world.respond(&driver, &id, offer).await;
    assert_eq!(answer.status.as_u16(), 201, "{}", answer.body);
    let offer = answer.json()["response"]["offer"].clone();
    assert_eq!((&offer["name"], &offer["comment"]), (&json!("Иван Иванов"), &json!("тент 13,6\nвыезд в 8 :00")));
}
