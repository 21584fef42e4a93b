//! The lists of the index `listed`.
use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use store::listed;

/// Search terms for drivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clue {
    /// Their Telegram username.
    Username,
    /// Their phone.
    Phone,
    /// Their first name.
    Name,
    /// Their last name.
    Surname,
    /// The second half of a double last name.
    SurnameHalf,
    /// Their phone reversed, because people quote the last digits.
    PhoneEnd,
}

impl Clue {
    /// All values.
    pub const ALL: [Self; 6] =
        [Self::Username, Self::Phone, Self::Name, Self::Surname, Self::SurnameHalf, Self::PhoneEnd];

    /// The name in keys and rows.
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
    /// Drivers, by first sign-in.
    Drivers,
    /// Search terms in alphabetical order. First and last names share one list, because people name either.
    Found(Clue),
    /// Responses, by creation.
    Responses,
    /// Payments, by order time.
    Payments,
    /// Payments, by payment time: their ledger entries.
    Paid,
    /// Subscriptions, by end.
    Subscriptions,
    /// Promo codes, by creation.
    PromoCodes,
    /// Uses of this promo code, by time.
    UsesOfPromoCode(&'a str),
    /// Differences from the provider's records, by discovery. Resolved ones are in a separate list.
    Differences {
        /// Whether they are resolved.
        resolved: bool,
    },
    /// Gifts that await an owner, by request time. Decided ones are in a separate list, by decision.
    GiftRequests {
        /// Whether they are decided.
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

    /// The attributes that put a row into the list at the position of `at_ms`.
    pub(in crate::store) fn place(&self, at_ms: i64, id: &str) -> [(String, AttributeValue); 2] {
        listed::place(self.name(), at_ms, id)
    }
}
