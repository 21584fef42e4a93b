//! How many messages Telegram takes from a bot, and how many it was sent.
use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

/// Messages a second in all.
const ALL_PER_SECOND: usize = 30;
/// Messages a minute in one group.
const GROUP_PER_MINUTE: usize = 20;
/// A private chat takes one message in this time,
const PRIVATE_MS: i64 = 1000;
/// and so many at once.
const PRIVATE_BURST: i64 = 3;

const SECOND: i64 = 1000;
const MINUTE: i64 = 60_000;

/// The messages of the last minute.
#[derive(Debug, Default)]
pub struct Limits {
    all: Window,
    groups: BTreeMap<i64, Window>,
    /// When a private chat has taken all that it was sent.
    private: BTreeMap<i64, i64>,
    arrived: Window,
    arrived_by_chat: BTreeMap<i64, Window>,
    largest: Largest,
}

/// The most messages that arrived in any such time, those that were refused among them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Largest {
    /// In all, within a second.
    pub per_second: usize,
    /// In one private chat, within a second.
    pub private_chat_per_second: usize,
    /// In one group, within a minute.
    pub group_per_minute: usize,
}

#[derive(Debug, Default)]
struct Window(VecDeque<i64>);

impl Window {
    /// How many lie in the time before `now`.
    fn count(&mut self, now: i64, length: i64) -> usize {
        while self.0.front().is_some_and(|at| *at <= now - length) {
            self.0.pop_front();
        }
        self.0.len()
    }

    fn add(&mut self, now: i64, length: i64) -> usize {
        self.0.push_back(now);
        self.count(now, length)
    }

    /// Whole seconds until one more fits in.
    fn wait_s(&self, now: i64, length: i64) -> i64 {
        seconds(self.0.front().map_or(0, |first| first + length - now))
    }
}

fn seconds(ms: i64) -> i64 {
    (ms + 999).div_euclid(1000).max(1)
}

impl Limits {
    /// Takes a message to a chat, or says after how many seconds to try again. A message that is refused counts for
    /// nothing but [`Limits::largest`].
    pub fn take(&mut self, now: i64, chat: i64, enforced: bool) -> Result<(), i64> {
        let is_group = chat < 0;
        self.largest.per_second = self.largest.per_second.max(self.arrived.add(now, SECOND));
        let (most, length) = if is_group {
            (&mut self.largest.group_per_minute, MINUTE)
        } else {
            (&mut self.largest.private_chat_per_second, SECOND)
        };
        *most = (*most).max(self.arrived_by_chat.entry(chat).or_default().add(now, length));
        if !enforced {
            return Ok(());
        }
        if self.all.count(now, SECOND) >= ALL_PER_SECOND {
            return Err(self.all.wait_s(now, SECOND));
        }
        if is_group {
            let group = self.groups.entry(chat).or_default();
            if group.count(now, MINUTE) >= GROUP_PER_MINUTE {
                return Err(group.wait_s(now, MINUTE));
            }
            group.add(now, MINUTE);
        } else {
            let free_at = self.private.entry(chat).or_insert(now);
            let start = (*free_at).max(now);
            let ahead = start - now - (PRIVATE_BURST - 1) * PRIVATE_MS;
            if ahead > 0 {
                return Err(seconds(ahead));
            }
            *free_at = start + PRIVATE_MS;
        }
        self.all.add(now, SECOND);
        Ok(())
    }

    /// The largest rates so far.
    pub fn largest(&self) -> Largest {
        self.largest
    }

    /// Begins to look for the largest rates anew.
    pub fn reset_largest(&mut self) {
        self.largest = Largest::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_chat_takes_three_at_once_and_then_one_a_second() {
        let mut limits = Limits::default();
        let taken: Vec<_> = (0..4).map(|_| limits.take(10_000, 1, true)).collect();
        assert_eq!(taken, [Ok(()), Ok(()), Ok(()), Err(1)]);
        assert_eq!(limits.take(11_000, 1, true), Ok(()));
        assert_eq!(limits.take(11_100, 1, true), Err(1));
        assert_eq!(limits.take(11_100, 2, true), Ok(()), "another chat");
        assert_eq!(limits.largest().private_chat_per_second, 4);
    }

    #[test]
    fn a_group_takes_twenty_a_minute() {
        let mut limits = Limits::default();
        assert!((0..20).all(|n| limits.take(n * 100, -1, true).is_ok()));
        assert_eq!(limits.take(2_000, -1, true), Err(58));
        assert_eq!(limits.take(60_001, -1, true), Ok(()));
        assert_eq!(limits.largest().group_per_minute, 21);
    }

    #[test]
    fn all_chats_together_take_thirty_a_second() {
        let mut limits = Limits::default();
        assert!((0..30).all(|chat| limits.take(5, chat + 1, true).is_ok()));
        assert_eq!(limits.take(500, 99, true), Err(1));
        assert_eq!(limits.take(1_005, 99, true), Ok(()));
        assert_eq!(limits.take(1_005, 99, false), Ok(()));
        assert_eq!(limits.largest().per_second, 31);
        limits.reset_largest();
        assert_eq!(limits.largest(), Largest::default());
    }
}
