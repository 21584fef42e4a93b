//! Lists of the admin API: the query that picks rows, a page of them with its cursor, and the same as CSV.
use lambda_http::{Body, Response, http::HeaderValue, http::header};
use serde::Serialize;
use serde_json::{Map, Value, json};
use shared::{
    error::{Error, FieldError},
    fields::Fields,
    store::listed::is_cursor,
};

use crate::http::{Incoming, private_json};

/// Rows on a page, unless the query says otherwise.
const PAGE: usize = 50;
/// Rows on the largest page.
const LARGEST: i64 = 100;
/// Rows in one part of a CSV file; whoever wants more asks with the cursor of `x-next-cursor`.
const CSV_PAGE: usize = 1000;

/// What every list takes besides its own filters.
#[derive(Clone, Debug, Default)]
pub struct Paging {
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Rows wanted.
    pub limit: usize,
    /// As CSV.
    pub csv: bool,
}

/// Reads the query of a list: its own filters by `read`, which finds texts, and numbers where `numbers` has the name.
pub fn query<T>(
    incoming: &Incoming,
    filters: &[&str],
    numbers: &[&str],
    read: impl FnOnce(&mut Fields<'_>) -> T,
) -> Result<(T, Paging), Error> {
    let mut body = Map::new();
    let mut errors = Vec::new();
    for (name, text) in incoming.query() {
        let is_number = name == "limit" || numbers.contains(&name.as_str());
        let value = match serde_json::from_str::<Value>(&text) {
            Ok(number @ Value::Number(_)) if is_number => number,
            _ => Value::String(text),
        };
        if body.insert(name.clone(), value).is_some() {
            errors.push(FieldError::new(name, "repeated", "Send it once."));
        }
    }
    let known: Vec<_> = filters.iter().copied().chain(["cursor", "limit", "format"]).collect();
    let mut fields = Fields::of(&body, &known);
    fields.take_over(errors);
    let csv =
        fields.value("format").is_some() && fields.choice("format", &[("json", false), ("csv", true)]) == Some(true);
    let limit = match fields.value("limit") {
        Some(_) => usize::try_from(fields.whole("limit", 1..=LARGEST)).unwrap_or(PAGE),
        None if csv => CSV_PAGE,
        None => PAGE,
    };
    let cursor = fields.text("cursor", 500);
    if cursor.as_deref().is_some_and(|cursor| !is_cursor(cursor)) {
        fields.fail("cursor", "malformed", "Send the cursor of the page before as it came, or none.");
    }
    let filters = read(&mut fields);
    fields.done((filters, Paging { cursor, limit, csv })).map_err(Error::Validation)
}

/// A page as JSON `{items, cursor, …}` or as CSV of these columns, each a heading and where the value stands in a row.
pub fn answer(
    paging: &Paging,
    items: Vec<impl Serialize>,
    cursor: Option<String>,
    columns: &[(&str, &str)],
    further: Value,
) -> Result<Response<Body>, Error> {
    let items = serde_json::to_value(items).map_err(|error| Error::Internal(error.to_string()))?;
    if !paging.csv {
        let mut page = json!({ "items": items, "cursor": cursor });
        if let (Some(page), Some(further)) = (page.as_object_mut(), further.as_object()) {
            page.extend(further.clone());
        }
        return private_json(&page);
    }
    // The mark tells Excel that it is UTF-8. Further parts of the file have neither it nor headings.
    let is_first = paging.cursor.is_none();
    let mut text = String::new();
    if is_first {
        text.push('\u{feff}');
        text.push_str(&line(columns.iter().map(|(heading, _)| (*heading).to_owned())));
    }
    for item in items.as_array().into_iter().flatten() {
        text.push_str(&line(columns.iter().map(|(_, place)| cell(item.pointer(place)))));
    }
    let mut answer = Response::new(Body::from(text));
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(cursor) = cursor.and_then(|cursor| HeaderValue::from_str(&cursor).ok()) {
        headers.insert("x-next-cursor", cursor);
    }
    Ok(answer)
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// A line of CSV (RFC 4180). What a spreadsheet would run as a formula is made text: names and reasons are strangers' words.
fn line(cells: impl Iterator<Item = String>) -> String {
    let quoted = cells.map(|cell| {
        let is_number = cell.parse::<f64>().is_ok();
        let guard = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number { "'" } else { "" };
        format!("\"{guard}{}\"", cell.replace('"', "\"\""))
    });
    quoted.collect::<Vec<_>>().join(",") + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_it_was_written_and_runs_nothing() {
        let cells = ["plain", "with \"quotes\"", "=SUM(A1)", "+7 916", "-5.5", "two\nlines"];
        assert_eq!(
            line(cells.into_iter().map(str::to_owned)),
            "\"plain\",\"with \"\"quotes\"\"\",\"'=SUM(A1)\",\"'+7 916\",\"-5.5\",\"two\nlines\"\r\n"
        );
    }
}
