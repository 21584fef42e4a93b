//! The first few of many, without sorting all.

/// How many more are collected before the surplus is dropped.
const SPARE: usize = 256;

/// Collects values and keeps the first.
#[derive(Debug)]
pub struct First<T> {
    wanted: usize,
    kept: Vec<T>,
    /// The last of the first as far as known: nothing behind it is kept.
    bound: Option<T>,
}

impl<T: Ord + Clone> First<T> {
    /// Keeps this many.
    pub fn new(wanted: usize) -> Self {
        Self { wanted, kept: Vec::new(), bound: None }
    }

    /// Whether this value may be among the first.
    pub fn may_hold(&self, is_before: impl Fn(&T) -> bool) -> bool {
        self.wanted > 0 && self.bound.as_ref().is_none_or(is_before)
    }

    /// Adds a value.
    pub fn push(&mut self, value: T) {
        if self.may_hold(|bound| value < *bound) {
            self.kept.push(value);
            if self.kept.len() >= self.wanted + SPARE {
                let (_, last, _) = self.kept.select_nth_unstable(self.wanted - 1);
                self.bound = Some(last.clone());
                self.kept.truncate(self.wanted);
            }
        }
    }

    /// The first, in order.
    pub fn sorted(mut self) -> Vec<T> {
        self.kept.sort_unstable();
        self.kept.truncate(self.wanted);
        self.kept
    }
}
