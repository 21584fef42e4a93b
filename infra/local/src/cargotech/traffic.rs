//! Who may ask and how often: tokens, the rate limit and the counters that tests look at.

use std::collections::{BTreeMap, HashSet, VecDeque};

use serde::Serialize;

use super::faults::Endpoint;

const MINUTE_MS: i64 = 60_000;

/// The requests that have come, and the window of the rate limit they fall in.
#[derive(Default)]
pub struct Traffic {
    requests: BTreeMap<Endpoint, u64>,
    logins: u64,
    limited: u64,
    /// Start of the window in Unix milliseconds, once there was a request.
    window_start: Option<i64>,
    window_count: u32,
    /// The times of the last minute's requests.
    recent: VecDeque<i64>,
    max_in_60s: usize,
}

/// What the rate limit says to one request.
pub struct Allowance {
    /// Requests left in the window.
    pub remaining: u32,
    /// For a request above the limit: whole seconds until the next window.
    pub reset_after: Option<i64>,
}

/// The counters as they are shown.
#[derive(Serialize)]
pub struct Counters {
    /// All requests, by endpoint.
    requests: BTreeMap<Endpoint, u64>,
    requests_total: u64,
    /// Logins that gave a token.
    logins: u64,
    /// Requests refused with 429 by the rate limit.
    limited: u64,
    window: Window,
    /// The most requests that came in any 60 seconds, refused ones included.
    max_in_60s: usize,
}

#[derive(Serialize)]
struct Window {
    count: u32,
    resets_in_s: Option<i64>,
}

impl Traffic {
    /// Counts a request. The window is fixed, as Laravel's: it opens with its first request and lasts a
    /// minute; a refused request does not count in it.
    pub fn admit(&mut self, endpoint: Endpoint, now_ms: i64, limit: u32) -> Allowance {
        *self.requests.entry(endpoint).or_default() += 1;
        self.recent.push_back(now_ms);
        while self.recent.front().is_some_and(|time| now_ms - time >= MINUTE_MS) {
            self.recent.pop_front();
        }
        self.max_in_60s = self.max_in_60s.max(self.recent.len());

        let ends = match self.ends(now_ms) {
            Some(ends) => ends,
            None => {
                self.window_start = Some(now_ms);
                self.window_count = 0;
                now_ms + MINUTE_MS
            }
        };
        if self.window_count >= limit {
            self.limited += 1;
            return Allowance { remaining: 0, reset_after: Some(seconds(ends - now_ms)) };
        }
        self.window_count += 1;
        Allowance { remaining: limit - self.window_count, reset_after: None }
    }

    // The end of the window, while it lasts; a clock that was set back begins a new one.
    fn ends(&self, now_ms: i64) -> Option<i64> {
        let start = self.window_start.filter(|start| (0..MINUTE_MS).contains(&(now_ms - start)))?;
        Some(start + MINUTE_MS)
    }

    /// Counts a login that gave a token.
    pub fn logged_in(&mut self) {
        self.logins += 1;
    }

    /// The counters at this time.
    pub fn counters(&self, now_ms: i64) -> Counters {
        let ends = self.ends(now_ms);
        let requests: BTreeMap<Endpoint, u64> = Endpoint::ALL
            .iter()
            .map(|endpoint| (*endpoint, self.requests.get(endpoint).copied().unwrap_or(0)))
            .collect();
        Counters {
            requests_total: requests.values().sum(),
            requests,
            logins: self.logins,
            limited: self.limited,
            window: Window {
                count: if ends.is_some() { self.window_count } else { 0 },
                resets_in_s: ends.map(|ends| seconds(ends - now_ms)),
            },
            max_in_60s: self.max_in_60s,
        }
    }
}

// Rounded up: who waits so long does not come too early.
fn seconds(ms: i64) -> i64 {
    (ms + 999) / 1_000
}

/// The tokens that are alive.
#[derive(Default)]
pub struct Tokens {
    issued: u64,
    alive: HashSet<String>,
}

impl Tokens {
    /// A new token beside those there are, `<number>|<opaque>` as Laravel Sanctum writes it.
    pub fn issue(&mut self, seed: u64) -> String {
        self.issued += 1;
        let mut rng = fastrand::Rng::with_seed(seed ^ self.issued);
        let opaque: String = (0..40).map(|_| rng.alphanumeric()).collect();
        let token = format!("{}|{opaque}", 12_344 + self.issued);
        self.alive.insert(token.clone());
        token
    }

    /// Whether a token is alive.
    pub fn knows(&self, token: &str) -> bool {
        self.alive.contains(token)
    }

    /// How many are alive.
    pub fn count(&self) -> usize {
        self.alive.len()
    }

    /// Kills all tokens and tells how many there were.
    pub fn kill(&mut self) -> usize {
        let count = self.alive.len();
        self.alive.clear();
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_opens_with_its_first_request_and_lasts_a_minute() {
        let mut traffic = Traffic::default();
        assert_eq!(traffic.admit(Endpoint::List, 10_500, 2).remaining, 1);
        assert_eq!(traffic.admit(Endpoint::Login, 20_000, 2).remaining, 0);
        assert_eq!(traffic.admit(Endpoint::List, 69_600, 2).reset_after, Some(1));
        assert_eq!(traffic.admit(Endpoint::List, 70_499, 2).reset_after, Some(1));
        assert_eq!(traffic.admit(Endpoint::List, 70_500, 2).remaining, 1);
    }

    #[test]
    fn the_busiest_sixty_seconds_are_found_across_windows() {
        let mut traffic = Traffic::default();
        for time in [0, 50_000, 59_999, 60_000, 61_000, 200_000] {
            traffic.admit(Endpoint::List, time, 600);
        }
        assert_eq!(traffic.counters(200_000).max_in_60s, 4);
    }

    #[test]
    fn tokens_live_side_by_side_until_all_are_killed() {
        let mut tokens = Tokens::default();
        let (first, second) = (tokens.issue(1), tokens.issue(1));
        assert_ne!(first, second);
        assert!(first.starts_with("12345|") && first.len() == 46);
        assert!(tokens.knows(&first) && tokens.knows(&second) && !tokens.knows("12345|"));
        assert_eq!(tokens.kill(), 2);
        assert!(!tokens.knows(&first));
    }
}
