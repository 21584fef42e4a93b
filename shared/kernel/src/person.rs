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

    /// The person whom an identity means.
    pub fn of(identity: &Identity) -> Option<Self> {
        match identity.channel {
            Messenger::Telegram => identity.id.parse().ok().filter(|id| *id > 0).map(Self),
        }
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
    fn a_person_and_their_identity_mean_each_other() {
        let person = PersonId::new(5_000_000_001);
        assert_eq!(PersonId::of(&person.identity()), Some(person));
        assert_eq!(person.to_string(), "5000000001");
        for id in ["", "0", "-5", "x"] {
            assert_eq!(PersonId::of(&Identity { channel: Messenger::Telegram, id: id.into() }), None, "{id}");
        }
    }
}
