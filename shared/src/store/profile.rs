//! The profile row: who a driver is and what they prefer.
use aws_sdk_dynamodb::types::AttributeValue;

use ::store::{Attributes, Condition, Item, Outcome, StoreError, Tally, Transacted, Transaction, Update, listed, n, s};

use super::{
    Store,
    forget::FORGET,
    keys::{self, Clue, List},
};
use crate::{
    auth::init_data::User,
    clock::moscow_day,
    driver::{Clues, Profile, ProfileChange},
    phone,
    retention::IDLE_MS,
};

/// Who meets another change of the same profile reads again, so often at most.
const TRIES: usize = 3;

/// A driver as they are, and what is on record of them elsewhere.
pub struct Visitor {
    /// Who they are.
    pub profile: Profile,
    /// The Moscow day on which they were counted last.
    seen_on: Option<String>,
    /// What they are found by, as the search knows it.
    found: Option<String>,
}

impl Visitor {
    fn read(driver_id: i64, item: &Item) -> Option<Self> {
        let text = |name| item.text(name).map(str::to_owned);
        Some(Self { profile: read(driver_id, item)?, seen_on: text("seen_on"), found: text("clues") })
    }
}

/// `None` when the driver's data was deleted.
pub(super) fn read(driver_id: i64, item: &Item) -> Option<Profile> {
    item.text("first_name")?;
    Some(read_any(driver_id, item))
}

/// What is left of a profile, if its data was deleted.
pub(super) fn read_any(driver_id: i64, item: &Item) -> Profile {
    let text = |name| item.text(name).map(str::to_owned);
    let phone = item.text("phone").map(phone::kept);
    // Nobody can be called on every number that was confirmed before there were numbering plans.
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
        unreachable: item.flag("unreachable"),
    }
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

    /// Keeps what Telegram says of the driver, and returns the whole profile. What else is on record of them is for
    /// [`Store::keep_record`].
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn put_user(&self, user: &User, now_s: i64) -> Result<Visitor, StoreError> {
        let text = |text: &Option<String>| Some(text.as_deref().map(s));
        let change = changes([
            ("last_name", text(&user.last_name)),
            ("username", text(&user.username)),
            // Whoever comes back after their data was deleted is somebody new. What is still to be cleared of them stays to be.
            ("deleted_at", Some(None)),
        ]);
        self.write_profile(user.id, change, Some((&user.first_name, now_s)))
            .await?
            .and_then(|item| Visitor::read(user.id, &item))
            .ok_or_else(|| StoreError::malformed("put_user", "first_name"))
    }

    /// Brings up to date what is on record of a driver who is here now: that they came today, and what they are found by.
    /// No call when nothing is new.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn keep_record(&self, visitor: &Visitor, now_ms: i64) -> Result<(), StoreError> {
        self.record(visitor, Some(now_ms)).await
    }

    /// Counts that the driver came today, unless that is on record. One call.
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
            let clues = visitor.profile.clues();
            let found = serde_json::to_string(&clues).map_err(|_| StoreError::malformed("keep_record", "clues"))?;
            let today = came_at_ms.map(|at_ms| (at_ms, moscow_day(at_ms)));
            let today = today.filter(|(_, day)| visitor.seen_on.as_ref() != Some(day));
            if today.is_none() && visitor.found.as_ref() == Some(&found) {
                return Ok(());
            }
            let same_clues = match &visitor.found {
                Some(was) => Condition::new("clues = :was_clues").value(":was_clues", s(was)),
                None => Condition::new("attribute_not_exists(clues)"),
            };
            let same_day = match &visitor.seen_on {
                Some(was) => Condition::new("seen_on = :was_seen").value(":was_seen", s(was)),
                None => Condition::new("attribute_not_exists(seen_on)"),
            };
            let same = Condition::new("attribute_exists(first_name)").and(same_clues).and(same_day);
            let mut update = Update::default().when(same).set("clues", s(found));
            let mut tally = Tally::default();
            if let Some((at_ms, day)) = today {
                tally.count(driver_id, at_ms, "drivers_active", 1);
                tally.count(driver_id, at_ms, "drivers_new", i64::from(visitor.seen_on.is_none()));
                update = update.set("seen_on", s(day));
            }
            let known = visitor.found.as_ref().and_then(|found| serde_json::from_str(found).ok()).unwrap_or_default();
            let transaction = Transaction::default().update("profile", &keys::profile(driver_id), update).tally(tally);
            let transaction = self.list_clues(transaction, driver_id, &known, &clues);
            let Transacted::Refused(refused) = self.transact("keep_record", transaction).await? else { return Ok(()) };
            // The profile has changed since it was read.
            match refused.at("profile").and_then(|existing| Visitor::read(driver_id, existing)) {
                Some(visitor) => again = Some(visitor),
                None => return Ok(()),
            }
        }
        Ok(())
    }

    /// Puts the driver where the search looks for them. A row leaves its list with its attributes: nobody may delete rows.
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

    /// Changes what the driver may change; `None` when there is no such driver.
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
        let change = changes([
            ("phone", text(&change.phone)),
            ("phone_confirmed", confirmed),
            ("company", text(&change.company)),
            ("email", text(&change.email)),
            ("filters", filters),
            ("language", text(&change.language)),
        ]);
        self.change_profile(driver_id, change).await
    }

    /// Keeps the phone that Telegram vouches for; `None` when there is no such driver.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn confirm_phone(&self, driver_id: i64, phone: &str) -> Result<Option<Profile>, StoreError> {
        let confirmed = AttributeValue::Bool(true);
        let change = changes([("phone", Some(Some(s(phone)))), ("phone_confirmed", Some(Some(confirmed)))]);
        self.change_profile(driver_id, change).await
    }

    /// Keeps whether the bot can write to the driver; `None` when there is no such driver.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn put_reachable(&self, driver_id: i64, reachable: bool) -> Result<Option<Profile>, StoreError> {
        let mark = (!reachable).then_some(AttributeValue::Bool(true));
        let change = changes([("unreachable", Some(mark))]);
        self.change_profile(driver_id, change).await
    }

    async fn change_profile(&self, driver_id: i64, change: Update) -> Result<Option<Profile>, StoreError> {
        let Some(item) = self.write_profile(driver_id, change, None).await? else { return Ok(None) };
        let Some(visitor) = Visitor::read(driver_id, &item) else { return Ok(None) };
        // The next sign-in finds what is missing in the search.
        if let Err(error) = self.record(&visitor, None).await {
            tracing::warn!(%error, "what a driver is found by could not be kept");
        }
        Ok(Some(visitor.profile))
    }

    async fn write_profile(
        &self,
        driver_id: i64,
        change: Update,
        seen: Option<(&str, i64)>,
    ) -> Result<Option<Item>, StoreError> {
        let key = keys::profile(driver_id);
        let mut update = change;
        if let Some((first_name, now_s)) = seen {
            update = update
                .set("first_name", s(first_name))
                .set_if_absent("created_at", n(now_s))
                .set("seen_at", n(now_s))
                .set_if_absent("list", s(List::Drivers.name()))
                .set_if_absent("listed_at", s(listed::place_of(&listed::instant(now_s * 1000), driver_id)))
                // Not moved with each visit: the job that finds it due sees whether the driver came since.
                .set_if_absent("due", s(FORGET))
                .set_if_absent("due_at", n(now_s * 1000 + IDLE_MS));
        }
        if update.is_empty() {
            return self.get_now("profile", &key).await;
        }
        if seen.is_none() {
            // Of a driver whose data was deleted there is a row, and it has no name.
            update = update.when(Condition::new("attribute_exists(first_name)"));
        }
        Ok(match self.update("change_profile", &key, update).await? {
            Outcome::Done(item) => Some(item),
            Outcome::Refused(_) => None,
        })
    }
}

/// The attributes of a profile that change: outer `None` leaves one as it is, inner `None` removes it.
fn changes<const N: usize>(attributes: [(&str, Option<Option<AttributeValue>>); N]) -> Update {
    attributes.into_iter().fold(Update::default(), |update, (name, value)| match value {
        None => update,
        Some(Some(value)) => update.set(name, value),
        Some(None) => update.remove(&[name]),
    })
}
