//! A clock that can be moved ahead, so that tests meet what expires without waiting for it.
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use shared::clock::Clock;

/// The product's clock: the machine's own, and so many seconds ahead of it.
///
/// It should only be moved ahead. Behind what is already stored lie rate limits and locks that end in the future.
#[derive(Debug, Clone, Default)]
pub struct MovableClock {
    offset_ms: Arc<AtomicI64>,
    file: Option<PathBuf>,
}

impl MovableClock {
    /// A clock whose place is kept in a file, because the data beside it is of that time.
    pub fn kept_in(file: &Path) -> Self {
        let kept = std::fs::read_to_string(file).ok().and_then(|text| text.trim().parse::<i64>().ok());
        let clock = Self { file: Some(file.to_owned()), ..Self::default() };
        clock.offset_ms.store(kept.unwrap_or(0).saturating_mul(1000), Ordering::Relaxed);
        clock
    }

    /// As the functions take it.
    pub fn clock(&self) -> Clock {
        let (offset_ms, system) = (self.offset_ms.clone(), Clock::system());
        Clock::new(move || system.now_ms().saturating_add(offset_ms.load(Ordering::Relaxed)))
    }

    /// How far it is ahead of the machine's, in seconds.
    pub fn offset_s(&self) -> i64 {
        self.offset_ms.load(Ordering::Relaxed) / 1000
    }

    /// Puts it `seconds` ahead of the machine's.
    pub fn set_offset_s(&self, seconds: i64) {
        self.offset_ms.store(seconds.saturating_mul(1000), Ordering::Relaxed);
        if let Some(file) = &self.file
            && let Err(error) = std::fs::write(file, seconds.to_string())
        {
            tracing::warn!(%error, "the clock's place cannot be kept for the next start");
        }
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

    #[test]
    fn its_place_is_kept_for_the_next_start() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("clock");
        MovableClock::kept_in(&file).advance_s(60);
        assert_eq!(MovableClock::kept_in(&file).offset_s(), 60);
    }
}
