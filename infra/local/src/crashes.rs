//! Invocations that end in the middle, as Lambda's do when a machine fails: between two calls of the store, with whatever
//! they had done by then.
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// Which invocations are cut off, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crash {
    /// Only this function's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// After so many calls of the store, by whomever they are made, have taken effect since it began; their answers are
    /// lost with it.
    pub after_calls: u64,
    /// So many invocations.
    pub times: u64,
}

/// What is to be cut off, and the calls of the store by which that is measured.
#[derive(Debug, Clone, Default)]
pub struct Crashes {
    ordered: Arc<Mutex<Vec<Crash>>>,
    calls: watch::Sender<u64>,
}

impl Crashes {
    /// These from now on, instead of those before.
    pub fn set(&self, crashes: Vec<Crash>) {
        *self.ordered.lock().unwrap_or_else(PoisonError::into_inner) = crashes;
    }

    /// What is still to come.
    pub fn get(&self) -> Vec<Crash> {
        self.ordered.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A call of the store has taken effect.
    pub fn count(&self) {
        self.calls.send_modify(|calls| *calls += 1);
    }

    /// Runs an invocation; `None` when it was cut off.
    pub async fn run<T>(&self, function: &str, invocation: impl Future<Output = T>) -> Option<T> {
        let Some(after) = self.next(function) else { return Some(invocation.await) };
        let mut calls = self.calls.subscribe();
        let last = *calls.borrow() + after;
        tokio::select! {
            biased;
            _ = calls.wait_for(|calls| *calls >= last) => None,
            result = invocation => Some(result),
        }
    }

    fn next(&self, function: &str) -> Option<u64> {
        let mut ordered = self.ordered.lock().unwrap_or_else(PoisonError::into_inner);
        let is_meant =
            |crash: &&mut Crash| crash.times > 0 && crash.function.as_deref().is_none_or(|wanted| wanted == function);
        let crash = ordered.iter_mut().find(is_meant)?;
        crash.times -= 1;
        Some(crash.after_calls.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_invocation_ends_after_so_many_calls_and_the_next_does_not() {
        let crashes = Crashes::default();
        crashes.set(vec![Crash { function: Some("settle".to_owned()), after_calls: 2, times: 1 }]);
        let work = async || {
            for _ in 0..3 {
                crashes.count();
                tokio::task::yield_now().await;
            }
            "done"
        };
        assert_eq!(crashes.run("jobs", work()).await, Some("done"), "another function");
        assert_eq!(crashes.run("settle", work()).await, None);
        assert_eq!(crashes.run("settle", work()).await, Some("done"));
        assert_eq!(crashes.get()[0].times, 0);
    }
}
