//! Destinations of messages.
use std::fmt;

use crate::person::{Identity, Messenger};

/// A destination in a messenger.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Address {
    /// A private chat with one person.
    Private(Identity),
    /// A group.
    Group(Chat),
    /// A topic of a group.
    Topic(Chat, String),
}

/// A group chat.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Chat {
    /// The messenger.
    pub channel: Messenger,
    /// The messenger's id of the chat.
    pub id: String,
}

/// Identifies a sent message in its messenger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRef {
    /// The chat that holds it.
    pub at: Address,
    /// The messenger's id of the message, unique within the chat.
    pub id: String,
}

impl Address {
    /// The messenger.
    pub fn channel(&self) -> Messenger {
        match self {
            Self::Private(person) => person.channel,
            Self::Group(chat) | Self::Topic(chat, _) => chat.channel,
        }
    }

    /// The messenger's id of the chat. A topic returns the id of its group.
    pub fn chat_id(&self) -> &str {
        match self {
            Self::Private(person) => &person.id,
            Self::Group(chat) | Self::Topic(chat, _) => &chat.id,
        }
    }

    /// Whether only one person reads this chat.
    pub fn is_private(&self) -> bool {
        matches!(self, Self::Private(_))
    }

    /// Parses the stored form.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let (channel, kind, id) = (Messenger::parse(parts.next()?)?, parts.next()?, parts.next()?.to_owned());
        let topic = parts.next();
        if id.is_empty() || parts.next().is_some() {
            return None;
        }
        match (kind, topic) {
            ("private", None) => Some(Self::Private(Identity { channel, id })),
            ("group", None) => Some(Self::Group(Chat { channel, id })),
            ("topic", Some(topic)) if !topic.is_empty() => Some(Self::Topic(Chat { channel, id }, topic.to_owned())),
            _ => None,
        }
    }
}

/// The stored form: `telegram:private:5000000001`, `telegram:group:-1001`, `telegram:topic:-1001:7`.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (channel, id) = (self.channel().as_str(), self.chat_id());
        match self {
            Self::Private(_) => write!(f, "{channel}:private:{id}"),
            Self::Group(_) => write!(f, "{channel}:group:{id}"),
            Self::Topic(_, topic) => write!(f, "{channel}:topic:{id}:{topic}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_by_its_text() {
        for text in ["telegram:private:5000000001", "telegram:group:-1001", "telegram:topic:-1001:7"] {
            let address = Address::parse(text).expect("an address");
            assert_eq!(address.to_string(), text);
            assert_eq!(address.is_private(), text.contains("private"));
        }
        let odd = ["", "telegram", "telegram:group", "telegram:group:", "telegram:group:1:2", "telegram:topic:1"];
        for text in odd.into_iter().chain(["telegram:topic:1:", "telegram:topic:1:2:3", "other:group:1", "-1001"]) {
            assert_eq!(Address::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_topic_is_part_of_its_groups_chat() {
        let topic = Address::parse("telegram:topic:-1001:7").expect("an address");
        assert_eq!(topic.chat_id(), "-1001");
    }
}
