//! What filters may be chosen from: CargoTech's cities and types, whose ids it does not publish, and our categories.
use serde::Serialize;
use tokio::{join, time::Instant};
use utoipa::ToSchema;

use super::{
    cache::{Fetched, Served, Wanted},
    filters::CATEGORIES,
    list::to_json,
};
use crate::{
    app::App,
    auth::session::Session,
    cargotech::{Priority, UpstreamError, wire::Entry},
    error::{Error, FieldError},
    request::RequestContext,
    store::keys::DocumentName,
};

/// Longer than any city's name.
const MAX_TEXT: usize = 60;

/// A place that a filter can start or end at.
#[derive(Serialize, ToSchema)]
pub struct City {
    /// For `start_point_id` and `finish_point_id`.
    pub id: i64,
    /// In Russian.
    pub name: String,
    /// For `start_point_type` and `finish_point_type`.
    #[serde(rename = "type")]
    pub kind: i64,
}

/// A truck or load type.
#[derive(Serialize, ToSchema)]
pub struct TypeEntry {
    /// For `truck_types` or `load_types`.
    pub id: i64,
    /// In Russian.
    pub name: String,
    /// Where there is one.
    pub short_name: Option<String>,
}

/// A category of weight and volume.
#[derive(Serialize, ToSchema)]
pub struct WeightVolume {
    /// For `weight_volume`.
    pub id: &'static str,
    /// In Russian.
    pub name: &'static str,
}

/// A dictionary's answer.
#[derive(Serialize, ToSchema)]
pub struct Items<T: ToSchema> {
    /// All that fit.
    pub items: Vec<T>,
}

/// Which of CargoTech's dictionaries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dictionary {
    /// Cities whose names contain the text.
    Cities(CityText),
    /// Kinds of trucks.
    TruckTypes,
    /// Ways of loading.
    LoadTypes,
}

/// Part of a city's name, as one types it: lower case, single spaces, `ё` as `е`, so that one cached answer
/// serves all ways to type it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CityText(String);

impl CityText {
    /// Checks and evens out what was typed.
    ///
    /// # Errors
    /// It is too long.
    pub fn parse(text: &str) -> Result<Self, Vec<FieldError>> {
        if text.chars().count() > MAX_TEXT {
            return Err(vec![FieldError::new("q", "too_long", format!("Must have at most {MAX_TEXT} characters."))]);
        }
        let lower = text.to_lowercase().replace('ё', "е");
        let letters = lower.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
        Ok(Self(letters.split_whitespace().collect::<Vec<_>>().join(" ")))
    }
}

/// Our own categories.
pub fn weight_volumes() -> Items<WeightVolume> {
    Items { items: CATEGORIES.iter().map(|(id, _, name)| WeightVolume { id, name }).collect() }
}

impl App {
    /// A dictionary for a driver.
    ///
    /// # Errors
    /// The session is not good, or nothing can be served.
    pub async fn dictionary(
        &self,
        bearer: Option<&str>,
        dictionary: &Dictionary,
        context: &RequestContext,
    ) -> Result<Served, Error> {
        let (upstream, text) = match dictionary {
            Dictionary::Cities(text) => ("points", Some(text.0.as_str())),
            Dictionary::TruckTypes => ("truck_types", None),
            Dictionary::LoadTypes => ("load_types", None),
        };
        let name = DocumentName::dictionary(upstream, text.unwrap_or_default());
        let (session, read) = join!(self.check_session(bearer), self.store.document(&name));
        let session: Session = session?;
        let (lifetime_s, driver_id) = (self.config.dictionary_ttl_s, session.driver_id());
        let wanted = Wanted { name: &name, lifetime_s, driver_id, priority: Priority::Browsing, context };
        let fetch = |deadline: Instant, priority| async move {
            let asked_at_ms = self.clock.now_ms();
            let entries = match self.cargotech.dictionary(upstream, text, priority, context, deadline).await {
                Err(UpstreamError::NotFound) => {
                    Err(UpstreamError::Unavailable { reason: "it has no such dictionary", wait_ms: 5000 })
                }
                other => other,
            }?;
            let json = match dictionary {
                Dictionary::Cities(_) => to_json(&Items { items: entries.into_iter().filter_map(city).collect() }),
                _ => to_json(&Items { items: entries.into_iter().map(type_entry).collect() }),
            }?;
            Ok(Fetched { asked_at_ms, json, locked_json: None, prices: Vec::new() })
        };
        self.documents.serve(&wanted, read, fetch).await
    }
}

/// A point without a type cannot be filtered by.
fn city(entry: Entry) -> Option<City> {
    Some(City { id: entry.id, name: entry.name, kind: entry.kind? })
}

fn type_entry(entry: Entry) -> TypeEntry {
    TypeEntry { id: entry.id, name: entry.name, short_name: entry.short_name }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ways_to_type_a_city_are_one() {
        for text in ["Орёл", " орел", "ОРЁЛ ", "орел\n"] {
            assert_eq!(CityText::parse(text), Ok(CityText("орел".into())), "{text:?}");
        }
        assert!(CityText::parse(&"я".repeat(61)).is_err());
    }

    proptest! {
        #[test]
        fn evening_out_twice_changes_nothing(text in "\\PC{0,40}") {
            if let Ok(once) = CityText::parse(&text) {
                let again = CityText::parse(&once.0);
                prop_assert!(again.is_err() || again == Ok(once));
            }
        }
    }
}
