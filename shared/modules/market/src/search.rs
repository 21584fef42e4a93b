//! A page of search results.
use crate::{
    cursor::Cursor,
    filters::Filters,
    haul::Haul,
    index::Index,
    least::Least,
    matches::Matches,
    model::Open,
    sort::{self, By, Sort},
};

/// A query.
#[derive(Clone, Copy, Debug)]
pub struct Query<'a> {
    /// The filters.
    pub filters: &'a Filters,
    /// The order.
    pub sort: Sort,
    /// The truck of the order by profit; without one, no profit is known.
    pub haul: Option<&'a Haul<'a>>,
    /// The cursor; `None` for the first page.
    pub after: Option<Cursor>,
    /// How many cargos to leave out before the page.
    pub skip: usize,
    /// The page size.
    pub limit: usize,
}

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The number of matching cargos on all pages.
    pub total: usize,
    /// The cargos on this page.
    pub cargos: Vec<Open>,
    /// Cursor of the next page; `None` on the last page.
    pub next: Option<Cursor>,
}

/// The lower bits of a sort key hold the row.
const ROW_BITS: u32 = 24;
const LAST_ROW: u64 = (1 << ROW_BITS) - 1;

impl Index {
    /// How many cargos match.
    pub fn count(&self, filters: &Filters) -> usize {
        self.matches(filters).count()
    }

    /// Answers a query.
    ///
    /// Pages that follow each other by cursors show each cargo exactly once, also while the market changes between them;
    /// except one whose key changes meanwhile, which may be shown again or not at all.
    pub fn search(&self, query: &Query<'_>) -> Found {
        let matches = self.matches(query.filters);
        let rows = &self.rows;
        let mut least = match query.sort.by {
            By::Price => self.first(&matches, query, |row| sort::known(rows.kopecks[row])),
            By::PricePerKm => self.first(&matches, query, |row| sort::known(self.per_km[row])),
            By::Distance => self.first(&matches, query, |row| sort::known(self.km[row].into())),
            By::Date => self.first(&matches, query, |row| sort::date(rows.from.days[row], rows.from.minutes[row])),
            By::Newest => self.first(&matches, query, |row| sort::newest(rows.first_seen_s[row])),
            By::Deadhead(point) => {
                let deadheads = self.deadheads(point);
                self.first(&matches, query, |row| deadheads[rows.from.spots[row] as usize])
            }
            By::Profit => match query.haul {
                Some(haul) => {
                    let profit = self.profits(haul);
                    self.first(&matches, query, |row| sort::signed(profit(row)))
                }
                None => self.first(&matches, query, |_| sort::UNKNOWN),
            },
            By::Relevance => {
                let bands = self.bands(query.filters);
                self.first(&matches, query, |row| {
                    let band = bands[rows.from.spots[row] as usize];
                    sort::relevance(rows.kopecks[row] > 0, band, rows.first_seen_s[row])
                })
            }
        };
        least.drain(..query.skip.min(least.len()));
        let has_more = least.len() > query.limit;
        least.truncate(query.limit);
        let last = least.last().map(|key| self.cursor(*key, query.sort));
        Found {
            total: matches.count(),
            cargos: least.iter().map(|key| rows.open(row_of(*key, query.sort))).collect(),
            next: last.filter(|_| has_more),
        }
    }

    /// The keys of a page and one more, each with its row.
    fn first(&self, matches: &Matches, query: &Query<'_>, key: impl Fn(usize) -> u64) -> Vec<u64> {
        let sort = query.sort;
        let from = query.after.map_or(0, |cursor| self.behind(cursor, sort));
        let mut least = Least::new(query.skip.saturating_add(query.limit).saturating_add(1).min(self.len() + 1));
        let take = |row: usize| {
            let row_bits = if sort.has_falling_ids() { LAST_ROW - row as u64 } else { row as u64 };
            let key = (sort.directed(key(row)) << ROW_BITS) + row_bits;
            if key >= from {
                least.push(key);
            }
        };
        // Search first where the best results are likely.
        if sort.has_falling_ids() {
            matches.falling(take)
        } else {
            matches.rising(take)
        }
        least.sorted()
    }

    /// The first key and row after a cursor.
    fn behind(&self, cursor: Cursor, sort: Sort) -> u64 {
        let ids = &self.rows.ids;
        // After the last row of a key, continue with the next key.
        let row_bits = if sort.has_falling_ids() {
            LAST_ROW + 1 - ids.partition_point(|id| *id < cursor.id) as u64
        } else {
            ids.partition_point(|id| *id <= cursor.id) as u64
        };
        (cursor.key << ROW_BITS).saturating_add(row_bits)
    }

    fn cursor(&self, key: u64, sort: Sort) -> Cursor {
        Cursor { key: key >> ROW_BITS, id: self.rows.ids[row_of(key, sort)] }
    }
}

#[allow(clippy::cast_possible_truncation)] // 24 bits
fn row_of(key: u64, sort: Sort) -> usize {
    let row = key & LAST_ROW;
    (if sort.has_falling_ids() { LAST_ROW - row } else { row }) as usize
}
