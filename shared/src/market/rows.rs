//! The rows of the market: snapshots in chunks, and the heads that name them. All are in the cache table.
use std::collections::BTreeMap;

use ::market::{Head, Sealed};
use ::store::{Attributes, Condition, Item, Key, Outcome, StoreError, Table, Update, n, s};
use aws_sdk_dynamodb::{
    primitives::Blob,
    types::{AttributeValue, KeysAndAttributes},
};
use futures_util::future::try_join_all;

use crate::store::{Store, keys};

/// How long rows are kept, seconds. Replaced versions too: to shorten their life would cost as much as to write them.
const KEPT_S: i64 = 2 * 86_400;

/// The row that says which snapshot is the current one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Current {
    /// The current snapshot.
    pub head: Head,
    /// The one before, for when the current one is damaged.
    pub before: Option<Head>,
    /// What the last accepted sweep brought.
    pub report: Report,
    /// The size of a later sweep that was refused.
    pub refused: Option<u32>,
    /// The size that an admin accepted for the next sweep.
    pub accepted: Option<u32>,
}

/// The row as a sweep needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// The version in it; `None` without a row.
    pub version: Option<u64>,
    /// Its content; `None` if this release cannot read it.
    pub current: Option<Current>,
}

/// What an accepted sweep brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// New cargos.
    pub new: i64,
    /// Changed cargos.
    pub changed: i64,
    /// Removed cargos.
    pub gone: i64,
    /// Whether the list was ordered.
    pub is_ordered: bool,
    /// From the walk's start to its acceptance, seconds.
    pub took_s: i64,
    /// Calls for pages.
    pub pages: i64,
}

impl Store {
    /// The row of the current snapshot, strongly consistent.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn market(&self) -> Result<Stored, StoreError> {
        let row = self.get_now("market", &keys::market_head()).await?;
        let version = row.as_ref().map(|row| row.number("version").and_then(|version| version.try_into().ok()));
        Ok(Stored { version: version.map(Option::unwrap_or_default), current: row.as_ref().and_then(current) })
    }

    /// The head of the unfinished walk.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn market_walk(&self) -> Result<Option<Head>, StoreError> {
        let row = self.get_now("market_walk", &keys::market_walk()).await?;
        Ok(row.as_ref().and_then(|row| head_of(row.get("head")?.as_m().ok()?)))
    }

    /// The chunks of a snapshot or walk, in order. Fewer if some are gone.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn market_chunks(&self, head: &Head) -> Result<Vec<Vec<u8>>, StoreError> {
        // A batch has at most 16 MB.
        let numbers: Vec<_> = (0..head.chunks).collect();
        let calls = numbers.chunks(40).map(|numbers| self.chunks_of(head.version, numbers));
        Ok(try_join_all(calls).await?.into_iter().flatten().collect())
    }

    async fn chunks_of(&self, version: u64, numbers: &[u32]) -> Result<Vec<Vec<u8>>, StoreError> {
        const OPERATION: &str = "market_chunks";
        let table = self.table(Table::Cache);
        let mut left: Vec<_> = numbers.iter().map(|number| keys::market_chunk(version, *number).attributes()).collect();
        let mut found = BTreeMap::new();
        // DynamoDB hands over a part if the whole is too much at once.
        for _ in 0..4 {
            let keys = KeysAndAttributes::builder()
                .set_keys(Some(left))
                // The head may name chunks that were written a moment ago.
                .consistent_read(true)
                .build()
                .map_err(|_| StoreError::malformed(OPERATION, "keys"))?;
            let get = self.client().batch_get_item().request_items(table, keys);
            let answer = self.call(OPERATION, Table::Cache, get.send()).await??;
            let rows = answer.responses.and_then(|mut tables| tables.remove(table)).unwrap_or_default();
            found.extend(rows.into_iter().filter_map(|row| Some((row.number("chunk")?, bytes(row.get("bytes")?)?))));
            left = match answer.unprocessed_keys.and_then(|mut tables| tables.remove(table)) {
                Some(unprocessed) if !unprocessed.keys.is_empty() => unprocessed.keys,
                _ => return Ok(found.into_values().collect()),
            };
        }
        Err(StoreError::unprocessed(OPERATION))
    }

    /// Stores a snapshot and makes it the current one, if what is current is still `before`. Returns whether it is.
    ///
    /// # Errors
    /// The store cannot be used. Whether the snapshot is current is then unknown.
    pub async fn publish_market(
        &self,
        sealed: &Sealed,
        before: &Stored,
        report: &Report,
        now_s: i64,
    ) -> Result<bool, StoreError> {
        self.put_chunks(sealed, now_s).await?;
        let update = Update::default()
            .when(unchanged(before))
            .set("version", number(sealed.head.version))
            .set("head", AttributeValue::M(head_item(&sealed.head)))
            .set("report", AttributeValue::M(report_item(report)))
            .set("ttl", n(now_s + KEPT_S));
        let update = match &before.current {
            Some(before) => {
                update.set("before", AttributeValue::M(head_item(&before.head))).remove(&["refused", "accepted"])
            }
            None => update.remove(&["before", "refused", "accepted"]),
        };
        Ok(match self.update("publish_market", &keys::market_head(), update).await? {
            Outcome::Done(_) => true,
            // The first attempt was applied and its answer lost.
            Outcome::Refused(row) => row.get("version") == Some(&number(sealed.head.version)),
        })
    }

    /// Records that a sweep of this size was refused. A size that an admin has accepted meanwhile stays.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn refuse_market_size(&self, size: u32, current: &Stored) -> Result<(), StoreError> {
        let update = Update::default().when(unchanged(current)).set("refused", n(size.into()));
        self.update("refuse_market_size", &keys::market_head(), update).await.map(drop)
    }

    /// Stores an unfinished walk for the next run.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn put_market_walk(&self, sealed: &Sealed, now_s: i64) -> Result<(), StoreError> {
        self.put_chunks(sealed, now_s).await?;
        let update =
            Update::default().set("head", AttributeValue::M(head_item(&sealed.head))).set("ttl", n(now_s + KEPT_S));
        self.update("put_market_walk", &keys::market_walk(), update).await.map(drop)
    }

    /// Removes the walk: it is complete or useless.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn end_market_walk(&self, now_s: i64) -> Result<(), StoreError> {
        let update = Update::default().remove(&["head"]).set("ttl", n(now_s));
        self.update("end_market_walk", &keys::market_walk(), update).await.map(drop)
    }

    /// Accepts the size of the refused sweep, so that the next is compared with it. `false` if none of this size was
    /// refused.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn accept_market_size(&self, size: u32) -> Result<bool, StoreError> {
        let is_refused = Condition::new("refused = :refused").value(":refused", n(size.into()));
        let update = Update::default().when(is_refused).set("accepted", n(size.into()));
        Ok(matches!(self.update("accept_market_size", &keys::market_head(), update).await?, Outcome::Done(_)))
    }

    async fn put_chunks(&self, sealed: &Sealed, now_s: i64) -> Result<(), StoreError> {
        let puts = (0..).zip(&sealed.chunks).map(|(chunk, bytes)| async move {
            let update = Update::default()
                .set("chunk", n(chunk.into()))
                .set("bytes", AttributeValue::B(Blob::new(bytes.clone())))
                .set("ttl", n(now_s + KEPT_S));
            self.update_unseen("put_chunks", &keys::market_chunk(sealed.head.version, chunk), update).await
        });
        try_join_all(puts).await.map(drop)
    }

    /// An update whose result nobody needs: a chunk is large.
    async fn update_unseen(&self, operation: &'static str, key: &Key, update: Update) -> Result<(), StoreError> {
        let returned = aws_sdk_dynamodb::types::ReturnValue::None;
        self.update_returning(returned, operation, key, update).await.map(drop)
    }
}

/// Reads the row of the current snapshot.
pub(crate) fn current(row: &Item) -> Option<Current> {
    let head = |name: &str| head_of(row.get(name)?.as_m().ok()?);
    let size = |name: &str| row.number(name).and_then(|size| u32::try_from(size).ok());
    let report = row.get("report").and_then(|report| report.as_m().ok());
    let before = head("before");
    Some(Current {
        // A damaged one costs a sweep, not the history of all cargos.
        head: head("head").or_else(|| before.clone())?,
        before,
        report: report.map(report_of).unwrap_or_default(),
        refused: size("refused"),
        accepted: size("accepted"),
    })
}

fn unchanged(stored: &Stored) -> Condition {
    match stored.version {
        None => Condition::absent(),
        Some(version) => Condition::new("version = :before").value(":before", number(version)),
    }
}

fn number(version: u64) -> AttributeValue {
    AttributeValue::N(version.to_string())
}

fn bytes(value: &AttributeValue) -> Option<Vec<u8>> {
    Some(value.as_b().ok()?.as_ref().to_vec())
}

fn head_item(head: &Head) -> Item {
    Item::from([
        ("format".to_owned(), n(head.format.into())),
        ("version".to_owned(), number(head.version)),
        ("at_s".to_owned(), n(head.at_s)),
        ("cargos".to_owned(), n(head.cargos.into())),
        ("chunks".to_owned(), n(head.chunks.into())),
        ("bytes".to_owned(), n(head.bytes.into())),
        ("digest".to_owned(), s(hex::encode(head.digest))),
    ])
}

fn head_of(item: &Item) -> Option<Head> {
    let small = |name: &str| item.number(name).and_then(|number| u32::try_from(number).ok());
    let mut digest = [0; 32];
    hex::decode_to_slice(item.text("digest")?, &mut digest).ok()?;
    Some(Head {
        format: small("format")?,
        version: u64::try_from(item.number("version")?).ok()?,
        at_s: item.number("at_s")?,
        cargos: small("cargos")?,
        chunks: small("chunks")?,
        bytes: small("bytes")?,
        digest,
    })
}

fn report_item(report: &Report) -> Item {
    Item::from([
        ("new".to_owned(), n(report.new)),
        ("changed".to_owned(), n(report.changed)),
        ("gone".to_owned(), n(report.gone)),
        ("is_ordered".to_owned(), AttributeValue::Bool(report.is_ordered)),
        ("took_s".to_owned(), n(report.took_s)),
        ("pages".to_owned(), n(report.pages)),
    ])
}

fn report_of(item: &Item) -> Report {
    let count = |name: &str| item.number(name).unwrap_or(0);
    Report {
        new: count("new"),
        changed: count("changed"),
        gone: count("gone"),
        is_ordered: item.get("is_ordered").and_then(|value| value.as_bool().ok()).copied().unwrap_or(false),
        took_s: count("took_s"),
        pages: count("pages"),
    }
}
