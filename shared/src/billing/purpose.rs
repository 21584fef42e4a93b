//! What an order buys. Each purpose defines the effect of payment and refund, written in the payment's own transaction,
//! so that neither happens without the other.
use std::fmt;

use ::store::{Tally, Transaction};
use outbox::kind::MessageKind;
use serde::{Deserialize, Serialize};

use super::{
    messages::{PAID, REFUNDED},
    payment::Payment,
    plan::Plan,
    provider::Sum,
    refund::Refund,
    subscription::{Change, Source},
};
use crate::{
    audit::AuditRow,
    error::Error,
    store::{Store, StoreError},
};

/// What an order buys, as offered. Its JSON name is the member in the payment's row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// Days of the subscription.
    #[serde(rename = "plan")]
    Subscription(Plan),
}

impl Purpose {
    /// The id, unique among everything sold.
    pub fn id(&self) -> &str {
        let Self::Subscription(plan) = self;
        &plan.id
    }

    /// The display name.
    pub fn name(&self) -> &str {
        let Self::Subscription(plan) = self;
        &plan.name
    }

    /// The text for the payer and the receipt.
    pub fn description(&self) -> String {
        let Self::Subscription(plan) = self;
        format!("Подписка CargoTech, {}", plan.name)
    }

    /// The price in kopecks.
    pub fn price_kopecks(&self) -> i64 {
        let Self::Subscription(plan) = self;
        plan.price_kopecks
    }

    /// What it costs.
    pub fn sum(&self) -> Sum {
        Sum::of_kopecks(self.price_kopecks())
    }

    /// The subscription seconds that an amount buys.
    pub fn seconds_for(&self, kopecks: i64) -> i64 {
        let Self::Subscription(plan) = self;
        let seconds = i128::from(plan.seconds()) * i128::from(kopecks) / i128::from(plan.price_kopecks.max(1));
        i64::try_from(seconds).unwrap_or(i64::MAX)
    }

    /// The effect of a completed payment.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn paid(&self, store: &Store, payment: &Payment, now_ms: i64) -> Result<Box<dyn Effect>, Error> {
        let Self::Subscription(plan) = self;
        let subscription = store.subscription(payment.driver_id).await?;
        let (after, entry) = subscription.grant(plan.seconds(), Source::Payment, &payment.id, now_ms);
        let after = after.with_money(plan.price_kopecks);
        Ok(Box::new(Change { driver_id: payment.driver_id, before: subscription, after, entry }))
    }

    /// The effect of a refund recorded on the payment.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn refunded(
        &self,
        store: &Store,
        payment: &Payment,
        refund: &Refund,
        now_ms: i64,
    ) -> Result<Box<dyn Effect>, Error> {
        let Self::Subscription(_) = self;
        let subscription = store.subscription(payment.driver_id).await?;
        let (after, entry) = subscription.revoke(refund.seconds, Source::Refund, &refund.id, now_ms);
        let after = after.with_money(-refund.amount_kopecks);
        Ok(Box::new(Change { driver_id: payment.driver_id, before: subscription, after, entry }))
    }
}

/// The effect of a payment's change on the purchase.
pub trait Effect: fmt::Debug + Send + Sync {
    /// Adds its writes to the payment's transaction. `payment` is the new state.
    ///
    /// # Errors
    /// Something cannot be written as a row.
    fn writes(
        &self,
        store: &Store,
        transaction: Transaction,
        tally: &mut Tally,
        payment: &Payment,
    ) -> Result<Transaction, StoreError>;

    /// Adds its data to the payment's audit row.
    fn audited(&self, audit: AuditRow) -> AuditRow;

    /// The message for the buyer.
    fn message(&self) -> MessageKind;
}

impl Effect for Change {
    fn writes(
        &self,
        store: &Store,
        transaction: Transaction,
        tally: &mut Tally,
        payment: &Payment,
    ) -> Result<Transaction, StoreError> {
        let change = (&self.before, &self.after, &self.entry);
        store.grant_writes(transaction, tally, self.driver_id, change, Some(payment))
    }

    fn audited(&self, audit: AuditRow) -> AuditRow {
        audit.fact("seconds", self.entry.seconds).fact("ledger", &self.entry.id)
    }

    fn message(&self) -> MessageKind {
        if self.entry.source == Source::Refund { REFUNDED } else { PAID }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_purpose_of_a_payment_is_stored_as_its_plan() {
        let plan = json!({ "id": "1m", "name": "1 месяц", "days": 30, "price_kopecks": 49_900 });
        let row = json!({
            "id": "p1", "driver_id": 7, "plan": plan, "body": "{}", "likeness": null, "shop_id": "100500",
            "missing_since_ms": null, "status": "pending", "version": 2, "yookassa_id": "y1",
            "confirmation_url": "https://pay", "reason": null, "receipt": null, "answer": { "paid": false },
            "created_at_ms": 1000, "updated_at_ms": 2000, "history": [{ "status": "created", "at_ms": 1000 }],
            "refunds": [], "asked_refunds": [{
                "id": "a", "amount_kopecks": 100, "reason": "why", "admin_id": 1, "body": "{}", "status": "pending",
                "yookassa_id": "r1", "cancellation": null, "asked_at_ms": 1, "updated_at_ms": 2,
            }],
            "pending_refunds": [],
        });
        let payment: Payment = serde_json::from_value(row.clone()).expect("it is read");
        assert_eq!(payment.purpose, Purpose::Subscription(Plan::defaults().remove(0)));
        assert_eq!((payment.provider_id.as_deref(), payment.purpose.seconds_for(49_900)), (Some("y1"), 30 * 86_400));
        assert_eq!(serde_json::to_value(&payment).expect("it is written"), row);
    }
}
