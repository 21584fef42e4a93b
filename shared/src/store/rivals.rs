//! A cargo's row: the ids of its open and accepted responses. It is updated in the transactions that change responses,
//! and checks that the person deciding has seen the current choices.
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

/// Conditions on other rows while a response changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hold {
    /// The response's driver is not blocked.
    Unblocked,
    /// Nobody has the cargo, or the choices have not changed since they were seen.
    Unchosen(Option<i64>),
    /// The response with this id has the cargo.
    ChosenIs(Rival),
}

/// A response's position in the row.
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

    /// The set attribute of this position.
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

/// Parses the row; empty if there is none.
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

/// The beginning of a blocked driver's stored block.
const BLOCKED: &str = "{\"blocked\":true";

/// The name of the cargo row's write.
pub(super) const CARGO: &str = "cargo";
/// The name of the check that the driver is not blocked.
pub(super) const BLOCK: &str = "block";

/// Adds the response's new position to a transaction, with conditions on the others.
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

/// Adds the condition that the driver is not blocked.
pub(super) fn check_unblocked(transaction: Transaction, driver_id: i64) -> Transaction {
    let unblocked = Condition::new("attribute_not_exists(pk) OR NOT begins_with(body, :blocked)");
    transaction.check(BLOCK, &keys::block(driver_id), unblocked.value(":blocked", s(BLOCKED)))
}

fn is_blocked(rows: &[Item], driver_id: i64) -> bool {
    let row = rows.iter().find(|row| keys::block(driver_id).is_of(row));
    row.and_then(|row| row.text("body")).is_some_and(|body| body.starts_with(BLOCKED))
}

/// The data of a response's card.
#[derive(Clone, Debug, Default)]
pub struct CardFacts {
    /// The response; `None` if it is gone.
    pub response: Option<Response>,
    /// The responses to its cargo.
    pub rivals: Rivals,
    /// Whether its driver is blocked.
    pub blocked: bool,
}

impl Store {
    /// Reads the data of a response's card: one call.
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

    /// The response of a shipper's link, whether its driver is blocked, and the settings: two calls. `None` if it does
    /// not exist or was replaced.
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

    /// The names of these responses' drivers; empty for one whose data was deleted.
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

    /// Records that all cards reflect the responses to a cargo up to this revision.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn mark_cards_updated(&self, cargo_id: &str, revision: i64) -> Result<(), StoreError> {
        let key = keys::cargo_responses(cargo_id);
        let newer = Condition::new("attribute_not_exists(told) OR told < :revision").value(":revision", n(revision));
        let update = Update::default().when(newer).set("told", n(revision));
        // A later reader has updated more cards.
        self.update("note_told", &key, update).await.map(|_| ())
    }

    /// Makes a sent response's card due at `due_at_ms`; `false` if it is already waiting or need not be sent. A card
    /// being sent is updated once more.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn touch_card(&self, response_id: &str, now_ms: i64, due_at_ms: i64) -> Result<bool, StoreError> {
        let key = keys::delivery(&CARD.delivery_id(response_id));
        // It may switch between the two states during the calls, but not forever.
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
