//! A rate limit stored as one number, by GCRA (the generic cell rate algorithm). `tat`, the theoretical arrival time,
//! is when everything taken so far is paid off at the steady rate. A caller may run ahead of it by a burst.
use crate::{
    Attributes, Engine, Item, Outcome, StoreError,
    expression::{Condition, Update},
    key::Key,
    n,
};

/// The largest clock skew between two machines. A `tat` further ahead than takes can push it was written before a clock
/// went back.
const SKEW_MS: i64 = 2_000;

/// The rate of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Milliseconds between two takes at the steady rate.
    pub interval_ms: i64,
    /// How many takes may come at once.
    pub burst: i64,
}

impl Rate {
    /// At most `per_minute` takes in any 60 seconds: a tenth at once, the others spread evenly. (A bucket of `r` takes
    /// a minute with a burst of `b` lets `r + b` through in its busiest minute.)
    pub fn at_most_per_minute(per_minute: i64) -> Self {
        Self::at_most_per_minute_with(per_minute, (per_minute / 10).max(1))
    }

    /// At most `per_minute` takes in any 60 seconds: `burst` at once, the others spread evenly.
    pub fn at_most_per_minute_with(per_minute: i64, burst: i64) -> Self {
        Self { interval_ms: 60_000_i64.div_euclid((per_minute - burst).max(1)) + 1, burst }
    }

    /// `per_minute` takes a minute with a burst of half as many, because a driver who scrolls fast is not an attacker.
    pub fn per_minute(per_minute: i64) -> Self {
        Self { interval_ms: (60_000 / per_minute).max(1), burst: (per_minute / 2).max(1) }
    }

    /// `per_second` takes a second, with a burst of as many.
    pub fn per_second(per_second: i64) -> Self {
        Self { interval_ms: (1000 / per_second).max(1), burst: per_second }
    }

    /// The largest `tat` that still allows a take at `now_ms`.
    pub fn limit_ms(self, now_ms: i64) -> i64 {
        now_ms + (self.burst - 1) * self.interval_ms
    }

    /// Caps a stored `tat` at the largest plausible value. After a clock went back, the bucket counts as exhausted,
    /// because its true use is unknown.
    pub fn believable(self, tat_ms: i64, now_ms: i64) -> i64 {
        let furthest_ms = now_ms + self.burst * self.interval_ms;
        if tat_ms > furthest_ms + SKEW_MS { now_ms } else { tat_ms }
    }

    /// A take by a caller who is ahead of the rate by the stored `tat`, from a burst of `allowed` takes.
    pub fn in_burst(self, allowed: i64, tat_ms: i64, now_ms: i64) -> InBurst {
        let taken_as_ms = self.believable(tat_ms, now_ms);
        if taken_as_ms == tat_ms {
            InBurst::Ahead { from_ms: now_ms, limit_ms: Self { burst: allowed, ..self }.limit_ms(now_ms) }
        } else {
            InBurst::Impossible { tat_ms, taken_as_ms }
        }
    }

    /// A take by a caller who is not ahead of the rate.
    pub fn rested(self, now_ms: i64) -> Update {
        let rested = Condition::new("attribute_not_exists(tat) OR tat <= :now").value(":now", n(now_ms));
        Update::default().when(rested).set("tat", n(now_ms + self.interval_ms))
    }

    /// Keeps the bucket until it is paid off. A missing bucket counts as full.
    pub fn keeping(self, take: Update, now_ms: i64) -> Update {
        take.set("ttl", n((now_ms + self.burst * self.interval_ms) / 1000 + 3600))
    }

    /// The `tat` after a take at `now_ms`.
    ///
    /// # Errors
    /// Milliseconds to wait.
    pub fn take(self, tat_ms: i64, now_ms: i64) -> Result<i64, i64> {
        let limit = self.limit_ms(now_ms);
        if tat_ms <= limit { Ok(tat_ms.max(now_ms) + self.interval_ms) } else { Err(tat_ms - limit) }
    }
}

/// The condition on the stored `tat` for a caller who is ahead of the rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InBurst {
    /// Within the burst.
    Ahead {
        /// The lower bound, milliseconds.
        from_ms: i64,
        /// The upper bound, milliseconds.
        limit_ms: i64,
    },
    /// A `tat` written before a clock went back.
    Impossible {
        /// The stored value, milliseconds.
        tat_ms: i64,
        /// The value to use instead, milliseconds.
        taken_as_ms: i64,
    },
}

impl InBurst {
    /// The take as an update.
    pub fn take(self, rate: Rate) -> Update {
        match self {
            Self::Ahead { from_ms, limit_ms } => {
                let within = Condition::new("tat BETWEEN :from AND :limit");
                let within = within.value(":from", n(from_ms)).value(":limit", n(limit_ms));
                Update::default().when(within).increase("tat", rate.interval_ms)
            }
            Self::Impossible { tat_ms, taken_as_ms } => {
                let same = Condition::new("tat = :from").value(":from", n(tat_ms));
                Update::default().when(same).set("tat", n(taken_as_ms + rate.interval_ms))
            }
        }
    }
}

/// Whole seconds for `Retry-After`, at least one.
pub fn retry_after_s(wait_ms: i64) -> i64 {
    ((wait_ms + 999) / 1000).max(1)
}

impl Engine {
    /// Takes one from the bucket at `key`. The inner `Err` holds the milliseconds to wait.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn take(&self, key: &Key, rate: Rate, now_ms: i64) -> Result<Result<(), i64>, StoreError> {
        Ok(self.take_place(key, rate, now_ms).await?.map(drop))
    }

    /// Like [`Engine::take`], but returns how many milliseconds after `now_ms` this take falls at the steady rate: 0
    /// for the first.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn take_place(&self, key: &Key, rate: Rate, now_ms: i64) -> Result<Result<i64, i64>, StoreError> {
        let take = |take: Update| {
            let open = Condition::new("attribute_not_exists(closed_until) OR closed_until <= :now");
            rate.keeping(take, now_ms).when(open.value(":now", n(now_ms)))
        };
        let Outcome::Refused(item) = self.update("take", key, take(rate.rested(now_ms))).await? else {
            return Ok(Ok(0));
        };
        let closed_ms = |item: &Item| item.number("closed_until").map(|until| until - now_ms).filter(|wait| *wait > 0);
        if let Some(wait) = closed_ms(&item) {
            return Ok(Err(wait));
        }
        let tat = item.number("tat").ok_or_else(|| StoreError::malformed("take", "tat"))?;
        if let Err(wait) = rate.take(rate.believable(tat, now_ms), now_ms) {
            return Ok(Err(wait));
        }
        let second = take(rate.in_burst(rate.burst, tat, now_ms).take(rate));
        Ok(match self.update("take", key, second).await? {
            Outcome::Done(item) => Ok(item.number("tat").map_or(0, |tat| tat - rate.interval_ms - now_ms).max(0)),
            Outcome::Refused(item) => {
                let limit = rate.limit_ms(now_ms);
                Err(closed_ms(&item).unwrap_or(item.number("tat").unwrap_or(limit) - limit).max(1))
            }
        })
    }

    /// Returns a take that was not used.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn give_back(&self, key: &Key, rate: Rate) -> Result<(), StoreError> {
        let there = Condition::new("attribute_exists(tat)");
        let update = Update::default().when(there).increase("tat", -rate.interval_ms);
        self.update("give_back", key, update).await.map(drop)
    }

    /// Closes the bucket until `until_ms`, because a service with its own rate limit asked for a pause.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn close_bucket(&self, key: &Key, until_ms: i64) -> Result<(), StoreError> {
        let longer = Condition::new("attribute_not_exists(closed_until) OR closed_until < :until");
        let update = Update::default()
            .when(longer.value(":until", n(until_ms)))
            .set("closed_until", n(until_ms))
            .set("ttl", n(until_ms / 1000 + 3600));
        self.update("close_bucket", key, update).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_minute_sees_more_than_the_budget(
            per_minute in 10i64..2000,
            gaps in proptest::collection::vec(0i64..400, 1..2000),
        ) {
            let rate = Rate::at_most_per_minute(per_minute);
            let (mut now, mut tat, mut taken) = (1_000_000i64, 0, Vec::new());
            for gap in gaps {
                now += gap;
                if let Ok(next) = rate.take(tat, now) {
                    tat = next;
                    taken.push(now);
                }
            }
            for (first, start) in taken.iter().enumerate() {
                let inside = taken[first..].iter().take_while(|at| **at < start + 60_000).count();
                prop_assert!(i64::try_from(inside).unwrap() <= per_minute);
            }
        }

        #[test]
        fn who_waits_as_told_gets_one(per_second in 1i64..50, ahead in 0i64..100_000) {
            let rate = Rate::per_second(per_second);
            let (now, tat) = (1_000_000, 1_000_000 + ahead);
            if let Err(wait) = rate.take(tat, now) {
                prop_assert!(rate.take(tat, now + wait - 1).is_err());
                prop_assert!(rate.take(tat, now + wait).is_ok());
            }
        }
    }

    #[test]
    fn ten_at_once_and_then_ten_a_second() {
        let rate = Rate::per_second(10);
        let mut tat = 0;
        for _ in 0..10 {
            tat = rate.take(tat, 5_000).expect("within the burst");
        }
        assert_eq!(rate.take(tat, 5_000), Err(100));
        assert!(rate.take(tat, 5_100).is_ok());
        assert_eq!((retry_after_s(1), retry_after_s(1000), retry_after_s(1001)), (1, 1, 2));
    }

    #[test]
    fn a_clock_that_goes_back_makes_nobody_wait() {
        let rate = Rate::per_second(10);
        let (before, now) = (100_000, 40_000);
        let tat = (0..10).fold(0, |tat, _| rate.take(tat, before).expect("within the burst"));
        assert_eq!(rate.take(rate.believable(tat, now), now), Ok(now + 100));
        assert_eq!(rate.in_burst(10, tat, now), InBurst::Impossible { tat_ms: tat, taken_as_ms: now });
        // Clock skew between two machines is not a clock that went back.
        for ahead in [0, 1000, 1000 + SKEW_MS] {
            assert_eq!(rate.believable(now + ahead, now), now + ahead);
        }
    }
}
