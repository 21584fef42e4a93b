//! The session row: one per driver, a separate item because every request writes it.
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};

use ::store::{
    Attributes, Condition, Item, Key, Outcome, StoreError, Transacted, Transaction, Update,
    bucket::{InBurst, Rate},
    n, s,
};

use outbox::ledger::Subject;

use super::{
    Store,
    billing::good_generation,
    keys::{self},
};
use crate::{
    audit::AuditRow,
    auth::messages::OPENED,
    auth::session::{Audience, LINK_SESSION},
    person::PersonId,
};

/// The session row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// The current session's id; `None` after a logout.
    pub id: Option<String>,
    /// The expiry, seconds since 1970-01-01 UTC.
    pub expires_at_s: i64,
    /// Theoretical arrival time of the driver's rate limit (GCRA), milliseconds.
    pub tat_ms: i64,
    /// `auth_date` of the last accepted init data, seconds.
    pub auth_date: i64,
    /// Hashes of the init data accepted with that `auth_date`.
    pub init_data_hashes: Vec<String>,
    /// The sign-in that created this session: its launch and idempotency key.
    pub attempt: Option<String>,
    /// Whether the driver is blocked. Repeated here because every request checks this row.
    pub blocked: bool,
}

impl SessionRow {
    pub(super) fn read(item: &Item) -> Option<Self> {
        Some(Self {
            id: item.text("session_id").map(str::to_owned),
            expires_at_s: item.number("expires_at")?,
            tat_ms: item.number("tat")?,
            auth_date: item.number("auth_date")?,
            init_data_hashes: item.get("init_data_hashes")?.as_ss().ok()?.clone(),
            attempt: item.text("attempt").map(str::to_owned),
            blocked: item.flag("blocked"),
        })
    }
}

/// A sign-in to store.
#[derive(Debug, Clone)]
pub struct NewSession<'a> {
    /// The driver's Telegram id.
    pub driver_id: i64,
    /// The new session's id.
    pub id: &'a str,
    /// The expiry, seconds since 1970-01-01 UTC.
    pub expires_at_s: i64,
    /// The launch that it uses up.
    pub auth_date: i64,
    /// The hash of that launch.
    pub init_data_hash: &'a str,
    /// The attempt: the launch and its idempotency key.
    pub attempt: Option<&'a str>,
    /// The current time, milliseconds.
    pub now_ms: i64,
}

/// A sign-in through an access link to store.
#[derive(Debug)]
pub struct LinkSession<'a> {
    /// The driver's Telegram id.
    pub driver_id: i64,
    /// The new session's id.
    pub id: &'a str,
    /// The expiry, seconds since 1970-01-01 UTC.
    pub expires_at_s: i64,
    /// The link's generation.
    pub generation: u32,
    /// The subject of the message to the driver.
    pub subject: &'a str,
    /// Data for the audit log.
    pub audit: AuditRow,
}

/// The result of a sign-in through an access link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkOpened {
    /// It succeeded.
    Done,
    /// The link was revoked concurrently.
    Void,
    /// The driver was blocked concurrently.
    Blocked,
}

/// The condition that an access link opened the session, or did not.
pub(super) fn opened_by_link(by_link: bool) -> Condition {
    let condition = if by_link {
        "begins_with(session_id, :link)"
    } else {
        "attribute_not_exists(session_id) OR NOT begins_with(session_id, :link)"
    };
    Condition::new(condition).value(":link", s(LINK_SESSION))
}

/// A use of a session.
#[derive(Debug, Clone)]
pub struct Use<'a> {
    /// The driver's Telegram id.
    pub driver_id: i64,
    /// The session named by the token.
    pub session_id: &'a str,
    /// The current time, milliseconds.
    pub now_ms: i64,
    /// The new expiry, seconds.
    pub expires_at_s: i64,
    /// The driver's rate limit.
    pub rate: Rate,
    /// Who may use the route.
    pub whom: Audience,
}

/// The result of a conditional write of the session row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionWrite {
    /// It was written.
    Done,
    /// The condition failed. Holds the existing row.
    Refused(Option<SessionRow>),
}

/// The row's update for a sign-in, apart from the used launches.
fn new_session(new: &NewSession<'_>) -> Update {
    let update = Update::default()
        .set("session_id", s(new.id))
        .set("expires_at", n(new.expires_at_s))
        .set("tat", n(new.now_ms))
        .set("signed_in_at", n(new.auth_date));
    match new.attempt {
        Some(attempt) => update.set("attempt", s(attempt)),
        None => update.remove(&["attempt"]),
    }
}

/// The launch differs from the last accepted one but has the same second.
pub(super) fn another_of_same_second(new: &NewSession<'_>) -> Condition {
    Condition::new("auth_date = :auth_date AND NOT contains(init_data_hashes, :hash)")
        .value(":auth_date", n(new.auth_date))
        .value(":hash", s(new.init_data_hash))
}

/// The launch is newer than the last accepted one.
pub(super) fn newer_launch(new: &NewSession<'_>) -> Condition {
    Condition::new("attribute_not_exists(auth_date) OR auth_date < :auth_date").value(":auth_date", n(new.auth_date))
}

/// The launch, as a set.
pub(super) fn hashes(new: &NewSession<'_>) -> AttributeValue {
    AttributeValue::Ss(vec![new.init_data_hash.to_owned()])
}

/// Clears the session. The used launches stay recorded.
pub(super) fn ended_session() -> Update {
    Update::default().remove(&["session_id", "attempt"])
}

impl Store {
    /// Starts a session if its launch is newer than the last accepted one.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn start_session(&self, new: &NewSession<'_>) -> Result<SessionWrite, StoreError> {
        let update = new_session(new)
            .when(newer_launch(new))
            .set("auth_date", n(new.auth_date))
            .set("init_data_hashes", hashes(new));
        self.write_session("start_session", &keys::session(new.driver_id), update).await
    }

    /// Starts a session if its launch differs from the last accepted one but has the same second.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn start_session_in_same_second(&self, new: &NewSession<'_>) -> Result<SessionWrite, StoreError> {
        let update = new_session(new).when(another_of_same_second(new)).add("init_data_hashes", hashes(new));
        self.write_session("start_session_in_same_second", &keys::session(new.driver_id), update).await
    }

    /// Starts a session without a launch, if the link is valid and the driver is not blocked. The used launches stay
    /// recorded, and the driver is notified in the same transaction.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn start_session_by_link(&self, new: &LinkSession<'_>) -> Result<LinkOpened, StoreError> {
        let driver_id = new.driver_id;
        let (audit_key, audit) = new.audit.item()?;
        let session = Update::default()
            .when(Condition::new("attribute_not_exists(blocked)"))
            .set("session_id", s(new.id))
            .set("expires_at", n(new.expires_at_s))
            .set("tat", n(new.audit.at_ms))
            .set_if_absent("auth_date", n(0))
            // DynamoDB does not allow empty sets.
            .set_if_absent("init_data_hashes", AttributeValue::Ss(vec!["-".to_owned()]))
            .remove(&["attempt"]);
        let transaction = Transaction::default()
            .check("generation", &keys::access_generation(driver_id), good_generation(new.generation))
            .update("session", &keys::session(driver_id), session)
            .put("audit", &audit_key, audit, Some(Condition::absent()));
        let subject = Subject { person: PersonId::new(driver_id), cargo_id: "", id: new.subject };
        let transaction = self.arm_delivery(transaction, OPENED, &subject, new.audit.at_ms);
        Ok(match self.transact("start_session_by_link", transaction).await? {
            Transacted::Done => LinkOpened::Done,
            Transacted::Refused(refused) if refused.at("generation").is_some() => LinkOpened::Void,
            Transacted::Refused(_) => LinkOpened::Blocked,
        })
    }

    /// Adds to a transaction the end of a session opened by the link, conditional on whether there is one.
    pub(super) fn end_link_session(&self, transaction: Transaction, driver_id: i64, by_link: bool) -> Transaction {
        let key = keys::session(driver_id);
        if by_link {
            transaction.update("session", &key, ended_session().when(opened_by_link(true)))
        } else {
            transaction.check("session", &key, opened_by_link(false))
        }
    }

    /// Session check, sliding expiry and rate limit in one write, for a driver who is not ahead of the rate.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn use_session(&self, used: &Use<'_>) -> Result<SessionWrite, StoreError> {
        let rested = Condition::new("tat <= :now").value(":now", n(used.now_ms));
        self.slide_session(used, Update::default().when(rested).set("tat", n(used.now_ms + used.rate.interval_ms)))
            .await
    }

    /// The same write for a driver who is ahead of the rate but within the burst.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn use_session_in_burst(&self, used: &Use<'_>, burst: InBurst) -> Result<SessionWrite, StoreError> {
        self.slide_session(used, burst.take(used.rate)).await
    }

    async fn slide_session(&self, used: &Use<'_>, take: Update) -> Result<SessionWrite, StoreError> {
        let good = Condition::new("session_id = :id AND expires_at > :now_s")
            .value(":id", s(used.session_id))
            .value(":now_s", n(used.now_ms.div_euclid(1000)));
        let welcome = match used.whom {
            Audience::Unblocked | Audience::AdminPage => Condition::new("attribute_not_exists(blocked)"),
            Audience::AllDrivers => Condition::default(),
        };
        let update = take.when(good).when(welcome).set("expires_at", n(used.expires_at_s));
        let key = keys::session_called(used.driver_id, used.session_id);
        // Every request makes this write and needs nothing from the row.
        Ok(session_write(self.update_returning(ReturnValue::None, "use_session", &key, update).await?))
    }

    /// Ends the session, if it is still the driver's. The used launch stays recorded.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn end_session(&self, driver_id: i64, session_id: &str) -> Result<SessionWrite, StoreError> {
        let same = Condition::new("session_id = :id").value(":id", s(session_id));
        let key = keys::session_called(driver_id, session_id);
        self.write_session("end_session", &key, ended_session().when(same)).await
    }

    async fn write_session(
        &self,
        operation: &'static str,
        key: &Key,
        update: Update,
    ) -> Result<SessionWrite, StoreError> {
        Ok(session_write(self.update(operation, key, update).await?))
    }
}

fn session_write(outcome: Outcome) -> SessionWrite {
    match outcome {
        Outcome::Done(_) => SessionWrite::Done,
        Outcome::Refused(existing) => SessionWrite::Refused(SessionRow::read(&existing)),
    }
}
