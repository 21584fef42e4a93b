//! Message kinds. The module that owns a kind declares it; the product collects them in one table.
use std::fmt;

use crate::class::Class;

/// A kind of message.
#[derive(Debug)]
pub struct Kind {
    /// The stored name, without the argument.
    pub name: &'static str,
    /// Its priority.
    pub class: Class,
    /// Parses the argument in a stored name. `None` for a kind without arguments.
    pub read: Option<fn(&str) -> Option<Argument>>,
}

/// Distinguishes messages of one kind about the same subject.
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

/// A message kind with its argument.
#[derive(Clone, Copy, Debug)]
pub struct MessageKind {
    kind: &'static Kind,
    argument: Option<Argument>,
}

/// Kinds are compared by name.
impl PartialEq for MessageKind {
    fn eq(&self, other: &Self) -> bool {
        self.is(other.kind) && self.argument == other.argument
    }
}

impl Eq for MessageKind {}

impl Kind {
    /// A kind without arguments.
    pub const fn plain(name: &'static str, class: Class) -> Self {
        Self { name, class, read: None }
    }

    /// The message of a kind without arguments.
    pub const fn only(&'static self) -> MessageKind {
        MessageKind { kind: self, argument: None }
    }

    /// The message of this kind with `argument`.
    pub const fn of(&'static self, argument: Argument) -> MessageKind {
        MessageKind { kind: self, argument: Some(argument) }
    }
}

impl MessageKind {
    /// Its priority.
    pub fn class(self) -> Class {
        self.kind.class
    }

    /// Whether the message is of this kind.
    pub fn is(self, kind: &Kind) -> bool {
        self.kind.name == kind.name
    }

    /// The argument, if it is a number.
    pub fn number(self) -> Option<u32> {
        match self.argument {
            Some(Argument::Number(number)) => Some(number),
            _ => None,
        }
    }

    /// The argument, if it is a name.
    pub fn name(self) -> Option<&'static str> {
        match self.argument {
            Some(Argument::Name(name)) => Some(name),
            _ => None,
        }
    }

    /// The stored form.
    pub fn as_text(self) -> String {
        match self.argument {
            Some(argument) => format!("{}-{argument}", self.kind.name),
            None => self.kind.name.to_owned(),
        }
    }

    /// The id of the message's row. It derives from the subject, so the same message never has two rows.
    pub fn delivery_id(self, subject: &str) -> String {
        format!("{}-{subject}", self.as_text())
    }
}

/// Parses the stored form, for these kinds.
pub fn parse(mut kinds: impl Iterator<Item = &'static Kind>, text: &str) -> Option<MessageKind> {
    let (name, rest) = text.split_once('-').map_or((text, None), |(name, rest)| (name, Some(rest)));
    let kind = kinds.find(|kind| kind.name == name)?;
    match (kind.read, rest) {
        (None, None) => Some(kind.only()),
        (Some(read), Some(rest)) => Some(kind.of(read(rest)?)),
        _ => None,
    }
}
