//! Sets of rows.

/// One bit per row: whether it matches.
#[derive(Debug)]
pub struct Matches {
    words: Vec<u64>,
}

const BITS: usize = u64::BITS as usize;
/// So many rows of a word are looked at one by one in less time than all of them at once.
const FEW: u32 = 16;

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

    /// Keeps the rows whose value satisfies the predicate.
    pub fn keep<T: Copy>(&mut self, column: &[T], passes: impl Fn(T) -> bool) {
        self.keep_both(column, column, |value, _| passes(value));
    }

    /// Keeps the rows whose two values satisfy the predicate.
    pub fn keep_both<T: Copy, U: Copy>(&mut self, column: &[T], other: &[U], passes: impl Fn(T, U) -> bool) {
        let bits = |values: &[T], others: &[U]| {
            let both = values.iter().zip(others).map(|(value, other)| passes(*value, *other));
            both.enumerate().fold(0, |bits, (bit, passes)| bits | u64::from(passes) << bit)
        };
        // Arrays of a known length are twice as fast as slices.
        let ((whole, rest), (other_whole, other_rest)) = (column.as_chunks::<BITS>(), other.as_chunks::<BITS>());
        for (word, (values, others)) in self.words.iter_mut().zip(whole.iter().zip(other_whole)) {
            if word.count_ones() > FEW {
                *word &= bits(values, others);
                continue;
            }
            for bit in ones(*word) {
                *word ^= u64::from(!passes(values[bit], others[bit])) << bit;
            }
        }
        if let Some(word) = self.words.get_mut(whole.len()) {
            *word &= bits(rest, other_rest);
        }
    }

    /// Removes a row.
    pub fn remove(&mut self, row: usize) {
        self.words[row / BITS] &= !(1 << (row % BITS));
    }

    /// The number of matching rows.
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Calls `take` with each matching row in ascending order.
    pub fn rising(&self, mut take: impl FnMut(usize)) {
        for (at, word) in self.words.iter().enumerate() {
            ones(*word).for_each(|bit| take(at * BITS + bit));
        }
    }

    /// Calls `take` with each matching row in descending order.
    pub fn falling(&self, mut take: impl FnMut(usize)) {
        for (at, word) in self.words.iter().enumerate().rev() {
            let mut left = *word;
            while left != 0 {
                let bit = u64::BITS - 1 - left.leading_zeros();
                left ^= 1 << bit;
                take(at * BITS + bit as usize);
            }
        }
    }
}

/// The positions of the bits that are set, the lowest first.
#[inline]
fn ones(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (word != 0).then(|| word.trailing_zeros() as usize)?;
        word &= word - 1;
        Some(bit)
    })
}
