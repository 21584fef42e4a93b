//! Drivers: their data from Telegram and their own settings.
pub mod module;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    app::App,
    body,
    body::Body as _,
    cargo::filters::kept,
    email::email,
    error::{Error, FieldError},
    fields::Fields,
    phone,
    store::keys::Clue,
    text::one_line,
    worth::truck::Truck,
};

/// A stored driver.
#[derive(Clone, Default, PartialEq)]
pub struct Profile {
    /// Telegram user id.
    pub id: i64,
    /// From Telegram.
    pub first_name: String,
    /// From Telegram.
    pub last_name: Option<String>,
    /// From Telegram, without the `@`.
    pub username: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    /// Whether Telegram confirmed the phone.
    pub phone_confirmed: bool,
    /// The carrier they drive for.
    pub company: Option<String>,
    /// For receipts and letters.
    pub email: Option<String>,
    /// The last filters, as the list's query takes them.
    pub filters: Option<Value>,
    /// `ru` or `en`, if chosen.
    pub language: Option<String>,
    /// Their truck, if they have described it.
    pub truck: Option<Truck>,
    /// Whether the bot cannot write to them, because they blocked it or never started it.
    pub unreachable: bool,
}

/// The block of a driver and its background.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Whether they are blocked now.
    pub blocked: bool,
    /// Why they were blocked or unblocked.
    pub reason: String,
    /// The admin who did it.
    pub by: i64,
    /// The admin's name at that time.
    pub name: String,
    /// Time in milliseconds since 1970-01-01 UTC.
    pub at_ms: i64,
    /// The version, increased with each change.
    pub version: i64,
}

/// A driver's search terms in normalised form.
pub type Clues = BTreeMap<Clue, String>;

/// The most characters of a name that are compared.
const COMPARED: usize = 64;

/// Normalises a name for comparison: lower case, and `ё` as `е`.
pub fn compared(text: &str) -> String {
    let words: Vec<_> = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    let evened = words.join(" ").to_lowercase().replace('ё', "е");
    evened.chars().take(COMPARED).collect()
}

impl Profile {
    /// The driver's search terms.
    pub fn clues(&self) -> Clues {
        let texts = [
            (Clue::Username, self.username.as_deref()),
            (Clue::Phone, self.phone.as_deref()),
            (Clue::Name, Some(self.first_name.as_str())),
            (Clue::Surname, self.last_name.as_deref()),
        ];
        let compared = texts.into_iter().filter_map(|(clue, text)| Some((clue, compared(text?))));
        let mut clues: Clues = compared.filter(|(_, text)| !text.is_empty()).collect();
        let half = clues.get(&Clue::Surname).and_then(|surname| Some(surname.split_once('-')?.1.to_owned()));
        clues.extend(half.filter(|half| !half.is_empty()).map(|half| (Clue::SurnameHalf, half)));
        let end = clues.get(&Clue::Phone).map(|phone| from_end(phone));
        clues.extend(end.filter(|end| !end.is_empty()).map(|end| (Clue::PhoneEnd, end)));
        clues
    }

    /// First and last name.
    pub fn full_name(&self) -> String {
        [Some(self.first_name.as_str()), self.last_name.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// The digits of a number in reverse, for searching by its end.
pub fn from_end(number: &str) -> String {
    number.chars().rev().filter(char::is_ascii_digit).collect()
}

body! {
    /// A change of the profile. Absent fields stay as they are; null clears a field.
    pub struct MeBody {
        #[schema(value_type = Option<String>)]
        phone: Option<Option<String>> = Fields::if_sent(|fields, name| fields.checked_text(name, phone)),
        #[schema(value_type = Option<String>)]
        company: Option<Option<String>> = Fields::if_sent(|fields, name| fields.checked_text(name, line)),
        #[schema(value_type = Option<String>)]
        email: Option<Option<String>> = Fields::if_sent(|fields, name| fields.checked_text(name, email)),
        #[schema(value_type = Option<Truck>)]
        truck: Option<Option<Truck>> = Fields::if_sent(Truck::within),
        #[schema(value_type = Option<Object>)]
        preferences: Option<Value> = Fields::sent(),
    }
}

/// A change of a profile: outer `None` leaves a field unchanged, inner `None` clears it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProfileChange {
    /// E.164.
    pub phone: Option<Option<String>>,
    /// At most 100 characters.
    pub company: Option<Option<String>>,
    /// An address.
    pub email: Option<Option<String>>,
    /// The list's query.
    pub filters: Option<Option<Value>>,
    /// `ru` or `en`.
    pub language: Option<Option<String>>,
    /// Replaced as a whole.
    pub truck: Option<Option<Truck>>,
}

impl ProfileChange {
    /// Validates a change. `today` is the date in UTC.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its field.
    pub fn parse(body: &Map<String, Value>, today: Date) -> Result<Self, Vec<FieldError>> {
        let (MeBody { phone, company, email, truck, preferences }, mut fields) = MeBody::begin(body);
        let mut change = Self { phone, company, email, truck, ..Self::default() };
        if let Some(preferences) = preferences {
            let mut errors = Vec::new();
            change.preferences(preferences, today, &mut errors);
            fields.take_over(errors);
        }
        fields.done(change)
    }

    /// Like [`Self::parse`], but without changes of phone and email, for sessions opened by an access link: they are
    /// how we reach the driver and send receipts. Unchanged values are allowed.
    ///
    /// # Errors
    /// The phone or email differs from the profile's.
    pub fn harmless(self, before: &Profile) -> Result<Self, Error> {
        let is_other = |wanted: &Option<Option<String>>, stands: &Option<String>| {
            wanted.as_ref().is_some_and(|wanted| wanted != stands)
        };
        if is_other(&self.phone, &before.phone) || is_other(&self.email, &before.email) {
            return Err(Error::TelegramNeeded);
        }
        Ok(Self { phone: None, email: None, ..self })
    }

    fn preferences(&mut self, value: Value, today: Date, errors: &mut Vec<FieldError>) {
        let Value::Object(preferences) = value else {
            errors.push(FieldError::new("preferences", "malformed", "Must be an object."));
            return;
        };
        for (name, value) in preferences {
            match name.as_str() {
                "filters" => self.filters = kept("preferences.filters", &value, today, errors),
                "language" => self.language = text("preferences.language", value, errors, language),
                _ => errors.push(FieldError::new(
                    format!("preferences.{}", name.as_str()),
                    "unknown",
                    "There is no such preference. The preferences are filters, language.",
                )),
            }
        }
    }
}

/// A validated text, or a code and how to fix it.
pub type Checked = Result<String, (&'static str, &'static str)>;

fn text(field: &str, value: Value, errors: &mut Vec<FieldError>, check: fn(&str) -> Checked) -> Option<Option<String>> {
    let checked = match value {
        Value::Null => return Some(None),
        Value::String(text) if text.trim().is_empty() => return Some(None),
        Value::String(text) => check(text.trim()),
        _ => Err(("malformed", "Must be a text or null.")),
    };
    let text = checked.map_err(|(code, message)| errors.push(FieldError::new(field, code, message))).ok()?;
    Some(Some(text).filter(|text| !text.is_empty()))
}

/// Normalises a phone number to E.164.
pub(crate) fn phone(text: &str) -> Checked {
    phone::parse(text).map_err(|fault| match fault {
        phone::Fault::Malformed => ("malformed", "Must be a phone number such as +79161234567."),
        phone::Fault::Anonymous => {
            ("malformed", "Must be a number that can be called, unlike Telegram's anonymous ones.")
        }
    })
}

fn line(written: &str) -> Checked {
    let text = one_line(written);
    if text.chars().count() > 100 { Err(("too_long", "Must have at most 100 characters.")) } else { Ok(text) }
}

fn language(text: &str) -> Checked {
    if matches!(text, "ru" | "en") { Ok(text.to_owned()) } else { Err(("malformed", "Must be ru or en.")) }
}

impl App {
    /// The profile of the signed-in driver.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn profile(&self, driver_id: i64) -> Result<Profile, Error> {
        // A session without a profile belongs to a driver whose data was deleted.
        self.store.profile(driver_id).await?.ok_or(Error::SessionExpired)
    }

    /// Changes the profile of the signed-in driver.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn change_profile(
        &self,
        driver_id: i64,
        before: &Profile,
        change: &ProfileChange,
    ) -> Result<Profile, Error> {
        let phone_is_new = change.phone.as_ref().is_some_and(|phone| *phone != before.phone);
        self.store.put_profile_change(driver_id, change, phone_is_new).await?.ok_or(Error::SessionExpired)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn parse(body: Value) -> Result<ProfileChange, Vec<FieldError>> {
        ProfileChange::parse(body.as_object().expect("an object"), date(2026, 11, 21))
    }

    #[test]
    fn absent_is_unchanged_null_and_blank_are_cleared() {
        let change = parse(json!({"phone": null, "company": "  "})).unwrap();
        assert_eq!(change, ProfileChange { phone: Some(None), company: Some(None), ..ProfileChange::default() });
        assert_eq!(parse(json!({"role": "owner"})).unwrap_err()[0].field, "role");
    }

    #[test]
    fn a_phone_is_kept_in_one_form_or_refused() {
        let phone = |text: &str| parse(json!({ "phone": text })).map(|change| change.phone.flatten());
        assert_eq!(phone("8 029 123-45-67"), Ok(Some("+375291234567".into())));
        assert_eq!(phone("\u{200e}8 (916) 123\u{2011}45\u{2011}67"), Ok(Some("+79161234567".into())));
        for refused in ["+7 916 123-45-6", "+888 0123 4567"] {
            assert_eq!(phone(refused).expect_err(refused)[0].code, "malformed");
        }
    }

    #[test]
    fn control_characters_in_a_line_are_spaces() {
        let company = |text: &str| parse(json!({ "company": text })).unwrap().company.flatten();
        assert_eq!(company("ИП\tМорозов\r\nи сын\u{1}").as_deref(), Some("ИП Морозов и сын"));
        assert_eq!(company("\t\u{200e}"), None);
    }

    #[test]
    fn all_errors_come_together() {
        let errors = parse(json!({"phone": 5, "company": "я".repeat(101), "email": "a@b",
            "preferences": {"filters": {"limit": "0", "evil": 1, "mode": {}}, "language": "de", "theme": 1}}))
        .unwrap_err();
        let fields = errors.iter().map(|e| e.field.as_str()).collect::<Vec<_>>();
        for field in [
            "phone",
            "company",
            "email",
            "preferences.filters.limit",
            "preferences.filters.evil",
            "preferences.filters.mode",
            "preferences.language",
            "preferences.theme",
        ] {
            assert!(fields.contains(&field), "{field} in {fields:?}");
        }
    }

    #[test]
    fn the_names_of_the_places_are_kept_beside_the_filters() {
        let filters = json!({"start_point_id": 5, "start_point_type": 2, "start_point_name": "Москва"});
        let change = parse(json!({"preferences": {"filters": filters}})).unwrap().filters.flatten().unwrap();
        assert_eq!(change["start_point_name"], "Москва");
        let long = json!({"preferences": {"filters": {"start_point_name": "я".repeat(101)}}});
        assert_eq!(parse(long).unwrap_err()[0].field, "preferences.filters.start_point_name");
    }

    #[test]
    fn filters_are_kept_as_the_list_takes_them() {
        let change = parse(json!({"preferences": {"filters": {"truck_types": [1, 2], "price_min": 5, "limit": 20}}}));
        assert_eq!(change.unwrap().filters, Some(Some(json!({"truck_types": "1,2", "price_min": "5"}))));
    }

    proptest! {
        #[test]
        fn no_mail_address_breaks_a_header(text in "\\PC{0,20}@[a-zа-я.-]{0,20}") {
            if let Ok(email) = email(&text) {
                prop_assert!(!email.contains([' ', '\n', '\r', '<', '>', ',']));
                prop_assert!(email.matches('@').count() >= 1);
            }
        }
    }
}
