//! Filters that are kept for later, as the list takes them.
use jiff::civil::Date;
use serde_json::{Map, Value};

use super::Filters;
use crate::{error::FieldError, text::one_line};

/// Names of places kept with the filters, so that another phone need not look them up.
const PLACE_NAMES: [&str; 4] = ["from_place_name", "to_place_name", "start_point_name", "finish_point_name"];
/// The most letters of a place's name.
const LONGEST_NAME: usize = 100;
/// The most bytes of another value.
const LONGEST_VALUE: usize = 1000;

/// Reads filters to keep: an object of the list's query parameters. `Some(None)` is null, `None` a fault. They must be
/// valid for the list; a page is left out.
pub fn kept(field: &str, value: &Value, today: Date, errors: &mut Vec<FieldError>) -> Option<Option<Value>> {
    match value {
        Value::Null => Some(None),
        Value::Object(map) => kept_map(field, map, today, errors).map(|map| Some(Value::Object(map))),
        _ => {
            errors.push(FieldError::new(field, "malformed", "Must be an object or null."));
            None
        }
    }
}

fn kept_map(
    field: &str,
    map: &Map<String, Value>,
    today: Date,
    errors: &mut Vec<FieldError>,
) -> Option<Map<String, Value>> {
    let (mut pairs, mut names) = (Vec::new(), Vec::new());
    for (name, value) in map {
        let mut fail = |code, message| errors.push(FieldError::new(format!("{field}.{name}"), code, message));
        if PLACE_NAMES.contains(&name.as_str()) {
            match value {
                Value::Null => {}
                Value::String(text) => match one_line(text) {
                    name_of_place if name_of_place.chars().count() > LONGEST_NAME => {
                        fail("too_long", "Must have at most 100 characters.");
                    }
                    name_of_place if name_of_place.is_empty() => {}
                    name_of_place => names.push((name.clone(), name_of_place)),
                },
                _ => fail("malformed", "Must be a text or null."),
            }
            continue;
        }
        match plain(value) {
            Some(text) if text.len() <= LONGEST_VALUE => pairs.push((name.clone(), text)),
            _ => fail("malformed", "Must be a short text, a number or a list of numbers."),
        }
    }
    match Filters::parse(&pairs, today) {
        Ok(_) => {
            let kept = pairs.into_iter().filter(|(name, _)| !["limit", "offset", "cursor"].contains(&name.as_str()));
            Some(kept.chain(names).map(|(name, text)| (name, Value::String(text))).collect())
        }
        Err(wrong) => {
            errors.extend(
                wrong.into_iter().map(|error| FieldError { field: format!("{field}.{}", error.field), ..error }),
            );
            None
        }
    }
}

/// A value as the query has it.
fn plain(value: &Value) -> Option<String> {
    let scalar = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    };
    match value {
        Value::Array(items) => items.iter().map(scalar).collect::<Option<Vec<_>>>().map(|items| items.join(",")),
        other => scalar(other),
    }
}

impl Filters {
    /// Parses kept filters. Fails for those that were valid once, such as a day that has passed.
    ///
    /// # Errors
    /// Everything that is wrong with them now.
    pub fn of_kept(kept: &Map<String, Value>, today: Date) -> Result<Self, Vec<FieldError>> {
        let query = kept.iter().filter(|(name, _)| !PLACE_NAMES.contains(&name.as_str()));
        let pairs: Vec<_> = query.filter_map(|(name, value)| Some((name.clone(), plain(value)?))).collect();
        Self::parse(&pairs, today)
    }
}
