//! Idempotence keys, each with the first request that had it and what that was answered.

use std::collections::HashMap;

use serde_json::Value;

use super::answer::{Answer, ApiError};

/// A key is kept for so long from its first request; after that it is a new one.
pub const KEPT_MS: i64 = 86_400_000;
const PARAMETER: &str = "Idempotence-Key";

/// The keys.
#[derive(Debug, Default)]
pub struct Keys {
    kept: HashMap<String, Kept>,
}

#[derive(Debug)]
struct Kept {
    until_ms: i64,
    path: String,
    body: Value,
    answer: Answer,
}

/// Checks a key as it was sent: `[0-9a-zA-Z+-_.]{1,64}`.
pub fn check(key: Option<&str>) -> Result<&str, ApiError> {
    let error = |description| ApiError::invalid(PARAMETER, description);
    let key = key.filter(|key| !key.is_empty()).ok_or_else(|| error("Idempotence key is empty"))?;
    if key.chars().count() > 64 {
        return Err(error("Idempotence key is too long"));
    }
    // In that pattern `+-_` is a range, which has the capital letters and some punctuation in it.
    if !key.chars().all(|c| ('+'..='_').contains(&c) || c.is_ascii_lowercase()) {
        return Err(error("Idempotence key has illegal characters"));
    }
    Ok(key)
}

impl Keys {
    /// What the first request with this key was answered, if that was this very request.
    pub fn known(&mut self, now_ms: i64, key: &str, path: &str, body: &Value) -> Result<Option<Answer>, ApiError> {
        self.kept.retain(|_, kept| kept.until_ms > now_ms);
        match self.kept.get(key) {
            None => Ok(None),
            Some(kept) if kept.path == path && kept.body == *body => Ok(Some(kept.answer.clone())),
            Some(_) => Err(ApiError::invalid(PARAMETER, "Idempotence key duplicated")),
        }
    }

    /// Keeps the answer to the first request with this key.
    pub fn keep(&mut self, now_ms: i64, key: &str, path: &str, body: Value, answer: Answer) {
        let kept = Kept { until_ms: now_ms + KEPT_MS, path: path.to_owned(), body, answer };
        self.kept.insert(key.to_owned(), kept);
    }
}
