//! Promo codes and their uses.
use aws_sdk_dynamodb::types::AttributeValue;

use ::store::{
    Attributes, Condition, Item, StoreError, Tally, Transacted, Transaction, Update, listed::Selection, n, s,
};

use super::{body, json};
use crate::{
    audit::AuditRow,
    billing::{
        promo_code::{PromoCode, PromoUse},
        subscription::{Entry, Subscription},
    },
    store::{
        Store,
        keys::{self, List},
    },
};

/// A redemption of a promo code.
#[derive(Debug)]
pub struct Redemption<'a> {
    /// The driver.
    pub driver_id: i64,
    /// The code.
    pub code: &'a str,
    /// The driver's use of it.
    pub used: &'a PromoUse,
    /// The subscription as read, the new one, and the ledger entry.
    pub subscription: (&'a Subscription, &'a Subscription, &'a Entry),
    /// Data for the audit log.
    pub audit: AuditRow,
}

/// The result of a redemption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Redeemed {
    /// It succeeded.
    Done,
    /// This driver has redeemed it before. Holds that use.
    Repeated(Box<PromoUse>),
    /// A concurrent change of the code or the subscription won: read again.
    Again,
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

fn read_promo(item: &Item) -> Option<PromoCode> {
    let code: PromoCode = body(item)?;
    Some(PromoCode { uses: item.number("uses")?, enabled: item.flag("enabled"), ..code })
}

fn read_use(item: &Item) -> Option<PromoUse> {
    Some(PromoUse { attempt: item.text("attempt")?.to_owned(), subscription: body(item)?, days: item.number("days")? })
}

impl Store {
    /// A promo code.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn promo_code(&self, code: &str) -> Result<Option<PromoCode>, StoreError> {
        let Some(item) = self.get_now("promo_code", &keys::promo_code(code)).await? else { return Ok(None) };
        read_promo(&item).map(Some).ok_or_else(|| StoreError::malformed("promo_code", "body"))
    }

    /// The driver's use of a promo code, if any.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn promo_use(&self, code: &str, driver_id: i64) -> Result<Option<PromoUse>, StoreError> {
        let Some(item) = self.get_now("promo_use", &keys::promo_use(code, driver_id)).await? else { return Ok(None) };
        read_use(&item).map(Some).ok_or_else(|| StoreError::malformed("promo_use", "body"))
    }

    /// Stores a new promo code; `false` if the code exists.
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

    /// Changes a promo code, if it is as read and its new limit covers its uses. Returns the changed code, or `None`
    /// after a conflict: read again.
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
        // Compare with the stored body, because a newer release may serialise the same code differently.
        let Some(existing) = self.get_now("change_promo_code", &keys::promo_code(&before.code)).await? else {
            return Ok(None);
        };
        let text = existing.text("body").unwrap_or_default();
        if read_promo(&existing).is_none_or(|there| PromoCode { uses: before.uses, ..there } != *before) {
            return Ok(None);
        }
        // Uses are counted separately and may increase meanwhile.
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

    /// A page of promo codes, newest first, and the cursor of the next page.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn promo_codes(
        &self,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<PromoCode>, Option<String>), StoreError> {
        let selection = Selection::newest(cursor, limit);
        let page = self.listed("promo_codes", &List::PromoCodes.name(), &selection).await?;
        Ok((page.rows.iter().filter_map(read_promo).collect(), page.cursor))
    }

    /// A page of a promo code's uses, newest first: drivers and times in milliseconds.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn promo_uses(
        &self,
        code: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<(i64, i64)>, Option<String>), StoreError> {
        let selection = Selection::newest(cursor, limit);
        let page = self.listed("promo_uses", &List::UsesOfPromoCode(code).name(), &selection).await?;
        let used = |row: &Item| Some((row.number("driver_id")?, row.number("at_ms")?));
        Ok((page.rows.iter().filter_map(used).collect(), page.cursor))
    }

    /// Redeems a promo code in one transaction: its count, the driver's use, and its grant. The condition tests the
    /// code's own limit rather than the version read, so concurrent drivers can all redeem it, and the last use is
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
}
