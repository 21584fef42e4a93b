//! What tests against a model share: chance that can be drawn again, and a word of how.

/// SplitMix64: the same seed draws the same.
pub struct Chance(pub u64);

impl Chance {
    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound.max(1) as u64).unwrap()
    }

    /// One of these.
    pub fn of<T: Clone>(&mut self, things: &[T]) -> T {
        things[self.below(things.len())].clone()
    }
}

/// What was done in a run, printed when it fails with what repeats it.
pub struct Told {
    /// The setting that the seed is given by.
    pub setting: &'static str,
    /// The seed.
    pub seed: u64,
    /// The steps, a line each.
    pub done: String,
}

impl Told {
    /// Nothing was done yet.
    pub fn new(setting: &'static str, seed: u64) -> Self {
        Self { setting, seed, done: String::new() }
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}={}\n{}", self.setting, self.seed, self.done);
        }
    }
}

/// A number out of the environment.
pub fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}
