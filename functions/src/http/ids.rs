//! Ids in paths. A route names the type it expects; anything else is not found.
use shared::cargo::CargoId;

/// An id in a path.
pub trait PathId: Sized {
    /// Parses the id; `None` if it is invalid.
    fn read(text: &str) -> Option<Self>;
}

/// Telegram's id of a driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DriverId(pub i64);

impl PathId for DriverId {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok().filter(|id| *id > 0).map(Self)
    }
}

impl PathId for CargoId {
    fn read(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

/// Ids that only the store can validate.
macro_rules! opaque {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Debug, PartialEq, Eq)]
            pub struct $name(String);

            impl PathId for $name {
                fn read(text: &str) -> Option<Self> {
                    Some(Self(text.to_owned()))
                }
            }

            impl $name {
                /// The id as received.
                pub fn as_str(&self) -> &str {
                    &self.0
                }
            }
        )+
    };
}

opaque! {
    /// The name of a flag.
    FlagName,
    /// A message.
    DeliveryId,
    /// A difference between the provider's books and ours.
    DifferenceId,
    /// A request for a gift.
    GiftRequestId,
    /// A payment.
    PaymentId,
    /// A promo code in any spelling.
    Code,
    /// A response.
    ResponseId,
    /// A saved search.
    SearchId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_id_is_not_read() {
        assert_eq!(DriverId::read("17"), Some(DriverId(17)));
        for text in ["", "0", "-17", "17x", "1.0", "99999999999999999999"] {
            assert_eq!(DriverId::read(text), None, "{text}");
        }
    }
}
