//! Reads a request body field by field. All faults are reported together, each with its field and how to fix it.
use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::{clock::moscow_midnight, fault::FieldError, text::one_line};

/// A body being read.
#[derive(Debug)]
pub struct Fields<'a> {
    body: &'a Map<String, Value>,
    /// Prefix of every field name, such as `plans[0].`.
    place: String,
    errors: Vec<FieldError>,
}

impl<'a> Fields<'a> {
    /// A body that allows only these fields.
    pub fn of(body: &'a Map<String, Value>, known: &[&str]) -> Self {
        Self::within("", body, known)
    }

    /// An object inside a body that allows unknown fields. `place` prefixes its field names.
    pub fn among_others(place: &str, body: &'a Map<String, Value>) -> Self {
        Self { body, place: place.to_owned(), errors: Vec::new() }
    }

    /// An object inside a body that allows only these fields.
    pub fn within(place: &str, body: &'a Map<String, Value>, known: &[&str]) -> Self {
        let mut fields = Self::among_others(place, body);
        for name in body.keys().filter(|name| !known.contains(&name.as_str())) {
            fields.fail(name, "unknown", format!("There is no such field. The fields are {}.", known.join(", ")));
        }
        fields
    }

    /// The field's value, or `None` if it is absent or null.
    pub fn value(&self, name: &str) -> Option<&'a Value> {
        self.body.get(name).filter(|value| !value.is_null())
    }

    /// Records a fault of a field.
    pub fn fail(&mut self, name: &str, code: &'static str, message: impl Into<String>) {
        self.errors.push(FieldError::new(format!("{}{name}", self.place), code, message));
    }

    /// Calls `read` if the field is present. Null counts as present.
    pub fn if_sent<T>(&mut self, name: &str, read: impl FnOnce(&mut Self, &str) -> T) -> Option<T> {
        self.body.contains_key(name).then(|| read(self, name))
    }

    /// Calls `read` unless the field is absent or null.
    pub fn if_given<T>(&mut self, name: &str, read: impl FnOnce(&mut Self, &str) -> T) -> Option<T> {
        self.value(name).is_some().then(|| read(self, name))
    }

    /// The field's value, null included. `None` if it is absent.
    pub fn sent(&mut self, name: &str) -> Option<Value> {
        self.body.get(name).cloned()
    }

    /// A text exactly as sent, of any length; `None` when it is absent or null.
    pub fn raw_text(&mut self, name: &str) -> Option<String> {
        let value = self.value(name)?;
        if !value.is_string() {
            self.fail(name, "malformed", "Must be a text.");
        }
        value.as_str().map(str::to_owned)
    }

    /// A required text exactly as sent. `remedy` tells the caller what to send.
    pub fn required_raw_text(&mut self, name: &str, remedy: &str) -> String {
        let faults = self.errors.len();
        self.raw_text(name).filter(|text| !text.trim().is_empty()).unwrap_or_else(|| {
            if self.errors.len() == faults {
                self.fail(name, "missing", remedy);
            }
            String::new()
        })
    }

    /// A text that `check` validates and normalises; `None` when it is absent, null or blank. `check` returns a fault
    /// as its code and how to fix it.
    pub fn checked_text(
        &mut self,
        name: &str,
        check: impl FnOnce(&str) -> Result<String, (&'static str, &'static str)>,
    ) -> Option<String> {
        let checked = match self.value(name)? {
            Value::String(text) if text.trim().is_empty() => return None,
            Value::String(text) => check(text.trim()),
            _ => Err(("malformed", "Must be a text or null.")),
        };
        let text = checked.map_err(|(code, message)| self.fail(name, code, message)).ok()?;
        Some(text).filter(|text| !text.is_empty())
    }

    /// Adds the faults of an inner object.
    pub fn take_over(&mut self, errors: Vec<FieldError>) {
        self.errors.extend(errors);
    }

    /// A single-line text of at most `most` characters; `None` when it is absent, null or blank.
    pub fn text(&mut self, name: &str, most: usize) -> Option<String> {
        let Some(text) = self.value(name)?.as_str() else {
            self.fail(name, "malformed", "Must be a text.");
            return None;
        };
        let text = one_line(text);
        if text.chars().count() > most {
            self.fail(name, "too_long", format!("Must be at most {most} characters on one line."));
            return None;
        }
        (!text.is_empty()).then_some(text)
    }

    /// A required single-line text.
    pub fn required_text(&mut self, name: &str, most: usize) -> String {
        let faults = self.errors.len();
        self.text(name, most).unwrap_or_else(|| {
            if self.errors.len() == faults {
                self.fail(name, "missing", format!("Must be a text of at most {most} characters."));
            }
            String::new()
        })
    }

    /// A required whole number within the range.
    pub fn whole(&mut self, name: &str, range: RangeInclusive<i64>) -> i64 {
        match self.value(name).and_then(Value::as_i64) {
            Some(number) if range.contains(&number) => number,
            _ => {
                let message = format!("Must be a whole number from {} to {}.", range.start(), range.end());
                self.fail(name, "out_of_range", message);
                *range.start()
            }
        }
    }

    /// A required number within the range.
    pub fn number(&mut self, name: &str, range: RangeInclusive<f64>) -> f64 {
        let number = self.value(name).and_then(Value::as_f64).filter(|number| range.contains(number));
        number.unwrap_or_else(|| {
            self.fail(name, "malformed", format!("Must be a number from {} to {}.", range.start(), range.end()));
            *range.start()
        })
    }

    /// A boolean; `default` when it is absent or null.
    pub fn flag(&mut self, name: &str, default: Option<bool>) -> bool {
        match (self.value(name), default) {
            (Some(Value::Bool(flag)), _) => *flag,
            (None, Some(default)) => default,
            _ => {
                self.fail(name, "malformed", "Must be true or false.");
                false
            }
        }
    }

    /// An instant, milliseconds since 1970-01-01 UTC.
    pub fn instant(&mut self, name: &str) -> Option<i64> {
        let parsed = self.value(name)?.as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
        if parsed.is_none() {
            self.fail(name, "malformed", "Must be an instant such as 2026-12-31T20:59:59Z, or null.");
        }
        parsed.map(jiff::Timestamp::as_millisecond)
    }

    /// The start of a date (`YYYY-MM-DD`) in Moscow, milliseconds since 1970-01-01 UTC.
    pub fn day(&mut self, name: &str) -> Option<i64> {
        let midnight = self.value(name)?.as_str().and_then(moscow_midnight);
        if midnight.is_none() {
            self.fail(name, "malformed", "Must be a date such as 2026-12-31.");
        }
        midnight
    }

    /// One of these words.
    pub fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Option<T> {
        let word = self.value(name).and_then(Value::as_str);
        let chosen = choices.iter().find(|(known, _)| word == Some(known)).map(|(_, choice)| *choice);
        if chosen.is_none() {
            let words: Vec<_> = choices.iter().map(|(known, _)| *known).collect();
            self.fail(name, "malformed", format!("Must be one of {}.", words.join(", ")));
        }
        chosen
    }

    /// A required choice. Falls back to the first one after recording the fault.
    pub fn one_of<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> T {
        self.choice(name, choices).unwrap_or(choices[0].1)
    }

    /// A positive amount in rubles with at most two decimals, returned in kopecks; `None` when it is absent or null.
    pub fn rubles(&mut self, name: &str) -> Option<i64> {
        let kopecks = kopecks(self.value(name)?).filter(|kopecks| *kopecks > 0);
        if kopecks.is_none() {
            self.fail(name, "malformed", "Must be rubles above zero with at most two decimals, such as 499 or 499.5.");
        }
        kopecks
    }

    /// Returns the value if there are no faults.
    ///
    /// # Errors
    /// All faults.
    pub fn done<T>(self, value: T) -> Result<T, Vec<FieldError>> {
        if self.errors.is_empty() { Ok(value) } else { Err(self.errors) }
    }
}

/// Converts rubles from the API to kopecks; `None` if the amount has more than two decimals or is not a number.
fn kopecks(value: &Value) -> Option<i64> {
    let hundredths = value.as_f64()? * 100.0;
    let whole = hundredths.round();
    #[allow(clippy::cast_possible_truncation)] // bounded just below
    ((hundredths - whole).abs() < 1e-4 && whole.abs() < 1e13).then_some(whole as i64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn body(value: Value) -> Map<String, Value> {
        value.as_object().cloned().expect("an object")
    }

    #[test]
    fn everything_that_is_wrong_is_told_with_its_place() {
        let body = body(json!({ "name": 5, "days": 0, "on": "yes", "at": "tomorrow", "sum": 1.005, "typo": 1 }));
        let mut fields = Fields::within("plans[2].", &body, &["name", "days", "on", "at", "sum", "reason"]);
        fields.required_text("name", 5);
        fields.whole("days", 1..=10);
        fields.flag("on", Some(true));
        fields.instant("at");
        fields.rubles("sum");
        fields.required_text("reason", 5);
        let errors = fields.done(()).expect_err("much is wrong");
        let told: Vec<_> = errors.iter().map(|error| (error.field.as_str(), error.code)).collect();
        assert_eq!(
            told,
            [
                ("plans[2].typo", "unknown"),
                ("plans[2].name", "malformed"),
                ("plans[2].days", "out_of_range"),
                ("plans[2].on", "malformed"),
                ("plans[2].at", "malformed"),
                ("plans[2].sum", "malformed"),
                ("plans[2].reason", "missing"),
            ]
        );
    }

    #[test]
    fn a_tab_or_a_line_end_makes_no_text_too_long() {
        let body = body(json!({ "reason": "\tошибка\r\nбанка ", "blank": "\t\u{200e}\n", "long": "я".repeat(6) }));
        let mut fields = Fields::of(&body, &["reason", "blank", "long"]);
        assert_eq!(fields.text("reason", 12).as_deref(), Some("ошибка банка"));
        assert_eq!((fields.text("blank", 5), fields.text("long", 5)), (None, None));
        let told: Vec<_> = fields.done(()).expect_err("one is long").into_iter().map(|error| error.field).collect();
        assert_eq!(told, ["long"]);
    }

    proptest! {
        #[test]
        fn sums_of_kopecks_are_read_exactly(sum in 1i64..100_000_000_000) {
            #[allow(clippy::cast_precision_loss)] // far below 2^53
            let rubles = sum as f64 / 100.0;
            prop_assert_eq!(kopecks(&json!(rubles)), Some(sum));
        }
    }
}
