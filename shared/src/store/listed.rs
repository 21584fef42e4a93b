//! The index `listed`: rows of one kind in the order of their time or name, for admins. A row is in at most one list, and
//! leaves it with its attribute `list`.
use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::{AttributeValue, Select};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{
    Attributes, Item, Store, StoreError,
    due::DUE,
    keys::{LAST_MS, List, Table},
    n, s,
};

/// How many calls a page takes at most, however few of the rows fit its filter. A page that ends there has a cursor, and
/// whoever wants more goes on.
const CALLS: usize = 5;

/// Which rows of a list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    /// Sort keys from this on (`None`: from the first).
    pub from: Option<String>,
    /// Sort keys up to and with this (`None`: to the last).
    pub until: Option<String>,
    /// Only these, by attributes that the index has.
    pub filter: Option<Filter>,
    /// The largest first.
    pub newest_first: bool,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Rows on a page.
    pub limit: usize,
}

impl Selection {
    /// Where a page of this list goes on; `None` when the cursor is of another, or lies outside of what is selected.
    fn start(&self, list: &str, cursor: &str) -> Option<Item> {
        let mut key = position(list, cursor)?;
        let at = key.text("listed_at")?;
        let is_within =
            self.from.as_deref().is_none_or(|from| at >= from) && self.until.as_deref().is_none_or(|until| at <= until);
        key.insert("list".to_owned(), s(list));
        is_within.then_some(key)
    }
}

/// A filter expression over attributes of the index.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    parts: Vec<String>,
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Filter {
    /// And this attribute compares so (`=`, `<>`, `>=`, `<=`) with the value.
    pub fn and(mut self, name: &str, comparison: &str, value: AttributeValue) -> Self {
        let place = self.parts.len();
        self.parts.push(format!("#f{place} {comparison} :f{place}"));
        self.names.insert(format!("#f{place}"), name.to_owned());
        self.values.insert(format!(":f{place}"), value);
        self
    }

    /// And the row has no such attribute.
    pub fn and_without(mut self, name: &str) -> Self {
        let place = self.parts.len();
        self.parts.push(format!("attribute_not_exists(#f{place})"));
        self.names.insert(format!("#f{place}"), name.to_owned());
        self
    }

    /// And this attribute begins so; or does not.
    pub fn and_beginning(mut self, name: &str, beginning: &str, does: bool) -> Self {
        let place = self.parts.len();
        let not = if does { "" } else { "NOT " };
        self.parts.push(format!("{not}begins_with(#f{place}, :f{place})"));
        self.names.insert(format!("#f{place}"), name.to_owned());
        self.values.insert(format!(":f{place}"), s(beginning));
        self
    }

    /// `None` when it lets everything through.
    pub fn some(self) -> Option<Self> {
        (!self.parts.is_empty()).then_some(self)
    }
}

/// A page of rows.
#[derive(Debug)]
pub(crate) struct Page {
    /// The rows, whole, in the order of the list.
    pub rows: Vec<Item>,
    /// Where the next page goes on; `None` when there is nothing more.
    pub cursor: Option<String>,
    /// The sort key up to which the list was looked through.
    pub reached: Option<String>,
}

impl Page {
    /// The instant up to which a list by time was looked through, milliseconds.
    pub fn reached_ms(&self) -> Option<i64> {
        List::instant_of(self.reached.as_ref()?)
    }
}

impl Store {
    /// A page of a list: at most [`CALLS`] queries of the index, and one read of the rows themselves. The index follows the
    /// table within moments; the rows are as they stand.
    pub(crate) async fn listed(
        &self,
        operation: &'static str,
        list: &List<'_>,
        selection: &Selection,
    ) -> Result<Page, StoreError> {
        let mut page = self.places_in(operation, list, selection).await?;
        page.rows = self.rows_of(operation, &page.rows).await?;
        Ok(page)
    }

    /// The places of a list alone, with what the index has of their rows: at most [`CALLS`] queries.
    pub(crate) async fn places_in(
        &self,
        operation: &'static str,
        list: &List<'_>,
        selection: &Selection,
    ) -> Result<Page, StoreError> {
        let name = list.name();
        if selection.from.is_some() && selection.until.is_some() && selection.from > selection.until {
            return Ok(Page { rows: Vec::new(), cursor: None, reached: None });
        }
        let mut from = match &selection.cursor {
            Some(cursor) => Some(selection.start(&name, cursor).ok_or_else(|| StoreError::foreign_cursor(operation))?),
            None => None,
        };
        let mut places = Vec::new();
        let mut reached = None;
        for _ in 0..CALLS {
            let rest = selection.limit - places.len();
            let mut query = self
                .client
                .query()
                .table_name(self.table(Table::App))
                .index_name("listed")
                .expression_attribute_values(":list", s(&name))
                .expression_attribute_names("#list", "list")
                .set_exclusive_start_key(from.take())
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
                // DynamoDB counts rows before it filters them.
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
            from = if is_cut { places.last().map(|last| position_of(&name, last)) } else { answer.last_evaluated_key };
            reached = from.as_ref().and_then(|key| key.text("listed_at")).map(str::to_owned);
            if from.is_none() || places.len() == selection.limit {
                break;
            }
        }
        Ok(Page { rows: places, cursor: from.as_ref().map(|key| cursor(&name, key)), reached })
    }
}

impl Store {
    /// How many rows of a list by time stand at or after `from_ms` and before `until_ms`, by their attribute `state`; those that
    /// have none are counted under an empty name. A query for each megabyte of the index.
    pub(crate) async fn count_listed(
        &self,
        operation: &'static str,
        list: &List<'_>,
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
                .expression_attribute_values(":list", s(list.name()))
                .expression_attribute_values(":from", s(List::instant(from_ms.unwrap_or_default())))
                .expression_attribute_values(":until", s(List::instant(until_ms.unwrap_or(LAST_MS))))
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

    /// How many rows are due as `what` at or after `from_ms` and before `until_ms`: a query for each megabyte of the index.
    pub(super) async fn count_due(
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

    /// A page of the rows in the index `due` that are due as `what` at or after the first instant and before the second: at most
    /// [`CALLS`] queries of it, and one read of the rows themselves. Those that wait come in their order, with a filter.
    pub(super) async fn due_rows(
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
        let start = |cursor: &str| {
            let mut key = position(what, cursor)?;
            let at_ms: i64 = key.remove("listed_at")?.as_s().ok()?.parse().ok()?;
            key.insert(DUE.to_owned(), s(what));
            key.insert("due_at".to_owned(), n(at_ms));
            (first_ms..=last_ms).contains(&at_ms).then_some(key)
        };
        let mut from = match cursor {
            Some(cursor) => Some(start(cursor).ok_or_else(|| StoreError::foreign_cursor(operation))?),
            None => None,
        };
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
                .set_exclusive_start_key(from.take())
                // What waits comes in the order in which it is sent; what failed, the latest first.
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
            from = answer.last_evaluated_key;
            if from.is_none() || places.len() == limit {
                break;
            }
        }
        let rows = self.rows_of(operation, &places).await?;
        let cursor = from.map(|mut key| {
            key.insert("listed_at".to_owned(), s(key.number("due_at").unwrap_or_default().to_string()));
            self::cursor(what, &key)
        });
        Ok(Page { rows, cursor, reached: None })
    }

    /// The rows themselves, in the order of their places in an index.
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

fn position_of(list: &str, place: &Item) -> Item {
    let mut key = only(place, &["pk", "sk", "listed_at"]);
    key.insert("list".to_owned(), s(list));
    key
}

/// Opaque to whoever gets it. It names its list: in another one it would be no place, and the store refuses those.
pub(super) fn cursor(list: &str, key: &Item) -> String {
    let [pk, sk, at] = PLACE.map(|name| key.text(name).unwrap_or_default());
    URL_SAFE_NO_PAD.encode([list, pk, sk, at].join("\n"))
}

const PLACE: [&str; 3] = ["pk", "sk", "listed_at"];

fn parts(cursor: &str) -> Option<Vec<String>> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let parts: Vec<_> = text.split('\n').map(str::to_owned).collect();
    (parts.len() == 1 + PLACE.len() && parts.iter().all(|part| !part.is_empty())).then_some(parts)
}

/// Whether it has the form of those that we make.
pub fn is_cursor(text: &str) -> bool {
    parts(text).is_some()
}

/// The place that a cursor names; `None` when it is none of this list's.
pub(super) fn position(list: &str, cursor: &str) -> Option<Item> {
    let parts = parts(cursor)?;
    let (of, place) = parts.split_first()?;
    (of == list).then(|| PLACE.iter().zip(place).map(|(name, part)| ((*name).to_owned(), s(part))).collect())
}
