//! Responses: one row per driver and cargo, an entry in the driver's list, and a map from the response id. A change,
//! its messages and its audit row are one transaction.
use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;

use ::store::{
    Attributes, Condition, Item, Key, Refused, StoreError, Tally, Transacted, Transaction,
    listed::{Filter, Selection},
    n, s,
};

use outbox::{kind::MessageKind, ledger::Subject};

use super::{
    Store, billing,
    forget::FORGET,
    keys::{self, LISTED_RESPONSE, List},
    profile,
    rivals::{self, Hold},
};
use crate::{
    access::Access,
    address::MessageRef,
    admin::responses::ResponseFilter,
    audit::AuditRow,
    driver::Profile,
    person::PersonId,
    phone,
    response::{Response, messages::CARD, module::RESPONSE_MS, rivals::Rivals, verdict},
};

/// A change of a response.
#[derive(Debug)]
pub struct ResponseWrite<'a> {
    /// The response as read; `None` if there was none.
    pub before: Option<&'a Response>,
    /// The new response.
    pub after: &'a Response,
    /// The messages it causes. If it replaces another response, that one's card is cleared too.
    pub messages: &'a [MessageKind],
    /// Conditions on the other responses to the cargo and on the driver.
    pub holds: &'a [Hold],
    /// The card whose button was just pressed, if any.
    pub seen: Option<&'a MessageRef>,
    /// The period over which the messages are spread, milliseconds, so that many at once do not block their chat.
    pub within_ms: i64,
    /// Data for the audit log.
    pub audit: AuditRow,
}

/// The result of a change.
#[derive(Debug)]
pub enum Written {
    /// It succeeded.
    Done,
    /// The response has changed since it was read. Holds the existing one.
    Refused(Option<Box<Response>>),
    /// The drivers who have the cargo differ from those expected.
    Chosen(Box<Rivals>),
    /// The driver is blocked.
    Blocked,
}

/// A driver about to respond to a cargo.
pub struct Responder {
    /// The profile; `None` if their data was deleted.
    pub profile: Option<Profile>,
    /// Their response to this cargo, if any.
    pub existing: Option<Response>,
    /// The driver's access.
    pub access: Access,
}

/// A page of a driver's responses, newest first.
#[derive(Debug, Default)]
pub struct ResponsePage {
    /// The responses.
    pub items: Vec<Response>,
    /// Cursor of the next page; `None` on the last page.
    pub next: Option<ListedResponse>,
}

/// A page of responses of all drivers, newest first.
#[derive(Debug, Default)]
pub struct FoundResponses {
    /// The responses.
    pub items: Vec<Response>,
    /// Cursor of the next page; `None` on the last page.
    pub cursor: Option<String>,
    /// The creation time of the last response searched, milliseconds. A page may end early if few match.
    pub reached_ms: Option<i64>,
}

/// An entry in a driver's response list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedResponse {
    /// When the response was created, milliseconds.
    pub created_at_ms: i64,
    /// The cargo.
    pub cargo_id: String,
}

impl ListedResponse {
    /// The position after all responses created by `at_ms`.
    pub(super) fn after_all_by(at_ms: i64) -> Self {
        Self { created_at_ms: at_ms + 1, cargo_id: String::new() }
    }

    /// The stored form.
    pub(super) fn as_text(&self) -> String {
        format!("{}.{}", self.created_at_ms, self.cargo_id)
    }

    /// Parses the stored form.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (at, cargo_id) = text.split_once('.')?;
        Some(Self { created_at_ms: at.parse().ok()?, cargo_id: cargo_id.to_owned() })
    }
}

pub(super) fn read(item: &Item) -> Option<Response> {
    let mut response: Response = serde_json::from_str(item.text("body")?).ok()?;
    // Some numbers confirmed before numbering plans existed cannot be called.
    response.offer.phone_confirmed &= phone::is_callable(&response.offer.phone);
    Some(response)
}

/// The `due` value of responses to expire.
const EXPIRY: &str = "RESPONSE";

fn item(response: &Response) -> Result<Item, StoreError> {
    let body = serde_json::to_string(response).map_err(|_| StoreError::malformed("put_response", "body"))?;
    let mut item = Item::from([
        ("id".to_owned(), s(&response.id)),
        ("body".to_owned(), s(body)),
        ("version".to_owned(), n(response.version)),
        // Attributes for the admins' filters.
        ("driver_id".to_owned(), n(response.driver_id)),
        ("state".to_owned(), s(response.status.as_str())),
    ]);
    item.extend(List::Responses.place(response.created_at_ms, &response.id));
    let due = if response.status.is_open() {
        Some((EXPIRY, response.expires_at_ms))
    } else {
        response.names_somebody().then_some((FORGET, response.updated_at_ms + RESPONSE_MS))
    };
    if let Some((due, due_at_ms)) = due {
        item.insert("due".to_owned(), s(due));
        item.insert("due_at".to_owned(), n(due_at_ms));
    }
    Ok(item)
}

/// Why a change failed.
fn written(write: &ResponseWrite<'_>, refused: &Refused) -> Written {
    if let Some(row) = refused.at("response") {
        let existing = read(row);
        // The response to our first attempt was lost.
        if existing.as_ref() == Some(write.after) {
            return Written::Done;
        }
        return Written::Refused(existing.map(Box::new));
    }
    match (refused.at(rivals::BLOCK), refused.at(rivals::CARGO)) {
        (Some(_), _) => Written::Blocked,
        (None, Some(row)) => Written::Chosen(Box::new(rivals::read(row))),
        (None, None) => Written::Refused(None),
    }
}

impl Store {
    /// The writes of a change.
    pub(crate) fn response_writes(&self, write: &ResponseWrite<'_>) -> Result<Transaction, StoreError> {
        let after = write.after;
        let key = keys::response(after.driver_id, &after.cargo.id);
        let condition = match write.before {
            None => Condition::absent(),
            Some(before) => Condition::new("id = :id AND version = :version")
                .value(":id", s(&before.id))
                .value(":version", n(before.version)),
        };
        let mut transaction = Transaction::default().put("response", &key, item(after)?, Some(condition));
        transaction = rivals::put_place(transaction, write.before, after, write.holds);
        if write.holds.contains(&Hold::Unblocked) {
            transaction = rivals::check_unblocked(transaction, after.driver_id);
        }
        if write.before.is_none_or(|before| before.id != after.id) {
            let listed = keys::listed_response(after.driver_id, after.created_at_ms, &after.cargo.id);
            let owner =
                Item::from([("driver_id".to_owned(), n(after.driver_id)), ("cargo_id".to_owned(), s(&after.cargo.id))]);
            let place = Item::from([("cargo_id".to_owned(), s(&after.cargo.id))]);
            transaction =
                transaction.put("id", &keys::response_id(&after.id), owner, None).put("listed", &listed, place, None);
        }
        let subject = Subject { person: PersonId::new(after.driver_id), cargo_id: &after.cargo.id, id: &after.id };
        let now_ms = write.audit.at_ms;
        for what in write.messages {
            let wait_ms = uuid::Uuid::new_v4().as_u128() % u128::from(write.within_ms.max(1).unsigned_abs());
            let due_at_ms = now_ms + i64::try_from(wait_ms).unwrap_or_default();
            let seen = write.seen.filter(|_| *what == CARD);
            transaction = self.arm_delivery_at(transaction, *what, &subject, seen, now_ms, due_at_ms);
        }
        if let Some(replaced) = write.before.filter(|before| before.id != after.id) {
            // Nothing leads to its card once the driver's data is deleted.
            let subject = Subject { id: &replaced.id, ..subject };
            transaction = self.arm_delivery(transaction, CARD, &subject, now_ms);
        }
        let mut tally = Tally::default();
        // A repeated response starts a new history.
        let known = write.before.filter(|before| before.id == after.id).map_or(0, |before| before.history.len());
        for (at, step) in after.history.iter().enumerate().skip(known) {
            tally.count(after.driver_id, write.audit.at_ms, format!("responses.{}", step.status.as_str()), 1);
            for (name, by) in verdict::counted(&after.history, at) {
                tally.count(after.driver_id, write.audit.at_ms, name, by);
            }
        }
        let (key, row) = write.audit.item()?;
        Ok(transaction.put("audit", &key, row, Some(Condition::absent())).tally(tally))
    }

    /// Changes a response, if it is still as read.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn write_response(&self, write: &ResponseWrite<'_>) -> Result<Written, StoreError> {
        match self.transact("write_response", self.response_writes(write)?).await? {
            Transacted::Done => Ok(Written::Done),
            Transacted::Refused(refused) => Ok(written(write, &refused)),
        }
    }

    /// The data needed when a driver responds to a cargo: one call.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn responder(&self, driver_id: i64, cargo_id: &str) -> Result<Responder, StoreError> {
        let (profile, response) = (keys::profile(driver_id), keys::response(driver_id, cargo_id));
        let access = billing::access_keys(driver_id);
        let keys = [&profile, &response].into_iter().chain(&access);
        let rows = self.get_many("responder", keys.map(Key::attributes).collect()).await?;
        let row = |key: &Key| rows.iter().find(|row| key.is_of(row));
        Ok(Responder {
            profile: row(&profile).and_then(|row| profile::read(driver_id, row)),
            existing: row(&response).and_then(read),
            access: billing::access(driver_id, &rows)?,
        })
    }

    /// A driver's response to a cargo.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn response(&self, driver_id: i64, cargo_id: &str) -> Result<Option<Response>, StoreError> {
        let item = self.get_now("response", &keys::response(driver_id, cargo_id)).await?;
        Ok(item.and_then(|item| read(&item)))
    }

    /// The response with this id; `None` if it does not exist or was replaced.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn response_by_id(&self, id: &str) -> Result<Option<Response>, StoreError> {
        let Some((driver_id, cargo_id)) = self.owner_of("response_by_id", id).await? else { return Ok(None) };
        Ok(self.response(driver_id, &cargo_id).await?.filter(|response| response.id == id))
    }

    /// The driver and cargo of a response id.
    pub(super) async fn owner_of(
        &self,
        operation: &'static str,
        id: &str,
    ) -> Result<Option<(i64, String)>, StoreError> {
        let Some(owner) = self.get_now(operation, &keys::response_id(id)).await? else { return Ok(None) };
        let found = owner.number("driver_id").zip(owner.text("cargo_id").map(str::to_owned));
        found.map(Some).ok_or_else(|| StoreError::malformed(operation, "driver_id"))
    }

    /// The response of a message in the dispatchers' chat.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn response_of_message(&self, chat_id: i64, message_id: i64) -> Result<Option<Response>, StoreError> {
        let item = self.get_now("response_of_message", &keys::dispatch_message(chat_id, message_id)).await?;
        match item.as_ref().and_then(|item| item.text("response_id")) {
            Some(id) => self.response_by_id(id).await,
            None => Ok(None),
        }
    }

    /// A driver's responses, newest first, after `from` (exclusive): two calls.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn responses(
        &self,
        driver_id: i64,
        from: Option<&ListedResponse>,
        limit: i32,
    ) -> Result<ResponsePage, StoreError> {
        let from = from.map(|at| keys::listed_response(driver_id, at.created_at_ms, &at.cargo_id));
        let (rows, more) = self.places("responses", driver_id, LISTED_RESPONSE, from.as_ref(), limit).await?;
        let places: Vec<_> = rows.iter().filter_map(place_of).collect();
        let Some(last) = places.last().cloned() else { return Ok(ResponsePage::default()) };
        // A response withdrawn and given again has two entries and counts at the newer one. Functions may not delete
        // rows of this table, because it contains the audit log, so the older entry stays.
        let cargos: BTreeSet<_> = places.iter().map(|at| at.cargo_id.as_str()).collect();
        let keys: Vec<_> = cargos.iter().map(|cargo| keys::response(driver_id, cargo).attributes()).collect();
        let found = self.get_many("responses", keys).await?;
        let is_here = |response: &Response| {
            places.iter().any(|at| at.cargo_id == response.cargo.id && at.created_at_ms == response.created_at_ms)
        };
        let mut items: Vec<_> = found.iter().filter_map(read).filter(is_here).collect();
        items.sort_by(|a, b| (b.created_at_ms, &b.cargo.id).cmp(&(a.created_at_ms, &a.cargo.id)));
        Ok(ResponsePage { items, next: more.then_some(last) })
    }

    /// A page of responses of all drivers, newest first. The index has only driver and status, so filters on other data
    /// may leave few per page.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn find_responses(
        &self,
        wanted: &ResponseFilter,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<FoundResponses, StoreError> {
        let mut filter = Filter::default();
        if let Some(status) = wanted.status {
            filter = filter.and("state", "=", s(status.as_str()));
        }
        if let Some(driver_id) = wanted.driver_id {
            filter = filter.and("driver_id", "=", n(driver_id));
        }
        let selection = Selection {
            filter: filter.some(),
            ..Selection::newest(cursor, limit).between(wanted.from_ms, wanted.until_ms)
        };
        let page = self.listed("find_responses", &List::Responses.name(), &selection).await?;
        let reached_ms = page.reached_ms();
        let items = page.rows.iter().filter_map(read).filter(|response| wanted.takes(response)).collect();
        Ok(FoundResponses { items, cursor: page.cursor, reached_ms })
    }

    /// The ids of responses expired by `now_ms`, in turns: for each driver the longest overdue first. The index may
    /// lag, so some may be closed.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn overdue_responses(&self, now_ms: i64, limit: usize) -> Result<Vec<String>, StoreError> {
        self.due("overdue_responses", EXPIRY, now_ms, limit).await
    }
}

fn place_of(item: &Item) -> Option<ListedResponse> {
    let (at, cargo_id) = item
        .get("sk")
        .and_then(|sk: &AttributeValue| sk.as_s().ok())?
        .strip_prefix(LISTED_RESPONSE)?
        .split_once('#')?;
    Some(ListedResponse { created_at_ms: at.parse().ok()?, cargo_id: cargo_id.trim_start_matches('0').to_owned() })
}
