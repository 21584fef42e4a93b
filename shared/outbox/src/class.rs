//! Priority classes of messages. Each class has its own list, so a message never waits behind messages of a lower
//! class.

/// The priority of a message, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Someone decides or learns of a decision. Whoever learns first gets the cargo.
    Decision,
    /// A payment or refund succeeded or failed.
    Money,
    /// An answer to someone who asked for help.
    Ticket,
    /// Useful only within minutes.
    Alert,
    /// Just as useful an hour later.
    News,
}

/// Milliseconds by which each class lags the one above it when it takes a turn that all classes share.
const LAG_MS: i64 = 6;

impl Class {
    /// All classes, the most urgent first.
    pub const ALL: [Self; 5] = [Self::Decision, Self::Money, Self::Ticket, Self::Alert, Self::News];

    /// The `due` value of waiting messages of this class. Rows older than classes wait as `DELIVERY` and count as
    /// decisions until they wait again.
    pub fn due(self) -> &'static str {
        match self {
            Self::Decision => "DELIVERY",
            Self::Money => "DELIVERY#money",
            Self::Ticket => "DELIVERY#ticket",
            Self::Alert => "DELIVERY#alert",
            Self::News => "DELIVERY#news",
        }
    }

    /// The class with this `due` value.
    pub fn of_due(due: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.due() == due)
    }

    /// How far this class lags the clock when it takes a shared turn. A higher class has taken the turn by then, and a
    /// class alone still gets every turn.
    pub fn lag_ms(self) -> i64 {
        let above = Self::ALL.iter().take_while(|class| **class != self).count();
        LAG_MS * i64::try_from(above).unwrap_or_default()
    }

    /// How many messages of this class to process. `room` is the total, `left` what higher classes left of it. Each
    /// lower class keeps a tenth of the total.
    pub fn share(self, left: usize, room: usize) -> usize {
        let below = Self::ALL.iter().skip_while(|class| **class != self).skip(1).count();
        left.saturating_sub(below * room / 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_waits_in_a_list_of_its_own_and_behind_those_above_it() {
        let lags: Vec<_> = Class::ALL.map(Class::lag_ms).to_vec();
        assert!(lags[0] == 0 && lags.is_sorted_by(|a, b| a < b), "{lags:?}");
        for class in Class::ALL {
            assert_eq!(Class::of_due(class.due()), Some(class));
        }
        assert_eq!((Class::of_due("DELIVERY"), Class::of_due("FAILED")), (Some(Class::Decision), None));
    }

    #[test]
    fn a_full_class_leaves_a_share_to_each_below_and_an_empty_one_leaves_all() {
        let shares = |waiting: [usize; 5]| {
            let mut left = 200;
            let share = |(class, waiting): (Class, usize)| {
                let share = class.share(left, 200).min(waiting);
                left -= share;
                share
            };
            Class::ALL.into_iter().zip(waiting).map(share).collect::<Vec<_>>()
        };
        assert_eq!(shares([500, 0, 0, 0, 5000]), [120, 0, 0, 0, 80]);
        assert_eq!(shares([1, 0, 0, 0, 5000]), [1, 0, 0, 0, 199]);
        assert_eq!(shares([500, 500, 500, 500, 500]), [120, 20, 20, 20, 20]);
        assert_eq!(shares([3, 2, 0, 1, 0]), [3, 2, 0, 1, 0]);
    }
}
