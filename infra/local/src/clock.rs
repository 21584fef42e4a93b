//! A clock that can be moved ahead, so that tests meet what expires without waiting for it.
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use shared::clock::Clock;

/// The product's clock: the machine's own, and so many seconds ahead of it.
#[derive(Debug, Clone, Default)]
pub struct MovableClock {
    offset_ms: Arc<AtomicI64>,
}

impl MovableClock {
    /// As the functions take it.
    pub fn clock(&self) -> Clock {
        let (own, system) = (self.clone(), Clock::system());
        Clock::new(move || {
            system
                .now_ms()
                .saturating_add(own.offset_ms.load(Ordering::Relaxed))
        })
    }

    /// How far it is ahead of the machine's, in seconds.
    pub fn offset_s(&self) -> i64 {
        self.offset_ms.load(Ordering::Relaxed) / 1000
    }

    /// Puts it `seconds` ahead of the machine's.
    pub fn set_offset_s(&self, seconds: i64) {
        self.offset_ms
            .store(seconds.saturating_mul(1000), Ordering::Relaxed);
    }

    /// Moves it on by `seconds`.
    pub fn advance_s(&self, seconds: i64) {
        self.set_offset_s(self.offset_s().saturating_add(seconds));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_moves_for_everybody_who_has_it() {
        let movable = MovableClock::default();
        let clock = movable.clock();
        let before = clock.now_s();
        movable.advance_s(3600);
        movable.advance_s(60);
        assert_eq!(movable.offset_s(), 3660);
        assert!((3660..3670).contains(&(clock.now_s() - before)));
        movable.set_offset_s(0);
        assert!(clock.now_s() - before < 10);
    }
}
