//! No message is ever too long or says what it does not, whatever stands in the rows that it is made of: every kind of message, with
//! the longest values that get past our edges, and with those of rows from before there were any bounds.
use outbox::{
    kind::{Argument, Kind, MessageKind},
    message::{Action, Button, Message},
};
use proptest::prelude::*;
use serde_json::json;

use super::{
    card, screens,
    update::{CloseAccess, Sender},
};
use crate::{
    auth::init_data::User,
    billing::{payment::Payment, subscription::Subscription},
    cargo::card::Card,
    cargotech::wire,
    driver::Profile,
    response::{Actor, CargoSummary, Event, Offer, Question, Response, Status, respond::words, rivals::Surroundings},
};

/// Telegram counts UTF-16 units of what is left when the markup is read.
const LONGEST: usize = 4096;
const NOW_MS: i64 = 2_062_833_310_000;
/// What a line of a card begins with, and nobody's name or comment may.
const FORGED: &str = "✅ Принят · Анна";

fn read(text: &str) -> String {
    let mut said = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        said.push_str(before);
        rest = after.split_once('>').map_or("", |(_, after)| after);
    }
    said.push_str(rest);
    said.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

fn check(what: MessageKind, screen: &Message, lines: Option<usize>) {
    let said = read(&screen.text);
    let length = said.encode_utf16().count();
    assert!((1..=LONGEST).contains(&length), "{what:?}: {length}");
    assert!(
        !said.contains(|c: char| crate::phone::is_invisible(c) || (c.is_control() && c != '\n')),
        "{what:?}: {said:?}"
    );
    assert!(!said.contains(['\u{2028}', '\u{2029}', '\u{85}']), "{what:?}: {said:?}");
    assert!(said.lines().all(|line| !line.starts_with(FORGED)), "{what:?} says what somebody wrote: {said}");
    if let Some(lines) = lines {
        assert_eq!(said.lines().count(), lines, "{what:?}: {said}");
    }
    for button in screen.rows.iter().flatten() {
        match button {
            Button::Copy { copied, .. } => assert!((1..=256).contains(&copied.encode_utf16().count())),
            Button::Act { label, action } => {
                assert!(action.data().len() <= 64 && label.encode_utf16().count() <= 64);
                assert!(action.id.len() <= Action::LONGEST, "{action:?}");
            }
            Button::Page { .. } => {}
        }
    }
}

/// A text that begins as another line would, and never ends.
fn long(letter: &str, breaks: &str) -> String {
    format!("а{breaks}{FORGED}{breaks}{}", letter.repeat(5000))
}

/// A cargo as the edge lets it in, or as it stood in a row from before there were bounds.
fn cargo(letter: &str, breaks: &str, old: bool) -> CargoSummary {
    let text = long(letter, breaks);
    let end = json!({ "city": { "name": text }, "address": text, "first_date": "2035-05-16T08:30:00Z" });
    let sent = json!({
        "id": "9".repeat(20), "points": { "start": end, "finish": end }, "weight": 1e8, "volume": 1e6, "price": 9_999_999_900_i64,
        "cargo_type": { "name": text }, "extra": { "note": text },
    });
    let cargo = wire::detail(&sent, jiff::civil::date(2035, 5, 15)).expect("a cargo");
    let card = Card::new(cargo);
    let kept = |kept: String| if old { text.clone() } else { kept };
    CargoSummary {
        id: card.id,
        title: kept(card.title),
        route: kept(card.display.route),
        weight_volume: card.display.weight_volume,
        price: card.display.price,
        price_rub: None,
        from_date: card.from.date,
        to_date: card.to.date,
    }
}

fn profile(letter: &str, breaks: &str, old: bool, language: &str) -> Profile {
    let text = long(letter, breaks);
    let user: User = serde_json::from_value(json!({ "id": 7, "first_name": text, "last_name": text })).expect("a user");
    let (first_name, last_name) = if old { (text.clone(), Some(text)) } else { (user.first_name, user.last_name) };
    Profile { id: 7, first_name, last_name, language: Some(language.to_owned()), ..Profile::default() }
}

/// The longest text that is taken from a driver, a dispatcher or a shipper.
fn taken(letter: &str, breaks: &str, most: usize) -> String {
    let text: String = long(letter, breaks).chars().take(most - 20).collect();
    words(&text, most, true).expect("it is short enough")
}

/// Every status that a response with an own price may have, with everything that can stand beside it.
fn responses(given: &Response, by: &Actor, reason: &str) -> Vec<Response> {
    let now = |response: &Response, event| response.apply(event, by.clone(), NOW_MS).expect("it can happen");
    let sent = now(given, Event::Deliver);
    let linked = sent.with_new_link(NOW_MS).expect("a link");
    let mut all = vec![
        given.clone(),
        linked.clone(),
        linked.asking(Question::AcceptToo { choices: i64::MAX }),
        now(&linked, Event::Accept),
        now(&linked, Event::Accept).asking(Question::Undo { by_id: 5, until_ms: NOW_MS }),
        now(&now(&linked, Event::Accept), Event::Complete),
        now(&now(&linked, Event::Accept), Event::Undo),
        now(&sent, Event::Reject),
        now(&sent, Event::Expire),
        now(&sent, Event::Withdraw),
    ];
    for response in &mut all {
        if response.status == Status::Rejected {
            response.reason = Some(reason.to_owned());
            response.reason_by = Some(by.clone());
        }
    }
    all
}

fn payment(name: &str) -> Payment {
    serde_json::from_value(json!({
        "id": "7d0c5a3e-0000-4000-8000-000000000000", "driver_id": 7, "status": "canceled", "version": 1,
        "plan": { "id": "1m", "name": name, "days": 30, "price_kopecks": 9_999_999_900_i64 },
        "reason": "payment_method_limit_exceeded", "created_at_ms": NOW_MS, "updated_at_ms": NOW_MS, "shop_id": "1", "body": "", "history": [], "refunds": [],
    }))
    .expect("a payment")
}

/// All forms of a kind of message. A new kind fails before it is here.
fn screens_of(what: MessageKind, response: &Response, around: &Surroundings, profile: &Profile) -> Vec<Message> {
    let origin = "https://app.cargotech.pro";
    let plan = payment(&profile.full_name().chars().take(60).collect::<String>());
    let subscription = Subscription { ends_at_ms: Some(NOW_MS), ..Subscription::default() };
    match what.as_text().split('-').next().unwrap_or_default() {
        "card" => vec![card::card(response, around, "https://t.me/bot/app"), screens::void_card()],
        "notice" => {
            let status = Status::ALL.into_iter().find(|status| what.name() == Some(status.as_str()));
            vec![screens::notice(status, response, profile, origin)]
        }
        "reason" => vec![screens::notice(None, response, profile, origin)],
        "link" => {
            let url = format!("{origin}/app/r/#{}", "x".repeat(59));
            vec![screens::shipper_link(response, &url, NOW_MS), screens::void_link()]
        }
        "others" | "block" => Vec::new(),
        "paid" | "refunded" => vec![screens::payment(&plan, None, &subscription, profile, origin)],
        "declined" => vec![screens::declined(&plan, profile, origin)],
        "gift" => vec![screens::gift(NOW_MS, profile, origin)],
        "opened" => {
            let close = CloseAccess { generation: u32::MAX, at_ms: NOW_MS };
            vec![screens::opening(close, true, profile), screens::opening(close, false, profile)]
        }
        "reminder" => vec![screens::reminder(what.number().unwrap_or_default(), NOW_MS, profile, origin)],
        other => panic!("{other} is not looked at here"),
    }
}

/// Messages of all kinds that the product has.
fn kinds() -> Vec<MessageKind> {
    let arguments = |kind: &'static Kind| match kind.name {
        "link" => vec![kind.of(Argument::Number(1))],
        "reminder" => [3, 1, 0].map(|days| kind.of(Argument::Number(days))).to_vec(),
        "notice" => Status::ALL.map(|status| kind.of(Argument::Name(status.as_str()))).to_vec(),
        _ => vec![kind.only()],
    };
    crate::modules::PRODUCT.kinds().flat_map(arguments).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn no_message_is_too_long_or_says_what_somebody_wrote_as_its_own(
        letter in prop::sample::select(vec!["я", "🚛", "&", "<", "\u{202e}x", "👨‍👩‍👧"]),
        breaks in prop::sample::select(vec!["\n", "\r\n", "\u{2028}", "\u{2029}", "\u{85}", "\u{b}", "\u{202e}", "\u{2067}\n"]),
        language in prop::sample::select(vec!["ru", "en"]),
        old in any::<bool>(),
        others in 0usize..2000,
        blocked in any::<bool>(),
    ) {
        let profile = profile(letter, breaks, old, language);
        let name = if old { profile.full_name() } else { profile.full_name().chars().take(100).collect() };
        let offer = Offer {
            name: name.clone(),
            phone: "+79161234567".into(),
            phone_confirmed: false,
            comment: Some(taken(letter, breaks, 500)),
            price_kopecks: Some(9_999_999_999),
        };
        let sender: Sender = serde_json::from_value(json!({ "id": 5, "first_name": long(letter, breaks) })).unwrap();
        let by = Actor::Dispatcher { id: 5, name: if old { long(letter, breaks) } else { sender.name() } };
        let given = Response::new(7, cargo(letter, breaks, old), offer, NOW_MS, 172_800);
        let around = Surroundings { others, blocked, chosen: vec![name; 9] };
        let plain = Response::new(7, cargo("я", " ", false), Offer { comment: Some("к".into()), name: "Иван".into(), ..given.offer.clone() }, NOW_MS, 172_800);
        let few = Surroundings { chosen: vec!["Иван".into(); 9], ..around.clone() };
        let reason = taken(letter, breaks, 500);
        let ordinary = responses(&plain, &Actor::Dispatcher { id: 5, name: "Анна".into() }, "п");
        for (response, plain) in responses(&given, &by, &reason).iter().zip(&ordinary) {
            for what in kinds() {
                let usual = screens_of(what, plain, &few, &profile);
                for (screen, usual) in screens_of(what, response, &around, &profile).iter().zip(&usual) {
                    // As many lines as with ordinary words.
                    check(what, screen, Some(read(&usual.text).lines().count()));
                }
            }
            prop_assert!(card::late(response).lines().count() == 1);
        }
    }
}
