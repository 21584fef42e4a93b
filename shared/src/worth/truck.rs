//! The driver's truck, from which the profit of a cargo is worked out.
use ::worth::{Costs, Tax};
use kernel::money::Money;
use places::Places;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{body, body::Body as _, fields::Fields};

/// The most truck types of one truck.
const MAX_TYPES: usize = 10;

body! {
    /// A truck. What is null is not known, and an assumed truck of 20 tonnes stands in for it.
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    pub struct Truck {
        /// Diesel with a load, litres per 100 km: 5 to 100.
        loaded_l_per_100km: Option<f64> = number_if_given(5.0, 100.0),
        /// Diesel without a load, litres per 100 km: 5 to 100.
        empty_l_per_100km: Option<f64> = number_if_given(5.0, 100.0),
        /// Diesel, rubles per litre: 1 to 500.
        diesel_rub_per_l: Option<f64> = number_if_given(1.0, 500.0),
        /// Toll roads, rubles per kilometre of the whole way: 0 to 100.
        tolls_rub_per_km: Option<f64> = number_if_given(0.0, 100.0),
        /// Tyres, service and wear, rubles per kilometre: 0 to 200.
        wear_rub_per_km: Option<f64> = number_if_given(0.0, 200.0),
        /// Instalments, insurance, wages and parking, rubles per day: 0 to 100000.
        fixed_rub_per_day: Option<f64> = number_if_given(0.0, 100_000.0),
        /// Kilometres per day: 50 to 1500.
        km_per_day: Option<f64> = number_if_given(50.0, 1_500.0),
        /// Whether it pays Платон: above 12 tonnes with its trailer.
        platon: Option<bool> = Fields::if_given(|fields, name| fields.flag(name, None)),
        /// Tax regime: `npd`, `patent`, `usn_income`, `usn_profit` or `osno`.
        tax: Option<String> = Fields::if_given(regime),
        /// VAT under `usn_income` and `usn_profit`, percent: 0, 5 or 7.
        vat_percent: Option<u8> = Fields::if_given(vat),
        /// What a day should bring, rubles: 0 to 1000000.
        goal_rub_per_day: Option<f64> = number_if_given(0.0, 1_000_000.0),
        /// Home: `id` from /api/places.
        home_place_id: Option<u32> = Fields::if_given(home),
        /// Its types: ids from the truck types dictionary, at most 10.
        #[serde(default)]
        truck_types: Vec<u32> = truck_types(),
        /// What it carries, kilograms: 100 to 100000.
        capacity_kg: Option<f64> = number_if_given(100.0, 100_000.0),
        /// What fits in, cubic metres: 1 to 500.
        volume_m3: Option<f64> = number_if_given(1.0, 500.0),
    }
}

/// Tax regimes by their names in the API. Of the УСН, the VAT follows.
const REGIMES: [(&str, Tax); 5] = [
    ("npd", Tax::Npd),
    ("patent", Tax::Patent),
    ("usn_income", Tax::UsnIncome { vat: 0 }),
    ("usn_profit", Tax::UsnProfit { vat: 0 }),
    ("osno", Tax::Osno),
];

impl Truck {
    /// The truck as the profit is worked out with.
    pub fn rates(&self) -> ::worth::Truck {
        let tenths = |value: Option<f64>| value.map(|value| scaled(value, 10.0));
        let hundredths = |value: Option<f64>| value.map(|value| scaled(value, 100.0));
        let vat = self.vat_percent.unwrap_or(0);
        let regime = REGIMES.iter().find(|(name, _)| self.tax.as_deref() == Some(name)).map(|(_, tax)| *tax);
        ::worth::Truck {
            costs: Costs {
                loaded: tenths(self.loaded_l_per_100km),
                empty: tenths(self.empty_l_per_100km),
                litre: hundredths(self.diesel_rub_per_l),
                tolls: hundredths(self.tolls_rub_per_km),
                wear: hundredths(self.wear_rub_per_km),
                day: hundredths(self.fixed_rub_per_day),
                km_a_day: self.km_per_day.map(|km| scaled(km, 1.0)),
            },
            platon: self.platon,
            tax: regime.map(|tax| match tax {
                Tax::UsnIncome { .. } => Tax::UsnIncome { vat },
                Tax::UsnProfit { .. } => Tax::UsnProfit { vat },
                other => other,
            }),
            goal_a_day: self.goal_rub_per_day.and_then(|rub| Money::from_kopecks(scaled(rub, 100.0).into())),
        }
    }

    /// The settlement of its home.
    pub fn home_place_id(&self) -> Option<u32> {
        self.home_place_id
    }

    /// CargoTech's ids of its types.
    pub fn types(&self) -> &[u32] {
        &self.truck_types
    }

    /// What it carries, kilograms.
    pub fn capacity_kg(&self) -> Option<u64> {
        self.capacity_kg.map(|kg| scaled(kg, 1.0).into())
    }

    /// What fits in, litres.
    pub fn volume_l(&self) -> Option<u64> {
        self.volume_m3.map(|m3| scaled(m3, 1000.0).into())
    }

    /// Reads a truck within another body.
    pub fn within(fields: &mut Fields<'_>, name: &str) -> Option<Self> {
        let given = fields.value(name)?;
        let Some(body) = given.as_object() else {
            fields.fail(name, "malformed", "Must be an object, or null to forget the truck.");
            return None;
        };
        let (truck, mut faults) = Self::begin_within(&format!("{name}."), body);
        let has_vat = truck.tax.as_deref().is_some_and(|tax| tax.starts_with("usn_"));
        if truck.vat_percent.is_some_and(|vat| vat > 0) && !has_vat {
            faults.fail(
                "vat_percent",
                "conflicting",
                "Only usn_income and usn_profit have a VAT of their own. Leave it out.",
            );
        }
        faults.done(truck).map_err(|errors| fields.take_over(errors)).ok()
    }
}

/// A number of the API in smaller units.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // validated to be small and not negative
fn scaled(value: f64, by: f64) -> u32 {
    (value * by).round() as u32
}

fn number_if_given(fields: &mut Fields<'_>, name: &str, min: f64, max: f64) -> Option<f64> {
    fields.if_given(name, |fields, name| fields.number(name, min..=max))
}

fn regime(fields: &mut Fields<'_>, name: &str) -> String {
    fields.one_of(name, &REGIMES.map(|(name, _)| (name, name))).to_owned()
}

fn vat(fields: &mut Fields<'_>, name: &str) -> u8 {
    match fields.value(name).and_then(Value::as_u64) {
        Some(percent @ (0 | 5 | 7)) => u8::try_from(percent).unwrap_or_default(),
        _ => {
            fields.fail(name, "malformed", "Must be 0, 5 or 7.");
            0
        }
    }
}

fn home(fields: &mut Fields<'_>, name: &str) -> u32 {
    let known = fields.value(name).and_then(Value::as_u64).and_then(|id| u32::try_from(id).ok());
    let known = known.filter(|id| Places::all().get(*id).is_some());
    known.unwrap_or_else(|| {
        fields.fail(name, "unknown", "There is no such settlement. Send an id from /api/places.");
        0
    })
}

fn truck_types(fields: &mut Fields<'_>, name: &str) -> Vec<u32> {
    let Some(given) = fields.value(name) else { return Vec::new() };
    let id = |value: &Value| value.as_u64().and_then(|id| u32::try_from(id).ok()).filter(|id| *id > 0);
    let ids = given.as_array().filter(|given| given.len() <= MAX_TYPES);
    let ids = ids.and_then(|given| given.iter().map(id).collect::<Option<Vec<_>>>());
    ids.unwrap_or_else(|| {
        let message = format!("Must be a list of at most {MAX_TYPES} ids from the truck types dictionary.");
        fields.fail(name, "malformed", message);
        Vec::new()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error::FieldError;

    fn read(truck: Value) -> Result<Option<Truck>, Vec<FieldError>> {
        let body = json!({ "truck": truck });
        let body = body.as_object().expect("an object");
        let mut fields = Fields::of(body, &["truck"]);
        let truck = Truck::within(&mut fields, "truck");
        fields.done(truck)
    }

    #[test]
    fn rates_are_whole_numbers_of_small_units() {
        let truck = read(json!({ "loaded_l_per_100km": 31.5, "diesel_rub_per_l": 75.21, "fixed_rub_per_day": 5000,
            "km_per_day": 600, "platon": false, "tax": "usn_income", "vat_percent": 5, "goal_rub_per_day": 12000.5 }));
        let rates = truck.unwrap().unwrap().rates();
        let costs = Costs {
            loaded: Some(315),
            litre: Some(7_521),
            day: Some(500_000),
            km_a_day: Some(600),
            ..Costs::default()
        };
        assert_eq!(rates.costs, costs);
        assert_eq!((rates.platon, rates.tax), (Some(false), Some(Tax::UsnIncome { vat: 5 })));
        assert_eq!(rates.goal_a_day, Money::from_kopecks(1_200_050));
    }

    #[test]
    fn everything_wrong_is_told_with_its_field() {
        let errors = read(json!({ "loaded_l_per_100km": 500, "tax": "envd", "vat_percent": 6, "home_place_id": 1,
            "truck_types": [0], "colour": "red" }))
        .unwrap_err();
        let told: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        for field in ["loaded_l_per_100km", "tax", "vat_percent", "home_place_id", "truck_types", "colour"] {
            assert!(told.contains(&format!("truck.{field}").as_str()), "{field} in {told:?}");
        }
        assert_eq!(read(json!({ "tax": "npd", "vat_percent": 5 })).unwrap_err()[0].code, "conflicting");
        assert_eq!(read(json!(7)).unwrap_err()[0].field, "truck");
    }

    #[test]
    fn null_clears_and_an_empty_truck_is_the_assumed_one() {
        assert_eq!(read(Value::Null), Ok(None));
        assert_eq!(read(json!({})).unwrap().unwrap().rates(), ::worth::Truck::default());
    }
}
