use proptest::prelude::*;
use serde_json::json;

use super::{search::Query, *};
use crate::{
    billing::{plan::DAY_S, subscription::Source},
    store::{driver::SearchTerm, keys::Clue},
};

fn whole(clue: Clue, text: &str) -> SearchTerm {
    SearchTerm { clue, text: text.to_owned(), whole: true }
}

fn beginning(clue: Clue, text: &str) -> SearchTerm {
    SearchTerm { clue, text: text.to_owned(), whole: false }
}

#[test]
fn what_is_typed_is_understood() {
    assert_eq!(Query::parse("  "), Query::All);
    assert_eq!(Query::parse("@Ivan_P"), Query::Username(beginning(Clue::Username, "ivan_p")));
    let number = |id, phones: &[SearchTerm]| Query::Number { id, phones: phones.to_vec() };
    for text in ["petr_v", "t.me/petr_v", "https://t.me/Petr_V?start=1", "@petr_v"] {
        assert_eq!(Query::parse(text), Query::Username(beginning(Clue::Username, "petr_v")), "{text}");
    }
    let either = Query::Either(beginning(Clue::Username, "petrv"), beginning(Clue::Name, "petrv"));
    assert_eq!(Query::parse("PetrV"), either);
    let end = |text| beginning(Clue::PhoneEnd, text);
    assert_eq!(Query::parse("7712"), number(Some(7712), &[end("2177")]));
    assert_eq!(Query::parse("771"), number(Some(771), &[]), "three digits are anybody's");
    let phone = whole(Clue::Phone, "+79161234567");
    let begun = |text| beginning(Clue::Phone, text);
    // As rules before numbering plans kept some.
    let as_typed = begun("+89161234567");
    assert_eq!(Query::parse("8 (916) 123-45-67"), number(None, &[phone.clone(), as_typed.clone()]));
    assert_eq!(Query::parse("\u{200e}8 916 123\u{2011}45\u{2011}67"), number(None, &[phone.clone(), as_typed]));
    assert_eq!(Query::parse("79161234567"), number(Some(79_161_234_567), &[phone]));
    assert_eq!(Query::parse("+7916"), number(None, &[]), "four digits are anybody's");
    assert_eq!(Query::parse("+7 9161"), number(None, &[begun("+79161")]));
    assert_eq!(Query::parse("8 029 1"), number(None, &[begun("+375291"), begun("+80291"), end("19208")]));
    let names = Query::Names(beginning(Clue::Name, "федор"), vec!["федор".into(), "ив".into()]);
    assert_eq!(Query::parse(" ФЁДОР  ив"), names);
}

const DAY_MS: i64 = DAY_S * 1000;

fn order(body: Value) -> Result<SubscriptionOrder, Vec<FieldError>> {
    SubscriptionOrder::parse(body.as_object().expect("an object"), "key")
}

#[test]
fn what_is_wrong_with_an_order_is_told_at_once() {
    let told = |body| {
        let errors = order(body).expect_err("it is wrong");
        errors.into_iter().map(|error| format!("{} {}", error.field, error.code)).collect::<Vec<_>>()
    };
    assert_eq!(told(json!({})), ["action malformed", "reason missing", "days out_of_range"]);
    let extend = json!({ "action": "extend", "days": 3, "reason": "r" });
    assert_eq!(told(extend), ["days unknown", "until missing"]);
    let gift = json!({ "action": "gift", "days": 0, "until": "2026-12-31", "reason": " " });
    assert_eq!(told(gift), ["days out_of_range", "reason missing", "until unknown"]);
}

#[test]
fn days_are_given_until_a_day_ends_and_taken_as_far_as_they_go() {
    let now_ms = 1_000 * DAY_MS + 123;
    let wish = |body| order(body).expect("it is sound");
    let gift = wish(json!({ "action": "gift", "days": 5, "reason": "r" }));
    let (given, entry) = gift.change(&Subscription::default(), "i", now_ms).expect("a gift");
    assert_eq!((given.ends_at_ms, entry.id.as_str()), (Some(now_ms + 5 * DAY_MS), "gift-i"));
    let extend = wish(json!({ "action": "extend", "until": "1972-10-05", "reason": "r" }));
    let end_ms = crate::clock::moscow_midnight("1972-10-06").expect("a day");
    let (extended, entry) = extend.change(&given, "i", now_ms).expect("an extension");
    let ends_at_ms = extended.ends_at_ms.expect("it has an end");
    assert!((0..1000).contains(&(end_ms - ends_at_ms)), "{ends_at_ms} is not at the end of the day");
    assert_eq!(entry.seconds * 1000, ends_at_ms - now_ms - 5 * DAY_MS, "the ledger has all of it");
    assert!(extend.change(&extended, "i", now_ms).is_err(), "it is no later");

    let revoke = wish(json!({ "action": "revoke", "days": 30, "reason": "r" }));
    let (revoked, entry) = revoke.change(&given, "i", now_ms).expect("a revocation");
    assert_eq!((revoked.ends_at_ms, entry.seconds), (Some(now_ms), -5 * DAY_S));
    assert_eq!(revoke.change(&revoked, "i", now_ms), Err(Error::Conflict(Conflict::SubscriptionEnded)));
    let never = revoke.change(&Subscription::default(), "i", now_ms);
    assert_eq!(never, Err(Error::Conflict(Conflict::SubscriptionEnded)));
}

proptest! {
    #[test]
    fn a_repeat_is_known_by_what_it_made(days in 1i64..100, left in 0i64..50, at in 0i64..DAY_MS) {
        let now_ms = 1_000 * DAY_MS + at;
        let (before, _) = Subscription::default().grant(left * DAY_S, Source::Promo, "p", now_ms);
        for body in [
            json!({ "action": "gift", "days": days, "reason": "r" }),
            json!({ "action": "revoke", "days": days, "reason": "r" }),
            json!({ "action": "extend", "until": "1973-06-01", "reason": "r" }),
        ] {
            let order = order(body).expect("it is sound");
            if let Ok((after, entry)) = order.change(&before, "i", now_ms) {
                prop_assert!(after.ends_at_ms >= Some(now_ms - 1000));
                let entry = entry.by(crate::audit::Actor { id: 1, name: "A".into() }, "r");
                prop_assert!(order.made(&entry));
                let other = SubscriptionOrder { reason: "another".into(), ..order };
                prop_assert!(!other.made(&entry));
            }
        }
    }

    #[test]
    fn nothing_that_is_typed_panics(text in "\\PC{0,80}") {
        let _ = Query::parse(&text);
    }
}
