//! The ledger: one row for each outgoing message, the truth about it. While it waits it is found in the index `due`; who
//! sends it holds a claim, so that nobody else does at the same time.
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

/// The write of the delivery that was claimed; others may be armed in the same transaction.
const CLAIMED: &str = "claimed";
/// Deliveries that came to a bad end have it as `due`, with when they did, for whoever looks into it.
pub const FAILED: &str = "FAILED";
/// Rows of messages that are over have it as `due`, with when they are deleted.
pub const DELETE: &str = "DELETE";

/// The row of the message called `id`.
pub fn key(id: &str) -> Key {
    Key::alone(Table::App, format!("DELIVERY#{id}"))
}

/// The list of all messages that concern a person.
pub fn list_of(person: PersonId) -> String {
    format!("DELIVERIES#{person}")
}

/// What a message is about.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Whom it concerns.
    pub person: PersonId,
    /// Empty when it is not about a cargo.
    pub cargo_id: &'a str,
    /// What its owner knows it by.
    pub id: &'a str,
}

/// A message that is ours to send now.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimed {
    /// The row's id.
    pub id: String,
    /// What is to be sent.
    pub what: MessageKind,
    /// Whom it concerns.
    pub person: PersonId,
    /// The cargo; empty when it is not about one.
    pub cargo_id: String,
    /// What its owner knows it by.
    pub subject_id: String,
    /// Grows each time there is something new to be said in this message.
    pub revision: i64,
    /// The message, when it has been sent before.
    pub message: Option<MessageRef>,
    /// Whether it has ever been sent.
    pub was_sent: bool,
    /// How often its messenger did not take it since there was something new to say.
    pub tries: i64,
    /// How often it waited for its turn since then.
    pub waits: i64,
    /// Since when there is something new to say, milliseconds.
    pub armed_at_ms: i64,
    /// What the message shall say, by its digest.
    showing: Option<String>,
    /// What it says: to say the same again costs its chat a turn and changes nothing.
    shown: Option<String>,
    /// How many hints in a row led to it.
    pub hops: u32,
    /// Whoever was at it before did not come to an end: it was killed, or could not write down what became of it. The
    /// messenger may have the message.
    pub is_taken_over: bool,
    claim: String,
    /// The message as it is on record.
    stored: Option<MessageRef>,
    /// A row of its owner's that goes on record with a new message.
    beside: Option<(Key, Item)>,
}

/// What became of asking for a delivery.
#[derive(Debug, PartialEq)]
pub enum Claim {
    /// It is ours.
    Taken(Box<Claimed>),
    /// It is not due for these milliseconds.
    NotYet(i64),
    /// Another is at it, or it has been dealt with.
    Gone,
}

/// How an attempt ended for the row.
#[derive(Debug)]
pub enum Finish<'a> {
    /// The messenger has it.
    Sent {
        /// What its owner does in the same transaction.
        with: Transaction,
    },
    /// It shall be tried again at this time, milliseconds.
    Again {
        /// When.
        due_at_ms: i64,
        /// What went wrong; `None` when it only was not its turn.
        error: Option<&'a str>,
        /// Whether this counts towards giving up and makes the next pause longer.
        counts: bool,
    },
    /// There is nothing to be sent any more.
    Skipped {
        /// Why.
        reason: &'a str,
    },
    /// It cannot be sent.
    Failed {
        /// Why.
        reason: &'a str,
    },
}

/// What became of a finish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finished {
    /// It is on record.
    Done,
    /// It is on record, and meanwhile there is something new to be said.
    More,
    /// What its owner does with it was refused: read it again.
    Changed,
    /// The claim was lost: it took too long, and another is at it.
    Lost,
}

impl Claimed {
    /// The same with what the message shall say, for those that are looked at when there may be nothing new.
    pub fn showing(&self, message: &Message) -> Self {
        let digest = Sha256::digest(format!("{message:?}"));
        let digest = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Self { showing: Some(digest), ..self.clone() }
    }

    /// The same after the messenger took the message, which then says what it should. `beside` is a row of its owner's that is
    /// put on record with a message that is new.
    pub fn sent(&self, message: MessageRef, beside: Option<(Key, Item)>) -> Self {
        Self { message: Some(message), shown: self.showing.clone(), beside, ..self.clone() }
    }

    /// The same after an edit of which nobody knows whether the messenger made it.
    pub fn in_doubt(&self) -> Self {
        Self { shown: None, ..self.clone() }
    }

    /// Whether the message says already what it shall.
    pub fn shows_already(&self) -> bool {
        self.showing.is_some() && self.showing == self.shown
    }
}

/// What makes a message wait until `due_at_ms`, whatever it did before.
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

/// What makes an existing message wait until `due_at_ms`, to say what is new.
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

/// What a delivery that came to a bad end adds to the counters.
fn failure(person: i64, now_ms: i64) -> Tally {
    let mut tally = Tally::default();
    tally.count(person, now_ms, "deliveries_failed", 1);
    tally
}

/// What the product knows and the ledger does not.
#[derive(Clone, Copy, Debug)]
pub struct Product {
    /// The address of the chat that has this number in a row from before there were addresses.
    pub address: fn(i64) -> Address,
    /// How long rows of messages that are over are kept, milliseconds.
    pub kept_ms: i64,
}

/// The rows of outgoing messages.
#[derive(Clone, Copy, Debug)]
pub struct Ledger<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) product: Product,
    pub(crate) kinds: &'a [&'static Kind],
}

/// The attributes by which a message is found again.
const MESSAGE: [&str; 3] = ["chat_id", "address", "message_id"];

impl Product {
    /// Where the message stands that a row is about.
    pub fn read_message(&self, item: &Item) -> Option<MessageRef> {
        let written = item.text("address").and_then(Address::parse);
        let at = written.or_else(|| item.number("chat_id").map(self.address))?;
        let number = item.number("message_id").map(|number| number.to_string());
        Some(MessageRef { at, id: number.or_else(|| item.text("message_id").map(str::to_owned))? })
    }

    /// The attributes that [`Product::read_message`] reads. A place that a number says in full is stored as that number, as every place was before.
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
            // Whoever had the claim before and did not come to an end may have edited the message.
            shown: text("shown").filter(|_| !is_taken_over),
            hops: 0,
            is_taken_over,
            claim: text("claim")?,
            beside: None,
        })
    }

    /// Adds to a transaction that `what` is to be sent about the subject at `due_at_ms`. A message that was sent before is
    /// changed. `seen` is the message, if somebody has just pressed one of its buttons: that its sending is on record may have
    /// been prevented.
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
    /// The ledger in the durable table. A message of none of these kinds is left to the version that knows it.
    pub fn new(engine: &'a Engine, product: Product, kinds: &'a [&'static Kind]) -> Self {
        Self { engine, product, kinds }
    }

    /// When the message was due that has been due for the longest, milliseconds; `None` when none is: a call for each class.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn oldest(&self, now_ms: i64) -> Result<Option<i64>, StoreError> {
        let firsts = Class::ALL.map(|class| self.engine.due_places("oldest_delivery", class.due(), now_ms, 1));
        let firsts = futures_util::future::try_join_all(firsts).await?;
        Ok(firsts.iter().flatten().filter_map(|item| item.number("due_at")).min())
    }

    /// The ids of at most `limit` messages of a class that should have been sent by `now_ms`, in turns: of each person the
    /// longest waiting first.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn due(&self, class: Class, now_ms: i64, limit: usize) -> Result<Vec<String>, StoreError> {
        self.engine.due("due_deliveries", class.due(), now_ms, limit).await
    }

    /// Asks for the delivery, for `for_ms`. `claim` is unique to this try.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn claim(&self, id: &str, claim: &str, now_ms: i64, for_ms: i64) -> Result<Claim, StoreError> {
        let free = Condition::new(
            "claim = :claim OR (due_at <= :now AND (attribute_not_exists(claimed_until) OR claimed_until <= :now))",
        );
        // Out of sight of the index for as long as it is claimed. An attempt that comes to an end leaves no claim.
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

    /// A version after this one wrote it. Out of the way of the others, for whoever looks into it.
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

    /// Whether the message waits to be sent for the first time or with something new.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn is_waiting(&self, id: &str) -> Result<bool, StoreError> {
        let item = self.engine.get_now("is_waiting", &key(id)).await?;
        Ok(item.is_some_and(|item| item.text("status") == Some("waiting")))
    }

    /// Writes down how an attempt ended. Where the message is known by now, that is kept in any case.
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
            // Either the answer to our own first try was lost, or we took too long.
            let sent = row.text("status") == Some("sent") && self.product.read_message(row) == delivery.message;
            return Ok(if sent && is_sent { Finished::Done } else { Finished::Lost });
        }
        // There is something new to be said: what we know is kept, and the message waits on.
        let again = Finish::Again { due_at_ms: now_ms, error: None, counts: false };
        match self.finish_as(delivery, again, false, now_ms).await? {
            Transacted::Done => Ok(Finished::More),
            Transacted::Refused(_) => Ok(Finished::Lost),
        }
    }

    /// Makes the writes of a finish; for the revision that was sent alone, if `only_revision`.
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
        // Not sent yet, deleted by somebody, or elsewhere by now.
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

/// What the end of an attempt changes, whatever is known of the message.
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
