//! The index `listed`: rows of one kind ordered by time or name, for admins. A row is in at most one list, and leaves
//! it when its attribute `list` is removed.
use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::{AttributeValue, Select};

use crate::{
    Attributes, Engine, Item, StoreError,
    cursor::{Cursor, Place},
    due::DUE,
    key::Table,
    n, s,
};

/// The most calls per page, even if few rows match the filter. A page that ends early has a cursor, so the caller can
/// continue.
const CALLS: usize = 5;

/// Later than any entry of a list by time, milliseconds. Positions have fourteen digits.
const LAST_MS: i64 = 99_999_999_999_999;

/// The attributes that put a row into the list `list` at the position of `at_ms`.
pub fn place(list: impl Into<String>, at_ms: i64, id: &str) -> [(String, AttributeValue); 2] {
    [("list".to_owned(), s(list)), ("listed_at".to_owned(), s(place_of(&instant(at_ms), id)))]
}

/// The sort key of an entry, by an instant or a text.
pub fn place_of(at: &str, id: impl std::fmt::Display) -> String {
    format!("{at}#{id}")
}

/// The sort form of an instant. All instants after the year 5138 sort as one.
pub fn instant(at_ms: i64) -> String {
    format!("{:0>14}", at_ms.clamp(0, LAST_MS))
}

/// The id in a position of a list by time.
pub fn id_at(place: &str) -> Option<&str> {
    Some(place.split_once('#')?.1)
}

/// The instant in a position of a list by time, milliseconds.
pub fn instant_of(place: &str) -> Option<i64> {
    place.split('#').next()?.parse().ok()
}

/// Selects rows of a list.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Inclusive lower bound of sort keys. `None`: from the first.
    pub from: Option<String>,
    /// Inclusive upper bound of sort keys. `None`: to the last.
    pub until: Option<String>,
    /// A filter on attributes of the index.
    pub filter: Option<Filter>,
    /// In descending order.
    pub newest_first: bool,
    /// The cursor from the previous page.
    pub cursor: Option<String>,
    /// Rows per page.
    pub limit: usize,
}

impl Selection {
    /// A page of a whole list in descending order.
    pub fn newest(cursor: Option<&str>, limit: usize) -> Self {
        Self { newest_first: true, cursor: cursor.map(str::to_owned), limit, ..Self::default() }
    }

    /// Limits a list by time to entries between these instants inclusive, milliseconds.
    #[must_use]
    pub fn between(self, from_ms: Option<i64>, until_ms: Option<i64>) -> Self {
        Self { from: from_ms.map(instant), until: until_ms.map(instant), ..self }
    }

    /// Whether it selects this position.
    fn takes(&self, place: &IndexPlace) -> bool {
        let at = place.at.as_str();
        self.from.as_deref().is_none_or(|from| at >= from) && self.until.as_deref().is_none_or(|until| at <= until)
    }
}

/// A filter expression over attributes of the index.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    parts: Vec<String>,
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Filter {
    /// Also requires that this attribute compares so (`=`, `<>`, `>=`, `<=`) with the value.
    pub fn and(mut self, name: &str, comparison: &str, value: AttributeValue) -> Self {
        let place = self.parts.len();
        self.parts.push(format!("#f{place} {comparison} :f{place}"));
        self.names.insert(format!("#f{place}"), name.to_owned());
        self.values.insert(format!(":f{place}"), value);
        self
    }

    /// Also requires that the row lacks this attribute.
    pub fn and_without(mut self, name: &str) -> Self {
        let place = self.parts.len();
        self.parts.push(format!("attribute_not_exists(#f{place})"));
        self.names.insert(format!("#f{place}"), name.to_owned());
        self
    }

    /// Also requires that this attribute begins with `beginning`, or does not.
    pub fn and_beginning(mut self, name: &str, beginning: &str, does: bool) -> Self {
        let place = self.parts.len();
        let not = if does { "" } else { "NOT " };
        self.parts.push(format!("{not}begins_with(#f{place}, :f{place})"));
        self.names.insert(format!("#f{place}"), name.to_owned());
        self.values.insert(format!(":f{place}"), s(beginning));
        self
    }

    /// `None` when it matches everything.
    pub fn some(self) -> Option<Self> {
        (!self.parts.is_empty()).then_some(self)
    }
}

/// A page of rows.
#[derive(Debug)]
pub struct Page {
    /// The full rows, in the order of the list.
    pub rows: Vec<Item>,
    /// Cursor of the next page; `None` on the last page.
    pub cursor: Option<String>,
    /// The sort key up to which the list was searched.
    pub reached: Option<String>,
}

impl Page {
    /// The instant up to which a list by time was searched, milliseconds.
    pub fn reached_ms(&self) -> Option<i64> {
        instant_of(self.reached.as_ref()?)
    }
}

impl Engine {
    /// A page of a list: at most `CALLS` index queries and one read of the rows themselves. The index lags the table by
    /// moments; the rows are current.
    pub async fn listed(&self, operation: &'static str, list: &str, selection: &Selection) -> Result<Page, StoreError> {
        let mut page = self.places_in(operation, list, selection).await?;
        page.rows = self.rows_of(operation, &page.rows).await?;
        Ok(page)
    }

    /// The index entries of a list, without their rows: at most `CALLS` queries.
    pub async fn places_in(
        &self,
        operation: &'static str,
        list: &str,
        selection: &Selection,
    ) -> Result<Page, StoreError> {
        if selection.from.is_some() && selection.until.is_some() && selection.from > selection.until {
            return Ok(Page { rows: Vec::new(), cursor: None, reached: None });
        }
        let mut from = Cursor::start(operation, list, selection.cursor.as_deref(), |place| selection.takes(place))?;
        let mut places = Vec::new();
        let mut reached = None;
        for _ in 0..CALLS {
            let rest = selection.limit - places.len();
            let mut query = self
                .client
                .query()
                .table_name(self.table(Table::App))
                .index_name("listed")
                .expression_attribute_values(":list", s(list))
                .expression_attribute_names("#list", "list")
                .set_exclusive_start_key(from.take().map(|place| place.listed(list)))
                .scan_index_forward(!selection.newest_first);
            let range = match (&selection.from, &selection.until) {
                (Some(_), Some(_)) => " AND listed_at BETWEEN :from AND :until",
                (Some(_), None) => " AND listed_at >= :from",
                (None, Some(_)) => " AND listed_at <= :until",
                (None, None) => "",
            };
            query = query.key_condition_expression(format!("#list = :list{range}"));
            for (placeholder, bound) in [(":from", &selection.from), (":until", &selection.until)] {
                if let Some(bound) = bound {
                    query = query.expression_attribute_values(placeholder, s(bound));
                }
            }
            match &selection.filter {
                // DynamoDB applies the limit before the filter.
                Some(filter) => {
                    query = query.filter_expression(filter.parts.join(" AND "));
                    for (placeholder, name) in &filter.names {
                        query = query.expression_attribute_names(placeholder, name);
                    }
                    for (placeholder, value) in &filter.values {
                        query = query.expression_attribute_values(placeholder, value.clone());
                    }
                }
                None => query = query.limit(i32::try_from(rest).unwrap_or(i32::MAX)),
            }
            let answer = self.call(operation, Table::App, query.send()).await??;
            let found = answer.items.unwrap_or_default();
            let is_cut = found.len() > rest;
            places.extend(found.into_iter().take(rest));
            let last = if is_cut { places.last() } else { answer.last_evaluated_key.as_ref() };
            from = last.and_then(|last| IndexPlace::of(last, "listed_at"));
            reached = from.as_ref().map(|place| place.at.clone());
            if from.is_none() || places.len() == selection.limit {
                break;
            }
        }
        Ok(Page { rows: places, cursor: from.map(|place| Cursor::new(list, place).seal()), reached })
    }
}

impl Engine {
    /// Counts the rows of a list by time from `from_ms` up to but not including `until_ms`, by their attribute `state`.
    /// Rows without one count under an empty name. Makes a query per megabyte of the index.
    pub async fn count_listed(
        &self,
        operation: &'static str,
        list: &str,
        from_ms: Option<i64>,
        until_ms: Option<i64>,
    ) -> Result<BTreeMap<String, i64>, StoreError> {
        let (mut counts, mut from) = (BTreeMap::new(), None);
        if from_ms > until_ms && until_ms.is_some() {
            return Ok(counts);
        }
        loop {
            let query = self
                .client
                .query()
                .table_name(self.table(Table::App))
                .index_name("listed")
                .key_condition_expression("#list = :list AND listed_at BETWEEN :from AND :until")
                .projection_expression("#state")
                .expression_attribute_names("#list", "list")
                .expression_attribute_names("#state", "state")
                .expression_attribute_values(":list", s(list))
                .expression_attribute_values(":from", s(instant(from_ms.unwrap_or_default())))
                .expression_attribute_values(":until", s(instant(until_ms.unwrap_or(LAST_MS))))
                .set_exclusive_start_key(from);
            let answer = self.call(operation, Table::App, query.send()).await??;
            for row in answer.items.unwrap_or_default() {
                *counts.entry(row.text("state").unwrap_or_default().to_owned()).or_default() += 1;
            }
            from = answer.last_evaluated_key;
            if from.is_none() {
                return Ok(counts);
            }
        }
    }

    /// Counts the rows due as `what` from `from_ms` up to but not including `until_ms`. Makes a query per megabyte of
    /// the index.
    pub async fn count_due(
        &self,
        operation: &'static str,
        what: &str,
        from_ms: i64,
        until_ms: i64,
    ) -> Result<i64, StoreError> {
        let (mut count, mut from) = (0, None);
        if from_ms >= until_ms {
            return Ok(count);
        }
        loop {
            let query = self
                .client
                .query()
                .table_name(self.table(Table::App))
                .index_name(DUE)
                .select(Select::Count)
                .key_condition_expression("due = :due AND due_at BETWEEN :from AND :last")
                .expression_attribute_values(":due", s(what))
                .expression_attribute_values(":from", n(from_ms))
                .expression_attribute_values(":last", n(until_ms - 1))
                .set_exclusive_start_key(from);
            let answer = self.call(operation, Table::App, query.send()).await??;
            count += i64::from(answer.count);
            from = answer.last_evaluated_key;
            if from.is_none() {
                return Ok(count);
            }
        }
    }

    /// A page of rows due as `what`, from the first instant up to but not including the second: at most `CALLS` index
    /// queries and one read of the rows themselves. With a filter, waiting rows come in the order of their due times.
    pub async fn due_rows(
        &self,
        operation: &'static str,
        what: &str,
        (from_ms, until_ms): (Option<i64>, Option<i64>),
        filter: Option<&Filter>,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        let (first_ms, last_ms) = (from_ms.unwrap_or_default().max(0), until_ms.unwrap_or(LAST_MS) - 1);
        if first_ms > last_ms {
            return Ok(Page { rows: Vec::new(), cursor: None, reached: None });
        }
        let is_within =
            |place: &IndexPlace| place.at.parse().is_ok_and(|at_ms: i64| (first_ms..=last_ms).contains(&at_ms));
        let mut from = Cursor::start(operation, what, cursor, is_within)?;
        let mut places = Vec::new();
        for _ in 0..CALLS {
            let mut query = self
                .client
                .query()
                .table_name(self.table(Table::App))
                .index_name(DUE)
                .key_condition_expression("due = :due AND due_at BETWEEN :from AND :last")
                .expression_attribute_values(":due", s(what))
                .expression_attribute_values(":from", n(first_ms))
                .expression_attribute_values(":last", n(last_ms))
                .set_exclusive_start_key(from.take().map(|place| place.due(what)))
                // Waiting rows come in the order of sending; failed rows newest first.
                .scan_index_forward(filter.is_some())
                .limit(i32::try_from(limit - places.len()).unwrap_or(i32::MAX));
            if let Some(filter) = filter {
                query = query.filter_expression(filter.parts.join(" AND "));
                for (placeholder, name) in &filter.names {
                    query = query.expression_attribute_names(placeholder, name);
                }
                for (placeholder, value) in &filter.values {
                    query = query.expression_attribute_values(placeholder, value.clone());
                }
            }
            let answer = self.call(operation, Table::App, query.send()).await??;
            places.extend(answer.items.unwrap_or_default());
            from = answer.last_evaluated_key.as_ref().and_then(|last| IndexPlace::of(last, "due_at"));
            if from.is_none() || places.len() == limit {
                break;
            }
        }
        let rows = self.rows_of(operation, &places).await?;
        Ok(Page { rows, cursor: from.map(|place| Cursor::new(what, place).seal()), reached: None })
    }

    /// A page of rows that wait as one of `lists`, one list after another. Reads each list as [`Engine::due_rows`]
    /// does.
    pub async fn due_rows_of(
        &self,
        operation: &'static str,
        lists: &[&str],
        filter: &Filter,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        let (mut rows, mut begins_at, mut last) = (Vec::new(), cursor, None);
        for list in lists {
            // A full page still checks whether there is more.
            let room = (limit - rows.len()).max(1);
            let page = match self.due_rows(operation, list, (None, None), Some(filter), begins_at, room).await {
                Err(error) if error.is_about_cursor() => continue,
                page => page?,
            };
            begins_at = None;
            if rows.len() == limit {
                if !page.rows.is_empty() || page.cursor.is_some() {
                    return Ok(Page { rows, cursor: last, reached: None });
                }
                continue;
            }
            if let Some(row) = page.rows.last() {
                last = IndexPlace::of(row, "due_at").map(|place| Cursor::new(list, place).seal());
            }
            rows.extend(page.rows);
            if page.cursor.is_some() {
                return Ok(Page { rows, cursor: page.cursor, reached: None });
            }
        }
        match begins_at {
            Some(_) => Err(StoreError::foreign_cursor(operation)),
            None => Ok(Page { rows, cursor: None, reached: None }),
        }
    }

    /// Reads the rows of index entries, in the same order.
    async fn rows_of(&self, operation: &'static str, places: &[Item]) -> Result<Vec<Item>, StoreError> {
        let keys: Vec<_> = places.iter().map(|place| only(place, &["pk", "sk"])).collect();
        let order: HashMap<_, _> = keys.iter().enumerate().map(|(at, key)| (text_of(key), at)).collect();
        let mut rows = self.get_many(operation, keys).await?;
        rows.sort_by_key(|row| order.get(&text_of(row)).copied());
        Ok(rows)
    }
}

fn only(item: &Item, names: &[&str]) -> Item {
    names.iter().filter_map(|name| Some(((*name).to_owned(), item.get(*name)?.clone()))).collect()
}

fn text_of(item: &Item) -> (String, String) {
    let text = |name| item.text(name).unwrap_or_default().to_owned();
    (text("pk"), text("sk"))
}

/// A position in an index: the key of a row and its sort key there.
struct IndexPlace {
    pk: String,
    sk: String,
    at: String,
}

impl IndexPlace {
    /// The position of a row, by the index's sort key.
    fn of(row: &Item, sorted_by: &str) -> Option<Self> {
        let at = row.get(sorted_by)?;
        let at = at.as_s().or_else(|_| at.as_n()).ok()?.clone();
        Some(Self { pk: row.text("pk")?.to_owned(), sk: row.text("sk")?.to_owned(), at })
    }

    /// The start key of a query of the index `listed`.
    fn listed(self, list: &str) -> Item {
        self.key([("list", s(list)), ("listed_at", s(&self.at))])
    }

    /// The start key of a query of the index `due`.
    fn due(self, what: &str) -> Item {
        self.key([(DUE, s(what)), ("due_at", AttributeValue::N(self.at.clone()))])
    }

    fn key(&self, index: [(&str, AttributeValue); 2]) -> Item {
        let key = [("pk", s(&self.pk)), ("sk", s(&self.sk))];
        key.into_iter().chain(index).map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

impl Place for IndexPlace {
    fn texts(&self) -> Vec<&str> {
        vec![&self.pk, &self.sk, &self.at]
    }

    fn read(texts: &[&str]) -> Option<Self> {
        let [pk, sk, at] = texts else { return None };
        Some(Self { pk: (*pk).to_owned(), sk: (*sk).to_owned(), at: (*at).to_owned() })
    }
}
