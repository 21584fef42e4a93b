//! Lists: filters, pages and the cursor between them.

use std::ops::RangeInclusive;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::answer::ApiError;

/// How many objects a page has.
const LIMITS: RangeInclusive<usize> = 1..=100;
const LIMIT: usize = 10;
/// Older ones are not listed: three years.
const OLDEST_MS: i64 = 3 * 365 * 86_400_000;

/// A span of time by its filters, `created_at.gte` and so on.
#[derive(Clone, Debug, Default)]
pub struct Span {
    gte: Option<i64>,
    gt: Option<i64>,
    lte: Option<i64>,
    lt: Option<i64>,
}

impl Span {
    fn set(&mut self, bound: &str, ms: i64) -> bool {
        let place = match bound {
            "gte" => &mut self.gte,
            "gt" => &mut self.gt,
            "lte" => &mut self.lte,
            "lt" => &mut self.lt,
            _ => return false,
        };
        *place = Some(ms);
        true
    }

    fn is_open(&self) -> bool {
        [self.gte, self.gt, self.lte, self.lt].iter().all(Option::is_none)
    }

    /// Whether this time is in it; no time is only in one without bounds.
    pub fn contains(&self, ms: Option<i64>) -> bool {
        let Some(ms) = ms else { return self.is_open() };
        self.gte.is_none_or(|bound| ms >= bound)
            && self.gt.is_none_or(|bound| ms > bound)
            && self.lte.is_none_or(|bound| ms <= bound)
            && self.lt.is_none_or(|bound| ms < bound)
    }
}

/// What lists are made of.
pub trait Listed {
    /// Its id, which is the cursor of what comes after it as well.
    fn id(&self) -> &str;
    /// When it was made.
    fn created_ms(&self) -> i64;
}

/// What is asked for.
#[derive(Debug, Default)]
pub struct Query {
    /// By the time of creation.
    pub created: Span,
    /// By the time of capture.
    pub captured: Span,
    /// By exact values: `status`, `payment_id`, `payment_method`.
    pub equal: Vec<(String, String)>,
    limit: Option<usize>,
    cursor: Option<String>,
}

impl Query {
    /// Reads a query. `known` are the filters of this list besides those that every list has.
    pub fn read(pairs: &[(String, String)], known: &[&str], statuses: &[&str]) -> Result<Query, ApiError> {
        let mut query = Query::default();
        for (name, value) in pairs {
            match name.split_once('.').unwrap_or((name, "")) {
                ("limit", "") => {
                    let limit = value.parse().ok().filter(|limit| LIMITS.contains(limit));
                    query.limit = Some(limit.ok_or_else(|| ApiError::invalid(name, "must be from 1 to 100"))?);
                }
                ("cursor", "") => query.cursor = Some(value.clone()),
                ("status", "") if !statuses.contains(&value.as_str()) => {
                    return Err(ApiError::invalid(name, &format!("must be one of {}", statuses.join(", "))));
                }
                ("status", "") => query.equal.push((name.clone(), value.clone())),
                ("created_at", bound) => {
                    let ms = time(name, value)?;
                    known_filter(name, query.created.set(bound, ms))?;
                }
                ("captured_at", bound) if known.contains(&"captured_at") => {
                    let ms = time(name, value)?;
                    known_filter(name, query.captured.set(bound, ms))?;
                }
                _ => {
                    // A filter that is not there, such as one by metadata, would otherwise find everything.
                    known_filter(name, known.contains(&name.as_str()))?;
                    query.equal.push((name.clone(), value.clone()));
                }
            }
        }
        Ok(query)
    }

    /// One page of the objects that pass, `oldest_first` being the order in which they were made.
    pub fn page<T: Listed>(
        &self,
        oldest_first: &[T],
        now_ms: i64,
        passes: impl Fn(&T) -> bool,
        object: impl Fn(&T) -> Value,
    ) -> Result<Value, ApiError> {
        let end = match &self.cursor {
            Some(cursor) => oldest_first.iter().position(|item| item.id() == cursor),
            None => Some(oldest_first.len()),
        };
        let end = end.ok_or_else(|| ApiError::invalid("cursor", "is not one of this list"))?;
        let is_listed = |item: &&T| {
            let created_ms = item.created_ms();
            created_ms > now_ms - OLDEST_MS && self.created.contains(Some(created_ms)) && passes(item)
        };
        let mut found = oldest_first[..end].iter().rev().filter(is_listed);
        let items: Vec<&T> = found.by_ref().take(self.limit.unwrap_or(LIMIT)).collect();
        let mut list = json!({"type": "list", "items": items.iter().map(|item| object(item)).collect::<Vec<_>>()});
        if let (Some(last), true) = (items.last(), found.next().is_some()) {
            list["next_cursor"] = json!(last.id());
        }
        Ok(list)
    }
}

fn known_filter(name: &str, is_known: bool) -> Result<(), ApiError> {
    if is_known { Ok(()) } else { Err(ApiError::invalid(name, "is not a documented filter")) }
}

fn time(name: &str, value: &str) -> Result<i64, ApiError> {
    let time: Result<Timestamp, _> = value.parse();
    time.map(Timestamp::as_millisecond)
        .map_err(|_| ApiError::invalid(name, "must be a time of ISO 8601, as in 2018-07-18T10:51:18.139Z"))
}
