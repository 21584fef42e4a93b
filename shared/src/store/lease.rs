//! Leases for calls to CargoTech. A failure is stored as the answer for all waiting callers.
use ::store::{StoreError, lease::Lease};

use super::{Store, keys};

/// Why the lease holder failed: the answer for all waiting callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// CargoTech does not answer.
    Down,
    /// No call was made: the budget was used up.
    OverBudget,
    /// CargoTech has closed our account.
    Forbidden,
    /// The requested object does not exist.
    Gone,
    /// CargoTech rejects the query.
    Refused,
}

impl Failure {
    const ALL: [Self; 5] = [Self::Down, Self::OverBudget, Self::Forbidden, Self::Gone, Self::Refused];

    /// The stored form.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::OverBudget => "over_budget",
            Self::Forbidden => "forbidden",
            Self::Gone => "gone",
            Self::Refused => "refused",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|failure| failure.as_str() == text)
    }
}

/// The result of a request for a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseOutcome {
    /// The caller holds the lease.
    Taken,
    /// Another caller holds it, or held it, failed, and blocked retries for a while.
    Held {
        /// Why the last holder failed.
        failure: Option<Failure>,
    },
}

impl From<Lease> for LeaseOutcome {
    fn from(lease: Lease) -> Self {
        match lease {
            Lease::Taken => Self::Taken,
            Lease::Held { failure } => Self::Held { failure: failure.as_deref().and_then(Failure::parse) },
        }
    }
}

impl Store {
    /// Takes the lease `of` for `owner` if it is free, or if its last holder failed in the given way.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn lease(
        &self,
        of: &str,
        owner: &str,
        despite: Option<Failure>,
        now_ms: i64,
        for_ms: i64,
    ) -> Result<LeaseOutcome, StoreError> {
        let key = keys::lease(of);
        Ok(self.take_lease(&key, owner, despite.map(Failure::as_str), now_ms, for_ms).await?.into())
    }
}
