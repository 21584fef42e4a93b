//! Stored audit rows. Each is written once, with a condition that it does not exist, and never changed or deleted.
use std::{collections::BTreeMap, sync::PoisonError};

use aws_sdk_dynamodb::{operation::query::builders::QueryFluentBuilder, types::AttributeValue};
use kernel::clock::DAY_MS;
use serde_json::Value;

use super::{Actor, AuditKind, AuditRow, ROW};
use crate::{
    Attributes, Cursor, Engine, Item, Key, Place, StoreError, Table,
    listed::{self, Selection},
    n, s,
};

/// The most calls per page, even if few rows match the filter.
const CALLS: usize = 10;
/// The most rows shown for one request.
const OF_A_REQUEST: i32 = 300;
/// The default range of a search. The log has no first row at which a search could stop.
const DAYS_BACK: i64 = 92;
/// The most hourly rows remembered as written, so that repeats cost no call.
const HOURLY_ROWS: usize = 1000;
/// The list name in cursors of the log.
const LOG: &str = "AUDIT";
/// Sorts after every row of a day.
const END: &str = "~";

/// Selects audit rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Of this kind.
    pub kind: Option<String>,
    /// With this outcome.
    pub outcome: Option<String>,
    /// Done by this admin.
    pub actor_id: Option<i64>,
    /// Concerning this driver.
    pub driver_id: Option<i64>,
    /// With a target that starts with this: `payment/` matches any payment.
    pub target: Option<String>,
    /// Caused by this request, or with a request id or row id that starts with this.
    pub request_id: Option<String>,
    /// Done by people, not by the product. Lists all audit kinds.
    pub people: Option<Vec<AuditKind>>,
    /// At or after this time, milliseconds.
    pub from_ms: Option<i64>,
    /// Before this time, milliseconds.
    pub until_ms: Option<i64>,
}

impl AuditFilter {
    /// Whether the row matches.
    pub fn takes(&self, row: &KeptAudit) -> bool {
        self.kind.as_ref().is_none_or(|kind| row.kind == *kind)
            && self.outcome.as_ref().is_none_or(|outcome| row.outcome == *outcome)
            && self.actor_id.is_none_or(|id| row.actor.as_ref().is_some_and(|actor| actor.id == id))
            && self.driver_id.is_none_or(|id| row.driver_id == Some(id))
            && self.target.as_ref().is_none_or(|target| row.target.as_ref().is_some_and(|is| is.starts_with(target)))
            && self.request_id.as_ref().is_none_or(|id| row.request_id.starts_with(id) || row.id.starts_with(id))
            && self.people.as_ref().is_none_or(|kinds| row.is_by_people(kinds))
            && self.from_ms.is_none_or(|from| row.at_ms >= from)
            && self.until_ms.is_none_or(|until| row.at_ms < until)
    }
}

/// A stored audit row.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptAudit {
    /// Unique among the rows.
    pub id: String,
    /// When it happened, milliseconds since 1970-01-01 UTC.
    pub at_ms: i64,
    /// The audit kind.
    pub kind: String,
    /// The outcome.
    pub outcome: String,
    /// The request that caused it.
    pub request_id: String,
    /// The admin who did it.
    pub actor: Option<Actor>,
    /// The target, such as `payment/1c3f…`.
    pub target: Option<String>,
    /// The driver concerned.
    pub driver_id: Option<i64>,
    /// The IP address of an admin's request.
    pub address: Option<String>,
    /// The `User-Agent` header of an admin's request.
    pub user_agent: Option<String>,
    /// Further facts.
    pub facts: BTreeMap<String, String>,
    /// The value before the change.
    pub before: Option<Value>,
    /// The value after the change.
    pub after: Option<Value>,
}

impl KeptAudit {
    /// Who did it, if not an admin: `dispatcher`, `shipper`, `driver`.
    pub fn done_by(&self, kinds: &[AuditKind]) -> Option<&str> {
        let is_drivers = |kind: &AuditKind| {
            let outcome = (self.kind == kind.name()).then(|| kind.outcome_by_drivers()).flatten();
            outcome.is_some_and(|outcome| outcome.is_none_or(|outcome| self.outcome == outcome))
        };
        let by = self.facts.get("by").map(String::as_str).filter(|by| *by != "system");
        by.or_else(|| kinds.iter().any(is_drivers).then_some("driver"))
    }

    /// Whether a person did it, rather than the product.
    pub fn is_by_people(&self, kinds: &[AuditKind]) -> bool {
        self.actor.is_some() || self.done_by(kinds).is_some()
    }
}

/// A page of the log, newest first.
#[derive(Debug, Default)]
pub struct AuditPage {
    /// The rows.
    pub items: Vec<KeptAudit>,
    /// Cursor of the next page; `None` on the last page.
    pub cursor: Option<String>,
    /// How far back the search reached, milliseconds. A page may end early if few rows match.
    pub reached_ms: Option<i64>,
}

impl AuditRow {
    /// Builds the key and the item.
    ///
    /// # Errors
    /// The row's time is invalid.
    pub fn item(&self) -> Result<(Key, Item), StoreError> {
        let at = instant(self.at_ms).ok_or_else(|| StoreError::malformed("put_audit", "at_ms"))?;
        let facts = self.facts.iter().map(|(name, value)| ((*name).to_owned(), s(value))).collect();
        let mut item = Item::from([
            ("id".to_owned(), s(&self.id)),
            ("at_ms".to_owned(), n(self.at_ms)),
            ("kind".to_owned(), s(self.kind.name())),
            ("outcome".to_owned(), s(&self.outcome)),
            ("request_id".to_owned(), s(&self.request_id)),
            ("facts".to_owned(), AttributeValue::M(facts)),
        ]);
        let texts = [("address", &self.address), ("user_agent", &self.user_agent), ("target", &self.target)];
        item.extend(texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), s(text.as_ref()?)))));
        if let Some(actor) = &self.actor {
            item.insert("actor_id".to_owned(), n(actor.id));
            item.insert("actor_name".to_owned(), s(&actor.name));
        }
        if let Some((before, after)) = &self.change {
            item.insert("before".to_owned(), s(before.to_string()));
            item.insert("after".to_owned(), s(after.to_string()));
        }
        if let Some(driver_id) = self.driver_id() {
            item.extend(listed::place(list_of(driver_id), self.at_ms, &self.id));
        }
        let key = key(at.get(..10).unwrap_or_default(), &at, &self.id);
        Ok((key, item))
    }
}

/// The key of an audit row. `date` is `YYYY-MM-DD`, `at` an RFC 3339 instant, `id` unique.
pub fn key(date: &str, at: &str, id: &str) -> Key {
    Key::new(ROW.table(), format!("AUDIT#{date}"), format!("{at}#{id}"))
}

/// The list of audit rows that concern this driver.
pub fn list_of(driver_id: &str) -> String {
    format!("AUDIT#{driver_id}")
}

/// A position in the log: rows below this sort key on this day, and all earlier days.
struct LogPlace {
    day: String,
    below: String,
}

impl Place for LogPlace {
    fn texts(&self) -> Vec<&str> {
        vec![&self.day, &self.below]
    }

    fn read(texts: &[&str]) -> Option<Self> {
        let [day, below] = texts else { return None };
        Some(Self { day: (*day).to_owned(), below: (*below).to_owned() })
    }
}

/// The sort form of an instant within its day, always to the millisecond.
fn instant(ms: i64) -> Option<String> {
    Some(format!("{:.3}", jiff::Timestamp::from_millisecond(ms).ok()?))
}

fn date(ms: i64) -> String {
    instant(ms).and_then(|at| at.get(..10).map(str::to_owned)).unwrap_or_default()
}

/// The end of a day of the log. Days are in UTC.
fn end_of(date: &str) -> Option<i64> {
    let at: jiff::Timestamp = format!("{date}T00:00:00Z").parse().ok()?;
    Some(at.as_millisecond() + DAY_MS)
}

fn read(item: &Item) -> Option<KeptAudit> {
    let text = |name: &str| item.text(name).map(str::to_owned);
    let facts = item.get("facts").and_then(|facts| facts.as_m().ok());
    let facts =
        facts.into_iter().flatten().filter_map(|(name, value)| Some((name.clone(), value.as_s().ok()?.clone())));
    let facts: BTreeMap<String, String> = facts.collect();
    let actor = item.number("actor_id").map(|id| Actor { id, name: text("actor_name").unwrap_or_default() });
    let json = |name: &str| serde_json::from_str(item.text(name)?).ok();
    Some(KeptAudit {
        id: text("id")?,
        at_ms: item.number("at_ms")?,
        kind: text("kind")?,
        outcome: text("outcome")?,
        request_id: text("request_id")?,
        actor,
        target: text("target"),
        driver_id: facts.get("driver_id").and_then(|id| id.parse().ok()),
        address: text("address"),
        user_agent: text("user_agent"),
        facts,
        before: json("before"),
        after: json("after"),
    })
}

impl Engine {
    /// All rows caused by one request, newest first. Makes two calls.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn audit_of_request(&self, request_id: &str) -> Result<Vec<KeptAudit>, StoreError> {
        let query = self
            .client()
            .query()
            .table_name(self.table(Table::App))
            .index_name("request")
            .key_condition_expression("request_id = :request")
            .expression_attribute_values(":request", s(request_id))
            .limit(OF_A_REQUEST);
        let answer = self.call("audit_of_request", Table::App, query.send()).await??;
        let places = answer.items.unwrap_or_default();
        let names = |place: &Item| ["pk", "sk"].map(|name| (name.to_owned(), place.get(name).cloned()));
        let keys = |place: &Item| names(place).into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.get_many("audit_of_request", places.iter().map(keys).collect()).await?;
        let mut rows: Vec<_> = rows.iter().filter_map(read).collect();
        rows.sort_by(|a, b| (b.at_ms, &b.id).cmp(&(a.at_ms, &a.id)));
        Ok(rows)
    }

    /// A page of rows that concern a driver, newest first.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn audit_of_driver(
        &self,
        driver_id: i64,
        filter: &AuditFilter,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<AuditPage, StoreError> {
        let selection = Selection::newest(cursor, limit).between(filter.from_ms, filter.until_ms);
        let page = self.listed("audit_of_driver", &list_of(&driver_id.to_string()), &selection).await?;
        let reached_ms = page.reached_ms();
        // The index lacks the filtered attributes.
        let items = page.rows.iter().filter_map(read).filter(|row| filter.takes(row)).collect();
        Ok(AuditPage { items, cursor: page.cursor, reached_ms })
    }

    /// A page of the log, newest first. Searches backwards day by day, with a bounded number of calls.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn audit(
        &self,
        filter: &AuditFilter,
        from_cursor: Option<&str>,
        limit: usize,
        now_ms: i64,
    ) -> Result<AuditPage, StoreError> {
        let latest_ms = filter.until_ms.map_or(now_ms, |until| until - 1);
        let earliest_ms = filter.from_ms.unwrap_or(latest_ms - DAYS_BACK * DAY_MS);
        let place = Cursor::start("audit", LOG, from_cursor, |place: &LogPlace| end_of(&place.day).is_some())?;
        let top = filter.until_ms.and_then(instant).unwrap_or_else(|| END.to_owned());
        let LogPlace { mut day, mut below } = place.unwrap_or_else(|| LogPlace { day: date(latest_ms), below: top });
        let lowest = instant(earliest_ms).unwrap_or_default();
        let mut page = AuditPage::default();
        for _ in 0..CALLS {
            if day.as_str() < date(earliest_ms).as_str() {
                return Ok(page);
            }
            let key = key(&day, "", "");
            let rest = limit - page.items.len();
            let query = self.audit_query(key.partition(), &lowest, &below, filter, rest);
            let answer = self.call("audit", Table::App, query.send()).await??;
            // The previous page already showed the bound itself.
            let found: Vec<_> = answer.items.unwrap_or_default();
            let found: Vec<_> = found.iter().filter(|item| item.text("sk") != Some(below.as_str())).collect();
            let is_cut = found.len() > rest;
            page.items.extend(found.iter().take(rest).filter_map(|item| read(item)));
            let last = if is_cut {
                found.get(rest - 1).and_then(|item| item.text("sk")).map(str::to_owned)
            } else {
                answer.last_evaluated_key.as_ref().and_then(|key| key.text("sk")).map(str::to_owned)
            };
            match last {
                Some(last) => below = last,
                None => {
                    let Some(before_ms) = end_of(&day).map(|end| end - DAY_MS - 1) else { return Ok(page) };
                    (day, below) = (date(before_ms), END.to_owned());
                }
            }
            if page.items.len() == limit {
                break;
            }
        }
        if day.as_str() >= date(earliest_ms).as_str() {
            let at = below.split('#').next().and_then(|at| at.parse::<jiff::Timestamp>().ok());
            page.reached_ms = at.map(jiff::Timestamp::as_millisecond).or_else(|| end_of(&day));
            page.cursor = Some(Cursor::new(LOG, LogPlace { day, below }).seal());
        }
        Ok(page)
    }

    fn audit_query(
        &self,
        partition: &str,
        lowest: &str,
        below: &str,
        filter: &AuditFilter,
        rest: usize,
    ) -> QueryFluentBuilder {
        let mut query = self
            .client()
            .query()
            .table_name(self.table(Table::App))
            .key_condition_expression("pk = :pk AND sk BETWEEN :lowest AND :below")
            .expression_attribute_values(":pk", s(partition))
            .expression_attribute_values(":lowest", s(lowest.min(below)))
            .expression_attribute_values(":below", s(below))
            .scan_index_forward(false);
        let mut parts = Vec::new();
        for (name, value) in [("kind", &filter.kind), ("outcome", &filter.outcome)] {
            if let Some(value) = value {
                parts.push(format!("#{name} = :{name}"));
                query = query.expression_attribute_names(format!("#{name}"), name);
                query = query.expression_attribute_values(format!(":{name}"), s(value));
            }
        }
        if let Some(target) = &filter.target {
            parts.push("begins_with(#target, :target)".to_owned());
            query = query.expression_attribute_names("#target", "target");
            query = query.expression_attribute_values(":target", s(target));
        }
        if let Some(request_id) = &filter.request_id {
            parts.push("(begins_with(request_id, :request) OR begins_with(id, :request))".to_owned());
            query = query.expression_attribute_values(":request", s(request_id));
        }
        if let Some(kinds) = &filter.people {
            let mut by = vec!["attribute_exists(actor_id)".to_owned()];
            by.push("(attribute_exists(#facts.#by) AND #facts.#by <> :system)".to_owned());
            query = query.expression_attribute_names("#facts", "facts").expression_attribute_names("#by", "by");
            query = query.expression_attribute_values(":system", s("system"));
            query = query.expression_attribute_names("#kind", "kind").expression_attribute_names("#outcome", "outcome");
            let by_drivers = kinds.iter().filter_map(|kind| Some((kind.name(), kind.outcome_by_drivers()?)));
            for (at, (kind, outcome)) in by_drivers.enumerate() {
                query = query.expression_attribute_values(format!(":kind{at}"), s(kind));
                by.push(match outcome {
                    None => format!("#kind = :kind{at}"),
                    Some(outcome) => {
                        query = query.expression_attribute_values(format!(":outcome{at}"), s(outcome));
                        format!("(#kind = :kind{at} AND #outcome = :outcome{at})")
                    }
                });
            }
            parts.push(format!("({})", by.join(" OR ")));
        }
        if let Some(actor_id) = filter.actor_id {
            parts.push("actor_id = :actor".to_owned());
            query = query.expression_attribute_values(":actor", n(actor_id));
        }
        if parts.is_empty() {
            // Read one extra row to learn whether there are more, and one for the bound, which may be included.
            query.limit(i32::try_from(rest + 2).unwrap_or(i32::MAX))
        } else {
            query.filter_expression(parts.join(" AND "))
        }
    }

    /// Writes an audit row.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn put_audit(&self, row: &AuditRow) -> Result<(), StoreError> {
        let (key, item) = row.item()?;
        let hour = format!("{} {}", row.at_ms, row.id);
        if row.is_hourly && self.hourly_rows.lock().unwrap_or_else(PoisonError::into_inner).contains(&hour) {
            return Ok(());
        }
        let put = self
            .client()
            .put_item()
            .table_name(self.table(key.table))
            .set_item(Some(item.into_iter().chain(key.attributes()).collect()))
            .condition_expression("attribute_not_exists(pk)");
        match self.call("put_audit", key.table, put.send()).await? {
            Ok(_) => {}
            // The row exists: it is an hourly row, or the response to our first attempt was lost.
            Err(failed)
                if failed.error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => {}
            Err(failed) => return Err(failed.into()),
        }
        if row.is_hourly {
            let mut known = self.hourly_rows.lock().unwrap_or_else(PoisonError::into_inner);
            if known.len() == HOURLY_ROWS {
                known.clear();
            }
            known.insert(hour);
        }
        Ok(())
    }
}
