//! A rate limit as one number: GCRA, the generic cell rate algorithm. `tat`, the theoretical arrival time, says when
//! everything taken so far would be paid off at the steady rate; one may be ahead of it by a burst.
use crate::{
    Attributes, Engine, Item, Outcome, StoreError,
    expression::{Condition, Update},
    key::Key,
    n,
};

/// How far the clocks of two machines are apart at most. A `tat` that is further ahead than takes can bring it was written
/// before the clock went back.
const SKEW_MS: i64 = 2_000;

/// How a bucket is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Milliseconds between two takes at the steady rate.
    pub interval_ms: i64,
    /// How many takes may come at once.
    pub burst: i64,
}

impl Rate {
    /// `per_minute` takes in any 60 seconds, never more: a tenth of them at once, the others spread evenly. (A bucket
    /// of `r` takes a minute with a burst of `b` lets `r + b` through in its busiest minute.)
    pub fn at_most_per_minute(per_minute: i64) -> Self {
        Self::at_most_per_minute_with(per_minute, (per_minute / 10).max(1))
    }

    /// `per_minute` takes in any 60 seconds, never more: `burst` of them at once, the others spread evenly.
    pub fn at_most_per_minute_with(per_minute: i64, burst: i64) -> Self {
        Self { interval_ms: 60_000_i64.div_euclid((per_minute - burst).max(1)) + 1, burst }
    }

    /// `per_minute` takes a minute, and half as many at once: a driver who scrolls fast is no attacker.
    pub fn per_minute(per_minute: i64) -> Self {
        Self { interval_ms: (60_000 / per_minute).max(1), burst: (per_minute / 2).max(1) }
    }

    /// `per_second` takes a second, and as many at once.
    pub fn per_second(per_second: i64) -> Self {
        Self { interval_ms: (1000 / per_second).max(1), burst: per_second }
    }

    /// The largest `tat` with which one more may still be taken at `now_ms`.
    pub fn limit_ms(self, now_ms: i64) -> i64 {
        now_ms + (self.burst - 1) * self.interval_ms
    }

    /// The `tat` that was read, as far as it can be true: after the clock went back nothing is taken, because nobody knows how
    /// much of it was.
    pub fn believable(self, tat_ms: i64, now_ms: i64) -> i64 {
        let furthest_ms = now_ms + self.burst * self.interval_ms;
        if tat_ms > furthest_ms + SKEW_MS { now_ms } else { tat_ms }
    }

    /// The take of who is ahead of the rate by the `tat` that was read, out of a burst of `allowed` of this rate's.
    pub fn in_burst(self, allowed: i64, tat_ms: i64, now_ms: i64) -> InBurst {
        let taken_as_ms = self.believable(tat_ms, now_ms);
        if taken_as_ms == tat_ms {
            InBurst::Ahead { from_ms: now_ms, limit_ms: Self { burst: allowed, ..self }.limit_ms(now_ms) }
        } else {
            InBurst::Impossible { tat_ms, taken_as_ms }
        }
    }

    /// The take of who is not ahead of the rate.
    pub fn rested(self, now_ms: i64) -> Update {
        let rested = Condition::new("attribute_not_exists(tat) OR tat <= :now").value(":now", n(now_ms));
        Update::default().when(rested).set("tat", n(now_ms + self.interval_ms))
    }

    /// A take from a bucket that is kept until all is paid off, because one that is gone is a full one.
    pub fn keeping(self, take: Update, now_ms: i64) -> Update {
        take.set("ttl", n((now_ms + self.burst * self.interval_ms) / 1000 + 3600))
    }

    /// The `tat` after a take at `now_ms`, or how many milliseconds to wait for one.
    ///
    /// # Errors
    /// Milliseconds to wait.
    pub fn take(self, tat_ms: i64, now_ms: i64) -> Result<i64, i64> {
        let limit = self.limit_ms(now_ms);
        if tat_ms <= limit { Ok(tat_ms.max(now_ms) + self.interval_ms) } else { Err(tat_ms - limit) }
    }
}

/// The `tat` that must exist when somebody who is ahead of the rate takes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InBurst {
    /// Within the burst.
    Ahead {
        /// The least, milliseconds.
        from_ms: i64,
        /// The most, milliseconds.
        limit_ms: i64,
    },
    /// One that was written before the clock went back.
    Impossible {
        /// As it was read, milliseconds.
        tat_ms: i64,
        /// What it counts as, milliseconds.
        taken_as_ms: i64,
    },
}

impl InBurst {
    /// The take at this rate.
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

/// Whole seconds to wait, at least one, for `Retry-After`.
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

    /// The same, and how many milliseconds after `now_ms` this take has its place in the steady rate: 0 for the first.
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

    /// Gives one back that was taken in vain.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn give_back(&self, key: &Key, rate: Rate) -> Result<(), StoreError> {
        let there = Condition::new("attribute_exists(tat)");
        let update = Update::default().when(there).increase("tat", -rate.interval_ms);
        self.update("give_back", key, update).await.map(drop)
    }

    /// Lets nobody take from the bucket before `until_ms`: somebody else, who counts too, said so.
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
        // What clocks of two machines differ by is none of that.
        for ahead in [0, 1000, 1000 + SKEW_MS] {
            assert_eq!(rate.believable(now + ahead, now), now + ahead);
        }
    }
}
