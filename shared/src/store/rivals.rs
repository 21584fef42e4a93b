//! The row of a cargo: which responses to it wait for a decision and which were accepted, in ids alone. It is kept by the
//! very transactions that change responses, and holds them to what whoever decides has seen.
use aws_sdk_dynamodb::types::AttributeValue;

use ::store::{Attributes, Condition, Item, Key, Outcome, StoreError, Transaction, Update, n, s};

use outbox::ledger::{has_status, rearmed};

use super::{
    Store,
    keys::{self},
    response,
};
use crate::{
    response::messages::CARD,
    response::{
        Response, Status,
        rivals::{Rival, Rivals},
    },
};

/// What has to hold of the world around a response while it changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Its driver is not blocked.
    Unblocked,
    /// Nobody has the cargo; or those have it who were seen with this count of choices.
    Unchosen(Option<i64>),
    /// The response of this id has the cargo.
    ChosenIs(Rival),
}

/// Where a response is in the row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Undecided,
    Chosen,
    Out,
}

impl Place {
    fn of(status: Status) -> Self {
        if status.is_open() {
            Self::Undecided
        } else if status.is_chosen() {
            Self::Chosen
        } else {
            Self::Out
        }
    }

    /// The set of the row whose members are there.
    fn set(self) -> Option<&'static str> {
        match self {
            Self::Undecided => Some("undecided"),
            Self::Chosen => Some("chosen"),
            Self::Out => None,
        }
    }
}

fn place_of(response: Option<&Response>) -> Place {
    response.map_or(Place::Out, |response| Place::of(response.status))
}

fn member(rival: &Rival) -> String {
    format!("{}.{}", rival.id, rival.driver_id)
}

fn rival(member: &str) -> Option<Rival> {
    let (id, driver_id) = member.split_once('.')?;
    Some(Rival { id: id.to_owned(), driver_id: driver_id.parse().ok()? })
}

/// What the row says; nothing where there is none.
pub(super) fn read(item: &Item) -> Rivals {
    let set = |name: &str| {
        let members = item.get(name).and_then(|value: &AttributeValue| value.as_ss().ok());
        members.into_iter().flatten().filter_map(|member| rival(member)).collect()
    };
    Rivals {
        undecided: set("undecided"),
        chosen: set("chosen"),
        choices: item.number("choices").unwrap_or_default(),
        revision: item.number("revision").unwrap_or_default(),
        told: item.number("told").unwrap_or_default(),
    }
}

/// What is said of a driver who is blocked, as their row has it: the text of a block begins with this field.
const BLOCKED: &str = "{\"blocked\":true";

/// The write of the cargo's row in a change of a response.
pub(super) const CARGO: &str = "cargo";
/// The check that the driver is not blocked.
pub(super) const BLOCK: &str = "block";

/// Adds the response's new place to a transaction, under what has to hold of the others.
pub(super) fn put_place(
    transaction: Transaction,
    before: Option<&Response>,
    after: &Response,
    holds: &[Hold],
) -> Transaction {
    let from = place_of(before.filter(|before| before.id == after.id));
    let to = Place::of(after.status);
    if from == to {
        return transaction;
    }
    let me = member(&Rival { id: after.id.clone(), driver_id: after.driver_id });
    let me = AttributeValue::Ss(vec![me]);
    let mut update = Update::default().add("revision", n(1));
    if let Some(set) = from.set() {
        update = update.delete(set, me.clone());
    }
    if let Some(set) = to.set() {
        update = update.add(set, me);
    }
    if from == Place::Chosen || to == Place::Chosen {
        update = update.add("choices", n(1));
    }
    let condition = holds.iter().find_map(|hold| match hold {
        Hold::Unblocked => None,
        Hold::Unchosen(None) => Some(Condition::new("attribute_not_exists(chosen)")),
        Hold::Unchosen(Some(choices)) => Some(Condition::new("choices = :choices").value(":choices", n(*choices))),
        Hold::ChosenIs(rival) => Some(Condition::new("contains(chosen, :chosen)").value(":chosen", s(member(rival)))),
    });
    let update = update.when(condition.unwrap_or_default());
    transaction.update(CARGO, &keys::cargo_responses(&after.cargo.id), update)
}

/// Holds a transaction to it that the driver is not blocked.
pub(super) fn check_unblocked(transaction: Transaction, driver_id: i64) -> Transaction {
    let unblocked = Condition::new("attribute_not_exists(pk) OR NOT begins_with(body, :blocked)");
    transaction.check(BLOCK, &keys::block(driver_id), unblocked.value(":blocked", s(BLOCKED)))
}

fn is_blocked(rows: &[Item], driver_id: i64) -> bool {
    let row = rows.iter().find(|row| keys::block(driver_id).is_of(row));
    row.and_then(|row| row.text("body")).is_some_and(|body| body.starts_with(BLOCKED))
}

/// What the card of a response is made of.
#[derive(Clone, Debug, Default)]
pub struct CardFacts {
    /// The response; `None` when it is gone.
    pub response: Option<Response>,
    /// The responses to its cargo.
    pub rivals: Rivals,
    /// Whether its driver is blocked.
    pub blocked: bool,
}

impl Store {
    /// What the card of a response is made of: one call.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn card_facts(&self, driver_id: i64, cargo_id: &str) -> Result<CardFacts, StoreError> {
        let own = keys::response(driver_id, cargo_id);
        let row = keys::cargo_responses(cargo_id);
        let keys = [&own, &row, &keys::block(driver_id)].map(Key::attributes).to_vec();
        let rows = self.get_many("card_facts", keys).await?;
        let found = |key: &Key| rows.iter().find(|row| key.is_of(row));
        Ok(CardFacts {
            response: found(&own).and_then(response::read),
            rivals: found(&row).map(read).unwrap_or_default(),
            blocked: is_blocked(&rows, driver_id),
        })
    }

    /// A response whose shipper's link is used, whether its driver is blocked, and the settings: two calls. `None` when
    /// it is not there, or another has taken its place.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn response_of_link(
        &self,
        id: &str,
    ) -> Result<(Option<(Response, bool)>, crate::billing::settings::Settings), StoreError> {
        let owner = self.owner_of("response_of_link", id).await?;
        let settings = keys::settings();
        let keys =
            owner.as_ref().map(|(driver_id, cargo)| (keys::response(*driver_id, cargo), keys::block(*driver_id)));
        let wanted = keys.iter().flat_map(|(response, block)| [response, block]).chain([&settings]);
        let rows = self.get_many("response_of_link", wanted.map(Key::attributes).collect()).await?;
        let settings = super::billing::settings_of(rows.iter().find(|row| settings.is_of(row)))?;
        let Some(((key, _), (driver_id, _))) = keys.zip(owner) else { return Ok((None, settings)) };
        let found = rows.iter().find(|row| key.is_of(row)).and_then(response::read);
        let blocked = is_blocked(&rows, driver_id);
        Ok((found.filter(|response| response.id == id).map(|response| (response, blocked)), settings))
    }

    /// The responses to a cargo.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn rivals(&self, cargo_id: &str) -> Result<Rivals, StoreError> {
        let row = self.get_now("rivals", &keys::cargo_responses(cargo_id)).await?;
        Ok(row.as_ref().map(read).unwrap_or_default())
    }

    /// What the drivers of these responses to a cargo are called; empty for one whose data was deleted.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn names_of(&self, cargo_id: &str, rivals: &[&Rival]) -> Result<Vec<String>, StoreError> {
        let key = |rival: &&Rival| keys::response(rival.driver_id, cargo_id);
        let rows = self.get_many("names_of", rivals.iter().map(key).map(|key| key.attributes()).collect()).await?;
        let name = |rival: &&Rival| {
            let found = rows.iter().filter_map(response::read).find(|response| response.id == rival.id);
            found.map(|response| response.offer.name).unwrap_or_default()
        };
        Ok(rivals.iter().map(name).collect())
    }

    /// Notes that all cards were told of the responses to a cargo up to this change.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn note_told(&self, cargo_id: &str, revision: i64) -> Result<(), StoreError> {
        let key = keys::cargo_responses(cargo_id);
        let newer = Condition::new("attribute_not_exists(told) OR told < :revision").value(":revision", n(revision));
        let update = Update::default().when(newer).set("told", n(revision));
        // Somebody who read later has told more.
        self.update("note_told", &key, update).await.map(|_| ())
    }

    /// Lets the card of a response that was sent be looked at again at `due_at_ms`; `false` when it waits anyway, or is not
    /// to be sent. One that is being sent is looked at once more.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn touch_card(&self, response_id: &str, now_ms: i64, due_at_ms: i64) -> Result<bool, StoreError> {
        let key = keys::delivery(&CARD.delivery_id(response_id));
        // It may change from the one to the other between the calls, but not for ever.
        for _ in 0..3 {
            let sent = rearmed(CARD.class(), now_ms, due_at_ms).when(has_status("sent"));
            match self.update("touch_card", &key, sent).await? {
                Outcome::Done(_) => return Ok(true),
                Outcome::Refused(row) if row.text("status") != Some("waiting") => return Ok(false),
                Outcome::Refused(_) => {}
            }
            let waiting = Update::default().when(has_status("waiting")).increase("revision", 1);
            if let Outcome::Done(_) = self.update("touch_card", &key, waiting).await? {
                return Ok(false);
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::Block;

    #[test]
    fn a_block_is_told_by_how_its_row_begins() {
        let body = |blocked| {
            let reason = format!("{BLOCKED}\",");
            serde_json::to_string(&Block { blocked, reason, ..Block::default() }).unwrap()
        };
        assert!(body(true).starts_with(BLOCKED) && !body(false).starts_with(BLOCKED));
    }

    #[test]
    fn a_response_comes_back_out_of_a_set() {
        let one = Rival { id: "0d2c1f6e-0000-4000-8000-000000000001".into(), driver_id: 5_000_000_000 };
        assert_eq!(rival(&member(&one)), Some(one));
        assert_eq!(rival("x"), None);
    }
}
