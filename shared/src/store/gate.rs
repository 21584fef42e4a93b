//! The gate before CargoTech, one item for all instances: the request budget, the circuit breaker, and the pause after
//! a 429. Passing it takes one write.
use ::store::{
    Attributes, Condition, Item, Outcome, StoreError, Update,
    bucket::{InBurst, Rate},
    n, s,
};

use super::{
    Store,
    keys::{self},
};

/// Consecutive failures that open the breaker.
pub const FAILURES_TO_OPEN: i64 = 5;
/// How long it stays open, and how long one caller may probe for recovery.
pub const OPEN_MS: i64 = 5_000;
/// Failures further apart than this are not consecutive.
const FAILURE_MEMORY_MS: i64 = 60_000;

/// The gate's decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// One request may go. `recovering` is true if failures are recorded, which a success must clear.
    Go {
        /// Whether failures are recorded.
        recovering: bool,
    },
    /// The breaker is open, or CargoTech asked for a pause.
    Closed {
        /// Milliseconds until a retry makes sense.
        wait_ms: i64,
    },
    /// This minute's budget is used up.
    Exhausted {
        /// Milliseconds until a retry makes sense.
        wait_ms: i64,
    },
}

/// The state of the breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breaker {
    /// Requests pass.
    Closed,
    /// No requests pass, or CargoTech asked for a pause.
    Open,
    /// One request may probe for recovery.
    HalfOpen,
}

/// The state of the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate {
    /// The breaker.
    pub breaker: Breaker,
    /// The used part of the burst.
    pub budget_used_percent: i64,
}

/// The breaker is not open, and no pause is active. They are independent: a success closes the breaker but does not end
/// a pause.
const NOT_OPEN: &str = "(attribute_not_exists(open_until) OR open_until <= :now) \
                        AND (attribute_not_exists(paused_until) OR paused_until <= :now)";

impl Store {
    /// Asks for one request to CargoTech. `reserve` is the part of the burst reserved from this kind of caller.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn pass_gate(&self, rate: Rate, reserve: i64, now_ms: i64) -> Result<Pass, StoreError> {
        let allowed = Rate { burst: (rate.burst - reserve).max(1), ..rate };
        let pass = |take: Update| {
            let take = take.when(Condition::new(NOT_OPEN).value(":now", n(now_ms)));
            async move { self.update("pass_gate", &keys::cargotech_gate(), take).await }
        };
        let mut outcome = pass(rate.rested(now_ms)).await?;
        if let Outcome::Refused(item) = &outcome {
            if let Some(wait_ms) = still_open(item, now_ms) {
                return Ok(Pass::Closed { wait_ms });
            }
            let tat = item.number("tat").unwrap_or(now_ms);
            let burst = match (rate.in_burst(allowed.burst, tat, now_ms), allowed.take(tat, now_ms)) {
                (InBurst::Ahead { .. }, Err(wait_ms)) => return Ok(Pass::Exhausted { wait_ms }),
                (ahead @ InBurst::Ahead { .. }, Ok(_)) => ahead,
                // The clock went back. To protect CargoTech's budget, this caller's burst counts as used, and the
                // steady rate continues.
                (InBurst::Impossible { tat_ms, .. }, _) => {
                    InBurst::Impossible { tat_ms, taken_as_ms: allowed.limit_ms(now_ms) }
                }
            };
            outcome = pass(burst.take(rate)).await?;
        }
        match outcome {
            Outcome::Refused(item) => Ok(still_open(&item, now_ms)
                .map_or(Pass::Exhausted { wait_ms: rate.interval_ms }, |wait_ms| Pass::Closed { wait_ms })),
            Outcome::Done(item) => {
                let failures = item.number("failures").unwrap_or(0);
                if failures < FAILURES_TO_OPEN {
                    return Ok(Pass::Go { recovering: failures > 0 });
                }
                self.claim_probe(now_ms).await
            }
        }
    }

    /// Asks for one request to CargoTech by a caller who counts their requests themselves.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn pass_gate_uncounted(&self, now_ms: i64) -> Result<Pass, StoreError> {
        let item = self.get_now("pass_gate", &keys::cargotech_gate()).await?.unwrap_or_default();
        if let Some(wait_ms) = still_open(&item, now_ms) {
            return Ok(Pass::Closed { wait_ms });
        }
        let failures = item.number("failures").unwrap_or(0);
        if failures < FAILURES_TO_OPEN {
            return Ok(Pass::Go { recovering: failures > 0 });
        }
        self.claim_probe(now_ms).await
    }

    /// Half open: one caller probes while the gate is closed to the others.
    async fn claim_probe(&self, now_ms: i64) -> Result<Pass, StoreError> {
        let probe = s(uuid::Uuid::new_v4().simple().to_string());
        // The probe may be ours: the response to the first attempt was lost.
        let free = Condition::new(format!("({NOT_OPEN}) OR probe = :probe"));
        let update = Update::default()
            .when(free.value(":now", n(now_ms)).value(":probe", probe.clone()))
            .set("open_until", n(now_ms + OPEN_MS))
            .set("probe", probe);
        Ok(match self.update("claim_probe", &keys::cargotech_gate(), update).await? {
            Outcome::Done(_) => Pass::Go { recovering: true },
            Outcome::Refused(item) => Pass::Closed { wait_ms: still_open(&item, now_ms).unwrap_or(OPEN_MS) },
        })
    }

    /// Records a failure of CargoTech. Enough consecutive failures open the breaker.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn record_failure(&self, now_ms: i64) -> Result<(), StoreError> {
        let key = keys::cargotech_gate();
        let in_a_row = Condition::new("failed_at > :forgotten");
        let counted = Update::default()
            .when(in_a_row.value(":forgotten", n(now_ms - FAILURE_MEMORY_MS)))
            .set("failed_at", n(now_ms))
            .add("failures", n(1));
        let failures = match self.update("record_failure", &keys::cargotech_gate(), counted).await? {
            Outcome::Done(item) => item.number("failures").unwrap_or(1),
            Outcome::Refused(_) => {
                let first = Update::default().set("failed_at", n(now_ms)).set("failures", n(1));
                self.update("record_failure", &keys::cargotech_gate(), first).await?;
                1
            }
        };
        if failures < FAILURES_TO_OPEN {
            return Ok(());
        }
        let open = Update::default().set("open_until", n(now_ms + OPEN_MS));
        self.update("record_failure", &key, open).await.map(drop)
    }

    /// Closes the gate until `until_ms`, as CargoTech asked.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn pause_gate(&self, until_ms: i64) -> Result<(), StoreError> {
        let key = keys::cargotech_gate();
        // A shorter pause does not end a longer one.
        let longer = Condition::new("attribute_not_exists(paused_until) OR paused_until < :until");
        let update = Update::default().when(longer.value(":until", n(until_ms))).set("paused_until", n(until_ms));
        self.update("pause_gate", &key, update).await.map(drop)
    }

    /// Clears the recorded failures after a success.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn record_recovery(&self) -> Result<(), StoreError> {
        let update = Update::default().remove(&["failures", "failed_at", "open_until", "probe"]);
        self.update("record_recovery", &keys::cargotech_gate(), update).await.map(drop)
    }

    /// The state of the gate.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn gate(&self, rate: Rate, now_ms: i64) -> Result<Gate, StoreError> {
        let item = self.get("gate", &keys::cargotech_gate()).await?.unwrap_or_default();
        let is_open = still_open(&item, now_ms).is_some();
        let has_failed = item.number("failures").unwrap_or(0) >= FAILURES_TO_OPEN;
        let breaker = match (is_open, has_failed) {
            (true, _) => Breaker::Open,
            (false, true) => Breaker::HalfOpen,
            (false, false) => Breaker::Closed,
        };
        let ahead_ms = item.number("tat").map_or(0, |tat| (tat - now_ms).max(0));
        let budget_used_percent = (ahead_ms * 100 / (rate.interval_ms * rate.burst).max(1)).min(100);
        Ok(Gate { breaker, budget_used_percent })
    }

    /// Whether the gate is closed now, for the health page.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn gate_is_closed(&self, now_ms: i64) -> Result<bool, StoreError> {
        let item = self.get("gate_is_closed", &keys::cargotech_gate()).await?.unwrap_or_default();
        Ok(still_open(&item, now_ms).is_some() || item.number("failures").unwrap_or(0) >= FAILURES_TO_OPEN)
    }
}

fn still_open(item: &Item, now_ms: i64) -> Option<i64> {
    let until = item.number("open_until").max(item.number("paused_until"));
    until.map(|until| until - now_ms).filter(|wait| *wait > 0)
}
