//! Statistics of decisions on responses: who decided, how, and how fast. Counted in the same transactions that change
//! responses.
use super::{Actor, Response, Status, Step};

/// A count of a decider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Responses accepted.
    Accepted,
    /// Responses rejected.
    Rejected,
    /// Acceptances undone.
    Undone,
    /// Answers: the first decision on a response.
    Answered,
    /// Total seconds until those answers.
    Seconds,
}

/// The prefix of these counts' names.
const PREFIX: &str = "verdict.";
/// All shippers count together, because a link does not identify its holder.
const SHIPPERS: &str = "shipper";

impl Verdict {
    const ALL: [Self; 5] = [Self::Accepted, Self::Rejected, Self::Undone, Self::Answered, Self::Seconds];

    fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Undone => "undone",
            Self::Answered => "answered",
            Self::Seconds => "seconds",
        }
    }

    /// The decider and the count behind a name: a dispatcher's id, or `None` for all shippers. `None` for another
    /// count.
    pub fn read(name: &str) -> Option<(Option<i64>, Self)> {
        let (what, who) = name.strip_prefix(PREFIX)?.split_once('.')?;
        let what = Self::ALL.into_iter().find(|verdict| verdict.as_str() == what)?;
        if who == SHIPPERS { Some((None, what)) } else { Some((Some(who.parse().ok()?), what)) }
    }

    fn name(self, who: &str) -> String {
        format!("{PREFIX}{}.{who}", self.as_str())
    }
}

impl Actor {
    /// The Telegram id of a dispatcher or an admin.
    pub fn id(&self) -> Option<i64> {
        match self {
            Self::Dispatcher { id, .. } | Self::Admin { id } => Some(*id),
            Self::Driver | Self::Shipper | Self::System => None,
        }
    }
}

/// The counts of the step at `at`: names and amounts.
pub(crate) fn counted(history: &[Step], at: usize) -> Vec<(String, i64)> {
    let Some(step) = history.get(at) else { return Vec::new() };
    let who = match &step.by {
        Actor::Dispatcher { id, .. } => id.to_string(),
        Actor::Shipper => SHIPPERS.to_owned(),
        Actor::Driver | Actor::Admin { .. } | Actor::System => return Vec::new(),
    };
    let was_accepted = history.get(at.wrapping_sub(1)).is_some_and(|before| before.status == Status::Accepted);
    let verdict = match step.status {
        Status::Accepted => Verdict::Accepted,
        Status::Rejected if was_accepted => Verdict::Undone,
        Status::Rejected => Verdict::Rejected,
        _ => return Vec::new(),
    };
    let mut counts = vec![(verdict.name(&who), 1)];
    if let Some(seconds) = (verdict != Verdict::Undone).then(|| answered_after_s(history, at)).flatten() {
        counts.push((Verdict::Answered.name(&who), 1));
        counts.push((Verdict::Seconds.name(&who), seconds));
    }
    counts
}

/// The seconds from delivery to the decision at `at`.
fn answered_after_s(history: &[Step], at: usize) -> Option<i64> {
    let had = history[..at].iter().find(|step| step.status == Status::Sent).or_else(|| history.first())?;
    Some((history[at].at_ms - had.at_ms).max(0).div_euclid(1000))
}

impl Response {
    /// The last step that accepted, rejected or undid it.
    pub fn decision(&self) -> Option<&Step> {
        let decides = |step: &&Step| matches!(step.status, Status::Accepted | Status::Rejected);
        self.history.iter().rev().find(decides)
    }

    /// Seconds from delivery to the dispatchers until the first decision.
    pub fn answered_after_s(&self) -> Option<i64> {
        let decides = |step: &Step| matches!(step.status, Status::Accepted | Status::Rejected);
        answered_after_s(&self.history, self.history.iter().position(decides)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(status: Status, at_ms: i64, by: Actor) -> Step {
        Step { status, at_ms, by }
    }

    #[test]
    fn each_decision_counts_for_who_made_it_and_only_the_first_has_a_time() {
        let anna = || Actor::Dispatcher { id: 7, name: "Анна".into() };
        let history = [
            step(Status::Queued, 0, Actor::Driver),
            step(Status::Sent, 5_000, Actor::System),
            step(Status::Accepted, 65_999, anna()),
            step(Status::Rejected, 90_000, anna()),
        ];
        assert_eq!(counted(&history, 1), []);
        let accepted = [("verdict.accepted.7", 1), ("verdict.answered.7", 1), ("verdict.seconds.7", 60)];
        assert_eq!(counted(&history, 2), accepted.map(|(name, by)| (name.to_owned(), by)));
        assert_eq!(counted(&history, 3), [("verdict.undone.7".to_owned(), 1)]);
        assert_eq!(Verdict::read("verdict.seconds.7"), Some((Some(7), Verdict::Seconds)));
        assert_eq!(Verdict::read("verdict.rejected.shipper"), Some((None, Verdict::Rejected)));
        assert_eq!(Verdict::read("responses.sent"), None);
    }
}
