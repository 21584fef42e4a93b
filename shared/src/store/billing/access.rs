//! Data that decides about access: subscriptions, settings, and the valid access link.
use std::sync::Arc;

use ::store::{
    Attributes, Condition, Item, Key, StoreError, Transacted, Transaction, Update, n,
    retry::{Tried, retry_on_change},
    s,
};

use outbox::ledger::Subject;

use super::{body, json};
use crate::{
    access::Access,
    audit::AuditRow,
    auth::messages::OPENED,
    billing::{metrics, settings::Settings},
    driver::Block,
    person::PersonId,
    rights::Role,
    store::{Store, keys},
    telemetry,
};

/// Who meets another change of the same row tries again, so often at most.
const TRIES: usize = 8;

/// Makes the next generation of an access token valid.
pub(in crate::store) fn next_generation() -> Update {
    Update::default().increase_from(0, "generation", 1)
}

/// The condition that this generation of an access token is valid. The first is 0 and is not stored.
pub(in crate::store) fn good_generation(generation: u32) -> Condition {
    match generation {
        0 => Condition::new("attribute_not_exists(generation)"),
        _ => Condition::new("generation = :good").value(":good", n(i64::from(generation))),
    }
}

/// A revocation of a driver's access link.
#[derive(Debug)]
pub struct Revocation<'a> {
    /// The driver's Telegram id.
    pub driver_id: i64,
    /// Only if this generation is valid; `None` for any.
    pub generation: Option<u32>,
    /// The subject of the message whose content it changes.
    pub subject: Option<&'a str>,
    /// Data for the audit log.
    pub audit: AuditRow,
}

/// Parses the access data from the rows. A missing row was never written.
pub(in crate::store) fn access(driver_id: i64, rows: &[Item]) -> Result<Access, StoreError> {
    let settings = settings_of(rows.iter().find(|row| keys::settings().is_of(row)))?;
    access_under(Arc::new(settings), driver_id, rows)
}

/// Like [`access`], with known settings.
pub(in crate::store) fn access_under(
    settings: Arc<Settings>,
    driver_id: i64,
    rows: &[Item],
) -> Result<Access, StoreError> {
    fn row<T: serde::de::DeserializeOwned + Default>(rows: &[Item], key: &Key) -> Result<T, StoreError> {
        match rows.iter().find(|row| key.is_of(row)) {
            Some(row) => body(row).ok_or_else(|| StoreError::malformed("access", "body")),
            None => Ok(T::default()),
        }
    }
    let block: Block = row(rows, &keys::block(driver_id))?;
    let subscription = row(rows, &keys::subscription(driver_id))?;
    Ok(Access { driver_id, subscription, settings, blocked: block.blocked })
}

/// The keys of the rows that [`access`] reads.
pub(in crate::store) fn access_keys(driver_id: i64) -> [Key; 3] {
    let [subscription, block] = own_access_keys(driver_id);
    [subscription, block, keys::settings()]
}

/// The driver's own keys among them.
pub(in crate::store) fn own_access_keys(driver_id: i64) -> [Key; 2] {
    [keys::subscription(driver_id), keys::block(driver_id)]
}

/// The settings, or the defaults if none are set. Unreadable settings count as none.
pub(in crate::store) fn settings_of(row: Option<&Item>) -> Result<Settings, StoreError> {
    let Some(row) = row else { return Ok(Settings::default()) };
    body(row).ok_or_else(|| {
        tracing::error!("the settings cannot be read; whatever depends on them is refused");
        telemetry::count(metrics::SETTINGS_UNREADABLE);
        StoreError::malformed("settings", "body")
    })
}

impl Store {
    /// The settings, or the defaults if none are set.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn settings(&self) -> Result<Settings, StoreError> {
        settings_of(self.get_now("settings", &keys::settings()).await?.as_ref())
    }

    /// Replaces the settings if they still have the previous version; `false` if they are newer.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn put_settings(&self, after: &Settings, audit: &AuditRow) -> Result<bool, StoreError> {
        let (audit_key, audit) = audit.item()?;
        let text = json(after)?;
        let item = Item::from([("body".to_owned(), s(&text)), ("version".to_owned(), n(after.version))]);
        let same = Condition::version(after.version - 1);
        let transaction = Transaction::default().put("settings", &keys::settings(), item, Some(same)).put(
            "audit",
            &audit_key,
            audit,
            Some(Condition::absent()),
        );
        Ok(match self.transact("put_settings", transaction).await? {
            Transacted::Done => true,
            // The response to our first attempt was lost: only this write creates the audit row.
            Transacted::Refused(refused) => refused.at("audit").is_some(),
        })
    }

    /// The access data of the driver: one call.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn access(&self, driver_id: i64) -> Result<Access, StoreError> {
        let keys = access_keys(driver_id);
        let rows = self.get_many("access", keys.iter().map(Key::attributes).collect()).await?;
        access(driver_id, &rows)
    }

    /// The access data and the role of an admin who signs in: one call.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn access_and_role(&self, driver_id: i64) -> Result<(Access, Option<Role>), StoreError> {
        let role_key = keys::role(driver_id);
        let keys = access_keys(driver_id).into_iter().chain([role_key.clone()]);
        let rows = self.get_many("access", keys.map(|key| key.attributes()).collect()).await?;
        let role = rows.iter().find(|row| role_key.is_of(row)).and_then(crate::store::admin::role);
        Ok((access(driver_id, &rows)?, role))
    }

    /// The valid generation of the driver's access token; the first is 0.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn access_generation(&self, driver_id: i64) -> Result<u32, StoreError> {
        let item = self.get_now("access_generation", &keys::access_generation(driver_id)).await?;
        let generation = item.and_then(|item| item.number("generation")).unwrap_or_default();
        u32::try_from(generation).map_err(|_| StoreError::malformed("access_generation", "generation"))
    }

    /// Makes the next generation of the driver's access token valid, and ends the session that the previous one opened.
    /// `false` if another generation than the one to revoke is valid.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn revoke_access(&self, revoked: &Revocation<'_>) -> Result<bool, StoreError> {
        let driver_id = revoked.driver_id;
        // The first attempt's conflict shows whether a link opened the session.
        retry_on_change("revoke_access", TRIES, false, |by_link| async move {
            let good = revoked.generation.map_or_else(Condition::default, good_generation);
            let (audit_key, audit) = revoked.audit.item()?;
            let transaction = Transaction::default()
                .update("generation", &keys::access_generation(driver_id), next_generation().when(good))
                .put("audit", &audit_key, audit, Some(Condition::absent()));
            let mut transaction = self.end_link_session(transaction, driver_id, by_link);
            if let Some(id) = revoked.subject {
                let subject = Subject { person: PersonId::new(driver_id), cargo_id: "", id };
                transaction = self.arm_delivery(transaction, OPENED, &subject, revoked.audit.at_ms);
            }
            Ok(match self.transact("revoke_access", transaction).await? {
                Transacted::Done => Tried::Done(true),
                Transacted::Refused(refused) if refused.at("generation").is_some() => Tried::Done(false),
                Transacted::Refused(_) => Tried::Changed(!by_link),
            })
        })
        .await
    }
}
