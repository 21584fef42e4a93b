use proptest::prelude::*;

use super::*;

const EVENTS: [Event; 7] =
    [Event::Deliver, Event::Accept, Event::Reject, Event::Complete, Event::Undo, Event::Expire, Event::Withdraw];

pub(crate) fn response() -> Response {
    let offer = Offer {
        name: "Иван".into(),
        phone: "+79161234567".into(),
        phone_confirmed: true,
        comment: None,
        price_kopecks: None,
    };
    Response::new(1, CargoSummary { id: "7".into(), ..CargoSummary::default() }, offer, 1_000, 10)
}

#[test]
fn these_are_all_transitions() {
    let mut found = Vec::new();
    for status in Status::ALL {
        for event in EVENTS {
            found.extend(status.after(event).map(|next| format!("{} {event:?} {}", status.as_str(), next.as_str())));
        }
    }
    assert_eq!(
        found,
        [
            "queued Deliver sent",
            "queued Expire expired",
            "queued Withdraw withdrawn",
            "sent Accept accepted",
            "sent Reject rejected",
            "sent Expire expired",
            "sent Withdraw withdrawn",
            "accepted Complete completed",
            "accepted Undo rejected",
        ]
    );
}

#[test]
fn a_decision_proves_the_delivery() {
    let accepted = response().apply(Event::Accept, Actor::Shipper, 2_000).expect("it may be accepted");
    let history: Vec<_> = accepted.history.iter().map(|step| step.status).collect();
    assert_eq!(history, [Status::Queued, Status::Sent, Status::Accepted]);
    assert_eq!((accepted.version, accepted.updated_at_ms), (2, 2_000));
}

#[test]
fn a_link_is_for_what_is_open_and_a_new_one_voids_the_old() {
    let first = response().with_new_link(2_000).expect("it is open");
    assert!(first.has_link() && first.link_generation == 1);
    let revoked = first.without_link().expect("it has one");
    assert!(!revoked.has_link() && revoked.without_link().is_none());
    let second = revoked.with_new_link(3_000).expect("it is open");
    assert!(second.has_link() && second.link_generation == 2);
    let rejected = second.apply(Event::Reject, Actor::Shipper, 2_000).unwrap();
    assert!(rejected.with_new_link(4_000).is_none());
}

#[test]
fn a_reason_is_given_once_and_for_a_rejection() {
    assert_eq!(response().with_reason("no", &Actor::System, 2_000), None);
    let rejected = response().apply(Event::Reject, Actor::System, 2_000).unwrap();
    let with = rejected.with_reason("Нужен рефрижератор", &Actor::System, 3_000).expect("it was rejected");
    assert_eq!((with.reason.as_deref(), with.version), (Some("Нужен рефрижератор"), rejected.version + 1));
    assert_eq!(with.with_reason("another", &Actor::System, 4_000), None);
}

#[test]
fn a_forgotten_response_says_nothing_of_its_driver_and_waits_for_nobody() {
    let mut open = response();
    open.offer.comment = Some("Иван".into());
    let forgotten = open.forgotten(2_000).expect("there is something to forget");
    assert_eq!((forgotten.status, forgotten.version), (Status::Withdrawn, 2));
    assert_eq!(forgotten.offer, Offer::default());
    assert!(forgotten.forgotten(3_000).is_none(), "once");
    let rejected = response().with_new_link(1_500).unwrap().apply(Event::Reject, Actor::Shipper, 2_000).unwrap();
    let rejected = rejected.with_reason("Иван не подходит", &Actor::System, 2_000).unwrap();
    let forgotten = rejected.forgotten(3_000).unwrap();
    assert_eq!((forgotten.status, forgotten.reason.as_ref()), (Status::Rejected, None));
    assert!(!forgotten.has_link() && forgotten.version == rejected.version + 1);
    assert!(!serde_json::to_string(&forgotten).unwrap().contains("Иван"));
}

#[test]
fn after_its_time_a_response_that_is_over_names_nobody_and_keeps_its_facts() {
    let open = response();
    assert_eq!(open.without_persons(i64::MAX), None, "it waits for a decision");
    let anna = Actor::Dispatcher { id: 5, name: "Анна".into() };
    let rejected =
        open.apply(Event::Reject, anna, 2_000).unwrap().with_reason("Ивану далеко", &Actor::System, 3_000).unwrap();
    assert_eq!(rejected.without_persons(2_999), None, "its time is not over");
    let cleared = rejected.without_persons(3_000).expect("there is something to take out");
    let stored = serde_json::to_string(&cleared).unwrap();
    assert!(["Анна", "Иван", "+7916"].iter().all(|word| !stored.contains(word)), "{stored}");
    assert_eq!(
        (cleared.status, cleared.updated_at_ms, cleared.version),
        (Status::Rejected, 3_000, rejected.version + 1)
    );
    assert_eq!(cleared.history.len(), rejected.history.len());
    assert!(!cleared.names_somebody() && cleared.without_persons(i64::MAX).is_none(), "once");

    let order = OthersRejected { by: Actor::Dispatcher { id: 5, name: "Анна".into() }, at_ms: 2_000 };
    let accepted = open.apply(Event::Accept, Actor::Shipper, 2_000).unwrap();
    let accepted = Response { others_rejected: Some(order), ..accepted }.forgotten(2_500).unwrap();
    assert!(accepted.names_somebody(), "a dispatcher is named");
    assert!(!accepted.without_persons(3_000).unwrap().names_somebody());

    // Of a driver who asked to be forgotten the dispatchers' names are left.
    let forgotten = rejected.forgotten(4_000).unwrap();
    assert!(forgotten.names_somebody());
    assert!(!forgotten.without_persons(4_000).expect("a dispatcher is named").names_somebody());
    assert!(open.forgotten(4_000).unwrap().without_persons(i64::MAX).is_none(), "nobody is");
}

#[test]
fn the_agreed_price_is_the_drivers_where_there_is_one() {
    let rubles = |price: Option<Money>| price.map(Money::rubles);
    let mut response = response();
    assert_eq!((rubles(response.agreed_price()), response.is_repriced()), (None, false), "on request");
    response.cargo.price_rub = serde_json::Number::from_f64(80_000.5);
    assert_eq!((rubles(response.agreed_price()), response.is_repriced()), (Some(80_000.5), false));
    response.offer.price_kopecks = Some(9_200_000);
    assert_eq!((rubles(response.agreed_price()), response.is_repriced()), (Some(92_000.0), true));
    response.offer.price_kopecks = Some(8_000_050);
    assert_eq!((rubles(response.agreed_price()), response.is_repriced()), (Some(80_000.5), false));
    response.cargo.price_rub = None;
    assert!(response.is_repriced());
}

#[test]
fn an_acceptance_is_undone_by_who_asked_and_in_time() {
    let accepted = response().apply(Event::Accept, Actor::Shipper, 2_000).unwrap();
    assert!(accepted.is_accepted_by_shipper() && !accepted.is_undone() && accepted.unasked().is_none());
    let asked = accepted.asking(Question::Undo { by_id: 5, until_ms: 9_000 });
    assert!(asked.waits_for_undo_by(5, 8_999) && !asked.waits_for_undo_by(6, 8_999));
    assert!(!asked.waits_for_undo_by(5, 9_000), "what is written later is talk");
    assert_eq!(asked.unasked().map(|response| (response.question, response.version)), Some((None, 4)));
    let undone = asked.apply(Event::Undo, Actor::Admin { id: 5 }, 3_000).unwrap();
    assert!(undone.is_undone() && undone.question.is_none() && !undone.is_accepted_by_shipper());
    assert!(!response().apply(Event::Reject, Actor::Shipper, 2_000).unwrap().is_undone());
}

#[test]
fn responses_of_older_versions_are_read() {
    let stored = serde_json::to_string(&response()).unwrap();
    assert!(!stored.contains("question") && !stored.contains("others_rejected"), "{stored}");
    assert_eq!(serde_json::from_str::<Response>(&stored).unwrap().question, None);
}

proptest! {
    #[test]
    fn whatever_happens_the_history_tells_it(events in proptest::collection::vec(0usize..7, 0..20)) {
        let mut response = response();
        for (at, event) in events.into_iter().enumerate() {
            let now = 2_000 + i64::try_from(at).unwrap();
            match response.apply(EVENTS[event], Actor::System, now) {
                Ok(next) => {
                    prop_assert_eq!(next.version, response.version + 1);
                    prop_assert_eq!(next.history.last().map(|step| step.status), Some(next.status));
                    prop_assert!(next.history.starts_with(&response.history));
                    response = next;
                }
                Err(refused) => prop_assert_eq!(refused.status, response.status),
            }
        }
        let closed = [Status::Rejected, Status::Expired, Status::Completed, Status::Withdrawn];
        for status in closed {
            prop_assert!(EVENTS.into_iter().all(|event| status.after(event).is_none()));
        }
    }

    #[test]
    fn what_is_stored_comes_back(generation in 0u32..9, price in proptest::option::of(1i64..1_000_000)) {
        let mut response = response();
        response.link_generation = generation;
        response.offer.price_kopecks = price;
        let stored = serde_json::to_string(&response).unwrap();
        prop_assert_eq!(serde_json::from_str::<Response>(&stored).unwrap(), response);
    }
}
