//! Who somebody is, whatever messenger they use.
use std::fmt;

/// A messenger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Messenger {
    /// Telegram.
    Telegram,
}

impl Messenger {
    const ALL: [Self; 1] = [Self::Telegram];

    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Telegram => "telegram",
        }
    }

    /// What was stored.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == text)
    }
}

/// A person as a messenger knows them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    /// The messenger.
    pub channel: Messenger,
    /// Its own id of them.
    pub id: String,
}

/// Whom the product knows. Who came by Telegram has the number of their identity there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(i64);

impl PersonId {
    /// The person of this number, as rows have it.
    pub fn new(number: i64) -> Self {
        Self(number)
    }

    /// The number.
    pub fn number(self) -> i64 {
        self.0
    }

    /// How the person is known at Telegram.
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
