//! Admins' management of promo codes.
use super::{
    Billing,
    promo_code::{PromoChange, PromoCode, normal},
};
use crate::{
    audit::AuditRow,
    auth::admin::{AdminSession, require_fresh},
    billing::module,
    error::{Conflict, Error},
    request::RequestContext,
    store::retry::{Tried, retry_on_change},
};

/// Attempts if concurrent changes win.
const ATTEMPTS: usize = 8;

/// A code that grants more days needs a sign-in within the last hour.
const FRESH_ABOVE_DAYS: i64 = 30;
/// So does a code with more uses.
const FRESH_ABOVE_USES: i64 = 100;

impl Billing<'_> {
    /// A page of codes, newest first, and the cursor of the next page.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn promo_codes(
        &self,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<PromoCode>, Option<String>), Error> {
        Ok(self.store.promo_codes(cursor, limit).await?)
    }

    /// The code in any spelling.
    ///
    /// # Errors
    /// It does not exist, or the store does not answer.
    pub async fn promo_code(&self, text: &str) -> Result<PromoCode, Error> {
        let code = normal(text).ok_or(Error::NotFound)?;
        self.store.promo_code(&code).await?.ok_or(Error::NotFound)
    }

    /// A page of a code's uses, newest first, as drivers and times in milliseconds, and the cursor of the next page.
    ///
    /// # Errors
    /// The code does not exist, or the store does not answer.
    pub async fn promo_uses(
        &self,
        text: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<(i64, i64)>, Option<String>), Error> {
        let code = self.promo_code(text).await?;
        Ok(self.store.promo_uses(&code.code, cursor, limit).await?)
    }

    /// Switches a code on or off, moves its end, or changes its limit, effective with the next redemption. Idempotent.
    ///
    /// # Errors
    /// The code does not exist, the change makes it unusable, the sign-in is too old for that many, or the store does
    /// not answer.
    pub async fn change_promo_code(
        &self,
        admin: &AdminSession,
        text: &str,
        change: &PromoChange,
        context: &RequestContext,
    ) -> Result<PromoCode, Error> {
        retry_on_change("change_promo_code", ATTEMPTS, (), |()| async move {
            let before = self.promo_code(text).await?;
            let after = change.applied(&before)?;
            let (old, new) = (before.audit_json(), after.audit_json());
            if old == new {
                return Ok(Tried::Done(before));
            }
            if after.max_uses > FRESH_ABOVE_USES && after.max_uses > before.max_uses {
                require_fresh(self.store, self.clock, admin, module::CHANGE_PROMO_CODES, context).await?;
            }
            let outcome = match (before.enabled, after.enabled) {
                (false, true) => "enabled",
                (true, false) => "disabled",
                _ => "changed",
            };
            let audit =
                AuditRow::new(context, self.clock.now_ms(), module::PROMO_CODE_AUDIT, outcome).by(admin.actor());
            let audit = audit.about("promo_code", &before.code).changing(old, new);
            let changed = self.store.change_promo_code(&before, &after, &audit).await?;
            Ok(changed.map_or(Tried::Changed(()), Tried::Done))
        })
        .await
    }

    /// Creates a code. `key` is the admin's idempotency key.
    ///
    /// # Errors
    /// The code exists, the sign-in is too old for that many, or the store does not answer.
    pub async fn create_promo_code(
        &self,
        admin: &AdminSession,
        code: PromoCode,
        context: &RequestContext,
    ) -> Result<PromoCode, Error> {
        if code.days > FRESH_ABOVE_DAYS || code.max_uses > FRESH_ABOVE_USES {
            require_fresh(self.store, self.clock, admin, module::CHANGE_PROMO_CODES, context).await?;
        }
        let is_own =
            |there: &PromoCode| code.key.is_some() && there.key == code.key && there.created_by == code.created_by;
        let audit = AuditRow::new(context, code.created_at_ms, module::PROMO_CODE_AUDIT, "created").by(admin.actor());
        let audit = audit.about("promo_code", &code.code).fact("days", code.days).fact("max_uses", code.max_uses);
        if self.store.put_promo_code(&code, &audit).await? {
            return Ok(code);
        }
        let there = self.store.promo_code(&code.code).await?;
        there.filter(is_own).ok_or(Error::Conflict(Conflict::PromoCodeExists))
    }
}
