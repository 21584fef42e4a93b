//! Kinds of messages. Each is declared by the module that owns it; the product puts them together in one table.
use std::fmt;

use crate::class::Class;

/// A kind of message.
#[derive(Debug)]
pub struct Kind {
    /// How it is stored, before what tells one message of the kind from another.
    pub name: &'static str,
    /// How urgent it is.
    pub class: Class,
    /// Reads what tells one message of the kind from another, out of the text behind its name. `None` for a kind whose messages
    /// nothing tells from each other.
    pub read: Option<fn(&str) -> Option<Argument>>,
}

/// What tells a message from others of its kind about the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument {
    /// One of a few names, such as the status of a notice.
    Name(&'static str),
    /// A number, such as the days of a reminder.
    Number(u32),
}

impl fmt::Display for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Number(number) => number.fmt(f),
        }
    }
}

/// A message of a kind.
#[derive(Clone, Copy, Debug)]
pub struct MessageKind {
    kind: &'static Kind,
    argument: Option<Argument>,
}

/// Kinds are told apart by their names.
impl PartialEq for MessageKind {
    fn eq(&self, other: &Self) -> bool {
        self.is(other.kind) && self.argument == other.argument
    }
}

impl Eq for MessageKind {}

impl Kind {
    /// A kind whose messages nothing tells from each other.
    pub const fn plain(name: &'static str, class: Class) -> Self {
        Self { name, class, read: None }
    }

    /// The only message of this kind.
    pub const fn only(&'static self) -> MessageKind {
        MessageKind { kind: self, argument: None }
    }

    /// The message of this kind that `argument` tells from others.
    pub const fn of(&'static self, argument: Argument) -> MessageKind {
        MessageKind { kind: self, argument: Some(argument) }
    }
}

impl MessageKind {
    /// How urgent it is.
    pub fn class(self) -> Class {
        self.kind.class
    }

    /// Whether it is of this kind.
    pub fn is(self, kind: &Kind) -> bool {
        self.kind.name == kind.name
    }

    /// The number that tells it from others of its kind.
    pub fn number(self) -> Option<u32> {
        match self.argument {
            Some(Argument::Number(number)) => Some(number),
            _ => None,
        }
    }

    /// The name that tells it from others of its kind.
    pub fn name(self) -> Option<&'static str> {
        match self.argument {
            Some(Argument::Name(name)) => Some(name),
            _ => None,
        }
    }

    /// As it is stored.
    pub fn as_text(self) -> String {
        match self.argument {
            Some(argument) => format!("{}-{argument}", self.kind.name),
            None => self.kind.name.to_owned(),
        }
    }

    /// The id of its row. It follows from what it is about, so nothing can be sent under two rows.
    pub fn delivery_id(self, subject: &str) -> String {
        format!("{}-{subject}", self.as_text())
    }
}

/// The message that was stored as this, if it is of one of these kinds.
pub fn parse(mut kinds: impl Iterator<Item = &'static Kind>, text: &str) -> Option<MessageKind> {
    let (name, rest) = text.split_once('-').map_or((text, None), |(name, rest)| (name, Some(rest)));
    let kind = kinds.find(|kind| kind.name == name)?;
    match (kind.read, rest) {
        (None, None) => Some(kind.only()),
        (Some(read), Some(rest)) => Some(kind.of(read(rest)?)),
        _ => None,
    }
}
