//! A model of decisions against the running product: drivers respond to one cargo, dispatchers and shippers press at once,
//! twice and late, hints are lost and doubled, the store fails and invocations are cut off. In the end no two drivers have the
//! cargo unless whoever accepted the second named the first, and every card says what is so.
//!
//! `BOOKING_SEED` begins with another seed, `BOOKING_RUNS` makes more runs, `BOOKING_STEPS` makes them longer. A failure
//! prints its seed and what was done.
use std::{collections::BTreeMap, fmt::Write as _, sync::Mutex};

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    Answer, DISPATCH_CHAT, DISPATCHERS, Driver, Responded, World,
    model::{Chance, Told, setting},
    new_driver_id, text,
};

/// How many may respond in one run.
const DRIVERS: usize = 9;

/// What somebody does, or what goes wrong from now on. Responses are meant by a number that is taken modulo how many there are.
#[derive(Clone, Copy, Debug)]
enum Step {
    Respond,
    /// A button with this letter, whether it is there or not.
    Press {
        response: usize,
        letter: char,
        by: usize,
    },
    /// Two dispatchers accept two responses at the same moment.
    AcceptTwo {
        first: usize,
    },
    /// One of the buttons that any card ever had.
    PressAny {
        button: usize,
        by: usize,
    },
    Reply {
        response: usize,
        by: usize,
    },
    Shipper {
        response: usize,
        decision: &'static str,
        knowing: bool,
    },
    Withdraw {
        response: usize,
    },
    Block {
        response: usize,
        blocked: bool,
    },
    Undo {
        response: usize,
    },
    Store {
        kind: usize,
        seed: usize,
    },
    Queue {
        lose: usize,
        double: bool,
    },
    Crash {
        after: usize,
        times: usize,
    },
    Deliver,
    Pass(i64),
}

fn draw(chance: &mut Chance) -> Step {
    let (response, by) = (chance.below(1 << 10), chance.below(2));
    match chance.below(100) {
        0..8 => Step::Respond,
        8..12 => Step::AcceptTwo { first: response },
        12..34 => Step::Press { response, letter: ['a', 'a', 'a', 'r', 'n', 'o', 'k', 'c'][chance.below(8)], by },
        34..58 => Step::PressAny { button: chance.below(1 << 10), by },
        58..64 => Step::Reply { response, by },
        64..76 => {
            let decision = ["accept", "accept", "reject"][chance.below(3)];
            Step::Shipper { response, decision, knowing: chance.below(2) == 0 }
        }
        76..79 => Step::Withdraw { response },
        79..82 => Step::Block { response, blocked: chance.below(2) == 0 },
        82..84 => Step::Undo { response },
        84..88 => Step::Store { kind: chance.below(3), seed: chance.below(1000) },
        88..90 => Step::Queue { lose: chance.below(4), double: chance.below(2) == 0 },
        90..92 => Step::Crash { after: 1 + chance.below(9), times: 1 + chance.below(3) },
        92..96 => Step::Deliver,
        _ => Step::Pass([1, 5, 30][chance.below(3)]),
    }
}

struct Model {
    world: World,
    owner: Driver,
    cargo: String,
    /// Who has not responded yet. They sign in before anything fails.
    waiting: Mutex<Vec<Driver>>,
    responses: Mutex<Vec<Responded>>,
    tokens: BTreeMap<String, String>,
    /// All buttons that any card ever had, by their cards.
    buttons: Mutex<Vec<(i64, String)>>,
    /// The choice that the shipper of a response has seen.
    choices: Mutex<BTreeMap<String, i64>>,
}

fn store_fault(kind: usize, seed: usize) -> Value {
    let mut faults = [
        json!({ "operation": "TransactWriteItems", "error": "TransactionConflictException", "probability": 0.4, "times": 12, "seed": seed }),
        json!({ "table": "app", "error": "ThrottlingException", "probability": 0.3, "times": 10, "seed": seed }),
        json!({ "operation": "TransactWriteItems", "error": "InternalServerError", "after": true, "probability": 0.5, "times": 6, "seed": seed }),
    ];
    faults[kind].take()
}

impl Model {
    async fn start(drivers: usize) -> Self {
        let (world, owner) = World::with_owner().await;
        let cargo = world.lasting_cargo().await;
        let mut model = Self {
            world,
            owner,
            cargo,
            waiting: Mutex::default(),
            responses: Mutex::default(),
            tokens: BTreeMap::new(),
            buttons: Mutex::default(),
            choices: Mutex::default(),
        };
        for _ in 0..DRIVERS {
            let driver = model.world.driver_named(new_driver_id(), "Пётр", None, None).await;
            model.waiting.lock().unwrap().push(driver);
        }
        for _ in 0..drivers {
            model.respond().await;
        }
        model.world.settle().await;
        for one in model.responses() {
            model.world.press(DISPATCHERS[0], one.card, &one.link_button(1)).await;
            model.world.pass(4);
            model.world.settle().await;
            let start = format!("{}/app/r/#", model.world.address());
            let texts = model.world.texts(DISPATCH_CHAT).await;
            let token = |text: &String| Some(text.split_once(&start)?.1.split_whitespace().next()?.to_owned());
            model.tokens.insert(one.id.clone(), texts.iter().filter_map(token).next_back().expect("a link"));
        }
        model
    }

    fn responses(&self) -> Vec<Responded> {
        self.responses.lock().unwrap().clone()
    }

    fn one(&self, response: usize) -> Responded {
        let all = self.responses();
        all[response % all.len()].clone()
    }

    async fn respond(&self) {
        let Some(driver) = self.waiting.lock().unwrap().pop() else { return };
        let answer = self.world.respond(&driver, &self.cargo, json!({ "phone": "+79161234567" })).await;
        if answer.status.as_u16() == 201 {
            let id = text(&answer.json()["response"]["id"]);
            // Its card may be long in coming; what presses name is the response, and any message of the chat will do.
            self.responses.lock().unwrap().push(Responded { driver, cargo: self.cargo.clone(), id, card: 1 });
            self.look_for_cards().await;
        }
    }

    /// Notes cards and buttons, as they are now.
    async fn look_for_cards(&self) {
        for message in self.world.messages(DISPATCH_CHAT).await {
            let id = message["message_id"].as_i64().unwrap();
            let rows = message["reply_markup"]["inline_keyboard"].as_array().cloned().unwrap_or_default();
            for button in rows.iter().flat_map(|row| row.as_array().cloned().unwrap_or_default()) {
                let data = text(&button["callback_data"]);
                for one in self.responses.lock().unwrap().iter_mut().filter(|one| data.contains(&one.id)) {
                    one.card = id;
                }
                let mut buttons = self.buttons.lock().unwrap();
                if !data.is_empty() && !buttons.contains(&(id, data.clone())) {
                    buttons.push((id, data));
                }
            }
        }
    }

    /// A press as Telegram brings it, which may fail.
    async fn press(&self, by: usize, card: i64, data: &str) {
        let query = json!({
            "id": "1", "from": { "id": DISPATCHERS[by], "first_name": "Д" }, "data": data,
            "message": { "chat": { "id": DISPATCH_CHAT, "type": "supergroup" }, "message_id": card },
        });
        self.world.webhook(&json!({ "update_id": new_driver_id(), "callback_query": query })).await;
    }

    async fn shipper(&self, one: &Responded, decision: &str, knowing: bool) {
        let Some(token) = self.tokens.get(&one.id) else { return };
        let choices = self.choices.lock().unwrap().get(&one.id).copied().filter(|_| knowing);
        let headers = [("x-shipper-token", token.as_str()), ("content-type", "application/json")];
        let body = json!({ "decision": decision, "choices": choices }).to_string();
        let answer: Answer = self.world.send(Method::POST, "/api/shipper/response", &headers, body).await;
        if let Some(choices) = answer.json()["choices"].as_i64() {
            self.choices.lock().unwrap().insert(one.id.clone(), choices);
        }
    }

    async fn admin(&self, path: &str, body: Value) {
        self.world.call(&self.owner, Method::POST, &format!("/api/admin/{path}"), &body).await;
    }

    async fn reply(&self, by: usize, card: i64) {
        let reply = json!({
            "message_id": 1, "from": { "id": DISPATCHERS[by], "first_name": "Д" }, "text": "Сломался",
            "chat": { "id": DISPATCH_CHAT, "type": "supergroup" }, "reply_to_message": { "message_id": card },
        });
        self.world.webhook(&json!({ "update_id": new_driver_id(), "message": reply })).await;
    }

    async fn act(&self, step: Step) {
        match step {
            Step::Respond => self.respond().await,
            Step::Press { response, letter, by } => {
                let one = self.one(response);
                self.press(by, one.card, &one.button(letter)).await;
            }
            Step::AcceptTwo { first } => {
                let accept = async |by: usize| {
                    let one = self.one(first + by);
                    self.press(by, one.card, &one.button('a')).await;
                };
                // Both have read when the first of them writes.
                let meeting = json!({ "operation": "TransactWriteItems", "delay_ms": 100, "times": 2 });
                self.world.sandbox("/store", json!({ "faults": [meeting] })).await;
                tokio::join!(accept(0), accept(1));
            }
            Step::PressAny { button, by } => {
                let buttons = self.buttons.lock().unwrap().clone();
                let (card, data) = &buttons[button % buttons.len()];
                // A link is void once there is another, and shippers here have the first.
                if !data.starts_with("l:") && !data.starts_with("u:") {
                    self.press(by, *card, data).await;
                }
            }
            Step::Reply { response, by } => self.reply(by, self.one(response).card).await,
            Step::Shipper { response, decision, knowing } => {
                self.shipper(&self.one(response), decision, knowing).await;
            }
            Step::Withdraw { response } => {
                let one = self.one(response);
                self.world.withdraw(&one.driver, &one.cargo).await;
            }
            Step::Block { response, blocked } => {
                let id = self.one(response).driver.id;
                self.admin(&format!("drivers/{id}/block"), json!({ "blocked": blocked, "reason": "x" })).await;
            }
            Step::Undo { response } => {
                let one = self.one(response);
                let path = format!("drivers/{}/responses/{}/undo", one.driver.id, one.cargo);
                self.admin(&path, json!({ "reason": "Груз снят" })).await;
            }
            Step::Store { kind, seed } => {
                self.world.sandbox("/store", json!({ "faults": [store_fault(kind, seed)] })).await;
            }
            Step::Queue { lose, double } => {
                self.world.sandbox("/queues", json!({ "lose": lose, "double": double })).await;
            }
            Step::Crash { after, times } => {
                let crash = json!({ "function": "notify", "after_calls": after, "times": times });
                self.world.sandbox("/crashes", json!({ "crashes": [crash] })).await;
            }
            Step::Deliver => self.world.job("deliver-due").await,
            Step::Pass(seconds) => self.world.pass(seconds),
        }
    }

    /// Lets everything work again and come to rest.
    async fn end(&self) {
        self.world.sandbox("/crashes", json!({ "crashes": [] })).await;
        for what in ["/store", "/queues"] {
            self.world.send(Method::DELETE, &format!("/_sandbox{what}"), &[], "").await;
        }
        for _ in 0..12 {
            self.world.settle().await;
            self.world.pass(61);
            self.world.job("deliver-due").await;
            self.world.settle().await;
        }
    }

    /// Where each response stands, by its id.
    async fn statuses(&self) -> BTreeMap<String, String> {
        let mut statuses = BTreeMap::new();
        for row in self.world.rows("DRIVER#").await {
            if let Ok(body) = serde_json::from_str::<Value>(&text(&row["body"]["S"]))
                && body["cargo"]["id"] == self.cargo
            {
                statuses.insert(text(&body["id"]), text(&body["status"]));
            }
        }
        statuses
    }

    async fn agrees(&self) {
        let statuses = self.statuses().await;
        let with = |wanted: &[&str]| {
            let found = statuses.iter().filter(|(_, status)| wanted.contains(&status.as_str()));
            found.map(|(id, _)| id.clone()).collect::<Vec<_>>()
        };
        let (chosen, open) = (with(&["accepted", "completed"]), with(&["queued", "sent"]));
        self.no_two_by_accident(&chosen).await;
        // The row of the cargo is the truth.
        let row = self.world.rows(&format!("CARGO#{}", self.cargo)).await.pop().expect("the cargo's row");
        let set = |name: &str| {
            let members = row[name]["SS"].as_array().cloned().unwrap_or_default();
            let mut ids: Vec<_> =
                members.iter().map(|member| text(member).split('.').next().unwrap().to_owned()).collect();
            ids.sort();
            ids
        };
        assert_eq!((set("undecided"), set("chosen")), (open.clone(), chosen.clone()));
        // So is what the cards say.
        let messages = self.world.messages(DISPATCH_CHAT).await;
        for one in self.responses() {
            let Some(card) = messages.iter().find(|message| message["message_id"] == one.card && one.card > 1) else {
                continue;
            };
            let (card, status) = (text(&card["text"]), statuses[&one.id].as_str());
            let others = open.iter().filter(|id| **id != one.id).count();
            let live = matches!(status, "queued" | "sent" | "accepted");
            let said = card.split_once("Ещё ").and_then(|(_, rest)| rest.split(' ').next()?.parse::<usize>().ok());
            assert_eq!(said, (live && others > 0).then_some(others), "{status}: {card}");
            let taken = chosen.iter().any(|id| *id != one.id);
            assert_eq!(card.contains("Уже принят"), live && taken, "{status}: {card}");
            self.drivers_heard_once(&one, status).await;
        }
    }

    /// Of two drivers who have the cargo, one was accepted by somebody who knew of the other.
    async fn no_two_by_accident(&self, chosen: &[String]) {
        let rows = self.world.rows("AUDIT#").await;
        let knew = |id: &String| {
            let accepted = rows.iter().filter(|row| row["outcome"]["S"] == "accepted");
            let own: Vec<_> =
                accepted.filter(|row| row["facts"]["M"]["response_id"]["S"].as_str() == Some(id.as_str())).collect();
            assert_eq!(own.len(), 1, "accepted once: {id}");
            text(&own[0]["facts"]["M"]["beside"]["S"])
        };
        for (nth, one) in chosen.iter().enumerate() {
            for other in &chosen[nth + 1..] {
                assert!(knew(one).contains(other.as_str()) || knew(other).contains(one.as_str()), "{one} and {other}");
            }
        }
    }

    async fn drivers_heard_once(&self, one: &Responded, status: &str) {
        let said = async |words: &str| self.world.texts_with(one.driver.id, &[words]).await.len();
        assert!(said("Отклик принят").await <= 1);
        let rejections = said("Отклик отклонён").await + said("Принятие отклика отменено").await;
        assert_eq!(rejections, usize::from(status == "rejected"), "{status}");
    }
}

#[tokio::test]
async fn whatever_is_pressed_no_two_drivers_have_a_cargo_by_accident() {
    let (first, runs, steps) = (setting("BOOKING_SEED", 1), setting("BOOKING_RUNS", 2), setting("BOOKING_STEPS", 60));
    for seed in first..first + runs {
        let model = Model::start(4).await;
        model.look_for_cards().await;
        let mut chance = Chance(seed);
        let mut told = Told::new("BOOKING_SEED", seed);
        let mut done = 0;
        while done < steps {
            // Up to five things happen at once.
            let mut batch: Vec<_> = (0..=chance.below(5)).map(|_| draw(&mut chance)).collect();
            if done == 0 && seed % 2 == 0 {
                // Later the cargo mostly has somebody, and who accepts one more is asked.
                batch = vec![Step::AcceptTwo { first: 0 }];
            }
            let _ = writeln!(told.done, "{batch:?}");
            join_all(batch.iter().map(|step| Box::pin(model.act(*step)))).await;
            model.look_for_cards().await;
            done += batch.len() as u64;
        }
        model.end().await;
        model.look_for_cards().await;
        model.agrees().await;
        model.world.stop().await;
    }
}
