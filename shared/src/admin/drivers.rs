//! Drivers as admins look for them.
use crate::{
    app::App,
    billing::subscription::Entry,
    driver::{compared, phone},
    error::Error,
    store::{
        driver::{DriverCard, DriverPage, Sought},
        keys::Clue,
        response::{ListedResponse, ResponsePage},
    },
};

/// Digits from which on a number can be the beginning of a phone.
const PHONE_DIGITS: usize = 5;
/// Drivers who are shown for one number: a phone is rarely anybody's but one driver's.
const OF_ONE_NUMBER: usize = 20;
/// Responses on a page.
const RESPONSES: i32 = 20;

/// What somebody who looks for a driver has typed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Query {
    /// Nothing: all of them.
    All,
    /// A number: Telegram's id, a phone, or the beginning of one.
    Number { id: Option<i64>, phone: Option<Sought> },
    /// The beginning of a name at Telegram.
    Username(Sought),
    /// Names: the beginning of one to look for, and words that all have to be there.
    Names(Sought, Vec<String>),
}

impl Query {
    fn parse(text: &str) -> Self {
        let text = compared(text);
        let sought = |clue, text: &str| Sought { clue, text: text.to_owned(), whole: false };
        if let Some(username) = text.strip_prefix('@') {
            return Self::Username(sought(Clue::Username, username));
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        if !digits.is_empty() && text.chars().all(|c| c.is_ascii_digit() || " +-()".contains(c)) {
            let id = text.parse().ok().filter(|id| *id > 0 && !text.starts_with('+'));
            let number = match phone(&text) {
                Ok(number) => Some(Sought { clue: Clue::Phone, text: number, whole: true }),
                Err(_) if digits.len() >= PHONE_DIGITS => Some(sought(Clue::Phone, &format!("+{digits}"))),
                Err(_) => None,
            };
            return Self::Number { id, phone: number };
        }
        let words: Vec<_> = text.split(' ').map(str::to_owned).collect();
        match words.first().filter(|word| !word.is_empty()) {
            Some(first) => Self::Names(sought(Clue::Name, first), words.clone()),
            None => Self::All,
        }
    }
}

impl App {
    /// A page of the drivers who are meant by what somebody has typed; of all, the newest first, if that is nothing.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn find_drivers(&self, text: &str, cursor: Option<&str>, limit: usize) -> Result<DriverPage, Error> {
        Ok(match Query::parse(text) {
            Query::All => self.store.newest_drivers(cursor, limit).await?,
            Query::Username(sought) => self.store.sought_drivers(&sought, cursor, limit).await?,
            Query::Names(sought, words) => {
                let mut page = self.store.sought_drivers(&sought, cursor, limit).await?;
                page.items.retain(|row| {
                    let name = compared(&row.profile.full_name());
                    words.iter().all(|word| name.split(' ').any(|own| own.starts_with(word)))
                });
                page
            }
            Query::Number { id, phone } => {
                let by_id = async { self.store.drivers(id.as_slice()).await };
                let by_phone = async {
                    match &phone {
                        Some(sought) => self.store.sought_drivers(sought, None, OF_ONE_NUMBER).await,
                        None => Ok(DriverPage::default()),
                    }
                };
                let (mut items, by_phone) = tokio::try_join!(by_id, by_phone)?;
                items.extend(by_phone.items.into_iter().filter(|row| Some(row.profile.id) != id));
                DriverPage { items, cursor: None }
            }
        })
    }

    /// All about a driver, and the ledger of their subscription, the newest entry first.
    ///
    /// # Errors
    /// Nobody of that id ever signed in, or the store does not answer.
    pub async fn driver(&self, driver_id: i64) -> Result<(DriverCard, Vec<Entry>), Error> {
        let (card, ledger) = tokio::try_join!(self.store.driver_card(driver_id), self.store.ledger(driver_id))?;
        let mut ledger = ledger;
        ledger.reverse();
        Ok((card.ok_or(Error::NotFound)?, ledger))
    }

    /// A page of a driver's responses, the newest first.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn responses_of(&self, driver_id: i64, from: Option<&ListedResponse>) -> Result<ResponsePage, Error> {
        Ok(self.store.responses(driver_id, from, RESPONSES).await?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn whole(clue: Clue, text: &str) -> Sought {
        Sought { clue, text: text.to_owned(), whole: true }
    }

    fn beginning(clue: Clue, text: &str) -> Sought {
        Sought { clue, text: text.to_owned(), whole: false }
    }

    #[test]
    fn what_is_typed_is_understood() {
        assert_eq!(Query::parse("  "), Query::All);
        assert_eq!(Query::parse("@Ivan_P"), Query::Username(beginning(Clue::Username, "ivan_p")));
        assert_eq!(Query::parse("7712"), Query::Number { id: Some(7712), phone: None });
        let phone = whole(Clue::Phone, "+79161234567");
        assert_eq!(Query::parse("8 (916) 123-45-67"), Query::Number { id: None, phone: Some(phone.clone()) });
        assert_eq!(Query::parse("79161234567"), Query::Number { id: Some(79_161_234_567), phone: Some(phone) });
        let begun = beginning(Clue::Phone, "+7916");
        assert_eq!(Query::parse("+7916"), Query::Number { id: None, phone: None }, "four digits are anybody's");
        assert_eq!(
            Query::parse("+7 9161"),
            Query::Number { id: None, phone: Some(Sought { text: "+79161".into(), ..begun }) }
        );
        let names = Query::Names(beginning(Clue::Name, "федор"), vec!["федор".into(), "ив".into()]);
        assert_eq!(Query::parse(" ФЁДОР  ив"), names);
    }

    proptest! {
        #[test]
        fn nothing_that_is_typed_panics(text in "\\PC{0,80}") {
            let _ = Query::parse(&text);
        }
    }
}
