//! Cargos: the domain type, its filters, and the views for drivers.
pub mod cache;
pub mod card;
pub mod detail;
pub mod dictionaries;
pub mod facets;
pub mod filters;
pub mod list;
pub mod metrics;
pub mod module;

pub use ::market::Kind;
pub use kernel::money::Money;
use places::Places;
use serde::Serialize;
use utoipa::ToSchema;

use crate::phone;

/// The highest plausible price in rubles. A cargo above it has no price, and a driver who asks for more made a typo.
pub const HIGHEST_PRICE_RUB: i64 = 99_999_999;

/// One end of the route.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Place {
    /// Name of the city; empty if CargoTech does not report it.
    pub city: String,
    /// Street and house; null if unknown.
    pub address: Option<String>,
    /// Local time at the place without a zone, such as `2026-11-25` or `2026-11-25T08:30:00`; null if unknown.
    pub date: Option<String>,
    /// The settlement, as in `/api/places`; null if it is not among them.
    pub place_id: Option<u32>,
    /// Name of the settlement in Latin letters; null if it is not known.
    pub city_en: Option<&'static str>,
}

impl Place {
    /// Adds a settlement.
    pub fn at(self, settlement: &places::Place) -> Self {
        Self { place_id: Some(settlement.id), city_en: Some(settlement.name_en), ..self }
    }

    /// Adds the settlement of the city's name: of several, the most populous.
    fn located(self) -> Self {
        match Places::all().named(&self.city).first() {
            Some(settlement) => self.at(settlement),
            None => self,
        }
    }
}

/// The shipper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Shipper {
    /// Name of the company; null if unknown.
    pub name: Option<String>,
    /// Tax number (INN) of the company; null if unknown.
    pub inn: Option<String>,
}

/// A contact person or company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Contact {
    /// Name of the person or company; null if unknown.
    pub name: Option<String>,
    /// Phones in E.164, with any extension as in a `tel:` URI: `+74951234567;ext=12`. Text that is not a phone number
    /// stays as written.
    pub phones: Vec<String>,
}

/// Nine of CargoTech's ten additional fields of a cargo. The tenth is the `note` of the cargo.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Extra {
    /// The shipper's tax number in the partner's system.
    pub external_inn: Option<String>,
    /// What is carried, in the shipper's words.
    pub custom_cargo_type: Option<String>,
    /// Whether it is a round trip.
    pub krugoreis: bool,
    /// Whether part of a truck is enough.
    pub partial_load: bool,
    /// Whether CargoTech checked the note.
    pub note_valid: bool,
    /// Whether deleting the cargo at CargoTech also removes it from the partner's archive.
    pub is_delete_from_archive: bool,
    /// `https` URL of the cargo in the partner's system.
    pub url: Option<String>,
    /// The partner's own data, unchanged.
    #[schema(value_type = Option<Object>)]
    pub integrate: Option<serde_json::Value>,
    /// The partner's contacts, unchanged.
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
    /// Suitable truck types.
    pub truck_types: Vec<Kind>,
    /// Suitable loading types.
    pub load_types: Vec<Kind>,
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

impl Cargo {
    /// The cargo as anybody may see it in a list. The addresses belong to its detail.
    #[must_use]
    pub fn for_list(self) -> Self {
        let mut cargo = self.without_phones();
        for end in [&mut cargo.from, &mut cargo.to] {
            end.address = None;
        }
        cargo
    }

    /// The cargo with the settlements of its ends. The market finds them once a sweep.
    #[must_use]
    pub fn located(self) -> Self {
        Self { from: self.from.located(), to: self.to.located(), ..self }
    }

    /// The cargo without the phones that shippers write into names: contacts are paid for.
    #[must_use]
    pub fn without_phones(mut self) -> Self {
        for text in [&mut self.title, &mut self.cargo_type] {
            *text = text.take().map(phone::without).filter(|text| !text.is_empty());
        }
        let types = self.truck_types.iter_mut().chain(&mut self.load_types).map(|kind| &mut kind.name);
        for name in [&mut self.from.city, &mut self.to.city].into_iter().chain(types) {
            *name = phone::without(std::mem::take(name));
        }
        self
    }
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
