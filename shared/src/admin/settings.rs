//! Changes of settings, flags, and the YooKassa shop. Each is audited with the previous value.
use serde_json::json;
use tokio::time::{Duration, Instant};

use crate::{
    admin,
    app::App,
    audit::{self, AuditRow},
    auth::admin::AdminSession,
    billing::{
        self,
        provider::ProviderError,
        settings::{Settings, SettingsBody},
        yookassa::YookassaShop,
    },
    body,
    error::{Conflict, Error, FieldError},
    fields::Fields,
    flags::{Flag, FlagRule},
    request::RequestContext,
    secrets::SecretError,
};

/// How long an admin waits for YooKassa to confirm a shop and its key.
const WAIT: Duration = Duration::from_secs(6);

/// Settings of prices and links. Changing them needs a sign-in within the last hour.
const DANGEROUS: [&str; 2] = ["plans", "support_contact"];

/// The YooKassa shop, without its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownShop {
    /// The shop id.
    pub shop_id: String,
    /// When the shop id or key last changed, milliseconds; `None` if unknown.
    pub changed_at_ms: Option<i64>,
}

body! {
    /// A change of the shop at YooKassa or of its key.
    // Not `Debug`, so that the key is never logged.
    pub struct ShopBody {
        /// Id of the shop.
        shop_id: String = shop_id(),
        /// Secret key of the shop.
        secret_key: String = secret_key(),
    }
}

fn shop_id(fields: &mut Fields<'_>, name: &str) -> String {
    let id = fields.required_text(name, 20);
    if !id.bytes().all(|b| b.is_ascii_digit()) {
        fields.fail(name, "malformed", "Must be the shop's number, digits alone.");
    }
    id
}

fn secret_key(fields: &mut Fields<'_>, name: &str) -> String {
    let key = fields.required_text(name, 200);
    if !key.bytes().all(|b| b.is_ascii_graphic()) {
        fields.fail(name, "malformed", "Must be the key as YooKassa shows it.");
    }
    key
}

impl App {
    /// The configured YooKassa shop.
    ///
    /// # Errors
    /// The secret is unreadable.
    pub async fn known_shop(&self) -> Result<KnownShop, Error> {
        let (shop, changed) =
            tokio::join!(self.secrets.get::<YookassaShop>(), self.secrets.changed_at_ms(billing::yookassa::SECRET));
        let changed_at_ms = changed.unwrap_or_else(|error| {
            tracing::warn!(%error, "when a secret was changed is not known");
            None
        });
        Ok(KnownShop { shop_id: shop.map_err(unreadable)?.shop_id, changed_at_ms })
    }

    /// Changes settings.
    ///
    /// # Errors
    /// They changed meanwhile, the sign-in is too old for this change, or the store does not answer.
    pub async fn change_settings(
        &self,
        admin: &AdminSession,
        change: &SettingsBody,
        context: &RequestContext,
    ) -> Result<Settings, Error> {
        let before = self.settings_of(change.version).await?;
        let after = change.applied(&before);
        let (old, new) = before.difference(&after, &self.config);
        if old == new {
            return Ok(before);
        }
        if DANGEROUS.iter().any(|name| new.get(name).is_some()) {
            self.require_fresh(admin, admin::module::CHANGE_SETTINGS, context).await?;
        }
        let row = AuditRow::new(context, self.clock.now_ms(), admin::module::SETTINGS_CHANGED_AUDIT, "changed")
            .by(admin.actor());
        self.put_settings(after, row.about("settings", "product").changing(old, new)).await
    }

    /// Sets the rule of a flag.
    ///
    /// # Errors
    /// Settings or flags changed meanwhile, or the store does not answer.
    pub async fn change_flag(
        &self,
        admin: &AdminSession,
        flag: Flag,
        (rule, version): (FlagRule, i64),
        context: &RequestContext,
    ) -> Result<Settings, Error> {
        let before = self.settings_of(version).await?;
        let old = before.flags.rule(flag);
        if old == rule {
            return Ok(before);
        }
        let shown = |rule: &FlagRule| json!({ "rule": rule.as_str(), "drivers": rule.drivers() });
        let row = AuditRow::new(context, self.clock.now_ms(), admin::module::FLAG_AUDIT, "changed").by(admin.actor());
        let row = row.about("flag", flag.as_str()).changing(shown(&old), shown(&rule));
        self.put_settings(before.with_flag(flag, rule), row).await
    }

    /// The settings, if they are still those that the admin saw.
    async fn settings_of(&self, version: i64) -> Result<Settings, Error> {
        let settings = self.store.settings().await?;
        if settings.version == version { Ok(settings) } else { Err(Error::Conflict(Conflict::SettingsChanged)) }
    }

    async fn put_settings(&self, after: Settings, row: AuditRow) -> Result<Settings, Error> {
        let row = row.fact("version", after.version);
        match self.store.put_settings(&after, &row).await? {
            true => Ok(after),
            false => Err(Error::Conflict(Conflict::SettingsChanged)),
        }
    }

    /// Changes the shop or key if YooKassa accepts them. This process uses them at once, others within five minutes.
    ///
    /// # Errors
    /// YooKassa rejects them or does not answer, or the secret or the store is unavailable. Nothing is changed then.
    pub async fn change_shop(
        &self,
        admin: &AdminSession,
        new: &ShopBody,
        context: &RequestContext,
    ) -> Result<KnownShop, Error> {
        let before = self.secrets.get::<YookassaShop>().await.map_err(unreadable)?;
        let deadline = context.deadline.min(Instant::now() + WAIT);
        let checked = self.yookassa.check_shop(&new.shop_id, &new.secret_key, deadline).await;
        let is_other_key = before.secret_key != new.secret_key;
        let shop = |shop_id: &str| json!({ "shop_id": shop_id });
        let row = |outcome: &str| {
            let row =
                AuditRow::new(context, self.clock.now_ms(), billing::module::SHOP_AUDIT, outcome).by(admin.actor());
            let row = row.about("secret", billing::yookassa::SECRET.as_str()).fact("another_key", is_other_key);
            row.changing(shop(&before.shop_id), shop(&new.shop_id))
        };
        match checked {
            Ok(()) => {}
            Err(ProviderError::NotConfigured(_) | ProviderError::Refused(_)) => {
                audit::write(&self.store, row("refused")).await;
                let message = "YooKassa does not know this shop with this key. Nothing was changed.";
                return Err(Error::Validation(vec![FieldError::new("secret_key", "refused", message)]));
            }
            Err(
                ProviderError::Unavailable(_) | ProviderError::UnknownOutcome(_) | ProviderError::RateLimited { .. },
            ) => {
                audit::write(&self.store, row("not_checked")).await;
                return Err(Error::ShopUnchecked);
            }
        }
        // Write the audit row first: no secret changes without a trace.
        self.store.put_audit(&row("checked")).await?;
        let put = billing::yookassa::put_shop(&self.secrets, &new.shop_id, &new.secret_key).await;
        audit::write(&self.store, row(if put.is_ok() { "changed" } else { "not_kept" })).await;
        put.map_err(unreadable)?;
        self.known_shop().await
    }
}

fn unreadable(error: SecretError) -> Error {
    Error::Internal(error.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::body::Body as _;

    #[test]
    fn a_shop_has_a_number_and_a_key_that_can_be_sent() {
        let faults = |body: Value| {
            let errors = ShopBody::parse(body.as_object().unwrap()).err().unwrap_or_default();
            errors.into_iter().map(|error| (error.field, error.code)).collect::<Vec<_>>()
        };
        assert_eq!(faults(json!({ "shop_id": " 1000001 ", "secret_key": "test_x-Y" })), []);
        let both = [("shop_id".to_owned(), "missing"), ("secret_key".to_owned(), "missing")];
        assert_eq!(faults(json!({})), both);
        let both = [("shop_id".to_owned(), "malformed"), ("secret_key".to_owned(), "malformed")];
        assert_eq!(faults(json!({ "shop_id": "10:1", "secret_key": "ключ" })), both);
    }
}
