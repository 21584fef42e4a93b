//! The ledger: one row per outgoing message, the source of truth about it. The index `due` lists waiting messages. A
//! sender holds a claim, so that no other sends the message at the same time.
use aws_sdk_dynamodb::types::AttributeValue;
use kernel::{
    address::{Address, MessageRef},
    person::PersonId,
};
use sha2::{Digest as _, Sha256};
use store::{
    Attributes, Condition, Engine, Item, Key, Outcome, StoreError, Table, Tally, Transacted, Transaction, Update,
    listed, n, s,
};

use crate::{
    class::Class,
    kind::{self, Kind, MessageKind},
    message::Message,
};

/// The name of the claimed delivery's write. The same transaction may arm other messages.
const CLAIMED: &str = "claimed";
/// The `due` value of failed messages, with the time of failure, for admins.
pub const FAILED: &str = "FAILED";
/// The `due` value of finished messages, with the time of deletion.
pub const DELETE: &str = "DELETE";

/// The key of the message with this id.
pub fn key(id: &str) -> Key {
    Key::alone(Table::App, format!("DELIVERY#{id}"))
}

/// The list of messages that concern a person.
pub fn list_of(person: PersonId) -> String {
    format!("DELIVERIES#{person}")
}

/// The subject of a message.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The person concerned.
    pub person: PersonId,
    /// The cargo; empty if there is none.
    pub cargo_id: &'a str,
    /// The owning module's id of the subject.
    pub id: &'a str,
}

/// A message claimed for sending.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimed {
    /// The row's id.
    pub id: String,
    /// The kind of message.
    pub what: MessageKind,
    /// The person concerned.
    pub person: PersonId,
    /// The cargo; empty if there is none.
    pub cargo_id: String,
    /// The owning module's id of the subject.
    pub subject_id: String,
    /// Increases each time the message gets new content.
    pub revision: i64,
    /// The sent message, if any.
    pub message: Option<MessageRef>,
    /// Whether it was ever sent.
    pub was_sent: bool,
    /// Failed attempts since the content last changed.
    pub tries: i64,
    /// How often it waited for its turn since the content last changed.
    pub waits: i64,
    /// When the content last changed, milliseconds.
    pub armed_at_ms: i64,
    /// Digest of the content to show.
    showing: Option<String>,
    /// Digest of the content shown. Sending the same content again would cost the chat a turn and change nothing.
    shown: Option<String>,
    /// Queue hints in a row that led to it.
    pub hops: u32,
    /// Whether the previous claim was abandoned: its holder died or could not record the result. The messenger may have
    /// the message.
    pub is_taken_over: bool,
    claim: String,
    /// The message as recorded.
    stored: Option<MessageRef>,
    /// An owner's row to record with a new message.
    beside: Option<(Key, Item)>,
}

/// The result of a request for a claim.
#[derive(Debug, PartialEq)]
pub enum Claim {
    /// The caller holds the claim.
    Taken(Box<Claimed>),
    /// The message is not due for this many milliseconds.
    NotYet(i64),
    /// Another sender holds the claim, or the message is finished.
    Gone,
}

/// The result of an attempt.
#[derive(Debug)]
pub enum Finish<'a> {
    /// The messenger accepted it.
    Sent {
        /// The owner's writes in the same transaction.
        with: Transaction,
    },
    /// Retry later.
    Again {
        /// When to retry, milliseconds.
        due_at_ms: i64,
        /// What went wrong; `None` when the message only waited for its turn.
        error: Option<&'a str>,
        /// Whether it counts as a failed attempt, towards the limit and the backoff.
        counts: bool,
    },
    /// Nothing is left to send.
    Skipped {
        /// The reason.
        reason: &'a str,
    },
    /// The message cannot be sent.
    Failed {
        /// The reason.
        reason: &'a str,
    },
}

/// The result of recording an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finished {
    /// It was recorded.
    Done,
    /// It was recorded, but the content has changed in the meantime.
    More,
    /// The owner's writes failed: read again.
    Changed,
    /// The claim expired, and another sender holds it.
    Lost,
}

impl Claimed {
    /// Sets the content to show, for messages that may have nothing new.
    pub fn showing(&self, message: &Message) -> Self {
        let digest = Sha256::digest(format!("{message:?}"));
        let digest = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Self { showing: Some(digest), ..self.clone() }
    }

    /// The claim after the messenger accepted the message. `beside` is an owner's row to record with a new message.
    pub fn sent(&self, message: MessageRef, beside: Option<(Key, Item)>) -> Self {
        Self { message: Some(message), shown: self.showing.clone(), beside, ..self.clone() }
    }

    /// The claim after an edit with an unknown result.
    pub fn in_doubt(&self) -> Self {
        Self { shown: None, ..self.clone() }
    }

    /// Whether the message already shows its content.
    pub fn shows_already(&self) -> bool {
        self.showing.is_some() && self.showing == self.shown
    }
}

/// The update that makes a message wait until `due_at_ms`.
fn waiting(class: Class, now_ms: i64, due_at_ms: i64) -> Update {
    Update::default()
        .set("status", s("waiting"))
        .set("due", s(class.due()))
        .set("due_at", n(due_at_ms))
        .set("armed_at", n(due_at_ms))
        .set("updated_at", n(now_ms))
        .set("tries", n(0))
        .set("waits", n(0))
}

/// The update that makes an existing message wait until `due_at_ms` with new content.
pub fn rearmed(class: Class, now_ms: i64, due_at_ms: i64) -> Update {
    waiting(class, now_ms, due_at_ms).increase("revision", 1)
}

/// The message is `waiting`, `sent`, `skipped` or `failed`.
pub fn has_status(status: &str) -> Condition {
    Condition::new("#status = :status").name("#status", "status").value(":status", s(status))
}

fn claimed_by(claim: &str) -> Condition {
    Condition::new("claim = :claim").value(":claim", s(claim))
}

/// The counters of a failed delivery.
fn failure(person: i64, now_ms: i64) -> Tally {
    let mut tally = Tally::default();
    tally.count(person, now_ms, "deliveries_failed", 1);
    tally
}

/// What the ledger needs from the product.
#[derive(Clone, Copy, Debug)]
pub struct Product {
    /// Converts a chat number from a row older than addresses.
    pub address: fn(i64) -> Address,
    /// How long rows of finished messages are kept, milliseconds.
    pub kept_ms: i64,
}

/// The rows of outgoing messages.
#[derive(Clone, Copy, Debug)]
pub struct Ledger<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) product: Product,
    pub(crate) kinds: &'a [&'static Kind],
}

/// The attributes that identify a sent message.
const MESSAGE: [&str; 3] = ["chat_id", "address", "message_id"];

impl Product {
    /// The sent message of a row.
    pub fn read_message(&self, item: &Item) -> Option<MessageRef> {
        let written = item.text("address").and_then(Address::parse);
        let at = written.or_else(|| item.number("chat_id").map(self.address))?;
        let number = item.number("message_id").map(|number| number.to_string());
        Some(MessageRef { at, id: number.or_else(|| item.text("message_id").map(str::to_owned))? })
    }

    /// The attributes that [`Product::read_message`] reads. An address that a number fully identifies is stored as that
    /// number, as all were before addresses.
    pub fn message_attributes(&self, message: &MessageRef) -> [(&'static str, AttributeValue); 2] {
        let canonical = |text: &str| text.parse().ok().filter(|number: &i64| number.to_string() == text);
        let number = canonical(message.at.chat_id()).filter(|number| (self.address)(*number) == message.at);
        let at = number.map_or_else(|| ("address", s(message.at.to_string())), |number| ("chat_id", n(number)));
        [at, ("message_id", canonical(&message.id).map_or_else(|| s(&message.id), n))]
    }

    fn read(&self, item: &Item, kinds: &[&'static Kind]) -> Option<Claimed> {
        let text = |name| item.text(name).map(str::to_owned);
        let message = self.read_message(item);
        let is_taken_over =
            text("claim_before").is_some_and(|before| !before.is_empty() && Some(before) != text("claim"));
        Some(Claimed {
            id: text("id")?,
            what: kind::parse(kinds.iter().copied(), item.text("what")?)?,
            person: PersonId::new(item.number("driver_id")?),
            cargo_id: text("cargo_id")?,
            subject_id: text("subject_id")?,
            revision: item.number("revision")?,
            message: message.clone(),
            was_sent: item.number("sent_at").is_some(),
            stored: message,
            tries: item.number("tries")?,
            waits: item.number("waits")?,
            armed_at_ms: item.number("armed_at")?,
            showing: None,
            // The previous claim's holder may have edited the message.
            shown: text("shown").filter(|_| !is_taken_over),
            hops: 0,
            is_taken_over,
            claim: text("claim")?,
            beside: None,
        })
    }

    /// Adds to a transaction that `what` is to be sent about the subject at `due_at_ms`. A message sent before is
    /// edited. `seen` is the message whose button was just pressed, if any, because its sending may not be on record.
    pub fn arm(
        &self,
        transaction: Transaction,
        what: MessageKind,
        subject: &Subject<'_>,
        seen: Option<&MessageRef>,
        now_ms: i64,
        due_at_ms: i64,
    ) -> Transaction {
        let id = what.delivery_id(subject.id);
        let mut arm = waiting(what.class(), now_ms, due_at_ms)
            .set("id", s(&id))
            .set("what", s(what.as_text()))
            .set("driver_id", n(subject.person.number()))
            .set("cargo_id", s(subject.cargo_id))
            .set("subject_id", s(subject.id))
            .set_if_absent("created_at", n(now_ms))
            .set_if_absent("attempts", n(0))
            .increase_from(0, "revision", 1)
            .set("list", s(list_of(subject.person)))
            .set_if_absent("listed_at", s(listed::place_of(&listed::instant(now_ms), &id)));
        for (name, value) in seen.map(|message| self.message_attributes(message)).into_iter().flatten() {
            arm = arm.set_if_absent(name, value);
        }
        transaction.update("delivery", &key(&id), arm)
    }
}

impl<'a> Ledger<'a> {
    /// The ledger in the durable table. Messages of other kinds are left to the version that knows them.
    pub fn new(engine: &'a Engine, product: Product, kinds: &'a [&'static Kind]) -> Self {
        Self { engine, product, kinds }
    }

    /// When the longest overdue message was due, milliseconds; `None` when none is. Makes one call per class.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn oldest(&self, now_ms: i64) -> Result<Option<i64>, StoreError> {
        let firsts = Class::ALL.map(|class| self.engine.due_places("oldest_delivery", class.due(), now_ms, 1));
        let firsts = futures_util::future::try_join_all(firsts).await?;
        Ok(firsts.iter().flatten().filter_map(|item| item.number("due_at")).min())
    }

    /// The ids of at most `limit` messages of a class due by `now_ms`, in turns: for each person the longest waiting
    /// first.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn due(&self, class: Class, now_ms: i64, limit: usize) -> Result<Vec<String>, StoreError> {
        self.engine.due("due_deliveries", class.due(), now_ms, limit).await
    }

    /// Claims the message for `for_ms`. `claim` is unique to this attempt.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn claim(&self, id: &str, claim: &str, now_ms: i64, for_ms: i64) -> Result<Claim, StoreError> {
        let free = Condition::new(
            "claim = :claim OR (due_at <= :now AND (attribute_not_exists(claimed_until) OR claimed_until <= :now))",
        );
        // A claimed message is hidden from the index. A finished attempt leaves no claim.
        let update = Update::default()
            .when(has_status("waiting"))
            .when(free.value(":claim", s(claim)).value(":now", n(now_ms)))
            .copy("claim_before", "claim", s(""))
            .set("claim", s(claim))
            .set("claimed_until", n(now_ms + for_ms))
            .set("due_at", n(now_ms + for_ms));
        match self.engine.update("claim_delivery", &key(id), update).await? {
            Outcome::Done(item) => match self.product.read(&item, self.kinds) {
                Some(claimed) => Ok(Claim::Taken(Box::new(claimed))),
                None => self.put_aside(id, claim, &item, now_ms).await,
            },
            Outcome::Refused(item) => {
                let waits = item.text("status") == Some("waiting") && item.text("claim").is_none();
                let due_at = item.number("due_at").filter(|due_at| waits && *due_at > now_ms);
                Ok(due_at.map_or(Claim::Gone, |due_at| Claim::NotYet(due_at - now_ms)))
            }
        }
    }

    /// Sets aside a message written by a newer version, for admins.
    async fn put_aside(&self, id: &str, claim: &str, item: &Item, now_ms: i64) -> Result<Claim, StoreError> {
        let failed = Update::default()
            .when(claimed_by(claim))
            .set("status", s("failed"))
            .set("due", s(FAILED))
            .set("due_at", n(now_ms))
            .set("updated_at", n(now_ms))
            .set("last_error", s("this version cannot read it"))
            .remove(&["claim", "claimed_until"]);
        let tally = failure(item.number("driver_id").unwrap_or_default(), now_ms);
        let transaction = Transaction::default().tally(tally).update(CLAIMED, &key(id), failed);
        self.engine.transact("claim_delivery", transaction).await?;
        Err(StoreError::malformed("claim_delivery", "what"))
    }

    /// Whether the message waits for its first sending or with new content.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn is_waiting(&self, id: &str) -> Result<bool, StoreError> {
        let item = self.engine.get_now("is_waiting", &key(id)).await?;
        Ok(item.is_some_and(|item| item.text("status") == Some("waiting")))
    }

    /// Records the result of an attempt. A known message id is kept in any case.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn finish(&self, delivery: &Claimed, finish: Finish<'_>, now_ms: i64) -> Result<Finished, StoreError> {
        let is_sent = matches!(finish, Finish::Sent { .. });
        let refused = match self.finish_as(delivery, finish, true, now_ms).await? {
            Transacted::Done => return Ok(Finished::Done),
            Transacted::Refused(refused) => refused,
        };
        let Some(row) = refused.at(CLAIMED) else { return Ok(Finished::Changed) };
        if row.text("claim") != Some(delivery.claim.as_str()) {
            // Either the response to our first attempt was lost, or the claim expired.
            let sent = row.text("status") == Some("sent") && self.product.read_message(row) == delivery.message;
            return Ok(if sent && is_sent { Finished::Done } else { Finished::Lost });
        }
        // The content changed: keep what is known, and let the message wait.
        let again = Finish::Again { due_at_ms: now_ms, error: None, counts: false };
        match self.finish_as(delivery, again, false, now_ms).await? {
            Transacted::Done => Ok(Finished::More),
            Transacted::Refused(_) => Ok(Finished::Lost),
        }
    }

    /// Writes the result, only for the revision sent if `only_revision`.
    async fn finish_as(
        &self,
        delivery: &Claimed,
        finish: Finish<'_>,
        only_revision: bool,
        now_ms: i64,
    ) -> Result<Transacted, StoreError> {
        let over_at_ms = now_ms + self.product.kept_ms;
        let mut update = ended(delivery, &finish, over_at_ms, now_ms);
        if only_revision {
            update = update.when(Condition::new("revision = :revision").value(":revision", n(delivery.revision)));
        }
        update = match &delivery.shown {
            Some(shown) => update.set("shown", s(shown)),
            None => update.remove(&["shown"]),
        };
        let mut transaction = match finish {
            Finish::Failed { .. } => Transaction::default().tally(failure(delivery.person.number(), now_ms)),
            Finish::Sent { with } => with,
            _ => Transaction::default(),
        };
        let known = delivery.message.as_ref().map(|message| self.product.message_attributes(message));
        let known = known.iter().flatten();
        // Not sent yet, deleted, or moved elsewhere.
        let unknown = MESSAGE.into_iter().filter(|name| known.clone().all(|(known, _)| known != name));
        update = update.remove(&unknown.collect::<Vec<_>>());
        for (name, value) in known {
            update = update.set(*name, value.clone());
        }
        if let Some((key, row)) = delivery.beside.clone().filter(|_| delivery.message != delivery.stored) {
            let row =
                [("due", s(DELETE)), ("due_at", n(over_at_ms))].into_iter().fold(row, |mut row, (name, value)| {
                    row.insert(name.to_owned(), value);
                    row
                });
            transaction = transaction.put("pointer", &key, row, None);
        }
        let transaction = transaction.update(CLAIMED, &key(&delivery.id), update);
        self.engine.transact("finish_delivery", transaction).await
    }
}

/// The update for the result of an attempt, apart from the message id.
fn ended(delivery: &Claimed, finish: &Finish<'_>, over_at_ms: i64, now_ms: i64) -> Update {
    let (status, error, (due, due_at_ms), is_try) = match finish {
        Finish::Sent { .. } => (Some("sent"), None, (DELETE, over_at_ms), true),
        Finish::Again { due_at_ms, error, .. } => {
            (None, *error, (delivery.what.class().due(), *due_at_ms), error.is_some())
        }
        Finish::Skipped { reason } => (Some("skipped"), Some(*reason), (DELETE, over_at_ms), false),
        Finish::Failed { reason } => (Some("failed"), Some(*reason), (FAILED, now_ms), true),
    };
    let mut update = Update::default()
        .when(claimed_by(&delivery.claim))
        .set("updated_at", n(now_ms))
        .set("due", s(due))
        .set("due_at", n(due_at_ms))
        .remove(&["claim", "claimed_until"]);
    if let Some(status) = status {
        update = update.set("status", s(status));
    }
    if let Some(error) = error {
        update = update.set("last_error", s(error));
    }
    update = match finish {
        Finish::Sent { .. } => update.set("sent_at", n(now_ms)),
        Finish::Again { error: None, .. } => update.increase("waits", 1),
        _ => update,
    };
    if is_try {
        update = update.increase("attempts", 1);
    }
    if matches!(finish, Finish::Again { counts: true, .. }) {
        update = update.increase("tries", 1);
    }
    update
}
