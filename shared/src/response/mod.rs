//! A driver's response to a cargo: its content and its state machine.
//!
//! ```text
//! queued ──▶ sent ──▶ accepted ──▶ completed
//!    │         │         │ undone
//!    │         ├────▶ rejected
//!    ├─────────┼────▶ withdrawn   (by the driver)
//!    └─────────┴────▶ expired     (nobody decided in time)
//! ```
pub mod act;
mod fan_out;
pub mod jobs;
pub mod link;
pub mod messages;
pub mod metrics;
pub mod module;
pub mod respond;
pub mod rivals;
pub mod verdict;
pub mod view;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use outbox::kind::MessageKind;

use crate::cargo::Money;

/// The status of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Stored; not yet delivered to the dispatchers.
    Queued,
    /// Delivered to the dispatchers.
    Sent,
    /// Accepted by the dispatchers or the shipper.
    Accepted,
    /// Rejected by the dispatchers or the shipper.
    Rejected,
    /// Nobody decided in time.
    Expired,
    /// The cargo was carried.
    Completed,
    /// Withdrawn by the driver.
    Withdrawn,
}

/// Events of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The card arrived in the dispatchers' chat.
    Deliver,
    /// Someone who may decide accepts it.
    Accept,
    /// Someone who may decide rejects it.
    Reject,
    /// The cargo was carried.
    Complete,
    /// Someone who may decide undoes the acceptance.
    Undo,
    /// It expires.
    Expire,
    /// The driver withdraws it.
    Withdraw,
}

impl Status {
    /// All events.
    pub const ALL: [Self; 7] =
        [Self::Queued, Self::Sent, Self::Accepted, Self::Rejected, Self::Expired, Self::Completed, Self::Withdrawn];

    /// The status after `event`; `None` if the event is impossible. These are all transitions.
    pub fn after(self, event: Event) -> Option<Self> {
        match (self, event) {
            (Self::Queued, Event::Deliver) => Some(Self::Sent),
            (Self::Sent, Event::Accept) => Some(Self::Accepted),
            (Self::Sent, Event::Reject) => Some(Self::Rejected),
            // An undelivered response expires too, or its driver would wait forever.
            (Self::Queued | Self::Sent, Event::Expire) => Some(Self::Expired),
            (Self::Queued | Self::Sent, Event::Withdraw) => Some(Self::Withdrawn),
            (Self::Accepted, Event::Complete) => Some(Self::Completed),
            // It does not reopen: the driver must know the outcome, and the time to decide may be long over.
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

    /// The name in the API and the store.
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

/// Who caused an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    /// The driver who responded.
    Driver,
    /// A member of the dispatchers' chat.
    Dispatcher {
        /// Telegram user id.
        id: i64,
        /// The name in Telegram, only for the dispatchers' chat. Empty once it is deleted.
        name: String,
    },
    /// The holder of the shipper's link.
    Shipper,
    /// An admin.
    Admin {
        /// Telegram user id.
        id: i64,
    },
    /// The product itself.
    System,
}

impl Actor {
    /// The name in the API and the audit log.
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

/// An open question to a dispatcher.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Question {
    /// Whether to accept it although others are accepted for its cargo.
    AcceptToo {
        /// The number of choices seen: how often drivers were chosen or dropped for this cargo.
        choices: i64,
    },
    /// The reason to undo the acceptance.
    Undo {
        /// The dispatcher whose reply is the reason.
        by_id: i64,
        /// The deadline of the reply, milliseconds. A later reply is ordinary chat.
        until_ms: i64,
    },
}

/// The order to reject all other open responses to the cargo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OthersRejected {
    /// By whom.
    pub by: Actor,
    /// When, milliseconds. Later responses were not seen and are not rejected.
    pub at_ms: i64,
}

/// How long the reply with the reason for an undo is awaited, milliseconds.
pub const UNDO_ASKED_MS: i64 = 15 * 60_000;

/// One step of a response's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The new status.
    pub status: Status,
    /// Time in milliseconds since 1970-01-01 UTC.
    pub at_ms: i64,
    /// By whom.
    pub by: Actor,
}

/// The driver's offer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The driver's name.
    pub name: String,
    /// E.164.
    pub phone: String,
    /// Whether Telegram confirmed the phone.
    pub phone_confirmed: bool,
    /// At most 500 characters.
    pub comment: Option<String>,
    /// The driver's own price, kopecks.
    pub price_kopecks: Option<i64>,
}

/// The cargo as it was when the driver responded. Dispatchers and the driver still see it after the cargo is gone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CargoSummary {
    /// CargoTech's id.
    pub id: String,
    /// Name of the cargo.
    pub title: String,
    /// Such as `Москва → Казань`.
    pub route: String,
    /// Such as `20 т / 82 м³`.
    pub weight_volume: String,
    /// Such as `50 000 ₽`, or `по запросу`.
    pub price: String,
    /// Price, rubles; null means "on request".
    #[schema(value_type = Option<f64>)]
    pub price_rub: Option<serde_json::Number>,
    /// Loading time: local time without a zone; null if unknown.
    pub from_date: Option<String>,
    /// Unloading time: local time without a zone; null if unknown.
    pub to_date: Option<String>,
}

/// A response. Its fields change together, only in [`Response::apply`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// A UUID.
    pub id: String,
    /// The driver's Telegram id.
    pub driver_id: i64,
    /// The cargo.
    pub cargo: CargoSummary,
    /// What the driver offers.
    pub offer: Offer,
    /// The current status.
    pub status: Status,
    /// The version. Every write requires that the stored version is the one read.
    pub version: i64,
    /// When the driver responded, milliseconds since 1970-01-01 UTC.
    pub created_at_ms: i64,
    /// Time of the last change, milliseconds.
    pub updated_at_ms: i64,
    /// When it expires if nobody decides, milliseconds.
    pub expires_at_ms: i64,
    /// The status history, oldest first.
    pub history: Vec<Step>,
    /// Why it was rejected.
    pub reason: Option<String>,
    /// Who gave the reason.
    pub reason_by: Option<Actor>,
    /// The number of shipper's links made. Only the newest is valid.
    pub link_generation: u32,
    /// Whether the newest link was revoked.
    pub link_revoked: bool,
    /// When the newest link was made, milliseconds. A link lasts as long as a response.
    pub link_made_at_ms: i64,
    /// The open question to a dispatcher.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<Question>,
    /// The order to reject the others because of this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub others_rejected: Option<OthersRejected>,
    /// The `Idempotency-Key` of the request, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<String>,
}

/// The most characters of a comment or a reason.
pub const LONGEST_TEXT: usize = 500;

/// An event that is impossible in the current status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The current status.
    pub status: Status,
}

impl Response {
    /// A new response.
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
    /// A decision on a message whose delivery was not recorded proves the delivery: the response to our call was lost.
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
        // The question concerned the previous status.
        self.question = None;
        self.updated_at_ms = now_ms;
        self.history.push(Step { status, at_ms: now_ms, by });
        Ok(())
    }

    /// The response with a reason for its rejection; `None` if it is not rejected or already has a reason.
    pub fn with_reason(&self, reason: &str, by: &Actor, now_ms: i64) -> Option<Self> {
        (self.status == Status::Rejected && self.reason.is_none()).then(|| Self {
            reason: Some(reason.to_owned()),
            reason_by: Some(by.clone()),
            version: self.version + 1,
            updated_at_ms: now_ms,
            ..self.clone()
        })
    }

    /// The response with a new shipper's link that voids older ones; `None` if nothing is left to decide.
    pub fn with_new_link(&self, now_ms: i64) -> Option<Self> {
        self.status.is_open().then(|| Self {
            link_generation: self.link_generation + 1,
            link_revoked: false,
            link_made_at_ms: now_ms,
            version: self.version + 1,
            ..self.clone()
        })
    }

    /// The response with its link revoked; `None` if it has none.
    pub fn without_link(&self) -> Option<Self> {
        self.has_link().then(|| Self { link_revoked: true, version: self.version + 1, ..self.clone() })
    }

    /// The response with a question to a dispatcher.
    pub fn asking(&self, question: Question) -> Self {
        Self { question: Some(question), version: self.version + 1, ..self.clone() }
    }

    /// The response without its open question; `None` if there is none.
    pub fn unasked(&self) -> Option<Self> {
        self.question.as_ref()?;
        Some(Self { question: None, version: self.version + 1, ..self.clone() })
    }

    /// Whether this dispatcher's reply is the reason to undo the acceptance.
    pub fn waits_for_undo_by(&self, dispatcher_id: i64, now_ms: i64) -> bool {
        let asked = matches!(self.question, Some(Question::Undo { by_id, until_ms }) if by_id == dispatcher_id && now_ms < until_ms);
        asked && self.status == Status::Accepted
    }

    /// The response without its driver's data, withdrawn if undecided; `None` if there is nothing to remove.
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

    /// The anonymised response, if it is closed and has not changed after `before_ms`; `None` otherwise, or if it names
    /// nobody.
    pub fn without_persons(&self, before_ms: i64) -> Option<Self> {
        if self.status.is_open() || self.updated_at_ms > before_ms || !self.names_somebody() {
            return None;
        }
        // Keep `updated_at_ms`: nothing changed for its readers.
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
        // The reason may contain the driver's name.
        self.reason = None;
        self.reason_by = None;
        self.link_revoked = true;
    }

    /// Whether it names a person: its driver or a dispatcher.
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

    /// Whether a shipper's link is valid.
    pub fn has_link(&self) -> bool {
        self.link_generation > 0 && !self.link_revoked
    }

    /// The message with the link while it is in the dispatchers' chat. It names the driver, so it is removed when the
    /// link is replaced or revoked, or nothing is left to do.
    pub fn shown_link(&self) -> Option<MessageKind> {
        let is_wanted = self.status.is_open() || self.status == Status::Accepted;
        (is_wanted && self.has_link()).then_some(messages::link(self.link_generation))
    }

    /// Whether a shipper accepted it through the link.
    pub fn is_accepted_by_shipper(&self) -> bool {
        self.status.is_chosen() && self.was_accepted_by_shipper()
    }

    /// Whether it was rejected because another driver had the cargo. Only this rejection has no written reason.
    pub fn is_passed_over(&self) -> bool {
        self.status == Status::Rejected && self.reason.is_some() && self.reason_by.is_none()
    }

    /// Whether a shipper accepted it through the link at any time.
    pub fn was_accepted_by_shipper(&self) -> bool {
        let accepted = self.history.iter().rev().find(|step| step.status == Status::Accepted);
        accepted.is_some_and(|step| step.by == Actor::Shipper)
    }

    /// Whether its acceptance was undone.
    pub fn is_undone(&self) -> bool {
        self.status == Status::Rejected && self.history.iter().any(|step| step.status == Status::Accepted)
    }

    /// The last step, with the person and the time.
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

    /// The price agreed on acceptance: accepting an offer accepts its price.
    pub fn agreed_price(&self) -> Option<Money> {
        self.own_price().or_else(|| self.cargo_price())
    }

    /// Whether the driver's price differs from the cargo's.
    pub fn is_repriced(&self) -> bool {
        self.own_price().is_some_and(|own| self.cargo_price() != Some(own))
    }
}

#[cfg(test)]
mod tests;
