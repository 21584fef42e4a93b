//! One cargo, one driver, unless somebody says otherwise; for the price that was agreed; and no driver who is blocked.
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, DISPATCH_CHAT, DISPATCHERS, Driver, Responded, World, new_driver_id, text};

const OLGA: i64 = DISPATCHERS[0];
const IGOR: i64 = DISPATCHERS[1];
const PHONE: &str = "+79161234567";

/// A driver called so, who has responded to the cargo, and the card.
async fn responded(world: &World, name: &str, cargo: &str, price_rub: Option<i64>) -> Responded {
    let driver = world.driver_named(new_driver_id(), name, None, None).await;
    let answer = world.respond(&driver, cargo, json!({ "phone": PHONE, "price_rub": price_rub })).await;
    assert_eq!(answer.status.as_u16(), 201, "{}", answer.body);
    let id = text(&answer.json()["response"]["id"]);
    let card = world.card_of(&id).await;
    world.settle().await;
    Responded { driver, cargo: cargo.to_owned(), id, card }
}

/// So many of them, to one cargo of 80 000 ₽.
async fn rivals(world: &World, names: &[&str]) -> Vec<Responded> {
    let cargo = world.sandbox_post("/cargotech/cargos", json!({ "price_rub": 80_000 })).await["id"].to_string();
    let mut all = Vec::new();
    for name in names {
        all.push(responded(world, name, &cargo, None).await);
    }
    all
}

/// What a card says when all has come to rest, with plain spaces.
async fn shown(world: &World, one: &Responded) -> String {
    world.settle().await;
    plain(&text(&world.message(DISPATCH_CHAT, one.card).await["text"]))
}

fn plain(text: &str) -> String {
    text.replace('\u{a0}', " ")
}

/// What the buttons of a card say and mean, row by row.
async fn buttons(world: &World, one: &Responded) -> Vec<(String, String)> {
    world.settle().await;
    let message = world.message(DISPATCH_CHAT, one.card).await;
    let rows = message["reply_markup"]["inline_keyboard"].as_array().cloned().unwrap_or_default();
    let button = |button: &Value| (plain(&text(&button["text"])), text(&button["callback_data"]));
    rows.iter().flat_map(|row| row.as_array().cloned().unwrap_or_default()).map(|each| button(&each)).collect()
}

/// What the button means that says this.
async fn data_of(world: &World, one: &Responded, says: &str) -> String {
    let all = buttons(world, one).await;
    all.iter().find(|(text, _)| text == says).unwrap_or_else(|| panic!("{says} is not among {all:?}")).1.clone()
}

async fn status(world: &World, one: &Responded) -> String {
    text(&world.response(&one.driver, &one.cargo).await["status"])
}

/// The newest link of a response.
async fn link(world: &World, one: &Responded, number: u32) -> String {
    world.press(OLGA, one.card, &one.link_button(number)).await;
    world.settle().await;
    let start = format!("{}/app/r/#", world.address());
    let token = |text: &String| Some(text.split_once(&start)?.1.split_whitespace().next()?.to_owned());
    world.texts(DISPATCH_CHAT).await.iter().filter_map(token).next_back().expect("a link")
}

async fn look(world: &World, token: &str) -> Answer {
    world.send(Method::GET, "/api/shipper/response", &[("x-shipper-token", token)], "").await
}

async fn decide(world: &World, token: &str, body: Value) -> Answer {
    let headers = [("x-shipper-token", token), ("content-type", "application/json")];
    world.send(Method::POST, "/api/shipper/response", &headers, body.to_string()).await
}

async fn block(world: &World, owner: &Driver, driver: &Driver, blocked: bool) {
    let body = json!({ "blocked": blocked, "reason": "проверка" });
    world.call(owner, Method::POST, &format!("/api/admin/drivers/{}/block", driver.id), &body).await.ok();
    world.settle().await;
}

#[tokio::test]
async fn the_agreed_price_is_the_drivers_wherever_it_is_told() {
    let (world, owner) = World::with_owner().await;
    let cargo = world.sandbox_post("/cargotech/cargos", json!({ "price_rub": 80_000 })).await["id"].to_string();
    let one = responded(&world, "Пётр", &cargo, Some(92_000)).await;
    let card = shown(&world, &one).await;
    assert!(card.contains("Цена груза: 80 000 ₽") && card.contains("Цена водителя: 92 000 ₽"), "{card}");
    assert_eq!(data_of(&world, &one, "✅ Принять за 92 000 ₽").await, one.button('a'));
    world.write(one.driver.id, one.driver.id, "/responses", None).await;
    world.settle().await;
    let told = plain(world.texts(one.driver.id).await.last().unwrap());
    assert!(told.contains("цена груза 80 000 ₽, ваша цена 92 000 ₽"), "{told}");

    let token = link(&world, &one, 1).await;
    let forwarded = world.texts_with(DISPATCH_CHAT, &["Отклик на ваш груз"]).await;
    assert!(plain(&forwarded[0]).contains("цена груза 80 000 ₽, цена водителя 92 000 ₽"), "{forwarded:?}");
    let seen = look(&world, &token).await.ok().json();
    assert_eq!((&seen["price_rub"], &seen["agreed_price_rub"]), (&json!(92_000), &json!(92_000)));
    assert_eq!(seen["cargo"]["price_rub"], 80_000);

    decide(&world, &token, json!({ "decision": "accept" })).await.ok();
    let card = shown(&world, &one).await;
    assert!(card.contains("Согласованная цена: 92 000 ₽") && card.contains("Цена груза: 80 000 ₽"), "{card}");
    let notice = plain(world.texts(one.driver.id).await.last().unwrap());
    assert!(notice.contains("согласованная цена 92 000 ₽ (цена груза 80 000 ₽)"), "{notice}");
    world.write(one.driver.id, one.driver.id, "/responses", None).await;
    world.settle().await;
    let told = plain(world.texts(one.driver.id).await.last().unwrap());
    assert!(told.contains("согласованная цена 92 000 ₽"), "{told}");

    let own = world.response(&one.driver, &cargo).await;
    assert_eq!((&own["agreed_price_rub"], &own["offer"]["price_rub"]), (&json!(92_000), &json!(92_000)));
    let listed = world.ask(&owner, &format!("drivers/{}/responses", one.driver.id)).await.ok().json();
    let row = &listed["items"][0];
    assert_eq!((&row["price_rub"], &row["own_price_rub"]), (&json!(92_000), &json!(92_000)), "{row}");
    assert_eq!(row["cargo_price_rub"], 80_000);

    // Where the driver takes the cargo's price there is one.
    let other = rivals(&world, &["Иван"]).await.remove(0);
    assert_eq!(data_of(&world, &other, "✅ Принять за 80 000 ₽").await, other.button('a'));
    assert_eq!(world.response(&other.driver, &other.cargo).await["agreed_price_rub"], 80_000);
}

#[tokio::test]
async fn a_second_driver_is_accepted_by_whoever_knows_of_the_first() {
    let world = World::start().await;
    let all = rivals(&world, &["Пётр", "Иван", "Олег"]).await;
    let [first, second, third] = &all[..] else { panic!("three") };
    for one in &all {
        let card = shown(&world, one).await;
        assert!(card.contains("Ещё 2 отклика на этот груз"), "{card}");
    }
    world.press(OLGA, first.card, &first.button('a')).await;
    let card = shown(&world, second).await;
    assert!(card.contains("Уже принят: Пётр") && card.contains("Ещё 1 отклик на этот груз"), "{card}");

    let asked = world.press(IGOR, second.card, &second.button('a')).await;
    assert!(
        text(&asked["text"]).starts_with("Уже принят: Пётр. Принять ещё?") && asked["show_alert"] == true,
        "{asked}"
    );
    // The same press once more asks the same.
    world.press(OLGA, second.card, &second.button('a')).await;
    assert_eq!(status(&world, second).await, "sent");
    let card = shown(&world, second).await;
    assert!(card.contains("Уже принят Пётр. Принять ещё?"), "{card}");
    let too = data_of(&world, second, "✅ Принять ещё за 80 000 ₽").await;
    let keep = data_of(&world, second, "Не принимать").await;
    world.press(IGOR, second.card, &keep).await;
    assert_eq!(data_of(&world, second, "✅ Принять за 80 000 ₽").await, second.button('a'), "as before");

    // Another is accepted in between, by somebody who knows of the first: who has seen the first alone is asked again.
    world.press(IGOR, second.card, &second.button('a')).await;
    world.press(OLGA, third.card, &third.button('a')).await;
    let third_too = data_of(&world, third, "✅ Принять ещё за 80 000 ₽").await;
    let done = world.press(OLGA, third.card, &third_too).await;
    assert_eq!(done["text"], "Готово: ✅ Принят");
    let again = world.press(IGOR, second.card, &too).await;
    assert!(text(&again["text"]).contains("Принять ещё?"), "{again}");
    assert_eq!(status(&world, second).await, "sent");
    let card = shown(&world, second).await;
    assert!(card.contains("Пётр") && card.contains("Олег"), "{card}");
    let too = data_of(&world, second, "✅ Принять ещё за 80 000 ₽").await;
    for _ in 0..2 {
        assert_eq!(world.press(IGOR, second.card, &too).await["text"], "Готово: ✅ Принят");
    }
    assert_eq!(status(&world, second).await, "accepted");
    let rows = world.rows("AUDIT#").await;
    let accepted = rows.iter().find(|row| {
        row["outcome"]["S"] == "accepted" && row["facts"]["M"]["response_id"]["S"].as_str() == Some(&second.id)
    });
    let beside = text(&accepted.expect("its row")["facts"]["M"]["beside"]["S"]);
    assert!(beside.contains(&first.id) && beside.contains(&third.id), "{beside}");
}

#[tokio::test]
async fn a_shipper_is_asked_too_before_a_second_driver_is_accepted() {
    let world = World::start().await;
    let all = rivals(&world, &["Пётр", "Иван"]).await;
    let token = link(&world, &all[1], 1).await;
    world.press(OLGA, all[0].card, &all[0].button('a')).await;
    let asked = decide(&world, &token, json!({ "decision": "accept" })).await;
    assert_eq!(asked.problem(), (409, "cargo_taken".into()));
    let asked = asked.json();
    assert_eq!((&asked["accepted"], &asked["choices"]), (&json!(["Пётр"]), &json!(1)));
    assert_eq!(status(&world, &all[1]).await, "sent");
    for choices in [json!("1"), json!(0), json!(-1)] {
        let answer = decide(&world, &token, json!({ "decision": "accept", "choices": choices })).await;
        assert_eq!(answer.problem(), (422, "validation_failed".into()));
    }
    let stale = decide(&world, &token, json!({ "decision": "accept", "choices": 7 })).await;
    assert_eq!(stale.problem(), (409, "cargo_taken".into()));
    let accepted = decide(&world, &token, json!({ "decision": "accept", "choices": 1 })).await.ok().json();
    assert_eq!((&accepted["status"], &accepted["driver"]["phone"]), (&json!("accepted"), &json!(PHONE)));

    // Where nobody is accepted, saying that one knows of somebody does no harm.
    let free = rivals(&world, &["Олег"]).await.remove(0);
    let token = link(&world, &free, 1).await;
    decide(&world, &token, json!({ "decision": "accept", "choices": 5 })).await.ok();
}

#[tokio::test]
async fn cards_count_the_others_as_they_come_and_go_and_are_edited_no_more_than_that() {
    let world = World::start().await;
    let all = rivals(&world, &["Пётр", "Иван"]).await;
    assert!(shown(&world, &all[0]).await.contains("Ещё 1 отклик на этот груз"));
    let edits =
        async || world.look("/telegram/calls").await["methods"]["editMessageText"]["calls"].as_u64().unwrap_or(0);
    let before = edits().await;
    let third = responded(&world, "Олег", &all[0].cargo, None).await;
    assert!(shown(&world, &all[0]).await.contains("Ещё 2 отклика на этот груз"));
    assert_eq!(edits().await, before + 2, "the two others, and not the new one");
    world.withdraw(&third.driver, &third.cargo).await.ok();
    for one in &all {
        assert!(shown(&world, one).await.contains("Ещё 1 отклик на этот груз"));
    }
    // The one that was withdrawn and the two others.
    assert_eq!(edits().await, before + 5);
    assert!(!shown(&world, &third).await.contains("на этот груз"), "what is over counts nobody");
}

#[tokio::test]
async fn of_many_responses_to_one_cargo_all_cards_come_right_within_telegrams_limits() {
    const MANY: usize = 20;
    let world = World::with(&[("RATE_LIMIT_PER_S", "1000")]).await;
    let cargo = world.lasting_cargo().await;
    let mut drivers = Vec::new();
    for _ in 0..MANY {
        drivers.push(world.driver_named(new_driver_id(), "Пётр", None, None).await);
    }
    let answers = join_all(drivers.iter().map(|driver| world.respond(driver, &cargo, json!({ "phone": PHONE })))).await;
    // Who meets too many others at the same moment is told to come again, and does.
    for (driver, answer) in drivers.iter().zip(answers) {
        if answer.status.as_u16() != 201 {
            assert_eq!(answer.problem(), (503, "store_unavailable".into()));
            let again = world.respond(driver, &cargo, json!({ "phone": PHONE })).await;
            assert!(again.status.is_success(), "{}", again.body);
        }
    }
    for _ in 0..8 {
        world.settle().await;
        world.pass(61);
        world.job("deliver-due").await;
    }
    world.settle().await;
    let cards = world.texts(DISPATCH_CHAT).await;
    assert_eq!(cards.len(), MANY);
    assert!(cards.iter().all(|card| card.contains("Ещё 19 откликов на этот груз")), "{cards:#?}");
    let calls = world.look("/telegram/calls").await;
    assert_eq!(calls["methods"]["editMessageText"]["errors"]["429"].as_u64(), None, "{calls}");
    let edits = calls["methods"]["editMessageText"]["calls"].as_u64().unwrap_or(0);
    assert!(edits <= 3 * MANY as u64, "{edits} edits: many changes are one edit");
    assert!(calls["largest"]["group_per_minute"].as_u64().unwrap() <= 20, "{calls}");
}

#[tokio::test]
async fn the_others_are_rejected_with_one_press_and_each_is_told_once() {
    let world = World::start().await;
    let all = rivals(&world, &["Пётр", "Иван", "Олег", "Яков"]).await;
    world.press(OLGA, all[0].card, &all[0].button('a')).await;
    let others = data_of(&world, &all[0], "❌ Отказать остальным").await;
    world.pass(1);
    // Half of it fails at first, and the press comes twice.
    let fault = json!({ "operation": "TransactWriteItems", "error": "InternalServerError", "times": 3, "probability": 0.5, "seed": 3 });
    let answer = world.press(OLGA, all[0].card, &others).await;
    assert_eq!(answer["text"], "Отказываем остальным");
    world.sandbox("/store", json!({ "faults": [fault] })).await;
    world.settle().await;
    world.send(Method::DELETE, "/_sandbox/store", &[], "").await;
    world.press(IGOR, all[0].card, &others).await;
    for _ in 0..4 {
        world.pass(60);
        world.job("deliver-due").await;
        world.settle().await;
    }
    assert_eq!(status(&world, &all[0]).await, "accepted");
    for one in &all[1..] {
        let response = world.response(&one.driver, &one.cargo).await;
        assert_eq!((&response["status"], &response["reason"]), (&json!("rejected"), &json!("Выбрали другую машину")));
        let told = world.texts_with(one.driver.id, &["Выбрали другую машину"]).await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(shown(&world, one).await.contains("Отклонён · Ольга Ветрова"));
    }
    assert!(!buttons(&world, &all[0]).await.iter().any(|(says, _)| says.contains("остальным")), "nobody is left");
    // Who responds after the press was not seen by whoever pressed.
    let late = responded(&world, "Артём", &all[0].cargo, None).await;
    assert_eq!(status(&world, &late).await, "sent");
}

#[tokio::test]
async fn a_card_whose_edit_was_made_and_never_answered_says_what_is_so() {
    let world = World::start().await;
    let all = rivals(&world, &["Пётр"]).await;
    let one = &all[0];
    world.press(OLGA, one.card, &one.button('a')).await;
    world.settle().await;
    let undo = data_of(&world, one, "↩️ Отменить принятие").await;
    world.sandbox("/telegram/faults", json!({ "drop": { "times": 1, "method": "editMessageText" } })).await;
    world.press(OLGA, one.card, &undo).await;
    world.settle().await;
    let keep = data_of(&world, one, "Не отменять").await;
    world.press(OLGA, one.card, &keep).await;
    world.pass(70);
    world.job("deliver-due").await;
    let card = shown(&world, one).await;
    assert!(!card.contains("Отменить принятие?"), "{card}");
}

#[tokio::test]
async fn an_acceptance_is_undone_with_a_reason_that_the_driver_reads() {
    let world = World::start().await;
    let all = rivals(&world, &["Пётр", "Иван"]).await;
    let one = &all[0];
    let token = link(&world, one, 1).await;
    decide(&world, &token, json!({ "decision": "accept" })).await.ok();
    // Talk below an accepted card undoes nothing.
    world.write(DISPATCH_CHAT, OLGA, "Хороший водитель", Some(one.card)).await;
    let undo = data_of(&world, one, "↩️ Отменить принятие").await;
    let asked = world.press(OLGA, one.card, &undo).await;
    assert!(text(&asked["text"]).contains("причиной") && asked["show_alert"] == true, "{asked}");
    assert!(shown(&world, one).await.contains("Отменить принятие? Ответьте на это сообщение причиной"));
    // Neither somebody else's reply, nor one that comes too late, nor one after the question was taken back.
    world.write(DISPATCH_CHAT, IGOR, "Он уже выехал", Some(one.card)).await;
    let keep = data_of(&world, one, "Не отменять").await;
    world.press(IGOR, one.card, &keep).await;
    world.write(DISPATCH_CHAT, OLGA, "Ок", Some(one.card)).await;
    world.press(OLGA, one.card, &undo).await;
    world.pass(15 * 60);
    world.write(DISPATCH_CHAT, OLGA, "Завтра позвоню", Some(one.card)).await;
    assert_eq!(status(&world, one).await, "accepted");
    // Who believes that it is undone is told that it is not, and the card lets them ask anew.
    world.settle().await;
    let texts = world.texts(DISPATCH_CHAT).await;
    assert_eq!(texts.iter().filter(|text| text.starts_with("Принятие не отменено")).count(), 2, "{texts:?}");
    let undo = data_of(&world, one, "↩️ Отменить принятие").await;

    world.press(OLGA, one.card, &undo).await;
    world.write(DISPATCH_CHAT, OLGA, "Машина <сломалась>", Some(one.card)).await;
    let card = shown(&world, one).await;
    assert!(
        card.contains("Принятие отменено · Ольга Ветрова") && card.contains("Причина: Машина <сломалась>"),
        "{card}"
    );
    let told = world.texts(one.driver.id).await;
    let notice = told.last().unwrap();
    assert!(notice.contains("Принятие отклика отменено") && notice.contains("Причина: Машина <сломалась>"), "{told:?}");
    let response = world.response(&one.driver, &one.cargo).await;
    assert_eq!((&response["status"], &response["reason"]), (&json!("rejected"), &json!("Машина <сломалась>")));
    let steps: Vec<_> = response["history"].as_array().unwrap().iter().map(|step| text(&step["status"])).collect();
    assert_eq!(steps, ["queued", "sent", "accepted", "rejected"]);
    assert!(world.audited(&one.id).await.contains(&"undone by dispatcher".to_owned()));
    // The link says so and shows no phone, and the cargo is free again.
    let seen = look(&world, &token).await.ok().json();
    assert_eq!((&seen["status"], &seen["driver"]["phone"]), (&json!("rejected"), &Value::Null));
    assert_eq!((&seen["undone"], &seen["reason"]), (&json!(true), &json!("Машина <сломалась>")));
    assert!(!shown(&world, &all[1]).await.contains("Уже принят"));
    assert_eq!(world.press(IGOR, all[1].card, &all[1].button('a')).await["text"], "Готово: ✅ Принят");
    // Whoever accepted by the link learns it also when nobody else could open it any more.
    world.pass(3 * 86_400);
    assert_eq!(look(&world, &token).await.ok().json()["undone"], true);
}

#[tokio::test]
async fn when_an_acceptance_is_undone_whoever_it_shut_out_may_respond_anew() {
    let (world, owner) = World::with_owner().await;
    let all = rivals(&world, &["Пётр", "Иван", "Олег"]).await;
    let [first, second, refused] = &all[..] else { panic!("three") };
    let anew = async |one: &Responded| {
        world.respond(&one.driver, &one.cargo, json!({ "phone": PHONE, "comment": "Снова" })).await
    };
    let detail = async |one: &Responded| world.get(&one.driver, &format!("/api/cargos/{}", one.cargo)).await.ok();
    world.press(OLGA, refused.card, &refused.button('r')).await;
    world.press(OLGA, first.card, &first.button('a')).await;
    let others = data_of(&world, first, "❌ Отказать остальным").await;
    world.press(OLGA, first.card, &others).await;
    world.settle().await;
    assert_eq!(anew(second).await.problem(), (409, "response_exists".into()), "the cargo is another's");
    let before = detail(second).await;
    assert_eq!(before.json()["freed"], Value::Null);

    let undo = format!("/api/admin/drivers/{}/responses/{}/undo", first.driver.id, first.cargo);
    world.call(&owner, Method::POST, &undo, &json!({ "reason": "Не тот" })).await.ok();
    let now = detail(second).await;
    assert_eq!(now.json()["freed"], true);
    assert_ne!(now.header("etag"), before.header("etag"), "a copy that does not say it is no longer good");
    for one in [first, second] {
        let answer = anew(one).await;
        assert_eq!(answer.status.as_u16(), 201, "{}", answer.body);
        let id = text(&answer.json()["response"]["id"]);
        let given =
            Responded { card: world.card_of(&id).await, id, driver: one.driver.clone(), cargo: one.cargo.clone() };
        assert_eq!(status(&world, &given).await, "sent");
    }
    // A no is a no.
    assert_eq!(detail(refused).await.json()["freed"], Value::Null);
    assert_eq!(anew(refused).await.problem(), (409, "response_exists".into()));
}

#[tokio::test]
async fn an_administrator_undoes_an_acceptance_and_it_is_written_down() {
    let (world, owner) = World::with_owner().await;
    let one = rivals(&world, &["Пётр"]).await.remove(0);
    let path = format!("/api/admin/drivers/{}/responses/{}/undo", one.driver.id, one.cargo);
    let undo = async |who: &Driver| world.call(who, Method::POST, &path, &json!({ "reason": "Груз снят" })).await;
    assert_eq!(undo(&owner).await.problem(), (409, "response_not_accepted".into()));
    world.press(OLGA, one.card, &one.button('a')).await;
    assert_eq!(undo(&one.driver).await.problem(), (403, "admin_only".into()));
    for _ in 0..2 {
        let answer = undo(&owner).await.ok().json();
        let row = &answer["response"];
        assert_eq!((&row["status"], &row["undone"]), (&json!("rejected"), &json!(true)), "{row}");
        assert_eq!(row["reason"], "Груз снят");
    }
    assert!(shown(&world, &one).await.contains("Принятие отменено · администратор"));
    let told = world.texts_with(one.driver.id, &["Груз снят"]).await;
    assert_eq!(told.len(), 1, "{told:?}");
    let rows = world.rows("AUDIT#").await;
    let undone: Vec<_> = rows.iter().filter(|row| row["outcome"]["S"] == "undone").collect();
    assert_eq!(undone.len(), 1);
    assert_eq!(undone[0]["actor_id"]["N"].as_str(), Some(owner.id.to_string().as_str()));
    let history = world.response(&one.driver, &one.cargo).await["history"].clone();
    assert_eq!(history.as_array().unwrap().last().unwrap()["by"], "admin");
    let nowhere = format!("/api/admin/drivers/{}/responses/1/undo", one.driver.id);
    assert_eq!(world.call(&owner, Method::POST, &nowhere, &json!({ "reason": "x" })).await.problem().0, 404);
}

#[tokio::test]
async fn a_blocked_driver_is_marked_and_cannot_be_accepted_until_they_are_let_in_again() {
    let (world, owner) = World::with_owner().await;
    let one = rivals(&world, &["Пётр"]).await.remove(0);
    let token = link(&world, &one, 1).await;
    block(&world, &owner, &one.driver, true).await;
    assert!(shown(&world, &one).await.contains("Водитель заблокирован"));
    let all = buttons(&world, &one).await;
    assert_eq!(all, [("❌ Отклонить".to_owned(), one.button('r'))]);
    for data in [one.button('a'), one.link_button(2), format!("b:{}:1", one.id)] {
        let answer = world.press(OLGA, one.card, &data).await;
        assert_eq!(answer["text"], "Водитель заблокирован, принять его нельзя", "{data}");
    }
    for answer in [look(&world, &token).await, decide(&world, &token, json!({ "decision": "accept" })).await] {
        assert_eq!(answer.problem(), (410, "link_expired".into()));
        assert!(!answer.body.contains("Пётр"), "{}", answer.body);
    }
    block(&world, &owner, &one.driver, false).await;
    assert!(!shown(&world, &one).await.contains("заблокирован"));
    look(&world, &token).await.ok();
    assert_eq!(world.press(OLGA, one.card, &one.button('a')).await["text"], "Готово: ✅ Принят");
}

#[tokio::test]
async fn a_shipper_who_accepted_keeps_the_phone_and_nobody_else_is_shown_it() {
    let world = World::with(&[("RESPONSE_TTL_S", "3600")]).await;
    let (mine, theirs) = (rivals(&world, &["Пётр"]).await.remove(0), rivals(&world, &["Иван"]).await.remove(0));
    let (token, other) = (link(&world, &mine, 1).await, link(&world, &theirs, 1).await);
    decide(&world, &token, json!({ "decision": "accept" })).await.ok();
    // Here a dispatcher accepts, and whoever holds the link has not.
    world.press(OLGA, theirs.card, &theirs.button('a')).await;
    for answer in [look(&world, &other).await, decide(&world, &other, json!({ "decision": "accept" })).await] {
        let seen = answer.ok();
        assert_eq!((&seen.json()["status"], &seen.json()["driver"]["phone"]), (&json!("accepted"), &Value::Null));
        assert!(!seen.body.contains(PHONE.trim_start_matches('+')), "{}", seen.body);
    }
    world.pass(40 * 86_400);
    assert_eq!(look(&world, &token).await.ok().json()["driver"]["phone"], PHONE);
    assert_eq!(look(&world, &other).await.problem(), (410, "link_expired".into()));
    world.press(OLGA, mine.card, &mine.button('c')).await;
    assert_eq!(look(&world, &token).await.ok().json()["driver"]["phone"], PHONE);
    world.press(OLGA, mine.card, &mine.button('u')).await;
    assert_eq!(look(&world, &token).await.problem(), (410, "link_expired".into()), "a dispatcher takes it back");
}

#[tokio::test]
async fn responses_from_before_the_row_of_their_cargo_are_decided_on_too() {
    let world = World::start().await;
    let all = rivals(&world, &["Пётр", "Иван"]).await;
    let row = json!({ "pk": { "S": format!("CARGO#{}", all[0].cargo) }, "sk": { "S": "-" } });
    world.insert(vec![row]).await;
    world.press(OLGA, all[0].card, &all[0].button('a')).await;
    assert_eq!(status(&world, &all[0]).await, "accepted");
    assert!(shown(&world, &all[0]).await.contains("Согласованная цена"));
    let asked = world.press(OLGA, all[1].card, &all[1].button('a')).await;
    assert!(text(&asked["text"]).contains("Уже принят: Пётр"), "{asked}");
    world.press(OLGA, all[1].card, &all[1].button('r')).await;
    assert_eq!(status(&world, &all[1]).await, "rejected");
}
