//! Payments. A payment's effect is written in the same transaction.
use ::store::{
    Attributes, Condition, Item, Key, Outcome, StoreError, Tally, Transacted, Transaction, Update, bucket::Rate, n, s,
};

use outbox::{kind::MessageKind, ledger::Subject};

use super::{body, json};
use crate::{
    audit::AuditRow,
    billing::{payment::Payment, purpose::Effect},
    person::PersonId,
    store::{
        Store,
        keys::{self, List},
    },
};

/// The `due` value of open payments in the index.
pub(super) const OPEN: &str = "PAYMENT";

/// A new payment.
#[derive(Debug)]
pub struct Order<'a> {
    /// The payment.
    pub payment: &'a Payment,
    /// The last payment of the same plan, if it is over.
    pub replaces: Option<&'a str>,
    /// When the job first checks it, milliseconds.
    pub due_at_ms: i64,
    /// The rate limit of the driver's orders.
    pub rate: Rate,
    /// Data for the audit log.
    pub audit: AuditRow,
}

/// The result of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ordered {
    /// It is stored.
    Done,
    /// Another payment of this plan exists. Holds its id.
    Existing(String),
    /// This same payment already exists.
    Repeated,
    /// The driver's rate limit is hit: milliseconds to wait.
    TooOften(i64),
}

/// A change of a payment and its effect.
#[derive(Debug)]
pub struct PaymentWrite<'a> {
    /// The payment as read.
    pub before: &'a Payment,
    /// The new payment.
    pub after: &'a Payment,
    /// When to check it next, milliseconds; `None` when its outcome is final.
    pub due_at_ms: Option<i64>,
    /// The effect on what was bought.
    pub effect: Option<&'a dyn Effect>,
    /// The resulting message and its subject.
    pub message: Option<(MessageKind, &'a str)>,
    /// Data for the audit log.
    pub audit: AuditRow,
}

impl PaymentWrite<'_> {
    fn count(&self, tally: &mut Tally) {
        let (before, after, at_ms) = (self.before, self.after, self.audit.at_ms);
        // Use the day on which the list of paid payments has it.
        let paid_at_ms = after.paid_at_ms().unwrap_or(at_ms);
        let plan = after.purpose.id();
        if after.is_paid_since(before) {
            tally.count(after.driver_id, paid_at_ms, format!("paid.{plan}"), 1);
            tally.count(after.driver_id, paid_at_ms, format!("revenue.{plan}"), after.purpose.price_kopecks());
        }
        let mut count = |name: String, by| tally.count(after.driver_id, at_ms, name, by);
        if after.status != before.status {
            count(format!("payments.{}", after.status.as_str()), 1);
        }
        let refunds = after.refunds.len() - before.refunds.len();
        if refunds > 0 {
            count("refunds".to_owned(), i64::try_from(refunds).unwrap_or_default());
            count(format!("refunded.{plan}"), after.refunded_kopecks() - before.refunded_kopecks());
        }
    }
}

/// The result of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It succeeded.
    Done,
    /// A concurrent change won: read again.
    Again,
}

fn payment_item(payment: &Payment, due_at_ms: Option<i64>) -> Result<Item, StoreError> {
    let mut item = Item::from([
        ("id".to_owned(), s(&payment.id)),
        ("body".to_owned(), s(json(payment)?)),
        ("version".to_owned(), n(payment.version)),
        ("driver_id".to_owned(), n(payment.driver_id)),
        ("state".to_owned(), s(payment.status.as_str())),
        ("plan".to_owned(), s(payment.purpose.id())),
        ("kopecks".to_owned(), n(payment.purpose.price_kopecks())),
    ]);
    item.extend(List::Payments.place(payment.created_at_ms, &payment.id));
    if let Some(due_at_ms) = due_at_ms {
        item.insert("due".to_owned(), s(OPEN));
        item.insert("due_at".to_owned(), n(due_at_ms));
    }
    Ok(item)
}

impl Store {
    /// A payment.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn payment(&self, id: &str) -> Result<Option<Payment>, StoreError> {
        let Some(item) = self.get_now("payment", &keys::payment(id)).await? else { return Ok(None) };
        body(&item).map(Some).ok_or_else(|| StoreError::malformed("payment", "body"))
    }

    /// Our id of the payment with this provider id.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn payment_of_provider(&self, provider_id: &str) -> Result<Option<String>, StoreError> {
        let item = self.get_now("payment_of_provider", &keys::provider_payment(provider_id)).await?;
        Ok(item.and_then(|item| item.text("payment_id").map(str::to_owned)))
    }

    /// The id of the driver's last order of the plan.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn last_order(&self, driver_id: i64, plan_id: &str) -> Result<Option<String>, StoreError> {
        let item = self.get_now("last_order", &keys::order(driver_id, plan_id)).await?;
        Ok(item.and_then(|item| item.text("payment_id").map(str::to_owned)))
    }

    /// Stores a new payment, unless the plan has another open one or the driver orders too often. Taking from the rate
    /// limit is part of the write, so only successful orders count.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn put_order(&self, order: &Order<'_>) -> Result<Ordered, StoreError> {
        let now_ms = order.payment.created_at_ms;
        let mut take = order.rate.keeping(order.rate.rested(now_ms), now_ms);
        // A second attempt for a driver who is ahead of the rate but within the burst.
        for _ in 0..2 {
            let key = keys::ordering(order.payment.driver_id);
            let tat_ms = match self.put_order_if(order, Some((&key, &take))).await {
                Ok(Ordered::TooOften(tat_ms)) => tat_ms,
                // The rate limit is in the cache table, which may be lost. Orders continue without it.
                Err(error) if !error.is_lasting() => {
                    tracing::warn!(%error, "how often a driver orders cannot be counted");
                    return self.put_order_if(order, None).await;
                }
                other => return other,
            };
            if let Err(wait_ms) = order.rate.take(order.rate.believable(tat_ms, now_ms), now_ms) {
                return Ok(Ordered::TooOften(wait_ms));
            }
            let burst = order.rate.in_burst(order.rate.burst, tat_ms, now_ms);
            take = order.rate.keeping(burst.take(order.rate), now_ms);
        }
        Ok(Ordered::TooOften(order.rate.interval_ms))
    }

    /// Writes an order. A rate limit hit returns the bucket's `tat`.
    async fn put_order_if(&self, order: &Order<'_>, bucket: Option<(&Key, &Update)>) -> Result<Ordered, StoreError> {
        let payment = order.payment;
        let order_row = Item::from([("payment_id".to_owned(), s(&payment.id))]);
        let free = match order.replaces {
            None => Condition::absent(),
            Some(replaced) => Condition::new("payment_id = :replaced").value(":replaced", s(replaced)),
        };
        let place = keys::listed_payment(payment.driver_id, payment.created_at_ms, &payment.id);
        let (audit_key, audit) = order.audit.item()?;
        let transaction = Transaction::default()
            .put("order", &keys::order(payment.driver_id, payment.purpose.id()), order_row, Some(free))
            .put(
                "payment",
                &keys::payment(&payment.id),
                payment_item(payment, Some(order.due_at_ms))?,
                Some(Condition::absent()),
            )
            .put("listed", &place, Item::from([("payment_id".to_owned(), s(&payment.id))]), None)
            .put("audit", &audit_key, audit, Some(Condition::absent()));
        let transaction = match bucket {
            Some((key, take)) => transaction.update("bucket", key, take.clone()),
            None => transaction,
        };
        let mut tally = Tally::default();
        tally.count(payment.driver_id, payment.created_at_ms, "payments.created", 1);
        let refused = match self.transact("put_order", transaction.tally(tally)).await? {
            Transacted::Done => return Ok(Ordered::Done),
            Transacted::Refused(refused) => refused,
        };
        if refused.at("payment").is_some() {
            return Ok(Ordered::Repeated);
        }
        if let Some(existing) = refused.at("order") {
            let id = existing.text("payment_id").ok_or_else(|| StoreError::malformed("put_order", "payment_id"))?;
            return Ok(Ordered::Existing(id.to_owned()));
        }
        let tat = refused.at("bucket").and_then(|bucket| bucket.number("tat"));
        tat.map(Ordered::TooOften).ok_or_else(|| StoreError::malformed("put_order", "tat"))
    }

    /// Changes a payment together with its effect, if both are still as read.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn write_payment(&self, write: &PaymentWrite<'_>) -> Result<Changed, StoreError> {
        let after = write.after;
        let (audit_key, audit) = write.audit.item()?;
        let same = Condition::new("version = :version").value(":version", n(write.before.version));
        let mut transaction = Transaction::default()
            .put("payment", &keys::payment(&after.id), payment_item(after, write.due_at_ms)?, Some(same))
            .put("audit", &audit_key, audit, Some(Condition::absent()));
        let mut tally = Tally::default();
        write.count(&mut tally);
        if let Some(effect) = write.effect {
            transaction = effect.writes(self, transaction, &mut tally, after)?;
        }
        if let (None, Some(provider_id)) = (&write.before.provider_id, &after.provider_id) {
            let meant = Item::from([("payment_id".to_owned(), s(&after.id))]);
            transaction = transaction.put("provider", &keys::provider_payment(provider_id), meant, None);
        }
        if let Some((what, id)) = write.message {
            let subject = Subject { person: PersonId::new(after.driver_id), cargo_id: "", id };
            transaction = self.arm_delivery(transaction, what, &subject, write.audit.at_ms);
        }
        Ok(match self.transact("write_payment", transaction.tally(tally)).await? {
            Transacted::Done => Changed::Done,
            Transacted::Refused(refused) => match refused.at("payment").and_then(body::<Payment>) {
                // The response to our first attempt was lost.
                Some(existing) if existing == *after => Changed::Done,
                _ => Changed::Again,
            },
        })
    }

    /// Hides a due payment until `due_at_ms`, knowing only its id. Returns it, or `None` when its outcome is final.
    ///
    /// # Errors
    /// The store cannot be used, or the row cannot be read: then it does not stand in the way of others either.
    pub async fn claim_due_payment(&self, id: &str, due_at_ms: i64) -> Result<Option<Payment>, StoreError> {
        let key = keys::payment(id);
        let update = Update::default().when(Condition::new("attribute_exists(due)")).set("due_at", n(due_at_ms));
        match self.update("claim_due_payment", &key, update).await? {
            Outcome::Done(item) => {
                body(&item).map(Some).ok_or_else(|| StoreError::malformed("claim_due_payment", "body"))
            }
            Outcome::Refused(_) => Ok(None),
        }
    }

    /// Sets when to check an unchanged payment next; `None` when its outcome is final.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn postpone_payment(&self, payment: &Payment, due_at_ms: Option<i64>) -> Result<(), StoreError> {
        let key = keys::payment(&payment.id);
        let same = Condition::new("version = :version AND attribute_exists(due)");
        let update = Update::default().when(same.value(":version", n(payment.version)));
        let update = match due_at_ms {
            Some(due_at_ms) => update.set("due_at", n(due_at_ms)),
            None => update.remove(&["due", "due_at"]),
        };
        self.update("postpone_payment", &key, update).await.map(drop)
    }

    /// When the provider's pause ends, milliseconds; 0 if there is none.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn provider_pause(&self) -> Result<i64, StoreError> {
        let item = self.get("provider_pause", &keys::provider_pause()).await?;
        Ok(item.and_then(|item| item.number("until_ms")).unwrap_or_default())
    }

    /// Pauses calls to the provider until then, or longer if a longer pause is set.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn pause_provider(&self, until_ms: i64) -> Result<(), StoreError> {
        let key = keys::provider_pause();
        let longer = Condition::new("attribute_not_exists(until_ms) OR until_ms < :until");
        let update = Update::default()
            .when(longer.value(":until", n(until_ms)))
            .set("until_ms", n(until_ms))
            .set("ttl", n(until_ms / 1000 + 3600));
        self.update("pause_provider", &key, update).await.map(drop)
    }
}
