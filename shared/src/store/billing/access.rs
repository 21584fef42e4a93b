//! What decides about a driver's access, what admins set, and which access link is good.
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

/// Makes the next generation of an access token the good one.
pub(in crate::store) fn next_generation() -> Update {
    Update::default().increase_from(0, "generation", 1)
}

/// That this generation of an access token is the good one; the first is 0 and is not stored.
pub(in crate::store) fn good_generation(generation: u32) -> Condition {
    match generation {
        0 => Condition::new("attribute_not_exists(generation)"),
        _ => Condition::new("generation = :good").value(":good", n(i64::from(generation))),
    }
}

/// A driver's access link that shall be void.
#[derive(Debug)]
pub struct Revocation<'a> {
    /// The driver's Telegram id.
    pub driver_id: i64,
    /// Only if this is the good one; `None` whichever it is.
    pub generation: Option<u32>,
    /// The message in whose words it changes something, by what it is about.
    pub subject: Option<&'a str>,
    /// Data for the audit log.
    pub audit: AuditRow,
}

/// Out of the rows that were read: what is not there was never written.
pub(in crate::store) fn access(driver_id: i64, rows: &[Item]) -> Result<Access, StoreError> {
    let settings = settings_of(rows.iter().find(|row| keys::settings().is_of(row)))?;
    access_under(Arc::new(settings), driver_id, rows)
}

/// The same under settings that are known.
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

/// The rows out of which [`access`] reads.
pub(in crate::store) fn access_keys(driver_id: i64) -> [Key; 3] {
    let [subscription, block] = own_access_keys(driver_id);
    [subscription, block, keys::settings()]
}

/// Those of them that are the driver's own.
pub(in crate::store) fn own_access_keys(driver_id: i64) -> [Key; 2] {
    [keys::subscription(driver_id), keys::block(driver_id)]
}

/// What the product begins with while nobody has set anything. Settings that cannot be read are none: see there.
pub(in crate::store) fn settings_of(row: Option<&Item>) -> Result<Settings, StoreError> {
    let Some(row) = row else { return Ok(Settings::default()) };
    body(row).ok_or_else(|| {
        tracing::error!("the settings cannot be read; whatever depends on them is refused");
        telemetry::count(metrics::SETTINGS_UNREADABLE);
        StoreError::malformed("settings", "body")
    })
}

impl Store {
    /// What admins set; what the product begins with while nobody has.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn settings(&self) -> Result<Settings, StoreError> {
        settings_of(self.get_now("settings", &keys::settings()).await?.as_ref())
    }

    /// Puts other settings in the place of those of the version before; `false` when there are newer ones.
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
            // The answer to our own first try was lost: the audit row is ours alone.
            Transacted::Refused(refused) => refused.at("audit").is_some(),
        })
    }

    /// What decides about the driver's access: one call.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn access(&self, driver_id: i64) -> Result<Access, StoreError> {
        let keys = access_keys(driver_id);
        let rows = self.get_many("access", keys.iter().map(Key::attributes).collect()).await?;
        access(driver_id, &rows)
    }

    /// The same for an admin who signs in, and their role, if they have one: one call.
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

    /// Which generation of the driver's access token is good; the first is 0.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn access_generation(&self, driver_id: i64) -> Result<u32, StoreError> {
        let item = self.get_now("access_generation", &keys::access_generation(driver_id)).await?;
        let generation = item.and_then(|item| item.number("generation")).unwrap_or_default();
        u32::try_from(generation).map_err(|_| StoreError::malformed("access_generation", "generation"))
    }

    /// Makes the next generation of the driver's access token the good one, and ends the session that the last one opened. `false`
    /// when another generation is the good one than the one that shall be revoked.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn revoke_access(&self, revoked: &Revocation<'_>) -> Result<bool, StoreError> {
        let driver_id = revoked.driver_id;
        // Whether a link opened the session is learnt from what refuses.
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
