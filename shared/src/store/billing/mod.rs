//! Storage of billing: payments, subscriptions and their ledger, promo codes, settings.
mod access;
mod payment_lists;
mod payments;
mod promo_codes;
mod subscriptions;

use ::store::{Attributes as _, Item, StoreError};

pub use access::Revocation;
pub(super) use access::{
    access, access_keys, access_under, good_generation, next_generation, own_access_keys, settings_of,
};
pub use payment_lists::OwnPayments;
pub use payments::{Changed, Order, Ordered, PaymentWrite};
pub use promo_codes::{Redeemed, Redemption};
pub use subscriptions::Trial;
pub(super) use subscriptions::{kind, paid_place, subscription_item};

pub(super) fn json<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::malformed("billing", "body"))
}

pub(super) fn body<T: serde::de::DeserializeOwned>(item: &Item) -> Option<T> {
    serde_json::from_str(item.text("body")?).ok()
}
