//! Drivers as admins see and change them.
mod lists;

pub use lists::{DriverPage, SearchTerm, Subscribed, SubscriptionPage};

use ::store::{Attributes, Condition, Item, Key, Outcome, StoreError, Tally, Transacted, Transaction, Update, n, s};

use outbox::ledger::Subject;

use super::{
    Store,
    admin::{role, signed_in_at_s},
    billing::{access, access_keys, body, json, next_generation},
    forget::FORGET,
    keys, profile, requests,
    response::ListedResponse,
    session::{ended_session, opened_by_link},
};
use crate::{
    access::Access,
    admin::requests::GiftRequest,
    audit::AuditRow,
    auth::session::LINK_SESSION,
    billing::{
        messages::GIFT,
        subscription::{Entry, Subscription},
    },
    driver::{Block, Clues, Profile},
    person::PersonId,
    response::messages::BLOCK,
    rights::Role,
};

/// A driver in a list.
pub struct DriverRow {
    /// The profile. Names are empty once the data is deleted.
    pub profile: Profile,
    /// When they first signed in, seconds since 1970-01-01 UTC.
    pub created_at_s: Option<i64>,
    /// When they last signed in, seconds.
    pub seen_at_s: Option<i64>,
    /// When their data was deleted, milliseconds.
    pub deleted_at_ms: Option<i64>,
    /// Their block, if any.
    pub block: Block,
    /// The end of their paid access.
    pub subscription: Subscription,
}

/// An active session, as admins see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningSession {
    /// When the driver signed in through Telegram, seconds since 1970-01-01 UTC.
    pub signed_in_at_s: Option<i64>,
    /// When it expires unless it is used, seconds.
    pub expires_at_s: i64,
    /// Whether an access link opened it.
    pub by_link: bool,
}

/// A driver's data from one read.
pub struct DriverCard {
    /// The driver.
    pub row: DriverRow,
    /// Their session, unless ended.
    pub session: Option<RunningSession>,
    /// Their access data.
    pub access: Access,
    /// Their admin role.
    pub role: Option<Role>,
    /// Their search terms.
    clues: Option<String>,
    /// Responses before this position in the driver's list still contain data deleted with the driver. The driver may
    /// have returned since.
    pub clear_from: Option<ListedResponse>,
    /// When their session was last used, milliseconds. It may have ended.
    used_at_ms: Option<i64>,
}

impl DriverCard {
    /// The driver's last visit, milliseconds; 0 if unknown.
    pub fn last_visit_ms(&self) -> i64 {
        let signed_in_ms = self.row.seen_at_s.map(|at_s| at_s * 1000);
        signed_in_ms.max(self.used_at_ms).unwrap_or_default()
    }
}

/// The condition for deleting a driver's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forget {
    /// Delete in any case.
    Always,
    /// Delete only if the driver has not visited since the card was read, and has received no subscription and no role.
    Idle,
}

/// A driver whose subscription is about to change.
pub struct Holder {
    /// Whether they are known and not deleted.
    pub is_known: bool,
    /// The end of their paid access.
    pub subscription: Subscription,
    /// The requested ledger entries that exist.
    pub entries: Vec<Entry>,
}

/// The attributes removed from a profile when the driver's data is deleted.
const FORGOTTEN: [&str; 17] = [
    "first_name",
    "last_name",
    "username",
    "phone",
    "phone_confirmed",
    "company",
    "email",
    "filters",
    "language",
    "truck",
    "unreachable",
    "created_at",
    "seen_at",
    "seen_on",
    "clues",
    "list",
    "listed_at",
];

/// Parses one of several rows. A missing row was never written.
fn or_default<T: serde::de::DeserializeOwned + Default>(rows: &[Item], key: &Key) -> Result<T, StoreError> {
    match rows.iter().find(|row| key.is_of(row)) {
        Some(row) => body(row).ok_or_else(|| StoreError::malformed("drivers", "body")),
        None => Ok(T::default()),
    }
}

fn read(driver_id: i64, rows: &[Item]) -> Result<Option<DriverRow>, StoreError> {
    let Some(item) = rows.iter().find(|row| keys::profile(driver_id).is_of(row)) else { return Ok(None) };
    Ok(Some(DriverRow {
        profile: profile::read_any(driver_id, item),
        created_at_s: item.number("created_at"),
        seen_at_s: item.number("seen_at"),
        deleted_at_ms: item.number("deleted_at"),
        block: or_default(rows, &keys::block(driver_id))?,
        subscription: or_default(rows, &keys::subscription(driver_id))?,
    }))
}

fn session(item: &Item) -> Option<RunningSession> {
    let id = item.text("session_id")?;
    Some(RunningSession {
        // A driver who only came through a link has no Telegram launch.
        signed_in_at_s: signed_in_at_s(item).filter(|at| *at > 0),
        expires_at_s: item.number("expires_at")?,
        by_link: id.starts_with(LINK_SESSION),
    })
}

impl Store {
    /// A driver's data in one read; `None` if no one with this id ever signed in.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn driver_card(&self, driver_id: i64) -> Result<Option<DriverCard>, StoreError> {
        let (session_key, role_key) = (keys::session(driver_id), keys::role(driver_id));
        let own = [keys::profile(driver_id), session_key.clone(), role_key.clone()];
        let keys = access_keys(driver_id).into_iter().chain(own).map(|key| key.attributes()).collect();
        let rows = self.get_many("driver_card", keys).await?;
        let found = |key: &Key| rows.iter().find(|row| key.is_of(row));
        let Some(row) = read(driver_id, &rows)? else { return Ok(None) };
        Ok(Some(DriverCard {
            row,
            session: found(&session_key).and_then(session),
            access: access(driver_id, &rows)?,
            role: found(&role_key).and_then(role),
            clues: found(&keys::profile(driver_id)).and_then(|row| row.text("clues")).map(str::to_owned),
            clear_from: found(&keys::profile(driver_id))
                .and_then(|row| row.text("clear_from"))
                .and_then(ListedResponse::parse),
            used_at_ms: found(&session_key).and_then(|row| row.number("tat")),
        }))
    }

    /// The data needed to change a driver's subscription: one call.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn holder(&self, driver_id: i64, entries: &[String]) -> Result<Holder, StoreError> {
        let (profile, subscription) = (keys::profile(driver_id), keys::subscription(driver_id));
        let entry_keys: Vec<_> = entries.iter().map(|id| keys::ledger_entry(driver_id, id)).collect();
        let keys = [&profile, &subscription].into_iter().chain(&entry_keys).map(Key::attributes).collect();
        let rows = self.get_many("holder", keys).await?;
        let found = |key: &Key| rows.iter().find(|row| key.is_of(row));
        Ok(Holder {
            is_known: found(&profile).and_then(|row| profile::read(driver_id, row)).is_some(),
            subscription: or_default(&rows, &subscription)?,
            entries: entry_keys.iter().filter_map(|key| body(found(key)?)).collect(),
        })
    }

    /// Changes a subscription, if it is as read and the ledger entry is new. `message` is the subject of its message,
    /// `confirmed` the request that it decides. `false` after a conflict: read again.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn change_subscription(
        &self,
        driver_id: i64,
        change: (&Subscription, &Subscription, &Entry),
        message: Option<&str>,
        confirmed: Option<&GiftRequest>,
        audit: &AuditRow,
    ) -> Result<bool, StoreError> {
        let (audit_key, row) = audit.item()?;
        let mut tally = Tally::default();
        let mut transaction = self.grant_writes(Transaction::default(), &mut tally, driver_id, change, None)?;
        if let Some(id) = message {
            let subject = Subject { person: PersonId::new(driver_id), cargo_id: "", id };
            transaction = self.arm_delivery(transaction, GIFT, &subject, audit.at_ms);
        }
        if let Some(request) = confirmed {
            transaction = requests::decide(transaction, request)?;
        }
        let transaction = transaction.put("audit", &audit_key, row, Some(Condition::absent())).tally(tally);
        Ok(matches!(self.transact("change_subscription", transaction).await?, Transacted::Done))
    }

    /// Blocks or unblocks a driver, unless someone else did so meanwhile. Marks the session too, because every request
    /// checks its row. A session opened by a link ends.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn write_block(
        &self,
        driver_id: i64,
        (before, after): (&Block, &Block),
        by_link: bool,
        audit: &AuditRow,
    ) -> Result<bool, StoreError> {
        let (audit_key, audit) = audit.item()?;
        let same = Condition::version(before.version);
        let row = Item::from([("body".to_owned(), s(json(after)?)), ("version".to_owned(), n(after.version))]);
        let yes = aws_sdk_dynamodb::types::AttributeValue::Bool(true);
        let mark = match (after.blocked, by_link) {
            (true, true) => ended_session().set("blocked", yes).when(opened_by_link(true)),
            (true, false) => Update::default().set("blocked", yes).when(opened_by_link(false)),
            (false, _) => Update::default().remove(&["blocked"]),
        };
        let transaction = Transaction::default()
            .put("block", &keys::block(driver_id), row, Some(same))
            .update("session", &keys::session(driver_id), mark)
            .put("audit", &audit_key, audit, Some(Condition::absent()));
        let id = driver_id.to_string();
        let subject = Subject { person: PersonId::new(driver_id), cargo_id: "", id: &id };
        let transaction = self.arm_delivery(transaction, BLOCK, &subject, after.at_ms);
        Ok(matches!(self.transact("write_block", transaction).await?, Transacted::Done))
    }

    /// Ends any session of the driver, or checks that there is none, and voids their access link. `false` if `runs` is
    /// wrong.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn end_any_session(&self, driver_id: i64, runs: bool, audit: &AuditRow) -> Result<bool, StoreError> {
        let key = keys::session(driver_id);
        let (audit_key, audit) = audit.item()?;
        let transaction = if runs {
            let there = Condition::new("attribute_exists(session_id)");
            Transaction::default().update("session", &key, ended_session().when(there))
        } else {
            Transaction::default().check("session", &key, Condition::new("attribute_not_exists(session_id)"))
        };
        let transaction = transaction.update("generation", &keys::access_generation(driver_id), next_generation()).put(
            "audit",
            &audit_key,
            audit,
            Some(Condition::absent()),
        );
        Ok(matches!(self.transact("end_any_session", transaction).await?, Transacted::Done))
    }

    /// Deletes the personal data in the driver's own rows, ends their session and voids their access link; `false`
    /// after a conflict. The job then finds the driver until their responses are cleared too.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn forget_driver(&self, card: &DriverCard, who: Forget, audit: &AuditRow) -> Result<bool, StoreError> {
        let driver_id = card.row.profile.id;
        let (audit_key, row) = audit.item()?;
        let mut same = Condition::new(match &card.clues {
            Some(_) => "attribute_exists(first_name) AND clues = :clues",
            None => "attribute_exists(first_name) AND attribute_not_exists(clues)",
        });
        if let Some(clues) = &card.clues {
            same = same.value(":clues", s(clues));
        }
        let forgotten = Update::default()
            .when(same)
            .set("deleted_at", n(audit.at_ms))
            .set("due", s(FORGET))
            .set("due_at", n(audit.at_ms))
            .set("clear_from", s(ListedResponse::after_all_by(audit.at_ms).as_text()))
            .remove(&FORGOTTEN);
        let known: Clues = card.clues.as_ref().and_then(|clues| serde_json::from_str(clues).ok()).unwrap_or_default();
        // A sign-in writes the session first, and so does every request.
        let unused = match (who, card.used_at_ms) {
            (Forget::Always, _) => Condition::default(),
            (Forget::Idle, Some(at_ms)) => Condition::new("tat = :used").value(":used", n(at_ms)),
            (Forget::Idle, None) => Condition::new("attribute_not_exists(tat)"),
        };
        let mut transaction = Transaction::default()
            .update("profile", &keys::profile(driver_id), forgotten)
            .update("session", &keys::session(driver_id), ended_session().when(unused))
            .update("generation", &keys::access_generation(driver_id), next_generation())
            // Whoever changes them meanwhile finds another version.
            .update(
                "searches",
                &keys::searches(driver_id),
                Update::default().remove(&["body"]).increase_from(0, "version", 1),
            )
            .put("audit", &audit_key, row, Some(Condition::absent()));
        if who == Forget::Idle {
            let subscription = Condition::version(card.row.subscription.version);
            let no_admin = Condition::new("attribute_not_exists(#role)").name("#role", "role");
            transaction = transaction.check("subscription", &keys::subscription(driver_id), subscription).check(
                "role",
                &keys::role(driver_id),
                no_admin,
            );
        }
        let transaction = self.list_clues(transaction, driver_id, &known, &Clues::default());
        Ok(matches!(self.transact("forget_driver", transaction).await?, Transacted::Done))
    }

    /// Records that a deleted driver's responses from `clear_from` down to `upto` are cleared; `None` means all.
    /// `false` if the record changed since the card was read, or the driver returned or was deleted again.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn note_cleared(
        &self,
        card: &DriverCard,
        clear_from: &ListedResponse,
        upto: Option<&ListedResponse>,
    ) -> Result<bool, StoreError> {
        let key = keys::profile(card.row.profile.id);
        let same = Condition::new("clear_from = :was").value(":was", s(clear_from.as_text()));
        let update = Update::default().when(same);
        let update = match (upto, card.row.deleted_at_ms) {
            (Some(upto), _) => update.set("clear_from", s(upto.as_text())),
            (None, Some(_)) => {
                let still_deleted = Condition::new("attribute_exists(deleted_at)");
                update.when(still_deleted).remove(&["clear_from", "due", "due_at"])
            }
            // The job checks a returned driver again.
            (None, None) => update.when(Condition::new("attribute_not_exists(deleted_at)")).remove(&["clear_from"]),
        };
        Ok(matches!(self.update("note_cleared", &key, update).await?, Outcome::Done(_)))
    }
}
