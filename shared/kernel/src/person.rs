//! Who a person is, independent of their messenger.
use std::fmt;

/// A messenger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Messenger {
    /// Telegram.
    Telegram,
}

impl Messenger {
    const ALL: [Self; 1] = [Self::Telegram];

    /// The stored form.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Telegram => "telegram",
        }
    }

    /// Parses the stored form.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == text)
    }
}

/// A person's identity in a messenger.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    /// The messenger.
    pub channel: Messenger,
    /// The messenger's id of the person.
    pub id: String,
}

/// A person known to the product. For people who signed in through Telegram, it is their Telegram id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(i64);

impl PersonId {
    /// The person with this number, as stored in rows.
    pub fn new(number: i64) -> Self {
        Self(number)
    }

    /// The number.
    pub fn number(self) -> i64 {
        self.0
    }

    /// The person's Telegram identity.
    pub fn identity(self) -> Identity {
        Identity { channel: Messenger::Telegram, id: self.0.to_string() }
    }
}

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_has_the_number_of_their_identity() {
        let person = PersonId::new(5_000_000_001);
        assert_eq!(person.identity(), Identity { channel: Messenger::Telegram, id: person.to_string() });
        assert_eq!(Messenger::parse(Messenger::Telegram.as_str()), Some(Messenger::Telegram));
        assert_eq!(Messenger::parse(""), None);
    }
}
