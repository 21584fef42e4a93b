//! A lease: who of many does a piece of work. It ends by itself, so a function that dies holds nobody up for long.
use crate::{
    Attributes, Engine, Item, Outcome, StoreError,
    expression::{Condition, Update},
    key::Key,
    n, s,
};

/// What became of asking for a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lease {
    /// It is ours.
    Taken,
    /// Another has it; or had it, could not do the work, and for a while nobody tries again.
    Held {
        /// Why the last holder could not, in its own word.
        failure: Option<String>,
    },
}

impl Engine {
    /// Takes the lease at `key` for `owner` if nobody has it, or if its last holder failed in the way that `despite` says. Who
    /// has it already takes it again: the answer to the first try may have been lost.
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

    /// Says that the work failed, and why: nobody tries again for `for_ms`, and nobody waits for us.
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

    /// Gives the lease back after the work is done.
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

/// What the row of a lease says that another has.
pub fn held(item: &Item) -> Lease {
    Lease::Held { failure: item.text("failed").map(str::to_owned) }
}
