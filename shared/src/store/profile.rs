//! The profile row: a driver's identity and preferences.
use aws_sdk_dynamodb::types::AttributeValue;

use ::store::{
    Attributes, Condition, Item, Key, Outcome, StoreError, Tally, Transacted, Transaction, Update, listed, n,
    retry::{Tried, retry_on_change},
    s,
};

use super::{
    Store,
    admin::role,
    billing::{Trial, access, access_keys},
    forget::FORGET,
    keys::{self, Clue, List},
};
use crate::{
    access::Access,
    auth::init_data::User,
    clock::moscow_day,
    driver::{Clues, Profile, ProfileChange, module::IDLE_MS},
    phone,
    rights::Role,
    worth::truck::Truck,
};

/// Attempts if concurrent changes win.
const TRIES: usize = 3;

/// A driver's profile with its derived records.
pub struct Visitor {
    /// The profile.
    pub profile: Profile,
    record: Record,
}

/// Derived records of a driver outside the profile.
#[derive(Clone, Default)]
struct Record {
    /// The last Moscow day on which their visit was counted.
    seen_on: Option<String>,
    /// Their search entries.
    found: Option<String>,
}

impl Visitor {
    fn read(driver_id: i64, item: &Item) -> Option<Self> {
        Some(Self { profile: read(driver_id, item)?, record: Record::read(item) })
    }
}

impl Record {
    fn read(item: &Item) -> Self {
        let text = |name| item.text(name).map(str::to_owned);
        Self { seen_on: text("seen_on"), found: text("clues") }
    }

    /// The condition that it has not changed since it was read.
    fn is_same(&self) -> Condition {
        let same = |name: &str, value: &Option<String>| match value {
            Some(was) => Condition::new(format!("{name} = :was_{name}")).value(format!(":was_{name}"), s(was)),
            None => Condition::new(format!("attribute_not_exists({name})")),
        };
        same("clues", &self.found).and(same("seen_on", &self.seen_on))
    }
}

/// The stored data of a driver who signs in.
pub struct Arrival {
    /// The driver's access.
    pub access: Access,
    /// Their admin role.
    pub role: Option<Role>,
    /// Their profile's row; empty for a new driver.
    item: Item,
}

/// The result of a sign-in's writes.
pub enum Welcomed {
    /// Everything is recorded. Holds the current profile.
    Done(Box<Profile>),
    /// They have already had the trial.
    HadTrial,
}

/// `None` if the driver's data was deleted.
pub(super) fn read(driver_id: i64, item: &Item) -> Option<Profile> {
    item.text("first_name")?;
    Some(read_any(driver_id, item))
}

/// Parses a profile, even if its data was deleted.
pub(super) fn read_any(driver_id: i64, item: &Item) -> Profile {
    let text = |name| item.text(name).map(str::to_owned);
    let phone = item.text("phone").map(phone::kept);
    // Some numbers confirmed before numbering plans existed cannot be called.
    let phone_confirmed = item.flag("phone_confirmed") && phone.as_deref().is_some_and(phone::is_callable);
    Profile {
        id: driver_id,
        first_name: text("first_name").unwrap_or_default(),
        last_name: text("last_name"),
        username: text("username"),
        phone,
        phone_confirmed,
        company: text("company"),
        email: text("email"),
        filters: item.text("filters").and_then(|json| serde_json::from_str(json).ok()),
        language: text("language"),
        truck: truck(item),
        unreachable: item.flag("unreachable"),
    }
}

/// The truck in a profile.
pub(super) fn truck(item: &Item) -> Option<Truck> {
    item.text("truck").and_then(|json| serde_json::from_str(json).ok())
}

impl Store {
    /// The driver's profile, if they ever signed in.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn profile(&self, driver_id: i64) -> Result<Option<Profile>, StoreError> {
        let item = self.get("profile", &keys::profile(driver_id)).await?;
        Ok(item.and_then(|item| read(driver_id, &item)))
    }

    /// The stored data of a driver who signs in: one call.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn arrival(&self, driver_id: i64) -> Result<Arrival, StoreError> {
        let (profile_key, role_key) = (keys::profile(driver_id), keys::role(driver_id));
        let keys = access_keys(driver_id).into_iter().chain([profile_key.clone(), role_key.clone()]);
        let rows = self.get_many("arrival", keys.map(|key| key.attributes()).collect()).await?;
        let row = |key: &Key| rows.iter().find(|row| key.is_of(row));
        Ok(Arrival {
            access: access(driver_id, &rows)?,
            role: row(&role_key).and_then(role),
            item: row(&profile_key).cloned().unwrap_or_default(),
        })
    }

    /// Records Telegram's data of a driver, today's visit, the search entries, and a new driver's trial. Makes one
    /// call: an update if the rest is unchanged, else a transaction.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn welcome(
        &self,
        user: &User,
        arrival: &Arrival,
        trial: Option<&Trial>,
        now_ms: i64,
    ) -> Result<Welcomed, StoreError> {
        retry_on_change("welcome", TRIES, arrival.item.clone(), |item| async move {
            let profile = Profile {
                first_name: user.first_name.clone(),
                last_name: user.last_name.clone(),
                username: user.username.clone(),
                ..read_any(user.id, &item)
            };
            let visitor = Visitor { profile, record: Record::read(&item) };
            let mut tally = Tally::default();
            let update = said_by_telegram(user, now_ms.div_euclid(1000));
            let transaction = match self.record_writes(&visitor, Some(now_ms), update, &mut tally)? {
                Some(transaction) => transaction,
                None if trial.is_none() => {
                    let visitor = self.put_user(user, now_ms.div_euclid(1000)).await?;
                    self.keep_record(&visitor, now_ms).await?;
                    return Ok(Tried::Done(Welcomed::Done(Box::new(visitor.profile))));
                }
                None => {
                    let same = visitor.record.is_same();
                    let update = said_by_telegram(user, now_ms.div_euclid(1000)).when(same);
                    Transaction::default().update("profile", &keys::profile(user.id), update)
                }
            };
            let transaction = match trial {
                Some(trial) => self.trial_writes(transaction, &mut tally, user.id, trial)?,
                None => transaction,
            };
            let refused = match self.transact("welcome", transaction.tally(tally)).await? {
                Transacted::Done => return Ok(Tried::Done(Welcomed::Done(Box::new(visitor.profile)))),
                Transacted::Refused(refused) => refused,
            };
            Ok(match refused.at("profile") {
                Some(existing) => Tried::Changed(existing.clone()),
                None => Tried::Done(Welcomed::HadTrial),
            })
        })
        .await
    }

    /// Records Telegram's data of the driver and returns the profile. [`Store::keep_record`] updates the derived
    /// records.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn put_user(&self, user: &User, now_s: i64) -> Result<Visitor, StoreError> {
        let outcome = self.update("put_user", &keys::profile(user.id), said_by_telegram(user, now_s)).await?;
        let (Outcome::Done(item) | Outcome::Refused(item)) = outcome;
        Visitor::read(user.id, &item).ok_or_else(|| StoreError::malformed("put_user", "first_name"))
    }

    /// Updates the derived records of an active driver: today's visit and the search entries. Makes no call if nothing
    /// changed.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn keep_record(&self, visitor: &Visitor, now_ms: i64) -> Result<(), StoreError> {
        self.record(visitor, Some(now_ms)).await
    }

    /// Counts the driver's visit today, once. One call.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn count_visit(&self, driver_id: i64, now_ms: i64) -> Result<(), StoreError> {
        let item = self.get_now("count_visit", &keys::profile(driver_id)).await?;
        match item.and_then(|item| Visitor::read(driver_id, &item)) {
            Some(visitor) => self.record(&visitor, Some(now_ms)).await,
            None => Ok(()),
        }
    }

    async fn record(&self, visitor: &Visitor, came_at_ms: Option<i64>) -> Result<(), StoreError> {
        let driver_id = visitor.profile.id;
        let mut again = None;
        for _ in 0..TRIES {
            let visitor = again.as_ref().unwrap_or(visitor);
            let there = Update::default().when(Condition::new("attribute_exists(first_name)"));
            let mut tally = Tally::default();
            let Some(transaction) = self.record_writes(visitor, came_at_ms, there, &mut tally)? else { return Ok(()) };
            let transacted = self.transact("keep_record", transaction.tally(tally)).await?;
            let Transacted::Refused(refused) = transacted else { return Ok(()) };
            // The profile has changed since it was read.
            match refused.at("profile").and_then(|existing| Visitor::read(driver_id, existing)) {
                Some(visitor) => again = Some(visitor),
                None => return Ok(()),
            }
        }
        Ok(())
    }

    /// The writes that update a driver's derived records, including the profile's own `update`; `None` if nothing
    /// changed.
    fn record_writes(
        &self,
        visitor: &Visitor,
        came_at_ms: Option<i64>,
        update: Update,
        tally: &mut Tally,
    ) -> Result<Option<Transaction>, StoreError> {
        let (driver_id, record) = (visitor.profile.id, &visitor.record);
        let clues = visitor.profile.clues();
        let found = serde_json::to_string(&clues).map_err(|_| StoreError::malformed("keep_record", "clues"))?;
        let today = came_at_ms.map(|at_ms| (at_ms, moscow_day(at_ms)));
        let today = today.filter(|(_, day)| record.seen_on.as_ref() != Some(day));
        if today.is_none() && record.found.as_ref() == Some(&found) {
            return Ok(None);
        }
        let mut update = update.when(record.is_same()).set("clues", s(found));
        if let Some((at_ms, day)) = today {
            tally.count(driver_id, at_ms, "drivers_active", 1);
            tally.count(driver_id, at_ms, "drivers_new", i64::from(record.seen_on.is_none()));
            update = update.set("seen_on", s(day));
        }
        let known = record.found.as_ref().and_then(|found| serde_json::from_str(found).ok()).unwrap_or_default();
        let transaction = Transaction::default().update("profile", &keys::profile(driver_id), update);
        Ok(Some(self.list_clues(transaction, driver_id, &known, &clues)))
    }

    /// Puts the driver into the search lists. A row leaves a list by losing its attributes, because rows must not be
    /// deleted.
    pub(super) fn list_clues(
        &self,
        mut transaction: Transaction,
        driver_id: i64,
        before: &Clues,
        after: &Clues,
    ) -> Transaction {
        for clue in Clue::ALL {
            let key = keys::found(driver_id, clue);
            transaction = match (before.get(&clue), after.get(&clue)) {
                (before, Some(text)) if before != Some(text) => {
                    let listed = Update::default()
                        .set("list", s(List::Found(clue).name()))
                        .set("listed_at", s(listed::place_of(text, driver_id)))
                        .set("driver_id", n(driver_id));
                    transaction.update("clue", &key, listed)
                }
                (Some(_), None) => transaction.update("clue", &key, Update::default().remove(&["list", "listed_at"])),
                _ => transaction,
            };
        }
        transaction
    }

    /// Changes the driver's own settings; `None` if the driver does not exist.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn put_profile_change(
        &self,
        driver_id: i64,
        change: &ProfileChange,
        phone_is_new: bool,
    ) -> Result<Option<Profile>, StoreError> {
        let text = |field: &Option<Option<String>>| field.as_ref().map(|value| value.as_deref().map(s));
        let confirmed = phone_is_new.then_some(None);
        let filters = change.filters.as_ref().map(|value| value.as_ref().map(|filters| s(filters.to_string())));
        let truck = match &change.truck {
            Some(Some(truck)) => Some(Some(s(super::billing::json(truck)?))),
            Some(None) => Some(None),
            None => None,
        };
        let change = changes([
            ("phone", text(&change.phone)),
            ("phone_confirmed", confirmed),
            ("company", text(&change.company)),
            ("email", text(&change.email)),
            ("filters", filters),
            ("language", text(&change.language)),
            ("truck", truck),
        ]);
        self.change_profile(driver_id, change).await
    }

    /// Stores the phone that Telegram confirms; `None` if the driver does not exist.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn confirm_phone(&self, driver_id: i64, phone: &str) -> Result<Option<Profile>, StoreError> {
        let confirmed = AttributeValue::Bool(true);
        let change = changes([("phone", Some(Some(s(phone)))), ("phone_confirmed", Some(Some(confirmed)))]);
        self.change_profile(driver_id, change).await
    }

    /// Stores whether the bot can write to the driver; `None` if the driver does not exist.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn put_reachable(&self, driver_id: i64, reachable: bool) -> Result<Option<Profile>, StoreError> {
        let mark = (!reachable).then_some(AttributeValue::Bool(true));
        let change = changes([("unreachable", Some(mark))]);
        self.change_profile(driver_id, change).await
    }

    async fn change_profile(&self, driver_id: i64, change: Update) -> Result<Option<Profile>, StoreError> {
        let Some(item) = self.write_profile(driver_id, change).await? else { return Ok(None) };
        let Some(visitor) = Visitor::read(driver_id, &item) else { return Ok(None) };
        // The next sign-in repairs the search entries.
        if let Err(error) = self.record(&visitor, None).await {
            tracing::warn!(%error, "what a driver is found by could not be kept");
        }
        Ok(Some(visitor.profile))
    }

    async fn write_profile(&self, driver_id: i64, change: Update) -> Result<Option<Item>, StoreError> {
        let key = keys::profile(driver_id);
        if change.is_empty() {
            return self.get_now("profile", &key).await;
        }
        // A deleted driver keeps a row without a name.
        let change = change.when(Condition::new("attribute_exists(first_name)"));
        Ok(match self.update("change_profile", &key, change).await? {
            Outcome::Done(item) => Some(item),
            Outcome::Refused(_) => None,
        })
    }
}

/// Telegram's data of a driver who visits at `now_s`.
fn said_by_telegram(user: &User, now_s: i64) -> Update {
    let text = |text: &Option<String>| Some(text.as_deref().map(s));
    let said = changes([
        ("last_name", text(&user.last_name)),
        ("username", text(&user.username)),
        // A driver who returns after deletion is new. Data still to be cleared stays due.
        ("deleted_at", Some(None)),
    ]);
    said.set("first_name", s(&user.first_name))
        .set_if_absent("created_at", n(now_s))
        .set("seen_at", n(now_s))
        .set_if_absent("list", s(List::Drivers.name()))
        .set_if_absent("listed_at", s(listed::place_of(&listed::instant(now_s * 1000), user.id)))
        // Visits do not move the due time. The job checks whether the driver has visited since.
        .set_if_absent("due", s(FORGET))
        .set_if_absent("due_at", n(now_s * 1000 + IDLE_MS))
}

/// Changes of profile attributes: outer `None` leaves one unchanged, inner `None` removes it.
fn changes<const N: usize>(attributes: [(&str, Option<Option<AttributeValue>>); N]) -> Update {
    attributes.into_iter().fold(Update::default(), |update, (name, value)| match value {
        None => update,
        Some(Some(value)) => update.set(name, value),
        Some(None) => update.remove(&[name]),
    })
}
