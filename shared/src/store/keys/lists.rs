//! The lists of the index `listed`.
use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use store::listed;

/// What drivers are found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clue {
    /// Their name at Telegram.
    Username,
    /// Their phone.
    Phone,
    /// Their first name.
    Name,
    /// Their last name.
    Surname,
    /// The second half of a double last name.
    SurnameHalf,
    /// Their phone from its end: people name the last digits.
    PhoneEnd,
}

impl Clue {
    /// All values.
    pub const ALL: [Self; 6] =
        [Self::Username, Self::Phone, Self::Name, Self::Surname, Self::SurnameHalf, Self::PhoneEnd];

    /// As keys and rows have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Username => "username",
            Self::Phone => "phone",
            Self::Name => "name",
            Self::Surname => "surname",
            Self::SurnameHalf => "surname_half",
            Self::PhoneEnd => "phone_end",
        }
    }
}

/// A list in the index `listed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List<'a> {
    /// Drivers, by when they first signed in.
    Drivers,
    /// What drivers are found by, in the order of the alphabet. First and last names are one list: people name any of
    /// them.
    Found(Clue),
    /// Responses, by when they were given.
    Responses,
    /// Payments, by when they were ordered.
    Payments,
    /// Payments, by when they were paid: the entries of ledgers that they made.
    Paid,
    /// Subscriptions, by when they end.
    Subscriptions,
    /// Promo codes, by when they were made.
    PromoCodes,
    /// Uses of this promo code, by when it was redeemed.
    UsesOfPromoCode(&'a str),
    /// What the provider tells of and our rows do not, by when it was found; those that somebody has dealt with are another
    /// list.
    Differences {
        /// Dealt with.
        resolved: bool,
    },
    /// Gifts that wait for an owner, by when they were asked for; those that were decided on, by when, are another list.
    GiftRequests {
        /// Decided on.
        decided: bool,
    },
}

impl List<'_> {
    /// The value of the attribute `list`.
    pub(in crate::store) fn name(&self) -> String {
        match self {
            Self::Drivers => "DRIVERS".to_owned(),
            Self::Found(Clue::Surname | Clue::SurnameHalf) => Self::Found(Clue::Name).name(),
            Self::Found(clue) => format!("FOUND#{}", clue.as_str()),
            Self::Responses => "RESPONSES".to_owned(),
            Self::Payments => "PAYMENTS".to_owned(),
            Self::Paid => "PAID".to_owned(),
            Self::Subscriptions => "SUBSCRIPTIONS".to_owned(),
            Self::PromoCodes => "PROMO".to_owned(),
            Self::UsesOfPromoCode(code) => format!("PROMO#{code}"),
            Self::Differences { resolved: false } => "DIFFERENCES".to_owned(),
            Self::Differences { resolved: true } => "DIFFERENCES#RESOLVED".to_owned(),
            Self::GiftRequests { decided: false } => "REQUESTS".to_owned(),
            Self::GiftRequests { decided: true } => "REQUESTS#DECIDED".to_owned(),
        }
    }

    /// The attributes that put a row into the list at the place of `at_ms`.
    pub(in crate::store) fn place(&self, at_ms: i64, id: &str) -> [(String, AttributeValue); 2] {
        listed::place(self.name(), at_ms, id)
    }
}
