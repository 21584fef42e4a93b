//! A lease: who of many does a piece of work. It ends by itself, so a function that dies holds nobody up for long.
use super::{
    Attributes, Item, Outcome, Store, StoreError,
    expression::{Condition, Update},
    keys::Key,
    n, s,
};

/// What became of asking for a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseOutcome {
    /// It is ours.
    Taken,
    /// Another has it; or had it, could not do the work, and for a while nobody tries again.
    Held {
        /// Why the last holder could not.
        failure: Option<Failure>,
    },
}

/// Why the holder of a lease could not do its work: the answer for all who waited for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// CargoTech does not answer.
    Down,
    /// CargoTech was not asked: the budget had no call left for this.
    OverBudget,
    /// CargoTech has closed our account.
    Forbidden,
    /// What was asked for is not there.
    Gone,
    /// CargoTech does not take the query.
    Refused,
}

impl Failure {
    const ALL: [Self; 5] = [Self::Down, Self::OverBudget, Self::Forbidden, Self::Gone, Self::Refused];

    fn as_str(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::OverBudget => "over_budget",
            Self::Forbidden => "forbidden",
            Self::Gone => "gone",
            Self::Refused => "refused",
        }
    }
}

impl Store {
    /// Takes the lease `of` for `owner` if nobody has it. Who has it already takes it again: the answer to the first try
    /// may have been lost.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn take_lease(
        &self,
        of: &str,
        owner: &str,
        now_ms: i64,
        for_ms: i64,
    ) -> Result<LeaseOutcome, StoreError> {
        self.take_lease_despite(None, of, owner, now_ms, for_ms).await
    }

    /// Takes the lease also if its last holder failed in this way.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn take_lease_despite(
        &self,
        failure: Option<Failure>,
        of: &str,
        owner: &str,
        now_ms: i64,
        for_ms: i64,
    ) -> Result<LeaseOutcome, StoreError> {
        const FREE: &str = "attribute_not_exists(held_until) OR held_until <= :now OR held_by = :owner";
        let free = match failure {
            None => Condition::new(FREE),
            Some(failure) => {
                Condition::new(format!("{FREE} OR failed = :failure")).value(":failure", s(failure.as_str()))
            }
        };
        let update = Update::default()
            .when(free.value(":owner", s(owner)).value(":now", n(now_ms)))
            .set("held_by", s(owner))
            .set("held_until", n(now_ms + for_ms))
            .set("ttl", n(now_ms / 1000 + 3600))
            .remove(&["failed"]);
        Ok(match self.update("take_lease", &Key::lease(of), update).await? {
            Outcome::Done(_) => LeaseOutcome::Taken,
            Outcome::Refused(item) => held(&item),
        })
    }

    /// Says that the work failed, and why: nobody tries again for `for_ms`, and nobody waits for us.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn fail_lease(
        &self,
        of: &str,
        owner: &str,
        failure: Failure,
        now_ms: i64,
        for_ms: i64,
    ) -> Result<(), StoreError> {
        let update = Update::default()
            .when(held_by(owner))
            .set("held_until", n(now_ms + for_ms))
            .set("failed", s(failure.as_str()));
        self.update("fail_lease", &Key::lease(of), update).await.map(drop)
    }

    /// Gives the lease back after the work is done.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn release_lease(&self, of: &str, owner: &str) -> Result<(), StoreError> {
        let update = Update::default().when(held_by(owner)).remove(&["held_until", "held_by", "failed"]);
        self.update("release_lease", &Key::lease(of), update).await.map(drop)
    }
}

fn held_by(owner: &str) -> Condition {
    Condition::new("held_by = :owner").value(":owner", s(owner))
}

pub(super) fn held(item: &Item) -> LeaseOutcome {
    let failed = item.text("failed");
    LeaseOutcome::Held { failure: Failure::ALL.into_iter().find(|failure| failed == Some(failure.as_str())) }
}
