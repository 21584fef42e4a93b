//! Deliveries: one row per outgoing message, the truth about it. While it waits it is found in the index `due`; who sends
//! it holds a claim, so that nobody else does at the same time.
use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use sha2::{Digest as _, Sha256};

use outbox::class::{self, Class};

use ::store::{
    Attributes, Condition, DUE, Item, Outcome, StoreError, Tally, Transacted, Transaction, Update,
    listed::{self, Filter, Selection},
    n, s,
};

use super::{
    Store,
    billing::body,
    forget::DELETE,
    keys::{self, List},
    response::ResponseWrite,
};
use crate::{
    address::{Address, MessageRef},
    audit::AuditRow,
    billing::subscription::Subscription,
    delivery::{What, reminder_subject},
    retention::MESSAGE_MS,
    telegram::{address, screens::Screen},
};

/// The write of the delivery that was claimed; others may be armed in the same transaction.
const CLAIMED: &str = "claimed";

/// Deliveries that came to a bad end, by when, for whoever looks into it.
pub(super) const FAILED: &str = "FAILED";

/// What a message is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'a> {
    pub driver_id: i64,
    /// Empty when it is not about a cargo.
    pub cargo_id: &'a str,
    /// The response or the payment.
    pub id: &'a str,
}

/// A message that is ours to send now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// The row's id.
    pub id: String,
    /// What is to be sent.
    pub what: What,
    /// The driver whom it is about.
    pub driver_id: i64,
    /// The cargo; empty when it is not about one.
    pub cargo_id: String,
    /// The response or the payment.
    pub subject_id: String,
    /// Grows each time there is something new to be said in this message.
    pub revision: i64,
    /// The message, when it has been sent before.
    pub message: Option<MessageRef>,
    /// Whether it has ever been sent.
    pub was_sent: bool,
    /// How often Telegram did not take it since there was something new to say.
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
    /// Whoever was at it before did not come to an end: it was killed, or could not write down what became of it. Telegram may
    /// have the message.
    pub is_taken_over: bool,
    claim: String,
    /// The message as it is on record.
    stored: Option<MessageRef>,
}

/// What became of asking for a delivery.
#[derive(Debug, PartialEq, Eq)]
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
    /// Telegram has it.
    Sent {
        /// The response's own step, when this is what it waited for.
        delivered: Option<&'a ResponseWrite<'a>>,
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
    /// The response has changed since it was read: read it again.
    Changed,
    /// The claim was lost: it took too long, and another is at it.
    Lost,
}

impl Claimed {
    /// The same with what the message shall say. Cards alone are looked at when there may be nothing new.
    pub fn showing(&self, screen: &Screen) -> Self {
        let digest = || {
            let message = screen.message().to_string();
            Sha256::digest(message).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
        };
        Self { showing: (self.what == What::Card).then(digest), ..self.clone() }
    }

    /// The same after Telegram took the message, which then says what it should.
    pub fn sent(&self, message: MessageRef) -> Self {
        Self { message: Some(message), shown: self.showing.clone(), ..self.clone() }
    }

    /// The same after an edit of which nobody knows whether Telegram made it.
    pub fn in_doubt(&self) -> Self {
        Self { shown: None, ..self.clone() }
    }

    /// Whether the message says already what it shall.
    pub fn shows_already(&self) -> bool {
        self.showing.is_some() && self.showing == self.shown
    }
}

/// The attributes by which a message is found again. A place that Telegram's number says in full is stored as that number.
const MESSAGE: [&str; 3] = ["chat_id", "address", "message_id"];

fn read_message(item: &Item) -> Option<MessageRef> {
    let written = item.text("address").and_then(Address::parse);
    let at = written.or_else(|| item.number("chat_id").map(address::of_number))?;
    let number = item.number("message_id").map(|number| number.to_string());
    Some(MessageRef { at, id: number.or_else(|| item.text("message_id").map(str::to_owned))? })
}

/// What [`read_message`] reads.
fn message_attributes(message: &MessageRef) -> [(&'static str, AttributeValue); 2] {
    let number = address::number(&message.at).filter(|number| address::of_number(*number) == message.at);
    let at = number.map_or_else(|| ("address", s(message.at.to_string())), |number| ("chat_id", n(number)));
    let id = message.id.parse().ok().filter(|number: &i64| number.to_string() == message.id);
    [at, ("message_id", id.map_or_else(|| s(&message.id), n))]
}

fn read(item: &Item) -> Option<Claimed> {
    let text = |name| item.text(name).map(str::to_owned);
    let message = read_message(item);
    let is_taken_over = text("claim_before").is_some_and(|before| !before.is_empty() && Some(before) != text("claim"));
    Some(Claimed {
        id: text("id")?,
        what: What::parse(item.text("what")?)?,
        driver_id: item.number("driver_id")?,
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
    })
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
pub(super) fn rearmed(class: Class, now_ms: i64, due_at_ms: i64) -> Update {
    waiting(class, now_ms, due_at_ms).increase("revision", 1)
}

/// The message is `waiting`, `sent`, `skipped` or `failed`.
pub(super) fn has_status(status: &str) -> Condition {
    Condition::new("#status = :status").name("#status", "status").value(":status", s(status))
}

fn claimed_by(claim: &str) -> Condition {
    Condition::new("claim = :claim").value(":claim", s(claim))
}

/// What a delivery that came to a bad end adds to the counters.
fn failure(driver_id: i64, now_ms: i64) -> Tally {
    let mut tally = Tally::default();
    tally.count(driver_id, now_ms, "deliveries_failed", 1);
    tally
}

/// An outgoing message, as admins see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRow {
    /// The row's id.
    pub id: String,
    /// What it says: see [`What::as_text`].
    pub what: String,
    /// The driver whom it concerns.
    pub driver_id: i64,
    /// The cargo, if it is about one.
    pub cargo_id: Option<String>,
    /// `waiting`, `sent`, `skipped` or `failed`.
    pub state: String,
    /// Why it was skipped or failed, or what went wrong last.
    pub reason: Option<String>,
    /// How often Telegram was asked to take it.
    pub attempts: i64,
    /// When there was first something to say, milliseconds.
    pub created_at_ms: i64,
    /// When it last changed, milliseconds.
    pub updated_at_ms: i64,
    /// When it is to be sent, milliseconds, while it waits.
    pub due_at_ms: Option<i64>,
}

impl DeliveryRow {
    fn read(item: &Item) -> Option<Self> {
        let text = |name| item.text(name).map(str::to_owned);
        let created_at_ms = item.number("created_at")?;
        Some(Self {
            id: text("id")?,
            what: text("what")?,
            driver_id: item.number("driver_id")?,
            cargo_id: text("cargo_id").filter(|id| !id.is_empty()),
            state: text("status")?,
            reason: text("last_error"),
            attempts: item.number("attempts").unwrap_or_default(),
            created_at_ms,
            updated_at_ms: item.number("updated_at").unwrap_or(created_at_ms),
            due_at_ms: item.number("due_at").filter(|_| item.text(DUE).and_then(Class::of_due).is_some()),
        })
    }
}

/// A page of messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryPage {
    /// The messages.
    pub items: Vec<DeliveryRow>,
    /// Where the next page goes on; `None` when there is nothing more.
    pub cursor: Option<String>,
}

/// Which messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deliveries {
    /// Those that came to a bad end at or after the first instant and before the second (milliseconds), the latest first.
    Failed(Option<i64>, Option<i64>),
    /// Those that wait, the most urgent class first and in it the first to be sent first, but reminders.
    Waiting,
    /// Reminders of a subscription's end that wait, the first to be sent first; those from before there were classes come last.
    Reminders,
    /// All that concern this driver, the newest first.
    Of(i64),
}

impl Store {
    /// A page of messages: one query and one read.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn deliveries(
        &self,
        which: Deliveries,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<DeliveryPage, StoreError> {
        let page = match which {
            Deliveries::Failed(from_ms, until_ms) => {
                self.due_rows("deliveries", FAILED, (from_ms, until_ms), None, cursor, limit).await?
            }
            Deliveries::Waiting => {
                let filter = Filter::default().and_beginning("id", "reminder-", false);
                self.due_rows_of("deliveries", &Class::ALL.map(Class::due), &filter, cursor, limit).await?
            }
            Deliveries::Reminders => {
                let filter = Filter::default().and_beginning("id", "reminder-", true);
                let lists = [What::Reminder(0).class(), Class::Decision].map(Class::due);
                self.due_rows_of("deliveries", &lists, &filter, cursor, limit).await?
            }
            Deliveries::Of(driver_id) => {
                let cursor = cursor.map(str::to_owned);
                let selection = Selection { newest_first: true, cursor, limit, ..Selection::default() };
                self.listed("deliveries", &List::Deliveries(driver_id).name(), &selection).await?
            }
        };
        let mut items: Vec<_> = page.rows.iter().filter_map(DeliveryRow::read).collect();
        if which == Deliveries::Reminders {
            self.drop_obsolete(&mut items).await?;
        }
        Ok(DeliveryPage { items, cursor: page.cursor })
    }

    /// Leaves out reminders of an end that the subscription does not have any more: when their time comes they are not sent.
    async fn drop_obsolete(&self, reminders: &mut Vec<DeliveryRow>) -> Result<(), StoreError> {
        let ids: BTreeSet<_> = reminders.iter().map(|row| row.driver_id).collect();
        let keys = ids.iter().map(|id| keys::subscription(*id).attributes()).collect();
        let rows = self.get_many("deliveries", keys).await?;
        let ends = |id: i64| {
            let row = rows.iter().find(|row| keys::subscription(id).is_of(row))?;
            body::<Subscription>(row)?.ends_at_ms
        };
        reminders.retain(|row| {
            ends(row.driver_id).is_some_and(|end| row.id.ends_with(&reminder_subject(row.driver_id, end)))
        });
        Ok(())
    }

    /// How many messages failed at or after `from_ms` and before `until_ms` and still stand so.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn failed_deliveries(&self, from_ms: i64, until_ms: i64) -> Result<i64, StoreError> {
        self.count_due("failed_deliveries", FAILED, from_ms, until_ms).await
    }

    /// A message.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn delivery(&self, id: &str) -> Result<Option<DeliveryRow>, StoreError> {
        Ok(self.get_now("delivery", &keys::delivery(id)).await?.as_ref().and_then(DeliveryRow::read))
    }

    /// Makes a message that failed wait to be sent again; `false` when it has not failed.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn retry_delivery(
        &self,
        id: &str,
        class: Class,
        now_ms: i64,
        audit: &AuditRow,
    ) -> Result<bool, StoreError> {
        let (audit_key, audit) = audit.item()?;
        let again = rearmed(class, now_ms, now_ms).remove(&["last_error"]).when(has_status("failed"));
        let transaction = Transaction::default().update("delivery", &keys::delivery(id), again).put(
            "audit",
            &audit_key,
            audit,
            Some(Condition::absent()),
        );
        Ok(matches!(self.transact("retry_delivery", transaction).await?, Transacted::Done))
    }

    /// Adds to a transaction that `what` is to be sent about the subject. A message that was sent before is changed.
    /// `seen` is the message, if somebody has just pressed one of its buttons: that its sending is on record may have been
    /// prevented.
    pub(super) fn arm_delivery(
        &self,
        transaction: Transaction,
        what: What,
        subject: &Subject<'_>,
        seen: Option<&MessageRef>,
        now_ms: i64,
    ) -> Transaction {
        self.arm_delivery_at(transaction, what, subject, seen, now_ms, now_ms)
    }

    /// The same for what shall be sent at `due_at_ms`.
    pub(super) fn arm_delivery_at(
        &self,
        transaction: Transaction,
        what: What,
        subject: &Subject<'_>,
        seen: Option<&MessageRef>,
        now_ms: i64,
        due_at_ms: i64,
    ) -> Transaction {
        let id = what.delivery_id(subject.id);
        let seen = seen.filter(|_| what == What::Card);
        let mut arm = waiting(what.class(), now_ms, due_at_ms)
            .set("id", s(&id))
            .set("what", s(what.as_text()))
            .set("driver_id", n(subject.driver_id))
            .set("cargo_id", s(subject.cargo_id))
            .set("subject_id", s(subject.id))
            .set_if_absent("created_at", n(now_ms))
            .set_if_absent("attempts", n(0))
            .increase_from(0, "revision", 1)
            .set("list", s(List::Deliveries(subject.driver_id).name()))
            .set_if_absent("listed_at", s(listed::place_of(&listed::instant(now_ms), &id)));
        for (name, value) in seen.map(message_attributes).into_iter().flatten() {
            arm = arm.set_if_absent(name, value);
        }
        transaction.update("delivery", &keys::delivery(&id), arm)
    }

    /// The ids of at most `limit` messages that should have been sent by `now_ms`: the most urgent class first, of each its
    /// share, and in a class in turns, of each driver the longest waiting first.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn due_deliveries(&self, now_ms: i64, limit: usize) -> Result<Vec<String>, StoreError> {
        let lists = Class::ALL.map(|class| self.due("due_deliveries", class.due(), now_ms, limit));
        let lists = futures_util::future::try_join_all(lists).await?;
        let mut waiting = [0; Class::ALL.len()];
        waiting.iter_mut().zip(&lists).for_each(|(waiting, list)| *waiting = list.len());
        let shares = class::shares(waiting, limit);
        Ok(lists.into_iter().zip(shares).flat_map(|(list, share)| list.into_iter().take(share)).collect())
    }

    /// Asks for the delivery, for `for_ms`. `claim` is unique to this try.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn claim_delivery(&self, id: &str, claim: &str, now_ms: i64, for_ms: i64) -> Result<Claim, StoreError> {
        let key = keys::delivery(id);
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
        match self.update("claim_delivery", &key, update).await? {
            Outcome::Done(item) => match read(&item) {
                Some(claimed) => Ok(Claim::Taken(Box::new(claimed))),
                None => {
                    // A version after this one wrote it. Out of the way of the others, for whoever looks into it.
                    let failed = Update::default()
                        .when(claimed_by(claim))
                        .set("status", s("failed"))
                        .set("due", s(FAILED))
                        .set("due_at", n(now_ms))
                        .set("updated_at", n(now_ms))
                        .set("last_error", s("this version cannot read it"))
                        .remove(&["claim", "claimed_until"]);
                    let tally = failure(item.number("driver_id").unwrap_or_default(), now_ms);
                    let transaction = Transaction::default().tally(tally).update(CLAIMED, &key, failed);
                    self.transact("claim_delivery", transaction).await?;
                    Err(StoreError::malformed("claim_delivery", "what"))
                }
            },
            Outcome::Refused(item) => {
                let waits = item.text("status") == Some("waiting") && item.text("claim").is_none();
                let due_at = item.number("due_at").filter(|due_at| waits && *due_at > now_ms);
                Ok(due_at.map_or(Claim::Gone, |due_at| Claim::NotYet(due_at - now_ms)))
            }
        }
    }

    /// Whether the message waits to be sent for the first time or with something new.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn is_waiting(&self, id: &str) -> Result<bool, StoreError> {
        let item = self.get_now("is_waiting", &keys::delivery(id)).await?;
        Ok(item.is_some_and(|item| item.text("status") == Some("waiting")))
    }

    /// Writes down how an attempt ended. Where the message is known by now, that is kept in any case.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn finish_delivery(
        &self,
        delivery: &Claimed,
        finish: &Finish<'_>,
        now_ms: i64,
    ) -> Result<Finished, StoreError> {
        let transaction = match finish {
            Finish::Sent { delivered: Some(write) } => self.response_writes(write)?,
            _ => Transaction::default(),
        };
        let refused = match self.finish_as(transaction, delivery, finish, true, now_ms).await? {
            Transacted::Done => return Ok(Finished::Done),
            Transacted::Refused(refused) => refused,
        };
        let Some(row) = refused.at(CLAIMED) else { return Ok(Finished::Changed) };
        if row.text("claim") != Some(delivery.claim.as_str()) {
            // Either the answer to our own first try was lost, or we took too long.
            let sent = row.text("status") == Some("sent") && read_message(row) == delivery.message;
            return Ok(if sent && matches!(finish, Finish::Sent { .. }) { Finished::Done } else { Finished::Lost });
        }
        // There is something new to be said: what we know is kept, and the message waits on.
        let again = Finish::Again { due_at_ms: now_ms, error: None, counts: false };
        match self.finish_as(Transaction::default(), delivery, &again, false, now_ms).await? {
            Transacted::Done => Ok(Finished::More),
            Transacted::Refused(_) => Ok(Finished::Lost),
        }
    }

    /// Adds the write of a finish to `transaction`, and makes it; for the revision that was sent alone, if `only_revision`.
    async fn finish_as(
        &self,
        transaction: Transaction,
        delivery: &Claimed,
        finish: &Finish<'_>,
        only_revision: bool,
        now_ms: i64,
    ) -> Result<Transacted, StoreError> {
        let over_at_ms = now_ms + MESSAGE_MS;
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
        if only_revision {
            update = update.when(Condition::new("revision = :revision").value(":revision", n(delivery.revision)));
        }
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
        update = match &delivery.shown {
            Some(shown) => update.set("shown", s(shown)),
            None => update.remove(&["shown"]),
        };
        let mut transaction = match finish {
            Finish::Failed { .. } => transaction.tally(failure(delivery.driver_id, now_ms)),
            _ => transaction,
        };
        match &delivery.message {
            Some(message) => {
                let attributes = message_attributes(message);
                let other: Vec<_> =
                    MESSAGE.into_iter().filter(|name| attributes.iter().all(|(set, _)| set != name)).collect();
                update = update.remove(&other);
                for (name, value) in attributes {
                    update = update.set(name, value);
                }
                if delivery.what == What::Card && delivery.message != delivery.stored {
                    let pointer = Item::from([
                        ("response_id".to_owned(), s(&delivery.subject_id)),
                        ("due".to_owned(), s(DELETE)),
                        ("due_at".to_owned(), n(over_at_ms)),
                    ]);
                    let key = keys::dispatch_message(message.at.chat_id(), &message.id);
                    transaction = transaction.put("pointer", &key, pointer, None);
                }
            }
            // Not sent yet, or deleted by somebody.
            None => update = update.remove(&MESSAGE),
        }
        let transaction = transaction.update(CLAIMED, &keys::delivery(&delivery.id), update);
        self.transact("finish_delivery", transaction).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(message: &MessageRef) -> Item {
        message_attributes(message).into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    #[test]
    fn where_a_message_stands_is_stored_as_before_or_as_its_address() {
        for (at, id, name) in [
            (address::private(5_000_000_001), "7", "chat_id"),
            (address::group(-1001), "7", "chat_id"),
            (address::topic(-1001, 9), "7", "address"),
            (address::group(-1001), "mid.7", "chat_id"),
        ] {
            let message = MessageRef { at, id: id.to_owned() };
            let item = stored(&message);
            assert!(item.contains_key(name), "{item:?}");
            assert_eq!(read_message(&item), Some(message));
        }
    }

    #[test]
    fn rows_of_before_have_telegrams_numbers() {
        let row = Item::from([("chat_id".to_owned(), n(-1001)), ("message_id".to_owned(), n(7))]);
        let message = MessageRef { at: address::group(-1001), id: "7".into() };
        assert_eq!(read_message(&row), Some(message));
        assert_eq!(read_message(&Item::from([("chat_id".to_owned(), n(-1001))])), None);
    }
}
