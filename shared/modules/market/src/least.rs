//! The smallest numbers of many, without sorting all.

/// How many extra numbers are collected before the surplus is dropped.
const SPARE: usize = 256;

/// Collects numbers and keeps the smallest.
#[derive(Debug)]
pub struct Least {
    wanted: usize,
    kept: Vec<u64>,
    /// An upper bound: as many numbers as wanted are below it.
    bound: u64,
}

impl Least {
    /// Keeps this many.
    pub fn new(wanted: usize) -> Self {
        Self { wanted, kept: Vec::with_capacity(wanted + SPARE), bound: u64::MAX }
    }

    /// Adds a number. Numbers must be distinct.
    pub fn push(&mut self, number: u64) {
        if number < self.bound {
            self.kept.push(number);
            if self.kept.len() >= self.wanted + SPARE {
                self.shrink();
            }
        }
    }

    fn shrink(&mut self) {
        if let Some(last) = self.wanted.checked_sub(1)
            && last < self.kept.len()
        {
            let (_, greatest, _) = self.kept.select_nth_unstable(last);
            self.bound = *greatest;
        }
        self.kept.truncate(self.wanted);
    }

    /// The smallest numbers, in order.
    pub fn sorted(mut self) -> Vec<u64> {
        self.kept.sort_unstable();
        self.kept.truncate(self.wanted);
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn they_are_the_first_of_the_sorted_ones(
            numbers in proptest::collection::btree_set(any::<u16>(), 0..2000),
            wanted in 0usize..40,
            falls in any::<bool>(),
        ) {
            let mut least = Least::new(wanted);
            let numbers: BTreeSet<u64> = numbers.into_iter().map(u64::from).collect();
            let push = |number: &u64| least.push(*number);
            if falls { numbers.iter().rev().for_each(push) } else { numbers.iter().for_each(push) }
            prop_assert_eq!(least.sorted(), numbers.into_iter().take(wanted).collect::<Vec<_>>());
        }
    }
}
