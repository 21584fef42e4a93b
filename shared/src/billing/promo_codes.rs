//! Promo codes as admins make, change and look through them.
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

/// Who meets another change of the code reads again, so often at most.
const ATTEMPTS: usize = 8;

/// A code that gives more needs a sign-in of the last hour.
const FRESH_ABOVE_DAYS: i64 = 30;
/// So does one that can be used more often.
const FRESH_ABOVE_USES: i64 = 100;

impl Billing<'_> {
    /// A page of codes, the newest first, and where the next goes on.
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

    /// A code, however it is written.
    ///
    /// # Errors
    /// There is none, or the store does not answer.
    pub async fn promo_code(&self, text: &str) -> Result<PromoCode, Error> {
        let code = normal(text).ok_or(Error::NotFound)?;
        self.store.promo_code(&code).await?.ok_or(Error::NotFound)
    }

    /// A page of a code's uses, the last first: who, and when in milliseconds; and where the next page goes on.
    ///
    /// # Errors
    /// There is no such code, or the store does not answer.
    pub async fn promo_uses(
        &self,
        text: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<(i64, i64)>, Option<String>), Error> {
        let code = self.promo_code(text).await?;
        Ok(self.store.promo_uses(&code.code, cursor, limit).await?)
    }

    /// Switches a code on or off, moves its end, changes how often it can be used; it takes effect with the very next
    /// redemption. What it already is it stays.
    ///
    /// # Errors
    /// There is none, it could never be used so, the sign-in is too old for so much, or the store does not answer.
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
            let (old, new) = (before.told(), after.told());
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

    /// Stores a new code. `key` is the admin's own name for it: a repeat of it is answered as the first.
    ///
    /// # Errors
    /// One of that name is there, the sign-in is too old for so much, or the store does not answer.
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
