//! Reads the fields of a request, and says of a wrong one which it is.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::amount;
use super::answer::ApiError;

/// An object of a request.
pub struct Fields<'a> {
    parameter: String,
    values: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    /// The body itself. A name outside `known` is refused: a slip in a name must not look like success.
    pub fn of_body(body: &'a Value, known: &[&str]) -> Result<Fields<'a>, ApiError> {
        Fields::new(String::new(), body, known)
    }

    /// The object that is the parameter `parameter`.
    pub fn new(parameter: String, value: &'a Value, known: &[&str]) -> Result<Fields<'a>, ApiError> {
        let values = value.as_object().ok_or_else(|| ApiError::invalid(&parameter, "must be an object"))?;
        let fields = Fields { parameter, values };
        match values.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(fields.error(name, "is not a documented parameter")),
            None => Ok(fields),
        }
    }

    /// The full name of a field: `receipt.customer.email`.
    pub fn parameter(&self, name: &str) -> String {
        if self.parameter.is_empty() { name.to_owned() } else { format!("{}.{name}", self.parameter) }
    }

    /// Something is wrong with this field.
    pub fn error(&self, name: &str, description: &str) -> ApiError {
        ApiError::invalid(&self.parameter(name), description)
    }

    /// The value of a field; null is none.
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        self.values.get(name).filter(|value| !value.is_null())
    }

    /// Refuses a request in which the field was not found.
    pub fn required<T>(&self, name: &str, found: Option<T>) -> Result<T, ApiError> {
        found.ok_or_else(|| self.error(name, "is required"))
    }

    /// A text of so many characters.
    pub fn text(&self, name: &str, lengths: RangeInclusive<usize>) -> Result<Option<&'a str>, ApiError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let text = value.as_str().ok_or_else(|| self.error(name, "must be a string"))?;
        if !lengths.contains(&text.chars().count()) {
            let expected = format!("must have {} to {} characters", lengths.start(), lengths.end());
            return Err(self.error(name, &expected));
        }
        Ok(Some(text))
    }

    /// One of these texts.
    pub fn choice(&self, name: &str, known: &[&str]) -> Result<Option<&'a str>, ApiError> {
        let text = self.text(name, 0..=usize::MAX)?;
        if text.is_some_and(|text| !known.contains(&text)) {
            return Err(self.error(name, &format!("must be one of {}", known.join(", "))));
        }
        Ok(text)
    }

    /// A flag.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        self.get(name).map(|value| value.as_bool().ok_or_else(|| self.error(name, "must be true or false"))).transpose()
    }

    /// A whole number.
    pub fn integer(&self, name: &str, range: RangeInclusive<i64>) -> Result<Option<i64>, ApiError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let number = value.as_i64().filter(|number| range.contains(number));
        let expected = || format!("must be a whole number from {} to {}", range.start(), range.end());
        number.map(Some).ok_or_else(|| self.error(name, &expected()))
    }

    /// An object.
    pub fn object(&self, name: &str, known: &[&str]) -> Result<Option<Fields<'a>>, ApiError> {
        self.get(name).map(|value| Fields::new(self.parameter(name), value, known)).transpose()
    }

    /// A list.
    pub fn list(&self, name: &str) -> Result<Option<&'a Vec<Value>>, ApiError> {
        self.get(name).map(|value| value.as_array().ok_or_else(|| self.error(name, "must be a list"))).transpose()
    }

    /// A sum in rubles, as kopecks.
    pub fn amount(&self, name: &str) -> Result<Option<i64>, ApiError> {
        let Some(amount) = self.object(name, &["value", "currency"])? else { return Ok(None) };
        let value = amount.required("value", amount.text("value", 1..=32)?)?;
        let currency = amount.required("currency", amount.text("currency", 1..=3)?)?;
        if currency != "RUB" {
            return Err(amount.error("currency", "The shop takes RUB only"));
        }
        let kopecks = amount::kopecks(value);
        kopecks.map(Some).ok_or_else(|| amount.error("value", "must be a string with a dot and two decimals"))
    }

    /// The shop's own notes: 16 of them, the name of each up to 32 characters and its text up to 512.
    pub fn metadata(&self) -> Result<Map<String, Value>, ApiError> {
        let Some(value) = self.get("metadata") else { return Ok(Map::new()) };
        let notes = value.as_object().ok_or_else(|| self.error("metadata", "must be an object"))?;
        if notes.len() > 16 {
            return Err(self.error("metadata", "must have at most 16 keys"));
        }
        for (name, note) in notes {
            if name.chars().count() > 32 {
                return Err(self.error("metadata", "A key must have at most 32 characters"));
            }
            let is_right = note.is_null() || note.as_str().is_some_and(|text| text.chars().count() <= 512);
            if !is_right {
                let parameter = format!("metadata.{name}");
                return Err(self.error(&parameter, "must be a string of at most 512 characters"));
            }
        }
        Ok(notes.clone())
    }
}
