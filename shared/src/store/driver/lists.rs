//! Lists of drivers and subscriptions, and the search.
use std::collections::{HashMap, HashSet};

use ::store::{
    Attributes, Item, Key, StoreError,
    listed::{self, Filter, Selection},
    s,
};

use super::{
    super::{
        Store,
        billing::{body, kind},
        keys::{self, Clue, List},
    },
    DriverRow, read,
};
use crate::{
    admin::drivers::SubscriptionFilter,
    billing::subscription::{Source, State, Subscription},
};

/// A subscription in a list.
pub struct Subscribed {
    /// The driver.
    pub driver_id: i64,
    /// The subscription.
    pub subscription: Subscription,
}

/// A page of subscriptions.
#[derive(Default)]
pub struct SubscriptionPage {
    /// The subscriptions.
    pub items: Vec<Subscribed>,
    /// Cursor of the next page; `None` on the last page.
    pub cursor: Option<String>,
    /// The end of the last subscription searched, milliseconds.
    pub reached_ms: Option<i64>,
}

/// A page of drivers.
#[derive(Default)]
pub struct DriverPage {
    /// The drivers.
    pub items: Vec<DriverRow>,
    /// Cursor of the next page; `None` on the last page.
    pub cursor: Option<String>,
}

/// A search term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchTerm {
    /// The kind of term.
    pub clue: Clue,
    /// The term or its prefix, in normalised form.
    pub text: String,
    /// Whether it is complete rather than a prefix.
    pub whole: bool,
}

impl Store {
    /// The known drivers among these ids, in the same order: one read per 33.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn drivers(&self, ids: &[i64]) -> Result<Vec<DriverRow>, StoreError> {
        let keys = |id: &i64| [keys::profile(*id), keys::block(*id), keys::subscription(*id)];
        let keys = ids.iter().flat_map(keys).map(|key| key.attributes()).collect();
        let rows = self.get_many("drivers", keys).await?;
        let mut by_driver: HashMap<i64, Vec<Item>> = HashMap::new();
        for row in rows {
            by_driver.entry(Key::driver_of(&row).unwrap_or_default()).or_default().push(row);
        }
        let mut drivers = Vec::new();
        for id in ids {
            drivers.extend(by_driver.get(id).map(|rows| read(*id, rows)).transpose()?.flatten());
        }
        Ok(drivers)
    }

    /// Counts the known drivers who first signed in from `from_ms` up to but not including `until_ms`.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn count_new_drivers(&self, from_ms: i64, until_ms: i64) -> Result<i64, StoreError> {
        let counts =
            self.count_listed("count_new_drivers", &List::Drivers.name(), Some(from_ms), Some(until_ms)).await?;
        Ok(counts.values().sum())
    }

    /// A page of drivers who first signed in from the first instant up to but not including the second, newest first.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn newest_drivers(
        &self,
        (from_ms, until_ms): (Option<i64>, Option<i64>),
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<DriverPage, StoreError> {
        let selection = Selection::newest(cursor, limit).between(from_ms, until_ms);
        let page = self.places_in("newest_drivers", &List::Drivers.name(), &selection).await?;
        let ids: Vec<_> = page.rows.iter().filter_map(Key::driver_of).collect();
        Ok(DriverPage { items: self.drivers(&ids).await?, cursor: page.cursor })
    }

    /// A page of drivers who match the term, in alphabetical order. A driver who matches by first and last name appears
    /// once.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn sought_drivers(
        &self,
        sought: &SearchTerm,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<DriverPage, StoreError> {
        let from = if sought.whole { listed::place_of(&sought.text, "") } else { sought.text.clone() };
        let selection = Selection {
            until: Some(format!("{from}{}", char::MAX)),
            from: Some(from),
            cursor: cursor.map(str::to_owned),
            limit,
            ..Selection::default()
        };
        let page = self.places_in("sought_drivers", &List::Found(sought.clue).name(), &selection).await?;
        let clue_of = |place: &Item| {
            let name = place.text("sk")?.strip_prefix("FOUND#")?;
            Clue::ALL.into_iter().find(|clue| clue.as_str() == name)
        };
        let found: Vec<_> =
            page.rows.iter().filter_map(|place| Some((Key::driver_of(place)?, clue_of(place)?))).collect();
        let mut ids: Vec<_> = found.iter().map(|(id, _)| *id).collect();
        let mut seen = HashSet::new();
        ids.retain(|id| seen.insert(*id));
        let mut items = self.drivers(&ids).await?;
        // A driver who matches more than once appears at the first match; the others are on this page or another.
        items.retain(|row| {
            let clues = row.profile.clues();
            let has = |clue: &Clue| clues.get(clue).is_some_and(|text| text.starts_with(&sought.text));
            let names = [Clue::Name, Clue::Surname, Clue::SurnameHalf];
            let first = names.into_iter().find(has).filter(|_| names.contains(&sought.clue));
            first.is_none_or(|first| found.contains(&(row.profile.id, first)))
        });
        Ok(DriverPage { items, cursor: page.cursor })
    }

    /// A page of subscriptions: active ones by the earliest end, ended ones by the latest.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn find_subscriptions(
        &self,
        wanted: &SubscriptionFilter,
        now_ms: i64,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<SubscriptionPage, StoreError> {
        let runs_from = now_ms + 1;
        let from = |least: Option<i64>| least.max(wanted.from_ms);
        let (from_ms, until_ms, of) = match wanted.state {
            Some(State::Trial) => (from(Some(runs_from)), wanted.until_ms, Some(Source::Trial)),
            Some(State::Active) => (from(Some(runs_from)), wanted.until_ms, Some(Source::Payment)),
            Some(_) => (wanted.from_ms, Some(wanted.until_ms.map_or(runs_from, |until| until.min(runs_from))), None),
            None => (wanted.from_ms, wanted.until_ms, None),
        };
        let filter = of.map(|source| {
            let wanted = Subscription { source: Some(source), ..Subscription::default() };
            Filter::default().and("state", "=", s(kind(&wanted)))
        });
        let page = Selection::newest(cursor, limit).between(from_ms, until_ms);
        let selection = Selection { newest_first: of.is_none(), filter, ..page };
        let page = self.listed("find_subscriptions", &List::Subscriptions.name(), &selection).await?;
        let reached_ms = page.reached_ms();
        let read = |row: &Item| Some(Subscribed { driver_id: row.number("driver_id")?, subscription: body(row)? });
        Ok(SubscriptionPage { items: page.rows.iter().filter_map(read).collect(), cursor: page.cursor, reached_ms })
    }
}
