//! Deliveries: one row per outgoing message, the truth about it. While it waits it is found in the index `due`; who sends
//! it holds a claim, so that nobody else does at the same time.
use super::{
    Attributes, Item, Outcome, Store, StoreError,
    keys::{Key, Table},
    n,
    response::ResponseWrite,
    s,
    transaction::{Condition, Transacted, Transaction},
};
use crate::{delivery::What, response::Response};

/// The sparse index of what waits for its time: `due` says what it is, `due_at` when, in milliseconds.
pub(super) const DUE: &str = "due";
const WAITING: &str = "DELIVERY";
/// Deliveries that came to a bad end, by when, for whoever looks into it.
const FAILED: &str = "FAILED";

/// A message that is ours to send now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// The row's id.
    pub id: String,
    /// What is to be sent.
    pub what: What,
    /// The driver whose response it is about.
    pub driver_id: i64,
    /// The cargo.
    pub cargo_id: String,
    /// The response.
    pub response_id: String,
    /// Grows each time there is something new to be said in this message.
    pub revision: i64,
    /// The message as Telegram knows it, when it has been sent before.
    pub message_id: Option<i64>,
    /// How often it was tried since there was something new to say.
    pub tries: i64,
    claim: String,
}

/// What asking for a delivery met.
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
        /// Telegram's id of the message.
        message_id: i64,
        /// The response's own step, when this is what it waited for.
        delivered: Option<&'a ResponseWrite<'a>>,
    },
    /// It shall be tried again at this time, milliseconds.
    Again {
        /// When.
        due_at_ms: i64,
        /// What went wrong; `None` when it only was not its turn.
        error: Option<&'a str>,
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

/// What a finish met.
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

fn read(item: &Item) -> Option<Claimed> {
    let text = |name| item.text(name).map(str::to_owned);
    Some(Claimed {
        id: text("id")?,
        what: What::parse(item.text("what")?)?,
        driver_id: item.number("driver_id")?,
        cargo_id: text("cargo_id")?,
        response_id: text("response_id")?,
        revision: item.number("revision")?,
        message_id: item.number("message_id"),
        tries: item.number("tries")?,
        claim: text("claim")?,
    })
}

impl Store {
    /// Adds to a transaction that `what` is to be sent about the response. A message that was sent before is sent anew.
    pub(super) fn arm_delivery(&self, transaction: Transaction, what: What, response: &Response) -> Transaction {
        let id = what.delivery_id(&response.id);
        transaction.update(
            self.table(Table::App),
            &Key::delivery(&id),
            "SET id = :id, what = :what, driver_id = :driver, cargo_id = :cargo, response_id = :response, \
             #status = :waiting, due = :due, due_at = :now, created_at = if_not_exists(created_at, :now), \
             revision = if_not_exists(revision, :zero) + :one, attempts = if_not_exists(attempts, :zero), tries = :zero \
             REMOVE last_error",
            Condition::new("")
                .name("#status", "status")
                .value(":id", s(&id))
                .value(":what", s(what.as_text()))
                .value(":driver", n(response.driver_id))
                .value(":cargo", s(&response.cargo.id))
                .value(":response", s(&response.id))
                .value(":waiting", s("waiting"))
                .value(":due", s(WAITING))
                .value(":now", n(response.updated_at_ms))
                .value(":zero", n(0))
                .value(":one", n(1)),
        )
    }

    /// The ids of messages that should have been sent by `now_ms`, the longest waiting first.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn due_deliveries(&self, now_ms: i64, limit: i32) -> Result<Vec<String>, StoreError> {
        self.due("due_deliveries", WAITING, now_ms, limit).await
    }

    /// Asks for the delivery, for `for_ms`. `claim` is unique to this try.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn claim_delivery(&self, id: &str, claim: &str, now_ms: i64, for_ms: i64) -> Result<Claim, StoreError> {
        let key = Key::delivery(id);
        let update = self
            .update_item(&key)
            .condition_expression(
                "#status = :waiting AND (claim = :claim OR (due_at <= :now \
                 AND (attribute_not_exists(claimed_until) OR claimed_until <= :now)))",
            )
            // Out of sight of the index for as long as it is claimed.
            .update_expression(
                "SET claim = :claim, claimed_until = :until, due_at = :until, attempts = attempts + :one, \
                 tries = tries + :one",
            )
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":waiting", s("waiting"))
            .expression_attribute_values(":claim", s(claim))
            .expression_attribute_values(":now", n(now_ms))
            .expression_attribute_values(":until", n(now_ms + for_ms))
            .expression_attribute_values(":one", n(1));
        match self.update("claim_delivery", &key, update).await? {
            Outcome::Done(item) => match read(&item) {
                Some(claimed) => Ok(Claim::Taken(Box::new(claimed))),
                None => Err(StoreError::malformed("claim_delivery", "what")),
            },
            Outcome::Refused(item) => {
                let waits = item.text("status") == Some("waiting") && item.text("claim").is_none();
                let due_at = item.number("due_at").filter(|due_at| waits && *due_at > now_ms);
                Ok(due_at.map_or(Claim::Gone, |due_at| Claim::NotYet(due_at - now_ms)))
            }
        }
    }

    /// Writes down how an attempt ended.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn finish_delivery(
        &self,
        delivery: &Claimed,
        finish: &Finish<'_>,
        now_ms: i64,
    ) -> Result<Finished, StoreError> {
        let key = Key::delivery(&delivery.id);
        let table = self.table(Table::App);
        let ours = "claim = :claim AND revision = :revision";
        let condition = |expression| {
            Condition::new(expression).value(":claim", s(&delivery.claim)).value(":revision", n(delivery.revision))
        };
        let named = |expression| condition(expression).name("#status", "status");
        let transaction = match finish {
            Finish::Sent { message_id, delivered } => {
                let values =
                    named(ours).value(":sent", s("sent")).value(":now", n(now_ms)).value(":message", n(*message_id));
                let transaction = match delivered {
                    Some(write) => self.response_writes(write)?,
                    None => Transaction::default(),
                };
                let pointed = match delivery.what {
                    What::Card if delivery.message_id != Some(*message_id) => {
                        let pointer = Item::from([("response_id".to_owned(), s(&delivery.response_id))]);
                        transaction.put(table, &Key::dispatch_message(*message_id), pointer, None)
                    }
                    _ => transaction,
                };
                pointed.update(
                    table,
                    &key,
                    "SET #status = :sent, sent_at = :now, message_id = :message \
                     REMOVE due, due_at, claim, claimed_until, last_error",
                    values,
                )
            }
            Finish::Again { due_at_ms, error } => {
                let values = condition(ours).value(":due_at", n(*due_at_ms));
                match error {
                    Some(error) => Transaction::default().update(
                        table,
                        &key,
                        "SET due_at = :due_at, last_error = :error REMOVE claim, claimed_until",
                        values.value(":error", s(*error)),
                    ),
                    None => Transaction::default().update(
                        table,
                        &key,
                        "SET due_at = :due_at REMOVE claim, claimed_until",
                        values,
                    ),
                }
            }
            Finish::Skipped { reason } => Transaction::default().update(
                table,
                &key,
                "SET #status = :skipped, last_error = :reason REMOVE due, due_at, claim, claimed_until",
                named(ours).value(":skipped", s("skipped")).value(":reason", s(*reason)),
            ),
            Finish::Failed { reason } => Transaction::default().update(
                table,
                &key,
                "SET #status = :failed, last_error = :reason, due = :due, due_at = :now REMOVE claim, claimed_until",
                named(ours)
                    .value(":failed", s("failed"))
                    .value(":reason", s(*reason))
                    .value(":due", s(FAILED))
                    .value(":now", n(now_ms)),
            ),
        };
        let stands = match self.transact("finish_delivery", transaction).await? {
            Transacted::Done => return Ok(Finished::Done),
            Transacted::Refused(stands) => stands,
        };
        let Some(row) = stands.last().cloned().flatten() else { return Ok(Finished::Changed) };
        if row.text("claim") != Some(delivery.claim.as_str()) {
            // Either the answer to our own first try was lost, or we took too long.
            let ours =
                matches!(finish, Finish::Sent { message_id, .. } if row.number("message_id") == Some(*message_id));
            return Ok(if ours { Finished::Done } else { Finished::Lost });
        }
        // There is something new to be said: what we know is kept, and the message waits on.
        let expression = match finish {
            Finish::Sent { .. } => "SET message_id = :message, due_at = :now REMOVE claim, claimed_until",
            _ => "SET due_at = :now REMOVE claim, claimed_until",
        };
        let mut values = Condition::new("claim = :claim").value(":claim", s(&delivery.claim)).value(":now", n(now_ms));
        let mut transaction = Transaction::default();
        if let Finish::Sent { message_id, .. } = finish {
            values = values.value(":message", n(*message_id));
            if delivery.what == What::Card {
                let pointer = Item::from([("response_id".to_owned(), s(&delivery.response_id))]);
                transaction = transaction.put(table, &Key::dispatch_message(*message_id), pointer, None);
            }
        }
        match self.transact("finish_delivery", transaction.update(table, &key, expression, values)).await? {
            Transacted::Done => Ok(Finished::More),
            Transacted::Refused(_) => Ok(Finished::Lost),
        }
    }
}
