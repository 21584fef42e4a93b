//! What goes before what. Messages of one class wait in a list of their own, so that however many of a lower class wait, one
//! of a higher class stands behind none of them.

/// How urgent a message is, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Somebody decides or was decided on: cargos go to whoever is told first.
    Decision,
    /// Money came, went back or did not come.
    Money,
    /// An answer to somebody who asked for help.
    Ticket,
    /// What somebody wants to know within minutes.
    Alert,
    /// What is as good an hour later.
    News,
}

/// How many milliseconds each class lives behind the one above it when it takes a turn that all classes share.
const LAG_MS: i64 = 6;

impl Class {
    /// All of them, the most urgent first.
    pub const ALL: [Self; 5] = [Self::Decision, Self::Money, Self::Ticket, Self::Alert, Self::News];

    /// What a waiting message of this class has as `due`. Rows from before there were classes wait as `DELIVERY`, whatever
    /// they are: they count as decisions until they have to wait once more.
    pub fn due(self) -> &'static str {
        match self {
            Self::Decision => "DELIVERY",
            Self::Money => "DELIVERY#money",
            Self::Ticket => "DELIVERY#ticket",
            Self::Alert => "DELIVERY#alert",
            Self::News => "DELIVERY#news",
        }
    }

    /// The class whose messages wait as this.
    pub fn of_due(due: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.due() == due)
    }

    /// So far behind the clock it takes a turn that all classes share: who waits in a higher class has taken it by then, and
    /// a class alone still gets every turn.
    pub fn lag_ms(self) -> i64 {
        let above = Self::ALL.iter().take_while(|class| **class != self).count();
        LAG_MS * i64::try_from(above).unwrap_or_default()
    }

    /// How many messages of this class are dealt with when there was room for `room` in all and for `left` after the higher
    /// classes: all but a tenth of the room for each class below it.
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
