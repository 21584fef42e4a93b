//! Cargos: the domain type, its filters, and the views for drivers.
pub mod cache;
pub mod card;
pub mod detail;
pub mod dictionaries;
pub mod filters;
pub mod list;
pub mod metrics;
pub mod module;

pub use kernel::money::Money;
use serde::Serialize;
use utoipa::ToSchema;

/// The highest plausible price in rubles. A cargo above it has no price, and a driver who asks for more made a typo.
pub const HIGHEST_PRICE_RUB: i64 = 99_999_999;

/// One end of the route.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Place {
    /// The city's name; empty when CargoTech does not tell.
    pub city: String,
    /// Street and house, where known.
    pub address: Option<String>,
    /// Local clock time at the place, `2026-11-25` or `2026-11-25T08:30:00`, without a zone.
    pub date: Option<String>,
}

/// Who ships.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Shipper {
    /// The company.
    pub name: Option<String>,
    /// Its tax number.
    pub inn: Option<String>,
}

/// Someone to call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Contact {
    /// A person or a company.
    pub name: Option<String>,
    /// In E.164, with an extension as in a `tel:` address: `+74951234567;ext=12`. What is no phone number stands as it was
    /// written.
    pub phones: Vec<String>,
}

/// The ten further fields of a cargo, less the note, which is shown on its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Extra {
    /// The shipper's tax number at the partner.
    pub external_inn: Option<String>,
    /// What is carried, in the shipper's words.
    pub custom_cargo_type: Option<String>,
    /// A round trip.
    pub krugoreis: bool,
    /// Part of a truck is enough.
    pub partial_load: bool,
    /// CargoTech checked the note.
    pub note_valid: bool,
    /// The cargo leaves the partner's archive when it is deleted here.
    pub is_delete_from_archive: bool,
    /// The cargo at the partner, an `https` address.
    pub url: Option<String>,
    /// The partner's own data, as it came.
    #[schema(value_type = Option<Object>)]
    pub integrate: Option<serde_json::Value>,
    /// The partner's contacts, as they came.
    #[schema(value_type = Option<Object>)]
    pub integrate_contacts: Option<serde_json::Value>,
}

/// A cargo in the product's own form.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cargo {
    /// CargoTech's id: decimal digits.
    pub id: String,
    /// The name, if CargoTech has one.
    pub title: Option<String>,
    /// Kilograms.
    pub weight_kg: Option<f64>,
    /// Cubic metres.
    pub volume_m3: Option<f64>,
    /// The loading place.
    pub from: Place,
    /// The unloading place.
    pub to: Place,
    /// By road, kilometres.
    pub distance_km: Option<i64>,
    /// `None`: on request.
    pub price: Option<Money>,
    /// Names of suitable truck types.
    pub truck_types: Vec<String>,
    /// Names of suitable loading types.
    pub load_types: Vec<String>,
    /// The comment; only in the detail.
    pub note: Option<String>,
    /// The cargo's contents.
    pub cargo_type: Option<String>,
    /// The shipper.
    pub shipper: Option<Shipper>,
    /// Contacts to call.
    pub contacts: Vec<Contact>,
    /// Everything else.
    pub extra: Extra,
}

/// A cargo id valid in our URLs: CargoTech's ids are numbers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CargoId(String);

impl CargoId {
    /// Parses one to twenty digits without a leading zero.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
        fits.then(|| Self(text.to_owned()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn money_is_rubles_with_kopecks_only_where_there_are_any() {
        let json = |kopecks| serde_json::to_string(&Money::from_kopecks(kopecks)).unwrap();
        assert_eq!(json(5_000_000), "50000");
        assert_eq!(json(5_000_050), "50000.5");
        assert_eq!(json(1), "0.01");
        assert_eq!(json(0), "null");
    }

    proptest! {
        #[test]
        fn an_id_is_digits_and_nothing_else(text in "\\PC{0,24}") {
            let digits = !text.is_empty() && text.len() <= 20 && text.bytes().all(|b| b.is_ascii_digit());
            prop_assert_eq!(CargoId::parse(&text).is_some(), digits && !text.starts_with('0'));
        }
    }
}
