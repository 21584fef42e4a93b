//! Parses the search text for drivers and finds matches.
use futures_util::future::try_join_all;

use crate::{
    app::App,
    driver::{compared, from_end},
    error::Error,
    phone,
    store::{
        driver::{DriverPage, SearchTerm},
        keys::Clue,
    },
};

/// The shortest number that is searched as the beginning of a phone.
const PHONE_DIGITS: usize = 5;
/// The number of final digits that are searched as the end of a phone.
const PHONE_END: std::ops::RangeInclusive<usize> = 4..=9;
/// The most drivers shown for one number. A phone rarely belongs to more than one.
const OF_ONE_NUMBER: usize = 20;

/// The parsed search text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Query {
    /// Empty: all drivers.
    All,
    /// A number: a Telegram id, a phone, or its beginning.
    Number { id: Option<i64>, phones: Vec<SearchTerm> },
    /// A word that may be a username or a name.
    Either(SearchTerm, SearchTerm),
    /// The beginning of a username.
    Username(SearchTerm),
    /// Names: the beginning of one to search by, and words that must all match.
    Names(SearchTerm, Vec<String>),
}

impl Query {
    pub(super) fn parse(text: &str) -> Self {
        let whole = phone::parse(text);
        let text = compared(text);
        let sought = |clue, text: &str| SearchTerm { clue, text: text.to_owned(), whole: false };
        if let Some(username) = username(&text) {
            return Self::Username(sought(Clue::Username, username));
        }
        let beginnings = phone::beginnings(&text);
        if !beginnings.is_empty() {
            let id = text.parse().ok().filter(|id| *id > 0 && !text.starts_with('+'));
            let long = |number: &String| number.len() > PHONE_DIGITS;
            let phones = beginnings.into_iter().filter(long).map(|number| {
                let whole = whole.as_ref() == Ok(&number);
                SearchTerm { clue: Clue::Phone, text: number, whole }
            });
            let end = Some(from_end(&text)).filter(|end| PHONE_END.contains(&end.len()) && !text.starts_with('+'));
            let end = end.map(|end| sought(Clue::PhoneEnd, &end));
            return Self::Number { id, phones: phones.chain(end).collect() };
        }
        if text.starts_with(|c: char| c.is_ascii_lowercase()) && text.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Self::Either(sought(Clue::Username, &text), sought(Clue::Name, &text));
        }
        let words: Vec<_> = text.split([' ', '-']).filter(|word| !word.is_empty()).map(str::to_owned).collect();
        match words.first().filter(|word| !word.is_empty()) {
            Some(_) => Self::Names(sought(Clue::Name, text.split(' ').next().unwrap_or_default()), words.clone()),
            None => Self::All,
        }
    }
}

/// The username in the text: with `@`, as a link, or with an underscore, which only usernames have.
fn username(text: &str) -> Option<&str> {
    let text = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(text);
    let linked = ["t.me/", "telegram.me/", "@"].into_iter().find_map(|sign| text.strip_prefix(sign));
    if let Some(name) = linked {
        let name = name.trim_start_matches('@');
        return Some(name.split(['?', '/']).next().unwrap_or_default());
    }
    let is_one = text.contains('_') && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    is_one.then_some(text)
}

/// Selects drivers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DriverFilter {
    /// The search text.
    pub text: String,
    /// First signed in at or after this time, milliseconds.
    pub from_ms: Option<i64>,
    /// First signed in before this time, milliseconds.
    pub until_ms: Option<i64>,
}

impl App {
    /// A page of drivers that match the search text, or of all drivers, newest first. Only the latter can be filtered
    /// by time.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn find_drivers(
        &self,
        filter: &DriverFilter,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<DriverPage, Error> {
        Ok(match Query::parse(&filter.text) {
            Query::All => self.store.newest_drivers((filter.from_ms, filter.until_ms), cursor, limit).await?,
            Query::Username(sought) => self.store.sought_drivers(&sought, cursor, limit).await?,
            Query::Names(sought, words) => {
                let mut page = self.store.sought_drivers(&sought, cursor, limit).await?;
                page.items.retain(|row| {
                    let name = compared(&row.profile.full_name());
                    words.iter().all(|word| name.split([' ', '-']).any(|own| own.starts_with(word)))
                });
                page
            }
            Query::Either(username, name) => {
                // The few matches by username are on the first page.
                let few = async {
                    match cursor {
                        None => self.store.sought_drivers(&username, None, OF_ONE_NUMBER).await,
                        Some(_) => Ok(DriverPage::default()),
                    }
                };
                let (few, mut page) = tokio::try_join!(few, self.store.sought_drivers(&name, cursor, limit))?;
                page.items.retain(|row| few.items.iter().all(|known| known.profile.id != row.profile.id));
                page.items.splice(0..0, few.items);
                page
            }
            Query::Number { id, phones } => {
                let by_id = async { self.store.drivers(id.as_slice()).await };
                let by_phone =
                    try_join_all(phones.iter().map(|sought| self.store.sought_drivers(sought, None, OF_ONE_NUMBER)));
                let (mut items, by_phone) = tokio::try_join!(by_id, by_phone)?;
                for row in by_phone.into_iter().flat_map(|page| page.items) {
                    if items.iter().all(|known| known.profile.id != row.profile.id) {
                        items.push(row);
                    }
                }
                DriverPage { items, cursor: None }
            }
        })
    }
}
