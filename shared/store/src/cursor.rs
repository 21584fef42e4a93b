//! Cursors: the position where the next page starts, opaque to the caller.
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::StoreError;

/// Separates the texts of a cursor, none of which contains it.
const BETWEEN: &str = "\n";

/// A position in a list.
pub trait Place: Sized {
    /// The texts that make up the position.
    fn texts(&self) -> Vec<&str>;

    /// Parses the texts; `None` when they are invalid.
    fn read(texts: &[&str]) -> Option<Self>;
}

/// The position where a page ended. A cursor names its list, so it is invalid for any other.
#[derive(Debug)]
pub struct Cursor<P> {
    list: String,
    place: P,
}

impl<P: Place> Cursor<P> {
    /// A cursor for this position in the list.
    pub fn new(list: &str, place: P) -> Self {
        Self { list: list.to_owned(), place }
    }

    /// The encoded form for the caller.
    pub fn seal(&self) -> String {
        let texts: Vec<_> = [self.list.as_str()].into_iter().chain(self.place.texts()).collect();
        URL_SAFE_NO_PAD.encode(texts.join(BETWEEN))
    }

    fn open(list: &str, sealed: &str) -> Option<Self> {
        let decoded = decoded(sealed)?;
        let (of, texts) = texts(&decoded)?;
        (of == list).then(|| P::read(&texts)).flatten().map(|place| Self::new(list, place))
    }

    /// The position in a cursor of this list, if it satisfies `fits`. `None` without a cursor.
    ///
    /// # Errors
    /// The cursor is malformed or belongs to another list.
    pub fn start(
        operation: &'static str,
        list: &str,
        sealed: Option<&str>,
        fits: impl FnOnce(&P) -> bool,
    ) -> Result<Option<P>, StoreError> {
        let Some(sealed) = sealed else { return Ok(None) };
        let place = Self::open(list, sealed).map(|cursor| cursor.place).filter(fits);
        place.map(Some).ok_or_else(|| StoreError::foreign_cursor(operation))
    }
}

/// Whether the text has the form of a cursor.
pub fn is_cursor(text: &str) -> bool {
    decoded(text).is_some_and(|decoded| texts(&decoded).is_some())
}

fn decoded(sealed: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(sealed).ok()?).ok()
}

/// The list name and the texts of the position.
fn texts(decoded: &str) -> Option<(&str, Vec<&str>)> {
    let (list, place) = decoded.split_once(BETWEEN)?;
    let texts: Vec<_> = place.split(BETWEEN).collect();
    (!list.is_empty() && texts.iter().all(|text| !text.is_empty())).then_some((list, texts))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug, PartialEq, Eq)]
    struct Day(String, String);

    impl Place for Day {
        fn texts(&self) -> Vec<&str> {
            vec![&self.0, &self.1]
        }

        fn read(texts: &[&str]) -> Option<Self> {
            let [day, below] = texts else { return None };
            Some(Self((*day).to_owned(), (*below).to_owned()))
        }
    }

    fn start(list: &str, sealed: &str) -> Result<Option<Day>, StoreError> {
        Cursor::start("test", list, Some(sealed), |_| true)
    }

    #[test]
    fn a_cursor_opens_its_own_list_alone() {
        let day = Day("2026-01-01".into(), "b".into());
        let sealed = Cursor::new("DAYS", day.clone()).seal();
        assert!(is_cursor(&sealed));
        assert_eq!(start("DAYS", &sealed).unwrap(), Some(day));
        for other in ["", "DAY", "DAYS#", "NIGHTS", "DAYS\n2026-01-01"] {
            assert!(start(other, &sealed).unwrap_err().is_about_cursor(), "{other:?}");
        }
        assert_eq!(Cursor::<Day>::start("test", "DAYS", None, |_| true).unwrap(), None);
    }

    #[test]
    fn a_forged_cursor_opens_nothing() {
        let forged = ["", "DAYS", "DAYS\n", "DAYS\na", "DAYS\na\n", "DAYS\n\nb", "DAYS\na\nb\nc", "\na\nb"];
        for forged in forged {
            let error = start("DAYS", &URL_SAFE_NO_PAD.encode(forged)).unwrap_err();
            assert!(error.is_about_cursor() && !error.is_lasting(), "{forged:?}");
        }
        // A position that is invalid in this list.
        let sealed = Cursor::new("DAYS", Day("a".into(), "b".into())).seal();
        assert!(
            Cursor::<Day>::start("test", "DAYS", Some(&sealed), |day| day.0.as_str() > "b")
                .unwrap_err()
                .is_about_cursor()
        );
    }

    proptest! {
        #[test]
        fn no_text_is_a_cursor_by_chance(text in "\\PC*") {
            prop_assert!(start("DAYS", &text).is_err());
        }
    }
}
