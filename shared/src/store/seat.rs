//! Session rows of the admin page. Every launch is accepted on the driver's own session row, so it can be used only
//! once in total.
use aws_sdk_dynamodb::types::AttributeValue;

use ::store::{Condition, Item, StoreError, Transacted, Transaction, Update, n, s};

use super::{
    Store,
    keys::{self},
    session::{NewSession, SessionRow, another_of_same_second, hashes, newer_launch},
};
use crate::auth::{seat::Seat, session::Session};

fn row(
    (id, expires_at_s, now_ms): (&str, i64, i64),
    signed_in_at_s: i64,
    hash: Option<&str>,
    attempt: Option<&str>,
) -> Item {
    let mut row = Item::from([
        ("session_id".to_owned(), s(id)),
        ("expires_at".to_owned(), n(expires_at_s)),
        ("tat".to_owned(), n(now_ms)),
        ("auth_date".to_owned(), n(signed_in_at_s)),
        ("signed_in_at".to_owned(), n(signed_in_at_s)),
        // DynamoDB does not allow empty sets.
        ("init_data_hashes".to_owned(), AttributeValue::Ss(vec![hash.unwrap_or("-").to_owned()])),
    ]);
    row.extend(attempt.map(|attempt| ("attempt".to_owned(), s(attempt))));
    row
}

impl Store {
    /// Starts a session of the admin page, if its launch is newer than the last accepted one or, with `same_second`,
    /// differs from it but has the same second. `false` if it does not.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn start_admin_session(
        &self,
        new: &NewSession<'_>,
        seat: Seat,
        same_second: bool,
    ) -> Result<bool, StoreError> {
        // The driver's sign-in time in the app stays: this is a separate sign-in.
        let kept = Update::default()
            .set_if_absent("expires_at", n(0))
            .set_if_absent("tat", n(0))
            .set_if_absent("signed_in_at", n(0));
        let launch = if same_second {
            kept.when(another_of_same_second(new)).add("init_data_hashes", hashes(new))
        } else {
            kept.when(newer_launch(new)).set("auth_date", n(new.auth_date)).set("init_data_hashes", hashes(new))
        };
        let session = row((new.id, new.expires_at_s, new.now_ms), new.auth_date, Some(new.init_data_hash), new.attempt);
        let transaction = Transaction::default().update("session", &keys::session(new.driver_id), launch).put(
            "seat",
            &keys::admin_session(new.driver_id, seat),
            session,
            None,
        );
        Ok(matches!(self.transact("start_admin_session", transaction).await?, Transacted::Done))
    }

    /// Starts a session of the admin page from this session, if it is still the driver's.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn open_admin_session(
        &self,
        session: &Session,
        (id, seat): (&str, Seat),
        expires_at_s: i64,
        signed_in_at_s: i64,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        let driver_id = session.driver_id();
        let current = Condition::new("session_id = :id").value(":id", s(session.id()));
        let transaction = Transaction::default().check("session", &keys::session(driver_id), current).put(
            "seat",
            &keys::admin_session(driver_id, seat),
            row((id, expires_at_s, now_ms), signed_in_at_s, None, None),
            None,
        );
        Ok(matches!(self.transact("open_admin_session", transaction).await?, Transacted::Done))
    }

    /// The session of the admin page on this seat.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn admin_session(&self, driver_id: i64, seat: Seat) -> Result<Option<SessionRow>, StoreError> {
        let item = self.get_now("admin_session", &keys::admin_session(driver_id, seat)).await?;
        Ok(item.as_ref().and_then(SessionRow::read))
    }
}
