//! A driver's response to a cargo: what it says, and the one state machine that it lives by.
//!
//! ```text
//! queued ──▶ sent ──▶ accepted ──▶ completed
//!    │         │         │ undone
//!    │         ├────▶ rejected
//!    ├─────────┼────▶ withdrawn   (by the driver)
//!    └─────────┴────▶ expired     (nobody decided in time)
//! ```
pub mod act;
pub mod link;
pub mod respond;
pub mod rivals;
pub mod verdict;
pub mod view;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{cargo::Money, delivery::What};

/// Where a response stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Stored; its message is on the way to the dispatchers.
    Queued,
    /// The dispatchers have it.
    Sent,
    /// The dispatchers or the shipper took it.
    Accepted,
    /// They did not.
    Rejected,
    /// Nobody decided in time.
    Expired,
    /// The cargo was carried.
    Completed,
    /// The driver took it back.
    Withdrawn,
}

/// What can happen to a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The dispatchers' chat has the message.
    Deliver,
    /// Somebody who may decide says yes.
    Accept,
    /// Somebody who may decide says no.
    Reject,
    /// The cargo was carried.
    Complete,
    /// Whoever may decide takes their yes back.
    Undo,
    /// Its time is over.
    Expire,
    /// The driver takes it back.
    Withdraw,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Queued, Self::Sent, Self::Accepted, Self::Rejected, Self::Expired, Self::Completed, Self::Withdrawn];

    /// The status after `event`; `None` when that cannot happen now. These are all the transitions that there are.
    pub fn after(self, event: Event) -> Option<Self> {
        match (self, event) {
            (Self::Queued, Event::Deliver) => Some(Self::Sent),
            (Self::Sent, Event::Accept) => Some(Self::Accepted),
            (Self::Sent, Event::Reject) => Some(Self::Rejected),
            // A message that could not be delivered for all that time expires too, or its driver would wait forever.
            (Self::Queued | Self::Sent, Event::Expire) => Some(Self::Expired),
            (Self::Queued | Self::Sent, Event::Withdraw) => Some(Self::Withdrawn),
            (Self::Accepted, Event::Complete) => Some(Self::Completed),
            // Not open again: its driver has to know where they stand, and its time may be long over.
            (Self::Accepted, Event::Undo) => Some(Self::Rejected),
            _ => None,
        }
    }

    /// Whether it waits for a decision.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Sent)
    }

    /// Whether its driver has the cargo.
    pub fn is_chosen(self) -> bool {
        matches!(self, Self::Accepted | Self::Completed)
    }

    /// As the API and the store write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Completed => "completed",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// Who made something happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    /// The driver whose response it is.
    Driver,
    /// A member of the dispatchers' chat.
    Dispatcher {
        /// Telegram's id.
        id: i64,
        /// As Telegram calls them; for the dispatchers' chat alone. Empty when it is no longer kept.
        name: String,
    },
    /// Who holds the link.
    Shipper,
    /// An administrator.
    Admin {
        /// Telegram's id.
        id: i64,
    },
    /// We ourselves.
    System,
}

impl Actor {
    /// As the API and the audit log write it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Driver => "driver",
            Self::Dispatcher { .. } => "dispatcher",
            Self::Shipper => "shipper",
            Self::Admin { .. } => "admin",
            Self::System => "system",
        }
    }
}

/// What a dispatcher was asked about a response and has not answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Question {
    /// Whether to accept it although others are accepted for its cargo.
    AcceptToo {
        /// Which choice was seen: how often drivers were chosen or dropped for this cargo.
        choices: i64,
    },
    /// Why the acceptance shall be undone.
    Undo {
        /// The dispatcher whose reply is the reason.
        by_id: i64,
        /// A later reply is none, milliseconds: what is written tomorrow is talk.
        until_ms: i64,
    },
}

/// That the other open responses to the cargo are to be rejected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OthersRejected {
    /// By whom.
    pub by: Actor,
    /// When, milliseconds: nobody has seen what came later.
    pub at_ms: i64,
}

/// How long after the press the reason for undoing an acceptance is waited for, milliseconds.
pub const UNDO_ASKED_MS: i64 = 15 * 60_000;

/// One step of a response's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The status that it came to.
    pub status: Status,
    /// When, milliseconds since 1970-01-01 UTC.
    pub at_ms: i64,
    /// By whom.
    pub by: Actor,
}

/// What the driver offers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The driver's name.
    pub name: String,
    /// E.164.
    pub phone: String,
    /// Telegram vouched for the phone.
    pub phone_confirmed: bool,
    /// At most 500 characters.
    pub comment: Option<String>,
    /// The driver's own price, kopecks.
    pub price_kopecks: Option<i64>,
}

/// The cargo as it was when the driver responded: what dispatchers and the driver see of it even when it is gone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CargoSummary {
    /// CargoTech's id.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// `Москва → Казань`.
    pub route: String,
    /// `20 т / 82 м³`.
    pub weight_volume: String,
    /// `50 000 ₽`, or `по запросу`.
    pub price: String,
    /// Rubles; null is "on request".
    #[schema(value_type = Option<f64>)]
    pub price_rub: Option<serde_json::Number>,
    /// When it is loaded: local clock time without a zone.
    pub from_date: Option<String>,
    /// When it is unloaded: local clock time without a zone.
    pub to_date: Option<String>,
}

/// A response. Its fields change together, in [`Response::apply`] and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// A UUID.
    pub id: String,
    /// Telegram's id of the driver.
    pub driver_id: i64,
    /// The cargo.
    pub cargo: CargoSummary,
    /// What the driver offers.
    pub offer: Offer,
    /// Where it stands.
    pub status: Status,
    /// Counts changes; every write holds the version that it read against the stored one.
    pub version: i64,
    /// When it was given, milliseconds since 1970-01-01 UTC.
    pub created_at_ms: i64,
    /// When it last changed, milliseconds.
    pub updated_at_ms: i64,
    /// When it expires if nobody decides, milliseconds.
    pub expires_at_ms: i64,
    /// What happened to it, oldest first.
    pub history: Vec<Step>,
    /// Why it was rejected.
    pub reason: Option<String>,
    /// Who gave the reason.
    pub reason_by: Option<Actor>,
    /// How many links for the shipper were made; only the newest is good.
    pub link_generation: u32,
    /// Whether that newest link was taken back.
    pub link_revoked: bool,
    /// When that newest link was made, milliseconds; a link is good for as long as a response.
    pub link_made_at_ms: i64,
    /// What a dispatcher was asked and has not answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<Question>,
    /// That the others are to be rejected because of this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub others_rejected: Option<OthersRejected>,
    /// The `Idempotency-Key` under which it was given, if it came with one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<String>,
}

/// The most characters of a comment or a reason.
pub const LONGEST_TEXT: usize = 500;

/// An event that cannot happen to a response as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Where it stands.
    pub status: Status,
}

impl Response {
    /// A new one, given now.
    pub fn new(driver_id: i64, cargo: CargoSummary, offer: Offer, now_ms: i64, ttl_s: i64) -> Self {
        Self {
            id: uuid::Uuid::new_v4().to_string(),
            driver_id,
            cargo,
            offer,
            status: Status::Queued,
            version: 1,
            created_at_ms: now_ms,
            updated_at_ms: now_ms,
            expires_at_ms: now_ms + ttl_s * 1000,
            history: vec![Step { status: Status::Queued, at_ms: now_ms, by: Actor::Driver }],
            reason: None,
            reason_by: None,
            link_generation: 0,
            link_revoked: false,
            link_made_at_ms: 0,
            question: None,
            others_rejected: None,
            attempt: None,
        }
    }

    /// The response after `event`.
    ///
    /// A decision on a message whose delivery is not on record proves the delivery: the answer to our own call was lost.
    ///
    /// # Errors
    /// It cannot happen to a response that stands where this one does.
    pub fn apply(&self, event: Event, by: Actor, now_ms: i64) -> Result<Self, Refused> {
        let mut next = self.clone();
        if self.status == Status::Queued && matches!(event, Event::Accept | Event::Reject) {
            next.step(Event::Deliver, Actor::System, now_ms)?;
        }
        next.step(event, by, now_ms)?;
        next.version += 1;
        Ok(next)
    }

    fn step(&mut self, event: Event, by: Actor, now_ms: i64) -> Result<(), Refused> {
        let status = self.status.after(event).ok_or(Refused { status: self.status })?;
        self.status = status;
        // What was asked was about where it stood before.
        self.question = None;
        self.updated_at_ms = now_ms;
        self.history.push(Step { status, at_ms: now_ms, by });
        Ok(())
    }

    /// The response with a reason for its rejection; `None` when there is nothing to give a reason for, or one is there.
    pub fn with_reason(&self, reason: &str, by: &Actor, now_ms: i64) -> Option<Self> {
        (self.status == Status::Rejected && self.reason.is_none()).then(|| Self {
            reason: Some(reason.to_owned()),
            reason_by: Some(by.clone()),
            version: self.version + 1,
            updated_at_ms: now_ms,
            ..self.clone()
        })
    }

    /// The response with a new link for the shipper, the older ones void; `None` when there is nothing left to decide.
    pub fn with_new_link(&self, now_ms: i64) -> Option<Self> {
        self.status.is_open().then(|| Self {
            link_generation: self.link_generation + 1,
            link_revoked: false,
            link_made_at_ms: now_ms,
            version: self.version + 1,
            ..self.clone()
        })
    }

    /// The response with its link taken back; `None` when it has none.
    pub fn without_link(&self) -> Option<Self> {
        self.has_link().then(|| Self { link_revoked: true, version: self.version + 1, ..self.clone() })
    }

    /// The response with something that a dispatcher is asked.
    pub fn asking(&self, question: Question) -> Self {
        Self { question: Some(question), version: self.version + 1, ..self.clone() }
    }

    /// The response without what a dispatcher was asked; `None` when nothing was.
    pub fn unasked(&self) -> Option<Self> {
        self.question.as_ref()?;
        Some(Self { question: None, version: self.version + 1, ..self.clone() })
    }

    /// Whether a reply of this dispatcher's is the reason for which the acceptance is undone.
    pub fn waits_for_undo_by(&self, dispatcher_id: i64, now_ms: i64) -> bool {
        let asked = matches!(self.question, Some(Question::Undo { by_id, until_ms }) if by_id == dispatcher_id && now_ms < until_ms);
        asked && self.status == Status::Accepted
    }

    /// The response without what it says of its driver, taken back if nobody has decided on it; `None` when there is nothing to
    /// take out.
    pub fn forgotten(&self, now_ms: i64) -> Option<Self> {
        if self.is_forgotten() {
            return None;
        }
        let mut next = self.apply(Event::Withdraw, Actor::System, now_ms).unwrap_or_else(|_| Self {
            version: self.version + 1,
            updated_at_ms: now_ms,
            ..self.clone()
        });
        next.strip();
        Some(next)
    }

    /// The response without what it says of anybody, if it is over and has not changed after `before_ms`; `None` when it is not, or
    /// names nobody.
    pub fn without_persons(&self, before_ms: i64) -> Option<Self> {
        if self.status.is_open() || self.updated_at_ms > before_ms || !self.names_somebody() {
            return None;
        }
        // When it last changed for anybody stays.
        let mut next = Self { version: self.version + 1, others_rejected: None, ..self.clone() };
        next.strip();
        for step in &mut next.history {
            if let Actor::Dispatcher { name, .. } = &mut step.by {
                name.clear();
            }
        }
        Some(next)
    }

    fn strip(&mut self) {
        self.offer = Offer { price_kopecks: self.offer.price_kopecks, ..Offer::default() };
        // Whoever decided may have written the driver's name.
        self.reason = None;
        self.reason_by = None;
        self.link_revoked = true;
    }

    /// Whether it says who somebody is: its driver, or a dispatcher.
    pub fn names_somebody(&self) -> bool {
        let is_named = |by: &Actor| matches!(by, Actor::Dispatcher { name, .. } if !name.is_empty());
        let steps = self.history.iter().map(|step| &step.by);
        let mut actors = steps.chain(self.others_rejected.as_ref().map(|order| &order.by));
        !self.is_forgotten() || self.reason.is_some() || actors.any(is_named)
    }

    /// Whether its driver's data was deleted.
    pub fn is_forgotten(&self) -> bool {
        self.offer.phone.is_empty()
    }

    /// Whether a link for the shipper is out.
    pub fn has_link(&self) -> bool {
        self.link_generation > 0 && !self.link_revoked
    }

    /// The message with the link, for as long as it stands in the dispatchers' chat: it says who the driver is. It goes when another
    /// link comes, when the link is taken back, and when nothing is left to be done.
    pub fn shown_link(&self) -> Option<What> {
        let is_wanted = self.status.is_open() || self.status == Status::Accepted;
        (is_wanted && self.has_link()).then_some(What::Link(self.link_generation))
    }

    /// Whether a shipper took it, by the link.
    pub fn is_accepted_by_shipper(&self) -> bool {
        self.status.is_chosen() && self.was_accepted_by_shipper()
    }

    /// Whether it was rejected because another driver had the cargo: the one rejection whose reason nobody wrote.
    pub fn is_passed_over(&self) -> bool {
        self.status == Status::Rejected && self.reason.is_some() && self.reason_by.is_none()
    }

    /// Whether a shipper took it, by the link, whatever became of it.
    pub fn was_accepted_by_shipper(&self) -> bool {
        let accepted = self.history.iter().rev().find(|step| step.status == Status::Accepted);
        accepted.is_some_and(|step| step.by == Actor::Shipper)
    }

    /// Whether it was accepted first, and then that was undone.
    pub fn is_undone(&self) -> bool {
        self.status == Status::Rejected && self.history.iter().any(|step| step.status == Status::Accepted)
    }

    /// Who decided last, and when.
    pub fn last_step(&self) -> Option<&Step> {
        self.history.last()
    }

    /// The driver's own price.
    pub fn own_price(&self) -> Option<Money> {
        self.offer.price_kopecks.and_then(Money::from_kopecks)
    }

    /// The cargo's price; `None` is "on request".
    pub fn cargo_price(&self) -> Option<Money> {
        let rubles = self.cargo.price_rub.as_ref()?.as_f64()?;
        #[allow(clippy::cast_possible_truncation)] // a cast of a float stops at the bounds of the type
        Money::from_kopecks((rubles * 100.0).round() as i64)
    }

    /// The price for which the cargo is carried when the response is accepted: whoever accepts an offer accepts its price.
    pub fn agreed_price(&self) -> Option<Money> {
        self.own_price().or_else(|| self.cargo_price())
    }

    /// Whether the driver asks for another price than the cargo's.
    pub fn is_repriced(&self) -> bool {
        self.own_price().is_some_and(|own| self.cargo_price() != Some(own))
    }
}

#[cfg(test)]
mod tests {
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
                found
                    .extend(status.after(event).map(|next| format!("{} {event:?} {}", status.as_str(), next.as_str())));
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
}
