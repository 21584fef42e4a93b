//! Redemption of promo codes: at most once per driver, up to the code's limit.
use super::{
    Billing,
    plan::DAY_S,
    promo_code::{Action, PromoUse, Refusal, normal},
    subscription::Source,
};
use crate::{
    access::Access,
    audit::AuditRow,
    billing::module,
    error::{Conflict, Error},
    request::RequestContext,
    store::{
        billing::{Redeemed, Redemption},
        bucket::{Rate, retry_after_s},
        keys,
        retry::{Tried, retry_on_change},
    },
};

/// The rate of a driver's failed attempts: five at once, then one an hour.
const FAILURES: Rate = Rate { interval_ms: 3_600_000, burst: 5 };
/// Attempts if concurrent changes win.
const ATTEMPTS: usize = 8;

impl Billing<'_> {
    /// Redeems a code. Returns the new access and the days granted. `key` is the client's idempotency key.
    ///
    /// # Errors
    /// The code cannot be redeemed, the driver failed too often, or the store does not answer.
    pub async fn redeem(
        &self,
        driver_id: i64,
        text: &str,
        key: Option<&str>,
        context: &RequestContext,
    ) -> Result<(Access, i64), Error> {
        // Take from the rate limit before reading the code, so that parallel attempts count separately.
        let failures = keys::promo_tries(driver_id);
        if let Err(wait_ms) = self.store.take(&failures, FAILURES, self.clock.now_ms()).await? {
            return Err(Error::RateLimited(retry_after_s(wait_ms)));
        }
        let result = Box::pin(self.redeem_once(driver_id, text, key, context)).await;
        // Only a wrong code counts as a guess.
        let is_failure = matches!(result, Err(Error::Conflict(Conflict::PromoCode(_))));
        if !is_failure && let Err(error) = self.store.give_back(&failures, FAILURES).await {
            tracing::warn!(%error, "a try of a promo code could not be given back");
        }
        result
    }

    async fn redeem_once(
        &self,
        driver_id: i64,
        text: &str,
        key: Option<&str>,
        context: &RequestContext,
    ) -> Result<(Access, i64), Error> {
        let refused = |refusal| Error::Conflict(Conflict::PromoCode(refusal));
        // Without the client's key, one of ours detects a repeat after a lost response of the store.
        let attempt = &key.map_or_else(|| uuid::Uuid::new_v4().to_string(), str::to_owned);
        let code = &normal(text).ok_or(refused(Refusal::Unknown))?;
        retry_on_change("redeem", ATTEMPTS, (), |()| async move {
            let (promo, access) = tokio::join!(self.store.promo_code(code), self.store.access(driver_id));
            let mut access = access?;
            access.check_switch(module::PROMO_CODES)?;
            let promo = promo?.ok_or(refused(Refusal::Unknown))?;
            if promo.created_by == driver_id {
                return Err(refused(Refusal::Own));
            }
            let now_ms = self.clock.now_ms();
            let runs = access.subscription.ends_at_ms.is_some_and(|end| end > now_ms);
            let answer_of = |used: &PromoUse| match used.attempt == *attempt {
                true => Ok((used.subscription.clone(), used.days)),
                false => Err(refused(Refusal::Repeated)),
            };
            if let Err(refusal) = promo.check(runs, now_ms) {
                // The conflict may be the driver's own earlier use.
                let used = self.store.promo_use(code, driver_id).await?.ok_or(refused(refusal))?;
                let (subscription, days) = answer_of(&used)?;
                return Ok(Tried::Done((Access { subscription, ..access }, days)));
            }
            let (mut subscription, entry) = access.subscription.grant(promo.days * DAY_S, Source::Promo, code, now_ms);
            if promo.action == Action::Trial {
                // The result is a trial, wherever it came from.
                subscription.source = Some(Source::Trial);
            }
            let used = PromoUse { attempt: attempt.clone(), subscription, days: promo.days };
            let audit = AuditRow::new(context, now_ms, module::PROMO_CODE_AUDIT, "redeemed").about("promo_code", code);
            let redemption = Redemption {
                driver_id,
                code,
                used: &used,
                subscription: (&access.subscription, &used.subscription, &entry),
                audit: audit.fact("driver_id", driver_id).fact("seconds", entry.seconds),
            };
            match Box::pin(self.store.redeem(&redemption)).await? {
                Redeemed::Done => {
                    access.subscription = used.subscription;
                    Ok(Tried::Done((access, promo.days)))
                }
                Redeemed::Repeated(before) => {
                    (access.subscription, _) = answer_of(&before)?;
                    Ok(Tried::Done((access, before.days)))
                }
                Redeemed::Again => Ok(Tried::Changed(())),
            }
        })
        .await
    }
}
