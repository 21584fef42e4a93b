//! Sets of rows.

/// A bit for each row: whether it is wanted.
#[derive(Debug)]
pub struct Matches {
    words: Vec<u64>,
}

const BITS: usize = u64::BITS as usize;

fn bits(passes: impl Iterator<Item = bool>) -> u64 {
    passes.enumerate().fold(0, |bits, (bit, passes)| bits | u64::from(passes) << bit)
}

impl Matches {
    /// All rows.
    pub fn all(rows: usize) -> Self {
        let mut words = vec![u64::MAX; rows.div_ceil(BITS)];
        if let Some(last) = words.last_mut()
            && !rows.is_multiple_of(BITS)
        {
            *last = (1 << (rows % BITS)) - 1;
        }
        Self { words }
    }

    /// Keeps the rows whose value passes.
    pub fn keep<T: Copy>(&mut self, column: &[T], passes: impl Fn(T) -> bool) {
        for (word, values) in self.words.iter_mut().zip(column.chunks(BITS)) {
            if *word != 0 {
                *word &= bits(values.iter().map(|value| passes(*value)));
            }
        }
    }

    /// Keeps the rows whose two values pass.
    pub fn keep_both<T: Copy, U: Copy>(&mut self, column: &[T], other: &[U], passes: impl Fn(T, U) -> bool) {
        let both = column.chunks(BITS).zip(other.chunks(BITS));
        for (word, (values, others)) in self.words.iter_mut().zip(both) {
            if *word != 0 {
                *word &= bits(values.iter().zip(others).map(|(value, other)| passes(*value, *other)));
            }
        }
    }

    /// Leaves a row out.
    pub fn remove(&mut self, row: usize) {
        self.words[row / BITS] &= !(1 << (row % BITS));
    }

    /// How many rows are wanted.
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Calls `take` with each wanted row.
    pub fn for_each(&self, mut take: impl FnMut(usize)) {
        for (at, word) in self.words.iter().enumerate() {
            let mut left = *word;
            while left != 0 {
                take(at * BITS + left.trailing_zeros() as usize);
                left &= left - 1;
            }
        }
    }
}
