//! Money: payments, subscriptions and their ledger. What a payment does to a subscription is one transaction with it.
use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;

use ::store::{
    Attributes, Condition, Item, Key, Outcome, StoreError, Table, Tally, Transacted, Transaction, Update,
    bucket::Rate,
    listed::{self, Filter, Selection},
    n,
    retry::{Tried, retry_on_change},
    s,
};

use super::{
    Store,
    counters::{self, TRIAL_DAYS},
    delivery::Subject,
    keys::{self, LISTED_PAYMENT, List},
};
use crate::{
    access::Access,
    admin::payments::{PaymentFilter, PaymentPage},
    audit::AuditRow,
    auth::role::Role,
    billing::{
        payment::{Payment, Status},
        plan::DAY_S,
        promo_code::{PromoCode, PromoUse},
        purpose::Effect,
        settings::Settings,
        subscription::{Entry, Source, Subscription},
    },
    delivery::{REMINDERS, What, reminder_subject},
    driver::Block,
    telemetry::{self, Metric},
};

/// Payments of which something is still to be learnt are found in the index by this value of `due`.
const OPEN: &str = "PAYMENT";

/// Who meets another change of the same row tries again, so often at most.
const TRIES: usize = 8;

/// Makes the next generation of an access token the good one.
pub(super) fn next_generation() -> Update {
    Update::default().increase_from(0, "generation", 1)
}

/// That this generation of an access token is the good one; the first is 0 and is not stored.
pub(super) fn good_generation(generation: u32) -> Condition {
    match generation {
        0 => Condition::new("attribute_not_exists(generation)"),
        _ => Condition::new("generation = :good").value(":good", n(i64::from(generation))),
    }
}

/// A driver's access link that shall be void.
#[derive(Debug)]
pub struct Revocation<'a> {
    /// Telegram's id of the driver.
    pub driver_id: i64,
    /// Only if this is the good one; `None` whichever it is.
    pub generation: Option<u32>,
    /// The message in whose words it changes something, by what it is about.
    pub subject: Option<&'a str>,
    /// What is to be accounted for.
    pub audit: AuditRow,
}

/// A new payment.
#[derive(Debug)]
pub struct Order<'a> {
    /// The payment.
    pub payment: &'a Payment,
    /// The last payment of the same plan, when there is one and it is over.
    pub replaces: Option<&'a str>,
    /// When it is looked after, if nobody does before, milliseconds.
    pub due_at_ms: i64,
    /// How often the driver may order.
    pub rate: Rate,
    /// What is to be accounted for.
    pub audit: AuditRow,
}

/// What became of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ordered {
    /// It is stored.
    Done,
    /// Another payment of that plan exists: this one.
    Existing(String),
    /// This very payment is there.
    Repeated,
    /// The driver orders too often: milliseconds to wait.
    TooOften(i64),
}

/// A change of a payment, and what it does to what is paid for.
#[derive(Debug)]
pub struct PaymentWrite<'a> {
    /// As it was read.
    pub before: &'a Payment,
    /// As it shall be.
    pub after: &'a Payment,
    /// When it is looked after next, milliseconds; `None` when nothing is to be learnt of it any more.
    pub due_at_ms: Option<i64>,
    /// What it does to what is paid for.
    pub effect: Option<&'a dyn Effect>,
    /// The message that this causes, and what it is about.
    pub message: Option<(What, &'a str)>,
    /// What is to be accounted for.
    pub audit: AuditRow,
}

impl PaymentWrite<'_> {
    fn count(&self, tally: &mut Tally) {
        let (before, after, at_ms) = (self.before, self.after, self.audit.at_ms);
        // On the day on which the list of paid ones has it.
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

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It was done.
    Done,
    /// Something changed since it was read: read again.
    Again,
}

/// A redemption of a promo code.
#[derive(Debug)]
pub struct Redemption<'a> {
    /// Who redeems.
    pub driver_id: i64,
    /// The code.
    pub code: &'a str,
    /// The driver's use of it.
    pub used: &'a PromoUse,
    /// The subscription as it was read, as it shall be, and the entry of the ledger.
    pub subscription: (&'a Subscription, &'a Subscription, &'a Entry),
    /// What is to be accounted for.
    pub audit: AuditRow,
}

/// What became of a redemption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Redeemed {
    /// It was done.
    Done,
    /// This driver has redeemed it before: so.
    Repeated(Box<PromoUse>),
    /// The code or the subscription is another than was read: read again.
    Again,
}

/// What begins for a new driver.
#[derive(Debug)]
pub struct Trial {
    /// The subscription as it shall be.
    pub subscription: Subscription,
    /// The entry of the ledger.
    pub entry: Entry,
    /// What is to be accounted for.
    pub audit: AuditRow,
}

pub(super) fn json<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::malformed("billing", "body"))
}

pub(super) fn body<T: serde::de::DeserializeOwned>(item: &Item) -> Option<T> {
    serde_json::from_str(item.text("body")?).ok()
}

/// A driver's payments, a page of them.
#[derive(Debug)]
pub struct OwnPayments {
    /// Newest first.
    pub payments: Vec<Payment>,
    /// How many more there are on this page that cannot be read.
    pub unreadable: usize,
    /// Whether there are older ones.
    pub more: bool,
}

/// A payment of a list. One that cannot be read does not hide the others, but somebody has to look at it.
fn listed_payment(item: &Item) -> Option<Payment> {
    let payment = body(item);
    if payment.is_none() {
        tracing::error!(payment_id = item.text("id"), "a payment's row cannot be read");
        telemetry::count_by(Metric::PaymentUnreadable, "list");
    }
    payment
}

/// Out of the rows that were read: what is not there was never written.
pub(super) fn access(driver_id: i64, rows: &[Item]) -> Result<Access, StoreError> {
    let settings = settings_of(rows.iter().find(|row| keys::settings().is_of(row)))?;
    access_under(Arc::new(settings), driver_id, rows)
}

/// The same under settings that are known.
pub(super) fn access_under(settings: Arc<Settings>, driver_id: i64, rows: &[Item]) -> Result<Access, StoreError> {
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
pub(super) fn access_keys(driver_id: i64) -> [Key; 3] {
    let [subscription, block] = own_access_keys(driver_id);
    [subscription, block, keys::settings()]
}

/// Those of them that are the driver's own.
pub(super) fn own_access_keys(driver_id: i64) -> [Key; 2] {
    [keys::subscription(driver_id), keys::block(driver_id)]
}

/// What the product begins with while nobody has set anything. Settings that cannot be read are none: see there.
pub(super) fn settings_of(row: Option<&Item>) -> Result<Settings, StoreError> {
    let Some(row) = row else { return Ok(Settings::default()) };
    body(row).ok_or_else(|| {
        tracing::error!("the settings cannot be read; whatever depends on them is refused");
        telemetry::count(Metric::SettingsUnreadable);
        StoreError::malformed("settings", "body")
    })
}

/// What the index `listed` knows of a subscription besides its end: whether it is a trial.
pub(super) fn kind(subscription: &Subscription) -> &'static str {
    if subscription.source == Some(Source::Trial) { "trial" } else { "paid" }
}

fn promo_item(code: &PromoCode) -> Result<Item, StoreError> {
    let mut item = Item::from([
        ("body".to_owned(), s(json(code)?)),
        ("uses".to_owned(), n(code.uses)),
        ("max_uses".to_owned(), n(code.max_uses)),
        ("enabled".to_owned(), AttributeValue::Bool(code.enabled)),
    ]);
    item.extend(List::PromoCodes.place(code.created_at_ms, &code.code));
    Ok(item)
}

/// The row of a subscription. With its past it has `kopecks`, so that the index knows which have none.
pub(super) fn subscription_item(driver_id: i64, subscription: &Subscription) -> Result<Item, StoreError> {
    let mut item = Item::from([
        ("body".to_owned(), s(json(subscription)?)),
        ("version".to_owned(), n(subscription.version)),
        ("driver_id".to_owned(), n(driver_id)),
        ("state".to_owned(), s(kind(subscription))),
    ]);
    if let Some(past) = subscription.past {
        item.insert("kopecks".to_owned(), n(past.kept_kopecks));
    }
    item.extend(List::Subscriptions.place(subscription.ends_at_ms.unwrap_or_default(), &driver_id.to_string()));
    Ok(item)
}

/// What puts the ledger's entry of a payment into the list of paid ones.
pub(super) fn paid_place(payment: &Payment, at_ms: i64) -> Item {
    let mut item = Item::from([("plan".to_owned(), s(payment.purpose.id()))]);
    item.extend(List::Paid.place(at_ms, &payment.id));
    item
}

fn read_promo(item: &Item) -> Option<PromoCode> {
    let code: PromoCode = body(item)?;
    Some(PromoCode { uses: item.number("uses")?, enabled: item.flag("enabled"), ..code })
}

fn read_use(item: &Item) -> Option<PromoUse> {
    Some(PromoUse { attempt: item.text("attempt")?.to_owned(), subscription: body(item)?, days: item.number("days")? })
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
        let role = rows.iter().find(|row| role_key.is_of(row)).and_then(super::admin::role);
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
                let subject = Subject { driver_id, cargo_id: "", id };
                transaction = self.arm_delivery(transaction, What::Opened, &subject, None, revoked.audit.at_ms);
            }
            Ok(match self.transact("revoke_access", transaction).await? {
                Transacted::Done => Tried::Done(true),
                Transacted::Refused(refused) if refused.at("generation").is_some() => Tried::Done(false),
                Transacted::Refused(_) => Tried::Changed(!by_link),
            })
        })
        .await
    }

    /// Puts on record that the driver shall never have the trial, as if they had had it; nothing if that is known.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn forgo_trial(&self, driver_id: i64, at_ms: i64) -> Result<(), StoreError> {
        let key = keys::trial(driver_id);
        let update = Update::default().when(Condition::absent()).set("at_ms", n(at_ms));
        self.update("forgo_trial", &key, update).await.map(drop)
    }

    /// Adds the trial of a new driver to a transaction, once in a lifetime: refused at `trial`, `ledger` or `subscription` when they
    /// have it.
    pub(super) fn trial_writes(
        &self,
        transaction: Transaction,
        tally: &mut Tally,
        driver_id: i64,
        trial: &Trial,
    ) -> Result<Transaction, StoreError> {
        let Trial { subscription, entry, audit } = trial;
        let (audit_key, audit) = audit.item()?;
        let marker = Item::from([("at_ms".to_owned(), n(entry.at_ms))]);
        let transaction = transaction.put("trial", &keys::trial(driver_id), marker, Some(Condition::absent()));
        tally.count(driver_id, entry.at_ms, "trials", 1);
        tally.count(driver_id, entry.at_ms, format!("{TRIAL_DAYS}{}", entry.seconds / DAY_S), 1);
        let change = (&Subscription::default(), subscription, entry);
        let transaction = self.grant_writes(transaction, tally, driver_id, change, None)?;
        Ok(transaction.put("audit", &audit_key, audit, Some(Condition::absent())))
    }

    /// Adds a change of a subscription to a transaction: its entry of the ledger, and the subscription itself, as it was
    /// read and as it shall be; and the payment that brings it about, if one does.
    pub(crate) fn grant_writes(
        &self,
        transaction: Transaction,
        tally: &mut Tally,
        driver_id: i64,
        (before, after, entry): (&Subscription, &Subscription, &Entry),
        paid: Option<&Payment>,
    ) -> Result<Transaction, StoreError> {
        counters::moved(tally, driver_id, before, after);
        let key = keys::ledger_entry(driver_id, &entry.id);
        let mut row = Item::from([("body".to_owned(), s(json(entry)?))]);
        row.extend(
            paid.filter(|_| entry.source == Source::Payment)
                .map(|paid| paid_place(paid, entry.at_ms))
                .unwrap_or_default(),
        );
        let transaction = transaction.put("ledger", &key, row, Some(Condition::absent()));
        let same = Condition::version(before.version);
        let row = subscription_item(driver_id, after)?;
        let mut transaction = transaction.put("subscription", &keys::subscription(driver_id), row, Some(same));
        // Each end has its reminders; those of the end before find another end and are not sent.
        let ends_at_ms = after.ends_at_ms.unwrap_or_default();
        let subject_id = reminder_subject(driver_id, ends_at_ms);
        let subject = Subject { driver_id, cargo_id: "", id: &subject_id };
        for days in REMINDERS {
            // Nobody is reminded of a trial before its last day.
            if days > 1 && after.source == Some(Source::Trial) {
                continue;
            }
            let due_at_ms = ends_at_ms - i64::from(days) * DAY_S * 1000;
            if due_at_ms > entry.at_ms {
                let what = What::Reminder(days);
                transaction = self.arm_delivery_at(transaction, what, &subject, None, entry.at_ms, due_at_ms);
            }
        }
        Ok(transaction)
    }

    /// The driver's subscription; an empty one when there never was any.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn subscription(&self, driver_id: i64) -> Result<Subscription, StoreError> {
        match self.get_now("subscription", &keys::subscription(driver_id)).await? {
            Some(item) => body(&item).ok_or_else(|| StoreError::malformed("subscription", "body")),
            None => Ok(Subscription::default()),
        }
    }

    /// A payment.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn payment(&self, id: &str) -> Result<Option<Payment>, StoreError> {
        let Some(item) = self.get_now("payment", &keys::payment(id)).await? else { return Ok(None) };
        body(&item).map(Some).ok_or_else(|| StoreError::malformed("payment", "body"))
    }

    /// The id of the payment that the provider's id means.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn payment_of_provider(&self, provider_id: &str) -> Result<Option<String>, StoreError> {
        let item = self.get_now("payment_of_provider", &keys::provider_payment(provider_id)).await?;
        Ok(item.and_then(|item| item.text("payment_id").map(str::to_owned)))
    }

    /// The id of the payment by which the driver last ordered the plan.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn last_order(&self, driver_id: i64, plan_id: &str) -> Result<Option<String>, StoreError> {
        let item = self.get_now("last_order", &keys::order(driver_id, plan_id)).await?;
        Ok(item.and_then(|item| item.text("payment_id").map(str::to_owned)))
    }

    /// Stores a new payment, if none of its plan exists but the one that it replaces and the driver does not order too
    /// often. What takes from the driver's bucket is part of the write, so that only an order that is made counts.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn put_order(&self, order: &Order<'_>) -> Result<Ordered, StoreError> {
        let now_ms = order.payment.created_at_ms;
        let mut take = order.rate.keeping(order.rate.rested(now_ms), now_ms);
        // Once more for who is ahead of the rate and within the burst.
        for _ in 0..2 {
            let key = keys::ordering(order.payment.driver_id);
            let tat_ms = match self.put_order_if(order, Some((&key, &take))).await {
                Ok(Ordered::TooOften(tat_ms)) => tat_ms,
                // The bucket is in the cache, which may be lost; orders go on without it.
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

    /// The write of an order. What is too often has the bucket's `tat` here.
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

    /// Changes a payment, and with it what is paid for, if both are still what was read.
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
            let subject = Subject { driver_id: after.driver_id, cargo_id: "", id };
            transaction = self.arm_delivery(transaction, what, &subject, None, write.audit.at_ms);
        }
        Ok(match self.transact("write_payment", transaction.tally(tally)).await? {
            Transacted::Done => Changed::Done,
            Transacted::Refused(refused) => match refused.at("payment").and_then(body::<Payment>) {
                // The answer to our own first try was lost.
                Some(existing) if existing == *after => Changed::Done,
                _ => Changed::Again,
            },
        })
    }

    /// A promo code.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn promo_code(&self, code: &str) -> Result<Option<PromoCode>, StoreError> {
        let Some(item) = self.get_now("promo_code", &keys::promo_code(code)).await? else { return Ok(None) };
        read_promo(&item).map(Some).ok_or_else(|| StoreError::malformed("promo_code", "body"))
    }

    /// The driver's use of a promo code, if there was one.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn promo_use(&self, code: &str, driver_id: i64) -> Result<Option<PromoUse>, StoreError> {
        let Some(item) = self.get_now("promo_use", &keys::promo_use(code, driver_id)).await? else { return Ok(None) };
        read_use(&item).map(Some).ok_or_else(|| StoreError::malformed("promo_use", "body"))
    }

    /// Stores a new promo code; `false` when one of that name is there.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn put_promo_code(&self, code: &PromoCode, audit: &AuditRow) -> Result<bool, StoreError> {
        let (audit_key, audit) = audit.item()?;
        let transaction = Transaction::default()
            .put("code", &keys::promo_code(&code.code), promo_item(code)?, Some(Condition::absent()))
            .put("audit", &audit_key, audit, Some(Condition::absent()));
        Ok(matches!(self.transact("put_promo_code", transaction).await?, Transacted::Done))
    }

    /// Changes a promo code, if it is the one that was read and was not used more often than it then may; the code as it then is,
    /// `None`: read again.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn change_promo_code(
        &self,
        before: &PromoCode,
        after: &PromoCode,
        audit: &AuditRow,
    ) -> Result<Option<PromoCode>, StoreError> {
        let (audit_key, audit) = audit.item()?;
        // The body as it is written, however old it is: a newer release may write the same code otherwise.
        let Some(existing) = self.get_now("change_promo_code", &keys::promo_code(&before.code)).await? else {
            return Ok(None);
        };
        let text = existing.text("body").unwrap_or_default();
        if read_promo(&existing).is_none_or(|there| PromoCode { uses: before.uses, ..there } != *before) {
            return Ok(None);
        }
        // Uses are counted beside it and go on meanwhile.
        let same = "body = :before AND max_uses = :was AND #enabled = :were AND #uses <= :most";
        let same = Condition::new(same)
            .name("#enabled", "enabled")
            .name("#uses", "uses")
            .value(":before", s(text))
            .value(":was", n(before.max_uses))
            .value(":were", AttributeValue::Bool(before.enabled))
            .value(":most", n(after.max_uses.max(after.uses)));
        let update = Update::default()
            .when(same)
            .set("body", s(json(after)?))
            .set("max_uses", n(after.max_uses))
            .set("enabled", AttributeValue::Bool(after.enabled));
        let transaction = Transaction::default().update("code", &keys::promo_code(&before.code), update).put(
            "audit",
            &audit_key,
            audit,
            Some(Condition::absent()),
        );
        match self.transact("change_promo_code", transaction).await? {
            Transacted::Done => self.promo_code(&before.code).await,
            Transacted::Refused(_) => Ok(None),
        }
    }

    /// A page of promo codes, the newest first, and where the next goes on.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn promo_codes(
        &self,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<PromoCode>, Option<String>), StoreError> {
        let selection =
            Selection { newest_first: true, cursor: cursor.map(str::to_owned), limit, ..Selection::default() };
        let page = self.listed("promo_codes", &List::PromoCodes.name(), &selection).await?;
        Ok((page.rows.iter().filter_map(read_promo).collect(), page.cursor))
    }

    /// A page of a promo code's uses, the last first: who, and when in milliseconds.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn promo_uses(
        &self,
        code: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<(i64, i64)>, Option<String>), StoreError> {
        let selection =
            Selection { newest_first: true, cursor: cursor.map(str::to_owned), limit, ..Selection::default() };
        let page = self.listed("promo_uses", &List::UsesOfPromoCode(code).name(), &selection).await?;
        let used = |row: &Item| Some((row.number("driver_id")?, row.number("at_ms")?));
        Ok((page.rows.iter().filter_map(used).collect(), page.cursor))
    }

    /// Redeems a promo code: its use, the driver's use of it, and what it gives, all or nothing. The code's row is not held
    /// against what was read but against itself, so drivers who redeem it at the same time all can, and the last use is
    /// given once.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn redeem(&self, redemption: &Redemption<'_>) -> Result<Redeemed, StoreError> {
        let code = redemption.code;
        let (before, after, entry) = redemption.subscription;
        let is_left = Condition::new("#uses < max_uses AND #enabled = :yes")
            .name("#uses", "uses")
            .name("#enabled", "enabled")
            .value(":yes", AttributeValue::Bool(true));
        let mut used = Item::from([
            ("at_ms".to_owned(), n(entry.at_ms)),
            ("driver_id".to_owned(), n(redemption.driver_id)),
            ("attempt".to_owned(), s(&redemption.used.attempt)),
            ("days".to_owned(), n(redemption.used.days)),
            ("body".to_owned(), s(json(&redemption.used.subscription)?)),
        ]);
        used.extend(List::UsesOfPromoCode(code).place(entry.at_ms, &redemption.driver_id.to_string()));
        let (audit_key, audit) = redemption.audit.item()?;
        let transaction = Transaction::default()
            .put("use", &keys::promo_use(code, redemption.driver_id), used, Some(Condition::absent()))
            .update("code", &keys::promo_code(code), Update::default().when(is_left).add("uses", n(1)));
        let mut tally = Tally::default();
        tally.count(redemption.driver_id, entry.at_ms, "promo_uses", 1);
        let transaction =
            self.grant_writes(transaction, &mut tally, redemption.driver_id, (before, after, entry), None)?;
        let transaction = transaction.put("audit", &audit_key, audit, Some(Condition::absent())).tally(tally);
        Ok(match self.transact("redeem", transaction).await? {
            Transacted::Done => Redeemed::Done,
            Transacted::Refused(refused) => match refused.at("use") {
                Some(used) => {
                    let used = read_use(used).ok_or_else(|| StoreError::malformed("redeem", "body"))?;
                    Redeemed::Repeated(Box::new(used))
                }
                None => Redeemed::Again,
            },
        })
    }

    /// Takes a payment that is to be looked after out of the way until `due_at_ms`, before anything is known of it but its
    /// id; returns it, or `None` when nothing is to be learnt of it any more.
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

    /// Says when a payment is looked after next, if it has not changed; `None` when it need not be any more.
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

    /// Until when the provider is left alone, milliseconds; 0 when it never asked for that.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn provider_pause(&self) -> Result<i64, StoreError> {
        let item = self.get("provider_pause", &keys::provider_pause()).await?;
        Ok(item.and_then(|item| item.number("until_ms")).unwrap_or_default())
    }

    /// Leaves the provider alone until then, or longer if that is known.
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

    /// The ids of payments that should have been looked after by `now_ms`, in turns: of each driver the longest due first.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn due_payments(&self, now_ms: i64, limit: usize) -> Result<Vec<String>, StoreError> {
        self.due("due_payments", OPEN, now_ms, limit).await
    }

    /// When the payment was ordered that has been open for the longest, milliseconds; `None` when none is. Looked for
    /// among those that were ordered at `since_ms` or later, in the index: a query for each megabyte of it.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn oldest_open_payment(&self, since_ms: i64) -> Result<Option<i64>, StoreError> {
        let ended = Status::ALL.into_iter().filter(|status| !status.is_open());
        let filter = ended.fold(Filter::default(), |filter, status| filter.and("state", "<>", s(status.as_str())));
        let mut selection = Selection {
            from: Some(listed::instant(since_ms)),
            filter: filter.some(),
            limit: 1,
            ..Selection::default()
        };
        loop {
            let page = self.places_in("oldest_open_payment", &List::Payments.name(), &selection).await?;
            if let Some(first) = page.rows.first() {
                let ordered = listed::instant_of(first.text("listed_at").unwrap_or_default());
                return ordered.map(Some).ok_or_else(|| StoreError::malformed("oldest_open_payment", "listed_at"));
            }
            match page.cursor {
                None => return Ok(None),
                cursor => selection.cursor = cursor,
            }
        }
    }

    /// The ledger of a driver's subscription, oldest first.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn ledger(&self, driver_id: i64) -> Result<Vec<Entry>, StoreError> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut from = None;
        loop {
            let query = self
                .client()
                .query()
                .table_name(self.table(Table::App))
                .key_condition_expression("pk = :pk AND begins_with(sk, :ledger)")
                .expression_attribute_values(":pk", s(keys::profile(driver_id).partition()))
                .expression_attribute_values(":ledger", s("LEDGER#"))
                .set_exclusive_start_key(from)
                .consistent_read(true);
            let answer = self.call("ledger", Table::App, query.send()).await??;
            entries.extend(answer.items.unwrap_or_default().iter().filter_map(body));
            from = answer.last_evaluated_key;
            if from.is_none() {
                break;
            }
        }
        entries.sort_by(|a, b| (a.at_ms, &a.id).cmp(&(b.at_ms, &b.id)));
        Ok(entries)
    }

    /// A driver's payments, newest first, from that one on (that one excluded): two calls.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn payments(
        &self,
        driver_id: i64,
        from: Option<(i64, &str)>,
        limit: i32,
    ) -> Result<OwnPayments, StoreError> {
        let from = from.map(|(at_ms, id)| keys::listed_payment(driver_id, at_ms, id));
        let (places, more) = self.places("payments", driver_id, LISTED_PAYMENT, from.as_ref(), limit).await?;
        let ids = places.iter().filter_map(|item| item.text("payment_id"));
        let found = self.get_many("payments", ids.map(|id| keys::payment(id).attributes()).collect()).await?;
        let mut payments: Vec<Payment> = found.iter().filter_map(listed_payment).collect();
        payments.sort_by(|a, b| (b.created_at_ms, &b.id).cmp(&(a.created_at_ms, &a.id)));
        Ok(OwnPayments { unreadable: found.len() - payments.len(), payments, more })
    }

    /// A page of the payments that the filter takes, newest first.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn find_payments(
        &self,
        wanted: &PaymentFilter,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<PaymentPage, StoreError> {
        if let Some((from_ms, until_ms)) = wanted.paid_ms() {
            return self.find_paid(wanted, (from_ms, until_ms), cursor, limit).await;
        }
        let mut filter = Filter::default();
        if let Some(status) = wanted.status {
            filter = filter.and("state", "=", s(status.as_str()));
        }
        if let Some(plan) = &wanted.plan {
            filter = filter.and("plan", "=", s(plan));
        }
        for (comparison, kopecks) in [(">=", wanted.from_kopecks), ("<=", wanted.until_kopecks)] {
            if let Some(kopecks) = kopecks {
                filter = filter.and("kopecks", comparison, n(kopecks));
            }
        }
        let selection = Selection {
            from: wanted.from_ms.map(listed::instant),
            until: wanted.until_ms.map(listed::instant),
            filter: filter.some(),
            newest_first: true,
            cursor: cursor.map(str::to_owned),
            limit,
        };
        let page = self.listed("find_payments", &List::Payments.name(), &selection).await?;
        let reached_ms = page.reached_ms();
        Ok(PaymentPage {
            items: page.rows.iter().filter_map(listed_payment).collect(),
            cursor: page.cursor,
            reached_ms,
        })
    }

    /// A page of the payments that were paid at or after the first instant and before the second, the latest first.
    async fn find_paid(
        &self,
        wanted: &PaymentFilter,
        (from_ms, until_ms): (Option<i64>, Option<i64>),
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<PaymentPage, StoreError> {
        let of_plan = wanted.plan.as_ref().map(|plan| Filter::default().and("plan", "=", s(plan)));
        let selection = Selection {
            from: from_ms.map(listed::instant),
            until: until_ms.map(listed::instant),
            filter: of_plan,
            newest_first: true,
            cursor: cursor.map(str::to_owned),
            limit,
        };
        let page = self.places_in("find_paid", &List::Paid.name(), &selection).await?;
        let ids: Vec<_> =
            page.rows.iter().filter_map(|place| listed::id_at(place.text("listed_at")?).map(str::to_owned)).collect();
        let found = self.get_many("find_paid", ids.iter().map(|id| keys::payment(id).attributes()).collect()).await?;
        let mut items: Vec<_> = found.iter().filter_map(listed_payment).collect();
        // The index has the plan alone.
        items.retain(|payment| wanted.takes(payment));
        items.sort_by_key(|payment| ids.iter().position(|id| *id == payment.id));
        let reached_ms = page.reached_ms();
        Ok(PaymentPage { items, cursor: page.cursor, reached_ms })
    }
}
