//! The responses to one cargo: which of them wait for a decision, and which have the cargo.
//!
//! One cargo is carried by one driver unless somebody says otherwise who knows of the first. So whoever accepts a response
//! either finds nobody chosen, or names the choice that they have seen.
use std::collections::BTreeSet;

/// A response among those to the same cargo.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rival {
    /// The response.
    pub id: String,
    /// Its driver.
    pub driver_id: i64,
}

/// The responses to one cargo. Those that were given before this was kept are missing until they change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rivals {
    /// They wait for a decision.
    pub undecided: BTreeSet<Rival>,
    /// Their drivers have the cargo, or have carried it.
    pub chosen: BTreeSet<Rival>,
    /// How often somebody was chosen or dropped.
    pub choices: i64,
    /// Counts changes.
    pub revision: i64,
    /// The change up to which all cards were told.
    pub told: i64,
}

impl Rivals {
    /// How many others wait for a decision.
    pub fn others_undecided(&self, response_id: &str) -> usize {
        self.undecided.iter().filter(|rival| rival.id != response_id).count()
    }

    /// The others who have the cargo.
    pub fn others_chosen(&self, response_id: &str) -> Vec<&Rival> {
        self.chosen.iter().filter(|rival| rival.id != response_id).collect()
    }

    /// The others whose cards say something of this.
    pub fn others(&self, response_id: &str) -> Vec<&Rival> {
        self.undecided.union(&self.chosen).filter(|rival| rival.id != response_id).collect()
    }
}

/// What the card of a response says beside the response itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Around {
    /// How many other responses to the cargo wait for a decision.
    pub others: usize,
    /// What the other drivers are called who have the cargo; empty for one whose data was deleted.
    pub chosen: Vec<String>,
    /// Its driver is blocked.
    pub blocked: bool,
}
