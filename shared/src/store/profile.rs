//! The profile row: who a driver is and what they prefer.
use super::{Attributes, Item, Outcome, Store, StoreError, keys::Key, n, s};
use crate::{
    auth::init_data::User,
    driver::{Profile, ProfileChange},
};

pub(super) fn read(driver_id: i64, item: &Item) -> Option<Profile> {
    let text = |name| item.text(name).map(str::to_owned);
    Some(Profile {
        id: driver_id,
        first_name: text("first_name")?,
        last_name: text("last_name"),
        username: text("username"),
        phone: text("phone"),
        phone_confirmed: item.flag("phone_confirmed"),
        company: text("company"),
        email: text("email"),
        filters: item.text("filters").and_then(|json| serde_json::from_str(json).ok()),
        language: text("language"),
        unreachable: item.flag("unreachable"),
    })
}

impl Store {
    /// The driver's profile, if they ever signed in.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn profile(&self, driver_id: i64) -> Result<Option<Profile>, StoreError> {
        let item = self.get("profile", &Key::profile(driver_id)).await?;
        Ok(item.and_then(|item| read(driver_id, &item)))
    }

    /// Keeps what Telegram says of the driver, and returns the whole profile.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn put_user(&self, user: &User, now_s: i64) -> Result<Profile, StoreError> {
        let named = [("last_name", &user.last_name), ("username", &user.username)];
        let change = Change::new(named.map(|(name, value)| (name, Some(value.as_deref().map(s)))));
        self.change_profile(user.id, change, Some((&user.first_name, now_s)))
            .await?
            .ok_or_else(|| StoreError::malformed("put_user", "first_name"))
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
        let change = Change::new([
            ("phone", text(&change.phone)),
            ("phone_confirmed", confirmed),
            ("company", text(&change.company)),
            ("email", text(&change.email)),
            ("filters", filters),
            ("language", text(&change.language)),
        ]);
        self.change_profile(driver_id, change, None).await
    }

    /// Keeps the phone that Telegram vouches for; `None` when there is no such driver.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn confirm_phone(&self, driver_id: i64, phone: &str) -> Result<Option<Profile>, StoreError> {
        let confirmed = aws_sdk_dynamodb::types::AttributeValue::Bool(true);
        let change = Change::new([("phone", Some(Some(s(phone)))), ("phone_confirmed", Some(Some(confirmed)))]);
        self.change_profile(driver_id, change, None).await
    }

    /// Keeps whether the bot can write to the driver; `None` when there is no such driver.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn put_reachable(&self, driver_id: i64, reachable: bool) -> Result<Option<Profile>, StoreError> {
        let mark = (!reachable).then_some(aws_sdk_dynamodb::types::AttributeValue::Bool(true));
        let change = Change::new([("unreachable", Some(mark))]);
        self.change_profile(driver_id, change, None).await
    }

    async fn change_profile(
        &self,
        driver_id: i64,
        change: Change,
        seen: Option<(&str, i64)>,
    ) -> Result<Option<Profile>, StoreError> {
        let key = Key::profile(driver_id);
        let mut set = change.set;
        if seen.is_some() {
            set.push(
                "first_name = :first_name, created_at = if_not_exists(created_at, :now), seen_at = :now".to_owned(),
            );
        }
        let part = |verb: &str, list: Vec<String>| {
            if list.is_empty() { String::new() } else { format!("{verb} {} ", list.join(", ")) }
        };
        let expression = part("SET", set) + &part("REMOVE", change.remove);
        if expression.is_empty() {
            return self.profile(driver_id).await;
        }
        let mut update = self.update_item(&key).update_expression(expression.trim());
        for (name, placeholder, value) in change.values {
            update = update.expression_attribute_names(format!("#{name}"), name);
            if let Some(value) = value {
                update = update.expression_attribute_values(placeholder, value);
            }
        }
        update = match seen {
            Some((first_name, now_s)) => update
                .expression_attribute_values(":first_name", s(first_name))
                .expression_attribute_values(":now", n(now_s)),
            None => update.condition_expression("attribute_exists(pk)"),
        };
        Ok(match self.update("change_profile", &key, update).await? {
            Outcome::Done(item) => read(driver_id, &item),
            Outcome::Refused(_) => None,
        })
    }
}

/// Attributes to set and to remove.
#[derive(Default)]
struct Change {
    set: Vec<String>,
    remove: Vec<String>,
    values: Vec<(&'static str, String, Option<aws_sdk_dynamodb::types::AttributeValue>)>,
}

impl Change {
    /// From attributes: outer `None` leaves one as it is, inner `None` removes it.
    fn new<const N: usize>(
        attributes: [(&'static str, Option<Option<aws_sdk_dynamodb::types::AttributeValue>>); N],
    ) -> Self {
        let mut change = Self::default();
        for (name, value) in attributes {
            let Some(value) = value else { continue };
            match value {
                Some(_) => change.set.push(format!("#{name} = :{name}")),
                None => change.remove.push(format!("#{name}")),
            }
            change.values.push((name, format!(":{name}"), value));
        }
        change
    }
}
