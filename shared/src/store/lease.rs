//! A lease: who of many does a piece of work. It ends by itself, so a function that dies holds nobody up for long.
use aws_sdk_dynamodb::types::AttributeValue;

use super::{Attributes, Item, Outcome, Store, StoreError, keys::Key, n, s};

/// What asking for a lease met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseOutcome {
    /// It is ours.
    Taken,
    /// Another has it. `failed` says that they tried and could not, and that nobody tries again just yet.
    Held {
        /// The last holder could not do the work.
        failed: bool,
    },
}

impl Store {
    /// Takes the lease `of` for `owner` if nobody has it.
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
        let update = self
            .update_item(&Key::lease(of))
            .condition_expression("attribute_not_exists(held_until) OR held_until <= :now")
            .update_expression("SET held_by = :owner, held_until = :until, #ttl = :ttl REMOVE failed")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":owner", s(owner))
            .expression_attribute_values(":now", n(now_ms))
            .expression_attribute_values(":until", n(now_ms + for_ms))
            .expression_attribute_values(":ttl", n(now_ms / 1000 + 3600));
        Ok(match self.update("take_lease", &Key::lease(of), update).await? {
            Outcome::Done(_) => LeaseOutcome::Taken,
            Outcome::Refused(item) => held(&item),
        })
    }

    /// Says that the work failed: nobody tries again for `for_ms`, and nobody waits for us.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn fail_lease(&self, of: &str, owner: &str, now_ms: i64, for_ms: i64) -> Result<(), StoreError> {
        let update = self
            .update_item(&Key::lease(of))
            .condition_expression("held_by = :owner")
            .update_expression("SET held_until = :until, failed = :failed")
            .expression_attribute_values(":owner", s(owner))
            .expression_attribute_values(":until", n(now_ms + for_ms))
            .expression_attribute_values(":failed", AttributeValue::Bool(true));
        self.update("fail_lease", &Key::lease(of), update).await.map(drop)
    }

    /// Gives the lease back after the work is done.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn release_lease(&self, of: &str, owner: &str) -> Result<(), StoreError> {
        let update = self
            .update_item(&Key::lease(of))
            .condition_expression("held_by = :owner")
            .update_expression("REMOVE held_until, held_by, failed")
            .expression_attribute_values(":owner", s(owner));
        self.update("release_lease", &Key::lease(of), update).await.map(drop)
    }
}

pub(super) fn held(item: &Item) -> LeaseOutcome {
    LeaseOutcome::Held { failed: item.flag("failed") }
}
