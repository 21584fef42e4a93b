//! Drivers as admins see and change them.
use super::{
    Attributes, Item, Store, StoreError,
    admin::role,
    billing::{access, access_keys, body},
    keys::{Clue, Key, List},
    listed::Selection,
    profile,
};
use crate::{
    access::Access,
    auth::{role::Role, session::LINK_SESSION},
    billing::subscription::Subscription,
    driver::{Block, Profile},
};

/// A driver in a list.
pub struct DriverRow {
    /// Who they are; names are empty when their data was deleted.
    pub profile: Profile,
    /// When they first signed in, seconds since 1970-01-01 UTC.
    pub created_at_s: Option<i64>,
    /// When they last signed in, seconds.
    pub seen_at_s: Option<i64>,
    /// When their data was deleted, milliseconds.
    pub deleted_at_ms: Option<i64>,
    /// Whether they are blocked.
    pub block: Block,
    /// Until when they have paid.
    pub subscription: Subscription,
}

/// A session that runs, as admins see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningSession {
    /// When the driver signed in through Telegram, seconds since 1970-01-01 UTC.
    pub signed_in_at_s: Option<i64>,
    /// When it ends if it is not used, seconds.
    pub expires_at_s: i64,
    /// An access link opened it.
    pub by_link: bool,
}

/// All that one read tells of a driver.
pub struct DriverCard {
    /// The driver.
    pub row: DriverRow,
    /// Their session, if one was not ended.
    pub session: Option<RunningSession>,
    /// What decides about their access.
    pub access: Access,
    /// What they may administer.
    pub role: Option<Role>,
}

/// A page of drivers.
#[derive(Default)]
pub struct DriverPage {
    /// The drivers.
    pub items: Vec<DriverRow>,
    /// Where the next page goes on; `None` when there is nothing more.
    pub cursor: Option<String>,
}

/// What is looked for in the search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sought {
    /// What it is.
    pub clue: Clue,
    /// Its beginning, or the whole of it, in the form in which it is compared.
    pub text: String,
    /// Whether it is the whole.
    pub whole: bool,
}

/// Reads rows that were found together: what is not there was never written.
fn or_default<T: serde::de::DeserializeOwned + Default>(rows: &[Item], key: &Key) -> Result<T, StoreError> {
    match rows.iter().find(|row| key.is_of(row)) {
        Some(row) => body(row).ok_or_else(|| StoreError::malformed("drivers", "body")),
        None => Ok(T::default()),
    }
}

fn read(driver_id: i64, rows: &[Item]) -> Result<Option<DriverRow>, StoreError> {
    let Some(item) = rows.iter().find(|row| Key::profile(driver_id).is_of(row)) else { return Ok(None) };
    Ok(Some(DriverRow {
        profile: profile::read_any(driver_id, item),
        created_at_s: item.number("created_at"),
        seen_at_s: item.number("seen_at"),
        deleted_at_ms: item.number("deleted_at"),
        block: or_default(rows, &Key::block(driver_id))?,
        subscription: or_default(rows, &Key::subscription(driver_id))?,
    }))
}

fn session(item: &Item) -> Option<RunningSession> {
    let id = item.text("session_id")?;
    Some(RunningSession {
        // One that only ever came by a link has no launch.
        signed_in_at_s: item.number("auth_date").filter(|at| *at > 0),
        expires_at_s: item.number("expires_at")?,
        by_link: id.starts_with(LINK_SESSION),
    })
}

impl Store {
    /// The drivers of these ids who are known, in this order: one read per 33 of them.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn drivers(&self, ids: &[i64]) -> Result<Vec<DriverRow>, StoreError> {
        let keys = |id: &i64| [Key::profile(*id), Key::block(*id), Key::subscription(*id)];
        let keys = ids.iter().flat_map(keys).map(|key| key.attributes()).collect();
        let rows = self.get_many("drivers", keys).await?;
        let mut by_driver: std::collections::HashMap<i64, Vec<Item>> = std::collections::HashMap::new();
        for row in rows {
            by_driver.entry(Key::driver_of(&row).unwrap_or_default()).or_default().push(row);
        }
        let mut drivers = Vec::new();
        for id in ids {
            drivers.extend(by_driver.get(id).map(|rows| read(*id, rows)).transpose()?.flatten());
        }
        Ok(drivers)
    }

    /// A page of all drivers, the newest first.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn newest_drivers(&self, cursor: Option<&str>, limit: usize) -> Result<DriverPage, StoreError> {
        let selection =
            Selection { newest_first: true, cursor: cursor.map(str::to_owned), limit, ..Selection::default() };
        let page = self.places_in("newest_drivers", &List::Drivers, &selection).await?;
        let ids: Vec<_> = page.rows.iter().filter_map(Key::driver_of).collect();
        Ok(DriverPage { items: self.drivers(&ids).await?, cursor: page.cursor })
    }

    /// A page of the drivers who have this, in the order of the alphabet. Who has it as first and as last name is there once.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn sought_drivers(
        &self,
        sought: &Sought,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<DriverPage, StoreError> {
        let from = if sought.whole { List::place_of(&sought.text, "") } else { sought.text.clone() };
        let selection = Selection {
            until: Some(format!("{from}{}", char::MAX)),
            from: Some(from),
            cursor: cursor.map(str::to_owned),
            limit,
            ..Selection::default()
        };
        let page = self.places_in("sought_drivers", &List::Found(sought.clue), &selection).await?;
        let is_surname = |place: &Item| place.text("sk").is_some_and(|sk| sk.ends_with(Clue::Surname.as_str()));
        let found: Vec<_> =
            page.rows.iter().filter_map(|place| Some((Key::driver_of(place)?, is_surname(place)))).collect();
        let mut ids: Vec<_> = found.iter().map(|(id, _)| *id).collect();
        let mut seen = std::collections::HashSet::new();
        ids.retain(|id| seen.insert(*id));
        let mut items = self.drivers(&ids).await?;
        let by_surname_alone =
            |id: i64| found.iter().filter(|(found, _)| *found == id).all(|(_, is_surname)| *is_surname);
        // The other place of who has it twice is on this page or on another.
        items.retain(|row| {
            let first = row.profile.clues().remove(&Clue::Name).unwrap_or_default();
            !(by_surname_alone(row.profile.id) && first.starts_with(&sought.text))
        });
        Ok(DriverPage { items, cursor: page.cursor })
    }

    /// All that one read tells of a driver; `None` when nobody of that id ever signed in.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn driver_card(&self, driver_id: i64) -> Result<Option<DriverCard>, StoreError> {
        let (session_key, role_key) = (Key::session(driver_id), Key::role(driver_id));
        let own = [Key::profile(driver_id), session_key.clone(), role_key.clone()];
        let keys = access_keys(driver_id).into_iter().chain(own).map(|key| key.attributes()).collect();
        let rows = self.get_many("driver_card", keys).await?;
        let found = |key: &Key| rows.iter().find(|row| key.is_of(row));
        let Some(row) = read(driver_id, &rows)? else { return Ok(None) };
        Ok(Some(DriverCard {
            row,
            session: found(&session_key).and_then(session),
            access: access(driver_id, &rows)?,
            role: found(&role_key).and_then(role),
        }))
    }
}
