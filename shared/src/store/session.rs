//! The session row: one per driver, in an item of its own, because every request writes it.
use aws_sdk_dynamodb::{
    operation::update_item::builders::UpdateItemFluentBuilder,
    types::{AttributeValue, ReturnValue},
};

use super::{
    Attributes, Item, Outcome, Store, StoreError,
    billing::good_generation,
    bucket::InBurst,
    delivery::Subject,
    keys::Key,
    n, s,
    transaction::{Condition, Transacted, Transaction},
};
use crate::{
    audit::AuditRow,
    auth::session::{For, LINK_SESSION},
    delivery::What,
};

/// The session row as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// The current session's id; `None` after a logout.
    pub id: Option<String>,
    /// Not good from this second on.
    pub expires_at_s: i64,
    /// Theoretical arrival time of the driver's rate limit (GCRA), milliseconds.
    pub tat_ms: i64,
    /// `auth_date` of the last accepted init data, seconds.
    pub auth_date: i64,
    /// Hashes of the init data accepted with that `auth_date`.
    pub init_data_hashes: Vec<String>,
    /// The sign-in that made this session: its launch and its idempotency key.
    pub attempt: Option<String>,
    /// The driver is blocked. It stands here too, because every request holds this row against what it wants.
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

/// A sign-in to be stored.
#[derive(Debug, Clone)]
pub struct NewSession<'a> {
    /// Telegram's id of the driver.
    pub driver_id: i64,
    /// The new session's id.
    pub id: &'a str,
    /// Not good from this second on.
    pub expires_at_s: i64,
    /// The launch that is used up by it.
    pub auth_date: i64,
    /// The hash of that launch.
    pub init_data_hash: &'a str,
    /// The attempt: the launch and its idempotency key.
    pub attempt: Option<&'a str>,
    /// Now, milliseconds.
    pub now_ms: i64,
}

/// A sign-in by an access link to be stored.
#[derive(Debug)]
pub struct LinkSession<'a> {
    /// Telegram's id of the driver.
    pub driver_id: i64,
    /// The new session's id.
    pub id: &'a str,
    /// Not good from this second on.
    pub expires_at_s: i64,
    /// Of the link.
    pub generation: u32,
    /// What the message to the driver is about.
    pub subject: &'a str,
    /// What is to be accounted for.
    pub audit: AuditRow,
}

/// What a sign-in by an access link met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkOpened {
    /// It was done.
    Done,
    /// The link was revoked in this moment.
    Void,
    /// The driver was blocked in this moment.
    Blocked,
}

/// That the session is one that an access link opened, or that it is none.
pub(super) fn opened_by_link(by_link: bool) -> Condition {
    let condition = if by_link {
        "begins_with(session_id, :link)"
    } else {
        "(attribute_not_exists(session_id) OR NOT begins_with(session_id, :link))"
    };
    Condition::new(condition).value(":link", s(LINK_SESSION))
}

/// One use of a session.
#[derive(Debug, Clone)]
pub struct Use<'a> {
    /// Telegram's id of the driver.
    pub driver_id: i64,
    /// The session that the token names.
    pub session_id: &'a str,
    /// Now, milliseconds.
    pub now_ms: i64,
    /// The new expiry, seconds.
    pub expires_at_s: i64,
    /// Milliseconds that one request takes of the driver's rate.
    pub interval_ms: i64,
    /// Whom it is for.
    pub whom: For,
}

/// What a conditional write of the session row met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionWrite {
    /// It was done.
    Done,
    /// It was not; this stands there.
    Refused(Option<SessionRow>),
}

impl Store {
    /// Starts a session if its launch is newer than the last accepted one.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn start_session(&self, new: &NewSession<'_>) -> Result<SessionWrite, StoreError> {
        let update = self
            .new_session(new, "auth_date = :auth_date, init_data_hashes = :hashes", "")
            .condition_expression("attribute_not_exists(auth_date) OR auth_date < :auth_date");
        self.session_write("start_session", new.driver_id, update).await
    }

    /// Starts a session if its launch was signed in the same second as the last accepted one and is another.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn start_session_in_same_second(&self, new: &NewSession<'_>) -> Result<SessionWrite, StoreError> {
        let update = self
            .new_session(new, "auth_date = :auth_date", "ADD init_data_hashes :hashes")
            .condition_expression("auth_date = :auth_date AND NOT contains(init_data_hashes, :hash)")
            .expression_attribute_values(":hash", s(new.init_data_hash));
        self.session_write("start_session_in_same_second", new.driver_id, update).await
    }

    fn new_session(&self, new: &NewSession<'_>, launch: &str, add: &str) -> UpdateItemFluentBuilder {
        let attempt = if new.attempt.is_some() { ", attempt = :attempt" } else { " REMOVE attempt" };
        let update = self
            .update_item(&Key::session(new.driver_id))
            .update_expression(format!(
                "SET session_id = :id, expires_at = :expires_at, tat = :now, signed_in_at = :auth_date, {launch}{attempt} {add}"
            ))
            .expression_attribute_values(":id", s(new.id))
            .expression_attribute_values(":expires_at", n(new.expires_at_s))
            .expression_attribute_values(":now", n(new.now_ms))
            .expression_attribute_values(":auth_date", n(new.auth_date))
            .expression_attribute_values(":hashes", AttributeValue::Ss(vec![new.init_data_hash.to_owned()]));
        match new.attempt {
            Some(attempt) => update.expression_attribute_values(":attempt", s(attempt)),
            None => update,
        }
    }

    /// Starts a session without a launch, if the link is the good one and the driver is not blocked; the used launches stay known.
    /// The driver is told in the same transaction.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn start_session_by_link(&self, new: &LinkSession<'_>) -> Result<LinkOpened, StoreError> {
        let driver_id = new.driver_id;
        let (audit_key, audit) = new.audit.item()?;
        let values = Condition::new("attribute_not_exists(blocked)")
            .value(":id", s(new.id))
            .value(":expires_at", n(new.expires_at_s))
            .value(":now", n(new.audit.at_ms))
            .value(":never", n(0))
            // A set cannot be empty.
            .value(":none", AttributeValue::Ss(vec!["-".to_owned()]));
        let transaction = Transaction::default()
            .check("generation", &Key::access_generation(driver_id), good_generation(new.generation))
            .update(
                "session",
                &Key::session(driver_id),
                "SET session_id = :id, expires_at = :expires_at, tat = :now, \
                 auth_date = if_not_exists(auth_date, :never), \
                 init_data_hashes = if_not_exists(init_data_hashes, :none) REMOVE attempt",
                values,
            )
            .put("audit", &audit_key, audit, Some(Condition::absent()));
        let subject = Subject { driver_id, cargo_id: "", id: new.subject };
        let transaction = self.arm_delivery(transaction, What::Opened, &subject, None, new.audit.at_ms);
        Ok(match self.transact("start_session_by_link", transaction).await? {
            Transacted::Done => LinkOpened::Done,
            Transacted::Refused(refused) if refused.at("generation").is_some() => LinkOpened::Void,
            Transacted::Refused(_) => LinkOpened::Blocked,
        })
    }

    /// Adds to a transaction that a session which the link opened ends, and holds it to whether there is one.
    pub(super) fn end_link_session(&self, transaction: Transaction, driver_id: i64, by_link: bool) -> Transaction {
        let key = Key::session(driver_id);
        if by_link {
            transaction.update("session", &key, "REMOVE session_id, attempt", opened_by_link(true))
        } else {
            transaction.check("session", &key, opened_by_link(false))
        }
    }

    /// Session check, sliding expiry and rate limit in one write, for a driver whose last request is over.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn use_session(&self, used: &Use<'_>) -> Result<SessionWrite, StoreError> {
        self.slide_session(used, ("tat <= :now", ":now + :interval"), None).await
    }

    /// The same for a driver who is ahead of the rate and within its burst.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn use_session_in_burst(&self, used: &Use<'_>, burst: InBurst) -> Result<SessionWrite, StoreError> {
        self.slide_session(used, (burst.condition, burst.tat), Some(burst)).await
    }

    async fn slide_session(
        &self,
        used: &Use<'_>,
        (rate, tat): (&str, &str),
        burst: Option<InBurst>,
    ) -> Result<SessionWrite, StoreError> {
        let welcome = match used.whom {
            For::Welcome | For::AdminPage => " AND attribute_not_exists(blocked)",
            For::Everybody => "",
        };
        let mut update = self
            .update_item(&Key::session_called(used.driver_id, used.session_id))
            .return_values(ReturnValue::None)
            .condition_expression(format!("session_id = :id AND expires_at > :now_s AND {rate}{welcome}"))
            .update_expression(format!("SET tat = {tat}, expires_at = :expires_at"))
            .expression_attribute_values(":id", s(used.session_id))
            .expression_attribute_values(":now_s", n(used.now_ms.div_euclid(1000)))
            .expression_attribute_values(":interval", n(used.interval_ms))
            .expression_attribute_values(":expires_at", n(used.expires_at_s));
        update = match burst {
            Some(burst) => update
                .expression_attribute_values(":from", n(burst.from_ms))
                .expression_attribute_values(":limit", n(burst.limit_ms)),
            None => update.expression_attribute_values(":now", n(used.now_ms)),
        };
        let key = Key::session_called(used.driver_id, used.session_id);
        self.write_session("use_session", &key, update).await
    }

    /// Ends the session, if it is still the driver's. The used launch stays known.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn end_session(&self, driver_id: i64, session_id: &str) -> Result<SessionWrite, StoreError> {
        let update = self
            .update_item(&Key::session_called(driver_id, session_id))
            .condition_expression("session_id = :id")
            .update_expression("REMOVE session_id, attempt")
            .expression_attribute_values(":id", s(session_id));
        self.write_session("end_session", &Key::session_called(driver_id, session_id), update).await
    }

    async fn session_write(
        &self,
        operation: &'static str,
        driver_id: i64,
        update: UpdateItemFluentBuilder,
    ) -> Result<SessionWrite, StoreError> {
        self.write_session(operation, &Key::session(driver_id), update).await
    }

    async fn write_session(
        &self,
        operation: &'static str,
        key: &Key,
        update: UpdateItemFluentBuilder,
    ) -> Result<SessionWrite, StoreError> {
        Ok(match self.update(operation, key, update).await? {
            Outcome::Done(_) => SessionWrite::Done,
            Outcome::Refused(item) => SessionWrite::Refused(SessionRow::read(&item)),
        })
    }
}
