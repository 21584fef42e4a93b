//! Lists of the admin API: parsing the query, and answering with a page in JSON or CSV.
use lambda_http::http::HeaderValue;
use serde::Serialize;
use serde_json::{Value, json};
use shared::{
    clock::moscow_midnight,
    error::{Error, FieldError},
    fields::Fields,
    store::is_cursor,
};

use super::{
    Call,
    csv::{self, Column, Form},
};
use crate::http::{Answer, Incoming, private_json};

/// Default number of rows on a page.
const PAGE: usize = 50;
/// Maximum number of rows on a page.
const LARGEST: i64 = 100;
/// Rows in one part of a CSV file. The `x-next-cursor` header has the cursor of the next part.
const CSV_PAGE: usize = 1000;

/// The parameters that all lists share.
#[derive(Clone, Debug, Default)]
pub struct Paging {
    /// The cursor from the previous page.
    pub cursor: Option<String>,
    /// Maximum number of rows.
    pub limit: usize,
    /// The CSV format; `None` for JSON.
    pub csv: Option<Form>,
}

/// Parses the query of a list. `read` parses the list's own filters: numbers where `numbers` has the name, else text.
pub fn query<T>(
    incoming: &Incoming,
    filters: &[&str],
    numbers: &[&str],
    read: impl FnOnce(&mut Fields<'_>) -> T,
) -> Result<(T, Paging), Error> {
    let known: Vec<_> = filters.iter().copied().chain(["cursor", "limit", "format", "sep", "lang"]).collect();
    let numbers: Vec<_> = numbers.iter().copied().chain(["limit"]).collect();
    incoming.parameters(&known, &numbers, |fields| {
        let form = Form::read(fields);
        let filters_days = filters.contains(&"from") && filters.contains(&"until");
        let csv = fields.value("format").is_some()
            && fields.choice("format", &[("json", false), ("csv", true)]) == Some(true);
        let csv = csv.then_some(form);
        let limit = match fields.value("limit") {
            Some(_) => usize::try_from(fields.whole("limit", 1..=LARGEST)).unwrap_or(PAGE),
            None if csv.is_some() => CSV_PAGE,
            None => PAGE,
        };
        let cursor = fields.text("cursor", 500);
        if cursor.as_deref().is_some_and(|cursor| !is_cursor(cursor)) {
            fields.take_over(vec![FieldError::cursor()]);
        }
        let filters = read(fields);
        let day = |name: &str| moscow_midnight(fields.value(name)?.as_str()?);
        if filters_days && day("from") > day("until") && day("until").is_some() {
            fields.fail("until", "out_of_range", "Must not be before from.");
        }
        (filters, Paging { cursor, limit, csv })
    })
}

/// JSON pointers to an id in a row, and to the place of the name.
pub type Named = (&'static str, &'static str);

/// The driver of a row.
pub const DRIVER: &[Named] = &[("/driver_id", "/driver_name")];

/// Adds names to the rows by id.
pub async fn with_names(call: &Call<'_>, mut rows: Vec<Value>, named: &[Named]) -> Result<Vec<Value>, Error> {
    let mut ids: Vec<i64> = Vec::new();
    for row in &rows {
        ids.extend(named.iter().filter_map(|(id, _)| row.pointer(id)?.as_i64()));
    }
    ids.sort_unstable();
    ids.dedup();
    let names = call.app.names_for(&call.admin, &ids).await?;
    for row in &mut rows {
        for (id, place) in named {
            let name = row.pointer(id).and_then(Value::as_i64).and_then(|id| names.get(&id));
            if let Some(there) = row.pointer_mut(place).filter(|there| there.is_null())
                && let Some(name) = name.filter(|name| !name.is_empty())
            {
                *there = json!(name);
            }
        }
    }
    Ok(rows)
}

/// Answers with a page as JSON `{items, cursor, …}` or as a CSV file of these columns. A file is audited.
pub async fn answer(
    call: &Call<'_>,
    paging: &Paging,
    (items, named): (Vec<impl Serialize>, &[Named]),
    cursor: Option<String>,
    columns: &[Column],
    further: Value,
) -> Answer {
    let items = items.into_iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>();
    let items = with_names(call, items.map_err(|error| Error::Internal(error.to_string()))?, named).await?;
    let Some(form) = paging.csv else {
        let mut page = json!({ "items": items, "cursor": cursor });
        if let (Some(page), Some(further)) = (page.as_object_mut(), further.as_object()) {
            page.extend(further.clone());
        }
        return private_json(&page);
    };
    let list = call.path();
    let context = &call.incoming.context;
    call.app.account_for_file(&call.admin, list, &call.incoming.query(), items.len(), context).await;
    let mut answer = csv::answer(form.part(&items, columns, paging.cursor.is_none()));
    if let Some(cursor) = cursor.and_then(|cursor| HeaderValue::from_str(&cursor).ok()) {
        answer.headers_mut().insert("x-next-cursor", cursor);
    }
    Ok(answer)
}
