//! Who of many asks CargoTech for something, and what hindered them: the answer for all who waited.
use ::store::{StoreError, lease::Lease};

use super::{Store, keys};

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

    /// As the row has it.
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

impl From<Lease> for LeaseOutcome {
    fn from(lease: Lease) -> Self {
        match lease {
            Lease::Taken => Self::Taken,
            Lease::Held { failure } => Self::Held { failure: failure.as_deref().and_then(Failure::parse) },
        }
    }
}

impl Store {
    /// Takes the lease `of` for `owner` if nobody has it, or if its last holder failed in the way that is given.
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
