//! Leases: at most one of many callers does a piece of work. A lease expires, so a function that dies does not block
//! others for long.
use crate::{
    Attributes, Engine, Item, Outcome, StoreError,
    expression::{Condition, Update},
    key::Key,
    n, s,
};

/// The result of a request for a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lease {
    /// The caller holds the lease.
    Taken,
    /// Another caller holds it, or held it, failed, and blocked retries for a while.
    Held {
        /// Why the last holder failed, in its own word.
        failure: Option<String>,
    },
}

impl Engine {
    /// Takes the lease at `key` for `owner` if it is free, or if its last holder failed with `despite`. The current
    /// holder may take it again, because the response to its first attempt may have been lost.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn take_lease(
        &self,
        key: &Key,
        owner: &str,
        despite: Option<&str>,
        now_ms: i64,
        for_ms: i64,
    ) -> Result<Lease, StoreError> {
        const FREE: &str = "attribute_not_exists(held_until) OR held_until <= :now OR held_by = :owner";
        let free = match despite {
            None => Condition::new(FREE),
            Some(failure) => Condition::new(format!("{FREE} OR failed = :failure")).value(":failure", s(failure)),
        };
        let update = Update::default()
            .when(free.value(":owner", s(owner)).value(":now", n(now_ms)))
            .set("held_by", s(owner))
            .set("held_until", n(now_ms + for_ms))
            .set("ttl", n(now_ms / 1000 + 3600))
            .remove(&["failed"]);
        Ok(match self.update("take_lease", key, update).await? {
            Outcome::Done(_) => Lease::Taken,
            Outcome::Refused(item) => held(&item),
        })
    }

    /// Records that the work failed and why. Blocks retries for `for_ms` and releases the waiting callers.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn fail_lease(
        &self,
        key: &Key,
        owner: &str,
        failure: &str,
        now_ms: i64,
        for_ms: i64,
    ) -> Result<(), StoreError> {
        let update =
            Update::default().when(held_by(owner)).set("held_until", n(now_ms + for_ms)).set("failed", s(failure));
        self.update("fail_lease", key, update).await.map(drop)
    }

    /// Releases the lease after the work is done.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn release_lease(&self, key: &Key, owner: &str) -> Result<(), StoreError> {
        let update = Update::default().when(held_by(owner)).remove(&["held_until", "held_by", "failed"]);
        self.update("release_lease", key, update).await.map(drop)
    }
}

fn held_by(owner: &str) -> Condition {
    Condition::new("held_by = :owner").value(":owner", s(owner))
}

/// The lease held by another caller, from its row.
pub fn held(item: &Item) -> Lease {
    Lease::Held { failure: item.text("failed").map(str::to_owned) }
}
