//! The requests that have come: what tests look at to see that nothing was asked twice.

use std::collections::BTreeMap;

use serde::Serialize;

use super::faults::Endpoint;

/// The counters.
#[derive(Debug, Default, Serialize)]
pub struct Calls {
    total: u64,
    endpoints: BTreeMap<Endpoint, Count>,
    keys: BTreeMap<String, KeyCount>,
}

/// Requests, and how they were answered: by status, `lost` for those without an answer.
#[derive(Debug, Default, Serialize)]
struct Count {
    calls: u64,
    answers: BTreeMap<String, u64>,
}

#[derive(Debug, Serialize)]
struct KeyCount {
    endpoint: Endpoint,
    #[serde(flatten)]
    count: Count,
}

impl Count {
    fn add(&mut self, answer: &str) {
        self.calls += 1;
        *self.answers.entry(answer.to_owned()).or_default() += 1;
    }
}

impl Calls {
    /// Counts a request and its answer.
    pub fn count(&mut self, endpoint: Endpoint, key: Option<&str>, answer: &str) {
        self.total += 1;
        self.endpoints.entry(endpoint).or_default().add(answer);
        if let Some(key) = key {
            let counts = self.keys.entry(key.to_owned());
            counts.or_insert_with(|| KeyCount { endpoint, count: Count::default() }).count.add(answer);
        }
    }
}
