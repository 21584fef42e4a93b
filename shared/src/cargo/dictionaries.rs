//! Dictionaries for the filters: CargoTech's cities and types, whose ids it does not publish, and our own categories.
use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use tokio::{join, time::Instant, try_join};
use utoipa::ToSchema;

use super::{
    cache::{DocumentRequest, Fetched, Served, gunzip},
    filters::CATEGORIES,
    list::to_json,
};
use crate::{
    app::App,
    auth::session::Session,
    cargotech::{Priority, UpstreamError, wire::Entry},
    error::{Error, FieldError},
    request::RequestContext,
    store::{StoreError, document::Cached, keys::DocumentName},
    text::one_line,
};

/// The type of a city in CargoTech's dictionary, as its own client has it.
const CITY: i64 = 2;
/// Longer than any city's name.
const MAX_TEXT: usize = 60;
/// Names with a `ё`, which most people and many lists write as `е`; larger places first.
const WITH_YO: [&str; 51] = [
    "кишинёв",
    "могилёв",
    "орёл",
    "королёв",
    "щёлково",
    "киселёвск",
    "артём",
    "озёрск",
    "шахтёрск",
    "будённовск",
    "щёкино",
    "жигулёвск",
    "берёзовский",
    "тимашёвск",
    "вышний волочёк",
    "пугачёв",
    "трёхгорный",
    "артёмовский",
    "рогачёв",
    "кущёвская",
    "берёза",
    "озёры",
    "семёнов",
    "гусиноозёрск",
    "пикалёво",
    "линёво",
    "приозёрск",
    "белоозёрский",
    "коченёво",
    "венёв",
    "очёр",
    "белёв",
    "почёп",
    "заозёрный",
    "краснозёрское",
    "михнёво",
    "озёрный",
    "вёшенская",
    "москалёнки",
    "олёкминск",
    "сычёвка",
    "фёдоровка",
    "чёрный яр",
    "новохопёрск",
    "змиёвка",
    "коренёво",
    "зелёная роща",
    "зелёный",
    "плёс",
    "тёплый стан",
    "новосёлки",
];

/// A loading or unloading place for the filters.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct City {
    /// Value for `start_point_id` and `finish_point_id`.
    pub id: i64,
    /// Name in Russian.
    pub name: String,
    /// Value for `start_point_type` and `finish_point_type`.
    #[serde(rename = "type")]
    pub kind: i64,
}

/// A truck or load type.
#[derive(Serialize, ToSchema)]
pub struct TypeEntry {
    /// Value for `truck_types` or `load_types`.
    pub id: i64,
    /// Name in Russian.
    pub name: String,
    /// Short name in Russian; null if there is none.
    pub short_name: Option<String>,
}

/// A category of weight and volume.
#[derive(Serialize, ToSchema)]
pub struct WeightVolume {
    /// Value for `weight_volume`.
    pub id: &'static str,
    /// Name in Russian.
    pub name: &'static str,
}

/// The entries of a dictionary.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct Items<T: ToSchema> {
    /// All matching entries.
    pub items: Vec<T>,
}

/// CargoTech's dictionaries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dictionary {
    /// Cities whose names contain the text.
    Cities(CityText),
    /// Kinds of trucks.
    TruckTypes,
    /// Ways of loading.
    LoadTypes,
}

impl Dictionary {
    /// CargoTech's name of the dictionary, the text to look for, and its spelling with `ё`.
    fn question(&self) -> (&'static str, Option<&str>, Option<String>) {
        match self {
            Self::Cities(text) => ("points", Some(&text.folded), text.with_yo()),
            Self::TruckTypes => ("truck_types", None, None),
            Self::LoadTypes => ("load_types", None, None),
        }
    }

    fn document_name(&self) -> DocumentName {
        let (upstream, text, with_yo) = self.question();
        // A response for two spellings differs from a response for one.
        DocumentName::dictionary(upstream, with_yo.as_deref().or(text).unwrap_or_default())
    }
}

/// A normalised part of a city's name: lower case, single spaces, `ё` as `е`. One cached response serves all spellings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CityText {
    folded: String,
    /// The spelling with `ё`, if typed.
    typed: Option<String>,
}

impl CityText {
    /// Validates and normalises the text.
    ///
    /// # Errors
    /// It is too long.
    pub fn parse(text: &str) -> Result<Self, Vec<FieldError>> {
        if text.chars().count() > MAX_TEXT {
            return Err(vec![FieldError::new("q", "too_long", format!("Must have at most {MAX_TEXT} characters."))]);
        }
        let typed = one_line(&text.to_lowercase());
        Ok(Self { folded: folded(&typed), typed: Some(typed).filter(|typed| typed.contains('ё')) })
    }

    /// The spelling with `ё`, as typed or as known from a name.
    fn with_yo(&self) -> Option<String> {
        self.typed.clone().or_else(|| self.known_with_yo())
    }

    fn known_with_yo(&self) -> Option<String> {
        let with_yo = |name: &&str| {
            let words = name.char_indices().filter(|(at, _)| *at == 0 || name[..*at].ends_with(' '));
            let begun = |at: usize| folded(&name[at..]).starts_with(&self.folded);
            let at = words.map(|(at, _)| at).find(|at| begun(*at))?;
            // Both letters take two bytes.
            name.get(at..at + self.folded.len()).filter(|part| part.contains('ё')).map(str::to_owned)
        };
        // Nobody searches by a single letter with `ё`.
        (self.folded.chars().count() > 1).then(|| WITH_YO.iter().find_map(with_yo)).flatten()
    }
}

/// Lower case, `ё` as `е`.
fn folded(text: &str) -> String {
    text.to_lowercase().replace('ё', "е")
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
        let name = dictionary.document_name();
        let (session, read) = join!(self.check_session(bearer), self.store.document(&name));
        let session: Session = session?;
        self.serve_dictionary(session.driver_id(), dictionary, &name, read, context).await
    }

    /// CargoTech's point for a settlement: its id and type. `None` if CargoTech has none or several of the name.
    ///
    /// # Errors
    /// Nothing can be served.
    pub(super) async fn cargotech_point(
        &self,
        driver_id: i64,
        settlement: &str,
        context: &RequestContext,
    ) -> Result<Option<(i64, i64)>, Error> {
        let text = CityText::parse(settlement).map_err(Error::Validation)?;
        let wanted = text.folded.clone();
        let dictionary = Dictionary::Cities(text);
        let name = dictionary.document_name();
        let read = self.store.document(&name).await;
        let served = self.serve_dictionary(driver_id, &dictionary, &name, read, context).await?;
        let cities: Option<Items<City>> =
            gunzip(&served.document.body).ok().and_then(|json| serde_json::from_slice(&json).ok());
        let cities = cities.ok_or_else(|| Error::Internal("a cached dictionary is damaged".to_owned()))?.items;
        let mut namesakes = cities.into_iter().filter(|city| city.kind == CITY && folded(&city.name) == wanted);
        // Of several it is not known which one is meant.
        let only = namesakes.next().filter(|_| namesakes.next().is_none());
        Ok(only.map(|city| (city.id, city.kind)))
    }

    async fn serve_dictionary(
        &self,
        driver_id: i64,
        dictionary: &Dictionary,
        name: &DocumentName,
        read: Result<Cached, StoreError>,
        context: &RequestContext,
    ) -> Result<Served, Error> {
        let (upstream, text, with_yo) = dictionary.question();
        let lifetime_s = self.config.dictionary_ttl_s;
        let wanted = DocumentRequest { name, lifetime_s, driver_id, priority: Priority::Browsing, context };
        let fetch = |deadline: Instant, priority| async move {
            let asked_at_ms = self.clock.now_ms();
            // Boxed: the call is part of three futures, which together exceed a thread's stack.
            let ask =
                async |text| match Box::pin(self.cargotech.dictionary(upstream, text, priority, context, deadline))
                    .await
                {
                    Err(UpstreamError::NotFound) => {
                        Err(UpstreamError::Unavailable { reason: "it has no such dictionary", wait_ms: 5000 })
                    }
                    other => other,
                };
            // CargoTech does not document whether it distinguishes `ё` from `е`. Never cache half a response for a day.
            let entries = match &with_yo {
                Some(with_yo) => {
                    let (with_yo, without) = try_join!(ask(Some(with_yo)), ask(text))?;
                    merged(with_yo, without, text.unwrap_or_default())
                }
                None => ask(text).await?,
            };
            let json = match dictionary {
                Dictionary::Cities(_) => to_json(&Items { items: entries.into_iter().filter_map(city).collect() }),
                _ => to_json(&Items { items: entries.into_iter().map(type_entry).collect() }),
            }?;
            Ok(Fetched { asked_at_ms, json, locked_json: None, prices: Vec::new() })
        };
        self.documents.serve(&wanted, read, fetch).await
    }
}

/// Merges both responses without duplicates: exact names first, then names that start with the text, then names with a
/// word that does; otherwise in CargoTech's order.
fn merged(one: Vec<Entry>, other: Vec<Entry>, text: &str) -> Vec<Entry> {
    let mut seen = HashSet::new();
    let mut entries: Vec<_> =
        one.into_iter().chain(other).filter(|entry| seen.insert((entry.kind, entry.id))).collect();
    entries.sort_by_cached_key(|entry| {
        let name = folded(&entry.name);
        match name.find(text) {
            Some(0) if name.len() == text.len() => 0,
            Some(0) => 1,
            Some(_) if name.split([' ', '-']).any(|word| word.starts_with(text)) => 2,
            _ => 3,
        }
    });
    entries
}

/// Skips points without a type, because filters cannot use them.
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
            let read = CityText::parse(text).expect("short");
            assert_eq!((read.folded.as_str(), read.with_yo().as_deref()), ("орел", Some("орёл")), "{text:?}");
        }
        assert!(CityText::parse(&"я".repeat(61)).is_err());
    }

    #[test]
    fn a_second_spelling_is_asked_for_only_where_there_is_one() {
        let other = |text: &str| CityText::parse(text).expect("short").with_yo();
        for (typed, with_yo) in [
            ("орел", Some("орёл")),
            ("Орёл", Some("орёл")),
            ("КОРОЛЕ", Some("королё")),
            ("березо", Some("берёзо")),
            ("волоче", Some("волочё")),
            ("вышний волочек", Some("вышний волочёк")),
            ("щел", Some("щёл")),
            // Not in our list, but typed with `ё`.
            ("Берёзовка", Some("берёзовка")),
            ("вышн", None),
            ("коро", None),
            ("москва", None),
            ("орехово", None),
            ("пе", None),
            ("зерск", None),
            ("е", None),
            ("", None),
        ] {
            assert_eq!(other(typed).as_deref(), with_yo, "{typed}");
        }
        assert!(WITH_YO.iter().all(|name| name.contains('ё') && name.to_lowercase() == **name));
    }

    #[test]
    fn both_answers_are_one_the_best_first() {
        let entry = |id, kind, name: &str| Entry { id, name: name.into(), short_name: None, kind: Some(kind) };
        let with_yo = vec![entry(7, 3, "Орёлецкая область"), entry(1, 2, "Орёл")];
        let without =
            vec![entry(3, 2, "Новый Орел"), entry(1, 2, "Орёл"), entry(4, 2, "Укорелово"), entry(1, 3, "Орел")];
        let names: Vec<_> = merged(with_yo, without, "орел").into_iter().map(|entry| entry.name).collect();
        assert_eq!(names, ["Орёл", "Орел", "Орёлецкая область", "Новый Орел", "Укорелово"]);
    }

    proptest! {
        #[test]
        fn evening_out_twice_changes_nothing(text in "\\PC{0,40}") {
            if let Ok(once) = CityText::parse(&text) {
                let again = CityText::parse(once.typed.as_ref().unwrap_or(&once.folded));
                prop_assert!(again.is_err() || again == Ok(once));
            }
        }
    }
}
