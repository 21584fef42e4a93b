//! The responses to one cargo: undecided and chosen.
//!
//! A cargo goes to one driver unless someone who knows of the first decides otherwise. To accept a response, the caller
//! finds nobody chosen, or names the choices they saw.
use std::collections::BTreeSet;

/// One of several responses to the same cargo.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rival {
    /// The response.
    pub id: String,
    /// Its driver.
    pub driver_id: i64,
}

/// The responses to one cargo. Responses older than this record are missing until they change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rivals {
    /// Responses awaiting a decision.
    pub undecided: BTreeSet<Rival>,
    /// Responses whose drivers have the cargo or have carried it.
    pub chosen: BTreeSet<Rival>,
    /// How often a driver was chosen or dropped.
    pub choices: i64,
    /// Increases with each change.
    pub revision: i64,
    /// The revision up to which all cards were updated.
    pub told: i64,
}

impl Rivals {
    /// How many other responses await a decision.
    pub fn others_undecided(&self, response_id: &str) -> usize {
        self.undecided.iter().filter(|rival| rival.id != response_id).count()
    }

    /// The other responses whose drivers have the cargo.
    pub fn others_chosen(&self, response_id: &str) -> Vec<&Rival> {
        self.chosen.iter().filter(|rival| rival.id != response_id).collect()
    }

    /// The other responses whose cards mention this one.
    pub fn others(&self, response_id: &str) -> Vec<&Rival> {
        self.undecided.union(&self.chosen).filter(|rival| rival.id != response_id).collect()
    }
}

/// What the card of a response shows about its surroundings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// How many other responses to the cargo await a decision.
    pub others: usize,
    /// Names of the other drivers who have the cargo; empty for one whose data was deleted.
    pub chosen: Vec<String>,
    /// Its driver is blocked.
    pub blocked: bool,
}
