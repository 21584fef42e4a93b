//! The last runs of jobs, to show whether they run.
use ::store::{Attributes, Condition, Key, StoreError, Update, n, s};

use super::{
    Store,
    keys::{self},
};

/// The last runs of a job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobRuns {
    /// When it last started, milliseconds.
    pub started_at_ms: Option<i64>,
    /// When it last succeeded, milliseconds.
    pub ended_at_ms: Option<i64>,
    /// The error of its last run; `None` if it succeeded.
    pub error: Option<String>,
}

impl Store {
    /// Whether the durable table accepts writes. Tries one whose condition never holds, so it writes nothing.
    pub async fn takes_writes(&self) -> bool {
        let key = keys::health();
        let update = Update::default().when(Condition::new("attribute_exists(pk)")).set("looked", n(0));
        self.update("takes_writes", &key, update).await.is_ok()
    }

    /// The runs of these jobs, in the same order: one call.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn job_runs(&self, names: &[&str]) -> Result<Vec<JobRuns>, StoreError> {
        let keys: Vec<_> = names.iter().map(|name| keys::job(name)).collect();
        let rows = self.get_many("job_runs", keys.iter().map(Key::attributes).collect()).await?;
        let runs = |key: &Key| {
            let row = rows.iter().find(|row| key.is_of(row))?;
            Some(JobRuns {
                started_at_ms: row.number("started_at_ms"),
                ended_at_ms: row.number("ended_at_ms"),
                error: row.text("error").map(str::to_owned),
            })
        };
        Ok(keys.iter().map(|key| runs(key).unwrap_or_default()).collect())
    }

    /// Records the start of a job.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn note_job_start(&self, name: &str, now_ms: i64) -> Result<(), StoreError> {
        let key = keys::job(name);
        self.update("note_job_start", &key, Update::default().set("started_at_ms", n(now_ms))).await.map(drop)
    }

    /// Records the end of a job.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn note_job_end(&self, name: &str, error: Option<&str>, now_ms: i64) -> Result<(), StoreError> {
        let key = keys::job(name);
        let update = match error {
            None => Update::default().set("ended_at_ms", n(now_ms)).remove(&["error"]),
            Some(error) => Update::default().set("error", s(error.chars().take(200).collect::<String>())),
        };
        self.update("note_job_end", &key, update).await.map(drop)
    }
}
